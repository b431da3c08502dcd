/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The delivery algorithm at the end of a connection and of its memory: FIN, abort, terminate,
 * receive-returns, lists that run out, numbers that wrap (R120, R126, R128, R134, 6.4.6). Hard
 * part: what must not happen any more.
 */
#include <errno.h>

#include "deliver_bed.h"

/* FIN: indicated once, after all data was consumed (R134); later requests are too late (R120). */
static bool fin_after_data(void)
{
	struct bed *b = bed_new(100, 0, false);

	b->answer = bed_refuse;
	bed_data(b, 5, false);
	chim_deliver_fin(&b->d, b->now);
	SAW(b, "i0+5R ");
	b->answer = NULL;
	bed_post(b, 1, 2, true);
	SAW(b, "c1:2S i2+3A D ");
	bed_post(b, 2, 10, true);
	SAW(b, "c2:0I ");
	chim_deliver_fin(&b->d, b->now);
	chim_deliver_kick(&b->d, b->now);
	SAW(b, "");
	DONE(b);
}

/* Requests that are queued when the FIN is reached complete first, with what they hold. */
static bool fin_completes_requests(void)
{
	struct bed *b = bed_new(100, 0, false);

	bed_post(b, 1, 10, false);
	bed_post(b, 2, 10, true);
	bed_post(b, 3, 0, true);
	bed_data(b, 4, false);
	chim_deliver_fin(&b->d, b->now);
	SAW(b, "c1:4S c2:0S c3:0S D ");
	CHECK(!b->armed);
	DONE(b);
}

static void post_nine(struct bed *b, unsigned int id)
{
	if (id != 9)
		bed_post_only(b, 9, 4, true, 0);
}

static bool fin_and_posting_in_completion(void)
{
	struct bed *b = bed_new(100, 0, false);

	bed_post(b, 1, 10, true);
	b->on_complete = post_nine;
	chim_deliver_fin(&b->d, b->now);
	SAW(b, "c1:0S D c9:0I ");
	DONE(b);
}

/*
 * RST: requests aborted with their byte count, from now on at once; data stays for the terminate.
 */
static bool abort_completes_requests(void)
{
	struct bed *b = bed_new(100, 0, false);
	NET_BUFFER_LIST *left;

	bed_post(b, 1, 10, true);
	bed_post(b, 2, 10, true);
	bed_data(b, 4, false);
	chim_deliver_abort(&b->d, b->now);
	SAW(b, "c1:4A c2:0A ");
	CHECK(!b->armed);
	bed_data(b, 3, true);
	chim_deliver_fin(&b->d, b->now);
	bed_post(b, 3, 10, true);
	SAW(b, "c3:0A ");
	CHECK_EQ(chim_deliver_terminate(&b->d, b->now), 0);
	CHECK_EQ(chim_deliver_take(&b->d, &left), 0);
	CHECK(left);
	CHECK_EQ(left->FirstNetBuffer->DataLength, 3);
	CHECK_EQ(chim_deliver_return(left), 0);
	DONE(b);
}

/* Terminate: deliver what can be, give requests back, the rest as BufferedData (6.4.6, 6.4.7). */
static bool terminate_hands_back(void)
{
	struct bed *b = bed_new(100, 0, false);
	NET_BUFFER_LIST *left = NULL;

	CHECK_EQ(chim_deliver_take(&b->d, &left), -EINVAL);
	bed_post(b, 1, 10, true);
	bed_data(b, 4, false);
	bed_post_only(b, 2, 3, true, 0); /* its kick is still due */
	CHECK_EQ(chim_deliver_terminate(&b->d, b->now), 0);
	SAW(b, "c1:4U c2:0U ");
	CHECK(!b->armed);
	CHECK_EQ(chim_deliver_take(&b->d, &left), 0);
	CHECK(!left);
	bed_post(b, 3, 3, true);
	SAW(b, "c3:0U ");
	DONE(b);
}

static bool terminate_delivers_first(void)
{
	struct bed *b = bed_new(100, 0, false);
	NET_BUFFER_LIST *left, *nbl;

	b->answer = bed_refuse;
	bed_data(b, 20, false);
	SAW(b, "i0+20R ");
	bed_post_only(b, 1, 6, true, 0);
	CHECK_EQ(chim_deliver_terminate(&b->d, b->now), 0);
	SAW(b, "c1:6S i6+14R ");
	b->no_nbl = true;
	CHECK_EQ(chim_deliver_take(&b->d, &left), -EAGAIN);
	b->no_nbl = false;
	CHECK_EQ(chim_deliver_take(&b->d, &left), 0);
	CHECK_EQ(left->FirstNetBuffer->DataLength, 14);
	bed_take(b, left->FirstNetBuffer, 14);
	CHECK_EQ(b->freed, 6);
	CHECK(!chim_deliver_idle(&b->d));
	CHECK_EQ(chim_deliver_take(&b->d, &nbl), 0);
	CHECK(!nbl);
	CHECK_EQ(chim_deliver_return(left), 0);
	CHECK_EQ(b->freed, 20);
	CHECK(chim_deliver_idle(&b->d));
	DONE(b);
}

/* FIN reached but not indicated: the terminate does not indicate it either. */
static bool terminate_before_fin(void)
{
	struct bed *b = bed_new(100, 0, false);
	NET_BUFFER_LIST *left;

	b->answer = bed_refuse;
	bed_data(b, 3, false);
	chim_deliver_fin(&b->d, b->now);
	CHECK_EQ(chim_deliver_terminate(&b->d, b->now), 0);
	SAW(b, "i0+3R ");
	CHECK_EQ(chim_deliver_take(&b->d, &left), 0);
	CHECK_EQ(chim_deliver_return(left), 0);
	DONE(b);
}

static uint32_t terminate_in_handler(struct bed *b, uint32_t len)
{
	b->user = (void *)(intptr_t)chim_deliver_terminate(&b->d, b->now);
	return len;
}

static bool terminate_is_for_the_poll(void)
{
	struct bed *b = bed_new(100, 0, false);

	b->answer = terminate_in_handler;
	bed_data(b, 3, false);
	CHECK_EQ((intptr_t)b->user, -EBUSY);
	SAW(b, "i0+3A ");
	DONE(b);
}

/* An abort from inside an indication takes effect behind it. */
static uint32_t abort_in_handler(struct bed *b, uint32_t len)
{
	bed_post_only(b, 1, 8, true, 0);
	chim_deliver_abort(&b->d, b->now);
	return len;
}

static bool abort_in_indication(void)
{
	struct bed *b = bed_new(100, 0, false);

	b->answer = abort_in_handler;
	bed_data(b, 3, false);
	SAW(b, "i0+3A c1:0A ");
	DONE(b);
}

/* Receive-returns in any order: the ring is free up to the first that is still out. */
static bool returns_out_of_order(void)
{
	struct bed *b = bed_new(100, 0, false);
	NET_BUFFER_LIST *first;

	for (int i = 0; i < 4; i++)
		bed_data(b, 10, false);
	SAW(b, "i0+10A i10+10A i20+10A i30+10A ");
	first = b->loan[1];
	CHECK_EQ(bed_return(b, 1), 0);
	CHECK_EQ(b->freed, 0);
	CHECK_EQ(chim_deliver_return(first), -ENOENT); /* twice */
	CHECK_EQ(bed_return(b, 2), 0);		       /* the last */
	CHECK_EQ(b->freed, 0);
	CHECK_EQ(bed_return(b, 0), 0);
	CHECK_EQ(b->freed, 20);
	/* Placed bytes behind an indication are not free before it. */
	bed_post(b, 1, 5, true);
	bed_data(b, 5, false);
	CHECK_EQ(b->freed, 20);
	CHECK_EQ(bed_return(b, 0), 0);
	CHECK_EQ(b->freed, 45);
	SAW(b, "c1:5S ");
	DONE(b);
}

/* No list to indicate with: data waits, the next kick tries again. */
static bool no_list_now(void)
{
	struct bed *b = bed_new(100, 0, false);

	b->no_nbl = true;
	bed_data(b, 10, false);
	SAW(b, "");
	CHECK(chim_deliver_wants_kick(&b->d));
	chim_deliver_kick(&b->d, b->now);
	CHECK(chim_deliver_wants_kick(&b->d));
	b->no_nbl = false;
	bed_data(b, 2, false);
	SAW(b, "i0+12A ");
	chim_deliver_kick(&b->d, b->now);
	CHECK(!chim_deliver_wants_kick(&b->d));
	DONE(b);
}

/* A handler that posts a zero-byte request at each completion must not hold the poll for ever. */
static void post_zero(struct bed *b, unsigned int id)
{
	bed_post_only(b, id, 0, true, 0);
}

static bool endless_handler_is_bounded(void)
{
	struct bed *b = bed_new(100, 0, false);

	b->answer = bed_refuse;
	bed_data(b, 10, false);
	b->on_complete = post_zero;
	bed_post(b, 1, 0, true);
	CHECK(chim_deliver_wants_kick(&b->d));
	b->on_complete = NULL;
	chim_deliver_kick(&b->d, b->now);
	CHECK(!chim_deliver_wants_kick(&b->d));
	b->log[0] = 0;
	bed_post(b, 2, 10, true);
	SAW(b, "c2:10S ");
	DONE(b);
}

/* Ring and sequence numbers wrap in the middle of indications and requests. */
static bool wraps(void)
{
	struct bed *b = bed_new(0xFFFFFF00u, 0, false);

	for (int i = 0; i < 100; i++) {
		bed_data(b, 200, false);
		CHECK_EQ(bed_return(b, 0), 0);
		bed_post(b, 1, 300, true);
		bed_data(b, 300, false);
		CHECK_EQ(b->freed, b->in);
		b->log[0] = 0;
	}
	CHECK_EQ(b->out, 50000);
	DONE(b);
}

static NET_BUFFER_LIST *taken;

static NDIS_STATUS take_all(void *ctx, NET_BUFFER_LIST *nbl, ULONG *consumed)
{
	(void)ctx;
	*consumed = nbl->FirstNetBuffer->DataLength;
	taken = nbl;
	return NDIS_STATUS_SUCCESS;
}

/* The sequence number of a PSH comes again 4 GiB later, without PSH. */
static bool push_mark_does_not_age(void)
{
	struct bed *b = bed_new(100, 0, false);
	struct chim_deliver_ops ops = bed_ops;

	ops.indicate = take_all;
	b->d.ops = &ops;
	chim_deliver_data(&b->d, 1, true, 0);
	CHECK_EQ(chim_deliver_return(taken), 0);
	for (uint64_t left = (1ull << 32) - 2; left;) {
		uint32_t len = left < BED_RING ? (uint32_t)left : BED_RING;

		chim_deliver_data(&b->d, len, false, 0);
		CHECK_EQ(chim_deliver_return(taken), 0);
		left -= len;
	}
	b->d.ops = &bed_ops;
	b->out = b->in = b->d.next - b->base;
	bed_post(b, 1, 10, true);
	bed_data(b, 4, false);
	SAW(b, "");
	bed_data(b, 6, false);
	SAW(b, "c1:10S ");
	DONE(b);
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(fin_after_data),
		CASE(fin_completes_requests),
		CASE(fin_and_posting_in_completion),
		CASE(abort_completes_requests),
		CASE(terminate_hands_back),
		CASE(terminate_delivers_first),
		CASE(terminate_before_fin),
		CASE(terminate_is_for_the_poll),
		CASE(abort_in_indication),
		CASE(returns_out_of_order),
		CASE(no_list_now),
		CASE(endless_handler_is_bounded),
		CASE(wraps),
		CASE(push_mark_does_not_age),
	};

	return TAP_RUN(cases);
}
