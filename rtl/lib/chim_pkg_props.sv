// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Proof harness of the sequence arithmetic: for any three points within half the circle the order
// is that of their distances. Hard part: none; it is combinational, one step proves it for all
// inputs.
module chim_pkg_props
  import chim_pkg::*;
(
  input logic        clk_i,
  input seq_t        base,
  input logic [30:0] da,
  input logic [30:0] db,
  input logic [31:0] any
);

  // Two points at known distances from an arbitrary base, so that their true order is known.
  seq_t a, b;
  assign a = base + seq_t'(da);
  assign b = base + seq_t'(db);

  always_ff @(posedge clk_i) begin
    ast_lt : assert (seq_lt(a, b) == (da < db));
    ast_leq : assert (seq_leq(a, b) == (da <= db));
    ast_gt : assert (seq_gt(a, b) == (da > db));
    ast_geq : assert (seq_geq(a, b) == (da >= db));
    ast_max : assert (seq_max(a, b) == (da < db ? b : a));
    ast_min : assert (seq_min(a, b) == (da < db ? a : b));
    // Without any assumption: never both before and behind, except at the antipode.
    ast_antisymmetric :
    assert (!(seq_lt(base, any) && seq_lt(any, base)) || any - base == 32'h8000_0000);
    ast_total : assert (seq_lt(base, any) || seq_lt(any, base) || base == any);
    cov_wrapped : cover (seq_lt(a, b) && a > b);
  end

endmodule
