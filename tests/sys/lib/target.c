/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The keeping miniport. Hard part: nothing may be completed inside its own entry points (R11).
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OPS = 64, OBJECTS = 64 };

enum kind { INITIATE, TERMINATE, UPDATE, INVALIDATE, QUERY };

struct object {
	bool used;
	int layer;
	NDIS_HANDLE handle;
	struct object *below;
	/* TCP */
	struct chim_key key;
	TCP_OFFLOAD_STATE_CONST constant;
	TCP_OFFLOAD_STATE_DELEGATED state;
	uint64_t since_ms;
	PNET_BUFFER_LIST sends, *sends_end;
	PNET_BUFFER_LIST forwards, *forwards_end;
	unsigned int held_forwards;
	PNET_BUFFER_LIST receives;
	uint8_t *buffered;
	size_t buffered_len;
	bool refused, lost;
	/* path */
	uint8_t src[16], dst[16];
	/* neighbor */
	UCHAR mac[6];
};

struct op {
	enum kind kind;
	PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root;
};

struct target {
	struct chim_ndis *ndis;
	struct target_plan plan;
	struct target_counts counts;
	NDIS_HANDLE driver, adapter, nbls, mdls;
	NDIS_TCP_OFFLOAD_EVENT_HANDLERS up;
	struct op ops[OPS];
	unsigned int ops_first, ops_last;
	struct object objects[OBJECTS];
};

static uint64_t wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void push(struct target *t, enum kind kind, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	t->ops[t->ops_last++ % OPS] = (struct op){ kind, root };
}

static void on_initiate(NDIS_HANDLE ctx, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	push(ctx, INITIATE, root);
}

static void on_terminate(NDIS_HANDLE ctx, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	push(ctx, TERMINATE, root);
}

static void on_update(NDIS_HANDLE ctx, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	push(ctx, UPDATE, root);
}

static void on_invalidate(NDIS_HANDLE ctx, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	push(ctx, INVALIDATE, root);
}

static void on_query(NDIS_HANDLE ctx, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	push(ctx, QUERY, root);
}

static void append(PNET_BUFFER_LIST **end, PNET_BUFFER_LIST chain)
{
	**end = chain;
	while (**end)
		*end = &(**end)->Next;
}

static NDIS_STATUS on_send(NDIS_HANDLE ctx, PVOID object, PNET_BUFFER_LIST nbl)
{
	(void)ctx;
	append(&((struct object *)object)->sends_end, nbl);
	return NDIS_STATUS_PENDING;
}

static NDIS_STATUS on_receive(NDIS_HANDLE ctx, PVOID object, PNET_BUFFER_LIST nbl)
{
	struct object *o = object;

	(void)ctx;
	nbl->Next = o->receives;
	o->receives = nbl;
	return NDIS_STATUS_PENDING;
}

static NDIS_STATUS on_forward(NDIS_HANDLE ctx, PVOID object, PNET_BUFFER_LIST nbl)
{
	struct target *t = ctx;
	struct object *o = object;

	t->counts.forwards++;
	o->held_forwards += !(nbl->NblFlags & CHIM_NBL_NOT_HELD);
	append(&o->forwards_end, nbl);
	return NDIS_STATUS_PENDING;
}

static NDIS_STATUS on_disconnect(NDIS_HANDLE ctx, PVOID object, PNET_BUFFER_LIST nbl, ULONG flags)
{
	(void)ctx;
	(void)object;
	(void)nbl;
	(void)flags;
	abort(); /* the host stack never does that */
}

static void list_free(struct target *t, PNET_BUFFER_LIST nbl)
{
	PMDL mdl = nbl->FirstNetBuffer->MdlChain;

	free(mdl->StartVa);
	NdisFreeMdl(mdl);
	NdisFreeNetBufferList(nbl);
	t->counts.lists_out--;
}

static NDIS_STATUS on_return(NDIS_HANDLE ctx, PNET_BUFFER_LIST nbl)
{
	while (nbl) {
		PNET_BUFFER_LIST next = nbl->Next;

		list_free(ctx, nbl);
		nbl = next;
	}
	return NDIS_STATUS_SUCCESS;
}

static PNET_BUFFER_LIST list_new(struct target *t, const void *bytes, size_t len)
{
	uint8_t *copy = malloc(len);
	PMDL mdl = NdisAllocateMdl(t->mdls, copy, (ULONG)len);

	memcpy(copy, bytes, len);
	t->counts.lists_out++;
	return NdisAllocateNetBufferAndNetBufferList(t->nbls, 0, 0, mdl, 0, (ULONG)len);
}

static NDIS_STATUS set_options(NDIS_HANDLE driver, NDIS_HANDLE ctx)
{
	static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic = {
		.Header = { NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS, 1,
			    sizeof(generic) },
		.InitiateOffloadHandler = on_initiate,
		.TerminateOffloadHandler = on_terminate,
		.UpdateOffloadHandler = on_update,
		.InvalidateOffloadHandler = on_invalidate,
		.QueryOffloadHandler = on_query,
	};
	static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp = {
		.Header = { NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_CHARACTERISTICS, 1,
			    sizeof(tcp) },
		.OffloadType = NdisTcpChimneyOffload,
		.TcpOffloadSendHandler = on_send,
		.TcpOffloadReceiveHandler = on_receive,
		.TcpOffloadDisconnectHandler = on_disconnect,
		.TcpOffloadForwardHandler = on_forward,
		.TcpOffloadReceiveReturnHandler = on_return,
	};
	NDIS_STATUS status = NdisSetOptionalHandlers(driver, &generic.Header);

	(void)ctx;
	return status ? status : NdisSetOptionalHandlers(driver, &tcp.Header);
}

static NDIS_STATUS initialize(NDIS_HANDLE adapter, NDIS_HANDLE ctx, PVOID init,
			      NDIS_HANDLE *adapter_ctx)
{
	NDIS_TCP_CONNECTION_OFFLOAD caps = {
		.Header = { NDIS_OBJECT_TYPE_DEFAULT, NDIS_TCP_CONNECTION_OFFLOAD_REVISION_1,
			    sizeof(caps) },
		.Encapsulation = NDIS_ENCAPSULATION_IEEE_802_3,
		.SupportIPv4 = NDIS_OFFLOAD_SUPPORTED,
		.SupportIPv6 = NDIS_OFFLOAD_SUPPORTED,
		.TcpConnectionOffloadCapacity = 16,
	};
	NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES attributes = {
		.Header = { NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES,
			    NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES_REVISION_1,
			    sizeof(attributes) },
		.DefaultTcpConnectionOffloadConfiguration = &caps,
		.TcpConnectionOffloadHardwareCapabilities = &caps,
	};
	const NDIS_OFFLOAD_EVENT_HANDLERS *up;
	struct target *t = ctx;
	NDIS_STATUS status;

	(void)init;
	*adapter_ctx = t;
	if (t->plan.no_chimney)
		return NDIS_STATUS_SUCCESS;
	status = NdisMSetMiniportAttributes(adapter, &attributes);
	if (!status)
		status = NdisMGetOffloadHandlers(adapter, NdisTcpChimneyOffload, &up);
	if (!status)
		t->up = *(const NDIS_TCP_OFFLOAD_EVENT_HANDLERS *)(const void *)up;
	return status;
}

static void halt(NDIS_HANDLE ctx)
{
	(void)ctx;
}

static NDIS_STATUS on_oid(NDIS_HANDLE ctx, PNDIS_OID_REQUEST request)
{
	(void)ctx;
	(void)request;
	return NDIS_STATUS_SUCCESS;
}

struct target *target_open(struct chim_ndis *ndis, const struct target_plan *plan)
{
	struct chim_ndis_miniport ops = { set_options, initialize, halt, on_oid };
	NET_BUFFER_LIST_POOL_PARAMETERS lists = {
		.Header = { NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
			    sizeof(lists) },
		.fAllocateNetBuffer = 1,
	};
	struct target *t = calloc(1, sizeof(*t));

	t->ndis = ndis;
	if (plan)
		t->plan = *plan;
	if (t->plan.no_chimney)
		ops.SetOptionsHandler = NULL;
	t->nbls = NdisAllocateNetBufferListPool(ndis, &lists);
	if (!t->nbls || chim_mdl_pool_create(ndis, 0, &t->mdls) ||
	    chim_ndis_miniport_register(ndis, &ops, t, &t->driver) ||
	    chim_ndis_adapter_add(t->driver, NULL, &t->adapter)) {
		free(t);
		return NULL;
	}
	return t;
}

int target_close(struct target *t)
{
	int err = chim_ndis_adapter_remove(t->adapter);

	if (!err)
		err = chim_ndis_miniport_deregister(t->driver);
	if (err)
		return err;
	chim_mdl_pool_destroy(t->mdls);
	NdisFreeNetBufferListPool(t->nbls);
	free(t);
	return 0;
}

void *target_adapter(struct target *t)
{
	return t->adapter;
}

struct target_plan *target_plan(struct target *t)
{
	return &t->plan;
}

void target_counts(struct target *t, struct target_counts *c)
{
	size_t i;

	t->counts.neighbors = t->counts.paths = t->counts.conns = 0;
	for (i = 0; i < OBJECTS; i++) {
		t->counts.neighbors += t->objects[i].used && t->objects[i].layer == 1;
		t->counts.paths += t->objects[i].used && t->objects[i].layer == 2;
		t->counts.conns += t->objects[i].used && t->objects[i].layer == 3;
	}
	*c = t->counts;
}

static struct object *find(struct target *t, const struct chim_key *key)
{
	size_t n = key->family == 4 ? 4 : 16, i;

	for (i = 0; i < OBJECTS; i++) {
		struct object *o = &t->objects[i];

		if (o->used && o->layer == 3 && o->key.local_port == key->local_port &&
		    o->key.remote_port == key->remote_port &&
		    !memcmp(o->key.remote, key->remote, n) && !memcmp(o->key.local, key->local, n))
			return o;
	}
	return NULL;
}

bool target_has(struct target *t, const struct chim_key *key)
{
	return find(t, key) != NULL;
}

unsigned int target_held_forwards(struct target *t, const struct chim_key *key)
{
	struct object *o = find(t, key);

	return o ? o->held_forwards : 0;
}

const TCP_OFFLOAD_STATE_DELEGATED *target_state(struct target *t, const struct chim_key *key)
{
	struct object *o = find(t, key);

	return o ? &o->state : NULL;
}

static bool now_and_then(unsigned int every, unsigned int count)
{
	return every && count % every == 0;
}

static struct object *object_new(struct target *t, int layer, NDIS_HANDLE handle,
				 struct object *below)
{
	size_t i = 0;

	while (t->objects[i].used)
		i++; /* a test with more than OBJECTS is a broken test */
	memset(&t->objects[i], 0, sizeof(t->objects[i]));
	t->objects[i].used = true;
	t->objects[i].layer = layer;
	t->objects[i].handle = handle;
	t->objects[i].below = below;
	t->objects[i].sends_end = &t->objects[i].sends;
	t->objects[i].forwards_end = &t->objects[i].forwards;
	return &t->objects[i];
}

static void take_tcp(struct object *o, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b)
{
	TCP_OFFLOAD_STATE_DELEGATED *s = chim_obl_state(b, CHIM_STATE_DELEGATED);
	PNET_BUFFER_LIST nbl;

	o->constant = *(TCP_OFFLOAD_STATE_CONST *)chim_obl_state(b, CHIM_STATE_CONST);
	o->state = *s;
	o->since_ms = wall_ms();
	o->key.family = 4;
	memcpy(o->key.local, o->below->src, 16);
	memcpy(o->key.remote, o->below->dst, 16);
	o->key.local_port = o->constant.LocalPort;
	o->key.remote_port = o->constant.RemotePort;
	append(&o->sends_end, b->NetBufferListChain);
	for (nbl = s->BufferedData; nbl; nbl = nbl->Next) {
		ULONG len = nbl->FirstNetBuffer->DataLength;

		o->buffered = realloc(o->buffered, o->buffered_len + len + 1);
		chim_nb_copy_out(nbl->FirstNetBuffer, 0, o->buffered + o->buffered_len, len);
		o->buffered_len += len;
	}
}

static struct object *take(struct target *t, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b, int layer,
			   struct object *below)
{
	struct object *o = object_new(t, layer, b->NdisOffloadHandle, below);

	if (layer == 1) {
		NEIGHBOR_OFFLOAD_STATE_CACHED *c = chim_obl_state(b, CHIM_STATE_CACHED);

		memcpy(t->counts.mac, c->DlDestinationAddress, 6);
		memcpy(o->mac, c->DlDestinationAddress, 6);
	} else if (layer == 2) {
		PATH_OFFLOAD_STATE_CONST *p = chim_obl_state(b, CHIM_STATE_CONST);
		size_t n = chim_type_is_ip6(b->Header.Type) ? 16 : 4;

		memcpy(o->src, p->SourceAddress, n);
		memcpy(o->dst, p->DestinationAddress, n);
		t->counts.mtu = ((PATH_OFFLOAD_STATE_CACHED *)chim_obl_state(b, CHIM_STATE_CACHED))
					->PathMtu;
	} else {
		take_tcp(o, b);
	}
	*b->MiniportOffloadContext = o;
	return o;
}

/* 5.5: a new object below is partly successful, a linker without any success failed. */
static void propagate(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST *blocks, const bool *linker, int failed)
{
	int i = failed;

	while (--i >= 0) {
		blocks[i]->Status =
			linker[i] ? NDIS_STATUS_FAILURE : NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
		if (!linker[i])
			return;
	}
}

/* One block per layer, as our host stack builds them. */
static void initiate(struct target *t, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	bool fail = now_and_then(t->plan.fail_initiate, ++t->counts.initiates), failed = false;
	PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b, blocks[3] = { NULL };
	struct object *o = NULL;
	bool linker[3] = { false };
	int i = 0;

	for (b = root; b && i < 3; b = b->DependentBlockList, i++) {
		blocks[i] = b;
		linker[i] = *b->MiniportOffloadContext != NULL;
		t->counts.linkers += linker[i];
		if (failed) {
			b->Status = NDIS_STATUS_FAILURE;
		} else if (fail && !linker[i] && (unsigned int)i + 1 == t->plan.fail_layer) {
			b->Status = t->plan.fail_status;
			failed = true;
			propagate(blocks, linker, i);
		} else {
			o = linker[i] ? *b->MiniportOffloadContext : take(t, b, i + 1, o);
			b->Status = NDIS_STATUS_SUCCESS;
		}
	}
}

static void complete_all(struct target *t, PNET_BUFFER_LIST *list, NDIS_STATUS status,
			 NDIS_TCP_OFFLOAD_SEND_COMPLETE fn)
{
	PNET_BUFFER_LIST chain = *list, nbl;

	*list = NULL;
	for (nbl = chain; nbl; nbl = nbl->Next) {
		PNET_BUFFER nb = nbl->FirstNetBuffer;

		/* What was acknowledged before has been taken off the front already. */
		chim_nbl_consume(nbl, 0, status);
		if (nb->MdlChain)
			chim_nbl_info_set(nbl, TcpOffloadBytesTransferred,
					  nb->MdlChain->ByteCount - nb->DataLength);
	}
	if (chain)
		fn(t->adapter, chain);
}

static void drain(struct target *t, struct object *o, NDIS_STATUS status)
{
	complete_all(t, &o->forwards, status, t->up.NdisTcpOffloadForwardComplete);
	o->forwards_end = &o->forwards;
	complete_all(t, &o->receives, status, t->up.NdisTcpOffloadReceiveComplete);
}

/* TsTime has gone on; all else is as it came. */
static void give_tcp(struct target *t, struct object *o, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b)
{
	TCP_OFFLOAD_STATE_DELEGATED *s = chim_obl_state(b, CHIM_STATE_DELEGATED);
	OFFLOAD_STATE_HEADER header = s->Header;

	drain(t, o, NDIS_STATUS_UPLOAD_IN_PROGRESS);
	if (now_and_then(t->plan.sends_by_completion, t->counts.terminates)) {
		complete_all(t, &o->sends, NDIS_STATUS_UPLOAD_IN_PROGRESS,
			     t->up.NdisTcpOffloadSendComplete);
		o->sends_end = &o->sends;
	}
	*s = o->state;
	s->Header = header;
	s->TsTime += (ULONG)(wall_ms() - o->since_ms);
	s->BufferedData = o->buffered_len ? list_new(t, o->buffered, o->buffered_len) : NULL;
	b->NetBufferListChain = o->sends;
	s->SendDataHead = o->sends;
	s->SendDataTail = NULL;
	for (PNET_BUFFER_LIST nbl = o->sends; nbl; nbl = nbl->Next)
		s->SendDataTail = nbl;
}

static void terminate(struct target *t, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	struct object *o = *root->MiniportOffloadContext;

	t->counts.terminates += o->layer == 3 && !o->lost;
	if (o->layer == 3 && (o->lost || now_and_then(t->plan.lose_state, t->counts.terminates))) {
		complete_all(t, &o->sends, NDIS_STATUS_REQUEST_ABORTED,
			     t->up.NdisTcpOffloadSendComplete);
		o->sends_end = &o->sends;
		drain(t, o, NDIS_STATUS_REQUEST_ABORTED);
		root->Status = o->lost ? NDIS_STATUS_SUCCESS : NDIS_STATUS_FAILURE;
		if (!o->lost) {
			o->lost = true;
			return;
		}
	} else if (o->layer == 3) {
		give_tcp(t, o, root);
	}
	root->Status = NDIS_STATUS_SUCCESS;
	free(o->buffered);
	o->used = false;
}

static void update(struct target *t, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	struct object *o = *root->MiniportOffloadContext;

	t->counts.updates++;
	if (o->layer == 1) {
		NEIGHBOR_OFFLOAD_STATE_CACHED *c = chim_obl_state(root, CHIM_STATE_CACHED);

		memcpy(t->counts.mac, c->DlDestinationAddress, 6);
	} else if (o->layer == 2) {
		t->counts.mtu =
			((PATH_OFFLOAD_STATE_CACHED *)chim_obl_state(root, CHIM_STATE_CACHED))
				->PathMtu;
	}
	root->Status = NDIS_STATUS_SUCCESS;
}

static void query(struct target *t, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	TCP_OFFLOAD_STATE_DELEGATED *s = chim_obl_state(root, CHIM_STATE_DELEGATED);
	struct object *o = *root->MiniportOffloadContext;
	OFFLOAD_STATE_HEADER header = s->Header;

	t->counts.queries++;
	*s = o->state;
	s->Header = header;
	s->SendBacklogSize = CHIM_BACKLOG_NONE;
	s->SendDataTail = NULL;
	s->ReceiveBacklogSize = (ULONG)o->buffered_len;
	root->Status = NDIS_STATUS_SUCCESS;
}

static void offer_buffered(struct target *t, struct object *o)
{
	ULONG consumed = 0;

	if (!o->buffered_len || o->refused || !now_and_then(t->plan.indicate, t->counts.initiates))
		return;
	target_indicate(t, &o->key, o->buffered, (ULONG)o->buffered_len, &consumed);
	memmove(o->buffered, o->buffered + consumed, o->buffered_len - consumed);
	o->buffered_len -= consumed;
	o->refused = o->buffered_len > 0;
}

unsigned int target_poll(struct target *t)
{
	unsigned int done = 0;
	size_t i;

	for (; t->ops_first != t->ops_last; done++) {
		struct op op = t->ops[t->ops_first++ % OPS];

		switch (op.kind) {
		case INITIATE:
			initiate(t, op.root);
			NdisMInitiateOffloadComplete(t->adapter, op.root);
			break;
		case TERMINATE:
			terminate(t, op.root);
			NdisMTerminateOffloadComplete(t->adapter, op.root);
			break;
		case UPDATE:
			update(t, op.root);
			NdisMUpdateOffloadComplete(t->adapter, op.root);
			break;
		case QUERY:
			query(t, op.root);
			NdisMQueryOffloadStateComplete(t->adapter, op.root);
			break;
		default: abort(); /* the host stack never invalidates */
		}
	}
	for (i = 0; i < OBJECTS; i++) {
		struct object *o = &t->objects[i];

		if (!o->used || o->layer != 3 || done)
			continue;
		if (o->receives) {
			/* A request of no bytes: refused data may be offered again. */
			complete_all(t, &o->receives, NDIS_STATUS_SUCCESS,
				     t->up.NdisTcpOffloadReceiveComplete);
			o->refused = false;
			done++;
		}
		offer_buffered(t, o);
	}
	return done;
}

void target_event(struct target *t, const struct chim_key *key, ULONG type, ULONG information)
{
	struct object *o = find(t, key);

	if (type == TcpIndicateAbort)
		o->state.State = TcpConnectionClosed;
	if (type == TcpIndicateDisconnect) {
		o->state.State = TcpConnectionCloseWait;
		o->state.RcvNxt++;
	}
	t->up.NdisTcpOffloadEventHandler(o->handle, type, information);
}

void target_acknowledge(struct target *t, const struct chim_key *key, ULONG bytes)
{
	struct object *o = find(t, key);

	o->state.SndUna += bytes;
	while (bytes && o->sends) {
		PNET_BUFFER_LIST nbl = o->sends;
		ULONG len = (ULONG)chim_nbl_bytes(nbl);

		if (len > bytes) {
			NdisAdvanceNetBufferListDataStart(nbl, bytes, false, NULL);
			return;
		}
		bytes -= len;
		o->sends = nbl->Next;
		if (!o->sends)
			o->sends_end = &o->sends;
		nbl->Next = NULL;
		chim_nbl_consume(nbl, len, NDIS_STATUS_SUCCESS);
		t->up.NdisTcpOffloadSendComplete(t->adapter, nbl);
	}
}

NDIS_STATUS target_indicate(struct target *t, const struct chim_key *key, const void *bytes,
			    ULONG len, ULONG *consumed)
{
	struct object *o = find(t, key);
	PNET_BUFFER_LIST nbl = list_new(t, bytes, len);
	NDIS_STATUS status;

	status = t->up.NdisTcpOffloadReceiveHandler(o->handle, nbl, NDIS_STATUS_SUCCESS, consumed);
	if (status != NDIS_STATUS_SUCCESS)
		list_free(t, nbl);
	return status;
}

ULONG target_ask_neighbor(struct target *t, const struct chim_key *key)
{
	struct object *o = find(t, key);
	PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b = calloc(1, chim_obl_bytes(NeighborOffloadState));
	NEIGHBOR_OFFLOAD_STATE_CACHED *c;
	ULONG delta;

	chim_obl_init(b, NeighborOffloadState);
	b->NdisOffloadHandle = o->below->below->handle;
	c = chim_obl_state(b, CHIM_STATE_CACHED);
	c->HostReachabilityDelta = 0xdead;
	NdisMOffloadEventIndicate(t->adapter, b, NeighborReachabilityQuery);
	delta = c->HostReachabilityDelta;
	free(b);
	return delta;
}

void target_status(struct target *t, NDIS_STATUS code)
{
	NDIS_STATUS_INDICATION s = {
		.Header = { NDIS_OBJECT_TYPE_STATUS_INDICATION, NDIS_STATUS_INDICATION_REVISION_1,
			    sizeof(s) },
		.SourceHandle = t->adapter,
		.StatusCode = code,
	};

	NdisMIndicateStatusEx(t->adapter, &s);
}
