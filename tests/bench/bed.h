/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A whole NIC in virtual time: model in process, back end, NIC library, router, protocol side and
 * the peer at the other end of the cable. Hard part: every call here ends within a bound of clocks,
 * and says what it waited for if it does not.
 */
#ifndef BENCH_BED_H
#define BENCH_BED_H

#include "hoststack.h"
#include "peer.h"

struct chim_backend;

enum { BED_CONNS = 64 };

struct bed_cfg {
	const char *model; /* e.g. "w64_c64" */
	const char *dir;   /* folder of the models */
	const char *pcap;  /* capture, or NULL */
	unsigned int mem_latency, stall_percent;
	uint32_t cycles_per_ms;
	unsigned int poll; /* clocks between two looks of the host at its rings */
	size_t conn_bytes; /* receive ring, and what is kept posted for sending */
	size_t piece;	   /* bytes of one posted send */
	uint32_t peer_wnd; /* bytes that the peer offers per connection */
	bool keep_frames;  /* plain frames are compared and counted only if not */
};

/* One connection, host side. */
struct bed_conn {
	struct chim_hs_conn hs;
	struct bed *bed;
	struct chim_key key;
	struct chim_tcp_image img; /* as offloaded, then as given back */
	struct peer_conn *peer;
	chim_conn_t entry;
	int hold_err, live_err;
	bool hold_done, marker, live, initiated, terminated;
	NDIS_STATUS status;
	uint64_t posted, received; /* payload bytes */
	uint64_t to_send;
	uint32_t events; /* bit per TCP_OFFLOAD_EVENT_TYPE */
	bool bad;	 /* received bytes differ */
};

struct bed {
	struct bed_cfg cfg;
	struct chim_backend *be;
	struct chim_ndis *ndis;
	struct chim_nic *nic;
	struct chim_nic_info info;
	struct chim_hs *hs;
	struct peer *peer;
	struct bed_conn conns[BED_CONNS];
	unsigned int n;
	unsigned int rules, warned; /* rules broken, warnings */
	unsigned int plain;	    /* frames that came up the plain path */
	uint8_t last[2048];	    /* the newest of them */
	size_t last_len;
	PNET_BUFFER_LIST taken; /* indicated, to be returned */
	bool dead;
};

/* Exits with a message if something fails: the bed of a test cannot be half there. */
void bed_open(struct bed *b, const struct bed_cfg *cfg);
/* False: something is still held, or was not released. */
bool bed_close(struct bed *b);

/* One look at the rings; keeps sends posted up to what each connection wants. */
void bed_poll(struct bed *b);
uint64_t bed_cycles(struct bed *b);
/* Polls until @done, at most @clocks. */
bool bed_until(struct bed *b, bool (*done)(struct bed *b, void *arg), void *arg, uint64_t clocks);

/* A new connection that is in HOLD, offloaded, LIVE; false and a line on stderr if not. */
struct bed_conn *bed_offload(struct bed *b);
/* Uploads it; its image is what came back. */
bool bed_upload(struct bed *b, struct bed_conn *c);

uint64_t bed_counter(struct bed *b, const char *name);
/* All counters that are not 0, on stderr. */
void bed_print_counters(struct bed *b);

extern const uint8_t bed_nic_mac[6], bed_peer_mac[6];

#endif
