/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The life of connections between a host and a NIC that both keep the rules: trees, ownership of
 * lists, the order of everything that comes up. Hard part: what must not happen yet.
 */
#include <errno.h>
#include <string.h>

#include "bed.h"

/* One connection up, traffic, down; completions come from the poll only (D11). */
static bool whole_life(void)
{
	struct bed *b = bed_new();
	struct conn *c = host_alloc(&b->host, sizeof(*c));
	pblock *tree = host_tree(&b->host, c);
	NET_BUFFER_LIST *l;

	NdisInitiateOffload(b->host.binding, tree);
	SAW(b, "");
	CHECK_EQ(tree->Status, NDIS_STATUS_PENDING);
	CHECK_EQ(chim_ndis_adapter_objects(b->nic.adapter), 3);
	CHECK(nic_work(&b->nic));
	SAW(b, ""); /* completed, but not delivered */
	CHECK(chim_ndis_pending(b->ndis));
	CHECK_EQ(chim_ndis_poll(b->ndis, 10), 1);
	SAW(b, "initiate");
	CHECK(b->host.done == tree && !chim_ndis_pending(b->ndis));
	CHECK_EQ(chim_ndis_poll(b->ndis, 10), 0);
	CHECK_EQ(tree->Status, NDIS_STATUS_SUCCESS);
	/* The references are the NIC's own (R5), its handle is ours (R7). */
	CHECK(!strcmp(bed_nic_conn(c)->name, "T") && bed_nic_conn(c)->up == &c->t);
	CHECK(bed_nic_conn(c)->parent == c->p.MiniportOffloadContext);

	l = host_list(&b->host, 100);
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l), NDIS_STATUS_PENDING);
	nic_ack(&b->nic, bed_nic_conn(c), 1);
	SAW(b, "");
	CHECK_EQ(chim_ndis_poll(b->ndis, 10), 1);
	SAW(b, "send:1");
	CHECK(b->host.list == l);
	CHECK_EQ(chim_nbl_info(l, TcpOffloadBytesTransferred), 100);
	CHECK(bed_terminate(b, c));
	CHECK_EQ(chim_ndis_adapter_objects(b->nic.adapter), 0);
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

/* N1 P1 T1 T2 P2 T3 N2 P3 T4 T5 (R19), and everything offloaded. */
static bool worked_order(void)
{
	struct bed *b = bed_new();
	NDIS_OFFLOAD_HANDLE *h = host_alloc(&b->host, 10 * sizeof(*h));
	struct host *o = &b->host;
	pblock *t1 = then(host_block(o, TcpOffloadState, &h[0], "T1"),
			  host_block(o, TcpOffloadState, &h[1], "T2"));
	pblock *p1 = then(on(host_block(o, Ip4OffloadState, &h[2], "P1"), t1),
			  on(host_block(o, Ip6OffloadState, &h[3], "P2"),
			     host_block(o, TcpOffloadState, &h[4], "T3")));
	pblock *t4 = then(host_block(o, TcpOffloadState, &h[5], "T4"),
			  host_block(o, TcpOffloadState, &h[6], "T5"));
	pblock *n1 = then(on(host_block(o, NeighborOffloadState, &h[7], "N1"), p1),
			  on(host_block(o, NeighborOffloadState, &h[8], "N2"),
			     on(host_block(o, Ip4OffloadState, &h[9], "P3"), t4)));

	NdisInitiateOffload(o->binding, n1);
	bed_settle(b);
	SAW(b, "initiate");
	CHECK(!strcmp(b->nic.log, "N1 P1 T1 T2 P2 T3 N2 P3 T4 T5"));
	CHECK_EQ(chim_ndis_adapter_objects(b->nic.adapter), 10);
	CLEAN(b);
	/* The same blocks take it all down again. */
	NdisTerminateOffload(o->binding, n1);
	bed_settle(b);
	CHECK_EQ(chim_ndis_adapter_objects(b->nic.adapter), 0);
	SAW(b, "terminate");
	CHECK(bed_end(b));
	return true;
}

static NDIS_STATUS worked_failure(struct nic *nic, const char *name)
{
	(void)nic;
	if (!strcmp(name, "T2"))
		return NDIS_STATUS_RESOURCES;
	return strcmp(name, "P2") ? NDIS_STATUS_SUCCESS : NDIS_STATUS_FAILURE;
}

/* The example of 5.5 (R22): statuses pass, what failed is not offloaded, the rest lives. */
static bool worked_example(void)
{
	struct bed *b = bed_new();
	NDIS_OFFLOAD_HANDLE *h = host_alloc(&b->host, 6 * sizeof(*h));
	struct host *o = &b->host;
	pblock *t1 = host_block(o, TcpOffloadState, &h[0], "T1");
	pblock *t2 = host_block(o, TcpOffloadState, &h[1], "T2");
	pblock *t3 = host_block(o, TcpOffloadState, &h[2], "T3");
	pblock *p1 = on(host_block(o, Ip4OffloadState, &h[3], "P1"), then(t1, t2));
	pblock *p2 = on(host_block(o, Ip4OffloadState, &h[4], "P2"), t3);
	pblock *n1 = on(host_block(o, NeighborOffloadState, &h[5], "N1"), then(p1, p2));
	NET_BUFFER_LIST *mine = host_list(o, 10);

	t2->NetBufferListChain = mine;
	b->nic.offer = worked_failure;
	NdisInitiateOffload(o->binding, n1);
	bed_settle(b);
	CHECK_EQ(n1->Status, NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS);
	CHECK_EQ(p1->Status, NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS);
	CHECK_EQ(t1->Status, NDIS_STATUS_SUCCESS);
	CHECK_EQ(t2->Status, NDIS_STATUS_RESOURCES);
	CHECK_EQ(p2->Status, NDIS_STATUS_FAILURE);
	CHECK_EQ(t3->Status, NDIS_STATUS_FAILURE);
	CHECK(h[0].MiniportOffloadContext && !h[1].MiniportOffloadContext && !h[1].NdisReserved[0]);
	CHECK_EQ(NdisOffloadTcpSend(&h[1], mine), NDIS_STATUS_INVALID_STATE);
	CHECK_EQ(NdisOffloadTcpSend(&h[0], mine), NDIS_STATUS_PENDING); /* it is ours again (R43) */
	nic_ack(&b->nic, h[0].MiniportOffloadContext, 1);
	/* The failed ones can be tried again, below the path that is there. */
	b->nic.offer = NULL;
	t2->NetBufferListChain = NULL;
	t2->NextBlock = NULL;
	p1 = on(host_block(o, Ip4OffloadConstState, &h[3], "P1"), t2);
	n1 = on(host_block(o, NeighborOffloadState, NULL, "n"), p1);
	NdisInitiateOffload(o->binding, n1);
	bed_settle(b);
	CHECK_EQ(n1->Status, NDIS_STATUS_SUCCESS); /* placeholder */
	CHECK_EQ(p1->Status, NDIS_STATUS_SUCCESS); /* linker: all */
	CHECK(h[1].MiniportOffloadContext);
	SAW(b, "initiate send:1 initiate");
	/* Down in two trees: connections first. */
	NdisTerminateOffload(o->binding, then(host_block(o, TcpOffloadDelegatedState, &h[0], "T1"),
					      host_block(o, TcpOffloadConstState, &h[1], "T2")));
	bed_settle(b);
	NdisTerminateOffload(o->binding, on(host_block(o, NeighborOffloadConstState, &h[5], "N1"),
					    host_block(o, Ip4OffloadState, &h[3], "P1")));
	bed_settle(b);
	SAW(b, "terminate terminate");
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

static NDIS_STATUS refuse_t(struct nic *nic, const char *name)
{
	(void)nic;
	return name[0] == 'T' ? NDIS_STATUS_OFFLOAD_TCP_ENTRIES : NDIS_STATUS_SUCCESS;
}

/* All dependents of a linker fail: FAILURE, and the object stays (3.3, R24). */
static bool linker_of_failures(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	NDIS_OFFLOAD_HANDLE *h = host_alloc(&b->host, 2 * sizeof(*h));
	pblock *p = on(host_block(&b->host, Ip4OffloadState, &c->p, "P"),
		       then(host_block(&b->host, TcpOffloadState, &h[0], "T1"),
			    host_block(&b->host, TcpOffloadState, &h[1], "T2")));
	pblock *n = on(host_block(&b->host, NeighborOffloadState, &c->n, "N"), p);

	b->nic.offer = refuse_t;
	NdisInitiateOffload(b->host.binding, n);
	bed_settle(b);
	CHECK_EQ(p->Status, NDIS_STATUS_FAILURE);
	CHECK_EQ(p->DependentBlockList->Status, NDIS_STATUS_OFFLOAD_TCP_ENTRIES);
	CHECK(c->p.MiniportOffloadContext && !h[0].MiniportOffloadContext);
	CHECK_EQ(chim_ndis_adapter_objects(b->nic.adapter), 3);
	CHECK(bed_terminate(b, c));
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

/* Send data goes along both ways: taken over at initiate, given back at terminate (5.7, R72). */
static bool send_data_moves(void)
{
	struct bed *b = bed_new();
	struct conn *c = host_alloc(&b->host, sizeof(*c));
	pblock *tree = host_tree(&b->host, c), *end;
	pblock *t = tree->DependentBlockList->DependentBlockList;
	TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(t, CHIM_STATE_DELEGATED);
	NET_BUFFER_LIST *l[4];

	for (int i = 0; i < 4; i++)
		l[i] = host_list(&b->host, 10);
	l[0]->Next = l[1];
	t->NetBufferListChain = d->SendDataHead = l[0];
	d->SendDataTail = l[1];
	NdisInitiateOffload(b->host.binding, tree);
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l[2]), NDIS_STATUS_INVALID_STATE); /* not yet (R32) */
	BROKE(b, CHIM_R_OFFLOADING);
	bed_settle(b);
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l[2]), NDIS_STATUS_PENDING);
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l[3]), NDIS_STATUS_PENDING);
	nic_ack(&b->nic, bed_nic_conn(c), 1); /* R42 */
	CHECK_EQ(chim_ndis_poll(b->ndis, 10), 1);
	SAW(b, "initiate send:1");
	CHECK(b->host.list == l[0] && !l[0]->Next);
	end = host_end_tree(&b->host, c);
	t = end->DependentBlockList->DependentBlockList;
	t->NetBufferListChain = l[0]; /* left from earlier; a target may rely on NULL */
	NdisTerminateOffload(b->host.binding, end);
	CHECK(!t->NetBufferListChain);
	bed_settle(b);
	SAW(b, "terminate");
	d = chim_obl_state(t, CHIM_STATE_DELEGATED);
	CHECK(t->NetBufferListChain == l[1] && l[1]->Next == l[2] && l[2]->Next == l[3] &&
	      !l[3]->Next);
	CHECK(d->SendDataHead == l[1] && d->SendDataTail == l[3]);
	CHECK(!l[1]->HopDepth && !l[3]->HopDepth); /* ours again */
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

/* Completions of several calls and connections, in one list and in the order they were made. */
static bool completions_keep_order(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b), *e = bed_offload(b);
	struct nic *nic = &b->nic;
	NET_BUFFER_LIST *l[6];

	for (int i = 0; i < 6; i++)
		l[i] = host_list(&b->host, 5);
	l[0]->Next = l[1];
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l[0]), NDIS_STATUS_PENDING);
	CHECK_EQ(NdisOffloadTcpSend(&e->t, l[2]), NDIS_STATUS_PENDING);
	CHECK_EQ(NdisOffloadTcpReceive(&c->t, l[3]), NDIS_STATUS_PENDING);
	CHECK_EQ(NdisOffloadTcpForward(&c->t, l[4]), NDIS_STATUS_PENDING);
	CHECK_EQ(NdisOffloadTcpDisconnect(&e->t, l[5], TCP_DISCONNECT_GRACEFUL_CLOSE),
		 NDIS_STATUS_PENDING);
	CHECK_EQ(bed_nic_conn(e)->disconnect_flags, TCP_DISCONNECT_GRACEFUL_CLOSE);
	/* One completion for two calls and connections. */
	nic_take(&bed_nic_conn(c)->sends, 2, NDIS_STATUS_SUCCESS, UINT32_MAX);
	l[1]->Next = nic_take(&bed_nic_conn(e)->sends, 1, NDIS_STATUS_SUCCESS, UINT32_MAX);
	nic->up.NdisTcpOffloadSendComplete(nic->adapter, l[0]);
	nic->up.NdisTcpOffloadForwardComplete(
		nic->adapter, nic_take(&bed_nic_conn(c)->forwards, 1, NDIS_STATUS_SUCCESS, 0));
	nic->up.NdisTcpOffloadReceiveComplete(
		nic->adapter, nic_take(&bed_nic_conn(c)->receives, 1, NDIS_STATUS_SUCCESS, 3));
	nic->up.NdisTcpOffloadDisconnectComplete(
		nic->adapter,
		nic_take(&bed_nic_conn(e)->disconnect, 1, NDIS_STATUS_SUCCESS, UINT32_MAX));
	SAW(b, "");
	CHECK_EQ(chim_ndis_poll(b->ndis, 2), 2); /* the budget is kept */
	SAW(b, "send:3 forward:1");
	CHECK_EQ(chim_ndis_poll(b->ndis, 100), 2);
	SAW(b, "receive:1 disconnect:1");
	CHECK_EQ(l[3]->FirstNetBuffer->DataLength, 2);
	CHECK(bed_terminate(b, c) && bed_terminate(b, e));
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

static NET_BUFFER_LIST *nic_list(struct bed *b, ULONG len)
{
	return host_list(&b->host, len); /* any memory will do for a mock */
}

static NDIS_STATUS indicate(struct bed *b, struct conn *c, NET_BUFFER_LIST *l, ULONG *n)
{
	return b->nic.up.NdisTcpOffloadReceiveHandler(&c->t, l, NDIS_STATUS_SUCCESS, n);
}

/* An indication comes at once, but behind the completions made before it (7.5). */
static bool indications_do_not_overtake(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	NET_BUFFER_LIST *l = host_list(&b->host, 8), *m = nic_list(b, 6);
	ULONG n = 77;

	CHECK_EQ(NdisOffloadTcpReceive(&c->t, l), NDIS_STATUS_PENDING);
	b->nic.up.NdisTcpOffloadReceiveComplete(
		b->nic.adapter, nic_take(&bed_nic_conn(c)->receives, 1, NDIS_STATUS_SUCCESS, 8));
	CHECK_EQ(indicate(b, c, m, &n), NDIS_STATUS_SUCCESS);
	SAW(b, "receive:1 data:6");
	CHECK_EQ(n, 6);
	CHECK(b->host.context == &c->t && b->host.data == m);
	b->nic.up.NdisTcpOffloadEventHandler(&c->t, TcpIndicateRetrieve, UploadRequested);
	b->nic.up.NdisTcpOffloadEventHandler(&c->t, TcpIndicateRetrieve, UploadRequested);
	SAW(b, "event3:10 event3:10"); /* R207 */
	/* Not accepted, partly accepted: the list comes back at once (R126). */
	b->host.answer = NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED;
	b->host.consumed = 0;
	CHECK_EQ(indicate(b, c, nic_list(b, 6), &n), NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED);
	CHECK_EQ(n, 0);
	CHECK(!b->host.data->HopDepth);
	b->host.answer = NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED;
	b->host.consumed = 2;
	CHECK_EQ(indicate(b, c, nic_list(b, 6), &n), NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED);
	CHECK_EQ(n, 2);
	SAW(b, "data:6 data:6");
	/* The accepted one is out until it is returned; nothing may be closed before (R129). */
	CHECK(bed_terminate(b, c));
	CHECK_EQ(chim_ndis_close(b->host.binding), -EBUSY);
	CHECK_EQ(chim_ndis_adapter_remove(b->nic.adapter), -EBUSY);
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b->host.binding, m), NDIS_STATUS_SUCCESS);
	CHECK_EQ(b->nic.returned, 1);
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

static void leave_buffered(struct nic *nic, enum nic_op_kind kind,
			   PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST t = root->DependentBlockList->DependentBlockList;
	TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(t, CHIM_STATE_DELEGATED);

	(void)kind;
	d->BufferedData = (NET_BUFFER_LIST *)nic->oid; /* where the test put it */
}

/* BufferedData of a terminate is on loan until it is returned (6.4.6, R76, R212). */
static bool buffered_data_is_lent(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	NET_BUFFER_LIST *l = nic_list(b, 9), *m = nic_list(b, 1);
	pblock *end = host_end_tree(&b->host, c);
	TCP_OFFLOAD_STATE_DELEGATED *d;

	l->Next = m;
	b->nic.oid = (PNDIS_OID_REQUEST)(void *)l;
	b->nic.before_complete = leave_buffered;
	NdisTerminateOffload(b->host.binding, end);
	bed_settle(b);
	SAW(b, "terminate");
	d = chim_obl_state(end->DependentBlockList->DependentBlockList, CHIM_STATE_DELEGATED);
	CHECK(d->BufferedData == l);
	CHECK_EQ(chim_ndis_close(b->host.binding), -EBUSY);
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b->host.binding, l), NDIS_STATUS_SUCCESS);
	CHECK_EQ(b->nic.returned, 2);
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

/* Inside a handler every call but the poll is legal. */
static void busy_handler(struct host *host)
{
	struct bed *b = host->user;
	NET_BUFFER_LIST *l = host_list(host, 4);

	host->hook = NULL;
	if (chim_ndis_poll(b->ndis, 10) != -EBUSY || chim_ndis_destroy(b->ndis) != -EBUSY)
		strcat(host->log, "!");
	if (NdisOffloadTcpSend(host->context, l) != NDIS_STATUS_PENDING)
		strcat(host->log, "!");
	nic_ack(&b->nic,
		bed_nic_conn((struct conn *)((char *)host->context - offsetof(struct conn, t))), 1);
}

static bool handlers_may_call(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	ULONG n;

	b->host.user = b;
	b->host.hook = busy_handler;
	CHECK_EQ(indicate(b, c, nic_list(b, 3), &n), NDIS_STATUS_SUCCESS);
	SAW(b, "data:3"); /* the send's completion did not nest */
	BROKE(b, CHIM_R_POLL);
	CHECK_EQ(chim_ndis_poll(b->ndis, 10), 1);
	SAW(b, "send:1");
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b->host.binding, b->host.data), NDIS_STATUS_SUCCESS);
	/* From a completion, too: and the poll goes on with what the handler queued. */
	CHECK_EQ(NdisOffloadTcpReceive(&c->t, host_list(&b->host, 1)), NDIS_STATUS_PENDING);
	b->nic.up.NdisTcpOffloadReceiveComplete(
		b->nic.adapter, nic_take(&bed_nic_conn(c)->receives, 1, NDIS_STATUS_SUCCESS, 1));
	b->host.hook = busy_handler;
	CHECK_EQ(chim_ndis_poll(b->ndis, 10), 2);
	SAW(b, "receive:1 send:1");
	BROKE(b, CHIM_R_POLL);
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

/* A relink moves a path to another neighbor; then the old one may go (6.2, R51). */
static bool relink_moves_dependents(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	NDIS_OFFLOAD_HANDLE *n2 = host_alloc(&b->host, sizeof(*n2));
	pblock *tree;

	NdisInitiateOffload(b->host.binding, host_block(&b->host, NeighborOffloadState, n2, "N2"));
	bed_settle(b);
	NdisInvalidateOffload(b->host.binding,
			      host_block(&b->host, NeighborOffloadConstState, &c->n, "N"));
	bed_settle(b);
	tree = on(host_block(&b->host, NeighborOffloadCachedState, n2, "N2"),
		  host_block(&b->host, Ip4OffloadCachedState, &c->p, "P"));
	NdisUpdateOffload(b->host.binding, tree);
	bed_settle(b);
	SAW(b, "initiate invalidate update");
	CHECK(bed_nic_conn(c)->parent->parent == n2->MiniportOffloadContext);
	NdisTerminateOffload(b->host.binding,
			     host_block(&b->host, NeighborOffloadDelegatedState, &c->n, "N"));
	bed_settle(b);
	SAW(b, "terminate");
	CHECK(!c->n.NdisReserved[0]);
	/* The path now counts for the new one (R80). */
	NdisTerminateOffload(b->host.binding,
			     host_block(&b->host, NeighborOffloadDelegatedState, n2, "N2"));
	BROKE(b, CHIM_R_DEPENDENTS);
	bed_settle(b);
	tree = on(host_block(&b->host, NeighborOffloadDelegatedState, n2, "N2"),
		  on(host_block(&b->host, Ip4OffloadDelegatedState, &c->p, "P"),
		     host_block(&b->host, TcpOffloadDelegatedState, &c->t, "T")));
	NdisTerminateOffload(b->host.binding, tree);
	bed_settle(b);
	CHECK_EQ(chim_ndis_adapter_objects(b->nic.adapter), 0);
	CHECK(bed_end(b));
	return true;
}

/* Queries overlap (R48); the answer is in the block; a failed one too is just a completion. */
static bool queries_overlap(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	pblock *q[2];
	const TCP_OFFLOAD_STATE_DELEGATED *d;

	for (int i = 0; i < 2; i++) {
		q[i] = host_block(&b->host, TcpOffloadDelegatedState, &c->t, "T");
		NdisQueryOffloadState(b->host.binding, q[i]);
	}
	bed_settle(b);
	SAW(b, "query query");
	d = chim_obl_state(q[1], CHIM_STATE_DELEGATED);
	CHECK_EQ(d->SendBacklogSize, CHIM_BACKLOG_NONE);
	CHECK_EQ(d->Header.Length, sizeof(*d));
	CHECK_EQ(NdisOffloadTcpSend(&c->t, host_list(&b->host, 1)), NDIS_STATUS_PENDING);
	NdisQueryOffloadState(b->host.binding, q[0]);
	CHECK_EQ(NdisOffloadTcpSend(&c->t, host_list(&b->host, 1)), NDIS_STATUS_PENDING);
	bed_settle(b);
	CHECK(bed_terminate(b, c));
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

static void fail_it(struct nic *nic, enum nic_op_kind kind, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
	(void)nic;
	(void)kind;
	root->Status = NDIS_STATUS_FAILURE;
}

/* A terminate that fails leaves the object, for another terminate (6.4.9). */
static bool failed_terminate_is_repeated(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	pblock *t = host_block(&b->host, TcpOffloadDelegatedState, &c->t, "T");
	NET_BUFFER_LIST *l = host_list(&b->host, 4);
	struct nic *nic = &b->nic;

	CHECK_EQ(NdisOffloadTcpSend(&c->t, l), NDIS_STATUS_PENDING);
	nic->before_complete = fail_it;
	NdisTerminateOffload(b->host.binding, t);
	bed_settle(b);
	CHECK_EQ(t->Status, NDIS_STATUS_FAILURE);
	CHECK(!t->NetBufferListChain && l->HopDepth == 1); /* sends are still the target's */
	CHECK(c->t.NdisReserved[0] && c->t.MiniportOffloadContext);
	nic->up.NdisTcpOffloadEventHandler(&c->t, TcpIndicateRetrieve, HardwareFailure);
	nic->up.NdisTcpOffloadEventHandler(&c->t, TcpIndicateAbort, 0);
	SAW(b, "terminate event3:11 event4:0");
	nic->before_complete = NULL;
	NdisTerminateOffload(b->host.binding, t);
	bed_settle(b);
	CHECK(t->NetBufferListChain == l && !l->HopDepth);
	NdisTerminateOffload(b->host.binding,
			     on(host_block(&b->host, NeighborOffloadState, &c->n, "N"),
				host_block(&b->host, Ip4OffloadState, &c->p, "P")));
	bed_settle(b);
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

static NDIS_STATUS fate;

static NDIS_STATUS fate_of_t(struct nic *nic, const char *name)
{
	(void)nic;
	return name[0] == 'T' ? fate : NDIS_STATUS_SUCCESS;
}

/* Each reason of 5.4 not to take a connection reaches the host as it is (R25 to R28). */
static bool all_reasons(void)
{
	static const NDIS_STATUS reason[] = {
		NDIS_STATUS_FAILURE,
		NDIS_STATUS_RESOURCES,
		NDIS_STATUS_OFFLOAD_TCP_ENTRIES,
		NDIS_STATUS_OFFLOAD_PATH_ENTRIES,
		NDIS_STATUS_OFFLOAD_NEIGHBOR_ENTRIES,
		NDIS_STATUS_OFFLOAD_IP_ADDRESS_ENTRIES,
		NDIS_STATUS_OFFLOAD_HW_ADDRESS_ENTRIES,
		NDIS_STATUS_OFFLOAD_VLAN_ENTRIES,
		NDIS_STATUS_OFFLOAD_TCP_XMIT_BUFFER,
		NDIS_STATUS_OFFLOAD_TCP_RCV_BUFFER,
		NDIS_STATUS_OFFLOAD_TCP_RCV_WINDOW,
		NDIS_STATUS_OFFLOAD_VLAN_MISMATCH,
		NDIS_STATUS_OFFLOAD_PATH_MTU,
		NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED,
	};
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	NDIS_OFFLOAD_HANDLE *h = host_alloc(&b->host, sizeof(*h));

	b->nic.offer = fate_of_t;
	for (size_t i = 0; i < sizeof(reason) / sizeof(reason[0]); i++) {
		pblock *t = host_block(&b->host, TcpOffloadState, h, "T");

		fate = reason[i];
		NdisInitiateOffload(b->host.binding,
				    on(host_block(&b->host, Ip4OffloadState, &c->p, "P"), t));
		bed_settle(b);
		SAW(b, "initiate");
		CHECK_EQ(t->Status, reason[i]);
		CLEAN(b);
	}
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

/* The neighbor query is answered before it returns (R153, R154). */
static bool neighbor_query_is_synchronous(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST q =
		host_alloc(&b->host, chim_obl_bytes(NeighborOffloadState));
	NEIGHBOR_OFFLOAD_STATE_CACHED *cached;

	chim_obl_init(q, NeighborOffloadState);
	q->NdisOffloadHandle = &c->n;
	cached = chim_obl_state(q, CHIM_STATE_CACHED);
	b->host.delta = 1234;
	NdisMOffloadEventIndicate(b->nic.adapter, q, NeighborReachabilityQuery);
	SAW(b, "neighbor");
	CHECK_EQ(cached->HostReachabilityDelta, 1234);
	CHECK(b->host.done->OffloadHandle == &c->n);
	NdisMOffloadEventIndicate(b->nic.adapter, NULL, NeighborReachabilityInDoubt);
	SAW(b, "doubt");
	CHECK(bed_terminate(b, c));
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

/* Completion inside an I/O entry point is no call inside a call: it waits for the poll. */
static void ack_inside(struct nic *nic, struct nic_obj *o)
{
	nic_ack(nic, o, 1);
}

static bool early_completion_waits(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);

	b->nic.on_io = ack_inside;
	CHECK_EQ(NdisOffloadTcpSend(&c->t, host_list(&b->host, 3)), NDIS_STATUS_PENDING);
	SAW(b, "");
	CHECK_EQ(chim_ndis_poll(b->ndis, 10), 1);
	SAW(b, "send:1");
	CHECK(bed_terminate(b, c));
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

/* Ten thousand connections on one path, in one tree, up and down. */
static bool broad_tree(void)
{
	enum { MANY = 10000 };
	struct bed *b = bed_new();
	size_t size = chim_obl_bytes(TcpOffloadState);
	NDIS_OFFLOAD_HANDLE *h = host_alloc(&b->host, (MANY + 2) * sizeof(*h));
	char *blocks = host_alloc(&b->host, MANY * size);
	pblock *first = NULL, *n;

	for (int i = MANY; i-- > 0;) {
		pblock *t = (pblock *)(void *)(blocks + (size_t)i * size);
		TCP_OFFLOAD_STATE_DELEGATED *d;

		chim_obl_init(t, TcpOffloadState);
		t->OffloadHandle = &h[i];
		d = chim_obl_state(t, CHIM_STATE_DELEGATED);
		d->State = TcpConnectionCloseWait;
		t->NextBlock = first;
		first = t;
	}
	n = on(host_block(&b->host, NeighborOffloadState, &h[MANY], "N"),
	       on(host_block(&b->host, Ip6OffloadState, &h[MANY + 1], "P"), first));
	NdisInitiateOffload(b->host.binding, n);
	bed_settle(b);
	CHECK_EQ(n->Status, NDIS_STATUS_SUCCESS);
	CHECK_EQ(chim_ndis_adapter_objects(b->nic.adapter), MANY + 2);
	NdisTerminateOffload(b->host.binding, n);
	bed_settle(b);
	CHECK_EQ(chim_ndis_adapter_objects(b->nic.adapter), 0);
	SAW(b, "initiate terminate");
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(whole_life),
		CASE(worked_order),
		CASE(worked_example),
		CASE(linker_of_failures),
		CASE(send_data_moves),
		CASE(completions_keep_order),
		CASE(indications_do_not_overtake),
		CASE(buffered_data_is_lent),
		CASE(handlers_may_call),
		CASE(relink_moves_dependents),
		CASE(queries_overlap),
		CASE(failed_terminate_is_repeated),
		CASE(all_reasons),
		CASE(neighbor_query_is_synchronous),
		CASE(early_completion_waits),
		CASE(broad_tree),
	};

	return TAP_RUN(cases);
}
