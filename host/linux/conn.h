/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * One connection of the program, from connect() to its end, wherever it is; and the table of all.
 * Hard part: its parts (socket, frames, offload, relay) live in one place and have one life.
 */
#ifndef CHIM_LINUX_CONN_H
#define CHIM_LINUX_CONN_H

#include "held.h"
#include "hoststack.h"
#include "loop.h"
#include "relay.h"
#include "tcp_repair.h"
#include "watch.h"

struct chim_prog;

enum chim_place {
	CHIM_CONNECTING, /* the kernel's handshake */
	CHIM_IN_KERNEL,
	CHIM_TO_NIC,
	CHIM_IN_NIC,
	CHIM_TO_KERNEL,
	CHIM_CLOSING, /* relayed; the kernel finishes it */
	CHIM_CLOSED,  /* only its numbers are left */
};

/* Where a move stands; move.c says what each waits for. */
enum chim_step {
	CHIM_STEP_NONE,
	CHIM_STEP_HOLD,
	CHIM_STEP_DRAIN,
	CHIM_STEP_DUMPED,
	CHIM_STEP_INITIATE,
	CHIM_STEP_RELEASE,
	CHIM_STEP_TERMINATE,
	CHIM_STEP_RESTORE,
};

struct chim_carried {
	uint64_t sent, received; /* first-time payload bytes */
};

/* What `conn show` tells about the last move in each direction, and a waiting verb gets. */
struct chim_move_result {
	int err;				    /* 0 or -errno */
	size_t unacknowledged, unsent, undelivered; /* bytes that moved along */
	unsigned int held;			    /* frames that came meanwhile */
	uint64_t ms;
};

struct chim_move {
	enum chim_step step;
	bool marker, hold_ok; /* both ends of HOLD's beginning have been seen */
	bool entry;	      /* the device has an entry for the key */
	bool late;	      /* HOLD ran out before the initiate was answered */
	chim_conn_t entry_id;
	uint64_t since_ms;
	unsigned int tries;    /* of the restore */
	unsigned int returned; /* forwarded frames that came back, at the head of the queue */
	struct chim_timer timer;
	struct chim_move_result in, out, now;
	const char *why; /* of the last upload; constant text */
};

struct chim_conn {
	struct chim_conn *next; /* by id */
	struct chim_prog *prog;
	uint32_t id;
	struct chim_key key;
	uint32_t scope_id;
	enum chim_place place;
	bool dirty;		 /* chim_relay_run() is due */
	bool manual;		 /* a verb decided where it is: the policy keeps out */
	bool aborted;		 /* the peer reset it while in the NIC */
	uint64_t since_ms;	 /* of its place */
	uint64_t quiet_until_ms; /* no offload by policy before */
	uint64_t after_bytes;	 /* nor before the kernel has carried as many */
	int policy_err;		 /* why the policy's last offload could not start */

	int fd; /* kernel socket, or its placeholder; -1 */
	struct chim_watch_fd net_watch, app_watch;
	struct chim_watch watch;
	uint32_t mute; /* of the first frames the socket sends: not to go out */
	struct chim_held_queue held;
	struct chim_tcp_image img; /* between dump and LIVE, and after a terminate */
	struct chim_hop hop;
	struct chim_move move;
	struct chim_hs_conn hs;
	struct chim_relay relay;
	bool have_relay;

	struct chim_carried kernel, nic; /* closed periods */
	uint64_t nic_accepted;		 /* bytes of indications taken since the last offload */
	struct chim_carried base; /* of the running period: what the source counted at its start */
	bool queried, query_failed; /* answer to chim_hs_query() */
	TCP_OFFLOAD_STATE_DELEGATED state;
	unsigned int offloads, uploads, offload_failures;
	uint64_t withheld; /* frames kept from the kernel, which would have answered RST */
};

const char *chim_place_name(enum chim_place place);

/* A new connection in the table, CONNECTING. NULL: no memory. */
struct chim_conn *chim_conn_new(struct chim_prog *prog);
struct chim_conn *chim_conn_by_id(struct chim_prog *prog, uint32_t id);
/* An open one (not CLOSED) with this key. */
struct chim_conn *chim_conn_by_key(struct chim_prog *prog, const struct chim_key *key);
struct chim_conn *chim_conn_by_entry(struct chim_prog *prog, chim_conn_t entry);
/* Frees CLOSED connections beyond the newest few, so that their numbers can still be asked. */
void chim_conn_prune(struct chim_prog *prog);
void chim_conn_free_all(struct chim_prog *prog);

void chim_conn_set_place(struct chim_conn *c, enum chim_place place);

/* Accounting: what the running period has carried so far; close it, start the next. */
void chim_conn_period(struct chim_conn *c, struct chim_carried *carried);
void chim_conn_period_end(struct chim_conn *c);
void chim_conn_period_start(struct chim_conn *c);
/* Sent and not acknowledged, received and not taken by our side: bytes, where the connection is. */
void chim_conn_backlog(struct chim_conn *c, size_t *unacknowledged, size_t *undelivered);
/* All periods, the running one included. */
void chim_conn_totals(struct chim_conn *c, struct chim_carried *kernel, struct chim_carried *nic);

/* A descriptor of the relay is ready: struct chim_watch_fd.fn. */
void chim_conn_on_stream(struct chim_watch_fd *w, uint32_t events);
/* Run the relay, update what epoll waits for, act on its end. Safe at any time. */
void chim_conn_run(struct chim_conn *c);
/* Reset both ends; bytes are lost. The last resort. */
void chim_conn_abort(struct chim_conn *c, const char *why);

#endif
