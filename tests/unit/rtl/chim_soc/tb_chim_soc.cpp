// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The real firmware on the soft core: boot, parameters, HOLD, initiate, query, terminate, trees of
// 64 connections, self test, faults, a second start; with and without stalls, host memory near and
// far. Prints how many clocks an offload and an upload take, and how deep the stack went. Hard
// part: the firmware's logic is tested on the host; here it must come to the same results on the
// core.
#include "fw_stack.h"
#include "soc_host.h"

namespace {

using bench::check;
using bench::check_eq;

class Tb : public soc::Host {
 public:
  using Host::Host;

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
    uint32_t slot = object(t[1]) & 0xFFFF;
    check_eq(state_of(slot), unsigned{CHIM_ENTRY_STATE_LIVE}, "the good one beside it");
    // Beside it nothing that is wrong changes anything: malformed tree, key in use, ring index.
    malformed();
    build(2);
    tree_img.node[p].state.path.PathMtu = chim_le32_of(1000);
    tree(CHIM_ADMIN_OP_INITIATE);
    check_eq(status(t[1]), unsigned{CHIM_STATUS_FAILURE}, "a key in use");
    check_eq(status(t[0]), 0u, "its sibling");
    bad_index();
    img_init(&tree_img);
    chim_hw_admin_desc d{};
    d.opcode = CHIM_ADMIN_OP_INITIATE;
    d.image = chim_le64_of(0x40);  // nowhere
    d.image_len = chim_le32_of(512);
    d.result = chim_le64_of(kResult);
    d.result_len = chim_le32_of(64);
    check_eq(admin(d).status, unsigned{CHIM_STATUS_FAILURE}, "an image that is nowhere");
    check_eq(simple(CHIM_ADMIN_OP_NOP).status, 0u, "NOP afterwards");
    check_eq(state_of(slot), unsigned{CHIM_ENTRY_STATE_LIVE}, "the good one to the end");
  }

  // A block that points at itself: nothing of the tree is acted upon.
  void malformed() {
    build(1);
    uint32_t len = img_write(&tree_img, image_.data());
    auto *block = reinterpret_cast<chim_hw_block *>(reinterpret_cast<uint8_t *>(image_.data()) +
                                                    tree_img.node[p].at);
    block->NextBlock = chim_le32_of(tree_img.node[p].at);
    chim_hw_admin_desc d{};
    d.opcode = CHIM_ADMIN_OP_INITIATE;
    std::memcpy(at(kImage), image_.data(), len);
    d.image = chim_le64_of(kImage);
    d.image_len = chim_le32_of(len);
    d.result = chim_le64_of(kResult);
    d.result_len = chim_le32_of(tree_img.result_bytes);
    uint32_t counted = count[CHIM_COUNTER_FW_BAD_IMAGE];
    size_t had = keys.size();
    check_eq(admin(d).status, unsigned{CHIM_STATUS_FAILURE}, "a tree with a loop");
    check_eq(count[CHIM_COUNTER_FW_BAD_IMAGE], counted + 1, "is counted");
    check_eq(dut->fw_code_o & 0xFF, unsigned{CHIM_FW_CODE_IMAGE}, "and named");
    for (int i = 0; i < tree_img.count; i++)
      check_eq(status(i), unsigned{CHIM_STATUS_FAILURE}, "every block FAILURE");
    check_eq(keys.size(), had, "no key of it is in");
  }

  // The host's index further ahead than the ring is long.
  void bad_index() {
    uint32_t good = admin_host, counted = count[CHIM_COUNTER_RING_INDEX];
    set_admin(good + (1u << soc::kRingLog2) + 1);
    clocks(50000);
    check_eq(count[CHIM_COUNTER_RING_INDEX], counted + 1, "a ring index out of range, counted");
    check_eq(dut->admin_device_o, good, "nothing is consumed");
    set_admin(good);
    clocks(5000);
    check_eq(simple(CHIM_ADMIN_OP_NOP).status, 0u, "NOP after a bad index");
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
  check_eq(tb.dut->fw_code_o, uint32_t{CHIM_FW_CODE_BOOT | CONNS << 8},
           "RAM has room for all connections");
  tb.params();
  tb.round_trip(1, "memory at once");
  tb.round_trip(64, "memory at once");
  tb.latency = 250;
  tb.round_trip(1, "memory after 250 clocks");
  tb.round_trip(64, "memory after 250 clocks");
  tb.life();
  // So slow that a state is still on its way when the next one's records are copied.
  tb.slow_writes = 150;
  tb.round_trip(32, "memory that takes a word in 150 clocks");
  tb.slow_writes = 0;
  tb.slow_tables = 40;
  tb.round_trip(64, "tables that take 40 clocks");
  tb.slow_tables = 0;
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
