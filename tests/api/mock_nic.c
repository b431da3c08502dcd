/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The mock miniport; see mock_nic.h.
 */
#include "mock_nic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef NDIS_MINIPORT_OFFLOAD_BLOCK_LIST block;

static void visit(struct nic *nic, const block *b)
{
	size_t n = strlen(nic->log);

	snprintf(nic->log + n, sizeof(nic->log) - n, "%s%s", n ? " " : "",
		 (const char *)b->ProtocolReserved);
}

static bool is_new(const block *b)
{
	return b->MiniportOffloadContext && !*b->MiniportOffloadContext;
}

static struct nic_obj *obj_of(const block *b)
{
	return b->MiniportOffloadContext ? *b->MiniportOffloadContext : NULL;
}

static bool taken(NDIS_STATUS st)
{
	return st == NDIS_STATUS_SUCCESS || st == NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
}

static NET_BUFFER_LIST **fifo_end(NET_BUFFER_LIST **fifo)
{
	while (*fifo)
		fifo = &(*fifo)->Next;
	return fifo;
}

static NDIS_STATUS take_state(struct nic *nic, block *b, struct nic_obj *parent)
{
	NDIS_STATUS st = nic->offer ? nic->offer(nic, (const char *)b->ProtocolReserved)
				    : NDIS_STATUS_SUCCESS;
	const PATH_OFFLOAD_STATE_CACHED *path;
	struct nic_obj *o;

	if (st != NDIS_STATUS_SUCCESS)
		return st;
	o = calloc(1, sizeof(*o));
	o->parent = parent;
	o->up = b->NdisOffloadHandle;
	o->layer = chim_type_layer(b->Header.Type);
	memcpy(o->name, b->ProtocolReserved, sizeof(o->name));
	path = o->layer == CHIM_LAYER_PATH ? chim_obl_state(b, CHIM_STATE_CACHED) : NULL;
	o->mtu = path ? path->PathMtu : 0;
	o->sends = b->NetBufferListChain;
	o->next = nic->objs;
	nic->objs = o;
	*b->MiniportOffloadContext = o;
	return st;
}

/* Source: chimney 5.2 order, 5.5 statuses. @dead: a lower layer failed. */
static void initiate(struct nic *nic, block *first, struct nic_obj *parent, bool dead)
{
	for (block *b = first; b; b = b->NextBlock) {
		bool fresh = is_new(b);
		unsigned int n = 0, ok = 0;

		visit(nic, b);
		if (fresh)
			b->Status = dead ? NDIS_STATUS_FAILURE : take_state(nic, b, parent);
		initiate(nic, b->DependentBlockList, obj_of(b) ? obj_of(b) : parent,
			 dead || (fresh && !taken(b->Status)));
		for (block *d = b->DependentBlockList; d; d = d->NextBlock, n++)
			ok += taken(d->Status);
		if (!b->MiniportOffloadContext)
			b->Status = NDIS_STATUS_SUCCESS;
		else if (fresh && taken(b->Status) && ok < n)
			b->Status = NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
		else if (!fresh)
			b->Status = ok == n ? NDIS_STATUS_SUCCESS
				    : ok    ? NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS
					    : NDIS_STATUS_FAILURE;
	}
}

NET_BUFFER_LIST *nic_take(NET_BUFFER_LIST **fifo, unsigned int n, NDIS_STATUS st, ULONG bytes)
{
	NET_BUFFER_LIST *first = *fifo, **at = fifo;

	for (; n && *at; n--, at = &(*at)->Next)
		chim_nbl_consume(*at, bytes == UINT32_MAX ? (ULONG)chim_nbl_bytes(*at) : bytes, st);
	if (at == fifo)
		return NULL;
	*fifo = *at;
	*at = NULL;
	return first;
}

void nic_ack(struct nic *nic, struct nic_obj *c, unsigned int n)
{
	NET_BUFFER_LIST *done = nic_take(&c->sends, n, NDIS_STATUS_SUCCESS, UINT32_MAX);

	if (done)
		nic->up.NdisTcpOffloadSendComplete(nic->adapter, done);
}

/* Everything but sends completes; sends go back in the block (6.4.5, 6.4.7). */
static void terminate_tcp(struct nic *nic, block *b, struct nic_obj *o)
{
	TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(b, CHIM_STATE_DELEGATED);
	NET_BUFFER_LIST *l = nic_take(&o->receives, UINT32_MAX, NDIS_STATUS_UPLOAD_IN_PROGRESS, 0);

	if (l)
		nic->up.NdisTcpOffloadReceiveComplete(nic->adapter, l);
	l = nic_take(&o->forwards, UINT32_MAX, NDIS_STATUS_UPLOAD_IN_PROGRESS, 0);
	if (l)
		nic->up.NdisTcpOffloadForwardComplete(nic->adapter, l);
	while ((l = nic_take(&o->disconnect, 1, NDIS_STATUS_UPLOAD_IN_PROGRESS, 0)) != NULL)
		nic->up.NdisTcpOffloadDisconnectComplete(nic->adapter, l); /* alone (R109) */
	b->NetBufferListChain = o->sends;
	if (!d)
		return;
	d->State = TcpConnectionEstablished;
	d->SendDataHead = o->sends;
	d->SendDataTail = NULL;
	for (l = o->sends; l; l = l->Next)
		d->SendDataTail = l;
	d->BufferedData = NULL;
}

static void other(struct nic *nic, enum nic_op_kind kind, block *first, struct nic_obj *parent)
{
	for (block *b = first; b; b = b->NextBlock) {
		struct nic_obj *o = obj_of(b);
		PATH_OFFLOAD_STATE_CACHED *path;
		TCP_OFFLOAD_STATE_DELEGATED *d;

		visit(nic, b);
		b->Status = NDIS_STATUS_SUCCESS;
		other(nic, kind, b->DependentBlockList, o ? o : parent);
		if (!o)
			continue;
		path = o->layer == CHIM_LAYER_PATH ? chim_obl_state(b, CHIM_STATE_CACHED) : NULL;
		d = o->layer == CHIM_LAYER_TCP ? chim_obl_state(b, CHIM_STATE_DELEGATED) : NULL;
		if (kind == NIC_QUERY && path)
			path->PathMtu = o->mtu;
		if (kind == NIC_QUERY && d) {
			d->SendBacklogSize = CHIM_BACKLOG_NONE;
			d->ReceiveBacklogSize = CHIM_BACKLOG_NONE;
		}
		if (kind == NIC_UPDATE && path) {
			o->mtu = path->PathMtu;
			if (parent)
				o->parent = parent;
		}
		if (kind == NIC_INVALIDATE)
			o->invalid = true;
		if (kind == NIC_TERMINATE && o->layer == CHIM_LAYER_TCP)
			terminate_tcp(nic, b, o);
	}
}

bool nic_has(const struct nic *nic, const struct nic_obj *o)
{
	const struct nic_obj *at = nic->objs;

	while (at && at != o)
		at = at->next;
	return at != NULL;
}

void nic_forget(struct nic *nic, struct nic_obj *o)
{
	struct nic_obj **at = &nic->objs;

	while (*at && *at != o)
		at = &(*at)->next;
	if (*at)
		*at = o->next;
	free(o);
}

static void free_objects(struct nic *nic, block *first)
{
	for (block *b = first; b; b = b->NextBlock) {
		free_objects(nic, b->DependentBlockList);
		if (b->Status == NDIS_STATUS_SUCCESS && obj_of(b))
			nic_forget(nic, obj_of(b));
	}
}

bool nic_work(struct nic *nic)
{
	static void (*const done[])(NDIS_HANDLE, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST) = {
		NdisMInitiateOffloadComplete,  NdisMQueryOffloadStateComplete,
		NdisMUpdateOffloadComplete,    NdisMInvalidateOffloadComplete,
		NdisMTerminateOffloadComplete,
	};
	enum nic_op_kind kind = nic->op[0].kind;
	block *root = nic->op[0].root;

	if (!nic->ops)
		return false;
	memmove(&nic->op[0], &nic->op[1], --nic->ops * sizeof(nic->op[0]));
	nic->log[0] = 0;
	if (kind == NIC_INITIATE)
		initiate(nic, root, NULL, false);
	else
		other(nic, kind, root, NULL);
	if (nic->before_complete)
		nic->before_complete(nic, kind, root);
	if (kind == NIC_TERMINATE)
		free_objects(nic, root);
	done[kind](nic->adapter, root);
	return true;
}

static void record(struct nic *nic, enum nic_op_kind kind, block *root)
{
	nic->op[nic->ops].kind = kind;
	nic->op[nic->ops++].root = root;
	if (nic->complete_inside)
		nic_work(nic);
}

static void nic_initiate(NDIS_HANDLE ctx, block *root)
{
	record(ctx, NIC_INITIATE, root);
}

static void nic_query(NDIS_HANDLE ctx, block *root)
{
	record(ctx, NIC_QUERY, root);
}

static void nic_update(NDIS_HANDLE ctx, block *root)
{
	record(ctx, NIC_UPDATE, root);
}

static void nic_invalidate(NDIS_HANDLE ctx, block *root)
{
	record(ctx, NIC_INVALIDATE, root);
}

static void nic_terminate(NDIS_HANDLE ctx, block *root)
{
	record(ctx, NIC_TERMINATE, root);
}

static NDIS_STATUS io(struct nic *nic, struct nic_obj *o, NET_BUFFER_LIST **fifo,
		      NET_BUFFER_LIST *nbl)
{
	if (nic->io_return == NDIS_STATUS_PENDING)
		*fifo_end(fifo) = nbl;
	if (nic->on_io)
		nic->on_io(nic, o);
	return nic->io_return;
}

static NDIS_STATUS nic_send(NDIS_HANDLE ctx, PVOID conn, PNET_BUFFER_LIST nbl)
{
	return io(ctx, conn, &((struct nic_obj *)conn)->sends, nbl);
}

static NDIS_STATUS nic_receive(NDIS_HANDLE ctx, PVOID conn, PNET_BUFFER_LIST nbl)
{
	return io(ctx, conn, &((struct nic_obj *)conn)->receives, nbl);
}

static NDIS_STATUS nic_forward(NDIS_HANDLE ctx, PVOID conn, PNET_BUFFER_LIST nbl)
{
	return io(ctx, conn, &((struct nic_obj *)conn)->forwards, nbl);
}

static NDIS_STATUS nic_disconnect(NDIS_HANDLE ctx, PVOID conn, PNET_BUFFER_LIST nbl, ULONG flags)
{
	((struct nic_obj *)conn)->disconnect_flags = flags;
	return io(ctx, conn, &((struct nic_obj *)conn)->disconnect, nbl);
}

static NDIS_STATUS nic_return(NDIS_HANDLE ctx, PNET_BUFFER_LIST nbl)
{
	struct nic *nic = ctx;

	for (; nbl; nbl = nbl->Next)
		nic->returned++;
	return nic->return_return;
}

static NDIS_STATUS nic_oid(NDIS_HANDLE ctx, PNDIS_OID_REQUEST req)
{
	struct nic *nic = ctx;

	nic->oid = req;
	return nic->oid_return;
}

static NDIS_STATUS set_options(NDIS_HANDLE driver, NDIS_HANDLE ctx)
{
	static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic = {
		.Header = { NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS, 1,
			    sizeof(generic) },
		.InitiateOffloadHandler = nic_initiate,
		.TerminateOffloadHandler = nic_terminate,
		.UpdateOffloadHandler = nic_update,
		.InvalidateOffloadHandler = nic_invalidate,
		.QueryOffloadHandler = nic_query,
	};
	static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp = {
		.Header = { NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_CHARACTERISTICS, 1,
			    sizeof(tcp) },
		.OffloadType = NdisTcpChimneyOffload,
		.TcpOffloadSendHandler = nic_send,
		.TcpOffloadReceiveHandler = nic_receive,
		.TcpOffloadDisconnectHandler = nic_disconnect,
		.TcpOffloadForwardHandler = nic_forward,
		.TcpOffloadReceiveReturnHandler = nic_return,
	};
	struct nic *nic = ctx;
	NDIS_STATUS st;

	if (nic->no_chimney)
		return NDIS_STATUS_SUCCESS;
	st = NdisSetOptionalHandlers(driver, &generic.Header);
	return st ? st : NdisSetOptionalHandlers(driver, &tcp.Header);
}

static NDIS_STATUS initialize(NDIS_HANDLE adapter, NDIS_HANDLE driver_ctx, PVOID init,
			      NDIS_HANDLE *ctx)
{
	struct nic *nic = init;
	NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES at = {
		.Header = { NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES,
			    NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES_REVISION_1, sizeof(at) },
		.DefaultTcpConnectionOffloadConfiguration = &nic->caps,
		.TcpConnectionOffloadHardwareCapabilities = &nic->caps,
	};
	const NDIS_OFFLOAD_EVENT_HANDLERS *h;

	(void)driver_ctx;
	*ctx = nic;
	if (nic->no_chimney)
		return NDIS_STATUS_SUCCESS;
	if (NdisMSetMiniportAttributes(adapter, &at) ||
	    NdisMGetOffloadHandlers(adapter, NdisTcpChimneyOffload, &h))
		return NDIS_STATUS_FAILURE;
	if (h->Header.Type != NdisTcpChimneyOffload ||
	    h->Header.Revision != NDIS_OBJECT_TCP_OFFLOAD_REVISION_1 ||
	    h->Header.Size != sizeof(nic->up))
		return NDIS_STATUS_BAD_VERSION;
	nic->up = *(const NDIS_TCP_OFFLOAD_EVENT_HANDLERS *)(const void *)h;
	return NDIS_STATUS_SUCCESS;
}

static void halt(NDIS_HANDLE ctx)
{
	((struct nic *)ctx)->halted = true;
}

int nic_open(struct nic *nic, struct chim_ndis *ndis)
{
	static const struct chim_ndis_miniport ops = {
		.SetOptionsHandler = set_options,
		.InitializeHandlerEx = initialize,
		.HaltHandlerEx = halt,
		.OidRequestHandler = nic_oid,
	};
	int err;

	nic->io_return = NDIS_STATUS_PENDING;
	if (!nic->caps.Header.Type)
		nic->caps = (NDIS_TCP_CONNECTION_OFFLOAD){
			.Header = { NDIS_OBJECT_TYPE_DEFAULT,
				    NDIS_TCP_CONNECTION_OFFLOAD_REVISION_1, sizeof(nic->caps) },
			.Encapsulation = NDIS_ENCAPSULATION_IEEE_802_3,
			.SupportIPv4 = NDIS_OFFLOAD_SUPPORTED,
			.SupportIPv6 = NDIS_OFFLOAD_SUPPORTED,
			.TcpConnectionOffloadCapacity = 1024,
		};
	err = chim_ndis_miniport_register(ndis, &ops, nic, &nic->driver);
	if (err)
		return err;
	err = chim_ndis_adapter_add(nic->driver, nic, &nic->adapter);
	if (err)
		chim_ndis_miniport_deregister(nic->driver);
	return err;
}

int nic_close(struct nic *nic)
{
	int err = chim_ndis_adapter_remove(nic->adapter);

	return err ? err : chim_ndis_miniport_deregister(nic->driver);
}
