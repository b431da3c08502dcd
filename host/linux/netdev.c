/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The part of the network device that does not depend on its kind. Hard part: none.
 */
#include "netdev_ops.h"

#include "frame.h"
#include "rtnl.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	MTU_MIN = 68,
	MTU_MAX = 9000,
	QUEUE_FRAMES = 10000,
	UP_WAIT_MS = 3000, /* the kernel batches link changes for up to a second */
	UP_STEP_MS = 5,
};

int chim_netdev_open(const struct chim_netdev_cfg *cfg, struct chim_netdev **dev)
{
	int err;

	if (!cfg->name || !cfg->name[0] || strlen(cfg->name) >= IFNAMSIZ || cfg->mtu < MTU_MIN ||
	    cfg->mtu > MTU_MAX || (cfg->mac[0] & 1))
		return -EINVAL;
	if (cfg->kind == CHIM_NETDEV_VETH)
		return chim_netdev_veth_open(cfg, dev);
	err = chim_netdev_tap_open(cfg, dev);
	/* /dev/net/tun is often root's alone, absent, or forbidden; a taken name stays an error. */
	if (cfg->kind == CHIM_NETDEV_AUTO && err && err != -EEXIST)
		err = chim_netdev_veth_open(cfg, dev);
	return err;
}

void chim_netdev_close(struct chim_netdev *dev)
{
	if (dev)
		dev->ops->close(dev);
}

int chim_netdev_fd(const struct chim_netdev *dev)
{
	return dev->fd;
}

int chim_netdev_ifindex(const struct chim_netdev *dev)
{
	return dev->ifindex;
}

const char *chim_netdev_kind_name(const struct chim_netdev *dev)
{
	return dev->ops->name;
}

ssize_t chim_netdev_recv(struct chim_netdev *dev, const uint8_t **frame)
{
	ssize_t n = dev->ops->recv(dev, frame);

	if (n >= 0)
		dev->stats.from_kernel++;
	return n;
}

int chim_netdev_send(struct chim_netdev *dev, const uint8_t *frame, size_t len)
{
	int err = len > dev->frame_max ? -EMSGSIZE : dev->ops->send(dev, frame, len);

	if (err)
		dev->stats.refused++;
	else
		dev->stats.to_kernel++;
	return err;
}

int chim_netdev_stats(struct chim_netdev *dev, struct chim_netdev_stats *stats)
{
	int err = dev->ops->drops(dev, &dev->stats.dropped);

	*stats = dev->stats;
	return err;
}

void chim_netdev_no_offloads(const char *name)
{
	static const uint32_t off[] = { ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO, ETHTOOL_STXCSUM,
					ETHTOOL_SSG };
	struct ethtool_value value;
	struct ifreq ifr;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	size_t i;

	memset(&ifr, 0, sizeof(ifr));
	strncpy(ifr.ifr_name, name, sizeof(ifr.ifr_name) - 1);
	ifr.ifr_data = (void *)&value;
	/* One that the device does not have is off already. */
	for (i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
		value = (struct ethtool_value){ .cmd = off[i] };
		ioctl(fd, SIOCETHTOOL, &ifr);
	}
	close(fd);
}

int chim_netdev_link_up(int rtnl, int ifindex, const uint8_t *mac, unsigned int mtu)
{
	struct ifinfomsg link = { .ifi_index = ifindex, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct chim_rtnl_req req;

	chim_rtnl_start(&req, RTM_NEWLINK, 0, &link, sizeof(link));
	if (mac)
		chim_rtnl_put(&req, IFLA_ADDRESS, mac, 6);
	chim_rtnl_put_u32(&req, IFLA_MTU, mtu);
	chim_rtnl_put_u32(&req, IFLA_TXQLEN, QUEUE_FRAMES);
	return chim_rtnl_call(rtnl, &req, NULL, NULL);
}

static int take_operstate(void *ctx, const struct nlmsghdr *msg)
{
	const struct rtattr *attrs[CHIM_RTNL_ATTRS];
	int err = chim_rtnl_attrs(msg, sizeof(struct ifinfomsg), attrs);

	if (!err && attrs[IFLA_OPERSTATE] && RTA_PAYLOAD(attrs[IFLA_OPERSTATE]) >= 1)
		*(uint8_t *)ctx = *(const uint8_t *)RTA_DATA(attrs[IFLA_OPERSTATE]);
	return err;
}

int chim_netdev_wait_up(int rtnl, int ifindex)
{
	struct ifinfomsg link = { .ifi_index = ifindex };
	struct timespec nap = { 0, UP_STEP_MS * 1000000 };
	uint8_t state = IF_OPER_UNKNOWN;
	struct chim_rtnl_req req;
	int i, err = 0;

	for (i = 0; !err && i < UP_WAIT_MS / UP_STEP_MS; i++) {
		chim_rtnl_start(&req, RTM_GETLINK, 0, &link, sizeof(link));
		err = chim_rtnl_call(rtnl, &req, take_operstate, &state);
		if (!err && state == IF_OPER_UP)
			return 0;
		nanosleep(&nap, NULL);
	}
	return err ? err : -ENETDOWN;
}
