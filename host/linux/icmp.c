/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Reads "packet too big". Hard part: the quoted packet is cut off after 8 bytes of TCP.
 */
#include "icmp.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

enum {
	UNREACHABLE = 3, /* RFC 792 */
	FRAGMENTATION_NEEDED = 4,
	PACKET_TOO_BIG = 2, /* RFC 4443 3.2 */
	MTU_MIN_4 = 576,    /* below this a message is not believed (RFC 1191 7) */
	MTU_MIN_6 = 1280,   /* RFC 8200 5 */
	ICMP_HEADER = 8,
	QUOTED_TCP = 8,
};

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The quoted packet went out, so its source is local. */
static int quoted(const uint8_t *ip, size_t len, uint8_t family, struct chim_too_big *t)
{
	size_t header = 40, n = chim_addr_len(family);
	const uint8_t *tcp;

	if (len < 20 || ip[0] >> 4 != family)
		return -ENOENT;
	if (family == 4)
		header = (size_t)(ip[0] & 15) * 4;
	if (header < 20 || len < header + QUOTED_TCP ||
	    (family == 4 ? ip[9] : ip[6]) != IPPROTO_TCP)
		return -ENOENT;
	tcp = ip + header;
	t->key.family = family;
	memcpy(t->key.local, family == 4 ? ip + 12 : ip + 8, n);
	memcpy(t->key.remote, family == 4 ? ip + 16 : ip + 24, n);
	t->key.local_port = (uint16_t)(tcp[0] << 8 | tcp[1]);
	t->key.remote_port = (uint16_t)(tcp[2] << 8 | tcp[3]);
	t->seq = be32(tcp + 4);
	return 0;
}

int chim_icmp_too_big(const struct chim_frame *f, struct chim_too_big *t)
{
	const uint8_t *p = f->bytes + f->l4;
	size_t len = f->end - f->l4;

	memset(t, 0, sizeof(*t));
	if (f->fragment || len < ICMP_HEADER)
		return -ENOENT;
	if (f->family == 4 && f->proto == IPPROTO_ICMP && p[0] == UNREACHABLE &&
	    p[1] == FRAGMENTATION_NEEDED)
		t->mtu = be32(p + 4) & 0xffff;
	else if (f->family == 6 && f->proto == IPPROTO_ICMPV6 && p[0] == PACKET_TOO_BIG)
		t->mtu = be32(p + 4);
	else
		return -ENOENT;
	if (t->mtu < (f->family == 4 ? MTU_MIN_4 : MTU_MIN_6))
		return -ENOENT;
	return quoted(p + ICMP_HEADER, len - ICMP_HEADER, f->family, t);
}
