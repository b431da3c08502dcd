// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Byte access to Verilator's pins of any width, and beats of a stream. Hard part: up to 64 bits a
// pin is an integer, above it is an array of 32-bit words.
#ifndef CHIM_TESTS_UNIT_RTL_COMMON_BITS_H
#define CHIM_TESTS_UNIT_RTL_COMMON_BITS_H

#include <cstdint>
#include <type_traits>
#include <vector>

#include <verilated.h>

namespace bits {

template <typename Pin>
uint8_t get_byte(const Pin &pin, unsigned i) {
  if constexpr (std::is_integral_v<Pin>) {
    return static_cast<uint8_t>(pin >> (8 * i));
  } else {
    return static_cast<uint8_t>(pin[i / 4] >> (8 * (i % 4)));
  }
}

template <typename Pin>
void set_byte(Pin &pin, unsigned i, uint8_t v) {
  if constexpr (std::is_integral_v<Pin>) {
    const Pin mask = static_cast<Pin>(static_cast<Pin>(0xff) << (8 * i));
    pin = static_cast<Pin>((pin & static_cast<Pin>(~mask)) |
                           static_cast<Pin>(static_cast<Pin>(v) << (8 * i)));
  } else {
    pin[i / 4] = (pin[i / 4] & ~(0xffu << (8 * (i % 4)))) | static_cast<uint32_t>(v)
                                                                << (8 * (i % 4));
  }
}

// Bits first..first+count-1 of a wide pin; count at most 64.
template <typename Pin>
uint64_t get_bits(const Pin &pin, unsigned first, unsigned count) {
  uint64_t v = 0;
  for (unsigned i = 0; i < count; i++) {
    const uint64_t bit = (get_byte(pin, (first + i) / 8) >> ((first + i) % 8)) & 1;
    v |= bit << i;
  }
  return v;
}

// One beat: its bytes (fewer than the bus only at last), last, and the side bit at last.
struct Beat {
  std::vector<uint8_t> bytes;
  bool last = false;
  bool user = false;
  bool operator==(const Beat &o) const {
    return bytes == o.bytes && last == o.last && user == o.user;
  }
};

template <typename Data, typename Keep>
void drive_beat(const Beat &b, unsigned bus_bytes, Data &data, Keep &keep) {
  uint64_t k = 0;
  for (unsigned i = 0; i < bus_bytes; i++) {
    set_byte(data, i, i < b.bytes.size() ? b.bytes[i] : static_cast<uint8_t>(0xE0 + i));
    if (i < b.bytes.size()) k |= 1ull << i;
  }
  keep = static_cast<Keep>(k);
}

template <typename Data>
std::vector<uint8_t> read_bytes(const Data &data, unsigned count) {
  std::vector<uint8_t> v(count);
  for (unsigned i = 0; i < count; i++) v[i] = get_byte(data, i);
  return v;
}

inline std::vector<Beat> to_beats(const std::vector<uint8_t> &frame, unsigned bus_bytes,
                                  bool user) {
  std::vector<Beat> beats;
  for (size_t at = 0; at < frame.size(); at += bus_bytes) {
    Beat b;
    const size_t end = std::min(frame.size(), at + bus_bytes);
    b.bytes.assign(frame.begin() + static_cast<long>(at), frame.begin() + static_cast<long>(end));
    b.last = end == frame.size();
    b.user = b.last && user;
    beats.push_back(b);
  }
  return beats;
}

}  // namespace bits

#endif
