// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// AXI4-Lite master, one access at a time. Hard part: an access that the device never answers cannot
// be taken back (valid must stay), so it blocks later ones until it is answered or the device is
// reset.
#ifndef CHIM_BFM_AXIL_H
#define CHIM_BFM_AXIL_H

#include <cstdint>

namespace chim {

struct AxilPins {
  uint32_t *awaddr;
  uint8_t *awprot, *awvalid, *awready;
  uint32_t *wdata;
  uint8_t *wstrb, *wvalid, *wready;
  uint8_t *bresp, *bvalid, *bready;
  uint32_t *araddr;
  uint8_t *arprot, *arvalid, *arready;
  uint32_t *rdata;
  uint8_t *rresp, *rvalid, *rready;
};

// clang-format off
#define CHIM_AXIL_PINS(top, prefix)                                                             \
  ::chim::AxilPins {                                                                            \
    &(top).prefix##awaddr, &(top).prefix##awprot, &(top).prefix##awvalid, &(top).prefix##awready, \
    &(top).prefix##wdata, &(top).prefix##wstrb, &(top).prefix##wvalid, &(top).prefix##wready,   \
    &(top).prefix##bresp, &(top).prefix##bvalid, &(top).prefix##bready,                         \
    &(top).prefix##araddr, &(top).prefix##arprot, &(top).prefix##arvalid, &(top).prefix##arready, \
    &(top).prefix##rdata, &(top).prefix##rresp, &(top).prefix##rvalid, &(top).prefix##rready    \
  }
// clang-format on

class AxilMaster {
 public:
  explicit AxilMaster(const AxilPins &pins) : pins_(pins) { reset(); }

  bool idle() const { return !busy_; }
  // Start an access; the master must be idle. It appears on the pins at the next step_apply(): an
  // output that follows a pin within the clock is right only after the model was evaluated.
  void start_read(uint32_t addr);
  void start_write(uint32_t addr, uint32_t data);
  // Of the access that ended last.
  uint8_t resp() const { return resp_; }  // 0 OKAY, 2 SLVERR, 3 DECERR
  uint32_t data() const { return data_; }

  void step();
  void step_apply();
  void reset();

 private:
  AxilPins pins_;
  bool busy_ = false;
  bool ar_fire_ = false, r_fire_ = false, aw_fire_ = false, w_fire_ = false, b_fire_ = false;
  enum class Start { kNone, kRead, kWrite } start_ = Start::kNone;
  uint8_t resp_ = 0;
  uint32_t addr_ = 0;
  uint32_t data_ = 0;  // to be written, or read
};

}  // namespace chim

#endif
