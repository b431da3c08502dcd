// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Segments, verdicts and actions of the receive half as record images on Verilator's pins, and a
// state of the receive step that real connections have. Hard part: none; a wrong width stops the
// bench.
#ifndef CHIM_TESTS_RX_RECORDS_H
#define CHIM_TESTS_RX_RECORDS_H

#include <cstring>

#include "bench/bench.h"
#include "contract/chim_contract.h"
#include "rtl/chim_tx_step/bits.h"

namespace rx {

enum Flag : uint32_t {
  FIN = 1,
  SYN = 2,
  RST = 4,
  PSH = 8,
  ACK = 16,
  URG = 32,
  ECE = 64,
  CWR = 128
};
enum Action : uint32_t { DROP, PLACE, PASS };
constexpr uint32_t kNoCounter = ~0u;

struct Seg {
  uint32_t conn = 0, seq = 0, ack = 0, wnd = 0, flags = ACK, has_ts = 0, ts_val = 0, ts_ecr = 0;
  uint32_t len = 0;
};

struct Verdict {
  uint32_t action = DROP, conn = 0, seq = 0, off = 0, len = 0, fin = 0, reason = 0;
  bool operator==(const Verdict &o) const {
    return action == o.action && conn == o.conn && seq == o.seq && off == o.off && len == o.len &&
           fin == o.fin && reason == o.reason;
  }
  std::string text() const {
    char s[120];
    std::snprintf(s, sizeof s, "action %u conn %u seq %08x off %u len %u fin %u reason %u", action,
                  conn, seq, off, len, fin, reason);
    return s;
  }
};

struct Reads {
  uint32_t LastAckSent = 0, AdvEdge = 0, SndUna = 0, SndMax = 0, FinAcked = 0;
};

struct Result {
  chim_hw_tcb_rx tcb{};
  Verdict verdict;
  uint32_t counter = kNoCounter;
  bool kick_tx = false, kick_ack = false, kick_evt = false, ack_now = false;
};

constexpr unsigned kSegW = 185, kVerdictW = 2 + 16 + 32 + 16 + 16 + 1 + 4, kReadsW = 129;
constexpr unsigned kCounterW = CHIM_COUNTER_W;
constexpr unsigned kActionsW = kVerdictW + kCounterW + 5;

template <typename Pin>
void put_seg(Pin &pin, const Seg &s) {
  bits::Writer w(kSegW);
  w.put(16, s.conn).put(32, s.seq).put(32, s.ack).put(16, s.wnd).put(8, s.flags);
  w.put(1, s.has_ts).put(32, s.ts_val).put(32, s.ts_ecr).put(16, s.len);
  bench::check(w.full(), "seg_t width");
  w.to(pin);
}

inline Verdict read_verdict(bits::Reader &r) {
  Verdict v;
  v.action = r.get(2);
  v.conn = r.get(16);
  v.seq = r.get(32);
  v.off = r.get(16);
  v.len = r.get(16);
  v.fin = r.get(1);
  v.reason = r.get(4);
  return v;
}

template <typename Pin>
Verdict get_verdict(const Pin &pin) {
  bits::Reader r(kVerdictW, pin);
  Verdict v = read_verdict(r);
  bench::check(r.empty(), "rx_verdict_t width");
  return v;
}

template <typename Pin>
void put_reads(Pin &pin, const Reads &d) {
  bits::Writer w(kReadsW);
  w.put(32, d.LastAckSent).put(32, d.AdvEdge).put(32, d.SndUna).put(32, d.SndMax);
  w.put(1, d.FinAcked);
  bench::check(w.full(), "rx_reads_t width");
  w.to(pin);
}

template <typename Pin>
void put_tcb(Pin &pin, const chim_hw_tcb_rx &t) {
  uint32_t w[CHIM_TCB_RX_WORDS];
  chim_hw_tcb_rx_pack(w, &t);
  for (unsigned i = 0; i < CHIM_TCB_RX_WORDS; i++) pin[i] = w[i];
}

template <typename Pin>
chim_hw_tcb_rx get_tcb(const Pin &pin) {
  uint32_t w[CHIM_TCB_RX_WORDS];
  for (unsigned i = 0; i < CHIM_TCB_RX_WORDS; i++) w[i] = pin[i];
  chim_hw_tcb_rx t;
  chim_hw_tcb_rx_unpack(&t, w);
  return t;
}

template <typename Pin>
void get_actions(Result &o, const Pin &pin) {
  bits::Reader r(kActionsW, pin);
  o.verdict = read_verdict(r);
  o.counter = r.get(kCounterW);
  if (!r.get(1)) o.counter = kNoCounter;
  o.kick_tx = r.get(1);
  o.kick_ack = r.get(1);
  o.kick_evt = r.get(1);
  o.ack_now = r.get(1);
  bench::check(r.empty(), "rx_actions_t width");
}

// Words that differ, for messages.
inline std::string difference(const chim_hw_tcb_rx &got, const chim_hw_tcb_rx &want) {
  uint32_t g[CHIM_TCB_RX_WORDS], w[CHIM_TCB_RX_WORDS];
  chim_hw_tcb_rx_pack(g, &got);
  chim_hw_tcb_rx_pack(w, &want);
  std::string text;
  for (unsigned i = CHIM_TCB_RX_WORDS; i-- > 0;) {
    char s[64];
    std::snprintf(s, sizeof s, " word %u: got %08x, want %08x;", i, g[i], w[i]);
    if (g[i] != w[i]) text += s;
  }
  return text;
}

// A connection in the middle of its life: everything acknowledged, window 64 KiB both ways.
inline chim_hw_tcb_rx some_tcb() {
  chim_hw_tcb_rx t{};
  t.RcvNxt = 0x10000000;
  t.TsRecent = 5000;
  t.TsRecentTime = 100000;
  t.AckNewest = 0x20000000;
  t.Wnd = 0x10000;
  t.WL1 = 0x10000000 - 1448;
  t.WL2 = 0x20000000;
  t.MaxSndWnd = 0x20000;
  t.TsEcr = 4000;
  t.TsEcrValid = 1;
  t.AckNowSeq = 0x10000000;
  t.DelAckDeadline = 99000;
  t.SegsIn = 7;
  t.AckCnt = 3;
  t.AcceptCnt = 254;
  t.AckOwed = 9;
  return t;
}

inline Reads some_reads() {
  Reads d;
  d.LastAckSent = 0x10000000;
  d.AdvEdge = 0x10010000;
  d.SndUna = 0x20000000;
  d.SndMax = 0x20004000;
  return d;
}

}  // namespace rx

#endif
