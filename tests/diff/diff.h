// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// What the differential tests share: values that sit on boundaries, printing of records, counts of
// what was reached. Hard part: most random states never reach the interesting clause.
#ifndef CHIM_TESTS_DIFF_DIFF_H
#define CHIM_TESTS_DIFF_DIFF_H

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <map>
#include <string>

#include "bench/bench.h"
#include "contract/chim_contract.h"

namespace diff {

// Pairs compared in one run; PAIRS= in the environment for longer ones.
inline uint64_t pairs() {
  const char *text = std::getenv("PAIRS");
  return text ? std::strtoull(text, nullptr, 0) : 1'200'000;
}

class Values {
 public:
  explicit Values(bench::Rng &rng) : rng_(rng) {}

  bool one_in(uint32_t n) { return rng_.below(n) == 0; }
  bool bit() { return one_in(2); }
  uint32_t any() { return rng_.u32(); }
  uint32_t below(uint32_t n) { return n == 0 ? 0 : rng_.below(n); }
  uint32_t pick(std::initializer_list<uint32_t> list) {
    return list.begin()[rng_.below(static_cast<uint32_t>(list.size()))];
  }
  // Of some magnitude: all lengths of numbers are as likely.
  uint32_t some(unsigned bits) {
    const unsigned n = below(bits + 1);
    return n == 0 ? 0 : any() >> (32 - n);
  }
  // At one of the points, or next to it.
  uint32_t near(std::initializer_list<uint32_t> list) {
    const uint32_t at = pick(list);
    switch (below(6)) {
      case 0:
        return at + 1;
      case 1:
        return at - 1;
      case 2:
        return at + some(12) - some(12);
      default:
        return at;
    }
  }
  // A point on the circle; often where it wraps or turns negative.
  uint32_t point() { return bit() ? any() : pick({0, 0x80000000}) + some(16) - some(16); }
  uint8_t count() { return static_cast<uint8_t>(bit() ? any() : near({0, 2, 254})); }

 private:
  bench::Rng &rng_;
};

struct Field {
  const char *name;
  unsigned lsb, width;
};

inline uint32_t field_of(const uint32_t *image, const Field &f) {
  const uint64_t two =
      image[f.lsb / 32] | (f.lsb % 32 ? static_cast<uint64_t>(image[f.lsb / 32 + 1]) << 32 : 0);
  const uint64_t v = two >> (f.lsb % 32);
  return static_cast<uint32_t>(f.width == 32 ? v : v & ((uint64_t{1} << f.width) - 1));
}

// Before, as the RTL and as the reference left it; fields that differ are marked.
template <size_t N>
void print_record(const char *what, const Field (&fields)[N], const uint32_t *before,
                  const uint32_t *rtl, const uint32_t *ref) {
  std::printf("# %-18s %10s %10s %10s\n", what, "before", "RTL", "reference");
  for (const Field &f : fields) {
    const uint32_t r = field_of(rtl, f), c = field_of(ref, f);
    std::printf("# %-18s 0x%08x 0x%08x 0x%08x%s\n", f.name, field_of(before, f), r, c,
                r == c ? "" : "  <-- differs");
  }
}

template <size_t N>
void print_input(const char *what, const Field (&fields)[N], const uint32_t *image) {
  std::printf("# %s:", what);
  for (const Field &f : fields) std::printf(" %s=0x%x", f.name, field_of(image, f));
  std::printf("\n");
}

// Compared values beside the state.
class Compare {
 public:
  void value(const char *name, uint32_t rtl, uint32_t ref) {
    if (rtl == ref) return;
    text_ += std::string(text_.empty() ? "" : ", ") + name + ": RTL " + std::to_string(rtl) +
             ", reference " + std::to_string(ref);
  }
  bool same() const { return text_.empty(); }
  const std::string &text() const { return text_; }

 private:
  std::string text_;
};

// What the runs reached. Each must have been reached often, or the run compared too little.
class Reached {
 public:
  void note(const std::string &what, bool yes = true) { counts_[what] += yes; }
  bool enough(uint64_t least) const {
    bool good = true;
    for (const auto &[what, n] : counts_) {
      std::printf("# reached %-28s %9llu%s\n", what.c_str(), static_cast<unsigned long long>(n),
                  n < least ? "  <-- too few" : "");
      good = good && n >= least;
    }
    return good;
  }

 private:
  std::map<std::string, uint64_t> counts_;
};

#define DIFF_FIELD(name, lsb, width, count, is_signed) {#name, lsb, width},

}  // namespace diff

#endif
