// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// AXI4 slave that stands for host memory behind PCIe: a latency, any number of outstanding
// requests, order within an ID, random stalls and (with stalls) random order across IDs, SLVERR
// where a callback says that nothing is mapped. Hard part: full rate, so that what is measured is
// the device: one beat per clock in both directions and no gap between bursts.
#ifndef CHIM_BFM_AXI_MEM_H
#define CHIM_BFM_AXI_MEM_H

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rng.h"

namespace chim {

struct AxiPins {
  uint8_t *awid;
  uint64_t *awaddr;
  uint8_t *awlen, *awsize, *awburst, *awvalid, *awready;
  uint8_t *wdata, *wstrb, *wlast, *wvalid, *wready;
  uint8_t *bid, *bresp, *bvalid, *bready;
  uint8_t *arid;
  uint64_t *araddr;
  uint8_t *arlen, *arsize, *arburst, *arvalid, *arready;
  uint8_t *rid, *rdata, *rresp, *rlast, *rvalid, *rready;
  size_t bytes;  // of wdata and rdata, 8..64, power of two
};

// clang-format off
#define CHIM_AXI_PINS(top, p)                                                                \
  ::chim::AxiPins {                                                                          \
    &(top).p##awid, &(top).p##awaddr, &(top).p##awlen, &(top).p##awsize, &(top).p##awburst,  \
    &(top).p##awvalid, &(top).p##awready,                                                    \
    reinterpret_cast<uint8_t *>(&(top).p##wdata),                                            \
    reinterpret_cast<uint8_t *>(&(top).p##wstrb), &(top).p##wlast, &(top).p##wvalid,         \
    &(top).p##wready, &(top).p##bid, &(top).p##bresp, &(top).p##bvalid, &(top).p##bready,    \
    &(top).p##arid, &(top).p##araddr, &(top).p##arlen, &(top).p##arsize, &(top).p##arburst,  \
    &(top).p##arvalid, &(top).p##arready, &(top).p##rid,                                     \
    reinterpret_cast<uint8_t *>(&(top).p##rdata), &(top).p##rresp, &(top).p##rlast,          \
    &(top).p##rvalid, &(top).p##rready, sizeof((top).p##wdata)                               \
  }
// clang-format on

struct AxiMemCounts {
  uint64_t reads, writes;  // bursts
  uint64_t read_beats, write_beats;
  uint64_t errors;          // bursts answered with SLVERR
  uint64_t violations;      // bursts that break AXI4: not INCR, over 4 KiB, wlast misplaced
  size_t most_outstanding;  // requests, both directions
};

class AxiMem {
 public:
  // 0, or not 0 for SLVERR. A write call gets bytes in ascending order, a burst's in few calls.
  using Read = int (*)(void *ctx, uint64_t addr, void *buf, size_t len);
  using Write = int (*)(void *ctx, uint64_t addr, const void *buf, size_t len);

  AxiMem(const AxiPins &pins, unsigned latency, unsigned stall_percent, uint64_t seed, Read read,
         Write write, void *ctx);

  bool idle() const {
    return reads_.count == 0 && answers_.count == 0 && aws_.count == 0 && beats_ == 0 &&
           !read_active_ && !*pins_.bvalid && !*pins_.arvalid && !*pins_.awvalid && !*pins_.wvalid;
  }
  const AxiMemCounts &counts() const { return counts_; }

  void step();        // before the edge
  void step_apply();  // after the edge
  void reset();       // forgets everything outstanding

 private:
  struct Request {
    uint64_t addr;
    uint64_t due;  // clock from which it may be answered
    uint8_t id, len, size, burst;
    uint8_t resp;  // answers only
    bool done;     // answered out of order, still in the ring
  };
  // First-in first-out ring that grows; entries are marked done in any order.
  struct Ring {
    std::vector<Request> slot;
    size_t head = 0, used = 0;  // used: with those done
    size_t count = 0;           // not done
    void push(const Request &r);
    Request &at(size_t i) { return slot[(head + i) & (slot.size() - 1)]; }
    void finish(size_t i);
    void clear() { head = used = count = 0; }
  };

  static constexpr size_t kNone = ~size_t{0};
  size_t choose(Ring *ring);
  bool legal(const Request &r) const;
  void start_read(size_t i);
  void put_read_beat();
  void finish_write();
  int write_runs(const Request &aw);

  AxiPins pins_;
  unsigned latency_, stall_;
  Rng rng_;
  Read read_;
  Write write_;
  void *ctx_;
  uint64_t clock_ = 0;
  AxiMemCounts counts_{};

  Ring reads_, aws_, answers_;

  // Read burst on the R channel.
  bool read_active_ = false;
  Request read_req_{};
  unsigned read_beat_ = 0;
  uint64_t read_base_ = 0;  // bus address of read_data_[0]
  std::vector<uint8_t> read_data_;

  // Write burst being collected: beats as they came, lanes in place.
  size_t beats_ = 0;
  bool write_whole_ = false;  // the last beat is here
  std::vector<uint8_t> write_data_;
  std::vector<uint64_t> write_strobe_;

  // Sampled before the edge.
  bool ar_fire_ = false, r_fire_ = false, aw_fire_ = false, w_fire_ = false, b_fire_ = false;
  Request ar_{}, aw_{};
};

}  // namespace chim

#endif
