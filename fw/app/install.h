/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * From the offload interface's TCP state to the on-chip records. Hard part: the two say the same in
 * different words: the interface has a state name, the hardware has FINs sent, acknowledged and
 * received; the interface has ticks left, the hardware has deadlines.
 */
#ifndef FW_APP_INSTALL_H
#define FW_APP_INSTALL_H

#include "app/records.h"
#include "base/fw.h"
#include "chim_contract.h"

/**
 * fw_install_mss() - most payload of a segment: min(RemoteMss, PathMtu - headers) less options
 *
 * Return: 64 or more; 0 there is no room.
 */
uint32_t fw_install_mss(uint32_t remote_mss, uint32_t mtu, bool ipv6, bool timestamps);

/**
 * fw_install_check() - may this state be offloaded over this path?
 * @s:    state, 8-byte aligned
 * @path: path table index
 * @code: out: enum chim_hw_fw_code of what is wrong
 *
 * Return: enum chim_hw_status
 */
uint32_t fw_install_check(const struct chim_hw_tcp_state *s, uint32_t path, uint32_t *code);

/** fw_install_build() - records of a checked state */
void fw_install_build(const struct chim_hw_tcp_state *s, uint32_t path, struct fw_conn_image *im);

/** fw_install_shadow() - keep what the hardware does not */
void fw_install_shadow(const struct chim_hw_tcp_state *s, uint32_t slot);

/** fw_install_store() - write the records into the tables of a slot; FW_TIMEOUT */
enum fw_result fw_install_store(uint32_t slot, const struct fw_conn_image *im) FW_MUST_CHECK;

/** fw_install_keepalive() - the keepalive timer; @delta: ticks left or TIMEOUT_NOT_RUNNING */
void fw_install_keepalive(uint32_t slot, uint32_t delta);

#endif
