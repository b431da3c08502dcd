/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The network device as a TAP: without IFF_VNET_HDR the kernel hands out whole, checksummed frames.
 * Hard part: none.
 */
#include "netdev_ops.h"

#include "frame.h"
#include "rtnl.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct tap {
	struct chim_netdev dev;
	int rtnl;
	uint8_t frame[CHIM_FRAME_MAX];
};

static void tap_close(struct chim_netdev *dev)
{
	struct tap *tap = (struct tap *)dev;

	close(dev->fd);
	close(tap->rtnl);
	free(tap);
}

static int tun_error(void)
{
	return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? -EAGAIN
	       : errno == EIO || errno == EBADFD		     ? -ENETDOWN
								     : -errno;
}

static ssize_t tap_recv(struct chim_netdev *dev, const uint8_t **frame)
{
	struct tap *tap = (struct tap *)dev;
	ssize_t n = read(dev->fd, tap->frame, sizeof(tap->frame));

	*frame = tap->frame;
	return n < 0 ? tun_error() : n;
}

static int tap_send(struct chim_netdev *dev, const uint8_t *frame, size_t len)
{
	return write(dev->fd, frame, len) < 0 ? tun_error() : 0;
}

static int take_drops(void *ctx, const struct nlmsghdr *msg)
{
	const struct rtattr *attrs[CHIM_RTNL_ATTRS];
	struct rtnl_link_stats64 stats;
	int err = chim_rtnl_attrs(msg, sizeof(struct ifinfomsg), attrs);

	if (err || !attrs[IFLA_STATS64] || RTA_PAYLOAD(attrs[IFLA_STATS64]) < sizeof(stats))
		return err;
	memcpy(&stats, RTA_DATA(attrs[IFLA_STATS64]), sizeof(stats));
	*(uint64_t *)ctx = stats.tx_dropped + stats.rx_dropped;
	return 0;
}

static int tap_drops(struct chim_netdev *dev, uint64_t *drops)
{
	struct ifinfomsg link = { .ifi_index = dev->ifindex };
	struct chim_rtnl_req req;

	chim_rtnl_start(&req, RTM_GETLINK, 0, &link, sizeof(link));
	return chim_rtnl_call(((struct tap *)dev)->rtnl, &req, take_drops, drops);
}

static const struct chim_netdev_ops tap_ops = {
	.name = "tap",
	.close = tap_close,
	.recv = tap_recv,
	.send = tap_send,
	.drops = tap_drops,
};

static int make_tap(struct tap *tap, const struct chim_netdev_cfg *cfg)
{
	struct ifreq ifr;

	memset(&ifr, 0, sizeof(ifr));
	strncpy(ifr.ifr_name, cfg->name, sizeof(ifr.ifr_name) - 1);
	ifr.ifr_flags = (short)(IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL);
	if (ioctl(tap->dev.fd, TUNSETIFF, &ifr))
		return errno == EBUSY ? -EEXIST : -errno;
	tap->dev.ifindex = (int)if_nametoindex(cfg->name);
	if (!tap->dev.ifindex)
		return -errno;
	chim_netdev_no_offloads(cfg->name);
	return chim_netdev_link_up(tap->rtnl, tap->dev.ifindex, cfg->mac, cfg->mtu);
}

int chim_netdev_tap_open(const struct chim_netdev_cfg *cfg, struct chim_netdev **dev)
{
	struct tap *tap = calloc(1, sizeof(*tap));
	int err;

	if (!tap)
		return -ENOMEM;
	tap->dev.ops = &tap_ops;
	tap->dev.frame_max = cfg->mtu + CHIM_ETH_HEADER + 4;
	tap->rtnl = chim_rtnl_open(0);
	tap->dev.fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tap->dev.fd < 0)
		err = errno == ENOENT ? -ENODEV : -errno;
	else
		err = tap->rtnl < 0 ? tap->rtnl : make_tap(tap, cfg);
	if (err) {
		if (tap->dev.fd >= 0)
			close(tap->dev.fd);
		if (tap->rtnl >= 0)
			close(tap->rtnl);
		free(tap);
		return err;
	}
	*dev = &tap->dev;
	return 0;
}
