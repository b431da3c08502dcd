// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The host of chim_soc's benches: boots firmware, gives it descriptors and trees, waits for their
// events. Hard part: none.
#ifndef CHIM_TESTS_UNIT_RTL_CHIM_SOC_SOC_HOST_H
#define CHIM_TESTS_UNIT_RTL_CHIM_SOC_SOC_HOST_H

#include <algorithm>

#include "soc_bed.h"
#include "tests/unit/fw/image.h"

namespace soc {

using bench::check;
using bench::check_eq;

class Host : public Bed {
 public:
  explicit Host(const char *name) : Bed(name) { dut->run_i = 1; }

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
    std::memcpy(at(kMemBase + (admin_host % (1u << kRingLog2)) * sizeof(d)), &d, sizeof(d));
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

  // There and back: everything of the states comes through. Gives the clocks of a connection: from
  // the first doorbell until all are LIVE, and from the second one to the completion.
  double round_trip(unsigned conns, const char *what) {
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
      // Time stands still, so all of it is the same each time, whatever happens beside it.
      if (i >= first_.size()) first_.push_back(s);
      check(!std::memcmp(&s, &first_[i], sizeof(s)),
            "state " + std::to_string(i) + " differs from the first time");
    }
    check(keys.empty(), "keys are left");
    double pair = static_cast<double>(live + out.clocks) / conns;
    std::printf(
        "# %s, %u connections: initiate %llu clocks, all LIVE %llu, terminate %llu, "
        "pair %.0f each\n",
        what, conns, static_cast<unsigned long long>(in.clocks),
        static_cast<unsigned long long>(live), static_cast<unsigned long long>(out.clocks), pair);
    return pair;
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
  uint32_t state_of(uint32_t slot) { return Bed::state(word(CHIM_TABLE_ENTRY, slot, 0)); }

  ::img tree_img;
  int n = 0, p = 0;
  std::vector<int> t;

 protected:
  static constexpr uint64_t kImage = kMemBase + 0x10000;
  static constexpr uint64_t kResult = kMemBase + 0x80000;
  std::vector<chim_hw_tcp_state> first_;  // what terminate gave back first
  std::vector<uint64_t> image_ = std::vector<uint64_t>(1 << 16);
};

}  // namespace soc

#endif
