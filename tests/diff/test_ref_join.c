// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Joining (steps.md, last paragraph): the same segments with a pass of the send step after each,
// and with passes after several. Hard part: which fields may differ, and by how much.

#include <string.h>

#include "ref/rx_step.h"
#include "ref/seq.h"
#include "ref/tx_step.h"
#include "tap.h"

#define MSS	   1000u
#define RUNS	   3000
#define SEGMENTS   60
#define BATCH_MOST 6

/* One NIC and what its peer has seen of it. */
struct side {
	struct chim_hw_tcb_rx r;
	struct chim_hw_tcb_tx t;
	struct chim_hw_doorbell d;
	uint32_t granted; /* behind the highest octet granted, in order */
	bool gap;	  /* an octet was left out: never */
};

static struct ref_params p = {
	.ack_frequency = 2,
	.dup_ack_threshold = 3,
	.max_retransmissions = 5,
	.restart_segs = 10,
	.delayed_ack = 40,
	.sws = 200,
	.rto_min = 300,
	.rto_max = 60000,
	.fin_wait2 = 120000,
};

static void begin(struct side *s, uint32_t una, uint32_t data, bool fin, uint32_t cwnd)
{
	memset(s, 0, sizeof(*s));
	s->t.SndUna = s->t.SndNxt = s->t.SndMax = s->granted = una;
	s->t.Recover = una - 1;
	s->t.CWnd = cwnd;
	s->t.SsThresh = 0x7FFFFFFF;
	s->r.AckNewest = una;
	s->r.WL2 = una;
	s->t.SndWnd = s->r.Wnd = s->r.MaxSndWnd = 60 * MSS;
	s->d.SndEnd = una + data;
	s->d.FinSeq = s->d.SndEnd;
	s->d.FinValid = fin;
}

/* Passes until nothing asks for another; the clock stands still, so no timer expires. */
static void passes(struct side *s, uint32_t now)
{
	struct ref_tx_in in = { .cfg = { .Mss = MSS }, .p = p, .now = now, .live = true };
	struct ref_tx_out out;

	for (int i = 0; i < 100; i++) {
		in.r = s->r;
		in.d = s->d;
		ref_tx_step(&s->t, &in, &out);
		if (out.grant == REF_TX_DATA) {
			if (ref_lt(s->granted, out.seq))
				s->gap = true;
			s->granted = ref_later(s->granted, out.seq + out.bytes + out.fin);
		}
		if (!out.kick_self)
			return;
	}
	s->gap = true; /* it never ends */
}

static void segment(struct side *s, const struct ref_seg *seg, uint32_t now)
{
	struct ref_rx_in in = { .seg = *seg, .p = p, .now = now };
	struct ref_rx_out out;

	in.AdvEdge = s->r.RcvNxt + 50000;
	in.LastAckSent = s->r.RcvNxt;
	in.SndUna = s->t.SndUna;
	in.SndMax = s->t.SndMax;
	in.FinAcked = s->t.FinAcked;
	ref_rx_step(&s->r, &in, &out);
}

/* What need not be equal, but has bounds. */
static bool bounded(const struct side *s, uint32_t una, uint32_t cwnd)
{
	uint64_t acked = s->t.SndUna - una;

	CHECK(!s->gap);
	CHECK(ref_le(s->t.SndUna, s->t.SndNxt));
	CHECK(ref_le(s->t.SndNxt, s->t.SndMax));
	CHECK_EQ(s->granted, s->t.SndMax);
	/* The largest window offered, and a FIN. */
	CHECK(s->t.SndMax - s->t.SndUna <= 60 * MSS + 1);
	/* RFC 3465 2.2, 2.3: by the bytes acknowledged, at most 2 SMSS for each ACK. */
	CHECK(s->t.CWnd >= cwnd);
	CHECK(s->t.CWnd - cwnd <= ref_min(acked, UINT64_C(2) * MSS * s->r.AckCnt));
	return true;
}

/* What must be equal. */
static bool agree(const struct side *each, const struct side *joined)
{
	CHECK_EQ(joined->t.SndUna, each->t.SndUna);
	CHECK_EQ(joined->t.SndWnd, each->t.SndWnd);
	CHECK_EQ(joined->t.FinAcked, each->t.FinAcked);
	CHECK_EQ(joined->r.AckNewest, each->r.AckNewest);
	CHECK_EQ(joined->r.AckCnt, each->r.AckCnt);
	return true;
}

/*
 * Acknowledgments that advance by any number of octets, all of what both sides have sent, without
 * loss; window updates among them. Both get the same segments.
 */
static bool run(uint64_t *seed, bool windows)
{
	struct side each, joined;
	uint32_t una = tap_random(seed), now = tap_random(seed);
	uint32_t data = tap_below(seed, 200 * MSS), sent = 0;
	uint32_t cwnd = (4 + tap_below(seed, 60)) * MSS;
	bool fin = tap_below(seed, 2);

	begin(&each, una, data, fin, cwnd);
	each.t.LastSend = now; /* not idle: no restart */
	joined = each;
	each.r.RcvNxt = joined.r.RcvNxt = each.r.WL1 = joined.r.WL1 = tap_random(seed);
	passes(&each, now);
	passes(&joined, now);
	while (sent < SEGMENTS) {
		uint32_t batch = 1 + tap_below(seed, BATCH_MOST);

		for (uint32_t i = 0; i < batch; i++, sent++) {
			struct ref_seg seg = { .ack_bit = true, .seq = each.r.RcvNxt };
			/* Never more than the side that joins has sent. */
			uint32_t most = (uint32_t)ref_diff(ref_lt(each.t.SndMax, joined.t.SndMax)
								   ? each.t.SndMax
								   : joined.t.SndMax,
							   each.r.AckNewest);
			uint32_t part = tap_below(seed, 2) ? 2 * MSS : tap_below(seed, 3 * MSS);

			seg.ack = each.r.AckNewest + ref_min(part, most);
			seg.wnd = (uint16_t)(60 * MSS);
			if (windows)
				seg.wnd = (uint16_t)((20 + tap_below(seed, 40)) * MSS);
			else if (seg.ack == each.r.AckNewest)
				seg.len = 1; /* nothing new: not a duplicate either */
			segment(&each, &seg, now);
			passes(&each, now);
			segment(&joined, &seg, now);
		}
		passes(&joined, now);
		if (!agree(&each, &joined) || !bounded(&each, una, cwnd) ||
		    !bounded(&joined, una, cwnd))
			return false;
	}
	/* The end: everything acknowledged, everything sent, on both. */
	for (int i = 0; i < 1000; i++) {
		struct ref_seg seg = { .ack_bit = true, .seq = each.r.RcvNxt, .wnd = 60 * MSS };
		uint32_t to =
			ref_lt(each.t.SndMax, joined.t.SndMax) ? each.t.SndMax : joined.t.SndMax;

		if (to == each.t.SndUna)
			break;
		seg.ack = to;
		segment(&each, &seg, now);
		segment(&joined, &seg, now);
		passes(&each, now);
		passes(&joined, now);
	}
	CHECK_EQ(each.granted, una + data + fin);
	CHECK_EQ(joined.granted, una + data + fin);
	CHECK_EQ(each.t.SndUna, una + data + fin);
	CHECK_EQ(joined.t.SndUna, una + data + fin);
	CHECK_EQ(joined.t.FinAcked, fin);
	return true;
}

static bool acknowledgments(void)
{
	uint64_t seed = tap_seed();

	for (int i = 0; i < RUNS; i++)
		if (!run(&seed, false))
			return false;
	return true;
}

static bool windows_too(void)
{
	uint64_t seed = tap_seed() + 1000000;

	for (int i = 0; i < RUNS; i++)
		if (!run(&seed, true))
			return false;
	return true;
}

/* A threshold of duplicates that a newer acknowledgment overtook does not enter recovery. */
static bool overtaken_duplicates(void)
{
	struct side each, joined;
	struct ref_seg dup = { .ack_bit = true, .ack = 5000, .wnd = 60 * MSS };
	struct ref_seg newer = dup;

	begin(&each, 5000, 10 * MSS, false, 20 * MSS);
	passes(&each, 1);
	joined = each;
	for (int i = 0; i < 3; i++) {
		segment(&each, &dup, 1);
		passes(&each, 1);
		segment(&joined, &dup, 1);
	}
	newer.ack = 5000 + 10 * MSS;
	CHECK_EQ(each.t.InRecovery, 1);
	segment(&each, &newer, 1);
	segment(&joined, &newer, 1);
	passes(&each, 1);
	passes(&joined, 1);
	CHECK_EQ(each.t.InRecovery, 0);
	CHECK_EQ(joined.t.InRecovery, 0);
	CHECK_EQ(each.t.SegsRtx, 1);
	CHECK_EQ(joined.t.SegsRtx, 0);
	CHECK_EQ(joined.t.SndUna, each.t.SndUna);
	CHECK_EQ(joined.granted, each.granted);
	return true;
}

/* Slow start: both passes count each ACK, so joined growth is bounded by 2 SMSS an ACK. */
static bool growth(void)
{
	struct side each, joined;
	struct ref_seg seg = { .ack_bit = true, .wnd = 60 * MSS };

	begin(&each, 0xFFFFF000, 100 * MSS, false, 8 * MSS);
	passes(&each, 1);
	joined = each;
	for (uint32_t i = 1; i <= 4; i++) { /* every second segment */
		seg.ack = 0xFFFFF000 + 2 * i * MSS;
		segment(&each, &seg, 1);
		passes(&each, 1);
		segment(&joined, &seg, 1);
	}
	passes(&joined, 1);
	CHECK_EQ(each.t.CWnd, 16 * MSS);
	CHECK_EQ(joined.t.CWnd, 16 * MSS);
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(acknowledgments),
		CASE(windows_too),
		CASE(overtaken_duplicates),
		CASE(growth),
	};

	return TAP_RUN(cases);
}
