/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Pools, and moving and copying data in MDL chains. Hard part: every way of cutting the same bytes
 * into MDLs must behave the same.
 */
#include <chimney/ndischimney.h>
#include <errno.h>
#include <string.h>

#include "tap.h"

static const NET_BUFFER_LIST_POOL_PARAMETERS nbl_par = {
	.Header = { NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
		    sizeof(NET_BUFFER_LIST_POOL_PARAMETERS) },
	.fAllocateNetBuffer = 1,
	.ContextSize = 32,
};

static bool pool_reuses_and_limits(void)
{
	NET_BUFFER_LIST_POOL_PARAMETERS par = nbl_par;
	NET_BUFFER_LIST *n[100];
	NDIS_HANDLE pool;

	par.chim_limit = 100;
	pool = NdisAllocateNetBufferListPool(NULL, &par);
	CHECK(pool);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 100; i++) {
			n[i] = NdisAllocateNetBufferAndNetBufferList(pool, 0, 0, NULL, 0, 0);
			CHECK(n[i] && n[i]->FirstNetBuffer && !n[i]->Next && !n[i]->HopDepth);
			CHECK_EQ((uintptr_t)n[i] % 8, 0);
			memset(n[i]->MiniportReserved, 0x55, sizeof(n[i]->MiniportReserved));
		}
		CHECK(!NdisAllocateNetBufferList(pool, 0, 0));
		CHECK_EQ(chim_pool_busy(pool), 100);
		for (int i = 0; i < 100; i++) {
			NdisFreeNetBufferList(n[i]);
			NdisFreeNetBufferList(n[i]); /* a second free does nothing */
		}
		CHECK_EQ(chim_pool_busy(pool), 0);
	}
	NdisFreeNetBufferListPool(pool);
	return true;
}

static bool pool_outlives_release(void)
{
	NDIS_HANDLE pool = NdisAllocateNetBufferListPool(NULL, &nbl_par);
	NET_BUFFER_LIST *a = NdisAllocateNetBufferList(pool, 0, 0);
	NET_BUFFER_LIST *b = NdisAllocateNetBufferList(pool, 0, 0);

	CHECK(a && b);
	NdisFreeNetBufferListPool(pool);
	CHECK(!NdisAllocateNetBufferList(pool, 0, 0)); /* none any more */
	NdisFreeNetBufferList(a);
	b->MiniportReserved[0] = a; /* still memory: the sanitizer would say otherwise */
	NdisFreeNetBufferList(b);   /* the last one takes the pool along, LeakSanitizer sees it */
	return true;
}

static bool pool_refuses_parameters(void)
{
	NET_BUFFER_LIST_POOL_PARAMETERS par = nbl_par;
	NET_BUFFER_POOL_PARAMETERS nb_par = {
		.Header = { NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_POOL_PARAMETERS_REVISION_1,
			    sizeof(nb_par) },
	};
	NDIS_OFFLOAD_HANDLE h = { { NULL }, NULL };
	NDIS_HANDLE pool, mdls;

	CHECK(!NdisAllocateNetBufferListPool(NULL, NULL));
	CHECK(!NdisAllocateNetBufferListPool(&h, &par)); /* no router */
	par.Header.Revision = 2;
	CHECK(!NdisAllocateNetBufferListPool(NULL, &par));
	par = nbl_par;
	par.DataSize = 1;
	CHECK(!NdisAllocateNetBufferListPool(NULL, &par));
	par = nbl_par;
	par.ContextSize = 12;
	CHECK(!NdisAllocateNetBufferListPool(NULL, &par));
	par = nbl_par;
	par.Header.Size--;
	CHECK(!NdisAllocateNetBufferListPool(NULL, &par));
	CHECK_EQ(chim_mdl_pool_create(NULL, 0, NULL), -EINVAL);
	CHECK_EQ(chim_mdl_pool_create(&h, 0, &mdls), -EINVAL);
	/* A pool of one kind is none of another. */
	pool = NdisAllocateNetBufferPool(NULL, &nb_par);
	CHECK(pool);
	CHECK(!NdisAllocateNetBufferList(pool, 0, 0));
	CHECK(!chim_mdl_alloc(pool, &h, 0, 1));
	NdisFreeNetBufferListPool(pool);
	chim_mdl_pool_destroy(pool);
	CHECK_EQ(chim_pool_busy(pool), 0); /* it is still there */
	NdisFreeNetBufferPool(pool);
	NdisFreeNetBufferListPool(NULL);
	NdisFreeNetBufferPool(NULL);
	chim_mdl_pool_destroy(NULL);
	NdisFreeNetBufferList(NULL);
	NdisFreeNetBuffer(NULL);
	NdisFreeMdl(NULL);
	return true;
}

static bool contexts_stack(void)
{
	NDIS_HANDLE pool = NdisAllocateNetBufferListPool(NULL, &nbl_par);
	NET_BUFFER_LIST *n = NdisAllocateNetBufferList(pool, 0, 0);
	UCHAR *own;

	CHECK(n && n->Context);
	CHECK_EQ(n->Context->Offset, 32);
	CHECK_EQ(NdisAllocateNetBufferListContext(n, 16, 0, 0), NDIS_STATUS_SUCCESS);
	own = NET_BUFFER_LIST_CONTEXT_DATA_START(n);
	memset(own, 1, 16);
	/* No room left for 16 and 8 in front of it: memory of its own. */
	CHECK_EQ(NdisAllocateNetBufferListContext(n, 16, 8, 0), NDIS_STATUS_SUCCESS);
	CHECK(NET_BUFFER_LIST_CONTEXT_DATA_START(n) != own && n->Context->Offset >= 8);
	memset(NET_BUFFER_LIST_CONTEXT_DATA_START(n), 2, 16);
	CHECK_EQ(NdisAllocateNetBufferListContext(n, 8, 0, 0), NDIS_STATUS_SUCCESS);
	NdisFreeNetBufferListContext(n, 8);
	NdisFreeNetBufferListContext(n, 16);
	CHECK(NET_BUFFER_LIST_CONTEXT_DATA_START(n) == own && own[15] == 1);
	NdisFreeNetBufferListContext(n, 64); /* more than there is: ignored */
	NdisFreeNetBufferListContext(n, 16);
	CHECK_EQ(n->Context->Offset, 32);
	CHECK_EQ(NdisAllocateNetBufferListContext(n, 12, 0, 0), NDIS_STATUS_INVALID_PARAMETER);
	CHECK_EQ(NdisAllocateNetBufferListContext(n, 65528, 8, 0), NDIS_STATUS_INVALID_PARAMETER);
	CHECK_EQ(NdisAllocateNetBufferListContext(n, 256, 0, 0), NDIS_STATUS_SUCCESS);
	NdisFreeNetBufferList(n); /* with a context still there */
	NdisFreeNetBufferListPool(pool);
	return true;
}

/* 64 bytes of memory in pieces of the given sizes, and a NET_BUFFER over them. */
struct chain {
	UCHAR mem[64];
	MDL *mdl[8];
	NDIS_HANDLE mdls, pool;
	NET_BUFFER_LIST *nbl;
	NET_BUFFER *nb;
};

static bool chain_make(struct chain *c, const ULONG *cut, ULONG off, ULONG len)
{
	ULONG at = 0;

	memset(c, 0, sizeof(*c));
	for (unsigned int i = 0; i < sizeof(c->mem); i++)
		c->mem[i] = (UCHAR)i;
	CHECK_EQ(chim_mdl_pool_create(NULL, 0, &c->mdls), 0);
	c->pool = NdisAllocateNetBufferListPool(NULL, &nbl_par);
	for (unsigned int i = 0; cut[i] != UINT32_MAX; i++) {
		c->mdl[i] = chim_mdl_alloc(c->mdls, c->mem + at, 0x1000 + at, cut[i]);
		CHECK(c->mdl[i]);
		if (i)
			c->mdl[i - 1]->Next = c->mdl[i];
		at += cut[i];
	}
	c->nbl = NdisAllocateNetBufferAndNetBufferList(c->pool, 0, 0, c->mdl[0], off, len);
	c->nb = c->nbl ? c->nbl->FirstNetBuffer : NULL;
	return true;
}

static void chain_free(struct chain *c)
{
	NdisFreeNetBufferList(c->nbl);
	for (unsigned int i = 0; i < 8; i++)
		NdisFreeMdl(c->mdl[i]);
	NdisFreeNetBufferListPool(c->pool);
	chim_mdl_pool_destroy(c->mdls);
}

#define END UINT32_MAX
static const ULONG cuts[][8] = {
	{ 64, END },
	{ 32, 32, END },
	{ 1, 63, END },
	{ 63, 1, END },
	{ 10, 0, 20, 0, 34, END },
	{ 0, 64, END },
	{ 7, 7, 7, 7, 7, 29, END },
	{ 16, 16, 16, 15, 1, 0, END },
};
#define CUTS (sizeof(cuts) / sizeof(cuts[0]))

static bool data_walks_in_any_cut(void)
{
	UCHAR out[64];
	struct chain c;

	for (unsigned int i = 0; i < CUTS; i++)
		for (ULONG off = 0; off <= 64; off++) {
			ULONG len = 64 - off, seen = 0;
			struct chim_nb_frag f;
			struct chim_nb_iter it;

			CHECK(chain_make(&c, cuts[i], off, len));
			CHECK(c.nb);
			CHECK_EQ(chim_nb_check(c.nb), 0);
			CHECK_EQ(chim_nb_copy_out(c.nb, 0, out, 64), len);
			CHECK(!memcmp(out, c.mem + off, len));
			if (len > 3) {
				CHECK_EQ(chim_nb_copy_out(c.nb, 3, out, 64), len - 3);
				CHECK(!memcmp(out, c.mem + off + 3, len - 3));
			}
			it = chim_nb_begin(c.nb);
			while (chim_nb_next(&it, 5, &f)) {
				CHECK(f.len && f.len <= 5);
				CHECK(f.va == c.mem + off + seen);
				CHECK_EQ(f.iova, 0x1000 + off + seen);
				seen += f.len;
			}
			CHECK_EQ(seen, len);
			chain_free(&c);
		}
	return true;
}

static bool data_ends_before_its_memory(void)
{
	static const ULONG cut[] = { 30, 34, END };
	UCHAR out[64];
	struct chain c;

	CHECK(chain_make(&c, cut, 4, 20));
	CHECK_EQ(chim_nb_copy_out(c.nb, 0, out, 64), 20);
	CHECK_EQ(chim_nb_copy_out(c.nb, 15, out, 64), 5);
	CHECK_EQ(chim_nb_copy_out(c.nb, 20, out, 64), 0);
	memset(out, 0xEE, sizeof(out));
	CHECK_EQ(chim_nb_copy_in(c.nb, 19, out, 64), 1);
	CHECK(c.mem[23] == 0xEE && c.mem[24] == 24);
	chain_free(&c);
	return true;
}

static bool advance_and_retreat_in_any_cut(void)
{
	struct chain c;

	for (unsigned int i = 0; i < CUTS; i++)
		for (ULONG by = 1; by < 64; by++) {
			ULONG at = 0;

			CHECK(chain_make(&c, cuts[i], 0, 64));
			while (at < 64) {
				UCHAR byte;

				CHECK_EQ(chim_nb_copy_out(c.nb, 0, &byte, 1), 1);
				CHECK_EQ(byte, at);
				NdisAdvanceNetBufferDataStart(c.nb, by, false, NULL);
				at = at + by < 64 ? at + by : 64;
				CHECK_EQ(c.nb->DataLength, 64 - at);
				CHECK_EQ(chim_nb_check(c.nb), 0);
			}
			while (at) {
				ULONG d = at < by ? at : by;
				UCHAR byte;

				CHECK_EQ(NdisRetreatNetBufferDataStart(c.nb, d, 0, NULL),
					 NDIS_STATUS_SUCCESS);
				at -= d;
				CHECK_EQ(chim_nb_check(c.nb), 0);
				CHECK_EQ(chim_nb_copy_out(c.nb, 0, &byte, 1), 1);
				CHECK_EQ(byte, at);
			}
			chain_free(&c);
		}
	return true;
}

static bool advance_frees_mdls(void)
{
	static const ULONG cut[] = { 10, 20, 34, END };
	struct chain c;

	CHECK(chain_make(&c, cut, 0, 64));
	NdisAdvanceNetBufferDataStart(c.nb, 30, true, NULL);
	CHECK_EQ(chim_pool_busy(c.mdls), 1);
	CHECK(c.nb->MdlChain == c.mdl[2] && !c.nb->DataOffset && !c.nb->CurrentMdlOffset);
	CHECK_EQ(chim_nb_check(c.nb), 0);
	c.mdl[0] = c.mdl[1] = NULL;
	chain_free(&c);
	return true;
}

static PMDL short_mdl(PULONG size)
{
	static UCHAR mem[64];
	static MDL mdl;

	mdl = (MDL){ .StartVa = mem, .Iova = CHIM_IOVA_NONE, .ByteCount = *size / 2 };
	return &mdl;
}

static PMDL no_mdl(PULONG size)
{
	(void)size;
	return NULL;
}

static bool retreat_allocates(void)
{
	static const ULONG cut[] = { 64, END };
	UCHAR head[40] = { 0 };
	struct chain c;
	MDL *fresh;

	CHECK(chain_make(&c, cut, 4, 60));
	CHECK_EQ(NdisRetreatNetBufferDataStart(c.nb, 40, 0, no_mdl), NDIS_STATUS_RESOURCES);
	CHECK_EQ(NdisRetreatNetBufferDataStart(c.nb, 40, 0, short_mdl),
		 NDIS_STATUS_INVALID_PARAMETER);
	CHECK_EQ(NdisRetreatNetBufferDataStart(c.nb, UINT32_MAX, 0, NULL),
		 NDIS_STATUS_INVALID_PARAMETER);
	CHECK_EQ(c.nb->DataLength, 60);
	CHECK_EQ(NdisRetreatNetBufferDataStart(c.nb, 40, 8, NULL), NDIS_STATUS_SUCCESS);
	CHECK_EQ(c.nb->DataLength, 100);
	CHECK_EQ(chim_nb_check(c.nb), 0);
	memset(head, 0xEE, sizeof(head));
	CHECK_EQ(chim_nb_copy_in(c.nb, 0, head, sizeof(head)), sizeof(head));
	CHECK_EQ(c.mem[3], 0xEE);
	CHECK_EQ(c.mem[4], 4);
	fresh = c.nb->MdlChain;
	CHECK(fresh != c.mdl[0] && chim_mdl_iova(fresh) == CHIM_IOVA_NONE);
	NdisAdvanceNetBufferDataStart(c.nb, 40, true, NULL); /* frees it */
	CHECK(c.nb->MdlChain == c.mdl[0]);
	CHECK_EQ(c.nb->DataOffset, 4);
	chain_free(&c);
	return true;
}

static bool lists_advance_together(void)
{
	static const ULONG cut[] = { 10, 54, END };
	struct chain c;
	NET_BUFFER second = { 0 };

	CHECK(chain_make(&c, cut, 8, 20));
	second = *c.nb;
	c.nb->Next = &second;
	NdisAdvanceNetBufferListDataStart(c.nbl, 6, false, NULL);
	CHECK_EQ(c.nb->DataLength + second.DataLength, 28);
	CHECK_EQ(NdisRetreatNetBufferListDataStart(c.nbl, 14, 0, no_mdl), NDIS_STATUS_SUCCESS);
	CHECK_EQ(second.DataOffset, 0);
	second.DataOffset = 3; /* the second cannot go back as far: the first must come back */
	second.CurrentMdlOffset = 3;
	c.nb->DataOffset = c.nb->CurrentMdlOffset = 5;
	CHECK_EQ(NdisRetreatNetBufferListDataStart(c.nbl, 5, 0, no_mdl), NDIS_STATUS_RESOURCES);
	CHECK_EQ(c.nb->DataOffset, 5);
	NdisAdvanceNetBufferListDataStart(NULL, 6, false, NULL);
	CHECK_EQ(NdisRetreatNetBufferListDataStart(NULL, 5, 0, NULL),
		 NDIS_STATUS_INVALID_PARAMETER);
	c.nb->Next = NULL;
	chain_free(&c);
	return true;
}

static bool checks_find_bad_chains(void)
{
	static const ULONG cut[] = { 10, 20, 34, END };
	struct chain c;
	MDL *kept;

	CHECK(chain_make(&c, cut, 0, 65)); /* longer than its memory */
	CHECK(!c.nbl);
	chain_free(&c);
	CHECK(chain_make(&c, cut, 12, 40));
	c.mdl[2]->Next = c.mdl[0];
	CHECK_EQ(chim_nb_check(c.nb), -ELOOP);
	c.mdl[2]->Next = c.mdl[2];
	CHECK_EQ(chim_nb_check(c.nb), -ELOOP);
	c.mdl[2]->Next = NULL;
	c.mdl[1]->StartVa = NULL;
	CHECK_EQ(chim_nb_check(c.nb), -EINVAL);
	c.mdl[1]->StartVa = c.mem + 10;
	c.nb->DataOffset++;
	CHECK_EQ(chim_nb_check(c.nb), -EINVAL);
	c.nb->DataOffset--;
	c.nb->CurrentMdlOffset = 21;
	CHECK_EQ(chim_nb_check(c.nb), -EINVAL);
	c.nb->CurrentMdlOffset = 2;
	kept = c.nb->CurrentMdl;
	c.nb->CurrentMdl = NULL;
	CHECK_EQ(chim_nb_check(c.nb), -EINVAL);
	c.nb->CurrentMdl = kept;
	CHECK_EQ(chim_nb_check(c.nb), 0);
	kept = c.nb->MdlChain;
	c.nb->MdlChain = NULL;
	CHECK_EQ(chim_nb_check(c.nb), -EINVAL);
	c.nb->MdlChain = kept;
	chain_free(&c);
	return true;
}

static bool one_piece_when_possible(void)
{
	static const ULONG cut[] = { 16, 48, END };
	_Alignas(16) UCHAR store[64];
	struct chain c;

	CHECK(chain_make(&c, cut, 8, 56));
	CHECK(NdisGetDataBuffer(c.nb, 8, NULL, 1, 0) == c.mem + 8);
	CHECK(!NdisGetDataBuffer(c.nb, 9, NULL, 1, 0));
	CHECK(NdisGetDataBuffer(c.nb, 9, store, 1, 0) == store && store[8] == 16);
	CHECK(!NdisGetDataBuffer(c.nb, 57, store, 1, 0));
	CHECK(!NdisGetDataBuffer(c.nb, 0, store, 1, 0));
	/* An alignment that the memory does not have takes the copy. */
	CHECK(NdisGetDataBuffer(c.nb, 4, store, 64, (ULONG)((uintptr_t)c.mem + 9) % 64) == store);
	chain_free(&c);
	return true;
}

static bool consume_spreads_over_buffers(void)
{
	static const ULONG cut[] = { 64, END };
	NET_BUFFER second;
	struct chain c;

	CHECK(chain_make(&c, cut, 0, 10));
	second = *c.nb;
	second.DataLength = 30;
	c.nb->Next = &second;
	CHECK_EQ(chim_nbl_bytes(c.nbl), 40);
	chim_nbl_consume(c.nbl, 17, NDIS_STATUS_UPLOAD_IN_PROGRESS);
	CHECK_EQ(chim_nbl_info(c.nbl, TcpOffloadBytesTransferred), 17);
	CHECK_EQ(c.nbl->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
	CHECK_EQ(c.nb->DataLength, 0);
	CHECK_EQ(second.DataLength, 23);
	CHECK_EQ(second.DataOffset, 7);
	c.nb->Next = NULL;
	chain_free(&c);
	return true;
}

static bool buffers_alone(void)
{
	NET_BUFFER_POOL_PARAMETERS par = {
		.Header = { NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_POOL_PARAMETERS_REVISION_1,
			    sizeof(par) },
		.chim_limit = 1,
	};
	NDIS_HANDLE pool = NdisAllocateNetBufferPool(NULL, &par), mdls;
	UCHAR mem[8];
	NET_BUFFER *nb;
	MDL *mdl;

	CHECK_EQ(chim_mdl_pool_create(NULL, 1, &mdls), 0);
	mdl = NdisAllocateMdl(mdls, mem, sizeof(mem));
	CHECK(mdl && !NdisAllocateMdl(mdls, mem, 1));
	CHECK(MmGetMdlVirtualAddress(mdl) == mem && MmGetMdlByteCount(mdl) == 8);
	CHECK(!NdisAllocateNetBuffer(pool, mdl, 4, 5));
	nb = NdisAllocateNetBuffer(pool, mdl, 4, 4);
	CHECK(nb && !NdisAllocateNetBuffer(pool, NULL, 0, 0));
	NdisFreeNetBuffer(nb);
	NdisFreeNetBuffer(nb);
	CHECK_EQ(chim_pool_busy(pool), 0);
	NdisFreeNetBufferPool(pool);
	NdisFreeMdl(mdl);
	NdisFreeMdl(mdl);
	chim_mdl_pool_destroy(mdls);
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(pool_reuses_and_limits),
		CASE(pool_outlives_release),
		CASE(pool_refuses_parameters),
		CASE(contexts_stack),
		CASE(data_walks_in_any_cut),
		CASE(data_ends_before_its_memory),
		CASE(advance_and_retreat_in_any_cut),
		CASE(advance_frees_mdls),
		CASE(retreat_allocates),
		CASE(lists_advance_together),
		CASE(checks_find_bad_chains),
		CASE(one_piece_when_possible),
		CASE(consume_spreads_over_buffers),
		CASE(buffers_alone),
	};

	return TAP_RUN(cases);
}
