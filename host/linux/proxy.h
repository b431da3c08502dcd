/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Listeners: each accepted stream gets a connection of the program to the proxy's target, and a
 * policy that decides when it moves into the NIC. Hard part: none.
 */
#ifndef CHIM_LINUX_PROXY_H
#define CHIM_LINUX_PROXY_H

#include "loop.h"

#include <netinet/in.h>
#include <sys/socket.h>

struct chim_prog;
struct chim_conn;

struct chim_proxy {
	struct chim_proxy *next;
	struct chim_prog *prog;
	uint32_t id;
	struct chim_watch_fd watch; /* the listening socket */
	char listen[128];	    /* as text, for people */
	struct sockaddr_storage target;
	socklen_t target_len;
	bool automatic;	      /* offload by policy */
	uint64_t after_bytes; /* not before the kernel has carried as many */
	uint64_t accepted, failed;
};

/**
 * chim_proxy_add() - start accepting
 * @fd: a listening stream socket, the proxy's from now on (closed on failure too)
 * Return: 0; -EINVAL not a listening stream socket; -ENOMEM.
 */
int chim_proxy_add(struct chim_prog *prog, int fd, const char *listen,
		   const struct sockaddr_storage *target, socklen_t target_len, bool automatic,
		   uint64_t after_bytes, struct chim_proxy **proxy);
/* Stop accepting; connections go on. 0; -ENOENT. */
int chim_proxy_remove(struct chim_prog *prog, uint32_t id);
void chim_proxy_remove_all(struct chim_prog *prog);

/* Let the policy look at a connection that is in the kernel. */
void chim_proxy_policy(struct chim_conn *c);

#endif
