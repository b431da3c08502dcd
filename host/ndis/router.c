/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The router's life, its queues of completions and the poll that empties them. Hard part: handlers
 * may release drivers, adapters and bindings while frames that use them are on the stack, so memory
 * is freed only when the last frame has returned.
 */
#include <errno.h>

#include "router.h"

int chim_ndis_create(const struct chim_ndis_config *cfg, struct chim_ndis **out)
{
	struct ndis_mem mem = { ndis_libc_alloc, ndis_libc_free, cfg ? cfg->ctx : NULL, 0 };
	struct chim_ndis *ndis;

	if (!out || (cfg && !cfg->alloc != !cfg->free))
		return -EINVAL;
	if (cfg && cfg->alloc) {
		mem.alloc = cfg->alloc;
		mem.free = cfg->free;
	}
	ndis = ndis_alloc(&mem, sizeof(*ndis));
	if (!ndis)
		return -ENOMEM;
	ndis->obj.tag = NDIS_TAG(TAG_NDIS);
	ndis->obj.ndis = ndis;
	ndis->mem = mem;
	ndis->on_rule = cfg ? cfg->rule : NULL;
	*out = ndis;
	return 0;
}

int chim_ndis_destroy(struct chim_ndis *ndis)
{
	struct ndis_mem mem;

	if (!ndis)
		return 0;
	if (!ndis_is(ndis, TAG_NDIS))
		return -EINVAL;
	if (ndis->depth || ndis->drivers || ndis->mem.pools)
		return -EBUSY;
	mem = ndis->mem;
	ndis->obj.tag = 0;
	ndis_free(&mem, ndis);
	return 0;
}

struct ndis_mem *ndis_mem_of(NDIS_HANDLE handle)
{
	if (!ndis_is_router_handle(handle))
		return NULL;
	return &((struct ndis_obj *)handle)->ndis->mem;
}

void ndis_bury(struct chim_ndis *ndis, struct ndis_reg *reg)
{
	reg->obj.tag = 0; /* the handle is invalid at once */
	if (!ndis->depth) {
		ndis_free(&ndis->mem, reg);
		return;
	}
	reg->dead_next = ndis->dead;
	ndis->dead = reg;
}

void ndis_free_dead(struct chim_ndis *ndis)
{
	while (ndis->dead) {
		struct ndis_reg *reg = ndis->dead;

		ndis->dead = reg->dead_next;
		ndis_free(&ndis->mem, reg);
	}
}

/*
 * Deliver the oldest completion of an adapter. The caller has seen that there is one, and is inside
 * ndis_enter().
 */
static void deliver_one(struct ndis_adapter *a)
{
	struct chim_ndis_node *node = a->queue.head;

	a->queue.head = node->next;
	a->up = true;
	if (node->kind < KIND_IO)
		ndis_io_deliver(a, node);
	else if (node->kind == KIND_OP)
		ndis_op_deliver(node);
	else if (node->kind == KIND_OID)
		ndis_oid_deliver(node);
	else
		ndis_refused_deliver(node);
	a->up = false;
}

void ndis_flush(struct ndis_adapter *a)
{
	/* Not what handlers add meanwhile: that is younger than the indication. */
	struct chim_ndis_node *last = a->queue.tail, *node;

	do {
		node = a->queue.head;
		deliver_one(a);
	} while (node != last);
}

static int deliver(struct chim_ndis *ndis, unsigned int budget)
{
	struct ndis_adapter *a, *next;
	unsigned int done = 0;
	bool more;

	ndis_enter(ndis); /* keeps adapters that handlers remove until the loop is over */
	do {
		more = false;
		for (a = ndis->adapters; a; a = next) {
			while (a->queue.head && done < budget) {
				deliver_one(a);
				done++;
				more = true;
			}
			next = a->next;
		}
	} while (more && done < budget);
	ndis_leave(ndis);
	return (int)done;
}

int chim_ndis_poll(struct chim_ndis *ndis, unsigned int budget)
{
	if (!ndis_is(ndis, TAG_NDIS) || !budget)
		return -EINVAL;
	if (ndis->depth) {
		ndis_rule(ndis, CHIM_R_POLL, "chim_ndis_poll", ndis);
		return -EBUSY;
	}
	return chim_ndis_pending(ndis) ? deliver(ndis, budget) : 0;
}

bool chim_ndis_pending(const struct chim_ndis *ndis)
{
	if (!ndis_is(ndis, TAG_NDIS))
		return false;
	for (const struct ndis_adapter *a = ndis->adapters; a; a = a->next)
		if (a->queue.head)
			return true;
	return false;
}
