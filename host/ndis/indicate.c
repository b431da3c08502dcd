/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Indications: receive data, TCP events, neighbor queries. Hard part: they are synchronous, because
 * their outcome counts, yet must not overtake completions that are still queued.
 */
#include "router.h"

static const char receive_name[] = "NdisTcpOffloadReceiveHandler";
static const char event_name[] = "NdisTcpOffloadEventHandler";
static const char neighbor_name[] = "NdisMOffloadEventIndicate";

/* The object of an indication, if the target still, or already, has it (R30, R67). */
static inline struct ndis_object *indication_object(NDIS_HANDLE handle, enum chim_layer layer,
						    const char *where)
{
	struct ndis_object *o = ndis_object_of(handle, where);

	if (!o)
		return NULL;
	if (o->layer != layer) {
		ndis_rule(o->adapter->reg.obj.ndis, CHIM_T_INDICATION, where, handle);
		return NULL;
	}
	if (o->state == OBJECT_OFFLOADING || o->state == OBJECT_GONE) {
		ndis_rule(o->adapter->reg.obj.ndis, CHIM_T_EARLY, where, handle);
		return NULL;
	}
	return ndis_may_indicate(o->adapter, where, handle) ? o : NULL;
}

void ndis_tcp_event(NDIS_HANDLE NdisOffloadHandle, ULONG EventType, ULONG EventSpecificInformation)
{
	struct ndis_object *o = indication_object(NdisOffloadHandle, CHIM_LAYER_TCP, event_name);
	struct ndis_adapter *a;

	if (!o)
		return;
	a = o->adapter;
	if (EventType < TcpIndicateSendBacklogChange || EventType > TcpIndicateAbort ||
	    (EventType == TcpIndicateRetrieve && (EventSpecificInformation < LowActivity ||
						  EventSpecificInformation >= MaxUploadReason))) {
		ndis_rule(a->reg.obj.ndis, CHIM_T_INDICATION, event_name, NdisOffloadHandle);
		return;
	}
	o->in_indication++;
	ndis_up_begin(a);
	o->binding->protocol->tcp.TcpOffloadEventHandler(o->handle, EventType,
							 EventSpecificInformation);
	ndis_up_end(a);
	o->in_indication--;
}

/* Make status and byte count agree (7.5). */
static NDIS_STATUS sanitize(struct ndis_object *o, NDIS_STATUS st, uint32_t total, ULONG *consumed)
{
	ULONG said = *consumed;
	bool ok;

	switch (st) {
	case NDIS_STATUS_SUCCESS:
		ok = said == total;
		*consumed = total;
		break;
	case NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED:
		ok = said > 0 && said < total;
		if (said > total)
			*consumed = total;
		if (!said)
			st = NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED;
		break;
	default:
		ok = st == NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED && !said;
		st = NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED;
		*consumed = 0;
		break;
	}
	if (!ok)
		ndis_rule(o->adapter->reg.obj.ndis, CHIM_R_ACCEPT, receive_name, o->handle);
	return st;
}

NDIS_STATUS ndis_tcp_receive(NDIS_HANDLE NdisOffloadHandle, PNET_BUFFER_LIST NetBufferList,
			     NDIS_STATUS Status, PULONG BytesConsumed)
{
	struct ndis_object *o = indication_object(NdisOffloadHandle, CHIM_LAYER_TCP, receive_name);
	NET_BUFFER_LIST *nbl = NetBufferList;
	ULONG unused, *consumed = BytesConsumed ? BytesConsumed : &unused;
	struct ndis_binding *b;
	struct chim_ndis *ndis;
	NDIS_STATUS st;

	*consumed = 0;
	if (!o)
		return NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED;
	b = o->binding;
	ndis = o->adapter->reg.obj.ndis;
	/* One list, alone, with one NET_BUFFER and data in it (R125, R131). */
	if (!nbl || nbl->Next || !nbl->FirstNetBuffer || nbl->FirstNetBuffer->Next ||
	    !nbl->FirstNetBuffer->DataLength || !ndis_nb_ok(nbl->FirstNetBuffer) ||
	    nbl->HopDepth >= CHIM_NDIS_HOPS || ndis_nbl_held(nbl, b, KIND_LOAN)) {
		ndis_rule(ndis, CHIM_T_INDICATION, receive_name, nbl);
		return NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED;
	}
	if (Status != NDIS_STATUS_SUCCESS)
		ndis_rule(ndis, CHIM_T_INDICATION, receive_name, nbl);
	o->in_indication++;
	ndis_up_begin(o->adapter);
	ndis_nbl_push(nbl, b, KIND_LOAN, 0, nbl->FirstNetBuffer->DataLength);
	b->loans++;
	b->indicated = nbl;
	st = b->protocol->tcp.TcpOffloadReceiveIndicateHandler(o->handle, nbl, NDIS_STATUS_SUCCESS,
							       consumed);
	b->indicated = NULL;
	st = sanitize(o, st, nbl->FirstNetBuffer->DataLength, consumed);
	if (st != NDIS_STATUS_SUCCESS) {
		ndis_nbl_pop(nbl);
		b->loans--;
	}
	ndis_up_end(o->adapter);
	o->in_indication--;
	return st;
}

/* Each block names a neighbor of this adapter and nothing above it (R153). */
static bool neighbor_blocks_ok(const struct ndis_adapter *a, const ndis_block *first)
{
	size_t left = a->object_count;

	for (const ndis_block *b = first; b; b = b->NextBlock) {
		const struct ndis_object *o;

		if (!left--) /* more blocks than objects: a loop */
			return false;
		if (b->Header.Type != NeighborOffloadState || b->Header.Size != sizeof(*b) ||
		    b->Header.Revision != NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST_REVISION_1 ||
		    b->DependentBlockList || b->Status != NDIS_STATUS_SUCCESS)
			return false;
		o = ndis_object_of(b->OffloadHandle, neighbor_name);
		if (!o || o->adapter != a || o->layer != CHIM_LAYER_NEIGHBOR ||
		    o->state == OBJECT_OFFLOADING || o->state == OBJECT_GONE)
			return false;
	}
	return first != NULL;
}

void NdisMOffloadEventIndicate(NDIS_HANDLE NdisMiniportHandle,
			       PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList,
			       ULONG IndicationCode)
{
	ndis_block *first = (ndis_block *)(void *)OffloadBlockList;
	struct ndis_adapter *a = NdisMiniportHandle;

	if (!ndis_is(NdisMiniportHandle, TAG_ADAPTER) || !a->client ||
	    !ndis_may_indicate(a, neighbor_name, first))
		return;
	if (IndicationCode == NeighborReachabilityQuery
		    ? !neighbor_blocks_ok(a, first)
		    : IndicationCode != NeighborReachabilityInDoubt || first) {
		ndis_rule(a->reg.obj.ndis, CHIM_T_INDICATION, neighbor_name, first);
		return;
	}
	ndis_up_begin(a);
	a->client->protocol->generic.IndicateOffloadEventHandler(a->client->context, first,
								 IndicationCode);
	ndis_up_end(a);
}
