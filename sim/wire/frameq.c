/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Bounded queue of frames, see frameq.h.
 */
#include "frameq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct chim_qframe *chim_qframe_new(const uint8_t *data, size_t len, uint64_t time_ns)
{
	struct chim_qframe *f = malloc(sizeof(*f) + len);

	if (!f)
		return NULL;
	*f = (struct chim_qframe){ .time_ns = time_ns, .len = len };
	memcpy(f->data, data, len);
	return f;
}

int chim_frameq_push(struct chim_frameq *q, struct chim_qframe *f)
{
	if (q->count == CHIM_FRAMEQ_MAX)
		return -ENOBUFS;
	if (!q->head)
		q->tail = &q->head;
	f->next = NULL;
	*q->tail = f;
	q->tail = &f->next;
	q->count++;
	return 0;
}

struct chim_qframe *chim_frameq_pop(struct chim_frameq *q)
{
	struct chim_qframe *f = q->head;

	if (!f)
		return NULL;
	q->head = f->next;
	q->count--;
	return f;
}

void chim_frameq_clear(struct chim_frameq *q)
{
	struct chim_qframe *f;

	while ((f = chim_frameq_pop(q)))
		free(f);
}
