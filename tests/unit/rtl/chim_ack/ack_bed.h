// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// What the tests of the acknowledger share: one receive half with a host around it. Hard part: a
// binding's answer is compared only where it was asked for.
#ifndef CHIM_TESTS_UNIT_RTL_CHIM_ACK_ACK_BED_H
#define CHIM_TESTS_UNIT_RTL_CHIM_ACK_ACK_BED_H

#include <algorithm>
#include <deque>
#include <map>
#include "rtl/chim_rx_pipe/rx_half_base.h"

namespace {

struct Rsp {
  uint32_t seq, ack, wnd, ts_val, ts_ecr;
};

// All that the acknowledger reads of a connection.
struct State {
  chim_hw_tcb_rx t = rx::some_tcb();
  chim_hw_cfg_bind c{};
  chim_hw_sent s{};
  uint32_t placed = 0x10000000, ret = 0x10000000;
  bool live = true;
  State() {
    c.RcvBuf = 0x10000;
    c.TsDelta = 77;
    c.RcvRingLog2 = 17;
    c.RcvWindScale = 3;
    c.TsEnabled = 1;
    c.Mss = 1448;
    s.LastAckSent = placed;
    s.AdvEdge = placed + 0x10000;
    s.WireNxt = 0x20000000;
    s.AckDone = t.AckOwed;
  }
};

// Binding as steps.md says it, wider than the RTL.
Rsp bind_model(const State &x, uint32_t now, chim_hw_sent *after, bool pure, uint32_t end_seq) {
  const int64_t unit = int64_t(1) << x.c.RcvWindScale;
  const uint32_t target = x.ret + x.c.RcvBuf;
  const uint32_t step = std::min<uint32_t>(x.c.Mss, x.c.RcvBuf / 2);
  const bool opens = int64_t(int32_t(target - x.s.AdvEdge)) >= int64_t(step);
  const int64_t wnd = int32_t((opens ? target : x.s.AdvEdge) - x.placed);
  const int64_t room = int32_t(x.ret + (1u << x.c.RcvRingLog2) - x.placed);
  int64_t up = wnd + unit - 1;
  up = up < 0 ? 0 : up / unit;
  const int64_t down = room < 0 ? 0 : room / unit;
  const int64_t field = std::min<int64_t>({up, down, 65535});
  Rsp r{x.s.WireNxt, x.placed, uint32_t(field), now + x.c.TsDelta, x.t.TsRecent};
  *after = x.s;
  after->LastAckSent = x.placed;
  const uint32_t edge = x.placed + uint32_t(field * unit);
  if (int32_t(x.s.AdvEdge - edge) < 0) after->AdvEdge = edge;
  if (!pure && int32_t(x.s.WireNxt - end_seq) < 0) after->WireNxt = end_seq;
  if (pure && x.t.AckOwed != x.s.AckDone) after->AckDone++;
  return r;
}

class Tb : public rx::HalfBase {
 public:
  Tb() : HalfBase("chim_ack") { dut->tx_ack_ready = 0; }

  void live(uint32_t conn, bool value) {
    dut->live_conn_i = conn;
    dut->live_val_i = value;
    dut->live_we_i = 1;
    clock();
    dut->live_we_i = 0;
  }
  void ret(uint32_t conn, uint32_t value) {
    dut->db_rr_conn_i = conn;
    dut->db_rr_val_i = value;
    dut->db_rr_we_i = 1;
    clock();
    dut->db_rr_we_i = 0;
  }
  void load(uint32_t conn, const State &x) {
    live(conn, false);
    rx::Conn r;
    r.t = x.t;
    r.d.LastAckSent = x.s.LastAckSent;
    r.d.AdvEdge = x.s.AdvEdge;
    install(conn, r);
    uint32_t c[CHIM_CFG_BIND_WORDS] = {}, s[CHIM_SENT_WORDS] = {};
    chim_hw_cfg_bind_pack(c, &x.c);
    chim_hw_sent_pack(s, &x.s);
    tbl_write_record(CHIM_TABLE_CFG_BIND, conn, c);
    tbl_write_record(CHIM_TABLE_SENT, conn, s);
    tbl_write(CHIM_TABLE_PLACED, conn, 0, x.placed);
    ret(conn, x.ret);
    if (x.live) live(conn, true);
  }
  chim_hw_sent read_sent(uint32_t conn) {
    uint32_t w[CHIM_SENT_WORDS];
    for (unsigned i = 0; i < CHIM_SENT_WORDS; i++) w[i] = tbl_read(CHIM_TABLE_SENT, conn, i);
    chim_hw_sent s;
    chim_hw_sent_unpack(&s, w);
    return s;
  }
  void bind_pins(uint32_t conn, bool pure, uint32_t end_seq) {
    bits::Writer w(49);
    w.put(16, conn).put(1, pure).put(32, end_seq);
    w.to(dut->bind_req);
  }
  Rsp rsp_pins() {
    bits::Reader r(144, dut->bind_rsp);
    Rsp x;
    x.seq = r.get(32);
    x.ack = r.get(32);
    x.wnd = r.get(16);
    x.ts_val = r.get(32);
    x.ts_ecr = r.get(32);
    return x;
  }
  Rsp bind(uint32_t conn, bool pure, uint32_t end_seq) {
    bind_pins(conn, pure, end_seq);
    dut->bind_req_valid = 1;
    clock();
    dut->bind_req_valid = 0;
    for (unsigned i = 1; i < 3; i++) {
      dut->eval();
      bench::check(!dut->bind_rsp_valid, "answer to a binding too early");
      clock();
    }
    dut->eval();
    bench::check(dut->bind_rsp_valid, "no answer to a binding after 3 clocks");
    const Rsp x = rsp_pins();
    clock();
    return x;
  }
  void kick(uint32_t conn) {
    dut->ack_kick_conn = conn;
    dut->ack_kick_valid = 1;
    dut->eval();
    while (!dut->ack_kick_ready) clock();
    clock();
    dut->ack_kick_valid = 0;
  }
  void ack_now(uint32_t conn) {
    dut->ack_now_conn = conn;
    dut->ack_now_valid = 1;
    dut->eval();
    while (!dut->ack_now_ready) clock();
    clock();
    dut->ack_now_valid = 0;
  }
  void placed_pins(uint32_t conn, uint32_t end, bool error, bool fence) {
    bits::Writer w(50);
    w.put(16, conn).put(32, end).put(1, error).put(1, fence);
    w.to(dut->placed);
  }
  void placed(uint32_t conn, uint32_t end, bool error = false, bool fence = false) {
    placed_pins(conn, end, error, fence);
    dut->placed_valid = 1;
    dut->eval();
    while (!dut->placed_ready) clock();
    clock();
    dut->placed_valid = 0;
  }
  uint32_t ack_pins() {
    bits::Reader r(3 + 16 + 32 + 16 + 3 + 32, dut->tx_ack);
    bench::check_eq(r.get(3), 1u, "kind of an ACK");
    return r.get(16);
  }
  // Does the acknowledger emit one ACK, for this connection, within a while?
  bool emits(uint32_t conn, unsigned within = 12) {
    for (unsigned i = 0; i < within; i++) {
      dut->eval();
      if (dut->tx_ack_valid) {
        bench::check_eq(ack_pins(), conn, "ACK of another connection");
        dut->tx_ack_ready = 1;
        clock();
        dut->tx_ack_ready = 0;
        return true;
      }
      clock();
    }
    return false;
  }
  struct Event {
    uint32_t placed, fin_placed, dma_error;
  };
  Event event(uint32_t conn) {
    dut->evt_req_conn = conn;
    dut->evt_req_valid = 1;
    dut->eval();
    while (!dut->evt_req_ready) clock();
    clock();
    dut->evt_req_valid = 0;
    clocks(2);
    dut->eval();
    bench::check(dut->evt_rsp_valid, "no event's view after 3 clocks");
    bits::Reader r(34, dut->evt_rsp);
    Event e;
    e.placed = r.get(32);
    e.fin_placed = r.get(1);
    e.dma_error = r.get(1);
    return e;
  }

 private:
  void step() override { count(); }
};

}  // namespace

#endif
