// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Reference of the send step, clauses 0 and 2 to 5 of rtl/engine/steps.md section 3. Hard part:
// what a pass that ends early leaves undone.

#include "tx_step.h"

#include <string.h>

#include "seq.h"
#include "tx_ack.h"

#define NO_LIMIT	 0xFFFFFFFFu /* MaxRT */
#define PROBE_ROUNDS_MAX 16u

/* How far clause 3 came. */
enum timer_result {
	TIMER_GOES_ON,
	TIMER_GRANTED,	/* clause 4 is skipped */
	TIMER_ANY_TAIL, /* clause 4 sends a tail whatever its size */
	TIMER_ENDED,	/* a limit was reached: 4 and 5 are skipped */
};

static uint32_t flight(const struct chim_hw_tcb_tx *t)
{
	return t->SndMax - t->SndUna;
}

static void set_timer(struct chim_hw_tcb_tx *t, enum chim_hw_timer_mode mode, uint32_t deadline)
{
	t->TimerMode = (uint8_t)mode;
	t->Deadline = deadline;
}

static void expire(struct chim_hw_tcb_tx *t, struct ref_tx_out *out)
{
	t->Expired = 1;
	t->TimerMode = CHIM_TIMER_MODE_NONE;
	out->kick_evt = true;
}

static uint8_t one_more(uint8_t count)
{
	return count < 255 ? ref_next(count) : count;
}

/* Data behind SndNxt that the host has given. */
static bool data_waits(const struct chim_hw_tcb_tx *t, const struct ref_tx_in *in)
{
	return ref_lt(t->SndNxt, in->d.SndEnd);
}

/* FinSeq is the sequence number behind the last byte of data. */
static bool fin_known(const struct ref_tx_in *in)
{
	return in->d.FinValid && in->d.FinSeq == in->d.SndEnd;
}

/* Enter a grant into the state: counts, SndMax, LastSend. */
static void grant(struct chim_hw_tcb_tx *t, const struct ref_tx_in *in, struct ref_tx_out *out,
		  uint32_t seq, uint32_t bytes, bool fin)
{
	uint32_t mss = in->cfg.Mss;

	if (bytes == 0 && !fin)
		return;
	out->grant = REF_TX_DATA;
	out->seq = seq;
	out->bytes = bytes;
	out->fin = fin;
	out->segs = bytes == 0 ? 1 : (bytes + mss - 1) / mss;
	for (uint32_t i = 0; i < out->segs; i++)
		if (ref_lt(seq + i * mss, t->SndMax))
			out->again++;
	t->SegsOut += out->segs;
	t->SegsRtx += out->again;
	t->LastSend = in->now;
	if (fin)
		t->FinSent = 1;
	t->SndMax = ref_later(t->SndMax, seq + bytes + fin);
}

/* Clause 2: the window, chimney 11.5. True: it has set the timer. */
static bool window(struct chim_hw_tcb_tx *t, const struct ref_tx_in *in)
{
	uint32_t old = t->SndWnd;

	t->SndWnd = in->r.Wnd;
	if (old == 0 && t->SndWnd > 0) {
		t->TimerMode = CHIM_TIMER_MODE_NONE;
		t->RetransCount = 0;
		t->SndWndProbeCount = 0;
		return true;
	}
	if (t->SndWnd == 0 && in->r.AcceptCnt != t->AcceptSeen && t->RetransCount > 0 &&
	    t->TimerMode == CHIM_TIMER_MODE_RETRANSMIT) {
		if (t->SndWndProbeCount < PROBE_ROUNDS_MAX)
			t->SndWndProbeCount = ref_next(t->SndWndProbeCount);
		t->RetransCount = 0;
		set_timer(t, CHIM_TIMER_MODE_PERSIST,
			  in->now + ref_tx_backoff(t, &in->p, t->SndWndProbeCount));
		return true;
	}
	return false;
}

/* Clause 3: limit of retransmissions and probes, chimney 4.5 MaxRT. */
static bool limit_reached(const struct chim_hw_tcb_tx *t, const struct ref_tx_in *in)
{
	if (in->cfg.MaxRT == NO_LIMIT)
		return false;
	if (in->cfg.MaxRT == 0)
		return t->RetransCount >= in->p.max_retransmissions;
	return t->RetransCount > 0 && in->now - t->RtStart >= in->cfg.MaxRT;
}

/* Clause 3a: time-out, RFC 6298 5.4 to 5.7, RFC 5681 3.1. */
static enum timer_result timeout(struct chim_hw_tcb_tx *t, const struct ref_tx_in *in,
				 struct ref_tx_out *out)
{
	if (limit_reached(t, in)) {
		expire(t, out);
		return TIMER_ENDED;
	}
	if (t->RetransCount == 0) {
		t->SsThresh = ref_tx_half_flight(t, in->cfg.Mss);
		t->RtStart = in->now;
	}
	t->CWnd = in->cfg.Mss;
	t->CaAcked = 0;
	t->InRecovery = 0;
	t->Recover = t->SndMax;
	t->SndNxt = t->SndUna;
	t->RttTiming = 0;
	t->DupSeen = in->r.DupAckCount;
	t->RetransCount = one_more(t->RetransCount);
	t->Deadline = in->now + ref_tx_backoff(t, &in->p, t->RetransCount);
	out->timeout = true;
	return TIMER_GOES_ON;
}

/* Clause 3b: window probe, RFC 9293 3.8.6.1, and the override of 3.8.6.2.1. */
static enum timer_result probe(struct chim_hw_tcb_tx *t, const struct ref_tx_in *in,
			       struct ref_tx_out *out)
{
	bool fin_alone;

	if (limit_reached(t, in)) {
		expire(t, out);
		return TIMER_ENDED;
	}
	if (t->RetransCount == 0 && t->SndWndProbeCount == 0)
		t->RtStart = in->now;
	if (t->SndWnd > 0) {
		set_timer(t, CHIM_TIMER_MODE_RETRANSMIT,
			  in->now + ref_tx_backoff(t, &in->p, t->RetransCount));
		return TIMER_ANY_TAIL;
	}
	fin_alone = in->d.SndEnd == t->SndUna && fin_known(in) && !t->FinAcked;
	t->SndNxt = t->SndUna;
	grant(t, in, out, t->SndUna, fin_alone ? 0 : 1, fin_alone);
	set_timer(t, CHIM_TIMER_MODE_RETRANSMIT,
		  in->now + ref_tx_backoff(t, &in->p, t->RetransCount));
	t->RetransCount = one_more(t->RetransCount);
	out->probe = true;
	return TIMER_GRANTED;
}

/* Clause 3. */
static enum timer_result timer(struct chim_hw_tcb_tx *t, const struct ref_tx_in *in,
			       struct ref_tx_out *out)
{
	switch (t->TimerMode) {
	case CHIM_TIMER_MODE_RETRANSMIT:
		return t->SndWnd > 0 ? timeout(t, in, out) : probe(t, in, out);
	case CHIM_TIMER_MODE_PERSIST: return probe(t, in, out);
	default: /* FIN_WAIT_2: R168 */ expire(t, out); return TIMER_ENDED;
	}
}

/* Clause 4a: the first segment once more; SndNxt does not move. */
static void retransmit_first(struct chim_hw_tcb_tx *t, const struct ref_tx_in *in,
			     struct ref_tx_out *out)
{
	int64_t given = ref_diff(in->d.SndEnd, t->SndUna);
	int64_t sent = (int64_t)flight(t) - (t->FinSent && !t->FinAcked);
	uint32_t bytes;

	if (given < 0)
		given = 0;
	if (sent < 0)
		sent = 0;
	bytes = ref_min(in->cfg.Mss, ref_min((uint64_t)given, (uint64_t)sent));
	grant(t, in, out, t->SndUna, bytes, t->FinSent && t->SndUna + bytes == in->d.SndEnd);
	out->kick_self = true;
}

/* Clause 4b: may a segment of less than Mss bytes leave? RFC 9293 3.7.4, 3.8.6.2.1. */
static bool tail_may_leave(const struct chim_hw_tcb_tx *t, const struct ref_tx_in *in,
			   uint32_t whole, uint32_t tail)
{
	if (t->SndNxt + whole + tail == in->d.SndEnd)
		return !in->cfg.Nagle || t->SndNxt + whole == t->SndUna || in->d.FinValid ||
		       ref_lt(t->SndNxt, t->SndMax);
	return tail >= ref_max(1, in->r.MaxSndWnd / 2);
}

/* Clause 4b: new bytes, or those behind a time-out again. */
static void send_on(struct chim_hw_tcb_tx *t, const struct ref_tx_in *in, struct ref_tx_out *out,
		    bool any_tail)
{
	uint32_t mss = in->cfg.Mss;
	uint32_t seq = t->SndNxt, old_max = t->SndMax;
	uint32_t cw, limit, full, bytes, tail = 0;
	int64_t usable;
	bool fin;

	/* Idle restart, RFC 5681 4.1. */
	if (flight(t) == 0 && in->now - t->LastSend > ref_tx_rto(t, &in->p) && data_waits(t, in))
		t->CWnd = ref_min(t->CWnd, (uint64_t)in->p.restart_segs * mss);
	/* Limited transmit, RFC 3042: new data, not what is sent again after a time-out. */
	cw = t->CWnd;
	if (!t->InRecovery && t->SndNxt == t->SndMax)
		cw = ref_sat((uint64_t)cw + (uint64_t)ref_min(in->r.DupAckCount, 2) * mss);
	limit = t->SndUna + ref_min(cw, t->SndWnd);
	usable = ref_diff(ref_lt(in->d.SndEnd, limit) ? in->d.SndEnd : limit, seq);
	if (usable < 0 || ref_lt(in->d.SndEnd, seq))
		usable = 0;
	full = ref_min((uint64_t)usable / mss, CHIM_BURST_MAX);
	if (full < CHIM_BURST_MAX)
		tail = (uint32_t)usable - full * mss;
	bytes = full * mss;
	if (tail > 0 && (any_tail || tail_may_leave(t, in, bytes, tail)))
		bytes += tail;
	fin = fin_known(in) && seq + bytes == in->d.SndEnd && !t->FinAcked &&
	      (bytes > 0 || !t->FinSent || ref_lt(seq, old_max));

	grant(t, in, out, seq, bytes, fin);
	out->psh = bytes > 0 && seq + bytes == in->d.SndEnd;
	t->SndNxt += bytes + fin;
	if (full == CHIM_BURST_MAX)
		out->kick_self = true;
	/* One sample at a time, RFC 6298 3. */
	if (!in->cfg.TsEnabled && bytes > 0 && !ref_lt(seq, old_max) && !t->RttTiming) {
		t->RttSeq = t->SndNxt;
		t->RttTime = in->now;
		t->RttTiming = 1;
	}
}

/* Clause 5: what the one timer runs for. RFC 6298 5.1 to 5.3, RFC 9293 3.8.6.1, R168. */
static void timer_set(struct chim_hw_tcb_tx *t, const struct ref_tx_in *in, struct ref_tx_out *out,
		      uint32_t acked)
{
	bool outstanding = t->SndMax != t->SndUna;
	bool data = data_waits(t, in);
	bool waits = data || (fin_known(in) && !t->FinSent);

	if (outstanding && t->SndWnd > 0) {
		if (t->TimerMode != CHIM_TIMER_MODE_RETRANSMIT || acked > 0)
			set_timer(t, CHIM_TIMER_MODE_RETRANSMIT,
				  in->now + ref_tx_backoff(t, &in->p, t->RetransCount));
	} else if (t->SndWnd == 0 && (outstanding || waits)) {
		if (t->TimerMode == CHIM_TIMER_MODE_NONE || acked > 0)
			set_timer(t, CHIM_TIMER_MODE_PERSIST,
				  in->now + ref_tx_backoff(t, &in->p, t->SndWndProbeCount));
	} else if (data) {
		if (t->TimerMode != CHIM_TIMER_MODE_PERSIST)
			set_timer(t, CHIM_TIMER_MODE_PERSIST, in->now + in->p.sws);
	} else if (waits) {
		/* A FIN that no rule lets go: as it was. */
	} else if (t->FinAcked && in->r.RcvFin) {
		t->TimeWait = 1;
		t->TimerMode = CHIM_TIMER_MODE_NONE;
		out->kick_evt = true;
	} else if (t->FinAcked) {
		if (t->TimerMode != CHIM_TIMER_MODE_FIN_WAIT_2 || in->r.AcceptCnt != t->AcceptSeen)
			set_timer(t, CHIM_TIMER_MODE_FIN_WAIT_2, in->now + in->p.fin_wait2);
	} else {
		t->TimerMode = CHIM_TIMER_MODE_NONE;
	}
	t->AcceptSeen = in->r.AcceptCnt;
}

void ref_tx_step(struct chim_hw_tcb_tx *t, const struct ref_tx_in *in, struct ref_tx_out *out)
{
	enum timer_result result = TIMER_GOES_ON;
	struct ref_tx_ack a;
	bool timer_was_set;

	memset(out, 0, sizeof(*out));
	/* 0: neither live nor stopped. */
	if (!in->live && !in->cfg.Stop)
		return;
	/* 0, abort: chimney 7.8. */
	if (in->d.Abort && !t->RstSent && in->live && !in->cfg.Stop) {
		out->grant = REF_TX_RST;
		out->seq = t->SndNxt;
		t->RstSent = 1;
		t->TimerMode = CHIM_TIMER_MODE_NONE;
		out->kick_evt = true;
		return;
	}
	/* 0, over. */
	if (t->RstSent || t->Expired || in->r.Aborted) {
		t->TimerMode = CHIM_TIMER_MODE_NONE;
		return;
	}
	/* 1, 2 */
	ref_tx_ack(t, in, out, &a);
	timer_was_set = window(t, in);
	/* 0, stop. */
	if (in->cfg.Stop)
		return;
	/* 3 */
	if (t->TimerMode != CHIM_TIMER_MODE_NONE && ref_le(t->Deadline, in->now) && a.acked == 0 &&
	    !timer_was_set)
		result = timer(t, in, out);
	if (result == TIMER_ENDED)
		return;
	/* 4 */
	if (t->SndWnd > 0 && result != TIMER_GRANTED) {
		if (a.retransmit)
			retransmit_first(t, in, out);
		else
			send_on(t, in, out, result == TIMER_ANY_TAIL);
	}
	/* 5 */
	timer_set(t, in, out, a.acked);
}
