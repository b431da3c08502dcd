/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The host's side of one connection: trees, send data, forwards, and what a terminate gives back.
 * Hard part: none of it waits for the script; what is asked for here is answered before the script
 * goes on.
 */
#include "bed.h"

#include <stdlib.h>
#include <string.h>

#include <chimney/backend.h>

#include "../../../rtl/contract/chim_contract.h"

#define ANSWER_MS 2000 /* state operations: firmware works, at a few clocks a millisecond */

static bool answered(struct bed *b)
{
	return b->host.done != NULL;
}

/* Wait for the completion handler of a state operation. */
static bool answer(struct bed *b)
{
	return bed_wait(b, answered, ANSWER_MS);
}

/* A list of @len of our stream's bytes, from relative position @at on. */
static NET_BUFFER_LIST *stream_list(struct bed *b, uint32_t at, uint32_t len, bool mapped)
{
	NET_BUFFER_LIST *nbl = host_list(&b->host, len);
	MDL *mdl = nbl->FirstNetBuffer->MdlChain;

	if (mapped) {
		void *va;
		uint64_t iova;

		if (chim_nic_mem(b->nic, len, &va, &iova))
			return NULL;
		mdl->StartVa = va;
		mdl->Iova = iova;
		b->mapped = va;
		b->mapped_seq = at;
		b->mapped_len = len;
	}
	for (uint32_t i = 0; i < len; i++)
		((uint8_t *)mdl->StartVa)[i] = bed_byte(false, at + i, false);
	return nbl;
}

static void fill_path(struct bed *b, pblock *block)
{
	PATH_OFFLOAD_STATE_CONST *k = chim_obl_state(block, CHIM_STATE_CONST);
	PATH_OFFLOAD_STATE_CACHED *c = chim_obl_state(block, CHIM_STATE_CACHED);

	k->SourceAddress = b->key.local;
	k->DestinationAddress = b->key.remote;
	c->PathMtu = b->o.mtu;
}

static void fill_neighbor(struct bed *b, pblock *block)
{
	NEIGHBOR_OFFLOAD_STATE_CONST *k = chim_obl_state(block, CHIM_STATE_CONST);
	NEIGHBOR_OFFLOAD_STATE_CACHED *c = chim_obl_state(block, CHIM_STATE_CACHED);

	k->VlanId = b->o.vlan & 0xFFFu;
	memcpy(c->DlDestinationAddress, bed_peer_mac, 6);
}

static void fill_const(struct bed *b, TCP_OFFLOAD_STATE_CONST *k)
{
	k->Flags = (USHORT)((b->o.ts ? TCP_FLAG_TIMESTAMP_ENABLED : 0) |
			    (b->o.wscale ? TCP_FLAG_WINDOW_SCALING_ENABLED : 0));
	k->LocalPort = b->key.local_port;
	k->RemotePort = b->key.remote_port;
	k->SndWindScale = b->o.snd_shift & 15u;
	k->RcvWindScale = b->o.rcv_shift & 15u;
	k->RemoteMss = (USHORT)b->o.mss;
}

static void fill_cached(struct bed *b, TCP_OFFLOAD_STATE_CACHED *c)
{
	c->Flags = b->o.nagle ? TCP_FLAG_NAGLING_ENABLED : 0;
	c->InitialRcvWnd = b->o.rcv_buf;
	c->RcvIndicationSize = b->o.indication;
	c->KaProbeCount = 10;
	c->KaInterval = 1000;
	c->MaxRT = b->o.max_rt;
	c->TtlOrHopLimit = (UCHAR)b->o.ttl;
	c->TosOrTrafficClass = (UCHAR)b->o.tos;
}

static bool fill_delegated(struct bed *b, pblock *block)
{
	TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(block, CHIM_STATE_DELEGATED);
	const struct bed_offload *o = &b->o;
	uint32_t fin = o->state == TcpConnectionFinWait1 || o->state == TcpConnectionClosing ||
		       o->state == TcpConnectionLastAck;

	d->State = (TCP_OFFLOAD_CONNECTION_STATE)o->state;
	d->RcvNxt = d->SendWL1 = o->irs;
	d->RcvWnd = o->rcv_wnd;
	d->SndUna = o->iss;
	d->SndNxt = d->SndMax = o->iss + o->unacked + fin;
	d->SndWnd = o->snd_wnd;
	d->MaxSndWnd = o->max_snd_wnd;
	d->CWnd = o->cwnd;
	d->SsThresh = o->ssthresh;
	d->SRtt = (USHORT)(o->srtt * 8);
	d->RttVar = (USHORT)(o->rttvar * 4);
	d->TsRecent = o->ts_recent;
	d->TsRecentAge = o->ts_age;
	d->TsTime = o->ts_time;
	d->DupAckCount = (UCHAR)o->dup_acks;
	d->SndWndProbeCount = (UCHAR)o->probes;
	d->Retransmit.Count = (UCHAR)o->retries;
	d->Retransmit.TimeoutDelta = o->rto ? o->rto : CHIM_TIMEOUT_NONE;
	d->KeepAlive.TimeoutDelta = CHIM_TIMEOUT_NONE;
	b->posted = o->unacked + o->unsent;
	if (b->posted) {
		block->NetBufferListChain = stream_list(b, 0, b->posted, o->mapped);
		d->SendDataHead = d->SendDataTail = block->NetBufferListChain;
		if (!d->SendDataHead)
			return false;
	}
	/* Undelivered data are the last bytes before RcvNxt. */
	b->received = 0 - o->buffered;
	if (o->buffered) {
		NET_BUFFER_LIST *nbl = host_list(&b->host, o->buffered);
		uint8_t *va = nbl->FirstNetBuffer->MdlChain->StartVa;

		for (uint32_t i = 0; i < o->buffered; i++)
			va[i] = bed_byte(true, b->received + i, false);
		d->BufferedData = nbl;
	}
	return true;
}

/* The key: ours is the last byte 1, the peer's 2. */
static void set_key(struct bed *b, const struct bed_offload *o)
{
	static const uint8_t net4[4] = { 10, 0, 0 }, net6[16] = { 0xFD, [7] = 1 };
	size_t n = o->ip6 ? 16 : 4;

	b->o = *o;
	b->key = (struct chim_key){ .family = o->ip6 ? 6 : 4,
				    .local_port = 80,
				    .remote_port = 4711 };
	memcpy(b->key.local, o->ip6 ? net6 : net4, n);
	memcpy(b->key.remote, b->key.local, n);
	b->key.local[n - 1] = 1;
	b->key.remote[n - 1] = 2;
}

bool bed_offload(struct bed *b, const struct bed_offload *o)
{
	pblock *n, *p, *t;

	set_key(b, o);
	b->holding = false;
	b->conn = host_alloc(&b->host, sizeof(*b->conn));
	n = host_block(&b->host, NeighborOffloadState, &b->conn->n, "N");
	p = host_block(&b->host, o->ip6 ? Ip6OffloadState : Ip4OffloadState, &b->conn->p, "P");
	t = host_block(&b->host, TcpOffloadState, &b->conn->t, "T");
	fill_neighbor(b, n);
	fill_path(b, p);
	fill_const(b, chim_obl_state(t, CHIM_STATE_CONST));
	fill_cached(b, chim_obl_state(t, CHIM_STATE_CACHED));
	if (!fill_delegated(b, t))
		return false;
	b->host.done = NULL;
	NdisInitiateOffload(b->host.binding, on(n, on(p, t)));
	if (!answer(b))
		return false;
	b->offloaded = n->Status == NDIS_STATUS_SUCCESS;
	return t->Status == NDIS_STATUS_SUCCESS;
}

static bool is_held(struct bed *b)
{
	return b->hold_done && b->marker;
}

bool bed_hold(struct bed *b, const struct bed_offload *o)
{
	set_key(b, o);
	/* A terminate holds, too, and has its marker. */
	b->hold_done = b->marker = false;
	b->holding = true;
	return !chim_nic_hold(b->nic, &b->key, NULL) && bed_wait(b, is_held, ANSWER_MS);
}

bool bed_release(struct bed *b)
{
	return !chim_nic_release(b->nic, b->entry);
}

bool bed_forward(struct bed *b)
{
	struct chim_frame f;
	NET_BUFFER_LIST *nbl;
	size_t len;

	if (!b->helds || chim_frame_parse(b->held[0]->bytes, b->held[0]->len, false, &f))
		return false;
	len = f.end - f.l4;
	nbl = host_list(&b->host, (ULONG)len);
	memcpy(nbl->FirstNetBuffer->MdlChain->StartVa, f.bytes + f.l4, len);
	free(b->held[0]);
	memmove(b->held, b->held + 1, --b->helds * sizeof(b->held[0]));
	return NdisOffloadTcpForward(&b->conn->t, nbl) == NDIS_STATUS_PENDING;
}

bool bed_send(struct bed *b, uint32_t len, bool mapped)
{
	NET_BUFFER_LIST *nbl = stream_list(b, b->posted, len, mapped);

	if (!nbl || NdisOffloadTcpSend(&b->conn->t, nbl) != NDIS_STATUS_PENDING)
		return false;
	b->posted += len;
	return true;
}

bool bed_receive(struct bed *b, uint32_t len)
{
	NET_BUFFER_LIST *nbl = host_list(&b->host, len);

	if (!len)
		nbl->FirstNetBuffer->MdlChain = nbl->FirstNetBuffer->CurrentMdl = NULL;
	return NdisOffloadTcpReceive(&b->conn->t, nbl) == NDIS_STATUS_PENDING;
}

void bed_scribble(struct bed *b)
{
	for (uint32_t i = 0; i < b->mapped_len; i++)
		b->mapped[i] = bed_byte(false, b->mapped_seq + i, true);
}

bool bed_disconnect(struct bed *b, uint32_t len, bool abortive)
{
	NET_BUFFER_LIST *nbl = stream_list(b, b->posted, len, false);
	ULONG how = abortive ? TCP_DISCONNECT_ABORTIVE_CLOSE : TCP_DISCONNECT_GRACEFUL_CLOSE;

	b->posted += len;
	return NdisOffloadTcpDisconnect(&b->conn->t, nbl, how) == NDIS_STATUS_PENDING;
}

static TCP_OFFLOAD_STATE_DELEGATED *delegated(struct bed *b)
{
	return chim_obl_state(b->tree, CHIM_STATE_DELEGATED);
}

/* Bytes of a chain; UINT32_MAX: they are not the stream's from @at on. */
static uint32_t checked(NET_BUFFER_LIST *chain, bool from_peer, uint32_t at)
{
	uint32_t n = 0;

	for (; chain; chain = chain->Next) {
		for (NET_BUFFER *nb = chain->FirstNetBuffer; nb; nb = nb->Next) {
			for (ULONG i = 0; i < nb->DataLength; i++, n++) {
				uint8_t byte = 0;

				chim_nb_copy_out(nb, i, &byte, 1);
				if (byte != bed_byte(from_peer, at + n, false))
					return UINT32_MAX;
			}
		}
	}
	return n;
}

/* What a terminate gave back: count and check it, and take the lists over. */
static void take_back(struct bed *b)
{
	TCP_OFFLOAD_STATE_DELEGATED *d = delegated(b);
	NET_BUFFER_LIST *chain = d->BufferedData;

	b->send_back = checked(b->tree->NetBufferListChain, false, d->SndUna - b->o.iss);
	b->received_back = checked(chain, true, b->received);
	for (; chain && b->lists < BED_QUEUE; chain = chain->Next)
		b->list[b->lists++] = chain;
}

bool bed_terminate(struct bed *b)
{
	OFFLOAD_STATE_TYPE path = b->o.ip6 ? Ip6OffloadDelegatedState : Ip4OffloadDelegatedState;
	bool tcp = b->conn->t.NdisReserved[0] != NULL;
	pblock *n = host_block(&b->host, NeighborOffloadDelegatedState, &b->conn->n, "N");
	pblock *p = host_block(&b->host, path, &b->conn->p, "P");

	b->tree = tcp ? host_block(&b->host, TcpOffloadDelegatedState, &b->conn->t, "T") : NULL;
	b->host.done = NULL;
	NdisTerminateOffload(b->host.binding, on(n, on(p, b->tree)));
	if (!answer(b) || n->Status || p->Status || (tcp && b->tree->Status))
		return false;
	b->offloaded = false;
	if (tcp)
		take_back(b);
	return true;
}

bool bed_query(struct bed *b)
{
	b->tree = host_block(&b->host, TcpOffloadDelegatedState, &b->conn->t, "T");
	b->host.done = NULL;
	NdisQueryOffloadState(b->host.binding, b->tree);
	return answer(b) && !b->tree->Status;
}

static bool oid_answered(struct bed *b)
{
	return b->host.oid_status != NDIS_STATUS_PENDING;
}

bool bed_retries(struct bed *b, uint32_t n)
{
	NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS p = {
		.Header = { NDIS_OBJECT_TYPE_DEFAULT, NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS_2,
			    sizeof(p) },
		.Encapsulation.Header = { NDIS_OBJECT_TYPE_DEFAULT, 1, sizeof(p.Encapsulation) },
		.TicksPerSecond = 1000,
		.TcpAckFrequency = 2,
		.TcpDelayedAckTicks = 40,
		.TcpMaximumRetransmissions = (UCHAR)n,
		.TcpSwsPreventionTicks = 200,
		.TcpDuplicateAckThreshold = 3,
		.TcpPushTicks = 500,
		.NceStaleTicks = 30000,
	};
	NDIS_OID_REQUEST oid = {
		.Header = { NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_REQUEST_REVISION_1,
			    sizeof(oid) },
		.RequestType = NdisRequestSetInformation,
	};
	NDIS_STATUS status;

	oid.DATA.SET_INFORMATION.Oid = OID_TCP_CONNECTION_OFFLOAD_PARAMETERS;
	oid.DATA.SET_INFORMATION.InformationBuffer = &p;
	oid.DATA.SET_INFORMATION.InformationBufferLength = sizeof(p);
	b->host.oid_status = NDIS_STATUS_PENDING;
	status = NdisOidRequest(b->host.binding, &oid);
	if (status != NDIS_STATUS_PENDING)
		return status == NDIS_STATUS_SUCCESS;
	return bed_wait(b, oid_answered, ANSWER_MS) && b->host.oid_status == NDIS_STATUS_SUCCESS;
}

void bed_stale_doorbell(struct bed *b, uint32_t value)
{
	chim_conn_t id = chim_nic_conn_next(b->nic, 0);
	uint32_t gen = ((id >> 16) - 1) & ((1u << CHIM_GEN_W) - 1);
	uint32_t off = gen << CHIM_DB_GEN_SHIFT | (id & 0xFFFFu) << CHIM_DB_CONN_SHIFT |
		       (uint32_t)CHIM_QUEUE_SEND << CHIM_DB_QUEUE_SHIFT;

	b->be->ops->write32(b->be, 2, off, b->o.iss + value);
}
