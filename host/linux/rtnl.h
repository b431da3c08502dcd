/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The little of rtnetlink that the program needs: one request at a time, attributes with bounds,
 * dumps. Hard part: replies of any length must not be read beyond their end.
 */
#ifndef CHIM_LINUX_RTNL_H
#define CHIM_LINUX_RTNL_H

#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHIM_RTNL_MAX = 2048, CHIM_RTNL_ATTRS = 64 };

/* A request under construction. */
struct chim_rtnl_req {
	struct nlmsghdr hdr;
	uint8_t body[CHIM_RTNL_MAX];
};

/* One message of an answer; nothing in it may be kept. Return: 0 go on, -errno ends the call. */
typedef int (*chim_rtnl_fn)(void *ctx, const struct nlmsghdr *msg);

/* A netlink socket of the calling thread's network namespace; @groups: RTMGRP_* to hear. */
int chim_rtnl_open(uint32_t groups);

/* Start a request with a family header of @len bytes, e.g. struct ndmsg. */
void chim_rtnl_start(struct chim_rtnl_req *req, uint16_t type, uint16_t flags, const void *family,
		     size_t len);
/* Append an attribute. A request that would not fit fails at chim_rtnl_call() with -E2BIG. */
void chim_rtnl_put(struct chim_rtnl_req *req, uint16_t type, const void *data, size_t len);
void chim_rtnl_put_u32(struct chim_rtnl_req *req, uint16_t type, uint32_t value);
/* Nested attributes: what is put between the two belongs inside. */
size_t chim_rtnl_nest(struct chim_rtnl_req *req, uint16_t type);
void chim_rtnl_unnest(struct chim_rtnl_req *req, size_t start);

/**
 * chim_rtnl_call() - send a request, and pass every answer to @fn until it is acknowledged
 * @fn: NULL: only success matters
 *
 * Return: 0; what @fn returned; -errno of the kernel; -EIO malformed answer; -ETIMEDOUT after 2 s.
 */
int chim_rtnl_call(int fd, struct chim_rtnl_req *req, chim_rtnl_fn fn, void *ctx);

/* Pass on what a socket that hears groups got. Return: as @fn; -ENOBUFS news were lost. */
int chim_rtnl_drain(int fd, chim_rtnl_fn fn, void *ctx);

/**
 * chim_rtnl_attrs() - index a message's attributes by type
 * @header: bytes of the family header
 * @attrs:  out: CHIM_RTNL_ATTRS pointers, NULL where there is none
 *
 * Return: 0, or -EIO if the message is shorter than its header.
 */
int chim_rtnl_attrs(const struct nlmsghdr *msg, size_t header, const struct rtattr **attrs);
/* The same inside one attribute. */
void chim_rtnl_nested(const struct rtattr *outer, const struct rtattr **attrs);
/* Value of an attribute, 0 when it is absent or shorter. */
uint32_t chim_rtnl_u32(const struct rtattr *attr);

#endif
