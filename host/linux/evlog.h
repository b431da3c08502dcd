/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The program's memory of what happened: the last events, for `chimney trace`, and messages for
 * standard error. Hard part: none.
 */
#ifndef CHIM_LINUX_EVLOG_H
#define CHIM_LINUX_EVLOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

enum { CHIM_EVLOG_SIZE = 1024, CHIM_EVLOG_TEXT = 120 };

enum chim_level { CHIM_ERROR, CHIM_WARN, CHIM_INFO, CHIM_DEBUG };

struct chim_event {
	uint64_t seq;	  /* 1, 2, ... */
	uint64_t time_ms; /* CLOCK_MONOTONIC */
	enum chim_level level;
	uint32_t conn; /* 0: none */
	char text[CHIM_EVLOG_TEXT];
};

struct chim_evlog {
	uint64_t last;	       /* seq of the newest */
	enum chim_level print; /* to standard error from this level on */
	struct chim_event ring[CHIM_EVLOG_SIZE];
};

void chim_evlog_add(struct chim_evlog *log, enum chim_level level, uint32_t conn, const char *form,
		    ...) __attribute__((format(printf, 4, 5)));
/* The oldest event newer than @after, NULL if there is none. */
const struct chim_event *chim_evlog_next(const struct chim_evlog *log, uint64_t after);
const char *chim_level_name(enum chim_level level);

#endif
