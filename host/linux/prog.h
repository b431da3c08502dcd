/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * `chimney up`: the one program that owns the device, the network device, and the kernel sockets.
 * Hard part: the order of setting up and of taking down.
 */
#ifndef CHIM_LINUX_PROG_H
#define CHIM_LINUX_PROG_H

#include "capture.h"
#include "conn.h"
#include "evlog.h"
#include "fragments.h"
#include "loop.h"
#include "neigh.h"
#include "netdev.h"
#include "proxy.h"

#include "chimney/backend.h"
#include "chimney/nic.h"

struct chim_control;

enum {
	CHIM_PROG_MARKERS = 16, /* markers kept until the answer to their HOLD */
	CHIM_PROG_VECTORS = 8,	/* interrupts that wake the loop */
};

struct chim_prog_cfg {
	const char *device;  /* chim_backend_open() */
	const char *control; /* path of the control socket */
	const char *netns;   /* name, path or NULL: the one we are in */
	struct chim_netdev_cfg netdev;
	unsigned int conns; /* most to offload at once; 0: what the device can */
	size_t rcv_bytes;   /* receive ring per connection, power of two */
	uint64_t budget;    /* clocks of an in-process model per round */
	enum chim_level print;
};

/* Frames of the ordinary path, and what became of them. */
struct chim_path_stats {
	uint64_t to_nic, to_kernel;
	uint64_t nic_full;     /* rounds in which the transmit ring had no room */
	uint64_t withheld;     /* frames of an offloaded flow that the kernel must not see */
	uint64_t kernel_muted; /* frames the kernel sent that must not go out */
	uint64_t reassembled, icmp_mtu;
	uint64_t bad; /* frames that could not be parsed */
	uint64_t to_kernel_failed;
};

struct chim_prog {
	struct chim_prog_cfg cfg;
	struct chim_evlog log;
	struct chim_loop *loop;
	struct chim_backend *be;
	struct chim_ndis *ndis;
	struct chim_nic *nic;
	struct chim_hs *hs;
	struct chim_netdev *netdev;
	struct chim_neigh *neigh;
	struct chim_control *control;
	struct chim_fragments *fragments;
	struct chim_capture *capture;
	struct chim_watch_fd netdev_watch, neigh_watch, device_watch;
	struct chim_watch_fd irq_watch[CHIM_PROG_VECTORS];
	struct chim_conn *conns;
	struct chim_proxy *proxies;
	uint32_t last_conn, last_proxy;
	struct chim_path_stats path;
	chim_conn_t markers[CHIM_PROG_MARKERS];
	unsigned int last_marker;
	const uint8_t *pending; /* frame of the kernel that the NIC had no room for */
	size_t pending_len;
	bool paused;	     /* the target wants no offloads */
	bool routes_changed; /* look every next hop up again */
	bool stop;	     /* `chimney down` */
	bool dead;	     /* the device stopped answering */
	int dead_err;
	uint64_t started_ms;
};

/* What the relays of all connections use; context: struct chim_conn. */
extern const struct chim_relay_ops chim_prog_relay_ops;

/**
 * chim_prog_up() - set everything up
 * @what: out: what failed, for the message; constant text
 * Return: 0 or -errno.
 */
int chim_prog_up(const struct chim_prog_cfg *cfg, struct chim_prog **prog, const char **what);
/* Run until `chimney down`, a signal (chim_prog_stop), or the device's end. Return: 0 or -errno. */
int chim_prog_run(struct chim_prog *prog);
/* From a signal handler. */
void chim_prog_stop(struct chim_prog *prog);
/* Bring every connection back into the kernel (bounded), and release everything. */
void chim_prog_down(struct chim_prog *prog);

#endif
