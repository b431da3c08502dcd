// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Measures the engine's figures at its ports (P1 to P3, P4's first, P7, P8 of the README) and
// writes build/bench/engine.json. Hard part: what is measured must be the engine; so the bench
// takes a command and gives a segment in every clock, and round trips are calibrated with the
// engine's own delay in them.
#include <cinttypes>
#include <string>

#include "rtl/chim_engine/peer.h"

namespace {

using namespace engine;
using bench::check;

struct Figures {
  std::string json = "{";
  void add(const char *name, double value, const char *unit, const char *target,
           const std::string &parameters) {
    char text[512];
    std::snprintf(text, sizeof text,
                  "%s\n \"%s\": {\"value\": %.6g, \"unit\": \"%s\", \"target\": %s%s%s, "
                  "\"parameters\": {\"Conns\": %d%s%s}}",
                  json.size() > 1 ? "," : "", name, value, unit, target ? "\"" : "",
                  target ? target : "null", target ? "\"" : "", CONNS,
                  parameters.empty() ? "" : ", ", parameters.c_str());
    json += text;
    std::printf("# %s: %.6g %s (target %s)\n", name, value, unit, target ? target : "none");
  }
  void write(const char *path) {
    json += "\n}\n";
    FILE *f = std::fopen(path, "w");
    check(f && std::fputs(json.c_str(), f) >= 0 && std::fclose(f) == 0, "cannot write the figures");
  }
};

constexpr uint32_t kOurs = 1000, kTheirs = 5000, kMss = 1448, kFar = (1u << 30) - 1;

// A flow that may send for ever: 2^30 octets ahead, no limit but the one asked for.
Conn sender(uint32_t wnd) {
  Conn c(kOurs, kTheirs, kMss, wnd);
  c.cfg_rx.SndWindScale = 14;
  c.tx.CWnd = 1u << 30;
  c.timestamps(0, 400);
  return c;
}

void open(Net &net, uint16_t conn, uint16_t window) {
  Peer &p = net.peers[conn];
  p.open(kOurs, kTheirs, kTheirs + (1 << 20));
  p.timestamps = true;
  p.window = window;
}

// The host goes on ringing, so that data never end.
struct Host {
  Tb &tb;
  std::vector<uint32_t> rung;
  void keep_full(uint16_t conn, uint32_t sent_to) {
    if (rung[conn] - sent_to < (1u << 28)) {
      rung[conn] = sent_to + (1u << 29);
      tb.bell(conn, CHIM_QUEUE_SEND, rung[conn]);
    }
  }
};

// P1, P2: segments in a clock at the commands' port, one acknowledgment for each segment. Flow i is
// connection i * apart.
double transmit(unsigned flows, uint16_t window, unsigned delay, uint64_t clocks, double *spread,
                unsigned apart = 1) {
  Tb tb("P1, P2");
  Net net(tb, delay, delay);
  tx::Params p;
  p.high_water = CONNS;
  tb.params(p);
  tb.clocks_per_ms = 1000;
  net.peers.resize(flows * apart);
  Host host{tb, std::vector<uint32_t>(flows * apart, kOurs)};
  std::vector<uint64_t> count(flows, 0);
  std::vector<uint32_t> sent(flows * apart, kOurs);
  for (unsigned i = 0; i < flows; i++) {
    open(net, static_cast<uint16_t>(i * apart), window);
    tb.install(static_cast<uint16_t>(i * apart), sender(uint32_t(window) << 14));
  }
  bool counting = false;
  tb.on_cmd = [&](const Cmd &c) {
    if (c.kind != tx::kData) return;
    sent[c.conn] = c.seq + c.len;
    check(c.len == kMss, "full segments");
    if (counting) count[c.conn / apart]++;
  };
  for (unsigned i = 0; i < flows; i++) {
    host.rung[i * apart] = kOurs + kFar - 100;
    tb.bell(static_cast<uint16_t>(i * apart), CHIM_QUEUE_SEND, host.rung[i * apart]);
  }
  auto run = [&](uint64_t n) {
    while (n--) {
      tb.clock();
      const unsigned i = static_cast<unsigned>(tb.cycle % flows) * apart;
      host.keep_full(static_cast<uint16_t>(i), sent[i]);
    }
  };
  run(20000);
  counting = true;
  run(clocks);
  uint64_t all = 0, most = 0, least = ~0ull;
  for (uint64_t n : count) {
    all += n;
    most = std::max(most, n);
    least = std::min(least, n);
  }
  *spread = double(most - least) * double(flows) / double(all);
  check(tb.counters[CHIM_COUNTER_TX_RETRANSMITS] == 0, "nothing is lost, nothing is sent again");
  return double(all) / double(clocks);
}

// P3: in-order segments taken in a clock; placement and header builder answer as the core would.
double receive(unsigned flows, uint64_t clocks) {
  Tb tb("P3");
  Net net(tb, 20, 20);
  net.wscale = 10;
  tx::Params p;
  p.high_water = CONNS;
  tb.params(p);
  tb.clocks_per_ms = 1000;
  net.peers.resize(flows);
  for (unsigned i = 0; i < flows; i++) {
    Conn c(kOurs, kTheirs, kMss, 0x7fff << 10);
    c.cfg_bind.RcvBuf = 1 << 23;
    c.cfg_bind.RcvRingLog2 = 24;
    c.cfg_bind.RcvWindScale = 10;
    c.sent.AdvEdge = kTheirs + (1 << 23);
    c.timestamps(0, 400);
    open(net, static_cast<uint16_t>(i), 0x7fff);
    Peer &peer = net.peers[i];
    peer.edge = kTheirs + (1 << 23);
    peer.mss = kMss;
    peer.snd_end = kTheirs + kFar;
    peer.rto_clocks = 1000000;
    tb.install(static_cast<uint16_t>(i), c);
  }
  uint64_t placed = 0;
  tb.on_verdict = [&](const Verdict &v) { placed += v.action == 1; };
  tb.on_event = [&](const Event &e) {
    tb.bell(e.conn, CHIM_QUEUE_RECV_RETURN, e.rcv_placed);
    net.peers[e.conn].snd_end = e.rcv_placed + kFar / 2;
  };
  net.senders(true);
  tb.clocks(5000);
  const uint64_t before = placed;
  uint64_t refused = 0, starved = 0;
  for (uint64_t n = 0; n < clocks; n++) {
    tb.clock();
    refused += tb.dut->seg_valid && !tb.dut->seg_ready;
    starved += !tb.dut->seg_valid;
  }
  std::printf("# P3: refused %" PRIu64 ", starved %" PRIu64 "\n", refused, starved);
  check(tb.counters[CHIM_COUNTER_SEG_OUT_OF_ORDER] == 0 &&
            tb.counters[CHIM_COUNTER_SEG_UNACCEPTABLE] == 0,
        "everything in order");
  return double(placed - before) / double(clocks);
}

// P4: unloaded, from the clock in which the doorbell is taken to the command.
double doorbell_latency() {
  Tb tb("P4");
  uint64_t worst = 0;
  for (unsigned i = 0; i < 40; i++) {
    const uint16_t conn = static_cast<uint16_t>(tb.rng.below(CONNS));
    tb.install(conn, sender(1 << 20));
    tb.settle();
    tb.first_cmd_at = 0;
    tb.bell(conn, CHIM_QUEUE_SEND, kOurs + 1 + tb.rng.below(3 * kMss));
    tb.clocks(40);
    check(tb.first_cmd_at != 0, "a command");
    worst = std::max(worst, tb.first_cmd_at - tb.bell_taken_at);
    tb.set_live(conn, false);
    tb.settle();
  }
  return double(worst);
}

// Flows under loss; new segments that arrive in a clock, and how long an undisturbed round trip is.
struct Lossy {
  double new_segs = 0, rtt = 0;
  uint64_t timeouts = 0, fast = 0, sent = 0, again = 0, dup = 0;
};

Lossy lossy(unsigned flows, unsigned loss, unsigned delay, uint64_t clocks, unsigned tick,
            unsigned rto_min) {
  Tb tb("P7, P8");
  Net net(tb, delay / 2, delay - delay / 2);
  net.loss_out = loss;
  tx::Params p;
  p.high_water = std::max(flows, 1u);
  p.rto_min = rto_min;
  p.max_retransmissions = 255;
  tb.params(p);
  tb.clocks_per_ms = tick;
  net.peers.resize(flows);
  Host host{tb, std::vector<uint32_t>(flows, kOurs)};
  std::vector<uint32_t> sent(flows, kOurs);
  for (unsigned i = 0; i < flows; i++) {
    open(net, static_cast<uint16_t>(i), 0x7fff);
    Conn c = sender(0x7fff << 14);
    c.tx.CWnd = loss ? 4 * kMss : kMss;
    c.tx.SsThresh = loss ? 16 * kMss : kMss;
    tb.install(static_cast<uint16_t>(i), c);
  }
  std::vector<uint64_t> at;
  tb.on_cmd = [&](const Cmd &c) {
    if (c.kind != tx::kData) return;
    if (at.size() < 3) at.push_back(tb.cycle);
    if (tx::lt(sent[c.conn], c.seq + c.len)) sent[c.conn] = c.seq + c.len;
  };
  for (unsigned i = 0; i < flows; i++) {
    host.rung[i] = kOurs + (loss ? kFar - 100 : 2 * kMss);
    tb.bell(static_cast<uint16_t>(i), CHIM_QUEUE_SEND, host.rung[i]);
  }
  auto delivered = [&] {
    uint64_t bytes = 0;
    for (const Peer &peer : net.peers) bytes += peer.new_bytes;
    return double(bytes) / kMss;
  };
  auto run = [&](uint64_t n) {
    while (n--) {
      tb.clock();
      const unsigned i = static_cast<unsigned>(tb.cycle % flows);
      if (loss) host.keep_full(static_cast<uint16_t>(i), sent[i]);
    }
  };
  run(loss ? 20000 : 1000);
  const double before = delivered();
  const uint64_t sent_before = tb.data_cmds;
  run(clocks);
  Lossy l;
  l.new_segs = (delivered() - before) / double(clocks);
  l.timeouts = tb.counters[CHIM_COUNTER_TX_TIMEOUTS];
  l.fast = tb.counters[CHIM_COUNTER_TX_FAST_RETRANSMITS];
  l.sent = tb.data_cmds - sent_before;
  l.again = tb.counters[CHIM_COUNTER_TX_RETRANSMITS];
  for (const Peer &peer : net.peers) l.dup += peer.dup_segs;
  if (!loss) {
    check(at.size() == 2, "two segments, one window apart");
    l.rtt = double(at[1] - at[0]);
  }
  return l;
}

}  // namespace

int main(int argc, char **argv) {
  check(argc == 2, "usage: figures_engine OUTPUT");
  Figures f;
  double spread = 0;
  if (CONNS > 1024) {
    // P9: the large configuration, its rate and nothing else; flows lie all over the table.
    const double large = transmit(64, 1, 100, 150000, &spread, CONNS / 64);
    f.add("P9 P1 with all connections", large, "segments/cycle", ">= 0.99",
          "\"flows\": 64, \"wire delay\": 200, \"window\": 11");
    f.add("P9 shares", 100 * spread, "% most to least", "<= 1", "\"flows\": 64");
    f.write(argv[1]);
    return 0;
  }
  double v = transmit(64, 1, 100, 150000, &spread);
  f.add("P1", v, "segments/cycle", ">= 0.99", "\"flows\": 64, \"wire delay\": 200, \"window\": 11");
  f.add("P1 shares", 100 * spread, "% most to least", "<= 1", "\"flows\": 64");
  v = transmit(1, 0xffff, 100, 100000, &spread);
  f.add("P2", v, "segments/cycle", ">= 0.95", "\"flows\": 1, \"wire delay\": 200");
  f.add("P3 one flow", receive(1, 60000), "segments/cycle", ">= 0.95", "\"flows\": 1");
  f.add("P3 64 flows", receive(64, 60000), "segments/cycle", ">= 0.99", "\"flows\": 64");
  f.add("P4 doorbell to command", doorbell_latency(), "cycles", "<= 8", "");

  // Loss. A round trip of 100 clocks stands for one of 20 ms: the tick of 1 ms is 5 clocks, RtoMin
  // its default of 200 ms. The wire's part of the 100 clocks is found first.
  constexpr unsigned kTick = 5, kRtoMin = 200;
  unsigned delay = 60;
  double rtt = 0;
  for (unsigned i = 0; i < 10 && rtt != 100; i++) {
    rtt = lossy(1, 0, delay, 2000, kTick, kRtoMin).rtt;
    if (rtt != 100) delay = static_cast<unsigned>(delay + 100 - rtt);
  }
  std::printf("# round trip: %g clocks with a wire of %u\n", rtt, delay);
  check(rtt == 100, "round trip");
  char text[160];
  std::snprintf(text, sizeof text,
                "\"RTT\": 100, \"of it wire\": %u, \"clocks of a tick\": %u, \"RtoMin\": %u", delay,
                kTick, kRtoMin);
  const Lossy one = lossy(1, 100, delay, 1500000, kTick, kRtoMin);
  f.add("P7", one.new_segs / (1.22 / (100 * 0.1)), "of 1.22/(RTT sqrt p)", ">= 0.95", text);
  std::printf("# P7: %" PRIu64 " time-outs, %" PRIu64 " fast retransmits\n", one.timeouts,
              one.fast);
  const Lossy many = lossy(64, 500, delay, 400000, kTick, kRtoMin);
  f.add("P8", many.new_segs, "new segments/cycle", ">= 0.94", text);
  std::printf("# P8: %" PRIu64 " time-outs, %" PRIu64 " fast retransmits, %.4f sent a clock\n",
              many.timeouts, many.fast, double(many.sent) / 400000);
  f.write(argv[1]);
  return 0;
}
