/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * `conn list` and `conn show`. Hard part: none.
 */
#include "api.h"

#include "move.h"
#include "prog.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

struct chim_conn *chim_api_conn(struct chim_request *r)
{
	int64_t id = chim_val_get_int(r->args, "id", 0);
	struct chim_conn *c = NULL;

	if (id > 0 && id <= UINT32_MAX)
		c = chim_conn_by_id(r->prog, (uint32_t)id);
	if (!c)
		r->cause = "no such connection";
	return c;
}

static void put_address(struct chim_val *out, const char *key, const struct chim_key *k, bool local)
{
	const uint8_t *bytes = local ? k->local : k->remote;
	unsigned int port = local ? k->local_port : k->remote_port;
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(k->family == 6 ? AF_INET6 : AF_INET, bytes, text, sizeof(text));
	chim_val_put_form(out, key, k->family == 6 ? "[%s]:%u" : "%s:%u", text, port);
}

static void put_summary(struct chim_conn *c, struct chim_val *out)
{
	struct chim_carried kernel, nic;

	chim_conn_totals(c, &kernel, &nic);
	chim_val_put_int(out, "id", c->id);
	chim_val_put_text(out, "place", chim_place_name(c->place));
	put_address(out, "local", &c->key, true);
	put_address(out, "remote", &c->key, false);
	chim_val_put_int(out, "nic_sent", (int64_t)nic.sent);
	chim_val_put_int(out, "nic_received", (int64_t)nic.received);
	chim_val_put_int(out, "kernel_sent", (int64_t)kernel.sent);
	chim_val_put_int(out, "kernel_received", (int64_t)kernel.received);
	chim_val_put_int(out, "offloads", c->offloads);
	chim_val_put_int(out, "uploads", c->uploads);
}

int chim_api_conn_list(struct chim_request *r)
{
	bool all = chim_val_get_bool(r->args, "all", false);
	struct chim_val *list = chim_val_put_list(r->data, "conns");
	struct chim_conn *c;

	for (c = r->prog->conns; c; c = c->next)
		if (all || c->place != CHIM_CLOSED)
			put_summary(c, chim_val_put_object(list, NULL));
	return 0;
}

static void put_move(struct chim_val *out, const char *key, const struct chim_move_result *m)
{
	struct chim_val *o = chim_val_put_object(out, key);

	chim_val_put_text(o, "result", m->err ? strerror(-m->err) : "ok");
	chim_val_put_int(o, "unacknowledged", (int64_t)m->unacknowledged);
	chim_val_put_int(o, "unsent", (int64_t)m->unsent);
	chim_val_put_int(o, "undelivered", (int64_t)m->undelivered);
	chim_val_put_int(o, "held_frames", m->held);
	chim_val_put_int(o, "ms", (int64_t)m->ms);
}

static void put_nic(struct chim_conn *c, struct chim_val *out)
{
	struct chim_val *o = chim_val_put_object(out, "nic");
	struct chim_conn_info i;

	if (chim_nic_conn_info(c->prog->nic, c->move.entry_id, &i))
		return;
	chim_val_put_int(o, "conn", i.conn);
	chim_val_put_text(o, "entry", i.entry);
	chim_val_put_text(o, "tcp_state", i.tcp_state);
	chim_val_put_int(o, "SndUna", i.snd_una);
	chim_val_put_int(o, "SndMax", i.snd_max);
	chim_val_put_int(o, "posted_end", i.snd_end);
	chim_val_put_int(o, "RcvPlaced", i.rcv_placed);
	chim_val_put_bool(o, "peer_closed", i.rcv_fin);
}

static void put_kernel(struct chim_conn *c, struct chim_val *out)
{
	struct chim_val *o = chim_val_put_object(out, "kernel");
	struct tcp_info i;

	if (chim_tcp_info(c->fd, &i))
		return;
	chim_val_put_int(o, "tcp_state", i.tcpi_state);
	chim_val_put_int(o, "CWnd", (int64_t)i.tcpi_snd_cwnd * i.tcpi_snd_mss);
	chim_val_put_real(o, "srtt_ms", i.tcpi_rtt / 1000.0);
	chim_val_put_real(o, "rttvar_ms", i.tcpi_rttvar / 1000.0);
	chim_val_put_int(o, "segs_sent", i.tcpi_segs_out);
	chim_val_put_int(o, "segs_retransmitted", i.tcpi_total_retrans);
	chim_val_put_int(o, "segs_received", i.tcpi_segs_in);
}

/* What the target answers to NdisQueryOffloadState. */
static void put_query(struct chim_conn *c, struct chim_val *out)
{
	struct chim_val *o = chim_val_put_object(out, "query");

	chim_val_put_int(o, "State", c->state.State);
	chim_val_put_int(o, "RcvNxt", c->state.RcvNxt);
	chim_val_put_int(o, "RcvWnd", c->state.RcvWnd);
	chim_val_put_int(o, "SndUna", c->state.SndUna);
	chim_val_put_int(o, "SndNxt", c->state.SndNxt);
	chim_val_put_int(o, "SndMax", c->state.SndMax);
	chim_val_put_int(o, "SndWnd", c->state.SndWnd);
	chim_val_put_int(o, "CWnd", c->state.CWnd);
	chim_val_put_int(o, "SsThresh", c->state.SsThresh);
	chim_val_put_int(o, "SRtt", c->state.SRtt);
	chim_val_put_int(o, "RttVar", c->state.RttVar);
	chim_val_put_int(o, "TsRecent", c->state.TsRecent);
	chim_val_put_int(o, "TsTime", c->state.TsTime);
	chim_val_put_int(o, "SendBacklogSize", c->state.SendBacklogSize);
	chim_val_put_int(o, "ReceiveBacklogSize", c->state.ReceiveBacklogSize);
}

static void put_all(struct chim_conn *c, struct chim_val *out)
{
	size_t unacknowledged, undelivered;

	put_summary(c, out);
	chim_conn_backlog(c, &unacknowledged, &undelivered);
	chim_val_put_int(out, "unacknowledged", (int64_t)unacknowledged);
	chim_val_put_int(out, "undelivered", (int64_t)undelivered);
	chim_val_put_int(out, "relay_to_net", (int64_t)chim_relay_tx_waiting(&c->relay));
	chim_val_put_int(out, "relay_to_app", (int64_t)chim_relay_rx_waiting(&c->relay));
	chim_val_put_int(out, "posted", (int64_t)c->hs.posted);
	chim_val_put_int(out, "held_dropped", (int64_t)c->held.dropped);
	chim_val_put_int(out, "withheld", (int64_t)c->withheld);
	chim_val_put_int(out, "offload_failures", c->offload_failures);
	chim_val_put_text(out, "last_upload", c->move.why ? c->move.why : "");
	put_move(out, "last_in", &c->move.in);
	put_move(out, "last_out", &c->move.out);
	if (c->place == CHIM_IN_NIC)
		put_nic(c, out);
	else if (c->fd >= 0 && !chim_move_running(c))
		put_kernel(c, out);
}

int chim_api_conn_show(struct chim_request *r)
{
	struct chim_conn *c = chim_api_conn(r);

	if (!c)
		return -ENOENT;
	if (!chim_val_get_bool(r->args, "query", false)) {
		put_all(c, r->data);
		return 0;
	}
	if (!r->step) {
		int err;

		c->queried = c->query_failed = false;
		err = chim_hs_query(&c->hs);
		if (err) {
			r->cause = "only a connection in the NIC can be queried";
			return err;
		}
		r->step = 1;
	}
	if (c->query_failed) {
		r->cause = "the target failed the query";
		return -EIO;
	}
	if (!c->queried && c->hs.querying)
		return CHIM_AGAIN;
	put_all(c, r->data);
	put_query(c, r->data);
	return 0;
}
