/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * P11: instructions of the host library per request of 64 bytes: post send, its completion, the
 * answer's indication, its return. Runs under callgrind, which counts inside turn() only: one poll,
 * in which the next request is posted from the indication, as a server does, and then the returns.
 * The device is the fake one of the library's unit tests; what it does when the library touches it
 * (register writes and doorbells) is counted too, its rings are served outside. Hard part: none.
 *
 * usage: requests CONNECTIONS ROUNDS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_dev.h"
#include "mock_host.h"

#include <chimney/nic.h>

enum { BYTES = 64, CONNS = FAKE_SLOTS };

struct user {
	struct conn handles; /* first: an indication names its .t */
	struct bench *bench;
	PNET_BUFFER_LIST request;
	uint32_t sent, received; /* bytes */
};

struct bench {
	struct fake_dev dev;
	struct chim_ndis *ndis;
	struct chim_nic *nic;
	NDIS_HANDLE driver, binding;
	struct host arena;
	struct user user[CONNS];
	unsigned int n;
	PNET_BUFFER_LIST taken[CONNS];
	unsigned int n_taken;
	bool initiated;
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

static void on_initiate(NDIS_HANDLE ctx, pblock *root)
{
	struct bench *b = ctx;

	b->initiated = root->DependentBlockList->DependentBlockList->Status == NDIS_STATUS_SUCCESS;
}

static void on_state(NDIS_HANDLE ctx, pblock *root)
{
	(void)ctx;
	(void)root;
}

static void on_neighbor(NDIS_HANDLE ctx, pblock *block, ULONG code)
{
	(void)ctx;
	(void)block;
	(void)code;
}

static void on_send(NDIS_HANDLE ctx, PNET_BUFFER_LIST chain)
{
	struct bench *b = ctx;

	for (; chain; chain = chain->Next) {
		b->completed++;
		b->wrong += chain->Status != NDIS_STATUS_SUCCESS;
	}
}

static void on_lists(NDIS_HANDLE ctx, PNET_BUFFER_LIST chain)
{
	(void)ctx;
	(void)chain;
}

static void on_event(PVOID context, ULONG type, ULONG info)
{
	(void)context;
	(void)type;
	(void)info;
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

static NDIS_STATUS set_options(NDIS_HANDLE driver, NDIS_HANDLE ctx)
{
	static const NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic = {
		.Header = { NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS, 1,
			    sizeof(generic) },
		.InitiateOffloadCompleteHandler = on_initiate,
		.TerminateOffloadCompleteHandler = on_state,
		.UpdateOffloadCompleteHandler = on_state,
		.InvalidateOffloadCompleteHandler = on_state,
		.QueryOffloadCompleteHandler = on_state,
		.IndicateOffloadEventHandler = on_neighbor,
	};
	static const NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp = {
		.Header = { NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_CHARACTERISTICS, 1,
			    sizeof(tcp) },
		.OffloadType = NdisTcpChimneyOffload,
		.TcpOffloadSendCompleteHandler = on_send,
		.TcpOffloadReceiveCompleteHandler = on_lists,
		.TcpOffloadDisconnectCompleteHandler = on_lists,
		.TcpOffloadForwardCompleteHandler = on_lists,
		.TcpOffloadEventHandler = on_event,
		.TcpOffloadReceiveIndicateHandler = on_data,
	};
	NDIS_STATUS status = NdisSetOptionalHandlers(driver, &generic.Header);

	(void)ctx;
	return status ? status : NdisSetOptionalHandlers(driver, &tcp.Header);
}

static void on_oid(NDIS_HANDLE ctx, PNDIS_OID_REQUEST req, NDIS_STATUS status)
{
	(void)ctx;
	(void)req;
	(void)status;
}

static void on_status(NDIS_HANDLE ctx, PNDIS_STATUS_INDICATION indication)
{
	(void)ctx;
	(void)indication;
}

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "requests: %s failed\n", what);
	exit(1);
}

static void open_all(struct bench *b)
{
	static const struct chim_ndis_protocol protocol = {
		.SetOptionsHandler = set_options,
		.OidRequestCompleteHandler = on_oid,
		.StatusHandlerEx = on_status,
	};
	struct chim_nic_cfg cfg = { .mac = { 2, 0, 0, 0, 0, 9 }, .mtu = 1500 };

	fake_init(&b->dev);
	need(!chim_ndis_create(NULL, &b->ndis), "router");
	need(!chim_nic_open(&b->dev.be, b->ndis, &cfg, &b->nic), "NIC");
	need(!chim_ndis_protocol_register(b->ndis, &protocol, b, &b->driver), "protocol");
	need(!chim_ndis_open(b->driver, chim_nic_adapter(b->nic), b, &b->binding), "binding");
}

static void offload(struct bench *b, struct user *u)
{
	pblock *tree = host_tree(&b->arena, &u->handles);
	TCP_OFFLOAD_STATE_CONST *c =
		chim_obl_state(tree->DependentBlockList->DependentBlockList, CHIM_STATE_CONST);

	c->LocalPort = (USHORT)(1000 + b->n);
	u->bench = b;
	u->request = host_list(&b->arena, BYTES);
	/* A slot for it. */
	b->dev.conn[b->n] = (struct fake_conn){ .used = true, .gen = 1 };
	for (unsigned int i = 0; i < b->n; i++)
		b->dev.conn[i].used = false;
	b->initiated = false;
	NdisInitiateOffload(b->binding, tree);
	for (unsigned int i = 0; i < 20; i++)
		chim_nic_poll(b->nic, 0);
	need(b->initiated, "initiate");
	for (unsigned int i = 0; i <= b->n; i++)
		b->dev.conn[i].used = true;
	b->n++;
}

/* What is measured; a function of its own for callgrind. */
void turn(struct bench *b);
__attribute__((noinline)) void turn(struct bench *b)
{
	chim_nic_poll(b->nic, 0);
	while (b->n_taken)
		if (NdisOffloadTcpReceiveReturn(b->binding, b->taken[--b->n_taken]) !=
		    NDIS_STATUS_SUCCESS)
			b->wrong++;
}

int main(int argc, char **argv)
{
	static struct bench b;
	unsigned int conns = argc > 2 ? (unsigned int)atoi(argv[1]) : 0;
	unsigned int rounds = argc > 2 ? (unsigned int)atoi(argv[2]) : 0;
	static const uint8_t answer[BYTES];

	if (!conns || conns > CONNS || !rounds) {
		fprintf(stderr, "usage: requests CONNECTIONS (1..%d) ROUNDS\n", CONNS);
		return 2;
	}
	open_all(&b);
	while (b.n < conns)
		offload(&b, &b.user[b.n]);
	for (unsigned int i = 0; i < conns; i++)
		post(&b.user[i]);
	chim_nic_poll(b.nic, 0);
	for (unsigned int r = 0; r < rounds; r++) {
		for (unsigned int i = 0; i < conns; i++) {
			struct user *u = &b.user[i];

			/* The device sent the request and placed the answer: one event for both. */
			need(b.dev.conn[i].bell[CHIM_QUEUE_SEND] == u->sent, "doorbell");
			fake_place(&b.dev, (uint16_t)i, u->received, answer, BYTES);
			fake_conn_event(&b.dev, (uint16_t)i, 0, u->sent, u->received + BYTES);
		}
		turn(&b);
	}
	need(b.completed == (uint64_t)rounds * conns && b.indicated == b.completed && !b.wrong,
	     "a request");
	printf("%llu requests\n", (unsigned long long)b.completed);
	return 0;
}
