// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Packs and unpacks SystemVerilog structures on Verilator's wide pins. Hard part: the first field
// of a packed structure is its most significant, words of a pin go the other way round.
#ifndef CHIM_TESTS_BITS_H
#define CHIM_TESTS_BITS_H

#include <cstdint>
#include <vector>

namespace bits {

// Takes fields in the order of the declaration.
class Writer {
 public:
  explicit Writer(unsigned width) : at_(width), words_((width + 31) / 32, 0) {}
  Writer &put(unsigned width, uint64_t value) {
    for (unsigned i = width; i-- > 0;) {
      at_--;
      if (value >> i & 1) words_[at_ / 32] |= 1u << (at_ % 32);
    }
    return *this;
  }
  bool full() const { return at_ == 0; }
  template <typename Pin>
  void to(Pin &pin) const {
    if constexpr (std::is_integral_v<Pin>) {
      uint64_t v = words_[0];
      if (words_.size() > 1) v |= uint64_t(words_[1]) << 32;
      pin = static_cast<Pin>(v);
    } else {
      for (unsigned i = 0; i < words_.size(); i++) pin[i] = words_[i];
    }
  }

 private:
  unsigned at_;
  std::vector<uint32_t> words_;
};

// Gives fields in the order of the declaration.
class Reader {
 public:
  template <typename Pin>
  Reader(unsigned width, const Pin &pin) : at_(width), words_((width + 31) / 32, 0) {
    if constexpr (std::is_integral_v<Pin>) {
      words_[0] = static_cast<uint32_t>(pin);
      if (words_.size() > 1) words_[1] = static_cast<uint32_t>(uint64_t(pin) >> 32);
    } else {
      for (unsigned i = 0; i < words_.size(); i++) words_[i] = pin[i];
    }
  }
  uint32_t get(unsigned width) {
    uint64_t v = 0;
    for (unsigned i = 0; i < width; i++) {
      at_--;
      v = v << 1 | (words_[at_ / 32] >> (at_ % 32) & 1);
    }
    return static_cast<uint32_t>(v);
  }
  bool empty() const { return at_ == 0; }

 private:
  unsigned at_;
  std::vector<uint32_t> words_;
};

}  // namespace bits

#endif
