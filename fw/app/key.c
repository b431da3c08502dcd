/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Lookup keys, see key.h. Hard part: the path table has addresses with the first byte most
 * significant, the key with the first byte least significant.
 */
#include "key.h"

#include "app/objects.h"
#include "drv/lookup.h"
#include "drv/table.h"

#define KEY_WORDS  ((uint32_t)sizeof(struct chim_hw_key) / 4u)
#define ADDR_WORDS 4u

static uint32_t loaded_path; /* index + 1; 0: other addresses are loaded */

void fw_key_init(void)
{
	loaded_path = 0;
}

/* Four bytes the other way round, by bytes: shifts cost a clock a bit. */
static uint32_t swapped(const uint32_t *w)
{
	const uint8_t *b = (const uint8_t *)w;
	union {
		uint8_t b[4];
		uint32_t w;
	} u;

	u.b[0] = b[3];
	u.b[1] = b[2];
	u.b[2] = b[1];
	u.b[3] = b[0];
	return u.w;
}

enum fw_result fw_key_path(uint32_t path)
{
	static uint32_t record[CHIM_PATH_WORDS];
	uint32_t addrs[2 * ADDR_WORDS];

	if (loaded_path == path + 1)
		return FW_OK;
	fw_table_ram(record);
	fw_table_load(CHIM_TABLE_PATH, path, CHIM_PATH_WORDS);
	FW_TRY(fw_table_wait());
	for (uint32_t i = 0; i < 2 * ADDR_WORDS; i++)
		addrs[i] = swapped(&record[CHIM_PATH_WORDS - 1 - i]);
	fw_lookup_addrs(addrs, addrs + ADDR_WORDS, fw_obj.path[path].ipv6);
	loaded_path = path + 1;
	return FW_OK;
}

void fw_key_host(const struct chim_hw_key *key)
{
	const uint32_t *w = (const uint32_t *)(const void *)key;

	fw_lookup_addrs(w, w + ADDR_WORDS, key->ipv6);
	fw_lookup_ports(w[offsetof(struct chim_hw_key, local_port) / 4]);
	loaded_path = 0;
}

void fw_key_forget_path(uint32_t path)
{
	if (loaded_path == path + 1)
		loaded_path = 0;
}

/* The send half's table has room for it and is not used before the state is installed. */
CHIM_STATIC_ASSERT(KEY_WORDS <= CHIM_TCB_TX_WORDS, "key in tcb_tx");

enum fw_result fw_key_hold(uint32_t slot, const struct chim_hw_key *key)
{
	fw_table_ram(key);
	fw_table_store(CHIM_TABLE_TX, slot, KEY_WORDS);
	return fw_table_wait();
}

enum fw_result fw_key_conn(uint32_t slot)
{
	static union {
		uint32_t w[KEY_WORDS];
		struct chim_hw_key key;
	} u;
	uint32_t ports;

	if (fw_obj.conn[slot].bits & FW_CONN_INSTALLED) {
		ports = fw_table_get(CHIM_TABLE_CFG_HDR, slot, CHIM_CFG_HDR_REMOTEPORT_LSB / 32);
		FW_TRY(fw_key_path(fw_conn_path(slot)));
		/* The record has the local port in the upper half, the key in the lower one. */
		fw_lookup_ports(ports << 16 | ports >> 16);
		return FW_OK;
	}
	fw_table_ram(u.w);
	fw_table_load(CHIM_TABLE_TX, slot, KEY_WORDS);
	FW_TRY(fw_table_wait());
	fw_key_host(&u.key);
	return FW_OK;
}
