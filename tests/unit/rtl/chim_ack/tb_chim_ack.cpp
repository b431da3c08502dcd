// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of chim_ack and chim_bind inside chim_rx_half: every clause of steps.md section 2 by
// hand-made states, then connections under traffic with a reader and a writer of random patience.
// Hard part: under traffic an answer may be some clocks old, so what is checked there is what may
// never happen (a right edge withdrawn, two ACKs out, data acknowledged that are not placed) and
// what must in the end.
#include "ack_bed.h"

namespace {

void check_rsp(const Rsp &got, const Rsp &want, bool pure, const std::string &what) {
  if (pure) bench::check_eq(got.seq, want.seq, what + ": seq");
  bench::check_eq(got.ack, want.ack, what + ": ack");
  bench::check_eq(got.wnd, want.wnd, what + ": wnd");
  bench::check_eq(got.ts_val, want.ts_val, what + ": ts_val");
  bench::check_eq(got.ts_ecr, want.ts_ecr, what + ": ts_ecr");
}

void binding(Tb &tb) {
  auto &rng = tb.rng;
  for (unsigned i = 0; i < 1500; i++) {
    State x;
    x.live = false;
    x.placed = rng.u32();
    x.t.TsRecent = rng.u32();
    x.t.AckOwed = rng.below(4);
    x.s.AckDone = rng.below(4);
    x.s.WireNxt = rng.u32();
    x.c.RcvRingLog2 = 12 + rng.below(13);
    x.c.RcvWindScale = rng.below(15);
    x.c.RcvBuf = 1 + rng.below(1u << x.c.RcvRingLog2);
    x.c.Mss = 64 + rng.below(9000);
    x.c.TsDelta = rng.u32();
    x.ret = x.placed - rng.below((1u << x.c.RcvRingLog2) + 1);
    x.s.AdvEdge = x.placed - 1 + rng.below(x.c.RcvBuf + 2);
    if (rng.chance(30)) x.s.AdvEdge = x.ret + x.c.RcvBuf - rng.below(2 * x.c.Mss);
    const uint32_t conn = rng.below(CONNS);
    tb.load(conn, x);
    tb.dut->time_ms_i = rng.u32();
    tb.clocks(3);
    const bool pure = rng.chance(50);
    const uint32_t end = x.s.WireNxt + rng.below(3000) - 1500;
    chim_hw_sent want;
    const Rsp model = bind_model(x, tb.dut->time_ms_i, &want, pure, end);
    check_rsp(tb.bind(conn, pure, end), model, pure, "binding " + std::to_string(i));
    tb.clocks(2);
    const chim_hw_sent got = tb.read_sent(conn);
    bench::check_eq(got.LastAckSent, want.LastAckSent, "LastAckSent");
    bench::check_eq(got.AdvEdge, want.AdvEdge, "AdvEdge");
    bench::check_eq(got.WireNxt, want.WireNxt, "WireNxt");
    bench::check_eq(unsigned(got.AckDone), unsigned(want.AckDone), "AckDone");
  }
}

// Bindings of one connection close together: what each says must follow from the one before.
void close_bindings(Tb &tb) {
  auto &rng = tb.rng;
  for (unsigned round = 0; round < 300; round++) {
    State x;
    x.t.AckOwed = 9 + rng.below(20);
    x.s.AckDone = 9;
    x.live = false;
    x.ret = x.placed - rng.below(0x8000);
    x.s.AdvEdge = x.placed + rng.below(0x8000);
    tb.load(1, x);
    tb.clocks(3);
    uint32_t wire = x.s.WireNxt, done = 9, last_ack = x.placed, last_edge = x.s.AdvEdge;
    uint32_t now_placed = x.placed;
    struct Want {
      uint32_t seq, low, high;
      bool pure;
    };
    std::deque<std::pair<uint64_t, Want>> pending;
    std::deque<uint32_t> placed_at(5, x.placed);  // RcvPlaced in the last clocks
    bool place = false;
    for (unsigned i = 0; i < 60; i++) {
      const bool go = i < 50 && rng.chance(70), pure = rng.chance(50);
      if (!place && i < 50 && rng.chance(40)) {
        place = true;
        tb.placed_pins(1, now_placed + 100 + rng.below(100), false, false);
      }
      tb.dut->bind_req_valid = go;
      tb.dut->placed_valid = place;
      const uint32_t end = wire + rng.below(2000) - 500;
      if (go) tb.bind_pins(1, pure, end);
      tb.dut->eval();
      if (place && tb.dut->placed_ready) {
        bits::Reader taken(50, tb.dut->placed);
        taken.get(16);
        now_placed = taken.get(32);
        place = false;
      }
      placed_at.push_front(now_placed);
      placed_at.pop_back();
      if (go) {
        // What a binding repeats is at most 3 clocks old.
        pending.push_back({tb.cycle + 3, {wire, placed_at[3], placed_at[0], pure}});
        if (!pure && int32_t(wire - end) < 0) wire = end;
        if (pure && done != x.t.AckOwed) done++;
      }
      if (tb.dut->bind_rsp_valid) {
        bench::check(!pending.empty() && pending.front().first == tb.cycle, "answer out of turn");
        const Want w = pending.front().second;
        pending.pop_front();
        const Rsp r = tb.rsp_pins();
        if (w.pure) bench::check_eq(r.seq, w.seq, "sequence number of a pure ACK");
        bench::check(int32_t(r.ack - last_ack) >= 0, "the acknowledgment went back");
        bench::check(int32_t(r.ack - w.low) >= 0 && int32_t(w.high - r.ack) >= 0,
                     "acknowledgment too old or too new");
        last_ack = r.ack;
        const uint32_t edge = r.ack + (r.wnd << x.c.RcvWindScale);
        bench::check(int32_t(edge - last_edge) >= 0, "the right edge was withdrawn");
        last_edge = edge;
      } else {
        bench::check(pending.empty() || pending.front().first != tb.cycle, "answer missing");
      }
      tb.clock();
    }
    tb.dut->bind_req_valid = tb.dut->placed_valid = 0;
    tb.clocks(6);
    const chim_hw_sent got = tb.read_sent(1);
    bench::check_eq(got.WireNxt, wire, "WireNxt after close bindings");
    bench::check_eq(unsigned(got.AckDone), done, "AckDone after close bindings");
    bench::check_eq(got.LastAckSent, last_ack, "LastAckSent after close bindings");
    bench::check_eq(got.AdvEdge, last_edge, "AdvEdge after close bindings");
    bench::check_eq(tb.tbl_read(CHIM_TABLE_PLACED, 1, 0), now_placed, "RcvPlaced");
  }
}

// One look: due or not.
void look(Tb &tb, const std::string &name, const State &x, bool due) {
  tb.load(3, x);
  // Turning LIVE made it look already.
  const bool got = tb.emits(3);
  bench::check_eq(got, due, name);
  if (got) {
    bench::check(!tb.emits(3), name + ": a second ACK while one is out");
    tb.kick(3);
    bench::check(!tb.emits(3), name + ": a second ACK after a kick");
    tb.bind(3, true, 0);
    bench::check(!tb.emits(3), name + ": an ACK though the last one said all");
    tb.kick(3);
    bench::check(!tb.emits(3), name + ": an ACK after a kick though the last one said all");
  } else {
    tb.kick(3);
    bench::check(!tb.emits(3), name + ": after a kick");
  }
  tb.live(3, false);
  std::printf("# %s\n", name.c_str());
}

void due(Tb &tb) {
  const uint32_t now = tb.dut->time_ms_i = 200000;
  State x;
  look(tb, "nothing to say", x, false);
  x.t.AckOwed++;
  look(tb, "owed", x, true);
  x.t.Frozen = 1;
  look(tb, "owed, frozen", x, true);
  x.live = false;
  look(tb, "owed, not LIVE", x, false);

  x = State();
  x.placed += 3000;
  x.t.AckNowSeq = x.placed;
  look(tb, "to be acknowledged now, placed", x, true);
  x.t.Frozen = 1;
  look(tb, "the same, frozen", x, false);
  x.t.Frozen = 0;
  x.t.AckNowSeq += 1000;
  x.placed = x.t.AckNowSeq - 1;
  x.s.LastAckSent += 2000;
  look(tb, "to be acknowledged now, not placed", x, false);
  x.s.LastAckSent = x.placed - 2 * x.c.Mss;
  look(tb, "to be acknowledged now, two segments of it placed", x, true);
  x.s.LastAckSent++;
  look(tb, "to be acknowledged now, not so much placed", x, false);
  x.placed += 10;
  x.s.LastAckSent = x.t.AckNowSeq;
  look(tb, "acknowledged already", x, false);

  x = State();
  x.placed += 1000;
  x.t.DelAckArmed = 1;
  x.t.DelAckDeadline = now;
  look(tb, "delayed ACK", x, true);
  x.t.DelAckDeadline++;
  look(tb, "delayed ACK, a millisecond early", x, false);
  x.t.DelAckDeadline = now;
  x.t.DelAckArmed = 0;
  look(tb, "delayed ACK not armed", x, false);
  x.t.DelAckArmed = 1;
  x.placed = x.s.LastAckSent;
  look(tb, "delayed ACK, nothing new placed", x, false);

  // Window of 64 KiB; below half of it an update is worth an ACK if it is a segment or more.
  x = State();
  x.s.AdvEdge = x.placed + 0x7FFF;
  x.ret = x.s.AdvEdge - 0x10000 + 1448;
  look(tb, "window opens by a segment", x, true);
  x.ret--;
  look(tb, "window opens by less", x, false);
  x.ret++;
  x.s.AdvEdge++;
  x.ret++;
  look(tb, "window is half open", x, false);
  x = State();
  x.s.AdvEdge = x.placed;
  x.c.RcvWindScale = 14;
  x.c.RcvRingLog2 = 16;
  x.ret = x.s.AdvEdge - 0x10000 + 16384;
  look(tb, "window opens by a unit of its scale", x, true);
  x.ret--;
  look(tb, "window opens by less than a unit", x, false);
  // What 16 bits cannot say must not be asked for again and again: look() checks that it ends.
  x = State();
  x.c.RcvBuf = 1 << 20;
  x.c.RcvRingLog2 = 20;
  x.c.RcvWindScale = 0;
  x.s.AdvEdge = x.placed;
  look(tb, "window larger than the field", x, true);
}

void flow(Tb &tb) {
  // Each ACK that is owed is sent, one at a time.
  State x;
  x.t.AckOwed = x.s.AckDone + 3;
  tb.load(3, x);
  for (unsigned i = 0; i < 3; i++) {
    bench::check(tb.emits(3), "owed ACK " + std::to_string(i));
    bench::check(!tb.emits(3), "two at a time");
    tb.bind(3, false, 0x20000100);  // data do not count
    bench::check(!tb.emits(3), "binding of data freed the ACK");
    const Rsp r = tb.bind(3, true, 0);
    bench::check_eq(r.seq, 0x20000100u, "sequence number of the ACK");
  }
  bench::check(!tb.emits(3), "more than owed");
  tb.live(3, false);

  // Placement -> ACK in three clocks, RcvPlaced in the binding of any later clock.
  for (unsigned i = 0; i < 50; i++) {
    x = State();
    x.t.AckNowSeq = x.placed + 1448;
    tb.load(3, x);
    tb.clocks(10 + i % 9);
    tb.placed_pins(3, x.placed + 1448, false, false);
    tb.dut->placed_valid = 1;
    tb.dut->eval();
    bench::check(tb.dut->placed_ready, "idle acknowledger takes no placement");
    const uint64_t u = tb.cycle;
    tb.clock();
    tb.dut->placed_valid = 0;
    while (!tb.dut->tx_ack_valid) tb.clock();
    bench::check_eq(tb.cycle - u, 3u, "clocks from placement to ACK");
    bench::check(tb.emits(3), "the ACK");
    bench::check_eq(tb.bind(3, true, 0).ack, x.placed + 1448, "acknowledgment");
    tb.live(3, false);
  }
  std::printf("# ACK 3 clocks after its placement\n");

  // Firmware's ACK, LIVE or not, LIVE turning on, and the fence's question.
  x = State();
  x.live = false;
  tb.load(3, x);
  tb.load(4, x);
  tb.dut->fence_conn_i = 3;
  tb.clocks(20);
  tb.dut->eval();
  bench::check(!tb.dut->fence_busy_o, "busy with nothing");
  tb.ack_now(3);
  tb.dut->eval();
  bench::check(tb.dut->fence_busy_o, "not busy with an ACK");
  bench::check(tb.emits(3), "firmware's ACK");
  tb.clocks(20);
  tb.dut->eval();
  bench::check(tb.dut->fence_busy_o && !tb.dut->idle_o, "not busy with an ACK that is not bound");
  tb.dut->fence_conn_i = 4;
  tb.dut->eval();
  bench::check(tb.dut->fence_busy_o, "no time to answer for another connection");
  tb.clocks(20);
  tb.dut->eval();
  bench::check(!tb.dut->fence_busy_o, "busy with another's ACK");
  tb.dut->fence_conn_i = 3;
  tb.clocks(20);
  tb.dut->eval();
  bench::check(tb.dut->fence_busy_o, "not busy after a look at another");
  tb.bind_pins(3, true, 0);
  tb.dut->bind_req_valid = 1;
  tb.clock();
  tb.dut->bind_req_valid = 0;
  for (unsigned i = 0; i < 3; i++) {
    tb.dut->eval();
    bench::check(tb.dut->fence_busy_o, "not busy with a binding");
    tb.clock();
  }
  tb.clocks(20);
  tb.dut->eval();
  bench::check(!tb.dut->fence_busy_o && tb.dut->idle_o, "busy after the binding");
  tb.ack_now(3);
  tb.ack_now(3);
  bench::check(tb.emits(3) && !tb.emits(3), "two ACKs out at firmware's wish");
  tb.bind(3, true, 0);

  // A failed placement stops the acknowledgment for good.
  x = State();
  tb.load(3, x);
  tb.placed(3, x.placed + 100);
  tb.placed(3, x.placed + 200, true);
  tb.placed(3, x.placed + 300);
  tb.placed(4, x.placed + 400);
  tb.placed(3, 0, false, true);
  bench::check_eq(tb.event(3).placed, x.placed + 100, "RcvPlaced after a failure");
  bench::check_eq(tb.event(3).dma_error, 1u, "failure is told");
  bench::check_eq(tb.event(4).placed, x.placed + 400, "RcvPlaced of another");
  bench::check_eq(tb.event(4).dma_error, 0u, "failure of another");
  bench::check_eq(tb.tbl_read(CHIM_TABLE_PLACED, 3, 0), x.placed + 100, "RcvPlaced as read");
  tb.tbl_write(CHIM_TABLE_PLACED, 3, 0, 5);
  bench::check_eq(tb.event(3).placed, 5u, "RcvPlaced as written");
  bench::check_eq(tb.event(3).dma_error, 0u, "failure forgotten");
  x.t.RcvFin = 1;
  x.t.AckNowSeq = x.placed + 1;
  tb.load(3, x);
  bench::check_eq(tb.event(3).fin_placed, 0u, "FIN not placed");
  tb.placed(3, x.placed + 1);
  bench::check_eq(tb.event(3).fin_placed, 1u, "FIN placed");
  bench::check(tb.emits(3), "ACK of the FIN");
  tb.bind(3, true, 0);
  tb.live(3, false);

  // Without any kick: the scan, up to high_water.
  x = State();
  x.placed += 1000;
  x.t.DelAckArmed = 1;
  x.t.DelAckDeadline = tb.dut->time_ms_i + 5;
  tb.load(CONNS - 1, x);
  bench::check(!tb.emits(CONNS - 1), "early");
  tb.dut->time_ms_i += 5;
  bench::check(!tb.emits(CONNS - 1, 4 * CONNS), "scanned beyond high_water");
  tb.params(2, 40, CONNS - 1);
  bench::check(!tb.emits(CONNS - 1, 4 * CONNS), "scanned at high_water");
  tb.params(2, 40, CONNS);
  bench::check(tb.emits(CONNS - 1, 4 * CONNS), "delayed ACK without a kick");
  tb.bind(CONNS - 1, true, 0);
  bench::check(!tb.emits(CONNS - 1, 4 * CONNS), "delayed ACK again");
  tb.live(CONNS - 1, false);
  tb.params(2, 40, 0);
}

void words(Tb &tb) {
  const struct {
    uint32_t table, word, mask;
  } all[] = {{CHIM_TABLE_CFG_BIND, 0, 0xFFC0FFFF},
             {CHIM_TABLE_CFG_BIND, 1, ~0u},
             {CHIM_TABLE_CFG_BIND, 2, ~0u},
             {CHIM_TABLE_CFG_BIND, 3, 0},
             {CHIM_TABLE_SENT, 0, 0xFF000000},
             {CHIM_TABLE_SENT, 1, ~0u},
             {CHIM_TABLE_SENT, 2, ~0u},
             {CHIM_TABLE_SENT, 3, ~0u},
             {CHIM_TABLE_SENT, 4, 0},
             {CHIM_TABLE_PLACED, 0, ~0u},
             {CHIM_TABLE_PLACED, 1, 0}};
  for (unsigned n = 0; n < 10; n++) {
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> data;
    for (const auto &a : all) {
      data[{a.table, a.word}] = tb.rng.u32();
      tb.tbl_write(a.table, 7, a.word, data[{a.table, a.word}]);
      tb.tbl_write(a.table, 7 + CONNS, a.word, tb.rng.u32());
    }
    for (const auto &a : all) {
      const std::string what =
          "table " + std::to_string(a.table) + " word " + std::to_string(a.word);
      bench::check_eq(tb.tbl_read(a.table, 7, a.word), data[{a.table, a.word}] & a.mask, what);
      bench::check_eq(tb.tbl_read(a.table, 7 + CONNS, a.word), 0u, what + ", slot outside");
    }
  }
}

// Segments, placements, doorbells, data and ACKs of some connections at once.
class Traffic : public Tb {
 public:
  struct Options {
    unsigned conns, seg, place_delay, stall, data, bind_delay;
    bool scan;
  };

  void run(const Options &o, unsigned segments) {
    o_ = o;
    to_send_ = segments;
    conns_.assign(o.conns, {});
    params(2, 40, o.scan ? CONNS : 0);
    for (unsigned i = 0; i < o.conns; i++) {
      State x;
      x.t.TsRecentTime = dut->time_ms_i;
      x.s.AdvEdge = x.placed + 0x10000;
      load(i, x);
      conns_[i].x = x;
      conns_[i].last_edge = x.s.AdvEdge;
    }
    clear_counters();
    on_ = true;
    acks_ = 0;
    first_ = cycle;
    while (to_send_ || !quiet()) {
      clock();
      bench::check(cycle - first_ < 400 * uint64_t(segments) + 100000, "traffic does not end");
    }
    used_ = cycle - first_;
    // The rest is up to delayed ACKs and owed ones.
    dut->time_ms_i += 100;
    for (unsigned i = 0; i < 40 * CONNS; i++) clock();
    while (!quiet()) clock();
    on_ = false;
    kick_up_ = false;
    kicks_.clear();
    dut->ack_kick_valid = dut->db_rr_we_i = 0;
    dut->seg_valid = dut->placed_valid = dut->bind_req_valid = dut->tx_ack_ready = 0;
    clocks(80);  // what is queued: 16 kicks, one every other clock
    dut->eval();
    bench::check(dut->idle_o, "not idle at the end");
    for (unsigned i = 0; i < o.conns; i++) end(i);
  }
  double rate() const { return double(counter(CHIM_COUNTER_SEG_PLACED)) / double(used_); }
  uint64_t acks() const { return acks_; }

 private:
  struct Peer {
    State x;
    uint32_t next = 0x10000000, taken = 0x10000000, placed = 0x10000000, ret = 0x10000000;
    uint32_t last_ack = 0x10000000, last_edge = 0, wire = 0x20000000;
    bool out = false;
    std::deque<uint32_t> placed_at;
  };

  bool quiet() const {
    return placing_.empty() && binding_.empty() && answers_.empty() && !dut->tx_ack_valid &&
           !dut->seg_valid && verdicts_due_ == 0;
  }

  void end(unsigned i) {
    Peer &p = conns_[i];
    const std::string who = " of connection " + std::to_string(i);
    const chim_hw_tcb_rx t = read_tcb(i);
    const chim_hw_sent s = read_sent(i);
    bench::check_eq(t.RcvNxt, p.placed, "RcvNxt against what was placed" + who);
    if (o_.scan) {
      bench::check_eq(s.LastAckSent, p.placed, "last acknowledgment" + who);
    } else {
      bench::check(int32_t(s.LastAckSent - t.AckNowSeq) >= 0, "due acknowledgment" + who);
    }
    bench::check_eq(unsigned(s.AckDone), unsigned(t.AckOwed), "owed ACKs" + who);
    bench::check_eq(s.WireNxt, p.wire, "WireNxt" + who);
    bench::check_eq(s.AdvEdge, p.last_edge, "AdvEdge" + who);
    live(i, false);
  }

  void step() override {
    count();
    if (!on_) return;
    for (Peer &p : conns_) {
      p.placed_at.push_front(p.placed);
      if (p.placed_at.size() > 6) p.placed_at.pop_back();
    }
    if (dut->seg_valid && dut->seg_ready) {
      Peer &p = conns_[seg_.conn];
      if (seg_.seq == p.next) p.next += seg_.len;
      verdicts_due_++;
      if (to_send_) to_send_--;
      seg_taken_ = true;
    }
    if (dut->verdict_valid && dut->verdict_ready) {
      verdicts_due_--;
      const rx::Verdict v = rx::get_verdict(dut->verdict);
      if (v.action == rx::PLACE) {
        Peer &p = conns_[v.conn];
        bench::check_eq(v.seq, p.taken, "text taken out of order");
        p.taken += v.len;
        placing_.push_back(
            {cycle + 2 + (o_.place_delay ? rng.below(o_.place_delay) : 0), v.conn, p.taken});
      }
    }
    if (dut->placed_valid && dut->placed_ready) {
      Peer &p = conns_[placing_.front().conn];
      p.placed = placing_.front().end;
      p.placed_at.front() = p.placed;
      placing_.pop_front();
      placed_taken_ = true;
    }
    if (dut->tx_ack_valid && dut->tx_ack_ready) {
      const uint32_t conn = ack_pins();
      bench::check(!conns_[conn].out, "two ACKs of one connection out");
      conns_[conn].out = true;
      binding_.push_back({cycle + 2 + (o_.bind_delay ? rng.below(o_.bind_delay) : 0), conn, 1});
      acks_++;
    }
    if (dut->bind_req_valid) {
      Peer &p = conns_[bound_.conn];
      answers_.push_back({cycle + 3, bound_.conn, bound_.pure, p.wire, p.placed_at});
      if (bound_.pure) p.out = false;
      if (!bound_.pure && int32_t(p.wire - bound_.end) < 0) p.wire = bound_.end;
    }
    if (dut->bind_rsp_valid) answer();
  }

  void answer() {
    bench::check(!answers_.empty() && answers_.front().at == cycle, "answer out of turn");
    const Answer a = answers_.front();
    answers_.pop_front();
    Peer &p = conns_[a.conn];
    const Rsp r = rsp_pins();
    if (a.pure) bench::check_eq(r.seq, a.wire, "sequence number of a pure ACK");
    bench::check(int32_t(r.ack - p.last_ack) >= 0, "the acknowledgment went back");
    bench::check(int32_t(a.placed_at.front() - r.ack) >= 0, "acknowledges what is not placed");
    bench::check(int32_t(r.ack - a.placed_at[std::min<size_t>(3, a.placed_at.size() - 1)]) >= 0,
                 "the acknowledgment is too old");
    p.last_ack = r.ack;
    const uint32_t edge = r.ack + (r.wnd << p.x.c.RcvWindScale);
    bench::check(int32_t(edge - p.last_edge) >= 0, "the right edge was withdrawn");
    bench::check(int32_t(p.ret + (1u << p.x.c.RcvRingLog2) - edge) >= 0, "window beyond the ring");
    p.last_edge = edge;
  }

  void step_apply() override {
    if (!on_) return;
    if (rng.chance(2)) dut->time_ms_i++;
    if (seg_taken_ || !dut->seg_valid) {
      seg_taken_ = false;
      dut->seg_valid = 0;
      const uint32_t conn = o_.seg == 100 ? turn_++ % o_.conns : rng.below(o_.conns);
      Peer &p = conns_[conn];
      const uint32_t len = o_.seg == 100 ? 100 : 1 + rng.below(1448);
      if (to_send_ && rng.chance(o_.seg) && int32_t(p.last_edge - p.next - len) >= 0) {
        seg_ = rx::Seg();
        seg_.conn = conn;
        seg_.seq = p.next;
        // Now and then something out of order, which owes an ACK.
        if (o_.seg != 100 && rng.chance(5)) seg_.seq += 1;
        seg_.ack = 0x20000000;
        seg_.wnd = 0x4000;
        seg_.len = len;
        rx::put_seg(dut->seg, seg_);
        dut->seg_valid = 1;
      }
    }
    dut->verdict_ready = !rng.chance(o_.stall);
    if (placed_taken_ || !dut->placed_valid) {
      placed_taken_ = false;
      dut->placed_valid = 0;
      if (!placing_.empty() && placing_.front().at <= cycle) {
        placed_pins(placing_.front().conn, placing_.front().end, false, false);
        dut->placed_valid = 1;
      }
    }
    dut->tx_ack_ready = !rng.chance(o_.stall);
    dut->bind_req_valid = 0;
    if (!binding_.empty() && binding_.front().at <= cycle) {
      bound_ = {binding_.front().conn, true, 0};
      binding_.pop_front();
      bind_now();
    } else if (rng.chance(o_.data)) {
      const uint32_t conn = rng.below(o_.conns);
      bound_ = {conn, false, conns_[conn].wire + rng.below(1448)};
      bind_now();
    }
    // The application reads: what is placed is given back some time.
    dut->db_rr_we_i = 0;
    if (o_.seg == 100 || rng.chance(20)) {
      const uint32_t conn = give_++ % o_.conns;
      Peer &p = conns_[conn];
      if (p.ret != p.placed) {
        p.ret =
            o_.seg == 100 || rng.chance(70) ? p.placed : p.ret + rng.below(p.placed - p.ret + 1);
        dut->db_rr_conn_i = conn;
        dut->db_rr_val_i = p.ret;
        dut->db_rr_we_i = 1;
        kicks_.push_back(conn);
      }
    }
    if (kick_up_ && dut->ack_kick_ready) kick_up_ = false;
    if (!kick_up_ && !kicks_.empty()) {
      dut->ack_kick_conn = kicks_.front();
      kicks_.pop_front();
      kick_up_ = true;
    }
    dut->ack_kick_valid = kick_up_;
  }
  void bind_now() {
    bind_pins(bound_.conn, bound_.pure, bound_.end);
    dut->bind_req_valid = 1;
  }

  struct Placing {
    uint64_t at;
    uint32_t conn, end;
  };
  struct Bind {
    uint32_t conn;
    bool pure;
    uint32_t end;
  };
  struct Answer {
    uint64_t at;
    uint32_t conn;
    bool pure;
    uint32_t wire;
    std::deque<uint32_t> placed_at;
  };

  Options o_{};
  std::vector<Peer> conns_;
  std::deque<Placing> placing_, binding_;
  std::deque<Answer> answers_;
  std::deque<uint32_t> kicks_;
  Bind bound_{};
  rx::Seg seg_;
  unsigned to_send_ = 0, verdicts_due_ = 0, turn_ = 0, give_ = 0;
  uint64_t first_ = 0, used_ = 0, acks_ = 0;
  bool on_ = false, seg_taken_ = false, placed_taken_ = false, kick_up_ = false;
};

}  // namespace

int main() {
  unsigned n = 0;
  const auto ok = [&](const char *what) { std::printf("ok %u - %s\n", ++n, what); };
  {
    Tb tb;
    words(tb);
    ok("firmware's words");
    binding(tb);
    ok("binding");
    close_bindings(tb);
    ok("bindings close together");
    due(tb);
    ok("due or not");
    flow(tb);
    ok("flow of ACKs");
  }
  Traffic tb;
  tb.run({1, 50, 30, 20, 10, 20, true}, 3000);
  tb.run({3, 80, 10, 0, 30, 5, true}, 3000);
  tb.run({8, 30, 5, 50, 5, 30, false}, 2000);
  tb.run({8, 90, 40, 30, 60, 10, true}, 3000);
  tb.run({CONNS - 1, 90, 40, 10, 60, 40, true}, 5000);
  ok("traffic");
  // P3 with everything that belongs to it: a placement and half an ACK for each segment.
  tb.run({1, 100, 0, 0, 0, 0, true}, 5000);
  std::printf("# 1 flow: %.4f segments per clock, %.2f segments per ACK\n", tb.rate(),
              5000.0 / double(tb.acks()));
  bench::check(tb.rate() >= 0.95, "P3, one flow");
  tb.run({CONNS, 100, 0, 0, 0, 0, true}, 10000);
  std::printf("# %u flows: %.4f segments per clock, %.2f segments per ACK\n", CONNS, tb.rate(),
              10000.0 / double(tb.acks()));
  bench::check(tb.rate() >= 0.99, "P3, many flows");
  ok("rate with placements and ACKs");
  std::printf("1..%u\n", n);
  return 0;
}
