/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Test bed: the whole firmware on the model of its hardware, driven through the admin ring. Hard
 * part: none.
 */
#ifndef CHIM_TESTS_UNIT_FW_BED_H
#define CHIM_TESTS_UNIT_FW_BED_H

#include "hw.h"
#include "image.h"

#define BED_TICKS 1000u

/** struct bed - the tree of the last operation and its outcome */
struct bed {
	struct img img;
	struct hw_done done;
	uint64_t image, result;
	uint32_t result_len;
};
extern struct bed bed;

/** bed_start() - a device of this size, booted, parameters set */
void bed_start(uint32_t conns, uint32_t paths, uint32_t neighbors, uint32_t ticks_per_second);
/** bed_params() - SET_PARAMS; returns the status */
uint32_t bed_params(const struct chim_hw_params *p);
/** bed_begin() - a new tree in bed.img */
void bed_begin(void);
/** bed_run() - give bed.img to firmware as @op; returns the event's status */
uint32_t bed_run(uint8_t op);
/** bed_run_raw() - the same with an image already at bed.image */
uint32_t bed_run_raw(uint8_t op, uint32_t image_len, uint32_t result_len);
/** bed_status(), bed_object() - result of a node */
uint32_t bed_status(int node);
uint32_t bed_object(int node);
/** bed_state() - output state of a node */
void *bed_state(int node);
/** bed_simple() - NOP, RELEASE, QUIESCE, SELFTEST: a descriptor without image */
struct hw_done bed_simple(uint8_t op, uint32_t conn, uint32_t gen);
/** bed_hold() - HOLD of a key */
struct hw_done bed_hold(const struct chim_hw_key *key);

/** struct bed_conn - handles of one offloaded connection and what it depends on */
struct bed_conn {
	uint32_t nbr, path, tcp;
	uint32_t slot;
};
/** bed_offload() - neighbor, path and connection from these states; 0 on success, else a status */
uint32_t bed_offload(const struct chim_hw_neighbor_state *n, const struct chim_hw_path_state *p,
		     const struct chim_hw_tcp_state *t, struct bed_conn *c);
/** bed_offload_on() - only the connection, on an offloaded path */
uint32_t bed_offload_on(uint32_t path, const struct chim_hw_tcp_state *t, struct bed_conn *c);
/** bed_standard() - img_nbr(0), img_path4(0), img_tcp(0) */
struct bed_conn bed_standard(void);
/** bed_one() - an operation on one object; returns the block's status, output state in *state */
uint32_t bed_one(uint8_t op, uint8_t type, uint32_t object, const void *in, void **out);

/** bed_tables() - the records of a slot, unpacked */
struct bed_tables {
	struct chim_hw_tcb_tx tx;
	struct chim_hw_tcb_rx rx;
	struct chim_hw_cfg_tx cfg_tx;
	struct chim_hw_cfg_rx cfg_rx;
	struct chim_hw_cfg_bind cfg_bind;
	struct chim_hw_cfg_hdr cfg_hdr;
	struct chim_hw_rcv_ring rcv_ring;
	struct chim_hw_snd_ring snd_ring;
	struct chim_hw_cursor cursor;
	struct chim_hw_doorbell doorbell;
	struct chim_hw_placed placed;
	struct chim_hw_sent sent;
	struct chim_hw_done done;
};
void bed_tables(uint32_t slot, struct bed_tables *t);
/** bed_fw_code() - low byte of the code firmware shows */
uint32_t bed_fw_code(void);

#endif
