// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of chim_pend_set: random pushes (also the same number twice in a row, and the number that
// is being popped) and random stalls against a list of what is owed. Hard part: a push counts for a
// pop of a later clock only, so what is owed after a pop depends on the very clock.
#include <cinttypes>
#include <vector>

#include "Vdut.h"
#include "bench/bench.h"

namespace {

class Tb : public bench::Base<Vdut> {
 public:
  Tb(unsigned push, unsigned stall, unsigned spread)
      : Base("chim_pend_set"),
        owed_(ENTRIES),
        since_(ENTRIES),
        push_(push),
        stall_(stall),
        spread_(spread) {
    dut->push_valid = 0;
    dut->pop_ready = 0;
    reset();
    unsigned clear = 0;
    while (!dut->ready_o) {
      clock();
      bench::check(++clear <= ENTRIES + 2, "clearing takes one clock for each entry");
    }
    running_ = true;
  }
  void stop() { push_ = stall_ = 0; }
  bool drained() const {
    for (bool o : owed_) {
      if (o) return false;
    }
    return true;
  }
  uint64_t pushes = 0, pops = 0, joined = 0, at_pop = 0;
  unsigned latency = 0;

 private:
  void step() override {
    if (!running_) return;
    const bool pop = dut->pop_valid && dut->pop_ready;
    if (waiting_) {
      bench::check(dut->pop_valid, "pop_valid fell");
      bench::check_eq<unsigned>(dut->pop_id, last_id_, "pop_id changed while it waited");
    }
    waiting_ = dut->pop_valid && !dut->pop_ready;
    last_id_ = dut->pop_id;
    if (dut->idle_o) bench::check(drained(), "idle, but something is owed");
    if (pop) {
      bench::check(owed_[dut->pop_id], "popped, but never pushed or popped before");
      owed_[dut->pop_id] = false;
      pops++;
      if (latency == 0) latency = static_cast<unsigned>(cycle - since_[dut->pop_id]);
    }
    if (dut->push_valid) {
      pushes++;
      joined += owed_[dut->push_id];
      at_pop += pop && dut->pop_id == dut->push_id;
      if (!owed_[dut->push_id]) since_[dut->push_id] = cycle;
      owed_[dut->push_id] = true;
    }
    for (unsigned i = 0; i < ENTRIES; i++) {
      // Order is kept, so nothing waits longer than everybody before it.
      bench::check(!owed_[i] || cycle - since_[i] < 40 * ENTRIES + 200,
                   "lost, or overtaken for ever");
    }
  }
  void step_apply() override {
    if (!running_) return;
    dut->push_valid = rng.chance(push_);
    const unsigned kind = rng.below(4);
    if (kind == 0)
      dut->push_id = dut->pop_id;
    else if (kind > 1)
      dut->push_id = rng.below(spread_);
    dut->pop_ready = !rng.chance(stall_);
  }
  std::vector<bool> owed_;
  std::vector<uint64_t> since_;
  unsigned push_, stall_, spread_, last_id_ = 0;
  bool running_ = false, waiting_ = false;
};

void run(unsigned push, unsigned stall, unsigned spread) {
  Tb tb(push, stall, spread);
  tb.clocks(30000);
  tb.stop();
  tb.clocks(ENTRIES + 20);
  bench::check(tb.drained(), "not drained");
  bench::check(tb.dut->idle_o, "idle");
  bench::check(tb.joined > 100 && tb.at_pop > 50, "hard cases were met");
  std::printf("# %" PRIu64 " pushes, %" PRIu64 " pops, %" PRIu64 " at their pop\n", tb.pushes,
              tb.pops, tb.at_pop);
}

}  // namespace

int main() {
  run(60, 30, ENTRIES);
  run(100, 0, ENTRIES);
  run(100, 70, ENTRIES);
  run(90, 20, 3);
  run(50, 50, 8);
  {
    Tb tb(0, 0, 1);
    tb.dut->push_valid = 0;
    tb.clocks(20);
    tb.dut->push_valid = 1;
    tb.dut->push_id = 1;
    tb.clock();
    tb.stop();
    tb.clocks(10);
    bench::check_eq(tb.latency, ENTRIES > 64 ? 3u : 2u, "latency from push to pop");
  }
  std::printf("1..1\nok 1 - set of %d\n", ENTRIES);
  return 0;
}
