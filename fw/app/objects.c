/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Allocation of objects, see objects.h. Hard part: a handle of an object that is gone must not
 * reach the next tenant of its place, so generations outlive objects.
 */
#include "objects.h"

#include "drv/engine.h"
#include "drv/table.h"

struct fw_objects fw_obj;

#define GEN_MASK 0xFFFu

FW_RARE enum fw_result fw_objects_init(void *mem, uint32_t bytes, uint32_t nbrs, uint32_t paths,
				       uint32_t conns)
{
	uint8_t *at = mem;
	uint32_t need =
		nbrs * (uint32_t)sizeof(struct fw_nbr) + paths * (uint32_t)sizeof(struct fw_path);
	uint32_t room;

	need = (need + 15u) & ~15u;
	if (need + sizeof(struct fw_conn) > bytes)
		return FW_NONE;
	room = (bytes - need) / (uint32_t)sizeof(struct fw_conn);
	if (conns > room)
		conns = room;
	fw_zero_words(mem, (need + conns * (uint32_t)sizeof(struct fw_conn)) / 4u);
	fw_obj.nbr = (void *)at;
	fw_obj.path = (void *)(at + nbrs * sizeof(struct fw_nbr));
	fw_obj.conn = (void *)(at + need);
	fw_obj.nbrs = nbrs;
	fw_obj.paths = paths;
	fw_obj.conns = conns;
	fw_obj.live_objects = 0;
	fw_obj.first_free = 0;
	fw_obj.high_water = 0;
	fw_engine_high_water(0);
	return FW_OK;
}

uint32_t fw_handle(uint32_t layer, uint32_t gen, uint32_t slot)
{
	return ((layer << (CHIM_OBJ_LAYER_SHIFT - CHIM_OBJ_GEN_SHIFT) | gen)
		<< CHIM_OBJ_GEN_SHIFT) |
	       slot;
}

uint32_t fw_object(uint32_t layer, uint32_t handle)
{
	uint32_t slot = handle & ((1u << CHIM_OBJ_GEN_SHIFT) - 1u);
	uint32_t gen = handle >> CHIM_OBJ_GEN_SHIFT;

	if (gen >> (CHIM_OBJ_LAYER_SHIFT - CHIM_OBJ_GEN_SHIFT) != layer)
		return FW_NO_SLOT;
	gen &= GEN_MASK;
	switch (layer) {
	case FW_LAYER_NEIGHBOR:
		if (slot < fw_obj.nbrs && fw_obj.nbr[slot].used && fw_obj.nbr[slot].gen == gen)
			return slot;
		break;
	case FW_LAYER_PATH:
		if (slot < fw_obj.paths && fw_obj.path[slot].used && fw_obj.path[slot].gen == gen)
			return slot;
		break;
	case FW_LAYER_TCP:
		if (slot < fw_obj.conns &&
		    (fw_obj.conn[slot].bits & (FW_CONN_GEN | FW_CONN_INSTALLED)) ==
			    (gen | FW_CONN_INSTALLED))
			return slot;
		break;
	default: break;
	}
	return FW_NO_SLOT;
}

uint32_t fw_nbr_alloc(void)
{
	for (uint32_t n = 0; n < fw_obj.nbrs; n++) {
		struct fw_nbr *nbr = &fw_obj.nbr[n];

		if (!nbr->used) {
			nbr->used = 1;
			nbr->refs = 0;
			nbr->invalid = 0;
			fw_obj.live_objects++;
			return n;
		}
	}
	return FW_NO_SLOT;
}

void fw_nbr_free(uint32_t n)
{
	struct fw_nbr *nbr = &fw_obj.nbr[n];

	nbr->used = 0;
	nbr->gen = (nbr->gen + 1u) & GEN_MASK;
	fw_obj.live_objects--;
}

uint32_t fw_path_alloc(void)
{
	for (uint32_t p = 0; p < fw_obj.paths; p++) {
		struct fw_path *path = &fw_obj.path[p];

		if (!path->used) {
			path->used = 1;
			path->refs = 0;
			path->invalid = 0;
			fw_obj.live_objects++;
			return p;
		}
	}
	return FW_NO_SLOT;
}

void fw_path_free(uint32_t p)
{
	struct fw_path *path = &fw_obj.path[p];

	path->used = 0;
	path->gen = (path->gen + 1u) & GEN_MASK;
	fw_obj.live_objects--;
}

uint32_t fw_conn_alloc(void)
{
	for (uint32_t slot = fw_obj.first_free; slot < fw_obj.conns; slot++) {
		struct fw_conn *c = &fw_obj.conn[slot];

		if (c->bits & FW_CONN_USED)
			continue;
		c->bits = (uint16_t)((c->bits & FW_CONN_GEN) | FW_CONN_USED);
		fw_obj.first_free = slot + 1;
		fw_obj.live_objects++;
		if (slot >= fw_obj.high_water) {
			fw_obj.high_water = slot + 1;
			fw_engine_high_water(slot + 1);
		}
		return slot;
	}
	fw_obj.first_free = fw_obj.conns;
	return FW_NO_SLOT;
}

void fw_conn_free(uint32_t slot)
{
	struct fw_conn *c = &fw_obj.conn[slot];

	c->bits = (c->bits + 1u) & FW_CONN_GEN;
	fw_obj.live_objects--;
	if (slot < fw_obj.first_free)
		fw_obj.first_free = slot;
	if (slot + 1 == fw_obj.high_water) {
		uint32_t top = slot;

		while (top > 0 && !(fw_obj.conn[top - 1].bits & FW_CONN_USED))
			top--;
		fw_obj.high_water = top;
		fw_engine_high_water(top);
	}
}

uint32_t fw_conn_path(uint32_t slot)
{
	return fw_table_get(CHIM_TABLE_CFG_HDR, slot, CHIM_CFG_HDR_PATH_LSB / 32) & 0xFFFFu;
}
