/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The bed of the tests that move connections. Hard part: the order of hold, dump, park, restore and
 * release, the same as the program's.
 */
#include "movebed.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <unistd.h>

enum { PORT = 7007, WAIT_MS = 2000 };

static const uint8_t host_mac[6] = { 2, 0, 0, 0, 0, 1 }, peer_mac[6] = { 2, 0, 0, 0, 0, 2 };

struct held {
	struct held *next;
	size_t len;
	uint8_t bytes[];
};

static struct chim_netdev *device(const char *name, const uint8_t *mac, const char *address)
{
	struct chim_netdev_cfg cfg = { .name = name, .kind = CHIM_NETDEV_VETH, .mtu = 1500 };
	struct chim_netdev *dev;
	int err;

	memcpy(cfg.mac, mac, 6);
	netbed_sysctl("net/ipv4/tcp_rmem", "4096 131072 131072");
	netbed_sysctl("net/ipv4/tcp_wmem", "4096 131072 131072");
	netbed_sysctl("net/ipv4/tcp_sack", "0");
	netbed_sysctl("net/ipv4/tcp_congestion_control", "reno");
	/* The first packets would be lost while an address is still tentative. */
	netbed_sysctl("net/ipv6/conf/default/accept_dad", "0");
	err = chim_netdev_open(&cfg, &dev);
	if (err)
		tap_die("chim_netdev_open", err);
	netbed_address(chim_netdev_ifindex(dev), address);
	return dev;
}

void movebed_init(struct movebed *bed, int family, const char *pcap)
{
	memset(bed, 0, sizeof(*bed));
	bed->family = family;
	bed->fd = -1;
	bed->last = &bed->first;
	if (pcap)
		bed->pcap = pcap_open(pcap);
	bed->host_ns = netbed_current();
	bed->peer_ns = netbed_make();
	bed->host = device("chim0", host_mac, family == 4 ? "10.77.0.1/24" : "fd77::1/64");
	netbed_switch(bed->peer_ns);
	bed->peer = device("peer0", peer_mac, family == 4 ? "10.77.0.2/24" : "fd77::2/64");
	netbed_switch(bed->host_ns);
	/* The kernels greet their links first (MLD, router solicitation). */
	movebed_carry(bed, 30);
}

void movebed_fini(struct movebed *bed)
{
	if (bed->fd >= 0)
		close(bed->fd);
	chim_netdev_close(bed->host);
	netbed_switch(bed->peer_ns);
	chim_netdev_close(bed->peer);
	netbed_switch(bed->host_ns);
	close(bed->host_ns);
	close(bed->peer_ns);
	if (bed->pcap)
		pcap_close(bed->pcap);
	free(bed->left);
}

static socklen_t peer_address(int family, struct sockaddr_storage *addr)
{
	struct sockaddr_in *in = (void *)addr;
	struct sockaddr_in6 *in6 = (void *)addr;

	memset(addr, 0, sizeof(*addr));
	if (family == 4) {
		in->sin_family = AF_INET;
		in->sin_port = htons(PORT);
		inet_pton(AF_INET, "10.77.0.2", &in->sin_addr);
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(PORT);
	inet_pton(AF_INET6, "fd77::2", &in6->sin6_addr);
	return sizeof(*in6);
}

static int listen_in_peer(struct movebed *bed)
{
	struct sockaddr_storage addr;
	socklen_t len = peer_address(bed->family, &addr);
	int fd, on = 1;

	netbed_switch(bed->peer_ns);
	fd = socket(addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&addr, len) || listen(fd, 4))
		tap_die("listen", errno);
	netbed_switch(bed->host_ns);
	return fd;
}

pid_t movebed_connect(struct movebed *bed, int (*peer)(int listener, void *arg), void *arg)
{
	int listener = listen_in_peer(bed);
	struct sockaddr_storage addr;
	socklen_t len = peer_address(bed->family, &addr);
	uint64_t until = now_ms() + WAIT_MS;
	struct pollfd p;
	uint32_t scope;
	pid_t child = fork();

	if (child < 0)
		tap_die("fork", errno);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGPIPE, SIG_IGN);
		_exit(peer(listener, arg));
	}
	close(listener);
	bed->fd = socket(addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	chim_watch_start(&bed->watch, false, 0, 0);
	if (connect(bed->fd, (struct sockaddr *)&addr, len) && errno != EINPROGRESS)
		tap_die("connect", errno);
	if (chim_key_of_socket(bed->fd, &bed->key, &scope)) {
		/* not connected yet: the remote side is what we asked for */
		struct sockaddr_storage local;
		socklen_t n = sizeof(local);

		getsockname(bed->fd, (struct sockaddr *)&local, &n);
		bed->key.family = (uint8_t)bed->family;
		bed->key.remote_port = PORT;
		if (bed->family == 4) {
			bed->key.local_port = ntohs(((struct sockaddr_in *)&local)->sin_port);
			memcpy(bed->key.local, &((struct sockaddr_in *)&local)->sin_addr, 4);
			memcpy(bed->key.remote, &((struct sockaddr_in *)&addr)->sin_addr, 4);
		} else {
			bed->key.local_port = ntohs(((struct sockaddr_in6 *)&local)->sin6_port);
			memcpy(bed->key.local, &((struct sockaddr_in6 *)&local)->sin6_addr, 16);
			memcpy(bed->key.remote, &((struct sockaddr_in6 *)&addr)->sin6_addr, 16);
		}
	}
	bed->have_key = true;
	do {
		movebed_carry(bed, 1);
		p = (struct pollfd){ .fd = bed->fd, .events = POLLOUT };
		poll(&p, 1, 0);
	} while (!p.revents && now_ms() < until);
	if (!(p.revents & POLLOUT) || p.revents & POLLERR)
		tap_die("connection", ETIMEDOUT);
	return child;
}

int movebed_reap(struct movebed *bed, pid_t child)
{
	uint64_t until = now_ms() + WAIT_MS * 5;
	int status;

	while (waitpid(child, &status, WNOHANG) == 0) {
		if (now_ms() > until) {
			kill(child, SIGKILL);
			waitpid(child, &status, 0);
			return 255;
		}
		movebed_carry(bed, 1);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

/* Counts what must not be in the capture. */
static void judge(struct movebed *bed, const struct chim_frame *f, int to_host)
{
	uint32_t end = f->seg.seq + (uint32_t)(f->end - f->payload) +
		       (f->seg.flags & CHIM_TH_SYN ? 1 : 0) + (f->seg.flags & CHIM_TH_FIN ? 1 : 0);

	bed->frames++;
	bed->resets += f->seg.flags & CHIM_TH_RST ? 1 : 0;
	if (end == f->seg.seq)
		return;
	if (bed->have_edge[to_host] && chim_seq_lt(f->seg.seq, bed->edge[to_host]))
		bed->retransmitted++;
	if (!bed->have_edge[to_host] || chim_seq_lt(bed->edge[to_host], end))
		bed->edge[to_host] = end;
	bed->have_edge[to_host] = true;
}

static bool ours(const struct movebed *bed, const struct chim_frame *f)
{
	return f->tcp && bed->have_key && chim_key_equal(&f->key, &bed->key);
}

static void keep(struct movebed *bed, const uint8_t *bytes, size_t len)
{
	struct held *h = malloc(sizeof(*h) + len);

	h->next = NULL;
	h->len = len;
	memcpy(h->bytes, bytes, len);
	*bed->last = h;
	bed->last = &h->next;
	bed->held_frames++;
}

static void to_host(struct movebed *bed, const uint8_t *bytes, size_t len)
{
	struct chim_frame f;
	int err;

	if (!chim_frame_parse(bytes, len, false, &f) && ours(bed, &f))
		chim_watch_in(&bed->watch, &f, true, now_ms());
	err = chim_netdev_send(bed->host, bytes, len);
	if (err)
		tap_die("chim_netdev_send to host", err);
}

unsigned int movebed_carry_out(struct movebed *bed)
{
	const uint8_t *bytes;
	struct chim_frame f;
	unsigned int n = 0;
	ssize_t len;

	while ((len = chim_netdev_recv(bed->host, &bytes)) >= 0) {
		int err = chim_frame_parse(bytes, (size_t)len, true, &f);

		if (!err && ours(bed, &f)) {
			chim_watch_out(&bed->watch, &f);
			if (bed->mute) {
				bed->mute--;
				continue;
			}
			judge(bed, &f, 0);
		}
		if (bed->pcap)
			pcap_put(bed->pcap, bytes, (size_t)len);
		err = chim_netdev_send(bed->peer, bytes, (size_t)len);
		if (err)
			tap_die("chim_netdev_send to peer", err);
		n++;
	}
	if (len != -EAGAIN)
		tap_die("chim_netdev_recv from host", (int)len);
	return n;
}

unsigned int movebed_carry_in(struct movebed *bed)
{
	const uint8_t *bytes;
	struct chim_frame f;
	unsigned int n = 0;
	ssize_t len;

	while ((len = chim_netdev_recv(bed->peer, &bytes)) >= 0) {
		bool flow = !chim_frame_parse(bytes, (size_t)len, false, &f) && ours(bed, &f);

		if (flow)
			judge(bed, &f, 1);
		if (bed->pcap)
			pcap_put(bed->pcap, bytes, (size_t)len);
		if (flow && bed->hold)
			keep(bed, bytes, (size_t)len);
		else
			to_host(bed, bytes, (size_t)len);
		n++;
	}
	if (len != -EAGAIN)
		tap_die("chim_netdev_recv from peer", (int)len);
	return n;
}

unsigned int movebed_carry(struct movebed *bed, unsigned int ms)
{
	uint64_t until = now_ms() + ms;
	unsigned int n = 0;

	for (;;) {
		struct pollfd p[2] = { { .fd = chim_netdev_fd(bed->host), .events = POLLIN },
				       { .fd = chim_netdev_fd(bed->peer), .events = POLLIN } };
		uint64_t now;

		n += movebed_carry_out(bed) + movebed_carry_in(bed);
		now = now_ms();
		if (now >= until)
			return n;
		poll(p, 2, (int)(until - now));
	}
}

static void release(struct movebed *bed)
{
	bed->hold = false;
	while (bed->first) {
		struct held *h = bed->first;

		bed->first = h->next;
		to_host(bed, h->bytes, h->len);
		free(h);
		movebed_carry_out(bed);
	}
	bed->last = &bed->first;
}

bool movebed_take(struct movebed *bed, struct chim_tcp_image *img)
{
	uint64_t until = now_ms() + WAIT_MS;
	struct tcp_info info;
	int err;

	bed->hold = true;
	do {
		movebed_carry_out(bed);
		err = chim_tcp_info(bed->fd, &info);
	} while (!err && !chim_watch_all_in(&bed->watch, info.tcpi_segs_in) && now_ms() < until);
	if (!chim_watch_all_in(&bed->watch, info.tcpi_segs_in))
		tap_die("the socket did not count all its segments", ETIMEDOUT);
	err = chim_tcp_freeze(bed->fd);
	if (err == -EINVAL) {
		release(bed);
		return false;
	}
	if (!err)
		err = chim_tcp_dump(bed->fd, img);
	if (err)
		tap_die("dump", err);
	while (!chim_watch_all_out(&bed->watch, img->segs_out) && now_ms() < until)
		movebed_carry_out(bed);
	if (!chim_watch_all_out(&bed->watch, img->segs_out))
		tap_die("a segment that the socket sent did not come out", ETIMEDOUT);
	bed->fd = chim_tcp_park(bed->fd, img);
	if (bed->fd < 0)
		tap_die("park", bed->fd);
	img->TsRecent = bed->watch.ts_recent;
	return true;
}

static int inject(void *ctx, const struct chim_key *key, const struct chim_segment *seg)
{
	uint8_t buf[256];
	struct movebed *bed = ctx;
	size_t len = chim_frame_build(buf, host_mac, peer_mac, key, seg, NULL, 0);

	to_host(bed, buf, len);
	return 0;
}

void movebed_give(struct movebed *bed, struct chim_tcp_image *img)
{
	struct chim_tcp_injector inj = { inject, bed };
	ssize_t left;

	chim_watch_start(&bed->watch, img->timestamps, img->TsRecent, img->RcvNxt);
	left = chim_tcp_restore(bed->fd, img, &inj, &bed->mute);
	if (left < 0)
		tap_die("restore", (int)left);
	if (left) {
		free(bed->left);
		bed->left = malloc((size_t)left);
		memcpy(bed->left, img->snd.bytes + img->snd.len - left, (size_t)left);
		bed->left_len = (size_t)left;
		bed->left_at = 0;
		bed->left_fin = img->fin_queued;
	}
	release(bed);
}

ssize_t movebed_send(struct movebed *bed, const uint8_t *bytes, size_t len)
{
	ssize_t n;

	while (bed->left_at < bed->left_len) {
		n = send(bed->fd, bed->left + bed->left_at, bed->left_len - bed->left_at,
			 MSG_NOSIGNAL);
		if (n < 0)
			return -errno;
		bed->left_at += (size_t)n;
		if (bed->left_at == bed->left_len && bed->left_fin)
			shutdown(bed->fd, SHUT_WR);
	}
	n = len ? send(bed->fd, bytes, len, MSG_NOSIGNAL) : 0;
	return n < 0 ? -errno : n;
}
