/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The shortest miniport and the shortest host stack that offload one connection, exchange data both
 * ways and take it back: what a newcomer reads first. Hard part: where each side must wait for the
 * poll. The "device" is a loop: what is sent is acknowledged and comes back as received data.
 */
#include <string.h>

#include "../unit/host/ndis/tap.h"
#include "deliver.h"

typedef NDIS_MINIPORT_OFFLOAD_BLOCK_LIST mblock;
typedef NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST pblock;

/* The miniport. */

struct mini {
	NDIS_HANDLE adapter, nbls, mdls;
	NDIS_TCP_OFFLOAD_EVENT_HANDLERS up;
	mblock *todo; /* one state operation at a time */
	bool todo_is_terminate;
	NDIS_HANDLE conn; /* NdisOffloadHandle of the one connection */
	NET_BUFFER_LIST *sends;
	struct chim_deliver rx;
	uint8_t ring[1024];
	uint32_t received;
};

static NET_BUFFER_LIST *rx_get(void *ctx, uint32_t seq, uint32_t len)
{
	struct mini *m = ctx;

	return chim_rcv_ring_nbl(&m->rx.ring, m->nbls, m->mdls, seq, len);
}

static void rx_put(void *ctx, NET_BUFFER_LIST *nbl)
{
	(void)ctx;
	chim_rcv_ring_nbl_free(nbl);
}

static void rx_complete(void *ctx, NET_BUFFER_LIST *chain)
{
	struct mini *m = ctx;

	m->up.NdisTcpOffloadReceiveComplete(m->adapter, chain);
}

static NDIS_STATUS rx_indicate(void *ctx, NET_BUFFER_LIST *nbl, ULONG *consumed)
{
	struct mini *m = ctx;

	return m->up.NdisTcpOffloadReceiveHandler(m->conn, nbl, NDIS_STATUS_SUCCESS, consumed);
}

static void rx_disconnected(void *ctx)
{
	struct mini *m = ctx;

	m->up.NdisTcpOffloadEventHandler(m->conn, TcpIndicateDisconnect, 0);
}

static void rx_timer(void *ctx, bool run, uint32_t deadline)
{
	(void)ctx; /* this miniport has no clock: every segment is pushed */
	(void)run;
	(void)deadline;
}

static void rx_freed(void *ctx, uint32_t seq)
{
	(void)ctx; /* a NIC would open its window up to @seq */
	(void)seq;
}

static const struct chim_deliver_ops rx_ops = { rx_get,		 rx_put,   rx_complete, rx_indicate,
						rx_disconnected, rx_timer, rx_freed };

/* Entry points record and return; everything else happens in mini_poll(). */
static void mini_state(NDIS_HANDLE ctx, mblock *root)
{
	((struct mini *)ctx)->todo = root;
	((struct mini *)ctx)->todo_is_terminate = false;
}

static void mini_terminate(NDIS_HANDLE ctx, mblock *root)
{
	mini_state(ctx, root);
	((struct mini *)ctx)->todo_is_terminate = true;
}

static NDIS_STATUS mini_send(NDIS_HANDLE ctx, PVOID conn, PNET_BUFFER_LIST nbl)
{
	(void)conn;
	((struct mini *)ctx)->sends = nbl;
	return NDIS_STATUS_PENDING;
}

static NDIS_STATUS mini_receive(NDIS_HANDLE ctx, PVOID conn, PNET_BUFFER_LIST nbl)
{
	(void)conn;
	chim_deliver_post(&((struct mini *)ctx)->rx, nbl, 0);
	return NDIS_STATUS_PENDING;
}

static NDIS_STATUS mini_other(NDIS_HANDLE ctx, PVOID conn, PNET_BUFFER_LIST nbl)
{
	(void)ctx;
	(void)conn;
	(void)nbl;
	return NDIS_STATUS_NOT_SUPPORTED; /* a real target takes forwards */
}

static NDIS_STATUS mini_disconnect(NDIS_HANDLE ctx, PVOID conn, PNET_BUFFER_LIST nbl, ULONG flags)
{
	(void)flags;
	return mini_other(ctx, conn, nbl);
}

static NDIS_STATUS mini_return(NDIS_HANDLE ctx, PNET_BUFFER_LIST nbl)
{
	(void)ctx;
	while (nbl) {
		NET_BUFFER_LIST *next = nbl->Next;

		chim_deliver_return(nbl);
		nbl = next;
	}
	return NDIS_STATUS_SUCCESS;
}

/* Neighbor, path, connection: one block each, all new or all to be given back. */
static void mini_do_state(struct mini *m)
{
	const struct chim_rcv_ring ring = { m->ring, CHIM_IOVA_NONE, sizeof(m->ring) - 1 };
	mblock *root = m->todo, *t = root->DependentBlockList->DependentBlockList;
	TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(t, CHIM_STATE_DELEGATED);

	m->todo = NULL;
	for (mblock *b = root; b; b = b->DependentBlockList) {
		b->Status = NDIS_STATUS_SUCCESS;
		if (!m->todo_is_terminate)
			*b->MiniportOffloadContext = m;
	}
	if (!m->todo_is_terminate) {
		m->conn = t->NdisOffloadHandle;
		chim_deliver_init(&m->rx, &rx_ops, m, &ring, d->RcvNxt, 0);
		NdisMInitiateOffloadComplete(m->adapter, root);
		chim_deliver_start(&m->rx, 0);
		return;
	}
	chim_deliver_terminate(&m->rx, 0);
	chim_deliver_take(&m->rx, &d->BufferedData);
	t->NetBufferListChain = m->sends;
	d->SendDataHead = d->SendDataTail = m->sends;
	d->RcvNxt += m->received;
	NdisMTerminateOffloadComplete(m->adapter, root);
}

/* The loop: a send is acknowledged, its bytes arrive. */
static void mini_poll(struct mini *m)
{
	NET_BUFFER_LIST *nbl = m->sends;

	if (m->todo)
		mini_do_state(m);
	if (chim_deliver_wants_kick(&m->rx))
		chim_deliver_kick(&m->rx, 0);
	if (!nbl)
		return;
	m->sends = NULL;
	chim_rcv_ring_from_nb(&m->rx.ring, m->rx.end, nbl->FirstNetBuffer, 0,
			      nbl->FirstNetBuffer->DataLength);
	m->received += nbl->FirstNetBuffer->DataLength;
	chim_deliver_data(&m->rx, nbl->FirstNetBuffer->DataLength, true, 0);
	chim_nbl_consume(nbl, nbl->FirstNetBuffer->DataLength, NDIS_STATUS_SUCCESS);
	m->up.NdisTcpOffloadSendComplete(m->adapter, nbl);
}

static NDIS_STATUS mini_options(NDIS_HANDLE driver, NDIS_HANDLE ctx)
{
	static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic = {
		{ NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS, 1,
		  sizeof(generic) },
		0,
		mini_state,
		mini_terminate,
		mini_state,
		mini_state,
		mini_state,
	};
	static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp = {
		{ NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_CHARACTERISTICS, 1, sizeof(tcp) },
		0,
		NdisTcpChimneyOffload,
		mini_send,
		mini_receive,
		mini_disconnect,
		mini_other,
		mini_return,
	};

	(void)ctx;
	NdisSetOptionalHandlers(driver, &generic.Header);
	return NdisSetOptionalHandlers(driver, &tcp.Header);
}

static NDIS_STATUS mini_init(NDIS_HANDLE adapter, NDIS_HANDLE driver, PVOID init, NDIS_HANDLE *ctx)
{
	static const NDIS_TCP_CONNECTION_OFFLOAD caps = {
		.Header = { NDIS_OBJECT_TYPE_DEFAULT, 1, sizeof(caps) },
		.Encapsulation = NDIS_ENCAPSULATION_IEEE_802_3,
		.SupportIPv4 = NDIS_OFFLOAD_SUPPORTED,
		.TcpConnectionOffloadCapacity = 1,
	};
	const NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES at = {
		{ NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES, 1, sizeof(at) },
		&caps,
		&caps,
	};
	const NET_BUFFER_LIST_POOL_PARAMETERS par = {
		.Header = { NDIS_OBJECT_TYPE_DEFAULT, 1, sizeof(par) },
		.fAllocateNetBuffer = 1,
	};
	const NDIS_OFFLOAD_EVENT_HANDLERS *h;
	struct mini *m = init;

	(void)driver;
	*ctx = m;
	m->adapter = adapter;
	m->nbls = NdisAllocateNetBufferListPool(adapter, &par);
	if (!m->nbls || chim_mdl_pool_create(adapter, 0, &m->mdls))
		return NDIS_STATUS_RESOURCES;
	if (NdisMGetOffloadHandlers(adapter, NdisTcpChimneyOffload, &h))
		return NDIS_STATUS_FAILURE;
	memcpy(&m->up, h, sizeof(m->up));
	return NdisMSetMiniportAttributes(adapter, &at);
}

static void mini_halt(NDIS_HANDLE ctx)
{
	NdisFreeNetBufferListPool(((struct mini *)ctx)->nbls);
	chim_mdl_pool_destroy(((struct mini *)ctx)->mdls);
}

/* The host stack. */

struct stack {
	NDIS_HANDLE binding;
	NDIS_OFFLOAD_HANDLE n, p, t;
	unsigned int states_done, sends_done, receives_done;
	char got[64];
	NET_BUFFER_LIST *back; /* indicated, to be returned */
	bool wants_data;
};

static void state_done(NDIS_HANDLE ctx, pblock *root)
{
	(void)root;
	((struct stack *)ctx)->states_done++;
}

static void send_done(NDIS_HANDLE ctx, PNET_BUFFER_LIST chain)
{
	(void)chain;
	((struct stack *)ctx)->sends_done++;
}

static void receive_done(NDIS_HANDLE ctx, PNET_BUFFER_LIST chain)
{
	(void)chain;
	((struct stack *)ctx)->receives_done++;
}

static void no_list(NDIS_HANDLE ctx, PNET_BUFFER_LIST chain)
{
	(void)ctx;
	(void)chain;
}

static void on_event(PVOID context, ULONG type, ULONG info)
{
	(void)context; /* TcpIndicateRetrieve: terminate from the main loop */
	(void)type;
	(void)info;
}

static NDIS_STATUS on_data(PVOID context, PNET_BUFFER_LIST nbl, NDIS_STATUS st, PULONG consumed)
{
	struct stack *s = (struct stack *)(void *)((char *)context - offsetof(struct stack, t));

	(void)st;
	if (!s->wants_data)
		return NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED;
	*consumed = nbl->FirstNetBuffer->DataLength;
	chim_nb_copy_out(nbl->FirstNetBuffer, 0, s->got, sizeof(s->got));
	s->back = nbl;
	return NDIS_STATUS_SUCCESS;
}

static void on_neighbor(NDIS_HANDLE ctx, pblock *blocks, ULONG code)
{
	(void)ctx;
	(void)blocks;
	(void)code;
}

static NDIS_STATUS stack_options(NDIS_HANDLE driver, NDIS_HANDLE ctx)
{
	static const NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic = {
		{ NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS, 1,
		  sizeof(generic) },
		0,
		state_done,
		state_done,
		state_done,
		state_done,
		state_done,
		on_neighbor,
	};
	static const NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp = {
		{ NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_CHARACTERISTICS, 1, sizeof(tcp) },
		0,
		NdisTcpChimneyOffload,
		send_done,
		receive_done,
		no_list,
		no_list,
		on_event,
		on_data,
	};

	(void)ctx;
	NdisSetOptionalHandlers(driver, &generic.Header);
	return NdisSetOptionalHandlers(driver, &tcp.Header);
}

static pblock *stack_block(OFFLOAD_STATE_TYPE type, NDIS_OFFLOAD_HANDLE *h, pblock *above)
{
	pblock *b = calloc(1, chim_obl_bytes(type));

	chim_obl_init(b, type);
	b->OffloadHandle = h;
	b->DependentBlockList = above;
	return b;
}

static bool one_connection(void)
{
	static const struct chim_ndis_miniport mini_ops = { mini_options, mini_init, mini_halt,
							    NULL };
	static const struct chim_ndis_protocol stack_ops = { stack_options, NULL, NULL };
	static const UCHAR here[4] = { 10, 0, 0, 1 }, there[4] = { 10, 0, 0, 2 };
	static struct mini mini;
	struct stack s = { 0 };
	struct chim_ndis *ndis;
	NDIS_HANDLE driver, adapter, protocol;
	pblock *t = stack_block(TcpOffloadState, &s.t, NULL);
	pblock *p = stack_block(Ip4OffloadState, &s.p, t);
	pblock *n = stack_block(NeighborOffloadState, &s.n, p);
	PATH_OFFLOAD_STATE_CONST *pc = chim_obl_state(p, CHIM_STATE_CONST);
	TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(t, CHIM_STATE_DELEGATED);
	char hello[] = "hello", room[3];
	MDL out = { .StartVa = hello, .Iova = CHIM_IOVA_NONE, .ByteCount = 5 };
	MDL in = { .StartVa = room, .Iova = CHIM_IOVA_NONE, .ByteCount = 3 };
	NET_BUFFER out_nb = { .MdlChain = &out, .CurrentMdl = &out, .DataLength = 5 };
	NET_BUFFER in_nb = { .MdlChain = &in, .CurrentMdl = &in, .DataLength = 3 };
	NET_BUFFER_LIST send = { .FirstNetBuffer = &out_nb },
			receive = { .FirstNetBuffer = &in_nb };

	CHECK_EQ(chim_ndis_create(NULL, &ndis), 0);
	CHECK_EQ(chim_ndis_miniport_register(ndis, &mini_ops, NULL, &driver), 0);
	CHECK_EQ(chim_ndis_adapter_add(driver, &mini, &adapter), 0);
	CHECK_EQ(chim_ndis_protocol_register(ndis, &stack_ops, &s, &protocol), 0);
	CHECK_EQ(chim_ndis_open(protocol, adapter, &s, &s.binding), 0);

	pc->SourceAddress = here;
	pc->DestinationAddress = there;
	d->State = TcpConnectionEstablished;
	d->RcvNxt = 1000;
	NdisInitiateOffload(s.binding, n);
	while (!s.states_done) { /* the owner's loop: device, then completions */
		mini_poll(&mini);
		chim_ndis_poll(ndis, 16);
	}
	CHECK_EQ(t->Status, NDIS_STATUS_SUCCESS);

	CHECK_EQ(NdisOffloadTcpSend(&s.t, &send), NDIS_STATUS_PENDING);
	mini_poll(&mini); /* the answer is refused, so it waits for a request */
	CHECK_EQ(NdisOffloadTcpReceive(&s.t, &receive), NDIS_STATUS_PENDING);
	s.wants_data = true;
	mini_poll(&mini);
	chim_ndis_poll(ndis, 16);
	CHECK(s.sends_done == 1 && s.receives_done == 1);
	CHECK(!memcmp(room, "hel", 3) && !memcmp(s.got, "lo", 2));
	CHECK_EQ(NdisOffloadTcpReceiveReturn(s.binding, s.back), NDIS_STATUS_SUCCESS);

	NdisTerminateOffload(s.binding, n); /* full types: DELEGATED is written */
	while (s.states_done < 2) {
		mini_poll(&mini);
		chim_ndis_poll(ndis, 16);
	}
	CHECK_EQ(d->RcvNxt, 1005);
	CHECK(!t->NetBufferListChain && !d->BufferedData);

	CHECK_EQ(chim_ndis_target_faults(ndis), 0);
	CHECK_EQ(chim_ndis_close(s.binding), 0);
	CHECK_EQ(chim_ndis_protocol_deregister(protocol), 0);
	CHECK_EQ(chim_ndis_adapter_remove(adapter), 0);
	CHECK_EQ(chim_ndis_miniport_deregister(driver), 0);
	CHECK_EQ(chim_ndis_destroy(ndis), 0);
	free(n);
	free(p);
	free(t);
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(one_connection),
	};

	return TAP_RUN(cases);
}
