/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A tree of block lists as one image for firmware, and firmware's results back into the tree. Hard
 * part: both walks visit the blocks in the same order, depth first, so the n-th block of the tree
 * is the n-th of the image; and what was allocated for a block that failed must go without a trace.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nic_priv.h"

typedef NDIS_MINIPORT_OFFLOAD_BLOCK_LIST block_t;

/* The walk: neighbor above path above TCP, each at most once in a chain of parents. */
struct walk {
	struct chim_nic *nic;
	struct nic_op *op;
	struct nic_admin *req;
	uint32_t image_at, out_at; /* offsets of what comes next */
	uint16_t index;
	const struct nic_obj *neighbor, *path;
};

static enum chim_hw_role role(const block_t *b)
{
	if (!b->MiniportOffloadContext)
		return CHIM_ROLE_PLACEHOLDER;
	return *b->MiniportOffloadContext ? CHIM_ROLE_REFERENCE : CHIM_ROLE_NEW;
}

/* Does the block bring state down, or take some back? */
static bool state_down(const block_t *b, enum chim_hw_admin_op op)
{
	if (op == CHIM_ADMIN_OP_INITIATE)
		return role(b) == CHIM_ROLE_NEW;
	return op == CHIM_ADMIN_OP_UPDATE && role(b) == CHIM_ROLE_REFERENCE;
}

static bool state_up(const block_t *b, enum chim_hw_admin_op op)
{
	return role(b) == CHIM_ROLE_REFERENCE &&
	       (op == CHIM_ADMIN_OP_QUERY || op == CHIM_ADMIN_OP_TERMINATE);
}

static void measure(const block_t *b, struct walk *w)
{
	for (; b; b = b->NextBlock) {
		uint16_t bytes = nic_state_bytes(chim_type_layer(b->Header.Type));

		w->image_at += sizeof(struct chim_hw_block);
		if (state_down(b, w->op->opcode))
			w->image_at += bytes;
		if (state_up(b, w->op->opcode))
			w->out_at += bytes;
		w->index++;
		if (b->DependentBlockList)
			measure(b->DependentBlockList, w);
	}
}

static struct nic_obj *object_of(const block_t *b)
{
	return b->MiniportOffloadContext ? *b->MiniportOffloadContext : NULL;
}

/* New state: an object for it, in the block until firmware has answered. */
static void prepare(struct walk *w, block_t *b, void *state)
{
	enum chim_layer layer = chim_type_layer(b->Header.Type);
	struct nic_obj *obj;

	b->MiniportReserved[0] = NULL;
	if (layer == CHIM_LAYER_TCP) {
		struct nic_conn *c = nic_conn_new(w->nic, b, w->path, state);

		b->MiniportReserved[0] = c ? &c->obj : NULL;
		return;
	}
	obj = calloc(1, sizeof(*obj));
	if (!obj)
		return;
	obj->layer = layer;
	obj->ndis = b->NdisOffloadHandle;
	if (layer == CHIM_LAYER_NEIGHBOR) {
		obj->vlan = chim_le16_get(((struct chim_hw_neighbor_state *)state)->VlanId);
	} else {
		const struct chim_hw_path_state *p = state;

		obj->key.family = chim_type_is_ip6(b->Header.Type) ? 6 : 4;
		memcpy(obj->key.local, p->SourceAddress, 16);
		memcpy(obj->key.remote, p->DestinationAddress, 16);
		obj->vlan = w->neighbor ? w->neighbor->vlan : 0;
	}
	b->MiniportReserved[0] = obj;
}

static void encode(struct walk *w, block_t *b, uint32_t *link)
{
	for (; b; b = b->NextBlock) {
		enum chim_layer layer = chim_type_layer(b->Header.Type);
		struct chim_hw_block *k = (struct chim_hw_block *)(w->req->image + w->image_at);
		struct nic_obj *obj = object_of(b);
		uint32_t next = 0, dependent = 0;

		*link = w->image_at;
		w->image_at += sizeof(*k);
		k->Type = b->Header.Type;
		k->Revision = b->Header.Revision;
		k->role = (uint8_t)role(b);
		k->index = chim_le16_of(w->index++);
		k->PortNumber = chim_le32_of(b->PortNumber);
		if (obj)
			k->object = chim_le32_of(obj->handle);
		if (state_down(b, w->op->opcode)) {
			void *state = w->req->image + w->image_at;

			k->state_len = chim_le16_of(nic_state_bytes(layer));
			w->image_at += nic_state_bytes(layer);
			nic_state_in(b, state);
			if (role(b) == CHIM_ROLE_NEW) {
				prepare(w, b, state);
				obj = b->MiniportReserved[0];
			}
		}
		if (state_up(b, w->op->opcode)) {
			k->out = chim_le32_of(w->out_at);
			w->out_at += nic_state_bytes(layer);
		}
		if (layer == CHIM_LAYER_NEIGHBOR)
			w->neighbor = obj;
		else if (layer == CHIM_LAYER_PATH)
			w->path = obj;
		if (b->DependentBlockList)
			encode(w, b->DependentBlockList, &dependent);
		k->DependentBlockList = chim_le32_of(dependent);
		next = b->NextBlock ? w->image_at : 0;
		k->NextBlock = chim_le32_of(next);
	}
}

static bool succeeded(NDIS_STATUS s)
{
	return s == NDIS_STATUS_SUCCESS || s == NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
}

static void drop(struct nic_obj *obj)
{
	if (!obj)
		return;
	if (obj->conn)
		nic_conn_free(obj->conn);
	else
		free(obj);
}

static void take_initiated(block_t *b, uint32_t handle)
{
	struct nic_obj *obj = b->MiniportReserved[0];

	b->MiniportReserved[0] = NULL;
	if (!succeeded(b->Status) || !obj) {
		/* R5, R43: no reference, and the block's lists stay the host's. */
		drop(obj);
		return;
	}
	obj->handle = handle;
	if (obj->conn)
		nic_conn_offloaded(obj->conn, handle, b);
	*b->MiniportOffloadContext = obj;
}

static void take_terminated(struct walk *w, block_t *b, const void *out)
{
	struct nic_obj *obj = object_of(b);

	(void)w;
	if (obj->conn) {
		nic_conn_terminate(obj->conn, b, out);
		return;
	}
	if (b->Status == NDIS_STATUS_SUCCESS)
		free(obj);
}

static void decode(struct walk *w, block_t *b)
{
	enum chim_hw_admin_op op = w->op->opcode;

	for (; b; b = b->NextBlock) {
		const struct chim_hw_result *res =
			(const struct chim_hw_result *)w->req->result + w->index++;
		const void *out = NULL;
		bool new_state = op == CHIM_ADMIN_OP_INITIATE && role(b) == CHIM_ROLE_NEW;

		b->Status = (NDIS_STATUS)chim_le32_get(res->Status);
		if (state_up(b, op)) {
			out = w->req->result + w->out_at;
			w->out_at += nic_state_bytes(chim_type_layer(b->Header.Type));
			if (b->Status == NDIS_STATUS_SUCCESS) {
				nic_state_out(b, out, op);
				if (chim_type_layer(b->Header.Type) == CHIM_LAYER_TCP)
					nic_conn_state(object_of(b)->conn,
						       chim_obl_state(b, CHIM_STATE_DELEGATED));
			}
		}
		if (op == CHIM_ADMIN_OP_UPDATE && state_down(b, op) &&
		    chim_type_layer(b->Header.Type) == CHIM_LAYER_TCP &&
		    b->Status == NDIS_STATUS_SUCCESS)
			nic_conn_cached(object_of(b)->conn, chim_obl_state(b, CHIM_STATE_CACHED));
		if (b->DependentBlockList)
			decode(w, b->DependentBlockList);
		/* Children first: a connection goes before the path it lies on. */
		if (new_state)
			take_initiated(b, chim_le32_get(res->object));
		else if (op == CHIM_ADMIN_OP_TERMINATE && role(b) == CHIM_ROLE_REFERENCE)
			take_terminated(w, b, out);
	}
}

static void complete(struct chim_nic *nic, struct nic_op *op)
{
	switch (op->opcode) {
	case CHIM_ADMIN_OP_INITIATE: NdisMInitiateOffloadComplete(nic->miniport, op->root); break;
	case CHIM_ADMIN_OP_QUERY: NdisMQueryOffloadStateComplete(nic->miniport, op->root); break;
	case CHIM_ADMIN_OP_UPDATE: NdisMUpdateOffloadComplete(nic->miniport, op->root); break;
	case CHIM_ADMIN_OP_INVALIDATE:
		NdisMInvalidateOffloadComplete(nic->miniport, op->root);
		break;
	default: NdisMTerminateOffloadComplete(nic->miniport, op->root); break;
	}
	free(op);
}

static void answered(struct chim_nic *nic, struct nic_admin *req, uint32_t status, uint32_t info)
{
	struct walk w = { .nic = nic, .op = req->ctx, .req = req };

	(void)status;
	(void)info;
	measure(w.op->root, &w);
	w.out_at = (uint32_t)(w.index * sizeof(struct chim_hw_result));
	w.index = 0;
	decode(&w, w.op->root);
	nic_admin_put(nic, req);
	complete(nic, w.op);
}

int nic_image_post(struct chim_nic *nic, struct nic_op *op)
{
	struct walk w = { .nic = nic, .op = op, .image_at = sizeof(struct chim_hw_image) };
	struct chim_hw_image *h;
	uint32_t bytes, results, root;
	uint16_t blocks;
	int err;

	measure(op->root, &w);
	bytes = w.image_at;
	blocks = w.index;
	results = (uint32_t)(blocks * sizeof(struct chim_hw_result));
	err = nic_admin_get(nic, bytes, results + w.out_at, &w.req);
	if (err)
		return err;
	/* Until firmware has written it, every block has failed. */
	for (uint16_t i = 0; i < blocks; i++)
		((struct chim_hw_result *)w.req->result)[i].Status =
			chim_le32_of(CHIM_STATUS_FAILURE);
	h = (struct chim_hw_image *)w.req->image;
	w.image_at = sizeof(*h);
	w.out_at = results;
	w.index = 0;
	encode(&w, op->root, &root);
	h->magic = chim_le32_of(CHIM_IMAGE_MAGIC);
	h->revision = chim_le16_of(CHIM_IMAGE_REVISION);
	h->blocks = chim_le16_of(blocks);
	h->bytes = chim_le32_of(bytes);
	h->root = chim_le32_of(sizeof(*h));
	w.req->done = answered;
	w.req->ctx = op;
	nic_admin_post(nic, w.req, op->opcode, 0);
	return 0;
}
