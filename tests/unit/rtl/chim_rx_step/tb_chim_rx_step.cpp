// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of chim_rx_step: each clause of steps.md section 1 by hand-made cases. Hard part: a case
// says only what differs from "nothing but SegsIn moves", so what a clause must leave alone is
// checked too.
#include <functional>

#include "Vdut.h"
#include "rtl/chim_rx_step/rx_records.h"

namespace {

using rx::Result;

constexpr uint32_t kNow = 100500;

struct Case {
  chim_hw_tcb_rx t = rx::some_tcb();
  chim_hw_cfg_rx c{};
  rx::Reads d = rx::some_reads();
  rx::Seg s;
  uint32_t ack_frequency = 2, delayed_ack = 40, now = kNow;
  Case() {
    c.SndWindScale = 2;
    c.TsEnabled = 1;
    s.conn = 5;
    s.seq = t.RcvNxt;
    s.ack = t.AckNewest;
    s.wnd = 0x4000;
    s.flags = rx::ACK;
    s.has_ts = 1;
    s.ts_val = 5001;
    s.ts_ecr = 4001;
    s.len = 1448;
  }
};

class Tb : public bench::Base<Vdut> {
 public:
  Tb() : Base("chim_rx_step") {
    dut->start_i = 0;
    reset();
  }

  Result run(const Case &c) {
    uint32_t cfg;
    chim_hw_cfg_rx_pack(&cfg, &c.c);
    rx::put_tcb(dut->state_i, c.t);
    dut->cfg_i = cfg;
    rx::put_reads(dut->reads_i, c.d);
    rx::put_seg(dut->seg_i, c.s);
    dut->ack_frequency_i = c.ack_frequency;
    dut->delayed_ack_i = c.delayed_ack;
    dut->now_i = c.now;
    dut->start_i = 1;
    clock();
    dut->start_i = 0;
    dut->now_i = rng.u32();  // only looked at with start_i
    unsigned clocks_used = 1;
    while (!dut->done_o) {
      clock();
      bench::check(++clocks_used <= 2, "done_o not in the third clock");
    }
    dut->eval();
    Result r;
    r.tcb = rx::get_tcb(dut->state_o);
    rx::get_actions(r, dut->actions_o);
    clock();
    return r;
  }

  // `want` starts as: segment counted, dropped without a counter, nothing kicked.
  void expect(const std::string &name, const Case &c, const std::function<void(Result &)> &edit) {
    Result want;
    want.tcb = c.t;
    want.tcb.SegsIn++;
    want.verdict.conn = c.s.conn;
    edit(want);
    const Result got = run(c);
    const std::string wrong = rx::difference(got.tcb, want.tcb);
    bench::check(wrong.empty(), name + ": state:" + wrong);
    bench::check(got.verdict == want.verdict,
                 name + ": verdict: got " + got.verdict.text() + ", want " + want.verdict.text());
    bench::check_eq(int64_t(int32_t(got.counter)), int64_t(int32_t(want.counter)),
                    name + ": counter");
    bench::check_eq(got.kick_tx, want.kick_tx, name + ": kick_tx");
    bench::check_eq(got.kick_ack, want.tcb.AckOwed != c.t.AckOwed, name + ": kick_ack");
    bench::check_eq(got.kick_evt, want.kick_evt, name + ": kick_evt");
    bench::check_eq(got.ack_now, want.ack_now, name + ": ack_now");
    std::printf("ok %u - %s\n", ++cases_, name.c_str());
  }
  unsigned cases() const { return cases_; }

 private:
  unsigned cases_ = 0;
};

// Clause 6 and the window part of 7, of a segment like the one of Case().
void accepted(Result &w, const Case &c) {
  w.tcb.AcceptCnt++;
  w.tcb.RstChallenged = 0;
  if (c.c.TsEnabled) {
    w.tcb.TsRecent = c.s.ts_val;
    w.tcb.TsRecentTime = c.now;
  }
}
void window(Result &w, const Case &c) {
  w.tcb.Wnd = c.s.wnd << c.c.SndWindScale;
  w.tcb.WL1 = c.s.seq;
  w.tcb.WL2 = c.s.ack;
}
void place(Result &w, const Case &c, uint32_t off, uint32_t len, uint32_t fin) {
  w.verdict = {rx::PLACE, c.s.conn, c.t.RcvNxt, off, len, fin, 0};
  w.counter = CHIM_COUNTER_SEG_PLACED;
  w.tcb.RcvNxt += len + fin;
}
void delayed(Result &w, const Case &c, uint32_t segs) {
  w.tcb.DelAckSegs = segs;
  w.tcb.DelAckArmed = 1;
  w.tcb.DelAckDeadline = c.now + c.delayed_ack;
}
void at_once(Result &w) {
  w.tcb.AckNowSeq = w.tcb.RcvNxt;
  w.tcb.DelAckSegs = 0;
  w.tcb.DelAckArmed = 0;
  w.ack_now = true;
}
// A whole segment where it is waited for, and one of @len bytes with a FIN.
void in_order(Result &w, const Case &c) {
  accepted(w, c);
  window(w, c);
  place(w, c, 0, 1448, 0);
  delayed(w, c, 1);
}
void in_order_fin(Result &w, const Case &c, uint32_t len) {
  accepted(w, c);
  window(w, c);
  place(w, c, 0, len, 1);
  w.tcb.RcvFin = 1;
  at_once(w);
  w.kick_tx = true;
}
void drop(Result &w, uint32_t counter, bool owed) {
  w.counter = counter;
  w.tcb.AckOwed += owed;
}

// 0 to 2: frozen, PAWS, acceptability.
void admission(Tb &tb) {
  Case c;
  c.t.Frozen = 1;
  tb.expect("0 frozen", c, [](Result &w) {
    w.verdict.action = rx::PASS;
    w.verdict.reason = CHIM_PASS_REASON_FROZEN;
    w.counter = CHIM_COUNTER_SEG_FROZEN;
  });
  c = Case();
  c.c.Freeze = 1;
  c.s.flags = rx::RST;
  tb.expect("0 freeze by firmware, even RST", c, [](Result &w) {
    w.verdict.action = rx::PASS;
    w.verdict.reason = CHIM_PASS_REASON_FROZEN;
    w.counter = CHIM_COUNTER_SEG_FROZEN;
  });

  c = Case();
  c.s.has_ts = 0;
  tb.expect("1 no timestamp", c, [](Result &w) { drop(w, CHIM_COUNTER_SEG_NO_TS, false); });
  c = Case();
  c.s.ts_val = c.t.TsRecent - 1;
  tb.expect("1 PAWS", c, [](Result &w) { drop(w, CHIM_COUNTER_SEG_PAWS, true); });
  c.t.TsRecentTime = c.now - 2073600000u;
  tb.expect("1 PAWS, 24 days", c, [](Result &w) { drop(w, CHIM_COUNTER_SEG_PAWS, true); });
  c.t.TsRecentTime--;
  tb.expect("1 PAWS, TsRecent outdated", c, [&](Result &w) { in_order(w, c); });
  c = Case();
  c.s.ts_val = c.t.TsRecent;
  tb.expect("1 the same timestamp", c, [&](Result &w) { in_order(w, c); });
  c = Case();
  c.s.flags = rx::RST;
  c.s.has_ts = 0;
  c.s.len = 0;
  tb.expect("1 RST needs no timestamp", c, [](Result &w) {
    w.tcb.Aborted = w.tcb.Frozen = 1;
    w.counter = CHIM_COUNTER_SEG_RST_ACCEPTED;
    w.kick_evt = w.kick_tx = true;
  });
  c = Case();
  c.c.TsEnabled = 0;
  c.s.has_ts = 0;
  c.s.ts_val = 0;
  tb.expect("1 without timestamps", c, [&](Result &w) { in_order(w, c); });

  const auto unacceptable = [](Result &w) { drop(w, CHIM_COUNTER_SEG_UNACCEPTABLE, true); };
  c = Case();
  c.s.seq = c.d.AdvEdge;
  tb.expect("2 text at the edge", c, unacceptable);
  c.s.len = 0;
  tb.expect("2 empty at the edge", c, unacceptable);
  c.s.seq = c.t.RcvNxt - 1;
  tb.expect("2 empty below the window (keepalive)", c, unacceptable);
  c.s.len = 1;
  tb.expect("2 one old byte", c, unacceptable);
  c.s.flags |= rx::RST;
  tb.expect("2 RST outside", c, [](Result &w) { w.counter = CHIM_COUNTER_SEG_RST_DROPPED; });
  c = Case();
  c.s.len = 0;
  c.d.AdvEdge = c.t.RcvNxt;
  c.d.SndMax = c.t.AckNewest;
  tb.expect("2 zero window, empty at RcvNxt", c, [&](Result &w) {
    accepted(w, c);
    window(w, c);
  });
  c.d.AdvEdge = c.t.RcvNxt - 1;
  tb.expect("2 negative window is zero", c, [&](Result &w) {
    accepted(w, c);
    window(w, c);
  });
  c.s.seq++;
  tb.expect("2 zero window, empty elsewhere", c, unacceptable);
  c = Case();
  c.d.AdvEdge = c.t.RcvNxt;
  c.s.ack += 0x1000;
  tb.expect("2 zero window, text at RcvNxt: its acknowledgment counts", c, [&](Result &w) {
    accepted(w, c);
    window(w, c);
    w.tcb.AckNewest = c.s.ack;
    w.tcb.AckCnt++;
    w.tcb.TsEcr = c.s.ts_ecr;
    w.kick_tx = true;
    drop(w, CHIM_COUNTER_SEG_UNACCEPTABLE, true);
  });
  c.s.seq++;
  tb.expect("2 zero window, text elsewhere", c, unacceptable);
}

// 3 to 5: RST, SYN, ACK bit and range.
void control(Tb &tb) {
  Case c;
  c.s.flags = rx::RST | rx::ACK;
  c.s.len = 0;
  c.s.seq++;
  tb.expect("3 RST in the window", c, [](Result &w) {
    w.tcb.RstChallenged = 1;
    drop(w, CHIM_COUNTER_SEG_RST_CHALLENGED, true);
  });
  c.t.RstChallenged = 1;
  tb.expect("3 RST again", c, [](Result &w) { drop(w, CHIM_COUNTER_SEG_RST_CHALLENGED, false); });
  c.s.seq--;
  tb.expect("3 RST at RcvNxt", c, [](Result &w) {
    w.tcb.Aborted = w.tcb.Frozen = 1;
    w.counter = CHIM_COUNTER_SEG_RST_ACCEPTED;
    w.kick_evt = w.kick_tx = true;
  });

  c = Case();
  c.s.flags = rx::SYN | rx::ACK;
  c.s.len = 0;
  tb.expect("4 SYN at RcvNxt", c, [](Result &w) {
    w.tcb.SynSeen = w.tcb.Frozen = 1;
    w.counter = CHIM_COUNTER_SEG_SYN;
    w.kick_evt = w.kick_tx = true;
  });
  c.s.seq += 100;
  tb.expect("4 SYN in the window", c, [](Result &w) {
    w.tcb.SynTime = kNow;
    w.tcb.SynTimed = 1;
    drop(w, CHIM_COUNTER_SEG_SYN, true);
  });
  c.t.SynTimed = 1;
  c.t.SynTime = kNow - 2999;
  tb.expect("4 SYN again too soon", c, [](Result &w) { drop(w, CHIM_COUNTER_SEG_SYN, false); });
  c.t.SynTime = kNow - 3000;
  tb.expect("4 SYN after three seconds", c, [](Result &w) {
    w.tcb.SynTime = kNow;
    drop(w, CHIM_COUNTER_SEG_SYN, true);
  });

  c = Case();
  c.s.flags = 0;
  tb.expect("5 no ACK bit", c, [](Result &w) { drop(w, CHIM_COUNTER_SEG_NO_ACK, false); });
  c = Case();
  c.s.ack = c.d.SndMax + 1;
  tb.expect("5 acknowledges what was not sent", c,
            [](Result &w) { drop(w, CHIM_COUNTER_SEG_BAD_ACK, true); });
  c.s.ack = c.d.SndUna - c.t.MaxSndWnd - 1;
  tb.expect("5 acknowledgment too old", c,
            [](Result &w) { drop(w, CHIM_COUNTER_SEG_BAD_ACK, true); });
  c.s.ack++;
  tb.expect("5 acknowledgment just not too old", c, [&](Result &w) {
    accepted(w, c);
    place(w, c, 0, 1448, 0);
    delayed(w, c, 1);
  });
}

// 6 and 7: timestamps, urgent data, acknowledgment and window.
void acknowledgment(Tb &tb) {
  Case c;
  c.d.LastAckSent = c.t.RcvNxt - 1;
  tb.expect("6 TsRecent stays if the segment does not span the last ACK", c, [&](Result &w) {
    w.tcb.AcceptCnt++;
    window(w, c);
    place(w, c, 0, 1448, 0);
    delayed(w, c, 1);
  });
  c = Case();
  c.t.RstChallenged = 1;
  c.t.DelAckSegs = 1;
  tb.expect("6 acceptable segment ends the challenge", c, [&](Result &w) { in_order(w, c); });
  c = Case();
  c.s.flags |= rx::URG;
  tb.expect("6 urgent", c, [&](Result &w) {
    accepted(w, c);
    w.tcb.Urgent = w.tcb.Frozen = 1;
    w.verdict.action = rx::PASS;
    w.verdict.reason = CHIM_PASS_REASON_URGENT;
    w.counter = CHIM_COUNTER_SEG_URGENT;
    w.kick_evt = w.kick_tx = true;
  });

  c = Case();
  c.s.len = 0;
  c.s.ack = c.d.SndMax;
  c.t.DupAckCount = 3;
  tb.expect("7 advances", c, [&](Result &w) {
    accepted(w, c);
    window(w, c);
    w.tcb.AckNewest = c.s.ack;
    w.tcb.DupAckCount = 0;
    w.tcb.AckCnt++;
    w.tcb.TsEcr = c.s.ts_ecr;
    w.kick_tx = true;
  });
  c.c.TsEnabled = 0;
  tb.expect("7 advances, no timestamps", c, [&](Result &w) {
    accepted(w, c);
    window(w, c);
    w.tcb.AckNewest = c.s.ack;
    w.tcb.DupAckCount = 0;
    w.tcb.AckCnt++;
    w.tcb.TsEcr = c.s.ts_ecr;
    w.tcb.TsEcrValid = 0;
    w.kick_tx = true;
  });
  const auto duplicate = [&](Result &w) {
    accepted(w, c);
    window(w, c);
    w.tcb.DupAckCount = c.t.DupAckCount == 255 ? 255 : c.t.DupAckCount + 1;
    w.counter = CHIM_COUNTER_SEG_DUP_ACK;
    w.kick_tx = true;
  };
  c = Case();
  c.s.len = 0;
  tb.expect("7 duplicate", c, duplicate);
  c.t.DupAckCount = 255;
  tb.expect("7 duplicates stop at 255", c, duplicate);
  const auto plain = [&](Result &w) {
    accepted(w, c);
    window(w, c);
  };
  c = Case();
  c.s.len = 0;
  c.d.SndMax = c.t.AckNewest;
  tb.expect("7 nothing outstanding: no duplicate", c, plain);
  c = Case();
  c.s.len = 0;
  c.s.wnd++;
  tb.expect("7 window moves: no duplicate", c, [&](Result &w) {
    accepted(w, c);
    window(w, c);
    w.kick_tx = true;
  });
  c.s.wnd = 0xFFFF;
  c.t.MaxSndWnd = 0x3FFFB;
  tb.expect("7 largest window", c, [&](Result &w) {
    accepted(w, c);
    window(w, c);
    w.tcb.MaxSndWnd = 0x3FFFC;
    w.kick_tx = true;
  });
  c = Case();
  c.s.len = 0;
  c.s.wnd = 1;
  c.t.WL1 = c.s.seq + 1;
  tb.expect("7 window of an older segment", c, [&](Result &w) { accepted(w, c); });
  c.t.WL1 = c.s.seq;
  c.t.WL2 = c.s.ack + 1;
  tb.expect("7 window of an older acknowledgment", c, [&](Result &w) { accepted(w, c); });
  c.t.WL2 = c.s.ack;
  tb.expect("7 window of the same segment", c, [&](Result &w) {
    accepted(w, c);
    window(w, c);
    w.kick_tx = true;
  });
  c = Case();
  c.s.len = 0;
  c.s.ack--;
  c.s.wnd = 1;
  tb.expect("7 old acknowledgment moves no window", c, [&](Result &w) { accepted(w, c); });
  c = Case();
  c.s.len = 0;
  c.d.SndMax = c.t.AckNewest;
  c.d.FinAcked = 1;
  tb.expect("7 FIN_WAIT_2 hears of every segment", c, [&](Result &w) {
    accepted(w, c);
    window(w, c);
    w.kick_tx = true;
  });
}

// 8: text and FIN.
void text(Tb &tb) {
  Case c;
  tb.expect("8 first segment", c, [&](Result &w) { in_order(w, c); });
  c.d.LastAckSent -= 1448;
  c.t.DelAckSegs = 1;
  c.t.DelAckArmed = 1;
  tb.expect("8 second segment", c, [&](Result &w) {
    w.tcb.AcceptCnt++;
    window(w, c);
    place(w, c, 0, 1448, 0);
    at_once(w);
  });
  c.ack_frequency = 4;
  tb.expect("8 second of four: the deadline stays", c, [&](Result &w) {
    w.tcb.AcceptCnt++;
    window(w, c);
    place(w, c, 0, 1448, 0);
    w.tcb.DelAckSegs = 2;
  });
  c.t.DelAckArmed = 0;
  tb.expect("8 not armed: armed", c, [&](Result &w) {
    w.tcb.AcceptCnt++;
    window(w, c);
    place(w, c, 0, 1448, 0);
    delayed(w, c, 2);
  });
  c.t.DelAckSegs = 255;
  c.ack_frequency = 255;
  tb.expect("8 256th segment", c, [&](Result &w) {
    w.tcb.AcceptCnt++;
    window(w, c);
    place(w, c, 0, 1448, 0);
    at_once(w);
  });
  c = Case();
  c.ack_frequency = 1;
  c.t.DelAckArmed = 1;
  tb.expect("8 every segment", c, [&](Result &w) {
    accepted(w, c);
    window(w, c);
    place(w, c, 0, 1448, 0);
    at_once(w);
  });

  c = Case();
  c.s.flags |= rx::FIN;
  tb.expect("8 FIN with text", c, [&](Result &w) { in_order_fin(w, c, 1448); });
  c.s.len = 0;
  tb.expect("8 FIN alone", c, [&](Result &w) { in_order_fin(w, c, 0); });
  c.s.len = 1448;
  c.d.AdvEdge = c.t.RcvNxt + 1448;
  tb.expect("8 FIN needs no room", c, [&](Result &w) { in_order_fin(w, c, 1448); });
  c.d.AdvEdge--;
  tb.expect("8 text beyond the edge, FIN with it", c, [&](Result &w) {
    accepted(w, c);
    window(w, c);
    place(w, c, 0, 1447, 0);
    delayed(w, c, 1);
  });
  const auto after_fin = [&](Result &w) {
    accepted(w, c);
    window(w, c);
    drop(w, CHIM_COUNTER_SEG_AFTER_FIN, true);
  };
  c = Case();
  c.t.RcvFin = 1;
  tb.expect("8 text after FIN", c, after_fin);
  c.s.flags |= rx::FIN;
  c.s.len = 0;
  tb.expect("8 FIN after FIN", c, after_fin);

  c = Case();
  c.s.seq -= 100;
  tb.expect("8 partly old: front cut, acknowledged at once", c, [&](Result &w) {
    accepted(w, c);
    w.tcb.WL1 = c.s.seq;
    w.tcb.WL2 = c.s.ack;
    place(w, c, 100, 1348, 0);
    at_once(w);
  });
  c.d.AdvEdge = c.t.RcvNxt + 48;
  // RFC 9293 3.10.7.4 looks at the two ends only.
  tb.expect("2 reaches over both ends of the window", c,
            [](Result &w) { drop(w, CHIM_COUNTER_SEG_UNACCEPTABLE, true); });
  c = Case();
  c.s.seq -= 1448;
  c.s.flags |= rx::FIN;
  tb.expect("8 old text, new FIN", c, [&](Result &w) {
    accepted(w, c);
    w.tcb.WL1 = c.s.seq;
    w.tcb.WL2 = c.s.ack;
    place(w, c, 1448, 0, 1);
    w.tcb.RcvFin = 1;
    at_once(w);
    w.kick_tx = true;
  });

  const auto ahead = [&](Result &w, uint32_t max) {
    w.tcb.AcceptCnt++;
    window(w, c);
    w.tcb.OooSeen = 1;
    w.tcb.OooMax = max;
    drop(w, CHIM_COUNTER_SEG_OUT_OF_ORDER, true);
  };
  c = Case();
  c.s.seq += 1448;
  tb.expect("8 out of order", c, [&](Result &w) { ahead(w, c.s.seq + 1448); });
  c.s.flags |= rx::FIN;
  c.t.OooSeen = 1;
  c.t.OooMax = c.s.seq + 1448;
  tb.expect("8 out of order, further", c, [&](Result &w) { ahead(w, c.s.seq + 1449); });
  c.t.OooMax = c.s.seq + 1450;
  tb.expect("8 out of order, not further", c, [&](Result &w) { ahead(w, c.t.OooMax); });
  c = Case();
  c.t.OooSeen = 1;
  c.t.OooMax = c.t.RcvNxt + 1449;
  tb.expect("8 gap still open: acknowledged at once", c, [&](Result &w) {
    accepted(w, c);
    window(w, c);
    place(w, c, 0, 1448, 0);
    at_once(w);
  });
  c.t.OooMax--;
  tb.expect("8 gap closed", c, [&](Result &w) {
    accepted(w, c);
    window(w, c);
    place(w, c, 0, 1448, 0);
    w.tcb.OooSeen = 0;
    at_once(w);
  });
  c.d.AdvEdge = c.t.RcvNxt + 1447;
  tb.expect("8 gap not closed, text cut off before it", c, [&](Result &w) {
    accepted(w, c);
    window(w, c);
    place(w, c, 0, 1447, 0);
    at_once(w);
  });
  c = Case();
  c.s.flags |= rx::CWR | rx::ECE | rx::PSH;
  tb.expect("8 ECN bits and PSH change nothing", c, [&](Result &w) { in_order(w, c); });
}

// The same across the wrap of sequence numbers and milliseconds.
void wrapped(Tb &tb) {
  Case c;
  const uint32_t r = 0u - 700 - c.t.RcvNxt, a = 0u - 0x1000 - c.t.AckNewest;
  c.t.RcvNxt += r;
  c.t.WL1 += r;
  c.t.AckNowSeq += r;
  c.d.LastAckSent += r;
  c.d.AdvEdge += r;
  c.s.seq += r;
  c.t.AckNewest += a;
  c.t.WL2 += a;
  c.d.SndUna += a;
  c.d.SndMax += a;
  c.s.ack = c.d.SndMax;
  c.t.TsRecent = 0xFFFFFFF0;
  c.s.ts_val = 0x10;
  c.now = 0xFFFFFFF0;
  tb.expect("everything wraps", c, [&](Result &w) {
    accepted(w, c);
    window(w, c);
    w.tcb.AckNewest = 0x3000;
    w.tcb.AckCnt++;
    w.tcb.TsEcr = c.s.ts_ecr;
    w.kick_tx = true;
    place(w, c, 0, 1448, 0);
    w.tcb.DelAckSegs = 1;
    w.tcb.DelAckArmed = 1;
    w.tcb.DelAckDeadline = 24;
  });
}

}  // namespace

int main() {
  Tb tb;
  admission(tb);
  control(tb);
  acknowledgment(tb);
  text(tb);
  wrapped(tb);
  std::printf("1..%u\n", tb.cases());
  return 0;
}
