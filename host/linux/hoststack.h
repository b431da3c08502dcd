/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The protocol side of the offload interface: turns a connection image into a state tree (neighbor,
 * path, TCP) and the delegated state of a terminate into an image, and passes data, frames and
 * events. Hard part: whose the send data is at any moment; nothing may be lost when the target
 * hands some of it back by completions and the rest by the terminate.
 *
 * All calls are asynchronous: the answer comes by struct chim_hs_ops from chim_ndis_poll().
 */
#ifndef CHIM_LINUX_HOSTSTACK_H
#define CHIM_LINUX_HOSTSTACK_H

#include "held.h"
#include "neigh.h"
#include "tcp_repair.h"

#include "chimney/ndischimney.h"

struct chim_hs;
struct chim_hs_conn;

struct chim_hs_ops {
	/* Memory for send data that the device sees; -ENOMEM: it is copied once more below. */
	int (*mem)(void *ctx, size_t len, void **va, uint64_t *iova);
	void (*mem_free)(void *ctx, void *va);

	/* An initiate ended. Not SUCCESS: the image is the caller's again, with all its data. */
	void (*initiated)(void *ctx, struct chim_hs_conn *c, NDIS_STATUS status);
	/*
	 * A terminate ended. SUCCESS: @img is what the connection is now (Closed: nothing to
	 * restore); its data is the callee's, by chim_tcp_image_free(). Else: the state is lost.
	 */
	void (*terminated)(void *ctx, struct chim_hs_conn *c, NDIS_STATUS status,
			   struct chim_tcp_image *img);
	/* A query ended. */
	void (*queried)(void *ctx, struct chim_hs_conn *c, NDIS_STATUS status,
			const TCP_OFFLOAD_STATE_DELEGATED *state);
	/* Sends were acknowledged: there is room again. */
	void (*sent)(void *ctx, struct chim_hs_conn *c);
	/* Received data. Return as TCP_OFFLOAD_RECEIVE_INDICATE_HANDLER. */
	NDIS_STATUS(*indicate)
	(void *ctx, struct chim_hs_conn *c, PNET_BUFFER_LIST nbl, PULONG consumed);
	/* A forwarded frame: SUCCESS: done. UPLOAD_IN_PROGRESS: the kernel must have it. */
	void (*forwarded)(void *ctx, struct chim_hs_conn *c, struct chim_held *frame,
			  NDIS_STATUS status);
	/* TCP_OFFLOAD_EVENT_TYPE */
	void (*event)(void *ctx, struct chim_hs_conn *c, ULONG type, ULONG information);
	/* Milliseconds since @hop was known to be reachable; 0: unknown. */
	uint32_t (*reachability)(void *ctx, const struct chim_hop *hop);
	/* NDIS_STATUS_OFFLOAD_PAUSE, _UPLOAD_ALL, _OFFLOAD_RESUME */
	void (*status)(void *ctx, NDIS_STATUS code);
	/* Something that should not have happened; for the log. */
	void (*warn)(void *ctx, const char *what);
};

/* One TCP connection while it is offloaded, or on its way. Zeroed before its first use. */
struct chim_hs_conn {
	void *user;
	size_t posted;		      /* bytes in sends that are not acknowledged as a whole */
	unsigned int sends, forwards; /* outstanding */
	bool busy;		      /* initiate or terminate in progress */
	bool offloaded;
	bool lost; /* the target lost the state */
	/* private: */
	NDIS_OFFLOAD_HANDLE handle;
	struct chim_hs *hs;
	struct hs_path *path;
	struct chim_tcp_image img;		/* what does not change while offloaded; no data */
	PNET_BUFFER_LIST back_first, back_last; /* sends that came back unacknowledged, in order */
	PNET_BUFFER_LIST zero;			/* the receive request of no bytes */
	bool zero_posted, querying;
};

struct chim_hs_limits {
	uint32_t rcv_wnd;	 /* InitialRcvWnd, bytes */
	uint32_t rcv_indication; /* RcvIndicationSize, bytes */
};

/**
 * chim_hs_create() - bind to an adapter
 * Return: 0; -ENOTSUP the adapter has no TCP chimney; -EBUSY another protocol uses it; -ENOMEM.
 */
int chim_hs_create(struct chim_ndis *ndis, NDIS_HANDLE adapter, const struct chim_hs_ops *ops,
		   void *ctx, const struct chim_hs_limits *limits, struct chim_hs **hs);
/* Return: 0; -EBUSY something is still offloaded or outstanding: chim_hs_flush(), poll, again. */
int chim_hs_destroy(struct chim_hs *hs);

/* What the adapter says it can do. */
const NDIS_TCP_CONNECTION_OFFLOAD *chim_hs_capabilities(const struct chim_hs *hs);

/* Could an initiate start now, or is a neighbor or path it needs just coming or going? */
bool chim_hs_ready(struct chim_hs *hs, const struct chim_key *key, const struct chim_hop *hop);

/**
 * chim_hs_initiate() - offload
 * @img: stays the caller's and unchanged until the answer; its data is copied. Its times are
 * brought
 *       up to date here
 *
 * Return: 0, answered by initiated(); -EAGAIN see chim_hs_ready(); -ENOMEM.
 */
int chim_hs_initiate(struct chim_hs *hs, struct chim_hs_conn *c, const struct chim_tcp_image *img,
		     const struct chim_hop *hop);

/* Upload. 0: answered by terminated(). -EAGAIN a query runs; -EINVAL not there, busy; -ENOMEM */
int chim_hs_terminate(struct chim_hs_conn *c);
/* Read the delegated state. 0: answered by queried(). -EBUSY one runs; -EINVAL; -ENOMEM */
int chim_hs_query(struct chim_hs_conn *c);

/* Post a copy of @len bytes. Return: 0; -EINVAL not offloaded; -ENOMEM. */
int chim_hs_send(struct chim_hs_conn *c, const uint8_t *bytes, size_t len);
/* Let refused data be indicated again. 0 or -errno; nothing if it was already said. */
int chim_hs_want_data(struct chim_hs_conn *c);
/* Give an indicated list back. */
void chim_hs_return(struct chim_hs *hs, PNET_BUFFER_LIST nbl);
/* Hand a frame in. 0: the frame is the target's until forwarded(); else it stays the caller's. */
int chim_hs_forward(struct chim_hs_conn *c, struct chim_held *frame);

/* News: the next hop's Ethernet address changed; a path's MTU changed. */
void chim_hs_neighbor_changed(struct chim_hs *hs, int ifindex, uint8_t family,
			      const uint8_t address[16], const uint8_t mac[6]);
void chim_hs_mtu_changed(struct chim_hs *hs, const struct chim_key *key, unsigned int mtu);
/* The hop through which a connection was offloaded. */
const struct chim_hop *chim_hs_hop(const struct chim_hs_conn *c);

/* Terminate paths and neighbors that nothing uses. Return: how many remain. */
unsigned int chim_hs_flush(struct chim_hs *hs);

#endif
