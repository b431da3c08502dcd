// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of chim_dma_read and chim_dma_write: random ranges of every alignment, joined ranges,
// ranges that wrap in a ring, unmapped addresses, random stalls; every byte compared. Hard part:
// client 0's joined ranges are checked as one stream while the other clients' answers come in
// between.
#include <cstring>
#include <deque>
#include <vector>

#include "Vdut.h"
#include "bench/bench.h"
#include "bench/host_mem.h"
#include "model/bfm/axi_mem.h"

namespace {

const unsigned kBytes = DATA_W / 8;
const unsigned kMem = 1 << 18;
const uint64_t kHole = kMem;  // nothing is mapped from here on

struct Range {
  uint64_t addr;
  unsigned len;
  bool join;
  unsigned ring_log2;
};

class Tb : public bench::Base<Vdut> {
 public:
  Tb(unsigned latency, unsigned stall, bool holes)
      : Base("chim_dma_rw"),
        mem(kMem),
        holes_(holes),
        stall_(stall),
        axi_(CHIM_AXI_PINS(*dut, m_axi_), latency, stall, rng.seed(), bench::HostMem::read,
             bench::HostMem::write, &mem) {
    for (auto &b : mem) b = static_cast<uint8_t>(rng.u32());
    dut->req_valid = 0;
    dut->cmd_valid = 0;
    dut->wd_valid = 0;
    axi_.reset();
    reset();
  }

  void run(unsigned reads, unsigned writes, unsigned fixed_len) {
    for (unsigned c = 0; c < 3; c++) {
      for (unsigned i = 0; i < reads; i++) {
        reads_[c].push_back(random_range(c == 0, false, fixed_len));
      }
      for (unsigned i = 0; i < writes; i++) {
        writes_[c].push_back(random_range(false, c == 0, fixed_len));
      }
    }
    compare_ = writes == 0;
    alone_ = fixed_len == 0;
    for (unsigned c = 0; c < 3; c++) {
      if (!reads_[c].empty()) reads_[c].back().join = false;
      for (auto &w : writes_[c]) pending_[c].push_back(w);
      asked_[c] = reads_[c];
    }
    const uint64_t start = cycle;
    while (busy()) {
      clock();
      bench::check(cycle - start < 400000, "not drained in time");
    }
    clocks(4);
    bench::check(!dut->busy_o, "busy when everything is done");
    bench::check_eq(axi_.counts().violations, uint64_t{0}, "AXI4 rules broken");
    cycles = cycle - start;
  }

  uint64_t cycles = 0, read_bytes = 0, written_bytes = 0, errors = 0;
  bench::HostMem mem;

 private:
  bool busy() const {
    for (unsigned c = 0; c < 3; c++) {
      if (!asked_[c].empty() || !reads_[c].empty() || !writes_[c].empty() || !pending_[c].empty()) {
        return true;
      }
    }
    return false;
  }

  Range random_range(bool may_join, bool may_wrap, unsigned fixed_len) {
    Range r{};
    r.len = fixed_len ? fixed_len : 1 + rng.below(rng.chance(20) ? 3000 : 80);
    r.join = may_join && !fixed_len && rng.chance(40);
    r.addr = rng.below(kMem - 8192);
    if (may_wrap && rng.chance(50)) {
      r.ring_log2 = 12 + rng.below(2);
      r.addr = rng.chance(50) ? r.addr : (r.addr | ((1u << r.ring_log2) - 1)) - rng.below(100);
    }
    if (holes_ && rng.chance(5)) r.addr = kHole + rng.below(5000);
    return r;
  }

  void step() override {
    axi_.step();
    sample_reads();
    sample_writes();
  }

  void sample_reads() {
    for (unsigned c = 0; c < 3; c++) {
      if ((dut->req_valid >> c & 1) && (dut->req_ready >> c & 1)) reads_[c].pop_front();
      if (!(dut->rsp_valid >> c & 1)) continue;
      const auto *data = reinterpret_cast<const uint8_t *>(&dut->rsp_data);
      const unsigned n = dut->rsp_bytes;
      bench::check(n >= 1 && n <= kBytes, "rsp_bytes out of range");
      bench::check(n == kBytes || dut->rsp_last, "a short beat that is not the last");
      got_[c].insert(got_[c].end(), data, data + n);
      if (dut->rsp_last) finish_read(c, dut->rsp_error);
    }
  }

  void finish_read(unsigned c, bool error) {
    std::vector<uint8_t> want;
    bool hole = false, more = true;
    while (more) {
      bench::check(!asked_[c].empty(), "an answer to nothing");
      const Range r = asked_[c].front();
      asked_[c].pop_front();
      more = r.join;
      for (unsigned i = 0; i < r.len; i++) {
        hole |= r.addr + i >= kMem;
        want.push_back(r.addr + i < kMem ? mem[r.addr + i] : 0);
      }
    }
    bench::check_eq(error, hole, "error mark of a read");
    bench::check_eq(got_[c].size(), want.size(), "length of an answer");
    // While reads and writes overlap, bytes are compared only where nobody writes.
    if (!hole && compare_) bench::check(got_[c] == want, "bytes of an answer");
    errors += hole;
    read_bytes += want.size();
    got_[c].clear();
  }

  void sample_writes() {
    for (unsigned c = 0; c < 3; c++) {
      if ((dut->cmd_valid >> c & 1) && (dut->cmd_ready >> c & 1)) {
        cur_[c].push_back(writes_[c].front());
        writes_[c].pop_front();
      }
      if ((dut->wd_valid >> c & 1) && (dut->wd_ready >> c & 1)) sent_[c] += kBytes;
      if (dut->done_valid >> c & 1) {
        bench::check(!pending_[c].empty(), "a response to nothing");
        const Range r = pending_[c].front();
        pending_[c].pop_front();
        const bool hole = r.addr + r.len > kMem;
        bench::check_eq(static_cast<bool>(dut->done_error), hole, "error mark of a write");
        if (!hole) verify(c, r);
        written_bytes += r.len;
        errors += hole;
        count_[c]++;
      }
      while (!cur_[c].empty() && sent_[c] >= cur_[c].front().len) {
        cur_[c].pop_front();
        sent_[c] = 0;
        index_[c]++;
      }
    }
  }

  // Byte i of the n-th range of a client; never the same for two ranges of one client in a row.
  static uint8_t pattern(unsigned c, unsigned n, unsigned i) {
    return static_cast<uint8_t>(37 * n + 101 * c + 7 * i + (i >> 8));
  }

  void verify(unsigned c, const Range &r) {
    if (!alone_) return;
    for (unsigned i = 0; i < r.len; i++) {
      uint64_t a = r.addr + i;
      if (r.ring_log2) {
        const uint64_t mask = (uint64_t{1} << r.ring_log2) - 1;
        a = (r.addr & ~mask) | (a & mask);
      }
      bench::check_eq<unsigned>(mem[a], pattern(c, count_[c], i), "byte written");
    }
  }

  void step_apply() override {
    axi_.step_apply();
    unsigned rv = 0, cv = 0, wv = 0;
    for (unsigned c = 0; c < 3; c++) {
      // A valid that was not taken stays; a new one may wait.
      const bool read_held = (held_ >> c & 1) && !reads_[c].empty();
      if (!reads_[c].empty() && (read_held || !rng.chance(stall_))) rv |= 1u << c;
      if (!reads_[c].empty()) {
        const Range &r = reads_[c].front();
        set64(&dut->req_addr[0], c, r.addr);
        set16(&dut->req_len, c, r.len);
        if (c == 0) dut->req_join = r.join;
      }
      const bool wait = alone_ && !cur_[c].empty();
      const bool in_flight = alone_ && pending_[c].size() != writes_[c].size();
      if (!writes_[c].empty() && !wait && !in_flight && only_writer(c)) {
        const Range &r = writes_[c].front();
        cv |= 1u << c;
        set64(&dut->cmd_addr[0], c, r.addr);
        set16(&dut->cmd_len, c, r.len);
        if (c == 0) dut->cmd_ring_log2 = r.ring_log2;
      }
      if (!cur_[c].empty()) {
        wv |= 1u << c;
        auto *lane = reinterpret_cast<uint8_t *>(&dut->wd_data[0]) + c * kBytes;
        for (unsigned i = 0; i < kBytes; i++) lane[i] = pattern(c, index_[c], sent_[c] + i);
      }
    }
    dut->req_valid = rv;
    held_ = rv;
    dut->cmd_valid = cv;
    dut->wd_valid = wv;
  }

  // While bytes are verified, one client writes at a time.
  bool only_writer(unsigned c) const {
    if (!alone_) return true;
    for (unsigned o = 0; o < 3; o++) {
      if (o != c && pending_[o].size() != writes_[o].size()) return false;
      if (o < c && !writes_[o].empty()) return false;
    }
    return true;
  }

  template <typename Pin>
  static void set64(Pin *pin, unsigned c, uint64_t v) {
    std::memcpy(reinterpret_cast<uint8_t *>(pin) + 8 * c, &v, 8);
  }
  template <typename Pin>
  static void set16(Pin *pin, unsigned c, unsigned v) {
    const auto x = static_cast<uint16_t>(v);
    std::memcpy(reinterpret_cast<uint8_t *>(pin) + 2 * c, &x, 2);
  }

  bool compare_ = true;  // nothing is written: reads can be compared
  bool alone_ = true;    // one range is in memory before the next is written
  bool holes_;
  unsigned stall_, held_ = 0;
  std::deque<Range> reads_[3], asked_[3], writes_[3], pending_[3], cur_[3];
  std::vector<uint8_t> got_[3];
  unsigned sent_[3] = {}, index_[3] = {}, count_[3] = {};
  chim::AxiMem axi_;
};

void random_run(unsigned latency, unsigned stall, bool holes) {
  Tb tb(latency, stall, holes);
  tb.run(400, 0, 0);
  tb.run(0, 400, 0);
  tb.run(200, 200, 0);
  std::printf(
      "ok - latency %u stall %u %%%s: %llu bytes read, %llu written, %llu errors, as marked\n",
      latency, stall, holes ? " holes" : "", (unsigned long long)tb.read_bytes,
      (unsigned long long)tb.written_bytes, (unsigned long long)tb.errors);
}

}  // namespace

int main() {
  std::printf("1..4\n");
  random_run(0, 0, false);
  random_run(30, 40, false);
  random_run(250, 20, true);
  // Full rate: no gap between long ranges, memory answering at once.
  Tb tb(0, 0, false);
  tb.run(100, 100, 1448);
  // A range at a random lane takes one beat more than its bytes need; a read's end one clock more.
  const unsigned beats = 300 * ((1448 + kBytes - 1) / kBytes + 2);
  bench::check(tb.cycles < beats + 50, "ranges of 1,448 bytes do not follow without gaps");
  std::printf("ok - 300 ranges of 1,448 bytes each way in %llu clocks, at most %u beats\n",
              (unsigned long long)tb.cycles, beats);
  return 0;
}
