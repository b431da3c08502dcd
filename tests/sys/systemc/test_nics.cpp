// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Two NICs in SystemC with the impaired link between them, each driven by the host library through
// TLM: one connection is offloaded on both, carries data both ways at once, and is moved out again;
// what the two ends get back must be two views of one connection. SystemC elaborates once in a
// process: argv[1] is the case (clean, loss). Hard part: everything is simulated time; the one
// clock that the library takes from the system is replaced (link with --wrap=clock_gettime).
#include <ctime>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "sim/systemc/link_module.h"
#include "sim/systemc/nic_module.h"
#include "tests/nic_end/nic_end.h"
#include "tests/unit/tap.h"

#include "chimney/backend.h"

// NOLINTNEXTLINE: the linker's names
extern "C" int __real_clock_gettime(clockid_t clock, struct timespec *ts);
extern "C" int __wrap_clock_gettime(clockid_t clock, struct timespec *ts) {
  if (clock != CLOCK_MONOTONIC) return __real_clock_gettime(clock, ts);
  const double s = sc_core::sc_time_stamp().to_seconds();
  ts->tv_sec = static_cast<time_t>(s);
  ts->tv_nsec = static_cast<long>((s - static_cast<double>(ts->tv_sec)) * 1e9);
  return 0;
}

namespace {

using sc_core::sc_time;
using sc_core::sc_time_stamp;

constexpr uint64_t kBytes[2] = {300000, 330001};
constexpr unsigned kPoll = 2000;         // clocks between two looks of a host at its rings
constexpr uint32_t kWindow = 128 << 10;  // of both ends
constexpr size_t kPiece = 10007;         // bytes of one posted send: no multiple of a segment
constexpr uint32_t kTransferMs = 30000;  // bound
constexpr uint32_t kQuietMs = 300;       // longer than a delayed acknowledgment
constexpr uint32_t kBar2 = 1u << 24;
const sc_time kClock(4, sc_core::SC_NS);
const sc_time kMs(1, sc_core::SC_MS);

// The host side of one NIC: a back end whose registers are TLM transactions, and the memory that
// the library maps for the device. Only for calls from SC_THREADs.
class Host : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Host> regs;
  tlm_utils::simple_target_socket<Host> dma;
  uint64_t dma_bytes = 0, dma_errors = 0, accesses = 0;

  Host(sc_core::sc_module_name name, chim::NicModule *nic)
      : sc_module(name), regs("regs"), dma("dma"), nic_(nic) {
    dma.register_b_transport(this, &Host::b_transport);
    backend_.base.ops = &kOps;
    backend_.host = this;
  }
  chim_backend *backend() { return &backend_.base; }

 private:
  struct Backend {
    chim_backend base;
    Host *host;
  };
  static const chim_backend_ops kOps;
  static Host *of(chim_backend *be) { return reinterpret_cast<Backend *>(be)->host; }

  int access(tlm::tlm_command command, unsigned bar, uint32_t off, uint32_t *value) {
    tlm::tlm_generic_payload trans;
    sc_time delay;
    trans.set_command(command);
    trans.set_address((bar == 2 ? kBar2 : 0) | off);
    trans.set_data_ptr(reinterpret_cast<unsigned char *>(value));
    trans.set_data_length(sizeof(*value));
    trans.set_streaming_width(sizeof(*value));
    trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    regs->b_transport(trans, delay);
    ++accesses;
    return trans.is_response_ok() ? 0 : -EIO;
  }
  static int read32(chim_backend *be, unsigned bar, uint32_t off, uint32_t *value) {
    return of(be)->access(tlm::TLM_READ_COMMAND, bar, off, value);
  }
  static int write32(chim_backend *be, unsigned bar, uint32_t off, uint32_t value) {
    return of(be)->access(tlm::TLM_WRITE_COMMAND, bar, off, &value);
  }
  // The library maps one piece.
  static int dma_map(chim_backend *be, void *va, size_t len, uint64_t iova, int, uint64_t) {
    Host *h = of(be);
    if (h->len_ != 0) return -EEXIST;
    h->va_ = static_cast<uint8_t *>(va);
    h->len_ = len;
    h->iova_ = iova;
    return 0;
  }
  static int dma_unmap(chim_backend *be, uint64_t iova, size_t len) {
    Host *h = of(be);
    if (h->len_ != len || h->iova_ != iova) return -ENOENT;
    h->len_ = 0;
    return 0;
  }
  static int reset(chim_backend *be) {
    of(be)->nic_->reset();
    return 0;
  }
  static int64_t poll(chim_backend *, uint64_t budget) {
    sc_core::wait(static_cast<double>(budget) * kClock);
    return static_cast<int64_t>(budget);
  }
  static int now_ms(chim_backend *, uint32_t *ms) {
    *ms = static_cast<uint32_t>(sc_time_stamp() / kMs);
    return 0;
  }

  void b_transport(tlm::tlm_generic_payload &trans, sc_time &) {
    const uint64_t at = trans.get_address() - iova_, len = trans.get_data_length();
    if (at > len_ || len > len_ - at) {
      ++dma_errors;
      trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    if (trans.is_read()) {
      std::memcpy(trans.get_data_ptr(), va_ + at, len);
    } else {
      std::memcpy(va_ + at, trans.get_data_ptr(), len);
    }
    dma_bytes += len;
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  chim::NicModule *nic_;
  Backend backend_{};
  uint8_t *va_ = nullptr;
  uint64_t len_ = 0, iova_ = 0;
};

const chim_backend_ops Host::kOps = {"systemc", nullptr, read32, write32, dma_map, dma_unmap,
                                     nullptr,   reset,   poll,   nullptr, now_ms,  nullptr};

chim::NicModule::Config config(uint64_t seed) {
  chim::NicModule::Config c;
  c.period = kClock;
  c.mem_latency = 20;
  c.seed = seed;
  return c;
}

class Bench : public sc_core::sc_module {
 public:
  Bench(sc_core::sc_module_name name, const chim_model_api &api, const chim_impair_cfg &cfg)
      : sc_module(name),
        nic0_("nic0", api, config(cfg.seed)),
        nic1_("nic1", api, config(cfg.seed + 1)),
        host0_("host0", &nic0_),
        host1_("host1", &nic1_),
        link_("link", cfg),
        impaired_(cfg.dir[0].loss != 0) {
    nic0_.dma.bind(host0_.dma);
    nic1_.dma.bind(host1_.dma);
    host0_.regs.bind(nic0_.regs);
    host1_.regs.bind(nic1_.regs);
    nic0_.tx.bind(link_.from_a);
    nic1_.tx.bind(link_.from_b);
    link_.to_a.bind(nic0_.rx);
    link_.to_b.bind(nic1_.rx);
    SC_HAS_PROCESS(Bench);
    SC_THREAD(run0);
    set_stack_size(kStack);
    SC_THREAD(run1);
    set_stack_size(kStack);
  }
  void check();

 private:
  static constexpr size_t kStack = 1u << 20;
  // How far both ends must have come before either goes on.
  enum Phase { kOpened, kOffloaded, kSent, kQuieted, kUploaded };

  struct End {
    nic_end nic;
    size_t left;  // bytes that came back
    uint64_t frames, retransmits, fast, timeouts, out_of_order, segments, bad_csum;
    double transfer_ms;
    bool closed;
    int phase = -1;  // last one reached
  };

  void run0() { end(0, &host0_); }
  void run1() { end(1, &host1_); }
  // The NICs never end by themselves.
  void end(unsigned side, Host *host) {
    run(side, host);
    if (++ended_ == 2) sc_core::sc_stop();
  }
  void run(unsigned side, Host *host);
  // Polls until the other end is there as well.
  bool meet(unsigned side, nic_end *e, Phase phase) {
    ends_[side].phase = phase;
    while (ends_[!side].phase < phase && !failed_) failed_ |= !nic_end_poll(e);
    return !failed_;
  }

  chim::NicModule nic0_, nic1_;
  Host host0_, host1_;
  chim::LinkModule link_;
  const bool impaired_;
  bool failed_ = false;  // one end cannot go on: the other must not wait for it
  unsigned ended_ = 0;
  End ends_[2] = {};
};

bool arrived(void *arg) {
  const auto *e = static_cast<nic_end *>(arg);
  return nic_end_done(&e->conns[0], kBytes[!e->cfg.side]);
}

bool never(void *) { return false; }

void Bench::run(unsigned side, Host *host) {
  End &end = ends_[side];
  nic_end *e = &end.nic;
  const nic_end_cfg cfg = {side, kPoll, kWindow, kPiece, kWindow};
  auto go = [&](bool ok) {
    failed_ |= !ok;
    return !failed_;
  };
  nic_end_open(e, host->backend(), &cfg);
  nic_end_conn *c = nic_end_new(e);
  if (!meet(side, e, kOpened) || !go(nic_end_offload(e, c)) || !meet(side, e, kOffloaded)) return;
  const sc_time began = sc_time_stamp();
  c->to_send = kBytes[side];
  if (!go(nic_end_until(e, arrived, e, kTransferMs))) {
    printf("# side %u: %llu bytes received\n", side, (unsigned long long)c->received);
    return;
  }
  end.transfer_ms = (sc_time_stamp() - began) / kMs;
  if (!meet(side, e, kSent)) return;
  nic_end_until(e, never, nullptr, kQuietMs);
  if (!meet(side, e, kQuieted) || !go(nic_end_upload(e, c)) || !meet(side, e, kUploaded)) return;
  end.left = c->img.snd.len + c->img.rcv.len;
  end.frames = nic_end_counter(e, "TX_FRAMES");
  end.retransmits = nic_end_counter(e, "TX_RETRANSMITS");
  end.fast = nic_end_counter(e, "TX_FAST_RETRANSMITS");
  end.timeouts = nic_end_counter(e, "TX_TIMEOUTS");
  end.segments = nic_end_counter(e, "TX_SEGS");
  end.out_of_order = nic_end_counter(e, "SEG_OUT_OF_ORDER");
  end.bad_csum = nic_end_counter(e, "RX_BAD_TCP_CSUM") + nic_end_counter(e, "RX_BAD_IP_CSUM");
  end.closed = nic_end_close(e);
}

void Bench::check() {
  OK(!failed_ && ends_[0].phase == kUploaded && ends_[1].phase == kUploaded,
     "both ends came to the end (phases %d, %d)", ends_[0].phase, ends_[1].phase);
  for (unsigned side = 0; side < 2; ++side) {
    const End &e = ends_[side];
    const nic_end_conn &c = e.nic.conns[0];
    const chim_tcp_image &r = c.img, &o = ends_[!side].nic.conns[0].img;
    const auto bytes = static_cast<uint32_t>(kBytes[side]);
    const Host &host = side ? host1_ : host0_;
    const chim_impair_counts &sent = link_.counts(side ? CHIM_TO_NIC : CHIM_FROM_NIC);
    const chim::NicModule &nic = side ? nic1_ : nic0_;
    IS(c.received, kBytes[!side], "all bytes arrived");
    OK(!c.bad, "they are the other end's");
    OK(r.State == TcpConnectionEstablished && !e.left, "established, nothing left over");
    IS(r.SndUna, c.isn + bytes, "SndUna is behind the last byte");
    OK(r.SndNxt == r.SndUna && r.SndMax == r.SndUna, "SndNxt and SndMax are SndUna");
    IS(o.RcvNxt, r.SndUna, "the other end's RcvNxt is SndUna");
    // The last acknowledgment may be one that went astray; what came later is no further.
    const uint32_t here = r.SndUna + r.SndWnd, there = o.RcvNxt + o.RcvWnd;
    const uint32_t most = impaired_ ? kWindow : 1u << NIC_END_SCALE;
    OK(there - here < most, "the window seen here ends where the other end's does (%u bytes less)",
       there - here);
    IS(sent.frames, e.frames, "all frames of the NIC entered the link");
    OK(o.TsTime - r.TsRecent < 1000, "TsRecent is a time of the other end, %u ms ago",
       o.TsTime - r.TsRecent);
    if (impaired_) {
      OK(sent.lost && sent.reordered && sent.duplicated && sent.corrupted,
         "the link lost %llu frames, reordered %llu, doubled %llu, corrupted %llu",
         (unsigned long long)sent.lost, (unsigned long long)sent.reordered,
         (unsigned long long)sent.duplicated, (unsigned long long)sent.corrupted);
      OK(e.retransmits > 0 && e.out_of_order > 0, "there were retransmissions");
      OK(e.bad_csum > 0, "checksums found corruption");
    } else {
      IS(sent.passed, sent.frames, "the link left all frames whole");
      IS(e.retransmits + e.timeouts + e.out_of_order + e.bad_csum, 0, "no recovery");
      IS(e.nic.plain, 0, "no frame came up the plain path");
    }
    IS(sent.overflow, 0, "no frame lost in the bench itself");
    IS(e.nic.rules + e.nic.warned + c.events, 0, "no rule broken, no warning, no event");
    IS(host.dma_errors, 0, "DMA stayed within the mapped memory");
    OK(e.closed, "closed with nothing left");
    printf(
        "# side %u: %.3f ms, %llu clocks, %llu segments, %llu sent again (%llu fast, "
        "%llu time-outs), %llu out of order, %llu bad checksums, %llu frames on the link; "
        "%llu register accesses, %llu bytes by DMA\n",
        side, e.transfer_ms, (unsigned long long)nic.cycles(), (unsigned long long)e.segments,
        (unsigned long long)e.retransmits, (unsigned long long)e.fast,
        (unsigned long long)e.timeouts, (unsigned long long)e.out_of_order,
        (unsigned long long)e.bad_csum, (unsigned long long)sent.frames,
        (unsigned long long)host.accesses, (unsigned long long)host.dma_bytes);
  }
}

}  // namespace

int sc_main(int argc, char **argv) {
  const std::string what = argc > 1 ? argv[1] : "clean";
  static const chim_model_api api = CHIM_MODEL_API_STATIC;
  chim_impair_cfg cfg{};
  cfg.seed = tap_seed(1);
  for (auto &d : cfg.dir) {
    d.delay_ns = 50000;
    if (what != "loss") continue;
    d.loss = d.reorder = 30000;
    d.duplicate = d.corrupt = 20000;
    d.hold_ns = CHIM_IMPAIR_HOLD_NS;
  }
  Bench bench("bench", api, cfg);
  sc_core::sc_start();
  bench.check();
  return tap_done();
}
