/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The NIC library between a host stack (mock) and a device (fake): life of the device, ordinary
 * frames, HOLD, and a connection from initiate to terminate with every byte accounted for. Hard
 * part: what comes back at terminate, when data is half acknowledged and half delivered.
 */
#include <errno.h>

#include "nic_bed.h"

static bool life(void)
{
	struct bed b;
	struct chim_nic_info info;

	CHECK(bed_open(&b));
	CHECK_EQ(chim_nic_info(b.nic, &info), 0);
	CHECK_EQ(info.conns, FAKE_SLOTS);
	CHECK_EQ(b.dev.requests[CHIM_ADMIN_OP_SET_PARAMS], 1);
	CHECK(bed_close(&b));
	CHECK_EQ(b.dev.requests[CHIM_ADMIN_OP_QUIESCE], 1);
	return true;
}

static bool refuses_other_devices(void)
{
	struct chim_nic_cfg cfg = { .mtu = 1500 };
	struct fake_dev dev;
	struct chim_nic *nic;

	fake_init(&dev);
	dev.reg[CHIM_REG_MAGIC / 4] ^= 1;
	CHECK_EQ(chim_nic_open(&dev.be, NULL, &cfg, &nic), -EPROTO);
	fake_init(&dev);
	dev.reg[CHIM_REG_VERSION / 4] += 1u << 16;
	CHECK_EQ(chim_nic_open(&dev.be, NULL, &cfg, &nic), -EPROTO);
	fake_init(&dev);
	dev.gone = true;
	CHECK_EQ(chim_nic_open(&dev.be, NULL, &cfg, &nic), -ENODEV);
	fake_init(&dev);
	cfg.mtu = 100;
	CHECK_EQ(chim_nic_open(&dev.be, NULL, &cfg, &nic), -EINVAL);
	return true;
}

static bool ordinary_frames(void)
{
	struct bed b;
	uint8_t frame[1514];

	CHECK(bed_open(&b));
	/* Several turns of each ring. */
	for (unsigned int i = 0; i < 1500; i++) {
		size_t len = 14 + i % 1501;

		memset(frame, (int)i, sizeof(frame));
		CHECK_EQ(chim_nic_tx(b.nic, frame, len), 0);
		chim_nic_poll(b.nic, 100);
		CHECK_EQ(b.dev.frame[i % FAKE_FRAMES].len, len);
		CHECK(!memcmp(b.dev.frame[i % FAKE_FRAMES].bytes, frame, len));
		CHECK_EQ(chim_nic_tx_pending(b.nic), 0);
		CHECK(fake_receive(&b.dev, frame, (uint16_t)len, CHIM_PRX_CLASS_PLAIN, 0, 0));
		chim_nic_poll(b.nic, 100);
		CHECK_EQ(b.rx, i + 1);
		CHECK_EQ(b.last_len, len);
		CHECK(!memcmp(b.last, frame, len));
	}
	CHECK_EQ(chim_nic_tx(b.nic, frame, 13), -EMSGSIZE);
	CHECK_EQ(chim_nic_tx(b.nic, frame, 5000), -EMSGSIZE);
	/* The ring holds 256; then the caller hears of it, and nothing is lost. */
	b.dev.ptx_stopped = true;
	for (unsigned int i = 0; i < 256; i++)
		CHECK_EQ(chim_nic_tx(b.nic, frame, 60), 0);
	CHECK_EQ(chim_nic_tx(b.nic, frame, 60), -EAGAIN);
	CHECK_EQ(chim_nic_tx_pending(b.nic), 256);
	b.dev.ptx_stopped = false;
	CHECK(bed_close(&b));
	CHECK_EQ(b.dev.frames, 1500 + 256);
	return true;
}

static bool hold(void)
{
	struct chim_key key = { .family = 4, .local_port = 1, .remote_port = 2 };
	uint8_t frame[60] = { 0 };
	struct bed b;

	CHECK(bed_open(&b));
	CHECK_EQ(chim_nic_hold(b.nic, &key, NULL), 0);
	settle(&b);
	CHECK_EQ(b.hold_err, 0);
	CHECK_EQ(b.markers, 1);
	CHECK_EQ(b.last_conn, b.hold_conn);
	CHECK(fake_receive(&b.dev, frame, 60, CHIM_PRX_CLASS_HELD, 0, 5));
	settle(&b);
	CHECK_EQ(b.held, 1);
	CHECK_EQ(chim_nic_give_up(b.nic, b.hold_conn), 0);
	CHECK_EQ(chim_nic_release(b.nic, b.hold_conn), 0);
	settle(&b);
	CHECK_EQ(b.dev.frames, 1);
	CHECK_EQ(b.dev.frame[0].flags, CHIM_PTX_GIVE_UP);
	CHECK_EQ(b.dev.frame[0].gen, 5);
	CHECK_EQ(b.live, 0);
	CHECK_EQ(b.live_err, -ENOENT);
	/* It is gone: what was a good answer is none now. */
	CHECK_EQ(chim_nic_release(b.nic, b.hold_conn), 0);
	settle(&b);
	CHECK_EQ(b.live_err, -EIO);
	for (unsigned int i = 0; i <= FAKE_SLOTS; i++)
		CHECK_EQ(chim_nic_hold(b.nic, &key, NULL), 0);
	settle(&b);
	CHECK_EQ(b.hold_err, -ENOSPC);
	key.family = 5;
	CHECK_EQ(chim_nic_hold(b.nic, &key, NULL), -EINVAL);
	return bed_close(&b);
}

static bool gathered(struct bed *b, uint32_t seq, uint32_t len, uint8_t first)
{
	uint8_t bytes[8192];

	CHECK(fake_gather(&b->dev, 0, seq, bytes, len));
	for (uint32_t i = 0; i < len; i++)
		CHECK_EQ(bytes[i], (uint8_t)(first + i));
	return true;
}

static bool offload_and_back(void)
{
	TCP_OFFLOAD_STATE_DELEGATED d;
	struct bed b;
	struct conn *c;
	pblock *tcp;

	CHECK(bed_open(&b));
	c = offload(&b, 0, 0);
	CHECK(host_saw(&b.host, "initiate"));
	CHECK_EQ(b.dev.image_blocks, 3);
	CHECK(c->t.MiniportOffloadContext);
	CHECK(terminate(&b, c, &d, &tcp));
	CHECK(host_saw(&b.host, "terminate"));
	CHECK_EQ(d.RcvNxt, 5000);
	CHECK_EQ(d.SndUna, 1000);
	CHECK(!tcp->NetBufferListChain && !d.BufferedData);
	/* The references of the three objects went down with the terminate. */
	CHECK_EQ(b.dev.object_seen[0] >> CHIM_OBJ_LAYER_SHIFT, 1);
	CHECK_EQ(b.dev.object_seen[1] >> CHIM_OBJ_LAYER_SHIFT, 2);
	CHECK_EQ(b.dev.object_seen[2] >> CHIM_OBJ_LAYER_SHIFT, 3);
	return bed_close(&b);
}

static bool sends_complete_when_done(void)
{
	TCP_OFFLOAD_STATE_DELEGATED d;
	struct bed b;
	struct conn *c;
	pblock *tcp;

	CHECK(bed_open(&b));
	c = offload(&b, 0, 0);
	CHECK(host_saw(&b.host, "initiate"));
	/* Small pieces are copied together; more than a send ring has entries. */
	for (unsigned int i = 0; i < 400; i++)
		CHECK_EQ(NdisOffloadTcpSend(&c->t, counting(&b.host, 10, (uint8_t)(10 * i))),
			 NDIS_STATUS_PENDING);
	settle(&b);
	CHECK_EQ(b.dev.conn[0].bell[CHIM_QUEUE_SEND], 1000 + 4000);
	CHECK(gathered(&b, 1000, 4000, 0));
	fake_conn_event(&b.dev, 0, 0, 1000 + 15, 5000);
	settle(&b);
	CHECK(host_saw(&b.host, "send:1"));
	CHECK_EQ(b.host.list->Status, NDIS_STATUS_SUCCESS);
	CHECK_EQ(chim_nbl_info(b.host.list, TcpOffloadBytesTransferred), 10);
	/* The same again is no news, and neither is an older one. */
	fake_conn_event(&b.dev, 0, 0, 1000 + 15, 5000);
	fake_conn_event(&b.dev, 0, 0, 1000 + 5, 5000);
	settle(&b);
	CHECK(host_saw(&b.host, ""));
	fake_conn_event(&b.dev, 0, 0, 1000 + 4000, 5000);
	settle(&b);
	CHECK(host_saw(&b.host, "send:399"));
	b.dev.conn[0].state.SndUna = chim_le32_of(5000);
	CHECK(terminate(&b, c, &d, &tcp));
	CHECK(!tcp->NetBufferListChain);
	return bed_close(&b);
}

static bool more_than_fits(void)
{
	TCP_OFFLOAD_STATE_DELEGATED d;
	uint32_t done = 1000, posted = 0;
	struct bed b;
	struct conn *c;
	pblock *tcp;

	/* 100,000 bytes through 16 KiB of bounce memory: described as room comes back, in order. */
	CHECK(bed_open(&b));
	c = offload(&b, 0, 0);
	for (unsigned int i = 0; i < 50; i++) {
		CHECK_EQ(NdisOffloadTcpSend(&c->t, counting(&b.host, 2000, (uint8_t)posted)),
			 NDIS_STATUS_PENDING);
		posted += 2000;
	}
	for (unsigned int i = 0; i < 1000 && done != 1000 + posted; i++) {
		uint32_t n;

		settle(&b);
		n = b.dev.conn[0].bell[CHIM_QUEUE_SEND] - done;
		CHECK(n > 0);
		if (n > 3001)
			n = 3001;
		CHECK(gathered(&b, done, n, (uint8_t)(done - 1000)));
		done += n;
		fake_conn_event(&b.dev, 0, 0, done, 5000);
	}
	settle(&b);
	CHECK_EQ(done, 1000 + posted);
	b.dev.conn[0].state.SndUna = chim_le32_of(done);
	CHECK(terminate(&b, c, &d, &tcp));
	CHECK(!tcp->NetBufferListChain);
	return bed_close(&b);
}

static bool data_up(void)
{
	TCP_OFFLOAD_STATE_DELEGATED d;
	uint8_t bytes[3000];
	struct bed b;
	struct conn *c;
	uint32_t seq = 5000;
	pblock *tcp;

	CHECK(bed_open(&b));
	c = offload(&b, 0, 0);
	CHECK(host_saw(&b.host, "initiate"));
	/* Several turns of a ring of 16 KiB; the host gives each list back at once. */
	for (unsigned int i = 0; i < 30; i++) {
		uint32_t len = 1 + (i * 977) % 3000;
		uint8_t got[3000];

		for (uint32_t k = 0; k < len; k++)
			bytes[k] = (uint8_t)(seq + k);
		fake_place(&b.dev, 0, seq, bytes, len);
		seq += len;
		fake_conn_event(&b.dev, 0, 0, 1000, seq);
		settle(&b);
		CHECK(strstr(b.host.log, "data:"));
		b.host.log[0] = 0;
		CHECK_EQ(chim_nb_copy_out(b.host.data->FirstNetBuffer, 0, got, len), len);
		CHECK(!memcmp(got, bytes, len));
		CHECK_EQ(NdisOffloadTcpReceiveReturn(b.host.binding, b.host.data),
			 NDIS_STATUS_SUCCESS);
		settle(&b);
		CHECK_EQ(b.dev.conn[0].bell[CHIM_QUEUE_RECV_RETURN], seq);
	}
	fake_conn_event(&b.dev, 0, 1u << CHIM_EVF_RCV_FIN, 1000, seq + 1);
	settle(&b);
	CHECK(host_saw(&b.host, "event2:0"));
	b.dev.conn[0].state.RcvNxt = chim_le32_of(seq + 1);
	b.dev.conn[0].state.rcv_placed = chim_le32_of(seq + 1);
	b.dev.conn[0].state.flags_out = chim_le32_of(1u << CHIM_EVF_RCV_FIN);
	CHECK(terminate(&b, c, &d, &tcp));
	CHECK(!d.BufferedData);
	return bed_close(&b);
}

static bool both_backlogs(void)
{
	TCP_OFFLOAD_STATE_DELEGATED d;
	uint8_t got[100];
	struct bed b;
	struct conn *c;
	pblock *tcp;

	/* 500 bytes unacknowledged and 50 undelivered go down; 70 more of each are added there. */
	CHECK(bed_open(&b));
	b.host.answer = NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED;
	b.host.consumed = 0;
	c = offload(&b, 500, 50);
	CHECK_EQ(chim_le32_get(b.dev.conn[0].state.snd_end), 1500);
	CHECK_EQ(chim_le32_get(b.dev.conn[0].state.rcv_free), 4950);
	CHECK(gathered(&b, 1000, 500, 0));
	CHECK_EQ(NdisOffloadTcpSend(&c->t, counting(&b.host, 70, 7)), NDIS_STATUS_PENDING);
	for (unsigned int i = 0; i < 70; i++)
		got[i] = (uint8_t)(150 + i);
	fake_place(&b.dev, 0, 5000, got, 70);
	settle(&b);
	CHECK_EQ(b.dev.conn[0].bell[CHIM_QUEUE_SEND], 1570);
	fake_conn_event(&b.dev, 0, 0, 1200, 5070);
	settle(&b);
	b.dev.conn[0].state.SndUna = chim_le32_of(1200);
	b.dev.conn[0].state.RcvNxt = chim_le32_of(5070);
	b.dev.conn[0].state.rcv_placed = chim_le32_of(5070);
	CHECK(terminate(&b, c, &d, &tcp));
	/* Both lists, in order; the first begins at SndUna. */
	CHECK(tcp->NetBufferListChain == d.SendDataHead && d.SendDataHead);
	CHECK(d.SendDataHead->Next == d.SendDataTail && !d.SendDataTail->Next);
	CHECK_EQ(d.SendDataHead->FirstNetBuffer->DataLength, 300);
	CHECK_EQ(chim_nb_copy_out(d.SendDataHead->FirstNetBuffer, 0, got, 1), 1);
	CHECK_EQ(got[0], 200);
	CHECK_EQ(d.SendDataTail->FirstNetBuffer->DataLength, 70);
	/* All that was not delivered, old and new. */
	CHECK(d.BufferedData);
	CHECK_EQ(chim_nb_copy_out(d.BufferedData->FirstNetBuffer, 0, got, 100), 100);
	for (unsigned int i = 0; i < 100; i++)
		CHECK_EQ(got[i], (uint8_t)(100 + i));
	CHECK_EQ(d.BufferedData->FirstNetBuffer->DataLength, 120);
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b.host.binding, d.BufferedData), NDIS_STATUS_SUCCESS);
	return bed_close(&b);
}

static bool forward_becomes_a_frame(void)
{
	static const uint8_t tcp[20] = { 0, 80, 0, 81, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 1, 0 };
	TCP_OFFLOAD_STATE_DELEGATED d;
	NET_BUFFER_LIST *l;
	struct bed b;
	struct conn *c;
	uint32_t sum = 0;
	pblock *block;

	c = bed_offloaded(&b);
	CHECK(c);
	l = host_list(&b.host, sizeof(tcp));
	chim_nb_copy_in(l->FirstNetBuffer, 0, tcp, sizeof(tcp));
	CHECK_EQ(NdisOffloadTcpForward(&c->t, l), NDIS_STATUS_PENDING);
	settle(&b);
	CHECK(host_saw(&b.host, "forward:1"));
	CHECK_EQ(b.host.list->Status, NDIS_STATUS_SUCCESS);
	CHECK_EQ(b.dev.frames, 1);
	CHECK_EQ(b.dev.frame[0].flags, CHIM_PTX_INJECT);
	CHECK_EQ(b.dev.frame[0].len, 14 + 20 + 20);
	CHECK_EQ(b.dev.frame[0].bytes[12], 0x08);
	for (unsigned int i = 0; i < 20; i += 2)
		sum += (uint32_t)b.dev.frame[0].bytes[14 + i] << 8 | b.dev.frame[0].bytes[15 + i];
	CHECK_EQ((sum & 0xFFFF) + (sum >> 16), 0xFFFF);
	/* TCP: pseudo header, then the segment. */
	sum = 20 + 6;
	for (unsigned int i = 12; i < 40; i += 2)
		sum += (uint32_t)b.dev.frame[0].bytes[14 + i] << 8 | b.dev.frame[0].bytes[15 + i];
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	CHECK_EQ(sum, 0xFFFF);
	/* One that was not held is not to be counted off. */
	l = host_list(&b.host, sizeof(tcp));
	chim_nb_copy_in(l->FirstNetBuffer, 0, tcp, sizeof(tcp));
	l->NblFlags = CHIM_NBL_NOT_HELD;
	CHECK_EQ(NdisOffloadTcpForward(&c->t, l), NDIS_STATUS_PENDING);
	settle(&b);
	CHECK_EQ(b.dev.frames, 2);
	CHECK_EQ(b.dev.frame[1].flags, CHIM_PTX_INJECT | CHIM_PTX_NOT_HELD);
	CHECK(host_saw(&b.host, "forward:1"));
	/* Nor is one that cannot become a frame given up then. */
	l = host_list(&b.host, 10);
	l->NblFlags = CHIM_NBL_NOT_HELD;
	CHECK_EQ(NdisOffloadTcpForward(&c->t, l), NDIS_STATUS_PENDING);
	l = host_list(&b.host, 10);
	CHECK_EQ(NdisOffloadTcpForward(&c->t, l), NDIS_STATUS_PENDING);
	settle(&b);
	CHECK(host_saw(&b.host, "forward:1 forward:1"));
	CHECK_EQ(b.dev.frames, 3);
	CHECK_EQ(b.dev.frame[2].flags, CHIM_PTX_GIVE_UP);
	CHECK(terminate(&b, c, &d, &block));
	return bed_close(&b);
}

static bool disconnect_and_abort(void)
{
	TCP_OFFLOAD_STATE_DELEGATED d;
	struct bed b;
	struct conn *c;
	pblock *tcp;

	c = bed_offloaded(&b);
	CHECK(c);
	CHECK_EQ(NdisOffloadTcpSend(&c->t, counting(&b.host, 300, 0)), NDIS_STATUS_PENDING);
	CHECK_EQ(NdisOffloadTcpDisconnect(&c->t, counting(&b.host, 40, 44),
					  TCP_DISCONNECT_GRACEFUL_CLOSE),
		 NDIS_STATUS_PENDING);
	settle(&b);
	/* The disconnect's data behind the send's, then the FIN (R102). */
	CHECK_EQ(b.dev.conn[0].bell[CHIM_QUEUE_SEND], 1340);
	CHECK_EQ(b.dev.conn[0].bell[CHIM_QUEUE_FIN], 1340);
	CHECK(gathered(&b, 1300, 40, 44));
	/* Acknowledged, but still read for a retransmission: nothing is complete (R104). */
	fake_conn_event(&b.dev, 0, 1u << CHIM_EVF_FIN_ACKED, 1000, 5000);
	settle(&b);
	CHECK(host_saw(&b.host, ""));
	fake_conn_event(&b.dev, 0, 1u << CHIM_EVF_FIN_ACKED, 1320, 5000);
	settle(&b);
	CHECK(host_saw(&b.host, "send:1"));
	fake_conn_event(&b.dev, 0, 1u << CHIM_EVF_FIN_ACKED, 1341, 5000);
	settle(&b);
	CHECK(host_saw(&b.host, "disconnect:1"));
	CHECK_EQ(chim_nbl_info(b.host.list, TcpOffloadBytesTransferred), 40);
	fake_conn_event(&b.dev, 0, 1u << CHIM_EVF_FIN_ACKED | 1u << CHIM_EVF_RCV_RST, 1341, 5000);
	settle(&b);
	CHECK(host_saw(&b.host, "event4:0"));
	CHECK(terminate(&b, c, &d, &tcp));
	return bed_close(&b);
}

static bool reset_fails_what_is_out(void)
{
	TCP_OFFLOAD_STATE_DELEGATED d;
	struct bed b;
	struct conn *c;
	pblock *tcp;

	c = bed_offloaded(&b);
	CHECK(c);
	CHECK_EQ(NdisOffloadTcpSend(&c->t, counting(&b.host, 300, 0)), NDIS_STATUS_PENDING);
	CHECK_EQ(NdisOffloadTcpReceive(&c->t, host_list(&b.host, 10)), NDIS_STATUS_PENDING);
	settle(&b);
	fake_conn_event(&b.dev, 0, 1u << CHIM_EVF_RCV_RST, 1000, 5000);
	settle(&b);
	CHECK(host_saw(&b.host, "send:1 receive:1 event4:0"));
	CHECK_EQ(b.host.list->Status, NDIS_STATUS_REQUEST_ABORTED);
	CHECK(terminate(&b, c, &d, &tcp));
	CHECK(!tcp->NetBufferListChain);
	return bed_close(&b);
}

static bool upload_reasons(void)
{
	static const struct {
		uint8_t flag;
		const char *saw;
	} want[] = { { CHIM_EVF_EXPIRED, "event3:8" },
		     { CHIM_EVF_URGENT, "event3:5" },
		     { CHIM_EVF_SYN, "event3:10" },
		     { CHIM_EVF_DMA_ERROR, "event3:11" } };
	TCP_OFFLOAD_STATE_DELEGATED d;
	pblock *tcp;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct bed b;
		struct conn *c;

		c = bed_offloaded(&b);
		CHECK(c);
		fake_conn_event(&b.dev, 0, 1u << want[i].flag, 1000, 5000);
		fake_conn_event(&b.dev, 0, 1u << want[i].flag, 1000, 5000);
		settle(&b);
		CHECK(host_saw(&b.host, want[i].saw));
		CHECK(terminate(&b, c, &d, &tcp));
		CHECK(bed_close(&b));
	}
	return true;
}

static bool failed_initiate_leaves_the_data(void)
{
	struct bed b;
	struct conn *c;
	pblock *tree, *tcp;

	CHECK(bed_open(&b));
	b.dev.initiate_status = CHIM_STATUS_TCP_ENTRIES;
	c = offload(&b, 500, 50);
	CHECK(host_saw(&b.host, "initiate"));
	tree = b.host.done;
	tcp = tree->DependentBlockList->DependentBlockList;
	CHECK_EQ(tcp->Status, NDIS_STATUS_OFFLOAD_TCP_ENTRIES);
	CHECK(!c->t.MiniportOffloadContext);
	CHECK_EQ(tcp->NetBufferListChain->FirstNetBuffer->DataLength, 500);
	/* Neighbor and path were taken: they go by their own terminate. */
	tree = host_block(&b.host, NeighborOffloadDelegatedState, &c->n, "N");
	on(tree, host_block(&b.host, Ip4OffloadDelegatedState, &c->p, "P"));
	NdisTerminateOffload(b.host.binding, tree);
	return bed_close(&b);
}

static bool death(void)
{
	struct bed b;

	CHECK(bed_open(&b));
	b.dev.gone = true;
	CHECK_EQ(chim_nic_tx(b.nic, b.last, 60), -ENODEV);
	CHECK_EQ(b.deaths, 1);
	CHECK_EQ(chim_nic_poll(b.nic, 1), -ENODEV);
	CHECK_EQ(chim_nic_tx(b.nic, b.last, 60), -ENODEV);
	CHECK_EQ(b.deaths, 1);
	CHECK_EQ(host_close(&b.host), 0);
	CHECK_EQ(chim_nic_close(b.nic), 0);
	CHECK_EQ(chim_ndis_destroy(b.ndis), 0);
	host_free(&b.host);
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(life),
		CASE(refuses_other_devices),
		CASE(ordinary_frames),
		CASE(hold),
		CASE(offload_and_back),
		CASE(sends_complete_when_done),
		CASE(more_than_fits),
		CASE(data_up),
		CASE(both_backlogs),
		CASE(forward_becomes_a_frame),
		CASE(disconnect_and_abort),
		CASE(reset_fails_what_is_out),
		CASE(upload_reasons),
		CASE(failed_initiate_leaves_the_data),
		CASE(death),
	};

	return TAP_RUN(cases);
}
