/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Driver of the lookup, see lookup.h. Hard part: a command is waited for at once, so none can be
 * overtaken.
 */
#include "lookup.h"

#include "chim_soc_regs.h"

#define REG(name_) (CHIM_SOC_REGS_BASE + CHIM_SOC_REG_##name_)

void fw_lookup_addrs(const uint32_t *local, const uint32_t *remote, bool ipv6)
{
	for (uint32_t i = 0; i < 4; i++) {
		fw_write32(CHIM_SOC_REGS_BASE + CHIM_SOC_REG_LKP_LOCAL0 + 4 * i, local[i]);
		fw_write32(CHIM_SOC_REGS_BASE + CHIM_SOC_REG_LKP_REMOTE0 + 4 * i, remote[i]);
	}
	fw_write32(REG(LKP_FAMILY), ipv6);
}

void fw_lookup_ports(uint32_t ports)
{
	fw_write32(REG(LKP_PORTS), ports);
}

void fw_lookup_seed(uint32_t seed)
{
	fw_write32(REG(LKP_SEED), seed);
}

/* The answer's register, or 0 (not ok) when it does not come. */
static enum fw_result command(uint32_t op, uint32_t slot, uint32_t *answer)
{
	uint32_t result, start;

	fw_write32(REG(LKP_CMD), op | slot << CHIM_SOC_REG_LKP_CMD_CONN_SHIFT);
	result = fw_read32(REG(LKP_RESULT));
	if (result & CHIM_SOC_REG_LKP_RESULT_BUSY_MASK) {
		start = fw_read32(REG(CYCLES));
		do {
			if (fw_read32(REG(CYCLES)) - start > FW_LOOKUP_BOUND)
				return FW_TIMEOUT;
			result = fw_read32(REG(LKP_RESULT));
		} while (result & CHIM_SOC_REG_LKP_RESULT_BUSY_MASK);
	}
	*answer = result;
	return result & CHIM_SOC_REG_LKP_RESULT_OK_MASK ? FW_OK : FW_NONE;
}

enum fw_result fw_lookup_find(uint32_t *slot)
{
	uint32_t answer;

	FW_TRY(command(CHIM_LKP_OP_FIND, 0, &answer));
	*slot = answer >> CHIM_SOC_REG_LKP_RESULT_CONN_SHIFT;
	return FW_OK;
}

enum fw_result fw_lookup_insert(uint32_t slot)
{
	uint32_t answer;

	return command(CHIM_LKP_OP_INSERT, slot, &answer);
}

enum fw_result fw_lookup_remove(void)
{
	uint32_t answer;

	return command(CHIM_LKP_OP_REMOVE, 0, &answer);
}

enum fw_result fw_lookup_entry(uint32_t slot, uint32_t entry)
{
	uint32_t answer;
	enum fw_result r;

	fw_write32(REG(LKP_ENTRY), entry);
	r = command(CHIM_LKP_OP_ENTRY, slot, &answer);
	return r == FW_NONE ? FW_OK : r; /* ok is not defined for ENTRY */
}

bool fw_lookup_live(uint32_t *slot)
{
	uint32_t notice = fw_read32(REG(HOLD_EVT));

	*slot = notice >> CHIM_SOC_REG_HOLD_EVT_CONN_SHIFT;
	return (notice & CHIM_SOC_REG_HOLD_EVT_WHAT_MASK) != 0;
}
