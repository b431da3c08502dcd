// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// One established connection as firmware installs it in the engine's tables. Hard part: the fields
// of the two halves must agree, as they do after a hand-off.
#ifndef CHIM_TESTS_ENGINE_CONN_H
#define CHIM_TESTS_ENGINE_CONN_H

#include "contract/chim_contract.h"

namespace engine {

// One connection as firmware installs it.
struct Conn {
  chim_hw_tcb_tx tx{};
  chim_hw_tcb_rx rx{};
  chim_hw_cfg_tx cfg_tx{};
  chim_hw_cfg_rx cfg_rx{};
  chim_hw_cfg_bind cfg_bind{};
  chim_hw_doorbell bell{};
  chim_hw_sent sent{};
  uint32_t placed = 0;

  // ours: our next sequence number; theirs: the peer's.
  Conn(uint32_t ours, uint32_t theirs, uint32_t mss, uint32_t wnd) {
    tx.SndUna = tx.SndNxt = tx.SndMax = ours;
    tx.SndWnd = wnd;
    tx.CWnd = 10 * mss;
    tx.SsThresh = 0x7fffffff;
    tx.Recover = ours - 1;
    rx.RcvNxt = theirs;
    rx.AckNewest = ours;
    rx.Wnd = rx.MaxSndWnd = wnd;
    rx.WL1 = theirs - 1;
    rx.WL2 = ours;
    rx.AckNowSeq = theirs;
    cfg_tx.Mss = static_cast<uint16_t>(mss);
    cfg_tx.MaxRT = 0;
    cfg_bind.RcvBuf = 1 << 20;
    cfg_bind.RcvRingLog2 = 20;
    cfg_bind.RcvWindScale = 7;
    cfg_bind.Mss = static_cast<uint16_t>(mss);
    cfg_rx.SndWindScale = 14;
    bell.SndEnd = ours;
    bell.RcvReturn = theirs;
    sent.LastAckSent = theirs;
    sent.AdvEdge = theirs + (1 << 20);
    sent.WireNxt = ours;
    placed = theirs;
  }
  void timestamps(uint32_t delta, uint32_t recent) {
    cfg_tx.TsEnabled = cfg_rx.TsEnabled = cfg_bind.TsEnabled = 1;
    cfg_tx.TsDelta = cfg_bind.TsDelta = delta;
    rx.TsRecent = recent;
  }
};

}  // namespace engine

#endif
