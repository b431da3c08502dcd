/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * What a target wrote into a tree it completes: checked, counted, and repaired so far that the host
 * can rely on it. Hard part: ownership of send data and buffered data changes hands here, block by
 * block, and must be right even when the target was not.
 */
#include <string.h>

#include "router.h"

static void fault(const struct ndis_op *op, enum chim_ndis_rule rule, const char *where,
		  const void *what)
{
	ndis_rule(op->binding->reg.obj.ndis, rule, where, what);
}

static bool is_taken(NDIS_STATUS st)
{
	return st == NDIS_STATUS_SUCCESS || st == NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
}

/* Source: chimney 5.4, 6.5. */
static bool status_allowed(const struct ndis_op *op, const struct ndis_entry *e)
{
	NDIS_STATUS st = e->block->Status;

	if (st == NDIS_STATUS_SUCCESS || st == NDIS_STATUS_FAILURE)
		return true;
	if (op->kind != OP_INITIATE)
		return false;
	if (st == NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS)
		return true;
	if (e->role != ROLE_NEW)
		return false;
	return st == NDIS_STATUS_RESOURCES || st == NDIS_STATUS_OFFLOAD_PATH_MTU ||
	       st == NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED ||
	       (st >= NDIS_STATUS_OFFLOAD_TCP_ENTRIES && st <= NDIS_STATUS_OFFLOAD_VLAN_MISMATCH);
}

static void check_reserved(struct ndis_op *op, struct ndis_entry *e)
{
	ndis_block *b = e->block;

	if (!memcmp(&e->saved[0], b->ProtocolReserved, sizeof(b->ProtocolReserved)) &&
	    !memcmp(&e->saved[2], b->ImReserved, sizeof(b->ImReserved)) &&
	    e->saved[4] == b->SourceHandle)
		return;
	fault(op, CHIM_T_RESERVED, "complete", b);
	memcpy(b->ProtocolReserved, &e->saved[0], sizeof(b->ProtocolReserved));
	memcpy(b->ImReserved, &e->saved[2], sizeof(b->ImReserved));
	b->SourceHandle = e->saved[4];
}

/* Own state of a new block: status and reference must agree (R5). */
static void judge_new(struct ndis_op *op, struct ndis_entry *e)
{
	ndis_block *b = e->block;

	if (is_taken(b->Status) != (b->OffloadHandle->MiniportOffloadContext != NULL)) {
		fault(op, CHIM_T_CELL, "initiate complete", b);
		b->Status = is_taken(b->Status) ? NDIS_STATUS_FAILURE : b->Status;
	}
	if (is_taken(b->Status)) {
		e->obj->state = OBJECT_TAKEN;
		return;
	}
	/* The cell is cleared with the object; the send data stays the host's (R43). */
	e->obj->state = OBJECT_GONE;
	ndis_unpost(e->obj, KIND_SEND, b->NetBufferListChain);
}

/* The status that the dependents' statuses ask for. Source: chimney 3.3, 5.5. */
static NDIS_STATUS expected(const struct ndis_entry *e)
{
	if (e->role == ROLE_PLACEHOLDER)
		return NDIS_STATUS_SUCCESS;
	if (e->role == ROLE_NEW && !is_taken(e->block->Status))
		return e->block->Status;
	if (e->deps_ok == e->deps)
		return NDIS_STATUS_SUCCESS;
	if (e->role == ROLE_NEW || e->deps_ok)
		return NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
	return NDIS_STATUS_FAILURE;
}

static void judge_initiate(struct ndis_op *op)
{
	for (size_t i = 0; i < op->n; i++)
		if (op->e[i].role == ROLE_NEW)
			judge_new(op, &op->e[i]);
	/* From the end: a block's dependents come behind it. */
	for (size_t i = op->n; i-- > 0;) {
		struct ndis_entry *e = &op->e[i];
		struct ndis_entry *p = e->parent < 0 ? NULL : &op->e[e->parent];

		if (e->block->Status == NDIS_STATUS_PENDING)
			e->block->Status = expected(e); /* counted before */
		else if (e->block->Status != expected(e))
			fault(op, CHIM_T_PROPAGATION, "initiate complete", e->block);
		/* Nothing is taken on top of what was not. */
		if (e->role == ROLE_NEW && e->obj->state == OBJECT_TAKEN && p &&
		    p->role == ROLE_NEW && p->obj->state == OBJECT_GONE)
			fault(op, CHIM_T_PROPAGATION, "initiate complete", e->block);
		if (p) {
			p->deps++;
			p->deps_ok += is_taken(e->block->Status);
		}
	}
}

/* Unacknowledged send data comes back as it was posted: all that is left, in order (R72). */
static void judge_send_chain(struct ndis_op *op, struct ndis_entry *e)
{
	const TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(e->block, CHIM_STATE_DELEGATED);
	NET_BUFFER_LIST **at = &e->block->NetBufferListChain, *last = NULL;
	struct ndis_object *o = e->obj;

	while (*at && ndis_nbl_held(*at, o, KIND_SEND)) {
		last = *at;
		if (ndis_nbl_top(last)->seq != o->done[KIND_SEND])
			fault(op, CHIM_T_SEND_CHAIN, "terminate complete", last);
		o->done[KIND_SEND] = ndis_nbl_top(last)->seq + 1;
		ndis_nbl_pop(last);
		o->out[KIND_SEND]--;
		o->binding->pending--;
		at = &last->Next;
	}
	if (*at) { /* not one of its lists, or twice the same: the host gets what was right */
		fault(op, CHIM_T_SEND_CHAIN, "terminate complete", *at);
		*at = NULL;
	}
	if (d && last &&
	    (d->SendDataHead != e->block->NetBufferListChain || d->SendDataTail != last))
		fault(op, CHIM_T_SEND_CHAIN, "terminate complete", e->block);
}

/* The target's own lists, which the host returns by receive-return (6.4.6). */
static void judge_buffered(struct ndis_op *op, struct ndis_entry *e)
{
	TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(e->block, CHIM_STATE_DELEGATED);
	NET_BUFFER_LIST **at = d ? &d->BufferedData : NULL;

	for (; at && *at; at = &(*at)->Next) {
		NET_BUFFER_LIST *nbl = *at;

		if (nbl->HopDepth == CHIM_NDIS_HOPS || ndis_nbl_held(nbl, op->binding, KIND_LOAN) ||
		    !nbl->FirstNetBuffer || nbl->FirstNetBuffer->Next ||
		    chim_nb_check(nbl->FirstNetBuffer)) {
			fault(op, CHIM_T_INDICATION, "terminate complete", nbl);
			*at = NULL;
			return;
		}
		ndis_nbl_push(nbl, op->binding, KIND_LOAN, 0, chim_nbl_bytes(nbl));
		op->binding->loans++;
	}
}

static void judge_terminate(struct ndis_op *op, struct ndis_entry *e)
{
	struct ndis_object *o = e->obj;

	if (e->block->Status != NDIS_STATUS_SUCCESS) {
		e->block->NetBufferListChain = NULL; /* lost; the sends stay outstanding (6.4.9) */
		return;
	}
	if (o->in_indication)
		fault(op, CHIM_T_EARLY, "terminate complete", e->block);
	o->state = OBJECT_GONE;
	if (o->layer != CHIM_LAYER_TCP)
		return;
	judge_send_chain(op, e);
	judge_buffered(op, e);
	if (o->out[KIND_SEND] || o->out[KIND_RECEIVE] || o->out[KIND_DISCONNECT] ||
	    o->out[KIND_FORWARD])
		fault(op, CHIM_T_OUTSTANDING, "terminate complete", e->block);
}

void ndis_verdict(struct ndis_op *op)
{
	for (size_t i = 0; i < op->n; i++) {
		struct ndis_entry *e = &op->e[i];

		check_reserved(op, e);
		if (status_allowed(op, e))
			continue;
		fault(op, CHIM_T_STATUS, "complete", e->block);
		/*
		 * Own state: lost. Placeholders and linkers of an initiate: see judge_initiate().
		 */
		if (op->kind != OP_INITIATE || e->role == ROLE_NEW)
			e->block->Status = NDIS_STATUS_FAILURE;
		else
			e->block->Status = NDIS_STATUS_PENDING;
	}
	if (op->kind == OP_INITIATE) {
		judge_initiate(op);
		return;
	}
	for (size_t i = 0; i < op->n; i++) {
		struct ndis_entry *e = &op->e[i];
		struct ndis_entry *p = e->parent < 0 ? NULL : &op->e[e->parent];

		if (op->kind != OP_TERMINATE || !e->obj)
			continue;
		judge_terminate(op, e);
		if (p && p->obj && p->block->Status == NDIS_STATUS_SUCCESS &&
		    e->block->Status != NDIS_STATUS_SUCCESS)
			fault(op, CHIM_T_PROPAGATION, "terminate complete", p->block);
	}
}
