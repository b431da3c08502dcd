/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Global parameters, and the conversion between the host's ticks and the device's milliseconds.
 * Hard part: a duration too long for the modulo clock is shortened, never wrapped; a tick that has
 * begun counts as a whole one on the way back (D13: elapsed times round up).
 */
#ifndef FW_APP_PARAMS_H
#define FW_APP_PARAMS_H

#include "base/fw.h"
#include "chim_contract.h"

/* Longest duration that compares rightly on the millisecond clock. */
#define FW_MS_MAX 0x7FFFFFFFu

/** struct fw_params - what firmware itself uses; the steps' parameters are in the engine */
struct fw_params {
	uint32_t ms_per_tick; /* 1, 10 or 100 */
	uint32_t hold_max;    /* clocks; 0: no limit */
	uint32_t max_mtu;     /* bytes */
	uint32_t max_rcv_wnd; /* bytes */
	uint16_t vlan[4];     /* of the interface, zero-filled */
	uint8_t mac[6];
	uint8_t dup_ack_threshold;
};
extern struct fw_params fw_params;

/** fw_params_default() - as long as the host has set none */
void fw_params_default(void);
/** fw_params_set() - check and take over; FW_BADARG: refused, nothing changed (fw_code says why) */
enum fw_result fw_params_set(const struct chim_hw_params *p) FW_MUST_CHECK;

/** fw_ms() - milliseconds of ticks, at most FW_MS_MAX */
uint32_t fw_ms(uint32_t ticks);
/** fw_ticks() - ticks of milliseconds, a begun one counts */
uint32_t fw_ticks(uint32_t ms);

#endif
