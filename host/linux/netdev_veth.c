/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The network device as one end of a veth pair, whose other end lives in a network namespace
 * without a name. Needs no device node. Hard part: order. What the kernel sends is taken where it
 * enters the device, by an AF_PACKET ring that sees outgoing frames only: at the far end, frames
 * sent from two processors come through two queues and overtake each other. The far end serves for
 * sending alone.
 */
#include "netdev_ops.h"

#include "frame.h"
#include "rtnl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	RING_BLOCK = 65536, /* bytes, a multiple of every frame size */
	SMALL_FRAME = 2048, /* ring slot: header of 66 bytes and a frame of MTU 1900 */
	SMALL_MTU = 1900,
	LARGE_FRAME = 16384,
	RING_BYTES = 16 << 20, /* 8,192 small or 1,024 large frames */
	VLAN_TAG = 4,
};

struct veth {
	struct chim_netdev dev;
	int rtnl; /* in the namespace of the kernel's end */
	int far;  /* AF_PACKET on the far end, for sending */
	uint8_t *ring;
	size_t slot_bytes, slots, next;
	bool hold; /* slot before @next is the caller's until the next call */
	uint64_t drops;
	uint8_t tagged[CHIM_FRAME_MAX];
};

static struct tpacket2_hdr *slot(const struct veth *v, size_t i)
{
	return (void *)(v->ring + i * v->slot_bytes);
}

static void veth_free(struct veth *v)
{
	struct ifinfomsg link = { .ifi_index = v->dev.ifindex };
	struct chim_rtnl_req req;

	if (v->ring)
		munmap(v->ring, v->slot_bytes * v->slots);
	if (v->dev.ifindex) {
		chim_rtnl_start(&req, RTM_DELLINK, 0, &link, sizeof(link));
		chim_rtnl_call(v->rtnl, &req, NULL, NULL);
	}
	if (v->dev.fd >= 0)
		close(v->dev.fd);
	if (v->far >= 0)
		close(v->far);
	if (v->rtnl >= 0)
		close(v->rtnl);
	free(v);
}

static void veth_close(struct chim_netdev *dev)
{
	veth_free((struct veth *)dev);
}

/* The kernel took the tag of a VLAN frame out; put it back where 802.1Q has it. */
static ssize_t with_tag(struct veth *v, const struct tpacket2_hdr *h, const uint8_t **frame)
{
	uint16_t tpid = h->tp_status & TP_STATUS_VLAN_TPID_VALID ? h->tp_vlan_tpid : ETH_P_8021Q;
	uint16_t tag[2] = { htons(tpid), htons(h->tp_vlan_tci) };
	size_t len = h->tp_snaplen;

	if (len < 12 || len + VLAN_TAG > sizeof(v->tagged))
		return -EMSGSIZE;
	memcpy(v->tagged, *frame, 12);
	memcpy(v->tagged + 12, tag, VLAN_TAG);
	memcpy(v->tagged + 12 + VLAN_TAG, *frame + 12, len - 12);
	*frame = v->tagged;
	return (ssize_t)(len + VLAN_TAG);
}

/* Reading it clears it. */
static int socket_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error;
}

static ssize_t veth_recv(struct chim_netdev *dev, const uint8_t **frame)
{
	struct veth *v = (struct veth *)dev;
	struct tpacket2_hdr *h = slot(v, v->next);

	if (v->hold) {
		struct tpacket2_hdr *done = slot(v, (v->next ? v->next : v->slots) - 1);

		/* Our reads of the frame come before the kernel may write the slot again. */
		__atomic_store_n(&done->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		v->hold = false;
	}
	/* The frame is read after the kernel's word that it is complete. */
	if (!(__atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER)) {
		int error = socket_error(dev->fd);

		return error ? -error : -EAGAIN;
	}
	v->hold = true;
	v->next = (v->next + 1) % v->slots;
	*frame = (const uint8_t *)h + h->tp_mac;
	if (h->tp_snaplen < h->tp_len)
		return -EMSGSIZE;
	if (h->tp_status & TP_STATUS_VLAN_VALID)
		return with_tag(v, h, frame);
	return (ssize_t)h->tp_snaplen;
}

static int veth_send(struct chim_netdev *dev, const uint8_t *frame, size_t len)
{
	if (send(((struct veth *)dev)->far, frame, len, MSG_DONTWAIT) >= 0)
		return 0;
	return errno == ENOBUFS || errno == EINTR ? -EAGAIN : -errno;
}

static int veth_drops(struct chim_netdev *dev, uint64_t *drops)
{
	struct veth *v = (struct veth *)dev;
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);

	/* Reading sets the kernel's counter to zero. */
	if (getsockopt(dev->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len))
		return -errno;
	v->drops += stats.tp_drops;
	*drops = v->drops;
	return 0;
}

static const struct chim_netdev_ops veth_ops = {
	.name = "veth",
	.close = veth_close,
	.recv = veth_recv,
	.send = veth_send,
	.drops = veth_drops,
};

static int make_pair(int rtnl, const char *name, int other_ns)
{
	struct ifinfomsg link = { 0 };
	size_t info, data, peer;
	struct chim_rtnl_req req;

	chim_rtnl_start(&req, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof(link));
	chim_rtnl_put(&req, IFLA_IFNAME, name, strlen(name) + 1);
	info = chim_rtnl_nest(&req, IFLA_LINKINFO);
	chim_rtnl_put(&req, IFLA_INFO_KIND, "veth", 5);
	data = chim_rtnl_nest(&req, IFLA_INFO_DATA);
	/* VETH_INFO_PEER holds a header and then attributes, not attributes alone. */
	peer = NLMSG_ALIGN(req.hdr.nlmsg_len);
	chim_rtnl_put(&req, VETH_INFO_PEER, &link, sizeof(link));
	chim_rtnl_put(&req, IFLA_IFNAME, "nic", 4);
	chim_rtnl_put_u32(&req, IFLA_NET_NS_FD, (uint32_t)other_ns);
	chim_rtnl_unnest(&req, peer);
	chim_rtnl_unnest(&req, data);
	chim_rtnl_unnest(&req, info);
	return chim_rtnl_call(rtnl, &req, NULL, NULL);
}

static int map_ring(struct veth *v, unsigned int mtu)
{
	struct tpacket_req req = { .tp_block_size = RING_BLOCK };
	int version = TPACKET_V2;
	void *map;

	v->slot_bytes = mtu <= SMALL_MTU ? SMALL_FRAME : LARGE_FRAME;
	v->slots = RING_BYTES / v->slot_bytes;
	req.tp_frame_size = (unsigned int)v->slot_bytes;
	req.tp_frame_nr = (unsigned int)v->slots;
	req.tp_block_nr = RING_BYTES / RING_BLOCK;
	if (setsockopt(v->dev.fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(v->dev.fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)))
		return -errno;
	map = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, v->dev.fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	v->ring = map;
	return 0;
}

/* A ring of what the kernel sends into its end. */
static int open_near_end(struct veth *v, unsigned int mtu)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET,
				    .sll_protocol = htons(ETH_P_ALL),
				    .sll_ifindex = v->dev.ifindex };
	struct sock_filter outgoing[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog filter = { sizeof(outgoing) / sizeof(outgoing[0]), outgoing };
	int err;

	/* Protocol 0: nothing is queued before ring and filter are there. */
	v->dev.fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (v->dev.fd < 0 ||
	    setsockopt(v->dev.fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)))
		return -errno;
	err = map_ring(v, mtu);
	if (err)
		return err;
	return bind(v->dev.fd, (struct sockaddr *)&addr, sizeof(addr)) ? -errno : 0;
}

/* In the other namespace: the far end up, and a socket that only sends. */
static int open_far_end(struct veth *v, unsigned int mtu)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET };
	int rtnl, err;

	addr.sll_ifindex = (int)if_nametoindex("nic");
	if (!addr.sll_ifindex)
		return -errno;
	rtnl = chim_rtnl_open(0);
	if (rtnl < 0)
		return rtnl;
	err = chim_netdev_link_up(rtnl, addr.sll_ifindex, NULL, mtu);
	close(rtnl);
	if (err)
		return err;
	v->far = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (v->far < 0 || bind(v->far, (struct sockaddr *)&addr, sizeof(addr)))
		return -errno;
	return 0;
}

/* Nobody there has an address; without this the kernel would announce itself on the link. */
static void quiet_ipv6(void)
{
	int fd = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "1", 1) != 1) {
		/* only noise on the link */
	}
	close(fd);
}

static int in_other_ns(struct veth *v, const struct chim_netdev_cfg *cfg, int own)
{
	int err, other;

	if (unshare(CLONE_NEWNET))
		return -errno;
	quiet_ipv6();
	other = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	/* The rtnl socket belongs to the first namespace, wherever the thread is. */
	err = other < 0 ? -errno : make_pair(v->rtnl, cfg->name, other);
	if (!err)
		err = open_far_end(v, cfg->mtu);
	if (other >= 0)
		close(other);
	if (setns(own, CLONE_NEWNET) && !err)
		err = -errno;
	return err;
}

int chim_netdev_veth_open(const struct chim_netdev_cfg *cfg, struct chim_netdev **dev)
{
	struct veth *v = calloc(1, sizeof(*v));
	int err, own;

	if (!v)
		return -ENOMEM;
	v->dev.ops = &veth_ops;
	v->dev.fd = -1;
	v->far = -1;
	v->dev.frame_max = cfg->mtu + CHIM_ETH_HEADER + VLAN_TAG;
	v->rtnl = chim_rtnl_open(0);
	if (v->rtnl < 0) {
		err = v->rtnl;
		goto err_free;
	}
	if (if_nametoindex(cfg->name)) {
		err = -EEXIST; /* not ours, so not to be deleted below */
		goto err_free;
	}
	own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	err = own < 0 ? -errno : in_other_ns(v, cfg, own);
	if (own >= 0)
		close(own);
	v->dev.ifindex = (int)if_nametoindex(cfg->name);
	if (err)
		goto err_free;
	chim_netdev_no_offloads(cfg->name);
	err = open_near_end(v, cfg->mtu);
	if (!err)
		err = chim_netdev_link_up(v->rtnl, v->dev.ifindex, cfg->mac, cfg->mtu);
	if (!err)
		err = chim_netdev_wait_up(v->rtnl, v->dev.ifindex);
	if (err)
		goto err_free;
	/* It was bound while the interface was down, and remembers that. */
	socket_error(v->dev.fd);
	*dev = &v->dev;
	return 0;

err_free:
	veth_free(v);
	return err;
}
