/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Which frame goes where. Hard part: for each place of a connection, exactly one owner of its
 * frames.
 */
#include "path.h"

#include "icmp.h"
#include "move.h"

#include "../../rtl/contract/chim_contract.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PUMP_BURST = 256 };

/* Has the kernel a socket that takes this connection's frames? */
static bool kernel_holds(const struct chim_conn *c)
{
	return c->place == CHIM_CONNECTING || c->place == CHIM_IN_KERNEL ||
	       c->place == CHIM_CLOSING ||
	       (c->place == CHIM_TO_NIC && c->move.step < CHIM_STEP_DUMPED);
}

/* What the socket had sent before it was dumped still must go out; nothing after that. */
static bool may_leave(const struct chim_conn *c)
{
	if (c->place == CHIM_TO_NIC && c->move.step == CHIM_STEP_DUMPED)
		return c->watch.from_socket < c->img.segs_out;
	return kernel_holds(c);
}

static void capture(struct chim_prog *prog, const uint8_t *frame, size_t len)
{
	int err = chim_capture_put(prog->capture, frame, len);

	if (!err)
		return;
	chim_evlog_add(&prog->log, CHIM_ERROR, 0, "capture ended after an error");
	chim_capture_close(prog->capture);
	prog->capture = NULL;
}

/* Return: false: the frame must not go out. */
static bool check_out(struct chim_prog *prog, const uint8_t *frame, size_t len)
{
	struct chim_conn *c;
	struct chim_frame f;

	if (chim_frame_parse(frame, len, true, &f) || !f.tcp)
		return true;
	c = chim_conn_by_key(prog, &f.key);
	if (!c)
		return true;
	if (!may_leave(c)) {
		prog->path.kernel_muted++;
		return false;
	}
	chim_watch_out(&c->watch, &f);
	if (c->mute) {
		c->mute--;
		prog->path.kernel_muted++;
		return false;
	}
	return true;
}

unsigned int chim_path_pump(struct chim_prog *prog)
{
	unsigned int n;

	for (n = 0; n < PUMP_BURST; n++) {
		int err;

		if (!prog->pending) {
			const uint8_t *frame;
			ssize_t len = chim_netdev_recv(prog->netdev, &frame);

			if (len < 0)
				break;
			if (!check_out(prog, frame, (size_t)len))
				continue;
			prog->pending = frame;
			prog->pending_len = (size_t)len;
		}
		err = chim_nic_tx(prog->nic, prog->pending, prog->pending_len);
		if (err == -EAGAIN) {
			prog->path.nic_full++;
			break;
		}
		capture(prog, prog->pending, prog->pending_len);
		prog->pending = NULL;
		prog->path.to_nic++;
		if (err)
			prog->path.bad++;
	}
	return n;
}

int chim_path_to_kernel(struct chim_prog *prog, struct chim_conn *c, const struct chim_frame *f,
			size_t len, bool valid)
{
	int err;

	/*
	 * What the kernel has sent meanwhile decides which timestamp it remembers. (Not during a
	 * restore: what the socket sends then waits until the connection has its place again.)
	 */
	if (c && kernel_holds(c))
		chim_path_pump(prog);
	err = chim_netdev_send(prog->netdev, f->bytes, len);
	if (err) {
		prog->path.to_kernel_failed++;
		return err;
	}
	prog->path.to_kernel++;
	if (c && f->tcp)
		chim_watch_in(&c->watch, f, valid, chim_loop_now(prog->loop));
	return 0;
}

void chim_path_replay(struct chim_conn *c, struct chim_held *h)
{
	struct chim_frame f;

	if (!chim_frame_parse(h->bytes, h->len, false, &f))
		chim_path_to_kernel(c->prog, c, &f, h->len, h->valid);
	if (h->counted && c->move.entry)
		chim_nic_give_up(c->prog->nic, c->move.entry_id);
	free(h);
}

int chim_path_inject(void *ctx, const struct chim_key *key, const struct chim_segment *seg)
{
	static const uint8_t anyone[6] = { 2, 'p', 'e', 'e', 'r', 0 };
	struct chim_conn *c = ctx;
	struct chim_frame f;
	uint8_t buf[256];
	size_t len = chim_frame_build(buf, c->prog->cfg.netdev.mac, anyone, key, seg, NULL, 0);
	int err = chim_frame_parse(buf, len, false, &f);

	return err ? err : chim_path_to_kernel(c->prog, c, &f, len, true);
}

/* How a frame came up. */
struct came {
	bool valid;	     /* checksum verified */
	bool counted;	     /* the NIC counts it: forward or give up */
	unsigned int reason; /* enum chim_hw_pass_reason */
};

static void give_up(struct chim_conn *c, bool counted)
{
	if (counted && c->move.entry)
		chim_nic_give_up(c->prog->nic, c->move.entry_id);
}

/* The target cannot take such a frame at all; the kernel can, once it has the connection. */
static bool only_kernel(const struct chim_frame *f, unsigned int reason)
{
	return f->seg.flags & (CHIM_TH_SYN | CHIM_TH_URG) || reason == CHIM_PASS_REASON_URGENT ||
	       reason == CHIM_PASS_REASON_FROZEN;
}

/* A frame that the NIC passed up of a connection it has: in again if it can be, else upload. */
static void rx_offloaded(struct chim_conn *c, const struct chim_frame *f, size_t len,
			 const struct came *came)
{
	bool valid = came->valid || (f->ip_options &&
				     !chim_tcp_checksum(&f->key, f->bytes + f->l4, f->end - f->l4));

	c->withheld++;
	c->prog->path.withheld++;
	if (!valid || chim_held_add(&c->held, f, len, valid, came->counted)) {
		give_up(c, came->counted);
		return;
	}
	if (!only_kernel(f, came->reason))
		chim_move_forward_held(c);
	else if (came->reason != CHIM_PASS_REASON_FROZEN) /* frozen: the target asks by itself */
		chim_move_upload(c, "a frame that only the kernel can take");
}

static void rx_flow(struct chim_conn *c, const struct chim_frame *f, size_t len,
		    const struct came *came)
{
	if (kernel_holds(c) && !(came->counted && c->place == CHIM_TO_NIC)) {
		chim_path_to_kernel(c->prog, c, f, len, came->valid);
		give_up(c, came->counted);
		return;
	}
	if (c->place == CHIM_IN_NIC ||
	    (c->place == CHIM_TO_NIC && c->move.step == CHIM_STEP_RELEASE)) {
		rx_offloaded(c, f, len, came);
		return;
	}
	c->move.now.held++;
	if (chim_held_add(&c->held, f, len, came->valid, came->counted))
		give_up(c, came->counted);
}

static bool offloaded_peer(const struct chim_prog *prog, const struct chim_key *key)
{
	const struct chim_conn *c;

	for (c = prog->conns; c; c = c->next)
		if (c->place != CHIM_CLOSED && !kernel_holds(c) && c->key.family == key->family &&
		    !memcmp(c->key.remote, key->remote, chim_addr_len(key->family)))
			return true;
	return false;
}

/* Fragments of a peer with offloaded connections: whole, their ports tell whose they are. */
static void rx_fragment(struct chim_prog *prog, const struct chim_frame *f, size_t len)
{
	struct chim_held_queue parts;
	struct chim_conn *c = NULL;
	struct chim_frame whole;
	const uint8_t *bytes;
	size_t whole_len;

	if (chim_fragments_add(prog->fragments, f, len, chim_loop_now(prog->loop), &bytes,
			       &whole_len, &parts)) {
		prog->path.bad++;
		return;
	}
	if (!bytes)
		return;
	prog->path.reassembled++;
	if (!chim_frame_parse(bytes, whole_len, false, &whole) && whole.tcp)
		c = chim_conn_by_key(prog, &whole.key);
	if (c && !kernel_holds(c)) {
		struct came came = { .valid = !chim_tcp_checksum(&whole.key, bytes + whole.l4,
								 whole.end - whole.l4) };

		rx_flow(c, &whole, whole_len, &came);
	}
	while (parts.first) {
		struct chim_held *h = chim_held_take(&parts);
		struct chim_frame part;

		if ((!c || kernel_holds(c)) && !chim_frame_parse(h->bytes, h->len, false, &part))
			chim_path_to_kernel(prog, NULL, &part, h->len, true);
		free(h);
	}
}

/* Return: true: it was for a connection that the kernel does not hold, and has been used. */
static bool rx_too_big(struct chim_prog *prog, const struct chim_frame *f)
{
	struct chim_conn_info info;
	struct chim_too_big t;
	struct chim_conn *c;

	if (chim_icmp_too_big(f, &t))
		return false;
	c = chim_conn_by_key(prog, &t.key);
	if (!c || c->place != CHIM_IN_NIC)
		return false;
	/* RFC 5927 7.2: only a segment that is outstanding can have been too big. */
	if (chim_nic_conn_info(prog->nic, c->move.entry_id, &info) ||
	    !chim_seq_leq(info.snd_una, t.seq) || !chim_seq_lt(t.seq, info.snd_max) ||
	    t.mtu >= c->img.path_mtu) {
		chim_evlog_add(&prog->log, CHIM_INFO, c->id, "packet-too-big not believed");
		return true;
	}
	c->img.path_mtu = (uint16_t)t.mtu;
	prog->path.icmp_mtu++;
	chim_hs_mtu_changed(prog->hs, &c->key, t.mtu);
	return true;
}

bool chim_path_marker_seen(struct chim_prog *prog, chim_conn_t entry)
{
	size_t i;

	for (i = 0; i < CHIM_PROG_MARKERS; i++) {
		if (prog->markers[i] == entry && entry) {
			prog->markers[i] = 0;
			return true;
		}
	}
	return false;
}

void chim_path_rx(struct chim_prog *prog, const uint8_t *frame, size_t len,
		  const struct chim_rx_info *info)
{
	struct came came = { info->csum_ok, info->cls == CHIM_RX_HELD,
			     info->cls == CHIM_RX_PASSED ? info->reason : 0 };
	struct chim_conn *c = NULL;
	struct chim_frame f;

	if (info->cls == CHIM_RX_MARKER) {
		c = chim_conn_by_entry(prog, info->conn);
		if (c)
			chim_move_marker(c);
		else /* it came before the answer that says whose the entry is */
			prog->markers[prog->last_marker++ % CHIM_PROG_MARKERS] = info->conn;
		return;
	}
	capture(prog, frame, len);
	if (chim_frame_parse(frame, len, false, &f)) {
		prog->path.bad++;
		if (came.counted)
			chim_nic_give_up(prog->nic, info->conn);
		return;
	}
	if (f.fragment && offloaded_peer(prog, &f.key)) {
		rx_fragment(prog, &f, len);
		return;
	}
	if (!f.tcp && f.family && rx_too_big(prog, &f))
		return;
	if (f.tcp)
		c = chim_conn_by_key(prog, &f.key);
	if (c) {
		rx_flow(c, &f, len, &came);
		return;
	}
	if (came.counted)
		chim_nic_give_up(prog->nic, info->conn);
	chim_path_to_kernel(prog, NULL, &f, len, info->csum_ok);
}
