/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Driver of the event ring's firmware port. Hard part: the ring may be full because the host is
 * slow; that is no fault, so the caller tries again instead of waiting here.
 */
#ifndef FW_DRV_EVENT_H
#define FW_DRV_EVENT_H

#include "base/fw.h"
#include "chim_contract.h"

/** fw_event_push() - append one event; FW_BUSY: the one before is not taken, nothing was done */
enum fw_result fw_event_push(const struct chim_hw_event *event) FW_MUST_CHECK;

#endif
