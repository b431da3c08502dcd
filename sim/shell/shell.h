/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The real-time shell: one model, its wire, its clock and its capture, stepped by whoever calls
 * chim_shell_pump(). The in-process back end and the vfio-user server are both this plus their own
 * way to host memory. Hard part: time, see devtime.h. No threads; one owner.
 */
#ifndef CHIM_SHELL_H
#define CHIM_SHELL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../model/model_load.h"
#include "../wire/impair.h"
#include "../wire/wire.h"

#ifdef __cplusplus
extern "C" {
#endif

struct chim_shell;

/* The device's way to its host, called from inside pump, read32 and write32 only. */
struct chim_shell_host {
	int (*dma_read)(void *ctx, uint64_t iova, void *buf, size_t len);
	int (*dma_write)(void *ctx, uint64_t iova, const void *buf, size_t len);
	void (*irq)(void *ctx, unsigned int vector);
};

/**
 * struct chim_shell_cfg - how to build one
 * @api:           model; copied, and unloaded at close if @own_api
 * @wire:          taken over, as is @log, if chim_shell_open() returns 0
 * @link:          impaired link within @wire, for its counts; NULL: none
 * @log:           file of the link, closed after @wire; NULL: none
 * @clock:         monotonic time in ns; NULL: CLOCK_MONOTONIC
 * @cycles_per_ms: 0: real time; else virtual, and the wire should be one without a kernel behind it
 * @pcap_path:     capture at the MAC side, or NULL
 * @pcap_wall:     stamp it with the time of day instead of device time
 * Others as in struct chim_model_cfg.
 */
struct chim_shell_cfg {
	const struct chim_model_api *api;
	int own_api;
	struct chim_wire *wire;
	const struct chim_impair *link;
	FILE *log;
	const struct chim_shell_host *host;
	void *ctx;
	uint64_t (*clock)(void *ctx);
	uint32_t cycles_per_ms;
	unsigned int mem_latency;
	unsigned int stall_percent;
	uint64_t seed;
	const char *fst_path;
	const char *pcap_path;
	int pcap_wall;
};

struct chim_shell_stats {
	struct chim_wire_stats wire;
	struct chim_impair_counts link[CHIM_DIRS]; /* zero without an impaired link */
	uint64_t cycles;
	uint64_t device_ns;
	uint64_t dma_faults; /* accesses that the host refused */
	int pcap_failed;     /* the capture is incomplete */
	int wire_gone;	     /* the wire broke; the NIC goes on without a cable */
};

/* Return: 0; as chim_model_open(); -errno of the capture's file; -ENOMEM. */
int chim_shell_open(const struct chim_shell_cfg *cfg, struct chim_shell **shell);
void chim_shell_close(struct chim_shell *s);

/**
 * chim_shell_pump() - move frames and step the model
 * @budget: most clocks to run. Real time: returns early when nothing moves, and soon after an
 *          interrupt. Virtual time: runs exactly so many, because there the clocks are the time.
 * Return: clocks run.
 */
int64_t chim_shell_pump(struct chim_shell *s, uint64_t budget);

/* Descriptor of the wire, -1 if none; @timeout_ms: longest sleep before the next pump, 0: none. */
int chim_shell_pollfd(struct chim_shell *s, int *timeout_ms);

int chim_shell_read32(struct chim_shell *s, unsigned int bar, uint32_t off, uint32_t *val);
int chim_shell_write32(struct chim_shell *s, unsigned int bar, uint32_t off, uint32_t val);
void chim_shell_reset(struct chim_shell *s);

/* Name of the TAP on the wire, NULL if it is none. */
const char *chim_shell_ifname(const struct chim_shell *s);
uint32_t chim_shell_now_ms(const struct chim_shell *s);
const struct chim_model_info *chim_shell_info(const struct chim_shell *s);
void chim_shell_get_stats(struct chim_shell *s, struct chim_shell_stats *stats);

/* Capture so far reaches its file. 0; -EIO. */
int chim_shell_flush(struct chim_shell *s);

#ifdef __cplusplus
}
#endif
#endif
