// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Arithmetic that several modules share. Hard part: sequence numbers wrap, so they are compared
// only by these functions; `a < b` on them is a bug.
package chim_pkg;

  // TCP sequence number, or a time in milliseconds: both are points on a circle of 2^32.
  typedef logic [31:0] seq_t;

  // RFC 9293 3.4: arithmetic modulo 2^32. The order holds for points less than 2^31 apart; exactly
  // 2^31 apart, each is before the other.
  function automatic logic seq_lt(seq_t a, seq_t b);
    return $signed(a - b) < 0;
  endfunction

  function automatic logic seq_leq(seq_t a, seq_t b);
    return a == b || seq_lt(a, b);
  endfunction

  function automatic logic seq_gt(seq_t a, seq_t b);
    return seq_lt(b, a);
  endfunction

  function automatic logic seq_geq(seq_t a, seq_t b);
    return seq_leq(b, a);
  endfunction

  // The later and the earlier of two points.
  function automatic seq_t seq_max(seq_t a, seq_t b);
    return seq_lt(a, b) ? b : a;
  endfunction

  function automatic seq_t seq_min(seq_t a, seq_t b);
    return seq_lt(a, b) ? a : b;
  endfunction

endpackage
