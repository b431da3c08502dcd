// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of chim_tx_step: directed clause tests, then random states against the clause-by-clause
// model of tx_step_model.h, one every clock with random gaps. Hard part: states must be random
// enough to meet rare clauses together, and near enough to real ones to meet them at all; what was
// met is counted, and too little of anything fails the bench.
#include <deque>
#include <map>

#include "Vdut.h"
#include "rtl/chim_tx_step/tx_step_pins.h"

namespace {

using tx::In;
using tx::Out;
constexpr unsigned kLatency = 9;

class Tb : public bench::Base<Vdut> {
 public:
  Tb() : Base("chim_tx_step") {
    dut->step_i = 0;
    clocks(kLatency + 1);
  }

  // One clock with this input; step = 0: the send half must come out unchanged.
  void feed(const In &in, bool step) {
    uint32_t t[CHIM_TCB_TX_WORDS] = {}, c[CHIM_CFG_TX_WORDS] = {}, d[CHIM_DOORBELL_WORDS] = {};
    chim_hw_tcb_tx_pack(t, &in.t);
    chim_hw_cfg_tx_pack(c, &in.c);
    chim_hw_doorbell_pack(d, &in.d);
    tx::put_words(dut->t_i, t);
    tx::put_words(dut->c_i, c);
    tx::put_words(dut->d_i, d);
    tx::put_rxv(dut->r_i, in.r);
    dut->now_i = in.now;
    dut->live_i = in.live;
    dut->step_i = step;
    Out want;
    want.t = in.t;
    if (step) want = tx::step(in);
    pending_.push_back({in, want, step});
    clock();
    if (pending_.size() == kLatency) compare();
  }
  void params(const tx::Params &p) {
    drain();
    tx::put_params(dut->p_i, p);
  }
  void drain() {
    while (!pending_.empty()) {
      dut->step_i = 0;
      clock();
      skipped_++;
      if (skipped_ + pending_.size() >= kLatency) compare();
    }
    skipped_ = 0;
  }
  // For directed tests: the result of one input.
  Out one(const In &in) {
    tx::put_params(dut->p_i, in.p);
    feed(in, true);
    drain();
    return last_;
  }
  std::map<std::string, uint64_t> met;

 private:
  struct Job {
    In in;
    Out want;
    bool step;
  };
  std::deque<Job> pending_;
  unsigned skipped_ = 0;
  Out last_;

  void note(const Job &job) {
    const Out &o = job.want;
    const In &in = job.in;
    auto count = [&](const char *what, bool is) { met[what] += is; };
    count("passed through", !job.step);
    if (!job.step) return;
    const bool acked = o.has_una;
    count("acknowledgment", acked);
    count("acknowledgment of all", acked && o.t.SndUna == o.t.SndMax);
    count("partial acknowledgment", acked && in.t.InRecovery && o.t.InRecovery && !o.fast);
    count("recovery ends", acked && in.t.InRecovery && !o.t.InRecovery);
    count("recovery ends and begins", acked && in.t.InRecovery && o.fast);
    count("fast retransmit", o.fast);
    count("time-out", o.timeout);
    count("time-out and fast retransmit", o.timeout && o.fast);
    count("probe of a byte", o.probe && !o.fin);
    count("probe of a FIN", o.probe && o.fin);
    count("RST", o.kind == tx::kRst);
    count("expired", o.t.Expired && !in.t.Expired);
    count("nothing", !o.burst());
    count("token alone", o.has_una && o.n == 0);
    count("whole burst", o.n == 16);
    count("some full segments", o.n > 1 && o.n < 16);
    count("tail at the end", o.psh && o.last_len < in.c.Mss);
    count("tail in the window", o.n && !o.psh && !o.fin && o.last_len < in.c.Mss && !o.probe);
    count("FIN with data", o.fin && o.last_len);
    count("FIN alone", o.fin && !o.last_len && !o.probe);
    count("again and new", o.again > 0 && o.again < o.n);
    count("again", o.again > 0 && o.again == o.n && o.n > 1);
    count("idle restart", !acked && !o.timeout && !o.fast && o.t.CWnd < in.t.CWnd);
    count("slow start", acked && in.t.CWnd < in.t.SsThresh && o.t.CWnd > in.t.CWnd);
    count("congestion avoidance", acked && !in.t.InRecovery && o.t.CaAcked != in.t.CaAcked);
    count("RTT sample", o.t.SRtt != in.t.SRtt || o.t.RttVar != in.t.RttVar);
    count("RTT timing starts", o.t.RttTiming && !in.t.RttTiming);
    count("RTT timing ends", !o.t.RttTiming && in.t.RttTiming);
    count("FIN acknowledged", o.t.FinAcked && !in.t.FinAcked);
    count("TIME_WAIT", o.t.TimeWait && !in.t.TimeWait);
    count("FIN_WAIT_2", o.t.TimerMode == 3 && in.t.TimerMode != 3);
    count("persist by zero window", o.t.TimerMode == 2 && in.t.TimerMode != 2 && o.t.SndWnd == 0);
    count("persist by small window", o.t.TimerMode == 2 && in.t.TimerMode != 2 && o.t.SndWnd > 0);
    count("window opens", o.t.SndWnd && !in.t.SndWnd);
    count("zero window answers probe", o.t.SndWndProbeCount > in.t.SndWndProbeCount);
    count("stopped", in.c.Stop && o.t.SndWnd != in.t.SndWnd);
    count("not live", !in.live && !in.c.Stop);
    count("deadline moves", o.t.Deadline != in.t.Deadline);
    count("back-off saturates", o.t.Deadline - in.now == in.p.rto_max);
  }

  void compare() {
    const Job job = pending_.front();
    pending_.pop_front();
    uint32_t words[CHIM_TCB_TX_WORDS];
    for (unsigned i = 0; i < CHIM_TCB_TX_WORDS; i++) words[i] = dut->t_o[i];
    Out got;
    chim_hw_tcb_tx_unpack(&got.t, words);
    tx::get_burst(got, dut->burst_o);
    got.kick_self = dut->kick_self_o;
    got.kick_evt = dut->kick_evt_o;
    got.fast = dut->count_o >> 2 & 1;
    got.timeout = dut->count_o >> 1 & 1;
    got.probe = dut->count_o & 1;
    const Out &want = job.want;
    auto same = [&](const char *name, uint64_t g, uint64_t w) {
      if (g == w) return;
      dump(job.in);
      bench::fail(std::string(name) + ": got " + std::to_string(g) + ", want " + std::to_string(w));
    };
#define CHIM_SAME(name, ...) same(#name, got.t.name, want.t.name);
    CHIM_TCB_TX_FIELDS(CHIM_SAME)
    same("burst", dut->burst_valid_o, want.burst());
    same("kick_self", got.kick_self, want.kick_self);
    same("kick_evt", got.kick_evt, want.kick_evt);
    same("fast", got.fast, want.fast);
    same("timeout", got.timeout, want.timeout);
    same("probe", got.probe, want.probe);
    if (want.burst()) {
      same("kind", got.kind, want.n ? want.kind : tx::kToken);
      same("n", got.n, want.n);
      same("has_una", got.has_una, want.has_una);
      if (want.has_una) same("una", got.una, want.una);
      if (want.n) same("seq", got.seq, want.seq);
      if (want.n && want.kind == tx::kData) {
        same("last_len", got.last_len, want.last_len);
        same("fin", got.fin, want.fin);
        same("psh", got.psh, want.psh);
        same("again", got.again, want.again);
      }
    }
    note(job);
    last_ = want;
    last_.t = got.t;
  }

  static void dump(const In &in) {
#define CHIM_SHOW_T(name, ...) std::printf("# T.%s = %u\n", #name, unsigned(in.t.name));
    CHIM_TCB_TX_FIELDS(CHIM_SHOW_T)
    std::printf("# R: AckNewest %u Wnd %u Max %u TsEcr %u dup %u ack %u accept %u fin %u\n",
                in.r.AckNewest, in.r.Wnd, in.r.MaxSndWnd, in.r.TsEcr, in.r.DupAckCount, in.r.AckCnt,
                in.r.AcceptCnt, in.r.RcvFin);
    std::printf("# C: MaxRT %u TsDelta %u Mss %u Ts %u Nagle %u Stop %u\n", in.c.MaxRT,
                in.c.TsDelta, in.c.Mss, in.c.TsEnabled, in.c.Nagle, in.c.Stop);
    std::printf("# D: SndEnd %u FinSeq %u FinValid %u Abort %u; now %u live %d\n", in.d.SndEnd,
                in.d.FinSeq, in.d.FinValid, in.d.Abort, in.now, in.live);
    std::printf("# P: dup %u max %u restart %u sws %u rto %u..%u fw2 %u\n", in.p.dup_ack_threshold,
                in.p.max_retransmissions, in.p.restart_segs, in.p.sws, in.p.rto_min, in.p.rto_max,
                in.p.fin_wait2);
  }
};

// ---- random states
// ---------------------------------------------------------------------------------

uint32_t pick_bytes(bench::Rng &rng, uint32_t mss) {
  switch (rng.below(8)) {
    case 0:
      return 0;
    case 1:
      return rng.below(4);
    case 2:
      return mss * rng.below(20);
    case 3:
      return mss * (1 + rng.below(19)) + rng.below(3) - 1;
    case 4:
      return rng.below(mss * 3);
    case 5:
      return rng.below(1u << 17);
    case 6:
      return rng.below(1u << 24);
    default:
      return rng.below(1u << 29);
  }
}

uint32_t near_time(bench::Rng &rng, uint32_t now) {
  switch (rng.below(6)) {
    case 0:
      return now;
    case 1:
      return now + rng.below(5) - 2;
    case 2:
      return now - rng.below(400);
    case 3:
      return now + rng.below(400);
    case 4:
      return now - rng.below(200000);
    default:
      return rng.u32();
  }
}

tx::Params random_params(bench::Rng &rng) {
  tx::Params p;
  if (rng.chance(50)) return p;
  p.dup_ack_threshold = 1 + rng.below(5);
  p.max_retransmissions = rng.below(8);
  p.restart_segs = 1 + rng.below(20);
  p.sws = rng.below(65536);
  p.rto_min = rng.chance(50) ? rng.below(1000) : rng.below(200000);
  p.rto_max = rng.chance(70) ? 1000 + rng.below(200000) : rng.u32();
  p.fin_wait2 = rng.u32();
  return p;
}

In random_in(bench::Rng &rng, const tx::Params &p) {
  In in{};
  in.p = p;
  in.now = rng.chance(20) ? rng.below(3) - 1 : rng.u32();
  in.live = rng.chance(95);
  static const uint32_t kMss[] = {64, 65, 536, 1000, 1448, 1460, 4096, 8960, 9216, 0};
  uint32_t mss = kMss[rng.below(10)];
  if (mss == 0) mss = 64 + rng.below(9216 - 64 + 1);
  in.c.Mss = static_cast<uint16_t>(mss);
  in.c.TsEnabled = rng.chance(50);
  in.c.Nagle = rng.chance(50);
  in.c.Stop = rng.chance(5);
  in.c.TsDelta = rng.u32();
  in.c.MaxRT = rng.chance(40) ? 0 : rng.chance(40) ? 0xffffffffu : rng.below(100000);
  in.c.Rsvd = 0;

  chim_hw_tcb_tx &t = in.t;
  const uint32_t una = rng.chance(30) ? rng.below(5000) - 2500 : rng.u32();
  const uint32_t flight = pick_bytes(rng, mss);
  const bool whole = rng.chance(70);
  t.SndUna = una;
  t.SndMax = una + flight;
  t.SndNxt = whole ? t.SndMax : una + rng.below(flight + 1);
  if (rng.chance(10)) t.SndNxt = una;
  t.SndWnd = rng.chance(20) ? 0 : pick_bytes(rng, mss);
  t.CWnd = rng.chance(90) ? mss + pick_bytes(rng, mss) : rng.below(0x80000000u);
  t.SsThresh = rng.chance(30) ? 0x7fffffff : 2 * mss + pick_bytes(rng, mss);
  t.Recover = rng.chance(60) ? una + rng.below(flight + 1) : una - rng.below(1u << 20);
  if (rng.chance(10)) t.Recover = una + rng.below(3) - 1;
  t.Deadline = near_time(rng, in.now);
  t.RtStart = near_time(rng, in.now);
  t.RttSeq = una + rng.below(flight + 1);
  t.RttTime = near_time(rng, in.now);
  t.CaAcked = rng.below(t.CWnd);
  t.LastSend = near_time(rng, in.now);
  t.SegsOut = rng.u32();
  t.SegsRtx = rng.u32();
  t.SRtt = static_cast<uint16_t>(rng.chance(20) ? 0 : rng.chance(50) ? rng.below(2000) : rng.u32());
  t.RttVar = static_cast<uint16_t>(rng.chance(30)   ? 0
                                   : rng.chance(50) ? rng.below(400)
                                                    : rng.u32());
  t.RetransCount = static_cast<uint8_t>(rng.chance(60)   ? 0
                                        : rng.chance(80) ? rng.below(20)
                                                         : rng.u32());
  t.SndWndProbeCount = static_cast<uint8_t>(rng.chance(60) ? 0 : rng.below(17));
  t.TimerMode = static_cast<uint8_t>(rng.below(4));
  t.InRecovery = rng.chance(30);
  t.RttTiming = rng.chance(40);
  t.RstSent = rng.chance(1);
  t.Expired = rng.chance(1);
  t.TimeWait = rng.chance(5);
  t.Rsvd = 0;

  // The FIN, and DataEnd with it.
  in.d.FinValid = rng.chance(30);
  t.FinSent = in.d.FinValid && flight > 0 && rng.chance(50);
  t.FinAcked = in.d.FinValid && !t.FinSent && rng.chance(20);
  if (t.FinAcked) {
    t.FinSent = 1;
    if (rng.chance(90)) t.SndMax = t.SndNxt = una;
  }
  uint32_t ahead = pick_bytes(rng, mss);
  if (rng.chance(20)) ahead = 0;
  in.d.SndEnd = t.FinSent ? t.SndMax - 1 : t.SndMax + ahead;
  in.d.FinSeq = rng.chance(90) ? in.d.SndEnd : in.d.SndEnd + 1;
  in.d.Abort = rng.chance(2);
  in.d.RcvReturn = rng.u32();

  chim_hw_tcb_rx &r = in.r;
  switch (rng.below(6)) {
    case 0:
      r.AckNewest = una - rng.below(10000);
      break;
    case 1:
      r.AckNewest = t.SndMax;
      break;
    case 2:
      r.AckNewest = t.SndMax + rng.below(3);
      break;
    case 3:
      r.AckNewest = una + rng.below(flight + 1);
      break;
    default:
      r.AckNewest = una;
      break;
  }
  if (t.InRecovery && rng.chance(20)) r.AckNewest = t.Recover + rng.below(3) - 1;
  r.Wnd = rng.chance(40) ? t.SndWnd : rng.chance(20) ? 0 : pick_bytes(rng, mss);
  r.MaxSndWnd = rng.chance(50) ? r.Wnd : pick_bytes(rng, mss);
  r.TsEcr = in.now + in.c.TsDelta - (rng.chance(80) ? rng.below(2000) : rng.below(70000) - 20000);
  r.DupAckCount = static_cast<uint8_t>(rng.chance(40)   ? 0
                                       : rng.chance(80) ? rng.below(8)
                                                        : rng.u32());
  t.DupSeen = static_cast<uint8_t>(rng.chance(50)   ? r.DupAckCount
                                   : rng.chance(80) ? rng.below(8)
                                                    : rng.u32());
  r.AckCnt = static_cast<uint8_t>(rng.u32());
  t.AckCntSeen = static_cast<uint8_t>(r.AckCnt - (rng.chance(80) ? rng.below(6) : rng.u32()));
  r.AcceptCnt = static_cast<uint8_t>(rng.u32());
  t.AcceptSeen = static_cast<uint8_t>(r.AcceptCnt - (rng.chance(50) ? 0 : rng.below(6)));
  r.TsEcrValid = rng.chance(90);
  r.RcvFin = rng.chance(40);
  r.Aborted = rng.chance(1);
  r.Urgent = rng.chance(10);
  r.SynSeen = rng.chance(10);
  r.Frozen = rng.chance(10);
  return in;
}

// A connection at rest; directed tests change what they are about.
In quiet() {
  In in{};
  in.live = true;
  in.now = 100000;
  in.c.Mss = 1000;
  in.c.MaxRT = 0;
  in.t.SndUna = in.t.SndNxt = in.t.SndMax = in.r.AckNewest = in.d.SndEnd = 50000;
  in.t.SndWnd = in.r.Wnd = in.r.MaxSndWnd = 60000;
  in.t.CWnd = 10000;
  in.t.SsThresh = 0x7fffffff;
  in.t.Recover = 49999;
  in.t.LastSend = 100000;
  in.t.SRtt = 80;
  in.t.RttVar = 20;
  return in;
}

// Each names its clause; numbers are worked out by hand, not by the model.
void directed(Tb &tb) {
  using bench::check_eq;
  In in = quiet();
  Out o = tb.one(in);
  check_eq(o.n, 0u, "RFC 9293: nothing to send, nothing sent");

  in = quiet();
  in.d.SndEnd += 3500;
  o = tb.one(in);
  check_eq(o.n, 4u, "RFC 9293 3.8: three full segments and a tail");
  check_eq(o.last_len, 500u, "tail");
  check_eq(o.psh, true, "PSH at the end of the data");
  check_eq(o.t.SndNxt, 53500u, "SndNxt");
  check_eq(o.t.SndMax, 53500u, "SndMax");
  check_eq(o.t.Deadline, 100200u, "RFC 6298 2.4: rto is 30 ms, at least rto_min");
  check_eq(unsigned(o.t.TimerMode), 1u, "RFC 6298 5.1");

  in.c.Nagle = 1;
  in.t.SndNxt = in.t.SndMax = 51000;
  o = tb.one(in);
  check_eq(o.n, 2u, "RFC 9293 3.7.4: Nagle keeps the tail while something is outstanding");
  in.d.FinValid = 1;
  in.d.FinSeq = in.d.SndEnd;
  o = tb.one(in);
  check_eq(o.n, 3u, "a FIN behind it lets the tail go");
  check_eq(o.fin, true, "with the FIN");
  check_eq(o.t.SndMax, 53501u, "the FIN takes a sequence number");

  in = quiet();
  in.d.SndEnd += 100000;
  o = tb.one(in);
  check_eq(o.n, 10u, "RFC 5681 3.1: the congestion window limits");
  in.t.CWnd = 50000;
  in.r.Wnd = in.t.SndWnd = 30400;
  o = tb.one(in);
  check_eq(o.n, 16u, "a burst is at most 16 segments");
  check_eq(o.kick_self, true, "the rest follows");
  in.r.Wnd = in.t.SndWnd = 5400;
  o = tb.one(in);
  check_eq(o.n, 5u, "RFC 9293 3.8.6.2.1: no small segment for a small opening");
  in.r.MaxSndWnd = 800;
  o = tb.one(in);
  check_eq(o.n, 6u, "half of the largest window may go");
  check_eq(o.last_len, 400u, "what the window leaves");

  in = quiet();
  in.d.SndEnd = in.t.SndNxt = in.t.SndMax = 60000;
  in.r.AckNewest = 52000;
  in.r.AckCnt = 1;
  o = tb.one(in);
  check_eq(o.t.CWnd, 12000u, "RFC 3465 2.2: two segments acknowledged, two more");
  check_eq(o.has_una, true, "D12: completion token");
  check_eq(o.una, 52000u, "of what was acknowledged");
  in.r.AckNewest = 55000;
  o = tb.one(in);
  check_eq(o.t.CWnd, 12000u, "RFC 3465 2.3: at most 2 Mss for one acknowledgment");
  in.t.SsThresh = 8000;
  in.t.CaAcked = 6000;
  o = tb.one(in);
  check_eq(o.t.CWnd, 11000u, "RFC 3465 2.1: one Mss when a window's worth is acknowledged");
  check_eq(o.t.CaAcked, 1000u, "the rest counts for the next");

  in = quiet();
  in.d.SndEnd = in.t.SndNxt = in.t.SndMax = 60000;
  in.r.DupAckCount = 3;
  o = tb.one(in);
  check_eq(o.fast, true, "RFC 5681 3.2: third duplicate");
  check_eq(o.t.SsThresh, 5000u, "half of the flight");
  check_eq(o.t.CWnd, 8000u, "and three segments");
  check_eq(o.seq, 50000u, "first segment again");
  check_eq(o.n, 1u, "alone");
  check_eq(o.t.SndNxt, 60000u, "SndNxt stays");
  in.t.Recover = 50000;
  o = tb.one(in);
  check_eq(o.fast, false, "RFC 6582 3.2: duplicates of what recovery began with");

  in = quiet();
  in.d.SndEnd = in.t.SndNxt = in.t.SndMax = 60000;
  in.t.InRecovery = 1;
  in.t.Recover = 60000;
  in.t.SsThresh = 5000;
  in.t.CWnd = 8000;
  in.r.AckNewest = 53000;
  in.r.AckCnt = 1;
  o = tb.one(in);
  check_eq(o.t.CWnd, 6000u, "RFC 6582 3.2 step 3: partial, deflate by 3 segments, add one");
  check_eq(o.seq, 53000u, "the next hole goes again");
  check_eq(unsigned(o.t.InRecovery), 1u, "recovery goes on");
  in.r.AckNewest = 60000;
  o = tb.one(in);
  check_eq(o.t.CWnd, 2000u, "RFC 6582 3.2 step 3: all, min(SsThresh, max(Flight, Mss) + Mss)");

  in = quiet();
  in.d.SndEnd = in.t.SndNxt = in.t.SndMax = 60000;
  in.t.TimerMode = CHIM_TIMER_MODE_RETRANSMIT;
  in.t.Deadline = 100000;
  o = tb.one(in);
  check_eq(o.timeout, true, "RFC 6298 5.4: due when deadline <= now");
  check_eq(o.t.CWnd, 1000u, "RFC 5681 3.1: loss window");
  check_eq(o.t.SsThresh, 5000u, "half of the flight");
  check_eq(o.n, 1u, "one segment");
  check_eq(o.again, 1u, "again");
  check_eq(o.t.SndNxt, 51000u, "the rest goes again as the window grows");
  check_eq(o.t.SndMax, 60000u, "SndMax stays");
  check_eq(o.t.Deadline, 100400u, "RFC 6298 5.5: doubled");
  in.t.RetransCount = 15;
  o = tb.one(in);
  check_eq(unsigned(o.t.Expired), 1u, "MaxRT 0: count limit");
  check_eq(o.n, 0u, "nothing more is sent");
  in.t.RetransCount = 3;
  in.c.MaxRT = 500;
  in.t.RtStart = 99500;
  o = tb.one(in);
  check_eq(unsigned(o.t.Expired), 1u, "MaxRT: total time");
  in.t.RtStart = 99501;
  o = tb.one(in);
  check_eq(unsigned(o.t.Expired), 0u, "not before");
  check_eq(o.t.SsThresh, 0x7fffffffu, "RFC 5681 3.1: only the first time-out sets SsThresh");

  in = quiet();
  in.d.SndEnd += 5000;
  in.r.Wnd = 0;
  o = tb.one(in);
  check_eq(o.n, 0u, "zero window");
  check_eq(unsigned(o.t.TimerMode), 2u, "RFC 9293 3.8.6.1: persist");
  check_eq(o.t.Deadline, 100200u, "after rto");
  in.t = o.t;
  in.now = 100200;
  o = tb.one(in);
  check_eq(o.probe, true, "window probe");
  check_eq(o.last_len, 1u, "of one byte");
  check_eq(o.t.SndMax, 50001u, "which counts as sent");
  check_eq(o.t.SndNxt, 50000u, "and is sent again");
  in.t = o.t;
  in.r.AcceptCnt = 1;
  in.now = 100250;
  o = tb.one(in);
  check_eq(unsigned(o.t.SndWndProbeCount), 1u, "chimney 11.5: answered, next round");
  check_eq(o.t.Deadline, 100650u, "twice as far");
  in.t = o.t;
  in.r.Wnd = 700;
  in.r.MaxSndWnd = 60000;
  in.now = 100300;
  o = tb.one(in);
  check_eq(unsigned(o.t.SndWndProbeCount), 0u, "the window opens");

  in = quiet();
  in.d.SndEnd += 5000;
  in.r.Wnd = 700;
  o = tb.one(in);
  check_eq(o.n, 0u, "RFC 9293 3.8.6.2.1: too small a window");
  check_eq(o.t.Deadline, 100200u, "override timer (sws)");
  in.t = o.t;
  in.now = 100200;
  o = tb.one(in);
  check_eq(o.last_len, 700u, "SWS override: what the window allows");

  in = quiet();
  in.t.LastSend = 99000;
  in.t.CWnd = 40000;
  in.d.SndEnd += 100000;
  o = tb.one(in);
  check_eq(o.t.CWnd, 10000u, "RFC 5681 4.1: restart after idle");
  check_eq(o.n, 10u, "with restart_segs");
  in.t.LastSend = 99800;
  o = tb.one(in);
  check_eq(o.t.CWnd, 40000u, "idle for one rto is not idle");

  in = quiet();
  in.d.FinValid = 1;
  in.d.FinSeq = 50000;
  o = tb.one(in);
  check_eq(o.fin, true, "FIN alone");
  check_eq(o.n, 1u, "one segment");
  check_eq(o.last_len, 0u, "without payload");
  in.t = o.t;
  in.r.AckNewest = 50001;
  in.r.AckCnt = in.r.AcceptCnt = 1;
  o = tb.one(in);
  check_eq(unsigned(o.t.FinAcked), 1u, "FIN acknowledged");
  check_eq(unsigned(o.t.TimerMode), 3u, "R168: FIN_WAIT_2");
  in.t = o.t;
  in.r.RcvFin = 1;
  o = tb.one(in);
  check_eq(unsigned(o.t.TimeWait), 1u, "both FINs: TIME_WAIT");

  in = quiet();
  in.d.Abort = 1;
  o = tb.one(in);
  check_eq(int(o.kind), int(tx::kRst), "chimney 7.8: abort");
  in.t = o.t;
  o = tb.one(in);
  check_eq(o.burst(), false, "one RST only");

  in = quiet();
  in.d.SndEnd = in.t.SndNxt = in.t.SndMax = 60000;
  in.r.AckNewest = 52000;
  in.c.TsEnabled = 1;
  in.r.TsEcrValid = 1;
  in.r.TsEcr = 99990 + 7;
  in.c.TsDelta = 17;
  in.t.SRtt = in.t.RttVar = 0;
  o = tb.one(in);
  check_eq(unsigned(o.t.SRtt), 160u, "RFC 6298 2.2: first sample of 20 ms");
  check_eq(unsigned(o.t.RttVar), 40u, "half of it");
  in.t.SRtt = 160;
  in.t.RttVar = 40;
  in.r.TsEcr -= 8;
  o = tb.one(in);
  check_eq(unsigned(o.t.SRtt), 168u, "RFC 6298 2.3: 28 ms");
  check_eq(unsigned(o.t.RttVar), 38u, "3/4 of 40, and 8");

  in = quiet();
  in.c.Stop = 1;
  in.live = false;
  in.d.SndEnd = in.t.SndMax = in.t.SndNxt = 60000;
  in.d.SndEnd += 9000;
  in.r.AckNewest = 55000;
  o = tb.one(in);
  check_eq(o.t.SndUna, 55000u, "Stop: the last acknowledgments are joined");
  check_eq(o.n, 0u, "and nothing is sent");
  in.c.Stop = 0;
  o = tb.one(in);
  check_eq(o.t.SndUna, 50000u, "D13: not LIVE, nothing moves");
}

}  // namespace

int main() {
  Tb tb;
  directed(tb);
  const char *text = std::getenv("CHIM_STEPS");
  const uint64_t total = text ? std::strtoull(text, nullptr, 0) : 400000;
  for (uint64_t i = 0; i < total;) {
    const tx::Params p = random_params(tb.rng);
    tb.params(p);
    for (unsigned k = 0; k < 200; k++, i++) tb.feed(random_in(tb.rng, p), tb.rng.chance(97));
  }
  tb.drain();
  for (const auto &[what, count] : tb.met) {
    std::printf("# %-28s %llu\n", what.c_str(), static_cast<unsigned long long>(count));
    bench::check(count * 20000 >= total, "hardly met: " + what);
  }
  std::printf("1..1\nok 1 - send step, %llu random states\n",
              static_cast<unsigned long long>(total));
  return 0;
}
