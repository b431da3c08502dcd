/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Events that wait for the event ring. Hard part: the host may let its ring run full, so an event
 * is kept until the ring takes it, and no new work is begun unless its events have room here.
 */
#ifndef FW_APP_EVQ_H
#define FW_APP_EVQ_H

#include "base/fw.h"
#include "chim_contract.h"

/** fw_evq_init() - forget everything */
void fw_evq_init(void);
/** fw_evq_room() - how many events fit */
uint32_t fw_evq_room(void);
/** fw_evq_post() - keep one event; fw_evq_room() has said that it fits, else it is lost */
void fw_evq_post(const struct chim_hw_event *event);
/** fw_evq_poll() - hand events on as long as the ring takes them */
void fw_evq_poll(void);

/** fw_event_admin() - an admin descriptor is complete */
void fw_event_admin(uint32_t cookie, uint32_t status, uint32_t info);
/** fw_event_conn() - LIVE, HOLD_END or UPLOAD of a connection; @info: upload reason, else 0 */
void fw_event_conn(uint32_t type, uint32_t slot, uint32_t info);
/** fw_event_fault() - a counted fault; @counter: enum chim_hw_counter; lost if there is no room */
void fw_event_fault(uint32_t counter);

#endif
