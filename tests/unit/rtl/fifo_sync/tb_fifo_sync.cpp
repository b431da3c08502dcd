// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of fifo_sync: random idle and back-pressure against a queue, the level in every cycle, full
// and empty reached, drained at the end. Hard part: the latency and capacity of the two forms
// differ.
#include <cinttypes>
#include <deque>

#include "Vdut.h"
#include "bench/axis.h"
#include "bench/bench.h"

namespace {

const unsigned kCapacity = DEPTH + USE_BRAM;

class Tb : public bench::Base<Vdut> {
 public:
  Tb(unsigned idle, unsigned stall) : Base("fifo_sync"), source_(rng, idle), stall_(stall) {
    apply();
    reset();
  }

  void send(unsigned count) {
    while (count--) source_.send(rng.u32() & ((1u << WIDTH) - 1));
  }
  bool drained() const { return source_.empty() && expected_.empty(); }

  uint64_t received = 0;
  unsigned most = 0;
  // Cycles between an entry's arrival in an empty queue and its first offer.
  unsigned latency = 0;

 private:
  void step() override {
    complain(in_check_.sample(dut->in_valid, dut->in_ready, source_.beat()), "input");
    complain(out_check_.sample(dut->out_valid, dut->out_ready, dut->out_data), "output");
    bench::check_eq<unsigned>(dut->level_o, static_cast<unsigned>(expected_.size()), "level");
    most = std::max(most, static_cast<unsigned>(expected_.size()));
    if (dut->out_valid && arrived_ != 0 && latency == 0) {
      latency = static_cast<unsigned>(cycle - arrived_);
    }
    if (dut->out_valid && dut->out_ready) {
      bench::check(!expected_.empty(), "an entry came out that never went in");
      bench::check_eq<uint32_t>(dut->out_data, expected_.front(), "entry");
      expected_.pop_front();
      received++;
    }
    if (dut->in_valid && dut->in_ready) {
      if (expected_.empty() && arrived_ == 0) arrived_ = cycle;
      expected_.push_back(source_.beat());
    }
    source_.step(dut->in_ready);
  }

  void step_apply() override {
    source_.step_apply();
    apply();
  }

  void apply() {
    bench::drive(dut->in_data, source_.beat());
    dut->in_valid = source_.valid();
    dut->out_ready = !rng.chance(stall_);
  }

  static void complain(const std::string &wrong, const char *where) {
    if (!wrong.empty()) bench::fail(std::string(where) + ": " + wrong);
  }

  bench::StreamSource<uint32_t, bench::Rng> source_;
  bench::StreamChecker<uint32_t> in_check_, out_check_;
  std::deque<uint32_t> expected_;
  unsigned stall_;
  uint64_t arrived_ = 0;
};

void run(unsigned idle, unsigned stall) {
  const unsigned count = 4000;
  Tb tb(idle, stall);
  tb.send(count);
  const uint64_t start = tb.cycle;
  while (!tb.drained()) {
    tb.clock();
    bench::check(tb.cycle < 100 * count, "not drained in time");
  }
  bench::check_eq(tb.received, static_cast<uint64_t>(count), "entries received");
  bench::check_eq(tb.latency, 1u + USE_BRAM, "latency");
  if (stall > idle) bench::check_eq(tb.most, kCapacity, "most entries held");
  if (idle == 0 && stall == 0) {
    bench::check(tb.cycle - start <= count + 4, "no full throughput");
  }
  std::printf("ok - idle %u %% stall %u %%: at most %u of %u entries, %" PRIu64 " cycles\n", idle,
              stall, tb.most, kCapacity, tb.cycle);
}

}  // namespace

int main() {
  std::printf("1..4\n");
  run(0, 0);
  run(60, 0);
  run(0, 60);
  run(45, 55);
  return 0;
}
