/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Verbs about the program as a whole: status, down, statistics, trace. Hard part: none.
 */
#include "api.h"

#include "prog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { COUNTERS = 256, TRACE_EVENTS = 500 };

int chim_api_status(struct chim_request *r)
{
	static const enum chim_place last = CHIM_CLOSED;
	struct chim_prog *prog = r->prog;
	unsigned int by_place[CHIM_CLOSED + 1] = { 0 };
	struct chim_val *conns;
	struct chim_conn *c;
	unsigned int i;

	for (c = prog->conns; c; c = c->next)
		by_place[c->place]++;
	chim_val_put_text(r->data, "device", prog->cfg.device);
	chim_val_put_text(r->data, "interface", prog->cfg.netdev.name);
	chim_val_put_text(r->data, "interface_kind", chim_netdev_kind_name(prog->netdev));
	chim_val_put_bool(r->data, "offload", prog->hs && !prog->paused);
	chim_val_put_int(r->data, "up_ms", (int64_t)(chim_loop_now(prog->loop) - prog->started_ms));
	conns = chim_val_put_object(r->data, "conns");
	for (i = 0; i <= last; i++)
		chim_val_put_int(conns, chim_place_name(i), by_place[i]);
	return 0;
}

int chim_api_down(struct chim_request *r)
{
	bool force = chim_val_get_bool(r->args, "force", false);
	const struct chim_conn *c;
	unsigned int open = 0;

	for (c = r->prog->conns; c; c = c->next)
		open += c->place != CHIM_CLOSED;
	if (open && !force) {
		r->cause = "connections are open; --force resets them";
		return -EBUSY;
	}
	r->prog->stop = true;
	return 0;
}

static void put_path(struct chim_prog *prog, struct chim_val *out)
{
	const struct chim_path_stats *p = &prog->path;
	struct chim_val *o = chim_val_put_object(out, "path");
	struct chim_netdev_stats nd;

	memset(&nd, 0, sizeof(nd));
	chim_netdev_stats(prog->netdev, &nd);
	chim_val_put_int(o, "to_nic", (int64_t)p->to_nic);
	chim_val_put_int(o, "to_kernel", (int64_t)p->to_kernel);
	chim_val_put_int(o, "to_kernel_failed", (int64_t)p->to_kernel_failed);
	chim_val_put_int(o, "nic_full", (int64_t)p->nic_full);
	chim_val_put_int(o, "withheld", (int64_t)p->withheld);
	chim_val_put_int(o, "kernel_muted", (int64_t)p->kernel_muted);
	chim_val_put_int(o, "reassembled", (int64_t)p->reassembled);
	chim_val_put_int(o, "icmp_mtu", (int64_t)p->icmp_mtu);
	chim_val_put_int(o, "bad", (int64_t)p->bad);
	chim_val_put_int(o, "interface_dropped", (int64_t)nd.dropped);
}

static void put_conns(struct chim_prog *prog, struct chim_val *out)
{
	struct chim_carried nic = { 0, 0 }, kernel = { 0, 0 };
	unsigned int offloads = 0, uploads = 0, failures = 0;
	struct chim_val *o = chim_val_put_object(out, "conns");
	struct chim_conn *c;

	for (c = prog->conns; c; c = c->next) {
		struct chim_carried n, k;

		chim_conn_totals(c, &k, &n);
		nic.sent += n.sent;
		nic.received += n.received;
		kernel.sent += k.sent;
		kernel.received += k.received;
		offloads += c->offloads;
		uploads += c->uploads;
		failures += c->offload_failures;
	}
	chim_val_put_int(o, "nic_sent", (int64_t)nic.sent);
	chim_val_put_int(o, "nic_received", (int64_t)nic.received);
	chim_val_put_int(o, "kernel_sent", (int64_t)kernel.sent);
	chim_val_put_int(o, "kernel_received", (int64_t)kernel.received);
	chim_val_put_int(o, "offloads", offloads);
	chim_val_put_int(o, "uploads", uploads);
	chim_val_put_int(o, "offload_failures", failures);
}

static int put_counters(struct chim_prog *prog, struct chim_val *out, bool zeros)
{
	struct chim_counter *list = calloc(COUNTERS, sizeof(*list));
	struct chim_val *o = chim_val_put_object(out, "device");
	int n, i;

	if (!list)
		return -ENOMEM;
	n = chim_nic_counters(prog->nic, list, COUNTERS);
	for (i = 0; i < n && i < COUNTERS; i++)
		if (list[i].value || zeros)
			chim_val_put_int(o, list[i].name, (int64_t)list[i].value);
	free(list);
	return n < 0 ? n : 0;
}

static void put_backend_count(void *ctx, const char *name, uint64_t value)
{
	chim_val_put_int(ctx, name, (int64_t)value);
}

int chim_api_stats_show(struct chim_request *r)
{
	struct chim_prog *prog = r->prog;
	struct chim_val *o;
	int rule, err;

	put_conns(prog, r->data);
	put_path(prog, r->data);
	o = chim_val_put_object(r->data, "router");
	for (rule = 0; rule < CHIM_RULES; rule++) {
		uint64_t n = chim_ndis_count(prog->ndis, (enum chim_ndis_rule)rule);
		const struct chim_ndis_rule_info *info =
			chim_ndis_rule_get((enum chim_ndis_rule)rule);

		if (n && info)
			chim_val_put_int(o, info->name, (int64_t)n);
	}
	if (prog->be->ops->stats)
		prog->be->ops->stats(prog->be, put_backend_count,
				     chim_val_put_object(r->data, "backend"));
	err = put_counters(prog, r->data, chim_val_get_bool(r->args, "all", false));
	if (err)
		r->cause = "the counters cannot be read";
	return err;
}

int chim_api_trace_show(struct chim_request *r)
{
	uint64_t after = (uint64_t)chim_val_get_int(r->args, "after", 0);
	bool follow = chim_val_get_bool(r->args, "follow", false);
	struct chim_prog *prog = r->prog;
	const struct chim_event *e = chim_evlog_next(&prog->log, after);
	struct chim_val *list;
	int n;

	if (!e && follow && chim_loop_now(prog->loop) - r->since_ms < 1000)
		return CHIM_AGAIN;
	list = chim_val_put_list(r->data, "events");
	for (n = 0; e && n < TRACE_EVENTS; n++, e = chim_evlog_next(&prog->log, after)) {
		struct chim_val *o = chim_val_put_object(list, NULL);

		chim_val_put_int(o, "seq", (int64_t)e->seq);
		chim_val_put_int(o, "ms", (int64_t)(e->time_ms - prog->started_ms));
		chim_val_put_text(o, "level", chim_level_name(e->level));
		chim_val_put_int(o, "conn", e->conn);
		chim_val_put_text(o, "text", e->text);
		after = e->seq;
	}
	return 0;
}

/* args.file: start; without: stop. */
int chim_api_trace_pcap(struct chim_request *r)
{
	const char *file = chim_val_get_text(r->args, "file", NULL);
	struct chim_prog *prog = r->prog;
	int err = 0;

	if (file && prog->capture) {
		r->cause = "a capture runs already";
		return -EBUSY;
	}
	if (file) {
		err = chim_capture_open(file, &prog->capture);
		r->cause = "the file cannot be written";
		if (!err)
			chim_val_put_text(r->data, "file", file);
		return err;
	}
	if (!prog->capture) {
		r->cause = "no capture runs";
		return -ENOENT;
	}
	chim_val_put_int(r->data, "frames", (int64_t)chim_capture_frames(prog->capture));
	err = chim_capture_close(prog->capture);
	prog->capture = NULL;
	r->cause = "the capture is not complete";
	return err;
}
