/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Update and invalidate through the whole firmware (chimney 6.2, 6.3). Hard part: a change of a
 * neighbor or path must reach every connection above it, and no other.
 */
#include <string.h>

#include "bed.h"
#include "tests/unit/tap.h"

#define GOOD CHIM_STATUS_SUCCESS
#define BAD  CHIM_STATUS_FAILURE

/* Two neighbors; paths 0 and 1 on the first, 2 on the second; two connections on each path. */
static uint32_t nbr[2], path[3], tcp[6];
static struct chim_hw_neighbor_state ns;
static struct chim_hw_path_state ps;
static struct chim_hw_tcp_state ts;

static void build(void)
{
	int n[2], p[3], t[6];

	bed_start(16, 4, 4, BED_TICKS);
	bed_begin();
	for (unsigned int i = 0; i < 2; i++) {
		n[i] = img_new(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR);
		img_nbr(&bed.img.node[n[i]].state.nbr, i);
		bed.img.node[n[i]].state.nbr.VlanId = chim_le16_of((uint16_t)(10 * i));
	}
	for (unsigned int i = 0; i < 3; i++) {
		p[i] = img_new(&bed.img, n[i / 2], CHIM_STATE_TYPE_IP4);
		img_path4(&bed.img.node[p[i]].state.path, i);
	}
	for (unsigned int i = 0; i < 6; i++) {
		t[i] = img_new(&bed.img, p[i / 2], CHIM_STATE_TYPE_TCP);
		img_tcp(&bed.img.node[t[i]].state.tcp, i);
		bed.img.node[t[i]].state.tcp.KeepAliveProbeCount = 1;
	}
	bed_run(CHIM_ADMIN_OP_INITIATE);
	for (int i = 0; i < 2; i++)
		nbr[i] = bed_object(n[i]);
	for (int i = 0; i < 3; i++)
		path[i] = bed_object(p[i]);
	for (int i = 0; i < 6; i++)
		tcp[i] = bed_object(t[i]);
	hw_turns(60);
	img_nbr(&ns, 0);
	img_path4(&ps, 0);
	img_tcp(&ts, 0);
}

static uint32_t slot(int i)
{
	return tcp[i] & 0xFFFF;
}

static struct bed_tables tables(int i)
{
	struct bed_tables t;

	bed_tables(slot(i), &t);
	return t;
}

static uint32_t update(uint8_t type, uint32_t object, const void *state)
{
	return bed_one(CHIM_ADMIN_OP_UPDATE, type, object, state, NULL);
}

static void test_neighbor(void)
{
	struct chim_hw_neighbor rec;

	build();
	memcpy(ns.DlDestinationAddress, (uint8_t[]){ 2, 9, 8, 7, 6, 5 }, 6);
	ns.HostReachabilityDelta = chim_le32_of(5);
	ns.VlanId = chim_le16_of(99);
	IS(update(CHIM_STATE_TYPE_NEIGHBOR_CACHED, nbr[0], &ns), GOOD, "R52: a new next hop");
	chim_hw_neighbor_unpack(&rec, hw.table[CHIM_TABLE_NEIGHBOR][nbr[0] & 0xFFFF]);
	IS(rec.DstMac, 0x020908070605ull, "R52: in the record");
	OK(rec.SrcMac == 0x020000000001ull && rec.VlanId == 0, "R15: constants stay");
	ns.DlDestinationAddress[0] = 1;
	IS(update(CHIM_STATE_TYPE_NEIGHBOR_CACHED, nbr[0], &ns), BAD, "a group address");
	IS(update(CHIM_STATE_TYPE_NEIGHBOR_CONST, nbr[0], &ns), BAD,
	   "R50: constants cannot be updated");
	IS(update(CHIM_STATE_TYPE_NEIGHBOR, nbr[0] + 1u, &ns), BAD, "an object that is not there");
}

static void test_path(void)
{
	bool others = true;

	build();
	ps.PathMtu = chim_le32_of(1000);
	IS(update(CHIM_STATE_TYPE_IP4_CACHED, path[0], &ps), GOOD, "R53: a smaller MTU");
	for (int i = 0; i < 6; i++) {
		struct bed_tables t = tables(i);
		uint32_t want = i < 2 ? 948 : 1448;

		others &= t.cfg_tx.Mss == want && t.cfg_bind.Mss == want && t.cfg_tx.Nagle &&
			  t.cfg_tx.TsEnabled && t.cfg_bind.RcvRingLog2 == 17;
	}
	OK(others, "R53: segments of its connections, and of no other");
	ps.PathMtu = chim_le32_of(9000);
	update(CHIM_STATE_TYPE_IP4_CACHED, path[0], &ps);
	IS(tables(0).cfg_tx.Mss, 1448, "R53: and back, up to RemoteMss");
	ps.PathMtu = chim_le32_of(9001);
	IS(update(CHIM_STATE_TYPE_IP4_CACHED, path[0], &ps), BAD, "R57: too large");
	IS(tables(0).cfg_tx.Mss, 1448, "R57: goes on as before");
	ps.PathMtu = chim_le32_of(100);
	IS(update(CHIM_STATE_TYPE_IP4_CACHED, path[0], &ps), BAD, "too small");
	IS(update(CHIM_STATE_TYPE_IP6_CACHED, path[0], &ps), BAD, "another family");
}

static void test_tcp(void)
{
	struct bed_tables t;
	uint32_t from;

	build();
	ts.CachedFlags = chim_le16_of(0);
	ts.TtlOrHopLimit = 9;
	ts.TosOrTrafficClass = 0x88;
	ts.UserPriority = 5;
	ts.FlowLabel = chim_le32_of(0x12345);
	ts.MaxRT = chim_le32_of(777);
	ts.RcvIndicationSize = chim_le32_of(99);
	ts.InitialRcvWnd = chim_le32_of(5000);
	ts.RemoteMss = chim_le16_of(100);
	ts.SndUna = chim_le32_of(1);
	from = hw.ops;
	IS(update(CHIM_STATE_TYPE_TCP_CACHED, tcp[1], &ts), GOOD, "R50: cached variables");
	t = tables(1);
	OK(!t.cfg_tx.Nagle && t.cfg_tx.TsEnabled && t.cfg_tx.Mss == 1448 && t.cfg_tx.MaxRT == 777,
	   "R50: Nagle off, MaxRT, the rest stays");
	OK(t.cfg_hdr.TtlOrHopLimit == 9 && t.cfg_hdr.TosOrTrafficClass == 0x88 &&
		   t.cfg_hdr.UserPriority == 5 && t.cfg_hdr.FlowLabel == 0x12345 &&
		   t.cfg_hdr.TsEnabled && !t.cfg_hdr.Ipv6 && t.cfg_hdr.Path == 0 &&
		   t.cfg_hdr.LocalPort == 1025,
	   "R50: header fields");
	IS(t.cfg_bind.RcvBuf, 65536, "R54: the window needs its flag");
	OK(hw_find_op(HW_KICK, from) >= 0, "the engine looks again");
	IS(t.tx.SndUna, 0xFFFFF000u + 17, "R50: no delegated variable");
	OK(tables(0).cfg_tx.Nagle && tables(0).cfg_hdr.TtlOrHopLimit == 64, "no other connection");

	ts.CachedFlags = chim_le16_of(CHIM_TCP_CACHED_FLAG_UPDATE_RCV_WND |
				      CHIM_TCP_CACHED_FLAG_NAGLING_ENABLED);
	update(CHIM_STATE_TYPE_TCP_CACHED, tcp[1], &ts);
	t = tables(1);
	IS(t.cfg_bind.RcvBuf, 5000, "R54: with it the window changes");
	OK(t.cfg_tx.Nagle, "Nagle on again");
	ts.InitialRcvWnd = chim_le32_of(1u << 20);
	update(CHIM_STATE_TYPE_TCP_CACHED, tcp[1], &ts);
	IS(tables(1).cfg_bind.RcvBuf, 1u << 17, "R54: at most the ring");

	hw.ms = 5000;
	ts.CachedFlags = chim_le16_of(CHIM_TCP_CACHED_FLAG_MAX_RT_RESTART);
	update(CHIM_STATE_TYPE_TCP_CACHED, tcp[1], &ts);
	IS(tables(1).tx.RtStart, 5000, "R55: TotalRT begins again");

	ts.CachedFlags = chim_le16_of(CHIM_TCP_CACHED_FLAG_KEEP_ALIVE_ENABLED |
				      CHIM_TCP_CACHED_FLAG_KEEP_ALIVE_RESTART);
	ts.KaTimeout = chim_le32_of(60);
	update(CHIM_STATE_TYPE_TCP_CACHED, tcp[1], &ts);
	{
		struct chim_hw_tcp_state *q;

		hw.ms += 20;
		bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_TCP, tcp[1], NULL, (void **)&q);
		IS(chim_le32_get(q->KeepAliveTimeoutDelta), 40,
		   "R56: the keepalive timer begins again");
		IS(q->CachedFlags, CHIM_TCP_CACHED_FLAG_KEEP_ALIVE_ENABLED,
		   "one-shot flags are not kept");
		IS(q->KeepAliveProbeCount, 1, "the count of probes goes on");
		/* Either restart flag, and a new value. */
		ts.CachedFlags = chim_le16_of(CHIM_TCP_CACHED_FLAG_KEEP_ALIVE_ENABLED |
					      CHIM_TCP_CACHED_FLAG_MAX_RT_RESTART);
		ts.KaProbeCount++;
		update(CHIM_STATE_TYPE_TCP_CACHED, tcp[1], &ts);
		bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_TCP, tcp[1], NULL, (void **)&q);
		IS(q->KeepAliveProbeCount, 0, "R55: a new KaProbeCount begins with no probe");
		IS(chim_le32_get(q->KeepAliveTimeoutDelta), 40, "R55: the timer goes on");
		ts.KaInterval = chim_le32_of(chim_le32_get(ts.KaInterval) + 1);
		update(CHIM_STATE_TYPE_TCP_CACHED, tcp[1], &ts);
		bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_TCP, tcp[1], NULL, (void **)&q);
		IS(chim_le32_get(q->KeepAliveTimeoutDelta), 60, "R55: unless its times are new");
	}

	ts.TtlOrHopLimit = 0;
	IS(update(CHIM_STATE_TYPE_TCP_CACHED, tcp[1], &ts), BAD, "R57: a bad value");
	ts.TtlOrHopLimit = 9;
	ts.reserved1[33] = 1;
	IS(update(CHIM_STATE_TYPE_TCP_CACHED, tcp[1], &ts), BAD, "R57: reserved bits");
	ts.reserved1[33] = 0;
	IS(update(CHIM_STATE_TYPE_TCP_DELEGATED, tcp[1], &ts), BAD, "R50: delegated state");
}

static int relink(uint32_t to, uint32_t what)
{
	int n, p;

	bed_begin();
	n = img_ref(&bed.img, -1, CHIM_STATE_TYPE_NEIGHBOR, to);
	p = img_ref(&bed.img, n, CHIM_STATE_TYPE_IP4, what);
	bed_run(CHIM_ADMIN_OP_UPDATE);
	return p;
}

static void test_relink(void)
{
	struct chim_hw_path rec;
	int p, t;

	build();
	p = relink(nbr[1], path[0]);
	IS(bed_status(p), GOOD, "R51: a path moves");
	chim_hw_path_unpack(&rec, hw.table[CHIM_TABLE_PATH][path[0] & 0xFFFF]);
	OK(rec.Neighbor == (nbr[1] & 0xFFFF) && rec.Ipv6 == 0 && rec.SrcAddr[3] == 0x0A010001,
	   "R51: in its record, addresses stay");
	IS(hw_entry(slot(0)).VlanId, 10, "R180: its connections expect the new tag");
	IS(hw_entry(slot(0)).State, CHIM_ENTRY_STATE_LIVE, "and stay LIVE");
	IS(hw_entry(slot(2)).VlanId, 0, "others do not");
	IS(bed_one(CHIM_ADMIN_OP_TERMINATE, CHIM_STATE_TYPE_NEIGHBOR, nbr[0], NULL, NULL), BAD,
	   "the old neighbor still has path 1");
	relink(nbr[1], path[1]);
	IS(bed_one(CHIM_ADMIN_OP_TERMINATE, CHIM_STATE_TYPE_NEIGHBOR, nbr[0], NULL, NULL), GOOD,
	   "6.2: the old neighbor goes when its last path has left");

	build();
	bed_begin();
	p = img_ref(&bed.img, -1, CHIM_STATE_TYPE_IP4, path[0]);
	t = img_ref(&bed.img, p, CHIM_STATE_TYPE_TCP, tcp[4]);
	bed_run(CHIM_ADMIN_OP_UPDATE);
	IS(bed_status(t), BAD, "R51: never a connection to another path");
	p = relink(nbr[1] ^ 1u << CHIM_OBJ_GEN_SHIFT, path[0]);
	IS(bed_status(p), BAD, "to a neighbor that is not there");
}

static unsigned int uploads(uint32_t reason, uint32_t from, uint32_t *slots)
{
	unsigned int n = 0;

	*slots = 0;
	for (uint32_t i = from; i < hw.events; i++) {
		if (hw.event[i].type == CHIM_EVENT_TYPE_UPLOAD && hw.event[i].info == reason) {
			n++;
			*slots |= 1u << chim_le16_get(hw.event[i].conn);
		}
	}
	return n;
}

static void test_invalidate(void)
{
	uint32_t from, ops, slots;
	int p;
	bool all = true;
	struct bed_conn c;

	build();
	from = hw.events;
	ops = hw.ops;
	IS(bed_one(CHIM_ADMIN_OP_INVALIDATE, CHIM_STATE_TYPE_NEIGHBOR, nbr[0], NULL, NULL), GOOD,
	   "R60: a neighbor");
	for (int i = 0; i < 6; i++)
		all &= hw_entry(slot(i)).State ==
		       (i < 4 ? CHIM_ENTRY_STATE_HOLD : CHIM_ENTRY_STATE_LIVE);
	OK(all, "R60: what depends on it sends nothing any more, other connections go on");
	OK(hw_find_op(HW_FENCE, ops) > hw_find_op(HW_ENTRY, ops) &&
		   hw_find_op(HW_FENCE, ops) < hw_find_op(HW_EVENT, ops),
	   "R60: what was granted before has left when it completes");
	hw_turns(300);
	IS(uploads(CHIM_UPLOAD_REASON_InvalidState, from, &slots), 4, "R61: one UPLOAD each");
	IS(slots, 1u << slot(0) | 1u << slot(1) | 1u << slot(2) | 1u << slot(3),
	   "R61: for these four");
	IS(bed_one(CHIM_ADMIN_OP_QUERY, CHIM_STATE_TYPE_TCP, tcp[0], NULL, NULL), GOOD,
	   "R62: they are kept");
	IS(bed_offload_on(path[0], &ts, &c), BAD, "nothing new on an invalid path");
	IS(bed_simple(CHIM_ADMIN_OP_RELEASE, slot(0), 0).status, BAD,
	   "RELEASE does not bring it back");

	p = relink(nbr[1], path[0]);
	IS(bed_status(p), GOOD, "R63: relink after invalidate");
	hw_turns(100);
	OK(hw_entry(slot(0)).State == CHIM_ENTRY_STATE_LIVE &&
		   hw_entry(slot(1)).State == CHIM_ENTRY_STATE_LIVE &&
		   hw_entry(slot(2)).State == CHIM_ENTRY_STATE_HOLD,
	   "R63: the moved path's connections run, the others do not");

	ops = hw.ops;
	hw.table[CHIM_TABLE_PLACED][slot(2)][0] += 5;
	IS(bed_one(CHIM_ADMIN_OP_TERMINATE, CHIM_STATE_TYPE_TCP, tcp[2], NULL, NULL), GOOD,
	   "R62: an invalid connection is terminated");
	IS(hw_find_op(HW_ACK, ops), -1, "R60: without a last ACK");

	build();
	from = hw.events;
	bed_one(CHIM_ADMIN_OP_INVALIDATE, CHIM_STATE_TYPE_IP4, path[1], NULL, NULL);
	hw_turns(300);
	uploads(CHIM_UPLOAD_REASON_InvalidState, from, &slots);
	IS(slots, 1u << slot(2) | 1u << slot(3), "R61: a path");
	bed_one(CHIM_ADMIN_OP_INVALIDATE, CHIM_STATE_TYPE_TCP, tcp[5], NULL, NULL);
	hw_turns(300);
	uploads(CHIM_UPLOAD_REASON_InvalidState, from, &slots);
	IS(slots, 1u << slot(2) | 1u << slot(3) | 1u << slot(5), "R61: a connection");
	IS(bed_one(CHIM_ADMIN_OP_INVALIDATE, CHIM_STATE_TYPE_TCP, tcp[5], &ts, NULL), BAD,
	   "R59: no state in an invalidate");
	IS(bed_one(CHIM_ADMIN_OP_INVALIDATE, CHIM_STATE_TYPE_IP4, path[1] + 9, NULL, NULL), BAD,
	   "an object that is not there");

	/* Held frames first: a relinked connection turns LIVE when they are back. */
	build();
	bed_one(CHIM_ADMIN_OP_INVALIDATE, CHIM_STATE_TYPE_NEIGHBOR, nbr[0], NULL, NULL);
	hw_held(slot(0), 1);
	relink(nbr[1], path[0]);
	hw_turns(20);
	OK(hw_entry(slot(0)).State == CHIM_ENTRY_STATE_HOLD && hw_entry(slot(0)).Held == 1,
	   "R63: not LIVE while a frame is held");
	hw_held(slot(0), -1);
	IS(hw_entry(slot(0)).State, CHIM_ENTRY_STATE_LIVE, "R63: LIVE when it is back");
}

int main(void)
{
	test_neighbor();
	test_path();
	test_tcp();
	test_relink();
	test_invalidate();
	return tap_done();
}
