/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * One offloaded connection: its memory, what the device reports of it, and how its data goes back
 * at the end. Hard part: reports are absolute and joined, so each is compared with what was told
 * before; and memory that the host still holds outlives the connection.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../ndis/rcv_ring.h"
#include "nic_priv.h"

static NET_BUFFER_LIST *nbl_get(void *ctx, uint32_t seq, uint32_t len)
{
	struct nic_conn *c = ctx;
	struct chim_nic *nic = c->nic;
	NET_BUFFER_LIST *nbl = nic->spare, *next = nbl ? nbl->Next : NULL;

	if (!nbl || !chim_rcv_ring_nbl_again(&c->deliver.ring, nbl, seq, len))
		return chim_rcv_ring_nbl(&c->deliver.ring, nic->nbl_pool, nic->mdl_pool, seq, len);
	nic->spare = next;
	return nbl;
}

static void nbl_put(void *ctx, NET_BUFFER_LIST *nbl)
{
	struct chim_nic *nic = ((struct nic_conn *)ctx)->nic;

	if (!chim_rcv_ring_nbl_clean(nbl)) {
		chim_rcv_ring_nbl_free(nbl);
		return;
	}
	nbl->Next = nic->spare;
	nic->spare = nbl;
}

static void complete(void *ctx, NET_BUFFER_LIST *chain)
{
	struct nic_conn *c = ctx;

	c->nic->up.NdisTcpOffloadReceiveComplete(c->nic->miniport, chain);
}

static NDIS_STATUS indicate(void *ctx, NET_BUFFER_LIST *nbl, ULONG *consumed)
{
	struct nic_conn *c = ctx;

	return c->nic->up.NdisTcpOffloadReceiveHandler(c->obj.ndis, nbl, NDIS_STATUS_SUCCESS,
						       consumed);
}

static void tell(struct nic_conn *c, ULONG event, ULONG info)
{
	c->nic->up.NdisTcpOffloadEventHandler(c->obj.ndis, event, info);
}

static void disconnected(void *ctx)
{
	tell(ctx, TcpIndicateDisconnect, 0);
}

static void timer_stop(struct nic_conn *c)
{
	struct chim_nic *nic = c->nic;

	if (!c->push_timed)
		return;
	c->push_timed = false;
	*(c->timer_prev ? &c->timer_prev->timer_next : &nic->timer_first) = c->timer_next;
	*(c->timer_next ? &c->timer_next->timer_prev : &nic->timer_last) = c->timer_prev;
}

/* Sorted from the end: the time it runs is seldom changed, so the newest ends last. */
static void timer_start(struct nic_conn *c)
{
	struct chim_nic *nic = c->nic;
	struct nic_conn *before = nic->timer_last;

	while (before && nic_seq_lt(c->push_deadline, before->push_deadline))
		before = before->timer_prev;
	c->push_timed = true;
	c->timer_prev = before;
	c->timer_next = before ? before->timer_next : nic->timer_first;
	*(before ? &before->timer_next : &nic->timer_first) = c;
	*(c->timer_next ? &c->timer_next->timer_prev : &nic->timer_last) = c;
}

static void push_timer(void *ctx, bool run, uint32_t deadline)
{
	struct nic_conn *c = ctx;

	timer_stop(c);
	c->push_armed = run;
	c->push_deadline = deadline;
	if (run)
		timer_start(c);
}

static void tell_freed(struct nic_conn *c)
{
	if (c->rcv_freed - c->rcv_return < c->return_step || c->terminated || c->terminating)
		return;
	c->rcv_return = c->rcv_freed;
	nic_doorbell(c, CHIM_QUEUE_RECV_RETURN, c->rcv_return);
}

static void freed(void *ctx, uint32_t seq)
{
	struct nic_conn *c = ctx;

	if (c->terminated)
		nic_conn_todo(c); /* it may have been the last list */
	c->rcv_freed = seq;
	tell_freed(c);
}

static const struct chim_deliver_ops deliver_ops = {
	.nbl_get = nbl_get,
	.nbl_put = nbl_put,
	.complete = complete,
	.indicate = indicate,
	.disconnected = disconnected,
	.push_timer = push_timer,
	.freed = freed,
};

/* Undelivered data of the host, copied to where the device would have placed it (5.6). */
static uint32_t copy_buffered(struct nic_conn *c, const NET_BUFFER_LIST *list, uint32_t rcv_nxt,
			      uint32_t rcv_wnd)
{
	struct chim_rcv_ring ring = { c->rcv, nic_iova(&c->nic->arena, c->rcv), c->rcv_bytes - 1 };
	uint64_t bytes = 0;
	uint32_t seq;

	for (const NET_BUFFER_LIST *n = list; n; n = n->Next)
		bytes += chim_nbl_bytes(n);
	if (bytes + rcv_wnd > c->rcv_bytes)
		return UINT32_MAX; /* no room for it beside the window */
	seq = rcv_nxt - (uint32_t)bytes;
	for (; list; list = list->Next) {
		for (const NET_BUFFER *nb = list->FirstNetBuffer; nb; nb = nb->Next) {
			chim_rcv_ring_from_nb(&ring, seq, nb, 0, nb->DataLength);
			seq += nb->DataLength;
		}
	}
	return (uint32_t)bytes;
}

static bool peer_closed(uint32_t state)
{
	return state == TcpConnectionCloseWait || state == TcpConnectionClosing ||
	       state == TcpConnectionLastAck;
}

static bool fin_out(uint32_t state)
{
	return state == TcpConnectionFinWait1 || state == TcpConnectionFinWait2 ||
	       state == TcpConnectionClosing || state == TcpConnectionLastAck;
}

struct nic_conn *nic_conn_new(struct chim_nic *nic, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b,
			      const struct nic_obj *path, struct chim_hw_tcp_state *w)
{
	const TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(b, CHIM_STATE_DELEGATED);
	const TCP_OFFLOAD_STATE_CACHED *k = chim_obl_state(b, CHIM_STATE_CACHED);
	struct nic_conn *c = calloc(1, sizeof(*c));
	uint32_t buffered, data_end;

	/*
	 * Without memory for it the state goes down without rings: firmware refuses this block with
	 * TCP_RCV_BUFFER, and the rest of the tree is offloaded.
	 */
	w->snd_end = chim_le32_of(d->SndMax - (d->State == TcpConnectionFinWait2));
	w->fin_seq = w->snd_end;
	w->rcv_wup = chim_le32_of(d->RcvNxt);
	if (!c)
		return NULL;
	c->nic = nic;
	c->obj.layer = CHIM_LAYER_TCP;
	c->obj.conn = c;
	c->obj.ndis = b->NdisOffloadHandle;
	if (path) {
		c->key = path->key;
		c->vlan = path->vlan;
	}
	c->key.local_port = chim_le16_get(w->LocalPort);
	c->key.remote_port = chim_le16_get(w->RemotePort);
	c->rcv_bytes = (uint32_t)nic->cfg.conn_rcv_bytes;
	c->rcv = nic_arena_alloc(&nic->arena, c->rcv_bytes);
	if (!c->rcv || nic_send_init(c, d->SndUna))
		goto err_free;
	/* A FIN of the peer lies between the data and RcvNxt. */
	data_end = d->RcvNxt - peer_closed((uint32_t)d->State);
	buffered = copy_buffered(c, d->BufferedData, data_end, d->RcvWnd);
	if (buffered == UINT32_MAX)
		goto err_free;
	c->rcv_placed = data_end;
	c->rcv_fin = peer_closed((uint32_t)d->State);
	c->rcv_freed = c->rcv_return = data_end - buffered;
	chim_deliver_init(
		&c->deliver, &deliver_ops, c,
		&(struct chim_rcv_ring){ c->rcv, nic_iova(&nic->arena, c->rcv), c->rcv_bytes - 1 },
		data_end - buffered, buffered);
	c->deliver.push_ticks = nic->params.TcpPushTicks * 1000 / nic->params.TicksPerSecond;
	nic_conn_cached(c, k);

	/* Send data stays in the host's buffers as far as the device can see them (5.7). */
	nic_send_append(c, b->NetBufferListChain);
	nic_send_poll(c);
	w->rcv_ring = chim_le64_of(nic_iova(&nic->arena, c->rcv));
	w->rcv_ring_log2 = (uint8_t)__builtin_ctz(c->rcv_bytes);
	w->snd_ring = chim_le64_of(nic_iova(&nic->arena, c->snd));
	w->snd_ring_log2 = NIC_SND_LOG2;
	w->rcv_free = chim_le32_of(data_end - buffered);
	w->snd_end = chim_le32_of(c->snd_end);
	w->fin_seq = chim_le32_of(c->snd_end);
	c->fin_rung = fin_out((uint32_t)d->State);
	/*
	 * The interface has no place for what was acknowledged last: one ACK at once makes that
	 * certain (an ACK may be repeated, but not be missing).
	 */
	w->rcv_wup = chim_le32_of(d->RcvNxt - 1);
	w->snd_first = 0;
	c->snd_max = d->SndMax;
	return c;

err_free:
	nic_conn_free(c);
	return NULL;
}

void nic_conn_cached(struct nic_conn *c, const TCP_OFFLOAD_STATE_CACHED *k)
{
	uint32_t part = k->InitialRcvWnd / 8;

	c->return_step = part > NIC_RETURN_STEP ? NIC_RETURN_STEP : part ? part : 1;
	c->deliver.indication_size = k->RcvIndicationSize;
	if (c->offloaded)
		tell_freed(c);
}

void nic_conn_offloaded(struct nic_conn *c, uint32_t handle, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b)
{
	struct chim_nic *nic = c->nic;

	(void)b;
	c->slot = (uint16_t)handle;
	c->gen = (uint8_t)(handle >> CHIM_OBJ_GEN_SHIFT & ((1u << CHIM_GEN_W) - 1));
	c->bells = (uint32_t)c->gen << CHIM_DB_GEN_SHIFT | (uint32_t)c->slot << CHIM_DB_CONN_SHIFT;
	c->offloaded = true;
	c->next = nic->conns;
	c->prev = &nic->conns;
	if (c->next)
		c->next->prev = &c->next;
	nic->conns = c;
	if (c->slot < nic->info.conns)
		nic->slots[c->slot] = c;
	else
		nic_dead(nic, -EIO);
	nic_conn_todo(c);
	/* What did not fit into the ring at once follows by doorbells. */
	if (c->snd_head - c->snd_tail)
		nic_send_poll(c);
}

void nic_conn_free(struct nic_conn *c)
{
	struct nic_arena *a = &c->nic->arena;

	timer_stop(c);
	nic_arena_free(a, c->rcv);
	nic_arena_free(a, c->snd);
	nic_arena_free(a, c->bounce);
	free(c->frag);
	free(c);
}

struct nic_conn *nic_conn_find(struct chim_nic *nic, uint16_t slot, uint8_t gen)
{
	struct nic_conn *c = slot < nic->info.conns ? nic->slots[slot] : NULL;

	return c && c->gen == gen ? c : NULL;
}

void nic_conn_upload(struct nic_conn *c, uint32_t reason)
{
	if (!c->terminating && c->started)
		tell(c, TcpIndicateRetrieve, reason);
}

/* Received bytes up to @placed, which counts the FIN if @fin. */
static inline void received(struct nic_conn *c, uint32_t placed, bool fin)
{
	uint32_t end = placed - fin;

	if (nic_seq_lt(c->rcv_placed, end)) {
		uint32_t n = end - c->rcv_placed;

		c->rcv_placed = end;
		chim_deliver_data(&c->deliver, n, true, c->nic->now);
	}
	if (fin && !c->rcv_fin) {
		c->rcv_fin = true;
		chim_deliver_fin(&c->deliver, c->nic->now);
	}
}

static void abort_all(struct nic_conn *c)
{
	c->aborted = true;
	nic_send_fail(c, NDIS_STATUS_REQUEST_ABORTED);
	chim_deliver_abort(&c->deliver, c->nic->now);
	nic_forward_fail(c, NDIS_STATUS_REQUEST_ABORTED);
	nic_disconnect_check(c, 0);
}

static const struct {
	uint8_t flag, reason;
} upload_for[] = {
	{ CHIM_EVF_EXPIRED, TimeoutExpiration }, { CHIM_EVF_URGENT, ReceivedUrgentData },
	{ CHIM_EVF_SYN, UploadRequested },	 { CHIM_EVF_TIME_WAIT, UploadRequested },
	{ CHIM_EVF_DMA_ERROR, HardwareFailure },
};

static void news(struct nic_conn *c, const struct chim_hw_event *e)
{
	uint32_t flags = chim_le32_get(e->flags), fresh = flags & ~c->flags_seen;

	c->flags_seen |= flags;
	if (fresh & 1u << CHIM_EVF_RST_SENT) {
		/* R105: sends fail before the disconnect completes. */
		nic_send_fail(c, NDIS_STATUS_REQUEST_ABORTED);
		chim_deliver_abort(&c->deliver, c->nic->now);
	}
	if (!c->aborted) {
		nic_send_done(c, chim_le32_get(e->snd_done));
		received(c, chim_le32_get(e->rcv_placed), flags & 1u << CHIM_EVF_RCV_FIN);
	}
	if (fresh & 1u << CHIM_EVF_RCV_RST) {
		abort_all(c);
		tell(c, TcpIndicateAbort, 0);
	}
	for (size_t i = 0; fresh && i < sizeof(upload_for) / sizeof(upload_for[0]); i++) {
		if (fresh & 1u << upload_for[i].flag)
			nic_conn_upload(c, upload_for[i].reason);
	}
	if (c->disc)
		nic_disconnect_check(c, c->flags_seen);
	/* Room for what waits to be sent, or something to deliver that needs another try. */
	if (c->fill_nbl || c->disc || chim_deliver_wants_kick(&c->deliver))
		nic_conn_todo(c);
}

void nic_conn_event(struct chim_nic *nic, const struct chim_hw_event *e)
{
	struct nic_conn *c = nic_conn_find(nic, chim_le16_get(e->conn), e->gen);

	/* An event of an earlier tenant is no news. */
	if (!c)
		return;
	c->snd_max = chim_le32_get(e->snd_max);
	if (c->started) {
		news(c, e);
	} else {
		c->event = *e;
		c->news = true;
	}
}

static void unlink_conn(struct nic_conn *c)
{
	*c->prev = c->next;
	if (c->next)
		c->next->prev = c->prev;
}

void nic_conn_todo(struct nic_conn *c)
{
	struct chim_nic *nic = c->nic;

	if (c->todo)
		return;
	c->todo = true;
	c->todo_next = NULL;
	*(nic->todo_first ? &nic->todo_last->todo_next : &nic->todo_first) = c;
	nic->todo_last = c;
}

static int conn_poll(struct nic_conn *c)
{
	int n = 0;

	if (c->terminated) {
		/* The memory outlives the connection until the last list is back (D12). */
		if (chim_deliver_idle(&c->deliver)) {
			unlink_conn(c);
			nic_conn_free(c);
		}
		return 0;
	}
	if (!c->started) {
		/* Its initiate was completed in an earlier poll (R30). */
		c->started = true;
		chim_deliver_start(&c->deliver, c->nic->now);
		if (c->rcv_fin)
			chim_deliver_fin(&c->deliver, c->nic->now);
		if (c->news)
			news(c, &c->event);
		n++;
	}
	if (c->push_armed && !nic_seq_lt(c->nic->now, c->push_deadline)) {
		timer_stop(c);
		c->push_armed = false;
		chim_deliver_push_expired(&c->deliver, c->nic->now);
		n++;
	}
	if (chim_deliver_wants_kick(&c->deliver)) {
		chim_deliver_kick(&c->deliver, c->nic->now);
		n++;
	}
	if (!c->aborted)
		n += nic_send_poll(c);
	if (c->fwd_head)
		n += nic_forward_poll(c);
	/* Lists to indicate with, or the plain ring, may be there again by the next poll. */
	if (c->fwd_head || chim_deliver_wants_kick(&c->deliver))
		nic_conn_todo(c);
	return n;
}

int nic_conns_poll(struct chim_nic *nic)
{
	struct nic_conn *last, *c;
	int n = 0;

	while ((c = nic->timer_first) && !nic_seq_lt(nic->now, c->push_deadline)) {
		timer_stop(c);
		nic_conn_todo(c);
	}
	/* What is added meanwhile is for the next poll. */
	last = nic->todo_last;
	while ((c = nic->todo_first)) {
		nic->todo_first = c->todo_next;
		c->todo = false;
		n += conn_poll(c);
		if (c == last)
			break;
	}
	return n;
}

/* Unacknowledged send data back to the host: original lists, original order (R72). */
static void return_sends(struct nic_conn *c, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b,
			 TCP_OFFLOAD_STATE_DELEGATED *d, uint32_t snd_una)
{
	uint32_t acked;

	nic_send_done(c, snd_una);
	b->NetBufferListChain = c->send_head;
	if (d) {
		d->SendDataHead = c->send_head;
		d->SendDataTail = c->send_tail;
	}
	/* Of the first one, what is acknowledged is taken off, so that it begins at SndUna. */
	acked = snd_una - c->snd_done;
	for (NET_BUFFER *nb = c->send_head ? c->send_head->FirstNetBuffer : NULL; nb && acked;
	     nb = nb->Next) {
		uint32_t n = acked < nb->DataLength ? acked : nb->DataLength;

		NdisAdvanceNetBufferDataStart(nb, n, false, NULL);
		acked -= n;
	}
	c->send_head = c->send_tail = c->fill_nbl = NULL;
	c->fill_nb = NULL;
}

void nic_conn_state(const struct nic_conn *c, TCP_OFFLOAD_STATE_DELEGATED *d)
{
	if (!c->passive || !d)
		return;
	/* RFC 9293 3.6 case 1: CLOSE after the peer's FIN goes by LAST-ACK, without TIME-WAIT. */
	if (d->State == TcpConnectionClosing)
		d->State = TcpConnectionLastAck;
	else if (d->State == TcpConnectionTimeWait)
		d->State = TcpConnectionClosed;
}

void nic_conn_terminate(struct nic_conn *c, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b,
			const struct chim_hw_tcp_state *w)
{
	TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(b, CHIM_STATE_DELEGATED);
	NET_BUFFER_LIST *rest = NULL;
	uint32_t flags;

	b->NetBufferListChain = NULL;
	if (b->Status != NDIS_STATUS_SUCCESS) {
		/* The object is lost; everything it had fails (6.4.9). */
		abort_all(c);
		if (d)
			d->SendDataHead = d->SendDataTail = d->BufferedData = NULL;
		return;
	}
	flags = chim_le32_get(w->flags_out);
	c->terminated = true;
	if (nic_conn_find(c->nic, c->slot, c->gen) == c)
		c->nic->slots[c->slot] = NULL;
	nic_conn_todo(c);
	if (!c->started) {
		c->started = true;
		chim_deliver_start(&c->deliver, c->nic->now);
	}
	if (!c->aborted)
		received(c, chim_le32_get(w->rcv_placed), flags & 1u << CHIM_EVF_RCV_FIN);
	if (c->aborted) {
		nic_send_fail(c, NDIS_STATUS_REQUEST_ABORTED);
		if (d)
			d->SendDataHead = d->SendDataTail = NULL;
	} else {
		return_sends(c, b, d, chim_le32_get(w->SndUna));
	}
	c->flags_seen |= flags;
	nic_disconnect_check(c, c->flags_seen);
	nic_forward_fail(c, NDIS_STATUS_UPLOAD_IN_PROGRESS);
	chim_deliver_terminate(&c->deliver, c->nic->now);
	chim_deliver_take(&c->deliver, &rest);
	if (d)
		d->BufferedData = rest;
	else if (rest)
		chim_deliver_return(rest);
}

static const char *state_name(const struct nic_conn *c)
{
	bool fin = c->fin_rung, acked = c->flags_seen & 1u << CHIM_EVF_FIN_ACKED;

	if (c->aborted)
		return "CLOSED";
	if (fin && c->rcv_fin)
		return c->passive ? (acked ? "CLOSED" : "LAST_ACK")
				  : (acked ? "TIME_WAIT" : "CLOSING");
	if (fin)
		return acked ? "FIN_WAIT_2" : "FIN_WAIT_1";
	return c->rcv_fin ? "CLOSE_WAIT" : "ESTABLISHED";
}

chim_conn_t chim_nic_conn_next(struct chim_nic *nic, chim_conn_t conn)
{
	chim_conn_t best = 0;

	for (struct nic_conn *c = nic->conns; c; c = c->next) {
		chim_conn_t id = nic_conn_id(c->slot, c->gen);

		if (!c->terminated && id > conn && (!best || id < best))
			best = id;
	}
	return best;
}

int chim_nic_conn_info(struct chim_nic *nic, chim_conn_t conn, struct chim_conn_info *info)
{
	struct nic_conn *c = nic_conn_find(nic, nic_conn_slot(conn), nic_conn_gen(conn));

	if (!c)
		return -ENOENT;
	*info = (struct chim_conn_info){
		.conn = conn,
		.key = c->key,
		.entry = "LIVE",
		.tcp_state = state_name(c),
		.snd_una = c->snd_done,
		.snd_end = c->snd_end,
		.snd_max = c->snd_max,
		.rcv_placed = c->rcv_placed,
		.rcv_fin = c->rcv_fin,
	};
	return 0;
}
