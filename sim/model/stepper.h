// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// One Verilated device with its bus-functional models, clocked. Hard part: the order within a
// clock. All pins are stable when step() of every model samples them; then the rising edge; then
// every step_apply() drives; then the falling edge lets combinational paths settle for the next
// step().
#ifndef CHIM_STEPPER_H
#define CHIM_STEPPER_H

#include <cstdint>
#include <memory>
#include <string>

#include "Vchim_core.h"
#include "bfm/axi_mem.h"
#include "bfm/axil.h"
#include "bfm/axis.h"
#include "chim_contract.h"
#include "chim_model.h"
#include "verilated.h"
#ifdef CHIM_MODEL_FST
#include "verilated_fst_c.h"
#endif

namespace chim {

// The firmware image that the build put into this object, as a path that $readmemh can open for as
// long as the returned object lives.
class FirmwareFile {
 public:
  FirmwareFile();
  ~FirmwareFile();
  FirmwareFile(const FirmwareFile &) = delete;
  FirmwareFile &operator=(const FirmwareFile &) = delete;
  const std::string &path() const { return path_; }

 private:
  int fd_ = -1;
  std::string path_;
};

class Stepper {
 public:
  // Throws std::runtime_error if the waveform file cannot be written.
  explicit Stepper(const chim_model_cfg &cfg);
  ~Stepper();
  Stepper(const Stepper &) = delete;
  Stepper &operator=(const Stepper &) = delete;

  int read32(unsigned bar, uint32_t off, uint32_t *val);
  int write32(unsigned bar, uint32_t off, uint32_t val);
  int rx_frame(const uint8_t *frame, size_t len, uint64_t cookie);
  size_t rx_waiting() const { return source_.waiting(); }
  void set_time(uint32_t ms);
  uint32_t time() const { return ms_; }
  uint64_t step(uint64_t cycles, bool until_idle);
  uint64_t cycles() const { return cycles_; }
  void reset();

 private:
  void clock();
  bool quiet() const;
  int access(unsigned bar, uint32_t off);
  int finish_access();
  static void on_taken(void *self, uint64_t cookie);
  static void on_frame(void *self, const uint8_t *data, size_t len, bool bad);

  chim_model_ops ops_;
  void *ops_ctx_;
  uint32_t cycles_per_ms_;
  unsigned stall_;
  FirmwareFile firmware_;  // read when the model is evaluated first
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Vchim_core> top_;
#ifdef CHIM_MODEL_FST
  std::unique_ptr<VerilatedFstC> fst_;
#endif
  AxiMem memory_;
  AxilMaster regs_;
  AxisSource source_;
  AxisSink sink_;
  Rng rng_;
  uint64_t cycles_ = 0;
  uint32_t ms_ = 0;
  uint32_t ms_clocks_ = 0;  // of the current virtual millisecond
  bool inside_ = false;     // a callback may be running
};

}  // namespace chim

#endif
