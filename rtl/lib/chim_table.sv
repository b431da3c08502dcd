// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// One on-chip table: an entry of several 32-bit words per slot, read and written whole by its
// owner, word by word by firmware. Hard part: two users share one read and one write port; the
// owner always goes first, firmware waits for a clock that the owner leaves free.
module chim_table
  import chim_types_pkg::*;
#(
  parameter int unsigned Words = 3,    // words of an entry, 1..32
  parameter int unsigned Depth = 1024  // entries, a power of two
) (
  input logic clk_i,
  input logic rst_ni,

  // Owner: data of an address given with rd_en_i in clock n are there in clock n + 1, only then.
  input  logic                     rd_en_i,
  input  logic [$clog2(Depth)-1:0] rd_addr_i,
  output logic [     32*Words-1:0] rd_data_o,
  input  logic                     wr_en_i,
  input  logic [$clog2(Depth)-1:0] wr_addr_i,
  input  logic [     32*Words-1:0] wr_data_i,

  // Firmware: requests for this table only. A word or slot outside it is read as 0.
  input  logic            tbl_valid,
  output logic            tbl_ready,
  input  tbl_req_t        tbl_req,
  output logic            tbl_rvalid,
  output logic     [31:0] tbl_rdata
);
  if (Words < 1 || Words > 32) begin : g_check_words
    $error("chim_table: Words must be 1..32");
  end

  localparam int unsigned AddrW = $clog2(Depth);

  logic inside_table;
  assign inside_table = 32'(tbl_req.conn) < Depth && 32'(tbl_req.word) < Words;
  assign tbl_ready    = tbl_req.write ? !wr_en_i : !rd_en_i;

  logic fw_write, fw_read;
  assign fw_write = tbl_valid && tbl_req.write && !wr_en_i && inside_table;
  assign fw_read  = tbl_valid && !tbl_req.write && !rd_en_i;

  logic [4:0] word_q;
  logic       inside_q;

  for (genvar w = 0; w < Words; w++) begin : g_word
    logic mine;
    assign mine = fw_write && 32'(tbl_req.word) == w;
    ram_1r1w #(
      .Width(32),
      .Depth(Depth)
    ) u_ram (
      .clk_i,
      .wr_en_i  (wr_en_i || mine),
      .wr_addr_i(wr_en_i ? wr_addr_i : AddrW'(tbl_req.conn)),
      .wr_data_i(wr_en_i ? wr_data_i[32*w+:32] : tbl_req.wdata),
      .rd_en_i  (rd_en_i || fw_read),
      .rd_addr_i(rd_en_i ? rd_addr_i : AddrW'(tbl_req.conn)),
      .rd_data_o(rd_data_o[32*w+:32])
    );
  end

  always_ff @(posedge clk_i) begin
    tbl_rvalid <= fw_read;
    word_q     <= tbl_req.word;
    inside_q   <= inside_table;
    if (!rst_ni) tbl_rvalid <= 1'b0;
  end

  always_comb begin
    tbl_rdata = '0;
    for (int unsigned w = 0; w < Words; w++) begin
      if (inside_q && 32'(word_q) == w) tbl_rdata = rd_data_o[32*w+:32];
    end
  end

  logic unused_req;
  assign unused_req = &{1'b0, tbl_req.table_id};
endmodule
