// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of chim_rx_pipe inside chim_rx_half: whatever the mix of connections, stalls and firmware's
// reads, every segment must get what chim_rx_step gives it alone, one after the other. Hard part:
// the traffic must be mostly predicted, or forwarding is not tried, and wild enough for every
// clause.
#include <deque>
#include <map>

#include "rtl/chim_rx_pipe/rx_half_base.h"

namespace {

using rx::Conn;
using rx::Result;
using rx::Seg;

constexpr unsigned kTraffic = CONNS - 1;  // the last slot is firmware's play-ground

class Tb : public rx::HalfBase {
 public:
  Tb() : HalfBase("chim_rx_pipe") {}

  // What the segment gives alone; the connection's state moves on.
  Result reference(Conn &c, const Seg &s) {
    uint32_t cfg;
    chim_hw_cfg_rx_pack(&cfg, &c.c);
    rx::put_tcb(dut->ref_state_i, c.t);
    dut->ref_cfg_i = cfg;
    rx::put_reads(dut->ref_reads_i, c.d);
    rx::put_seg(dut->ref_seg_i, s);
    dut->ref_start_i = 1;
    clock();
    dut->ref_start_i = 0;
    while (!dut->ref_done_o) clock();
    dut->eval();
    Result r;
    r.tcb = rx::get_tcb(dut->ref_state_o);
    rx::get_actions(r, dut->ref_actions_o);
    c.t = r.tcb;
    return r;
  }

  struct Item {
    Seg seg;
    Result want;
  };

  // Sends what was prepared. idle: chance of a pause of the source; stall: of the sink.
  void stream(const std::vector<Item> &items, unsigned idle, unsigned stall, unsigned fw) {
    items_ = &items;
    idle_ = idle;
    stall_ = stall;
    fw_ = fw;
    sent_ = got_ = tx_kicks_ = evt_kicks_ = 0;
    clear_counters();
    first_ = cycle;
    running_ = true;
    step_apply();
    while (got_ < items.size() || fw_waits_) {
      clock();
      bench::check(cycle - first_ < 200 * items.size() + 1000, "traffic does not end");
    }
    last_ = cycle;
    fw_ = 0;
    clocks(10);  // the last kicks
    running_ = false;
    bench::check(!dut->verdict_valid, "one verdict too many");
    dut->seg_valid = dut->verdict_ready = 0;
    dut->eval();
    bench::check(dut->idle_o, "not idle at the end");
    totals();
  }
  uint64_t clocks_used() const { return last_ - first_; }
  uint64_t fw_reads = 0;

 private:
  void step() override {
    count();
    if (!running_) return;
    if (dut->seg_valid && dut->seg_ready) sent_++;
    if (dut->verdict_valid && dut->verdict_ready) {
      bench::check(got_ < sent_, "a verdict before its segment");
      const Item &item = (*items_)[got_];
      const rx::Verdict v = rx::get_verdict(dut->verdict);
      bench::check(v == item.want.verdict, "verdict " + std::to_string(got_) + ": got " + v.text() +
                                               ", want " + item.want.verdict.text());
      got_++;
    }
    while (dut->kick_tx_valid_o) {
      bench::check(tx_kicks_ < sent_, "kick_tx that no segment caused");
      const Item &item = (*items_)[tx_kicks_++];
      if (!item.want.kick_tx) continue;
      bench::check_eq(unsigned(dut->kick_tx_conn_o), item.seg.conn, "kick_tx of another slot");
      break;
    }
    while (dut->kick_evt_valid_o) {
      bench::check(evt_kicks_ < sent_, "kick_evt that no segment caused");
      const Item &item = (*items_)[evt_kicks_++];
      if (!item.want.kick_evt) continue;
      bench::check_eq(unsigned(dut->kick_evt_conn_o), item.seg.conn, "kick_evt of another slot");
      break;
    }
    // Firmware reads in the order of the segments, so the answer is known.
    if (dut->tbl_valid && dut->tbl_ready) {
      dut_read_ = true;
      fw_want_ = word_after(fw_conn_, fw_word_, sent_);
    }
    if (dut->tbl_rvalid) {
      bench::check(fw_waits_, "an answer that nobody asked for");
      bench::check_eq(uint32_t(dut->tbl_rdata), fw_want_, "word " + std::to_string(fw_word_));
      fw_waits_ = false;
      fw_reads++;
    }
    if (fw_waits_) {
      bench::check(++fw_age_ <= 64, "a table read took more than 64 clocks");
    }
  }

  void step_apply() override {
    if (!running_) return;
    if (!seg_held() || sent_ != offered_) {
      offered_ = sent_;
      dut->seg_valid = sent_ < items_->size() && !rng.chance(idle_);
      if (dut->seg_valid) rx::put_seg(dut->seg, (*items_)[sent_].seg);
    }
    dut->verdict_ready = !rng.chance(stall_);
    if (dut_read_) {
      dut->tbl_valid = 0;
      dut_read_ = false;
    }
    if (!fw_waits_ && rng.chance(fw_)) {
      fw_waits_ = true;
      fw_age_ = 0;
      fw_conn_ = rng.below(kTraffic);
      fw_word_ = rng.below(CHIM_TCB_RX_WORDS);
      tbl_pins(false, CHIM_TABLE_RX, fw_conn_, fw_word_, rng.u32());
      dut->tbl_valid = 1;
    }
  }
  bool seg_held() const { return dut->seg_valid; }

  uint32_t word_after(uint32_t conn, uint32_t word, size_t count) {
    chim_hw_tcb_rx t = start[conn].t;
    for (size_t i = count; i-- > 0;) {
      if ((*items_)[i].seg.conn != conn) continue;
      t = (*items_)[i].want.tcb;
      break;
    }
    uint32_t w[CHIM_TCB_RX_WORDS];
    chim_hw_tcb_rx_pack(w, &t);
    return w[word];
  }

  // Every counter and every kick, over the whole run.
  void totals() {
    std::map<unsigned, uint64_t> want;
    for (const Item &item : *items_) {
      if (item.want.counter != rx::kNoCounter) want[item.want.counter]++;
    }
    want[CHIM_COUNTER_SEG_IN] = items_->size();
    for (unsigned i = 0; i < CHIM_COUNTER_COUNT; i++) {
      if (i == CHIM_COUNTER_SEG_PREDICTED || i == CHIM_COUNTER_TX_ACKS_STRETCHED) continue;
      bench::check_eq(counter(i), want.count(i) ? want[i] : 0, "counter " + std::to_string(i));
    }
    for (; tx_kicks_ < items_->size(); tx_kicks_++) {
      bench::check(!(*items_)[tx_kicks_].want.kick_tx, "a kick_tx is missing");
    }
    for (; evt_kicks_ < items_->size(); evt_kicks_++) {
      bench::check(!(*items_)[evt_kicks_].want.kick_evt, "a kick_evt is missing");
    }
  }

 public:
  std::vector<Conn> start;  // states before the run

 private:
  const std::vector<Item> *items_ = nullptr;
  unsigned idle_ = 0, stall_ = 0, fw_ = 0;
  size_t sent_ = 0, got_ = 0, offered_ = ~size_t(0), tx_kicks_ = 0, evt_kicks_ = 0;
  uint64_t first_ = 0, last_ = 0;
  bool running_ = false, fw_waits_ = false, dut_read_ = false;
  unsigned fw_age_ = 0;
  uint32_t fw_conn_ = 0, fw_word_ = 0, fw_want_ = 0;
};

// A segment that the connection's peer might send now; in `wild` percent of the cases something
// else.
Seg next_segment(Tb &tb, uint32_t conn, const Conn &c, unsigned wild) {
  auto &rng = tb.rng;
  Seg s;
  s.conn = conn;
  s.seq = c.t.RcvNxt;
  s.ack = c.t.AckNewest;
  s.wnd = c.t.Wnd >> c.c.SndWindScale;
  s.has_ts = c.c.TsEnabled;
  s.ts_val = c.t.TsRecent + rng.below(3);
  s.ts_ecr = rng.u32();
  s.len = rng.chance(30) ? 0 : rng.chance(50) ? 1448 : 1 + rng.below(2000);
  s.flags = rx::ACK | (rng.chance(30) ? +rx::PSH : 0);
  if (rng.chance(40)) s.ack += rng.below(c.d.SndMax - c.t.AckNewest + 1);
  if (rng.chance(20)) s.wnd = rng.below(0x10000);
  if (!rng.chance(wild)) return s;
  switch (rng.below(14)) {
    case 0:
      s.seq += rng.below(5000);
      break;
    case 1:
      s.seq -= rng.below(5000);
      break;
    case 2:
      s.seq = c.d.AdvEdge - rng.below(3000);
      break;
    case 3:
      s.seq = rng.u32();
      break;
    case 4:
      s.ack = c.t.AckNewest - rng.below(0x40000);
      break;
    case 5:
      s.ack = rng.u32();
      break;
    case 6:
      s.flags = rng.u32() & 0xFF;
      break;
    case 7:
      s.flags |= rx::RST;
      s.seq += rng.below(2);
      break;
    case 8:
      s.flags |= rx::SYN;
      s.seq += rng.below(2);
      break;
    case 9:
      s.flags |= rx::FIN;
      break;
    case 10:
      s.has_ts ^= 1;
      break;
    case 11:
      s.ts_val = rng.u32();
      break;
    case 12:
      s.len = 0xFFFF - rng.below(2);
      break;
    case 13:
      s.flags |= rng.chance(10) ? rx::URG : rx::ECE;
      break;
  }
  return s;
}

// Slots in the order of the traffic: few connections close together, runs, pairs, or all.
uint32_t pick(Tb &tb, unsigned pattern, unsigned i) {
  auto &rng = tb.rng;
  switch (pattern) {
    case 0:
      return 0;
    case 1:
      return i % 2;  // A B A B
    case 2:
      return "\0\1\0\1\0\0"[i % 6];  // A B A B A A
    case 3:
      return i / 2 % 3;  // A A B B C C
    case 4:
      return rng.below(3);
    case 5:
      return rng.below(kTraffic);
    default:
      return i % kTraffic;
  }
}

Conn random_conn(Tb &tb) {
  auto &rng = tb.rng;
  Conn c;
  const uint32_t r = rng.u32(), a = rng.u32();
  c.t.RcvNxt += r;
  c.t.WL1 += r;
  c.t.AckNowSeq += r;
  c.d.LastAckSent = c.t.RcvNxt - rng.below(4000);
  c.d.AdvEdge = c.t.RcvNxt + (rng.chance(10) ? rng.below(20000) : 0x100000);
  c.t.AckNewest += a;
  c.t.WL2 += a;
  c.d.SndUna = c.t.AckNewest - rng.below(3000);
  c.d.SndMax = c.t.AckNewest + rng.below(100000);
  c.d.FinAcked = rng.chance(20);
  c.t.TsRecent = rng.u32();
  c.t.DelAckSegs = rng.below(3);
  c.t.DelAckArmed = rng.chance(50);
  c.c.SndWindScale = rng.below(16);
  c.c.TsEnabled = rng.chance(70);
  c.t.OooSeen = rng.chance(10);
  c.t.OooMax = c.t.RcvNxt + rng.below(20000);
  return c;
}

void random_phase(Tb &tb, unsigned pattern, unsigned wild, unsigned idle, unsigned stall,
                  unsigned fw) {
  auto &rng = tb.rng;
  tb.params(1 + rng.below(4), rng.below(500), 0);
  tb.dut->time_ms_i = rng.u32();
  tb.clock();
  tb.start.clear();
  std::vector<Conn> now;
  for (unsigned i = 0; i < kTraffic; i++) {
    Conn c = random_conn(tb);
    c.t.TsRecentTime = tb.dut->time_ms_i - rng.below(1000);
    tb.start.push_back(c);
    tb.install(i, c);
  }
  now = tb.start;
  std::vector<Tb::Item> items;
  unsigned frozen = 0;
  for (unsigned i = 0; i < 1500; i++) {
    const uint32_t conn = pick(tb, pattern, i);
    Tb::Item item;
    item.seg = next_segment(tb, conn, now[conn], wild);
    item.want = tb.reference(now[conn], item.seg);
    // A frozen connection says nothing any more; a few of its segments are enough.
    frozen = now[conn].t.Frozen ? frozen + 1 : 0;
    items.push_back(item);
    if (frozen > 5 && pattern < 4) break;
  }
  tb.stream(items, idle, stall, fw);
  for (unsigned i = 0; i < kTraffic; i++) {
    const std::string wrong = rx::difference(tb.read_tcb(i), now[i].t);
    bench::check(wrong.empty(), "state of slot " + std::to_string(i) + ":" + wrong);
  }
}

// Every segment predicted: rate and latency.
void rate(Tb &tb, unsigned flows, bool acks_only) {
  tb.params(2, 40, 0);
  tb.start.assign(kTraffic, Conn());
  std::vector<Conn> now = tb.start;
  for (unsigned i = 0; i < flows; i++) {
    tb.start[i].d.AdvEdge += 0x30000000;
    tb.start[i].c.SndWindScale = 2;
    tb.install(i, tb.start[i]);
  }
  now = tb.start;
  std::vector<Tb::Item> items;
  const unsigned count = 4000;
  for (unsigned i = 0; i < count; i++) {
    Tb::Item item;
    item.seg = next_segment(tb, i % flows, now[i % flows], 0);
    item.seg.len = acks_only ? 0 : 1448;
    item.want = tb.reference(now[i % flows], item.seg);
    items.push_back(item);
  }
  tb.stream(items, 0, 0, 0);
  const double per_clock = double(count) / double(tb.clocks_used());
  std::printf("# %u flows, %s: %.4f segments per clock\n", flows, acks_only ? "ACKs" : "text",
              per_clock);
  bench::check_eq(tb.counter(CHIM_COUNTER_SEG_PREDICTED), count, "predicted segments");
  bench::check(per_clock >= 0.995, "not one segment a clock");
}

void latency(Tb &tb) {
  Conn c;
  tb.install(0, c);
  tb.clocks(10);
  Seg s;
  s.seq = c.t.RcvNxt;
  s.ack = c.t.AckNewest;
  s.len = 1448;
  rx::put_seg(tb.dut->seg, s);
  tb.dut->verdict_ready = 1;
  tb.dut->seg_valid = 1;
  tb.dut->eval();
  bench::check(tb.dut->seg_ready, "idle pipeline takes no segment");
  const uint64_t t = tb.cycle;
  tb.clock();
  tb.dut->seg_valid = 0;
  while (!tb.dut->verdict_valid) tb.clock();
  std::printf("# verdict %u clocks after its segment\n", unsigned(tb.cycle - t));
  bench::check_eq(tb.cycle - t, 3u, "clocks from segment to verdict");
  tb.clocks(20);

  // Out of order: one after the other.
  const unsigned count = 50;
  s.seq += 100000;
  rx::put_seg(tb.dut->seg, s);
  tb.dut->seg_valid = 1;
  unsigned taken = 0, clocks = 0;
  while (taken < count) {
    tb.dut->eval();
    taken += tb.dut->seg_ready;
    clocks++;
    tb.clock();
  }
  tb.dut->seg_valid = 0;
  std::printf("# a segment that is not predicted every %.2f clocks\n", double(clocks) / count);
  bench::check(clocks <= 6 * count, "more than 6 clocks for a segment that is not predicted");
  tb.clocks(30);
}

// Words of RX and CFG_RX: kept, apart from reserved bits; what lies outside is read as 0.
void words(Tb &tb) {
  const uint32_t slot = CONNS - 1;
  for (unsigned n = 0; n < 20; n++) {
    uint32_t w[CHIM_TCB_RX_WORDS];
    for (unsigned i = 0; i < CHIM_TCB_RX_WORDS; i++) {
      w[i] = tb.rng.u32();
      tb.tbl_write(CHIM_TABLE_RX, slot, i, w[i]);
    }
    const uint32_t cfg = tb.rng.u32();
    tb.tbl_write(CHIM_TABLE_CFG_RX, slot, 0, cfg);
    w[0] &= ~0x3FFFu;
    for (unsigned i = 0; i < CHIM_TCB_RX_WORDS; i++) {
      bench::check_eq(tb.tbl_read(CHIM_TABLE_RX, slot, i), w[i], "word of RX");
    }
    bench::check_eq(tb.tbl_read(CHIM_TABLE_CFG_RX, slot, 0), cfg & ~0x3FFFFFFu, "word of CFG_RX");
    // What the send step reads of it.
    chim_hw_tcb_rx t;
    chim_hw_tcb_rx_unpack(&t, w);
    tb.dut->rxv_conn_i = slot;
    tb.clock();
    bits::Reader r(158, tb.dut->rxv_o);
    bench::check(r.get(32) == t.AckNewest && r.get(32) == t.Wnd && r.get(32) == t.MaxSndWnd &&
                     r.get(32) == t.TsEcr && r.get(8) == t.DupAckCount && r.get(8) == t.AckCnt &&
                     r.get(8) == t.AcceptCnt && r.get(1) == t.TsEcrValid && r.get(1) == t.RcvFin &&
                     r.get(1) == t.Aborted && r.get(1) == t.Urgent && r.get(1) == t.SynSeen &&
                     r.get(1) == t.Frozen && r.empty(),
                 "copy for the send step");
  }
  tb.tbl_write(CHIM_TABLE_RX, slot, 16, 1);
  tb.tbl_write(CHIM_TABLE_RX, slot + CONNS, 3, 1);
  const uint32_t kept = tb.tbl_read(CHIM_TABLE_RX, slot, 3);
  tb.tbl_write(CHIM_TABLE_RX, slot + CONNS, 3, ~kept);
  bench::check_eq(tb.tbl_read(CHIM_TABLE_RX, slot, 3), kept, "word of another slot");
  bench::check_eq(tb.tbl_read(CHIM_TABLE_RX, slot, 16), 0u, "word outside");
  bench::check_eq(tb.tbl_read(CHIM_TABLE_RX, slot + CONNS, 3), 0u, "slot outside");
  bench::check_eq(tb.tbl_read(CHIM_TABLE_CFG_RX, slot, 1), 0u, "word outside");
}

}  // namespace

int main() {
  Tb tb;
  unsigned n = 0;
  const auto ok = [&](const char *what) { std::printf("ok %u - %s\n", ++n, what); };
  words(tb);
  ok("firmware's words");
  latency(tb);
  ok("latency");
  rate(tb, 1, false);
  rate(tb, 1, true);
  rate(tb, kTraffic, false);
  ok("one segment a clock");
  uint64_t predicted = 0, all = 0;
  for (unsigned round = 0; round < ROUNDS; round++) {
    const unsigned pattern = round % 7;
    const unsigned wild = round % 3 == 0 ? 0 : round % 3 == 1 ? 5 : 40;
    random_phase(tb, pattern, wild, round % 4 * 20, round % 5 * 20, round % 2 * 5);
    predicted += tb.counter(CHIM_COUNTER_SEG_PREDICTED);
    all += tb.counter(CHIM_COUNTER_SEG_IN);
  }
  std::printf("# %llu segments, %llu predicted, %llu words read beside them\n",
              (unsigned long long)all, (unsigned long long)predicted,
              (unsigned long long)tb.fw_reads);
  bench::check(predicted > all / 3 && predicted < all - all / 10, "no useful mix");
  bench::check(tb.fw_reads > 100, "too few words read under traffic");
  ok("random traffic, against one segment at a time");
  std::printf("1..%u\n", n);
  return 0;
}
