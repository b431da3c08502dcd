/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Reassembly of IP datagrams (RFC 791 3.2, RFC 8200 4.5), only to find out whose they are:
 * fragments carry no ports, so those from a peer with offloaded connections wait here. Hard part:
 * bounds; a fragment costs memory before anyone knows what it is.
 */
#ifndef CHIM_LINUX_FRAGMENTS_H
#define CHIM_LINUX_FRAGMENTS_H

#include "held.h"

enum {
	CHIM_FRAGMENTS_DATAGRAMS = 16, /* in reassembly at once; the oldest makes room */
	CHIM_FRAGMENTS_BYTES = 65535,  /* of one datagram */
	CHIM_FRAGMENTS_MS = 30000,     /* RFC 791 15 s, RFC 8200 60 s, Linux 30 s */
};

struct chim_fragments;

int chim_fragments_create(struct chim_fragments **fr);
void chim_fragments_destroy(struct chim_fragments *fr);

/**
 * chim_fragments_add() - take a fragment
 * @f:     chim_frame_parse() of it, with f->fragment
 * @whole: out: an Ethernet frame with the whole datagram, valid until the next call; NULL: not yet
 * @len:   out: its length
 * @parts: out, with @whole: copies of the fragments as they came; the caller empties it
 *
 * Overlapping fragments make the datagram invalid (RFC 5722): all of it is dropped.
 * Return: 0; -EINVAL dropped; -ENOMEM.
 */
int chim_fragments_add(struct chim_fragments *fr, const struct chim_frame *f, size_t frame_len,
		       uint64_t now_ms, const uint8_t **whole, size_t *len,
		       struct chim_held_queue *parts);

#endif
