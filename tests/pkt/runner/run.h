/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A script in execution: its clock, its lines, and how it fails. Hard part: which times are right
 * for an expected segment; see expect_segment() in run.c.
 */
#ifndef PKT_RUN_H
#define PKT_RUN_H

#include "bed.h"
#include "segment.h"

enum {
	RUN_WORDS = 32,
	RUN_LATE_MS = 2,    /* a segment may come so long after the script's clock, */
	RUN_LATE = 500,	    /* and so many clocks: reading, sending and receiving it take time */
	RUN_EARLY_MS = 2,   /* and, after a wait, so long before it: timers count whole ms */
	RUN_EVENT_MS = 100, /* an event: firmware may be busy for 20,000 clocks */
	RUN_CLOCKS = 200,   /* of a millisecond, unless the script says otherwise */
	RUN_BEAT = 8,	    /* bytes that the wire carries in a clock */
	RUN_SETTLE = 100,   /* clocks until what came in has its effect, unloaded */
};

struct run {
	const char *path;
	unsigned int line;
	char text[256];	    /* of the line */
	char message[2048]; /* why it failed */
	bool verbose;
	unsigned int clocks;
	const char *pcap;
	bool opened;
	uint64_t t;	     /* the script's clock, ns of the device's time */
	uint64_t not_before; /* nothing that is expected may be older */
	struct bed_offload o;
	struct bed bed;
};

/* verbs.c: the line's words; false: failed, the message is written. */
bool run_line(struct run *r, char **word, unsigned int n);

/* run.c */
/* Run the script in @r->path. False: r->message says why. */
bool run_script(struct run *r);
/* Write the message; always false. */
__attribute__((format(printf, 2, 3))) bool run_fail(struct run *r, const char *form, ...);
bool run_expect(struct run *r, const struct segment *want);
bool run_expect_event(struct run *r, const char *name, uint32_t value);
/* Nothing waits unseen, until @ms from now. */
bool run_quiet(struct run *r, unsigned int ms);
void run_wait(struct run *r, unsigned int ms);
/* Let what was just put in be processed before anything else. */
void run_settle(struct run *r, size_t bytes);

/* settings.c */
void settings_default(struct bed_offload *o);
/* "name=value" of a connection. Return: NULL, or what is wrong. */
const char *settings_set(struct bed_offload *o, const char *word);
/* "Field=value" or "Field=value~difference" of what a terminate or query returned. */
bool settings_check(struct run *r, const char *word);

#endif
