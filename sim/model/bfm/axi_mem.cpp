// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// AXI4 memory slave, see axi_mem.h. References: IHI 0022 (AXI4) A3.4 (bursts), A5.3 (ordering).
#include "axi_mem.h"

#include <cstring>

namespace chim {

namespace {

constexpr size_t kMaxBeats = 256;
constexpr size_t kMaxBus = 64;
constexpr uint8_t kIncr = 1;
constexpr uint8_t kOkay = 0, kSlvErr = 2;

uint64_t align_down(uint64_t a, uint64_t to) { return a & ~(to - 1); }

// Address of beat i of a burst (IHI 0022 A3.4.1, INCR).
uint64_t beat_addr(uint64_t addr, uint8_t size, size_t i) {
  return i == 0 ? addr : align_down(addr, uint64_t{1} << size) + (uint64_t{i} << size);
}

}  // namespace

void AxiMem::Ring::push(const Request &r) {
  if (used == slot.size()) {
    // Unfold into a ring of twice the size; a run allocates a few times only.
    std::vector<Request> bigger(slot.empty() ? 256 : slot.size() * 2);
    for (size_t i = 0; i < used; ++i) bigger[i] = at(i);
    slot.swap(bigger);
    head = 0;
  }
  ++used;
  ++count;
  at(used - 1) = r;
  at(used - 1).done = false;
}

void AxiMem::Ring::finish(size_t i) {
  at(i).done = true;
  --count;
  while (used != 0 && at(0).done) {
    head = (head + 1) & (slot.size() - 1);
    --used;
  }
}

AxiMem::AxiMem(const AxiPins &pins, unsigned latency, unsigned stall_percent, uint64_t seed,
               Read read, Write write, void *ctx)
    : pins_(pins),
      latency_(latency),
      stall_(stall_percent),
      rng_(seed),
      read_(read),
      write_(write),
      ctx_(ctx),
      read_data_(kMaxBeats * kMaxBus + kMaxBus),
      write_data_(kMaxBeats * kMaxBus),
      write_strobe_(kMaxBeats) {
  reset();
}

bool AxiMem::legal(const Request &r) const {
  const uint64_t last = beat_addr(r.addr, r.size, r.len) | ((uint64_t{1} << r.size) - 1);
  return r.burst == kIncr && size_t{1} << r.size <= pins_.bytes && r.addr >> 12 == last >> 12;
}

// Next request that may be answered: the oldest, or with stalls any that is oldest of its ID.
size_t AxiMem::choose(Ring *ring) {
  if (ring->count == 0) return kNone;
  if (stall_ == 0) return ring->at(0).due <= clock_ ? 0 : kNone;
  uint32_t seen = 0, candidates = 0;
  size_t pick = kNone;
  for (size_t i = 0; i < ring->used; ++i) {
    const Request &r = ring->at(i);
    const uint32_t bit = 1u << (r.id & 15);
    if (r.done || (seen & bit)) continue;
    seen |= bit;
    if (r.due > clock_) continue;
    ++candidates;
    if (rng_.below(candidates) == 0) pick = i;
  }
  return pick;
}

void AxiMem::step() {
  ar_fire_ = *pins_.arvalid && *pins_.arready;
  r_fire_ = *pins_.rvalid && *pins_.rready;
  aw_fire_ = *pins_.awvalid && *pins_.awready;
  w_fire_ = *pins_.wvalid && *pins_.wready;
  b_fire_ = *pins_.bvalid && *pins_.bready;
  if (ar_fire_) {
    ar_ = Request{*pins_.araddr, clock_ + 1 + latency_, *pins_.arid, *pins_.arlen,
                  *pins_.arsize, *pins_.arburst,        kOkay,       false};
  }
  if (aw_fire_) {
    aw_ = Request{*pins_.awaddr,  0,     *pins_.awid, *pins_.awlen, *pins_.awsize,
                  *pins_.awburst, kOkay, false};
  }
  if (w_fire_) {
    // A burst that never ends keeps overwriting its last beat, and is then refused for its length.
    const size_t at = beats_ < kMaxBeats ? beats_ : kMaxBeats - 1;
    std::memcpy(&write_data_[at * pins_.bytes], pins_.wdata, pins_.bytes);
    uint64_t strobe = 0;
    std::memcpy(&strobe, pins_.wstrb, pins_.bytes / 8);
    write_strobe_[at] = strobe;
    ++beats_;
    write_whole_ = *pins_.wlast;
  }
}

// Fetch the memory of a whole burst and put its first beat on the pins.
void AxiMem::start_read(size_t i) {
  read_req_ = reads_.at(i);
  reads_.finish(i);
  ++counts_.reads;
  read_active_ = true;
  read_beat_ = 0;
  read_base_ = align_down(read_req_.addr, pins_.bytes);
  const uint64_t end = align_down(beat_addr(read_req_.addr, read_req_.size, read_req_.len),
                                  uint64_t{1} << read_req_.size) +
                       (uint64_t{1} << read_req_.size);
  read_req_.resp = kOkay;
  if (!legal(read_req_)) {
    ++counts_.violations;
    read_req_.resp = kSlvErr;
  } else if (read_(ctx_, read_req_.addr, &read_data_[read_req_.addr - read_base_],
                   end - read_req_.addr) != 0) {
    read_req_.resp = kSlvErr;
  }
  if (read_req_.resp != kOkay) ++counts_.errors;
}

void AxiMem::put_read_beat() {
  if (read_req_.resp == kOkay) {
    const uint64_t a = beat_addr(read_req_.addr, read_req_.size, read_beat_);
    std::memcpy(pins_.rdata, &read_data_[align_down(a, pins_.bytes) - read_base_], pins_.bytes);
  } else {
    std::memset(pins_.rdata, 0, pins_.bytes);
  }
  *pins_.rid = read_req_.id;
  *pins_.rresp = read_req_.resp;
  *pins_.rlast = read_beat_ == read_req_.len;
  *pins_.rvalid = 1;
}

// Hand the strobed bytes of the collected burst over, one call per run without a hole.
int AxiMem::write_runs(const Request &aw) {
  const size_t bus = pins_.bytes;
  const uint64_t full = bus == 64 ? ~uint64_t{0} : (uint64_t{1} << bus) - 1;
  uint64_t run_addr = 0;
  const uint8_t *run = nullptr;
  size_t run_len = 0;
  int err = 0;
  const auto flush = [&] {
    if (run_len != 0 && write_(ctx_, run_addr, run, run_len) != 0) err = -1;
    run_len = 0;
  };
  for (size_t i = 0; i < beats_; ++i) {
    const uint64_t word = align_down(beat_addr(aw.addr, aw.size, i), bus);
    const uint8_t *data = &write_data_[i * bus];
    const uint64_t strobe = write_strobe_[i];
    if (strobe == full && run_len != 0 && run_addr + run_len == word && run + run_len == data) {
      run_len += bus;
      continue;
    }
    for (size_t b = 0; b < bus; ++b) {
      if (!(strobe >> b & 1)) continue;
      // Narrow beats of one bus word lie apart in write_data_: they cannot share a run.
      if (run_len != 0 && run_addr + run_len == word + b && run + run_len == data + b) {
        ++run_len;
        continue;
      }
      flush();
      run_addr = word + b;
      run = data + b;
      run_len = 1;
    }
  }
  flush();
  return err;
}

// The oldest address and the collected beats belong together: data goes in address order (A5.3).
void AxiMem::finish_write() {
  Request r = aws_.at(0);
  aws_.finish(0);
  ++counts_.writes;
  r.resp = kOkay;
  if (!legal(r) || beats_ != size_t{r.len} + 1) {
    ++counts_.violations;
    r.resp = kSlvErr;
  } else if (write_runs(r) != 0) {
    r.resp = kSlvErr;
  }
  if (r.resp != kOkay) ++counts_.errors;
  beats_ = 0;
  write_whole_ = false;
  r.due = clock_ + latency_;
  answers_.push(r);
}

void AxiMem::step_apply() {
  ++clock_;
  if (ar_fire_) {
    reads_.push(ar_);
    ar_fire_ = false;
  }
  if (aw_fire_) {
    aws_.push(aw_);
    aw_fire_ = false;
  }
  const size_t outstanding = reads_.count + aws_.count + answers_.count;
  if (outstanding > counts_.most_outstanding) counts_.most_outstanding = outstanding;

  if (r_fire_) {
    r_fire_ = false;
    *pins_.rvalid = 0;
    ++counts_.read_beats;
    if (read_beat_++ == read_req_.len) read_active_ = false;
  }
  if (!*pins_.rvalid) {
    if (!read_active_) {
      const size_t i = choose(&reads_);
      if (i != kNone) start_read(i);
    }
    if (read_active_ && !rng_.percent(stall_)) put_read_beat();
  }

  if (w_fire_) {
    w_fire_ = false;
    ++counts_.write_beats;
  }
  if (write_whole_ && aws_.count != 0) finish_write();

  if (b_fire_) {
    b_fire_ = false;
    *pins_.bvalid = 0;
  }
  if (!*pins_.bvalid && !rng_.percent(stall_)) {
    const size_t i = choose(&answers_);
    if (i != kNone) {
      *pins_.bid = answers_.at(i).id;
      *pins_.bresp = answers_.at(i).resp;
      *pins_.bvalid = 1;
      answers_.finish(i);
    }
  }

  *pins_.arready = !rng_.percent(stall_);
  *pins_.awready = !rng_.percent(stall_);
  // A whole burst without its address waits; nothing more fits meanwhile.
  *pins_.wready = !write_whole_ && !rng_.percent(stall_);
}

void AxiMem::reset() {
  reads_.clear();
  aws_.clear();
  answers_.clear();
  read_active_ = write_whole_ = false;
  beats_ = 0;
  ar_fire_ = r_fire_ = aw_fire_ = w_fire_ = b_fire_ = false;
  *pins_.arready = *pins_.awready = *pins_.wready = *pins_.rvalid = *pins_.bvalid = 0;
}

}  // namespace chim
