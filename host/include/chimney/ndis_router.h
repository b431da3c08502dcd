/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The router between protocols (host stack, lower edge of an intermediate driver) and miniports
 * (NIC, upper edge of an intermediate driver): registration, binding, polling, and the list of
 * rules it checks. Hard part: which layer a call belongs to is carried by its handle alone.
 *
 * Threads: none, and no globals: everything hangs on struct chim_ndis and belongs to one thread.
 */
#ifndef CHIMNEY_NDIS_ROUTER_H
#define CHIMNEY_NDIS_ROUTER_H

#include <chimney/ndis_base.h>
#include <chimney/ndis_caps.h>

#ifdef __cplusplus
extern "C" {
#endif

struct chim_ndis;

/**
 * enum chim_ndis_rule - what the router checks; chim_ndis_rule_get() has the texts
 *
 * The first group is broken by the caller above: the call is refused. The second, CHIM_T_*, is
 * broken by the driver below: what can be delivered safely is delivered, the rest dropped.
 */
enum chim_ndis_rule {
	CHIM_R_NULL,	    /* a pointer or handle that must not be NULL */
	CHIM_R_HANDLE,	    /* handle of the wrong kind, or stale (R203) */
	CHIM_R_LOOP,	    /* a block or list comes twice (R209) */
	CHIM_R_LAYER,	    /* block at the wrong layer (R2, R209) */
	CHIM_R_HEADER,	    /* Type, Revision, Size, Length or PortNumber (R209, R210) */
	CHIM_R_ROLE,	    /* placeholder, linker or new state where it cannot be (R3, R209) */
	CHIM_R_TCP_STATE,   /* TCP state that cannot be offloaded (R33) */
	CHIM_R_OFFLOADING,  /* object still being offloaded (R32) */
	CHIM_R_UPDATE,	    /* object being updated or invalidated (R58) */
	CHIM_R_DEPENDENTS,  /* terminate with dependents outside the tree (R80) */
	CHIM_R_UNFINISHED,  /* terminate before query, update or invalidate completed (R81) */
	CHIM_R_TERMINATING, /* object being terminated (R82) */
	CHIM_R_SERIAL,	    /* call inside one of the same kind and connection (R94, R130) */
	CHIM_R_NBL,	    /* shape of a chain of lists (7.1), or a borrowed list */
	CHIM_R_NO_CHIMNEY,  /* the driver below, or the caller, has no chimney (10.2) */
	CHIM_R_NO_MEMORY,   /* the router had none */
	CHIM_R_RETURN,	    /* receive-return of a list that is not out (R126) */
	CHIM_R_ACCEPT,	    /* BytesConsumed does not fit the returned status (7.5) */
	CHIM_R_CAPABILITY,  /* turning off what objects still use (R188) */
	CHIM_R_POLL,	    /* chim_ndis_poll() inside a handler */
	CHIM_T_PENDING,	    /* wrong return value of an entry point (R87) */
	CHIM_T_UNKNOWN,	    /* completion of what is not, or no longer, outstanding (R11) */
	CHIM_T_INLINE,	    /* state operation completed inside its entry point (R11) */
	CHIM_T_STATUS, /* Status not written, or not allowed for the operation (R10, 6.5, 7.1) */
	CHIM_T_CELL,   /* reference not written, or written on failure (R5) */
	CHIM_T_PROPAGATION,  /* statuses of a tree do not fit each other (R23, R24, R204) */
	CHIM_T_RESERVED,     /* ProtocolReserved, ImReserved or SourceHandle changed (R8, R193) */
	CHIM_T_ORDER,	     /* completion out of posting order (R88, R104, R110) */
	CHIM_T_BYTES,	     /* bytes transferred and data start disagree (R90, R109, R119) */
	CHIM_T_CHAIN_STATUS, /* success behind a failure in one chain (R91) */
	CHIM_T_OUTSTANDING,  /* terminate completed with requests outstanding (R66) */
	CHIM_T_SEND_CHAIN,   /* send data of a terminate: wrong lists, order, head or tail (R72) */
	CHIM_T_EARLY,  /* indication before initiate, or after terminate, completed (R30, R67) */
	CHIM_T_NESTED, /* indication inside an entry point or a handler (R118) */
	CHIM_T_INDICATION, /* shape of an indication (R125, R138, R153) */
	CHIM_T_RESUME,	   /* resume without pause, or with objects left (R187, R208) */
	CHIM_T_POWER,	   /* power-down reported with objects left (R192) */
	CHIM_RULES
};

/**
 * struct chim_ndis_rule_info - text of a rule
 * @name:    short, for counters, e.g. "null"
 * @source:  requirement, e.g. "R32"
 * @err:     what kind of error it is, as -errno
 * @target:  broken by the driver below
 */
struct chim_ndis_rule_info {
	const char *name;
	const char *source;
	int err;
	bool target;
};

/* Return: constant text; NULL if there is no such rule. */
const struct chim_ndis_rule_info *chim_ndis_rule_get(enum chim_ndis_rule rule);

/**
 * struct chim_ndis_config - what the router needs from its owner
 * @alloc: zeroed memory or NULL, as calloc(1, size); NULL = the C library's
 * @free:  inverse of @alloc, accepts NULL
 * @rule:  called when a rule was broken, after it was counted; may be NULL. @where names the call,
 *         @what is the object concerned, for logs only
 * @ctx:   for all three
 */
struct chim_ndis_config {
	void *(*alloc)(void *ctx, size_t size);
	void (*free)(void *ctx, void *mem);
	void (*rule)(void *ctx, enum chim_ndis_rule rule, const char *where, const void *what);
	void *ctx;
};

/**
 * chim_ndis_create() - a router
 * @cfg: copied; NULL = all defaults
 * @out: the router; as NDIS_HANDLE also valid for pools
 *
 * Return: 0; -EINVAL @out is NULL, or only one of alloc and free given; -ENOMEM.
 */
int chim_ndis_create(const struct chim_ndis_config *cfg, struct chim_ndis **out);

/**
 * chim_ndis_destroy() - release a router that nothing is registered with
 *
 * Return: 0 (also for NULL); -EINVAL no router; -EBUSY a driver is registered, a pool is left, or
 * this is a handler.
 */
int chim_ndis_destroy(struct chim_ndis *ndis);

/**
 * chim_ndis_poll() - deliver queued completions to their protocols
 * @budget: most deliveries, at least 1
 *
 * One delivery is one call of a completion handler. What handlers queue meanwhile is delivered too,
 * within @budget. Return: deliveries made, 0 = idle; -EINVAL no router or no budget; -EBUSY called
 * inside a handler.
 */
int chim_ndis_poll(struct chim_ndis *ndis, unsigned int budget);

/* Anything for chim_ndis_poll() to deliver? */
bool chim_ndis_pending(const struct chim_ndis *ndis);

/* How often @rule was broken since creation. */
uint64_t chim_ndis_count(const struct chim_ndis *ndis, enum chim_ndis_rule rule);

/* Broken rules of the driver below, all together: 0 in a run of a conforming target. */
uint64_t chim_ndis_target_faults(const struct chim_ndis *ndis);

/**
 * struct chim_ndis_miniport - a miniport driver; the documented handlers that the router needs
 * @SetOptionsHandler:   calls NdisSetOptionalHandlers() for both provider tables; may be NULL: the
 *                       driver has no chimney
 * @InitializeHandlerEx: takes one adapter into use: NdisMSetMiniportAttributes(),
 *                       NdisMGetOffloadHandlers(), pools; writes its context
 * @HaltHandlerEx:       inverse
 * @OidRequestHandler:   may be NULL; NDIS_STATUS_PENDING: NdisMOidRequestComplete() follows
 */
struct chim_ndis_miniport {
	NDIS_STATUS (*SetOptionsHandler)(NDIS_HANDLE NdisDriverHandle, NDIS_HANDLE DriverContext);
	NDIS_STATUS(*InitializeHandlerEx)
	(NDIS_HANDLE NdisMiniportHandle, NDIS_HANDLE MiniportDriverContext,
	 PVOID MiniportInitParameters, NDIS_HANDLE *MiniportAdapterContext);
	void (*HaltHandlerEx)(NDIS_HANDLE MiniportAdapterContext);
	NDIS_STATUS(*OidRequestHandler)
	(NDIS_HANDLE MiniportAdapterContext, PNDIS_OID_REQUEST OidRequest);
};

/**
 * chim_ndis_miniport_register() - register a miniport driver and call its SetOptionsHandler
 * @ops:    copied; InitializeHandlerEx and HaltHandlerEx are needed
 * @driver: out
 *
 * Return: 0; -EINVAL; -ENOMEM; -EPROTO SetOptionsHandler failed, or registered only one table.
 */
int chim_ndis_miniport_register(struct chim_ndis *ndis, const struct chim_ndis_miniport *ops,
				NDIS_HANDLE DriverContext, NDIS_HANDLE *driver);

/* Return: 0; -EINVAL; -EBUSY it has adapters. */
int chim_ndis_miniport_deregister(NDIS_HANDLE driver);

/**
 * chim_ndis_adapter_add() - let the driver take one adapter into use (InitializeHandlerEx)
 * @init:    passed to it
 * @adapter: out: what the driver knows as NdisMiniportHandle
 *
 * Return: 0; -EINVAL; -ENOMEM; -EIO InitializeHandlerEx failed.
 */
int chim_ndis_adapter_add(NDIS_HANDLE driver, void *init, NDIS_HANDLE *adapter);

/**
 * chim_ndis_adapter_remove() - HaltHandlerEx
 * Return: 0; -EINVAL; -EBUSY a binding is open (R129: so no indicated list is out).
 */
int chim_ndis_adapter_remove(NDIS_HANDLE adapter);

/* Objects offloaded, or on their way, through this adapter; 0 if @adapter is none. */
size_t chim_ndis_adapter_objects(NDIS_HANDLE adapter);

/**
 * struct chim_ndis_protocol - a protocol driver; the documented handlers that the router needs
 * @SetOptionsHandler:         NdisSetOptionalHandlers() for both client tables; NULL: no chimney
 * @OidRequestCompleteHandler: may be NULL if no OID is ever requested
 * @StatusHandlerEx:           may be NULL
 */
struct chim_ndis_protocol {
	NDIS_STATUS (*SetOptionsHandler)(NDIS_HANDLE NdisDriverHandle, NDIS_HANDLE DriverContext);
	void (*OidRequestCompleteHandler)(NDIS_HANDLE ProtocolBindingContext,
					  PNDIS_OID_REQUEST OidRequest, NDIS_STATUS Status);
	void (*StatusHandlerEx)(NDIS_HANDLE ProtocolBindingContext,
				PNDIS_STATUS_INDICATION StatusIndication);
};

/* As chim_ndis_miniport_register(), with the two client tables. */
int chim_ndis_protocol_register(struct chim_ndis *ndis, const struct chim_ndis_protocol *ops,
				NDIS_HANDLE DriverContext, NDIS_HANDLE *driver);

/* Return: 0; -EINVAL; -EBUSY a binding is open. */
int chim_ndis_protocol_deregister(NDIS_HANDLE driver);

/**
 * chim_ndis_open() - bind a protocol to an adapter
 * @context: ProtocolBindingContext of all handlers
 * @binding: out: NdisBindingHandle
 *
 * Return: 0; -EINVAL; -ENOMEM; -EBUSY both have chimney and another such protocol is bound (10.4:
 * only one at a time).
 */
int chim_ndis_open(NDIS_HANDLE protocol, NDIS_HANDLE adapter, NDIS_HANDLE context,
		   NDIS_HANDLE *binding);

/**
 * chim_ndis_close() - unbind
 * Return: 0; -EINVAL; -EBUSY objects are offloaded, an operation or OID is outstanding, an
 * indicated list is out (R129, R212), or completions are queued: poll and try again.
 */
int chim_ndis_close(NDIS_HANDLE binding);

#ifdef __cplusplus
}
#endif

#endif
