/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * One end of a connection between two NICs: NIC library, router and protocol side over any back
 * end, and one connection whose state mirrors that of the other end. Nothing here waits for itself:
 * the owner polls, and time is the back end's.
 */
#ifndef SYSTEMC_NIC_END_H
#define SYSTEMC_NIC_END_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct chim_backend;
struct nic_end;

enum {
	NIC_END_WINDOW = 128 << 10, /* receive ring, and what is kept posted for sending */
	NIC_END_SCALE = 7,	    /* of both windows */
};

struct nic_end_cfg {
	unsigned int side; /* 0 or 1: addresses, sequence numbers, stream of bytes */
	uint64_t bytes;	   /* to send */
	unsigned int poll; /* clocks between two looks at the rings */
};

/* What NdisTerminateOffload gave back, and how often what should not happen did. */
struct nic_end_result {
	uint32_t isn, snd_una, snd_nxt, snd_max, snd_wnd, rcv_nxt, rcv_wnd;
	uint32_t ts_recent, ts_time;
	size_t snd_left, rcv_left; /* bytes that came back */
	bool established;
	unsigned int rules, warnings, events, plain; /* plain: frames that came up unoffloaded */
};

/* Exits with a message if something fails: half an end is of no use. */
struct nic_end *nic_end_open(struct chim_backend *be, const struct nic_end_cfg *cfg);
/* False: something is still held. Frees all the same. */
bool nic_end_close(struct nic_end *e);

/* One look at the rings; posts sends, once nic_end_start() was called. False: the NIC is dead. */
bool nic_end_poll(struct nic_end *e);

/* HOLD, initiate, LIVE. False and a line on stderr if it does not come about. */
bool nic_end_offload(struct nic_end *e);
void nic_end_start(struct nic_end *e);
/* All sent is acknowledged, and @bytes of the other end are here. */
bool nic_end_done(const struct nic_end *e, uint64_t bytes);
bool nic_end_upload(struct nic_end *e, struct nic_end_result *result);

uint64_t nic_end_received(const struct nic_end *e);
bool nic_end_intact(const struct nic_end *e); /* every byte received is the other end's */
uint64_t nic_end_counter(struct nic_end *e, const char *name);

#ifdef __cplusplus
}
#endif
#endif
