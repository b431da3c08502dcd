/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Small steps that dump and restore share: repair mode, its two queues, socket addresses. Private
 * to tcp_dump.c and tcp_restore.c. Hard part: none.
 */
#ifndef CHIM_LINUX_TCP_QUEUE_H
#define CHIM_LINUX_TCP_QUEUE_H

#include "tcp_repair.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

enum {
	CHIM_TCP_NO_QUEUE = 0, /* include/net/tcp.h of the kernel: TCP_NO_QUEUE ... */
	CHIM_TCP_RECV_QUEUE = 1,
	CHIM_TCP_SEND_QUEUE = 2,
};

union chim_sockaddr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static inline int tcp_set_int(int fd, int option, int value)
{
	return setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value)) ? -errno : 0;
}

static inline int tcp_get_u32(int fd, int option, uint32_t *value)
{
	socklen_t len = sizeof(*value);

	return getsockopt(fd, IPPROTO_TCP, option, value, &len) ? -errno : 0;
}

static inline int tcp_queue_seq(int fd, int queue, uint32_t *seq)
{
	int err = tcp_set_int(fd, TCP_REPAIR_QUEUE, queue);

	return err ? err : tcp_get_u32(fd, TCP_QUEUE_SEQ, seq);
}

/* Milliseconds of CLOCK_MONOTONIC, the only use of which is to measure how long something took. */
static inline uint64_t chim_wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Socket address of one side of a key; Return: its length. */
socklen_t chim_key_sockaddr(const struct chim_key *key, bool local, uint32_t scope_id,
			    union chim_sockaddr *addr);
/* Key of a connected socket. 0 or -errno; IPv4-mapped addresses count as IPv4. */
int chim_key_of_socket(int fd, struct chim_key *key, uint32_t *scope_id);

#endif
