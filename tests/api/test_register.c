/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Registration, binding, capabilities, OIDs, status indications. Hard part: everything may be
 * closed from inside handlers, and nothing may go while something refers to it.
 */
#include <errno.h>
#include <string.h>

#include "bed.h"

static bool bad_arguments(void)
{
	struct bed *b = bed_new();
	const struct chim_ndis_config half = { .free = NULL,
					       .alloc = (void *(*)(void *, size_t))1 };
	struct chim_ndis_miniport ops = { 0 };
	struct chim_ndis_protocol pops = { 0 };
	const NDIS_OFFLOAD_EVENT_HANDLERS *h;
	NDIS_HANDLE x;
	struct chim_ndis *n;

	CHECK_EQ(chim_ndis_create(NULL, NULL), -EINVAL);
	CHECK_EQ(chim_ndis_create(&half, &n), -EINVAL);
	CHECK_EQ(chim_ndis_destroy(NULL), 0);
	CHECK_EQ(chim_ndis_destroy(b->ndis), -EBUSY);
	CHECK_EQ(chim_ndis_destroy((struct chim_ndis *)b->nic.adapter), -EINVAL);
	CHECK_EQ(chim_ndis_poll(NULL, 1), -EINVAL);
	CHECK_EQ(chim_ndis_poll(b->ndis, 0), -EINVAL);
	CHECK(!chim_ndis_pending(NULL));
	CHECK_EQ(chim_ndis_miniport_register(NULL, &ops, NULL, &x), -EINVAL);
	CHECK_EQ(chim_ndis_miniport_register(b->ndis, &ops, NULL, &x), -EINVAL);
	CHECK_EQ(chim_ndis_miniport_register(b->ndis, NULL, NULL, &x), -EINVAL);
	CHECK_EQ(chim_ndis_protocol_register(b->ndis, NULL, NULL, &x), -EINVAL);
	CHECK_EQ(chim_ndis_protocol_register(b->host.binding, &pops, NULL, &x), -EINVAL);
	CHECK_EQ(chim_ndis_miniport_deregister(b->host.driver), -EINVAL);
	CHECK_EQ(chim_ndis_miniport_deregister(b->nic.driver), -EBUSY);
	CHECK_EQ(chim_ndis_protocol_deregister(b->host.driver), -EBUSY);
	CHECK_EQ(chim_ndis_protocol_deregister(NULL), -EINVAL);
	CHECK_EQ(chim_ndis_adapter_add(b->host.driver, NULL, &x), -EINVAL);
	CHECK_EQ(chim_ndis_adapter_remove(NULL), -EINVAL);
	CHECK_EQ(chim_ndis_adapter_remove(b->nic.adapter), -EBUSY);
	CHECK_EQ(chim_ndis_open(b->host.driver, b->host.driver, NULL, &x), -EINVAL);
	CHECK_EQ(chim_ndis_open(b->nic.adapter, b->nic.adapter, NULL, &x), -EINVAL);
	CHECK_EQ(chim_ndis_close(b->nic.adapter), -EINVAL);
	CHECK_EQ(chim_ndis_adapter_objects(NULL), 0);
	CHECK_EQ(NdisMGetOffloadHandlers(NULL, NdisTcpChimneyOffload, &h),
		 NDIS_STATUS_INVALID_PARAMETER);
	CHECK_EQ(NdisMGetOffloadHandlers(b->nic.adapter, NdisTcpChimneyOffload, NULL),
		 NDIS_STATUS_INVALID_PARAMETER);
	CHECK_EQ(NdisMGetOffloadHandlers(b->nic.adapter, NdisRdmaChimneyOffload, &h),
		 NDIS_STATUS_NOT_SUPPORTED);
	CHECK(!chim_ndis_rule_get(CHIM_RULES));
	for (unsigned int r = 0; r < CHIM_RULES; r++) {
		const struct chim_ndis_rule_info *i = chim_ndis_rule_get((enum chim_ndis_rule)r);

		CHECK(i && i->name && i->source && i->err < 0);
		CHECK_EQ(i->target, !strncmp(i->name, "target-", 7));
		for (unsigned int q = 0; q < r; q++)
			CHECK(strcmp(i->name, chim_ndis_rule_get((enum chim_ndis_rule)q)->name));
	}
	/* Tables and attributes only at their time. */
	CHECK_EQ(NdisSetOptionalHandlers(b->nic.driver, NULL), NDIS_STATUS_INVALID_PARAMETER);
	CHECK_EQ(NdisSetOptionalHandlers(b->nic.driver, &b->nic.up.Header),
		 NDIS_STATUS_INVALID_PARAMETER);
	CHECK_EQ(NdisMSetMiniportAttributes(b->nic.adapter, NULL), NDIS_STATUS_INVALID_PARAMETER);
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

/* Tables with one thing wrong, through a SetOptionsHandler that reports what came of it. */
static NDIS_STATUS got;
static const NDIS_OBJECT_HEADER *table;

static NDIS_STATUS offer_table(NDIS_HANDLE driver, NDIS_HANDLE ctx)
{
	(void)ctx;
	got = NdisSetOptionalHandlers(driver, table);
	return NDIS_STATUS_SUCCESS;
}

static void nothing(NDIS_HANDLE ctx, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list)
{
	(void)ctx;
	(void)list;
}

static NDIS_STATUS no_adapter(NDIS_HANDLE adapter, NDIS_HANDLE driver, PVOID init, NDIS_HANDLE *ctx)
{
	(void)adapter;
	(void)driver;
	(void)init;
	(void)ctx;
	return NDIS_STATUS_RESOURCES;
}

static void no_halt(NDIS_HANDLE ctx)
{
	(void)ctx;
}

static bool bad_tables(void)
{
	static const struct chim_ndis_miniport ops = { offer_table, no_adapter, no_halt, NULL };
	static const struct chim_ndis_protocol pops = { offer_table, NULL, NULL };
	const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS good = {
		.Header = { NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS, 1,
			    sizeof(good) },
		.InitiateOffloadHandler = nothing,
		.TerminateOffloadHandler = nothing,
		.UpdateOffloadHandler = nothing,
		.InvalidateOffloadHandler = nothing,
		.QueryOffloadHandler = nothing,
	};
	NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS t = good;
	NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp = {
		.Header = { NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_CHARACTERISTICS, 1,
			    sizeof(tcp) },
		.OffloadType = NdisRdmaChimneyOffload,
	};
	struct chim_ndis *n;
	NDIS_HANDLE x;

	CHECK_EQ(chim_ndis_create(NULL, &n), 0);
	table = &t.Header;
#define OFFER(want)                                                          \
	do {                                                                 \
		CHECK_EQ(chim_ndis_miniport_register(n, &ops, NULL, &x), 0); \
		CHECK_EQ(got, (want));                                       \
		CHECK_EQ(chim_ndis_miniport_deregister(x), 0);               \
	} while (0)
	t.Header.Revision = 2;
	OFFER(NDIS_STATUS_BAD_VERSION);
	t = good;
	t.Header.Size--;
	OFFER(NDIS_STATUS_BAD_VERSION);
	t = good;
	t.Header.Type = NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS;
	OFFER(NDIS_STATUS_BAD_VERSION); /* the other side's */
	t = good;
	t.QueryOffloadHandler = NULL;
	OFFER(NDIS_STATUS_BAD_CHARACTERISTICS);
	t = good;
	t.InitiateOffloadHandler = NULL;
	OFFER(NDIS_STATUS_BAD_CHARACTERISTICS);
	table = &tcp.Header;
	OFFER(NDIS_STATUS_BAD_CHARACTERISTICS);
	tcp.OffloadType = NdisTcpChimneyOffload; /* and no handlers */
	OFFER(NDIS_STATUS_BAD_CHARACTERISTICS);
#undef OFFER
	/* One table alone is no chimney. */
	t = good;
	table = &t.Header;
	CHECK_EQ(chim_ndis_miniport_register(n, &ops, NULL, &x), -EPROTO);
	CHECK_EQ(got, NDIS_STATUS_SUCCESS);
	CHECK_EQ(chim_ndis_protocol_register(n, &pops, NULL, &x), 0);
	CHECK_EQ(got, NDIS_STATUS_BAD_VERSION);
	CHECK_EQ(chim_ndis_protocol_deregister(x), 0);
	/* An adapter that does not start. */
	t.Header.Size = 0;
	CHECK_EQ(chim_ndis_miniport_register(n, &ops, NULL, &x), 0);
	CHECK_EQ(chim_ndis_adapter_add(x, NULL, &x), -EIO);
	CHECK_EQ(chim_ndis_miniport_deregister(x), 0);
	CHECK_EQ(chim_ndis_destroy(n), 0);
	return true;
}

/* R184, R185: what a target must be able to do to have a chimney. */
static bool bad_capabilities(void)
{
	for (int i = 0; i < 5; i++) {
		struct nic nic = { 0 };
		struct chim_ndis *n;

		CHECK_EQ(chim_ndis_create(NULL, &n), 0);
		nic.caps = (NDIS_TCP_CONNECTION_OFFLOAD){
			.Header = { NDIS_OBJECT_TYPE_DEFAULT,
				    NDIS_TCP_CONNECTION_OFFLOAD_REVISION_1, sizeof(nic.caps) },
			.Encapsulation = NDIS_ENCAPSULATION_IEEE_LLC_SNAP_ROUTED,
			.SupportIPv6 = NDIS_OFFLOAD_SUPPORTED,
		};
		switch (i) {
		case 0: nic.caps.Encapsulation = NDIS_ENCAPSULATION_IEEE_802_3_P_AND_Q; break;
		case 1: nic.caps.SupportIPv6 = NDIS_OFFLOAD_NOT_SUPPORTED; break;
		case 2: nic.caps.Header.Revision = 3; break;
		case 3: nic.caps.Header.Size--; break;
		default: break;
		}
		CHECK_EQ(nic_open(&nic, n), i < 4 ? -EIO : 0);
		if (i == 4)
			CHECK_EQ(nic_close(&nic), 0);
		CHECK_EQ(chim_ndis_destroy(n), 0);
	}
	return true;
}

/*
 * Without a chimney on one side there is none: refused, answered where there is someone to answer.
 */
static bool no_chimney(void)
{
	for (int side = 0; side < 2; side++) {
		struct nic nic = { .no_chimney = side == 0 };
		struct host host = { .no_chimney = side == 1 };
		struct conn *c = host_alloc(&host, sizeof(*c));
		pblock *tree = host_tree(&host, c);
		struct chim_ndis *n;

		CHECK_EQ(chim_ndis_create(NULL, &n), 0);
		CHECK_EQ(nic_open(&nic, n), 0);
		CHECK_EQ(host_open(&host, n, nic.adapter), 0);
		NdisInitiateOffload(host.binding, tree);
		CHECK_EQ(chim_ndis_count(n, CHIM_R_NO_CHIMNEY), 1);
		CHECK_EQ(chim_ndis_close(host.binding), side ? 0 : -EBUSY);
		CHECK_EQ(chim_ndis_poll(n, 10), side ? 0 : 1);
		CHECK(host_saw(&host, side ? "" : "initiate"));
		CHECK(side || tree->DependentBlockList->Status == NDIS_STATUS_FAILURE);
		CHECK_EQ(side ? chim_ndis_protocol_deregister(host.driver) : host_close(&host), 0);
		CHECK_EQ(nic_close(&nic), 0);
		CHECK_EQ(chim_ndis_destroy(n), 0);
		host_free(&host);
	}
	return true;
}

/* One protocol with chimney on an adapter, others without (10.4). */
static bool one_chimney_protocol(void)
{
	struct bed *b = bed_new();
	struct host second = { 0 }, plain = { .no_chimney = true };
	NDIS_STATUS_INDICATION ind = {
		.Header = { NDIS_OBJECT_TYPE_STATUS_INDICATION, NDIS_STATUS_INDICATION_REVISION_1,
			    sizeof(ind) },
		.StatusCode = 0x4001000B, /* link up */
	};

	CHECK_EQ(host_open(&second, b->ndis, b->nic.adapter), -EBUSY);
	CHECK_EQ(host_open(&plain, b->ndis, b->nic.adapter), 0);
	NdisMIndicateStatusEx(b->nic.adapter, &ind);
	SAW(b, "status4001000b");
	CHECK(host_saw(&plain, "status4001000b"));
	CHECK_EQ(host_close(&plain), 0);
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

static NDIS_OID_REQUEST request(NDIS_REQUEST_TYPE type, NDIS_OID oid, void *buf, ULONG len)
{
	NDIS_OID_REQUEST req = {
		.Header = { NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_REQUEST_REVISION_1,
			    sizeof(req) },
		.RequestType = type,
		.DATA.QUERY_INFORMATION = { .Oid = oid,
					    .InformationBuffer = buf,
					    .InformationBufferLength = len },
	};

	return req;
}

static bool queries(void)
{
	struct bed *b = bed_new();
	NDIS_TCP_CONNECTION_OFFLOAD caps;
	IP_OFFLOAD_STATS stats;
	NDIS_OID_REQUEST req =
		request(NdisRequestQueryInformation, OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG,
			&caps, sizeof(caps));

	memset(&caps, 0, sizeof(caps));
	CHECK_EQ(NdisOidRequest(b->host.binding, &req), NDIS_STATUS_SUCCESS);
	CHECK_EQ(req.DATA.QUERY_INFORMATION.BytesWritten, 0x14);
	CHECK_EQ(caps.TcpConnectionOffloadCapacity, 1024);
	req.DATA.QUERY_INFORMATION.Oid = OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES;
	req.DATA.QUERY_INFORMATION.InformationBufferLength--;
	CHECK_EQ(NdisOidRequest(b->host.binding, &req), NDIS_STATUS_BUFFER_TOO_SHORT);
	CHECK_EQ(req.DATA.QUERY_INFORMATION.BytesNeeded, 0x14);
	req.RequestType = NdisRequestSetInformation; /* query only */
	CHECK_EQ(NdisOidRequest(b->host.binding, &req), NDIS_STATUS_NOT_SUPPORTED);
	req.RequestType = (NDIS_REQUEST_TYPE)7;
	CHECK_EQ(NdisOidRequest(b->host.binding, &req), NDIS_STATUS_NOT_SUPPORTED);
	CHECK(!b->nic.oid);
	/* Statistics: the miniport's, with room for the whole structure (R189). */
	static const struct {
		NDIS_OID oid;
		ULONG size;
	} t[] = { { OID_TCP4_OFFLOAD_STATS, 0x28 },
		  { OID_TCP6_OFFLOAD_STATS, 0x28 },
		  { OID_IP4_OFFLOAD_STATS, 0x40 },
		  { OID_IP6_OFFLOAD_STATS, 0x40 } };
	for (int i = 0; i < 4; i++) {
		req = request(NdisRequestQueryInformation, t[i].oid, &stats, t[i].size - 1);
		b->nic.oid = NULL;
		CHECK_EQ(NdisOidRequest(b->host.binding, &req), NDIS_STATUS_BUFFER_TOO_SHORT);
		CHECK_EQ(req.DATA.QUERY_INFORMATION.BytesNeeded, t[i].size);
		CHECK(!b->nic.oid);
		req.DATA.QUERY_INFORMATION.InformationBufferLength++;
		CHECK_EQ(NdisOidRequest(b->host.binding, &req), NDIS_STATUS_SUCCESS);
		CHECK(b->nic.oid == &req);
		req.RequestType = NdisRequestSetInformation; /* zeroes; no buffer needed */
		req.DATA.SET_INFORMATION.InformationBufferLength = 0;
		b->nic.oid = NULL;
		CHECK_EQ(NdisOidRequest(b->host.binding, &req), NDIS_STATUS_SUCCESS);
		CHECK(b->nic.oid == &req);
	}
	/* Malformed requests. */
	CHECK_EQ(NdisOidRequest(NULL, &req), NDIS_STATUS_INVALID_PARAMETER);
	CHECK_EQ(NdisOidRequest(b->nic.adapter, &req), NDIS_STATUS_INVALID_PARAMETER);
	CHECK_EQ(NdisOidRequest(b->host.binding, NULL), NDIS_STATUS_INVALID_PARAMETER);
	for (int i = 0; i < 5; i++) {
		req = request(NdisRequestQueryInformation, OID_TCP4_OFFLOAD_STATS, &stats, 0x28);
		switch (i) {
		case 0: req.Header.Type++; break;
		case 1: req.Header.Revision++; break;
		case 2: req.Header.Size--; break;
		case 3: req.PortNumber = 1; break;
		case 4: req.DATA.QUERY_INFORMATION.InformationBuffer = NULL; break;
		}
		CHECK_EQ(NdisOidRequest(b->host.binding, &req), NDIS_STATUS_INVALID_DATA);
	}
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

/* OID_TCP_CONNECTION_OFFLOAD_PARAMETERS: checked, set by the miniport, read from the router. */
static bool parameters(void)
{
	struct bed *b = bed_new();
	struct {
		NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS p;
		UCHAR more[4];
	} set = { .p = { .Header = { NDIS_OBJECT_TYPE_DEFAULT,
				     NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS_1, 0x38 },
			 .TicksPerSecond = 100,
			 .CongestionAlgorithm = 5 } },
	  back;
	NDIS_OID_REQUEST req;
	struct conn *c;

#define SET(bytes)                                                                             \
	(req = request(NdisRequestSetInformation, OID_TCP_CONNECTION_OFFLOAD_PARAMETERS, &set, \
		       (bytes)),                                                               \
	 NdisOidRequest(b->host.binding, &req))
#define GET()                                                                                     \
	(req = request(NdisRequestQueryInformation, OID_TCP_CONNECTION_OFFLOAD_PARAMETERS, &back, \
		       sizeof(back)),                                                             \
	 NdisOidRequest(b->host.binding, &req))
	CHECK_EQ(GET(), NDIS_STATUS_NOT_SUPPORTED); /* before the first set */
	CHECK_EQ(SET(0x37), NDIS_STATUS_INVALID_LENGTH);
	CHECK_EQ(req.DATA.SET_INFORMATION.BytesNeeded, 0x38);
	CHECK_EQ(SET(3), NDIS_STATUS_INVALID_LENGTH);
	set.p.Header.Revision = 2;
	CHECK_EQ(SET(0x38), NDIS_STATUS_INVALID_LENGTH);
	CHECK_EQ(req.DATA.SET_INFORMATION.BytesNeeded, 0x3C);
	CHECK_EQ(SET(0x3C), NDIS_STATUS_INVALID_DATA); /* Header.Size is that of revision 1 */
	set.p.Header.Revision = 3;
	CHECK_EQ(SET(0x3C), NDIS_STATUS_INVALID_DATA);
	set.p.Header.Revision = 1;
	set.p.Header.Type = 0;
	CHECK_EQ(SET(0x3C), NDIS_STATUS_INVALID_DATA);
	set.p.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
	set.p.Header.Size = 0x41; /* more than there is */
	CHECK_EQ(SET(0x40), NDIS_STATUS_INVALID_DATA);
	set.p.Header.Size = 0x38;
	CHECK(!b->nic.oid);
	b->nic.oid_return = NDIS_STATUS_FAILURE; /* the miniport does not want them */
	CHECK_EQ(SET(0x40), NDIS_STATUS_FAILURE);
	CHECK_EQ(GET(), NDIS_STATUS_NOT_SUPPORTED);
	b->nic.oid_return = NDIS_STATUS_SUCCESS;
	CHECK_EQ(SET(0x40), NDIS_STATUS_SUCCESS);
	CHECK_EQ(GET(), NDIS_STATUS_SUCCESS);
	CHECK_EQ(req.DATA.QUERY_INFORMATION.BytesWritten, 0x38);
	CHECK(back.p.TicksPerSecond == 100 && back.p.Header.Size == 0x38);
	/* Later: the new value counts once the miniport says so. */
	set.p.Header.Revision = 2;
	set.p.Header.Size = 0x3C;
	set.p.TicksPerSecond = 1000;
	b->nic.oid_return = NDIS_STATUS_PENDING;
	CHECK_EQ(SET(0x3C), NDIS_STATUS_PENDING);
	CHECK_EQ(chim_ndis_close(b->host.binding), -EBUSY);
	NdisMOidRequestComplete(b->nic.adapter, &req, NDIS_STATUS_SUCCESS);
	SAW(b, "");
	CHECK_EQ(chim_ndis_poll(b->ndis, 5), 1);
	SAW(b, "oid");
	CHECK_EQ(GET(), NDIS_STATUS_SUCCESS);
	CHECK(back.p.TicksPerSecond == 1000 && back.p.CongestionAlgorithm == 5);
	/* R188: not while something of that version is offloaded. */
	c = bed_offload(b); /* IPv4 */
	b->nic.oid_return = NDIS_STATUS_SUCCESS;
	set.p.Encapsulation.IPv6.Enabled = NDIS_OFFLOAD_SET_OFF;
	CHECK_EQ(SET(0x3C), NDIS_STATUS_SUCCESS);
	set.p.Encapsulation.IPv4.Enabled = NDIS_OFFLOAD_SET_OFF;
	CHECK_EQ(SET(0x3C), NDIS_STATUS_INVALID_STATE);
	BROKE(b, CHIM_R_CAPABILITY);
	CHECK(bed_terminate(b, c));
	CHECK_EQ(SET(0x3C), NDIS_STATUS_SUCCESS);
#undef SET
#undef GET
	CHECK(bed_end(b));
	return true;
}

/* Completions of OIDs that are not there, twice, or pending; power (R192). */
static bool oid_faults(void)
{
	struct bed *b = bed_new();
	ULONG d3 = 4;
	NDIS_OID_REQUEST req = request(NdisRequestSetInformation, OID_PNP_SET_POWER, &d3, 4);
	struct conn *c;

	NdisMOidRequestComplete(NULL, &req, NDIS_STATUS_SUCCESS);
	NdisMOidRequestComplete(b->nic.adapter, NULL, NDIS_STATUS_SUCCESS);
	BROKE(b, CHIM_T_UNKNOWN);
	NdisMOidRequestComplete(b->nic.adapter, &req, NDIS_STATUS_SUCCESS);
	BROKE(b, CHIM_T_UNKNOWN);
	b->nic.oid_return = NDIS_STATUS_PENDING;
	CHECK_EQ(NdisOidRequest(b->host.binding, &req), NDIS_STATUS_PENDING);
	NdisMOidRequestComplete(b->nic.adapter, &req, NDIS_STATUS_PENDING);
	BROKE(b, CHIM_T_STATUS);
	NdisMOidRequestComplete(b->nic.adapter, &req, NDIS_STATUS_SUCCESS);
	BROKE(b, CHIM_T_UNKNOWN);
	bed_settle(b);
	SAW(b, "oid");
	CHECK_EQ(b->host.oid_status, NDIS_STATUS_FAILURE);
	c = bed_offload(b);
	b->nic.oid_return = NDIS_STATUS_SUCCESS;
	CHECK_EQ(NdisOidRequest(b->host.binding, &req), NDIS_STATUS_SUCCESS);
	BROKE(b, CHIM_T_POWER);
	d3 = 1; /* D0 is no power-down */
	CHECK_EQ(NdisOidRequest(b->host.binding, &req), NDIS_STATUS_SUCCESS);
	CLEAN(b);
	CHECK(bed_terminate(b, c));
	d3 = 4;
	CHECK_EQ(NdisOidRequest(b->host.binding, &req), NDIS_STATUS_SUCCESS);
	CLEAN(b);
	CHECK(bed_end(b));
	return true;
}

/* Pause, upload all, resume; capabilities change only so (R187, R208). */
static bool pause_and_resume(void)
{
	struct bed *b = bed_new();
	NDIS_TCP_CONNECTION_OFFLOAD fewer = b->nic.caps, now;
	NDIS_STATUS_INDICATION ind = {
		.Header = { NDIS_OBJECT_TYPE_STATUS_INDICATION, NDIS_STATUS_INDICATION_REVISION_1,
			    sizeof(ind) },
	};
	NDIS_OID_REQUEST req =
		request(NdisRequestQueryInformation, OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG,
			&now, sizeof(now));
	struct conn *c = bed_offload(b);

#define STATUS(code)                                         \
	do {                                                 \
		ind.StatusCode = (code);                     \
		NdisMIndicateStatusEx(b->nic.adapter, &ind); \
	} while (0)
	STATUS(NDIS_STATUS_OFFLOAD_RESUME); /* never paused */
	BROKE(b, CHIM_T_RESUME);
	STATUS(NDIS_STATUS_OFFLOAD_PAUSE);
	STATUS(NDIS_STATUS_OFFLOAD_RESUME); /* connections may stay over a pause */
	STATUS(NDIS_STATUS_UPLOAD_ALL);
	STATUS(NDIS_STATUS_OFFLOAD_RESUME);
	BROKE(b, CHIM_T_RESUME);
	SAW(b, "status40020001 status40020003 status40020002");
	/* A terminate that is complete, though not delivered, counts. */
	NdisTerminateOffload(b->host.binding, host_end_tree(&b->host, c));
	CHECK(nic_work(&b->nic));
	fewer.TcpConnectionOffloadCapacity = 7;
	ind.StatusBuffer = &fewer;
	ind.StatusBufferSize = sizeof(fewer) - 1;
	STATUS(NDIS_STATUS_OFFLOAD_RESUME);
	BROKE(b, CHIM_T_RESUME);
	SAW(b, "terminate");
	ind.StatusBufferSize++;
	STATUS(NDIS_STATUS_OFFLOAD_RESUME);
	SAW(b, "status40020003");
	CHECK_EQ(NdisOidRequest(b->host.binding, &req), NDIS_STATUS_SUCCESS);
	CHECK_EQ(now.TcpConnectionOffloadCapacity, 7);
	/* Both are over now. */
	STATUS(NDIS_STATUS_OFFLOAD_RESUME);
	BROKE(b, CHIM_T_RESUME);
	c = bed_offload(b);
	STATUS(NDIS_STATUS_OFFLOAD_PAUSE);
	STATUS(NDIS_STATUS_OFFLOAD_RESUME);
	CLEAN(b);
	CHECK(bed_terminate(b, c));
	/* Malformed ones. */
	NdisMIndicateStatusEx(b->nic.adapter, NULL);
	BROKE(b, CHIM_T_INDICATION);
	ind.Header.Type++;
	STATUS(NDIS_STATUS_OFFLOAD_PAUSE);
	BROKE(b, CHIM_T_INDICATION);
	NdisMIndicateStatusEx(NULL, &ind);
#undef STATUS
	CHECK(bed_end(b));
	return true;
}

/* A handler that takes down what it was called through. */
static void take_down(struct host *host)
{
	struct bed *b = host->user;

	host->hook = NULL;
	if (host_close(host) || nic_close(&b->nic))
		strcat(host->log, "!");
}

static bool closing_in_handlers(void)
{
	for (int how = 0; how < 2; how++) {
		struct bed *b = bed_new();
		NDIS_STATUS_INDICATION ind = {
			.Header = { NDIS_OBJECT_TYPE_STATUS_INDICATION,
				    NDIS_STATUS_INDICATION_REVISION_1, sizeof(ind) },
			.StatusCode = NDIS_STATUS_OFFLOAD_PAUSE,
		};
		struct conn *c = how ? bed_offload(b) : NULL;

		b->host.user = b;
		b->host.hook = take_down;
		if (how)
			NdisTerminateOffload(b->host.binding, host_end_tree(&b->host, c));
		else
			NdisMIndicateStatusEx(b->nic.adapter, &ind);
		while (nic_work(&b->nic))
			;
		CHECK_EQ(chim_ndis_poll(b->ndis, 10), how);
		SAW(b, how ? "terminate" : "status40020001");
		CLEAN(b);
		CHECK_EQ(chim_ndis_destroy(b->ndis), 0);
		CHECK_EQ(b->allocs, 0);
		bed_drop(b);
	}
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(bad_arguments),	   CASE(bad_tables),	       CASE(bad_capabilities),
		CASE(no_chimney),	   CASE(one_chimney_protocol), CASE(queries),
		CASE(parameters),	   CASE(oid_faults),	       CASE(pause_and_resume),
		CASE(closing_in_handlers),
	};

	return TAP_RUN(cases);
}
