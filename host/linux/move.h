/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The hand-off of a live connection between kernel and NIC, both ways (D13). Hard part: every step
 * may fail or never answer, and from each there must be a way back into the kernel without a lost
 * byte.
 *
 *   offload: HOLD -> marker -> all frames before it in the socket -> dump -> all frames of the
 *            socket out -> initiate -> forward held frames -> release -> LIVE
 *   upload:  terminate -> restore -> held frames to the kernel -> release
 */
#ifndef CHIM_LINUX_MOVE_H
#define CHIM_LINUX_MOVE_H

#include "conn.h"

/* The bounds of the single waits, in ms of wall time; a model is slower than silicon. */
enum {
	CHIM_MOVE_HOLD_MS = 5000,
	CHIM_MOVE_DRAIN_MS = 100,
	CHIM_MOVE_INITIATE_MS = 20000,
	CHIM_MOVE_RELEASE_MS = 20000,
	CHIM_MOVE_TERMINATE_MS = 60000,
	CHIM_MOVE_RESTORE_TRIES = 200,
	CHIM_MOVE_RESTORE_EVERY_MS = 10,
};

/**
 * chim_move_offload() - start moving a connection into the NIC
 * Return: 0 started, c->move.in tells the end; -EALREADY it is there; -EBUSY it is moving; -EINVAL
 * it is not open, or closing; -ENOTSUP the NIC does not offload this; -EXDEV its route leaves
 * through another interface; -EHOSTUNREACH; -EAGAIN next hop or device busy: soon; -ESHUTDOWN the
 * target wants no offloads now.
 */
int chim_move_offload(struct chim_conn *c);

/* Start moving it back. 0 started, c->move.out tells the end; -EALREADY, -EBUSY, -EINVAL. */
int chim_move_upload(struct chim_conn *c, const char *why);

static inline bool chim_move_running(const struct chim_conn *c)
{
	return c->move.step != CHIM_STEP_NONE;
}

/* Look at what can have changed without an event. */
void chim_move_tick(struct chim_conn *c);

/* Events of the device */
void chim_move_hold_done(struct chim_prog *prog, void *cookie, int err, chim_conn_t entry);
void chim_move_marker(struct chim_conn *c);
void chim_move_live_done(struct chim_prog *prog, chim_conn_t entry, int err);

/* Events of the protocol side */
void chim_move_initiated(struct chim_conn *c, NDIS_STATUS status);
void chim_move_terminated(struct chim_conn *c, NDIS_STATUS status, struct chim_tcp_image *img);
void chim_move_forwarded(struct chim_conn *c, struct chim_held *frame, NDIS_STATUS status);

/* Forward what is held, in order; while the target has the connection. */
void chim_move_forward_held(struct chim_conn *c);

/* -errno for a status of an initiate. */
int chim_status_errno(NDIS_STATUS status);
const char *chim_status_name(NDIS_STATUS status);

#endif
