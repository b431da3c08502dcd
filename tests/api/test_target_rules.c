/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * What a target may not do: each rule broken once. The fault must be counted once and no other, and
 * the host must get something it can rely on. Hard part: lists and trees that a broken target loses
 * or gives back twice.
 */
#include <string.h>

#include "bed.h"

typedef NDIS_MINIPORT_OFFLOAD_BLOCK_LIST mblock;

#define BLOCK(type, h) host_block(&b->host, (type), (h), "x")

/* Twists, run between the mock's work and its completion. */
static int way;
static NET_BUFFER_LIST *strange; /* a list of the test at hand */
static PVOID lost;		 /* object of the mock that nobody will ever name again */

static mblock *tcp_of(mblock *root)
{
	return root->DependentBlockList->DependentBlockList;
}

static void twist_initiate(struct nic *nic, enum nic_op_kind kind, mblock *root)
{
	mblock *p = root->DependentBlockList, *t = tcp_of(root);
	static PVOID junk;

	(void)nic;
	if (kind != NIC_INITIATE)
		return;
	lost = way < 4 ? *t->MiniportOffloadContext : NULL;
	switch (way) {
	case 0: t->Status = NDIS_STATUS_PENDING; break;		   /* R10: not written */
	case 1: t->Status = NDIS_STATUS_UPLOAD_IN_PROGRESS; break; /* not one of 5.4 */
	case 2: *t->MiniportOffloadContext = NULL; break; /* R5: success without reference */
	case 3: t->Status = NDIS_STATUS_RESOURCES; break; /* R5: reference without success */
	case 4: p->Status = NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS; break; /* R204 */
	case 5: root->Status = NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS; break;
	case 6: t->ProtocolReserved[1] = &junk; break; /* R8 */
	case 7: t->ImReserved[0] = &junk; break;
	case 8: root->SourceHandle = NULL; break;
	default: break;
	}
}

static bool initiates(void)
{
	static const enum chim_ndis_rule rule[] = {
		CHIM_T_STATUS,	 CHIM_T_STATUS,	     CHIM_T_CELL,
		CHIM_T_CELL,	 CHIM_T_PROPAGATION, CHIM_T_PROPAGATION,
		CHIM_T_RESERVED, CHIM_T_RESERVED,    CHIM_T_RESERVED,
	};

	for (way = 0; way < 9; way++) {
		struct bed *b = bed_new();
		struct conn *c = host_alloc(&b->host, sizeof(*c));
		pblock *tree = host_tree(&b->host, c), *t;

		b->nic.before_complete = twist_initiate;
		NdisInitiateOffload(b->host.binding, tree);
		t = tree->DependentBlockList->DependentBlockList;
		bed_settle(b);
		SAW(b, "initiate");
		CHECK_EQ(chim_ndis_count(b->ndis, rule[way]), 1);
		b->seen[rule[way]]++;
		/* The mock's path above says SUCCESS where the connection is lost. */
		if (way < 4) {
			CHECK_EQ(chim_ndis_count(b->ndis, CHIM_T_PROPAGATION), 1);
			b->seen[CHIM_T_PROPAGATION]++;
		}
		/* With an unusable status the reference is wrong as well. */
		if (way < 2) {
			CHECK_EQ(chim_ndis_count(b->ndis, CHIM_T_CELL), 1);
			b->seen[CHIM_T_CELL]++;
		}
		CHECK_EQ(chim_ndis_target_faults(b->ndis), way < 2 ? 3 : way < 4 ? 2 : 1);
		CLEAN(b);
		CHECK(way == 3 ||
		      t->Status == (way < 3 ? NDIS_STATUS_FAILURE : NDIS_STATUS_SUCCESS));
		/* Host and router agree on whether there is a connection. */
		CHECK_EQ(c->t.MiniportOffloadContext != NULL, way > 3);
		CHECK_EQ(c->t.NdisReserved[0] != NULL, way > 3);
		CHECK(!strcmp((char *)t->ProtocolReserved, "T") && !t->ProtocolReserved[1]);
		CHECK(!t->ImReserved[0] && tree->SourceHandle == b->host.binding);
		if (lost)
			nic_forget(&b->nic, lost);
		b->nic.before_complete = NULL;
		if (way > 3) {
			CHECK(bed_terminate(b, c));
		} else {
			NdisTerminateOffload(b->host.binding, on(BLOCK(NeighborOffloadState, &c->n),
								 BLOCK(Ip4OffloadState, &c->p)));
			bed_settle(b);
		}
		CHECK(bed_end(b));
	}
	return true;
}

static void fail_path_keep_tcp(struct nic *nic, enum nic_op_kind kind, mblock *root)
{
	mblock *p = root->DependentBlockList;

	(void)nic;
	if (kind != NIC_INITIATE)
		return;
	p->Status = NDIS_STATUS_OFFLOAD_PATH_ENTRIES;
	nic_forget(nic, *p->MiniportOffloadContext);
	*p->MiniportOffloadContext = NULL;
	root->Status = NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
}

/* A connection taken on a path that was not: both say what they say, nothing dangles. */
static bool taken_on_nothing(void)
{
	struct bed *b = bed_new();
	struct conn *c = host_alloc(&b->host, sizeof(*c));

	b->nic.before_complete = fail_path_keep_tcp;
	NdisInitiateOffload(b->host.binding, host_tree(&b->host, c));
	bed_settle(b);
	BROKE(b, CHIM_T_PROPAGATION);
	CHECK(!c->p.NdisReserved[0] && c->t.NdisReserved[0]);
	b->nic.before_complete = NULL;
	NdisTerminateOffload(b->host.binding, BLOCK(TcpOffloadState, &c->t));
	NdisTerminateOffload(b->host.binding, BLOCK(NeighborOffloadState, &c->n));
	bed_settle(b);
	CHECK_EQ(chim_ndis_adapter_objects(b->nic.adapter), 0);
	CHECK(bed_end(b));
	return true;
}

static void twist_placeholder(struct nic *nic, enum nic_op_kind kind, mblock *root)
{
	static const NDIS_STATUS st[] = { NDIS_STATUS_PENDING, NDIS_STATUS_FAILURE,
					  NDIS_STATUS_RESOURCES };

	(void)nic;
	(void)kind;
	root->Status = st[way];
}

/* R23, R24: placeholders and linkers that are not written, wrong, or have a new block's status. */
static bool placeholders_and_linkers(void)
{
	for (int linker = 0; linker < 2; linker++)
		for (way = 0; way < 3; way++) {
			struct bed *b = bed_new();
			struct conn *c = bed_offload(b);
			NDIS_OFFLOAD_HANDLE *h = host_alloc(&b->host, sizeof(*h));
			pblock *tree =
				on(BLOCK(NeighborOffloadState, linker ? &c->n : NULL),
				   on(BLOCK(Ip4OffloadState, &c->p), BLOCK(TcpOffloadState, h)));

			b->nic.before_complete = twist_placeholder;
			NdisInitiateOffload(b->host.binding, tree);
			bed_settle(b);
			BROKE(b, way == 1 ? CHIM_T_PROPAGATION : CHIM_T_STATUS);
			CHECK(way == 1 || tree->Status == NDIS_STATUS_SUCCESS);
			b->nic.before_complete = NULL;
			NdisTerminateOffload(b->host.binding, BLOCK(TcpOffloadState, h));
			bed_settle(b);
			CHECK(bed_terminate(b, c));
			CHECK(bed_end(b));
		}
	return true;
}

static void twist_other(struct nic *nic, enum nic_op_kind kind, mblock *root)
{
	(void)nic;
	(void)kind;
	root->Status = way ? NDIS_STATUS_RESOURCES : NDIS_STATUS_PENDING;
}

/* R49, R84, R205: SUCCESS or FAILURE only. */
static bool statuses_of_other_operations(void)
{
	static void (*const call[])(NDIS_HANDLE, pblock *) = {
		NdisQueryOffloadState,
		NdisUpdateOffload,
		NdisInvalidateOffload,
		NdisTerminateOffload,
	};

	for (int i = 0; i < 4; i++)
		for (way = 0; way < 2; way++) {
			struct bed *b = bed_new();
			struct conn *c = bed_offload(b);
			pblock *t = BLOCK(TcpOffloadState, &c->t);

			b->nic.before_complete = twist_other;
			call[i](b->host.binding, t);
			bed_settle(b);
			BROKE(b, CHIM_T_STATUS);
			CHECK_EQ(t->Status, NDIS_STATUS_FAILURE);
			b->nic.before_complete = NULL;
			CHECK(c->t.NdisReserved[0]);
			CHECK(bed_terminate(b, c));
			CHECK(bed_end(b));
		}
	return true;
}

/* R11: completions of nothing, twice, of the wrong kind, inside the entry point. */
static bool completions(void)
{
	struct bed *b = bed_new();
	struct conn *c = host_alloc(&b->host, sizeof(*c));
	pblock *tree = host_tree(&b->host, c);
	mblock *m = (mblock *)(void *)tree;

	NdisMInitiateOffloadComplete(b->nic.adapter, m);
	BROKE(b, CHIM_T_UNKNOWN);
	NdisMInitiateOffloadComplete(b->nic.adapter, NULL);
	BROKE(b, CHIM_T_UNKNOWN);
	NdisInitiateOffload(b->host.binding, tree);
	NdisMQueryOffloadStateComplete(b->nic.adapter, m);
	BROKE(b, CHIM_T_UNKNOWN);
	NdisMInitiateOffloadComplete(b->nic.adapter, m->DependentBlockList); /* not the root */
	BROKE(b, CHIM_T_UNKNOWN);
	NdisMInitiateOffloadComplete(b->host.binding, m); /* not the adapter */
	BROKE(b, CHIM_T_UNKNOWN);
	NdisMInitiateOffloadComplete(NULL, m);
	CHECK(nic_work(&b->nic));
	NdisMInitiateOffloadComplete(b->nic.adapter, m);
	BROKE(b, CHIM_T_UNKNOWN);
	CHECK_EQ(chim_ndis_poll(b->ndis, 9), 1);
	NdisMInitiateOffloadComplete(b->nic.adapter, m);
	BROKE(b, CHIM_T_UNKNOWN);
	SAW(b, "initiate");
	b->nic.complete_inside = true;
	NdisQueryOffloadState(b->host.binding, BLOCK(TcpOffloadState, &c->t));
	BROKE(b, CHIM_T_INLINE);
	SAW(b, ""); /* still from the poll only */
	bed_settle(b);
	SAW(b, "query");
	b->nic.complete_inside = false;
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

/* Lists: unknown, twice, of the wrong kind, among right ones. */
static bool list_completions(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	NET_BUFFER_LIST *l[5], *chain;
	struct nic *nic = &b->nic;

	for (int i = 0; i < 5; i++)
		l[i] = host_list(&b->host, 4);
	nic->up.NdisTcpOffloadSendComplete(nic->adapter, l[0]);
	BROKE(b, CHIM_T_UNKNOWN);
	nic->up.NdisTcpOffloadSendComplete(nic->adapter, NULL);
	BROKE(b, CHIM_T_UNKNOWN);
	nic->up.NdisTcpOffloadSendComplete(b->host.binding, l[0]);
	BROKE(b, CHIM_T_UNKNOWN);
	nic->up.NdisTcpOffloadSendComplete(NULL, l[0]);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(NdisOffloadTcpSend(&c->t, l[i]), NDIS_STATUS_PENDING);
	CHECK_EQ(NdisOffloadTcpReceive(&c->t, l[3]), NDIS_STATUS_PENDING);
	/* They are sends, and the mock has chained them. */
	nic->up.NdisTcpOffloadReceiveComplete(nic->adapter, l[0]);
	CHECK(bed_broke(b, CHIM_T_UNKNOWN, 3));
	/* 0, a stranger, 1: the host gets 0 and 1. */
	chain = nic_take(&bed_nic_conn(c)->sends, 2, NDIS_STATUS_SUCCESS, UINT32_MAX);
	l[4]->Next = l[1];
	l[0]->Next = l[4];
	nic->up.NdisTcpOffloadSendComplete(nic->adapter, chain);
	BROKE(b, CHIM_T_UNKNOWN);
	bed_settle(b);
	SAW(b, "send:2");
	nic->up.NdisTcpOffloadSendComplete(nic->adapter, l[1]); /* again */
	BROKE(b, CHIM_T_UNKNOWN);
	l[4]->Next = l[4]; /* a loop of strangers ends */
	nic->up.NdisTcpOffloadSendComplete(nic->adapter, l[4]);
	CHECK(bed_broke(b, CHIM_T_UNKNOWN, 16));
	bed_settle(b);
	SAW(b, "");
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

/* R88, R91, R90, 7.1: order, statuses and byte counts of completed lists. */
static bool order_status_bytes(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	struct nic *nic = &b->nic;
	NET_BUFFER_LIST *l[8], **sends = &bed_nic_conn(c)->sends;

	for (int i = 0; i < 8; i++) {
		l[i] = host_list(&b->host, 4);
		CHECK_EQ(NdisOffloadTcpSend(&c->t, l[i]), NDIS_STATUS_PENDING);
	}
	/* 1 before 0 */
	*sends = l[1];
	l[0]->Next = NULL;
	nic_ack(nic, bed_nic_conn(c), 1);
	BROKE(b, CHIM_T_ORDER);
	chim_nbl_consume(l[0], 4, NDIS_STATUS_SUCCESS);
	nic->up.NdisTcpOffloadSendComplete(nic->adapter, l[0]);
	BROKE(b, CHIM_T_ORDER);
	nic_ack(nic, bed_nic_conn(c), 1); /* 2: in order again */
	CLEAN(b);
	/* success behind a failure */
	nic_take(sends, 1, NDIS_STATUS_UPLOAD_IN_PROGRESS, 1);
	l[3]->Next = nic_take(sends, 1, NDIS_STATUS_SUCCESS, 4);
	nic->up.NdisTcpOffloadSendComplete(nic->adapter, l[3]);
	BROKE(b, CHIM_T_CHAIN_STATUS);
	/* PAUSED is no status of a send (R147) */
	nic->up.NdisTcpOffloadSendComplete(nic->adapter, nic_take(sends, 1, NDIS_STATUS_PAUSED, 0));
	BROKE(b, CHIM_T_STATUS);
	/* success, but not all bytes; bytes that are not advanced */
	nic->up.NdisTcpOffloadSendComplete(nic->adapter,
					   nic_take(sends, 1, NDIS_STATUS_SUCCESS, 3));
	BROKE(b, CHIM_T_BYTES);
	nic_take(sends, 1, NDIS_STATUS_SUCCESS, 4);
	NdisRetreatNetBufferListDataStart(l[7], 4, 0, NULL);
	nic->up.NdisTcpOffloadSendComplete(nic->adapter, l[7]);
	BROKE(b, CHIM_T_BYTES);
	/* INVALID_STATE is for receives only */
	for (int i = 0; i < 2; i++)
		l[i] = host_list(&b->host, 4);
	CHECK_EQ(NdisOffloadTcpReceive(&c->t, l[0]), NDIS_STATUS_PENDING);
	CHECK_EQ(NdisOffloadTcpForward(&c->t, l[1]), NDIS_STATUS_PENDING);
	nic->up.NdisTcpOffloadReceiveComplete(nic->adapter, nic_take(&bed_nic_conn(c)->receives, 1,
								     NDIS_STATUS_INVALID_STATE, 0));
	CLEAN(b);
	nic->up.NdisTcpOffloadForwardComplete(nic->adapter, nic_take(&bed_nic_conn(c)->forwards, 1,
								     NDIS_STATUS_INVALID_STATE, 0));
	BROKE(b, CHIM_T_STATUS);
	bed_settle(b);
	SAW(b, "send:1 send:1 send:1 send:2 send:1 send:1 send:1 receive:1 forward:1");
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

/* R104, R109: a disconnect completes alone, behind all sends, unless the connection is uploaded. */
static bool disconnects(void)
{
	for (way = 0; way < 3; way++) {
		struct bed *b = bed_new();
		struct conn *c = bed_offload(b);
		struct nic *nic = &b->nic;
		NET_BUFFER_LIST *s = host_list(&b->host, 4), *d = host_list(&b->host, 4), *done;

		CHECK_EQ(NdisOffloadTcpSend(&c->t, s), NDIS_STATUS_PENDING);
		CHECK_EQ(NdisOffloadTcpDisconnect(&c->t, d, TCP_DISCONNECT_GRACEFUL_CLOSE),
			 NDIS_STATUS_PENDING);
		if (way == 1)
			nic_ack(nic, bed_nic_conn(c), 1);
		done = nic_take(&bed_nic_conn(c)->disconnect, 1,
				way == 2 ? NDIS_STATUS_UPLOAD_IN_PROGRESS : NDIS_STATUS_SUCCESS,
				way == 2 ? 0 : 4);
		nic->up.NdisTcpOffloadDisconnectComplete(nic->adapter, done);
		CHECK(bed_broke(b, way ? CHIM_RULES : CHIM_T_ORDER, !way));
		CHECK(bed_terminate(b, c));
		CHECK(bed_end(b));
	}
	return true;
}

static void complete_strange(struct nic *nic, struct nic_obj *o)
{
	(void)o;
	nic->on_io = NULL;
	chim_nbl_consume(strange, 4, NDIS_STATUS_SUCCESS);
	nic->up.NdisTcpOffloadSendComplete(nic->adapter, strange);
}

/* R87: an I/O entry point that returns something else. What it did not take stays the host's. */
static bool return_values(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	NET_BUFFER_LIST *l = host_list(&b->host, 4);
	ULONG n;

	b->nic.io_return = NDIS_STATUS_RESOURCES;
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l), NDIS_STATUS_RESOURCES);
	BROKE(b, CHIM_T_PENDING);
	b->nic.io_return = NDIS_STATUS_SUCCESS;
	CHECK_EQ(NdisOffloadTcpReceive(&c->t, l), NDIS_STATUS_FAILURE);
	BROKE(b, CHIM_T_PENDING);
	CHECK(!l->HopDepth);
	/* Completed, and refused as well: a completion follows, so it was taken. */
	strange = host_list(&b->host, 4);
	b->nic.on_io = complete_strange;
	CHECK_EQ(NdisOffloadTcpSend(&c->t, strange), NDIS_STATUS_PENDING);
	BROKE(b, CHIM_T_PENDING);
	CHECK_EQ(chim_ndis_poll(b->ndis, 9), 1);
	SAW(b, "send:1");
	b->nic.io_return = NDIS_STATUS_PENDING;
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l), NDIS_STATUS_PENDING);
	nic_ack(&b->nic, bed_nic_conn(c), 1); /* its number is in order */
	CLEAN(b);
	l = host_list(&b->host, 4);
	CHECK_EQ(b->nic.up.NdisTcpOffloadReceiveHandler(&c->t, l, NDIS_STATUS_SUCCESS, &n),
		 NDIS_STATUS_SUCCESS);
	b->nic.return_return = NDIS_STATUS_PENDING;
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b->host.binding, l), NDIS_STATUS_SUCCESS);
	BROKE(b, CHIM_T_PENDING);
	bed_settle(b);
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

static void twist_terminate(struct nic *nic, enum nic_op_kind kind, mblock *root)
{
	mblock *t = tcp_of(root);
	TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(t, CHIM_STATE_DELEGATED);
	NET_BUFFER_LIST *l = t->NetBufferListChain; /* three lists */

	(void)nic;
	if (kind != NIC_TERMINATE)
		return;
	switch (way) {
	case 0: l->Next->Next->Next = l; break;	      /* loops */
	case 1: l->Next->Next->Next = strange; break; /* one too many */
	case 2: d->SendDataTail = l; break;
	case 3: d->SendDataHead = l->Next; break;
	case 4: d->BufferedData = strange; break; /* without data to walk */
	default: break;
	}
}

/* R72: send data of a terminate. The host gets each of its lists once. */
static bool terminate_chains(void)
{
	for (way = 0; way < 5; way++) {
		struct bed *b = bed_new();
		struct conn *c = bed_offload(b);
		pblock *end = host_end_tree(&b->host, c), *t;
		NET_BUFFER_LIST *l[3];

		strange = host_list(&b->host, 4);
		strange->FirstNetBuffer->MdlChain->StartVa = NULL;
		for (int i = 0; i < 3; i++) {
			l[i] = host_list(&b->host, 4);
			CHECK_EQ(NdisOffloadTcpSend(&c->t, l[i]), NDIS_STATUS_PENDING);
		}
		b->nic.before_complete = twist_terminate;
		NdisTerminateOffload(b->host.binding, end);
		bed_settle(b);
		BROKE(b, way == 4 ? CHIM_T_INDICATION : CHIM_T_SEND_CHAIN);
		t = end->DependentBlockList->DependentBlockList;
		CHECK(t->NetBufferListChain == l[0] && l[0]->Next == l[1] && l[1]->Next == l[2] &&
		      !l[2]->Next);
		CHECK(!((TCP_OFFLOAD_STATE_DELEGATED *)chim_obl_state(t, CHIM_STATE_DELEGATED))
			       ->BufferedData);
		CHECK(bed_end(b));
	}
	return true;
}

static void keep_things(struct nic *nic, enum nic_op_kind kind, mblock *root)
{
	mblock *t = tcp_of(root);
	TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(t, CHIM_STATE_DELEGATED);

	(void)nic;
	if (kind != NIC_TERMINATE)
		return;
	strange = t->NetBufferListChain; /* two lists: the first is kept back */
	t->NetBufferListChain = d->SendDataHead = strange->Next;
	strange->Next = NULL;
}

/* R66: something left outstanding. It can still come back, and then all is over. */
static bool terminate_with_outstanding(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);

	for (int i = 0; i < 2; i++)
		CHECK_EQ(NdisOffloadTcpSend(&c->t, host_list(&b->host, 4)), NDIS_STATUS_PENDING);
	b->nic.before_complete = keep_things;
	NdisTerminateOffload(b->host.binding, host_end_tree(&b->host, c));
	CHECK(nic_work(&b->nic));
	CHECK_EQ(chim_ndis_count(b->ndis, CHIM_T_OUTSTANDING), 1);
	CHECK_EQ(chim_ndis_count(b->ndis, CHIM_T_SEND_CHAIN), 1); /* the second came first */
	b->seen[CHIM_T_OUTSTANDING] = b->seen[CHIM_T_SEND_CHAIN] = 1;
	CLEAN(b);
	bed_settle(b);
	SAW(b, "terminate");
	CHECK(chim_ndis_close(b->host.binding)); /* not while a list is out */
	chim_nbl_consume(strange, 0, NDIS_STATUS_UPLOAD_IN_PROGRESS);
	b->nic.up.NdisTcpOffloadSendComplete(b->nic.adapter, strange);
	BROKE(b, CHIM_T_ORDER);
	CHECK(chim_ndis_close(b->host.binding)); /* nor while its completion is queued */
	bed_settle(b);
	SAW(b, "send:1");
	CHECK(bed_end(b));
	return true;
}

static void fail_tcp(struct nic *nic, enum nic_op_kind kind, mblock *root)
{
	(void)nic;
	if (kind == NIC_TERMINATE)
		tcp_of(root)->Status = NDIS_STATUS_FAILURE;
}

/* A parent that says it is gone before its dependent. */
static bool terminate_out_of_order(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);

	b->nic.before_complete = fail_tcp;
	NdisTerminateOffload(b->host.binding, host_end_tree(&b->host, c));
	bed_settle(b);
	BROKE(b, CHIM_T_PROPAGATION);
	CHECK(!c->p.NdisReserved[0] && c->t.NdisReserved[0]);
	b->nic.before_complete = NULL;
	NdisTerminateOffload(b->host.binding, BLOCK(TcpOffloadDelegatedState, &c->t));
	bed_settle(b);
	CHECK_EQ(chim_ndis_adapter_objects(b->nic.adapter), 0);
	CHECK(bed_end(b));
	return true;
}

static void indicate_inside(struct nic *nic, struct nic_obj *o)
{
	ULONG n;

	nic->on_io = NULL;
	if (nic->up.NdisTcpOffloadReceiveHandler(o->up, strange, NDIS_STATUS_SUCCESS, &n) !=
	    NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED)
		nic->returned = 99;
	nic->up.NdisTcpOffloadEventHandler(o->up, TcpIndicateAbort, 0);
}

static void indicate_again(struct host *host)
{
	struct bed *b = host->user;

	host->hook = NULL;
	b->nic.up.NdisTcpOffloadEventHandler(host->context, TcpIndicateAbort, 0);
}

/* R30, R67, R118: indications too early, too late, from inside a call of the host or a handler. */
static bool indications_at_wrong_times(void)
{
	struct bed *b = bed_new();
	struct conn *c = host_alloc(&b->host, sizeof(*c));
	struct nic *nic = &b->nic;
	ULONG n;

	strange = host_list(&b->host, 4);
	NdisInitiateOffload(b->host.binding, host_tree(&b->host, c));
	CHECK_EQ(nic->up.NdisTcpOffloadReceiveHandler(&c->t, strange, NDIS_STATUS_SUCCESS, &n),
		 NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED);
	CHECK_EQ(n, 0);
	BROKE(b, CHIM_T_EARLY);
	nic->up.NdisTcpOffloadEventHandler(&c->t, TcpIndicateAbort, 0);
	BROKE(b, CHIM_T_EARLY);
	CHECK(nic_work(nic));
	/* Completed: allowed, and the host hears of the initiate first. */
	nic->up.NdisTcpOffloadEventHandler(&c->t, TcpIndicateSendBacklogChange, 5);
	SAW(b, "initiate event1:5");
	CLEAN(b);
	nic->on_io = indicate_inside;
	CHECK_EQ(NdisOffloadTcpReceive(&c->t, host_list(&b->host, 4)), NDIS_STATUS_PENDING);
	CHECK(bed_broke(b, CHIM_T_NESTED, 2));
	CHECK_EQ(nic->returned, 0);
	SAW(b, "");
	b->host.user = b;
	b->host.hook = indicate_again;
	nic->up.NdisTcpOffloadEventHandler(&c->t, TcpIndicateSendBacklogChange, 6);
	SAW(b, "event1:6");
	BROKE(b, CHIM_T_NESTED);
	/* From the handler of a completion as well. */
	CHECK_EQ(NdisOffloadTcpSend(&c->t, host_list(&b->host, 4)), NDIS_STATUS_PENDING);
	nic_ack(nic, bed_nic_conn(c), 1);
	b->host.context = &c->t;
	b->host.hook = indicate_again;
	CHECK_EQ(chim_ndis_poll(b->ndis, 1), 1);
	SAW(b, "send:1");
	BROKE(b, CHIM_T_NESTED);
	NdisTerminateOffload(b->host.binding, host_end_tree(&b->host, c));
	nic->up.NdisTcpOffloadEventHandler(&c->t, TcpIndicateSendBacklogChange, 7);
	SAW(b, "event1:7"); /* it may still deliver (6.4.2) */
	CHECK(nic_work(nic));
	nic->up.NdisTcpOffloadEventHandler(&c->t, TcpIndicateAbort, 0);
	BROKE(b, CHIM_T_EARLY);
	bed_settle(b);
	nic->up.NdisTcpOffloadEventHandler(&c->t, TcpIndicateAbort, 0); /* no object any more */
	nic->up.NdisTcpOffloadEventHandler(NULL, TcpIndicateAbort, 0);
	SAW(b, "receive:1 terminate");
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

static void terminate_and_finish(struct host *host)
{
	struct bed *b = host->user;

	host->hook = NULL;
	NdisTerminateOffload(host->binding,
			     host_block(host, TcpOffloadDelegatedState, host->context, "T"));
	nic_work(&b->nic); /* a NIC that does not wait for its own indication (R67) */
}

static bool terminate_inside_indication(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);

	b->host.user = b;
	b->host.hook = terminate_and_finish;
	b->nic.up.NdisTcpOffloadEventHandler(&c->t, TcpIndicateRetrieve, UploadRequested);
	SAW(b, "event3:10");
	BROKE(b, CHIM_T_EARLY);
	bed_settle(b);
	SAW(b, "terminate");
	NdisTerminateOffload(b->host.binding,
			     on(BLOCK(NeighborOffloadState, &c->n), BLOCK(Ip4OffloadState, &c->p)));
	bed_settle(b);
	CHECK(bed_end(b));
	return true;
}

/* R125, R131, R138, R153: shapes of indications. */
static bool indication_shapes(void)
{
	struct bed *b = bed_new();
	struct conn *c = bed_offload(b);
	struct nic *nic = &b->nic;
	mblock *q = host_alloc(&b->host, chim_obl_bytes(NeighborOffloadState));
	NET_BUFFER_LIST *l, *m = host_list(&b->host, 4);
	ULONG n;

	for (int i = 0; i < 6; i++) {
		l = host_list(&b->host, 4);
		switch (i) {
		case 0: l->Next = m; break;
		case 1: l->FirstNetBuffer->Next = m->FirstNetBuffer; break;
		case 2: l->FirstNetBuffer->DataLength = 0; break;
		case 3: l->FirstNetBuffer->DataLength = 5; break;
		case 4: l->FirstNetBuffer = NULL; break;
		case 5: l = NULL; break;
		}
		CHECK_EQ(nic->up.NdisTcpOffloadReceiveHandler(&c->t, l, NDIS_STATUS_SUCCESS, &n),
			 NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED);
		BROKE(b, CHIM_T_INDICATION);
	}
	SAW(b, "");
	/*
	 * A status other than SUCCESS is counted, but the data arrives; twice the same list does
	 * not.
	 */
	CHECK_EQ(nic->up.NdisTcpOffloadReceiveHandler(&c->t, m, NDIS_STATUS_RESOURCES, NULL),
		 NDIS_STATUS_SUCCESS);
	BROKE(b, CHIM_T_INDICATION);
	CHECK_EQ(nic->up.NdisTcpOffloadReceiveHandler(&c->t, m, NDIS_STATUS_SUCCESS, NULL),
		 NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED);
	BROKE(b, CHIM_T_INDICATION);
	SAW(b, "data:4");
	CHECK_EQ(NdisOffloadTcpReceiveReturn(b->host.binding, m), NDIS_STATUS_SUCCESS);
	/* events */
	nic->up.NdisTcpOffloadEventHandler(&c->t, 0, 0);
	BROKE(b, CHIM_T_INDICATION);
	nic->up.NdisTcpOffloadEventHandler(&c->t, 5, 0);
	BROKE(b, CHIM_T_INDICATION);
	nic->up.NdisTcpOffloadEventHandler(&c->t, TcpIndicateRetrieve, 0);
	BROKE(b, CHIM_T_INDICATION);
	nic->up.NdisTcpOffloadEventHandler(&c->t, TcpIndicateRetrieve, MaxUploadReason);
	BROKE(b, CHIM_T_INDICATION);
	nic->up.NdisTcpOffloadEventHandler(&c->p, TcpIndicateRetrieve, UploadRequested);
	BROKE(b, CHIM_T_INDICATION);
	/* neighbor queries */
	for (int i = 0; i < 9; i++) {
		chim_obl_init(q, NeighborOffloadState);
		q->NdisOffloadHandle = &c->n;
		q->NextBlock = q->DependentBlockList = NULL;
		q->Status = NDIS_STATUS_SUCCESS;
		switch (i) {
		case 0: q->Header.Type = NeighborOffloadCachedState; break;
		case 1: q->Header.Size = 0; break;
		case 2: q->Header.Revision = 9; break;
		case 3: q->DependentBlockList = q; break;
		case 4: q->Status = NDIS_STATUS_FAILURE; break;
		case 5: q->NdisOffloadHandle = &c->p; break;
		case 6: q->NdisOffloadHandle = NULL; break;
		case 7: q->NextBlock = q; break;
		}
		NdisMOffloadEventIndicate(nic->adapter, q,
					  i == 8 ? NeighborReachabilityInDoubt
						 : NeighborReachabilityQuery);
		BROKE(b, CHIM_T_INDICATION);
	}
	NdisMOffloadEventIndicate(nic->adapter, NULL, NeighborReachabilityQuery);
	BROKE(b, CHIM_T_INDICATION);
	NdisMOffloadEventIndicate(nic->adapter, NULL, MaxOffloadEvent);
	BROKE(b, CHIM_T_INDICATION);
	NdisMOffloadEventIndicate(NULL, NULL, NeighborReachabilityInDoubt);
	SAW(b, "");
	CHECK(bed_terminate(b, c));
	CHECK(bed_end(b));
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(initiates),
		CASE(taken_on_nothing),
		CASE(placeholders_and_linkers),
		CASE(statuses_of_other_operations),
		CASE(completions),
		CASE(list_completions),
		CASE(order_status_bytes),
		CASE(disconnects),
		CASE(return_values),
		CASE(terminate_chains),
		CASE(terminate_with_outstanding),
		CASE(terminate_out_of_order),
		CASE(indications_at_wrong_times),
		CASE(terminate_inside_indication),
		CASE(indication_shapes),
	};

	return TAP_RUN(cases);
}
