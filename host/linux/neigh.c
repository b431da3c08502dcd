/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Route and neighbor questions over rtnetlink. Hard part: which neighbor states carry an address
 * that may be used.
 */
#include "neigh.h"

#include "rtnl.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* States with an address, the kernel's NUD_VALID; NUD_FAILED, NUD_INCOMPLETE have none. */
	USABLE = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY,
	GROUPS = RTMGRP_NEIGH | RTMGRP_LINK | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE |
		 RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
	MS_PER_TICK = 10, /* of nda_cacheinfo: USER_HZ is 100 on every architecture */
};

struct chim_neigh {
	const struct chim_neigh_ops *ops;
	void *ctx;
	int ask, hear; /* sockets */
};

int chim_neigh_open(const struct chim_neigh_ops *ops, void *ctx, struct chim_neigh **n)
{
	struct chim_neigh *new = calloc(1, sizeof(*new));
	int err;

	if (!new)
		return -ENOMEM;
	new->ops = ops;
	new->ctx = ctx;
	new->ask = chim_rtnl_open(0);
	new->hear = chim_rtnl_open(GROUPS);
	if (new->ask < 0 || new->hear < 0) {
		err = new->ask < 0 ? new->ask : new->hear;
		chim_neigh_close(new);
		return err;
	}
	*n = new;
	return 0;
}

void chim_neigh_close(struct chim_neigh *n)
{
	if (!n)
		return;
	if (n->ask >= 0)
		close(n->ask);
	if (n->hear >= 0)
		close(n->hear);
	free(n);
}

int chim_neigh_fd(const struct chim_neigh *n)
{
	return n->hear;
}

static uint8_t af_of(uint8_t family)
{
	return family == 4 ? AF_INET : AF_INET6;
}

static size_t addr_len(uint8_t family)
{
	return family == 4 ? 4 : 16;
}

struct route_answer {
	struct chim_hop *hop;
	bool found;
};

static int take_route(void *ctx, const struct nlmsghdr *msg)
{
	const struct rtattr *attrs[CHIM_RTNL_ATTRS], *metrics[CHIM_RTNL_ATTRS];
	struct route_answer *a = ctx;
	size_t n = addr_len(a->hop->family);

	if (msg->nlmsg_type != RTM_NEWROUTE || chim_rtnl_attrs(msg, sizeof(struct rtmsg), attrs))
		return 0;
	a->found = true;
	a->hop->ifindex = (int)chim_rtnl_u32(attrs[RTA_OIF]);
	if (attrs[RTA_GATEWAY] && RTA_PAYLOAD(attrs[RTA_GATEWAY]) >= n)
		memcpy(a->hop->address, RTA_DATA(attrs[RTA_GATEWAY]), n);
	if (attrs[RTA_METRICS]) {
		chim_rtnl_nested(attrs[RTA_METRICS], metrics);
		a->hop->mtu = chim_rtnl_u32(metrics[RTAX_MTU]);
	}
	return 0;
}

static int ask_route(struct chim_neigh *n, const struct chim_key *key, uint32_t scope_id,
		     struct chim_hop *hop)
{
	struct rtmsg msg = { .rtm_family = af_of(key->family) };
	size_t len = addr_len(key->family);
	struct route_answer a = { hop, false };
	struct chim_rtnl_req req;
	int err;

	msg.rtm_dst_len = msg.rtm_src_len = (uint8_t)(len * 8);
	chim_rtnl_start(&req, RTM_GETROUTE, 0, &msg, sizeof(msg));
	chim_rtnl_put(&req, RTA_DST, key->remote, len);
	chim_rtnl_put(&req, RTA_SRC, key->local, len);
	if (scope_id)
		chim_rtnl_put_u32(&req, RTA_OIF, scope_id);
	memcpy(hop->address, key->remote, len); /* unless there is a gateway */
	err = chim_rtnl_call(n->ask, &req, take_route, &a);
	return err ? err : a.found ? 0 : -EHOSTUNREACH;
}

static int take_mtu(void *ctx, const struct nlmsghdr *msg)
{
	const struct rtattr *attrs[CHIM_RTNL_ATTRS];

	if (msg->nlmsg_type == RTM_NEWLINK &&
	    !chim_rtnl_attrs(msg, sizeof(struct ifinfomsg), attrs))
		*(unsigned int *)ctx = chim_rtnl_u32(attrs[IFLA_MTU]);
	return 0;
}

static int ask_mtu(struct chim_neigh *n, int ifindex, unsigned int *mtu)
{
	struct ifinfomsg msg = { .ifi_index = ifindex };
	struct chim_rtnl_req req;

	chim_rtnl_start(&req, RTM_GETLINK, 0, &msg, sizeof(msg));
	return chim_rtnl_call(n->ask, &req, take_mtu, mtu);
}

struct neighbor_answer {
	uint16_t state;
	bool have_mac;
	uint8_t mac[6];
	uint32_t confirmed_ms;
};

static int take_neighbor(void *ctx, const struct nlmsghdr *msg)
{
	const struct rtattr *attrs[CHIM_RTNL_ATTRS];
	struct neighbor_answer *a = ctx;
	struct nda_cacheinfo info;
	const struct ndmsg *nd = NLMSG_DATA(msg);

	if (msg->nlmsg_type != RTM_NEWNEIGH || chim_rtnl_attrs(msg, sizeof(*nd), attrs))
		return 0;
	a->state = nd->ndm_state;
	if (attrs[NDA_LLADDR] && RTA_PAYLOAD(attrs[NDA_LLADDR]) == 6) {
		memcpy(a->mac, RTA_DATA(attrs[NDA_LLADDR]), 6);
		a->have_mac = nd->ndm_state & USABLE;
	}
	if (attrs[NDA_CACHEINFO] && RTA_PAYLOAD(attrs[NDA_CACHEINFO]) >= sizeof(info)) {
		memcpy(&info, RTA_DATA(attrs[NDA_CACHEINFO]), sizeof(info));
		a->confirmed_ms = info.ndm_confirmed * MS_PER_TICK;
	}
	return 0;
}

static int ask_neighbor(struct chim_neigh *n, const struct chim_hop *hop, struct neighbor_answer *a)
{
	struct ndmsg msg = { .ndm_family = af_of(hop->family), .ndm_ifindex = hop->ifindex };
	struct chim_rtnl_req req;

	memset(a, 0, sizeof(*a));
	chim_rtnl_start(&req, RTM_GETNEIGH, 0, &msg, sizeof(msg));
	chim_rtnl_put(&req, NDA_DST, hop->address, addr_len(hop->family));
	return chim_rtnl_call(n->ask, &req, take_neighbor, a);
}

int chim_neigh_lookup(struct chim_neigh *n, const struct chim_key *key, uint32_t scope_id,
		      struct chim_hop *hop)
{
	struct neighbor_answer a;
	int err;

	memset(hop, 0, sizeof(*hop));
	hop->family = key->family;
	err = ask_route(n, key, scope_id, hop);
	if (!err && !hop->mtu)
		err = ask_mtu(n, hop->ifindex, &hop->mtu);
	if (err)
		return err;
	err = ask_neighbor(n, hop, &a);
	if (err == -ENOENT || (!err && !a.have_mac))
		return -EAGAIN;
	memcpy(hop->mac, a.mac, 6);
	return err;
}

int chim_neigh_age(struct chim_neigh *n, const struct chim_hop *hop, uint32_t *ms)
{
	struct neighbor_answer a;
	int err = ask_neighbor(n, hop, &a);

	if (err)
		return err;
	if (!(a.state & (NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP)))
		return -ENOENT;
	*ms = a.state & NUD_REACHABLE ? a.confirmed_ms : 0;
	return 0;
}

int chim_neigh_probe(struct chim_neigh *n, const struct chim_hop *hop)
{
	struct ndmsg msg = { .ndm_family = af_of(hop->family),
			     .ndm_ifindex = hop->ifindex,
			     .ndm_flags = NTF_USE };
	struct chim_rtnl_req req;

	chim_rtnl_start(&req, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &msg, sizeof(msg));
	chim_rtnl_put(&req, NDA_DST, hop->address, addr_len(hop->family));
	return chim_rtnl_call(n->ask, &req, NULL, NULL);
}

static void hear_neighbor(struct chim_neigh *n, const struct nlmsghdr *msg)
{
	const struct rtattr *attrs[CHIM_RTNL_ATTRS];
	const struct ndmsg *nd = NLMSG_DATA(msg);
	uint8_t address[16] = { 0 }, family;
	bool usable;

	if (chim_rtnl_attrs(msg, sizeof(*nd), attrs) || !attrs[NDA_DST] ||
	    (nd->ndm_family != AF_INET && nd->ndm_family != AF_INET6))
		return;
	family = nd->ndm_family == AF_INET ? 4 : 6;
	if (RTA_PAYLOAD(attrs[NDA_DST]) < addr_len(family))
		return;
	memcpy(address, RTA_DATA(attrs[NDA_DST]), addr_len(family));
	usable = msg->nlmsg_type == RTM_NEWNEIGH && nd->ndm_state & USABLE && attrs[NDA_LLADDR] &&
		 RTA_PAYLOAD(attrs[NDA_LLADDR]) == 6;
	/* On its way through INCOMPLETE an entry has no address and is not gone either. */
	if (!usable && msg->nlmsg_type == RTM_NEWNEIGH && !(nd->ndm_state & NUD_FAILED))
		return;
	n->ops->neighbor(n->ctx, nd->ndm_ifindex, family, address,
			 usable ? RTA_DATA(attrs[NDA_LLADDR]) : NULL);
}

static int hear(void *ctx, const struct nlmsghdr *msg)
{
	struct chim_neigh *n = ctx;

	if (msg->nlmsg_type == RTM_NEWNEIGH || msg->nlmsg_type == RTM_DELNEIGH)
		hear_neighbor(n, msg);
	else
		n->ops->routes(n->ctx);
	return 0;
}

int chim_neigh_news(struct chim_neigh *n)
{
	int err = chim_rtnl_drain(n->hear, hear, n);

	if (err != -ENOBUFS)
		return err;
	n->ops->routes(n->ctx);
	return 0;
}
