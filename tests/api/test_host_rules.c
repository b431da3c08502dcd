/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * What a host may not do: each rule broken once. The call must be refused, the rule counted once
 * and no other, nothing must reach the miniport, and the rest must go on. Hard part: trees that
 * would lead a careless walker round in circles.
 */
#include <errno.h>
#include <string.h>

#include "bed.h"

/* @tree is refused with @rule and answered by @word; its reached blocks say FAILURE. */
static bool refused(struct bed *b, void (*call)(NDIS_HANDLE, pblock *), pblock *tree,
		    enum chim_ndis_rule rule, const char *word)
{
	size_t objects = chim_ndis_adapter_objects(b->nic.adapter);

	call(b->host.binding, tree);
	CHECK(!b->nic.ops);
	CHECK(bed_broke(b, rule, 1));
	CHECK(host_saw(&b->host, "")); /* not from inside the call */
	CHECK_EQ(chim_ndis_poll(b->ndis, 10), 1);
	CHECK(host_saw(&b->host, word));
	CHECK(b->host.done == tree);
	CHECK_EQ(tree->Status, tree->OffloadHandle ? NDIS_STATUS_FAILURE : NDIS_STATUS_SUCCESS);
	CHECK_EQ(chim_ndis_adapter_objects(b->nic.adapter), objects);
	return true;
}

#define INITIATE_REFUSED(tree, rule) \
	CHECK(refused(b, NdisInitiateOffload, (tree), (rule), "initiate"))
#define TERMINATE_REFUSED(tree, rule) \
	CHECK(refused(b, NdisTerminateOffload, (tree), (rule), "terminate"))
#define UPDATE_REFUSED(tree, rule) CHECK(refused(b, NdisUpdateOffload, (tree), (rule), "update"))
#define QUERY_REFUSED(tree, rule)  CHECK(refused(b, NdisQueryOffloadState, (tree), (rule), "query"))

#define BLOCK(type, h)		   host_block(&b->host, (type), (h), "x")

static bool null_pointers(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b), *e = host_alloc(&b->host, sizeof(*e));
	PATH_OFFLOAD_STATE_CONST *pc;
	pblock *tree;

	NdisInitiateOffload(NULL, host_tree(&b->host, e));
	CLEAN(b); /* no router to count it */
	NdisInitiateOffload(b->host.binding, NULL);
	BROKE(b, CHIM_R_NULL);
	CHECK_EQ(NdisOffloadTcpSend(NULL, host_list(&b->host, 1)), NDIS_STATUS_INVALID_PARAMETER);
	CHECK_EQ(NdisOffloadTcpSend(&c->t, NULL), NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_NULL);
	CHECK_EQ(NdisOffloadTcpDisconnect(&c->t, NULL, TCP_DISCONNECT_GRACEFUL_CLOSE),
		 NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_NULL);
	CHECK_EQ(NdisOffloadTcpReceiveReturn(NULL, host_list(&b->host, 1)),
		 NDIS_STATUS_INVALID_PARAMETER);
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b->host.binding, NULL), NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_NULL);
	for (int i = 0; i < 2; i++) { /* addresses of a path */
		tree = host_tree(&b->host, e);
		pc = chim_obl_state(tree->DependentBlockList, CHIM_STATE_CONST);
		if (i)
			pc->SourceAddress = NULL;
		else
			pc->DestinationAddress = NULL;
		INITIATE_REFUSED(tree, CHIM_R_NULL);
	}
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

static bool wrong_handles(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	NDIS_OFFLOAD_HANDLE copy = c->t, none = { { NULL }, NULL }, *gone;
	NET_BUFFER_LIST *l = host_list(&b->host, 1);
	pblock *tree = host_end_tree(&b->host, c);

	/* R203: which kind of handle goes where. */
	CHECK_EQ(NdisOffloadTcpSend(b->host.binding, l), NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_HANDLE);
	CHECK_EQ(NdisOffloadTcpReceiveReturn(&c->t, l), NDIS_STATUS_INVALID_PARAMETER);
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b->nic.adapter, l), NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_HANDLE);
	NdisTerminateOffload(b->nic.adapter, tree);
	BROKE(b, CHIM_R_HANDLE);
	NdisTerminateOffload(&c->t, tree);
	CLEAN(b);
	/* A copy of a handle is not the handle; another object's layer has no data. */
	CHECK_EQ(NdisOffloadTcpSend(&copy, l), NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_HANDLE);
	CHECK_EQ(NdisOffloadTcpSend(&c->p, l), NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_LAYER);
	CHECK_EQ(NdisOffloadTcpSend(&none, l), NDIS_STATUS_INVALID_STATE);
	/* Objects that are not there. */
	gone = host_alloc(&b->host, sizeof(*gone));
	QUERY_REFUSED(BLOCK(TcpOffloadDelegatedState, gone), CHIM_R_HANDLE);
	gone->MiniportOffloadContext = gone;
	INITIATE_REFUSED(on(BLOCK(Ip4OffloadState, gone), BLOCK(TcpOffloadState, &none)),
			 CHIM_R_HANDLE);
	CHECK(bed_terminate(b, c));
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l), NDIS_STATUS_INVALID_STATE);
	CHECK(bed_end(b));
	return true;
}

static bool loops(void)
{
	struct bed *b = bed_new();
	struct conn *c = host_alloc(&b->host, sizeof(*c)), *e;
	pblock *n, *p, *t;

	/* each link of a tree bent back to each block it can reach */
	for (int way = 0; way < 9; way++) {
		n = host_tree(&b->host, c);
		p = n->DependentBlockList;
		t = p->DependentBlockList;
		switch (way) {
		case 0: n->NextBlock = n; break;
		case 1: p->NextBlock = p; break;
		case 2: t->NextBlock = t; break;
		case 3: n->NextBlock = p; break;
		case 4: p->NextBlock = t; break;
		case 5: n->NextBlock = t; break;
		case 6: p->DependentBlockList = p; break;
		case 7: n->DependentBlockList = n; break;
		case 8: p->DependentBlockList = n; break;
		}
		INITIATE_REFUSED(n, CHIM_R_LOOP);
		CHECK(!c->n.NdisReserved[0] && !c->t.NdisReserved[0]);
	}
	/* A long way round. */
	n = host_tree(&b->host, c);
	t = n->DependentBlockList->DependentBlockList;
	for (int i = 0; i < 1000; i++)
		then(t, BLOCK(TcpOffloadState, host_alloc(&b->host, sizeof(NDIS_OFFLOAD_HANDLE))));
	for (p = t; p->NextBlock; p = p->NextBlock)
		;
	p->NextBlock = t->NextBlock;
	INITIATE_REFUSED(n, CHIM_R_LOOP);
	CHECK_EQ(p->Status, NDIS_STATUS_FAILURE);
	/* One object twice in a tree. */
	e = bed_offload(b);
	QUERY_REFUSED(then(BLOCK(TcpOffloadDelegatedState, &e->t),
			   BLOCK(TcpOffloadDelegatedState, &e->t)),
		      CHIM_R_LOOP);
	CHECK(bed_terminate(b, e));
	CHECK(bed_end(b));
	return true;
}

static bool loops_of_lists(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b), *e = host_alloc(&b->host, sizeof(*e));
	NET_BUFFER_LIST *l[3];
	pblock *tree = host_tree(&b->host, e), *t = tree->DependentBlockList->DependentBlockList;
	TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(t, CHIM_STATE_DELEGATED);

	for (int i = 0; i < 3; i++)
		l[i] = host_list(&b->host, 5);
	l[0]->Next = l[1];
	l[1]->Next = l[2];
	for (int back = 0; back < 3; back++) {
		l[2]->Next = l[back];
		CHECK_EQ(NdisOffloadTcpSend(&c->t, l[0]), NDIS_STATUS_INVALID_PARAMETER);
		BROKE(b, CHIM_R_LOOP);
		for (int i = 0; i < 3; i++)
			CHECK(!l[i]->HopDepth);
		t->NetBufferListChain = l[0];
		INITIATE_REFUSED(tree, CHIM_R_LOOP);
		t->NetBufferListChain = NULL;
		d->BufferedData = l[0];
		INITIATE_REFUSED(tree, CHIM_R_LOOP);
		d->BufferedData = NULL;
		for (int i = 0; i < 3; i++)
			CHECK(!l[i]->HopDepth);
	}
	l[2]->Next = NULL;
	/* MDLs and NET_BUFFERs. */
	l[2]->FirstNetBuffer->Next = l[2]->FirstNetBuffer;
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l[0]), NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_NBL);
	d->BufferedData = l[0];
	INITIATE_REFUSED(tree, CHIM_R_LOOP);
	l[2]->FirstNetBuffer->Next = NULL;
	l[2]->FirstNetBuffer->MdlChain->Next = l[2]->FirstNetBuffer->MdlChain;
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l[0]), NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_NBL);
	INITIATE_REFUSED(tree, CHIM_R_NBL);
	l[2]->FirstNetBuffer->MdlChain->Next = NULL;
	/* What is posted cannot be posted again, in any way. */
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l[0]), NDIS_STATUS_PENDING);
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l[1]), NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_LOOP);
	CHECK_EQ(NdisOffloadTcpReceive(&c->t, l[2]), NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_LOOP);
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

static bool wrong_layers(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	NDIS_OFFLOAD_HANDLE *h = host_alloc(&b->host, 4 * sizeof(*h));

	/* new state under what it cannot stand on */
	INITIATE_REFUSED(on(BLOCK(NeighborOffloadState, &h[0]), BLOCK(TcpOffloadState, &h[1])),
			 CHIM_R_LAYER);
	INITIATE_REFUSED(on(BLOCK(NeighborOffloadState, &h[0]), BLOCK(NeighborOffloadState, &h[1])),
			 CHIM_R_LAYER);
	INITIATE_REFUSED(then(BLOCK(NeighborOffloadState, &h[0]), BLOCK(Ip4OffloadState, &h[1])),
			 CHIM_R_LAYER);
	INITIATE_REFUSED(on(BLOCK(NeighborOffloadState, &h[0]),
			    then(BLOCK(Ip4OffloadState, &h[1]), BLOCK(TcpOffloadState, &h[2]))),
			 CHIM_R_LAYER);
	/* something above TCP (R2), also a placeholder, also by depth alone */
	INITIATE_REFUSED(on(BLOCK(NeighborOffloadState, &h[0]),
			    on(BLOCK(Ip4OffloadState, &h[1]),
			       on(BLOCK(TcpOffloadState, &h[2]), BLOCK(TcpOffloadState, NULL)))),
			 CHIM_R_LAYER);
	QUERY_REFUSED(on(BLOCK(TcpOffloadDelegatedState, &c->t), BLOCK(TcpOffloadState, NULL)),
		      CHIM_R_LAYER);
	QUERY_REFUSED(on(BLOCK(TcpOffloadState, NULL), BLOCK(NeighborOffloadState, &c->n)),
		      CHIM_R_LAYER);
	/* a type that is not the object's */
	QUERY_REFUSED(BLOCK(Ip4OffloadState, &c->t), CHIM_R_LAYER);
	QUERY_REFUSED(BLOCK(Ip6OffloadState, &c->p), CHIM_R_LAYER); /* it is an IPv4 path */
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

static bool wrong_headers(void)
{
	struct bed *b = bed_new();
	struct conn *c = host_alloc(&b->host, sizeof(*c));
	static const UCHAR bad_types[] = { 0, 16, 18, 0x80, 0xFE, 0xFF };
	static const UCHAR part_types[] = { 1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15 };
	OFFLOAD_STATE_HEADER *sh;
	pblock *tree, *p;

	for (size_t i = 0; i < sizeof(bad_types); i++) { /* TcpOffloadResourceState is one */
		tree = host_tree(&b->host, c);
		tree->DependentBlockList->DependentBlockList->Header.Type = bad_types[i];
		INITIATE_REFUSED(tree, CHIM_R_HEADER);
	}
	/* New state is all three classes. */
	for (size_t i = 0; i < sizeof(part_types); i++) {
		tree = BLOCK((OFFLOAD_STATE_TYPE)part_types[i], &c->n);
		INITIATE_REFUSED(tree, CHIM_R_HEADER);
	}
	for (int way = 0; way < 6; way++) {
		tree = host_tree(&b->host, c);
		p = tree->DependentBlockList;
		sh = chim_obl_state(p, CHIM_STATE_CACHED);
		switch (way) {
		case 0: p->Header.Revision = 0; break;
		case 1: p->Header.Revision = 2; break;
		case 2: p->Header.Size--; break;
		case 3: p->Header.Size++; break;
		case 4: p->PortNumber = 1; break; /* R210 */
		case 5: sh->Length++; break;
		}
		INITIATE_REFUSED(tree, CHIM_R_HEADER);
	}
	tree = host_block(&b->host, NeighborOffloadState, NULL, "n"); /* placeholders, too */
	tree->Header.Size = 0;
	INITIATE_REFUSED(tree, CHIM_R_HEADER);
	/* Length may be left to the router. */
	tree = host_tree(&b->host, c);
	sh = chim_obl_state(tree, CHIM_STATE_CONST);
	sh->Length = 0;
	tree->DependentBlockList->Header.Type = Ip4OffloadState;
	NdisInitiateOffload(b->host.binding, tree);
	bed_settle(b);
	SAW(b, "initiate");
	CHECK_EQ(sh->Length, 0x2C);
	/* An update carries cached state (6.2). */
	UPDATE_REFUSED(BLOCK(TcpOffloadDelegatedState, &c->t), CHIM_R_HEADER);
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

static bool wrong_roles(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b), *e = bed_offload(b);
	NDIS_OFFLOAD_HANDLE *h = host_alloc(&b->host, 4 * sizeof(*h));

	/* state with nothing below it */
	INITIATE_REFUSED(BLOCK(TcpOffloadState, &h[0]), CHIM_R_ROLE);
	INITIATE_REFUSED(BLOCK(Ip4OffloadState, &h[0]), CHIM_R_ROLE);
	INITIATE_REFUSED(on(BLOCK(NeighborOffloadState, NULL), BLOCK(Ip6OffloadState, &h[0])),
			 CHIM_R_ROLE);
	INITIATE_REFUSED(on(BLOCK(NeighborOffloadState, &h[1]),
			    on(BLOCK(Ip4OffloadState, NULL), BLOCK(TcpOffloadState, &h[0]))),
			 CHIM_R_ROLE);
	/* a linker has dependents, and is no connection */
	INITIATE_REFUSED(BLOCK(NeighborOffloadState, &c->n), CHIM_R_ROLE);
	INITIATE_REFUSED(on(BLOCK(Ip4OffloadState, &c->p), BLOCK(TcpOffloadState, &c->t)),
			 CHIM_R_ROLE);
	/* objects under what they do not depend on; only an update moves paths */
	INITIATE_REFUSED(on(BLOCK(NeighborOffloadState, &h[0]),
			    on(BLOCK(Ip4OffloadState, &c->p), BLOCK(TcpOffloadState, &h[1]))),
			 CHIM_R_ROLE);
	QUERY_REFUSED(on(BLOCK(NeighborOffloadState, &e->n), BLOCK(Ip4OffloadState, &c->p)),
		      CHIM_R_ROLE);
	UPDATE_REFUSED(on(BLOCK(Ip4OffloadCachedState, &e->p), BLOCK(TcpOffloadCachedState, &c->t)),
		       CHIM_R_ROLE);
	TERMINATE_REFUSED(on(BLOCK(Ip4OffloadState, &e->p), BLOCK(TcpOffloadState, &c->t)),
			  CHIM_R_ROLE);
	CHECK(bed_terminate(b, c) && bed_terminate(b, e));
	CHECK(bed_end(b));
	return true;
}

static bool tcp_states(void)
{
	struct bed *b = bed_new();
	struct conn *c = host_alloc(&b->host, sizeof(*c));

	for (int st = -1; st <= TcpConnectionMaxState; st++) {
		pblock *tree = host_tree(&b->host, c);
		TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(
			tree->DependentBlockList->DependentBlockList, CHIM_STATE_DELEGATED);

		d->State = (TCP_OFFLOAD_CONNECTION_STATE)st;
		if (st < TcpConnectionEstablished || st > TcpConnectionLastAck) {
			INITIATE_REFUSED(tree, CHIM_R_TCP_STATE);
			continue;
		}
		NdisInitiateOffload(b->host.binding, tree);
		bed_settle(b);
		SAW(b, "initiate");
		CHECK(c->t.MiniportOffloadContext);
		CHECK(bed_terminate(b, c));
	}
	CHECK(bed_end(b));
	return true;
}

/* R32: nothing but the initiate itself on an object that is being offloaded. */
static bool while_offloading(void)
{
	struct bed *b = bed_new();
	struct conn *c = host_alloc(&b->host, sizeof(*c));
	NDIS_OFFLOAD_HANDLE *h = host_alloc(&b->host, sizeof(*h));
	NET_BUFFER_LIST *l = host_list(&b->host, 1);
	static void (*const call[])(NDIS_HANDLE, pblock *) = {
		NdisQueryOffloadState, NdisUpdateOffload,   NdisInvalidateOffload,
		NdisTerminateOffload,  NdisInitiateOffload,
	};
	pblock *tree = host_tree(&b->host, c), *again;

	NdisInitiateOffload(b->host.binding, tree);
	for (int taken = 0; taken < 2; taken++) {
		CHECK_EQ(NdisOffloadTcpSend(&c->t, l), NDIS_STATUS_INVALID_STATE);
		BROKE(b, CHIM_R_OFFLOADING);
		CHECK_EQ(NdisOffloadTcpReceive(&c->t, l), NDIS_STATUS_INVALID_STATE);
		BROKE(b, CHIM_R_OFFLOADING);
		CHECK_EQ(NdisOffloadTcpForward(&c->t, l), NDIS_STATUS_INVALID_STATE);
		BROKE(b, CHIM_R_OFFLOADING);
		CHECK_EQ(NdisOffloadTcpDisconnect(&c->t, l, TCP_DISCONNECT_GRACEFUL_CLOSE),
			 NDIS_STATUS_INVALID_STATE);
		BROKE(b, CHIM_R_OFFLOADING);
		for (int i = 0; i < 5; i++) {
			again = i < 4 ? BLOCK(TcpOffloadState, &c->t)
				      : on(BLOCK(NeighborOffloadState, h),
					   on(BLOCK(Ip4OffloadState, &c->p),
					      BLOCK(TcpOffloadState, &c->t)));
			call[i](b->host.binding, again);
			BROKE(b, CHIM_R_OFFLOADING);
			CHECK(!h->NdisReserved[0]);
		}
		if (taken)
			break;
		/* Also when the target is done but the host has not heard. */
		CHECK(nic_work(&b->nic));
		CHECK(c->t.MiniportOffloadContext);
	}
	bed_settle(b);
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

/* R58: one update at a time, none after an invalidate. R81: a terminate waits for the others. */
static bool overlapping_operations(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	pblock *q = BLOCK(TcpOffloadDelegatedState, &c->t),
	       *u = BLOCK(TcpOffloadCachedState, &c->t);
	pblock *i = BLOCK(TcpOffloadConstState, &c->t);

	NdisQueryOffloadState(b->host.binding, q);
	NdisTerminateOffload(b->host.binding, BLOCK(TcpOffloadDelegatedState, &c->t));
	BROKE(b, CHIM_R_UNFINISHED);
	bed_settle(b);
	SAW(b, "terminate query");
	NdisUpdateOffload(b->host.binding, u);
	NdisUpdateOffload(b->host.binding, BLOCK(TcpOffloadCachedState, &c->t));
	BROKE(b, CHIM_R_UPDATE);
	NdisTerminateOffload(b->host.binding, BLOCK(TcpOffloadDelegatedState, &c->t));
	BROKE(b, CHIM_R_UNFINISHED);
	/* Another object may be updated meanwhile. */
	NdisUpdateOffload(b->host.binding, BLOCK(Ip4OffloadCachedState, &c->p));
	bed_settle(b);
	SAW(b, "update terminate update update");
	NdisInvalidateOffload(b->host.binding, i);
	NdisUpdateOffload(b->host.binding, u);
	BROKE(b, CHIM_R_UPDATE);
	NdisTerminateOffload(b->host.binding, BLOCK(TcpOffloadDelegatedState, &c->t));
	BROKE(b, CHIM_R_UNFINISHED);
	bed_settle(b);
	SAW(b, "update terminate invalidate");
	NdisUpdateOffload(b->host.binding, u);
	BROKE(b, CHIM_R_UPDATE);
	bed_settle(b);
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

/* R80: nothing goes while something depends on it. R82: nothing happens during a terminate. */
static bool terminates(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	NDIS_OFFLOAD_HANDLE *t2 = host_alloc(&b->host, sizeof(*t2));
	NET_BUFFER_LIST *l = host_list(&b->host, 1);
	pblock *tree;

	NdisInitiateOffload(b->host.binding,
			    on(BLOCK(Ip4OffloadState, &c->p), BLOCK(TcpOffloadState, t2)));
	bed_settle(b);
	SAW(b, "initiate");
	TERMINATE_REFUSED(BLOCK(Ip4OffloadDelegatedState, &c->p), CHIM_R_DEPENDENTS);
	TERMINATE_REFUSED(host_end_tree(&b->host, c), CHIM_R_DEPENDENTS); /* T2 is not in it */
	TERMINATE_REFUSED(on(BLOCK(NeighborOffloadState, &c->n),
			     on(BLOCK(Ip4OffloadState, NULL), BLOCK(TcpOffloadState, &c->t))),
			  CHIM_R_DEPENDENTS);
	tree = host_end_tree(&b->host, c);
	then(tree->DependentBlockList->DependentBlockList, BLOCK(TcpOffloadConstState, t2));
	NdisTerminateOffload(b->host.binding, tree);
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l), NDIS_STATUS_INVALID_STATE);
	BROKE(b, CHIM_R_TERMINATING);
	CHECK_EQ(NdisOffloadTcpReceive(&c->t, l), NDIS_STATUS_INVALID_STATE);
	BROKE(b, CHIM_R_TERMINATING);
	CHECK_EQ(NdisOffloadTcpForward(&c->t, l), NDIS_STATUS_INVALID_STATE);
	BROKE(b, CHIM_R_TERMINATING);
	NdisQueryOffloadState(b->host.binding, BLOCK(TcpOffloadState, &c->t));
	BROKE(b, CHIM_R_TERMINATING);
	NdisTerminateOffload(b->host.binding, BLOCK(TcpOffloadState, &c->t));
	BROKE(b, CHIM_R_TERMINATING);
	NdisInitiateOffload(
		b->host.binding,
		on(BLOCK(Ip4OffloadState, &c->p),
		   BLOCK(TcpOffloadState, host_alloc(&b->host, sizeof(NDIS_OFFLOAD_HANDLE)))));
	BROKE(b, CHIM_R_TERMINATING);
	CHECK(nic_work(&b->nic)); /* completed, not delivered: still terminating for the host */
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l), NDIS_STATUS_INVALID_STATE);
	BROKE(b, CHIM_R_TERMINATING);
	bed_settle(b);
	CHECK_EQ(chim_ndis_adapter_objects(b->nic.adapter), 0);
	CHECK(bed_end(b));
	return true;
}

/* R94, R130: one call of a kind at a time on one connection. */
static struct bed *nesting;
static NDIS_STATUS nested[3];

static void nest(struct nic *nic, struct nic_obj *o)
{
	NDIS_OFFLOAD_HANDLE *h = o->up;
	struct conn *other = nesting->host.user;

	nic->on_io = NULL;
	nested[0] = NdisOffloadTcpSend(h, host_list(&nesting->host, 1));
	nested[1] = NdisOffloadTcpReceive(h, host_list(&nesting->host, 1));
	nested[2] = NdisOffloadTcpSend(&other->t, host_list(&nesting->host, 1));
	NdisTerminateOffload(nesting->host.binding,
			     host_block(&nesting->host, TcpOffloadState, h, "T"));
}

static bool serial_calls(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b), *e = bed_offload(b);

	nesting = b;
	b->host.user = e;
	b->nic.on_io = nest;
	CHECK_EQ(NdisOffloadTcpSend(&c->t, host_list(&b->host, 1)), NDIS_STATUS_PENDING);
	CHECK_EQ(nested[0], NDIS_STATUS_INVALID_STATE);
	CHECK_EQ(nested[1], NDIS_STATUS_PENDING); /* another kind */
	CHECK_EQ(nested[2], NDIS_STATUS_PENDING); /* another connection */
	CHECK_EQ(chim_ndis_count(b->ndis, CHIM_R_SERIAL), 1);
	CHECK_EQ(chim_ndis_count(b->ndis, CHIM_R_UNFINISHED), 1); /* R81: the call has to return */
	b->seen[CHIM_R_SERIAL] = b->seen[CHIM_R_UNFINISHED] = 1;
	bed_settle(b);
	SAW(b, "terminate");
	CHECK(bed_terminate(b, c) && bed_terminate(b, e));
	CHECK(bed_end(b));
	return true;
}

/* Shapes of 7.1, 7.8. */
static bool list_shapes(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	NET_BUFFER_LIST *l = host_list(&b->host, 4), *m = host_list(&b->host, 4);
	NET_BUFFER *nb = l->FirstNetBuffer;

#define BAD(call)                                                \
	do {                                                     \
		CHECK_EQ((call), NDIS_STATUS_INVALID_PARAMETER); \
		BROKE(b, CHIM_R_NBL);                            \
		CHECK(!l->HopDepth && !m->HopDepth);             \
	} while (0)
	nb->Next = m->FirstNetBuffer; /* several NET_BUFFERs only in a send (R97) */
	BAD(NdisOffloadTcpReceive(&c->t, l));
	BAD(NdisOffloadTcpForward(&c->t, l));
	BAD(NdisOffloadTcpDisconnect(&c->t, l, TCP_DISCONNECT_GRACEFUL_CLOSE));
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l), NDIS_STATUS_PENDING);
	nic_ack(&b->nic, bed_nic_conn(c), 1);
	bed_settle(b);
	CHECK_EQ(chim_nbl_info(l, TcpOffloadBytesTransferred), 8);
	nb->Next = NULL;
	l = host_list(&b->host, 4);
	m = host_list(&b->host, 4);
	nb = l->FirstNetBuffer;
	l->Next = m;
	BAD(NdisOffloadTcpDisconnect(&c->t, l, TCP_DISCONNECT_GRACEFUL_CLOSE));
	l->Next = NULL;
	BAD(NdisOffloadTcpDisconnect(&c->t, l, 0));
	BAD(NdisOffloadTcpDisconnect(&c->t, l, 3));
	BAD(NdisOffloadTcpDisconnect(&c->t, l, TCP_DISCONNECT_ABORTIVE_CLOSE)); /* with data */
	l->FirstNetBuffer = NULL;
	BAD(NdisOffloadTcpSend(&c->t, l));
	l->FirstNetBuffer = nb;
	nb->DataLength = 5; /* longer than its memory */
	BAD(NdisOffloadTcpSend(&c->t, l));
	BAD(NdisOffloadTcpReceive(&c->t, l));
	nb->DataLength = 4;
	m->FirstNetBuffer->MdlChain->StartVa = NULL;
	l->Next = m; /* the second of a chain: the first goes back, too */
	BAD(NdisOffloadTcpSend(&c->t, l));
	nb->DataLength = 0;
	l->Next = NULL;
	CHECK_EQ(NdisOffloadTcpDisconnect(&c->t, l, TCP_DISCONNECT_ABORTIVE_CLOSE),
		 NDIS_STATUS_PENDING);
#undef BAD
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

/* Lists that were not lent cannot be returned; lent ones cannot be posted. */
static void return_at_once(struct host *host)
{
	if (NdisOffloadTcpReceiveReturn(host->binding, host->data) == NDIS_STATUS_SUCCESS)
		strcat(host->log, "!");
}

static bool returns(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	NET_BUFFER_LIST *l = host_list(&b->host, 4), *m = host_list(&b->host, 4);
	ULONG n;

	CHECK_EQ(NdisOffloadTcpReceiveReturn(b->host.binding, l), NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_RETURN);
	CHECK_EQ(b->nic.returned, 0);
	b->host.hook = return_at_once; /* not before the indication has returned */
	CHECK_EQ(b->nic.up.NdisTcpOffloadReceiveHandler(&c->t, l, NDIS_STATUS_SUCCESS, &n),
		 NDIS_STATUS_SUCCESS);
	SAW(b, "data:4");
	BROKE(b, CHIM_R_RETURN);
	b->host.hook = NULL;
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l), NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_NBL);
	/* Among wrong ones the right one comes back, once. */
	m->Next = l;
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b->host.binding, m), NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_RETURN);
	CHECK_EQ(b->nic.returned, 1);
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b->host.binding, l), NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_RETURN);
	l->Next = l; /* a loop of nothing ends */
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b->host.binding, l), NDIS_STATUS_INVALID_PARAMETER);
	CHECK(bed_broke(b, CHIM_R_RETURN, 16));
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

/* Status and BytesConsumed of an indication must agree; the target sees an agreed pair (7.5). */
static bool acceptances(void)
{
	static const struct {
		NDIS_STATUS st;
		ULONG n;
		NDIS_STATUS st_out;
		ULONG n_out;
		bool broken;
	} t[] = {
		{ NDIS_STATUS_SUCCESS, 4, NDIS_STATUS_SUCCESS, 4, false },
		{ NDIS_STATUS_SUCCESS, 3, NDIS_STATUS_SUCCESS, 4, true },
		{ NDIS_STATUS_SUCCESS, 0, NDIS_STATUS_SUCCESS, 4, true },
		{ NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED,
		  0, false },
		{ NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 1, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED,
		  0, true },
		{ NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED, 3,
		  NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED, 3, false },
		{ NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED, 0,
		  NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0, true },
		{ NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED, 4,
		  NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED, 4, true },
		{ NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED, 9,
		  NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED, 4, true },
		{ NDIS_STATUS_RESOURCES, 2, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0, true },
		{ NDIS_STATUS_PENDING, 4, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0, true },
	};
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		NET_BUFFER_LIST *l = host_list(&b->host, 4);
		ULONG n = 55;

		b->host.answer = t[i].st;
		b->host.consumed = t[i].n;
		CHECK_EQ(b->nic.up.NdisTcpOffloadReceiveHandler(&c->t, l, NDIS_STATUS_SUCCESS, &n),
			 t[i].st_out);
		CHECK_EQ(n, t[i].n_out);
		CHECK(bed_broke(b, t[i].broken ? CHIM_R_ACCEPT : CHIM_RULES, t[i].broken));
		CHECK_EQ(l->HopDepth, t[i].st_out == NDIS_STATUS_SUCCESS);
		if (l->HopDepth)
			CHECK_EQ(NdisOffloadTcpReceiveReturn(b->host.binding, l),
				 NDIS_STATUS_SUCCESS);
	}
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

/* Two adapters: what belongs to one is nothing to the other. */
static bool two_adapters(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	NET_BUFFER_LIST *l = host_list(&b->host, 4), *m = host_list(&b->host, 4);
	struct nic nic = { 0 };
	struct host host = { 0 };
	ULONG n;

	CHECK_EQ(nic_open(&nic, b->ndis), 0);
	CHECK_EQ(host_open(&host, b->ndis, nic.adapter), 0);
	NdisTerminateOffload(host.binding, host_end_tree(&host, c));
	BROKE(b, CHIM_R_HANDLE);
	CHECK_EQ(chim_ndis_poll(b->ndis, 9), 1);
	CHECK(host_saw(&host, "terminate"));
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l), NDIS_STATUS_PENDING);
	nic.up.NdisTcpOffloadSendComplete(nic.adapter, l);
	BROKE(b, CHIM_T_UNKNOWN);
	CHECK_EQ(b->nic.up.NdisTcpOffloadReceiveHandler(&c->t, m, NDIS_STATUS_SUCCESS, &n),
		 NDIS_STATUS_SUCCESS);
	CHECK_EQ(NdisOffloadTcpReceiveReturn(host.binding, m), NDIS_STATUS_INVALID_PARAMETER);
	BROKE(b, CHIM_R_RETURN);
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b->host.binding, m), NDIS_STATUS_SUCCESS);
	nic_ack(&b->nic, bed_nic_conn(c), 1);
	bed_settle(b);
	SAW(b, "data:4 send:1");
	CHECK_EQ(host_close(&host), 0);
	CHECK_EQ(nic_close(&nic), 0);
	host_free(&host);
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(null_pointers),
		CASE(wrong_handles),
		CASE(loops),
		CASE(loops_of_lists),
		CASE(wrong_layers),
		CASE(wrong_headers),
		CASE(wrong_roles),
		CASE(tcp_states),
		CASE(while_offloading),
		CASE(overlapping_operations),
		CASE(terminates),
		CASE(serial_calls),
		CASE(list_shapes),
		CASE(returns),
		CASE(acceptances),
		CASE(two_adapters),
	};

	return TAP_RUN(cases);
}
