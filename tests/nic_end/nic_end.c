/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The host's end of offloaded connections, see nic_end.h.
 */
#include "nic_end.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chimney/backend.h"
#include "stream.h"
#include "tcp_queue.h"

enum {
	STEP_MS = 20, /* bound of one step of a hand-off, firmware included; device time */
	RCV_INDICATION = 64 << 10, /* most bytes of one indication */
	ARENA = 256 << 20,
	COUNTERS = 512,
};

/* In the course of a transfer one side's numbers wrap past 0, the other's past the sign. */
const struct nic_end_side nic_end_sides[2] = {
	{ { 2, 0, 0, 0, 0, 1 }, { 10, 0, 0, 1 }, 20000, 1, 0xFFFFF000u, 5000 },
	{ { 2, 0, 0, 0, 0, 2 }, { 10, 0, 0, 2 }, 5001, 0, 0x7FFFE000u, 0xFFFFFF00u },
};

/* ---- the NIC's events */

static void on_rx(void *ctx, const uint8_t *frame, size_t len, const struct chim_rx_info *info)
{
	struct nic_end *e = ctx;

	if (info->cls == CHIM_RX_MARKER) {
		e->marker = true;
		return;
	}
	if (info->cls == CHIM_RX_HELD)
		chim_nic_give_up(e->nic, info->conn);
	e->plain++;
	e->last_len = len < sizeof(e->last) ? len : sizeof(e->last);
	memcpy(e->last, frame, e->last_len);
}

static void on_hold_done(void *ctx, void *cookie, int err, chim_conn_t conn)
{
	struct nic_end_conn *c = cookie;

	(void)ctx;
	c->hold_done = true;
	c->hold_err = err;
	c->entry = conn;
}

static void on_live_done(void *ctx, chim_conn_t conn, int err)
{
	struct nic_end *e = ctx;

	for (unsigned int i = 0; i < e->n; i++) {
		if (e->conns[i].entry == conn) {
			e->conns[i].live = true;
			e->conns[i].live_err = err;
		}
	}
}

static void on_dead(void *ctx, int err)
{
	fprintf(stderr, "the device is dead: %s\n", strerror(-err));
	((struct nic_end *)ctx)->dead = true;
}

/* ---- the protocol side's events */

static int hs_mem(void *ctx, size_t len, void **va, uint64_t *iova)
{
	return chim_nic_mem(((struct nic_end *)ctx)->nic, len, va, iova);
}

static void hs_mem_free(void *ctx, void *va)
{
	chim_nic_mem_free(((struct nic_end *)ctx)->nic, va);
}

static void hs_initiated(void *ctx, struct chim_hs_conn *hs, NDIS_STATUS status)
{
	struct nic_end_conn *c = hs->user;

	(void)ctx;
	c->initiated = true;
	c->status = (int)status;
}

static void hs_terminated(void *ctx, struct chim_hs_conn *hs, NDIS_STATUS status,
			  struct chim_tcp_image *img)
{
	struct nic_end_conn *c = hs->user;

	(void)ctx;
	c->terminated = true;
	c->status = (int)status;
	if (status == NDIS_STATUS_SUCCESS)
		c->img = *img;
}

static void hs_sent(void *ctx, struct chim_hs_conn *hs)
{
	(void)ctx;
	(void)hs;
}

static NDIS_STATUS hs_indicate(void *ctx, struct chim_hs_conn *hs, PNET_BUFFER_LIST nbl,
			       PULONG consumed)
{
	struct nic_end_conn *c = hs->user;
	struct nic_end *e = ctx;

	*consumed = 0;
	for (PNET_BUFFER nb = nbl->FirstNetBuffer; nb; nb = nb->Next) {
		struct chim_nb_iter it = chim_nb_begin(nb);
		struct chim_nb_frag f;

		while (chim_nb_next(&it, UINT32_MAX, &f)) {
			c->bad |= !stream_matches(f.va, !e->cfg.side, c->received, f.len);
			c->received += f.len;
			*consumed += f.len;
		}
	}
	/* Ours until it is returned, which is not allowed yet. */
	nbl->Next = e->taken;
	e->taken = nbl;
	return NDIS_STATUS_SUCCESS;
}

static void hs_event(void *ctx, struct chim_hs_conn *hs, ULONG type, ULONG information)
{
	struct nic_end_conn *c = hs->user;

	(void)ctx;
	c->events |= 1u << (type & 31);
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
	((struct nic_end *)ctx)->warned++;
	fprintf(stderr, "status indication %08x\n", (unsigned int)code);
}

static void hs_warn(void *ctx, const char *what)
{
	((struct nic_end *)ctx)->warned++;
	fprintf(stderr, "warning: %s\n", what);
}

static void on_rule(void *ctx, enum chim_ndis_rule rule, const char *where, const void *what)
{
	(void)what;
	((struct nic_end *)ctx)->rules++;
	fprintf(stderr, "rule %s broken in %s\n", chim_ndis_rule_get(rule)->name, where);
}

/* ---- open, poll, close */

void nic_end_need(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-err));
	exit(1);
}

void nic_end_open(struct nic_end *e, struct chim_backend *be, const struct nic_end_cfg *cfg)
{
	static const struct chim_nic_events events = { on_rx, on_hold_done, on_live_done, on_dead };
	/* Nothing is queried and nothing forwarded here. */
	static const struct chim_hs_ops ops = {
		.mem = hs_mem,
		.mem_free = hs_mem_free,
		.initiated = hs_initiated,
		.terminated = hs_terminated,
		.sent = hs_sent,
		.indicate = hs_indicate,
		.event = hs_event,
		.reachability = hs_reachability,
		.status = hs_status,
		.warn = hs_warn,
	};
	struct chim_hs_limits limits = { (uint32_t)cfg->conn_bytes, RCV_INDICATION };
	struct chim_ndis_config router = { .rule = on_rule, .ctx = e };
	struct chim_nic_cfg nic = {
		.events = &events,
		.ctx = e,
		.mtu = NIC_END_MTU,
		.conns = NIC_END_CONNS,
		.arena_bytes = ARENA,
		.conn_rcv_bytes = cfg->conn_bytes,
	};

	*e = (struct nic_end){ .cfg = *cfg, .be = be, .piece = malloc(cfg->piece) };
	nic_end_need(e->piece ? 0 : -ENOMEM, "end");
	memcpy(nic.mac, nic_end_sides[cfg->side].mac, 6);
	nic_end_need(chim_ndis_create(&router, &e->ndis), "router");
	nic_end_need(chim_nic_open(be, e->ndis, &nic, &e->nic), "NIC");
	nic_end_need(chim_nic_info(e->nic, &e->info), "NIC");
	nic_end_need(chim_hs_create(e->ndis, chim_nic_adapter(e->nic), &ops, e, &limits, &e->hs),
		     "protocol side");
}

static void post(struct nic_end *e, struct nic_end_conn *c)
{
	while (c->posted < c->to_send && c->hs.posted < e->cfg.conn_bytes) {
		uint64_t left = c->to_send - c->posted;
		size_t n = left < e->cfg.piece ? (size_t)left : e->cfg.piece;

		stream_fill(e->piece, e->cfg.side, c->posted, n);
		if (chim_hs_send(&c->hs, e->piece, n))
			return;
		c->posted += n;
	}
}

bool nic_end_poll(struct nic_end *e)
{
	for (unsigned int i = 0; i < e->n; i++)
		if (e->conns[i].live && !e->conns[i].live_err)
			post(e, &e->conns[i]);
	if (chim_nic_poll(e->nic, e->cfg.poll) < 0)
		e->dead = true;
	while (e->taken) {
		PNET_BUFFER_LIST nbl = e->taken;

		e->taken = nbl->Next;
		nbl->Next = NULL;
		chim_hs_return(e->hs, nbl);
	}
	return !e->dead;
}

static uint32_t now_ms(struct nic_end *e)
{
	uint32_t ms;

	nic_end_need(e->be->ops->now_ms(e->be, &ms), "time");
	return ms;
}

bool nic_end_until(struct nic_end *e, bool (*done)(void *arg), void *arg, uint32_t ms)
{
	uint32_t from = now_ms(e);

	while (!done(arg))
		if (now_ms(e) - from >= ms || !nic_end_poll(e))
			return false;
	return true;
}

static bool destroyed(void *arg)
{
	struct nic_end *e = arg;

	return !chim_hs_flush(e->hs) && !chim_hs_destroy(e->hs);
}

bool nic_end_close(struct nic_end *e)
{
	bool ok = nic_end_until(e, destroyed, e, STEP_MS) && !chim_nic_close(e->nic) &&
		  !chim_ndis_destroy(e->ndis);

	for (unsigned int i = 0; i < e->n; i++)
		chim_tcp_image_free(&e->conns[i].img);
	free(e->piece);
	return ok;
}

/* ---- hand-off */

static uint16_t port(unsigned int side, unsigned int i)
{
	return (uint16_t)(nic_end_sides[side].port + i * nic_end_sides[side].port_step);
}

/* Fresh from its handshake, with an other side that was found fast. */
struct nic_end_conn *nic_end_new(struct nic_end *e)
{
	struct nic_end_conn *c = &e->conns[e->n];
	unsigned int i = e->n, side = e->cfg.side;
	const struct nic_end_side *here = &nic_end_sides[side], *there = &nic_end_sides[!side];
	uint32_t isn = here->isn + (i << 24), peer_isn = there->isn + (i << 24);
	uint32_t wnd = e->cfg.snd_wnd;

	if (i == NIC_END_CONNS)
		return NULL;
	e->n++;
	*c = (struct nic_end_conn){ .hs.user = c, .isn = isn, .peer_isn = peer_isn };
	c->img = (struct chim_tcp_image){
		.key = { .family = 4, .local_port = port(side, i), .remote_port = port(!side, i) },
		.timestamps = true,
		.wscale = true,
		.SndWindScale = NIC_END_SCALE,
		.RcvWindScale = NIC_END_SCALE,
		.RemoteMss = NIC_END_MSS,
		.State = TcpConnectionEstablished,
		.RcvNxt = peer_isn,
		.RcvWnd = (uint32_t)e->cfg.conn_bytes,
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
		.TsRecent = there->clock,
		.TsTime = here->clock,
		.taken_ms = chim_wall_ms(),
		.rcv_wup = peer_isn,
		.rto_ms = 200,
		.ttl = 64,
		.path_mtu = NIC_END_MTU,
		.nodelay = true,
	};
	memcpy(c->img.key.local, here->address, sizeof(here->address));
	memcpy(c->img.key.remote, there->address, sizeof(there->address));
	return c;
}

static bool is_set(void *arg)
{
	return *(bool *)arg;
}

/* What was asked for with @err is answered by @done, without @error. */
static bool step(struct nic_end *e, const char *what, int err, bool *done, const int *error)
{
	if (!err && nic_end_until(e, is_set, done, STEP_MS) && !*error)
		return true;
	fprintf(stderr, "side %u: %s: %d, done %d, error %d\n", e->cfg.side, what, err, *done,
		*error);
	return false;
}

bool nic_end_offload(struct nic_end *e, struct nic_end_conn *c)
{
	const struct nic_end_side *there = &nic_end_sides[!e->cfg.side];
	struct chim_hop hop = { .family = 4, .ifindex = 1, .mtu = NIC_END_MTU };

	memcpy(hop.address, there->address, sizeof(there->address));
	memcpy(hop.mac, there->mac, sizeof(there->mac));
	e->marker = false;
	return step(e, "hold", chim_nic_hold(e->nic, &c->img.key, c), &c->hold_done,
		    &c->hold_err) &&
	       step(e, "marker", 0, &e->marker, &c->hold_err) &&
	       step(e, "initiate", chim_hs_initiate(e->hs, &c->hs, &c->img, &hop), &c->initiated,
		    &c->status) &&
	       step(e, "release", chim_nic_release(e->nic, c->entry), &c->live, &c->live_err);
}

bool nic_end_upload(struct nic_end *e, struct nic_end_conn *c)
{
	c->live = false;
	return step(e, "terminate", chim_hs_terminate(&c->hs), &c->terminated, &c->status);
}

bool nic_end_done(const struct nic_end_conn *c, uint64_t bytes)
{
	return c->posted == c->to_send && !c->hs.posted && c->received == bytes;
}

/* ---- counters */

uint64_t nic_end_counter(struct nic_end *e, const char *name)
{
	struct chim_counter c[COUNTERS];
	int n = chim_nic_counters(e->nic, c, COUNTERS);

	for (int i = 0; i < n && i < COUNTERS; i++)
		if (!strcmp(c[i].name, name))
			return c[i].value;
	nic_end_need(-ENOENT, name);
	return 0;
}

void nic_end_print_counters(struct nic_end *e)
{
	struct chim_counter c[COUNTERS];
	int n = chim_nic_counters(e->nic, c, COUNTERS);

	for (int i = 0; i < n && i < COUNTERS; i++)
		if (c[i].value)
			fprintf(stderr, "  %-24s %llu\n", c[i].name,
				(unsigned long long)c[i].value);
}
