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

	c->bounce_size = (uint32_t)nic->cfg.conn_snd_bytes;
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
	uint32_t to_end = c->bounce_size - c->bounce_head % c->bounce_size;
	uint32_t room = c->bounce_size - used;

	return room < to_end ? room : to_end;
}

/* The piece of @nb at @off, at most @max bytes. */
static bool piece_at(const NET_BUFFER *nb, uint32_t off, uint32_t max, struct chim_nb_frag *f)
{
	struct chim_nb_iter it = chim_nb_begin(nb);
	uint32_t skip = off;

	while (skip) {
		if (!chim_nb_next(&it, skip, f))
			return false;
		skip -= f->len;
	}
	return chim_nb_next(&it, max, f);
}

/* The next byte to describe; moves over what is empty. */
static bool next_piece(struct nic_conn *c)
{
	while (c->fill_nbl) {
		while (c->fill_nb && c->fill_off >= c->fill_nb->DataLength) {
			c->fill_nb = c->fill_nb->Next;
			c->fill_off = 0;
		}
		if (c->fill_nb)
			return true;
		c->fill_nbl = c->fill_nbl->Next;
		c->fill_nb = c->fill_nbl ? c->fill_nbl->FirstNetBuffer : NULL;
		c->fill_off = 0;
	}
	return false;
}

/* Copies consecutive bytes into bounce memory as one descriptor. Return: something was copied. */
static bool fill_copied(struct nic_conn *c)
{
	uint32_t at = c->bounce_head % c->bounce_size, room = bounce_room(c), n = 0;
	uint8_t *to = c->bounce + at;

	while (n < room && next_piece(c)) {
		struct chim_nb_frag f;

		if (!piece_at(c->fill_nb, c->fill_off, room - n, &f))
			break;
		if (f.iova != CHIM_IOVA_NONE && f.len >= NIC_SND_GATHER)
			break;
		memcpy(to + n, f.va, f.len);
		c->fill_off += f.len;
		n += f.len;
	}
	if (!n)
		return false;
	c->bounce_head += n;
	describe(c, nic_iova(&c->nic->arena, to), n, n);
	return true;
}

/* Describes what is posted, as far as there is room. Return: something was. */
static bool fill(struct nic_conn *c)
{
	bool some = false;

	/* One entry stays free: the device's cursor may stand on the one behind the newest. */
	while (c->snd_head - c->snd_tail < SND_ENTRIES - 1 && next_piece(c)) {
		struct chim_nb_frag f;

		if (!piece_at(c->fill_nb, c->fill_off, CHIM_SND_DESC_MAX_BYTES, &f))
			break;
		if (f.iova != CHIM_IOVA_NONE && f.len >= NIC_SND_GATHER) {
			describe(c, f.iova, f.len, 0);
			c->fill_off += f.len;
		} else if (!fill_copied(c)) {
			break;
		}
		some = true;
	}
	return some;
}

bool nic_send_poll(struct nic_conn *c)
{
	bool some;

	/* The data of a graceful disconnect follows the last send. */
	if (c->disc && !c->disc_filling && !(c->disc_flags & TCP_DISCONNECT_ABORTIVE_CLOSE) &&
	    !next_piece(c)) {
		c->disc_filling = true;
		c->fill_nbl = c->disc;
		c->fill_nb = c->disc->FirstNetBuffer;
		c->fill_off = 0;
	}
	some = fill(c);
	if (!c->offloaded)
		return some;
	if (some)
		nic_doorbell(c, CHIM_QUEUE_SEND, c->snd_end);
	if (c->disc_filling && !c->fin_rung && !next_piece(c)) {
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
	if (!c->fill_nbl) {
		c->fill_nbl = chain;
		c->fill_nb = chain->FirstNetBuffer;
		c->fill_off = 0;
	}
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
	next_piece(c);
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
