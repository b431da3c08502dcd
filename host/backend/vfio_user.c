/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Back end vfio-user: a device in another process behind a UNIX socket, chimney-model or any other
 * server of the protocol. Hard part: while we wait for an answer the device may want our memory:
 * its commands are served in between, and every wait has an end.
 * Source: QEMU docs/interop/vfio-user.rst.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../../sim/vfio_user/vfu_msg.h"
#include "kinds.h"
#include "pci.h"

#define ANSWER_MS     5000 /* longest wait for an answer; a model's reset may be slow */
#define POLL_COMMANDS 64   /* most commands of the server that one poll serves */
#define MAPS	      64   /* mappings; the library uses one arena and a few pieces */

struct mapping {
	uint8_t *va;
	uint64_t iova;
	size_t len;
};

struct vfio_user {
	struct chim_pci pci;
	int sock;
	uint16_t next_id;
	uint64_t max_fds; /* that the server takes in one message */
	struct vfu_receiver receiver;
	struct mapping map[MAPS];
	unsigned int maps;
};

static struct vfio_user *to_user(struct chim_pci *p)
{
	return (struct vfio_user *)p;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Our memory at [iova, iova + len), or NULL. */
static uint8_t *lookup(struct vfio_user *u, uint64_t iova, uint64_t len)
{
	unsigned int i;

	for (i = 0; i < u->maps; i++) {
		const struct mapping *m = &u->map[i];

		if (iova >= m->iova && iova - m->iova < m->len && len <= m->len - (iova - m->iova))
			return m->va + (iova - m->iova);
	}
	return NULL;
}

/* DMA_READ or DMA_WRITE of the server. 0; -errno the connection is lost. */
static int serve(struct vfio_user *u, const struct vfu_msg *msg)
{
	struct vfu_header h = { .id = msg->header.id,
				.command = msg->header.command,
				.flags = VFU_F_REPLY };
	struct vfu_part part[2] = { { 0 } };
	struct vfu_dma_access a = { 0 };
	uint8_t *at = NULL;
	int err = EINVAL;

	if (msg->len >= sizeof(a)) {
		memcpy(&a, msg->payload, sizeof(a));
		part[0] = (struct vfu_part){ &a, sizeof(a) };
		at = lookup(u, a.addr, a.count);
	}
	if (h.command == VFU_DMA_READ && msg->len == sizeof(a) && a.count <= VFU_DEFAULT_MAX_XFER) {
		part[1] = (struct vfu_part){ at, (size_t)a.count };
		err = at ? 0 : EFAULT;
	} else if (h.command == VFU_DMA_WRITE && msg->len >= sizeof(a) &&
		   msg->len - sizeof(a) == a.count) {
		err = at ? 0 : EFAULT;
		if (at)
			memcpy(at, msg->payload + sizeof(a), (size_t)a.count);
	}
	if (msg->header.flags & VFU_F_NO_REPLY)
		return 0;
	if (err) {
		h.flags |= VFU_F_ERROR;
		h.error = (uint32_t)err;
	}
	return vfu_send(u->sock, &h, part,
			err			    ? 0
			: h.command == VFU_DMA_READ ? 2
						    : 1,
			NULL, 0, ANSWER_MS);
}

/*
 * One command and its answer.
 * @fixed, @fixed_len: fixed part of the command, and of the answer, which overwrites it
 * @out, @in: data behind it, of the command and of the answer
 * 0; -errno of the answer; -ENODEV the connection is lost; -ETIMEDOUT; -EPROTO the answer is
 * malformed.
 */
struct call {
	uint16_t command;
	void *fixed;
	size_t fixed_len;
	const void *out;
	size_t out_len;
	void *in;
	size_t in_len;
	const int *fds;
	unsigned int fd_count;
	int any_length; /* the answer may be shorter or longer than fixed and in */
};

static int finish(const struct call *c, const struct vfu_msg *msg)
{
	/* Only the fixed part comes back of a command without data to read. */
	size_t fixed = c->command == VFU_DMA_MAP || c->command == VFU_SET_IRQS ? 0 : c->fixed_len;

	if (msg->header.flags & VFU_F_ERROR)
		return msg->header.error && msg->header.error < 4096 ? -(int)msg->header.error
								     : -EIO;
	if (c->any_length) {
		size_t n = msg->len < c->in_len ? msg->len : c->in_len;

		memcpy(c->in, msg->payload, n);
		return 0;
	}
	if (msg->len < fixed + c->in_len)
		return -EPROTO;
	if (fixed)
		memcpy(c->fixed, msg->payload, fixed);
	if (c->in_len)
		memcpy(c->in, msg->payload + fixed, c->in_len);
	return 0;
}

static int call(struct vfio_user *u, const struct call *c)
{
	struct vfu_header h = { .id = u->next_id++, .command = c->command, .flags = VFU_F_COMMAND };
	struct vfu_part part[2] = { { c->fixed, c->fixed_len }, { c->out, c->out_len } };
	int64_t end = now_ms() + ANSWER_MS;
	int err;

	if (vfu_send(u->sock, &h, part,
		     c->out_len	    ? 2
		     : c->fixed_len ? 1
				    : 0,
		     c->fds, c->fd_count, ANSWER_MS))
		return -ENODEV;
	for (;;) {
		struct vfu_msg *msg;
		int64_t left = end - now_ms();
		int r = vfu_receive(&u->receiver, &msg);

		if (r < 0)
			return -ENODEV;
		if (r == 0) {
			if (left <= 0)
				return -ETIMEDOUT;
			vfu_wait(u->sock, POLLIN, (int)left);
			continue;
		}
		if ((msg->header.flags & VFU_F_TYPE) == VFU_F_COMMAND) {
			err = serve(u, msg);
			vfu_msg_done(msg);
			if (err)
				return -ENODEV;
			continue;
		}
		/* An answer to a command that we gave up on. */
		if (msg->header.id != h.id || msg->header.command != h.command) {
			vfu_msg_done(msg);
			continue;
		}
		err = finish(c, msg);
		vfu_msg_done(msg);
		return err;
	}
}

static void user_close(struct chim_pci *p)
{
	struct vfio_user *u = to_user(p);

	vfu_receiver_fini(&u->receiver);
	close(u->sock);
	free(u);
}

static int user_region_size(struct chim_pci *p, unsigned int index, uint64_t *size)
{
	struct vfio_region_info r = { .argsz = sizeof(r), .index = index };
	struct call c = { .command = VFU_GET_REGION_INFO, .fixed = &r, .fixed_len = sizeof(r) };
	int err = call(to_user(p), &c);

	*size = err ? 0 : r.size;
	return err;
}

static int user_read(struct chim_pci *p, unsigned int region, uint64_t off, void *buf, size_t len)
{
	struct vfu_region_access a = { .offset = off, .region = region, .count = (uint32_t)len };
	struct call c = { .command = VFU_REGION_READ,
			  .fixed = &a,
			  .fixed_len = sizeof(a),
			  .in = buf,
			  .in_len = len };

	return call(to_user(p), &c);
}

/* Not posted: so a doorbell has reached the device when the call returns, and errors are seen. */
static int user_write(struct chim_pci *p, unsigned int region, uint64_t off, const void *buf,
		      size_t len)
{
	struct vfu_region_access a = { .offset = off, .region = region, .count = (uint32_t)len };
	struct call c = { .command = VFU_REGION_WRITE,
			  .fixed = &a,
			  .fixed_len = sizeof(a),
			  .out = buf,
			  .out_len = len };

	return call(to_user(p), &c);
}

static int user_irq_count(struct chim_pci *p, unsigned int index, unsigned int *count)
{
	struct vfio_irq_info i = { .argsz = sizeof(i), .index = index };
	struct call c = { .command = VFU_GET_IRQ_INFO, .fixed = &i, .fixed_len = sizeof(i) };
	int err = call(to_user(p), &c);

	*count = err ? 0 : i.count;
	return err;
}

static unsigned int user_max_fds(struct chim_pci *p)
{
	return (unsigned int)to_user(p)->max_fds;
}

static int user_set_irqs(struct chim_pci *p, unsigned int index, unsigned int start,
			 unsigned int count, const int *fds)
{
	struct vfio_irq_set set = { .argsz = sizeof(set),
				    .flags = VFIO_IRQ_SET_ACTION_TRIGGER |
					     (fds ? VFIO_IRQ_SET_DATA_EVENTFD
						  : VFIO_IRQ_SET_DATA_NONE),
				    .index = index,
				    .start = start,
				    .count = count };
	struct call c = { .command = VFU_SET_IRQS,
			  .fixed = &set,
			  .fixed_len = sizeof(set),
			  .fds = fds,
			  .fd_count = fds ? count : 0 };

	return call(to_user(p), &c);
}

static int user_map(struct chim_pci *p, void *va, size_t len, uint64_t iova, int fd,
		    uint64_t fd_off)
{
	struct vfio_user *u = to_user(p);
	struct vfu_dma_map m = { .argsz = sizeof(m),
				 .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
				 .offset = fd >= 0 ? fd_off : 0,
				 .addr = iova,
				 .size = len };
	struct call c = { .command = VFU_DMA_MAP,
			  .fixed = &m,
			  .fixed_len = sizeof(m),
			  .fds = &fd,
			  .fd_count = fd >= 0 };
	int err;

	if (u->maps == MAPS)
		return -ENOMEM;
	/* Known to us before it is known to the device, which may use it at once. */
	u->map[u->maps++] = (struct mapping){ va, iova, len };
	err = call(u, &c);
	if (err)
		u->maps--;
	return err;
}

static int user_unmap(struct chim_pci *p, uint64_t iova, size_t len)
{
	struct vfio_user *u = to_user(p);
	struct vfu_dma_unmap m = { .argsz = sizeof(m), .addr = iova, .size = len };
	struct call c = { .command = VFU_DMA_UNMAP, .fixed = &m, .fixed_len = sizeof(m) };
	unsigned int i;
	int err;

	for (i = 0; i < u->maps; i++)
		if (u->map[i].iova == iova && u->map[i].len == len)
			break;
	if (i == u->maps)
		return -ENOENT;
	err = call(u, &c);
	if (!err)
		u->map[i] = u->map[--u->maps];
	return err;
}

static int user_reset(struct chim_pci *p)
{
	struct call c = { .command = VFU_RESET };

	return call(to_user(p), &c);
}

/* Serve what the device asks for by itself. */
static int user_poll(struct chim_pci *p)
{
	struct vfio_user *u = to_user(p);
	unsigned int i;

	for (i = 0; i < POLL_COMMANDS; i++) {
		struct vfu_msg *msg;
		int r = vfu_receive(&u->receiver, &msg);

		if (r == 0)
			return 0;
		if (r < 0)
			return -ENODEV;
		if ((msg->header.flags & VFU_F_TYPE) == VFU_F_COMMAND)
			r = serve(u, msg);
		vfu_msg_done(msg);
		if (r < 0)
			return -ENODEV;
	}
	return 0;
}

static int user_pollfd(struct chim_pci *p)
{
	return to_user(p)->sock;
}

static const struct chim_pci_transport user_transport = {
	.name = "vfio-user",
	.close = user_close,
	.region_size = user_region_size,
	.read = user_read,
	.write = user_write,
	.irq_count = user_irq_count,
	.max_fds = user_max_fds,
	.set_irqs = user_set_irqs,
	.map = user_map,
	.unmap = user_unmap,
	.reset = user_reset,
	.poll = user_poll,
	.pollfd = user_pollfd,
};

static int connect_to(const char *path, int *sock)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int err = 0;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -EINVAL;
	strcpy(addr.sun_path, path);
	*sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*sock < 0)
		return -errno;
	if (connect(*sock, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		err = errno == ECONNREFUSED || errno == EAGAIN ? -ENOENT : -errno;
		close(*sock);
	}
	return err;
}

/* Version and capabilities, then what kind of device it is. */
static int greet(struct vfio_user *u)
{
	static const char caps[] =
		"{\"capabilities\":{\"max_msg_fds\":64,\"max_data_xfer_size\":1048576}}";
	struct vfu_version v = { VFU_MAJOR, VFU_MINOR };
	struct vfu_device_info info = { .argsz = sizeof(info) };
	union {
		struct vfu_version version;
		char text[1024];
	} answer = { .text = { 0 } };
	struct call version = { .command = VFU_VERSION,
				.fixed = &v,
				.fixed_len = sizeof(v),
				.out = caps,
				.out_len = sizeof(caps),
				.in = &answer,
				.in_len = sizeof(answer) - 1,
				.any_length = 1 };
	struct call device = { .command = VFU_GET_INFO, .fixed = &info, .fixed_len = sizeof(info) };
	int err;

	err = call(u, &version);
	if (err)
		return err == -ENODEV ? -ENODEV : -EPROTO;
	if (answer.version.major != VFU_MAJOR || answer.version.minor > VFU_MINOR)
		return -EPROTO;
	vfu_json_number(answer.text + sizeof(v), "max_msg_fds", &u->max_fds);
	if (u->max_fds < 1)
		return -EPROTO;
	if (u->max_fds > VFU_MAX_FDS)
		u->max_fds = VFU_MAX_FDS;
	err = call(u, &device);
	if (err)
		return err;
	if (!(info.flags & VFIO_DEVICE_FLAGS_PCI) || info.num_regions < VFIO_PCI_NUM_REGIONS ||
	    info.num_irqs <= VFIO_PCI_MSIX_IRQ_INDEX)
		return -EPROTO;
	return 0;
}

int chim_vfio_user_open(const char *name, struct chim_backend **be)
{
	struct vfio_user *u = calloc(1, sizeof(*u));
	int err;

	if (!u)
		return -ENOMEM;
	u->max_fds = VFU_DEFAULT_MAX_FDS;
	err = connect_to(name, &u->sock);
	if (err) {
		free(u);
		return err;
	}
	vfu_receiver_init(&u->receiver, u->sock);
	err = greet(u);
	if (err)
		goto err_close;
	err = chim_pci_open(&u->pci, &user_transport);
	if (err)
		goto err_pci;
	*be = &u->pci.base;
	return 0;

err_pci:
	chim_pci_close(&u->pci);
err_close:
	user_close(&u->pci);
	return err;
}
