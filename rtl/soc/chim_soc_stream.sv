// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Firmware's transfers between host memory and RAM: hands the command to the host-memory DMA and
// moves its stream of 64-bit words in or out of RAM. Hard part: words going out are read ahead of a
// sink that may stall, and the RAM port is shared with the block copy, which goes first.
module chim_soc_stream #(
  parameter  int unsigned RamBytes = 65536,
  localparam int unsigned RamAddrW = $clog2(RamBytes / 8)
) (
  input logic clk_i,
  input logic rst_ni,

  // From the registers: start is ignored while busy.
  input  logic        start_i,
  input  logic [63:0] host_i,   // bus address
  input  logic [31:0] ram_i,    // byte address, multiple of 8
  input  logic [15:0] len_i,    // bytes, multiple of 8
  input  logic        write_i,  // 1: to host memory
  output logic        busy_o,
  output logic        error_o,  // the last one ended with a bus error

  // RAM port.
  output logic                ram_en_o,
  input  logic                ram_grant_i,  // this clock is ours
  output logic [         7:0] ram_strb_o,
  output logic [RamAddrW-1:0] ram_addr_o,
  output logic [        63:0] ram_wdata_o,
  input  logic [        63:0] ram_rdata_i,

  // Host-memory DMA.
  output logic        sdma_cmd_valid,
  input  logic        sdma_cmd_ready,
  output logic [63:0] sdma_cmd_host,
  output logic [15:0] sdma_cmd_len,
  output logic        sdma_cmd_write,
  input  logic [63:0] sdma_rd_data,
  input  logic        sdma_rd_valid,
  output logic        sdma_rd_ready,
  output logic [63:0] sdma_wr_data,
  output logic        sdma_wr_valid,
  input  logic        sdma_wr_ready,
  input  logic        sdma_done,
  input  logic        sdma_error
);
  logic busy_q, cmd_q, write_q;
  logic [RamAddrW-1:0] addr_q;
  logic [        12:0] fetch_q;  // words still to read from RAM
  logic                ahead_q;  // a word comes out of the RAM in this clock
  logic [         2:0] level;

  assign sdma_cmd_valid = cmd_q;
  assign busy_o         = busy_q;

  // To host memory: RAM -> queue -> stream. A word is fetched only if the queue has room for it and
  // for the one that is on its way.
  logic room, queue_ready;
  assign room = level + 3'(ahead_q) < 3'd4;
  fifo_sync #(
    .Width(64),
    .Depth(4)
  ) u_out (
    .clk_i,
    .rst_ni,
    .in_data  (ram_rdata_i),
    .in_valid (ahead_q),
    .in_ready (queue_ready),
    .out_data (sdma_wr_data),
    .out_valid(sdma_wr_valid),
    .out_ready(sdma_wr_ready),
    .level_o  (level)
  );

  logic want_fetch, store;
  assign want_fetch    = busy_q && write_q && fetch_q != '0 && room;
  assign sdma_rd_ready = busy_q && !write_q && ram_grant_i;
  assign store         = sdma_rd_valid && sdma_rd_ready;
  assign ram_en_o      = want_fetch || (busy_q && !write_q && sdma_rd_valid);
  assign ram_strb_o    = write_q ? 8'h00 : 8'hFF;
  assign ram_addr_o    = addr_q;
  assign ram_wdata_o   = sdma_rd_data;

  always_ff @(posedge clk_i) begin
    ahead_q <= want_fetch && ram_grant_i;
    if (want_fetch && ram_grant_i) fetch_q <= fetch_q - 1'b1;
    if ((want_fetch && ram_grant_i) || store) addr_q <= addr_q + 1'b1;
    if (sdma_cmd_ready) cmd_q <= 1'b0;
    if (sdma_done) begin
      busy_q  <= 1'b0;
      error_o <= sdma_error;
    end
    if (start_i && !busy_q) begin
      busy_q         <= 1'b1;
      cmd_q          <= 1'b1;
      error_o        <= 1'b0;
      write_q        <= write_i;
      addr_q         <= ram_i[RamAddrW+2:3];
      fetch_q        <= len_i[15:3];
      sdma_cmd_host  <= host_i;
      sdma_cmd_len   <= {len_i[15:3], 3'b0};
      sdma_cmd_write <= write_i;
    end
    if (!rst_ni) begin
      busy_q  <= 1'b0;
      cmd_q   <= 1'b0;
      ahead_q <= 1'b0;
    end
  end

  logic unused_bits;
  assign unused_bits = &{1'b0, ram_i, len_i[2:0], queue_ready};

endmodule
