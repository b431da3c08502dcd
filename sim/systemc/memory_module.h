// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Host memory for benches: one range behind a TLM-2.0 target socket, TLM_ADDRESS_ERROR_RESPONSE
// outside it. Hard part: none.
#ifndef CHIM_SYSTEMC_MEMORY_MODULE_H
#define CHIM_SYSTEMC_MEMORY_MODULE_H

#include <cstdint>
#include <cstring>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

namespace chim {

class MemoryModule : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<MemoryModule> socket;
  std::vector<uint8_t> bytes;

  // latency: waited for in each transaction.
  MemoryModule(sc_core::sc_module_name name, uint64_t base, size_t size,
               const sc_core::sc_time &latency)
      : sc_module(name), socket("socket"), bytes(size), base_(base), latency_(latency) {
    socket.register_b_transport(this, &MemoryModule::b_transport);
  }

 private:
  void b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &) {
    const uint64_t addr = trans.get_address();
    const size_t len = trans.get_data_length();
    if (latency_ != sc_core::SC_ZERO_TIME) wait(latency_);
    if (addr < base_ || addr - base_ > bytes.size() || len > bytes.size() - (addr - base_)) {
      trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    uint8_t *at = bytes.data() + (addr - base_);
    if (trans.is_read()) {
      std::memcpy(trans.get_data_ptr(), at, len);
    } else {
      std::memcpy(at, trans.get_data_ptr(), len);
    }
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  uint64_t base_;
  sc_core::sc_time latency_;
};

}  // namespace chim

#endif
