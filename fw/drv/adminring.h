/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Driver of the admin ring's indices. Hard part: the host's index is not to be trusted: one that is
 * further ahead than the ring is long is refused, and nothing is read.
 */
#ifndef FW_DRV_ADMINRING_H
#define FW_DRV_ADMINRING_H

#include "base/fw.h"

/**
 * fw_adminring_next() - where the next descriptors lie
 * @done: descriptors consumed so far, free running
 * @max:  how many are wanted
 * @addr: out: bus address of the first
 * @n:    out: how many lie there one after the other, 1..max
 *
 * Return: FW_OK; FW_NONE no descriptor waits; FW_IO the host's index is out of range.
 */
enum fw_result fw_adminring_next(uint32_t done, uint32_t max, uint64_t *addr,
				 uint32_t *n) FW_MUST_CHECK;

/** fw_adminring_done() - show the host how many descriptors are consumed, free running */
void fw_adminring_done(uint32_t done);

#endif
