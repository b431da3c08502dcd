/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Driver of the lookup: keys, entries, and the notices of entries that turned LIVE. Hard part: the
 * key stays in its registers from one command to the next, so connections of one path load only
 * their ports.
 */
#ifndef FW_DRV_LOOKUP_H
#define FW_DRV_LOOKUP_H

#include "base/fw.h"
#include "chim_contract.h"

/* Clocks. A command waits for frames that are being looked up, and a marker for its ring. */
#define FW_LOOKUP_BOUND (1u << 16)

/** fw_lookup_addrs() - load addresses and family; @local, @remote: 4 words each as in struct key */
void fw_lookup_addrs(const uint32_t *local, const uint32_t *remote, bool ipv6);
/** fw_lookup_ports() - load the ports; @ports: local port | remote port << 16, host order */
void fw_lookup_ports(uint32_t ports);
/** fw_lookup_seed() - seed of the hash; only while no key is in */
void fw_lookup_seed(uint32_t seed);

/**
 * fw_lookup_find() - look for the loaded key
 * @slot: out: slot of the key
 *
 * Return: FW_OK; FW_NONE no such key; FW_TIMEOUT.
 */
enum fw_result fw_lookup_find(uint32_t *slot) FW_MUST_CHECK;
/** fw_lookup_insert() - add the loaded key; FW_NONE: it is there, or no room is left; FW_TIMEOUT */
enum fw_result fw_lookup_insert(uint32_t slot) FW_MUST_CHECK;
/** fw_lookup_remove() - take the loaded key out; FW_NONE: it was not there; FW_TIMEOUT */
enum fw_result fw_lookup_remove(void) FW_MUST_CHECK;
/** fw_lookup_entry() - write a slot's entry record, in order with frames; FW_TIMEOUT */
enum fw_result fw_lookup_entry(uint32_t slot, uint32_t entry) FW_MUST_CHECK;

/** fw_lookup_live() - take one notice that an entry turned LIVE; false: there is none */
bool fw_lookup_live(uint32_t *slot) FW_MUST_CHECK;

#endif
