/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The relay between socket pairs and a NIC made of arrays: order over changes of the holder, bounds
 * on both sides, half-closes, refused data. Hard part: a random walk over all of it, with every
 * byte checked.
 */
#include "../../tap.h"
#include "relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct bed {
	struct chim_relay r;
	int app[2], net[2]; /* [0] is the relay's */
	NDIS_HANDLE nbls, mdls;
	uint8_t posted[1 << 20]; /* what the NIC was given */
	size_t posted_len, outstanding;
	unsigned int wants, lists_out;
	int send_err;
};

static int nic_send(void *ctx, const uint8_t *bytes, size_t len)
{
	struct bed *b = ctx;

	if (b->send_err)
		return b->send_err;
	if (b->outstanding >= CHIM_RELAY_BYTES)
		return -EAGAIN;
	memcpy(b->posted + b->posted_len, bytes, len);
	b->posted_len += len;
	b->outstanding += len;
	return 0;
}

static size_t nic_posted(void *ctx)
{
	return ((struct bed *)ctx)->outstanding;
}

static void nic_want(void *ctx)
{
	((struct bed *)ctx)->wants++;
}

static void free_list(struct bed *b, PNET_BUFFER_LIST nbl)
{
	PMDL mdl = nbl->FirstNetBuffer->MdlChain;

	free(mdl->StartVa);
	NdisFreeMdl(mdl);
	NdisFreeNetBufferList(nbl);
	b->lists_out--;
}

static void nic_give_back(void *ctx, PNET_BUFFER_LIST nbl)
{
	if (nbl->Next)
		OK(false, "a list given back alone");
	free_list(ctx, nbl);
}

static const struct chim_relay_ops ops = { nic_send, nic_posted, nic_want, nic_give_back };

static struct bed *bed_new(void)
{
	NET_BUFFER_LIST_POOL_PARAMETERS lists = {
		.Header = { NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
			    sizeof(lists) },
		.fAllocateNetBuffer = 1,
	};
	struct bed *b = calloc(1, sizeof(*b));

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, b->app) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, b->net) ||
	    chim_relay_init(&b->r, b->app[0], &ops, b))
		exit(1);
	b->nbls = NdisAllocateNetBufferListPool(NULL, &lists);
	chim_mdl_pool_create(NULL, 0, &b->mdls);
	b->r.net = b->net[0];
	return b;
}

static void bed_free(struct bed *b)
{
	chim_relay_fini(&b->r);
	OK(!b->lists_out, "every list was given back");
	chim_mdl_pool_destroy(b->mdls);
	NdisFreeNetBufferListPool(b->nbls);
	close(b->app[0]);
	close(b->app[1]);
	close(b->net[0]);
	close(b->net[1]);
	free(b);
}

static uint8_t byte_at(uint32_t seed, size_t i)
{
	return (uint8_t)((i * 2654435761u + seed) >> 13);
}

static NDIS_STATUS indicate(struct bed *b, uint32_t seed, size_t at, size_t len, ULONG *consumed)
{
	uint8_t *copy = malloc(len);
	PNET_BUFFER_LIST nbl;
	NDIS_STATUS status;
	size_t i;
	PMDL mdl;

	for (i = 0; i < len; i++)
		copy[i] = byte_at(seed, at + i);
	mdl = NdisAllocateMdl(b->mdls, copy, (ULONG)len);
	nbl = NdisAllocateNetBufferAndNetBufferList(b->nbls, 0, 0, mdl, 0, (ULONG)len);
	b->lists_out++;
	status = chim_relay_indicate(&b->r, nbl, consumed);
	if (status != NDIS_STATUS_SUCCESS)
		free_list(b, nbl);
	return status;
}

static size_t put(int fd, uint32_t seed, size_t at, size_t len)
{
	uint8_t buf[65536];
	size_t i;
	ssize_t n;

	for (i = 0; i < len; i++)
		buf[i] = byte_at(seed, at + i);
	n = send(fd, buf, len, MSG_DONTWAIT);
	return n > 0 ? (size_t)n : 0;
}

/* Read what is there and compare. Return: bytes; (size_t)-1: wrong. */
static size_t take(int fd, uint32_t seed, size_t at, size_t most, bool *eof)
{
	uint8_t buf[65536];
	ssize_t n = recv(fd, buf, most < sizeof(buf) ? most : sizeof(buf), MSG_DONTWAIT), i;

	*eof = n == 0;
	for (i = 0; i < n; i++)
		if (buf[i] != byte_at(seed, at + (size_t)i))
			return (size_t)-1;
	return n > 0 ? (size_t)n : 0;
}

/*
 * Both directions at once, the holder changing at random, as the hand-off does it: what the NIC has
 * outstanding is given back and goes first to the kernel.
 */
static unsigned int test_walk(unsigned int seed)
{
	enum { TOTAL = 700000 };
	struct bed *b = bed_new();
	size_t app_in = 0, net_out = 0; /* application -> net */
	size_t net_in = 0, app_out = 0; /* net -> application */
	size_t nic_acked = 0, worst_tx = 0, worst_rx = 0;
	bool eof_app = false, eof_net = false, eof, bad = false;
	unsigned int moves = 0, refused = 0, rounds = 0;
	ULONG consumed;

	srand(seed);
	b->r.side = CHIM_RELAY_KERNEL;
	while (rounds++ < 2000000 && !bad && !(eof_app && eof_net)) {
		size_t n = (size_t)rand() % 9000 + 1;

		switch (rand() % 8) {
		case 0: /* the application sends */
			if (app_in < TOTAL)
				app_in += put(b->app[1], 1, app_in,
					      n < TOTAL - app_in ? n : TOTAL - app_in);
			if (app_in == TOTAL)
				shutdown(b->app[1], SHUT_WR);
			break;
		case 1: /* the peer sends, to whoever holds it */
			if (n > TOTAL - net_in)
				n = TOTAL - net_in;
			if (!n)
				break;
			if (b->r.side == CHIM_RELAY_KERNEL && !b->r.net_eof) {
				net_in += put(b->net[1], 2, net_in, n);
			} else if (b->r.side == CHIM_RELAY_NIC) {
				if (rand() % 50 == 0 && TOTAL - net_in > 70000)
					n = 70000;
				indicate(b, 2, net_in, n, &consumed);
				refused += consumed < n;
				net_in += consumed;
			}
			break;
		case 2: /* the application reads */
			n = take(b->app[1], 2, app_out, n, &eof);
			bad |= n == (size_t)-1;
			app_out += n;
			eof_app |= eof && app_out == TOTAL;
			bad |= eof && app_out < TOTAL;
			break;
		case 3: /* the peer reads what the kernel sent */
			if (b->r.side == CHIM_RELAY_KERNEL) {
				n = take(b->net[1], 1, net_out, n, &eof);
				bad |= n == (size_t)-1;
				net_out += n;
				eof_net |= eof && net_out == TOTAL;
			}
			break;
		case 4: /* the NIC's peer acknowledges */
			n = n < b->outstanding ? n : b->outstanding;
			for (size_t i = 0; i < n; i++)
				bad |= b->posted[nic_acked + i] != byte_at(1, net_out + i);
			nic_acked += n;
			net_out += n;
			b->outstanding -= n;
			break;
		case 5: /* the holder changes */
			if (rand() % 3)
				break;
			moves++;
			if (b->r.side == CHIM_RELAY_KERNEL) {
				/* All that the kernel has is read by either side first. */
				while ((n = take(b->net[1], 1, net_out, 65536, &eof)) &&
				       n != (size_t)-1)
					net_out += n;
				bad |= n == (size_t)-1;
				if (recv(b->net[0], &(char){ 0 }, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
					break;
				if (!b->r.net_shut && !b->r.net_eof)
					b->r.side = CHIM_RELAY_NIC;
			} else {
				uint8_t *left = malloc(b->outstanding + 1);
				size_t i;

				/* With what a restore already had put back still in front. */
				for (i = 0; i < b->outstanding; i++)
					left[i] = b->posted[nic_acked + i];
				if (b->r.left_at < b->r.left_len) {
					size_t old = b->r.left_len - b->r.left_at;

					left = realloc(left, b->outstanding + old);
					memcpy(left + b->outstanding, b->r.left + b->r.left_at,
					       old);
					b->outstanding += old;
				}
				chim_relay_put_back(&b->r, left, 0, b->outstanding);
				b->outstanding = b->posted_len = nic_acked = 0;
				b->r.side = CHIM_RELAY_KERNEL;
			}
			break;
		case 6: /* the peer is through */
			if (net_in == TOTAL && b->r.side == CHIM_RELAY_KERNEL)
				shutdown(b->net[1], SHUT_WR);
			break;
		default: break;
		}
		chim_relay_run(&b->r);
		if (b->r.side == CHIM_RELAY_NIC &&
		    chim_relay_tx_waiting(&b->r) - (b->r.left_len - b->r.left_at) + b->outstanding >
			    worst_tx)
			worst_tx = b->r.tx_len - b->r.tx_at + b->outstanding;
		if (chim_relay_rx_waiting(&b->r) > worst_rx)
			worst_rx = chim_relay_rx_waiting(&b->r);
	}
	OK(!bad && net_out == TOTAL && app_out == TOTAL,
	   "seed %u: every byte in order (%zu, %zu of %d)", seed, net_out, app_out, TOTAL);
	OK(b->r.end == CHIM_RELAY_DONE, "seed %u: done after both ends of file", seed);
	OK(moves > 20, "seed %u: %u moves", seed, moves);
	OK(worst_rx <= CHIM_RELAY_RX_BYTES, "seed %u: at most %zu bytes towards the application",
	   seed, worst_rx);
	OK(b->r.from_app == TOTAL && b->r.to_app == TOTAL, "seed %u: counted", seed);
	bed_free(b);
	return refused;
}

static void test_bounds(void)
{
	struct bed *b = bed_new();
	size_t in = 0, n;
	int i;

	b->r.side = CHIM_RELAY_NIC;
	for (i = 0; i < 100; i++) {
		in += put(b->app[1], 1, in, 9000);
		chim_relay_run(&b->r);
	}
	n = chim_relay_tx_waiting(&b->r) + b->outstanding;
	OK(n <= CHIM_RELAY_BYTES, "an application that only sends: %zu bytes on our side", n);
	OK(!(chim_relay_wants_app(&b->r) & EPOLLIN), "then it is not read any more");
	b->outstanding = 0;
	chim_relay_run(&b->r);
	OK(b->outstanding > 0, "until something is acknowledged");
	bed_free(b);
}

static void test_refusal(void)
{
	struct bed *b = bed_new();
	ULONG consumed;
	NDIS_STATUS s;
	bool eof;
	size_t at = 0, got = 0;

	b->r.side = CHIM_RELAY_NIC;
	while ((s = indicate(b, 2, at, 16384, &consumed)) == NDIS_STATUS_SUCCESS)
		at += 16384;
	OK(s == NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED && at == CHIM_RELAY_RX_BYTES,
	   "refused behind %zu bytes", at);
	OK(!b->wants, "not asked for at once");
	chim_relay_run(&b->r);
	while (got < at) {
		got += take(b->app[1], 2, got, 65536, &eof);
		chim_relay_run(&b->r);
	}
	OK(b->wants == 1, "asked for once when there is room");
	s = indicate(b, 2, at, 100000, &consumed);
	OK(s == NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED && consumed == CHIM_RELAY_RX_BYTES,
	   "a list larger than all our room is taken in part");
	bed_free(b);
}

static void test_ends(void)
{
	struct bed *b = bed_new();
	bool eof;

	b->r.side = CHIM_RELAY_NIC;
	put(b->app[1], 1, 0, 100);
	shutdown(b->app[1], SHUT_WR);
	chim_relay_run(&b->r);
	OK(chim_relay_wants_close(&b->r) && b->outstanding == 100 && !b->r.net_shut,
	   "end of file in the NIC: the owner must upload");
	b->r.side = CHIM_RELAY_NOBODY;
	chim_relay_run(&b->r);
	OK(!b->r.net_shut && !chim_relay_wants_net(&b->r), "nobody holds it: nothing happens");
	b->r.side = CHIM_RELAY_KERNEL;
	chim_relay_run(&b->r);
	take(b->net[1], 1, 0, 10, &eof);
	OK(b->r.net_shut && eof, "the kernel sends the end of file");
	OK(b->r.end == CHIM_RELAY_RUNS, "the other direction goes on");
	put(b->net[1], 2, 0, 50);
	chim_relay_run(&b->r);
	OK(take(b->app[1], 2, 0, 100, &eof) == 50, "and carries data");
	shutdown(b->net[1], SHUT_WR);
	chim_relay_run(&b->r);
	OK(b->r.end == CHIM_RELAY_DONE, "until it ends too");
	bed_free(b);

	b = bed_new();
	b->r.side = CHIM_RELAY_KERNEL;
	close(b->app[1]);
	put(b->net[1], 2, 0, 50);
	chim_relay_run(&b->r);
	OK(b->r.end == CHIM_RELAY_APP_GONE, "an application that is gone");
	b->app[1] = dup(0);
	bed_free(b);

	b = bed_new();
	b->r.side = CHIM_RELAY_KERNEL;
	close(b->net[1]);
	put(b->app[1], 1, 0, 50);
	chim_relay_run(&b->r);
	OK(b->r.end == CHIM_RELAY_NET_GONE, "a connection that is gone");
	b->net[1] = dup(0);
	bed_free(b);

	b = bed_new();
	b->r.side = CHIM_RELAY_NIC;
	b->send_err = -EINVAL;
	put(b->app[1], 1, 0, 50);
	chim_relay_run(&b->r);
	OK(b->r.end == CHIM_RELAY_NET_GONE, "a NIC that takes nothing");
	bed_free(b);
}

int main(void)
{
	unsigned int seed, refused = 0;

	for (seed = 1; seed <= 12; seed++)
		refused += test_walk(seed);
	OK(refused > 0, "%u refusals", refused);
	test_bounds();
	test_refusal();
	test_ends();
	return tap_done();
}
