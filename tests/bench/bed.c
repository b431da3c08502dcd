/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The bed, see bed.h.
 */
#include "bed.h"

#include <errno.h>
#include <stdio.h>

#include "../../host/backend/model.h"
#include "chimney/backend.h"

void bed_open(struct bed *b, const struct bed_cfg *cfg)
{
	struct peer_cfg peer = {
		.cycles_per_ms = cfg->cycles_per_ms,
		/* A look happens at least every poll, and before every register access. */
		.ahead = cfg->end.poll + 16,
		.rcv_wnd = cfg->end.snd_wnd,
	};
	struct chim_options o;
	struct chim_wire *wire;
	const char *what = "";

	nic_end_need(sscanf(cfg->model, "w%u_", &peer.bus_bytes) == 1 ? 0 : -EINVAL, cfg->model);
	peer.bus_bytes /= 8;
	chim_options_init(&o);
	nic_end_need(chim_options_set(&o, "config", cfg->model), "config");
	nic_end_need(chim_options_set(&o, "dir", cfg->dir), "dir");
	if (cfg->pcap)
		nic_end_need(chim_options_set(&o, "pcap", cfg->pcap), "pcap");
	o.cycles_per_ms = cfg->cycles_per_ms;
	o.mem_latency = cfg->mem_latency;
	o.stall_percent = cfg->stall_percent;
	b->peer = peer_create(&peer, &wire);
	nic_end_need(b->peer ? 0 : -ENOMEM, "peer");
	nic_end_need(chim_model_backend_create(&o, wire, NULL, &b->be, &what), what);
	nic_end_open(&b->end, b->be, &cfg->end);
}

bool bed_close(struct bed *b)
{
	bool ok = nic_end_close(&b->end);

	chim_backend_close(b->be);
	return ok;
}

uint64_t bed_cycles(struct bed *b)
{
	struct chim_shell_stats stats;

	chim_shell_get_stats(chim_model_backend_shell(b->be), &stats);
	return stats.cycles;
}

void bed_run(struct bed *b, uint64_t clocks)
{
	uint64_t end = bed_cycles(b) + clocks;

	while (bed_cycles(b) < end && nic_end_poll(&b->end))
		;
}

bool bed_offload(struct bed *b)
{
	struct nic_end_conn *c = nic_end_new(&b->end);

	if (!c)
		return false;
	/* Before LIVE, which the NIC tells the peer of. */
	peer_open(b->peer, &c->img);
	return nic_end_offload(&b->end, c);
}
