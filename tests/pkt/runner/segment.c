/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Segments: words, frames, comparison; see segment.h. Hard part: everything of a frame is checked,
 * also what the script does not write: addresses, ports, tags, checksums and every byte of payload.
 */
#include "segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	uint8_t flag;
} flags[] = {
	{ "fin", CHIM_TH_FIN }, { "syn", CHIM_TH_SYN }, { "rst", CHIM_TH_RST },
	{ "psh", CHIM_TH_PSH }, { "urg", CHIM_TH_URG },
};

static bool number(const char *text, long *value)
{
	char *end;

	if (!text)
		return false;
	*value = strtol(text, &end, 0);
	return end != text && !*end;
}

static bool range(const char *text, struct segment *s)
{
	char *end;

	s->seq = (int32_t)strtol(text, &end, 0);
	if (end == text || *end != ':')
		return false;
	text = end + 1;
	s->end = (int32_t)strtol(text, &end, 0);
	return end != text && !*end && s->end >= s->seq;
}

/* One option at word[i]. Return: words used, 0: unknown or malformed. */
static unsigned int option(struct segment *s, char *const *word, unsigned int n)
{
	long a = 0, b = 0;

	for (size_t k = 0; k < sizeof(flags) / sizeof(flags[0]); k++) {
		if (!strcmp(word[0], flags[k].name)) {
			s->flags |= flags[k].flag;
			return 1;
		}
	}
	if (!strcmp(word[0], "bad-sum")) {
		s->bad_sum = true;
		return 1;
	}
	if (!strcmp(word[0], "ip-options")) {
		s->ip_options = true;
		return 1;
	}
	if (!strcmp(word[0], "changed")) {
		s->changed = true;
		return 1;
	}
	if (n < 2)
		return 0;
	if (!strcmp(word[0], "ts") && n > 2) {
		s->has_ts = true;
		s->last_tsecr = !strcmp(word[2], "last");
		if (!s->last_tsecr && !number(word[2], &b))
			return 0;
		s->any_tsval = !strcmp(word[1], "*");
		if (!s->any_tsval && !number(word[1], &a))
			return 0;
		s->tsval = (uint32_t)a;
		s->tsecr = (uint32_t)b;
		return 3;
	}
	if (!number(word[1], &a))
		return 0;
	if (!strcmp(word[0], "ack")) {
		s->flags |= CHIM_TH_ACK;
		s->ack = (int32_t)a;
	} else if (!strcmp(word[0], "win")) {
		s->has_win = true;
		s->win = (uint32_t)a;
	} else if (!strcmp(word[0], "cut")) {
		s->cut = (uint32_t)a;
	} else {
		return 0;
	}
	return 2;
}

const char *segment_parse(struct segment *s, char *const *word, unsigned int n)
{
	memset(s, 0, sizeof(*s));
	if (!n || !range(word[0], s))
		return "a segment begins with SEQ:END";
	for (unsigned int i = 1; i < n;) {
		unsigned int k = option(s, word + i, n - i);

		if (!k)
			return "unknown word in a segment";
		i += k;
	}
	return NULL;
}

const char *segment_text(const struct segment *s, char *buf, size_t size)
{
	size_t n = (size_t)snprintf(buf, size, "%d:%d", s->seq, s->end);

	if (s->flags & CHIM_TH_ACK)
		n += (size_t)snprintf(buf + n, size - n, " ack %d", s->ack);
	if (s->has_win)
		n += (size_t)snprintf(buf + n, size - n, " win %u", s->win);
	for (size_t k = 0; k < sizeof(flags) / sizeof(flags[0]); k++) {
		if (s->flags & flags[k].flag)
			n += (size_t)snprintf(buf + n, size - n, " %s", flags[k].name);
	}
	if (s->has_ts && s->any_tsval)
		n += (size_t)snprintf(buf + n, size - n, " ts * %u", s->tsecr);
	else if (s->has_ts)
		n += (size_t)snprintf(buf + n, size - n, " ts %u %u", s->tsval, s->tsecr);
	if (s->changed)
		snprintf(buf + n, size - n, " changed");
	return buf;
}

/* Make room for @n bytes at @at. */
static size_t insert(uint8_t *frame, size_t len, size_t at, size_t n)
{
	memmove(frame + at + n, frame + at, len - at);
	return len + n;
}

static uint16_t ip_sum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Four bytes of no-operation options behind the IPv4 header. */
static size_t add_ip_options(uint8_t *frame, size_t len)
{
	uint8_t *ip = frame + CHIM_ETH_HEADER;
	size_t total = (size_t)(ip[2] << 8 | ip[3]) + 4;
	uint16_t sum;

	len = insert(frame, len, CHIM_ETH_HEADER + 20, 4);
	ip[0] = 0x46;
	ip[2] = (uint8_t)(total >> 8);
	ip[3] = (uint8_t)total;
	memset(ip + 20, 1, 4);
	ip[10] = ip[11] = 0;
	sum = ip_sum(ip, 24);
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
	return len;
}

void segment_inject(struct bed *b, const struct segment *s)
{
	struct chim_segment seg = {
		.seq = b->o.irs + (uint32_t)s->seq,
		.ack = s->flags & CHIM_TH_ACK ? b->o.iss + (uint32_t)s->ack : 0,
		.window = (uint16_t)s->win,
		.flags = s->flags,
		.has_ts = s->has_ts,
		.tsval = s->tsval,
		.tsecr = s->last_tsecr ? b->last_tsval : s->tsecr,
	};
	uint8_t payload[CHIM_FRAME_MAX], frame[CHIM_FRAME_MAX + 256];
	size_t len = (size_t)(s->end - s->seq);

	if (len > 9000)
		len = 9000;
	for (size_t i = 0; i < len; i++)
		payload[i] = bed_byte(true, (uint32_t)s->seq + (uint32_t)i, false);
	len = chim_frame_build(frame, bed_mac, bed_peer_mac, &b->key, &seg, payload, len);
	if (s->bad_sum)
		frame[len - 1] ^= 1;
	if (s->ip_options)
		len = add_ip_options(frame, len);
	if (b->o.vlan) {
		len = insert(frame, len, 12, 4);
		frame[12] = 0x81;
		frame[13] = 0x00;
		frame[14] = (uint8_t)(b->o.vlan >> 8);
		frame[15] = (uint8_t)b->o.vlan;
	}
	len -= s->cut < len - CHIM_ETH_HEADER ? s->cut : len - CHIM_ETH_HEADER;
	chim_wire_send(b->peer, frame, len, bed_now(b));
}

/* What the script does not write. */
static const char *match_rest(const struct bed *b, const struct bed_frame *f,
			      const struct chim_frame *p)
{
	const uint8_t *ip = f->bytes + p->l3;
	size_t tagged = b->o.vlan ? 4 : 0;

	if (memcmp(f->bytes, bed_peer_mac, 6) || memcmp(f->bytes + 6, bed_mac, 6))
		return "Ethernet addresses";
	if (p->l3 != CHIM_ETH_HEADER + tagged)
		return "VLAN tag";
	if (tagged && (f->bytes[14] << 8 | f->bytes[15]) != (int)b->o.vlan)
		return "VLAN id";
	if (!p->tcp || !chim_key_equal(&p->key, &b->key))
		return "addresses or ports";
	if (p->family == 4 && ip_sum(ip, 20))
		return "IPv4 header checksum";
	if (chim_tcp_checksum(&p->key, f->bytes + p->l4, p->end - p->l4))
		return "TCP checksum";
	if (p->family == 4 && (ip[8] != b->o.ttl || ip[1] != b->o.tos))
		return "TTL or TOS";
	if (p->family == 6 && ip[7] != b->o.ttl)
		return "hop limit";
	if (p->seg.has_ts != (b->o.ts != 0) && !(p->seg.flags & CHIM_TH_RST))
		return "timestamps of the connection";
	return NULL;
}

const char *segment_match(struct bed *b, const struct segment *want, const struct bed_frame *f,
			  struct segment *got)
{
	struct chim_frame p;
	const char *what;
	int32_t dt;

	memset(got, 0, sizeof(*got));
	if (chim_frame_parse(f->bytes, f->len, true, &p))
		return "no whole frame";
	got->seq = (int32_t)(p.seg.seq - b->o.iss);
	got->end = got->seq + (int32_t)(p.end - p.payload);
	got->flags = p.seg.flags;
	if (p.seg.flags & CHIM_TH_ACK)
		got->ack = (int32_t)(p.seg.ack - b->o.irs);
	got->has_win = true;
	got->win = p.seg.window;
	got->has_ts = p.seg.has_ts;
	got->tsval = p.seg.tsval;
	got->tsecr = p.seg.tsecr;
	b->last_tsval = p.seg.tsval;
	what = match_rest(b, f, &p);
	if (what)
		return what;
	if (got->seq != want->seq || got->end != want->end)
		return "sequence numbers";
	if (got->flags != want->flags)
		return "flags";
	if (got->ack != want->ack)
		return "acknowledgment number";
	if (want->has_win && got->win != want->win)
		return "window";
	/* A timestamp clock has one tick of doubt. */
	dt = (int32_t)(got->tsval - want->tsval);
	if (want->has_ts &&
	    (got->tsecr != want->tsecr || (!want->any_tsval && (dt < -1 || dt > 1))))
		return "timestamps";
	for (size_t i = p.payload; i < p.end; i++) {
		uint32_t at = (uint32_t)got->seq + (uint32_t)(i - p.payload);

		if (f->bytes[i] != bed_byte(false, at, want->changed))
			return "payload";
	}
	return NULL;
}
