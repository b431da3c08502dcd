/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Reads and writes one Ethernet frame in memory: VLAN tags, IPv4 with options, IPv6 with extension
 * headers, TCP with timestamps. Hard part: every offset comes from outside and is checked.
 */
#ifndef CHIM_LINUX_FRAME_H
#define CHIM_LINUX_FRAME_H

#include "chimney/nic.h"

enum {
	CHIM_FRAME_MAX = 9018 + 4, /* bytes: MTU 9000, Ethernet header, one VLAN tag */
	CHIM_ETH_HEADER = 14,
	CHIM_TH_FIN = 0x01,
	CHIM_TH_SYN = 0x02,
	CHIM_TH_RST = 0x04,
	CHIM_TH_PSH = 0x08,
	CHIM_TH_ACK = 0x10,
	CHIM_TH_URG = 0x20,
};

/* The TCP header fields that the program reads or writes. */
struct chim_segment {
	uint32_t seq, ack;
	uint16_t window; /* as on the wire: not scaled */
	uint8_t flags;	 /* CHIM_TH_* */
	bool has_ts;
	uint32_t tsval, tsecr;
};

/* Where things are in a frame; offsets in bytes from its start. */
struct chim_frame {
	const uint8_t *bytes;
	uint8_t family;	 /* 4, 6; 0: not IP */
	uint8_t proto;	 /* of what follows IP header and extension headers */
	bool fragment;	 /* one of several, the first included */
	bool ip_options; /* IPv4 options or IPv6 extension headers other than Fragment */
	bool tcp;	 /* whole TCP header present; key and seg are valid */
	size_t l3, l4, payload, end; /* end: of the IP packet, padding excluded */
	uint32_t frag_id;
	size_t frag_off; /* bytes */
	bool frag_more;
	struct chim_key key; /* addresses without ports when not TCP */
	struct chim_segment seg;
};

/**
 * chim_frame_parse() - find the parts of a frame
 * @outgoing: the frame's source is the local side of the key
 *
 * Return: 0, also for frames that are not IP or not TCP (see @f); -EINVAL truncated, or lengths
 * that contradict each other.
 */
int chim_frame_parse(const uint8_t *bytes, size_t len, bool outgoing, struct chim_frame *f);

bool chim_key_equal(const struct chim_key *a, const struct chim_key *b);
/* "10.0.0.1:80 -> 10.0.0.2:1234" or with brackets for IPv6. @size >= 96. */
const char *chim_key_text(const struct chim_key *key, char *buf, size_t size);

/* Bytes of one address of @family. */
static inline size_t chim_addr_len(uint8_t family)
{
	return family == 4 ? 4 : 16;
}

/* Sequence arithmetic, RFC 9293 3.4. */
static inline bool chim_seq_lt(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool chim_seq_leq(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) <= 0;
}

/**
 * chim_frame_build() - an Ethernet frame with a TCP segment from the peer, checksums included
 * @buf: at least 128 + @len bytes
 *
 * Return: bytes written.
 */
size_t chim_frame_build(uint8_t *buf, const uint8_t dst[6], const uint8_t src[6],
			const struct chim_key *key, const struct chim_segment *seg,
			const void *payload, size_t len);

/* The Internet checksum (RFC 1071) of TCP with its pseudo header; 0 over a correct segment. */
uint16_t chim_tcp_checksum(const struct chim_key *key, const uint8_t *tcp, size_t len);

#endif
