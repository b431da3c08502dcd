/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Real-time shell, see shell.h. Hard part: a round reads the clock, then empties the wire, then
 * sets device time, then steps; frames are captured when they pass the MAC side, not when they are
 * queued.
 */
#include "shell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../wire/frameq.h"
#include "../wire/pcapfile.h"
#include "devtime.h"

#define SLICE_CLOCKS \
	256 /* between looks at clock and wire; about a millisecond of a model's speed */
#define TICK_MS	       1 /* device timers count ms: an idle device is looked after as often */
#define NS_PER_MS      1000000u

/*
 * The device's idle output does not know what firmware thinks. After anything that may have given
 * it something to do, the device gets so many clocks without a sleep of the owner, a few in each
 * round.
 */
#define AWAKE_CLOCKS   4096
#define THOUGHT_CLOCKS 64

struct chim_shell {
	struct chim_model_api api;
	int own_api;
	struct chim_model *model;
	struct chim_wire *wire;
	const struct chim_impair *link;
	FILE *log;
	struct chim_pcap_writer *pcap;
	struct chim_shell_host host;
	void *ctx;
	uint64_t (*clock)(void *ctx);
	uint32_t cycles_per_ms;
	int pcap_wall;
	int busy;	      /* the last round ended with work left */
	int raised;	      /* an interrupt, since the last round began */
	uint64_t awake_until; /* clock count, see AWAKE_CLOCKS */
	int wire_gone;
	int pcap_failed;
	uint64_t dma_faults;
	struct chim_devtime time;
	struct chim_frameq entering; /* copies for the capture, of frames queued at the model */
};

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static uint64_t monotonic(void *ctx)
{
	(void)ctx;
	return clock_ns(CLOCK_MONOTONIC);
}

/* The time that wires are told. */
static uint64_t wire_now(const struct chim_shell *s)
{
	uint64_t c;

	if (!s->cycles_per_ms)
		return s->clock(s->ctx);
	c = s->api.cycles(s->model);
	return c / s->cycles_per_ms * NS_PER_MS +
	       c % s->cycles_per_ms * NS_PER_MS / s->cycles_per_ms;
}

static uint64_t device_ns(const struct chim_shell *s)
{
	return s->cycles_per_ms ? wire_now(s) : chim_devtime_ns(&s->time);
}

static void capture(struct chim_shell *s, const uint8_t *frame, size_t len)
{
	uint64_t t = s->pcap_wall ? clock_ns(CLOCK_REALTIME) : device_ns(s);

	if (chim_pcap_write(s->pcap, t, frame, len))
		s->pcap_failed = 1;
}

/* Something happened that firmware may have to think about. */
static void awake(struct chim_shell *s)
{
	s->awake_until = s->api.cycles(s->model) + AWAKE_CLOCKS;
}

static int on_dma_read(void *ctx, uint64_t iova, void *buf, size_t len)
{
	struct chim_shell *s = ctx;
	int err = s->host.dma_read(s->ctx, iova, buf, len);

	awake(s);
	if (err)
		s->dma_faults++;
	return err;
}

static int on_dma_write(void *ctx, uint64_t iova, const void *buf, size_t len)
{
	struct chim_shell *s = ctx;
	int err = s->host.dma_write(s->ctx, iova, buf, len);

	awake(s);
	if (err)
		s->dma_faults++;
	return err;
}

static void on_irq(void *ctx, unsigned int vector)
{
	struct chim_shell *s = ctx;

	s->raised = 1;
	s->host.irq(s->ctx, vector);
}

static void on_tx_frame(void *ctx, const uint8_t *frame, size_t len, uint64_t cycle)
{
	struct chim_shell *s = ctx;

	(void)cycle;
	if (s->pcap)
		capture(s, frame, len);
	/* What the wire cannot carry is in its statistics. */
	if (!s->wire_gone)
		chim_wire_send(s->wire, frame, len, wire_now(s));
}

static void on_rx_taken(void *ctx, uint64_t cookie, uint64_t cycle)
{
	struct chim_shell *s = ctx;
	struct chim_qframe *f;

	(void)cookie;
	awake(s);
	f = chim_frameq_pop(&s->entering);
	if (f)
		capture(s, f->data, f->len);
	free(f);
	chim_devtime_taken(&s->time, cycle);
	s->api.set_time(s->model, chim_devtime_ms(&s->time));
}

static const struct chim_model_ops model_ops = {
	.dma_read = on_dma_read,
	.dma_write = on_dma_write,
	.irq = on_irq,
	.tx_frame = on_tx_frame,
	.rx_taken = on_rx_taken,
};

int chim_shell_open(const struct chim_shell_cfg *cfg, struct chim_shell **shell)
{
	struct chim_shell *s = calloc(1, sizeof(*s));
	struct chim_model_cfg mc = {
		.ops = &model_ops,
		.ctx = s,
		.mem_latency = cfg->mem_latency,
		.cycles_per_ms = cfg->cycles_per_ms,
		.fst_path = cfg->fst_path,
		.seed = cfg->seed,
		.stall_percent = cfg->stall_percent,
	};
	int err;

	if (!s)
		return -ENOMEM;
	s->api = *cfg->api;
	s->wire = cfg->wire;
	s->link = cfg->link;
	s->log = cfg->log;
	s->host = *cfg->host;
	s->ctx = cfg->ctx;
	s->clock = cfg->clock ? cfg->clock : monotonic;
	s->cycles_per_ms = cfg->cycles_per_ms;
	s->pcap_wall = cfg->pcap_wall;
	if (cfg->pcap_path) {
		err = chim_pcap_create(cfg->pcap_path, &s->pcap);
		if (err)
			goto err_free;
	}
	err = s->api.open(&mc, &s->model);
	if (err)
		goto err_pcap;
	s->own_api = cfg->own_api;
	chim_devtime_init(&s->time, s->clock(s->ctx));
	*shell = s;
	return 0;

err_pcap:
	chim_pcap_close(s->pcap);
err_free:
	free(s);
	return err;
}

void chim_shell_close(struct chim_shell *s)
{
	if (!s)
		return;
	s->api.close(s->model);
	chim_wire_close(s->wire);
	if (s->log)
		fclose(s->log);
	chim_pcap_close(s->pcap);
	chim_frameq_clear(&s->entering);
	if (s->own_api)
		chim_model_unload(&s->api);
	free(s);
}

/* Queue everything that has arrived by @now_ns at the model, as far as it has room. */
static void collect(struct chim_shell *s, uint64_t now_ns)
{
	struct chim_wire_frame f;
	int r;

	while (!s->wire_gone && chim_devtime_room(&s->time)) {
		r = chim_wire_recv(s->wire, now_ns, &f);
		if (r == 0)
			return;
		if (r < 0) {
			s->wire_gone = 1;
			return;
		}
		/* The model's queue is as long as devtime's: room here is room there. */
		if (s->api.rx_frame(s->model, f.data, f.len, 0)) {
			s->wire->stats.rx_refused++;
			continue;
		}
		chim_devtime_arrived(&s->time, f.time_ns);
		if (s->pcap) {
			struct chim_qframe *copy = chim_qframe_new(f.data, f.len, f.time_ns);

			if (copy)
				chim_frameq_push(&s->entering, copy);
			else
				s->pcap_failed = 1;
		}
	}
}

/* Steps 1 to 3 of a round, see devtime.h. */
static void look(struct chim_shell *s)
{
	uint64_t now = wire_now(s);

	collect(s, now);
	chim_devtime_update(&s->time, now, s->api.cycles(s->model));
	s->api.set_time(s->model, chim_devtime_ms(&s->time));
}

int64_t chim_shell_pump(struct chim_shell *s, uint64_t budget)
{
	uint64_t ran = 0;

	s->raised = 0;
	/* The owner is told of an interrupt soon, not when the budget is used up. */
	while (ran < budget && (!s->raised || s->cycles_per_ms)) {
		uint64_t slice = budget - ran < SLICE_CLOCKS ? budget - ran : SLICE_CLOCKS;
		uint64_t n;

		look(s);
		n = s->api.step(s->model, slice, !s->cycles_per_ms);
		ran += n;
		s->busy = n == slice;
		if (s->busy)
			continue;
		chim_devtime_idle(&s->time);
		if (s->cycles_per_ms)
			continue;
		if (s->api.cycles(s->model) < s->awake_until) {
			n = budget - ran < THOUGHT_CLOCKS ? budget - ran : THOUGHT_CLOCKS;
			ran += s->api.step(s->model, n, 0);
			s->busy = 1;
		}
		break;
	}
	return (int64_t)ran;
}

int chim_shell_pollfd(struct chim_shell *s, int *timeout_ms)
{
	uint64_t now = wire_now(s), due = s->wire_gone ? CHIM_WIRE_NEVER : chim_wire_due(s->wire);

	*timeout_ms = TICK_MS;
	if (s->busy || s->cycles_per_ms || due <= now)
		*timeout_ms = 0;
	return s->wire_gone ? -1 : chim_wire_pollfd(s->wire);
}

int chim_shell_read32(struct chim_shell *s, unsigned int bar, uint32_t off, uint32_t *val)
{
	/* The owner may not have pumped for a while, and may be reading the time. */
	look(s);
	awake(s);
	s->busy = 1;
	return s->api.read32(s->model, bar, off, val);
}

int chim_shell_write32(struct chim_shell *s, unsigned int bar, uint32_t off, uint32_t val)
{
	look(s);
	awake(s);
	s->busy = 1;
	return s->api.write32(s->model, bar, off, val);
}

void chim_shell_reset(struct chim_shell *s)
{
	s->api.reset(s->model);
	chim_devtime_flush(&s->time);
	chim_frameq_clear(&s->entering);
	awake(s);
	s->busy = 1;
}

const char *chim_shell_ifname(const struct chim_shell *s)
{
	return s->wire->ifname;
}

uint32_t chim_shell_now_ms(const struct chim_shell *s)
{
	return s->api.time(s->model);
}

const struct chim_model_info *chim_shell_info(const struct chim_shell *s)
{
	return s->api.info(s->model);
}

void chim_shell_get_stats(struct chim_shell *s, struct chim_shell_stats *stats)
{
	unsigned int d;

	*stats = (struct chim_shell_stats){
		.cycles = s->api.cycles(s->model),
		.device_ns = device_ns(s),
		.dma_faults = s->dma_faults,
		.pcap_failed = s->pcap_failed,
		.wire_gone = s->wire_gone,
	};
	chim_wire_get_stats(s->wire, &stats->wire);
	for (d = 0; s->link && d < CHIM_DIRS; d++)
		stats->link[d] = *chim_impair_get_counts(s->link, d);
}

int chim_shell_flush(struct chim_shell *s)
{
	return s->pcap ? chim_pcap_flush(s->pcap) : 0;
}
