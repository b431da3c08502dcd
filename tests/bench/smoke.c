/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Smoke test of one configuration of the whole NIC, in virtual time: plain frames of many lengths
 * both ways, three connections moved in, data both ways with random stalls of memory and MAC, and
 * moved out again with every byte accounted for. Hard part: none; what it checks in depth is
 * elsewhere, this runs it on every width and size.
 *
 * usage: smoke CONFIG FOLDER_OF_MODELS [capture FILE]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../nic_end/stream.h"
#include "../unit/tap.h"
#include "bed.h"

enum {
	CONNS = 3,
	BYTES = 300000, /* each way on each connection: more than two turns of its ring */
	TURN_CLOCKS = 20000,
	TRANSFER_MS = 15,
	MID_UPLOAD = 100000, /* one connection leaves in the middle of its transfer */
};

/* ---- plain frames */

static const size_t lengths[] = { 60, 61, 63, 64, 65, 127, 128, 129, 590, 1024, 1513, 1514 };

struct plain {
	uint8_t frame[1600];
	size_t len;
	unsigned int out; /* frames that left and are the one sent */
	unsigned int wrong;
};

static void plain_out(void *ctx, const uint8_t *frame, size_t len)
{
	struct plain *p = ctx;

	if (len == p->len && !memcmp(frame, p->frame, len))
		p->out++;
	else
		p->wrong++;
}

static void make_plain(struct plain *p, size_t len, unsigned int to)
{
	memcpy(p->frame, nic_end_sides[to].mac, 6);
	memcpy(p->frame + 6, nic_end_sides[!to].mac, 6);
	p->frame[12] = 0x88; /* an experimental EtherType, IEEE 802: not IP */
	p->frame[13] = 0xB5;
	stream_fill(p->frame + 14, SIDE_PEER, len, len - 14);
	p->len = len;
}

static void plain_frames(struct bed *b)
{
	unsigned int n = sizeof(lengths) / sizeof(lengths[0]), good_in = 0, good_out = 0;
	struct plain p = { .len = 0 };
	struct nic_end *e = &b->end;

	peer_on_other(b->peer, plain_out, &p);
	for (unsigned int i = 0; i < n; i++) {
		make_plain(&p, lengths[i], SIDE_NIC);
		e->plain = 0;
		peer_inject(b->peer, p.frame, p.len);
		bed_run(b, TURN_CLOCKS);
		good_in +=
			e->plain == 1 && e->last_len == p.len && !memcmp(e->last, p.frame, p.len);
		make_plain(&p, lengths[i], SIDE_PEER);
		p.out = p.wrong = 0;
		if (chim_nic_tx(e->nic, p.frame, p.len))
			continue;
		bed_run(b, TURN_CLOCKS);
		good_out += p.out == 1 && !p.wrong && !chim_nic_tx_pending(e->nic);
	}
	OK(good_in == n, "plain frames of %u lengths came in (%u)", n, good_in);
	OK(good_out == n, "plain frames of %u lengths went out (%u)", n, good_out);
	make_plain(&p, 100, SIDE_PEER);
	e->plain = 0;
	peer_inject(b->peer, p.frame, p.len);
	bed_run(b, TURN_CLOCKS);
	OK(e->plain == 0, "a frame for somebody else stays out");
	peer_on_other(b->peer, NULL, NULL);
}

/* ---- connections */

static bool conn_done(struct bed *b, unsigned int i)
{
	const struct nic_end_conn *c = &b->end.conns[i];
	const struct peer_conn *peer = peer_conn(b->peer, i);

	return nic_end_done(c, peer->to_send) && peer->got == c->to_send;
}

static bool others_done(void *arg)
{
	struct bed *b = arg;

	for (unsigned int i = 1; i < b->end.n; i++)
		if (!conn_done(b, i))
			return false;
	return true;
}

static bool in_the_middle(void *arg)
{
	struct bed *b = arg;

	return peer_conn(b->peer, 0)->got > MID_UPLOAD && b->end.conns[0].received > MID_UPLOAD;
}

/* What came back is what is on its way, and no byte beside it. */
static void check_upload(struct bed *b, unsigned int i)
{
	const struct nic_end_conn *c = &b->end.conns[i];
	const struct peer_conn *peer = peer_conn(b->peer, i);
	const struct chim_tcp_image *img = &c->img;
	uint32_t sent = img->SndMax - c->isn;
	uint64_t una = img->SndUna - c->isn, in = img->RcvNxt - c->peer_isn;
	bool una_ok = una <= peer->got && sent >= peer->got;

	OK(img->State == TcpConnectionEstablished, "connection %u: state %d after the upload", i,
	   img->State);
	OK(una_ok && una + img->snd.len == c->posted,
	   "connection %u: SndUna %u, SndMax %u, peer has %u, %zu bytes back of %u posted", i,
	   (uint32_t)una, sent, (uint32_t)peer->got, img->snd.len, (uint32_t)c->posted);
	OK(!img->snd.len || stream_matches(img->snd.bytes, SIDE_NIC, una, img->snd.len),
	   "connection %u: the send data that came back is the right piece", i);
	/* The acknowledgment that was due went out before the state was taken. */
	OK(in == c->received + img->rcv.len && in == peer->acked && in <= peer->sent,
	   "connection %u: RcvNxt %u, delivered %u and %zu, peer sent %u, was acknowledged %u", i,
	   (uint32_t)in, (uint32_t)c->received, img->rcv.len, (uint32_t)peer->sent,
	   (uint32_t)peer->acked);
	OK(!c->bad && (!img->rcv.len ||
		       stream_matches(img->rcv.bytes, SIDE_PEER, c->received, img->rcv.len)),
	   "connection %u: received bytes are the peer's", i);
	OK(!c->events, "connection %u: no event but data (%x)", i, c->events);
}

static void connections(struct bed *b)
{
	const struct peer_counts *counts = peer_get_counts(b->peer);
	unsigned int n = 0;

	while (n < CONNS && bed_offload(b))
		n++;
	OK(n == CONNS, "%u connections moved in", n);
	if (n < CONNS)
		return;
	for (unsigned int i = 0; i < n; i++) {
		b->end.conns[i].to_send = BYTES + 777 * i;
		peer_conn(b->peer, i)->to_send = BYTES + 1313 * i;
	}
	OK(nic_end_until(&b->end, in_the_middle, b, TRANSFER_MS),
	   "half of connection 0 is through");
	OK(nic_end_upload(&b->end, &b->end.conns[0]), "connection 0 moved out in the middle");
	peer_conn(b->peer, 0)->opened = false; /* the kernel would go on with it from here */
	check_upload(b, 0);
	OK(nic_end_until(&b->end, others_done, b, TRANSFER_MS), "the others carried everything");
	for (unsigned int i = 1; i < n; i++) {
		struct nic_end_conn *c = &b->end.conns[i];
		const struct peer_conn *peer = peer_conn(b->peer, i);

		OK(conn_done(b, i),
		   "connection %u: received %u of %u, peer got %u of %u, %zu outstanding", i,
		   (uint32_t)c->received, (uint32_t)peer->to_send, (uint32_t)peer->got,
		   (uint32_t)c->to_send, c->hs.posted);
		OK(nic_end_upload(&b->end, c), "connection %u moved out", i);
		check_upload(b, i);
	}
	OK(!counts->bad && !counts->resets && !counts->out_of_order && !counts->go_back,
	   "at the peer: %u bad, %u RST, %u out of order, %u losses", (uint32_t)counts->bad,
	   (uint32_t)counts->resets, (uint32_t)counts->out_of_order, (uint32_t)counts->go_back);
}

int main(int argc, char **argv)
{
	struct bed_cfg cfg = {
		.model = argc > 2 ? argv[1] : "",
		.dir = argc > 2 ? argv[2] : "",
		.pcap = argc > 3 ? argv[3] : NULL,
		.mem_latency = 20,
		.stall_percent = 10,
		.cycles_per_ms = 100000,
		.end = { .poll = 200,
			 .conn_bytes = 128u << 10,
			 .piece = 10007,
			 .snd_wnd = 256u << 10 },
	};
	static struct bed b;
	struct nic_end *e = &b.end;
	unsigned int w = 0, n = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: smoke CONFIG FOLDER_OF_MODELS [capture FILE]\n");
		return 2;
	}
	bed_open(&b, &cfg);
	OK(sscanf(cfg.model, "w%u_c%u", &w, &n) == 2 && e->info.data_w == w && e->info.conns == n,
	   "the device says that it has %u bits and %u connections", e->info.data_w, e->info.conns);
	plain_frames(&b);
	connections(&b);
	OK(!e->rules && !e->warned && !e->dead, "%u rules broken, %u warnings", e->rules,
	   e->warned);
	if (tap_failures)
		nic_end_print_counters(e);
	OK(bed_close(&b), "closed with nothing left");
	return tap_done();
}
