/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Arithmetic of the reference models: sequence numbers and milliseconds modulo 2^32 (RFC 9293 3.4),
 * byte counts that saturate. Hard part: a < b means that the signed 32-bit difference is negative.
 */
#ifndef REF_SEQ_H
#define REF_SEQ_H

#include <stdbool.h>
#include <stdint.h>

#define REF_BYTES_MAX 0x7FFFFFFFu /* 2^31 - 1, where byte counts stop */

/* a - b of two sequence numbers or times as a signed value. */
static inline int64_t ref_diff(uint32_t a, uint32_t b)
{
	uint32_t d = a - b;

	return d & 0x80000000u ? (int64_t)d - INT64_C(0x100000000) : (int64_t)d;
}

static inline bool ref_lt(uint32_t a, uint32_t b)
{
	return ref_diff(a, b) < 0;
}

static inline bool ref_le(uint32_t a, uint32_t b)
{
	return ref_diff(a, b) <= 0;
}

static inline uint32_t ref_later(uint32_t a, uint32_t b)
{
	return ref_lt(a, b) ? b : a;
}

static inline uint32_t ref_min(uint64_t a, uint64_t b)
{
	return (uint32_t)(a < b ? a : b);
}

static inline uint32_t ref_max(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* Sum of byte counts. */
static inline uint32_t ref_sat(uint64_t bytes)
{
	return ref_min(bytes, REF_BYTES_MAX);
}

/* 8-bit counters run on and wrap. */
static inline uint8_t ref_next(uint8_t count)
{
	return (uint8_t)(count + 1u);
}

#endif
