// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// AXI4-Stream frame source and sink for the MAC side. Hard part: the rule of all bus-functional
// models here: step() only samples pins, before the clock edge; step_apply() only drives pins,
// after it.
#ifndef CHIM_BFM_AXIS_H
#define CHIM_BFM_AXIS_H

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rng.h"

namespace chim {

// Pins of one stream. Verilator keeps a vector of any width as little-endian bytes.
struct AxisPins {
  uint8_t *tdata;
  uint8_t *tkeep;
  uint8_t *tlast;
  uint8_t *tuser;
  uint8_t *tvalid;
  uint8_t *tready;
  size_t bytes;  // of tdata, 8..64, power of two
};

// clang-format off
#define CHIM_AXIS_PINS(top, prefix)                                             \
  ::chim::AxisPins {                                                            \
    reinterpret_cast<uint8_t *>(&(top).prefix##tdata),                          \
    reinterpret_cast<uint8_t *>(&(top).prefix##tkeep), &(top).prefix##tlast,    \
    &(top).prefix##tuser, &(top).prefix##tvalid, &(top).prefix##tready,         \
    sizeof((top).prefix##tdata)                                                 \
  }
// clang-format on

// Plays whole frames into the device, back to back unless told to stall.
class AxisSource {
 public:
  using Taken = void (*)(void *ctx, uint64_t cookie);

  AxisSource(const AxisPins &pins, size_t depth, unsigned stall_percent, uint64_t seed, Taken taken,
             void *ctx);

  // Copies the frame. bad marks it at its last beat (tuser), as a MAC marks a wrong FCS. False:
  // full.
  bool push(const uint8_t *frame, size_t len, uint64_t cookie, bool bad = false);
  size_t waiting() const { return count_; }  // frames not yet wholly inside
  bool idle() const { return count_ == 0; }

  void step();        // before the edge
  void step_apply();  // after the edge
  void reset();       // drops everything

 private:
  struct Frame {
    std::vector<uint8_t> data;  // keeps its memory between uses
    uint64_t cookie;
    bool bad;
  };
  void present();

  AxisPins pins_;
  std::vector<Frame> ring_;
  size_t head_ = 0, count_ = 0;
  size_t offset_ = 0;  // of the beat on the pins
  bool on_pins_ = false, fire_ = false;
  unsigned stall_;
  Rng rng_;
  Taken taken_;
  void *ctx_;
};

// Collects frames from the device.
class AxisSink {
 public:
  // bad: tuser was set at the last beat, or the frame was longer than max_len.
  using Frame = void (*)(void *ctx, const uint8_t *data, size_t len, bool bad);

  AxisSink(const AxisPins &pins, size_t max_len, unsigned stall_percent, uint64_t seed, Frame frame,
           void *ctx);

  bool idle() const { return buffer_.empty() && !fire_ && !*pins_.tvalid; }
  uint64_t violations() const {
    return violations_;
  }  // holes in tkeep, partial beats inside a frame

  void step();
  void step_apply();
  void reset();

 private:
  AxisPins pins_;
  std::vector<uint8_t> buffer_;
  size_t max_len_;
  bool too_long_ = false, fire_ = false, last_ = false, bad_ = false;
  unsigned stall_;
  uint64_t violations_ = 0;
  Rng rng_;
  Frame frame_;
  void *ctx_;
};

}  // namespace chim

#endif
