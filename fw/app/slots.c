/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * The life of a connection's slot, see slots.h. Hard part: a slot is looked at one per turn of the
 * main loop, so nothing here takes long, whatever the number of connections.
 */
#include "slots.h"

#include "app/evq.h"
#include "app/key.h"
#include "app/objects.h"
#include "app/params.h"
#include "app/records.h"
#include "drv/engine.h"
#include "drv/lookup.h"
#include "drv/soc.h"
#include "drv/table.h"

/* A HOLD ends this many times hold_max after its begin even if frames of it keep coming. */
#define HOLD_TIMES 16u

static uint32_t first_held; /* list of held slots that are not installed, FW_NO_SLOT: empty */
static uint32_t next_held;  /* to be looked at next */
static uint32_t next_scan;  /* slot that the slow scan looks at next */
static uint32_t scan_start; /* clocks: when it began at slot 0 */
static uint32_t uploads;    /* slots with FW_CONN_UPLOAD */

void fw_slots_init(void)
{
	first_held = FW_NO_SLOT;
	next_held = FW_NO_SLOT;
	next_scan = 0;
	scan_start = fw_soc_cycles();
	uploads = 0;
}

/* The list is a ring: a slot alone points at itself. */
static void list(uint32_t slot)
{
	struct fw_conn *c = &fw_obj.conn[slot];
	struct fw_conn *first;

	if (first_held == FW_NO_SLOT) {
		first_held = slot;
		c->next = (uint16_t)slot;
		c->prev = (uint16_t)slot;
		return;
	}
	first = &fw_obj.conn[first_held];
	c->next = (uint16_t)first_held;
	c->prev = first->prev;
	fw_obj.conn[first->prev].next = (uint16_t)slot;
	first->prev = (uint16_t)slot;
}

void fw_slot_unlist(uint32_t slot)
{
	struct fw_conn *c = &fw_obj.conn[slot];

	if (next_held == slot)
		next_held = c->next;
	if (c->next == slot) {
		first_held = FW_NO_SLOT;
		next_held = FW_NO_SLOT;
		return;
	}
	fw_obj.conn[c->prev].next = c->next;
	fw_obj.conn[c->next].prev = c->prev;
	if (first_held == slot)
		first_held = c->next;
}

enum fw_result fw_slot_enter(uint32_t slot, uint32_t state, uint32_t vlan)
{
	enum fw_result r;

	state |= FW_ENTRY_GEN(fw_obj.conn[slot].bits & FW_CONN_GEN) | vlan;
	r = fw_lookup_entry(slot, state);
	if (r != FW_OK)
		fw_soc_code(CHIM_FW_CODE_TABLE, slot);
	return r;
}

enum fw_result fw_slot_drop(uint32_t slot)
{
	bool installed = fw_obj.conn[slot].bits & FW_CONN_INSTALLED;

	FW_TRY(fw_key_conn(slot));
	if (installed)
		fw_table_set(CHIM_TABLE_CFG_TX, slot, 0,
			     0); /* Stop: an unused slot is not looked at */
	else
		fw_slot_unlist(slot);
	/* Frames first: from here on they are the kernel's, whatever the key says. */
	FW_TRY(fw_slot_enter(slot, FW_ENTRY_NONE, 0));
	if (fw_lookup_remove() == FW_TIMEOUT)
		return FW_TIMEOUT;
	if (fw_obj.conn[slot].bits & FW_CONN_UPLOAD)
		uploads--;
	fw_conn_free(slot);
	return FW_OK;
}

static bool key_is_good(const struct chim_hw_key *key)
{
	const uint32_t *w = (const uint32_t *)(const void *)key;

	if (key->ipv6 > 1 || key->reserved[0] || key->reserved[1] || key->reserved[2])
		return false;
	/* IPv4: the rest of both addresses is zero. */
	return key->ipv6 || (fw_or_words(w + 1, 3) | fw_or_words(w + 5, 3)) == 0;
}

uint32_t fw_slot_hold(const struct chim_hw_key *key, uint32_t *slot)
{
	struct fw_conn *c;
	uint32_t other, now;
	enum fw_result r;

	if (!key_is_good(key)) {
		fw_soc_code(CHIM_FW_CODE_DESC, 0);
		return CHIM_STATUS_FAILURE;
	}
	fw_key_host(key);
	r = fw_lookup_find(&other);
	if (r != FW_NONE) {
		fw_soc_code(r == FW_OK ? CHIM_FW_CODE_KEY : CHIM_FW_CODE_TABLE, 0);
		return CHIM_STATUS_FAILURE;
	}
	*slot = fw_conn_alloc();
	if (*slot == FW_NO_SLOT) {
		fw_soc_code(CHIM_FW_CODE_FULL, 0);
		return CHIM_STATUS_TCP_ENTRIES;
	}
	c = &fw_obj.conn[*slot];
	if (fw_key_hold(*slot, key) != FW_OK) {
		fw_soc_code(CHIM_FW_CODE_TABLE, *slot);
		fw_conn_free(*slot);
		return CHIM_STATUS_FAILURE;
	}
	if (fw_lookup_insert(*slot) != FW_OK) {
		fw_soc_code(CHIM_FW_CODE_FULL, *slot);
		fw_conn_free(*slot);
		return CHIM_STATUS_TCP_ENTRIES;
	}
	now = fw_soc_cycles();
	c->start = now;
	c->moved = now;
	c->held = 0;
	list(*slot);
	if (fw_slot_enter(*slot, FW_ENTRY_HOLD, 0) != FW_OK) {
		if (fw_slot_drop(*slot) != FW_OK)
			fw_soc_code(CHIM_FW_CODE_TABLE, *slot);
		return CHIM_STATUS_FAILURE;
	}
	return CHIM_STATUS_SUCCESS;
}

uint32_t fw_slot_release(uint32_t slot, uint32_t gen, uint32_t *gone)
{
	uint32_t entry;
	struct fw_conn *c;

	if (slot >= fw_obj.conns) {
		fw_soc_code(CHIM_FW_CODE_HANDLE, slot);
		return CHIM_STATUS_FAILURE;
	}
	c = &fw_obj.conn[slot];
	if ((c->bits & (FW_CONN_GEN | FW_CONN_USED)) != (gen | FW_CONN_USED)) {
		fw_soc_code(CHIM_FW_CODE_HANDLE, slot);
		return CHIM_STATUS_FAILURE;
	}
	if (!(c->bits & FW_CONN_INSTALLED)) {
		if (fw_slot_drop(slot) != FW_OK)
			return CHIM_STATUS_FAILURE;
		*gone = 1;
		return CHIM_STATUS_SUCCESS;
	}
	entry = fw_table_get(CHIM_TABLE_ENTRY, slot, 0);
	if ((entry & FW_ENTRY_STATE_MASK) != FW_ENTRY_HOLD || (c->bits & FW_CONN_PAUSED)) {
		fw_soc_code(CHIM_FW_CODE_HANDLE, slot);
		return CHIM_STATUS_FAILURE;
	}
	if (fw_slot_enter(slot, FW_ENTRY_HOLD | FW_ENTRY_INSTALLED | FW_ENTRY_RELEASE,
			  entry & 0xFFFu) != FW_OK)
		return CHIM_STATUS_FAILURE;
	return CHIM_STATUS_SUCCESS;
}

void fw_slot_upload(uint32_t slot)
{
	struct fw_conn *c = &fw_obj.conn[slot];

	if (!(c->bits & FW_CONN_UPLOAD))
		uploads++;
	c->bits |= FW_CONN_UPLOAD;
}

void fw_slot_broken(uint32_t slot)
{
	fw_obj.conn[slot].bits |= FW_CONN_BROKEN;
	fw_slot_upload(slot);
}

static uint32_t upload_reason(const struct fw_conn *c)
{
	if (c->bits & FW_CONN_BROKEN)
		return CHIM_UPLOAD_REASON_HardwareFailure;
	return c->bits & FW_CONN_PAUSED ? CHIM_UPLOAD_REASON_InvalidState
					: CHIM_UPLOAD_REASON_UploadRequested;
}

/*
 * An entry turned LIVE: the host hears of it, the engine looks at what waits. Meanwhile the
 * connection may have been held again or terminated, and its slot be another's: such a notice says
 * nothing any more.
 */
static void poll_live(void)
{
	struct fw_conn *c;
	uint32_t slot;

	if (!fw_lookup_live(&slot) || slot >= fw_obj.conns)
		return;
	c = &fw_obj.conn[slot];
	if ((c->bits & (FW_CONN_INSTALLED | FW_CONN_LIVE)) != FW_CONN_INSTALLED ||
	    (fw_table_get(CHIM_TABLE_ENTRY, slot, 0) & FW_ENTRY_STATE_MASK) != FW_ENTRY_LIVE)
		return;
	c->bits |= FW_CONN_LIVE;
	fw_engine_kick(slot);
	fw_event_conn(CHIM_EVENT_TYPE_LIVE, slot, 0);
}

/* One held slot: did its time run out? */
static void poll_held(void)
{
	uint32_t slot = next_held == FW_NO_SLOT ? first_held : next_held;
	struct fw_conn *c = &fw_obj.conn[slot];
	uint32_t held = fw_table_get(CHIM_TABLE_ENTRY, slot, 0) & FW_ENTRY_HELD_MASK;
	uint32_t now = fw_soc_cycles();

	next_held = c->next;
	if (held != c->held) {
		c->held = held;
		c->moved = now;
	}
	if (now - c->moved <= fw_params.hold_max &&
	    (now - c->start) / HOLD_TIMES <= fw_params.hold_max)
		return;
	fw_soc_count(CHIM_COUNTER_HOLD_EXPIRED);
	fw_soc_code(CHIM_FW_CODE_HOLD_END, slot);
	fw_event_conn(CHIM_EVENT_TYPE_HOLD_END, slot, 0);
	if (fw_slot_drop(slot) != FW_OK)
		fw_soc_code(CHIM_FW_CODE_TABLE, slot);
}

/*
 * One slot of the slow scan: its upload request, and an installed connection that the host never
 * released: its state is here, so it cannot be dropped; the host is asked to take it back.
 */
static void poll_scan(void)
{
	struct fw_conn *c;
	uint32_t slot = next_scan;

	if (slot >= fw_obj.high_water) {
		if (!uploads && fw_soc_cycles() - scan_start <= fw_params.hold_max)
			return;
		scan_start = fw_soc_cycles();
		next_scan = 0;
		return;
	}
	next_scan = slot + 1;
	c = &fw_obj.conn[slot];
	if (!(c->bits & FW_CONN_INSTALLED))
		return;
	if (fw_params.hold_max && !(c->bits & (FW_CONN_LIVE | FW_CONN_PAUSED | FW_CONN_BROKEN))) {
		if (c->bits & FW_CONN_SCANNED)
			fw_slot_upload(slot);
		c->bits |= FW_CONN_SCANNED;
	}
	if (c->bits & FW_CONN_UPLOAD) {
		c->bits &= (uint16_t)~FW_CONN_UPLOAD;
		uploads--;
		fw_event_conn(CHIM_EVENT_TYPE_UPLOAD, slot, upload_reason(c));
	}
}

void fw_slots_poll(uint32_t pending)
{
	/* Each may post one event; an operation needs two places. */
	if (fw_evq_room() < 5)
		return;
	if (pending & CHIM_SOC_REG_PENDING_HOLD_MASK)
		poll_live();
	if (first_held != FW_NO_SLOT && fw_params.hold_max)
		poll_held();
	poll_scan();
}
