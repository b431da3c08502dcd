/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Driver of the admin ring's indices, see adminring.h. Hard part: a run of descriptors ends where
 * the ring wraps.
 */
#include "adminring.h"

#include "chim_contract.h"
#include "chim_soc_regs.h"

#define REG(name_) (CHIM_SOC_REGS_BASE + CHIM_SOC_REG_##name_)

enum fw_result fw_adminring_next(uint32_t done, uint32_t max, uint64_t *addr, uint32_t *n)
{
	uint32_t waiting = fw_read32(REG(ADMIN_HOST)) - done;
	uint32_t size, at, lo;

	if (waiting == 0)
		return FW_NONE;
	size = 1u << (fw_read32(REG(ADMIN_LOG2)) & 31u);
	if (waiting > size)
		return FW_IO;
	at = done & (size - 1);
	if (waiting > max)
		waiting = max;
	if (waiting > size - at)
		waiting = size - at;
	lo = fw_read32(REG(ADMIN_BASE_LO));
	*addr = ((uint64_t)fw_read32(REG(ADMIN_BASE_HI)) << 32 | lo) +
		at * (uint32_t)sizeof(struct chim_hw_admin_desc);
	*n = waiting;
	return FW_OK;
}

void fw_adminring_done(uint32_t done)
{
	fw_write32(REG(ADMIN_DEVICE), done);
}
