// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The far ends of the connections and the wire between, in clocks: constant delay, random loss each
// way. A peer acknowledges every segment at once and sends its own data with a fixed window and a
// plain time-out. Hard part: it must not be cleverer than the RFCs ask, or it would hide what the
// engine does wrong; it checks every octet's number, since there is no payload.
#ifndef CHIM_TESTS_ENGINE_PEER_H
#define CHIM_TESTS_ENGINE_PEER_H

#include <map>

#include "rtl/chim_engine/engine_tb.h"

namespace engine {

class Peer {
 public:
  // What it has received of us: [start, next_) in order, and islands behind it.
  uint32_t next = 0;
  bool fin_seen = false, rst_seen = false, timestamps = false;
  std::map<uint32_t, uint32_t> islands;  // offset from base_ of start -> of end
  uint16_t window = 0x7fff;              // as in the header
  uint64_t new_bytes = 0, new_segs = 0, dup_segs = 0, frames = 0, acks_got = 0;
  // What it sends: [una, snd_nxt) outstanding, up to snd_end.
  uint32_t una = 0, snd_nxt = 0, snd_end = 0, edge = 0, rto_clocks = 20000;
  uint16_t mss = 1000;
  bool send_fin = false, fin_sent = false, silent = false;
  uint64_t timer = 0;
  uint32_t ts_clock = 500;

  void open(uint32_t ours, uint32_t theirs, uint32_t first_edge) {
    base_ = next = ours;
    una = snd_nxt = snd_end = theirs;
    edge = first_edge;
  }
  bool all_acked() const { return una == snd_end + (fin_sent ? 1 : 0); }

  // A frame of ours arrives; returns true if an acknowledgment is owed at once.
  bool arrive(const Frame &f, unsigned wscale) {
    frames++;
    if (f.cmd.kind == tx::kRst) {
      rst_seen = true;
      return false;
    }
    // Our acknowledgment and window.
    if (tx::lt(una, f.ack)) {
      bench::check(tx::leq(f.ack, snd_nxt), "the engine acknowledges what was never sent");
      una = f.ack;
      timer = 0;
    }
    const uint32_t right = f.ack + (uint32_t(f.wnd) << wscale);
    bench::check(!tx::lt(right, edge), "RFC 9293 3.8.6: the right edge of the window is withdrawn");
    edge = right;
    acks_got++;
    if (f.cmd.kind == tx::kAck) return false;
    // Our data.
    const uint32_t from = f.seq - base_, to = from + f.cmd.len;
    if (f.cmd.fin) fin_at_ = to;
    const uint32_t before = next;
    const uint64_t bytes_before = new_bytes;
    if (f.cmd.len) add(from, to);
    if (fin_at_ == next - base_ && fin_at_ != kNoFin && !fin_seen) {
      fin_seen = true;
      next++;
    }
    if (next != before) new_segs++;
    if (f.cmd.len && bytes_before == new_bytes) dup_segs++;
    return true;
  }

  // The acknowledgment that says what is here now.
  Seg ack(uint16_t conn) const {
    Seg s;
    s.conn = conn;
    s.seq = snd_nxt;
    s.ack = next;
    s.wnd = window;
    return s;
  }

 private:
  static constexpr uint32_t kNoFin = 0xffffffffu;
  uint32_t base_ = 0, fin_at_ = kNoFin;

  void add(uint32_t from, uint32_t to) {
    const uint32_t have = next - base_ - (fin_seen ? 1 : 0);
    if (from < have) from = have;
    if (from >= to) return;
    // Merge with islands that touch.
    auto it = islands.lower_bound(from);
    if (it != islands.begin() && std::prev(it)->second >= from) --it;
    uint64_t covered = 0;
    while (it != islands.end() && it->first <= to) {
      from = std::min(from, it->first);
      to = std::max(to, it->second);
      covered += it->second - it->first;
      it = islands.erase(it);
    }
    new_bytes += to - from - covered;
    islands[from] = to;
    if (islands.begin()->first == have) {
      next += islands.begin()->second - have;
      islands.erase(islands.begin());
    }
  }
};

// All peers of a test, and the wire. Rates in percent of a percent.
class Net {
 public:
  Net(Tb &tb, unsigned delay_out, unsigned delay_in) : tb_(tb), out_(delay_out), in_(delay_in) {
    tb.on_frame = [this](const Frame &f) { frame(f); };
    tb.on_clock = [this] { clock(); };
  }
  std::vector<Peer> peers;
  unsigned loss_out = 0, loss_in = 0, wscale = 7;  // loss in 1/10000
  uint64_t lost = 0, sent = 0;
  bool no_ack_loss = true;
  std::function<void(const Frame &)> on_frame;

  bool quiet() const { return to_peer_.empty() && to_us_.empty(); }

  // One clock of every sender; call what sends.
  void clock() {
    while (!to_peer_.empty() && to_peer_.front().at <= tb_.cycle) {
      const Frame f = to_peer_.front().what;
      to_peer_.pop_front();
      Peer &p = peers[f.cmd.conn];
      if (p.timestamps && f.cmd.kind != tx::kRst) last_ts_[f.cmd.conn] = f.ts_val;
      if (p.arrive(f, wscale) && !p.silent) reply(f.cmd.conn);
      if (!p.timer && p.una != p.snd_nxt) p.timer = tb_.cycle + p.rto_clocks;
    }
    if (senders_) {
      for (unsigned i = 0; i < 4; i++) {
        turn_ = (turn_ + 1) % peers.size();
        send(static_cast<uint16_t>(turn_));
      }
    }
    while (!to_us_.empty() && to_us_.front().at <= tb_.cycle) {
      tb_.wire_in(to_us_.front().what);
      to_us_.pop_front();
    }
  }
  void senders(bool on) { senders_ = on; }
  void reply(uint16_t conn) { put(peers[conn].ack(conn), no_ack_loss); }
  void put(Seg s, bool safe) {
    sent++;
    Peer &p = peers[s.conn];
    if (p.timestamps) {
      s.has_ts = true;
      s.ts_val = ++p.ts_clock;
      s.ts_ecr = last_ts_[s.conn];
    }
    if (!safe && tb_.rng.below(10000) < loss_in) {
      lost++;
      return;
    }
    to_us_.push_back({tb_.cycle + in_, s});
  }

 private:
  Tb &tb_;
  unsigned out_, in_;
  bool senders_ = false;
  size_t turn_ = 0;
  std::deque<Timed<Frame>> to_peer_;
  std::deque<Timed<Seg>> to_us_;
  std::map<uint16_t, uint32_t> last_ts_;

  void frame(const Frame &f) {
    if (on_frame) on_frame(f);
    sent++;
    if (tb_.rng.below(10000) < loss_out) {
      lost++;
      return;
    }
    to_peer_.push_back({tb_.cycle + out_, f});
  }

  // A peer's own data: one segment if its window lets it, from una again when its timer runs out.
  void send(uint16_t conn) {
    Peer &p = peers[conn];
    if (p.silent || tb_.wire_in_waiting() > 200) return;
    if (p.timer && tb_.cycle >= p.timer) {
      p.snd_nxt = p.una;
      if (p.fin_sent && p.una != p.snd_end + 1) p.fin_sent = false;
      p.timer = tb_.cycle + p.rto_clocks;
    }
    const uint32_t left = p.snd_end - p.snd_nxt;
    const uint32_t room = tx::lt(p.snd_nxt, p.edge) ? p.edge - p.snd_nxt : 0;
    uint32_t len = std::min<uint32_t>({left, p.mss, room});
    if (p.fin_sent) len = 0;
    const bool fin = p.send_fin && !p.fin_sent && len == left;
    if (len == 0 && !fin) return;
    Seg s = p.ack(conn);
    s.seq = p.snd_nxt;
    s.len = static_cast<uint16_t>(len);
    s.flags = static_cast<uint8_t>(kAck | (len == left ? kPsh : 0) | (fin ? kFin : 0));
    p.snd_nxt += len + fin;
    if (fin) p.fin_sent = true;
    if (!p.timer) p.timer = tb_.cycle + p.rto_clocks;
    put(s, false);
  }
};

}  // namespace engine

#endif
