/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Takes a live TCP connection out of its kernel socket and puts one back, without a segment on the
 * wire. Hard part: the order of the steps; the caller must have stopped the flow's frames both ways
 * from before chim_tcp_freeze() until after chim_tcp_restore().
 */
#ifndef CHIM_LINUX_TCP_REPAIR_H
#define CHIM_LINUX_TCP_REPAIR_H

#include "chimney/ndis_state.h"
#include "chimney/nic.h"
#include "frame.h"

#include <linux/tcp.h>
#include <sys/types.h>

/* Application data that travels with the connection. */
struct chim_tcp_data {
	uint8_t *bytes;
	size_t len;
};

/**
 * struct chim_tcp_image - a TCP connection outside any stack
 *
 * Capitalised members are the delegated fields of the offload interface, in its units; a tick is
 * 1 ms. SndNxt and SndMax cover our FIN once sent, RcvNxt the peer's once received, as RFC 9293 3.3
 * counts them.
 */
struct chim_tcp_image {
	struct chim_key key;
	uint32_t scope_id; /* IPv6 link-local: interface index, else 0 */

	/* constant */
	bool timestamps, sack, wscale;
	uint8_t SndWindScale; /* shift of windows the peer sends */
	uint8_t RcvWindScale; /* shift of windows we send */
	uint16_t RemoteMss;   /* bytes, as the peer announced it */

	/* delegated */
	TCP_OFFLOAD_CONNECTION_STATE State;
	uint32_t RcvNxt;
	uint32_t RcvWnd; /* bytes from RcvNxt to the right edge last advertised */
	uint32_t SndUna, SndNxt, SndMax;
	uint32_t SndWnd, MaxSndWnd, SendWL1;
	uint32_t CWnd, SsThresh; /* bytes */
	uint32_t SRtt;		 /* ms x 8 */
	uint32_t RttVar;	 /* ms x 4 */
	uint32_t TsRecent;	 /* kernel cannot tell: the caller watches frames for it */
	uint32_t TsRecentAge;	 /* ms */
	uint32_t TsTime;	 /* our timestamp clock at taken_ms */

	uint64_t taken_ms; /* CLOCK_MONOTONIC at which the state was taken */
	uint32_t rcv_wup;  /* acknowledgment number last sent */
	uint32_t rto_ms;
	uint32_t segs_in, segs_out; /* segments the socket took and gave, since its start */
	bool fin_queued;	    /* the application closed, our FIN was not sent yet */
	uint8_t ttl, tos;	    /* or hop limit and traffic class */
	uint16_t path_mtu;	    /* bytes */
	bool nodelay;
	char congestion[16];

	struct chim_tcp_data rcv; /* undelivered: ends at RcvNxt, less the peer's FIN */
	struct chim_tcp_data snd; /* [SndUna, end of what the application wrote) */
};

/* Our FIN was sent / the peer's was received in this state. */
bool chim_tcp_fin_sent(TCP_OFFLOAD_CONNECTION_STATE state);
bool chim_tcp_fin_rcvd(TCP_OFFLOAD_CONNECTION_STATE state);

/**
 * chim_tcp_freeze() - stop the socket; needs CAP_NET_ADMIN in the network namespace's owner
 * Return: 0; -EPERM; -EOPNOTSUPP no TCP_REPAIR; -EINVAL not in a state that can be moved
 */
int chim_tcp_freeze(int fd);
/* chim_tcp_thaw() - undo chim_tcp_freeze() without a segment on the wire. */
int chim_tcp_thaw(int fd);

/**
 * chim_tcp_dump() - read everything of a frozen socket, which stays as it was
 * @img: out; release with chim_tcp_image_free()
 *
 * Return: 0; -EINVAL, -ENOTCONN state cannot be moved (handshake or TIME_WAIT); -EBUSY it kept
 * changing, its input was not stopped; -EMSGSIZE urgent or otherwise unreadable data; -ENOMEM.
 */
int chim_tcp_dump(int fd, struct chim_tcp_image *img);
void chim_tcp_image_free(struct chim_tcp_image *img);

/**
 * chim_tcp_park() - end a dumped socket silently, and keep its port
 * @fd: the only descriptor of the socket; closed on success, unchanged on failure
 *
 * Return: descriptor of the placeholder, which chim_tcp_restore() turns into the connection again;
 * or -errno.
 */
int chim_tcp_park(int fd, const struct chim_tcp_image *img);

/* A new placeholder for an image whose own was lost in a failed restore. Return: as park. */
int chim_tcp_placeholder(const struct chim_tcp_image *img);

/* What the restore needs from whoever owns the path of frames. */
struct chim_tcp_injector {
	/* Give the kernel a frame's worth of segment from the peer. 0 or -errno. */
	int (*inject)(void *ctx, const struct chim_key *key, const struct chim_segment *seg);
	void *ctx;
};

/**
 * chim_tcp_restore() - turn a placeholder into the connection of an image
 * @fd:  from chim_tcp_park()
 * @inj: takes the synthetic segments that carry what no socket option does (the peer's timestamp,
 *       its FIN, its acknowledgment of ours)
 * @muted: out: how many segments the socket has sent that must not go out, the first ones of it: it
 *       acknowledged a FIN that the peer sent long ago, and might draw an answer
 *
 * Sends what never was sent, as far as the socket's buffer takes it, and asks for an owed
 * acknowledgment; both go out once the caller lets the flow's frames pass again.
 *
 * Return: bytes at the end of img->snd that did not fit (0: none), which the caller must send() as
 * the buffer empties, with shutdown() after them if fin_queued; or -errno: -ENOMEM the kernel does
 * not take the acknowledged or sent data back, -EADDRNOTAVAIL the addresses are gone, -EIO an
 * injected segment had no effect. After a failure the image is as it was, and @fd is closed.
 */
ssize_t chim_tcp_restore(int fd, const struct chim_tcp_image *img,
			 const struct chim_tcp_injector *inj, uint32_t *muted);

/* The kernel's own numbers. 0 or -errno. */
int chim_tcp_info(int fd, struct tcp_info *info);
/* First-time payload bytes since the socket began (or was restored). 0 or -errno. */
struct chim_tcp_bytes {
	uint64_t sent, received;
};
int chim_tcp_bytes(int fd, struct chim_tcp_bytes *bytes);

#endif
