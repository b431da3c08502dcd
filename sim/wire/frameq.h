/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Bounded first-in first-out queue of frames with a time each; the memory of all wires that hold
 * frames themselves (loop, pair, impaired link). Hard part: none; frames are single allocations.
 */
#ifndef CHIM_FRAMEQ_H
#define CHIM_FRAMEQ_H

#include <stddef.h>
#include <stdint.h>

#define CHIM_FRAMEQ_MAX 65536 /* frames; more than any window's worth of minimum-size frames */

struct chim_qframe {
	struct chim_qframe *next;
	uint64_t time_ns;  /* meaning is the owner's: arrival, release, end of being held */
	uint64_t number;   /* the owner's */
	unsigned int left; /* the owner's: frames still to pass before this one */
	size_t len;
	uint8_t data[];
};

struct chim_frameq {
	struct chim_qframe *head;
	struct chim_qframe **tail; /* NULL until the first chim_frameq_push() */
	size_t count;
};

/* A frame outside any queue. NULL: no memory. */
struct chim_qframe *chim_qframe_new(const uint8_t *data, size_t len, uint64_t time_ns);

/* Takes the frame over. 0; -ENOBUFS the queue is full (CHIM_FRAMEQ_MAX), @f stays the caller's. */
int chim_frameq_push(struct chim_frameq *q, struct chim_qframe *f);

/* Oldest frame, the caller's to free(); NULL if empty. */
struct chim_qframe *chim_frameq_pop(struct chim_frameq *q);
void chim_frameq_clear(struct chim_frameq *q);

#endif
