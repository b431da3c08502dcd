/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Global parameters, see params.h. Hard part: they may change only while no connection uses them
 * (the steps take them as constants), which the caller has made sure of.
 */
#include "params.h"

#include "drv/engine.h"
#include "drv/soc.h"

struct fw_params fw_params;

/* Initial window in segments after idle: RFC 6928, as Linux. */
#define RESTART_SEGS	 10u
/* Before the host has said anything: 2^20 clocks. */
#define HOLD_MAX_DEFAULT (1u << 20)
/* Ethernet header and one tag. */
#define FRAME_OVERHEAD	 18u
#define MTU_MAX		 (CHIM_MAX_FRAME_BYTES - FRAME_OVERHEAD)
/* IPv4 header, TCP header, timestamps, 64 bytes of payload. */
#define MTU_MIN		 116u

void fw_params_default(void)
{
	fw_params.ms_per_tick = 1;
	fw_params.hold_max = HOLD_MAX_DEFAULT;
	fw_params.max_mtu = MTU_MAX;
	fw_params.max_rcv_wnd = CHIM_MAX_WINDOW_BYTES;
	for (uint32_t i = 0; i < FW_COUNT_OF(fw_params.vlan); i++)
		fw_params.vlan[i] = 0;
	fw_params.dup_ack_threshold = 3; /* RFC 5681; as the register's reset value */
	fw_soc_mac(fw_params.mac);
}

uint32_t fw_ms(uint32_t ticks)
{
	if (fw_params.ms_per_tick == 1)
		return ticks > FW_MS_MAX ? FW_MS_MAX : ticks;
	if (ticks > FW_MS_MAX / 100u)
		return FW_MS_MAX;
	return ticks * fw_params.ms_per_tick;
}

uint32_t fw_ticks(uint32_t ms)
{
	if (fw_params.ms_per_tick == 1)
		return ms;
	return ms / fw_params.ms_per_tick + (ms % fw_params.ms_per_tick != 0);
}

static uint32_t ms_per_tick_of(uint32_t ticks_per_second)
{
	switch (ticks_per_second) {
	case 1000: return 1;
	case 100: return 10;
	case 10: return 100;
	default: return 0;
	}
}

/* The host may give the interface's address here, in its registers, or the same in both. */
static bool mac_of(const uint8_t given[6], uint8_t mac[6])
{
	uint8_t any_given = 0, any_reg = 0, differ = 0;

	fw_soc_mac(mac);
	for (uint32_t i = 0; i < 6; i++) {
		any_given |= given[i];
		any_reg |= mac[i];
		differ |= given[i] ^ mac[i];
	}
	if (any_given && any_reg && differ)
		return false;
	if (any_given) {
		for (uint32_t i = 0; i < 6; i++)
			mac[i] = given[i];
	}
	return !(mac[0] & 1u); /* group addresses are not sources */
}

enum fw_result fw_params_set(const struct chim_hw_params *p)
{
	uint32_t per_tick = ms_per_tick_of(chim_le32_get(p->ticks_per_second));
	uint32_t sws = chim_le32_get(p->sws_ticks);
	uint32_t max_mtu = chim_le32_get(p->max_mtu);
	uint32_t max_rcv_wnd = chim_le32_get(p->max_rcv_wnd);
	struct fw_engine_params e;
	uint8_t mac[6];

	e.rto_min_ms = chim_le32_get(p->rto_min_ms);
	e.rto_max_ms = chim_le32_get(p->rto_max_ms);
	e.fin_wait2_ms = chim_le32_get(p->fin_wait2_ms);
	e.event_gap = chim_le32_get(p->event_gap_cycles);
	if (per_tick == 0 || p->ack_frequency == 0 || p->dup_ack_threshold == 0 ||
	    e.rto_min_ms == 0 || e.rto_min_ms > e.rto_max_ms || e.rto_max_ms > FW_MS_MAX ||
	    e.fin_wait2_ms == 0 || e.fin_wait2_ms > FW_MS_MAX || max_mtu < MTU_MIN ||
	    max_mtu > MTU_MAX || max_rcv_wnd == 0 || max_rcv_wnd > CHIM_MAX_WINDOW_BYTES ||
	    p->delayed_ack_ticks > 0xFFFFu / per_tick || sws > 0xFFFFu / per_tick ||
	    chim_le16_get(p->reserved0) || !mac_of(p->mac, mac))
		return FW_BADARG;
	for (uint32_t i = 0; i < FW_COUNT_OF(fw_params.vlan); i++) {
		if (chim_le16_get(p->vlans[i]) > 0xFFEu) /* 4,095 is reserved, 802.1Q */
			return FW_BADARG;
	}

	e.ack_frequency = p->ack_frequency;
	e.dup_ack_threshold = p->dup_ack_threshold;
	e.max_retransmissions = p->max_retransmissions;
	e.restart_segs = RESTART_SEGS;
	e.delayed_ack_ms = (uint16_t)(p->delayed_ack_ticks * per_tick);
	e.sws_ms = (uint16_t)(sws * per_tick);
	fw_engine_params(&e);
	fw_params.ms_per_tick = per_tick;
	fw_params.hold_max = chim_le32_get(p->hold_max_cycles);
	fw_params.max_mtu = max_mtu;
	fw_params.max_rcv_wnd = max_rcv_wnd;
	fw_params.dup_ack_threshold = p->dup_ack_threshold;
	for (uint32_t i = 0; i < FW_COUNT_OF(fw_params.vlan); i++)
		fw_params.vlan[i] = chim_le16_get(p->vlans[i]);
	for (uint32_t i = 0; i < 6; i++)
		fw_params.mac[i] = mac[i];
	return FW_OK;
}
