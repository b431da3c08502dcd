// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// MSI-X requests: three sources, each with its vector, joined while the same vector was raised less
// than the moderation gap ago. Hard part: a pulse that comes within the gap is late, never lost.
module chim_irq #(
  parameter int unsigned Sources = 3
) (
  input logic clk_i,
  input logic rst_ni,

  input logic [Sources-1:0]      pulse_i,
  input logic [Sources-1:0][4:0] vector_i,  // 31: this source raises none
  input logic [       31:0]      gap_i,     // clocks between two raises of one source

  output logic       irq_valid,
  input  logic       irq_ready,
  output logic [4:0] irq_vector,

  output logic idle_o
);
  logic [Sources-1:0] pending_q, due;
  logic [Sources-1:0][31:0] wait_q;  // clocks until the source may raise again
  logic [$clog2(Sources)-1:0] pick;

  always_comb begin
    pick = '0;
    for (int unsigned i = 0; i < Sources; i++) due[i] = pending_q[i] && wait_q[i] == '0;
    for (int signed i = Sources - 1; i >= 0; i--) if (due[i]) pick = ($clog2(Sources))'(i);
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < Sources; i++) begin
      if (wait_q[i] != '0) wait_q[i] <= wait_q[i] - 1'b1;
      if (pulse_i[i] && vector_i[i] != 5'd31) pending_q[i] <= 1'b1;
    end
    if (irq_valid && irq_ready) irq_valid <= 1'b0;
    if (!irq_valid && (|due)) begin
      irq_valid       <= 1'b1;
      irq_vector      <= vector_i[pick];
      pending_q[pick] <= pulse_i[pick];
      wait_q[pick]    <= gap_i;
    end
    if (!rst_ni) begin
      irq_valid <= 1'b0;
      pending_q <= '0;
      wait_q    <= '0;
    end
  end
  assign idle_o = !irq_valid && pending_q == '0;
endmodule
