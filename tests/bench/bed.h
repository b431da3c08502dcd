/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A whole NIC in virtual time: model in process, the host's end of its connections, and the peer at
 * the other end of the cable. Hard part: none.
 */
#ifndef BENCH_BED_H
#define BENCH_BED_H

#include "../nic_end/nic_end.h"
#include "peer.h"

struct bed_cfg {
	const char *model; /* e.g. "w64_c64" */
	const char *dir;   /* folder of the models */
	const char *pcap;  /* capture, or NULL */
	unsigned int mem_latency, stall_percent;
	uint32_t cycles_per_ms;
	struct nic_end_cfg end;
};

struct bed {
	struct chim_backend *be;
	struct peer *peer;
	struct nic_end end;
};

/* Exits with a message if something fails: the bed of a test cannot be half there. */
void bed_open(struct bed *b, const struct bed_cfg *cfg);
/* False: something is still held, or was not released. */
bool bed_close(struct bed *b);

uint64_t bed_cycles(struct bed *b);
void bed_run(struct bed *b, uint64_t clocks);

/* A new connection of NIC and peer: end.conns[i], peer_conn(peer, i). False: see nic_end.h. */
bool bed_offload(struct bed *b);

#endif
