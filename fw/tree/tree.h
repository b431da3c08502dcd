/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Walks the wire form of an offload block list tree (rtl/contract/admin.toml: image, block,
 * result). Pure C without device access: the same source runs on the soft core, in host tests and
 * under the fuzzer. Hard part: the image is the host's and may say anything; every check is made
 * before the first block is acted upon, so a malformed image changes nothing.
 *
 * The walk is depth first, then breadth (R19): a block, its dependents, its next. Blocks must lie
 * in the image in that order, so offsets only grow, the walk ends, no two pieces overlap, and an
 * image larger than memory passes through a window that moves forward.
 */
#ifndef FW_TREE_TREE_H
#define FW_TREE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chim_contract.h"

/* Neighbor, path, TCP. */
#define FW_TREE_LAYERS	  3u
/* Longest image accepted; bounds the walk. */
#define FW_TREE_MAX_BYTES (16u << 20)

enum fw_tree_layer {
	FW_LAYER_NONE = 0, /* placeholder whose layer nothing in the tree tells */
	FW_LAYER_NEIGHBOR = 1,
	FW_LAYER_PATH = 2,
	FW_LAYER_TCP = 3,
};

/* Classes of state that a type names, and the full types' all three. */
#define FW_CLASS_CONST	   1u
#define FW_CLASS_CACHED	   2u
#define FW_CLASS_DELEGATED 4u
#define FW_CLASS_ALL	   7u

/** struct fw_tree_io - how the walker reaches image and results */
struct fw_tree_io {
	void *ctx;
	/**
	 * @read: give @len bytes (at most 288) of the image from @off on, 8-byte aligned, valid
	 * until the next call; NULL: the device failed. Offsets asked for never decrease in a walk.
	 */
	const void *(*read)(void *ctx, uint32_t off, uint32_t len);
	/** @result: the outcome of block @index, once for each block; false: device failed */
	bool (*result)(void *ctx, uint32_t index, uint32_t status, uint32_t object);
	/**
	 * @take_back: the walk ended early: call @undo for each object whose result the host has
	 * not got, last block first; those results become FAILURE. NULL: results are never late
	 */
	void (*take_back)(void *ctx, void (*undo)(uint32_t object));
};

/** struct fw_tree_node - one block during the walk */
struct fw_tree_node {
	uint32_t status; /* own outcome; enum chim_hw_status */
	uint32_t object; /* REFERENCE: the block's handle; NEW: the action fills it in */
	uint32_t out;	 /* where its state goes in the result buffer, 0: nowhere */
	uint32_t next;	 /* offsets */
	uint32_t dep;
	uint16_t index;
	uint16_t deps;	    /* immediate dependents seen */
	uint16_t deps_good; /* of those, how many were taken */
	uint8_t role;	    /* enum chim_hw_role */
	uint8_t layer;	    /* enum fw_tree_layer */
	uint8_t classes;    /* FW_CLASS_* that Type names */
	uint8_t ipv6;	    /* Type is one of the Ip6 types */
	uint8_t bad;	    /* type, revision or length do not fit: only FAILURE is possible */
};

/** struct fw_tree_act - what an operation does with a block */
struct fw_tree_act {
	void *ctx;
	/** @initiate: a block below which something failed is not attempted (5.5) */
	bool initiate;
	/**
	 * @enter: act on a block that is no placeholder, before its dependents
	 * @node:   the block
	 * @parent: the block one layer down, or NULL
	 * @state:  its state, or NULL
	 * Return: its status
	 */
	uint32_t (*enter)(void *ctx, struct fw_tree_node *node, const struct fw_tree_node *parent,
			  const void *state);
	/** @leave: the same after its dependents; may be NULL */
	uint32_t (*leave)(void *ctx, struct fw_tree_node *node);
	/** @undo: give up a new object that the host will not hear of; may be NULL */
	void (*undo)(uint32_t object);
};

/** struct fw_tree_shape - what the check found and the walk needs */
struct fw_tree_shape {
	uint32_t root;
	uint32_t bytes;
	uint32_t blocks;
	uint32_t result_len;
	uint32_t base_layer; /* layer of the root's chain */
	bool with_out;
};

enum fw_tree_result {
	FW_TREE_OK = 0,
	FW_TREE_BAD,   /* malformed: nothing was acted upon */
	FW_TREE_FAULT, /* the device failed while reading or writing */
};

/**
 * fw_tree_check() - look at every block of an image, act on none
 * @io:         image; results are not written
 * @image_len:  bytes of the image
 * @result_len: room for results and states
 * @with_out:   blocks say where their state goes
 * @shape:      out: for the walk; blocks is valid as soon as the header is good, else 0
 *
 * Return: FW_TREE_OK; FW_TREE_BAD; FW_TREE_FAULT.
 */
enum fw_tree_result fw_tree_check(const struct fw_tree_io *io, uint32_t image_len,
				  uint32_t result_len, bool with_out, struct fw_tree_shape *shape);

/**
 * fw_tree_walk() - act on every block of a checked image, write every result
 *
 * Return: FW_TREE_OK; FW_TREE_BAD the image changed since the check; FW_TREE_FAULT.
 */
enum fw_tree_result fw_tree_walk(const struct fw_tree_io *io, const struct fw_tree_act *act,
				 const struct fw_tree_shape *shape);

/** fw_tree_fill() - write the same result for blocks 0..@blocks-1; false: device failed */
bool fw_tree_fill(const struct fw_tree_io *io, uint32_t blocks, uint32_t status);

/** fw_tree_state_bytes() - size of the state structure of a layer, 0 for none */
uint32_t fw_tree_state_bytes(uint32_t layer);

/* private: shared by check and walk */

/** struct fw_tree_type - what an OFFLOAD_STATE_TYPE says */
struct fw_tree_type {
	uint8_t layer;
	uint8_t classes;
	uint8_t ipv6;
};
struct fw_tree_type fw_tree_type_of(uint8_t type);

#endif
