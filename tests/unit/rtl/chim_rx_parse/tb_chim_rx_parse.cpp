// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of chim_rx_parse: random frames of every kind, one cut at every byte, and garbage, back to
// back and with gaps, against a parser over bytes; keys, records, order and latency. Hard part: a
// key that waits too long must cost exactly the next frame's key, never a wrong one.
#include <cinttypes>
#include <deque>
#include <map>

#include "Vdut.h"
#include "bench/bench.h"
#include "rtl/common/bits.h"
#include "rtl/common/frames.h"
#include "rtl/common/parse_ref.h"

namespace {

const unsigned kBus = DATA_W / 8;
const pkt::Mac kOwn{0x02, 0x11, 0x22, 0x33, 0x44, 0x5c};
const unsigned kRecLatency = DATA_W == 64 ? 1 : 5;

class Tb : public bench::Base<Vdut> {
 public:
  Tb(unsigned gap, unsigned key_stall) : Base("chim_rx_parse"), gap_(gap), key_stall_(key_stall) {
    dut->mac_i = 0;
    for (unsigned i = 0; i < 6; i++) dut->mac_i |= static_cast<uint64_t>(kOwn[i]) << (8 * i);
    dut->promiscuous_i = 0;
    apply();
    reset();
  }

  void send(const pkt::Bytes &f, bool bad) {
    Expected e;
    e.frame = f;
    e.rec = pkt::parse(f, bad, kOwn, dut->promiscuous_i, KEYED, kBus);
    expected_.push_back(e);
    for (auto &b : bits::to_beats(f, kBus, bad)) beats_.push_back(b);
  }
  void promiscuous(bool on) { dut->promiscuous_i = on; }
  bool drained() const { return beats_.empty() && expected_.empty() && !valid_; }
  void run() {
    const uint64_t bound = cycle + 1000 + beats_.size() * 20;
    while (!drained()) {
      clock();
      bench::check(cycle < bound, "not drained in time");
    }
    clocks(100);
    bench::check(keys_.empty() && wanted_.empty(), "a key without a frame, or no key");
  }
  unsigned frames = 0, lost = 0;
  std::map<std::string, unsigned> kinds;

 private:
  struct Expected {
    pkt::Bytes frame;
    pkt::Record rec;
  };

  void step() override {
    if (dut->key_valid && dut->key_ready) {
      pkt::Key k;
      k.ipv6 = dut->key_ipv6;
      k.local_port = dut->key_local_port;
      k.remote_port = dut->key_remote_port;
      for (unsigned i = 0; i < 16; i++) {
        k.local[i] = bits::get_byte(dut->key_local, i);
        k.remote[i] = bits::get_byte(dut->key_remote, i);
      }
      keys_.push_back(k);
    }
    if (dut->rec_valid) record();
    match_keys();
    if (valid_) {
      if (beat_.last) ends_.push_back(cycle);
      valid_ = false;
    }
  }

  void same(unsigned bit, bool want, const char *what) {
    const bool got = (dut->rec_flags >> bit) & 1;
    if (got != want) wrong(std::string(what) + (want ? " missing" : " set"));
  }
  template <typename T>
  void same_value(T got, T want, const char *what) {
    if (got != want) {
      wrong(std::string(what) + ": got " + std::to_string(got) + ", want " + std::to_string(want));
    }
  }
  [[noreturn]] void wrong(const std::string &what) {
    bench::fail("frame " + std::to_string(frames) + ": " + what + "\n" +
                pkt::hex(expected_.front().frame));
  }

  void record() {
    bench::check(!expected_.empty(), "a record without a frame");
    const pkt::Record &r = expected_.front().rec;
    bench::check(!ends_.empty(), "a record before the frame's end");
    same_value<uint64_t>(cycle - ends_.front(), kRecLatency, "latency");
    ends_.pop_front();
    const bool keyed = (dut->rec_flags >> 6) & 1;
    if (dut->rec_lost) {
      bench::check(key_stall_ > 0 && DATA_W == 64, "a frame lost though keys are taken at once");
      if (keyed) wrong("keyed and lost");
      lost++;
    } else {
      same(6, r.keyed, "keyed");
    }
    if (keyed) {
      if (key_stall_ == 0 && keys_.empty()) wrong("no key before the record");
      wanted_.push_back(r.key);
    }
    same(0, r.bad, "bad");
    if (r.bad) {
      done("bad");
      return;
    }
    same(1, r.filtered, "filtered");
    same(2, r.truncated, "truncated");
    same(3, r.bad_ip, "bad_ip");
    same(4, r.bad_tcp, "bad_tcp");
    same(5, r.tcp, "tcp");
    same(7, r.options, "options");
    same(10, r.has_tag, "has_tag");
    same_value<unsigned>(dut->rec_len, r.len, "len");
    same_value<unsigned>(dut->rec_tci, r.tci, "tci");
    const bool walk = (dut->rec_flags >> 9) & 1;
    if (!r.tcp) {
      if (walk) wrong("walk without TCP");
      done(r.truncated ? "truncated" : r.bad_ip ? "bad_ip" : r.bad_tcp ? "bad_tcp" : "other");
      return;
    }
    same(8, r.malformed, "malformed");
    same_value<uint32_t>(dut->rec_seq, r.seq, "seq");
    same_value<uint32_t>(dut->rec_ack, r.ack, "ack");
    same_value<unsigned>(dut->rec_wnd, r.wnd, "wnd");
    same_value<unsigned>(dut->rec_tcp_flags, r.flags, "flags");
    if (!r.malformed) {
      same_value<unsigned>(dut->rec_pay_off, r.pay_off, "pay_off");
      same_value<unsigned>(dut->rec_pay_len, r.pay_len, "pay_len");
      same(9, !r.usual_options && !r.options, "walk");
      if (r.usual_options) {
        same_value<bool>(dut->rec_has_ts, r.has_ts, "has_ts");
        if (r.has_ts) {
          same_value<uint32_t>(dut->rec_ts_val, r.ts_val, "ts_val");
          same_value<uint32_t>(dut->rec_ts_ecr, r.ts_ecr, "ts_ecr");
        }
      } else {
        same_value<unsigned>(dut->rec_opt_words * 4u, r.opt_len, "options' length");
        const size_t at = r.pay_off - r.opt_len;
        for (unsigned i = 0; i < r.opt_len; i++) {
          const unsigned byte = 4 * (i / 4) + 3 - i % 4;
          same_value<unsigned>(bits::get_byte(dut->rec_opts, byte), expected_.front().frame[at + i],
                               "option byte");
        }
      }
    } else if (walk) {
      wrong("walk of a malformed header");
    }
    done(r.options         ? "tcp, IP options"
         : r.malformed     ? "tcp, malformed"
         : r.usual_options ? "tcp"
                           : "tcp, walk");
  }

  // At 64 bits a key may be taken after its frame's record; both come in frame order.
  void match_keys() {
    while (!wanted_.empty() && !keys_.empty()) {
      if (!(keys_.front() == wanted_.front())) {
        bench::fail("key differs, frame " + std::to_string(frames));
      }
      keys_.pop_front();
      wanted_.pop_front();
    }
  }
  void done(const char *kind) {
    kinds[kind]++;
    frames++;
    expected_.pop_front();
  }

  void step_apply() override { apply(); }
  void apply() {
    if (!beats_.empty() && !rng.chance(gap_)) {
      beat_ = beats_.front();
      beats_.pop_front();
      valid_ = true;
      bits::drive_beat(beat_, kBus, dut->beat_data_i, dut->beat_keep_i);
    }
    dut->beat_valid_i = valid_;
    dut->beat_last_i = beat_.last;
    dut->beat_bad_i = beat_.last ? beat_.user : rng.below(2);
    dut->key_ready = DATA_W > 64 || !rng.chance(key_stall_);
  }

  unsigned gap_, key_stall_;
  std::deque<bits::Beat> beats_;
  std::deque<Expected> expected_;
  std::deque<pkt::Key> keys_, wanted_;
  std::deque<uint64_t> ends_;
  bits::Beat beat_;
  bool valid_ = false;
};

void random_run(unsigned count, unsigned gap, bool promiscuous) {
  Tb tb(gap, 0);
  tb.promiscuous(promiscuous);
  for (unsigned i = 0; i < count; i++) {
    bool bad;
    const size_t most = i % 50 == 0 ? 9000 : 300;
    const pkt::Bytes f =
        pkt::random_frame(tb.rng, pkt::random_spec(tb.rng, kOwn, most), most, &bad);
    tb.send(f, bad);
    if (i % 256 == 255) tb.run();
  }
  tb.run();
  bench::check_eq(tb.frames, count, "frames");
  for (auto &k : tb.kinds) std::printf("# %s: %u\n", k.first.c_str(), k.second);
  for (const char *k : {"bad", "bad_ip", "bad_tcp", "truncated", "other", "tcp", "tcp, walk",
                        "tcp, malformed", "tcp, IP options"}) {
    bench::check(tb.kinds[k] > 0, std::string("no frame of kind ") + k);
  }
  std::printf("ok - %u random frames, gaps %u %%\n", count, gap);
}

// Whole frames of each layout, cut behind every byte, and each of them with more behind it.
void cuts() {
  Tb tb(0, 0);
  unsigned count = 0;
  for (unsigned layout = 0; layout < 16; layout++) {
    pkt::Spec s = pkt::random_spec(tb.rng, kOwn, 0);
    s.tci = layout & 1 ? 0x2005 : -1;
    s.ipv6 = layout & 2;
    s.tcp_options = layout & 4 ? pkt::timestamps(1, 2) : pkt::Bytes{};
    s.payload = pkt::random_bytes(tb.rng, 37);
    s.pad_to_60 = false;
    if (layout & 8) {
      if (s.ipv6) {
        s.extensions = {{0, 1, 4, 0, 0, 0, 0}};
        s.ext_kinds = {60};
      } else {
        s.ip_options = {1, 1, 1, 0};
      }
    }
    const pkt::Bytes whole = pkt::build(s);
    for (size_t n = 1; n <= whole.size(); n++) {
      tb.send(pkt::Bytes(whole.begin(), whole.begin() + static_cast<long>(n)), false);
      count++;
    }
    for (unsigned pad = 0; pad < 70; pad++) {
      s.padding = pad;
      tb.send(pkt::build(s), false);
      count++;
    }
    tb.run();
  }
  bench::check_eq(tb.frames, count, "frames");
  std::printf("ok - %u frames cut at every byte, padded by every count\n", count);
}

// Every length up to a full Ethernet frame: the parser's word numbers stop on the way.
void lengths() {
  Tb tb(0, 0);
  unsigned count = 0;
  for (unsigned layout = 0; layout < 4; layout++) {
    pkt::Spec s = pkt::random_spec(tb.rng, kOwn, 0);
    s.tci = layout & 1 ? 0x2005 : -1;
    s.ipv6 = layout & 2;
    s.tcp_options = pkt::timestamps(1, 2);
    s.ip_options = {};
    s.extensions = {};
    s.ext_kinds = {};
    for (size_t n = 0; n <= 1448; n++) {
      s.payload = pkt::random_bytes(tb.rng, n);
      tb.send(pkt::build(s), false);
      count++;
    }
    tb.run();
  }
  bench::check_eq(tb.frames, count, "frames");
  bench::check(tb.kinds["tcp"] == count, "each is a whole TCP segment");
  std::printf("ok - %u frames of every length\n", count);
}

// A key that is not taken: what it blocks is lost, and nothing else.
void stalled_keys() {
  Tb tb(0, 85);
  for (unsigned i = 0; i < 3000; i++) {
    pkt::Spec s = pkt::random_spec(tb.rng, kOwn, 60);
    tb.send(pkt::build(s), false);
    if (i % 100 == 99) tb.run();
  }
  tb.run();
  bench::check(DATA_W > 64 || KEYED == 0 || (tb.lost > 10 && tb.lost < 2900), "losses");
  std::printf("ok - keys stalled: %u of %u lost\n", tb.lost, tb.frames);
}

}  // namespace

int main() {
  std::printf("1..6\n");
  random_run(20000, 0, false);
  random_run(5000, 40, true);
  random_run(5000, 85, false);
  cuts();
  lengths();
  stalled_keys();
  return 0;
}
