/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Send data: posted lists become descriptors that the device reads from again for retransmissions,
 * until it says that a byte is acknowledged and not read any more. Hard part: fragments that are
 * short, or that the device cannot see, are copied together into bounce memory, whose pieces come
 * back in the order of the descriptors.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nic_priv.h"

#define SND_ENTRIES (1u << NIC_SND_LOG2)

int nic_send_init(struct nic_conn *c, uint32_t seq)
{
	struct chim_nic *nic = c->nic;

	/* A power of two, as its indices run freely; a piece of the arena is that large anyway. */
	c->bounce_size = 1;
	while (c->bounce_size < nic->cfg.conn_snd_bytes)
		c->bounce_size *= 2;
	c->snd = nic_arena_alloc(&nic->arena, SND_ENTRIES * sizeof(*c->snd));
	c->bounce = nic_arena_alloc(&nic->arena, c->bounce_size);
	c->frag = calloc(SND_ENTRIES, sizeof(*c->frag));
	c->snd_end = seq;
	c->snd_done = seq;
	return c->snd && c->bounce && c->frag ? 0 : -ENOMEM;
}

/* One more descriptor; there is room for it. */
static void describe(struct nic_conn *c, uint64_t addr, uint32_t len, uint32_t bounce)
{
	uint32_t slot = c->snd_head & (SND_ENTRIES - 1);

	c->snd[slot] = (struct chim_hw_snd_desc){ .addr = chim_le64_of(addr),
						  .seq = chim_le32_of(c->snd_end),
						  .len_flags = chim_le32_of(len) };
	c->snd_end += len;
	c->frag[slot] = (struct nic_frag){ .end = c->snd_end, .bounce = bounce };
	c->snd_head++;
}

/* Bounce memory in one piece from its head on; 0 if none is left. */
static uint32_t bounce_room(const struct nic_conn *c)
{
	uint32_t used = c->bounce_head - c->bounce_tail;
	uint32_t to_end = c->bounce_size - (c->bounce_head & (c->bounce_size - 1));
	uint32_t room = c->bounce_size - used;

	return room < to_end ? room : to_end;
}

/* What is described next: the first data of @nb or behind it, in @nbl or behind that. */
static void fill_from(struct nic_conn *c, NET_BUFFER_LIST *nbl, NET_BUFFER *nb)
{
	for (;;) {
		while (nb && !nb->DataLength)
			nb = nb->Next;
		if (nb || !nbl->Next)
			break;
		nbl = nbl->Next;
		nb = nbl->FirstNetBuffer;
	}
	c->fill_nbl = nb ? nbl : NULL;
	c->fill_nb = nb;
	if (nb)
		c->fill = chim_nb_begin(nb);
}

/* The next contiguous piece; false if there is none. */
static bool piece(struct nic_conn *c, struct chim_nb_frag *f)
{
	return c->fill_nbl && chim_nb_peek(&c->fill, CHIM_SND_DESC_MAX_BYTES, f);
}

/* @n bytes of that piece are described. */
static void took(struct nic_conn *c, uint32_t n)
{
	chim_nb_skip(&c->fill, n);
	if (!c->fill.left)
		fill_from(c, c->fill_nbl, c->fill_nb->Next);
}

/* Is it worth a descriptor of its own, and can the device read it where it is? */
static bool gathered(const struct chim_nb_frag *f)
{
	return f->iova != CHIM_IOVA_NONE && f->len >= NIC_SND_GATHER;
}

/*
 * Copies consecutive bytes, @f the first of them, into bounce memory as one descriptor. Return:
 * something was copied.
 */
static bool fill_copied(struct nic_conn *c, struct chim_nb_frag *f)
{
	uint32_t room = bounce_room(c), n = 0;
	uint8_t *to = c->bounce + (c->bounce_head & (c->bounce_size - 1));

	do {
		uint32_t len = f->len < room - n ? f->len : room - n;

		memcpy(to + n, f->va, len);
		n += len;
		took(c, len);
	} while (n < room && piece(c, f) && !gathered(f));
	if (!n)
		return false;
	c->bounce_head += n;
	describe(c, nic_iova(&c->nic->arena, to), n, n);
	return true;
}

/* Describes what is posted, as far as there is room. Return: something was. */
static bool fill(struct nic_conn *c)
{
	struct chim_nb_frag f;
	bool some = false;

	/* One entry stays free: the device's cursor may stand on the one behind the newest. */
	while (c->snd_head - c->snd_tail < SND_ENTRIES - 1 && piece(c, &f)) {
		if (gathered(&f)) {
			describe(c, f.iova, f.len, 0);
			took(c, f.len);
		} else if (!fill_copied(c, &f)) {
			break;
		}
		some = true;
	}
	return some;
}

/* The data of a graceful disconnect follows the last send. Return: it does now. */
static bool disconnect_follows(struct nic_conn *c)
{
	if (c->disc_filling || c->fill_nbl || c->disc_flags & TCP_DISCONNECT_ABORTIVE_CLOSE)
		return false;
	c->disc_filling = true;
	fill_from(c, c->disc, c->disc->FirstNetBuffer);
	return true;
}

bool nic_send_poll(struct nic_conn *c)
{
	bool some = false;

	do
		some |= fill(c);
	while (c->disc && disconnect_follows(c));
	if (!c->offloaded)
		return some;
	if (some)
		nic_doorbell(c, CHIM_QUEUE_SEND, c->snd_end);
	if (c->disc_filling && !c->fin_rung && !c->fill_nbl) {
		nic_doorbell(c, CHIM_QUEUE_FIN, c->snd_end);
		c->fin_rung = true;
		some = true;
	}
	return some;
}

void nic_disconnect_start(struct nic_conn *c, NET_BUFFER_LIST *nbl, ULONG flags)
{
	c->disc = nbl;
	c->disc_flags = flags;
	c->passive = c->rcv_fin;
	if (flags & TCP_DISCONNECT_ABORTIVE_CLOSE) {
		nic_doorbell(c, CHIM_QUEUE_ABORT, 0);
		c->aborted = true;
	}
}

void nic_send_append(struct nic_conn *c, NET_BUFFER_LIST *chain)
{
	if (!chain)
		return;
	if (c->send_tail)
		c->send_tail->Next = chain;
	else
		c->send_head = chain;
	if (!c->fill_nbl)
		fill_from(c, chain, chain->FirstNetBuffer);
	for (; chain; chain = chain->Next)
		c->send_tail = chain;
}

/* Lists whose bytes are all below @done leave with success, in posting order. */
static void complete_done(struct nic_conn *c, uint32_t acked)
{
	NET_BUFFER_LIST *first = c->send_head, *last = NULL;

	while (c->send_head) {
		uint64_t bytes = chim_nbl_bytes(c->send_head);

		/* Bytes of the list that are not described yet cannot be acknowledged. */
		if (c->send_head == c->fill_nbl || bytes > acked)
			break;
		acked -= (uint32_t)bytes;
		c->snd_done += (uint32_t)bytes;
		chim_nbl_consume(c->send_head, (ULONG)bytes, NDIS_STATUS_SUCCESS);
		last = c->send_head;
		c->send_head = last->Next;
	}
	if (!last)
		return;
	last->Next = NULL;
	if (!c->send_head)
		c->send_tail = NULL;
	c->nic->up.NdisTcpOffloadSendComplete(c->nic->miniport, first);
}

/*
 * snd_done stands at the first byte of the oldest list that was not completed; descriptors go as
 * soon as their last byte is done.
 */
void nic_send_done(struct nic_conn *c, uint32_t done)
{
	/* Our FIN counts one beyond the data. */
	if (nic_seq_lt(c->snd_end, done))
		done = c->snd_end;
	while (c->snd_tail != c->snd_head) {
		const struct nic_frag *f = &c->frag[c->snd_tail & (SND_ENTRIES - 1)];

		if (nic_seq_lt(done, f->end))
			break;
		c->bounce_tail += f->bounce;
		c->snd_tail++;
	}
	if (!nic_seq_lt(done, c->snd_done))
		complete_done(c, done - c->snd_done);
}

void nic_send_fail(struct nic_conn *c, NDIS_STATUS status)
{
	NET_BUFFER_LIST *chain = c->send_head;

	if (!chain)
		return;
	for (NET_BUFFER_LIST *n = chain; n; n = n->Next)
		chim_nbl_consume(n, 0, status);
	c->send_head = c->send_tail = c->fill_nbl = NULL;
	c->fill_nb = NULL;
	c->nic->up.NdisTcpOffloadSendComplete(c->nic->miniport, chain);
}

static void disconnect_done(struct nic_conn *c, ULONG bytes, NDIS_STATUS status)
{
	NET_BUFFER_LIST *nbl = c->disc;

	c->disc = NULL;
	chim_nbl_consume(nbl, bytes, status);
	c->nic->up.NdisTcpOffloadDisconnectComplete(c->nic->miniport, nbl);
}

/*
 * Graceful: data and FIN acknowledged, and nothing of it is read any more, so that all sends are
 * complete (R104). Abortive: the RST is out (7.8).
 */
void nic_disconnect_check(struct nic_conn *c, uint32_t flags)
{
	if (!c->disc)
		return;
	if (c->disc_flags & TCP_DISCONNECT_ABORTIVE_CLOSE) {
		if (flags & 1u << CHIM_EVF_RST_SENT || c->terminated)
			disconnect_done(c, 0, NDIS_STATUS_SUCCESS);
	} else if (c->aborted) {
		disconnect_done(c, 0, NDIS_STATUS_REQUEST_ABORTED);
	} else if (c->terminated) {
		disconnect_done(c, 0, NDIS_STATUS_UPLOAD_IN_PROGRESS);
	} else if (flags & 1u << CHIM_EVF_FIN_ACKED && c->snd_tail == c->snd_head) {
		disconnect_done(c, (ULONG)chim_nbl_bytes(c->disc), NDIS_STATUS_SUCCESS);
	}
}
