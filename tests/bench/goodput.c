/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * P5: goodput of the whole NIC as a share of the most that whole AXI-Stream beats allow. Both
 * directions at once, segments of 1448 bytes with timestamps, host memory that answers after 250
 * clocks. Hard part: peer and host must never be what limits it: the peer fills the line whenever
 * the NIC's window lets it, the host always has sends posted and takes data at each poll.
 *
 * usage: goodput CONFIG FOLDER_OF_MODELS OUT.json FLOWS CLOCKS TARGET tx|rx|both [capture FILE]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bed.h"

enum { WARM_UP = 60000 };

struct sample {
	uint64_t cycles, tx, rx, acks, blocked;
};

static struct sample take(struct bed *b)
{
	const struct peer_counts *counts = peer_get_counts(b->peer);
	struct sample s = { .cycles = bed_cycles(b),
			    .acks = counts->acks_in,
			    .blocked = counts->blocked };

	for (unsigned int i = 0; i < b->end.n; i++) {
		s.tx += peer_conn(b->peer, i)->got;
		s.rx += b->end.conns[i].received;
	}
	return s;
}

static void figure(FILE *f, const char *name, const char *dir, double value, const char *target,
		   const char *parameters, const char *end)
{
	fprintf(f,
		"  \"P5 %s %s\": {\"value\": %.4f, \"unit\": \"of the line\", \"target\": %s,\n"
		"    \"parameters\": {%s}}%s\n",
		name, dir, value, target, parameters, end);
}

int main(int argc, char **argv)
{
	struct bed_cfg cfg = {
		.mem_latency = 250,
		.end = { .poll = 64,
			 .conn_bytes = 256u << 10,
			 .piece = 64u << 10,
			 .snd_wnd = 1u << 20 },
	};
	char name[64], parameters[256], target[32] = "null";
	const struct peer_counts *counts;
	struct sample from, to;
	static struct bed b;
	unsigned int flows, bus;
	double line, tx, rx, clocks;
	bool want_tx, want_rx, ok;
	FILE *f;

	if (argc < 8) {
		fprintf(stderr,
			"usage: goodput CONFIG MODELS OUT.json FLOWS CLOCKS TARGET tx|rx|both\n");
		return 2;
	}
	cfg.model = argv[1];
	cfg.dir = argv[2];
	flows = (unsigned int)atoi(argv[4]);
	want_tx = strcmp(argv[7], "rx");
	want_rx = strcmp(argv[7], "tx");
	cfg.pcap = argc > 8 ? argv[8] : NULL;
	/* 100 MHz at 64 bits, 250 MHz above (architecture of the boards); ticks hardly matter. */
	cfg.cycles_per_ms = strncmp(argv[1], "w64_", 4) ? 250000 : 100000;
	bed_open(&b, &cfg);
	for (unsigned int i = 0; i < flows; i++)
		if (!bed_offload(&b))
			return 1;
	for (unsigned int i = 0; i < flows; i++) {
		b.end.conns[i].to_send = want_tx ? UINT64_MAX / 2 : 0;
		peer_conn(b.peer, i)->to_send = want_rx ? UINT64_MAX / 2 : 0;
	}
	bed_run(&b, WARM_UP);
	from = take(&b);
	bed_run(&b, strtoull(argv[5], NULL, 0));
	to = take(&b);

	bus = b.end.info.data_w / 8;
	clocks = (double)(to.cycles - from.cycles);
	line = (double)PEER_DATA / ((PEER_DATA + PEER_HEADERS + bus - 1) / bus);
	tx = (double)(to.tx - from.tx) / clocks / line;
	rx = (double)(to.rx - from.rx) / clocks / line;
	counts = peer_get_counts(b.peer);
	ok = !counts->bad && !counts->out_of_order && !counts->go_back && !counts->resets &&
	     !b.end.rules && !b.end.warned && !b.end.dead;
	for (unsigned int i = 0; i < flows; i++)
		ok = ok && !b.end.conns[i].bad && !b.end.conns[i].events;
	fprintf(stderr,
		"%s %u flows %s: tx %.4f rx %.4f, %.0f clocks, %llu pure ACKs out, line blocked "
		"%.4f, bad %llu, out of order %llu, losses %llu%s\n",
		argv[1], flows, argv[7], tx, rx, clocks, (unsigned long long)(to.acks - from.acks),
		(double)(to.blocked - from.blocked) / clocks, (unsigned long long)counts->bad,
		(unsigned long long)counts->out_of_order, (unsigned long long)counts->go_back,
		ok ? "" : " NOT OK");
	if (!ok || getenv("COUNTERS"))
		nic_end_print_counters(&b.end);
	if (strcmp(argv[6], "null"))
		snprintf(target, sizeof(target), "\">= %s\"", argv[6]);
	snprintf(name, sizeof(name), "w%u%s", b.end.info.data_w, flows == 1 ? " one flow" : "");
	snprintf(parameters, sizeof(parameters),
		 "\"flows\": %u, \"directions\": \"%s\", \"segment\": %d, \"memory_clocks\": %u, "
		 "\"host_polls_every\": %u, \"send_bytes\": %zu, \"clocks\": %.0f",
		 flows, argv[7], PEER_DATA, cfg.mem_latency, cfg.end.poll, cfg.end.piece, clocks);
	f = fopen(argv[3], "w");
	if (!f) {
		perror(argv[3]);
		return 1;
	}
	fprintf(f, "{\n");
	if (want_tx)
		figure(f, name, "tx", tx, target, parameters, want_rx ? "," : "");
	if (want_rx)
		figure(f, name, "rx", rx, target, parameters, "");
	fprintf(f, "}\n");
	return fclose(f) || !ok;
}
