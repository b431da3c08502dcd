// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Two devices and the impaired link in SystemC: frames go to and fro between two small test
// devices, each of which puts them through its host's memory. Hard part: that everything arrives at
// the time it should. SystemC elaborates once in a process: argv[1] is the case (clean, loss,
// wait).
#include <cstdint>
#include <string>
#include <vector>

#include "sim/systemc/link_module.h"
#include "sim/systemc/memory_module.h"
#include "sim/systemc/nic_module.h"
#include "tests/unit/tap.h"

namespace {

using chim::FrameIf;
using sc_core::sc_time;
using sc_core::sc_time_stamp;

constexpr uint64_t kBase = 0x40000000;
constexpr uint32_t kMagic = 0x00, kScratch = 0x04, kBufLo = 0x08, kBufHi = 0x0C, kCtrl = 0x10,
                   kLooped = 0x18, kErrors = 0x1C, kTime = 0x28, kDropped = 0x34, kDbOff = 0x80,
                   kNowhere = 0x9000;
constexpr uint32_t kBar2 = 1u << 24, kDoorbell = 0x123450;

// Drives registers, injects the first frame at the link's end b, counts interrupts.
class Host : public sc_core::sc_module, private chim::IrqIf {
 public:
  tlm_utils::simple_initiator_socket<Host> regs;
  sc_core::sc_export<chim::IrqIf> irq_in;
  unsigned irqs[32] = {};

  explicit Host(sc_core::sc_module_name name) : sc_module(name), regs("regs"), irq_in("irq_in") {
    irq_in.bind(*this);
  }
  tlm::tlm_response_status access(tlm::tlm_command command, uint64_t addr, uint32_t *value,
                                  unsigned len = 4) {
    tlm::tlm_generic_payload trans;
    sc_time delay;
    trans.set_command(command);
    trans.set_address(addr);
    trans.set_data_ptr(reinterpret_cast<unsigned char *>(value));
    trans.set_data_length(len);
    trans.set_streaming_width(len);
    trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    regs->b_transport(trans, delay);
    return trans.get_response_status();
  }
  uint32_t get(uint64_t addr) {
    uint32_t v = 0xBAD;
    access(tlm::TLM_READ_COMMAND, addr, &v);
    return v;
  }
  void put(uint64_t addr, uint32_t v) { access(tlm::TLM_WRITE_COMMAND, addr, &v); }
  void start() {
    put(kBufLo, static_cast<uint32_t>(kBase));
    put(kBufHi, 0);
    put(kCtrl, 1);
  }

 private:
  void irq(unsigned vector, const sc_time &) override { ++irqs[vector & 31]; }
};

struct Side {
  chim::NicModule nic;
  chim::MemoryModule memory;
  Host host;
  Side(const std::string &name, const chim_model_api &api, const sc_time &latency)
      : nic((name + "_nic").c_str(), api, chim::NicModule::Config()),
        memory((name + "_memory").c_str(), kBase, 4096, latency),
        host((name + "_host").c_str()) {
    nic.dma.bind(memory.socket);
    host.regs.bind(nic.regs);
    nic.irq.bind(host.irq_in);
  }
};

class Bench : public sc_core::sc_module {
 public:
  Side a, b;
  chim::LinkModule link;
  sc_core::sc_port<FrameIf> inject;
  std::string what;

  Bench(sc_core::sc_module_name name, const chim_model_api &api, const chim_impair_cfg &cfg,
        const sc_time &latency, const std::string &w)
      : sc_module(name),
        a("a", api, latency),
        b("b", api, latency),
        link("link", cfg),
        inject("inject"),
        what(w) {
    a.nic.tx.bind(link.from_a);
    b.nic.tx.bind(link.from_b);
    link.to_a.bind(a.nic.rx);
    link.to_b.bind(b.nic.rx);
    inject.bind(a.nic.rx);
    SC_HAS_PROCESS(Bench);
    SC_THREAD(run);
  }

 private:
  void registers() {
    uint32_t v = 0;
    IS(a.host.get(kMagic), 0x4348494D, "registers answer");
    a.host.put(kScratch, 1);
    b.host.put(kScratch, 2);
    OK(a.host.get(kScratch) == 1 && b.host.get(kScratch) == 2, "each device has its own");
    a.host.put(kBar2 | kDoorbell, 5);
    IS(a.host.get(kDbOff), kDoorbell, "doorbells arrive");
    IS(a.host.access(tlm::TLM_READ_COMMAND, kNowhere, &v), tlm::TLM_ADDRESS_ERROR_RESPONSE,
       "SLVERR");
    IS(a.host.access(tlm::TLM_READ_COMMAND, kMagic, &v, 2), tlm::TLM_GENERIC_ERROR_RESPONSE,
       "two bytes");
    IS(a.host.access(tlm::TLM_READ_COMMAND, 2 * kBar2, &v), tlm::TLM_GENERIC_ERROR_RESPONSE,
       "no such BAR");
    OK(sc_time_stamp() > sc_time(40, sc_core::SC_NS), "accesses take clocks");
    wait(sc_time(5, sc_core::SC_MS) - sc_time_stamp());
    IS(a.host.get(kTime), 5, "device time is simulated time");
  }
  void run() {
    const std::vector<uint8_t> frame(200, 0x42);
    registers();
    a.host.start();
    b.host.start();
    const unsigned frames = what == "loss" ? 400 : 1;
    for (unsigned i = 0; i < frames; ++i) {
      inject->frame(frame, sc_core::SC_ZERO_TIME);
      wait(2, sc_core::SC_US);
    }
    const sc_time began = sc_time_stamp();
    wait(what == "clean" ? 100 : 50, sc_core::SC_MS);
    // a and b send a frame to each other; each way has the link's 100 us.
    const uint32_t looped_a = a.host.get(kLooped), looped_b = b.host.get(kLooped);
    if (what == "loss") {
      const auto &to_b = link.counts(CHIM_FROM_NIC), &to_a = link.counts(CHIM_TO_NIC);
      IS(to_b.frames, looped_a, "what a sent entered the link");
      IS(to_a.frames, looped_b, "what b sent entered the link");
      IS(looped_b, to_b.passed, "b got what passed");
      IS(looped_a, to_a.passed + 400, "a got what passed, and what was injected");
      OK(to_b.lost + to_a.lost == 400, "in the end all are lost");
    } else {
      const double trips = (sc_time_stamp() - began) / sc_time(100, sc_core::SC_US);
      OK(looped_a + looped_b > trips * 0.95 && looped_a + looped_b <= trips + 2,
         "%u passages of a device in the time of %.0f passages of the link", looped_a + looped_b,
         trips);
      OK(looped_a - looped_b <= 1, "to and fro");
      OK(std::vector<uint8_t>(a.memory.bytes.begin(), a.memory.bytes.begin() + 200) == frame,
         "the frame lies in a's memory");
      IS(b.host.irqs[5], looped_b, "an interrupt for each");
    }
    IS(a.host.get(kErrors) + b.host.get(kErrors), 0, "no DMA error");
    // Memory that is not there.
    a.host.put(kBufLo, 0);
    inject->frame(frame, sc_core::SC_ZERO_TIME);
    wait(100, sc_core::SC_US);
    OK(a.host.get(kErrors) > 0 && a.host.irqs[6] > 0,
       "an address error of the memory reaches the device");
    a.host.put(kCtrl, 0);
    inject->frame(frame, sc_core::SC_ZERO_TIME);
    wait(300, sc_core::SC_US);
    OK(a.host.get(kDropped) > 0, "a device that does not loop drops");
    sc_core::sc_stop();
  }
};

}  // namespace

int sc_main(int argc, char **argv) {
  const std::string what = argc > 1 ? argv[1] : "clean";
  static const chim_model_api api = CHIM_MODEL_API_STATIC;
  chim_impair_cfg cfg{};
  cfg.seed = tap_seed(1);
  cfg.dir[0].delay_ns = cfg.dir[1].delay_ns = 100000;
  if (what == "loss") cfg.dir[0].loss = cfg.dir[1].loss = 100000;
  // With "wait" the memory waits inside a DMA transaction, in the middle of a step of the model.
  const sc_time latency = what == "wait" ? sc_time(500, sc_core::SC_NS) : sc_core::SC_ZERO_TIME;
  Bench bench("bench", api, cfg, latency, what);
  sc_core::sc_start();
  return tap_done();
}
