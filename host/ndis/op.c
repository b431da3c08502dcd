/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The five state operations: down to the miniport, and back to the protocol. Hard part: a refusal
 * must reach the completion handler like any other outcome, also when there is no memory.
 */
#include "router.h"

static const char *const op_name[OP_KINDS] = {
	[OP_INITIATE] = "NdisInitiateOffload",	 [OP_QUERY] = "NdisQueryOffloadState",
	[OP_UPDATE] = "NdisUpdateOffload",	 [OP_INVALIDATE] = "NdisInvalidateOffload",
	[OP_TERMINATE] = "NdisTerminateOffload",
};

static void op_free(struct ndis_op *op)
{
	struct ndis_mem *mem = &op->binding->reg.obj.ndis->mem;

	ndis_free(mem, op->e);
	ndis_free(mem, op);
}

/* The root's reserved words are the queue node, so this needs no memory. */
static void refuse(struct ndis_binding *b, enum ndis_op_kind kind, ndis_block *root)
{
	static_assert(sizeof(root->NdisReserved) >= sizeof(struct chim_ndis_node), "node fits");

	root->SourceHandle = b;
	b->pending++;
	ndis_queue_add(b->adapter, (void *)root->NdisReserved, KIND_REFUSED + (unsigned int)kind);
}

static void call_miniport(struct ndis_op *op, ndis_block *root)
{
	const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS *t =
		&op->binding->adapter->driver->generic;
	W_INITIATE_OFFLOAD_HANDLER const entry[OP_KINDS] = {
		[OP_INITIATE] = t->InitiateOffloadHandler,
		[OP_QUERY] = t->QueryOffloadHandler,
		[OP_UPDATE] = t->UpdateOffloadHandler,
		[OP_INVALIDATE] = t->InvalidateOffloadHandler,
		[OP_TERMINATE] = t->TerminateOffloadHandler,
	};
	struct chim_ndis *ndis = op->binding->reg.obj.ndis;

	/* The operation cannot be delivered, so not be freed, before this returns. */
	op->in_call = true;
	ndis_enter(ndis);
	ndis->in_entry++;
	entry[op->kind](op->binding->adapter->context,
			(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST)(void *)root);
	ndis->in_entry--;
	op->in_call = false;
	ndis_leave(ndis);
}

static void start(NDIS_HANDLE handle, ndis_block *root, enum ndis_op_kind kind)
{
	enum chim_ndis_rule rule = CHIM_R_NO_MEMORY;
	struct ndis_binding *b = handle;
	struct ndis_adapter *a;
	struct chim_ndis *ndis;
	struct ndis_op *op;

	if (!ndis_is(handle, TAG_BINDING)) {
		if (ndis_is_router_handle(handle))
			ndis_rule(((struct ndis_obj *)handle)->ndis, CHIM_R_HANDLE, op_name[kind],
				  handle);
		return;
	}
	a = b->adapter;
	ndis = b->reg.obj.ndis;
	if (!root || !ndis_protocol_has_chimney(b->protocol)) { /* nobody to answer */
		ndis_rule(ndis, root ? CHIM_R_NO_CHIMNEY : CHIM_R_NULL, op_name[kind], root);
		return;
	}
	if (b != a->client) {
		ndis_rule(ndis, CHIM_R_NO_CHIMNEY, op_name[kind], root);
		ndis_tree_blind_status(root, NDIS_STATUS_FAILURE);
		refuse(b, kind, root);
		return;
	}
	op = ndis_alloc(&ndis->mem, sizeof(*op));
	if (op) {
		op->binding = b;
		op->kind = kind;
		if (ndis_tree_check(op, root, &rule)) {
			ndis_tree_arrange(op, root);
			op->next = a->ops;
			op->prev = &a->ops;
			if (op->next)
				op->next->prev = &op->next;
			a->ops = op;
			b->pending++;
			call_miniport(op, root);
			return;
		}
		ndis_tree_undo(op);
		ndis_tree_refuse(op);
		op_free(op);
	}
	ndis_rule(ndis, rule, op_name[kind], root);
	if (rule == CHIM_R_NO_MEMORY)
		ndis_tree_blind_status(root, kind == OP_INITIATE ? NDIS_STATUS_RESOURCES
								 : NDIS_STATUS_FAILURE);
	refuse(b, kind, root);
}

void NdisInitiateOffload(NDIS_HANDLE NdisBindingHandle,
			 PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
	start(NdisBindingHandle, OffloadBlockList, OP_INITIATE);
}

void NdisQueryOffloadState(NDIS_HANDLE NdisBindingHandle,
			   PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
	start(NdisBindingHandle, OffloadBlockList, OP_QUERY);
}

void NdisUpdateOffload(NDIS_HANDLE NdisBindingHandle,
		       PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
	start(NdisBindingHandle, OffloadBlockList, OP_UPDATE);
}

void NdisInvalidateOffload(NDIS_HANDLE NdisBindingHandle,
			   PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
	start(NdisBindingHandle, OffloadBlockList, OP_INVALIDATE);
}

void NdisTerminateOffload(NDIS_HANDLE NdisBindingHandle,
			  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
	start(NdisBindingHandle, OffloadBlockList, OP_TERMINATE);
}

static void complete(NDIS_HANDLE handle, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list,
		     enum ndis_op_kind kind)
{
	ndis_block *root = (ndis_block *)(void *)list;
	struct ndis_adapter *a = handle;
	struct ndis_op *op;

	if (!ndis_is(handle, TAG_ADAPTER)) {
		if (ndis_is_router_handle(handle))
			ndis_rule(((struct ndis_obj *)handle)->ndis, CHIM_T_UNKNOWN, op_name[kind],
				  handle);
		return;
	}
	for (op = a->ops; op; op = op->next)
		if (op->kind == kind && op->e[0].block == root)
			break;
	if (!op) {
		ndis_rule(a->reg.obj.ndis, CHIM_T_UNKNOWN, op_name[kind], root);
		return;
	}
	if (op->in_call)
		ndis_rule(a->reg.obj.ndis, CHIM_T_INLINE, op_name[kind], root);
	*op->prev = op->next;
	if (op->next)
		op->next->prev = op->prev;
	ndis_verdict(op);
	ndis_queue_add(a, &op->node, KIND_OP);
}

void NdisMInitiateOffloadComplete(NDIS_HANDLE NdisMiniportHandle,
				  PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
	complete(NdisMiniportHandle, OffloadBlockList, OP_INITIATE);
}

void NdisMQueryOffloadStateComplete(NDIS_HANDLE NdisMiniportHandle,
				    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
	complete(NdisMiniportHandle, OffloadBlockList, OP_QUERY);
}

void NdisMUpdateOffloadComplete(NDIS_HANDLE NdisMiniportHandle,
				PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
	complete(NdisMiniportHandle, OffloadBlockList, OP_UPDATE);
}

void NdisMInvalidateOffloadComplete(NDIS_HANDLE NdisMiniportHandle,
				    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
	complete(NdisMiniportHandle, OffloadBlockList, OP_INVALIDATE);
}

void NdisMTerminateOffloadComplete(NDIS_HANDLE NdisMiniportHandle,
				   PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
	complete(NdisMiniportHandle, OffloadBlockList, OP_TERMINATE);
}

/* The object of one block once its operation is over. */
static void settle(const struct ndis_op *op, const struct ndis_entry *e)
{
	struct ndis_object *o = e->obj;
	bool success = e->block->Status == NDIS_STATUS_SUCCESS;

	if (op->kind == OP_INITIATE) {
		if (e->role != ROLE_NEW)
			return;
		if (o->state == OBJECT_TAKEN)
			o->state = OBJECT_LIVE;
		else
			ndis_object_drop(o);
		return;
	}
	o->busy[op->kind]--;
	if (op->kind == OP_INVALIDATE && success)
		o->invalid = true;
	if (op->kind == OP_UPDATE && success && o->layer == CHIM_LAYER_PATH && e->parent >= 0 &&
	    op->e[e->parent].obj && o->parent != op->e[e->parent].obj)
		ndis_object_relink(o, op->e[e->parent].obj);
	if (op->kind == OP_TERMINATE) {
		if (o->state == OBJECT_GONE)
			ndis_object_drop(o);
		else
			o->state = OBJECT_LIVE;
	}
}

static void call_protocol(struct ndis_binding *b, enum ndis_op_kind kind, ndis_block *root)
{
	const NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS *t = &b->protocol->generic;
	INITIATE_OFFLOAD_COMPLETE_HANDLER const handler[OP_KINDS] = {
		[OP_INITIATE] = t->InitiateOffloadCompleteHandler,
		[OP_QUERY] = t->QueryOffloadCompleteHandler,
		[OP_UPDATE] = t->UpdateOffloadCompleteHandler,
		[OP_INVALIDATE] = t->InvalidateOffloadCompleteHandler,
		[OP_TERMINATE] = t->TerminateOffloadCompleteHandler,
	};

	b->pending--;
	handler[kind](b->context, root);
}

void ndis_op_deliver(struct chim_ndis_node *node)
{
	struct ndis_op *op = (struct ndis_op *)(void *)node;
	enum ndis_op_kind kind = op->kind;
	struct ndis_binding *b = op->binding;
	ndis_block *root = op->e[0].block;

	static_assert(offsetof(struct ndis_op, node) == 0, "cast above");
	/* From the end: what goes has no dependents left to be told. */
	for (size_t i = op->n; i-- > 0;)
		if (op->e[i].obj)
			settle(op, &op->e[i]);
	op_free(op);
	call_protocol(b, kind, root);
}

void ndis_refused_deliver(struct chim_ndis_node *node)
{
	enum ndis_op_kind kind = (enum ndis_op_kind)(node->kind - KIND_REFUSED);
	ndis_block *root =
		(ndis_block *)(void *)((char *)node - offsetof(ndis_block, NdisReserved));

	call_protocol(root->SourceHandle, kind, root);
}
