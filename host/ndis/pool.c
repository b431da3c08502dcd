/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Pools of equal items; see pool.h.
 */
#include <stdlib.h>

#include "pool.h"

/* Items per slab: large enough that growth is rare, small enough for a pool of a few. */
#define SLAB_ITEMS 32u
#define ITEM_ALIGN 16u

void *ndis_libc_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return calloc(1, size);
}

void ndis_libc_free(void *ctx, void *mem)
{
	(void)ctx;
	free(mem);
}

struct chim_pool *pool_create(NDIS_HANDLE ndis, enum pool_kind kind, size_t item, ULONG limit)
{
	struct ndis_mem libc = { ndis_libc_alloc, ndis_libc_free, NULL, 0 };
	struct ndis_mem *mem = ndis ? ndis_mem_of(ndis) : &libc;
	struct chim_pool *p;

	if (!mem)
		return NULL;
	p = ndis_alloc(mem, sizeof(*p));
	if (!p)
		return NULL;
	p->obj.tag = NDIS_TAG(TAG_POOL);
	p->kind = kind;
	p->own = libc;
	p->mem = ndis ? mem : &p->own;
	p->mem->pools++;
	p->item = (item + ITEM_ALIGN - 1) & ~(size_t)(ITEM_ALIGN - 1);
	p->limit = limit;
	return p;
}

static void pool_destroy(struct chim_pool *p)
{
	struct ndis_mem mem = *p->mem;

	while (p->slabs) {
		struct pool_slab *slab = p->slabs;

		p->slabs = slab->next;
		ndis_free(&mem, slab);
	}
	p->mem->pools--;
	p->obj.tag = 0;
	ndis_free(&mem, p);
}

void pool_release(struct chim_pool *p)
{
	p->released = true;
	if (!p->busy)
		pool_destroy(p);
}

static bool pool_grow(struct chim_pool *p)
{
	size_t head = (sizeof(struct pool_slab) + ITEM_ALIGN - 1) & ~(size_t)(ITEM_ALIGN - 1);
	struct pool_slab *slab = ndis_alloc(p->mem, head + SLAB_ITEMS * p->item);
	unsigned char *item;

	if (!slab)
		return false;
	slab->next = p->slabs;
	p->slabs = slab;
	item = (unsigned char *)slab + head;
	for (unsigned int i = 0; i < SLAB_ITEMS; i++, item += p->item) {
		*(void **)item = p->free;
		p->free = item;
	}
	return true;
}

void *pool_get(struct chim_pool *p)
{
	void *item;

	if (p->released || (p->limit && p->busy >= p->limit))
		return NULL;
	if (!p->free && !pool_grow(p))
		return NULL;
	item = p->free;
	p->free = *(void **)item;
	p->busy++;
	return item;
}

void pool_put(struct chim_pool *p, void *item)
{
	*(void **)item = p->free;
	p->free = item;
	p->busy--;
	if (p->released && !p->busy)
		pool_destroy(p);
}

ULONG chim_pool_busy(NDIS_HANDLE pool)
{
	return ndis_is(pool, TAG_POOL) ? ((struct chim_pool *)pool)->busy : 0;
}
