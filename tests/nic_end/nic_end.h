/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The host's end of offloaded connections: NIC library, router and protocol side over any back end.
 * Every connection mirrors the one that the other side has: a second NIC, or the model of a peer.
 * Hard part: both sides may run in one process and take turns inside any register access, so each
 * end has all it needs to itself; and every wait ends, within a bound of device time.
 */
#ifndef TESTS_NIC_END_H
#define TESTS_NIC_END_H

#include "hoststack.h"

#ifdef __cplusplus
extern "C" {
#endif

struct chim_backend;

enum {
	NIC_END_CONNS = 64,
	NIC_END_MTU = 1500,
	NIC_END_MSS = 1460, /* announced by both sides */
	NIC_END_SCALE = 7,  /* of both windows */
};

/* A side of the cable and of connection 0; by its number streams are told apart, see stream.h. */
struct nic_end_side {
	uint8_t mac[6], address[4];
	uint16_t port, port_step; /* from one connection to the next */
	uint32_t isn;		  /* sequence number of the first byte sent */
	uint32_t clock;		  /* of the timestamps, ms */
};
extern const struct nic_end_side nic_end_sides[2];

struct nic_end_cfg {
	unsigned int side; /* 0 or 1 */
	unsigned int poll; /* clocks between two looks at the rings */
	size_t conn_bytes; /* receive ring, and what is kept posted for sending */
	size_t piece;	   /* bytes of one posted send */
	uint32_t snd_wnd;  /* bytes that the other side offers per connection */
};

struct nic_end_conn {
	struct chim_hs_conn hs;
	struct chim_tcp_image img; /* as offloaded, then as given back */
	uint32_t isn, peer_isn;	   /* sequence numbers of the first byte sent, received */
	uint64_t to_send;	   /* set by the owner, at any time */
	uint64_t posted, received; /* payload bytes */
	uint32_t events;	   /* bit per TCP_OFFLOAD_EVENT_TYPE */
	bool bad;		   /* received bytes differ from what the other side sends */
	/* private: */
	chim_conn_t entry;
	bool hold_done, initiated, live, terminated;
	int hold_err, live_err, status;
};

/* Stays where it was opened: what is below holds pointers into it. */
struct nic_end {
	struct nic_end_cfg cfg;
	struct chim_backend *be;
	struct chim_ndis *ndis;
	struct chim_nic *nic;
	struct chim_nic_info info;
	struct chim_hs *hs;
	struct nic_end_conn conns[NIC_END_CONNS];
	unsigned int n;
	unsigned int rules, warned; /* rules broken; warnings and status indications */
	unsigned int plain;	    /* frames that came up the plain path */
	uint8_t last[2048];	    /* the newest of them */
	size_t last_len;
	bool dead;
	/* private: */
	bool marker;		/* of the newest HOLD */
	PNET_BUFFER_LIST taken; /* indicated, to be returned */
	uint8_t *piece;		/* bytes about to be sent */
};

/* Exits with a message if @err: half an end is of no use. */
void nic_end_need(int err, const char *what);

/* The back end stays the caller's. Exits with a message if something fails. */
void nic_end_open(struct nic_end *e, struct chim_backend *be, const struct nic_end_cfg *cfg);
/* False: something is still held, or was not released. */
bool nic_end_close(struct nic_end *e);

/* One look at the rings; keeps sends posted up to what each connection wants. False: NIC dead. */
bool nic_end_poll(struct nic_end *e);
/* Polls until @done, at most @ms of device time. */
bool nic_end_until(struct nic_end *e, bool (*done)(void *arg), void *arg, uint32_t ms);

/* A new connection, for the other side to be told of; NULL: NIC_END_CONNS are there. */
struct nic_end_conn *nic_end_new(struct nic_end *e);
/* HOLD, initiate, LIVE. False and a line on stderr if it does not come about. */
bool nic_end_offload(struct nic_end *e, struct nic_end_conn *c);
/* Takes it back; its image is what came. False and a line on stderr if it does not. */
bool nic_end_upload(struct nic_end *e, struct nic_end_conn *c);

/* All to be sent is acknowledged, and @bytes of the other side are here. */
bool nic_end_done(const struct nic_end_conn *c, uint64_t bytes);

uint64_t nic_end_counter(struct nic_end *e, const char *name);
/* All counters that are not 0, on stderr. */
void nic_end_print_counters(struct nic_end *e);

#ifdef __cplusplus
}
#endif
#endif
