/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Server of the control socket. Hard part: see control.h. Each client has one request at a time;
 * what it sends meanwhile waits in its socket.
 */
#include "control.h"

#include "prog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { SEND_MS = 1000 };

struct client {
	struct client *next;
	struct chim_control *control;
	struct chim_watch_fd watch;
	char *line;
	size_t len;
	int passed;	       /* descriptor that came, or -1 */
	struct chim_val *args; /* request in progress */
	const struct chim_control_verb *verb;
	struct chim_request request;
	bool gone;
};

struct chim_control {
	struct chim_prog *prog;
	struct chim_watch_fd watch;
	char path[108];
	struct client *clients;
	unsigned int count;
};

static void answer(struct client *cl, int err)
{
	struct chim_val *reply = chim_val_object();
	struct chim_request *r = &cl->request;
	char *text = NULL;
	int len;

	chim_val_put_int(reply, "schema", CHIM_CONTROL_SCHEMA);
	chim_val_put_bool(reply, "ok", !err);
	if (err) {
		chim_val_put_int(reply, "errno", -err);
		chim_val_put_text(reply, "cause", r->cause ? r->cause : "failed");
	}
	chim_val_put(reply, "data", r->data); /* with an error: what is known about it */
	r->data = NULL;
	len = chim_val_write(reply, &text);
	chim_val_free(reply);
	if (len < 0 || send(cl->watch.fd, text, (size_t)len, MSG_NOSIGNAL | MSG_MORE) != len ||
	    send(cl->watch.fd, "\n", 1, MSG_NOSIGNAL) != 1)
		cl->gone = true;
	free(text);
	chim_val_free(cl->args);
	cl->args = NULL;
	if (cl->passed >= 0)
		close(cl->passed);
	cl->passed = -1;
}

static void ask(struct client *cl)
{
	int err = cl->verb->fn(&cl->request);

	if (err != CHIM_AGAIN)
		answer(cl, err);
}

/* While its request runs, a client is only watched for going away. */
static void rearm(struct client *cl)
{
	if (chim_loop_watch(cl->control->prog->loop, &cl->watch, cl->args ? EPOLLRDHUP : EPOLLIN))
		cl->gone = true;
}

static const struct chim_control_verb *find_verb(const char *name)
{
	const struct chim_control_verb *v = chim_control_verbs;

	while (v->name && strcmp(v->name, name))
		v++;
	return v->name ? v : NULL;
}

/* A whole line has come. */
static void request(struct client *cl, size_t len)
{
	int err = chim_val_parse(cl->line, len, &cl->args);

	memset(&cl->request, 0, sizeof(cl->request));
	cl->request.prog = cl->control->prog;
	cl->request.args = cl->args;
	cl->request.fd = &cl->passed;
	cl->request.since_ms = chim_loop_now(cl->control->prog->loop);
	cl->request.data = chim_val_object();
	if (err) {
		cl->request.cause = "not a JSON object";
		answer(cl, err);
		return;
	}
	cl->verb = find_verb(chim_val_get_text(cl->args, "verb", ""));
	if (!cl->verb) {
		cl->request.cause = "no such verb";
		answer(cl, -ENOSYS);
		return;
	}
	ask(cl);
}

static void drop(struct client *cl)
{
	struct client **at = &cl->control->clients;

	while (*at != cl)
		at = &(*at)->next;
	*at = cl->next;
	cl->control->count--;
	chim_loop_unwatch(cl->control->prog->loop, &cl->watch);
	close(cl->watch.fd);
	if (cl->passed >= 0)
		close(cl->passed);
	chim_val_free(cl->args);
	chim_val_free(cl->request.data);
	free(cl->line);
	free(cl);
}

/* Bytes, and at most one descriptor; more are closed. Return: bytes, 0 or less: end. */
static ssize_t receive(struct client *cl)
{
	char room[CMSG_SPACE(sizeof(int) * 4)];
	struct iovec iov = { cl->line + cl->len, CHIM_CONTROL_LINE - cl->len };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = room,
			      .msg_controllen = sizeof(room) };
	ssize_t n = recvmsg(cl->watch.fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? -EAGAIN : -errno;
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		size_t fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int), i;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (i = 0; i < fds; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (cl->passed >= 0)
				close(cl->passed);
			cl->passed = fd;
		}
	}
	return n;
}

/* The requests that have come as whole lines, until one has to wait. */
static void serve(struct client *cl)
{
	while (!cl->args && !cl->gone) {
		char *newline = memchr(cl->line, '\n', cl->len);
		size_t len;

		if (!newline) {
			cl->gone = cl->len == CHIM_CONTROL_LINE;
			break;
		}
		len = (size_t)(newline - cl->line);
		request(cl, len);
		cl->len -= len + 1;
		memmove(cl->line, newline + 1, cl->len);
	}
	if (!cl->gone)
		rearm(cl);
}

static void on_client(struct chim_watch_fd *w, uint32_t events)
{
	struct client *cl = w->ctx;
	ssize_t n;

	if (cl->args) {
		if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
			drop(cl);
		return;
	}
	n = receive(cl);
	if (n == -EAGAIN)
		return;
	if (n <= 0) {
		drop(cl);
		return;
	}
	cl->len += (size_t)n;
	serve(cl);
	if (cl->gone)
		drop(cl);
}

static void on_listener(struct chim_watch_fd *w, uint32_t events)
{
	struct chim_control *control = w->ctx;
	struct timeval limit = { .tv_usec = SEND_MS * 1000 % 1000000, .tv_sec = SEND_MS / 1000 };
	struct client *cl;
	int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC);

	(void)events;
	if (fd < 0)
		return;
	cl = control->count < CHIM_CONTROL_CLIENTS ? calloc(1, sizeof(*cl)) : NULL;
	if (!cl) {
		close(fd);
		return;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	cl->control = control;
	cl->passed = -1;
	cl->line = malloc(CHIM_CONTROL_LINE);
	cl->watch.fd = fd;
	cl->watch.fn = on_client;
	cl->watch.ctx = cl;
	cl->next = control->clients;
	control->clients = cl;
	control->count++;
	if (!cl->line || chim_loop_watch(control->prog->loop, &cl->watch, EPOLLIN))
		drop(cl);
}

unsigned int chim_control_tick(struct chim_control *control)
{
	struct client *cl = control ? control->clients : NULL, *next;
	unsigned int waiting = 0;

	for (; cl; cl = next) {
		next = cl->next;
		if (cl->args) {
			ask(cl);
			if (!cl->args)
				serve(cl);
		}
		waiting += cl->args != NULL;
		if (cl->gone)
			drop(cl);
	}
	return waiting;
}

/* Does somebody listen there? A dead program leaves the name behind. */
static bool answered(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes = fd >= 0 && !connect(fd, (const struct sockaddr *)addr, sizeof(*addr));

	if (fd >= 0)
		close(fd);
	return yes;
}

int chim_control_open(struct chim_prog *prog, const char *path, struct chim_control **control)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct chim_control *new;
	mode_t mask;
	int err;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	if (answered(&addr))
		return -EADDRINUSE;
	unlink(path);
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->prog = prog;
	strcpy(new->path, path);
	new->watch.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	new->watch.fn = on_listener;
	new->watch.ctx = new;
	/* Who may connect may give orders: the owner only. */
	mask = umask(0177);
	err = new->watch.fd < 0 || bind(new->watch.fd, (struct sockaddr *)&addr, sizeof(addr)) ||
			      listen(new->watch.fd, CHIM_CONTROL_CLIENTS)
		      ? -errno
		      : 0;
	umask(mask);
	if (!err)
		err = chim_loop_watch(prog->loop, &new->watch, EPOLLIN);
	if (err) {
		if (new->watch.fd >= 0)
			close(new->watch.fd);
		free(new);
		return err;
	}
	*control = new;
	return 0;
}

void chim_control_close(struct chim_control *control)
{
	if (!control)
		return;
	while (control->clients)
		drop(control->clients);
	chim_loop_unwatch(control->prog->loop, &control->watch);
	close(control->watch.fd);
	unlink(control->path);
	free(control);
}
