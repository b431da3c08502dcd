/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * P12: clocks per second of processor time of the whole NIC's model, with both directions of the
 * line full, and with nothing to do; and the same of the soft core alone in the same run. Hard
 * part: the machine may be shared, so processor time is counted and the best of several turns is
 * taken; library, router and peer run in the same thread and are counted with the model.
 *
 * usage: speed CONFIG FOLDER_OF_MODELS OUT.json TARGET
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bed.h"
#include "soft_core.h"

enum { TURNS = 5, NIC_CLOCKS = 100000, CORE_CLOCKS = 1000000, FLOWS = 8, WARM_UP = 20000 };

static double cpu_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

static double nic_turn(struct bed *b, uint64_t clocks)
{
	uint64_t from = bed_cycles(b);
	double start = cpu_s();

	bed_run(b, clocks);
	return (double)(bed_cycles(b) - from) / (cpu_s() - start);
}

static double core_turn(struct soft_core *c)
{
	double start = cpu_s();

	soft_core_step(c, CORE_CLOCKS);
	return CORE_CLOCKS / (cpu_s() - start);
}

static void keep(double *best, double value)
{
	if (value > *best)
		*best = value;
}

int main(int argc, char **argv)
{
	struct bed_cfg cfg = {
		.mem_latency = 250,
		.cycles_per_ms = 100000,
		.end = { .poll = 64,
			 .conn_bytes = 256u << 10,
			 .piece = 64u << 10,
			 .snd_wnd = 1u << 20 },
	};
	double full = 0, idle = 0, core = 0;
	struct soft_core *c = soft_core_open();
	static struct bed b;
	FILE *f;

	if (argc != 5) {
		fprintf(stderr, "usage: speed CONFIG MODELS OUT.json TARGET\n");
		return 2;
	}
	cfg.model = argv[1];
	cfg.dir = argv[2];
	bed_open(&b, &cfg);
	for (unsigned int i = 0; i < FLOWS; i++)
		if (!bed_offload(&b))
			return 1;
	for (unsigned int i = 0; i < TURNS; i++)
		keep(&idle, nic_turn(&b, NIC_CLOCKS));
	for (unsigned int i = 0; i < FLOWS; i++)
		b.end.conns[i].to_send = peer_conn(b.peer, i)->to_send = UINT64_MAX / 2;
	nic_turn(&b, WARM_UP);
	for (unsigned int i = 0; i < TURNS; i++) {
		keep(&full, nic_turn(&b, NIC_CLOCKS));
		keep(&core, core_turn(c));
	}
	fprintf(stderr, "%s: %.0f clocks/s with a full line, %.0f idle, soft core alone %.0f\n",
		argv[1], full, idle, core);
	if (b.end.dead || !soft_core_rounds(c) || !peer_conn(b.peer, 0)->got)
		return 1;
	soft_core_close(c);
	f = fopen(argv[3], "w");
	if (!f) {
		perror(argv[3]);
		return 1;
	}
	fprintf(f,
		"{\n  \"P12\": {\"value\": %.0f, \"unit\": \"clocks/s\", \"target\": \">= %s\",\n"
		"    \"parameters\": {\"model\": \"%s\", \"load\": \"both directions full\", "
		"\"time\": \"processor\", \"best_of\": %d}},\n"
		"  \"P12 idle\": {\"value\": %.0f, \"unit\": \"clocks/s\", \"target\": null,\n"
		"    \"parameters\": {\"model\": \"%s\"}},\n"
		"  \"P12 to soft core alone\": {\"value\": %.4f, \"unit\": \"ratio\", "
		"\"target\": null,\n    \"parameters\": {\"soft_core_clocks_per_s\": %.0f}}\n}\n",
		full, argv[4], argv[1], TURNS, idle, argv[1], full / core, core);
	return fclose(f) != 0;
}
