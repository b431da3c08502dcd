// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of the engine: firmware's words, doorbell latency, transfers both ways under loss and
// stalls, ends of connections, errors, fence and HOLD. Hard part: nothing may be lost between the
// halves, so every test ends with all octets there, all completions told, and the engine idle.
#include <cinttypes>

#include "rtl/chim_engine/peer.h"

namespace {

using namespace engine;
using bench::check;
using bench::check_eq;

void test_words() {
  Tb tb("chim_engine words");
  const uint16_t last = CONNS - 1;
  const struct {
    unsigned table, words;
    uint32_t top_mask, bottom_mask;  // bits that exist in the highest and in the lowest word
  } tables[] = {{CHIM_TABLE_TX, CHIM_TCB_TX_WORDS, 0xffffffffu, 0xffff8000u},
                {CHIM_TABLE_CFG_TX, CHIM_CFG_TX_WORDS, 0xffffffffu, 0x3fffe000u},
                {CHIM_TABLE_DOORBELL, CHIM_DOORBELL_WORDS, 0xffffffffu, 0xc0000000u},
                {CHIM_TABLE_DONE, 1, 0xffffffffu, 0xffffffffu},
                {CHIM_TABLE_PLACED, 1, 0xffffffffu, 0xffffffffu}};
  for (const auto &t : tables) {
    for (uint16_t conn : {uint16_t(0), uint16_t(5), last}) {
      std::vector<uint32_t> want(t.words);
      for (unsigned w = 0; w < t.words; w++) {
        want[w] = tb.rng.u32();
        tb.write(t.table, conn, w, want[w]);
        if (w == 0) want[w] &= t.bottom_mask;
        if (w + 1 == t.words) want[w] &= t.top_mask;
      }
      for (unsigned w = 0; w < t.words; w++) {
        check_eq(tb.read(t.table, conn, w), want[w],
                 "word " + std::to_string(w) + " of table " + std::to_string(t.table));
      }
    }
    check_eq(tb.read(t.table, 3, 31), 0u, "a word beyond the record reads 0");
  }
  if (CONNS < 65536) {
    const uint32_t before = tb.read(CHIM_TABLE_TX, 0, 3);
    tb.write(CHIM_TABLE_TX, CONNS, 3, ~before);
    check_eq(tb.read(CHIM_TABLE_TX, 0, 3), before, "a slot beyond the table is not slot 0");
    check_eq(tb.read(CHIM_TABLE_TX, CONNS, 3), 0u, "it reads 0");
  }
  tb.settle();
}

// P4, first figure: from the clock in which the doorbell is taken to the command.
void test_latency() {
  Tb tb("chim_engine latency");
  for (bool nagle : {false, true}) {
    for (uint32_t bytes : {1u, 999u, 1000u, 1001u, 5000u}) {
      const uint16_t conn = static_cast<uint16_t>(tb.rng.below(CONNS));
      Conn c(1000000, 2000000, 1000, 100000);
      c.cfg_tx.Nagle = nagle;
      tb.install(conn, c);
      tb.settle();
      tb.first_cmd_at = 0;
      std::vector<Cmd> got;
      tb.on_cmd = [&](const Cmd &cmd) { got.push_back(cmd); };
      tb.bell(conn, CHIM_QUEUE_SEND, 1000000 + bytes);
      tb.clocks(60);
      tb.on_cmd = nullptr;
      check(!got.empty(), "a segment");
      const uint64_t latency = tb.first_cmd_at - tb.bell_taken_at;
      check(latency <= 8, "P4: doorbell to segment command takes " + std::to_string(latency));
      uint32_t seq = 1000000;
      for (const Cmd &cmd : got) {
        check_eq(cmd.seq, seq, "segments follow each other");
        check_eq(cmd.conn, conn, "connection");
        seq += cmd.len;
        check_eq(cmd.psh, seq == 1000000 + bytes, "PSH at the end");
      }
      const bool held = nagle && bytes % 1000 && bytes > 1000;
      check_eq(seq, 1000000 + (held ? bytes / 1000 * 1000 : bytes), "all that may go");
      std::printf("# %u bytes: first command after %" PRIu64 " clocks\n", bytes, latency);
      tb.set_live(conn, false);
      tb.settle();
    }
  }
}

struct Transfer {
  unsigned conns, mss, loss;
  uint32_t bytes_out, bytes_in;
  bool ts, nagle, stalls, fins;
};

// Both ways at once, to the last octet, completions told, closed by FINs.
void test_transfer(const Transfer &t) {
  Tb tb("chim_engine transfer");
  Net net(tb, 40, 40);
  tx::Params p;
  p.rto_min = 20;
  p.high_water = CONNS;
  p.event_gap = 20;
  p.delayed_ack = 5;
  tb.params(p);
  tb.clocks_per_ms = 50;
  net.loss_out = net.loss_in = t.loss;
  net.no_ack_loss = false;
  if (t.stalls) tb.stalls = {30, 30, 50, 40, 40, 40};
  const uint32_t ours = tb.rng.u32(), theirs = tb.rng.u32();
  net.peers.resize(t.conns);
  std::vector<uint32_t> done(t.conns, ours), placed(t.conns, theirs), rung(t.conns, ours);
  std::vector<uint32_t> flags(t.conns, 0);
  tb.on_event = [&](const Event &e) {
    check(e.conn < t.conns, "event of a connection that exists");
    check(!tx::lt(e.snd_done, done[e.conn]), "snd_done never goes back");
    check(!tx::lt(e.rcv_placed, placed[e.conn]), "rcv_placed never goes back");
    check(!tx::lt(e.snd_max, e.snd_done), "nothing is done that was not sent");
    check((flags[e.conn] & ~e.flags) == 0, "flags stay");
    done[e.conn] = e.snd_done;
    placed[e.conn] = e.rcv_placed;
    flags[e.conn] = e.flags;
    // The host frees what it was told of.
    tb.bell(e.conn, CHIM_QUEUE_RECV_RETURN, e.rcv_placed);
  };
  for (unsigned i = 0; i < t.conns; i++) {
    Conn c(ours, theirs, t.mss, 0x7fff << 2);
    c.cfg_rx.SndWindScale = 2;
    c.cfg_tx.Nagle = t.nagle;
    c.cfg_bind.RcvBuf = 30000;
    c.cfg_bind.RcvRingLog2 = 15;
    c.cfg_bind.RcvWindScale = 7;
    c.sent.AdvEdge = theirs + 30000;
    if (t.ts) c.timestamps(tb.rng.u32(), 499);
    Peer &peer = net.peers[i];
    peer.open(ours, theirs, theirs + 30000);
    peer.timestamps = t.ts;
    peer.snd_end = theirs + t.bytes_in;
    peer.mss = static_cast<uint16_t>(t.mss);
    peer.rto_clocks = 2000;
    peer.send_fin = t.fins;
    tb.install(static_cast<uint16_t>(i), c);
  }
  net.senders(true);

  // The host sends in pieces.
  uint64_t clocks = 0;
  auto finished = [&] {
    for (unsigned i = 0; i < t.conns; i++) {
      const uint32_t all_out = ours + t.bytes_out + (t.fins ? 1 : 0);
      if (done[i] != all_out || placed[i] != theirs + t.bytes_in + (t.fins ? 1 : 0)) return false;
      if (t.fins && !(flags[i] >> CHIM_EVF_TIME_WAIT & 1)) return false;
    }
    return true;
  };
  while (!finished()) {
    if (++clocks >= 1000000) {
      for (uint16_t i = 0; i < t.conns; i++) {
        const auto x = tb.tcb_tx(i);
        const auto r = tb.tcb_rx(i);
        const Peer &q = net.peers[i];
        std::printf(
            "# %u: SndUna +%u SndNxt +%u SndMax +%u rung +%u done +%u Wnd %u mode %u deadline "
            "%d CWnd %u fin %u%u; RcvNxt +%u placed +%u AckNewest +%u owed %u frozen %u; peer "
            "next +%u islands %zu una +%u nxt +%u edge +%u fin %d %d\n",
            i, x.SndUna - ours, x.SndNxt - ours, x.SndMax - ours, rung[i] - ours, done[i] - ours,
            x.SndWnd, x.TimerMode, int(x.Deadline - tb.time_ms), x.CWnd, x.FinSent, x.FinAcked,
            r.RcvNxt - theirs, placed[i] - theirs, r.AckNewest - ours, r.AckOwed, r.Frozen,
            q.next - ours, q.islands.size(), q.una - theirs, q.snd_nxt - theirs, q.edge - theirs,
            q.fin_seen, q.fin_sent);
      }
      bench::fail("the transfer does not end");
    }
    if (tb.rng.chance(10)) {
      const unsigned i = tb.rng.below(t.conns);
      const uint32_t left = ours + t.bytes_out - rung[i];
      if (left) {
        rung[i] += 1 + tb.rng.below(std::min<uint32_t>(left, 6 * t.mss));
        if (ours + t.bytes_out - rung[i] > left) rung[i] = ours + t.bytes_out;
        tb.bell(static_cast<uint16_t>(i), CHIM_QUEUE_SEND, rung[i]);
        if (t.fins && rung[i] == ours + t.bytes_out)
          tb.bell(static_cast<uint16_t>(i), CHIM_QUEUE_FIN, rung[i]);
      }
    }
    if (tb.rng.below(1000) == 0) {
      // Firmware looks while everything moves.
      const auto tcb = tb.tcb_tx(static_cast<uint16_t>(tb.rng.below(t.conns)));
      check(tx::leq(tcb.SndUna, tcb.SndMax), "SndUna <= SndMax");
    }
    tb.clock();
  }
  for (unsigned i = 0; i < t.conns; i++) {
    const Peer &peer = net.peers[i];
    check_eq(peer.next, ours + t.bytes_out + (t.fins ? 1 : 0), "the peer has everything");
    check_eq(peer.new_bytes, uint64_t(t.bytes_out), "each octet once");
    check_eq(peer.fin_seen, t.fins, "FIN");
  }
  tb.stalls = {};
  net.senders(false);
  for (unsigned i = 0; i < 300; i++) tb.clock();
  std::printf("# %u connections, mss %u, loss %u/10000: %" PRIu64 " clocks, %" PRIu64
              " commands, %" PRIu64 " again, %" PRIu64 " time-outs, %" PRIu64 " fast, %" PRIu64
              " events\n",
              t.conns, t.mss, t.loss, clocks, tb.cmds, tb.counters[CHIM_COUNTER_TX_RETRANSMITS],
              tb.counters[CHIM_COUNTER_TX_TIMEOUTS], tb.counters[CHIM_COUNTER_TX_FAST_RETRANSMITS],
              tb.events);
}

}  // namespace

int main() {
  test_words();
  test_latency();
  test_transfer({1, 1000, 0, 60000, 60000, false, false, false, false});
  test_transfer({1, 1448, 0, 60000, 60000, true, true, true, true});
  test_transfer({4, 536, 200, 40000, 40000, true, false, true, true});
  test_transfer({CONNS < 40 ? CONNS : 40, 1448, 100, 30000, 30000, false, true, true, true});
  std::printf("1..1\nok 1 - engine of %d slots\n", CONNS);
  return 0;
}
