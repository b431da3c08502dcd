/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A host that does anything: trees of random types, links and objects, random data calls, against a
 * NIC that keeps the rules. Nothing illegal may reach the NIC, every call must be answered once,
 * the NIC must never be blamed, and in the end everything can be taken down. Hard part: telling
 * legal trees from others a second time, independently of the router.
 */
#include <errno.h>
#include <string.h>

#include "bed.h"

#define ROUNDS 1500
#define STEPS  80
#define CONNS  6
#define BLOCKS 7

static uint64_t rnd;

/* What the round expects. */
static struct {
	unsigned int calls, answers;
	bool illegal;
} seen;

/* Legal for a NIC: no block twice, at most three layers, each of its own, cells as they must be. */
static bool legal(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b, int layer, bool fresh_ok,
		  PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST *met, unsigned int *n)
{
	for (; b; b = b->NextBlock) {
		struct nic_obj *o = b->MiniportOffloadContext ? *b->MiniportOffloadContext : NULL;
		bool fresh = b->MiniportOffloadContext && !o;
		int own = (int)chim_type_layer(b->Header.Type);

		for (unsigned int i = 0; i < *n; i++)
			if (met[i] == b)
				return false;
		if (*n == 64)
			return false;
		met[(*n)++] = b;
		if (layer > CHIM_LAYER_TCP || b->Status != NDIS_STATUS_PENDING)
			return false;
		if (!b->MiniportOffloadContext) {
			own = layer; /* placeholder */
		} else if (layer && own != layer) {
			return false;
		} else if (fresh ? !fresh_ok || own < 1 : o->layer != (unsigned int)own) {
			return false;
		}
		if (fresh && b->NdisOffloadHandle == NULL)
			return false;
		if (b->DependentBlockList && own == CHIM_LAYER_TCP)
			return false;
		if (!legal(b->DependentBlockList, own ? own + 1 : 0, fresh_ok, met, n))
			return false;
	}
	return true;
}

static void answered(struct host *host)
{
	const char *last = strrchr(host->log, ' ');

	last = last ? last + 1 : host->log;
	if (!strchr(last, ':'))
		seen.answers++;
	host->log[0] = 0;
}

static pblock *pick(pblock **b, unsigned int n)
{
	return tap_below(&rnd, 4) ? NULL : b[tap_below(&rnd, n)];
}

static void random_tree(struct bed *b, struct conn **c)
{
	static void (*const call[])(NDIS_HANDLE, pblock *) = {
		NdisInitiateOffload,   NdisInitiateOffload,  NdisInitiateOffload,
		NdisQueryOffloadState, NdisUpdateOffload,    NdisInvalidateOffload,
		NdisTerminateOffload,  NdisTerminateOffload,
	};
	unsigned int which = tap_below(&rnd, 8), ops = b->nic.ops, n = 1 + tap_below(&rnd, BLOCKS);
	PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST met[64];
	unsigned int nmet = 0;
	pblock *blk[BLOCKS];

	for (unsigned int i = 0; i < n; i++) {
		struct conn *k = c[tap_below(&rnd, CONNS)];
		static const OFFLOAD_STATE_TYPE full[] = { NeighborOffloadState, Ip4OffloadState,
							   TcpOffloadState };
		unsigned int layer = tap_below(&rnd, 3);
		NDIS_OFFLOAD_HANDLE *h = layer == 0 ? &k->n : layer == 1 ? &k->p : &k->t;

		blk[i] = host_block(&b->host, full[layer], tap_below(&rnd, 6) ? h : NULL, "r");
		if (!tap_below(&rnd, 8))
			blk[i]->Header.Type = (UCHAR)tap_below(&rnd, 20);
		if (!tap_below(&rnd, 30))
			blk[i]->Header.Size = (USHORT)tap_random(&rnd);
		if (layer == 2 && !tap_below(&rnd, 4))
			blk[i]->NetBufferListChain = NULL;
	}
	if (tap_below(&rnd, 3)) { /* a sound shape to start from */
		for (unsigned int i = 0; i + 1 < n && i < 2; i++)
			blk[i]->DependentBlockList = blk[i + 1];
		for (unsigned int i = 3; i < n; i++)
			blk[i - 1]->NextBlock = blk[i];
	}
	for (unsigned int i = 0; i < n; i++) {
		if (!tap_below(&rnd, 5))
			blk[i]->NextBlock = pick(blk, n);
		if (!tap_below(&rnd, 5))
			blk[i]->DependentBlockList = pick(blk, n);
	}
	seen.calls++;
	call[which](b->host.binding, blk[0]);
	if (b->nic.ops > ops && !legal(b->nic.op[ops].root, 0, which < 3, met, &nmet))
		seen.illegal = true;
}

static void random_io(struct bed *b, struct conn *c)
{
	NET_BUFFER_LIST *l = host_list(&b->host, tap_below(&rnd, 9)), *m;

	if (!tap_below(&rnd, 3)) {
		m = host_list(&b->host, 3);
		l->Next = m;
		if (!tap_below(&rnd, 4))
			m->Next = tap_below(&rnd, 2) ? l : m;
	}
	switch (tap_below(&rnd, 4)) {
	case 0: NdisOffloadTcpSend(&c->t, l); break;
	case 1: NdisOffloadTcpReceive(&c->t, l); break;
	case 2: NdisOffloadTcpForward(&c->t, l); break;
	default: NdisOffloadTcpDisconnect(&c->t, l, tap_below(&rnd, 4)); break;
	}
}

static void random_nic(struct bed *b, struct conn *c)
{
	struct nic_obj *o = bed_nic_conn(c);
	struct nic *nic = &b->nic;
	NET_BUFFER_LIST *l;
	ULONG n;

	/* A NIC acts on what it has, and not while it is asked to give back or take. */
	if (nic->ops || !nic_has(nic, o))
		return;
	switch (tap_below(&rnd, 5)) {
	case 0: nic_ack(nic, o, 1 + tap_below(&rnd, 3)); break;
	case 1:
		l = nic_take(&o->receives, 1, NDIS_STATUS_SUCCESS, UINT32_MAX);
		if (l)
			nic->up.NdisTcpOffloadReceiveComplete(nic->adapter, l);
		break;
	case 2:
		l = nic_take(&o->forwards, 2, NDIS_STATUS_SUCCESS, 0);
		if (l)
			nic->up.NdisTcpOffloadForwardComplete(nic->adapter, l);
		break;
	case 3: nic->up.NdisTcpOffloadEventHandler(&c->t, TcpIndicateRetrieve, LowActivity); break;
	default:
		l = host_list(&b->host, 4);
		if (!nic->up.NdisTcpOffloadReceiveHandler(&c->t, l, NDIS_STATUS_SUCCESS, &n))
			NdisOffloadTcpReceiveReturn(b->host.binding, l);
		break;
	}
}

static void end_object(struct bed *b, NDIS_OFFLOAD_HANDLE *h, OFFLOAD_STATE_TYPE type)
{
	if (!h->NdisReserved[0])
		return;
	NdisTerminateOffload(b->host.binding, host_block(&b->host, type, h, "e"));
	bed_settle(b);
}

/* Whatever is left: one terminate for each object, connections first. */
static void take_down(struct bed *b, struct conn **c)
{
	for (int i = 0; i < CONNS; i++)
		end_object(b, &c[i]->t, TcpOffloadDelegatedState);
	for (int i = 0; i < CONNS; i++) {
		end_object(b, &c[i]->p, Ip4OffloadDelegatedState);
		end_object(b, &c[i]->p, Ip6OffloadDelegatedState); /* if it was not IPv4 */
	}
	for (int i = 0; i < CONNS; i++)
		end_object(b, &c[i]->n, NeighborOffloadDelegatedState);
}

static void no_host_rules(struct bed *b)
{
	for (unsigned int r = 0; r < CHIM_RULES; r++)
		if (!chim_ndis_rule_get((enum chim_ndis_rule)r)->target)
			b->seen[r] = chim_ndis_count(b->ndis, (enum chim_ndis_rule)r);
}

static bool anything_goes(void)
{
	uint64_t offloaded = 0, refused = 0;

	rnd = tap_seed();
	for (unsigned int round = 0; round < ROUNDS; round++) {
		struct bed *b = bed_new();
		struct conn *c[CONNS];

		memset(&seen, 0, sizeof(seen));
		for (int i = 0; i < CONNS; i++)
			c[i] = host_alloc(&b->host, sizeof(*c[i]));
		for (int i = 0; i < CONNS / 2; i++) {
			NdisInitiateOffload(b->host.binding, host_tree(&b->host, c[i]));
			bed_settle(b);
		}
		b->host.hook = answered;
		for (unsigned int s = 0; s < STEPS; s++) {
			uint32_t kind = tap_below(&rnd, 10);
			struct conn *k = c[tap_below(&rnd, CONNS)];

			if (kind < 4)
				random_tree(b, c);
			else if (kind < 6)
				random_io(b, k);
			else if (kind < 8)
				random_nic(b, k);
			else if (kind < 9)
				nic_work(&b->nic);
			else
				chim_ndis_poll(b->ndis, 1 + tap_below(&rnd, 3));
			if (b->nic.ops > NIC_OPS - 2)
				bed_settle(b);
			CHECK(!seen.illegal);
			CHECK_EQ(chim_ndis_target_faults(b->ndis), 0);
		}
		bed_settle(b);
		CHECK_EQ(seen.answers, seen.calls);
		offloaded += chim_ndis_adapter_objects(b->nic.adapter);
		b->host.hook = NULL;
		take_down(b, c);
		CHECK_EQ(chim_ndis_adapter_objects(b->nic.adapter), 0);
		for (unsigned int r = 0; r < CHIM_RULES; r++)
			refused += chim_ndis_count(b->ndis, (enum chim_ndis_rule)r);
		no_host_rules(b);
		CHECK(bed_end(b));
	}
	printf("# %llu objects were left offloaded, %llu calls refused\n",
	       (unsigned long long)offloaded, (unsigned long long)refused);
	/* Both must have happened often, or the test tests nothing. */
	CHECK(offloaded > ROUNDS && refused > 10 * ROUNDS);
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(anything_goes),
	};

	return TAP_RUN(cases);
}
