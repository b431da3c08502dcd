// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of the rings around chim_dma, all at once over one memory: plain transmit with forwarded
// and given-up frames and refused descriptors, plain receive and placement with wrap, events,
// firmware's transfers. Hard part: each ring is checked by a driver written as a host would: by
// owner bits and write-backs in memory, never by the DUT's own state.
#include <cstring>
#include <deque>
#include <vector>

#include "Vdut.h"
#include "bench/bench.h"
#include "bench/host_mem.h"
#include "contract/chim_contract.h"
#include "model/bfm/axi_mem.h"

namespace {

const unsigned kBytes = DATA_W / 8;
const unsigned kMem = 1 << 22;
const unsigned kLog2 = 4;  // small rings wrap often
const unsigned kRing = 1 << kLog2;
const unsigned kRcvLog2 = 12;
enum ItemKind { kPlace, kFrame, kMarker };

// Where things lie.
const uint64_t kPtx = 0x1000, kPrx = 0x2000, kCpl = 0x3000, kEvt = 0x4000, kWb = 0x5000;
const uint64_t kTxBuf = 0x10000, kRxBuf = 0x80000, kRcv = 0x100000, kSoc = 0x200000;
const unsigned kBufBytes = 2048;

struct TxFrame {
  unsigned flags, conn;
  bool refused, unread;
  std::vector<uint8_t> bytes;
};

struct Item {
  unsigned kind, conn, cls;
  uint32_t seq;
  bool fin;
  std::vector<uint8_t> bytes;
};

class Tb : public bench::Base<Vdut> {
 public:
  Tb(unsigned latency, unsigned stall)
      : Base("chim_dma_rings"),
        mem(kMem),
        stall_(stall),
        axi_(CHIM_AXI_PINS(*dut, m_axi_), latency, stall, rng.seed(), bench::HostMem::read,
             bench::HostMem::write, &mem) {
    dut->run = 0;
    dut->quiesce = 0;
    dut->item_valid = dut->item_tvalid = 0;
    dut->conn_event_valid = dut->fwevt_valid = 0;
    dut->sdma_cmd_valid = dut->sdma_wr_valid = dut->sdma_rd_ready = 0;
    dut->tbl_valid = 0;
    dut->verdict_place_i = dut->rx_fence_valid = 0;
    dut->plain_tready = dut->inject_tready = dut->give_up_ready = dut->placed_ready = 0;
    dut->ring_log2 = kLog2;
    dut->evt_base = kEvt;
    dut->ptx_base = kPtx;
    dut->prx_base = kPrx;
    dut->cpl_base = kCpl;
    dut->ptx_wb = kWb;
    dut->evt_host = dut->ptx_host = dut->prx_host = dut->cpl_host = 0;
    axi_.reset();
    reset();
    dut->run = 1;
    for (unsigned c = 0; c < 4; c++) {
      std::vector<uint32_t> w(3);
      chim_hw_rcv_ring_set_Base(w.data(), kRcv + (uint64_t{c} << kRcvLog2));
      chim_hw_rcv_ring_set_Log2(w.data(), kRcvLog2);
      for (unsigned i = 0; i < 3; i++) table_write(c, i, w[i]);
      next_[c] = rng.u32();
    }
  }

  void run(unsigned count) {
    for (unsigned i = 0; i < count; i++) {
      add_tx();
      add_item();
      add_event(i);
    }
    const uint64_t start = cycle;
    while (busy()) {
      clock();
      host();
      bench::check(cycle - start < 4000 * count, "not drained in time");
    }
    for (unsigned i = 0; i < 2000 && !dut->idle_o; i++) clock();
    bench::check(dut->idle_o, "idle when everything is done");
    bench::check_eq(axi_.counts().violations, uint64_t{0}, "AXI4 rules broken");
    bench::check_eq(refused_seen_, refused_, "descriptors refused");
    bench::check_eq(lost_seen_, lost_, "frames without a buffer");
    bench::check_eq(held_lost_, held_left_, "held frames among them counted off");
    bench::check(irqs_[1] > 0 && irqs_[2] > 0 && irqs_[3] > 0, "an interrupt never came");
    cycles = cycle - start;
  }

  uint64_t cycles = 0;
  unsigned fences = 0, placed_count = 0, frames_out = 0, frames_in = 0, events = 0, transfers = 0;
  bench::HostMem mem;

 private:
  bool busy() const {
    return !tx_.empty() || !tx_out_.empty() || !items_.empty() || !placed_.empty() ||
           !rx_out_.empty() || !events_.empty() || !evt_out_.empty() || wb_ != tx_made_ ||
           transfers < 40 || fence_out_;
  }

  std::vector<uint8_t> random_bytes(unsigned n) {
    std::vector<uint8_t> v(n);
    for (auto &b : v) b = static_cast<uint8_t>(rng.u32());
    return v;
  }

  void add_tx() {
    TxFrame f{};
    const unsigned kind = rng.below(10);
    f.flags = kind < 6   ? 0
              : kind < 8 ? +CHIM_PTX_INJECT
              : kind < 9 ? CHIM_PTX_INJECT | CHIM_PTX_NOT_HELD
                         : +CHIM_PTX_GIVE_UP;
    f.conn = rng.below(64);
    f.bytes = random_bytes(f.flags == CHIM_PTX_GIVE_UP ? 0 : 14 + rng.below(1600));
    f.refused = rng.chance(5);
    f.unread = !f.refused && !f.bytes.empty() && rng.chance(3);
    tx_.push_back(f);
  }

  void add_item() {
    Item it{};
    it.kind = rng.chance(50) ? kPlace : rng.chance(80) ? kFrame : kMarker;
    it.conn = rng.below(4);
    it.fin = it.kind == kPlace && rng.chance(5);
    it.cls = it.kind == kMarker ? +CHIM_PRX_CLASS_MARKER : rng.below(2);
    if (it.kind == kPlace) {
      it.seq = next_[it.conn];
      it.bytes = random_bytes(it.fin && rng.chance(50) ? 0 : 1 + rng.below(1448));
      next_[it.conn] += it.bytes.size() + it.fin;
    } else if (it.kind == kFrame) {
      it.bytes = random_bytes(60 + rng.below(1455));
    }
    items_.push_back(it);
  }

  void add_event(unsigned i) { events_.push_back(i); }

  void table_write(unsigned conn, unsigned word, uint32_t value) {
    dut->tbl_valid = 1;
    dut->tbl_conn = conn;
    dut->tbl_word = word;
    dut->tbl_wdata = value;
    for (;;) {
      dut->eval();
      const bool taken = dut->tbl_ready;
      clock();
      if (taken) break;
    }
    dut->tbl_valid = 0;
  }

  // ---- the host's side of the rings
  // -----------------------------------------------------------------
  void host() {
    // Transmit: fill the ring as far as the write-back allows; indices go out now and then.
    std::memcpy(&wb_, &mem[kWb], 4);
    while (!tx_.empty() && tx_made_ - wb_ < kRing) {
      const TxFrame &f = tx_.front();
      const unsigned slot = tx_made_ % kRing;
      struct chim_hw_ptx_desc d {};
      d.addr = kTxBuf + 4096 * slot + rng.below(64);
      std::memcpy(&mem[d.addr], f.bytes.data(), f.bytes.size());
      d.len = static_cast<uint16_t>(f.bytes.size());
      d.conn = static_cast<uint16_t>(f.conn);
      d.flags = static_cast<uint8_t>(f.flags);
      if (f.unread) d.addr = kMem + 64;
      if (f.refused) {
        switch (rng.below(4)) {
          case 0:
            d.len = 13;
            break;
          case 1:
            d.len = CHIM_MAX_FRAME_BYTES + 1;
            break;
          case 2:
            d.flags = 3;
            break;
          default:
            d.reserved = 1;
            break;
        }
        refused_++;
      } else {
        tx_out_.push_back(f);
      }
      std::memcpy(&mem[kPtx + 16 * slot], &d, 16);
      tx_.pop_front();
      tx_made_++;
    }
    if (rng.chance(20)) dut->ptx_host = tx_made_;
    // Receive: buffers come back late, and sometimes there is none.
    while (prx_made_ - prx_used_ < kRing && rng.chance(4)) {
      const unsigned slot = prx_made_ % kRing;
      struct chim_hw_prx_desc d {};
      d.addr = kRxBuf + kBufBytes * slot;
      d.len = kBufBytes;
      d.index = slot;
      std::memcpy(&mem[kPrx + 16 * slot], &d, 16);
      prx_made_++;
    }
    dut->prx_host = prx_made_;
    completions();
    take_events();
  }

  void completions() {
    for (;;) {
      struct chim_hw_prx_cpl c;
      std::memcpy(&c, &mem[kCpl + 16 * (cpl_used_ % kRing)], 16);
      if ((c.owner & 1) != (~(cpl_used_ >> kLog2) & 1)) break;
      bench::check(!rx_out_.empty(), "a completion of nothing");
      // Frames that found no buffer never show: the bench learns how many only by what follows.
      while (!matches(rx_out_.front(), c)) {
        held_left_ += rx_out_.front().cls == CHIM_PRX_CLASS_HELD;
        bench::check(rx_out_.front().kind == kFrame, "a marker is missing");
        rx_out_.pop_front();
        lost_++;
        bench::check(!rx_out_.empty(), "a completion of no frame that was given");
      }
      const Item it = rx_out_.front();
      rx_out_.pop_front();
      bench::check_eq<unsigned>(c.conn, it.conn, "connection of a completion");
      bench::check_eq<unsigned>(c.cls, it.cls, "class of a completion");
      if (it.kind == kFrame) {
        bench::check_eq<unsigned>(c.index, prx_used_ % kRing, "buffer used");
        prx_used_++;
        frames_in++;
      }
      cpl_used_++;
    }
    if (rng.chance(20)) dut->cpl_host = cpl_used_;
    // What is left when the device has nothing more to do was dropped.
    if (items_.empty() && dut->idle_o) {
      while (!rx_out_.empty() && rx_out_.front().kind == kFrame) {
        held_left_ += rx_out_.front().cls == CHIM_PRX_CLASS_HELD;
        rx_out_.pop_front();
        lost_++;
      }
    }
  }

  bool matches(const Item &it, const struct chim_hw_prx_cpl &c) const {
    if (it.kind != kFrame) return c.len == 0 && c.cls == CHIM_PRX_CLASS_MARKER;
    return c.len == it.bytes.size() && c.cls != CHIM_PRX_CLASS_MARKER &&
           std::memcmp(&mem[kRxBuf + kBufBytes * c.index], it.bytes.data(), c.len) == 0;
  }

  void take_events() {
    for (;;) {
      struct chim_hw_event e;
      std::memcpy(&e, &mem[kEvt + 32 * (evt_used_ % kRing)], 32);
      if ((e.owner & 1) != (~(evt_used_ >> kLog2) & 1)) break;
      bench::check(!evt_out_.empty(), "an event of nothing");
      const unsigned i = evt_out_.front();
      evt_out_.pop_front();
      bench::check_eq<uint32_t>(e.time_ms, 77, "time of an event");
      if (i & 1) {
        bench::check_eq<unsigned>(e.type, CHIM_EVENT_TYPE_ADMIN, "type of an event");
        bench::check_eq<uint32_t>(e.rcv_placed, i, "cookie of an event");
      } else {
        bench::check_eq<unsigned>(e.type, CHIM_EVENT_TYPE_CONN, "type of an event");
        bench::check_eq<unsigned>(e.conn, i % 64, "connection of an event");
        bench::check_eq<uint32_t>(e.snd_done, i * 3, "snd_done of an event");
        bench::check_eq<unsigned>(e.gen, 5, "generation of an event");
      }
      evt_used_++;
      events++;
    }
    if (rng.chance(20)) dut->evt_host = evt_used_;
  }

  // ---- pins
  // -----------------------------------------------------------------------------------------
  void step() override {
    axi_.step();
    refused_seen_ += dut->bad_desc;
    lost_seen_ += dut->no_buffer;
    if (dut->irq_valid) irqs_[dut->irq_vector]++;
    sample_tx();
    sample_rx();
    if (dut->conn_event_valid && dut->conn_event_ready) pop_event();
    if (dut->fwevt_valid && dut->fwevt_ready) pop_event();
    sample_soc();
  }

  void pop_event() {
    evt_out_.push_back(events_.front());
    events_.pop_front();
  }

  void sample_tx() {
    const bool plain = dut->plain_tvalid && dut->plain_tready;
    const bool inject = dut->inject_tvalid && dut->inject_tready;
    bench::check(!(dut->plain_tvalid && dut->inject_tvalid), "one frame to two places");
    if (plain || inject) {
      bench::check(!tx_out_.empty(), "a frame that nobody queued");
      const TxFrame &f = tx_out_.front();
      bench::check_eq(inject, (f.flags & CHIM_PTX_INJECT) != 0, "where a frame goes");
      if (inject) {
        bench::check_eq<unsigned>(dut->inject_conn, f.conn, "connection of a frame");
        bench::check_eq<unsigned>(dut->inject_held, f.flags == CHIM_PTX_INJECT, "held or not");
      }
      const auto *data = reinterpret_cast<const uint8_t *>(&dut->ptx_tdata);
      uint64_t keep = 0;
      std::memcpy(&keep, &dut->ptx_tkeep, sizeof(dut->ptx_tkeep));
      unsigned n = 0;
      while (n < kBytes && (keep >> n & 1)) n++;
      for (unsigned i = 0; i < n && !f.unread; i++) {
        bench::check(tx_at_ + i < f.bytes.size(), "a frame is too long");
        bench::check_eq<unsigned>(data[i], f.bytes[tx_at_ + i], "byte of a frame");
      }
      tx_at_ += n;
      if (dut->ptx_tlast) {
        bench::check_eq<size_t>(tx_at_, f.bytes.size(), "length of a frame");
        bench::check_eq(static_cast<bool>(dut->ptx_tuser), f.unread, "error mark of a frame");
        tx_at_ = 0;
        tx_out_.pop_front();
        frames_out++;
      }
    }
    if (dut->give_up_valid && dut->give_up_ready) {
      bench::check(!tx_out_.empty() && tx_at_ == 0, "given up by nobody");
      const TxFrame &f = tx_out_.front();
      bench::check_eq<unsigned>(f.flags, CHIM_PTX_GIVE_UP, "given up in its place");
      bench::check_eq<unsigned>(dut->give_up_conn, f.conn, "connection given up");
      tx_out_.pop_front();
    }
    held_lost_ += dut->lost_valid;
  }

  void sample_rx() {
    if (dut->item_valid && dut->item_ready) {
      Item it = items_.front();
      items_.pop_front();
      verdicts_--;
      if (!it.bytes.empty()) data_.push_back(it.bytes);
      if (it.kind == kPlace)
        placed_.push_back(it);
      else
        rx_out_.push_back(it);
    }
    if (dut->item_tvalid && dut->item_tready) {
      data_at_ += kBytes;
      if (dut->item_tlast) {
        data_at_ = 0;
        data_.pop_front();
      }
    }
    if (dut->verdict_place_i) given_++;
    if (dut->rx_fence_valid) {
      fence_at_ = given_;
      fence_conn_ = dut->rx_fence_conn;
      fence_out_ = true;
    }
    if (dut->placed_valid && dut->placed_ready && dut->placed_fence) {
      bench::check(fence_out_, "a fence that nobody set");
      bench::check_eq<unsigned>(dut->placed_conn, fence_conn_, "connection of a fence");
      bench::check_eq(placed_count, fence_at_, "placements in front of a fence");
      fence_out_ = false;
      fences++;
    } else if (dut->placed_valid && dut->placed_ready) {
      bench::check(!placed_.empty(), "a placement of nothing");
      const Item it = placed_.front();
      placed_.pop_front();
      bench::check_eq<unsigned>(dut->placed_conn, it.conn, "connection of a placement");
      bench::check(!dut->placed_error, "a placement failed");
      {
        bench::check_eq<uint32_t>(dut->placed_end_seq, it.seq + it.bytes.size() + it.fin,
                                  "end_seq");
        for (unsigned i = 0; i < it.bytes.size(); i++) {
          const uint64_t at =
              kRcv + (uint64_t{it.conn} << kRcvLog2) + ((it.seq + i) & ((1u << kRcvLog2) - 1));
          bench::check_eq<unsigned>(mem[at], it.bytes[i], "byte in the receive ring");
        }
        placed_count++;
      }
    }
  }

  // As a window does: nothing is placed over bytes that were not checked yet.
  bool fits(const Item &it) const {
    size_t ahead = it.bytes.size();
    for (const auto &p : placed_) ahead += p.conn == it.conn ? p.bytes.size() + 1 : 0;
    return it.kind != kPlace || ahead <= (1u << kRcvLog2);
  }

  void sample_soc() {
    if (dut->sdma_cmd_valid && dut->sdma_cmd_ready) soc_busy_ = true;
    if (dut->sdma_rd_valid && dut->sdma_rd_ready) {
      uint64_t want;
      std::memcpy(&want, &mem[soc_addr_ + 8 * soc_words_], 8);
      bench::check_eq<uint64_t>(dut->sdma_rd_data, want, "word read for firmware");
      soc_words_++;
    }
    if (dut->sdma_wr_valid && dut->sdma_wr_ready) soc_words_++;
    if (dut->sdma_done) {
      bench::check(!dut->sdma_error, "firmware's transfer failed");
      bench::check_eq(soc_words_, soc_len_ / 8, "words of a transfer");
      for (unsigned i = 0; soc_write_ && i < soc_len_ / 8; i++) {
        uint64_t got;
        std::memcpy(&got, &mem[soc_addr_ + 8 * i], 8);
        bench::check_eq(got, soc_pattern(i), "word written by firmware");
      }
      soc_busy_ = false;
      soc_len_ = 0;
      transfers++;
    }
  }
  uint64_t soc_pattern(unsigned i) const { return (soc_addr_ << 20) ^ (i * 0x9E3779B97F4A7C15ull); }

  void step_apply() override {
    axi_.step_apply();
    dut->plain_tready = !rng.chance(stall_);
    dut->inject_tready = !rng.chance(stall_);
    dut->give_up_ready = !rng.chance(stall_);
    dut->placed_ready = !rng.chance(stall_);
    dut->item_valid = !items_.empty() && data_.size() < 4 && fits(items_.front());
    if (dut->item_valid) {
      const Item &it = items_.front();
      dut->item_kind = it.kind;
      dut->item_conn = it.conn;
      dut->item_seq = it.seq;
      dut->item_len = it.bytes.size();
      dut->item_fin = it.fin;
      dut->item_cls = it.cls;
    }
    // Verdicts come in front of their items, by a few.
    dut->verdict_place_i = 0;
    if (verdicts_ < items_.size() && verdicts_ < 3) {
      dut->verdict_place_i = items_[verdicts_].kind == kPlace;
      verdicts_++;
    }
    dut->item_valid = dut->item_valid && verdicts_ > 0;
    dut->rx_fence_valid = !fence_out_ && rng.chance(1);
    dut->rx_fence_conn = rng.below(4);
    dut->item_tvalid = !data_.empty();
    if (dut->item_tvalid) {
      const auto &d = data_.front();
      auto *lane = reinterpret_cast<uint8_t *>(&dut->item_tdata);
      for (unsigned i = 0; i < kBytes; i++) {
        lane[i] = data_at_ + i < d.size() ? d[data_at_ + i] : static_cast<uint8_t>(rng.u32());
      }
      dut->item_tlast = data_at_ + kBytes >= d.size();
    }
    const bool odd = !events_.empty() && (events_.front() & 1);
    dut->conn_event_valid = !events_.empty() && !odd;
    dut->fwevt_valid = odd;
    if (!events_.empty()) {
      dut->conn_event_conn = events_.front() % 64;
      dut->conn_event_done = events_.front() * 3;
      struct chim_hw_event e {};
      e.type = CHIM_EVENT_TYPE_ADMIN;
      e.rcv_placed = events_.front();
      std::memcpy(&dut->fwevt, &e, 32);
    }
    if (soc_len_ == 0) {
      soc_len_ = 8 * (1 + rng.below(rng.chance(10) ? 512 : 20));
      soc_addr_ = kSoc + 8 * rng.below(4096);
      soc_write_ = rng.chance(50);
      soc_words_ = 0;
    }
    dut->sdma_cmd_valid = !soc_busy_;
    dut->sdma_cmd_host = soc_addr_;
    dut->sdma_cmd_len = soc_len_;
    dut->sdma_cmd_write = soc_write_;
    dut->sdma_rd_ready = !rng.chance(stall_);
    dut->sdma_wr_valid = soc_busy_ && soc_write_ && soc_words_ < soc_len_ / 8;
    dut->sdma_wr_data = soc_pattern(soc_words_);
  }

  unsigned stall_;
  std::deque<TxFrame> tx_, tx_out_;
  std::deque<Item> items_, placed_, rx_out_;
  std::deque<std::vector<uint8_t>> data_;
  std::deque<unsigned> events_, evt_out_;
  size_t tx_at_ = 0, data_at_ = 0;
  uint32_t next_[4] = {}, wb_ = 0, tx_made_ = 0, prx_made_ = 0, prx_used_ = 0, cpl_used_ = 0,
           evt_used_ = 0;
  unsigned refused_ = 0, refused_seen_ = 0, lost_ = 0, lost_seen_ = 0, held_lost_ = 0,
           held_left_ = 0;
  unsigned irqs_[32] = {};
  size_t verdicts_ = 0;  // of the items still waiting
  unsigned given_ = 0, fence_at_ = 0, fence_conn_ = 0;
  bool fence_out_ = false;
  bool soc_busy_ = false, soc_write_ = false;
  unsigned soc_len_ = 0, soc_words_ = 0;
  uint64_t soc_addr_ = 0;
  chim::AxiMem axi_;
};

void random_run(unsigned latency, unsigned stall) {
  Tb tb(latency, stall);
  tb.run(400);
  std::printf(
      "ok - latency %u stall %u %%: %u frames out, %u in, %u placements, %u events, %u "
      "transfers, %u fences in %llu clocks\n",
      latency, stall, tb.frames_out, tb.frames_in, tb.placed_count, tb.events, tb.transfers,
      tb.fences, (unsigned long long)tb.cycles);
}

}  // namespace

int main() {
  std::printf("1..3\n");
  random_run(0, 0);
  random_run(30, 40);
  random_run(250, 20);
  return 0;
}
