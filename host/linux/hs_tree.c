/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * State trees: building the tree of an initiate, reading the one of a terminate. Hard part: the
 * same data is in the image, in lists and in sequence numbers, and all three must agree.
 */
#include "hs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	KEEPALIVE_PROBES = 10,	   /* chimney 4.5: default of the blind-reset mitigation */
	KEEPALIVE_INTERVAL = 1000, /* ticks */
	RTO_MIN_TICKS = 200,	   /* RtoMin as Linux */
};

static uint64_t wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static size_t block_room(unsigned int type)
{
	return type ? (chim_obl_bytes(type) + 15) & ~(size_t)15 : 0;
}

static PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST place(uint8_t **at, unsigned int type)
{
	PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST block = (void *)*at;

	if (!type)
		return NULL;
	chim_obl_init(block, (OFFLOAD_STATE_TYPE)type);
	*at += block_room(type);
	return block;
}

struct hs_op *hs_op_new(struct chim_hs *hs, unsigned int neighbor_type, unsigned int path_type,
			unsigned int tcp_type)
{
	size_t head = (sizeof(struct hs_op) + 15) & ~(size_t)15;
	struct hs_op *op = calloc(1, head + block_room(neighbor_type) + block_room(path_type) +
					     block_room(tcp_type));
	uint8_t *at;

	if (!op)
		return NULL;
	at = (uint8_t *)op + head;
	op->hs = hs;
	hs->ops_out++;
	op->neighbor_block = place(&at, neighbor_type);
	op->path_block = place(&at, path_type);
	op->tcp_block = place(&at, tcp_type);
	if (op->neighbor_block)
		op->neighbor_block->DependentBlockList = op->path_block;
	if (op->path_block)
		op->path_block->DependentBlockList = op->tcp_block;
	op->root = op->neighbor_block ? op->neighbor_block
		   : op->path_block   ? op->path_block
				      : op->tcp_block;
	op->root->ProtocolReserved[0] = op;
	return op;
}

void hs_op_free(struct hs_op *op)
{
	op->hs->ops_out--;
	free(op);
}

void hs_fill_neighbor(struct chim_hs *hs, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST block,
		      const struct hs_neighbor *n)
{
	NEIGHBOR_OFFLOAD_STATE_CACHED *cached = chim_obl_state(block, CHIM_STATE_CACHED);

	memcpy(cached->DlDestinationAddress, n->hop.mac, sizeof(n->hop.mac));
	cached->HostReachabilityDelta = hs->ops->reachability(hs->ctx, &n->hop);
}

void hs_fill_path(PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST block, const struct hs_path *p)
{
	PATH_OFFLOAD_STATE_CONST *constant = chim_obl_state(block, CHIM_STATE_CONST);
	PATH_OFFLOAD_STATE_CACHED *cached = chim_obl_state(block, CHIM_STATE_CACHED);

	if (constant) {
		constant->SourceAddress = p->key.local;
		constant->DestinationAddress = p->key.remote;
	}
	cached->PathMtu = p->mtu;
}

static USHORT fit16(uint32_t x)
{
	return (USHORT)(x > UINT16_MAX ? UINT16_MAX : x);
}

static void fill_tcp_const(TCP_OFFLOAD_STATE_CONST *t, const struct chim_tcp_image *img)
{
	t->Flags = (USHORT)((img->timestamps ? TCP_FLAG_TIMESTAMP_ENABLED : 0) |
			    (img->sack ? TCP_FLAG_SACK_ENABLED : 0) |
			    (img->wscale ? TCP_FLAG_WINDOW_SCALING_ENABLED : 0));
	t->RemotePort = img->key.remote_port;
	t->LocalPort = img->key.local_port;
	t->SndWindScale = (UCHAR)(img->SndWindScale & 15u);
	t->RcvWindScale = (UCHAR)(img->RcvWindScale & 15u);
	t->RemoteMss = img->RemoteMss;
}

static void fill_tcp_cached(TCP_OFFLOAD_STATE_CACHED *t, const struct chim_tcp_image *img,
			    const struct chim_hs_limits *limits)
{
	t->Flags = img->nodelay ? 0 : TCP_FLAG_NAGLING_ENABLED;
	t->InitialRcvWnd = limits->rcv_wnd;
	t->RcvIndicationSize = limits->rcv_indication;
	t->KaProbeCount = KEEPALIVE_PROBES;
	t->KaInterval = KEEPALIVE_INTERVAL;
	t->TtlOrHopLimit = img->ttl;
	t->TosOrTrafficClass = img->tos;
}

/* Elapsed times round up by one tick, so that no clock that the peer sees goes back. */
static void fill_tcp_delegated(TCP_OFFLOAD_STATE_DELEGATED *t, const struct chim_tcp_image *img)
{
	uint32_t passed = (uint32_t)(wall_ms() - img->taken_ms) + 1;
	uint32_t rto = img->rto_ms > RTO_MIN_TICKS ? img->rto_ms : RTO_MIN_TICKS;

	t->State = img->State;
	t->RcvNxt = img->RcvNxt;
	t->RcvWnd = img->RcvWnd;
	t->SndUna = img->SndUna;
	t->SndNxt = img->SndNxt;
	t->SndMax = img->SndMax;
	t->SndWnd = img->SndWnd;
	t->MaxSndWnd = img->MaxSndWnd;
	t->SendWL1 = img->SendWL1;
	t->CWnd = img->CWnd;
	t->SsThresh = img->SsThresh;
	t->SRtt = fit16(img->SRtt);
	t->RttVar = fit16(img->RttVar);
	t->TsRecent = img->TsRecent;
	t->TsRecentAge = img->TsRecentAge + passed;
	t->TsTime = img->TsTime + passed;
	t->KeepAlive.TimeoutDelta = CHIM_TIMEOUT_NONE;
	/* Unacknowledged data has its timer; data behind a closed window the persist timer. */
	t->Retransmit.TimeoutDelta = img->SndMax != img->SndUna || (img->snd.len && !img->SndWnd)
					     ? rto
					     : CHIM_TIMEOUT_NONE;
}

static void free_chain(struct chim_hs *hs, PNET_BUFFER_LIST chain)
{
	while (chain) {
		PNET_BUFFER_LIST nbl = chain;

		chain = nbl->Next;
		hs_send_free(hs, nbl);
	}
}

/* The send data as lists of at most HS_PIECE bytes. 0 or -ENOMEM. */
static int fill_chain(struct chim_hs_conn *c, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST block,
		      const struct chim_tcp_data *snd)
{
	TCP_OFFLOAD_STATE_DELEGATED *t = chim_obl_state(block, CHIM_STATE_DELEGATED);
	PNET_BUFFER_LIST *end = &block->NetBufferListChain;
	size_t at;

	for (at = 0; at < snd->len; at += HS_PIECE) {
		size_t n = snd->len - at < HS_PIECE ? snd->len - at : HS_PIECE;
		PNET_BUFFER_LIST nbl = hs_send_new(c, snd->bytes + at, n);

		if (!nbl) {
			free_chain(c->hs, block->NetBufferListChain);
			block->NetBufferListChain = NULL;
			return -ENOMEM;
		}
		*end = nbl;
		end = &nbl->Next;
		t->SendDataTail = nbl;
	}
	t->SendDataHead = block->NetBufferListChain;
	return 0;
}

/* BufferedData points into the image, which outlives the initiate: the target copies it. */
static int fill_buffered(struct hs_op *op, const struct chim_tcp_data *rcv)
{
	TCP_OFFLOAD_STATE_DELEGATED *t = chim_obl_state(op->tcp_block, CHIM_STATE_DELEGATED);
	PMDL mdl;

	if (!rcv->len)
		return 0;
	mdl = NdisAllocateMdl(op->hs->mdls, rcv->bytes, (ULONG)rcv->len);
	if (mdl)
		op->buffered = NdisAllocateNetBufferAndNetBufferList(op->hs->nbls, 0, 0, mdl, 0,
								     (ULONG)rcv->len);
	if (!op->buffered) {
		NdisFreeMdl(mdl);
		return -ENOMEM;
	}
	t->BufferedData = op->buffered;
	return 0;
}

static void free_buffered(struct hs_op *op)
{
	if (!op->buffered)
		return;
	NdisFreeMdl(op->buffered->FirstNetBuffer->MdlChain);
	NdisFreeNetBufferList(op->buffered);
	op->buffered = NULL;
}

static void count_chain(struct chim_hs_conn *c, PNET_BUFFER_LIST chain)
{
	for (; chain; chain = chain->Next) {
		c->sends++;
		c->posted += chain->FirstNetBuffer->MdlChain->ByteCount;
	}
}

int chim_hs_initiate(struct chim_hs *hs, struct chim_hs_conn *c, const struct chim_tcp_image *img,
		     const struct chim_hop *hop)
{
	unsigned int path_type = img->key.family == 4 ? Ip4OffloadState : Ip6OffloadState;
	struct hs_path *p;
	struct hs_op *op;
	int err;

	if (!chim_hs_ready(hs, &img->key, hop))
		return -EAGAIN;
	op = hs_op_new(hs, NeighborOffloadState, path_type, TcpOffloadState);
	if (!op)
		return -ENOMEM;
	c->hs = hs;
	p = hs_path_get(hs, &img->key, hop, img->path_mtu);
	err = p ? fill_chain(c, op->tcp_block, &img->snd) : -ENOMEM;
	if (!err) {
		err = fill_buffered(op, &img->rcv);
		if (err)
			free_chain(hs, op->tcp_block->NetBufferListChain);
	}
	if (err) {
		hs_op_free(op);
		hs_objects_drop(hs);
		return err;
	}
	op->c = c;
	op->path = p;
	op->neighbor = p->neighbor;
	op->new_neighbor = !p->neighbor->there;
	op->new_path = !p->there;
	hs_fill_neighbor(hs, op->neighbor_block, p->neighbor);
	hs_fill_path(op->path_block, p);
	fill_tcp_const(chim_obl_state(op->tcp_block, CHIM_STATE_CONST), img);
	fill_tcp_cached(chim_obl_state(op->tcp_block, CHIM_STATE_CACHED), img, &hs->limits);
	fill_tcp_delegated(chim_obl_state(op->tcp_block, CHIM_STATE_DELEGATED), img);
	op->neighbor_block->OffloadHandle = &p->neighbor->handle;
	op->path_block->OffloadHandle = &p->handle;
	op->tcp_block->OffloadHandle = &c->handle;
	/* New objects are nobody else's until the answer; used ones only must not go away. */
	p->neighbor->busy = op->new_neighbor;
	p->busy = op->new_path;
	p->conns++;
	c->path = p;
	c->busy = true;
	c->img = *img;
	memset(&c->img.snd, 0, sizeof(c->img.snd));
	memset(&c->img.rcv, 0, sizeof(c->img.rcv));
	NdisInitiateOffload(hs->binding, op->root);
	return 0;
}

static bool taken(NDIS_STATUS status)
{
	return status == NDIS_STATUS_SUCCESS || status == NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
}

/* The most telling status: of the lowest layer that failed. */
static NDIS_STATUS verdict(const struct hs_op *op)
{
	if (op->new_neighbor && !taken(op->neighbor_block->Status))
		return op->neighbor_block->Status;
	if (op->new_path && !taken(op->path_block->Status))
		return op->path_block->Status;
	return op->tcp_block->Status;
}

void hs_initiate_completed(struct hs_op *op)
{
	struct chim_hs_conn *c = op->c;
	struct chim_hs *hs = op->hs;
	NDIS_STATUS status = verdict(op);

	if (op->new_neighbor) {
		op->neighbor->busy = false;
		op->neighbor->there = taken(op->neighbor_block->Status);
	}
	if (op->new_path) {
		op->path->busy = false;
		op->path->there = taken(op->path_block->Status);
	}
	c->busy = false;
	c->offloaded = op->tcp_block->Status == NDIS_STATUS_SUCCESS;
	if (c->offloaded) {
		/* The lists of the chain come back by send completions now. */
		count_chain(c, op->tcp_block->NetBufferListChain);
	} else {
		free_chain(hs, op->tcp_block->NetBufferListChain);
		c->path = NULL;
		op->path->conns--;
	}
	free_buffered(op);
	hs_op_free(op);
	hs_objects_drop(hs);
	hs->ops->initiated(hs->ctx, c, c->offloaded ? NDIS_STATUS_SUCCESS : status);
}

/* Bytes that must be there according to the sequence numbers: sent, and not acknowledged. */
static size_t unacknowledged(const TCP_OFFLOAD_STATE_DELEGATED *t)
{
	size_t n = t->SndMax - t->SndUna;

	if (n && (t->State == TcpConnectionFinWait1 || t->State == TcpConnectionClosing ||
		  t->State == TcpConnectionLastAck))
		n--; /* our FIN */
	return n;
}

static void read_delegated(const TCP_OFFLOAD_STATE_DELEGATED *t, struct chim_tcp_image *img)
{
	img->State = t->State;
	img->RcvNxt = t->RcvNxt;
	img->RcvWnd = t->RcvWnd;
	img->SndUna = t->SndUna;
	img->SndNxt = t->SndNxt;
	img->SndMax = t->SndMax;
	img->SndWnd = t->SndWnd;
	img->MaxSndWnd = t->MaxSndWnd;
	img->SendWL1 = t->SendWL1;
	img->CWnd = t->CWnd;
	img->SsThresh = t->SsThresh;
	img->SRtt = t->SRtt;
	img->RttVar = t->RttVar;
	img->TsRecent = t->TsRecent;
	img->TsRecentAge = t->TsRecentAge;
	img->TsTime = t->TsTime;
	img->taken_ms = wall_ms();
	img->rcv_wup = t->RcvNxt; /* the acknowledgment that was due has been sent (6.4.2) */
	img->fin_queued = false;
}

/* What the target gave back, as an image. 0; -EIO it contradicts itself; -ENOMEM. */
static int read_back(struct hs_op *op, struct chim_tcp_image *img)
{
	const TCP_OFFLOAD_STATE_DELEGATED *t = chim_obl_state(op->tcp_block, CHIM_STATE_DELEGATED);
	struct chim_hs_conn *c = op->c;
	int err;

	*img = c->img;
	read_delegated(t, img);
	/* Sends that came back before the completion stand before those of the chain. */
	err = hs_gather(&img->snd, c->back_first);
	if (!err)
		err = hs_gather(&img->snd, op->tcp_block->NetBufferListChain);
	if (!err)
		err = hs_gather(&img->rcv, t->BufferedData);
	if (err)
		return err;
	return img->State != TcpConnectionClosed && img->snd.len < unacknowledged(t) ? -EIO : 0;
}

static void count_returned(struct chim_hs_conn *c, PNET_BUFFER_LIST chain)
{
	for (; chain; chain = chain->Next) {
		c->sends--;
		c->posted -= chain->FirstNetBuffer->MdlChain->ByteCount;
	}
}

static int start_terminate(struct chim_hs_conn *c)
{
	struct hs_op *op = hs_op_new(c->hs, 0, 0, TcpOffloadDelegatedState);

	if (!op)
		return -ENOMEM;
	op->c = c;
	op->tcp_block->OffloadHandle = &c->handle;
	c->busy = true;
	NdisTerminateOffload(c->hs->binding, op->root);
	return 0;
}

int chim_hs_terminate(struct chim_hs_conn *c)
{
	if (!c->offloaded || c->busy)
		return -EINVAL;
	return c->querying ? -EAGAIN : start_terminate(c);
}

/* The lists of both kinds have been read, or their data is lost. */
static void release(struct hs_op *op)
{
	const TCP_OFFLOAD_STATE_DELEGATED *t = chim_obl_state(op->tcp_block, CHIM_STATE_DELEGATED);
	struct chim_hs_conn *c = op->c;

	count_returned(c, op->tcp_block->NetBufferListChain);
	free_chain(op->hs, op->tcp_block->NetBufferListChain);
	free_chain(op->hs, c->back_first);
	c->back_first = c->back_last = NULL;
	if (t->BufferedData)
		chim_hs_return(op->hs, t->BufferedData);
}

void hs_terminate_completed(struct hs_op *op)
{
	NDIS_STATUS status = op->tcp_block->Status;
	struct chim_hs_conn *c = op->c;
	struct chim_hs *hs = op->hs;
	struct chim_tcp_image img;
	int err = 0;

	memset(&img, 0, sizeof(img));
	if (status == NDIS_STATUS_SUCCESS && !c->lost)
		err = read_back(op, &img);
	if (err) {
		chim_tcp_image_free(&img);
		hs->ops->warn(hs->ctx, err == -ENOMEM ? "no memory for an uploaded connection"
						      : "an uploaded connection lacks send data");
	}
	release(op);
	hs_op_free(op);
	c->busy = false;
	/* 6.4.9: the state is gone, but the resources are freed only by another terminate. */
	if (status != NDIS_STATUS_SUCCESS && !c->lost) {
		c->lost = true;
		if (!start_terminate(c))
			return;
	}
	if (status == NDIS_STATUS_SUCCESS) {
		c->offloaded = false;
		hs_zero_free(c);
		c->path->conns--;
		c->path = NULL;
	}
	hs->ops->terminated(hs->ctx, c, c->lost || err ? NDIS_STATUS_FAILURE : status, &img);
}

int chim_hs_query(struct chim_hs_conn *c)
{
	struct hs_op *op;

	if (!c->offloaded || c->busy)
		return -EINVAL;
	if (c->querying)
		return -EBUSY;
	op = hs_op_new(c->hs, 0, 0, TcpOffloadDelegatedState);
	if (!op)
		return -ENOMEM;
	op->c = c;
	op->tcp_block->OffloadHandle = &c->handle;
	c->querying = true;
	NdisQueryOffloadState(c->hs->binding, op->root);
	return 0;
}

void hs_query_completed(struct hs_op *op)
{
	TCP_OFFLOAD_STATE_DELEGATED state =
		*(TCP_OFFLOAD_STATE_DELEGATED *)chim_obl_state(op->tcp_block, CHIM_STATE_DELEGATED);
	NDIS_STATUS status = op->tcp_block->Status;
	struct chim_hs_conn *c = op->c;
	struct chim_hs *hs = op->hs;

	c->querying = false;
	hs_op_free(op);
	hs->ops->queried(hs->ctx, c, status, &state);
}
