/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The documented TCP chimney offload interface as a C library: every name, value and x64 layout,
 * and the router between host stack and offload target. Hard part: none here, this includes the
 * rest.
 *
 *   ndis_base.h     scalar types, object header, statuses
 *   ndis_nbl.h      MDL, NET_BUFFER, NET_BUFFER_LIST, pools
 *   ndis_state.h    block lists and state structures (layout proved by ndis_layout.h)
 *   ndis_offload.h  calls and handlers
 *   ndis_caps.h     capabilities, parameters, statistics, OIDs, status indications
 *   ndis_router.h   registration, binding, polling, rules
 *
 * Calls that pass documented structures return NDIS_STATUS, chim_* calls return -errno. Only 64-bit
 * hosts. NDIS_STATUS_OFFLOAD_PATH_MTU and the layout of MDL, NET_BUFFER, NET_BUFFER_LIST,
 * NDIS_OID_REQUEST and NDIS_STATUS_INDICATION are this project's own.
 */
#ifndef CHIMNEY_NDISCHIMNEY_H
#define CHIMNEY_NDISCHIMNEY_H

#include <chimney/ndis_base.h>
#include <chimney/ndis_caps.h>
#include <chimney/ndis_nbl.h>
#include <chimney/ndis_offload.h>
#include <chimney/ndis_router.h>
#include <chimney/ndis_state.h>

#endif
