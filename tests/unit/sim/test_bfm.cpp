// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The bus-functional models themselves, their pins driven by hand: what they must accept, and what
// they must refuse. Hard part: cases that no well-behaved device makes (bursts over 4 KiB, a
// misplaced wlast, data before its address, holes in tkeep), and order across IDs.
#include <cstdint>
#include <map>
#include <vector>

#include "sim/model/bfm/axi_mem.h"
#include "sim/model/bfm/axis.h"
#include "tests/unit/tap.h"

namespace {

// Pins of an AXI4 master with 8-byte data, driven by the test.
struct Axi {
  uint8_t awid = 0, awlen = 0, awsize = 3, awburst = 1, awvalid = 0, awready = 0;
  uint64_t awaddr = 0;
  uint64_t wdata = 0;
  uint8_t wstrb = 0, wlast = 0, wvalid = 0, wready = 0;
  uint8_t bid = 0, bresp = 0, bvalid = 0, bready = 1;
  uint8_t arid = 0, arlen = 0, arsize = 3, arburst = 1, arvalid = 0, arready = 0;
  uint64_t araddr = 0;
  uint8_t rid = 0, rresp = 0, rlast = 0, rvalid = 0, rready = 1;
  uint64_t rdata = 0;
};

struct Memory {
  std::map<uint64_t, uint8_t> bytes;
  std::vector<std::pair<uint64_t, size_t>> reads, writes;
  bool deny = false;
  static int read(void *ctx, uint64_t a, void *buf, size_t n) {
    auto *m = static_cast<Memory *>(ctx);
    m->reads.emplace_back(a, n);
    for (size_t i = 0; i < n; ++i) {
      static_cast<uint8_t *>(buf)[i] =
          m->bytes.count(a + i) ? m->bytes[a + i] : static_cast<uint8_t>(a + i);
    }
    return m->deny ? -1 : 0;
  }
  static int write(void *ctx, uint64_t a, const void *buf, size_t n) {
    auto *m = static_cast<Memory *>(ctx);
    m->writes.emplace_back(a, n);
    for (size_t i = 0; i < n; ++i) m->bytes[a + i] = static_cast<const uint8_t *>(buf)[i];
    return m->deny ? -1 : 0;
  }
};

struct Bench {
  Axi p;
  Memory mem;
  chim::AxiMem slave;
  explicit Bench(unsigned latency = 0, unsigned stall = 0, uint64_t seed = 1)
      : slave(CHIM_AXI_PINS(p, ), latency, stall, seed, Memory::read, Memory::write, &mem) {
    clock();  // ready signals come up
  }
  struct Beat {
    uint8_t id, resp, last;
    uint64_t data;
  };
  std::vector<Beat> r;
  std::vector<Beat> b;
  void clock() {
    slave.step();
    const bool ar = p.arvalid && p.arready, aw = p.awvalid && p.awready, w = p.wvalid && p.wready;
    if (p.rvalid && p.rready) r.push_back({p.rid, p.rresp, p.rlast, p.rdata});
    if (p.bvalid && p.bready) b.push_back({p.bid, p.bresp, 1, 0});
    slave.step_apply();
    if (ar) p.arvalid = 0;
    if (aw) p.awvalid = 0;
    if (w) p.wvalid = 0;
  }
  void read(uint64_t addr, unsigned beats, uint8_t id = 0, uint8_t size = 3, uint8_t burst = 1) {
    p.araddr = addr;
    p.arlen = static_cast<uint8_t>(beats - 1);
    p.arid = id;
    p.arsize = size;
    p.arburst = burst;
    p.arvalid = 1;
    for (int i = 0; i < 1000 && p.arvalid; ++i) clock();
  }
  void address(uint64_t addr, unsigned beats, uint8_t id = 0, uint8_t size = 3) {
    p.awaddr = addr;
    p.awlen = static_cast<uint8_t>(beats - 1);
    p.awid = id;
    p.awsize = size;
    p.awvalid = 1;
  }
  void beat(uint64_t data, uint8_t strb, bool last) {
    p.wdata = data;
    p.wstrb = strb;
    p.wlast = last;
    p.wvalid = 1;
    for (int i = 0; i < 1000 && p.wvalid; ++i) clock();
  }
  void run(int n) {
    for (int i = 0; i < n; ++i) clock();
  }
};

void test_reads() {
  Bench t;
  t.read(0x1000, 4, 3);
  t.run(10);
  OK(t.r.size() == 4 && t.r[0].data == 0x0706050403020100 && t.r[3].last && !t.r[2].last &&
         t.r[0].id == 3,
     "a burst of four beats");
  OK(t.mem.reads.size() == 1 && t.mem.reads[0] == std::make_pair(uint64_t{0x1000}, size_t{32}),
     "one access to memory");
  t.r.clear();
  t.read(0x1005, 2);
  t.run(10);
  OK(t.r.size() == 2 && t.r[0].data >> 40 == 0x070605 && t.r[1].data == 0x0F0E0D0C0B0A0908,
     "an unaligned start: lanes stay in place");
  OK(t.mem.reads[1] == std::make_pair(uint64_t{0x1005}, size_t{11}),
     "bytes below it are not touched");
  t.r.clear();
  t.read(0x1006, 3, 0, 1);
  t.run(10);
  OK(t.r.size() == 3 && (t.r[0].data >> 48 & 0xFFFF) == 0x0706 &&
         (t.r[1].data & 0xFFFF) == 0x0908 && (t.r[2].data >> 16 & 0xFFFF) == 0x0B0A,
     "narrow beats");
  t.mem.deny = true;
  t.r.clear();
  t.read(0x1000, 2);
  t.run(10);
  OK(t.r.size() == 2 && t.r[0].resp == 2 && t.r[1].resp == 2 && t.r[0].data == 0,
     "unmapped: SLVERR on each beat, and no data of others");
  IS(t.slave.counts().errors, 1, "counted");
  OK(t.slave.idle(), "at rest");
}

void test_illegal() {
  Bench t;
  t.read(0x1FF8, 2);
  t.run(10);
  OK(t.r.size() == 2 && t.r[0].resp == 2, "a burst over 4 KiB is refused");
  t.read(0x1FF8, 1);
  t.run(10);
  OK(t.r.size() == 3 && t.r[2].resp == 0, "up to the boundary it is not");
  t.read(0x1000, 4, 0, 3, 2);
  t.run(10);
  OK(t.r.back().resp == 2, "WRAP is refused");
  t.read(0x1000, 1, 0, 4);
  t.run(10);
  OK(t.r.back().resp == 2, "a beat wider than the bus is refused");
  IS(t.slave.counts().violations, 3, "all are counted");

  t.address(0x2000, 3);
  t.beat(1, 0xFF, false);
  t.beat(2, 0xFF, true);
  t.run(10);
  OK(t.b.size() == 1 && t.b[0].resp == 2, "wlast too early is refused");
  t.address(0x2000, 1);
  t.beat(1, 0xFF, false);
  t.beat(2, 0xFF, true);
  t.run(10);
  OK(t.b.size() == 2 && t.b[1].resp == 2, "wlast too late is refused");
  OK(t.mem.writes.empty(), "and nothing of them written");
  t.address(0x2000, 1);
  for (int i = 0; i < 1000; ++i) t.beat(1, 0xFF, false);
  t.beat(2, 0xFF, true);
  t.run(10);
  OK(t.b.size() == 3 && t.b[2].resp == 2, "a burst of 1,001 beats is refused too");
  IS(t.slave.counts().violations, 6, "all are counted");
  t.address(0x2000, 1);
  t.beat(0x1122334455667788, 0xFF, true);
  t.run(10);
  OK(t.b.size() == 4 && t.b[3].resp == 0 && t.mem.bytes[0x2000] == 0x88,
     "the next good one is good");
}

void test_writes() {
  Bench t;
  t.beat(0x1111111111111111, 0xF8, false);
  t.beat(0x2222222222222222, 0xFF, false);
  t.beat(0x3333333333333333, 0x01, true);
  t.run(20);
  IS(t.b.size(), 0, "data without an address waits");
  IS(t.p.wready, 0, "and no more data is taken");
  t.address(0x3000, 3, 9);
  t.run(5);
  OK(t.b.size() == 1 && t.b[0].id == 9 && t.b[0].resp == 0, "the address completes it");
  OK(t.mem.writes.size() == 1 && t.mem.writes[0] == std::make_pair(uint64_t{0x3003}, size_t{14}),
     "one write, with exactly the strobed bytes");
  t.mem.writes.clear();
  t.address(0x3000, 2);
  t.beat(0x4444444444444444, 0x3C, false);
  t.beat(0x5555555555555555, 0x81, true);
  t.run(5);
  OK(t.mem.writes.size() == 3 && t.mem.writes[0] == std::make_pair(uint64_t{0x3002}, size_t{4}) &&
         t.mem.writes[1] == std::make_pair(uint64_t{0x3008}, size_t{1}) &&
         t.mem.writes[2] == std::make_pair(uint64_t{0x300F}, size_t{1}),
     "holes: a write per run, in ascending order");
  t.mem.writes.clear();
  t.address(0x3002, 3, 0, 1);
  t.beat(0x0000000066660000, 0x0C, false);
  t.beat(0x0000777700000000, 0x30, false);
  t.beat(0x8888000000000000, 0xC0, true);
  t.run(5);
  OK(t.mem.bytes[0x3002] == 0x66 && t.mem.bytes[0x3004] == 0x77 && t.mem.bytes[0x3007] == 0x88 &&
         t.mem.bytes[0x3008] == 0x55,
     "narrow beats");
  t.address(0x3000, 1);
  t.mem.deny = true;
  t.beat(1, 0xFF, true);
  t.run(5);
  OK(t.b.back().resp == 2, "unmapped: SLVERR");
  t.mem.deny = false;
  t.address(0x3000, 1);
  t.beat(0, 0, true);
  t.run(5);
  OK(t.b.back().resp == 0, "no byte strobed: nothing written, OKAY");
}

// Full rate: one beat a clock without a gap between bursts.
void test_rate() {
  Bench t(50);
  unsigned issued = 0;
  for (int i = 0; i < 1000; ++i) {
    if (!t.p.arvalid && issued < 100) {
      t.p.araddr = 0x10000 + issued * 64;
      t.p.arlen = 7;
      t.p.arvalid = 1;
      ++issued;
    }
    t.clock();
    if (t.r.size() == 800) {
      // Accepted after one clock, then the latency, then 800 beats.
      OK(i <= 1 + 50 + 800, "100 bursts of 8 beats at latency 50 take %d clocks", i + 1);
      break;
    }
  }
  IS(t.r.size(), 800, "all beats came");
  // A new request each clock, eight clocks to answer one: they pile up.
  OK(t.slave.counts().most_outstanding >= 90, "%zu were outstanding",
     t.slave.counts().most_outstanding);
  Bench w(0);
  unsigned beats = 0;
  for (unsigned i = 0; beats < 400 && i < 1000; ++i) {
    if (!w.p.awvalid && i < 50) w.address(0x10000 + i * 64, 8);
    if (!w.p.wvalid) {
      w.p.wdata = i;
      w.p.wstrb = 0xFF;
      w.p.wlast = beats % 8 == 7;
      w.p.wvalid = 1;
    }
    w.clock();
    beats += !w.p.wvalid;
    if (beats == 400) OK(i == 399, "50 write bursts of 8 beats in 400 clocks");
  }
}

// Random requests of four IDs: each ID in order, IDs among each other not always.
void test_order(uint64_t seed) {
  Bench t(3, 30, seed);
  chim::Rng rng(seed);
  std::map<uint8_t, std::vector<uint64_t>> want, got;
  std::vector<uint64_t> order;
  std::vector<std::pair<uint8_t, uint64_t>> all;
  for (int i = 0; i < 2000; ++i) {
    if (!t.p.arvalid && all.size() < 300) {
      const uint8_t id = static_cast<uint8_t>(rng.below(4));
      const uint64_t addr = 0x10000 + all.size() * 8;
      t.mem.bytes[addr] = static_cast<uint8_t>(all.size());
      t.mem.bytes[addr + 1] = static_cast<uint8_t>(all.size() >> 8);
      want[id].push_back(all.size());
      all.emplace_back(id, addr);
      t.p.araddr = addr;
      t.p.arlen = 0;
      t.p.arid = id;
      t.p.arvalid = 1;
    }
    t.p.rready = rng.below(3) != 0;
    t.clock();
  }
  unsigned overtook = 0;
  for (const auto &beat : t.r) {
    got[beat.id].push_back(beat.data & 0xFFFF);
    if (!order.empty() && (beat.data & 0xFFFF) < order.back()) ++overtook;
    order.push_back(beat.data & 0xFFFF);
  }
  OK(got == want, "each ID is answered in its order");
  OK(overtook > 10, "IDs overtake each other (%u times)", overtook);
}

// A stream of 8-byte beats.
struct Stream {
  uint64_t tdata = 0;
  uint8_t tkeep = 0, tlast = 0, tuser = 0, tvalid = 0, tready = 0;
};

struct Frames {
  std::vector<std::vector<uint8_t>> good;
  unsigned bad = 0;
  static void take(void *ctx, const uint8_t *data, size_t len, bool bad) {
    auto *f = static_cast<Frames *>(ctx);
    if (bad) {
      ++f->bad;
    } else {
      f->good.emplace_back(data, data + len);
    }
  }
};

void test_streams(uint64_t seed) {
  Stream s;
  Frames f;
  chim::AxisSource source(CHIM_AXIS_PINS(s, ), 64, 0, seed, nullptr, nullptr);
  chim::AxisSink sink(CHIM_AXIS_PINS(s, ), 100, 0, seed, Frames::take, &f);
  const std::vector<uint8_t> data(120, 0x5A);
  const auto run = [&](int n) {
    for (int i = 0; i < n; ++i) {
      source.step();
      sink.step();
      source.step_apply();
      sink.step_apply();
    }
  };
  for (size_t len = 1; len <= 60; ++len) source.push(data.data(), len, 0);
  source.push(data.data(), 100, 0);
  source.push(data.data(), 101, 0);
  source.push(data.data(), 50, 0, true);
  OK(source.push(data.data(), 50, 0) && !source.push(data.data(), 50, 0), "64 frames fit, no more");
  run(2);
  size_t beats = 0;
  for (size_t len = 1; len <= 60; ++len) beats += (len + 7) / 8;
  beats += 13 + 13 + 7 + 7;
  run(static_cast<int>(beats));
  IS(f.good.size(), 62, "frames of 1 to 60 and of 100 bytes go through, at a beat a clock");
  IS(f.bad, 2, "one too long and one marked bad do not");
  bool lengths = true;
  for (size_t i = 0; i < 60 && i < f.good.size(); ++i)
    lengths = lengths && f.good[i].size() == i + 1;
  OK(lengths && f.good.back().size() == 50, "with their lengths");
  IS(sink.violations(), 0, "no violation");

  // A device that breaks the rules of tkeep.
  const auto beat = [&](uint8_t keep, bool last) {
    s.tkeep = keep;
    s.tlast = last;
    s.tvalid = 1;
    sink.step();
    sink.step_apply();
    s.tvalid = 0;
  };
  beat(0x0F, false);
  IS(sink.violations(), 1, "a partial beat inside a frame is seen");
  beat(0x0D, true);
  IS(sink.violations(), 2, "so is a hole");
  beat(0x00, true);
  IS(sink.violations(), 3, "and an empty beat");
}

// Back-pressure and idle at random; a beat on the pins must not change until it is taken.
void test_stable(uint64_t seed) {
  Stream s;
  Frames f;
  chim::AxisSource source(CHIM_AXIS_PINS(s, ), 64, 50, seed, nullptr, nullptr);
  chim::AxisSink sink(CHIM_AXIS_PINS(s, ), 2000, 50, seed + 1, Frames::take, &f);
  std::vector<std::vector<uint8_t>> sent;
  chim::Rng rng(seed);
  bool stable = true;
  for (int i = 0; i < 20000; ++i) {
    if (source.waiting() < 60 && sent.size() < 200) {
      std::vector<uint8_t> frame(1 + rng.below(200));
      for (auto &byte : frame) byte = static_cast<uint8_t>(rng.next());
      source.push(frame.data(), frame.size(), 0);
      sent.push_back(frame);
    }
    const Stream before = s;
    source.step();
    sink.step();
    source.step_apply();
    sink.step_apply();
    if (before.tvalid && !before.tready) {
      stable = stable && s.tvalid && s.tdata == before.tdata && s.tkeep == before.tkeep &&
               s.tlast == before.tlast;
    }
  }
  OK(stable, "a beat that waits does not change");
  OK(f.good == sent, "200 frames through random stalls");
}

}  // namespace

int main() {
  const unsigned long long seed = tap_seed(1);
  test_reads();
  test_illegal();
  test_writes();
  test_rate();
  for (unsigned i = 0; i < 5; ++i) test_order(seed + i);
  test_streams(seed);
  test_stable(seed);
  return tap_done();
}
