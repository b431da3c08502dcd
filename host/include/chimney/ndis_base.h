/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Scalar types, object headers and status codes of the documented offload interface. Hard part:
 * NDIS_STATUS is a signed 32-bit number, so codes above 0x7FFFFFFF need the cast that CHIM_ST() is.
 */
#ifndef CHIMNEY_NDIS_BASE_H
#define CHIMNEY_NDIS_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* For structures whose memory is also seen as another structure (the two views of a block). */
#if defined(__GNUC__)
#define CHIM_MAY_ALIAS __attribute__((__may_alias__))
#else
#define CHIM_MAY_ALIAS
#endif

typedef uint8_t UCHAR;
typedef uint8_t BOOLEAN; /* 0 or 1 */
typedef uint16_t USHORT;
typedef int32_t LONG;
typedef uint32_t ULONG;
typedef uint64_t ULONG64;
typedef ULONG *PULONG;
typedef void *PVOID;
typedef void *NDIS_HANDLE;
typedef NDIS_HANDLE *PNDIS_HANDLE;
typedef LONG NDIS_STATUS;
typedef ULONG NDIS_OID;
typedef ULONG NDIS_PORT_NUMBER;

/* The structures below have their documented 64-bit layout; other hosts are refused here. */
static_assert(sizeof(void *) == 8, "the documented x64 layouts need 64-bit pointers");

/**
 * struct _NDIS_OBJECT_HEADER - first member of every versioned structure
 * @Type:     NDIS_OBJECT_TYPE_*; in a block list the OFFLOAD_STATE_TYPE of the state behind it
 * @Revision: of the structure
 * @Size:     bytes of the structure, this header included
 *
 * Source: chimney 3.1.
 */
typedef struct _NDIS_OBJECT_HEADER {
	UCHAR Type;
	UCHAR Revision;
	USHORT Size;
} NDIS_OBJECT_HEADER, *PNDIS_OBJECT_HEADER;

static_assert(sizeof(NDIS_OBJECT_HEADER) == 4, "documented size");

#define NDIS_OBJECT_TYPE_DEFAULT					  0x80
#define NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS	  0x8E
#define NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS 0x8F
#define NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_CHARACTERISTICS		  0x93
#define NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_CHARACTERISTICS	  0x94
#define NDIS_OBJECT_TYPE_OID_REQUEST					  0x96
#define NDIS_OBJECT_TYPE_STATUS_INDICATION				  0x98
#define NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES		  0xA0

/* Statuses of calls, blocks and NET_BUFFER_LISTs. Source: chimney 5.4, 7.1, 8.3. */
#define CHIM_ST(x)							  ((NDIS_STATUS)(x))
#define NDIS_STATUS_SUCCESS						  CHIM_ST(0x00000000)
#define NDIS_STATUS_PENDING						  CHIM_ST(0x00000103)
#define NDIS_STATUS_FAILURE						  CHIM_ST(0xC0000001)
#define NDIS_STATUS_INVALID_PARAMETER					  CHIM_ST(0xC000000D)
#define NDIS_STATUS_RESOURCES						  CHIM_ST(0xC000009A)
#define NDIS_STATUS_NOT_SUPPORTED					  CHIM_ST(0xC00000BB)
#define NDIS_STATUS_INVALID_STATE					  CHIM_ST(0xC0000184)
#define NDIS_STATUS_BAD_VERSION						  CHIM_ST(0xC0010004)
#define NDIS_STATUS_BAD_CHARACTERISTICS					  CHIM_ST(0xC0010005)
#define NDIS_STATUS_REQUEST_ABORTED					  CHIM_ST(0xC001000C)
#define NDIS_STATUS_INVALID_LENGTH					  CHIM_ST(0xC0010014)
#define NDIS_STATUS_INVALID_DATA					  CHIM_ST(0xC0010015)
#define NDIS_STATUS_BUFFER_TOO_SHORT					  CHIM_ST(0xC0010016)
/* Never used for chimney sends (R147). */
#define NDIS_STATUS_PAUSED						  CHIM_ST(0xC023002A)

/* Of success or informational severity; OFFLOAD_PARTIAL_SUCCESS is among them. */
#define NDIS_STATUS_OFFLOAD_PAUSE					  CHIM_ST(0x40020001)
#define NDIS_STATUS_UPLOAD_ALL						  CHIM_ST(0x40020002)
#define NDIS_STATUS_OFFLOAD_RESUME					  CHIM_ST(0x40020003)
#define NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS				  CHIM_ST(0x40020004)
#define NDIS_STATUS_OFFLOAD_STATE_INVALID				  CHIM_ST(0x40020005)
#define NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES	  CHIM_ST(0x4002000B)

#define NDIS_STATUS_UPLOAD_IN_PROGRESS					  CHIM_ST(0xC0231001)
#define NDIS_STATUS_REQUEST_UPLOAD					  CHIM_ST(0xC0231002)
#define NDIS_STATUS_UPLOAD_REQUESTED					  CHIM_ST(0xC0231003)
#define NDIS_STATUS_OFFLOAD_TCP_ENTRIES					  CHIM_ST(0xC0231004)
#define NDIS_STATUS_OFFLOAD_PATH_ENTRIES				  CHIM_ST(0xC0231005)
#define NDIS_STATUS_OFFLOAD_NEIGHBOR_ENTRIES				  CHIM_ST(0xC0231006)
#define NDIS_STATUS_OFFLOAD_IP_ADDRESS_ENTRIES				  CHIM_ST(0xC0231007)
#define NDIS_STATUS_OFFLOAD_HW_ADDRESS_ENTRIES				  CHIM_ST(0xC0231008)
#define NDIS_STATUS_OFFLOAD_VLAN_ENTRIES				  CHIM_ST(0xC0231009)
#define NDIS_STATUS_OFFLOAD_TCP_XMIT_BUFFER				  CHIM_ST(0xC023100A)
#define NDIS_STATUS_OFFLOAD_TCP_RCV_BUFFER				  CHIM_ST(0xC023100B)
#define NDIS_STATUS_OFFLOAD_TCP_RCV_WINDOW				  CHIM_ST(0xC023100C)
#define NDIS_STATUS_OFFLOAD_VLAN_MISMATCH				  CHIM_ST(0xC023100D)
#define NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED				  CHIM_ST(0xC023100E)
#define NDIS_STATUS_OFFLOAD_POLICY					  CHIM_ST(0xC023100F)
#define NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED			  CHIM_ST(0xC0231010)
#define NDIS_STATUS_OFFLOAD_REQUEST_RESET				  CHIM_ST(0xC0231011)
#define NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED				  CHIM_ST(0xC0231012)
#define NDIS_OFFLOAD_PATH_REJECTED					  CHIM_ST(0xC0231013)

/* No public header gives this documented name a value: this one is private to the project. */
#define NDIS_STATUS_OFFLOAD_PATH_MTU					  CHIM_ST(0xC02310F0)

#ifdef __cplusplus
}
#endif

#endif
