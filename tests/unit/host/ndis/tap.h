/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A test program of this folder: a table of cases, each printed as one TAP line. Hard part: none; a
 * failed CHECK ends its case and says where.
 */
#ifndef NDIS_TAP_H
#define NDIS_TAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct tap_case {
	const char *name;
	bool (*run)(void);
};

#define CASE(fn)          \
	{                 \
#fn, (fn) \
	}

#define CHECK(cond)                                                         \
	do {                                                                \
		if (!(cond)) {                                              \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond); \
			return false;                                       \
		}                                                           \
	} while (0)

#define CHECK_EQ(a, b)                                                                             \
	do {                                                                                       \
		long long tap_a = (long long)(a), tap_b = (long long)(b);                          \
		if (tap_a != tap_b) {                                                              \
			printf("# %s:%d: %s = %lld (0x%llx), not %s = %lld\n", __FILE__, __LINE__, \
			       #a, tap_a, (unsigned long long)tap_a, #b, tap_b);                   \
			return false;                                                              \
		}                                                                                  \
	} while (0)

static inline int tap_run(const struct tap_case *cases, size_t n)
{
	size_t failed = 0;

	printf("1..%zu\n", n);
	for (size_t i = 0; i < n; i++) {
		bool ok = cases[i].run();

		printf("%s %zu - %s\n", ok ? "ok" : "not ok", i + 1, cases[i].name);
		fflush(stdout);
		failed += !ok;
	}
	return failed ? 1 : 0;
}

#define TAP_RUN(cases) tap_run(cases, sizeof(cases) / sizeof((cases)[0]))

/* SEED of the environment, or one that is printed; random tests start from it. */
static inline uint64_t tap_seed(void)
{
	const char *s = getenv("SEED");
	uint64_t seed = s ? strtoull(s, NULL, 0) : 1;

	printf("# SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

/* xorshift64*; never 0 inside. */
static inline uint32_t tap_random(uint64_t *state)
{
	uint64_t x = *state ? *state : 0x9E3779B97F4A7C15u;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return (uint32_t)((x * 0x2545F4914F6CDD1Du) >> 32);
}

/* 0 .. n-1 */
static inline uint32_t tap_below(uint64_t *state, uint32_t n)
{
	return (uint32_t)(((uint64_t)tap_random(state) * n) >> 32);
}

#endif
