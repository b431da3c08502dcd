/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Image, results and output states in host memory, see hostio.h. Hard part: the result of a block
 * comes after those of its dependents, so a window of results has holes when it is written out.
 */
#include "app/hostio.h"

#include "app/evq.h"
#include "drv/dma.h"
#include "drv/soc.h"

#define WINDOW_BYTES 2048u /* seven TCP blocks with their states; multiple of 64 */
#define RESULTS	     64u   /* results kept before they are written; multiple of 4 */
#define STATES	     2u	   /* one is filled while the other is written */
#define STATE_BYTES  ((uint32_t)sizeof(struct chim_hw_tcp_state))

static _Alignas(8) uint8_t window[WINDOW_BYTES];
static _Alignas(8) struct chim_hw_result results[RESULTS];
static union {
	uint8_t byte[RESULTS];
	uint32_t word[RESULTS / 4];
} have; /* results that wait to be written */
static _Alignas(8) uint32_t states[STATES][STATE_BYTES / 4];

static struct {
	uint64_t image;
	uint64_t result;
	uint32_t image_len;
	uint32_t result_len;
	uint32_t from, to; /* piece of the image in the window */
	uint32_t first;	   /* block of results[0] */
	uint32_t written;
	uint32_t state; /* buffer being filled */
	bool failed;
} io;

void fw_host_open(const struct chim_hw_admin_desc *desc)
{
	io.image = chim_le64_get(desc->image);
	io.result = chim_le64_get(desc->result);
	io.image_len = chim_le32_get(desc->image_len);
	io.result_len = chim_le32_get(desc->result_len);
	io.from = 0;
	io.to = 0;
	io.first = 0;
	fw_zero_words(have.word, RESULTS / 4);
	io.written = 0;
	io.failed = false;
}

/* A transfer that failed: the host hears of it once a descriptor. */
static bool failed(bool write, enum fw_result r)
{
	if (r == FW_OK)
		return false;
	if (!io.failed) {
		fw_soc_code(write ? CHIM_FW_CODE_DMA_WRITE : CHIM_FW_CODE_DMA_READ, r);
		fw_event_fault(write ? CHIM_COUNTER_DMA_WRITE_ERROR : CHIM_COUNTER_DMA_READ_ERROR);
	}
	io.failed = true;
	return true;
}

static FW_NOINLINE const void *refill(uint32_t off, uint32_t len)
{
	uint32_t end;

	/* The write before this read is waited for; its error is its own. */
	if (io.failed || failed(true, fw_dma_wait()))
		return NULL;
	io.from = off & ~63u;
	end = io.from + WINDOW_BYTES;
	io.to = end < io.image_len ? end : io.image_len;
	if (off + len > io.to ||
	    failed(false, fw_dma_read(io.image + io.from, window, (io.to - io.from + 7u) & ~7u))) {
		io.to = io.from;
		return NULL;
	}
	return window + (off - io.from);
}

const void *fw_host_read(uint32_t off, uint32_t len)
{
	if (off >= io.from && off + len <= io.to)
		return window + (off - io.from);
	return refill(off, len);
}

static bool put(uint32_t off, const void *ram, uint32_t bytes)
{
	if (io.failed || failed(true, fw_dma_start(io.result + off, ram, bytes, true)))
		return false;
	if (off + bytes > io.written)
		io.written = off + bytes;
	return true;
}

/* Write the results that are there, a run at a time; the buffer is free when all are written. */
static bool flush(void)
{
	uint32_t at = 0, end;

	while (at < RESULTS) {
		if (!have.byte[at]) {
			at++;
			continue;
		}
		for (end = at; end < RESULTS && have.byte[end]; end++)
			;
		if (!put((io.first + at) * (uint32_t)sizeof(struct chim_hw_result), &results[at],
			 (end - at) * (uint32_t)sizeof(struct chim_hw_result)))
			return false;
		at = end;
	}
	if (failed(true, fw_dma_wait()))
		return false;
	fw_zero_words(have.word, RESULTS / 4);
	return true;
}

static const void *tree_read(void *ctx, uint32_t off, uint32_t len)
{
	(void)ctx;
	return fw_host_read(off, len);
}

static bool tree_result(void *ctx, uint32_t index, uint32_t status, uint32_t object)
{
	struct chim_hw_result *r;
	uint32_t i;

	(void)ctx;
	if (index - io.first >= RESULTS) {
		if (!flush())
			return false;
		io.first = index - index % RESULTS;
	}
	i = index - io.first;
	r = &results[i];
	r->Status = chim_le32_of(status);
	r->object = chim_le32_of(object);
	r->reserved = chim_le64_of(0);
	have.byte[i] = 1;
	return true;
}

FW_RARE void fw_host_take_back(void (*undo)(uint32_t object))
{
	for (uint32_t i = RESULTS; i-- > 0;) {
		if (!have.byte[i] || !chim_le32_get(results[i].object))
			continue;
		undo(chim_le32_get(results[i].object));
		results[i].Status = chim_le32_of(CHIM_STATUS_FAILURE);
		results[i].object = chim_le32_of(0);
	}
}

static void tree_take_back(void *ctx, void (*undo)(uint32_t object))
{
	(void)ctx;
	fw_host_take_back(undo);
}

const struct fw_tree_io fw_host_tree = { .read = tree_read,
					 .result = tree_result,
					 .take_back = tree_take_back };

void *fw_host_state(void)
{
	/* The buffer written last but one is free: a transfer starts only when none runs. */
	fw_zero_words(states[io.state], STATE_BYTES / 4);
	return io.failed ? NULL : states[io.state];
}

bool fw_host_put(uint32_t out, uint32_t bytes)
{
	bool ok = put(out, states[io.state], bytes);

	io.state = (io.state + 1) % STATES;
	return ok;
}

bool fw_host_close(void)
{
	return !io.failed && flush();
}

uint32_t fw_host_written(void)
{
	return io.written;
}
