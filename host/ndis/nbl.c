/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Allocation of MDLs, NET_BUFFERs and NET_BUFFER_LISTs, and contexts of lists. Hard part: a list's
 * first context lies in the list's own pool item, later ones are memory of their own.
 */
#include <errno.h>
#include <string.h>

#include "pool.h"

#define CONTEXT_ALIGN 8u

int chim_mdl_pool_create(NDIS_HANDLE ndis, ULONG limit, NDIS_HANDLE *pool)
{
	if (!pool || (ndis && !ndis_mem_of(ndis)))
		return -EINVAL;
	*pool = pool_create(ndis, POOL_MDL, sizeof(MDL), limit);
	return *pool ? 0 : -ENOMEM;
}

void chim_mdl_pool_destroy(NDIS_HANDLE pool)
{
	struct chim_pool *p = pool_of(pool, POOL_MDL);

	if (p)
		pool_release(p);
}

PMDL chim_mdl_alloc(NDIS_HANDLE pool, PVOID va, ULONG64 iova, ULONG len)
{
	struct chim_pool *p = pool_of(pool, POOL_MDL);
	MDL *mdl = p && va ? pool_get(p) : NULL;

	if (mdl)
		*mdl = (MDL){ .StartVa = va, .Iova = iova, .ByteCount = len, .PoolHandle = pool };
	return mdl;
}

PMDL NdisAllocateMdl(NDIS_HANDLE pool, PVOID va, ULONG len)
{
	return chim_mdl_alloc(pool, va, CHIM_IOVA_NONE, len);
}

void NdisFreeMdl(PMDL mdl)
{
	struct chim_pool *p;

	if (!mdl)
		return;
	if (mdl->OwnsMemory) { /* made by a retreat */
		ndis_libc_free(NULL, mdl);
		return;
	}
	p = pool_of(mdl->PoolHandle, POOL_MDL);
	mdl->PoolHandle = NULL; /* a second free finds no pool */
	if (p)
		pool_put(p, mdl);
}

static bool header_is(const NDIS_OBJECT_HEADER *h, UCHAR revision, size_t size)
{
	return h->Type == NDIS_OBJECT_TYPE_DEFAULT && h->Revision == revision && h->Size >= size;
}

NDIS_HANDLE NdisAllocateNetBufferListPool(NDIS_HANDLE NdisHandle,
					  const NET_BUFFER_LIST_POOL_PARAMETERS *Parameters)
{
	const NET_BUFFER_LIST_POOL_PARAMETERS *par = Parameters;
	size_t item = sizeof(NET_BUFFER_LIST);
	struct chim_pool *p;

	if (!par ||
	    !header_is(&par->Header, NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1, sizeof(*par)))
		return NULL;
	if (par->DataSize || par->ContextSize % CONTEXT_ALIGN)
		return NULL;
	if (par->fAllocateNetBuffer)
		item += sizeof(NET_BUFFER);
	if (par->ContextSize)
		item += sizeof(NET_BUFFER_LIST_CONTEXT) + par->ContextSize;
	p = pool_create(NdisHandle, POOL_NBL, item, par->chim_limit);
	if (p) {
		p->context = par->ContextSize;
		p->with_nb = par->fAllocateNetBuffer;
	}
	return p;
}

void NdisFreeNetBufferListPool(NDIS_HANDLE PoolHandle)
{
	struct chim_pool *p = pool_of(PoolHandle, POOL_NBL);

	if (p)
		pool_release(p);
}

NDIS_HANDLE NdisAllocateNetBufferPool(NDIS_HANDLE NdisHandle,
				      const NET_BUFFER_POOL_PARAMETERS *Parameters)
{
	const NET_BUFFER_POOL_PARAMETERS *par = Parameters;

	if (!par || !header_is(&par->Header, NET_BUFFER_POOL_PARAMETERS_REVISION_1, sizeof(*par)) ||
	    par->DataSize)
		return NULL;
	return pool_create(NdisHandle, POOL_NB, sizeof(NET_BUFFER), par->chim_limit);
}

void NdisFreeNetBufferPool(NDIS_HANDLE PoolHandle)
{
	struct chim_pool *p = pool_of(PoolHandle, POOL_NB);

	if (p)
		pool_release(p);
}

/* Fill a NET_BUFFER whose data starts @off bytes into @mdl. False: the chain is too short. */
static bool nb_fill(NET_BUFFER *nb, MDL *mdl, ULONG off, ULONG len)
{
	*nb = (NET_BUFFER){
		.MdlChain = mdl, .CurrentMdl = mdl, .DataOffset = off, .DataLength = len
	};
	if (!mdl)
		return off == 0 && len == 0;
	while (off > 0 && off >= nb->CurrentMdl->ByteCount && nb->CurrentMdl->Next) {
		off -= nb->CurrentMdl->ByteCount;
		nb->CurrentMdl = nb->CurrentMdl->Next;
	}
	nb->CurrentMdlOffset = off;
	return ndis_nb_ok(nb);
}

/* The pool's own context of a list that was just taken from it, or NULL. */
static NET_BUFFER_LIST_CONTEXT *own_context(const struct chim_pool *p, NET_BUFFER_LIST *nbl)
{
	unsigned char *at = (unsigned char *)(nbl + 1);

	if (!p->context)
		return NULL;
	return (NET_BUFFER_LIST_CONTEXT *)(void *)(at + (p->with_nb ? sizeof(NET_BUFFER) : 0));
}

PNET_BUFFER_LIST NdisAllocateNetBufferList(NDIS_HANDLE PoolHandle, USHORT ContextSize,
					   USHORT ContextBackFill)
{
	struct chim_pool *p = pool_of(PoolHandle, POOL_NBL);
	NET_BUFFER_LIST *nbl = p ? pool_get(p) : NULL;

	if (!nbl)
		return NULL;
	/* Hops above the depth are never read. */
	memset(nbl, 0, offsetof(NET_BUFFER_LIST, Hop));
	nbl->NdisPoolHandle = p;
	if (p->with_nb) {
		nbl->FirstNetBuffer = (NET_BUFFER *)(nbl + 1);
		nb_fill(nbl->FirstNetBuffer, NULL, 0, 0);
	}
	nbl->Context = own_context(p, nbl);
	if (nbl->Context) {
		nbl->Context->Next = NULL;
		nbl->Context->Size = p->context;
		nbl->Context->Offset = p->context;
	}
	if (ContextSize && NdisAllocateNetBufferListContext(nbl, ContextSize, ContextBackFill, 0)) {
		NdisFreeNetBufferList(nbl);
		return NULL;
	}
	return nbl;
}

PNET_BUFFER_LIST NdisAllocateNetBufferAndNetBufferList(NDIS_HANDLE PoolHandle, USHORT ContextSize,
						       USHORT ContextBackFill, PMDL MdlChain,
						       ULONG DataOffset, ULONG DataLength)
{
	struct chim_pool *p = pool_of(PoolHandle, POOL_NBL);
	NET_BUFFER_LIST *nbl;

	if (!p || !p->with_nb)
		return NULL;
	nbl = NdisAllocateNetBufferList(PoolHandle, ContextSize, ContextBackFill);
	if (nbl && !nb_fill(nbl->FirstNetBuffer, MdlChain, DataOffset, DataLength)) {
		NdisFreeNetBufferList(nbl);
		return NULL;
	}
	return nbl;
}

void NdisFreeNetBufferList(PNET_BUFFER_LIST NetBufferList)
{
	NET_BUFFER_LIST *nbl = NetBufferList;
	struct chim_pool *p = nbl ? pool_of(nbl->NdisPoolHandle, POOL_NBL) : NULL;
	NET_BUFFER_LIST_CONTEXT *own;

	if (!p)
		return;
	own = own_context(p, nbl);
	while (nbl->Context && nbl->Context != own) {
		NET_BUFFER_LIST_CONTEXT *c = nbl->Context;

		nbl->Context = c->Next;
		ndis_free(p->mem, c);
	}
	nbl->NdisPoolHandle = NULL; /* a second free finds no pool */
	pool_put(p, nbl);
}

PNET_BUFFER NdisAllocateNetBuffer(NDIS_HANDLE PoolHandle, PMDL MdlChain, ULONG DataOffset,
				  ULONG DataLength)
{
	struct chim_pool *p = pool_of(PoolHandle, POOL_NB);
	NET_BUFFER *nb = p ? pool_get(p) : NULL;

	if (!nb)
		return NULL;
	if (!nb_fill(nb, MdlChain, DataOffset, DataLength)) {
		pool_put(p, nb);
		return NULL;
	}
	nb->NdisPoolHandle = p;
	return nb;
}

void NdisFreeNetBuffer(PNET_BUFFER NetBuffer)
{
	struct chim_pool *p = NetBuffer ? pool_of(NetBuffer->NdisPoolHandle, POOL_NB) : NULL;

	if (!p)
		return;
	NetBuffer->NdisPoolHandle = NULL;
	pool_put(p, NetBuffer);
}

NDIS_STATUS NdisAllocateNetBufferListContext(PNET_BUFFER_LIST NetBufferList, USHORT ContextSize,
					     USHORT ContextBackFill, ULONG PoolTag)
{
	NET_BUFFER_LIST *nbl = NetBufferList;
	struct chim_pool *p = nbl ? pool_of(nbl->NdisPoolHandle, POOL_NBL) : NULL;
	size_t size = (size_t)ContextSize + ContextBackFill;
	NET_BUFFER_LIST_CONTEXT *c;

	(void)PoolTag;
	if (!p || !ContextSize || ContextSize % CONTEXT_ALIGN || ContextBackFill % CONTEXT_ALIGN ||
	    size > UINT16_MAX)
		return NDIS_STATUS_INVALID_PARAMETER;
	if (nbl->Context && nbl->Context->Offset >= size) {
		nbl->Context->Offset = (USHORT)(nbl->Context->Offset - ContextSize);
		return NDIS_STATUS_SUCCESS;
	}
	c = ndis_alloc(p->mem, sizeof(*c) + size);
	if (!c)
		return NDIS_STATUS_RESOURCES;
	c->Next = nbl->Context;
	c->Size = (USHORT)size;
	c->Offset = ContextBackFill;
	nbl->Context = c;
	return NDIS_STATUS_SUCCESS;
}

void NdisFreeNetBufferListContext(PNET_BUFFER_LIST NetBufferList, USHORT ContextSize)
{
	NET_BUFFER_LIST *nbl = NetBufferList;
	struct chim_pool *p = nbl ? pool_of(nbl->NdisPoolHandle, POOL_NBL) : NULL;
	NET_BUFFER_LIST_CONTEXT *c = p ? nbl->Context : NULL;

	if (!c || c->Size - c->Offset < ContextSize)
		return;
	c->Offset = (USHORT)(c->Offset + ContextSize);
	if (c->Offset == c->Size && c != own_context(p, nbl)) {
		nbl->Context = c->Next;
		ndis_free(p->mem, c);
	}
}
