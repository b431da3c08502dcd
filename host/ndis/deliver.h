/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Delivery of received data to the host stack, one instance per connection: the algorithm of
 * chimney 7.6 over the receive ring. Posted requests are filled by copy; without one, data is
 * indicated in place and its memory freed by receive-return, in any order. Hard part: everything
 * may be called again from inside its own callbacks, and data must still arrive once and in order.
 *
 * The machine holds no memory but this structure, knows no clock, and calls nothing but its
 * callbacks. One thread. Use:
 *
 *   device event: in-order data    chim_deliver_data()
 *   device event: FIN reached      chim_deliver_fin()
 *   acceptable RST, abortive close chim_deliver_abort()
 *   MiniportTcpOffloadReceive      chim_deliver_post(), then chim_deliver_kick() from the next poll
 *   MiniportTcpOffloadReceiveReturn chim_deliver_return()
 *   timer                          chim_deliver_push_expired()
 *   terminate                      chim_deliver_terminate(), chim_deliver_take()
 *
 * chim_deliver_post() and chim_deliver_return() make no call towards the host, so they are safe
 * inside a Miniport entry point; all others are for the poll.
 */
#ifndef CHIM_NDIS_DELIVER_H
#define CHIM_NDIS_DELIVER_H

#include <chimney/ndischimney.h>

#include "rcv_ring.h"

/**
 * struct chim_deliver_ops - outputs
 * @nbl_get:      a list over [seq, seq + len) of the ring, e.g. chim_rcv_ring_nbl(); NULL = none
 *                now, tried again by the next chim_deliver_kick()
 * @nbl_put:      give it back
 * @complete:     complete requests, a chain in posting order with Status and
 *                TcpOffloadBytesTransferred set and the data start advanced
 * @indicate:     indicate one list; results as NdisTcpOffloadReceiveHandler
 * @disconnected: the FIN was reached and everything before it consumed: TcpIndicateDisconnect
 * @push_timer:   @run: call chim_deliver_push_expired() when the time is @deadline (replaces an
 *                earlier one); else stop it
 * @freed:        the ring is free up to @seq, contiguously; only ever moves forward. The last thing
 *                that any call does: it may release the machine if that is idle and terminated
 */
struct chim_deliver_ops {
	NET_BUFFER_LIST *(*nbl_get)(void *ctx, uint32_t seq, uint32_t len);
	void (*nbl_put)(void *ctx, NET_BUFFER_LIST *nbl);
	void (*complete)(void *ctx, NET_BUFFER_LIST *chain);
	NDIS_STATUS (*indicate)(void *ctx, NET_BUFFER_LIST *nbl, ULONG *consumed);
	void (*disconnected)(void *ctx);
	void (*push_timer)(void *ctx, bool run, uint32_t deadline);
	void (*freed)(void *ctx, uint32_t seq);
};

enum chim_deliver_phase {
	CHIM_DELIVER_HELD, /* before chim_deliver_start(): data collects */
	CHIM_DELIVER_OPEN,
	CHIM_DELIVER_FIN,	 /* disconnect indicated: requests get INVALID_STATE */
	CHIM_DELIVER_ABORTED,	 /* requests get REQUEST_ABORTED */
	CHIM_DELIVER_TERMINATED, /* requests get UPLOAD_IN_PROGRESS */
};

/**
 * struct chim_deliver - one connection
 * @push_ticks:      TcpPushTicks; may be changed at any time
 * @indication_size: RcvIndicationSize, 0 = as much as possible; may be changed at any time
 *
 * Sequence numbers and times count modulo 2^32.
 */
struct chim_deliver {
	uint32_t push_ticks;
	uint32_t indication_size;
	/* private: */
	const struct chim_deliver_ops *ops;
	void *ctx;
	struct chim_rcv_ring ring;
	enum chim_deliver_phase phase;
	bool busy;     /* a callback is on the stack; the outer call goes on for us */
	bool buffered; /* data was refused: no indication before a request is posted */
	bool hold;     /* a sized indication was accepted: give the host time to post */
	bool want_kick;
	bool fin;
	bool push_valid; /* push_seq is meaningful */
	bool expired;	 /* push timer, not handled yet */
	bool armed, armed_reported;
	uint32_t deadline, deadline_reported;
	uint32_t next;	   /* first byte not handed out */
	uint32_t end;	   /* behind the last received byte */
	uint32_t push_seq; /* behind the last byte that came with PSH */
	uint32_t freed_reported;
	NET_BUFFER_LIST *req_head, *req_tail;
	NET_BUFFER_LIST *loan_head, *loan_tail;
};

/**
 * chim_deliver_init() - a connection that is being offloaded
 * @ring:     copied; its memory must live until chim_deliver_idle()
 * @seq:      sequence number of the first undelivered byte: RcvNxt less @buffered
 * @buffered: bytes of BufferedData, which the caller has copied into the ring at @seq; they wait
 *            for posted requests (5.6, R37)
 */
void chim_deliver_init(struct chim_deliver *d, const struct chim_deliver_ops *ops, void *ctx,
		       const struct chim_rcv_ring *ring, uint32_t seq, uint32_t buffered);

/**
 * chim_deliver_start() - NdisMInitiateOffloadComplete has returned: indications may begin (R30)
 * Data reported before was held until now.
 */
void chim_deliver_start(struct chim_deliver *d, uint32_t now);

/**
 * chim_deliver_data() - @len more bytes are in order and in the ring (E1)
 * @psh: the segment, or one of those joined in this event, had PSH
 */
void chim_deliver_data(struct chim_deliver *d, uint32_t len, bool psh, uint32_t now);

/* The peer's FIN follows the last byte reported (R134). */
void chim_deliver_fin(struct chim_deliver *d, uint32_t now);

/**
 * chim_deliver_post() - queue requests (E2)
 * @chain: lists with one NET_BUFFER each, now owned by the machine
 *
 * TcpReceiveBytesTransferred says what the request held before it was posted; its data start is
 * already behind these bytes. MiniportReserved is used for queueing.
 * Return: true: something follows from it, call chim_deliver_kick() from the next poll.
 */
bool chim_deliver_post(struct chim_deliver *d, NET_BUFFER_LIST *chain, uint32_t now);

/* Is a call of chim_deliver_kick() due? */
static inline bool chim_deliver_wants_kick(const struct chim_deliver *d)
{
	return d->want_kick;
}

/* Do what earlier calls left for the poll. Harmless at any other time. */
void chim_deliver_kick(struct chim_deliver *d, uint32_t now);

/* The push timer (E3). A stale or early expiry does nothing (R116). */
void chim_deliver_push_expired(struct chim_deliver *d, uint32_t now);

/**
 * chim_deliver_abort() - complete all requests with REQUEST_ABORTED, now and from now on
 * Undelivered data stays and can be taken at terminate; no disconnect is indicated any more.
 */
void chim_deliver_abort(struct chim_deliver *d, uint32_t now);

/**
 * chim_deliver_terminate() - deliver what can be delivered, give back the requests, stop the timer
 * Return: 0: chim_deliver_take() is next; -EBUSY called from inside a callback, try from the poll.
 */
int chim_deliver_terminate(struct chim_deliver *d, uint32_t now);

/**
 * chim_deliver_take() - what is left, for DELEGATED.BufferedData
 * @nbl: out: one list that the host returns by receive-return; NULL if nothing is left
 *
 * Return: 0; -EAGAIN nbl_get() had no list, try again when one came back; -EINVAL not terminated.
 */
int chim_deliver_take(struct chim_deliver *d, NET_BUFFER_LIST **nbl);

/**
 * chim_deliver_return() - receive-return of one list, in any order
 *
 * The list is given to nbl_put() once all earlier ones are back too.
 * Return: 0; -ENOENT it is not out.
 */
int chim_deliver_return(NET_BUFFER_LIST *nbl);

/* Bytes received but not handed out: ReceiveBacklogSize of a query. */
static inline uint32_t chim_deliver_backlog(const struct chim_deliver *d)
{
	return d->end - d->next;
}

/* Nothing is out with the host: ring and machine may be released. */
static inline bool chim_deliver_idle(const struct chim_deliver *d)
{
	return !d->loan_head && !d->req_head;
}

#endif
