/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * The hardware that firmware sees, as a C model for tests on the host: registers, tables, lookup,
 * entries, DMA, events. Hard part: a transfer or copy takes effect only some register accesses
 * after it was started, at once at both ends, so firmware that does not wait, or reuses a buffer
 * too early, gets it wrong here too.
 */
#ifndef CHIM_TESTS_UNIT_FW_HW_H
#define CHIM_TESTS_UNIT_FW_HW_H

#include <stdbool.h>
#include <stdint.h>

#include "chim_contract.h"
#include "chim_soc_regs.h"

#define HW_CONNS     2048u
#define HW_MEM_BYTES (4u << 20)
#define HW_MEM_BASE  0x100200000ull /* bus address of hw.mem */
#define HW_RING_LOG2 3u
#define HW_EVENTS    16384u
#define HW_OPS	     65536u
#define HW_WORDS     32u
#define HW_COPIES    32u

/* What the log keeps, in the order of its effect. */
enum hw_op {
	HW_FIND,
	HW_INSERT,
	HW_REMOVE,
	HW_ENTRY,
	HW_KICK,
	HW_FENCE,
	HW_ACK,
	HW_STOP,
	HW_FREEZE,
	HW_DMA_READ,
	HW_DMA_WRITE,
	HW_EVENT,
	HW_MARKER,
	HW_HIGH_WATER,
};

struct hw_log {
	enum hw_op op;
	uint32_t slot;	/* or 0 */
	uint64_t value; /* entry, bus address, event type, high water */
};

struct hw {
	uint32_t conns, paths, neighbors;
	uint32_t ms, cycles;
	uint32_t seed; /* of the delays */
	uint8_t mem[HW_MEM_BYTES];
	uint32_t table[16][HW_CONNS][HW_WORDS];
	uint32_t reg[CHIM_SOC_REG_SPAN / 4 + 1];
	bool alive, quiesce, run, quiet;
	uint8_t mac[6];

	struct chim_hw_key key[HW_CONNS];
	bool key_used[HW_CONNS];
	uint32_t keys, keys_max; /* places in the lookup */
	uint32_t lkp_result, lkp_left;
	uint16_t live[HW_CONNS]; /* notices */
	uint32_t live_head, live_tail;

	struct hw_copy {
		bool set;
		uint32_t value;
	} copy[HW_COPIES]; /* queue, oldest first */
	uint32_t copies;
	uint32_t copy_at;				    /* RAM address of the next copy */
	uint32_t dma_left, copy_left, fence_left, evt_left; /* accesses until they end */
	bool dma_error;
	uint32_t high_water;
	uint32_t count[256];
	uint32_t admin_host, admin_device;

	struct chim_hw_event event[HW_EVENTS];
	uint32_t events, events_room; /* in the log; that the ring still takes */
	struct hw_log log[HW_OPS];
	uint32_t ops;

	/* Faults: what does not answer, and which transfers fail. */
	bool lookup_stuck, fence_stuck, copy_stuck, dma_stuck;
	uint32_t dma_fail_at; /* 1: the next; 0: none */
	uint32_t accesses;
	uint32_t max_delay; /* longest delay in accesses */
};
extern struct hw hw;

/** hw_reset() - a device of this size, nothing in it, firmware not started */
void hw_reset(uint32_t conns, uint32_t paths, uint32_t neighbors);
/** hw_boot() - reset firmware and run it to its main loop; false: it refused */
bool hw_boot(void);
/** hw_turns() - so many turns of the main loop */
void hw_turns(uint32_t n);

/** hw_alloc() - a piece of host memory, 64-byte aligned, filled with 0xA5; gives its bus address */
uint64_t hw_alloc(uint32_t bytes);
/** hw_free_all() - forget all pieces */
void hw_free_all(void);
/** hw_at() - where a bus address lies */
void *hw_at(uint64_t addr);

/** struct hw_done - completion of an admin descriptor */
struct hw_done {
	bool came;
	uint32_t status;
	uint32_t info;
};
/** hw_admin() - give firmware one descriptor and run until it is complete, bounded */
struct hw_done hw_admin(const struct chim_hw_admin_desc *d);
/** hw_submit() - only put it into the ring; false: the ring is full */
bool hw_submit(const struct chim_hw_admin_desc *d);

/** hw_entry() - entry record of a slot, unpacked */
struct chim_hw_entry hw_entry(uint32_t slot);
/** hw_held() - a frame of the slot is held, or one less */
void hw_held(uint32_t slot, int change);
/** hw_find_event() - index of the first event of a type from @from on, or -1 */
int hw_find_event(uint32_t type, uint32_t from);
/** hw_find_op() - index of the first log entry from @from on, or -1 */
int hw_find_op(enum hw_op op, uint32_t from);
/** hw_conn_key() - slot of a key, or -1 */
int hw_conn_key(const struct chim_hw_key *key);

#endif
