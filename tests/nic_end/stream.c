/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Streams of bytes, see stream.h.
 */
#include "stream.h"

#include <string.h>

enum {
	PERIOD = 65521,
	APART = 7919, /* how far the second stream is ahead of the first */
};

const uint8_t *stream_at(unsigned int side, uint64_t at)
{
	static uint8_t bytes[PERIOD + STREAM_RUN];

	if (!bytes[0]) {
		uint32_t x = 1;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			x = x * 1664525u + 1013904223u;
			bytes[i] = i < PERIOD ? (uint8_t)(x >> 24 | 1) : bytes[i - PERIOD];
		}
	}
	return bytes + (at + side * APART) % PERIOD;
}

void stream_fill(uint8_t *buf, unsigned int side, uint64_t at, size_t len)
{
	for (size_t n; len; buf += n, at += n, len -= n) {
		n = len < STREAM_RUN ? len : STREAM_RUN;
		memcpy(buf, stream_at(side, at), n);
	}
}

bool stream_matches(const uint8_t *buf, unsigned int side, uint64_t at, size_t len)
{
	for (size_t n; len; buf += n, at += n, len -= n) {
		n = len < STREAM_RUN ? len : STREAM_RUN;
		if (memcmp(buf, stream_at(side, at), n))
			return false;
	}
	return true;
}
