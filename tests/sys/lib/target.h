/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A miniport that takes connections and keeps them, and transfers nothing: for the sequence of a
 * hand-off and its failures, without a TCP engine. Hard part: it must give back, in all the ways
 * the interface allows, exactly what it got.
 */
#ifndef TESTS_SYS_TARGET_H
#define TESTS_SYS_TARGET_H

#include "chimney/ndischimney.h"
#include "chimney/nic.h"

/* How often each thing is to happen: every n-th time, 0 never. */
struct target_plan {
	unsigned int fail_initiate; /* with fail_status */
	NDIS_STATUS fail_status;
	unsigned int fail_layer;	  /* 3 TCP, 2 path, 1 neighbor */
	unsigned int lose_state;	  /* a terminate answers FAILURE twice */
	unsigned int sends_by_completion; /* else in the chain of the terminate */
	unsigned int indicate;		  /* buffered data is indicated, else returned */
	bool no_chimney;
};

struct target;

/* Makes the miniport and its adapter. */
struct target *target_open(struct chim_ndis *ndis, const struct target_plan *plan);
int target_close(struct target *t);
void *target_adapter(struct target *t);
struct target_plan *target_plan(struct target *t);

/* Answer what is outstanding. Return: answers. Completions arrive with chim_ndis_poll(). */
unsigned int target_poll(struct target *t);

/* The connection with this key is there: state installed. */
bool target_has(struct target *t, const struct chim_key *key);
/* Frames of it that were held and have been forwarded. */
unsigned int target_held_forwards(struct target *t, const struct chim_key *key);
/* Its delegated state; NULL: none. */
const TCP_OFFLOAD_STATE_DELEGATED *target_state(struct target *t, const struct chim_key *key);
/* Upload request, peer's FIN or RST, as the interface has it. */
void target_event(struct target *t, const struct chim_key *key, ULONG type, ULONG information);
/* Acknowledge @bytes of the send data: lists complete, SndUna moves. */
void target_acknowledge(struct target *t, const struct chim_key *key, ULONG bytes);
/* Indicate received data; BytesConsumed. */
NDIS_STATUS target_indicate(struct target *t, const struct chim_key *key, const void *bytes,
			    ULONG len, ULONG *consumed);
/* Ask the host about the neighbor of a connection. Return: HostReachabilityDelta. */
ULONG target_ask_neighbor(struct target *t, const struct chim_key *key);
void target_status(struct target *t, NDIS_STATUS code);

struct target_counts {
	unsigned int initiates, terminates, updates, queries, neighbors, paths, conns, forwards;
	unsigned int linkers; /* blocks of an initiate that referred to an object that is there */
	UCHAR mac[6];	      /* newest of any neighbor */
	ULONG mtu;	      /* newest of any path */
	size_t lists_out;     /* of ours with the host */
};
void target_counts(struct target *t, struct target_counts *c);

#endif
