/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The minimal intermediate driver; see mock_im.h.
 */
#include "mock_im.h"

#include <stdlib.h>
#include <string.h>

typedef NDIS_MINIPORT_OFFLOAD_BLOCK_LIST block;
typedef NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST pblock;

/* IM offload entry: lives as long as the object is offloaded (R194). */
struct entry {
	NDIS_OFFLOAD_HANDLE own; /* the driver below writes here */
	NDIS_HANDLE upper;	 /* NdisOffloadHandle from above */
	struct im *im;
};

/* One block as it came from above. */
struct saved {
	block *b;
	PVOID *cell;
	NDIS_HANDLE upper;
	struct entry *entry;
	bool fresh;
};

/* IM call entry: lives as long as the operation (R193). */
struct call {
	PVOID im_reserved[2], source;
	size_t n;
	struct saved s[];
};

static size_t count(const block *b)
{
	size_t n = 0;

	for (; b; b = b->NextBlock)
		n += 1 + count(b->DependentBlockList);
	return n;
}

static void go_down(struct im *im, struct call *c, block *b)
{
	for (; b; b = b->NextBlock) {
		struct saved *s = &c->s[c->n++];
		pblock *p = (pblock *)(void *)b;

		s->b = b;
		s->cell = b->MiniportOffloadContext;
		s->upper = b->NdisOffloadHandle;
		s->entry = s->cell ? *s->cell : NULL;
		s->fresh = s->cell && !s->entry;
		if (s->fresh) {
			s->entry = calloc(1, sizeof(*s->entry));
			s->entry->upper = s->upper;
			s->entry->im = im;
			im->entries++;
		}
		p->OffloadHandle = s->entry ? &s->entry->own : NULL;
		go_down(im, c, b->DependentBlockList);
	}
}

static struct call *call_begin(struct im *im, block *root)
{
	struct call *c = calloc(1, sizeof(*c) + count(root) * sizeof(c->s[0]));

	memcpy(c->im_reserved, root->ImReserved, sizeof(c->im_reserved));
	c->source = root->SourceHandle;
	root->ImReserved[0] = c;
	im->calls++;
	go_down(im, c, root);
	return c;
}

static bool taken(NDIS_STATUS st)
{
	return st == NDIS_STATUS_SUCCESS || st == NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
}

/* Put everything back as it was above. @end: objects with SUCCESS are gone. */
static block *call_end(struct im *im, pblock *proot, bool end)
{
	block *root = (block *)(void *)proot;
	struct call *c = root->ImReserved[0];

	for (size_t i = 0; i < c->n; i++) {
		struct saved *s = &c->s[i];
		bool gone = s->entry && (s->fresh ? !taken(s->b->Status)
						  : end && s->b->Status == NDIS_STATUS_SUCCESS);

		s->b->MiniportOffloadContext = s->cell;
		s->b->NdisOffloadHandle = s->upper;
		if (s->fresh && !gone)
			*s->cell = s->entry;
		if (gone) {
			free(s->entry);
			im->entries--;
		}
	}
	if (!im->forget_reserved) {
		memcpy(root->ImReserved, c->im_reserved, sizeof(c->im_reserved));
		root->SourceHandle = c->source;
	}
	free(c);
	im->calls--;
	return root;
}

#define STATE_OP(name, ndis, done, end)                       \
	static void down_##name(NDIS_HANDLE ctx, block *root) \
	{                                                     \
		struct im *im = ctx;                          \
                                                              \
		call_begin(im, root);                         \
		ndis(im->binding, (pblock *)(void *)root);    \
	}                                                     \
	static void up_##name(NDIS_HANDLE ctx, pblock *root)  \
	{                                                     \
		struct im *im = ctx;                          \
                                                              \
		done(im->adapter, call_end(im, root, end));   \
	}

STATE_OP(initiate, NdisInitiateOffload, NdisMInitiateOffloadComplete, false)
STATE_OP(query, NdisQueryOffloadState, NdisMQueryOffloadStateComplete, false)
STATE_OP(update, NdisUpdateOffload, NdisMUpdateOffloadComplete, false)
STATE_OP(invalidate, NdisInvalidateOffload, NdisMInvalidateOffloadComplete, false)
STATE_OP(terminate, NdisTerminateOffload, NdisMTerminateOffloadComplete, true)

/* Same function, same list, own handle (R195, R201, R202). */
static NDIS_STATUS down_send(NDIS_HANDLE ctx, PVOID entry, PNET_BUFFER_LIST nbl)
{
	struct im *im = ctx;

	if (!im->no_memory)
		return NdisOffloadTcpSend(&((struct entry *)entry)->own, nbl);
	nbl->Status = NDIS_STATUS_REQUEST_UPLOAD;
	for (NET_BUFFER_LIST *l = nbl->Next; l; l = l->Next)
		l->Status = NDIS_STATUS_UPLOAD_REQUESTED;
	im->up.NdisTcpOffloadSendComplete(im->adapter, nbl);
	return NDIS_STATUS_PENDING;
}

static NDIS_STATUS down_receive(NDIS_HANDLE ctx, PVOID entry, PNET_BUFFER_LIST nbl)
{
	(void)ctx;
	return NdisOffloadTcpReceive(&((struct entry *)entry)->own, nbl);
}

static NDIS_STATUS down_forward(NDIS_HANDLE ctx, PVOID entry, PNET_BUFFER_LIST nbl)
{
	(void)ctx;
	return NdisOffloadTcpForward(&((struct entry *)entry)->own, nbl);
}

static NDIS_STATUS down_disconnect(NDIS_HANDLE ctx, PVOID entry, PNET_BUFFER_LIST nbl, ULONG flags)
{
	(void)ctx;
	return NdisOffloadTcpDisconnect(&((struct entry *)entry)->own, nbl, flags);
}

/* Synchronous, never completed (R199). */
static NDIS_STATUS down_return(NDIS_HANDLE ctx, PNET_BUFFER_LIST nbl)
{
	return NdisOffloadTcpReceiveReturn(((struct im *)ctx)->binding, nbl);
}

static void up_send(NDIS_HANDLE ctx, PNET_BUFFER_LIST nbl)
{
	struct im *im = ctx;

	im->up.NdisTcpOffloadSendComplete(im->adapter, nbl);
}

static void up_receive(NDIS_HANDLE ctx, PNET_BUFFER_LIST nbl)
{
	struct im *im = ctx;

	im->up.NdisTcpOffloadReceiveComplete(im->adapter, nbl);
}

static void up_forward(NDIS_HANDLE ctx, PNET_BUFFER_LIST nbl)
{
	struct im *im = ctx;

	im->up.NdisTcpOffloadForwardComplete(im->adapter, nbl);
}

static void up_disconnect(NDIS_HANDLE ctx, PNET_BUFFER_LIST nbl)
{
	struct im *im = ctx;

	im->up.NdisTcpOffloadDisconnectComplete(im->adapter, nbl);
}

/* Stored upper handle, same arguments, result handed back (R196). */
static void up_event(PVOID context, ULONG type, ULONG info)
{
	struct entry *e = context; /* own is its first member */

	e->im->up.NdisTcpOffloadEventHandler(e->upper, type, info);
}

static NDIS_STATUS up_data(PVOID context, PNET_BUFFER_LIST nbl, NDIS_STATUS st, PULONG consumed)
{
	struct entry *e = context;

	return e->im->up.NdisTcpOffloadReceiveHandler(e->upper, nbl, st, consumed);
}

/* The documentation leaves this open; passing it on is what a host can use. */
static void up_neighbor(NDIS_HANDLE ctx, pblock *p, ULONG code)
{
	struct im *im = ctx;
	PNDIS_OFFLOAD_HANDLE own = p ? p->OffloadHandle : NULL;

	if (own)
		p->OffloadHandle = ((struct entry *)(void *)own)->upper;
	NdisMOffloadEventIndicate(im->adapter, (block *)(void *)p, code);
	if (own)
		p->OffloadHandle = own;
}

/* OIDs: a request of its own for each that comes from above (R200). */
struct oid {
	NDIS_OID_REQUEST req;
	PNDIS_OID_REQUEST from;
};

static void oid_finish(struct oid *o)
{
	o->from->DATA = o->req.DATA;
	free(o);
}

static NDIS_STATUS down_oid(NDIS_HANDLE ctx, PNDIS_OID_REQUEST from)
{
	struct im *im = ctx;
	struct oid *o = calloc(1, sizeof(*o));
	NDIS_STATUS st;

	o->from = from;
	o->req.Header = from->Header;
	o->req.RequestType = from->RequestType;
	o->req.DATA = from->DATA;
	st = NdisOidRequest(im->binding, &o->req);
	if (st != NDIS_STATUS_PENDING)
		oid_finish(o);
	return st;
}

static void up_oid(NDIS_HANDLE ctx, PNDIS_OID_REQUEST req, NDIS_STATUS st)
{
	struct oid *o = (struct oid *)(void *)req; /* req is its first member */
	PNDIS_OID_REQUEST from = o->from;

	oid_finish(o);
	NdisMOidRequestComplete(((struct im *)ctx)->adapter, from, st);
}

static void up_status(NDIS_HANDLE ctx, PNDIS_STATUS_INDICATION ind)
{
	NdisMIndicateStatusEx(((struct im *)ctx)->adapter, ind);
}

static NDIS_STATUS upper_options(NDIS_HANDLE driver, NDIS_HANDLE ctx)
{
	static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic = {
		.Header = { NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS, 1,
			    sizeof(generic) },
		.InitiateOffloadHandler = down_initiate,
		.TerminateOffloadHandler = down_terminate,
		.UpdateOffloadHandler = down_update,
		.InvalidateOffloadHandler = down_invalidate,
		.QueryOffloadHandler = down_query,
	};
	static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp = {
		.Header = { NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_CHARACTERISTICS, 1,
			    sizeof(tcp) },
		.OffloadType = NdisTcpChimneyOffload,
		.TcpOffloadSendHandler = down_send,
		.TcpOffloadReceiveHandler = down_receive,
		.TcpOffloadDisconnectHandler = down_disconnect,
		.TcpOffloadForwardHandler = down_forward,
		.TcpOffloadReceiveReturnHandler = down_return,
	};
	NDIS_STATUS st = NdisSetOptionalHandlers(driver, &generic.Header);

	(void)ctx;
	return st ? st : NdisSetOptionalHandlers(driver, &tcp.Header);
}

static NDIS_STATUS lower_options(NDIS_HANDLE driver, NDIS_HANDLE ctx)
{
	static const NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic = {
		.Header = { NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS, 1,
			    sizeof(generic) },
		.InitiateOffloadCompleteHandler = up_initiate,
		.TerminateOffloadCompleteHandler = up_terminate,
		.UpdateOffloadCompleteHandler = up_update,
		.InvalidateOffloadCompleteHandler = up_invalidate,
		.QueryOffloadCompleteHandler = up_query,
		.IndicateOffloadEventHandler = up_neighbor,
	};
	static const NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp = {
		.Header = { NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_CHARACTERISTICS, 1,
			    sizeof(tcp) },
		.OffloadType = NdisTcpChimneyOffload,
		.TcpOffloadSendCompleteHandler = up_send,
		.TcpOffloadReceiveCompleteHandler = up_receive,
		.TcpOffloadDisconnectCompleteHandler = up_disconnect,
		.TcpOffloadForwardCompleteHandler = up_forward,
		.TcpOffloadEventHandler = up_event,
		.TcpOffloadReceiveIndicateHandler = up_data,
	};
	NDIS_STATUS st = NdisSetOptionalHandlers(driver, &generic.Header);

	(void)ctx;
	return st ? st : NdisSetOptionalHandlers(driver, &tcp.Header);
}

static NDIS_STATUS initialize(NDIS_HANDLE adapter, NDIS_HANDLE driver_ctx, PVOID init,
			      NDIS_HANDLE *ctx)
{
	struct im *im = init;
	NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES at = {
		.Header = { NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES,
			    NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES_REVISION_1, sizeof(at) },
		.DefaultTcpConnectionOffloadConfiguration = &im->caps,
		.TcpConnectionOffloadHardwareCapabilities = &im->caps,
	};
	const NDIS_OFFLOAD_EVENT_HANDLERS *h;

	(void)driver_ctx;
	*ctx = im;
	if (NdisMSetMiniportAttributes(adapter, &at) ||
	    NdisMGetOffloadHandlers(adapter, NdisTcpChimneyOffload, &h))
		return NDIS_STATUS_FAILURE;
	im->up = *(const NDIS_TCP_OFFLOAD_EVENT_HANDLERS *)(const void *)h;
	return NDIS_STATUS_SUCCESS;
}

static void halt(NDIS_HANDLE ctx)
{
	(void)ctx;
}

int im_open(struct im *im, struct chim_ndis *ndis, NDIS_HANDLE lower)
{
	static const struct chim_ndis_miniport upper = { upper_options, initialize, halt,
							 down_oid };
	static const struct chim_ndis_protocol below = { lower_options, up_oid, up_status };
	NDIS_OID_REQUEST req = {
		.Header = { NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_REQUEST_REVISION_1,
			    sizeof(req) },
		.RequestType = NdisRequestQueryInformation,
	};
	int err = chim_ndis_protocol_register(ndis, &below, im, &im->lower_driver);

	if (err)
		return err;
	err = chim_ndis_open(im->lower_driver, lower, im, &im->binding);
	if (err)
		return err;
	/* What the driver below can do is what this one offers. */
	req.DATA.QUERY_INFORMATION.Oid = OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES;
	req.DATA.QUERY_INFORMATION.InformationBuffer = &im->caps;
	req.DATA.QUERY_INFORMATION.InformationBufferLength = sizeof(im->caps);
	if (NdisOidRequest(im->binding, &req))
		return -1;
	err = chim_ndis_miniport_register(ndis, &upper, im, &im->upper_driver);
	return err ? err : chim_ndis_adapter_add(im->upper_driver, im, &im->adapter);
}

int im_close(struct im *im)
{
	int err = chim_ndis_adapter_remove(im->adapter);

	err = err ? err : chim_ndis_miniport_deregister(im->upper_driver);
	err = err ? err : chim_ndis_close(im->binding);
	return err ? err : chim_ndis_protocol_deregister(im->lower_driver);
}
