// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The world around chim_rx_path: MAC, engine, DMA, host and firmware as models that stall at
// random, and the account of every frame. Hard part: which frame a segment or an item is. Each good
// segment carries its frame's number as sequence number; everything else is found by its bytes, in
// order.
#ifndef CHIM_TESTS_UNIT_RTL_CHIM_RX_PATH_RX_PATH_TB_H
#define CHIM_TESTS_UNIT_RTL_CHIM_RX_PATH_RX_PATH_TB_H

#include <cinttypes>
#include <deque>
#include <map>
#include <tuple>

#include "Vdut.h"
#include "bench/bench.h"
#include "chim_contract.h"
#include "rtl/common/bits.h"
#include "rtl/common/frames.h"
#include "rtl/common/parse_ref.h"

namespace rx_path {

const unsigned kBus = DATA_W / 8;
const pkt::Mac kOwn{0x02, 0x11, 0x22, 0x33, 0x44, 0x5c};

enum Action { DROP = 0, PLACE = 1, PASS = 2 };
enum Kind { ITEM_PLACE = 0, ITEM_FRAME = 1, ITEM_MARKER = 2 };

inline uint32_t entry(unsigned state, unsigned gen, bool release, bool installed, unsigned vlan,
                      unsigned held = 0) {
  return state << 30 | static_cast<uint32_t>(release) << 29 |
         static_cast<uint32_t>(installed) << 28 | gen << 24 | held << 12 | vlan;
}

struct Frame {
  pkt::Bytes bytes;
  pkt::Record rec;
  int conn = -1;     // of its key, if that is inserted
  unsigned gen = 0;  // of conn when the frame was sent
  // What became of it; each at most once.
  bool dropped = false, segment = false, item = false;
  bool held = false, injected = false;
  int verdict = -1;
};

struct Item {
  unsigned kind, conn, gen, seq, len, fin, cls, reason, csum_ok, vlan;
};

struct Conn {
  pkt::Spec spec;  // addresses and ports
  pkt::Key key;
  unsigned gen = 0, vlan = 0;
  // NONE, HOLD and LIVE as firmware has ordered them; moving: between two of them.
  unsigned state = CHIM_ENTRY_STATE_NONE;
  bool moving = false;
  int64_t last_seg = -1;  // number of the newest frame given to the engine
  unsigned markers = 0;
};

// On a wide bus frames come so close that what waits 30 % of the time cannot follow.
const unsigned kGap = DATA_W > 128 ? 85 : 40;

struct Stalls {
  unsigned mac_gap = kGap, inject_gap = 30, seg = 30, verdict = 30, item = 30, data = 30;
};

class Tb : public bench::Base<Vdut> {
 public:
  explicit Tb(const Stalls &stalls) : Base("chim_rx_path"), stalls_(stalls) {
    dut->mac_i = 0;
    for (unsigned i = 0; i < 6; i++) dut->mac_i |= static_cast<uint64_t>(kOwn[i]) << (8 * i);
    dut->promiscuous_i = 0;
    dut->lkp_seed_i = rng.u32();
    dut->lkp_valid = dut->tbl_valid = dut->give_up_valid = dut->lost_valid = 0;
    dut->hold_evt_pop = dut->db_in_valid = 0;
    dut->db_ready = 1;
    apply();
    reset();
    clocks(CONNS + 10);
  }

  std::vector<Conn> conns;
  std::deque<Frame> frames;  // all that were sent, by number
  std::vector<uint64_t> cnt = std::vector<uint64_t>(CHIM_COUNTER_COUNT);
  std::map<std::string, unsigned> fates;
  bool verdicts_full = false;  // PLACE everything, at the engine's pace: three clocks
  bool lossy = false;          // frames may be lost to a full buffer
  bool auto_inject = true;     // the host forwards held frames at once
  std::deque<unsigned> live_notices;
  std::deque<uint32_t> held_queue;  // numbers of frames the host holds
  uint64_t seg_cycle = 0, item_cycle = 0, data_cycle = 0, last_beat_cycle = 0;

  // ---- firmware ---------------------------------------------------------------------------------
  bool lookup(unsigned op, unsigned conn, const pkt::Key &key, uint32_t value = 0) {
    dut->lkp_op = op;
    dut->lkp_conn = conn;
    dut->lkp_ipv6 = key.ipv6;
    dut->lkp_local_port = key.local_port;
    dut->lkp_remote_port = key.remote_port;
    for (unsigned i = 0; i < 16; i++) {
      bits::set_byte(dut->lkp_local, i, key.local[i]);
      bits::set_byte(dut->lkp_remote, i, key.remote[i]);
    }
    dut->lkp_entry = value;
    dut->lkp_valid = 1;
    lkp_done_ = false;
    const uint64_t start = cycle;
    while (!lkp_done_) {
      clock();
      bench::check(cycle - start < 20000, "lookup command not done in time");
    }
    dut->lkp_valid = 0;
    return lkp_ok_;
  }
  void set_entry(unsigned conn, uint32_t value) {
    bench::check(lookup(CHIM_LKP_OP_ENTRY, conn, {}, value), "ENTRY refused");
  }
  uint32_t read_entry(unsigned conn) {
    dut->tbl_write = 0;
    dut->tbl_conn = conn;
    dut->tbl_word = 0;
    dut->tbl_valid = 1;
    tbl_done_ = false;
    const uint64_t start = cycle;
    while (!tbl_done_) {
      clock();
      bench::check(cycle - start < 64, "table not read in time");
    }
    return tbl_value_;
  }
  void add_conn(unsigned state, unsigned vlan, bool ipv6) {
    Conn c;
    c.spec = pkt::random_spec(rng, kOwn, 0);
    c.spec.ipv6 = ipv6;
    if (!ipv6) {
      for (unsigned i = 4; i < 16; i++) c.spec.src_ip[i] = c.spec.dst_ip[i] = 0;
    } else {
      for (unsigned i = 0; i < 16; i++) {
        c.spec.src_ip[i] = static_cast<uint8_t>(rng.u32());
        c.spec.dst_ip[i] = static_cast<uint8_t>(rng.u32());
      }
    }
    c.key.ipv6 = ipv6;
    c.key.local = c.spec.dst_ip;
    c.key.remote = c.spec.src_ip;
    c.key.local_port = c.spec.dport;
    c.key.remote_port = c.spec.sport;
    c.vlan = vlan;
    c.gen = rng.below(16);
    c.state = state;
    const unsigned slot = static_cast<unsigned>(conns.size());
    conns.push_back(c);
    by_key_[c.key] = slot;
    bench::check(lookup(CHIM_LKP_OP_INSERT, slot, c.key), "INSERT refused");
    set_entry(slot, entry(state, c.gen, false, state == CHIM_ENTRY_STATE_LIVE, vlan));
  }

  // ---- MAC and host -----------------------------------------------------------------------------
  void send(const pkt::Bytes &bytes, bool marked_bad) {
    Frame f;
    f.bytes = bytes;
    f.rec = pkt::parse(bytes, marked_bad, kOwn, false, true, kBus);
    if (f.rec.keyed) {
      const auto at = by_key_.find(f.rec.key);
      if (at != by_key_.end()) {
        f.conn = static_cast<int>(at->second);
        f.gen = conns[at->second].gen;
      }
    }
    frames.push_back(f);
    for (auto &b : bits::to_beats(bytes, kBus, marked_bad)) mac_.push_back(b);
  }
  // A random frame of a random connection, or of none.
  void send_random(size_t most, unsigned known_percent = 85) {
    pkt::Spec s = pkt::random_spec(rng, kOwn, most);
    if (!conns.empty() && rng.chance(known_percent)) {
      const Conn &c = conns[rng.below(static_cast<uint32_t>(conns.size()))];
      address(s, c);
      if (c.vlan != 0 && rng.chance(80)) s.tci = static_cast<int>(rng.below(16) << 12 | c.vlan);
    }
    s.seq = static_cast<uint32_t>(frames.size());
    bool bad = false;
    const pkt::Bytes b = rng.chance(70) ? pkt::build(s) : pkt::random_frame(rng, s, most, &bad);
    send(b, bad);
  }
  void send_segment(unsigned conn, size_t payload) {
    pkt::Spec s = pkt::random_spec(rng, kOwn, 0);
    address(s, conns[conn]);
    s.tcp_options = rng.chance(70) ? pkt::timestamps(rng.u32(), rng.u32()) : pkt::Bytes{};
    s.flags = 0x10;
    s.payload = pkt::random_bytes(rng, payload);
    s.seq = static_cast<uint32_t>(frames.size());
    if (conns[conn].vlan) s.tci = static_cast<int>(conns[conn].vlan);
    send(pkt::build(s), false);
  }
  static void address(pkt::Spec &s, const Conn &c) {
    s.ipv6 = c.spec.ipv6;
    s.src_ip = c.spec.src_ip;
    s.dst_ip = c.spec.dst_ip;
    s.sport = c.spec.sport;
    s.dport = c.spec.dport;
  }
  void inject(uint32_t number) {
    Frame &f = frames[number];
    bench::check(f.held && !f.injected, "the host forwards what it does not hold");
    f.injected = true;
    inject_raw(f.bytes, static_cast<unsigned>(f.conn), conns[static_cast<size_t>(f.conn)].gen,
               false);
  }
  void inject_raw(const pkt::Bytes &b, unsigned conn, unsigned gen, bool bad, bool held = true) {
    for (auto &beat : bits::to_beats(b, kBus, bad)) inject_.push_back({beat, conn, gen, held});
  }
  bool give_up(unsigned conn, unsigned gen, bool lost) {
    const uint64_t stale = cnt[CHIM_COUNTER_RX_INJECT_STALE];
    auto &valid = lost ? dut->lost_valid : dut->give_up_valid;
    if (lost) {
      dut->lost_conn = conn;
      dut->lost_gen = gen;
    } else {
      dut->give_up_conn = conn;
      dut->give_up_gen = gen;
    }
    valid = 1;
    give_up_done_ = false;
    const uint64_t start = cycle;
    while (!give_up_done_) {
      clock();
      bench::check(cycle - start < 100, "give_up not taken in time");
    }
    valid = 0;
    return cnt[CHIM_COUNTER_RX_INJECT_STALE] == stale;
  }

  void run() {
    const uint64_t bound = cycle + 3000 + (mac_.size() + inject_.size()) * 60;
    while (!mac_.empty() || !inject_.empty() || mac_valid_ || inject_valid_ || !dut->idle_o ||
           !verdicts_.empty() || !held_ready()) {
      clock();
      bench::check(cycle < bound, "not drained in time");
    }
    clocks(5);
  }
  bool mac_idle() const { return mac_.empty() && !mac_valid_; }
  size_t mac_beats() const { return mac_.size(); }

  // Every frame has come to one end, and the counters say the same. Forgets the frames.
  void account() {
    uint64_t all = 0, missing = 0;
    for (size_t i = settled_; i < frames.size(); i++) {
      Frame &f = frames[i];
      all++;
      if (f.dropped || f.segment || f.item) continue;
      if (expect_drop(f)) {
        f.dropped = true;
        refused_++;
        continue;
      }
      missing++;
      bench::check(lossy, "frame " + std::to_string(i) + " is gone:\n" + pkt::hex(f.bytes));
    }
    settled_ = frames.size();
    bench::check_eq(cnt[CHIM_COUNTER_RX_FRAMES], static_cast<uint64_t>(frames.size()), "RX_FRAMES");
    lost_ += missing;
    // A frame that would be refused anyway may be lost before that is known.
    bench::check(cnt[CHIM_COUNTER_RX_BUFFER_FULL] >= lost_ &&
                     cnt[CHIM_COUNTER_RX_BUFFER_FULL] <= lost_ + (lossy ? refused_ : 0),
                 "RX_BUFFER_FULL");
    bench::check_eq(cnt[CHIM_COUNTER_RX_BAD_FRAME] + cnt[CHIM_COUNTER_RX_FILTERED] +
                        cnt[CHIM_COUNTER_RX_BUFFER_FULL] + cnt[CHIM_COUNTER_RX_PLAIN] +
                        cnt[CHIM_COUNTER_RX_HELD] + direct_passed_ +
                        cnt[CHIM_COUNTER_RX_VLAN_MISMATCH] + direct_segs_,
                    static_cast<uint64_t>(frames.size()), "sum of the fates");
    bench::check_eq(cnt[CHIM_COUNTER_RX_PASSED], passed_, "RX_PASSED");
  }

 private:
  struct Injected {
    bits::Beat beat;
    unsigned conn, gen;
    bool held;
  };
  struct Verdict {
    uint64_t due;
    Action action;
    unsigned conn, seq, off, len, fin, reason;
    uint32_t frame;
  };

  bool held_ready() const { return !auto_inject || held_queue.empty(); }

  bool vlan_wrong(const Frame &f) const {
    const Conn &c = conns[static_cast<size_t>(f.conn)];
    return c.vlan != 0 && !(f.rec.has_tag && (f.rec.tci & 0xfff) == c.vlan);
  }
  bool sound(const Frame &f) const { return !f.rec.truncated && !f.rec.bad_ip && !f.rec.bad_tcp; }
  bool known(const Frame &f) const {
    return sound(f) && f.conn >= 0 &&
           (conns[static_cast<size_t>(f.conn)].state != CHIM_ENTRY_STATE_NONE ||
            conns[static_cast<size_t>(f.conn)].moving);
  }
  bool expect_drop(const Frame &f) const {
    return f.rec.bad || f.rec.filtered || (known(f) && vlan_wrong(f));
  }

  // ---- sampling ---------------------------------------------------------------------------------
  void step() override {
    for (unsigned i = 0; i < CHIM_COUNTER_COUNT; i++) {
      cnt[i] += (dut->cnt_o[i / 32] >> (i % 32)) & 1;
    }
    bench::check(dut->s_axis_mac_tready, "the MAC was stopped");
    if (mac_valid_) {
      if (mac_beat_.last) last_beat_cycle = cycle;
      mac_valid_ = false;
    }
    if (inject_valid_ && dut->s_axis_inject_tready) inject_valid_ = false;
    if (dut->lkp_valid && dut->lkp_ready) {
      lkp_done_ = true;
      lkp_ok_ = dut->lkp_ok;
    }
    if (dut->tbl_valid && dut->tbl_ready) dut_tbl_taken_ = true;
    if (dut->tbl_rvalid) {
      tbl_done_ = true;
      tbl_value_ = dut->tbl_rdata;
    }
    if ((dut->give_up_valid && dut->give_up_ready) || (dut->lost_valid && dut->lost_ready)) {
      give_up_done_ = true;
    }
    if (dut->hold_evt_valid && dut->hold_evt_pop) live_notices.push_back(dut->hold_evt_conn);
    if (dut->seg_valid && dut->seg_ready) segment();
    if (dut->verdict_valid && dut->verdict_ready) verdicts_.pop_front();
    if (dut->item_valid && item_cycle == 0) item_cycle = cycle;
    if (dut->m_axis_item_tvalid && data_cycle == 0) data_cycle = cycle;
    // The data may be taken before the item is, but not before it is there.
    if (dut->item_valid && !item_waits_) take_item();
    if (dut->m_axis_item_tvalid && dut->m_axis_item_tready) take_data();
    stable();
  }

  void stable() {
    const std::tuple<unsigned, unsigned, unsigned> item(dut->item_kind, dut->item_seq,
                                                        dut->item_len);
    if (item_waits_) {
      bench::check(dut->item_valid && item == item_was_, "item changed while it waited");
    }
    item_waits_ = dut->item_valid && !dut->item_ready;
    item_was_ = item;
    if (data_waits_) bench::check(dut->m_axis_item_tvalid, "data fell while they waited");
    data_waits_ = dut->m_axis_item_tvalid && !dut->m_axis_item_tready;
    if (seg_waits_) bench::check(dut->seg_valid && dut->seg_seq == seg_was_, "seg changed");
    seg_waits_ = dut->seg_valid && !dut->seg_ready;
    seg_was_ = dut->seg_seq;
  }

  void segment() {
    if (seg_cycle == 0) seg_cycle = cycle;
    const uint32_t n = dut->seg_seq;
    bench::check(n < frames.size(), "a segment of no frame");
    Frame &f = frames[n];
    const std::string who = "segment of frame " + std::to_string(n) + ":\n" + pkt::hex(f.bytes);
    bench::check(f.rec.tcp && !f.rec.options && !f.rec.malformed && !f.rec.bad_options, who);
    bench::check(f.conn == static_cast<int>(dut->seg_conn), "connection, " + who);
    Conn &c = conns[dut->seg_conn];
    bench::check(!f.segment, "twice, " + who);
    f.segment = true;
    if (f.held) {
      bench::check(f.injected, "not forwarded, " + who);
    } else {
      direct_segs_++;
      bench::check(!expect_drop(f), "to be dropped, " + who);
      bench::check(c.state == CHIM_ENTRY_STATE_LIVE || c.moving, "not LIVE, " + who);
    }
    bench::check(static_cast<int64_t>(n) > c.last_seg, "order, " + who);
    c.last_seg = n;
    bench::check(dut->seg_ack == f.rec.ack && dut->seg_wnd == f.rec.wnd &&
                     dut->seg_flags == f.rec.flags && dut->seg_len == f.rec.pay_len &&
                     dut->seg_has_ts == f.rec.has_ts,
                 "fields, " + who);
    if (f.rec.has_ts) {
      bench::check(dut->seg_ts_val == f.rec.ts_val && dut->seg_ts_ecr == f.rec.ts_ecr,
                   "timestamps, " + who);
    }
    Verdict v{};
    v.frame = n;
    v.conn = dut->seg_conn;
    v.seq = n;
    v.due = cycle + 3;
    const unsigned pick = verdicts_full ? 2 : rng.below(10);
    v.action = pick < 2 ? DROP : pick < 8 ? PLACE : PASS;
    if (v.action == PLACE) {
      v.len = f.rec.pay_len;
      if (!verdicts_full && rng.chance(30)) {
        v.off = rng.below(f.rec.pay_len + 1);
        v.len = rng.below(f.rec.pay_len - v.off + 1);
      }
      v.fin = rng.below(4) == 0;
    }
    if (v.action == PASS) v.reason = 2 + rng.below(2);
    f.verdict = v.action;
    if (v.action == DROP) fates["verdict drop"]++;
    verdicts_.push_back(v);
    expected_.push_back(v);
  }

  void take_item() {
    Item i{dut->item_kind, dut->item_conn, dut->item_gen,    dut->item_seq,     dut->item_len,
           dut->item_fin,  dut->item_cls,  dut->item_reason, dut->item_csum_ok, dut->item_vlan};
    if (i.kind == ITEM_MARKER) {
      bench::check(i.cls == CHIM_PRX_CLASS_MARKER && i.len == 0, "marker");
      conns[i.conn].markers++;
      conns[i.conn].gen = i.gen;
      return;
    }
    bench::check(i.len > 0 || i.kind == ITEM_PLACE, "an empty frame");
    items_.push_back(i);
    empty_items();
  }
  void empty_items() {
    while (!items_.empty() && items_.front().len == 0) {
      judge(items_.front(), {});
      items_.pop_front();
    }
  }
  void take_data() {
    bench::check(!items_.empty(), "data before their item");
    unsigned n = 0;
    while (n < kBus && (static_cast<uint64_t>(dut->m_axis_item_tkeep) >> n & 1)) n++;
    const auto more = bits::read_bytes(dut->m_axis_item_tdata, n);
    data_.insert(data_.end(), more.begin(), more.end());
    bench::check(n == kBus || dut->m_axis_item_tlast, "a short beat in the middle");
    bench::check(data_.size() <= items_.front().len, "more data than announced");
    bench::check(dut->m_axis_item_tlast == (data_.size() == items_.front().len), "tlast");
    if (dut->m_axis_item_tlast) {
      judge(items_.front(), data_);
      items_.pop_front();
      data_.clear();
      empty_items();
    }
  }

  // PLACE and frames passed up by verdict come in the order of the verdicts; DROP gives nothing.
  void judge(const Item &i, const pkt::Bytes &data) {
    if (i.kind == ITEM_PLACE ||
        (i.cls == CHIM_PRX_CLASS_PASSED && i.reason >= 2 && i.reason <= 3)) {
      while (!expected_.empty() && expected_.front().action == DROP) expected_.pop_front();
      bench::check(!expected_.empty(), "an item without a verdict");
      const Verdict v = expected_.front();
      expected_.pop_front();
      Frame &f = frames[v.frame];
      const std::string who = "item of frame " + std::to_string(v.frame);
      bench::check(i.conn == v.conn && i.gen == f.gen,
                   "connection, " + who + ": " + std::to_string(i.conn) + " generation " +
                       std::to_string(i.gen) + ", want " + std::to_string(v.conn) + " generation " +
                       std::to_string(f.gen));
      pkt::Bytes want = f.bytes;
      if (i.kind == ITEM_PLACE) {
        bench::check(v.action == PLACE && i.seq == v.seq && i.fin == v.fin, "place, " + who);
        const auto at = f.bytes.begin() + f.rec.pay_off + v.off;
        want.assign(at, at + v.len);
        fates["place"]++;
      } else {
        bench::check(v.action == PASS && i.reason == v.reason, "pass, " + who);
        bench::check(i.csum_ok, "csum_ok, " + who);
        passed_++;
        fates["passed by verdict"]++;
      }
      bench::check(data == want, "bytes, " + who + "\n" + pkt::hex(data));
      f.item = true;
      return;
    }
    if (i.cls == CHIM_PRX_CLASS_PASSED) {
      passed(i, data);
      return;
    }
    // Of the wire, in order: the next frame with these bytes that has no fate yet.
    while (next_ < frames.size() && !(frames[next_].bytes == data && !frames[next_].segment &&
                                      !frames[next_].item && !expect_drop(frames[next_]))) {
      next_++;
    }
    bench::check(next_ < frames.size(), "a frame out of order or of nobody:\n" + pkt::hex(data));
    Frame &f = frames[next_];
    f.item = true;
    const std::string who = "frame " + std::to_string(next_) + ":\n" + pkt::hex(f.bytes);
    bench::check(i.vlan == (f.rec.has_tag ? f.rec.tci : 0), "vlan, " + who);
    bench::check(i.csum_ok == f.rec.tcp, "csum_ok, " + who);
    if (i.cls == CHIM_PRX_CLASS_HELD) {
      bench::check(known(f) && i.conn == static_cast<unsigned>(f.conn), "held, " + who);
      const Conn &c = conns[i.conn];
      bench::check(c.state == CHIM_ENTRY_STATE_HOLD || c.moving, "held in another state, " + who);
      bench::check(i.gen == f.gen, "generation, " + who);
      f.held = true;
      f.item = !c.moving;  // else its end is still to come
      held_queue.push_back(static_cast<uint32_t>(next_));
      fates["held"]++;
    } else {
      bench::check(!known(f) || conns[static_cast<size_t>(f.conn)].moving, "plain, " + who);
      fates[f.rec.truncated ? "truncated"
            : f.rec.bad_ip  ? "bad_ip"
            : f.rec.bad_tcp ? "bad_tcp"
            : f.rec.tcp     ? "plain TCP"
                            : "plain"]++;
    }
    next_++;
  }

  // Options or a malformed header: from the wire, or forwarded.
  void passed(const Item &i, const pkt::Bytes &data) {
    for (size_t n = settled_; n < frames.size(); n++) {
      Frame &f = frames[n];
      if (f.bytes != data || f.item || f.segment || f.conn != static_cast<int>(i.conn)) continue;
      if (f.held && !f.injected) continue;
      const bool options = f.rec.options;
      bench::check(
          i.reason == (options ? CHIM_PASS_REASON_IP_OPTIONS : CHIM_PASS_REASON_TCP_OPTIONS),
          "reason of frame " + std::to_string(n));
      bench::check(options || f.rec.malformed || f.rec.bad_options, "passed:\n" + pkt::hex(data));
      f.item = true;
      passed_++;
      if (!f.held) direct_passed_++;
      fates[options ? "passed, IP options" : "passed, TCP options"]++;
      return;
    }
    bench::fail("a frame of nobody passed up:\n" + pkt::hex(data));
  }

  // ---- driving ----------------------------------------------------------------------------------
  void step_apply() override { apply(); }
  void apply() {
    if (!mac_.empty() && !rng.chance(stalls_.mac_gap)) {
      mac_beat_ = mac_.front();
      mac_.pop_front();
      mac_valid_ = true;
      bits::drive_beat(mac_beat_, kBus, dut->s_axis_mac_tdata, dut->s_axis_mac_tkeep);
    }
    dut->s_axis_mac_tvalid = mac_valid_;
    dut->s_axis_mac_tlast = mac_beat_.last;
    dut->s_axis_mac_tuser = mac_beat_.last ? mac_beat_.user : rng.below(2);

    if (auto_inject) {
      while (!held_queue.empty() &&
             conns[static_cast<size_t>(frames[held_queue.front()].conn)].moving) {
        inject(held_queue.front());
        held_queue.pop_front();
      }
      if (!held_queue.empty() &&
          !conns[static_cast<size_t>(frames[held_queue.front()].conn)].moving) {
        held_queue.pop_front();  // of a connection that stays in HOLD
      }
    }
    if (!inject_valid_ && !inject_.empty() && !rng.chance(stalls_.inject_gap)) {
      inject_beat_ = inject_.front();
      inject_.pop_front();
      inject_valid_ = true;
      bits::drive_beat(inject_beat_.beat, kBus, dut->s_axis_inject_tdata, dut->s_axis_inject_tkeep);
    }
    dut->s_axis_inject_tvalid = inject_valid_;
    dut->s_axis_inject_tlast = inject_beat_.beat.last;
    dut->s_axis_inject_tuser = inject_beat_.beat.user;
    dut->inject_conn = inject_beat_.conn;
    dut->inject_gen = inject_beat_.gen;
    dut->inject_held = inject_beat_.held;

    if (dut_tbl_taken_) {
      dut->tbl_valid = 0;
      dut_tbl_taken_ = false;
    }
    dut->seg_ready = !rng.chance(stalls_.seg);
    // A verdict that was offered stays.
    if (!verdict_valid_ || verdicts_.empty() || verdicts_.front().frame != verdict_frame_) {
      verdict_valid_ =
          !verdicts_.empty() && verdicts_.front().due <= cycle + 1 && !rng.chance(stalls_.verdict);
    }
    dut->verdict_valid = verdict_valid_;
    if (verdict_valid_) {
      const Verdict &v = verdicts_.front();
      verdict_frame_ = v.frame;
      dut->verdict_action = v.action;
      dut->verdict_conn = v.conn;
      dut->verdict_seq = v.seq;
      dut->verdict_off = v.off;
      dut->verdict_len = v.len;
      dut->verdict_fin = v.fin;
      dut->verdict_reason = v.reason;
    }
    dut->item_ready = !rng.chance(stalls_.item);
    dut->m_axis_item_tready = !rng.chance(stalls_.data);
    dut->hold_evt_pop = rng.chance(20);
  }

 public:
  void stalls(const Stalls &s) { stalls_ = s; }

 private:
  Stalls stalls_;
  std::map<pkt::Key, unsigned> by_key_;
  std::deque<bits::Beat> mac_;
  bits::Beat mac_beat_;
  std::deque<Injected> inject_;
  Injected inject_beat_{};
  std::deque<Verdict> verdicts_, expected_;
  std::deque<Item> items_;
  pkt::Bytes data_;
  bool mac_valid_ = false, inject_valid_ = false, verdict_valid_ = false;
  uint32_t verdict_frame_ = 0;
  bool lkp_done_ = false, lkp_ok_ = false, tbl_done_ = false, give_up_done_ = false;
  bool dut_tbl_taken_ = false;
  uint32_t tbl_value_ = 0;
  size_t next_ = 0, settled_ = 0;
  uint64_t lost_ = 0, refused_ = 0, passed_ = 0, direct_passed_ = 0, direct_segs_ = 0;
  bool item_waits_ = false, data_waits_ = false, seg_waits_ = false;
  std::tuple<unsigned, unsigned, unsigned> item_was_;
  uint32_t seg_was_ = 0;
};

}  // namespace rx_path

#endif
