/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Initiate through the whole firmware: statuses per resource and refusal, objects, handles, limits,
 * trees larger than firmware's window. Hard part: after each refusal nothing may be left behind.
 */
#include <string.h>

#include "bed.h"
#include "tests/unit/tap.h"

#define GOOD CHIM_STATUS_SUCCESS

/* Nothing is offloaded: SELFTEST, which runs only then, agrees. */
static bool nothing_left(void)
{
	return bed_simple(CHIM_ADMIN_OP_SELFTEST, 0, 0).status == GOOD && hw.keys == 0 &&
	       hw.high_water == 0;
}

static void test_one(void)
{
	struct bed_conn c;
	struct chim_hw_entry e;
	uint32_t from;

	bed_start(16, 4, 2, BED_TICKS);
	from = hw.ops;
	c = bed_standard();
	IS(c.nbr >> CHIM_OBJ_LAYER_SHIFT, 1, "handle of a neighbor");
	IS(c.path >> CHIM_OBJ_LAYER_SHIFT, 2, "handle of a path");
	IS(c.tcp >> CHIM_OBJ_LAYER_SHIFT, 3, "handle of a connection");
	e = hw_entry(c.slot);
	IS(e.State, CHIM_ENTRY_STATE_LIVE, "without held frames it is LIVE at once");
	OK(e.Installed == 1 && e.Gen == (c.tcp >> CHIM_OBJ_GEN_SHIFT & 15),
	   "entry: installed, generation");
	IS(hw.high_water, c.slot + 1, "the timer scan reaches it");
	OK(hw_find_op(HW_HIGH_WATER, from) < hw_find_op(HW_ENTRY, from), "before it can be LIVE");
	OK(hw_find_op(HW_INSERT, from) < hw_find_op(HW_ENTRY, from), "the key is in before");
	IS(hw_find_event(CHIM_EVENT_TYPE_LIVE, 0) >= 0, 1, "event LIVE");
	OK(hw_find_op(HW_KICK, from) > hw_find_op(HW_ENTRY, from), "and the engine looks at it");
	IS(bed.done.info, 3 * sizeof(struct chim_hw_result),
	   "the event says how long the result is");
	IS(hw.count[CHIM_COUNTER_FW_ADMIN], 2, "descriptors are counted");
}

struct nbr_case {
	const char *what;
	uint32_t status;
	uint16_t vlan;
	uint8_t src[6], dst[6];
	uint16_t vlans[4];
};

static void test_neighbor(void)
{
	static const struct nbr_case cases[] = {
		{ "R178: interface VLAN 0, any id", GOOD, 77, { 0 }, { 2 }, { 0 } },
		{ "R178: interface VLAN 0, id 0", GOOD, 0, { 0 }, { 2 }, { 0 } },
		{ "R178: interface VLAN 7, id 0", GOOD, 0, { 0 }, { 2 }, { 7 } },
		{ "R178: interface VLAN 7, id 7", GOOD, 7, { 0 }, { 2 }, { 7 } },
		{ "R178: interface VLANs 7 9, id 9", GOOD, 9, { 0 }, { 2 }, { 7, 9 } },
		{ "R178: interface VLAN 7, id 8",
		  CHIM_STATUS_VLAN_MISMATCH,
		  8,
		  { 0 },
		  { 2 },
		  { 7 } },
		{ "802.1Q: id 4095", CHIM_STATUS_VLAN_MISMATCH, 0xFFF, { 0 }, { 2 }, { 0 } },
		{ "id of 13 bits", CHIM_STATUS_FAILURE, 0x1000, { 0 }, { 2 }, { 0 } },
		{ "R182: our own source address", GOOD, 0, { 2, 0, 0, 0, 0, 1 }, { 2 }, { 0 } },
		{ "R182: another source address",
		  CHIM_STATUS_HW_ADDRESS_ENTRIES,
		  0,
		  { 2, 0, 0, 0, 0, 2 },
		  { 2 },
		  { 0 } },
		{ "no destination", CHIM_STATUS_FAILURE, 0, { 0 }, { 0 }, { 0 } },
		{ "group destination", CHIM_STATUS_FAILURE, 0, { 0 }, { 1 }, { 0 } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct nbr_case *k = &cases[i];
		struct chim_hw_params params;
		struct chim_hw_neighbor rec;
		struct chim_hw_neighbor_state *s;
		int n;

		bed_start(4, 2, 2, BED_TICKS);
		img_params(&params, BED_TICKS);
		memcpy(params.vlans, k->vlans, sizeof(params.vlans));
		bed_params(&params);
		bed_begin();
		n = img_new(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR);
		s = &bed.img.node[n].state.nbr;
		img_nbr(s, 1);
		s->VlanId = chim_le16_of(k->vlan);
		memcpy(s->DlSourceAddress, k->src, 6);
		memcpy(s->DlDestinationAddress, k->dst, 6);
		IS(bed_run(CHIM_ADMIN_OP_INITIATE), GOOD, k->what);
		IS(bed_status(n), k->status, k->what);
		if (k->status != GOOD) {
			OK(bed_object(n) == 0 && nothing_left(), "%s: nothing is left", k->what);
			continue;
		}
		chim_hw_neighbor_unpack(&rec, hw.table[CHIM_TABLE_NEIGHBOR][0]);
		IS(rec.DstMac, (uint64_t)k->dst[0] << 40, "record: destination, first byte first");
		IS(rec.SrcMac, 0x020000000001ull, "record: source is the interface's");
		IS(rec.VlanId, k->vlan, "record: VLAN");
	}
}

static void test_path(void)
{
	struct chim_hw_neighbor_state n;
	struct chim_hw_path_state p;
	struct chim_hw_tcp_state t;
	struct chim_hw_path rec;
	struct bed_conn c;

	img_nbr(&n, 0);
	img_tcp(&t, 0);
#define PATH_CASE(status_, change_, what_)                       \
	do {                                                     \
		bed_start(4, 2, 2, BED_TICKS);                   \
		img_path4(&p, 1);                                \
		change_;                                         \
		IS(bed_offload(&n, &p, &t, &c), status_, what_); \
	} while (0)
	PATH_CASE(GOOD, p.PathMtu = chim_le32_of(9000), "R27: the largest MTU");
	PATH_CASE(CHIM_STATUS_PATH_MTU, p.PathMtu = chim_le32_of(9001), "R27: PATH_MTU");
	PATH_CASE(CHIM_STATUS_FAILURE, p.PathMtu = chim_le32_of(115), "MTU without room");
	PATH_CASE(GOOD, p.PathMtu = chim_le32_of(116), "MTU with room for 64 bytes");
	PATH_CASE(CHIM_STATUS_FAILURE, p.reserved = chim_le32_of(1), "reserved bits");
	PATH_CASE(CHIM_STATUS_FAILURE, memset(p.SourceAddress, 0, 4), "no source address");
	PATH_CASE(CHIM_STATUS_FAILURE, p.DestinationAddress[0] = 224, "multicast destination");
	PATH_CASE(CHIM_STATUS_FAILURE, p.DestinationAddress[15] = 1,
		  "IPv4 with more than four bytes");

	bed_start(4, 2, 2, BED_TICKS);
	img_path6(&p, 1);
	IS(bed_offload(&n, &p, &t, &c), GOOD, "an IPv6 path");
	chim_hw_path_unpack(&rec, hw.table[CHIM_TABLE_PATH][0]);
	OK(rec.Ipv6 == 1 && rec.Neighbor == (c.nbr & 0xFFFF), "record: family, neighbor");
	IS(rec.SrcAddr[3], 0x20212223, "record: first byte most significant");
	IS(rec.DstAddr[0], 0x4C4D0001, "record: last bytes");
	p.DestinationAddress[0] = 0xFF;
	bed_start(4, 2, 2, BED_TICKS);
	IS(bed_offload(&n, &p, &t, &c), CHIM_STATUS_FAILURE, "IPv6 multicast destination");
}

struct tcp_case {
	const char *what;
	uint32_t status;
	uint32_t code;
	uint16_t off;
	uint8_t bytes;
	uint32_t value;
};

#define TCP_CASE(what_, status_, code_, field_, value_)                            \
	{                                                                          \
		what_, CHIM_STATUS_##status_, CHIM_FW_CODE_##code_,                \
			offsetof(struct chim_hw_tcp_state, field_),                \
			sizeof(((struct chim_hw_tcp_state *)0)->field_) > 4        \
				? 4                                                \
				: sizeof(((struct chim_hw_tcp_state *)0)->field_), \
			value_                                                     \
	}

static void test_tcp(void)
{
	static const struct tcp_case cases[] = {
		TCP_CASE("R33: Closed", FAILURE, STATE, State, 0),
		TCP_CASE("R33: Listen", FAILURE, STATE, State, 1),
		TCP_CASE("R33: SynSent", FAILURE, STATE, State, 2),
		TCP_CASE("R33: SynRcvd", FAILURE, STATE, State, 3),
		TCP_CASE("R33: TimeWait", FAILURE, STATE, State, 10),
		TCP_CASE("State 11", FAILURE, STATE, State, 11),
		TCP_CASE("State 0x104", FAILURE, STATE, State, 0x104),
		TCP_CASE("R26: window above the limit", TCP_RCV_WINDOW, RING, InitialRcvWnd,
			 (1u << 20) + 1),
		TCP_CASE("no window", FAILURE, FIELD, InitialRcvWnd, 0),
		TCP_CASE("R25: receive ring of 2 KiB", TCP_RCV_BUFFER, RING, rcv_ring_log2, 11),
		TCP_CASE("R25: receive ring of 32 MiB", TCP_RCV_BUFFER, RING, rcv_ring_log2, 25),
		TCP_CASE("R25: receive ring misaligned", TCP_RCV_BUFFER, RING, rcv_ring, 0x800),
		TCP_CASE("R25: window beyond the ring", TCP_RCV_BUFFER, RING, RcvWnd,
			 (1u << 17) + 1),
		TCP_CASE("R25: receive ring starts ahead", TCP_RCV_BUFFER, RING, rcv_free,
			 0x7FFFFFF1),
		TCP_CASE("R25: send ring of 2 entries", TCP_XMIT_BUFFER, RING, snd_ring_log2, 1),
		TCP_CASE("R25: send ring too long", TCP_XMIT_BUFFER, RING, snd_ring_log2, 17),
		TCP_CASE("R25: send ring misaligned", TCP_XMIT_BUFFER, RING, snd_ring, 32),
		TCP_CASE("SndNxt behind SndUna", FAILURE, SEQUENCE, SndNxt, 0xFFFFEFFF),
		TCP_CASE("SndMax behind SndNxt", FAILURE, SEQUENCE, SndMax, 0xFFFFEFFF),
		TCP_CASE("SndMax beyond the data", FAILURE, SEQUENCE, SndMax, 0xFFFFF001),
		TCP_CASE("data end behind SndUna", FAILURE, SEQUENCE, snd_end, 0xFFFFEFFF),
		TCP_CASE("rcv_wup ahead of RcvNxt", FAILURE, SEQUENCE, rcv_wup, 0x7FFFFFF1),
		TCP_CASE("RcvWnd no window can be", FAILURE, SEQUENCE, RcvWnd, 0x40000000),
		TCP_CASE("FinWait1 without its FIN", FAILURE, SEQUENCE, State, 5),
		TCP_CASE("R28: SACK", CONNECTION_REJECTED, SACK, ConstFlags, 3),
		TCP_CASE("unknown constant flag", FAILURE, FIELD, ConstFlags, 8),
		TCP_CASE("unknown cached flag", FAILURE, FIELD, CachedFlags, 0x20),
		TCP_CASE("R28: no room in a segment", CONNECTION_REJECTED, MSS, RemoteMss, 75),
		TCP_CASE("room for 64 bytes", SUCCESS, BOOT, RemoteMss, 76),
		TCP_CASE("send scale 15", FAILURE, FIELD, SndWindScale, 15),
		TCP_CASE("receive scale 15", FAILURE, FIELD, RcvWindScale, 15),
		TCP_CASE("time to live 0", FAILURE, FIELD, TtlOrHopLimit, 0),
		TCP_CASE("priority 8", FAILURE, FIELD, UserPriority, 8),
		TCP_CASE("flow label of 21 bits", FAILURE, FIELD, FlowLabel, 1u << 20),
		TCP_CASE("port 0", FAILURE, FIELD, RemotePort, 0),
		TCP_CASE("own port 0", FAILURE, FIELD, LocalPort, 0),
		TCP_CASE("SndWnd no window can be", FAILURE, FIELD, SndWnd, 0x3FFFC001),
		TCP_CASE("reserved0", FAILURE, RESERVED, reserved0, 1),
		TCP_CASE("reserved1", FAILURE, RESERVED, reserved1, 1),
		TCP_CASE("reserved2", FAILURE, RESERVED, reserved2, 0x01000000),
	};
	struct chim_hw_neighbor_state n;
	struct chim_hw_path_state p;
	struct chim_hw_key key;

	img_nbr(&n, 0);
	img_path4(&p, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tcp_case *k = &cases[i];
		struct chim_hw_tcp_state good, t;
		struct bed_conn c = { 0 };

		bed_start(4, 2, 2, BED_TICKS);
		img_tcp(&good, 0);
		t = good;
		memcpy((uint8_t *)&t + k->off, &k->value, k->bytes);
		IS(bed_offload(&n, &p, &t, &c), k->status, k->what);
		if (k->status == GOOD)
			continue;
		IS(bed_fw_code(), k->code, k->what);
		img_key(&key, &p, false, &t);
		OK(hw_conn_key(&key) < 0 && hw.high_water == 0, "%s: no key, no slot", k->what);
		IS(bed_offload_on(c.path, &good, &c), GOOD, "and a good one is still taken");
	}
}

static void test_limits(void)
{
	struct bed_conn c = { 0 };
	struct chim_hw_tcp_state t;
	int n, p[3], x[3];

	/* The worked example with real resources: T2 finds no slot, P2's addresses are refused. */
	bed_start(1, 2, 1, BED_TICKS);
	bed_begin();
	n = img_new(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR);
	img_nbr(&bed.img.node[n].state.nbr, 0);
	p[0] = img_new(&bed.img, n, CHIM_STATE_TYPE_IP4);
	img_path4(&bed.img.node[p[0]].state.path, 0);
	p[1] = img_new(&bed.img, n, CHIM_STATE_TYPE_IP4);
	x[0] = img_new(&bed.img, p[0], CHIM_STATE_TYPE_TCP);
	img_tcp(&bed.img.node[x[0]].state.tcp, 0);
	x[1] = img_new(&bed.img, p[0], CHIM_STATE_TYPE_TCP);
	img_tcp(&bed.img.node[x[1]].state.tcp, 1);
	x[2] = img_new(&bed.img, p[1], CHIM_STATE_TYPE_TCP);
	img_tcp(&bed.img.node[x[2]].state.tcp, 2);
	IS(bed_run(CHIM_ADMIN_OP_INITIATE), GOOD, "R22: the worked example, in the device");
	IS(bed_status(n), CHIM_STATUS_PARTIAL_SUCCESS, "R22: N1");
	IS(bed_status(p[0]), CHIM_STATUS_PARTIAL_SUCCESS, "R22: P1");
	IS(bed_status(x[0]), GOOD, "R22: T1");
	IS(bed_status(x[1]), CHIM_STATUS_TCP_ENTRIES, "R25: T2 has no slot");
	IS(bed_status(p[1]), CHIM_STATUS_FAILURE, "R22: P2");
	IS(bed_status(x[2]), CHIM_STATUS_FAILURE, "R22: T3");

	bed_start(4, 2, 1, BED_TICKS);
	bed_begin();
	n = img_new(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR);
	img_nbr(&bed.img.node[n].state.nbr, 0);
	x[0] = img_new(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR);
	img_nbr(&bed.img.node[x[0]].state.nbr, 1);
	for (int i = 0; i < 3; i++) {
		p[i] = img_new(&bed.img, n, CHIM_STATE_TYPE_IP4);
		img_path4(&bed.img.node[p[i]].state.path, (unsigned int)i);
	}
	bed_run(CHIM_ADMIN_OP_INITIATE);
	IS(bed_status(x[0]), CHIM_STATUS_NEIGHBOR_ENTRIES, "R25: NEIGHBOR_ENTRIES");
	IS(bed_status(p[2]), CHIM_STATUS_PATH_ENTRIES, "R25: PATH_ENTRIES");
	OK(bed_status(p[0]) == GOOD && bed_status(p[1]) == GOOD, "R25: the two before are taken");
	IS(bed_status(n), CHIM_STATUS_PARTIAL_SUCCESS, "R204: and the neighbor says so");

	/* The lookup may be full though a slot is free. */
	bed_start(4, 2, 2, BED_TICKS);
	c = bed_standard();
	hw.keys_max = 1;
	img_tcp(&t, 1);
	IS(bed_offload_on(c.path, &t, &c), CHIM_STATUS_TCP_ENTRIES, "no place in the lookup");
	hw.keys_max = 4;
	IS(bed_offload_on(c.path, &t, &c), GOOD, "and the slot was given back");
	IS(c.slot, 1, "the lowest one");
	IS(bed_offload_on(c.path, &t, &c), CHIM_STATUS_FAILURE, "a key in use");
	IS(bed_fw_code(), CHIM_FW_CODE_KEY, "says so");
	IS(hw.high_water, 2, "no slot is lost by it");
}

static void test_parents(void)
{
	struct bed_conn c;
	struct chim_hw_neighbor_state ns;
	uint32_t nbr2;
	int n, p, t;

	bed_start(4, 3, 3, BED_TICKS);
	c = bed_standard();
	bed_begin();
	t = img_new(&bed.img, -1, CHIM_STATE_TYPE_TCP);
	img_tcp(&bed.img.node[t].state.tcp, 1);
	bed_run(CHIM_ADMIN_OP_INITIATE);
	IS(bed_status(t), CHIM_STATUS_FAILURE, "a connection without a path");
	bed_begin();
	p = img_none(&bed.img, -1, CHIM_STATE_TYPE_IP4);
	t = img_new(&bed.img, p, CHIM_STATE_TYPE_TCP);
	img_tcp(&bed.img.node[t].state.tcp, 1);
	bed_run(CHIM_ADMIN_OP_INITIATE);
	IS(bed_status(t), CHIM_STATUS_FAILURE, "a connection on a placeholder");
	bed_begin();
	p = img_new(&bed.img, -1, CHIM_STATE_TYPE_IP4);
	img_path4(&bed.img.node[p].state.path, 1);
	bed_run(CHIM_ADMIN_OP_INITIATE);
	IS(bed_status(p), CHIM_STATUS_FAILURE, "a path without a neighbor");

	bed_begin();
	n = img_new(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR);
	img_nbr(&bed.img.node[n].state.nbr, 5);
	bed_run(CHIM_ADMIN_OP_INITIATE);
	nbr2 = bed_object(n);
	bed_begin();
	n = img_ref(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR, nbr2);
	p = img_ref(&bed.img, n, CHIM_STATE_TYPE_IP4, c.path);
	t = img_new(&bed.img, p, CHIM_STATE_TYPE_TCP);
	img_tcp(&bed.img.node[t].state.tcp, 1);
	bed_run(CHIM_ADMIN_OP_INITIATE);
	IS(bed_status(p), CHIM_STATUS_FAILURE, "a linked path of another neighbor");
	IS(bed_status(t), CHIM_STATUS_FAILURE, "and what is on it");

	bed_begin();
	n = img_ref(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR, c.nbr);
	p = img_ref(&bed.img, n, CHIM_STATE_TYPE_IP4, c.path);
	t = img_ref(&bed.img, p, CHIM_STATE_TYPE_TCP, c.tcp);
	bed_run(CHIM_ADMIN_OP_INITIATE);
	IS(bed_status(t), CHIM_STATUS_FAILURE, "a connection cannot be a linker");

	bed_begin();
	p = img_ref(&bed.img, -1, CHIM_STATE_TYPE_IP4, c.path ^ 1u << CHIM_OBJ_GEN_SHIFT);
	t = img_new(&bed.img, p, CHIM_STATE_TYPE_TCP);
	img_tcp(&bed.img.node[t].state.tcp, 1);
	bed_run(CHIM_ADMIN_OP_INITIATE);
	IS(bed_status(p), CHIM_STATUS_FAILURE, "a path of another generation");
	IS(bed_fw_code(), CHIM_FW_CODE_HANDLE, "says so");

	/* Classes: only the full types can be offloaded. */
	bed_begin();
	n = img_new(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR_CONST);
	img_nbr(&ns, 1);
	bed.img.node[n].state.nbr = ns;
	bed_run(CHIM_ADMIN_OP_INITIATE);
	IS(bed_status(n), CHIM_STATUS_FAILURE, "R4: constants alone are no neighbor");
	bed_begin();
	n = img_add(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR, CHIM_ROLE_NEW);
	bed_run(CHIM_ADMIN_OP_INITIATE);
	IS(bed_status(n), CHIM_STATUS_FAILURE, "a new block without state");
}

/* A tree of hundreds of connections passes through the window; every slot is its own. */
static void test_large(void)
{
	const unsigned int conns = 700;
	bool all = true;
	int n, p[2], t[700];
	struct bed_tables tab;

	bed_start(1024, 4, 2, BED_TICKS);
	bed_begin();
	n = img_new(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR);
	img_nbr(&bed.img.node[n].state.nbr, 0);
	for (unsigned int i = 0; i < 2; i++) {
		p[i] = img_new(&bed.img, n, CHIM_STATE_TYPE_IP4);
		img_path4(&bed.img.node[p[i]].state.path, i);
	}
	for (unsigned int i = 0; i < conns; i++) {
		t[i] = img_new(&bed.img, p[i & 1], CHIM_STATE_TYPE_TCP);
		img_tcp(&bed.img.node[t[i]].state.tcp, i);
	}
	IS(bed_run(CHIM_ADMIN_OP_INITIATE), GOOD, "a tree of 703 blocks");
	for (int i = 0; i < bed.img.count; i++)
		all &= bed_status(i) == GOOD;
	OK(all, "all of it is taken");
	all = true;
	for (unsigned int i = 0; i < conns; i++) {
		uint32_t slot = bed_object(t[i]) & 0xFFFF;

		bed_tables(slot, &tab);
		all &= tab.cfg_hdr.LocalPort == 1024 + i && tab.cfg_hdr.Path == (i & 1) &&
		       tab.tx.SndUna == 0xFFFFF000u + 17 * i;
	}
	OK(all, "each slot has its own connection's records");
	hw_turns(2000);
	all = true;
	for (unsigned int i = 0; i < conns; i++)
		all &= hw_entry(i).State == CHIM_ENTRY_STATE_LIVE;
	OK(all, "all are LIVE");
	IS(hw.events, conns + 2, "an event LIVE for each");
}

int main(void)
{
	test_one();
	test_neighbor();
	test_path();
	test_tcp();
	test_limits();
	test_parents();
	test_large();
	return tap_done();
}
