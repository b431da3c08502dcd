/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The bed, see bed.h.
 */
#include "bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../host/backend/model.h"
#include "chimney/backend.h"
#include "tcp_queue.h"

const uint8_t bed_nic_mac[6] = { 0x02, 0, 0, 0, 0, 1 };
const uint8_t bed_peer_mac[6] = { 0x02, 0, 0, 0, 0, 2 };

enum {
	STEP_CLOCKS = 2000000, /* bound of one step of a hand-off, firmware included */
	MTU = 1500,
	FIRST_PORT = 20000,
	PEER_PORT = 5001,
	RCV_INDICATION = 65536, /* most bytes of one indication */
	ARENA = 256u << 20,
};

static struct bed_conn *of_entry(struct bed *b, chim_conn_t entry)
{
	for (unsigned int i = 0; i < b->n; i++)
		if (b->conns[i].entry == entry)
			return &b->conns[i];
	return NULL;
}

static struct bed_conn *of_hs(struct chim_hs_conn *hs)
{
	return hs->user;
}

/* ---- the NIC's events */

static void on_rx(void *ctx, const uint8_t *frame, size_t len, const struct chim_rx_info *info)
{
	struct bed *b = ctx;

	if (info->cls == CHIM_RX_MARKER) {
		for (unsigned int i = 0; i < b->n; i++)
			if (!b->conns[i].marker && !b->conns[i].live)
				b->conns[i].marker = true;
		return;
	}
	if (info->cls == CHIM_RX_HELD)
		chim_nic_give_up(b->nic, info->conn);
	b->plain++;
	b->last_len = len < sizeof(b->last) ? len : sizeof(b->last);
	if (b->cfg.keep_frames)
		memcpy(b->last, frame, b->last_len);
}

static void on_hold_done(void *ctx, void *cookie, int err, chim_conn_t conn)
{
	struct bed_conn *c = cookie;

	(void)ctx;
	c->hold_done = true;
	c->hold_err = err;
	c->entry = conn;
}

static void on_live_done(void *ctx, chim_conn_t conn, int err)
{
	struct bed_conn *c = of_entry(ctx, conn);

	if (!c)
		return;
	c->live = true;
	c->live_err = err;
}

static void on_dead(void *ctx, int err)
{
	fprintf(stderr, "the device is dead: %s\n", strerror(-err));
	((struct bed *)ctx)->dead = true;
}

static const struct chim_nic_events nic_events = { on_rx, on_hold_done, on_live_done, on_dead };

/* ---- the protocol side's events */

static int hs_mem(void *ctx, size_t len, void **va, uint64_t *iova)
{
	return chim_nic_mem(((struct bed *)ctx)->nic, len, va, iova);
}

static void hs_mem_free(void *ctx, void *va)
{
	chim_nic_mem_free(((struct bed *)ctx)->nic, va);
}

static void hs_initiated(void *ctx, struct chim_hs_conn *hs, NDIS_STATUS status)
{
	(void)ctx;
	of_hs(hs)->initiated = true;
	of_hs(hs)->status = status;
}

static void hs_terminated(void *ctx, struct chim_hs_conn *hs, NDIS_STATUS status,
			  struct chim_tcp_image *img)
{
	(void)ctx;
	of_hs(hs)->terminated = true;
	of_hs(hs)->status = status;
	if (status == NDIS_STATUS_SUCCESS)
		of_hs(hs)->img = *img;
}

static void hs_queried(void *ctx, struct chim_hs_conn *hs, NDIS_STATUS status,
		       const TCP_OFFLOAD_STATE_DELEGATED *state)
{
	(void)ctx;
	(void)hs;
	(void)status;
	(void)state;
}

static void hs_sent(void *ctx, struct chim_hs_conn *hs)
{
	(void)ctx;
	(void)hs;
}

static NDIS_STATUS hs_indicate(void *ctx, struct chim_hs_conn *hs, PNET_BUFFER_LIST nbl,
			       PULONG consumed)
{
	struct bed *b = ctx;
	struct bed_conn *c = of_hs(hs);

	*consumed = 0;
	for (PNET_BUFFER_LIST n = nbl; n; n = n->Next) {
		for (PNET_BUFFER nb = n->FirstNetBuffer; nb; nb = nb->Next) {
			struct chim_nb_iter it = chim_nb_begin(nb);
			struct chim_nb_frag f;

			while (chim_nb_next(&it, UINT32_MAX, &f)) {
				c->bad |= !peer_matches(f.va, PEER_STREAM_PEER, c->received, f.len);
				c->received += f.len;
				*consumed += f.len;
			}
		}
	}
	/* Ours until it is returned, which is not allowed yet. */
	nbl->Next = b->taken;
	b->taken = nbl;
	return NDIS_STATUS_SUCCESS;
}

static void hs_forwarded(void *ctx, struct chim_hs_conn *hs, struct chim_held *frame,
			 NDIS_STATUS status)
{
	(void)ctx;
	(void)hs;
	(void)status;
	free(frame);
}

static void hs_event(void *ctx, struct chim_hs_conn *hs, ULONG type, ULONG information)
{
	(void)ctx;
	of_hs(hs)->events |= 1u << (type & 31);
	fprintf(stderr, "event %u of a connection, information %u\n", type, information);
}

static uint32_t hs_reachability(void *ctx, const struct chim_hop *hop)
{
	(void)ctx;
	(void)hop;
	return 1;
}

static void hs_status(void *ctx, NDIS_STATUS code)
{
	(void)ctx;
	fprintf(stderr, "status indication %08x\n", (unsigned int)code);
}

static void hs_warn(void *ctx, const char *what)
{
	((struct bed *)ctx)->warned++;
	fprintf(stderr, "warning: %s\n", what);
}

static const struct chim_hs_ops hs_ops = {
	.mem = hs_mem,
	.mem_free = hs_mem_free,
	.initiated = hs_initiated,
	.terminated = hs_terminated,
	.queried = hs_queried,
	.sent = hs_sent,
	.indicate = hs_indicate,
	.forwarded = hs_forwarded,
	.event = hs_event,
	.reachability = hs_reachability,
	.status = hs_status,
	.warn = hs_warn,
};

static void on_rule(void *ctx, enum chim_ndis_rule rule, const char *where, const void *what)
{
	(void)what;
	((struct bed *)ctx)->rules++;
	fprintf(stderr, "rule %s broken in %s\n", chim_ndis_rule_get(rule)->name, where);
}

/* ---- open and close */

static void need(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-err));
	exit(1);
}

void bed_open(struct bed *b, const struct bed_cfg *cfg)
{
	struct chim_nic_cfg nic_cfg = {
		.events = &nic_events,
		.ctx = b,
		.mtu = MTU,
		.conns = BED_CONNS,
		.arena_bytes = ARENA,
		.conn_rcv_bytes = cfg->conn_bytes,
	};
	struct chim_hs_limits limits = { (uint32_t)cfg->conn_bytes, RCV_INDICATION };
	struct chim_ndis_config router = { .rule = on_rule, .ctx = b };
	struct peer_cfg peer_cfg = {
		.cycles_per_ms = cfg->cycles_per_ms,
		/* A look happens at least every poll, and before every register access. */
		.ahead = cfg->poll + 16,
		.rcv_wnd = cfg->peer_wnd,
	};
	struct chim_options o;
	struct chim_wire *wire;
	const char *what = "";

	memset(b, 0, sizeof(*b));
	b->cfg = *cfg;
	memcpy(nic_cfg.mac, bed_nic_mac, 6);
	memcpy(peer_cfg.nic_mac, bed_nic_mac, 6);
	memcpy(peer_cfg.mac, bed_peer_mac, 6);
	need(sscanf(cfg->model, "w%u_", &peer_cfg.bus_bytes) == 1 ? 0 : -22, cfg->model);
	peer_cfg.bus_bytes /= 8;
	chim_options_init(&o);
	need(chim_options_set(&o, "config", cfg->model), "config");
	need(chim_options_set(&o, "dir", cfg->dir), "dir");
	if (cfg->pcap)
		need(chim_options_set(&o, "pcap", cfg->pcap), "pcap");
	o.cycles_per_ms = cfg->cycles_per_ms;
	o.mem_latency = cfg->mem_latency;
	o.stall_percent = cfg->stall_percent;
	b->peer = peer_create(&peer_cfg, &wire);
	need(b->peer ? 0 : -12, "peer");
	need(chim_model_backend_create(&o, wire, NULL, &b->be, &what), what);
	need(chim_ndis_create(&router, &b->ndis), "router");
	need(chim_nic_open(b->be, b->ndis, &nic_cfg, &b->nic), "NIC");
	chim_nic_info(b->nic, &b->info);
	need(chim_hs_create(b->ndis, chim_nic_adapter(b->nic), &hs_ops, b, &limits, &b->hs),
	     "protocol side");
}

static bool flushed(struct bed *b, void *arg)
{
	(void)arg;
	return chim_hs_flush(b->hs) == 0;
}

bool bed_close(struct bed *b)
{
	bool ok = bed_until(b, flushed, NULL, STEP_CLOCKS);
	int err = -16;

	for (unsigned int i = 0; i < 1000 && err; i++) {
		err = chim_hs_destroy(b->hs);
		if (err)
			bed_poll(b);
	}
	ok = ok && !err && !chim_nic_close(b->nic) && !chim_ndis_destroy(b->ndis);
	chim_backend_close(b->be);
	return ok;
}

/* ---- running */

static void post(struct bed *b, struct bed_conn *c)
{
	static uint8_t buf[1 << 20];

	while (c->posted < c->to_send && c->hs.posted < b->cfg.conn_bytes) {
		size_t n = c->to_send - c->posted < b->cfg.piece ? (size_t)(c->to_send - c->posted)
								 : b->cfg.piece;

		peer_fill(buf, PEER_STREAM_NIC, c->posted, n);
		if (chim_hs_send(&c->hs, buf, n))
			return;
		c->posted += n;
	}
}

void bed_poll(struct bed *b)
{
	for (unsigned int i = 0; i < b->n; i++)
		if (b->conns[i].live && !b->conns[i].live_err)
			post(b, &b->conns[i]);
	if (chim_nic_poll(b->nic, b->cfg.poll) < 0)
		b->dead = true;
	while (b->taken) {
		PNET_BUFFER_LIST nbl = b->taken;

		b->taken = nbl->Next;
		nbl->Next = NULL;
		chim_hs_return(b->hs, nbl);
	}
}

uint64_t bed_cycles(struct bed *b)
{
	struct chim_shell_stats stats;

	chim_shell_get_stats(chim_model_backend_shell(b->be), &stats);
	return stats.cycles;
}

bool bed_until(struct bed *b, bool (*done)(struct bed *b, void *arg), void *arg, uint64_t clocks)
{
	uint64_t end = bed_cycles(b) + clocks;

	while (!done(b, arg)) {
		if (b->dead || bed_cycles(b) >= end)
			return false;
		bed_poll(b);
	}
	return true;
}

/* ---- hand-off */

static bool held(struct bed *b, void *arg)
{
	struct bed_conn *c = arg;

	(void)b;
	return c->hold_done && (c->hold_err || c->marker);
}

static bool initiated(struct bed *b, void *arg)
{
	(void)b;
	return ((struct bed_conn *)arg)->initiated;
}

static bool live(struct bed *b, void *arg)
{
	(void)b;
	return ((struct bed_conn *)arg)->live;
}

static bool terminated(struct bed *b, void *arg)
{
	(void)b;
	return ((struct bed_conn *)arg)->terminated;
}

/* Fresh from its handshake, with a peer that was found fast. */
static void make_image(struct bed *b, struct bed_conn *c, uint32_t isn, uint32_t peer_isn)
{
	uint32_t wnd = b->cfg.peer_wnd;

	c->img = (struct chim_tcp_image){
		.key = c->key,
		.timestamps = true,
		.wscale = true,
		.SndWindScale = PEER_SCALE,
		.RcvWindScale = PEER_SCALE,
		.RemoteMss = PEER_MSS,
		.State = TcpConnectionEstablished,
		.RcvNxt = peer_isn,
		.RcvWnd = (uint32_t)b->cfg.conn_bytes,
		.SndUna = isn,
		.SndNxt = isn,
		.SndMax = isn,
		.SndWnd = wnd,
		.MaxSndWnd = wnd,
		.SendWL1 = peer_isn,
		.CWnd = wnd,
		.SsThresh = wnd,
		.SRtt = 8,
		.RttVar = 4,
		.TsRecent = 1000,
		.TsTime = 5000,
		.taken_ms = chim_wall_ms(),
		.rcv_wup = peer_isn,
		.rto_ms = 200,
		.ttl = 64,
		.path_mtu = MTU,
		.nodelay = true,
	};
}

struct bed_conn *bed_offload(struct bed *b)
{
	struct bed_conn *c = &b->conns[b->n];
	struct chim_hop hop = { .family = 4, .ifindex = 1, .mtu = MTU };
	uint32_t isn = 0xFFFFF000u + 0x01000000u * b->n,
		 peer_isn = 0x7FFFE000u + 0x10000000u * b->n;
	int err;

	if (b->n == BED_CONNS)
		return NULL;
	*c = (struct bed_conn){ .bed = b, .hs.user = c };
	c->key = (struct chim_key){ .family = 4,
				    .local_port = (uint16_t)(FIRST_PORT + b->n),
				    .remote_port = PEER_PORT,
				    .local = { 10, 0, 0, 1 },
				    .remote = { 10, 0, 0, 2 } };
	memcpy(hop.address, c->key.remote, 4);
	memcpy(hop.mac, bed_peer_mac, 6);
	make_image(b, c, isn, peer_isn);
	b->n++;
	err = chim_nic_hold(b->nic, &c->key, c);
	if (err || !bed_until(b, held, c, STEP_CLOCKS) || c->hold_err) {
		fprintf(stderr, "HOLD: %d, done %d, error %d, marker %d\n", err, c->hold_done,
			c->hold_err, c->marker);
		return NULL;
	}
	err = chim_hs_initiate(b->hs, &c->hs, &c->img, &hop);
	if (err || !bed_until(b, initiated, c, STEP_CLOCKS) || c->status != NDIS_STATUS_SUCCESS) {
		fprintf(stderr, "initiate: %d, done %d, status %08x\n", err, c->initiated,
			(unsigned int)c->status);
		return NULL;
	}
	c->peer = peer_open(b->peer, &c->key, isn, peer_isn);
	c->peer->wnd = (uint32_t)b->cfg.conn_bytes;
	c->peer->ts_echo = c->img.TsTime;
	err = chim_nic_release(b->nic, c->entry);
	if (err || !bed_until(b, live, c, STEP_CLOCKS) || c->live_err) {
		fprintf(stderr, "release: %d, done %d, error %d\n", err, c->live, c->live_err);
		return NULL;
	}
	return c;
}

bool bed_upload(struct bed *b, struct bed_conn *c)
{
	int err = chim_hs_terminate(&c->hs);

	if (err || !bed_until(b, terminated, c, STEP_CLOCKS) || c->status != NDIS_STATUS_SUCCESS) {
		fprintf(stderr, "terminate: %d, done %d, status %08x\n", err, c->terminated,
			(unsigned int)c->status);
		return false;
	}
	return true;
}

/* ---- counters */

enum { COUNTERS = 512 };

uint64_t bed_counter(struct bed *b, const char *name)
{
	struct chim_counter c[COUNTERS];
	int n = chim_nic_counters(b->nic, c, COUNTERS);

	for (int i = 0; i < n && i < COUNTERS; i++)
		if (!strcmp(c[i].name, name))
			return c[i].value;
	fprintf(stderr, "no counter %s\n", name);
	exit(1);
}

void bed_print_counters(struct bed *b)
{
	struct chim_counter c[COUNTERS];
	int n = chim_nic_counters(b->nic, c, COUNTERS);

	for (int i = 0; i < n && i < COUNTERS; i++)
		if (c[i].value)
			fprintf(stderr, "  %-24s %llu\n", c[i].name,
				(unsigned long long)c[i].value);
}
