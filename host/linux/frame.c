/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Parser and builder of Ethernet frames. Hard part: IPv6 extension headers and lengths that lie.
 */
#include "frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum {
	ETH_IPV4 = 0x0800,
	ETH_IPV6 = 0x86dd,
	ETH_VLAN = 0x8100,
	ETH_QINQ = 0x88a8,
	IPV4_MORE = 0x2000,
	IPV4_OFFSET = 0x1fff,
	TCPOPT_END = 0,
	TCPOPT_NOP_ = 1,
	TCPOPT_TS = 8,
	MAX_EXT_HEADERS = 8, /* IPv6: more is nonsense, RFC 8504 5.3 */
};

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static void set_addrs(struct chim_frame *f, const uint8_t *src, const uint8_t *dst, bool outgoing)
{
	size_t n = chim_addr_len(f->family);

	f->key.family = f->family;
	memcpy(f->key.local, outgoing ? src : dst, n);
	memcpy(f->key.remote, outgoing ? dst : src, n);
}

/* RFC 9293 3.1, options 3.2; a malformed option list only hides the timestamp. */
static void parse_options(const uint8_t *opt, size_t len, struct chim_segment *seg)
{
	size_t i = 0;

	while (i < len && opt[i] != TCPOPT_END) {
		size_t n;

		if (opt[i] == TCPOPT_NOP_) {
			i++;
			continue;
		}
		if (i + 2 > len)
			return;
		n = opt[i + 1];
		if (n < 2 || i + n > len)
			return;
		if (opt[i] == TCPOPT_TS && n == 10) {
			seg->has_ts = true;
			seg->tsval = be32(opt + i + 2);
			seg->tsecr = be32(opt + i + 6);
		}
		i += n;
	}
}

static int parse_tcp(struct chim_frame *f, bool outgoing)
{
	const uint8_t *p = f->bytes + f->l4;
	size_t header;

	if (f->end - f->l4 < 20)
		return -EINVAL;
	header = (size_t)(p[12] >> 4) * 4;
	if (header < 20 || f->l4 + header > f->end)
		return -EINVAL;
	f->key.local_port = be16(outgoing ? p : p + 2);
	f->key.remote_port = be16(outgoing ? p + 2 : p);
	f->seg.seq = be32(p + 4);
	f->seg.ack = be32(p + 8);
	f->seg.flags = p[13] & 0x3f;
	f->seg.window = be16(p + 14);
	f->payload = f->l4 + header;
	parse_options(p + 20, header - 20, &f->seg);
	f->tcp = true;
	return 0;
}

/* RFC 791 3.1 */
static int parse_ip4(struct chim_frame *f, size_t len, bool outgoing)
{
	const uint8_t *p = f->bytes + f->l3;
	size_t header, total;
	uint16_t frag;

	if (len - f->l3 < 20 || p[0] >> 4 != 4)
		return -EINVAL;
	header = (size_t)(p[0] & 15) * 4;
	total = be16(p + 2);
	if (header < 20 || total < header || f->l3 + total > len)
		return -EINVAL;
	f->family = 4;
	f->proto = p[9];
	f->ip_options = header > 20;
	f->l4 = f->l3 + header;
	f->end = f->l3 + total;
	frag = be16(p + 6);
	f->frag_more = frag & IPV4_MORE;
	f->frag_off = (size_t)(frag & IPV4_OFFSET) * 8;
	f->frag_id = be16(p + 4);
	f->fragment = f->frag_more || f->frag_off;
	set_addrs(f, p + 12, p + 16, outgoing);
	return 0;
}

/* RFC 8200 3 and 4; stops at the first header that is not an extension header. */
static int parse_ip6(struct chim_frame *f, size_t len, bool outgoing)
{
	const uint8_t *p = f->bytes + f->l3;
	size_t at;
	int i;

	if (len - f->l3 < 40 || p[0] >> 4 != 6)
		return -EINVAL;
	f->family = 6;
	f->end = f->l3 + 40 + be16(p + 4);
	if (f->end > len)
		return -EINVAL;
	f->proto = p[6];
	at = f->l3 + 40;
	for (i = 0; i < MAX_EXT_HEADERS; i++) {
		const uint8_t *e = f->bytes + at;
		size_t n;

		switch (f->proto) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			if (f->end - at < 8)
				return -EINVAL;
			n = (size_t)(e[1] + 1) * 8;
			f->ip_options = true;
			break;
		case IPPROTO_FRAGMENT:
			if (f->end - at < 8)
				return -EINVAL;
			n = 8;
			f->frag_off = be16(e + 2) & 0xfff8U;
			f->frag_more = e[3] & 1;
			f->frag_id = be32(e + 4);
			f->fragment = f->frag_more || f->frag_off;
			break;
		default: i = MAX_EXT_HEADERS; continue;
		}
		if (at + n > f->end)
			return -EINVAL;
		f->proto = e[0];
		at += n;
		if (f->frag_off)
			break; /* what follows is the middle of something */
	}
	f->l4 = at;
	set_addrs(f, p + 8, p + 24, outgoing);
	return 0;
}

int chim_frame_parse(const uint8_t *bytes, size_t len, bool outgoing, struct chim_frame *f)
{
	uint16_t type;
	size_t at = 12;
	int err;

	memset(f, 0, sizeof(*f));
	f->bytes = bytes;
	if (len < CHIM_ETH_HEADER)
		return -EINVAL;
	type = be16(bytes + at);
	while (type == ETH_VLAN || type == ETH_QINQ) {
		at += 4;
		if (len < at + 2)
			return -EINVAL;
		type = be16(bytes + at);
	}
	f->l3 = at + 2;
	f->end = len;
	if (type == ETH_IPV4)
		err = parse_ip4(f, len, outgoing);
	else if (type == ETH_IPV6)
		err = parse_ip6(f, len, outgoing);
	else
		return 0;
	if (err)
		return err;
	f->payload = f->l4;
	if (f->proto != IPPROTO_TCP || f->fragment)
		return 0;
	return parse_tcp(f, outgoing);
}

bool chim_key_equal(const struct chim_key *a, const struct chim_key *b)
{
	size_t n = chim_addr_len(a->family);

	return a->family == b->family && a->local_port == b->local_port &&
	       a->remote_port == b->remote_port && !memcmp(a->local, b->local, n) &&
	       !memcmp(a->remote, b->remote, n);
}

const char *chim_key_text(const struct chim_key *key, char *buf, size_t size)
{
	char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];
	int af = key->family == 4 ? AF_INET : AF_INET6;
	const char *form = key->family == 4 ? "%s:%u -> %s:%u" : "[%s]:%u -> [%s]:%u";

	inet_ntop(af, key->local, local, sizeof(local));
	inet_ntop(af, key->remote, remote, sizeof(remote));
	snprintf(buf, size, form, local, key->local_port, remote, key->remote_port);
	return buf;
}

static uint32_t sum16(const uint8_t *p, size_t len, uint32_t sum)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += be16(p + i);
	if (len & 1)
		sum += (uint32_t)p[len - 1] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint16_t chim_tcp_checksum(const struct chim_key *key, const uint8_t *tcp, size_t len)
{
	size_t n = chim_addr_len(key->family);
	uint32_t sum = IPPROTO_TCP + (uint32_t)len;

	/* the sum does not depend on which address comes first */
	sum = sum16(key->local, n, sum);
	sum = sum16(key->remote, n, sum);
	return fold(sum16(tcp, len, sum));
}

static size_t build_tcp(uint8_t *p, const struct chim_key *key, const struct chim_segment *seg,
			const void *payload, size_t len)
{
	size_t header = seg->has_ts ? 32 : 20;

	memset(p, 0, header);
	put16(p, key->remote_port);
	put16(p + 2, key->local_port);
	put32(p + 4, seg->seq);
	put32(p + 8, seg->ack);
	p[12] = (uint8_t)(header / 4 << 4);
	p[13] = seg->flags;
	put16(p + 14, seg->window);
	if (seg->has_ts) {
		p[20] = TCPOPT_NOP_;
		p[21] = TCPOPT_NOP_;
		p[22] = TCPOPT_TS;
		p[23] = 10;
		put32(p + 24, seg->tsval);
		put32(p + 28, seg->tsecr);
	}
	if (len)
		memcpy(p + header, payload, len);
	put16(p + 16, chim_tcp_checksum(key, p, header + len));
	return header + len;
}

size_t chim_frame_build(uint8_t *buf, const uint8_t dst[6], const uint8_t src[6],
			const struct chim_key *key, const struct chim_segment *seg,
			const void *payload, size_t len)
{
	uint8_t *ip = buf + CHIM_ETH_HEADER;
	size_t l3 = key->family == 4 ? 20 : 40;
	size_t tcp = build_tcp(ip + l3, key, seg, payload, len);

	memcpy(buf, dst, 6);
	memcpy(buf + 6, src, 6);
	put16(buf + 12, key->family == 4 ? ETH_IPV4 : ETH_IPV6);
	memset(ip, 0, l3);
	if (key->family == 4) {
		ip[0] = 0x45;
		put16(ip + 2, (uint32_t)(l3 + tcp));
		put16(ip + 6, 0x4000); /* DF */
		ip[8] = 64;
		ip[9] = IPPROTO_TCP;
		memcpy(ip + 12, key->remote, 4);
		memcpy(ip + 16, key->local, 4);
		put16(ip + 10, fold(sum16(ip, l3, 0)));
	} else {
		ip[0] = 0x60;
		put16(ip + 4, (uint32_t)tcp);
		ip[6] = IPPROTO_TCP;
		ip[7] = 64;
		memcpy(ip + 8, key->remote, 16);
		memcpy(ip + 24, key->local, 16);
	}
	return CHIM_ETH_HEADER + l3 + tcp;
}
