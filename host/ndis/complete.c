/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Completions of data calls, and the table of entry points that a miniport gets. Hard part: what a
 * driver completes twice, or never had, must not reach the host, nor lose what is chained to it.
 */
#include "router.h"

static const char *const complete_name[KIND_IO] = {
	[KIND_SEND] = "NdisTcpOffloadSendComplete",
	[KIND_RECEIVE] = "NdisTcpOffloadReceiveComplete",
	[KIND_DISCONNECT] = "NdisTcpOffloadDisconnectComplete",
	[KIND_FORWARD] = "NdisTcpOffloadForwardComplete",
};

/* Source: chimney 7.1. The two upload requests are an intermediate driver's (R197). */
NDIS_PER_KIND bool status_allowed(NDIS_STATUS st, enum ndis_kind kind)
{
	return st == NDIS_STATUS_SUCCESS || st == NDIS_STATUS_UPLOAD_IN_PROGRESS ||
	       st == NDIS_STATUS_REQUEST_ABORTED || st == NDIS_STATUS_REQUEST_UPLOAD ||
	       st == NDIS_STATUS_UPLOAD_REQUESTED ||
	       (kind == KIND_RECEIVE && st == NDIS_STATUS_INVALID_STATE);
}

/* Check one completed list against how it was posted. @failed: object of the last failed send. */
NDIS_PER_KIND void judge(struct ndis_object *o, enum ndis_kind kind, const NET_BUFFER_LIST *nbl,
			 const struct ndis_object **failed)
{
	const struct chim_nbl_hop *top = ndis_nbl_top(nbl);
	ULONG moved = chim_nbl_info(nbl, TcpOffloadBytesTransferred);
	bool success = nbl->Status == NDIS_STATUS_SUCCESS;
	struct chim_ndis *ndis = o->adapter->reg.obj.ndis;
	/* In an upload the sends may come back with the terminate instead (6.4.5). */
	bool sends_left = o->out[KIND_SEND] && nbl->Status != NDIS_STATUS_UPLOAD_IN_PROGRESS;

	if (top->seq != o->done[kind] || (kind == KIND_DISCONNECT && (nbl->Next || sends_left)))
		ndis_rule(ndis, CHIM_T_ORDER, complete_name[kind], nbl);
	if ((int32_t)(top->seq - o->done[kind]) >= 0)
		o->done[kind] = top->seq + 1;
	if (!status_allowed(nbl->Status, kind))
		ndis_rule(ndis, CHIM_T_STATUS, complete_name[kind], nbl);
	/* A forwarded segment is not a byte stream. */
	if (kind != KIND_FORWARD && (chim_nbl_bytes(nbl) + moved != top->bytes ||
				     (success && kind != KIND_RECEIVE && moved != top->bytes)))
		ndis_rule(ndis, CHIM_T_BYTES, complete_name[kind], nbl);
	if (kind != KIND_SEND)
		return;
	if (success && *failed == o)
		ndis_rule(ndis, CHIM_T_CHAIN_STATUS, complete_name[kind], nbl);
	if (!success)
		*failed = o;
}

NDIS_PER_KIND void complete(NDIS_HANDLE handle, NET_BUFFER_LIST *first, enum ndis_kind kind)
{
	const struct ndis_object *failed = NULL;
	NET_BUFFER_LIST **at = &first;
	struct ndis_adapter *a = handle;
	unsigned int strays = 0;

	if (!ndis_is(handle, TAG_ADAPTER) || !first) {
		if (ndis_is_router_handle(handle))
			ndis_rule(((struct ndis_obj *)handle)->ndis, CHIM_T_UNKNOWN,
				  complete_name[kind], first);
		return;
	}
	while (*at) {
		NET_BUFFER_LIST *nbl = *at;
		const struct chim_nbl_hop *top = ndis_nbl_top(nbl);
		struct ndis_object *o = top ? top->owner : NULL;

		if (!top || top->kind != kind ||
		    o->adapter != a) { /* not outstanding here: take it out of the chain */
			ndis_rule(a->reg.obj.ndis, CHIM_T_UNKNOWN, complete_name[kind], nbl);
			*at = ++strays < STRAYS_MAX ? nbl->Next : NULL;
			continue;
		}
		judge(o, kind, nbl, &failed);
		ndis_nbl_pop(nbl);
		o->out[kind]--;
		o->binding->pending--;
		ndis_object_reap(o);
		at = &nbl->Next;
	}
	if (first)
		ndis_queue_add(a, &first->Node, (unsigned int)kind);
}

static void send_complete(NDIS_HANDLE NdisMiniportHandle, PNET_BUFFER_LIST NetBufferList)
{
	complete(NdisMiniportHandle, NetBufferList, KIND_SEND);
}

static void receive_complete(NDIS_HANDLE NdisMiniportHandle, PNET_BUFFER_LIST NetBufferList)
{
	complete(NdisMiniportHandle, NetBufferList, KIND_RECEIVE);
}

static void disconnect_complete(NDIS_HANDLE NdisMiniportHandle, PNET_BUFFER_LIST NetBufferList)
{
	complete(NdisMiniportHandle, NetBufferList, KIND_DISCONNECT);
}

static void forward_complete(NDIS_HANDLE NdisMiniportHandle, PNET_BUFFER_LIST NetBufferList)
{
	complete(NdisMiniportHandle, NetBufferList, KIND_FORWARD);
}

static const NDIS_TCP_OFFLOAD_EVENT_HANDLERS event_handlers = {
	.Header = { NdisTcpChimneyOffload, NDIS_OBJECT_TCP_OFFLOAD_REVISION_1,
		    sizeof(NDIS_TCP_OFFLOAD_EVENT_HANDLERS) },
	.NdisTcpOffloadEventHandler = ndis_tcp_event,
	.NdisTcpOffloadReceiveHandler = ndis_tcp_receive,
	.NdisTcpOffloadSendComplete = send_complete,
	.NdisTcpOffloadReceiveComplete = receive_complete,
	.NdisTcpOffloadDisconnectComplete = disconnect_complete,
	.NdisTcpOffloadForwardComplete = forward_complete,
};

NDIS_STATUS NdisMGetOffloadHandlers(NDIS_HANDLE NdisMiniportHandle,
				    NDIS_CHIMNEY_OFFLOAD_TYPE ChimneyType,
				    const NDIS_OFFLOAD_EVENT_HANDLERS **OffloadHandlers)
{
	if (!ndis_is(NdisMiniportHandle, TAG_ADAPTER) || !OffloadHandlers)
		return NDIS_STATUS_INVALID_PARAMETER;
	if (ChimneyType != NdisTcpChimneyOffload)
		return NDIS_STATUS_NOT_SUPPORTED;
	*OffloadHandlers = (const NDIS_OFFLOAD_EVENT_HANDLERS *)(const void *)&event_handlers;
	return NDIS_STATUS_SUCCESS;
}

void ndis_io_deliver(struct ndis_adapter *a, struct chim_ndis_node *node)
{
	const NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS *t = &a->client->protocol->tcp;
	NDIS_HANDLE context = a->client->context;
	NET_BUFFER_LIST *first =
		(NET_BUFFER_LIST *)(void *)((char *)node - offsetof(NET_BUFFER_LIST, Node));

	switch (node->kind) {
	case KIND_SEND: t->TcpOffloadSendCompleteHandler(context, first); break;
	case KIND_RECEIVE: t->TcpOffloadReceiveCompleteHandler(context, first); break;
	case KIND_DISCONNECT: t->TcpOffloadDisconnectCompleteHandler(context, first); break;
	default: t->TcpOffloadForwardCompleteHandler(context, first); break;
	}
}
