/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * What the two sides of a connection send: one stream of bytes each, known at every place. Hard
 * part: none; the period is prime, so a displaced piece shows.
 */
#ifndef TESTS_STREAM_H
#define TESTS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STREAM_RUN = 1 << 16 };

/* Bytes [@at, @at + STREAM_RUN) of what @side sends. */
const uint8_t *stream_at(unsigned int side, uint64_t at);

void stream_fill(uint8_t *buf, unsigned int side, uint64_t at, size_t len);
bool stream_matches(const uint8_t *buf, unsigned int side, uint64_t at, size_t len);

#endif
