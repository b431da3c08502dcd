// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// What the receive parser must say of a frame, written from the RFCs over plain bytes. Hard part:
// agreement on frames that are cut anywhere or are no frames at all.
#ifndef CHIM_TESTS_UNIT_RTL_COMMON_PARSE_REF_H
#define CHIM_TESTS_UNIT_RTL_COMMON_PARSE_REF_H

#include "packet.h"

namespace pkt {

struct Key {
  bool ipv6 = false;
  unsigned local_port = 0, remote_port = 0;
  Addr local{}, remote{};
  bool operator==(const Key &o) const {
    return ipv6 == o.ipv6 && local_port == o.local_port && remote_port == o.remote_port &&
           local == o.local && remote == o.remote;
  }
  bool operator<(const Key &o) const {
    return std::tie(ipv6, local_port, remote_port, local, remote) <
           std::tie(o.ipv6, o.local_port, o.remote_port, o.local, o.remote);
  }
};

struct Record {
  bool bad = false, filtered = false, truncated = false, bad_ip = false, bad_tcp = false;
  bool tcp = false, keyed = false, options = false, malformed = false, has_tag = false;
  bool usual_options = false;  // none, or timestamps in the layout of RFC 7323 appendix A
  unsigned tci = 0, len = 0, pay_off = 0, pay_len = 0, wnd = 0, flags = 0, opt_len = 0;
  uint32_t seq = 0, ack = 0, ts_val = 0, ts_ecr = 0;
  bool has_ts = false, bad_options = false;  // by a walk over the options
  Key key;
};

// RFC 9293 3.1, RFC 7323 3.2: false if an option's length cannot be.
inline bool walk_options(const Bytes &f, size_t at, size_t end, Record &r) {
  while (at < end) {
    const unsigned kind = f[at];
    if (kind == 0) return true;
    if (kind == 1) {
      at++;
      continue;
    }
    if (at + 1 >= end) return false;
    const unsigned len = f[at + 1];
    if (len < 2 || at + len > end) return false;
    if (kind == 8) {
      if (len != 10) return false;
      r.has_ts = true;
      r.ts_val = get32(f, at + 2);
      r.ts_ecr = get32(f, at + 6);
    }
    at += len;
  }
  return true;
}

// beat: bytes of the bus; on buses wider than 8 only one extension header may start in a beat.
inline Record parse(const Bytes &f, bool marked_bad, const Mac &own, bool promiscuous, bool keyed,
                    unsigned beat) {
  Record r;
  const size_t n = f.size();
  r.len = static_cast<unsigned>(n);
  r.bad = marked_bad || n < 14 || n > 9216;
  const bool ours = n >= 6 && std::equal(own.begin(), own.end(), f.begin());
  if (keyed) r.filtered = !(ours || (f[0] & 1) || promiscuous);
  if (n < 14) return r;

  unsigned type = get16(f, 12);
  size_t l3 = 14;
  if (type == 0x8100) {
    r.has_tag = true;
    if (n < 18) return r;
    r.tci = get16(f, 14);
    type = get16(f, 16);
    l3 = 18;
  }
  const bool v4 = type == 0x0800, v6 = type == 0x86DD;
  if ((!v4 && !v6) || n < l3 + 4) return r;
  const unsigned ver = f[l3] >> 4, ihl = f[l3] & 15;
  if (v4 ? (ver != 4 || ihl < 5) : ver != 6) return r;

  const bool word1 = n >= l3 + 8, word2 = n >= l3 + 12;
  const size_t head = v4 ? ihl * 4u : 40u;
  const unsigned l3_len = v4 ? get16(f, l3 + 2) : 40 + (word1 ? get16(f, l3 + 4) : 0);
  bool cut = n < l3 + head || l3 + l3_len > n || l3_len < head;
  r.options = v4 && ihl != 5;
  const bool frag = v4 && word1 && (get16(f, l3 + 6) & 0x3fff) != 0;
  unsigned proto = v4 ? (word2 ? f[l3 + 9] : 0) : (word1 ? f[l3 + 6] : 0);

  // RFC 8200 4: hop-by-hop, routing, destination options.
  size_t l4 = l3 + head;
  bool ext = false, ext_fail = false;
  while (v6 && word1 && (proto == 0 || proto == 43 || proto == 60) && n >= l4 + 4 && !ext_fail) {
    ext = true;
    const unsigned words = 2 + 2 * f[l4 + 1];
    const unsigned next = f[l4];
    const bool next_ext = next == 0 || next == 43 || next == 60;
    // The word that begins at byte b ends in beat (b + 3) / beat; the parser sees it there.
    if ((l4 + 2) / 4 + words > 64) ext_fail = true;
    if (beat > 8 && next_ext && (l4 + 2) / beat == (l4 + 4 * words + 2) / beat) ext_fail = true;
    proto = next;
    l4 += 4 * words;
  }
  if (ext) r.options = true;
  if (keyed && ours && proto == 6 && !frag && !ext_fail && n >= l4 + 4) {
    r.keyed = true;
    r.key.ipv6 = v6;
    for (size_t i = 0; i < (v6 ? 16u : 4u); i++) {
      r.key.remote[i] = f[l3 + (v6 ? 8 : 12) + i];
      r.key.local[i] = f[l3 + (v6 ? 24 : 16) + i];
    }
    r.key.remote_port = get16(f, l4);
    r.key.local_port = get16(f, l4 + 2);
  }
  if (cut) {
    r.truncated = true;
    return r;
  }
  if (v4) {
    Sum sum;
    sum.add(&f[l3], head);
    if (sum.fold() != 0xffff) {
      r.bad_ip = true;
      return r;
    }
  }
  if (frag || proto != 6 || ext) return r;

  const unsigned l4_len = l3_len - static_cast<unsigned>(head);
  if (l4_len < 20) {
    r.truncated = true;
    return r;
  }
  Sum sum;
  sum.add(&f[l3 + (v6 ? 8 : 12)], v6 ? 32 : 8);
  sum.add16(6);
  sum.add16(l4_len);
  sum.add(&f[l4], l4_len);
  if (sum.fold() != 0xffff) {
    r.bad_tcp = true;
    return r;
  }
  const unsigned doff = f[l4 + 12] >> 4;
  if (doff >= 5 && doff * 4 > l4_len) {
    r.truncated = true;
    return r;
  }
  r.tcp = true;
  r.malformed = doff < 5;
  r.seq = get32(f, l4 + 4);
  r.ack = get32(f, l4 + 8);
  r.flags = f[l4 + 13];
  r.wnd = get16(f, l4 + 14);
  if (!r.malformed) {
    r.opt_len = doff * 4 - 20;
    r.pay_off = static_cast<unsigned>(l4 + doff * 4);
    r.pay_len = l4_len - doff * 4;
    r.usual_options = doff == 5 || (doff == 8 && get32(f, l4 + 20) == 0x0101080A);
    r.bad_options = !walk_options(f, l4 + 20, l4 + doff * 4, r);
  }
  return r;
}

}  // namespace pkt

#endif
