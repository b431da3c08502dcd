// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Directed tests of the reference of late binding and of the acknowledger; expectations by hand.
// Hard part: what a scaled window can say.

#include <string.h>

#include "ref/bind.h"
#include "tap.h"

#define PLACED 0xFFFFFFF0u
#define MSS    1000

static struct chim_hw_sent sent;
static struct ref_bind_in in;
static struct ref_bind_out out;

/* Everything placed is acknowledged and returned, the whole buffer of 64 KiB offered, scale 0. */
static void start(uint8_t scale)
{
	memset(&in, 0, sizeof(in));
	memset(&sent, 0, sizeof(sent));
	in.RcvPlaced = PLACED;
	in.RcvReturn = PLACED;
	in.r.RcvNxt = PLACED;
	in.r.AckNowSeq = PLACED;
	in.cfg.RcvBuf = 60000;
	in.cfg.RcvRingLog2 = 16;
	in.cfg.RcvWindScale = scale;
	in.cfg.Mss = MSS;
	in.cfg.TsDelta = 7;
	in.r.TsRecent = 1234;
	in.now = 0xFFFFFFFF;
	in.pure_ack = true;
	sent.LastAckSent = PLACED;
	sent.AdvEdge = PLACED + 60000;
	sent.WireNxt = 500;
}

/* RFC 9293 3.10.7.4: <SEQ=SND.NXT><ACK=RCV.NXT>; RFC 7323 3.2: TSval of our clock, TSecr. */
static bool pure_ack(void)
{
	start(0);
	in.r.AckOwed = 3;
	sent.AckDone = 2;
	ref_bind(&sent, &in, &out);
	CHECK_EQ(out.seq, 500);
	CHECK_EQ(out.ack, PLACED);
	CHECK_EQ(out.wnd, 60000);
	CHECK_EQ(out.ts_val, 6);
	CHECK_EQ(out.ts_ecr, 1234);
	CHECK_EQ(sent.WireNxt, 500);
	CHECK_EQ(sent.AckDone, 3);
	ref_bind(&sent, &in, &out);
	CHECK_EQ(sent.AckDone, 3);
	return true;
}

static bool data_moves_wire(void)
{
	start(0);
	in.pure_ack = false;
	in.end_seq = 600;
	in.r.AckOwed = 3;
	ref_bind(&sent, &in, &out);
	CHECK_EQ(sent.WireNxt, 600);
	CHECK_EQ(sent.AckDone, 0); /* an owed ACK is one of its own */
	in.end_seq = 550;	   /* a retransmission */
	ref_bind(&sent, &in, &out);
	CHECK_EQ(sent.WireNxt, 600);
	return true;
}

/* RFC 9293 3.8.6.2.2: the edge moves by min(MSS, half the buffer), or stays. */
static bool edge_moves(void)
{
	start(0);
	in.RcvReturn = PLACED + 999;
	in.RcvPlaced = PLACED + 2000;
	ref_bind(&sent, &in, &out);
	CHECK_EQ(sent.AdvEdge, PLACED + 60000);
	CHECK_EQ(out.wnd, 58000);
	CHECK_EQ(sent.LastAckSent, PLACED + 2000);
	in.RcvReturn = PLACED + 1000;
	ref_bind(&sent, &in, &out);
	CHECK_EQ(sent.AdvEdge, PLACED + 61000);
	CHECK_EQ(out.wnd, 59000);
	/* A small buffer: half of it. */
	start(0);
	in.cfg.RcvBuf = 100;
	sent.AdvEdge = PLACED + 50;
	ref_bind(&sent, &in, &out);
	CHECK_EQ(sent.AdvEdge, PLACED + 100);
	return true;
}

/* RFC 7323 2.4: rounding does not withdraw the edge; the ring's end does not give. */
static bool rounding(void)
{
	start(4);
	in.RcvPlaced = PLACED + 1;
	ref_bind(&sent, &in, &out);
	CHECK_EQ(out.wnd, 3750); /* 59,999 / 16 = 3749.9 up */
	CHECK_EQ(sent.AdvEdge, PLACED + 1 + 60000);
	start(4);
	in.cfg.RcvBuf = 65536;
	sent.AdvEdge = PLACED + 65536;
	in.RcvPlaced = PLACED + 1;
	ref_bind(&sent, &in, &out);
	CHECK_EQ(out.wnd, 4095);		/* 65,535 / 16 = 4095.9 down: there the ring ends */
	CHECK_EQ(sent.AdvEdge, PLACED + 65536); /* never withdrawn here */
	return true;
}

/* 16 bits hold no more (RFC 9293 3.1), and a window is never negative. */
static bool field_limits(void)
{
	start(0);
	in.cfg.RcvBuf = 1u << 20;
	in.cfg.RcvRingLog2 = 20;
	sent.AdvEdge = PLACED;
	ref_bind(&sent, &in, &out);
	CHECK_EQ(out.wnd, 65535);
	CHECK_EQ(sent.AdvEdge, PLACED + 65535);
	start(0);
	in.cfg.RcvBuf = 100;
	sent.AdvEdge = PLACED;
	in.RcvPlaced = PLACED + 1; /* the FIN: needs no room */
	in.RcvReturn = PLACED - 99;
	ref_bind(&sent, &in, &out);
	CHECK_EQ(out.wnd, 0);
	CHECK_EQ(sent.AdvEdge, PLACED + 1);
	return true;
}

static bool due_owed(void)
{
	start(0);
	CHECK(!ref_ack_due(&in, &sent));
	in.r.AckOwed = 1;
	CHECK(ref_ack_due(&in, &sent));
	in.r.Frozen = 1;
	CHECK(ref_ack_due(&in, &sent));
	in.r.AckOwed = 0;
	sent.LastAckSent = PLACED - 1;
	CHECK(!ref_ack_due(&in, &sent));
	return true;
}

/* RFC 5681 4.2: at least every second full segment. */
static bool due_now(void)
{
	start(0);
	in.r.AckNowSeq = PLACED + 3000;
	in.RcvPlaced = PLACED + 1999;
	CHECK(!ref_ack_due(&in, &sent));
	in.RcvPlaced = PLACED + 2000;
	CHECK(ref_ack_due(&in, &sent));
	in.r.AckNowSeq = PLACED + 500;
	in.RcvPlaced = PLACED + 499;
	CHECK(!ref_ack_due(&in, &sent));
	in.RcvPlaced = PLACED + 500;
	CHECK(ref_ack_due(&in, &sent));
	sent.LastAckSent = PLACED + 500;
	CHECK(!ref_ack_due(&in, &sent));
	return true;
}

/* RFC 9293 3.8.6.3: delayed, but not without end. */
static bool due_delayed(void)
{
	start(0);
	in.r.DelAckArmed = 1;
	in.r.DelAckDeadline = 5; /* now is before it, modulo 2^32 */
	in.RcvPlaced = PLACED + 1;
	CHECK(!ref_ack_due(&in, &sent));
	in.now = 5;
	CHECK(ref_ack_due(&in, &sent));
	in.RcvPlaced = PLACED;
	CHECK(!ref_ack_due(&in, &sent));
	return true;
}

/* A closed window opens: RFC 9293 3.8.6.2.2. */
static bool due_window(void)
{
	start(0);
	in.RcvPlaced = PLACED + 60000;
	sent.LastAckSent = PLACED + 60000;
	in.r.AckNowSeq = PLACED + 60000;
	CHECK(!ref_ack_due(&in, &sent));
	in.RcvReturn = PLACED + 999;
	CHECK(!ref_ack_due(&in, &sent));
	in.RcvReturn = PLACED + 1000;
	CHECK(ref_ack_due(&in, &sent));
	/* The peer still has half of it. */
	in.RcvPlaced = sent.LastAckSent = PLACED + 30000;
	CHECK(!ref_ack_due(&in, &sent));
	/* Less than a scaled window can say. */
	start(11);
	in.RcvPlaced = PLACED + 60000;
	sent.LastAckSent = PLACED + 60000;
	in.RcvReturn = PLACED + 2047;
	CHECK(!ref_ack_due(&in, &sent));
	in.RcvReturn = PLACED + 2048;
	CHECK(ref_ack_due(&in, &sent));
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(pure_ack), CASE(data_moves_wire), CASE(edge_moves),
		CASE(rounding), CASE(field_limits),    CASE(due_owed),
		CASE(due_now),	CASE(due_delayed),     CASE(due_window),
	};

	return TAP_RUN(cases);
}
