/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Documented numbers, and where state structures lie behind a block. Hard part: the numbers are
 * typed here a second time, from the tables of the specification, so that a slip shows.
 */
#include <chimney/ndischimney.h>
#include <stdlib.h>
#include <string.h>

#include "../../../../rtl/contract/chim_contract.h"
#include "tap.h"

static bool statuses(void)
{
	static const struct {
		NDIS_STATUS st;
		uint32_t value;
	} t[] = {
		{ NDIS_STATUS_SUCCESS, 0x00000000 },
		{ NDIS_STATUS_PENDING, 0x00000103 },
		{ NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS, 0x40020004 },
		{ NDIS_STATUS_FAILURE, 0xC0000001 },
		{ NDIS_STATUS_RESOURCES, 0xC000009A },
		{ NDIS_STATUS_NOT_SUPPORTED, 0xC00000BB },
		{ NDIS_STATUS_OFFLOAD_TCP_ENTRIES, 0xC0231004 },
		{ NDIS_STATUS_OFFLOAD_PATH_ENTRIES, 0xC0231005 },
		{ NDIS_STATUS_OFFLOAD_NEIGHBOR_ENTRIES, 0xC0231006 },
		{ NDIS_STATUS_OFFLOAD_IP_ADDRESS_ENTRIES, 0xC0231007 },
		{ NDIS_STATUS_OFFLOAD_HW_ADDRESS_ENTRIES, 0xC0231008 },
		{ NDIS_STATUS_OFFLOAD_VLAN_ENTRIES, 0xC0231009 },
		{ NDIS_STATUS_OFFLOAD_TCP_XMIT_BUFFER, 0xC023100A },
		{ NDIS_STATUS_OFFLOAD_TCP_RCV_BUFFER, 0xC023100B },
		{ NDIS_STATUS_OFFLOAD_TCP_RCV_WINDOW, 0xC023100C },
		{ NDIS_STATUS_OFFLOAD_VLAN_MISMATCH, 0xC023100D },
		{ NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED, 0xC0231012 },
		{ NDIS_STATUS_UPLOAD_IN_PROGRESS, 0xC0231001 },
		{ NDIS_STATUS_REQUEST_UPLOAD, 0xC0231002 },
		{ NDIS_STATUS_UPLOAD_REQUESTED, 0xC0231003 },
		{ NDIS_STATUS_REQUEST_ABORTED, 0xC001000C },
		{ NDIS_STATUS_INVALID_STATE, 0xC0000184 },
		{ NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0xC023100E },
		{ NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED, 0xC0231010 },
		{ NDIS_STATUS_PAUSED, 0xC023002A },
		{ NDIS_STATUS_OFFLOAD_POLICY, 0xC023100F },
		{ NDIS_STATUS_OFFLOAD_REQUEST_RESET, 0xC0231011 },
		{ NDIS_OFFLOAD_PATH_REJECTED, 0xC0231013 },
		{ NDIS_STATUS_OFFLOAD_STATE_INVALID, 0x40020005 },
		{ NDIS_STATUS_OFFLOAD_PAUSE, 0x40020001 },
		{ NDIS_STATUS_UPLOAD_ALL, 0x40020002 },
		{ NDIS_STATUS_OFFLOAD_RESUME, 0x40020003 },
		{ NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES, 0x4002000B },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		CHECK_EQ((uint32_t)t[i].st, t[i].value);
		/* The private one is none of them. */
		CHECK(t[i].st != NDIS_STATUS_OFFLOAD_PATH_MTU);
	}
	return true;
}

/* Firmware writes statuses and reasons by the contract's numbers. */
static bool contract_agrees(void)
{
#define SAME(name) CHECK_EQ((uint32_t)NDIS_STATUS_OFFLOAD_##name, CHIM_STATUS_##name)
	CHECK_EQ((uint32_t)NDIS_STATUS_SUCCESS, CHIM_STATUS_SUCCESS);
	CHECK_EQ((uint32_t)NDIS_STATUS_FAILURE, CHIM_STATUS_FAILURE);
	CHECK_EQ((uint32_t)NDIS_STATUS_RESOURCES, CHIM_STATUS_RESOURCES);
	SAME(PARTIAL_SUCCESS);
	SAME(TCP_ENTRIES);
	SAME(PATH_ENTRIES);
	SAME(NEIGHBOR_ENTRIES);
	SAME(IP_ADDRESS_ENTRIES);
	SAME(HW_ADDRESS_ENTRIES);
	SAME(VLAN_ENTRIES);
	SAME(TCP_XMIT_BUFFER);
	SAME(TCP_RCV_BUFFER);
	SAME(TCP_RCV_WINDOW);
	SAME(VLAN_MISMATCH);
	SAME(CONNECTION_REJECTED);
	SAME(PATH_MTU);
#undef SAME
#define SAME(name) CHECK_EQ(name, CHIM_UPLOAD_REASON_##name)
	SAME(LowActivity);
	SAME(HighDropRate);
	SAME(SmallIO);
	SAME(NoBufferPreposting);
	SAME(ReceivedUrgentData);
	SAME(HighFragmentation);
	SAME(HighOutOfOrderPackets);
	SAME(TimeoutExpiration);
	SAME(InvalidState);
	SAME(UploadRequested);
	SAME(HardwareFailure);
#undef SAME
	return true;
}

static bool numbers(void)
{
	CHECK_EQ(NeighborOffloadConstState, 1);
	CHECK_EQ(NeighborOffloadState, 4);
	CHECK_EQ(Ip4OffloadConstState, 5);
	CHECK_EQ(Ip4OffloadState, 8);
	CHECK_EQ(Ip6OffloadConstState, 9);
	CHECK_EQ(Ip6OffloadState, 12);
	CHECK_EQ(TcpOffloadConstState, 13);
	CHECK_EQ(TcpOffloadResourceState, 16);
	CHECK_EQ(TcpOffloadState, 17);
	CHECK_EQ(FilterReservedOffloadState, 0xFE);
	CHECK_EQ(TcpConnectionEstablished, 4);
	CHECK_EQ(TcpConnectionTimeWait, 10);
	CHECK_EQ(TcpIndicateSendBacklogChange, 1);
	CHECK_EQ(TcpIndicateDisconnect, 2);
	CHECK_EQ(TcpIndicateRetrieve, 3);
	CHECK_EQ(TcpIndicateAbort, 4);
	CHECK_EQ(NoBufferProposting, NoBufferPreposting);
	CHECK_EQ(MaxUploadReason, 12);
	CHECK_EQ(NeighborReachabilityQuery, 2);
	CHECK_EQ(NdisTcpChimneyOffload, 1);
	CHECK_EQ(TcpOffloadBytesTransferred, 0);
	CHECK_EQ(TcpReceiveNoPush, 2);
	CHECK_EQ(TcpReceiveBytesTransferred, 17);
	CHECK_EQ(OID_TCP4_OFFLOAD_STATS, 0xFC010207);
	CHECK_EQ(OID_IP6_OFFLOAD_STATS, 0xFC01020A);
	CHECK_EQ(OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG, 0xFC01020E);
	CHECK_EQ(OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES, 0xFC01020F);
	CHECK_EQ(OID_TCP_CONNECTION_OFFLOAD_PARAMETERS, 0xFC030201);
	CHECK_EQ(TCP_FLAG_UPDATE_RCV_WND, 0x10);
	CHECK_EQ(TCP_FLAG_MAX_RT_RESTART, 0x08);
	for (ULONG r = 0; r <= MaxUploadReason; r++)
		CHECK_EQ(chim_upload_is_mandatory(r), r == 5 || (r >= 8 && r <= 11));
	return true;
}

/* Bit fields have no offset: look where their bits go. */
static bool bit_fields(void)
{
	union {
		UCHAR raw[0x2C];
		TCP_OFFLOAD_STATE_CONST tcp;
		TCP_OFFLOAD_STATE_CACHED cached;
		NEIGHBOR_OFFLOAD_STATE_CONST n;
		NDIS_TCP_CONNECTION_OFFLOAD caps;
	} u;

	memset(&u, 0, sizeof(u));
	u.tcp.SndWindScale = 0xA;
	u.tcp.RcvWindScale = 0x5;
	CHECK_EQ(u.raw[0x0E], 0x5A);
	memset(&u, 0, sizeof(u));
	u.cached.FlowLabel = 0xFFFFF;
	u.cached.UserPriority = 7;
	CHECK(u.raw[0x24] == 0xFF && u.raw[0x25] == 0xFF && u.raw[0x26] == 0x0F && !u.raw[0x27]);
	CHECK_EQ(u.raw[0x2A], 7);
	memset(&u, 0, sizeof(u));
	u.n.VlanId = 0xFFF;
	CHECK(u.raw[0x28] == 0xFF && u.raw[0x29] == 0x0F && !u.raw[0x2A]);
	memset(&u, 0, sizeof(u));
	u.caps.SupportIPv4 = 1;
	u.caps.SupportIPv6 = 1;
	u.caps.SupportIPv6ExtensionHeaders = 2;
	u.caps.SupportSack = 1;
	u.caps.CongestionAlgorithm = 3;
	CHECK(u.raw[8] == 0x65 && u.raw[9] == 3);
	return true;
}

static bool state_follows_block(void)
{
	/* type, offsets of CONST, CACHED, DELEGATED (0: none), size of all */
	static const struct {
		unsigned int type, c, k, d, end;
	} t[] = {
		{ NeighborOffloadConstState, 0x98, 0, 0, 0xC8 },
		{ NeighborOffloadCachedState, 0, 0x98, 0, 0xC8 },
		{ NeighborOffloadDelegatedState, 0, 0, 0x98, 0xA8 },
		{ NeighborOffloadState, 0x98, 0xC8, 0xF8, 0x108 },
		{ Ip4OffloadConstState, 0x98, 0, 0, 0xB0 },
		{ Ip4OffloadCachedState, 0, 0x98, 0, 0xA8 },
		{ Ip4OffloadDelegatedState, 0, 0, 0x98, 0xA0 },
		{ Ip4OffloadState, 0x98, 0xB0, 0xC0, 0xC8 },
		{ Ip6OffloadConstState, 0x98, 0, 0, 0xB0 },
		{ Ip6OffloadCachedState, 0, 0x98, 0, 0xA8 },
		{ Ip6OffloadDelegatedState, 0, 0, 0x98, 0xA0 },
		{ Ip6OffloadState, 0x98, 0xB0, 0xC0, 0xC8 },
		{ TcpOffloadConstState, 0x98, 0, 0, 0xB0 },
		{ TcpOffloadCachedState, 0, 0x98, 0, 0xC8 },
		{ TcpOffloadDelegatedState, 0, 0, 0x98, 0x118 },
		{ TcpOffloadState, 0x98, 0xB0, 0xE0, 0x160 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		size_t n = chim_obl_bytes(t[i].type);
		unsigned char *b = calloc(1, n);
		const unsigned int want[3] = { t[i].c, t[i].k, t[i].d };

		CHECK(b);
		CHECK_EQ(n, t[i].end);
		chim_obl_init(b, (OFFLOAD_STATE_TYPE)t[i].type);
		CHECK(b[0] == t[i].type && b[1] == 1 && b[2] == 0x98 && !b[3]);
		for (unsigned int c = 0; c < 3; c++) {
			enum chim_state_class cls = (enum chim_state_class)c;
			unsigned char *at = chim_obl_state(b, cls);
			size_t size = chim_state_bytes(t[i].type, cls);

			CHECK_EQ(at ? at - b : 0, want[c]);
			CHECK_EQ(chim_type_has(t[i].type, cls), want[c] != 0);
			CHECK(!at || ((OFFLOAD_STATE_HEADER *)(void *)at)->Length == size);
			CHECK(!at || (size && (size_t)(at - b) + size <= n));
		}
		CHECK_EQ(chim_type_is_ip6(t[i].type), t[i].type >= 9 && t[i].type <= 12);
		CHECK_EQ(chim_type_layer(t[i].type), t[i].type < 5    ? CHIM_LAYER_NEIGHBOR
						     : t[i].type < 13 ? CHIM_LAYER_PATH
								      : CHIM_LAYER_TCP);
		free(b);
	}
	return true;
}

static bool no_other_types(void)
{
	for (unsigned int type = 0; type < 256; type++) {
		bool known = (type >= 1 && type <= 15) || type == 17;
		NDIS_OBJECT_HEADER h = { (UCHAR)type, 1, 0x98 };

		CHECK_EQ(chim_type_layer(type) != CHIM_LAYER_NONE, known);
		CHECK_EQ(chim_obl_bytes(type) != 0, known);
		if (known)
			continue;
		CHECK(!chim_obl_state(&h, CHIM_STATE_CONST));
		CHECK(!chim_obl_state(&h, CHIM_STATE_DELEGATED));
		CHECK_EQ(chim_state_bytes(type, CHIM_STATE_CACHED), 0);
	}
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(statuses),	  CASE(contract_agrees),     CASE(numbers),
		CASE(bit_fields), CASE(state_follows_block), CASE(no_other_types),
	};

	return TAP_RUN(cases);
}
