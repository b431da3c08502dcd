/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The kinds of devices: what backend.c opens by the word before the colon. Hard part: none.
 */
#ifndef CHIM_BACKEND_KINDS_H
#define CHIM_BACKEND_KINDS_H

#include "chimney/backend.h"

/* @name: PCI address, "0000:01:00.0". */
int chim_vfio_open(const char *name, struct chim_backend **be);

/* @name: path of the socket. */
int chim_vfio_user_open(const char *name, struct chim_backend **be);

/* @name: options as sim/shell/options.h parses them, or empty. */
int chim_model_backend_open(const char *name, struct chim_backend **be);

#endif
