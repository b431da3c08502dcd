/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Clause 1 of the send step, acknowledgment and duplicates, and the time-outs that other clauses
 * read too. Hard part: none.
 */
#ifndef REF_TX_ACK_H
#define REF_TX_ACK_H

#include "tx_step.h"

/* What clause 1 hands to the others. */
struct ref_tx_ack {
	uint32_t acked;	 /* bytes newly acknowledged by this pass */
	bool retransmit; /* the first segment is asked for */
};

void ref_tx_ack(struct chim_hw_tcb_tx *t, const struct ref_tx_in *in, struct ref_tx_out *out,
		struct ref_tx_ack *a);

/* Definitions `rto` and its back-off: min(rto << shift, rto_max), shift at most 16. */
uint32_t ref_tx_rto(const struct chim_hw_tcb_tx *t, const struct ref_params *p);
uint32_t ref_tx_backoff(const struct chim_hw_tcb_tx *t, const struct ref_params *p,
			unsigned int shift);

/* SsThresh on loss, RFC 5681 (4). */
uint32_t ref_tx_half_flight(const struct chim_hw_tcb_tx *t, uint32_t mss);

#endif
