/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Frames: parser and builder, fragments, packet-too-big, the queue of held frames, and what is
 * learned from frames. Hard part: input that lies; every cut and a million random changes of a good
 * frame, under sanitizers.
 */
#include "../../tap.h"
#include "fragments.h"
#include "icmp.h"
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t mac_a[6] = { 2, 0, 0, 0, 0, 1 }, mac_b[6] = { 2, 0, 0, 0, 0, 2 };

static struct chim_key key_of(uint8_t family)
{
	struct chim_key k = { .family = family, .local_port = 4000, .remote_port = 80 };

	if (family == 4) {
		memcpy(k.local, "\x0a\0\0\1", 4);
		memcpy(k.remote, "\x0a\0\0\2", 4);
	} else {
		k.local[0] = k.remote[0] = 0xfd;
		k.local[15] = 1;
		k.remote[15] = 2;
	}
	return k;
}

static size_t build(uint8_t *buf, uint8_t family, bool ts, const char *payload)
{
	struct chim_key k = key_of(family);
	struct chim_segment seg = { .seq = 0xfffffffeu,
				    .ack = 77,
				    .window = 512,
				    .flags = CHIM_TH_ACK | CHIM_TH_PSH,
				    .has_ts = ts,
				    .tsval = 1234,
				    .tsecr = 99 };

	return chim_frame_build(buf, mac_a, mac_b, &k, &seg, payload, strlen(payload));
}

static void test_round_trip(uint8_t family, bool ts)
{
	struct chim_key k = key_of(family), swapped = k;
	struct chim_frame f;
	uint8_t buf[256];
	size_t len = build(buf, family, ts, "hello");
	char text[128];

	OK(!chim_frame_parse(buf, len, false, &f) && f.tcp && f.family == family,
	   "v%u ts %d: parsed", family, ts);
	OK(chim_key_equal(&f.key, &k), "from the peer: %s",
	   chim_key_text(&f.key, text, sizeof(text)));
	OK(f.seg.seq == 0xfffffffeu && f.seg.ack == 77 && f.seg.window == 512 &&
		   f.seg.flags == (CHIM_TH_ACK | CHIM_TH_PSH) && f.seg.has_ts == ts &&
		   (!ts || (f.seg.tsval == 1234 && f.seg.tsecr == 99)),
	   "its fields");
	OK(f.end - f.payload == 5 && !memcmp(buf + f.payload, "hello", 5), "its payload");
	OK(!chim_tcp_checksum(&k, buf + f.l4, f.end - f.l4), "checksum right");
	buf[f.payload] ^= 1;
	OK(chim_tcp_checksum(&k, buf + f.l4, f.end - f.l4), "and wrong after a change");
	buf[f.payload] ^= 1;
	swapped.local_port = k.remote_port;
	swapped.remote_port = k.local_port;
	memcpy(swapped.local, k.remote, 16);
	memcpy(swapped.remote, k.local, 16);
	OK(!chim_frame_parse(buf, len, true, &f) && chim_key_equal(&f.key, &swapped),
	   "outgoing: the other way round");
}

/* No length shorter than the frame is accepted, and none is read beyond. */
static void test_cuts(uint8_t family)
{
	uint8_t buf[256];
	size_t len = build(buf, family, true, "x"), i, accepted = 0;
	struct chim_frame f;

	for (i = 0; i < len; i++) {
		uint8_t *exact = malloc(i ? i : 1);

		memcpy(exact, buf, i);
		if (!chim_frame_parse(exact, i, false, &f))
			accepted++;
		free(exact);
	}
	OK(!accepted, "v%u: no cut frame is accepted", family);
}

static void test_random(uint8_t family)
{
	uint8_t good[256];
	size_t len = build(good, family, true, "payload"), i;
	unsigned int tcp = 0, bad = 0;

	srand(1);
	for (i = 0; i < 500000; i++) {
		size_t cut = len - (size_t)rand() % 8, n = (size_t)rand() % 4 + 1;
		uint8_t *buf = malloc(cut);
		struct chim_too_big t;
		struct chim_frame f;

		memcpy(buf, good, cut);
		while (n--)
			buf[12 + (size_t)rand() % (cut - 12)] = (uint8_t)rand();
		if (chim_frame_parse(buf, cut, false, &f)) {
			bad++;
		} else {
			tcp += f.tcp;
			if (f.end > cut || f.payload > f.end || f.l4 > f.end)
				OK(false, "an offset beyond the frame");
			if (f.family)
				chim_icmp_too_big(&f, &t);
		}
		free(buf);
	}
	OK(tcp > 1000 && bad > 1000, "v%u: %u accepted, %u refused, nothing read beyond", family,
	   tcp, bad);
}

static void test_shapes(void)
{
	uint8_t buf[256], other[300];
	struct chim_frame f;
	size_t len = build(buf, 4, false, "abc");

	memcpy(other, buf, 12);
	memcpy(other + 12, "\x81\0\0\5", 4);
	memcpy(other + 16, buf + 12, len - 12);
	OK(!chim_frame_parse(other, len + 4, false, &f) && f.tcp && f.l3 == 18, "a VLAN tag");
	memcpy(other + 12, "\x88\xa8\0\5\x81\0\0\6", 8);
	memcpy(other + 20, buf + 12, len - 12);
	OK(!chim_frame_parse(other, len + 8, false, &f) && f.tcp && f.l3 == 22, "two tags");
	memset(other, 0, 60);
	other[12] = 8;
	other[13] = 6;
	OK(!chim_frame_parse(other, 42, false, &f) && !f.family && !f.tcp, "ARP");
	/* IPv4 with options: the header grows by 4 */
	memcpy(other, buf, 34);
	memset(other + 34, 1, 4);
	memcpy(other + 38, buf + 34, len - 34);
	other[14] = 0x46;
	other[17] = (uint8_t)(other[17] + 4);
	OK(!chim_frame_parse(other, len + 4, false, &f) && f.tcp && f.ip_options, "IPv4 options");
	memcpy(other, buf, len);
	other[20] = 0x20;
	OK(!chim_frame_parse(other, len, false, &f) && f.fragment && !f.tcp && f.frag_more,
	   "a first fragment");
	other[20] = 0;
	other[21] = 3;
	OK(!chim_frame_parse(other, len, false, &f) && f.fragment && f.frag_off == 24,
	   "a later one");
	/* IPv6 with a hop-by-hop header of 8 bytes */
	len = build(buf, 6, false, "abc");
	memcpy(other, buf, 54);
	memcpy(other + 54, "\6\0\1\4\0\0\0\0", 8);
	memcpy(other + 62, buf + 54, len - 54);
	other[20] = 0;
	other[19] = (uint8_t)(other[19] + 8);
	OK(!chim_frame_parse(other, len + 8, false, &f) && f.tcp && f.ip_options,
	   "an IPv6 extension header");
	other[20] = 44;
	other[54] = 6;
	other[56] = 0;
	other[57] = 1;
	OK(!chim_frame_parse(other, len + 8, false, &f) && f.fragment && f.proto == 6,
	   "an IPv6 fragment");
	other[57] = 0;
	OK(!chim_frame_parse(other, len + 8, false, &f) && !f.fragment && f.tcp,
	   "an atomic one is none");
}

/* A fragment of an IPv4 datagram. */
static size_t piece(const uint8_t *whole, size_t l4, size_t off, size_t n, bool more, uint8_t *out)
{
	memcpy(out, whole, l4);
	memcpy(out + l4, whole + l4 + off % 1000, n);
	out[16] = (uint8_t)((20 + n) >> 8);
	out[17] = (uint8_t)(20 + n);
	out[20] = (uint8_t)((more ? 0x20 : 0) | off / 8 >> 8);
	out[21] = (uint8_t)(off / 8);
	return l4 + n;
}

struct parts {
	struct chim_fragments *fr;
	const uint8_t *whole;
	size_t len;
	struct chim_held_queue parts;
};

static int add(struct parts *p, const uint8_t *bytes, size_t len, uint64_t now)
{
	struct chim_frame f;

	if (chim_frame_parse(bytes, len, false, &f))
		return -EBADMSG;
	return chim_fragments_add(p->fr, &f, len, now, &p->whole, &p->len, &p->parts);
}

static void test_fragments(void)
{
	static char payload[1200];
	uint8_t whole[1400], a[1400], b[1400], c[1400];
	struct parts p = { 0 };
	struct chim_frame f;
	size_t l4 = 34, total, na, nb, nc;
	unsigned int n = 0, i;

	memset(payload, 'x', sizeof(payload) - 1);
	build(whole, 4, true, payload);
	whole[20] = 0; /* may be fragmented */
	total = 32 + strlen(payload);
	na = piece(whole, l4, 0, 400, true, a);
	nb = piece(whole, l4, 400, 400, true, b);
	nc = piece(whole, l4, 800, total - 800, false, c);
	chim_fragments_create(&p.fr);
	OK(!add(&p, c, nc, 0) && !p.whole && !add(&p, a, na, 1) && !p.whole && !add(&p, b, nb, 2) &&
		   p.whole && p.len == l4 + total,
	   "three pieces in any order make a datagram");
	OK(p.whole && !chim_frame_parse(p.whole, p.len, false, &f) && f.tcp &&
		   !memcmp(p.whole + f.l4, whole + 34, total),
	   "the right one");
	while (p.parts.first) {
		free(chim_held_take(&p.parts));
		n++;
	}
	OK(n == 3, "the pieces come along");

	OK(!add(&p, a, na, 0) && add(&p, a, na, 0) == -EINVAL, "a piece twice: dropped");
	OK(!add(&p, b, nb, 0) && !add(&p, c, nc, 0) && !p.whole, "and all of it");
	add(&p, a, na, 0);
	while (p.parts.first)
		free(chim_held_take(&p.parts));

	OK(!add(&p, a, na, 0) && !add(&p, b, nb, CHIM_FRAGMENTS_MS + 1) &&
		   !add(&p, c, nc, CHIM_FRAGMENTS_MS + 1) && !p.whole,
	   "a piece too old is gone");
	nb = piece(whole, l4, 401 / 8 * 8 + 8, 397, true, b);
	OK(add(&p, b, nb, 0) == -EINVAL, "a piece that is no multiple of 8");
	nc = piece(whole, l4, 65528, 200, false, c);
	OK(add(&p, c, nc, 0) == -EINVAL, "one that ends beyond 65535");
	for (i = 0; i < 100; i++) {
		a[18] = (uint8_t)i; /* another datagram each */
		add(&p, a, na, i);
	}
	OK(1, "a hundred unfinished datagrams take no more room than sixteen");
	chim_fragments_destroy(p.fr);
}

static void test_too_big(void)
{
	uint8_t inner[256], buf[400];
	struct chim_too_big t;
	struct chim_frame f;
	struct chim_key k = key_of(4);
	size_t len = build(inner, 4, true, "data");

	/* The quoted packet went the other way: our side is its source. */
	memcpy(inner + 26, k.local, 4);
	memcpy(inner + 30, k.remote, 4);
	memcpy(inner + 34, "\x0f\xa0\0\x50", 4);
	memcpy(buf, inner, 34);
	buf[23] = 1;
	memset(buf + 34, 0, 8);
	buf[34] = 3;
	buf[35] = 4;
	buf[40] = 0x05;
	buf[41] = 0x14;
	memcpy(buf + 42, inner + 14, 28);
	buf[16] = 0;
	buf[17] = 20 + 8 + 28;
	(void)len;
	OK(!chim_frame_parse(buf, 70, false, &f) && !chim_icmp_too_big(&f, &t) && t.mtu == 1300 &&
		   t.seq == 0xfffffffeu && chim_key_equal(&t.key, &k),
	   "a packet-too-big");
	buf[41] = 0;
	buf[40] = 1;
	OK(!chim_frame_parse(buf, 70, false, &f) && chim_icmp_too_big(&f, &t) == -ENOENT,
	   "an MTU of 256 is not believed");
	buf[40] = 5;
	buf[35] = 1;
	OK(!chim_frame_parse(buf, 70, false, &f) && chim_icmp_too_big(&f, &t) == -ENOENT,
	   "another message is not one");
	buf[35] = 4;
	buf[17] = 20 + 8 + 27;
	OK(!chim_frame_parse(buf, 70, false, &f) && chim_icmp_too_big(&f, &t) == -ENOENT,
	   "a quotation too short is not used");
}

static void test_held(void)
{
	struct chim_held_queue q = { 0 };
	uint8_t buf[256];
	struct chim_frame f;
	size_t len = build(buf, 4, false, "1"), i;
	struct chim_held *h;

	chim_frame_parse(buf, len, false, &f);
	for (i = 0; i < CHIM_HELD_FRAMES; i++)
		if (chim_held_add(&q, &f, len, true, true))
			OK(false, "frame %zu", i);
	OK(chim_held_add(&q, &f, len, true, true) == -ENOBUFS && q.dropped == 1,
	   "the queue is bounded");
	while ((h = chim_held_take(&q)))
		free(h);
	OK(!q.frames && !q.last, "and can be emptied");
	for (i = 0; i < 3; i++) {
		chim_held_add(&q, &f, len + i, true, true);
	}
	h = chim_held_take(&q);
	chim_held_insert(&q, h, 1);
	OK(q.first->len == len + 1 && q.first->next == h && q.last->len == len + 2,
	   "inserted behind one");
	h = chim_held_take(&q);
	chim_held_insert(&q, h, 99);
	OK(q.last == h && !h->next && q.frames == 3, "inserted behind all");
	while ((h = chim_held_take(&q)))
		free(h);
}

static void in(struct chim_watch *w, uint32_t seq, uint32_t tsval, bool valid)
{
	struct chim_frame f = { .tcp = true };

	f.seg = (struct chim_segment){ .seq = seq, .has_ts = true, .tsval = tsval };
	chim_watch_in(w, &f, valid, 0);
}

static void out(struct chim_watch *w, uint32_t ack)
{
	struct chim_frame f = { .tcp = true };

	f.seg = (struct chim_segment){ .ack = ack, .flags = CHIM_TH_ACK };
	chim_watch_out(w, &f);
}

static void test_watch(void)
{
	struct chim_watch w;

	chim_watch_start(&w, false, 0, 0);
	in(&w, 5, 100, true);
	OK(w.ts_recent == 100, "the SYN's timestamp");
	out(&w, 0xfffffff0u);
	in(&w, 0xfffffff0u, 101, true);
	OK(w.ts_recent == 101, "of the next expected segment");
	in(&w, 10, 200, true);
	OK(w.ts_recent == 101, "not of one behind a gap");
	out(&w, 20);
	in(&w, 10, 99, true);
	OK(w.ts_recent == 101, "not an older one");
	in(&w, 20, 300, false);
	OK(w.ts_recent == 101 && w.to_socket == 4, "nor of one with a wrong checksum");
	in(&w, 20, 0x80000000u + 101, true);
	OK(w.ts_recent == 101, "older by half the range");
	OK(w.from_socket == 2 && chim_watch_all_out(&w, 2) && !chim_watch_all_out(&w, 3) &&
		   chim_watch_all_in(&w, 5) && !chim_watch_all_in(&w, 4),
	   "counts");
	chim_watch_start(&w, true, 7, 1000);
	in(&w, 1001, 8, true);
	OK(w.ts_recent == 7, "a restored socket knows where it is");
	in(&w, 1000, 8, true);
	OK(w.ts_recent == 8, "and goes on");
}

int main(void)
{
	test_round_trip(4, true);
	test_round_trip(4, false);
	test_round_trip(6, true);
	test_cuts(4);
	test_cuts(6);
	test_shapes();
	test_random(4);
	test_random(6);
	test_fragments();
	test_too_big();
	test_held();
	test_watch();
	return tap_done();
}
