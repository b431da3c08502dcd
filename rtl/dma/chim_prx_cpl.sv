// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Completion ring of plain receive: 16-byte entries, joined into one write while they fall into one
// beat of the bus, so that small frames do not pay a beat each. Hard part: joining must not delay
// an entry when nothing follows it, and the ring must not overrun the host.
module chim_prx_cpl
  import chim_contract_pkg::*;
#(
  parameter int unsigned DataW = 64
) (
  input logic clk_i,
  input logic rst_ni,

  input  logic        run_i,
  input  logic [63:0] base_i,
  input  logic [ 4:0] log2_i,
  input  logic [31:0] host_i,   // consumed by the host
  output logic [31:0] device_o, // produced

  input  logic     cpl_valid,
  output logic     cpl_ready,
  input  prx_cpl_t cpl,        // owner is filled in here

  // To chim_dma_write.
  output logic             cmd_valid,
  input  logic             cmd_ready,
  output logic [     63:0] cmd_addr,
  output logic [     15:0] cmd_len,
  output logic             wd_valid,
  input  logic             wd_ready,
  output logic [DataW-1:0] wd_data,
  input  logic             done_valid,

  output logic irq_o,  // pulse: entries are in memory
  output logic idle_o
);
  localparam int unsigned EntryW = $bits(prx_cpl_t);
  localparam int unsigned Join = (DataW > EntryW) ? DataW / EntryW : 1;  // most entries of a write
  localparam int unsigned Beats = (DataW > EntryW) ? 1 : EntryW / DataW;
  localparam int unsigned LineW = (DataW > EntryW) ? DataW : EntryW;

  logic [31:0] size;
  logic lap;
  logic full;
  assign size = 32'd1 << log2_i;
  assign lap  = 1'(device_o >> log2_i);
  assign full = device_o - host_i >= size;

  // Two lines: one is filled while the other is written.
  logic [LineW-1:0] fill_q, out_q;
  logic [                2:0] n_q;  // entries in fill_q
  logic [               31:0] first_q;  // ring index of its first
  logic                       cmd_q;
  logic [$clog2(Beats+1)-1:0] left_q;
  logic out_free, move, take, at_end;
  logic [15:0] pending_q;  // writes without response

  prx_cpl_t entry;
  always_comb begin
    entry = cpl;
    entry.owner = {7'd0, !lap};
  end

  assign out_free  = !cmd_q && left_q == '0;
  assign at_end    = n_q != '0 && (32'(n_q) == Join || (first_q[1:0] + 2'(n_q)) == 2'd0);
  assign move      = n_q != '0 && out_free && (at_end || !cpl_valid || full);
  assign take      = run_i && cpl_valid && !full && (n_q == '0 || !at_end || move);
  assign cpl_ready = take;

  assign cmd_valid = cmd_q;
  assign wd_valid  = left_q != '0;
  assign wd_data   = out_q[DataW-1:0];

  always_ff @(posedge clk_i) begin
    if (take) device_o <= device_o + 1'b1;
    if (take && (move || n_q == '0)) begin
      fill_q  <= LineW'(entry);
      first_q <= device_o;
      n_q     <= 3'd1;
    end else if (take) begin
      for (int unsigned i = 0; i < Join; i++) begin
        if (32'(n_q) == i) fill_q[EntryW*i+:EntryW] <= entry;
      end
      n_q <= n_q + 1'b1;
    end else if (move) begin
      n_q <= '0;
    end
    if (move) begin
      out_q    <= fill_q;
      cmd_q    <= 1'b1;
      cmd_addr <= base_i + {28'd0, first_q & (size - 1'b1), 4'd0};
      cmd_len  <= {9'd0, n_q, 4'd0};
      left_q   <= ($bits(left_q))'(Beats);
    end else begin
      if (cmd_ready) cmd_q <= 1'b0;
      if (wd_valid && wd_ready) begin
        left_q <= left_q - 1'b1;
        out_q  <= out_q >> DataW;
      end
    end
    pending_q <= pending_q + 16'(move) - 16'(done_valid);
    if (!rst_ni || !run_i) begin
      n_q       <= '0;
      cmd_q     <= 1'b0;
      left_q    <= '0;
      device_o  <= '0;
      pending_q <= '0;
    end
  end

  assign irq_o  = done_valid;
  assign idle_o = n_q == '0 && out_free && pending_q == '0 && !cpl_valid;
endmodule
