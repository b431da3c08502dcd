/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * One end of a connection between two NICs, see nic_end.h. Hard part: none.
 */
#include "nic_end.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../bench/peer.h"
#include "chimney/backend.h"
#include "hoststack.h"

enum {
	STEP_MS = 1000, /* bound of one step of a hand-off, device time */
	MTU = 1500,
	PIECE = 10007, /* bytes of one posted send: no multiple of a segment */
	ARENA = 16 << 20,
	COUNTERS = 512,
	CLOSE_POLLS = 10000,
};

static const uint8_t macs[2][6] = { { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 } };
static const uint8_t addresses[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
static const uint16_t ports[2] = { 20000, 5001 };
/* The first wraps past 0, the second past the sign, in the middle of the transfer. */
static const uint32_t isns[2] = { 0xFFFFF000u, 0x7FFFE000u };
static const uint32_t clocks[2] = { 5000, 0xFFFFFF00u }; /* of the timestamps, ms */
static const uint32_t streams[2] = { PEER_STREAM_NIC, PEER_STREAM_PEER };

struct nic_end {
	struct nic_end_cfg cfg;
	struct chim_backend *be;
	struct chim_ndis *ndis;
	struct chim_nic *nic;
	struct chim_hs *hs;
	struct chim_hs_conn conn;
	struct chim_key key;
	struct chim_tcp_image img; /* as offloaded, then as given back */
	chim_conn_t entry;
	int hold_err, live_err, status;
	bool hold_done, marker, initiated, live, terminated, started, dead, bad;
	PNET_BUFFER_LIST taken; /* indicated, to be returned */
	uint64_t posted, received;
	struct nic_end_result count;
	uint8_t piece[PIECE];
};

/* ---- the NIC's events */

static void on_rx(void *ctx, const uint8_t *frame, size_t len, const struct chim_rx_info *info)
{
	struct nic_end *e = ctx;

	(void)frame;
	(void)len;
	if (info->cls == CHIM_RX_MARKER) {
		e->marker = true;
		return;
	}
	if (info->cls == CHIM_RX_HELD)
		chim_nic_give_up(e->nic, info->conn);
	e->count.plain++;
}

static void on_hold_done(void *ctx, void *cookie, int err, chim_conn_t conn)
{
	struct nic_end *e = ctx;

	(void)cookie;
	e->hold_done = true;
	e->hold_err = err;
	e->entry = conn;
}

static void on_live_done(void *ctx, chim_conn_t conn, int err)
{
	struct nic_end *e = ctx;

	(void)conn;
	e->live = true;
	e->live_err = err;
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
	struct nic_end *e = ctx;

	(void)hs;
	e->initiated = true;
	e->status = (int)status;
}

static void hs_terminated(void *ctx, struct chim_hs_conn *hs, NDIS_STATUS status,
			  struct chim_tcp_image *img)
{
	struct nic_end *e = ctx;

	(void)hs;
	e->terminated = true;
	e->status = (int)status;
	if (status == NDIS_STATUS_SUCCESS)
		e->img = *img;
}

static void hs_sent(void *ctx, struct chim_hs_conn *hs)
{
	(void)ctx;
	(void)hs;
}

static NDIS_STATUS hs_indicate(void *ctx, struct chim_hs_conn *hs, PNET_BUFFER_LIST nbl,
			       PULONG consumed)
{
	struct nic_end *e = ctx;

	(void)hs;
	*consumed = 0;
	for (PNET_BUFFER nb = nbl->FirstNetBuffer; nb; nb = nb->Next) {
		struct chim_nb_iter it = chim_nb_begin(nb);
		struct chim_nb_frag f;

		while (chim_nb_next(&it, UINT32_MAX, &f)) {
			e->bad |= !peer_matches(f.va, streams[!e->cfg.side], e->received, f.len);
			e->received += f.len;
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
	(void)hs;
	((struct nic_end *)ctx)->count.events++;
	fprintf(stderr, "event %u of the connection, information %u\n", type, information);
}

static uint32_t hs_reachability(void *ctx, const struct chim_hop *hop)
{
	(void)ctx;
	(void)hop;
	return 1;
}

static void hs_status(void *ctx, NDIS_STATUS code)
{
	((struct nic_end *)ctx)->count.events++;
	fprintf(stderr, "status indication %08x\n", (unsigned int)code);
}

static void hs_warn(void *ctx, const char *what)
{
	((struct nic_end *)ctx)->count.warnings++;
	fprintf(stderr, "warning: %s\n", what);
}

static void on_rule(void *ctx, enum chim_ndis_rule rule, const char *where, const void *what)
{
	(void)what;
	((struct nic_end *)ctx)->count.rules++;
	fprintf(stderr, "rule %s broken in %s\n", chim_ndis_rule_get(rule)->name, where);
}

/* ---- open, poll, close */

static void need(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-err));
	exit(1);
}

struct nic_end *nic_end_open(struct chim_backend *be, const struct nic_end_cfg *cfg)
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
	struct chim_hs_limits limits = { NIC_END_WINDOW, NIC_END_WINDOW / 2 };
	struct nic_end *e = calloc(1, sizeof(*e));
	struct chim_ndis_config router = { .rule = on_rule, .ctx = e };
	struct chim_nic_cfg nic = {
		.events = &events,
		.ctx = e,
		.mtu = MTU,
		.arena_bytes = ARENA,
		.conn_rcv_bytes = NIC_END_WINDOW,
	};

	need(e ? 0 : -ENOMEM, "end");
	e->cfg = *cfg;
	e->be = be;
	memcpy(nic.mac, macs[cfg->side], 6);
	need(chim_ndis_create(&router, &e->ndis), "router");
	need(chim_nic_open(be, e->ndis, &nic, &e->nic), "NIC");
	need(chim_hs_create(e->ndis, chim_nic_adapter(e->nic), &ops, e, &limits, &e->hs),
	     "protocol side");
	return e;
}

static void post(struct nic_end *e)
{
	while (e->posted < e->cfg.bytes && e->conn.posted < NIC_END_WINDOW) {
		uint64_t left = e->cfg.bytes - e->posted;
		size_t n = left < PIECE ? (size_t)left : PIECE;

		peer_fill(e->piece, streams[e->cfg.side], e->posted, n);
		if (chim_hs_send(&e->conn, e->piece, n))
			return;
		e->posted += n;
	}
}

bool nic_end_poll(struct nic_end *e)
{
	if (e->started)
		post(e);
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

/* Polls until *@flag, at most STEP_MS. */
static bool until(struct nic_end *e, const bool *flag)
{
	uint32_t from, now;

	need(e->be->ops->now_ms(e->be, &from), "time");
	for (now = from; !*flag && now - from < STEP_MS;) {
		if (!nic_end_poll(e) || e->be->ops->now_ms(e->be, &now))
			return false;
	}
	return *flag;
}

bool nic_end_close(struct nic_end *e)
{
	int err = -EBUSY;
	bool ok;

	for (unsigned int i = 0; i < CLOSE_POLLS && err; i++) {
		if (!chim_hs_flush(e->hs))
			err = chim_hs_destroy(e->hs);
		if (err)
			nic_end_poll(e);
	}
	ok = !err && !chim_nic_close(e->nic) && !chim_ndis_destroy(e->ndis);
	chim_tcp_image_free(&e->img);
	free(e);
	return ok;
}

/* ---- the connection */

/* Fresh from its handshake, with an end like this one. */
static void make_image(struct nic_end *e)
{
	unsigned int side = e->cfg.side;
	uint32_t isn = isns[side], peer_isn = isns[!side];
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	e->img = (struct chim_tcp_image){
		.key = e->key,
		.timestamps = true,
		.wscale = true,
		.SndWindScale = NIC_END_SCALE,
		.RcvWindScale = NIC_END_SCALE,
		.RemoteMss = PEER_MSS,
		.State = TcpConnectionEstablished,
		.RcvNxt = peer_isn,
		.RcvWnd = NIC_END_WINDOW,
		.SndUna = isn,
		.SndNxt = isn,
		.SndMax = isn,
		.SndWnd = NIC_END_WINDOW,
		.MaxSndWnd = NIC_END_WINDOW,
		.SendWL1 = peer_isn,
		.CWnd = NIC_END_WINDOW,
		.SsThresh = NIC_END_WINDOW,
		.SRtt = 8,
		.RttVar = 4,
		.TsRecent = clocks[!side],
		.TsTime = clocks[side],
		.taken_ms = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000,
		.rcv_wup = peer_isn,
		.rto_ms = 200,
		.ttl = 64,
		.path_mtu = MTU,
		.nodelay = true,
	};
}

static bool step(struct nic_end *e, const char *what, int err, const bool *done, const int *error)
{
	if (!err && until(e, done) && !*error)
		return true;
	fprintf(stderr, "side %u: %s: %d, done %d, error %d\n", e->cfg.side, what, err, *done,
		*error);
	return false;
}

bool nic_end_offload(struct nic_end *e)
{
	unsigned int side = e->cfg.side;
	struct chim_hop hop = { .family = 4, .ifindex = 1, .mtu = MTU };

	e->key = (struct chim_key){ .family = 4,
				    .local_port = ports[side],
				    .remote_port = ports[!side] };
	memcpy(e->key.local, addresses[side], 4);
	memcpy(e->key.remote, addresses[!side], 4);
	memcpy(hop.address, addresses[!side], 4);
	memcpy(hop.mac, macs[!side], 6);
	make_image(e);
	return step(e, "hold", chim_nic_hold(e->nic, &e->key, e), &e->hold_done, &e->hold_err) &&
	       step(e, "marker", 0, &e->marker, &e->hold_err) &&
	       step(e, "initiate", chim_hs_initiate(e->hs, &e->conn, &e->img, &hop), &e->initiated,
		    &e->status) &&
	       step(e, "release", chim_nic_release(e->nic, e->entry), &e->live, &e->live_err);
}

void nic_end_start(struct nic_end *e)
{
	e->started = true;
}

bool nic_end_done(const struct nic_end *e, uint64_t bytes)
{
	return e->posted == e->cfg.bytes && !e->conn.posted && e->received == bytes;
}

bool nic_end_upload(struct nic_end *e, struct nic_end_result *result)
{
	const struct chim_tcp_image *img = &e->img;

	e->started = false;
	if (!step(e, "terminate", chim_hs_terminate(&e->conn), &e->terminated, &e->status))
		return false;
	*result = e->count;
	result->isn = isns[e->cfg.side];
	result->snd_una = img->SndUna;
	result->snd_nxt = img->SndNxt;
	result->snd_max = img->SndMax;
	result->snd_wnd = img->SndWnd;
	result->rcv_nxt = img->RcvNxt;
	result->rcv_wnd = img->RcvWnd;
	result->ts_recent = img->TsRecent;
	result->ts_time = img->TsTime;
	result->snd_left = img->snd.len;
	result->rcv_left = img->rcv.len;
	result->established = img->State == TcpConnectionEstablished;
	return true;
}

uint64_t nic_end_received(const struct nic_end *e)
{
	return e->received;
}

bool nic_end_intact(const struct nic_end *e)
{
	return !e->bad;
}

uint64_t nic_end_counter(struct nic_end *e, const char *name)
{
	struct chim_counter c[COUNTERS];
	int n = chim_nic_counters(e->nic, c, COUNTERS);

	for (int i = 0; i < n && i < COUNTERS; i++)
		if (!strcmp(c[i].name, name))
			return c[i].value;
	need(-ENOENT, name);
	return 0;
}
