/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Admin descriptors, see admin.h. Hard part: descriptors are fetched several at a time, because
 * host memory is far away, and the host's view of what is consumed advances one at a time.
 */
#include "app/admin.h"

#include "app/evq.h"
#include "app/hostio.h"
#include "app/objects.h"
#include "app/ops.h"
#include "app/params.h"
#include "app/selftest.h"
#include "app/slots.h"
#include "drv/adminring.h"
#include "drv/dma.h"
#include "drv/soc.h"

#define FETCH	      4u /* descriptors read at once */
#define QUIESCE_BOUND (1u << 24)

static _Alignas(8) struct chim_hw_admin_desc ring[FETCH];
static uint32_t have, at; /* descriptors in ring[]; the next one */
static uint32_t done;	  /* completed, free running */
static bool bad_index;	  /* said once until it is good again */
static bool quiesced;

void fw_admin_init(void)
{
	have = 0;
	at = 0;
	done = 0;
	bad_index = false;
	quiesced = false;
}

bool fw_admin_quiesced(void)
{
	return quiesced;
}

/* One of the five tree operations. */
static uint32_t tree_op(const struct chim_hw_admin_desc *d, const struct fw_tree_act *act)
{
	bool with_out = act == &fw_op_query || act == &fw_op_terminate;
	uint32_t result_len = chim_le32_get(d->result_len);
	struct fw_tree_shape shape;
	enum fw_tree_result r;
	uint32_t room = result_len / (uint32_t)sizeof(struct chim_hw_result);
	bool walked;

	r = fw_tree_check(&fw_host_tree, chim_le32_get(d->image_len), result_len, with_out, &shape);
	walked = r == FW_TREE_OK;
	if (walked) {
		fw_op_invalidate_begin();
		r = fw_tree_walk(&fw_host_tree, act, &shape);
		if (fw_op_invalidate_end() != FW_OK)
			fw_soc_code(CHIM_FW_CODE_FENCE, 0);
	}
	if (r == FW_TREE_BAD) {
		fw_soc_count(CHIM_COUNTER_FW_BAD_IMAGE);
		fw_soc_code(CHIM_FW_CODE_IMAGE, 0);
		/* Every block there is room for: the host knows best how many there are. */
		if (shape.blocks == 0)
			shape.blocks = room < 0xFFFFu ? room : 0xFFFFu;
		/* An image that changed under the walk: what was done has its result. */
		if (!walked && !fw_tree_fill(&fw_host_tree, shape.blocks, CHIM_STATUS_FAILURE))
			r = FW_TREE_FAULT;
	}
	if (!fw_host_close()) {
		r = FW_TREE_FAULT;
		if (act->undo)
			fw_host_take_back(act->undo);
	}
	return r == FW_TREE_OK ? CHIM_STATUS_SUCCESS : CHIM_STATUS_FAILURE;
}

static uint32_t hold(const struct chim_hw_admin_desc *d, uint32_t *info)
{
	const struct chim_hw_key *key;
	uint32_t slot, status;

	if (chim_le32_get(d->image_len) < sizeof(*key))
		return fw_refuse(CHIM_FW_CODE_DESC, 0);
	key = fw_host_read(0, sizeof(*key));
	if (!key)
		return CHIM_STATUS_FAILURE;
	status = fw_slot_hold(key, &slot);
	if (status == CHIM_STATUS_SUCCESS)
		*info = slot | (uint32_t)(fw_obj.conn[slot].bits & FW_CONN_GEN) << 16;
	return status;
}

static uint32_t set_params(const struct chim_hw_admin_desc *d)
{
	const struct chim_hw_params *p;

	if (chim_le32_get(d->image_len) < sizeof(*p))
		return fw_refuse(CHIM_FW_CODE_DESC, 0);
	/* The steps take them as constants, and ticks of what is offloaded have been converted. */
	if (fw_obj.live_objects)
		return fw_refuse(CHIM_FW_CODE_BUSY, 0);
	p = fw_host_read(0, sizeof(*p));
	if (!p)
		return CHIM_STATUS_FAILURE;
	return fw_params_set(p) == FW_OK ? CHIM_STATUS_SUCCESS : fw_refuse(CHIM_FW_CODE_PARAMS, 0);
}

static uint32_t quiesce(void)
{
	quiesced = true;
	return fw_soc_quiesce(QUIESCE_BOUND) == FW_OK ? CHIM_STATUS_SUCCESS
						      : fw_refuse(CHIM_FW_CODE_FENCE, 0);
}

static bool desc_is_good(const struct chim_hw_admin_desc *d)
{
	uint8_t any = d->flags;

	for (uint32_t i = 0; i < sizeof(d->reserved); i++)
		any |= d->reserved[i];
	return any == 0 && ((chim_le64_get(d->image) | chim_le64_get(d->result)) & 63u) == 0;
}

static uint32_t carry_out(const struct chim_hw_admin_desc *d, uint32_t *info)
{
	if (!desc_is_good(d))
		return fw_refuse(CHIM_FW_CODE_DESC, d->opcode);
	switch (d->opcode) {
	case CHIM_ADMIN_OP_NOP: return CHIM_STATUS_SUCCESS;
	case CHIM_ADMIN_OP_HOLD: return hold(d, info);
	case CHIM_ADMIN_OP_RELEASE: return fw_slot_release(chim_le16_get(d->conn), d->gen, info);
	case CHIM_ADMIN_OP_INITIATE: return tree_op(d, &fw_op_initiate);
	case CHIM_ADMIN_OP_QUERY: return tree_op(d, &fw_op_query);
	case CHIM_ADMIN_OP_UPDATE: return tree_op(d, &fw_op_update);
	case CHIM_ADMIN_OP_INVALIDATE: return tree_op(d, &fw_op_invalidate);
	case CHIM_ADMIN_OP_TERMINATE: return tree_op(d, &fw_op_terminate);
	case CHIM_ADMIN_OP_SET_PARAMS: return set_params(d);
	case CHIM_ADMIN_OP_QUIESCE: return quiesce();
	case CHIM_ADMIN_OP_SELFTEST: return fw_selftest();
	default: return fw_refuse(CHIM_FW_CODE_DESC, d->opcode);
	}
}

/* Fetch what waits, up to the ring's end. */
static bool fetch(void)
{
	uint64_t addr;
	uint32_t n;
	enum fw_result r = fw_adminring_next(done, FETCH, &addr, &n);

	if (r == FW_IO && !bad_index) {
		fw_soc_count(CHIM_COUNTER_RING_INDEX);
		fw_event_fault(CHIM_COUNTER_RING_INDEX);
	}
	bad_index = r == FW_IO;
	if (r != FW_OK)
		return false;
	at = 0;
	have = n;
	r = fw_dma_read(addr, ring, n * (uint32_t)sizeof(ring[0]));
	if (r == FW_OK)
		return true;
	/* What they ask for is not known: they are consumed, and fail. */
	fw_soc_code(CHIM_FW_CODE_DMA_READ, r);
	fw_event_fault(CHIM_COUNTER_DMA_READ_ERROR);
	fw_zero_words((uint32_t *)(void *)ring, sizeof(ring) / 4);
	for (uint32_t i = 0; i < n; i++)
		ring[i].opcode = 0xFF;
	return true;
}

void fw_admin_poll(void)
{
	const struct chim_hw_admin_desc *d;
	uint32_t status, info = 0;

	/* A fault and the completion. */
	if (quiesced || fw_evq_room() < 3 || (at == have && !fetch()))
		return;
	d = &ring[at++];
	fw_host_open(d);
	status = carry_out(d, &info);
	if (fw_host_written())
		info = fw_host_written();
	done++;
	fw_soc_count(CHIM_COUNTER_FW_ADMIN);
	fw_event_admin(chim_le32_get(d->cookie), status, info);
	fw_adminring_done(done);
}
