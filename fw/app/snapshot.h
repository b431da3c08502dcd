/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * From the on-chip records back to the offload interface's TCP state: query and terminate. Hard
 * part: the state's name is kept nowhere, it follows from what was sent, received and acknowledged;
 * and what counts as received is what lies in host memory (D2), not what the receive step has seen.
 */
#ifndef FW_APP_SNAPSHOT_H
#define FW_APP_SNAPSHOT_H

#include "app/records.h"
#include "base/fw.h"
#include "chim_contract.h"

/** fw_snapshot_load() - read what fw_snapshot_delegated() needs of a slot that rests; FW_TIMEOUT */
enum fw_result fw_snapshot_load(uint32_t slot, struct fw_conn_image *im) FW_MUST_CHECK;
/**
 * fw_snapshot_load_live() - read all records of a slot that may run; FW_TIMEOUT
 *
 * Values that must not contradict each other are read in an order in which they cannot.
 */
enum fw_result fw_snapshot_load_live(uint32_t slot, struct fw_conn_image *im) FW_MUST_CHECK;

/** fw_snapshot_ack_due() - something has been received or asked for that no ACK has answered */
bool fw_snapshot_ack_due(const struct fw_conn_image *im);

/** fw_snapshot_const(), _cached(), _delegated() - fill one class of the state; the rest stays */
void fw_snapshot_const(uint32_t slot, const struct fw_conn_image *im, struct chim_hw_tcp_state *s);
void fw_snapshot_cached(uint32_t slot, const struct fw_conn_image *im, struct chim_hw_tcp_state *s);
void fw_snapshot_delegated(uint32_t slot, const struct fw_conn_image *im,
			   struct chim_hw_tcp_state *s);

/** fw_snapshot_keepalive() - ticks until the keepalive timer expires, or TIMEOUT_NOT_RUNNING */
uint32_t fw_snapshot_keepalive(uint32_t slot);

#endif
