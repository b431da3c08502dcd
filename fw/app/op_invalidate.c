/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Invalidate: nothing more is sent by what depends on an object (chimney 6.3, R60 to R62). Hard
 * part: the connections that depend on a neighbor or path are not in the tree; every slot is looked
 * at.
 */
#include "app/ops.h"

#include "app/objects.h"
#include "app/slots.h"
#include "drv/engine.h"
#include "drv/table.h"

static uint32_t last_paused;

void fw_op_invalidate_begin(void)
{
	last_paused = FW_NO_SLOT;
}

enum fw_result fw_op_invalidate_end(void)
{
	/* Tokens queue behind everything, so one shows that all that was granted has left. */
	if (last_paused == FW_NO_SLOT)
		return FW_OK;
	fw_engine_fence_start(last_paused);
	return fw_engine_fence_wait();
}

static uint32_t pause_conn(uint32_t slot)
{
	if (fw_conn_refresh(slot) != FW_OK) {
		fw_slot_broken(slot);
		return fw_refuse(CHIM_FW_CODE_TABLE, slot);
	}
	last_paused = slot;
	return CHIM_STATUS_SUCCESS;
}

static uint32_t pause_all(uint32_t layer, uint32_t object)
{
	for (uint32_t slot = 0; slot < fw_obj.high_water; slot++) {
		uint32_t on;

		if (!(fw_obj.conn[slot].bits & FW_CONN_INSTALLED))
			continue;
		on = fw_conn_path(slot);
		if (layer == FW_LAYER_NEIGHBOR)
			on = fw_obj.path[on].nbr;
		if (on == object && pause_conn(slot) != CHIM_STATUS_SUCCESS)
			return CHIM_STATUS_FAILURE;
	}
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
	switch (node->layer) {
	case FW_LAYER_NEIGHBOR:
		fw_obj.nbr[slot].invalid = 1;
		return pause_all(FW_LAYER_NEIGHBOR, slot);
	case FW_LAYER_PATH: fw_obj.path[slot].invalid = 1; return pause_all(FW_LAYER_PATH, slot);
	default: fw_obj.conn[slot].bits |= FW_CONN_INVALID; return pause_conn(slot);
	}
}

const struct fw_tree_act fw_op_invalidate = { .enter = enter };
