/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * `chimney up`: options -> configuration, then the program itself, in the foreground or as a child
 * that reports when it is up. Hard part: the child's failure must be the parent's message.
 */
#include "cli.h"

#include "prog.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	MTU = 1500,
	MTU_MIN = 576,
	MTU_MAX = 9000,
	RCV_BYTES = 128 * 1024,
	BUDGET = 2000,
};

static struct chim_prog *running;

static void on_signal(int signal)
{
	(void)signal;
	if (running)
		chim_prog_stop(running);
}

static int configure(struct cli *cli, struct chim_prog_cfg *cfg)
{
	const char *kind = chim_val_get_text(cli->args, "kind", "auto");
	int64_t mtu = chim_val_get_int(cli->args, "mtu", MTU);
	int64_t rcv = chim_val_get_int(cli->args, "rcv_bytes", RCV_BYTES);
	int64_t budget = chim_val_get_int(cli->args, "budget", BUDGET);
	int64_t conns = chim_val_get_int(cli->args, "conns", 0);

	memset(cfg, 0, sizeof(*cfg));
	if (!cli->device)
		return cli_usage(cli, "--device is missing");
	if (!strcmp(kind, "tap"))
		cfg->netdev.kind = CHIM_NETDEV_TAP;
	else if (!strcmp(kind, "veth"))
		cfg->netdev.kind = CHIM_NETDEV_VETH;
	else if (strcmp(kind, "auto"))
		return cli_usage(cli, "--kind: not auto, tap or veth");
	if (cli_parse_mac(chim_val_get_text(cli->args, "mac", "02:63:68:69:6d:00"),
			  cfg->netdev.mac))
		return cli_usage(cli, "--mac: not the address of one interface");
	if (mtu < MTU_MIN || mtu > MTU_MAX)
		return cli_usage(cli, "--mtu: not %d to %d", MTU_MIN, MTU_MAX);
	if (rcv < 4096 || rcv > 1 << 30 || (rcv & (rcv - 1)))
		return cli_usage(cli, "--rcv-bytes: not a power of two from 4k to 1024M");
	if (!budget || conns > 65536)
		return cli_usage(cli, "--budget or --conns: out of range");
	cfg->device = cli->device;
	cfg->control = cli_socket_path(cli);
	cfg->netns = chim_val_get_text(cli->args, "netns", NULL);
	cfg->netdev.name = chim_val_get_text(cli->args, "interface", "chim0");
	cfg->netdev.mtu = (unsigned int)mtu;
	cfg->conns = (unsigned int)conns;
	cfg->rcv_bytes = (size_t)rcv;
	cfg->budget = (uint64_t)budget;
	cfg->print = cli->verbose ? CHIM_DEBUG : CHIM_WARN;
	return CLI_OK;
}

static int bring_up(struct cli *cli, const struct chim_prog_cfg *cfg)
{
	const char *what;
	int err = chim_prog_up(cfg, &running, &what);

	if (!err)
		return CLI_OK;
	if (err == -EPERM || err == -EACCES)
		cli_fail(cli, "needs root, or a user namespace (unshare -Urnm)", 0);
	return !strcmp(what, "device") ? cli_fail_device(cli, err) : cli_fail(cli, what, err);
}

static int run(struct cli *cli)
{
	struct sigaction action = { .sa_handler = on_signal };
	int err;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	err = chim_prog_run(running);
	chim_prog_down(running);
	running = NULL;
	return err ? cli_fail(cli, "the device stopped", err) : CLI_OK;
}

static int tell(struct cli *cli, const struct chim_prog_cfg *cfg, int64_t pid)
{
	struct chim_val *v = chim_val_object();

	chim_val_put_text(v, "device", cfg->device);
	chim_val_put_text(v, "interface", cfg->netdev.name);
	chim_val_put_text(v, "socket", cfg->control);
	chim_val_put_int(v, "pid", pid);
	chim_val_put_text(v, "next", "chimney proxy --listen 127.0.0.1:8080 --connect HOST:PORT");
	return cli_print(cli, v);
}

/* Messages go to the log from here on; the parent has the terminal. */
static void detach(const char *log)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int out = log ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : null;

	setsid();
	dup2(null, 0);
	dup2(out >= 0 ? out : null, 1);
	dup2(out >= 0 ? out : null, 2);
}

static int background(struct cli *cli, const struct chim_prog_cfg *cfg)
{
	const char *log = chim_val_get_text(cli->args, "log", NULL);
	unsigned char code = CLI_FAILED;
	int ready[2];
	pid_t child;

	if (pipe2(ready, O_CLOEXEC))
		return cli_fail(cli, "pipe", -errno);
	child = fork();
	if (child < 0)
		return cli_fail(cli, "fork", -errno);
	if (!child) {
		close(ready[0]);
		code = (unsigned char)bring_up(cli, cfg);
		if (!code)
			detach(log);
		if (write(ready[1], &code, 1) != 1)
			_exit(CLI_FAILED);
		close(ready[1]);
		_exit(code ? code : run(cli));
	}
	close(ready[1]);
	if (read(ready[0], &code, 1) != 1)
		code = CLI_FAILED;
	close(ready[0]);
	return code ? code : tell(cli, cfg, child);
}

int cli_up(struct cli *cli)
{
	struct chim_prog_cfg cfg;
	int err = configure(cli, &cfg);

	if (err)
		return err;
	if (chim_val_get_bool(cli->args, "background", false))
		return background(cli, &cfg);
	err = bring_up(cli, &cfg);
	if (!err)
		err = tell(cli, &cfg, getpid());
	fflush(stdout);
	return err ? err : run(cli);
}
