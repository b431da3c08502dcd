/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * What the router keeps: drivers, adapters, bindings, offloaded objects, operations. Hard part: one
 * NET_BUFFER_LIST or block tree is under way at several layers at once when drivers are stacked;
 * each layer has its own object and its own record of it.
 */
#ifndef CHIM_NDIS_ROUTER_INTERNAL_H
#define CHIM_NDIS_ROUTER_INTERNAL_H

#include "mem.h"

typedef NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST ndis_block; /* the view the router itself uses */

/* Kinds of queued completions, of data and of hops. */
enum ndis_kind {
	KIND_SEND,
	KIND_RECEIVE,
	KIND_DISCONNECT,
	KIND_FORWARD,
	KIND_IO,	     /* number of the above */
	KIND_LOAN = KIND_IO, /* hop: indicated or BufferedData, out until receive-return */
	KIND_OP,	     /* node in struct ndis_op */
	KIND_OID,	     /* node in NDIS_OID_REQUEST.NdisReserved */
	KIND_REFUSED,	     /* node in a root block's NdisReserved; plus enum ndis_op_kind */
};

enum ndis_op_kind { OP_INITIATE, OP_QUERY, OP_UPDATE, OP_INVALIDATE, OP_TERMINATE, OP_KINDS };

/* A function on every path: each of its few callers has a copy, in which the kind is a constant. */
#define NDIS_PER_KIND static inline __attribute__((__always_inline__))

struct ndis_queue {
	struct chim_ndis_node *head, *tail;
};

/* Start of a driver, adapter or binding. */
struct ndis_reg {
	struct ndis_obj obj;
	struct ndis_reg *dead_next; /* released, but a handler may still be on the stack */
};

struct chim_ndis {
	struct ndis_obj obj;
	struct ndis_mem mem;
	void (*on_rule)(void *ctx, enum chim_ndis_rule rule, const char *where, const void *what);
	uint64_t count[CHIM_RULES];
	unsigned int depth;    /* handlers on the stack, of miniports and protocols */
	unsigned int in_entry; /* of these, Miniport entry points */
	uint32_t serial;       /* of operations; marks the objects of one tree */
	unsigned int drivers;  /* registered, both kinds */
	struct ndis_adapter *adapters;
	struct ndis_reg *dead;
};

struct ndis_miniport {
	struct ndis_reg reg;
	struct chim_ndis_miniport ops;
	NDIS_HANDLE context;
	bool in_options; /* SetOptionsHandler is on the stack */
	NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic; /* Header.Type 0: none */
	NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp;
	unsigned int adapters;
};

struct ndis_protocol {
	struct ndis_reg reg;
	struct chim_ndis_protocol ops;
	NDIS_HANDLE context;
	bool in_options;
	NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic;
	NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp;
	unsigned int bindings;
};

struct ndis_adapter {
	struct ndis_reg reg;
	struct ndis_adapter *next;
	struct ndis_miniport *driver;
	NDIS_HANDLE context; /* MiniportAdapterContext */
	bool in_init;
	bool has_caps;
	bool up;     /* a protocol handler of this adapter is on the stack */
	bool paused; /* OFFLOAD_PAUSE or UPLOAD_ALL without a resume */
	bool upload_all;
	NDIS_TCP_CONNECTION_OFFLOAD current, hardware;
	NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS params; /* last set; Header.Size 0: none */
	struct ndis_queue queue;
	struct ndis_binding *bindings;
	struct ndis_binding *client; /* the one binding with chimney, or NULL */
	struct ndis_op *ops;	     /* at the miniport, newest first */
	struct ndis_object *objects;
	size_t object_count;
	size_t paths[2]; /* path objects: IPv4, IPv6 */
};

struct ndis_binding {
	struct ndis_reg reg;
	struct ndis_binding *next; /* of the adapter */
	struct ndis_protocol *protocol;
	struct ndis_adapter *adapter;
	NDIS_HANDLE context;	    /* ProtocolBindingContext */
	size_t pending;		    /* operations, lists and OIDs not completed yet */
	size_t loans;		    /* lists that are out until receive-return */
	NET_BUFFER_LIST *indicated; /* being indicated right now */
};

/* An object from the router's two sides: the host may use it while LIVE only. */
enum ndis_object_state {
	OBJECT_OFFLOADING, /* initiate under way */
	OBJECT_TAKEN,	   /* the target completed it, the host has not heard yet */
	OBJECT_LIVE,
	OBJECT_TERMINATING, /* terminate under way */
	OBJECT_GONE,	    /* the target completed that, or refused the initiate */
};

/* One offloaded object at one layer; NDIS_OFFLOAD_HANDLE.NdisReserved[0] points here. */
struct ndis_object {
	uint64_t tag; /* OBJECT_TAG */
	struct ndis_object *next, **prev;
	struct ndis_binding *binding;
	struct ndis_adapter *adapter;
	NDIS_OFFLOAD_HANDLE *handle; /* NULL: no longer offloaded, waits for stray lists */
	struct ndis_object *parent;  /* NULL also if that went first */
	size_t dependents;
	size_t tree_dependents; /* of them, in the tree being checked */
	uint32_t serial;	/* last tree it was in */
	enum chim_layer layer;
	bool ip6;
	enum ndis_object_state state;
	bool invalid;
	unsigned int busy[OP_KINDS]; /* operations under way */
	unsigned int in_call;	     /* bit per kind: entry point on the stack */
	unsigned int in_indication;
	uint32_t out[KIND_IO];	  /* lists at the target */
	uint32_t posted[KIND_IO]; /* number of the next one */
	uint32_t done[KIND_IO];	  /* number expected back next */
};

#define OBJECT_TAG NDIS_TAG(0x100)

enum ndis_role { ROLE_PLACEHOLDER, ROLE_REFERENCE, ROLE_NEW };

/* One block of a tree under way. */
struct ndis_entry {
	ndis_block *block;
	struct ndis_object *obj; /* NULL: placeholder */
	int32_t parent;		 /* index, -1: root chain */
	uint8_t role;
	uint8_t depth;
	uint32_t deps, deps_ok; /* immediate dependents, and those the target took */
	PVOID saved[5];		/* ProtocolReserved, ImReserved, SourceHandle */
};

/* One tree under way at one layer. */
struct ndis_op {
	struct chim_ndis_node node;
	struct ndis_op *next, **prev; /* of the adapter, while at the miniport */
	struct ndis_binding *binding;
	enum ndis_op_kind kind;
	bool in_call; /* the entry point is on the stack */
	size_t n, room;
	struct ndis_entry *e;
};

/* rules.c: count, report. */
void ndis_rule(struct chim_ndis *ndis, enum chim_ndis_rule rule, const char *where,
	       const void *what);

/* router.c: frames of handlers; the last one out releases what died meanwhile. */
static inline void ndis_enter(struct chim_ndis *ndis)
{
	ndis->depth++;
}
void ndis_free_dead(struct chim_ndis *ndis);
static inline void ndis_leave(struct chim_ndis *ndis)
{
	if (!--ndis->depth && ndis->dead)
		ndis_free_dead(ndis);
}
void ndis_bury(struct chim_ndis *ndis, struct ndis_reg *reg);

static inline void ndis_queue_add(struct ndis_adapter *a, struct chim_ndis_node *node,
				  unsigned int kind)
{
	node->next = NULL;
	node->kind = (uint8_t)kind;
	if (a->queue.head)
		a->queue.tail->next = node;
	else
		a->queue.head = node;
	a->queue.tail = node;
}
/*
 * Deliver what is queued now; for indications, which must not overtake it. Inside ndis_enter().
 */
void ndis_flush(struct ndis_adapter *a);

/* object.c */
/* @h, which is not NULL, has no object: another handle, a copy (both counted), not offloaded. */
void ndis_object_none(const NDIS_OFFLOAD_HANDLE *h, const char *where);

/* Return: the object behind a handle; NULL: none (counted if a router is known). */
static inline struct ndis_object *ndis_object_of(const NDIS_OFFLOAD_HANDLE *h, const char *where)
{
	struct ndis_object *o;

	if (!h)
		return NULL;
	if (!ndis_is_router_handle(h)) {
		o = h->NdisReserved[0];
		if (o && o->tag == OBJECT_TAG && o->handle == h)
			return o;
	}
	ndis_object_none(h, where);
	return NULL;
}
struct ndis_object *ndis_object_create(struct ndis_binding *b, NDIS_OFFLOAD_HANDLE *h,
				       unsigned int type, struct ndis_object *parent);
void ndis_object_relink(struct ndis_object *o, struct ndis_object *parent);
/* The handle is cleared; the record stays until no list refers to it. */
void ndis_object_drop(struct ndis_object *o);
void ndis_object_bury(struct ndis_object *o);
static inline void ndis_object_reap(struct ndis_object *o)
{
	if (!o->handle)
		ndis_object_bury(o);
}

/*
 * tree_check.c: walk a tree into op->e, check the host's rules. Return: true, or false with *rule.
 */
bool ndis_tree_check(struct ndis_op *op, ndis_block *root, enum chim_ndis_rule *rule);

/* tree.c: the walk alone */
bool ndis_tree_collect(struct ndis_op *op, ndis_block *root, enum chim_ndis_rule *rule);
/* Is there state behind the block? (ndis_state.h) */
bool ndis_state_follows(const struct ndis_op *op, const struct ndis_entry *e);
/* Undo what ndis_tree_check() did: objects and postings of new state. */
void ndis_tree_undo(struct ndis_op *op);
/* Make a checked tree the miniport's: its view of each block, Length, Status PENDING. */
void ndis_tree_arrange(struct ndis_op *op, ndis_block *root);
/* Write a status for the protocol: in the blocks that were reached, or without that knowledge. */
void ndis_tree_refuse(struct ndis_op *op);
void ndis_tree_blind_status(ndis_block *root, NDIS_STATUS st);

/* verdict.c: check and repair what a target wrote. */
void ndis_verdict(struct ndis_op *op);

/* op.c */
void ndis_op_deliver(struct chim_ndis_node *node);
void ndis_refused_deliver(struct chim_ndis_node *node);

/* Lists that were not outstanding in one completion or return, before the rest is given up. */
#define STRAYS_MAX 16

/* io.c */
/* The lowest layer that holds a list, or NULL. */
static inline const struct chim_nbl_hop *ndis_nbl_top(const NET_BUFFER_LIST *nbl)
{
	unsigned int at = nbl->HopDepth - 1u; /* depth 0: beyond them all */

	return at < CHIM_NDIS_HOPS ? &nbl->Hop[at] : NULL;
}
static inline bool ndis_nbl_held(const NET_BUFFER_LIST *nbl, const void *owner, unsigned int kind)
{
	const struct chim_nbl_hop *top = ndis_nbl_top(nbl);

	return top && top->owner == owner && top->kind == kind;
}

/* @bytes: of data in it. */
static inline void ndis_nbl_push(NET_BUFFER_LIST *nbl, void *owner, unsigned int kind, uint32_t seq,
				 uint64_t bytes)
{
	struct chim_nbl_hop *top = &nbl->Hop[nbl->HopDepth++];

	top->owner = owner;
	top->kind = (uint8_t)kind;
	top->seq = seq;
	top->bytes = (uint32_t)bytes;
}

static inline void ndis_nbl_pop(NET_BUFFER_LIST *nbl)
{
	nbl->HopDepth--;
}
/*
 * Check a chain of sends and mark it as posted on @o. Return: CHIM_RULES; the rule that a list
 * broke, nothing marked.
 */
enum chim_ndis_rule ndis_post_sends(struct ndis_object *o, NET_BUFFER_LIST *first);
/* Inverse, for lists of the chain that are still marked. Return: how many. */
uint32_t ndis_unpost(struct ndis_object *o, enum ndis_kind kind, NET_BUFFER_LIST *first);

/* complete.c */
void ndis_io_deliver(struct ndis_adapter *a, struct chim_ndis_node *node);

/* indicate.c */
void ndis_tcp_event(NDIS_HANDLE NdisOffloadHandle, ULONG EventType, ULONG EventSpecificInformation);
NDIS_STATUS ndis_tcp_receive(NDIS_HANDLE NdisOffloadHandle, PNET_BUFFER_LIST NetBufferList,
			     NDIS_STATUS Status, PULONG BytesConsumed);

/* Bracket of every call up that is no completion. May it be made now? (false: counted) */
static inline bool ndis_may_indicate(struct ndis_adapter *a, const char *where, const void *what)
{
	/* Not while the host is in a call of its own, or in a handler. */
	if (!a->reg.obj.ndis->in_entry && !a->up)
		return true;
	ndis_rule(a->reg.obj.ndis, CHIM_T_NESTED, where, what);
	return false;
}
static inline void ndis_up_begin(struct ndis_adapter *a)
{
	ndis_enter(a->reg.obj.ndis); /* first: the flush may release things */
	if (a->queue.head)
		ndis_flush(a);
	a->up = true;
}

static inline void ndis_up_end(struct ndis_adapter *a)
{
	a->up = false;
	ndis_leave(a->reg.obj.ndis);
}

/* oid.c */
void ndis_oid_deliver(struct chim_ndis_node *node);

/* The handler tables of the two sides, if they exist. */
static inline bool ndis_adapter_has_chimney(const struct ndis_adapter *a)
{
	return a->has_caps && a->driver->generic.Header.Type && a->driver->tcp.Header.Type;
}

static inline bool ndis_protocol_has_chimney(const struct ndis_protocol *p)
{
	return p->generic.Header.Type && p->tcp.Header.Type;
}

#endif
