// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of chim_tx_path: every layout of headers, payload of every length, unreadable payload,
// fences, tokens, plain frames between, firmware at the tables; latency and rate. Hard part: an ACK
// may not wait behind a segment that waits for memory, and no frame may leave before one bound
// earlier.
#include "rtl/chim_tx_path/tx_path_tb.h"

namespace {

using namespace tx_path;

void traffic(const char *what, const Stalls &stalls, unsigned count, size_t most, bool tables) {
  Tb tb(stalls);
  for (unsigned round = 0; round < count / 50; round++) {
    for (unsigned i = 0; i < 50; i++) {
      tb.random_data(most);
      if (tb.rng.chance(60)) tb.ack(tb.rng.below(kConns));
      if (tb.rng.chance(30)) tb.random_plain(most);
    }
    if (tables) {
      for (unsigned i = 0; i < 20; i++) {
        tb.clocks(tb.rng.below(40));
        const unsigned c = tb.rng.below(kConns);
        bench::check_eq(tb.read(CHIM_TABLE_CFG_HDR, c, 2),
                        tb.hdrs[c].lport << 16 | tb.hdrs[c].rport, "CFG_HDR");
        const unsigned n = tb.rng.below(kNeighbors);
        bench::check_eq(tb.read(CHIM_TABLE_NEIGHBOR, n, 3), Tb::mac_hi(tb.neighbors[n].dst),
                        "NEIGHBOR");
        const unsigned p = tb.rng.below(kPaths);
        bench::check_eq(tb.read(CHIM_TABLE_PATH, p, 8), Tb::addr_word(tb.paths[p].src, 0), "PATH");
        // The same value again: whenever it comes, no header may break.
        tb.table(CHIM_TABLE_PATH, p, 8, Tb::addr_word(tb.paths[p].src, 0));
      }
    }
    tb.run();
    for (unsigned i = 0; i < kConns; i += 5) tb.set_conn(i, tb.random_hdr(i));
  }
  bench::check(tb.built > 0 && tb.bad > 0 && tb.fences > 0 && tb.plain_frames > 0, "kinds");
  bench::check_eq(tb.sent, tb.built + tb.plain_frames, "TX_FRAMES");
  bench::check(tb.acks_overtook > 0 || stalls.memory == 0, "no ACK overtook a waiting segment");
  std::printf("ok - %s: %" PRIu64 " frames, %" PRIu64 " ACKs (%" PRIu64 " overtook), %" PRIu64
              " unreadable, %" PRIu64 " fences, %" PRIu64 " plain, tables within %" PRIu64
              " clocks\n",
              what, tb.built, tb.acks_built, tb.acks_overtook, tb.bad, tb.fences, tb.plain_frames,
              tb.table_longest);
}

// Every length around the edges of beats and of the shortest frame, in every layout.
void lengths() {
  Tb tb(Stalls{10, 0, 0, 0, 0, 0, 3});
  for (unsigned c = 0; c < kConns; c++) {
    for (unsigned len = 1; len < 2 * kBus + 20; len++) {
      Cmd cmd;
      cmd.conn = c;
      cmd.len = len;
      tb.data(cmd);
    }
    tb.run();
  }
  for (unsigned len : {1400u, 1448u, 1460u, 8900u, 9000u}) {
    for (unsigned c = 0; c < 4; c++) {
      Cmd cmd;
      cmd.conn = c;
      cmd.len = len;
      tb.data(cmd);
    }
    tb.run();
  }
  std::printf("ok - %" PRIu64 " frames of every length\n", tb.built);
}

// A segment whose payload never comes does not keep ACKs and plain frames from leaving.
void waiting() {
  Stalls s{0, 0, 0, 0, 0, 0, 0};
  s.gather = 100;
  Tb tb(s);
  Cmd cmd;
  cmd.len = 100;
  for (unsigned i = 0; i < 4; i++) tb.data(cmd);
  tb.clocks(50);
  for (unsigned i = 0; i < 40; i++) tb.ack(i % kConns);
  tb.clocks(40 * 25);
  bench::check_eq(tb.acks_built, uint64_t{40}, "ACKs while a segment waits");
  bench::check_eq(tb.built, uint64_t{40}, "frames");
  s.gather = 0;
  tb.stalls(s);
  tb.run();
  bench::check_eq(tb.built, uint64_t{44}, "frames at the end");
  // ACKs all the time: segments go out in turn.
  for (unsigned i = 0; i < 200; i++) tb.ack(i % kConns);
  cmd.len = 10;
  for (unsigned i = 0; i < 20; i++) tb.data(cmd);
  while (tb.built < 44 + 60) {
    tb.clock();
    bench::check(tb.cycle < 100000, "stuck");
  }
  bench::check(tb.built - tb.acks_built >= 4 + 18, "segments starve behind ACKs");
  tb.run();
  std::printf("ok - ACKs and segments do not wait for each other\n");
}

void latency() {
  Tb tb(Stalls{0, 0, 0, 0, 0, 0, 0, 0});
  for (unsigned i = 0; i < 8; i++) {
    tb.clocks(30);
    tb.cmd_cycle = tb.beat0_cycle = tb.first_out = 0;
    if (i < 4) {
      tb.ack(i);
    } else {
      Cmd cmd;
      cmd.conn = i - 4;
      cmd.len = kBus;
      tb.data(cmd);
    }
    tb.run();
    std::printf("# %s, connection %u: command 0, first header beat %" PRIu64
                ", first beat to the MAC %" PRIu64 "\n",
                i < 4 ? "ACK" : "one beat of data", i % 4, tb.beat0_cycle - tb.cmd_cycle,
                tb.first_out - tb.cmd_cycle);
    if (DATA_W == 64)
      bench::check_eq(tb.beat0_cycle - tb.cmd_cycle, uint64_t{3}, "first header beat");
  }
  // After a placement the tables are read before the command comes; a wrong guess costs nothing.
  for (unsigned i = 0; i < 8; i++) {
    tb.clocks(30);
    tb.cmd_cycle = tb.beat0_cycle = 0;
    tb.placement(i % 4);
    if (i < 4) tb.ack(i);
    tb.clocks(8);
    if (i < 4 && DATA_W == 64)
      bench::check_eq(tb.beat0_cycle - tb.cmd_cycle, uint64_t{1}, "first header beat of a guess");
    if (i >= 4) bench::check_eq(tb.beat0_cycle, uint64_t{0}, "a beat without a command");
    tb.run();
  }
  std::printf("ok - latency\n");
}

void rates() {
  for (unsigned len : {1448u, 536u, 64u, 8u}) {
    Tb tb(Stalls{0, 0, 0, 0, 0, 0, 0, 0});
    for (unsigned i = 0; i < 400; i++) {
      Cmd cmd;
      cmd.conn = 2;  // IPv4 with timestamps
      cmd.len = len;
      tb.data(cmd);
    }
    tb.run();
    const double rate =
        static_cast<double>(tb.out_beats) / static_cast<double>(tb.last_out - tb.first_out + 1);
    std::printf(
        "# segments of %u bytes: %.3f of all clocks carry a beat, a frame each %.2f clocks\n", len,
        rate, static_cast<double>(tb.last_out - tb.first_out + 1) / 400);
    if (len == 1448) bench::check(rate >= 0.99, "rate of full segments");
  }
  {
    Tb tb(Stalls{0, 0, 0, 0, 0, 0, 0, 0});
    for (unsigned i = 0; i < 2000; i++) {
      pkt::Bytes f = pkt::random_bytes(tb.rng, 60);
      f[0] |= 0x80;
      tb.plain(f, false);
    }
    tb.run();
    const double each = static_cast<double>(tb.last_out - tb.first_out + 1) / 2000;
    std::printf("# plain frames of 60 bytes: one each %.3f clocks\n", each);
    bench::check(each <= 1.01 * static_cast<double>((60 + kBus - 1) / kBus),
                 "rate of plain frames");
  }
  std::printf("ok - rates\n");
}

}  // namespace

int main() {
  std::printf("1..8\n");
  latency();
  rates();
  lengths();
  waiting();
  traffic("random stalls", Stalls{}, 1500, 300, true);
  traffic("long segments, slow memory", Stalls{20, 0, 20, 0, 0, 60, 400}, 400, 1460, true);
  traffic("slow MAC", Stalls{85, 0, 0, 0, 0, 30, 20}, 600, 200, false);
  traffic("fast", Stalls{0, 0, 60, 0, 0, 80, 10}, 1500, 200, true);
  return 0;
}
