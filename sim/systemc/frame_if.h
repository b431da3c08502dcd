// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Frame ports of the SystemC modules: whole Ethernet frames with a time annotation, as TLM-2.0
// annotates its transactions. Hard part: none.
#ifndef CHIM_SYSTEMC_FRAME_IF_H
#define CHIM_SYSTEMC_FRAME_IF_H

#include <cstdint>
#include <vector>

#include <systemc>

namespace chim {

class FrameIf : public virtual sc_core::sc_interface {
 public:
  // A frame whose last beat arrives at sc_time_stamp() + delay. Must not wait.
  virtual void frame(const std::vector<uint8_t> &data, const sc_core::sc_time &delay) = 0;
};

class IrqIf : public virtual sc_core::sc_interface {
 public:
  // MSI-X vector raised at sc_time_stamp() + delay. Must not wait.
  virtual void irq(unsigned vector, const sc_core::sc_time &delay) = 0;
};

}  // namespace chim

#endif
