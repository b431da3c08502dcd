/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * What every firmware file needs: results of functions, access to device registers, memory helpers.
 * Hard part: device registers are reached only through fw_read32/fw_write32, so the same source
 * runs on the soft core and, with other definitions of these two, in tests on the host.
 */
#ifndef FW_BASE_FW_H
#define FW_BASE_FW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** enum fw_result - what a function reports; each says what the caller may do next */
enum fw_result {
	FW_OK = 0,
	FW_BADARG,  /* the request makes no sense: no access was made */
	FW_BUSY,    /* not now: no side effect, try again */
	FW_NONE,    /* not there, or no room */
	FW_IO,	    /* the device answered with an error */
	FW_TIMEOUT, /* the device did not answer within the bound; its state is unknown */
};

#define FW_MUST_CHECK __attribute__((warn_unused_result))
#define FW_NOINLINE   __attribute__((noinline))
#define FW_RARE	      __attribute__((cold)) /* made small */

/* Return what expr_ gives unless it is FW_OK. */
#define FW_TRY(expr_)                             \
	do {                                      \
		enum fw_result fw_try_ = (expr_); \
		if (fw_try_ != FW_OK)             \
			return fw_try_;           \
	} while (0)

#define FW_COUNT_OF(array_) (sizeof(array_) / sizeof((array_)[0]))

/*
 * Keeps the compiler from moving accesses to RAM across it: RAM that DMA or a copy reads must be
 * written before the register that starts it, and RAM that it writes be read after the register
 * that shows its end. The core itself does not reorder.
 */
static inline void fw_barrier(void)
{
	__asm__ volatile("" ::: "memory");
}

#ifdef FW_HOST
uint32_t fw_read32(uint32_t addr);
void fw_write32(uint32_t addr, uint32_t value);
/* The address by which the device knows a piece of RAM. */
uint32_t fw_ram_addr(const void *p);
#else
static inline uint32_t fw_read32(uint32_t addr)
{
	return *(volatile uint32_t *)addr;
}

static inline void fw_write32(uint32_t addr, uint32_t value)
{
	*(volatile uint32_t *)addr = value;
}

static inline uint32_t fw_ram_addr(const void *p)
{
	return (uint32_t)p;
}
#endif

/* RFC 9293 3.4: sequence numbers, and milliseconds, are compared modulo 2^32. */
static inline bool fw_seq_lt(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool fw_seq_leq(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) <= 0;
}

/* The word count is a multiple of 4. */
static inline void fw_zero_words(uint32_t *to, uint32_t words)
{
	for (; words; words -= 4, to += 4) {
		to[0] = 0;
		to[1] = 0;
		to[2] = 0;
		to[3] = 0;
	}
}

/* OR of `words` words: zero if all reserved fields in them are. */
static inline uint32_t fw_or_words(const uint32_t *w, uint32_t words)
{
	uint32_t any = 0;

	while (words--)
		any |= *w++;
	return any;
}

#endif
