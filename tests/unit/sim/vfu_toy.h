/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The device that tests of the vfio-user server serve, and the server. Hard part: none.
 */
#ifndef CHIM_TESTS_VFU_TOY_H
#define CHIM_TESTS_VFU_TOY_H

#include <errno.h>

#include "sim/vfio_user/vfu_server.h"
#include "tests/unit/tap.h"

#define TIMEOUT_MS 200

/* 4 KiB of memory in BAR 0; writing BAR 2 makes it do DMA. */
struct toy {
	struct vfu_server *server;
	uint8_t bar0[4096];
	unsigned int resets, gone;
	int dma_err;
	uint8_t dma_buf[8192];
	size_t dma_len;
};

static int toy_access(void *ctx, unsigned int region, uint64_t off, void *buf, size_t len,
		      int write)
{
	struct toy *t = ctx;
	uint64_t addr;

	if (region == 0) {
		if (off == 4092 && write)
			return -EIO;
		if (write)
			memcpy(t->bar0 + off, buf, len);
		else
			memcpy(buf, t->bar0 + off, len);
		return 0;
	}
	/* BAR 2: an address; offset 0 reads dma_len bytes from there, 8 writes them. */
	memcpy(&addr, buf, len < 8 ? len : 8);
	if (off == 0)
		t->dma_err = vfu_dma_read(t->server, addr, t->dma_buf, t->dma_len);
	else
		t->dma_err = vfu_dma_write(t->server, addr, t->dma_buf, t->dma_len);
	return 0;
}

static int toy_reset(void *ctx)
{
	((struct toy *)ctx)->resets++;
	return 0;
}

static void toy_gone(void *ctx)
{
	((struct toy *)ctx)->gone++;
}

static struct toy toy;
static char path[100];

static struct vfu_server *start(void)
{
	struct vfu_device d = {
		.access = toy_access, .reset = toy_reset, .gone = toy_gone, .ctx = &toy
	};
	struct vfu_server *s;

	memset(&toy, 0, sizeof(toy));
	d.regions[0] = 4096;
	d.regions[2] = 4096;
	d.irqs[2] = 32;
	if (vfu_server_create(path, &d, TIMEOUT_MS, &s)) {
		OK(0, "server starts");
		exit(1);
	}
	toy.server = s;
	return s;
}

#endif
