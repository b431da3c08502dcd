// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The lookup's hash in C++, to make keys that collide. Hard part: none; a wrong copy makes no
// collisions, which the bench would see.
#ifndef CHIM_TESTS_UNIT_RTL_CHIM_LOOKUP_HASH_REF_H
#define CHIM_TESTS_UNIT_RTL_CHIM_LOOKUP_HASH_REF_H

#include <array>
#include <cstdint>

namespace hash_ref {

using Words = std::array<uint32_t, 9>;  // local address, remote address, ports

inline uint32_t rotate(uint32_t x, unsigned n) { return n == 0 ? x : x << n | x >> (32 - n); }

inline uint64_t sboxes(uint64_t s) {
  static const uint8_t box[16] = {0xC, 5, 6, 0xB, 9, 0, 0xA, 0xD, 3, 0xE, 0xF, 8, 4, 7, 1, 2};
  uint64_t r = 0;
  for (unsigned i = 0; i < 64; i += 4) r |= static_cast<uint64_t>(box[s >> i & 15]) << i;
  return r;
}

inline uint64_t mix(uint64_t s) {
  uint64_t r = 0;
  for (unsigned i = 0; i < 64; i++) {
    r |= ((s >> ((5 * i + 3) % 64) ^ s >> ((5 * i + 24) % 64) ^ s >> ((5 * i + 46) % 64)) & 1) << i;
  }
  return r;
}

inline uint64_t hash(const Words &w, bool ipv6, uint32_t seed) {
  static const unsigned rot_a[9] = {3, 22, 9, 28, 0, 14, 27, 6, 17};
  static const unsigned rot_b[9] = {1, 16, 31, 14, 28, 6, 15, 22, 12};
  uint32_t a = 0, b = 0;
  for (unsigned k = 0; k < 9; k++) {
    a ^= rotate(w[k], rot_a[k]);
    b ^= rotate(w[k], rot_b[k]);
  }
  uint64_t s = static_cast<uint64_t>(a) << 32 | b;
  s ^= static_cast<uint64_t>(seed) << 32 | rotate(seed ^ 0x1fff, 19);
  s ^= ipv6;
  s = mix(sboxes(s));
  s ^= static_cast<uint64_t>(rotate(seed ^ 0xff, 24)) << 32 | rotate(seed, 13);
  s = mix(sboxes(s));
  return s & ((1ull << 40) - 1);
}

}  // namespace hash_ref

#endif
