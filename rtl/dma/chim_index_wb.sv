// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Writes a ring's device index into host memory when it has moved, one write at a time: indices
// that pass while a write is on its way are joined into the next. Hard part: the last one is never
// missed.
module chim_index_wb #(
  parameter int unsigned DataW = 64
) (
  input logic clk_i,
  input logic rst_ni,

  input logic        run_i,
  input logic [63:0] addr_i,  // 0: the host does not want it
  input logic [31:0] index_i,

  // To chim_dma_write.
  output logic             cmd_valid,
  input  logic             cmd_ready,
  output logic [     63:0] cmd_addr,
  output logic [     15:0] cmd_len,
  output logic             wd_valid,
  input  logic             wd_ready,
  output logic [DataW-1:0] wd_data,
  input  logic             done_valid,

  output logic irq_o,  // pulse: the index is in memory
  output logic idle_o
);
  logic [31:0] written_q, value_q;
  logic cmd_q, data_q, wait_q;

  assign idle_o    = !wait_q && (written_q == index_i || addr_i == '0 || !run_i);
  assign cmd_valid = cmd_q;
  assign cmd_addr  = addr_i;
  assign cmd_len   = 16'd4;
  assign wd_valid  = data_q;
  assign wd_data   = DataW'(value_q);
  assign irq_o     = done_valid;

  always_ff @(posedge clk_i) begin
    if (!wait_q) begin
      if (run_i && addr_i != '0 && written_q != index_i) begin
        value_q <= index_i;
        cmd_q   <= 1'b1;
        data_q  <= 1'b1;
        wait_q  <= 1'b1;
      end
    end else begin
      if (cmd_ready) cmd_q <= 1'b0;
      if (wd_ready) data_q <= 1'b0;
      if (done_valid) begin
        written_q <= value_q;
        wait_q    <= 1'b0;
      end
    end
    if (!rst_ni || !run_i) written_q <= '0;
    if (!rst_ni) begin
      cmd_q  <= 1'b0;
      data_q <= 1'b0;
      wait_q <= 1'b0;
    end
  end
endmodule
