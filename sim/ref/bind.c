// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Reference of the acknowledger and of late binding, rtl/engine/steps.md section 2. Hard part: the
// right edge is not withdrawn by rounding (RFC 7323 2.4).

#include "bind.h"

#include "seq.h"

/* The edge moves by at least this much, RFC 9293 3.8.6.2.2. */
static uint32_t edge_step(const struct chim_hw_cfg_bind *c)
{
	return ref_min(c->Mss, c->RcvBuf / 2);
}

bool ref_ack_due(const struct ref_bind_in *in, const struct chim_hw_sent *sent)
{
	const struct chim_hw_tcb_rx *r = &in->r;
	const struct chim_hw_cfg_bind *c = &in->cfg;
	int64_t opens, offered, least, little;

	/* a: an ACK that says nothing new is owed, frozen or not. */
	if (r->AckOwed != sent->AckDone)
		return true;
	if (r->Frozen)
		return false;
	/* b: at once, as soon as the bytes are placed; RFC 9293 3.8.6.3, RFC 5681 4.2. */
	if (ref_lt(sent->LastAckSent, r->AckNowSeq) &&
	    (ref_le(r->AckNowSeq, in->RcvPlaced) ||
	     ref_diff(in->RcvPlaced, sent->LastAckSent) >= 2 * (int64_t)c->Mss))
		return true;
	/* c: delayed. */
	if (r->DelAckArmed && ref_le(r->DelAckDeadline, in->now) &&
	    ref_lt(sent->LastAckSent, in->RcvPlaced))
		return true;
	/* d: the window opens, and the peer may wait for it. */
	opens = ref_diff(in->RcvReturn + c->RcvBuf, sent->AdvEdge);
	least = ref_max(edge_step(c), 1u << c->RcvWindScale);
	offered = ref_diff(sent->AdvEdge, in->RcvPlaced);
	little = ref_min(c->RcvBuf / 2, UINT64_C(1) << (15 + c->RcvWindScale));
	return opens >= least && offered < little;
}

void ref_bind(struct chim_hw_sent *sent, const struct ref_bind_in *in, struct ref_bind_out *out)
{
	const struct chim_hw_cfg_bind *c = &in->cfg;
	int64_t unit = INT64_C(1) << c->RcvWindScale;
	uint32_t ack = in->RcvPlaced;
	uint32_t target = in->RcvReturn + c->RcvBuf;
	uint32_t edge = sent->AdvEdge;
	int64_t offer, room, field;

	if (ref_diff(target, edge) >= (int64_t)edge_step(c))
		edge = target;
	offer = ref_diff(edge, ack);
	if (offer < 0)
		offer = 0;
	offer = (offer + unit - 1) / unit; /* up */
	room = ref_diff(in->RcvReturn + (1u << c->RcvRingLog2), ack);
	if (room < 0)
		room = 0;
	room /= unit; /* down */
	field = offer < room ? offer : room;
	if (field > 65535)
		field = 65535;

	out->seq = sent->WireNxt;
	out->ack = ack;
	out->wnd = (uint16_t)field;
	out->ts_val = in->now + c->TsDelta;
	out->ts_ecr = in->r.TsRecent;

	sent->LastAckSent = ack;
	sent->AdvEdge = ref_later(sent->AdvEdge, ack + (uint32_t)(field * unit));
	if (!in->pure_ack)
		sent->WireNxt = ref_later(sent->WireNxt, in->end_seq);
	else if (in->r.AckOwed != sent->AckDone)
		sent->AckDone = ref_next(sent->AckDone);
}
