/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The test bed; see bed.h. Hard part: handlers run inside the poll, so they only take notes.
 */
#include "bed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <chimney/backend.h>

#include "../../../host/backend/model.h"

const uint8_t bed_mac[6] = { 0x02, 0, 0, 0, 0, 0x0A };
const uint8_t bed_peer_mac[6] = { 0x02, 0, 0, 0, 0, 0x0B };

uint8_t bed_byte(bool from_peer, uint32_t at, bool changed)
{
	return (uint8_t)((at * 7u) ^ (at >> 8) * 13u ^ (from_peer ? 0x5Au : 0) ^
			 (changed ? 0xFFu : 0));
}

uint64_t bed_now(const struct bed *b)
{
	struct chim_shell_stats st;

	chim_shell_get_stats(chim_model_backend_shell(b->be), &st);
	return st.device_ns;
}

void bed_event(struct bed *b, const char *name, uint32_t value)
{
	if (b->closing || b->events == BED_QUEUE)
		return;
	b->event[b->events++] = (struct bed_event){ bed_now(b), name, value };
}

void bed_event_pop(struct bed *b)
{
	memmove(b->event, b->event + 1, --b->events * sizeof(b->event[0]));
}

void bed_frame_pop(struct bed *b)
{
	free(b->frame[0]);
	memmove(b->frame, b->frame + 1, --b->frames * sizeof(b->frame[0]));
}

static struct bed_frame *frame_new(const uint8_t *bytes, size_t len, uint64_t ns)
{
	struct bed_frame *f = calloc(1, sizeof(*f));

	if (!f || len > sizeof(f->bytes))
		abort();
	f->ns = ns;
	f->len = len;
	memcpy(f->bytes, bytes, len);
	return f;
}

/* What the NIC says beside the documented interface. */
static void on_rx(void *ctx, const uint8_t *frame, size_t len, const struct chim_rx_info *info)
{
	struct bed *b = ctx;

	switch (info->cls) {
	case CHIM_RX_PLAIN: bed_event(b, "plain", (uint32_t)len); break;
	case CHIM_RX_PASSED: bed_event(b, "passed", info->reason); break;
	case CHIM_RX_MARKER: b->marker = true; break;
	case CHIM_RX_HELD:
		bed_event(b, "held", (uint32_t)len);
		if (b->helds == BED_QUEUE)
			return;
		b->held[b->helds] = frame_new(frame, len, bed_now(b));
		b->held[b->helds++]->conn = info->conn;
		break;
	}
}

static void on_hold(void *ctx, void *cookie, int err, chim_conn_t conn)
{
	struct bed *b = ctx;

	(void)cookie;
	b->hold_done = !err;
	b->entry = conn;
}

static void on_live(void *ctx, chim_conn_t conn, int err)
{
	struct bed *b = ctx;

	b->entry = conn;
	b->live_err = err;
	bed_event(b, err == -ETIMEDOUT ? "timeout" : err ? "gone" : "live", 0);
}

static void on_dead(void *ctx, int err)
{
	bed_event(ctx, "dead", (uint32_t)-err);
}

/* Are the first @n of these the peer's bytes from @at on? */
static bool right_bytes(const NET_BUFFER_LIST *nbl, uint32_t at, uint32_t n)
{
	for (const NET_BUFFER *nb = nbl->FirstNetBuffer; nb; nb = nb->Next) {
		for (ULONG i = 0; i < nb->DataLength && n; i++, at++, n--) {
			uint8_t byte;

			if (!chim_nb_copy_out(nb, i, &byte, 1) || byte != bed_byte(true, at, false))
				return false;
		}
	}
	return true;
}

static void heard_data(struct bed *b)
{
	NET_BUFFER_LIST *nbl = b->host.data;
	uint32_t n = (uint32_t)chim_nbl_bytes(nbl);

	if (b->host.answer != NDIS_STATUS_SUCCESS) {
		bed_event(b, "refused-data", n);
		return;
	}
	b->wrong |= !right_bytes(nbl, b->received, n);
	b->received += n;
	if (b->lists < BED_QUEUE)
		b->list[b->lists++] = nbl;
	bed_event(b, "data", n);
}

static void heard_sends(struct bed *b)
{
	for (NET_BUFFER_LIST *l = b->host.list; l; l = l->Next)
		bed_event(b,
			  l->Status == NDIS_STATUS_SUCCESS	     ? "sent"
			  : l->Status == NDIS_STATUS_REQUEST_ABORTED ? "aborted"
								     : "unsent",
			  chim_nbl_info(l, TcpOffloadBytesTransferred));
}

/* Completed requests: their data was advanced over, so look at it from its start. */
static void heard_receives(struct bed *b)
{
	for (NET_BUFFER_LIST *l = b->host.list; l; l = l->Next) {
		ULONG n = chim_nbl_info(l, TcpOffloadBytesTransferred);

		if (n) {
			NdisRetreatNetBufferListDataStart(l, n, 0, NULL);
			b->wrong |= !right_bytes(l, b->received, n);
			b->received += n;
		}
		bed_event(b, l->Status == NDIS_STATUS_SUCCESS ? "received" : "not-received", n);
	}
}

/* Called in every handler of the mock host, which has just written what it was into its log. */
static void hook(struct host *host)
{
	struct bed *b = host->user;
	unsigned int a = 0, v = 0;

	if (!strncmp(host->log, "data", 4)) {
		heard_data(b);
	} else if (!strncmp(host->log, "send:", 5)) {
		heard_sends(b);
	} else if (!strncmp(host->log, "receive:", 8)) {
		heard_receives(b);
	} else if (!strncmp(host->log, "disconnect:", 11)) {
		bed_event(b,
			  host->list->Status == NDIS_STATUS_SUCCESS	      ? "closed"
			  : host->list->Status == NDIS_STATUS_REQUEST_ABORTED ? "close-aborted"
									      : "close-uploading",
			  chim_nbl_info(host->list, TcpOffloadBytesTransferred));
	} else if (!strncmp(host->log, "forward:", 8)) {
		for (NET_BUFFER_LIST *l = host->list; l; l = l->Next)
			bed_event(b, l->Status ? "not-forwarded" : "forwarded", 0);
	} else if (sscanf(host->log, "event%u:%u", &a, &v) == 2) {
		bed_event(b,
			  a == TcpIndicateDisconnect ? "fin"
			  : a == TcpIndicateAbort    ? "reset"
			  : a == TcpIndicateRetrieve ? "upload"
						     : "backlog",
			  v);
	}
	/* Completions of state operations are waited for, not scripted. */
	host->log[0] = 0;
}

static bool open_nic(struct bed *b)
{
	static const struct chim_nic_events events = { on_rx, on_hold, on_live, on_dead };
	struct chim_nic_cfg cfg = {
		.events = &events,
		.ctx = b,
		.mtu = 1500,
		.conns = 4,
		.arena_bytes = 8u << 20,
		.conn_rcv_bytes = BED_RING,
		.conn_snd_bytes = 65536,
	};

	memcpy(cfg.mac, bed_mac, 6);
	return !chim_ndis_create(NULL, &b->ndis) && !chim_nic_open(b->be, b->ndis, &cfg, &b->nic) &&
	       !host_open(&b->host, b->ndis, chim_nic_adapter(b->nic));
}

const char *bed_open(struct bed *b, unsigned int clocks, const char *pcap)
{
	struct chim_wire *nic_end;
	struct chim_options o;
	const char *what = NULL;
	int err;

	memset(b, 0, sizeof(*b));
	chim_options_init(&o);
	o.cycles_per_ms = clocks;
	if (pcap)
		strncpy(o.pcap, pcap, sizeof(o.pcap) - 1);
	if (chim_wire_pair(&nic_end, &b->peer))
		return "no memory";
	err = chim_model_backend_create(&o, nic_end, NULL, &b->be, &what);
	if (err)
		return what ? what : strerror(-err);
	b->host.user = b;
	b->host.hook = hook;
	return open_nic(b) ? NULL : "the NIC does not come up";
}

const char *bed_close(struct bed *b)
{
	const char *what = NULL;

	b->closing = true;
	b->keep = b->refuse = false;
	bed_return(b, BED_QUEUE);
	if (b->offloaded && !bed_terminate(b))
		what = "terminate at the end";
	bed_return(b, BED_QUEUE);
	for (unsigned int i = 0; i < 10; i++)
		bed_step(b);
	if (!what && chim_ndis_target_faults(b->ndis))
		what = "the NIC broke a rule of the interface";
	if (!what && host_close(&b->host))
		what = "unbind";
	if (!what && chim_nic_close(b->nic))
		what = "close of the NIC";
	if (!what && chim_ndis_destroy(b->ndis))
		what = "close of the router";
	if (what)
		return what;
	b->be->ops->close(b->be);
	chim_wire_close(b->peer);
	while (b->frames)
		bed_frame_pop(b);
	while (b->helds)
		free(b->held[--b->helds]);
	host_free(&b->host);
	return NULL;
}

void bed_flush(struct bed *b)
{
	chim_shell_flush(chim_model_backend_shell(b->be));
}

void bed_step(struct bed *b)
{
	struct chim_wire_frame f;

	b->host.answer = b->refuse ? NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED : NDIS_STATUS_SUCCESS;
	b->host.consumed = b->refuse ? 0 : UINT32_MAX;
	chim_nic_poll(b->nic, BED_TICK);
	if (!b->keep)
		bed_return(b, BED_QUEUE);
	while (chim_wire_recv(b->peer, bed_now(b), &f) == 1) {
		if (b->frames < BED_QUEUE)
			b->frame[b->frames++] = frame_new(f.data, f.len, f.time_ns);
	}
}

void bed_run_until(struct bed *b, uint64_t ns)
{
	while (bed_now(b) < ns)
		bed_step(b);
}

bool bed_wait(struct bed *b, bool (*done)(struct bed *b), unsigned int ms)
{
	uint64_t end = bed_now(b) + (uint64_t)ms * BED_MS;

	while (!done(b)) {
		if (bed_now(b) >= end)
			return false;
		bed_step(b);
	}
	return true;
}

void bed_return(struct bed *b, unsigned int n)
{
	unsigned int k;

	if (n > b->lists)
		n = b->lists;
	for (k = 0; k < n; k++) {
		b->list[k]->Next = NULL;
		if (NdisOffloadTcpReceiveReturn(b->host.binding, b->list[k]))
			b->wrong = true;
	}
	b->lists -= n;
	memmove(b->list, b->list + n, b->lists * sizeof(b->list[0]));
}

void bed_mark(struct bed *b)
{
	struct chim_counter c[128];
	int n = chim_nic_counters(b->nic, c, 128);

	for (int i = 0; i < n && i < 128; i++)
		b->base[i] = c[i].value;
}

bool bed_counter(struct bed *b, const char *name, uint64_t *value)
{
	struct chim_counter c[128];
	int n = chim_nic_counters(b->nic, c, 128);

	for (int i = 0; i < n && i < 128; i++) {
		if (!strcmp(c[i].name, name)) {
			*value = c[i].value - b->base[i];
			return true;
		}
	}
	return false;
}
