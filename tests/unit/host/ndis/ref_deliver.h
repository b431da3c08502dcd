/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Reference of the delivery algorithm, written box by box from the flowcharts of chimney 7.6, on
 * stream positions only. Hard part: none wanted; where it and the machine differ, the machine must
 * explain itself. It logs as deliver_bed.h does.
 */
#ifndef NDIS_REF_DELIVER_H
#define NDIS_REF_DELIVER_H

#include <string.h>

#include "tap.h"

#define REF_MAX 4096

struct ref_req {
	unsigned int id;
	uint32_t room, placed, pre;
	bool push;
};

struct ref {
	uint32_t now, push_ticks, indication_size;
	uint32_t next, end;
	bool psh[1u << 20]; /* by position of the last byte of the segment */
	struct ref_req req[REF_MAX];
	unsigned int reqs;
	struct {
		uint32_t len;
		bool psh;
	} seg[REF_MAX]; /* arrived while busy */
	unsigned int segs;
	bool busy, buffered, hold, armed;
	uint32_t deadline;
	bool fin, fin_done, aborted, terminated;
	char log[4096];
	uint32_t (*answer)(struct ref *r, uint32_t len);
	void (*on_complete)(struct ref *r, unsigned int id);
	void *user;
};

static void ref_place(struct ref *r);

static void ref_log(struct ref *r, const char *fmt, unsigned int a, unsigned int b, char st)
{
	size_t n = strlen(r->log);

	snprintf(r->log + n, sizeof(r->log) - n, fmt, a, b, st);
}

static struct ref_req ref_take(struct ref *r)
{
	struct ref_req q = r->req[0];

	memmove(&r->req[0], &r->req[1], --r->reqs * sizeof(q));
	return q;
}

static void ref_complete(struct ref *r, const struct ref_req *q, unsigned int n, char st)
{
	bool was = r->busy;

	r->busy = true;
	for (unsigned int i = 0; i < n; i++) {
		ref_log(r, "c%u:%u%c ", q[i].id, q[i].placed, st);
		r->on_complete(r, q[i].id);
	}
	r->busy = was;
}

static bool ref_partial(const struct ref *r)
{
	return r->reqs && r->req[0].push && r->req[0].room && (r->req[0].placed || r->req[0].pre);
}

static void ref_start_timer(struct ref *r)
{
	if (!r->armed && ref_partial(r)) {
		r->armed = true;
		r->deadline = r->now + r->push_ticks;
	}
}

static void ref_indicate(struct ref *r)
{
	uint32_t len = r->end - r->next, take;
	bool cut = r->indication_size && r->indication_size < len;

	if (r->busy)
		return;
	if (cut)
		len = r->indication_size;
	ref_log(r, "i%u+%u", r->next, len, 0);
	r->busy = true;
	take = r->answer(r, len);
	r->busy = false;
	r->next += take;
	if (take == len) {
		ref_log(r, "A ", 0, 0, 0);
		if (r->next == r->end)
			return;
		r->hold = cut;
		if (r->reqs)
			ref_place(r);
		else if (!r->hold)
			ref_indicate(r);
		return;
	}
	ref_log(r, take ? "P%u " : "R ", take, 0, 0);
	if (r->reqs)
		ref_place(r);
	else
		r->buffered = true;
}

static void ref_place(struct ref *r)
{
	struct ref_req done[REF_MAX / 16];
	unsigned int n = 0;

	r->buffered = false;
	r->hold = false;
	while (r->reqs && r->next < r->end) { /* copy data into requests FIFO */
		struct ref_req *q = &r->req[0];
		uint32_t c = q->room < r->end - r->next ? q->room : r->end - r->next;

		q->room -= c;
		q->placed += c;
		r->next += c;
		if (q->room)
			break;
		done[n++] = ref_take(r);
	}
	while (r->reqs && !r->req[0].room && r->req[0].pre) /* full as posted */
		done[n++] = ref_take(r);
	if (r->next == r->end && ref_partial(r)) { /* push: PSH set in the segment? */
		bool psh = false;

		for (uint32_t p = r->next - r->req[0].placed; p < r->next; p++)
			psh |= r->psh[p];
		if (psh)
			done[n++] = ref_take(r);
	}
	if (n)
		r->armed = false; /* if any was completed, stop the push timer */
	ref_complete(r, done, n, 'S');
	if (r->aborted)
		return;
	if (r->next < r->end) {
		if (r->reqs)
			ref_place(r);
		else
			ref_indicate(r);
		return;
	}
	ref_start_timer(r);
}

static void ref_all(struct ref *r, char st)
{
	struct ref_req done[REF_MAX / 16];
	unsigned int n = 0;

	while (r->reqs)
		done[n++] = ref_take(r);
	ref_complete(r, done, n, st);
}

static void ref_e1(struct ref *r, uint32_t len, bool psh);

/* What the end of every event does: queued segments, FIN, requests that are too late. */
static void ref_settle(struct ref *r)
{
	if (r->busy)
		return;
	if (r->segs) {
		uint32_t len = r->seg[0].len;
		bool psh = r->seg[0].psh;

		memmove(&r->seg[0], &r->seg[1], --r->segs * sizeof(r->seg[0]));
		ref_e1(r, len, psh);
		return;
	}
	if (r->fin && !r->fin_done && !r->aborted && !r->terminated && r->next == r->end) {
		r->fin_done = true;
		ref_all(r, 'S');
		ref_log(r, "D ", 0, 0, 0);
	}
	if (r->terminated || r->aborted || r->fin_done) {
		while (r->reqs)
			ref_all(r, r->terminated ? 'U' : r->aborted ? 'A' : 'I');
		r->armed = false;
		return;
	}
	if (r->reqs && !r->req[0].room && r->req[0].pre) {
		ref_place(r);
		ref_settle(r);
		return;
	}
	ref_start_timer(r);
}

static void ref_e1(struct ref *r, uint32_t len, bool psh)
{
	if (r->busy) {
		r->seg[r->segs].len = len;
		r->seg[r->segs++].psh = psh;
		return;
	}
	r->end += len;
	r->psh[r->end - 1] |= psh;
	if (r->armed)
		r->deadline = r->now + r->push_ticks;
	if (!r->aborted && !r->fin_done && !r->terminated) {
		if (r->reqs)
			ref_place(r);
		else if (!r->buffered && !r->hold)
			ref_indicate(r);
	}
	ref_settle(r);
}

/* Post, then kick. */
static void ref_e2(struct ref *r, struct ref_req q)
{
	r->req[r->reqs++] = q;
	if (r->busy)
		return;
	r->hold = false;
	if (!r->aborted && !r->fin_done && !r->terminated) {
		ref_start_timer(r);
		if (r->next < r->end)
			ref_place(r);
	}
	ref_settle(r);
}

static void ref_kick(struct ref *r)
{
	r->hold = false;
	if (!r->aborted && !r->fin_done && !r->terminated && r->next < r->end && !r->buffered)
		ref_indicate(r);
	ref_settle(r);
}

static void ref_e3(struct ref *r)
{
	if (!r->armed || (int32_t)(r->deadline - r->now) > 0)
		return;
	r->armed = false;
	if (ref_partial(r)) {
		struct ref_req q = ref_take(r);

		ref_complete(r, &q, 1, 'S');
	}
	ref_settle(r);
}

#endif
