/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Walking block trees: once into an array, which everything else uses. Hard part: a tree may loop
 * or share blocks, and the status of a refused one must be written also when there is no memory.
 */
#include <string.h>

#include "router.h"

#define DEPTH_MAX      3 /* neighbor, path, TCP */
/* Blocks visited when there is no memory to notice a loop. */
#define BLIND_WALK_MAX (1u << 20)
#define FIRST_ROOM     8

/* Room for one more entry. */
static bool make_room(struct ndis_op *op)
{
	struct ndis_mem *mem = &op->binding->reg.obj.ndis->mem;
	size_t room = op->room ? 2 * op->room : FIRST_ROOM;
	struct ndis_entry *e;

	if (op->n < op->room)
		return true;
	e = ndis_alloc(mem, room * sizeof(*e));
	if (!e)
		return false;
	if (op->n)
		memcpy(e, op->e, op->n * sizeof(*e));
	ndis_free(mem, op->e);
	op->e = e;
	op->room = room;
	return true;
}

/* A reserved word of the block says where its entry is; what stood there before does not matter. */
static bool visited(const struct ndis_op *op, const ndis_block *b)
{
	size_t i = (size_t)b->NdisReserved[0];

	return i < op->n && op->e[i].block == b;
}

/* Depth first, then NextBlock (5.2), without recursion: one pointer per level. */
bool ndis_tree_collect(struct ndis_op *op, ndis_block *root, enum chim_ndis_rule *rule)
{
	ndis_block *at[DEPTH_MAX] = { root };
	int32_t parent[DEPTH_MAX] = { -1 };
	unsigned int depth = 0;

	for (;;) {
		ndis_block *b = at[depth];
		struct ndis_entry *e;

		if (!b) {
			if (!depth)
				return true;
			depth--;
			continue;
		}
		if (visited(op, b)) {
			*rule = CHIM_R_LOOP;
			return false;
		}
		if (!make_room(op)) {
			*rule = CHIM_R_NO_MEMORY;
			return false;
		}
		e = &op->e[op->n];
		*e = (struct ndis_entry){ .block = b,
					  .parent = parent[depth],
					  .depth = (uint8_t)depth };
		b->NdisReserved[0] = (PVOID)(uintptr_t)op->n++;
		at[depth] = b->NextBlock;
		if (!b->DependentBlockList)
			continue;
		if (++depth == DEPTH_MAX) {
			*rule = CHIM_R_LAYER;
			return false;
		}
		at[depth] = b->DependentBlockList;
		parent[depth] = (int32_t)(op->n - 1);
	}
}

bool ndis_state_follows(const struct ndis_op *op, const struct ndis_entry *e)
{
	switch (op->kind) {
	case OP_INITIATE: return e->role == ROLE_NEW;
	case OP_TERMINATE:
		return e->role == ROLE_REFERENCE &&
		       chim_type_has(e->block->Header.Type, CHIM_STATE_DELEGATED);
	case OP_INVALIDATE: return false;
	default: return e->role == ROLE_REFERENCE;
	}
}

void ndis_tree_undo(struct ndis_op *op)
{
	/* From the end: dependents before what they depend on. */
	for (size_t i = op->n; i-- > 0;) {
		struct ndis_entry *e = &op->e[i];

		if (e->role != ROLE_NEW || !e->obj)
			continue;
		ndis_unpost(e->obj, KIND_SEND, e->block->NetBufferListChain);
		ndis_object_drop(e->obj);
	}
}

void ndis_tree_arrange(struct ndis_op *op, ndis_block *root)
{
	root->SourceHandle = op->binding;
	for (size_t i = 0; i < op->n; i++) {
		struct ndis_entry *e = &op->e[i];
		ndis_block *b = e->block;

		b->Status = NDIS_STATUS_PENDING;
		/*
		 * MiniportOffloadContext of the miniport's view; NdisOffloadHandle is
		 * OffloadHandle.
		 */
		b->NdisReserved[2] =
			b->OffloadHandle ? &b->OffloadHandle->MiniportOffloadContext : NULL;
		memcpy(&e->saved[0], b->ProtocolReserved, sizeof(b->ProtocolReserved));
		memcpy(&e->saved[2], b->ImReserved, sizeof(b->ImReserved));
		e->saved[4] = b->SourceHandle;
		for (unsigned int c = 0; ndis_state_follows(op, e) && c <= CHIM_STATE_DELEGATED;
		     c++) {
			enum chim_state_class cls = (enum chim_state_class)c;
			OFFLOAD_STATE_HEADER *state = chim_obl_state(b, cls);

			if (state)
				state->Length = (ULONG)chim_state_bytes(b->Header.Type, cls);
		}
		if (op->kind == OP_INITIATE || !e->obj)
			continue;
		e->obj->busy[op->kind]++;
		if (op->kind == OP_TERMINATE) {
			e->obj->state = OBJECT_TERMINATING;
			b->NetBufferListChain = NULL;
		}
	}
}

/* As far as it can be done without memory: a loop is walked around a few times. */
void ndis_tree_blind_status(ndis_block *root, NDIS_STATUS st)
{
	ndis_block *at[DEPTH_MAX] = { root };
	unsigned int depth = 0;

	for (unsigned int steps = 0; steps < BLIND_WALK_MAX; steps++) {
		ndis_block *b = at[depth];

		if (!b) {
			if (!depth)
				return;
			depth--;
			continue;
		}
		b->Status = b->OffloadHandle ? st : NDIS_STATUS_SUCCESS;
		at[depth] = b->NextBlock;
		if (b->DependentBlockList && depth + 1 < DEPTH_MAX)
			at[++depth] = b->DependentBlockList;
	}
}

void ndis_tree_refuse(struct ndis_op *op)
{
	for (size_t i = 0; i < op->n; i++)
		op->e[i].block->Status =
			op->e[i].block->OffloadHandle ? NDIS_STATUS_FAILURE : NDIS_STATUS_SUCCESS;
}
