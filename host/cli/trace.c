/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * `chimney trace show`: asks again and again when told to follow. Hard part: none.
 */
#include "cli.h"

#include <stdio.h>

enum { ASK_MS = 10000 };

static int64_t last_seq(const struct chim_val *data, int64_t after)
{
	const struct chim_val *list = chim_val_get(data, "events"), *e;

	for (e = list ? list->u.items.first : NULL; e; e = e->next)
		after = chim_val_get_int(e, "seq", after);
	return after;
}

/* Put the new number into the request. */
static void set_after(struct cli *cli, int64_t after)
{
	struct chim_val *item;

	for (item = cli->args->u.items.first; item; item = item->next) {
		if (chim_val_get(cli->args, "after") == item) {
			item->u.integer = after;
			return;
		}
	}
	chim_val_put_int(cli->args, "after", after);
}

int cli_trace(struct cli *cli)
{
	int64_t after = chim_val_get_int(cli->args, "after", 0);

	if (!chim_val_get_bool(cli->args, "follow", false))
		return cli_request(cli);
	for (;;) {
		struct chim_val *data;
		const char *cause;
		int64_t last;
		int err;

		set_after(cli, after);
		err = cli_ask(cli, cli->verb->request, -1, ASK_MS, &data, &cause);
		if (err) {
			chim_val_free(data);
			return cli_fail(cli, cause, err);
		}
		last = last_seq(data, after);
		if (last == after) {
			chim_val_free(data);
			continue;
		}
		after = last;
		err = cli_print(cli, data);
		fflush(stdout);
		if (err || ferror(stdout))
			return err;
	}
}
