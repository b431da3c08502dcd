/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * rtnetlink requests and answers. Hard part: an answer is a train of messages in several datagrams,
 * and its end looks different for a dump and for a single request.
 */
#include "rtnl.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { RECEIVE_BYTES = 32768, ANSWER_S = 2 };

int chim_rtnl_open(uint32_t groups)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = groups };
	struct timeval limit = { .tv_sec = ANSWER_S };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit))) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static bool fits(const struct chim_rtnl_req *req, size_t more)
{
	return NLMSG_ALIGN(req->hdr.nlmsg_len) + RTA_ALIGN(more) <= sizeof(*req);
}

static void *tail(struct chim_rtnl_req *req)
{
	return (uint8_t *)req + NLMSG_ALIGN(req->hdr.nlmsg_len);
}

void chim_rtnl_start(struct chim_rtnl_req *req, uint16_t type, uint16_t flags, const void *family,
		     size_t len)
{
	memset(req, 0, sizeof(*req));
	req->hdr.nlmsg_len = NLMSG_LENGTH((uint32_t)len);
	req->hdr.nlmsg_type = type;
	req->hdr.nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST);
	memcpy(NLMSG_DATA(&req->hdr), family, len);
}

void chim_rtnl_put(struct chim_rtnl_req *req, uint16_t type, const void *data, size_t len)
{
	struct rtattr *attr = tail(req);

	if (!req->hdr.nlmsg_len || !fits(req, RTA_LENGTH(len))) {
		req->hdr.nlmsg_len = 0; /* refused by chim_rtnl_call() */
		return;
	}
	attr->rta_type = type;
	attr->rta_len = (uint16_t)RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(attr), data, len);
	req->hdr.nlmsg_len = (uint32_t)(NLMSG_ALIGN(req->hdr.nlmsg_len) + RTA_ALIGN(attr->rta_len));
}

void chim_rtnl_put_u32(struct chim_rtnl_req *req, uint16_t type, uint32_t value)
{
	chim_rtnl_put(req, type, &value, sizeof(value));
}

size_t chim_rtnl_nest(struct chim_rtnl_req *req, uint16_t type)
{
	size_t start = NLMSG_ALIGN(req->hdr.nlmsg_len);

	chim_rtnl_put(req, type, NULL, 0);
	return start;
}

void chim_rtnl_unnest(struct chim_rtnl_req *req, size_t start)
{
	struct rtattr *attr = (struct rtattr *)(void *)((uint8_t *)req + start);

	if (req->hdr.nlmsg_len)
		attr->rta_len = (uint16_t)(req->hdr.nlmsg_len - start);
}

/* Every message of one datagram. Return: as @fn; 1 when the train of @seq ended well. */
static int each(const uint8_t *buf, size_t len, uint32_t seq, chim_rtnl_fn fn, void *ctx)
{
	while (len >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *msg = (const void *)buf;
		size_t step = NLMSG_ALIGN(msg->nlmsg_len);
		int err = 0;

		if (msg->nlmsg_len < sizeof(*msg) || msg->nlmsg_len > len)
			return -EIO;
		if (seq && msg->nlmsg_seq != seq) {
			/* an answer to a request that timed out */
		} else if (msg->nlmsg_type == NLMSG_DONE) {
			return 1;
		} else if (msg->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *e = NLMSG_DATA(msg);

			if (msg->nlmsg_len < NLMSG_LENGTH(sizeof(*e)))
				return -EIO;
			return e->error ? e->error : 1;
		} else if (msg->nlmsg_type >= NLMSG_MIN_TYPE && fn) {
			err = fn(ctx, msg);
		}
		if (err)
			return err;
		buf += step < len ? step : len;
		len -= step < len ? step : len;
	}
	return 0;
}

int chim_rtnl_call(int fd, struct chim_rtnl_req *req, chim_rtnl_fn fn, void *ctx)
{
	static const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	_Alignas(struct nlmsghdr) uint8_t buf[RECEIVE_BYTES];
	struct timespec now;
	int err = 0;

	if (!req->hdr.nlmsg_len)
		return -E2BIG;
	clock_gettime(CLOCK_MONOTONIC, &now);
	req->hdr.nlmsg_seq = (uint32_t)now.tv_nsec | 1;
	if ((req->hdr.nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP) /* EXCL is one of its two bits */
		req->hdr.nlmsg_flags |= NLM_F_ACK;
	if (sendto(fd, req, req->hdr.nlmsg_len, 0, (const struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		return -errno;
	while (!err) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);

		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		err = each(buf, (size_t)n, req->hdr.nlmsg_seq, fn, ctx);
	}
	return err == 1 ? 0 : err;
}

int chim_rtnl_drain(int fd, chim_rtnl_fn fn, void *ctx)
{
	_Alignas(struct nlmsghdr) uint8_t buf[RECEIVE_BYTES];
	int err = 0;

	while (!err) {
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		err = each(buf, (size_t)n, 0, fn, ctx);
		if (err == 1)
			err = 0;
	}
	return err;
}

static void index_attrs(const struct rtattr *attr, size_t len, const struct rtattr **attrs)
{
	memset(attrs, 0, CHIM_RTNL_ATTRS * sizeof(*attrs));
	while (len >= sizeof(*attr) && attr->rta_len >= sizeof(*attr) && attr->rta_len <= len) {
		uint16_t type = (uint16_t)(attr->rta_type & NLA_TYPE_MASK);
		size_t step = RTA_ALIGN(attr->rta_len);

		if (type < CHIM_RTNL_ATTRS)
			attrs[type] = attr;
		if (step >= len)
			break;
		len -= step;
		attr = (const void *)((const uint8_t *)attr + step);
	}
}

int chim_rtnl_attrs(const struct nlmsghdr *msg, size_t header, const struct rtattr **attrs)
{
	size_t skip = NLMSG_LENGTH(NLMSG_ALIGN(header));

	memset(attrs, 0, CHIM_RTNL_ATTRS * sizeof(*attrs));
	if (msg->nlmsg_len < NLMSG_LENGTH(header))
		return -EIO;
	if (msg->nlmsg_len > skip)
		index_attrs((const void *)((const uint8_t *)msg + skip), msg->nlmsg_len - skip,
			    attrs);
	return 0;
}

void chim_rtnl_nested(const struct rtattr *outer, const struct rtattr **attrs)
{
	index_attrs(RTA_DATA(outer), RTA_PAYLOAD(outer), attrs);
}

uint32_t chim_rtnl_u32(const struct rtattr *attr)
{
	uint32_t value = 0;

	if (attr && RTA_PAYLOAD(attr) >= sizeof(value))
		memcpy(&value, RTA_DATA(attr), sizeof(value));
	return value;
}
