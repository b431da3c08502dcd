// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Window that a header offers and window update, RTL against reference. Hard part: edges that lie
// on a unit of the scale, on the end of the ring, and next to them.

#include <cstring>

#include "Vdut.h"
#include "diff.h"

extern "C" {
#include "ref/bind.h"
}

namespace {

class Tb : public bench::Base<Vdut> {
 public:
  Tb() : Base("diff-bind"), v_(rng) {}

  bool run() {
    for (uint64_t i = 0; i < diff::pairs(); i++) {
      new_input();
      if (!compare(i)) return false;
    }
    std::printf("# %llu pairs\n", static_cast<unsigned long long>(diff::pairs()));
    return reached_.enough(diff::pairs() / 10000);
  }

 private:
  // RcvReturn <= RcvPlaced <= RcvReturn + ring + 1 (a FIN); AdvEdge behind RcvReturn too.
  void new_input() {
    std::memset(&in_, 0, sizeof(in_));
    std::memset(&sent_, 0, sizeof(sent_));
    auto &c = in_.cfg;
    c.RcvRingLog2 = static_cast<uint8_t>(12 + v_.below(13));
    const uint32_t ring = 1u << c.RcvRingLog2;
    c.RcvBuf = v_.pick({ring, ring - 1, ring / 2, 1 + v_.below(ring), v_.below(20000) + 1});
    if (c.RcvBuf > ring) c.RcvBuf = ring;
    c.RcvWindScale = static_cast<uint8_t>(v_.below(15));
    c.Mss = static_cast<uint16_t>(v_.pick({64, 536, 1448, 9216, 64 + v_.below(9153)}));
    const uint32_t unit = 1u << c.RcvWindScale;
    const uint32_t step = c.Mss < c.RcvBuf / 2 ? c.Mss : c.RcvBuf / 2;
    in_.RcvReturn = v_.point();
    const uint32_t target = in_.RcvReturn + c.RcvBuf;
    in_.RcvPlaced = v_.bit() ? in_.RcvReturn + v_.below(ring + 2)
                             : v_.near({in_.RcvReturn, target, target - unit, target - step,
                                        in_.RcvReturn + ring, target - 65535 * unit});
    sent_.AdvEdge = v_.near({target, target - step, target - unit, in_.RcvPlaced,
                             in_.RcvPlaced + unit, in_.RcvPlaced + c.RcvBuf / 2,
                             in_.RcvPlaced + (unit << 15), in_.RcvReturn + v_.below(ring + 2)});
    sent_.LastAckSent = in_.RcvPlaced;
    in_.r.AckNowSeq = in_.RcvPlaced;
    in_.pure_ack = true;
  }

  bool compare(uint64_t number) {
    uint32_t cfg[CHIM_CFG_BIND_WORDS] = {};
    chim_hw_cfg_bind_pack(cfg, &in_.cfg);
    for (unsigned i = 0; i < CHIM_CFG_BIND_WORDS; i++) dut->cfg_i[i] = cfg[i];
    dut->ack_i = in_.RcvPlaced;
    dut->rcv_return_i = in_.RcvReturn;
    dut->adv_edge_i = sent_.AdvEdge;
    clock();
    dut->eval();

    ref_bind_out out;
    chim_hw_sent after = sent_;
    const bool due = ref_ack_due(&in_, &sent_);
    ref_bind(&after, &in_, &out);
    diff::Compare c;
    c.value("wnd", dut->wnd_o, out.wnd);
    c.value("scale", dut->scale_o, in_.cfg.RcvWindScale);
    c.value("window update due", dut->window_due_o, due);
    reached_.note("window update due", due);
    reached_.note("window 0", out.wnd == 0);
    reached_.note("window 65535", out.wnd == 65535);
    reached_.note("edge moves", after.AdvEdge != sent_.AdvEdge);
    if (c.same()) return true;
    const auto &b = in_.cfg;
    std::printf("# pair %llu differs: %s\n", static_cast<unsigned long long>(number),
                c.text().c_str());
    std::printf(
        "# RcvPlaced=0x%08x RcvReturn=0x%08x AdvEdge=0x%08x RcvBuf=%u RcvRingLog2=%u "
        "RcvWindScale=%u Mss=%u\n",
        in_.RcvPlaced, in_.RcvReturn, sent_.AdvEdge, b.RcvBuf, b.RcvRingLog2, b.RcvWindScale,
        b.Mss);
    return false;
  }

  diff::Values v_;
  diff::Reached reached_;
  ref_bind_in in_;
  chim_hw_sent sent_;
};

}  // namespace

int main() {
  Tb tb;
  const bool good = tb.run();
  std::printf("1..1\n%s 1 - window of late binding agrees with the reference\n",
              good ? "ok" : "not ok");
  return good ? 0 : 1;
}
