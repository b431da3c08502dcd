/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The protocol driver: registration, binding, parameters, and the way of each handler to its part.
 * Hard part: NdisSetOptionalHandlers needs to be called from inside the registration.
 */
#include "hs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Parameters of the target (chimney 10.3); ticks are milliseconds. */
	TICKS_PER_SECOND = 1000,
	ACK_FREQUENCY = 2, /* segments, RFC 1122 4.2.3.2 */
	DELAYED_ACK_TICKS = 40,
	MAX_RETRANSMISSIONS = 15, /* as Linux tcp_retries2 */
	DOUBT_RETRANSMISSIONS = 3,
	SWS_TICKS = 200,
	DUP_ACK_THRESHOLD = 3, /* RFC 5681 3.2 */
	PUSH_TICKS = 200,
	NCE_STALE_TICKS = 30000, /* as Linux base_reachable_time */
};

static void initiate_complete(NDIS_HANDLE context, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root)
{
	(void)context;
	hs_initiate_completed(hs_op_of(root));
}

static void terminate_complete(NDIS_HANDLE context, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root)
{
	struct hs_op *op = hs_op_of(root);

	(void)context;
	if (op->c)
		hs_terminate_completed(op);
	else
		hs_object_terminated(op->hs, op);
}

static void update_complete(NDIS_HANDLE context, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root)
{
	hs_update_completed(context, hs_op_of(root));
}

/* Nothing is ever invalidated: a neighbor that went away has its connections uploaded instead. */
static void invalidate_complete(NDIS_HANDLE context, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root)
{
	struct chim_hs *hs = context;

	(void)root;
	hs->ops->warn(hs->ctx, "completion of an invalidate that was not asked for");
}

static void query_complete(NDIS_HANDLE context, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root)
{
	(void)context;
	hs_query_completed(hs_op_of(root));
}

static void indicate_event(NDIS_HANDLE context, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST block, ULONG code)
{
	struct chim_hs *hs = context;

	for (; block && code == NeighborReachabilityQuery; block = block->NextBlock) {
		NEIGHBOR_OFFLOAD_STATE_CACHED *cached = chim_obl_state(block, CHIM_STATE_CACHED);
		struct hs_neighbor *n = hs->neighbors;

		while (n && &n->handle != block->OffloadHandle)
			n = n->next;
		if (n && cached)
			cached->HostReachabilityDelta = hs->ops->reachability(hs->ctx, &n->hop);
	}
}

static void send_complete(NDIS_HANDLE context, PNET_BUFFER_LIST chain)
{
	hs_send_completed(context, chain);
}

static void receive_complete(NDIS_HANDLE context, PNET_BUFFER_LIST chain)
{
	hs_receive_completed(context, chain);
}

static void forward_complete(NDIS_HANDLE context, PNET_BUFFER_LIST chain)
{
	hs_forward_completed(context, chain);
}

/* Connections are closed by the kernel, after an upload: no disconnect is ever posted. */
static void disconnect_complete(NDIS_HANDLE context, PNET_BUFFER_LIST chain)
{
	struct chim_hs *hs = context;

	(void)chain;
	hs->ops->warn(hs->ctx, "completion of a disconnect that was not posted");
}

static struct chim_hs_conn *conn_of(PVOID context)
{
	return (void *)((uint8_t *)context - offsetof(struct chim_hs_conn, handle));
}

static void tcp_event(PVOID context, ULONG type, ULONG information)
{
	struct chim_hs_conn *c = conn_of(context);

	c->hs->ops->event(c->hs->ctx, c, type, information);
}

static NDIS_STATUS receive_indicate(PVOID context, PNET_BUFFER_LIST nbl, NDIS_STATUS status,
				    PULONG consumed)
{
	struct chim_hs_conn *c = conn_of(context);

	(void)status; /* always SUCCESS (7.5) */
	return c->hs->ops->indicate(c->hs->ctx, c, nbl, consumed);
}

static NDIS_STATUS set_options(NDIS_HANDLE driver, NDIS_HANDLE context)
{
	static const NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic = {
		.Header = { NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS,
			    NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS_REVISION_1,
			    sizeof(generic) },
		.InitiateOffloadCompleteHandler = initiate_complete,
		.TerminateOffloadCompleteHandler = terminate_complete,
		.UpdateOffloadCompleteHandler = update_complete,
		.InvalidateOffloadCompleteHandler = invalidate_complete,
		.QueryOffloadCompleteHandler = query_complete,
		.IndicateOffloadEventHandler = indicate_event,
	};
	static const NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp = {
		.Header = { NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_CHARACTERISTICS,
			    NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS_REVISION_1,
			    sizeof(tcp) },
		.OffloadType = NdisTcpChimneyOffload,
		.TcpOffloadSendCompleteHandler = send_complete,
		.TcpOffloadReceiveCompleteHandler = receive_complete,
		.TcpOffloadDisconnectCompleteHandler = disconnect_complete,
		.TcpOffloadForwardCompleteHandler = forward_complete,
		.TcpOffloadEventHandler = tcp_event,
		.TcpOffloadReceiveIndicateHandler = receive_indicate,
	};
	NDIS_STATUS status = NdisSetOptionalHandlers(driver, &generic.Header);

	(void)context;
	return status ? status : NdisSetOptionalHandlers(driver, &tcp.Header);
}

static void oid_complete(NDIS_HANDLE context, PNDIS_OID_REQUEST request, NDIS_STATUS status)
{
	struct chim_hs *hs = context;

	(void)request;
	hs->oid_done = true;
	if (status != NDIS_STATUS_SUCCESS)
		hs->ops->warn(hs->ctx, "the target refused the offload parameters");
}

static void status_indication(NDIS_HANDLE context, PNDIS_STATUS_INDICATION indication)
{
	struct chim_hs *hs = context;

	hs->ops->status(hs->ctx, indication->StatusCode);
}

static int read_capabilities(struct chim_hs *hs)
{
	NDIS_OID_REQUEST oid = {
		.Header = { NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_REQUEST_REVISION_1,
			    sizeof(oid) },
		.RequestType = NdisRequestQueryInformation,
	};

	oid.DATA.QUERY_INFORMATION.Oid = OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG;
	oid.DATA.QUERY_INFORMATION.InformationBuffer = &hs->caps;
	oid.DATA.QUERY_INFORMATION.InformationBufferLength = sizeof(hs->caps);
	return NdisOidRequest(hs->binding, &oid) == NDIS_STATUS_SUCCESS ? 0 : -ENOTSUP;
}

/* Encapsulation 802.3, everything on, and our timers. May be answered later. */
static int set_parameters(struct chim_hs *hs)
{
	NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS *p = &hs->params;
	NDIS_STATUS status;

	p->Header = (NDIS_OBJECT_HEADER){ NDIS_OBJECT_TYPE_DEFAULT,
					  NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS_2, sizeof(*p) };
	p->Encapsulation.Header =
		(NDIS_OBJECT_HEADER){ NDIS_OBJECT_TYPE_DEFAULT, 1, sizeof(p->Encapsulation) };
	if (hs->caps.SupportIPv4 == NDIS_OFFLOAD_SUPPORTED)
		p->Encapsulation.IPv4.Enabled = NDIS_OFFLOAD_SET_ON;
	p->Encapsulation.IPv4.EncapsulationType = NDIS_ENCAPSULATION_IEEE_802_3;
	p->Encapsulation.IPv4.HeaderSize = CHIM_ETH_HEADER;
	if (hs->caps.SupportIPv6 == NDIS_OFFLOAD_SUPPORTED)
		p->Encapsulation.IPv6.Enabled = NDIS_OFFLOAD_SET_ON;
	p->Encapsulation.IPv6.EncapsulationType = NDIS_ENCAPSULATION_IEEE_802_3;
	p->Encapsulation.IPv6.HeaderSize = CHIM_ETH_HEADER;
	p->TicksPerSecond = TICKS_PER_SECOND;
	p->TcpAckFrequency = ACK_FREQUENCY;
	p->TcpDelayedAckTicks = DELAYED_ACK_TICKS;
	p->TcpMaximumRetransmissions = MAX_RETRANSMISSIONS;
	p->TcpDoubtReachabilityRetransmissions = DOUBT_RETRANSMISSIONS;
	p->TcpSwsPreventionTicks = SWS_TICKS;
	p->TcpDuplicateAckThreshold = DUP_ACK_THRESHOLD;
	p->TcpPushTicks = PUSH_TICKS;
	p->NceStaleTicks = NCE_STALE_TICKS;

	hs->oid.Header = (NDIS_OBJECT_HEADER){ NDIS_OBJECT_TYPE_OID_REQUEST,
					       NDIS_OID_REQUEST_REVISION_1, sizeof(hs->oid) };
	hs->oid.RequestType = NdisRequestSetInformation;
	hs->oid.DATA.SET_INFORMATION.Oid = OID_TCP_CONNECTION_OFFLOAD_PARAMETERS;
	hs->oid.DATA.SET_INFORMATION.InformationBuffer = p;
	hs->oid.DATA.SET_INFORMATION.InformationBufferLength = sizeof(*p);
	status = NdisOidRequest(hs->binding, &hs->oid);
	hs->oid_done = status != NDIS_STATUS_PENDING;
	return status == NDIS_STATUS_SUCCESS || status == NDIS_STATUS_PENDING ? 0 : -EIO;
}

static int make_pools(struct chim_hs *hs)
{
	NET_BUFFER_LIST_POOL_PARAMETERS lists = {
		.Header = { NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
			    sizeof(lists) },
		.fAllocateNetBuffer = 1,
	};

	hs->nbls = NdisAllocateNetBufferListPool(hs->ndis, &lists);
	if (!hs->nbls)
		return -ENOMEM;
	return chim_mdl_pool_create(hs->ndis, 0, &hs->mdls);
}

static void destroy(struct chim_hs *hs)
{
	if (hs->protocol)
		chim_ndis_protocol_deregister(hs->protocol);
	chim_mdl_pool_destroy(hs->mdls);
	NdisFreeNetBufferListPool(hs->nbls);
	free(hs);
}

int chim_hs_create(struct chim_ndis *ndis, NDIS_HANDLE adapter, const struct chim_hs_ops *ops,
		   void *ctx, const struct chim_hs_limits *limits, struct chim_hs **hs)
{
	static const struct chim_ndis_protocol protocol = {
		.SetOptionsHandler = set_options,
		.OidRequestCompleteHandler = oid_complete,
		.StatusHandlerEx = status_indication,
	};
	struct chim_hs *new = calloc(1, sizeof(*new));
	int err;

	if (!new)
		return -ENOMEM;
	new->ndis = ndis;
	new->ops = ops;
	new->ctx = ctx;
	new->limits = *limits;
	err = make_pools(new);
	if (!err)
		err = chim_ndis_protocol_register(ndis, &protocol, new, &new->protocol);
	if (!err)
		err = chim_ndis_open(new->protocol, adapter, new, &new->binding);
	if (err)
		goto err_destroy;
	err = read_capabilities(new);
	if (!err)
		err = set_parameters(new);
	if (err) {
		chim_ndis_close(new->binding);
		goto err_destroy;
	}
	*hs = new;
	return 0;

err_destroy:
	destroy(new);
	return err;
}

int chim_hs_destroy(struct chim_hs *hs)
{
	int err;

	if (!hs)
		return 0;
	if (hs->ops_out || !hs->oid_done || hs->paths || hs->neighbors)
		return -EBUSY;
	err = chim_ndis_close(hs->binding);
	if (!err)
		destroy(hs);
	return err;
}

const NDIS_TCP_CONNECTION_OFFLOAD *chim_hs_capabilities(const struct chim_hs *hs)
{
	return &hs->caps;
}
