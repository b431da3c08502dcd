/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Update: cached variables at all layers, and paths linked to another neighbor (chimney 6.2). Hard
 * part: a change of a neighbor or path reaches every connection above it, and connections run on
 * while their constants change: each word is written whole.
 */
#include "app/ops.h"

#include "app/install.h"
#include "app/objects.h"
#include "app/params.h"
#include "app/slots.h"
#include "drv/engine.h"
#include "drv/soc.h"
#include "drv/table.h"

/* Frames of a paused connection are held; so are they while host memory or wire have to drain. */
static bool must_pause(uint32_t slot)
{
	const struct fw_path *path = &fw_obj.path[fw_conn_path(slot)];

	return fw_obj.conn[slot].bits & FW_CONN_INVALID || path->invalid ||
	       fw_obj.nbr[path->nbr].invalid;
}

enum fw_result fw_conn_refresh(uint32_t slot)
{
	struct fw_conn *c = &fw_obj.conn[slot];
	const struct fw_path *path = &fw_obj.path[fw_conn_path(slot)];
	uint32_t tx = fw_table_get(CHIM_TABLE_CFG_TX, slot, 0);
	uint32_t bind = fw_table_get(CHIM_TABLE_CFG_BIND, slot, 0);
	uint32_t entry = fw_table_get(CHIM_TABLE_ENTRY, slot, 0);
	uint32_t vlan = fw_obj.nbr[path->nbr].vlan;
	uint32_t mss = fw_install_mss(c->remote_mss, path->mtu, path->ipv6, tx & FW_CFG_TX_TS);

	fw_table_set(CHIM_TABLE_CFG_TX, slot, 0,
		     (tx & ((1u << CHIM_CFG_TX_MSS_LSB) - 1)) | mss << CHIM_CFG_TX_MSS_LSB);
	fw_table_set(CHIM_TABLE_CFG_BIND, slot, 0, (bind & 0xFFFF0000u) | mss);
	entry &= FW_ENTRY_STATE_MASK | FW_ENTRY_RELEASE | FW_ENTRY_INSTALLED | 0xFFFu;
	if (must_pause(slot)) {
		/* HOLD is all that stops acknowledgments too (R60). */
		if (c->bits & FW_CONN_PAUSED)
			return FW_OK;
		c->bits = (uint16_t)((c->bits & ~FW_CONN_LIVE) | FW_CONN_PAUSED);
		FW_TRY(fw_slot_enter(slot, FW_ENTRY_HOLD | FW_ENTRY_INSTALLED, vlan));
		fw_slot_upload(slot);
	} else if (c->bits & FW_CONN_PAUSED) {
		/* R63: LIVE again as soon as no frame is held. */
		c->bits &= (uint16_t) ~(FW_CONN_PAUSED | FW_CONN_SCANNED);
		FW_TRY(fw_slot_enter(slot, FW_ENTRY_HOLD | FW_ENTRY_INSTALLED | FW_ENTRY_RELEASE,
				     vlan));
	} else if ((entry & 0xFFFu) != vlan) {
		FW_TRY(fw_slot_enter(slot, entry & ~0xFFFu, vlan));
	}
	fw_engine_kick(slot);
	return FW_OK;
}

/* Every connection of a path. */
static uint32_t refresh_path(uint32_t p)
{
	uint32_t left = fw_obj.path[p].refs;

	for (uint32_t slot = 0; left && slot < fw_obj.high_water; slot++) {
		if (!(fw_obj.conn[slot].bits & FW_CONN_INSTALLED) || fw_conn_path(slot) != p)
			continue;
		left--;
		if (fw_conn_refresh(slot) != FW_OK)
			return fw_refuse(CHIM_FW_CODE_TABLE, slot);
	}
	return CHIM_STATUS_SUCCESS;
}

static uint32_t update_neighbor(uint32_t n, const struct chim_hw_neighbor_state *s)
{
	uint32_t w[CHIM_NEIGHBOR_WORDS];

	if (chim_le16_get(s->reserved) || chim_le64_get(s->reserved1))
		return fw_refuse(CHIM_FW_CODE_RESERVED, n);
	if (s->DlDestinationAddress[0] & 1u)
		return fw_refuse(CHIM_FW_CODE_NEIGHBOR, n);
	fw_nbr_pack(w, s->DlDestinationAddress, fw_params.mac, fw_obj.nbr[n].vlan);
	/* Two words hold the destination; a frame built between them is lost. */
	for (uint32_t i = CHIM_NEIGHBOR_DSTMAC_LSB / 32; i < CHIM_NEIGHBOR_WORDS; i++)
		fw_table_set(CHIM_TABLE_NEIGHBOR, n, i, w[i]);
	fw_obj.nbr[n].host_time = fw_soc_ms() - fw_ms(chim_le32_get(s->HostReachabilityDelta));
	return CHIM_STATUS_SUCCESS;
}

/* R51: a path listed under a neighbor moves to it. */
static void relink(uint32_t p, uint32_t n)
{
	struct fw_path *path = &fw_obj.path[p];

	fw_obj.nbr[path->nbr].refs--;
	fw_obj.nbr[n].refs++;
	path->nbr = (uint16_t)n;
	fw_table_set(CHIM_TABLE_PATH, p, CHIM_PATH_NEIGHBOR_LSB / 32,
		     n | (path->ipv6 ? 1u << CHIM_PATH_IPV6_LSB : 0));
}

static uint32_t update_path(uint32_t p, uint32_t below, const struct chim_hw_path_state *s)
{
	struct fw_path *path = &fw_obj.path[p];
	bool moved = below != FW_NO_SLOT && below != path->nbr;
	uint32_t mtu = path->mtu;

	if (s) {
		if (chim_le32_get(s->reserved))
			return fw_refuse(CHIM_FW_CODE_RESERVED, p);
		mtu = chim_le32_get(s->PathMtu);
		/* No connection may be left without room: RemoteMss is 64 + options or more. */
		if (mtu > fw_params.max_mtu || !fw_install_mss(mtu, mtu, path->ipv6, true))
			return fw_refuse(CHIM_FW_CODE_PATH, p);
	}
	if (moved)
		relink(p, below);
	if (!moved && mtu == path->mtu)
		return CHIM_STATUS_SUCCESS;
	path->mtu = (uint16_t)mtu;
	return refresh_path(p);
}

static bool cached_is_good(const struct chim_hw_tcp_state *s)
{
	uint32_t wnd = chim_le32_get(s->InitialRcvWnd);

	return wnd != 0 && wnd <= fw_params.max_rcv_wnd && s->TtlOrHopLimit != 0 &&
	       s->UserPriority < 8 && chim_le32_get(s->FlowLabel) < 1u << 20 &&
	       chim_le16_get(s->CachedFlags) < 0x20u &&
	       fw_or_words((const uint32_t *)(const void *)s + 24, 8) == 0;
}
CHIM_STATIC_ASSERT(offsetof(struct chim_hw_tcp_state, State) == 32 * 4 &&
			   offsetof(struct chim_hw_tcp_state, reserved1) < 24 * 4,
		   "words 24 to 31 of tcp_state are reserved");

/* What the engine reads: a word at a time, each good by itself. */
static void update_tables(uint32_t slot, const struct chim_hw_tcp_state *s, uint32_t flags)
{
	uint32_t max_rt = chim_le32_get(s->MaxRT);
	uint32_t wnd = chim_le32_get(s->InitialRcvWnd);
	uint32_t w, ring;

	w = fw_table_get(CHIM_TABLE_CFG_TX, slot, 0) & ~FW_CFG_TX_NAGLE;
	if (flags & CHIM_TCP_CACHED_FLAG_NAGLING_ENABLED)
		w |= FW_CFG_TX_NAGLE;
	fw_table_set(CHIM_TABLE_CFG_TX, slot, 0, w);
	fw_table_set(CHIM_TABLE_CFG_TX, slot, CHIM_CFG_TX_MAXRT_LSB / 32,
		     max_rt == CHIM_MAX_RT_NO_LIMIT ? max_rt : fw_ms(max_rt));

	w = fw_table_get(CHIM_TABLE_CFG_HDR, slot, 1);
	w &= FW_CFG_HDR_TS | FW_CFG_HDR_IPV6;
	w |= chim_le32_get(s->FlowLabel) << FW_CFG_HDR_FLOW_SHIFT |
	     (uint32_t)s->UserPriority << FW_CFG_HDR_PRIO_SHIFT;
	fw_table_set(CHIM_TABLE_CFG_HDR, slot, 1, w);
	w = fw_conn_path(slot) |
	    (uint32_t)s->TosOrTrafficClass << CHIM_CFG_HDR_TOSORTRAFFICCLASS_LSB |
	    (uint32_t)s->TtlOrHopLimit << CHIM_CFG_HDR_TTLORHOPLIMIT_LSB;
	fw_table_set(CHIM_TABLE_CFG_HDR, slot, 0, w);

	if (flags & CHIM_TCP_CACHED_FLAG_UPDATE_RCV_WND) {
		ring = 1u << (fw_table_get(CHIM_TABLE_CFG_BIND, slot, 0) >>
			      CHIM_CFG_BIND_RCVRINGLOG2_LSB);
		fw_table_set(CHIM_TABLE_CFG_BIND, slot, CHIM_CFG_BIND_RCVBUF_LSB / 32,
			     wnd < ring ? wnd : ring);
	}
}

static uint32_t update_tcp(uint32_t slot, const struct chim_hw_tcp_state *s)
{
	struct fw_conn *c = &fw_obj.conn[slot];
	uint32_t flags = chim_le16_get(s->CachedFlags);
	uint32_t restart = flags & (CHIM_TCP_CACHED_FLAG_KEEP_ALIVE_RESTART |
				    CHIM_TCP_CACHED_FLAG_MAX_RT_RESTART);
	bool count_new = s->KaProbeCount != c->ka_probe_count;
	bool time_new = chim_le32_get(s->KaTimeout) != c->ka_timeout ||
			chim_le32_get(s->KaInterval) != c->ka_interval;

	if (!cached_is_good(s))
		return fw_refuse(CHIM_FW_CODE_FIELD, slot);
	update_tables(slot, s, flags);
	/*
	 * R55. The send step owns RtStart, but reads it only while a retransmission goes on; what
	 * it may write over this word at this very moment ends that.
	 */
	if (flags & CHIM_TCP_CACHED_FLAG_MAX_RT_RESTART)
		fw_table_set(CHIM_TABLE_TX, slot, CHIM_TCB_TX_RTSTART_LSB / 32, fw_soc_ms());
	c->rcv_indication_size = chim_le32_get(s->RcvIndicationSize);
	c->ka_timeout = chim_le32_get(s->KaTimeout);
	c->ka_interval = chim_le32_get(s->KaInterval);
	c->ka_probe_count = s->KaProbeCount;
	if (restart && count_new)
		c->ka_probes = 0;
	c->bits &= (uint16_t)~FW_CONN_KA_ENABLED;
	if (flags & CHIM_TCP_CACHED_FLAG_KEEP_ALIVE_ENABLED)
		c->bits |= FW_CONN_KA_ENABLED;
	else
		fw_install_keepalive(slot, CHIM_TIMEOUT_NOT_RUNNING);
	if (c->bits & FW_CONN_KA_ENABLED &&
	    (flags & CHIM_TCP_CACHED_FLAG_KEEP_ALIVE_RESTART || (restart && time_new)))
		fw_install_keepalive(slot, c->ka_timeout);
	fw_engine_kick(slot);
	return CHIM_STATUS_SUCCESS;
}

static uint32_t enter(void *ctx, struct fw_tree_node *node, const struct fw_tree_node *parent,
		      const void *state)
{
	uint32_t below = FW_NO_SLOT;
	uint32_t slot;

	(void)ctx;
	if (node->role != CHIM_ROLE_REFERENCE || (state && !(node->classes & FW_CLASS_CACHED)))
		return fw_refuse(CHIM_FW_CODE_ROLE, node->index);
	slot = fw_object(node->layer, node->object);
	if (slot == FW_NO_SLOT ||
	    (node->layer == FW_LAYER_PATH && fw_obj.path[slot].ipv6 != node->ipv6))
		return fw_refuse(CHIM_FW_CODE_HANDLE, node->index);
	if (parent && parent->role != CHIM_ROLE_PLACEHOLDER) {
		if (parent->status != CHIM_STATUS_SUCCESS)
			return fw_refuse(CHIM_FW_CODE_PARENT, node->index);
		below = parent->object & 0xFFFFu;
	}
	if (node->layer == FW_LAYER_NEIGHBOR)
		return state ? update_neighbor(slot, state) : CHIM_STATUS_SUCCESS;
	if (node->layer == FW_LAYER_PATH)
		return update_path(slot, below, state);
	if (below != FW_NO_SLOT && fw_conn_path(slot) != below) /* never TCP to path */
		return fw_refuse(CHIM_FW_CODE_PARENT, node->index);
	return state ? update_tcp(slot, state) : CHIM_STATUS_SUCCESS;
}

const struct fw_tree_act fw_op_update = { .enter = enter };
