/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Reference of the acknowledger and of late binding: rtl/engine/steps.md section 2. Hard part: the
 * right edge that a scaled 16-bit field can express.
 */
#ifndef REF_BIND_H
#define REF_BIND_H

#include <stdbool.h>
#include <stdint.h>

#include "chim_contract.h"

struct ref_bind_in {
	struct chim_hw_tcb_rx r;
	struct chim_hw_cfg_bind cfg;
	uint32_t RcvPlaced; /* of `placed` */
	uint32_t RcvReturn; /* of `doorbell` */
	uint32_t now;	    /* ms */
	bool pure_ack;
	uint32_t end_seq; /* not pure_ack: behind the last sequence number of the segment */
};

struct ref_bind_out {
	uint32_t seq; /* pure_ack: sequence number to use */
	uint32_t ack;
	uint16_t wnd; /* as in the header */
	uint32_t ts_val;
	uint32_t ts_ecr;
};

/* Is an acknowledgment due? */
bool ref_ack_due(const struct ref_bind_in *in, const struct chim_hw_sent *sent);

/* What a header says, and what `sent` is afterwards. */
void ref_bind(struct chim_hw_sent *sent, const struct ref_bind_in *in, struct ref_bind_out *out);

#endif
