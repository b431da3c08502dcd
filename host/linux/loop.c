/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * epoll and a list of deadlines. Hard part: events of a watch that an earlier callback of the same
 * round removed must not be delivered.
 */
#include "loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 64 };

struct chim_loop {
	int epoll;
	uint64_t now_ms;
	struct chim_timer *timers; /* by deadline */
	struct epoll_event events[EVENTS];
	int waiting, next; /* events of this round not handled yet: [next, waiting) */
};

static uint64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

int chim_loop_create(struct chim_loop **loop)
{
	struct chim_loop *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0) {
		free(l);
		return -errno;
	}
	l->now_ms = clock_ms();
	*loop = l;
	return 0;
}

void chim_loop_destroy(struct chim_loop *loop)
{
	if (!loop)
		return;
	close(loop->epoll);
	free(loop);
}

int chim_loop_watch(struct chim_loop *loop, struct chim_watch_fd *w, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = w };

	if (w->on && w->events == events)
		return 0;
	if (epoll_ctl(loop->epoll, w->on ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, w->fd, &ev))
		return -errno;
	w->on = true;
	w->events = events;
	return 0;
}

void chim_loop_unwatch(struct chim_loop *loop, struct chim_watch_fd *w)
{
	int i;

	if (!w->on)
		return;
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	w->on = false;
	for (i = loop->next; i < loop->waiting; i++)
		if (loop->events[i].data.ptr == w)
			loop->events[i].data.ptr = NULL;
}

void chim_timer_stop(struct chim_loop *loop, struct chim_timer *t)
{
	struct chim_timer **at;

	if (!t->on)
		return;
	for (at = &loop->timers; *at; at = &(*at)->next) {
		if (*at == t) {
			*at = t->next;
			break;
		}
	}
	t->on = false;
}

void chim_timer_start(struct chim_loop *loop, struct chim_timer *t, unsigned int ms)
{
	struct chim_timer **at = &loop->timers;

	chim_timer_stop(loop, t);
	t->due_ms = clock_ms() + ms;
	while (*at && (*at)->due_ms <= t->due_ms)
		at = &(*at)->next;
	t->next = *at;
	*at = t;
	t->on = true;
}

uint64_t chim_loop_now(const struct chim_loop *loop)
{
	return loop->now_ms;
}

static int wait_for(const struct chim_loop *loop, int max_wait_ms)
{
	uint64_t now = clock_ms(), left;

	if (!loop->timers)
		return max_wait_ms;
	left = loop->timers->due_ms > now ? loop->timers->due_ms - now : 0;
	if (left > 60000)
		left = 60000;
	return max_wait_ms < 0 || left < (uint64_t)max_wait_ms ? (int)left : max_wait_ms;
}

int chim_loop_round(struct chim_loop *loop, int max_wait_ms)
{
	int n, handled = 0;

	n = epoll_wait(loop->epoll, loop->events, EVENTS, wait_for(loop, max_wait_ms));
	if (n < 0 && errno != EINTR)
		return -errno;
	loop->now_ms = clock_ms();
	loop->waiting = n < 0 ? 0 : n;
	for (loop->next = 0; loop->next < loop->waiting;) {
		const struct epoll_event *ev = &loop->events[loop->next++];
		struct chim_watch_fd *w = ev->data.ptr;

		if (!w)
			continue;
		w->fn(w, ev->events);
		handled++;
	}
	while (loop->timers && loop->timers->due_ms <= loop->now_ms) {
		struct chim_timer *t = loop->timers;

		loop->timers = t->next;
		t->on = false;
		t->fn(t);
		handled++;
	}
	return handled;
}
