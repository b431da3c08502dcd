/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Kernel socket -> image: freeze, dump, park. Hard part: what the kernel's counters include (either
 * FIN, a half acknowledged segment), and that nothing may change while we read.
 */
#include "tcp_queue.h"

#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* TCP states as TCP_INFO names them, include/net/tcp_states.h of the kernel. */
enum {
	LINUX_ESTABLISHED = 1,
	LINUX_FIN_WAIT1 = 4,
	LINUX_FIN_WAIT2 = 5,
	LINUX_CLOSE_WAIT = 8,
	LINUX_LAST_ACK = 9,
	LINUX_CLOSING = 11,
};

enum {
	SEND_SLACK = 128 * 1024, /* bytes the head of the send queue may lie before SndUna */
	DUMP_TRIES = 3,		 /* input was stopped: the second look already finds no change */
	LINUX_SSTHRESH_INFINITE = 0x7fffffff,
};

static int state_of_linux(unsigned int state, TCP_OFFLOAD_CONNECTION_STATE *out)
{
	static const TCP_OFFLOAD_CONNECTION_STATE map[] = {
		[LINUX_ESTABLISHED] = TcpConnectionEstablished,
		[LINUX_FIN_WAIT1] = TcpConnectionFinWait1,
		[LINUX_FIN_WAIT2] = TcpConnectionFinWait2,
		[LINUX_CLOSE_WAIT] = TcpConnectionCloseWait,
		[LINUX_LAST_ACK] = TcpConnectionLastAck,
		[LINUX_CLOSING] = TcpConnectionClosing,
	};

	if (state >= sizeof(map) / sizeof(map[0]) || map[state] == TcpConnectionClosed)
		return -EINVAL;
	*out = map[state];
	return 0;
}

bool chim_tcp_fin_sent(TCP_OFFLOAD_CONNECTION_STATE state)
{
	return state == TcpConnectionFinWait1 || state == TcpConnectionFinWait2 ||
	       state == TcpConnectionClosing || state == TcpConnectionLastAck;
}

bool chim_tcp_fin_rcvd(TCP_OFFLOAD_CONNECTION_STATE state)
{
	return state == TcpConnectionCloseWait || state == TcpConnectionClosing ||
	       state == TcpConnectionLastAck;
}

int chim_tcp_info(int fd, struct tcp_info *info)
{
	socklen_t len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len) ? -errno : 0;
}

int chim_tcp_bytes(int fd, struct chim_tcp_bytes *bytes)
{
	struct tcp_info info;
	int err = chim_tcp_info(fd, &info);

	if (err)
		return err;
	bytes->sent = info.tcpi_bytes_sent - info.tcpi_bytes_retrans;
	bytes->received = info.tcpi_bytes_received;
	/* The kernel counts the peer's FIN as a byte received. */
	if (bytes->received && info.tcpi_state > LINUX_FIN_WAIT2)
		bytes->received--;
	return 0;
}

int chim_tcp_freeze(int fd)
{
	TCP_OFFLOAD_CONNECTION_STATE state;
	struct tcp_info info;
	int err = chim_tcp_info(fd, &info);

	if (err)
		return err;
	err = state_of_linux(info.tcpi_state, &state);
	if (err)
		return err;
	return tcp_set_int(fd, TCP_REPAIR, TCP_REPAIR_ON);
}

int chim_tcp_thaw(int fd)
{
	return tcp_set_int(fd, TCP_REPAIR, TCP_REPAIR_OFF_NO_WP);
}

socklen_t chim_key_sockaddr(const struct chim_key *key, bool local, uint32_t scope_id,
			    union chim_sockaddr *addr)
{
	uint16_t port = htons(local ? key->local_port : key->remote_port);
	const uint8_t *bytes = local ? key->local : key->remote;

	memset(addr, 0, sizeof(*addr));
	if (key->family == 4) {
		addr->in.sin_family = AF_INET;
		addr->in.sin_port = port;
		memcpy(&addr->in.sin_addr, bytes, 4);
		return sizeof(addr->in);
	}
	addr->in6.sin6_family = AF_INET6;
	addr->in6.sin6_port = port;
	addr->in6.sin6_scope_id = scope_id;
	memcpy(&addr->in6.sin6_addr, bytes, 16);
	return sizeof(addr->in6);
}

static int key_side(const union chim_sockaddr *addr, uint8_t *family, uint8_t bytes[16],
		    uint16_t *port)
{
	memset(bytes, 0, 16);
	if (addr->sa.sa_family == AF_INET) {
		*family = 4;
		*port = ntohs(addr->in.sin_port);
		memcpy(bytes, &addr->in.sin_addr, 4);
		return 0;
	}
	if (addr->sa.sa_family != AF_INET6)
		return -EAFNOSUPPORT;
	*port = ntohs(addr->in6.sin6_port);
	*family = IN6_IS_ADDR_V4MAPPED(&addr->in6.sin6_addr) ? 4 : 6;
	if (*family == 4)
		memcpy(bytes, (const uint8_t *)&addr->in6.sin6_addr + 12, 4);
	else
		memcpy(bytes, &addr->in6.sin6_addr, 16);
	return 0;
}

int chim_key_of_socket(int fd, struct chim_key *key, uint32_t *scope_id)
{
	union chim_sockaddr local, remote;
	socklen_t local_len = sizeof(local), remote_len = sizeof(remote);
	int err;

	memset(key, 0, sizeof(*key));
	memset(&local, 0, sizeof(local));
	memset(&remote, 0, sizeof(remote));
	if (getsockname(fd, &local.sa, &local_len) || getpeername(fd, &remote.sa, &remote_len))
		return -errno;
	err = key_side(&local, &key->family, key->local, &key->local_port);
	if (!err)
		err = key_side(&remote, &key->family, key->remote, &key->remote_port);
	*scope_id = key->family == 6 ? remote.in6.sin6_scope_id : 0;
	return err;
}

/* Congestion and round-trip state, which the kernel counts in segments and microseconds. */
static void take_info(const struct tcp_info *info, struct chim_tcp_image *img)
{
	uint32_t mss = info->tcpi_snd_mss ? info->tcpi_snd_mss : img->RemoteMss;

	img->timestamps = info->tcpi_options & TCPI_OPT_TIMESTAMPS;
	img->sack = info->tcpi_options & TCPI_OPT_SACK;
	img->wscale = info->tcpi_options & TCPI_OPT_WSCALE;
	img->SndWindScale = info->tcpi_snd_wscale;
	img->RcvWindScale = info->tcpi_rcv_wscale;
	img->CWnd = info->tcpi_snd_cwnd * mss;
	img->SsThresh = info->tcpi_snd_ssthresh >= LINUX_SSTHRESH_INFINITE / mss
				? LINUX_SSTHRESH_INFINITE
				: info->tcpi_snd_ssthresh * mss;
	img->SRtt = (uint32_t)((uint64_t)info->tcpi_rtt * 8 / 1000);
	img->RttVar = (uint32_t)((uint64_t)info->tcpi_rttvar * 4 / 1000);
	img->rto_ms = (info->tcpi_rto + 999) / 1000;
	img->segs_in = info->tcpi_segs_in;
	img->segs_out = info->tcpi_segs_out;
}

static int take_ip(int fd, struct chim_tcp_image *img)
{
	bool v4 = img->key.family == 4;
	int level = v4 ? IPPROTO_IP : IPPROTO_IPV6, ttl, tos, mtu;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, level, v4 ? IP_TTL : IPV6_UNICAST_HOPS, &ttl, &len) ||
	    getsockopt(fd, level, v4 ? IP_TOS : IPV6_TCLASS, &tos, &len) ||
	    getsockopt(fd, level, v4 ? IP_MTU : IPV6_MTU, &mtu, &len))
		return -errno;
	img->ttl = (uint8_t)(ttl > 0 ? ttl : 64);
	img->tos = (uint8_t)tos;
	img->path_mtu = (uint16_t)(mtu > UINT16_MAX ? UINT16_MAX : mtu);
	return 0;
}

static int take_options(int fd, struct chim_tcp_image *img)
{
	struct tcp_repair_window win;
	socklen_t len = sizeof(win);
	uint32_t mss, ts, nodelay;
	int err;

	if (getsockopt(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, &win, &len))
		return -errno;
	img->SendWL1 = win.snd_wl1;
	img->SndWnd = win.snd_wnd;
	img->MaxSndWnd = win.max_window;
	img->rcv_wup = win.rcv_wup;
	img->RcvWnd = win.rcv_wup + win.rcv_wnd; /* the right edge; RcvNxt is taken off later */

	err = tcp_get_u32(fd, TCP_MAXSEG, &mss);
	if (!err)
		err = tcp_get_u32(fd, TCP_TIMESTAMP, &ts);
	if (!err)
		err = tcp_get_u32(fd, TCP_NODELAY, &nodelay);
	if (err)
		return err;
	img->RemoteMss = (uint16_t)mss;
	/* Since Linux 6.7 the lowest bit read is not the clock's: a TSval one higher may be out. */
	img->TsTime = ts + 1;
	img->taken_ms = chim_wall_ms();
	img->nodelay = nodelay;
	len = sizeof(img->congestion) - 1;
	if (getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, img->congestion, &len))
		return -errno;
	return 0;
}

static int peek(int fd, uint8_t *buf, size_t size, size_t *got)
{
	ssize_t n;

	*got = 0;
	if (!size)
		return 0;
	n = recv(fd, buf, size, MSG_PEEK | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	*got = (size_t)n;
	return 0;
}

static int take_receive_queue(int fd, struct chim_tcp_image *img)
{
	uint32_t again;
	int queued, err;
	size_t got;

	err = tcp_queue_seq(fd, CHIM_TCP_RECV_QUEUE, &img->RcvNxt);
	if (err)
		return err;
	if (ioctl(fd, SIOCINQ, &queued))
		return -errno;
	img->rcv.bytes = malloc((size_t)queued + 1);
	if (!img->rcv.bytes)
		return -ENOMEM;
	err = peek(fd, img->rcv.bytes, (size_t)queued, &got);
	if (err)
		return err;
	err = tcp_get_u32(fd, TCP_QUEUE_SEQ, &again);
	if (err)
		return err;
	if (again != img->RcvNxt)
		return -EAGAIN;
	if (got != (size_t)queued)
		return -EMSGSIZE;
	img->rcv.len = got;
	return 0;
}

/*
 * The queue holds [head, end of data), where head may lie before SndUna when the peer acknowledged
 * the middle of a segment: the last bytes are the wanted ones.
 */
static int take_send_queue(int fd, struct chim_tcp_image *img)
{
	uint32_t write_seq;
	int outq, unsent, err;
	size_t fin, want, got;
	uint8_t *buf;

	err = tcp_queue_seq(fd, CHIM_TCP_SEND_QUEUE, &write_seq);
	if (err)
		return err;
	if (ioctl(fd, SIOCOUTQ, &outq) || ioctl(fd, SIOCOUTQNSD, &unsent))
		return -errno;
	img->SndUna = write_seq - (uint32_t)outq;
	img->SndNxt = write_seq - (uint32_t)unsent;
	img->SndMax = img->SndNxt;
	/* write_seq counts our FIN from shutdown() on; no byte stands behind it. */
	fin = chim_tcp_fin_sent(img->State) && outq > 0;
	img->fin_queued = fin && unsent > 0;
	if (img->fin_queued)
		img->State = chim_tcp_fin_rcvd(img->State) ? TcpConnectionCloseWait
							   : TcpConnectionEstablished;
	want = (size_t)outq - fin;
	buf = malloc(want + SEND_SLACK);
	if (!buf)
		return -ENOMEM;
	img->snd.bytes = buf;
	err = want ? peek(fd, buf, want + SEND_SLACK, &got) : 0;
	if (err || !want)
		return err;
	if (got < want || got == want + SEND_SLACK)
		return -EMSGSIZE;
	memmove(buf, buf + (got - want), want);
	img->snd.len = want;
	return 0;
}

static int dump_once(int fd, struct chim_tcp_image *img)
{
	struct tcp_info info;
	int err;

	memset(img, 0, sizeof(*img));
	err = chim_key_of_socket(fd, &img->key, &img->scope_id);
	if (!err)
		err = chim_tcp_info(fd, &info);
	if (!err)
		err = state_of_linux(info.tcpi_state, &img->State);
	if (!err)
		err = take_options(fd, img);
	if (!err)
		err = take_ip(fd, img);
	if (err)
		return err;
	take_info(&info, img);
	err = take_receive_queue(fd, img);
	if (!err)
		err = take_send_queue(fd, img);
	if (!err)
		err = tcp_set_int(fd, TCP_REPAIR_QUEUE, CHIM_TCP_NO_QUEUE);
	if (err)
		return err;
	img->RcvWnd -= img->RcvNxt;
	return 0;
}

int chim_tcp_dump(int fd, struct chim_tcp_image *img)
{
	int i, err = -EAGAIN;

	for (i = 0; i < DUMP_TRIES && err == -EAGAIN; i++) {
		err = dump_once(fd, img);
		if (err)
			chim_tcp_image_free(img);
	}
	return err == -EAGAIN ? -EBUSY : err;
}

void chim_tcp_image_free(struct chim_tcp_image *img)
{
	free(img->rcv.bytes);
	free(img->snd.bytes);
	memset(&img->rcv, 0, sizeof(img->rcv));
	memset(&img->snd, 0, sizeof(img->snd));
}

int chim_tcp_placeholder(const struct chim_tcp_image *img)
{
	union chim_sockaddr local;
	socklen_t len = chim_key_sockaddr(&img->key, true, img->scope_id, &local);
	int fd, err;

	fd = socket(local.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* In repair mode bind() succeeds beside the connection that still has the port. */
	err = tcp_set_int(fd, TCP_REPAIR, TCP_REPAIR_ON);
	if (!err && bind(fd, &local.sa, len))
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int chim_tcp_park(int fd, const struct chim_tcp_image *img)
{
	int placeholder = chim_tcp_placeholder(img);

	if (placeholder >= 0)
		close(fd); /* in repair mode: no segment leaves */
	return placeholder;
}
