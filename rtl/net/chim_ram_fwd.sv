// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Simple dual-port memory, one clock, registered read, that gives the new data when an address is
// read in the clock in which it is written. Data stay at the output until the next read. Hard part:
// the memory itself gives anything then, so the write is kept beside it.
module chim_ram_fwd #(
  // Type of an entry.
  parameter type T = logic [31:0],
  // Entries, 2 or more.
  parameter int unsigned Depth = 1024,
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
  T read, kept_q;
  logic use_kept_q;
  ram_1r1w #(
    .T(T),
    .Depth(Depth)
  ) u_ram (
    .clk_i,
    .wr_en_i,
    .wr_addr_i,
    .wr_data_i,
    .rd_en_i,
    .rd_addr_i,
    .rd_data_o(read)
  );
  always_ff @(posedge clk_i) begin
    if (rd_en_i) begin
      use_kept_q <= wr_en_i && wr_addr_i == rd_addr_i;
      kept_q     <= wr_data_i;
    end
  end
  assign rd_data_o = use_kept_q ? kept_q : read;
endmodule
