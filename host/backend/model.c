/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Back end model, see model.h. Hard part: interrupts come from inside poll, on the owner's thread,
 * and still are eventfds, so that the driver cannot tell.
 */
#include "model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kinds.h"

#define VECTORS 32 /* irq_vector of the device has five bits */

struct mapping {
	uint8_t *va;
	uint64_t iova;
	size_t len;
};

struct model_backend {
	struct chim_backend base;
	struct chim_shell *shell;
	int irq_fds[VECTORS];
	struct mapping *map; /* sorted by iova */
	size_t maps, room;
	size_t last; /* where the last access was found: accesses cluster */
};

static struct model_backend *to_model(struct chim_backend *be)
{
	return (struct model_backend *)be;
}

static int inside(const struct mapping *m, uint64_t iova, size_t len)
{
	return iova >= m->iova && iova - m->iova < m->len && len <= m->len - (iova - m->iova);
}

/* Index of the first mapping that ends above @iova. */
static size_t lower(const struct model_backend *b, uint64_t iova)
{
	size_t lo = 0, hi = b->maps;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (b->map[mid].iova + (b->map[mid].len - 1) < iova)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* A burst never crosses a page, mappings are whole pages: one mapping holds all of it. */
static uint8_t *lookup(struct model_backend *b, uint64_t iova, size_t len)
{
	if (b->last >= b->maps || !inside(&b->map[b->last], iova, len))
		b->last = lower(b, iova);
	if (b->last >= b->maps || !inside(&b->map[b->last], iova, len))
		return NULL;
	return b->map[b->last].va + (iova - b->map[b->last].iova);
}

static int host_read(void *ctx, uint64_t iova, void *buf, size_t len)
{
	uint8_t *at = lookup(ctx, iova, len);

	if (!at)
		return -EFAULT;
	memcpy(buf, at, len);
	return 0;
}

static int host_write(void *ctx, uint64_t iova, const void *buf, size_t len)
{
	uint8_t *at = lookup(ctx, iova, len);

	if (!at)
		return -EFAULT;
	memcpy(at, buf, len);
	return 0;
}

static void host_irq(void *ctx, unsigned int vector)
{
	struct model_backend *b = ctx;

	/* Fails only when the count is at its end: then it is readable anyway. */
	if (vector < VECTORS && eventfd_write(b->irq_fds[vector], 1) < 0)
		return;
}

static const struct chim_shell_host host = { host_read, host_write, host_irq };

static void model_close(struct chim_backend *be)
{
	struct model_backend *b = to_model(be);
	unsigned int i;

	chim_shell_close(b->shell);
	for (i = 0; i < VECTORS; i++)
		if (b->irq_fds[i] >= 0)
			close(b->irq_fds[i]);
	free(b->map);
	free(b);
}

static int model_read32(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t *val)
{
	return chim_shell_read32(to_model(be)->shell, bar, off, val);
}

static int model_write32(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t val)
{
	return chim_shell_write32(to_model(be)->shell, bar, off, val);
}

static int model_dma_map(struct chim_backend *be, void *va, size_t len, uint64_t iova, int fd,
			 uint64_t fd_off)
{
	struct model_backend *b = to_model(be);
	size_t at;

	(void)fd;
	(void)fd_off;
	if (!len || ((uintptr_t)va | len | iova) % 4096 || iova + (len - 1) < iova)
		return -EINVAL;
	at = lower(b, iova);
	if (at < b->maps && b->map[at].iova <= iova + (len - 1))
		return -EEXIST;
	if (b->maps == b->room) {
		size_t room = b->room ? b->room * 2 : 16;
		struct mapping *p = realloc(b->map, room * sizeof(*p));

		if (!p)
			return -ENOMEM;
		b->map = p;
		b->room = room;
	}
	memmove(b->map + at + 1, b->map + at, (b->maps - at) * sizeof(*b->map));
	b->map[at] = (struct mapping){ va, iova, len };
	b->maps++;
	return 0;
}

static int model_dma_unmap(struct chim_backend *be, uint64_t iova, size_t len)
{
	struct model_backend *b = to_model(be);
	size_t at = lower(b, iova);

	if (at == b->maps || b->map[at].iova != iova || b->map[at].len != len)
		return -ENOENT;
	b->maps--;
	memmove(b->map + at, b->map + at + 1, (b->maps - at) * sizeof(*b->map));
	return 0;
}

static int model_irq_fd(struct chim_backend *be, unsigned int vector)
{
	return vector < VECTORS ? to_model(be)->irq_fds[vector] : -EINVAL;
}

static int model_reset(struct chim_backend *be)
{
	chim_shell_reset(to_model(be)->shell);
	return 0;
}

static int64_t model_poll(struct chim_backend *be, uint64_t budget)
{
	return chim_shell_pump(to_model(be)->shell, budget);
}

static int model_pollfd(struct chim_backend *be, int *timeout_ms)
{
	return chim_shell_pollfd(to_model(be)->shell, timeout_ms);
}

static int model_now_ms(struct chim_backend *be, uint32_t *ms)
{
	*ms = chim_shell_now_ms(to_model(be)->shell);
	return 0;
}

static void model_stats(struct chim_backend *be,
			void (*put)(void *ctx, const char *name, uint64_t value), void *ctx)
{
	struct chim_shell_stats s;

	chim_shell_get_stats(to_model(be)->shell, &s);
	put(ctx, "cycles", s.cycles);
	put(ctx, "device_ms", s.device_ns / 1000000);
	put(ctx, "wire_rx_frames", s.wire.rx_frames);
	put(ctx, "wire_tx_frames", s.wire.tx_frames);
	put(ctx, "wire_rx_lost", s.wire.rx_lost);
	put(ctx, "wire_rx_refused", s.wire.rx_refused);
	put(ctx, "wire_tx_lost", s.wire.tx_lost);
	put(ctx, "link_to_nic_lost", s.link[CHIM_TO_NIC].lost);
	put(ctx, "link_to_nic_reordered", s.link[CHIM_TO_NIC].reordered);
	put(ctx, "link_to_nic_duplicated", s.link[CHIM_TO_NIC].duplicated);
	put(ctx, "link_to_nic_corrupted", s.link[CHIM_TO_NIC].corrupted);
	put(ctx, "link_from_nic_lost", s.link[CHIM_FROM_NIC].lost);
	put(ctx, "link_from_nic_reordered", s.link[CHIM_FROM_NIC].reordered);
	put(ctx, "link_from_nic_duplicated", s.link[CHIM_FROM_NIC].duplicated);
	put(ctx, "link_from_nic_corrupted", s.link[CHIM_FROM_NIC].corrupted);
	put(ctx, "link_overflow", s.link[CHIM_TO_NIC].overflow + s.link[CHIM_FROM_NIC].overflow);
	put(ctx, "dma_faults", s.dma_faults);
	put(ctx, "capture_failed", (uint64_t)s.pcap_failed);
}

static const struct chim_backend_ops model_ops = {
	.name = "model",
	.close = model_close,
	.read32 = model_read32,
	.write32 = model_write32,
	.dma_map = model_dma_map,
	.dma_unmap = model_dma_unmap,
	.irq_fd = model_irq_fd,
	.reset = model_reset,
	.poll = model_poll,
	.pollfd = model_pollfd,
	.now_ms = model_now_ms,
	.stats = model_stats,
};

int chim_model_backend_create(const struct chim_options *o, struct chim_wire *wire,
			      const struct chim_model_api *api, struct chim_backend **be,
			      const char **what)
{
	struct model_backend *b = calloc(1, sizeof(*b));
	unsigned int i;
	int err = 0;

	if (!b)
		return -ENOMEM;
	b->base.ops = &model_ops;
	for (i = 0; i < VECTORS; i++) {
		b->irq_fds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (b->irq_fds[i] < 0 && !err)
			err = -errno;
	}
	if (!err)
		err = chim_options_open(o, wire, api, &host, b, &b->shell, what);
	if (err) {
		model_close(&b->base);
		return err;
	}
	*be = &b->base;
	return 0;
}

int chim_model_backend_open(const char *name, struct chim_backend **be)
{
	struct chim_options o;

	chim_options_init(&o);
	if (chim_options_parse(&o, name, NULL))
		return -EINVAL;
	return chim_model_backend_create(&o, NULL, NULL, be, NULL);
}

struct chim_shell *chim_model_backend_shell(struct chim_backend *be)
{
	return be->ops == &model_ops ? to_model(be)->shell : NULL;
}
