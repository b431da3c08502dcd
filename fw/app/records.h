/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * The on-chip records of one connection as structures in RAM that the block copy moves word by
 * word. The generated accessors shift and mask, which costs the soft core a clock a bit; a record's
 * fields lie on byte boundaries where it matters. Hard part: each place is asserted against the
 * contract.
 */
#ifndef FW_APP_RECORDS_H
#define FW_APP_RECORDS_H

#include "chim_contract.h"

#define FW_AT(type_, field_, lsb_) \
	CHIM_STATIC_ASSERT(offsetof(type_, field_) * 8 == (lsb_), #type_ "." #field_)

struct fw_rec_tx {
	uint32_t bits; /* AcceptSeen and flags, FW_TX_* */
	uint8_t AckCntSeen;
	uint8_t DupSeen;
	uint8_t SndWndProbeCount;
	uint8_t RetransCount;
	uint16_t RttVar;
	uint16_t SRtt;
	uint32_t SegsRtx;
	uint32_t SegsOut;
	uint32_t LastSend;
	uint32_t CaAcked;
	uint32_t RttTime;
	uint32_t RttSeq;
	uint32_t RtStart;
	uint32_t Deadline;
	uint32_t Recover;
	uint32_t SsThresh;
	uint32_t CWnd;
	uint32_t SndWnd;
	uint32_t SndMax;
	uint32_t SndNxt;
	uint32_t SndUna;
};
CHIM_STATIC_ASSERT(sizeof(struct fw_rec_tx) == 4 * CHIM_TCB_TX_WORDS, "tcb_tx");
FW_AT(struct fw_rec_tx, AckCntSeen, CHIM_TCB_TX_ACKCNTSEEN_LSB);
FW_AT(struct fw_rec_tx, DupSeen, CHIM_TCB_TX_DUPSEEN_LSB);
FW_AT(struct fw_rec_tx, SndWndProbeCount, CHIM_TCB_TX_SNDWNDPROBECOUNT_LSB);
FW_AT(struct fw_rec_tx, RetransCount, CHIM_TCB_TX_RETRANSCOUNT_LSB);
FW_AT(struct fw_rec_tx, RttVar, CHIM_TCB_TX_RTTVAR_LSB);
FW_AT(struct fw_rec_tx, SRtt, CHIM_TCB_TX_SRTT_LSB);
FW_AT(struct fw_rec_tx, SegsRtx, CHIM_TCB_TX_SEGSRTX_LSB);
FW_AT(struct fw_rec_tx, SegsOut, CHIM_TCB_TX_SEGSOUT_LSB);
FW_AT(struct fw_rec_tx, LastSend, CHIM_TCB_TX_LASTSEND_LSB);
FW_AT(struct fw_rec_tx, CaAcked, CHIM_TCB_TX_CAACKED_LSB);
FW_AT(struct fw_rec_tx, RttTime, CHIM_TCB_TX_RTTTIME_LSB);
FW_AT(struct fw_rec_tx, RttSeq, CHIM_TCB_TX_RTTSEQ_LSB);
FW_AT(struct fw_rec_tx, RtStart, CHIM_TCB_TX_RTSTART_LSB);
FW_AT(struct fw_rec_tx, Deadline, CHIM_TCB_TX_DEADLINE_LSB);
FW_AT(struct fw_rec_tx, Recover, CHIM_TCB_TX_RECOVER_LSB);
FW_AT(struct fw_rec_tx, SsThresh, CHIM_TCB_TX_SSTHRESH_LSB);
FW_AT(struct fw_rec_tx, CWnd, CHIM_TCB_TX_CWND_LSB);
FW_AT(struct fw_rec_tx, SndWnd, CHIM_TCB_TX_SNDWND_LSB);
FW_AT(struct fw_rec_tx, SndMax, CHIM_TCB_TX_SNDMAX_LSB);
FW_AT(struct fw_rec_tx, SndNxt, CHIM_TCB_TX_SNDNXT_LSB);
FW_AT(struct fw_rec_tx, SndUna, CHIM_TCB_TX_SNDUNA_LSB);
#define FW_TX_TIMER(mode_) ((uint32_t)CHIM_TIMER_MODE_##mode_ << CHIM_TCB_TX_TIMERMODE_LSB)
#define FW_TX_TIMER_MASK   (3u << CHIM_TCB_TX_TIMERMODE_LSB)
#define FW_TX_IN_RECOVERY  (1u << CHIM_TCB_TX_INRECOVERY_LSB)
#define FW_TX_FIN_SENT	   (1u << CHIM_TCB_TX_FINSENT_LSB)
#define FW_TX_FIN_ACKED	   (1u << CHIM_TCB_TX_FINACKED_LSB)
#define FW_TX_RST_SENT	   (1u << CHIM_TCB_TX_RSTSENT_LSB)
#define FW_TX_EXPIRED	   (1u << CHIM_TCB_TX_EXPIRED_LSB)
#define FW_TX_TIME_WAIT	   (1u << CHIM_TCB_TX_TIMEWAIT_LSB)

struct fw_rec_rx {
	uint32_t bits; /* DelAckSegs and flags, FW_RX_* */
	uint8_t AckOwed;
	uint8_t AcceptCnt;
	uint8_t AckCnt;
	uint8_t DupAckCount;
	uint32_t SegsIn;
	uint32_t SynTime;
	uint32_t OooMax;
	uint32_t DelAckDeadline;
	uint32_t AckNowSeq;
	uint32_t TsEcr;
	uint32_t MaxSndWnd;
	uint32_t WL2;
	uint32_t WL1;
	uint32_t Wnd;
	uint32_t AckNewest;
	uint32_t TsRecentTime;
	uint32_t TsRecent;
	uint32_t RcvNxt;
};
CHIM_STATIC_ASSERT(sizeof(struct fw_rec_rx) == 4 * CHIM_TCB_RX_WORDS, "tcb_rx");
FW_AT(struct fw_rec_rx, AckOwed, CHIM_TCB_RX_ACKOWED_LSB);
FW_AT(struct fw_rec_rx, AcceptCnt, CHIM_TCB_RX_ACCEPTCNT_LSB);
FW_AT(struct fw_rec_rx, AckCnt, CHIM_TCB_RX_ACKCNT_LSB);
FW_AT(struct fw_rec_rx, DupAckCount, CHIM_TCB_RX_DUPACKCOUNT_LSB);
FW_AT(struct fw_rec_rx, SegsIn, CHIM_TCB_RX_SEGSIN_LSB);
FW_AT(struct fw_rec_rx, SynTime, CHIM_TCB_RX_SYNTIME_LSB);
FW_AT(struct fw_rec_rx, OooMax, CHIM_TCB_RX_OOOMAX_LSB);
FW_AT(struct fw_rec_rx, DelAckDeadline, CHIM_TCB_RX_DELACKDEADLINE_LSB);
FW_AT(struct fw_rec_rx, AckNowSeq, CHIM_TCB_RX_ACKNOWSEQ_LSB);
FW_AT(struct fw_rec_rx, TsEcr, CHIM_TCB_RX_TSECR_LSB);
FW_AT(struct fw_rec_rx, MaxSndWnd, CHIM_TCB_RX_MAXSNDWND_LSB);
FW_AT(struct fw_rec_rx, WL2, CHIM_TCB_RX_WL2_LSB);
FW_AT(struct fw_rec_rx, WL1, CHIM_TCB_RX_WL1_LSB);
FW_AT(struct fw_rec_rx, Wnd, CHIM_TCB_RX_WND_LSB);
FW_AT(struct fw_rec_rx, AckNewest, CHIM_TCB_RX_ACKNEWEST_LSB);
FW_AT(struct fw_rec_rx, TsRecentTime, CHIM_TCB_RX_TSRECENTTIME_LSB);
FW_AT(struct fw_rec_rx, TsRecent, CHIM_TCB_RX_TSRECENT_LSB);
FW_AT(struct fw_rec_rx, RcvNxt, CHIM_TCB_RX_RCVNXT_LSB);
#define FW_RX_RCV_FIN  (1u << CHIM_TCB_RX_RCVFIN_LSB)
#define FW_RX_ABORTED  (1u << CHIM_TCB_RX_ABORTED_LSB)
#define FW_RX_URGENT   (1u << CHIM_TCB_RX_URGENT_LSB)
#define FW_RX_SYN_SEEN (1u << CHIM_TCB_RX_SYNSEEN_LSB)

struct fw_rec_cfg_tx {
	uint16_t bits; /* FW_CFG_TX_* */
	uint16_t Mss;
	uint32_t TsDelta;
	uint32_t MaxRT;
};
CHIM_STATIC_ASSERT(sizeof(struct fw_rec_cfg_tx) == 4 * CHIM_CFG_TX_WORDS, "cfg_tx");
FW_AT(struct fw_rec_cfg_tx, Mss, CHIM_CFG_TX_MSS_LSB);
FW_AT(struct fw_rec_cfg_tx, TsDelta, CHIM_CFG_TX_TSDELTA_LSB);
FW_AT(struct fw_rec_cfg_tx, MaxRT, CHIM_CFG_TX_MAXRT_LSB);
#define FW_CFG_TX_TS	 (1u << CHIM_CFG_TX_TSENABLED_LSB)
#define FW_CFG_TX_NAGLE	 (1u << CHIM_CFG_TX_NAGLE_LSB)
#define FW_CFG_TX_STOP	 (1u << CHIM_CFG_TX_STOP_LSB)

/* cfg_rx is one word. */
#define FW_CFG_RX_TS	 (1u << CHIM_CFG_RX_TSENABLED_LSB)
#define FW_CFG_RX_FREEZE (1u << CHIM_CFG_RX_FREEZE_LSB)

struct fw_rec_cfg_bind {
	uint16_t Mss;
	uint16_t bits; /* FW_CFG_BIND_* of the upper half word */
	uint32_t TsDelta;
	uint32_t RcvBuf;
};
CHIM_STATIC_ASSERT(sizeof(struct fw_rec_cfg_bind) == 4 * CHIM_CFG_BIND_WORDS, "cfg_bind");
FW_AT(struct fw_rec_cfg_bind, Mss, CHIM_CFG_BIND_MSS_LSB);
FW_AT(struct fw_rec_cfg_bind, TsDelta, CHIM_CFG_BIND_TSDELTA_LSB);
FW_AT(struct fw_rec_cfg_bind, RcvBuf, CHIM_CFG_BIND_RCVBUF_LSB);
#define FW_CFG_BIND_LOG2_SHIFT	 (CHIM_CFG_BIND_RCVRINGLOG2_LSB - 16)
#define FW_CFG_BIND_WSCALE_SHIFT (CHIM_CFG_BIND_RCVWINDSCALE_LSB - 16)
#define FW_CFG_BIND_TS		 (1u << (CHIM_CFG_BIND_TSENABLED_LSB - 16))

struct fw_rec_cfg_hdr {
	uint16_t Path;
	uint8_t TosOrTrafficClass;
	uint8_t TtlOrHopLimit;
	uint32_t bits; /* FlowLabel, UserPriority, FW_CFG_HDR_* */
	uint16_t RemotePort;
	uint16_t LocalPort;
};
CHIM_STATIC_ASSERT(sizeof(struct fw_rec_cfg_hdr) == 4 * CHIM_CFG_HDR_WORDS, "cfg_hdr");
FW_AT(struct fw_rec_cfg_hdr, Path, CHIM_CFG_HDR_PATH_LSB);
FW_AT(struct fw_rec_cfg_hdr, TosOrTrafficClass, CHIM_CFG_HDR_TOSORTRAFFICCLASS_LSB);
FW_AT(struct fw_rec_cfg_hdr, TtlOrHopLimit, CHIM_CFG_HDR_TTLORHOPLIMIT_LSB);
FW_AT(struct fw_rec_cfg_hdr, RemotePort, CHIM_CFG_HDR_REMOTEPORT_LSB);
FW_AT(struct fw_rec_cfg_hdr, LocalPort, CHIM_CFG_HDR_LOCALPORT_LSB);
#define FW_CFG_HDR_FLOW_SHIFT (CHIM_CFG_HDR_FLOWLABEL_LSB - 32)
#define FW_CFG_HDR_PRIO_SHIFT (CHIM_CFG_HDR_USERPRIORITY_LSB - 32)
#define FW_CFG_HDR_TS	      (1u << (CHIM_CFG_HDR_TSENABLED_LSB - 32))
#define FW_CFG_HDR_IPV6	      (1u << (CHIM_CFG_HDR_IPV6_LSB - 32))

/* rcv_ring and snd_ring have one form. */
struct fw_rec_ring {
	uint32_t log2; /* in place: FW_RING_LOG2_SHIFT */
	uint32_t base_lo;
	uint32_t base_hi;
};
CHIM_STATIC_ASSERT(sizeof(struct fw_rec_ring) == 4 * CHIM_RCV_RING_WORDS, "rcv_ring");
CHIM_STATIC_ASSERT(sizeof(struct fw_rec_ring) == 4 * CHIM_SND_RING_WORDS, "snd_ring");
FW_AT(struct fw_rec_ring, base_lo, CHIM_RCV_RING_BASE_LSB);
FW_AT(struct fw_rec_ring, base_lo, CHIM_SND_RING_BASE_LSB);
CHIM_STATIC_ASSERT(CHIM_RCV_RING_LOG2_LSB == CHIM_SND_RING_LOG2_LSB, "ring.log2");
#define FW_RING_LOG2_SHIFT CHIM_RCV_RING_LOG2_LSB

struct fw_rec_cursor {
	uint32_t Index;
	uint32_t len; /* 0: not valid */
	uint32_t Seq;
	uint32_t addr_lo;
	uint32_t addr_hi;
};
CHIM_STATIC_ASSERT(sizeof(struct fw_rec_cursor) == 4 * CHIM_CURSOR_WORDS, "cursor");
FW_AT(struct fw_rec_cursor, Index, CHIM_CURSOR_INDEX_LSB);
FW_AT(struct fw_rec_cursor, Seq, CHIM_CURSOR_SEQ_LSB);
FW_AT(struct fw_rec_cursor, addr_lo, CHIM_CURSOR_ADDR_LSB);

struct fw_rec_doorbell {
	uint32_t bits; /* FW_DB_* */
	uint32_t FinSeq;
	uint32_t RcvReturn;
	uint32_t SndEnd;
};
CHIM_STATIC_ASSERT(sizeof(struct fw_rec_doorbell) == 4 * CHIM_DOORBELL_WORDS, "doorbell");
FW_AT(struct fw_rec_doorbell, FinSeq, CHIM_DOORBELL_FINSEQ_LSB);
FW_AT(struct fw_rec_doorbell, RcvReturn, CHIM_DOORBELL_RCVRETURN_LSB);
FW_AT(struct fw_rec_doorbell, SndEnd, CHIM_DOORBELL_SNDEND_LSB);
#define FW_DB_FIN_VALID (1u << CHIM_DOORBELL_FINVALID_LSB)
#define FW_DB_ABORT	(1u << CHIM_DOORBELL_ABORT_LSB)

struct fw_rec_sent {
	uint8_t rsvd[3];
	uint8_t AckDone;
	uint32_t WireNxt;
	uint32_t AdvEdge;
	uint32_t LastAckSent;
};
CHIM_STATIC_ASSERT(sizeof(struct fw_rec_sent) == 4 * CHIM_SENT_WORDS, "sent");
FW_AT(struct fw_rec_sent, AckDone, CHIM_SENT_ACKDONE_LSB);
FW_AT(struct fw_rec_sent, WireNxt, CHIM_SENT_WIRENXT_LSB);
FW_AT(struct fw_rec_sent, AdvEdge, CHIM_SENT_ADVEDGE_LSB);
FW_AT(struct fw_rec_sent, LastAckSent, CHIM_SENT_LASTACKSENT_LSB);

CHIM_STATIC_ASSERT(CHIM_CFG_RX_WORDS == 1 && CHIM_PLACED_WORDS == 1 && CHIM_DONE_WORDS == 1 &&
			   CHIM_ENTRY_WORDS == 1,
		   "records of one word");

/* An entry record, State and flags in place. */
#define FW_ENTRY_NONE	    ((uint32_t)CHIM_ENTRY_STATE_NONE << CHIM_ENTRY_STATE_LSB)
#define FW_ENTRY_HOLD	    ((uint32_t)CHIM_ENTRY_STATE_HOLD << CHIM_ENTRY_STATE_LSB)
#define FW_ENTRY_LIVE	    ((uint32_t)CHIM_ENTRY_STATE_LIVE << CHIM_ENTRY_STATE_LSB)
#define FW_ENTRY_STATE_MASK (3u << CHIM_ENTRY_STATE_LSB)
#define FW_ENTRY_RELEASE    (1u << CHIM_ENTRY_RELEASE_LSB)
#define FW_ENTRY_INSTALLED  (1u << CHIM_ENTRY_INSTALLED_LSB)
#define FW_ENTRY_GEN(gen_)  ((uint32_t)(gen_) << CHIM_ENTRY_GEN_LSB)
#define FW_ENTRY_HELD_MASK  (0xFFFu << CHIM_ENTRY_HELD_LSB)

/*
 * The table entries of one connection, where they are built and read. The copies run through them
 * in this order: first what an upload reads too, up to placed, then the rest of what it may ask
 * for.
 */
struct fw_conn_image {
	struct fw_rec_tx tx;
	struct fw_rec_rx rx;
	struct fw_rec_cfg_tx cfg_tx;
	struct fw_rec_doorbell doorbell;
	struct fw_rec_sent sent;
	uint32_t placed;
	uint32_t done;
	struct fw_rec_cursor cursor;
	uint32_t cfg_rx;
	struct fw_rec_cfg_bind cfg_bind;
	struct fw_rec_cfg_hdr cfg_hdr;
	struct fw_rec_ring rcv_ring;
	struct fw_rec_ring snd_ring;
};
CHIM_STATIC_ASSERT(sizeof(struct fw_conn_image) ==
			   4 * (CHIM_TCB_TX_WORDS + CHIM_TCB_RX_WORDS + CHIM_CFG_TX_WORDS +
				CHIM_DOORBELL_WORDS + CHIM_SENT_WORDS + CHIM_PLACED_WORDS +
				CHIM_DONE_WORDS + CHIM_CURSOR_WORDS + CHIM_CFG_RX_WORDS +
				CHIM_CFG_BIND_WORDS + CHIM_CFG_HDR_WORDS + CHIM_RCV_RING_WORDS +
				CHIM_SND_RING_WORDS),
		   "no gap between the records");

#endif
