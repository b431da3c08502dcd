/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Every row of the delivery algorithm while a connection is open (chimney 7.4 to 7.6, R110 to
 * R127), one case each. Hard part: rows that can only be reached from inside a handler.
 */
#include "deliver_bed.h"

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

	b->answer = bed_refuse;
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

	b->answer = bed_refuse;
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
	b->answer = bed_refuse;
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

	b->answer = bed_refuse;
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
	};

	return TAP_RUN(cases);
}
