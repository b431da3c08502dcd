/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Frames of one connection that wait for their new owner: copies, in order, bounded. Hard part:
 * each must end exactly once, by the NIC or by the kernel, because the NIC counts them.
 */
#ifndef CHIM_LINUX_HELD_H
#define CHIM_LINUX_HELD_H

#include "frame.h"

enum {
	CHIM_HELD_FRAMES = 1024, /* of one connection; more than any window in MSS segments */
};

struct chim_held {
	struct chim_held *next;
	bool counted; /* the NIC waits for its forward or give-up */
	bool valid;   /* checksum verified */
	size_t l4;    /* where the TCP header starts */
	size_t end;   /* where the IP packet ends */
	size_t len;
	uint8_t bytes[];
};

struct chim_held_queue {
	struct chim_held *first, *last;
	unsigned int frames;
	uint64_t dropped; /* for lack of room, since the start */
};

/* Append a copy. 0; -ENOBUFS the queue is full, -ENOMEM: counted as dropped. */
int chim_held_add(struct chim_held_queue *q, const struct chim_frame *f, size_t len, bool valid,
		  bool counted);
/* Put one in so that @before others are in front of it; bounded by nothing, it was here before. */
void chim_held_insert(struct chim_held_queue *q, struct chim_held *h, unsigned int before);
/* Take the first, NULL if there is none; free() it. */
struct chim_held *chim_held_take(struct chim_held_queue *q);

#endif
