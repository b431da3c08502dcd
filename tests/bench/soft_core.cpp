// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The soft core alone, see soft_core.h: VexRiscv with a RAM that answers in the next clock, in a
// loop of loads, stores and sums. Hard part: none.
#include "soft_core.h"

#include "Vvex.h"
#include "verilated.h"

namespace {

constexpr uint32_t kWords = 1024;  // of the RAM
constexpr uint32_t kCount = 512;   // word that the loop counts in

// RV32I: x1 = 4 * kCount; loop: x2 = [x1]; x2 += 1; [x1] = x2; x3 += x2; x4 ^= x3; goto loop
constexpr uint32_t kProgram[] = {
    0x000010B7,  // lui  x1, 1
    0x80008093,  // addi x1, x1, -2048
    0x0000A103,  // lw   x2, 0(x1)
    0x00110113,  // addi x2, x2, 1
    0x0020A023,  // sw   x2, 0(x1)
    0x002181B3,  // add  x3, x3, x2
    0x00324233,  // xor  x4, x4, x3
    0xFEDFF06F,  // j    -20
};

}  // namespace

struct soft_core {
  VerilatedContext context;
  Vvex top{&context};
  uint32_t ram[kWords] = {};
};

soft_core *soft_core_open() {
  auto *c = new soft_core;
  for (size_t i = 0; i < sizeof(kProgram) / sizeof(kProgram[0]); ++i) c->ram[i] = kProgram[i];
  c->top.reset = 1;
  soft_core_step(c, 16);
  c->top.reset = 0;
  return c;
}

void soft_core_close(soft_core *c) { delete c; }

void soft_core_step(soft_core *c, uint64_t clocks) {
  Vvex &t = c->top;
  for (uint64_t n = 0; n < clocks; ++n) {
    const bool fetch = t.iBusWishbone_CYC && t.iBusWishbone_STB && !t.iBusWishbone_ACK;
    const bool data = t.dBusWishbone_CYC && t.dBusWishbone_STB && !t.dBusWishbone_ACK;
    const uint32_t i = t.iBusWishbone_ADR % kWords, d = t.dBusWishbone_ADR % kWords;
    if (data && t.dBusWishbone_WE) c->ram[d] = t.dBusWishbone_DAT_MOSI;
    t.clk = 1;
    t.eval();
    t.iBusWishbone_ACK = fetch;
    t.iBusWishbone_DAT_MISO = c->ram[i];
    t.dBusWishbone_ACK = data;
    t.dBusWishbone_DAT_MISO = c->ram[d];
    t.clk = 0;
    t.eval();
  }
}

uint32_t soft_core_rounds(const soft_core *c) { return c->ram[kCount]; }
