// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Host memory for the AXI4 slave of sim/model/bfm: bytes from address 0 on. Hard part: none.
#ifndef CHIM_TESTS_UNIT_BENCH_HOST_MEM_H
#define CHIM_TESTS_UNIT_BENCH_HOST_MEM_H

#include <cstdint>
#include <cstring>
#include <vector>

namespace bench {

class HostMem : public std::vector<uint8_t> {
 public:
  explicit HostMem(size_t bytes) : vector(bytes), mapped(bytes) {}

  // Callbacks of chim::AxiMem, their context is the memory.
  static int read(void *ctx, uint64_t addr, void *buf, size_t len) {
    const auto &mem = *static_cast<HostMem *>(ctx);
    if (addr + len > mem.mapped) return -1;
    std::memcpy(buf, &mem[addr], len);
    return 0;
  }
  static int write(void *ctx, uint64_t addr, const void *buf, size_t len) {
    auto &mem = *static_cast<HostMem *>(ctx);
    if (addr + len > mem.mapped) return -1;
    std::memcpy(&mem[addr], buf, len);
    return 0;
  }

  uint64_t mapped;  // from here on requests fail
};

}  // namespace bench

#endif
