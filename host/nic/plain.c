/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Ordinary frames in both directions, and HOLD: frames of a held connection come up marked, go back
 * in as forwards, or are given up. Hard part: each buffer belongs to its ring entry, so nothing is
 * allocated per frame, and an entry is used again only when the device has finished with it.
 */
#include <errno.h>
#include <string.h>

#include "nic_priv.h"

int nic_plain_init(struct chim_nic *nic)
{
	/* Ethernet header and one tag around the MTU, whole cache lines. */
	nic->buf_bytes = ((uint32_t)nic->cfg.mtu + 18 + 63) & ~63u;
	nic->ptx_buf = nic_arena_alloc(&nic->arena, (size_t)nic->buf_bytes << NIC_PTX_LOG2);
	nic->prx_buf = nic_arena_alloc(&nic->arena, (size_t)nic->buf_bytes << NIC_PRX_LOG2);
	if (!nic->ptx_buf || !nic->prx_buf)
		return -ENOMEM;
	for (uint32_t i = 0; i < 1u << NIC_PRX_LOG2; i++) {
		struct chim_hw_prx_desc *d = nic_ring_at(&nic->prx, i);

		d->addr = chim_le64_of(
			nic_iova(&nic->arena, nic->prx_buf + (size_t)nic->buf_bytes * i));
		d->len = chim_le32_of(nic->buf_bytes);
		d->index = chim_le32_of(i);
	}
	nic->prx.host = 1u << NIC_PRX_LOG2;
	/* Descriptors before the index that lets the device read them. */
	atomic_thread_fence(memory_order_release);
	return nic_write(nic, CHIM_REG_PRX_HOST, nic->prx.host);
}

void nic_ptx_update(struct chim_nic *nic)
{
	uint32_t device = *nic->ptx_wb;

	/* An index beyond what was produced cannot be: the memory was written by someone else. */
	if (device - nic->ptx.device <= nic->ptx.host - nic->ptx.device)
		nic->ptx.device = device;
}

int nic_ptx(struct chim_nic *nic, const uint8_t *frame, size_t len, uint8_t flags, chim_conn_t conn)
{
	struct nic_ring *r = &nic->ptx;
	struct chim_hw_ptx_desc *d;
	uint8_t *buf;
	uint32_t slot;

	if (nic->dead)
		return -ENODEV;
	if (len > nic->buf_bytes || (len < 14 && !(flags & CHIM_PTX_GIVE_UP)))
		return -EMSGSIZE;
	nic_ptx_update(nic);
	if (r->host - r->device >= r->size)
		return -EAGAIN;
	slot = r->host & (r->size - 1);
	d = nic_ring_at(r, r->host);
	buf = nic->ptx_buf + (size_t)nic->buf_bytes * slot;
	if (len)
		memcpy(buf, frame, len);
	memset(d, 0, sizeof(*d));
	d->addr = chim_le64_of(nic_iova(&nic->arena, buf));
	d->len = chim_le16_of((uint16_t)len);
	d->conn = chim_le16_of(conn ? nic_conn_slot(conn) : 0);
	d->gen = conn ? nic_conn_gen(conn) : 0;
	d->flags = flags;
	r->host++;
	/* Frame and descriptor before the index that lets the device read them. */
	atomic_thread_fence(memory_order_release);
	if (nic_write(nic, CHIM_REG_PTX_HOST, r->host)) {
		nic_dead(nic, -EIO);
		return -ENODEV;
	}
	return 0;
}

int chim_nic_tx(struct chim_nic *nic, const uint8_t *frame, size_t len)
{
	return nic_ptx(nic, frame, len, 0, 0);
}

size_t chim_nic_tx_pending(const struct chim_nic *nic)
{
	return nic->ptx.host - *nic->ptx_wb;
}

int chim_nic_give_up(struct chim_nic *nic, chim_conn_t conn)
{
	return nic_ptx(nic, NULL, 0, CHIM_PTX_GIVE_UP, conn);
}

static void receive(struct chim_nic *nic, const struct chim_hw_prx_cpl *c)
{
	static const enum chim_rx_class classes[4] = {
		[CHIM_PRX_CLASS_PLAIN] = CHIM_RX_PLAIN,
		[CHIM_PRX_CLASS_HELD] = CHIM_RX_HELD,
		[CHIM_PRX_CLASS_MARKER] = CHIM_RX_MARKER,
		[CHIM_PRX_CLASS_PASSED] = CHIM_RX_PASSED,
	};
	struct chim_rx_info info = {
		.cls = classes[c->cls & 3],
		.reason = c->reason,
		.csum_ok = c->flags & CHIM_PRX_CSUM_OK,
		/* The entry has the low half of the time; it is never far in the past. */
		.time_ms = nic->now - (uint16_t)(nic->now - chim_le16_get(c->time_ms)),
	};
	const uint8_t *frame = NULL;
	uint16_t len = chim_le16_get(c->len), index = chim_le16_get(c->index);

	if (info.cls != CHIM_RX_PLAIN)
		info.conn = nic_conn_id(chim_le16_get(c->conn), c->gen);
	if (info.cls != CHIM_RX_MARKER) {
		if (index >= 1u << NIC_PRX_LOG2 || len > nic->buf_bytes) {
			nic_dead(nic, -EIO);
			return;
		}
		frame = nic->prx_buf + (size_t)nic->buf_bytes * index;
	}
	if (nic->cfg.events && nic->cfg.events->rx)
		nic->cfg.events->rx(nic->cfg.ctx, frame, len, &info);
	if (frame) {
		struct chim_hw_prx_desc *d = nic_ring_at(&nic->prx, nic->prx.host);

		/* The buffer goes back in at the ring's end, whichever it was. */
		d->addr = chim_le64_of(nic_iova(&nic->arena, frame));
		d->len = chim_le32_of(nic->buf_bytes);
		d->index = chim_le32_of(index);
		nic->prx.host++;
	}
}

int nic_plain_poll(struct chim_nic *nic)
{
	struct nic_ring *r = &nic->cpl;
	uint32_t before = nic->prx.host;
	const struct chim_hw_prx_cpl *entry;
	int n = 0;

	while (!nic->dead && (entry = nic_ring_next(r, offsetof(struct chim_hw_prx_cpl, owner)))) {
		struct chim_hw_prx_cpl c = *entry;

		r->host++;
		receive(nic, &c);
		n++;
	}
	if (!n || nic->dead)
		return n;
	/* Descriptors before the index that lets the device read them. */
	atomic_thread_fence(memory_order_release);
	if (nic_write(nic, CHIM_REG_PRX_CPL_HOST, r->host) ||
	    (nic->prx.host != before && nic_write(nic, CHIM_REG_PRX_HOST, nic->prx.host)))
		nic_dead(nic, -EIO);
	return n;
}
