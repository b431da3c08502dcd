/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Reference of the receive step: a pure function written from rtl/engine/steps.md section 1 and the
 * RFCs it names, without a look at the RTL. Hard part: the order of the clauses.
 */
#ifndef REF_RX_STEP_H
#define REF_RX_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "chim_contract.h"

/* Parameters of both steps. */
struct ref_params {
	uint8_t ack_frequency;	     /* segments */
	uint8_t dup_ack_threshold;   /* count */
	uint8_t max_retransmissions; /* count */
	uint8_t restart_segs;	     /* segments */
	uint16_t delayed_ack;	     /* ms */
	uint16_t sws;		     /* ms */
	uint32_t rto_min;	     /* ms */
	uint32_t rto_max;	     /* ms */
	uint32_t fin_wait2;	     /* ms */
};

/* A received segment. */
struct ref_seg {
	uint32_t seq;
	uint32_t ack;
	uint16_t wnd; /* as in the header, not scaled */
	bool urg;
	bool ack_bit;
	bool psh;
	bool rst;
	bool syn;
	bool fin;
	bool has_ts;
	uint32_t ts_val;
	uint32_t ts_ecr;
	uint16_t len; /* bytes of payload */
};

/* What the receive step reads. */
struct ref_rx_in {
	struct ref_seg seg;
	struct chim_hw_cfg_rx cfg;
	struct ref_params p;
	uint32_t now;	      /* ms */
	uint32_t LastAckSent; /* of `sent` */
	uint32_t AdvEdge;     /* of `sent` */
	uint32_t SndUna;      /* mirror of the send half */
	uint32_t SndMax;      /* mirror */
	bool FinAcked;	      /* mirror */
};

enum ref_rx_action {
	REF_RX_DROP,
	REF_RX_PLACE,
	REF_RX_PASS,
};

#define REF_NO_COUNTER 0

struct ref_rx_out {
	enum ref_rx_action action;
	uint32_t seq;	 /* PLACE: of the first byte kept */
	uint16_t off;	 /* PLACE: bytes of payload to skip */
	uint16_t len;	 /* PLACE: bytes of payload to keep */
	bool fin;	 /* PLACE: a FIN follows */
	uint8_t reason;	 /* PASS: enum chim_hw_pass_reason */
	uint8_t counter; /* enum chim_hw_counter or REF_NO_COUNTER */
	bool kick_tx;
	bool kick_ack;
	bool kick_evt;
};

/*
 * ref_rx_step - what one segment does to the receive half
 * @r: state before, state after
 * @in: the segment and what the step reads
 * @out: what must be done
 */
void ref_rx_step(struct chim_hw_tcb_rx *r, const struct ref_rx_in *in, struct ref_rx_out *out);

#endif
