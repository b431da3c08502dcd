/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The device's clock when it follows real time. Its one rule: device time advances to the arrival
 * time of the oldest frame that waits to enter the NIC, and to the wall clock only when none waits.
 * So neither a model that was not scheduled for a while nor one that is slower than its wire sees a
 * timer expire before a frame that arrived earlier. Hard part: "none waits" must be true of the
 * moment at which the wall clock was read, hence the order of calls below.
 *
 * A round of the owner:
 *   1. read the wall clock;
 *   2. take every frame from the wire and call chim_devtime_arrived() for it, until the wire is
 *      empty or the model's queue is full (then the oldest waiting frame is in the queue anyway);
 *   3. chim_devtime_update() with the time of step 1; hand the result to the model;
 *   4. step the model, calling chim_devtime_taken() for each frame that entered it, and handing the
 *      new time to the model at once.
 */
#ifndef CHIM_DEVTIME_H
#define CHIM_DEVTIME_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CHIM_DEVTIME_FRAMES 1024 /* the model's receive queue */

/*
 * Clocks that a frame which has just entered is given before time may pass it: from its last beat
 * through verification, lookup, receive step and send step to the timer table. An order above what
 * that path takes unloaded, still under a tenth of a millisecond of a 200 kHz model's clock.
 */
#define CHIM_DEVTIME_SETTLE 512

struct chim_devtime {
	/* private: */
	uint64_t zero_ns; /* wall clock at device time 0 */
	uint64_t now_ns;  /* device time */
	uint64_t settled; /* clock count from which on time may follow the wall clock */
	unsigned int head;
	unsigned int count;
	uint64_t waiting[CHIM_DEVTIME_FRAMES]; /* arrival, on the wall clock */
};

/* Device time starts at 0 at @wall_ns. */
void chim_devtime_init(struct chim_devtime *t, uint64_t wall_ns);

/* Frames that may still be announced by chim_devtime_arrived(). */
unsigned int chim_devtime_room(const struct chim_devtime *t);

/* A frame that arrived at @time_ns (wall clock) was queued at the model; there must be room. */
void chim_devtime_arrived(struct chim_devtime *t, uint64_t time_ns);

/* The oldest waiting frame entered the NIC at clock @cycle: time moves to the next's arrival. */
void chim_devtime_taken(struct chim_devtime *t, uint64_t cycle);

/* All waiting frames are gone (reset). */
void chim_devtime_flush(struct chim_devtime *t);

/* The device has nothing pending: what entered is processed, whatever CHIM_DEVTIME_SETTLE says. */
void chim_devtime_idle(struct chim_devtime *t);

/* Apply the rule; @cycle is the model's clock count now. */
void chim_devtime_update(struct chim_devtime *t, uint64_t wall_ns, uint64_t cycle);

static inline uint64_t chim_devtime_ns(const struct chim_devtime *t)
{
	return t->now_ns;
}

/* The absolute millisecond count that the RTL is given; wraps after 49 days. */
static inline uint32_t chim_devtime_ms(const struct chim_devtime *t)
{
	return (uint32_t)(t->now_ns / 1000000u);
}

#ifdef __cplusplus
}
#endif
#endif
