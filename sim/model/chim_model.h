/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * C ABI of the Verilated NIC: a stepper. The caller owns time: it hands in frames, register
 * accesses and milliseconds, and steps clock cycles. Everything that is a thread, a socket or a
 * wall clock lives in the shells around it (in process, vfio-user server, SystemC module).
 */
#ifndef CHIM_MODEL_H
#define CHIM_MODEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
/* A function and a structure share a name below, as C programs like to do. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif

struct chim_model;

/**
 * struct chim_model_ops - what the device may ask of its surroundings
 * @dma_read:  copy @len bytes from bus address @iova; 0, or -EFAULT where nothing is mapped
 *             (the device sees SLVERR). Called only from inside chim_model_step().
 * @dma_write: the same, towards host memory; bytes are written in ascending address order.
 * @irq:       MSI-X vector @vector was raised.
 * @tx_frame:  a whole Ethernet frame (without FCS) left the MAC side at clock @cycle.
 * @rx_taken:  the last beat of the frame that chim_model_rx_frame() queued with @cookie entered
 *             the NIC at clock @cycle; may be NULL.
 */
struct chim_model_ops {
	int (*dma_read)(void *ctx, uint64_t iova, void *buf, size_t len);
	int (*dma_write)(void *ctx, uint64_t iova, const void *buf, size_t len);
	void (*irq)(void *ctx, unsigned int vector);
	void (*tx_frame)(void *ctx, const uint8_t *frame, size_t len, uint64_t cycle);
	void (*rx_taken)(void *ctx, uint64_t cookie, uint64_t cycle);
};

/**
 * struct chim_model_cfg - how to build one device
 * @ops, @ctx:      callbacks and their first argument
 * @mem_latency:    clocks between an AXI request and its first answer; 0 = answers at once
 * @cycles_per_ms:  virtual time: the device's millisecond count advances by one every so many
 *                  clocks. 0 = real time: it is what chim_model_set_time() said last.
 * @fst_path:       write a waveform there, or NULL
 * @seed:           of random reset values and of random stalls
 * @stall_percent:  0..90: chance per clock that MAC side and memory hold back a beat
 */
struct chim_model_cfg {
	const struct chim_model_ops *ops;
	void *ctx;
	unsigned int mem_latency;
	uint32_t cycles_per_ms;
	const char *fst_path;
	uint64_t seed;
	unsigned int stall_percent;
};

/* What this build of the RTL is; from its parameters, not typed again. */
struct chim_model_info {
	unsigned int data_w; /* bits of the AXI and AXI-Stream data buses */
	unsigned int conns;  /* connections on chip */
	const char *name;    /* e.g. "w64_c1024" */
};

/**
 * chim_model_open() - elaborate one device and hold it in reset for some clocks
 * Return: 0; -EINVAL bad @cfg; -ENOMEM; -EIO the waveform file cannot be written.
 */
int chim_model_open(const struct chim_model_cfg *cfg, struct chim_model **model);
void chim_model_close(struct chim_model *m);
const struct chim_model_info *chim_model_info(const struct chim_model *m);

/**
 * chim_model_read32(), chim_model_write32() - one AXI4-Lite access to BAR 0 or BAR 2
 * Each steps the clock until the device answers (bounded; the model never hangs).
 * Return: 0; -EINVAL no such BAR, offset outside it or unaligned; -EIO SLVERR/DECERR;
 * -ETIMEDOUT no answer within 4,096 clocks.
 */
int chim_model_read32(struct chim_model *m, unsigned int bar, uint32_t off, uint32_t *val);
int chim_model_write32(struct chim_model *m, unsigned int bar, uint32_t off, uint32_t val);

/**
 * chim_model_rx_frame() - queue one frame (14..16,384 bytes, no FCS) at the MAC's receive side
 * The bytes are copied. Frames enter in the order queued, back to back.
 * Return: 0; -EINVAL length; -EAGAIN queue full (1,024 frames).
 */
int chim_model_rx_frame(struct chim_model *m, const uint8_t *frame, size_t len, uint64_t cookie);

/* Frames queued and not yet wholly inside the NIC. */
size_t chim_model_rx_waiting(const struct chim_model *m);

/* Absolute device time in ms; may jump forward, never back. No effect in virtual time. */
void chim_model_set_time(struct chim_model *m, uint32_t ms);
uint32_t chim_model_time(const struct chim_model *m);

/**
 * chim_model_step() - run up to @cycles clocks
 * @until_idle: stop early once nothing is moving: no frame waiting, no DMA outstanding, no beat
 *              on the MAC side, no work pending in the device (its own idle output).
 * Return: clocks run.
 */
uint64_t chim_model_step(struct chim_model *m, uint64_t cycles, int until_idle);
uint64_t chim_model_cycles(const struct chim_model *m);

/* Function-level reset, as by the PCI function: also drops queued frames. */
void chim_model_reset(struct chim_model *m);

#ifdef __cplusplus
#pragma GCC diagnostic pop
}
#endif
#endif
