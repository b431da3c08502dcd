/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Sends, forwarded frames, the receive request of no bytes, and their completions. Hard part: a
 * send that comes back unacknowledged during an upload keeps its place in the order of the stream.
 */
#include "hs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ProtocolReserved of our lists: [0] connection, [1] memory or frame. */

PNET_BUFFER_LIST hs_send_new(struct chim_hs_conn *c, const uint8_t *bytes, size_t len)
{
	struct chim_hs *hs = c->hs;
	uint64_t iova = CHIM_IOVA_NONE;
	PNET_BUFFER_LIST nbl;
	void *va = NULL;
	PMDL mdl;

	if (hs->ops->mem(hs->ctx, len, &va, &iova)) {
		va = malloc(len);
		iova = CHIM_IOVA_NONE;
	}
	if (!va)
		return NULL;
	memcpy(va, bytes, len);
	mdl = chim_mdl_alloc(hs->mdls, va, iova, (ULONG)len);
	nbl = mdl ? NdisAllocateNetBufferAndNetBufferList(hs->nbls, 0, 0, mdl, 0, (ULONG)len)
		  : NULL;
	if (!nbl) {
		NdisFreeMdl(mdl);
		if (iova == CHIM_IOVA_NONE)
			free(va);
		else
			hs->ops->mem_free(hs->ctx, va);
		return NULL;
	}
	nbl->ProtocolReserved[0] = c;
	nbl->ProtocolReserved[1] = va;
	return nbl;
}

void hs_send_free(struct chim_hs *hs, PNET_BUFFER_LIST nbl)
{
	PMDL mdl = nbl->FirstNetBuffer->MdlChain;

	if (mdl->Iova == CHIM_IOVA_NONE)
		free(nbl->ProtocolReserved[1]);
	else
		hs->ops->mem_free(hs->ctx, nbl->ProtocolReserved[1]);
	NdisFreeMdl(mdl);
	NdisFreeNetBufferList(nbl);
}

int chim_hs_send(struct chim_hs_conn *c, const uint8_t *bytes, size_t len)
{
	PNET_BUFFER_LIST nbl;
	NDIS_STATUS status;

	if (!c->offloaded || c->busy)
		return -EINVAL;
	nbl = hs_send_new(c, bytes, len);
	if (!nbl)
		return -ENOMEM;
	c->posted += len;
	c->sends++;
	status = NdisOffloadTcpSend(&c->handle, nbl);
	if (status == NDIS_STATUS_PENDING)
		return 0;
	c->posted -= len;
	c->sends--;
	hs_send_free(c->hs, nbl);
	return -EINVAL;
}

static void keep_back(struct chim_hs_conn *c, PNET_BUFFER_LIST nbl)
{
	nbl->Next = NULL;
	if (c->back_last)
		c->back_last->Next = nbl;
	else
		c->back_first = nbl;
	c->back_last = nbl;
}

void hs_send_completed(struct chim_hs *hs, PNET_BUFFER_LIST chain)
{
	while (chain) {
		PNET_BUFFER_LIST nbl = chain;
		struct chim_hs_conn *c = nbl->ProtocolReserved[0];
		ULONG whole = nbl->FirstNetBuffer->MdlChain->ByteCount;

		chain = nbl->Next;
		c->sends--;
		c->posted -= whole;
		if (nbl->Status == NDIS_STATUS_SUCCESS ||
		    nbl->Status == NDIS_STATUS_REQUEST_ABORTED)
			hs_send_free(hs, nbl);
		else
			keep_back(c, nbl); /* UPLOAD_IN_PROGRESS: the rest goes to the kernel */
		hs->ops->sent(hs->ctx, c);
	}
}

int hs_gather(struct chim_tcp_data *data, PNET_BUFFER_LIST chain)
{
	for (; chain; chain = chain->Next) {
		PNET_BUFFER nb;

		for (nb = chain->FirstNetBuffer; nb; nb = nb->Next) {
			uint8_t *more = realloc(data->bytes, data->len + nb->DataLength + 1);

			if (!more)
				return -ENOMEM;
			data->bytes = more;
			data->len += chim_nb_copy_out(nb, 0, more + data->len, nb->DataLength);
		}
	}
	return 0;
}

int chim_hs_forward(struct chim_hs_conn *c, struct chim_held *frame)
{
	struct chim_hs *hs = c->hs;
	ULONG len = (ULONG)(frame->end - frame->l4);
	PNET_BUFFER_LIST nbl;
	PMDL mdl;

	if (!c->offloaded || c->busy)
		return -EINVAL;
	mdl = NdisAllocateMdl(hs->mdls, frame->bytes + frame->l4, len);
	nbl = mdl ? NdisAllocateNetBufferAndNetBufferList(hs->nbls, 0, 0, mdl, 0, len) : NULL;
	if (!nbl) {
		NdisFreeMdl(mdl);
		return -ENOMEM;
	}
	nbl->ProtocolReserved[0] = c;
	nbl->ProtocolReserved[1] = frame;
	nbl->NblFlags = frame->counted ? 0 : CHIM_NBL_NOT_HELD;
	c->forwards++;
	if (NdisOffloadTcpForward(&c->handle, nbl) == NDIS_STATUS_PENDING)
		return 0;
	c->forwards--;
	NdisFreeMdl(mdl);
	NdisFreeNetBufferList(nbl);
	return -EINVAL;
}

void hs_forward_completed(struct chim_hs *hs, PNET_BUFFER_LIST chain)
{
	while (chain) {
		PNET_BUFFER_LIST nbl = chain;
		struct chim_hs_conn *c = nbl->ProtocolReserved[0];
		struct chim_held *frame = nbl->ProtocolReserved[1];
		NDIS_STATUS status = nbl->Status;

		chain = nbl->Next;
		NdisFreeMdl(nbl->FirstNetBuffer->MdlChain);
		NdisFreeNetBufferList(nbl);
		c->forwards--;
		hs->ops->forwarded(hs->ctx, c, frame, status);
	}
}

int chim_hs_want_data(struct chim_hs_conn *c)
{
	struct chim_hs *hs = c->hs;

	if (!c->offloaded || c->busy)
		return -EINVAL;
	if (c->zero_posted)
		return 0;
	if (!c->zero) {
		c->zero = NdisAllocateNetBufferAndNetBufferList(hs->nbls, 0, 0, NULL, 0, 0);
		if (!c->zero)
			return -ENOMEM;
		c->zero->ProtocolReserved[0] = c;
	}
	c->zero_posted = true;
	if (NdisOffloadTcpReceive(&c->handle, c->zero) == NDIS_STATUS_PENDING)
		return 0;
	c->zero_posted = false;
	return -EINVAL;
}

/* Only requests of no bytes are ever posted, so no completion carries data. */
void hs_receive_completed(struct chim_hs *hs, PNET_BUFFER_LIST chain)
{
	(void)hs;
	while (chain) {
		PNET_BUFFER_LIST nbl = chain;
		struct chim_hs_conn *c = nbl->ProtocolReserved[0];

		chain = nbl->Next;
		nbl->Next = NULL;
		c->zero_posted = false;
	}
}

void hs_zero_free(struct chim_hs_conn *c)
{
	NdisFreeNetBufferList(c->zero);
	c->zero = NULL;
}

void chim_hs_return(struct chim_hs *hs, PNET_BUFFER_LIST nbl)
{
	if (NdisOffloadTcpReceiveReturn(hs->binding, nbl) != NDIS_STATUS_SUCCESS)
		hs->ops->warn(hs->ctx, "a received list was not taken back");
}
