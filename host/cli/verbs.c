/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The table of verbs. Hard part: none; help and manual page are made from it, so every word counts.
 */
#include "cli.h"

#define END       \
	{         \
		0 \
	}

static const struct cli_arg none[] = { END };

static const struct cli_arg up_args[] = {
	{ "--interface", "interface", CLI_TEXT, false, "name of the network device (chim0)" },
	{ "--kind", "kind", CLI_TEXT, false, "auto, tap or veth (auto)" },
	{ "--mac", "mac", CLI_TEXT, false, "its Ethernet address (02:63:68:69:6d:00)" },
	{ "--mtu", "mtu", CLI_INT, false, "its MTU in bytes, 576 to 9000 (1500)" },
	{ "--netns", "netns", CLI_TEXT, false,
	  "network namespace of sockets and network device, name or path; "
	  "a model's wire stays here" },
	{ "--conns", "conns", CLI_INT, false, "most connections to offload (what the device has)" },
	{ "--rcv-bytes", "rcv_bytes", CLI_INT, false,
	  "receive ring of each connection, a power of two (128k)" },
	{ "--budget", "budget", CLI_INT, false, "clocks of a model per round of the loop (2000)" },
	{ "--background", "background", CLI_FLAG, false, "return once everything is up" },
	{ "--log", "log", CLI_TEXT, false, "with --background: file for messages" },
	END
};

static const struct cli_arg down_args[] = {
	{ "--force", "force", CLI_FLAG, false, "reset connections that are open" }, END
};

static const struct cli_arg proxy_args[] = {
	{ "--listen", "listen", CLI_TEXT, true, "ADDRESS:PORT or unix:PATH to listen on, here" },
	{ "--connect", "connect", CLI_TEXT, true, "ADDRESS:PORT to connect to" },
	{ "--manual", "manual", CLI_FLAG, false, "offload only by `conn offload`" },
	{ "--after", "after", CLI_INT, false, "bytes before an automatic offload (0)" },
	END
};

static const struct cli_arg proxy_id[] = { { "ID", "proxy", CLI_INT, true, "number of the proxy" },
					   END };

static const struct cli_arg list_args[] = {
	{ "--all", "all", CLI_FLAG, false, "closed connections too" }, END
};

static const struct cli_arg show_args[] = {
	{ "ID", "id", CLI_INT, true, "number of the connection" },
	{ "--query", "query", CLI_FLAG, false, "what the target answers to a query, too" },
	END
};

static const struct cli_arg move_args[] = {
	{ "ID", "id", CLI_INT, true, "number of the connection" },
	{ "--wait-unacked", "wait_unacked", CLI_INT, false,
	  "not before as many bytes are sent and unacknowledged" },
	{ "--wait-undelivered", "wait_undelivered", CLI_INT, false,
	  "not before as many bytes are received and undelivered" },
	{ "--wait-carried", "wait_carried", CLI_INT, false,
	  "not before its holder carried as many bytes since the last move" },
	{ "--timeout", "timeout_ms", CLI_INT, false, "milliseconds for all of it (10000)" },
	END
};

static const struct cli_arg stats_args[] = {
	{ "--all", "all", CLI_FLAG, false, "counters that are zero, too" }, END
};

static const struct cli_arg reg_args[] = {
	{ "REG", "reg", CLI_TEXT, true, "name (see `reg dump`) or offset" }, END
};

static const struct cli_arg reg_set_args[] = { { "REG", "reg", CLI_TEXT, true,
						 "name (see `reg dump`) or offset" },
					       { "VALUE", "value", CLI_INT, true, "32 bits" },
					       END };

static const struct cli_arg trace_args[] = {
	{ "--follow", "follow", CLI_FLAG, false, "go on until interrupted" },
	{ "--after", "after", CLI_INT, false, "only events after this number" },
	END
};

static const struct cli_arg pcap_args[] = {
	{ "FILE", "file", CLI_TEXT, false, "write frames of the ordinary path there; none: stop" },
	END
};

static const struct cli_arg help_args[] = {
	{ "--roff", "roff", CLI_FLAG, false, "as the source of a manual page" }, END
};

const struct cli_arg cli_globals[] = {
	{ "--json", "json", CLI_FLAG, false, "print JSON (also -j)" },
	{ "--pretty", "pretty", CLI_FLAG, false, "JSON over several lines (also -p)" },
	{ "--device", "device", CLI_TEXT, false,
	  "vfio:0000:01:00.0, vfio-user:/path or model[:...] (also -d)" },
	{ "--socket", "socket", CLI_TEXT, false, "control socket ($CHIMNEY_SOCKET)" },
	{ "--verbose", "verbose", CLI_FLAG, false, "more messages (also -v)" },
	{ "--help", "help", CLI_FLAG, false, "this text (also -h)" },
	END
};

const struct cli_verb cli_verbs[] = {
	{ "up", NULL, "take a device into use and run", NULL, cli_up, up_args,
	  "chimney up -d model:wire=veth:w0 --netns app --background" },
	{ "down", NULL, "end the running program", "down", NULL, down_args, "chimney down" },
	{ "status", NULL, "what is up", "status", NULL, none, "chimney status --json" },
	{ "proxy", NULL, "listen, and relay each stream over a connection that can be offloaded",
	  "proxy add", cli_proxy, proxy_args,
	  "chimney proxy --listen 127.0.0.1:8080 --connect 10.0.0.2:80" },
	{ "proxy", "list", "listeners", "proxy list", NULL, none, "chimney proxy list" },
	{ "proxy", "remove", "stop listening", "proxy remove", NULL, proxy_id,
	  "chimney proxy remove 1" },
	{ "dev", "info", "what the device is and can do", "dev info", cli_dev_info, none,
	  "chimney dev info" },
	{ "dev", "reset", "reset a device that is not in use", NULL, cli_dev_reset, none,
	  "chimney dev reset -d vfio-user:/tmp/chimney.sock" },
	{ "dev", "selftest", "check that the device answers as it should", "dev selftest",
	  cli_dev_selftest, none, "chimney dev selftest" },
	{ "conn", "list", "connections", "conn list", NULL, list_args, "chimney conn list --json" },
	{ "conn", "show", "one connection", "conn show", NULL, show_args, "chimney conn show 1" },
	{ "conn", "offload", "move a connection into the NIC", "conn offload", NULL, move_args,
	  "chimney conn offload 1 --wait-carried 32k" },
	{ "conn", "upload", "move a connection back into the kernel", "conn upload", NULL,
	  move_args, "chimney conn upload 1 --wait-unacked 4k --timeout 5000" },
	{ "stats", "show", "what was carried, dropped and counted", "stats show", NULL, stats_args,
	  "chimney stats show --json" },
	{ "reg", "get", "read a register", "reg get", NULL, reg_args, "chimney reg get status" },
	{ "reg", "set", "write a register", "reg set", NULL, reg_set_args,
	  "chimney reg set irq_gap 100" },
	{ "reg", "dump", "read all registers", "reg dump", NULL, none, "chimney reg dump" },
	{ "trace", "show", "what happened", "trace show", cli_trace, trace_args,
	  "chimney trace show" },
	{ "trace", "pcap", "capture frames of the ordinary path", "trace pcap", NULL, pcap_args,
	  "chimney trace pcap plain.pcap" },
	{ "help", NULL, "all verbs", NULL, cli_help, help_args, "chimney help" },
	{ 0 },
};
