// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of chim_rx_path: every kind of frame in every state of its connection, hand-overs under
// traffic, overload, forwarded and given-up frames, doorbells, latency and rate. Hard part: across
// HOLD and LIVE the engine must see the frames of a connection in the order of the wire, each once.
#include "rtl/chim_rx_path/rx_path_tb.h"

namespace {

using namespace rx_path;

const unsigned kNone = CHIM_ENTRY_STATE_NONE, kHold = CHIM_ENTRY_STATE_HOLD,
               kLive = CHIM_ENTRY_STATE_LIVE;

// A kind of frame that none has been, and that is rare enough to be missing by chance.
const char *missing(Tb &tb) {
  for (const char *f :
       {"place", "passed by verdict", "held", "plain", "plain TCP", "verdict drop", "bad_ip",
        "bad_tcp", "truncated", "passed, IP options", "passed, TCP options"}) {
    if (tb.fates[f] == 0) return f;
  }
  return tb.cnt[CHIM_COUNTER_RX_VLAN_MISMATCH] ? nullptr : "wrong tag";
}

// Connections that stay as they are, frames of every kind: at least count frames.
void steady(const char *what, const Stalls &stalls, unsigned count, size_t most) {
  Tb tb(stalls);
  for (unsigned i = 0; i < 24; i++) {
    tb.add_conn(i % 6 == 0   ? kNone
                : i % 6 == 1 ? kHold
                             : kLive,
                i % 4 == 3 ? 1 + i : 0, i % 3 == 0);
  }
  unsigned sent = 0;
  while (sent < count || (missing(tb) && sent < 10 * count)) {
    for (unsigned i = 0; i < 64; i++) tb.send_random(most);
    sent += 64;
    tb.run();
    tb.account();
  }
  for (auto &f : tb.fates) std::printf("# %s: %u\n", f.first.c_str(), f.second);
  if (missing(tb)) bench::fail(std::string("no frame: ") + missing(tb));
  std::printf("ok - %s: %u frames, %" PRIu64 " clocks\n", what, sent, tb.cycle);
}

// Connections go from NONE over HOLD to LIVE and back to HOLD while their frames arrive.
void hand_over(const Stalls &stalls, unsigned rounds) {
  Tb tb(stalls);
  const unsigned n = 6;
  for (unsigned i = 0; i < n; i++) tb.add_conn(kHold, 0, i % 2);
  tb.run();
  for (unsigned i = 0; i < n; i++) {
    tb.conns[i].markers = 0;
    tb.conns[i].moving = true;  // the host forwards what is held
  }
  unsigned lives = 0, held = 0;
  for (unsigned round = 0; round < rounds; round++) {
    for (unsigned k = 0; k < 40; k++) {
      const unsigned c = tb.rng.below(n);
      if (tb.rng.chance(85)) {
        tb.send_segment(c, tb.rng.below(tb.rng.chance(20) ? 1400 : 60));
      } else {
        tb.send_random(200);
      }
    }
    // In the middle of the traffic: release those in HOLD; hold again those that are LIVE.
    tb.clocks(tb.rng.below(300));
    for (unsigned i = 0; i < n; i++) {
      Conn &c = tb.conns[i];
      if (c.state == kHold) {
        tb.set_entry(i, entry(kHold, c.gen, true, true, 0));
        c.state = kLive;
      } else {
        tb.set_entry(i, entry(kHold, c.gen, false, true, 0));
        c.state = kHold;
      }
      tb.clocks(tb.rng.below(60));
    }
    tb.run();
    tb.account();
    // All are LIVE or HOLD for certain now; a hand-over ends with a notice.
    for (unsigned i = 0; i < n; i++) {
      const uint32_t e = tb.read_entry(i);
      if (tb.conns[i].state == kLive) {
        bench::check_eq(e >> 30, kLive, "state after the release");
        bench::check_eq(e >> 12 & 0xfff, 0u, "held frames after the release");
        lives++;
      } else {
        bench::check_eq(e >> 30, kHold, "state after HOLD");
        bench::check_eq(tb.conns[i].markers, 1u, "markers");
        tb.conns[i].markers = 0;
        // The host has forwarded everything already.
        bench::check_eq(e >> 12 & 0xfff, 0u, "held frames that the host forwarded");
      }
    }
    tb.clocks(100);
    unsigned notices = static_cast<unsigned>(tb.live_notices.size());
    tb.live_notices.clear();
    unsigned want = 0;
    for (unsigned i = 0; i < n; i++) want += tb.conns[i].state == kLive;
    bench::check_eq(notices, want, "notices");
    held = tb.fates["held"];
  }
  bench::check(held > rounds, "nothing was held");
  bench::check_eq(tb.cnt[CHIM_COUNTER_LIVE], static_cast<uint64_t>(lives), "LIVE");
  bench::check_eq(tb.cnt[CHIM_COUNTER_RX_INJECTED], static_cast<uint64_t>(held), "RX_INJECTED");
  bench::check_eq(tb.cnt[CHIM_COUNTER_RX_INJECT_STALE], uint64_t{0}, "RX_INJECT_STALE");
  std::printf("ok - %u hand-overs to LIVE, %u frames held and forwarded\n", lives, held);
}

// The DMA stands still: whole frames are lost and counted, the rest is right, and it recovers.
void overload() {
  Stalls s;
  s.mac_gap = 0;
  s.item = 97;
  s.data = 97;
  Tb tb(s);
  tb.lossy = true;
  for (unsigned i = 0; i < 8; i++) tb.add_conn(i < 2 ? kHold : kLive, 0, i % 2);
  for (unsigned round = 0; round < 12; round++) {
    for (unsigned i = 0; i < 60; i++) tb.send_random(round % 3 == 0 ? 60 : 1500);
    tb.run();
    tb.account();
  }
  const uint64_t lost = tb.cnt[CHIM_COUNTER_RX_BUFFER_FULL];
  bench::check(lost > 50, "nothing was lost");
  tb.stalls(Stalls{});
  for (unsigned i = 0; i < 200; i++) tb.send_random(300);
  tb.run();
  tb.account();
  std::printf("ok - overload: %" PRIu64 " of %zu frames lost\n", lost, tb.frames.size());
}

// Count of held frames, forwarded and given up ones, and their generations.
void counts() {
  Tb tb(Stalls{});
  tb.auto_inject = false;
  for (unsigned i = 0; i < 4; i++) tb.add_conn(kHold, 0, false);
  const unsigned gen = tb.conns[1].gen;
  for (unsigned i = 0; i < 30; i++) tb.send_segment(1, 20);
  tb.run();
  bench::check_eq(tb.read_entry(1), entry(kHold, gen, false, false, 0, 30), "30 frames held");
  bench::check(!tb.give_up(1, gen ^ 1, false), "given up in another generation");
  bench::check(!tb.give_up(20, 0, false), "given up without an entry");
  bench::check(!tb.give_up(CONNS + 1, gen, true), "given up in a slot that does not exist");
  bench::check(tb.give_up(1, gen, false), "given up");
  bench::check(tb.give_up(1, gen, true), "lost");
  bench::check_eq(tb.read_entry(1), entry(kHold, gen, false, false, 0, 28), "28 frames held");
  const pkt::Bytes some = tb.frames[0].bytes;
  tb.inject_raw(some, 1, gen ^ 8, false);
  tb.inject_raw(some, CONNS, gen, false);
  tb.run();
  bench::check_eq(tb.cnt[CHIM_COUNTER_RX_INJECT_STALE], uint64_t{5}, "stale");
  bench::check_eq(tb.read_entry(1), entry(kHold, gen, false, false, 0, 28), "28 frames still held");
  // Forwarded frames that are no segments, or damaged, count off and vanish.
  pkt::Bytes wrong = some;
  wrong.back() ^= 1;
  tb.inject_raw(wrong, 1, gen, false);
  tb.inject_raw(some, 1, gen, true);
  tb.inject_raw(pkt::random_bytes(tb.rng, 60), 1, gen, false);
  tb.run();
  bench::check_eq(tb.read_entry(1), entry(kHold, gen, false, false, 0, 25), "25 frames held");
  bench::check_eq(tb.cnt[CHIM_COUNTER_RX_BAD_TCP_CSUM], uint64_t{1},
                  "a forwarded frame's checksum");
  // One that the host made itself, or that came in another way, counts nothing off.
  for (unsigned i = 0; i < 3; i++) tb.inject_raw(wrong, 1, gen, false, false);
  tb.run();
  bench::check_eq(tb.read_entry(1), entry(kHold, gen, false, false, 0, 25), "none was held");
  // Entries as firmware writes them: Held is kept while the state stays HOLD.
  tb.set_entry(1, entry(kHold, gen, false, true, 0, 3));
  bench::check_eq(tb.read_entry(1), entry(kHold, gen, false, true, 0, 25), "Held is kept");
  tb.set_entry(1, entry(kHold, gen, true, true, 0));
  bench::check_eq(tb.read_entry(1), entry(kHold, gen, true, true, 0, 25), "still held frames");
  for (unsigned i = 0; i < 25; i++) bench::check(tb.give_up(1, gen, i & 1), "given up");
  bench::check_eq(tb.read_entry(1), entry(kLive, gen, true, true, 0), "LIVE with the last");
  tb.clocks(100);
  bench::check(tb.live_notices.size() == 1 && tb.live_notices[0] == 1, "the notice");
  tb.set_entry(1, entry(kNone, gen, false, false, 0));
  bench::check(!tb.give_up(1, gen, false), "given up after the end");
  // The count is full: the next frame is dropped.
  tb.set_entry(2, entry(kNone, gen, false, false, 0));
  tb.set_entry(2, entry(kHold, gen, false, false, 0, 4094));
  tb.conns[2].gen = gen;
  tb.run();
  const uint64_t before = tb.cnt[CHIM_COUNTER_RX_HELD];
  for (unsigned i = 0; i < 3; i++) tb.send_segment(2, 5);
  tb.run();
  bench::check_eq(tb.cnt[CHIM_COUNTER_RX_HELD] - before, uint64_t{1}, "one more held");
  bench::check_eq(tb.cnt[CHIM_COUNTER_RX_HOLD_FULL], uint64_t{2}, "RX_HOLD_FULL");
  bench::check_eq(tb.read_entry(2), entry(kHold, gen, false, false, 0, 4095), "full");
  bench::check(tb.cnt[CHIM_COUNTER_HOLD_CYCLES] > 100, "HOLD_CYCLES");
  bench::check_eq(tb.cnt[CHIM_COUNTER_HOLD], uint64_t{5}, "HOLD");
  std::printf("ok - held frames are counted on and off\n");
}

// A slot's key is removed and given to another while lookups of the first are under way.
void tenants() {
  Stalls s;
  s.mac_gap = 5;
  Tb tb(s);
  tb.lossy = true;
  tb.add_conn(kLive, 0, false);
  tb.add_conn(kLive, 0, false);
  const pkt::Key first = tb.conns[0].key, second = tb.conns[1].key;
  bench::check(tb.lookup(CHIM_LKP_OP_REMOVE, 0, second), "REMOVE");
  tb.set_entry(1, 0);
  unsigned plain = 0;
  for (unsigned round = 0; round < 200; round++) {
    // Frames of both keys all the time; slot 0 belongs to one of them, then to the other.
    tb.conns[0].moving = tb.conns[1].moving = true;
    for (unsigned i = 0; i < 6; i++) tb.send_segment(0, tb.rng.below(300));
    tb.clocks(tb.rng.below(150));
    bench::check(tb.lookup(CHIM_LKP_OP_REMOVE, 0, first), "REMOVE");
    const unsigned gen = (tb.conns[0].gen + 1) & 15;
    bench::check(tb.lookup(CHIM_LKP_OP_INSERT, 0, second), "INSERT");
    tb.set_entry(0, entry(kLive, gen, true, true, 0));
    // What is still on its way belongs to `first`: plain from here on, never a segment of slot 0.
    // (A segment's item carries the generation that the frame was sent under.)
    tb.conns[0].gen = gen;
    tb.run();
    tb.account();
    bench::check(tb.lookup(CHIM_LKP_OP_REMOVE, 0, second), "REMOVE");
    bench::check(tb.lookup(CHIM_LKP_OP_INSERT, 0, first), "INSERT");
    plain = tb.fates["plain TCP"];
  }
  bench::check(plain > 20, "no frame fell between two tenants");
  std::printf("ok - %u frames fell between two tenants of a slot\n", plain);
}

void doorbells() {
  Tb tb(Stalls{});
  tb.add_conn(kHold, 0, false);
  tb.add_conn(kLive, 0, false);
  tb.add_conn(kNone, 0, false);
  unsigned good = 0, stale = 0;
  for (unsigned i = 0; i < 2000; i++) {
    const unsigned conn = tb.rng.chance(90) ? tb.rng.below(3) : tb.rng.below(65536);
    const bool known = conn < 3;
    const unsigned gen = known && tb.rng.chance(70) ? tb.conns[conn].gen : tb.rng.below(16);
    const bool want = conn < 2 && gen == tb.conns[conn].gen;
    const unsigned queue = tb.rng.below(4);
    const uint32_t value = tb.rng.u32();
    tb.dut->db_in_conn = conn;
    tb.dut->db_in_gen = gen;
    tb.dut->db_in_queue = queue;
    tb.dut->db_in_value = value;
    tb.dut->db_in_valid = 1;
    tb.dut->db_ready = 0;
    unsigned waited = 0;
    for (tb.dut->eval(); !tb.dut->db_in_ready; tb.dut->eval()) {
      tb.clock();
      bench::check(++waited < 10, "doorbell not taken");
    }
    tb.clock();
    tb.dut->db_in_valid = 0;
    for (unsigned k = 0; k < 4; k++) tb.clock();
    bench::check(tb.dut->db_valid == want, "doorbell of conn " + std::to_string(conn));
    if (want) {
      good++;
      bench::check(
          tb.dut->db_conn == conn && tb.dut->db_queue == queue && tb.dut->db_value == value,
          "doorbell's content");
      tb.dut->db_ready = 1;
      tb.clock();
    } else {
      stale++;
    }
  }
  bench::check_eq(tb.cnt[CHIM_COUNTER_DB_STALE], static_cast<uint64_t>(stale), "DB_STALE");
  std::printf("ok - doorbells: %u good, %u stale\n", good, stale);
}

// One beat of payload, nothing else under way (P4).
void latency() {
  const Stalls none{0, 0, 0, 0, 0, 0};
  Tb tb(none);
  tb.verdicts_full = true;
  for (unsigned i = 0; i < 4; i++) tb.add_conn(kLive, i & 1 ? 7 : 0, i & 2);
  for (unsigned i = 0; i < 8; i++) {
    pkt::Spec s = pkt::random_spec(tb.rng, kOwn, 0);
    const Conn &c = tb.conns[i % 4];
    Tb::address(s, c);
    s.tci = c.vlan ? 7 : -1;
    s.flags = 0x10;
    s.tcp_options = i < 4 ? pkt::timestamps(1, 2) : pkt::Bytes{};
    s.payload = pkt::random_bytes(tb.rng, 8);
    s.seq = static_cast<uint32_t>(tb.frames.size());
    tb.seg_cycle = tb.item_cycle = tb.data_cycle = 0;
    tb.send(pkt::build(s), false);
    tb.run();
    const uint64_t t = tb.last_beat_cycle;
    const uint64_t seg = tb.seg_cycle - t, item = tb.item_cycle - t, data = tb.data_cycle - t;
    std::printf("# %s%s%s: last beat 0, segment %" PRIu64 ", verdict %" PRIu64 ", item %" PRIu64
                ", first data beat %" PRIu64 "\n",
                s.ipv6 ? "IPv6" : "IPv4", c.vlan ? ", tag" : "", i < 4 ? ", timestamps" : "", seg,
                seg + 3, item, data);
    if (DATA_W == 64) {
      bench::check_eq(seg, uint64_t{3}, "last beat to segment");
      bench::check_eq(item, uint64_t{7}, "last beat to item");
      bench::check_eq(data, uint64_t{7}, "last beat to first data beat");
    }
  }
  std::printf("ok - latency\n");
}

// No gap, no stall: nothing may be lost.
void rates() {
  const Stalls none{0, 0, 0, 0, 0, 0};
  {
    Tb tb(none);
    tb.verdicts_full = true;
    for (unsigned i = 0; i < 8; i++) tb.add_conn(kLive, 0, false);
    pkt::Spec s;
    uint64_t beats = 0;
    for (unsigned i = 0; i < 300; i++) {
      s = pkt::random_spec(tb.rng, kOwn, 0);
      Tb::address(s, tb.conns[i % 8]);
      s.tci = -1;
      s.flags = 0x10;
      s.tcp_options = pkt::timestamps(1, 2);
      s.payload = pkt::random_bytes(tb.rng, 1448);
      s.seq = i;
      const pkt::Bytes b = pkt::build(s);
      beats += (b.size() + kBus - 1) / kBus;
      tb.send(b, false);
    }
    const uint64_t start = tb.cycle;
    tb.run();
    tb.account();
    std::printf("# 300 segments of 1,448 bytes: %" PRIu64 " beats, %" PRIu64 " clocks\n", beats,
                tb.cycle - start);
    bench::check(tb.cycle - start < beats + 1600 / kBus + 60, "rate of full segments");
  }
  {
    Tb tb(none);
    uint64_t beats = 0;
    for (unsigned i = 0; i < 2000; i++) {
      pkt::Spec s = pkt::random_spec(tb.rng, kOwn, 0);
      s.tci = -1;
      s.ipv6 = false;
      s.tcp_options = {};
      s.payload = pkt::random_bytes(tb.rng, 6);
      const pkt::Bytes b = pkt::build(s);
      beats += (b.size() + kBus - 1) / kBus;
      tb.send(b, false);
    }
    const uint64_t start = tb.cycle;
    tb.run();
    tb.account();
    std::printf("# 2,000 plain frames of 60 bytes: %" PRIu64 " beats, %" PRIu64 " clocks\n", beats,
                tb.cycle - start);
    bench::check(tb.cycle - start < beats + 60, "rate of small plain frames");
  }
  {
    Tb tb(none);
    tb.verdicts_full = true;
    for (unsigned i = 0; i < 8; i++) tb.add_conn(kLive, 0, false);
    uint64_t beats = 0;
    for (unsigned i = 0; i < 2000; i++) {
      pkt::Spec s = pkt::random_spec(tb.rng, kOwn, 0);
      Tb::address(s, tb.conns[i % 8]);
      s.tci = -1;
      s.flags = 0x10;
      s.tcp_options = {};
      s.payload = pkt::random_bytes(tb.rng, 10);
      s.seq = i;
      const pkt::Bytes b = pkt::build(s);
      beats += (b.size() + kBus - 1) / kBus;
      tb.send(b, false);
    }
    tb.lossy = true;
    const uint64_t start = tb.cycle;
    tb.run();
    tb.account();
    std::printf("# 2,000 segments of 64 bytes: %" PRIu64 " beats, %" PRIu64 " clocks, %" PRIu64
                " lost\n",
                beats, tb.cycle - start, tb.cnt[CHIM_COUNTER_RX_BUFFER_FULL]);
    bench::check(DATA_W > 64 || tb.cnt[CHIM_COUNTER_RX_BUFFER_FULL] == 0, "loss at 64 bits");
  }
  std::printf("ok - rates\n");
}

}  // namespace

int main() {
  std::printf("1..11\n");
  latency();
  rates();
  steady("random stalls", Stalls{}, 1500, 300);
  steady("long frames", Stalls{kGap + (100 - kGap) / 2, 30, 30, 30, 30, 30}, 400, 1500);
  steady("no stalls", Stalls{kGap, 0, 0, 0, 0, 0}, 1500, 300);
  hand_over(Stalls{}, 40);
  hand_over(Stalls{kGap, 0, 0, 0, 0, 0}, 40);
  overload();
  counts();
  doorbells();
  tenants();
  return 0;
}
