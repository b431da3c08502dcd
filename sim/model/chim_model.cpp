// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The C ABI of chim_model.h around the stepper. Hard part: no C++ exception and no bad argument
// gets through.
// The only symbols that leave the shared object; everything else is compiled hidden.
#pragma GCC visibility push(default)
#include "chim_model.h"
#pragma GCC visibility pop

#include <cerrno>
#include <new>
#include <stdexcept>

#include "stepper.h"

struct chim_model {
  explicit chim_model(const chim_model_cfg &cfg) : stepper(cfg) {}
  chim::Stepper stepper;
};

namespace {

// CHIM_MODEL_CONNS and CHIM_MODEL_NAME come from the make variable that also sets the RTL
// parameters.
const struct chim_model_info model_info = {sizeof(Vchim_core::s_axis_mac_tdata) * 8,
                                           CHIM_MODEL_CONNS, CHIM_MODEL_NAME};
constexpr unsigned kMaxStall = 90;

}  // namespace

int chim_model_open(const chim_model_cfg *cfg, chim_model **model) {
  if (cfg->ops == nullptr || cfg->ops->dma_read == nullptr || cfg->ops->dma_write == nullptr ||
      cfg->ops->irq == nullptr || cfg->ops->tx_frame == nullptr || cfg->stall_percent > kMaxStall) {
    return -EINVAL;
  }
  try {
    *model = new chim_model(*cfg);
  } catch (const std::bad_alloc &) {
    return -ENOMEM;
  } catch (const std::runtime_error &) {
    return -EIO;
  }
  return 0;
}

void chim_model_close(chim_model *m) { delete m; }

const struct chim_model_info *chim_model_info(const chim_model *) { return &model_info; }

int chim_model_read32(chim_model *m, unsigned int bar, uint32_t off, uint32_t *val) {
  return m->stepper.read32(bar, off, val);
}

int chim_model_write32(chim_model *m, unsigned int bar, uint32_t off, uint32_t val) {
  return m->stepper.write32(bar, off, val);
}

int chim_model_rx_frame(chim_model *m, const uint8_t *frame, size_t len, uint64_t cookie) {
  return m->stepper.rx_frame(frame, len, cookie);
}

size_t chim_model_rx_waiting(const chim_model *m) { return m->stepper.rx_waiting(); }

void chim_model_set_time(chim_model *m, uint32_t ms) { m->stepper.set_time(ms); }

uint32_t chim_model_time(const chim_model *m) { return m->stepper.time(); }

uint64_t chim_model_step(chim_model *m, uint64_t cycles, int until_idle) {
  return m->stepper.step(cycles, until_idle != 0);
}

uint64_t chim_model_cycles(const chim_model *m) { return m->stepper.cycles(); }

void chim_model_reset(chim_model *m) { m->stepper.reset(); }
