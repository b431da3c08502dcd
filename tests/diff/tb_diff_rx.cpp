// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Receive step, RTL against reference, bit for bit. Half of the pairs go on from the state that the
// one before left. Hard part: segments that lie on the boundaries of the state they meet.

#include <cstring>

#include "Vdut.h"
#include "diff.h"

extern "C" {
#include "ref/rx_step.h"
}

namespace {

const diff::Field kState[] = {CHIM_TCB_RX_FIELDS(DIFF_FIELD)};

struct Pair {
  uint32_t before[CHIM_TCB_RX_WORDS];
  ref_rx_in in;
};

class Tb : public bench::Base<Vdut> {
 public:
  Tb() : Base("diff-rx"), v_(rng) {}

  bool run() {
    reset();
    for (uint64_t i = 0; i < diff::pairs(); i++) {
      if (i == 0 || v_.bit()) new_state();
      new_event();
      if (!compare(i)) return false;
    }
    std::printf("# %llu pairs\n", static_cast<unsigned long long>(diff::pairs()));
    return reached_.enough(diff::pairs() / 10000);
  }

 private:
  void new_state() {
    auto &in = pair_.in;
    std::memset(&r_, 0, sizeof(r_));
    std::memset(&in, 0, sizeof(in));
    r_.RcvNxt = v_.point();
    in.AdvEdge = r_.RcvNxt + v_.near({0, 0, 1, 1000, 65535, 1u << 30, v_.some(30)});
    in.LastAckSent = r_.RcvNxt - (v_.bit() ? 0 : v_.some(20));
    in.SndUna = v_.point();
    in.SndMax = in.SndUna + v_.pick({0, 1, 1000, 1u << 30, v_.some(30)});
    in.FinAcked = v_.one_in(8);
    in.now = v_.point();
    r_.AckNewest = in.SndUna + v_.below(in.SndMax - in.SndUna + 1);
    if (v_.one_in(3)) r_.AckNewest = v_.pick({in.SndUna, in.SndMax});
    r_.MaxSndWnd = v_.pick({0, 1, 65535, 1u << 30, v_.some(30)});
    in.cfg.SndWindScale = static_cast<uint8_t>(v_.bit() ? 0 : v_.below(15));
    r_.Wnd = (v_.any() & 0xFFFF) << in.cfg.SndWindScale;
    r_.WL1 = v_.near({r_.RcvNxt, in.LastAckSent});
    r_.WL2 = v_.near({r_.AckNewest, in.SndUna});
    in.cfg.TsEnabled = v_.bit();
    in.cfg.Freeze = v_.one_in(50);
    r_.TsRecent = v_.point();
    r_.TsEcr = v_.any();
    r_.AckNowSeq = v_.near({r_.RcvNxt, in.LastAckSent});
    r_.DelAckDeadline = in.now + v_.some(6);
    r_.OooMax = v_.near({r_.RcvNxt, in.AdvEdge, r_.RcvNxt + 1000});
    r_.SegsIn = v_.near({0, v_.any()});
    r_.DupAckCount = v_.count();
    r_.AckCnt = v_.count();
    r_.AcceptCnt = v_.count();
    r_.AckOwed = v_.count();
    r_.DelAckSegs = v_.bit() ? static_cast<uint8_t>(v_.below(4)) : v_.count();
    r_.TsEcrValid = v_.bit();
    r_.DelAckArmed = v_.bit();
    r_.OooSeen = v_.bit();
    r_.RstChallenged = v_.bit();
    r_.SynTimed = v_.bit();
    r_.RcvFin = v_.one_in(10);
    if (v_.one_in(50)) r_.Frozen = r_.Urgent = 1;
    if (v_.one_in(16)) {  // no relation between anything
      r_.RcvNxt = v_.any();
      r_.AckNewest = v_.any();
      r_.WL1 = v_.any();
      r_.OooMax = v_.any();
      in.SndMax = in.SndUna + v_.any() / 2;
    }
    new_times();
  }

  void new_times() {
    const uint32_t now = pair_.in.now;
    r_.TsRecentTime = now - v_.near({0, 2073600000, v_.some(31)});
    r_.SynTime = now - v_.near({0, 3000, v_.some(31)});
  }

  void new_event() {
    auto &in = pair_.in;
    auto &s = in.seg;
    const uint32_t wnd = in.AdvEdge - r_.RcvNxt;
    s.len = static_cast<uint16_t>(v_.near({0, 0, 0, 1, 1000, 1448, 9216, 65535, wnd, wnd / 2}));
    s.seq = v_.near({r_.RcvNxt, r_.RcvNxt, in.AdvEdge, r_.RcvNxt - s.len, in.AdvEdge - s.len,
                     in.LastAckSent, r_.OooMax, r_.WL1, v_.any()});
    s.ack = v_.near({r_.AckNewest, r_.AckNewest, in.SndUna, in.SndMax, in.SndUna - r_.MaxSndWnd,
                     r_.WL2, r_.AckNewest + v_.some(20), v_.any()});
    s.wnd = static_cast<uint16_t>(v_.near(
        {0, 65535, r_.Wnd >> in.cfg.SndWindScale, r_.Wnd >> in.cfg.SndWindScale, v_.any()}));
    const bool uniform = v_.one_in(8);
    s.ack_bit = uniform ? v_.bit() : !v_.one_in(20);
    s.psh = v_.bit();
    s.fin = v_.one_in(uniform ? 2 : 6);
    s.syn = v_.one_in(uniform ? 2 : 20);
    s.rst = v_.one_in(uniform ? 2 : 20);
    s.urg = v_.one_in(uniform ? 2 : 20);
    s.has_ts = v_.one_in(uniform ? 2 : 20) ? v_.bit() : in.cfg.TsEnabled != 0;
    s.ts_val = v_.near({r_.TsRecent, r_.TsRecent, r_.TsRecent + 0x80000000, v_.any()});
    s.ts_ecr = v_.any();
    if (v_.one_in(3)) proper();
    in.p.ack_frequency = static_cast<uint8_t>(v_.pick({1, 2, 2, 3, 255, v_.any()}));
    in.p.delayed_ack = static_cast<uint16_t>(v_.pick({0, 40, 65535, v_.any()}));
    in.now += v_.some(12);
    if (v_.one_in(4)) in.LastAckSent = v_.pick({r_.RcvNxt, in.LastAckSent + 1, r_.RcvNxt - 1});
    if (v_.one_in(16)) new_times();
    if (v_.one_in(8)) in.AdvEdge = r_.RcvNxt + v_.near({0, 1, 65535});
  }

  // Nothing to object to, so that later clauses are reached; often a duplicate acknowledgment.
  void proper() {
    auto &in = pair_.in;
    auto &s = in.seg;
    s.seq = v_.pick({r_.RcvNxt, r_.RcvNxt, r_.RcvNxt + 1000});
    s.len = static_cast<uint16_t>(v_.pick({0, 1000, 1448}));
    s.ack_bit = true;
    s.rst = s.syn = s.urg = s.fin = false;
    s.ack = v_.pick({r_.AckNewest, r_.AckNewest, in.SndMax});
    s.wnd = static_cast<uint16_t>(r_.Wnd >> in.cfg.SndWindScale);
    s.has_ts = in.cfg.TsEnabled;
    s.ts_val = r_.TsRecent + v_.some(4);
    if (v_.bit()) in.AdvEdge = r_.RcvNxt + 65535;
    if (v_.one_in(8)) r_.DupAckCount = 255;
  }

  void drive(const Pair &p) {
    const auto &s = p.in.seg;
    uint32_t cfg[CHIM_CFG_RX_WORDS];
    chim_hw_cfg_rx_pack(cfg, &p.in.cfg);
    for (unsigned i = 0; i < CHIM_TCB_RX_WORDS; i++) dut->state_i[i] = p.before[i];
    dut->cfg_i = cfg[0];
    dut->last_ack_sent_i = p.in.LastAckSent;
    dut->adv_edge_i = p.in.AdvEdge;
    dut->snd_una_i = p.in.SndUna;
    dut->snd_max_i = p.in.SndMax;
    dut->fin_acked_i = p.in.FinAcked;
    dut->seq_i = s.seq;
    dut->ack_i = s.ack;
    dut->wnd_i = s.wnd;
    dut->flags_i = static_cast<uint8_t>(s.urg << 5 | s.ack_bit << 4 | s.psh << 3 | s.rst << 2 |
                                        s.syn << 1 | s.fin);
    dut->has_ts_i = s.has_ts;
    dut->ts_val_i = s.ts_val;
    dut->ts_ecr_i = s.ts_ecr;
    dut->len_i = s.len;
    dut->ack_frequency_i = p.in.p.ack_frequency;
    dut->delayed_ack_i = p.in.p.delayed_ack;
    dut->now_i = p.in.now;
  }

  bool compare(uint64_t number) {
    chim_hw_tcb_rx_pack(pair_.before, &r_);
    drive(pair_);
    dut->start_i = 1;
    clock();
    dut->start_i = 0;
    unsigned waited = 0;
    for (dut->eval(); !dut->done_o; clock(), dut->eval())
      bench::check(++waited < 20, "the step never ends");

    ref_rx_out out;
    uint32_t after[CHIM_TCB_RX_WORDS];
    const chim_hw_tcb_rx old = r_;
    ref_rx_step(&r_, &pair_.in, &out);
    chim_hw_tcb_rx_pack(after, &r_);
    diff::Compare c;
    c.value("action", dut->action_o, out.action);
    if (out.action == REF_RX_PLACE) {
      c.value("seq", dut->seq_o, out.seq);
      c.value("off", dut->off_o, out.off);
      c.value("len", dut->len_o, out.len);
      c.value("fin", dut->fin_o, out.fin);
    }
    if (out.action == REF_RX_PASS) c.value("reason", dut->reason_o, out.reason);
    c.value("counter", dut->counter_o, out.counter);
    c.value("kick_tx", dut->kick_tx_o, out.kick_tx);
    c.value("kick_ack", dut->kick_ack_o, out.kick_ack);
    c.value("kick_evt", dut->kick_evt_o, out.kick_evt);
    uint32_t rtl[CHIM_TCB_RX_WORDS];
    for (unsigned i = 0; i < CHIM_TCB_RX_WORDS; i++) rtl[i] = dut->state_o[i];
    clock();
    note(old, out);
    if (c.same() && std::memcmp(rtl, after, sizeof(rtl)) == 0) return true;
    print(number, rtl, after, c.text());
    return false;
  }

  void note(const chim_hw_tcb_rx &old, const ref_rx_out &out) {
    const auto &s = pair_.in.seg;
    std::string name = out.counter ? chim_hw_counter_name(out.counter) : "no counter";
    reached_.note("counter " + name);
    const bool place = out.action == REF_RX_PLACE;
    reached_.note("acknowledgment advances", r_.AckCnt != old.AckCnt);
    reached_.note("window moves", r_.Wnd != old.Wnd);
    reached_.note("TsRecent taken", r_.TsRecent != old.TsRecent);
    reached_.note("placed, trimmed in front", place && out.off > 0);
    reached_.note("placed, trimmed behind", place && out.off + out.len < s.len);
    reached_.note("placed, FIN", place && out.fin);
    reached_.note("placed, FIN alone", place && out.fin && out.len == 0);
    reached_.note("placed, delayed", place && r_.DelAckArmed);
    reached_.note("gap closes", old.OooSeen && !r_.OooSeen);
    reached_.note("gap opens", !old.OooSeen && r_.OooSeen);
    reached_.note("second SYN is silent", out.counter == CHIM_COUNTER_SEG_SYN && !out.kick_ack);
    reached_.note("duplicates stop at 255",
                  out.counter == CHIM_COUNTER_SEG_DUP_ACK && old.DupAckCount == 255);
  }

  void print(uint64_t number, const uint32_t *rtl, const uint32_t *after, const std::string &text) {
    const auto &in = pair_.in;
    const auto &s = in.seg;
    std::printf("# pair %llu differs%s%s\n", static_cast<unsigned long long>(number),
                text.empty() ? "" : ": ", text.c_str());
    diff::print_record("tcb_rx", kState, pair_.before, rtl, after);
    std::printf("# segment: seq=0x%08x ack=0x%08x len=%u wnd=%u%s%s%s%s%s%s", s.seq, s.ack, s.len,
                s.wnd, s.urg ? " URG" : "", s.ack_bit ? " ACK" : "", s.psh ? " PSH" : "",
                s.rst ? " RST" : "", s.syn ? " SYN" : "", s.fin ? " FIN" : "");
    std::printf(" has_ts=%d ts_val=0x%x ts_ecr=0x%x\n", s.has_ts, s.ts_val, s.ts_ecr);
    std::printf("# cfg_rx: SndWindScale=%u TsEnabled=%u Freeze=%u\n", in.cfg.SndWindScale,
                in.cfg.TsEnabled, in.cfg.Freeze);
    std::printf(
        "# reads: LastAckSent=0x%08x AdvEdge=0x%08x SndUna=0x%08x SndMax=0x%08x "
        "FinAcked=%d\n",
        in.LastAckSent, in.AdvEdge, in.SndUna, in.SndMax, in.FinAcked);
    std::printf("# now=0x%08x ack_frequency=%u delayed_ack=%u\n", in.now, in.p.ack_frequency,
                in.p.delayed_ack);
  }

  diff::Values v_;
  diff::Reached reached_;
  chim_hw_tcb_rx r_;
  Pair pair_;
};

}  // namespace

int main() {
  Tb tb;
  const bool good = tb.run();
  std::printf("1..1\n%s 1 - receive step agrees with the reference\n", good ? "ok" : "not ok");
  return good ? 0 : 1;
}
