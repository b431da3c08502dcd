// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Reference of the receive step; clauses are numbered as in rtl/engine/steps.md section 1. Hard
// part: which clauses read the state before the step.

#include "rx_step.h"

#include <string.h>

#include "seq.h"

#define TS_OUTDATED_MS	 2073600000u /* 24 days, RFC 7323 5.5 */
#define SYN_CHALLENGE_MS 3000u	     /* chimney 11.7 */

/* The receive window of one segment, clause 2. */
struct window {
	bool zero;
	uint32_t slen;
	uint32_t send; /* behind the last sequence number of the segment */
};

static void owe_ack(struct chim_hw_tcb_rx *r, struct ref_rx_out *out)
{
	r->AckOwed = ref_next(r->AckOwed);
	out->kick_ack = true;
}

static bool in_window(uint32_t seq, const struct chim_hw_tcb_rx *r, uint32_t edge)
{
	return ref_le(r->RcvNxt, seq) && ref_lt(seq, edge);
}

static bool outdated(const struct chim_hw_tcb_rx *r, uint32_t now)
{
	return now - r->TsRecentTime > TS_OUTDATED_MS;
}

/* Clause 1: PAWS, RFC 7323 3.2 and 5.3. True: the segment is dropped. */
static bool paws(struct chim_hw_tcb_rx *r, const struct ref_rx_in *in, struct ref_rx_out *out)
{
	const struct ref_seg *s = &in->seg;

	if (!in->cfg.TsEnabled || s->rst)
		return false;
	if (!s->has_ts) {
		out->counter = CHIM_COUNTER_SEG_NO_TS;
		return true;
	}
	if (ref_lt(s->ts_val, r->TsRecent) && !outdated(r, in->now)) {
		owe_ack(r, out);
		out->counter = CHIM_COUNTER_SEG_PAWS;
		return true;
	}
	return false;
}

/* Clause 2: RFC 9293 3.10.7.4, first step, the four cases of the table. */
static bool acceptable(const struct chim_hw_tcb_rx *r, const struct ref_rx_in *in,
		       const struct window *w)
{
	uint32_t seq = in->seg.seq;

	if (w->zero)
		return seq == r->RcvNxt; /* with text: allowed, but clause 8 takes nothing */
	if (in_window(seq, r, in->AdvEdge))
		return true;
	return w->slen > 0 && in_window(w->send - 1, r, in->AdvEdge);
}

/* Clause 3: RST, RFC 5961 3, chimney 11.7. */
static void reset_seen(struct chim_hw_tcb_rx *r, const struct ref_rx_in *in, struct ref_rx_out *out)
{
	if (in->seg.seq == r->RcvNxt) {
		r->Aborted = 1;
		r->Frozen = 1;
		out->counter = CHIM_COUNTER_SEG_RST_ACCEPTED;
		out->kick_evt = true;
		out->kick_tx = true;
		return;
	}
	if (!r->RstChallenged)
		owe_ack(r, out);
	r->RstChallenged = 1;
	out->counter = CHIM_COUNTER_SEG_RST_CHALLENGED;
}

/* Clause 4: SYN, RFC 5961 4, chimney 11.7. */
static void syn_seen(struct chim_hw_tcb_rx *r, const struct ref_rx_in *in, struct ref_rx_out *out)
{
	out->counter = CHIM_COUNTER_SEG_SYN;
	if (in->seg.seq == r->RcvNxt) {
		r->SynSeen = 1;
		r->Frozen = 1;
		out->kick_evt = true;
		out->kick_tx = true;
	} else if (!r->SynTimed || in->now - r->SynTime >= SYN_CHALLENGE_MS) {
		owe_ack(r, out);
		r->SynTime = in->now;
		r->SynTimed = 1;
	}
}

/* Clause 7: RFC 9293 3.10.7.4, fifth step; RFC 5681 2. All tests read the state before. */
static void acknowledgment(struct chim_hw_tcb_rx *r, const struct ref_rx_in *in,
			   struct ref_rx_out *out)
{
	const struct chim_hw_tcb_rx old = *r;
	const struct ref_seg *s = &in->seg;
	uint32_t swnd = (uint32_t)s->wnd << in->cfg.SndWindScale;

	/* 7a: the acknowledgment advances. */
	if (ref_lt(old.AckNewest, s->ack) && ref_le(s->ack, in->SndMax)) {
		r->AckNewest = s->ack;
		r->DupAckCount = 0;
		r->AckCnt = ref_next(old.AckCnt);
		r->TsEcr = s->ts_ecr;
		r->TsEcrValid = in->cfg.TsEnabled;
		out->kick_tx = true;
	}
	/* 7b: a duplicate in the sense of RFC 5681 2. */
	if (s->ack == old.AckNewest && s->len == 0 && !s->syn && !s->fin && swnd == old.Wnd &&
	    in->SndMax != old.AckNewest) {
		if (old.DupAckCount < 255)
			r->DupAckCount = ref_next(old.DupAckCount);
		out->kick_tx = true;
		out->counter = CHIM_COUNTER_SEG_DUP_ACK;
	}
	/* 7c: the window. */
	if (ref_le(old.AckNewest, s->ack) &&
	    (ref_lt(old.WL1, s->seq) || (old.WL1 == s->seq && ref_le(old.WL2, s->ack)))) {
		r->Wnd = swnd;
		r->WL1 = s->seq;
		r->WL2 = s->ack;
		r->MaxSndWnd = ref_max(old.MaxSndWnd, swnd);
		if (swnd != old.Wnd)
			out->kick_tx = true;
	}
	/* 7d: FIN_WAIT_2 is timed from the last acceptable segment (R168). */
	if (in->FinAcked)
		out->kick_tx = true;
}

/* Clause 8, last part: when to acknowledge what was taken. RFC 9293 3.8.6.3, RFC 5681 4.2. */
static void when_to_ack(struct chim_hw_tcb_rx *r, const struct ref_rx_in *in, uint32_t old_nxt,
			bool fin, bool cut)
{
	unsigned int segs = (in->LastAckSent == old_nxt ? 0u : r->DelAckSegs) + 1u;

	if (segs >= in->p.ack_frequency || fin || cut || r->OooSeen) {
		r->AckNowSeq = r->RcvNxt;
		r->DelAckSegs = 0;
		r->DelAckArmed = 0;
	} else {
		r->DelAckSegs = (uint8_t)segs;
		if (segs == 1 || !r->DelAckArmed) {
			r->DelAckDeadline = in->now + in->p.delayed_ack;
			r->DelAckArmed = 1;
		}
	}
	if (r->OooSeen && ref_le(r->OooMax, r->RcvNxt))
		r->OooSeen = 0;
}

static void refuse(struct chim_hw_tcb_rx *r, struct ref_rx_out *out, enum chim_hw_counter counter)
{
	owe_ack(r, out);
	out->counter = (uint8_t)counter;
}

/* Clause 8: text and FIN, RFC 9293 3.10.7.4, seventh and eighth step. */
static void text(struct chim_hw_tcb_rx *r, const struct ref_rx_in *in, const struct window *w,
		 struct ref_rx_out *out)
{
	const struct ref_seg *s = &in->seg;
	uint32_t old_nxt = r->RcvNxt;
	int64_t cut, n, excess;
	bool fin = s->fin;

	/* 8a: nothing to take. */
	if (s->len == 0 && !s->fin)
		return;
	/* 8b: zero window. */
	if (w->zero) {
		refuse(r, out, CHIM_COUNTER_SEG_UNACCEPTABLE);
		return;
	}
	/* 8c: text behind the peer's FIN. */
	if (r->RcvFin) {
		refuse(r, out, CHIM_COUNTER_SEG_AFTER_FIN);
		return;
	}
	/* 8d: trimmed to the window, old bytes from the front, the rest from the end. */
	cut = ref_diff(r->RcvNxt, s->seq);
	if (cut < 0)
		cut = 0;
	n = (int64_t)s->len - cut;
	if (n < 0)
		n = 0;
	excess = ref_diff(s->seq + s->len, in->AdvEdge);
	if (excess > 0) {
		n = n > excess ? n - excess : 0;
		fin = false;
	}
	/* 8e: out of order; dropped, but remembered for RFC 5681 4.2. */
	if (ref_lt(r->RcvNxt, s->seq)) {
		r->OooMax = r->OooSeen ? ref_later(r->OooMax, w->send) : w->send;
		r->OooSeen = 1;
		refuse(r, out, CHIM_COUNTER_SEG_OUT_OF_ORDER);
		return;
	}
	/* 8f: nothing left. */
	if (n == 0 && !fin) {
		refuse(r, out, CHIM_COUNTER_SEG_UNACCEPTABLE);
		return;
	}
	/* 8g: in order. */
	out->action = REF_RX_PLACE;
	out->seq = old_nxt;
	out->off = (uint16_t)cut;
	out->len = (uint16_t)n;
	out->fin = fin;
	out->counter = CHIM_COUNTER_SEG_PLACED;
	r->RcvNxt += (uint32_t)n + fin;
	if (fin) {
		r->RcvFin = 1;
		out->kick_tx = true;
	}
	/* 8h */
	when_to_ack(r, in, old_nxt, fin, cut > 0);
}

void ref_rx_step(struct chim_hw_tcb_rx *r, const struct ref_rx_in *in, struct ref_rx_out *out)
{
	const struct ref_seg *s = &in->seg;
	struct window w;

	memset(out, 0, sizeof(*out));
	out->action = REF_RX_DROP;
	out->counter = REF_NO_COUNTER;

	/* 0 */
	r->SegsIn++;
	if (r->Frozen || in->cfg.Freeze) {
		out->action = REF_RX_PASS;
		out->reason = CHIM_PASS_REASON_FROZEN;
		out->counter = CHIM_COUNTER_SEG_FROZEN;
		return;
	}
	/* 1 */
	if (paws(r, in, out))
		return;
	/* 2 */
	w.zero = ref_diff(in->AdvEdge, r->RcvNxt) <= 0;
	w.slen = (uint32_t)s->len + s->syn + s->fin;
	w.send = s->seq + w.slen;
	if (!acceptable(r, in, &w)) {
		if (s->rst)
			out->counter = CHIM_COUNTER_SEG_RST_DROPPED;
		else
			refuse(r, out, CHIM_COUNTER_SEG_UNACCEPTABLE);
		return;
	}
	/* 3 */
	if (s->rst) {
		reset_seen(r, in, out);
		return;
	}
	/* 4 */
	if (s->syn) {
		syn_seen(r, in, out);
		return;
	}
	/* 5: ACK bit, then the range of RFC 5961 5.2. */
	if (!s->ack_bit) {
		out->counter = CHIM_COUNTER_SEG_NO_ACK;
		return;
	}
	if (!ref_le(in->SndUna - r->MaxSndWnd, s->ack) || !ref_le(s->ack, in->SndMax)) {
		refuse(r, out, CHIM_COUNTER_SEG_BAD_ACK);
		return;
	}
	/* 6: acceptable; TS.Recent by RFC 7323 4.3. */
	r->RstChallenged = 0;
	r->AcceptCnt = ref_next(r->AcceptCnt);
	if (in->cfg.TsEnabled && ref_le(s->seq, in->LastAckSent) &&
	    (ref_le(r->TsRecent, s->ts_val) || outdated(r, in->now))) {
		r->TsRecent = s->ts_val;
		r->TsRecentTime = in->now;
	}
	/* 6, urgent data: chimney 7.10. */
	if (s->urg) {
		r->Urgent = 1;
		r->Frozen = 1;
		out->action = REF_RX_PASS;
		out->reason = CHIM_PASS_REASON_URGENT;
		out->counter = CHIM_COUNTER_SEG_URGENT;
		out->kick_evt = true;
		out->kick_tx = true;
		return;
	}
	/* 7, 8 */
	acknowledgment(r, in, out);
	text(r, in, &w, out);
}
