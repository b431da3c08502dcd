/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Accept, connect, and the policy. Hard part: the connection must be in the table before its first
 * frame is seen, or the frames are not counted.
 */
#include "proxy.h"

#include "move.h"
#include "prog.h"

#include <errno.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	ACCEPT_BURST = 16,
	NOTSENT_BYTES = 16384,
	POLICY_RETRY_MS = 200,
};

static void on_connected(struct chim_watch_fd *w, uint32_t events);

static int key_of_target(struct chim_conn *c, const struct chim_proxy *p)
{
	struct sockaddr_storage local;
	socklen_t len = sizeof(local);

	/* getpeername() does not answer before the handshake is done. */
	if (getsockname(c->fd, (struct sockaddr *)&local, &len))
		return -errno;
	if (p->target.ss_family == AF_INET) {
		const struct sockaddr_in *l = (void *)&local, *r = (const void *)&p->target;

		c->key.family = 4;
		memcpy(c->key.local, &l->sin_addr, 4);
		memcpy(c->key.remote, &r->sin_addr, 4);
		c->key.local_port = ntohs(l->sin_port);
		c->key.remote_port = ntohs(r->sin_port);
	} else {
		const struct sockaddr_in6 *l = (void *)&local, *r = (const void *)&p->target;

		c->key.family = 6;
		memcpy(c->key.local, &l->sin6_addr, 16);
		memcpy(c->key.remote, &r->sin6_addr, 16);
		c->key.local_port = ntohs(l->sin6_port);
		c->key.remote_port = ntohs(r->sin6_port);
		c->scope_id = r->sin6_scope_id;
	}
	return 0;
}

/*
 * Bound first, so that no other connect() of this host takes the port while a placeholder holds it
 * (a port that connect() chose may be shared).
 */
static int start_connect(struct chim_conn *c, const struct chim_proxy *p)
{
	struct sockaddr_storage any = { .ss_family = p->target.ss_family };
	int on = 1, lowat = NOTSENT_BYTES;

	c->fd = socket(p->target.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return -errno;
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(c->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat, sizeof(lowat));
	chim_watch_start(&c->watch, false, 0, 0);
	if (bind(c->fd, (struct sockaddr *)&any, p->target_len))
		return -errno;
	if (connect(c->fd, (const struct sockaddr *)&p->target, p->target_len) &&
	    errno != EINPROGRESS)
		return -errno;
	return key_of_target(c, p);
}

static void accept_one(struct chim_proxy *p, int app)
{
	struct chim_conn *c = chim_conn_new(p->prog);
	int err = -ENOMEM;

	if (c)
		err = chim_relay_init(&c->relay, app, &chim_prog_relay_ops, c);
	if (err) {
		close(app);
		p->failed++;
		if (c)
			chim_conn_abort(c, "no memory");
		return;
	}
	c->have_relay = true;
	c->manual = !p->automatic;
	c->after_bytes = p->after_bytes;
	err = start_connect(c, p);
	if (!err) {
		c->net_watch.fd = c->fd;
		c->net_watch.fn = on_connected;
		err = chim_loop_watch(p->prog->loop, &c->net_watch, EPOLLOUT);
	}
	if (err) {
		p->failed++;
		chim_conn_abort(c, strerror(-err));
	}
}

static void on_connected(struct chim_watch_fd *w, uint32_t events)
{
	struct chim_conn *c = w->ctx;
	socklen_t len = sizeof(int);
	int err = 0;

	(void)events;
	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	chim_loop_unwatch(c->prog->loop, w);
	w->fn = chim_conn_on_stream;
	if (err) {
		chim_conn_abort(c, strerror(err));
		return;
	}
	chim_conn_set_place(c, CHIM_IN_KERNEL);
	c->relay.net = c->fd;
	c->relay.side = CHIM_RELAY_KERNEL;
	chim_conn_period_start(c);
	c->dirty = true;
	chim_proxy_policy(c);
}

static void on_listener(struct chim_watch_fd *w, uint32_t events)
{
	struct chim_proxy *p = w->ctx;
	int i;

	(void)events;
	for (i = 0; i < ACCEPT_BURST; i++) {
		int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		p->accepted++;
		accept_one(p, fd);
	}
}

int chim_proxy_add(struct chim_prog *prog, int fd, const char *listen,
		   const struct sockaddr_storage *target, socklen_t target_len, bool automatic,
		   uint64_t after_bytes, struct chim_proxy **proxy)
{
	struct chim_proxy *p = calloc(1, sizeof(*p));
	int listening = 0, type = 0, err;
	socklen_t len = sizeof(int);

	if (!p) {
		close(fd);
		return -ENOMEM;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) || !listening ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) || type != SOCK_STREAM) {
		err = -EINVAL;
		goto err_close;
	}
	p->prog = prog;
	p->id = ++prog->last_proxy;
	p->watch.fd = fd;
	p->watch.fn = on_listener;
	p->watch.ctx = p;
	p->target = *target;
	p->target_len = target_len;
	p->automatic = automatic;
	p->after_bytes = after_bytes;
	snprintf(p->listen, sizeof(p->listen), "%s", listen);
	err = chim_loop_watch(prog->loop, &p->watch, EPOLLIN);
	if (err)
		goto err_close;
	p->next = prog->proxies;
	prog->proxies = p;
	*proxy = p;
	return 0;

err_close:
	close(fd);
	free(p);
	return err;
}

static void drop(struct chim_proxy *p)
{
	chim_loop_unwatch(p->prog->loop, &p->watch);
	close(p->watch.fd);
	free(p);
}

int chim_proxy_remove(struct chim_prog *prog, uint32_t id)
{
	struct chim_proxy **at;

	for (at = &prog->proxies; *at; at = &(*at)->next) {
		struct chim_proxy *p = *at;

		if (p->id == id) {
			*at = p->next;
			drop(p);
			return 0;
		}
	}
	return -ENOENT;
}

void chim_proxy_remove_all(struct chim_prog *prog)
{
	while (prog->proxies) {
		struct chim_proxy *p = prog->proxies;

		prog->proxies = p->next;
		drop(p);
	}
}

void chim_proxy_policy(struct chim_conn *c)
{
	struct chim_prog *prog = c->prog;
	struct chim_carried carried;
	int err;

	if (c->manual || c->place != CHIM_IN_KERNEL || chim_move_running(c) || prog->paused ||
	    c->relay.app_eof || c->relay.net_eof || chim_loop_now(prog->loop) < c->quiet_until_ms)
		return;
	chim_conn_period(c, &carried);
	if (carried.sent + carried.received < c->after_bytes)
		return;
	err = chim_move_offload(c);
	if (!err)
		return;
	c->quiet_until_ms = chim_loop_now(prog->loop) + POLICY_RETRY_MS;
	if (err != -EAGAIN && c->policy_err != err)
		chim_evlog_add(&prog->log, CHIM_WARN, c->id, "stays in the kernel: %s",
			       strerror(-err));
	c->policy_err = err;
}
