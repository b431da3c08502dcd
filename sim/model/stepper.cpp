// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The stepper, see stepper.h, and chim_model.h for what each call promises.
#include "stepper.h"

#include <cerrno>
#include <cstdio>
#include <stdexcept>

namespace chim {

namespace {

constexpr uint32_t kBar2Select = 1u << 24;  // s_axil address bit that chooses the doorbell window
constexpr unsigned kResetClocks = 16;
constexpr unsigned kAccessClocks = 4096;
// Clocks in a row without anything moving before the device counts as idle: covers registers
// between a pin and the device's idle output.
constexpr unsigned kQuietClocks = 4;
constexpr size_t kMinFrame = 14, kMaxFrame = 16384, kRxDepth = 1024;

// Random streams of one seed that do not repeat each other.
enum Stream : uint64_t { kSeedMemory, kSeedSource, kSeedSink, kSeedIrq };
uint64_t seed_of(const chim_model_cfg &cfg, Stream what) { return cfg.seed * 4 + what; }

std::unique_ptr<VerilatedContext> make_context(const chim_model_cfg &cfg,
                                               const FirmwareFile &firmware) {
  auto context = std::make_unique<VerilatedContext>();
  const std::string plusarg = "+chim_fw=" + firmware.path();
  const char *argv[] = {"chim_model", plusarg.c_str()};
  if (!firmware.path().empty()) context->commandArgs(2, argv);
  context->randReset(2);
  // 31 bits, and never 0, which would mean "choose one".
  context->randSeed(static_cast<int>((cfg.seed & 0x3FFFFFFF) << 1 | 1));
  context->traceEverOn(cfg.fst_path != nullptr);
  return context;
}

}  // namespace

Stepper::Stepper(const chim_model_cfg &cfg)
    : ops_(*cfg.ops),
      ops_ctx_(cfg.ctx),
      cycles_per_ms_(cfg.cycles_per_ms),
      stall_(cfg.stall_percent),
      context_(make_context(cfg, firmware_)),
      top_(std::make_unique<Vchim_core>(context_.get())),
      memory_(CHIM_AXI_PINS(*top_, m_axi_), cfg.mem_latency, stall_, seed_of(cfg, kSeedMemory),
              ops_.dma_read, ops_.dma_write, ops_ctx_),
      regs_(CHIM_AXIL_PINS(*top_, s_axil_)),
      source_(CHIM_AXIS_PINS(*top_, s_axis_mac_), kRxDepth, stall_, seed_of(cfg, kSeedSource),
              on_taken, this),
      sink_(CHIM_AXIS_PINS(*top_, m_axis_mac_), kMaxFrame, stall_, seed_of(cfg, kSeedSink),
            on_frame, this),
      rng_(seed_of(cfg, kSeedIrq)) {
  if (cfg.fst_path != nullptr) {
#ifdef CHIM_MODEL_FST
    // The writer does not say that it could not open its file.
    std::FILE *probe = std::fopen(cfg.fst_path, "wb");
    if (probe == nullptr) throw std::runtime_error("waveform file");
    std::fclose(probe);
    fst_ = std::make_unique<VerilatedFstC>();
    top_->trace(fst_.get(), 99);
    fst_->open(cfg.fst_path);
#else
    throw std::runtime_error("built without waveforms");
#endif
  }
  reset();
}

Stepper::~Stepper() {
  // The model's destructor uses the thread's context: that of another model, perhaps closed.
  Verilated::threadContextp(context_.get());
  top_->final();
#ifdef CHIM_MODEL_FST
  if (fst_) fst_->close();
#endif
}

void Stepper::on_taken(void *self, uint64_t cookie) {
  auto *s = static_cast<Stepper *>(self);
  if (s->ops_.rx_taken != nullptr) s->ops_.rx_taken(s->ops_ctx_, cookie, s->cycles_);
}

void Stepper::on_frame(void *self, const uint8_t *data, size_t len, bool bad) {
  auto *s = static_cast<Stepper *>(self);
  // A MAC would spoil the FCS of a bad frame: nobody receives it.
  if (!bad) s->ops_.tx_frame(s->ops_ctx_, data, len, s->cycles_);
}

// One clock. Everything before the rising edge only reads pins, everything after it only drives.
void Stepper::clock() {
  inside_ = true;
  memory_.step();
  regs_.step();
  source_.step();
  sink_.step();
  const bool irq = top_->irq_valid && top_->irq_ready;
  const unsigned vector = top_->irq_vector;

  top_->clk_i = 1;
  top_->eval();
#ifdef CHIM_MODEL_FST
  if (fst_) fst_->dump(cycles_ * 2);
#endif
  ++cycles_;
  if (cycles_per_ms_ != 0 && ++ms_clocks_ == cycles_per_ms_) {
    ms_clocks_ = 0;
    ++ms_;
  }

  memory_.step_apply();
  regs_.step_apply();
  source_.step_apply();
  sink_.step_apply();
  if (irq) ops_.irq(ops_ctx_, vector);
  top_->irq_ready = !rng_.percent(stall_);
  top_->time_ms_i = ms_;

  top_->clk_i = 0;
  top_->eval();
#ifdef CHIM_MODEL_FST
  if (fst_) fst_->dump(cycles_ * 2 - 1);
#endif
  inside_ = false;
}

bool Stepper::quiet() const {
  return top_->idle_o && source_.idle() && sink_.idle() && memory_.idle() && regs_.idle() &&
         !top_->irq_valid;
}

uint64_t Stepper::step(uint64_t cycles, bool until_idle) {
  if (inside_) return 0;
  unsigned still = 0;
  for (uint64_t n = 0; n < cycles; ++n) {
    if (until_idle && still == kQuietClocks) return n;
    clock();
    still = quiet() ? still + 1 : 0;
  }
  return cycles;
}

void Stepper::reset() {
  if (inside_) return;
  memory_.reset();
  regs_.reset();
  source_.reset();
  sink_.reset();
  top_->irq_ready = 0;
  top_->time_ms_i = ms_;
  top_->rst_ni = 0;
  // The registers that the reset itself passes through start at random: it is not everywhere yet.
  context_->assertOn(false);
  for (unsigned i = 0; i < kResetClocks; ++i) {
    top_->clk_i = 1;
    top_->eval();
    top_->clk_i = 0;
    top_->eval();
#ifdef CHIM_MODEL_FST
    if (fst_) fst_->dump(cycles_ * 2 + 1);
#endif
    ++cycles_;
  }
  context_->assertOn(true);
  top_->rst_ni = 1;
  top_->eval();
}

// Wait for the access in flight, if any: 0, or -ETIMEDOUT.
int Stepper::access(unsigned bar, uint32_t off) {
  const uint32_t bytes = bar == 0 ? CHIM_BAR0_BYTES : bar == 2 ? CHIM_BAR2_BYTES : 0;
  if (inside_ || off % 4 != 0 || off >= bytes) return -EINVAL;
  // An earlier access that timed out still holds the bus.
  for (unsigned n = 0; !regs_.idle(); ++n) {
    if (n == kAccessClocks) return -ETIMEDOUT;
    clock();
  }
  return 0;
}

int Stepper::finish_access() {
  for (unsigned n = 0; n < kAccessClocks; ++n) {
    clock();
    if (regs_.idle()) return regs_.resp() == 0 ? 0 : -EIO;
  }
  return -ETIMEDOUT;
}

int Stepper::read32(unsigned bar, uint32_t off, uint32_t *val) {
  int err = access(bar, off);
  if (err != 0) return err;
  regs_.start_read((bar == 2 ? kBar2Select : 0) | off);
  err = finish_access();
  if (err == 0) *val = regs_.data();
  return err;
}

int Stepper::write32(unsigned bar, uint32_t off, uint32_t val) {
  const int err = access(bar, off);
  if (err != 0) return err;
  regs_.start_write((bar == 2 ? kBar2Select : 0) | off, val);
  return finish_access();
}

int Stepper::rx_frame(const uint8_t *frame, size_t len, uint64_t cookie) {
  if (len < kMinFrame || len > kMaxFrame) return -EINVAL;
  return source_.push(frame, len, cookie) ? 0 : -EAGAIN;
}

void Stepper::set_time(uint32_t ms) {
  // Modular: the count wraps after 49 days.
  if (cycles_per_ms_ != 0 || static_cast<int32_t>(ms - ms_) <= 0) return;
  ms_ = ms;
  // From a callback it reaches the pin with everything else that is driven in that clock.
  if (inside_) return;
  top_->time_ms_i = ms_;
  top_->eval();
}

}  // namespace chim
