/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Device time, see devtime.h. Hard part: it never goes back, whatever the arrival times say.
 */
#include "devtime.h"

static void advance(struct chim_devtime *t, uint64_t wall_ns)
{
	uint64_t ns = wall_ns > t->zero_ns ? wall_ns - t->zero_ns : 0;

	if (ns > t->now_ns)
		t->now_ns = ns;
}

void chim_devtime_init(struct chim_devtime *t, uint64_t wall_ns)
{
	t->zero_ns = wall_ns;
	t->now_ns = 0;
	t->settled = 0;
	t->head = 0;
	t->count = 0;
}

unsigned int chim_devtime_room(const struct chim_devtime *t)
{
	return CHIM_DEVTIME_FRAMES - t->count;
}

void chim_devtime_arrived(struct chim_devtime *t, uint64_t time_ns)
{
	t->waiting[(t->head + t->count) % CHIM_DEVTIME_FRAMES] = time_ns;
	t->count++;
}

void chim_devtime_taken(struct chim_devtime *t, uint64_t cycle)
{
	if (!t->count)
		return;
	t->head = (t->head + 1) % CHIM_DEVTIME_FRAMES;
	t->count--;
	if (t->count)
		advance(t, t->waiting[t->head]);
	else
		t->settled = cycle + CHIM_DEVTIME_SETTLE;
}

void chim_devtime_flush(struct chim_devtime *t)
{
	t->count = 0;
	t->settled = 0;
}

void chim_devtime_idle(struct chim_devtime *t)
{
	t->settled = 0;
}

void chim_devtime_update(struct chim_devtime *t, uint64_t wall_ns, uint64_t cycle)
{
	if (t->count)
		advance(t, t->waiting[t->head]);
	else if (cycle >= t->settled)
		advance(t, wall_ns);
}
