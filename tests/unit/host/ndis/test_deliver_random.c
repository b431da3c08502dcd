/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The delivery machine against its reference on random events, and against its promises when posts
 * are noticed late. Hard part: handlers that post, and let data arrive, from inside; both models
 * get the same ones because each draws them from its own copy of the same random state.
 */
#include <errno.h>

#include "deliver_bed.h"
#include "ref_deliver.h"

#define CONNECTIONS 400
#define EVENTS	    400
#define NESTED_MAX  3

/* What handlers draw from; one copy for each model. */
struct luck {
	uint64_t state;
	unsigned int nested; /* events made by handlers within this one */
	unsigned int id;     /* next request */
};

enum answer { ANSWER_POST = 15, ANSWER_DATA = 25, ANSWER_REFUSE = 50, ANSWER_PART = 70 };

static struct ref_req draw_request(struct luck *l)
{
	struct ref_req q = { .id = l->id++ % BED_REQS };
	uint32_t kind = tap_below(&l->state, 100);

	q.room = kind < 15 ? 0 : 1 + tap_below(&l->state, kind < 60 ? 20 : 200);
	q.push = tap_below(&l->state, 3) != 0;
	q.pre = tap_below(&l->state, 8) ? 0 : 1 + tap_below(&l->state, 9);
	return q;
}

static uint32_t draw_answer(struct luck *l, uint32_t len)
{
	uint32_t kind = tap_below(&l->state, 100);

	if (kind < ANSWER_REFUSE)
		return len;
	if (kind < ANSWER_PART)
		return 0;
	return tap_below(&l->state, len); /* 0: refused as well */
}

static uint32_t ref_answer(struct ref *r, uint32_t len)
{
	struct luck *l = r->user;
	uint32_t kind = tap_below(&l->state, 100);

	if (l->nested < NESTED_MAX && kind < ANSWER_DATA) {
		l->nested++;
		if (kind < ANSWER_POST) {
			ref_e2(r, draw_request(l));
		} else {
			uint32_t n = 1 + tap_below(&l->state, 20);

			ref_e1(r, n, tap_below(&l->state, 2));
		}
	}
	return draw_answer(l, len);
}

static void ref_done(struct ref *r, unsigned int id)
{
	struct luck *l = r->user;

	(void)id;
	if (tap_below(&l->state, 100) < ANSWER_POST && l->nested < NESTED_MAX) {
		l->nested++;
		ref_e2(r, draw_request(l));
	}
}

static void post(struct bed *b, struct ref_req q)
{
	if (bed_post_only(b, q.id, q.room, q.push, q.pre))
		chim_deliver_kick(&b->d, b->now);
}

static uint32_t bed_answer(struct bed *b, uint32_t len)
{
	struct luck *l = b->user;
	uint32_t kind = tap_below(&l->state, 100);

	if (b->d.req_head) /* requests are always preferred (R110) */
		b->broken = true;
	if (l->nested < NESTED_MAX && kind < ANSWER_DATA) {
		l->nested++;
		if (kind < ANSWER_POST) {
			post(b, draw_request(l));
		} else {
			uint32_t n = 1 + tap_below(&l->state, 20);

			bed_data(b, n, tap_below(&l->state, 2));
		}
	}
	return draw_answer(l, len);
}

static void bed_done(struct bed *b, unsigned int id)
{
	struct luck *l = b->user;

	(void)id;
	if (tap_below(&l->state, 100) < ANSWER_POST && l->nested < NESTED_MAX) {
		l->nested++;
		post(b, draw_request(l));
	}
}

/* Room in the ring, with some for handlers. */
static bool room_for(const struct bed *b, uint32_t len)
{
	return b->in - b->freed + len + NESTED_MAX * 20 <= BED_RING;
}

/* Bytes handed out, those in requests that are not complete among them. */
static uint32_t position(const struct bed *b)
{
	return b->d.next - b->base;
}

/* Where the ring must be free up to. */
static uint32_t must_be_free(const struct bed *b)
{
	uint32_t pos = position(b);

	for (unsigned int i = 0; i < b->loans; i++)
		if ((int32_t)(b->loan_at[i] - pos) < 0)
			pos = b->loan_at[i];
	return pos;
}

static bool same(struct bed *b, struct ref *r, unsigned int conn, unsigned int ev)
{
	bool ok = !strcmp(b->log, r->log) && !b->broken && position(b) == r->next &&
		  chim_deliver_backlog(&b->d) == r->end - r->next && b->armed == r->armed &&
		  (!r->armed || b->deadline == r->deadline) && b->freed == must_be_free(b);

	if (!ok)
		printf("# connection %u event %u\n# machine:   %s out %u timer %d %u free %u%s\n"
		       "# reference: %s out %u timer %d %u free %u\n",
		       conn, ev, b->log, position(b), b->armed, b->deadline, b->freed,
		       b->broken ? " BROKEN" : "", r->log, r->next, r->armed, r->deadline,
		       must_be_free(b));
	b->log[0] = 0;
	r->log[0] = 0;
	return ok;
}

/* Terminate, take the rest, give everything back: no byte may be missing. */
static bool end_of(struct bed *b)
{
	NET_BUFFER_LIST *left;

	b->answer = NULL;
	CHECK_EQ(chim_deliver_terminate(&b->d, b->now), 0);
	CHECK_EQ(chim_deliver_take(&b->d, &left), 0);
	if (left) {
		bed_take(b, left->FirstNetBuffer, left->FirstNetBuffer->DataLength);
		CHECK_EQ(chim_deliver_return(left), 0);
	}
	CHECK_EQ(b->out, b->in);
	bed_return_all(b);
	CHECK_EQ(b->freed, b->in);
	CHECK(chim_deliver_idle(&b->d));
	CHECK(bed_free(b));
	return true;
}

static bool one_event(struct bed *b, struct ref *r, uint64_t *rnd)
{
	uint32_t kind = tap_below(rnd, 100);
	struct luck *l = r->user;

	if (kind < 45) {
		uint32_t len = 1 + tap_below(rnd, kind < 5 ? 600 : 60);
		bool psh = tap_below(rnd, 4) == 0;

		if (!room_for(b, len) || r->fin)
			return false;
		ref_e1(r, len, psh);
		bed_data(b, len, psh);
	} else if (kind < 75) {
		struct ref_req q;

		if (r->reqs > 30)
			return false;
		q = draw_request(l);
		((struct luck *)b->user)->id = l->id; /* the same request for both */
		((struct luck *)b->user)->state = l->state;
		ref_e2(r, q);
		bed_post_only(b, q.id, q.room, q.push, q.pre);
		chim_deliver_kick(&b->d, b->now);
	} else if (kind < 82) {
		b->now += tap_below(rnd, 400);
		r->now = b->now;
		ref_e3(r);
		if (b->armed && (int32_t)(b->deadline - b->now) <= 0)
			b->armed = false;
		chim_deliver_push_expired(&b->d, b->now);
	} else if (kind < 87) {
		ref_kick(r);
		chim_deliver_kick(&b->d, b->now);
	} else if (kind < 99) {
		if (b->loans)
			bed_return(b, tap_below(rnd, b->loans));
	} else if (tap_below(rnd, 20) == 0) {
		r->fin = true;
		ref_settle(r);
		chim_deliver_fin(&b->d, b->now);
	} else if (tap_below(rnd, 40) == 0) {
		r->aborted = true;
		ref_settle(r);
		chim_deliver_abort(&b->d, b->now);
	}
	while (b->loans > 200)
		bed_return(b, 0);
	return true;
}

static bool agrees_with_reference(void)
{
	uint64_t rnd = tap_seed();
	struct ref *r = malloc(sizeof(*r));

	CHECK(r);
	for (unsigned int c = 0; c < CONNECTIONS; c++) {
		struct luck lr = { tap_random(&rnd), 0, 0 }, lb = lr;
		struct bed *b = bed_new(tap_random(&rnd), 0, false);

		memset(r, 0, sizeof(*r));
		r->user = &lr;
		r->answer = ref_answer;
		r->on_complete = ref_done;
		r->push_ticks = b->d.push_ticks;
		r->now = b->now;
		r->indication_size = tap_below(&rnd, 2) ? 0 : 1 + tap_below(&rnd, 40);
		b->d.indication_size = r->indication_size;
		b->user = &lb;
		b->answer = bed_answer;
		b->on_complete = bed_done;
		for (unsigned int e = 0; e < EVENTS; e++) {
			lr.nested = lb.nested = 0;
			if (!one_event(b, r, &rnd))
				continue;
			CHECK(same(b, r, c, e));
			CHECK(lr.state == lb.state && lr.id == lb.id);
		}
		b->on_complete = NULL;
		CHECK(end_of(b));
	}
	free(r);
	return true;
}

static unsigned int expected_id;

static void in_order(struct bed *b, unsigned int id)
{
	if (id != expected_id++ % BED_REQS)
		b->broken = true;
}

static uint32_t prefer(struct bed *b, uint32_t len)
{
	if (b->d.req_head)
		b->broken = true;
	return draw_answer(b->user, len);
}

/* Kicks come late, lists run out: still every byte once, in order, requests first and FIFO. */
static bool keeps_promises_when_late(void)
{
	uint64_t rnd = tap_seed() + 1;

	for (unsigned int c = 0; c < CONNECTIONS; c++) {
		struct luck l = { tap_random(&rnd), 0, 0 };
		uint32_t buffered = tap_below(&rnd, 100);
		struct bed *b = bed_new(tap_random(&rnd), buffered, true);
		unsigned int posted = 0;

		expected_id = 0;
		b->user = &l;
		b->answer = prefer;
		b->on_complete = in_order;
		b->d.indication_size = tap_below(&rnd, 3) ? 0 : 30;
		for (unsigned int e = 0; e < EVENTS; e++) {
			uint32_t kind = tap_below(&rnd, 100), len = 1 + tap_below(&rnd, 90);

			b->no_nbl = tap_below(&rnd, 10) == 0;
			b->log[0] = 0;
			if (e == 20)
				chim_deliver_start(&b->d, b->now);
			if (kind < 40 && room_for(b, len))
				bed_data(b, len, kind < 5);
			else if (kind < 65 && posted - expected_id < 30)
				bed_post_only(b, posted++ % BED_REQS, tap_below(&rnd, 80), kind & 1,
					      0);
			else if (kind < 80)
				chim_deliver_kick(&b->d, b->now);
			else if (kind < 90 && b->loans)
				bed_return(b, tap_below(&rnd, b->loans));
			else if (kind < 95)
				bed_expire(b, b->now += 100);
			CHECK_EQ(b->freed, must_be_free(b));
			CHECK(!b->broken);
		}
		/*
		 * Everything that can be done is done: data and requests do not wait for each
		 * other.
		 */
		b->no_nbl = false;
		chim_deliver_kick(&b->d, b->now);
		CHECK(!b->d.req_head || !chim_deliver_backlog(&b->d));
		CHECK(end_of(b));
		CHECK_EQ(posted, expected_id);
	}
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(agrees_with_reference),
		CASE(keeps_promises_when_late),
	};

	return TAP_RUN(cases);
}
