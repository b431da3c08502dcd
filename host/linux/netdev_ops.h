/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * What the two kinds of network device implement, and the link settings they share. Private to
 * netdev*.c. Hard part: none.
 */
#ifndef CHIM_LINUX_NETDEV_OPS_H
#define CHIM_LINUX_NETDEV_OPS_H

#include "netdev.h"

struct chim_netdev_ops {
	const char *name;
	void (*close)(struct chim_netdev *dev);
	ssize_t (*recv)(struct chim_netdev *dev, const uint8_t **frame);
	int (*send)(struct chim_netdev *dev, const uint8_t *frame, size_t len);
	/* Frames dropped since the start. 0 or -errno. */
	int (*drops)(struct chim_netdev *dev, uint64_t *drops);
};

struct chim_netdev {
	const struct chim_netdev_ops *ops;
	int fd;
	int ifindex;	  /* of the interface that the kernel uses */
	size_t frame_max; /* bytes */
	struct chim_netdev_stats stats;
};

int chim_netdev_tap_open(const struct chim_netdev_cfg *cfg, struct chim_netdev **dev);
int chim_netdev_veth_open(const struct chim_netdev_cfg *cfg, struct chim_netdev **dev);

/* Switch every offload off that would let the kernel send frames that are not whole. */
void chim_netdev_no_offloads(const char *name);
/* Address (NULL: as it is), MTU, queue length; then up. @rtnl: socket of the link's namespace. */
int chim_netdev_link_up(int rtnl, int ifindex, const uint8_t *mac, unsigned int mtu);
/* Until then the kernel drops what it sends there. 0; -ENETDOWN after 3 s. */
int chim_netdev_wait_up(int rtnl, int ifindex);

#endif
