/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Wires without a kernel: a pair of endpoints in one process, and the loop, which is an endpoint
 * that is its own peer. Hard part: either end of a pair may go first.
 */
#include "frameq.h"
#include "wire.h"

#include <errno.h>
#include <stdlib.h>

struct pair_wire {
	struct chim_wire base;
	struct pair_wire *peer;	   /* NULL: closed */
	struct chim_frameq in;	   /* frames on their way to this end */
	struct chim_qframe *given; /* handed out by the last recv */
};

static void pair_close(struct chim_wire *w)
{
	struct pair_wire *p = (struct pair_wire *)w;

	if (p->peer)
		p->peer->peer = NULL;
	chim_frameq_clear(&p->in);
	free(p->given);
	free(p);
}

static int pair_send(struct chim_wire *w, const uint8_t *frame, size_t len, uint64_t now_ns)
{
	struct pair_wire *p = (struct pair_wire *)w;
	struct chim_qframe *f;

	if (!p->peer)
		return -EIO;
	f = chim_qframe_new(frame, len, now_ns);
	if (!f || chim_frameq_push(&p->peer->in, f)) {
		free(f);
		return -EIO;
	}
	return 0;
}

static int pair_recv(struct chim_wire *w, uint64_t now_ns, struct chim_wire_frame *f)
{
	struct pair_wire *p = (struct pair_wire *)w;

	free(p->given);
	p->given = NULL;
	if (!p->in.head || p->in.head->time_ns > now_ns)
		return 0;
	p->given = chim_frameq_pop(&p->in);
	*f = (struct chim_wire_frame){ p->given->data, p->given->len, p->given->time_ns };
	return 1;
}

static uint64_t pair_due(struct chim_wire *w)
{
	struct pair_wire *p = (struct pair_wire *)w;

	return p->in.head ? p->in.head->time_ns : CHIM_WIRE_NEVER;
}

static const struct chim_wire_ops pair_ops = {
	.name = "pair",
	.close = pair_close,
	.send = pair_send,
	.recv = pair_recv,
	.due = pair_due,
};

static const struct chim_wire_ops loop_ops = {
	.name = "loop",
	.close = pair_close,
	.send = pair_send,
	.recv = pair_recv,
	.due = pair_due,
};

int chim_wire_open_loop(struct chim_wire **w)
{
	struct pair_wire *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->base.ops = &loop_ops;
	p->peer = p;
	*w = &p->base;
	return 0;
}

int chim_wire_pair(struct chim_wire **a, struct chim_wire **b)
{
	struct pair_wire *pa = calloc(1, sizeof(*pa));
	struct pair_wire *pb = calloc(1, sizeof(*pb));

	if (!pa || !pb) {
		free(pa);
		free(pb);
		return -ENOMEM;
	}
	pa->base.ops = &pair_ops;
	pb->base.ops = &pair_ops;
	pa->peer = pb;
	pb->peer = pa;
	*a = &pa->base;
	*b = &pb->base;
	return 0;
}
