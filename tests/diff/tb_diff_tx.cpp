// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Send step, RTL against reference, bit for bit, one pair a clock. Each lane's pairs often go on
// from the state that the one before left. Hard part: states within the domain of steps.md section
// 3 that lie on its boundaries.

#include <cstring>

#include "Vdut.h"
#include "diff.h"

extern "C" {
#include "ref/tx_step.h"
}

namespace {

const diff::Field kState[] = {CHIM_TCB_TX_FIELDS(DIFF_FIELD)};
const diff::Field kRx[] = {CHIM_TCB_RX_FIELDS(DIFF_FIELD)};
const diff::Field kCfg[] = {CHIM_CFG_TX_FIELDS(DIFF_FIELD)};
const diff::Field kBell[] = {CHIM_DOORBELL_FIELDS(DIFF_FIELD)};
constexpr unsigned kLatency = 9;
constexpr unsigned kLanes = kLatency;

// A connection of its own; its pairs come one after the other.
struct Lane {
  chim_hw_tcb_tx t;
  ref_tx_in in;
  bool valid = false;
};

class Tb : public bench::Base<Vdut> {
 public:
  Tb() : Base("diff-tx"), v_(rng) {}

  bool run() {
    new_params();
    for (uint64_t i = 0; i < diff::pairs() + kLatency; i++) {
      Lane &lane = lanes_[i % kLanes];
      if (lane.valid && !compare(i - kLatency, lane)) return false;
      if (i % 512 == 0) {  // parameters are stable while pairs are on their way
        for (unsigned n = 1; n < kLanes; n++) {
          dut_clock();
          Lane &other = lanes_[(i + n) % kLanes];
          if (other.valid && !compare(i - kLatency + n, other)) return false;
          other.valid = false;
        }
        new_params();
        lane.valid = false;
      }
      if (!lane.valid || v_.bit()) new_state(lane);
      new_event(lane);
      lane.valid = true;
      drive(lane);
      dut_clock();
    }
    std::printf("# %llu pairs\n", static_cast<unsigned long long>(compared_));
    return compared_ >= diff::pairs() * 9 / 10 && reached_.enough(diff::pairs() / 10000);
  }

 private:
  void dut_clock() {
    clock();
    dut->eval();
  }

  void new_params() {
    p_.dup_ack_threshold = static_cast<uint8_t>(v_.pick({1, 2, 3, 3, 3, 255}));
    p_.max_retransmissions = static_cast<uint8_t>(v_.pick({0, 1, 5, 255}));
    p_.restart_segs = static_cast<uint8_t>(v_.pick({1, 2, 10, 255}));
    p_.sws = static_cast<uint16_t>(v_.pick({0, 200, 65535}));
    p_.rto_min = v_.pick({0, 1, 200, 300, 3000});
    p_.rto_max = v_.pick({3000, 60000, 240000, 0x7FFFFFFF});
    p_.fin_wait2 = v_.pick({0, 120000, 0x7FFFFFFF});
    drive_params();
  }

  uint32_t bytes(uint32_t mss) {  // a number of bytes, most often near whole segments
    if (v_.one_in(4)) return v_.some(30);
    const uint32_t segs = v_.pick({0, 1, 2, 3, 15, 16, 17, 40}) * mss;
    return v_.pick({segs, segs, segs + 1, segs == 0 ? 0 : segs - 1, segs + v_.below(mss)});
  }

  void new_state(Lane &l) {
    auto &t = l.t;
    auto &in = l.in;
    auto &r = in.r;
    std::memset(&t, 0, sizeof(t));
    std::memset(&in, 0, sizeof(in));
    in.now = v_.point();
    in.cfg.Mss = static_cast<uint16_t>(v_.pick({64, 536, 1448, 1460, 9216, 64 + v_.below(9153)}));
    in.cfg.TsEnabled = v_.bit();
    in.cfg.Nagle = v_.bit();
    in.cfg.TsDelta = v_.any();
    in.cfg.MaxRT = v_.pick({0, 0, 0xFFFFFFFF, 1, 1000, v_.some(32)});
    const uint32_t mss = in.cfg.Mss;
    t.SndUna = v_.point();
    const uint32_t flight = v_.one_in(64) ? v_.some(30) : bytes(mss) % (1u << 24);
    t.SndMax = t.SndUna + flight;
    t.SndNxt = v_.pick({t.SndMax, t.SndMax, t.SndUna, t.SndUna + v_.below(flight + 1)});
    t.FinSent = flight > 0 && v_.one_in(4);
    in.d.SndEnd = t.SndMax - t.FinSent + (t.FinSent ? 0 : v_.bit() ? 0 : bytes(mss) % (1u << 24));
    in.d.FinValid = t.FinSent || v_.one_in(3);
    in.d.FinSeq = in.d.SndEnd + (!t.FinSent && v_.one_in(6) ? v_.some(12) : 0);
    if (v_.one_in(12)) {  // all sent and acknowledged, the FIN too
      t.SndUna = t.SndNxt = t.SndMax;
      in.d.SndEnd = in.d.FinSeq = t.SndUna - 1;
      in.d.FinValid = t.FinSent = t.FinAcked = 1;
    }
    in.d.Abort = v_.one_in(50);
    r.AckNewest = t.SndUna;
    r.Wnd = v_.pick({0, 1, mss - 1, mss, 10 * mss, 65535, 1u << 30, v_.some(30)});
    r.MaxSndWnd =
        v_.pick({r.Wnd, r.Wnd * 2 < (1u << 30) ? r.Wnd * 2 + v_.below(2) : r.Wnd, 65535, 1u << 30});
    if (v_.one_in(4)) r.MaxSndWnd = mss * 2 + v_.below(3);
    t.SndWnd = v_.pick({r.Wnd, r.Wnd, 0, v_.some(30)});
    t.CWnd = v_.near({mss, 2 * mss, 10 * mss, flight + mss, 2 * flight + 2 * mss, 1u << 24});
    if (t.CWnd < mss || t.CWnd > 0x7FFFFFFF) t.CWnd = mss;
    if (v_.one_in(16)) t.CWnd = 0x7FFFFFFF - v_.some(14);
    t.SsThresh = v_.near({t.CWnd, 2 * mss, 0x7FFFFFF0, flight / 2 + mss}) & 0x7FFFFFFF;
    t.CaAcked = v_.pick({0, t.CWnd - 1, v_.below(t.CWnd), t.CWnd - (mss < t.CWnd ? mss : 0)});
    t.InRecovery = flight > 0 && v_.one_in(3);
    t.Recover = t.InRecovery ? t.SndUna + 1 + v_.below(flight)
                             : v_.near({t.SndUna - 1, t.SndUna, t.SndUna - 1 - v_.some(30)});
    if (v_.one_in(8)) t.Recover = t.SndMax;
    t.TimerMode = static_cast<uint8_t>(v_.below(4));
    if (t.TimerMode == CHIM_TIMER_MODE_FIN_WAIT_2 && !t.FinAcked && !v_.one_in(8))
      t.TimerMode = CHIM_TIMER_MODE_RETRANSMIT;
    t.Deadline = in.now + v_.some(12);
    t.LastSend = in.now - v_.some(v_.bit() ? 32 : 14);
    t.RtStart = in.now - v_.near({0, in.cfg.MaxRT, v_.some(32)});
    t.RttTiming = v_.bit();
    t.RttSeq = v_.near({t.SndMax, t.SndUna, t.SndUna + mss});
    t.RttTime = in.now - v_.some(18);
    t.SegsOut = v_.near({0, v_.any()});
    t.SegsRtx = v_.near({0, v_.any()});
    t.SRtt = static_cast<uint16_t>(v_.pick({0, 1, 7, 8, 65535, v_.some(16)}));
    t.RttVar = static_cast<uint16_t>(v_.pick({0, 1, 3, 4, 65535, v_.some(16)}));
    t.RetransCount = static_cast<uint8_t>(v_.pick({0, 0, 0, 1, 5, 15, 16, 17, 255, v_.some(8)}));
    t.SndWndProbeCount = static_cast<uint8_t>(v_.pick({0, 0, 1, 15, 16, v_.below(17)}));
    t.AckCntSeen = r.AckCnt = v_.count();
    t.AcceptSeen = r.AcceptCnt = v_.count();
    t.DupSeen = static_cast<uint8_t>(v_.pick({0, 0, 2, 254, v_.below(256)}));
    r.DupAckCount = t.DupSeen;
    t.RstSent = v_.one_in(100);
    t.Expired = v_.one_in(100);
    t.TimeWait = v_.one_in(20);
    r.RcvFin = v_.one_in(3);
    r.Aborted = v_.one_in(100);
    r.Frozen = r.Aborted || v_.one_in(20);
    r.TsEcrValid = !v_.one_in(4);
  }

  // What the rest of the device may have changed since the last look.
  void new_event(Lane &l) {
    auto &t = l.t;
    auto &in = l.in;
    auto &r = in.r;
    const uint32_t mss = in.cfg.Mss, flight = t.SndMax - t.SndUna;
    in.p = p_;
    in.now += v_.some(v_.one_in(4) ? 16 : 4);
    if (v_.one_in(3)) in.now = t.Deadline + v_.pick({0xFFFFFFFF, 0, 0, 1});
    if (v_.one_in(3)) {
      const uint32_t part = v_.pick({1, mss - 1, mss, mss + 1, flight, v_.some(30)});
      r.AckNewest = t.SndUna + (part < flight ? part : flight);
      if (v_.one_in(8)) r.AckNewest = v_.near({t.SndMax, t.SndUna, t.Recover, t.RttSeq});
      r.AckCnt = static_cast<uint8_t>(r.AckCnt + v_.pick({1, 1, 2, 3, 15, 16, 0}));
      r.DupAckCount = static_cast<uint8_t>(v_.pick({0, 0, 1, 3, 255}));
      r.TsEcr = in.now + in.cfg.TsDelta - v_.near({0, 100, 32767, v_.some(16)});
    } else if (v_.one_in(3)) {
      const uint32_t more = r.DupAckCount + v_.pick({1, 1, 2, 3, 15, 16, 255});
      r.DupAckCount = static_cast<uint8_t>(more > 255 ? 255 : more);
    }
    if (v_.bit()) r.AcceptCnt++;
    if (v_.one_in(5)) r.Wnd = v_.pick({0, 0, 1, mss, 65535, 1u << 30, v_.some(30)});
    if (r.Wnd > r.MaxSndWnd && v_.bit()) r.MaxSndWnd = r.Wnd;
    if (v_.one_in(4) && !in.d.FinValid) in.d.SndEnd += bytes(mss) % (1u << 20);
    if (v_.one_in(16) && !in.d.FinValid) {
      in.d.FinValid = 1;
      in.d.FinSeq = in.d.SndEnd;
    }
    in.live = !v_.one_in(32);
    in.cfg.Stop = v_.one_in(32);
    const uint32_t given = in.d.SndEnd + 1 - t.SndUna;  // keep to the domain
    if (given > (1u << 30)) l.in.d.SndEnd = l.in.d.FinSeq = t.SndMax - t.FinSent;
  }

  void drive_params() {
    dut->dup_ack_threshold_i = p_.dup_ack_threshold;
    dut->max_retransmissions_i = p_.max_retransmissions;
    dut->restart_segs_i = p_.restart_segs;
    dut->sws_i = p_.sws;
    dut->rto_min_i = p_.rto_min;
    dut->rto_max_i = p_.rto_max;
    dut->fin_wait2_i = p_.fin_wait2;
  }

  void drive(const Lane &l) {
    uint32_t t[CHIM_TCB_TX_WORDS] = {}, r[CHIM_TCB_RX_WORDS] = {}, c[CHIM_CFG_TX_WORDS] = {};
    uint32_t d[CHIM_DOORBELL_WORDS] = {};
    pack(l, t, r, c, d);
    for (unsigned i = 0; i < CHIM_TCB_TX_WORDS; i++) dut->state_i[i] = t[i];
    for (unsigned i = 0; i < CHIM_TCB_RX_WORDS; i++) dut->rx_i[i] = r[i];
    for (unsigned i = 0; i < CHIM_CFG_TX_WORDS; i++) dut->cfg_i[i] = c[i];
    for (unsigned i = 0; i < CHIM_DOORBELL_WORDS; i++) dut->doorbell_i[i] = d[i];
    dut->live_i = l.in.live;
    dut->now_i = l.in.now;
  }

  static void pack(const Lane &l, uint32_t *t, uint32_t *r, uint32_t *c, uint32_t *d) {
    chim_hw_tcb_tx_pack(t, &l.t);
    chim_hw_tcb_rx_pack(r, &l.in.r);
    chim_hw_cfg_tx_pack(c, &l.in.cfg);
    chim_hw_doorbell_pack(d, &l.in.d);
  }

  bool compare(uint64_t number, Lane &l) {
    const Lane old = l;
    ref_tx_out out;
    uint32_t after[CHIM_TCB_TX_WORDS], rtl[CHIM_TCB_TX_WORDS];
    ref_tx_step(&l.t, &l.in, &out);
    chim_hw_tcb_tx_pack(after, &l.t);
    for (unsigned i = 0; i < CHIM_TCB_TX_WORDS; i++) rtl[i] = dut->state_o[i];
    diff::Compare c;
    compare_burst(c, l, out);
    c.value("kick_self", dut->kick_self_o, out.kick_self);
    c.value("kick_evt", dut->kick_evt_o, out.kick_evt);
    c.value("fast_retransmit", dut->fast_retransmit_o, out.fast_retransmit);
    c.value("timeout", dut->timeout_o, out.timeout);
    c.value("probe", dut->probe_o, out.probe);
    compared_++;
    note(old, l, out);
    if (c.same() && std::memcmp(rtl, after, sizeof(rtl)) == 0) return true;
    print(number, old, rtl, after, c.text());
    return false;
  }

  // tx_kind_e: DATA 0, ACK 1, RST 2, TOKEN 3. A token of its own leaves if nothing is granted.
  void compare_burst(diff::Compare &c, const Lane &l, const ref_tx_out &out) {
    const bool valid = out.grant != REF_TX_NONE || out.has_una;
    c.value("burst", dut->valid_o, valid);
    if (!valid) return;
    c.value("kind", dut->kind_o, out.grant == REF_TX_DATA ? 0 : out.grant == REF_TX_RST ? 2 : 3);
    c.value("has_una", dut->has_una_o, out.has_una);
    if (out.has_una) c.value("una", dut->una_o, out.una);
    if (out.grant == REF_TX_NONE) return;
    c.value("seq", dut->seq_o, out.seq);
    if (out.grant == REF_TX_RST) return;
    c.value("segments", dut->n_o, out.segs);
    c.value("mss", dut->mss_o, l.in.cfg.Mss);
    c.value("bytes", (dut->n_o - 1) * dut->mss_o + dut->last_len_o, out.bytes);
    c.value("fin", dut->fin_o, out.fin);
    c.value("psh", dut->psh_o, out.psh);
    c.value("again", dut->again_o, out.again);
  }

  void note(const Lane &old, const Lane &l, const ref_tx_out &out) {
    const auto &in = l.in;
    const bool data = out.grant == REF_TX_DATA;
    const bool on = in.live && !in.cfg.Stop;
    const uint32_t tail = out.bytes % in.cfg.Mss;
    reached_.note("token", out.has_una);
    reached_.note("RST", out.grant == REF_TX_RST);
    reached_.note("fast retransmit", out.fast_retransmit);
    reached_.note("time-out", out.timeout);
    reached_.note("time-out, first segment asked", out.timeout && l.t.SndNxt == l.t.SndUna && data);
    reached_.note("probe", out.probe && !out.fin);
    reached_.note("probe by FIN", out.probe && out.fin);
    reached_.note("limit", l.t.Expired && !old.t.Expired);
    reached_.note("full recovery", old.t.InRecovery && !l.t.InRecovery && out.has_una);
    reached_.note("partial acknowledgment", old.t.InRecovery && l.t.InRecovery && out.has_una);
    reached_.note("inflated", old.t.InRecovery && l.t.CWnd > old.t.CWnd && !out.has_una);
    reached_.note("slow start", !old.t.InRecovery && out.has_una && old.t.CWnd < old.t.SsThresh &&
                                    l.t.CWnd > old.t.CWnd);
    reached_.note("avoidance, CWnd grows", !old.t.InRecovery && out.has_una &&
                                               old.t.CWnd >= old.t.SsThresh &&
                                               l.t.CWnd > old.t.CWnd);
    reached_.note("CWnd at its most", l.t.CWnd == 0x7FFFFFFF && old.t.CWnd != l.t.CWnd);
    reached_.note("RTT measured", l.t.SRtt != old.t.SRtt);
    reached_.note("whole burst", data && out.segs == 16);
    reached_.note("tail", data && tail != 0);
    reached_.note("tail and full", data && tail != 0 && out.segs > 1);
    reached_.note("FIN with data", out.fin && out.bytes > 0);
    reached_.note("FIN alone", out.fin && out.bytes == 0);
    reached_.note("PSH", out.psh);
    reached_.note("partly again", out.again > 0 && out.again < out.segs);
    reached_.note("idle restart",
                  data && l.t.CWnd < old.t.CWnd && !out.timeout && old.t.SndUna == old.t.SndMax);
    reached_.note("nothing granted", on && out.grant == REF_TX_NONE);
    reached_.note("FinAcked", l.t.FinAcked && !old.t.FinAcked);
    reached_.note("TimeWait", l.t.TimeWait && !old.t.TimeWait);
    reached_.note("stopped", in.cfg.Stop);
    reached_.note("another probe round", l.t.SndWndProbeCount > old.t.SndWndProbeCount);
    for (unsigned from = 0; from < 4; from++)
      for (unsigned to = 0; to < 4; to++)
        if (to != CHIM_TIMER_MODE_FIN_WAIT_2 || from != CHIM_TIMER_MODE_PERSIST)
          reached_.note("timer " + std::to_string(from) + " -> " + std::to_string(to),
                        on && old.t.TimerMode == from && l.t.TimerMode == to);
  }

  void print(uint64_t number, const Lane &old, const uint32_t *rtl, const uint32_t *after,
             const std::string &text) {
    uint32_t t[CHIM_TCB_TX_WORDS] = {}, r[CHIM_TCB_RX_WORDS] = {}, c[CHIM_CFG_TX_WORDS] = {};
    uint32_t d[CHIM_DOORBELL_WORDS] = {};
    const auto &p = old.in.p;
    pack(old, t, r, c, d);
    std::printf("# pair %llu differs%s%s\n", static_cast<unsigned long long>(number),
                text.empty() ? "" : ": ", text.c_str());
    diff::print_record("tcb_tx", kState, t, rtl, after);
    diff::print_input("tcb_rx", kRx, r);
    diff::print_input("cfg_tx", kCfg, c);
    diff::print_input("doorbell", kBell, d);
    std::printf(
        "# live=%d now=0x%08x dup_ack_threshold=%u max_retransmissions=%u restart_segs=%u "
        "sws=%u rto_min=%u rto_max=%u fin_wait2=%u\n",
        old.in.live, old.in.now, p.dup_ack_threshold, p.max_retransmissions, p.restart_segs, p.sws,
        p.rto_min, p.rto_max, p.fin_wait2);
  }

  diff::Values v_;
  diff::Reached reached_;
  ref_params p_{};
  std::array<Lane, kLanes> lanes_{};
  uint64_t compared_ = 0;
};

}  // namespace

int main() {
  Tb tb;
  const bool good = tb.run();
  std::printf("1..1\n%s 1 - send step agrees with the reference\n", good ? "ok" : "not ok");
  return good ? 0 : 1;
}
