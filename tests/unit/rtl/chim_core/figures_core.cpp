// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// P4's header figures: clocks from a doorbell, and from the last beat of a segment, to the first
// beat at the header builder's output, in the whole core, unloaded, with memory that answers in the
// clock after the request. Hard part: a beat counts only if it belongs to the frame that then
// leaves; so every frame is checked byte by byte where it leaves the core.
#include <cinttypes>
#include <map>
#include <string>
#include <vector>

#include "Vdut.h"
#include "Vdut___024root.h"
#include "axi_mem.h"
#include "axil.h"
#include "axis.h"
#include "bench/bench.h"
#include "bench/host_mem.h"
#include "contract/chim_regs.h"
#include "rtl/chim_engine/engine_conn.h"
#include "rtl/chim_tx_step/tx_step_pins.h"
#include "rtl/common/packet.h"

namespace {

using bench::check;
using bench::check_eq;

constexpr uint32_t kBar2 = 1u << 24, kOurs = 1000, kTheirs = 5000;
constexpr uint64_t kSndRing = 0x10000, kSndData = 0x20000, kEvents = 0x40000, kRcvRing = 0x100000;
constexpr unsigned kRcvLog2 = 20, kMemory = 0x200000, kGen = 3, kPayload = DATA_W / 8;
constexpr uint16_t kOurPort = 40000, kTheirPort = 80;
const pkt::Mac kOwn{0x02, 0x11, 0x22, 0x33, 0x44, 0x55}, kPeer{0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee};
const pkt::Addr kOwnIp{10, 0, 0, 1}, kPeerIp{10, 0, 0, 2};

uint32_t word_of(const uint8_t *b) {
  return uint32_t(b[0]) << 24 | uint32_t(b[1]) << 16 | uint32_t(b[2]) << 8 | b[3];
}
uint64_t mac_of(const pkt::Mac &m) {
  uint64_t v = 0;
  for (uint8_t b : m) v = v << 8 | b;
  return v;
}

// Clocks of what happened last; 0: nothing.
struct Marks {
  uint64_t bus_bell = 0, bell = 0, cmd = 0, last_beat = 0, header = 0, wire = 0;
};

class Tb : public bench::Base<Vdut> {
 public:
  explicit Tb(bool timestamps)
      : Base("P4, header"),
        timestamps_(timestamps),
        memory(kMemory),
        axi_(CHIM_AXI_PINS(*dut, m_axi_), 0, 0, 1, bench::HostMem::read, bench::HostMem::write,
             &memory),
        regs_(CHIM_AXIL_PINS(*dut, s_axil_)),
        source_(CHIM_AXIS_PINS(*dut, s_axis_mac_), 16, 0, 1, taken, this),
        sink_(CHIM_AXIS_PINS(*dut, m_axis_mac_), 16384, 0, 1, frame, this) {
    in().b_tbl_valid = in().b_lkp_valid = 0;
    tx::Params p;
    p.ack_frequency = 1;  // an ACK for each segment
    p.high_water = CONNS;
    tx::put_params(in().b_params, p);
    dut->time_ms_i = 1000;
    dut->irq_ready = 1;
    // The core's own reset comes out of a register: one clock with everything at random.
    dut->contextp()->assertOn(false);
    reset(16);
    dut->contextp()->assertOn(true);
    clocks(8 * CONNS);
    reg(CHIM_REG_MAC_LO, uint32_t(kOwn[0]) | uint32_t(kOwn[1]) << 8 | uint32_t(kOwn[2]) << 16 |
                             uint32_t(kOwn[3]) << 24);
    reg(CHIM_REG_MAC_HI, uint32_t(kOwn[4]) | uint32_t(kOwn[5]) << 8);
    reg(CHIM_REG_EVT_BASE_LO, kEvents);
    reg(CHIM_REG_EVT_LOG2, 12);
    reg(CHIM_REG_CTRL, CHIM_REG_CTRL_RUN_MASK);
  }

  // One connection, LIVE, with its path, neighbor, rings and lookup entry.
  void install(uint16_t conn) {
    engine::Conn c(kOurs, kTheirs, 1448, 1 << 20);
    if (timestamps_) c.timestamps(0, 400);
    record<CHIM_TCB_TX_WORDS>(CHIM_TABLE_TX, conn, chim_hw_tcb_tx_pack, c.tx);
    record<CHIM_TCB_RX_WORDS>(CHIM_TABLE_RX, conn, chim_hw_tcb_rx_pack, c.rx);
    record<CHIM_CFG_TX_WORDS>(CHIM_TABLE_CFG_TX, conn, chim_hw_cfg_tx_pack, c.cfg_tx);
    record<CHIM_CFG_RX_WORDS>(CHIM_TABLE_CFG_RX, conn, chim_hw_cfg_rx_pack, c.cfg_rx);
    record<CHIM_CFG_BIND_WORDS>(CHIM_TABLE_CFG_BIND, conn, chim_hw_cfg_bind_pack, c.cfg_bind);
    record<CHIM_DOORBELL_WORDS>(CHIM_TABLE_DOORBELL, conn, chim_hw_doorbell_pack, c.bell);
    record<CHIM_SENT_WORDS>(CHIM_TABLE_SENT, conn, chim_hw_sent_pack, c.sent);
    table(CHIM_TABLE_PLACED, conn, 0, c.placed);
    table(CHIM_TABLE_DONE, conn, 0, c.tx.SndUna);
    chim_hw_cfg_hdr h{};
    h.LocalPort = kOurPort;
    h.RemotePort = kTheirPort;
    h.TsEnabled = timestamps_;
    h.TtlOrHopLimit = 64;
    h.Path = 1;
    record<CHIM_CFG_HDR_WORDS>(CHIM_TABLE_CFG_HDR, conn, chim_hw_cfg_hdr_pack, h);
    chim_hw_path path{};
    path.SrcAddr[0] = word_of(kOwnIp.data());
    path.DstAddr[0] = word_of(kPeerIp.data());
    path.Neighbor = 2;
    put_first_word_last(path.SrcAddr);
    put_first_word_last(path.DstAddr);
    record<CHIM_PATH_WORDS>(CHIM_TABLE_PATH, 1, chim_hw_path_pack, path);
    chim_hw_neighbor neighbor{};
    neighbor.DstMac = mac_of(kPeer);
    neighbor.SrcMac = mac_of(kOwn);
    record<CHIM_NEIGHBOR_WORDS>(CHIM_TABLE_NEIGHBOR, 2, chim_hw_neighbor_pack, neighbor);
    chim_hw_rcv_ring rcv{};
    rcv.Base = kRcvRing;
    rcv.Log2 = kRcvLog2;
    record<CHIM_RCV_RING_WORDS>(CHIM_TABLE_RCV_RING, conn, chim_hw_rcv_ring_pack, rcv);
    chim_hw_snd_ring snd{};
    snd.Base = kSndRing;
    snd.Log2 = 2;
    record<CHIM_SND_RING_WORDS>(CHIM_TABLE_SND_RING, conn, chim_hw_snd_ring_pack, snd);
    record<CHIM_CURSOR_WORDS>(CHIM_TABLE_CURSOR, conn, chim_hw_cursor_pack, chim_hw_cursor{});
    // One descriptor: everything that will be sent.
    chim_hw_snd_desc d{};
    d.addr = kSndData;
    d.seq = kOurs;
    d.len_flags = 4096;
    std::memcpy(&memory[kSndRing], &d, sizeof d);
    for (unsigned i = 0; i < 4096; i++) memory[kSndData + i] = static_cast<uint8_t>(rng.u32());
    lookup(CHIM_LKP_OP_INSERT, conn, 0);
    chim_hw_entry e{};
    e.State = CHIM_ENTRY_STATE_LIVE;
    e.Installed = 1;
    e.Gen = kGen;
    uint32_t w[CHIM_ENTRY_WORDS];
    chim_hw_entry_pack(w, &e);
    lookup(CHIM_LKP_OP_ENTRY, conn, w[0]);
  }
  void remove(uint16_t conn) {
    lookup(CHIM_LKP_OP_ENTRY, conn, 0);
    lookup(CHIM_LKP_OP_REMOVE, conn, 0);
    settle();
  }
  void bell(uint16_t conn, uint32_t value) {
    regs_.start_write(kBar2 | uint32_t(conn) << CHIM_DB_CONN_SHIFT | kGen << CHIM_DB_GEN_SHIFT |
                          CHIM_QUEUE_SEND << CHIM_DB_QUEUE_SHIFT,
                      value);
  }
  void segment(uint32_t seq, uint32_t ack, const pkt::Bytes &payload, uint32_t ts_val) {
    pkt::Spec s;
    s.dst = kOwn;
    s.src = kPeer;
    s.src_ip = kPeerIp;
    s.dst_ip = kOwnIp;
    s.sport = kTheirPort;
    s.dport = kOurPort;
    s.seq = seq;
    s.ack = ack;
    s.flags = 0x18;
    s.wnd = 4096;
    if (timestamps_) s.tcp_options = pkt::timestamps(ts_val, 900);
    s.payload = payload;
    const pkt::Bytes f = pkt::build(s);
    check(source_.push(f.data(), f.size(), 0), "the MAC takes a frame");
  }
  template <typename F>
  void wait(F done, unsigned bound, const char *what) {
    while (!done()) {
      check(bound-- > 0, std::string("waited too long: ") + what);
      clock();
    }
  }
  void settle() {
    unsigned quiet = 0;
    for (unsigned bound = 20000; quiet < 40; bound--) {
      check(bound > 0, "the core does not settle");
      clock();
      quiet = dut->idle_o && regs_.idle() ? quiet + 1 : 0;
    }
  }

  Marks at;
  std::vector<pkt::Bytes> frames;

 private:
  bool timestamps_;

 public:
  bench::HostMem memory;

 private:
  chim::AxiMem axi_;
  chim::AxilMaster regs_;
  chim::AxisSource source_;
  chim::AxisSink sink_;

  // The bench's side of the stub, and what core_figures.vlt shows.
  struct Stub {
    Vdut___024root &r;
    CData &b_tbl_valid = r.chim_core__DOT__u_soc__DOT__b_tbl_valid;
    decltype(r.chim_core__DOT__u_soc__DOT__b_tbl_req) &b_tbl_req =
        r.chim_core__DOT__u_soc__DOT__b_tbl_req;
    CData &b_tbl_done = r.chim_core__DOT__u_soc__DOT__b_tbl_done;
    CData &b_lkp_valid = r.chim_core__DOT__u_soc__DOT__b_lkp_valid;
    CData &b_lkp_op = r.chim_core__DOT__u_soc__DOT__b_lkp_op;
    SData &b_lkp_conn = r.chim_core__DOT__u_soc__DOT__b_lkp_conn;
    IData &b_lkp_entry = r.chim_core__DOT__u_soc__DOT__b_lkp_entry;
    IData &b_lkp_local = r.chim_core__DOT__u_soc__DOT__b_lkp_local;
    IData &b_lkp_remote = r.chim_core__DOT__u_soc__DOT__b_lkp_remote;
    SData &b_lkp_local_port = r.chim_core__DOT__u_soc__DOT__b_lkp_local_port;
    SData &b_lkp_remote_port = r.chim_core__DOT__u_soc__DOT__b_lkp_remote_port;
    CData &b_lkp_done = r.chim_core__DOT__u_soc__DOT__b_lkp_done;
    CData &b_lkp_ok = r.chim_core__DOT__u_soc__DOT__b_lkp_ok;
    decltype(r.chim_core__DOT__u_soc__DOT__b_params) &b_params =
        r.chim_core__DOT__u_soc__DOT__b_params;
  };
  Stub in() { return {*dut->rootp}; }

  static void taken(void *, uint64_t) {}
  static void frame(void *ctx, const uint8_t *data, size_t len, bool bad) {
    check(!bad, "a bad frame leaves");
    static_cast<Tb *>(ctx)->frames.emplace_back(data, data + len);
  }

  // The record holds 128-bit fields as words, least significant first.
  static void put_first_word_last(uint32_t (&words)[4]) {
    std::swap(words[0], words[3]);
    std::swap(words[1], words[2]);
  }
  template <unsigned Words, typename Pack, typename Record>
  void record(unsigned id, uint16_t index, Pack pack, const Record &r) {
    uint32_t w[Words];
    pack(w, &r);
    for (unsigned i = 0; i < Words; i++) table(id, index, i, w[i]);
  }
  void table(unsigned id, uint16_t conn, unsigned word, uint32_t value) {
    bits::Writer w(58);
    w.put(1, 1).put(4, id).put(16, conn).put(5, word).put(32, value);
    w.to(in().b_tbl_req);
    in().b_tbl_valid = 1;
    dut->eval();
    bool taken = false;
    for (unsigned waited = 0; !taken; waited++) {
      check(waited < 64, "a table's word waits 64 clocks");
      taken = in().b_tbl_done;
      clock();
    }
    in().b_tbl_valid = 0;
    dut->eval();
  }
  void lookup(unsigned op, uint16_t conn, uint32_t entry) {
    in().b_lkp_op = static_cast<uint8_t>(op);
    in().b_lkp_conn = conn;
    in().b_lkp_entry = entry;
    in().b_lkp_local = word_of(kOwnIp.data());
    in().b_lkp_remote = word_of(kPeerIp.data());
    in().b_lkp_local_port = kOurPort;
    in().b_lkp_remote_port = kTheirPort;
    in().b_lkp_valid = 1;
    dut->eval();
    bool done = false, good = false;
    for (unsigned waited = 0; !done; waited++) {
      check(waited < 1000, "a lookup command takes 1,000 clocks");
      done = in().b_lkp_done;
      good = in().b_lkp_ok;
      clock();
    }
    in().b_lkp_valid = 0;
    dut->eval();
    check(good, "a lookup command is refused");
  }
  void reg(uint32_t addr, uint32_t value) {
    regs_.start_write(addr, value);
    wait([&] { return regs_.idle(); }, 100, "a register");
    check(regs_.resp() == 0, "a register is refused");
  }

  void step() override {
    const Vdut___024root &r = *dut->rootp;
    if (dut->s_axil_awvalid && dut->s_axil_awready) at.bus_bell = cycle;
    if (r.chim_core__DOT__db_valid && r.chim_core__DOT__db_ready) at.bell = cycle;
    if (at.cmd == 0 && r.chim_core__DOT__tx_data_valid && r.chim_core__DOT__tx_data_ready)
      at.cmd = cycle;
    if (dut->s_axis_mac_tvalid && dut->s_axis_mac_tready && dut->s_axis_mac_tlast)
      at.last_beat = cycle;
    // The first beat may be written again: the last time counts.
    if (r.chim_core__DOT__u_tx_path__DOT__u_build__DOT__hdr_valid_o &&
        r.chim_core__DOT__u_tx_path__DOT__u_build__DOT__hdr_beat_o == 0)
      at.header = cycle;
    if (at.wire == 0 && dut->m_axis_mac_tvalid && dut->m_axis_mac_tready) at.wire = cycle;
    if (getenv("DBG")) {
      auto &q = r;
      if (q.chim_core__DOT__seg_valid || q.chim_core__DOT__verdict_valid ||
          q.chim_core__DOT__item_valid || q.chim_core__DOT__placed_valid ||
          q.chim_core__DOT__tx_ack_valid || q.chim_core__DOT__bind_req_valid ||
          dut->s_axis_mac_tvalid)
        printf("%lu mac %d%d seg %d ver %d item %d placed %d ack %d bind %d hdr %d\n", cycle,
               dut->s_axis_mac_tvalid, dut->s_axis_mac_tlast, q.chim_core__DOT__seg_valid,
               q.chim_core__DOT__verdict_valid, q.chim_core__DOT__item_valid,
               q.chim_core__DOT__placed_valid, q.chim_core__DOT__tx_ack_valid,
               q.chim_core__DOT__bind_req_valid,
               q.chim_core__DOT__u_tx_path__DOT__u_build__DOT__hdr_valid_o);
    }
    if (getenv("DBG")) {
      auto &q = r;
      if (q.chim_core__DOT__u_rx_path__DOT__key_valid) {
        printf("%lu key", cycle);
        for (int i = 8; i >= 0; i--) printf(" %08x", q.chim_core__DOT__u_rx_path__DOT__key[i]);
        printf("\n");
      }
      if (q.chim_core__DOT__u_rx_path__DOT__find_valid &&
          q.chim_core__DOT__u_rx_path__DOT__find_ready) {
        printf("%lu cmd", cycle);
        for (int i = 10; i >= 0; i--) printf(" %08x", q.chim_core__DOT__u_rx_path__DOT__lkp_req[i]);
        printf("\n");
      }
      if (q.chim_core__DOT__u_rx_path__DOT__rsp_valid)
        printf("%lu rsp hit %d\n", cycle, q.chim_core__DOT__u_rx_path__DOT__rsp_hit);
      if (q.chim_core__DOT__item_valid) {
        printf("item");
        for (int i = 3; i >= 0; i--) printf(" %08x", q.chim_core__DOT__item[i]);
        printf("\n");
      }
    }
    axi_.step();
    regs_.step();
    source_.step();
    sink_.step();
  }
  void step_apply() override {
    axi_.step_apply();
    regs_.step_apply();
    source_.step_apply();
    sink_.step_apply();
  }
};

// What leaves must be this segment, sums included.
void check_frame(const pkt::Bytes &f, bool timestamps, uint32_t seq, uint32_t ack,
                 const pkt::Bytes &payload) {
  const size_t header = 54 + (timestamps ? 12 : 0), used = header + payload.size();
  check(f.size() >= used, "length of a frame");
  check_eq(pkt::get16(f, 36), unsigned(kTheirPort), "destination port");
  check_eq(pkt::get32(f, 38), seq, "sequence number");
  check_eq(pkt::get32(f, 42), ack, "acknowledgment");
  check(std::equal(payload.begin(), payload.end(), f.begin() + long(header)), "payload");
  pkt::Sum ip, tcp;
  ip.add(f.data() + 14, 20);
  check_eq(ip.fold(), uint16_t(0xffff), "IPv4 checksum");
  tcp.add(f.data() + 26, 8);
  tcp.add16(6);
  tcp.add16(static_cast<unsigned>(used - 34));
  tcp.add(f.data() + 34, used - 34);
  check_eq(tcp.fold(), uint16_t(0xffff), "TCP checksum");
}

struct Worst {
  std::map<std::string, uint64_t> clocks;
  void add(const std::string &what, uint64_t from, uint64_t to) {
    check(from != 0 && to > from, what + ": " + std::to_string(from) + " to " + std::to_string(to));
    uint64_t &w = clocks[what];
    w = std::max(w, to - from);
  }
};

void run(bool timestamps, Worst &worst) {
  Tb tb(timestamps);
  for (unsigned i = 0; i < 20; i++) {
    const uint16_t conn = static_cast<uint16_t>(tb.rng.below(CONNS));
    tb.install(conn);
    tb.settle();
    uint32_t sent = kOurs, got = kTheirs;
    for (unsigned n = 0; n < 8; n++) {
      tb.clocks(tb.rng.below(50));
      tb.settle();
      tb.frames.clear();
      tb.at = Marks();
      pkt::Bytes payload(tb.memory.begin() + kSndData + (sent - kOurs),
                         tb.memory.begin() + kSndData + (sent - kOurs) + kPayload);
      tb.bell(conn, sent + kPayload);
      tb.wait([&] { return !tb.frames.empty(); }, 400, "a segment");
      check_frame(tb.frames[0], timestamps, sent, got, payload);
      sent += kPayload;
      worst.add("doorbell to command", tb.at.bell, tb.at.cmd);
      worst.add("doorbell to header", tb.at.bell, tb.at.header);
      worst.add("doorbell at AXI4-Lite to header", tb.at.bus_bell, tb.at.header);
      worst.add("doorbell at AXI4-Lite to MAC", tb.at.bus_bell, tb.at.wire);

      tb.settle();
      tb.frames.clear();
      tb.at = Marks();
      for (auto &b : payload) b = static_cast<uint8_t>(tb.rng.u32());
      tb.segment(got, sent, payload, 401 + n);
      tb.wait([&] { return !tb.frames.empty(); }, 400, "an ACK");
      const uint32_t offset = got & ((1u << kRcvLog2) - 1);
      got += kPayload;
      check_frame(tb.frames[0], timestamps, sent, got, {});
      check(std::equal(payload.begin(), payload.end(), tb.memory.begin() + kRcvRing + offset),
            "the payload is in its ring before it is acknowledged");
      worst.add("last beat to header of ACK", tb.at.last_beat, tb.at.header);
      worst.add("last beat to ACK at MAC", tb.at.last_beat, tb.at.wire);
    }
    tb.remove(conn);
  }
}

}  // namespace

int main(int argc, char **argv) {
  check(argc == 2, "usage: figures_core OUTPUT");
  Worst worst;
  run(false, worst);
  run(true, worst);
  const struct {
    const char *what, *target;
  } figures[] = {
      {"doorbell to header", "\"<= 9\""},          {"last beat to header of ACK", "\"<= 14\""},
      {"doorbell at AXI4-Lite to header", "null"}, {"doorbell at AXI4-Lite to MAC", "null"},
      {"last beat to ACK at MAC", "null"},
  };
  FILE *f = std::fopen(argv[1], "w");
  check(f != nullptr, "cannot write the figures");
  const char *separator = "{";
  for (const auto &figure : figures) {
    std::fprintf(f,
                 "%s\n \"P4 %s\": {\"value\": %" PRIu64
                 ", \"unit\": \"cycles\", \"target\": %s, "
                 "\"parameters\": {\"Conns\": %d, \"DataW\": %d, \"payload\": %u}}",
                 separator, figure.what, worst.clocks[figure.what], figure.target, CONNS, DATA_W,
                 kPayload);
    separator = ",";
  }
  check(std::fputs("\n}\n", f) >= 0 && std::fclose(f) == 0, "cannot write the figures");
  for (const auto &[what, clocks] : worst.clocks)
    std::printf("# P4 %s: %" PRIu64 " cycles\n", what.c_str(), clocks);
  return 0;
}
