/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * The lookup key of a connection. Hard part: it is kept nowhere as such: a held slot has it in
 * words of its own tables, an installed one in those of its path and its header constants.
 */
#ifndef FW_APP_KEY_H
#define FW_APP_KEY_H

#include "base/fw.h"
#include "chim_contract.h"

/** fw_key_init() - nothing is loaded */
void fw_key_init(void);
/**
 * fw_key_path() - load the addresses of a path into the lookup's key
 *
 * Cheap when they are still loaded. Return: FW_OK; FW_TIMEOUT a table did not answer.
 */
enum fw_result fw_key_path(uint32_t path) FW_MUST_CHECK;
/** fw_key_host() - load a key of the host's */
void fw_key_host(const struct chim_hw_key *key);
/** fw_key_forget_path() - the path's addresses may change */
void fw_key_forget_path(uint32_t path);
/** fw_key_hold() - keep a held slot's key in its tables; FW_TIMEOUT */
enum fw_result fw_key_hold(uint32_t slot, const struct chim_hw_key *key) FW_MUST_CHECK;
/** fw_key_conn() - load the key of a used slot, held or installed; FW_TIMEOUT */
enum fw_result fw_key_conn(uint32_t slot) FW_MUST_CHECK;

#endif
