/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * One whole NIC (model, firmware, library), a host stack above it and the free end of its wire, in
 * virtual time. Hard part: everything that comes out, on the wire and up to the host, is queued
 * with its time, so that a script can ask for it in its own order and nothing goes unseen.
 */
#ifndef PKT_BED_H
#define PKT_BED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <chimney/ndischimney.h>
#include <chimney/nic.h>

#include "../../../host/linux/frame.h"
#include "../../../sim/wire/wire.h"
#include "../../api/mock_host.h"

enum {
	BED_QUEUE = 1024, /* frames, and events, that may wait for the script */
	BED_TICK = 20,	  /* clocks between two looks of the host at its device */
	BED_RING = 65536, /* bytes of a connection's receive ring */
};

#define BED_MS 1000000u /* ns */

/* A frame that left the NIC, or one that came up the plain path. */
struct bed_frame {
	uint64_t ns;
	chim_conn_t conn; /* of a held one */
	size_t len;
	uint8_t bytes[CHIM_FRAME_MAX];
};

/* Something that the host heard: "data", "sent", "fin"... and its number. */
struct bed_event {
	uint64_t ns;
	const char *name;
	uint32_t value;
};

/* What a connection is offloaded with. Relative numbers count from SndUna and RcvNxt. */
struct bed_offload {
	uint32_t iss, irs; /* SndUna and RcvNxt */
	uint32_t state;
	uint32_t ip6, vlan, mtu, mss, ttl, tos;
	uint32_t nagle, ts, ts_recent, ts_time, ts_age;
	uint32_t wscale, snd_shift, rcv_shift;
	uint32_t rcv_wnd, rcv_buf, indication;
	uint32_t snd_wnd, max_snd_wnd, cwnd, ssthresh;
	uint32_t srtt, rttvar;			    /* ms */
	uint32_t unacked, unsent, buffered, mapped; /* bytes; mapped: send data is not copied */
	uint32_t retries, dup_acks, probes;
	uint32_t rto; /* ms until the running timer's end */
	uint32_t max_rt;
};

struct bed {
	struct chim_wire *peer;
	struct chim_backend *be;
	struct chim_ndis *ndis;
	struct chim_nic *nic;
	struct host host;
	struct conn *conn;
	struct bed_offload o;
	struct chim_key key;
	bool offloaded, closing;
	bool keep;	     /* the host keeps what is indicated, until bed_return() */
	bool refuse;	     /* it does not take it at all */
	bool wrong;	     /* bytes arrived that the peer did not send */
	uint32_t received;   /* bytes that were indicated or given back */
	uint32_t last_tsval; /* of the last segment that was looked at */
	uint32_t posted;     /* bytes of send data given to the target */
	int live_err;	     /* of the last live event */
	bool hold_done, marker;
	bool holding; /* HOLD was asked for, the state has not come yet */
	chim_conn_t entry;
	pblock *tree; /* TCP block of the last terminate or query */
	/* Bytes that the last terminate gave back; UINT32_MAX: not the right ones. */
	uint32_t send_back, received_back;
	struct bed_frame *frame[BED_QUEUE]; /* out of the NIC */
	unsigned int frames;
	struct bed_frame *held[BED_QUEUE];
	unsigned int helds;
	struct bed_event event[BED_QUEUE];
	unsigned int events;
	NET_BUFFER_LIST *list[BED_QUEUE]; /* indicated and kept */
	unsigned int lists;
	uint8_t *mapped; /* memory of the last send that was posted mapped */
	uint32_t mapped_seq, mapped_len;
	uint64_t base[128]; /* counters at bed_mark() */
};

/* Addresses of both ends. */
extern const uint8_t bed_mac[6], bed_peer_mac[6];

/* The byte at relative stream position @at, from the peer or from us; @changed: see scribble. */
uint8_t bed_byte(bool from_peer, uint32_t at, bool changed);

/**
 * bed_open() - a NIC that is up, with a host bound to it
 * @clocks: of a virtual millisecond
 * @pcap:   capture of the wire, or NULL
 * Return: NULL, or what failed.
 */
const char *bed_open(struct bed *b, unsigned int clocks, const char *pcap);
/* Terminates what is there and closes. Return: NULL, or what was not as it must be. */
const char *bed_close(struct bed *b);
/* The capture so far reaches its file. */
void bed_flush(struct bed *b);

uint64_t bed_now(const struct bed *b);
/* Run for one look of the host. */
void bed_step(struct bed *b);
void bed_run_until(struct bed *b, uint64_t ns);
/* Run until @done says so, or for @ms. Return: whether it did. */
bool bed_wait(struct bed *b, bool (*done)(struct bed *b), unsigned int ms);

void bed_event(struct bed *b, const char *name, uint32_t value);
void bed_event_pop(struct bed *b);
void bed_frame_pop(struct bed *b);

/* Give up to @n of the kept lists back, oldest first. */
void bed_return(struct bed *b, unsigned int n);
void bed_mark(struct bed *b);
/* Change of a counter since bed_mark(). Return: false, there is none of that name. */
bool bed_counter(struct bed *b, const char *name, uint64_t *value);

/* conn.c */
/* A connection into the NIC; false: the target refused it (event "refused"). */
bool bed_offload(struct bed *b, const struct bed_offload *o);
bool bed_hold(struct bed *b, const struct bed_offload *o);
bool bed_release(struct bed *b);
bool bed_forward(struct bed *b);
bool bed_send(struct bed *b, uint32_t len, bool mapped);
/* Post a request for @len bytes; 0: only ask for what was refused. */
bool bed_receive(struct bed *b, uint32_t len);
void bed_scribble(struct bed *b);
bool bed_disconnect(struct bed *b, uint32_t len, bool abortive);
/* Both leave their tree in b->tree. */
bool bed_terminate(struct bed *b);
bool bed_query(struct bed *b);
bool bed_retries(struct bed *b, uint32_t n);
/* A doorbell of the generation before this connection's. */
void bed_stale_doorbell(struct bed *b, uint32_t value);

#endif
