/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Requests to firmware: the admin ring and its answers; HOLD, RELEASE and the global parameters.
 * Hard part: a request's memory is the device's until its event has come, however late.
 */
#include <errno.h>
#include <string.h>

#include "nic_priv.h"

int nic_admin_get(struct chim_nic *nic, size_t image, size_t result, struct nic_admin **out)
{
	struct nic_admin *req = NULL;

	if (nic->dead)
		return -ENODEV;
	for (unsigned int i = 0; i < NIC_ADMIN_MAX && !req; i++) {
		if (!nic->requests[i].busy)
			req = &nic->requests[i];
	}
	if (!req)
		return -EAGAIN;
	memset(req, 0, sizeof(*req));
	req->image_len = (uint32_t)image;
	req->result_len = (uint32_t)((result + 7) & ~(size_t)7);
	if (image)
		req->image = nic_arena_alloc(&nic->arena, image);
	if (result)
		req->result = nic_arena_alloc(&nic->arena, req->result_len);
	if ((image && !req->image) || (result && !req->result)) {
		nic_admin_put(nic, req);
		return -ENOMEM;
	}
	req->busy = true;
	*out = req;
	return 0;
}

void nic_admin_put(struct chim_nic *nic, struct nic_admin *req)
{
	nic_arena_free(&nic->arena, req->image);
	nic_arena_free(&nic->arena, req->result);
	memset(req, 0, sizeof(*req));
}

void nic_admin_post(struct chim_nic *nic, struct nic_admin *req, enum chim_hw_admin_op opcode,
		    chim_conn_t conn)
{
	/* As many requests as ring entries: there is always room. */
	struct chim_hw_admin_desc *d = nic_ring_at(&nic->admin, nic->admin.host);

	memset(d, 0, sizeof(*d));
	d->opcode = (uint8_t)opcode;
	d->conn = chim_le16_of(conn ? nic_conn_slot(conn) : 0);
	d->gen = conn ? nic_conn_gen(conn) : 0;
	d->cookie = chim_le32_of((uint32_t)(req - nic->requests));
	if (req->image) {
		d->image = chim_le64_of(nic_iova(&nic->arena, req->image));
		d->image_len = chim_le32_of(req->image_len);
	}
	if (req->result) {
		d->result = chim_le64_of(nic_iova(&nic->arena, req->result));
		d->result_len = chim_le32_of(req->result_len);
	}
	nic->admin.host++;
	/* Descriptor and image before the index that lets the device read them. */
	atomic_thread_fence(memory_order_release);
	if (nic_write(nic, CHIM_REG_ADMIN_HOST, nic->admin.host))
		nic_dead(nic, -EIO);
}

void nic_admin_event(struct chim_nic *nic, const struct chim_hw_event *e)
{
	uint32_t cookie = chim_le32_get(e->rcv_placed);
	struct nic_admin *req;

	if (cookie >= NIC_ADMIN_MAX || !nic->requests[cookie].busy) {
		nic_dead(nic, -EIO);
		return;
	}
	req = &nic->requests[cookie];
	if (req->done)
		req->done(nic, req, chim_le32_get(e->snd_done), chim_le32_get(e->info));
	else
		nic_admin_put(nic, req);
}

int nic_admin_params(struct chim_nic *nic, nic_admin_done *done)
{
	const NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS *p = &nic->params;
	struct chim_hw_params *w;
	struct nic_admin *req;
	int err = nic_admin_get(nic, sizeof(*w), 0, &req);

	if (err)
		return err;
	w = (struct chim_hw_params *)req->image;
	w->ticks_per_second = chim_le32_of(p->TicksPerSecond);
	w->ack_frequency = p->TcpAckFrequency;
	w->delayed_ack_ticks = p->TcpDelayedAckTicks;
	w->max_retransmissions = p->TcpMaximumRetransmissions;
	w->dup_ack_threshold =
		(uint8_t)(p->TcpDuplicateAckThreshold > 255 ? 255 : p->TcpDuplicateAckThreshold);
	w->sws_ticks = chim_le32_of(p->TcpSwsPreventionTicks);
	w->push_ticks = chim_le32_of(p->TcpPushTicks);
	w->nce_stale_ticks = chim_le32_of(p->NceStaleTicks);
	w->rto_min_ms = chim_le32_of(200);
	w->rto_max_ms = chim_le32_of(120000);
	w->fin_wait2_ms = chim_le32_of(120000);
	w->hold_max_cycles = chim_le32_of(10000);
	memcpy(w->mac, nic->cfg.mac, 6);
	for (unsigned int i = 0; i < 4; i++)
		w->vlans[i] = chim_le16_of(nic->cfg.vlans[i]);
	w->event_gap_cycles = chim_le32_of(64);
	w->max_mtu = chim_le32_of(nic->cfg.mtu);
	w->max_rcv_wnd = chim_le32_of((uint32_t)nic->cfg.conn_rcv_bytes);
	req->done = done;
	nic_admin_post(nic, req, CHIM_ADMIN_OP_SET_PARAMS, 0);
	return 0;
}

static int status_errno(uint32_t status)
{
	switch (status) {
	case CHIM_STATUS_SUCCESS: return 0;
	case CHIM_STATUS_TCP_ENTRIES:
	case CHIM_STATUS_RESOURCES: return -ENOSPC;
	case CHIM_STATUS_CONNECTION_REJECTED: return -EEXIST;
	default: return -EIO;
	}
}

static void hold_done(struct chim_nic *nic, struct nic_admin *req, uint32_t status, uint32_t info)
{
	void *cookie = req->ctx;
	int err = status_errno(status);

	nic_admin_put(nic, req);
	if (nic->cfg.events && nic->cfg.events->hold_done)
		nic->cfg.events->hold_done(nic->cfg.ctx, cookie, err,
					   err ? 0 : nic_conn_id(info & 0xFFFF, info >> 16));
}

int chim_nic_hold(struct chim_nic *nic, const struct chim_key *key, void *cookie)
{
	struct chim_hw_key *k;
	struct nic_admin *req;
	int err;

	if (!key || (key->family != 4 && key->family != 6))
		return -EINVAL;
	err = nic_admin_get(nic, sizeof(*k), 0, &req);
	if (err)
		return err;
	k = (struct chim_hw_key *)req->image;
	memcpy(k->local, key->local, key->family == 4 ? 4 : 16);
	memcpy(k->remote, key->remote, key->family == 4 ? 4 : 16);
	k->local_port = chim_le16_of(key->local_port);
	k->remote_port = chim_le16_of(key->remote_port);
	k->ipv6 = key->family == 6;
	req->done = hold_done;
	req->ctx = cookie;
	nic_admin_post(nic, req, CHIM_ADMIN_OP_HOLD, 0);
	return 0;
}

/* With a state installed it is the LIVE event that answers. */
static void release_done(struct chim_nic *nic, struct nic_admin *req, uint32_t status,
			 uint32_t gone)
{
	chim_conn_t conn = (chim_conn_t)(uintptr_t)req->ctx;
	int err = status != CHIM_STATUS_SUCCESS ? -EIO : gone ? -ENOENT : 0;

	nic_admin_put(nic, req);
	if (err && nic->cfg.events && nic->cfg.events->live_done)
		nic->cfg.events->live_done(nic->cfg.ctx, conn, err);
}

int chim_nic_release(struct chim_nic *nic, chim_conn_t conn)
{
	struct nic_admin *req;
	int err = nic_admin_get(nic, 0, 0, &req);

	if (err)
		return err;
	req->done = release_done;
	req->ctx = (void *)(uintptr_t)conn;
	nic_admin_post(nic, req, CHIM_ADMIN_OP_RELEASE, conn);
	return 0;
}
