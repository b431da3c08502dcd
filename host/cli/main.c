/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * chimney: noun, verb, arguments. Hard part: none.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static const struct cli_verb *find(const char *noun, const char *name)
{
	const struct cli_verb *v;

	for (v = cli_verbs; v->noun; v++)
		if (!strcmp(v->noun, noun) && (name ? v->name && !strcmp(v->name, name) : !v->name))
			return v;
	return NULL;
}

static bool is_noun(const char *word)
{
	const struct cli_verb *v;

	for (v = cli_verbs; v->noun; v++)
		if (!strcmp(v->noun, word))
			return true;
	return false;
}

static bool asks_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

static int run(struct cli *cli, int argc, char **argv)
{
	int err = cli_parse(cli, argc, argv);

	if (err)
		return err;
	if (chim_val_get_bool(cli->args, "help", false)) {
		cli_help_verb(cli->verb);
		return CLI_OK;
	}
	return cli->verb->fn ? cli->verb->fn(cli) : cli_request(cli);
}

int main(int argc, char **argv)
{
	struct cli cli = { .args = chim_val_object() };
	int skip = 2, code;

	if (!cli.args)
		return cli_fail(&cli, "no memory", 0);
	if (argc < 2) {
		cli_help_all();
		chim_val_free(cli.args);
		return CLI_USAGE;
	}
	if (asks_help(argv[1])) {
		cli_help_all();
		chim_val_free(cli.args);
		return CLI_OK;
	}
	/* "proxy list" before "proxy" alone */
	if (argc > 2)
		cli.verb = find(argv[1], argv[2]);
	if (cli.verb)
		skip = 3;
	else
		cli.verb = find(argv[1], NULL);
	if (cli.verb) {
		code = run(&cli, argc - skip, argv + skip);
	} else if (!is_noun(argv[1])) {
		code = cli_usage(&cli, "%s: no such verb", argv[1]);
	} else if (argc > 2 && !asks_help(argv[2])) {
		code = cli_usage(&cli, "%s %s: no such verb", argv[1], argv[2]);
	} else {
		cli_help_noun(argv[1]);
		code = argc > 2 ? CLI_OK : CLI_USAGE;
	}
	chim_val_free(cli.args);
	if (fflush(stdout) && !code)
		code = cli_fail(&cli, "standard output", 0);
	return code;
}
