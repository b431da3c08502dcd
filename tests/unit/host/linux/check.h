/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * TAP for the unit tests of this folder: CHECK(condition, form, ...). Hard part: none.
 */
#ifndef TESTS_UNIT_LINUX_CHECK_H
#define TESTS_UNIT_LINUX_CHECK_H

#include <stdio.h>

static int check_count, check_failures;

#define CHECK(ok, ...)                                                 \
	do {                                                           \
		int ok_ = (ok) ? 1 : 0;                                \
		check_count++;                                         \
		check_failures += !ok_;                                \
		printf("%sok %d - ", ok_ ? "" : "not ", check_count);  \
		printf(__VA_ARGS__);                                   \
		printf(ok_ ? "\n" : " (%s:%d)\n", __FILE__, __LINE__); \
	} while (0)

static int check_done(void)
{
	printf("1..%d\n", check_count);
	return check_failures || !check_count;
}

#endif
