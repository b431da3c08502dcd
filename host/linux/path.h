/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The ordinary path: frames between the kernel's network device and the NIC's plain rings, and the
 * filter for offloaded connections. Hard part: the kernel answers any frame of a connection that it
 * no longer holds with RST; it must never see one (D13, "While LIVE").
 */
#ifndef CHIM_LINUX_PATH_H
#define CHIM_LINUX_PATH_H

#include "prog.h"

/* Kernel -> NIC, until nothing is left or the NIC has no room. Return: frames. */
unsigned int chim_path_pump(struct chim_prog *prog);

/* NIC -> kernel, or to the hand-off, or nowhere: chim_nic_events.rx. */
void chim_path_rx(struct chim_prog *prog, const uint8_t *frame, size_t len,
		  const struct chim_rx_info *info);

/* Did the marker of this entry come already, before the answer to its HOLD? Asked once. */
bool chim_path_marker_seen(struct chim_prog *prog, chim_conn_t entry);

/* A frame to the kernel. @c: its connection, NULL: of none. 0 or -errno (counted). */
int chim_path_to_kernel(struct chim_prog *prog, struct chim_conn *c, const struct chim_frame *f,
			size_t len, bool valid);
/* The same for a kept frame, which is freed. */
void chim_path_replay(struct chim_conn *c, struct chim_held *h);

/* A synthetic segment from the peer; struct chim_tcp_injector. @ctx: struct chim_conn. */
int chim_path_inject(void *ctx, const struct chim_key *key, const struct chim_segment *seg);

#endif
