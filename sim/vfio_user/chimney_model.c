/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * chimney-model: the NIC's model as a PCI device behind a vfio-user socket. Hard part: none; it
 * ends cleanly on SIGINT and SIGTERM, so that captures and logs are whole.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "nic_device.h"

#define CLIENT_TIMEOUT_MS 2000

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

static void help(void)
{
	const char *name, *form, *meaning;
	unsigned int i;

	printf("usage: chimney-model --listen PATH [--wire WIRE] [OPTION VALUE]...\n\n"
	       "Serves the NIC's model as a PCI device on a vfio-user socket, for\n"
	       "`chimney -d vfio-user:PATH' or QEMU's vfio-user-pci. Ends on SIGINT, SIGTERM.\n\n"
	       "  --%-10s %-12s %s\n",
	       "listen", "PATH", "UNIX socket to make");
	for (i = 0; chim_options_help(i, &name, &form, &meaning); i++)
		printf("  --%-10s %-12s %s\n", name, form, meaning);
	printf("  --%-10s %-12s %s\n  --%-10s %-12s %s\n", "stats", "",
	       "print what was counted at the end", "help", "", "this");
	printf("\nRates and delays hold for both directions; with rx- or tx- before the name\n"
	       "(--rx-loss) for frames to or from the NIC only.\n\n"
	       "veth needs the other end's offloads switched off:\n"
	       "  ethtool -K IF tx off tso off gso off\n\n"
	       "Example:\n"
	       "  ip link add w0 type veth peer name p0; ip link set w0 up; ip link set p0 up\n"
	       "  ethtool -K p0 tx off tso off gso off\n"
	       "  chimney-model --listen /tmp/nic.sock --wire veth:w0 --loss 1%% --log link.log\n");
}

static int usage(const char *what, const char *cause)
{
	fprintf(stderr, "chimney-model: %s: %s; see chimney-model --help\n", what, cause);
	return 2;
}

/* One line a thing, name and number, for eyes and scripts. */
static void print_stats(struct chim_nic_device *d)
{
	const struct vfu_counts *c = chim_nic_device_counts(d);
	struct chim_shell_stats st;
	unsigned int i;

	chim_shell_get_stats(chim_nic_device_shell(d), &st);
	printf("clocks %" PRIu64 "\ndevice_ms %" PRIu64 "\ndma_faults %" PRIu64 "\n", st.cycles,
	       st.device_ns / 1000000, st.dma_faults);
	printf("wire_rx_frames %" PRIu64 "\nwire_rx_lost %" PRIu64 "\nwire_rx_refused %" PRIu64
	       "\nwire_tx_frames %" PRIu64 "\nwire_tx_lost %" PRIu64 "\n",
	       st.wire.rx_frames, st.wire.rx_lost, st.wire.rx_refused, st.wire.tx_frames,
	       st.wire.tx_lost);
	for (i = 0; i < CHIM_DIRS; i++) {
		const struct chim_impair_counts *l = &st.link[i];

		printf("link_%s lost %" PRIu64 " reordered %" PRIu64 " duplicated %" PRIu64
		       " corrupted %" PRIu64 "\n",
		       i == CHIM_TO_NIC ? "rx" : "tx", l->lost, l->reordered, l->duplicated,
		       l->corrupted);
	}
	printf("clients %" PRIu64 "\nmessages %" PRIu64 "\nmessage_errors %" PRIu64
	       "\ndma_direct %" PRIu64 "\ndma_message %" PRIu64 "\nlost_irqs %" PRIu64 "\n",
	       c->clients, c->messages, c->errors, c->dma_direct, c->dma_message, c->lost_irqs);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct chim_options options;
	struct chim_nic_device *device;
	const char *path = NULL, *ifname, *what = "";
	int stats = 0, err = 0, i;

	chim_options_init(&options);
	for (i = 1; i < argc; i++) {
		const char *name = argv[i], *value;

		if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
			help();
			return 0;
		}
		if (!strcmp(name, "--stats")) {
			stats = 1;
			continue;
		}
		if (strncmp(name, "--", 2))
			return usage(name, "not an option");
		value = argv[i + 1];
		if (!value)
			return usage(name, "needs a value, or is not an option");
		i++;
		if (!strcmp(name, "--listen")) {
			path = value;
			continue;
		}
		err = chim_options_set(&options, name + 2, value);
		if (err)
			return usage(name, err == -ENOENT ? "not an option" : "bad value");
	}
	if (!path)
		return usage("--listen", "is missing");

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	err = chim_nic_device_create(&options, NULL, path, CLIENT_TIMEOUT_MS, &device, &what);
	if (err) {
		fprintf(stderr, "chimney-model: %s: %s\n", what, strerror(-err));
		return 1;
	}
	ifname = chim_shell_ifname(chim_nic_device_shell(device));
	fprintf(stderr, "chimney-model: %s listens on %s%s%s\n",
		chim_shell_info(chim_nic_device_shell(device))->name, path,
		ifname ? ", the wire is " : "", ifname ? ifname : "");
	while (!stop && !err)
		err = chim_nic_device_run(device, 100);
	if (stats)
		print_stats(device);
	chim_nic_device_destroy(device);
	if (err)
		fprintf(stderr, "chimney-model: poll: %s\n", strerror(-err));
	return err ? 1 : 0;
}
