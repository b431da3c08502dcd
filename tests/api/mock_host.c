/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The mock host stack; see mock_host.h.
 */
#include "mock_host.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void said(struct host *host, const char *fmt, ...)
{
	size_t n = strlen(host->log);
	va_list ap;

	if (n && n + 1 < sizeof(host->log))
		host->log[n++] = ' ';
	va_start(ap, fmt);
	vsnprintf(host->log + n, sizeof(host->log) - n, fmt, ap);
	va_end(ap);
}

bool host_saw(struct host *host, const char *want)
{
	bool same = !strcmp(host->log, want);

	if (!same)
		printf("# host saw \"%s\", not \"%s\"\n", host->log, want);
	host->log[0] = 0;
	return same;
}

static void hook(struct host *host)
{
	if (host->hook)
		host->hook(host);
}

static void state_done(struct host *host, const char *what, pblock *root)
{
	said(host, "%s", what);
	host->done = root;
	hook(host);
}

static void on_initiate(NDIS_HANDLE ctx, pblock *root)
{
	state_done(ctx, "initiate", root);
}

static void on_query(NDIS_HANDLE ctx, pblock *root)
{
	state_done(ctx, "query", root);
}

static void on_update(NDIS_HANDLE ctx, pblock *root)
{
	state_done(ctx, "update", root);
}

static void on_invalidate(NDIS_HANDLE ctx, pblock *root)
{
	state_done(ctx, "invalidate", root);
}

static void on_terminate(NDIS_HANDLE ctx, pblock *root)
{
	state_done(ctx, "terminate", root);
}

static void lists_done(struct host *host, const char *what, NET_BUFFER_LIST *chain)
{
	unsigned int n = 0;

	for (NET_BUFFER_LIST *l = chain; l; l = l->Next)
		n++;
	said(host, "%s:%u", what, n);
	host->list = chain;
	hook(host);
}

static void on_send(NDIS_HANDLE ctx, PNET_BUFFER_LIST chain)
{
	lists_done(ctx, "send", chain);
}

static void on_receive(NDIS_HANDLE ctx, PNET_BUFFER_LIST chain)
{
	lists_done(ctx, "receive", chain);
}

static void on_disconnect(NDIS_HANDLE ctx, PNET_BUFFER_LIST chain)
{
	lists_done(ctx, "disconnect", chain);
}

static void on_forward(NDIS_HANDLE ctx, PNET_BUFFER_LIST chain)
{
	lists_done(ctx, "forward", chain);
}

/*
 * Indications name a connection, not a binding: the host finds itself through its own handle, which
 * is why host_alloc() puts a pointer to it in front of everything.
 */
struct mem {
	struct host *host;
	uint64_t pad;
};

static struct host *owner(PVOID context)
{
	/* struct conn is at the start of its memory and t its last member */
	return ((struct mem *)((char *)context - offsetof(struct conn, t)) - 1)->host;
}

static void on_event(PVOID context, ULONG type, ULONG info)
{
	struct host *host = owner(context);

	said(host, "event%u:%u", type, info);
	host->context = context;
	hook(host);
}

static NDIS_STATUS on_data(PVOID context, PNET_BUFFER_LIST nbl, NDIS_STATUS st, PULONG consumed)
{
	struct host *host = owner(context);
	ULONG len = nbl->FirstNetBuffer->DataLength;

	said(host, st ? "data?%u" : "data:%u", len);
	host->context = context;
	host->data = nbl;
	hook(host);
	*consumed = host->consumed == UINT32_MAX ? len : host->consumed;
	return host->answer;
}

static void on_neighbor(NDIS_HANDLE ctx, pblock *b, ULONG code)
{
	struct host *host = ctx;

	said(host, code == NeighborReachabilityQuery ? "neighbor" : "doubt");
	host->done = b;
	for (; b; b = b->NextBlock) {
		NEIGHBOR_OFFLOAD_STATE_CACHED *c = chim_obl_state(b, CHIM_STATE_CACHED);

		c->HostReachabilityDelta = host->delta;
	}
	hook(host);
}

static void on_oid(NDIS_HANDLE ctx, PNDIS_OID_REQUEST req, NDIS_STATUS st)
{
	struct host *host = ctx;

	(void)req;
	said(host, "oid");
	host->oid_status = st;
	hook(host);
}

static void on_status(NDIS_HANDLE ctx, PNDIS_STATUS_INDICATION ind)
{
	said(ctx, "status%08x", (unsigned int)ind->StatusCode);
	hook(ctx);
}

static NDIS_STATUS set_options(NDIS_HANDLE driver, NDIS_HANDLE ctx)
{
	static const NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic = {
		.Header = { NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS, 1,
			    sizeof(generic) },
		.InitiateOffloadCompleteHandler = on_initiate,
		.TerminateOffloadCompleteHandler = on_terminate,
		.UpdateOffloadCompleteHandler = on_update,
		.InvalidateOffloadCompleteHandler = on_invalidate,
		.QueryOffloadCompleteHandler = on_query,
		.IndicateOffloadEventHandler = on_neighbor,
	};
	struct host *host = ctx;
	NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp = {
		.Header = { NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_CHARACTERISTICS, 1,
			    sizeof(tcp) },
		.OffloadType = NdisTcpChimneyOffload,
		.TcpOffloadSendCompleteHandler = host->on_send ? host->on_send : on_send,
		.TcpOffloadReceiveCompleteHandler = on_receive,
		.TcpOffloadDisconnectCompleteHandler = on_disconnect,
		.TcpOffloadForwardCompleteHandler = on_forward,
		.TcpOffloadEventHandler = on_event,
		.TcpOffloadReceiveIndicateHandler = host->on_data ? host->on_data : on_data,
	};
	NDIS_STATUS st;

	if (host->no_chimney)
		return NDIS_STATUS_SUCCESS;
	st = NdisSetOptionalHandlers(driver, &generic.Header);
	return st ? st : NdisSetOptionalHandlers(driver, &tcp.Header);
}

int host_open(struct host *host, struct chim_ndis *ndis, NDIS_HANDLE adapter)
{
	static const struct chim_ndis_protocol ops = {
		.SetOptionsHandler = set_options,
		.OidRequestCompleteHandler = on_oid,
		.StatusHandlerEx = on_status,
	};
	int err = chim_ndis_protocol_register(ndis, &ops, host, &host->driver);

	if (err)
		return err;
	host->consumed = UINT32_MAX;
	err = chim_ndis_open(host->driver, adapter, host, &host->binding);
	if (err)
		chim_ndis_protocol_deregister(host->driver);
	return err;
}

int host_close(struct host *host)
{
	int err = chim_ndis_close(host->binding);

	return err ? err : chim_ndis_protocol_deregister(host->driver);
}

void *host_alloc(struct host *host, size_t size)
{
	struct mem *m = calloc(1, sizeof(*m) + size);

	m->host = host;
	host->mem[host->mems++] = m;
	return m + 1;
}

void host_free(struct host *host)
{
	while (host->mems)
		free(host->mem[--host->mems]);
}

pblock *host_block(struct host *host, OFFLOAD_STATE_TYPE type, NDIS_OFFLOAD_HANDLE *h,
		   const char *name)
{
	static const UCHAR address[16] = { 10, 0, 0, 1 };
	pblock *b = host_alloc(host, chim_obl_bytes(type));
	PATH_OFFLOAD_STATE_CONST *pc;
	TCP_OFFLOAD_STATE_DELEGATED *d;

	chim_obl_init(b, type);
	b->OffloadHandle = h;
	b->Status = NDIS_STATUS_PAUSED; /* nobody may leave it so */
	memcpy(b->ProtocolReserved, name, strlen(name));
	if (chim_type_layer(type) == CHIM_LAYER_PATH) {
		pc = chim_obl_state(b, CHIM_STATE_CONST);
		if (pc)
			pc->SourceAddress = pc->DestinationAddress = address;
	}
	if (chim_type_layer(type) == CHIM_LAYER_TCP) {
		d = chim_obl_state(b, CHIM_STATE_DELEGATED);
		if (d)
			d->State = TcpConnectionEstablished;
	}
	return b;
}

pblock *on(pblock *b, pblock *first)
{
	b->DependentBlockList = first;
	return b;
}

pblock *then(pblock *b, pblock *next)
{
	pblock *last = b;

	while (last->NextBlock)
		last = last->NextBlock;
	last->NextBlock = next;
	return b;
}

NET_BUFFER_LIST *host_list(struct host *host, ULONG len)
{
	struct {
		NET_BUFFER_LIST nbl;
		NET_BUFFER nb;
		MDL mdl;
		UCHAR data[];
	} *l = host_alloc(host, sizeof(*l) + len);

	l->nbl.FirstNetBuffer = &l->nb;
	l->nb.MdlChain = l->nb.CurrentMdl = &l->mdl;
	l->nb.DataLength = len;
	l->mdl.StartVa = l->data;
	l->mdl.Iova = CHIM_IOVA_NONE;
	l->mdl.ByteCount = len;
	return &l->nbl;
}

pblock *host_tree(struct host *host, struct conn *c)
{
	return on(host_block(host, NeighborOffloadState, &c->n, "N"),
		  on(host_block(host, Ip4OffloadState, &c->p, "P"),
		     host_block(host, TcpOffloadState, &c->t, "T")));
}

pblock *host_end_tree(struct host *host, struct conn *c)
{
	return on(host_block(host, NeighborOffloadDelegatedState, &c->n, "N"),
		  on(host_block(host, Ip4OffloadDelegatedState, &c->p, "P"),
		     host_block(host, TcpOffloadDelegatedState, &c->t, "T")));
}
