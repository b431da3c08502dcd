// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Frames for benches of the network side: builds Ethernet, 802.1Q, IPv4, IPv6 and TCP byte by byte,
// with every field open to be wrong. Hard part: it must not share a mistake with the RTL, so sums
// are plain loops over bytes as RFC 1071 4.1 shows them.
#ifndef CHIM_TESTS_UNIT_RTL_COMMON_PACKET_H
#define CHIM_TESTS_UNIT_RTL_COMMON_PACKET_H

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace pkt {

using Bytes = std::vector<uint8_t>;
using Mac = std::array<uint8_t, 6>;
using Addr = std::array<uint8_t, 16>;  // IPv4: first 4 bytes, rest zero

inline void put8(Bytes &b, unsigned v) { b.push_back(static_cast<uint8_t>(v)); }
inline void put16(Bytes &b, unsigned v) {
  put8(b, v >> 8);
  put8(b, v);
}
inline void put32(Bytes &b, uint32_t v) {
  put16(b, v >> 16);
  put16(b, v);
}
inline void append(Bytes &b, const Bytes &more) { b.insert(b.end(), more.begin(), more.end()); }
inline unsigned get16(const Bytes &b, size_t at) {
  return static_cast<unsigned>(b[at]) << 8 | b[at + 1];
}
inline uint32_t get32(const Bytes &b, size_t at) { return get16(b, at) << 16 | get16(b, at + 2); }
inline void set16(Bytes &b, size_t at, unsigned v) {
  b[at] = static_cast<uint8_t>(v >> 8);
  b[at + 1] = static_cast<uint8_t>(v);
}

// RFC 1071 4.1: sum of 16-bit words, an odd byte filled with zero, carries folded at the end.
class Sum {
 public:
  void add(const uint8_t *data, size_t count) {
    for (size_t i = 0; i < count; i++) {
      total_ += odd_ ? data[i] : static_cast<uint32_t>(data[i]) << 8;
      odd_ = !odd_;
    }
  }
  void add16(unsigned v) { total_ += v; }
  uint16_t fold() const {
    uint64_t t = total_;
    while (t >> 16) t = (t & 0xffff) + (t >> 16);
    return static_cast<uint16_t>(t);
  }
  // What the checksum field must hold.
  uint16_t checksum() const { return static_cast<uint16_t>(~fold()); }

 private:
  uint64_t total_ = 0;
  bool odd_ = false;
};

struct Spec {
  Mac dst{}, src{};
  int tci = -1;  // -1: no tag
  bool ipv6 = false;
  Addr src_ip{}, dst_ip{};
  // IPv4
  unsigned tos = 0, id = 0, frag = 0x4000, ttl = 64;
  Bytes ip_options;  // a multiple of 4 bytes
  // IPv6
  uint32_t flow = 0;
  std::vector<Bytes> extensions;   // without their first byte, the next header
  std::vector<uint8_t> ext_kinds;  // header type of each
  // TCP
  int proto = 6;
  unsigned sport = 0, dport = 0;
  uint32_t seq = 0, ack = 0;
  unsigned flags = 0x10, wnd = 0, urg = 0;
  Bytes tcp_options;  // a multiple of 4 bytes
  Bytes payload;
  int doff = -1;         // -1: right
  int ip_len_delta = 0;  // added to total or payload length
  int ip_csum_delta = 0;
  int tcp_csum_delta = 0;
  unsigned padding = 0;  // bytes behind the datagram
  bool pad_to_60 = true;
};

// RFC 7323 appendix A
inline Bytes timestamps(uint32_t val, uint32_t ecr) {
  Bytes o{1, 1, 8, 10};
  put32(o, val);
  put32(o, ecr);
  return o;
}

inline uint16_t tcp_checksum(const Spec &s, const Bytes &segment) {
  Sum sum;
  const size_t n = s.ipv6 ? 16 : 4;
  sum.add(s.src_ip.data(), n);
  sum.add(s.dst_ip.data(), n);
  sum.add16(static_cast<unsigned>(s.proto));
  sum.add16(static_cast<unsigned>(segment.size()));
  sum.add(segment.data(), segment.size());
  return sum.checksum();
}

inline Bytes tcp_segment(const Spec &s) {
  Bytes t;
  put16(t, s.sport);
  put16(t, s.dport);
  put32(t, s.seq);
  put32(t, s.ack);
  const unsigned doff = s.doff >= 0 ? static_cast<unsigned>(s.doff)
                                    : 5 + static_cast<unsigned>(s.tcp_options.size() / 4);
  put8(t, doff << 4);
  put8(t, s.flags);
  put16(t, s.wnd);
  put16(t, 0);
  put16(t, s.urg);
  append(t, s.tcp_options);
  append(t, s.payload);
  set16(t, 16, (tcp_checksum(s, t) + static_cast<unsigned>(s.tcp_csum_delta)) & 0xffff);
  return t;
}

inline Bytes ethernet(const Spec &s, unsigned ethertype) {
  Bytes f;
  f.insert(f.end(), s.dst.begin(), s.dst.end());
  f.insert(f.end(), s.src.begin(), s.src.end());
  if (s.tci >= 0) {
    put16(f, 0x8100);
    put16(f, static_cast<unsigned>(s.tci));
  }
  put16(f, ethertype);
  return f;
}

// The whole frame; l4 replaces the TCP segment if it is not empty.
inline Bytes build(const Spec &s, const Bytes &l4_other = {}) {
  const Bytes l4 = l4_other.empty() ? tcp_segment(s) : l4_other;
  Bytes f = ethernet(s, s.ipv6 ? 0x86DD : 0x0800);
  Bytes ip;
  if (s.ipv6) {
    Bytes ext;
    for (size_t i = 0; i < s.extensions.size(); i++) {
      put8(ext, i + 1 < s.extensions.size() ? s.ext_kinds[i + 1] : static_cast<unsigned>(s.proto));
      append(ext, s.extensions[i]);
    }
    put32(ip, 6u << 28 | (s.tos & 0xff) << 20 | (s.flow & 0xfffff));
    put16(ip,
          (static_cast<unsigned>(ext.size() + l4.size()) + static_cast<unsigned>(s.ip_len_delta)) &
              0xffff);
    put8(ip, s.extensions.empty() ? static_cast<unsigned>(s.proto) : s.ext_kinds[0]);
    put8(ip, s.ttl);
    ip.insert(ip.end(), s.src_ip.begin(), s.src_ip.end());
    ip.insert(ip.end(), s.dst_ip.begin(), s.dst_ip.end());
    append(ip, ext);
  } else {
    const unsigned ihl = 5 + static_cast<unsigned>(s.ip_options.size() / 4);
    put8(ip, 0x40 | ihl);
    put8(ip, s.tos);
    put16(ip, (ihl * 4 + static_cast<unsigned>(l4.size()) + static_cast<unsigned>(s.ip_len_delta)) &
                  0xffff);
    put16(ip, s.id);
    put16(ip, s.frag);
    put8(ip, s.ttl);
    put8(ip, static_cast<unsigned>(s.proto));
    put16(ip, 0);
    ip.insert(ip.end(), s.src_ip.begin(), s.src_ip.begin() + 4);
    ip.insert(ip.end(), s.dst_ip.begin(), s.dst_ip.begin() + 4);
    append(ip, s.ip_options);
    Sum sum;
    sum.add(ip.data(), ip.size());
    set16(ip, 10, (sum.checksum() + static_cast<unsigned>(s.ip_csum_delta)) & 0xffff);
  }
  append(f, ip);
  append(f, l4);
  f.insert(f.end(), s.padding, 0xA5);
  if (s.pad_to_60 && f.size() < 60) f.resize(60, 0);
  return f;
}

inline std::string hex(const Bytes &b) {
  static const char digits[] = "0123456789abcdef";
  std::string s;
  for (size_t i = 0; i < b.size(); i++) {
    if (i == 160) return s + "... " + std::to_string(b.size()) + " bytes";
    if (i && i % 16 == 0) s += '\n';
    s += digits[b[i] >> 4];
    s += digits[b[i] & 15];
    s += ' ';
  }
  return s;
}

}  // namespace pkt

#endif
