/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The glue between the program's parts: what each tells the others. Hard part: these are called
 * from inside chim_nic_poll() and chim_ndis_poll(), where nothing may be taken down.
 */
#include "prog_glue.h"

#include "move.h"
#include "path.h"

#include <errno.h>
#include <string.h>

/* Relays */

static int relay_send(void *ctx, const uint8_t *bytes, size_t len)
{
	struct chim_conn *c = ctx;
	int err;

	if (c->hs.posted >= CHIM_RELAY_BYTES)
		return -EAGAIN;
	err = chim_hs_send(&c->hs, bytes, len);
	return err == -ENOMEM ? -EAGAIN : err;
}

static size_t relay_posted(void *ctx)
{
	return ((struct chim_conn *)ctx)->hs.posted;
}

static void relay_want_data(void *ctx)
{
	struct chim_conn *c = ctx;

	if (chim_hs_want_data(&c->hs))
		c->relay.refused = true; /* once more at the next occasion */
}

static void relay_give_back(void *ctx, PNET_BUFFER_LIST nbl)
{
	chim_hs_return(((struct chim_conn *)ctx)->prog->hs, nbl);
}

const struct chim_relay_ops chim_prog_relay_ops = {
	.send = relay_send,
	.posted = relay_posted,
	.want_data = relay_want_data,
	.give_back = relay_give_back,
};

/* The protocol side */

static int hs_mem(void *ctx, size_t len, void **va, uint64_t *iova)
{
	return chim_nic_mem(((struct chim_prog *)ctx)->nic, len, va, iova);
}

static void hs_mem_free(void *ctx, void *va)
{
	chim_nic_mem_free(((struct chim_prog *)ctx)->nic, va);
}

static void hs_initiated(void *ctx, struct chim_hs_conn *hc, NDIS_STATUS status)
{
	(void)ctx;
	chim_move_initiated(hc->user, status);
}

static void hs_terminated(void *ctx, struct chim_hs_conn *hc, NDIS_STATUS status,
			  struct chim_tcp_image *img)
{
	(void)ctx;
	chim_move_terminated(hc->user, status, img);
}

static void hs_queried(void *ctx, struct chim_hs_conn *hc, NDIS_STATUS status,
		       const TCP_OFFLOAD_STATE_DELEGATED *state)
{
	struct chim_conn *c = hc->user;

	(void)ctx;
	c->queried = status == NDIS_STATUS_SUCCESS;
	c->query_failed = !c->queried;
	c->state = *state;
}

static void hs_sent(void *ctx, struct chim_hs_conn *hc)
{
	(void)ctx;
	((struct chim_conn *)hc->user)->dirty = true;
}

static NDIS_STATUS hs_indicate(void *ctx, struct chim_hs_conn *hc, PNET_BUFFER_LIST nbl,
			       PULONG consumed)
{
	struct chim_conn *c = hc->user;
	NDIS_STATUS status;

	(void)ctx;
	c->dirty = true;
	if (!c->have_relay) {
		*consumed = 0;
		return NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED;
	}
	status = chim_relay_indicate(&c->relay, nbl, consumed);
	c->nic_accepted += *consumed;
	return status;
}

static void hs_forwarded(void *ctx, struct chim_hs_conn *hc, struct chim_held *frame,
			 NDIS_STATUS status)
{
	(void)ctx;
	chim_move_forwarded(hc->user, frame, status);
}

static void upload_request(struct chim_conn *c, ULONG reason)
{
	static const char *const reasons[] = {
		[LowActivity] = "low activity",
		[HighDropRate] = "high drop rate",
		[SmallIO] = "small receive buffers",
		[NoBufferPreposting] = "no receive buffers",
		[ReceivedUrgentData] = "urgent data",
		[HighFragmentation] = "fragments",
		[HighOutOfOrderPackets] = "out-of-order segments",
		[TimeoutExpiration] = "a timer expired",
		[InvalidState] = "an invalidated object",
		[UploadRequested] = "the target asked",
		[HardwareFailure] = "hardware failure",
	};
	const char *why =
		reason < MaxUploadReason && reasons[reason] ? reasons[reason] : "an unknown reason";

	if (chim_upload_is_mandatory(reason))
		chim_move_upload(c, why);
	else
		chim_evlog_add(&c->prog->log, CHIM_INFO, c->id, "upload request declined: %s", why);
}

static void hs_event(void *ctx, struct chim_hs_conn *hc, ULONG type, ULONG information)
{
	struct chim_conn *c = hc->user;

	(void)ctx;
	switch (type) {
	case TcpIndicateDisconnect:
		c->relay.net_eof = true;
		c->dirty = true;
		break;
	case TcpIndicateAbort:
		c->aborted = true;
		chim_move_upload(c, "reset by the peer");
		break;
	case TcpIndicateRetrieve: upload_request(c, information); break;
	default: break; /* a send backlog: our side is bounded by 64 KiB anyway */
	}
}

static uint32_t hs_reachability(void *ctx, const struct chim_hop *hop)
{
	struct chim_prog *prog = ctx;
	uint32_t ms;

	if (!chim_neigh_age(prog->neigh, hop, &ms))
		return ms ? ms : 1; /* 0 would say stale */
	chim_neigh_probe(prog->neigh, hop);
	return 0;
}

static void hs_status(void *ctx, NDIS_STATUS code)
{
	struct chim_prog *prog = ctx;
	struct chim_conn *c;

	prog->paused = code != NDIS_STATUS_OFFLOAD_RESUME;
	chim_evlog_add(&prog->log, CHIM_INFO, 0, "the target says: %s",
		       code == NDIS_STATUS_OFFLOAD_PAUSE ? "pause"
		       : code == NDIS_STATUS_UPLOAD_ALL	 ? "upload all"
							 : "resume");
	if (code == NDIS_STATUS_UPLOAD_ALL)
		for (c = prog->conns; c; c = c->next)
			chim_move_upload(c, "the target wants all back");
}

static void hs_warn(void *ctx, const char *what)
{
	chim_evlog_add(&((struct chim_prog *)ctx)->log, CHIM_WARN, 0, "%s", what);
}

const struct chim_hs_ops chim_prog_hs_ops = {
	.mem = hs_mem,
	.mem_free = hs_mem_free,
	.initiated = hs_initiated,
	.terminated = hs_terminated,
	.queried = hs_queried,
	.sent = hs_sent,
	.indicate = hs_indicate,
	.forwarded = hs_forwarded,
	.event = hs_event,
	.reachability = hs_reachability,
	.status = hs_status,
	.warn = hs_warn,
};

/* The device */

static void nic_rx(void *ctx, const uint8_t *frame, size_t len, const struct chim_rx_info *info)
{
	chim_path_rx(ctx, frame, len, info);
}

static void nic_hold_done(void *ctx, void *cookie, int err, chim_conn_t conn)
{
	chim_move_hold_done(ctx, cookie, err, conn);
}

static void nic_live_done(void *ctx, chim_conn_t conn, int err)
{
	chim_move_live_done(ctx, conn, err);
}

static void nic_dead(void *ctx, int err)
{
	struct chim_prog *prog = ctx;

	prog->dead = true;
	prog->dead_err = err;
	chim_evlog_add(&prog->log, CHIM_ERROR, 0, "the device stopped: %s", strerror(-err));
}

const struct chim_nic_events chim_prog_nic_events = {
	.rx = nic_rx,
	.hold_done = nic_hold_done,
	.live_done = nic_live_done,
	.dead = nic_dead,
};

/* The kernel's news */

static void on_neighbor(void *ctx, int ifindex, uint8_t family, const uint8_t address[16],
			const uint8_t *mac)
{
	struct chim_prog *prog = ctx;

	if (!prog->hs)
		return;
	if (mac)
		chim_hs_neighbor_changed(prog->hs, ifindex, family, address, mac);
	else
		prog->routes_changed = true; /* a lookup will say what that means */
}

static void on_routes(void *ctx)
{
	((struct chim_prog *)ctx)->routes_changed = true;
}

const struct chim_neigh_ops chim_prog_neigh_ops = {
	.neighbor = on_neighbor,
	.routes = on_routes,
};
