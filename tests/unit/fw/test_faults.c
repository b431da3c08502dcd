/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Firmware against broken hardware, a slow or hostile host: every descriptor is completed once,
 * every wait ends, what is not concerned goes on. Hard part: the tests must end when firmware does
 * not.
 */
#include <string.h>

#include "bed.h"
#include "tests/unit/tap.h"

#define GOOD CHIM_STATUS_SUCCESS
#define BAD  CHIM_STATUS_FAILURE

static struct chim_hw_neighbor_state ns;
static struct chim_hw_path_state ps;
static struct chim_hw_tcp_state ts;

static void fresh(void)
{
	img_nbr(&ns, 0);
	img_path4(&ps, 0);
	img_tcp(&ts, 0);
}

static void test_dma(void)
{
	uint32_t failed = 0, completed = 0, faults = 0, clean = 0, i;

	fresh();
	/* Each transfer of an initiate in turn: descriptor, image, results. */
	for (i = 1; i < 20; i++) {
		struct bed_conn c;
		uint32_t status;

		bed_start(8, 2, 2, BED_TICKS);
		hw.dma_fail_at = i;
		status = bed_offload(&ns, &ps, &ts, &c);
		if (hw.dma_fail_at)
			break; /* there were not as many */
		/* What an unreadable descriptor's cookie was is not known: it is consumed. */
		completed += i == 1 ? hw.admin_device == 2 : bed.done.came;
		failed += i == 1 ? chim_le32_get(hw.event[hw.events - 1].snd_done) == BAD
				 : status == BAD;
		faults += hw_find_event(CHIM_EVENT_TYPE_FAULT, 0) >= 0;
		hw.dma_fail_at = 0;
		/* SELFTEST runs only when nothing is offloaded. */
		clean += bed_simple(CHIM_ADMIN_OP_SELFTEST, 0, 0).status == GOOD && hw.keys == 0;
		clean -= hw_entry(0).State != CHIM_ENTRY_STATE_NONE;
	}
	OK(i > 3, "an initiate makes %u transfers", i - 1);
	IS(completed, i - 1, "each time the descriptor is completed");
	IS(failed, i - 1, "with FAILURE");
	IS(faults, i - 1, "and event FAULT");
	IS(clean, i - 1, "and nothing stays that the host does not know of");

	/* And of a terminate: the connection is reported lost, or its state is there. */
	for (i = 1; i < 20; i++) {
		struct bed_conn c;
		void *out;
		uint32_t status;

		bed_start(8, 2, 2, BED_TICKS);
		c = bed_standard();
		hw.dma_fail_at = i;
		status = bed_one(CHIM_ADMIN_OP_TERMINATE, CHIM_STATE_TYPE_TCP, c.tcp, NULL, &out);
		if (hw.dma_fail_at)
			break;
		if (status != BAD || !bed.done.came)
			printf("# transfer %u: status 0x%x\n", i, status);
	}
	OK(i > 3, "R84: a terminate that could not write says FAILURE, %u transfers", i - 1);

	/* A host address that does not exist. */
	fresh();
	bed_start(8, 2, 2, BED_TICKS);
	bed.image = 0x7FFFFFFFFC0ull << 6;
	IS(bed_run_raw(CHIM_ADMIN_OP_INITIATE, 512, 64), BAD, "an image that is nowhere");
	IS(bed_fw_code(), CHIM_FW_CODE_DMA_READ, "says so");
}

/*
 * A large initiate that fails at each of its transfers in turn: what the host has a good result of
 * is there, and no other connection.
 */
static void test_dma_large(void)
{
	const uint32_t conns = 150;
	uint32_t i, right = 0;

	for (i = 1; i < 400; i++) {
		uint32_t told = 0, there = 0;
		int n, p, t[150];

		bed_start(256, 2, 2, BED_TICKS);
		bed_begin();
		n = img_new(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR);
		img_nbr(&bed.img.node[n].state.nbr, 0);
		p = img_new(&bed.img, n, CHIM_STATE_TYPE_IP4);
		img_path4(&bed.img.node[p].state.path, 0);
		for (uint32_t k = 0; k < conns; k++) {
			t[k] = img_new(&bed.img, p, CHIM_STATE_TYPE_TCP);
			img_tcp(&bed.img.node[t[k]].state.tcp, k);
		}
		hw.dma_fail_at = i;
		bed_run(CHIM_ADMIN_OP_INITIATE);
		if (hw.dma_fail_at)
			break;
		for (uint32_t k = 0; k < conns; k++) {
			/* 0xA5..: never written. */
			if (bed_status(t[k]) == GOOD) {
				told++;
				there += hw_entry(bed_object(t[k]) & 0xFFFF).State !=
					 CHIM_ENTRY_STATE_NONE;
			}
		}
		right += told == there && told == hw.keys;
	}
	OK(i > 30, "a large initiate makes %u transfers", i - 1);
	IS(right, i - 1, "each may fail: host and device agree on what is offloaded");
}

static void test_bad_desc(void)
{
	struct chim_hw_admin_desc d;
	uint32_t admin;

	bed_start(8, 2, 2, BED_TICKS);
	admin = hw.count[CHIM_COUNTER_FW_ADMIN];
	memset(&d, 0, sizeof(d));
	d.opcode = 200;
	IS(hw_admin(&d).status, BAD, "unknown opcode");
	memset(&d, 0, sizeof(d));
	d.flags = 1;
	IS(hw_admin(&d).status, BAD, "flags");
	memset(&d, 0, sizeof(d));
	d.reserved[30] = 1;
	IS(hw_admin(&d).status, BAD, "reserved bits");
	memset(&d, 0, sizeof(d));
	d.image = chim_le64_of(8);
	IS(hw_admin(&d).status, BAD, "misaligned image");
	memset(&d, 0, sizeof(d));
	d.result = chim_le64_of(32);
	IS(hw_admin(&d).status, BAD, "misaligned result");
	memset(&d, 0, sizeof(d));
	d.opcode = CHIM_ADMIN_OP_HOLD;
	d.image_len = chim_le32_of(32);
	IS(hw_admin(&d).status, BAD, "a key that is too short");
	d.opcode = CHIM_ADMIN_OP_SET_PARAMS;
	IS(hw_admin(&d).status, BAD, "parameters that are too short");
	memset(&d, 0, sizeof(d));
	IS(hw_admin(&d).status, GOOD, "NOP");
	IS(hw.count[CHIM_COUNTER_FW_ADMIN] - admin, 8, "all of them counted");
}

static void test_bad_image(void)
{
	bool all = true;
	int n, p;

	bed_start(8, 2, 2, BED_TICKS);
	bed_begin();
	n = img_new(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR);
	img_nbr(&bed.img.node[n].state.nbr, 0);
	p = img_new(&bed.img, n, CHIM_STATE_TYPE_IP4);
	img_path4(&bed.img.node[p].state.path, 0);
	bed_run(CHIM_ADMIN_OP_NOP);
	((struct chim_hw_block *)hw_at(bed.image + bed.img.node[p].at))->reserved = 1;
	IS(bed_run_raw(CHIM_ADMIN_OP_INITIATE, bed.img.bytes, 128), BAD, "D9: a malformed image");
	IS(hw.count[CHIM_COUNTER_FW_BAD_IMAGE], 1, "FW_BAD_IMAGE");
	OK(bed_status(n) == BAD && bed_status(p) == BAD, "every result FAILURE");
	IS(bed_simple(CHIM_ADMIN_OP_SELFTEST, 0, 0).status, GOOD, "and nothing was taken");

	/* The header is no header: as many results as there is room for. */
	((struct chim_hw_image *)hw_at(bed.image))->magic = chim_le32_of(0);
	bed_run_raw(CHIM_ADMIN_OP_TERMINATE, bed.img.bytes, 1000);
	for (uint32_t i = 0; i < 62; i++)
		all &= ((struct chim_hw_result *)hw_at(bed.result))[i].Status == BAD;
	OK(all, "without a header every result there is room for is FAILURE");
	OK(*(uint8_t *)hw_at(bed.result + 62 * 16) == 0xA5, "and nothing behind them");
}

/* The reason of a slot's newest UPLOAD event, 0: there is none. */
static uint32_t upload_of(uint32_t slot)
{
	for (uint32_t i = hw.events; i-- > 0;) {
		if (hw.event[i].type == CHIM_EVENT_TYPE_UPLOAD &&
		    chim_le16_get(hw.event[i].conn) == slot)
			return chim_le32_get(hw.event[i].info);
	}
	return 0;
}

static void test_stuck(void)
{
	struct bed_conn c;
	uint32_t slot;
	void *out;

	fresh();
	bed_start(8, 2, 2, BED_TICKS);
	c = bed_standard();
	slot = c.slot;
	hw.fence_stuck = true;
	IS(bed_one(CHIM_ADMIN_OP_TERMINATE, CHIM_STATE_TYPE_TCP, c.tcp, NULL, NULL), BAD,
	   "R84: queues that do not drain");
	IS(bed_fw_code(), CHIM_FW_CODE_FENCE, "says so");
	hw.fence_stuck = false;
	hw.fence_left = 0;
	hw_turns(300);
	OK(upload_of(slot) == CHIM_UPLOAD_REASON_HardwareFailure, "6.4.9: UPLOAD, HardwareFailure");
	IS(bed_one(CHIM_ADMIN_OP_TERMINATE, CHIM_STATE_TYPE_TCP, c.tcp, NULL, NULL), BAD,
	   "and again FAILURE");
	ts.LocalPort = chim_le16_of(9);
	IS(bed_offload_on(c.path, &ts, &c), GOOD, "others go on");
	OK(c.slot != slot, "the slot is not given to anybody");

	bed_start(8, 2, 2, BED_TICKS);
	hw.lookup_stuck = true;
	IS(bed_offload(&ns, &ps, &ts, &c), BAD, "a lookup that does not answer");
	hw.lookup_stuck = false;
	hw.lkp_left = 0;

	bed_start(8, 2, 2, BED_TICKS);
	hw.copy_stuck = true;
	IS(bed_offload(&ns, &ps, &ts, &c), BAD, "a block copy that does not end");

	bed_start(8, 2, 2, BED_TICKS);
	c = bed_standard();
	hw.copy_stuck = true;
	IS(bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_TCP, c.tcp, NULL, &out), BAD,
	   "6.1: a query of tables that do not answer");
	hw.copy_stuck = false;
	hw_turns(300);
	IS(upload_of(c.slot), CHIM_UPLOAD_REASON_HardwareFailure, "6.1: UPLOAD, HardwareFailure");

	bed_start(8, 2, 2, BED_TICKS);
	c = bed_standard();
	hw.fence_stuck = true;
	IS(bed_one(CHIM_ADMIN_OP_INVALIDATE, CHIM_STATE_TYPE_TCP, c.tcp, NULL, NULL), GOOD,
	   "an invalidate still marks");
	IS(bed_fw_code(), CHIM_FW_CODE_FENCE, "but says that something did not drain");

	bed_start(8, 2, 2, BED_TICKS);
	hw.dma_stuck = true;
	for (int i = 0; i < 3; i++)
		bed_simple(CHIM_ADMIN_OP_NOP, 0, 0);
	OK(true, "host memory that does not answer ends the wait");
}

/* The host does not read its events. */
static void test_slow_host(void)
{
	struct chim_hw_admin_desc d = { .opcode = CHIM_ADMIN_OP_NOP };
	uint32_t before, submitted = 0;
	bool order = true;

	bed_start(8, 2, 2, BED_TICKS);
	before = hw.events;
	hw.events_room = 0;
	while (submitted < 40) {
		d.cookie = chim_le32_of(submitted);
		if (!hw_submit(&d)) {
			hw_turns(50);
			if (!hw_submit(&d))
				break;
		}
		submitted++;
	}
	OK(submitted < 40, "no descriptor is taken that could not be completed");
	hw_turns(200);
	IS(hw.events, before, "nothing goes into the full ring");
	hw.events_room = 1000;
	hw_turns(400);
	IS(hw.events, before + submitted, "every completion comes when there is room");
	for (uint32_t i = 0; i < submitted && before + i < hw.events; i++)
		order &= chim_le32_get(hw.event[before + i].rcv_placed) == i;
	OK(order, "in order");
}

static void test_ring_index(void)
{
	bed_start(8, 2, 2, BED_TICKS);
	hw.admin_host = hw.admin_device + 9; /* of 8 */
	hw_turns(20);
	IS(hw.count[CHIM_COUNTER_RING_INDEX], 1, "an index out of range is counted");
	IS(hw_find_event(CHIM_EVENT_TYPE_FAULT, 0) >= 0, 1, "and told");
	IS(hw.admin_device, 1, "nothing is consumed");
	hw.admin_host = hw.admin_device;
	IS(bed_simple(CHIM_ADMIN_OP_NOP, 0, 0).status, GOOD, "a good one works again");
}

static void test_params(void)
{
	struct chim_hw_params p;
	struct bed_conn c;

#define PARAM_CASE(status_, change_, what_)         \
	do {                                        \
		img_params(&p, 1000);               \
		change_;                            \
		IS(bed_params(&p), status_, what_); \
	} while (0)
	bed_start(8, 2, 2, BED_TICKS);
	PARAM_CASE(GOOD, (void)0, "R186: good parameters");
	IS(hw.reg[CHIM_SOC_REG_PARAM0 / 4], 2u | 3u << 8 | 15u << 16 | 10u << 24,
	   "R162 R163: register");
	IS(hw.reg[CHIM_SOC_REG_PARAM1 / 4], 40u | 200u << 16, "ms");
	IS(hw.reg[CHIM_SOC_REG_RTO_MIN / 4], 200, "RtoMin");
	IS(hw.reg[CHIM_SOC_REG_RTO_MAX / 4], 120000, "RtoMax");
	IS(hw.reg[CHIM_SOC_REG_FIN_WAIT2 / 4], 120000, "R168");
	PARAM_CASE(GOOD, p.ticks_per_second = chim_le32_of(100); p.delayed_ack_ticks = 4;
		   p.sws_ticks = chim_le32_of(20), "R170: 100 ticks a second");
	IS(hw.reg[CHIM_SOC_REG_PARAM1 / 4], 40u | 200u << 16, "R170: the same in ms");
	PARAM_CASE(BAD, p.ticks_per_second = chim_le32_of(250), "R170: 250 ticks a second");
	PARAM_CASE(BAD, p.ack_frequency = 0, "no segments before an ACK");
	PARAM_CASE(BAD, p.dup_ack_threshold = 0, "no duplicates");
	PARAM_CASE(BAD, p.rto_min_ms = chim_le32_of(130000), "RtoMin above RtoMax");
	PARAM_CASE(BAD, p.max_mtu = chim_le32_of(9199), "MTU beyond the longest frame");
	PARAM_CASE(GOOD, p.max_mtu = chim_le32_of(9198), "the longest frame");
	PARAM_CASE(BAD, p.max_rcv_wnd = chim_le32_of(0x40000000), "a window no scaling reaches");
	PARAM_CASE(BAD, p.vlans[3] = chim_le16_of(4095), "VLAN 4095");
	PARAM_CASE(BAD, p.reserved0 = chim_le16_of(1), "reserved bits");
	PARAM_CASE(BAD, p.sws_ticks = chim_le32_of(65536), "a timer too long for its register");
	PARAM_CASE(GOOD, p.mac[0] = 2; p.mac[5] = 1, "the same address as in the registers");
	PARAM_CASE(BAD, p.mac[0] = 2; p.mac[5] = 2, "another address than in the registers");
	memset(hw.mac, 0, 6);
	PARAM_CASE(BAD, p.mac[0] = 3, "a group address");
	PARAM_CASE(GOOD, p.mac[0] = 2; p.mac[5] = 2, "an address only here");
	memcpy(hw.mac, (uint8_t[]){ 2, 0, 0, 0, 0, 1 }, 6);
	PARAM_CASE(GOOD, (void)0, "an address only there");
	IS(bed_fw_code() == CHIM_FW_CODE_PARAMS, 1, "the last refusal is shown");
	fresh();
	bed_offload(&ns, &ps, &ts, &c);
	PARAM_CASE(BAD, (void)0, "not while anything is offloaded");
	IS(bed_fw_code(), CHIM_FW_CODE_BUSY, "says so");
}

static void test_quiesce(void)
{
	struct chim_hw_admin_desc d = { .opcode = CHIM_ADMIN_OP_NOP };

	bed_start(8, 2, 2, BED_TICKS);
	IS(bed_simple(CHIM_ADMIN_OP_QUIESCE, 0, 0).status, GOOD, "QUIESCE");
	OK(hw.quiesce && hw.alive, "DMA is stopped, firmware lives");
	hw_submit(&d);
	hw_turns(50);
	IS(hw_find_op(HW_DMA_READ, 0) >= 0 && hw.log[hw.ops - 1].op == HW_EVENT, 1,
	   "no descriptor is read any more");
	bed_start(8, 2, 2, BED_TICKS);
	hw.quiet = false;
	IS(bed_simple(CHIM_ADMIN_OP_QUIESCE, 0, 0).status, BAD, "something stays outstanding");
}

/* A second start, and starts that cannot be. */
static void test_restart(void)
{
	struct bed_conn c;

	fresh();
	bed_start(8, 2, 2, BED_TICKS);
	c = bed_standard();
	OK(hw.alive && c.slot == 0, "fw_alive");
	OK(hw_boot(), "a second start");
	IS(hw.high_water, 0, "no timer is scanned");
	hw_reset(8, 2, 2);
	hw.run = false;
	hw_boot();
	hw.admin_host = 1;
	hw_turns(50);
	IS(hw.events, 0, "nothing is read before CTRL.run");

	hw_reset(HW_CONNS, 60000, 60000);
	OK(!hw_boot() && !hw.alive, "a build that does not fit into RAM does not come alive");
}

static void test_selftest(void)
{
	struct bed_conn c;

	fresh();
	bed_start(8, 2, 2, BED_TICKS);
	IS(bed_simple(CHIM_ADMIN_OP_SELFTEST, 0, 0).status, GOOD, "SELFTEST");
	hw.keys_max = 1;
	IS(bed_simple(CHIM_ADMIN_OP_SELFTEST, 0, 0).status, BAD,
	   "SELFTEST finds a lookup that is too small");
	IS(bed_fw_code(), CHIM_FW_CODE_SELFTEST, "says so");
	bed_start(8, 2, 2, BED_TICKS);
	c = bed_standard();
	IS(bed_simple(CHIM_ADMIN_OP_SELFTEST, 0, 0).status, BAD, "not while anything is offloaded");
	IS(hw_entry(c.slot).State, CHIM_ENTRY_STATE_LIVE, "which goes on");
}

int main(void)
{
	test_dma();
	test_dma_large();
	test_bad_desc();
	test_bad_image();
	test_stuck();
	test_slow_host();
	test_ring_index();
	test_params();
	test_quiesce();
	test_restart();
	test_selftest();
	return tap_done();
}
