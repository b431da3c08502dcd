/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Terminate: give state back and free the objects (chimney 6.4, D13 Out). Hard part: the order.
 * Frames are held, sending stops, receiving freezes; what was granted leaves, what was accepted
 * reaches host memory; the ACK that is due is sent; only then is the state read, and after the host
 * has been told nothing touches its memory any more.
 */
#include "app/ops.h"

#include "app/hostio.h"
#include "app/key.h"
#include "app/objects.h"
#include "app/params.h"
#include "app/slots.h"
#include "app/snapshot.h"
#include "drv/engine.h"
#include "drv/soc.h"
#include "drv/table.h"

static enum fw_result fence(uint32_t slot)
{
	fw_engine_fence_start(slot);
	return fw_engine_fence_wait();
}

/* Nothing of the connection moves any more; its records are in fw_scratch. */
static enum fw_result drain(uint32_t slot)
{
	uint32_t vlan = fw_obj.nbr[fw_obj.path[fw_conn_path(slot)].nbr].vlan;
	uint32_t tx = fw_table_get(CHIM_TABLE_CFG_TX, slot, 0);
	uint32_t rx = fw_table_get(CHIM_TABLE_CFG_RX, slot, 0);

	FW_TRY(fw_slot_enter(slot, FW_ENTRY_HOLD | FW_ENTRY_INSTALLED, vlan));
	fw_table_set(CHIM_TABLE_CFG_TX, slot, 0, tx | FW_CFG_TX_STOP);
	fw_table_set(CHIM_TABLE_CFG_RX, slot, 0, rx | FW_CFG_RX_FREEZE);
	fw_engine_kick(slot);
	FW_TRY(fence(slot));
	FW_TRY(fw_snapshot_load(slot, &fw_scratch));
	/* R68. A reset or abandoned connection owes none; an invalid one must not send (R60). */
	if (fw_scratch.rx.bits & (FW_RX_ABORTED | FW_RX_SYN_SEEN) ||
	    fw_scratch.tx.bits & FW_TX_RST_SENT || fw_obj.conn[slot].bits & FW_CONN_PAUSED ||
	    !fw_snapshot_ack_due(&fw_scratch))
		return FW_OK;
	fw_engine_ack(slot);
	FW_TRY(fence(slot));
	fw_table_ram(&fw_scratch.sent);
	fw_table_load(CHIM_TABLE_SENT, slot, CHIM_SENT_WORDS);
	return fw_table_wait();
}

static FW_NOINLINE uint32_t terminate_tcp(struct fw_tree_node *node, uint32_t slot)
{
	uint32_t path = fw_conn_path(slot);
	struct chim_hw_tcp_state *s;

	if (fw_obj.conn[slot].bits & FW_CONN_BROKEN)
		return fw_refuse(CHIM_FW_CODE_FENCE, slot);
	if (drain(slot) != FW_OK) {
		/* R84: the state is lost. The slot stays taken: something may still use it. */
		fw_slot_broken(slot);
		return fw_refuse(CHIM_FW_CODE_FENCE, slot);
	}
	if (node->out) {
		s = fw_host_state();
		if (!s)
			return CHIM_STATUS_FAILURE;
		fw_snapshot_delegated(slot, &fw_scratch, s);
		/* Used by query only (chimney 4.6). */
		s->SendBacklogSize = chim_le32_of(0);
		s->ReceiveBacklogSize = chim_le32_of(0);
		if (!fw_host_put(node->out, sizeof(*s)))
			return CHIM_STATUS_FAILURE;
	}
	if (fw_slot_drop(slot) != FW_OK)
		return fw_refuse(CHIM_FW_CODE_TABLE, slot);
	fw_obj.path[path].refs--;
	return CHIM_STATUS_SUCCESS;
}

/* The neighbor goes after the paths that leave it in this tree. */
static uint32_t terminate_neighbor(const struct fw_tree_node *node, uint32_t n)
{
	struct chim_hw_neighbor_state *s;

	if (fw_obj.nbr[n].refs)
		return fw_refuse(CHIM_FW_CODE_REFS, node->index);
	if (node->out) {
		s = fw_host_state();
		if (!s)
			return CHIM_STATUS_FAILURE;
		s->NicReachabilityDelta =
			chim_le32_of(fw_ticks(fw_soc_ms() - fw_obj.nbr[n].nic_time));
		if (!fw_host_put(node->out, sizeof(*s)))
			return CHIM_STATUS_FAILURE;
	}
	fw_nbr_free(n);
	return CHIM_STATUS_SUCCESS;
}

static uint32_t terminate_path(const struct fw_tree_node *node, uint32_t p)
{
	if (fw_obj.path[p].refs)
		return fw_refuse(CHIM_FW_CODE_REFS, node->index);
	/* Its class without variables: a structure of zeros. */
	if (node->out &&
	    (!fw_host_state() || !fw_host_put(node->out, sizeof(struct chim_hw_path_state))))
		return CHIM_STATUS_FAILURE;
	fw_obj.nbr[fw_obj.path[p].nbr].refs--;
	fw_key_forget_path(p);
	fw_path_free(p);
	return CHIM_STATUS_SUCCESS;
}

static uint32_t enter(void *ctx, struct fw_tree_node *node, const struct fw_tree_node *parent,
		      const void *state)
{
	uint32_t slot;

	(void)ctx;
	(void)parent;
	if (node->role != CHIM_ROLE_REFERENCE || state)
		return fw_refuse(CHIM_FW_CODE_ROLE, node->index);
	slot = fw_object(node->layer, node->object);
	if (slot == FW_NO_SLOT)
		return fw_refuse(CHIM_FW_CODE_HANDLE, node->index);
	return node->layer == FW_LAYER_TCP ? terminate_tcp(node, slot) : CHIM_STATUS_SUCCESS;
}

static uint32_t leave(void *ctx, struct fw_tree_node *node)
{
	uint32_t slot;

	(void)ctx;
	if (node->status != CHIM_STATUS_SUCCESS || node->layer == FW_LAYER_TCP)
		return node->status;
	slot = fw_object(node->layer, node->object);
	if (slot == FW_NO_SLOT) /* named twice in this tree */
		return fw_refuse(CHIM_FW_CODE_HANDLE, node->index);
	return node->layer == FW_LAYER_NEIGHBOR ? terminate_neighbor(node, slot)
						: terminate_path(node, slot);
}

FW_RARE void fw_op_undo(uint32_t object)
{
	struct fw_tree_node node = { .object = object };
	uint32_t status = CHIM_STATUS_SUCCESS;
	uint32_t slot;

	node.layer = (uint8_t)(object >> CHIM_OBJ_LAYER_SHIFT);
	slot = fw_object(node.layer, object);
	if (slot == FW_NO_SLOT)
		return;
	if (node.layer == FW_LAYER_TCP)
		status = terminate_tcp(&node, slot);
	else if (node.layer == FW_LAYER_PATH)
		status = terminate_path(&node, slot);
	else
		status = terminate_neighbor(&node, slot);
	(void)status; /* what cannot be given up is used by another, or broken and marked so */
}

const struct fw_tree_act fw_op_terminate = { .enter = enter, .leave = leave };
