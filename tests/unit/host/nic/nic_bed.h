/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * What the tests of the NIC library stand on: the library between a host stack (mock) and a device
 * (fake), and a connection in and out. Hard part: none.
 */
#ifndef NIC_BED_H
#define NIC_BED_H

#include <string.h>

#include "../ndis/tap.h"
#include "fake_dev.h"
#include "mock_host.h"

#include <chimney/nic.h>

struct bed {
	struct fake_dev dev;
	struct chim_ndis *ndis;
	struct chim_nic *nic;
	struct host host;
	/* what the NIC told the program */
	unsigned int rx, markers, held, live, ends, deaths;
	uint8_t last[2048];
	size_t last_len;
	chim_conn_t last_conn, hold_conn;
	int hold_err, live_err;
};

static inline void on_rx(void *ctx, const uint8_t *frame, size_t len,
			 const struct chim_rx_info *info)
{
	struct bed *b = ctx;

	if (info->cls == CHIM_RX_MARKER) {
		b->markers++;
	} else {
		memcpy(b->last, frame, len);
		b->last_len = len;
		b->rx += info->cls == CHIM_RX_PLAIN;
		b->held += info->cls == CHIM_RX_HELD;
	}
	b->last_conn = info->conn;
}

static inline void on_hold(void *ctx, void *cookie, int err, chim_conn_t conn)
{
	struct bed *b = ctx;

	(void)cookie;
	b->hold_err = err;
	b->hold_conn = conn;
}

static inline void on_live(void *ctx, chim_conn_t conn, int err)
{
	struct bed *b = ctx;

	(void)conn;
	b->live += !err;
	b->ends += err != 0;
	b->live_err = err;
}

static inline void on_dead(void *ctx, int err)
{
	(void)err;
	((struct bed *)ctx)->deaths++;
}

static const struct chim_nic_events events = { on_rx, on_hold, on_live, on_dead };

static inline bool bed_open_sized(struct bed *b, size_t arena)
{
	struct chim_nic_cfg cfg = { .events = &events,
				    .ctx = b,
				    .mac = { 2, 0, 0, 0, 0, 9 },
				    .mtu = 1500,
				    .arena_bytes = arena,
				    .conn_rcv_bytes = 16384,
				    .conn_snd_bytes = 16384 };

	memset(b, 0, sizeof(*b));
	b->host.consumed = UINT32_MAX;
	fake_init(&b->dev);
	if (chim_ndis_create(NULL, &b->ndis))
		return false;
	if (chim_nic_open(&b->dev.be, b->ndis, &cfg, &b->nic))
		return false;
	return host_open(&b->host, b->ndis, chim_nic_adapter(b->nic)) == 0;
}

static inline bool bed_open(struct bed *b)
{
	return bed_open_sized(b, 4u << 20);
}

static inline void settle(struct bed *b)
{
	for (unsigned int i = 0; i < 20; i++)
		chim_nic_poll(b->nic, 100);
}

/* Everything closed, no rule of the interface broken by the NIC, the arena unmapped. */
static inline bool bed_close(struct bed *b)
{
	settle(b);
	CHECK_EQ(host_close(&b->host), 0);
	CHECK_EQ(chim_ndis_target_faults(b->ndis), 0);
	CHECK_EQ(chim_nic_close(b->nic), 0);
	CHECK_EQ(chim_ndis_destroy(b->ndis), 0);
	CHECK(!b->dev.va);
	host_free(&b->host);
	return true;
}

/* A list with @len bytes that start at @first and count up. */
static inline NET_BUFFER_LIST *counting(struct host *host, ULONG len, uint8_t first)
{
	NET_BUFFER_LIST *l = host_list(host, len);

	for (ULONG i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)(first + i);

		chim_nb_copy_in(l->FirstNetBuffer, i, &byte, 1);
	}
	return l;
}

static inline TCP_OFFLOAD_STATE_DELEGATED *delegated(pblock *tree)
{
	return chim_obl_state(tree->DependentBlockList->DependentBlockList, CHIM_STATE_DELEGATED);
}

/* A connection with SndUna 1000 and RcvNxt 5000, @unacked and @undelivered bytes on its way. */
static inline struct conn *offload_wnd(struct bed *b, ULONG unacked, ULONG undelivered,
				       ULONG rcv_wnd)
{
	struct conn *c = host_alloc(&b->host, sizeof(*c));
	pblock *tree = host_tree(&b->host, c);
	pblock *tcp = tree->DependentBlockList->DependentBlockList;
	TCP_OFFLOAD_STATE_DELEGATED *d = delegated(tree);

	d->State = TcpConnectionEstablished;
	d->SndUna = d->SndNxt = d->SndMax = 1000;
	d->RcvNxt = 5000;
	((TCP_OFFLOAD_STATE_CACHED *)chim_obl_state(tcp, CHIM_STATE_CACHED))->InitialRcvWnd =
		rcv_wnd;
	if (unacked)
		tcp->NetBufferListChain = d->SendDataHead = d->SendDataTail =
			counting(&b->host, unacked, 0);
	if (undelivered)
		d->BufferedData = counting(&b->host, undelivered, 100);
	NdisInitiateOffload(b->host.binding, tree);
	settle(b);
	return c;
}

static inline struct conn *offload(struct bed *b, ULONG unacked, ULONG undelivered)
{
	return offload_wnd(b, unacked, undelivered, 0);
}

/* A bed with one connection in the NIC, and nothing seen yet. NULL: it did not open. */
static inline struct conn *bed_offloaded(struct bed *b)
{
	struct conn *c;

	if (!bed_open(b))
		return NULL;
	c = offload(b, 0, 0);
	b->host.log[0] = 0;
	return c;
}

/* Terminates and leaves DELEGATED of the connection in @d. */
static inline bool terminate(struct bed *b, struct conn *c, TCP_OFFLOAD_STATE_DELEGATED *d,
			     pblock **tcp)
{
	pblock *tree = host_end_tree(&b->host, c);

	b->host.log[0] = 0;
	NdisTerminateOffload(b->host.binding, tree);
	settle(b);
	CHECK(b->host.done == tree);
	*tcp = tree->DependentBlockList->DependentBlockList;
	CHECK_EQ((*tcp)->Status, NDIS_STATUS_SUCCESS);
	*d = *delegated(tree);
	return true;
}

#endif
