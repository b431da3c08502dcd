/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The event loop, the event log and the capture file. Hard part: callbacks that remove watches
 * whose events are still waiting.
 */
#include "capture.h"
#include "../../tap.h"
#include "evlog.h"
#include "loop.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct chim_loop *loop;
static struct chim_watch_fd w[3];
static unsigned int calls[3], fired;
static int order[8], orders;

static void on_ready(struct chim_watch_fd *watch, uint32_t events)
{
	size_t i = (size_t)(watch - w), k;

	(void)events;
	calls[i]++;
	/* The first that runs takes all others out. */
	for (k = 0; k < 3; k++)
		if (k != i)
			chim_loop_unwatch(loop, &w[k]);
}

static void on_timer(struct chim_timer *t)
{
	fired++;
	if (orders < 8)
		order[orders++] = (int)(intptr_t)t->ctx;
	if (t->ctx == (void *)3 && fired < 10)
		chim_timer_start(loop, t, 1);
}

static void test_watches(void)
{
	int pipes[3][2], i;

	for (i = 0; i < 3; i++) {
		if (pipe(pipes[i]) || write(pipes[i][1], "x", 1) != 1)
			exit(1);
		w[i].fd = pipes[i][0];
		w[i].fn = on_ready;
		chim_loop_watch(loop, &w[i], EPOLLIN);
	}
	OK(chim_loop_round(loop, 0) == 1 && calls[0] + calls[1] + calls[2] == 1,
	   "events of watches that were removed are not delivered");
	for (i = 0; i < 3; i++)
		if (w[i].on)
			chim_loop_watch(loop, &w[i], 0);
	OK(chim_loop_round(loop, 0) == 0, "a watch without wishes is silent");
	for (i = 0; i < 3; i++) {
		chim_loop_unwatch(loop, &w[i]);
		chim_loop_unwatch(loop, &w[i]);
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
}

static void test_timers(void)
{
	struct chim_timer a = { .fn = on_timer, .ctx = (void *)1 };
	struct chim_timer b = { .fn = on_timer, .ctx = (void *)2 };
	struct chim_timer c = { .fn = on_timer, .ctx = (void *)3 };
	uint64_t start;
	int i;

	chim_timer_start(loop, &a, 30);
	chim_timer_start(loop, &b, 10);
	chim_timer_start(loop, &c, 20);
	chim_timer_stop(loop, &c);
	chim_timer_stop(loop, &c);
	chim_timer_start(loop, &a, 5);
	start = chim_loop_now(loop);
	for (i = 0; i < 100 && fired < 2; i++)
		chim_loop_round(loop, 50);
	OK(fired == 2 && order[0] == 1 && order[1] == 2, "by deadline, a stopped one never");
	OK(chim_loop_now(loop) - start >= 9, "not before their time");
	chim_timer_start(loop, &c, 0);
	for (i = 0; i < 100 && fired < 10; i++)
		chim_loop_round(loop, 50);
	OK(fired == 10, "one that starts itself again");
}

static void test_log(void)
{
	struct chim_evlog *log = calloc(1, sizeof(*log));
	const struct chim_event *e;
	char text[300];
	int i, n = 0;

	OK(!chim_evlog_next(log, 0), "nothing at first");
	for (i = 1; i <= CHIM_EVLOG_SIZE + 100; i++)
		chim_evlog_add(log, CHIM_DEBUG, (uint32_t)i, "event %d", i);
	for (e = chim_evlog_next(log, 0); e; e = chim_evlog_next(log, e->seq))
		n++;
	OK(n == CHIM_EVLOG_SIZE, "the newest %d are kept", n);
	e = chim_evlog_next(log, 0);
	OK(e->seq == 101 && e->conn == 101 && !strcmp(e->text, "event 101"), "the oldest of them");
	OK(chim_evlog_next(log, 1100)->seq == 1101, "from a number on");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	chim_evlog_add(log, CHIM_DEBUG, 0, "%s", text);
	e = chim_evlog_next(log, log->last - 1);
	OK(strlen(e->text) == CHIM_EVLOG_TEXT - 1, "a long text is cut");
	free(log);
}

static void test_capture(const char *folder)
{
	struct chim_capture *cap;
	uint8_t frame[60] = { 1, 2, 3 }, head[40];
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/test_loop.pcap", folder);
	OK(chim_capture_open("/nowhere/x.pcap", &cap) < 0, "a folder that is not there");
	OK(!chim_capture_open(path, &cap) && !chim_capture_put(cap, frame, sizeof(frame)) &&
		   chim_capture_frames(cap) == 1 && !chim_capture_close(cap),
	   "one frame");
	f = fopen(path, "r");
	OK(f && fread(head, sizeof(head), 1, f) == 1 && !memcmp(head, "\x4d\x3c\xb2\xa1", 4) &&
		   head[20] == 1 && head[32] == 60 && head[36] == 60,
	   "magic, link type, lengths");
	if (f)
		fclose(f);
	remove(path);
	OK(!chim_capture_put(NULL, frame, 1) && !chim_capture_close(NULL), "none running");
	OK(!chim_capture_open("/dev/full", &cap), "a full disk");
	while (!chim_capture_put(cap, frame, sizeof(frame)) && chim_capture_frames(cap) < 1000)
		;
	OK(chim_capture_close(cap) < 0, "is reported");
}

int main(int argc, char **argv)
{
	chim_loop_create(&loop);
	test_watches();
	test_timers();
	chim_loop_destroy(loop);
	test_log();
	test_capture(argc > 1 ? argv[1] : ".");
	return tap_done();
}
