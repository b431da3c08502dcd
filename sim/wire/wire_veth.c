/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A network interface by AF_PACKET with a memory-mapped receive ring (TPACKET_V2: unlike V3 it
 * shows each frame at once, not a block of them after a time-out). Needs no device node and works
 * in a user namespace. Hard part: seeing exactly the frames of the cable: the kernel has taken VLAN
 * tags out of them, and the peer's offloads may leave checksums undone or several segments in one.
 */
#include "netif.h"
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define RING_BYTES   (32u << 20) /* 16,384 frames of MTU 1500: many windows of 128 KiB */
#define RING_BLOCK   (1u << 16)	 /* bytes; a power of two, at least one slot */
#define SEND_BUFFER  (4 << 20)	 /* bytes asked for; the kernel may grant less */
#define SEND_WAIT_MS 20		 /* longest wait for room before a frame counts as lost */
#define SLOT_HEADER \
	128 /* bytes before the frame in a slot: ring header, address, padding; at most */
#define VLAN_BYTES  4
#define REFUSED_RUN 256 /* most refused frames that one recv steps over */

struct veth_wire {
	struct chim_wire base;
	int fd;
	int index;
	uint8_t *ring;
	size_t ring_bytes;
	unsigned int slot_bytes;
	unsigned int slots;
	unsigned int next;	      /* slot to look at */
	int holding;		      /* slot before next still holds the frame handed out */
	uint64_t last_ns;	      /* time of the last frame handed out */
	struct chim_netif_drops seen; /* interface counters already added to the statistics */
	uint8_t tagged[CHIM_WIRE_MAX_FRAME]; /* a frame with its VLAN tag put back */
};

static void veth_close(struct chim_wire *w)
{
	struct veth_wire *v = (struct veth_wire *)w;

	munmap(v->ring, v->ring_bytes);
	close(v->fd);
	free(v);
}

static int veth_send(struct chim_wire *w, const uint8_t *frame, size_t len, uint64_t now_ns)
{
	struct veth_wire *v = (struct veth_wire *)w;
	struct pollfd pfd = { .fd = v->fd, .events = POLLOUT };

	(void)now_ns;
	if (send(v->fd, frame, len, MSG_DONTWAIT) == (ssize_t)len)
		return 0;
	if (errno != EAGAIN && errno != ENOBUFS)
		return -EIO;
	if (poll(&pfd, 1, SEND_WAIT_MS) == 1 &&
	    send(v->fd, frame, len, MSG_DONTWAIT) == (ssize_t)len)
		return 0;
	return -EIO;
}

static struct tpacket2_hdr *slot_at(const struct veth_wire *v, unsigned int i)
{
	/* Blocks hold whole slots because both sizes are powers of two. */
	return (struct tpacket2_hdr *)(v->ring + (size_t)i * v->slot_bytes);
}

static uint32_t slot_status(const struct tpacket2_hdr *h)
{
	/* Orders this read before those of the frame's bytes, which the kernel wrote first. */
	return __atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE);
}

static void slot_release(struct tpacket2_hdr *h)
{
	/* Orders our reads of the frame before the kernel's next use of the slot. */
	__atomic_store_n(&h->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/*
 * When the frame arrived, on the caller's clock. The kernel stamps with the time of day; its age is
 * what counts, because the caller's clock may have any zero.
 */
static uint64_t arrival_ns(struct veth_wire *v, const struct tpacket2_hdr *h, uint64_t now_ns)
{
	uint64_t stamp = (uint64_t)h->tp_sec * 1000000000u + h->tp_nsec;
	uint64_t wall = clock_ns(CLOCK_REALTIME);
	uint64_t age = wall > stamp ? wall - stamp : 0;
	uint64_t t = age < now_ns ? now_ns - age : 0;

	if (t < v->last_ns)
		t = v->last_ns;
	if (t > now_ns)
		t = now_ns;
	v->last_ns = t;
	return t;
}

/* Put back the tag that the kernel took out. 0 if the frame would grow too long. */
static size_t retag(struct veth_wire *v, const struct tpacket2_hdr *h, const uint8_t *data,
		    size_t len)
{
	uint16_t tpid =
		htons(h->tp_status & TP_STATUS_VLAN_TPID_VALID ? h->tp_vlan_tpid : ETHERTYPE_VLAN);
	uint16_t tci = htons(h->tp_vlan_tci);

	if (len < 2 * ETHER_ADDR_LEN || len + VLAN_BYTES > sizeof(v->tagged))
		return 0;
	memcpy(v->tagged, data, 2 * ETHER_ADDR_LEN);
	memcpy(v->tagged + 2 * ETHER_ADDR_LEN, &tpid, sizeof(tpid));
	memcpy(v->tagged + 2 * ETHER_ADDR_LEN + 2, &tci, sizeof(tci));
	memcpy(v->tagged + 2 * ETHER_ADDR_LEN + VLAN_BYTES, data + 2 * ETHER_ADDR_LEN,
	       len - 2 * ETHER_ADDR_LEN);
	return len + VLAN_BYTES;
}

static int veth_recv(struct chim_wire *w, uint64_t now_ns, struct chim_wire_frame *f)
{
	struct veth_wire *v = (struct veth_wire *)w;
	unsigned int i;

	if (v->holding)
		slot_release(slot_at(v, (v->next + v->slots - 1) % v->slots));
	v->holding = 0;
	for (i = 0; i < REFUSED_RUN; i++) {
		struct tpacket2_hdr *h = slot_at(v, v->next);
		uint32_t status = slot_status(h);
		const uint8_t *data = (const uint8_t *)h + h->tp_mac;
		size_t len = h->tp_len;

		if (!(status & TP_STATUS_USER))
			return 0;
		v->next = (v->next + 1) % v->slots;
		if (h->tp_snaplen == h->tp_len && !(status & TP_STATUS_CSUMNOTREADY)) {
			f->time_ns = arrival_ns(v, h, now_ns);
			f->data = data;
			f->len = len;
			if (!(status & TP_STATUS_VLAN_VALID)) {
				v->holding = 1;
				return 1;
			}
			f->data = v->tagged;
			f->len = retag(v, h, data, len);
			if (f->len) {
				slot_release(h);
				return 1;
			}
		}
		w->stats.rx_refused++;
		slot_release(h);
	}
	return 0;
}

static int veth_pollfd(struct chim_wire *w)
{
	return ((struct veth_wire *)w)->fd;
}

static void veth_update(struct chim_wire *w)
{
	struct veth_wire *v = (struct veth_wire *)w;
	struct tpacket_stats st;
	socklen_t len = sizeof(st);
	struct chim_netif_drops now;

	/* Reading them clears them. */
	if (!getsockopt(v->fd, SOL_PACKET, PACKET_STATISTICS, &st, &len))
		w->stats.rx_lost += st.tp_drops;
	if (chim_netif_drops(v->index, &now))
		return;
	/* The queue between a veth's ends, in either direction. */
	w->stats.rx_lost += now.rx_dropped - v->seen.rx_dropped;
	w->stats.tx_lost += now.tx_dropped - v->seen.tx_dropped;
	v->seen = now;
}

static const struct chim_wire_ops veth_ops = {
	.name = "veth",
	.close = veth_close,
	.send = veth_send,
	.recv = veth_recv,
	.pollfd = veth_pollfd,
	.update = veth_update,
};

/* Options that must be set before frames flow; then the ring. */
static int veth_ring(struct veth_wire *v, unsigned int mtu)
{
	const int version = TPACKET_V2, one = 1, buffer = SEND_BUFFER;
	struct tpacket_req req = { .tp_block_size = RING_BLOCK };

	/* A slot takes the ring's header, a whole frame and the tag the kernel took out. */
	v->slot_bytes = 2048;
	while (v->slot_bytes < mtu + ETHER_HDR_LEN + VLAN_BYTES + SLOT_HEADER)
		v->slot_bytes *= 2;
	if (v->slot_bytes > RING_BLOCK)
		return -EINVAL;
	req.tp_frame_size = v->slot_bytes;
	req.tp_frame_nr = RING_BYTES / v->slot_bytes;
	req.tp_block_nr = RING_BYTES / RING_BLOCK;
	v->slots = req.tp_frame_nr;
	v->ring_bytes = RING_BYTES;
	if (setsockopt(v->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(v->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) ||
	    setsockopt(v->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)) ||
	    setsockopt(v->fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)))
		return -errno;
	/* The kernel grants at most net.core.wmem_max. */
	setsockopt(v->fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	v->ring = mmap(NULL, v->ring_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	return v->ring == MAP_FAILED ? -errno : 0;
}

int chim_wire_open_veth(const char *ifname, struct chim_wire **w)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	struct packet_mreq member = { .mr_type = PACKET_MR_PROMISC };
	struct veth_wire *v;
	unsigned int mtu;
	int index, err;

	err = chim_netif_index(ifname, &index);
	if (err)
		return err;
	err = chim_netif_mtu(ifname, &mtu);
	if (err)
		return err;
	err = chim_netif_offloads_off(ifname);
	if (err)
		return err;
	v = calloc(1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	v->base.ops = &veth_ops;
	v->index = index;
	/* Protocol 0: no frame enters before the ring is there and the interface is chosen. */
	v->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (v->fd < 0) {
		err = -errno;
		goto err_free;
	}
	err = veth_ring(v, mtu);
	if (err)
		goto err_close;
	addr.sll_ifindex = index;
	member.mr_ifindex = index;
	if (bind(v->fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    setsockopt(v->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &member, sizeof(member))) {
		err = -errno;
		goto err_unmap;
	}
	err = chim_netif_drops(index, &v->seen);
	if (err)
		goto err_unmap;
	*w = &v->base;
	return 0;

err_unmap:
	munmap(v->ring, v->ring_bytes);
err_close:
	close(v->fd);
err_free:
	free(v);
	return err;
}
