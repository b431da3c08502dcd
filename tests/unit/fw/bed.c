/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Test bed, see bed.h. Hard part: none.
 */
#include "bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bed bed;

void bed_start(uint32_t conns, uint32_t paths, uint32_t neighbors, uint32_t ticks_per_second)
{
	struct chim_hw_params p;

	hw_reset(conns, paths, neighbors);
	img_params(&p, ticks_per_second);
	if (!hw_boot() || bed_params(&p) != CHIM_STATUS_SUCCESS) {
		printf("Bail out! firmware does not start\n");
		exit(1);
	}
}

uint32_t bed_params(const struct chim_hw_params *p)
{
	struct chim_hw_admin_desc d = { .opcode = CHIM_ADMIN_OP_SET_PARAMS };
	uint64_t at = hw_alloc(sizeof(*p));

	memcpy(hw_at(at), p, sizeof(*p));
	d.image = chim_le64_of(at);
	d.image_len = chim_le32_of(sizeof(*p));
	return hw_admin(&d).status;
}

void bed_begin(void)
{
	img_init(&bed.img);
}

uint32_t bed_run_raw(uint8_t op, uint32_t image_len, uint32_t result_len)
{
	struct chim_hw_admin_desc d = { .opcode = op };

	bed.result_len = result_len;
	bed.result = hw_alloc(result_len);
	d.image = chim_le64_of(bed.image);
	d.image_len = chim_le32_of(image_len);
	d.result = chim_le64_of(bed.result);
	d.result_len = chim_le32_of(result_len);
	bed.done = hw_admin(&d);
	if (!bed.done.came) {
		printf("# the descriptor was not completed\n");
		return 0xFFFFFFFFu;
	}
	return bed.done.status;
}

uint32_t bed_run(uint8_t op)
{
	static _Alignas(8) uint8_t buf[1u << 20];
	uint32_t bytes = img_write(&bed.img, buf);

	hw_free_all();
	bed.image = hw_alloc(bytes);
	memcpy(hw_at(bed.image), buf, bytes);
	return bed_run_raw(op, bytes, bed.img.result_bytes);
}

static const struct chim_hw_result *result(int node)
{
	return (const struct chim_hw_result *)hw_at(bed.result) + bed.img.node[node].index;
}

uint32_t bed_status(int node)
{
	return chim_le32_get(result(node)->Status);
}

uint32_t bed_object(int node)
{
	return chim_le32_get(result(node)->object);
}

void *bed_state(int node)
{
	return hw_at(bed.result + bed.img.node[node].out);
}

struct hw_done bed_simple(uint8_t op, uint32_t conn, uint32_t gen)
{
	struct chim_hw_admin_desc d = { .opcode = op, .gen = (uint8_t)gen };

	d.conn = chim_le16_of((uint16_t)conn);
	return hw_admin(&d);
}

struct hw_done bed_hold(const struct chim_hw_key *key)
{
	struct chim_hw_admin_desc d = { .opcode = CHIM_ADMIN_OP_HOLD };
	uint64_t at;

	hw_free_all();
	at = hw_alloc(sizeof(*key));
	memcpy(hw_at(at), key, sizeof(*key));
	d.image = chim_le64_of(at);
	d.image_len = chim_le32_of(sizeof(*key));
	return hw_admin(&d);
}

static void fill(struct bed_conn *c, int n, int p, int t)
{
	c->nbr = n < 0 ? 0 : bed_object(n);
	c->path = p < 0 ? c->path : bed_object(p);
	c->tcp = bed_object(t);
	c->slot = c->tcp & 0xFFFFu;
}

static bool taken(uint32_t status)
{
	return status == CHIM_STATUS_SUCCESS || status == CHIM_STATUS_PARTIAL_SUCCESS;
}

uint32_t bed_offload(const struct chim_hw_neighbor_state *ns, const struct chim_hw_path_state *ps,
		     const struct chim_hw_tcp_state *ts, struct bed_conn *c)
{
	bool ipv6 = ps->SourceAddress[4] != 0;
	uint32_t status;
	int n, p, t;

	bed_begin();
	n = img_new(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR);
	p = img_new(&bed.img, n, ipv6 ? CHIM_STATE_TYPE_IP6 : CHIM_STATE_TYPE_IP4);
	t = img_new(&bed.img, p, CHIM_STATE_TYPE_TCP);
	bed.img.node[n].state.nbr = *ns;
	bed.img.node[p].state.path = *ps;
	bed.img.node[t].state.tcp = *ts;
	status = bed_run(CHIM_ADMIN_OP_INITIATE);
	if (status != CHIM_STATUS_SUCCESS)
		return status;
	fill(c, n, p, t);
	if (!taken(bed_status(n)))
		return bed_status(n);
	return taken(bed_status(p)) ? bed_status(t) : bed_status(p);
}

uint32_t bed_offload_on(uint32_t path, const struct chim_hw_tcp_state *ts, struct bed_conn *c)
{
	int p, t;
	uint32_t status;

	bed_begin();
	p = img_ref(&bed.img, -1, CHIM_STATE_TYPE_IP4, path);
	t = img_new(&bed.img, p, CHIM_STATE_TYPE_TCP);
	bed.img.node[t].state.tcp = *ts;
	status = bed_run(CHIM_ADMIN_OP_INITIATE);
	if (status != CHIM_STATUS_SUCCESS)
		return status;
	c->path = path;
	fill(c, -1, -1, t);
	return bed_status(t);
}

struct bed_conn bed_standard(void)
{
	struct chim_hw_neighbor_state n;
	struct chim_hw_path_state p;
	struct chim_hw_tcp_state t;
	struct bed_conn c = { 0 };

	img_nbr(&n, 0);
	img_path4(&p, 0);
	img_tcp(&t, 0);
	if (bed_offload(&n, &p, &t, &c) != CHIM_STATUS_SUCCESS)
		printf("# the standard connection was not taken\n");
	hw_turns(20);
	return c;
}

uint32_t bed_one(uint8_t op, uint8_t type, uint32_t object, const void *in, void **out)
{
	int i;
	uint32_t status;

	bed_begin();
	i = img_ref(&bed.img, -1, type, object);
	if (in) {
		bed.img.node[i].state_len = img_state_bytes(type);
		memcpy(&bed.img.node[i].state, in, img_state_bytes(type));
	}
	if (out)
		img_out(&bed.img, i);
	status = bed_run(op);
	if (out)
		*out = bed_state(i);
	return status == CHIM_STATUS_SUCCESS ? bed_status(i) : status;
}

#define UNPACK(record_, table_) \
	chim_hw_##record_##_unpack(&t->record_, hw.table[CHIM_TABLE_##table_][slot])

void bed_tables(uint32_t slot, struct bed_tables *t)
{
	chim_hw_tcb_tx_unpack(&t->tx, hw.table[CHIM_TABLE_TX][slot]);
	chim_hw_tcb_rx_unpack(&t->rx, hw.table[CHIM_TABLE_RX][slot]);
	UNPACK(cfg_tx, CFG_TX);
	UNPACK(cfg_rx, CFG_RX);
	UNPACK(cfg_bind, CFG_BIND);
	UNPACK(cfg_hdr, CFG_HDR);
	UNPACK(rcv_ring, RCV_RING);
	UNPACK(snd_ring, SND_RING);
	UNPACK(cursor, CURSOR);
	UNPACK(doorbell, DOORBELL);
	UNPACK(placed, PLACED);
	UNPACK(sent, SENT);
	UNPACK(done, DONE);
}

uint32_t bed_fw_code(void)
{
	return hw.reg[CHIM_SOC_REG_FW_CODE / 4] & 0xFFu;
}
