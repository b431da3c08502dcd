/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Stacked drivers: host, one or two intermediate drivers, NIC (R193 to R203). Everything must look
 * to the host as it does without them. Hard part: one list and one tree are under way at every
 * layer at once.
 */
#include <errno.h>
#include <string.h>

#include "bed.h"
#include "mock_im.h"

/* A bed whose host sits on @n intermediate drivers. */
static struct bed *stack(struct im *im, int n)
{
	struct bed *b = calloc(1, sizeof(*b));
	NDIS_HANDLE top;

	memset(im, 0, (size_t)n * sizeof(*im));
	b->fail_in = -1;
	if (chim_ndis_create(NULL, &b->ndis) || nic_open(&b->nic, b->ndis))
		return NULL;
	top = b->nic.adapter;
	for (int i = 0; i < n; i++) {
		if (im_open(&im[i], b->ndis, top))
			return NULL;
		top = im[i].adapter;
	}
	return host_open(&b->host, b->ndis, top) ? NULL : b;
}

static bool unstack(struct bed *b, struct im *im, int n)
{
	CHECK_EQ(host_close(&b->host), 0);
	while (n--) {
		CHECK_EQ(im[n].entries, 0);
		CHECK_EQ(im[n].calls, 0);
		CHECK_EQ(im_close(&im[n]), 0);
	}
	CHECK_EQ(nic_close(&b->nic), 0);
	CLEAN(b);
	CHECK_EQ(chim_ndis_destroy(b->ndis), 0);
	bed_drop(b);
	return true;
}

static bool whole_life_through_drivers(void)
{
	struct im im[2];

	for (int n = 0; n <= 2; n++) {
		struct bed *b = stack(im, n);
		struct conn *c;
		pblock *tree, *t;
		NET_BUFFER_LIST *l[5];
		NDIS_OFFLOAD_HANDLE *low;
		TCP_OFFLOAD_STATE_DELEGATED *d;
		struct nic_obj *o;
		ULONG got;

		CHECK(b);
		c = host_alloc(&b->host, sizeof(*c));
		for (int i = 0; i < 5; i++)
			l[i] = host_list(&b->host, 10);
		tree = host_tree(&b->host, c);
		t = tree->DependentBlockList->DependentBlockList;
		t->NetBufferListChain = l[0];
		tree->ImReserved[1] = &got; /* whoever is above keeps what it has there */
		NdisInitiateOffload(b->host.binding, tree);
		CHECK(nic_work(&b->nic));
		o = n ? NULL : bed_nic_conn(c);
		CHECK(chim_ndis_poll(b->ndis, 100) == n + 1);
		SAW(b, "initiate");
		CHECK_EQ(tree->Status, NDIS_STATUS_SUCCESS);
		CHECK(tree->ImReserved[1] == &got && !tree->ImReserved[0]);
		CHECK(t->OffloadHandle == &c->t && c->t.MiniportOffloadContext);
		/* The NIC's connection, down the chain of entries (R202). */
		low = &c->t;
		for (int i = 0; i < n; i++)
			low = low->MiniportOffloadContext; /* own handle comes first */
		o = low->MiniportOffloadContext;
		CHECK(!strcmp(o->name, "T") && o->up == low && o->sends == l[0]);

		CHECK_EQ(NdisOffloadTcpSend(&c->t, l[1]), NDIS_STATUS_PENDING);
		CHECK_EQ(NdisOffloadTcpReceive(&c->t, l[2]), NDIS_STATUS_PENDING);
		CHECK_EQ(NdisOffloadTcpForward(&c->t, l[3]), NDIS_STATUS_PENDING);
		CHECK(o->sends->Next == l[1] && o->receives == l[2]); /* the same lists (R195) */
		CHECK_EQ(l[1]->HopDepth, n + 1);
		nic_ack(&b->nic, o, 1);
		b->nic.up.NdisTcpOffloadReceiveComplete(
			b->nic.adapter, nic_take(&o->receives, 1, NDIS_STATUS_SUCCESS, 10));
		b->nic.up.NdisTcpOffloadForwardComplete(
			b->nic.adapter, nic_take(&o->forwards, 1, NDIS_STATUS_SUCCESS, 0));
		SAW(b, "");
		/* An indication overtakes nothing, at no layer. */
		CHECK_EQ(b->nic.up.NdisTcpOffloadReceiveHandler(low, l[4], NDIS_STATUS_SUCCESS,
								&got),
			 NDIS_STATUS_SUCCESS);
		SAW(b, "send:1 receive:1 forward:1 data:10");
		CHECK_EQ(got, 10);
		CHECK(b->host.context == &c->t && b->host.data == l[4]);
		b->host.answer = NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED;
		b->host.consumed = 3;
		CHECK_EQ(b->nic.up.NdisTcpOffloadReceiveHandler(low, host_list(&b->host, 7),
								NDIS_STATUS_SUCCESS, &got),
			 NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED);
		CHECK_EQ(got, 3);
		b->nic.up.NdisTcpOffloadEventHandler(low, TcpIndicateRetrieve, HighDropRate);
		SAW(b, "data:7 event3:2");
		CHECK_EQ(NdisOffloadTcpReceiveReturn(b->host.binding, l[4]), NDIS_STATUS_SUCCESS);
		CHECK_EQ(b->nic.returned, 1);
		CHECK_EQ(l[4]->HopDepth, 0);

		/* A query's answer comes up, the unacknowledged send comes back. */
		tree = host_block(&b->host, Ip4OffloadCachedState, &c->p, "P");
		NdisQueryOffloadState(b->host.binding, tree);
		bed_settle(b);
		tree = host_end_tree(&b->host, c);
		NdisTerminateOffload(b->host.binding, tree);
		bed_settle(b);
		SAW(b, "query terminate");
		t = tree->DependentBlockList->DependentBlockList;
		d = chim_obl_state(t, CHIM_STATE_DELEGATED);
		CHECK(t->NetBufferListChain == l[1] && d->SendDataTail == l[1] && !l[1]->HopDepth);
		CHECK(!c->t.MiniportOffloadContext && !c->t.NdisReserved[0]);
		CLEAN(b);
		CHECK(unstack(b, im, n));
	}
	return true;
}

static NDIS_STATUS refuse_t2(struct nic *nic, const char *name)
{
	(void)nic;
	return strcmp(name, "T2") ? NDIS_STATUS_SUCCESS : NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED;
}

/* Partial success through a driver: entries of what failed are gone, its cell stays NULL. */
static bool failures_come_up(void)
{
	struct im im[1];
	struct bed *b = stack(im, 1);
	struct conn *c;
	NDIS_OFFLOAD_HANDLE *t2;
	pblock *tree;

	CHECK(b);
	c = host_alloc(&b->host, sizeof(*c));
	t2 = host_alloc(&b->host, sizeof(*t2));
	tree = host_tree(&b->host, c);
	then(tree->DependentBlockList->DependentBlockList,
	     host_block(&b->host, TcpOffloadState, t2, "T2"));
	b->nic.offer = refuse_t2;
	NdisInitiateOffload(b->host.binding, tree);
	bed_settle(b);
	SAW(b, "initiate");
	CHECK_EQ(tree->DependentBlockList->Status, NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS);
	CHECK_EQ(tree->DependentBlockList->DependentBlockList->NextBlock->Status,
		 NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED);
	CHECK(!t2->MiniportOffloadContext && !t2->NdisReserved[0]);
	CHECK_EQ(im[0].entries, 3);
	/* Linkers and placeholders go through as what they are (R3). */
	b->nic.offer = NULL;
	NdisInitiateOffload(b->host.binding,
			    on(host_block(&b->host, NeighborOffloadState, NULL, "n"),
			       on(host_block(&b->host, Ip4OffloadState, &c->p, "P"),
				  host_block(&b->host, TcpOffloadState, t2, "T2"))));
	bed_settle(b);
	SAW(b, "initiate");
	CHECK_EQ(im[0].entries, 4);
	CHECK(t2->MiniportOffloadContext);
	NdisTerminateOffload(b->host.binding,
			     host_block(&b->host, TcpOffloadDelegatedState, t2, "T2"));
	bed_settle(b);
	CHECK(bed_terminate(b, c));
	CLEAN(b);
	CHECK(unstack(b, im, 1));
	return true;
}

/* No memory for a send: not passed on, the host uploads and sends itself (R197). */
static bool out_of_memory_on_send(void)
{
	struct im im[1];
	struct bed *b = stack(im, 1);
	struct conn *c;
	NET_BUFFER_LIST *l[3];

	CHECK(b);
	c = bed_offload(b);
	for (int i = 0; i < 3; i++)
		l[i] = host_list(&b->host, 10);
	l[0]->Next = l[1];
	l[1]->Next = l[2];
	im[0].no_memory = true;
	chim_nbl_info_set(l[0], TcpOffloadBytesTransferred, 5); /* left from earlier use */
	CHECK_EQ(NdisOffloadTcpSend(&c->t, l[0]), NDIS_STATUS_PENDING);
	SAW(b, "");
	bed_settle(b);
	SAW(b, "send:3");
	CHECK_EQ(l[0]->Status, NDIS_STATUS_REQUEST_UPLOAD);
	CHECK_EQ(l[1]->Status, NDIS_STATUS_UPLOAD_REQUESTED);
	CHECK_EQ(l[2]->Status, NDIS_STATUS_UPLOAD_REQUESTED);
	CHECK_EQ(chim_nbl_info(l[0], TcpOffloadBytesTransferred), 0);
	CHECK(bed_terminate(b, c));
	CLEAN(b);
	CHECK(unstack(b, im, 1));
	return true;
}

/* A driver that does not restore what it found is noticed, and the host is spared (R193). */
static bool forgetful_driver(void)
{
	struct im im[1];
	struct bed *b = stack(im, 1);
	struct conn *c;
	pblock *tree;

	CHECK(b);
	c = host_alloc(&b->host, sizeof(*c));
	im[0].forget_reserved = true;
	tree = host_tree(&b->host, c);
	NdisInitiateOffload(b->host.binding, tree);
	bed_settle(b);
	SAW(b, "initiate");
	BROKE(b, CHIM_T_RESERVED);
	CHECK(tree->SourceHandle == b->host.binding && !tree->ImReserved[0]);
	im[0].forget_reserved = false;
	CHECK(bed_terminate(b, c));
	CLEAN(b);
	CHECK(unstack(b, im, 1));
	return true;
}

/* What the host does wrong stops at the first layer; what the driver below refuses comes up. */
static bool refusals_at_each_layer(void)
{
	struct im im[1];
	struct bed *b = stack(im, 1);
	struct conn *c;
	pblock *t;

	CHECK(b);
	c = bed_offload(b);
	t = host_block(&b->host, TcpOffloadState, &c->t, "T");
	t->Header.Type = TcpOffloadResourceState;
	NdisQueryOffloadState(b->host.binding, t);
	BROKE(b, CHIM_R_HEADER);
	CHECK_EQ(im[0].calls, 0);
	bed_settle(b);
	SAW(b, "query");
	bed_settle(b);
	CHECK(bed_terminate(b, c));
	CLEAN(b);
	CHECK(unstack(b, im, 1));
	return true;
}

/* A list passes CHIM_NDIS_HOPS layers and no more; beyond, it stays the host's. */
static bool too_many_layers(void)
{
	struct im im[CHIM_NDIS_HOPS];

	for (int n = CHIM_NDIS_HOPS - 1; n <= CHIM_NDIS_HOPS; n++) {
		struct bed *b = stack(im, n);
		NET_BUFFER_LIST *l;
		struct conn *c;

		CHECK(b);
		c = bed_offload(b);
		l = host_list(&b->host, 1);
		if (n < CHIM_NDIS_HOPS) {
			CHECK_EQ(NdisOffloadTcpSend(&c->t, l), NDIS_STATUS_PENDING);
		} else {
			CHECK_EQ(NdisOffloadTcpSend(&c->t, l), NDIS_STATUS_INVALID_PARAMETER);
			CHECK(!l->HopDepth);
			CHECK_EQ(chim_ndis_count(b->ndis, CHIM_R_NBL), 1);
			/* These drivers hand the refusal up instead of a completion. */
			CHECK_EQ(chim_ndis_count(b->ndis, CHIM_T_PENDING), CHIM_NDIS_HOPS);
			b->seen[CHIM_R_NBL] = 1;
			b->seen[CHIM_T_PENDING] = CHIM_NDIS_HOPS;
		}
		CHECK(bed_terminate(b, c));
		CLEAN(b);
		CHECK(unstack(b, im, n));
	}
	return true;
}

/* Neighbor queries, status indications, OIDs through a driver (R200, R208). */
static bool adapter_wide_things(void)
{
	struct im im[1];
	struct bed *b = stack(im, 1);
	PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST q;
	NEIGHBOR_OFFLOAD_STATE_CACHED *cached;
	NDIS_STATUS_INDICATION ind = {
		.Header = { NDIS_OBJECT_TYPE_STATUS_INDICATION, NDIS_STATUS_INDICATION_REVISION_1,
			    sizeof(ind) },
		.StatusCode = NDIS_STATUS_UPLOAD_ALL,
	};
	NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS par = {
		.Header = { NDIS_OBJECT_TYPE_DEFAULT, NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS_2,
			    sizeof(par) },
		.TicksPerSecond = 1000,
	};
	NDIS_OID_REQUEST req = {
		.Header = { NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_REQUEST_REVISION_1,
			    sizeof(req) },
		.RequestType = NdisRequestSetInformation,
		.DATA.SET_INFORMATION = { .Oid = OID_TCP_CONNECTION_OFFLOAD_PARAMETERS,
					  .InformationBuffer = &par,
					  .InformationBufferLength = sizeof(par) },
	};
	struct conn *c;

	CHECK(b);
	c = bed_offload(b);
	q = host_alloc(&b->host, chim_obl_bytes(NeighborOffloadState));
	chim_obl_init(q, NeighborOffloadState);
	q->NdisOffloadHandle = c->n.MiniportOffloadContext; /* the driver's own handle */
	cached = chim_obl_state(q, CHIM_STATE_CACHED);
	b->host.delta = 77;
	NdisMOffloadEventIndicate(b->nic.adapter, q, NeighborReachabilityQuery);
	SAW(b, "neighbor");
	CHECK_EQ(cached->HostReachabilityDelta, 77);
	CHECK(q->NdisOffloadHandle == c->n.MiniportOffloadContext);

	b->nic.oid_return = NDIS_STATUS_PENDING;
	CHECK_EQ(NdisOidRequest(b->host.binding, &req), NDIS_STATUS_PENDING);
	CHECK_EQ(((const NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS *)
			  b->nic.oid->DATA.SET_INFORMATION.InformationBuffer)
			 ->TicksPerSecond,
		 1000);
	NdisMOidRequestComplete(b->nic.adapter, b->nic.oid, NDIS_STATUS_SUCCESS);
	SAW(b, "");
	bed_settle(b);
	SAW(b, "oid");
	CHECK_EQ(b->host.oid_status, NDIS_STATUS_SUCCESS);

	NdisMIndicateStatusEx(b->nic.adapter, &ind);
	SAW(b, "status40020002");
	ind.StatusCode = NDIS_STATUS_OFFLOAD_RESUME;
	NdisMIndicateStatusEx(b->nic.adapter, &ind); /* connections are still there (R208) */
	SAW(b, "");
	BROKE(b, CHIM_T_RESUME);
	CHECK(bed_terminate(b, c));
	NdisMIndicateStatusEx(b->nic.adapter, &ind);
	SAW(b, "status40020003");
	CLEAN(b);
	CHECK(unstack(b, im, 1));
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(whole_life_through_drivers), CASE(failures_come_up),
		CASE(out_of_memory_on_send),	  CASE(forgetful_driver),
		CASE(refusals_at_each_layer),	  CASE(too_many_layers),
		CASE(adapter_wide_things),
	};

	return TAP_RUN(cases);
}
