/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * All that the command line says: results to standard output, as text or JSON from the same value;
 * errors to standard error. Hard part: none.
 */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void prefix(const struct cli *cli)
{
	fputs("chimney: ", stderr);
	if (!cli->verb)
		return;
	fputs(cli->verb->noun, stderr);
	if (cli->verb->name)
		fprintf(stderr, " %s", cli->verb->name);
	fputs(": ", stderr);
}

int cli_fail(const struct cli *cli, const char *cause, int err)
{
	prefix(cli);
	fputs(cause, stderr);
	if (err)
		fprintf(stderr, ": %s", strerror(err < 0 ? -err : err));
	fputc('\n', stderr);
	return CLI_FAILED;
}

int cli_fail_device(const struct cli *cli, int err)
{
	const char *means = strerror(-err);

	switch (err) {
	case -EINVAL: means = "not the name of a device, or a wrong option of it"; break;
	case -ENOENT:
		means = "no such device, socket or model build, or no such interface or file of it";
		break;
	case -EPROTO: means = "no NIC of this version of the contract"; break;
	case -ETIMEDOUT: means = "it does not answer"; break;
	default: break;
	}
	prefix(cli);
	fprintf(stderr, "%s: %s\n", cli->device, means);
	return CLI_FAILED;
}

int cli_usage(const struct cli *cli, const char *form, ...)
{
	va_list args;

	prefix(cli);
	va_start(args, form);
	vfprintf(stderr, form, args);
	va_end(args);
	fputs("; see chimney ", stderr);
	if (cli->verb)
		fprintf(stderr, "%s ", cli->verb->noun);
	if (cli->verb && cli->verb->name)
		fprintf(stderr, "%s ", cli->verb->name);
	fputs("--help\n", stderr);
	return CLI_USAGE;
}

int cli_print(const struct cli *cli, struct chim_val *data)
{
	struct chim_val *out;

	if (!data)
		return cli_fail(cli, "no memory", 0);
	if (!cli->json && !cli->pretty) {
		if (data->u.items.first)
			chim_val_print_text(stdout, data);
		chim_val_free(data);
		return CLI_OK;
	}
	/* "schema" first, then what the verb has to say. */
	out = chim_val_object();
	chim_val_put_int(out, "schema", CLI_SCHEMA);
	if (!out || !out->u.items.last) {
		chim_val_free(out);
		chim_val_free(data);
		return cli_fail(cli, "no memory", 0);
	}
	out->u.items.last->next = data->u.items.first;
	if (data->u.items.first)
		out->u.items.last = data->u.items.last;
	data->u.items.first = NULL;
	chim_val_print_json(stdout, out, cli->pretty);
	chim_val_free(out);
	chim_val_free(data);
	return CLI_OK;
}
