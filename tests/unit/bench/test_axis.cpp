// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The stream checker and the source on their own: broken handshakes must be found. Hard part: none.
#include <cstdint>
#include <cstdio>
#include <string>

#include "bench/axis.h"

namespace {

int number = 0;
bool good = true;

void point(bool passed, const char *what) {
  std::printf("%s %d - %s\n", passed ? "ok" : "not ok", ++number, what);
  good = good && passed;
}

// Never idle when asked for 0 %, always when asked for 100 %.
struct Fixed {
  bool chance(unsigned percent) { return percent >= 100; }
};

}  // namespace

int main() {
  std::printf("1..7\n");
  {
    bench::StreamChecker<int> c;
    bool silent = c.sample(false, true, 0).empty() && c.sample(true, false, 7).empty() &&
                  c.sample(true, false, 7).empty() && c.sample(true, true, 7).empty() &&
                  c.sample(true, true, 8).empty() && c.sample(false, false, 1).empty();
    point(silent, "a correct stream is accepted");
  }
  {
    bench::StreamChecker<int> c;
    c.sample(true, false, 7);
    point(c.sample(false, true, 7) == "valid fell before ready", "valid falls");
  }
  {
    bench::StreamChecker<int> c;
    c.sample(true, false, 7);
    point(c.sample(true, true, 8) == "beat changed while it waited", "beat changes");
  }
  {
    bench::StreamChecker<int> c;
    c.sample(true, true, 7);
    point(c.sample(true, true, 8).empty(), "a beat may change after it was taken");
  }
  Fixed rng;
  {
    bench::StreamSource<int, Fixed> s(rng, 0);
    s.send(5);
    s.send(6);
    s.step_apply();
    bool held = s.valid() && s.beat() == 5;
    s.step(false);
    s.step_apply();
    held = held && s.valid() && s.beat() == 5;
    point(held, "the source holds its beat while nobody is ready");
    s.step(true);
    s.step_apply();
    bool moved = s.valid() && s.beat() == 6 && !s.empty();
    s.step(true);
    s.step_apply();
    point(moved && !s.valid() && s.empty() && s.taken() == 2, "the source goes on, then is empty");
  }
  {
    bench::StreamSource<int, Fixed> s(rng, 100);
    s.send(5);
    s.step_apply();
    point(!s.valid() && !s.empty(), "an idle source is not valid");
  }
  return good ? 0 : 1;
}
