/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A miniport without hardware: keeps the documented rules of a target, does everything only when
 * the test says so, and breaks one rule when told to. Hard part: being strict itself, so that a
 * fault the router reports is the router's or the test's.
 */
#ifndef API_MOCK_NIC_H
#define API_MOCK_NIC_H

#include <chimney/ndischimney.h>

#define NIC_OPS 32
#define NIC_LOG 512

enum nic_op_kind { NIC_INITIATE, NIC_QUERY, NIC_UPDATE, NIC_INVALIDATE, NIC_TERMINATE };

/* What the miniport keeps of one object; the PVOID it gives the host. */
struct nic_obj {
	struct nic_obj *next; /* of all */
	struct nic_obj *parent;
	NDIS_HANDLE up;	    /* NdisOffloadHandle */
	unsigned int layer; /* enum chim_layer */
	char name[4];	    /* ProtocolReserved[0] of its block, as text */
	bool invalid;
	uint32_t mtu;						   /* a cached variable of paths */
	NET_BUFFER_LIST *sends, *receives, *forwards, *disconnect; /* FIFO, by Next */
	ULONG disconnect_flags;
};

struct nic {
	NDIS_HANDLE driver, adapter;
	NDIS_TCP_OFFLOAD_EVENT_HANDLERS up;
	struct {
		enum nic_op_kind kind;
		PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root;
	} op[NIC_OPS];
	unsigned int ops;
	struct nic_obj *objs;
	char log[NIC_LOG]; /* names of blocks in the order they were visited */
	/* Fate of a new block, by name; NULL: SUCCESS. */
	NDIS_STATUS (*offer)(struct nic *nic, const char *name);
	NDIS_TCP_CONNECTION_OFFLOAD caps;
	NDIS_STATUS io_return;	   /* of the I/O entry points; PENDING */
	NDIS_STATUS return_return; /* of receive-return; SUCCESS */
	NDIS_STATUS oid_return;	   /* of OidRequestHandler */
	PNDIS_OID_REQUEST oid;	   /* last one */
	unsigned int returned;	   /* lists that came back by receive-return */
	bool complete_inside;	   /* state operations complete inside their entry point */
	void (*on_io)(struct nic *nic, struct nic_obj *obj); /* inside each I/O entry point */
	bool no_chimney;				     /* at registration */
	bool halted;
	/* Twists of the next terminate or initiate completion; see mock_nic.c. */
	void (*before_complete)(struct nic *nic, enum nic_op_kind kind,
				PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root);
};

/* Register with @ndis as driver and adapter. Return: 0 or -errno of the router. */
int nic_open(struct nic *nic, struct chim_ndis *ndis);
int nic_close(struct nic *nic);

/* Do and complete the oldest state operation. Return: false: there is none. */
bool nic_work(struct nic *nic);

/* Is this an object of the NIC, or has it been given back? */
bool nic_has(const struct nic *nic, const struct nic_obj *o);
void nic_forget(struct nic *nic, struct nic_obj *o);

/* Take the first @n lists off a FIFO and set status; byte counts as given, UINT32_MAX: all. */
NET_BUFFER_LIST *nic_take(NET_BUFFER_LIST **fifo, unsigned int n, NDIS_STATUS st, ULONG bytes);

/* Complete the first @n sends of a connection in one call, with SUCCESS. */
void nic_ack(struct nic *nic, struct nic_obj *c, unsigned int n);

#endif
