/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Driver of the on-chip tables: single words, and whole entries by the block copy. Hard part: a copy
 * runs beside the core; the words in RAM are its until the next copy starts or fw_table_wait().
 * A shift costs the core a clock a bit, so table and word are inlined as constants.
 */
#ifndef FW_DRV_TABLE_H
#define FW_DRV_TABLE_H

#include "base/fw.h"
#include "chim_contract.h"
#include "chim_soc_regs.h"

/* Clocks: at most 32 words, each served within 64. */
#define FW_TABLE_BOUND (1u << 14)

static inline uint32_t fw_table_addr(uint32_t table, uint32_t slot, uint32_t word)
{
	return CHIM_SOC_TABLE_BASE + (table << 23) + (word << 2) + (slot << 7);
}

/** fw_table_get() - read one word; @table: enum chim_hw_table */
static inline uint32_t fw_table_get(uint32_t table, uint32_t slot, uint32_t word)
{
	return fw_read32(fw_table_addr(table, slot, word));
}

/** fw_table_set() - write one word */
static inline void fw_table_set(uint32_t table, uint32_t slot, uint32_t word, uint32_t value)
{
	fw_write32(fw_table_addr(table, slot, word), value);
}

/**
 * fw_table_copy() - start a copy; waits for the one before
 * @go: value of the register copy_go
 * @w:  words in RAM
 *
 * Return: FW_OK; FW_TIMEOUT the copy before never ended, this one was not started.
 */
enum fw_result fw_table_copy(uint32_t go, const uint32_t *w) FW_MUST_CHECK;

/**
 * fw_table_store() - start copying words from RAM into words 0.. of an entry
 * @table: enum chim_hw_table
 * @slot:  entry
 * @w:     words in RAM, unchanged until fw_table_wait() or the next copy
 * @words: 1..32
 */
static inline FW_MUST_CHECK enum fw_result fw_table_store(uint32_t table, uint32_t slot,
							  const uint32_t *w, uint32_t words)
{
	return fw_table_copy((table << CHIM_SOC_REG_COPY_GO_TABLE_SHIFT |
			      words << CHIM_SOC_REG_COPY_GO_WORDS_SHIFT |
			      CHIM_SOC_REG_COPY_GO_WRITE_MASK) +
				     slot,
			     w);
}

/** fw_table_load() - the same from the entry to RAM; valid after fw_table_wait() */
static inline FW_MUST_CHECK enum fw_result fw_table_load(uint32_t table, uint32_t slot, uint32_t *w,
							 uint32_t words)
{
	return fw_table_copy((table << CHIM_SOC_REG_COPY_GO_TABLE_SHIFT |
			      words << CHIM_SOC_REG_COPY_GO_WORDS_SHIFT) +
				     slot,
			     w);
}

/** fw_table_wait() - until no copy runs; FW_TIMEOUT: it never ended */
enum fw_result fw_table_wait(void) FW_MUST_CHECK;

#endif
