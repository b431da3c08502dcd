/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Driver of the DMA between host memory and firmware's RAM. Hard part: one transfer runs at a time,
 * and beside it firmware goes on; the buffer is its owner's again only after fw_dma_wait().
 */
#ifndef FW_DRV_DMA_H
#define FW_DRV_DMA_H

#include "base/fw.h"

#define FW_DMA_MAX_BYTES 4096u
/* Clocks; host memory answers within microseconds, a bus that does not is broken. */
#define FW_DMA_BOUND	 (1u << 22)

/**
 * fw_dma_start() - start a transfer; waits for the one before
 * @host:  bus address, multiple of 8
 * @ram:   buffer in RAM, 8-byte aligned
 * @bytes: multiple of 8, 8..FW_DMA_MAX_BYTES
 * @write: true: to host memory
 *
 * Return: FW_OK; FW_BADARG nothing was done; FW_IO the transfer before ended with a bus error, this
 * one was not started; FW_TIMEOUT the one before never ended.
 */
enum fw_result fw_dma_start(uint64_t host, const void *ram, uint32_t bytes,
			    bool write) FW_MUST_CHECK;

/**
 * fw_dma_wait() - wait until no transfer runs
 *
 * Return: FW_OK; FW_IO the last one ended with a bus error (reported once); FW_TIMEOUT.
 */
enum fw_result fw_dma_wait(void) FW_MUST_CHECK;

/** fw_dma_read() - fw_dma_start() from host memory, and fw_dma_wait() */
enum fw_result fw_dma_read(uint64_t host, void *ram, uint32_t bytes) FW_MUST_CHECK;

#endif
