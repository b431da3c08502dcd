/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The peer, see peer.h.
 */
#include "peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../nic_end/stream.h"
#include "frame.h"

enum {
	OTHERS = 64, /* frames of the test that wait */
	FRAME = 2048,
	DUP_ACKS = 3, /* RFC 5681 3.2 */
};

struct other {
	size_t len;
	uint8_t bytes[FRAME];
};

struct peer {
	struct chim_wire base;
	struct peer_cfg cfg;
	struct peer_counts counts;
	struct peer_conn *conns;
	unsigned int n, turn;
	uint64_t line_free; /* clock from which the next frame may enter */
	uint8_t frame[FRAME];
	struct other others[OTHERS];
	unsigned int other_head, other_tail;
	void (*on_other)(void *ctx, const uint8_t *frame, size_t len);
	void *on_other_ctx;
};

static struct peer *to_peer(struct chim_wire *w)
{
	return (struct peer *)w;
}

static uint64_t clock_of(const struct peer *p, uint64_t now_ns)
{
	return now_ns * p->cfg.cycles_per_ms / 1000000u;
}

static struct peer_conn *find(struct peer *p, const struct chim_key *key)
{
	/* Ports are given out in order, see peer_open(). */
	unsigned int i = p->n ? (unsigned int)(key->local_port - p->conns[0].key.local_port) : 0;

	return i < p->n && chim_key_equal(&p->conns[i].key, key) ? &p->conns[i] : NULL;
}

static void take_ack(struct peer *p, struct peer_conn *c, const struct chim_frame *f, bool data)
{
	uint32_t fresh = f->seg.ack - c->snd_una;
	uint32_t wnd = (uint32_t)f->seg.window << NIC_END_SCALE;

	if (fresh > c->snd_nxt - c->snd_una)
		return;
	if (!fresh && !data && c->snd_nxt != c->snd_una && wnd == c->wnd) {
		if (++c->dups == DUP_ACKS) {
			p->counts.go_back++;
			c->snd_nxt = c->snd_una;
		}
		return;
	}
	if (fresh)
		c->dups = 0;
	c->acked += fresh;
	c->snd_una = f->seg.ack;
	c->wnd = wnd;
}

static int on_send(struct chim_wire *w, const uint8_t *frame, size_t len, uint64_t now_ns)
{
	struct peer *p = to_peer(w);
	struct chim_frame f;
	struct peer_conn *c;
	size_t bytes;

	(void)now_ns;
	p->counts.frames_in++;
	if (chim_frame_parse(frame, len, true, &f)) {
		p->counts.bad++;
		return 0;
	}
	c = f.tcp ? find(p, &f.key) : NULL;
	if (!c || !c->opened) {
		if (p->on_other)
			p->on_other(p->on_other_ctx, frame, len);
		else
			p->counts.bad++;
		return 0;
	}
	bytes = f.end - f.payload;
	if (chim_tcp_checksum(&f.key, frame + f.l4, f.end - f.l4)) {
		p->counts.bad++;
		return 0;
	}
	if (f.seg.flags & CHIM_TH_RST)
		p->counts.resets++;
	if (f.seg.has_ts && f.seg.seq == c->rcv_nxt)
		c->ts_echo = f.seg.tsval;
	if (bytes)
		p->counts.data_in++;
	else
		p->counts.acks_in++;
	take_ack(p, c, &f, bytes != 0);
	if (!bytes)
		return 0;
	c->ack_due = true;
	if (f.seg.seq != c->rcv_nxt) {
		p->counts.out_of_order++;
		return 0;
	}
	if (!stream_matches(frame + f.payload, SIDE_NIC, c->got, bytes))
		p->counts.bad++;
	c->rcv_nxt += (uint32_t)bytes;
	c->got += bytes;
	return 0;
}

/* Bytes that may go out now. */
static uint32_t sendable(const struct peer_conn *c)
{
	uint32_t out = c->snd_nxt - c->snd_una;
	uint64_t left = c->to_send - c->acked - out;
	uint32_t n = left < PEER_DATA ? (uint32_t)left : PEER_DATA;

	/* A full segment or the rest, never a piece for the sake of the window. */
	return n && out + n <= c->wnd ? n : 0;
}

static size_t build(struct peer *p, struct peer_conn *c, uint32_t len, uint64_t now)
{
	struct chim_segment seg = {
		.seq = c->snd_nxt,
		.ack = c->rcv_nxt,
		.window = (uint16_t)(p->cfg.rcv_wnd >> NIC_END_SCALE),
		.flags = CHIM_TH_ACK,
		.has_ts = true,
		.tsval = nic_end_sides[SIDE_PEER].clock + (uint32_t)(now / p->cfg.cycles_per_ms),
		.tsecr = c->ts_echo,
	};
	uint64_t at = c->acked + (c->snd_nxt - c->snd_una);

	c->snd_nxt += len;
	c->ack_due = false;
	if (at + len > c->sent)
		c->sent = at + len;
	return chim_frame_build(p->frame, nic_end_sides[SIDE_NIC].mac, nic_end_sides[SIDE_PEER].mac,
				&c->key, &seg, stream_at(SIDE_PEER, at), len);
}

/* The next frame of any connection, round robin; data first. 0: nothing to send. */
static size_t next_frame(struct peer *p, uint64_t now, bool *blocked)
{
	struct peer_conn *ack = NULL;
	unsigned int i;

	*blocked = false;
	for (i = 0; i < p->n; i++) {
		unsigned int at = (p->turn + i) % p->n;
		struct peer_conn *c = &p->conns[at];
		uint32_t len = c->opened ? sendable(c) : 0;

		if (len) {
			p->turn = at + 1;
			return build(p, c, len, now);
		}
		if (c->opened && c->ack_due && !ack)
			ack = c;
		*blocked |= c->opened && c->to_send > c->acked;
	}
	return ack ? build(p, ack, 0, now) : 0;
}

static int on_recv(struct chim_wire *w, uint64_t now_ns, struct chim_wire_frame *f)
{
	struct peer *p = to_peer(w);
	uint64_t now = clock_of(p, now_ns);
	const uint8_t *bytes = p->frame;
	bool blocked = false;
	size_t len, on_line;

	if (p->line_free > now + p->cfg.ahead)
		return 0;
	if (p->other_head != p->other_tail) {
		struct other *o = &p->others[p->other_tail++ % OTHERS];

		bytes = o->bytes;
		len = o->len;
	} else {
		len = next_frame(p, now, &blocked);
	}
	if (!len) {
		if (blocked && p->line_free < now)
			p->counts.blocked += now - p->line_free;
		if (p->line_free < now)
			p->line_free = now;
		return 0;
	}
	if (p->line_free < now)
		p->line_free = now;
	on_line = len < 60 ? 60 : len;
	p->line_free += (on_line + p->cfg.bus_bytes - 1) / p->cfg.bus_bytes;
	p->counts.frames_out++;
	*f = (struct chim_wire_frame){ bytes, len, now_ns };
	return 1;
}

static void on_close(struct chim_wire *w)
{
	struct peer *p = to_peer(w);

	free(p->conns);
	free(p);
}

/* Virtual time: nobody sleeps. */
static uint64_t on_due(struct chim_wire *w)
{
	(void)w;
	return 0;
}

static const struct chim_wire_ops ops = {
	.name = "peer",
	.close = on_close,
	.send = on_send,
	.recv = on_recv,
	.due = on_due,
};

struct peer *peer_create(const struct peer_cfg *cfg, struct chim_wire **wire)
{
	struct peer *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->base.ops = &ops;
	p->cfg = *cfg;
	p->conns = calloc(PEER_CONNS, sizeof(*p->conns));
	if (!p->conns) {
		free(p);
		return NULL;
	}
	*wire = &p->base;
	return p;
}

void peer_open(struct peer *p, const struct chim_tcp_image *img)
{
	p->conns[p->n++] = (struct peer_conn){
		.key = img->key,
		.opened = true,
		.rcv_nxt = img->SndUna,
		.snd_una = img->RcvNxt,
		.snd_nxt = img->RcvNxt,
		.wnd = img->RcvWnd,
		.ts_echo = img->TsTime,
	};
}

struct peer_conn *peer_conn(struct peer *p, unsigned int i)
{
	return &p->conns[i];
}

const struct peer_counts *peer_get_counts(const struct peer *p)
{
	return &p->counts;
}

void peer_inject(struct peer *p, const uint8_t *frame, size_t len)
{
	struct other *o = &p->others[p->other_head % OTHERS];

	if (p->other_head - p->other_tail == OTHERS || len > FRAME)
		return;
	p->other_head++;
	memcpy(o->bytes, frame, len);
	o->len = len;
}

void peer_on_other(struct peer *p, void (*other)(void *ctx, const uint8_t *frame, size_t len),
		   void *ctx)
{
	p->on_other = other;
	p->on_other_ctx = ctx;
}
