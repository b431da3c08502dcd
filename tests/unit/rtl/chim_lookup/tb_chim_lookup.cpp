// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench of chim_lookup: commands of firmware under traffic against a map. Hard part: an answer may
// be as of any moment between its request and itself, so the map keeps when each key came and went,
// and an answer is wrong only if it was true at no moment in between.
#include <algorithm>
#include <cinttypes>
#include <deque>
#include <map>
#include <set>

#include "Vdut.h"
#include "bench/bench.h"
#include "rtl/chim_lookup/hash_ref.h"
#include "rtl/common/bits.h"

namespace {

const unsigned kConns = CONNS;
const unsigned kKeyBytes = (KEY_W + 7) / 8;
enum Op { FIND = 1, INSERT = 2, REMOVE = 3 };

using Key = std::vector<uint8_t>;  // KEY_W bits, the top one: IPv6

// What is known of a key: bindings with the times in which they may or must hold.
struct Span {
  unsigned slot;
  uint64_t may_from, must_from, must_to, may_to;
};
const uint64_t kNever = ~0ull;

class Tb : public bench::Base<Vdut> {
 public:
  Tb(unsigned idle, uint32_t seed) : Base("chim_lookup"), idle_(idle), hash_seed_(seed) {
    dut->seed_i = seed;
    dut->cmd_valid = 0;
    dut->req_valid = 0;
    reset();
    while (!dut->idle_o) {
      clock();
      bench::check(cycle < kConns + 20, "never ready");
    }
  }

  // Keys that traffic asks for; it runs while there are some.
  std::vector<Key> traffic;
  unsigned answers = 0, hits = 0, slow = 0;
  uint64_t first_latency = 0;

  bool command(Op op, const Key &key, unsigned slot, unsigned *found = nullptr) {
    for (unsigned i = 0; i < kKeyBytes; i++) bits::set_byte(dut->cmd_key, i, key[i]);
    dut->cmd_op = op;
    dut->cmd_slot = slot;
    dut->cmd_valid = 1;
    const bool was = present(key);
    if (op == INSERT && !was) {
      spans_[key].push_back({slot, cycle, kNever, kNever, kNever});
    }
    if (op == REMOVE && was) spans_[key].back().must_to = cycle;
    const uint64_t start = cycle;
    bool ok = false;
    do {
      dut->eval();
      ready_seen_ = dut->cmd_ready;
      ok = dut->cmd_ok_o;
      if (ready_seen_ && found) *found = dut->cmd_slot_o;
      clock();
      bench::check(cycle - start < 400, "command not done in time");
    } while (!ready_seen_);
    dut->cmd_valid = 0;
    longest = std::max(longest, cycle - start);
    if (op == INSERT && !was) {
      if (ok) {
        spans_[key].back().must_from = cycle;
      } else {
        spans_[key].pop_back();
      }
    }
    if (op == REMOVE && was) {
      bench::check(ok, "a key that was there was not removed");
      spans_[key].back().may_to = cycle;
    }
    return ok;
  }
  bool present(const Key &key) { return current(key) != spans_[key].end(); }
  unsigned slot_of(const Key &key) { return current(key)->slot; }
  // The slot whose memory may hold the key from its first time.
  unsigned first_slot_of(const Key &key) {
    const auto &v = spans_[key];
    return v.empty() ? 0 : v.front().slot;
  }
  void drain() {
    draining_ = true;
    for (unsigned i = 0; i < 300; i++) clock();
    bench::check(asked_.empty(), "requests without an answer");
    bench::check(dut->idle_o, "not idle");
    draining_ = false;
  }
  uint64_t longest = 0;

 private:
  struct Asked {
    Key key;
    uint64_t when;
  };
  std::vector<Span>::iterator current(const Key &key) {
    auto &v = spans_[key];
    if (v.empty() || v.back().must_to != kNever || v.back().must_from == kNever) return v.end();
    return v.end() - 1;
  }

  void step() override {
    if (dut->rsp_valid_o) {
      bench::check(!asked_.empty(), "an answer without a request");
      judge(asked_.front());
      asked_.pop_front();
    }
    if (dut->req_valid && dut->req_ready) {
      asked_.push_back({key_, cycle});
      have_ = false;
    }
  }
  void judge(const Asked &a) {
    answers++;
    const uint64_t took = cycle - a.when;
    bench::check(took >= 4, "an answer too early");
    if (took > 4) slow++;
    bool may_hit = false, must_hit = false;
    for (const Span &s : spans_[a.key]) {
      if (s.may_from <= cycle && a.when <= s.may_to && dut->rsp_hit_o &&
          s.slot == dut->rsp_slot_o) {
        may_hit = true;
      }
      if (s.must_from <= a.when && cycle <= s.must_to) must_hit = true;
    }
    if (dut->rsp_hit_o) {
      hits++;
      bench::check(may_hit, "a hit that was never true, slot " + std::to_string(dut->rsp_slot_o));
    } else {
      bench::check(!must_hit, "a key was lost");
    }
  }
  void step_apply() override {
    if (!have_ && !traffic.empty() && !draining_ && !rng.chance(idle_)) {
      key_ = traffic[rng.below(static_cast<uint32_t>(traffic.size()))];
      for (unsigned i = 0; i < kKeyBytes; i++) bits::set_byte(dut->req_key, i, key_[i]);
      have_ = true;
    }
    dut->req_valid = have_;
  }

  unsigned idle_;
  uint32_t hash_seed_;
  bool ready_seen_ = false, have_ = false, draining_ = false;
  Key key_;
  std::deque<Asked> asked_;
  std::map<Key, std::vector<Span>> spans_;
};

Key random_key(bench::Rng &rng) {
  Key k(kKeyBytes);
  for (auto &x : k) x = static_cast<uint8_t>(rng.u32());
  if (KEY_W % 8) k.back() &= static_cast<uint8_t>((1u << (KEY_W % 8)) - 1);
  if (KEY_W == 289 && rng.chance(70)) {  // IPv4
    for (unsigned i = 4; i < 16; i++) k[i] = k[16 + i] = 0;
    k.back() = 0;
  }
  return k;
}

hash_ref::Words words_of(const Key &k) {
  hash_ref::Words w{};
  for (unsigned i = 0; i < (KEY_W - 1) / 8; i++) {
    w[i / 4] |= static_cast<uint32_t>(k[i]) << (8 * (i % 4));
  }
  return w;
}

// Random inserts and removes of keys from a pool, traffic all the time.
void churn(const char *what, const std::vector<Key> &pool, unsigned commands, unsigned idle,
           bool must_fit, bool slow_wanted) {
  Tb tb(idle, static_cast<uint32_t>(std::hash<std::string>{}(what)));
  tb.traffic = pool;
  std::vector<unsigned> free;
  for (unsigned s = 0; s < kConns; s++) free.push_back(s);
  std::vector<Key> in;
  unsigned refused = 0, most = 0;
  for (unsigned i = 0; i < commands; i++) {
    const Key &k = pool[tb.rng.below(static_cast<uint32_t>(pool.size()))];
    const unsigned pick = tb.rng.below(10);
    const bool grow = (i / 400) % 2 == 0;
    if (pick == 0) {
      unsigned slot = 0;
      const bool was = tb.present(k);
      bench::check(tb.command(FIND, k, 0, &slot) == was, "FIND");
      if (was) bench::check_eq(slot, tb.slot_of(k), "FIND's slot");
    } else if (pick < (grow ? 8u : 4u)) {
      if (tb.present(k)) {
        bench::check(!tb.command(INSERT, k, tb.rng.below(kConns)), "a key inserted twice");
      } else if (pick == 1 && kConns < 65536) {
        bench::check(!tb.command(INSERT, k, kConns + tb.rng.below(65536 - kConns)),
                     "a slot that does not exist");
      } else if (!free.empty()) {
        const size_t at = tb.rng.below(static_cast<uint32_t>(free.size()));
        const unsigned slot = free[at];
        if (tb.command(INSERT, k, slot)) {
          free.erase(free.begin() + static_cast<long>(at));
          in.push_back(k);
          most = std::max(most, static_cast<unsigned>(in.size()));
        } else {
          refused++;
        }
      }
    } else {
      const bool was = tb.present(k);
      const unsigned slot = was ? tb.slot_of(k) : 0;
      // What else is at the port must not matter, least of all a slot that had the key before.
      bench::check(tb.command(REMOVE, k, tb.first_slot_of(k)) == was, "REMOVE");
      if (was) {
        free.push_back(slot);
        in.erase(std::find(in.begin(), in.end(), k));
      }
    }
  }
  tb.drain();
  for (const Key &k : pool) {
    unsigned slot = 0;
    const bool was = tb.present(k);
    bench::check(tb.command(FIND, k, 0, &slot) == was, "FIND at the end");
    if (was) bench::check_eq(slot, tb.slot_of(k), "slot at the end");
  }
  bench::check(!must_fit || refused == 0, "a key found no place");
  bench::check(must_fit || refused > 0, "everything fitted");
  bench::check(tb.hits > 100, "hits");
  bench::check(!slow_wanted || tb.slow > 20, "no lookup met equal tags");
  std::printf(
      "ok - %s: %u answers, %u hits, %u slower than 4 clocks, at most %u keys in, %u refused, "
      "longest command %" PRIu64 " clocks\n",
      what, tb.answers, tb.hits, tb.slow, most, refused, tb.longest);
}

// Every slot taken, by random keys and by keys that differ in a few bits only: all must fit.
void fill() {
  for (unsigned kind = 0; kind < 3; kind++) {
    Tb tb(50, kind * 77777u);
    std::set<Key> keys;
    const Key base = random_key(tb.rng);
    while (keys.size() < kConns) {
      Key k = base;
      const unsigned n = static_cast<unsigned>(keys.size());
      if (kind == 0) k = random_key(tb.rng);
      if (kind == 1) {  // ports in a row
        k[32] = static_cast<uint8_t>(n);
        k[33] = static_cast<uint8_t>(n >> 8);
      }
      if (kind == 2) {  // addresses in a row
        k[18] = static_cast<uint8_t>(n >> 8);
        k[19] = static_cast<uint8_t>(n);
      }
      keys.insert(k);
    }
    tb.traffic.assign(keys.begin(), keys.end());
    unsigned slot = 0;
    for (const Key &k : keys) bench::check(tb.command(INSERT, k, slot++), "a key found no place");
    const unsigned before = tb.answers, hits = tb.hits;
    tb.clocks(20 * kConns);
    bench::check_eq(tb.hits - hits, tb.answers - before, "hits when all keys are in");
    tb.drain();
    std::printf("ok - %u of %u slots filled, kind %u; %u answers\n", slot, kConns, kind,
                tb.answers);
  }
}

// One request a clock, all found: the rate and the latency that the header states.
void rate() {
  Tb tb(0, 1);
  std::vector<Key> keys;
  for (unsigned i = 0; i < 32; i++) {
    keys.push_back(random_key(tb.rng));
    tb.command(INSERT, keys.back(), i);
  }
  tb.traffic = keys;
  tb.clocks(100);
  const unsigned before = tb.answers, slow = tb.slow;
  tb.clocks(5000);
  const unsigned got = tb.answers - before;
  std::printf("# %u answers in 5000 clocks, %u slow\n", got, tb.slow - slow);
  bench::check(got >= 4500, "rate");
  tb.drain();
  std::printf("ok - one lookup a clock\n");
}

}  // namespace

int main() {
  bench::Rng rng("chim_lookup pool");
  std::vector<Key> pool;
  if constexpr (KEY_W < 16) {
    // Every key there is.
    std::printf("1..2\n");
    for (unsigned v = 0; v < (1u << KEY_W); v++) {
      Key k(kKeyBytes);
      for (unsigned i = 0; i < kKeyBytes; i++) k[i] = static_cast<uint8_t>(v >> (8 * i));
      pool.push_back(k);
    }
    churn("every key, no idle", pool, 60000, 0, true, true);
    churn("every key, idle", pool, 60000, 60, true, true);
    return 0;
  }
  std::printf(kConns > 1024 ? "1..5\n" : "1..7\n");
  fill();
  rate();
  for (unsigned i = 0; i < 3 * kConns; i++) pool.push_back(random_key(rng));
  churn("random keys", pool, 12000, 30, true, false);
  if (kConns > 1024) return 0;
  // Keys of the same two buckets: eight places and the stash, no more.
  const char *name = "keys of two buckets";
  const uint32_t seed = static_cast<uint32_t>(std::hash<std::string>{}(name));
  const unsigned row_w = static_cast<unsigned>(__builtin_ctz(kConns / 4));
  auto buckets = [&](const Key &k) {
    const uint64_t h = hash_ref::hash(words_of(k), k.back(), seed);
    return (h & ((1u << row_w) - 1)) | (h >> 14 & ((1u << row_w) - 1)) << row_w;
  };
  std::vector<Key> same;
  const Key base = random_key(rng);
  const uint64_t want = buckets(base);
  for (Key k = base; same.size() < 40;) {
    for (unsigned i = 0; i < 4; i++) k[32 + i] = static_cast<uint8_t>(rng.u32());
    for (unsigned i = 0; i < 4; i++) k[16 + i] = static_cast<uint8_t>(rng.u32());
    if (buckets(k) == want) same.push_back(k);
  }
  churn(name, same, 6000, 20, false, true);
  std::vector<Key> mixed = same;
  mixed.insert(mixed.end(), pool.begin(), pool.begin() + 40);
  churn(name, mixed, 6000, 0, false, true);
  return 0;
}
