// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of ram_1r1w_fwd: random reads and writes against an array, many of the same address at
// once. Hard part: none; data stay until the next read, whatever is written meanwhile.
#include <map>

#include "Vdut.h"
#include "bench/bench.h"

namespace {

class Tb : public bench::Base<Vdut> {
 public:
  Tb() : Base("ram_1r1w_fwd") { step_apply(); }
  uint64_t reads = 0, forwarded = 0;

 private:
  void step() override {
    if (have_) bench::check_eq<uint32_t>(dut->rd_data_o, want_, "data read");
    if (dut->wr_en_i) mem_[dut->wr_addr_i] = dut->wr_data_i;
    if (dut->rd_en_i) {
      const auto found = mem_.find(dut->rd_addr_i);
      have_ = found != mem_.end();
      if (have_) want_ = found->second;
      reads += have_;
      forwarded += dut->wr_en_i && dut->wr_addr_i == dut->rd_addr_i;
    }
  }

  void step_apply() override {
    dut->wr_en_i = rng.chance(50);
    bench::drive(dut->wr_addr_i, rng.below(DEPTH));
    bench::drive(dut->wr_data_i, rng.u32() & 0xFFFFFF);
    dut->rd_en_i = rng.chance(70);
    bench::drive(dut->rd_addr_i, rng.below(DEPTH));
  }

  std::map<uint32_t, uint32_t> mem_;
  bool have_ = false;
  uint32_t want_ = 0;
};

}  // namespace

int main() {
  Tb tb;
  tb.clocks(20000);
  bench::check(tb.reads > 10000 && tb.forwarded > 50, "too little was tried");
  return 0;
}
