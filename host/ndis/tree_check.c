/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Host-side rules of block trees: whatever could hurt a miniport ends here. Hard part: placeholders
 * do not say at which layer they are, and an object may be named twice or be busy otherwise.
 */
#include "router.h"

static enum ndis_role role_of(const struct ndis_op *op, const ndis_block *b)
{
	if (!b->OffloadHandle)
		return ROLE_PLACEHOLDER;
	if (op->kind == OP_INITIATE && !b->OffloadHandle->MiniportOffloadContext)
		return ROLE_NEW;
	return ROLE_REFERENCE;
}

/*
 * Header of the block and of the state behind it. @layer: out, CHIM_LAYER_NONE for a placeholder.
 */
static bool check_header(const struct ndis_op *op, const struct ndis_entry *e,
			 enum chim_layer *layer)
{
	const ndis_block *b = e->block;
	unsigned int type = b->Header.Type;

	*layer = CHIM_LAYER_NONE;
	if (b->Header.Revision != NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST_REVISION_1 ||
	    b->Header.Size != sizeof(*b) || b->PortNumber)
		return false;
	if (e->role == ROLE_PLACEHOLDER)
		return true; /* its type is not significant */
	*layer = chim_type_layer(type);
	if (*layer == CHIM_LAYER_NONE)
		return false;
	if (e->role == ROLE_NEW &&
	    (!chim_type_has(type, CHIM_STATE_CONST) || !chim_type_has(type, CHIM_STATE_DELEGATED)))
		return false;
	if (op->kind == OP_UPDATE && !chim_type_has(type, CHIM_STATE_CACHED))
		return false;
	for (unsigned int c = 0; ndis_state_follows(op, e) && c <= CHIM_STATE_DELEGATED; c++) {
		enum chim_state_class cls = (enum chim_state_class)c;
		const OFFLOAD_STATE_HEADER *state = chim_obl_state(b, cls);

		if (state && state->Length && state->Length != chim_state_bytes(type, cls))
			return false;
	}
	return true;
}

static struct ndis_object *parent_object(const struct ndis_op *op, const struct ndis_entry *e)
{
	return e->parent < 0 ? NULL : op->e[e->parent].obj;
}

static bool check_buffered(NET_BUFFER_LIST *first, enum chim_ndis_rule *rule)
{
	*rule = CHIM_R_LOOP;
	if (ndis_list_loops(first))
		return false;
	for (NET_BUFFER_LIST *nbl = first; nbl; nbl = nbl->Next) {
		if (ndis_list_loops(nbl->FirstNetBuffer))
			return false;
		for (NET_BUFFER *nb = nbl->FirstNetBuffer; nb; nb = nb->Next) {
			if (!chim_nb_check(nb))
				continue;
			*rule = CHIM_R_NBL;
			return false;
		}
	}
	return true;
}

/* What the state of a new TCP connection points to. */
static bool check_new_tcp(struct ndis_object *o, ndis_block *b, enum chim_ndis_rule *rule)
{
	const TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(b, CHIM_STATE_DELEGATED);

	if (d->State < TcpConnectionEstablished || d->State > TcpConnectionLastAck) {
		*rule = CHIM_R_TCP_STATE;
		return false;
	}
	if (!check_buffered(d->BufferedData, rule))
		return false;
	*rule = ndis_post_sends(o, b->NetBufferListChain);
	return *rule == CHIM_RULES;
}

static bool check_new(struct ndis_op *op, struct ndis_entry *e, enum chim_layer layer,
		      enum chim_ndis_rule *rule)
{
	ndis_block *b = e->block;
	struct ndis_object *parent = parent_object(op, e);

	if (b->OffloadHandle->NdisReserved[0]) { /* perhaps earlier in this tree */
		*rule = ndis_object_of(b->OffloadHandle, "initiate") ? CHIM_R_OFFLOADING
								     : CHIM_R_HANDLE;
		return false;
	}
	if (layer != CHIM_LAYER_NEIGHBOR && !parent) {
		*rule = CHIM_R_ROLE;
		return false;
	}
	if (layer == CHIM_LAYER_PATH) {
		const PATH_OFFLOAD_STATE_CONST *c = chim_obl_state(b, CHIM_STATE_CONST);

		*rule = CHIM_R_NULL;
		if (!c->SourceAddress || !c->DestinationAddress)
			return false;
	}
	e->obj = ndis_object_create(op->binding, b->OffloadHandle, b->Header.Type, parent);
	if (!e->obj) {
		*rule = CHIM_R_NO_MEMORY;
		return false;
	}
	return layer != CHIM_LAYER_TCP || check_new_tcp(e->obj, b, rule);
}

/* May this operation be done on this object now? (R32, R58, R81, R82) */
static bool check_phase(const struct ndis_op *op, const struct ndis_object *o,
			enum chim_ndis_rule *rule)
{
	*rule = CHIM_R_OFFLOADING;
	if (o->state < OBJECT_LIVE)
		return false;
	*rule = CHIM_R_TERMINATING;
	if (o->state > OBJECT_LIVE)
		return false;
	*rule = CHIM_R_UPDATE;
	if (op->kind == OP_UPDATE && (o->busy[OP_UPDATE] || o->busy[OP_INVALIDATE] || o->invalid))
		return false;
	*rule = CHIM_R_UNFINISHED;
	return op->kind != OP_TERMINATE ||
	       !(o->busy[OP_QUERY] || o->busy[OP_UPDATE] || o->busy[OP_INVALIDATE] || o->in_call);
}

static bool check_reference(struct ndis_op *op, struct ndis_entry *e, enum chim_layer layer,
			    uint32_t serial, enum chim_ndis_rule *rule)
{
	const ndis_block *b = e->block;
	struct ndis_object *o = ndis_object_of(b->OffloadHandle, "tree");
	struct ndis_object *parent = parent_object(op, e);

	*rule = CHIM_R_HANDLE;
	if (!o || o->binding != op->binding)
		return false;
	*rule = CHIM_R_LAYER;
	if (o->layer != layer ||
	    (layer == CHIM_LAYER_PATH && o->ip6 != chim_type_is_ip6(b->Header.Type)))
		return false;
	*rule = CHIM_R_LOOP;
	if (o->serial == serial)
		return false;
	if (!check_phase(op, o, rule))
		return false;
	*rule = CHIM_R_ROLE;
	/* A linker is there for its dependents. */
	if (op->kind == OP_INITIATE && !b->DependentBlockList)
		return false;
	/* Only an update moves objects, and only paths (6.2). */
	if (parent && parent != o->parent && !(op->kind == OP_UPDATE && layer == CHIM_LAYER_PATH))
		return false;
	o->serial = serial;
	o->tree_dependents = 0;
	e->obj = o;
	return true;
}

/* Nothing may be terminated while something outside the tree depends on it (R80). */
static bool check_dependents(struct ndis_op *op, uint32_t serial)
{
	for (size_t i = 0; i < op->n; i++) {
		struct ndis_object *o = op->e[i].obj;

		if (o && o->parent && o->parent->serial == serial)
			o->parent->tree_dependents++;
	}
	for (size_t i = 0; i < op->n; i++)
		if (op->e[i].obj && op->e[i].obj->dependents != op->e[i].obj->tree_dependents)
			return false;
	return true;
}

bool ndis_tree_check(struct ndis_op *op, ndis_block *root, enum chim_ndis_rule *rule)
{
	uint32_t serial = ++op->binding->reg.obj.ndis->serial;
	int root_layer = 0; /* not known yet */

	if (!ndis_tree_collect(op, root, rule))
		return false;
	for (size_t i = 0; i < op->n; i++) {
		struct ndis_entry *e = &op->e[i];
		enum chim_layer layer;

		e->role = (uint8_t)role_of(op, e->block);
		*rule = CHIM_R_HEADER;
		if (!check_header(op, e, &layer))
			return false;
		if (e->role == ROLE_PLACEHOLDER)
			continue;
		/* All blocks agree on the layer of the root chain. */
		*rule = CHIM_R_LAYER;
		if (root_layer && (int)layer != root_layer + e->depth)
			return false;
		root_layer = (int)layer - e->depth;
		if (root_layer < CHIM_LAYER_NEIGHBOR)
			return false;
		if (!(e->role == ROLE_NEW ? check_new(op, e, layer, rule)
					  : check_reference(op, e, layer, serial, rule)))
			return false;
	}
	/* Placeholders may be deeper than the deepest block that says its layer. */
	for (size_t i = 0; i < op->n; i++) {
		*rule = CHIM_R_LAYER;
		if (root_layer && root_layer + op->e[i].depth > CHIM_LAYER_TCP)
			return false;
	}
	*rule = CHIM_R_DEPENDENTS;
	return op->kind != OP_TERMINATE || check_dependents(op, serial);
}
