/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A host stack without TCP: records what comes up, answers indications as told, and has builders
 * for trees and lists. Hard part: all of it lives in one arena, so that a test that ends early
 * leaks nothing.
 *
 * The log has one word for each call up: "initiate", "query", "update", "invalidate", "terminate"
 * (completions); "send:2" (a chain of 2), "receive:1", "disconnect:1", "forward:1"; "data:5" (5
 * bytes indicated), "event3:10", "neighbor", "status40020001", "oid".
 */
#ifndef API_MOCK_HOST_H
#define API_MOCK_HOST_H

#include <chimney/ndischimney.h>

typedef NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST pblock;

#define HOST_LOG   1024
#define HOST_LISTS 64

struct host {
	NDIS_HANDLE driver, binding;
	char log[HOST_LOG];
	pblock *done;	       /* root of the last state completion */
	NET_BUFFER_LIST *list; /* chain of the last data completion */
	NET_BUFFER_LIST *data; /* last list indicated */
	PVOID context;	       /* OffloadContext of the last indication */
	NDIS_STATUS answer;    /* to indications */
	ULONG consumed;	       /* with them; UINT32_MAX: all */
	NDIS_STATUS oid_status;
	ULONG delta;	 /* HostReachabilityDelta to answer with */
	bool no_chimney; /* at registration */
	/* In place of the mock's, which log: for what is measured. NULL: none. */
	TCP_OFFLOAD_SEND_COMPLETE_HANDLER on_send;
	TCP_OFFLOAD_RECEIVE_INDICATE_HANDLER on_data;
	/* Called inside every handler, after logging. */
	void (*hook)(struct host *host);
	void *user;
	/* arena */
	void *mem[8192];
	unsigned int mems;
};

int host_open(struct host *host, struct chim_ndis *ndis, NDIS_HANDLE adapter);
int host_close(struct host *host);
void host_free(struct host *host); /* the arena */

/* Has exactly this been called, in this order? Clears the log. */
bool host_saw(struct host *host, const char *want);

/* Memory of the arena, zeroed. */
void *host_alloc(struct host *host, size_t size);

/*
 * A block of @type for object @h (NULL: placeholder), named @name (3 characters at most), with
 * plausible state behind it. */
pblock *host_block(struct host *host, OFFLOAD_STATE_TYPE type, NDIS_OFFLOAD_HANDLE *h,
		   const char *name);
/* @first as DependentBlockList of @b, or as NextBlock; the second at the end of the chain. */
pblock *on(pblock *b, pblock *first);
pblock *then(pblock *b, pblock *next);

/* A list with @len bytes of data, or of room. */
NET_BUFFER_LIST *host_list(struct host *host, ULONG len);

/* Neighbor, path and connection, as handles. */
struct conn {
	NDIS_OFFLOAD_HANDLE n, p, t;
};

/* A tree of new state for all three, or of delegated state to terminate them. */
pblock *host_tree(struct host *host, struct conn *c);
pblock *host_end_tree(struct host *host, struct conn *c);

#endif
