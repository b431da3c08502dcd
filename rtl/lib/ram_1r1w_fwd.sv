// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// ram_1r1w whose read sees a write of the same clock: for copies that somebody reads while their
// owner writes. Hard part: none; the write is kept for one clock beside the memory.
module ram_1r1w_fwd #(
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

  // Data of an address given in cycle n is there in cycle n+1 and stays until the next read.
  input  logic             rd_en_i,
  input  logic [AddrW-1:0] rd_addr_i,
  output T                 rd_data_o
);

  T ram_data, kept_q;
  logic wr_q, take_kept;
  logic [AddrW-1:0] wr_addr_q, rd_addr_q;

  ram_1r1w #(
    .Depth(Depth),
    .T    (T)
  ) u_ram (
    .clk_i,
    .wr_en_i,
    .wr_addr_i,
    .wr_data_i,
    .rd_en_i,
    .rd_addr_i,
    .rd_data_o(ram_data)
  );

  always_ff @(posedge clk_i) begin
    if (rd_en_i) begin
      wr_q      <= wr_en_i;
      wr_addr_q <= wr_addr_i;
      rd_addr_q <= rd_addr_i;
      kept_q    <= wr_data_i;
    end
  end

  // Compared in the clock of the data, which the memory gives late; the addresses often come late
  // in theirs.
  assign take_kept = wr_q && wr_addr_q == rd_addr_q;
  assign rd_data_o = take_kept ? kept_q : ram_data;

endmodule
