// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The NIC as a TLM-2.0 module, see nic_module.h.
#include "nic_module.h"

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace chim {

using sc_core::sc_time;
using sc_core::sc_time_stamp;

namespace {
constexpr uint64_t kBar2Select = 1u << 24;
const sc_time kTick(1, sc_core::SC_MS);  // unit of the device's timers

// The device's idle output does not know what firmware thinks. After anything that may have given
// it something to do, the device gets so many clocks without a sleep.
constexpr uint64_t kAwakeClocks = 4096;

uint32_t now_ms() { return static_cast<uint32_t>(sc_time_stamp() / kTick); }
}  // namespace

NicModule::NicModule(sc_core::sc_module_name name, const chim_model_api &api, const Config &config)
    : sc_module(name),
      regs("regs"),
      dma("dma"),
      rx("rx"),
      tx("tx"),
      irq("irq"),
      api_(api),
      config_(config) {
  ops_ = {on_dma_read, on_dma_write, on_irq, on_tx_frame, nullptr};
  chim_model_cfg cfg{};
  cfg.ops = &ops_;
  cfg.ctx = this;
  cfg.mem_latency = config.mem_latency;
  cfg.seed = config.seed;
  cfg.fst_path = config.fst_path;
  if (api_.open(&cfg, &model_) != 0) throw std::runtime_error("the model cannot be opened");
  regs.register_b_transport(this, &NicModule::b_transport);
  rx.bind(*this);
  SC_HAS_PROCESS(NicModule);
  SC_THREAD(run);
}

NicModule::~NicModule() { api_.close(model_); }

// How far the model is ahead of the kernel.
sc_time NicModule::ahead() const {
  return static_cast<double>(api_.cycles(model_) - start_cycle_) * config_.period;
}

void NicModule::frame(const std::vector<uint8_t> &data, const sc_time &delay) {
  arriving_.emplace(sc_time_stamp() + delay, data);
  wake_.notify(delay);
}

void NicModule::awake() { awake_until_ = api_.cycles(model_) + kAwakeClocks; }

// Hand the model the frames whose time has come, as far as it has room.
void NicModule::take_arrived() {
  while (!arriving_.empty() && arriving_.begin()->first <= sc_time_stamp()) {
    const auto &data = arriving_.begin()->second;
    // Full: the frame waits outside. A frame of an impossible length goes nowhere.
    if (api_.rx_frame(model_, data.data(), data.size(), 0) == -EAGAIN) return;
    arriving_.erase(arriving_.begin());
    awake();
  }
}

// A quantum at a time; asleep while nothing moves, but for the device's timers.
void NicModule::run() {
  for (;;) {
    busy_.lock();
    take_arrived();
    api_.set_time(model_, now_ms());
    start_cycle_ = api_.cycles(model_);
    uint64_t ran = api_.step(model_, config_.quantum, 1);
    if (api_.cycles(model_) < awake_until_) ran += api_.step(model_, config_.quantum - ran, 0);
    const sc_time passed = ahead();
    busy_.unlock();
    wait(passed);
    if (ran == config_.quantum) continue;
    const sc_time now = sc_time_stamp();
    sc_time sleep = kTick;
    if (!arriving_.empty() && arriving_.begin()->first < now + kTick) {
      // sc_time has no negative values.
      const sc_time &first = arriving_.begin()->first;
      sleep = first > now ? first - now : sc_core::SC_ZERO_TIME;
    }
    wait(sleep, wake_);
  }
}

void NicModule::reset() {
  busy_.lock();
  arriving_.clear();
  api_.reset(model_);
  busy_.unlock();
}

void NicModule::b_transport(tlm::tlm_generic_payload &trans, sc_time &delay) {
  const uint64_t addr = trans.get_address();
  uint32_t value = 0;
  if (trans.get_data_length() != 4 || trans.get_byte_enable_ptr() != nullptr ||
      addr >= 2 * kBar2Select) {
    trans.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    return;
  }
  wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  busy_.lock();
  api_.set_time(model_, now_ms());
  start_cycle_ = api_.cycles(model_);
  const unsigned bar = addr & kBar2Select ? 2 : 0;
  const auto off = static_cast<uint32_t>(addr & (kBar2Select - 1));
  int err = -EINVAL;
  if (trans.is_read()) {
    err = api_.read32(model_, bar, off, &value);
    std::memcpy(trans.get_data_ptr(), &value, sizeof(value));
  } else if (trans.is_write()) {
    std::memcpy(&value, trans.get_data_ptr(), sizeof(value));
    err = api_.write32(model_, bar, off, value);
  }
  const sc_time passed = ahead();
  awake();
  busy_.unlock();
  trans.set_response_status(err == 0      ? tlm::TLM_OK_RESPONSE
                            : err == -EIO ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                          : tlm::TLM_GENERIC_ERROR_RESPONSE);
  wait(passed);
  wake_.notify();
}

int NicModule::transfer(tlm::tlm_command command, uint64_t addr, void *data, size_t len) {
  tlm::tlm_generic_payload trans;
  sc_time delay = ahead();
  awake();
  trans.set_command(command);
  trans.set_address(addr);
  trans.set_data_ptr(static_cast<unsigned char *>(data));
  trans.set_data_length(static_cast<unsigned>(len));
  trans.set_streaming_width(static_cast<unsigned>(len));
  trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  dma->b_transport(trans, delay);
  return trans.is_response_ok() ? 0 : -EFAULT;
}

int NicModule::on_dma_read(void *self, uint64_t iova, void *buf, size_t len) {
  return static_cast<NicModule *>(self)->transfer(tlm::TLM_READ_COMMAND, iova, buf, len);
}

int NicModule::on_dma_write(void *self, uint64_t iova, const void *buf, size_t len) {
  return static_cast<NicModule *>(self)->transfer(tlm::TLM_WRITE_COMMAND, iova,
                                                  const_cast<void *>(buf), len);
}

void NicModule::on_irq(void *self, unsigned vector) {
  auto *m = static_cast<NicModule *>(self);
  for (int i = 0; i < m->irq.size(); ++i) m->irq[i]->irq(vector, m->ahead());
}

void NicModule::on_tx_frame(void *self, const uint8_t *frame, size_t len, uint64_t) {
  auto *m = static_cast<NicModule *>(self);
  m->tx->frame(std::vector<uint8_t>(frame, frame + len), m->ahead());
}

}  // namespace chim
