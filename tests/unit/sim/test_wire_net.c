/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The wires with a kernel behind them, veth and TAP, in a network namespace of the test's own. Hard
 * part: what the kernel does to frames on the way (VLAN tags taken out, checksums left undone,
 * several segments in one) must be undone or refused, and losses must be counted.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sim/wire/wire.h"
#include "tests/unit/tap.h"

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		perror(path);
	if (fd >= 0)
		close(fd);
}

/* A namespace with a pair v0, v1, without IPv6's own traffic. 0, or why it cannot be had. */
static const char *enter(void)
{
	char map[64];
	uid_t uid = getuid();
	gid_t gid = getgid();

	if (unshare(CLONE_NEWNET) < 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
			return "no network namespaces for this user";
		put_file("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "0 %u 1", uid);
		put_file("/proc/self/uid_map", map);
		snprintf(map, sizeof(map), "0 %u 1", gid);
		put_file("/proc/self/gid_map", map);
	}
	put_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	if (system("ip link add v0 type veth peer name v1") ||
	    system("ip link set v0 up && ip link set v1 up"))
		return "no veth, or no ip command";
	return NULL;
}

/* A frame of an experimental type, so that no protocol of the kernel touches it. */
static size_t make(uint8_t *frame, size_t len, uint32_t number)
{
	memset(frame, 0, len);
	memset(frame, 0xFF, 6);
	frame[6] = 2;
	frame[12] = 0x88;
	frame[13] = 0xB5;
	memcpy(frame + 14, &number, sizeof(number));
	return len;
}

/* Next frame of our experimental type, waiting at most 2 s. */
static int next(struct chim_wire *w, struct chim_wire_frame *f)
{
	struct pollfd pfd = { .fd = chim_wire_pollfd(w), .events = POLLIN };
	uint64_t end = now_ns() + 2000000000u;

	while (now_ns() < end) {
		while (chim_wire_recv(w, now_ns(), f) == 1)
			if (f->data[12] == 0x88 || f->data[12] == 0x81)
				return 1;
		poll(&pfd, 1, 50);
	}
	return 0;
}

static void test_both_ways(struct chim_wire *a, struct chim_wire *b)
{
	struct chim_wire_frame f;
	uint8_t frame[1514], tagged[1518];
	uint64_t before, mid, after;

	make(frame, sizeof(frame), 1);
	before = now_ns();
	IS(chim_wire_send(a, frame, sizeof(frame), before), 0, "a frame leaves");
	OK(next(b, &f) && f.len == sizeof(frame) && !memcmp(f.data, frame, f.len),
	   "and arrives unchanged");
	IS(chim_wire_send(b, frame, 60, now_ns()), 0, "the other way");
	OK(next(a, &f) && f.len == 60, "too");

	before = now_ns();
	chim_wire_send(b, frame, 60, before);
	mid = now_ns();
	usleep(50000);
	after = now_ns();
	OK(next(a, &f) && f.time_ns >= before - 1000000 && f.time_ns <= mid + 20000000 &&
		   f.time_ns < after,
	   "its time is that of its arrival, not that of the look");

	make(tagged, sizeof(tagged), 7);
	tagged[12] = 0x81;
	tagged[13] = 0x00;
	tagged[14] = 0x61;
	tagged[15] = 0x23;
	tagged[16] = 0x88;
	tagged[17] = 0xB5;
	chim_wire_send(b, tagged, sizeof(tagged), now_ns());
	OK(next(a, &f) && f.len == sizeof(tagged) && !memcmp(f.data, tagged, f.len),
	   "a VLAN tag is where it was");
	tagged[12] = 0x88;
	tagged[13] = 0xA8;
	/* Shorter: the sender's socket allows four bytes beyond the MTU for 802.1Q only. */
	chim_wire_send(b, tagged, 1500, now_ns());
	OK(next(a, &f) && f.len == 1500 && !memcmp(f.data, tagged, f.len), "so is an 802.1ad tag");
}

static void test_burst(struct chim_wire *a, struct chim_wire *b)
{
	struct chim_wire_stats st, before;
	struct chim_wire_frame f;
	uint8_t frame[60];
	unsigned int i, order = 0, got = 0;
	uint32_t n;

	chim_wire_get_stats(a, &before);
	for (i = 0; i < 8000; i++)
		if (chim_wire_send(b, frame, make(frame, sizeof(frame), i), now_ns()))
			break;
	IS(i, 8000, "8,000 frames leave");
	for (i = 0; i < 8000 && next(a, &f); i++) {
		memcpy(&n, f.data + 14, sizeof(n));
		order += n == i;
	}
	IS(order, 8000, "none of them is lost, in order");
	chim_wire_get_stats(a, &st);
	IS(st.rx_lost - before.rx_lost, 0, "none counted as lost");

	before = st;
	for (i = 0; i < 20000; i++)
		chim_wire_send(b, frame, make(frame, sizeof(frame), i), now_ns());
	while (chim_wire_recv(a, now_ns(), &f) == 1)
		got += f.data[12] == 0x88;
	chim_wire_get_stats(a, &st);
	OK(got >= 16000 && got < 20000, "more than the ring holds: %u of 20,000 arrive", got);
	IS(st.rx_lost - before.rx_lost, 20000 - got, "and every loss is counted");
	chim_wire_send(b, frame, make(frame, sizeof(frame), 99), now_ns());
	OK(next(a, &f), "the ring goes on afterwards");
}

/* Frames as the kernel passes them between offloading interfaces, sent by a socket of our own. */
static void test_offloads(struct chim_wire *a)
{
	struct {
		struct virtio_net_hdr h;
		uint8_t frame[4000];
	} __attribute__((packed))
	m = { .h = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 34, .csum_offset = 16 } };
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	struct chim_wire_stats before, st;
	struct chim_wire_frame f;
	struct ifreq ifr = { .ifr_name = "v1" };
	const int one = 1;
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), got = 0, i;

	if (fd < 0 || ioctl(fd, SIOCGIFINDEX, &ifr) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) < 0) {
		OK(0, "socket with virtio headers");
		return;
	}
	to.sll_ifindex = ifr.ifr_ifindex;
	memset(m.frame, 0xFF, 6);
	m.frame[6] = 2;
	m.frame[12] = 0x08;
	m.frame[14] = 0x45;
	m.frame[17] = 100;
	m.frame[22] = 64;
	m.frame[23] = 6;
	m.frame[46] = 0x50;
	chim_wire_get_stats(a, &before);
	OK(sendto(fd, &m, sizeof(m.h) + 114, 0, (struct sockaddr *)&to, sizeof(to)) > 0,
	   "a frame whose checksum is not done");
	m.h.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	m.h.gso_size = 1000;
	m.h.hdr_len = 54;
	m.frame[16] = 0x0C;
	OK(sendto(fd, &m, sizeof(m.h) + 3086, 0, (struct sockaddr *)&to, sizeof(to)) > 0,
	   "and three segments in one");
	for (i = 0; i < 20; i++) {
		while (chim_wire_recv(a, now_ns(), &f) == 1)
			got += f.data[12] == 0x08;
		usleep(1000);
	}
	chim_wire_get_stats(a, &st);
	IS(got, 0, "neither is handed out");
	IS(st.rx_refused - before.rx_refused, 2, "both are counted");
	close(fd);
}

/* What others send by our interface goes to the other end, not to us. */
static void test_others(struct chim_wire *a, struct chim_wire *b)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	struct chim_wire_frame f;
	struct ifreq ifr = { .ifr_name = "v0" };
	uint8_t frame[60];
	int fd = socket(AF_PACKET, SOCK_RAW, 0), seen = 0;

	if (fd < 0 || ioctl(fd, SIOCGIFINDEX, &ifr) < 0)
		exit(1);
	to.sll_ifindex = ifr.ifr_ifindex;
	make(frame, sizeof(frame), 4);
	IS(sendto(fd, frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)), 60,
	   "another program sends by our interface");
	OK(next(b, &f), "the other end gets it");
	while (chim_wire_recv(a, now_ns(), &f) == 1)
		seen += f.data[12] == 0x88;
	IS(seen, 0, "we do not");
	close(fd);
}

static void test_down(struct chim_wire *a, struct chim_wire *b)
{
	uint8_t frame[60];
	struct chim_wire_frame f;
	struct chim_wire_stats st;

	make(frame, sizeof(frame), 5);
	OK(!system("ip link set v0 down"), "our interface goes down");
	IS(chim_wire_send(a, frame, sizeof(frame), now_ns()), -EIO, "sending fails");
	chim_wire_get_stats(a, &st);
	OK(st.tx_lost >= 1, "and is counted");
	IS(chim_wire_recv(a, now_ns(), &f), 0, "receiving finds nothing");
	OK(!system("ip link set v0 up"), "up again");
	chim_wire_send(b, frame, sizeof(frame), now_ns());
	OK(next(a, &f), "and frames flow");
}

static void test_jumbo(void)
{
	struct chim_wire *a, *b;
	struct chim_wire_frame f;
	static uint8_t frame[9014];

	OK(!system("ip link set v0 mtu 9000 && ip link set v1 mtu 9000"), "MTU 9000");
	if (chim_wire_open_veth("v0", &a) || chim_wire_open_veth("v1", &b))
		exit(1);
	make(frame, sizeof(frame), 3);
	IS(chim_wire_send(b, frame, sizeof(frame), now_ns()), 0, "a jumbo frame leaves");
	OK(next(a, &f) && f.len == sizeof(frame) && !memcmp(f.data, frame, f.len), "and arrives");
	chim_wire_close(a);
	chim_wire_close(b);
}

static void test_tap(void)
{
	struct chim_wire *t;
	struct chim_wire_frame f;
	struct chim_wire_stats st;
	char text[128];
	uint8_t frame[60];
	uint64_t t0;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int err = chim_wire_open("tap:chimtap0", now_ns(), &t);

	if (err) {
		printf("# TAP not tested: %s (it needs /dev/net/tun)\n", strerror(-err));
		return;
	}
	IS(strcmp(t->ifname, "chimtap0"), 0, "a TAP of that name");
	make(frame, sizeof(frame), 1);
	IS(chim_wire_send(t, frame, sizeof(frame), now_ns()), -EIO,
	   "while it is down, frames are lost");
	snprintf(text, sizeof(text), "ip link set %s up && ip addr add 10.9.8.1/24 dev %s",
		 t->ifname, t->ifname);
	OK(!system(text), "the kernel's end gets an address");
	while (chim_wire_recv(t, now_ns(), &f) == 1)
		;
	t0 = now_ns();
	chim_wire_recv(t, t0, &f);
	to.sin_addr.s_addr = htonl(0x0A090802);
	IS(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)), 1,
	   "the kernel looks for 10.9.8.2");
	close(fd);
	OK(chim_wire_recv(t, now_ns(), &f) == 1 && f.data[12] == 8 && f.data[13] == 6,
	   "its ARP request arrives");
	IS(f.time_ns, t0, "with the time of the last look that found nothing");
	IS(chim_wire_send(t, frame, sizeof(frame), now_ns()), 0, "a frame is taken");
	chim_wire_get_stats(t, &st);
	IS(st.tx_frames, 1, "and counted");
	IS(st.tx_lost, 1, "beside the lost one");
	chim_wire_close(t);
}

int main(void)
{
	const char *why = enter();
	struct chim_wire *a, *b;
	int err;

	if (why)
		return tap_skip_all(why);
	err = chim_wire_open("veth:v0", now_ns(), &a);
	if (err)
		return tap_skip_all("no AF_PACKET here");
	/* While v1 is left as the kernel made it. */
	test_offloads(a);
	IS(chim_wire_open("veth:v1", now_ns(), &b), 0, "both ends open");
	test_both_ways(a, b);
	test_burst(a, b);
	test_others(a, b);
	test_down(a, b);
	chim_wire_close(a);
	chim_wire_close(b);
	test_jumbo();
	test_tap();
	return tap_done();
}
