/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The two pumps of a relayed connection. Hard part: each must stop for exactly one reason at a
 * time, or the event loop spins.
 */
#include "relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { PIECE = 16384, VECTORS = 16 };

int chim_relay_init(struct chim_relay *r, int app, const struct chim_relay_ops *ops, void *ctx)
{
	memset(r, 0, sizeof(*r));
	r->ops = ops;
	r->ctx = ctx;
	r->app = app;
	r->net = -1;
	r->tx = malloc(CHIM_RELAY_BYTES);
	r->rx = malloc(CHIM_RELAY_RX_BYTES);
	if (r->tx && r->rx)
		return 0;
	chim_relay_fini(r);
	return -ENOMEM;
}

void chim_relay_fini(struct chim_relay *r)
{
	while (r->first) {
		PNET_BUFFER_LIST nbl = r->first;

		r->first = nbl->Next;
		nbl->Next = NULL;
		r->ops->give_back(r->ctx, nbl);
	}
	r->last = NULL;
	r->list_bytes = 0;
	free(r->left);
	free(r->tx);
	free(r->rx);
	r->left = r->tx = r->rx = NULL;
}

size_t chim_relay_tx_waiting(const struct chim_relay *r)
{
	return r->left_len - r->left_at + r->tx_len - r->tx_at;
}

size_t chim_relay_rx_waiting(const struct chim_relay *r)
{
	return r->rx_len - r->rx_at + r->list_bytes;
}

void chim_relay_put_back(struct chim_relay *r, uint8_t *bytes, size_t at, size_t len)
{
	free(r->left);
	r->left = bytes;
	r->left_at = at;
	r->left_len = len;
}

/* Room to read from the application: what the NIC has of it is on our side too. */
static size_t tx_room(const struct chim_relay *r)
{
	size_t used = r->tx_len - r->tx_at;

	if (r->side == CHIM_RELAY_NIC)
		used += r->ops->posted(r->ctx);
	return used < CHIM_RELAY_BYTES ? CHIM_RELAY_BYTES - used : 0;
}

static size_t rx_room(const struct chim_relay *r)
{
	size_t used = chim_relay_rx_waiting(r);

	return used < CHIM_RELAY_RX_BYTES ? CHIM_RELAY_RX_BYTES - used : 0;
}

static bool temporary(int err)
{
	return err == EAGAIN || err == EWOULDBLOCK || err == EINTR;
}

/* Put the waiting bytes at the front of the buffer. */
static void close_gap(uint8_t *buf, size_t *at, size_t *len)
{
	if (!*at)
		return;
	memmove(buf, buf + *at, *len - *at);
	*len -= *at;
	*at = 0;
}

static bool read_app(struct chim_relay *r)
{
	size_t room = tx_room(r);
	ssize_t n;

	if (r->app_eof || !room)
		return false;
	close_gap(r->tx, &r->tx_at, &r->tx_len);
	if (room > CHIM_RELAY_BYTES - r->tx_len)
		room = CHIM_RELAY_BYTES - r->tx_len;
	n = recv(r->app, r->tx + r->tx_len, room, MSG_DONTWAIT);
	if (n < 0) {
		if (!temporary(errno))
			r->end = CHIM_RELAY_APP_GONE;
		return false;
	}
	r->app_eof = n == 0;
	r->tx_len += (size_t)n;
	r->from_app += (uint64_t)n;
	return true;
}

/* One run of bytes to the holder. Return: bytes taken. */
static size_t push(struct chim_relay *r, const uint8_t *bytes, size_t len)
{
	ssize_t n;

	if (r->side == CHIM_RELAY_NIC) {
		size_t piece = len < PIECE ? len : PIECE;
		int err = r->ops->send(r->ctx, bytes, piece);

		if (err && err != -EAGAIN)
			r->end = CHIM_RELAY_NET_GONE;
		return err ? 0 : piece;
	}
	n = send(r->net, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && !temporary(errno))
		r->end = CHIM_RELAY_NET_GONE;
	return n > 0 ? (size_t)n : 0;
}

static bool write_net(struct chim_relay *r)
{
	size_t n;

	if (r->side == CHIM_RELAY_NOBODY || r->net_shut)
		return false;
	if (r->left_at < r->left_len) {
		n = push(r, r->left + r->left_at, r->left_len - r->left_at);
		r->left_at += n;
	} else if (r->tx_at < r->tx_len) {
		n = push(r, r->tx + r->tx_at, r->tx_len - r->tx_at);
		r->tx_at += n;
	} else {
		return false;
	}
	return n > 0;
}

/* The FIN is the kernel's to send; with the NIC the owner uploads first: wants_close(). */
static bool shut_net(struct chim_relay *r)
{
	if (!r->app_eof || r->net_shut || r->side != CHIM_RELAY_KERNEL || chim_relay_tx_waiting(r))
		return false;
	if (shutdown(r->net, SHUT_WR) && errno != ENOTCONN)
		r->end = CHIM_RELAY_NET_GONE;
	r->net_shut = true;
	return true;
}

bool chim_relay_wants_close(const struct chim_relay *r)
{
	return r->app_eof && r->side == CHIM_RELAY_NIC && !chim_relay_tx_waiting(r);
}

/* Older lists of the NIC go first. */
static bool read_net(struct chim_relay *r)
{
	size_t room = rx_room(r);
	ssize_t n;

	if (r->side != CHIM_RELAY_KERNEL || r->net_eof || r->first || !room)
		return false;
	close_gap(r->rx, &r->rx_at, &r->rx_len);
	n = recv(r->net, r->rx + r->rx_len, room, MSG_DONTWAIT);
	if (n < 0) {
		if (!temporary(errno))
			r->end = CHIM_RELAY_NET_GONE;
		return false;
	}
	r->net_eof = n == 0;
	r->rx_len += (size_t)n;
	return true;
}

/* Consume @n bytes of the lists. */
static void drop_lists(struct chim_relay *r, size_t n)
{
	r->list_bytes -= n;
	while (n || (r->first && !r->first->FirstNetBuffer->DataLength)) {
		PNET_BUFFER_LIST nbl = r->first;
		PNET_BUFFER nb = nbl->FirstNetBuffer;
		size_t part = n < nb->DataLength ? n : nb->DataLength;

		NdisAdvanceNetBufferDataStart(nb, (ULONG)part, false, NULL);
		n -= part;
		if (nb->DataLength)
			return;
		r->first = nbl->Next;
		if (!r->first)
			r->last = NULL;
		nbl->Next = NULL;
		r->ops->give_back(r->ctx, nbl);
	}
}

static int list_vectors(const struct chim_relay *r, struct iovec *iov)
{
	PNET_BUFFER_LIST nbl;
	int count = 0;

	for (nbl = r->first; nbl && count < VECTORS; nbl = nbl->Next) {
		struct chim_nb_iter it = chim_nb_begin(nbl->FirstNetBuffer);
		struct chim_nb_frag frag;

		while (count < VECTORS && chim_nb_next(&it, CHIM_RELAY_RX_BYTES, &frag))
			iov[count++] = (struct iovec){ frag.va, frag.len };
	}
	return count;
}

static ssize_t send_app(struct chim_relay *r, struct iovec *iov, int count)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = (size_t)count };
	ssize_t n = sendmsg(r->app, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && !temporary(errno))
		r->end = CHIM_RELAY_APP_GONE;
	if (n > 0)
		r->to_app += (uint64_t)n;
	return n;
}

static bool write_app(struct chim_relay *r)
{
	struct iovec iov[VECTORS];
	ssize_t n;

	if (r->app_shut)
		return false;
	if (r->rx_at < r->rx_len) {
		iov[0] = (struct iovec){ r->rx + r->rx_at, r->rx_len - r->rx_at };
		n = send_app(r, iov, 1);
		r->rx_at += n > 0 ? (size_t)n : 0;
	} else if (r->first) {
		n = send_app(r, iov, list_vectors(r, iov));
		if (n > 0)
			drop_lists(r, (size_t)n);
	} else {
		return false;
	}
	return n > 0;
}

static bool shut_app(struct chim_relay *r)
{
	if (!r->net_eof || r->app_shut || chim_relay_rx_waiting(r))
		return false;
	if (shutdown(r->app, SHUT_WR) && errno != ENOTCONN)
		r->end = CHIM_RELAY_APP_GONE;
	r->app_shut = true;
	return true;
}

/* Refused data is asked for again at half the room, so that it comes in large pieces. */
static void ask_again(struct chim_relay *r)
{
	if (!r->refused || r->side != CHIM_RELAY_NIC || rx_room(r) < CHIM_RELAY_RX_BYTES / 2)
		return;
	r->refused = false;
	r->ops->want_data(r->ctx);
}

bool chim_relay_run(struct chim_relay *r)
{
	bool moved = false, any;

	do {
		any = false;
		if (r->end == CHIM_RELAY_RUNS)
			any |= read_app(r);
		if (r->end == CHIM_RELAY_RUNS)
			any |= write_net(r);
		if (r->end == CHIM_RELAY_RUNS)
			any |= shut_net(r);
		if (r->end == CHIM_RELAY_RUNS)
			any |= read_net(r);
		if (r->end == CHIM_RELAY_RUNS)
			any |= write_app(r);
		if (r->end == CHIM_RELAY_RUNS)
			any |= shut_app(r);
		moved |= any;
	} while (any);
	if (r->end == CHIM_RELAY_RUNS && r->app_shut && r->net_shut)
		r->end = CHIM_RELAY_DONE;
	if (r->end == CHIM_RELAY_RUNS)
		ask_again(r);
	return moved;
}

uint32_t chim_relay_wants_app(const struct chim_relay *r)
{
	uint32_t events = 0;

	if (!r->app_eof && tx_room(r))
		events |= EPOLLIN;
	if (!r->app_shut && chim_relay_rx_waiting(r))
		events |= EPOLLOUT;
	return events;
}

uint32_t chim_relay_wants_net(const struct chim_relay *r)
{
	uint32_t events = 0;

	if (r->side != CHIM_RELAY_KERNEL)
		return 0;
	if (!r->net_eof && !r->first && rx_room(r))
		events |= EPOLLIN;
	if (!r->net_shut && chim_relay_tx_waiting(r))
		events |= EPOLLOUT;
	return events;
}

NDIS_STATUS chim_relay_indicate(struct chim_relay *r, PNET_BUFFER_LIST nbl, PULONG consumed)
{
	ULONG len = nbl->FirstNetBuffer->DataLength;
	size_t room = rx_room(r);

	*consumed = 0;
	if (r->end != CHIM_RELAY_RUNS || r->app_shut)
		room = 0;
	if (len <= room) {
		nbl->Next = NULL;
		if (r->last)
			r->last->Next = nbl;
		else
			r->first = nbl;
		r->last = nbl;
		r->list_bytes += len;
		*consumed = len;
		return NDIS_STATUS_SUCCESS;
	}
	r->refused = true;
	/* A list that never would fit is taken in parts, which need a copy. */
	if (len <= CHIM_RELAY_RX_BYTES || r->first || !room)
		return NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED;
	close_gap(r->rx, &r->rx_at, &r->rx_len);
	*consumed = chim_nb_copy_out(nbl->FirstNetBuffer, 0, r->rx + r->rx_len, (ULONG)room);
	r->rx_len += *consumed;
	return NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED;
}
