/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * `chimney proxy`: makes the listening socket here, in the caller's network namespace, and hands it
 * to the running program. Hard part: none.
 */
#include "cli.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 64, ASK_MS = 10000 };

static int listen_unix(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (!*path || strlen(path) >= sizeof(addr.sun_path))
		return -EINVAL;
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, BACKLOG)) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static int listen_tcp(const char *text)
{
	struct sockaddr_storage addr;
	unsigned int len;
	int fd, on = 1, err = cli_parse_address(text, &addr, &len);

	if (err)
		return err;
	fd = socket(addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&addr, len) || listen(fd, BACKLOG)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static void put_target(struct cli *cli, const struct sockaddr_storage *addr)
{
	const struct sockaddr_in *in = (const void *)addr;
	const struct sockaddr_in6 *in6 = (const void *)addr;
	bool v4 = addr->ss_family == AF_INET;
	char host[INET6_ADDRSTRLEN];

	inet_ntop(addr->ss_family, v4 ? (const void *)&in->sin_addr : (const void *)&in6->sin6_addr,
		  host, sizeof(host));
	chim_val_put_int(cli->args, "family", v4 ? 4 : 6);
	chim_val_put_text(cli->args, "host", host);
	chim_val_put_int(cli->args, "port", ntohs(v4 ? in->sin_port : in6->sin6_port));
	chim_val_put_int(cli->args, "scope", v4 ? 0 : in6->sin6_scope_id);
	chim_val_put_bool(cli->args, "auto", !chim_val_get_bool(cli->args, "manual", false));
}

int cli_proxy(struct cli *cli)
{
	const char *where = chim_val_get_text(cli->args, "listen", "");
	struct sockaddr_storage target;
	struct chim_val *data;
	unsigned int len;
	const char *cause;
	int fd, err;

	if (cli_parse_address(chim_val_get_text(cli->args, "connect", ""), &target, &len))
		return cli_usage(cli, "--connect: not ADDRESS:PORT");
	put_target(cli, &target);
	fd = strncmp(where, "unix:", 5) ? listen_tcp(where) : listen_unix(where + 5);
	if (fd == -EINVAL)
		return cli_usage(cli, "--listen: not ADDRESS:PORT or unix:PATH");
	if (fd < 0)
		return cli_fail(cli, where, fd);
	err = cli_ask(cli, cli->verb->request, fd, ASK_MS, &data, &cause);
	close(fd);
	if (err) {
		chim_val_free(data);
		if (!strncmp(where, "unix:", 5))
			unlink(where + 5);
		return cli_fail(cli, cause, err);
	}
	return cli_print(cli, data);
}
