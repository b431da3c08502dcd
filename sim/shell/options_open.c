/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * From options to a running shell: model, wire, impaired link, its log. Hard part: who owns what
 * when a later step fails.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "options.h"

static uint64_t start_ns(const struct chim_options *o)
{
	struct timespec ts;

	if (o->cycles_per_ms)
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* A clean cable needs no link: frames then move without a copy more. */
static int impaired(const struct chim_impair_cfg *link)
{
	unsigned int d;

	for (d = 0; d < CHIM_DIRS; d++) {
		const struct chim_impair_rates *r = &link->dir[d];

		if (r->loss || r->reorder || r->duplicate || r->corrupt || r->delay_ns)
			return 1;
	}
	return 0;
}

int chim_options_open(const struct chim_options *o, struct chim_wire *wire,
		      const struct chim_model_api *api, const struct chim_shell_host *host,
		      void *ctx, struct chim_shell **shell, const char **what)
{
	struct chim_impair_cfg link_cfg = o->link;
	struct chim_wire *own = NULL, *outer = NULL;
	struct chim_impair *link = NULL;
	struct chim_model_api loaded;
	struct chim_shell_cfg cfg = {
		.api = api ? api : &loaded,
		.own_api = !api,
		.host = host,
		.ctx = ctx,
		.cycles_per_ms = o->cycles_per_ms,
		.mem_latency = o->mem_latency,
		.stall_percent = o->stall_percent,
		.seed = o->link.seed,
		.fst_path = o->fst[0] ? o->fst : NULL,
		.pcap_path = o->pcap[0] ? o->pcap : NULL,
		.pcap_wall = o->pcap_wall,
	};
	const char *part;
	int err = 0;

	part = "model";
	if (!api)
		err = chim_model_load(o->config, o->dir[0] ? o->dir : NULL, &loaded);
	if (err)
		goto out;
	part = "wire";
	if (!wire)
		err = chim_wire_open(o->wire, start_ns(o), &own);
	if (err)
		goto err_unload;
	cfg.wire = wire ? wire : own;
	part = "log";
	if (o->log[0]) {
		cfg.log = fopen(o->log, "we");
		if (!cfg.log) {
			err = -errno;
			goto err_wire;
		}
		link_cfg.log = cfg.log;
	}
	part = "wire";
	if (impaired(&o->link)) {
		err = chim_wire_impair(cfg.wire, &link_cfg, &outer, &link);
		if (err)
			goto err_log;
		cfg.wire = outer;
		cfg.link = link;
	}
	part = "device";
	err = chim_shell_open(&cfg, shell);
	if (!err)
		return 0;

	if (outer)
		chim_wire_unimpair(outer);
err_log:
	if (cfg.log)
		fclose(cfg.log);
err_wire:
	chim_wire_close(own);
err_unload:
	if (!api)
		chim_model_unload(&loaded);
out:
	if (what)
		*what = part;
	return err;
}
