// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The world around chim_tx_path: engine with its late binding, gather, plain frames, MAC and
// firmware as models that stall at random. Hard part: what a frame must look like is known only
// when it is bound, so that is when it is written down; frames must then leave in that order.
#ifndef CHIM_TESTS_UNIT_RTL_CHIM_TX_PATH_TX_PATH_TB_H
#define CHIM_TESTS_UNIT_RTL_CHIM_TX_PATH_TX_PATH_TB_H

#include <cinttypes>
#include <deque>

#include "Vdut.h"
#include "bench/bench.h"
#include "chim_contract.h"
#include "rtl/common/bits.h"
#include "rtl/common/frames.h"

namespace tx_path {

const unsigned kBus = DATA_W / 8;
const unsigned kConns = 24, kPaths = 16, kNeighbors = 8;
const uint64_t kBindClocks = 3;  // README of rtl/engine
enum Kind { DATA = 0, ACK = 1, RST = 2, TOKEN = 3, FENCE = 4 };

struct Cmd {
  unsigned kind = DATA, conn = 0, len = 0;
  bool fin = false, psh = false, bad = false;
  uint32_t seq = 0, una = 0;
  pkt::Bytes payload;
};

struct Neighbor {
  pkt::Mac dst{}, src{};
  unsigned vlan = 0;
};
struct Path {
  pkt::Addr src{}, dst{};
  unsigned neighbor = 0;
};
struct Hdr {
  bool ipv6 = false, ts = false;
  unsigned path = 0, lport = 0, rport = 0, prio = 0, ttl = 0, tos = 0;
  uint32_t flow = 0;
};

struct Stalls {
  unsigned mac = 30, payload = 30, plain = 30, gather = 30, data = 20, ack = 50;
  unsigned memory = 60;  // most clocks from a gather command to its payload
  unsigned hint = 30;    // percent of clocks in which payload is placed: an ACK is likely
};

class Tb : public bench::Base<Vdut> {
 public:
  explicit Tb(const Stalls &stalls) : Base("chim_tx_path"), stalls_(stalls) {
    dut->tx_data_valid = dut->tx_ack_valid = dut->bind_rsp_valid = dut->tbl_valid = 0;
    dut->s_axis_payload_tvalid = dut->s_axis_plain_tvalid = 0;
    dut->gather_ready = dut->m_axis_mac_tready = 0;
    dut->tbl_write = dut->placed_valid = 0;
    reset();
    for (unsigned i = 0; i < kNeighbors; i++) {
      Neighbor n;
      for (unsigned k = 0; k < 6; k++) {
        n.dst[k] = static_cast<uint8_t>(rng.u32());
        n.src[k] = static_cast<uint8_t>(rng.u32());
      }
      n.dst[0] &= 0x7f;  // plain frames begin with a byte above
      if (i % 2) n.vlan = 1 + rng.below(4094);
      set_neighbor(i, n);
    }
    for (unsigned i = 0; i < kPaths; i++) {
      Path p;
      for (unsigned k = 0; k < (i % 2 ? 16u : 4u); k++) {
        p.src[k] = static_cast<uint8_t>(rng.u32());
        p.dst[k] = static_cast<uint8_t>(rng.u32());
      }
      p.neighbor = rng.below(kNeighbors);
      set_path(i, p);
    }
    for (unsigned i = 0; i < kConns; i++) set_conn(i, random_hdr(i));
  }

  Hdr random_hdr(unsigned i) {
    Hdr h;
    h.ipv6 = i & 1;
    h.ts = i & 2;
    h.path = rng.below(kPaths / 2) * 2 + h.ipv6;
    h.lport = rng.below(65536);
    h.rport = rng.below(65536);
    h.prio = rng.chance(50) ? rng.below(8) : 0;
    h.ttl = rng.below(256);
    h.tos = rng.below(256);
    h.flow = rng.below(1u << 20);
    return h;
  }

  // ---- firmware ---------------------------------------------------------------------------------
  void table(unsigned id, unsigned conn, unsigned word, uint32_t value) {
    access(true, id, conn, word, value);
  }
  uint32_t read(unsigned id, unsigned conn, unsigned word) {
    access(false, id, conn, word, 0);
    const uint64_t start = cycle;
    while (!read_done_) {
      clock();
      bench::check(cycle - start < 64, "no table data in time");
    }
    return read_value_;
  }
  static uint32_t mac_hi(const pkt::Mac &m) {
    return static_cast<uint32_t>(m[0]) << 24 | m[1] << 16 | m[2] << 8 | m[3];
  }
  void set_neighbor(unsigned i, const Neighbor &n) {
    table(CHIM_TABLE_NEIGHBOR, i, 3, mac_hi(n.dst));
    table(CHIM_TABLE_NEIGHBOR, i, 2,
          static_cast<uint32_t>(n.dst[4]) << 24 | n.dst[5] << 16 | n.src[0] << 8 | n.src[1]);
    table(CHIM_TABLE_NEIGHBOR, i, 1,
          static_cast<uint32_t>(n.src[2]) << 24 | n.src[3] << 16 | n.src[4] << 8 | n.src[5]);
    table(CHIM_TABLE_NEIGHBOR, i, 0, n.vlan);
    neighbors[i] = n;
  }
  static uint32_t addr_word(const pkt::Addr &a, unsigned i) {
    return static_cast<uint32_t>(a[4 * i]) << 24 | a[4 * i + 1] << 16 | a[4 * i + 2] << 8 |
           a[4 * i + 3];
  }
  void set_path(unsigned i, const Path &p) {
    for (unsigned w = 0; w < 4; w++) {
      table(CHIM_TABLE_PATH, i, 8 - w, addr_word(p.src, w));
      table(CHIM_TABLE_PATH, i, 4 - w, addr_word(p.dst, w));
    }
    table(CHIM_TABLE_PATH, i, 0, p.neighbor | (i % 2) << 16);
    paths[i] = p;
  }
  void set_conn(unsigned i, const Hdr &h) {
    table(CHIM_TABLE_CFG_HDR, i, 2, h.lport << 16 | h.rport);
    table(CHIM_TABLE_CFG_HDR, i, 1,
          h.flow << 12 | h.prio << 9 | static_cast<uint32_t>(h.ts) << 8 |
              static_cast<uint32_t>(h.ipv6) << 7);
    table(CHIM_TABLE_CFG_HDR, i, 0, static_cast<uint32_t>(h.ttl) << 24 | h.tos << 16 | h.path);
    hdrs[i] = h;
  }

  // ---- engine -----------------------------------------------------------------------------------
  void data(Cmd c) {
    c.una = rng.u32();
    if (c.kind == DATA && c.payload.empty() && c.len) c.payload = pkt::random_bytes(rng, c.len);
    if (c.kind == DATA) c.len = static_cast<unsigned>(c.payload.size());
    data_in_.push_back(c);
  }
  void random_data(size_t most) {
    Cmd c;
    const unsigned pick = rng.below(20);
    c.kind = pick < 15 ? DATA : pick < 16 ? RST : pick < 18 ? TOKEN : FENCE;
    c.conn = rng.below(kConns);
    c.seq = rng.u32();
    if (c.kind == DATA) {
      const unsigned size = rng.below(10);
      c.len = size == 0  ? 0
              : size < 4 ? 1 + rng.below(70)
                         : 1 + rng.below(static_cast<uint32_t>(most));
      c.fin = c.len == 0 || rng.below(8) == 0;
      c.psh = rng.below(2);
      c.bad = c.len && rng.below(12) == 0;
    }
    data(c);
  }
  void ack(unsigned conn) { acks_in_.push_back(conn); }
  // A placement in the next clock, as an idle engine shows it: three clocks before its ACK.
  void placement(unsigned conn) {
    clock();
    dut->placed_valid = 1;
    dut->placed_conn = conn;
    clock();
    clock();
  }
  void plain(const pkt::Bytes &f, bool bad) {
    plain_expected_.push_back({f, bad});
    for (auto &b : bits::to_beats(f, kBus, bad)) plain_in_.push_back(b);
  }
  void random_plain(size_t most) {
    pkt::Bytes f = pkt::random_bytes(rng, 14 + rng.below(static_cast<uint32_t>(most)));
    f[0] |= 0x80;
    plain(f, rng.below(10) == 0);
  }
  bool only_bad() const {
    for (const Cmd &c : due_) {
      if (!c.bad) return false;
    }
    return true;
  }
  bool drained() const {
    return data_in_.empty() && acks_in_.empty() && plain_in_.empty() && gathers_.empty() &&
           payload_.empty() && expected_.empty() && plain_expected_.empty() && only_bad() &&
           acks_.empty() && fences_.empty() && got_.empty() && dut->idle_o && !plain_valid_ &&
           !payload_valid_ && gather_due_.empty();
  }
  void run() {
    const uint64_t start = cycle;
    do {
      clock();
      bench::check(cycle - start < 2000000, "not drained in time");
    } while (!drained());
  }

  Hdr hdrs[kConns];
  Path paths[kPaths];
  Neighbor neighbors[kNeighbors];
  uint64_t built = 0, plain_frames = 0, fences = 0, bad = 0, acks_built = 0, sent = 0;
  uint64_t acks_overtook = 0;  // an ACK left while a segment waited for its payload
  uint64_t cmd_cycle = 0, beat0_cycle = 0, first_out = 0, last_out = 0, out_beats = 0;
  uint64_t table_longest = 0;

 private:
  struct Expect {
    Cmd cmd;
    bool pure_ack;
    uint32_t seq, ack, ts_val, ts_ecr;
    unsigned wnd;
  };
  struct Fence {
    uint64_t data, acks;  // frames that must have left
  };
  struct Plain {
    pkt::Bytes bytes;
    bool bad;
  };

  void access(bool write, unsigned id, unsigned conn, unsigned word, uint32_t value) {
    dut->tbl_write = write;
    dut->tbl_table = id;
    dut->tbl_conn = conn;
    dut->tbl_word = word;
    dut->tbl_wdata = value;
    dut->tbl_valid = 1;
    tbl_taken_ = read_done_ = false;
    const uint64_t start = cycle;
    while (!tbl_taken_) {
      clock();
      bench::check(cycle - start < 64, "table access not taken in time");
    }
    table_longest = std::max(table_longest, cycle - start);
    dut->tbl_valid = 0;
  }

  void step() override {
    if (dut->tbl_valid && dut->tbl_ready) tbl_taken_ = true;
    if (dut->tbl_rvalid) {
      read_done_ = true;
      read_value_ = dut->tbl_rdata;
    }
    if (dut->hdr_beat0 && beat0_cycle == 0) beat0_cycle = cycle;
    if (dut->tx_data_valid && dut->tx_data_ready) take_data();
    if (dut->tx_ack_valid && dut->tx_ack_ready) {
      if (cmd_cycle == 0) cmd_cycle = cycle;
      acks_.push_back(acks_in_.front());
      acks_in_.pop_front();
      acks_taken_++;
    }
    if (dut->gather_valid && dut->gather_ready) take_gather();
    if (dut->bind_req_valid) bind();
    if (payload_valid_ && dut->s_axis_payload_tready) payload_valid_ = false;
    if (plain_valid_ && dut->s_axis_plain_tready) plain_valid_ = false;
    // The fence's frames may leave with this clock's last beat at the latest.
    sent += dut->sent;
    if (dut->m_axis_mac_tvalid && dut->m_axis_mac_tready) take_beat();
    if (dut->tx_fence_done) fence_done();
    check_.sample(dut->m_axis_mac_tvalid, dut->m_axis_mac_tready, mac_beat());
  }

  void take_data() {
    if (cmd_cycle == 0) cmd_cycle = cycle;
    const Cmd c = data_in_.front();
    data_in_.pop_front();
    if (c.kind != RST) gathers_.push_back(c);
    if (c.kind == DATA || c.kind == RST) {
      due_.push_back(c);
      if (!c.bad) data_taken_++;
    }
    if (c.kind == FENCE) fences_.push_back({data_taken_, acks_taken_ - acks_.size()});
  }
  void take_gather() {
    bench::check(!gathers_.empty(), "a gather command of nobody");
    const Cmd c = gathers_.front();
    gathers_.pop_front();
    bench::check(dut->gather_kind == c.kind && dut->gather_conn == c.conn &&
                     dut->gather_seq == c.seq && dut->gather_len == c.len &&
                     dut->gather_una == c.una,
                 "gather command");
    if (c.kind == DATA && c.len) {
      gather_due_.push_back({cycle + rng.below(stalls_.memory + 1), c});
    }
  }
  void bind() {
    Expect e;
    e.pure_ack = dut->bind_pure_ack;
    if (e.pure_ack) {
      bench::check(!acks_.empty() && acks_.front() == dut->bind_conn, "binding of an ACK");
      e.cmd.kind = ACK;
      e.cmd.conn = acks_.front();
      acks_.pop_front();
      if (!due_.empty() && due_.front().kind == DATA && due_.front().len) acks_overtook++;
    } else {
      while (!due_.empty() && due_.front().bad) {
        due_.pop_front();
        bad++;
      }
      bench::check(!due_.empty(), "binding of nothing");
      e.cmd = due_.front();
      due_.pop_front();
      const uint32_t end = e.cmd.seq + (e.cmd.kind == DATA ? e.cmd.len + e.cmd.fin : 0);
      bench::check(dut->bind_conn == e.cmd.conn && dut->bind_end_seq == end, "binding of data");
    }
    e.seq = e.pure_ack ? rng.u32() : e.cmd.seq;
    e.ack = rng.u32();
    e.wnd = rng.below(65536);
    e.ts_val = rng.u32();
    e.ts_ecr = rng.u32();
    bench::check(answers_.empty() || answers_.back().first < cycle, "bindings");
    answers_.push_back({cycle + kBindClocks, e});
    expected_.push_back(e);
  }
  void fence_done() {
    bench::check(!fences_.empty(), "a fence of nobody");
    const Fence f = fences_.front();
    fences_.pop_front();
    bench::check_eq(data_left_, f.data, "data frames that left before the fence");
    bench::check(acks_left_ >= f.acks, "a fence overtook an ACK");
    fences++;
  }

  bits::Beat mac_beat() const {
    bits::Beat b;
    unsigned n = 0;
    while (n < kBus && (static_cast<uint64_t>(dut->m_axis_mac_tkeep) >> n & 1)) n++;
    b.bytes = bits::read_bytes(dut->m_axis_mac_tdata, n);
    b.last = dut->m_axis_mac_tlast;
    b.user = dut->m_axis_mac_tuser;
    return b;
  }
  void take_beat() {
    const bits::Beat b = mac_beat();
    if (first_out == 0) first_out = cycle;
    last_out = cycle;
    out_beats++;
    bench::check(b.last || b.bytes.size() == kBus, "a short beat in the middle");
    got_.insert(got_.end(), b.bytes.begin(), b.bytes.end());
    if (!b.last) return;
    if (got_[0] & 0x80) {
      bench::check(!plain_expected_.empty() && plain_expected_.front().bytes == got_ &&
                       plain_expected_.front().bad == b.user,
                   "plain frame:\n" + pkt::hex(got_));
      plain_expected_.pop_front();
      plain_frames++;
    } else {
      bench::check(!b.user, "a built frame marked bad");
      frame();
    }
    got_.clear();
  }
  void frame() {
    bench::check(!expected_.empty(), "a frame that was never bound:\n" + pkt::hex(got_));
    const Expect e = expected_.front();
    expected_.pop_front();
    const Hdr &h = hdrs[e.cmd.conn];
    const Path &p = paths[h.path];
    const Neighbor &n = neighbors[p.neighbor];
    pkt::Spec s;
    s.dst = n.dst;
    s.src = n.src;
    if (n.vlan || h.prio) s.tci = static_cast<int>(h.prio << 13 | n.vlan);
    s.ipv6 = h.ipv6;
    s.src_ip = p.src;
    s.dst_ip = p.dst;
    s.tos = h.tos;
    s.ttl = h.ttl;
    s.flow = h.flow;
    s.sport = h.lport;
    s.dport = h.rport;
    s.seq = e.seq;
    s.ack = e.ack;
    s.wnd = e.wnd;
    s.flags = 0x10 | (e.cmd.kind == RST ? 4u : 0u) |
              (e.cmd.kind == DATA ? (e.cmd.psh ? 8u : 0u) | (e.cmd.fin ? 1u : 0u) : 0u);
    if (h.ts) s.tcp_options = pkt::timestamps(e.ts_val, e.ts_ecr);
    s.payload = e.cmd.payload;
    if (!h.ipv6) {
      // R95: from the upper half, another one in each frame.
      const size_t at = (s.tci >= 0 ? 18u : 14u) + 4;
      s.id = got_.size() > at + 1 ? pkt::get16(got_, at) : 0;
      bench::check(s.id >= CHIM_IP_ID_HIGH && s.id != last_id_, "IPv4 identification");
      last_id_ = s.id;
    }
    const pkt::Bytes want = pkt::build(s);
    if (want != got_) {
      bench::fail("frame of connection " + std::to_string(e.cmd.conn) + ", want\n" +
                  pkt::hex(want) + "\ngot\n" + pkt::hex(got_));
    }
    built++;
    if (e.pure_ack) {
      acks_built++;
      acks_left_++;
    } else {
      data_left_++;
    }
  }

  void step_apply() override {
    if (tbl_taken_) dut->tbl_valid = 0;
    // What is offered stays until it is taken.
    if (!(dut->tx_data_valid && data_held_ == data_in_.size())) {
      dut->tx_data_valid = !data_in_.empty() && !rng.chance(stalls_.data);
    }
    data_held_ = data_in_.size();
    if (dut->tx_data_valid) {
      const Cmd &c = data_in_.front();
      dut->tx_data_kind = c.kind;
      dut->tx_data_conn = c.conn;
      dut->tx_data_seq = c.seq;
      dut->tx_data_len = c.len;
      dut->tx_data_fin = c.fin;
      dut->tx_data_psh = c.psh;
      dut->tx_data_una = c.una;
    }
    if (!(dut->tx_ack_valid && acks_held_ == acks_in_.size())) {
      dut->tx_ack_valid = !acks_in_.empty() && !rng.chance(stalls_.ack);
    }
    acks_held_ = acks_in_.size();
    dut->placed_valid = rng.chance(stalls_.hint);
    dut->placed_conn = acks_in_.empty() || rng.chance(30) ? rng.below(kConns) : acks_in_.front();
    if (dut->tx_ack_valid) dut->tx_ack_conn = acks_in_.front();

    dut->bind_rsp_valid = !answers_.empty() && answers_.front().first == cycle + 1;
    if (dut->bind_rsp_valid) {
      const Expect &e = answers_.front().second;
      dut->bind_seq = e.pure_ack ? e.seq : rng.u32();
      dut->bind_ack = e.ack;
      dut->bind_wnd = e.wnd;
      dut->bind_ts_val = e.ts_val;
      dut->bind_ts_ecr = e.ts_ecr;
      answers_.pop_front();
    }

    dut->gather_ready = !rng.chance(stalls_.gather);
    while (!gather_due_.empty() && gather_due_.front().first <= cycle) {
      const Cmd &c = gather_due_.front().second;
      for (auto &b : bits::to_beats(c.payload, kBus, c.bad)) payload_.push_back(b);
      gather_due_.pop_front();
    }
    offer(payload_, payload_valid_, stalls_.payload, dut->s_axis_payload_tdata,
          dut->s_axis_payload_tkeep, dut->s_axis_payload_tlast, dut->s_axis_payload_tuser,
          dut->s_axis_payload_tvalid);
    offer(plain_in_, plain_valid_, stalls_.plain, dut->s_axis_plain_tdata, dut->s_axis_plain_tkeep,
          dut->s_axis_plain_tlast, dut->s_axis_plain_tuser, dut->s_axis_plain_tvalid);
    dut->m_axis_mac_tready = !rng.chance(stalls_.mac);
  }
  template <typename Data, typename Keep>
  void offer(std::deque<bits::Beat> &from, bool &valid, unsigned stall, Data &data, Keep &keep,
             CData &last, CData &user, CData &out_valid) {
    if (!valid && !from.empty() && !rng.chance(stall)) {
      bits::drive_beat(from.front(), kBus, data, keep);
      last = from.front().last;
      user = from.front().user;
      from.pop_front();
      valid = true;
    }
    out_valid = valid;
  }

 public:
  void stalls(const Stalls &s) { stalls_ = s; }

 private:
  // IHI 0051 2.2.1.
  struct Check {
    bool waits = false;
    bits::Beat was;
    void sample(bool valid, bool ready, const bits::Beat &b) {
      bench::check(!waits || (valid && b == was), "a beat to the MAC changed while it waited");
      waits = valid && !ready;
      was = b;
    }
  } check_;
  Stalls stalls_;
  std::deque<Cmd> data_in_, gathers_, due_;
  std::deque<unsigned> acks_in_, acks_;
  std::deque<std::pair<uint64_t, Cmd>> gather_due_;
  std::deque<std::pair<uint64_t, Expect>> answers_;
  std::deque<Expect> expected_;
  std::deque<Fence> fences_;
  std::deque<bits::Beat> payload_, plain_in_;
  std::deque<Plain> plain_expected_;
  pkt::Bytes got_;
  bool payload_valid_ = false, plain_valid_ = false, tbl_taken_ = false, read_done_ = false;
  uint32_t read_value_ = 0;
  size_t data_held_ = 0, acks_held_ = 0;
  uint64_t data_taken_ = 0, acks_taken_ = 0, data_left_ = 0, acks_left_ = 0;
  unsigned last_id_ = 0;
};

}  // namespace tx_path

#endif
