/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * One event loop: descriptors and deadlines. Hard part: a callback may remove any watch, its own
 * included, while events of the same round are still waiting.
 *
 * Threads: none; everything from one thread.
 */
#ifndef CHIM_LINUX_LOOP_H
#define CHIM_LINUX_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct chim_loop;

/* A watched descriptor; the owner keeps it where it lives, zeroed before the first use. */
struct chim_watch_fd {
	int fd;
	uint32_t events; /* EPOLLIN, EPOLLOUT; 0 with @on: only errors */
	bool on;
	/* @events: what epoll reported */
	void (*fn)(struct chim_watch_fd *w, uint32_t events);
	void *ctx;
};

/* A deadline; the owner keeps it. */
struct chim_timer {
	bool on;
	uint64_t due_ms; /* CLOCK_MONOTONIC */
	void (*fn)(struct chim_timer *t);
	void *ctx;
	struct chim_timer *next;
};

int chim_loop_create(struct chim_loop **loop);
void chim_loop_destroy(struct chim_loop *loop);

/* Watch @w->fd for @events, or change what is watched. 0 or -errno. */
int chim_loop_watch(struct chim_loop *loop, struct chim_watch_fd *w, uint32_t events);
/* Before the descriptor is closed. Nothing if it is not watched. */
void chim_loop_unwatch(struct chim_loop *loop, struct chim_watch_fd *w);

/* Start @t, or start it anew; it runs once. */
void chim_timer_start(struct chim_loop *loop, struct chim_timer *t, unsigned int ms);
void chim_timer_stop(struct chim_loop *loop, struct chim_timer *t);

/* CLOCK_MONOTONIC when this round began. */
uint64_t chim_loop_now(const struct chim_loop *loop);

/**
 * chim_loop_round() - wait for something, and handle what there is
 * @max_wait_ms: 0: do not wait; -1: until something happens
 * Return: callbacks made; -errno.
 */
int chim_loop_round(struct chim_loop *loop, int max_wait_ms);

#endif
