// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Hash of the lookup table. Hard part: it must depend on the seed in a way that keys which collide
// under one seed do not under another (a linear hash fails that), and fit into one clock of an FPGA
// with the memory's address setup behind it: XOR fold, then two rounds of 4-bit S-boxes, which are
// one LUT each, and seeded XORs of three.
package chim_lkp_pkg;

  localparam int unsigned HASH_W = 40;  // bits given: 13:0, 27:14 bucket numbers, 39:28 tag
  localparam int unsigned HASH_KEY_W = 288;  // bits hashed; shorter keys are filled with zeros
  localparam int unsigned BUCKET_W_MAX = 14;

  // PRESENT's S-box (ISO/IEC 29192-2): no linear or weakly differential output bit.
  function automatic logic [3:0] sbox(logic [3:0] x);
    logic [15:0][3:0] table_;
    table_ = 64'h21748FE3DA09B65C;
    return table_[x];
  endfunction

  function automatic logic [63:0] sbox_layer(logic [63:0] s);
    logic [63:0] r;
    for (int unsigned i = 0; i < 16; i++) r[4*i+:4] = sbox(s[4*i+:4]);
    return r;
  endfunction

  // Each output bit: three bits of different S-boxes; 5 i + 3 walks over all of 64.
  function automatic logic [63:0] mix_layer(logic [63:0] s);
    logic [63:0] r;
    for (int unsigned i = 0; i < 64; i++) begin
      r[i] = s[(5*i+3)%64] ^ s[(5*i+24)%64] ^ s[(5*i+46)%64];
    end
    return r;
  endfunction

  // Nine words (local address, remote address, ports), each into both halves with rotations of its
  // own. The two rotations of the ports differ by an odd number, those of an address word by an
  // even one: so a pair of address word and ports reaches the state without loss but for one
  // pattern.
  localparam logic [8:0][4:0] RotA = {5'd17, 5'd6, 5'd27, 5'd14, 5'd0, 5'd28, 5'd9, 5'd22, 5'd3};
  localparam logic [8:0][4:0] RotB = {5'd12, 5'd22, 5'd15, 5'd6, 5'd28, 5'd14, 5'd31, 5'd16, 5'd1};
  function automatic logic [63:0] fold(logic [HASH_KEY_W-1:0] key);
    logic [31:0] a, b;
    a = '0;
    b = '0;
    for (int unsigned k = 0; k < 9; k++) begin
      a = a ^ rotate(key[32*k+:32], RotA[k]);
      b = b ^ rotate(key[32*k+:32], RotB[k]);
    end
    return {a, b};
  endfunction

  function automatic logic [31:0] rotate(logic [31:0] x, logic [4:0] n);
    return (x << n) | (x >> (6'd32 - {1'b0, n}));
  endfunction

  // In two parts, because firmware's key is folded a clock ahead.
  function automatic logic [63:0] fold_key(logic [HASH_KEY_W-1:0] key, logic ipv6);
    logic [63:0] s;
    s = fold(key);
    s[0] = s[0] ^ ipv6;
    return s;
  endfunction

  function automatic logic [HASH_W-1:0] hash(logic [63:0] folded, logic [31:0] seed);
    logic [63:0] s;
    s = folded ^ {seed, ~seed[12:0], seed[31:13]};
    s = mix_layer(sbox_layer(s)) ^ {~seed[7:0], seed[31:8], seed[18:0], seed[31:19]};
    s = mix_layer(sbox_layer(s));
    return s[HASH_W-1:0];
  endfunction

endpackage
