/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * P11: instructions of the host library per request of 64 bytes: post send, its completion, the
 * answer's indication, its return. Runs under callgrind, which counts inside turn() only: one poll,
 * in which the next request is posted from the indication, as a server does, and then the returns.
 * The device is the fake one of the library's unit tests; what it does when the library touches it
 * (register writes and doorbells) is counted too, its rings are served outside. Hard part: none.
 *
 * usage: requests CONNECTIONS ROUNDS [OPEN]: OPEN connections, of which CONNECTIONS are busy
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_dev.h"
#include "mock_host.h"

#include <chimney/nic.h>

enum { BYTES = 64, CONNS = FAKE_SLOTS_MAX };

struct user {
	struct conn handles; /* first: an indication names its .t */
	struct bench *bench;
	PNET_BUFFER_LIST request;
	uint32_t sent, received; /* bytes */
};

struct bench {
	struct host host; /* first: what a completion is told */
	struct fake_dev dev;
	struct chim_ndis *ndis;
	struct chim_nic *nic;
	struct user *user[CONNS];
	unsigned int n;
	PNET_BUFFER_LIST taken[CONNS];
	unsigned int n_taken;
	uint64_t completed, indicated, wrong;
};

static void post(struct user *u)
{
	PNET_BUFFER_LIST nbl = u->request;
	PNET_BUFFER nb = nbl->FirstNetBuffer;

	nbl->Next = NULL;
	nb->CurrentMdl = nb->MdlChain;
	nb->CurrentMdlOffset = nb->DataOffset = 0;
	nb->DataLength = BYTES;
	u->sent += BYTES;
	NdisOffloadTcpSend(&u->handles.t, nbl);
}

static void on_send(NDIS_HANDLE ctx, PNET_BUFFER_LIST chain)
{
	struct bench *b = ctx;

	for (; chain; chain = chain->Next) {
		b->completed++;
		b->wrong += chain->Status != NDIS_STATUS_SUCCESS;
	}
}

static NDIS_STATUS on_data(PVOID context, PNET_BUFFER_LIST nbl, NDIS_STATUS status, PULONG consumed)
{
	struct user *u = (void *)((char *)context - offsetof(struct conn, t));
	struct bench *b = u->bench;
	ULONG len = nbl->FirstNetBuffer->DataLength;

	(void)status;
	b->indicated++;
	b->wrong += len != BYTES;
	u->received += len;
	*consumed = len;
	b->taken[b->n_taken++] = nbl;
	post(u);
	return NDIS_STATUS_SUCCESS;
}

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "requests: %s failed\n", what);
	exit(1);
}

static void open_all(struct bench *b, unsigned int conns)
{
	struct chim_nic_cfg cfg = { .mac = { 2, 0, 0, 0, 0, 9 }, .mtu = 1500 };

	b->host.on_send = on_send;
	b->host.on_data = on_data;
	fake_init(&b->dev);
	if (conns > FAKE_SLOTS) {
		fake_init_slots(&b->dev, (uint16_t)conns);
		cfg.conn_rcv_bytes = cfg.conn_snd_bytes = 16u << 10;
		cfg.arena_bytes = 128u << 20;
	}
	need(!chim_ndis_create(NULL, &b->ndis), "router");
	need(!chim_nic_open(&b->dev.be, b->ndis, &cfg, &b->nic), "NIC");
	need(!host_open(&b->host, b->ndis, chim_nic_adapter(b->nic)), "host");
}

static void offload(struct bench *b)
{
	struct user *u = host_alloc(&b->host, sizeof(*u));
	pblock *tree = host_tree(&b->host, &u->handles);
	pblock *tcp = tree->DependentBlockList->DependentBlockList;
	TCP_OFFLOAD_STATE_CONST *c = chim_obl_state(tcp, CHIM_STATE_CONST);
	TCP_OFFLOAD_STATE_CACHED *k = chim_obl_state(tcp, CHIM_STATE_CACHED);

	k->InitialRcvWnd = 64u << 10;
	c->LocalPort = (USHORT)(1000 + b->n);
	u->bench = b;
	u->request = host_list(&b->host, BYTES);
	/* A slot for it. */
	b->dev.conn[b->n] = (struct fake_conn){ .used = true, .gen = 1 };
	for (unsigned int i = 0; i < b->n; i++)
		b->dev.conn[i].used = false;
	NdisInitiateOffload(b->host.binding, tree);
	for (unsigned int i = 0; i < 20; i++)
		chim_nic_poll(b->nic, 0);
	need(host_saw(&b->host, "initiate") && tcp->Status == NDIS_STATUS_SUCCESS, "initiate");
	b->user[b->n++] = u;
	for (unsigned int i = 0; i < b->n; i++)
		b->dev.conn[i].used = true;
}

/* What is measured; a function of its own for callgrind. */
void turn(struct bench *b);
__attribute__((noinline)) void turn(struct bench *b)
{
	chim_nic_poll(b->nic, 0);
	while (b->n_taken)
		if (NdisOffloadTcpReceiveReturn(b->host.binding, b->taken[--b->n_taken]) !=
		    NDIS_STATUS_SUCCESS)
			b->wrong++;
}

int main(int argc, char **argv)
{
	static struct bench b;
	unsigned int conns = argc > 2 ? (unsigned int)atoi(argv[1]) : 0;
	unsigned int rounds = argc > 2 ? (unsigned int)atoi(argv[2]) : 0;
	unsigned int open = argc > 3 ? (unsigned int)atoi(argv[3]) : conns;
	static const uint8_t answer[BYTES];

	if (!conns || conns > open || open > CONNS || !rounds) {
		fprintf(stderr, "usage: requests CONNECTIONS ROUNDS [OPEN (at most %d)]\n", CONNS);
		return 2;
	}
	open_all(&b, open);
	while (b.n < open)
		offload(&b);
	for (unsigned int i = 0; i < conns; i++)
		post(b.user[i]);
	chim_nic_poll(b.nic, 0);
	for (unsigned int r = 0; r < rounds; r++) {
		for (unsigned int i = 0; i < conns; i++) {
			struct user *u = b.user[i];

			/* The device sent the request and placed the answer: one event for both. */
			need(b.dev.conn[i].bell[CHIM_QUEUE_SEND] == u->sent, "doorbell");
			fake_place(&b.dev, (uint16_t)i, u->received, answer, BYTES);
			fake_conn_event(&b.dev, (uint16_t)i, 0, u->sent, u->received + BYTES);
		}
		turn(&b);
	}
	need(b.completed == (uint64_t)rounds * conns && b.indicated == b.completed && !b.wrong,
	     "a request");
	need(host_saw(&b.host, ""), "silence beside the requests");
	printf("%llu requests\n", (unsigned long long)b.completed);
	return 0;
}
