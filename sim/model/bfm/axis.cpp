// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// AXI4-Stream source and sink, see axis.h.
#include "axis.h"

#include <cstring>

namespace chim {

namespace {

// tkeep of a beat with n valid bytes; little-endian bytes of the mask.
void put_keep(uint8_t *keep, size_t bus_bytes, size_t n) {
  const uint64_t mask = n >= 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1;
  std::memcpy(keep, &mask, bus_bytes / 8);
}

uint64_t get_keep(const uint8_t *keep, size_t bus_bytes) {
  uint64_t mask = 0;
  std::memcpy(&mask, keep, bus_bytes / 8);
  return mask;
}

}  // namespace

AxisSource::AxisSource(const AxisPins &pins, size_t depth, unsigned stall_percent, uint64_t seed,
                       Taken taken, void *ctx)
    : pins_(pins), ring_(depth), stall_(stall_percent), rng_(seed), taken_(taken), ctx_(ctx) {
  reset();
}

bool AxisSource::push(const uint8_t *frame, size_t len, uint64_t cookie, bool bad) {
  if (count_ == ring_.size() || len == 0) return false;
  Frame &f = ring_[(head_ + count_) % ring_.size()];
  f.data.assign(frame, frame + len);
  f.cookie = cookie;
  f.bad = bad;
  ++count_;
  return true;
}

void AxisSource::step() { fire_ = *pins_.tvalid && *pins_.tready; }

// Put the beat at offset_ of the oldest frame on the pins.
void AxisSource::present() {
  const Frame &f = ring_[head_];
  const size_t left = f.data.size() - offset_;
  const size_t n = left < pins_.bytes ? left : pins_.bytes;
  std::memcpy(pins_.tdata, f.data.data() + offset_, n);
  if (n < pins_.bytes) std::memset(pins_.tdata + n, 0, pins_.bytes - n);
  put_keep(pins_.tkeep, pins_.bytes, n);
  *pins_.tlast = left <= pins_.bytes;
  *pins_.tuser = *pins_.tlast && f.bad;
  *pins_.tvalid = 1;
  on_pins_ = true;
}

void AxisSource::step_apply() {
  if (fire_) {
    on_pins_ = false;
    offset_ += pins_.bytes;
    if (offset_ >= ring_[head_].data.size()) {
      const uint64_t cookie = ring_[head_].cookie;
      offset_ = 0;
      head_ = (head_ + 1) % ring_.size();
      --count_;
      if (taken_) taken_(ctx_, cookie);
    }
  }
  // Once valid, a beat stays until it is taken (IHI 0051 2.2.1).
  if (on_pins_) return;
  if (count_ != 0 && !rng_.percent(stall_)) {
    present();
  } else {
    *pins_.tvalid = 0;
  }
}

void AxisSource::reset() {
  head_ = count_ = offset_ = 0;
  on_pins_ = fire_ = false;
  *pins_.tvalid = 0;
  *pins_.tlast = 0;
  *pins_.tuser = 0;
}

AxisSink::AxisSink(const AxisPins &pins, size_t max_len, unsigned stall_percent, uint64_t seed,
                   Frame frame, void *ctx)
    : pins_(pins), max_len_(max_len), stall_(stall_percent), rng_(seed), frame_(frame), ctx_(ctx) {
  buffer_.reserve(max_len + 64);
  reset();
}

void AxisSink::step() {
  fire_ = *pins_.tvalid && *pins_.tready;
  if (!fire_) return;
  const uint64_t keep = get_keep(pins_.tkeep, pins_.bytes);
  // Bytes are kept from lane 0 without a hole, and all of them except at the end of a frame.
  size_t n = keep == ~uint64_t{0} ? 64 : static_cast<size_t>(__builtin_ctzll(~keep));
  if (n > pins_.bytes) n = pins_.bytes;
  last_ = *pins_.tlast;
  bad_ = *pins_.tuser & 1;
  if ((n < 64 && keep >> n) || n == 0 || (n < pins_.bytes && !last_)) ++violations_;
  if (buffer_.size() + n > max_len_) {
    too_long_ = true;
  } else {
    buffer_.insert(buffer_.end(), pins_.tdata, pins_.tdata + n);
  }
}

void AxisSink::step_apply() {
  if (fire_ && last_) {
    if (frame_) frame_(ctx_, buffer_.data(), buffer_.size(), bad_ || too_long_);
    buffer_.clear();
    too_long_ = false;
  }
  fire_ = false;
  *pins_.tready = !rng_.percent(stall_);
}

void AxisSink::reset() {
  buffer_.clear();
  too_long_ = fire_ = last_ = bad_ = false;
  *pins_.tready = 0;
}

}  // namespace chim
