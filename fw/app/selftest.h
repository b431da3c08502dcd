/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Self test of what firmware reaches: tables, block copy, lookup. Hard part: it writes over tables,
 * so it runs only while nothing is offloaded or held.
 */
#ifndef FW_APP_SELFTEST_H
#define FW_APP_SELFTEST_H

#include "base/fw.h"

/** fw_selftest() - chim_hw_status; fw_code says which table or step failed */
uint32_t fw_selftest(void);

#endif
