/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * The five tree operations of the offload interface, as actions of the tree walker, and what they
 * share. Hard part: none; each is a file of its own.
 */
#ifndef FW_APP_OPS_H
#define FW_APP_OPS_H

#include "app/records.h"
#include "base/fw.h"
#include "chim_contract.h"
#include "tree/tree.h"

extern const struct fw_tree_act fw_op_initiate;
extern const struct fw_tree_act fw_op_query;
extern const struct fw_tree_act fw_op_update;
extern const struct fw_tree_act fw_op_invalidate;
extern const struct fw_tree_act fw_op_terminate;

/** fw_op_invalidate_end() - after the walk of an invalidate: nothing is on its way any more */
void fw_op_invalidate_begin(void);
enum fw_result fw_op_invalidate_end(void) FW_MUST_CHECK;

/** fw_op_undo() - take back a new object that the host has not heard of, unless others use it */
void fw_op_undo(uint32_t object);

/* Where the records of one connection are built or read; one operation runs at a time. */
extern struct fw_conn_image fw_scratch;

/** fw_refuse() - show why, and return FAILURE */
uint32_t fw_refuse(uint32_t code, uint32_t detail);
/** fw_nbr_pack() - neighbor record words; @dst: 6 bytes */
void fw_nbr_pack(uint32_t w[CHIM_NEIGHBOR_WORDS], const uint8_t *dst, const uint8_t *src,
		 uint32_t vlan);
/** fw_conn_refresh() - what follows from path and neighbor: segment size, tag, pause; FW_TIMEOUT */
enum fw_result fw_conn_refresh(uint32_t slot) FW_MUST_CHECK;

#endif
