/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A client for tests of the vfio-user server: bytes and numbers written down here from the protocol
 * text, not taken from the headers that server and library share. Hard part: none; one process
 * plays both sides, by letting the server run between sending and receiving.
 */
#ifndef CHIM_TESTS_VFU_CLIENT_H
#define CHIM_TESTS_VFU_CLIENT_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim/vfio_user/vfu_server.h"
#include "tests/unit/tap.h"

#define MAX_BODY 4096

struct reply {
	int got; /* bytes; 0 none; -1 connection closed */
	uint16_t id, command;
	uint32_t size, flags, error;
	uint8_t body[MAX_BODY];
	size_t len; /* of body */
};

__attribute__((unused)) static int client_connect(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(a.sun_path, path);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a))) {
		close(fd);
		return -1;
	}
	return fd;
}

__attribute__((unused)) static void put16(uint8_t *p, unsigned int v)
{
	uint16_t x = (uint16_t)v;

	memcpy(p, &x, 2);
}

__attribute__((unused)) static void put32(uint8_t *p, uint64_t v)
{
	uint32_t x = (uint32_t)v;

	memcpy(p, &x, 4);
}

__attribute__((unused)) static void put64(uint8_t *p, uint64_t v)
{
	memcpy(p, &v, 8);
}

__attribute__((unused)) static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

__attribute__((unused)) static uint64_t get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return v;
}

__attribute__((unused)) static unsigned int open_descriptors(void)
{
	unsigned int n = 0;
	int fd;

	for (fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Send bytes as they are, with descriptors. */
__attribute__((unused)) static void client_raw(int fd, const void *bytes, size_t len,
					       const int *fds, int n)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * 250)];
	} control;
	struct iovec iov = { (void *)(uintptr_t)bytes, len };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n) {
		mh.msg_control = &control;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)n);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int) * (size_t)n);
		memcpy(CMSG_DATA(&control.align), fds, sizeof(int) * (size_t)n);
	}
	/* What does not go is for the server to notice. */
	if (sendmsg(fd, &mh, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
}

/* A message: 16 bytes of header as the text draws them, then the body. */
__attribute__((unused)) static void client_send(int fd, unsigned int id, unsigned int command,
						unsigned int flags, const void *body, size_t len,
						const int *fds, int n)
{
	uint8_t *m = malloc(16 + len);

	put16(m, id);
	put16(m + 2, command);
	put32(m + 4, 16 + len);
	put32(m + 8, flags);
	put32(m + 12, 0);
	if (len)
		memcpy(m + 16, body, len);
	client_raw(fd, m, 16 + len, fds, n);
	free(m);
}

/* Answer, in advance, command @id of the server. */
__attribute__((unused)) static void answer(int fd, unsigned int id, unsigned int command,
					   unsigned int flags, uint64_t addr, uint64_t count,
					   const void *data, size_t len)
{
	uint8_t b[16 + 4096];

	put64(b, addr);
	put64(b + 8, count);
	if (len)
		memcpy(b + 16, data, len);
	client_send(fd, id, command, flags, b, 16 + len, NULL, 0);
}

/* What the server sent, if anything. */
__attribute__((unused)) static struct reply client_receive(int fd)
{
	struct reply r = { 0 };
	uint8_t h[16];
	ssize_t n = recv(fd, h, 16, MSG_DONTWAIT);

	if (n == 0) {
		r.got = -1;
		return r;
	}
	if (n != 16)
		return r;
	memcpy(&r.id, h, 2);
	memcpy(&r.command, h + 2, 2);
	r.size = get32(h + 4);
	r.flags = get32(h + 8);
	r.error = get32(h + 12);
	r.len = r.size - 16;
	if (r.len > MAX_BODY || recv(fd, r.body, r.len, MSG_DONTWAIT) != (ssize_t)r.len)
		r.len = 0;
	r.got = (int)r.size;
	return r;
}

/* Command and answer. */
__attribute__((unused)) static struct reply ask(struct vfu_server *s, int fd, unsigned int command,
						const void *body, size_t len, const int *fds, int n)
{
	client_send(fd, 77, command, 0, body, len, fds, n);
	vfu_server_run(s, 10);
	return client_receive(fd);
}

/* The answer is an error with this number. */
__attribute__((unused)) static int refused(const struct reply *r, int error)
{
	return r->got == 16 && r->flags == (1 | 1 << 5) && r->error == (uint32_t)error &&
	       r->id == 77;
}

__attribute__((unused)) static int fine(const struct reply *r)
{
	return r->got >= 16 && r->flags == 1 && r->error == 0 && r->id == 77;
}

/* Connect and agree on version 0.0. */
__attribute__((unused)) static int client_open(struct vfu_server *s, const char *path)
{
	const uint8_t version[4] = { 0 };
	int fd = client_connect(path);
	struct reply r;

	vfu_server_run(s, 1);
	r = ask(s, fd, 1, version, 4, NULL, 0);
	if (!fine(&r))
		OK(0, "version is agreed");
	return fd;
}

__attribute__((unused)) static struct reply dma_map(struct vfu_server *s, int fd, uint32_t flags,
						    uint64_t offset, uint64_t addr, uint64_t size,
						    const int *fds, int n)
{
	uint8_t b[32];

	put32(b, 32);
	put32(b + 4, flags);
	put64(b + 8, offset);
	put64(b + 16, addr);
	put64(b + 24, size);
	return ask(s, fd, 2, b, 32, fds, n);
}

__attribute__((unused)) static struct reply dma_unmap(struct vfu_server *s, int fd, uint64_t addr,
						      uint64_t size)
{
	uint8_t b[24] = { 24 };

	put64(b + 8, addr);
	put64(b + 16, size);
	return ask(s, fd, 3, b, 24, NULL, 0);
}

__attribute__((unused)) static struct reply
region_read(struct vfu_server *s, int fd, uint32_t region, uint64_t off, uint32_t count)
{
	uint8_t b[16];

	put64(b, off);
	put32(b + 8, region);
	put32(b + 12, count);
	return ask(s, fd, 9, b, 16, NULL, 0);
}

__attribute__((unused)) static struct reply region_write(struct vfu_server *s, int fd,
							 uint32_t region, uint64_t off,
							 const void *data, uint32_t count)
{
	uint8_t b[16 + 256];

	put64(b, off);
	put32(b + 8, region);
	put32(b + 12, count);
	memcpy(b + 16, data, count);
	return ask(s, fd, 10, b, 16 + count, NULL, 0);
}

__attribute__((unused)) static struct reply set_irqs(struct vfu_server *s, int fd, uint32_t flags,
						     uint32_t index, uint32_t start, uint32_t count,
						     const void *data, size_t len, const int *fds,
						     int n)
{
	uint8_t b[20 + 64];

	put32(b, 20 + len);
	put32(b + 4, flags);
	put32(b + 8, index);
	put32(b + 12, start);
	put32(b + 16, count);
	if (len)
		memcpy(b + 20, data, len);
	return ask(s, fd, 8, b, 20 + len, fds, n);
}

#endif
