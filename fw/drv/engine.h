/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Driver of the engine's controls: kick, fence, ACK, timer scan and parameters. Hard part: a fence
 * proves something only if the engine had stopped before its token set out; see fw_engine_fence().
 */
#ifndef FW_DRV_ENGINE_H
#define FW_DRV_ENGINE_H

#include "base/fw.h"

/* Clocks; what a fence waits for is at most the queues' content at the pace of wire and memory. */
#define FW_FENCE_BOUND (1u << 22)

/** struct fw_engine_params - parameters of the steps, in device units */
struct fw_engine_params {
	uint8_t ack_frequency;
	uint8_t dup_ack_threshold;
	uint8_t max_retransmissions;
	uint8_t restart_segs;
	uint16_t delayed_ack_ms;
	uint16_t sws_ms;
	uint32_t rto_min_ms;
	uint32_t rto_max_ms;
	uint32_t fin_wait2_ms;
	uint32_t event_gap; /* clocks */
};

/** fw_engine_kick() - the engine looks at the connection again */
void fw_engine_kick(uint32_t slot);
/** fw_engine_ack() - send one pure ACK of the connection, though it is not LIVE */
void fw_engine_ack(uint32_t slot);
/** fw_engine_high_water() - slots below it may be LIVE */
void fw_engine_high_water(uint32_t slots);
/** fw_engine_params() - write all parameters */
void fw_engine_params(const struct fw_engine_params *p);

/** fw_engine_fence_start() - send the token; one fence at a time */
void fw_engine_fence_start(uint32_t slot);
/**
 * fw_engine_fence_wait() - wait for the fence that was started
 *
 * The connection must be stopped and frozen. On FW_OK everything that the engine had granted has
 * left, every placement is answered, and the tables stand still.
 *
 * Return: FW_OK; FW_TIMEOUT something did not drain.
 */
enum fw_result fw_engine_fence_wait(void) FW_MUST_CHECK;

#endif
