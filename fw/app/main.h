/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Start and main loop of the firmware. Hard part: none; tests on the host call the same two
 * functions.
 */
#ifndef FW_APP_MAIN_H
#define FW_APP_MAIN_H

#include "base/fw.h"

/**
 * fw_boot() - from reset to the main loop
 * @mem:   free memory behind data and stack
 * @bytes: its size
 *
 * Return: FW_OK; FW_NONE the memory does not hold one connection: firmware cannot run.
 */
enum fw_result fw_boot(void *mem, uint32_t bytes) FW_MUST_CHECK;
/** fw_turn() - one turn of the main loop */
void fw_turn(void);

#endif
