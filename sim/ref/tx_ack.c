// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Reference of the send step, clause 1: RTT, acknowledgment, congestion control, duplicates. Hard
// part: a pass that takes several acknowledgments at once (RFC 3465).

#include "tx_ack.h"

#include "seq.h"

#define RTO_UNMEASURED_MS 1000u	 /* RFC 6298 2.1 */
#define RTT_SAMPLE_MAX	  32767u /* ms */
#define COUNT_CAP	  15u	 /* segments that one pass counts */

uint32_t ref_tx_rto(const struct chim_hw_tcb_tx *t, const struct ref_params *p)
{
	uint32_t rto = RTO_UNMEASURED_MS;

	if (t->SRtt != 0 || t->RttVar != 0)
		rto = (uint32_t)(t->SRtt >> 3) + ref_max(1, t->RttVar);
	return ref_min(ref_max(rto, p->rto_min), p->rto_max);
}

uint32_t ref_tx_backoff(const struct chim_hw_tcb_tx *t, const struct ref_params *p,
			unsigned int shift)
{
	return ref_min((uint64_t)ref_tx_rto(t, p) << ref_min(shift, 16), p->rto_max);
}

uint32_t ref_tx_half_flight(const struct chim_hw_tcb_tx *t, uint32_t mss)
{
	return ref_max((t->SndMax - t->SndUna) / 2, 2 * mss);
}

static uint16_t clamp16(int64_t v, int64_t low)
{
	if (v < low)
		v = low;
	return (uint16_t)(v > 65535 ? 65535 : v);
}

/* RFC 6298 2.2 and 2.3 in scaled integers. */
static void rtt_sample(struct chim_hw_tcb_tx *t, uint32_t m)
{
	int64_t err;

	if (m > RTT_SAMPLE_MAX)
		return; /* negative ones too: they are large as unsigned numbers */
	if (t->SRtt == 0 && t->RttVar == 0) {
		t->SRtt = clamp16(8 * (int64_t)m, 1);
		t->RttVar = clamp16(2 * (int64_t)m, 0);
		return;
	}
	err = (int64_t)m - (t->SRtt >> 3);
	t->SRtt = clamp16(t->SRtt + err, 1);
	t->RttVar = clamp16(t->RttVar + (err < 0 ? -err : err) - (t->RttVar >> 2), 0);
}

/* 1a: RTT, RFC 6298 2, RFC 7323 4. */
static void rtt(struct chim_hw_tcb_tx *t, const struct ref_tx_in *in)
{
	if (in->cfg.TsEnabled) {
		if (in->r.TsEcrValid)
			rtt_sample(t, in->now + in->cfg.TsDelta - in->r.TsEcr);
	} else if (t->RttTiming && ref_le(t->RttSeq, in->r.AckNewest)) {
		rtt_sample(t, in->now - t->RttTime);
		t->RttTiming = 0;
	}
}

/* 1c: congestion control, RFC 5681, 6582, 3465. flight0: outstanding before this acknowledgment. */
static void congestion(struct chim_hw_tcb_tx *t, const struct ref_tx_in *in, struct ref_tx_ack *a,
		       uint32_t flight0, uint32_t nacks)
{
	uint32_t mss = in->cfg.Mss;
	uint32_t flight = t->SndMax - t->SndUna;

	if (t->InRecovery && ref_le(t->Recover, t->SndUna)) {
		/* Full acknowledgment, RFC 6582 3.2 step 3, first choice. */
		t->CWnd = ref_min(t->SsThresh, ref_sat((uint64_t)ref_max(flight, mss) + mss));
		t->InRecovery = 0;
		t->CaAcked = 0;
	} else if (t->InRecovery) {
		/* Partial acknowledgment, RFC 6582 3.2 step 3. */
		uint32_t left = t->CWnd > a->acked ? t->CWnd - a->acked : 0;

		a->retransmit = true;
		t->CWnd = ref_max(ref_sat((uint64_t)left + (a->acked >= mss ? mss : 0)), mss);
	} else if (2 * (uint64_t)flight0 >= t->CWnd) {
		if (t->CWnd < t->SsThresh) {
			uint64_t most = (uint64_t)2 * mss * ref_min(nacks, COUNT_CAP);

			t->CWnd = ref_sat((uint64_t)t->CWnd + ref_min(a->acked, most));
		} else {
			t->CaAcked = ref_sat((uint64_t)t->CaAcked + a->acked);
			if (t->CaAcked >= t->CWnd) {
				t->CaAcked -= t->CWnd;
				t->CWnd = ref_sat((uint64_t)t->CWnd + mss);
			}
		}
	}
}

/* 1d: duplicates, RFC 5681 3.2, RFC 6582 3.2 step 2. was_in: InRecovery before this pass. */
static void duplicates(struct chim_hw_tcb_tx *t, const struct ref_tx_in *in, struct ref_tx_out *out,
		       struct ref_tx_ack *a, bool was_in)
{
	uint32_t mss = in->cfg.Mss;
	uint32_t count = in->r.DupAckCount;
	uint32_t d = count > t->DupSeen ? count - t->DupSeen : 0;

	t->DupSeen = (uint8_t)count;
	if (t->InRecovery) {
		if (was_in)
			t->CWnd =
				ref_sat((uint64_t)t->CWnd + (uint64_t)ref_min(d, COUNT_CAP) * mss);
		return;
	}
	if (d > 0 && count >= in->p.dup_ack_threshold && t->SndMax != t->SndUna &&
	    ref_lt(t->Recover, t->SndUna)) {
		t->SsThresh = ref_tx_half_flight(t, mss);
		t->Recover = t->SndMax;
		t->InRecovery = 1;
		t->CWnd =
			ref_sat((uint64_t)t->SsThresh + (uint64_t)ref_min(count, COUNT_CAP) * mss);
		t->RttTiming = 0;
		a->retransmit = true;
		out->fast_retransmit = true;
	}
}

void ref_tx_ack(struct chim_hw_tcb_tx *t, const struct ref_tx_in *in, struct ref_tx_out *out,
		struct ref_tx_ack *a)
{
	uint32_t newest = in->r.AckNewest;
	uint32_t nacks = (uint8_t)(in->r.AckCnt - t->AckCntSeen);
	bool was_in = t->InRecovery;

	a->acked = 0;
	a->retransmit = false;
	if (ref_lt(t->SndUna, newest) && ref_le(newest, t->SndMax))
		a->acked = newest - t->SndUna;
	t->AckCntSeen = in->r.AckCnt;

	if (a->acked > 0) {
		uint32_t flight0 = t->SndMax - t->SndUna;

		rtt(t, in);
		/* 1b: RFC 9293 3.10.7.4, fifth step. */
		t->SndUna = newest;
		t->SndNxt = ref_later(t->SndNxt, t->SndUna);
		t->RetransCount = 0;
		if (in->r.Wnd > 0)
			t->SndWndProbeCount = 0;
		if (t->FinSent && t->SndUna == t->SndMax) {
			t->FinAcked = 1;
			out->kick_evt = true;
		}
		congestion(t, in, a, flight0, nacks);
		t->DupSeen = 0;
		out->has_una = true;
		out->una = t->SndUna;
	}
	duplicates(t, in, out, a, was_in);
}
