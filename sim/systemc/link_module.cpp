// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Impaired link between frame ports, see link_module.h.
#include "link_module.h"

#include <algorithm>
#include <stdexcept>

namespace chim {

using sc_core::sc_time;

namespace {

const sc_time kNs(1, sc_core::SC_NS);

uint64_t to_ns(const sc_time &t) { return static_cast<uint64_t>(t / kNs); }

}  // namespace

LinkModule::LinkModule(sc_core::sc_module_name name, const chim_impair_cfg &cfg)
    : sc_module(name), from_a("from_a"), from_b("from_b"), to_a("to_a"), to_b("to_b") {
  if (chim_impair_create(&cfg, &link_) != 0)
    throw std::runtime_error("bad configuration of a link");
  from_a.bind(a_);
  from_b.bind(b_);
  SC_HAS_PROCESS(LinkModule);
  SC_THREAD(run);
}

LinkModule::~LinkModule() { chim_impair_destroy(link_); }

void LinkModule::Side::frame(const std::vector<uint8_t> &data, const sc_time &delay) {
  // Times of a direction never decrease: a sender is at most a quantum ahead of its next frame.
  uint64_t &last = link->last_ns_[dir];
  last = std::max(last, to_ns(sc_core::sc_time_stamp() + delay));
  if (chim_impair_put(link->link_, dir, data.data(), data.size(), last) != 0)
    throw std::bad_alloc();
  link->wake_.notify(sc_core::SC_ZERO_TIME);
}

void LinkModule::run() {
  for (;;) {
    const uint64_t now = to_ns(sc_core::sc_time_stamp());
    chim_wire_frame f;
    while (chim_impair_get(link_, CHIM_FROM_NIC, now, &f) == 1) {
      to_b->frame(std::vector<uint8_t>(f.data, f.data + f.len), sc_core::SC_ZERO_TIME);
    }
    while (chim_impair_get(link_, CHIM_TO_NIC, now, &f) == 1) {
      to_a->frame(std::vector<uint8_t>(f.data, f.data + f.len), sc_core::SC_ZERO_TIME);
    }
    const uint64_t due =
        std::min(chim_impair_due(link_, CHIM_FROM_NIC), chim_impair_due(link_, CHIM_TO_NIC));
    if (due == CHIM_WIRE_NEVER) {
      wait(wake_);
    } else {
      // One more ns: simulated time may lie between two of them.
      wait(static_cast<double>(due - now + (due == now)) * kNs, wake_);
    }
  }
}

}  // namespace chim
