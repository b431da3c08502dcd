/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * `conn offload` and `conn upload`: wait for a backlog if asked to, start the move in the same
 * round of the loop, wait for its end. Hard part: every wait has the bound of the request.
 */
#include "api.h"

#include "move.h"
#include "prog.h"

#include <errno.h>

enum {
	TIMEOUT_MS = 10000, /* unless told */
	LOOK_EVERY_MS = 1,  /* at the backlog: it costs register reads */
	STEP_WAIT = 0,
	STEP_MOVING = 1,
};

static bool expired(const struct chim_request *r)
{
	int64_t limit = chim_val_get_int(r->args, "timeout_ms", TIMEOUT_MS);

	return (int64_t)(chim_loop_now(r->prog->loop) - r->since_ms) > limit;
}

/* Is there what the request waits for? */
static bool backlog_there(struct chim_request *r, struct chim_conn *c)
{
	int64_t unacked = chim_val_get_int(r->args, "wait_unacked", 0);
	int64_t undelivered = chim_val_get_int(r->args, "wait_undelivered", 0);
	int64_t carried = chim_val_get_int(r->args, "wait_carried", 0);
	struct chim_carried period;
	size_t u, d;

	if (!unacked && !undelivered && !carried)
		return true;
	if (r->mark == chim_loop_now(r->prog->loop))
		return false;
	r->mark = chim_loop_now(r->prog->loop);
	chim_conn_backlog(c, &u, &d);
	chim_conn_period(c, &period);
	return (int64_t)u >= unacked && (int64_t)d >= undelivered &&
	       (int64_t)(period.sent + period.received) >= carried;
}

static int start(struct chim_request *r, struct chim_conn *c, bool offload)
{
	int err;

	c->manual = true;
	err = offload ? chim_move_offload(c) : chim_move_upload(c, "asked by a verb");
	switch (err) {
	case 0: return 0;
	case -EAGAIN:
		r->cause = "next hop or device stayed busy";
		return expired(r) ? err : CHIM_AGAIN;
	case -EALREADY: r->cause = offload ? "it is in the NIC" : "it is in the kernel"; return err;
	case -EXDEV: r->cause = "its route leaves through another interface"; return err;
	case -ENOTSUP: r->cause = "the device does not offload such connections"; return err;
	case -ESHUTDOWN: r->cause = "the device wants no offloads now"; return err;
	default: r->cause = "it cannot be moved now"; return err;
	}
}

static int finished(struct chim_request *r, struct chim_conn *c, bool offload)
{
	const struct chim_move_result *m = offload ? &c->move.in : &c->move.out;
	bool there = c->place == (offload ? CHIM_IN_NIC : CHIM_IN_KERNEL);

	if (!there) {
		r->cause = "the move failed";
		return m->err ? m->err : -EIO;
	}
	chim_val_put_int(r->data, "id", c->id);
	chim_val_put_text(r->data, "place", chim_place_name(c->place));
	chim_val_put_int(r->data, "unacknowledged", (int64_t)m->unacknowledged);
	chim_val_put_int(r->data, "unsent", (int64_t)m->unsent);
	chim_val_put_int(r->data, "undelivered", (int64_t)m->undelivered);
	chim_val_put_int(r->data, "held_frames", m->held);
	chim_val_put_int(r->data, "ms", (int64_t)m->ms);
	return 0;
}

static int move(struct chim_request *r, bool offload)
{
	struct chim_conn *c = chim_api_conn(r);
	int err;

	if (!c)
		return -ENOENT;
	if (c->place == CHIM_CLOSED || c->place == CHIM_CLOSING) {
		r->cause = "the connection is closed";
		return -ENOTCONN;
	}
	if (r->step == STEP_WAIT) {
		bool from_here = c->place == (offload ? CHIM_IN_KERNEL : CHIM_IN_NIC);

		if (!chim_move_running(c) && c->place != CHIM_CONNECTING &&
		    (!from_here || backlog_there(r, c))) {
			err = start(r, c, offload);
			if (err)
				return err;
			r->step = STEP_MOVING;
			return CHIM_AGAIN;
		}
		r->cause = "no such backlog within the time";
		return expired(r) ? -ETIMEDOUT : CHIM_AGAIN;
	}
	if (!chim_move_running(c))
		return finished(r, c, offload);
	r->cause = "the move takes longer than the time";
	return expired(r) ? -ETIMEDOUT : CHIM_AGAIN;
}

int chim_api_conn_offload(struct chim_request *r)
{
	return move(r, true);
}

int chim_api_conn_upload(struct chim_request *r)
{
	return move(r, false);
}
