/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Self test, see selftest.h. Hard part: reserved bits of a record need not be stored, so they are
 * left out of the comparison.
 */
#include "app/selftest.h"

#include "app/key.h"
#include "app/objects.h"
#include "app/ops.h"
#include "drv/lookup.h"
#include "drv/soc.h"
#include "drv/table.h"

#define STEP_LOOKUP 64u
#define ENTRY_WORDS 32u /* longest record */
CHIM_STATIC_ASSERT(sizeof(fw_scratch) >= 4 * ENTRY_WORDS, "room for a record");

struct table_info {
	uint8_t table;
	uint8_t words;
	uint8_t rsvd_lsb;
	uint8_t rsvd_width; /* of a field inside one word */
};

/* All tables that firmware may write, but ENTRY, which frames go by. */
static const struct table_info tables[] = {
	{ CHIM_TABLE_TX, CHIM_TCB_TX_WORDS, CHIM_TCB_TX_RSVD_LSB, CHIM_TCB_TX_RSVD_W },
	{ CHIM_TABLE_RX, CHIM_TCB_RX_WORDS, CHIM_TCB_RX_RSVD_LSB, CHIM_TCB_RX_RSVD_W },
	{ CHIM_TABLE_CFG_TX, CHIM_CFG_TX_WORDS, CHIM_CFG_TX_RSVD_LSB, CHIM_CFG_TX_RSVD_W },
	{ CHIM_TABLE_CFG_RX, CHIM_CFG_RX_WORDS, CHIM_CFG_RX_RSVD_LSB, CHIM_CFG_RX_RSVD_W },
	{ CHIM_TABLE_CFG_BIND, CHIM_CFG_BIND_WORDS, CHIM_CFG_BIND_RSVD_LSB, CHIM_CFG_BIND_RSVD_W },
	{ CHIM_TABLE_CFG_HDR, CHIM_CFG_HDR_WORDS, CHIM_CFG_HDR_RSVD_LSB, CHIM_CFG_HDR_RSVD_W },
	{ CHIM_TABLE_RCV_RING, CHIM_RCV_RING_WORDS, CHIM_RCV_RING_RSVD_LSB, CHIM_RCV_RING_RSVD_W },
	{ CHIM_TABLE_SND_RING, CHIM_SND_RING_WORDS, CHIM_SND_RING_RSVD_LSB, CHIM_SND_RING_RSVD_W },
	{ CHIM_TABLE_DOORBELL, CHIM_DOORBELL_WORDS, CHIM_DOORBELL_RSVD_LSB, CHIM_DOORBELL_RSVD_W },
	{ CHIM_TABLE_PLACED, CHIM_PLACED_WORDS, 0, 0 },
	{ CHIM_TABLE_SENT, CHIM_SENT_WORDS, CHIM_SENT_RSVD_LSB, CHIM_SENT_RSVD_W },
	{ CHIM_TABLE_DONE, CHIM_DONE_WORDS, 0, 0 },
	{ CHIM_TABLE_CURSOR, CHIM_CURSOR_WORDS, CHIM_CURSOR_RSVD_LSB, CHIM_CURSOR_RSVD_W },
};

/* A word of a pattern that differs by table, slot, word and round. */
static uint32_t pattern(uint32_t table, uint32_t slot, uint32_t word, uint32_t round)
{
	uint32_t x = (table * 0x01000193u ^ slot * 0x9E3779B1u ^ word * 0x85EBCA77u) + 0x1234567u;

	return round & 1u ? ~x : x;
}

static uint32_t defined_bits(const struct table_info *t, uint32_t word)
{
	if (t->rsvd_width == 0 || t->rsvd_lsb / 32u != word)
		return 0xFFFFFFFFu;
	return ~((0xFFFFFFFFu >> (32u - t->rsvd_width)) << (t->rsvd_lsb % 32u));
}

/* Written by copy and read by word in one round, the other way round in the next. */
static bool test_entry(const struct table_info *t, uint32_t slot, uint32_t round)
{
	uint32_t *w = (uint32_t *)(void *)&fw_scratch; /* nothing is offloaded */
	bool copy_in = round & 1u;

	for (uint32_t i = 0; i < t->words; i++) {
		w[i] = pattern(t->table, slot, i, round);
		if (!copy_in)
			fw_table_set(t->table, slot, i, w[i]);
	}
	fw_table_ram(w);
	if (copy_in)
		fw_table_store(t->table, slot, t->words);
	if (fw_table_wait() != FW_OK)
		return false;
	fw_zero_words(w, ENTRY_WORDS);
	if (!copy_in) {
		fw_table_ram(w);
		fw_table_load(t->table, slot, t->words);
		if (fw_table_wait() != FW_OK)
			return false;
	}
	for (uint32_t i = 0; i < t->words; i++) {
		uint32_t got = copy_in ? fw_table_get(t->table, slot, i) : w[i];

		if ((got ^ pattern(t->table, slot, i, round)) & defined_bits(t, i))
			return false;
	}
	fw_zero_words(w, ENTRY_WORDS);
	fw_table_ram(w);
	fw_table_store(t->table, slot, t->words);
	return fw_table_wait() == FW_OK;
}

/* First slot and last: an address line that is stuck shows in the second round. */
static uint32_t test_tables(void)
{
	uint32_t last = fw_obj.conns - 1;

	for (uint32_t i = 0; i < FW_COUNT_OF(tables); i++) {
		for (uint32_t round = 0; round < 2; round++) {
			if (!test_entry(&tables[i], 0, round) ||
			    !test_entry(&tables[i], last, round))
				return i + 1;
		}
	}
	return 0;
}

/* Two keys that differ in one bit, in two slots. */
static uint32_t test_lookup(void)
{
	struct chim_hw_key key[2] = { { .local = { 10, 0, 0, 1 }, .remote = { 10, 0, 0, 2 } } };
	uint32_t slot, last = fw_obj.conns - 1;

	key[0].local_port = chim_le16_of(1);
	key[0].remote_port = chim_le16_of(2);
	key[1] = key[0];
	key[1].remote_port = chim_le16_of(3);
	fw_key_host(&key[0]);
	if (fw_lookup_find(&slot) != FW_NONE || fw_lookup_insert(0) != FW_OK ||
	    fw_lookup_insert(0) != FW_NONE)
		return STEP_LOOKUP;
	fw_key_host(&key[1]);
	if (fw_lookup_find(&slot) != FW_NONE || fw_lookup_insert(last) != FW_OK ||
	    fw_lookup_find(&slot) != FW_OK || slot != last)
		return STEP_LOOKUP + 1;
	if (fw_lookup_remove() != FW_OK || fw_lookup_find(&slot) != FW_NONE)
		return STEP_LOOKUP + 2;
	fw_key_host(&key[0]);
	if (fw_lookup_find(&slot) != FW_OK || slot != 0 || fw_lookup_remove() != FW_OK ||
	    fw_lookup_remove() != FW_NONE)
		return STEP_LOOKUP + 3;
	return 0;
}

uint32_t fw_selftest(void)
{
	uint32_t bad;

	if (fw_obj.live_objects)
		return fw_refuse(CHIM_FW_CODE_BUSY, 0);
	bad = test_tables();
	if (!bad)
		bad = test_lookup();
	return bad ? fw_refuse(CHIM_FW_CODE_SELFTEST, bad) : CHIM_STATUS_SUCCESS;
}
