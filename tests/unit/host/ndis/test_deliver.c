/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Every row of the delivery algorithm (chimney 7.4 to 7.6, R110 to R128, R134), one case each. Hard
 * part: rows that can only be reached from inside a handler.
 */
#include <errno.h>

#include "deliver_bed.h"

#define SAW(b, want) CHECK(bed_saw((b), (want)))
#define DONE(b)                     \
	do {                        \
		bed_return_all(b);  \
		CHECK(bed_free(b)); \
		return true;        \
	} while (0)

static uint32_t refuse(struct bed *b, uint32_t len)
{
	(void)b;
	(void)len;
	return 0;
}

static uint32_t take_two(struct bed *b, uint32_t len)
{
	(void)b;
	return len < 2 ? len : 2;
}

/* E1, no request, nothing buffered -> INDICATE, accepted, no more data. */
static bool data_is_indicated(void)
{
	struct bed *b = bed_new(100, 0, false);

	bed_data(b, 10, false);
	SAW(b, "i0+10A ");
	CHECK_EQ(b->freed, 0); /* still with the host */
	CHECK_EQ(bed_return(b, 0), 0);
	CHECK_EQ(b->freed, 10);
	CHECK(chim_deliver_idle(&b->d));
	DONE(b);
}

/* E1, requests queued -> PLACE; filled ones complete, the rest is indicated. */
static bool requests_before_indications(void)
{
	struct bed *b = bed_new(100, 0, false);

	bed_post(b, 1, 4, true);
	bed_post(b, 2, 3, false);
	SAW(b, "");
	bed_data(b, 12, false);
	SAW(b, "c1:4S c2:3S i7+5A ");
	CHECK(!b->armed);
	DONE(b);
}

/* INDICATE refused -> buffered; E1 with buffered data -> append, no new indication (R123). */
static bool refused_data_waits(void)
{
	struct bed *b = bed_new(100, 0, false);

	b->answer = refuse;
	bed_data(b, 10, false);
	SAW(b, "i0+10R ");
	bed_data(b, 5, true);
	SAW(b, "");
	chim_deliver_kick(&b->d, b->now);
	SAW(b, "");
	CHECK_EQ(chim_deliver_backlog(&b->d), 15);
	/* E2 with buffered data -> PLACE, and what is left is indicated again. */
	b->answer = NULL;
	bed_post(b, 1, 6, true);
	SAW(b, "c1:6S i6+9A ");
	DONE(b);
}

/* A zero-byte request enables indications again and takes nothing (R121, R122). */
static bool zero_byte_request_enables(void)
{
	struct bed *b = bed_new(100, 0, false);

	b->answer = refuse;
	bed_data(b, 10, false);
	SAW(b, "i0+10R ");
	bed_post(b, 1, 0, true);
	SAW(b, "c1:0S i0+10R ");
	b->answer = NULL;
	bed_post(b, 2, 0, true);
	SAW(b, "c2:0S i0+10A ");
	/* Without data it waits for data, in its turn. */
	bed_post(b, 3, 0, true);
	bed_post(b, 4, 2, true);
	SAW(b, "");
	bed_data(b, 3, false);
	SAW(b, "c3:0S c4:2S i12+1A ");
	DONE(b);
}

/* Partial acceptance: the remainder waits, from BytesConsumed on (R124); the list comes back. */
static bool partial_acceptance(void)
{
	struct bed *b = bed_new(100, 0, false);

	b->answer = take_two;
	bed_data(b, 10, false);
	SAW(b, "i0+10P2 ");
	CHECK_EQ(b->freed, 2);
	CHECK_EQ(b->loans, 0);
	bed_data(b, 1, false);
	SAW(b, "");
	b->answer = NULL;
	bed_post(b, 1, 4, false);
	SAW(b, "c1:4S i6+5A ");
	DONE(b);
}

/* A handler that posts while refusing: "requests now queued? yes -> PLACE". */
static uint32_t post_and_refuse(struct bed *b, uint32_t len)
{
	(void)len;
	b->answer = refuse;
	if (bed_post_only(b, 7, 4, true, 0)) /* no kick: the loop on the stack sees it */
		b->broken = true;
	return 0;
}

static bool refusal_with_new_request(void)
{
	struct bed *b = bed_new(100, 0, false);

	b->answer = post_and_refuse;
	bed_data(b, 10, false);
	SAW(b, "i0+10R c7:4S i4+6R ");
	CHECK_EQ(chim_deliver_backlog(&b->d), 6);
	bed_post(b, 1, 6, true);
	SAW(b, "c1:6S ");
	DONE(b);
}

/* A handler that posts while accepting: what comes next is placed. */
static uint32_t post_and_accept(struct bed *b, uint32_t len)
{
	b->answer = NULL;
	bed_post_only(b, 7, 4, true, 0);
	return len;
}

static bool acceptance_with_new_request(void)
{
	struct bed *b = bed_new(100, 0, false);

	b->d.indication_size = 6;
	b->answer = post_and_accept;
	bed_data(b, 10, false);
	SAW(b, "i0+6A c7:4S ");
	DONE(b);
}

/* E1 while busy: the segment is queued and processed when free (R118). */
static uint32_t data_in_handler(struct bed *b, uint32_t len)
{
	b->answer = NULL;
	bed_data(b, 3, false);
	return len;
}

static bool data_while_busy(void)
{
	struct bed *b = bed_new(100, 0, false);

	b->answer = data_in_handler;
	bed_data(b, 10, false);
	SAW(b, "i0+10A i10+3A ");
	DONE(b);
}

/* E2 while busy with a completion: no second completion inside (R118). */
static void post_again(struct bed *b, unsigned int id)
{
	if (id < 4)
		bed_post_only(b, id + 1, 2, true, 0);
}

static bool posting_in_completion(void)
{
	struct bed *b = bed_new(100, 0, false);

	b->on_complete = post_again;
	bed_post(b, 1, 2, true);
	bed_data(b, 9, false);
	SAW(b, "c1:2S c2:2S c3:2S c4:2S i8+1A ");
	DONE(b);
}

/* RcvIndicationSize: one of that size, then time to post; then the rest after all (R127). */
static bool sized_indications(void)
{
	struct bed *b = bed_new(100, 0, false);

	b->d.indication_size = 4;
	bed_data(b, 10, false);
	SAW(b, "i0+4A ");
	CHECK(chim_deliver_wants_kick(&b->d));
	bed_data(b, 1, false);
	SAW(b, "");
	bed_post(b, 1, 3, true); /* indicate and post */
	SAW(b, "c1:3S i7+4A ");
	CHECK(!chim_deliver_wants_kick(&b->d));
	bed_data(b, 6, false);
	SAW(b, "i11+4A ");
	chim_deliver_kick(&b->d, b->now); /* nobody posted */
	SAW(b, "i15+2A ");
	DONE(b);
}

/* PLACE, no data left, last request partial: non-push waits, ignores PSH, runs no timer (R112). */
static bool non_push_waits(void)
{
	struct bed *b = bed_new(100, 0, false);

	bed_post(b, 1, 10, false);
	bed_data(b, 4, true);
	SAW(b, "");
	CHECK(!b->armed);
	CHECK_EQ(b->freed, 4); /* placed bytes are out of the ring */
	bed_data(b, 6, false);
	SAW(b, "c1:10S ");
	DONE(b);
}

/* Push mode: PSH completes at once and stops the timer (R113). */
static bool push_completes(void)
{
	struct bed *b = bed_new(100, 0, false);

	bed_post(b, 1, 10, true);
	bed_data(b, 4, false);
	SAW(b, "");
	CHECK(b->armed);
	CHECK_EQ(b->deadline, 1500);
	bed_data(b, 2, true);
	SAW(b, "c1:6S ");
	CHECK(!b->armed);
	/* Filled and partial together. */
	bed_post(b, 2, 3, true);
	bed_post(b, 3, 9, true);
	bed_data(b, 5, true);
	SAW(b, "c2:3S c3:2S ");
	/* A PSH at the very end of a filled request pushes nothing else. */
	bed_post(b, 4, 3, true);
	bed_post(b, 5, 9, true);
	bed_data(b, 3, true);
	SAW(b, "c4:3S ");
	bed_data(b, 2, false);
	SAW(b, "");
	bed_data(b, 1, true);
	SAW(b, "c5:3S ");
	DONE(b);
}

/* PSH of data that had to wait is not forgotten. */
static bool push_of_buffered_data(void)
{
	struct bed *b = bed_new(100, 0, false);

	b->answer = refuse;
	bed_data(b, 5, true);
	bed_data(b, 2, false);
	SAW(b, "i0+5R ");
	bed_post(b, 1, 100, true);
	SAW(b, "c1:7S ");
	DONE(b);
}

/*
 * The timer starts with the first byte, is restarted by data, fires, and stale expiry is harmless.
 */
static bool push_timer(void)
{
	struct bed *b = bed_new(100, 0, false);

	bed_post(b, 1, 100, true);
	CHECK(!b->armed); /* R114: nothing in it yet */
	b->now = 2000;
	bed_data(b, 1, false);
	CHECK_EQ(b->deadline, 2500);
	b->now = 2400;
	bed_data(b, 1, false);
	CHECK(b->armed);
	CHECK_EQ(b->deadline, 2900); /* R115 */
	bed_expire(b, 2500);	     /* R116: the old deadline */
	SAW(b, "");
	bed_expire(b, 2900);
	SAW(b, "c1:2S ");
	bed_expire(b, 3000); /* nothing to do */
	SAW(b, "");
	CHECK(!b->armed);
	DONE(b);
}

/* A completion stops the timer; a partial request behind it starts it again. */
static bool push_timer_of_next_request(void)
{
	struct bed *b = bed_new(100, 0, false);

	bed_post(b, 1, 4, true);
	bed_post(b, 2, 10, true);
	bed_data(b, 2, false);
	CHECK_EQ(b->deadline, 1500);
	b->now = 1100;
	bed_data(b, 2, false);
	SAW(b, "c1:4S ");
	CHECK(!b->armed);
	b->now = 1200;
	bed_data(b, 1, false);
	CHECK(b->armed);
	CHECK_EQ(b->deadline, 1700);
	bed_data(b, 9, false);
	SAW(b, "c2:10S ");
	CHECK(!b->armed);
	DONE(b);
}

/* E3: a non-push request at the head is left alone. */
static bool push_timer_and_non_push(void)
{
	struct bed *b = bed_new(100, 6, false);

	CHECK(b->armed); /* 11.5: started with the offload, because data waits */
	bed_post(b, 1, 100, false);
	bed_expire(b, b->deadline);
	SAW(b, "");
	bed_data(b, 94, false);
	SAW(b, "c1:100S ");
	DONE(b);
}

/* Pre-filled requests: the timer runs at once in push mode (R114), not at all in the other. */
static bool prefilled_requests(void)
{
	struct bed *b = bed_new(100, 0, false);

	bed_post_only(b, 1, 10, true, 3);
	CHECK(b->armed);
	CHECK_EQ(b->deadline, 1500);
	bed_expire(b, 1500);
	SAW(b, "c1:0S "); /* what the host had put in is its own */
	bed_post_only(b, 2, 10, false, 3);
	bed_data(b, 4, true);
	bed_expire(b, 9000);
	SAW(b, "");
	bed_data(b, 6, false);
	SAW(b, "c2:10S ");
	/* Full when posted: completed at once. */
	CHECK(bed_post_only(b, 3, 0, false, 8));
	chim_deliver_kick(&b->d, b->now);
	SAW(b, "c3:0S ");
	/* Behind another request its timer starts when its turn comes. */
	bed_post(b, 4, 2, true);
	bed_post(b, 5, 10, true);
	bed_post_only(b, 6, 10, true, 1);
	CHECK(!b->armed);
	bed_data(b, 12, false);
	SAW(b, "c4:2S c5:10S ");
	CHECK(b->armed);
	bed_expire(b, b->deadline);
	SAW(b, "c6:0S ");
	DONE(b);
}

/* No indication before the initiate is complete; data collects (R30). */
static bool held_until_started(void)
{
	struct bed *b = bed_new(100, 0, true);

	bed_data(b, 7, false);
	chim_deliver_kick(&b->d, b->now);
	SAW(b, "");
	chim_deliver_start(&b->d, b->now);
	SAW(b, "i0+7A ");
	chim_deliver_start(&b->d, b->now);
	SAW(b, "");
	DONE(b);
}

/* BufferedData waits for requests and goes out before what came later (R37). */
static bool buffered_data_first(void)
{
	struct bed *b = bed_new(100, 8, true);

	bed_data(b, 4, false);
	chim_deliver_start(&b->d, b->now);
	SAW(b, "");
	CHECK(b->armed);
	bed_data(b, 2, false);
	SAW(b, "");
	bed_post(b, 1, 3, false);
	SAW(b, "c1:3S i3+11A ");
	DONE(b);
}

/* FIN: indicated once, after all data was consumed (R134); later requests are too late (R120). */
static bool fin_after_data(void)
{
	struct bed *b = bed_new(100, 0, false);

	b->answer = refuse;
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

	b->answer = refuse;
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

	b->answer = refuse;
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

	b->answer = refuse;
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
		CASE(data_is_indicated),
		CASE(requests_before_indications),
		CASE(refused_data_waits),
		CASE(zero_byte_request_enables),
		CASE(partial_acceptance),
		CASE(refusal_with_new_request),
		CASE(acceptance_with_new_request),
		CASE(data_while_busy),
		CASE(posting_in_completion),
		CASE(sized_indications),
		CASE(non_push_waits),
		CASE(push_completes),
		CASE(push_of_buffered_data),
		CASE(push_timer),
		CASE(push_timer_of_next_request),
		CASE(push_timer_and_non_push),
		CASE(prefilled_requests),
		CASE(held_until_started),
		CASE(buffered_data_first),
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
