/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * The hardware that firmware sees, see hw.h. Hard part: an access outside what the contract defines
 * is a failure of firmware and stops the test.
 */
#include "hw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/main.h"
#include "base/fw.h"

struct hw hw;
static uint32_t alloc_at;
static uint32_t submitted;
static uint64_t ring_addr;
static _Alignas(16) uint8_t heap[HW_CONNS * 32 + 65536];

static void broken(const char *what, uint32_t value)
{
	printf("# firmware: %s 0x%x\nBail out!\n", what, value);
	fflush(stdout);
	abort();
}

static uint32_t delay(void)
{
	hw.seed = hw.seed * 1664525u + 1013904223u;
	return hw.max_delay ? 1 + (hw.seed >> 16) % hw.max_delay : 1;
}

static void note(enum hw_op op, uint32_t slot, uint64_t value)
{
	if (hw.ops < HW_OPS)
		hw.log[hw.ops++] = (struct hw_log){ op, slot, value };
}

/* ---- RAM as the device addresses it: firmware's static data ---- */

uint32_t fw_ram_addr(const void *p)
{
	return (uint32_t)(uintptr_t)p;
}

static void *ram_at(uint32_t addr)
{
	uintptr_t here = (uintptr_t)heap;
	uintptr_t base = (here & ~(uintptr_t)0xFFFFFFFFu) | addr;
	uintptr_t best = base;

	/* Static data lie within 2 GiB of each other. */
	if (base > here + 0x80000000u)
		best = base - 0x100000000ull;
	else if (here > base + 0x80000000u)
		best = base + 0x100000000ull;
	return (void *)best;
}

void *hw_at(uint64_t addr)
{
	return hw.mem + (addr - HW_MEM_BASE);
}

uint64_t hw_alloc(uint32_t bytes)
{
	uint64_t addr = HW_MEM_BASE + alloc_at;

	alloc_at += (bytes + 127u) & ~63u;
	if (alloc_at > HW_MEM_BYTES)
		broken("test: out of host memory", bytes);
	memset(hw_at(addr), 0xA5, (bytes + 127u) & ~63u);
	return addr;
}

void hw_free_all(void)
{
	alloc_at = 4096;
}

#define REG(name_) hw.reg[CHIM_SOC_REG_##name_ / 4]

/* ---- DMA ---- */

static void dma_end(void)
{
	uint64_t host = (uint64_t)REG(DMA_HOST_HI) << 32 | REG(DMA_HOST_LO);
	uint32_t len = REG(DMA_GO) & CHIM_SOC_REG_DMA_GO_LEN_MASK;
	bool write = REG(DMA_GO) & CHIM_SOC_REG_DMA_GO_WRITE_MASK;
	uint8_t *ram = ram_at(REG(DMA_RAM));

	hw.dma_error = host < HW_MEM_BASE || host + len > HW_MEM_BASE + HW_MEM_BYTES;
	if (hw.dma_fail_at && --hw.dma_fail_at == 0)
		hw.dma_error = true;
	note(write ? HW_DMA_WRITE : HW_DMA_READ, len, host);
	if (hw.dma_error) {
		if (!write)
			memset(ram, 0xEE, len);
	} else if (write) {
		memcpy(hw_at(host), ram, len);
	} else {
		memcpy(ram, hw_at(host), len);
	}
}

/* ---- tables and copy ---- */

static const uint8_t words_of[16] = {
	CHIM_TCB_TX_WORDS,   CHIM_TCB_RX_WORDS,	  CHIM_CFG_TX_WORDS,   CHIM_CFG_RX_WORDS,
	CHIM_CFG_BIND_WORDS, CHIM_CFG_HDR_WORDS,  CHIM_RCV_RING_WORDS, CHIM_SND_RING_WORDS,
	CHIM_DOORBELL_WORDS, CHIM_PLACED_WORDS,	  CHIM_SENT_WORDS,     CHIM_DONE_WORDS,
	CHIM_PATH_WORDS,     CHIM_NEIGHBOR_WORDS, CHIM_ENTRY_WORDS,    CHIM_CURSOR_WORDS,
};

static uint32_t *table_word(uint32_t table, uint32_t slot, uint32_t word)
{
	uint32_t depth = hw.conns;

	if (table == CHIM_TABLE_PATH)
		depth = hw.paths;
	if (table == CHIM_TABLE_NEIGHBOR)
		depth = hw.neighbors;
	if (slot >= depth || word >= words_of[table])
		broken("table entry out of range: table, slot, word",
		       table << 24 | slot << 8 | word);
	return &hw.table[table][slot][word];
}

static void table_set(uint32_t table, uint32_t slot, uint32_t word, uint32_t value)
{
	uint32_t *w = table_word(table, slot, word);

	if (table == CHIM_TABLE_ENTRY)
		broken("ENTRY written past the lookup", slot);
	if (table == CHIM_TABLE_CFG_TX && word == 0 && (value & ~*w) >> CHIM_CFG_TX_STOP_LSB & 1)
		note(HW_STOP, slot, value);
	if (table == CHIM_TABLE_CFG_RX && (value & ~*w) >> CHIM_CFG_RX_FREEZE_LSB & 1)
		note(HW_FREEZE, slot, value);
	*w = value;
}

/* The oldest command of the queue takes effect. */
static void copy_end(void)
{
	struct hw_copy c = hw.copy[0];
	uint32_t slot = c.value & CHIM_SOC_REG_COPY_GO_CONN_MASK;
	uint32_t table =
		(c.value & CHIM_SOC_REG_COPY_GO_TABLE_MASK) >> CHIM_SOC_REG_COPY_GO_TABLE_SHIFT;
	uint32_t words =
		(c.value & CHIM_SOC_REG_COPY_GO_WORDS_MASK) >> CHIM_SOC_REG_COPY_GO_WORDS_SHIFT;

	hw.copies--;
	memmove(&hw.copy[0], &hw.copy[1], hw.copies * sizeof(hw.copy[0]));
	if (hw.copies)
		hw.copy_left = delay();
	if (c.set) {
		hw.copy_at = c.value;
		return;
	}
	for (uint32_t i = 0; i < words; i++, hw.copy_at += 4) {
		uint32_t *ram = ram_at(hw.copy_at);

		if (c.value & CHIM_SOC_REG_COPY_GO_WRITE_MASK)
			table_set(table, slot, i, *ram);
		else
			*ram = *table_word(table, slot, i);
	}
}

/* ---- lookup and entries, as rtl/net has them ---- */

static struct chim_hw_key loaded_key(void)
{
	struct chim_hw_key key;
	uint32_t *w = (uint32_t *)(void *)&key;

	for (uint32_t i = 0; i < 4; i++) {
		w[i] = hw.reg[CHIM_SOC_REG_LKP_LOCAL0 / 4 + i];
		w[4 + i] = hw.reg[CHIM_SOC_REG_LKP_REMOTE0 / 4 + i];
	}
	w[8] = REG(LKP_PORTS);
	w[9] = REG(LKP_FAMILY) & 1u;
	return key;
}

int hw_conn_key(const struct chim_hw_key *key)
{
	for (uint32_t i = 0; i < hw.conns; i++) {
		if (hw.key_used[i] && memcmp(&hw.key[i], key, sizeof(*key)) == 0)
			return (int)i;
	}
	return -1;
}

static void entry_write(uint32_t slot, struct chim_hw_entry e)
{
	struct chim_hw_entry old = hw_entry(slot);

	if (e.State == CHIM_ENTRY_STATE_HOLD && old.State != CHIM_ENTRY_STATE_HOLD)
		note(HW_MARKER, slot, e.Gen);
	if (e.State == CHIM_ENTRY_STATE_HOLD && e.Release && e.Installed && e.Held == 0) {
		e.State = CHIM_ENTRY_STATE_LIVE;
		hw.live[hw.live_tail++ % HW_CONNS] = (uint16_t)slot;
	}
	chim_hw_entry_pack(hw.table[CHIM_TABLE_ENTRY][slot], &e);
}

struct chim_hw_entry hw_entry(uint32_t slot)
{
	struct chim_hw_entry e;

	chim_hw_entry_unpack(&e, hw.table[CHIM_TABLE_ENTRY][slot]);
	return e;
}

void hw_held(uint32_t slot, int change)
{
	struct chim_hw_entry e = hw_entry(slot);

	e.Held = (uint16_t)(e.Held + change);
	entry_write(slot, e);
}

static void command(uint32_t cmd)
{
	uint32_t op = cmd & CHIM_SOC_REG_LKP_CMD_OP_MASK;
	uint32_t slot = cmd >> CHIM_SOC_REG_LKP_CMD_CONN_SHIFT;
	struct chim_hw_key key = loaded_key();
	int at = hw_conn_key(&key);
	struct chim_hw_entry e;
	bool ok = false;

	if (hw.lkp_left)
		broken("lookup command before the answer of the last", cmd);
	switch (op) {
	case CHIM_LKP_OP_FIND:
		ok = at >= 0;
		slot = ok ? (uint32_t)at : 0;
		note(HW_FIND, slot, ok);
		break;
	case CHIM_LKP_OP_INSERT:
		if (slot >= hw.conns || (hw.key_used[slot] && at < 0))
			broken("INSERT into a slot that has another key or does not exist", slot);
		ok = at < 0 && hw.keys < hw.keys_max;
		if (ok) {
			hw.key[slot] = key;
			hw.key_used[slot] = true;
			hw.keys++;
		}
		note(HW_INSERT, slot, ok);
		break;
	case CHIM_LKP_OP_REMOVE:
		ok = at >= 0;
		if (ok) {
			hw.key_used[at] = false;
			hw.keys--;
		}
		note(HW_REMOVE, ok ? (uint32_t)at : 0, ok);
		break;
	case CHIM_LKP_OP_ENTRY:
		if (slot >= hw.conns)
			broken("ENTRY of a slot that does not exist", slot);
		chim_hw_entry_unpack(&e, &REG(LKP_ENTRY));
		if (e.State == CHIM_ENTRY_STATE_HOLD &&
		    hw_entry(slot).State == CHIM_ENTRY_STATE_HOLD)
			e.Held = hw_entry(slot).Held;
		note(HW_ENTRY, slot, REG(LKP_ENTRY));
		entry_write(slot, e);
		break;
	default: broken("unknown lookup command", op);
	}
	hw.lkp_result = (ok ? CHIM_SOC_REG_LKP_RESULT_OK_MASK : 0) |
			slot << CHIM_SOC_REG_LKP_RESULT_CONN_SHIFT;
	hw.lkp_left = delay();
}

/* ---- registers ---- */

/* Everything that takes time goes on by one access. */
static void tick(void)
{
	hw.cycles += 3;
	hw.accesses++;
	if (hw.dma_left && !hw.dma_stuck && --hw.dma_left == 0)
		dma_end();
	if (hw.copy_left && !hw.copy_stuck && --hw.copy_left == 0)
		copy_end();
	if (hw.fence_left && !hw.fence_stuck)
		hw.fence_left--;
	if (hw.lkp_left && !hw.lookup_stuck)
		hw.lkp_left--;
	if (hw.evt_left && hw.events_room && --hw.evt_left == 0) {
		struct chim_hw_event *e = &hw.event[hw.events];

		hw.events_room--;
		for (uint32_t i = 0; i < 8; i++)
			((uint32_t *)(void *)e)[i] = hw.reg[CHIM_SOC_REG_EVT0 / 4 + i];
		note(HW_EVENT, chim_le16_get(e->conn), e->type);
		if (++hw.events == HW_EVENTS)
			broken("test: event log full", hw.events);
	}
}

static uint32_t read_reg(uint32_t off)
{
	uint32_t v, slot;

	switch (off) {
	case CHIM_SOC_REG_PENDING:
		return (hw.run && hw.admin_host != hw.admin_device ? CHIM_SOC_REG_PENDING_ADMIN_MASK
								   : 0) |
		       (hw.run ? CHIM_SOC_REG_PENDING_RUN_MASK : 0) |
		       (hw.live_head != hw.live_tail ? CHIM_SOC_REG_PENDING_HOLD_MASK : 0);
	case CHIM_SOC_REG_TIME_MS: return hw.ms;
	case CHIM_SOC_REG_CYCLES:
		hw.cycles += 200; /* waits that last reach their bound in a test's time */
		return hw.cycles;
	case CHIM_SOC_REG_FW_CTRL:
		return (hw.alive ? CHIM_SOC_REG_FW_CTRL_ALIVE_MASK : 0) |
		       (hw.quiesce ? CHIM_SOC_REG_FW_CTRL_QUIESCE_MASK : 0) |
		       (hw.quiesce && hw.quiet ? CHIM_SOC_REG_FW_CTRL_QUIET_MASK : 0);
	case CHIM_SOC_REG_CONNS: return hw.conns;
	case CHIM_SOC_REG_OBJECTS:
		return hw.paths << CHIM_SOC_REG_OBJECTS_PATHS_SHIFT | hw.neighbors;
	case CHIM_SOC_REG_RAM_BYTES: return CHIM_SOC_RAM_BYTES;
	case CHIM_SOC_REG_ADMIN_BASE_LO: return (uint32_t)ring_addr;
	case CHIM_SOC_REG_ADMIN_BASE_HI: return (uint32_t)(ring_addr >> 32);
	case CHIM_SOC_REG_ADMIN_LOG2: return HW_RING_LOG2;
	case CHIM_SOC_REG_ADMIN_HOST: return hw.admin_host;
	case CHIM_SOC_REG_DMA_STATUS:
		return (hw.dma_left ? CHIM_SOC_REG_DMA_STATUS_BUSY_MASK : 0) |
		       (hw.dma_error ? CHIM_SOC_REG_DMA_STATUS_ERROR_MASK : 0);
	case CHIM_SOC_REG_EVT_PUSH: return hw.evt_left ? CHIM_SOC_REG_EVT_PUSH_BUSY_MASK : 0;
	case CHIM_SOC_REG_LKP_RESULT:
		return hw.lkp_left ? CHIM_SOC_REG_LKP_RESULT_BUSY_MASK : hw.lkp_result;
	case CHIM_SOC_REG_HOLD_EVT:
		if (hw.live_head == hw.live_tail)
			return 0;
		slot = hw.live[hw.live_head++ % HW_CONNS];
		return 1u | slot << CHIM_SOC_REG_HOLD_EVT_CONN_SHIFT;
	case CHIM_SOC_REG_FENCE_BUSY: return hw.fence_left ? 7u : 0;
	case CHIM_SOC_REG_MAC_LO: memcpy(&v, hw.mac, 4); return v;
	case CHIM_SOC_REG_MAC_HI: return (uint32_t)(hw.mac[4] | hw.mac[5] << 8);
	case CHIM_SOC_REG_COPY_STATUS: return hw.copy_left ? CHIM_SOC_REG_COPY_STATUS_BUSY_MASK : 0;
	default: broken("read of a register that has nothing to read", off); return 0;
	}
}

static void ack(uint32_t slot)
{
	struct chim_hw_sent sent;
	struct chim_hw_tcb_rx rx;

	chim_hw_sent_unpack(&sent, hw.table[CHIM_TABLE_SENT][slot]);
	chim_hw_tcb_rx_unpack(&rx, hw.table[CHIM_TABLE_RX][slot]);
	sent.LastAckSent = hw.table[CHIM_TABLE_PLACED][slot][0];
	sent.AckDone = rx.AckOwed;
	chim_hw_sent_pack(hw.table[CHIM_TABLE_SENT][slot], &sent);
	note(HW_ACK, slot, sent.LastAckSent);
}

static void write_reg(uint32_t off, uint32_t value)
{
	if (off >= CHIM_SOC_REG_SPAN || off % 4)
		broken("write outside the registers", off);
	switch (off) {
	case CHIM_SOC_REG_FW_CTRL:
		hw.alive = value & CHIM_SOC_REG_FW_CTRL_ALIVE_MASK;
		hw.quiesce = value & CHIM_SOC_REG_FW_CTRL_QUIESCE_MASK;
		break;
	case CHIM_SOC_REG_ADMIN_DEVICE: hw.admin_device = value; break;
	case CHIM_SOC_REG_DMA_GO:
		if (hw.dma_left)
			broken("DMA started while one runs", value);
		hw.dma_left = delay();
		hw.dma_error = false;
		break;
	case CHIM_SOC_REG_DMA_HOST_LO:
	case CHIM_SOC_REG_DMA_HOST_HI:
	case CHIM_SOC_REG_DMA_RAM:
		if (hw.dma_left)
			broken("DMA registers written while a transfer runs", off);
		break;
	case CHIM_SOC_REG_EVT_PUSH:
		if (hw.evt_left)
			broken("event pushed before the last was taken", value);
		hw.evt_left = delay();
		break;
	case CHIM_SOC_REG_LKP_CMD:
		hw.reg[off / 4] = value;
		command(value);
		break;
	case CHIM_SOC_REG_KICK: note(HW_KICK, value, 0); break;
	case CHIM_SOC_REG_FENCE:
		if (hw.fence_left)
			broken("fence before the last one ended", value);
		hw.fence_left = delay();
		note(HW_FENCE, value, 0);
		break;
	case CHIM_SOC_REG_ACK_NOW: ack(value); break;
	case CHIM_SOC_REG_HIGH_WATER:
		hw.high_water = value;
		note(HW_HIGH_WATER, 0, value);
		break;
	case CHIM_SOC_REG_COUNT: hw.count[value & 0xFF]++; break;
	case CHIM_SOC_REG_COPY_GO:
	case CHIM_SOC_REG_COPY_RAM:
		if (hw.copies == HW_COPIES)
			break; /* dropped */
		if (hw.copies == 0)
			hw.copy_left = delay();
		hw.copy[hw.copies++] = (struct hw_copy){ off == CHIM_SOC_REG_COPY_RAM, value };
		break;
	default: break;
	}
	hw.reg[off / 4] = value;
}

uint32_t fw_read32(uint32_t addr)
{
	tick();
	if (addr >= CHIM_SOC_REGS_BASE && addr < CHIM_SOC_REGS_BASE + CHIM_SOC_REG_SPAN)
		return read_reg(addr - CHIM_SOC_REGS_BASE);
	if (addr >> 27 == CHIM_SOC_TABLE_BASE >> 27)
		return *table_word(addr >> 23 & 15, addr >> 7 & 0xFFFF, addr >> 2 & 31);
	broken("read of an address where nothing is", addr);
	return 0;
}

void fw_write32(uint32_t addr, uint32_t value)
{
	tick();
	if (addr >= CHIM_SOC_REGS_BASE && addr < CHIM_SOC_REGS_BASE + CHIM_SOC_REG_SPAN)
		write_reg(addr - CHIM_SOC_REGS_BASE, value);
	else if (addr >> 27 == CHIM_SOC_TABLE_BASE >> 27)
		table_set(addr >> 23 & 15, addr >> 7 & 0xFFFF, addr >> 2 & 31, value);
	else
		broken("write to an address where nothing is", addr);
}

/* ---- the test's side ---- */

void hw_reset(uint32_t conns, uint32_t paths, uint32_t neighbors)
{
	uint32_t seed = hw.seed;

	memset(&hw, 0, sizeof(hw));
	hw.seed = seed;
	hw.conns = conns;
	hw.paths = paths;
	hw.neighbors = neighbors;
	hw.keys_max = conns;
	hw.events_room = 0xFFFFFFFFu;
	hw.max_delay = 12;
	hw.run = true;
	hw.quiet = true;
	hw.ms = 1000;
	memcpy(hw.mac, (uint8_t[]){ 2, 0, 0, 0, 0, 1 }, 6);
	/* Block memory holds anything at power-up; entries are cleared by the hardware. */
	memset(hw.table, 0x5A, sizeof(hw.table));
	memset(hw.table[CHIM_TABLE_ENTRY], 0, sizeof(hw.table[0]));
	hw_free_all();
	ring_addr = HW_MEM_BASE;
	submitted = 0;
}

bool hw_boot(void)
{
	memset(heap, 0xC3, sizeof(heap));
	return fw_boot(heap, sizeof(heap)) == FW_OK;
}

void hw_turns(uint32_t n)
{
	while (n--)
		fw_turn();
}

bool hw_submit(const struct chim_hw_admin_desc *d)
{
	struct chim_hw_admin_desc *ring = hw_at(ring_addr);

	if (hw.admin_host - hw.admin_device >= 1u << HW_RING_LOG2)
		return false;
	ring[hw.admin_host % (1u << HW_RING_LOG2)] = *d;
	hw.admin_host++;
	return true;
}

struct hw_done hw_admin(const struct chim_hw_admin_desc *d)
{
	struct chim_hw_admin_desc mine = *d;
	struct hw_done done = { 0 };
	uint32_t cookie = 0xC0010000u + submitted++;
	uint32_t from = hw.events;

	mine.cookie = chim_le32_of(cookie);
	if (!hw_submit(&mine))
		return done;
	for (uint32_t turn = 0; turn < 200; turn++) {
		fw_turn();
		for (; from < hw.events; from++) {
			const struct chim_hw_event *e = &hw.event[from];

			if (e->type == CHIM_EVENT_TYPE_ADMIN &&
			    chim_le32_get(e->rcv_placed) == cookie) {
				done.came = true;
				done.status = chim_le32_get(e->snd_done);
				done.info = chim_le32_get(e->info);
				return done;
			}
		}
	}
	return done;
}

int hw_find_event(uint32_t type, uint32_t from)
{
	for (uint32_t i = from; i < hw.events; i++) {
		if (hw.event[i].type == type)
			return (int)i;
	}
	return -1;
}

int hw_find_op(enum hw_op op, uint32_t from)
{
	for (uint32_t i = from; i < hw.ops; i++) {
		if (hw.log[i].op == op)
			return (int)i;
	}
	return -1;
}
