// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Measures P10, clocks of an offload and an upload in trees of 64 connections, and writes it to the
// file of the first argument. With a symbol list (nm -n) as second argument it prints where the
// core's clocks went. Hard part: none; the tables, lookup and fence of the bed answer about as fast
// as the real ones, host memory after 250 clocks.
#include <cinttypes>
#include <fstream>
#include <iomanip>
#include <sstream>

#include "Vdut___024root.h"
#include "Vdut_VexRiscv.h"
#include "Vdut_chim_soc.h"
#if CORE_DIV == 1  // the class's name tells the parameter
#include "Vdut_chim_soft_core.h"
#else
#include "Vdut_chim_soft_core__C2.h"
#endif
#include "soc_host.h"

namespace {

constexpr unsigned kConns = 64, kLatency = 250, kRounds = 4;
constexpr unsigned kCoreDiv = CORE_DIV;

class Figures : public soc::Host {
 public:
  using Host::Host;

  void step() override {
    Host::step();
    if (!profile) return;
    // A clock belongs to the instruction that ends next.
    const auto *core = dut->rootp->chim_soc->u_core->u_core;
    waited_++;
    fetch_ += dut->rootp->chim_soc->u_core->__PVT__ibus_valid;
    if (!core->lastStageIsFiring) return;
    uint32_t pc = core->lastStagePc;
    Place &p = places_[pc];
    p.clocks += waited_;
    if (kCoreDiv == 1 || waited_ > 1) p.count++;
    waited_ = 0;
  }
  bool profile = false;

  // Functions by clocks; `symbols`: lines of nm -n.
  void print(const char *symbols, unsigned pairs) {
    std::map<uint32_t, std::string> names;
    std::ifstream file(symbols);
    bench::check(file.good(), "cannot read the symbols");
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      std::string addr, kind, name;
      words >> addr >> kind >> name;
      if (kind == "T" || kind == "t") names[std::stoul(addr, nullptr, 16)] = name;
    }
    std::map<std::string, Place> sums;
    Place all;
    for (const auto &[pc, place] : places_) {
      auto it = names.upper_bound(pc);
      std::string name =
          it == names.begin() ? "?" : (--it)->second + "@" + std::to_string(it->first);
      sums[name].add(place);
      all.add(place);
    }
    std::vector<std::pair<std::string, Place>> rows(sums.begin(), sums.end());
    std::sort(rows.begin(), rows.end(),
              [](auto &a, auto &b) { return a.second.clocks > b.second.clocks; });
    rows.insert(rows.begin(), {"all", all});
    std::printf("# a pair fetches instructions in %.0f clocks\n", double(fetch_) / pairs);
    std::printf("# clocks, instructions of a pair, function\n");
    for (const auto &[name, place] : rows) {
      if (place.clocks < pairs * 20) break;
      std::printf("# %7.0f %6.0f  %s\n", double(place.clocks) / pairs, double(place.count) / pairs,
                  name.c_str());
    }
  }

 private:
  struct Place {
    uint64_t clocks = 0, count = 0;
    void add(const Place &o) {
      clocks += o.clocks;
      count += o.count;
    }
  };
  std::map<uint32_t, Place> places_;
  uint64_t waited_ = 0, fetch_ = 0;
};

}  // namespace

int main(int argc, char **argv) {
  bench::check(argc >= 2, "usage: FIGURES.json [SYMBOLS]");
  Figures tb("figures_soc");
  tb.boot();
  tb.params();
  tb.latency = kLatency;
  tb.profile = argc > 2;
  double pair = 0;
  for (unsigned i = 0; i < kRounds; i++)
    pair += tb.round_trip(kConns, "memory after 250 clocks") / kRounds;
  if (tb.profile) tb.print(argv[2], kConns * kRounds);
  std::FILE *f = std::fopen(argv[1], "w");
  bench::check(f != nullptr, "cannot write the figures");
  std::fprintf(f,
               "{\"%s\": {\"value\": %.0f, \"unit\": \"engine cycles per offload and upload\", "
               "\"target\": \"<= 2500\", \"parameters\": {\"core_divider\": %u, "
               "\"memory_latency\": %u, \"connections\": %u}}}\n",
               kCoreDiv == 1 ? "P10" : "P10-div2", pair, kCoreDiv, kLatency, kConns);
  bench::check(std::fclose(f) == 0, "cannot write the figures");
  return 0;
}
