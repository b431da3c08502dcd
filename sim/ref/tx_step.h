/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Reference of the send step: a pure function written from rtl/engine/steps.md section 3 and the
 * RFCs it names, without a look at the RTL. Hard part: one pass joins any number of segments.
 */
#ifndef REF_TX_STEP_H
#define REF_TX_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "chim_contract.h"
#include "rx_step.h"

/* What the send step reads. */
struct ref_tx_in {
	struct chim_hw_tcb_rx r;
	struct chim_hw_cfg_tx cfg;
	struct chim_hw_doorbell d;
	struct ref_params p;
	uint32_t now; /* ms */
	bool live;    /* the entry is LIVE */
};

enum ref_tx_grant {
	REF_TX_NONE,
	REF_TX_DATA, /* bytes and/or FIN from seq on */
	REF_TX_RST,
};

struct ref_tx_out {
	enum ref_tx_grant grant;
	uint32_t seq;	/* of the grant */
	uint32_t bytes; /* DATA */
	bool fin;	/* DATA: on the last segment */
	bool psh;	/* DATA: on the last segment */
	uint32_t segs;	/* DATA: segments */
	uint32_t again; /* DATA: those whose first byte was sent before */
	bool has_una;	/* a token leaves */
	uint32_t una;
	bool fast_retransmit; /* TX_FAST_RETRANSMITS */
	bool timeout;	      /* TX_TIMEOUTS */
	bool probe;	      /* TX_PROBES */
	bool kick_self;
	bool kick_evt;
};

/*
 * ref_tx_step - one look of the send step
 * @t: state before, state after
 * @in: what the step reads
 * @out: what must be done
 */
void ref_tx_step(struct chim_hw_tcb_tx *t, const struct ref_tx_in *in, struct ref_tx_out *out);

#endif
