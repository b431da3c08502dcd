// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of chim_gather: connections with scatter-gather send rings of random fragments, segments in
// order and retransmissions that go back, completion tokens, fences, rings that are broken and
// memory that fails; every payload byte compared, every report in its place. Hard part: order: a
// report may come only when all bytes queued before it have been read.
#include <cstring>
#include <deque>
#include <map>
#include <vector>

#include "Vdut.h"
#include "bench/bench.h"
#include "bench/host_mem.h"
#include "contract/chim_contract.h"
#include "model/bfm/axi_mem.h"

namespace {

const unsigned kBytes = DATA_W / 8;
const unsigned kMem = 1 << 22;
enum Kind { kData, kAck, kRst, kToken, kFence };

struct Fragment {
  uint64_t addr;
  uint32_t seq;
  uint32_t len;
};

struct Conn {
  uint64_t ring;
  unsigned log2;
  uint32_t start;               // first sequence number
  std::vector<Fragment> frags;  // all that were ever described
  uint32_t end() const { return frags.back().seq + frags.back().len; }
};

struct Command {
  unsigned kind, conn;
  uint32_t seq, len;
  bool has_una;
  uint32_t una;
  bool bad;  // must fail
};

class Tb : public bench::Base<Vdut> {
 public:
  Tb(unsigned latency, unsigned stall)
      : Base("chim_gather"),
        mem(kMem),
        stall_(stall),
        axi_(CHIM_AXI_PINS(*dut, m_axi_), latency, stall, rng.seed(), bench::HostMem::read, nullptr,
             &mem) {
    for (auto &b : mem) b = static_cast<uint8_t>(rng.u32());
    dut->cmd_valid = 0;
    dut->tbl_valid = 0;
    dut->tready = 0;
    dut->gathered_ready = 0;
    axi_.reset();
    reset();
  }

  void add_conns(unsigned n) {
    for (unsigned c = 0; c < n; c++) {
      Conn conn{};
      conn.log2 = 4 + rng.below(3);
      conn.ring = alloc(16u << conn.log2, 64);
      conn.start = rng.chance(30) ? 0xFFFFFF00u + rng.below(200) : rng.u32();
      uint32_t seq = conn.start;
      // One less than the ring holds; what is beyond is left over from an earlier lap.
      for (unsigned i = 0; i + 1 < (1u << conn.log2); i++) {
        Fragment f{};
        f.len = 1 + rng.below(rng.chance(30) ? 4000 : 300);
        f.addr = alloc(f.len, 1);
        f.seq = seq;
        seq += f.len;
        put_desc(conn, i, f);
        conn.frags.push_back(f);
      }
      conns.push_back(conn);
      write_record(CHIM_TABLE_SND_RING, c, ring_words(conn));
      // Not valid yet: the first descriptor read is entry 0.
      write_record(CHIM_TABLE_CURSOR, c, std::vector<uint32_t>(5, 0));
    }
  }

  void put_desc(const Conn &conn, unsigned index, const Fragment &f) {
    struct chim_hw_snd_desc d {};
    d.addr = f.addr;
    d.seq = f.seq;
    d.len_flags = f.len;
    std::memcpy(&mem[conn.ring + 16 * (index & ((1u << conn.log2) - 1))], &d, sizeof(d));
  }

  void send(const Command &c) {
    queue_.push_back(c);
    if (c.kind == kData && c.len) expect_.push_back(c);
    if (c.has_una || c.kind == kFence || c.bad) reports_.push_back(c);
  }

  void drain() {
    const uint64_t start = cycle;
    while (!queue_.empty() || !expect_.empty() || !reports_.empty() || !dut->idle_o) {
      clock();
      bench::check(cycle - start < 2000000, "not drained in time");
    }
    cycles = cycle - start;
    bench::check_eq(axi_.counts().violations, uint64_t{0}, "AXI4 rules broken");
  }

  uint8_t byte_at(const Conn &conn, uint32_t seq) const {
    for (const auto &f : conn.frags) {
      if (seq - f.seq < f.len) return mem[f.addr + (seq - f.seq)];
    }
    bench::fail("the bench asked for a byte that nobody described");
  }

  uint64_t alloc(unsigned len, unsigned align) {
    top_ = (top_ + align - 1) / align * align;
    const uint64_t at = top_;
    top_ += len;
    bench::check(top_ <= kMem, "the bench's memory is full");
    return at;
  }

  void write_record(unsigned table, unsigned conn, const std::vector<uint32_t> &words) {
    for (unsigned w = 0; w < words.size(); w++) {
      dut->tbl_valid = 1;
      dut->tbl_write = 1;
      dut->tbl_table = table;
      dut->tbl_conn = conn;
      dut->tbl_word = w;
      dut->tbl_wdata = words[w];
      unsigned wait = 0;
      do {
        dut->eval();
        const bool taken = dut->tbl_ready;
        clock();
        if (taken) break;
      } while (++wait < 64);
      bench::check(wait < 64, "the table port is not served");
    }
    dut->tbl_valid = 0;
  }

  static std::vector<uint32_t> ring_words(const Conn &c) {
    std::vector<uint32_t> w(3);
    chim_hw_snd_ring_set_Base(w.data(), c.ring);
    chim_hw_snd_ring_set_Log2(w.data(), c.log2);
    return w;
  }

  std::vector<Conn> conns;
  bench::HostMem mem;
  uint64_t cycles = 0, payload = 0, bad_descs = 0;

 private:
  void step() override {
    axi_.step();
    bad_descs += dut->bad_desc;
    if (dut->cmd_valid && dut->cmd_ready) queue_.pop_front();
    if (dut->tvalid && dut->tready) {
      bench::check(!expect_.empty(), "payload that nobody asked for");
      const Command &c = expect_.front();
      const auto *data = reinterpret_cast<const uint8_t *>(&dut->tdata);
      uint64_t keep = 0;
      std::memcpy(&keep, &dut->tkeep, sizeof(dut->tkeep));
      unsigned n = 0;
      while (n < kBytes && (keep >> n & 1)) n++;
      bench::check(n == 64 || keep >> n == 0, "keep has a hole");
      bench::check(n == kBytes || dut->tlast, "a short beat inside a segment");
      if (!c.bad) {
        for (unsigned i = 0; i < n; i++) {
          bench::check_eq<unsigned>(data[i], byte_at(conns[c.conn], c.seq + got_ + i),
                                    "payload byte");
        }
      }
      got_ += n;
      if (dut->tlast) {
        bench::check_eq(static_cast<bool>(dut->tuser), c.bad, "error mark of a segment");
        if (!c.bad) bench::check_eq(got_, c.len, "length of a segment");
        payload += got_;
        got_ = 0;
        finished_++;
        expect_.pop_front();
      }
    }
    if (dut->gathered_valid && dut->gathered_ready) {
      bench::check(!reports_.empty(), "a report of nothing");
      const Command &c = reports_.front();
      bench::check_eq<unsigned>(dut->gathered_conn, c.conn, "connection of a report");
      bench::check_eq(static_cast<bool>(dut->gathered_fence), c.kind == kFence, "fence mark");
      bench::check_eq(static_cast<bool>(dut->gathered_error), c.bad, "error mark of a report");
      if (c.has_una) bench::check_eq<uint32_t>(dut->gathered_una, c.una, "una of a report");
      reports_.pop_front();
    }
  }

  void step_apply() override {
    axi_.step_apply();
    dut->tready = !rng.chance(stall_);
    dut->gathered_ready = !rng.chance(stall_);
    const bool show = !queue_.empty();
    dut->cmd_valid = show;
    if (show) {
      const Command &c = queue_.front();
      dut->cmd_kind = c.kind;
      dut->cmd_conn = c.conn;
      dut->cmd_seq = c.seq;
      dut->cmd_len = c.len;
      dut->cmd_has_una = c.has_una;
      dut->cmd_una = c.una;
    }
  }

  unsigned stall_;
  uint64_t top_ = 4096;
  std::deque<Command> queue_, expect_, reports_;
  uint32_t got_ = 0;
  unsigned finished_ = 0;
  chim::AxiMem axi_;
};

Command data(unsigned conn, uint32_t seq, uint32_t len) {
  return Command{kData, conn, seq, len, false, 0, false};
}

void random_run(unsigned latency, unsigned stall) {
  Tb tb(latency, stall);
  tb.add_conns(6);
  std::vector<uint32_t> next;
  for (auto &c : tb.conns) next.push_back(c.start);
  for (unsigned i = 0; i < 600; i++) {
    const unsigned c = tb.rng.below(6);
    const Conn &conn = tb.conns[c];
    const uint32_t left = conn.end() - next[c];
    Command cmd = data(c, next[c], std::min<uint32_t>(left, 1 + tb.rng.below(1448)));
    if (left == 0 || tb.rng.chance(20)) {  // again, from anywhere before
      const uint32_t done = next[c] - conn.start;
      if (done == 0) continue;
      const uint32_t back = 1 + tb.rng.below(done);
      cmd = data(c, next[c] - back, std::min<uint32_t>(back, 1 + tb.rng.below(1448)));
    } else {
      next[c] += cmd.len;
    }
    cmd.has_una = tb.rng.chance(30);
    cmd.una = tb.rng.u32();
    tb.send(cmd);
    if (tb.rng.chance(10)) tb.send(Command{kToken, c, 0, 0, true, tb.rng.u32(), false});
    if (tb.rng.chance(3)) tb.send(Command{kFence, c, 0, 0, false, 0, false});
    if (tb.rng.chance(3)) tb.send(Command{kData, c, 0, 0, true, tb.rng.u32(), false});  // only FIN
  }
  tb.drain();
  bench::check_eq(tb.bad_descs, uint64_t{0}, "descriptors refused");
  std::printf("ok - latency %u stall %u %%: %llu bytes in %llu clocks\n", latency, stall,
              (unsigned long long)tb.payload, (unsigned long long)tb.cycles);
}

// A ring that does not go on where it must: that segment fails, others do not notice.
void broken_run() {
  Tb tb(20, 20);
  tb.add_conns(3);
  Conn &bad = tb.conns[1];
  Fragment f = bad.frags[3];
  f.seq += 1;
  tb.put_desc(bad, 3, f);
  const uint32_t before = bad.frags[3].seq - bad.start;
  for (unsigned i = 0; i < 10; i++) {
    tb.send(data(0, tb.conns[0].start + 100 * i, 100));
    Command c = data(1, bad.start + before - 1, 1 + (i % 3) * 40);
    c.bad = c.len > 1;
    c.has_una = i & 1;
    c.una = i;
    tb.send(c);
    tb.send(data(2, tb.conns[2].start + 50 * i, 50));
  }
  // A byte that no descriptor of the ring holds: the walk ends after one turn.
  Command far = data(1, bad.start - 5000, 10);
  far.bad = true;
  tb.send(far);
  tb.send(data(0, tb.conns[0].start, 700));
  tb.drain();
  bench::check(tb.bad_descs >= 7, "broken rings not counted");
  std::printf("ok - broken rings: %llu refused, neighbours unharmed\n",
              (unsigned long long)tb.bad_descs);
}

void fault_run() {
  Tb tb(5, 0);
  tb.add_conns(2);
  tb.mem.mapped = tb.conns[1].frags[2].addr;
  Command c = data(1, tb.conns[1].frags[2].seq, 10);
  c.bad = true;
  tb.send(data(0, tb.conns[0].start, 64));
  tb.send(c);
  tb.send(data(0, tb.conns[0].start + 64, 64));
  tb.drain();
  std::printf("ok - a failing read marks its segment only\n");
}

// Long fragments, many connections: the payload side never waits.
void rate_run() {
  Tb tb(250, 0);
  for (unsigned c = 0; c < 4; c++) {
    Conn conn{};
    conn.log2 = 4;
    conn.ring = tb.alloc(256, 64);
    conn.start = 1000 * c;
    conn.frags.push_back({tb.alloc(200000, 1), conn.start, 200000});
    tb.put_desc(conn, 0, conn.frags[0]);
    tb.conns.push_back(conn);
    tb.write_record(CHIM_TABLE_SND_RING, c, Tb::ring_words(conn));
    tb.write_record(CHIM_TABLE_CURSOR, c, std::vector<uint32_t>(5, 0));
  }
  for (unsigned i = 0; i < 400; i++) tb.send(data(i % 4, 1000 * (i % 4) + i / 4 * 1448, 1448));
  tb.drain();
  const unsigned beats = 400 * ((1448 + kBytes - 1) / kBytes);
  std::printf("ok - 400 segments of 1,448 bytes, memory after 250 clocks: %llu clocks, %u beats\n",
              (unsigned long long)tb.cycles, beats);
  bench::check(tb.cycles < beats * 1.1 + 2500, "segments do not follow closely");
}

}  // namespace

int main() {
  std::printf("1..6\n");
  random_run(0, 0);
  random_run(40, 30);
  random_run(250, 60);
  broken_run();
  fault_run();
  rate_run();
  return 0;
}
