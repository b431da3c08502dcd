/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Impaired link: loss, reordering, duplication, corruption and delay, each direction by its own
 * rates, with a log of everything it did. Hard part: being exactly repeatable. What happens to a
 * frame depends on the seed, the direction and the frame's number in that direction, on nothing
 * else; time is an input.
 */
#ifndef CHIM_IMPAIR_H
#define CHIM_IMPAIR_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "wire.h"

#ifdef __cplusplus
extern "C" {
#endif

enum chim_dir {
	CHIM_TO_NIC,
	CHIM_FROM_NIC,
	CHIM_DIRS,
};

#define CHIM_PPM 1000000u

/**
 * struct chim_impair_rates - what one direction does to frames
 * @loss, @reorder, @duplicate, @corrupt: chance per frame in millionths, 0..CHIM_PPM
 * @delay_ns: added to every frame
 * @hold_ns:  longest time a frame picked for reordering waits for others to overtake it
 *
 * A lost frame is only lost. A corrupt one has one bit flipped behind the Ethernet header, in IPv4
 * and IPv6 frames only: nothing would find the error elsewhere, a real cable has its FCS for that.
 * A reordered one is overtaken by the next one to three frames of its direction. A duplicate
 * follows its original at once, and is whole even if the original is corrupt.
 */
struct chim_impair_rates {
	uint32_t loss;
	uint32_t reorder;
	uint32_t duplicate;
	uint32_t corrupt;
	uint64_t delay_ns;
	uint64_t hold_ns;
};

struct chim_impair_cfg {
	struct chim_impair_rates dir[CHIM_DIRS];
	uint64_t seed;
	FILE *log; /* lines of text, or NULL; stays the caller's */
};

/**
 * struct chim_impair_counts - what one direction did
 * @frames:   that entered
 * @passed:   copies that left, or will (duplicates included)
 * @overflow: lost because CHIM_FRAMEQ_MAX frames were under way
 */
struct chim_impair_counts {
	uint64_t frames;
	uint64_t passed;
	uint64_t lost;
	uint64_t reordered;
	uint64_t duplicated;
	uint64_t corrupted;
	uint64_t overflow;
};

struct chim_impair;

/* Default of hold_ns: longer than a burst's spacing, far below any retransmission time-out. */
#define CHIM_IMPAIR_HOLD_NS 10000000u

/* Return: 0; -EINVAL a rate above CHIM_PPM; -ENOMEM. */
int chim_impair_create(const struct chim_impair_cfg *cfg, struct chim_impair **link);
void chim_impair_destroy(struct chim_impair *link);

/**
 * chim_impair_put() - a frame enters the link at @now_ns, which never decreases in a direction
 *
 * Log line: "<direction> <number> <time in ns> <action> <length> [<detail>]", direction "rx" (to
 * the NIC) or "tx", numbers from 1. Actions: loss, corrupt (byte offset and bit), duplicate,
 * reorder (frames to be overtaken by), release (a reordered frame goes on), overflow.
 * Return: 0, whatever happened to the frame; -ENOMEM.
 */
int chim_impair_put(struct chim_impair *link, enum chim_dir dir, const uint8_t *frame, size_t len,
		    uint64_t now_ns);

/* Next frame that has left the link by @now_ns, oldest first. 1; 0 none. Valid until the next. */
int chim_impair_get(struct chim_impair *link, enum chim_dir dir, uint64_t now_ns,
		    struct chim_wire_frame *f);

/* Earliest time at which chim_impair_get() has something; CHIM_WIRE_NEVER if it is empty. */
uint64_t chim_impair_due(const struct chim_impair *link, enum chim_dir dir);

const struct chim_impair_counts *chim_impair_get_counts(const struct chim_impair *link,
							enum chim_dir dir);

/**
 * chim_wire_impair() - put the link between the NIC and @inner
 * @inner: taken over if 0 is returned; CHIM_TO_NIC is what it receives
 * @w:     out: the wire to use instead
 * @link:  out, may be NULL: for the counts, lives as long as @w
 */
int chim_wire_impair(struct chim_wire *inner, const struct chim_impair_cfg *cfg,
		     struct chim_wire **w, struct chim_impair **link);

/* Close the impaired wire @w without its inner wire, which is its owner's again. */
void chim_wire_unimpair(struct chim_wire *w);

#ifdef __cplusplus
}
#endif
#endif
