/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The sequence of a hand-off, as a state machine driven by events and ticks. Hard part: see move.h;
 * each state's meaning is written where it is entered.
 */
#include "move.h"

#include "path.h"
#include "prog.h"

#include "../../rtl/contract/chim_contract.h"
#include "../../rtl/contract/chim_regs.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* The kernel keeps little unsent data, so that little has to travel. */
	NOTSENT_BYTES = 16384,
	POLICY_PAUSE_MS = 1000, /* after a failed or unwanted offload */
};

static void enter(struct chim_conn *c, enum chim_step step)
{
	c->move.step = step;
	c->move.since_ms = chim_loop_now(c->prog->loop);
}

static bool waited(const struct chim_conn *c, unsigned int ms)
{
	return chim_loop_now(c->prog->loop) - c->move.since_ms > ms;
}

static void begin(struct chim_conn *c, enum chim_place place, enum chim_step step)
{
	memset(&c->move.now, 0, sizeof(c->move.now));
	c->move.now.ms = chim_loop_now(c->prog->loop);
	c->relay.side = CHIM_RELAY_NOBODY;
	chim_conn_set_place(c, place);
	enter(c, step);
	c->dirty = true;
}

/* The move in direction @result is over. */
static void end(struct chim_conn *c, struct chim_move_result *result, enum chim_place place)
{
	c->move.now.ms = chim_loop_now(c->prog->loop) - c->move.now.ms;
	*result = c->move.now;
	c->move.step = CHIM_STEP_NONE;
	chim_conn_set_place(c, place);
	c->relay.side = place == CHIM_IN_NIC ? CHIM_RELAY_NIC : CHIM_RELAY_KERNEL;
	c->relay.net = c->fd;
	c->dirty = true;
}

/* The entry of the device is not needed any more: its frames become plain ones. */
static void release_entry(struct chim_conn *c)
{
	if (!c->move.entry)
		return;
	if (chim_nic_release(c->prog->nic, c->move.entry_id))
		c->move.entry = false; /* it knows of none: so be it */
}

static void replay_all(struct chim_conn *c)
{
	struct chim_held *h;

	c->move.returned = 0;
	while ((h = chim_held_take(&c->held)))
		chim_path_replay(c, h);
}

static void tune_socket(int fd)
{
	int lowat = NOTSENT_BYTES;

	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat, sizeof(lowat));
}

/* The connection is in its socket again, whatever the move was. */
static void home(struct chim_conn *c)
{
	bool was_upload = c->place == CHIM_TO_KERNEL;
	int err = c->move.now.err;

	c->net_watch.fd = c->fd;
	end(c, was_upload ? &c->move.out : &c->move.in, CHIM_IN_KERNEL);
	replay_all(c);
	release_entry(c);
	if (was_upload) {
		c->uploads++;
		chim_evlog_add(
			&c->prog->log, CHIM_INFO, c->id,
			"uploaded (%s): %zu bytes unacknowledged, %zu unsent, %zu undelivered",
			c->move.why, c->move.out.unacknowledged, c->move.out.unsent,
			c->move.out.undelivered);
		return;
	}
	c->offload_failures++;
	c->quiet_until_ms =
		chim_loop_now(c->prog->loop) + (uint64_t)POLICY_PAUSE_MS * c->offload_failures;
	chim_evlog_add(&c->prog->log, CHIM_WARN, c->id, "not offloaded: %s", strerror(-err));
}

static void count_image(struct chim_conn *c)
{
	const struct chim_tcp_image *img = &c->img;
	size_t sent = img->SndMax - img->SndUna;

	if (sent > img->snd.len)
		sent = img->snd.len; /* our FIN has no byte */
	c->move.now.unacknowledged = sent;
	c->move.now.unsent = img->snd.len - sent;
	c->move.now.undelivered = img->rcv.len;
}

static void restore_again(struct chim_timer *t);

/* State RESTORE: until the kernel takes the image back. */
static void restore(struct chim_conn *c)
{
	struct chim_tcp_injector inj = { chim_path_inject, c };
	ssize_t left = c->fd;

	if (c->fd < 0)
		left = c->fd = chim_tcp_placeholder(&c->img);
	if (left >= 0) {
		chim_watch_start(&c->watch, c->img.timestamps, c->img.TsRecent, c->img.RcvNxt);
		left = chim_tcp_restore(c->fd, &c->img, &inj, &c->mute);
	}
	if (left < 0) {
		c->fd = -1; /* a failed restore closed it */
		if (++c->move.tries > CHIM_MOVE_RESTORE_TRIES) {
			chim_conn_abort(c, "the kernel does not take it back");
			return;
		}
		if (c->move.tries == 1)
			chim_evlog_add(&c->prog->log, CHIM_WARN, c->id, "restore: %s, trying again",
				       strerror((int)-left));
		c->move.timer.fn = restore_again;
		c->move.timer.ctx = c;
		chim_timer_start(c->prog->loop, &c->move.timer, CHIM_MOVE_RESTORE_EVERY_MS);
		return;
	}
	tune_socket(c->fd);
	chim_relay_put_back(&c->relay, c->img.snd.bytes, c->img.snd.len - (size_t)left,
			    c->img.snd.len);
	c->img.snd = (struct chim_tcp_data){ NULL, 0 };
	chim_tcp_image_free(&c->img);
	chim_conn_period_start(c);
	c->base.sent = 0; /* a restored socket has sent nothing but what was left to it */
	home(c);
}

static void restore_again(struct chim_timer *t)
{
	restore(t->ctx);
}

static void start_restore(struct chim_conn *c)
{
	c->move.tries = 0;
	enter(c, CHIM_STEP_RESTORE);
	restore(c);
}

/* An offload that failed with @err, before the target had the connection. */
static void undo(struct chim_conn *c, int err)
{
	enum chim_step step = c->move.step;

	c->move.now.err = err;
	if (step == CHIM_STEP_INITIATE) { /* the socket is a placeholder by now */
		start_restore(c);
		return;
	}
	if (step == CHIM_STEP_DUMPED) {
		chim_tcp_image_free(&c->img);
		chim_tcp_thaw(c->fd);
	}
	home(c);
}

static int check_offload(struct chim_conn *c)
{
	const NDIS_TCP_CONNECTION_OFFLOAD *caps;
	struct chim_prog *prog = c->prog;
	int err;

	if (c->place == CHIM_IN_NIC)
		return -EALREADY;
	if (chim_move_running(c))
		return -EBUSY;
	if (c->place != CHIM_IN_KERNEL || c->relay.net_shut || c->relay.end != CHIM_RELAY_RUNS)
		return -EINVAL;
	if (!prog->hs)
		return -ENOTSUP;
	if (prog->paused)
		return -ESHUTDOWN;
	caps = chim_hs_capabilities(prog->hs);
	if ((c->key.family == 4 ? caps->SupportIPv4 : caps->SupportIPv6) != NDIS_OFFLOAD_SUPPORTED)
		return -ENOTSUP;
	err = chim_neigh_lookup(prog->neigh, &c->key, c->scope_id, &c->hop);
	if (err)
		return err;
	if (c->hop.ifindex != chim_netdev_ifindex(prog->netdev))
		return -EXDEV;
	/* The entry of the last upload may still be on its way out. */
	return c->move.entry || !chim_hs_ready(prog->hs, &c->key, &c->hop) ? -EAGAIN : 0;
}

int chim_move_offload(struct chim_conn *c)
{
	int err = check_offload(c);

	if (!err)
		err = chim_nic_hold(c->prog->nic, &c->key, (void *)(uintptr_t)c->id);
	if (err)
		return err;
	c->move.marker = c->move.hold_ok = c->move.late = false;
	/* State HOLD: asked for; until it is answered and its marker has come. */
	begin(c, CHIM_TO_NIC, CHIM_STEP_HOLD);
	return 0;
}

static void try_dump(struct chim_conn *c);

static void hold_begun(struct chim_conn *c)
{
	if (c->move.step != CHIM_STEP_HOLD || !c->move.hold_ok || !c->move.marker)
		return;
	/* State DRAIN: frames from before the marker are on their way into the socket. */
	enter(c, CHIM_STEP_DRAIN);
	try_dump(c);
}

void chim_move_hold_done(struct chim_prog *prog, void *cookie, int err, chim_conn_t entry)
{
	struct chim_conn *c = chim_conn_by_id(prog, (uint32_t)(uintptr_t)cookie);

	if (!c || c->move.step != CHIM_STEP_HOLD) {
		/* Given up meanwhile. */
		if (!err)
			chim_nic_release(prog->nic, entry);
		return;
	}
	if (err) {
		undo(c, err);
		return;
	}
	c->move.entry = true;
	c->move.entry_id = entry;
	c->move.hold_ok = true;
	c->move.marker |= chim_path_marker_seen(prog, entry);
	hold_begun(c);
}

void chim_move_marker(struct chim_conn *c)
{
	c->move.marker = true;
	hold_begun(c);
}

/* RcvNxt + RcvWnd never goes back, and the NIC's ring must hold all up to there. */
static bool fits_ring(const struct chim_conn *c)
{
	return c->img.rcv.len + c->img.RcvWnd <= c->prog->cfg.rcv_bytes;
}

static void try_park(struct chim_conn *c);

static void try_dump(struct chim_conn *c)
{
	struct tcp_info info;
	int err = chim_tcp_info(c->fd, &info);

	if (!err && !chim_watch_all_in(&c->watch, info.tcpi_segs_in) &&
	    !waited(c, CHIM_MOVE_DRAIN_MS))
		return;
	if (!err)
		err = chim_tcp_freeze(c->fd);
	if (err) {
		undo(c, err);
		return;
	}
	err = chim_tcp_dump(c->fd, &c->img);
	if (err) {
		chim_tcp_thaw(c->fd);
		undo(c, err);
		return;
	}
	/* State DUMPED: what the socket sent before is on its way to the NIC's transmit ring. */
	enter(c, CHIM_STEP_DUMPED);
	if (!fits_ring(c)) {
		undo(c, -EMSGSIZE);
		return;
	}
	try_park(c);
}

static void try_initiate(struct chim_conn *c);

static void try_park(struct chim_conn *c)
{
	int fd;

	chim_path_pump(c->prog);
	if ((!chim_watch_all_out(&c->watch, c->img.segs_out) || c->prog->pending) &&
	    !waited(c, CHIM_MOVE_DRAIN_MS))
		return;
	chim_conn_period_end(c);
	chim_loop_unwatch(c->prog->loop, &c->net_watch);
	fd = chim_tcp_park(c->fd, &c->img);
	if (fd < 0) {
		chim_conn_period_start(c);
		undo(c, fd);
		return;
	}
	c->fd = fd;
	c->img.TsRecent = c->watch.ts_recent;
	c->img.TsRecentAge = (uint32_t)(chim_loop_now(c->prog->loop) - c->watch.ts_recent_ms);
	count_image(c);
	/* State INITIATE: the target is asked, the image is our only copy. */
	enter(c, CHIM_STEP_INITIATE);
	try_initiate(c);
}

static void try_initiate(struct chim_conn *c)
{
	int err;

	if (c->hs.busy)
		return; /* asked already */
	c->nic_accepted = 0;
	err = chim_hs_initiate(c->prog->hs, &c->hs, &c->img, &c->hop);
	if (err == -EAGAIN && !waited(c, CHIM_MOVE_INITIATE_MS))
		return;
	if (err)
		undo(c, err);
}

/*
 * An acknowledgment that the kernel owed: a segment below the window makes the target send one (RFC
 * 9293 3.10.7.4), once it may send.
 */
static void owe_ack(struct chim_conn *c)
{
	struct chim_segment seg = {
		.seq = c->img.RcvNxt - 1,
		.ack = c->img.SndUna,
		.flags = CHIM_TH_ACK,
		.window = (uint16_t)(c->img.SndWnd >> (c->img.wscale ? c->img.SndWindScale : 0)),
		.has_ts = c->img.timestamps,
		.tsval = c->img.TsRecent,
	};
	static const uint8_t nobody[6];
	struct chim_held_queue one = { 0 };
	struct chim_frame f;
	uint8_t buf[256];
	size_t len;

	if (c->img.rcv_wup == c->img.RcvNxt)
		return;
	len = chim_frame_build(buf, nobody, nobody, &c->key, &seg, NULL, 0);
	if (chim_frame_parse(buf, len, false, &f) || chim_held_add(&one, &f, len, true, false))
		return;
	chim_held_insert(&c->held, chim_held_take(&one), 0);
}

void chim_move_forward_held(struct chim_conn *c)
{
	struct chim_held *h;

	while ((h = chim_held_take(&c->held))) {
		if (h->valid && !chim_hs_forward(&c->hs, h)) {
			h->counted = false; /* the forward counts it off */
			continue;
		}
		if (h->valid) {
			chim_held_insert(&c->held, h, 0); /* uploading: it will be replayed */
			return;
		}
		if (h->counted && c->move.entry)
			chim_nic_give_up(c->prog->nic, c->move.entry_id);
		free(h);
	}
}

static void start_terminate(struct chim_conn *c)
{
	int err = chim_hs_terminate(&c->hs);

	if (err && err != -EAGAIN)
		chim_conn_abort(c, "the target cannot be asked for it");
}

/* The firmware's code says which rule it was. */
static void log_refusal(struct chim_conn *c, NDIS_STATUS status)
{
	uint32_t code = 0;
	const char *rule;

	if (chim_nic_reg_read(c->prog->nic, CHIM_REG_FW_CODE, &code))
		code = 0;
	rule = chim_hw_fw_code_name(code & 0xFF);
	chim_evlog_add(&c->prog->log, CHIM_INFO, c->id, "initiate: %s (firmware: %s %u)",
		       chim_status_name(status), rule ? rule : "?", code >> 8);
	chim_evlog_add(&c->prog->log, CHIM_INFO, c->id,
		       "refused: SndUna %u SndNxt +%u SndMax +%u data +%zu SndWnd %u, "
		       "RcvNxt %u RcvWnd %u undelivered %zu",
		       c->img.SndUna, c->img.SndNxt - c->img.SndUna, c->img.SndMax - c->img.SndUna,
		       c->img.snd.len, c->img.SndWnd, c->img.RcvNxt, c->img.RcvWnd, c->img.rcv.len);
}

void chim_move_initiated(struct chim_conn *c, NDIS_STATUS status)
{
	if (c->move.step != CHIM_STEP_INITIATE)
		return;
	if (status != NDIS_STATUS_SUCCESS) {
		log_refusal(c, status);
		undo(c, chim_status_errno(status));
		return;
	}
	if (c->move.late) {
		/* HOLD ran out meanwhile; what the target took it must give back. */
		c->move.why = "hold ran out";
		c->move.now.err = -ETIMEDOUT;
		chim_conn_set_place(c, CHIM_TO_KERNEL);
		enter(c, CHIM_STEP_TERMINATE);
		start_terminate(c);
		return;
	}
	/* State RELEASE: the target has it, and sends nothing until LIVE. */
	enter(c, CHIM_STEP_RELEASE);
	owe_ack(c);
	chim_move_forward_held(c);
	if (chim_nic_release(c->prog->nic, c->move.entry_id))
		chim_move_live_done(c->prog, c->move.entry_id, -EIO);
}

static void live(struct chim_conn *c)
{
	c->offloads++;
	chim_tcp_image_free(&c->img);
	chim_conn_period_start(c);
	end(c, &c->move.in, CHIM_IN_NIC);
	/* Undelivered data that went along waits in the target for a request (5.6). */
	if (c->move.in.undelivered)
		c->relay.refused = true;
	chim_evlog_add(&c->prog->log, CHIM_INFO, c->id,
		       "offloaded: %zu bytes unacknowledged, %zu unsent, %zu undelivered, %u held",
		       c->move.in.unacknowledged, c->move.in.unsent, c->move.in.undelivered,
		       c->move.in.held);
}

void chim_move_live_done(struct chim_prog *prog, chim_conn_t entry, int err)
{
	struct chim_conn *c = chim_conn_by_entry(prog, entry);

	if (!c)
		return;
	if (c->move.step == CHIM_STEP_RELEASE && !err) {
		live(c);
		return;
	}
	c->move.entry = false;
	switch (c->move.step) {
	case CHIM_STEP_HOLD:
	case CHIM_STEP_DRAIN:
	case CHIM_STEP_DUMPED: undo(c, -ETIMEDOUT); break;
	case CHIM_STEP_INITIATE: c->move.late = true; break;
	case CHIM_STEP_RELEASE:
		chim_tcp_image_free(&c->img);
		c->move.why = "hold ran out";
		c->move.now.err = err;
		c->move.in = c->move.now;
		chim_conn_set_place(c, CHIM_TO_KERNEL);
		enter(c, CHIM_STEP_TERMINATE);
		start_terminate(c);
		break;
	default: break; /* the entry of an upload is out: a new offload may begin */
	}
}

int chim_move_upload(struct chim_conn *c, const char *why)
{
	int err;

	if (c->place == CHIM_IN_KERNEL || c->place == CHIM_TO_KERNEL)
		return -EALREADY;
	if (chim_move_running(c))
		return -EBUSY;
	if (c->place != CHIM_IN_NIC)
		return -EINVAL;
	err = chim_hs_terminate(&c->hs);
	if (err && err != -EAGAIN)
		return err;
	c->move.why = why;
	/* State TERMINATE: the target stops, and gives back what it has. */
	begin(c, CHIM_TO_KERNEL, CHIM_STEP_TERMINATE);
	return 0;
}

void chim_move_terminated(struct chim_conn *c, NDIS_STATUS status, struct chim_tcp_image *img)
{
	c->move.entry = false; /* its later frames are plain ones */
	if (status != NDIS_STATUS_SUCCESS) {
		chim_conn_abort(c, "the target lost its state");
		return;
	}
	c->img = *img;
	chim_conn_period_end(c);
	if (img->State == TcpConnectionClosed) {
		chim_conn_abort(c, c->aborted ? "reset by the peer" : "closed in the NIC");
		return;
	}
	count_image(c);
	start_restore(c);
}

void chim_move_forwarded(struct chim_conn *c, struct chim_held *frame, NDIS_STATUS status)
{
	if (status != NDIS_STATUS_UPLOAD_IN_PROGRESS || c->place == CHIM_CLOSED) {
		free(frame);
		return;
	}
	/* Not processed: the kernel's, before all that came later. Completions are in order. */
	chim_held_insert(&c->held, frame, c->move.returned++);
	if (c->place == CHIM_IN_NIC)
		chim_move_upload(c, "the target is about to ask for it");
}

void chim_move_tick(struct chim_conn *c)
{
	switch (c->move.step) {
	case CHIM_STEP_HOLD:
		if (waited(c, CHIM_MOVE_HOLD_MS))
			undo(c, -ETIMEDOUT);
		break;
	case CHIM_STEP_DRAIN: try_dump(c); break;
	case CHIM_STEP_DUMPED: try_park(c); break;
	case CHIM_STEP_INITIATE: try_initiate(c); break;
	case CHIM_STEP_TERMINATE:
		if (!c->hs.busy)
			start_terminate(c);
		break;
	default: break;
	}
	if ((c->move.step == CHIM_STEP_INITIATE && waited(c, CHIM_MOVE_INITIATE_MS)) ||
	    (c->move.step == CHIM_STEP_RELEASE && waited(c, CHIM_MOVE_RELEASE_MS)) ||
	    (c->move.step == CHIM_STEP_TERMINATE && waited(c, CHIM_MOVE_TERMINATE_MS))) {
		c->prog->dead = true; /* it has our state and does not answer */
		c->prog->dead_err = -ETIMEDOUT;
	}
}
