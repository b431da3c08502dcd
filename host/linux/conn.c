/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The table of connections, their accounting and their end. Hard part: a byte counts for whoever
 * first advanced SndMax or RcvNxt over it, though both stacks may send it.
 */
#include "conn.h"

#include "move.h"
#include "path.h"
#include "prog.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	KEEP_CLOSED = 64, /* connections whose numbers are kept */
	CLOSING_EVERY_MS = 5,
	CLOSING_MS = 5000, /* until the peer acknowledged our FIN; then the kernel goes on */
};

const char *chim_place_name(enum chim_place place)
{
	static const char *const names[] = { "connecting", "kernel",  "to-nic", "nic",
					     "to-kernel",  "closing", "closed" };

	return names[place];
}

void chim_conn_on_stream(struct chim_watch_fd *w, uint32_t events)
{
	struct chim_conn *c = w->ctx;

	(void)events;
	c->dirty = true;
}

struct chim_conn *chim_conn_new(struct chim_prog *prog)
{
	struct chim_conn *c = calloc(1, sizeof(*c)), **at;

	if (!c)
		return NULL;
	c->prog = prog;
	c->id = ++prog->last_conn;
	c->place = CHIM_CONNECTING;
	c->since_ms = chim_loop_now(prog->loop);
	c->fd = -1;
	c->hs.user = c;
	c->relay.app = c->relay.net = -1;
	c->net_watch.fn = c->app_watch.fn = chim_conn_on_stream;
	c->net_watch.ctx = c->app_watch.ctx = c;
	for (at = &prog->conns; *at; at = &(*at)->next)
		;
	*at = c;
	chim_conn_prune(prog);
	return c;
}

struct chim_conn *chim_conn_by_id(struct chim_prog *prog, uint32_t id)
{
	struct chim_conn *c;

	for (c = prog->conns; c && c->id != id; c = c->next)
		;
	return c;
}

struct chim_conn *chim_conn_by_key(struct chim_prog *prog, const struct chim_key *key)
{
	struct chim_conn *c;

	for (c = prog->conns; c; c = c->next)
		if (c->place != CHIM_CLOSED && chim_key_equal(&c->key, key))
			break;
	return c;
}

struct chim_conn *chim_conn_by_entry(struct chim_prog *prog, chim_conn_t entry)
{
	struct chim_conn *c;

	for (c = prog->conns; c; c = c->next)
		if (c->move.entry && c->move.entry_id == entry)
			break;
	return c;
}

static void conn_free(struct chim_conn *c)
{
	while (c->held.first)
		free(chim_held_take(&c->held));
	free(c);
}

/* A lost state stays the target's, and its handle in our memory, for good (chimney 6.4.9). */
static bool may_free(const struct chim_conn *c)
{
	return c->place == CHIM_CLOSED && !c->hs.offloaded && !c->hs.busy && !c->hs.sends &&
	       !c->hs.forwards && !c->hs.querying;
}

void chim_conn_prune(struct chim_prog *prog)
{
	struct chim_conn **at = &prog->conns;
	unsigned int closed = 0;
	struct chim_conn *c;

	for (c = prog->conns; c; c = c->next)
		closed += c->place == CHIM_CLOSED;
	while (*at && closed > KEEP_CLOSED) {
		c = *at;
		if (!may_free(c)) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		conn_free(c);
		closed--;
	}
}

void chim_conn_free_all(struct chim_prog *prog)
{
	while (prog->conns) {
		struct chim_conn *c = prog->conns;

		prog->conns = c->next;
		conn_free(c);
	}
}

void chim_conn_set_place(struct chim_conn *c, enum chim_place place)
{
	c->place = place;
	c->since_ms = chim_loop_now(c->prog->loop);
}

/* Payload between two states; FINs occupy a number and are no payload. */
static struct chim_carried nic_carried(const struct chim_tcp_image *from,
				       TCP_OFFLOAD_CONNECTION_STATE state, uint32_t snd_max,
				       uint32_t rcv_nxt)
{
	struct chim_carried c = { snd_max - from->SndMax, rcv_nxt - from->RcvNxt };

	c.sent -= chim_tcp_fin_sent(state) && !chim_tcp_fin_sent(from->State);
	c.received -= chim_tcp_fin_rcvd(state) && !chim_tcp_fin_rcvd(from->State);
	return c;
}

void chim_conn_period(struct chim_conn *c, struct chim_carried *carried)
{
	struct chim_conn_info info;
	struct chim_tcp_bytes bytes;

	memset(carried, 0, sizeof(*carried));
	if (c->place == CHIM_IN_NIC) {
		bool fin = c->relay.net_eof;

		if (!chim_nic_conn_info(c->prog->nic, c->move.entry_id, &info))
			*carried = nic_carried(&c->hs.img,
					       fin ? TcpConnectionCloseWait : c->hs.img.State,
					       info.snd_max, info.rcv_placed + info.rcv_fin);
	} else if (c->fd >= 0 && c->move.step < CHIM_STEP_INITIATE &&
		   !chim_tcp_bytes(c->fd, &bytes)) {
		carried->sent = bytes.sent - c->base.sent;
		carried->received = bytes.received - c->base.received;
	}
}

void chim_conn_period_end(struct chim_conn *c)
{
	struct chim_carried now;

	if (c->place == CHIM_TO_KERNEL) {
		now = nic_carried(&c->hs.img, c->img.State, c->img.SndMax, c->img.RcvNxt);
		c->nic.sent += now.sent;
		c->nic.received += now.received;
		return;
	}
	chim_conn_period(c, &now);
	c->kernel.sent += now.sent;
	c->kernel.received += now.received;
}

void chim_conn_period_start(struct chim_conn *c)
{
	struct chim_tcp_bytes bytes = { 0, 0 };

	if (c->fd >= 0 && c->place != CHIM_TO_NIC)
		chim_tcp_bytes(c->fd, &bytes);
	c->base.sent = bytes.sent;
	c->base.received = bytes.received;
}

void chim_conn_totals(struct chim_conn *c, struct chim_carried *kernel, struct chim_carried *nic)
{
	struct chim_carried now;

	*kernel = c->kernel;
	*nic = c->nic;
	if (c->place == CHIM_CLOSED)
		return;
	chim_conn_period(c, &now);
	if (c->place == CHIM_IN_NIC) {
		nic->sent += now.sent;
		nic->received += now.received;
	} else {
		kernel->sent += now.sent;
		kernel->received += now.received;
	}
}

void chim_conn_backlog(struct chim_conn *c, size_t *unacknowledged, size_t *undelivered)
{
	struct chim_conn_info info;
	int queued = 0, unsent = 0;

	*unacknowledged = *undelivered = 0;
	if (c->place == CHIM_IN_NIC) {
		uint64_t came;

		if (chim_nic_conn_info(c->prog->nic, c->move.entry_id, &info))
			return;
		came = info.rcv_placed - c->hs.img.RcvNxt + c->move.in.undelivered;
		*unacknowledged = info.snd_max - info.snd_una;
		*undelivered = came > c->nic_accepted ? (size_t)(came - c->nic_accepted) : 0;
	} else if (c->place == CHIM_IN_KERNEL) {
		if (!ioctl(c->fd, SIOCOUTQ, &queued) && !ioctl(c->fd, SIOCOUTQNSD, &unsent))
			*unacknowledged = (size_t)(queued - unsent);
		if (!ioctl(c->fd, SIOCINQ, &queued))
			*undelivered = (size_t)queued;
	}
}

static void reset_on_close(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* The end: descriptors and buffers go, the numbers stay. */
static void finish(struct chim_conn *c, const char *how)
{
	struct chim_prog *prog = c->prog;

	if (c->place != CHIM_CONNECTING && c->move.step < CHIM_STEP_INITIATE &&
	    c->place != CHIM_IN_NIC && c->place != CHIM_TO_KERNEL)
		chim_conn_period_end(c);
	chim_timer_stop(prog->loop, &c->move.timer);
	chim_loop_unwatch(prog->loop, &c->app_watch);
	chim_loop_unwatch(prog->loop, &c->net_watch);
	if (c->have_relay) {
		chim_relay_fini(&c->relay);
		close(c->relay.app);
	}
	c->have_relay = false;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	chim_tcp_image_free(&c->img);
	while (c->held.first)
		chim_path_replay(c, chim_held_take(&c->held));
	c->move.step = CHIM_STEP_NONE;
	chim_conn_set_place(c, CHIM_CLOSED);
	if (c->move.entry)
		chim_nic_release(prog->nic, c->move.entry_id);
	chim_evlog_add(&prog->log, CHIM_INFO, c->id, "%s", how);
}

void chim_conn_abort(struct chim_conn *c, const char *why)
{
	if (c->place == CHIM_CLOSED)
		return;
	if (c->fd >= 0)
		reset_on_close(c->fd);
	if (c->have_relay)
		reset_on_close(c->relay.app);
	chim_evlog_add(&c->prog->log, CHIM_WARN, c->id, "reset: %s", why);
	finish(c, "closed");
}

static void closing(struct chim_timer *t)
{
	struct chim_conn *c = t->ctx;
	int unacknowledged = 0;

	if (ioctl(c->fd, SIOCOUTQ, &unacknowledged) || !unacknowledged ||
	    chim_loop_now(c->prog->loop) - c->since_ms > CLOSING_MS) {
		finish(c, "closed");
		return;
	}
	chim_timer_start(c->prog->loop, t, CLOSING_EVERY_MS);
}

/* Both directions are through; our FIN, or data before it, may still be unacknowledged. */
static void start_closing(struct chim_conn *c)
{
	chim_loop_unwatch(c->prog->loop, &c->app_watch);
	chim_loop_unwatch(c->prog->loop, &c->net_watch);
	chim_conn_set_place(c, CHIM_CLOSING);
	c->move.timer.fn = closing;
	c->move.timer.ctx = c;
	closing(&c->move.timer);
}

static void watch(struct chim_conn *c, struct chim_watch_fd *w, int fd, uint32_t events)
{
	/* Without a wish it is not watched at all: errors would be reported over and over. */
	if (!events) {
		chim_loop_unwatch(c->prog->loop, w);
		return;
	}
	w->fd = fd;
	if (chim_loop_watch(c->prog->loop, w, events))
		chim_evlog_add(&c->prog->log, CHIM_ERROR, c->id, "cannot watch a descriptor");
}

static void act_on_end(struct chim_conn *c)
{
	switch (c->relay.end) {
	case CHIM_RELAY_DONE: start_closing(c); break;
	case CHIM_RELAY_APP_GONE:
		if (c->place == CHIM_IN_NIC)
			chim_move_upload(c, "the application is gone");
		else
			chim_conn_abort(c, "the application is gone");
		break;
	case CHIM_RELAY_NET_GONE:
		if (c->place == CHIM_IN_NIC)
			chim_move_upload(c, "the target takes no data");
		else
			chim_conn_abort(c, "the connection broke");
		break;
	default:
		if (chim_relay_wants_close(&c->relay))
			chim_move_upload(c, "end of file");
		break;
	}
}

void chim_conn_run(struct chim_conn *c)
{
	c->dirty = false;
	if (!c->have_relay || c->place == CHIM_CONNECTING || c->place >= CHIM_CLOSING)
		return;
	chim_relay_run(&c->relay);
	if (!chim_move_running(c))
		act_on_end(c);
	if (c->place >= CHIM_CLOSING)
		return;
	watch(c, &c->app_watch, c->relay.app, chim_relay_wants_app(&c->relay));
	watch(c, &c->net_watch, c->fd, chim_relay_wants_net(&c->relay));
}
