/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Lists over the receive ring, and copies out of and into it; see rcv_ring.h.
 */
#include "rcv_ring.h"

/* Bytes from @seq to the end of the ring, at most @len. */
static uint32_t until_wrap(const struct chim_rcv_ring *ring, uint32_t seq, uint32_t len)
{
	uint32_t room = ring->mask - (seq & ring->mask); /* bytes behind this one */

	return len - 1 < room ? len : room + 1;
}

static MDL *ring_mdl(const struct chim_rcv_ring *ring, NDIS_HANDLE pool, uint32_t seq, uint32_t len)
{
	uint32_t at = seq & ring->mask;

	return chim_mdl_alloc(pool, ring->base + at,
			      ring->iova == CHIM_IOVA_NONE ? CHIM_IOVA_NONE : ring->iova + at, len);
}

NET_BUFFER_LIST *chim_rcv_ring_nbl(const struct chim_rcv_ring *ring, NDIS_HANDLE nbl_pool,
				   NDIS_HANDLE mdl_pool, uint32_t seq, uint32_t len)
{
	NET_BUFFER_LIST *nbl;
	uint32_t first;
	MDL *mdl;

	if (!len || len - 1 > ring->mask)
		return NULL;
	first = until_wrap(ring, seq, len);
	mdl = ring_mdl(ring, mdl_pool, seq, first);
	if (!mdl)
		return NULL;
	if (first < len) {
		mdl->Next = ring_mdl(ring, mdl_pool, seq + first, len - first);
		if (!mdl->Next)
			goto err_mdl;
	}
	nbl = NdisAllocateNetBufferAndNetBufferList(nbl_pool, 0, 0, mdl, 0, len);
	if (nbl)
		return nbl;
	NdisFreeMdl(mdl->Next);
err_mdl:
	NdisFreeMdl(mdl);
	return NULL;
}

void chim_rcv_ring_nbl_free(NET_BUFFER_LIST *nbl)
{
	MDL *mdl = nbl->FirstNetBuffer->MdlChain;

	NdisFreeNetBufferList(nbl);
	while (mdl) {
		MDL *next = mdl->Next;

		NdisFreeMdl(mdl);
		mdl = next;
	}
}

void chim_rcv_ring_to_nb(const struct chim_rcv_ring *ring, uint32_t seq, NET_BUFFER *nb,
			 uint32_t len)
{
	uint32_t first = until_wrap(ring, seq, len);

	if (!len)
		return;
	chim_nb_copy_in(nb, 0, ring->base + (seq & ring->mask), first);
	if (first < len)
		chim_nb_copy_in(nb, first, ring->base, len - first);
}

void chim_rcv_ring_from_nb(const struct chim_rcv_ring *ring, uint32_t seq, const NET_BUFFER *nb,
			   uint32_t off, uint32_t len)
{
	uint32_t first = until_wrap(ring, seq, len);

	if (!len)
		return;
	chim_nb_copy_out(nb, off, ring->base + (seq & ring->mask), first);
	if (first < len)
		chim_nb_copy_out(nb, off + first, ring->base, len - first);
}
