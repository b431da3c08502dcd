/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Driver of the DMA between host memory and firmware's RAM, see dma.h. Hard part: an error belongs
 * to the transfer that just ended and is reported once.
 */
#include "dma.h"

#include "chim_contract.h"
#include "chim_soc_regs.h"

#define REG(name_) (CHIM_SOC_REGS_BASE + CHIM_SOC_REG_##name_)

static bool started; /* a transfer was started and not waited for */

enum fw_result fw_dma_wait(void)
{
	uint32_t status = fw_read32(REG(DMA_STATUS));
	uint32_t start;

	if (status & CHIM_SOC_REG_DMA_STATUS_BUSY_MASK) {
		start = fw_read32(REG(CYCLES));
		do {
			if (fw_read32(REG(CYCLES)) - start > FW_DMA_BOUND)
				return FW_TIMEOUT;
			status = fw_read32(REG(DMA_STATUS));
		} while (status & CHIM_SOC_REG_DMA_STATUS_BUSY_MASK);
	}
	fw_barrier(); /* the transfer's end, before RAM it wrote is read */
	if (!started)
		return FW_OK;
	started = false;
	return status & CHIM_SOC_REG_DMA_STATUS_ERROR_MASK ? FW_IO : FW_OK;
}

enum fw_result fw_dma_start(uint64_t host, const void *ram, uint32_t bytes, bool write)
{
	uint32_t lo = (uint32_t)host;

	if (bytes == 0 || bytes > FW_DMA_MAX_BYTES || ((bytes | lo | fw_ram_addr(ram)) & 7u))
		return FW_BADARG;
	FW_TRY(fw_dma_wait());
	fw_write32(REG(DMA_HOST_LO), lo);
	fw_write32(REG(DMA_HOST_HI), (uint32_t)(host >> 32));
	fw_write32(REG(DMA_RAM), fw_ram_addr(ram));
	fw_barrier(); /* RAM that the transfer reads is written, before it starts */
	fw_write32(REG(DMA_GO), write ? bytes | CHIM_SOC_REG_DMA_GO_WRITE_MASK : bytes);
	started = true;
	return FW_OK;
}

enum fw_result fw_dma_read(uint64_t host, void *ram, uint32_t bytes)
{
	FW_TRY(fw_dma_start(host, ram, bytes, false));
	return fw_dma_wait();
}
