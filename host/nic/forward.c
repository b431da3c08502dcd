/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * NdisOffloadTcpForward: segments that the host received go into the device's receive path. Hard
 * part: the interface passes them from the TCP header on, the device takes whole frames, so
 * Ethernet and IP headers are made up again from the connection's key, with right checksums.
 */
#include <errno.h>
#include <string.h>

#include "nic_priv.h"

static uint32_t sum16(uint32_t sum, const uint8_t *p, size_t n)
{
	for (; n > 1; n -= 2, p += 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	return n ? sum + ((uint32_t)p[0] << 8) : sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* Return: bytes of the frame; 0 if the segment is no TCP segment or too long. */
static size_t build(const struct nic_conn *c, const NET_BUFFER *nb, uint8_t *frame, size_t room)
{
	static const uint8_t peer_mac[6] = { 0x02, 0, 0, 0, 0, 1 };
	size_t addr = c->key.family == 4 ? 4 : 16, ip = c->key.family == 4 ? 20 : 40, at = 12;
	size_t len = nb->DataLength;
	uint8_t *h, *tcp;
	uint32_t sum;

	memcpy(frame, c->nic->cfg.mac, 6);
	memcpy(frame + 6, peer_mac, 6);
	if (c->vlan) {
		put16(frame + at, 0x8100);
		put16(frame + at + 2, c->vlan);
		at += 4;
	}
	put16(frame + at, c->key.family == 4 ? 0x0800 : 0x86DD);
	h = frame + at + 2;
	tcp = h + ip;
	if (len < 20 || len > 0xFFFF - ip || (size_t)(tcp - frame) + len > room)
		return 0;
	memset(h, 0, ip);
	/* The peer's address is the source: the frame comes from it. */
	if (addr == 4) {
		h[0] = 0x45;
		put16(h + 2, (uint16_t)(ip + len));
		put16(h + 6, 0x4000);
		h[8] = 64;
		h[9] = 6;
		memcpy(h + 12, c->key.remote, 4);
		memcpy(h + 16, c->key.local, 4);
		put16(h + 10, fold(sum16(0, h, 20)));
	} else {
		h[0] = 0x60;
		put16(h + 4, (uint16_t)len);
		h[6] = 6;
		h[7] = 64;
		memcpy(h + 8, c->key.remote, 16);
		memcpy(h + 24, c->key.local, 16);
	}
	chim_nb_copy_out(nb, 0, tcp, (ULONG)len);
	put16(tcp + 16, 0);
	sum = sum16((uint32_t)len + 6, c->key.remote, addr);
	sum = sum16(sum, c->key.local, addr);
	put16(tcp + 16, fold(sum16(sum, tcp, len)));
	return (size_t)(tcp - frame) + len;
}

void nic_forward_append(struct nic_conn *c, NET_BUFFER_LIST *chain)
{
	if (c->fwd_tail)
		c->fwd_tail->Next = chain;
	else
		c->fwd_head = chain;
	if (!c->fwd_next)
		c->fwd_next = chain;
	for (; chain; chain = chain->Next)
		c->fwd_tail = chain;
}

/* In the plain ring; remembered where, in a field that is ours while we own the list. */
static bool push_one(struct nic_conn *c, NET_BUFFER_LIST *nbl)
{
	uint8_t frame[CHIM_MAX_FRAME_BYTES];
	size_t len = build(c, nbl->FirstNetBuffer, frame, c->nic->buf_bytes);
	chim_conn_t id = nic_conn_id(c->slot, c->gen);
	bool held = !(nbl->NblFlags & CHIM_NBL_NOT_HELD);
	int err = 0;

	/* What cannot be a segment counts as given up; the host's protocol is unharmed. */
	if (len)
		err = nic_ptx(c->nic, frame, len,
			      held ? CHIM_PTX_INJECT : CHIM_PTX_INJECT | CHIM_PTX_NOT_HELD, id);
	else if (held)
		err = nic_ptx(c->nic, NULL, 0, CHIM_PTX_GIVE_UP, id);
	if (err)
		return false;
	nbl->MiniportReserved[1] = (PVOID)(uintptr_t)c->nic->ptx.host;
	return true;
}

int nic_forward_poll(struct nic_conn *c)
{
	NET_BUFFER_LIST *first = c->fwd_head, *last = NULL;
	int n = 0;

	nic_ptx_update(c->nic);
	while (c->fwd_next && push_one(c, c->fwd_next)) {
		c->fwd_next = c->fwd_next->Next;
		n++;
	}
	while (c->fwd_head && c->fwd_head != c->fwd_next) {
		uint32_t index = (uint32_t)(uintptr_t)c->fwd_head->MiniportReserved[1];

		if (nic_seq_lt(c->nic->ptx.device, index))
			break;
		c->fwd_head->Status = NDIS_STATUS_SUCCESS;
		last = c->fwd_head;
		c->fwd_head = last->Next;
		n++;
	}
	if (!last)
		return n;
	last->Next = NULL;
	if (!c->fwd_head)
		c->fwd_tail = NULL;
	c->nic->up.NdisTcpOffloadForwardComplete(c->nic->miniport, first);
	return n;
}

void nic_forward_fail(struct nic_conn *c, NDIS_STATUS status)
{
	NET_BUFFER_LIST *chain = c->fwd_head;

	if (!chain)
		return;
	for (NET_BUFFER_LIST *n = chain; n; n = n->Next)
		n->Status = status;
	c->fwd_head = c->fwd_tail = c->fwd_next = NULL;
	c->nic->up.NdisTcpOffloadForwardComplete(c->nic->miniport, chain);
}
