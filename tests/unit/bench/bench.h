// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// What every Verilator bench needs: a seed that is printed, a clock, checks that say where they
// failed, and a bound on the run. Hard part: pins are driven between clock edges only.
//
// Use: class Tb : public bench::Base<Vdut> { step() samples, step_apply() drives }; see
// tests/README.md.
#ifndef CHIM_TESTS_UNIT_BENCH_H
#define CHIM_TESTS_UNIT_BENCH_H

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>

#include <verilated.h>

namespace bench {

// Random numbers of one run. SEED in the environment repeats a run; it is printed at the start.
class Rng {
 public:
  explicit Rng(const char *name) {
    const char *text = std::getenv("SEED");
    seed_ = text ? std::strtoull(text, nullptr, 0) : std::random_device{}();
    engine_.seed(seed_);
    std::printf("# %s SEED=%llu\n", name, static_cast<unsigned long long>(seed_));
    std::fflush(stdout);
  }
  uint64_t seed() const { return seed_; }
  uint64_t u64() { return engine_(); }
  uint32_t u32() { return static_cast<uint32_t>(engine_() >> 32); }
  // 0 <= result < bound
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(u32() % bound); }
  // True in `percent` of the calls.
  bool chance(unsigned percent) { return below(100) < percent; }

 private:
  uint64_t seed_ = 0;
  std::mt19937_64 engine_;
};

// Prints the failure, with the seed's line above it, and ends the program with exit code 1.
[[noreturn]] inline void fail(const std::string &what) {
  std::printf("FAIL: %s\n", what.c_str());
  std::fflush(stdout);
  std::exit(1);
}

inline void check(bool good, const std::string &what) {
  if (!good) fail(what);
}

template <typename T, typename U>
void check_eq(const T &got, const U &want, const std::string &what) {
  if (!(got == want)) {
    fail(what + ": got " + std::to_string(got) + ", want " + std::to_string(want));
  }
}

// Pins are references to the narrowest integer that holds them.
template <typename Pin, typename Value>
void drive(Pin &pin, const Value &value) {
  pin = static_cast<Pin>(value);
}

// Owns context and model; clock() is one cycle: sample at the edge, then drive for the next one.
template <typename Model>
class Base {
 private:
  VerilatedContext context_;  // first: it must outlive the model

 public:
  explicit Base(const char *name) : rng(name) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(rng.seed() & 0x7fffffff) | 1);
    context_.assertOn(true);
    dut = std::make_unique<Model>(&context_);
    dut->clk_i = 0;  // pins start at random too; the first edge must be one
    dut->eval();
  }
  virtual ~Base() { dut->final(); }

  // Called before the rising edge, when all pins are settled: read, never write.
  virtual void step() {}
  // Called after it: write inputs, never read outputs that depend on them.
  virtual void step_apply() {}

  void clock() {
    dut->eval();
    if (!in_reset_) step();
    dut->clk_i = 1;
    dut->eval();
    if (!in_reset_) step_apply();
    dut->clk_i = 0;
    dut->eval();
    cycle++;
    check(!context_.gotFinish(), "the model stopped: an assertion failed or $finish was called");
  }

  void clocks(uint64_t count) {
    while (count--) clock();
  }

  // For modules with rst_ni; the pins keep what the constructor gave them.
  void reset(unsigned cycles = 4) {
    in_reset_ = true;
    dut->rst_ni = 0;
    clocks(cycles);
    dut->rst_ni = 1;
    in_reset_ = false;
  }

  Rng rng;
  std::unique_ptr<Model> dut;
  uint64_t cycle = 0;

 private:
  bool in_reset_ = false;
};

}  // namespace bench

#endif
