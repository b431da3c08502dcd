/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Datagrams in reassembly. Hard part: which byte ranges are there; one bit for each unit of 8
 * bytes.
 */
#include "fragments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	UNITS = (CHIM_FRAGMENTS_BYTES + 7) / 8,
	HEADERS_MAX = 14 + 8 + 60, /* Ethernet, two tags, IPv4 with options */
};

struct datagram {
	bool used;
	uint8_t proto;
	uint32_t id;
	struct chim_key key; /* addresses only */
	uint64_t since_ms;
	size_t total; /* bytes of payload, 0: the last fragment has not come */
	size_t have;
	size_t head_len; /* Ethernet and IP header of the first fragment, 0: not yet */
	uint8_t head[HEADERS_MAX];
	size_t l3;
	uint8_t map[(UNITS + 7) / 8];
	struct chim_held_queue parts;
	uint8_t *bytes; /* CHIM_FRAGMENTS_BYTES, behind room for the headers */
};

struct chim_fragments {
	struct datagram list[CHIM_FRAGMENTS_DATAGRAMS];
};

int chim_fragments_create(struct chim_fragments **fr)
{
	*fr = calloc(1, sizeof(**fr));
	return *fr ? 0 : -ENOMEM;
}

static void drop(struct datagram *d)
{
	while (d->parts.first)
		free(chim_held_take(&d->parts));
	d->used = false;
}

void chim_fragments_destroy(struct chim_fragments *fr)
{
	size_t i;

	for (i = 0; fr && i < CHIM_FRAGMENTS_DATAGRAMS; i++) {
		drop(&fr->list[i]);
		free(fr->list[i].bytes);
	}
	free(fr);
}

static bool same(const struct datagram *d, const struct chim_frame *f)
{
	size_t n = chim_addr_len(f->family);

	return d->used && d->key.family == f->family && d->id == f->frag_id &&
	       (f->family == 6 || d->proto == f->proto) && !memcmp(d->key.local, f->key.local, n) &&
	       !memcmp(d->key.remote, f->key.remote, n);
}

static struct datagram *find(struct chim_fragments *fr, const struct chim_frame *f, uint64_t now_ms)
{
	struct datagram *d, *pick = &fr->list[0];
	uint8_t *bytes;
	size_t i;

	for (i = 0; i < CHIM_FRAGMENTS_DATAGRAMS; i++) {
		d = &fr->list[i];
		if (d->used && now_ms - d->since_ms > CHIM_FRAGMENTS_MS)
			drop(d);
		if (same(d, f))
			return d;
		if (pick->used && (!d->used || d->since_ms < pick->since_ms))
			pick = d;
	}
	bytes = pick->bytes ? pick->bytes : malloc(HEADERS_MAX + CHIM_FRAGMENTS_BYTES);
	if (!bytes)
		return NULL;
	drop(pick);
	memset(pick, 0, sizeof(*pick));
	pick->bytes = bytes;
	pick->used = true;
	pick->proto = f->proto;
	pick->id = f->frag_id;
	pick->key = f->key;
	pick->since_ms = now_ms;
	return pick;
}

/* Mark the units of a range. Return: false if one was there already. */
static bool mark(struct datagram *d, size_t off, size_t len)
{
	size_t unit, last = (off + len - 1) / 8;

	for (unit = off / 8; unit <= last; unit++) {
		if (d->map[unit / 8] & 1 << unit % 8)
			return false;
		d->map[unit / 8] |= (uint8_t)(1 << unit % 8);
	}
	return true;
}

/* Headers of the first fragment, without what makes it one. */
static void take_head(struct datagram *d, const struct chim_frame *f)
{
	size_t ip = f->family == 4 ? f->l4 - f->l3 : 40;

	d->l3 = f->l3;
	d->head_len = f->l3 + ip;
	d->proto = f->proto;
	memcpy(d->head, f->bytes, d->head_len);
}

static uint16_t header_sum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < len; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void finish_head(struct datagram *d)
{
	uint8_t *ip = d->head + d->l3;
	size_t header = d->head_len - d->l3, total = d->total + (d->key.family == 4 ? header : 0);
	uint16_t sum;

	if (d->key.family == 6) {
		ip[4] = (uint8_t)(total >> 8);
		ip[5] = (uint8_t)total;
		ip[6] = d->proto;
		return;
	}
	ip[2] = (uint8_t)(total >> 8);
	ip[3] = (uint8_t)total;
	ip[6] = ip[7] = 0;
	ip[10] = ip[11] = 0;
	sum = header_sum(ip, header);
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
}

int chim_fragments_add(struct chim_fragments *fr, const struct chim_frame *f, size_t frame_len,
		       uint64_t now_ms, const uint8_t **whole, size_t *len,
		       struct chim_held_queue *parts)
{
	size_t n = f->end - f->l4, end = f->frag_off + n;
	struct datagram *d;

	*whole = NULL;
	d = find(fr, f, now_ms);
	if (!d)
		return -ENOMEM;
	if (!n || end > CHIM_FRAGMENTS_BYTES - 60 || (f->frag_more && n % 8) ||
	    (d->total && (end > d->total || !f->frag_more)) || !mark(d, f->frag_off, n) ||
	    (!f->frag_off && f->l4 > HEADERS_MAX) ||
	    chim_held_add(&d->parts, f, frame_len, true, false)) {
		drop(d);
		return -EINVAL;
	}
	if (!f->frag_more)
		d->total = end;
	if (!f->frag_off)
		take_head(d, f);
	memcpy(d->bytes + HEADERS_MAX + f->frag_off, f->bytes + f->l4, n);
	d->have += n;
	if (d->total && d->have > d->total) {
		drop(d);
		return -EINVAL;
	}
	if (d->have != d->total || !d->head_len)
		return 0;
	finish_head(d);
	*parts = d->parts;
	memset(&d->parts, 0, sizeof(d->parts));
	d->used = false;
	memcpy(d->bytes + HEADERS_MAX - d->head_len, d->head, d->head_len);
	*whole = d->bytes + HEADERS_MAX - d->head_len;
	*len = d->head_len + d->total;
	return 0;
}
