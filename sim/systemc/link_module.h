// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The impaired link (sim/wire/impair.h) between two frame ports, in simulated time. Side "a" takes
// the part of the NIC: CHIM_FROM_NIC is from a to b, CHIM_TO_NIC from b to a. Hard part: none.
#ifndef CHIM_SYSTEMC_LINK_MODULE_H
#define CHIM_SYSTEMC_LINK_MODULE_H

#include <systemc>

#include "../wire/impair.h"
#include "frame_if.h"

namespace chim {

class LinkModule : public sc_core::sc_module {
 public:
  sc_core::sc_export<FrameIf> from_a, from_b;
  sc_core::sc_port<FrameIf> to_a, to_b;

  // Throws std::runtime_error on a bad configuration.
  LinkModule(sc_core::sc_module_name name, const chim_impair_cfg &cfg);
  ~LinkModule() override;
  const chim_impair_counts &counts(chim_dir dir) const {
    return *chim_impair_get_counts(link_, dir);
  }

 private:
  struct Side : FrameIf {
    LinkModule *link;
    chim_dir dir;
    Side(LinkModule *l, chim_dir d) : link(l), dir(d) {}
    void frame(const std::vector<uint8_t> &data, const sc_core::sc_time &delay) override;
  };
  void run();

  chim_impair *link_ = nullptr;
  uint64_t last_ns_[CHIM_DIRS] = {};
  Side a_{this, CHIM_FROM_NIC}, b_{this, CHIM_TO_NIC};
  sc_core::sc_event wake_;
};

}  // namespace chim

#endif
