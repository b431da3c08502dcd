/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Driver of the soft core's own surroundings, see soc.h. Hard part: fw_ctrl holds two bits of ours,
 * each changed alone.
 */
#include "soc.h"

#include "chim_contract.h"

#define REG(name_) (CHIM_SOC_REGS_BASE + CHIM_SOC_REG_##name_)

uint32_t fw_soc_pending(void)
{
	return fw_read32(REG(PENDING));
}

uint32_t fw_soc_ms(void)
{
	return fw_read32(REG(TIME_MS));
}

uint32_t fw_soc_cycles(void)
{
	return fw_read32(REG(CYCLES));
}

void fw_soc_caps(struct fw_caps *caps)
{
	uint32_t objects = fw_read32(REG(OBJECTS));

	caps->conns = fw_read32(REG(CONNS));
	caps->paths = objects >> CHIM_SOC_REG_OBJECTS_PATHS_SHIFT;
	caps->neighbors = objects & CHIM_SOC_REG_OBJECTS_NEIGHBORS_MASK;
	caps->ram_bytes = fw_read32(REG(RAM_BYTES));
}

void fw_soc_mac(uint8_t mac[6])
{
	uint32_t lo = fw_read32(REG(MAC_LO));
	uint32_t hi = fw_read32(REG(MAC_HI));

	mac[0] = (uint8_t)lo;
	mac[1] = (uint8_t)(lo >> 8);
	mac[2] = (uint8_t)(lo >> 16);
	mac[3] = (uint8_t)(lo >> 24);
	mac[4] = (uint8_t)hi;
	mac[5] = (uint8_t)(hi >> 8);
}

void fw_soc_code(uint32_t code, uint32_t detail)
{
	fw_write32(REG(FW_CODE), code | detail << 8);
}

void fw_soc_alive(bool alive)
{
	uint32_t ctrl = fw_read32(REG(FW_CTRL)) & CHIM_SOC_REG_FW_CTRL_QUIESCE_MASK;

	fw_write32(REG(FW_CTRL), alive ? ctrl | CHIM_SOC_REG_FW_CTRL_ALIVE_MASK : ctrl);
}

void fw_soc_count(uint32_t which)
{
	fw_write32(REG(COUNT), which);
}

enum fw_result fw_soc_quiesce(uint32_t bound)
{
	uint32_t start = fw_soc_cycles();

	fw_write32(REG(FW_CTRL),
		   CHIM_SOC_REG_FW_CTRL_ALIVE_MASK | CHIM_SOC_REG_FW_CTRL_QUIESCE_MASK);
	while (!(fw_read32(REG(FW_CTRL)) & CHIM_SOC_REG_FW_CTRL_QUIET_MASK)) {
		if (fw_soc_cycles() - start > bound)
			return FW_TIMEOUT;
	}
	return FW_OK;
}
