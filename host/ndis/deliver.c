/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The delivery algorithm; see deliver.h. The flowcharts of chimney 7.6 are written as one loop that
 * looks at the state and does the next thing, so that it does not matter whether an event came
 * before the loop or from inside one of its callbacks: the "busy -> queue" boxes are the
 * state itself. Hard part: stopping exactly where the flowcharts stop.
 */
#include <errno.h>
#include <string.h>

#include "deliver.h"

/* A handler that posts again from inside each completion must not keep the loop for ever. */
#define ROUNDS_MAX     256

/* Slots of a list and its NET_BUFFER that the machine uses. */
#define LINK(nbl)      ((nbl)->MiniportReserved[0]) /* next request or loan */
#define OWNER(nbl)     ((nbl)->MiniportReserved[1]) /* of a loan */
#define LOAN_SEQ(nbl)  ((nbl)->FirstNetBuffer->MiniportReserved[0])
#define LOAN_BACK(nbl) ((nbl)->FirstNetBuffer->MiniportReserved[1])

static bool seq_gt(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static uint32_t avail(const struct chim_deliver *d)
{
	return d->end - d->next;
}

static bool is_push(const NET_BUFFER_LIST *r)
{
	return !chim_nbl_info(r, TcpReceiveNoPush);
}

static uint32_t placed(const NET_BUFFER_LIST *r)
{
	return chim_nbl_info(r, TcpOffloadBytesTransferred);
}

static uint32_t prefilled(const NET_BUFFER_LIST *r)
{
	return chim_nbl_info(r, TcpReceiveBytesTransferred);
}

static uint32_t room(const NET_BUFFER_LIST *r)
{
	return r->FirstNetBuffer->DataLength;
}

/* Is the head request in push mode, and neither empty nor full? */
static bool partial_push(const struct chim_deliver *d)
{
	const NET_BUFFER_LIST *r = d->req_head;

	return r && is_push(r) && room(r) && (placed(r) || prefilled(r));
}

/* Bytes of the ring below this are free. */
static uint32_t freed(const struct chim_deliver *d)
{
	return d->loan_head ? (uint32_t)(uintptr_t)LOAN_SEQ(d->loan_head) : d->next;
}

/* Tell the owner what changed. */
static inline void report(struct chim_deliver *d)
{
	uint32_t seq;

	if (d->busy)
		return;
	seq = freed(d);
	if (d->armed ? !d->armed_reported || d->deadline != d->deadline_reported
		     : d->armed_reported) {
		d->armed_reported = d->armed;
		d->deadline_reported = d->deadline;
		d->ops->push_timer(d->ctx, d->armed, d->deadline);
	}
	if (seq != d->freed_reported) {
		d->freed_reported = seq;
		d->ops->freed(d->ctx, seq);
	}
}

static void arm(struct chim_deliver *d, uint32_t now)
{
	d->armed = true;
	d->deadline = now + d->push_ticks;
}

static void loan_add(struct chim_deliver *d, NET_BUFFER_LIST *nbl)
{
	LINK(nbl) = NULL;
	OWNER(nbl) = d;
	LOAN_SEQ(nbl) = (PVOID)(uintptr_t)d->next;
	LOAN_BACK(nbl) = NULL;
	if (d->loan_tail)
		LINK(d->loan_tail) = nbl;
	else
		d->loan_head = nbl;
	d->loan_tail = nbl;
}

/* A chain of requests to be completed in one call. */
struct done {
	NET_BUFFER_LIST *first, **at;
};

/* Take the head request off the queue and complete it with @st. */
static void pop(struct chim_deliver *d, struct done *done, NDIS_STATUS st)
{
	NET_BUFFER_LIST *r = d->req_head;

	d->req_head = LINK(r);
	if (!d->req_head)
		d->req_tail = NULL;
	r->Status = st;
	r->Next = NULL;
	*done->at = r;
	done->at = &r->Next;
}

/* Return: whether there were any. */
static bool flush(struct chim_deliver *d, struct done *done)
{
	if (!done->first)
		return false;
	d->armed = false; /* PLACE: something was completed */
	d->ops->complete(d->ctx, done->first);
	return true;
}

static bool complete_all(struct chim_deliver *d, NDIS_STATUS st)
{
	struct done done = { NULL, &done.first };

	while (d->req_head)
		pop(d, &done, st);
	return flush(d, &done);
}

/*
 * Did a segment with PSH end among the bytes placed in the head request, the last of them next - 1?
 */
static bool pushed(const struct chim_deliver *d)
{
	return d->push_valid && seq_gt(d->push_seq, d->next - placed(d->req_head)) &&
	       !seq_gt(d->push_seq, d->next);
}

/* PLACE: data into requests, in order. */
static void place(struct chim_deliver *d)
{
	struct done done = { NULL, &done.first };

	d->buffered = false;
	d->hold = false;
	while (d->req_head) {
		NET_BUFFER_LIST *r = d->req_head;
		uint32_t n = room(r) < avail(d) ? room(r) : avail(d);

		if (!avail(d) && (room(r) || !prefilled(r)))
			break; /* a zero-byte request waits for data, too, though it takes none */
		if (n) {
			chim_rcv_ring_to_nb(&d->ring, d->next, r->FirstNetBuffer, n);
			NdisAdvanceNetBufferDataStart(r->FirstNetBuffer, n, false, NULL);
			chim_nbl_info_set(r, TcpOffloadBytesTransferred, placed(r) + n);
			d->next += n;
		}
		if (room(r))
			break;
		pop(d, &done, NDIS_STATUS_SUCCESS);
	}
	/* Completed together with the filled ones, as 7.6 allows. */
	if (!avail(d) && partial_push(d) && pushed(d))
		pop(d, &done, NDIS_STATUS_SUCCESS);
	if (d->push_valid && !seq_gt(d->push_seq, d->next))
		d->push_valid = false;
	flush(d, &done);
}

/* INDICATE. Return: false: no list to indicate with. */
static bool indicate(struct chim_deliver *d)
{
	bool cut = d->indication_size && d->indication_size < avail(d);
	uint32_t len = cut ? d->indication_size : avail(d);
	NET_BUFFER_LIST *nbl;
	ULONG consumed = 0;
	NDIS_STATUS st;

	nbl = d->ops->nbl_get(d->ctx, d->next, len);
	if (!nbl) {
		d->want_kick = true;
		return false;
	}
	st = d->ops->indicate(d->ctx, nbl, &consumed);
	if (st == NDIS_STATUS_SUCCESS) {
		loan_add(d, nbl);
		d->next += len;
		/*
		 * Indicate and post: what is beyond RcvIndicationSize waits for a request until the
		 * next kick, then is indicated after all.
		 */
		d->hold = cut;
		d->want_kick |= cut;
	} else {
		if (st == NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED)
			d->next += consumed < len ? consumed : len;
		d->ops->nbl_put(d->ctx, nbl);
		d->buffered = avail(d) != 0;
	}
	if (d->push_valid && !seq_gt(d->push_seq, d->next))
		d->push_valid = false;
	return true;
}

/* All data before the FIN is consumed (R134). */
static void finish(struct chim_deliver *d)
{
	d->phase = CHIM_DELIVER_FIN; /* requests posted by handlers from here on are too late */
	complete_all(d, NDIS_STATUS_SUCCESS);
	/* One of them may have aborted the connection. */
	if (d->phase == CHIM_DELIVER_FIN)
		d->ops->disconnected(d->ctx);
}

static bool step_closed(struct chim_deliver *d)
{
	switch (d->phase) {
	case CHIM_DELIVER_FIN: return complete_all(d, NDIS_STATUS_INVALID_STATE);
	case CHIM_DELIVER_ABORTED: return complete_all(d, NDIS_STATUS_REQUEST_ABORTED);
	case CHIM_DELIVER_TERMINATED: return complete_all(d, NDIS_STATUS_UPLOAD_IN_PROGRESS);
	default: return false;
	}
}

/* The next thing to do. Return: whether there was one. */
static inline bool step(struct chim_deliver *d)
{
	if (d->phase != CHIM_DELIVER_OPEN)
		return step_closed(d);
	if (d->req_head && (avail(d) || (!room(d->req_head) && prefilled(d->req_head)))) {
		place(d);
		return true;
	}
	if (avail(d))
		return !d->buffered && !d->hold && indicate(d);
	if (d->expired) { /* E3, with everything placed that could be */
		struct done done = { NULL, &done.first };

		d->expired = false;
		if (partial_push(d))
			pop(d, &done, NDIS_STATUS_SUCCESS);
		flush(d, &done);
		return true;
	}
	if (!d->fin)
		return false;
	finish(d);
	return true;
}

static void run(struct chim_deliver *d, uint32_t now)
{
	unsigned int rounds = 0;

	if (d->busy)
		return;
	d->busy = true;
	while (step(d)) {
		if (++rounds == ROUNDS_MAX) {
			d->want_kick = true;
			break;
		}
	}
	d->expired = false;
	d->busy = false;
	if (d->phase == CHIM_DELIVER_OPEN && !d->armed && partial_push(d))
		arm(d, now);
	if (d->phase > CHIM_DELIVER_OPEN)
		d->armed = false;
	report(d);
}

void chim_deliver_init(struct chim_deliver *d, const struct chim_deliver_ops *ops, void *ctx,
		       const struct chim_rcv_ring *ring, uint32_t seq, uint32_t buffered)
{
	memset(d, 0, sizeof(*d));
	d->ops = ops;
	d->ctx = ctx;
	d->ring = *ring;
	d->next = seq;
	d->end = seq + buffered;
	d->buffered = buffered != 0;
	d->freed_reported = seq;
}

void chim_deliver_start(struct chim_deliver *d, uint32_t now)
{
	if (d->phase != CHIM_DELIVER_HELD)
		return;
	d->phase = CHIM_DELIVER_OPEN;
	if (d->buffered)
		arm(d, now); /* 11.5 */
	run(d, now);
}

void chim_deliver_data(struct chim_deliver *d, uint32_t len, bool psh, uint32_t now)
{
	if (!len)
		return;
	d->end += len;
	if (psh) {
		d->push_seq = d->end;
		d->push_valid = true;
	}
	if (d->armed)
		arm(d, now); /* R115; stopped again if this data completes something */
	run(d, now);
}

void chim_deliver_fin(struct chim_deliver *d, uint32_t now)
{
	d->fin = true;
	run(d, now);
}

bool chim_deliver_post(struct chim_deliver *d, NET_BUFFER_LIST *chain, uint32_t now)
{
	while (chain) {
		NET_BUFFER_LIST *r = chain;

		chain = r->Next;
		r->Next = NULL;
		LINK(r) = NULL;
		chim_nbl_info_set(r, TcpOffloadBytesTransferred, 0);
		if (d->req_tail)
			LINK(d->req_tail) = r;
		else
			d->req_head = r;
		d->req_tail = r;
	}
	if (d->busy)
		return false; /* the loop on the stack sees them */
	if (d->phase == CHIM_DELIVER_OPEN && !d->armed && partial_push(d)) {
		arm(d, now); /* R114 */
		report(d);
	}
	if (avail(d) || d->phase != CHIM_DELIVER_OPEN || !room(d->req_head))
		d->want_kick = true;
	return d->want_kick;
}

void chim_deliver_kick(struct chim_deliver *d, uint32_t now)
{
	if (d->busy)
		return;
	d->want_kick = false;
	d->hold = false;
	run(d, now);
}

void chim_deliver_push_expired(struct chim_deliver *d, uint32_t now)
{
	if (!d->armed || seq_gt(d->deadline, now))
		return;
	d->armed = false;
	d->armed_reported = false; /* it has run out by itself */
	d->expired = true;
	run(d, now);
}

void chim_deliver_abort(struct chim_deliver *d, uint32_t now)
{
	if (d->phase != CHIM_DELIVER_TERMINATED)
		d->phase = CHIM_DELIVER_ABORTED;
	run(d, now);
}

int chim_deliver_terminate(struct chim_deliver *d, uint32_t now)
{
	if (d->busy)
		return -EBUSY;
	if (d->phase != CHIM_DELIVER_HELD)
		chim_deliver_kick(d, now);
	if (d->phase != CHIM_DELIVER_ABORTED) /* its requests are completed already */
		d->phase = CHIM_DELIVER_TERMINATED;
	run(d, now);
	d->phase = CHIM_DELIVER_TERMINATED;
	d->want_kick = false;
	return 0;
}

int chim_deliver_take(struct chim_deliver *d, NET_BUFFER_LIST **nbl)
{
	*nbl = NULL;
	if (d->phase != CHIM_DELIVER_TERMINATED)
		return -EINVAL;
	if (!avail(d))
		return 0;
	*nbl = d->ops->nbl_get(d->ctx, d->next, avail(d));
	if (!*nbl)
		return -EAGAIN;
	loan_add(d, *nbl);
	d->next = d->end;
	report(d);
	return 0;
}

int chim_deliver_return(NET_BUFFER_LIST *nbl)
{
	struct chim_deliver *d = OWNER(nbl);

	if (!d || LOAN_BACK(nbl))
		return -ENOENT;
	LOAN_BACK(nbl) = nbl;
	while (d->loan_head && LOAN_BACK(d->loan_head)) {
		NET_BUFFER_LIST *back = d->loan_head;

		d->loan_head = LINK(back);
		if (!d->loan_head)
			d->loan_tail = NULL;
		OWNER(back) = NULL;
		d->ops->nbl_put(d->ctx, back);
	}
	report(d);
	return 0;
}
