/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The router without memory: every allocation fails once. Hard part: a refusal for lack of memory
 * must itself reach the host without memory.
 */
#include <errno.h>

#include "bed.h"

/* Does every block of the tree say @st, placeholders SUCCESS? */
static bool all_say(const pblock *b, NDIS_STATUS st)
{
	for (; b; b = b->NextBlock)
		if (b->Status != (b->OffloadHandle ? st : NDIS_STATUS_SUCCESS) ||
		    !all_say(b->DependentBlockList, st))
			return false;
	return true;
}

/* A tree of ten blocks, one a placeholder: several allocations of each kind. */
static pblock *big_tree(struct bed *b, NDIS_OFFLOAD_HANDLE *h)
{
	struct host *o = &b->host;
	pblock *t = host_block(o, TcpOffloadState, &h[0], "T");

	t->NetBufferListChain = host_list(o, 5);
	for (unsigned int i = 1; i < 6; i++)
		then(t, host_block(o, TcpOffloadState, &h[i], "T"));
	return then(on(host_block(o, NeighborOffloadState, &h[6], "N"),
		       then(on(host_block(o, Ip4OffloadState, &h[7], "P"), t),
			    host_block(o, Ip6OffloadState, &h[8], "P"))),
		    host_block(o, NeighborOffloadState, NULL, "n"));
}

static bool initiate_fails(void)
{
	struct bed *b = bed_new();
	long need;

	for (need = 0;; need++) {
		NDIS_OFFLOAD_HANDLE *h = host_alloc(&b->host, 9 * sizeof(*h));
		pblock *tree = big_tree(b, h);
		long before = b->allocs;

		b->fail_in = need;
		NdisInitiateOffload(b->host.binding, tree);
		b->fail_in = 0; /* not even the answer may need memory */
		if (b->nic.ops) {
			b->fail_in = -1;
			CLEAN(b);
			bed_settle(b);
			SAW(b, "initiate");
			nic_ack(&b->nic, h[0].MiniportOffloadContext, 1);
			NdisTerminateOffload(b->host.binding, tree);
			bed_settle(b);
			SAW(b, "send:1 terminate");
			break;
		}
		BROKE(b, CHIM_R_NO_MEMORY);
		CHECK_EQ(b->allocs, before);
		CHECK_EQ(chim_ndis_poll(b->ndis, 10), 1);
		SAW(b, "initiate");
		CHECK(all_say(tree, NDIS_STATUS_RESOURCES));
		CHECK_EQ(chim_ndis_adapter_objects(b->nic.adapter), 0);
		for (int i = 0; i < 9; i++)
			CHECK(!h[i].NdisReserved[0]);
		b->fail_in = -1;
	}
	CHECK(need >= 12); /* the operation, its array twice, nine objects */
	CHECK(bed_end(b));
	return true;
}

static bool others_fail(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	pblock *tree = host_end_tree(&b->host, c);

	for (int i = 0; i < 2; i++) {
		b->fail_in = i;
		NdisTerminateOffload(b->host.binding, tree);
		BROKE(b, CHIM_R_NO_MEMORY);
		CHECK_EQ(chim_ndis_poll(b->ndis, 10), 1);
		SAW(b, "terminate");
		CHECK(all_say(tree, NDIS_STATUS_FAILURE));
	}
	/* A loop without the memory to notice it: the answer comes all the same. */
	tree->DependentBlockList->DependentBlockList->NextBlock =
		tree->DependentBlockList->DependentBlockList;
	b->fail_in = 0;
	NdisTerminateOffload(b->host.binding, tree);
	BROKE(b, CHIM_R_NO_MEMORY);
	CHECK_EQ(chim_ndis_poll(b->ndis, 10), 1);
	SAW(b, "terminate");
	/* Data needs no memory of the router. */
	CHECK_EQ(NdisOffloadTcpSend(&c->t, host_list(&b->host, 1)), NDIS_STATUS_PENDING);
	nic_ack(&b->nic, bed_nic_conn(c), 1);
	CHECK_EQ(chim_ndis_poll(b->ndis, 10), 1);
	b->fail_in = -1;
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

static bool registration_fails(void)
{
	struct bed *b = bed_new();
	struct nic nic = { 0 };
	struct host host = { 0 };
	NDIS_HANDLE mdls;

	for (int i = 0; i < 2; i++) {
		b->fail_in = i;
		CHECK_EQ(nic_open(&nic, b->ndis), -ENOMEM);
	}
	b->fail_in = -1;
	CHECK_EQ(nic_open(&nic, b->ndis), 0);
	for (int i = 0; i < 2; i++) {
		b->fail_in = i;
		CHECK_EQ(host_open(&host, b->ndis, nic.adapter), -ENOMEM);
	}
	b->fail_in = 0;
	CHECK_EQ(chim_mdl_pool_create(b->ndis, 0, &mdls), -ENOMEM);
	b->fail_in = 1; /* the pool, but not its first slab */
	CHECK_EQ(chim_mdl_pool_create(b->nic.adapter, 0, &mdls), 0);
	CHECK(!chim_mdl_alloc(mdls, &nic, 0, 1));
	b->fail_in = -1;
	CHECK_EQ(nic_close(&nic), 0);
	CHECK_EQ(host_close(&b->host), 0);
	CHECK_EQ(nic_close(&b->nic), 0);
	CHECK_EQ(chim_ndis_destroy(b->ndis), -EBUSY); /* the pool uses its memory */
	chim_mdl_pool_destroy(mdls);
	CHECK_EQ(chim_ndis_destroy(b->ndis), 0);
	CHECK_EQ(b->allocs, 0);
	bed_drop(b);
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(initiate_fails),
		CASE(others_fail),
		CASE(registration_fails),
	};

	return TAP_RUN(cases);
}
