/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The other end of the cable as a wire of its own: one host with TCP connections that send and
 * acknowledge at the rate of the line, in the NIC's virtual time. Hard part: a frame must be at the
 * NIC before it is due, or the line idles for the bench's own fault; and it must not be built
 * earlier than needed, because it carries the newest acknowledgment.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "../../sim/wire/wire.h"
#include "../nic_end/nic_end.h"

enum {
	PEER_CONNS = 4096,
	PEER_DATA = 1448,  /* bytes of a full segment: the timestamps option takes 12 */
	PEER_HEADERS = 66, /* Ethernet, IPv4, TCP with timestamps */
};

/* Of the cable, see nic_end.h. */
enum { SIDE_NIC, SIDE_PEER };

struct peer_conn {
	struct chim_key key; /* local: the NIC's side */
	bool opened;
	uint32_t rcv_nxt;	   /* from the NIC */
	uint32_t snd_una, snd_nxt; /* to the NIC */
	uint32_t wnd;		   /* the NIC's, bytes beyond snd_una */
	uint32_t ts_echo, dups;	   /* acknowledgments in a row that said nothing new */
	uint64_t to_send;	   /* bytes the peer wants to have sent, since the start */
	bool ack_due;
	uint64_t got, sent, acked; /* payload bytes in order, first time */
};

struct peer_counts {
	uint64_t frames_in, frames_out; /* from, to the NIC */
	uint64_t data_in, acks_in;	/* segments with and without payload */
	uint64_t bad;			/* checksum, key, payload or not a TCP segment */
	uint64_t out_of_order, resets, go_back;
	uint64_t blocked; /* clocks in which the line was free, data there, and no window */
};

struct peer_cfg {
	unsigned int bus_bytes; /* of a beat: the line's rate */
	uint32_t cycles_per_ms;
	unsigned int ahead; /* clocks that pass between two looks at the wire */
	uint32_t rcv_wnd;   /* what the peer offers each connection, bytes */
};

struct peer;

/* The wire is closed by who owns it; the peer lives as long. NULL: no memory. */
struct peer *peer_create(const struct peer_cfg *cfg, struct chim_wire **wire);

/* The other end of a connection that is offloaded with state @img. */
void peer_open(struct peer *p, const struct chim_tcp_image *img);
/* The @i-th that was opened. */
struct peer_conn *peer_conn(struct peer *p, unsigned int i);
const struct peer_counts *peer_get_counts(const struct peer *p);

/* A frame of the test's own, ahead of TCP's. */
void peer_inject(struct peer *p, const uint8_t *frame, size_t len);

/* Frames that are not TCP, or of no connection, go here; NULL: counted as bad. */
void peer_on_other(struct peer *p, void (*other)(void *ctx, const uint8_t *frame, size_t len),
		   void *ctx);

#endif
