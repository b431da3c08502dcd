/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The network device behind which the kernel sees the NIC: what the kernel sends comes out of
 * chim_netdev_recv(), what the NIC received goes in by chim_netdev_send(). A TAP device, or a veth
 * pair with AF_PACKET where /dev/net/tun is out of reach. Hard part: frames must be whole,
 * checksummed and not lost.
 */
#ifndef CHIM_LINUX_NETDEV_H
#define CHIM_LINUX_NETDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum chim_netdev_kind {
	CHIM_NETDEV_AUTO, /* TAP if it can be opened, else veth */
	CHIM_NETDEV_TAP,
	CHIM_NETDEV_VETH,
};

struct chim_netdev_cfg {
	const char *name; /* of the interface, at most 15 characters */
	enum chim_netdev_kind kind;
	uint8_t mac[6];
	unsigned int mtu; /* bytes, 68..9000 */
};

struct chim_netdev;

struct chim_netdev_stats {
	uint64_t to_kernel, from_kernel; /* frames */
	uint64_t dropped;		 /* by the kernel, between its sending and our reading */
	uint64_t refused;		 /* chim_netdev_send() that failed */
};

/**
 * chim_netdev_open() - make the interface in the calling thread's network namespace and set it up
 *
 * Offloads are off. The interface goes away with chim_netdev_close() or with the process.
 *
 * Return: 0; -EPERM needs CAP_NET_ADMIN and CAP_NET_RAW, for veth also CAP_SYS_ADMIN, in the user
 * namespace that owns the network namespace; -EEXIST the name is taken; -EINVAL; -ENODEV no TUN or
 * no VETH in this kernel.
 */
int chim_netdev_open(const struct chim_netdev_cfg *cfg, struct chim_netdev **dev);
void chim_netdev_close(struct chim_netdev *dev);

/* Readable when the kernel sent something. */
int chim_netdev_fd(const struct chim_netdev *dev);
int chim_netdev_ifindex(const struct chim_netdev *dev);
const char *chim_netdev_kind_name(const struct chim_netdev *dev);

/**
 * chim_netdev_recv() - the next frame that the kernel sent; never blocks
 * @frame: out: valid until the next call
 *
 * Return: its length; -EAGAIN none; -ENETDOWN the interface was set down or removed.
 */
ssize_t chim_netdev_recv(struct chim_netdev *dev, const uint8_t **frame);

/**
 * chim_netdev_send() - give the kernel a frame; it is processed when the call returns, as a rule
 * Return: 0; -EAGAIN no room now; -ENETDOWN; -EMSGSIZE.
 */
int chim_netdev_send(struct chim_netdev *dev, const uint8_t *frame, size_t len);

int chim_netdev_stats(struct chim_netdev *dev, struct chim_netdev_stats *stats);

#endif
