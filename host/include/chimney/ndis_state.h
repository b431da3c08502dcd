/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Offload block lists and the state structures behind them, with the documented order, sizes and
 * offsets (x64). Hard part: one block is seen as two structures, by the miniport below and by the
 * protocol above, in the same memory.
 *
 * What follows a block in memory (this project's rule, the documentation leaves it open): the
 * structures that Header.Type names, in the order CONST, CACHED, DELEGATED, each at the next offset
 * from the block's start that is a multiple of 8. chim_obl_state() finds them, chim_obl_bytes()
 * says how much to allocate. Nothing follows a placeholder, a linker, or any block of an
 * invalidate. In an update only CACHED is read, in a terminate only DELEGATED is written, in a
 * query all that Header.Type names is written.
 */
#ifndef CHIMNEY_NDIS_STATE_H
#define CHIMNEY_NDIS_STATE_H

#include <chimney/ndis_base.h>
#include <chimney/ndis_nbl.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What follows a block: carried in the 8-bit Header.Type. Source: chimney 3.2. */
typedef enum _OFFLOAD_STATE_TYPE {
	NeighborOffloadConstState = 1,
	NeighborOffloadCachedState = 2,
	NeighborOffloadDelegatedState = 3,
	NeighborOffloadState = 4, /* all three */
	Ip4OffloadConstState = 5,
	Ip4OffloadCachedState = 6,
	Ip4OffloadDelegatedState = 7,
	Ip4OffloadState = 8,
	Ip6OffloadConstState = 9,
	Ip6OffloadCachedState = 10,
	Ip6OffloadDelegatedState = 11,
	Ip6OffloadState = 12,
	TcpOffloadConstState = 13,
	TcpOffloadCachedState = 14,
	TcpOffloadDelegatedState = 15,
	TcpOffloadResourceState = 16, /* reserved; refused */
	TcpOffloadState = 17,
	FilterReservedOffloadState = 0xFE, /* reserved; refused */
	MaximumOffloadState = 0xFF
} OFFLOAD_STATE_TYPE;

/**
 * struct _NDIS_OFFLOAD_HANDLE - one offloaded object, as its owner above knows it
 * @NdisReserved:           the router's record of the object
 * @MiniportOffloadContext: the driver below's reference, written by it at initiate
 *
 * All zero before an initiate; the router clears it when the object is gone. Must live as long as
 * the object is offloaded.
 */
typedef struct _NDIS_OFFLOAD_HANDLE {
	PVOID NdisReserved[1];
	PVOID MiniportOffloadContext;
} NDIS_OFFLOAD_HANDLE, *PNDIS_OFFLOAD_HANDLE;

/* One revision covers the block and the state behind it (chimney 13, row 21). */
#define NDIS_MINIPORT_OFFLOAD_BLOCK_LIST_REVISION_1 1
#define NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST_REVISION_1 1

/**
 * struct _NDIS_MINIPORT_OFFLOAD_BLOCK_LIST - a block as the driver below sees it
 * @Header:                 Type: OFFLOAD_STATE_TYPE; Size: of this structure only, 0x98
 * @NextBlock:              next block of the same layer
 * @DependentBlockList:     first block one layer up (neighbor -> path -> TCP)
 * @Status:                 written by the target in every block before it completes the tree
 * @NdisReserved:           router
 * @MiniportOffloadContext: NULL: placeholder; else the cell that the target fills (initiate of new
 *                          state) or that holds its reference
 * @NdisOffloadHandle:      goes into NdisTcpOffloadEventHandler and NdisTcpOffloadReceiveHandler
 * @ProtocolReserved:       host
 * @MiniportReserved:       target
 * @ImReserved:             intermediate driver
 * @Scratch:                whoever owns the block
 * @SourceHandle:           router; an intermediate driver restores it (9.2)
 * @PortNumber:             0, the default port
 * @NetBufferListChain:     TCP: outstanding send data, from the host at initiate, from the target
 *                          at terminate
 *
 * Source: chimney 3.1.
 */
typedef struct CHIM_MAY_ALIAS _NDIS_MINIPORT_OFFLOAD_BLOCK_LIST {
	NDIS_OBJECT_HEADER Header;
	struct _NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *NextBlock;
	struct _NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *DependentBlockList;
	NDIS_STATUS Status;
	PVOID NdisReserved[2];
	PVOID *MiniportOffloadContext;
	NDIS_HANDLE NdisOffloadHandle;
	PVOID ProtocolReserved[2];
	PVOID MiniportReserved[2];
	PVOID ImReserved[2];
	PVOID Scratch[2];
	PVOID SourceHandle;
	NDIS_PORT_NUMBER PortNumber;
	PNET_BUFFER_LIST NetBufferListChain;
} NDIS_MINIPORT_OFFLOAD_BLOCK_LIST, *PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST;

/**
 * struct _NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST - the same block as the driver above sees it
 * @OffloadHandle: the object; NULL: placeholder. The router derives both members of the miniport's
 *                 view from it. In an initiate its MiniportOffloadContext is NULL for new state and
 *                 non-NULL for a linker.
 *
 * Source: chimney 3.1.
 */
typedef struct CHIM_MAY_ALIAS _NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST {
	NDIS_OBJECT_HEADER Header;
	struct _NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST *NextBlock;
	struct _NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST *DependentBlockList;
	NDIS_STATUS Status;
	PVOID NdisReserved[3];
	PNDIS_OFFLOAD_HANDLE OffloadHandle;
	PVOID ProtocolReserved[2];
	PVOID MiniportReserved[2];
	PVOID ImReserved[2];
	PVOID Scratch[2];
	PVOID SourceHandle;
	NDIS_PORT_NUMBER PortNumber;
	PNET_BUFFER_LIST NetBufferListChain;
} NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST, *PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST;

/**
 * struct _OFFLOAD_STATE_HEADER - first member of every state structure
 * @Length:            bytes of the whole structure; the router writes it, a wrong one other than 0
 *                     is refused
 * @RecognizedOptions: reserved
 */
typedef struct _OFFLOAD_STATE_HEADER {
	ULONG Length;
	ULONG RecognizedOptions;
} OFFLOAD_STATE_HEADER, *POFFLOAD_STATE_HEADER;

/* Ethernet addresses are the first 6 of the 32 bytes. */
#define CHIM_DL_ADDRESS_BYTES 32

typedef struct _NEIGHBOR_OFFLOAD_STATE_CONST {
	OFFLOAD_STATE_HEADER Header;
	UCHAR DlSourceAddress[CHIM_DL_ADDRESS_BYTES]; /* all zero: the interface's own */
	ULONG VlanId : 12;			      /* 0: not significant */
} NEIGHBOR_OFFLOAD_STATE_CONST, *PNEIGHBOR_OFFLOAD_STATE_CONST;

typedef struct _NEIGHBOR_OFFLOAD_STATE_CACHED {
	OFFLOAD_STATE_HEADER Header;
	UCHAR DlDestinationAddress[CHIM_DL_ADDRESS_BYTES]; /* next hop */
	ULONG HostReachabilityDelta; /* ticks since the host last confirmed reachability */
} NEIGHBOR_OFFLOAD_STATE_CACHED, *PNEIGHBOR_OFFLOAD_STATE_CACHED;

typedef struct _NEIGHBOR_OFFLOAD_STATE_DELEGATED {
	OFFLOAD_STATE_HEADER Header;
	ULONG NicReachabilityDelta; /* ticks since the target last confirmed reachability */
} NEIGHBOR_OFFLOAD_STATE_DELEGATED, *PNEIGHBOR_OFFLOAD_STATE_DELEGATED;

/* Addresses in network order, 4 bytes for Ip4 types, 16 for Ip6; the target copies them. */
typedef struct _PATH_OFFLOAD_STATE_CONST {
	OFFLOAD_STATE_HEADER Header;
	const UCHAR *SourceAddress;
	const UCHAR *DestinationAddress;
} PATH_OFFLOAD_STATE_CONST, *PPATH_OFFLOAD_STATE_CONST;

typedef struct _PATH_OFFLOAD_STATE_CACHED {
	OFFLOAD_STATE_HEADER Header;
	ULONG PathMtu; /* bytes */
} PATH_OFFLOAD_STATE_CACHED, *PPATH_OFFLOAD_STATE_CACHED;

typedef struct _PATH_OFFLOAD_STATE_DELEGATED {
	OFFLOAD_STATE_HEADER Header;
} PATH_OFFLOAD_STATE_DELEGATED, *PPATH_OFFLOAD_STATE_DELEGATED;

/* Flags of TCP_OFFLOAD_STATE_CONST. */
#define TCP_FLAG_TIMESTAMP_ENABLED	0x0001
#define TCP_FLAG_SACK_ENABLED		0x0002
#define TCP_FLAG_WINDOW_SCALING_ENABLED 0x0004

/* Ports are in host byte order (this project's choice: the documentation does not say). */
typedef struct _TCP_OFFLOAD_STATE_CONST {
	OFFLOAD_STATE_HEADER Header;
	USHORT Flags;
	USHORT RemotePort;
	USHORT LocalPort;
	UCHAR SndWindScale : 4; /* shift of windows received */
	UCHAR RcvWindScale : 4; /* shift of windows advertised */
	USHORT RemoteMss;	/* bytes */
	ULONG HashValue;	/* RSS hash of all data of the connection */
} TCP_OFFLOAD_STATE_CONST, *PTCP_OFFLOAD_STATE_CONST;

/* Flags of TCP_OFFLOAD_STATE_CACHED; the last three are commands of one update. */
#define TCP_FLAG_KEEP_ALIVE_ENABLED 0x0001
#define TCP_FLAG_NAGLING_ENABLED    0x0002
#define TCP_FLAG_KEEP_ALIVE_RESTART 0x0004
#define TCP_FLAG_MAX_RT_RESTART	    0x0008
#define TCP_FLAG_UPDATE_RCV_WND	    0x0010

/* "Ticks" are TicksPerSecond of NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS. Source: chimney 4.5. */
typedef struct _TCP_OFFLOAD_STATE_CACHED {
	OFFLOAD_STATE_HEADER Header;
	USHORT Flags;
	ULONG InitialRcvWnd;	 /* bytes */
	ULONG RcvIndicationSize; /* bytes per indication; 0: as many as possible */
	UCHAR KaProbeCount;
	ULONG KaTimeout;	 /* ticks */
	ULONG KaInterval;	 /* ticks */
	ULONG MaxRT;		 /* ticks; 0: count instead; 0xFFFFFFFF: no limit */
	ULONG FlowLabel : 20;	 /* IPv6 */
	ULONG FlowReserved : 12; /* keeps the next member at its offset under the System V ABI */
	UCHAR TtlOrHopLimit;
	UCHAR TosOrTrafficClass;
	UCHAR UserPriority : 3; /* 802.1p */
} TCP_OFFLOAD_STATE_CACHED, *PTCP_OFFLOAD_STATE_CACHED;

typedef enum _TCP_OFFLOAD_CONNECTION_STATE {
	TcpConnectionClosed = 0,
	TcpConnectionListen = 1,
	TcpConnectionSynSent = 2,
	TcpConnectionSynRcvd = 3,
	TcpConnectionEstablished = 4,
	TcpConnectionFinWait1 = 5,
	TcpConnectionFinWait2 = 6,
	TcpConnectionCloseWait = 7,
	TcpConnectionClosing = 8,
	TcpConnectionLastAck = 9,
	TcpConnectionTimeWait = 10,
	TcpConnectionMaxState = 11
} TCP_OFFLOAD_CONNECTION_STATE;

/* A TimeoutDelta of a timer that does not run; 0 fires at once. */
#define CHIM_TIMEOUT_NONE 0xFFFFFFFFu
/* SendBacklogSize and ReceiveBacklogSize of a target that does not report them. */
#define CHIM_BACKLOG_NONE 0xFFFFFFFFu

/* Sequence numbers and ticks count modulo 2^32. Source: chimney 4.6. */
typedef struct _TCP_OFFLOAD_STATE_DELEGATED {
	OFFLOAD_STATE_HEADER Header;
	TCP_OFFLOAD_CONNECTION_STATE State;
	USHORT Flags; /* reserved */
	ULONG RcvNxt;
	ULONG RcvWnd; /* bytes, unscaled */
	ULONG SndUna;
	ULONG SndNxt;
	ULONG SndMax;
	ULONG SndWnd;	 /* bytes */
	ULONG MaxSndWnd; /* bytes */
	ULONG SendWL1;	 /* sequence number of the last window update */
	ULONG CWnd;	 /* bytes */
	ULONG SsThresh;	 /* bytes */
	USHORT SRtt;	 /* ticks times 8 */
	USHORT RttVar;	 /* ticks times 4 */
	ULONG TsRecent;
	ULONG TsRecentAge; /* ticks */
	ULONG TsTime;	   /* ticks */
	ULONG TotalRT;	   /* ticks */
	UCHAR DupAckCount;
	UCHAR SndWndProbeCount;
	struct {
		UCHAR ProbeCount;
		ULONG TimeoutDelta; /* ticks */
	} KeepAlive;
	struct {
		UCHAR Count;
		ULONG TimeoutDelta; /* ticks */
	} Retransmit;
	union {
		PNET_BUFFER_LIST SendDataHead; /* initiate, terminate */
		ULONG SendBacklogSize;	       /* query, bytes */
	};
	PNET_BUFFER_LIST SendDataTail; /* initiate, terminate */
	union {
		PNET_BUFFER_LIST BufferedData; /* initiate, terminate */
		ULONG ReceiveBacklogSize;      /* query, bytes */
	};
	ULONG DWnd; /* passed through unchanged */
} TCP_OFFLOAD_STATE_DELEGATED, *PTCP_OFFLOAD_STATE_DELEGATED;

#include <chimney/ndis_layout.h>

/* Layers of state, bottom to top. */
enum chim_layer { CHIM_LAYER_NONE, CHIM_LAYER_NEIGHBOR, CHIM_LAYER_PATH, CHIM_LAYER_TCP };

/* The three classes of variables. */
enum chim_state_class { CHIM_STATE_CONST, CHIM_STATE_CACHED, CHIM_STATE_DELEGATED };

/* Layer of a Header.Type; CHIM_LAYER_NONE for 0, TcpOffloadResourceState and beyond the last. */
enum chim_layer chim_type_layer(unsigned int type);

/* Is @type one of the IPv6 path types? */
bool chim_type_is_ip6(unsigned int type);

/* Does a block of @type carry the structure of this class behind it? */
bool chim_type_has(unsigned int type, enum chim_state_class cls);

/* Bytes of that structure: what its Header.Length says; 0 if @type has none of the class. */
size_t chim_state_bytes(unsigned int type, enum chim_state_class cls);

/* Bytes of a block with the state that @type names; 0 if there is no such type. */
size_t chim_obl_bytes(unsigned int type);

/**
 * chim_obl_state() - the state structure of one class behind a block
 * @block: NDIS_MINIPORT_OFFLOAD_BLOCK_LIST or NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
 *
 * The caller knows that state follows this block (see the top of this file).
 * Return: the structure, by Header.Type; NULL if Header.Type has none of that class.
 */
void *chim_obl_state(const void *block, enum chim_state_class cls);

/*
 * Write Header (Type, Revision, Size) of a block and Header.Length of the structures behind it, in
 * chim_obl_bytes(@type) bytes of memory; @type is one of those that carry state.
 */
void chim_obl_init(void *block, OFFLOAD_STATE_TYPE type);

#ifdef __cplusplus
}
#endif

#endif
