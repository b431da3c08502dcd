/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Driver of the engine's controls, see engine.h. Hard part: none; the order of a fence is kept by
 * the hardware (soc.rdl, fence).
 */
#include "engine.h"

#include "chim_contract.h"
#include "chim_soc_regs.h"

#define REG(name_) (CHIM_SOC_REGS_BASE + CHIM_SOC_REG_##name_)

void fw_engine_kick(uint32_t slot)
{
	fw_write32(REG(KICK), slot);
}

void fw_engine_ack(uint32_t slot)
{
	fw_write32(REG(ACK_NOW), slot);
}

void fw_engine_high_water(uint32_t slots)
{
	fw_write32(REG(HIGH_WATER), slots);
}

void fw_engine_params(const struct fw_engine_params *p)
{
	fw_write32(REG(PARAM0),
		   (uint32_t)p->ack_frequency << CHIM_SOC_REG_PARAM0_ACK_FREQUENCY_SHIFT |
			   (uint32_t)p->dup_ack_threshold
				   << CHIM_SOC_REG_PARAM0_DUP_ACK_THRESHOLD_SHIFT |
			   (uint32_t)p->max_retransmissions
				   << CHIM_SOC_REG_PARAM0_MAX_RETRANSMISSIONS_SHIFT |
			   (uint32_t)p->restart_segs << CHIM_SOC_REG_PARAM0_RESTART_SEGS_SHIFT);
	fw_write32(REG(PARAM1),
		   (uint32_t)p->delayed_ack_ms << CHIM_SOC_REG_PARAM1_DELAYED_ACK_SHIFT |
			   (uint32_t)p->sws_ms << CHIM_SOC_REG_PARAM1_SWS_SHIFT);
	fw_write32(REG(RTO_MIN), p->rto_min_ms);
	fw_write32(REG(RTO_MAX), p->rto_max_ms);
	fw_write32(REG(FIN_WAIT2), p->fin_wait2_ms);
	fw_write32(REG(EVENT_GAP), p->event_gap);
}

void fw_engine_fence_start(uint32_t slot)
{
	fw_write32(REG(FENCE), slot);
}

enum fw_result fw_engine_fence_wait(void)
{
	uint32_t start;

	if (fw_read32(REG(FENCE_BUSY)) != 0) {
		start = fw_read32(REG(CYCLES));
		while (fw_read32(REG(FENCE_BUSY)) != 0) {
			if (fw_read32(REG(CYCLES)) - start > FW_FENCE_BOUND)
				return FW_TIMEOUT;
		}
	}
	return FW_OK;
}
