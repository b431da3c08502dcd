// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The counters of enum counter: 32 bits, wrapping, one pulse each per clock, read by the host one
// at a time. Hard part: none, but 72 adders are area, so a counter is a register and one carry
// chain.
module chim_counters
  import chim_contract_pkg::*;
(
  input logic clk_i,
  input logic rst_ni,

  input logic [COUNTER_COUNT-1:0] pulse_i,

  input  logic        rd_en_i,
  input  logic [ 9:0] rd_index_i,
  output logic        rd_valid_o,  // one clock later
  output logic [31:0] rd_data_o    // 0 for an index that is no counter
);
  logic [COUNTER_COUNT-1:0][31:0] count_q;
  logic [COUNTER_COUNT-1:0] pulse_q;  // a register in between: pulses come from everywhere

  always_ff @(posedge clk_i) begin
    pulse_q <= pulse_i;
    for (int unsigned i = 0; i < COUNTER_COUNT; i++) begin
      if (pulse_q[i]) count_q[i] <= count_q[i] + 1'b1;
    end
    rd_valid_o <= rd_en_i;
    rd_data_o  <= (32'(rd_index_i) < 32'(COUNTER_COUNT)) ? count_q[7'(rd_index_i)] : '0;
    if (!rst_ni) begin
      pulse_q    <= '0;
      count_q    <= '0;
      rd_valid_o <= 1'b0;
    end
  end
endmodule
