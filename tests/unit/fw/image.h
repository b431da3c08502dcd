/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Builds tree images for tests, as the library writes them, and states to put into them. Hard part:
 * none; a test that wants a malformed image changes the bytes afterwards.
 */
#ifndef CHIM_TESTS_UNIT_FW_IMAGE_H
#define CHIM_TESTS_UNIT_FW_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "chim_contract.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IMG_NODES 2048u

struct img_node {
	uint8_t type;
	uint8_t role;
	uint32_t object;
	uint32_t out_bytes; /* of the output state asked for; 0: none */
	uint32_t state_len;
	union {
		struct chim_hw_neighbor_state nbr;
		struct chim_hw_path_state path;
		struct chim_hw_tcp_state tcp;
		uint32_t word[64];
	} state;
	int parent, next, dep, last; /* indices, -1: none */
	uint32_t index;		     /* in walk order, after img_write() */
	uint32_t at;		     /* offset of the block, after img_write() */
	uint32_t out;		     /* offset in the result, after img_write() */
};

struct img {
	struct img_node node[IMG_NODES];
	int count;
	int first, last;       /* root chain */
	uint32_t bytes;	       /* after img_write() */
	uint32_t result_bytes; /* room that results and states need */
};

/** img_init() - an empty tree */
void img_init(struct img *t);
/** img_add() - a block as last dependent of @parent, or of the root chain (-1); gives its number */
int img_add(struct img *t, int parent, uint8_t type, uint8_t role);
/** img_ref(), img_new(), img_none() - the same: reference, new block with its state, placeholder */
int img_ref(struct img *t, int parent, uint8_t type, uint32_t object);
int img_new(struct img *t, int parent, uint8_t type);
int img_none(struct img *t, int parent, uint8_t type);
/** img_out() - ask for the block's state */
void img_out(struct img *t, int node);
/** img_write() - write the image; returns its bytes */
uint32_t img_write(struct img *t, void *buf);

/** img_state_bytes() - of the structure of a type */
uint32_t img_state_bytes(uint8_t type);
/** img_nbr(), img_path4(), img_path6(), img_tcp() - good states; @n makes them differ */
void img_nbr(struct chim_hw_neighbor_state *s, unsigned int n);
void img_path4(struct chim_hw_path_state *s, unsigned int n);
void img_path6(struct chim_hw_path_state *s, unsigned int n);
/** img_tcp() - an established connection with timestamps, window scaling, nothing in flight */
void img_tcp(struct chim_hw_tcp_state *s, unsigned int n);
/** img_key() - the key of such a connection */
void img_key(struct chim_hw_key *key, const struct chim_hw_path_state *path, bool ipv6,
	     const struct chim_hw_tcp_state *tcp);
/** img_params() - global parameters with this many ticks per second */
void img_params(struct chim_hw_params *p, uint32_t ticks_per_second);

#ifdef __cplusplus
}
#endif

#endif
