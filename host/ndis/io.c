/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Data calls of the host: send, receive, disconnect, forward, receive-return. Hard part:
 * completions carry no connection, so each list remembers who posted it, layer by layer.
 */
#include "router.h"

static const char *const post_name[KIND_IO] = {
	[KIND_SEND] = "NdisOffloadTcpSend",
	[KIND_RECEIVE] = "NdisOffloadTcpReceive",
	[KIND_DISCONNECT] = "NdisOffloadTcpDisconnect",
	[KIND_FORWARD] = "NdisOffloadTcpForward",
};

/* The rule that forbids to post a list because of who has it, or CHIM_RULES: nobody at @a. */
static enum chim_ndis_rule out_already(const NET_BUFFER_LIST *nbl, const struct ndis_adapter *a)
{
	const struct chim_nbl_hop *top = ndis_nbl_top(nbl);

	/* At this adapter's miniport, or the chain loops. At another one is an intermediate's. */
	if (top && top->kind < KIND_IO && ((const struct ndis_object *)top->owner)->adapter == a)
		return CHIM_R_LOOP;
	/* Borrowed: can only be returned. */
	if (nbl->HopDepth >= CHIM_NDIS_HOPS || top->kind == KIND_LOAN)
		return CHIM_R_NBL;
	return CHIM_RULES;
}

/* The shape that 7.1 asks for, and data that can be walked. @bytes: out */
NDIS_PER_KIND bool shape_ok(const NET_BUFFER_LIST *nbl, enum ndis_kind kind, uint64_t *bytes)
{
	const NET_BUFFER *nb = nbl->FirstNetBuffer;

	if (!nb || (nb->Next && (kind != KIND_SEND || ndis_list_loops(nb))))
		return false;
	*bytes = 0;
	for (; nb; nb = nb->Next) {
		if (!ndis_nb_ok(nb))
			return false;
		*bytes += nb->DataLength;
	}
	return true;
}

/* Takes the marks off the first @n lists. */
static void unmark(struct ndis_object *o, enum ndis_kind kind, NET_BUFFER_LIST *first, uint32_t n)
{
	o->posted[kind] -= n;
	o->out[kind] -= n;
	o->binding->pending -= n;
	for (; n; first = first->Next, n--)
		ndis_nbl_pop(first);
}

/* As ndis_post_sends(). */
NDIS_PER_KIND enum chim_ndis_rule post_lists(struct ndis_object *o, enum ndis_kind kind,
					     NET_BUFFER_LIST *first)
{
	uint32_t n = 0;

	for (NET_BUFFER_LIST *nbl = first; nbl; nbl = nbl->Next, n++) {
		enum chim_ndis_rule rule =
			nbl->HopDepth ? out_already(nbl, o->adapter) : CHIM_RULES;
		uint64_t bytes;

		if (rule == CHIM_RULES && shape_ok(nbl, kind, &bytes)) {
			ndis_nbl_push(nbl, o, kind, o->posted[kind]++, bytes);
			chim_nbl_info_set(nbl, TcpOffloadBytesTransferred, 0);
			o->out[kind]++;
			o->binding->pending++;
			continue;
		}
		/* By count: in a chain that loops, @nbl is one of them. */
		unmark(o, kind, first, n);
		return rule == CHIM_RULES ? CHIM_R_NBL : rule;
	}
	return CHIM_RULES;
}

enum chim_ndis_rule ndis_post_sends(struct ndis_object *o, NET_BUFFER_LIST *first)
{
	return post_lists(o, KIND_SEND, first);
}

uint32_t ndis_unpost(struct ndis_object *o, enum ndis_kind kind, NET_BUFFER_LIST *first)
{
	uint32_t n = 0;

	for (NET_BUFFER_LIST *nbl = first; nbl && ndis_nbl_held(nbl, o, kind); nbl = nbl->Next, n++)
		ndis_nbl_pop(nbl);
	o->posted[kind] -= n;
	o->out[kind] -= n;
	o->binding->pending -= n;
	return n;
}

NDIS_PER_KIND NDIS_STATUS call_miniport(struct ndis_object *o, enum ndis_kind kind, PVOID context,
					NET_BUFFER_LIST *nbl, ULONG flags)
{
	const NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS *t = &o->adapter->driver->tcp;
	NDIS_HANDLE adapter = o->adapter->context;

	switch (kind) {
	case KIND_SEND: return t->TcpOffloadSendHandler(adapter, context, nbl);
	case KIND_RECEIVE: return t->TcpOffloadReceiveHandler(adapter, context, nbl);
	case KIND_FORWARD: return t->TcpOffloadForwardHandler(adapter, context, nbl);
	default: return t->TcpOffloadDisconnectHandler(adapter, context, nbl, flags);
	}
}

/* Return: the rule that forbids this call on this connection now, or CHIM_RULES. */
NDIS_PER_KIND enum chim_ndis_rule call_forbidden(const struct ndis_object *o, enum ndis_kind kind)
{
	if (o->layer != CHIM_LAYER_TCP)
		return CHIM_R_LAYER;
	if (o->state < OBJECT_LIVE)
		return CHIM_R_OFFLOADING;
	if (o->state > OBJECT_LIVE)
		return CHIM_R_TERMINATING;
	return o->in_call & (1u << kind) ? CHIM_R_SERIAL : CHIM_RULES;
}

/* One list; one flag; no data with an RST (7.8). */
static bool disconnect_ok(const NET_BUFFER_LIST *nbl, ULONG flags)
{
	if (nbl->Next)
		return false;
	if (flags == TCP_DISCONNECT_ABORTIVE_CLOSE)
		return !nbl->FirstNetBuffer || !nbl->FirstNetBuffer->DataLength;
	return flags == TCP_DISCONNECT_GRACEFUL_CLOSE;
}

NDIS_PER_KIND NDIS_STATUS post(NDIS_OFFLOAD_HANDLE *h, enum ndis_kind kind, NET_BUFFER_LIST *nbl,
			       ULONG flags)
{
	struct ndis_object *o = ndis_object_of(h, post_name[kind]);
	enum chim_ndis_rule rule;
	struct chim_ndis *ndis;
	NDIS_STATUS st;

	if (!o) /* a NULL or foreign pointer, or an object that is not offloaded */
		return !h || ndis_is_router_handle(h) || h->NdisReserved[0]
			       ? NDIS_STATUS_INVALID_PARAMETER
			       : NDIS_STATUS_INVALID_STATE;
	ndis = o->adapter->reg.obj.ndis;
	rule = call_forbidden(o, kind);
	if (rule != CHIM_RULES) {
		ndis_rule(ndis, rule, post_name[kind], h);
		return rule == CHIM_R_LAYER ? NDIS_STATUS_INVALID_PARAMETER
					    : NDIS_STATUS_INVALID_STATE;
	}
	rule = !nbl						       ? CHIM_R_NULL
	       : kind == KIND_DISCONNECT && !disconnect_ok(nbl, flags) ? CHIM_R_NBL
								       : post_lists(o, kind, nbl);
	if (rule != CHIM_RULES) {
		ndis_rule(ndis, rule, post_name[kind], nbl);
		return NDIS_STATUS_INVALID_PARAMETER;
	}
	o->in_call |= 1u << kind;
	ndis_enter(ndis);
	ndis->in_entry++;
	st = call_miniport(o, kind, h->MiniportOffloadContext, nbl, flags);
	ndis->in_entry--;
	ndis_leave(ndis);
	o->in_call &= ~(1u << kind);
	if (st == NDIS_STATUS_PENDING)
		return st;
	ndis_rule(ndis, CHIM_T_PENDING, post_name[kind], nbl);
	/* What it has not completed meanwhile it did not take. */
	if (!ndis_unpost(o, kind, nbl))
		return NDIS_STATUS_PENDING;
	return st == NDIS_STATUS_SUCCESS ? NDIS_STATUS_FAILURE : st;
}

NDIS_STATUS NdisOffloadTcpSend(PNDIS_OFFLOAD_HANDLE NdisOffloadHandle,
			       PNET_BUFFER_LIST NetBufferList)
{
	return post(NdisOffloadHandle, KIND_SEND, NetBufferList, 0);
}

NDIS_STATUS NdisOffloadTcpReceive(PNDIS_OFFLOAD_HANDLE NdisOffloadHandle,
				  PNET_BUFFER_LIST NetBufferList)
{
	return post(NdisOffloadHandle, KIND_RECEIVE, NetBufferList, 0);
}

NDIS_STATUS NdisOffloadTcpForward(PNDIS_OFFLOAD_HANDLE NdisOffloadHandle,
				  PNET_BUFFER_LIST NetBufferList)
{
	return post(NdisOffloadHandle, KIND_FORWARD, NetBufferList, 0);
}

NDIS_STATUS NdisOffloadTcpDisconnect(PNDIS_OFFLOAD_HANDLE NdisOffloadHandle,
				     PNET_BUFFER_LIST NetBufferList, ULONG Flags)
{
	return post(NdisOffloadHandle, KIND_DISCONNECT, NetBufferList, Flags);
}

NDIS_STATUS NdisOffloadTcpReceiveReturn(NDIS_HANDLE NdisBindingHandle,
					PNET_BUFFER_LIST NetBufferList)
{
	static const char where[] = "NdisOffloadTcpReceiveReturn";
	struct ndis_binding *b = NdisBindingHandle;
	NET_BUFFER_LIST *first = NetBufferList, **at = &first;
	unsigned int strays = 0;
	struct chim_ndis *ndis;
	NDIS_STATUS st;

	if (!ndis_is(NdisBindingHandle, TAG_BINDING) || !first) {
		if (ndis_is_router_handle(NdisBindingHandle))
			ndis_rule(((struct ndis_obj *)NdisBindingHandle)->ndis,
				  first ? CHIM_R_HANDLE : CHIM_R_NULL, where, NdisBindingHandle);
		return NDIS_STATUS_INVALID_PARAMETER;
	}
	ndis = b->reg.obj.ndis;
	while (*at) {
		NET_BUFFER_LIST *nbl = *at;

		/* Not out on this binding, or not yet: its indication has not returned. */
		if (!ndis_nbl_held(nbl, b, KIND_LOAN) || nbl == b->indicated) {
			ndis_rule(ndis, CHIM_R_RETURN, where, nbl);
			*at = ++strays < STRAYS_MAX ? nbl->Next : NULL;
			continue;
		}
		ndis_nbl_pop(nbl);
		b->loans--;
		at = &nbl->Next;
	}
	if (first) {
		ndis_enter(ndis);
		ndis->in_entry++;
		st = b->adapter->driver->tcp.TcpOffloadReceiveReturnHandler(b->adapter->context,
									    first);
		ndis->in_entry--;
		ndis_leave(ndis);
		if (st != NDIS_STATUS_SUCCESS)
			ndis_rule(ndis, CHIM_T_PENDING, where, first);
	}
	return strays ? NDIS_STATUS_INVALID_PARAMETER : NDIS_STATUS_SUCCESS;
}
