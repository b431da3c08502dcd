/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Capabilities, OID requests and status indications. Hard part: capabilities belong to the router,
 * parameters to the miniport, and either may change only while nothing depends on the old value.
 */
#include <string.h>

#include "router.h"

#define DEVICE_STATE_D0 1u

static const char oid_name[] = "NdisOidRequest";

/* Slots of NDIS_OID_REQUEST.NdisReserved; the first two are the queue node. */
enum { OID_BINDING = 2, OID_STATUS, OID_AT_MINIPORT };

static bool caps_ok(const NDIS_TCP_CONNECTION_OFFLOAD *c)
{
	return c && c->Header.Type == NDIS_OBJECT_TYPE_DEFAULT && c->Header.Size >= sizeof(*c) &&
	       (c->Header.Revision == NDIS_TCP_CONNECTION_OFFLOAD_REVISION_1 ||
		c->Header.Revision == NDIS_TCP_CONNECTION_OFFLOAD_REVISION_2);
}

NDIS_STATUS
NdisMSetMiniportAttributes(NDIS_HANDLE NdisMiniportHandle,
			   const NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES *MiniportAttributes)
{
	const NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES *at = MiniportAttributes;
	const NDIS_TCP_CONNECTION_OFFLOAD *hw;
	struct ndis_adapter *a = NdisMiniportHandle;

	if (!ndis_is(NdisMiniportHandle, TAG_ADAPTER) || !a->in_init || !at)
		return NDIS_STATUS_INVALID_PARAMETER;
	hw = at->TcpConnectionOffloadHardwareCapabilities;
	if (at->Header.Type != NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES ||
	    at->Header.Revision != NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES_REVISION_1 ||
	    at->Header.Size < sizeof(*at) || !caps_ok(hw) ||
	    !caps_ok(at->DefaultTcpConnectionOffloadConfiguration))
		return NDIS_STATUS_BAD_VERSION;
	if (!(hw->Encapsulation &
	      (NDIS_ENCAPSULATION_IEEE_802_3 | NDIS_ENCAPSULATION_IEEE_LLC_SNAP_ROUTED)) ||
	    (hw->SupportIPv4 != NDIS_OFFLOAD_SUPPORTED &&
	     hw->SupportIPv6 != NDIS_OFFLOAD_SUPPORTED))
		return NDIS_STATUS_NOT_SUPPORTED;
	a->hardware = *hw;
	a->current = *at->DefaultTcpConnectionOffloadConfiguration;
	a->has_caps = true;
	return NDIS_STATUS_SUCCESS;
}

/* Give the requester @size bytes. */
static NDIS_STATUS answer(NDIS_OID_REQUEST *req, const void *from, ULONG size)
{
	if (req->DATA.QUERY_INFORMATION.InformationBufferLength < size) {
		req->DATA.QUERY_INFORMATION.BytesNeeded = size;
		return NDIS_STATUS_BUFFER_TOO_SHORT;
	}
	memcpy(req->DATA.QUERY_INFORMATION.InformationBuffer, from, size);
	req->DATA.QUERY_INFORMATION.BytesWritten = size;
	return NDIS_STATUS_SUCCESS;
}

/* Bytes that the answer of a statistics OID needs; 0: it is none. */
static ULONG stats_size(NDIS_OID oid)
{
	switch (oid) {
	case OID_TCP4_OFFLOAD_STATS:
	case OID_TCP6_OFFLOAD_STATS: return sizeof(TCP_OFFLOAD_STATS);
	case OID_IP4_OFFLOAD_STATS:
	case OID_IP6_OFFLOAD_STATS: return sizeof(IP_OFFLOAD_STATS);
	default: return 0;
	}
}

/* Return: the router's own answer, or PENDING: ask the miniport. */
static NDIS_STATUS query(struct ndis_adapter *a, NDIS_OID_REQUEST *req)
{
	ULONG need = stats_size(req->DATA.QUERY_INFORMATION.Oid);

	switch (req->DATA.QUERY_INFORMATION.Oid) {
	case OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG:
		return ndis_adapter_has_chimney(a) ? answer(req, &a->current, sizeof(a->current))
						   : NDIS_STATUS_NOT_SUPPORTED;
	case OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES:
		return ndis_adapter_has_chimney(a) ? answer(req, &a->hardware, sizeof(a->hardware))
						   : NDIS_STATUS_NOT_SUPPORTED;
	case OID_TCP_CONNECTION_OFFLOAD_PARAMETERS: /* 13, row 29 */
		return a->params.Header.Size ? answer(req, &a->params, a->params.Header.Size)
					     : NDIS_STATUS_NOT_SUPPORTED;
	default:
		if (req->DATA.QUERY_INFORMATION.InformationBufferLength >= need)
			return NDIS_STATUS_PENDING;
		req->DATA.QUERY_INFORMATION.BytesNeeded = need;
		return NDIS_STATUS_BUFFER_TOO_SHORT;
	}
}

static ULONG params_size(const NDIS_OBJECT_HEADER *h)
{
	return h->Revision == NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS_2
		       ? NDIS_SIZEOF_TCP_CONNECTION_OFFLOAD_PARAMETERS_REVISION_2
		       : NDIS_SIZEOF_TCP_CONNECTION_OFFLOAD_PARAMETERS_REVISION_1;
}

/* The parameters of a set request, by revision. Return: PENDING if they are well-formed. */
static NDIS_STATUS params_check(struct ndis_adapter *a, NDIS_OID_REQUEST *req)
{
	ULONG len = req->DATA.SET_INFORMATION.InformationBufferLength;
	NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS p = { 0 };
	ULONG need;

	if (len >= sizeof(p.Header))
		memcpy(&p.Header, req->DATA.SET_INFORMATION.InformationBuffer, sizeof(p.Header));
	need = params_size(&p.Header);
	req->DATA.SET_INFORMATION.BytesNeeded = need;
	if (len < need)
		return NDIS_STATUS_INVALID_LENGTH;
	if (p.Header.Type != NDIS_OBJECT_TYPE_DEFAULT || p.Header.Size < need ||
	    p.Header.Size > len ||
	    (p.Header.Revision != NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS_1 &&
	     p.Header.Revision != NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS_2))
		return NDIS_STATUS_INVALID_DATA;
	memcpy(&p, req->DATA.SET_INFORMATION.InformationBuffer, need);
	if ((p.Encapsulation.IPv4.Enabled == NDIS_OFFLOAD_SET_OFF && a->paths[0]) ||
	    (p.Encapsulation.IPv6.Enabled == NDIS_OFFLOAD_SET_OFF && a->paths[1])) {
		ndis_rule(a->reg.obj.ndis, CHIM_R_CAPABILITY, oid_name, req);
		return NDIS_STATUS_INVALID_STATE;
	}
	return NDIS_STATUS_PENDING;
}

static NDIS_STATUS set(struct ndis_binding *b, NDIS_OID_REQUEST *req)
{
	switch (req->DATA.SET_INFORMATION.Oid) {
	case OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG:
	case OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES:
		return NDIS_STATUS_NOT_SUPPORTED; /* query only */
	case OID_TCP_CONNECTION_OFFLOAD_PARAMETERS:
		/* Only one protocol at a time enables chimney (10.4). */
		if (b != b->adapter->client)
			return NDIS_STATUS_NOT_SUPPORTED;
		return params_check(b->adapter, req);
	default: return NDIS_STATUS_PENDING;
	}
}

/* What a set that the miniport took changes in the router. */
static void took_effect(struct ndis_adapter *a, const NDIS_OID_REQUEST *req)
{
	ULONG len = req->DATA.SET_INFORMATION.InformationBufferLength;
	ULONG state = 0;

	if (req->RequestType != NdisRequestSetInformation)
		return;
	if (req->DATA.SET_INFORMATION.Oid == OID_TCP_CONNECTION_OFFLOAD_PARAMETERS) {
		const void *buf = req->DATA.SET_INFORMATION.InformationBuffer;
		ULONG size;

		memset(&a->params, 0, sizeof(a->params));
		memcpy(&a->params.Header, buf, sizeof(a->params.Header));
		size = params_size(&a->params.Header);
		memcpy(&a->params, buf, size);
		a->params.Header.Size = (USHORT)size;
	} else if (req->DATA.SET_INFORMATION.Oid == OID_PNP_SET_POWER && len >= sizeof(state)) {
		memcpy(&state, req->DATA.SET_INFORMATION.InformationBuffer, sizeof(state));
		if (state != DEVICE_STATE_D0 && a->object_count)
			ndis_rule(a->reg.obj.ndis, CHIM_T_POWER, oid_name, req);
	}
}

NDIS_STATUS NdisOidRequest(NDIS_HANDLE NdisBindingHandle, PNDIS_OID_REQUEST OidRequest)
{
	struct ndis_binding *b = NdisBindingHandle;
	NDIS_OID_REQUEST *req = OidRequest;
	struct ndis_adapter *a;
	NDIS_STATUS st;

	if (!ndis_is(NdisBindingHandle, TAG_BINDING) || !req)
		return NDIS_STATUS_INVALID_PARAMETER;
	a = b->adapter;
	if (req->Header.Type != NDIS_OBJECT_TYPE_OID_REQUEST ||
	    req->Header.Revision != NDIS_OID_REQUEST_REVISION_1 ||
	    req->Header.Size < sizeof(*req) || req->PortNumber ||
	    (!req->DATA.QUERY_INFORMATION.InformationBuffer &&
	     req->DATA.QUERY_INFORMATION.InformationBufferLength))
		return NDIS_STATUS_INVALID_DATA;
	if (req->RequestType == NdisRequestQueryInformation)
		st = query(a, req);
	else if (req->RequestType == NdisRequestSetInformation)
		st = set(b, req);
	else
		st = NDIS_STATUS_NOT_SUPPORTED;
	if (st != NDIS_STATUS_PENDING)
		return st;
	if (!a->driver->ops.OidRequestHandler)
		return NDIS_STATUS_NOT_SUPPORTED;
	req->NdisReserved[OID_BINDING] = b;
	req->NdisReserved[OID_AT_MINIPORT] = a;
	b->pending++;
	ndis_enter(a->reg.obj.ndis);
	a->reg.obj.ndis->in_entry++;
	st = a->driver->ops.OidRequestHandler(a->context, req);
	a->reg.obj.ndis->in_entry--;
	ndis_leave(a->reg.obj.ndis);
	if (st == NDIS_STATUS_PENDING)
		return st;
	if (req->NdisReserved[OID_AT_MINIPORT] != a) { /* completed as well */
		ndis_rule(a->reg.obj.ndis, CHIM_T_PENDING, oid_name, req);
		return NDIS_STATUS_PENDING;
	}
	req->NdisReserved[OID_AT_MINIPORT] = NULL;
	b->pending--;
	if (st == NDIS_STATUS_SUCCESS)
		took_effect(a, req);
	return st;
}

void NdisMOidRequestComplete(NDIS_HANDLE NdisMiniportHandle, PNDIS_OID_REQUEST OidRequest,
			     NDIS_STATUS Status)
{
	NDIS_OID_REQUEST *req = OidRequest;
	struct ndis_adapter *a = NdisMiniportHandle;

	static_assert(OID_BINDING * sizeof(PVOID) >= sizeof(struct chim_ndis_node), "node fits");
	if (!ndis_is(NdisMiniportHandle, TAG_ADAPTER))
		return;
	if (!req || req->NdisReserved[OID_AT_MINIPORT] != a) {
		ndis_rule(a->reg.obj.ndis, CHIM_T_UNKNOWN, "NdisMOidRequestComplete", req);
		return;
	}
	if (Status == NDIS_STATUS_PENDING) {
		ndis_rule(a->reg.obj.ndis, CHIM_T_STATUS, "NdisMOidRequestComplete", req);
		Status = NDIS_STATUS_FAILURE;
	}
	req->NdisReserved[OID_AT_MINIPORT] = NULL;
	req->NdisReserved[OID_STATUS] = (PVOID)(intptr_t)Status;
	if (Status == NDIS_STATUS_SUCCESS)
		took_effect(a, req);
	ndis_queue_add(a, (void *)req->NdisReserved, KIND_OID);
}

void ndis_oid_deliver(struct chim_ndis_node *node)
{
	NDIS_OID_REQUEST *req =
		(NDIS_OID_REQUEST *)(void *)((char *)node -
					     offsetof(NDIS_OID_REQUEST, NdisReserved));
	struct ndis_binding *b = req->NdisReserved[OID_BINDING];
	NDIS_STATUS st = (NDIS_STATUS)(intptr_t)req->NdisReserved[OID_STATUS];

	b->pending--;
	if (b->protocol->ops.OidRequestCompleteHandler)
		b->protocol->ops.OidRequestCompleteHandler(b->context, req, st);
}

/* Pause, upload all, resume (8.3). Return: false: this must not reach the host. */
static bool track_status(struct ndis_adapter *a, const NDIS_STATUS_INDICATION *ind)
{
	const NDIS_TCP_CONNECTION_OFFLOAD *caps = ind->StatusBuffer;

	switch (ind->StatusCode) {
	case NDIS_STATUS_UPLOAD_ALL:
		a->upload_all = true;
		a->paused = true;
		return true;
	case NDIS_STATUS_OFFLOAD_PAUSE: a->paused = true; return true;
	case NDIS_STATUS_OFFLOAD_RESUME:
		if (!a->paused || (a->upload_all && a->object_count) ||
		    (caps && (ind->StatusBufferSize < sizeof(*caps) || !caps_ok(caps)))) {
			ndis_rule(a->reg.obj.ndis, CHIM_T_RESUME, "NdisMIndicateStatusEx", ind);
			return false;
		}
		if (caps)
			a->current = *caps;
		a->paused = false;
		a->upload_all = false;
		return true;
	default: return true;
	}
}

void NdisMIndicateStatusEx(NDIS_HANDLE NdisMiniportHandle, PNDIS_STATUS_INDICATION StatusIndication)
{
	NDIS_STATUS_INDICATION *ind = StatusIndication;
	struct ndis_adapter *a = NdisMiniportHandle;
	struct ndis_binding *next;

	if (!ndis_is(NdisMiniportHandle, TAG_ADAPTER) ||
	    !ndis_may_indicate(a, "NdisMIndicateStatusEx", ind))
		return;
	if (!ind || ind->Header.Type != NDIS_OBJECT_TYPE_STATUS_INDICATION ||
	    ind->Header.Revision != NDIS_STATUS_INDICATION_REVISION_1 ||
	    ind->Header.Size < sizeof(*ind)) {
		ndis_rule(a->reg.obj.ndis, CHIM_T_INDICATION, "NdisMIndicateStatusEx", ind);
		return;
	}
	ndis_up_begin(a); /* terminates that are complete count as complete */
	if (track_status(a, ind))
		for (struct ndis_binding *b = a->bindings; b; b = next) {
			if (b->protocol->ops.StatusHandlerEx)
				b->protocol->ops.StatusHandlerEx(b->context, ind);
			next = b->next; /* stays readable if the handler closed @b */
		}
	ndis_up_end(a);
}
