/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * State that the directed tests of the send step start from. Hard part: sequence numbers wrap just
 * behind SndUna, milliseconds just behind NOW.
 */
#ifndef TX_CASE_H
#define TX_CASE_H

#include <string.h>

#include "ref/tx_step.h"
#include "tap.h"

#define UNA 0xFFFFFE00u
#define MSS 1000u
#define NOW 0xFFFFFFF0u

static struct chim_hw_tcb_tx t;
static struct ref_tx_in in;
static struct ref_tx_out out;

/* `sent` segments outstanding, `more` given by the host behind them, windows wide open. */
static inline void start(uint32_t sent, uint32_t more)
{
	memset(&t, 0, sizeof(t));
	memset(&in, 0, sizeof(in));
	t.SndUna = UNA;
	t.SndNxt = t.SndMax = UNA + sent * MSS;
	t.SndWnd = in.r.Wnd = in.r.MaxSndWnd = 100 * MSS;
	t.CWnd = t.SsThresh = 40 * MSS;
	t.Recover = UNA - 1;
	t.LastSend = NOW - 10;
	in.r.AckNewest = UNA;
	in.d.SndEnd = UNA + (sent + more) * MSS;
	in.cfg.Mss = MSS;
	in.p.dup_ack_threshold = 3;
	in.p.max_retransmissions = 5;
	in.p.restart_segs = 10;
	in.p.sws = 200;
	in.p.rto_min = 300;
	in.p.rto_max = 60000;
	in.p.fin_wait2 = 120000;
	in.now = NOW;
	in.live = true;
}

static inline void ack_to(uint32_t segs)
{
	in.r.AckNewest = UNA + segs * MSS;
	in.r.AcceptCnt++;
}

static inline void fin_at_end(void)
{
	in.d.FinValid = 1;
	in.d.FinSeq = in.d.SndEnd;
}

static inline void step(void)
{
	ref_tx_step(&t, &in, &out);
}

#endif
