/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Network data as the documented interface passes it: MDL, NET_BUFFER, NET_BUFFER_LIST, their
 * pools, and the calls that move the start of the data. Hard part: an MDL names memory twice, by
 * address and by the address the device sees, and the data of one NET_BUFFER may start inside any
 * of its MDLs.
 *
 * Member names are the documented ones; the layout is this library's own. Threads: none; a pool and
 * what came from it belong to one thread.
 */
#ifndef CHIMNEY_NDIS_NBL_H
#define CHIMNEY_NDIS_NBL_H

#include <chimney/ndis_base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The memory of an MDL is not mapped for the device: the driver must copy it (D12). */
#define CHIM_IOVA_NONE UINT64_MAX

/**
 * struct _MDL - one contiguous piece of memory
 * @Next:       next piece of the same NET_BUFFER, or NULL
 * @StartVa:    address of the piece's base
 * @Iova:       address of the same byte for the device, or CHIM_IOVA_NONE
 * @ByteOffset: where the described bytes start, bytes from @StartVa
 * @ByteCount:  described bytes
 *
 * The memory must stay valid while a NET_BUFFER that uses the MDL is owned by a driver ("locked").
 */
typedef struct _MDL {
	struct _MDL *Next;
	PVOID StartVa;
	ULONG64 Iova;
	ULONG ByteOffset;
	ULONG ByteCount;
	/* private: */
	NDIS_HANDLE PoolHandle;
	BOOLEAN OwnsMemory; /* StartVa was allocated with the MDL */
} MDL, *PMDL;

/* First described byte, for the processor. */
static inline PVOID MmGetMdlVirtualAddress(const MDL *mdl)
{
	return (UCHAR *)mdl->StartVa + mdl->ByteOffset;
}

static inline ULONG MmGetMdlByteCount(const MDL *mdl)
{
	return mdl->ByteCount;
}

/* First described byte, for the device; CHIM_IOVA_NONE if it is not mapped. */
static inline ULONG64 chim_mdl_iova(const MDL *mdl)
{
	return mdl->Iova == CHIM_IOVA_NONE ? CHIM_IOVA_NONE : mdl->Iova + mdl->ByteOffset;
}

/**
 * struct _NET_BUFFER - one run of data in an MDL chain
 * @Next:             next NET_BUFFER of the same list
 * @MdlChain:         first MDL, data or not
 * @DataOffset:       bytes of @MdlChain in front of the data
 * @DataLength:       bytes of data
 * @CurrentMdl:       MDL in which the data starts
 * @CurrentMdlOffset: where in @CurrentMdl, in bytes
 */
typedef struct _NET_BUFFER {
	struct _NET_BUFFER *Next;
	PMDL CurrentMdl;
	ULONG CurrentMdlOffset;
	ULONG DataLength;
	PMDL MdlChain;
	ULONG DataOffset;
	NDIS_HANDLE NdisPoolHandle;
	PVOID ProtocolReserved[2];
	PVOID MiniportReserved[4];
} NET_BUFFER, *PNET_BUFFER;

/* Indexes of NetBufferListInfo that the chimney uses. Source: chimney 7.1. */
typedef enum _NDIS_NET_BUFFER_LIST_INFO {
	TcpOffloadBytesTransferred = 0,	 /* ULONG, written by the target at completion */
	TcpReceiveNoPush = 2,		 /* BOOLEAN, written by the host with a request */
	TcpReceiveBytesTransferred = 17, /* ULONG, likewise: bytes already in it */
	MaxNetBufferListInfo = 18
} NDIS_NET_BUFFER_LIST_INFO;

/**
 * struct _NET_BUFFER_LIST_CONTEXT - room that travels with a list, for drivers on its way
 * @Next:   context that was there before
 * @Size:   bytes of @ContextData
 * @Offset: first byte in use
 */
typedef struct _NET_BUFFER_LIST_CONTEXT {
	struct _NET_BUFFER_LIST_CONTEXT *Next;
	USHORT Size;
	USHORT Offset;
	ULONG Reserved;
	UCHAR ContextData[];
} NET_BUFFER_LIST_CONTEXT, *PNET_BUFFER_LIST_CONTEXT;

/* Layers one NET_BUFFER_LIST may pass: the NIC's miniport and the intermediate drivers above. */
#define CHIM_NDIS_HOPS 4

/* One layer's hold on a list. Written by the router only. */
struct chim_nbl_hop {
	void *owner;	/* object or binding of the router */
	uint32_t seq;	/* posting order within owner and kind */
	uint32_t bytes; /* data bytes when it was posted */
	uint8_t kind;
};

/* Link in a queue of completions. Written by the router only. */
struct CHIM_MAY_ALIAS chim_ndis_node {
	struct chim_ndis_node *next;
	uint8_t kind;
};

/**
 * struct _NET_BUFFER_LIST - unit of ownership: what is posted, completed, indicated and returned
 * @Next:              next list of a chain
 * @FirstNetBuffer:    its data
 * @Context:           see NdisAllocateNetBufferListContext()
 * @ParentNetBufferList: for the owner's use
 * @NdisPoolHandle:    pool it came from
 * @ProtocolReserved:  for the host stack while it owns the list
 * @MiniportReserved:  for the target while it owns the list, or while a list of its own is out
 * @Scratch:           for whoever owns the list
 * @SourceHandle:      for the router
 * @NblFlags:          of a forwarded list CHIM_NBL_NOT_HELD or 0
 * @Status:            NDIS_STATUS of the completion
 * @NetBufferListInfo: by NDIS_NET_BUFFER_LIST_INFO
 *
 * A list that comes from no pool must be all zero before its first use.
 */
typedef struct _NET_BUFFER_LIST {
	struct _NET_BUFFER_LIST *Next;
	PNET_BUFFER FirstNetBuffer;
	PNET_BUFFER_LIST_CONTEXT Context;
	struct _NET_BUFFER_LIST *ParentNetBufferList;
	NDIS_HANDLE NdisPoolHandle;
	PVOID NdisReserved[2];
	PVOID ProtocolReserved[4];
	PVOID MiniportReserved[2];
	PVOID Scratch;
	NDIS_HANDLE SourceHandle;
	ULONG NblFlags;
	ULONG Flags;
	NDIS_STATUS Status;
	PVOID NetBufferListInfo[MaxNetBufferListInfo];
	/* private: */
	uint8_t HopDepth;
	struct chim_nbl_hop Hop[CHIM_NDIS_HOPS];
	struct chim_ndis_node Node;
} NET_BUFFER_LIST, *PNET_BUFFER_LIST;

/*
 * NblFlags: the segment was not passed up as held. The NIC waits with LIVE until each held one was
 * forwarded or given up, so it must not take another for one of them. Ours, not documented.
 */
#define CHIM_NBL_NOT_HELD	      0x1u

#define NET_BUFFER_LIST_NEXT_NBL(nbl) ((nbl)->Next)
#define NET_BUFFER_LIST_FIRST_NB(nbl) ((nbl)->FirstNetBuffer)
#define NET_BUFFER_LIST_STATUS(nbl)   ((nbl)->Status)
#define NET_BUFFER_LIST_INFO(nbl, id) ((nbl)->NetBufferListInfo[(id)])
#define NET_BUFFER_LIST_CONTEXT_DATA_START(nbl) \
	((nbl)->Context->ContextData + (nbl)->Context->Offset)
#define NET_BUFFER_NEXT_NB(nb)		  ((nb)->Next)
#define NET_BUFFER_FIRST_MDL(nb)	  ((nb)->MdlChain)
#define NET_BUFFER_DATA_LENGTH(nb)	  ((nb)->DataLength)
#define NET_BUFFER_DATA_OFFSET(nb)	  ((nb)->DataOffset)
#define NET_BUFFER_CURRENT_MDL(nb)	  ((nb)->CurrentMdl)
#define NET_BUFFER_CURRENT_MDL_OFFSET(nb) ((nb)->CurrentMdlOffset)

/* An information slot as the number it holds. */
static inline ULONG chim_nbl_info(const NET_BUFFER_LIST *nbl, NDIS_NET_BUFFER_LIST_INFO id)
{
	return (ULONG)(uintptr_t)nbl->NetBufferListInfo[id];
}

static inline void chim_nbl_info_set(NET_BUFFER_LIST *nbl, NDIS_NET_BUFFER_LIST_INFO id,
				     ULONG value)
{
	nbl->NetBufferListInfo[id] = (PVOID)(uintptr_t)value;
}

/**
 * chim_mdl_pool_create() - a pool of MDLs
 * @ndis:  router whose allocator is used, or NULL for the C library's
 * @limit: most MDLs out at once; 0 = no limit
 * @pool:  out
 *
 * Return: 0; -EINVAL @pool is NULL or @ndis no router; -ENOMEM.
 */
int chim_mdl_pool_create(NDIS_HANDLE ndis, ULONG limit, NDIS_HANDLE *pool);

/**
 * chim_mdl_pool_destroy() - release the pool; with MDLs out, when the last one comes back
 * @pool: may be NULL
 */
void chim_mdl_pool_destroy(NDIS_HANDLE pool);

/**
 * chim_mdl_alloc() - describe @len bytes of the caller's memory
 * @pool: from chim_mdl_pool_create()
 * @va:   start of the memory, which stays the caller's
 * @iova: the same for the device, or CHIM_IOVA_NONE
 *
 * Free with NdisFreeMdl(). Some ten instructions when the pool has been that full before.
 * Return: the MDL, or NULL: pool limit or no memory.
 */
PMDL chim_mdl_alloc(NDIS_HANDLE pool, PVOID va, ULONG64 iova, ULONG len);

/* The documented call: as chim_mdl_alloc() with memory the device cannot see. */
PMDL NdisAllocateMdl(NDIS_HANDLE pool, PVOID va, ULONG len);

/* NdisFreeMdl() - give one MDL (not its chain) back to its pool; NULL is accepted. */
void NdisFreeMdl(PMDL mdl);

/**
 * struct _NET_BUFFER_LIST_POOL_PARAMETERS - of NdisAllocateNetBufferListPool()
 * @Header:             Type NDIS_OBJECT_TYPE_DEFAULT, Revision 1
 * @ProtocolId:         not used
 * @fAllocateNetBuffer: each list comes with one NET_BUFFER
 * @ContextSize:        bytes of context that each list has from the start; a multiple of 8
 * @PoolTag:            not used
 * @DataSize:           must be 0: this library's pools hold no data memory
 * @chim_limit:         (this project) most lists out at once; 0 = no limit
 */
typedef struct _NET_BUFFER_LIST_POOL_PARAMETERS {
	NDIS_OBJECT_HEADER Header;
	UCHAR ProtocolId;
	BOOLEAN fAllocateNetBuffer;
	USHORT ContextSize;
	ULONG PoolTag;
	ULONG DataSize;
	ULONG chim_limit;
} NET_BUFFER_LIST_POOL_PARAMETERS, *PNET_BUFFER_LIST_POOL_PARAMETERS;

#define NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1 1

/* struct _NET_BUFFER_POOL_PARAMETERS - of NdisAllocateNetBufferPool(); members as above. */
typedef struct _NET_BUFFER_POOL_PARAMETERS {
	NDIS_OBJECT_HEADER Header;
	ULONG PoolTag;
	ULONG DataSize;
	ULONG chim_limit;
} NET_BUFFER_POOL_PARAMETERS, *PNET_BUFFER_POOL_PARAMETERS;

#define NET_BUFFER_POOL_PARAMETERS_REVISION_1 1

/**
 * NdisAllocateNetBufferListPool() - a pool of NET_BUFFER_LISTs
 * @NdisHandle: router (or a handle of it) whose allocator is used, or NULL for the C library's
 *
 * Return: the pool; NULL: wrong parameters or no memory.
 * Source: chimney 2.3 (a target has one pool for chimney and one for other indications, R131).
 */
NDIS_HANDLE NdisAllocateNetBufferListPool(NDIS_HANDLE NdisHandle,
					  const NET_BUFFER_LIST_POOL_PARAMETERS *Parameters);

/* Release a pool; with lists still out it lives until the last one comes back. NULL is accepted. */
void NdisFreeNetBufferListPool(NDIS_HANDLE PoolHandle);

/* As the two above, for NET_BUFFERs alone. */
NDIS_HANDLE NdisAllocateNetBufferPool(NDIS_HANDLE NdisHandle,
				      const NET_BUFFER_POOL_PARAMETERS *Parameters);
void NdisFreeNetBufferPool(NDIS_HANDLE PoolHandle);

/* Lists, NET_BUFFERs or MDLs of @pool that are out; a driver must not unload before it is 0. */
ULONG chim_pool_busy(NDIS_HANDLE pool);

/**
 * NdisAllocateNetBufferList() - an empty list
 * @ContextSize, @ContextBackFill: first context and room kept free in front of it, bytes, each a
 *                                 multiple of 8; both 0 = none
 *
 * If the pool was made with fAllocateNetBuffer, the list has its (empty) NET_BUFFER.
 * Return: the list; NULL: no pool of lists, its limit, or no memory.
 */
PNET_BUFFER_LIST NdisAllocateNetBufferList(NDIS_HANDLE PoolHandle, USHORT ContextSize,
					   USHORT ContextBackFill);

/**
 * NdisAllocateNetBufferAndNetBufferList() - a list with one NET_BUFFER over an MDL chain
 * @MdlChain:   memory; may be NULL with @DataLength 0
 * @DataOffset: bytes of the chain in front of the data
 * @DataLength: bytes of data
 *
 * The MDLs stay the caller's. Return: the list; NULL: the pool has no NET_BUFFERs or is at its
 * limit, no memory, or the chain is shorter than @DataOffset + @DataLength.
 */
PNET_BUFFER_LIST NdisAllocateNetBufferAndNetBufferList(NDIS_HANDLE PoolHandle, USHORT ContextSize,
						       USHORT ContextBackFill, PMDL MdlChain,
						       ULONG DataOffset, ULONG DataLength);

/* Give one list, its contexts and the NET_BUFFER it came with back; not its MDLs. NULL accepted. */
void NdisFreeNetBufferList(PNET_BUFFER_LIST NetBufferList);

/* A NET_BUFFER alone, from NdisAllocateNetBufferPool(); arguments and return as for lists. */
PNET_BUFFER NdisAllocateNetBuffer(NDIS_HANDLE PoolHandle, PMDL MdlChain, ULONG DataOffset,
				  ULONG DataLength);
void NdisFreeNetBuffer(PNET_BUFFER NetBuffer);

/**
 * NdisAllocateNetBufferListContext() - room for a driver that passes the list on
 * @ContextSize, @ContextBackFill: bytes, multiples of 8
 * @PoolTag: not used
 *
 * Afterwards NET_BUFFER_LIST_CONTEXT_DATA_START() is the room. Undo in reverse order, with the same
 * size, by NdisFreeNetBufferListContext().
 * Return: NDIS_STATUS_SUCCESS; _RESOURCES; _INVALID_PARAMETER.
 */
NDIS_STATUS NdisAllocateNetBufferListContext(PNET_BUFFER_LIST NetBufferList, USHORT ContextSize,
					     USHORT ContextBackFill, ULONG PoolTag);
void NdisFreeNetBufferListContext(PNET_BUFFER_LIST NetBufferList, USHORT ContextSize);

typedef void NET_BUFFER_FREE_MDL(PMDL Mdl);
typedef PMDL NET_BUFFER_ALLOCATE_MDL(PULONG BufferSize);

/**
 * NdisAdvanceNetBufferDataStart() - drop bytes at the front of the data
 * @DataOffsetDelta: bytes; more than there are is cut down to all of them
 * @FreeMdl:         free the MDLs that no longer hold data; false in every chimney completion (7.1)
 * @FreeMdlHandler:  how to free; NULL = NdisFreeMdl()
 */
void NdisAdvanceNetBufferDataStart(PNET_BUFFER NetBuffer, ULONG DataOffsetDelta, BOOLEAN FreeMdl,
				   NET_BUFFER_FREE_MDL *FreeMdlHandler);

/**
 * NdisRetreatNetBufferDataStart() - add bytes in front of the data
 * @DataOffsetDelta:    bytes
 * @DataBackFill:       bytes to allocate beyond that when the MDLs have no room
 * @AllocateMdlHandler: how to allocate; NULL = memory of the C library, unknown to the device
 *
 * Uses the room behind DataOffset if it suffices, else puts one new MDL in front.
 * Return: NDIS_STATUS_SUCCESS; _RESOURCES; _INVALID_PARAMETER a sum does not fit 32 bits.
 */
NDIS_STATUS NdisRetreatNetBufferDataStart(PNET_BUFFER NetBuffer, ULONG DataOffsetDelta,
					  ULONG DataBackFill,
					  NET_BUFFER_ALLOCATE_MDL *AllocateMdlHandler);

/* Both for every NET_BUFFER of a list; a retreat that fails is undone. */
void NdisAdvanceNetBufferListDataStart(PNET_BUFFER_LIST NetBufferList, ULONG DataOffsetDelta,
				       BOOLEAN FreeMdl, NET_BUFFER_FREE_MDL *FreeMdlHandler);
NDIS_STATUS NdisRetreatNetBufferListDataStart(PNET_BUFFER_LIST NetBufferList, ULONG DataOffsetDelta,
					      ULONG DataBackFill,
					      NET_BUFFER_ALLOCATE_MDL *AllocateMdlHandler);

/**
 * NdisGetDataBuffer() - the first bytes of the data in one piece
 * @Storage: where to copy them when they are in several MDLs; may be NULL
 * @AlignMultiple, @AlignOffset: wanted alignment of the result; 1, 0 = any
 *
 * Return: a pointer into the data or to @Storage; NULL: fewer bytes than @BytesNeeded, or a copy
 * was needed and @Storage is NULL.
 */
PVOID NdisGetDataBuffer(PNET_BUFFER NetBuffer, ULONG BytesNeeded, PVOID Storage,
			ULONG AlignMultiple, ULONG AlignOffset);

/*
 * chim_nb_copy_out() - copy up to @len data bytes, from byte @off on, to @dst. Return: bytes
 * copied.
 */
ULONG chim_nb_copy_out(const NET_BUFFER *nb, ULONG off, void *dst, ULONG len);

/*
 * chim_nb_copy_in() - copy up to @len bytes into the data from byte @off on. Return: bytes copied.
 */
ULONG chim_nb_copy_in(NET_BUFFER *nb, ULONG off, const void *src, ULONG len);

/**
 * chim_nb_check() - can the data be walked safely
 *
 * Return: 0; -EINVAL no MDL, a NULL address, CurrentMdl not in the chain or a wrong offset, or the
 * MDLs hold fewer bytes than DataOffset + DataLength; -ELOOP the MDL chain loops.
 */
int chim_nb_check(const NET_BUFFER *nb);

/* A place in the data of one NET_BUFFER. */
struct chim_nb_iter {
	const MDL *mdl;
	ULONG off;  /* in mdl, bytes */
	ULONG left; /* data bytes from here on */
};

/* One contiguous piece of data. */
struct chim_nb_frag {
	void *va;
	uint64_t iova; /* or CHIM_IOVA_NONE */
	ULONG len;     /* bytes, never 0 */
};

static inline struct chim_nb_iter chim_nb_begin(const NET_BUFFER *nb)
{
	struct chim_nb_iter it = { nb->CurrentMdl, nb->CurrentMdlOffset, nb->DataLength };

	return it;
}

/**
 * chim_nb_peek() - the next contiguous piece, for a scatter-gather list
 * @it:   from chim_nb_begin()
 * @max:  most bytes wanted
 * @frag: out
 *
 * Return: true; false at the end of the data (or of an MDL chain that is too short).
 */
static inline bool chim_nb_peek(struct chim_nb_iter *it, ULONG max, struct chim_nb_frag *frag)
{
	ULONG len = it->left < max ? it->left : max, room;

	if (!len)
		return false;
	while (it->mdl && it->off >= it->mdl->ByteCount) {
		it->off -= it->mdl->ByteCount;
		it->mdl = it->mdl->Next;
	}
	if (!it->mdl)
		return false;
	room = it->mdl->ByteCount - it->off;
	frag->va = (UCHAR *)MmGetMdlVirtualAddress(it->mdl) + it->off;
	frag->iova = chim_mdl_iova(it->mdl);
	if (frag->iova != CHIM_IOVA_NONE)
		frag->iova += it->off;
	frag->len = len < room ? len : room;
	return true;
}

/* chim_nb_skip() - move over @n bytes of the piece that chim_nb_peek() showed */
static inline void chim_nb_skip(struct chim_nb_iter *it, ULONG n)
{
	it->off += n;
	it->left -= n;
}

/* chim_nb_next() - chim_nb_peek(), and move over that piece */
static inline bool chim_nb_next(struct chim_nb_iter *it, ULONG max, struct chim_nb_frag *frag)
{
	if (!chim_nb_peek(it, max, frag))
		return false;
	chim_nb_skip(it, frag->len);
	return true;
}

/* Data bytes of all NET_BUFFERs of one list. */
static inline uint64_t chim_nbl_bytes(const NET_BUFFER_LIST *nbl)
{
	uint64_t n = 0;

	for (const NET_BUFFER *nb = nbl->FirstNetBuffer; nb; nb = nb->Next)
		n += nb->DataLength;
	return n;
}

/**
 * chim_nbl_consume() - what a target does to a list before it completes it
 * @bytes: bytes transferred, at most all; spread over the NET_BUFFERs in order
 *
 * Writes TcpOffloadBytesTransferred and @status, and advances each NET_BUFFER by its share.
 * Source: chimney 7.1; R90, R109, R119.
 */
void chim_nbl_consume(NET_BUFFER_LIST *nbl, ULONG bytes, NDIS_STATUS status);

#ifdef __cplusplus
}
#endif

#endif
