/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The command line: one table of verbs with their arguments, from which parsing, help and the
 * manual page come. Hard part: none.
 *
 * Exit codes: 0 done, 1 device or operation failed, 2 usage.
 */
#ifndef CHIM_CLI_H
#define CHIM_CLI_H

#include "value.h"

enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_SCHEMA = 1 };

enum cli_kind {
	CLI_FLAG, /* no value: true */
	CLI_INT,  /* decimal or 0x; k, M suffixes of 1024 */
	CLI_TEXT,
};

/* An argument of a verb: "ID" by place, "--timeout" by name. */
struct cli_arg {
	const char *name;
	const char *key; /* in the request; NULL ends a list */
	enum cli_kind kind;
	bool required;
	const char *help;
};

struct cli;

struct cli_verb {
	const char *noun, *name;    /* name NULL: the noun alone */
	const char *help;	    /* one line */
	const char *request;	    /* verb of the control socket; NULL: fn does it all */
	int (*fn)(struct cli *cli); /* NULL: send the request and print the answer */
	const struct cli_arg *args;
	const char *example;
};

extern const struct cli_verb cli_verbs[]; /* ends with noun NULL */
extern const struct cli_arg cli_globals[];

/* One call of the program. */
struct cli {
	const struct cli_verb *verb;
	struct chim_val *args; /* by key, globals included */
	bool json, pretty, verbose;
	const char *device, *socket; /* as told, or NULL */
};

/* parse.c: fills cli->args from the words behind the verb. 0 or CLI_USAGE, having said why. */
int cli_parse(struct cli *cli, int argc, char **argv);
/* "10.0.0.1:80", "[::1]:80" or "name:80". 0; -EINVAL. */
struct sockaddr_storage;
int cli_parse_address(const char *text, struct sockaddr_storage *addr, unsigned int *len);
/* "02:00:00:00:00:01". 0; -EINVAL. */
int cli_parse_mac(const char *text, unsigned char mac[6]);

/* say.c: message of an error, output of a success as text or JSON. Return: exit code. */
int cli_fail(const struct cli *cli, const char *cause, int err);
/* The device of the command line cannot be used; says what its -errno means for such a name. */
int cli_fail_device(const struct cli *cli, int err);
int cli_usage(const struct cli *cli, const char *form, ...) __attribute__((format(printf, 2, 3)));
/* @data: an object; freed. */
int cli_print(const struct cli *cli, struct chim_val *data);

/* client.c */
/* Path of the control socket: as told, $CHIMNEY_SOCKET, or the usual place. */
const char *cli_socket_path(const struct cli *cli);
/*
 * Send a request (with @fd, if not -1) and wait for its answer, at most @wait_ms.
 * Return: 0, *data: the answer's; -errno of the answer with *cause and perhaps *data; -ENOENT,
 * -ECONNREFUSED nobody is up.
 */
int cli_ask(const struct cli *cli, const char *request, int fd, int wait_ms, struct chim_val **data,
	    const char **cause);
/* The usual verb: ask with what was parsed, print the answer. */
int cli_request(struct cli *cli);

/* Verbs with a function of their own */
int cli_up(struct cli *cli);
int cli_proxy(struct cli *cli);
int cli_dev_info(struct cli *cli);
int cli_dev_reset(struct cli *cli);
int cli_dev_selftest(struct cli *cli);
int cli_trace(struct cli *cli);
int cli_help(struct cli *cli);

/* help.c */
void cli_help_verb(const struct cli_verb *v);
void cli_help_noun(const char *noun);
void cli_help_all(void);

#endif
