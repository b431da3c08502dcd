/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The NIC as a miniport: registration, capabilities, and the entry points, which only record what
 * they are given. Hard part: none of them may complete anything (R11, R87); the poll does.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nic_priv.h"

static void record(NDIS_HANDLE adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root,
		   enum chim_hw_admin_op opcode)
{
	struct chim_nic *nic = adapter;
	struct nic_op *op = calloc(1, sizeof(*op));

	if (!op) {
		/* Without memory for a note the tree could never be completed. */
		nic_dead(nic, -ENOMEM);
		return;
	}
	op->opcode = opcode;
	op->root = root;
	*nic->ops_tail = op;
	nic->ops_tail = &op->next;
}

static void initiate(NDIS_HANDLE adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	record(adapter, root, CHIM_ADMIN_OP_INITIATE);
}

/* No new work for the connections of a tree that is being terminated (R82). */
static void mark_terminating(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b)
{
	for (; b; b = b->NextBlock) {
		struct nic_obj *obj = b->MiniportOffloadContext ? *b->MiniportOffloadContext : NULL;

		if (obj && obj->conn)
			obj->conn->terminating = true;
		if (b->DependentBlockList)
			mark_terminating(b->DependentBlockList);
	}
}

static void terminate(NDIS_HANDLE adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	mark_terminating(root);
	record(adapter, root, CHIM_ADMIN_OP_TERMINATE);
}

static void update(NDIS_HANDLE adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	record(adapter, root, CHIM_ADMIN_OP_UPDATE);
}

static void invalidate(NDIS_HANDLE adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	record(adapter, root, CHIM_ADMIN_OP_INVALIDATE);
}

static void query(NDIS_HANDLE adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	record(adapter, root, CHIM_ADMIN_OP_QUERY);
}

static NDIS_STATUS tcp_send(NDIS_HANDLE adapter, PVOID context, PNET_BUFFER_LIST chain)
{
	struct nic_conn *c = ((struct nic_obj *)context)->conn;

	(void)adapter;
	nic_send_append(c, chain);
	nic_conn_todo(c);
	return NDIS_STATUS_PENDING;
}

static NDIS_STATUS tcp_receive(NDIS_HANDLE adapter, PVOID context, PNET_BUFFER_LIST chain)
{
	struct nic_conn *c = ((struct nic_obj *)context)->conn;
	struct chim_nic *nic = adapter;

	if (chim_deliver_post(&c->deliver, chain, nic->now))
		nic_conn_todo(c);
	return NDIS_STATUS_PENDING;
}

static NDIS_STATUS tcp_disconnect(NDIS_HANDLE adapter, PVOID context, PNET_BUFFER_LIST nbl,
				  ULONG flags)
{
	struct nic_conn *c = ((struct nic_obj *)context)->conn;

	(void)adapter;
	nic_disconnect_start(c, nbl, flags);
	nic_conn_todo(c);
	return NDIS_STATUS_PENDING;
}

static NDIS_STATUS tcp_forward(NDIS_HANDLE adapter, PVOID context, PNET_BUFFER_LIST chain)
{
	struct nic_conn *c = ((struct nic_obj *)context)->conn;

	(void)adapter;
	nic_forward_append(c, chain);
	nic_conn_todo(c);
	return NDIS_STATUS_PENDING;
}

static NDIS_STATUS tcp_receive_return(NDIS_HANDLE adapter, PNET_BUFFER_LIST chain)
{
	(void)adapter;
	while (chain) {
		NET_BUFFER_LIST *next = chain->Next;

		chain->Next = NULL;
		chim_deliver_return(chain);
		chain = next;
	}
	return NDIS_STATUS_SUCCESS;
}

static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic = {
	.Header = { NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS,
		    NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS_REVISION_1,
		    sizeof(generic) },
	.InitiateOffloadHandler = initiate,
	.TerminateOffloadHandler = terminate,
	.UpdateOffloadHandler = update,
	.InvalidateOffloadHandler = invalidate,
	.QueryOffloadHandler = query,
};

static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp = {
	.Header = { NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_CHARACTERISTICS,
		    NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS_REVISION_1, sizeof(tcp) },
	.OffloadType = NdisTcpChimneyOffload,
	.TcpOffloadSendHandler = tcp_send,
	.TcpOffloadReceiveHandler = tcp_receive,
	.TcpOffloadDisconnectHandler = tcp_disconnect,
	.TcpOffloadForwardHandler = tcp_forward,
	.TcpOffloadReceiveReturnHandler = tcp_receive_return,
};

static NDIS_STATUS set_options(NDIS_HANDLE driver, NDIS_HANDLE context)
{
	NDIS_STATUS s = NdisSetOptionalHandlers(driver, &generic.Header);

	(void)context;
	return s == NDIS_STATUS_SUCCESS ? NdisSetOptionalHandlers(driver, &tcp.Header) : s;
}

/* What is true of this NIC, and nothing else (10.1): no SACK, no extension headers. */
static void capabilities(struct chim_nic *nic)
{
	nic->caps = (NDIS_TCP_CONNECTION_OFFLOAD){
		.Header = { NDIS_OBJECT_TYPE_DEFAULT, NDIS_TCP_CONNECTION_OFFLOAD_REVISION_2,
			    sizeof(nic->caps) },
		.Encapsulation =
			NDIS_ENCAPSULATION_IEEE_802_3 | NDIS_ENCAPSULATION_IEEE_802_3_P_AND_Q,
		.SupportIPv4 = nic->info.features >> CHIM_FEATURE_IPV4 & 1,
		.SupportIPv6 = nic->info.features >> CHIM_FEATURE_IPV6 & 1,
		.SupportSack = nic->info.features >> CHIM_FEATURE_SACK & 1,
		.TcpConnectionOffloadCapacity = nic->cfg.conns,
	};
}

static NDIS_STATUS initialize(NDIS_HANDLE miniport, NDIS_HANDLE driver_context, PVOID parameters,
			      NDIS_HANDLE *adapter)
{
	struct chim_nic *nic = parameters;
	const NDIS_OFFLOAD_EVENT_HANDLERS *up;
	NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES attributes = {
		.Header = { NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES,
			    NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES_REVISION_1,
			    sizeof(attributes) },
		.DefaultTcpConnectionOffloadConfiguration = &nic->caps,
		.TcpConnectionOffloadHardwareCapabilities = &nic->caps,
	};
	const NET_BUFFER_LIST_POOL_PARAMETERS pool = {
		.Header = { NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
			    sizeof(pool) },
		.fAllocateNetBuffer = true,
	};
	NDIS_STATUS s;

	(void)driver_context;
	capabilities(nic);
	s = NdisMSetMiniportAttributes(miniport, &attributes);
	if (s == NDIS_STATUS_SUCCESS)
		s = NdisMGetOffloadHandlers(miniport, NdisTcpChimneyOffload, &up);
	if (s != NDIS_STATUS_SUCCESS)
		return s;
	if (up->Header.Revision != NDIS_OBJECT_TCP_OFFLOAD_REVISION_1 ||
	    up->Header.Size < sizeof(nic->up))
		return NDIS_STATUS_NOT_SUPPORTED;
	memcpy(&nic->up, up, sizeof(nic->up));
	nic->nbl_pool = NdisAllocateNetBufferListPool(miniport, &pool);
	if (!nic->nbl_pool || chim_mdl_pool_create(nic->ndis, 0, &nic->mdl_pool))
		return NDIS_STATUS_RESOURCES;
	nic->miniport = miniport;
	*adapter = nic;
	return NDIS_STATUS_SUCCESS;
}

static void halt(NDIS_HANDLE adapter)
{
	struct chim_nic *nic = adapter;

	while (nic->spare) {
		NET_BUFFER_LIST *nbl = nic->spare;

		nic->spare = nbl->Next;
		chim_rcv_ring_nbl_free(nbl);
	}
	NdisFreeNetBufferListPool(nic->nbl_pool);
	chim_mdl_pool_destroy(nic->mdl_pool);
	nic->nbl_pool = nic->mdl_pool = NULL;
}

int nic_miniport_init(struct chim_nic *nic)
{
	static const struct chim_ndis_miniport ops = {
		.SetOptionsHandler = set_options,
		.InitializeHandlerEx = initialize,
		.HaltHandlerEx = halt,
		.OidRequestHandler = nic_oid,
	};
	int err;

	if (!nic->ndis)
		return 0;
	err = chim_ndis_miniport_register(nic->ndis, &ops, nic, &nic->driver);
	if (err)
		return err;
	err = chim_ndis_adapter_add(nic->driver, nic, &nic->adapter);
	if (err) {
		halt(nic);
		chim_ndis_miniport_deregister(nic->driver);
	}
	return err;
}

int nic_miniport_fini(struct chim_nic *nic)
{
	int err;

	/* R129: connections whose lists are still with the host keep the NIC open. */
	nic_conns_poll(nic);
	if (nic->conns && !nic->dead)
		return -EBUSY;
	if (!nic->ndis || !nic->driver)
		return 0;
	err = chim_ndis_adapter_remove(nic->adapter);
	if (err)
		return err;
	chim_ndis_miniport_deregister(nic->driver);
	nic->driver = NULL;
	return 0;
}

int nic_ops_poll(struct chim_nic *nic)
{
	int n = 0;

	while (nic->ops && !nic->dead) {
		struct nic_op *op = nic->ops;
		int err = nic_image_post(nic, op);

		if (err) {
			/* Ring or memory full: later, in this order. */
			if (err != -EAGAIN && err != -ENOMEM)
				nic_dead(nic, err);
			break;
		}
		nic->ops = op->next;
		if (!nic->ops)
			nic->ops_tail = &nic->ops;
		n++;
	}
	return n;
}
