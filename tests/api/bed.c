/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The bed of the API tests; see bed.h.
 */
#include "bed.h"

static void *bed_alloc(void *ctx, size_t size)
{
	struct bed *b = ctx;

	if (b->fail_in == 0)
		return NULL;
	if (b->fail_in > 0)
		b->fail_in--;
	b->allocs++;
	return calloc(1, size);
}

static void bed_release(void *ctx, void *mem)
{
	struct bed *b = ctx;

	b->allocs -= mem != NULL;
	free(mem);
}

struct bed *bed_new(void)
{
	struct bed *b = calloc(1, sizeof(*b));
	const struct chim_ndis_config cfg = { .alloc = bed_alloc, .free = bed_release, .ctx = b };

	b->fail_in = -1;
	if (chim_ndis_create(&cfg, &b->ndis) || nic_open(&b->nic, b->ndis) ||
	    host_open(&b->host, b->ndis, b->nic.adapter)) {
		printf("# the bed does not stand\n");
		return NULL;
	}
	return b;
}

bool bed_broke(struct bed *b, enum chim_ndis_rule rule, unsigned int n)
{
	bool ok = true;

	for (unsigned int r = 0; r < CHIM_RULES; r++) {
		enum chim_ndis_rule this = (enum chim_ndis_rule)r;
		uint64_t count = chim_ndis_count(b->ndis, this) - b->seen[r];

		b->seen[r] += count;
		if (count == (this == rule ? n : 0))
			continue;
		printf("# rule %s broken %llu times\n", chim_ndis_rule_get(this)->name,
		       (unsigned long long)count);
		ok = false;
	}
	return ok;
}

void bed_drop(struct bed *b)
{
	host_free(&b->host);
	free(b);
}

bool bed_end(struct bed *b)
{
	bool ok = true;

	ok &= host_close(&b->host) == 0;
	ok &= nic_close(&b->nic) == 0;
	ok &= bed_broke(b, CHIM_RULES, 0);
	ok &= b->nic.halted;
	ok &= chim_ndis_destroy(b->ndis) == 0;
	ok &= b->allocs == 0;
	bed_drop(b);
	return ok;
}

void bed_settle(struct bed *b)
{
	while (nic_work(&b->nic) || chim_ndis_poll(b->ndis, 100) > 0)
		;
}

struct conn *bed_offload(struct bed *b)
{
	struct conn *c = host_alloc(&b->host, sizeof(*c));

	NdisInitiateOffload(b->host.binding, host_tree(&b->host, c));
	bed_settle(b);
	if (!bed_nic_conn(c) || !host_saw(&b->host, "initiate"))
		printf("# not offloaded\n");
	return c;
}

bool bed_terminate(struct bed *b, struct conn *c)
{
	NdisTerminateOffload(b->host.binding, host_end_tree(&b->host, c));
	bed_settle(b);
	b->host.log[0] = 0;
	return !c->n.NdisReserved[0] && !c->p.NdisReserved[0] && !c->t.NdisReserved[0] &&
	       !c->t.MiniportOffloadContext;
}
