/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Query: any class of state at any layer (chimney 6.1, R45 to R48). Hard part: the connection goes
 * on while its records are read.
 */
#include "app/ops.h"

#include "app/hostio.h"
#include "app/objects.h"
#include "app/params.h"
#include "app/slots.h"
#include "app/snapshot.h"
#include "drv/soc.h"
#include "drv/table.h"

static void query_neighbor(uint32_t n, uint32_t classes, struct chim_hw_neighbor_state *s)
{
	const struct fw_nbr *nbr = &fw_obj.nbr[n];
	uint32_t w[CHIM_NEIGHBOR_WORDS];
	const uint8_t *b = (const uint8_t *)w + CHIM_NEIGHBOR_SRCMAC_LSB / 8;
	uint32_t now = fw_soc_ms();

	for (uint32_t i = 0; i < CHIM_NEIGHBOR_WORDS; i++)
		w[i] = fw_table_get(CHIM_TABLE_NEIGHBOR, n, i);
	if (classes & FW_CLASS_CONST) {
		for (uint32_t i = 0; i < 6; i++)
			s->DlSourceAddress[i] = b[5 - i];
		s->VlanId = chim_le16_of(nbr->vlan);
	}
	if (classes & FW_CLASS_CACHED) {
		for (uint32_t i = 0; i < 6; i++)
			s->DlDestinationAddress[i] = b[11 - i];
		s->HostReachabilityDelta = chim_le32_of(fw_ticks(now - nbr->host_time));
	}
	if (classes & FW_CLASS_DELEGATED)
		s->NicReachabilityDelta = chim_le32_of(fw_ticks(now - nbr->nic_time));
}

static void query_path(uint32_t p, uint32_t classes, struct chim_hw_path_state *s)
{
	uint32_t w[CHIM_PATH_WORDS];
	const uint8_t *src = (const uint8_t *)w + CHIM_PATH_SRCADDR_LSB / 8;
	const uint8_t *dst = (const uint8_t *)w + CHIM_PATH_DSTADDR_LSB / 8;

	for (uint32_t i = 0; i < CHIM_PATH_WORDS; i++)
		w[i] = fw_table_get(CHIM_TABLE_PATH, p, i);
	if (classes & FW_CLASS_CONST) {
		for (uint32_t i = 0; i < 16; i++) {
			s->SourceAddress[i] = src[15 - i];
			s->DestinationAddress[i] = dst[15 - i];
		}
	}
	if (classes & FW_CLASS_CACHED)
		s->PathMtu = chim_le32_of(fw_obj.path[p].mtu);
}

static bool query_tcp(uint32_t slot, uint32_t classes, struct chim_hw_tcp_state *s)
{
	if (fw_snapshot_load_live(slot, &fw_scratch) != FW_OK)
		return false;
	if (classes & FW_CLASS_CONST)
		fw_snapshot_const(slot, &fw_scratch, s);
	if (classes & FW_CLASS_CACHED)
		fw_snapshot_cached(slot, &fw_scratch, s);
	if (classes & FW_CLASS_DELEGATED)
		fw_snapshot_delegated(slot, &fw_scratch, s);
	return true;
}

static uint32_t enter(void *ctx, struct fw_tree_node *node, const struct fw_tree_node *parent,
		      const void *state)
{
	uint32_t slot;
	void *s;

	(void)ctx;
	(void)parent;
	if (node->role != CHIM_ROLE_REFERENCE || state)
		return fw_refuse(CHIM_FW_CODE_ROLE, node->index);
	slot = fw_object(node->layer, node->object);
	if (slot == FW_NO_SLOT ||
	    (node->layer == FW_LAYER_PATH && fw_obj.path[slot].ipv6 != node->ipv6))
		return fw_refuse(CHIM_FW_CODE_HANDLE, node->index);
	if (!node->out)
		return CHIM_STATUS_SUCCESS;
	s = fw_host_state();
	if (!s)
		return CHIM_STATUS_FAILURE;
	if (node->layer == FW_LAYER_NEIGHBOR)
		query_neighbor(slot, node->classes, s);
	else if (node->layer == FW_LAYER_PATH)
		query_path(slot, node->classes, s);
	else if (!query_tcp(slot, node->classes, s)) {
		fw_slot_broken(slot);
		return fw_refuse(CHIM_FW_CODE_TABLE, slot);
	}
	return fw_host_put(node->out, fw_tree_state_bytes(node->layer)) ? CHIM_STATUS_SUCCESS
									: CHIM_STATUS_FAILURE;
}

const struct fw_tree_act fw_op_query = { .enter = enter };
