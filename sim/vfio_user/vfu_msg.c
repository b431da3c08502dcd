/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * vfio-user messages on a socket, see vfu_msg.h. Hard part: descriptors come with the first byte of
 * the message they belong to, so no read may run into the next message.
 */
#include "vfu_msg.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

void vfu_receiver_init(struct vfu_receiver *r, int sock)
{
	*r = (struct vfu_receiver){ .sock = sock };
}

void vfu_msg_done(struct vfu_msg *msg)
{
	unsigned int i;

	for (i = 0; i < msg->fd_count; i++)
		if (msg->fds[i] >= 0)
			close(msg->fds[i]);
	msg->fd_count = 0;
}

void vfu_msg_free(struct vfu_msg *msg)
{
	vfu_msg_done(msg);
	free(msg->payload);
	msg->payload = NULL;
}

void vfu_msg_detach(struct vfu_receiver *r, struct vfu_msg *msg)
{
	*msg = r->msg;
	r->msg.payload = NULL;
	r->msg.fd_count = 0;
	r->room = 0;
}

void vfu_receiver_fini(struct vfu_receiver *r)
{
	vfu_msg_free(&r->msg);
	r->room = 0;
	r->have = 0;
}

/* Keep the descriptors that came; those beyond the limit are closed, and the message is refused. */
static void take_fds(struct vfu_receiver *r, struct msghdr *mh)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		size_t n, i;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (r->msg.fd_count < VFU_MAX_FDS) {
				r->msg.fds[r->msg.fd_count++] = fd;
			} else {
				close(fd);
				r->too_many_fds = 1;
			}
		}
	}
	if (mh->msg_flags & MSG_CTRUNC)
		r->too_many_fds = 1;
}

/* Read up to @want bytes to @at. Count, 0 nothing there, -ECONNRESET. */
static ssize_t read_some(struct vfu_receiver *r, void *at, size_t want)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * VFU_MAX_FDS)];
	} control;
	struct iovec iov = { .iov_base = at, .iov_len = want };
	struct msghdr mh = { .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.bytes,
			     .msg_controllen = sizeof(control.bytes) };
	ssize_t got = recvmsg(r->sock, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -ECONNRESET;
	if (got == 0)
		return -ECONNRESET;
	take_fds(r, &mh);
	return got;
}

static int make_room(struct vfu_receiver *r, size_t len)
{
	uint8_t *p;

	if (len <= r->room && r->msg.payload)
		return 0;
	p = realloc(r->msg.payload, len ? len : 1);
	if (!p)
		return -ENOMEM;
	r->msg.payload = p;
	r->room = len ? len : 1;
	return 0;
}

int vfu_receive(struct vfu_receiver *r, struct vfu_msg **msg)
{
	const size_t head = sizeof(r->msg.header);

	for (;;) {
		ssize_t got;

		if (r->have < head)
			got = read_some(r, (uint8_t *)&r->msg.header + r->have, head - r->have);
		else if (r->have < r->msg.header.size)
			got = read_some(r, r->msg.payload + (r->have - head),
					r->msg.header.size - r->have);
		else
			break;
		if (got <= 0)
			return (int)got;
		r->have += (size_t)got;
		if (r->have != head)
			continue;
		if (r->msg.header.size < head || r->msg.header.size > VFU_MAX_MESSAGE)
			return -EPROTO;
		if (make_room(r, r->msg.header.size - head))
			return -ENOMEM;
	}
	if (r->too_many_fds)
		return -EPROTO;
	r->msg.len = r->msg.header.size - head;
	r->have = 0;
	*msg = &r->msg;
	return 1;
}

int vfu_wait(int sock, short events, int timeout_ms)
{
	struct pollfd pfd = { .fd = sock, .events = events };

	/* An interrupting signal counts as a time-out: the caller's bound stays a bound. */
	return poll(&pfd, 1, timeout_ms) > 0 ? 0 : -ETIMEDOUT;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int vfu_send(int sock, struct vfu_header *header, const struct vfu_part *parts, unsigned int count,
	     const int *fds, unsigned int fd_count, int timeout_ms)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * VFU_MAX_FDS)];
	} control = { 0 };
	struct iovec iov[4];
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = 1 + count };
	int64_t end = now_ms() + timeout_ms;
	size_t left = sizeof(*header);
	unsigned int i;

	iov[0] = (struct iovec){ header, sizeof(*header) };
	for (i = 0; i < count; i++) {
		iov[1 + i] = (struct iovec){ (void *)(uintptr_t)parts[i].data, parts[i].len };
		left += parts[i].len;
	}
	header->size = (uint32_t)left;
	if (fd_count) {
		struct cmsghdr *c = &control.align;

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * fd_count);
		mh.msg_control = control.bytes;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
	}
	while (left) {
		/* Before the try: room that was made in time counts, however late we look. */
		int64_t wait = end - now_ms();
		ssize_t sent = sendmsg(sock, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0) {
			if (errno == EINTR)
				continue;
			if (errno != EAGAIN)
				return -ECONNRESET;
			if (wait <= 0 || vfu_wait(sock, POLLOUT, (int)wait))
				return -ETIMEDOUT;
			continue;
		}
		left -= (size_t)sent;
		/* The descriptors went with the first byte. */
		mh.msg_control = NULL;
		mh.msg_controllen = 0;
		while (sent && mh.msg_iovlen) {
			size_t step = mh.msg_iov->iov_len < (size_t)sent ? mh.msg_iov->iov_len
									 : (size_t)sent;

			mh.msg_iov->iov_base = (char *)mh.msg_iov->iov_base + step;
			mh.msg_iov->iov_len -= step;
			sent -= (ssize_t)step;
			if (!mh.msg_iov->iov_len) {
				mh.msg_iov++;
				mh.msg_iovlen--;
			}
		}
	}
	return 0;
}

int vfu_json_number(const char *text, const char *name, uint64_t *value)
{
	size_t len = strlen(name);
	const char *p = text;

	/* The capabilities are flat and have no name that is another's value: a scan is enough. */
	while ((p = strchr(p, '"'))) {
		const char *q = p + 1;

		p = strchr(q, '"');
		if (!p)
			return 0;
		if ((size_t)(p - q) == len && !memcmp(q, name, len)) {
			q = p + 1;
			q += strspn(q, " \t\r\n");
			if (*q++ == ':') {
				q += strspn(q, " \t\r\n");
				if (isdigit((unsigned char)*q)) {
					*value = strtoull(q, NULL, 10);
					return 1;
				}
			}
		}
		p++;
	}
	return 0;
}
