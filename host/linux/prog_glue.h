/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The callback tables of the program's parts; the context of each is struct chim_prog. Private to
 * prog.c and prog_glue.c. Hard part: none.
 */
#ifndef CHIM_LINUX_PROG_GLUE_H
#define CHIM_LINUX_PROG_GLUE_H

#include "prog.h"

extern const struct chim_hs_ops chim_prog_hs_ops;
extern const struct chim_nic_events chim_prog_nic_events;
extern const struct chim_neigh_ops chim_prog_neigh_ops;

#endif
