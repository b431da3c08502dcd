/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * What router and pools share: tagged handles and the allocator. Hard part: a handle given where
 * another kind is wanted must be noticed, also an NDIS_OFFLOAD_HANDLE, which has no tag of its own.
 */
#ifndef CHIM_NDIS_MEM_H
#define CHIM_NDIS_MEM_H

#include <chimney/ndischimney.h>

/*
 * First word of everything behind an NDIS_HANDLE. No pointer has such a value (bits 63..48 are
 * neither all 0 nor all 1), so the first word of an NDIS_OFFLOAD_HANDLE never equals a tag.
 */
#define NDIS_TAG(n) (0xC41A1A0000000000u + (n))
enum ndis_tag_index {
	TAG_NDIS = 1,
	TAG_MINIPORT,
	TAG_ADAPTER,
	TAG_PROTOCOL,
	TAG_BINDING,
	TAG_POOL
};

struct ndis_obj {
	uint64_t tag;
	struct chim_ndis *ndis; /* not of pools */
};

static inline bool ndis_is(const void *handle, enum ndis_tag_index index)
{
	return handle && ((const struct ndis_obj *)handle)->tag == NDIS_TAG((unsigned int)index);
}

/* Is @handle any handle of the router itself? */
static inline bool ndis_is_router_handle(const void *handle)
{
	uint64_t tag = handle ? ((const struct ndis_obj *)handle)->tag : 0;

	return tag >= NDIS_TAG(TAG_NDIS) && tag < NDIS_TAG(TAG_POOL);
}

struct ndis_mem {
	void *(*alloc)(void *ctx, size_t size);
	void (*free)(void *ctx, void *mem);
	void *ctx;
	unsigned int pools; /* that use it: its owner must outlive them */
};

/* The allocator behind a router handle; NULL if @handle is none. */
struct ndis_mem *ndis_mem_of(NDIS_HANDLE handle);

static inline void *ndis_alloc(struct ndis_mem *mem, size_t size)
{
	return mem->alloc(mem->ctx, size);
}

static inline void ndis_free(struct ndis_mem *mem, void *p)
{
	mem->free(mem->ctx, p);
}

/*
 * chim_nb_check() == 0, the ordinary case without a call: all data in one MDL. The address of one
 * with no bytes does not matter, so an MDL without memory takes the long way.
 */
static inline bool ndis_nb_ok(const NET_BUFFER *nb)
{
	const MDL *mdl = nb->MdlChain;

	if (mdl && mdl == nb->CurrentMdl && !mdl->Next && mdl->StartVa &&
	    nb->CurrentMdlOffset == nb->DataOffset &&
	    (uint64_t)nb->DataOffset + nb->DataLength <= mdl->ByteCount)
		return true;
	return chim_nb_check(nb) == 0;
}

/* data.c: does a chain of lists, NET_BUFFERs or MDLs come back to itself? */
bool ndis_list_loops(const void *first);

/* Allocator of the C library. */
void *ndis_libc_alloc(void *ctx, size_t size);
void ndis_libc_free(void *ctx, void *mem);

#endif
