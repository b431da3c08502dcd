// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The window of late binding with its record as a flat image, for the differential test. Hard part:
// none.
module diff_bind
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_rx_pkg::*;
(
  input logic clk_i,

  input logic [          31:0] ack_i,
  input logic [          31:0] rcv_return_i,
  input logic [          31:0] adv_edge_i,
  input logic [CFG_BIND_W-1:0] cfg_i,

  output logic [15:0] wnd_o,
  output logic [ 3:0] scale_o,
  output logic        window_due_o
);
  wnd_field_t field;

  chim_bind u_bind (
    .clk_i,
    .ack_i,
    .rcv_return_i,
    .adv_edge_i,
    .cfg_i  (cfg_i),
    .field_o(field),
    .scale_o,
    .window_due_o
  );

  assign wnd_o = wnd_field(field);
endmodule
