/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * The tree walker, see tree.h. Hard part: host memory may change between the check and the walk, so
 * both read blocks by the same function with the same checks; nothing is believed twice.
 */
#include "tree.h"

#define BLOCK_BYTES	((uint32_t)sizeof(struct chim_hw_block))
#define IMAGE_BYTES	((uint32_t)sizeof(struct chim_hw_image))
#define RESULT_BYTES	((uint32_t)sizeof(struct chim_hw_result))
#define STATE_MAX_BYTES ((uint32_t)sizeof(struct chim_hw_tcp_state))

/* What one pass over the image keeps. */
struct pass {
	const struct fw_tree_io *io;
	const struct fw_tree_act *act; /* NULL: check only */
	uint32_t bytes;		       /* of the image */
	uint32_t blocks;
	uint32_t result_len;
	uint32_t base;	/* layer of depth 0; 0: not known yet */
	uint32_t pos;	/* behind the last piece: the next block lies here or later */
	uint32_t count; /* blocks seen */
	uint32_t state; /* offset of the current block's state, 0: none */
	uint32_t state_len;
	uint32_t depth_max;
	bool with_out;
};

/* Layer, classes and family of each OFFLOAD_STATE_TYPE, all zero for those that carry no state. */
#define TYPES(first_, layer_, ipv6_)                       \
	[first_] = { layer_, FW_CLASS_CONST, ipv6_ },      \
	[first_ + 1] = { layer_, FW_CLASS_CACHED, ipv6_ }, \
	[first_ + 2] = { layer_, FW_CLASS_DELEGATED, ipv6_ }
static const struct fw_tree_type types[] = {
	TYPES(CHIM_STATE_TYPE_NEIGHBOR_CONST, FW_LAYER_NEIGHBOR, 0),
	[CHIM_STATE_TYPE_NEIGHBOR] = { FW_LAYER_NEIGHBOR, FW_CLASS_ALL, 0 },
	TYPES(CHIM_STATE_TYPE_IP4_CONST, FW_LAYER_PATH, 0),
	[CHIM_STATE_TYPE_IP4] = { FW_LAYER_PATH, FW_CLASS_ALL, 0 },
	TYPES(CHIM_STATE_TYPE_IP6_CONST, FW_LAYER_PATH, 1),
	[CHIM_STATE_TYPE_IP6] = { FW_LAYER_PATH, FW_CLASS_ALL, 1 },
	TYPES(CHIM_STATE_TYPE_TCP_CONST, FW_LAYER_TCP, 0),
	[CHIM_STATE_TYPE_TCP] = { FW_LAYER_TCP, FW_CLASS_ALL, 0 },
};

struct fw_tree_type fw_tree_type_of(uint8_t type)
{
	return types[type < sizeof(types) / sizeof(types[0]) ? type : 0];
}

uint32_t fw_tree_state_bytes(uint32_t layer)
{
	switch (layer) {
	case FW_LAYER_NEIGHBOR: return sizeof(struct chim_hw_neighbor_state);
	case FW_LAYER_PATH: return sizeof(struct chim_hw_path_state);
	case FW_LAYER_TCP: return sizeof(struct chim_hw_tcp_state);
	default: return 0;
	}
}

/*
 * Type, revision and length of a block that is no placeholder: what is wrong with them concerns
 * this block alone. False: the type is of a layer that this place in the tree cannot have.
 */
static bool classify(struct pass *p, uint32_t depth, const struct chim_hw_block *b,
		     struct fw_tree_node *n)
{
	struct fw_tree_type t = fw_tree_type_of(b->Type);

	n->bad = t.layer == FW_LAYER_NONE || b->Revision != CHIM_IMAGE_REVISION ||
		 chim_le32_get(b->PortNumber) != 0;
	if (t.layer != FW_LAYER_NONE) {
		if (p->base == 0) {
			if (t.layer <= depth)
				return false;
			p->base = t.layer - depth;
		}
		if (t.layer != p->base + depth)
			n->bad = 1;
	}
	if (p->state_len != 0 && p->state_len != fw_tree_state_bytes(t.layer))
		n->bad = 1;
	n->classes = t.classes;
	n->ipv6 = t.ipv6;
	return true;
}

/* Read the block at off, with all checks of its place and shape. */
static enum fw_tree_result load(struct pass *p, uint32_t off, uint32_t depth,
				struct fw_tree_node *n)
{
	const struct chim_hw_block *b;
	uint32_t end, room;

	if (off < p->pos || (off & 7u) || off > p->bytes - BLOCK_BYTES || p->count == p->blocks)
		return FW_TREE_BAD;
	b = p->io->read(p->io->ctx, off, BLOCK_BYTES);
	if (!b)
		return FW_TREE_FAULT;
	n->role = b->role;
	n->index = chim_le16_get(b->index);
	n->next = chim_le32_get(b->NextBlock);
	n->dep = chim_le32_get(b->DependentBlockList);
	n->object = chim_le32_get(b->object);
	n->out = p->with_out ? chim_le32_get(b->out) : 0;
	n->deps = 0;
	n->deps_good = 0;
	n->bad = 0;
	n->classes = 0;
	n->ipv6 = 0;
	p->state_len = chim_le16_get(b->state_len);
	p->state = p->state_len ? off + BLOCK_BYTES : 0;
	end = off + BLOCK_BYTES + p->state_len;
	if (n->role > CHIM_ROLE_NEW || n->index != p->count || b->reserved ||
	    chim_le32_get(b->reserved1) || (p->state_len & 7u) || p->state_len > STATE_MAX_BYTES ||
	    end > p->bytes)
		return FW_TREE_BAD;
	if (n->role == CHIM_ROLE_PLACEHOLDER) {
		if (p->state_len || n->out)
			return FW_TREE_BAD;
	} else if (!classify(p, depth, b, n)) {
		return FW_TREE_BAD;
	}
	if (depth > p->depth_max)
		p->depth_max = depth;
	if ((p->base ? p->base : 1u) + p->depth_max > FW_TREE_LAYERS)
		return FW_TREE_BAD;
	n->layer = (uint8_t)(p->base ? p->base + depth : FW_LAYER_NONE);
	if (n->out && !n->bad) {
		room = fw_tree_state_bytes(n->layer);
		if ((n->out & 7u) || n->out < p->blocks * RESULT_BYTES || n->out > p->result_len ||
		    p->result_len - n->out < room)
			return FW_TREE_BAD;
	}
	p->pos = end;
	p->count++;
	return FW_TREE_OK;
}

static bool good(uint32_t status)
{
	return status == CHIM_STATUS_SUCCESS || status == CHIM_STATUS_PARTIAL_SUCCESS;
}

/* 5.2: a block is acted upon before its dependents. */
static enum fw_tree_result enter(const struct pass *p, struct fw_tree_node *n,
				 const struct fw_tree_node *parent)
{
	const void *state = NULL;

	if (n->role == CHIM_ROLE_PLACEHOLDER) {
		/* Always SUCCESS (R23); but below a failed block nothing is attempted (R21). */
		n->status =
			parent && !good(parent->status) ? CHIM_STATUS_FAILURE : CHIM_STATUS_SUCCESS;
		return FW_TREE_OK;
	}
	n->status = CHIM_STATUS_FAILURE;
	if (n->bad || (p->act->initiate && parent && !good(parent->status)))
		return FW_TREE_OK;
	if (p->state) {
		state = p->io->read(p->io->ctx, p->state, p->state_len);
		if (!state)
			return FW_TREE_FAULT;
	}
	n->status = p->act->enter(p->act->ctx, n, parent, state);
	return FW_TREE_OK;
}

/* 5.5 and 3.3: what a block reports, once its dependents are done. */
static uint32_t outcome(const struct fw_tree_act *act, struct fw_tree_node *n)
{
	if (n->role == CHIM_ROLE_PLACEHOLDER)
		return CHIM_STATUS_SUCCESS;
	if (act->leave && !n->bad)
		n->status = act->leave(act->ctx, n);
	if (!act->initiate || !good(n->status))
		return n->status;
	if (n->role == CHIM_ROLE_REFERENCE && n->deps_good == 0)
		return CHIM_STATUS_FAILURE;
	return n->deps_good == n->deps ? CHIM_STATUS_SUCCESS : CHIM_STATUS_PARTIAL_SUCCESS;
}

/* Report a block and tell the one below it. */
static enum fw_tree_result finish(const struct pass *p, struct fw_tree_node *n,
				  struct fw_tree_node *parent)
{
	bool fresh = p->act->initiate && n->role == CHIM_ROLE_NEW;
	uint32_t status = outcome(p->act, n);

	if (parent) {
		parent->deps++;
		if (good(status))
			parent->deps_good++;
	}
	if (!p->io->result(p->io->ctx, n->index, status, fresh && good(status) ? n->object : 0))
		return FW_TREE_FAULT;
	return FW_TREE_OK;
}

/* The walk ends early: what the host has not been told of must not stay, dependents first. */
static enum fw_tree_result give_up(const struct pass *p, const struct fw_tree_node *node,
				   uint32_t depth, enum fw_tree_result why)
{
	if (!p->act || !p->act->undo)
		return why;
	if (p->io->take_back)
		p->io->take_back(p->io->ctx, p->act->undo);
	do {
		if (node[depth].role == CHIM_ROLE_NEW && good(node[depth].status))
			p->act->undo(node[depth].object);
	} while (depth--);
	return why;
}

static enum fw_tree_result run(struct pass *p, uint32_t root)
{
	struct fw_tree_node node[FW_TREE_LAYERS];
	uint32_t depth = 0, off = root;
	enum fw_tree_result r;

	for (;;) {
		struct fw_tree_node *n = &node[depth];

		n->status = CHIM_STATUS_FAILURE;
		r = load(p, off, depth, n);
		if (r == FW_TREE_OK && p->act)
			r = enter(p, n, depth ? n - 1 : NULL);
		if (r != FW_TREE_OK)
			return give_up(p, node, depth, r);
		if (n->dep) {
			if (depth + 1 == FW_TREE_LAYERS)
				return give_up(p, node, depth, FW_TREE_BAD);
			depth++;
			off = n->dep;
			continue;
		}
		/* A leaf: it is done, and so is everything it was the last of. */
		for (;;) {
			n = &node[depth];
			if (p->act) {
				r = finish(p, n, depth ? n - 1 : NULL);
				if (r != FW_TREE_OK)
					return give_up(p, node, depth, r);
			}
			if (n->next)
				break;
			if (depth == 0)
				return p->count == p->blocks ? FW_TREE_OK
							     : give_up(p, node, depth, FW_TREE_BAD);
			depth--;
		}
		off = n->next;
	}
}

enum fw_tree_result fw_tree_check(const struct fw_tree_io *io, uint32_t image_len,
				  uint32_t result_len, bool with_out, struct fw_tree_shape *shape)
{
	struct pass p = { .io = io, .with_out = with_out, .result_len = result_len };
	const struct chim_hw_image *h;
	enum fw_tree_result r;

	shape->blocks = 0;
	if (image_len < IMAGE_BYTES + BLOCK_BYTES || (image_len & 7u) ||
	    image_len > FW_TREE_MAX_BYTES)
		return FW_TREE_BAD;
	h = io->read(io->ctx, 0, IMAGE_BYTES);
	if (!h)
		return FW_TREE_FAULT;
	if (chim_le32_get(h->magic) != CHIM_IMAGE_MAGIC ||
	    chim_le16_get(h->revision) != CHIM_IMAGE_REVISION)
		return FW_TREE_BAD;
	for (size_t i = 0; i < sizeof(h->reserved); i++) {
		if (h->reserved[i])
			return FW_TREE_BAD;
	}
	p.bytes = chim_le32_get(h->bytes);
	p.blocks = chim_le16_get(h->blocks);
	p.pos = IMAGE_BYTES;
	shape->root = chim_le32_get(h->root);
	if (p.bytes != image_len || p.blocks == 0 || p.blocks > result_len / RESULT_BYTES)
		return FW_TREE_BAD;
	shape->blocks = p.blocks;
	r = run(&p, shape->root);
	shape->base_layer = p.base;
	shape->bytes = image_len;
	shape->result_len = result_len;
	shape->with_out = with_out;
	return r;
}

enum fw_tree_result fw_tree_walk(const struct fw_tree_io *io, const struct fw_tree_act *act,
				 const struct fw_tree_shape *shape)
{
	struct pass p = {
		.io = io,
		.act = act,
		.bytes = shape->bytes,
		.blocks = shape->blocks,
		.result_len = shape->result_len,
		.base = shape->base_layer,
		.pos = IMAGE_BYTES,
		.with_out = shape->with_out,
	};

	return run(&p, shape->root);
}

bool fw_tree_fill(const struct fw_tree_io *io, uint32_t blocks, uint32_t status)
{
	for (uint32_t i = 0; i < blocks; i++) {
		if (!io->result(io->ctx, i, status, 0))
			return false;
	}
	return true;
}
