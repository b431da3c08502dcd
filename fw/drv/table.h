/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Driver of the on-chip tables: single words, and whole entries by the block copy. Hard part:
 * copies run beside the core, one after the other through RAM that lies together; that RAM is the
 * copies' until fw_table_wait(). A shift costs the core a clock a bit, so table and word are
 * inlined constants.
 */
#ifndef FW_DRV_TABLE_H
#define FW_DRV_TABLE_H

#include "base/fw.h"
#include "chim_contract.h"
#include "chim_soc_regs.h"

/* Clocks: a few copies of at most 32 words, each word served within 64. */
#define FW_TABLE_BOUND (1u << 16)

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

/** fw_table_ram() - where in RAM the next copy begins; each goes on where the last one ended */
static inline void fw_table_ram(const void *w)
{
	fw_write32(CHIM_SOC_REGS_BASE + CHIM_SOC_REG_COPY_RAM, fw_ram_addr(w));
	fw_barrier(); /* RAM that the copies read is written, before they start */
}

/**
 * fw_table_store() - copy words from RAM into words 0.. of an entry
 * @table: enum chim_hw_table
 * @slot:  entry
 * @words: 1..32
 *
 * The copy queues up behind those before it.
 */
static inline void fw_table_store(uint32_t table, uint32_t slot, uint32_t words)
{
	fw_write32(CHIM_SOC_REGS_BASE + CHIM_SOC_REG_COPY_GO,
		   (table << CHIM_SOC_REG_COPY_GO_TABLE_SHIFT |
		    words << CHIM_SOC_REG_COPY_GO_WORDS_SHIFT | CHIM_SOC_REG_COPY_GO_WRITE_MASK) +
			   slot);
}

/** fw_table_load() - the same from the entry to RAM; valid after fw_table_wait() */
static inline void fw_table_load(uint32_t table, uint32_t slot, uint32_t words)
{
	fw_write32(CHIM_SOC_REGS_BASE + CHIM_SOC_REG_COPY_GO,
		   (table << CHIM_SOC_REG_COPY_GO_TABLE_SHIFT |
		    words << CHIM_SOC_REG_COPY_GO_WORDS_SHIFT) +
			   slot);
}

/** fw_table_wait() - until no copy runs; FW_TIMEOUT: one never ended */
enum fw_result fw_table_wait(void) FW_MUST_CHECK;

#endif
