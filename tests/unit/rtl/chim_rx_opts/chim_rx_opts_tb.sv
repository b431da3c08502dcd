// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The options walker with its options as plain bits for the bench.
module chim_rx_opts_tb
  import chim_net_pkg::*;
(
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         in_valid,
  output logic         in_ready,
  input  logic [319:0] in_opts,
  input  logic         in_late,        // the options begin with the second word
  input  logic [  3:0] in_words,
  output logic         out_valid,
  input  logic         out_ready,
  output logic         out_malformed,
  output logic         out_has_ts,
  output logic [ 31:0] out_ts_val,
  output logic [ 31:0] out_ts_ecr
);
  tcp_opts_t opts;
  assign opts.late = in_late;
  assign opts.word = in_late ? {in_opts, 32'hA5A5_0808} : {32'h0808_0A0A, in_opts};
  chim_rx_opts u_dut (
    .*,
    .in_opts(opts)
  );
endmodule
