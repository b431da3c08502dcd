/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Image, results and output states of one admin descriptor in host memory. Hard part: an image may
 * be larger than RAM, so a window of it moves forward with the walk; results and states leave while
 * the walk goes on, and an error of theirs shows at the next transfer.
 */
#ifndef FW_APP_HOSTIO_H
#define FW_APP_HOSTIO_H

#include "base/fw.h"
#include "chim_contract.h"
#include "tree/tree.h"

/** fw_host_open() - begin with a descriptor */
void fw_host_open(const struct chim_hw_admin_desc *desc);
/** fw_host_tree() - image and results for the tree walker */
extern const struct fw_tree_io fw_host_tree;
/**
 * fw_host_read() - @len bytes of the image from @off on; see struct fw_tree_io
 *
 * Return: in RAM, valid until the next call; NULL: the transfer failed.
 */
const void *fw_host_read(uint32_t off, uint32_t len);
/** fw_host_state() - a zeroed buffer of 256 bytes for an output state; NULL: a transfer failed */
void *fw_host_state(void);
/** fw_host_put() - send the buffer's first @bytes to offset @out of the result; false: failed */
bool fw_host_put(uint32_t out, uint32_t bytes);
/** fw_host_take_back() - for fw_host_tree, and when fw_host_close() failed: see fw_tree_io */
void fw_host_take_back(void (*undo)(uint32_t object));
/** fw_host_close() - everything is in host memory; false: a transfer failed */
bool fw_host_close(void);
/** fw_host_written() - bytes of the result written so far, from its start to the last one */
uint32_t fw_host_written(void);

#endif
