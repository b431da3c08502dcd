/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The NIC library with several connections, one after the other in a slot or side by side, and what
 * it tells the device less often than it could. Hard part: a terminated connection lives on while
 * the host has data of it.
 */
#include <errno.h>

#include "nic_bed.h"

/* A connection into @slot of the device, which no other one has. */
static struct conn *offload_slot(struct bed *b, uint16_t slot)
{
	bool used[FAKE_SLOTS];
	struct conn *c;

	for (uint16_t i = 0; i < FAKE_SLOTS; i++) {
		used[i] = b->dev.conn[i].used;
		b->dev.conn[i].used = i == slot;
	}
	c = offload(b, 0, 0);
	used[slot] = true;
	for (uint16_t i = 0; i < FAKE_SLOTS; i++)
		b->dev.conn[i].used = used[i];
	return c;
}

/* @len bytes more, indicated, and returned at once. */
static bool taken(struct bed *b, uint32_t *seq, uint32_t len)
{
	static const uint8_t bytes[3000];

	fake_place(&b->dev, 0, *seq, bytes, len);
	*seq += len;
	fake_conn_event(&b->dev, 0, 0, 1000, *seq);
	settle(b);
	CHECK(strstr(b->host.log, "data:"));
	b->host.log[0] = 0;
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b->host.binding, b->host.data), NDIS_STATUS_SUCCESS);
	settle(b);
	return true;
}

static bool returns_are_told_in_steps(void)
{
	TCP_OFFLOAD_STATE_CACHED *k;
	TCP_OFFLOAD_STATE_DELEGATED d;
	const uint32_t *told;
	uint32_t seq = 5000;
	pblock *tcp, *tree;
	struct bed b;
	struct conn *c;

	/* A step is an eighth of the window, at most 512 bytes. */
	CHECK(bed_open(&b));
	c = offload_wnd(&b, 0, 0, 16384);
	told = &b.dev.conn[0].bell[CHIM_QUEUE_RECV_RETURN];
	b.host.log[0] = 0;
	CHECK(taken(&b, &seq, 500));
	CHECK_EQ(*told, 0);
	CHECK(taken(&b, &seq, 12));
	CHECK_EQ(*told, seq);
	CHECK(taken(&b, &seq, 505));
	CHECK_EQ(*told, seq - 505);
	/* With a smaller window that is more than a step. */
	tcp = host_block(&b.host, TcpOffloadCachedState, &c->t, "T");
	tree = on(host_block(&b.host, NeighborOffloadCachedState, &c->n, "N"),
		  on(host_block(&b.host, Ip4OffloadCachedState, &c->p, "P"), tcp));
	k = chim_obl_state(tcp, CHIM_STATE_CACHED);
	k->InitialRcvWnd = 4000;
	k->RcvIndicationSize = 100;
	NdisUpdateOffload(b.host.binding, tree);
	settle(&b);
	CHECK(host_saw(&b.host, "update"));
	CHECK_EQ(tcp->Status, NDIS_STATUS_SUCCESS);
	CHECK_EQ(*told, seq);
	CHECK(taken(&b, &seq, 100));
	CHECK_EQ(*told, seq - 100);
	/* RcvIndicationSize counts at once, too. */
	b.host.answer = NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED;
	b.host.consumed = 0;
	fake_place(&b.dev, 0, seq, (uint8_t[150]){ 0 }, 150);
	fake_conn_event(&b.dev, 0, 0, 1000, seq + 150);
	settle(&b);
	CHECK(host_saw(&b.host, "data:100"));
	b.dev.conn[0].state.SndUna = chim_le32_of(1000);
	b.dev.conn[0].state.RcvNxt = chim_le32_of(seq + 150);
	b.dev.conn[0].state.rcv_placed = chim_le32_of(seq + 150);
	CHECK(terminate(&b, c, &d, &tcp));
	CHECK_EQ(d.BufferedData->FirstNetBuffer->DataLength, 150);
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b.host.binding, d.BufferedData), NDIS_STATUS_SUCCESS);
	return bed_close(&b);
}

/* A slot's next tenant, while the host still has data of the one before. */
static bool slot_used_again(void)
{
	static const uint8_t bytes[100];
	TCP_OFFLOAD_STATE_DELEGATED d;
	NET_BUFFER_LIST *old;
	struct conn *c, *next;
	struct bed b;
	pblock *tcp;

	c = bed_offloaded(&b);
	CHECK(c);
	fake_place(&b.dev, 0, 5000, bytes, 100);
	fake_conn_event(&b.dev, 0, 0, 1000, 5100);
	settle(&b);
	CHECK(host_saw(&b.host, "data:100"));
	old = b.host.data;
	b.dev.conn[0].state.RcvNxt = chim_le32_of(5100);
	b.dev.conn[0].state.rcv_placed = chim_le32_of(5100);
	CHECK(terminate(&b, c, &d, &tcp));
	CHECK_EQ(chim_nic_close(b.nic), -EBUSY); /* R129 */
	b.dev.conn[0] = (struct fake_conn){ .used = true, .gen = 2 };
	next = offload(&b, 0, 0);
	b.host.log[0] = 0;
	/* The old one's last words, then the new one's. */
	b.dev.conn[0].gen = 1;
	fake_conn_event(&b.dev, 0, 1u << CHIM_EVF_RCV_RST, 1000, 5300);
	settle(&b);
	CHECK(host_saw(&b.host, ""));
	b.dev.conn[0].gen = 2;
	fake_event(&b.dev, (struct chim_hw_event){ .type = CHIM_EVENT_TYPE_CONN,
						   .gen = 2,
						   .conn = chim_le16_of(FAKE_SLOTS + 7) });
	fake_place(&b.dev, 0, 5000, bytes, 30);
	fake_conn_event(&b.dev, 0, 0, 1000, 5030);
	settle(&b);
	CHECK(host_saw(&b.host, "data:30"));
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b.host.binding, old), NDIS_STATUS_SUCCESS);
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b.host.binding, b.host.data), NDIS_STATUS_SUCCESS);
	settle(&b);
	CHECK_EQ(b.dev.conn[0].bell[CHIM_QUEUE_RECV_RETURN], 5030);
	b.dev.conn[0].state.RcvNxt = chim_le32_of(5030);
	b.dev.conn[0].state.rcv_placed = chim_le32_of(5030);
	CHECK(terminate(&b, next, &d, &tcp));
	CHECK(host_saw(&b.host, "terminate"));
	fake_conn_event(&b.dev, 0, 0, 1000, 5060);
	settle(&b);
	CHECK(host_saw(&b.host, ""));
	return bed_close(&b);
}

/* TcpPushTicks of connections that are offloaded from now on, in ms. */
static bool set_push_ticks(struct bed *b, ULONG ticks)
{
	NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS p = {
		.Header = { NDIS_OBJECT_TYPE_DEFAULT, NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS_2,
			    sizeof(p) },
		.TicksPerSecond = 1000,
		.TcpAckFrequency = 2,
		.TcpDuplicateAckThreshold = 3,
		.TcpPushTicks = ticks,
	};
	NDIS_OID_REQUEST req = {
		.Header = { NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_REQUEST_REVISION_1,
			    sizeof(req) },
		.RequestType = NdisRequestSetInformation,
		.DATA.SET_INFORMATION = { .Oid = OID_TCP_CONNECTION_OFFLOAD_PARAMETERS,
					  .InformationBuffer = &p,
					  .InformationBufferLength = sizeof(p) },
	};

	b->host.log[0] = 0;
	CHECK_EQ(NdisOidRequest(b->host.binding, &req), NDIS_STATUS_PENDING);
	settle(b);
	CHECK(host_saw(&b->host, "oid"));
	CHECK_EQ(b->host.oid_status, NDIS_STATUS_SUCCESS);
	return true;
}

/*
 * A request that holds bytes already starts the push timer; each connection has its own, the last
 * one's is shorter.
 */
static bool push_timers(void)
{
	struct conn *c[FAKE_SLOTS];
	NET_BUFFER_LIST *r[FAKE_SLOTS];
	static const uint32_t posted[FAKE_SLOTS] = { 100, 0, 50, 150 };
	TCP_OFFLOAD_STATE_DELEGATED d;
	struct bed b;
	pblock *tcp;

	CHECK(bed_open(&b));
	for (uint16_t i = 0; i < FAKE_SLOTS; i++) {
		CHECK(i < FAKE_SLOTS - 1 || set_push_ticks(&b, 300));
		c[i] = offload_slot(&b, i);
		r[i] = host_list(&b.host, 10);
		chim_nbl_info_set(r[i], TcpReceiveBytesTransferred, 5);
	}
	b.host.log[0] = 0;
	for (b.dev.now = 0; b.dev.now < 400; b.dev.now += 50) {
		settle(&b);
		for (uint16_t i = 0; i < FAKE_SLOTS; i++)
			if (posted[i] == b.dev.now)
				CHECK_EQ(NdisOffloadTcpReceive(&c[i]->t, r[i]),
					 NDIS_STATUS_PENDING);
	}
	/* Data stops the third one's, and completes it. */
	fake_place(&b.dev, 2, 5000, "0123456789", 10);
	fake_conn_event(&b.dev, 2, 0, 1000, 5010);
	settle(&b);
	CHECK(host_saw(&b.host, "receive:1"));
	CHECK(b.host.list == r[2]);
	for (b.dev.now = 450; b.dev.now < 800; b.dev.now += 50) {
		const NET_BUFFER_LIST *due = b.dev.now == 450	? r[3]
					     : b.dev.now == 500 ? r[1]
					     : b.dev.now == 600 ? r[0]
								: NULL;

		settle(&b);
		CHECK(host_saw(&b.host, due ? "receive:1" : ""));
		CHECK(!due || b.host.list == due);
	}
	for (uint16_t i = 0; i < FAKE_SLOTS; i++) {
		b.dev.conn[i].state.RcvNxt = chim_le32_of(i == 2 ? 5010 : 5000);
		b.dev.conn[i].state.rcv_placed = b.dev.conn[i].state.RcvNxt;
		CHECK(terminate(&b, c[i], &d, &tcp));
	}
	return bed_close(&b);
}

/* Each of these is all that happens: nothing else makes the poll look at the connection. */
static bool calls_leave_work(void)
{
	TCP_OFFLOAD_STATE_DELEGATED d;
	struct bed b;
	struct conn *c;
	pblock *tcp;

	c = bed_offloaded(&b);
	CHECK(c);
	b.host.answer = NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED;
	b.host.consumed = 0;
	fake_place(&b.dev, 0, 5000, "0123456789", 10);
	fake_conn_event(&b.dev, 0, 0, 1000, 5010);
	settle(&b);
	CHECK(host_saw(&b.host, "data:10"));
	CHECK_EQ(NdisOffloadTcpReceive(&c->t, host_list(&b.host, 10)), NDIS_STATUS_PENDING);
	settle(&b);
	CHECK(host_saw(&b.host, "receive:1"));
	CHECK_EQ(NdisOffloadTcpDisconnect(&c->t, counting(&b.host, 40, 0),
					  TCP_DISCONNECT_GRACEFUL_CLOSE),
		 NDIS_STATUS_PENDING);
	settle(&b);
	CHECK_EQ(b.dev.conn[0].bell[CHIM_QUEUE_FIN], 1040);
	fake_conn_event(&b.dev, 0, 1u << CHIM_EVF_FIN_ACKED, 1041, 5010);
	settle(&b);
	CHECK(host_saw(&b.host, "disconnect:1"));
	b.dev.conn[0].state.SndUna = chim_le32_of(1041);
	b.dev.conn[0].state.RcvNxt = chim_le32_of(5010);
	b.dev.conn[0].state.rcv_placed = chim_le32_of(5010);
	CHECK(terminate(&b, c, &d, &tcp));
	return bed_close(&b);
}

/* The device must never find the event ring full because the host kept to itself what it read. */
static bool event_ring_goes_round(void)
{
	const uint32_t *told, *made;
	struct bed b;

	CHECK(bed_open(&b));
	told = &b.dev.reg[CHIM_REG_EVT_HOST / 4];
	made = &b.dev.reg[CHIM_REG_EVT_DEVICE / 4];
	for (unsigned int i = 0; i < 5000; i++) {
		fake_conn_event(&b.dev, 1, 0, 0, 0);
		if (i % 3 == 0)
			continue;
		CHECK(chim_nic_poll(b.nic, 0) > 0);
		CHECK(*made - *told < 256);
	}
	CHECK(*told > 4500);
	return bed_close(&b);
}

/* An indicated list is like new, whatever became of the same one before. */
static bool lists_are_like_new(void)
{
	TCP_OFFLOAD_STATE_DELEGATED d;
	uint32_t seq = 5000;
	struct bed b;
	struct conn *c;
	pblock *tcp;

	c = bed_offloaded(&b);
	CHECK(c);
	/* 16 KiB of ring: a run of bytes that wraps has two MDLs, the next one has not. */
	for (unsigned int i = 0; i < 40; i++) {
		const NET_BUFFER *nb;
		bool wraps = (seq & 16383) + 2900 > 16384;

		fake_place(&b.dev, 0, seq, (uint8_t[2900]){ 0 }, 2900);
		seq += 2900;
		fake_conn_event(&b.dev, 0, 0, 1000, seq);
		settle(&b);
		CHECK(host_saw(&b.host, "data:2900"));
		nb = b.host.data->FirstNetBuffer;
		CHECK(!b.host.data->Context && !nb->Next && !nb->DataOffset);
		CHECK(!nb->MdlChain->Next == !wraps);
		if (i % 2)
			CHECK_EQ(NdisAllocateNetBufferListContext(b.host.data, 16, 0, 0),
				 NDIS_STATUS_SUCCESS);
		NdisAdvanceNetBufferListDataStart(b.host.data, 100, false, NULL);
		CHECK_EQ(NdisOffloadTcpReceiveReturn(b.host.binding, b.host.data),
			 NDIS_STATUS_SUCCESS);
	}
	b.dev.conn[0].state.RcvNxt = chim_le32_of(seq);
	b.dev.conn[0].state.rcv_placed = chim_le32_of(seq);
	CHECK(terminate(&b, c, &d, &tcp));
	return bed_close(&b);
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(returns_are_told_in_steps),
		CASE(slot_used_again),
		CASE(push_timers),
		CASE(calls_leave_work),
		CASE(event_ring_goes_round),
		CASE(lists_are_like_new),
	};

	return TAP_RUN(cases);
}
