// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// What the benches of the receive half share: its pins at rest, firmware's words, set-up of a
// connection, and sums of its counters. Hard part: a firmware access waits for its turn, so it
// takes as many clocks as it takes, while everything else goes on.
#ifndef CHIM_TESTS_RX_HALF_BASE_H
#define CHIM_TESTS_RX_HALF_BASE_H

#include <vector>

#include "Vdut.h"
#include "rtl/chim_rx_step/rx_records.h"

namespace rx {

struct Conn {
  chim_hw_tcb_rx t = some_tcb();
  chim_hw_cfg_rx c{};
  Reads d = some_reads();
};

class HalfBase : public bench::Base<Vdut> {
 public:
  explicit HalfBase(const char *name) : Base(name), counters_(CHIM_COUNTER_COUNT, 0) {
    dut->seg_valid = dut->verdict_ready = dut->placed_valid = dut->bind_req_valid = 0;
    dut->tx_ack_ready = dut->mirror_we_i = dut->evt_req_valid = dut->ack_kick_valid = 0;
    dut->ack_now_valid = dut->live_we_i = dut->db_rr_we_i = dut->tbl_valid = 0;
    dut->fence_conn_i = dut->ref_start_i = dut->rxv_conn_i = 0;
    dut->time_ms_i = 100500;
    params(2, 40, 0);
    reset();
    unsigned waited = 0;
    while (!dut->idle_o) {
      clock();
      bench::check(++waited <= CONNS + 2, "not idle after reset");
    }
    bench::check(waited >= CONNS - 2, "idle before all slots are cleared");
  }

  void params(uint32_t ack_frequency, uint32_t delayed_ack, uint32_t high_water) {
    bits::Writer w(8 * 4 + 16 * 2 + 32 * 4 + 17);
    w.put(8, ack_frequency).put(8, 3).put(8, 15).put(8, 10).put(16, delayed_ack).put(16, 200);
    w.put(32, 200).put(32, 120000).put(32, 120000).put(32, 64).put(17, high_water);
    bench::check(w.full(), "step_params_t width");
    w.to(dut->params_i);
  }

  void tbl_pins(bool write, uint32_t table, uint32_t conn, uint32_t word, uint32_t data) {
    bits::Writer w(1 + 4 + 16 + 5 + 32);
    w.put(1, write).put(4, table).put(16, conn).put(5, word).put(32, data);
    bench::check(w.full(), "tbl_req_t width");
    w.to(dut->tbl_req);
  }
  void tbl_write(uint32_t table, uint32_t conn, uint32_t word, uint32_t data) {
    tbl_pins(true, table, conn, word, data);
    tbl_take();
  }
  uint32_t tbl_read(uint32_t table, uint32_t conn, uint32_t word) {
    tbl_pins(false, table, conn, word, rng.u32());
    tbl_take();
    for (unsigned i = 0; i < 64; i++) {
      dut->eval();
      if (dut->tbl_rvalid) {
        const uint32_t data = dut->tbl_rdata;
        clock();
        return data;
      }
      clock();
    }
    bench::fail("no answer to a table read in 64 clocks");
  }
  template <unsigned Words>
  void tbl_write_record(uint32_t table, uint32_t conn, const uint32_t (&w)[Words]) {
    for (unsigned i = 0; i < Words; i++) tbl_write(table, conn, i, w[i]);
  }

  void mirror(uint32_t conn, const Reads &d) {
    bits::Writer w(65);
    w.put(32, d.SndUna).put(32, d.SndMax).put(1, d.FinAcked);
    w.to(dut->mirror_i);
    dut->mirror_conn_i = conn;
    dut->mirror_we_i = 1;
    clock();
    dut->mirror_we_i = 0;
  }

  // Everything of a connection that the receive step reads, as firmware does it.
  void install(uint32_t conn, const Conn &s) {
    uint32_t t[CHIM_TCB_RX_WORDS] = {}, c[CHIM_CFG_RX_WORDS] = {};
    chim_hw_tcb_rx_pack(t, &s.t);
    chim_hw_cfg_rx_pack(c, &s.c);
    tbl_write_record(CHIM_TABLE_RX, conn, t);
    tbl_write_record(CHIM_TABLE_CFG_RX, conn, c);
    tbl_write(CHIM_TABLE_SENT, conn, 3, s.d.LastAckSent);
    tbl_write(CHIM_TABLE_SENT, conn, 2, s.d.AdvEdge);
    mirror(conn, s.d);
  }
  chim_hw_tcb_rx read_tcb(uint32_t conn) {
    uint32_t w[CHIM_TCB_RX_WORDS];
    for (unsigned i = 0; i < CHIM_TCB_RX_WORDS; i++) w[i] = tbl_read(CHIM_TABLE_RX, conn, i);
    chim_hw_tcb_rx t;
    chim_hw_tcb_rx_unpack(&t, w);
    return t;
  }

  uint64_t counter(unsigned which) const { return counters_[which]; }
  void clear_counters() { counters_.assign(CHIM_COUNTER_COUNT, 0); }

 protected:
  // To be called by step() of the bench.
  void count() {
    for (unsigned i = 0; i < CHIM_COUNTER_COUNT; i++) {
      counters_[i] += dut->cnt_o[i / 32] >> (i % 32) & 1;
    }
  }

 private:
  void tbl_take() {
    dut->tbl_valid = 1;
    for (unsigned i = 0;; i++) {
      dut->eval();
      const bool taken = dut->tbl_ready;
      clock();
      if (taken) break;
      bench::check(i < 64, "a table request waited 64 clocks");
    }
    dut->tbl_valid = 0;
  }

  std::vector<uint64_t> counters_;
};

}  // namespace rx

#endif
