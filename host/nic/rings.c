/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The five rings in host memory, and the event ring's reader. Hard part: an entry is read only
 * after its lap bit, and the device learns the reader's index only after the entry was used.
 */
#include <errno.h>

#include "nic_priv.h"

static int ring_init(struct chim_nic *nic, struct nic_ring *r, uint32_t reg, uint32_t entry,
		     uint32_t log2)
{
	uint64_t iova;
	int err;

	r->entry = entry;
	r->size = 1u << log2;
	r->reg = reg;
	r->va = nic_arena_alloc(&nic->arena, (size_t)entry << log2);
	if (!r->va)
		return -ENOMEM;
	iova = nic_iova(&nic->arena, r->va);
	err = nic_write(nic, reg, (uint32_t)iova);
	if (!err)
		err = nic_write(nic, reg + CHIM_REG_ADMIN_BASE_HI - CHIM_REG_ADMIN_BASE_LO,
				(uint32_t)(iova >> 32));
	if (!err)
		err = nic_write(nic, reg + CHIM_REG_ADMIN_LOG2 - CHIM_REG_ADMIN_BASE_LO, log2);
	if (!err)
		err = nic_write(nic, reg + CHIM_REG_ADMIN_HOST - CHIM_REG_ADMIN_BASE_LO, 0);
	return err;
}

int nic_rings_init(struct chim_nic *nic)
{
	uint32_t irq = 0u << CHIM_REG_IRQ_EVT_SHIFT | 1u << CHIM_REG_IRQ_PRX_SHIFT |
		       2u << CHIM_REG_IRQ_PTX_SHIFT;
	const uint8_t *mac = nic->cfg.mac;
	uint64_t wb;
	int err;

	err = ring_init(nic, &nic->admin, CHIM_REG_ADMIN_BASE_LO, sizeof(struct chim_hw_admin_desc),
			NIC_ADMIN_LOG2);
	if (!err)
		err = ring_init(nic, &nic->evt, CHIM_REG_EVT_BASE_LO, sizeof(struct chim_hw_event),
				NIC_EVT_LOG2);
	if (!err)
		err = ring_init(nic, &nic->ptx, CHIM_REG_PTX_BASE_LO,
				sizeof(struct chim_hw_ptx_desc), NIC_PTX_LOG2);
	if (!err)
		err = ring_init(nic, &nic->prx, CHIM_REG_PRX_BASE_LO,
				sizeof(struct chim_hw_prx_desc), NIC_PRX_LOG2);
	if (!err)
		err = ring_init(nic, &nic->cpl, CHIM_REG_PRX_CPL_BASE_LO,
				sizeof(struct chim_hw_prx_cpl), NIC_CPL_LOG2);
	if (err)
		return err;
	nic->ptx_wb = nic_arena_alloc(&nic->arena, 64);
	if (!nic->ptx_wb)
		return -ENOMEM;
	wb = nic_iova(&nic->arena, (const void *)(uintptr_t)nic->ptx_wb);
	err = nic_write(nic, CHIM_REG_PTX_WB_LO, (uint32_t)wb);
	if (!err)
		err = nic_write(nic, CHIM_REG_PTX_WB_HI, (uint32_t)(wb >> 32));
	if (!err)
		err = nic_write(nic, CHIM_REG_MAC_LO,
				mac[0] | (uint32_t)mac[1] << 8 | (uint32_t)mac[2] << 16 |
					(uint32_t)mac[3] << 24);
	if (!err)
		err = nic_write(nic, CHIM_REG_MAC_HI, mac[4] | (uint32_t)mac[5] << 8);
	if (!err)
		err = nic_write(nic, CHIM_REG_IRQ, irq);
	if (!err)
		err = nic_write(nic, CHIM_REG_CTRL, CHIM_REG_CTRL_RUN_MASK);
	return err;
}

static void event(struct chim_nic *nic, const struct chim_hw_event *e)
{
	chim_conn_t id;
	const struct chim_nic_events *ev = nic->cfg.events;
	struct nic_conn *c;

	if (e->type == CHIM_EVENT_TYPE_CONN) { /* nearly every one */
		nic_conn_event(nic, e);
		return;
	}
	id = nic_conn_id(chim_le16_get(e->conn), e->gen);
	switch (e->type) {
	case CHIM_EVENT_TYPE_ADMIN: nic_admin_event(nic, e); break;
	case CHIM_EVENT_TYPE_LIVE:
		if (ev && ev->live_done)
			ev->live_done(nic->cfg.ctx, id, 0);
		break;
	case CHIM_EVENT_TYPE_HOLD_END:
		if (ev && ev->live_done)
			ev->live_done(nic->cfg.ctx, id, -ETIMEDOUT);
		break;
	case CHIM_EVENT_TYPE_UPLOAD:
		c = nic_conn_find(nic, nic_conn_slot(id), nic_conn_gen(id));
		if (c)
			nic_conn_upload(c, chim_le32_get(e->info));
		break;
	default: /* FAULT: counted by the device, nothing to do */ break;
	}
}

int nic_events(struct chim_nic *nic)
{
	struct nic_ring *r = &nic->evt;
	const struct chim_hw_event *e;
	int n = 0;

	while (!nic->dead && (e = nic_ring_next(r, offsetof(struct chim_hw_event, owner)))) {
		event(nic, e);
		r->host++;
		n++;
	}
	/* The device needs it to see a full ring only: a quarter of one at a time will do. */
	if (r->host - r->device >= 1u << (NIC_EVT_LOG2 - 2)) {
		r->device = r->host;
		if (nic_write(nic, CHIM_REG_EVT_HOST, r->host))
			nic_dead(nic, -EIO);
	}
	return n;
}
