/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Follows the frames of one kernel socket. Hard part: RFC 7323 4.3, which timestamp is remembered.
 */
#include "watch.h"

#include <string.h>

void chim_watch_start(struct chim_watch *w, bool have_ts, uint32_t ts_recent, uint32_t rcv_nxt)
{
	memset(w, 0, sizeof(*w));
	w->have_ts = have_ts;
	w->ts_recent = ts_recent;
	w->have_ack = have_ts;
	w->last_ack_sent = rcv_nxt;
}

/*
 * RFC 7323 4.3 (2): the timestamp of a segment that begins at or before Last.ACK.sent, if it is not
 * older than the one at hand. Before our first acknowledgment only the SYN brings one.
 */
void chim_watch_in(struct chim_watch *w, const struct chim_frame *f, bool valid, uint64_t now_ms)
{
	if (!valid)
		return;
	w->to_socket++;
	if (!f->seg.has_ts || f->seg.flags & CHIM_TH_RST)
		return;
	if (w->have_ack && !chim_seq_leq(f->seg.seq, w->last_ack_sent))
		return;
	if (w->have_ts && (int32_t)(f->seg.tsval - w->ts_recent) < 0)
		return;
	w->have_ts = true;
	w->ts_recent = f->seg.tsval;
	w->ts_recent_ms = now_ms;
}

void chim_watch_out(struct chim_watch *w, const struct chim_frame *f)
{
	w->from_socket++;
	if (!(f->seg.flags & CHIM_TH_ACK))
		return;
	w->have_ack = true;
	w->last_ack_sent = f->seg.ack;
}
