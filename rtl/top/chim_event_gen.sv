// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Puts the generation of its slot beside each connection event. Hard part: the table is a block
// RAM, so an event waits one clock for its generation; firmware writes it before anything of that
// generation can happen.
module chim_event_gen
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
#(
  parameter int unsigned Conns = 1024
) (
  input logic clk_i,
  input logic rst_ni,

  input logic              gen_we_i,
  input conn_t             gen_conn_i,
  input logic  [GEN_W-1:0] gen_val_i,

  input  logic        in_valid,
  output logic        in_ready,
  input  conn_event_t in_event,

  output logic                    out_valid,
  input  logic                    out_ready,
  output conn_event_t             out_event,
  output logic        [GEN_W-1:0] out_gen
);
  localparam int unsigned AddrW = $clog2(Conns);

  assign in_ready = !out_valid || out_ready;

  ram_1r1w #(
    .Width(GEN_W),
    .Depth(Conns)
  ) u_gen (
    .clk_i,
    .wr_en_i  (gen_we_i),
    .wr_addr_i(AddrW'(gen_conn_i)),
    .wr_data_i(gen_val_i),
    .rd_en_i  (in_valid && in_ready),
    .rd_addr_i(AddrW'(in_event.conn)),
    .rd_data_o(out_gen)
  );

  always_ff @(posedge clk_i) begin
    if (in_ready) begin
      out_valid <= in_valid;
      out_event <= in_event;
    end
    if (!rst_ni) out_valid <= 1'b0;
  end

  logic unused_conn;
  assign unused_conn = &{1'b0, gen_conn_i};  // all of it only in the largest configuration
endmodule
