// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The stepper and its C ABI, on the small test device: argv[1] is the shared object's
// configuration, argv[2] its folder. Hard part: every promise of chim_model.h that does not depend
// on the NIC.
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

#include "rtl/contract/chim_contract.h"
#include "sim/model/model_load.h"
#include "tests/unit/tap.h"

namespace {

constexpr uint64_t kHost = 0x123456000;
constexpr uint32_t kScratch = 0x04, kBufLo = 0x08, kBufHi = 0x0C, kCtrl = 0x10, kTime = 0x28,
                   kLooped = 0x18, kErrors = 0x1C, kRaise = 0x20, kDbOff = 0x80, kDbVal = 0x84,
                   kNever = 0x30, kConns = 0x3C, kRom = 0x40, kNowhere = 0x9000,
                   kDoorbell = 0xABCDEC;

// Host memory of one page, and what the device did.
struct Host {
  std::vector<uint8_t> page = std::vector<uint8_t>(4096);
  std::vector<std::vector<uint8_t>> frames;
  std::vector<unsigned> irqs;
  std::vector<uint64_t> taken, taken_cycle, sent_cycle;
  std::vector<size_t> writes;
  bool deny_read = false, deny_write = false;
  const chim_model_api *api = nullptr;
  chim_model *model = nullptr;
  int nested = 1;
};

int dma_read(void *ctx, uint64_t iova, void *buf, size_t len) {
  auto *h = static_cast<Host *>(ctx);
  if (h->deny_read || iova < kHost || iova + len > kHost + h->page.size()) return -EFAULT;
  memcpy(buf, &h->page[iova - kHost], len);
  return 0;
}

int dma_write(void *ctx, uint64_t iova, const void *buf, size_t len) {
  auto *h = static_cast<Host *>(ctx);
  if (h->deny_write || iova < kHost || iova + len > kHost + h->page.size()) return -EFAULT;
  memcpy(&h->page[iova - kHost], buf, len);
  h->writes.push_back(len);
  if (h->model != nullptr) {
    uint32_t v;
    h->nested = h->api->read32(h->model, 0, 0, &v) == -EINVAL && h->api->step(h->model, 5, 0) == 0;
  }
  return 0;
}

void irq(void *ctx, unsigned vector) { static_cast<Host *>(ctx)->irqs.push_back(vector); }

void tx_frame(void *ctx, const uint8_t *frame, size_t len, uint64_t cycle) {
  auto *h = static_cast<Host *>(ctx);
  h->frames.emplace_back(frame, frame + len);
  h->sent_cycle.push_back(cycle);
}

void rx_taken(void *ctx, uint64_t cookie, uint64_t cycle) {
  auto *h = static_cast<Host *>(ctx);
  h->taken.push_back(cookie);
  h->taken_cycle.push_back(cycle);
}

const chim_model_ops kOps = {dma_read, dma_write, irq, tx_frame, rx_taken};

// One open model that loops frames through host memory.
struct Device {
  Host host;
  chim_model *m = nullptr;
  const chim_model_api &api;
  int err;
  Device(const chim_model_api &a, chim_model_cfg cfg) : api(a) {
    cfg.ops = &kOps;
    cfg.ctx = &host;
    err = api.open(&cfg, &m);
    if (err == 0) start();
  }
  ~Device() {
    if (m != nullptr) api.close(m);
  }
  void start() {
    api.write32(m, 0, kBufLo, static_cast<uint32_t>(kHost));
    api.write32(m, 0, kBufHi, static_cast<uint32_t>(kHost >> 32));
    api.write32(m, 0, kCtrl, 1);
  }
  uint32_t reg(uint32_t off) {
    uint32_t v = 0xBAD;
    api.read32(m, 0, off, &v);
    return v;
  }
};

std::vector<uint8_t> make_frame(size_t len, unsigned salt) {
  std::vector<uint8_t> f(len);
  for (size_t i = 0; i < len; ++i) f[i] = static_cast<uint8_t>(i * 7 + salt * 13 + (i >> 8));
  return f;
}

void test_registers(const chim_model_api &api) {
  Device d(api, chim_model_cfg{});
  uint32_t v;
  IS(d.err, 0, "opens");
  IS(d.reg(0), 0x4348494D, "magic");
  IS(api.write32(d.m, 0, kScratch, 0xCAFE0001), 0, "write");
  IS(d.reg(kScratch), 0xCAFE0001, "read back");
  IS(api.write32(d.m, 2, kDoorbell, 77), 0, "doorbell window");
  IS(d.reg(kDbOff), kDoorbell, "offset arrives");
  IS(d.reg(kDbVal), 77, "and value");
  IS(api.write32(d.m, 2, CHIM_BAR2_BYTES - 4, 78), 0, "its last word");
  IS(api.read32(d.m, 1, 0, &v), -EINVAL, "no BAR 1");
  IS(api.read32(d.m, 0, 2, &v), -EINVAL, "unaligned");
  IS(api.read32(d.m, 0, CHIM_BAR0_BYTES, &v), -EINVAL, "beyond BAR 0");
  IS(api.write32(d.m, 2, CHIM_BAR2_BYTES, 0), -EINVAL, "beyond BAR 2");
  IS(api.read32(d.m, 0, kNowhere, &v), -EIO, "SLVERR of a read");
  IS(api.write32(d.m, 0, kNowhere, 0), -EIO, "SLVERR of a write");
  IS(d.reg(kConns), api.info(d.m)->conns, "connections as the RTL was built");
  IS(d.reg(kRom), 0x00C0FFEE, "the firmware image is inside");
  IS(d.reg(kRom + 4), 0x12345678, "all of it");

  const uint64_t before = api.cycles(d.m);
  IS(api.read32(d.m, 0, kNever, &v), -ETIMEDOUT, "an answer that never comes");
  IS(api.cycles(d.m) - before, 4096, "is waited for so long");
  IS(api.read32(d.m, 0, 0, &v), -ETIMEDOUT, "it holds the bus");
  api.reset(d.m);
  IS(d.reg(0), 0x4348494D, "until reset");
}

void test_frames(const chim_model_api &api, chim_model_cfg cfg, unsigned count, unsigned seed) {
  Device d(api, cfg);
  srand(seed);
  std::vector<std::vector<uint8_t>> sent;
  for (unsigned i = 0; i < count; ++i) {
    sent.push_back(make_frame(14 + static_cast<unsigned>(rand()) % 1600, i));
    if (api.rx_frame(d.m, sent[i].data(), sent[i].size(), i * 3) != 0) exit(1);
  }
  IS(api.rx_waiting(d.m), count, "frames wait");
  const uint64_t ran = api.step(d.m, 10000000, 1);
  OK(ran < 10000000, "the device comes to rest (%llu clocks)",
     static_cast<unsigned long long>(ran));
  IS(api.rx_waiting(d.m), 0, "none waits");
  OK(d.host.frames == sent, "all %u came back unchanged, in order", count);
  bool cookies = d.host.taken.size() == count;
  for (unsigned i = 0; i < d.host.taken.size(); ++i) {
    cookies = cookies && d.host.taken[i] == i * 3 && d.host.taken_cycle[i] < d.host.sent_cycle[i];
  }
  OK(cookies, "each was reported as taken, before its answer");
  OK(d.host.irqs == std::vector<unsigned>(count, 5), "an interrupt each");
  IS(d.reg(kLooped), count, "the device agrees");
  IS(api.step(d.m, 1000, 1), 4, "idle at once afterwards");
  IS(api.step(d.m, 1000, 0), 1000, "unless told to run on");
}

// One burst each way per frame: latency shows twice.
uint64_t round_trip(const chim_model_api &api, unsigned latency, size_t len) {
  chim_model_cfg cfg{};
  cfg.mem_latency = latency;
  Device d(api, cfg);
  const auto f = make_frame(len, 1);
  api.rx_frame(d.m, f.data(), f.size(), 0);
  api.step(d.m, 100000, 1);
  if (d.host.writes.size() != 1) return 0;
  return d.host.sent_cycle.at(0) - d.host.taken_cycle.at(0);
}

void test_latency(const chim_model_api &api) {
  const uint64_t at_once = round_trip(api, 0, 1024);
  const size_t beats = 1024 / (api.info(nullptr)->data_w / 8);
  // AW, beats, B, AR, beats: a clock each, and nothing between.
  IS(at_once, 2 * beats + 3, "memory that answers at once adds no clock");
  IS(round_trip(api, 1, 1024) - at_once, 2, "latency 1 costs one per request");
  IS(round_trip(api, 250, 1024) - at_once, 500, "latency 250 costs 250 per request");
}

void test_faults(const chim_model_api &api) {
  Device d(api, chim_model_cfg{});
  const auto f = make_frame(100, 1);
  d.host.deny_write = true;
  api.rx_frame(d.m, f.data(), f.size(), 0);
  api.step(d.m, 10000, 1);
  IS(d.reg(kErrors), 1, "an unmapped write is SLVERR");
  IS(d.host.frames.size(), 0, "no frame then");
  d.host.deny_write = false;
  d.host.deny_read = true;
  api.rx_frame(d.m, f.data(), f.size(), 0);
  api.step(d.m, 10000, 1);
  IS(d.reg(kErrors), 2, "an unmapped read is SLVERR");
  IS(d.host.frames.size(), 0, "its frame is marked bad, and so not sent");
  d.host.deny_read = false;
  api.rx_frame(d.m, f.data(), f.size(), 0);
  api.step(d.m, 10000, 1);
  IS(d.host.frames.size(), 1, "the device goes on");
  OK(d.host.irqs == (std::vector<unsigned>{6, 6, 5}), "with the vectors it chose");
  api.write32(d.m, 0, kRaise, 31);
  api.step(d.m, 100, 1);
  IS(d.host.irqs.back(), 31, "vector 31");

  IS(api.rx_frame(d.m, f.data(), 13, 0), -EINVAL, "13 bytes");
  IS(api.rx_frame(d.m, f.data(), 16385, 0), -EINVAL, "16,385 bytes");
  std::vector<uint8_t> big(16384);
  IS(api.rx_frame(d.m, big.data(), big.size(), 0), 0, "16,384 bytes");
  for (int i = 1; i < 1024; ++i) api.rx_frame(d.m, f.data(), f.size(), 0);
  IS(api.rx_frame(d.m, f.data(), f.size(), 0), -EAGAIN, "queue full at 1,024");
  api.reset(d.m);
  IS(api.rx_waiting(d.m), 0, "reset drops what waits");
  IS(d.reg(kLooped), 0, "and resets the device");
  d.start();
  api.rx_frame(d.m, f.data(), f.size(), 0);
  api.step(d.m, 10000, 1);
  IS(d.reg(kLooped), 1, "which works again");

  d.host.api = &api;
  d.host.model = d.m;
  api.rx_frame(d.m, f.data(), f.size(), 0);
  api.step(d.m, 10000, 1);
  OK(d.host.nested == 1, "register access and step from a callback are refused");
}

// Reset in the middle of everything, at many moments.
void test_reset(const chim_model_api &api) {
  chim_model_cfg cfg{};
  cfg.mem_latency = 7;
  cfg.stall_percent = 20;
  Device d(api, cfg);
  bool good = true;
  for (unsigned at = 1; at < 400; at += 3) {
    const auto f = make_frame(200, at);
    d.start();
    api.rx_frame(d.m, f.data(), f.size(), 0);
    api.step(d.m, at, 0);
    api.reset(d.m);
    d.start();
    d.host.frames.clear();
    api.rx_frame(d.m, f.data(), f.size(), 0);
    api.step(d.m, 100000, 1);
    good = good && d.host.frames.size() == 1 && d.host.frames[0] == f;
  }
  OK(good, "after a reset at any moment the next frame is right");
}

void test_time(const chim_model_api &api) {
  chim_model_cfg cfg{};
  Device real(api, cfg);
  api.set_time(real.m, 500);
  api.step(real.m, 10, 0);
  IS(real.reg(kTime), 500, "real time is what it was set to");
  api.set_time(real.m, 400);
  api.step(real.m, 10, 0);
  IS(real.reg(kTime), 500, "and does not go back");
  api.set_time(real.m, 0x90000000);
  api.step(real.m, 2, 0);
  IS(api.time(real.m), 500, "half the count ahead is behind");
  cfg.cycles_per_ms = 100;
  Device virt(api, cfg);
  api.step(virt.m, 10000 - (api.cycles(virt.m) - 16), 0);
  IS(api.time(virt.m), 100, "virtual time counts clocks");
  api.set_time(virt.m, 5000);
  IS(api.time(virt.m), 100, "and cannot be set");
}

void test_two(const chim_model_api &api) {
  Device a(api, chim_model_cfg{}), b(api, chim_model_cfg{});
  const auto f = make_frame(90, 1);
  api.write32(a.m, 0, kScratch, 1);
  api.write32(b.m, 0, kScratch, 2);
  api.rx_frame(b.m, f.data(), f.size(), 0);
  api.step(a.m, 1000, 1);
  api.step(b.m, 1000, 1);
  OK(a.reg(kScratch) == 1 && b.reg(kScratch) == 2 && a.host.frames.empty() &&
         b.host.frames.size() == 1,
     "two devices in one process know nothing of each other");
}

void test_fst(const chim_model_api &api) {
  const std::string path = "/tmp/chim_test_model_" + std::to_string(getpid()) + ".fst";
  chim_model_cfg cfg{};
  cfg.fst_path = path.c_str();
  {
    Device d(api, cfg);
    IS(d.err, 0, "with a waveform");
    api.step(d.m, 1000, 0);
  }
  FILE *f = fopen(path.c_str(), "rb");
  long size = 0;
  if (f != nullptr) {
    fseek(f, 0, SEEK_END);
    size = ftell(f);
    fclose(f);
  }
  OK(size > 500, "the waveform is written (%ld bytes)", size);
  unlink(path.c_str());
  cfg.fst_path = "/nonexistent/x.fst";
  Device d(api, cfg);
  IS(d.err, -EIO, "a waveform that cannot be written");
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 3) return 1;
  chim_model_api api;
  IS(chim_model_load(argv[1], argv[2], &api), 0, "loads");
  if (tap_failures != 0) return tap_done();
  const unsigned seed = static_cast<unsigned>(tap_seed(1));
  IS(strcmp(api.info(nullptr)->name, argv[1]), 0, "name");
  IS(api.info(nullptr)->data_w, atoi(argv[1] + 1), "data width of the RTL is that of the name");
  chim_model_cfg bad{};
  chim_model *m = nullptr;
  IS(api.open(&bad, &m), -EINVAL, "no callbacks");
  test_registers(api);
  chim_model_cfg cfg{};
  cfg.seed = seed;
  test_frames(api, cfg, 200, seed);
  cfg.mem_latency = 30;
  cfg.stall_percent = 40;
  test_frames(api, cfg, 1000, seed + 1);
  cfg.stall_percent = 90;
  test_frames(api, cfg, 50, seed + 2);
  cfg.stall_percent = 91;
  cfg.ops = &kOps;
  IS(api.open(&cfg, &m), -EINVAL, "more stalls than allowed");
  test_latency(api);
  test_faults(api);
  test_reset(api);
  test_time(api);
  test_two(api);
  test_fst(api);
  chim_model_unload(&api);
  return tap_done();
}
