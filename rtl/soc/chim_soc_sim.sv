// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Simulator page of the soft core (SOC_SIM_BASE): word 0 prints a byte, word 1 ends the test. Hard
// part: none; in synthesis the page swallows writes. A bench reads ended_q and code_q.
module chim_soc_sim (
  input logic clk_i,
  input logic rst_ni,

  input logic        sim_valid_i,
  input logic [ 9:0] sim_addr_i,
  input logic [31:0] sim_wdata_i
);
`ifdef SYNTHESIS
  logic unused;
  assign unused = &{1'b0, clk_i, rst_ni, sim_valid_i, sim_addr_i, sim_wdata_i};
`else
  logic ended_q  /* verilator public_flat_rd */;
  logic [31:0] code_q  /* verilator public_flat_rd */;

  always_ff @(posedge clk_i) begin
    if (sim_valid_i && sim_addr_i == 10'd0) $write("%c", sim_wdata_i[7:0]);
    if (sim_valid_i && sim_addr_i == 10'd1) begin
      ended_q <= 1'b1;
      code_q  <= sim_wdata_i;
    end
    if (!rst_ni) ended_q <= 1'b0;
  end
`endif

endmodule
