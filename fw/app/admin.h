/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Admin descriptors: fetched, carried out and completed one by one, in order. Hard part: whatever
 * the descriptor says, it is completed once, and the host's index never makes firmware read
 * elsewhere.
 */
#ifndef FW_APP_ADMIN_H
#define FW_APP_ADMIN_H

#include "base/fw.h"
#include "chim_contract.h"

/** fw_admin_init() - start with the first descriptor */
void fw_admin_init(void);
/** fw_admin_poll() - carry out one descriptor, if one waits */
void fw_admin_poll(void);
/** fw_admin_quiesced() - QUIESCE was asked for: only a reset brings more */
bool fw_admin_quiesced(void);

#endif
