/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * What only a connection's frames tell about its kernel socket: the peer's timestamp, which no
 * socket option reads, and whether the socket has taken and given all frames that it should have.
 * Hard part: both must agree with the kernel to the segment.
 */
#ifndef CHIM_LINUX_WATCH_H
#define CHIM_LINUX_WATCH_H

#include "frame.h"

struct chim_watch {
	uint32_t to_socket;   /* segments given to the kernel for this socket */
	uint32_t from_socket; /* segments seen that the socket sent */
	bool have_ack, have_ts;
	uint32_t last_ack_sent;
	uint32_t ts_recent;
	uint64_t ts_recent_ms; /* CLOCK_MONOTONIC */
};

/* A socket that starts, or was restored: it counts from zero, and knows @ts_recent if @have_ts. */
void chim_watch_start(struct chim_watch *w, bool have_ts, uint32_t ts_recent, uint32_t rcv_nxt);

/* A frame to the kernel; @valid: its checksum is right, so the socket will count it. */
void chim_watch_in(struct chim_watch *w, const struct chim_frame *f, bool valid, uint64_t now_ms);
/* A frame from the kernel. */
void chim_watch_out(struct chim_watch *w, const struct chim_frame *f);

/* Of tcpi_segs_in and tcpi_segs_out: nothing is on its way between us and the socket. */
static inline bool chim_watch_all_in(const struct chim_watch *w, uint32_t segs_in)
{
	return segs_in >= w->to_socket;
}

static inline bool chim_watch_all_out(const struct chim_watch *w, uint32_t segs_out)
{
	return w->from_socket >= segs_out;
}

#endif
