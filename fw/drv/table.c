/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Driver of the on-chip tables, see table.h. Hard part: the wait is bounded, though a copy that
 * does not end means broken hardware.
 */
#include "table.h"

#define REG(name_) (CHIM_SOC_REGS_BASE + CHIM_SOC_REG_##name_)

enum fw_result fw_table_wait(void)
{
	uint32_t start;

	if (fw_read32(REG(COPY_STATUS)) & CHIM_SOC_REG_COPY_STATUS_BUSY_MASK) {
		start = fw_read32(REG(CYCLES));
		while (fw_read32(REG(COPY_STATUS)) & CHIM_SOC_REG_COPY_STATUS_BUSY_MASK) {
			if (fw_read32(REG(CYCLES)) - start > FW_TABLE_BOUND)
				return FW_TIMEOUT;
		}
	}
	fw_barrier(); /* the copy's end, before RAM it wrote is read */
	return FW_OK;
}
