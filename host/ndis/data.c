/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Moving the start of data, copying, and walking MDL chains. Hard part: DataOffset, CurrentMdl and
 * CurrentMdlOffset say the same thing three times and must stay together.
 */
#include <errno.h>
#include <string.h>

#include "mem.h"

/* The next pointer is the first word of a list, a NET_BUFFER and an MDL. */
static_assert(offsetof(NET_BUFFER_LIST, Next) == 0, "ndis_list_loops()");
static_assert(offsetof(NET_BUFFER, Next) == 0, "ndis_list_loops()");
static_assert(offsetof(MDL, Next) == 0, "ndis_list_loops()");

static const void *next_of(const void *item)
{
	const void *next;

	memcpy(&next, item, sizeof(next));
	return next;
}

bool ndis_list_loops(const void *first)
{
	const void *mark = first;
	size_t steps = 0, limit = 8;

	/* Brent's algorithm: no marks in the items, each is seen a few times. */
	for (const void *item = first; item; item = next_of(item)) {
		if (item == mark && steps)
			return true;
		if (steps++ < limit)
			continue;
		mark = item;
		steps = 1;
		limit *= 2;
	}
	return false;
}

int chim_nb_check(const NET_BUFFER *nb)
{
	uint64_t have = 0, front = 0;
	bool seen = false;

	if (!nb->MdlChain)
		return nb->CurrentMdl || nb->DataLength || nb->DataOffset ? -EINVAL : 0;
	if (nb->MdlChain->Next && ndis_list_loops(nb->MdlChain))
		return -ELOOP;
	for (const MDL *mdl = nb->MdlChain; mdl; mdl = mdl->Next) {
		if (!mdl->StartVa && mdl->ByteCount)
			return -EINVAL;
		if (mdl == nb->CurrentMdl) {
			seen = true;
			front = have + nb->CurrentMdlOffset;
			if (nb->CurrentMdlOffset > mdl->ByteCount)
				return -EINVAL;
		}
		have += mdl->ByteCount;
	}
	if (!seen || front != nb->DataOffset || front + nb->DataLength > have)
		return -EINVAL;
	return 0;
}

/* Iterator at byte @off of the data. */
static struct chim_nb_iter nb_at(const NET_BUFFER *nb, ULONG off)
{
	struct chim_nb_iter it = chim_nb_begin(nb);
	struct chim_nb_frag frag;

	while (off && chim_nb_next(&it, off, &frag))
		off -= frag.len;
	return it;
}

ULONG chim_nb_copy_out(const NET_BUFFER *nb, ULONG off, void *dst, ULONG len)
{
	struct chim_nb_iter it = nb_at(nb, off);
	struct chim_nb_frag frag;
	ULONG done = 0;

	while (done < len && chim_nb_next(&it, len - done, &frag)) {
		memcpy((UCHAR *)dst + done, frag.va, frag.len);
		done += frag.len;
	}
	return done;
}

ULONG chim_nb_copy_in(NET_BUFFER *nb, ULONG off, const void *src, ULONG len)
{
	struct chim_nb_iter it = nb_at(nb, off);
	struct chim_nb_frag frag;
	ULONG done = 0;

	while (done < len && chim_nb_next(&it, len - done, &frag)) {
		memcpy(frag.va, (const UCHAR *)src + done, frag.len);
		done += frag.len;
	}
	return done;
}

PVOID NdisGetDataBuffer(PNET_BUFFER NetBuffer, ULONG BytesNeeded, PVOID Storage,
			ULONG AlignMultiple, ULONG AlignOffset)
{
	struct chim_nb_iter it;
	struct chim_nb_frag frag;

	if (!NetBuffer || !BytesNeeded || NetBuffer->DataLength < BytesNeeded)
		return NULL;
	if (!AlignMultiple)
		AlignMultiple = 1;
	it = chim_nb_begin(NetBuffer);
	if (chim_nb_next(&it, BytesNeeded, &frag) && frag.len == BytesNeeded &&
	    (uintptr_t)frag.va % AlignMultiple == AlignOffset % AlignMultiple)
		return frag.va;
	if (!Storage || chim_nb_copy_out(NetBuffer, 0, Storage, BytesNeeded) != BytesNeeded)
		return NULL;
	return Storage;
}

/* The data starts @n bytes further on; there are that many. */
static inline void advance(NET_BUFFER *nb, ULONG n)
{
	MDL *mdl = nb->CurrentMdl;
	ULONG off = nb->CurrentMdlOffset + n;

	nb->DataLength -= n;
	nb->DataOffset += n;
	/* The last MDL stays current when its end is reached: a retreat starts from it. */
	for (; mdl && mdl->Next && off >= mdl->ByteCount; mdl = mdl->Next)
		off -= mdl->ByteCount;
	nb->CurrentMdl = mdl;
	nb->CurrentMdlOffset = off;
}

void NdisAdvanceNetBufferDataStart(PNET_BUFFER NetBuffer, ULONG DataOffsetDelta, BOOLEAN FreeMdl,
				   NET_BUFFER_FREE_MDL *FreeMdlHandler)
{
	NET_BUFFER *nb = NetBuffer;

	if (!nb)
		return;
	advance(nb, DataOffsetDelta < nb->DataLength ? DataOffsetDelta : nb->DataLength);
	while (FreeMdl && nb->MdlChain != nb->CurrentMdl) {
		MDL *mdl = nb->MdlChain;

		nb->MdlChain = mdl->Next;
		nb->DataOffset -= mdl->ByteCount;
		(FreeMdlHandler ? FreeMdlHandler : NdisFreeMdl)(mdl);
	}
}

/* An MDL and its memory in one piece, for a retreat without a handler. */
static MDL *mdl_with_memory(ULONG len)
{
	MDL *mdl = ndis_libc_alloc(NULL, sizeof(*mdl) + len);

	if (mdl) {
		mdl->StartVa = mdl + 1;
		mdl->Iova = CHIM_IOVA_NONE;
		mdl->ByteCount = len;
		mdl->OwnsMemory = true;
	}
	return mdl;
}

NDIS_STATUS NdisRetreatNetBufferDataStart(PNET_BUFFER NetBuffer, ULONG DataOffsetDelta,
					  ULONG DataBackFill,
					  NET_BUFFER_ALLOCATE_MDL *AllocateMdlHandler)
{
	NET_BUFFER *nb = NetBuffer;
	ULONG off;

	if (!nb || nb->DataLength > UINT32_MAX - DataOffsetDelta)
		return NDIS_STATUS_INVALID_PARAMETER;
	if (nb->DataOffset < DataOffsetDelta) {
		uint64_t size = (uint64_t)DataOffsetDelta - nb->DataOffset + DataBackFill;
		ULONG len = (ULONG)size;
		MDL *mdl;

		if (size > UINT32_MAX - DataOffsetDelta)
			return NDIS_STATUS_INVALID_PARAMETER;
		mdl = AllocateMdlHandler ? AllocateMdlHandler(&len) : mdl_with_memory(len);
		if (!mdl)
			return NDIS_STATUS_RESOURCES;
		if (mdl->ByteCount < size - DataBackFill)
			return NDIS_STATUS_INVALID_PARAMETER;
		mdl->Next = nb->MdlChain;
		nb->MdlChain = mdl;
		nb->DataOffset += mdl->ByteCount;
	}
	nb->DataOffset -= DataOffsetDelta;
	nb->DataLength += DataOffsetDelta;
	nb->CurrentMdl = nb->MdlChain;
	for (off = nb->DataOffset; off && off >= nb->CurrentMdl->ByteCount && nb->CurrentMdl->Next;
	     nb->CurrentMdl = nb->CurrentMdl->Next)
		off -= nb->CurrentMdl->ByteCount;
	nb->CurrentMdlOffset = off;
	return NDIS_STATUS_SUCCESS;
}

void NdisAdvanceNetBufferListDataStart(PNET_BUFFER_LIST NetBufferList, ULONG DataOffsetDelta,
				       BOOLEAN FreeMdl, NET_BUFFER_FREE_MDL *FreeMdlHandler)
{
	if (!NetBufferList)
		return;
	for (NET_BUFFER *nb = NetBufferList->FirstNetBuffer; nb; nb = nb->Next)
		NdisAdvanceNetBufferDataStart(nb, DataOffsetDelta, FreeMdl, FreeMdlHandler);
}

NDIS_STATUS NdisRetreatNetBufferListDataStart(PNET_BUFFER_LIST NetBufferList, ULONG DataOffsetDelta,
					      ULONG DataBackFill,
					      NET_BUFFER_ALLOCATE_MDL *AllocateMdlHandler)
{
	if (!NetBufferList)
		return NDIS_STATUS_INVALID_PARAMETER;
	for (NET_BUFFER *nb = NetBufferList->FirstNetBuffer; nb; nb = nb->Next) {
		NDIS_STATUS st = NdisRetreatNetBufferDataStart(nb, DataOffsetDelta, DataBackFill,
							       AllocateMdlHandler);

		if (st == NDIS_STATUS_SUCCESS)
			continue;
		for (NET_BUFFER *done = NetBufferList->FirstNetBuffer; done != nb;
		     done = done->Next)
			NdisAdvanceNetBufferDataStart(done, DataOffsetDelta, false, NULL);
		return st;
	}
	return NDIS_STATUS_SUCCESS;
}

void chim_nbl_consume(NET_BUFFER_LIST *nbl, ULONG bytes, NDIS_STATUS status)
{
	ULONG left = bytes;

	chim_nbl_info_set(nbl, TcpOffloadBytesTransferred, bytes);
	nbl->Status = status;
	for (NET_BUFFER *nb = nbl->FirstNetBuffer; nb && left; nb = nb->Next) {
		ULONG part = left < nb->DataLength ? left : nb->DataLength;

		advance(nb, part);
		left -= part;
	}
}
