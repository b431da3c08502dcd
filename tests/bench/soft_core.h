/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The soft core alone, as a measure of how fast this machine simulates.
 */
#ifndef BENCH_SOFT_CORE_H
#define BENCH_SOFT_CORE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct soft_core;
struct soft_core *soft_core_open(void);
void soft_core_close(struct soft_core *c);
void soft_core_step(struct soft_core *c, uint64_t clocks);
/* Times round the program's loop, which stores the count. */
uint32_t soft_core_rounds(const struct soft_core *c);

#ifdef __cplusplus
}
#endif
#endif
