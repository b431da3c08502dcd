/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * From TCP state to records and back: each derivation, and random states offloaded and uploaded
 * again. Hard part: the expectations are written from the offload interface and D13, with the
 * generated accessors, not with firmware's own structures.
 */
#include <stdlib.h>
#include <string.h>

#include "bed.h"
#include "tests/unit/tap.h"

#define GOOD CHIM_STATUS_SUCCESS
#define OFF  CHIM_TIMEOUT_NOT_RUNNING

static struct chim_hw_neighbor_state ns;
static struct chim_hw_path_state ps;
static struct chim_hw_tcp_state ts;
static struct bed_conn c;
static struct bed_tables tab;

/* Offload ts on a fresh device at time 1000 ms. */
static uint32_t offload(uint32_t ticks)
{
	uint32_t status;

	bed_start(8, 2, 2, ticks);
	status = bed_offload(&ns, &ps, &ts, &c);
	if (status == GOOD)
		bed_tables(c.slot, &tab);
	return status;
}

static const struct chim_hw_tcp_state *upload(void)
{
	void *out;

	if (bed_one(CHIM_ADMIN_OP_TERMINATE, CHIM_STATE_TYPE_TCP_DELEGATED, c.tcp, NULL, &out) !=
	    GOOD)
		printf("# terminate failed\n");
	return out;
}

static void fresh(void)
{
	img_nbr(&ns, 0);
	img_path4(&ps, 0);
	img_tcp(&ts, 0);
}

static void test_plain(void)
{
	fresh();
	ts.SndNxt = chim_le32_of(0xFFFFF100);
	ts.SndMax = chim_le32_of(0xFFFFF200);
	ts.snd_end = chim_le32_of(0x00000300);
	ts.RetransmitTimeoutDelta = chim_le32_of(250);
	ts.rcv_wup = chim_le32_of(0x7FFFFFE0);
	ts.rcv_free = chim_le32_of(0x7FFFFF00);
	IS(offload(1000), GOOD, "a connection with data in flight");
	IS(tab.tx.SndUna, 0xFFFFF000, "SndUna");
	IS(tab.tx.SndNxt, 0xFFFFF100, "SndNxt");
	IS(tab.tx.SndMax, 0xFFFFF200, "SndMax");
	IS(tab.tx.SndWnd, 30000, "SndWnd");
	IS(tab.tx.CWnd, 14480, "CWnd");
	IS(tab.tx.SsThresh, 0x7FFFFFFF, "SsThresh");
	IS(tab.tx.SRtt, 80, "SRtt");
	IS(tab.tx.RttVar, 20, "RttVar");
	IS(tab.tx.TimerMode, CHIM_TIMER_MODE_RETRANSMIT, "retransmit timer");
	IS(tab.tx.Deadline, 1250, "its deadline: now + 250");
	IS(tab.tx.Recover, 0xFFFFF200, "RFC 6582: a go-back runs up to SndMax");
	OK(!tab.tx.FinSent && !tab.tx.FinAcked && !tab.tx.InRecovery && !tab.tx.RttTiming &&
		   !tab.tx.Expired && !tab.tx.RstSent && !tab.tx.TimeWait && tab.tx.Rsvd == 0,
	   "no flag of the send half");
	IS(tab.rx.RcvNxt, 0x7FFFFFF0, "RcvNxt");
	IS(tab.rx.AckNewest, 0xFFFFF000, "AckNewest = SndUna");
	IS(tab.rx.Wnd, 30000, "Wnd = SndWnd");
	IS(tab.rx.MaxSndWnd, 40000, "MaxSndWnd");
	IS(tab.rx.WL1, 0x7FFFFFEF, "WL1 = SendWL1");
	IS(tab.rx.WL2, 0xFFFFF000, "WL2 = SndUna");
	IS(tab.rx.TsRecent, 0x55AA0000, "TsRecent");
	IS(tab.rx.TsRecentTime, 997, "its time: now - age");
	IS(tab.rx.AckNowSeq, 0x7FFFFFF0, "D13: an ACK is due, RcvNxt differs from rcv_wup");
	OK(!tab.rx.RcvFin && !tab.rx.Frozen && !tab.rx.DelAckArmed && !tab.rx.TsEcrValid &&
		   !tab.rx.OooSeen && tab.rx.AckOwed == 0 && tab.rx.Rsvd == 0,
	   "no flag of the receive half");
	IS(tab.sent.LastAckSent, 0x7FFFFFE0, "LastAckSent = rcv_wup");
	IS(tab.sent.AdvEdge, 0x7FFFFFF0u + 60000, "AdvEdge = RcvNxt + RcvWnd");
	IS(tab.sent.WireNxt, 0xFFFFF200, "WireNxt = SndMax");
	IS(tab.sent.AckDone, tab.rx.AckOwed, "no acknowledgment owed");
	IS(tab.placed.RcvPlaced, 0x7FFFFFF0, "RcvPlaced = RcvNxt");
	IS(tab.done.SndDone, 0xFFFFF000, "SndDone = SndUna");
	IS(tab.doorbell.SndEnd, 0x300, "SndEnd");
	IS(tab.doorbell.RcvReturn, 0x7FFFFF00, "RcvReturn = rcv_free");
	OK(!tab.doorbell.FinValid && !tab.doorbell.Abort, "no FIN, no abort");
	IS(tab.cfg_tx.Mss, 1448, "Mss = min(1460, 1500 - 40) - 12");
	IS(tab.cfg_tx.TsDelta, 0x10203040u - 1000, "TsDelta = TsTime - now");
	IS(tab.cfg_tx.MaxRT, 0, "MaxRT");
	OK(tab.cfg_tx.TsEnabled && tab.cfg_tx.Nagle && !tab.cfg_tx.Stop, "cfg_tx flags");
	OK(tab.cfg_rx.TsEnabled && !tab.cfg_rx.Freeze && tab.cfg_rx.SndWindScale == 7, "cfg_rx");
	IS(tab.cfg_bind.RcvBuf, 65536, "RcvBuf = InitialRcvWnd");
	OK(tab.cfg_bind.RcvRingLog2 == 17 && tab.cfg_bind.RcvWindScale == 9 &&
		   tab.cfg_bind.TsEnabled && tab.cfg_bind.Mss == 1448 &&
		   tab.cfg_bind.TsDelta == tab.cfg_tx.TsDelta,
	   "cfg_bind");
	OK(tab.cfg_hdr.LocalPort == 1024 && tab.cfg_hdr.RemotePort == 80 &&
		   tab.cfg_hdr.FlowLabel == 0xABCDE && tab.cfg_hdr.UserPriority == 3 &&
		   tab.cfg_hdr.TsEnabled && !tab.cfg_hdr.Ipv6 && tab.cfg_hdr.TtlOrHopLimit == 64 &&
		   tab.cfg_hdr.TosOrTrafficClass == 0x10 && tab.cfg_hdr.Path == 0,
	   "cfg_hdr");
	OK(tab.rcv_ring.Base == 0x2000000000ull && tab.rcv_ring.Log2 == 17, "rcv_ring");
	OK(tab.snd_ring.Base == 0x3000000000ull && tab.snd_ring.Log2 == 6, "snd_ring");
	OK(tab.cursor.Index == 5 && tab.cursor.Len == 0, "cursor: entry snd_first, to be read");
}

static void test_timers(void)
{
	/* state, SndWnd, in flight, count, delta -> mode, deadline */
	static const struct {
		const char *what;
		uint32_t state, wnd, flight;
		uint8_t count;
		uint32_t delta;
		uint8_t mode;
		uint32_t deadline;
	} cases[] = {
		{ "R78: -1 is not running", 4, 30000, 100, 0, OFF, CHIM_TIMER_MODE_NONE, 0 },
		{ "R78: 0 fires at once", 4, 30000, 100, 1, 0, CHIM_TIMER_MODE_RETRANSMIT, 1000 },
		{ "R165: retransmit", 4, 30000, 100, 2, 7, CHIM_TIMER_MODE_RETRANSMIT, 1007 },
		{ "R165: persist", 4, 0, 0, 0, 9, CHIM_TIMER_MODE_PERSIST, 1009 },
		{ "R165: probe again", 4, 0, 1, 3, 9, CHIM_TIMER_MODE_RETRANSMIT, 1009 },
		{ "SWS override", 4, 10, 0, 0, 9, CHIM_TIMER_MODE_PERSIST, 1009 },
		{ "R168: FIN_WAIT_2", 6, 30000, 0, 0, 5000, CHIM_TIMER_MODE_FIN_WAIT_2, 6000 },
		{ "FIN_WAIT_2 not running", 6, 30000, 0, 0, OFF, CHIM_TIMER_MODE_NONE, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t una = 5000, fin = cases[i].state == 6;
		const struct chim_hw_tcp_state *up;

		fresh();
		ts.State = chim_le32_of(cases[i].state);
		ts.snd_end = chim_le32_of(una + 1000);
		ts.SndUna = chim_le32_of(fin ? una + 1001 : una);
		ts.SndMax = chim_le32_of(fin ? una + 1001 : una + cases[i].flight);
		ts.SndNxt = ts.SndMax;
		ts.fin_seq = chim_le32_of(una + 1000);
		ts.SndWnd = chim_le32_of(cases[i].wnd);
		ts.RetransmitCount = cases[i].count;
		ts.TotalRT = chim_le32_of(cases[i].count ? 33 : 0);
		ts.RetransmitTimeoutDelta = chim_le32_of(cases[i].delta);
		IS(offload(1000), GOOD, cases[i].what);
		IS(tab.tx.TimerMode, cases[i].mode, cases[i].what);
		if (cases[i].mode != CHIM_TIMER_MODE_NONE)
			IS(tab.tx.Deadline, cases[i].deadline, cases[i].what);
		IS(tab.tx.RetransCount, cases[i].count, "Retransmit.Count");
		if (cases[i].count)
			IS(tab.tx.RtStart, 1000 - 33, "RtStart = now - TotalRT");
		hw.ms += 3;
		up = upload();
		IS(chim_le32_get(up->RetransmitTimeoutDelta),
		   cases[i].delta == OFF ? OFF
		   : cases[i].delta > 3	 ? cases[i].delta - 3
					 : 0,
		   "R78: what is left, 3 ms later");
		IS(chim_le32_get(up->TotalRT), cases[i].count ? 36 : 0, "TotalRT goes on");
	}

	/* A timer with nothing to wait for: a probe would read beyond the data. */
	fresh();
	ts.SndWnd = chim_le32_of(0);
	ts.RetransmitTimeoutDelta = chim_le32_of(9);
	offload(1000);
	IS(tab.tx.TimerMode, CHIM_TIMER_MODE_NONE, "no persist timer without data");

	/* R170: ticks of 10 and 100 ms. */
	fresh();
	ts.snd_end = chim_le32_of(0xFFFFF800);
	ts.SndNxt = ts.SndMax = chim_le32_of(0xFFFFF100);
	ts.RetransmitTimeoutDelta = chim_le32_of(7);
	ts.TsRecentAge = chim_le32_of(5);
	ts.MaxRT = chim_le32_of(30);
	ts.KeepAliveTimeoutDelta = chim_le32_of(50);
	offload(100);
	IS(tab.tx.Deadline, 1070, "R170: 100 ticks a second: 10 ms each");
	IS(tab.rx.TsRecentTime, 950, "age");
	IS(tab.cfg_tx.MaxRT, 300, "MaxRT");
	IS(tab.tx.SRtt, 800, "SRtt x 8");
	IS(tab.tx.RttVar, 200, "RttVar x 4");
	IS(tab.cfg_tx.TsDelta, 0x10203040u - 1000, "the timestamp clock is what it is");
	hw.ms += 1;
	{
		const struct chim_hw_tcp_state *up = upload();

		IS(chim_le32_get(up->RetransmitTimeoutDelta), 7,
		   "D13: a begun tick counts as left");
		IS(chim_le32_get(up->TsRecentAge), 6, "D13: and as elapsed");
		IS(chim_le32_get(up->KeepAliveTimeoutDelta), 5 * 10, "keepalive goes on");
		IS(chim_le16_get(up->SRtt), 80, "R17: SRtt back");
		IS(chim_le32_get(up->TsTime), 0x10203041, "R160: TsTime = clock + delta");
	}
	fresh();
	ts.MaxRT = chim_le32_of(CHIM_MAX_RT_NO_LIMIT);
	offload(10);
	IS(tab.cfg_tx.MaxRT, CHIM_MAX_RT_NO_LIMIT, "R164: no limit stays no limit");
	ts.MaxRT = chim_le32_of(0x10000000);
	offload(10);
	IS(tab.cfg_tx.MaxRT, 0x7FFFFFFF, "a longer one than the clock can hold is shortened");

	/* Vectors of 11.6. */
	fresh();
	ts.TsTime = chim_le32_of(100);
	bed_start(8, 2, 2, 1000);
	hw.ms = 200;
	bed_offload(&ns, &ps, &ts, &c);
	bed_tables(c.slot, &tab);
	IS(tab.cfg_tx.TsDelta, (uint32_t)-100, "R160: NicDelta -100");
	hw.ms = 250;
	IS(chim_le32_get(upload()->TsTime), 150, "R160 R77: TsTime 150");
	ts.TsTime = chim_le32_of(350);
	bed_start(8, 2, 2, 1000);
	hw.ms = 320;
	bed_offload(&ns, &ps, &ts, &c);
	bed_tables(c.slot, &tab);
	IS(tab.cfg_tx.TsDelta, 30, "R160: drift vector, NicDelta 30");
}

static void test_states(void)
{
	static const struct {
		const char *what;
		uint32_t state;
		bool fin_sent, fin_acked, fin_valid, rcv_fin;
	} cases[] = {
		{ "Established", 4, false, false, false, false },
		{ "FinWait1, FIN sent", 5, true, false, true, false },
		{ "FinWait1, FIN queued", 5, false, false, true, false },
		{ "FinWait2", 6, true, true, true, false },
		{ "CloseWait", 7, false, false, false, true },
		{ "Closing", 8, true, false, true, true },
		{ "LastAck, FIN sent", 9, true, false, true, true },
		{ "LastAck, FIN queued", 9, false, false, true, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t end = 0xFFFFFFF0;

		fresh();
		ts.State = chim_le32_of(cases[i].state);
		ts.snd_end = ts.fin_seq = chim_le32_of(end);
		ts.SndMax = chim_le32_of(end + cases[i].fin_sent);
		ts.SndNxt = ts.SndMax;
		ts.SndUna = chim_le32_of(cases[i].fin_acked ? end + 1 : end - 100);
		IS(offload(1000), GOOD, cases[i].what);
		OK(tab.tx.FinSent == cases[i].fin_sent && tab.tx.FinAcked == cases[i].fin_acked &&
			   tab.doorbell.FinValid == cases[i].fin_valid &&
			   tab.rx.RcvFin == cases[i].rcv_fin &&
			   (!tab.doorbell.FinValid || tab.doorbell.FinSeq == end),
		   "%s: FIN sent, acknowledged, asked for, received", cases[i].what);
		IS(chim_le32_get(upload()->State), cases[i].state, "R64: and back");
	}
}

/* What happened while offloaded shows in the state that comes back. */
static uint32_t state_after(uint32_t start, uint32_t tx_bits, uint32_t rx_bits, bool fin_asked)
{
	uint32_t *w;

	fresh();
	ts.State = chim_le32_of(start);
	offload(1000);
	hw.table[CHIM_TABLE_TX][c.slot][0] |= tx_bits;
	hw.table[CHIM_TABLE_RX][c.slot][0] |= rx_bits;
	w = hw.table[CHIM_TABLE_DOORBELL][c.slot];
	if (fin_asked)
		chim_hw_doorbell_set_FinValid(w, 1);
	return chim_le32_get(upload()->State);
}

#define TX(name_) (1u << CHIM_TCB_TX_##name_##_LSB)
#define RX(name_) (1u << CHIM_TCB_RX_##name_##_LSB)

static void test_derived(void)
{
	const struct chim_hw_tcp_state *up;

	IS(state_after(4, 0, RX(RCVFIN), false), CHIM_CONN_STATE_CLOSE_WAIT, "the peer's FIN");
	IS(state_after(4, 0, 0, true), CHIM_CONN_STATE_FIN_WAIT_1, "ours asked for");
	IS(state_after(4, TX(FINSENT), 0, true), CHIM_CONN_STATE_FIN_WAIT_1, "ours sent");
	IS(state_after(4, TX(FINSENT) | TX(FINACKED), 0, true), CHIM_CONN_STATE_FIN_WAIT_2,
	   "and acknowledged");
	IS(state_after(4, TX(FINSENT), RX(RCVFIN), true), CHIM_CONN_STATE_CLOSING,
	   "both, ours not acknowledged");
	IS(state_after(7, TX(FINSENT), RX(RCVFIN), true), CHIM_CONN_STATE_LAST_ACK,
	   "the peer's first");
	IS(state_after(4, TX(FINSENT) | TX(FINACKED) | TX(TIMEWAIT), RX(RCVFIN), true),
	   CHIM_CONN_STATE_TIME_WAIT, "R169: both acknowledged");
	IS(state_after(7, TX(FINSENT) | TX(FINACKED), RX(RCVFIN), true), CHIM_CONN_STATE_CLOSED,
	   "LAST_ACK is over");
	IS(state_after(4, 0, RX(ABORTED) | RX(FROZEN), false), CHIM_CONN_STATE_CLOSED, "R135: RST");
	IS(state_after(4, 0, RX(SYNSEEN) | RX(FROZEN), false), CHIM_CONN_STATE_CLOSED,
	   "R177: SYN in order");
	IS(state_after(4, TX(RSTSENT), 0, false), CHIM_CONN_STATE_CLOSED,
	   "R105: abortive disconnect");
	IS(state_after(4, TX(EXPIRED), 0, false), CHIM_CONN_STATE_ESTABLISHED,
	   "retransmit limit: state stays");
	IS(state_after(4, TX(FINSENT) | TX(FINACKED) | TX(EXPIRED), 0, true),
	   CHIM_CONN_STATE_CLOSED, "R168: FIN_WAIT_2 timer");

	/* D2: what is not in host memory was not received. */
	fresh();
	offload(1000);
	hw.table[CHIM_TABLE_RX][c.slot][0] |= RX(RCVFIN);
	chim_hw_tcb_rx_set_RcvNxt(hw.table[CHIM_TABLE_RX][c.slot], 0x7FFFFFF0u + 101);
	hw.table[CHIM_TABLE_PLACED][c.slot][0] = 0x7FFFFFF0u + 40;
	up = upload();
	IS(chim_le32_get(up->State), CHIM_CONN_STATE_ESTABLISHED,
	   "D2: a FIN behind lost data does not count");
	IS(chim_le32_get(up->RcvNxt), 0x7FFFFFF0u + 40, "D2: RcvNxt is what is placed");
	IS(chim_le32_get(up->RcvWnd), 60000 - 40, "RcvWnd up to the advertised edge");

	fresh();
	offload(1000);
	hw.table[CHIM_TABLE_RX][c.slot][0] |= RX(URGENT) | RX(FROZEN);
	chim_hw_tcb_tx_set_SegsOut(hw.table[CHIM_TABLE_TX][c.slot], 11);
	chim_hw_tcb_tx_set_SegsRtx(hw.table[CHIM_TABLE_TX][c.slot], 3);
	chim_hw_tcb_rx_set_SegsIn(hw.table[CHIM_TABLE_RX][c.slot], 22);
	up = upload();
	IS(chim_le32_get(up->flags_out), 1u << CHIM_EVF_URGENT, "flags_out");
	OK(chim_le32_get(up->segs_sent) == 11 && chim_le32_get(up->segs_retransmitted) == 3 &&
		   chim_le32_get(up->segs_received) == 22,
	   "counts of segments");
}

static void test_special(void)
{
	fresh();
	ts.ConstFlags = chim_le16_of(0);
	offload(1000);
	OK(!tab.cfg_tx.TsEnabled && !tab.cfg_rx.TsEnabled && !tab.cfg_bind.TsEnabled &&
		   !tab.cfg_hdr.TsEnabled,
	   "without timestamps");
	IS(tab.cfg_tx.Mss, 1460, "no option to take off");
	OK(tab.cfg_rx.SndWindScale == 0 && tab.cfg_bind.RcvWindScale == 0,
	   "without window scaling no shift, whatever the fields say");

	fresh();
	img_path6(&ps, 1);
	offload(1000);
	IS(tab.cfg_tx.Mss, 1428, "IPv6: 1500 - 60 - 12");
	OK(tab.cfg_hdr.Ipv6 == 1, "family");

	fresh();
	ps.PathMtu = chim_le32_of(600);
	offload(1000);
	IS(tab.cfg_tx.Mss, 548, "PathMtu limits");

	fresh();
	ts.InitialRcvWnd = chim_le32_of(1u << 20);
	offload(1000);
	IS(tab.cfg_bind.RcvBuf, 1u << 17, "RcvBuf is at most the ring");

	fresh();
	ts.DupAckCount = 3;
	ts.snd_end = ts.SndMax = ts.SndNxt = chim_le32_of(0xFFFFFF00);
	offload(1000);
	OK(tab.tx.InRecovery == 1 && tab.tx.Recover == 0xFFFFFF00 && tab.tx.DupSeen == 3 &&
		   tab.rx.DupAckCount == 3,
	   "RFC 6582: in recovery if the host was");
	ts.DupAckCount = 2;
	offload(1000);
	OK(!tab.tx.InRecovery && tab.tx.Recover == 0xFFFFEFFF, "below the threshold not");

	fresh();
	ts.CWnd = chim_le32_of(0);
	ts.SsThresh = chim_le32_of(0xFFFFFFFF);
	ts.MaxSndWnd = chim_le32_of(5);
	offload(1000);
	IS(tab.tx.CWnd, 1448, "CWnd is at least a segment");
	IS(tab.tx.SsThresh, 0x7FFFFFFF, "SsThresh at most 2^31 - 1");
	IS(tab.rx.MaxSndWnd, 30000, "MaxSndWnd at least SndWnd");
}

static uint32_t rnd(void)
{
	return (uint32_t)rand() << 16 ^ (uint32_t)rand();
}

/* A random state that may be offloaded; ticks a second of any kind. */
static void random_state(void)
{
	uint32_t una = rnd(), rcv = rnd(), sent = rnd() % 100000, flight = rnd() % (sent + 1);
	uint32_t more = rnd() % 50000, fin;

	fresh();
	ts.State = chim_le32_of(4 + rnd() % 6);
	fin = chim_le32_get(ts.State) != 4 && chim_le32_get(ts.State) != 7;
	ts.SndUna = chim_le32_of(una);
	ts.SndMax = chim_le32_of(una + sent);
	ts.SndNxt = chim_le32_of(una + flight);
	ts.snd_end = chim_le32_of(una + sent + more);
	if (fin) {
		ts.fin_seq = ts.snd_end;
		if (chim_le32_get(ts.State) == 6) {
			ts.SndUna = ts.SndNxt = ts.SndMax =
				chim_le32_of(chim_le32_get(ts.snd_end) + 1);
		} else if (more == 0 || rnd() % 2) {
			ts.snd_end = ts.fin_seq = chim_le32_of(una + sent);
			if (rnd() % 2)
				ts.SndMax = chim_le32_of(una + sent + 1);
		}
	}
	ts.RcvNxt = chim_le32_of(rcv);
	ts.rcv_wup = chim_le32_of(rcv);
	ts.rcv_free = chim_le32_of(rcv - rnd() % 30000);
	ts.RcvWnd = chim_le32_of(rnd() % 100000);
	ts.SndWnd = chim_le32_of(rnd() % 0x3FFFC001);
	ts.MaxSndWnd = chim_le32_of(chim_le32_get(ts.SndWnd) + rnd() % 1000);
	if (chim_le32_get(ts.MaxSndWnd) > CHIM_MAX_WINDOW_BYTES)
		ts.MaxSndWnd = chim_le32_of(CHIM_MAX_WINDOW_BYTES);
	ts.SendWL1 = chim_le32_of(rnd());
	ts.CWnd = chim_le32_of(1448 + rnd() % 1000000);
	ts.SsThresh = chim_le32_of(rnd() & 0x7FFFFFFF);
	ts.SRtt = chim_le16_of((uint16_t)(rnd() % 655));
	ts.RttVar = chim_le16_of((uint16_t)(rnd() % 655));
	ts.TsRecent = chim_le32_of(rnd());
	ts.TsRecentAge = chim_le32_of(rnd() % 1000000);
	ts.TsTime = chim_le32_of(rnd());
	ts.DupAckCount = (uint8_t)rnd();
	ts.SndWndProbeCount = (uint8_t)(rnd() % 17);
	ts.KeepAliveProbeCount = (uint8_t)rnd();
	ts.RetransmitCount = (uint8_t)(rnd() % 16);
	ts.TotalRT = chim_le32_of(ts.RetransmitCount ? rnd() % 1000000 : 0);
	ts.KeepAliveTimeoutDelta = chim_le32_of(rnd() % 3 ? rnd() % 1000000 : OFF);
	ts.RetransmitTimeoutDelta = chim_le32_of(rnd() % 3 ? rnd() % 1000000 : OFF);
	ts.DWnd = chim_le32_of(rnd());
	ts.DelegatedFlags = chim_le32_of(rnd() & 0xFFFF);
}

/* R85: what no traffic has changed comes back. */
static const char *differs(const struct chim_hw_tcp_state *up)
{
#define SAME(field_)                         \
	do {                                 \
		if (up->field_ != ts.field_) \
			return #field_;      \
	} while (0)
	SAME(State);
	SAME(DelegatedFlags);
	SAME(RcvNxt);
	SAME(RcvWnd);
	SAME(SndUna);
	SAME(SndNxt);
	SAME(SndMax);
	SAME(SndWnd);
	SAME(MaxSndWnd);
	SAME(SendWL1);
	SAME(CWnd);
	SAME(SsThresh);
	SAME(SRtt);
	SAME(RttVar);
	SAME(TsRecent);
	SAME(TsRecentAge);
	SAME(TsTime);
	SAME(TotalRT);
	SAME(DupAckCount);
	SAME(SndWndProbeCount);
	SAME(KeepAliveProbeCount);
	SAME(RetransmitCount);
	SAME(KeepAliveTimeoutDelta);
	SAME(DWnd);
	SAME(rcv_free);
	SAME(snd_end);
	SAME(rcv_wup);
	if (up->fin_seq != ts.fin_seq)
		return "fin_seq";
	/* A timer with nothing to wait for is not kept. */
	if (up->RetransmitTimeoutDelta != ts.RetransmitTimeoutDelta &&
	    !(ts.SndUna == ts.snd_end && up->RetransmitTimeoutDelta == OFF))
		return "RetransmitTimeoutDelta";
	return NULL;
}

static void test_round_trips(void)
{
	static const uint32_t ticks[] = { 1000, 100, 10 };
	unsigned int done = 0;

	srand(12345);
	for (unsigned int i = 0; i < 300; i++) {
		const char *what;
		const struct chim_hw_tcp_state *up;
		uint32_t status;

		random_state();
		status = offload(ticks[i % 3]);
		if (status != GOOD) {
			printf("# state %u refused: 0x%x code %u\n", i, status, bed_fw_code());
			break;
		}
		up = upload();
		what = differs(up);
		if (what) {
			printf("# state %u comes back with another %s\n", i, what);
			break;
		}
		done++;
	}
	IS(done, 300, "R85 R17 R65: 300 random states there and back");
}

/* R15: constants and cached variables are not given back. */
static void test_not_returned(void)
{
	const struct chim_hw_tcp_state *up;

	fresh();
	offload(1000);
	up = upload();
	OK(up->RemotePort == 0 && up->RemoteMss == 0 && up->HashValue == 0 &&
		   up->InitialRcvWnd == 0 && up->KaTimeout == 0 && up->FlowLabel == 0 &&
		   up->SendBacklogSize == 0 && up->ReceiveBacklogSize == 0,
	   "R15: terminate gives back no constant, no cached variable, no backlog");
}

int main(void)
{
	test_plain();
	test_timers();
	test_states();
	test_derived();
	test_special();
	test_round_trips();
	test_not_returned();
	return tap_done();
}
