/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * See fake_dev.h. Hard part: none; it trusts nothing the driver wrote and aborts on nonsense.
 */
#include "fake_dev.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REG(f, name) ((f)->reg[CHIM_REG_##name / 4])

static void *mem(struct fake_dev *f, uint64_t iova, size_t len)
{
	if (!f->va || iova < f->iova || iova + len > f->iova + f->len) {
		printf("# the driver made the device touch %llx\n", (unsigned long long)iova);
		abort();
	}
	return f->va + (iova - f->iova);
}

static uint64_t base(const struct fake_dev *f, uint32_t reg)
{
	return f->reg[reg / 4] | (uint64_t)f->reg[reg / 4 + 1] << 32;
}

static void *entry(struct fake_dev *f, uint32_t ring, uint32_t index, size_t size)
{
	uint32_t mask = (1u << f->reg[(ring + 8) / 4]) - 1;

	return mem(f, base(f, ring) + size * (index & mask), size);
}

static uint8_t lap(struct fake_dev *f, uint32_t ring, uint32_t index)
{
	return !(index >> f->reg[(ring + 8) / 4] & 1);
}

static uint32_t *host_index(struct fake_dev *f, uint32_t ring)
{
	return &f->reg[(ring + 0xC) / 4];
}

static uint32_t *device_index(struct fake_dev *f, uint32_t ring)
{
	return &f->reg[(ring + 0x10) / 4];
}

void fake_event(struct fake_dev *f, struct chim_hw_event e)
{
	uint32_t *d = device_index(f, CHIM_REG_EVT_BASE_LO);

	e.owner = lap(f, CHIM_REG_EVT_BASE_LO, *d);
	e.time_ms = chim_le32_of(f->now);
	memcpy(entry(f, CHIM_REG_EVT_BASE_LO, *d, sizeof(e)), &e, sizeof(e));
	(*d)++;
}

void fake_conn_event(struct fake_dev *f, uint16_t slot, uint32_t flags, uint32_t snd_done,
		     uint32_t rcv_placed)
{
	fake_event(f, (struct chim_hw_event){ .type = CHIM_EVENT_TYPE_CONN,
					      .gen = f->conn[slot].gen,
					      .conn = chim_le16_of(slot),
					      .flags = chim_le32_of(flags),
					      .snd_done = chim_le32_of(snd_done),
					      .rcv_placed = chim_le32_of(rcv_placed) });
}

bool fake_receive(struct fake_dev *f, const uint8_t *frame, uint16_t len, uint8_t cls,
		  uint16_t conn, uint8_t gen)
{
	uint32_t *prx = device_index(f, CHIM_REG_PRX_BASE_LO);
	uint32_t *cpl = device_index(f, CHIM_REG_PRX_CPL_BASE_LO);
	struct chim_hw_prx_cpl c = { .cls = cls, .conn = chim_le16_of(conn), .gen = gen };

	if (frame) {
		struct chim_hw_prx_desc *d = entry(f, CHIM_REG_PRX_BASE_LO, *prx, sizeof(*d));

		if (*prx == *host_index(f, CHIM_REG_PRX_BASE_LO) || chim_le32_get(d->len) < len)
			return false;
		memcpy(mem(f, chim_le64_get(d->addr), len), frame, len);
		c.len = chim_le16_of(len);
		c.index = chim_le16_of((uint16_t)chim_le32_get(d->index));
		(*prx)++;
	}
	c.owner = lap(f, CHIM_REG_PRX_CPL_BASE_LO, *cpl);
	memcpy(entry(f, CHIM_REG_PRX_CPL_BASE_LO, *cpl, sizeof(c)), &c, sizeof(c));
	(*cpl)++;
	return true;
}

void fake_place(struct fake_dev *f, uint16_t slot, uint32_t seq, const void *bytes, uint32_t len)
{
	const struct chim_hw_tcp_state *s = &f->conn[slot].state;
	uint32_t mask = (1u << s->rcv_ring_log2) - 1;

	for (uint32_t i = 0; i < len; i++) {
		uint8_t *p = mem(f, chim_le64_get(s->rcv_ring) + ((seq + i) & mask), 1);

		*p = ((const uint8_t *)bytes)[i];
	}
}

bool fake_gather(struct fake_dev *f, uint16_t slot, uint32_t seq, uint8_t *to, uint32_t len)
{
	const struct chim_hw_tcp_state *s = &f->conn[slot].state;
	uint32_t n = 1u << s->snd_ring_log2;

	for (uint32_t i = 0; i < len; i++) {
		uint32_t k;

		for (k = 0; k < n; k++) {
			const struct chim_hw_snd_desc *d =
				mem(f, chim_le64_get(s->snd_ring) + k * sizeof(*d), sizeof(*d));
			uint32_t off = seq + i - chim_le32_get(d->seq);

			if (off < (chim_le32_get(d->len_flags) & CHIM_SND_DESC_LEN_MASK)) {
				to[i] = *(uint8_t *)mem(f, chim_le64_get(d->addr) + off, 1);
				break;
			}
		}
		if (k == n)
			return false;
	}
	return true;
}

/* ---- admin ring ---- */

static void admin_done(struct fake_dev *f, const struct chim_hw_admin_desc *d, uint32_t status,
		       uint32_t info)
{
	fake_event(f, (struct chim_hw_event){ .type = CHIM_EVENT_TYPE_ADMIN,
					      .snd_done = chim_le32_of(status),
					      .rcv_placed = d->cookie,
					      .info = chim_le32_of(info) });
}

static uint16_t free_slot(struct fake_dev *f)
{
	uint16_t i = 0;

	while (i < f->slots && f->conn[i].used)
		i++;
	return i;
}

static bool is_tcp(uint8_t type)
{
	return type >= 13;
}

static void initiated(struct fake_dev *f, const struct chim_hw_block *b, struct chim_hw_result *r)
{
	uint32_t layer = b->Type <= 4 ? 1 : b->Type <= 12 ? 2 : 3;
	uint16_t slot = 7;

	if (is_tcp(b->Type)) {
		struct fake_conn *c;

		if (f->initiate_status) {
			r->Status = chim_le32_of(f->initiate_status);
			return;
		}
		/* A held slot, if there is one. */
		for (slot = 0; slot < f->slots && !f->conn[slot].used; slot++)
			;
		if (slot == f->slots)
			slot = free_slot(f);
		c = &f->conn[slot];
		c->used = true;
		c->gen = c->gen ? c->gen : 1;
		memcpy(&c->state, b + 1, sizeof(c->state));
		if (!c->state.rcv_ring) {
			r->Status = chim_le32_of(CHIM_STATUS_TCP_RCV_BUFFER);
			return;
		}
		r->object = chim_le32_of(layer << CHIM_OBJ_LAYER_SHIFT |
					 (uint32_t)c->gen << CHIM_OBJ_GEN_SHIFT | slot);
	} else {
		r->object = chim_le32_of(layer << CHIM_OBJ_LAYER_SHIFT | 1u << CHIM_OBJ_GEN_SHIFT |
					 slot);
	}
	r->Status = chim_le32_of(CHIM_STATUS_SUCCESS);
}

static void tree(struct fake_dev *f, const struct chim_hw_admin_desc *d)
{
	const struct chim_hw_image *h =
		mem(f, chim_le64_get(d->image), chim_le32_get(d->image_len));
	uint8_t *res = mem(f, chim_le64_get(d->result), chim_le32_get(d->result_len));
	uint32_t at = chim_le32_get(h->root);
	struct chim_hw_result *path = NULL;

	f->image_blocks = chim_le16_get(h->blocks);
	if (chim_le32_get(h->magic) != CHIM_IMAGE_MAGIC ||
	    chim_le32_get(h->bytes) != chim_le32_get(d->image_len))
		abort();
	/* Blocks lie one behind the other, in the order of the walk. */
	for (uint32_t i = 0; i < f->image_blocks; i++) {
		const struct chim_hw_block *b =
			(const struct chim_hw_block *)((const uint8_t *)h + at);
		struct chim_hw_result *r = (struct chim_hw_result *)res + chim_le16_get(b->index);
		uint32_t object = chim_le32_get(b->object);

		if (i < 8)
			f->object_seen[i] = object;
		r->Status = chim_le32_of(CHIM_STATUS_SUCCESS);
		if (d->opcode == CHIM_ADMIN_OP_INITIATE && b->role == CHIM_ROLE_NEW)
			initiated(f, b, r);
		if (!is_tcp(b->Type))
			path = r;
		else if (chim_le32_get(r->Status) && path)
			path->Status = chim_le32_of(CHIM_STATUS_PARTIAL_SUCCESS);
		if (b->out && is_tcp(b->Type) && b->role == CHIM_ROLE_REFERENCE) {
			struct fake_conn *c = &f->conn[object & 0xFFFF];

			memcpy(res + chim_le32_get(b->out), &c->state, sizeof(c->state));
			if (d->opcode == CHIM_ADMIN_OP_TERMINATE)
				c->used = false;
		}
		at += (uint32_t)sizeof(*b) + chim_le16_get(b->state_len);
	}
	if (at != chim_le32_get(h->bytes))
		abort();
	admin_done(f, d, CHIM_STATUS_SUCCESS, chim_le32_get(d->result_len));
}

static void admin(struct fake_dev *f, const struct chim_hw_admin_desc *d)
{
	uint16_t slot;

	f->requests[d->opcode]++;
	switch (d->opcode) {
	case CHIM_ADMIN_OP_HOLD:
		slot = free_slot(f);
		if (slot == f->slots) {
			admin_done(f, d, CHIM_STATUS_TCP_ENTRIES, 0);
			break;
		}
		f->conn[slot].used = true;
		f->conn[slot].gen = 5;
		fake_receive(f, NULL, 0, CHIM_PRX_CLASS_MARKER, slot, 5);
		admin_done(f, d, CHIM_STATUS_SUCCESS, slot | 5u << 16);
		break;
	case CHIM_ADMIN_OP_RELEASE:
		slot = chim_le16_get(d->conn);
		if (slot >= f->slots || !f->conn[slot].used || f->conn[slot].gen != d->gen) {
			admin_done(f, d, CHIM_STATUS_FAILURE, 0);
			break;
		}
		/* With a state the LIVE event answers, without one the entry is gone. */
		f->conn[slot].used = f->conn[slot].state.rcv_ring != 0;
		admin_done(f, d, CHIM_STATUS_SUCCESS, !f->conn[slot].used);
		if (f->conn[slot].used)
			fake_event(f, (struct chim_hw_event){ .type = CHIM_EVENT_TYPE_LIVE,
							      .gen = d->gen,
							      .conn = d->conn });
		break;
	case CHIM_ADMIN_OP_INITIATE:
	case CHIM_ADMIN_OP_QUERY:
	case CHIM_ADMIN_OP_UPDATE:
	case CHIM_ADMIN_OP_INVALIDATE:
	case CHIM_ADMIN_OP_TERMINATE: tree(f, d); break;
	case CHIM_ADMIN_OP_QUIESCE:
		REG(f, STATUS) |= CHIM_REG_STATUS_QUIESCED_MASK;
		admin_done(f, d, CHIM_STATUS_SUCCESS, 0);
		break;
	default: admin_done(f, d, CHIM_STATUS_SUCCESS, 0); break;
	}
}

static void plain_tx(struct fake_dev *f, const struct chim_hw_ptx_desc *d)
{
	struct fake_frame *r = &f->frame[f->frames++ % FAKE_FRAMES];

	r->flags = d->flags;
	r->gen = d->gen;
	r->conn = chim_le16_get(d->conn);
	r->len = chim_le16_get(d->len);
	memcpy(r->bytes, mem(f, chim_le64_get(d->addr), r->len), r->len);
}

/* ---- back end ---- */

static int64_t fake_poll(struct chim_backend *be, uint64_t budget)
{
	struct fake_dev *f = (struct fake_dev *)be;
	uint32_t *a = device_index(f, CHIM_REG_ADMIN_BASE_LO);
	uint32_t *p = device_index(f, CHIM_REG_PTX_BASE_LO);

	(void)budget;
	if (!(REG(f, CTRL) & CHIM_REG_CTRL_RUN_MASK))
		return 0;
	while (*a != *host_index(f, CHIM_REG_ADMIN_BASE_LO)) {
		const struct chim_hw_admin_desc *d =
			entry(f, CHIM_REG_ADMIN_BASE_LO, *a, sizeof(*d));

		(*a)++;
		admin(f, d);
	}
	while (!f->ptx_stopped && *p != *host_index(f, CHIM_REG_PTX_BASE_LO)) {
		plain_tx(f, entry(f, CHIM_REG_PTX_BASE_LO, *p, sizeof(struct chim_hw_ptx_desc)));
		(*p)++;
		memcpy(mem(f, base(f, CHIM_REG_PTX_WB_LO), 4), p, 4);
	}
	return 1;
}

static int fake_read32(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t *val)
{
	struct fake_dev *f = (struct fake_dev *)be;

	if (f->gone)
		return -ENODEV;
	if (bar != 0 || off >= CHIM_REG_SPAN)
		return -EINVAL;
	*val = f->reg[off / 4];
	return 0;
}

static void device_reset(struct fake_dev *f)
{
	memset(f->reg, 0, sizeof(f->reg));
	REG(f, MAGIC) = CHIM_MAGIC;
	REG(f, VERSION) = CHIM_VERSION_MAJOR << 16 | CHIM_VERSION_MINOR;
	REG(f, FEATURES) = 1u << CHIM_FEATURE_IPV4 | 1u << CHIM_FEATURE_IPV6;
	REG(f, CONNS) = f->slots;
	REG(f, OBJECTS) = 8u << 16 | 8;
	REG(f, GEOMETRY) = 12u << 16 | 64;
	REG(f, STATUS) = CHIM_REG_STATUS_FW_ALIVE_MASK;
}

static int fake_write32(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t val)
{
	struct fake_dev *f = (struct fake_dev *)be;

	if (f->gone)
		return -ENODEV;
	if (bar == 2) {
		uint32_t slot = off >> CHIM_DB_CONN_SHIFT & 0xFFFF;
		uint32_t queue = off >> CHIM_DB_QUEUE_SHIFT & 3;

		if (slot < f->slots && f->conn[slot].used &&
		    off >> CHIM_DB_GEN_SHIFT == f->conn[slot].gen) {
			f->conn[slot].bell[queue] = val;
			f->conn[slot].bells[queue]++;
		}
		return 0;
	}
	if (bar != 0 || off >= CHIM_REG_SPAN)
		return -EINVAL;
	f->reg[off / 4] = val;
	if (off == CHIM_REG_CTRL && val & CHIM_REG_CTRL_RESET_MASK)
		device_reset(f);
	return 0;
}

static int fake_map(struct chim_backend *be, void *va, size_t len, uint64_t iova, int fd,
		    uint64_t fd_off)
{
	struct fake_dev *f = (struct fake_dev *)be;

	(void)fd;
	(void)fd_off;
	f->va = va;
	f->len = len;
	f->iova = iova;
	return 0;
}

static int fake_unmap(struct chim_backend *be, uint64_t iova, size_t len)
{
	struct fake_dev *f = (struct fake_dev *)be;

	if (iova != f->iova || len != f->len)
		return -ENOENT;
	f->va = NULL;
	return 0;
}

static int fake_irq(struct chim_backend *be, unsigned int vector)
{
	(void)be;
	(void)vector;
	return -EINVAL;
}

static int fake_reset(struct chim_backend *be)
{
	device_reset((struct fake_dev *)be);
	return 0;
}

static int fake_pollfd(struct chim_backend *be, int *timeout)
{
	(void)be;
	*timeout = 0;
	return -1;
}

static int fake_now(struct chim_backend *be, uint32_t *ms)
{
	*ms = ((struct fake_dev *)be)->now;
	return 0;
}

static void fake_close(struct chim_backend *be)
{
	(void)be;
}

static const struct chim_backend_ops fake_ops = {
	.name = "fake",
	.close = fake_close,
	.read32 = fake_read32,
	.write32 = fake_write32,
	.dma_map = fake_map,
	.dma_unmap = fake_unmap,
	.irq_fd = fake_irq,
	.reset = fake_reset,
	.poll = fake_poll,
	.pollfd = fake_pollfd,
	.now_ms = fake_now,
};

void fake_init(struct fake_dev *f)
{
	fake_init_slots(f, FAKE_SLOTS);
}

void fake_init_slots(struct fake_dev *f, uint16_t slots)
{
	memset(f, 0, sizeof(*f));
	f->slots = slots;
	f->be.ops = &fake_ops;
	device_reset(f);
}
