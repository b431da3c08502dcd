/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * From TCP state to on-chip records, see install.h. Hard part: which of the four timers of the
 * interface the one deadline of the send half stands for (chimney 11.5).
 */
#include "app/install.h"

#include "app/objects.h"
#include "app/params.h"
#include "drv/soc.h"
#include "drv/table.h"

#define BYTES_MAX 0x7FFFFFFFu /* CWnd and SsThresh saturate there (steps.md) */

/* FINs, from the state's name. */
#define HAS_FIN	  1u /* ours is queued or sent */
#define RCV_FIN	  2u /* the peer's came */
static uint32_t fins_of(uint32_t state)
{
	switch (state) {
	case CHIM_CONN_STATE_FIN_WAIT_1:
	case CHIM_CONN_STATE_FIN_WAIT_2: return HAS_FIN;
	case CHIM_CONN_STATE_CLOSE_WAIT: return RCV_FIN;
	case CHIM_CONN_STATE_CLOSING:
	case CHIM_CONN_STATE_LAST_ACK: return HAS_FIN | RCV_FIN;
	default: return 0;
	}
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/*
 * TimerMode in place. A timer that the host did not run (-1) is not run either: the first pass of
 * the step starts the one that is due. Nor is one that would have nothing to send: it waits for
 * what only new data can bring.
 */
static uint32_t timer_of(const struct chim_hw_tcp_state *s, uint32_t state, uint32_t una,
			 uint32_t max)
{
	bool outstanding = max != una;

	if (chim_le32_get(s->RetransmitTimeoutDelta) == CHIM_TIMEOUT_NOT_RUNNING)
		return FW_TX_TIMER(NONE);
	if (state == CHIM_CONN_STATE_FIN_WAIT_2)
		return FW_TX_TIMER(FIN_WAIT_2);
	if (!outstanding && chim_le32_get(s->snd_end) == una && !(fins_of(state) & HAS_FIN))
		return FW_TX_TIMER(NONE);
	if (chim_le32_get(s->SndWnd) == 0)
		return s->RetransmitCount ? FW_TX_TIMER(RETRANSMIT) : FW_TX_TIMER(PERSIST);
	return outstanding ? FW_TX_TIMER(RETRANSMIT) : FW_TX_TIMER(PERSIST);
}

static uint16_t scaled_ms(uint32_t ticks)
{
	return (uint16_t)least(fw_ms(ticks), 0xFFFFu);
}

static void build_tx(const struct chim_hw_tcp_state *s, uint32_t now, uint32_t mss,
		     struct fw_rec_tx *t)
{
	uint32_t state = chim_le32_get(s->State);
	uint32_t una = chim_le32_get(s->SndUna);
	uint32_t max = chim_le32_get(s->SndMax);
	uint32_t end = chim_le32_get(s->snd_end);
	uint32_t cwnd = least(chim_le32_get(s->CWnd), BYTES_MAX);
	uint32_t bits = timer_of(s, state, una, max);
	bool lost = s->RetransmitCount != 0 || s->SndNxt != s->SndMax;

	if (fins_of(state) & HAS_FIN && max == end + 1)
		bits |= FW_TX_FIN_SENT;
	if (state == CHIM_CONN_STATE_FIN_WAIT_2)
		bits |= FW_TX_FIN_ACKED;
	/* RFC 6582: the host has retransmitted already; go on until SndMax is acknowledged. */
	if (s->DupAckCount >= fw_params.dup_ack_threshold && max != una && !lost)
		bits |= FW_TX_IN_RECOVERY;
	t->bits = bits;
	t->AckCntSeen = 0;
	t->DupSeen = s->DupAckCount;
	t->SndWndProbeCount = s->SndWndProbeCount;
	t->RetransCount = s->RetransmitCount;
	t->RttVar = scaled_ms(chim_le16_get(s->RttVar));
	t->SRtt = scaled_ms(chim_le16_get(s->SRtt));
	t->SegsRtx = 0;
	t->SegsOut = 0;
	t->LastSend = now;
	t->CaAcked = 0;
	t->RttTime = 0;
	t->RttSeq = 0;
	t->RtStart = now - fw_ms(chim_le32_get(s->TotalRT));
	t->Deadline = now + fw_ms(chim_le32_get(s->RetransmitTimeoutDelta));
	/* No duplicate that answers a go-back or a running recovery starts another one. */
	t->Recover = lost || bits & FW_TX_IN_RECOVERY ? max : una - 1;
	t->SsThresh = least(chim_le32_get(s->SsThresh), BYTES_MAX);
	t->CWnd = cwnd > mss ? cwnd : mss;
	t->SndWnd = chim_le32_get(s->SndWnd);
	t->SndMax = max;
	t->SndNxt = chim_le32_get(s->SndNxt);
	t->SndUna = una;
}

static void build_rx(const struct chim_hw_tcp_state *s, uint32_t now, struct fw_rec_rx *r)
{
	uint32_t wnd = chim_le32_get(s->SndWnd);
	uint32_t max_wnd = chim_le32_get(s->MaxSndWnd);

	r->bits = fins_of(chim_le32_get(s->State)) & RCV_FIN ? FW_RX_RCV_FIN : 0;
	r->AckOwed = 0;
	r->AcceptCnt = 0;
	r->AckCnt = 0;
	r->DupAckCount = s->DupAckCount;
	r->SegsIn = 0;
	r->SynTime = 0;
	r->OooMax = 0;
	r->DelAckDeadline = 0;
	r->TsEcr = 0;
	r->MaxSndWnd = max_wnd > wnd ? max_wnd : wnd;
	r->WL2 = chim_le32_get(
		s->SndUna); /* not transferred (chimney 4.6): the oldest that may be */
	r->WL1 = chim_le32_get(s->SendWL1);
	r->Wnd = wnd;
	r->AckNewest = r->WL2;
	r->TsRecentTime = now - fw_ms(chim_le32_get(s->TsRecentAge));
	r->TsRecent = chim_le32_get(s->TsRecent);
	r->RcvNxt = chim_le32_get(s->RcvNxt);
	r->AckNowSeq = r->RcvNxt; /* D13: an ACK is due if LastAckSent is behind */
}

static void build_cfg(const struct chim_hw_tcp_state *s, uint32_t path, uint32_t now, uint32_t mss,
		      struct fw_conn_image *im)
{
	uint32_t flags = chim_le16_get(s->ConstFlags);
	bool ts = flags & CHIM_TCP_CONST_FLAG_TIMESTAMP_ENABLED;
	bool scaling = flags & CHIM_TCP_CONST_FLAG_WINDOW_SCALING_ENABLED;
	uint32_t cached = chim_le16_get(s->CachedFlags);
	uint32_t max_rt = chim_le32_get(s->MaxRT);
	uint32_t rcv_log2 = s->rcv_ring_log2;

	im->cfg_tx.bits =
		(uint16_t)((ts ? FW_CFG_TX_TS : 0) |
			   (cached & CHIM_TCP_CACHED_FLAG_NAGLING_ENABLED ? FW_CFG_TX_NAGLE : 0));
	im->cfg_tx.Mss = (uint16_t)mss;
	im->cfg_tx.TsDelta = chim_le32_get(s->TsTime) - now;
	im->cfg_tx.MaxRT = max_rt == CHIM_MAX_RT_NO_LIMIT ? max_rt : fw_ms(max_rt);
	im->cfg_rx = ts ? FW_CFG_RX_TS : 0;
	if (scaling)
		im->cfg_rx |= (uint32_t)s->SndWindScale << CHIM_CFG_RX_SNDWINDSCALE_LSB;
	im->cfg_bind.Mss = (uint16_t)mss;
	im->cfg_bind.bits =
		(uint16_t)(rcv_log2 << FW_CFG_BIND_LOG2_SHIFT |
			   (scaling ? (uint32_t)s->RcvWindScale << FW_CFG_BIND_WSCALE_SHIFT : 0) |
			   (ts ? FW_CFG_BIND_TS : 0));
	im->cfg_bind.TsDelta = im->cfg_tx.TsDelta;
	im->cfg_bind.RcvBuf = least(chim_le32_get(s->InitialRcvWnd), 1u << rcv_log2);
	im->cfg_hdr.Path = (uint16_t)path;
	im->cfg_hdr.TosOrTrafficClass = s->TosOrTrafficClass;
	im->cfg_hdr.TtlOrHopLimit = s->TtlOrHopLimit;
	im->cfg_hdr.bits = chim_le32_get(s->FlowLabel) << FW_CFG_HDR_FLOW_SHIFT |
			   (uint32_t)s->UserPriority << FW_CFG_HDR_PRIO_SHIFT |
			   (ts ? FW_CFG_HDR_TS : 0) |
			   (fw_obj.path[path].ipv6 ? FW_CFG_HDR_IPV6 : 0);
	im->cfg_hdr.RemotePort = chim_le16_get(s->RemotePort);
	im->cfg_hdr.LocalPort = chim_le16_get(s->LocalPort);
}

static void build_rings(const struct chim_hw_tcp_state *s, struct fw_conn_image *im)
{
	uint32_t fins = fins_of(chim_le32_get(s->State));

	im->rcv_ring.log2 = (uint32_t)s->rcv_ring_log2 << FW_RING_LOG2_SHIFT;
	im->rcv_ring.base_lo = (uint32_t)chim_le64_get(s->rcv_ring);
	im->rcv_ring.base_hi = (uint32_t)(chim_le64_get(s->rcv_ring) >> 32);
	im->snd_ring.log2 = (uint32_t)s->snd_ring_log2 << FW_RING_LOG2_SHIFT;
	im->snd_ring.base_lo = (uint32_t)chim_le64_get(s->snd_ring);
	im->snd_ring.base_hi = (uint32_t)(chim_le64_get(s->snd_ring) >> 32);
	im->cursor.Index = chim_le32_get(s->snd_first);
	im->cursor.len = 0;
	im->cursor.Seq = 0;
	im->cursor.addr_lo = 0;
	im->cursor.addr_hi = 0;
	im->doorbell.bits = fins & HAS_FIN ? FW_DB_FIN_VALID : 0;
	im->doorbell.FinSeq = chim_le32_get(s->fin_seq);
	im->doorbell.RcvReturn = chim_le32_get(s->rcv_free);
	im->doorbell.SndEnd = chim_le32_get(s->snd_end);
}

void fw_install_build(const struct chim_hw_tcp_state *s, uint32_t path, struct fw_conn_image *im)
{
	const struct fw_path *p = &fw_obj.path[path];
	uint32_t now = fw_soc_ms();
	uint32_t mss = fw_install_mss(chim_le16_get(s->RemoteMss), p->mtu, p->ipv6,
				      chim_le16_get(s->ConstFlags) &
					      CHIM_TCP_CONST_FLAG_TIMESTAMP_ENABLED);

	build_tx(s, now, mss, &im->tx);
	build_rx(s, now, &im->rx);
	build_cfg(s, path, now, mss, im);
	build_rings(s, im);
	im->sent.rsvd[0] = 0;
	im->sent.rsvd[1] = 0;
	im->sent.rsvd[2] = 0;
	im->sent.AckDone = 0;
	im->sent.WireNxt = im->tx.SndMax;
	im->sent.AdvEdge = im->rx.RcvNxt + chim_le32_get(s->RcvWnd);
	im->sent.LastAckSent = chim_le32_get(s->rcv_wup);
	im->placed = im->rx.RcvNxt;
	im->done = im->tx.SndUna;
}

void fw_install_keepalive(uint32_t slot, uint32_t delta)
{
	struct fw_conn *c = &fw_obj.conn[slot];

	c->bits &= (uint16_t)~FW_CONN_KA_RUNNING;
	if (delta != CHIM_TIMEOUT_NOT_RUNNING) {
		c->ka_deadline = fw_soc_ms() + fw_ms(delta);
		c->bits |= FW_CONN_KA_RUNNING;
	}
}

void fw_install_shadow(const struct chim_hw_tcp_state *s, uint32_t slot)
{
	struct fw_conn *c = &fw_obj.conn[slot];
	uint32_t state = chim_le32_get(s->State);
	uint32_t bits = (c->bits & FW_CONN_GEN) | FW_CONN_USED | FW_CONN_INSTALLED;

	if (state == CHIM_CONN_STATE_CLOSE_WAIT || state == CHIM_CONN_STATE_LAST_ACK)
		bits |= FW_CONN_PASSIVE;
	if (chim_le16_get(s->CachedFlags) & CHIM_TCP_CACHED_FLAG_KEEP_ALIVE_ENABLED)
		bits |= FW_CONN_KA_ENABLED;
	if (chim_le16_get(s->ConstFlags) & CHIM_TCP_CONST_FLAG_WINDOW_SCALING_ENABLED)
		bits |= FW_CONN_SCALING;
	c->bits = (uint16_t)bits;
	c->hash_value = chim_le32_get(s->HashValue);
	c->rcv_indication_size = chim_le32_get(s->RcvIndicationSize);
	c->ka_timeout = chim_le32_get(s->KaTimeout);
	c->ka_interval = chim_le32_get(s->KaInterval);
	c->dwnd = chim_le32_get(s->DWnd);
	c->remote_mss = chim_le16_get(s->RemoteMss);
	c->ka_probe_count = s->KaProbeCount;
	c->ka_probes = s->KeepAliveProbeCount;
	c->delegated_flags = (uint16_t)chim_le32_get(s->DelegatedFlags);
	fw_install_keepalive(slot, chim_le32_get(s->KeepAliveTimeoutDelta));
}

enum fw_result fw_install_store(uint32_t slot, const struct fw_conn_image *im)
{
	/* In the order of struct fw_conn_image, one copy behind the other. */
	fw_table_ram(im);
	fw_table_store(CHIM_TABLE_TX, slot, CHIM_TCB_TX_WORDS);
	fw_table_store(CHIM_TABLE_RX, slot, CHIM_TCB_RX_WORDS);
	fw_table_store(CHIM_TABLE_CFG_TX, slot, CHIM_CFG_TX_WORDS);
	fw_table_store(CHIM_TABLE_DOORBELL, slot, CHIM_DOORBELL_WORDS);
	fw_table_store(CHIM_TABLE_SENT, slot, CHIM_SENT_WORDS);
	fw_table_store(CHIM_TABLE_PLACED, slot, CHIM_PLACED_WORDS);
	fw_table_store(CHIM_TABLE_DONE, slot, CHIM_DONE_WORDS);
	fw_table_store(CHIM_TABLE_CURSOR, slot, CHIM_CURSOR_WORDS);
	fw_table_store(CHIM_TABLE_CFG_RX, slot, CHIM_CFG_RX_WORDS);
	fw_table_store(CHIM_TABLE_CFG_BIND, slot, CHIM_CFG_BIND_WORDS);
	fw_table_store(CHIM_TABLE_CFG_HDR, slot, CHIM_CFG_HDR_WORDS);
	fw_table_store(CHIM_TABLE_RCV_RING, slot, CHIM_RCV_RING_WORDS);
	fw_table_store(CHIM_TABLE_SND_RING, slot, CHIM_SND_RING_WORDS);
	return fw_table_wait();
}
