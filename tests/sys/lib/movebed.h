/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A kernel TCP connection between two namespaces, whose host side can be taken out of its socket
 * and put back at any moment. Hard part: the bed plays the NIC: it holds the flow's frames
 * meanwhile.
 */
#ifndef TESTS_SYS_MOVEBED_H
#define TESTS_SYS_MOVEBED_H

#include "netbed.h"
#include "tcp_queue.h"
#include "watch.h"

#include <sys/types.h>

struct held;

struct movebed {
	int family; /* 4 or 6 */
	struct chim_netdev *host, *peer;
	int host_ns, peer_ns;
	struct pcap *pcap;
	struct chim_watch watch;
	struct chim_key key; /* of the connection, once connected */
	bool have_key;
	uint32_t mute; /* of the first frames the socket sends: not to go out */
	bool hold;     /* keep frames to the host */
	struct held *first, **last;
	unsigned int frames, resets, retransmitted, held_frames;
	uint32_t edge[2]; /* highest sequence number seen, to the peer and to the host */
	bool have_edge[2];
	int fd;	       /* socket, or placeholder while moved */
	uint8_t *left; /* what a restore gave back, to be sent next */
	size_t left_len, left_at;
	bool left_fin;
};

/* Interfaces, addresses 10.77.0.1/2 or fd77::1/2; @pcap: file name or NULL. */
void movebed_init(struct movebed *bed, int family, const char *pcap);
void movebed_fini(struct movebed *bed);

/* Run @peer in a child inside the peer's namespace with a listening socket, then connect to it. */
pid_t movebed_connect(struct movebed *bed, int (*peer)(int listener, void *arg), void *arg);
/* Wait for the child, carrying frames. Return: its exit code, 255 if it had to be killed. */
int movebed_reap(struct movebed *bed, pid_t child);

/* Carry what is waiting, for at least @ms milliseconds. Return: frames carried. */
unsigned int movebed_carry(struct movebed *bed, unsigned int ms);

/* Only what the host sent, or only what the peer sent. */
unsigned int movebed_carry_out(struct movebed *bed);
unsigned int movebed_carry_in(struct movebed *bed);

/* Take the connection out of its socket. Return: false when both ends have closed already. */
bool movebed_take(struct movebed *bed, struct chim_tcp_image *img);
/* Put it back, and let the held frames go. */
void movebed_give(struct movebed *bed, struct chim_tcp_image *img);

/* send(), after what a restore gave back. Return: as send(), -EAGAIN. */
ssize_t movebed_send(struct movebed *bed, const uint8_t *bytes, size_t len);

#endif
