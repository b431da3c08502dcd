/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * The life of a connection's slot: NONE, HOLD, LIVE and back (D13). Hard part: the time a slot may
 * stay in HOLD is bounded, and while frames of it still arrive the clock starts again.
 */
#ifndef FW_APP_SLOTS_H
#define FW_APP_SLOTS_H

#include "base/fw.h"
#include "chim_contract.h"

/** fw_slots_init() - no slot is held */
void fw_slots_init(void);

/**
 * fw_slot_hold() - HOLD of an admin descriptor: take a slot for a key
 * @key:  the host's; checked
 * @slot: out
 *
 * Return: chim_hw_status; on SUCCESS the marker is on its way.
 */
uint32_t fw_slot_hold(const struct chim_hw_key *key, uint32_t *slot);
/**
 * fw_slot_release() - RELEASE of an admin descriptor; returns chim_hw_status
 * @gone: 1 when nothing was installed and the entry is NONE now; else as it was
 */
uint32_t fw_slot_release(uint32_t slot, uint32_t gen, uint32_t *gone);

/** fw_slot_unlist() - a held slot is installed: its HOLD has no clock of its own any more */
void fw_slot_unlist(uint32_t slot);
/** fw_slot_enter() - write the entry of a slot: state and flags FW_ENTRY_*; FW_TIMEOUT */
enum fw_result fw_slot_enter(uint32_t slot, uint32_t state, uint32_t vlan) FW_MUST_CHECK;
/** fw_slot_drop() - entry NONE, key out, slot free; it is used, and listed if not installed */
enum fw_result fw_slot_drop(uint32_t slot) FW_MUST_CHECK;
/**
 * fw_slot_upload() - ask the host to take an installed connection back
 *
 * The reason is HardwareFailure for a broken connection, InvalidState for a paused one, else
 * UploadRequested.
 */
void fw_slot_upload(uint32_t slot);
/** fw_slot_broken() - hardware did not answer for an installed connection (R84): ask for upload */
void fw_slot_broken(uint32_t slot);

/** fw_slots_poll() - one step of what nobody asks for: LIVE notices, HOLD clocks, uploads */
void fw_slots_poll(uint32_t pending);

#endif
