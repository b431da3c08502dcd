/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Running a script; see run.h. Hard part: the order of the wire and the order of events are each
 * kept, but not compared with each other.
 */
#include "run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double ms(const struct run *r, uint64_t ns)
{
	return ((double)ns - (double)r->t) / BED_MS;
}

/* What waits unseen, for a message. */
static void append_waiting(struct run *r)
{
	size_t n = strlen(r->message), size = sizeof(r->message);
	struct bed *b = &r->bed;
	char buf[160];

	for (unsigned int i = 0; i < b->frames && i < 8; i++) {
		struct segment none = { 0 }, got;

		segment_match(b, &none, b->frame[i], &got);
		n += (size_t)snprintf(r->message + n, size - n, "\n  on the wire: > %s (%+.1f ms)",
				      segment_text(&got, buf, sizeof(buf)), ms(r, b->frame[i]->ns));
	}
	for (unsigned int i = 0; i < b->events && i < 8; i++)
		n += (size_t)snprintf(r->message + n, size - n, "\n  heard: * %s %u (%+.1f ms)",
				      b->event[i].name, b->event[i].value, ms(r, b->event[i].ns));
}

bool run_fail(struct run *r, const char *form, ...)
{
	va_list ap;
	int n = snprintf(r->message, sizeof(r->message), "%s:%u: %s\n", r->path, r->line, r->text);

	va_start(ap, form);
	vsnprintf(r->message + n, sizeof(r->message) - (size_t)n - 700, form, ap);
	va_end(ap);
	append_waiting(r);
	return false;
}

void run_wait(struct run *r, unsigned int wait_ms)
{
	r->t += (uint64_t)wait_ms * BED_MS;
	r->not_before = r->t - RUN_EARLY_MS * BED_MS;
	bed_run_until(&r->bed, r->t);
}

void run_settle(struct run *r, size_t bytes)
{
	r->t = bed_now(&r->bed) + bytes / RUN_BEAT * BED_MS / r->clocks;
	bed_run_until(&r->bed, r->t + RUN_SETTLE * BED_MS / r->clocks);
}

/*
 * The next frame on the wire. It may be older than the script's clock (stimuli take time), but not
 * older than the frame before it or than the end of a wait.
 */
bool run_expect(struct run *r, const struct segment *want)
{
	struct bed *b = &r->bed;
	uint64_t limit = r->t + RUN_LATE_MS * BED_MS + (uint64_t)RUN_LATE * BED_MS / r->clocks;
	char text[160], other[160];
	struct segment got;
	const char *what;
	uint64_t at;

	while (!b->frames && bed_now(b) < limit)
		bed_step(b);
	if (!b->frames)
		return run_fail(r, "  expected: > %s\n  actual:   nothing within %.1f ms",
				segment_text(want, text, sizeof(text)), ms(r, limit));
	at = b->frame[0]->ns;
	what = segment_match(b, want, b->frame[0], &got);
	if (!what && at > limit)
		what = "too late";
	if (!what && at < r->not_before)
		what = "too early";
	if (r->verbose)
		printf("# %8.2f ms > %s\n", (double)at / BED_MS,
		       segment_text(&got, other, sizeof(other)));
	bed_frame_pop(b);
	if (what)
		return run_fail(r, "  expected: > %s\n  actual:   > %s (%+.1f ms)\n  differs:  %s",
				segment_text(want, text, sizeof(text)),
				segment_text(&got, other, sizeof(other)), ms(r, at), what);
	r->not_before = at;
	if (at > r->t)
		r->t = at;
	return true;
}

/* These say how many bytes, and may be joined or split. */
static bool adds_up(const char *name)
{
	return !strcmp(name, "data") || !strcmp(name, "sent") || !strcmp(name, "received");
}

bool run_expect_event(struct run *r, const char *name, uint32_t value)
{
	struct bed *b = &r->bed;
	uint64_t limit = r->t + RUN_EVENT_MS * BED_MS;
	uint32_t sum = 0;

	do {
		while (!b->events && bed_now(b) < limit)
			bed_step(b);
		if (!b->events)
			return run_fail(r, "  expected: * %s %u\n  actual:   nothing (%u so far)",
					name, value, sum);
		if (strcmp(b->event[0].name, name))
			break;
		sum += b->event[0].value;
		if (sum > value || (sum != value && !adds_up(name)))
			break;
		if (r->verbose)
			printf("# %8.2f ms * %s %u\n", (double)b->event[0].ns / BED_MS, name,
			       b->event[0].value);
		bed_event_pop(b);
		if (sum == value)
			return true;
	} while (true);
	return run_fail(r, "  expected: * %s %u\n  actual:   * %s %u", name, value,
			b->event[0].name, b->event[0].value);
}

bool run_quiet(struct run *r, unsigned int quiet_ms)
{
	struct bed *b = &r->bed;

	bed_run_until(b, r->t + (uint64_t)quiet_ms * BED_MS);
	if (b->frames || b->events)
		return run_fail(r, "  expected: nothing");
	r->t = bed_now(b);
	return true;
}

/* Words of a line, up to a comment. */
static unsigned int split(char *line, char **word)
{
	unsigned int n = 0;
	char *save = NULL;

	line[strcspn(line, "#\n")] = 0;
	for (char *w = strtok_r(line, " \t", &save); w && n < RUN_WORDS;
	     w = strtok_r(NULL, " \t", &save))
		word[n++] = w;
	return n;
}

/* "clocks N" must be known before there is a device. */
static bool open_bed(struct run *r, char **word, unsigned int n)
{
	const char *what;

	if (!strcmp(word[0], "clocks")) {
		r->clocks = n == 2 ? (unsigned int)strtoul(word[1], NULL, 0) : 0;
		return r->clocks >= 20 || run_fail(r, "  clocks of a millisecond, 20 at least");
	}
	what = bed_open(&r->bed, r->clocks, r->pcap);
	if (what)
		return run_fail(r, "  no device: %s", what);
	r->opened = true;
	return run_line(r, word, n);
}

static bool run_file(struct run *r, FILE *f)
{
	char line[sizeof(r->text)], *word[RUN_WORDS];

	while (fgets(line, sizeof(line), f)) {
		unsigned int n;

		r->line++;
		strcpy(r->text, line);
		r->text[strcspn(r->text, "\n")] = 0;
		n = split(line, word);
		if (!n)
			continue;
		if (!(r->opened ? run_line(r, word, n) : open_bed(r, word, n)))
			return false;
		if (r->verbose && r->opened)
			printf("# %8.2f ms %s\n", (double)bed_now(&r->bed) / BED_MS, r->text);
		if (r->bed.wrong)
			return run_fail(r, "  received bytes are not what the peer sent");
	}
	return true;
}

bool run_script(struct run *r)
{
	FILE *f = fopen(r->path, "r");
	const char *what;
	bool ok;

	r->clocks = RUN_CLOCKS;
	settings_default(&r->o);
	if (!f)
		return run_fail(r, "  %s", strerror(errno));
	ok = run_file(r, f);
	fclose(f);
	strcpy(r->text, "(end of script)");
	if (ok && !r->opened)
		ok = run_fail(r, "  an empty script");
	ok = ok && run_quiet(r, 5);
	if (!ok) {
		if (r->opened)
			bed_flush(&r->bed);
		return false;
	}
	what = bed_close(&r->bed);
	return !what || run_fail(r, "  %s", what);
}
