/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Interface controls by ioctl and rtnetlink, see netif.h.
 */
#include "netif.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* One ioctl on a socket of its own. @ifr's name is filled in here. */
static int ifr_ioctl(unsigned long request, const char *ifname, struct ifreq *ifr)
{
	int fd, err = 0;

	if (strlen(ifname) >= sizeof(ifr->ifr_name))
		return -ENOENT;
	memset(ifr->ifr_name, 0, sizeof(ifr->ifr_name));
	memcpy(ifr->ifr_name, ifname, strlen(ifname));
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, request, ifr) < 0)
		err = errno == ENODEV ? -ENOENT : -errno;
	close(fd);
	return err;
}

int chim_netif_index(const char *ifname, int *index)
{
	struct ifreq ifr = { 0 };
	int err = ifr_ioctl(SIOCGIFINDEX, ifname, &ifr);

	*index = err ? 0 : ifr.ifr_ifindex;
	return err;
}

int chim_netif_mtu(const char *ifname, unsigned int *mtu)
{
	struct ifreq ifr = { 0 };
	int err = ifr_ioctl(SIOCGIFMTU, ifname, &ifr);

	*mtu = err ? 0 : (unsigned int)ifr.ifr_mtu;
	return err;
}

int chim_netif_set_queue(const char *ifname, int frames)
{
	struct ifreq ifr = { .ifr_qlen = frames };

	return ifr_ioctl(SIOCSIFTXQLEN, ifname, &ifr);
}

int chim_netif_offloads_off(const char *ifname)
{
	static const uint32_t features[] = {
		ETHTOOL_SRXCSUM, ETHTOOL_STXCSUM, ETHTOOL_SSG,
		ETHTOOL_STSO,	 ETHTOOL_SGSO,	  ETHTOOL_SGRO,
	};
	struct ethtool_value value = { .cmd = ETHTOOL_GFLAGS };
	struct ifreq ifr = { .ifr_data = (void *)&value };
	unsigned int i;
	int err;

	err = ifr_ioctl(SIOCETHTOOL, ifname, &ifr);
	if (err == -ENOENT)
		return err;
	if (!err && (value.data & ETH_FLAG_LRO)) {
		value = (struct ethtool_value){ .cmd = ETHTOOL_SFLAGS,
						.data = value.data & ~(uint32_t)ETH_FLAG_LRO };
		err = ifr_ioctl(SIOCETHTOOL, ifname, &ifr);
		if (err == -EPERM)
			return err;
	}
	for (i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		value = (struct ethtool_value){ .cmd = features[i], .data = 0 };
		err = ifr_ioctl(SIOCETHTOOL, ifname, &ifr);
		if (err && err != -EOPNOTSUPP && err != -EINVAL)
			return err;
	}
	return 0;
}

int chim_netif_drops(int index, struct chim_netif_drops *drops)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
	} request = {
		.header = { .nlmsg_len = sizeof(request),
			    .nlmsg_type = RTM_GETLINK,
			    .nlmsg_flags = NLM_F_REQUEST },
		.info = { .ifi_index = index },
	};
	union {
		struct nlmsghdr header;
		char bytes[16384];
	} reply;
	const struct rtattr *attr;
	size_t left;
	ssize_t got;
	int fd, err = -EIO;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	if (send(fd, &request, sizeof(request), 0) != (ssize_t)sizeof(request))
		goto out;
	got = recv(fd, &reply, sizeof(reply), 0);
	if (got < (ssize_t)NLMSG_LENGTH(sizeof(struct ifinfomsg)) ||
	    reply.header.nlmsg_type != RTM_NEWLINK || reply.header.nlmsg_len > (size_t)got)
		goto out;
	attr = IFLA_RTA((struct ifinfomsg *)NLMSG_DATA(&reply.header));
	left = reply.header.nlmsg_len - NLMSG_LENGTH(sizeof(struct ifinfomsg));
	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left)) {
		struct rtnl_link_stats64 stats;

		if (attr->rta_type != IFLA_STATS64 || RTA_PAYLOAD(attr) < sizeof(stats))
			continue;
		memcpy(&stats, RTA_DATA(attr), sizeof(stats));
		drops->rx_dropped = stats.rx_dropped;
		drops->tx_dropped = stats.tx_dropped;
		err = 0;
	}
out:
	close(fd);
	return err;
}
