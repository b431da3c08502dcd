// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Surroundings of chim_soc for its benches: tables, lookup with entries, host-memory DMA, event
// ring, fence. Hard part: each answers when it likes, within what its interface allows, and checks
// that the soft core's side keeps the handshakes.
#ifndef CHIM_TESTS_UNIT_RTL_CHIM_SOC_SOC_BED_H
#define CHIM_TESTS_UNIT_RTL_CHIM_SOC_SOC_BED_H

#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <vector>

#include "Vdut.h"
#include "bench/axis.h"
#include "bench/bench.h"
#include "chim_contract.h"
#include "chim_soc_regs.h"

namespace soc {

constexpr uint64_t kMemBase = 0x100200000ull;
constexpr uint32_t kMemBytes = 1u << 20;
constexpr uint32_t kRingLog2 = 3;

struct TableReq {
  bool write;
  uint32_t table, conn, word, data;
  bool operator==(const TableReq &o) const {
    return write == o.write && table == o.table && conn == o.conn && word == o.word &&
           data == o.data;
  }
};

using Key = std::array<uint32_t, 10>;

class Bed : public bench::Base<Vdut> {
 public:
  explicit Bed(const char *name) : Base(name), mem(kMemBytes) {
    dut->time_ms_i = 1000;
    dut->host_reset_i = 0;
    dut->run_i = 0;
    dut->mac_i = 0x020000000001ull;
    dut->quiet_i = 1;
    dut->sdma_cmd_ready = 0;
    dut->sdma_rd_valid = 0;
    dut->sdma_rd_data = 0;
    dut->sdma_wr_ready = 0;
    dut->sdma_done = 0;
    dut->sdma_error = 0;
    dut->fwevt_ready = 0;
    dut->lkp_cmd_ready = 0;
    dut->lkp_rsp_valid = 0;
    dut->lkp_rsp_ok = 0;
    dut->lkp_rsp_conn = 0;
    dut->holdevt_valid = 0;
    dut->holdevt_conn = 0;
    dut->tbl_ready = 0;
    dut->tbl_rvalid = 0;
    dut->tbl_rdata = 0;
    dut->kick_ready = 1;
    dut->fence_ready = 1;
    dut->acknow_ready = 1;
    dut->fence_tx_busy_i = 0;
    dut->fence_rx_busy_i = 0;
    dut->fence_engine_busy_i = 0;
    set_admin(0);
    reset(8);
  }

  // Percent of the clocks in which each side makes the other wait, and the latency of host memory.
  unsigned stall = 0;
  unsigned latency = 0;
  // Host memory takes, a table serves one word in about so many clocks; 0: as `stall` says.
  unsigned slow_writes = 0, slow_tables = 0;
  bool dma_fail = false;  // transfers end with an error

  std::vector<uint8_t> mem;
  std::map<uint32_t, uint32_t> table;  // table << 21 | slot << 5 | word
  std::map<Key, uint32_t> keys;
  std::deque<uint32_t> live;
  std::vector<chim_hw_event> events;
  std::array<uint32_t, 256> count{};
  std::vector<uint32_t> kicks, fences, acks;
  uint64_t table_words = 0, dma_words = 0;

  uint8_t *at(uint64_t addr) { return mem.data() + (addr - kMemBase); }
  uint32_t &word(uint32_t tab, uint32_t slot, uint32_t w) {
    return table[tab << 21 | slot << 5 | w];
  }
  void set_admin(uint32_t host) {
    // ring_cfg_t, first field most significant: base[63:0] log2[4:0] host[31:0]
    admin_host = host;
    dut->admin_i[0] = host;
    dut->admin_i[1] = static_cast<uint32_t>(kMemBase << 5) | kRingLog2;
    dut->admin_i[2] = static_cast<uint32_t>(kMemBase >> 27);
    dut->admin_i[3] = static_cast<uint32_t>(kMemBase >> 59);
  }
  uint32_t admin_host = 0;

  void step() override {
    step_dma();
    step_table();
    step_lookup();
    step_events();
    step_engine();
    for (unsigned i = 0; i < 256; i++) {
      if (dut->cnt_o[0] == 0 && dut->cnt_o[1] == 0 && dut->cnt_o[2] == 0) break;
      if (i < CHIM_COUNTER_COUNT && (dut->cnt_o[i / 32] >> (i % 32) & 1)) count[i]++;
    }
  }
  void step_apply() override {
    apply_dma();
    apply_table();
    apply_lookup();
    dut->fwevt_ready = !rng.chance(stall);
    dut->holdevt_valid = !live.empty();
    dut->holdevt_conn = static_cast<uint16_t>(live.empty() ? 0 : live.front());
    dut->kick_ready = !rng.chance(stall);
    dut->acknow_ready = !rng.chance(stall);
    dut->fence_ready = !rng.chance(stall);
    dut->fence_tx_busy_i = fence_left_ > 0;
    dut->fence_rx_busy_i = fence_left_ > 3;
    dut->fence_engine_busy_i = fence_left_ > 6;
  }

  void entry_write(uint32_t slot, uint32_t value) {
    uint32_t old = word(CHIM_TABLE_ENTRY, slot, 0);
    const uint32_t held = 0xFFFu << CHIM_ENTRY_HELD_LSB;
    if (state(value) == CHIM_ENTRY_STATE_HOLD && state(old) == CHIM_ENTRY_STATE_HOLD) {
      value = (value & ~held) | (old & held);
    }
    const uint32_t go = 1u << CHIM_ENTRY_RELEASE_LSB | 1u << CHIM_ENTRY_INSTALLED_LSB;
    if (state(value) == CHIM_ENTRY_STATE_HOLD && (value & go) == go && !(value & held)) {
      value ^= (CHIM_ENTRY_STATE_HOLD ^ CHIM_ENTRY_STATE_LIVE) << CHIM_ENTRY_STATE_LSB;
      live.push_back(slot);
    }
    word(CHIM_TABLE_ENTRY, slot, 0) = value;
  }
  static uint32_t state(uint32_t entry) { return entry >> CHIM_ENTRY_STATE_LSB & 3; }

 private:
  // ---- DMA ----
  void step_dma() {
    if (dut->sdma_cmd_valid && dut->sdma_cmd_ready) {
      busy_ = true;
      write_ = dut->sdma_cmd_write;
      host_ = dut->sdma_cmd_host;
      left_ = dut->sdma_cmd_len / 8;
      wait_ = write_ ? 0 : latency;
      bench::check(left_ > 0 && left_ <= 512 && host_ % 8 == 0, "DMA: length or address");
      fail_ = dma_fail || host_ < kMemBase || host_ + 8 * left_ > kMemBase + kMemBytes;
    }
    if (dut->sdma_rd_valid && dut->sdma_rd_ready) {
      host_ += 8;
      left_--;
      dma_words++;
    }
    if (dut->sdma_wr_valid && dut->sdma_wr_ready) {
      bench::check(busy_ && write_ && left_ > 0, "DMA: a word too many");
      uint64_t w = dut->sdma_wr_data;
      if (!fail_) std::memcpy(at(host_), &w, 8);
      host_ += 8;
      if (--left_ == 0) wait_ = latency;
      dma_words++;
    }
  }
  void apply_dma() {
    dut->sdma_done = 0;
    if (wait_ > 0) wait_--;
    if (busy_ && left_ == 0 && wait_ == 0 && !rng.chance(stall)) {
      dut->sdma_done = 1;
      dut->sdma_error = fail_;
      busy_ = false;
    }
    dut->sdma_cmd_ready = !busy_ && !dut->sdma_done && !rng.chance(stall);
    bool had = dut->sdma_rd_valid && left_ == last_left_;  // not taken: stays
    dut->sdma_rd_valid = busy_ && !write_ && left_ > 0 && wait_ == 0 && (had || !rng.chance(stall));
    uint64_t w = 0xEEEEEEEEEEEEEEEEull;
    if (dut->sdma_rd_valid && !fail_) std::memcpy(&w, at(host_), 8);
    dut->sdma_rd_data = w;
    last_left_ = left_;
    dut->sdma_wr_ready = busy_ && write_ && left_ > 0 && !rng.chance(stall) &&
                         (slow_writes == 0 || rng.below(slow_writes) == 0);
  }

  // ---- tables ----
  void step_table() {
    TableReq r{};
    uint64_t q = dut->tbl_req;  // write, table[3:0], conn[15:0], word[4:0], data[31:0]
    r.data = static_cast<uint32_t>(q);
    r.word = q >> 32 & 31;
    r.conn = q >> 37 & 0xFFFF;
    r.table = q >> 53 & 15;
    r.write = q >> 57 & 1;
    std::string wrong = table_check_.sample(dut->tbl_valid, dut->tbl_ready, r);
    bench::check(wrong.empty(), "tables: " + wrong);
    if (dut->tbl_rvalid) outstanding_ = false;
    if (!dut->tbl_valid || !dut->tbl_ready) return;
    table_words++;
    if (r.write) {
      bench::check(r.table != CHIM_TABLE_ENTRY, "tables: ENTRY is the lookup's");
      word(r.table, r.conn, r.word) = r.data;
    } else {
      bench::check(!outstanding_, "tables: two reads outstanding");
      outstanding_ = true;
      answer_ = word(r.table, r.conn, r.word);
      answer_in_ = 1 + (stall ? rng.below(3) : 0);
    }
  }
  void apply_table() {
    dut->tbl_rvalid = 0;
    dut->tbl_rdata = static_cast<uint32_t>(rng.u64());
    if (answer_in_ > 0 && --answer_in_ == 0) {
      dut->tbl_rvalid = 1;
      dut->tbl_rdata = answer_;
    }
    dut->tbl_ready = !rng.chance(stall) && (slow_tables == 0 || rng.below(slow_tables) == 0);
  }

  // ---- lookup ----
  void step_lookup() {
    if (!dut->lkp_cmd_valid || !dut->lkp_cmd_ready) return;
    Key key{};
    for (unsigned i = 0; i < 10; i++) key[i] = dut->lkp_cmd_key[i];
    uint32_t slot = dut->lkp_cmd_conn;
    auto it = keys.find(key);
    lkp_ok_ = false;
    switch (dut->lkp_cmd_op) {
      case CHIM_LKP_OP_FIND:
        lkp_ok_ = it != keys.end();
        slot = lkp_ok_ ? it->second : 0;
        break;
      case CHIM_LKP_OP_INSERT:
        lkp_ok_ = it == keys.end();
        if (lkp_ok_) keys[key] = slot;
        break;
      case CHIM_LKP_OP_REMOVE:
        lkp_ok_ = it != keys.end();
        if (lkp_ok_) keys.erase(it);
        break;
      case CHIM_LKP_OP_ENTRY:
        entry_write(slot, dut->lkp_cmd_entry);
        break;
      default:
        bench::fail("lookup: unknown command");
    }
    lkp_slot_ = slot;
    lkp_in_ = 1 + (stall ? rng.below(8) : 0);
  }
  void apply_lookup() {
    dut->lkp_rsp_valid = 0;
    if (lkp_in_ > 0 && --lkp_in_ == 0) {
      dut->lkp_rsp_valid = 1;
      dut->lkp_rsp_ok = lkp_ok_;
      dut->lkp_rsp_conn = static_cast<uint16_t>(lkp_slot_);
    }
    // As the real one: a command takes some clocks.
    lkp_age_ = dut->lkp_cmd_valid && lkp_in_ == 0 ? lkp_age_ + 1 : 0;
    dut->lkp_cmd_ready = lkp_age_ > 6 && !rng.chance(stall);
    if (dut->lkp_cmd_ready) lkp_age_ = 0;
  }

  // ---- events, notices, engine ----
  void step_events() {
    if (dut->fwevt_valid && dut->fwevt_ready) {
      chim_hw_event e;
      std::memcpy(&e, &dut->fwevt_event[0], sizeof(e));
      events.push_back(e);
    }
    if (dut->holdevt_valid && dut->holdevt_ready) live.pop_front();
  }
  void step_engine() {
    if (fence_left_ > 0) fence_left_--;
    if (dut->kick_valid && dut->kick_ready) kicks.push_back(dut->kick_conn);
    if (dut->fence_valid && dut->fence_ready) {
      bench::check(fence_left_ == 0, "fence: two at once");
      fences.push_back(dut->fence_conn);
      fence_left_ = 10 + (stall ? rng.below(50) : 10);
    }
    if (dut->acknow_valid && dut->acknow_ready) {
      uint32_t slot = dut->acknow_conn;
      acks.push_back(slot);
      word(CHIM_TABLE_SENT, slot, CHIM_SENT_LASTACKSENT_LSB / 32) =
          word(CHIM_TABLE_PLACED, slot, 0);
    }
  }

  bool busy_ = false, write_ = false, fail_ = false;
  uint64_t host_ = 0;
  uint32_t left_ = 0, last_left_ = 0, wait_ = 0;
  bench::StreamChecker<TableReq> table_check_;
  bool outstanding_ = false;
  uint32_t answer_ = 0;
  unsigned answer_in_ = 0;
  bool lkp_ok_ = false;
  uint32_t lkp_slot_ = 0;
  unsigned lkp_in_ = 0, lkp_age_ = 0;
  unsigned fence_left_ = 0;
};

}  // namespace soc

#endif
