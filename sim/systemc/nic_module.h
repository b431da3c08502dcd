// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The NIC's model as a TLM-2.0 module: register target socket, DMA initiator socket, frame and
// interrupt ports. Hard part: a memory may wait() inside a DMA transaction, in the middle of a step
// of the model; registers wait for the step to end.
//
// Registers: address bit 24 = 0 BAR 0, 1 BAR 2; 4 bytes, aligned; TLM_ADDRESS_ERROR_RESPONSE where
// the device answers SLVERR. Time: the device's milliseconds are those of sc_time_stamp(). The
// module runs ahead of the kernel by at most a quantum of clocks, and annotates what it sends.
#ifndef CHIM_SYSTEMC_NIC_MODULE_H
#define CHIM_SYSTEMC_NIC_MODULE_H

#include <cstdint>
#include <map>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "../model/model_load.h"
#include "frame_if.h"

namespace chim {

class NicModule : public sc_core::sc_module, private FrameIf {
 public:
  tlm_utils::simple_target_socket<NicModule> regs;
  tlm_utils::simple_initiator_socket<NicModule> dma;
  sc_core::sc_export<FrameIf> rx;  // frames to the NIC
  sc_core::sc_port<FrameIf> tx;    // frames from the NIC
  sc_core::sc_port<IrqIf, 1, sc_core::SC_ZERO_OR_MORE_BOUND> irq;

  struct Config {
    sc_core::sc_time period = sc_core::sc_time(4, sc_core::SC_NS);  // of the clock
    unsigned quantum = 32;                                          // clocks
    unsigned mem_latency = 0;
    uint64_t seed = 1;
    const char *fst_path = nullptr;
  };

  // api must outlive the module. Throws std::runtime_error if the model cannot be opened.
  NicModule(sc_core::sc_module_name name, const chim_model_api &api, const Config &config);
  ~NicModule() override;
  uint64_t cycles() const { return api_.cycles(model_); }
  // Function-level reset, as by the PCI function; frames under way to the NIC are dropped. From an
  // SC_THREAD: waits for the step of the model to end.
  void reset();

 private:
  void frame(const std::vector<uint8_t> &data, const sc_core::sc_time &delay) override;
  void b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
  void run();
  void take_arrived();
  void awake();
  sc_core::sc_time ahead() const;
  int transfer(tlm::tlm_command command, uint64_t addr, void *data, size_t len);

  static int on_dma_read(void *self, uint64_t iova, void *buf, size_t len);
  static int on_dma_write(void *self, uint64_t iova, const void *buf, size_t len);
  static void on_irq(void *self, unsigned vector);
  static void on_tx_frame(void *self, const uint8_t *frame, size_t len, uint64_t cycle);

  const chim_model_api &api_;
  const Config config_;
  chim_model_ops ops_{};
  chim_model *model_ = nullptr;
  sc_core::sc_mutex busy_;  // the model runs, perhaps waiting in a DMA transaction
  sc_core::sc_event wake_;
  uint64_t start_cycle_ = 0;  // clock count at sc_time_stamp() of this quantum
  uint64_t awake_until_ = 0;  // clock count before which the module does not sleep
  std::multimap<sc_core::sc_time, std::vector<uint8_t>> arriving_;
};

}  // namespace chim

#endif
