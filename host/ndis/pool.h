/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Pools of equal items on a free list, grown in slabs and never shrunk. Hard part: a pool that is
 * released with items out must live until the last one comes back.
 */
#ifndef CHIM_NDIS_POOL_H
#define CHIM_NDIS_POOL_H

#include "mem.h"

enum pool_kind { POOL_MDL, POOL_NB, POOL_NBL };

struct pool_slab {
	struct pool_slab *next;
	/* items follow, aligned to 16 bytes */
};

struct chim_pool {
	struct ndis_obj obj;
	enum pool_kind kind;
	struct ndis_mem own; /* used when no router was named */
	struct ndis_mem *mem;
	size_t item; /* bytes, a multiple of 16 */
	ULONG limit; /* 0: none */
	ULONG busy;
	bool released;
	void *free; /* linked through the first word */
	struct pool_slab *slabs;
	USHORT context; /* of lists: bytes of context from the start */
	bool with_nb;	/* of lists: each has a NET_BUFFER */
};

/* The pool behind a handle, if it is of this kind. */
static inline struct chim_pool *pool_of(NDIS_HANDLE handle, enum pool_kind kind)
{
	struct chim_pool *p = handle;

	return ndis_is(handle, TAG_POOL) && p->kind == kind ? p : NULL;
}

/* Return: the pool, or NULL: @ndis is neither NULL nor a router handle, or no memory. */
struct chim_pool *pool_create(NDIS_HANDLE ndis, enum pool_kind kind, size_t item, ULONG limit);
void pool_release(struct chim_pool *p);

/*
 * An item, not cleared; NULL: limit or no memory. Cost: three loads, two stores from the free list.
 */
void *pool_get(struct chim_pool *p);
void pool_put(struct chim_pool *p, void *item);

#endif
