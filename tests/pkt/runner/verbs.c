/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The verbs of a script, one table. Hard part: none; README.md describes each.
 */
#include "run.h"

#include <stdlib.h>
#include <string.h>

static uint32_t number(char **word, unsigned int n, unsigned int i, uint32_t otherwise)
{
	return i < n ? (uint32_t)strtol(word[i], NULL, 0) : otherwise;
}

static bool has(char **word, unsigned int n, const char *what)
{
	for (unsigned int i = 1; i < n; i++) {
		if (!strcmp(word[i], what))
			return true;
	}
	return false;
}

static bool set_all(struct run *r, char **word, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++) {
		const char *what = strchr(word[i], '=') ? settings_set(&r->o, word[i]) : NULL;

		if (what)
			return run_fail(r, "  %s: %s", word[i], what);
	}
	return true;
}

/* The notice that the entry is LIVE, wherever it stands among the events. */
static bool take_live(struct bed *b)
{
	for (unsigned int i = 0; i < b->events; i++) {
		if (strcmp(b->event[i].name, "live"))
			continue;
		b->events--;
		memmove(b->event + i, b->event + i + 1, (b->events - i) * sizeof(b->event[0]));
		return true;
	}
	return false;
}

/* The connection turns LIVE and says so with one ACK; "by-hand" leaves that to the script. */
static bool v_offload(struct run *r, char **word, unsigned int n)
{
	bool held = r->bed.holding, by_hand = has(word, n, "by-hand");
	uint32_t fin = r->o.state == TcpConnectionFinWait1 || r->o.state == TcpConnectionClosing ||
		       r->o.state == TcpConnectionLastAck;
	struct segment first = { .flags = CHIM_TH_ACK };

	if (!set_all(r, word, n))
		return false;
	if (!held)
		bed_mark(&r->bed); /* hundreds of clocks, so not in HOLD, which is bounded */
	if (!bed_offload(&r->bed, &r->o))
		return run_fail(r, "  the target refused it");
	if (!held) {
		if (!bed_wait(&r->bed, take_live, 200))
			return run_fail(r, "  it does not turn LIVE");
	}
	r->t = r->bed.frames ? r->bed.frame[0]->ns : bed_now(&r->bed);
	if (!held && !by_hand) {
		first.seq = first.end = (int32_t)(r->o.unacked + fin);
		if (!run_expect(r, &first))
			return false;
	}
	return true;
}

static bool v_hold(struct run *r, char **word, unsigned int n)
{
	if (!set_all(r, word, n))
		return false;
	bed_mark(&r->bed);
	if (!bed_hold(&r->bed, &r->o))
		return run_fail(r, "  no HOLD");
	r->t = bed_now(&r->bed);
	return true;
}

static bool v_release(struct run *r, char **word, unsigned int n)
{
	(void)word;
	(void)n;
	if (!bed_release(&r->bed) || !bed_wait(&r->bed, take_live, 200))
		return run_fail(r, "  it does not turn LIVE");
	r->t = bed_now(&r->bed);
	return true;
}

static bool v_forward(struct run *r, char **word, unsigned int n)
{
	for (uint32_t k = number(word, n, 1, 1); k; k--) {
		if (!bed_forward(&r->bed))
			return run_fail(r, "  nothing held to forward");
	}
	run_settle(r, 0);
	return true;
}

static bool v_inject(struct run *r, char **word, unsigned int n)
{
	struct segment s;
	const char *what = segment_parse(&s, word + 1, n - 1);

	if (what)
		return run_fail(r, "  %s", what);
	segment_inject(&r->bed, &s);
	run_settle(r, (size_t)(s.end - s.seq) + 60);
	return true;
}

static bool v_expect(struct run *r, char **word, unsigned int n)
{
	struct segment s;
	const char *what = segment_parse(&s, word + 1, n - 1);

	return what ? run_fail(r, "  %s", what) : run_expect(r, &s);
}

static bool v_event(struct run *r, char **word, unsigned int n)
{
	if (n < 2)
		return run_fail(r, "  * NAME [NUMBER]");
	return run_expect_event(r, word[1], number(word, n, 2, 0));
}

static bool v_quiet(struct run *r, char **word, unsigned int n)
{
	return run_quiet(r, number(word, n, 1, 5));
}

static bool v_send(struct run *r, char **word, unsigned int n)
{
	if (!bed_send(&r->bed, number(word, n, 1, 0), has(word, n, "mapped")))
		return run_fail(r, "  the send was refused");
	run_settle(r, 0);
	return true;
}

static bool v_scribble(struct run *r, char **word, unsigned int n)
{
	(void)word;
	(void)n;
	bed_scribble(&r->bed);
	return true;
}

static bool v_close(struct run *r, char **word, unsigned int n)
{
	if (!bed_disconnect(&r->bed, number(word, n, 1, 0), false))
		return run_fail(r, "  the disconnect was refused");
	run_settle(r, 0);
	return true;
}

static bool v_abort(struct run *r, char **word, unsigned int n)
{
	(void)word;
	(void)n;
	if (!bed_disconnect(&r->bed, 0, true))
		return run_fail(r, "  the disconnect was refused");
	run_settle(r, 0);
	return true;
}

/* host keep|take|refuse: what the host does with received data. */
static bool v_host(struct run *r, char **word, unsigned int n)
{
	r->bed.keep = has(word, n, "keep");
	r->bed.refuse = has(word, n, "refuse");
	return true;
}

static bool v_receive(struct run *r, char **word, unsigned int n)
{
	if (!bed_receive(&r->bed, number(word, n, 1, 0)))
		return run_fail(r, "  the request was refused");
	run_settle(r, 0);
	return true;
}

static bool v_return(struct run *r, char **word, unsigned int n)
{
	bed_return(&r->bed, number(word, n, 1, BED_QUEUE));
	run_settle(r, 0);
	return true;
}

static bool v_terminate(struct run *r, char **word, unsigned int n)
{
	(void)word;
	(void)n;
	if (!bed_terminate(&r->bed))
		return run_fail(r, "  the target did not give it back");
	r->t = bed_now(&r->bed);
	return true;
}

static bool v_query(struct run *r, char **word, unsigned int n)
{
	(void)word;
	(void)n;
	return bed_query(&r->bed) || run_fail(r, "  no answer");
}

static bool v_state(struct run *r, char **word, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++) {
		if (!settings_check(r, word[i]))
			return false;
	}
	return true;
}

static bool v_counter(struct run *r, char **word, unsigned int n)
{
	uint64_t got;

	if (n != 3 || !bed_counter(&r->bed, word[1], &got))
		return run_fail(r, "  counter NAME NUMBER");
	if (got != number(word, n, 2, 0))
		return run_fail(r, "  expected: %s %s\n  actual:   %s %llu", word[1], word[2],
				word[1], (unsigned long long)got);
	return true;
}

static bool v_retries(struct run *r, char **word, unsigned int n)
{
	return bed_retries(&r->bed, number(word, n, 1, 0)) || run_fail(r, "  parameters refused");
}

static bool v_stale(struct run *r, char **word, unsigned int n)
{
	bed_stale_doorbell(&r->bed, number(word, n, 1, 0));
	run_settle(r, 0);
	return true;
}

static const struct {
	const char *name;
	bool (*run)(struct run *r, char **word, unsigned int n);
	bool connected; /* only once there is a connection */
} verbs[] = {
	{ "offload", v_offload, false },
	{ "hold", v_hold, false },
	{ "release", v_release, false },
	{ "retries", v_retries, false },
	{ "<", v_inject, false },
	{ ">", v_expect, false },
	{ "*", v_event, false },
	{ "quiet", v_quiet, false },
	{ "counter", v_counter, false },
	{ "host", v_host, false },
	{ "forward", v_forward, true },
	{ "send", v_send, true },
	{ "receive", v_receive, true },
	{ "scribble", v_scribble, true },
	{ "close", v_close, true },
	{ "abort", v_abort, true },
	{ "return", v_return, true },
	{ "terminate", v_terminate, true },
	{ "query", v_query, true },
	{ "state", v_state, true },
	{ "stale-doorbell", v_stale, true },
};

bool run_line(struct run *r, char **word, unsigned int n)
{
	if (word[0][0] == '+') {
		char *end;
		unsigned long wait = strtoul(word[0] + 1, &end, 10);

		if (n != 1 || *end || end == word[0] + 1)
			return run_fail(r, "  +MILLISECONDS");
		run_wait(r, (unsigned int)wait);
		return true;
	}
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(word[0], verbs[i].name))
			continue;
		if (verbs[i].connected && !r->bed.conn)
			return run_fail(r, "  no connection yet");
		return verbs[i].run(r, word, n);
	}
	return run_fail(r, "  no such verb");
}
