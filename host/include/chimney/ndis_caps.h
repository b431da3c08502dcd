/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Capabilities, parameters, statistics, and the requests and indications that carry them. Hard
 * part: the same two bits say "supported" in a capability and "on, off, no change" in a setting.
 */
#ifndef CHIMNEY_NDIS_CAPS_H
#define CHIMNEY_NDIS_CAPS_H

#include <chimney/ndis_base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Two-bit fields of a capability, and of a setting. */
#define NDIS_OFFLOAD_NOT_SUPPORTED		     0
#define NDIS_OFFLOAD_SUPPORTED			     1
#define NDIS_OFFLOAD_SET_NO_CHANGE		     0
#define NDIS_OFFLOAD_SET_ON			     1
#define NDIS_OFFLOAD_SET_OFF			     2

#define NDIS_ENCAPSULATION_NOT_SUPPORTED	     0x00
#define NDIS_ENCAPSULATION_NULL			     0x01
#define NDIS_ENCAPSULATION_IEEE_802_3		     0x02
#define NDIS_ENCAPSULATION_IEEE_802_3_P_AND_Q	     0x04
#define NDIS_ENCAPSULATION_IEEE_802_3_P_AND_Q_IN_OOB 0x08
#define NDIS_ENCAPSULATION_IEEE_LLC_SNAP_ROUTED	     0x10

#define NDIS_TCP_CONNECTION_OFFLOAD_REVISION_1	     1
#define NDIS_TCP_CONNECTION_OFFLOAD_REVISION_2	     2

/* What a target can do, or what is enabled. Header.Type NDIS_OBJECT_TYPE_DEFAULT. Chimney 10.2. */
typedef struct _NDIS_TCP_CONNECTION_OFFLOAD {
	NDIS_OBJECT_HEADER Header;
	ULONG Encapsulation; /* NDIS_ENCAPSULATION_*; 802_3 or LLC_SNAP_ROUTED at least */
	ULONG SupportIPv4 : 2;
	ULONG SupportIPv6 : 2;
	ULONG SupportIPv6ExtensionHeaders : 2;
	ULONG SupportSack : 2;
	ULONG CongestionAlgorithm : 4;	    /* reserved */
	ULONG TcpConnectionOffloadCapacity; /* connections, IPv4 and IPv6 together */
	ULONG Flags;			    /* reserved */
} NDIS_TCP_CONNECTION_OFFLOAD, *PNDIS_TCP_CONNECTION_OFFLOAD;

static_assert(offsetof(NDIS_TCP_CONNECTION_OFFLOAD, Encapsulation) == 0x04, "documented offset");
static_assert(offsetof(NDIS_TCP_CONNECTION_OFFLOAD, TcpConnectionOffloadCapacity) == 0x0C,
	      "documented offset");
static_assert(offsetof(NDIS_TCP_CONNECTION_OFFLOAD, Flags) == 0x10, "documented offset");
static_assert(sizeof(NDIS_TCP_CONNECTION_OFFLOAD) == 0x14, "documented size");

typedef struct _NDIS_OFFLOAD_ENCAPSULATION {
	NDIS_OBJECT_HEADER Header;
	struct {
		ULONG Enabled; /* NDIS_OFFLOAD_SET_* */
		ULONG EncapsulationType;
		ULONG HeaderSize; /* bytes */
	} IPv4;
	struct {
		ULONG Enabled;
		ULONG EncapsulationType;
		ULONG HeaderSize;
	} IPv6;
} NDIS_OFFLOAD_ENCAPSULATION, *PNDIS_OFFLOAD_ENCAPSULATION;

static_assert(sizeof(NDIS_OFFLOAD_ENCAPSULATION) == 28, "documented size");

#define NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS_1		 1
#define NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS_2		 2
#define NDIS_SIZEOF_TCP_CONNECTION_OFFLOAD_PARAMETERS_REVISION_1 0x38
#define NDIS_SIZEOF_TCP_CONNECTION_OFFLOAD_PARAMETERS_REVISION_2 0x3C

/* Global parameters, set by OID_TCP_CONNECTION_OFFLOAD_PARAMETERS. Source: chimney 10.3. */
typedef struct _NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS {
	NDIS_OBJECT_HEADER Header;
	NDIS_OFFLOAD_ENCAPSULATION Encapsulation;
	ULONG TicksPerSecond;  /* 10, 100 or 1000: unit of all ticks */
	UCHAR TcpAckFrequency; /* segments */
	UCHAR TcpDelayedAckTicks;
	UCHAR TcpMaximumRetransmissions;
	UCHAR TcpDoubtReachabilityRetransmissions;
	ULONG TcpSwsPreventionTicks;
	ULONG TcpDuplicateAckThreshold;
	ULONG TcpPushTicks;
	ULONG NceStaleTicks;
	ULONG CongestionAlgorithm; /* revision 2; reserved */
} NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS, *PNDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS;

static_assert(offsetof(NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS, TicksPerSecond) == 0x20, "offset");
static_assert(offsetof(NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS, TcpAckFrequency) == 0x24, "offset");
static_assert(offsetof(NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS, TcpSwsPreventionTicks) == 0x28,
	      "offset");
static_assert(offsetof(NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS, TcpPushTicks) == 0x30, "offset");
static_assert(offsetof(NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS, NceStaleTicks) == 0x34, "offset");
static_assert(offsetof(NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS, CongestionAlgorithm) ==
		      NDIS_SIZEOF_TCP_CONNECTION_OFFLOAD_PARAMETERS_REVISION_1,
	      "offset");
static_assert(sizeof(NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS) ==
		      NDIS_SIZEOF_TCP_CONNECTION_OFFLOAD_PARAMETERS_REVISION_2,
	      "documented size");

/* Offloaded connections only, per adapter and IP version; counters wrap. Source: chimney 10.5. */
typedef struct _TCP_OFFLOAD_STATS {
	ULONG64 InSegments;
	ULONG64 OutSegments;
	ULONG CurrentlyEstablished;
	ULONG ResetEstablished;
	ULONG RetransmittedSegments;
	ULONG InErrors;
	ULONG OutResets;
} TCP_OFFLOAD_STATS, *PTCP_OFFLOAD_STATS;

static_assert(offsetof(TCP_OFFLOAD_STATS, CurrentlyEstablished) == 0x10, "documented offset");
static_assert(offsetof(TCP_OFFLOAD_STATS, OutResets) == 0x20, "documented offset");
static_assert(sizeof(TCP_OFFLOAD_STATS) == 0x28, "documented size");

typedef struct _IP_OFFLOAD_STATS {
	ULONG64 InReceives;
	ULONG64 InOctets;
	ULONG64 InDelivers;
	ULONG64 OutRequests;
	ULONG64 OutOctets;
	ULONG InHeaderErrors;
	ULONG InTruncatedPackets;
	ULONG InDiscards;
	ULONG OutDiscards;
	ULONG OutNoRoutes;
} IP_OFFLOAD_STATS, *PIP_OFFLOAD_STATS;

static_assert(offsetof(IP_OFFLOAD_STATS, InHeaderErrors) == 0x28, "documented offset");
static_assert(offsetof(IP_OFFLOAD_STATS, OutNoRoutes) == 0x38, "documented offset");
static_assert(sizeof(IP_OFFLOAD_STATS) == 0x40, "documented size");

/* Source: chimney 10.4. */
#define OID_OFFLOAD_ENCAPSULATION			 0x0101010Au
#define OID_TCP_TASK_OFFLOAD				 0xFC010201u
#define OID_TCP4_OFFLOAD_STATS				 0xFC010207u
#define OID_TCP6_OFFLOAD_STATS				 0xFC010208u
#define OID_IP4_OFFLOAD_STATS				 0xFC010209u
#define OID_IP6_OFFLOAD_STATS				 0xFC01020Au
#define OID_TCP_OFFLOAD_CURRENT_CONFIG			 0xFC01020Bu
#define OID_TCP_OFFLOAD_PARAMETERS			 0xFC01020Cu
#define OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES		 0xFC01020Du
#define OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG	 0xFC01020Eu
#define OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES 0xFC01020Fu
#define OID_TCP_CONNECTION_OFFLOAD_PARAMETERS		 0xFC030201u
#define OID_PNP_SET_POWER				 0xFD010101u

typedef enum _NDIS_REQUEST_TYPE {
	NdisRequestQueryInformation = 0,
	NdisRequestSetInformation = 1
} NDIS_REQUEST_TYPE;

#define NDIS_OID_REQUEST_REVISION_1 1

/**
 * struct _NDIS_OID_REQUEST - one query or set
 * @Header: Type NDIS_OBJECT_TYPE_OID_REQUEST, Revision 1
 *
 * The request and its buffer stay untouched until it is completed. Layout: this library's.
 */
typedef struct _NDIS_OID_REQUEST {
	NDIS_OBJECT_HEADER Header;
	NDIS_REQUEST_TYPE RequestType;
	NDIS_PORT_NUMBER PortNumber;
	PVOID RequestId;
	union {
		struct {
			NDIS_OID Oid;
			PVOID InformationBuffer;
			ULONG InformationBufferLength;
			ULONG BytesWritten;
			ULONG BytesNeeded;
		} QUERY_INFORMATION;
		struct {
			NDIS_OID Oid;
			PVOID InformationBuffer;
			ULONG InformationBufferLength;
			ULONG BytesRead;
			ULONG BytesNeeded;
		} SET_INFORMATION;
	} DATA;
	PVOID MiniportReserved[2];
	PVOID SourceReserved[2];
	/* private: */
	PVOID NdisReserved[6];
} NDIS_OID_REQUEST, *PNDIS_OID_REQUEST;

/**
 * NdisOidRequest() - query or set something of the adapter below
 *
 * The router answers the two capability OIDs and the query of OID_TCP_CONNECTION_OFFLOAD_PARAMETERS
 * itself (R184, 10.4); the rest goes to the miniport. Parameters with a wrong Header or length do
 * not reach it, nor does a set that turns off an IP version with objects still offloaded (R188).
 *
 * Return: NDIS_STATUS_SUCCESS; _PENDING: the protocol's OidRequestCompleteHandler follows;
 * _INVALID_PARAMETER no binding or request; _NOT_SUPPORTED; _INVALID_LENGTH or _BUFFER_TOO_SHORT
 * BytesNeeded says what is wanted; _INVALID_DATA wrong Header; _INVALID_STATE R188.
 */
NDIS_STATUS NdisOidRequest(NDIS_HANDLE NdisBindingHandle, PNDIS_OID_REQUEST OidRequest);

/* Miniport: complete a request for which OidRequestHandler returned NDIS_STATUS_PENDING. */
void NdisMOidRequestComplete(NDIS_HANDLE NdisMiniportHandle, PNDIS_OID_REQUEST OidRequest,
			     NDIS_STATUS Status);

#define NDIS_STATUS_INDICATION_REVISION_1 1

typedef struct _NDIS_STATUS_INDICATION {
	NDIS_OBJECT_HEADER Header; /* Type NDIS_OBJECT_TYPE_STATUS_INDICATION */
	NDIS_HANDLE SourceHandle;  /* the miniport's own handle */
	NDIS_PORT_NUMBER PortNumber;
	NDIS_STATUS StatusCode; /* NDIS_STATUS_OFFLOAD_PAUSE, _UPLOAD_ALL, _OFFLOAD_RESUME, ... */
	ULONG Flags;
	PVOID StatusBuffer; /* OFFLOAD_RESUME: NDIS_TCP_CONNECTION_OFFLOAD, or NULL if unchanged */
	ULONG StatusBufferSize;
} NDIS_STATUS_INDICATION, *PNDIS_STATUS_INDICATION;

/**
 * NdisMIndicateStatusEx() - adapter-wide status, to every binding of the adapter
 *
 * OFFLOAD_RESUME is dropped and counted if neither OFFLOAD_PAUSE nor UPLOAD_ALL came before (R187),
 * or if objects are still offloaded after UPLOAD_ALL (R208); its buffer becomes the adapter's
 * current configuration. Delivered at once, after completions queued before.
 * Source: chimney 8.3.
 */
void NdisMIndicateStatusEx(NDIS_HANDLE NdisMiniportHandle,
			   PNDIS_STATUS_INDICATION StatusIndication);

#define NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES_REVISION_1 1

/*
 * Of NdisMSetMiniportAttributes(); both copied. Header.Type
 * ..._MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES.
 */
typedef struct _NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES {
	NDIS_OBJECT_HEADER Header;
	const NDIS_TCP_CONNECTION_OFFLOAD *DefaultTcpConnectionOffloadConfiguration;
	const NDIS_TCP_CONNECTION_OFFLOAD *TcpConnectionOffloadHardwareCapabilities;
} NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES, *PNDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES;

/**
 * NdisMSetMiniportAttributes() - report capabilities; called from InitializeHandlerEx
 *
 * Without this call, or if it fails, the adapter has no chimney.
 * Return: NDIS_STATUS_SUCCESS; _INVALID_PARAMETER NULL or not in InitializeHandlerEx; _BAD_VERSION
 * a Header is wrong; _NOT_SUPPORTED Encapsulation has neither 802_3 nor LLC_SNAP_ROUTED, or neither
 * IPv4 nor IPv6 is supported by the hardware (R184, R185).
 */
NDIS_STATUS
NdisMSetMiniportAttributes(NDIS_HANDLE NdisMiniportHandle,
			   const NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES *MiniportAttributes);

#ifdef __cplusplus
}
#endif

#endif
