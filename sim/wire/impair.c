/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Impaired link, see impair.h. Hard part: a fixed number of random draws per frame, each a function
 * of (seed, direction, number, purpose), so that switching one impairment on moves no other.
 */
#include "impair.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "frameq.h"

#define ETH_HEADER   14
#define VLAN_BYTES   4
#define OVERTAKE_MAX 3 /* frames; a fourth would look like a loss to three duplicate ACKs */

enum draw {
	DRAW_LOSS,
	DRAW_CORRUPT,
	DRAW_DUPLICATE,
	DRAW_REORDER,
	DRAW_BIT,
	DRAW_DEPTH,
};

struct direction {
	struct chim_impair_rates rates;
	struct chim_impair_counts counts;
	struct chim_frameq out;	 /* in order of release; times never decrease */
	struct chim_frameq held; /* waiting to be overtaken; time = end of the wait */
	struct chim_qframe *given;
	uint64_t last_ns; /* release time of the newest frame of out */
};

struct chim_impair {
	struct direction dir[CHIM_DIRS];
	uint64_t seed;
	FILE *log;
};

/* splitmix64's output function: every input bit reaches every output bit. */
static uint64_t mix(uint64_t x)
{
	x += 0x9E3779B97F4A7C15u;
	x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
	x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
	return x ^ (x >> 31);
}

static uint64_t draw(const struct chim_impair *link, enum chim_dir dir, uint64_t number,
		     enum draw what)
{
	return mix(mix(mix(link->seed) ^ number) ^ ((uint64_t)dir << 8 | (uint64_t)what));
}

static int hit(const struct chim_impair *link, enum chim_dir dir, uint64_t number, enum draw what,
	       uint32_t ppm)
{
	return draw(link, dir, number, what) % CHIM_PPM < ppm;
}

static void note(const struct chim_impair *link, enum chim_dir dir, uint64_t number,
		 uint64_t now_ns, const char *action, size_t len)
{
	if (link->log)
		fprintf(link->log, "%s %" PRIu64 " %" PRIu64 " %s %zu",
			dir == CHIM_TO_NIC ? "rx" : "tx", number, now_ns, action, len);
}

static void note_end(const struct chim_impair *link)
{
	if (link->log)
		fputc('\n', link->log);
}

/* Put a frame at the end of the way out; it leaves no earlier than those before it. */
static void emit(struct chim_impair *link, enum chim_dir dir, struct chim_qframe *f,
		 uint64_t time_ns)
{
	struct direction *d = &link->dir[dir];

	f->time_ns = time_ns + d->rates.delay_ns;
	if (f->time_ns < d->last_ns)
		f->time_ns = d->last_ns;
	if (chim_frameq_push(&d->out, f)) {
		d->counts.overflow++;
		note(link, dir, f->number, time_ns, "overflow", f->len);
		note_end(link);
		free(f);
		return;
	}
	d->last_ns = f->time_ns;
	d->counts.passed++;
}

/* Let go of held frames whose wait is over, in the order they were held. */
static void release_held(struct chim_impair *link, enum chim_dir dir, uint64_t now_ns, int passed)
{
	struct direction *d = &link->dir[dir];
	struct chim_frameq still = { 0 };
	struct chim_qframe *f;

	while ((f = chim_frameq_pop(&d->held))) {
		uint64_t end = f->time_ns;

		if (passed && f->left)
			f->left--;
		if (f->left && end > now_ns) {
			chim_frameq_push(&still, f);
			continue;
		}
		if (!f->left)
			end = now_ns;
		note(link, dir, f->number, end, "release", f->len);
		note_end(link);
		emit(link, dir, f, end);
	}
	d->held = still;
}

/* Flip one bit behind the Ethernet header of an IP frame. */
static void corrupt(struct chim_impair *link, enum chim_dir dir, struct chim_qframe *f,
		    uint64_t now_ns)
{
	size_t header = ETH_HEADER, at;
	unsigned int type = 0;
	uint64_t r = draw(link, dir, f->number, DRAW_BIT);

	if (f->len > ETH_HEADER)
		type = (unsigned int)f->data[12] << 8 | f->data[13];
	if (type == 0x8100 && f->len > ETH_HEADER + VLAN_BYTES) {
		header += VLAN_BYTES;
		type = (unsigned int)f->data[16] << 8 | f->data[17];
	}
	if ((type != 0x0800 && type != 0x86DD) || f->len <= header)
		return;
	at = header + (size_t)((r >> 3) % (f->len - header));
	f->data[at] ^= (uint8_t)(1u << (r & 7));
	link->dir[dir].counts.corrupted++;
	note(link, dir, f->number, now_ns, "corrupt", f->len);
	if (link->log)
		fprintf(link->log, " byte %zu bit %u", at, (unsigned int)(r & 7));
	note_end(link);
}

int chim_impair_put(struct chim_impair *link, enum chim_dir dir, const uint8_t *frame, size_t len,
		    uint64_t now_ns)
{
	struct direction *d = &link->dir[dir];
	const struct chim_impair_rates *rates = &d->rates;
	struct chim_qframe *f, *copy = NULL;
	uint64_t n = ++d->counts.frames;

	release_held(link, dir, now_ns, 0);
	if (hit(link, dir, n, DRAW_LOSS, rates->loss)) {
		d->counts.lost++;
		note(link, dir, n, now_ns, "loss", len);
		note_end(link);
		return 0;
	}
	f = chim_qframe_new(frame, len, now_ns);
	if (!f)
		return -ENOMEM;
	f->number = n;
	if (hit(link, dir, n, DRAW_DUPLICATE, rates->duplicate)) {
		copy = chim_qframe_new(frame, len, now_ns);
		if (!copy) {
			free(f);
			return -ENOMEM;
		}
		copy->number = n;
		d->counts.duplicated++;
		note(link, dir, n, now_ns, "duplicate", len);
		note_end(link);
	}
	if (hit(link, dir, n, DRAW_CORRUPT, rates->corrupt))
		corrupt(link, dir, f, now_ns);
	if (hit(link, dir, n, DRAW_REORDER, rates->reorder) && d->held.count < CHIM_FRAMEQ_MAX) {
		f->left = 1 + (unsigned int)(draw(link, dir, n, DRAW_DEPTH) % OVERTAKE_MAX);
		f->time_ns = now_ns + rates->hold_ns;
		d->counts.reordered++;
		note(link, dir, n, now_ns, "reorder", len);
		if (link->log)
			fprintf(link->log, " by %u", f->left);
		note_end(link);
		chim_frameq_push(&d->held, f);
		/* Its duplicate, if any, is one of those that overtake it. */
		if (copy) {
			emit(link, dir, copy, now_ns);
			release_held(link, dir, now_ns, 1);
		}
		return 0;
	}
	emit(link, dir, f, now_ns);
	if (copy)
		emit(link, dir, copy, now_ns);
	release_held(link, dir, now_ns, 1);
	return 0;
}

int chim_impair_get(struct chim_impair *link, enum chim_dir dir, uint64_t now_ns,
		    struct chim_wire_frame *f)
{
	struct direction *d = &link->dir[dir];

	free(d->given);
	d->given = NULL;
	release_held(link, dir, now_ns, 0);
	if (!d->out.head || d->out.head->time_ns > now_ns)
		return 0;
	d->given = chim_frameq_pop(&d->out);
	*f = (struct chim_wire_frame){ d->given->data, d->given->len, d->given->time_ns };
	return 1;
}

uint64_t chim_impair_due(const struct chim_impair *link, enum chim_dir dir)
{
	const struct direction *d = &link->dir[dir];
	uint64_t due = d->out.head ? d->out.head->time_ns : CHIM_WIRE_NEVER;
	const struct chim_qframe *f;

	for (f = d->held.head; f; f = f->next)
		if (f->time_ns < due)
			due = f->time_ns;
	return due;
}

const struct chim_impair_counts *chim_impair_get_counts(const struct chim_impair *link,
							enum chim_dir dir)
{
	return &link->dir[dir].counts;
}

int chim_impair_create(const struct chim_impair_cfg *cfg, struct chim_impair **link)
{
	struct chim_impair *l;
	unsigned int i;

	for (i = 0; i < CHIM_DIRS; i++) {
		const struct chim_impair_rates *r = &cfg->dir[i];

		if (r->loss > CHIM_PPM || r->reorder > CHIM_PPM || r->duplicate > CHIM_PPM ||
		    r->corrupt > CHIM_PPM)
			return -EINVAL;
	}
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->seed = cfg->seed;
	l->log = cfg->log;
	for (i = 0; i < CHIM_DIRS; i++)
		l->dir[i].rates = cfg->dir[i];
	*link = l;
	return 0;
}

void chim_impair_destroy(struct chim_impair *link)
{
	unsigned int i;

	if (!link)
		return;
	for (i = 0; i < CHIM_DIRS; i++) {
		chim_frameq_clear(&link->dir[i].out);
		chim_frameq_clear(&link->dir[i].held);
		free(link->dir[i].given);
	}
	free(link);
}
