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
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bed.h"

enum {
	CONNS = 3,
	BYTES = 300000, /* each way on each connection: more than two turns of its ring */
	TURN_CLOCKS = 20000,
	TRANSFER_CLOCKS = 1500000,
	MID_UPLOAD = 100000, /* one connection leaves in the middle of its transfer */
};

static int count, failures;

static void check(bool ok, const char *form, ...)
{
	va_list ap;

	va_start(ap, form);
	printf("%sok %d - ", ok ? "" : "not ", ++count);
	vprintf(form, ap);
	printf("\n");
	va_end(ap);
	failures += !ok;
}

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

static void make_plain(struct plain *p, size_t len, const uint8_t dst[6], const uint8_t src[6])
{
	memcpy(p->frame, dst, 6);
	memcpy(p->frame + 6, src, 6);
	p->frame[12] = 0x88; /* an experimental EtherType, IEEE 802: not IP */
	p->frame[13] = 0xB5;
	peer_fill(p->frame + 14, PEER_STREAM_PEER, len, len - 14);
	p->len = len;
}

static void poll_clocks(struct bed *b, uint64_t clocks)
{
	uint64_t end = bed_cycles(b) + clocks;

	while (bed_cycles(b) < end && !b->dead)
		bed_poll(b);
}

static void plain_frames(struct bed *b)
{
	unsigned int n = sizeof(lengths) / sizeof(lengths[0]), good_in = 0, good_out = 0;
	struct plain p = { .len = 0 };

	peer_on_other(b->peer, plain_out, &p);
	for (unsigned int i = 0; i < n; i++) {
		make_plain(&p, lengths[i], bed_nic_mac, bed_peer_mac);
		b->plain = 0;
		peer_inject(b->peer, p.frame, p.len);
		poll_clocks(b, TURN_CLOCKS);
		good_in +=
			b->plain == 1 && b->last_len == p.len && !memcmp(b->last, p.frame, p.len);
		make_plain(&p, lengths[i], bed_peer_mac, bed_nic_mac);
		p.out = p.wrong = 0;
		if (chim_nic_tx(b->nic, p.frame, p.len))
			continue;
		poll_clocks(b, TURN_CLOCKS);
		good_out += p.out == 1 && !p.wrong && !chim_nic_tx_pending(b->nic);
	}
	check(good_in == n, "plain frames of %u lengths came in (%u)", n, good_in);
	check(good_out == n, "plain frames of %u lengths went out (%u)", n, good_out);
	make_plain(&p, 100, bed_peer_mac, bed_nic_mac);
	b->plain = 0;
	peer_inject(b->peer, p.frame, p.len);
	poll_clocks(b, TURN_CLOCKS);
	check(b->plain == 0, "a frame for somebody else stays out");
	peer_on_other(b->peer, NULL, NULL);
}

/* ---- connections */

static bool conn_done(const struct bed_conn *c)
{
	return c->received == c->peer->to_send && c->peer->got == c->to_send && !c->hs.posted;
}

static bool others_done(struct bed *b, void *arg)
{
	(void)arg;
	for (unsigned int i = 1; i < b->n; i++)
		if (!conn_done(&b->conns[i]))
			return false;
	return true;
}

static bool in_the_middle(struct bed *b, void *arg)
{
	struct bed_conn *c = &b->conns[0];

	(void)arg;
	return c->peer->got > MID_UPLOAD && c->received > MID_UPLOAD;
}

/* What came back is what is on its way, and no byte beside it. */
static void check_upload(struct bed *b, struct bed_conn *c, unsigned int i)
{
	const struct chim_tcp_image *img = &c->img;
	uint32_t sent = img->SndMax - c->peer->isn;
	uint64_t una = img->SndUna - c->peer->isn, in = img->RcvNxt - c->peer->peer_isn;
	bool una_ok = una <= c->peer->got && sent >= c->peer->got;

	check(img->State == TcpConnectionEstablished, "connection %u: state %d after the upload", i,
	      img->State);
	check(una_ok && una + img->snd.len == c->posted,
	      "connection %u: SndUna %u, SndMax %u, peer has %u, %zu bytes back of %u posted", i,
	      (uint32_t)una, sent, (uint32_t)c->peer->got, img->snd.len, (uint32_t)c->posted);
	check(!img->snd.len || peer_matches(img->snd.bytes, PEER_STREAM_NIC, una, img->snd.len),
	      "connection %u: the send data that came back is the right piece", i);
	/* The acknowledgment that was due went out before the state was taken. */
	check(in == c->received + img->rcv.len && in == c->peer->acked && in <= c->peer->sent,
	      "connection %u: RcvNxt %u, delivered %u and %zu, peer sent %u, was acknowledged %u",
	      i, (uint32_t)in, (uint32_t)c->received, img->rcv.len, (uint32_t)c->peer->sent,
	      (uint32_t)c->peer->acked);
	check(!c->bad && (!img->rcv.len || peer_matches(img->rcv.bytes, PEER_STREAM_PEER,
							c->received, img->rcv.len)),
	      "connection %u: received bytes are the peer's", i);
	check(!c->events, "connection %u: no event but data (%x)", i, c->events);
	chim_tcp_image_free(&c->img);
	(void)b;
}

static void connections(struct bed *b)
{
	const struct peer_counts *counts = peer_get_counts(b->peer);
	unsigned int n = 0;

	while (n < CONNS && bed_offload(b))
		n++;
	check(n == CONNS, "%u connections moved in", n);
	if (n < CONNS)
		return;
	for (unsigned int i = 0; i < n; i++) {
		b->conns[i].to_send = BYTES + 777 * i;
		b->conns[i].peer->to_send = BYTES + 1313 * i;
	}
	check(bed_until(b, in_the_middle, NULL, TRANSFER_CLOCKS),
	      "half of connection 0 is through");
	check(bed_upload(b, &b->conns[0]), "connection 0 moved out in the middle");
	b->conns[0].peer->opened = false; /* the kernel would go on with it from here */
	b->conns[0].live = false;
	check_upload(b, &b->conns[0], 0);
	check(bed_until(b, others_done, NULL, TRANSFER_CLOCKS), "the others carried everything");
	for (unsigned int i = 1; i < n; i++) {
		check(conn_done(&b->conns[i]),
		      "connection %u: received %u of %u, peer got %u of %u, %zu outstanding", i,
		      (uint32_t)b->conns[i].received, (uint32_t)b->conns[i].peer->to_send,
		      (uint32_t)b->conns[i].peer->got, (uint32_t)b->conns[i].to_send,
		      b->conns[i].hs.posted);
		check(bed_upload(b, &b->conns[i]), "connection %u moved out", i);
		b->conns[i].live = false;
		check_upload(b, &b->conns[i], i);
	}
	check(!counts->bad && !counts->resets && !counts->out_of_order && !counts->go_back,
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
		.poll = 200,
		.conn_bytes = 128u << 10,
		.piece = 10007,
		.peer_wnd = 256u << 10,
		.keep_frames = true,
	};
	static struct bed b;
	unsigned int w = 0, n = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: smoke CONFIG FOLDER_OF_MODELS [capture FILE]\n");
		return 2;
	}
	bed_open(&b, &cfg);
	check(sscanf(cfg.model, "w%u_c%u", &w, &n) == 2 && b.info.data_w == w && b.info.conns == n,
	      "the device says that it has %u bits and %u connections", b.info.data_w,
	      b.info.conns);
	plain_frames(&b);
	connections(&b);
	check(!b.rules && !b.warned && !b.dead, "%u rules broken, %u warnings", b.rules, b.warned);
	if (failures)
		bed_print_counters(&b);
	check(bed_close(&b), "closed with nothing left");
	printf("1..%d\n", count);
	return failures != 0;
}
