/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Client of the control socket. Hard part: an answer may be long, and may never come.
 */
#include "cli.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	ANSWER_MAX = 16 << 20, /* bytes */
	VERB_MS = 10000,       /* for a verb that does not wait */
	SLACK_MS = 5000,       /* on top of what the verb was told to wait */
};

const char *cli_socket_path(const struct cli *cli)
{
	static char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *told = cli->socket ? cli->socket : getenv("CHIMNEY_SOCKET");
	const char *dir = getenv("XDG_RUNTIME_DIR");

	if (told && *told)
		return told;
	if (!access("/run", W_OK))
		return "/run/chimney.sock";
	if (dir && *dir)
		snprintf(path, sizeof(path), "%s/chimney.sock", dir);
	else
		snprintf(path, sizeof(path), "/tmp/chimney-%u.sock", getuid());
	return path;
}

static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static int send_line(int sock, char *text, size_t len, int fd)
{
	struct iovec iov = { text, len };
	char room[CMSG_SPACE(sizeof(int))];
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *c;

		memset(room, 0, sizeof(room));
		msg.msg_control = room;
		msg.msg_controllen = sizeof(room);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	if (sendmsg(sock, &msg, MSG_NOSIGNAL) != (ssize_t)len)
		return errno ? -errno : -EIO;
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int receive_line(int sock, int wait_ms, char **line, size_t *len)
{
	int64_t until = now_ms() + wait_ms;
	char *buf = NULL;
	size_t have = 0;

	for (;;) {
		struct pollfd p = { sock, POLLIN, 0 };
		int64_t left = until - now_ms();
		char *more = realloc(buf, have + 65536);
		ssize_t n;

		if (!more || have > ANSWER_MAX || left <= 0 || poll(&p, 1, (int)left) == 0) {
			free(more ? more : buf);
			return !more ? -ENOMEM : have > ANSWER_MAX ? -EMSGSIZE : -ETIMEDOUT;
		}
		buf = more;
		n = recv(sock, buf + have, 65536, 0);
		if (n <= 0) {
			int err = n ? -errno : -ECONNRESET;

			free(buf);
			return err;
		}
		have += (size_t)n;
		if (buf[have - 1] == '\n') {
			*line = buf;
			*len = have;
			return 0;
		}
	}
}

/* The request: the verb, and what the command line gave. */
static int request_text(const struct cli *cli, const char *request, char **text, size_t *len)
{
	struct chim_val *v = chim_val_object();
	char *args, *out;
	int n;

	chim_val_put_text(v, "verb", request);
	n = chim_val_write(v, text);
	chim_val_free(v);
	if (n < 0)
		return n;
	*len = (size_t)n;
	n = chim_val_write(cli->args, &args);
	out = n < 0 ? NULL : malloc(*len + (size_t)n + 2);
	if (!out) {
		free(n < 0 ? NULL : args);
		free(*text);
		return -ENOMEM;
	}
	/* {"verb":...} and {...}: one object */
	n = sprintf(out, "%.*s%s%s\n", (int)*len - 1, *text, n > 2 ? "," : "", args + 1);
	free(args);
	free(*text);
	*text = out;
	*len = (size_t)n;
	return 0;
}

static int read_answer(const char *line, size_t len, struct chim_val **data, const char **cause)
{
	static char text[256];
	struct chim_val *reply, *item, **at;
	int err = chim_val_parse(line, len, &reply);

	if (err)
		return -EPROTO;
	err = chim_val_get_bool(reply, "ok", false) ? 0
						    : -(int)chim_val_get_int(reply, "errno", EIO);
	snprintf(text, sizeof(text), "%s", chim_val_get_text(reply, "cause", "failed"));
	*cause = text;
	for (at = &reply->u.items.first; (item = *at); at = &item->next) {
		if (strcmp(item->key, "data"))
			continue;
		*at = item->next;
		item->next = NULL;
		*data = item;
		break;
	}
	chim_val_free(reply);
	return err;
}

int cli_ask(const struct cli *cli, const char *request, int fd, int wait_ms, struct chim_val **data,
	    const char **cause)
{
	char *text, *line = NULL;
	size_t len = 0;
	int sock, err;

	*data = NULL;
	*cause = "no program is up (chimney up)";
	sock = connect_to(cli_socket_path(cli));
	if (sock < 0)
		return sock;
	*cause = "the program does not answer";
	err = request_text(cli, request, &text, &len);
	if (!err) {
		err = send_line(sock, text, len, fd);
		free(text);
	}
	if (!err)
		err = receive_line(sock, wait_ms, &line, &len);
	close(sock);
	if (err)
		return err;
	err = read_answer(line, len, data, cause);
	free(line);
	return err;
}

int cli_request(struct cli *cli)
{
	int64_t wait = chim_val_get_int(cli->args, "timeout_ms", VERB_MS) + SLACK_MS;
	struct chim_val *data;
	const char *cause;
	int err = cli_ask(cli, cli->verb->request, -1, wait > 86400000 ? 86400000 : (int)wait,
			  &data, &cause);

	if (data && (!err || data->u.items.first))
		cli_print(cli, data);
	else
		chim_val_free(data);
	return err ? cli_fail(cli, cause, err) : CLI_OK;
}
