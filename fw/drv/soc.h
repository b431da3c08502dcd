/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Driver of the soft core's own surroundings: what is pending, time, what the host is shown, what
 * the build holds. Hard part: none; other drivers do not use it, waits have their own clock below.
 */
#ifndef FW_DRV_SOC_H
#define FW_DRV_SOC_H

#include "base/fw.h"
#include "chim_soc_regs.h"

/** struct fw_caps - sizes of the build */
struct fw_caps {
	uint32_t conns;
	uint32_t paths;
	uint32_t neighbors;
	uint32_t ram_bytes;
};

/** fw_soc_pending() - CHIM_SOC_REG_PENDING_*_MASK bits of what waits */
uint32_t fw_soc_pending(void);
/** fw_soc_ms() - device time in milliseconds, wraps */
uint32_t fw_soc_ms(void);
/** fw_soc_cycles() - clocks since reset, wraps */
uint32_t fw_soc_cycles(void);
/** fw_soc_caps() - read the sizes of the build */
void fw_soc_caps(struct fw_caps *caps);
/** fw_soc_mac() - the interface's MAC address as the host's registers have it; zero: not set */
void fw_soc_mac(uint8_t mac[6]);
/**
 * fw_soc_code() - show the host what was refused or met last
 * @code:   enum chim_hw_fw_code
 * @detail: slot, block index or cause, 24 bits
 */
void fw_soc_code(uint32_t code, uint32_t detail);
/** fw_soc_alive() - show the host whether the main loop runs */
void fw_soc_alive(bool alive);
/** fw_soc_count() - count one up in a counter of firmware's; @which: enum chim_hw_counter */
void fw_soc_count(uint32_t which);
/**
 * fw_soc_quiesce() - stop all DMA but the event ring's
 * @bound: longest wait in clocks
 *
 * Return: FW_OK nothing is outstanding; FW_TIMEOUT something still is, DMA stays stopped.
 */
enum fw_result fw_soc_quiesce(uint32_t bound) FW_MUST_CHECK;

#endif
