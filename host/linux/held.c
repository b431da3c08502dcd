/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The queue of held frames. Hard part: none.
 */
#include "held.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int chim_held_add(struct chim_held_queue *q, const struct chim_frame *f, size_t len, bool valid,
		  bool counted)
{
	struct chim_held *h = q->frames < CHIM_HELD_FRAMES ? malloc(sizeof(*h) + len) : NULL;

	if (!h) {
		q->dropped++;
		return q->frames < CHIM_HELD_FRAMES ? -ENOMEM : -ENOBUFS;
	}
	h->next = NULL;
	h->counted = counted;
	h->valid = valid;
	h->l4 = f->l4;
	h->end = f->end;
	h->len = len;
	memcpy(h->bytes, f->bytes, len);
	if (q->last)
		q->last->next = h;
	else
		q->first = h;
	q->last = h;
	q->frames++;
	return 0;
}

void chim_held_insert(struct chim_held_queue *q, struct chim_held *h, unsigned int before)
{
	struct chim_held **at = &q->first;

	while (before-- && *at)
		at = &(*at)->next;
	h->next = *at;
	*at = h;
	if (!h->next)
		q->last = h;
	q->frames++;
}

struct chim_held *chim_held_take(struct chim_held_queue *q)
{
	struct chim_held *h = q->first;

	if (!h)
		return NULL;
	q->first = h->next;
	if (!q->first)
		q->last = NULL;
	q->frames--;
	return h;
}
