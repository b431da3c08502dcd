// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bus functional models of a valid/ready stream: a source with random idle cycles, a sink with
// random back-pressure, and a checker of the handshake. Hard part: the checker needs no module at
// all, so its own test can show it broken handshakes.
#ifndef CHIM_TESTS_UNIT_BENCH_AXIS_H
#define CHIM_TESTS_UNIT_BENCH_AXIS_H

#include <deque>
#include <string>

namespace bench {

// IHI 0051 2.2.1: once valid, it stays until ready, with the same beat.
template <typename Beat>
class StreamChecker {
 public:
  // One cycle as sampled before the edge; returns an empty string or what is wrong.
  std::string sample(bool valid, bool ready, const Beat &beat) {
    std::string wrong;
    if (waiting_ && !valid) wrong = "valid fell before ready";
    if (waiting_ && valid && !(beat == last_)) wrong = "beat changed while it waited";
    waiting_ = valid && !ready;
    last_ = beat;
    return wrong;
  }

 private:
  bool waiting_ = false;
  Beat last_{};
};

// Gives the queued beats, each after a random pause. Beat needs ==.
template <typename Beat, typename Random>
class StreamSource {
 public:
  StreamSource(Random &rng, unsigned idle_percent) : rng_(rng), idle_(idle_percent) {}
  void send(const Beat &beat) { queue_.push_back(beat); }
  bool empty() const { return queue_.empty() && !valid_; }
  // Sampled before the edge: did the sink take the beat?
  void step(bool ready) {
    if (valid_ && ready) {
      valid_ = false;
      taken_++;
    }
  }
  // After the edge: the pins for the next cycle.
  void step_apply() {
    if (!valid_ && !queue_.empty() && !rng_.chance(idle_)) {
      beat_ = queue_.front();
      queue_.pop_front();
      valid_ = true;
    }
  }
  bool valid() const { return valid_; }
  const Beat &beat() const { return beat_; }
  uint64_t taken() const { return taken_; }

 private:
  Random &rng_;
  unsigned idle_;
  std::deque<Beat> queue_;
  Beat beat_{};
  bool valid_ = false;
  uint64_t taken_ = 0;
};

}  // namespace bench

#endif
