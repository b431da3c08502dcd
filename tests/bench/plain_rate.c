/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * P6: clocks per 64-byte frame over the plain rings, one direction at a time, memory that answers
 * after 250 clocks, 64-byte aligned buffers. Drives the model's registers and rings itself, because
 * a rate needs longer rings than the NIC library has. Hard part: rings as long as the device
 * allows, and a host that looks at them every 64 clocks.
 *
 * usage: plain_rate CONFIG FOLDER_OF_MODELS OUT.json FRAMES TARGET
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../rtl/contract/chim_contract.h"
#include "../../rtl/contract/chim_regs.h"
#include "../../sim/model/model_load.h"

enum {
	LATENCY = 250,
	POLL = 64,
	LOG2 = 12,
	ENTRIES = 1 << LOG2,
	FRAME = 60, /* 64 with the FCS, which the MAC adds */
	BUFFER = 64,
	IOVA = 0x10000000,
	BOUND = 200, /* clocks per frame that are certainly too many */
	PIPE = 512,  /* most frames that wait in front of the MAC side */
};

struct memory {
	struct chim_hw_ptx_desc ptx[ENTRIES];
	struct chim_hw_prx_desc prx[ENTRIES];
	struct chim_hw_prx_cpl cpl[ENTRIES];
	struct chim_hw_event evt[16];
	_Alignas(64) uint32_t wb;
	_Alignas(64) uint8_t buffer[ENTRIES][BUFFER];
};

struct bench {
	struct chim_model_api api;
	struct chim_model *model;
	struct memory *mem;
	uint64_t out, bad;    /* frames that left */
	uint64_t first, last; /* clocks at which they did */
	uint64_t warm;
};

static uint8_t *at(struct bench *b, uint64_t iova, size_t len)
{
	return iova >= IOVA && iova - IOVA + len <= sizeof(*b->mem)
		       ? (uint8_t *)b->mem + (iova - IOVA)
		       : NULL;
}

static int dma_read(void *ctx, uint64_t iova, void *buf, size_t len)
{
	const uint8_t *p = at(ctx, iova, len);

	if (!p)
		return -EFAULT;
	memcpy(buf, p, len);
	return 0;
}

static int dma_write(void *ctx, uint64_t iova, const void *buf, size_t len)
{
	uint8_t *p = at(ctx, iova, len);

	if (!p)
		return -EFAULT;
	memcpy(p, buf, len);
	return 0;
}

static void irq(void *ctx, unsigned int vector)
{
	(void)ctx;
	(void)vector;
}

static void tx_frame(void *ctx, const uint8_t *frame, size_t len, uint64_t cycle)
{
	struct bench *b = ctx;
	uint32_t n;

	memcpy(&n, frame + 14, sizeof(n));
	b->bad += len != FRAME || n != (uint32_t)b->out;
	b->out++;
	if (b->out == b->warm)
		b->first = cycle;
	b->last = cycle;
}

static void write_reg(struct bench *b, uint32_t reg, uint32_t value)
{
	if (!b->api.write32(b->model, 0, reg, value))
		return;
	fprintf(stderr, "register 0x%x cannot be written\n", reg);
	exit(1);
}

static void set_ring(struct bench *b, uint32_t base, const void *ring, uint32_t log2)
{
	write_reg(b, base, IOVA + (uint32_t)((const uint8_t *)ring - (uint8_t *)b->mem));
	write_reg(b, base + CHIM_REG_PTX_BASE_HI - CHIM_REG_PTX_BASE_LO, 0);
	write_reg(b, base + CHIM_REG_PTX_LOG2 - CHIM_REG_PTX_BASE_LO, log2);
	write_reg(b, base + CHIM_REG_PTX_HOST - CHIM_REG_PTX_BASE_LO, 0);
}

static void make_frame(uint8_t *frame, uint32_t n)
{
	static const uint8_t head[14] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xB5 };

	memset(frame, 0x5A, FRAME);
	memcpy(frame, head, sizeof(head));
	memcpy(frame + 14, &n, sizeof(n));
}

static void bring_up(struct bench *b, const char *config, const char *dir)
{
	static const struct chim_model_ops ops = {
		.dma_read = dma_read,
		.dma_write = dma_write,
		.irq = irq,
		.tx_frame = tx_frame,
	};
	struct chim_model_cfg cfg = {
		.ops = &ops, .ctx = b, .mem_latency = LATENCY, .cycles_per_ms = 250000, .seed = 1
	};

	memset(b, 0, sizeof(*b));
	b->mem = aligned_alloc(4096, (sizeof(*b->mem) + 4095) & ~(size_t)4095);
	if (!b->mem || chim_model_load(config, dir, &b->api) || b->api.open(&cfg, &b->model)) {
		fprintf(stderr, "%s in %s does not load\n", config, dir);
		exit(1);
	}
	memset(b->mem, 0, sizeof(*b->mem));
	set_ring(b, CHIM_REG_PTX_BASE_LO, b->mem->ptx, LOG2);
	set_ring(b, CHIM_REG_PRX_BASE_LO, b->mem->prx, LOG2);
	set_ring(b, CHIM_REG_PRX_CPL_BASE_LO, b->mem->cpl, LOG2);
	set_ring(b, CHIM_REG_EVT_BASE_LO, b->mem->evt, 4);
	write_reg(b, CHIM_REG_PTX_WB_LO, IOVA + (uint32_t)offsetof(struct memory, wb));
	write_reg(b, CHIM_REG_PTX_WB_HI, 0);
	write_reg(b, CHIM_REG_MAC_LO, 2);
	write_reg(b, CHIM_REG_MAC_HI, 0x100);
	write_reg(b, CHIM_REG_CTRL, CHIM_REG_CTRL_RUN_MASK);
}

static void tear_down(struct bench *b)
{
	b->api.close(b->model);
	chim_model_unload(&b->api);
	free(b->mem);
}

/* Clocks per frame, or 0 if something was wrong. */
static double transmit(const char *config, const char *dir, uint64_t frames)
{
	struct bench b;
	uint64_t posted = 0, end;
	double clocks = 0;

	bring_up(&b, config, dir);
	b.warm = frames / 4;
	end = b.api.cycles(b.model) + frames * BOUND;
	while (b.out < frames && b.api.cycles(b.model) < end) {
		uint64_t before = posted;

		while (posted < frames && posted - b.mem->wb < ENTRIES) {
			uint32_t i = posted % ENTRIES;

			make_frame(b.mem->buffer[i], (uint32_t)posted);
			b.mem->ptx[i] = (struct chim_hw_ptx_desc){
				.addr = chim_le64_of(IOVA + offsetof(struct memory, buffer) +
						     (uint64_t)i * BUFFER),
				.len = chim_le16_of(FRAME),
			};
			posted++;
		}
		if (posted != before)
			write_reg(&b, CHIM_REG_PTX_HOST, (uint32_t)posted);
		b.api.step(b.model, POLL, 0);
	}
	if (b.out == frames && !b.bad)
		clocks = (double)(b.last - b.first) / (double)(frames - b.warm);
	else
		fprintf(stderr, "transmit: %llu frames left, %llu of them wrong\n",
			(unsigned long long)b.out, (unsigned long long)b.bad);
	tear_down(&b);
	return clocks;
}

static void give_buffer(struct bench *b, uint64_t n, uint32_t i)
{
	b->mem->prx[n % ENTRIES] = (struct chim_hw_prx_desc){
		.addr = chim_le64_of(IOVA + offsetof(struct memory, buffer) + (uint64_t)i * BUFFER),
		.len = chim_le32_of(BUFFER),
		.index = chim_le32_of(i),
	};
}

/* More is offered than can be taken: what is taken counts, in order; the rest is dropped. */
static double receive(const char *config, const char *dir, uint64_t frames)
{
	struct bench b;
	uint64_t got = 0, sent = 0, begin = 0, warm = 0, bad = 0;
	uint32_t newest = 0;
	uint8_t frame[FRAME];
	double clocks;

	bring_up(&b, config, dir);
	for (uint32_t i = 0; i < ENTRIES; i++)
		give_buffer(&b, i, i);
	write_reg(&b, CHIM_REG_PRX_HOST, ENTRIES);
	b.api.step(b.model, 4 * LATENCY, 0);
	while (sent < frames) {
		uint64_t before = got;

		while (sent < frames && b.api.rx_waiting(b.model) < PIPE) {
			/* From 1: 0 is what a buffer nobody wrote would say. */
			make_frame(frame, (uint32_t)++sent);
			if (b.api.rx_frame(b.model, frame, FRAME, 0))
				bad++;
		}
		b.api.step(b.model, POLL, 0);
		for (;;) {
			const struct chim_hw_prx_cpl *c = &b.mem->cpl[got % ENTRIES];
			uint32_t i = chim_le16_get(c->index), n;

			if ((c->owner & 1) != !((got >> LOG2) & 1))
				break;
			memcpy(&n, b.mem->buffer[i] + 14, sizeof(n));
			bad += chim_le16_get(c->len) != FRAME || n <= newest || n > sent;
			newest = n;
			give_buffer(&b, ENTRIES + got, i);
			got++;
		}
		if (got != before) {
			write_reg(&b, CHIM_REG_PRX_CPL_HOST, (uint32_t)got);
			write_reg(&b, CHIM_REG_PRX_HOST, (uint32_t)(ENTRIES + got));
		}
		if (!warm && sent >= frames / 4) {
			warm = got;
			begin = b.api.cycles(b.model);
		}
	}
	clocks = (double)(b.api.cycles(b.model) - begin) / (double)(got - warm);
	if (bad || got == warm) {
		fprintf(stderr, "receive: %llu frames came, %llu of them wrong\n",
			(unsigned long long)got, (unsigned long long)bad);
		clocks = 0;
	}
	tear_down(&b);
	return clocks;
}

int main(int argc, char **argv)
{
	uint64_t frames;
	double tx, rx;
	FILE *f;

	if (argc != 6) {
		fprintf(stderr, "usage: plain_rate CONFIG MODELS OUT.json FRAMES TARGET\n");
		return 2;
	}
	frames = strtoull(argv[4], NULL, 0);
	tx = transmit(argv[1], argv[2], frames);
	rx = receive(argv[1], argv[2], frames);
	fprintf(stderr, "%s: %.3f clocks per frame out, %.3f in\n", argv[1], tx, rx);
	if (tx == 0 || rx == 0)
		return 1;
	f = fopen(argv[3], "w");
	if (!f) {
		perror(argv[3]);
		return 1;
	}
	for (unsigned int i = 0; i < 2; i++)
		fprintf(f,
			"%s  \"P6 %s\": {\"value\": %.3f, \"unit\": \"clocks/frame\", "
			"\"target\": \"<= %s\",\n"
			"    \"parameters\": {\"model\": \"%s\", \"frame\": \"64 bytes with FCS\", "
			"\"memory_clocks\": %d, \"host_looks_every\": %d, \"ring\": %d, "
			"\"frames\": %llu}}%s\n",
			i ? "" : "{\n", i ? "rx" : "tx", i ? rx : tx, argv[5], argv[1], LATENCY,
			POLL, ENTRIES, (unsigned long long)frames, i ? "\n}" : ",");
	return fclose(f) != 0;
}
