// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The soft core's RAM: 64-bit words, two ports that each read or write in any clock, byte enables.
// Hard part: true dual-port block RAM is inferred only if an access of one port to a word that the
// other port writes in the same clock may give anything; firmware waits for DMA and copies, so none
// happens (no_rw_check says so to Yosys).
//
// Data of a read are there one clock later and stay until that port's next read.
module chim_soc_ram #(
  // Size in bytes, a multiple of 8.
  parameter int unsigned Bytes = 65536,
  // Contents at power-up, one 64-bit hexadecimal word a line. Empty: undefined; in a Verilator
  // model the argument +chim_fw=FILE names it.
  parameter string HexFile = "",
  localparam int unsigned Depth = Bytes / 8,
  localparam int unsigned AddrW = $clog2(Depth)
) (
  input logic clk_i,

  input  logic             a_en_i,
  input  logic [      7:0] a_strb_i,   // bytes to write; 0: read
  input  logic [AddrW-1:0] a_addr_i,
  input  logic [     63:0] a_wdata_i,
  output logic [     63:0] a_rdata_o,

  input  logic             b_en_i,
  input  logic [      7:0] b_strb_i,
  input  logic [AddrW-1:0] b_addr_i,
  input  logic [     63:0] b_wdata_i,
  output logic [     63:0] b_rdata_o
);
  if (Bytes < 1024 || Bytes % 8 != 0) begin : g_check_bytes
    $error("chim_soc_ram: Bytes must be a multiple of 8, 1,024 or more");
  end

  (* no_rw_check, ram_style = "block" *) logic [63:0] mem_q[Depth]  /* verilator public_flat_rd */;

  always_ff @(posedge clk_i) begin
    if (a_en_i) begin
      for (int i = 0; i < 8; i++) begin
        if (a_strb_i[i]) mem_q[a_addr_i][8*i+:8] <= a_wdata_i[8*i+:8];
      end
      if (a_strb_i == '0) a_rdata_o <= mem_q[a_addr_i];
    end
    if (b_en_i) begin
      for (int i = 0; i < 8; i++) begin
        if (b_strb_i[i]) mem_q[b_addr_i][8*i+:8] <= b_wdata_i[8*i+:8];
      end
      if (b_strb_i == '0) b_rdata_o <= mem_q[b_addr_i];
    end
  end

`ifdef SYNTHESIS
  if (HexFile != "") begin : g_init
    initial $readmemh(HexFile, mem_q);
  end
`else
  string hex_file;
  initial begin
    if (HexFile != "") begin
      $readmemh(HexFile, mem_q);
    end else if ($value$plusargs("chim_fw=%s", hex_file) != 0) begin
      $readmemh(hex_file, mem_q);
    end
  end
`endif

endmodule
