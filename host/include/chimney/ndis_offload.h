/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The calls of the documented offload interface: what the host stack calls, what a miniport
 * implements, and what each gets back. Hard part: which side owns what, and until when; it is
 * written at each call.
 *
 * Names of parameters: NdisMiniportHandle is the adapter's handle from InitializeHandlerEx,
 * NdisBindingHandle comes from chim_ndis_open(), NdisOffloadHandle is a PNDIS_OFFLOAD_HANDLE.
 *
 * Threads: all calls of one router come from its owner's thread. Handlers of the protocol are
 * called from chim_ndis_poll() and from the three indications, never from inside a call of the
 * protocol's own. Inside a handler every call but chim_ndis_poll() is legal.
 */
#ifndef CHIMNEY_NDIS_OFFLOAD_H
#define CHIMNEY_NDIS_OFFLOAD_H

#include <chimney/ndis_base.h>
#include <chimney/ndis_nbl.h>
#include <chimney/ndis_state.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum _NDIS_CHIMNEY_OFFLOAD_TYPE {
	NdisTcpChimneyOffload = 1, /* the only one in use */
	NdisIpsecChimneyOffload = 2,
	NdisRdmaChimneyOffload = 3,
	NdisMaxChimneyOffload = 4
} NDIS_CHIMNEY_OFFLOAD_TYPE;

/* EventType of NdisTcpOffloadEventHandler. Source: chimney 8.1. */
typedef enum _TCP_OFFLOAD_EVENT_TYPE {
	TcpIndicateSendBacklogChange = 1, /* information: preferred outstanding bytes */
	TcpIndicateDisconnect = 2,	  /* the peer's FIN, and all earlier data was consumed */
	TcpIndicateRetrieve = 3,	  /* information: TCP_UPLOAD_REASON */
	TcpIndicateAbort = 4		  /* acceptable RST */
} TCP_OFFLOAD_EVENT_TYPE;

/* Source: chimney 8.2. */
typedef enum _TCP_UPLOAD_REASON {
	LowActivity = 1,
	HighDropRate = 2,
	SmallIO = 3,
	NoBufferPreposting = 4,
	NoBufferProposting = 4, /* historic spelling */
	ReceivedUrgentData = 5, /* mandatory */
	HighFragmentation = 6,
	HighOutOfOrderPackets = 7,
	TimeoutExpiration = 8, /* mandatory */
	InvalidState = 9,      /* mandatory */
	UploadRequested = 10,  /* mandatory */
	HardwareFailure = 11,  /* mandatory */
	MaxUploadReason = 12
} TCP_UPLOAD_REASON;

/* Must the host upload for this reason (R140), or may it decline? */
static inline bool chim_upload_is_mandatory(ULONG reason)
{
	return reason == ReceivedUrgentData ||
	       (reason >= TimeoutExpiration && reason <= HardwareFailure);
}

/* IndicationCode of NdisMOffloadEventIndicate. Source: chimney 8.4. */
typedef enum _INDICATE_OFFLOAD_EVENT {
	NeighborReachabilityInDoubt = 1, /* reserved */
	NeighborReachabilityQuery = 2,
	MaxOffloadEvent = 3
} INDICATE_OFFLOAD_EVENT;

/* Flags of a disconnect: exactly one. */
#define TCP_DISCONNECT_GRACEFUL_CLOSE 0x01u
#define TCP_DISCONNECT_ABORTIVE_CLOSE 0x02u

/*
 * What a miniport implements. The five state calls only record the tree; it is the target's from
 * then on until it calls the matching NdisMXxxOffloadComplete, later, with the same root (R11). The
 * I/O calls take over the list and return NDIS_STATUS_PENDING (R87); MiniportOffloadContext is the
 * PVOID that the target wrote at initiate. Source: chimney 2.2, 7.
 */
typedef void (*W_INITIATE_OFFLOAD_HANDLER)(NDIS_HANDLE MiniportAdapterContext,
					   PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
typedef W_INITIATE_OFFLOAD_HANDLER W_TERMINATE_OFFLOAD_HANDLER;
typedef W_INITIATE_OFFLOAD_HANDLER W_UPDATE_OFFLOAD_HANDLER;
typedef W_INITIATE_OFFLOAD_HANDLER W_INVALIDATE_OFFLOAD_HANDLER;
typedef W_INITIATE_OFFLOAD_HANDLER W_QUERY_OFFLOAD_HANDLER;
typedef NDIS_STATUS (*W_TCP_OFFLOAD_SEND_HANDLER)(NDIS_HANDLE MiniportAdapterContext,
						  PVOID MiniportOffloadContext,
						  PNET_BUFFER_LIST NetBufferList);
typedef W_TCP_OFFLOAD_SEND_HANDLER W_TCP_OFFLOAD_RECEIVE_HANDLER;
typedef W_TCP_OFFLOAD_SEND_HANDLER W_TCP_OFFLOAD_FORWARD_HANDLER;
typedef NDIS_STATUS (*W_TCP_OFFLOAD_DISCONNECT_HANDLER)(NDIS_HANDLE MiniportAdapterContext,
							PVOID MiniportOffloadContext,
							PNET_BUFFER_LIST NetBufferList,
							ULONG Flags);
/* Synchronous; lists of any earlier indications and BufferedData; returns NDIS_STATUS_SUCCESS. */
typedef NDIS_STATUS (*W_TCP_OFFLOAD_RECEIVE_RETURN_HANDLER)(NDIS_HANDLE MiniportAdapterContext,
							    PNET_BUFFER_LIST NetBufferList);

/* What a protocol (host stack, lower edge of an intermediate driver) implements. */
typedef void (*INITIATE_OFFLOAD_COMPLETE_HANDLER)(
	NDIS_HANDLE ProtocolBindingContext, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);
typedef INITIATE_OFFLOAD_COMPLETE_HANDLER TERMINATE_OFFLOAD_COMPLETE_HANDLER;
typedef INITIATE_OFFLOAD_COMPLETE_HANDLER UPDATE_OFFLOAD_COMPLETE_HANDLER;
typedef INITIATE_OFFLOAD_COMPLETE_HANDLER INVALIDATE_OFFLOAD_COMPLETE_HANDLER;
typedef INITIATE_OFFLOAD_COMPLETE_HANDLER QUERY_OFFLOAD_COMPLETE_HANDLER;
typedef void (*INDICATE_OFFLOAD_EVENT_HANDLER)(NDIS_HANDLE ProtocolBindingContext,
					       PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList,
					       ULONG IndicationCode);
typedef void (*TCP_OFFLOAD_SEND_COMPLETE_HANDLER)(NDIS_HANDLE ProtocolBindingContext,
						  PNET_BUFFER_LIST NetBufferList);
typedef TCP_OFFLOAD_SEND_COMPLETE_HANDLER TCP_OFFLOAD_RECV_COMPLETE_HANDLER;
typedef TCP_OFFLOAD_SEND_COMPLETE_HANDLER TCP_OFFLOAD_DISCONNECT_COMPLETE_HANDLER;
typedef TCP_OFFLOAD_SEND_COMPLETE_HANDLER TCP_OFFLOAD_FORWARD_COMPLETE_HANDLER;
/* OffloadContext is the protocol's own PNDIS_OFFLOAD_HANDLE of the connection. */
typedef void (*TCP_OFFLOAD_EVENT_HANDLER)(PVOID OffloadContext, ULONG EventType,
					  ULONG EventSpecificInformation);
/*
 * Returns NDIS_STATUS_SUCCESS (the list is the host's until NdisOffloadTcpReceiveReturn),
 * _OFFLOAD_DATA_NOT_ACCEPTED or _OFFLOAD_DATA_PARTIALLY_ACCEPTED (it goes back at return).
 */
typedef NDIS_STATUS (*TCP_OFFLOAD_RECEIVE_INDICATE_HANDLER)(PVOID OffloadContext,
							    PNET_BUFFER_LIST NetBufferList,
							    NDIS_STATUS Status,
							    PULONG BytesConsumed);

/* Tables for NdisSetOptionalHandlers(); Header: Type as named, Revision 1, Size. Chimney 2.3. */
typedef struct _NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS {
	NDIS_OBJECT_HEADER Header; /* NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_... */
	ULONG Flags;		   /* reserved */
	W_INITIATE_OFFLOAD_HANDLER InitiateOffloadHandler;
	W_TERMINATE_OFFLOAD_HANDLER TerminateOffloadHandler;
	W_UPDATE_OFFLOAD_HANDLER UpdateOffloadHandler;
	W_INVALIDATE_OFFLOAD_HANDLER InvalidateOffloadHandler;
	W_QUERY_OFFLOAD_HANDLER QueryOffloadHandler;
} NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS;

typedef struct _NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS {
	NDIS_OBJECT_HEADER Header; /* NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_CHARACTERISTICS */
	ULONG Flags;		   /* reserved */
	NDIS_CHIMNEY_OFFLOAD_TYPE OffloadType;
	W_TCP_OFFLOAD_SEND_HANDLER TcpOffloadSendHandler;
	W_TCP_OFFLOAD_RECEIVE_HANDLER TcpOffloadReceiveHandler;
	W_TCP_OFFLOAD_DISCONNECT_HANDLER TcpOffloadDisconnectHandler;
	W_TCP_OFFLOAD_FORWARD_HANDLER TcpOffloadForwardHandler;
	W_TCP_OFFLOAD_RECEIVE_RETURN_HANDLER TcpOffloadReceiveReturnHandler;
} NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS;

typedef struct _NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS {
	NDIS_OBJECT_HEADER Header; /* NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_GENERIC_... */
	ULONG Flags;		   /* reserved */
	INITIATE_OFFLOAD_COMPLETE_HANDLER InitiateOffloadCompleteHandler;
	TERMINATE_OFFLOAD_COMPLETE_HANDLER TerminateOffloadCompleteHandler;
	UPDATE_OFFLOAD_COMPLETE_HANDLER UpdateOffloadCompleteHandler;
	INVALIDATE_OFFLOAD_COMPLETE_HANDLER InvalidateOffloadCompleteHandler;
	QUERY_OFFLOAD_COMPLETE_HANDLER QueryOffloadCompleteHandler;
	INDICATE_OFFLOAD_EVENT_HANDLER IndicateOffloadEventHandler;
} NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS;

typedef struct _NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS {
	NDIS_OBJECT_HEADER Header; /* NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_CHARACTERISTICS */
	ULONG Flags;		   /* reserved */
	NDIS_CHIMNEY_OFFLOAD_TYPE OffloadType;
	TCP_OFFLOAD_SEND_COMPLETE_HANDLER TcpOffloadSendCompleteHandler;
	TCP_OFFLOAD_RECV_COMPLETE_HANDLER TcpOffloadReceiveCompleteHandler;
	TCP_OFFLOAD_DISCONNECT_COMPLETE_HANDLER TcpOffloadDisconnectCompleteHandler;
	TCP_OFFLOAD_FORWARD_COMPLETE_HANDLER TcpOffloadForwardCompleteHandler;
	TCP_OFFLOAD_EVENT_HANDLER TcpOffloadEventHandler;
	TCP_OFFLOAD_RECEIVE_INDICATE_HANDLER TcpOffloadReceiveIndicateHandler;
} NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS;

#define NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS_REVISION_1 1
#define NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS_REVISION_1	 1
#define NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS_REVISION_1	 1
#define NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS_REVISION_1	 1

/* What the router gives a miniport to call; described below at "Target -> host". */
typedef void (*NDIS_TCP_OFFLOAD_EVENT_INDICATE)(NDIS_HANDLE NdisOffloadHandle, ULONG EventType,
						ULONG EventSpecificInformation);
typedef NDIS_STATUS (*NDIS_TCP_OFFLOAD_RECEIVE_INDICATE)(NDIS_HANDLE NdisOffloadHandle,
							 PNET_BUFFER_LIST NetBufferList,
							 NDIS_STATUS Status, PULONG BytesConsumed);
typedef void (*NDIS_TCP_OFFLOAD_SEND_COMPLETE)(NDIS_HANDLE NdisMiniportHandle,
					       PNET_BUFFER_LIST NetBufferList);
typedef NDIS_TCP_OFFLOAD_SEND_COMPLETE NDIS_TCP_OFFLOAD_RECEIVE_COMPLETE;
typedef NDIS_TCP_OFFLOAD_SEND_COMPLETE NDIS_TCP_OFFLOAD_DISCONNECT_COMPLETE;
typedef NDIS_TCP_OFFLOAD_SEND_COMPLETE NDIS_TCP_OFFLOAD_FORWARD_COMPLETE;

/* Common start of the handler tables of all chimney types. */
typedef struct _NDIS_OFFLOAD_EVENT_HANDLERS {
	NDIS_OBJECT_HEADER Header; /* Type: NDIS_CHIMNEY_OFFLOAD_TYPE */
} NDIS_OFFLOAD_EVENT_HANDLERS, *PNDIS_OFFLOAD_EVENT_HANDLERS;

#define NDIS_OBJECT_TCP_OFFLOAD_REVISION_1 1

/**
 * struct _NDIS_TCP_OFFLOAD_EVENT_HANDLERS - target -> host entry points of the TCP chimney
 * @Header: Type NdisTcpChimneyOffload, Revision NDIS_OBJECT_TCP_OFFLOAD_REVISION_1
 * @NdisTcpOffloadEventHandler:   one TCP_OFFLOAD_EVENT_TYPE for one connection; an upload request
 *     carries a TCP_UPLOAD_REASON and may be repeated (R207)
 * @NdisTcpOffloadReceiveHandler: one stand-alone list (R125), Status NDIS_STATUS_SUCCESS. Returns
 *     what the protocol returned, made consistent: SUCCESS and BytesConsumed = all, NOT_ACCEPTED
 *     and 0, or PARTIALLY_ACCEPTED and 1 .. all (all only if the protocol was wrong)
 * @NdisTcpOffloadSendComplete:   lists of earlier sends, from any mix of calls and connections
 * @NdisTcpOffloadReceiveComplete, @NdisTcpOffloadDisconnectComplete,
 * @NdisTcpOffloadForwardComplete: likewise; a disconnect completes alone
 *
 * Completions are queued and reach the protocol from chim_ndis_poll(), in order per adapter. The
 * two indications reach it at once, after all completions queued before, and are refused (counted,
 * and NOT_ACCEPTED) from inside a Miniport entry point, for a connection whose initiate has not
 * been completed (R30), or after its terminate has been completed.
 */
typedef struct _NDIS_TCP_OFFLOAD_EVENT_HANDLERS {
	NDIS_OBJECT_HEADER Header;
	NDIS_TCP_OFFLOAD_EVENT_INDICATE NdisTcpOffloadEventHandler;
	NDIS_TCP_OFFLOAD_RECEIVE_INDICATE NdisTcpOffloadReceiveHandler;
	NDIS_TCP_OFFLOAD_SEND_COMPLETE NdisTcpOffloadSendComplete;
	NDIS_TCP_OFFLOAD_RECEIVE_COMPLETE NdisTcpOffloadReceiveComplete;
	NDIS_TCP_OFFLOAD_DISCONNECT_COMPLETE NdisTcpOffloadDisconnectComplete;
	NDIS_TCP_OFFLOAD_FORWARD_COMPLETE NdisTcpOffloadForwardComplete;
} NDIS_TCP_OFFLOAD_EVENT_HANDLERS, *PNDIS_TCP_OFFLOAD_EVENT_HANDLERS;

/**
 * NdisSetOptionalHandlers() - register one chimney table; called from SetOptionsHandler
 * @NdisHandle:       driver handle of a miniport (provider tables) or protocol (client tables)
 * @OptionalHandlers: one of the four tables above; copied
 *
 * Return: NDIS_STATUS_SUCCESS; _INVALID_PARAMETER NULL, wrong handle, or called at another time;
 * _BAD_VERSION unknown Header; _BAD_CHARACTERISTICS a handler is NULL, or OffloadType is not TCP.
 */
NDIS_STATUS NdisSetOptionalHandlers(NDIS_HANDLE NdisHandle,
				    const NDIS_OBJECT_HEADER *OptionalHandlers);

/**
 * NdisMGetOffloadHandlers() - the router's entry points for a miniport
 * @OffloadHandlers: out: constant for the program's life; check Header, cast, copy
 *
 * Return: NDIS_STATUS_SUCCESS; _NOT_SUPPORTED another chimney type; _INVALID_PARAMETER.
 */
NDIS_STATUS NdisMGetOffloadHandlers(NDIS_HANDLE NdisMiniportHandle,
				    NDIS_CHIMNEY_OFFLOAD_TYPE ChimneyType,
				    const NDIS_OFFLOAD_EVENT_HANDLERS **OffloadHandlers);

/*
 * Host -> target, state. The tree and all it points to stay untouched until the completion handler
 * is called with the same root. A tree that breaks a rule (see enum chim_ndis_rule) does not reach
 * the miniport: the completion handler gets it with NDIS_STATUS_FAILURE (NDIS_STATUS_RESOURCES: the
 * router had no memory) in every block that was reached, placeholders excepted, and the rule is
 * counted. Loops, NULL pointers and TcpOffloadResourceState end here, before the miniport. Without
 * a valid binding or root there is nobody to answer: only counted.
 */

/**
 * NdisInitiateOffload() - hand state over
 *
 * New state: OffloadHandle all zero, full state behind the block (Header.Type NeighborOffloadState,
 * Ip4OffloadState, Ip6OffloadState or TcpOffloadState), a path below a neighbor and a TCP
 * connection below a path that is new or a linker. NetBufferListChain and BufferedData: see chimney
 * 5.6, 5.7; sends in NetBufferListChain become the target's if the block succeeds.
 */
void NdisInitiateOffload(NDIS_HANDLE NdisBindingHandle,
			 PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);

/* NdisQueryOffloadState() - read any class of variables; queries of one object may overlap. */
void NdisQueryOffloadState(NDIS_HANDLE NdisBindingHandle,
			   PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);

/*
 * NdisUpdateOffload() - change cached variables; a path below another neighbor than its own moves
 * to it. Each block that is no placeholder carries CACHED (Header.Type cached or full).
 */
void NdisUpdateOffload(NDIS_HANDLE NdisBindingHandle,
		       PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);

/* NdisInvalidateOffload() - stop transmission on objects and their dependents; no state follows. */
void NdisInvalidateOffload(NDIS_HANDLE NdisBindingHandle,
			   PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);

/*
 * NdisTerminateOffload() - take state back. Header.Type XxxDelegatedState or XxxOffloadState:
 * DELEGATED is written; other types: nothing follows. At completion with SUCCESS the objects are
 * gone and their handles cleared; with FAILURE (state lost) they still exist and want another
 * terminate (6.4.9).
 */
void NdisTerminateOffload(NDIS_HANDLE NdisBindingHandle,
			  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);

/*
 * Host -> target, data. NDIS_STATUS_PENDING: the lists are the target's until the completion
 * handler gets them, in posting order, perhaps merged with others. Anything else: refused, the
 * lists are still the caller's and no completion follows: _INVALID_PARAMETER a pointer is NULL, the
 * handle is none, a chain loops or has the wrong shape (7.1); _INVALID_STATE the object is not
 * offloaded, is being offloaded or terminated, or a call of this kind is in progress on it (R32,
 * R82, R94, R130).
 */
NDIS_STATUS NdisOffloadTcpSend(PNDIS_OFFLOAD_HANDLE NdisOffloadHandle,
			       PNET_BUFFER_LIST NetBufferList);
NDIS_STATUS NdisOffloadTcpReceive(PNDIS_OFFLOAD_HANDLE NdisOffloadHandle,
				  PNET_BUFFER_LIST NetBufferList);
NDIS_STATUS NdisOffloadTcpDisconnect(PNDIS_OFFLOAD_HANDLE NdisOffloadHandle,
				     PNET_BUFFER_LIST NetBufferList, ULONG Flags);
NDIS_STATUS NdisOffloadTcpForward(PNDIS_OFFLOAD_HANDLE NdisOffloadHandle,
				  PNET_BUFFER_LIST NetBufferList);

/**
 * NdisOffloadTcpReceiveReturn() - give lists of indications or BufferedData back; any grouping
 *
 * Return: NDIS_STATUS_SUCCESS; _INVALID_PARAMETER no binding, or some list was not out on it: those
 * were left alone, the rest was returned.
 */
NDIS_STATUS NdisOffloadTcpReceiveReturn(NDIS_HANDLE NdisBindingHandle,
					PNET_BUFFER_LIST NetBufferList);

/*
 * Target -> host, state. Each completes the tree that the matching entry point got, with the same
 * root, after Status was written in every block. A completion of an unknown tree, or a second one,
 * is counted and dropped.
 */
void NdisMInitiateOffloadComplete(NDIS_HANDLE NdisMiniportHandle,
				  PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
void NdisMQueryOffloadStateComplete(NDIS_HANDLE NdisMiniportHandle,
				    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
void NdisMUpdateOffloadComplete(NDIS_HANDLE NdisMiniportHandle,
				PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
void NdisMInvalidateOffloadComplete(NDIS_HANDLE NdisMiniportHandle,
				    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
void NdisMTerminateOffloadComplete(NDIS_HANDLE NdisMiniportHandle,
				   PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);

/**
 * NdisMOffloadEventIndicate() - ask the host about a neighbor
 * @OffloadBlockList: NeighborReachabilityQuery: blocks of Type NeighborOffloadState, Status
 *                    SUCCESS, DependentBlockList NULL, NdisOffloadHandle of the neighbor, followed
 *                    by CONST, CACHED, DELEGATED. The host writes HostReachabilityDelta before this
 *                    returns. Other codes: NULL
 *
 * Refused (counted) under the conditions of the other indications.
 * Source: chimney 8.4, 8.5.
 */
void NdisMOffloadEventIndicate(NDIS_HANDLE NdisMiniportHandle,
			       PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList,
			       ULONG IndicationCode);

#ifdef __cplusplus
}
#endif

#endif
