/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The little that a test in C or C++ needs: TAP lines on stdout and the exit code (0 pass, 77
 * skip). Hard part: what a line prints is evaluated after its condition, which may set it.
 */
#ifndef CHIM_TESTS_TAP_H
#define CHIM_TESTS_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_points, tap_failures, tap_good;

__attribute__((format(printf, 3, 4), unused)) static int tap_point(const char *file, int line,
								   const char *format, ...)
{
	int good = tap_good;
	va_list args;

	tap_points++;
	tap_failures += !good;
	printf("%sok %d - ", good ? "" : "not ", tap_points);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	if (!good)
		printf("# failed at %s:%d\n", file, line);
	fflush(stdout);
	return good;
}

/* OK(condition, "what holds", ...): one test point. */
#define OK(cond_, ...) (tap_good = !!(cond_), tap_point(__FILE__, __LINE__, __VA_ARGS__))

/* IS(value, expected, "what"): integers; shows both when they differ. */
#define IS(got_, want_, what_)                                                                 \
	do {                                                                                   \
		long long tap_got = (long long)(got_), tap_want = (long long)(want_);          \
		if (!OK(tap_got == tap_want, "%s", what_))                                     \
			printf("#   got %lld (0x%llx), expected %lld (0x%llx): %s\n", tap_got, \
			       (unsigned long long)tap_got, tap_want,                          \
			       (unsigned long long)tap_want, #got_);                           \
	} while (0)

/* Last statement of main(). */
__attribute__((unused)) static int tap_done(void)
{
	printf("1..%d\n", tap_points);
	return tap_failures || !tap_points;
}

/* Return this from main() when the machine lacks what the test needs. */
__attribute__((unused)) static int tap_skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	return 77;
}

/* SEED= of the environment, else @standard; printed, so that a failure can be repeated. */
__attribute__((unused)) static unsigned long long tap_seed(unsigned long long standard)
{
	const char *text = getenv("SEED");
	unsigned long long seed = text && *text ? strtoull(text, NULL, 0) : standard;

	printf("# SEED=%llu\n", seed);
	return seed;
}

#endif
