/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * What the files of the protocol side share. Private to hs_*.c. Hard part: an object that is coming
 * or going (busy) must not be used by another operation; the router would refuse it.
 */
#ifndef CHIM_LINUX_HS_H
#define CHIM_LINUX_HS_H

#include "hoststack.h"

enum { HS_PIECE = 16384 }; /* bytes of one send NET_BUFFER_LIST, at most */

struct hs_neighbor {
	struct hs_neighbor *next;
	struct chim_hop hop;
	NDIS_OFFLOAD_HANDLE handle;
	bool there, busy;
	bool updating, dirty; /* dirty: hop.mac is newer than what the target knows */
	unsigned int paths;
};

struct hs_path {
	struct hs_path *next;
	struct hs_neighbor *neighbor;
	struct chim_key key; /* addresses only */
	unsigned int mtu;
	NDIS_OFFLOAD_HANDLE handle;
	bool there, busy;
	bool updating, dirty;
	unsigned int conns;
};

struct chim_hs {
	struct chim_ndis *ndis;
	const struct chim_hs_ops *ops;
	void *ctx;
	struct chim_hs_limits limits;
	NDIS_HANDLE protocol, binding, nbls, mdls;
	NDIS_TCP_CONNECTION_OFFLOAD caps;
	NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS params;
	NDIS_OID_REQUEST oid;
	bool oid_done;
	NDIS_STATUS oid_status;
	struct hs_neighbor *neighbors;
	struct hs_path *paths;
	unsigned int ops_out; /* operations whose completion is outstanding */
};

/* An operation in progress; the blocks of its tree follow it in memory. */
struct hs_op {
	struct chim_hs *hs;
	struct chim_hs_conn *c;
	struct hs_neighbor *neighbor;
	struct hs_path *path;
	bool new_neighbor, new_path;
	PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root, neighbor_block, path_block, tcp_block;
	PNET_BUFFER_LIST buffered; /* BufferedData of an initiate */
};

/* hs_object.c */
struct hs_path *hs_path_find(struct chim_hs *hs, const struct chim_key *key);
struct hs_neighbor *hs_neighbor_find(struct chim_hs *hs, const struct chim_hop *hop);
/* Find or make both. Return: the path, NULL: no memory. */
struct hs_path *hs_path_get(struct chim_hs *hs, const struct chim_key *key,
			    const struct chim_hop *hop, unsigned int mtu);
/* Forget objects that are neither offloaded nor used. */
void hs_objects_drop(struct chim_hs *hs);
void hs_update_completed(struct chim_hs *hs, struct hs_op *op);
void hs_object_terminated(struct chim_hs *hs, struct hs_op *op);

/* hs_tree.c: an operation with room for blocks of these types, 0: none; NULL: no memory. */
struct hs_op *hs_op_new(struct chim_hs *hs, unsigned int neighbor_type, unsigned int path_type,
			unsigned int tcp_type);
void hs_op_free(struct hs_op *op);
static inline struct hs_op *hs_op_of(PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root)
{
	return root->ProtocolReserved[0];
}
void hs_fill_neighbor(struct chim_hs *hs, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST block,
		      const struct hs_neighbor *n);
void hs_fill_path(PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST block, const struct hs_path *p);
void hs_initiate_completed(struct hs_op *op);
void hs_terminate_completed(struct hs_op *op);
void hs_query_completed(struct hs_op *op);

/* hs_data.c: lists of send data */
PNET_BUFFER_LIST hs_send_new(struct chim_hs_conn *c, const uint8_t *bytes, size_t len);
void hs_send_free(struct chim_hs *hs, PNET_BUFFER_LIST nbl);
/* Copy the data of a chain behind @data. 0 or -ENOMEM. */
int hs_gather(struct chim_tcp_data *data, PNET_BUFFER_LIST chain);
void hs_send_completed(struct chim_hs *hs, PNET_BUFFER_LIST chain);
void hs_forward_completed(struct chim_hs *hs, PNET_BUFFER_LIST chain);
void hs_receive_completed(struct chim_hs *hs, PNET_BUFFER_LIST chain);
void hs_zero_free(struct chim_hs_conn *c);

#endif
