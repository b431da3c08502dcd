/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * What the TAP and veth wires ask of a Linux network interface: offloads off, its MTU, its drop
 * counters. Hard part: sysfs shows another network namespace's interfaces, so counters come by
 * rtnetlink.
 */
#ifndef CHIM_NETIF_H
#define CHIM_NETIF_H

#include <stdint.h>

struct chim_netif_drops {
	uint64_t rx_dropped; /* the kernel's view: rx is what came into the namespace */
	uint64_t tx_dropped;
};

/* 0; -ENOENT no such interface in this network namespace. */
int chim_netif_index(const char *ifname, int *index);
int chim_netif_mtu(const char *ifname, unsigned int *mtu);

/**
 * chim_netif_offloads_off() - make the interface hand over frames as they are on a cable
 *
 * Switches checksum offload both ways, TSO, GSO, GRO and LRO off. What the interface cannot switch
 * is left as it is. Return: 0; -EPERM; -ENOENT.
 */
int chim_netif_offloads_off(const char *ifname);

/* Length of the queue towards a TAP's reader, in frames. 0 or -errno. */
int chim_netif_set_queue(const char *ifname, int frames);

/* Counters now. 0 or -errno. */
int chim_netif_drops(int index, struct chim_netif_drops *drops);

#endif
