/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Connections of the vfio-user server, and its own commands to the client (DMA by messages). Hard
 * part: while we wait for the answer to such a command, the client's commands keep coming; they are
 * queued, in order, within bounds.
 */
#include "vfu_server.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "vfu_session.h"

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void drop(struct vfu_server *s)
{
	if (s->client < 0)
		return;
	vfu_forget(s);
	vfu_receiver_fini(&s->receiver);
	close(s->client);
	s->client = -1;
	if (s->device.gone)
		s->device.gone(s->device.ctx);
}

/* The stream cannot be trusted any more. */
static void drop_bad(struct vfu_server *s)
{
	s->counts.dropped++;
	drop(s);
}

/* Nobody listens on an old socket of ours: remove it. */
static int clear_stale(const struct sockaddr_un *addr)
{
	struct stat st;
	int fd, err = 0;

	if (lstat(addr->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EADDRINUSE;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) || errno != ECONNREFUSED)
		err = -EADDRINUSE;
	close(fd);
	if (!err && unlink(addr->sun_path) < 0)
		err = -errno;
	return err;
}

int vfu_server_create(const char *path, const struct vfu_device *device, int timeout_ms,
		      struct vfu_server **server)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct vfu_server *s;
	unsigned int i, v;
	int err;

	if (!*path || strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	err = clear_stale(&addr);
	if (err)
		return err;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->device = *device;
	s->timeout_ms = timeout_ms;
	s->client = -1;
	s->next = -1;
	for (i = 0; i < VFU_IRQS; i++)
		for (v = 0; v < VFU_VECTORS; v++)
			s->irq_fds[i][v] = -1;
	s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->listener < 0) {
		err = -errno;
		goto err_free;
	}
	if (bind(s->listener, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		err = -errno;
		goto err_close;
	}
	strcpy(s->path, path);
	/* Who may connect may use the device: the owner alone. */
	if (chmod(path, 0600) < 0 || listen(s->listener, 4) < 0) {
		err = -errno;
		goto err_unlink;
	}
	*server = s;
	return 0;

err_unlink:
	unlink(path);
err_close:
	close(s->listener);
err_free:
	free(s);
	return err;
}

void vfu_server_destroy(struct vfu_server *s)
{
	if (!s)
		return;
	drop(s);
	if (s->next >= 0)
		close(s->next);
	close(s->listener);
	unlink(s->path);
	free(s);
}

void vfu_server_fds(const struct vfu_server *s, int *listener, int *client)
{
	*listener = s->listener;
	*client = s->client;
}

/*
 * One client at a time: a second one is turned away, unless the first has left meanwhile; then it
 * waits until what the first still sent is done.
 */
static void accept_client(struct vfu_server *s)
{
	if (s->next < 0)
		s->next = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (s->next < 0)
		return;
	if (s->client >= 0) {
		if (vfu_wait(s->client, POLLRDHUP, 0)) {
			close(s->next);
			s->next = -1;
		}
		return;
	}
	s->client = s->next;
	s->next = -1;
	s->max_xfer = VFU_DEFAULT_MAX_XFER;
	s->counts.clients++;
	s->greet_by = now_ms() + s->timeout_ms;
	s->next_id = 0;
	vfu_receiver_init(&s->receiver, s->client);
}

static void answer(struct vfu_server *s, const struct vfu_msg *msg, int err,
		   const struct vfu_reply *reply)
{
	struct vfu_header h = { .id = msg->header.id,
				.command = msg->header.command,
				.flags = VFU_F_REPLY | (err ? VFU_F_ERROR : 0),
				.error = (uint32_t)-err };

	if (s->client < 0 || (msg->header.flags & VFU_F_NO_REPLY))
		return;
	if (vfu_send(s->client, &h, reply->part, err ? 0 : reply->parts, NULL, 0, s->timeout_ms))
		drop_bad(s);
}

static void handle(struct vfu_server *s, struct vfu_msg *msg)
{
	struct vfu_reply reply = { .parts = 0 };
	int err = -EINVAL;

	/* An answer to nothing; a time-out of ours may have given up on its question. */
	if ((msg->header.flags & VFU_F_TYPE) == VFU_F_REPLY)
		return;
	if ((msg->header.flags & ~VFU_F_NO_REPLY) == VFU_F_COMMAND)
		err = vfu_command(s, msg, &reply);
	s->counts.messages++;
	s->counts.errors += err != 0;
	answer(s, msg, err, &reply);
	free(reply.data);
	/* A version we do not speak: nothing more can be said. */
	if (err == -EPROTONOSUPPORT)
		drop(s);
}

/* Next command: one that was queued, or from the socket. 1, 0 none. */
static int next_command(struct vfu_server *s, struct vfu_msg *msg)
{
	struct vfu_msg *got;
	int r;

	if (s->queue_count) {
		*msg = s->queue[s->queue_head];
		s->queue_head = (s->queue_head + 1) % VFU_QUEUE;
		s->queue_count--;
		s->queue_bytes -= msg->len;
		return 1;
	}
	if (s->client < 0)
		return 0;
	r = vfu_receive(&s->receiver, &got);
	if (r == 1)
		vfu_msg_detach(&s->receiver, msg);
	else if (r == -ECONNRESET)
		drop(s);
	else if (r < 0)
		drop_bad(s);
	return r == 1;
}

unsigned int vfu_server_run(struct vfu_server *s, unsigned int max)
{
	/* From before the socket is looked at: what came in time counts, however late we look. */
	const int64_t now = now_ms();
	unsigned int n;

	accept_client(s);
	for (n = 0; n < max; n++) {
		struct vfu_msg msg;

		if (!next_command(s, &msg))
			break;
		handle(s, &msg);
		vfu_msg_free(&msg);
	}
	/* Who connects and says nothing must not keep others out. */
	if (s->client >= 0 && !s->greeted && now > s->greet_by)
		drop_bad(s);
	if (s->client < 0 && s->next >= 0)
		accept_client(s);
	return n;
}

/* The reply to command @id, other commands are queued meanwhile. 0; -EIO the connection is lost. */
static int await_reply(struct vfu_server *s, uint16_t id, uint16_t command, struct vfu_msg *reply)
{
	int64_t end = now_ms() + s->timeout_ms;

	for (;;) {
		struct vfu_msg *got, msg;
		int64_t left = end - now_ms();
		int r = vfu_receive(&s->receiver, &got);

		if (r == 0) {
			if (left > 0 && !vfu_wait(s->client, POLLIN, (int)left))
				continue;
			r = -ETIMEDOUT;
		}
		if (r < 0)
			break;
		vfu_msg_detach(&s->receiver, &msg);
		if ((msg.header.flags & VFU_F_TYPE) == VFU_F_REPLY) {
			if (msg.header.id == id && msg.header.command == command) {
				*reply = msg;
				return 0;
			}
			vfu_msg_free(&msg);
			continue;
		}
		if (s->queue_count == VFU_QUEUE || s->queue_bytes + msg.len > VFU_QUEUE_BYTES) {
			vfu_msg_free(&msg);
			break;
		}
		s->queue[(s->queue_head + s->queue_count++) % VFU_QUEUE] = msg;
		s->queue_bytes += msg.len;
	}
	drop_bad(s);
	return -EIO;
}

/* One DMA_READ or DMA_WRITE message. */
static int dma_message(struct vfu_server *s, uint64_t addr, void *buf, size_t len, int write)
{
	const uint16_t command = write ? VFU_DMA_WRITE : VFU_DMA_READ;
	struct vfu_dma_access a = { .addr = addr, .count = len };
	struct vfu_part part[2] = { { &a, sizeof(a) }, { buf, len } };
	struct vfu_header h = { .id = s->next_id++, .command = command, .flags = VFU_F_COMMAND };
	struct vfu_msg reply;
	int err;

	if (vfu_send(s->client, &h, part, write ? 2 : 1, NULL, 0, s->timeout_ms)) {
		drop_bad(s);
		return -EIO;
	}
	err = await_reply(s, h.id, command, &reply);
	if (err)
		return err;
	s->counts.dma_message++;
	if (reply.header.flags & VFU_F_ERROR)
		err = -EIO;
	else if (!write && (reply.len != sizeof(a) + len || memcmp(reply.payload, &a, sizeof(a))))
		err = -EIO;
	else if (!write)
		memcpy(buf, reply.payload + sizeof(a), len);
	vfu_msg_free(&reply);
	return err;
}

static int dma_access(struct vfu_server *s, uint64_t iova, uint8_t *buf, size_t len, int write)
{
	if (!vfu_dma_covers(&s->dma, iova, len,
			    write ? VFIO_DMA_MAP_FLAG_WRITE : VFIO_DMA_MAP_FLAG_READ))
		return -EFAULT;
	while (len) {
		/* While we wait the table stays: commands are queued. It empties with a loss. */
		const struct vfu_dma_region *r = vfu_dma_find(&s->dma, iova);
		uint64_t there;
		size_t n;
		int err;

		if (!r)
			return -EIO;
		there = r->size - (iova - r->addr);
		n = there < len ? (size_t)there : len;
		if (r->map && write) {
			vfu_copy_ordered(r->map + (iova - r->addr), buf, n);
			s->counts.dma_direct++;
		} else if (r->map) {
			memcpy(buf, r->map + (iova - r->addr), n);
			s->counts.dma_direct++;
		} else {
			n = n < s->max_xfer ? n : (size_t)s->max_xfer;
			err = dma_message(s, iova, buf, n, write);
			if (err)
				return err;
		}
		iova += n;
		buf += n;
		len -= n;
	}
	return 0;
}

int vfu_dma_read(struct vfu_server *s, uint64_t iova, void *buf, size_t len)
{
	return dma_access(s, iova, buf, len, 0);
}

int vfu_dma_write(struct vfu_server *s, uint64_t iova, const void *buf, size_t len)
{
	return dma_access(s, iova, (uint8_t *)(uintptr_t)buf, len, 1);
}

int vfu_server_connected(const struct vfu_server *s)
{
	return s->client >= 0 && s->greeted;
}

const struct vfu_counts *vfu_server_counts(const struct vfu_server *s)
{
	return &s->counts;
}
