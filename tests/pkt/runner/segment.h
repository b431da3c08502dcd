/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A TCP segment as a script writes it: "0:1000 ack 0 win 512 psh ts 7 3". Hard part: the same form
 * serves injecting, expecting and printing, so that a mismatch can be read line against line.
 */
#ifndef PKT_SEGMENT_H
#define PKT_SEGMENT_H

#include "bed.h"

/* Numbers are relative to the sender's stream (seq, end) and the other's (ack). */
struct segment {
	int32_t seq, end;
	int32_t ack;
	uint32_t win; /* as on the wire */
	uint8_t flags;
	bool has_win, has_ts, any_tsval, last_tsecr;
	uint32_t tsval, tsecr;
	bool changed; /* payload is what scribble wrote */
	/* only injected */
	bool bad_sum, ip_options;
	uint32_t cut; /* bytes missing at the frame's end */
};

/* From words of a script line. Return: NULL, or what is wrong. */
const char *segment_parse(struct segment *s, char *const *word, unsigned int n);

/* "seq:end ack N win N ..." */
const char *segment_text(const struct segment *s, char *buf, size_t size);

/* Put it on the wire towards the NIC, as from the peer. */
void segment_inject(struct bed *b, const struct segment *s);

/**
 * segment_match() - is this the frame that is expected?
 * @got: out: the frame as a segment, for messages
 * Return: NULL, or what differs.
 */
const char *segment_match(struct bed *b, const struct segment *want, const struct bed_frame *f,
			  struct segment *got);

#endif
