/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * `chimney dev ...`: asks the running program; with --device, and no program on it, opens the
 * device for the moment. Hard part: none.
 */
#include "cli.h"

#include "api.h"

#include "chimney/backend.h"
#include "chimney/nic.h"

#include <errno.h>
#include <string.h>

enum { ASK_MS = 10000 };

static void ignore_rx(void *ctx, const uint8_t *frame, size_t len, const struct chim_rx_info *info)
{
	(void)ctx;
	(void)frame;
	(void)len;
	(void)info;
}

static void ignore_hold(void *ctx, void *cookie, int err, chim_conn_t conn)
{
	(void)ctx;
	(void)cookie;
	(void)err;
	(void)conn;
}

static void ignore_live(void *ctx, chim_conn_t conn, int err)
{
	(void)ctx;
	(void)conn;
	(void)err;
}

static void ignore_dead(void *ctx, int err)
{
	(void)ctx;
	(void)err;
}

/* Is a program up that uses this device? */
static bool in_use(struct cli *cli)
{
	struct chim_val *data;
	const char *cause;
	bool used = !cli_ask(cli, "status", -1, ASK_MS, &data, &cause) &&
		    !strcmp(chim_val_get_text(data, "device", ""), cli->device);

	chim_val_free(data);
	return used;
}

static int with_nic(struct cli *cli, int (*fn)(struct cli *cli, struct chim_nic *nic))
{
	static const struct chim_nic_events events = {
		.rx = ignore_rx,
		.hold_done = ignore_hold,
		.live_done = ignore_live,
		.dead = ignore_dead,
	};
	struct chim_nic_cfg cfg = { .events = &events, .mac = { 2 }, .mtu = 1500 };
	struct chim_backend *be;
	struct chim_nic *nic;
	int err, code;

	err = chim_backend_open(cli->device, &be);
	if (err)
		return cli_fail_device(cli, err);
	err = chim_nic_open(be, NULL, &cfg, &nic);
	if (err) {
		chim_backend_close(be);
		return cli_fail_device(cli, err);
	}
	code = fn(cli, nic);
	chim_nic_close(nic);
	chim_backend_close(be);
	return code;
}

static int info(struct cli *cli, struct chim_nic *nic)
{
	struct chim_val *data = chim_val_object();
	int err = chim_dev_describe(nic, data);

	if (err) {
		chim_val_free(data);
		return cli_fail(cli, "the device does not answer", err);
	}
	chim_val_put_text(data, "device", cli->device);
	return cli_print(cli, data);
}

static int selftest(struct cli *cli, struct chim_nic *nic)
{
	struct chim_val *data = chim_val_object();
	unsigned int bad = chim_dev_selftest(nic, data);
	int code = cli_print(cli, data);

	return bad ? cli_fail(cli, "the device failed its self-test", 0) : code;
}

int cli_dev_info(struct cli *cli)
{
	return cli->device && !in_use(cli) ? with_nic(cli, info) : cli_request(cli);
}

int cli_dev_selftest(struct cli *cli)
{
	return cli->device && !in_use(cli) ? with_nic(cli, selftest) : cli_request(cli);
}

int cli_dev_reset(struct cli *cli)
{
	struct chim_val *data;
	struct chim_backend *be;
	int err;

	if (!cli->device)
		return cli_usage(cli, "--device is missing");
	if (in_use(cli))
		return cli_fail(cli, "a program uses it (chimney down)", -EBUSY);
	err = chim_backend_open(cli->device, &be);
	if (err)
		return cli_fail_device(cli, err);
	err = be->ops->reset(be);
	chim_backend_close(be);
	if (err)
		return cli_fail_device(cli, err);
	data = chim_val_object();
	chim_val_put_text(data, "device", cli->device);
	chim_val_put_text(data, "result", "reset");
	return cli_print(cli, data);
}
