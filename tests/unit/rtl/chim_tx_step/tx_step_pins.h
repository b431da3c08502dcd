// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Inputs and outputs of chim_tx_step as record images on its pins. Hard part: none; the widths are
// those of chim_engine_pkg and chim_types_pkg, and a wrong one stops the bench.
#ifndef CHIM_TESTS_TX_STEP_PINS_H
#define CHIM_TESTS_TX_STEP_PINS_H

#include "bench/bench.h"
#include "rtl/chim_tx_step/bits.h"
#include "rtl/chim_tx_step/tx_step_model.h"

namespace tx {

constexpr unsigned kParamsW = 8 * 4 + 16 * 2 + 32 * 4 + 17, kRxvW = 32 * 4 + 8 * 3 + 6;
constexpr unsigned kBurstW = 3 + 16 + 32 + 5 + 14 + 14 + 1 + 1 + 5 + 1 + 32;

template <typename Pin>
void put_params(Pin &pin, const Params &p) {
  bits::Writer w(kParamsW);
  w.put(8, p.ack_frequency).put(8, p.dup_ack_threshold).put(8, p.max_retransmissions);
  w.put(8, p.restart_segs).put(16, p.delayed_ack).put(16, p.sws).put(32, p.rto_min);
  w.put(32, p.rto_max).put(32, p.fin_wait2).put(32, p.event_gap).put(17, p.high_water);
  bench::check(w.full(), "params width");
  w.to(pin);
}

template <typename Pin>
void put_rxv(Pin &pin, const chim_hw_tcb_rx &r) {
  bits::Writer w(kRxvW);
  w.put(32, r.AckNewest).put(32, r.Wnd).put(32, r.MaxSndWnd).put(32, r.TsEcr);
  w.put(8, r.DupAckCount).put(8, r.AckCnt).put(8, r.AcceptCnt).put(1, r.TsEcrValid);
  w.put(1, r.RcvFin).put(1, r.Aborted).put(1, r.Urgent).put(1, r.SynSeen).put(1, r.Frozen);
  bench::check(w.full(), "rxv width");
  w.to(pin);
}

template <typename Pin, unsigned Words>
void put_words(Pin &pin, const uint32_t (&words)[Words]) {
  for (unsigned i = 0; i < Words; i++) pin[i] = words[i];
}

// What a burst_t says, conn left out.
template <typename Pin>
void get_burst(Out &o, const Pin &pin) {
  bits::Reader r(kBurstW, pin);
  o.kind = static_cast<Kind>(r.get(3));
  r.get(16);
  o.seq = r.get(32);
  o.n = r.get(5);
  r.get(14);
  o.last_len = r.get(14);
  o.fin = r.get(1);
  o.psh = r.get(1);
  o.again = r.get(5);
  o.has_una = r.get(1);
  o.una = r.get(32);
  bench::check(r.empty(), "burst width");
}

}  // namespace tx

#endif
