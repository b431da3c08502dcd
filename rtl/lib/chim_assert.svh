// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Clocked assertions of modules: checked in every Verilator build and in proofs, absent in
// synthesis. Hard part: immediate assertions in always_ff, because Yosys reads no concurrent ones.
//
// Names: ast_ for what the module promises, asm_ for what it expects of its inputs, cov_ for what
// must be reachable. The clock is clk_i, the reset rst_ni; nothing is checked while reset is
// active.
`ifndef CHIM_ASSERT_SVH
`define CHIM_ASSERT_SVH

// CHIM_CHECKS says that checks are on. Yosys defines SYNTHESIS always; a proof adds FORMAL.
`ifdef FORMAL
`define CHIM_CHECKS
`endif
`ifndef SYNTHESIS
`define CHIM_CHECKS
`endif

`ifndef CHIM_CHECKS
`define CHIM_ASSERT(name_, cond_)
`define CHIM_ASSUME(name_, cond_)
`define CHIM_COVER(name_, cond_)
`else
`define CHIM_ASSERT(name_, cond_) \
  always_ff @(posedge clk_i) begin \
    if (rst_ni) begin \
      name_ : assert (cond_); \
    end \
  end

// An assumption constrains a proof and is checked, like an assertion, in simulation.
`define CHIM_ASSUME(name_, cond_) \
  always_ff @(posedge clk_i) begin \
    if (rst_ni) begin \
      name_ : assume (cond_); \
    end \
  end

`define CHIM_COVER(name_, cond_) \
  always_ff @(posedge clk_i) begin \
    if (rst_ni) begin \
      name_ : cover (cond_); \
    end \
  end
`endif

`endif
