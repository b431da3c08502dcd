// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Simple dual-port memory, one clock, registered read: data of an address given in cycle n is there
// in cycle n+1 and stays until the next read. Hard part: reading an address in the very cycle it is
// written gives no defined data; the user must avoid it or forward the write himself.
//
// No reset, contents undefined at power-up. Block RAM (ECP5 DP16KD, UltraScale+ RAMB36) when large.
`include "chim_assert.svh"

module ram_1r1w #(
  // Bits of an entry, 1 or more; ignored when T is given.
  parameter int unsigned Width = 32,
  // Number of entries, 2 or more.
  parameter int unsigned Depth = 512,
  // Type of an entry.
  parameter type T = logic [Width-1:0],
  localparam int unsigned AddrW = $clog2(Depth)
) (
  input logic clk_i,

  input logic             wr_en_i,
  input logic [AddrW-1:0] wr_addr_i,
  input T                 wr_data_i,

  input  logic             rd_en_i,
  input  logic [AddrW-1:0] rd_addr_i,
  output T                 rd_data_o
);

  if (Depth < 2) begin : g_check_depth
    $error("ram_1r1w: Depth must be 2 or more");
  end

  // A block memory would be used to a sixteenth or less. A proof looks into the memory, and what is
  // looked into can have no style.
`ifndef FORMAL
  (* ram_style = (Depth <= 64) ? "distributed" : "auto" *)
`endif
  T mem_q[Depth];

  always_ff @(posedge clk_i) begin
    if (wr_en_i) begin
      mem_q[wr_addr_i] <= wr_data_i;
    end
    if (rd_en_i) begin
      rd_data_o <= mem_q[rd_addr_i];
      // Silicon gives anything here. Synthesis must be told, or it builds a bypass around block
      // RAM; simulation gives something that no user can take for right.
      if (wr_en_i && wr_addr_i == rd_addr_i) begin
`ifdef CHIM_CHECKS
        rd_data_o <= T'(~mem_q[rd_addr_i]);
`else
        rd_data_o <= T'('x);
`endif
      end
    end
  end

endmodule
