/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The receive ring of one connection in host memory: the byte with sequence number s lies at
 * base[s & mask]. Hard part: a run of bytes that wraps is two pieces.
 */
#ifndef CHIM_NDIS_RCV_RING_H
#define CHIM_NDIS_RCV_RING_H

#include <chimney/ndis_nbl.h>

/**
 * struct chim_rcv_ring - memory that the device places received payload into
 * @base: first byte, for the processor
 * @iova: the same for the device, or CHIM_IOVA_NONE
 * @mask: bytes - 1; bytes is a power of two
 */
struct chim_rcv_ring {
	uint8_t *base;
	uint64_t iova;
	uint32_t mask;
};

/**
 * chim_rcv_ring_nbl() - a list with one NET_BUFFER over [seq, seq + len), no copy
 * @nbl_pool: pool with fAllocateNetBuffer
 * @mdl_pool: pool for its one or two MDLs
 * @len:      1 .. bytes of the ring
 *
 * Return: the list, freed by chim_rcv_ring_nbl_free(); NULL: a pool is empty, or @len is wrong.
 */
NET_BUFFER_LIST *chim_rcv_ring_nbl(const struct chim_rcv_ring *ring, NDIS_HANDLE nbl_pool,
				   NDIS_HANDLE mdl_pool, uint32_t seq, uint32_t len);
void chim_rcv_ring_nbl_free(NET_BUFFER_LIST *nbl);

/**
 * chim_rcv_ring_nbl_again() - a list of chim_rcv_ring_nbl() that came back, over other bytes
 *
 * Cheaper than freeing and allocating it. What the host left in the members for its own use is
 * still there. Return: false, and nothing done: the bytes wrap.
 */
static inline bool chim_rcv_ring_nbl_again(const struct chim_rcv_ring *ring, NET_BUFFER_LIST *nbl,
					   uint32_t seq, uint32_t len)
{
	uint32_t at = seq & ring->mask;
	NET_BUFFER *nb = nbl->FirstNetBuffer;
	MDL *mdl = nb->MdlChain;

	if (!len || len - 1 > ring->mask - at)
		return false;
	mdl->StartVa = ring->base + at;
	mdl->Iova = ring->iova == CHIM_IOVA_NONE ? CHIM_IOVA_NONE : ring->iova + at;
	mdl->ByteOffset = 0;
	mdl->ByteCount = len;
	nb->CurrentMdl = mdl;
	nb->CurrentMdlOffset = nb->DataOffset = 0;
	nb->DataLength = len;
	nb->Next = NULL;
	nbl->Next = NULL;
	nbl->NblFlags = nbl->Flags = 0;
	nbl->Status = NDIS_STATUS_SUCCESS;
	return true;
}

/* May it be used again: has it one MDL, and is no context of a driver above left on it? */
static inline bool chim_rcv_ring_nbl_clean(const NET_BUFFER_LIST *nbl)
{
	return !nbl->FirstNetBuffer->MdlChain->Next && !nbl->Context;
}

/*
 * chim_rcv_ring_to_nb() - copy [seq, seq + len) to the start of @nb's data, which has room for it.
 */
void chim_rcv_ring_to_nb(const struct chim_rcv_ring *ring, uint32_t seq, NET_BUFFER *nb,
			 uint32_t len);

/* chim_rcv_ring_from_nb() - copy @len bytes of data, from byte @off on, to [seq, seq + len). */
void chim_rcv_ring_from_nb(const struct chim_rcv_ring *ring, uint32_t seq, const NET_BUFFER *nb,
			   uint32_t off, uint32_t len);

#endif
