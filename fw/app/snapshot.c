/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * From on-chip records to TCP state, see snapshot.h. Hard part: a record of a live connection is
 * read word by word while the steps write it.
 */
#include "app/snapshot.h"

#include "app/objects.h"
#include "app/params.h"
#include "drv/soc.h"
#include "drv/table.h"

enum fw_result fw_snapshot_load(uint32_t slot, struct fw_conn_image *im)
{
	fw_table_ram(im);
	fw_table_load(CHIM_TABLE_TX, slot, CHIM_TCB_TX_WORDS);
	fw_table_load(CHIM_TABLE_RX, slot, CHIM_TCB_RX_WORDS);
	fw_table_load(CHIM_TABLE_CFG_TX, slot, CHIM_CFG_TX_WORDS);
	fw_table_load(CHIM_TABLE_DOORBELL, slot, CHIM_DOORBELL_WORDS);
	fw_table_load(CHIM_TABLE_SENT, slot, CHIM_SENT_WORDS);
	fw_table_load(CHIM_TABLE_PLACED, slot, CHIM_PLACED_WORDS);
	return fw_table_wait();
}

enum fw_result fw_snapshot_load_live(uint32_t slot, struct fw_conn_image *im)
{
	/* RcvPlaced before RcvNxt, which is never behind it. */
	uint32_t placed = fw_table_get(CHIM_TABLE_PLACED, slot, 0);

	FW_TRY(fw_snapshot_load(slot, im));
	im->placed = placed;
	/* SndUna, read before, never passes SndNxt, nor that SndMax. */
	im->tx.SndNxt = fw_table_get(CHIM_TABLE_TX, slot, CHIM_TCB_TX_SNDNXT_LSB / 32);
	im->tx.SndMax = fw_table_get(CHIM_TABLE_TX, slot, CHIM_TCB_TX_SNDMAX_LSB / 32);
	fw_table_ram(&im->cfg_rx);
	fw_table_load(CHIM_TABLE_CFG_RX, slot, CHIM_CFG_RX_WORDS);
	fw_table_load(CHIM_TABLE_CFG_BIND, slot, CHIM_CFG_BIND_WORDS);
	fw_table_load(CHIM_TABLE_CFG_HDR, slot, CHIM_CFG_HDR_WORDS);
	fw_table_load(CHIM_TABLE_RCV_RING, slot, CHIM_RCV_RING_WORDS);
	fw_table_load(CHIM_TABLE_SND_RING, slot, CHIM_SND_RING_WORDS);
	return fw_table_wait();
}

bool fw_snapshot_ack_due(const struct fw_conn_image *im)
{
	return im->rx.AckOwed != im->sent.AckDone || fw_seq_lt(im->sent.LastAckSent, im->placed);
}

/* The peer's FIN counts when everything up to it lies in host memory. */
static bool rcv_fin(const struct fw_conn_image *im)
{
	return im->rx.bits & FW_RX_RCV_FIN && im->placed == im->rx.RcvNxt;
}

/* Chimney 6.4.8; LAST_ACK and CLOSING differ only in whose FIN came first. */
static uint32_t state_of(uint32_t slot, const struct fw_conn_image *im)
{
	uint32_t tx = im->tx.bits;
	bool peer = rcv_fin(im);

	if (im->rx.bits & (FW_RX_ABORTED | FW_RX_SYN_SEEN) || tx & FW_TX_RST_SENT)
		return CHIM_CONN_STATE_CLOSED;
	if (tx & FW_TX_FIN_ACKED) {
		if (peer)
			return fw_obj.conn[slot].bits & FW_CONN_PASSIVE ? CHIM_CONN_STATE_CLOSED
									: CHIM_CONN_STATE_TIME_WAIT;
		return tx & FW_TX_EXPIRED ? CHIM_CONN_STATE_CLOSED : CHIM_CONN_STATE_FIN_WAIT_2;
	}
	if (tx & FW_TX_FIN_SENT || im->doorbell.bits & FW_DB_FIN_VALID) {
		if (!peer)
			return CHIM_CONN_STATE_FIN_WAIT_1;
		return fw_obj.conn[slot].bits & FW_CONN_PASSIVE ? CHIM_CONN_STATE_LAST_ACK
								: CHIM_CONN_STATE_CLOSING;
	}
	return peer ? CHIM_CONN_STATE_CLOSE_WAIT : CHIM_CONN_STATE_ESTABLISHED;
}

static uint32_t ticks_left(uint32_t deadline, uint32_t now)
{
	return fw_seq_lt(now, deadline) ? fw_ticks(deadline - now) : 0;
}

static uint32_t flags_of(const struct fw_conn_image *im)
{
	uint32_t rx = im->rx.bits, tx = im->tx.bits;

	return (rcv_fin(im) ? 1u << CHIM_EVF_RCV_FIN : 0) |
	       (rx & FW_RX_ABORTED ? 1u << CHIM_EVF_RCV_RST : 0) |
	       (tx & FW_TX_FIN_ACKED ? 1u << CHIM_EVF_FIN_ACKED : 0) |
	       (tx & FW_TX_RST_SENT ? 1u << CHIM_EVF_RST_SENT : 0) |
	       (tx & FW_TX_EXPIRED ? 1u << CHIM_EVF_EXPIRED : 0) |
	       (rx & FW_RX_URGENT ? 1u << CHIM_EVF_URGENT : 0) |
	       (rx & FW_RX_SYN_SEEN ? 1u << CHIM_EVF_SYN : 0) |
	       (tx & FW_TX_TIME_WAIT ? 1u << CHIM_EVF_TIME_WAIT : 0);
}

uint32_t fw_snapshot_keepalive(uint32_t slot)
{
	const struct fw_conn *c = &fw_obj.conn[slot];

	return c->bits & FW_CONN_KA_RUNNING ? ticks_left(c->ka_deadline, fw_soc_ms())
					    : CHIM_TIMEOUT_NOT_RUNNING;
}

void fw_snapshot_delegated(uint32_t slot, const struct fw_conn_image *im,
			   struct chim_hw_tcp_state *s)
{
	const struct fw_conn *c = &fw_obj.conn[slot];
	uint32_t now = fw_soc_ms();
	uint32_t edge = im->sent.AdvEdge;

	/* Positions in the rings go with it. */
	s->rcv_free = chim_le32_of(im->doorbell.RcvReturn);
	s->snd_end = chim_le32_of(im->doorbell.SndEnd);
	s->rcv_wup = chim_le32_of(im->sent.LastAckSent);

	s->State = chim_le32_of(state_of(slot, im));
	s->DelegatedFlags = chim_le32_of(c->delegated_flags);
	s->RcvNxt = chim_le32_of(im->placed);
	s->RcvWnd = chim_le32_of(fw_seq_lt(im->placed, edge) ? edge - im->placed : 0);
	s->SndUna = chim_le32_of(im->tx.SndUna);
	s->SndNxt = chim_le32_of(im->tx.SndNxt);
	s->SndMax = chim_le32_of(im->tx.SndMax);
	s->SndWnd = chim_le32_of(im->tx.SndWnd);
	s->MaxSndWnd = chim_le32_of(im->rx.MaxSndWnd);
	s->SendWL1 = chim_le32_of(im->rx.WL1);
	s->CWnd = chim_le32_of(im->tx.CWnd);
	s->SsThresh = chim_le32_of(im->tx.SsThresh);
	s->SRtt = chim_le16_of((uint16_t)fw_ticks(im->tx.SRtt));
	s->RttVar = chim_le16_of((uint16_t)fw_ticks(im->tx.RttVar));
	s->TsRecent = chim_le32_of(im->rx.TsRecent);
	s->TsRecentAge = chim_le32_of(fw_ticks(now - im->rx.TsRecentTime));
	s->TsTime = chim_le32_of(now + im->cfg_tx.TsDelta);
	s->TotalRT = chim_le32_of(im->tx.RetransCount ? fw_ticks(now - im->tx.RtStart) : 0);
	s->DupAckCount = im->rx.DupAckCount;
	s->SndWndProbeCount = im->tx.SndWndProbeCount;
	s->KeepAliveProbeCount = c->ka_probes;
	s->RetransmitCount = im->tx.RetransCount;
	s->KeepAliveTimeoutDelta = chim_le32_of(fw_snapshot_keepalive(slot));
	s->RetransmitTimeoutDelta =
		chim_le32_of((im->tx.bits & FW_TX_TIMER_MASK) == FW_TX_TIMER(NONE)
				     ? CHIM_TIMEOUT_NOT_RUNNING
				     : ticks_left(im->tx.Deadline, now));
	s->DWnd = chim_le32_of(c->dwnd);
	s->SendBacklogSize = chim_le32_of(CHIM_BACKLOG_UNSUPPORTED);
	s->ReceiveBacklogSize = chim_le32_of(im->placed - im->doorbell.RcvReturn);
	s->rcv_placed = chim_le32_of(im->placed);
	s->fin_seq = chim_le32_of(im->doorbell.FinSeq);
	s->segs_sent = chim_le32_of(im->tx.SegsOut);
	s->segs_retransmitted = chim_le32_of(im->tx.SegsRtx);
	s->segs_received = chim_le32_of(im->rx.SegsIn);
	s->flags_out = chim_le32_of(flags_of(im));
}

void fw_snapshot_const(uint32_t slot, const struct fw_conn_image *im, struct chim_hw_tcp_state *s)
{
	const struct fw_conn *c = &fw_obj.conn[slot];
	uint32_t bind = im->cfg_bind.bits;
	uint32_t scaling = im->cfg_rx >> CHIM_CFG_RX_SNDWINDSCALE_LSB;

	s->RcvWindScale = (uint8_t)(bind >> FW_CFG_BIND_WSCALE_SHIFT & 15u);
	s->SndWindScale = (uint8_t)scaling;
	s->ConstFlags = chim_le16_of(
		(uint16_t)((bind & FW_CFG_BIND_TS ? CHIM_TCP_CONST_FLAG_TIMESTAMP_ENABLED : 0) |
			   (c->bits & FW_CONN_SCALING ? CHIM_TCP_CONST_FLAG_WINDOW_SCALING_ENABLED
						      : 0)));
	s->RemotePort = chim_le16_of(im->cfg_hdr.RemotePort);
	s->LocalPort = chim_le16_of(im->cfg_hdr.LocalPort);
	s->RemoteMss = chim_le16_of(c->remote_mss);
	s->rcv_ring_log2 = (uint8_t)(im->rcv_ring.log2 >> FW_RING_LOG2_SHIFT);
	s->snd_ring_log2 = (uint8_t)(im->snd_ring.log2 >> FW_RING_LOG2_SHIFT);
	s->HashValue = chim_le32_of(c->hash_value);
	s->rcv_ring = chim_le64_of((uint64_t)im->rcv_ring.base_hi << 32 | im->rcv_ring.base_lo);
	s->snd_ring = chim_le64_of((uint64_t)im->snd_ring.base_hi << 32 | im->snd_ring.base_lo);
}

void fw_snapshot_cached(uint32_t slot, const struct fw_conn_image *im, struct chim_hw_tcp_state *s)
{
	const struct fw_conn *c = &fw_obj.conn[slot];
	uint32_t max_rt = im->cfg_tx.MaxRT;

	s->CachedFlags = chim_le16_of(
		(uint16_t)((c->bits & FW_CONN_KA_ENABLED ? CHIM_TCP_CACHED_FLAG_KEEP_ALIVE_ENABLED
							 : 0) |
			   (im->cfg_tx.bits & FW_CFG_TX_NAGLE ? CHIM_TCP_CACHED_FLAG_NAGLING_ENABLED
							      : 0)));
	s->KaProbeCount = c->ka_probe_count;
	s->TtlOrHopLimit = im->cfg_hdr.TtlOrHopLimit;
	s->InitialRcvWnd = chim_le32_of(im->cfg_bind.RcvBuf);
	s->RcvIndicationSize = chim_le32_of(c->rcv_indication_size);
	s->KaTimeout = chim_le32_of(c->ka_timeout);
	s->KaInterval = chim_le32_of(c->ka_interval);
	s->MaxRT = chim_le32_of(max_rt == CHIM_MAX_RT_NO_LIMIT ? max_rt : fw_ticks(max_rt));
	s->FlowLabel = chim_le32_of(im->cfg_hdr.bits >> FW_CFG_HDR_FLOW_SHIFT);
	s->TosOrTrafficClass = im->cfg_hdr.TosOrTrafficClass;
	s->UserPriority = (uint8_t)(im->cfg_hdr.bits >> FW_CFG_HDR_PRIO_SHIFT & 7u);
}
