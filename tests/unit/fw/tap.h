/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * The little that a test in C needs: TAP lines on stdout and the exit code. Hard part: none.
 */
#ifndef CHIM_TESTS_UNIT_FW_TAP_H
#define CHIM_TESTS_UNIT_FW_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int tap_points;
static int tap_failures;

__attribute__((format(printf, 4, 5), unused)) static bool tap_ok(bool good, const char *file,
								 int line, const char *format, ...)
{
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
#define OK(cond_, ...) tap_ok(cond_, __FILE__, __LINE__, __VA_ARGS__)

/* IS(value, expected, "what"): integers; shows both when they differ. */
#define IS(got_, want_, what_)                                                              \
	do {                                                                                \
		unsigned long long tap_got = (unsigned long long)(got_);                    \
		unsigned long long tap_want = (unsigned long long)(want_);                  \
		if (!tap_ok(tap_got == tap_want, __FILE__, __LINE__, "%s", what_))          \
			printf("#   got 0x%llx, expected 0x%llx (%s)\n", tap_got, tap_want, \
			       #got_);                                                      \
	} while (0)

/* Last statement of main(). */
__attribute__((unused)) static int tap_done(void)
{
	printf("1..%d\n", tap_points);
	return tap_failures || !tap_points;
}

#endif
