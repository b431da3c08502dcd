/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Which state structures follow a block, and where. Hard part: none; all of it comes from one
 * table.
 */
#include <chimney/ndis_state.h>

#define CLASSES	   3
#define TYPE_COUNT (TcpOffloadState + 1)

/* Bytes of each class of a layer. */
static const uint8_t state_size[][CLASSES] = {
	[CHIM_LAYER_NEIGHBOR] = { sizeof(NEIGHBOR_OFFLOAD_STATE_CONST),
				  sizeof(NEIGHBOR_OFFLOAD_STATE_CACHED),
				  sizeof(NEIGHBOR_OFFLOAD_STATE_DELEGATED) },
	[CHIM_LAYER_PATH] = { sizeof(PATH_OFFLOAD_STATE_CONST), sizeof(PATH_OFFLOAD_STATE_CACHED),
			      sizeof(PATH_OFFLOAD_STATE_DELEGATED) },
	[CHIM_LAYER_TCP] = { sizeof(TCP_OFFLOAD_STATE_CONST), sizeof(TCP_OFFLOAD_STATE_CACHED),
			     sizeof(TCP_OFFLOAD_STATE_DELEGATED) },
};

#define CONST_BIT     (1u << CHIM_STATE_CONST)
#define CACHED_BIT    (1u << CHIM_STATE_CACHED)
#define DELEGATED_BIT (1u << CHIM_STATE_DELEGATED)
#define ALL_BITS      (CONST_BIT | CACHED_BIT | DELEGATED_BIT)

/* Layer and classes of each Header.Type. Source: chimney 3.2. */
static const struct {
	uint8_t layer;
	uint8_t classes;
} type_info[TYPE_COUNT] = {
	[NeighborOffloadConstState] = { CHIM_LAYER_NEIGHBOR, CONST_BIT },
	[NeighborOffloadCachedState] = { CHIM_LAYER_NEIGHBOR, CACHED_BIT },
	[NeighborOffloadDelegatedState] = { CHIM_LAYER_NEIGHBOR, DELEGATED_BIT },
	[NeighborOffloadState] = { CHIM_LAYER_NEIGHBOR, ALL_BITS },
	[Ip4OffloadConstState] = { CHIM_LAYER_PATH, CONST_BIT },
	[Ip4OffloadCachedState] = { CHIM_LAYER_PATH, CACHED_BIT },
	[Ip4OffloadDelegatedState] = { CHIM_LAYER_PATH, DELEGATED_BIT },
	[Ip4OffloadState] = { CHIM_LAYER_PATH, ALL_BITS },
	[Ip6OffloadConstState] = { CHIM_LAYER_PATH, CONST_BIT },
	[Ip6OffloadCachedState] = { CHIM_LAYER_PATH, CACHED_BIT },
	[Ip6OffloadDelegatedState] = { CHIM_LAYER_PATH, DELEGATED_BIT },
	[Ip6OffloadState] = { CHIM_LAYER_PATH, ALL_BITS },
	[TcpOffloadConstState] = { CHIM_LAYER_TCP, CONST_BIT },
	[TcpOffloadCachedState] = { CHIM_LAYER_TCP, CACHED_BIT },
	[TcpOffloadDelegatedState] = { CHIM_LAYER_TCP, DELEGATED_BIT },
	[TcpOffloadState] = { CHIM_LAYER_TCP, ALL_BITS },
};

enum chim_layer chim_type_layer(unsigned int type)
{
	return type < TYPE_COUNT ? (enum chim_layer)type_info[type].layer : CHIM_LAYER_NONE;
}

bool chim_type_is_ip6(unsigned int type)
{
	return type >= Ip6OffloadConstState && type <= Ip6OffloadState;
}

bool chim_type_has(unsigned int type, enum chim_state_class cls)
{
	return chim_type_layer(type) != CHIM_LAYER_NONE && (type_info[type].classes & (1u << cls));
}

size_t chim_state_bytes(unsigned int type, enum chim_state_class cls)
{
	return chim_type_has(type, cls) ? state_size[type_info[type].layer][cls] : 0;
}

static size_t align8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* Offset, from the block, of class @cls; of the end, if @cls is CLASSES. @type is valid. */
static size_t state_offset(unsigned int type, unsigned int cls)
{
	size_t off = sizeof(NDIS_MINIPORT_OFFLOAD_BLOCK_LIST);

	for (unsigned int c = 0; c < cls; c++)
		if (type_info[type].classes & (1u << c))
			off = align8(off) + state_size[type_info[type].layer][c];
	return align8(off);
}

size_t chim_obl_bytes(unsigned int type)
{
	return chim_type_layer(type) == CHIM_LAYER_NONE ? 0 : state_offset(type, CLASSES);
}

void *chim_obl_state(const void *block, enum chim_state_class cls)
{
	const NDIS_OBJECT_HEADER *h = block;

	if (!chim_type_has(h->Type, cls))
		return NULL;
	return (char *)(uintptr_t)block + state_offset(h->Type, cls);
}

void chim_obl_init(void *block, OFFLOAD_STATE_TYPE type)
{
	NDIS_OBJECT_HEADER *h = block;

	h->Type = (UCHAR)type;
	h->Revision = NDIS_MINIPORT_OFFLOAD_BLOCK_LIST_REVISION_1;
	h->Size = sizeof(NDIS_MINIPORT_OFFLOAD_BLOCK_LIST);
	for (unsigned int c = 0; c < CLASSES; c++) {
		OFFLOAD_STATE_HEADER *state = chim_obl_state(block, (enum chim_state_class)c);

		if (state)
			state->Length = (ULONG)chim_state_bytes(type, (enum chim_state_class)c);
	}
}
