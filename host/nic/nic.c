/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A NIC from open to close: identity, reset, memory, rings, firmware, and the poll that drives it.
 * Hard part: whatever fails half way through leaves the device with its DMA stopped.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nic_priv.h"

/*
 * Waiting for the device ends after so much of its time and so many tries: in virtual time the one
 * says nothing, on a device in another process the other. Its time may stand still: then after
 * WAIT_TRIES_MAX. A model in this process runs up to WAIT_CLOCKS a try.
 */
#define WAIT_MS	       2000u
#define WAIT_TRIES     10000u
#define WAIT_TRIES_MAX 1000000u
#define WAIT_CLOCKS    500u

int nic_read(struct chim_nic *nic, uint32_t reg, uint32_t *val)
{
	return nic->be->ops->read32(nic->be, 0, reg, val);
}

int nic_write(struct chim_nic *nic, uint32_t reg, uint32_t val)
{
	return nic->be->ops->write32(nic->be, 0, reg, val);
}

void nic_dead(struct chim_nic *nic, int err)
{
	if (nic->dead)
		return;
	nic->dead = true;
	if (nic->cfg.events && nic->cfg.events->dead)
		nic->cfg.events->dead(nic->cfg.ctx, err);
}

void nic_doorbell(struct nic_conn *c, unsigned int queue, uint32_t value)
{
	struct chim_backend *be = c->nic->be;
	int err;

	/* Descriptors and data before the doorbell that lets the device read them. */
	atomic_thread_fence(memory_order_release);
	err = be->ops->write32(be, 2, c->bells | queue << CHIM_DB_QUEUE_SHIFT, value);
	if (err)
		nic_dead(c->nic, err);
}

static uint32_t field(uint32_t reg, uint32_t mask, unsigned int shift)
{
	return (reg & mask) >> shift;
}

static int identify(struct chim_nic *nic)
{
	uint32_t magic, version, objects, geometry;
	int err = nic_read(nic, CHIM_REG_MAGIC, &magic);

	if (!err)
		err = nic_read(nic, CHIM_REG_VERSION, &version);
	if (!err)
		err = nic_read(nic, CHIM_REG_FEATURES, &nic->info.features);
	if (!err)
		err = nic_read(nic, CHIM_REG_BUILD_ID, &nic->info.build_id);
	if (!err)
		err = nic_read(nic, CHIM_REG_CONNS, &nic->info.conns);
	if (!err)
		err = nic_read(nic, CHIM_REG_OBJECTS, &objects);
	if (!err)
		err = nic_read(nic, CHIM_REG_GEOMETRY, &geometry);
	if (err)
		return err;
	if (magic != CHIM_MAGIC)
		return -EPROTO;
	nic->info.version_major =
		field(version, CHIM_REG_VERSION_MAJOR_MASK, CHIM_REG_VERSION_MAJOR_SHIFT);
	nic->info.version_minor =
		field(version, CHIM_REG_VERSION_MINOR_MASK, CHIM_REG_VERSION_MINOR_SHIFT);
	if (nic->info.version_major != CHIM_VERSION_MAJOR)
		return -EPROTO;
	nic->info.paths = field(objects, CHIM_REG_OBJECTS_PATHS_MASK, CHIM_REG_OBJECTS_PATHS_SHIFT);
	nic->info.neighbors =
		field(objects, CHIM_REG_OBJECTS_NEIGHBORS_MASK, CHIM_REG_OBJECTS_NEIGHBORS_SHIFT);
	nic->info.data_w =
		field(geometry, CHIM_REG_GEOMETRY_DATA_W_MASK, CHIM_REG_GEOMETRY_DATA_W_SHIFT);
	if (field(geometry, CHIM_REG_GEOMETRY_RING_LOG2_MAX_MASK,
		  CHIM_REG_GEOMETRY_RING_LOG2_MAX_SHIFT) < NIC_EVT_LOG2)
		return -EPROTO;
	return 0;
}

struct waiting {
	unsigned int tries;
	uint32_t from;
};

/* Let the device run. Return: 0 go on; -ETIMEDOUT; -ENODEV. */
static int wait_more(struct chim_nic *nic, struct waiting *w)
{
	uint32_t now;

	if (nic->be->ops->poll && nic->be->ops->poll(nic->be, WAIT_CLOCKS) < 0)
		return -ENODEV;
	if (nic->be->ops->now_ms(nic->be, &now))
		return -ENODEV;
	if (!w->tries++)
		w->from = now;
	if (w->tries < WAIT_TRIES || (now - w->from < WAIT_MS && w->tries < WAIT_TRIES_MAX))
		return 0;
	return -ETIMEDOUT;
}

/* Wait until (STATUS & mask) == want. */
static int wait_status(struct chim_nic *nic, uint32_t mask, uint32_t want)
{
	struct waiting w = { 0 };
	uint32_t status = 0;
	int err;

	do {
		err = nic_read(nic, CHIM_REG_STATUS, &status);
	} while (!err && (status & mask) != want && !(err = wait_more(nic, &w)));
	return err;
}

static void params_ready(struct chim_nic *nic, struct nic_admin *req, uint32_t status,
			 uint32_t info)
{
	(void)info;
	*(uint32_t *)req->ctx = status == CHIM_STATUS_SUCCESS ? 1 : 2;
	nic_admin_put(nic, req);
}

/* First parameters: the NIC answers nothing useful before it has them. */
static int set_params(struct chim_nic *nic)
{
	struct waiting w = { 0 };
	uint32_t answer = 0;
	int err;

	nic->params = (NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS){
		.Header = { NDIS_OBJECT_TYPE_DEFAULT, NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS_2,
			    sizeof(nic->params) },
		.TicksPerSecond = 1000,
		.TcpAckFrequency = 2,
		.TcpDelayedAckTicks = 40,
		.TcpMaximumRetransmissions = 15,
		.TcpSwsPreventionTicks = 200,
		.TcpDuplicateAckThreshold = 3,
		.TcpPushTicks = 500,
		.NceStaleTicks = 30000,
	};
	err = nic_admin_params(nic, params_ready);
	if (err)
		return err;
	for (unsigned int i = 0; i < NIC_ADMIN_MAX; i++) {
		if (nic->requests[i].busy)
			nic->requests[i].ctx = &answer;
	}
	while (!answer) {
		err = wait_more(nic, &w);
		if (err)
			return err;
		nic_events(nic);
	}
	return answer == 1 ? 0 : -EIO;
}

int chim_nic_open(struct chim_backend *be, struct chim_ndis *ndis, const struct chim_nic_cfg *cfg,
		  struct chim_nic **out)
{
	struct chim_nic *nic;
	size_t conn_bytes;
	int err;

	if (!be || !cfg || !out || cfg->mtu < 576 || cfg->mtu > 9000 ||
	    (cfg->conn_rcv_bytes & (cfg->conn_rcv_bytes - 1)))
		return -EINVAL;
	nic = calloc(1, sizeof(*nic));
	if (!nic)
		return -ENOMEM;
	nic->be = be;
	nic->ndis = ndis;
	nic->cfg = *cfg;
	nic->arena.fd = -1;
	nic->ops_tail = &nic->ops;
	if (!nic->cfg.conn_rcv_bytes)
		nic->cfg.conn_rcv_bytes = 128u << 10;
	if (!nic->cfg.conn_snd_bytes)
		nic->cfg.conn_snd_bytes = 128u << 10;
	if (!nic->cfg.arena_bytes)
		nic->cfg.arena_bytes = 64u << 20;
	conn_bytes = nic->cfg.conn_rcv_bytes + nic->cfg.conn_snd_bytes;

	err = identify(nic);
	if (!err)
		err = nic_write(nic, CHIM_REG_CTRL, CHIM_REG_CTRL_RESET_MASK);
	if (!err)
		err = wait_status(nic, CHIM_REG_STATUS_FW_ALIVE_MASK,
				  CHIM_REG_STATUS_FW_ALIVE_MASK);
	if (err)
		goto err_free;
	if (!nic->cfg.conns || nic->cfg.conns > nic->info.conns)
		nic->cfg.conns = nic->info.conns;
	/* Never promise more connections than there is memory for. */
	if (nic->cfg.conns > nic->cfg.arena_bytes / 2 / conn_bytes)
		nic->cfg.conns = (unsigned int)(nic->cfg.arena_bytes / 2 / conn_bytes);

	nic->slots = calloc(nic->info.conns, sizeof(struct nic_conn *));
	err = nic->slots ? nic_arena_init(&nic->arena, be, nic->cfg.arena_bytes) : -ENOMEM;
	if (err)
		goto err_free;
	err = nic_rings_init(nic);
	if (!err)
		err = nic_plain_init(nic);
	if (!err)
		err = set_params(nic);
	if (!err)
		err = nic_miniport_init(nic);
	/*
	 * Counters count from here: a frame that came before the first buffers were there met a NIC
	 * that was not up yet.
	 */
	if (!err)
		err = chim_nic_counters(nic, NULL, 0);
	if (err < 0)
		goto err_stop;
	memset(nic->counter_high, 0, sizeof(nic->counter_high));
	*out = nic;
	return 0;

err_stop:
	nic_write(nic, CHIM_REG_CTRL, CHIM_REG_CTRL_RESET_MASK);
	nic_arena_fini(&nic->arena);
err_free:
	free(nic->slots);
	free(nic);
	return err;
}

int chim_nic_close(struct chim_nic *nic)
{
	int err;

	if (!nic)
		return 0;
	err = nic_miniport_fini(nic);
	if (err)
		return err;
	if (!nic->dead) {
		struct nic_admin *req;

		/* Unmapping waits for the quiesce completion; a dead device is reset instead. */
		if (!nic_admin_get(nic, 0, 0, &req)) {
			nic_admin_post(nic, req, CHIM_ADMIN_OP_QUIESCE, 0);
			wait_status(nic, CHIM_REG_STATUS_QUIESCED_MASK,
				    CHIM_REG_STATUS_QUIESCED_MASK);
		}
		nic_write(nic, CHIM_REG_CTRL, CHIM_REG_CTRL_RESET_MASK);
	}
	nic->be->ops->reset(nic->be);
	nic_arena_fini(&nic->arena);
	free(nic->slots);
	free(nic);
	return 0;
}

int chim_nic_poll(struct chim_nic *nic, uint64_t budget)
{
	int64_t ran;
	int n = 0;

	if (nic->dead)
		return -ENODEV;
	if (nic->polling)
		return -EBUSY;
	nic->polling = true;
	ran = nic->be->ops->poll ? nic->be->ops->poll(nic->be, budget) : 0;
	if (ran < 0 || nic->be->ops->now_ms(nic->be, &nic->now))
		nic_dead(nic, -ENODEV);
	if (!nic->dead)
		n += nic_events(nic);
	if (!nic->dead && nic_ring_next(&nic->cpl, offsetof(struct chim_hw_prx_cpl, owner)))
		n += nic_plain_poll(nic);
	if (!nic->dead && nic->ops)
		n += nic_ops_poll(nic);
	if (!nic->dead)
		n += nic_conns_poll(nic);
	if (nic->ndis) {
		int k = chim_ndis_poll(nic->ndis, 256);

		n += k > 0 ? k : 0;
	}
	nic->polling = false;
	return nic->dead ? -ENODEV : n;
}

void *chim_nic_adapter(struct chim_nic *nic)
{
	return nic->adapter;
}

int chim_nic_reg_read(struct chim_nic *nic, uint32_t off, uint32_t *val)
{
	return nic_read(nic, off, val);
}

int chim_nic_reg_write(struct chim_nic *nic, uint32_t off, uint32_t val)
{
	return nic_write(nic, off, val);
}

int chim_nic_mem(struct chim_nic *nic, size_t len, void **va, uint64_t *iova)
{
	void *p = nic_arena_alloc(&nic->arena, len);

	if (!p)
		return -ENOMEM;
	*va = p;
	*iova = nic_iova(&nic->arena, p);
	return 0;
}

void chim_nic_mem_free(struct chim_nic *nic, void *va)
{
	nic_arena_free(&nic->arena, va);
}

int chim_nic_info(const struct chim_nic *nic, struct chim_nic_info *info)
{
	*info = nic->info;
	return 0;
}

int chim_nic_counters(struct chim_nic *nic, struct chim_counter *c, size_t n)
{
	size_t k = 0;

	for (uint32_t i = 0; i < CHIM_COUNTER_COUNT; i++) {
		const char *name = chim_hw_counter_name(i);
		uint32_t now;
		int err;

		if (!name)
			continue;
		err = nic_read(nic, CHIM_COUNTER_OFF + 4 * i, &now);
		if (err)
			return err;
		/* The device's counters have 32 bits and wrap. */
		nic->counter_high[i] += now - nic->counter_last[i];
		nic->counter_last[i] = now;
		if (k < n)
			c[k] = (struct chim_counter){ name, "", nic->counter_high[i] };
		k++;
	}
	return (int)k;
}
