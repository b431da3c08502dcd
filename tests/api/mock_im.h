/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A minimal intermediate driver: a miniport above, a protocol below, everything passed on as
 * chimney section 9 says (R193 to R203). Hard part: each block carries the handles of one layer at
 * a time, so what the layer above wrote must be saved and put back.
 */
#ifndef API_MOCK_IM_H
#define API_MOCK_IM_H

#include <chimney/ndischimney.h>

struct im {
	NDIS_HANDLE upper_driver, adapter; /* miniport edge */
	NDIS_HANDLE lower_driver, binding; /* protocol edge */
	NDIS_TCP_OFFLOAD_EVENT_HANDLERS up;
	NDIS_TCP_CONNECTION_OFFLOAD caps;
	unsigned int entries; /* IM offload entries alive */
	unsigned int calls;   /* IM call entries alive */
	bool no_memory;	      /* for sends (R197) */
	bool forget_reserved; /* breaks R193 */
};

/* Put a driver on top of @lower. Return: 0 or the router's -errno. */
int im_open(struct im *im, struct chim_ndis *ndis, NDIS_HANDLE lower);
int im_close(struct im *im);

#endif
