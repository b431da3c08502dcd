/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Options of a model and its wire, see options.h. Hard part: numbers with units are checked, not
 * guessed.
 */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum kind {
	TEXT,
	NUMBER,	  /* 32 bits */
	SEED,	  /* 64 bits */
	RATE,	  /* "1%", "0.5%", "0.01" -> millionths, field of struct chim_impair_rates */
	DURATION, /* "5ms", "300us" -> ns, field of struct chim_impair_rates */
	PCAP_TIME,
	TIME,
};

struct option_def {
	const char *name;
	enum kind kind;
	size_t field;
	const char *form;
	const char *meaning;
};

#define OPT(member)  offsetof(struct chim_options, member)
#define LINK(member) offsetof(struct chim_impair_rates, member)

static const struct option_def defs[] = {
	{ "config", TEXT, OPT(config), "NAME", "model build, e.g. w64_c1024, w512_c64" },
	{ "dir", TEXT, OPT(dir), "DIR", "folder of the model builds" },
	{ "wire", TEXT, OPT(wire), "WIRE", "loop, tap[:IF], veth:IF, pcap:FILE" },
	{ "pcap", TEXT, OPT(pcap), "FILE", "capture at the MAC side" },
	{ "pcap-time", PCAP_TIME, 0, "device|wall", "stamps of the capture (device)" },
	{ "fst", TEXT, OPT(fst), "FILE", "waveform" },
	{ "time", TIME, 0, "real|CLOCKS", "real time, or clocks per virtual ms" },
	{ "latency", NUMBER, OPT(mem_latency), "CLOCKS", "of host memory (0)" },
	{ "stall", NUMBER, OPT(stall_percent), "PERCENT", "random stalls of memory and MAC (0)" },
	{ "seed", SEED, 0, "N", "of the impaired link, resets and stalls (1)" },
	{ "loss", RATE, LINK(loss), "RATE", "frames lost, e.g. 1% or 0.01" },
	{ "reorder", RATE, LINK(reorder), "RATE", "frames overtaken by the next 1 to 3" },
	{ "dup", RATE, LINK(duplicate), "RATE", "frames sent twice" },
	{ "corrupt", RATE, LINK(corrupt), "RATE", "IP frames with one bit flipped" },
	{ "delay", DURATION, LINK(delay_ns), "TIME", "added to every frame, e.g. 5ms, 300us" },
	{ "hold", DURATION, LINK(hold_ns), "TIME", "longest wait of a reordered frame (10ms)" },
	{ "log", TEXT, OPT(log), "FILE", "everything the impaired link did" },
};

#define DEFS (sizeof(defs) / sizeof(defs[0]))

void chim_options_init(struct chim_options *o)
{
	*o = (struct chim_options){ .config = CHIM_MODEL_DEFAULT, .wire = "loop" };
	o->link.seed = 1;
	o->link.dir[CHIM_TO_NIC].hold_ns = CHIM_IMPAIR_HOLD_NS;
	o->link.dir[CHIM_FROM_NIC].hold_ns = CHIM_IMPAIR_HOLD_NS;
}

static int parse_number(const char *v, uint64_t max, uint64_t *n)
{
	char *end;

	if (!isdigit((unsigned char)*v))
		return -EINVAL;
	errno = 0;
	*n = strtoull(v, &end, 0);
	return errno || *end || *n > max ? -EINVAL : 0;
}

static int parse_rate(const char *v, uint32_t *ppm)
{
	char *end;
	double d;

	if (!isdigit((unsigned char)*v) && *v != '.')
		return -EINVAL;
	d = strtod(v, &end);
	if (*end == '%' && !end[1])
		d /= 100;
	else if (*end)
		return -EINVAL;
	if (!(d >= 0 && d <= 1))
		return -EINVAL;
	*ppm = (uint32_t)(d * CHIM_PPM + 0.5);
	return 0;
}

static int parse_duration(const char *v, uint64_t *ns)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };
	size_t i;
	char *end;
	double d;

	if (!isdigit((unsigned char)*v) && *v != '.')
		return -EINVAL;
	d = strtod(v, &end);
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		/* An hour is more than any link and far from overflow. */
		if (strcmp(end, units[i].unit) || !(d * units[i].ns <= 3.6e12))
			continue;
		*ns = (uint64_t)(d * units[i].ns + 0.5);
		return 0;
	}
	return -EINVAL;
}

static int set_text(struct chim_options *o, const struct option_def *def, const char *v)
{
	size_t room = def->field == OPT(config) ? sizeof(o->config) : CHIM_OPTION_TEXT;

	if (!*v || strlen(v) >= room)
		return -EINVAL;
	strcpy((char *)o + def->field, v);
	return 0;
}

/* Impairments: @dirs has a bit per direction. */
static int set_link(struct chim_options *o, const struct option_def *def, const char *v,
		    unsigned int dirs)
{
	uint64_t ns = 0;
	uint32_t ppm = 0;
	unsigned int d;
	int err = def->kind == RATE ? parse_rate(v, &ppm) : parse_duration(v, &ns);

	for (d = 0; !err && d < CHIM_DIRS; d++) {
		char *field = (char *)&o->link.dir[d] + def->field;

		if (!(dirs >> d & 1))
			continue;
		if (def->kind == RATE)
			memcpy(field, &ppm, sizeof(ppm));
		else
			memcpy(field, &ns, sizeof(ns));
	}
	return err;
}

static int set_number(struct chim_options *o, const struct option_def *def, const char *v)
{
	uint32_t n32;
	uint64_t n;
	int err = parse_number(v, UINT32_MAX, &n);

	if (err)
		return err;
	n32 = (uint32_t)n;
	if (def->field == OPT(stall_percent) && n > 90)
		return -EINVAL;
	memcpy((char *)o + def->field, &n32, sizeof(n32));
	return 0;
}

static int set_time(struct chim_options *o, const char *v)
{
	uint64_t n = 0;

	if (strcmp(v, "real") && (parse_number(v, UINT32_MAX, &n) || !n))
		return -EINVAL;
	o->cycles_per_ms = (uint32_t)n;
	return 0;
}

int chim_options_set(struct chim_options *o, const char *name, const char *value)
{
	const char *v = value ? value : "";
	unsigned int dirs = 1u << CHIM_TO_NIC | 1u << CHIM_FROM_NIC;
	int one_way = 0;
	size_t i;

	if (!strncmp(name, "rx-", 3) || !strncmp(name, "tx-", 3)) {
		dirs = *name == 'r' ? 1u << CHIM_TO_NIC : 1u << CHIM_FROM_NIC;
		one_way = 1;
		name += 3;
	}
	for (i = 0; i < DEFS; i++) {
		const struct option_def *def = &defs[i];

		if (strcmp(def->name, name))
			continue;
		if (def->kind == RATE || def->kind == DURATION)
			return set_link(o, def, v, dirs);
		if (one_way)
			return -ENOENT;
		switch (def->kind) {
		case TEXT: return set_text(o, def, v);
		case NUMBER: return set_number(o, def, v);
		case SEED: return parse_number(v, UINT64_MAX, &o->link.seed);
		case TIME: return set_time(o, v);
		case PCAP_TIME:
			o->pcap_wall = !strcmp(v, "wall");
			return o->pcap_wall || !strcmp(v, "device") ? 0 : -EINVAL;
		default: return -EINVAL;
		}
	}
	return -ENOENT;
}

int chim_options_parse(struct chim_options *o, const char *text, char bad[CHIM_OPTION_TEXT])
{
	int first = 1;

	while (*text) {
		char piece[CHIM_OPTION_TEXT];
		size_t len = strcspn(text, ",");
		char *value;
		int err = -EINVAL;

		if (len < sizeof(piece)) {
			memcpy(piece, text, len);
			piece[len] = 0;
			value = strchr(piece, '=');
			if (value) {
				*value = 0;
				err = chim_options_set(o, piece, value + 1);
				*value = '=';
			} else if (first) {
				err = chim_options_set(o, "config", piece);
			}
		} else {
			piece[0] = 0;
		}
		if (err) {
			if (bad)
				strcpy(bad, piece);
			return err;
		}
		first = 0;
		text += len + (text[len] == ',');
	}
	return 0;
}

int chim_options_help(unsigned int i, const char **name, const char **form, const char **meaning)
{
	if (i >= DEFS)
		return 0;
	*name = defs[i].name;
	*form = defs[i].form;
	*meaning = defs[i].meaning;
	return 1;
}
