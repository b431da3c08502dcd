/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The program: setting up, the loop, taking down. Hard part: the order; each part is taken down
 * only when no other can call it any more.
 */
#include "prog_glue.h"

#include "control.h"
#include "move.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	DELIVERIES = 256, /* completions per round */
	IDLE_MS = 100,	  /* longest sleep when nothing is due */
	DOWN_MS = 30000,  /* all connections back into the kernel */
	RCV_WND = 65536,  /* what the kernel surely takes back, see platform limits in README */
	RCV_INDICATION = 16384,
};

/* Each offloaded connection's way, once more. One that leads elsewhere goes back to the kernel. */
static void check_routes(struct chim_prog *prog)
{
	struct chim_conn *c;

	prog->routes_changed = false;
	for (c = prog->conns; c; c = c->next) {
		struct chim_hop hop;
		int err;

		if (c->place != CHIM_IN_NIC)
			continue;
		err = chim_neigh_lookup(prog->neigh, &c->key, c->scope_id, &hop);
		if (err == -EAGAIN || err == -ETIMEDOUT)
			continue; /* the kernel is asking for the address: it will be news */
		if (err || hop.ifindex != c->hop.ifindex ||
		    memcmp(hop.address, c->hop.address, sizeof(hop.address))) {
			chim_move_upload(c, "its route changed");
			continue;
		}
		if (hop.mtu < c->img.path_mtu) {
			c->img.path_mtu = (uint16_t)hop.mtu;
			chim_hs_mtu_changed(prog->hs, &c->key, hop.mtu);
		}
	}
}

static void on_netdev(struct chim_watch_fd *w, uint32_t events)
{
	(void)w; /* the loop pumps in every round */
	(void)events;
}

static void on_neigh(struct chim_watch_fd *w, uint32_t events)
{
	struct chim_prog *prog = w->ctx;

	(void)events;
	chim_neigh_news(prog->neigh);
}

static void on_device(struct chim_watch_fd *w, uint32_t events)
{
	(void)w;
	(void)events;
}

static void on_irq(struct chim_watch_fd *w, uint32_t events)
{
	uint64_t count;

	(void)events;
	if (read(w->fd, &count, sizeof(count)) < 0) {
		/* somebody took it: chim_nic_poll() looks anyway */
	}
}

/* Setting up */

static int enter_netns(const char *name)
{
	char path[128];
	int fd, err = 0;

	snprintf(path, sizeof(path), strchr(name, '/') ? "%s" : "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (setns(fd, CLONE_NEWNET))
		err = -errno;
	close(fd);
	return err;
}

static int watch(struct chim_prog *prog, struct chim_watch_fd *w, int fd,
		 void (*fn)(struct chim_watch_fd *, uint32_t))
{
	w->fd = fd;
	w->fn = fn;
	w->ctx = prog;
	return fd < 0 ? 0 : chim_loop_watch(prog->loop, w, EPOLLIN);
}

static int watch_all(struct chim_prog *prog)
{
	int timeout, err;
	unsigned int i;

	err = watch(prog, &prog->netdev_watch, chim_netdev_fd(prog->netdev), on_netdev);
	if (!err)
		err = watch(prog, &prog->neigh_watch, chim_neigh_fd(prog->neigh), on_neigh);
	if (!err)
		err = watch(prog, &prog->device_watch, prog->be->ops->pollfd(prog->be, &timeout),
			    on_device);
	for (i = 0; i < CHIM_PROG_VECTORS && !err; i++) {
		int fd = prog->be->ops->irq_fd(prog->be, i);

		if (fd >= 0)
			err = watch(prog, &prog->irq_watch[i], fd, on_irq);
	}
	return err;
}

static int open_device(struct chim_prog *prog)
{
	struct chim_nic_cfg cfg = {
		.events = &chim_prog_nic_events,
		.ctx = prog,
		.mtu = prog->cfg.netdev.mtu,
		.conns = prog->cfg.conns,
		.conn_rcv_bytes = prog->cfg.rcv_bytes,
	};

	memcpy(cfg.mac, prog->cfg.netdev.mac, sizeof(cfg.mac));
	return chim_nic_open(prog->be, prog->ndis, &cfg, &prog->nic);
}

static int open_protocol(struct chim_prog *prog)
{
	struct chim_hs_limits limits = { RCV_WND, RCV_INDICATION };
	int err = chim_hs_create(prog->ndis, chim_nic_adapter(prog->nic), &chim_prog_hs_ops, prog,
				 &limits, &prog->hs);

	if (err != -ENOTSUP)
		return err;
	prog->hs = NULL; /* a plain NIC */
	chim_evlog_add(&prog->log, CHIM_WARN, 0, "the device offloads no TCP connections");
	return 0;
}

int chim_prog_up(const struct chim_prog_cfg *cfg, struct chim_prog **out, const char **what)
{
	struct chim_prog *prog = calloc(1, sizeof(*prog));
	int err;

	*what = "memory";
	if (!prog)
		return -ENOMEM;
	prog->cfg = *cfg;
	prog->log.print = cfg->print;
	err = chim_loop_create(&prog->loop);
	if (!err)
		err = chim_fragments_create(&prog->fragments);
	if (!err)
		err = chim_ndis_create(NULL, &prog->ndis);
	/* The wire of a model is where we are now; the sockets are where we go then. */
	if (!err) {
		*what = "device";
		err = chim_backend_open(cfg->device, &prog->be);
	}
	if (!err && cfg->netns) {
		*what = "network namespace";
		err = enter_netns(cfg->netns);
	}
	if (!err) {
		*what = "control socket";
		err = chim_control_open(prog, cfg->control, &prog->control);
	}
	if (!err) {
		*what = "network device";
		err = chim_netdev_open(&cfg->netdev, &prog->netdev);
	}
	if (!err) {
		*what = "routes";
		err = chim_neigh_open(&chim_prog_neigh_ops, prog, &prog->neigh);
	}
	if (!err) {
		*what = "device";
		err = open_device(prog);
	}
	if (!err)
		err = open_protocol(prog);
	if (!err)
		err = watch_all(prog);
	if (err) {
		chim_prog_down(prog);
		return err;
	}
	prog->started_ms = chim_loop_now(prog->loop);
	*out = prog;
	return 0;
}

/* The loop */

/* Everything that has to be looked at without an event. Return: is something under way? */
static bool tick(struct chim_prog *prog)
{
	struct chim_conn *c, *next;
	bool busy = false;

	for (c = prog->conns; c; c = next) {
		next = c->next;
		if (chim_move_running(c)) {
			chim_move_tick(c);
			busy = true;
		}
		if (c->place == CHIM_IN_KERNEL)
			chim_proxy_policy(c);
		if (c->dirty) {
			chim_conn_run(c);
			busy = true;
		}
	}
	if (prog->routes_changed)
		check_routes(prog);
	return chim_control_tick(prog->control) || busy;
}

/* One round: the device, its completions, the ordinary path, then what waits for descriptors. */
static int one_round(struct chim_prog *prog)
{
	int64_t handled = chim_nic_poll(prog->nic, prog->cfg.budget);
	int timeout = -1, err;
	bool busy;

	if (handled < 0) {
		prog->dead = true;
		prog->dead_err = (int)handled;
	}
	handled += chim_ndis_poll(prog->ndis, DELIVERIES);
	handled += chim_path_pump(prog);
	busy = tick(prog);
	prog->be->ops->pollfd(prog->be, &timeout);
	if (timeout < 0 || timeout > IDLE_MS)
		timeout = IDLE_MS;
	if (handled > 0 || prog->pending || chim_ndis_pending(prog->ndis))
		timeout = 0;
	else if (busy && timeout > 1)
		timeout = 1;
	err = chim_loop_round(prog->loop, timeout);
	return err < 0 ? err : 0;
}

int chim_prog_run(struct chim_prog *prog)
{
	int err = 0;

	while (!prog->stop && !prog->dead && !err)
		err = one_round(prog);
	return prog->dead ? prog->dead_err : err;
}

void chim_prog_stop(struct chim_prog *prog)
{
	prog->stop = true;
}

/* Taking down */

static bool all_home(struct chim_prog *prog)
{
	struct chim_conn *c;
	bool all = true;

	for (c = prog->conns; c; c = c->next) {
		c->manual = true;
		if (c->place == CHIM_IN_NIC)
			chim_move_upload(c, "chimney down");
		all &= !chim_move_running(c) && c->place != CHIM_IN_NIC && !c->move.entry;
	}
	return all && !(prog->hs && chim_hs_flush(prog->hs));
}

static void close_conns(struct chim_prog *prog)
{
	struct chim_conn *c;

	for (c = prog->conns; c; c = c->next)
		chim_conn_abort(c, "chimney down");
}

static void close_device(struct chim_prog *prog)
{
	uint64_t until = chim_loop_now(prog->loop) + DOWN_MS;
	int err;

	if (prog->hs && chim_hs_destroy(prog->hs))
		chim_evlog_add(&prog->log, CHIM_WARN, 0, "the protocol side is still in use");
	prog->hs = NULL;
	while (prog->nic && (err = chim_nic_close(prog->nic)) == -EBUSY && !prog->dead &&
	       chim_loop_now(prog->loop) < until)
		one_round(prog);
	prog->nic = NULL;
}

void chim_prog_down(struct chim_prog *prog)
{
	uint64_t until;

	if (!prog)
		return;
	chim_proxy_remove_all(prog);
	until = prog->loop ? chim_loop_now(prog->loop) + DOWN_MS : 0;
	while (prog->nic && prog->neigh && !prog->dead && !all_home(prog) &&
	       chim_loop_now(prog->loop) < until && !one_round(prog))
		;
	close_conns(prog);
	if (prog->nic)
		close_device(prog);
	chim_conn_free_all(prog);
	chim_control_close(prog->control);
	chim_capture_close(prog->capture);
	chim_neigh_close(prog->neigh);
	chim_netdev_close(prog->netdev);
	if (prog->be)
		chim_backend_close(prog->be);
	chim_ndis_destroy(prog->ndis);
	chim_fragments_destroy(prog->fragments);
	chim_loop_destroy(prog->loop);
	free(prog);
}
