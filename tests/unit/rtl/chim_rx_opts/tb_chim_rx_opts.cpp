// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of chim_rx_opts: random options, right, wrong and arbitrary, and every pair of first two
// bytes at every length, against a walk over bytes; the bound on its time. Hard part: options that
// are wrong in their last byte only.
#include "Vdut.h"
#include "bench/bench.h"
#include "rtl/common/bits.h"
#include "rtl/common/frames.h"
#include "rtl/common/parse_ref.h"

namespace {

// A byte a clock, and one each to start, to see the end and to answer.
const unsigned kBound = 43;

class Tb : public bench::Base<Vdut> {
 public:
  Tb() : Base("chim_rx_opts") {
    dut->in_valid = 0;
    dut->out_ready = 0;
    reset();
  }
  void try_one(const pkt::Bytes &o) {
    pkt::Record want;
    const bool good = pkt::walk_options(o, 0, o.size(), want);
    for (unsigned i = 0; i < 40; i++) {
      bits::set_byte(dut->in_opts, 4 * (i / 4) + 3 - i % 4,
                     i < o.size() ? o[i] : static_cast<uint8_t>(rng.u32()));
    }
    dut->in_late = rng.below(2);
    dut->in_words = static_cast<unsigned>(o.size() / 4);
    dut->in_valid = 1;
    unsigned clocks_used = 0;
    while (!dut->out_valid) {
      bench::check(!dut->in_ready, "taken before the result");
      clock();
      bench::check(++clocks_used <= kBound, "too long:\n" + pkt::hex(o));
    }
    most = std::max(most, clocks_used);
    for (unsigned wait = rng.below(3); wait > 0; wait--) clock();
    bench::check(dut->out_valid, "result fell");
    bench::check(dut->out_malformed == !good, "malformed:\n" + pkt::hex(o));
    if (good) {
      bench::check(dut->out_has_ts == want.has_ts, "has_ts:\n" + pkt::hex(o));
      if (want.has_ts) {
        bench::check_eq(dut->out_ts_val, want.ts_val, "ts_val of\n" + pkt::hex(o));
        bench::check_eq(dut->out_ts_ecr, want.ts_ecr, "ts_ecr of\n" + pkt::hex(o));
      }
    }
    dut->out_ready = 1;
    dut->eval();
    bench::check(dut->in_ready, "not taken with the result");
    clock();
    dut->out_ready = 0;
    if (rng.chance(50)) {
      dut->in_valid = 0;
      clocks(1 + rng.below(3));
      bench::check(!dut->out_valid, "a result without a request");
    }
    if (!good) bad++;
    if (want.has_ts) stamped++;
  }
  unsigned most = 0, bad = 0, stamped = 0;
};

}  // namespace

int main() {
  std::printf("1..3\n");
  Tb tb;
  for (unsigned i = 0; i < 40000;) {
    pkt::Bytes o = pkt::random_options(tb.rng);
    if (o.empty()) continue;
    if (tb.rng.chance(20))
      o[tb.rng.below(static_cast<uint32_t>(o.size()))] ^= 1u << tb.rng.below(8);
    tb.try_one(o);
    i++;
  }
  bench::check(tb.bad > 1000 && tb.stamped > 1000, "kinds");
  std::printf("ok 1 - random options, %u malformed, %u with timestamps\n", tb.bad, tb.stamped);
  for (unsigned kind = 0; kind < 12; kind++) {
    for (unsigned len = 0; len < 256; len++) {
      for (unsigned at : {0u, 1u, 2u, 3u}) {
        for (unsigned words = 1; words <= 10; words++) {
          pkt::Bytes o(words * 4, 1);
          o[at] = static_cast<uint8_t>(kind);
          if (at + 1 < o.size()) o[at + 1] = static_cast<uint8_t>(len);
          if (len <= 42 || words == 1) tb.try_one(o);
        }
      }
    }
  }
  std::printf("ok 2 - every kind and length at the start\n");
  // Options of all lengths that end in the last byte, one before it, and one behind it.
  for (unsigned words = 1; words <= 10; words++) {
    for (unsigned at = 0; at < words * 4; at++) {
      for (int delta = -2; delta <= 2; delta++) {
        for (unsigned kind : {5u, 8u}) {
          pkt::Bytes o(words * 4, 1);
          o[at] = static_cast<uint8_t>(kind);
          if (at + 1 < o.size())
            o[at + 1] = static_cast<uint8_t>(static_cast<int>(words * 4 - at) + delta);
          tb.try_one(o);
        }
      }
    }
  }
  std::printf("# longest walk: %u clocks\n", tb.most);
  std::printf("ok 3 - options that end at the end\n");
  return 0;
}
