// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Directed tests of the reference send step: time-outs, probes, limits, the end of a connection.
// Expectations are worked out by hand from the RFC that each case names. Hard part: back-off.

#include "tx_case.h"

static void timer(uint8_t mode, uint32_t deadline)
{
	t.TimerMode = mode;
	t.Deadline = deadline;
}

/* RFC 6298 5.1 to 5.3, 2.1: 1 s if never measured; clamped. */
static bool timer_starts(void)
{
	start(0, 1);
	step();
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_RETRANSMIT);
	CHECK_EQ(t.Deadline, NOW + 1000);
	in.now = NOW + 10; /* 5.1: runs on when more is sent */
	in.d.SndEnd += MSS;
	step();
	CHECK_EQ(t.Deadline, NOW + 1000);
	in.now = NOW + 20; /* 5.3: starts again with new data acknowledged */
	ack_to(1);
	step();
	CHECK_EQ(t.Deadline,
		 NOW + 20 + 300); /* one sample of 20 ms: 20 + 4 * 10, below the least */
	in.now = NOW + 30;	  /* 5.2: off when all is acknowledged */
	ack_to(2);
	step();
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_NONE);
	start(0, 1);
	t.SRtt = 8 * 1000;
	t.RttVar = 4 * 500;
	step();
	CHECK_EQ(t.Deadline, NOW + 3000); /* SRTT + 4 RTTVAR */
	return true;
}

/* RFC 6298 5.4 to 5.6, RFC 5681 3.1 (4): LW = 1 SMSS, ssthresh once. */
static bool time_out(void)
{
	start(10, 0);
	timer(CHIM_TIMER_MODE_RETRANSMIT, NOW + 1);
	t.InRecovery = 0;
	t.CaAcked = 5;
	step();
	CHECK(!out.timeout);
	timer(CHIM_TIMER_MODE_RETRANSMIT, NOW);
	in.r.DupAckCount = t.DupSeen = 1;
	step();
	CHECK(out.timeout);
	CHECK_EQ(t.SsThresh, 5 * MSS);
	CHECK_EQ(t.CWnd, MSS);
	CHECK_EQ(t.CaAcked, 0);
	CHECK_EQ(t.Recover, UNA + 10 * MSS); /* RFC 6582 4 */
	CHECK_EQ(t.RetransCount, 1);
	CHECK_EQ(t.RtStart, NOW);
	CHECK_EQ(t.Deadline, NOW + 2000); /* doubled */
	CHECK_EQ(out.seq, UNA);
	/* RFC 5681 3.1: one segment; RFC 3042 adds new data only, whatever the duplicates. */
	CHECK_EQ(out.segs, 1);
	CHECK_EQ(out.again, 1);
	CHECK_EQ(t.SndMax, UNA + 10 * MSS);
	CHECK_EQ(t.SegsRtx, 1);
	t.SsThresh = 7 * MSS;
	in.now = NOW + 2000;
	step();
	CHECK_EQ(t.SsThresh, 7 * MSS); /* held constant while it is sent again */
	CHECK_EQ(t.RtStart, NOW);
	CHECK_EQ(t.RetransCount, 2);
	CHECK_EQ(t.Deadline, NOW + 2000 + 4000);
	/* 2.5: a most may be set. */
	start(10, 0);
	timer(CHIM_TIMER_MODE_RETRANSMIT, NOW);
	t.RetransCount = 9;
	in.cfg.MaxRT = 0xFFFFFFFF;
	step();
	CHECK_EQ(t.Deadline, NOW + 60000);
	/* An acknowledgment of the same pass comes first. */
	start(10, 0);
	timer(CHIM_TIMER_MODE_RETRANSMIT, NOW);
	ack_to(1);
	step();
	CHECK(!out.timeout);
	return true;
}

/* RFC 9293 3.8.3, chimney 4.5: R2 as a count, as a time, or none. */
static bool limits(void)
{
	start(10, 0);
	timer(CHIM_TIMER_MODE_RETRANSMIT, NOW);
	t.RetransCount = 5;
	in.r.AcceptCnt = 9;
	step();
	CHECK_EQ(t.Expired, 1);
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_NONE);
	CHECK_EQ(t.AcceptSeen, 0);
	CHECK_EQ(out.grant, REF_TX_NONE);
	CHECK(out.kick_evt);
	step();
	CHECK_EQ(out.grant, REF_TX_NONE);
	start(10, 0);
	timer(CHIM_TIMER_MODE_RETRANSMIT, NOW);
	t.RetransCount = 5;
	t.RtStart = NOW - 9999;
	in.cfg.MaxRT = 10000;
	step();
	CHECK_EQ(t.Expired, 0);
	CHECK_EQ(t.RetransCount, 6);
	timer(CHIM_TIMER_MODE_RETRANSMIT, NOW);
	in.cfg.MaxRT = 9999;
	step();
	CHECK_EQ(t.Expired, 1);
	start(10, 0);
	timer(CHIM_TIMER_MODE_RETRANSMIT, NOW);
	t.RetransCount = 255;
	in.cfg.MaxRT = 0xFFFFFFFF;
	step();
	CHECK_EQ(t.Expired, 0);
	CHECK_EQ(t.RetransCount, 255);
	return true;
}

/* RFC 9293 3.8.6.1: zero window: first probe after an RTO, then with growing distance. */
static bool probes(void)
{
	start(0, 4);
	in.r.Wnd = 0;
	in.cfg.MaxRT = 0xFFFFFFFF;
	step();
	CHECK_EQ(out.grant, REF_TX_NONE);
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_PERSIST);
	CHECK_EQ(t.Deadline, NOW + 1000);
	in.now = NOW + 1000;
	step();
	CHECK(out.probe);
	CHECK_EQ(out.seq, UNA);
	CHECK_EQ(out.bytes, 1);
	CHECK(!out.psh && !out.fin);
	CHECK_EQ(out.segs, 1);
	CHECK_EQ(out.again, 0);
	CHECK_EQ(t.SndNxt, UNA);
	CHECK_EQ(t.SndMax, UNA + 1);
	CHECK_EQ(t.RetransCount, 1);
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_RETRANSMIT);
	CHECK_EQ(t.Deadline, NOW + 2000); /* not yet doubled */
	in.now = NOW + 2000;		  /* no answer */
	step();
	CHECK_EQ(out.again, 1);
	CHECK_EQ(t.RetransCount, 2);
	CHECK_EQ(t.Deadline, NOW + 4000);
	CHECK_EQ(t.RtStart, NOW + 1000);
	/* An answer with window zero begins another round, with twice the distance. */
	in.r.AcceptCnt++;
	in.now = NOW + 2100;
	step();
	CHECK_EQ(t.SndWndProbeCount, 1);
	CHECK_EQ(t.RetransCount, 0);
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_PERSIST);
	CHECK_EQ(t.Deadline, NOW + 4100);
	/* The window opens. */
	in.r.Wnd = 100 * MSS;
	step();
	CHECK_EQ(t.SndWndProbeCount, 0);
	CHECK_EQ(out.bytes, 4 * MSS);
	CHECK_EQ(out.again, 1); /* its first byte was a probe */
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_RETRANSMIT);
	CHECK_EQ(t.Deadline, NOW + 3100);
	return true;
}

/* RFC 9293 3.8.6.1: an RTO from when the window was seen to be zero, whatever ran before. */
static bool zero_window_seen(void)
{
	start(2, 2);
	timer(CHIM_TIMER_MODE_RETRANSMIT, NOW + 10);
	in.r.Wnd = 0;
	ack_to(2);
	step();
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_PERSIST);
	CHECK_EQ(t.Deadline, NOW + 1000);
	/* Part of it: the rest waits behind the same window. */
	start(2, 2);
	timer(CHIM_TIMER_MODE_RETRANSMIT, NOW + 10);
	in.r.Wnd = 0;
	ack_to(1);
	step();
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_PERSIST);
	CHECK_EQ(t.Deadline, NOW + 1000);
	/* Nothing acknowledged: what runs goes on. */
	start(2, 2);
	timer(CHIM_TIMER_MODE_RETRANSMIT, NOW + 10);
	in.r.Wnd = 0;
	step();
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_RETRANSMIT);
	CHECK_EQ(t.Deadline, NOW + 10);
	return true;
}

/* The last byte acknowledged, the window closed, only a FIN to send: it is the probe. */
static bool fin_probes(void)
{
	start(0, 0);
	fin_at_end();
	in.r.Wnd = 0;
	t.SndWnd = 0;
	timer(CHIM_TIMER_MODE_PERSIST, NOW);
	step();
	CHECK(out.probe);
	CHECK_EQ(out.bytes, 0);
	CHECK(out.fin);
	CHECK_EQ(t.FinSent, 1);
	CHECK_EQ(t.SndMax, UNA + 1);
	in.now = t.Deadline;
	step(); /* and again */
	CHECK(out.fin);
	CHECK_EQ(out.again, 1);
	CHECK_EQ(t.SndMax, UNA + 1);
	return true;
}

/* RFC 9293 3.8.6.2.1 (4): the override time-out sends what the window lets through. */
static bool sws_override(void)
{
	start(0, 4);
	in.r.MaxSndWnd = 2000;
	in.r.Wnd = t.SndWnd = 500;
	timer(CHIM_TIMER_MODE_PERSIST, NOW);
	step();
	CHECK_EQ(out.bytes, 500);
	CHECK(!out.probe);
	CHECK_EQ(t.SndNxt, UNA + 500);
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_RETRANSMIT);
	CHECK_EQ(t.Deadline, NOW + 1000);
	CHECK_EQ(t.RetransCount, 0);
	return true;
}

/* RFC 9293 3.6.1, R168: both FINs: TIME-WAIT; ours alone: FIN-WAIT-2, not for ever. */
static bool end_of_connection(void)
{
	start(0, 0);
	t.FinSent = t.FinAcked = 1;
	fin_at_end();
	in.d.SndEnd = in.d.FinSeq = UNA - 1;
	step();
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_FIN_WAIT_2);
	CHECK_EQ(t.Deadline, NOW + 120000);
	in.now = NOW + 50;
	step();
	CHECK_EQ(t.Deadline, NOW + 120000);
	in.r.AcceptCnt++;
	step();
	CHECK_EQ(t.Deadline, NOW + 120050);
	in.now = NOW + 120050;
	step();
	CHECK_EQ(t.Expired, 1);
	CHECK(out.kick_evt);
	t.Expired = 0;
	in.r.RcvFin = 1;
	step();
	CHECK_EQ(t.TimeWait, 1);
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_NONE);
	CHECK(out.kick_evt);
	return true;
}

/* A time-out and the third duplicate in one pass: the first segment, CWnd of the loss. */
static bool both_at_once(void)
{
	start(10, 0);
	timer(CHIM_TIMER_MODE_RETRANSMIT, NOW);
	in.r.DupAckCount = 3;
	step();
	CHECK(out.timeout);
	CHECK_EQ(out.seq, UNA);
	CHECK_EQ(out.bytes, MSS);
	CHECK_EQ(t.CWnd, MSS);
	CHECK_EQ(t.InRecovery, 0);
	CHECK_EQ(t.SndNxt, UNA);
	CHECK(out.kick_self);
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(timer_starts), CASE(time_out),	    CASE(limits),
		CASE(probes),	    CASE(zero_window_seen), CASE(fin_probes),
		CASE(sws_override), CASE(both_at_once),	    CASE(end_of_connection),
	};

	return TAP_RUN(cases);
}
