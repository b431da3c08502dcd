/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Words of the command line -> values by key. Hard part: none.
 */
#include "cli.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const struct cli_arg *find(const struct cli_arg *list, const char *name, size_t len)
{
	for (; list->key; list++)
		if (strlen(list->name) == len && !memcmp(list->name, name, len))
			return list;
	return NULL;
}

static const char *long_form(const char *word)
{
	static const char *const shorts[][2] = { { "-j", "--json" },	{ "-p", "--pretty" },
						 { "-d", "--device" },	{ "-s", "--socket" },
						 { "-v", "--verbose" }, { "-h", "--help" } };
	size_t i;

	for (i = 0; i < sizeof(shorts) / sizeof(shorts[0]); i++)
		if (!strcmp(word, shorts[i][0]))
			return shorts[i][1];
	return word;
}

static int parse_int(const char *text, int64_t *out)
{
	long long n, unit = 1;
	char *end;

	errno = 0;
	n = strtoll(text, &end, 0);
	if (end == text || errno)
		return -EINVAL;
	if (*end == 'k' || *end == 'K')
		unit = 1024;
	else if (*end == 'M')
		unit = 1024 * 1024;
	if (unit != 1)
		end++;
	if (*end || n < 0 || n > INT64_MAX / unit)
		return -EINVAL;
	*out = n * unit;
	return 0;
}

static int put(struct cli *cli, const struct cli_arg *a, const char *value)
{
	int64_t n;

	if (chim_val_get(cli->args, a->key))
		return cli_usage(cli, "%s: given twice", a->name);
	switch (a->kind) {
	case CLI_FLAG:
		if (value)
			return cli_usage(cli, "%s: takes no value", a->name);
		chim_val_put_bool(cli->args, a->key, true);
		return CLI_OK;
	case CLI_INT:
		if (!value || parse_int(value, &n))
			return cli_usage(cli, "%s: '%s' is not a number", a->name,
					 value ? value : "");
		chim_val_put_int(cli->args, a->key, n);
		return CLI_OK;
	default:
		if (!value || !*value)
			return cli_usage(cli, "%s: needs a value", a->name);
		chim_val_put_text(cli->args, a->key, value);
		return CLI_OK;
	}
}

/* --name, --name=value, --name value */
static int option(struct cli *cli, int argc, char **argv, int *i)
{
	const char *word = long_form(argv[*i]), *value = strchr(word, '=');
	size_t len = value ? (size_t)(value - word) : strlen(word);
	const struct cli_arg *a = cli->verb ? find(cli->verb->args, word, len) : NULL;

	if (!a)
		a = find(cli_globals, word, len);
	if (!a)
		return cli_usage(cli, "%s: no such option", argv[*i]);
	if (value)
		value++;
	else if (a->kind != CLI_FLAG && *i + 1 < argc)
		value = argv[++*i];
	return put(cli, a, value);
}

/* The next argument by place that has no value yet. */
static const struct cli_arg *by_place(const struct cli *cli)
{
	const struct cli_arg *a;

	for (a = cli->verb->args; a->key; a++)
		if (a->name[0] != '-' && !chim_val_get(cli->args, a->key))
			return a;
	return NULL;
}

int cli_parse(struct cli *cli, int argc, char **argv)
{
	const struct cli_arg *a;
	int i, err;

	for (i = 0; i < argc; i++) {
		if (argv[i][0] == '-' && argv[i][1]) {
			err = option(cli, argc, argv, &i);
		} else {
			a = by_place(cli);
			err = a ? put(cli, a, argv[i])
				: cli_usage(cli, "%s: one word too many", argv[i]);
		}
		if (err)
			return err;
	}
	cli->json = chim_val_get_bool(cli->args, "json", false);
	cli->pretty = chim_val_get_bool(cli->args, "pretty", false);
	cli->verbose = chim_val_get_bool(cli->args, "verbose", false);
	cli->device = chim_val_get_text(cli->args, "device", NULL);
	cli->socket = chim_val_get_text(cli->args, "socket", NULL);
	if (chim_val_get_bool(cli->args, "help", false))
		return CLI_OK;
	for (a = cli->verb->args; a->key; a++)
		if (a->required && !chim_val_get(cli->args, a->key))
			return cli_usage(cli, "%s is missing", a->name);
	return CLI_OK;
}

int cli_parse_address(const char *text, struct sockaddr_storage *addr, unsigned int *len)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	const char *colon = strrchr(text, ':');
	char host[256];
	size_t n;

	if (!colon || !colon[1])
		return -EINVAL;
	n = (size_t)(colon - text);
	if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	if (!n || n >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, n);
	host[n] = 0;
	if (getaddrinfo(host, colon + 1, &hints, &list))
		return -EINVAL;
	memcpy(addr, list->ai_addr, list->ai_addrlen);
	*len = list->ai_addrlen;
	freeaddrinfo(list);
	return 0;
}

int cli_parse_mac(const char *text, unsigned char mac[6])
{
	int n = 0;

	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1], &mac[2],
		   &mac[3], &mac[4], &mac[5], &n) != 6 ||
	    text[n] || mac[0] & 1)
		return -EINVAL;
	return 0;
}
