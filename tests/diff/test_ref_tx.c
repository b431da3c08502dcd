// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Directed tests of the reference send step: acknowledgment, congestion, grants. Expectations are
// worked out by hand from the RFC that each case names. Hard part: sequence numbers wrap.

#include "tx_case.h"

/* Nothing happens to a connection that is neither LIVE nor stopped. */
static bool not_live(void)
{
	struct chim_hw_tcb_tx was;

	start(4, 1);
	in.live = false;
	was = t;
	step();
	CHECK(memcmp(&was, &t, sizeof(t)) == 0);
	CHECK_EQ(out.grant, REF_TX_NONE);
	return true;
}

/* A fence: acknowledgments are taken, nothing is sent, no timer runs. */
static bool stopped(void)
{
	start(4, 4);
	in.cfg.Stop = 1;
	in.live = false;
	ack_to(2);
	t.TimerMode = CHIM_TIMER_MODE_RETRANSMIT;
	t.Deadline = NOW - 1;
	step();
	CHECK_EQ(t.SndUna, UNA + 2 * MSS);
	CHECK(out.has_una);
	CHECK_EQ(out.una, UNA + 2 * MSS);
	CHECK_EQ(out.grant, REF_TX_NONE);
	CHECK_EQ(t.Deadline, NOW - 1);
	CHECK_EQ(t.AcceptSeen, 0);
	/* A third duplicate enters recovery, but its segment is dropped. */
	start(4, 0);
	in.cfg.Stop = 1;
	in.r.DupAckCount = 3;
	step();
	CHECK_EQ(t.InRecovery, 1);
	CHECK_EQ(out.grant, REF_TX_NONE);
	CHECK(!out.kick_self);
	return true;
}

/* chimney 7.8; RFC 9293 3.10.5: ABORT sends <SEQ=SND.NXT><CTL=RST>. */
static bool aborted(void)
{
	start(4, 4);
	in.d.Abort = 1;
	t.SndNxt = UNA + MSS;
	t.TimerMode = CHIM_TIMER_MODE_RETRANSMIT;
	step();
	CHECK_EQ(out.grant, REF_TX_RST);
	CHECK_EQ(out.seq, UNA + MSS);
	CHECK_EQ(t.RstSent, 1);
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_NONE);
	CHECK_EQ(t.SegsOut, 0);
	CHECK(out.kick_evt);
	step();
	CHECK_EQ(out.grant, REF_TX_NONE);
	/* The peer's RST silences it. */
	start(0, 4);
	in.r.Aborted = in.r.Frozen = 1;
	step();
	CHECK_EQ(out.grant, REF_TX_NONE);
	/* Urgent data does not. */
	start(0, 4);
	in.r.Urgent = in.r.Frozen = 1;
	step();
	CHECK_EQ(out.bytes, 4 * MSS);
	return true;
}

/* RFC 6298 2.2, 2.3: first R: SRTT = R, RTTVAR = R/2; then 7/8, 3/4. RFC 7323 4: by the echo. */
static bool rtt_measured(void)
{
	start(4, 0);
	in.cfg.TsEnabled = 1;
	in.cfg.TsDelta = 0xF0000000;
	in.r.TsEcrValid = 1;
	in.r.TsEcr = NOW + 0xF0000000 - 100;
	ack_to(1);
	step();
	CHECK_EQ(t.SRtt, 800);
	CHECK_EQ(t.RttVar, 200);
	in.r.TsEcr -= 100; /* R' = 200: |SRTT - R'| = 100 */
	ack_to(2);
	step();
	CHECK_EQ(t.SRtt, 900);	 /* 112.5 ms */
	CHECK_EQ(t.RttVar, 250); /* 3/4 50 + 1/4 100 = 62.5 ms */
	/* R' below the mean. */
	in.r.TsEcr = NOW + 0xF0000000;
	ack_to(3);
	step();
	CHECK_EQ(t.SRtt, 900 - 112);
	CHECK_EQ(t.RttVar, 250 + 112 - 62);
	/* Nonsense is ignored. */
	in.r.TsEcr = NOW + 0xF0000000 + 1;
	ack_to(4);
	step();
	CHECK_EQ(t.SRtt, 788);
	return true;
}

/* RFC 6298 3, Karn: without timestamps one segment is timed, and not one sent again. */
static bool rtt_without_timestamps(void)
{
	start(0, 1);
	step();
	CHECK_EQ(out.bytes, MSS);
	CHECK_EQ(t.RttTiming, 1);
	CHECK_EQ(t.RttSeq, UNA + MSS);
	CHECK_EQ(t.RttTime, NOW);
	in.now = NOW + 40;
	in.d.SndEnd = UNA + 2 * MSS;
	step(); /* does not start another */
	CHECK_EQ(t.RttSeq, UNA + MSS);
	ack_to(1);
	step();
	CHECK_EQ(t.SRtt, 320);
	CHECK_EQ(t.RttTiming, 0);
	/* A sample of 0 ms still counts as measured. */
	start(0, 1);
	step();
	ack_to(1);
	step();
	CHECK_EQ(t.SRtt, 1);
	/* After a time-out no sample is taken. */
	start(4, 0);
	t.RttTiming = 1;
	t.TimerMode = CHIM_TIMER_MODE_RETRANSMIT;
	t.Deadline = NOW;
	step();
	CHECK_EQ(out.again, 1);
	CHECK_EQ(t.RttTiming, 0);
	return true;
}

/* RFC 9293 3.10.7.4: SND.UNA < SEG.ACK =< SND.NXT. */
static bool una_moves(void)
{
	start(4, 0);
	t.RetransCount = 3;
	t.SndWndProbeCount = 2;
	t.SndNxt = UNA + MSS; /* half way through going back */
	ack_to(3);
	step();
	CHECK_EQ(t.SndUna, UNA + 3 * MSS);
	CHECK_EQ(t.SndNxt, UNA + 4 * MSS); /* 3 acknowledged, the fourth again */
	CHECK_EQ(out.seq, UNA + 3 * MSS);
	CHECK_EQ(out.again, 1);
	CHECK_EQ(t.RetransCount, 0);
	CHECK_EQ(t.SndWndProbeCount, 0);
	/* Beyond SndMax: not ours. */
	start(4, 0);
	in.r.AckNewest = UNA + 4 * MSS + 1;
	step();
	CHECK_EQ(t.SndUna, UNA);
	CHECK(!out.has_una);
	/* The FIN's number completes it. */
	start(4, 0);
	fin_at_end();
	t.FinSent = 1;
	t.SndMax++;
	t.SndNxt++;
	in.r.AckNewest = t.SndMax;
	step();
	CHECK_EQ(t.FinAcked, 1);
	CHECK(out.kick_evt);
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_FIN_WAIT_2);
	CHECK_EQ(t.Deadline, NOW + 120000);
	return true;
}

/* RFC 5681 3.1 with RFC 3465 2.2, 2.3: bytes acknowledged, at most 2 SMSS for each ACK. */
static bool slow_start(void)
{
	start(4, 0);
	t.CWnd = 4 * MSS;
	t.SsThresh = 100 * MSS;
	ack_to(1);
	in.r.AckCnt = 1;
	step();
	CHECK_EQ(t.CWnd, 5 * MSS);
	CHECK_EQ(t.AckCntSeen, 1);
	start(4, 0); /* one ACK for four segments */
	t.CWnd = 4 * MSS;
	t.SsThresh = 100 * MSS;
	ack_to(4);
	in.r.AckCnt = 1;
	step();
	CHECK_EQ(t.CWnd, 6 * MSS);
	start(4, 0); /* two of them, joined; the counter wraps */
	t.CWnd = 4 * MSS;
	t.SsThresh = 100 * MSS;
	ack_to(4);
	t.AckCntSeen = 255;
	in.r.AckCnt = 1;
	step();
	CHECK_EQ(t.CWnd, 8 * MSS);
	start(4, 0); /* the window was not in use: RFC 5681 allows no growth without need */
	t.CWnd = 8 * MSS + 1;
	t.SsThresh = 100 * MSS;
	ack_to(1);
	in.r.AckCnt = 1;
	step();
	CHECK_EQ(t.CWnd, 8 * MSS + 1);
	return true;
}

/* RFC 3465 2.1: one SMSS for each window of bytes acknowledged. */
static bool congestion_avoidance(void)
{
	start(8, 0);
	t.CWnd = 4 * MSS;
	t.SsThresh = 4 * MSS; /* RFC 5681: either may be used when equal; avoidance here */
	ack_to(3);
	step();
	CHECK_EQ(t.CWnd, 4 * MSS);
	CHECK_EQ(t.CaAcked, 3 * MSS);
	ack_to(5);
	step();
	CHECK_EQ(t.CWnd, 5 * MSS);
	CHECK_EQ(t.CaAcked, MSS);
	return true;
}

/* RFC 5681 3.2: third duplicate; RFC 6582 3.2 step 2. */
static bool fast_retransmit(void)
{
	start(10, 0);
	in.r.DupAckCount = 2;
	step();
	CHECK_EQ(t.InRecovery, 0);
	CHECK_EQ(t.DupSeen, 2);
	in.r.DupAckCount = 3;
	step();
	CHECK(out.fast_retransmit);
	CHECK_EQ(t.InRecovery, 1);
	CHECK_EQ(t.SsThresh, 5 * MSS); /* FlightSize / 2 */
	CHECK_EQ(t.CWnd, 8 * MSS);     /* + 3 SMSS */
	CHECK_EQ(t.Recover, UNA + 10 * MSS);
	CHECK_EQ(out.grant, REF_TX_DATA);
	CHECK_EQ(out.seq, UNA);
	CHECK_EQ(out.bytes, MSS);
	CHECK_EQ(out.again, 1);
	CHECK(!out.psh);
	CHECK(out.kick_self);
	CHECK_EQ(t.SndNxt, UNA + 10 * MSS);
	/* Two more inflate. */
	in.r.DupAckCount = 5;
	step();
	CHECK_EQ(t.CWnd, 10 * MSS);
	CHECK(!out.fast_retransmit);
	/* At least 2 SMSS. */
	start(2, 0);
	in.r.DupAckCount = 3;
	step();
	CHECK_EQ(t.SsThresh, 2 * MSS);
	/* RFC 6582 3.2 step 2: not before the acknowledgment covers more than recover. */
	start(10, 0);
	t.Recover = UNA;
	in.r.DupAckCount = 3;
	step();
	CHECK(!out.fast_retransmit);
	CHECK_EQ(t.InRecovery, 0);
	return true;
}

/* RFC 6582 3.2 step 3: partial and full acknowledgments. */
static bool recovery(void)
{
	start(10, 0);
	t.InRecovery = 1;
	t.Recover = UNA + 10 * MSS;
	t.CWnd = 8 * MSS;
	t.SsThresh = 5 * MSS;
	ack_to(2);
	step();
	CHECK_EQ(t.InRecovery, 1);
	CHECK_EQ(t.CWnd, 7 * MSS); /* less 2, plus 1 */
	CHECK_EQ(out.seq, UNA + 2 * MSS);
	CHECK_EQ(out.bytes, MSS);
	CHECK_EQ(out.again, 1);
	/* Less than one SMSS new: nothing added back. */
	in.r.AckNewest += 10;
	step();
	CHECK_EQ(t.CWnd, 7 * MSS - 10);
	/* Full: min(ssthresh, max(FlightSize, SMSS) + SMSS). */
	ack_to(10);
	step();
	CHECK_EQ(t.InRecovery, 0);
	CHECK_EQ(t.CWnd, 2 * MSS);
	start(10, 0);
	t.InRecovery = 1;
	t.Recover = UNA + 5 * MSS;
	t.CWnd = 8 * MSS;
	t.SsThresh = 3 * MSS;
	ack_to(5);
	step();
	CHECK_EQ(t.CWnd, 3 * MSS);
	return true;
}

/* RFC 5681 3.1: at most min(cwnd, rwnd) in flight. RFC 3042: two more on the first duplicates. */
static bool window_limits(void)
{
	start(0, 20);
	t.CWnd = 4 * MSS;
	step();
	CHECK_EQ(out.segs, 4);
	CHECK_EQ(out.bytes, 4 * MSS);
	CHECK_EQ(out.again, 0);
	CHECK(!out.psh);
	CHECK_EQ(t.SegsOut, 4);
	CHECK_EQ(t.SegsRtx, 0);
	CHECK_EQ(t.LastSend, NOW);
	in.r.DupAckCount = 1;
	step();
	CHECK_EQ(out.bytes, MSS);
	in.r.DupAckCount = 2;
	step();
	CHECK_EQ(out.bytes, MSS);
	start(0, 20);
	in.r.Wnd = 3 * MSS;
	t.SndWnd = 3 * MSS;
	step();
	CHECK_EQ(out.bytes, 3 * MSS);
	/* One pass grants 16, and comes back. */
	start(0, 20);
	step();
	CHECK_EQ(out.segs, 16);
	CHECK(out.kick_self);
	step();
	CHECK_EQ(out.segs, 4);
	CHECK(out.psh);
	CHECK(!out.kick_self);
	return true;
}

static bool tail_goes(uint32_t sent, uint32_t bytes, bool nagle)
{
	start(sent, 0);
	in.d.SndEnd += bytes;
	in.cfg.Nagle = nagle;
	step();
	return out.bytes % MSS != 0;
}

/* RFC 9293 3.7.4 (Nagle) and 3.8.6.2.1 (sender's SWS avoidance). */
static bool short_segments(void)
{
	CHECK(tail_goes(0, 10, true));	      /* nothing outstanding */
	CHECK(!tail_goes(1, 10, true));	      /* SND.NXT > SND.UNA: wait for the ACK */
	CHECK(tail_goes(1, 10, false));	      /* Nagle off */
	CHECK(!tail_goes(0, MSS + 10, true)); /* behind its own full segment */
	CHECK_EQ(out.bytes, MSS);
	CHECK(tail_goes(0, MSS + 10, false));
	CHECK(out.psh);
	CHECK_EQ(out.segs, 2);
	/* The window cuts it: half of the largest window seen. */
	start(0, 4);
	in.r.MaxSndWnd = 1000;
	in.r.Wnd = t.SndWnd = 500;
	step();
	CHECK_EQ(out.bytes, 500);
	CHECK(!out.psh);
	start(0, 4);
	in.r.MaxSndWnd = 1002;
	in.r.Wnd = t.SndWnd = 500;
	step();
	CHECK_EQ(out.bytes, 0);
	CHECK_EQ(t.TimerMode, CHIM_TIMER_MODE_PERSIST); /* the override time-out, 0.1 to 1 s */
	CHECK_EQ(t.Deadline, NOW + 200);
	return true;
}

/* RFC 5681 4.1: idle for more than one RTO: restart window. */
static bool idle_restart(void)
{
	start(0, 20);
	t.SRtt = 800;
	t.RttVar = 200; /* RTO = 100 + 200 = 300 */
	in.p.rto_min = 200;
	t.LastSend = NOW - 300;
	step();
	CHECK_EQ(t.CWnd, 40 * MSS);
	start(0, 20);
	t.SRtt = 800;
	t.RttVar = 200;
	in.p.rto_min = 200;
	t.LastSend = NOW - 301;
	step();
	CHECK_EQ(t.CWnd, 10 * MSS);
	CHECK_EQ(out.segs, 10);
	return true;
}

/* RFC 9293 3.10.4: FIN behind the last byte; it rides on it, needs no window of its own. */
static bool fin_rides(void)
{
	start(0, 2);
	in.d.SndEnd += 10;
	fin_at_end();
	in.cfg.Nagle = 1;
	t.SndWnd = in.r.Wnd = 2 * MSS + 10;
	step();
	CHECK_EQ(out.bytes, 2 * MSS + 10);
	CHECK(out.fin);
	CHECK(out.psh);
	CHECK_EQ(out.segs, 3);
	CHECK_EQ(t.FinSent, 1);
	CHECK_EQ(t.SndMax, UNA + 2 * MSS + 11);
	CHECK_EQ(t.SndNxt, t.SndMax);
	step(); /* once */
	CHECK_EQ(out.grant, REF_TX_NONE);
	/* Alone, later. */
	start(2, 0);
	fin_at_end();
	step();
	CHECK_EQ(out.grant, REF_TX_DATA);
	CHECK_EQ(out.bytes, 0);
	CHECK(out.fin);
	CHECK(!out.psh);
	CHECK_EQ(out.segs, 1);
	/* Not before the data it stands behind is given. */
	start(2, 0);
	in.d.FinValid = 1;
	in.d.FinSeq = in.d.SndEnd + 1;
	step();
	CHECK_EQ(out.grant, REF_TX_NONE);
	/* As the first segment again, with its FIN and without PSH. */
	start(1, 0);
	fin_at_end();
	t.FinSent = 1;
	t.SndMax++;
	t.SndNxt++;
	in.r.DupAckCount = 3;
	step();
	CHECK_EQ(out.bytes, MSS);
	CHECK(out.fin);
	CHECK(!out.psh);
	CHECK_EQ(t.SndMax, UNA + MSS + 1);
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(not_live),
		CASE(stopped),
		CASE(aborted),
		CASE(rtt_measured),
		CASE(rtt_without_timestamps),
		CASE(una_moves),
		CASE(slow_start),
		CASE(congestion_avoidance),
		CASE(fast_retransmit),
		CASE(recovery),
		CASE(window_limits),
		CASE(short_segments),
		CASE(idle_restart),
		CASE(fin_rides),
	};

	return TAP_RUN(cases);
}
