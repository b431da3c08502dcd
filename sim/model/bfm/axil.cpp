// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// AXI4-Lite master, see axil.h.
#include "axil.h"

namespace chim {

void AxilMaster::start_read(uint32_t addr) {
  busy_ = true;
  start_ = Start::kRead;
  addr_ = addr;
}

void AxilMaster::start_write(uint32_t addr, uint32_t data) {
  busy_ = true;
  start_ = Start::kWrite;
  addr_ = addr;
  data_ = data;
}

void AxilMaster::step() {
  if (!busy_) return;
  ar_fire_ = *pins_.arvalid && *pins_.arready;
  aw_fire_ = *pins_.awvalid && *pins_.awready;
  w_fire_ = *pins_.wvalid && *pins_.wready;
  r_fire_ = *pins_.rvalid && *pins_.rready;
  b_fire_ = *pins_.bvalid && *pins_.bready;
  if (r_fire_) {
    resp_ = *pins_.rresp;
    data_ = *pins_.rdata;
  }
  if (b_fire_) resp_ = *pins_.bresp;
}

void AxilMaster::step_apply() {
  if (!busy_) return;
  if (start_ == Start::kRead) {
    *pins_.araddr = addr_;
    *pins_.arvalid = 1;
    *pins_.rready = 1;
  } else if (start_ == Start::kWrite) {
    *pins_.awaddr = addr_;
    *pins_.awvalid = 1;
    *pins_.wdata = data_;
    *pins_.wstrb = 0xF;
    *pins_.wvalid = 1;
    *pins_.bready = 1;
  }
  start_ = Start::kNone;
  if (ar_fire_) *pins_.arvalid = 0;
  if (aw_fire_) *pins_.awvalid = 0;
  if (w_fire_) *pins_.wvalid = 0;
  if (r_fire_ || b_fire_) {
    *pins_.rready = 0;
    *pins_.bready = 0;
    busy_ = false;
  }
  ar_fire_ = aw_fire_ = w_fire_ = r_fire_ = b_fire_ = false;
}

void AxilMaster::reset() {
  busy_ = false;
  start_ = Start::kNone;
  ar_fire_ = aw_fire_ = w_fire_ = r_fire_ = b_fire_ = false;
  *pins_.awprot = *pins_.arprot = 0;
  *pins_.awvalid = *pins_.wvalid = *pins_.bready = *pins_.arvalid = *pins_.rready = 0;
}

}  // namespace chim
