/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Carries bytes between an application's stream and whoever holds the connection now. Hard part:
 * flow control both ways with at most 64 KiB on our side each way, half-close both ways, and the
 * order of bytes when the holder changes.
 *
 *   application -> [left, tx] -> kernel socket or NIC
 *   application <- [rx, lists] <- kernel socket or NIC
 *
 * left: what a restore could not put into the socket, older than tx. lists: received lists of the
 * NIC, not copied, younger than rx.
 */
#ifndef CHIM_LINUX_RELAY_H
#define CHIM_LINUX_RELAY_H

#include "chimney/ndischimney.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CHIM_RELAY_BYTES = 65536, /* towards the network */
	/*
	 * Towards the application: half a window, so that what a slow application leaves waits in
	 * NIC or kernel, and a window stays open.
	 */
	CHIM_RELAY_RX_BYTES = 32768,
};

struct chim_relay;

/* Who holds the connection. */
enum chim_relay_side {
	CHIM_RELAY_NOBODY, /* on its way: nothing moves */
	CHIM_RELAY_KERNEL,
	CHIM_RELAY_NIC,
};

struct chim_relay_ops {
	/* NIC: post a copy. 0; -EAGAIN no room (chim_relay_run() later); other errors end it. */
	int (*send)(void *ctx, const uint8_t *bytes, size_t len);
	/* NIC: bytes posted and not acknowledged. */
	size_t (*posted)(void *ctx);
	/* NIC: refused data may be indicated again. */
	void (*want_data)(void *ctx);
	/* NIC: give a consumed list back. */
	void (*give_back)(void *ctx, PNET_BUFFER_LIST nbl);
};

enum chim_relay_end {
	CHIM_RELAY_RUNS,
	CHIM_RELAY_DONE,     /* both directions at their end, all delivered */
	CHIM_RELAY_APP_GONE, /* the application's stream broke */
	CHIM_RELAY_NET_GONE, /* the connection broke */
};

struct chim_relay {
	const struct chim_relay_ops *ops;
	void *ctx;
	int app, net; /* descriptors; net: the kernel socket */
	enum chim_relay_side side;
	enum chim_relay_end end;
	bool app_eof;		 /* the application sent all it will send */
	bool net_eof;		 /* the peer did */
	bool app_shut, net_shut; /* and we passed it on */
	bool refused;		 /* NIC: data was refused, want_data() is due */
	uint8_t *left;
	size_t left_at, left_len;
	uint8_t *tx, *rx;		     /* CHIM_RELAY_BYTES, CHIM_RELAY_RX_BYTES */
	size_t tx_at, tx_len, rx_at, rx_len; /* [at, len) is waiting */
	PNET_BUFFER_LIST first, last;
	size_t list_bytes;
	uint64_t to_app, from_app; /* bytes, since the start */
};

/* @app: non-blocking stream, stays the caller's. 0 or -ENOMEM. */
int chim_relay_init(struct chim_relay *r, int app, const struct chim_relay_ops *ops, void *ctx);
/* Gives lists back and frees the buffers. */
void chim_relay_fini(struct chim_relay *r);

/* Move what can be moved. Return: anything moved? Look at r->end and the wants afterwards. */
bool chim_relay_run(struct chim_relay *r);

/* EPOLLIN and EPOLLOUT that would let chim_relay_run() move something. */
uint32_t chim_relay_wants_app(const struct chim_relay *r);
uint32_t chim_relay_wants_net(const struct chim_relay *r);

/* The application is at its end of file and all is sent or posted: time to close the connection. */
bool chim_relay_wants_close(const struct chim_relay *r);

/* Data from the NIC; as TCP_OFFLOAD_RECEIVE_INDICATE_HANDLER. */
NDIS_STATUS chim_relay_indicate(struct chim_relay *r, PNET_BUFFER_LIST nbl, PULONG consumed);

/* What a restore could not put into the socket; the buffer becomes the relay's. */
void chim_relay_put_back(struct chim_relay *r, uint8_t *bytes, size_t at, size_t len);

/* Bytes on our side that the application sent. */
size_t chim_relay_tx_waiting(const struct chim_relay *r);
size_t chim_relay_rx_waiting(const struct chim_relay *r);

#endif
