// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Random frames of every kind that the receive path tells apart, right and wrong. Hard part: wrong
// frames must be wrong in one place mostly, or nothing behind the first check is ever reached.
#ifndef CHIM_TESTS_UNIT_RTL_COMMON_FRAMES_H
#define CHIM_TESTS_UNIT_RTL_COMMON_FRAMES_H

#include "packet.h"

namespace pkt {

// Rng: below(n), chance(percent), u32().
template <typename Rng>
Bytes random_bytes(Rng &rng, size_t count) {
  Bytes b(count);
  for (auto &x : b) x = static_cast<uint8_t>(rng.u32());
  return b;
}

template <typename Rng>
Bytes random_options(Rng &rng) {
  Bytes o;
  switch (rng.below(8)) {
    case 0:
      return {};
    case 1:
    case 2:
      return timestamps(rng.u32(), rng.u32());
    case 3:  // timestamps and one or two SACK blocks
      o = timestamps(rng.u32(), rng.u32());
      append(o, {1, 1, 5, 10});
      append(o, random_bytes(rng, 8));
      break;
    case 4:  // SACK blocks first
      append(o, {1, 1, 5, 18});
      append(o, random_bytes(rng, 16));
      append(o, timestamps(rng.u32(), rng.u32()));
      break;
    case 5:  // a SYN's
      append(o, {2, 4, 5, 0xb4, 4, 2, 8, 10});
      append(o, random_bytes(rng, 8));
      append(o, {1, 3, 3, 7});
      break;
    case 6: {  // right options at any place
      const size_t end = 4 * (1 + rng.below(10));
      bool stamped = false;
      while (o.size() < end) {
        const size_t left = end - o.size();
        const unsigned pick = rng.below(6);
        if (pick < 2 || left < 2) {
          put8(o, pick == 0 && rng.below(4) == 0 ? 0 : 1);
        } else if (pick == 2 && left >= 10 && !stamped) {
          append(o, {8, 10});
          append(o, random_bytes(rng, 8));
          stamped = true;
        } else {
          const size_t len = 2 + rng.below(static_cast<uint32_t>(left - 1));
          put8(o, 9 + rng.below(240));
          put8(o, static_cast<unsigned>(len));
          append(o, random_bytes(rng, len - 2));
        }
      }
      break;
    }
    default:  // anything
      o = random_bytes(rng, 4 * (1 + rng.below(10)));
      break;
  }
  o.resize((o.size() + 3) / 4 * 4, 1);
  return o;
}

template <typename Rng>
Spec random_spec(Rng &rng, const Mac &own, size_t max_payload) {
  Spec s;
  s.dst = own;
  for (auto &x : s.src) x = static_cast<uint8_t>(rng.u32());
  s.src[0] &= 0xfe;
  if (rng.chance(30)) s.tci = static_cast<int>(rng.below(0x10000));
  s.ipv6 = rng.chance(40);
  for (size_t i = 0; i < (s.ipv6 ? 16u : 4u); i++) {
    s.src_ip[i] = static_cast<uint8_t>(rng.u32());
    s.dst_ip[i] = static_cast<uint8_t>(rng.u32());
  }
  s.tos = rng.below(256);
  s.id = rng.below(0x10000);
  s.ttl = rng.below(256);
  s.flow = rng.u32();
  s.sport = rng.below(0x10000);
  s.dport = rng.below(0x10000);
  s.seq = rng.u32();
  s.ack = rng.u32();
  s.flags = rng.chance(80) ? 0x10 | (rng.below(2) << 3) : rng.below(256);
  s.wnd = rng.below(0x10000);
  s.urg = rng.below(0x10000);
  s.tcp_options = random_options(rng);
  size_t len = 0;
  switch (rng.below(4)) {
    case 0:
      break;
    case 1:
      len = rng.below(16);
      break;
    default:
      len = rng.below(static_cast<uint32_t>(max_payload) + 1);
      break;
  }
  s.payload = random_bytes(rng, len);
  return s;
}

// One frame, most of them as s says, the others made wrong or something else; *marked_bad says that
// the MAC found it damaged. Frames beyond the longest only if max_payload is above 1,400.
template <typename Rng>
Bytes random_frame(Rng &rng, Spec s, size_t max_payload, bool *marked_bad) {
  Bytes f;
  *marked_bad = rng.below(40) == 0;
  switch (rng.below(24)) {
    default:
      f = build(s);
      break;
    case 0:
      s.ip_csum_delta = 1 + static_cast<int>(rng.below(0xfffe));
      f = build(s);
      break;
    case 1:
      s.tcp_csum_delta = 1 + static_cast<int>(rng.below(0xfffe));
      f = build(s);
      break;
    case 2:
      s.ip_len_delta = static_cast<int>(rng.below(60)) - 30;
      f = build(s);
      break;
    case 3:
      s.doff = static_cast<int>(rng.below(16));
      f = build(s);
      break;
    case 4:
      s.ip_options = random_bytes(rng, 4 * rng.below(11));
      f = build(s);
      break;
    case 5:
      s.ipv6 = true;
      for (unsigned i = 0, n = 1 + rng.below(3); i < n; i++) {
        const unsigned units = rng.chance(80) ? rng.below(3) : rng.below(30);
        Bytes e{static_cast<uint8_t>(units)};
        append(e, random_bytes(rng, units * 8 + 6));
        s.extensions.push_back(e);
        const uint8_t kinds[] = {0, 43, 60, 44, 51};
        s.ext_kinds.push_back(kinds[rng.below(rng.chance(90) ? 3 : 5)]);
      }
      f = build(s);
      break;
    case 6:
      s.frag = rng.below(0x10000);
      f = build(s);
      break;
    case 7:
      s.proto = static_cast<int>(rng.below(256));
      f = build(s);
      break;
    case 8:
      s.padding = rng.below(80);
      f = build(s);
      break;
    case 9: {  // cut anywhere
      f = build(s);
      f.resize(1 + rng.below(static_cast<uint32_t>(f.size())));
      break;
    }
    case 10: {  // one byte wrong
      f = build(s);
      f[rng.below(static_cast<uint32_t>(f.size()))] ^= static_cast<uint8_t>(1 + rng.below(255));
      break;
    }
    case 11:  // one byte of the headers wrong
      f = build(s);
      f[rng.below(60)] ^= static_cast<uint8_t>(1u << rng.below(8));
      break;
    case 12:
      f = random_bytes(rng, 1 + rng.below(200));
      break;
    case 13:  // headers that say something, garbage behind them
      f = build(s);
      for (size_t i = 14 + rng.below(30); i < f.size(); i++) f[i] = static_cast<uint8_t>(rng.u32());
      break;
    case 14:  // ARP, LLC, other ethertypes
      f = ethernet(s, rng.chance(50) ? 0x0806 : rng.below(0x10000));
      append(f, random_bytes(rng, 46 + rng.below(100)));
      break;
    case 15: {  // another destination
      const unsigned pick = rng.below(3);
      for (auto &x : s.dst) x = pick == 0 ? 0xff : static_cast<uint8_t>(rng.u32());
      if (pick == 1) s.dst[0] |= 1;
      f = build(s);
      break;
    }
    case 16:  // one bit of our address wrong
      s.dst[rng.below(6)] ^= static_cast<uint8_t>(1u << rng.below(8));
      f = build(s);
      break;
    case 17: {  // UDP
      s.proto = 17;
      f = build(s, random_bytes(rng, 8 + rng.below(100)));
      break;
    }
    case 18:  // too long, or just not
      if (max_payload > 1400 && rng.below(8) == 0) {
        s.payload = random_bytes(rng, 9216 + rng.below(80));
        f = build(s);
        f.resize(9210 + rng.below(12));
      } else {
        f = build(s);
      }
      break;
  }
  return f;
}

}  // namespace pkt

#endif
