/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Image -> kernel socket. Hard part: what no socket option sets (the peer's timestamp, its FIN, its
 * acknowledgment of our FIN, an acknowledgment we owe) comes about by segments that we make up and
 * that the kernel believes the peer sent.
 */
#include "tcp_queue.h"

#include <string.h>
#include <unistd.h>

enum {
	OPT_MSS = 2, /* TCP option kinds, RFC 9293 3.2, RFC 7323 */
	OPT_WINDOW = 3,
	OPT_SACK_PERMITTED = 4,
	OPT_TIMESTAMP = 8,
	LINUX_CLOSE_WAIT = 8, /* TCP_INFO state, include/net/tcp_states.h of the kernel */
	LINUX_FIN_WAIT2 = 5,
	LINUX_LAST_ACK = 9,
	LINUX_CLOSING = 11,
	/* Send buffer per byte restored: the kernel's own overhead is at most this many times. */
	SNDBUF_FACTOR = 2,
	INJECT_WAIT_MS = 200, /* an injected frame is normally processed before send() returns */
};

/* Sequence numbers at which the queues must begin, our and the peer's FIN discounted. */
static uint32_t send_start(const struct chim_tcp_image *img)
{
	return img->SndUna - (img->State == TcpConnectionFinWait2);
}

static uint32_t receive_end(const struct chim_tcp_image *img)
{
	return img->RcvNxt - chim_tcp_fin_rcvd(img->State);
}

static size_t sent_bytes(const struct chim_tcp_image *img)
{
	size_t sent = img->SndMax - img->SndUna;

	if (chim_tcp_fin_sent(img->State) && img->State != TcpConnectionFinWait2)
		sent--;
	return sent < img->snd.len ? sent : img->snd.len;
}

static int set_seq(int fd, int queue, uint32_t seq)
{
	int err = tcp_set_int(fd, TCP_REPAIR_QUEUE, queue);

	return err ? err : tcp_set_int(fd, TCP_QUEUE_SEQ, (int)seq);
}

/* Sequence numbers can be set only while the socket is closed, the MSS only before connect(). */
static int open_connection(int fd, const struct chim_tcp_image *img)
{
	uint32_t rcv = receive_end(img) - (uint32_t)img->rcv.len;
	int sndbuf = (int)(img->snd.len * SNDBUF_FACTOR);
	int old, reuse = 1, err;
	socklen_t len = sizeof(old);
	union chim_sockaddr addr;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse)))
		return -errno;
	if (!getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &old, &len) && old < sndbuf &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &sndbuf, sizeof(sndbuf)) &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf)))
		return -errno;
	err = tcp_set_int(fd, TCP_MAXSEG, img->RemoteMss);
	if (!err)
		err = tcp_set_int(fd, TCP_REPAIR, TCP_REPAIR_ON);
	if (!err)
		err = set_seq(fd, CHIM_TCP_RECV_QUEUE, rcv);
	if (!err)
		err = set_seq(fd, CHIM_TCP_SEND_QUEUE, send_start(img));
	if (err)
		return err;
	if (img->congestion[0] &&
	    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, img->congestion,
		       (socklen_t)strnlen(img->congestion, sizeof(img->congestion))))
		return -errno;
	len = chim_key_sockaddr(&img->key, false, img->scope_id, &addr);
	return connect(fd, &addr.sa, len) ? -errno : 0;
}

static int set_ip(int fd, const struct chim_tcp_image *img)
{
	bool v4 = img->key.family == 4;
	int level = v4 ? IPPROTO_IP : IPPROTO_IPV6, ttl = img->ttl, tos = img->tos;

	if (setsockopt(fd, level, v4 ? IP_TTL : IPV6_UNICAST_HOPS, &ttl, sizeof(ttl)) ||
	    setsockopt(fd, level, v4 ? IP_TOS : IPV6_TCLASS, &tos, sizeof(tos)))
		return -errno;
	return 0;
}

static int set_options(int fd, const struct chim_tcp_image *img)
{
	uint64_t passed = chim_wall_ms() - img->taken_ms;
	struct tcp_repair_opt opt[4];
	unsigned int n = 0;
	int err;

	opt[n++] = (struct tcp_repair_opt){ OPT_MSS, img->RemoteMss };
	if (img->wscale)
		opt[n++] = (struct tcp_repair_opt){ OPT_WINDOW,
						    img->SndWindScale | (uint32_t)img->RcvWindScale
										<< 16 };
	if (img->sack)
		opt[n++] = (struct tcp_repair_opt){ OPT_SACK_PERMITTED, 0 };
	if (img->timestamps)
		opt[n++] = (struct tcp_repair_opt){ OPT_TIMESTAMP, 0 };
	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_OPTIONS, opt, (socklen_t)(n * sizeof(opt[0]))))
		return -errno;
	err = set_ip(fd, img);
	if (!err)
		err = tcp_set_int(fd, TCP_NODELAY, img->nodelay);
	if (err || !img->timestamps)
		return err;
	/* Up to an even value: since Linux 6.7 the lowest bit would choose a microsecond clock. */
	return tcp_set_int(fd, TCP_TIMESTAMP, (int)((img->TsTime + (uint32_t)passed + 1) & ~1U));
}

/* All of it, in as many calls as the kernel wants; it takes less than asked per call. */
static int fill_queue(int fd, int queue, const uint8_t *bytes, size_t len)
{
	int err = tcp_set_int(fd, TCP_REPAIR_QUEUE, queue);
	size_t done = 0;

	while (!err && done < len) {
		ssize_t n = send(fd, bytes + done, len - done, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0)
			done += (size_t)n;
		else
			err = n < 0 && errno != EAGAIN ? -errno : -ENOMEM;
	}
	return err;
}

static int set_window(int fd, const struct chim_tcp_image *img)
{
	/* As if all were acknowledged: a synthetic segment above rcv_wup brings no timestamp. */
	uint32_t end = receive_end(img);
	struct tcp_repair_window win = {
		.snd_wl1 = img->SendWL1,
		.snd_wnd = img->SndWnd,
		.max_window = img->MaxSndWnd,
		.rcv_wnd = img->RcvNxt + img->RcvWnd - end,
		.rcv_wup = end,
	};

	/*
	 * One byte less than the truth: the synthetic acknowledgment then is a window update, and
	 * not the first of three duplicates (RFC 5681 2).
	 */
	if (win.snd_wnd)
		win.snd_wnd--;
	if (win.max_window < win.snd_wnd)
		win.max_window = win.snd_wnd;
	return setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, &win, sizeof(win)) ? -errno : 0;
}

struct restore {
	int fd;
	const struct chim_tcp_image *img;
	const struct chim_tcp_injector *inj;
};

/* One segment from the peer; waits until the socket has counted it. */
static int inject(const struct restore *r, uint8_t flags, uint32_t seq, uint32_t ack)
{
	const struct chim_tcp_image *img = r->img;
	struct chim_segment seg = {
		.seq = seq,
		.ack = ack,
		.flags = flags,
		.window = (uint16_t)(img->SndWnd >> (img->wscale ? img->SndWindScale : 0)),
		.has_ts = img->timestamps,
		.tsval = img->TsRecent,
	};
	uint64_t until = chim_wall_ms() + INJECT_WAIT_MS;
	struct timespec nap = { 0, 100000 };
	struct tcp_info info;
	uint32_t before;
	int err = chim_tcp_info(r->fd, &info);

	if (err)
		return err;
	before = info.tcpi_segs_in;
	err = r->inj->inject(r->inj->ctx, &img->key, &seg);
	while (!err) {
		err = chim_tcp_info(r->fd, &info);
		if (err || info.tcpi_segs_in != before)
			return err;
		if (chim_wall_ms() > until)
			return -EIO;
		nanosleep(&nap, NULL);
	}
	return err;
}

static int expect_state(int fd, uint8_t state)
{
	struct tcp_info info;
	int err = chim_tcp_info(fd, &info);

	return err ? err : info.tcpi_state == state ? 0 : -EIO;
}

/* Our FIN: in repair mode the kernel takes what is queued as sent. */
static int send_fin_silently(int fd)
{
	int err = tcp_set_int(fd, TCP_REPAIR_QUEUE, CHIM_TCP_SEND_QUEUE);

	if (!err && shutdown(fd, SHUT_WR))
		err = -errno;
	return err ? err : tcp_set_int(fd, TCP_REPAIR_QUEUE, CHIM_TCP_NO_QUEUE);
}

/*
 * The FINs, in the order in which they must have come: who closed first decides between CLOSING and
 * LAST_ACK (RFC 9293 3.3.2).
 */
static int play_fins(const struct restore *r)
{
	const struct chim_tcp_image *img = r->img;
	uint32_t fin_seq = receive_end(img);
	bool sent = chim_tcp_fin_sent(img->State);
	int err = 0;

	if (sent && img->State != TcpConnectionLastAck)
		err = send_fin_silently(r->fd);
	if (!err && chim_tcp_fin_rcvd(img->State)) {
		err = inject(r, CHIM_TH_FIN | CHIM_TH_ACK, fin_seq, img->SndUna);
		/* Its acknowledgment at once, so that it is among those that are muted. */
		if (!err && img->State != TcpConnectionClosing)
			err = tcp_set_int(r->fd, TCP_QUICKACK, 1);
		if (!err)
			err = expect_state(r->fd, img->State == TcpConnectionClosing
							  ? LINUX_CLOSING
							  : LINUX_CLOSE_WAIT);
	}
	if (!err && img->State == TcpConnectionLastAck)
		err = send_fin_silently(r->fd);
	if (!err && img->State == TcpConnectionLastAck)
		err = expect_state(r->fd, LINUX_LAST_ACK);
	return err;
}

/* The peer's newest acknowledgment once more: brings its timestamp, and accepts our FIN. */
static int play_ack(const struct restore *r)
{
	int err = inject(r, CHIM_TH_ACK, r->img->RcvNxt, r->img->SndUna);

	if (!err && r->img->State == TcpConnectionFinWait2)
		err = expect_state(r->fd, LINUX_FIN_WAIT2);
	return err;
}

/*
 * A segment below the window is answered with an acknowledgment at once, RFC 9293 3.10.7.4. (After
 * the peer's FIN this one may be inside; then the kernel owes the acknowledgment already.)
 */
static int ask_for_ack(const struct restore *r)
{
	return inject(r, CHIM_TH_ACK, r->img->RcvNxt - 1, r->img->SndUna);
}

static ssize_t send_tail(int fd, const struct chim_tcp_image *img)
{
	size_t done = sent_bytes(img);

	while (done < img->snd.len) {
		ssize_t n = send(fd, img->snd.bytes + done, img->snd.len - done,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (done == img->snd.len && img->fin_queued && shutdown(fd, SHUT_WR))
		return -errno;
	return (ssize_t)(img->snd.len - done);
}

ssize_t chim_tcp_restore(int fd, const struct chim_tcp_image *img,
			 const struct chim_tcp_injector *inj, uint32_t *muted)
{
	struct restore r = { fd, img, inj };
	struct tcp_info info = { 0 };
	ssize_t left = 0;
	int err;

	err = open_connection(fd, img);
	if (!err)
		err = set_options(fd, img);
	if (!err)
		err = fill_queue(fd, CHIM_TCP_RECV_QUEUE, img->rcv.bytes, img->rcv.len);
	if (!err)
		err = fill_queue(fd, CHIM_TCP_SEND_QUEUE, img->snd.bytes, sent_bytes(img));
	if (!err)
		err = tcp_set_int(fd, TCP_REPAIR_QUEUE, CHIM_TCP_NO_QUEUE);
	if (!err)
		err = set_window(fd, img);
	if (!err)
		err = play_fins(&r);
	if (!err)
		err = chim_tcp_info(fd, &info);
	if (!err)
		err = chim_tcp_thaw(fd);
	if (!err)
		err = play_ack(&r);
	if (!err && img->rcv_wup != img->RcvNxt)
		err = ask_for_ack(&r);
	if (!err)
		left = send_tail(fd, img);
	if (err || left < 0) {
		/* Silent: repair mode makes close() forget the connection without RST or FIN. */
		tcp_set_int(fd, TCP_REPAIR, TCP_REPAIR_ON);
		close(fd);
		return err ? err : left;
	}
	*muted = info.tcpi_segs_out;
	return left;
}
