// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Small seeded random source of the bus-functional models (xorshift64*): fast enough to be asked
// every clock, and the same on every machine. Hard part: none.
#ifndef CHIM_BFM_RNG_H
#define CHIM_BFM_RNG_H

#include <cstdint>

namespace chim {

class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 0xD1B54A32D192ED03u) {
    if (state_ == 0) state_ = 1;
  }
  uint64_t next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1Du;
  }
  // 0..n-1
  uint32_t below(uint32_t n) { return static_cast<uint32_t>((next() >> 32) * n >> 32); }
  bool percent(unsigned p) { return p != 0 && below(100) < p; }

 private:
  uint64_t state_;
};

}  // namespace chim

#endif
