/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A ring of events. Hard part: none.
 */
#include "evlog.h"

#include <stdio.h>
#include <time.h>

const char *chim_level_name(enum chim_level level)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };

	return names[level];
}

void chim_evlog_add(struct chim_evlog *log, enum chim_level level, uint32_t conn, const char *form,
		    ...)
{
	struct chim_event *e = &log->ring[++log->last % CHIM_EVLOG_SIZE];
	struct timespec ts;
	va_list args;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	e->seq = log->last;
	e->time_ms = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
	e->level = level;
	e->conn = conn;
	va_start(args, form);
	vsnprintf(e->text, sizeof(e->text), form, args);
	va_end(args);
	if (level > log->print)
		return;
	if (conn)
		fprintf(stderr, "chimney: %s: conn %u: %s\n", chim_level_name(level), conn,
			e->text);
	else
		fprintf(stderr, "chimney: %s: %s\n", chim_level_name(level), e->text);
}

const struct chim_event *chim_evlog_next(const struct chim_evlog *log, uint64_t after)
{
	uint64_t oldest = log->last > CHIM_EVLOG_SIZE ? log->last - CHIM_EVLOG_SIZE + 1 : 1;

	if (after >= log->last)
		return NULL;
	return &log->ring[(after + 1 > oldest ? after + 1 : oldest) % CHIM_EVLOG_SIZE];
}
