/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * The life of a connection through the whole firmware: HOLD, RELEASE, LIVE, terminate (D13), query,
 * references and generations. Hard part: orders; the log of the hardware model shows them.
 */
#include <string.h>

#include "bed.h"
#include "tests/unit/tap.h"

#define GOOD CHIM_STATUS_SUCCESS
#define BAD  CHIM_STATUS_FAILURE

static struct chim_hw_neighbor_state ns;
static struct chim_hw_path_state ps;
static struct chim_hw_tcp_state ts;
static struct chim_hw_key key;

static void fresh(void)
{
	img_nbr(&ns, 0);
	img_path4(&ps, 0);
	img_tcp(&ts, 0);
	img_key(&key, &ps, false, &ts);
}

static void test_hold(void)
{
	struct hw_done d;
	struct bed_conn c;
	struct chim_hw_entry e;
	uint32_t from;
	int live;

	fresh();
	bed_start(8, 2, 2, BED_TICKS);
	from = hw.ops;
	d = bed_hold(&key);
	IS(d.status, GOOD, "D13: HOLD");
	IS(d.info, 0, "info: slot 0, generation 0");
	IS(hw_entry(0).State, CHIM_ENTRY_STATE_HOLD, "entry in HOLD");
	OK(hw_find_op(HW_INSERT, from) < hw_find_op(HW_MARKER, from) &&
		   hw_find_op(HW_MARKER, from) > 0,
	   "the key is in before the marker goes");
	IS(bed_hold(&key).status, BAD, "a key in use");
	IS(bed_fw_code(), CHIM_FW_CODE_KEY, "says so");

	hw_held(0, 1);
	hw_held(0, 1);
	IS(bed_offload(&ns, &ps, &ts, &c), GOOD, "INITIATE finds the held slot by its key");
	IS(c.slot, 0, "the same slot");
	e = hw_entry(0);
	OK(e.State == CHIM_ENTRY_STATE_HOLD && e.Installed && !e.Release && e.Held == 2,
	   "installed, still in HOLD, frames still counted");
	d = bed_simple(CHIM_ADMIN_OP_RELEASE, 0, 1);
	IS(d.status, BAD, "RELEASE of another generation");
	d = bed_simple(CHIM_ADMIN_OP_RELEASE, 0, 0);
	OK(d.status == GOOD && d.info == 0, "RELEASE");
	IS(hw_entry(0).State, CHIM_ENTRY_STATE_HOLD, "not LIVE while frames are held");
	hw_held(0, -1);
	hw_turns(20);
	IS(hw_find_event(CHIM_EVENT_TYPE_LIVE, 0), -1, "nor with one");
	hw_held(0, -1);
	hw_turns(20);
	IS(hw_entry(0).State, CHIM_ENTRY_STATE_LIVE, "LIVE with none");
	live = hw_find_event(CHIM_EVENT_TYPE_LIVE, 0);
	OK(live >= 0 && chim_le16_get(hw.event[live].conn) == 0, "event LIVE");
	IS(bed_simple(CHIM_ADMIN_OP_RELEASE, 0, 0).status, BAD, "RELEASE of a LIVE connection");
	IS(bed_simple(CHIM_ADMIN_OP_RELEASE, 7, 0).status, BAD, "RELEASE of a free slot");
	IS(bed_simple(CHIM_ADMIN_OP_RELEASE, 0xFFFF, 0).status, BAD,
	   "RELEASE of a slot that does not exist");

	/* Given up before anything is installed. */
	ts.LocalPort = chim_le16_of(99);
	img_key(&key, &ps, false, &ts);
	d = bed_hold(&key);
	IS(d.info, 1, "the lowest free slot");
	d = bed_simple(CHIM_ADMIN_OP_RELEASE, 1, 0);
	OK(d.status == GOOD && d.info == 1, "RELEASE without a state");
	OK(hw_entry(1).State == CHIM_ENTRY_STATE_NONE && hw_conn_key(&key) < 0,
	   "entry NONE, key out");
	d = bed_hold(&key);
	IS(d.info, 1 | 1 << 16, "the slot again, of the next generation");
}

static void test_hold_bad(void)
{
	fresh();
	bed_start(2, 2, 2, BED_TICKS);
	key.ipv6 = 2;
	IS(bed_hold(&key).status, BAD, "unknown family");
	fresh();
	key.reserved[2] = 1;
	IS(bed_hold(&key).status, BAD, "reserved bits of a key");
	fresh();
	key.remote[15] = 1;
	IS(bed_hold(&key).status, BAD, "an IPv4 key with more than four bytes");
	fresh();
	IS(bed_hold(&key).status, GOOD, "slot 1 of 2");
	key.local_port = chim_le16_of(5);
	IS(bed_hold(&key).status, GOOD, "slot 2 of 2");
	key.local_port = chim_le16_of(6);
	IS(bed_hold(&key).status, CHIM_STATUS_TCP_ENTRIES, "R25: no slot");
}

/* A refused state gives its held frames to the kernel. */
static void test_failed_initiate(void)
{
	struct bed_conn c = { 0 };

	fresh();
	bed_start(8, 2, 2, BED_TICKS);
	bed_hold(&key);
	hw_held(0, 1);
	ts.State = chim_le32_of(CHIM_CONN_STATE_TIME_WAIT);
	IS(bed_offload(&ns, &ps, &ts, &c), BAD, "a refused state");
	OK(hw_entry(0).State == CHIM_ENTRY_STATE_NONE && hw_conn_key(&key) < 0,
	   "D13: its entry is NONE, its key out");
	ts.State = chim_le32_of(CHIM_CONN_STATE_ESTABLISHED);
	IS(bed_offload_on(c.path, &ts, &c), GOOD, "a good one takes the slot");
	IS(c.tcp >> CHIM_OBJ_GEN_SHIFT & 15, 1, "of the next generation");
}

static void test_hold_timeout(void)
{
	struct bed_conn c;
	uint32_t turns = 0, first, keys = 3;
	struct chim_hw_key k;

	fresh();
	bed_start(8, 2, 2, BED_TICKS);
	k = key;
	for (uint32_t i = 0; i < keys; i++) {
		k.local_port = chim_le16_of((uint16_t)(i + 1));
		bed_hold(&k);
	}
	first = hw.cycles;
	hw_held(1, 1); /* a frame of slot 1 comes later */
	while (hw_find_event(CHIM_EVENT_TYPE_HOLD_END, 0) < 0 && turns++ < 5000)
		hw_turns(1);
	OK(turns < 5000, "D13: HOLD ends by itself");
	OK(hw.cycles - first > 180000, "not before its time");
	for (uint32_t i = 0; i < keys; i++) {
		k.local_port = chim_le16_of((uint16_t)(i + 1));
		while (hw_entry(i).State != CHIM_ENTRY_STATE_NONE && turns++ < 10000)
			hw_turns(1);
		OK(hw_conn_key(&k) < 0, "entry NONE, key out");
	}
	IS(hw.count[CHIM_COUNTER_HOLD_EXPIRED], 3, "counted");
	IS(hw_find_event(CHIM_EVENT_TYPE_HOLD_END, 0) >= 0, 1, "event HOLD_END");
	OK(hw.cycles - first < 800000, "all within a few times the bound");

	/* Frames that keep coming put it off, but not for ever. */
	bed_start(8, 2, 2, BED_TICKS);
	bed_hold(&key);
	first = hw.cycles;
	for (turns = 0; turns < 100000 && hw_entry(0).State == CHIM_ENTRY_STATE_HOLD; turns++) {
		hw_held(0, turns % 2 ? -1 : 1);
		hw_turns(1);
	}
	OK(hw.cycles - first > 16 * 200000 && turns < 100000,
	   "D13: bounded though frames keep coming");

	/* A state that was taken is not dropped; the host is asked to take it back. */
	bed_start(8, 2, 2, BED_TICKS);
	bed_hold(&key);
	bed_offload(&ns, &ps, &ts, &c);
	for (turns = 0; turns < 20000 && hw_find_event(CHIM_EVENT_TYPE_UPLOAD, 0) < 0; turns++)
		hw_turns(1);
	OK(turns < 20000, "never released: UPLOAD");
	IS(hw.event[hw_find_event(CHIM_EVENT_TYPE_UPLOAD, 0)].info,
	   CHIM_UPLOAD_REASON_UploadRequested, "its reason");
	OK(hw_entry(0).State == CHIM_ENTRY_STATE_HOLD &&
		   hw_find_event(CHIM_EVENT_TYPE_HOLD_END, 0) < 0,
	   "and it stays where it is");
	IS(bed_simple(CHIM_ADMIN_OP_RELEASE, 0, 0).status, GOOD, "a late RELEASE still works");
	hw_turns(20);
	IS(hw_entry(0).State, CHIM_ENTRY_STATE_LIVE, "LIVE");

	/* No limit. */
	{
		struct chim_hw_params p;

		bed_start(8, 2, 2, BED_TICKS);
		img_params(&p, BED_TICKS);
		p.hold_max_cycles = chim_le32_of(0);
		bed_params(&p);
		bed_hold(&key);
		hw_turns(20000);
		IS(hw_entry(0).State, CHIM_ENTRY_STATE_HOLD, "0: no limit");
	}
}

static void test_terminate_order(void)
{
	struct bed_conn c;
	uint32_t from, slot, gen;
	int hold, stop, freeze, kick, fence1, ack, fence2, out, none, removed, event;
	void *state;

	fresh();
	bed_start(8, 2, 2, BED_TICKS);
	c = bed_standard();
	slot = c.slot;
	gen = hw_entry(slot).Gen;
	/* Data came that no ACK has answered. */
	chim_hw_tcb_rx_set_RcvNxt(hw.table[CHIM_TABLE_RX][slot], 0x7FFFFFF0u + 500);
	hw.table[CHIM_TABLE_PLACED][slot][0] = 0x7FFFFFF0u + 500;
	from = hw.ops;
	IS(bed_one(CHIM_ADMIN_OP_TERMINATE, CHIM_STATE_TYPE_TCP, c.tcp, NULL, &state), GOOD,
	   "terminate");
	hold = hw_find_op(HW_ENTRY, from);
	stop = hw_find_op(HW_STOP, from);
	freeze = hw_find_op(HW_FREEZE, from);
	kick = hw_find_op(HW_KICK, from);
	fence1 = hw_find_op(HW_FENCE, from);
	ack = hw_find_op(HW_ACK, from);
	fence2 = hw_find_op(HW_FENCE, (uint32_t)fence1 + 1);
	none = hw_find_op(HW_ENTRY, (uint32_t)hold + 1);
	removed = hw_find_op(HW_REMOVE, from);
	event = hw_find_op(HW_EVENT, from);
	OK(hold >= 0 && stop > hold && freeze > stop, "D13: held first, then stopped and frozen");
	OK(kick > freeze && fence1 > kick, "D13: joined, then fenced");
	OK(ack > fence1 && fence2 > ack, "R68: the ACK that is due, and it leaves");
	OK(none > fence2 && removed > none, "D13: then the entry and the key go");
	out = -1;
	for (uint32_t i = from; i < hw.ops; i++) {
		if (hw.log[i].op == HW_DMA_WRITE && hw.log[i].value >= bed.result)
			out = (int)i;
	}
	OK(event > removed && event > out, "the completion comes after everything");
	IS(hw_entry(slot).State, CHIM_ENTRY_STATE_NONE, "entry NONE");
	IS(chim_le32_get(((struct chim_hw_tcp_state *)state)->RcvNxt), 0x7FFFFFF0u + 500,
	   "what was received");
	IS(chim_le32_get(((struct chim_hw_tcp_state *)state)->rcv_wup), 0x7FFFFFF0u + 500,
	   "and acknowledged");
	for (uint32_t i = (uint32_t)event; i < hw.ops; i++)
		OK(hw.log[i].op == HW_EVENT, "nothing after the completion");
	IS(bed_one(CHIM_ADMIN_OP_TERMINATE, CHIM_STATE_TYPE_TCP, c.tcp, NULL, NULL), BAD,
	   "its handle is dead");
	bed_offload_on(c.path, &ts, &c);
	OK(c.slot == slot && hw_entry(slot).Gen == ((gen + 1) & 15), "the slot's next generation");

	from = hw.ops;
	hw_turns(2);
	bed_one(CHIM_ADMIN_OP_TERMINATE, CHIM_STATE_TYPE_TCP, c.tcp, NULL, NULL);
	IS(hw_find_op(HW_ACK, from), -1, "no ACK when none is due");
}

/* R68 has its limits: a connection that was reset owes nobody anything. */
static void test_terminate_no_ack(void)
{
	static const struct {
		const char *what;
		uint32_t table, bit;
	} cases[] = {
		{ "RST came", CHIM_TABLE_RX, 1u << CHIM_TCB_RX_ABORTED_LSB },
		{ "SYN came", CHIM_TABLE_RX, 1u << CHIM_TCB_RX_SYNSEEN_LSB },
		{ "RST sent", CHIM_TABLE_TX, 1u << CHIM_TCB_TX_RSTSENT_LSB },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bed_conn c;
		uint32_t from;

		fresh();
		bed_start(8, 2, 2, BED_TICKS);
		c = bed_standard();
		hw.table[CHIM_TABLE_PLACED][c.slot][0] += 10;
		hw.table[cases[i].table][c.slot][0] |= cases[i].bit;
		from = hw.ops;
		bed_one(CHIM_ADMIN_OP_TERMINATE, CHIM_STATE_TYPE_TCP, c.tcp, NULL, NULL);
		IS(hw_find_op(HW_ACK, from), -1, cases[i].what);
	}
}

static void test_references(void)
{
	struct bed_conn c, c2;
	int n, p, t, t2;

	fresh();
	bed_start(8, 2, 2, BED_TICKS);
	c = bed_standard();
	ts.LocalPort = chim_le16_of(7);
	bed_offload_on(c.path, &ts, &c2);
	IS(bed_one(CHIM_ADMIN_OP_TERMINATE, CHIM_STATE_TYPE_IP4, c.path, NULL, NULL), BAD,
	   "R80: a path with dependents");
	IS(bed_fw_code(), CHIM_FW_CODE_REFS, "says so");
	IS(bed_one(CHIM_ADMIN_OP_TERMINATE, CHIM_STATE_TYPE_NEIGHBOR, c.nbr, NULL, NULL), BAD,
	   "R80: a neighbor with dependents");

	bed_begin();
	n = img_ref(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR, c.nbr);
	p = img_ref(&bed.img, n, CHIM_STATE_TYPE_IP4, c.path);
	t = img_ref(&bed.img, p, CHIM_STATE_TYPE_TCP, c.tcp);
	bed_run(CHIM_ADMIN_OP_TERMINATE);
	OK(bed_status(t) == GOOD && bed_status(p) == BAD && bed_status(n) == BAD,
	   "R80: a tree that leaves a dependent behind");

	bed_begin();
	n = img_ref(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR, c.nbr);
	p = img_ref(&bed.img, n, CHIM_STATE_TYPE_IP4, c.path);
	t2 = img_ref(&bed.img, p, CHIM_STATE_TYPE_TCP_DELEGATED, c2.tcp);
	img_out(&bed.img, n);
	img_out(&bed.img, p);
	img_out(&bed.img, t2);
	hw.ms += 10;
	IS(bed_run(CHIM_ADMIN_OP_TERMINATE), GOOD, "R80: the whole tree");
	OK(bed_status(t2) == GOOD && bed_status(p) == GOOD && bed_status(n) == GOOD,
	   "all of it goes");
	IS(chim_le32_get(((struct chim_hw_neighbor_state *)bed_state(n))->NicReachabilityDelta), 50,
	   "6.4.3: NicReachabilityDelta");
	IS(bed_simple(CHIM_ADMIN_OP_SELFTEST, 0, 0).status, GOOD, "nothing is left");
	IS(hw.high_water, 0, "the timer scan has nothing to do");
}

static void test_query(void)
{
	struct bed_conn c;
	struct chim_hw_tcp_state *q;
	struct chim_hw_path_state *qp;
	struct chim_hw_neighbor_state *qn;
	uint32_t ops;

	fresh();
	ts.ConstFlags = chim_le16_of(5);
	bed_start(8, 2, 2, BED_TICKS);
	c = bed_standard();
	ops = hw.ops;
	hw.ms += 4;
	IS(bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_TCP, c.tcp, NULL, (void **)&q), GOOD,
	   "R45: query");
	OK(q->ConstFlags == ts.ConstFlags && q->RemotePort == ts.RemotePort &&
		   q->LocalPort == ts.LocalPort && q->RemoteMss == ts.RemoteMss &&
		   q->SndWindScale == 7 && q->RcvWindScale == 9 && q->HashValue == ts.HashValue &&
		   q->rcv_ring == ts.rcv_ring && q->snd_ring == ts.snd_ring &&
		   q->rcv_ring_log2 == 17 && q->snd_ring_log2 == 6,
	   "R45: constants");
	OK(q->CachedFlags == ts.CachedFlags && q->KaProbeCount == 9 && q->TtlOrHopLimit == 64 &&
		   q->InitialRcvWnd == ts.InitialRcvWnd &&
		   q->RcvIndicationSize == ts.RcvIndicationSize && q->KaTimeout == ts.KaTimeout &&
		   q->KaInterval == ts.KaInterval && q->MaxRT == ts.MaxRT &&
		   q->FlowLabel == ts.FlowLabel && q->TosOrTrafficClass == 0x10 &&
		   q->UserPriority == 3,
	   "R45: cached variables");
	OK(q->State == ts.State && q->SndUna == ts.SndUna && q->CWnd == ts.CWnd &&
		   chim_le32_get(q->TsTime) == 0x10203044,
	   "R45: delegated variables");
	IS(q->RetransmitTimeoutDelta, CHIM_TIMEOUT_NOT_RUNNING, "R47: a timer that does not run");
	IS(q->SendBacklogSize, CHIM_BACKLOG_UNSUPPORTED, "R46");
	IS(hw_find_op(HW_FENCE, ops), -1, "a query disturbs nothing");
	IS(hw_entry(c.slot).State, CHIM_ENTRY_STATE_LIVE, "it stays LIVE");

	bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_TCP_CONST, c.tcp, NULL, (void **)&q);
	OK(q->RemotePort == ts.RemotePort && q->KaTimeout == 0 && q->SndUna == 0, "constants only");
	bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_TCP_CACHED, c.tcp, NULL, (void **)&q);
	OK(q->RemotePort == 0 && q->KaTimeout == ts.KaTimeout && q->SndUna == 0, "cached only");
	bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_TCP_DELEGATED, c.tcp, NULL, (void **)&q);
	OK(q->RemotePort == 0 && q->KaTimeout == 0 && q->SndUna == ts.SndUna, "delegated only");

	IS(bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_IP4, c.path, NULL, (void **)&qp), GOOD,
	   "a path");
	OK(!memcmp(qp, &ps, sizeof(ps)), "R45: addresses and MTU");
	bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_IP4_CACHED, c.path, NULL, (void **)&qp);
	OK(qp->PathMtu == ps.PathMtu && qp->SourceAddress[0] == 0, "MTU only");
	IS(bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_IP6, c.path, NULL, (void **)&qp), BAD,
	   "an IPv4 path asked for as IPv6");
	IS(bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_NEIGHBOR, c.nbr, NULL, (void **)&qn), GOOD,
	   "a neighbor");
	OK(!memcmp(qn->DlDestinationAddress, ns.DlDestinationAddress, 6) &&
		   !memcmp(qn->DlSourceAddress, hw.mac, 6) && qn->VlanId == 0,
	   "R45: addresses");
	IS(chim_le32_get(qn->HostReachabilityDelta), 74, "R152: HostReachabilityDelta grows");
	IS(chim_le32_get(qn->NicReachabilityDelta), 44, "R152: NicReachabilityDelta grows");
	IS(bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_TCP, c.tcp, NULL, NULL), GOOD,
	   "a query that wants nothing back");
	IS(bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_TCP, c.path, NULL, (void **)&q), BAD,
	   "a handle of another layer");
	IS(bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_TCP, 0, NULL, (void **)&q), BAD,
	   "no handle");
}

/* Notices of LIVE that firmware comes to after the connections have gone. */
static void test_late_notice(void)
{
	struct bed_conn c = { 0 };
	uint32_t from, ops, object[4], path;
	int n, p, t[4];

	fresh();
	bed_start(8, 2, 2, BED_TICKS);
	bed_begin();
	n = img_new(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR);
	p = img_new(&bed.img, n, CHIM_STATE_TYPE_IP4);
	bed.img.node[n].state.nbr = ns;
	bed.img.node[p].state.path = ps;
	for (uint32_t i = 0; i < 4; i++) {
		t[i] = img_new(&bed.img, p, CHIM_STATE_TYPE_TCP);
		img_tcp(&bed.img.node[t[i]].state.tcp, i);
	}
	bed_run(CHIM_ADMIN_OP_INITIATE);
	path = bed_object(p);
	for (uint32_t i = 0; i < 4; i++)
		object[i] = bed_object(t[i]);
	bed_begin();
	for (uint32_t i = 0; i < 4; i++)
		img_ref(&bed.img, -1, CHIM_STATE_TYPE_TCP, object[i]);
	IS(bed_run(CHIM_ADMIN_OP_TERMINATE), GOOD, "terminate at once");
	OK(hw.live_head != hw.live_tail, "notices of LIVE are left");
	from = hw.events;
	ops = hw.ops;
	IS(bed_hold(&key).status, GOOD, "the next tenant of slot 0 is held");
	hw_turns(20);
	IS(hw.live_head, hw.live_tail, "the notices are read");
	IS(hw_find_event(CHIM_EVENT_TYPE_LIVE, from), -1,
	   "D12: no LIVE after a completion, and none for the next tenant");
	IS(hw_find_op(HW_KICK, ops), -1, "nor is the engine sent there");

	IS(bed_offload_on(path, &ts, &c), GOOD, "the next tenant's state");
	hw.live[hw.live_tail++ % HW_CONNS] = 0;
	hw_turns(20);
	IS(hw_find_event(CHIM_EVENT_TYPE_LIVE, from), -1, "installed, not LIVE: no event");
	bed_simple(CHIM_ADMIN_OP_RELEASE, 0, c.tcp >> CHIM_OBJ_GEN_SHIFT & 15);
	hw.live[hw.live_tail++ % HW_CONNS] = 0;
	hw_turns(20);
	n = hw_find_event(CHIM_EVENT_TYPE_LIVE, from);
	OK(n >= 0 && hw_find_event(CHIM_EVENT_TYPE_LIVE, (uint32_t)n + 1) < 0,
	   "LIVE: one event, however many notices");
}

/* Generations run over after 16 tenants. */
static void test_generations(void)
{
	struct bed_conn c = { 0 };
	uint32_t path, gen = 0;
	bool all = true;

	fresh();
	bed_start(8, 2, 2, BED_TICKS);
	bed_offload(&ns, &ps, &ts, &c);
	path = c.path;
	for (uint32_t i = 0; i < 40; i++) {
		all &= (c.tcp >> CHIM_OBJ_GEN_SHIFT & 0xFFF) == gen && c.slot == 0;
		all &= bed_one(CHIM_ADMIN_OP_TERMINATE, CHIM_STATE_TYPE_TCP, c.tcp, NULL, NULL) ==
		       GOOD;
		gen = (gen + 1) & 15;
		all &= bed_offload_on(path, &ts, &c) == GOOD;
	}
	OK(all, "D12: forty tenants of one slot, generations modulo 16");
}

int main(void)
{
	test_hold();
	test_hold_bad();
	test_failed_initiate();
	test_hold_timeout();
	test_terminate_order();
	test_terminate_no_ack();
	test_references();
	test_query();
	test_late_notice();
	test_generations();
	return tap_done();
}
