// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The real firmware on the soft core: boot, parameters, HOLD, initiate, query, terminate, trees of
// 64 connections, self test, faults, a second start; with and without stalls, host memory near and
// far. Prints how many clocks an offload and an upload take, and how deep the stack went. Hard
// part: the firmware's logic is tested on the host; here it must come to the same results on the
// core.
#include <algorithm>

#include "fw_stack.h"
#include "soc_bed.h"
#include "tests/unit/fw/image.h"

namespace {

using bench::check;
using bench::check_eq;

class Tb : public soc::Bed {
 public:
  explicit Tb(const char *name) : Bed(name) { dut->run_i = 1; }

  void boot() {
    uint64_t start = cycle;
    while (!dut->fw_alive_o) {
      clock();
      check(cycle - start < 500000, "firmware does not come alive, code " + code());
    }
    std::printf("# boot: %llu clocks\n", static_cast<unsigned long long>(cycle - start));
  }
  std::string code() { return std::to_string(dut->fw_code_o); }

  struct Done {
    uint32_t status, info;
    uint64_t clocks;
  };
  // One descriptor, from the doorbell to its event.
  Done admin(chim_hw_admin_desc d) {
    uint32_t cookie = 0x5A000000u + admin_host;
    d.cookie = chim_le32_of(cookie);
    std::memcpy(at(soc::kMemBase + (admin_host % (1u << soc::kRingLog2)) * sizeof(d)), &d,
                sizeof(d));
    size_t seen = events.size();
    uint64_t start = cycle;
    set_admin(admin_host + 1);
    for (;;) {
      clock();
      check(cycle - start < 3000000, "a descriptor is not completed, code " + code());
      check(dut->fw_alive_o, "firmware died, code " + code());
      for (; seen < events.size(); seen++) {
        if (events[seen].type == CHIM_EVENT_TYPE_ADMIN &&
            chim_le32_get(events[seen].rcv_placed) == cookie) {
          return {chim_le32_get(events[seen].snd_done), chim_le32_get(events[seen].info),
                  cycle - start};
        }
      }
    }
  }
  Done simple(uint8_t op, uint32_t conn = 0, uint8_t gen = 0) {
    chim_hw_admin_desc d{};
    d.opcode = op;
    d.conn = chim_le16_of(static_cast<uint16_t>(conn));
    d.gen = gen;
    return admin(d);
  }
  Done operand(uint8_t op, const void *bytes, uint32_t len) {
    chim_hw_admin_desc d{};
    d.opcode = op;
    d.image = chim_le64_of(kImage);
    d.image_len = chim_le32_of(len);
    std::memcpy(at(kImage), bytes, len);
    return admin(d);
  }
  Done tree(uint8_t op) {
    chim_hw_admin_desc d{};
    d.opcode = op;
    uint32_t len = img_write(&tree_img, image_.data());
    std::memcpy(at(kImage), image_.data(), len);
    std::memset(at(kResult), 0xA5, tree_img.result_bytes + 64);
    d.image = chim_le64_of(kImage);
    d.image_len = chim_le32_of(len);
    d.result = chim_le64_of(kResult);
    d.result_len = chim_le32_of(tree_img.result_bytes);
    Done done = admin(d);
    check_eq(done.status, 0u, "tree operation");
    check_eq(unsigned{*at(kResult + tree_img.result_bytes)}, 0xA5u, "written behind the result");
    return done;
  }
  const chim_hw_result &result(int node) {
    return reinterpret_cast<chim_hw_result *>(at(kResult))[tree_img.node[node].index];
  }
  uint32_t status(int node) { return chim_le32_get(result(node).Status); }
  uint32_t object(int node) { return chim_le32_get(result(node).object); }
  template <typename T>
  const T &state(int node) {
    return *reinterpret_cast<T *>(at(kResult + tree_img.node[node].out));
  }

  // neighbor, path, `conns` connections
  void build(unsigned conns) {
    img_init(&tree_img);
    n = img_new(&tree_img, -1, CHIM_STATE_TYPE_NEIGHBOR);
    img_nbr(&tree_img.node[n].state.nbr, 0);
    p = img_new(&tree_img, n, CHIM_STATE_TYPE_IP4);
    img_path4(&tree_img.node[p].state.path, 0);
    t.clear();
    for (unsigned i = 0; i < conns; i++) {
      t.push_back(img_new(&tree_img, p, CHIM_STATE_TYPE_TCP));
      img_tcp(&tree_img.node[t.back()].state.tcp, i);
    }
  }
  // References to what the last initiate gave.
  void refer(bool out) {
    uint32_t on = object(n), op = object(p);
    std::vector<uint32_t> ot;
    for (int i : t) ot.push_back(object(i));
    img_init(&tree_img);
    n = img_ref(&tree_img, -1, CHIM_STATE_TYPE_NEIGHBOR, on);
    p = img_ref(&tree_img, n, CHIM_STATE_TYPE_IP4, op);
    for (size_t i = 0; i < t.size(); i++) {
      t[i] = img_ref(&tree_img, p, CHIM_STATE_TYPE_TCP, ot[i]);
      if (out) img_out(&tree_img, t[i]);
    }
  }

  void params() {
    chim_hw_params pp;
    img_params(&pp, 1000);
    pp.hold_max_cycles = chim_le32_of(100000);
    check_eq(operand(CHIM_ADMIN_OP_SET_PARAMS, &pp, sizeof(pp)).status, 0u, "SET_PARAMS");
  }

  // There and back: everything of the states comes through.
  void round_trip(unsigned conns, const char *what) {
    build(conns);
    std::vector<chim_hw_tcp_state> before;
    for (int i : t) before.push_back(tree_img.node[i].state.tcp);
    size_t first = events.size();
    uint64_t start = cycle;
    Done in = tree(CHIM_ADMIN_OP_INITIATE);
    for (int i = 0; i < tree_img.count; i++) check_eq(status(i), 0u, "initiate, block");
    for (int i : t) {
      check_eq(state_of(object(i) & 0xFFFF), unsigned{CHIM_ENTRY_STATE_LIVE}, "LIVE");
    }
    await_live(first);
    uint64_t live = cycle - start;
    refer(true);
    Done out = tree(CHIM_ADMIN_OP_TERMINATE);
    for (int i = 0; i < tree_img.count; i++) check_eq(status(i), 0u, "terminate, block");
    for (size_t i = 0; i < t.size(); i++) {
      const auto &s = state<chim_hw_tcp_state>(t[i]);
      const auto &b = before[i];
      check(s.SndUna == b.SndUna && s.RcvNxt == b.RcvNxt && s.RcvWnd == b.RcvWnd &&
                s.CWnd == b.CWnd && s.TsRecent == b.TsRecent && s.TsTime == b.TsTime &&
                s.State == b.State && s.SendWL1 == b.SendWL1 && s.SRtt == b.SRtt &&
                s.DWnd == b.DWnd && s.rcv_free == b.rcv_free && s.RemotePort == 0,
            "state " + std::to_string(i) + " came back changed");
    }
    check(keys.empty(), "keys are left");
    double pair = static_cast<double>(live + out.clocks) / conns;
    std::printf("# %s, %u connections: initiate %llu clocks, all LIVE %llu, terminate %llu, "
                "pair %.0f each\n",
                what, conns, static_cast<unsigned long long>(in.clocks),
                static_cast<unsigned long long>(live), static_cast<unsigned long long>(out.clocks),
                pair);
  }
  // One event LIVE of each connection, counted from event `from` on.
  void await_live(size_t from) {
    uint64_t start = cycle;
    std::vector<uint32_t> want, got;
    for (int i : t) want.push_back(conn_of(object(i)));
    while (got.size() < want.size()) {
      clock();
      check(cycle - start < 1000000, "no event LIVE");
      for (; from < events.size(); from++) {
        const chim_hw_event &e = events[from];
        if (e.type == CHIM_EVENT_TYPE_LIVE)
          got.push_back(chim_le16_get(e.conn) | uint32_t{e.gen} << 16);
      }
    }
    std::sort(got.begin(), got.end());
    std::sort(want.begin(), want.end());
    check(got == want, "events LIVE, slots and generations");
  }
  // Slot and, from bit 16 on, generation: as events have them.
  static uint32_t conn_of(uint32_t handle) { return handle & 0xFFFFF; }
  uint32_t state_of(uint32_t slot) { return soc::Bed::state(word(CHIM_TABLE_ENTRY, slot, 0)); }

  void life() {
    chim_hw_key key;
    build(1);
    img_key(&key, &tree_img.node[p].state.path, false, &tree_img.node[t[0]].state.tcp);
    Done h = operand(CHIM_ADMIN_OP_HOLD, &key, sizeof(key));
    check_eq(h.status, 0u, "HOLD");
    uint32_t slot = h.info & 0xFFFF;
    check_eq(state_of(slot), unsigned{CHIM_ENTRY_STATE_HOLD}, "entry after HOLD");
    tree(CHIM_ADMIN_OP_INITIATE);
    check_eq(object(t[0]) & 0xFFFF, slot, "INITIATE takes the held slot");
    check_eq(state_of(slot), unsigned{CHIM_ENTRY_STATE_HOLD}, "entry before RELEASE");
    size_t before = events.size();
    Done r = simple(CHIM_ADMIN_OP_RELEASE, slot, static_cast<uint8_t>(h.info >> 16));
    check_eq(r.status, 0u, "RELEASE");
    check_eq(state_of(slot), unsigned{CHIM_ENTRY_STATE_LIVE}, "entry after RELEASE");
    await_live(before);
    std::printf("# HOLD %llu clocks, RELEASE %llu\n", static_cast<unsigned long long>(h.clocks),
                static_cast<unsigned long long>(r.clocks));
    refer(true);
    chim_hw_tcp_state want;
    img_tcp(&want, 0);
    tree(CHIM_ADMIN_OP_QUERY);
    const auto &q = state<chim_hw_tcp_state>(t[0]);
    check(q.RemoteMss == want.RemoteMss && q.KaTimeout == want.KaTimeout &&
              q.SndUna == want.SndUna && q.LocalPort == want.LocalPort &&
              q.rcv_ring == want.rcv_ring && q.FlowLabel == want.FlowLabel,
          "query");
    // Data that no acknowledgment has answered.
    word(CHIM_TABLE_RX, slot, CHIM_TCB_RX_RCVNXT_LSB / 32) += 100;
    word(CHIM_TABLE_PLACED, slot, 0) += 100;
    acks.clear();
    tree(CHIM_ADMIN_OP_TERMINATE);
    check_eq(acks.size(), size_t{1}, "the ACK that is due");
    check_eq(chim_le32_get(state<chim_hw_tcp_state>(t[0]).RcvNxt), chim_le32_get(want.RcvNxt) + 100,
             "RcvNxt");
  }

  void faults() {
    check_eq(simple(CHIM_ADMIN_OP_SELFTEST).status, 0u, "SELFTEST");
    build(2);
    uint32_t bad = CHIM_CONN_STATE_TIME_WAIT;
    tree_img.node[t[0]].state.tcp.State = chim_le32_of(bad);
    tree(CHIM_ADMIN_OP_INITIATE);
    check_eq(status(t[0]), unsigned{CHIM_STATUS_FAILURE}, "a state that cannot be offloaded");
    check_eq(status(p), unsigned{CHIM_STATUS_PARTIAL_SUCCESS}, "its path");
    check_eq(dut->fw_code_o & 0xFF, unsigned{CHIM_FW_CODE_STATE}, "fw_code");
    check_eq(simple(CHIM_ADMIN_OP_SELFTEST).status, unsigned{CHIM_STATUS_FAILURE},
             "SELFTEST beside a connection");
    img_init(&tree_img);
    chim_hw_admin_desc d{};
    d.opcode = CHIM_ADMIN_OP_INITIATE;
    d.image = chim_le64_of(0x40);  // nowhere
    d.image_len = chim_le32_of(512);
    d.result = chim_le64_of(kResult);
    d.result_len = chim_le32_of(64);
    check_eq(admin(d).status, unsigned{CHIM_STATUS_FAILURE}, "an image that is nowhere");
    check_eq(simple(CHIM_ADMIN_OP_NOP).status, 0u, "NOP afterwards");
  }

  // The host's reset: firmware begins again and forgets everything.
  void restart() {
    dut->host_reset_i = 1;
    clock();
    dut->host_reset_i = 0;
    set_admin(0);
    keys.clear();
    clocks(10);
    check(!dut->fw_alive_o, "alive during its reset");
    boot();
    params();
    check_eq(simple(CHIM_ADMIN_OP_SELFTEST).status, 0u, "SELFTEST after the second start");
  }

  uint64_t deepest_stack() {
    // Painted words at the bottom of the stack were never used (crt0.S).
    const uint32_t paint = 0x57AC57AC;
    uint32_t unused = 0;
    while (unused < STACK_BYTES && ram(STACK_BOTTOM + unused) == paint) unused += 4;
    return STACK_BYTES - unused;
  }
  uint32_t ram(uint32_t addr);

  ::img tree_img;
  int n = 0, p = 0;
  std::vector<int> t;

 private:
  static constexpr uint64_t kImage = soc::kMemBase + 0x10000;
  static constexpr uint64_t kResult = soc::kMemBase + 0x80000;
  std::vector<uint64_t> image_ = std::vector<uint64_t>(1 << 16);
};

}  // namespace

#include "Vdut___024root.h"
#include "Vdut_chim_soc.h"

uint32_t Tb::ram(uint32_t addr) {
  uint64_t w = dut->rootp->chim_soc->u_ram__DOT__mem_q[addr / 8];
  return static_cast<uint32_t>(addr & 4 ? w >> 32 : w);
}

int main() {
  Tb tb("chim_soc");
  tb.boot();
  tb.params();
  tb.round_trip(1, "memory at once");
  tb.round_trip(64, "memory at once");
  tb.latency = 250;
  tb.round_trip(1, "memory after 250 clocks");
  tb.round_trip(64, "memory after 250 clocks");
  tb.life();
  for (unsigned stall : {10u, 50u, 80u}) {
    tb.stall = stall;
    tb.latency = tb.rng.below(300);
    tb.life();
    tb.round_trip(3, "stalls");
  }
  tb.stall = 30;
  tb.faults();
  tb.restart();
  tb.stall = 0;
  tb.round_trip(1, "after a second start");
  std::printf("# stack: %llu of %u bytes\n", static_cast<unsigned long long>(tb.deepest_stack()),
              STACK_BYTES);
  check(tb.deepest_stack() <= STACK_BYTES * 3 / 4, "the stack has less than a quarter to spare");
  check(tb.table_words > 1000 && tb.dma_words > 1000, "tables and DMA were used");
  std::printf("# %llu clocks\n", static_cast<unsigned long long>(tb.cycle));
  return 0;
}
