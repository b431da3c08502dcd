/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Driver of the event ring's firmware port, see event.h. Hard part: none.
 */
#include "event.h"

#include "chim_soc_regs.h"

enum fw_result fw_event_push(const struct chim_hw_event *event)
{
	const uint32_t *w = (const uint32_t *)(const void *)event;
	uint32_t push = CHIM_SOC_REGS_BASE + CHIM_SOC_REG_EVT_PUSH;

	if (fw_read32(push) & CHIM_SOC_REG_EVT_PUSH_BUSY_MASK)
		return FW_BUSY;
	for (uint32_t i = 0; i < sizeof(*event) / 4; i++)
		fw_write32(CHIM_SOC_REGS_BASE + CHIM_SOC_REG_EVT0 + 4 * i, w[i]);
	fw_write32(push, CHIM_SOC_REG_EVT_PUSH_GO_MASK);
	return FW_OK;
}
