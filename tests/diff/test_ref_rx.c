// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Directed tests of the reference receive step; expectations worked out by hand from the RFC that
// each case names. Hard part: sequence numbers wrap in the middle of the window.

#include <string.h>

#include "ref/rx_step.h"
#include "tap.h"

#define NXT  0xFFFFFF00u /* RcvNxt: the window crosses 0 */
#define WND  10000u
#define EDGE (NXT + WND)
#define UNA  0x80001000u
#define SENT 0x80003000u /* SndMax */
#define NOW  0x7FFFFFF0u /* so do times */
#define DAY  86400000u

static struct chim_hw_tcb_rx r;
static struct ref_rx_in in;
static struct ref_rx_out out;

/* An established connection and a segment of len bytes at RcvNxt that acknowledges nothing new. */
static void start(uint16_t len)
{
	memset(&r, 0, sizeof(r));
	memset(&in, 0, sizeof(in));
	r.RcvNxt = NXT;
	r.AckNewest = UNA;
	r.Wnd = 0x2000;
	r.WL1 = NXT;
	r.WL2 = UNA;
	r.MaxSndWnd = 0x4000;
	in.seg.seq = NXT;
	in.seg.ack = UNA;
	in.seg.ack_bit = true;
	in.seg.wnd = 0x2000;
	in.seg.len = len;
	in.p.ack_frequency = 2;
	in.p.delayed_ack = 40;
	in.now = NOW;
	in.LastAckSent = NXT;
	in.AdvEdge = EDGE;
	in.SndUna = UNA;
	in.SndMax = SENT;
}

static void start_ts(uint16_t len)
{
	start(len);
	in.cfg.TsEnabled = 1;
	in.seg.has_ts = true;
	in.seg.ts_val = 500;
	in.seg.ts_ecr = 77;
	r.TsRecent = 500;
	r.TsRecentTime = NOW - 10;
}

static void step(void)
{
	ref_rx_step(&r, &in, &out);
}

/* Clause 0: chimney D13, frozen halves pass everything up and keep their state. */
static bool frozen_passes(void)
{
	start(100);
	r.Frozen = 1;
	in.seg.rst = true;
	step();
	CHECK_EQ(out.action, REF_RX_PASS);
	CHECK_EQ(out.reason, CHIM_PASS_REASON_FROZEN);
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_FROZEN);
	CHECK_EQ(r.SegsIn, 1);
	CHECK_EQ(r.RcvNxt, NXT);
	CHECK_EQ(r.Aborted, 0);
	CHECK(!out.kick_tx && !out.kick_ack && !out.kick_evt);
	start(100);
	in.cfg.Freeze = 1;
	step();
	CHECK_EQ(out.action, REF_RX_PASS);
	CHECK_EQ(r.Frozen, 0);
	return true;
}

/* RFC 7323 3.2: once negotiated, a segment other than RST without the option is dropped. */
static bool timestamp_missing(void)
{
	start_ts(100);
	in.seg.has_ts = false;
	step();
	CHECK_EQ(out.action, REF_RX_DROP);
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_NO_TS);
	CHECK_EQ(r.AckOwed, 0);
	start_ts(0);
	in.seg.has_ts = false;
	in.seg.rst = true;
	step();
	CHECK_EQ(r.Aborted, 1);
	return true;
}

/* RFC 7323 5.3 R1: SEG.TSval < TS.Recent: an acknowledgment in reply, and dropped. */
static bool paws_rejects(void)
{
	start_ts(100);
	in.seg.ts_val = 499;
	r.AckOwed = 255;
	step();
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_PAWS);
	CHECK_EQ(r.AckOwed, 0); /* runs on modulo 256 */
	CHECK(out.kick_ack);
	CHECK_EQ(r.RcvNxt, NXT);
	CHECK_EQ(r.AcceptCnt, 0);
	/* Modular: 0xFFFFFFFF is before 500. */
	start_ts(100);
	in.seg.ts_val = 0xFFFFFFFF;
	step();
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_PAWS);
	/* Equal is acceptable. */
	start_ts(100);
	step();
	CHECK_EQ(out.action, REF_RX_PLACE);
	return true;
}

/* RFC 7323 5.5: after more than 24 days TS.Recent is not valid any more. */
static bool paws_outdated(void)
{
	start_ts(100);
	in.seg.ts_val = 499;
	r.TsRecentTime = NOW - 24 * DAY;
	step();
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_PAWS);
	start_ts(100);
	in.seg.ts_val = 499;
	r.TsRecentTime = NOW - 24 * DAY - 1;
	step();
	CHECK_EQ(out.action, REF_RX_PLACE);
	CHECK_EQ(r.TsRecent, 499); /* and the old one is replaced */
	CHECK_EQ(r.TsRecentTime, NOW);
	return true;
}

static bool takes(uint32_t seq, uint16_t len, bool fin, uint32_t edge)
{
	start(len);
	in.seg.seq = seq;
	in.seg.fin = fin;
	in.AdvEdge = edge;
	step();
	return r.AcceptCnt == 1;
}

/* RFC 9293 3.10.7.4, table of four cases. */
static bool acceptability(void)
{
	/* length 0, window 0: SEG.SEQ = RCV.NXT */
	CHECK(takes(NXT, 0, false, NXT));
	CHECK(!takes(NXT + 1, 0, false, NXT));
	CHECK(!takes(NXT - 1, 0, false, NXT));
	/* length 0, window > 0: RCV.NXT =< SEG.SEQ < RCV.NXT + RCV.WND */
	CHECK(takes(NXT, 0, false, EDGE));
	CHECK(takes(EDGE - 1, 0, false, EDGE));
	CHECK(!takes(EDGE, 0, false, EDGE));
	CHECK(!takes(NXT - 1, 0, false, EDGE));
	/* length > 0, window > 0: one end in the window */
	CHECK(takes(NXT - 99, 100, false, EDGE));
	CHECK(!takes(NXT - 100, 100, false, EDGE));
	CHECK(takes(EDGE - 1, 100, false, EDGE));
	CHECK(!takes(EDGE, 100, false, EDGE));
	/* A FIN counts: its number alone may be in the window. */
	CHECK(takes(NXT - 100, 100, true, EDGE));
	CHECK(!takes(NXT - 101, 100, true, EDGE));
	/* Neither end in it. */
	CHECK(!takes(NXT - 1, 20000, false, EDGE));
	/* length > 0, window 0: its ACK at RCV.NXT is worked on, nothing is taken. */
	CHECK(takes(NXT, 1, false, NXT));
	CHECK_EQ(out.action, REF_RX_DROP);
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_UNACCEPTABLE);
	CHECK_EQ(r.AckOwed, 1);
	CHECK_EQ(r.RcvNxt, NXT);
	CHECK(!takes(NXT - 1, 5, false, NXT));
	CHECK_EQ(r.AckOwed, 1);
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_UNACCEPTABLE);
	return true;
}

/* RFC 9293 3.10.7.4: unless RST is set, an acknowledgment is sent for what is not acceptable. */
static bool reset_outside(void)
{
	start(0);
	in.seg.rst = true;
	in.seg.seq = EDGE;
	step();
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_RST_DROPPED);
	CHECK_EQ(r.AckOwed, 0);
	CHECK_EQ(r.Aborted, 0);
	return true;
}

/* RFC 5961 3.2: exactly RCV.NXT resets; elsewhere in the window a challenge ACK, but only one. */
static bool reset_in_window(void)
{
	start(0);
	in.seg.rst = true;
	step();
	CHECK_EQ(r.Aborted, 1);
	CHECK_EQ(r.Frozen, 1);
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_RST_ACCEPTED);
	CHECK(out.kick_evt && out.kick_tx && !out.kick_ack);
	start(0);
	in.seg.rst = true;
	in.seg.seq = NXT + 1;
	step();
	CHECK_EQ(r.Aborted, 0);
	CHECK_EQ(r.AckOwed, 1);
	CHECK_EQ(r.RstChallenged, 1);
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_RST_CHALLENGED);
	step();
	CHECK_EQ(r.AckOwed, 1);
	/* An acceptable segment allows the next one. */
	in.seg.rst = false;
	in.seg.seq = NXT;
	step();
	CHECK_EQ(r.RstChallenged, 0);
	return true;
}

/* RFC 5961 4.2: a SYN gets a challenge ACK; chimney 11.7 limits it and treats RCV.NXT apart. */
static bool syn_challenged(void)
{
	start(0);
	in.seg.syn = true;
	in.seg.seq = NXT + 1;
	step();
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_SYN);
	CHECK_EQ(r.AckOwed, 1);
	CHECK_EQ(r.SynTime, NOW);
	CHECK_EQ(r.SynTimed, 1);
	in.now = NOW + 2999;
	step();
	CHECK_EQ(r.AckOwed, 1);
	in.now = NOW + 3000;
	step();
	CHECK_EQ(r.AckOwed, 2);
	CHECK_EQ(r.SynTime, NOW + 3000);
	start(0);
	in.seg.syn = true;
	step();
	CHECK_EQ(r.SynSeen, 1);
	CHECK_EQ(r.Frozen, 1);
	CHECK_EQ(r.AckOwed, 0);
	CHECK(out.kick_evt && out.kick_tx);
	return true;
}

/* RFC 9293 3.10.7.4 fifth step: ACK off is dropped. RFC 5961 5.2: the range. */
static bool ack_range(void)
{
	start(100);
	in.seg.ack_bit = false;
	step();
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_NO_ACK);
	CHECK_EQ(r.AckOwed, 0);
	start(100);
	in.seg.ack = SENT + 1;
	step();
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_BAD_ACK);
	CHECK_EQ(r.AckOwed, 1);
	CHECK_EQ(r.AcceptCnt, 0);
	start(100);
	in.seg.ack = UNA - 0x4000 - 1;
	step();
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_BAD_ACK);
	start(100);
	in.seg.ack = UNA - 0x4000;
	step();
	CHECK_EQ(out.action, REF_RX_PLACE);
	CHECK_EQ(r.AckNewest, UNA); /* old ones are ignored */
	start(100);
	in.seg.ack = SENT;
	step();
	CHECK_EQ(r.AckNewest, SENT);
	return true;
}

/* RFC 7323 4.3 (2): TS.Recent moves if SEG.TSval >= TS.Recent and SEG.SEQ <= Last.ACK.sent. */
static bool ts_recent(void)
{
	start_ts(100);
	in.seg.ts_val = 600;
	step();
	CHECK_EQ(r.TsRecent, 600);
	CHECK_EQ(r.TsRecentTime, NOW);
	start_ts(100);
	in.seg.ts_val = 600;
	in.LastAckSent = NXT - 1; /* a delayed ACK: the echo is that of the earliest */
	step();
	CHECK_EQ(r.TsRecent, 500);
	return true;
}

/* chimney 7.10: urgent data is not acknowledged but passed up. */
static bool urgent(void)
{
	start(100);
	in.seg.urg = true;
	in.seg.ack = SENT;
	step();
	CHECK_EQ(out.action, REF_RX_PASS);
	CHECK_EQ(out.reason, CHIM_PASS_REASON_URGENT);
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_URGENT);
	CHECK_EQ(r.Urgent, 1);
	CHECK_EQ(r.Frozen, 1);
	CHECK_EQ(r.AckNewest, UNA);
	CHECK_EQ(r.RcvNxt, NXT);
	CHECK_EQ(r.AcceptCnt, 1);
	CHECK_EQ(r.AckOwed, 0);
	return true;
}

/* RFC 9293 3.10.7.4: SND.UNA < SEG.ACK =< SND.NXT; RFC 7323 4.1 RTTM from the echo. */
static bool ack_advances(void)
{
	start_ts(0);
	in.seg.ack = UNA + 1;
	r.DupAckCount = 3;
	r.AckCnt = 255;
	step();
	CHECK_EQ(r.AckNewest, UNA + 1);
	CHECK_EQ(r.DupAckCount, 0);
	CHECK_EQ(r.AckCnt, 0);
	CHECK_EQ(r.TsEcr, 77);
	CHECK_EQ(r.TsEcrValid, 1);
	CHECK(out.kick_tx && !out.kick_ack);
	CHECK_EQ(out.action, REF_RX_DROP);
	CHECK_EQ(out.counter, REF_NO_COUNTER);
	return true;
}

/* RFC 5681 2: the five conditions of a duplicate acknowledgment, one off at a time. */
static bool duplicate(void)
{
	start(0);
	r.DupAckCount = 2;
	step();
	CHECK_EQ(r.DupAckCount, 3);
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_DUP_ACK);
	CHECK(out.kick_tx);
	start(0);
	r.DupAckCount = 255;
	step();
	CHECK_EQ(r.DupAckCount, 255);
	start(1); /* carries data */
	step();
	CHECK_EQ(r.DupAckCount, 0);
	start(0); /* FIN */
	in.seg.fin = true;
	step();
	CHECK_EQ(r.DupAckCount, 0);
	start(0); /* another window */
	in.seg.wnd++;
	step();
	CHECK_EQ(r.DupAckCount, 0);
	start(0); /* not the greatest acknowledgment */
	in.seg.ack--;
	step();
	CHECK_EQ(r.DupAckCount, 0);
	start(0); /* nothing outstanding */
	in.SndMax = UNA;
	step();
	CHECK_EQ(r.DupAckCount, 0);
	CHECK(!out.kick_tx);
	return true;
}

static bool window_taken(uint32_t seq, uint32_t ack)
{
	start(0);
	r.WL1 = NXT + 10;
	r.WL2 = UNA + 10;
	in.seg.seq = seq;
	in.seg.ack = ack;
	in.seg.wnd = 0x1234;
	step();
	return r.Wnd == 0x1234 && r.WL1 == seq && r.WL2 == ack;
}

/* RFC 9293 3.10.7.4: SND.WL1 < SEG.SEQ, or equal and SND.WL2 =< SEG.ACK. RFC 7323 2.3: scaled. */
static bool window_update(void)
{
	CHECK(window_taken(NXT + 11, UNA));
	CHECK(out.kick_tx);
	CHECK(window_taken(NXT + 10, UNA + 10));
	CHECK(window_taken(NXT + 10, UNA + 11));
	CHECK(!window_taken(NXT + 10, UNA + 9));
	CHECK(!window_taken(NXT + 9, UNA + 11));
	CHECK(!window_taken(NXT + 11, UNA - 1)); /* an old acknowledgment does not */
	start(0);
	in.cfg.SndWindScale = 14;
	in.seg.wnd = 0xFFFF;
	step();
	CHECK_EQ(r.Wnd, 0xFFFFu << 14);
	CHECK_EQ(r.MaxSndWnd, 0xFFFFu << 14);
	in.seg.wnd = 1;
	step();
	CHECK_EQ(r.Wnd, 1u << 14);
	CHECK_EQ(r.MaxSndWnd, 0xFFFFu << 14);
	return true;
}

/* R168: FIN_WAIT_2 is timed from the last acceptable segment. */
static bool fin_wait_2(void)
{
	start(0);
	in.SndUna = in.SndMax = UNA;
	in.FinAcked = true;
	step();
	CHECK_EQ(r.AcceptCnt, 1);
	CHECK(out.kick_tx);
	return true;
}

/* RFC 9293 3.10.7.4: trimmed to the window on both sides. */
static bool trimmed(void)
{
	start(100);
	in.seg.seq = NXT - 30;
	step();
	CHECK_EQ(out.action, REF_RX_PLACE);
	CHECK_EQ(out.seq, NXT);
	CHECK_EQ(out.off, 30);
	CHECK_EQ(out.len, 70);
	CHECK_EQ(r.RcvNxt, NXT + 70);
	CHECK_EQ(r.AckNowSeq, NXT + 70); /* part of it was known: at once */
	CHECK_EQ(r.DelAckSegs, 0);
	start(100);
	in.seg.fin = true;
	in.AdvEdge = NXT + 60;
	step();
	CHECK_EQ(out.off, 0);
	CHECK_EQ(out.len, 60);
	CHECK(!out.fin);
	CHECK_EQ(r.RcvNxt, NXT + 60);
	CHECK_EQ(r.RcvFin, 0);
	/* A FIN right at the edge needs no room. */
	start(100);
	in.seg.fin = true;
	in.AdvEdge = NXT + 100;
	step();
	CHECK_EQ(out.len, 100);
	CHECK(out.fin);
	CHECK_EQ(r.RcvNxt, NXT + 101);
	CHECK_EQ(r.RcvFin, 1);
	CHECK(out.kick_tx);
	/* Only the FIN is new. */
	start(100);
	in.seg.seq = NXT - 100;
	in.seg.fin = true;
	step();
	CHECK_EQ(out.off, 100);
	CHECK_EQ(out.len, 0);
	CHECK(out.fin);
	CHECK_EQ(r.RcvNxt, NXT + 1);
	return true;
}

/* RFC 5681 4.2: out of order: an immediate duplicate ACK, and again while the hole is filled. */
static bool out_of_order(void)
{
	start(100);
	in.seg.seq = NXT + 100;
	step();
	CHECK_EQ(out.action, REF_RX_DROP);
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_OUT_OF_ORDER);
	CHECK_EQ(r.AckOwed, 1);
	CHECK_EQ(r.OooSeen, 1);
	CHECK_EQ(r.OooMax, NXT + 200);
	in.seg.seq = NXT + 50; /* does not pull it back */
	step();
	CHECK_EQ(r.OooMax, NXT + 200);
	CHECK_EQ(r.AckOwed, 2);
	in.seg.seq = NXT; /* fills a part */
	step();
	CHECK_EQ(out.action, REF_RX_PLACE);
	CHECK_EQ(r.AckNowSeq, NXT + 100);
	CHECK_EQ(r.OooSeen, 1);
	in.seg.seq = NXT + 100; /* fills the rest */
	step();
	CHECK_EQ(r.AckNowSeq, NXT + 200);
	CHECK_EQ(r.OooSeen, 0);
	in.LastAckSent = NXT + 200;
	in.seg.seq = NXT + 200; /* back to delaying */
	step();
	CHECK_EQ(r.AckNowSeq, NXT + 200);
	CHECK_EQ(r.DelAckArmed, 1);
	return true;
}

/* RFC 9293 3.10.7.4: text behind the peer's FIN should not occur. */
static bool after_fin(void)
{
	start(100);
	r.RcvFin = 1;
	step();
	CHECK_EQ(out.counter, CHIM_COUNTER_SEG_AFTER_FIN);
	CHECK_EQ(r.AckOwed, 1);
	CHECK_EQ(r.RcvNxt, NXT);
	return true;
}

/* RFC 9293 3.8.6.3, RFC 5681 4.2: an ACK for at least every second segment, within the delay. */
static bool delayed(void)
{
	start(100);
	step();
	CHECK_EQ(r.DelAckSegs, 1);
	CHECK_EQ(r.DelAckArmed, 1);
	CHECK_EQ(r.DelAckDeadline, NOW + 40); /* wraps past 2^31 */
	CHECK_EQ(r.AckNowSeq, 0);
	in.seg.seq = r.RcvNxt;
	in.now = NOW + 39;
	step();
	CHECK_EQ(r.AckNowSeq, NXT + 200);
	CHECK_EQ(r.DelAckSegs, 0);
	CHECK_EQ(r.DelAckArmed, 0);
	/* Everything acknowledged meanwhile: the count starts again, and the delay with it. */
	start(100);
	in.p.ack_frequency = 4;
	r.DelAckSegs = 3;
	r.DelAckArmed = 1;
	r.DelAckDeadline = NOW + 1;
	step();
	CHECK_EQ(r.DelAckSegs, 1);
	CHECK_EQ(r.DelAckDeadline, NOW + 40);
	/* Not yet: the first deadline stays. */
	start(100);
	in.p.ack_frequency = 4;
	in.LastAckSent = NXT - 1;
	r.DelAckSegs = 1;
	r.DelAckArmed = 1;
	r.DelAckDeadline = NOW + 1;
	step();
	CHECK_EQ(r.DelAckSegs, 2);
	CHECK_EQ(r.DelAckDeadline, NOW + 1);
	/* A FIN is acknowledged at once. */
	start(0);
	in.seg.fin = true;
	step();
	CHECK_EQ(r.AckNowSeq, NXT + 1);
	CHECK_EQ(r.DelAckArmed, 0);
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(frozen_passes),   CASE(timestamp_missing),
		CASE(paws_rejects),    CASE(paws_outdated),
		CASE(acceptability),   CASE(reset_outside),
		CASE(reset_in_window), CASE(syn_challenged),
		CASE(ack_range),       CASE(ts_recent),
		CASE(urgent),	       CASE(ack_advances),
		CASE(duplicate),       CASE(window_update),
		CASE(fin_wait_2),      CASE(trimmed),
		CASE(out_of_order),    CASE(after_fin),
		CASE(delayed),
	};

	return TAP_RUN(cases);
}
