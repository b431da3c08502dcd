// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The send step of rtl/engine/steps.md, section 3, one clause after the other, as plain C++ on the
// records of the contract. Hard part: the order of the clauses is the meaning; nothing is
// rearranged. The benches of the send half use it as their oracle.
#ifndef CHIM_TESTS_TX_STEP_MODEL_H
#define CHIM_TESTS_TX_STEP_MODEL_H

#include <algorithm>
#include <cstdint>

#include "contract/chim_contract.h"

namespace tx {

struct Params {
  uint32_t ack_frequency = 2, dup_ack_threshold = 3, max_retransmissions = 15, restart_segs = 10;
  uint32_t delayed_ack = 40, sws = 200, rto_min = 200, rto_max = 120000, fin_wait2 = 120000;
  uint32_t event_gap = 64, high_water = 0;
};

struct In {
  chim_hw_tcb_tx t;
  chim_hw_tcb_rx r;
  chim_hw_cfg_tx c;
  chim_hw_doorbell d;
  Params p;
  uint32_t now;
  bool live;
};

enum Kind { kData = 0, kAck, kRst, kToken, kFence };

struct Out {
  chim_hw_tcb_tx t;
  Kind kind = kToken;  // kToken with n = 0: nothing is sent
  uint32_t seq = 0, n = 0, last_len = 0, again = 0;
  bool fin = false, psh = false, has_una = false;
  uint32_t una = 0;
  bool kick_self = false, kick_evt = false;
  bool fast = false, timeout = false, probe = false;
  bool burst() const { return n > 0 || has_una; }
};

inline bool lt(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b) < 0; }
inline bool leq(uint32_t a, uint32_t b) { return !lt(b, a); }
inline uint32_t seq_max(uint32_t a, uint32_t b) { return lt(a, b) ? b : a; }
inline uint32_t sat(uint64_t a) {
  return static_cast<uint32_t>(std::min<uint64_t>(a, 0x7fffffffu));
}

inline Out step(const In &in) {
  Out o;
  o.t = in.t;
  chim_hw_tcb_tx &T = o.t;
  const chim_hw_tcb_rx &R = in.r;
  const chim_hw_cfg_tx &C = in.c;
  const chim_hw_doorbell &D = in.d;
  const Params &P = in.p;
  const uint32_t now = in.now, Mss = C.Mss;
  constexpr uint32_t kNone = CHIM_TIMER_MODE_NONE, kRetransmit = CHIM_TIMER_MODE_RETRANSMIT,
                     kPersist = CHIM_TIMER_MODE_PERSIST, kFinWait2 = CHIM_TIMER_MODE_FIN_WAIT_2;

  // 0.
  if (!in.live && !C.Stop) return o;
  if (D.Abort && !T.RstSent && in.live && !C.Stop) {
    o.kind = kRst;
    o.seq = T.SndNxt;
    o.n = 1;
    T.RstSent = 1;
    T.TimerMode = kNone;
    o.kick_evt = true;
    return o;
  }
  if (T.RstSent || T.Expired || R.Aborted) {
    T.TimerMode = kNone;
    return o;
  }

  // 1. Acknowledgment.
  const bool una_moves = lt(T.SndUna, R.AckNewest) && leq(R.AckNewest, T.SndMax);
  const uint32_t acked = una_moves ? R.AckNewest - T.SndUna : 0;
  const uint32_t nacks = static_cast<uint8_t>(R.AckCnt - T.AckCntSeen);
  T.AckCntSeen = R.AckCnt;
  bool first_again = false, left = false;
  uint32_t flight0 = T.SndMax - T.SndUna;
  if (acked) {
    bool sampled = false;
    uint32_t m = 0;
    if (C.TsEnabled) {
      sampled = R.TsEcrValid;
      m = now + C.TsDelta - R.TsEcr;
    } else if (T.RttTiming && !lt(R.AckNewest, T.RttSeq)) {
      sampled = true;
      m = now - T.RttTime;
      T.RttTiming = 0;
    }
    if (sampled && m <= 0x7fff) {
      int64_t srtt = T.SRtt, var = T.RttVar;
      if (srtt == 0 && var == 0) {
        srtt = 8 * int64_t(m);
        var = 2 * int64_t(m);
      } else {
        const int64_t err = int64_t(m) - (srtt >> 3);
        srtt += err;
        var += (err < 0 ? -err : err) - (var >> 2);
      }
      T.SRtt = static_cast<uint16_t>(std::clamp<int64_t>(srtt, 1, 65535));
      T.RttVar = static_cast<uint16_t>(std::clamp<int64_t>(var, 0, 65535));
    }
    T.SndUna = R.AckNewest;
    T.SndNxt = seq_max(T.SndNxt, T.SndUna);
    T.RetransCount = 0;
    if (R.Wnd > 0) T.SndWndProbeCount = 0;
    if (T.FinSent && T.SndUna == T.SndMax) {
      T.FinAcked = 1;
      o.kick_evt = true;
    }
    const uint32_t flight = T.SndMax - T.SndUna;
    if (T.InRecovery && !lt(T.SndUna, T.Recover)) {
      T.CWnd = std::min(T.SsThresh, sat(uint64_t(std::max(flight, Mss)) + Mss));
      T.InRecovery = 0;
      T.CaAcked = 0;
      left = true;
    } else if (T.InRecovery) {
      first_again = true;
      const uint32_t rest = T.CWnd > acked ? T.CWnd - acked : 0;
      T.CWnd = std::max(sat(uint64_t(rest) + (acked >= Mss ? Mss : 0)), Mss);
    } else if (2 * uint64_t(flight0) >= T.CWnd) {
      if (T.CWnd < T.SsThresh) {
        T.CWnd =
            sat(uint64_t(T.CWnd) + std::min<uint64_t>(acked, 2ull * Mss * std::min(nacks, 15u)));
      } else {
        T.CaAcked = sat(uint64_t(T.CaAcked) + acked);
        if (T.CaAcked >= T.CWnd) {
          T.CaAcked -= T.CWnd;
          T.CWnd = sat(uint64_t(T.CWnd) + Mss);
        }
      }
    }
    T.DupSeen = 0;
    o.has_una = true;
    o.una = T.SndUna;
  }
  (void)left;
  const uint32_t flight = T.SndMax - T.SndUna;
  const uint32_t d = R.DupAckCount > T.DupSeen ? R.DupAckCount - T.DupSeen : 0;
  T.DupSeen = R.DupAckCount;
  if (T.InRecovery) {
    T.CWnd = sat(uint64_t(T.CWnd) + uint64_t(std::min(d, 15u)) * Mss);
  } else if (d > 0 && R.DupAckCount >= P.dup_ack_threshold && flight > 0 &&
             lt(T.Recover, T.SndUna)) {
    T.SsThresh = std::max(flight / 2, 2 * Mss);
    T.Recover = T.SndMax;
    T.InRecovery = 1;
    T.CWnd = sat(uint64_t(T.SsThresh) + uint64_t(std::min<uint32_t>(R.DupAckCount, 15u)) * Mss);
    T.RttTiming = 0;
    first_again = true;
    o.fast = true;
  }

  // rto, on the values after step 1.
  const uint64_t base =
      T.SRtt == 0 && T.RttVar == 0 ? 1000 : (T.SRtt >> 3) + std::max<uint32_t>(1, T.RttVar);
  const uint64_t rto = std::min<uint64_t>(std::max<uint64_t>(base, P.rto_min), P.rto_max);
  auto backed_off = [&](uint32_t exponent) {
    return static_cast<uint32_t>(
        std::min<uint64_t>(rto << std::min<uint32_t>(exponent, 16), P.rto_max));
  };

  // 2. Window.
  const bool was_zero = T.SndWnd == 0;
  bool set_by_2 = false;
  T.SndWnd = R.Wnd;
  if (was_zero && T.SndWnd > 0) {
    T.TimerMode = kNone;
    T.RetransCount = T.SndWndProbeCount = 0;
    set_by_2 = true;
  }
  if (T.SndWnd == 0 && R.AcceptCnt != T.AcceptSeen && T.RetransCount > 0 &&
      T.TimerMode == kRetransmit) {
    T.SndWndProbeCount = static_cast<uint8_t>(std::min(T.SndWndProbeCount + 1, 16));
    T.RetransCount = 0;
    T.TimerMode = kPersist;
    T.Deadline = now + backed_off(T.SndWndProbeCount);
    set_by_2 = true;
  }
  if (C.Stop) return o;

  // What one grant of n segments leaves behind.
  auto granted = [&](uint32_t again) {
    T.LastSend = now;
    T.SegsOut += o.n;
    o.again = again;
    T.SegsRtx += again;
    if (o.n) o.kind = kData;
  };
  const uint32_t DataEnd = D.SndEnd;
  const bool fin_here = D.FinValid && D.FinSeq == DataEnd;

  // 3. Timer.
  bool override_sws = false, any = false;
  if (T.TimerMode != kNone && leq(T.Deadline, now) && !acked && !set_by_2) {
    bool limit;
    if (C.MaxRT == 0)
      limit = T.RetransCount >= P.max_retransmissions;
    else if (C.MaxRT == 0xffffffffu)
      limit = false;
    else
      limit = T.RetransCount > 0 && now - T.RtStart >= C.MaxRT;
    if (T.TimerMode == kFinWait2 || limit) {
      T.Expired = 1;
      T.TimerMode = kNone;
      o.kick_evt = true;
      return o;
    }
    if (T.TimerMode == kRetransmit && T.SndWnd > 0) {
      if (T.RetransCount == 0) {
        T.SsThresh = std::max(flight / 2, 2 * Mss);
        T.RtStart = now;
      }
      T.CWnd = Mss;
      T.CaAcked = 0;
      T.InRecovery = 0;
      T.Recover = T.SndMax;
      T.SndNxt = T.SndUna;
      T.RttTiming = 0;
      T.DupSeen = R.DupAckCount;
      if (T.RetransCount < 255) T.RetransCount++;
      T.Deadline = now + backed_off(T.RetransCount);
      o.timeout = true;
    } else {
      if (T.RetransCount == 0 && T.SndWndProbeCount == 0) T.RtStart = now;
      if (T.SndWnd == 0) {
        o.seq = T.SndUna;
        o.n = 1;
        o.fin = DataEnd == T.SndUna && fin_here && !T.FinAcked;
        o.last_len = o.fin ? 0 : 1;
        if (o.fin) T.FinSent = 1;
        granted(lt(T.SndUna, T.SndMax));
        T.SndNxt = T.SndUna;
        T.SndMax = seq_max(T.SndMax, T.SndUna + 1);
        T.TimerMode = kRetransmit;
        T.Deadline = now + backed_off(T.RetransCount);
        if (T.RetransCount < 255) T.RetransCount++;
        o.probe = true;
        any = true;
      } else {
        override_sws = true;
        T.TimerMode = kRetransmit;
        T.Deadline = now + backed_off(T.RetransCount);
      }
    }
  }

  // 4. New grant.
  if (T.SndWnd > 0 && !any && first_again) {
    const uint32_t to_end = lt(T.SndUna, DataEnd) ? DataEnd - T.SndUna : 0;
    const uint32_t to_max = T.SndMax - T.SndUna - (T.FinSent && !T.FinAcked);
    o.last_len = std::min({Mss, to_end, to_max});
    o.fin = T.FinSent && T.SndUna + o.last_len == DataEnd;
    o.n = o.last_len > 0 || o.fin;
    o.seq = T.SndUna;
    if (o.n) granted(lt(T.SndUna, T.SndMax));
    o.kick_self = true;
  } else if (T.SndWnd > 0 && !any) {
    const bool waits = lt(T.SndNxt, DataEnd);
    if (flight == 0 && now - T.LastSend > rto && waits)
      T.CWnd = std::min(T.CWnd, P.restart_segs * Mss);
    const bool limited = !T.InRecovery && T.SndNxt == T.SndMax;  // RFC 3042: new data only
    const uint32_t cw =
        sat(uint64_t(T.CWnd) + (limited ? std::min<uint32_t>(R.DupAckCount, 2) * Mss : 0));
    const uint32_t limit = T.SndUna + std::min(cw, T.SndWnd);
    const uint32_t edge = lt(DataEnd, limit) ? DataEnd : limit;
    const uint32_t usable = waits && lt(T.SndNxt, edge) ? edge - T.SndNxt : 0;
    const uint32_t full = std::min<uint32_t>(usable / Mss, CHIM_BURST_MAX);
    uint32_t tail = full < CHIM_BURST_MAX ? usable - full * Mss : 0;
    const bool reaches = T.SndNxt + full * Mss + tail == DataEnd;
    bool send_tail = override_sws;
    if (reaches) {
      if (!C.Nagle || T.SndNxt + full * Mss == T.SndUna || D.FinValid || lt(T.SndNxt, T.SndMax))
        send_tail = true;
    } else if (tail >= std::max<uint32_t>(1, R.MaxSndWnd / 2)) {
      send_tail = true;
    }
    if (!send_tail) tail = 0;
    const uint32_t bytes = full * Mss + tail;
    o.psh = bytes > 0 && T.SndNxt + bytes == DataEnd;
    o.fin = fin_here && T.SndNxt + bytes == DataEnd && !T.FinAcked &&
            (bytes > 0 || !T.FinSent || lt(T.SndNxt, T.SndMax));
    o.n = full + (tail > 0);
    o.last_len = tail > 0 ? tail : full > 0 ? Mss : 0;
    if (bytes == 0 && o.fin) o.n = 1;
    uint32_t again = 0;
    for (uint32_t k = 0; k < o.n; k++) again += lt(T.SndNxt + k * Mss, T.SndMax);
    const bool all_new = T.SndNxt == T.SndMax;
    o.seq = T.SndNxt;
    if (o.n) granted(again);
    T.SndNxt += bytes + o.fin;
    if (o.fin) T.FinSent = 1;
    T.SndMax = seq_max(T.SndMax, T.SndNxt);
    if (full == CHIM_BURST_MAX) o.kick_self = true;
    if (!C.TsEnabled && bytes > 0 && all_new && !T.RttTiming) {
      T.RttSeq = T.SndNxt;
      T.RttTime = now;
      T.RttTiming = 1;
    }
  }

  // 5. Timer set.
  const bool outstanding = lt(T.SndUna, T.SndMax);
  const bool data_waits = lt(T.SndNxt, DataEnd);
  const bool fin_waits = fin_here && !T.FinSent;
  if (outstanding && T.SndWnd > 0) {
    if (T.TimerMode != kRetransmit || acked) {
      T.TimerMode = kRetransmit;
      T.Deadline = now + backed_off(T.RetransCount);
    }
  } else if (T.SndWnd == 0 && (outstanding || data_waits || fin_waits)) {
    if (T.TimerMode == kNone || acked) {
      T.TimerMode = kPersist;
      T.Deadline = now + backed_off(T.SndWndProbeCount);
    }
  } else if (data_waits) {
    if (T.TimerMode != kPersist) {
      T.TimerMode = kPersist;
      T.Deadline = now + P.sws;
    }
  } else if (!fin_waits) {
    if (T.FinAcked && R.RcvFin) {
      T.TimeWait = 1;
      T.TimerMode = kNone;
      o.kick_evt = true;
    } else if (T.FinAcked) {
      if (T.TimerMode != kFinWait2 || R.AcceptCnt != T.AcceptSeen) {
        T.TimerMode = kFinWait2;
        T.Deadline = now + P.fin_wait2;
      }
    } else {
      T.TimerMode = kNone;
    }
  }
  T.AcceptSeen = R.AcceptCnt;
  return o;
}

}  // namespace tx

#endif
