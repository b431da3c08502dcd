// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of axis_skid: random idle and back-pressure, a queue as scoreboard, handshake checkers on
// both sides, drained at the end; then full throughput is measured. Hard part: none.
#include <cinttypes>

#include "Vdut.h"
#include "bench/axis.h"
#include "bench/bench.h"

namespace {

struct Beat {
  uint64_t data = 0;
  uint32_t keep = 0;
  uint32_t last = 0;
  uint32_t user = 0;
  bool operator==(const Beat &b) const {
    return data == b.data && keep == b.keep && last == b.last && user == b.user;
  }
};

class Tb : public bench::Base<Vdut> {
 public:
  Tb(unsigned idle, unsigned stall) : Base("axis_skid"), source_(rng, idle), stall_(stall) {
    apply();
    reset();
  }

  Beat random_beat() {
    const unsigned bytes = DATA_W / 8;
    Beat beat;
    beat.data = rng.u64() & (~0ull >> (64 - DATA_W));
    beat.keep = rng.u32() & ((1u << bytes) - 1);
    beat.last = rng.u32() & 1;
    beat.user = rng.u32() & ((1u << USER_W) - 1);
    return beat;
  }

  void send(unsigned count) {
    while (count--) source_.send(random_beat());
  }

  bool drained() const { return source_.empty() && expected_.empty(); }
  uint64_t received() const { return received_; }

 private:
  void step() override {
    const Beat out{dut->m_axis_tdata, dut->m_axis_tkeep, dut->m_axis_tlast, dut->m_axis_tuser};
    complain(in_check_.sample(dut->s_axis_tvalid, dut->s_axis_tready, source_.beat()), "input");
    complain(out_check_.sample(dut->m_axis_tvalid, dut->m_axis_tready, out), "output");
    if (dut->m_axis_tvalid && dut->m_axis_tready) {
      bench::check(!expected_.empty(), "a beat came out that never went in");
      bench::check(out == expected_.front(), "wrong beat number " + std::to_string(received_));
      expected_.pop_front();
      received_++;
    }
    if (dut->s_axis_tvalid && dut->s_axis_tready) expected_.push_back(source_.beat());
    source_.step(dut->s_axis_tready);
  }

  void step_apply() override {
    source_.step_apply();
    apply();
  }

  void apply() {
    bench::drive(dut->s_axis_tdata, source_.beat().data);
    bench::drive(dut->s_axis_tkeep, source_.beat().keep);
    bench::drive(dut->s_axis_tlast, source_.beat().last);
    bench::drive(dut->s_axis_tuser, source_.beat().user);
    dut->s_axis_tvalid = source_.valid();
    dut->m_axis_tready = !rng.chance(stall_);
  }

  static void complain(const std::string &wrong, const char *where) {
    if (!wrong.empty()) bench::fail(std::string(where) + ": " + wrong);
  }

  bench::StreamSource<Beat, bench::Rng> source_;
  bench::StreamChecker<Beat> in_check_, out_check_;
  std::deque<Beat> expected_;
  unsigned stall_;
  uint64_t received_ = 0;
};

void run(unsigned idle, unsigned stall) {
  const unsigned count = 5000;
  Tb tb(idle, stall);
  tb.send(count);
  const uint64_t start = tb.cycle;
  while (!tb.drained()) {
    tb.clock();
    bench::check(tb.cycle < 100 * count, "not drained in time");
  }
  bench::check_eq(tb.received(), count, "beats received");
  // One beat a cycle when nobody waits; two cycles of filling.
  if (idle == 0 && stall == 0) {
    bench::check(tb.cycle - start <= count + 3,
                 "no full throughput: " + std::to_string(tb.cycle - start) + " cycles");
  }
  std::printf("ok - idle %u %% stall %u %%: %u beats, %" PRIu64 " cycles\n", idle, stall, count,
              tb.cycle);
}

}  // namespace

int main() {
  std::printf("1..5\n");
  run(0, 0);
  run(50, 0);
  run(0, 50);
  run(50, 50);
  run(10, 90);
  return 0;
}
