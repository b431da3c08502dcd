// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Surroundings of chim_engine: firmware's words, receive path, transmit path with late binding,
// gather and placement, all with random stalls or none. What lies on the other end of the wire is
// the user's: frames come out of wire_out(), segments go into wire_in(). Hard part: every queue
// keeps the order that the real path keeps, and latencies are counted in clocks of the model.
#ifndef CHIM_TESTS_ENGINE_TB_H
#define CHIM_TESTS_ENGINE_TB_H

#include <deque>
#include <functional>
#include <vector>

#include "Vdut.h"
#include "bench/bench.h"
#include "contract/chim_contract.h"
#include "rtl/chim_engine/engine_conn.h"
#include "rtl/chim_tx_step/tx_step_pins.h"

namespace engine {

struct Seg {
  uint16_t conn = 0;
  uint32_t seq = 0, ack = 0;
  uint16_t wnd = 0;
  uint8_t flags = 0x10;  // ACK
  bool has_ts = false;
  uint32_t ts_val = 0, ts_ecr = 0;
  uint16_t len = 0;
};
constexpr uint8_t kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16, kUrg = 32;

struct Verdict {
  unsigned action = 0;  // 0 drop, 1 place, 2 pass
  uint16_t conn = 0;
  uint32_t seq = 0;
  uint16_t off = 0, len = 0;
  bool fin = false;
  unsigned reason = 0;
};

struct Cmd {
  unsigned kind = 0;
  uint16_t conn = 0;
  uint32_t seq = 0;
  uint16_t len = 0;
  bool fin = false, psh = false, has_una = false;
  uint32_t una = 0;
};

// A frame as its header says it, after late binding.
struct Frame {
  Cmd cmd;
  uint32_t seq, ack;
  uint16_t wnd;
  uint32_t ts_val, ts_ecr;
};

struct Event {
  uint16_t conn;
  uint32_t flags, snd_done, rcv_placed, snd_max;
  uint64_t cycle;
};

struct Gathered {
  uint16_t conn;
  uint32_t una;
  bool error, fence;
};

struct Placed {
  uint16_t conn;
  uint32_t end_seq;
  bool error, fence;
};

// Something that leaves a queue not before a clock.
template <typename T>
struct Timed {
  uint64_t at;
  T what;
};

struct Stalls {
  unsigned tx = 0, ack = 0, evt = 0, verdict = 0, gather = 0, place = 0;  // percent
};

class Tb : public bench::Base<Vdut> {
 public:
  explicit Tb(const char *name) : Base(name) {
    pins_idle();
    params(tx::Params());
    reset();
    wait([&] { return dut->idle_o; }, 3 * CONNS + 100, "the engine is ready");
    running_ = true;
  }

  // ---- firmware
  // ------------------------------------------------------------------------------------
  void params(const tx::Params &p) {
    params_ = p;
    tx::put_params(dut->params_i, p);
  }
  const tx::Params &params() const { return params_; }
  void write(unsigned table, uint16_t conn, unsigned word, uint32_t value) {
    request(true, table, conn, word, value);
  }
  uint32_t read(unsigned table, uint16_t conn, unsigned word) {
    request(false, table, conn, word, 0);
    unsigned waited = 0;
    while (!answered_) {
      clock();
      bench::check(++waited < 64, "firmware's read takes 64 clocks");
    }
    return answer_;
  }
  template <unsigned Words>
  void write_record(unsigned table, uint16_t conn, const uint32_t (&words)[Words]) {
    for (unsigned w = 0; w < Words; w++) write(table, conn, w, words[w]);
  }
  template <unsigned Words>
  void read_record(unsigned table, uint16_t conn, uint32_t (&words)[Words]) {
    for (unsigned w = 0; w < Words; w++) words[w] = read(table, conn, w);
  }
  void install(uint16_t conn, const Conn &c, bool live = true) {
    uint32_t t[CHIM_TCB_TX_WORDS] = {}, r[CHIM_TCB_RX_WORDS] = {}, ct[CHIM_CFG_TX_WORDS] = {};
    uint32_t cr[CHIM_CFG_RX_WORDS] = {}, cb[CHIM_CFG_BIND_WORDS] = {}, d[CHIM_DOORBELL_WORDS] = {};
    uint32_t s[CHIM_SENT_WORDS] = {};
    chim_hw_tcb_tx_pack(t, &c.tx);
    chim_hw_tcb_rx_pack(r, &c.rx);
    chim_hw_cfg_tx_pack(ct, &c.cfg_tx);
    chim_hw_cfg_rx_pack(cr, &c.cfg_rx);
    chim_hw_cfg_bind_pack(cb, &c.cfg_bind);
    chim_hw_doorbell_pack(d, &c.bell);
    chim_hw_sent_pack(s, &c.sent);
    write_record(CHIM_TABLE_TX, conn, t);
    write_record(CHIM_TABLE_RX, conn, r);
    write_record(CHIM_TABLE_CFG_TX, conn, ct);
    write_record(CHIM_TABLE_CFG_RX, conn, cr);
    write_record(CHIM_TABLE_CFG_BIND, conn, cb);
    write_record(CHIM_TABLE_DOORBELL, conn, d);
    write_record(CHIM_TABLE_SENT, conn, s);
    write(CHIM_TABLE_PLACED, conn, 0, c.placed);
    write(CHIM_TABLE_DONE, conn, 0, c.tx.SndUna);
    if (live) set_live(conn, true);
  }
  void set_live(uint16_t conn, bool live) {
    dut->live_we = 1;
    dut->live_conn = conn;
    dut->live_val = live;
    clock();
    dut->live_we = 0;
  }
  void kick(uint16_t conn) {
    dut->kick_valid = 1;
    dut->kick_conn = conn;
    clock();
    dut->kick_valid = 0;
  }
  void ack_now(uint16_t conn) {
    dut->ack_now_valid = 1;
    dut->ack_now_conn = conn;
    clock();
    dut->ack_now_valid = 0;
  }
  void fence(uint16_t conn) {
    dut->fence_valid = 1;
    dut->fence_conn = conn;
    clock();
    dut->fence_valid = 0;
    placements.push_back({cycle + place_latency, {conn, 0, false, true}});
  }
  chim_hw_tcb_tx tcb_tx(uint16_t conn) {
    uint32_t w[CHIM_TCB_TX_WORDS];
    read_record(CHIM_TABLE_TX, conn, w);
    chim_hw_tcb_tx t;
    chim_hw_tcb_tx_unpack(&t, w);
    return t;
  }
  chim_hw_tcb_rx tcb_rx(uint16_t conn) {
    uint32_t w[CHIM_TCB_RX_WORDS];
    read_record(CHIM_TABLE_RX, conn, w);
    chim_hw_tcb_rx r;
    chim_hw_tcb_rx_unpack(&r, w);
    return r;
  }

  // ---- the host and the wire
  // -----------------------------------------------------------------------
  void bell(uint16_t conn, unsigned queue, uint32_t value) {
    bells_.push_back({conn, queue, value});
  }
  bool bells_pending() const { return !bells_.empty(); }
  void wire_in(const Seg &s) { segs_.push_back(s); }
  size_t wire_in_waiting() const { return segs_.size(); }

  // Called in the clock in which they happen.
  std::function<void(const Frame &)> on_frame;
  std::function<void(const Cmd &)> on_cmd;  // taken from tx_data
  std::function<void(const Event &)> on_event;
  std::function<void(const Verdict &)> on_verdict;
  std::function<void()> on_clock;  // before the pins of the next clock are set
  std::function<bool(const Placed &)> place_fails, gather_fails_at;

  Stalls stalls;
  unsigned place_latency = 2, gather_latency = 4, clocks_per_ms = 0;
  uint32_t time_ms = 1000;
  std::deque<Timed<Placed>> placements;
  std::deque<Timed<Gathered>> gathers;
  uint64_t counters[CHIM_COUNTER_COUNT] = {};
  uint64_t cmds = 0, data_cmds = 0, segs_taken = 0, events = 0, bell_taken_at = 0, first_cmd_at = 0;

  template <typename F>
  void wait(F done, unsigned bound, const char *what) {
    while (!done()) {
      bench::check(bound-- > 0, std::string("waited too long: ") + what);
      clock();
    }
  }
  // Nothing is on its way any more.
  void settle(unsigned bound = 20000) {
    unsigned quiet = 0;
    while (quiet < 40) {
      const bool busy = !dut->idle_o || !segs_.empty() || !placements.empty() || !gathers.empty() ||
                        !bells_.empty() || !verdicts_expected_.empty() || !bound_.empty() ||
                        !binding_.empty();
      quiet = busy ? 0 : quiet + 1;
      bench::check(bound-- > 0, "the engine does not settle");
      clock();
    }
  }

 private:
  struct Bell {
    uint16_t conn;
    unsigned queue;
    uint32_t value;
  };
  tx::Params params_;
  std::deque<Bell> bells_;
  std::deque<Seg> segs_, verdicts_expected_;
  std::deque<Cmd> bound_;    // commands that wait for their bind request
  std::deque<Cmd> binding_;  // asked for, answer outstanding
  std::deque<Cmd> holding_;  // what of tx_data the transmit path has room for
  bool running_ = false, answered_ = false, seg_on_ = false, bell_on_ = false, placed_on_ = false;
  bool gathered_on_ = false, tx_fence_ = false;
  uint32_t answer_ = 0;
  uint64_t last_event_ = 0;

  void pins_idle() {
    dut->time_ms_i = time_ms;
    dut->seg_valid = dut->verdict_ready = dut->placed_valid = dut->db_valid = 0;
    dut->tx_data_ready = dut->tx_ack_ready = dut->bind_req_valid = dut->tx_fence_done_i = 0;
    dut->gathered_valid = dut->evt_ready = dut->tbl_valid = dut->kick_valid = 0;
    dut->ack_now_valid = dut->fence_valid = dut->live_we = 0;
  }

  void request(bool write, unsigned table, uint16_t conn, unsigned word, uint32_t value) {
    bits::Writer w(58);
    w.put(1, write).put(4, table).put(16, conn).put(5, word).put(32, value);
    w.to(dut->tbl_req);
    dut->tbl_valid = 1;
    dut->eval();
    unsigned waited = 0;
    bool taken = false;
    answered_ = false;
    while (!taken) {
      taken = dut->tbl_ready;
      clock();
      bench::check(++waited < 64, "firmware's word waits 64 clocks");
    }
    dut->tbl_valid = 0;
    dut->eval();
  }

  static Cmd get_cmd(const VlWide<4> &pin) {
    bits::Reader r(102, pin);
    Cmd c;
    c.kind = r.get(3);
    c.conn = static_cast<uint16_t>(r.get(16));
    c.seq = r.get(32);
    c.len = static_cast<uint16_t>(r.get(16));
    c.fin = r.get(1);
    c.psh = r.get(1);
    c.has_una = r.get(1);
    c.una = r.get(32);
    return c;
  }

  void take_cmd(const Cmd &c) {
    cmds++;
    if (first_cmd_at == 0) first_cmd_at = cycle;
    if (on_cmd) on_cmd(c);
    if (c.kind == tx::kData) data_cmds++;
    // The gather answers in order, also for tokens and fences.
    if (c.kind == tx::kFence) {
      gathers.push_back({cycle + gather_latency, {c.conn, 0, false, true}});
      tx_fence_ = true;
    } else if (c.has_una) {
      gathers.push_back({cycle + gather_latency, {c.conn, c.una, false, false}});
    }
    if (c.kind == tx::kData || c.kind == tx::kRst || c.kind == tx::kAck) bound_.push_back(c);
  }

  void step() override {
    if (!running_) return;
    for (unsigned i = 0; i < CHIM_COUNTER_COUNT; i++) {
      counters[i] += dut->cnt_o[i / 32] >> (i % 32) & 1;
    }
    if (dut->tbl_rvalid) {
      bench::check(!answered_, "an answer too many");
      answered_ = true;
      answer_ = dut->tbl_rdata;
    }
    if (dut->db_valid && dut->db_ready) {
      bell_taken_at = cycle;
      bells_.pop_front();
      bell_on_ = false;
    }
    if (dut->seg_valid && dut->seg_ready) {
      verdicts_expected_.push_back(segs_.front());
      segs_.pop_front();
      seg_on_ = false;
      segs_taken++;
    }
    if (dut->verdict_valid && dut->verdict_ready) {
      bits::Reader r(87, dut->verdict);
      Verdict v;
      v.action = r.get(2);
      v.conn = static_cast<uint16_t>(r.get(16));
      v.seq = r.get(32);
      v.off = static_cast<uint16_t>(r.get(16));
      v.len = static_cast<uint16_t>(r.get(16));
      v.fin = r.get(1);
      v.reason = r.get(4);
      bench::check(!verdicts_expected_.empty(), "a verdict without a segment");
      bench::check_eq(v.conn, verdicts_expected_.front().conn, "order of verdicts");
      verdicts_expected_.pop_front();
      if (v.action == 1) {
        Placed p{v.conn, v.seq + v.len + v.fin, false, false};
        if (place_fails) p.error = place_fails(p);
        placements.push_back({cycle + place_latency, p});
      }
      if (on_verdict) on_verdict(v);
    }
    if (dut->placed_valid && dut->placed_ready) {
      placements.pop_front();
      placed_on_ = false;
    }
    if (dut->gathered_valid && dut->gathered_ready) {
      gathers.pop_front();
      gathered_on_ = false;
    }
    if (dut->tx_data_valid && dut->tx_data_ready) take_cmd(get_cmd(dut->tx_data));
    if (dut->tx_ack_valid && dut->tx_ack_ready) take_cmd(get_cmd(dut->tx_ack));
    if (dut->bind_rsp_valid) {
      bits::Reader r(144, dut->bind_rsp);
      bench::check(!binding_.empty(), "a binding nobody asked for");
      Frame f;
      f.cmd = binding_.front();
      binding_.pop_front();
      const uint32_t seq = r.get(32);
      f.seq = f.cmd.kind == tx::kAck ? seq : f.cmd.seq;
      f.ack = r.get(32);
      f.wnd = static_cast<uint16_t>(r.get(16));
      f.ts_val = r.get(32);
      f.ts_ecr = r.get(32);
      if (on_frame) on_frame(f);
    }
    if (dut->evt_valid && dut->evt_ready) {
      bits::Reader r(144, dut->evt);
      Event e;
      e.conn = static_cast<uint16_t>(r.get(16));
      e.flags = r.get(32);
      e.snd_done = r.get(32);
      e.rcv_placed = r.get(32);
      e.snd_max = r.get(32);
      e.cycle = cycle;
      bench::check(last_event_ == 0 || cycle - last_event_ >= params_.event_gap, "event_gap");
      last_event_ = cycle;
      events++;
      if (on_event) on_event(e);
    }
  }

  void step_apply() override {
    if (!running_) return;
    if (on_clock) on_clock();
    if (clocks_per_ms && cycle % clocks_per_ms == 0) time_ms++;
    dut->time_ms_i = time_ms;
    dut->tx_fence_done_i = tx_fence_;
    tx_fence_ = false;

    if (!bell_on_ && !bells_.empty()) {
      bits::Writer w(50);
      w.put(16, bells_.front().conn).put(2, bells_.front().queue).put(32, bells_.front().value);
      w.to(dut->db);
      bell_on_ = true;
    }
    dut->db_valid = bell_on_;

    if (!seg_on_ && !segs_.empty()) {
      const Seg &s = segs_.front();
      bits::Writer w(185);
      w.put(16, s.conn).put(32, s.seq).put(32, s.ack).put(16, s.wnd).put(8, s.flags);
      w.put(1, s.has_ts).put(32, s.ts_val).put(32, s.ts_ecr).put(16, s.len);
      bench::check(w.full(), "seg_t width");
      w.to(dut->seg);
      seg_on_ = true;
    }
    dut->seg_valid = seg_on_;

    if (!placed_on_ && !placements.empty() && placements.front().at <= cycle &&
        !rng.chance(stalls.place)) {
      const Placed &p = placements.front().what;
      bits::Writer w(50);
      w.put(16, p.conn).put(32, p.end_seq).put(1, p.error).put(1, p.fence);
      w.to(dut->placed);
      placed_on_ = true;
    }
    dut->placed_valid = placed_on_;

    if (!gathered_on_ && !gathers.empty() && gathers.front().at <= cycle &&
        !rng.chance(stalls.gather)) {
      const Gathered &g = gathers.front().what;
      bits::Writer w(50);
      w.put(16, g.conn).put(32, g.una).put(1, g.error).put(1, g.fence);
      w.to(dut->gathered);
      gathered_on_ = true;
    }
    dut->gathered_valid = gathered_on_;

    dut->bind_req_valid = !bound_.empty();
    if (!bound_.empty()) {
      const Cmd &c = bound_.front();
      bits::Writer w(49);
      w.put(16, c.conn).put(1, c.kind == tx::kAck).put(32, c.seq + c.len + c.fin);
      w.to(dut->bind_req);
      binding_.push_back(c);
      bound_.pop_front();
    }
    dut->tx_data_ready = bound_.size() < 4 && !rng.chance(stalls.tx);
    dut->tx_ack_ready = bound_.size() < 4 && !rng.chance(stalls.ack);
    dut->verdict_ready = !rng.chance(stalls.verdict);
    dut->evt_ready = !rng.chance(stalls.evt);
  }
};

}  // namespace engine

#endif
