/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A connection under test: the delivery machine, its ring, pools, requests, and a log of what it
 * did. Hard part: each byte of the stream has a value that follows from its position, so that a
 * byte that is lost, doubled or moved is seen wherever it comes out.
 *
 * The log: "c2:5S" request 2 completed with 5 bytes, Status S success, A aborted, U upload, I
 * invalid state; "i10+4A" 4 bytes from position 10 indicated, and Accepted, Refused, or P2: 2 of
 * them taken; "D" disconnected. Positions count from the first byte of the stream.
 */
#ifndef NDIS_DELIVER_BED_H
#define NDIS_DELIVER_BED_H

#include <chimney/ndischimney.h>
#include <string.h>

#include "deliver.h"
#include "tap.h"

#define BED_RING      4096u
#define BED_REQS      64
#define BED_REQ_BYTES 512

struct bed;

/* What the host answers to an indication of @len bytes: 0 refused, @len accepted, else partial. */
typedef uint32_t bed_answer_fn(struct bed *b, uint32_t len);

struct bed_req {
	NET_BUFFER_LIST *nbl;
	MDL *mdl;
	uint8_t mem[BED_REQ_BYTES];
	uint32_t pre; /* bytes it held when posted */
	bool out;
};

struct bed {
	struct chim_deliver d;
	uint8_t ring[BED_RING];
	NDIS_HANDLE nbls, mdls;
	struct bed_req req[BED_REQS];
	uint32_t base;	/* sequence number of stream position 0 */
	uint32_t in;	/* bytes put into the ring */
	uint32_t out;	/* bytes handed out */
	uint32_t freed; /* position below which the ring is free */
	uint32_t now;
	bool armed;
	uint32_t deadline;
	bool broken; /* a byte came out wrong */
	bool no_nbl;
	NET_BUFFER_LIST *loan[256];
	uint32_t loan_at[256];
	unsigned int loans;
	char log[4096];
	bed_answer_fn *answer;
	void (*on_complete)(struct bed *b, unsigned int id);
	void *user;
};

static inline uint8_t bed_byte(uint32_t pos)
{
	return (uint8_t)(pos * 2654435761u >> 21);
}

static inline void bed_log(struct bed *b, const char *fmt, unsigned int a, unsigned int c, char st)
{
	size_t n = strlen(b->log);

	snprintf(b->log + n, sizeof(b->log) - n, fmt, a, c, st);
}

static inline void bed_take(struct bed *b, const NET_BUFFER *nb, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		uint8_t byte;

		if (chim_nb_copy_out(nb, i, &byte, 1) != 1 || byte != bed_byte(b->out + i))
			b->broken = true;
	}
	b->out += len;
}

static inline NET_BUFFER_LIST *bed_nbl_get(void *ctx, uint32_t seq, uint32_t len)
{
	struct bed *b = ctx;

	return b->no_nbl ? NULL : chim_rcv_ring_nbl(&b->d.ring, b->nbls, b->mdls, seq, len);
}

static inline void bed_nbl_put(void *ctx, NET_BUFFER_LIST *nbl)
{
	(void)ctx;
	chim_rcv_ring_nbl_free(nbl);
}

static inline void bed_complete(void *ctx, NET_BUFFER_LIST *chain)
{
	struct bed *b = ctx;

	while (chain) {
		NET_BUFFER_LIST *nbl = chain;
		unsigned int id = (unsigned int)(uintptr_t)nbl->ProtocolReserved[0];
		struct bed_req *r = &b->req[id];
		uint32_t n = chim_nbl_info(nbl, TcpOffloadBytesTransferred);
		NDIS_STATUS st = nbl->Status;

		chain = nbl->Next;
		for (uint32_t i = 0; i < n; i++)
			if (r->mem[i] != bed_byte(b->out + i))
				b->broken = true;
		b->out += n;
		if (nbl->FirstNetBuffer->DataOffset != n) /* advanced by what was placed */
			b->broken = true;
		bed_log(b, "c%u:%u%c ", id, n,
			st == NDIS_STATUS_SUCCESS	       ? 'S'
			: st == NDIS_STATUS_REQUEST_ABORTED    ? 'A'
			: st == NDIS_STATUS_UPLOAD_IN_PROGRESS ? 'U'
			: st == NDIS_STATUS_INVALID_STATE      ? 'I'
							       : '?');
		NdisFreeNetBufferList(nbl);
		NdisFreeMdl(r->mdl);
		r->out = false;
		if (b->on_complete)
			b->on_complete(b, id);
	}
}

static inline NDIS_STATUS bed_indicate(void *ctx, NET_BUFFER_LIST *nbl, ULONG *consumed)
{
	struct bed *b = ctx;
	uint32_t len = nbl->FirstNetBuffer->DataLength, at = b->out, take;

	if (nbl->Next || nbl->FirstNetBuffer->Next) /* R125 */
		b->broken = true;
	bed_log(b, "i%u+%u", at, len, 0);
	/* Bytes are checked first: handlers called below may let time pass. */
	bed_take(b, nbl->FirstNetBuffer, len);
	b->out = at;
	take = b->answer ? b->answer(b, len) : len;
	b->out = at + take;
	*consumed = take;
	if (take == len) {
		bed_log(b, "A ", 0, 0, 0);
		b->loan_at[b->loans] = at;
		b->loan[b->loans++] = nbl;
		return NDIS_STATUS_SUCCESS;
	}
	if (!take) {
		bed_log(b, "R ", 0, 0, 0);
		return NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED;
	}
	bed_log(b, "P%u ", take, 0, 0);
	return NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED;
}

static inline void bed_disconnected(void *ctx)
{
	bed_log(ctx, "D ", 0, 0, 0);
}

static inline void bed_push_timer(void *ctx, bool run, uint32_t deadline)
{
	struct bed *b = ctx;

	b->armed = run;
	b->deadline = deadline;
}

static inline void bed_freed(void *ctx, uint32_t seq)
{
	struct bed *b = ctx;
	uint32_t pos = seq - b->base;

	if ((int32_t)(pos - b->freed) < 0)
		b->broken = true; /* only forward */
	b->freed = pos;
}

static const struct chim_deliver_ops bed_ops = {
	.nbl_get = bed_nbl_get,
	.nbl_put = bed_nbl_put,
	.complete = bed_complete,
	.indicate = bed_indicate,
	.disconnected = bed_disconnected,
	.push_timer = bed_push_timer,
	.freed = bed_freed,
};

/* Bytes @from .. @from + @len of the stream into the ring. */
static inline void bed_fill(struct bed *b, uint32_t from, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		b->ring[(b->base + from + i) & (BED_RING - 1)] = bed_byte(from + i);
}

/* A new connection with @buffered bytes of BufferedData, started unless @hold. */
static inline struct bed *bed_new(uint32_t base, uint32_t buffered, bool hold)
{
	static const NET_BUFFER_LIST_POOL_PARAMETERS par = {
		.Header = { NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
			    sizeof(par) },
		.fAllocateNetBuffer = 1,
	};
	struct bed *b = calloc(1, sizeof(*b));
	const struct chim_rcv_ring ring = { b->ring, 0x10000, BED_RING - 1 };

	b->nbls = NdisAllocateNetBufferListPool(NULL, &par);
	chim_mdl_pool_create(NULL, 0, &b->mdls);
	b->base = base;
	b->now = 1000;
	b->in = buffered;
	bed_fill(b, 0, buffered);
	chim_deliver_init(&b->d, &bed_ops, b, &ring, base, buffered);
	b->d.push_ticks = 500;
	if (!hold)
		chim_deliver_start(&b->d, b->now);
	return b;
}

/* Everything must have come back. Return: whether it has, and all bytes were right. */
static inline bool bed_free(struct bed *b)
{
	bool ok = !b->broken && !chim_pool_busy(b->nbls) && !chim_pool_busy(b->mdls);

	NdisFreeNetBufferListPool(b->nbls);
	chim_mdl_pool_destroy(b->mdls);
	free(b);
	return ok;
}

static inline void bed_data(struct bed *b, uint32_t len, bool psh)
{
	bed_fill(b, b->in, len);
	b->in += len;
	chim_deliver_data(&b->d, len, psh, b->now);
}

/* Post request @id with room for @len; @pre bytes were in it before. */
static inline bool bed_post_only(struct bed *b, unsigned int id, uint32_t len, bool push,
				 uint32_t pre)
{
	struct bed_req *r = &b->req[id];

	r->mdl = chim_mdl_alloc(b->mdls, r->mem, CHIM_IOVA_NONE, BED_REQ_BYTES);
	r->nbl = NdisAllocateNetBufferAndNetBufferList(b->nbls, 0, 0, r->mdl, 0, len);
	r->nbl->ProtocolReserved[0] = (PVOID)(uintptr_t)id;
	chim_nbl_info_set(r->nbl, TcpReceiveNoPush, !push);
	chim_nbl_info_set(r->nbl, TcpReceiveBytesTransferred, pre);
	r->pre = pre;
	r->out = true;
	return chim_deliver_post(&b->d, r->nbl, b->now);
}

static inline void bed_post(struct bed *b, unsigned int id, uint32_t len, bool push)
{
	bed_post_only(b, id, len, push, 0);
	chim_deliver_kick(&b->d, b->now);
}

/* The owner's timer fires at @at, if it runs: from then on it does not run. */
static inline void bed_expire(struct bed *b, uint32_t at)
{
	if (b->armed && at == b->deadline)
		b->armed = false;
	chim_deliver_push_expired(&b->d, at);
}

/* Return one accepted indication, the @i-th that is out. */
static inline int bed_return(struct bed *b, unsigned int i)
{
	NET_BUFFER_LIST *nbl = b->loan[i];

	b->loans--;
	memmove(&b->loan[i], &b->loan[i + 1], (b->loans - i) * sizeof(b->loan[0]));
	memmove(&b->loan_at[i], &b->loan_at[i + 1], (b->loans - i) * sizeof(b->loan_at[0]));
	return chim_deliver_return(nbl);
}

static inline void bed_return_all(struct bed *b)
{
	while (b->loans)
		bed_return(b, b->loans - 1);
}

/* Compare and clear the log. */
static inline bool bed_saw(struct bed *b, const char *want)
{
	bool same = !strcmp(b->log, want);

	if (!same)
		printf("# log \"%s\", not \"%s\"\n", b->log, want);
	b->log[0] = 0;
	return same;
}

static inline uint32_t bed_refuse(struct bed *b, uint32_t len)
{
	(void)b;
	(void)len;
	return 0;
}

#define SAW(b, want) CHECK(bed_saw((b), (want)))
#define DONE(b)                     \
	do {                        \
		bed_return_all(b);  \
		CHECK(bed_free(b)); \
		return true;        \
	} while (0)

#endif
