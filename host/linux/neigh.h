/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * What the kernel knows about the way to a peer: route, next hop, its Ethernet address, MTU; and
 * the news when that changes. Hard part: an answer may be outdated at once, so the news come as
 * well.
 */
#ifndef CHIM_LINUX_NEIGH_H
#define CHIM_LINUX_NEIGH_H

#include "chimney/nic.h"

/* The next hop towards a peer. */
struct chim_hop {
	uint8_t family; /* 4 or 6 */
	int ifindex;
	uint8_t address[16]; /* of the next hop, network order */
	uint8_t mac[6];
	unsigned int mtu; /* of the route or its interface, bytes */
};

struct chim_neigh_ops {
	/* The next hop's address is @mac now; NULL: it is not known any more. */
	void (*neighbor)(void *ctx, int ifindex, uint8_t family, const uint8_t address[16],
			 const uint8_t *mac);
	/* Routes, interfaces or addresses changed; or news were lost. Look up again. */
	void (*routes)(void *ctx);
};

struct chim_neigh;

/* In the network namespace of the calling thread. 0 or -errno. */
int chim_neigh_open(const struct chim_neigh_ops *ops, void *ctx, struct chim_neigh **n);
void chim_neigh_close(struct chim_neigh *n);

/* Readable when there are news; chim_neigh_news() passes them on. Return: 0 or -errno. */
int chim_neigh_fd(const struct chim_neigh *n);
int chim_neigh_news(struct chim_neigh *n);

/**
 * chim_neigh_lookup() - the next hop of a connection
 * Return: 0; -EHOSTUNREACH or -ENETUNREACH no route; -EAGAIN the Ethernet address is not known yet;
 * -ETIMEDOUT the kernel did not answer.
 */
int chim_neigh_lookup(struct chim_neigh *n, const struct chim_key *key, uint32_t scope_id,
		      struct chim_hop *hop);

/**
 * chim_neigh_age() - milliseconds since the kernel last heard that the next hop is reachable
 * Return: 0; -ENOENT it has no such neighbor, or does not believe in it.
 */
int chim_neigh_age(struct chim_neigh *n, const struct chim_hop *hop, uint32_t *ms);

/* Let the kernel find out whether the next hop is still there. 0 or -errno. */
int chim_neigh_probe(struct chim_neigh *n, const struct chim_hop *hop);

#endif
