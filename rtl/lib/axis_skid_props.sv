// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// What axis_skid promises: stability under stall, conservation of beats, and one tracked beat that
// comes out in order and unchanged. Hard part: the handshake rules alone let two of three mutants
// live; the invariants that tie the tracked beat to a register make the induction close.
module axis_skid_props #(
  parameter  int unsigned DataW = 64,
  parameter  int unsigned UserW = 1,
  localparam int unsigned KeepW = DataW / 8
) (
  input logic                       clk_i,
  input logic                       rst_ni,
  input logic [          DataW-1:0] s_axis_tdata,
  input logic [          KeepW-1:0] s_axis_tkeep,
  input logic                       s_axis_tlast,
  input logic [          UserW-1:0] s_axis_tuser,
  input logic                       s_axis_tvalid,
  input logic                       s_axis_tready,
  input logic [          DataW-1:0] m_axis_tdata,
  input logic [          KeepW-1:0] m_axis_tkeep,
  input logic                       m_axis_tlast,
  input logic [          UserW-1:0] m_axis_tuser,
  input logic                       m_axis_tvalid,
  input logic                       m_axis_tready,
  input logic                       out_valid_q,
  input logic                       park_valid_q,
  input logic [DataW+KeepW+UserW:0] out_q,
  input logic [DataW+KeepW+UserW:0] park_q
);

  localparam int unsigned BeatW = DataW + KeepW + UserW + 1;
  logic [BeatW-1:0] in_beat, out_beat;
  assign in_beat  = {s_axis_tdata, s_axis_tkeep, s_axis_tlast, s_axis_tuser};
  assign out_beat = {m_axis_tdata, m_axis_tkeep, m_axis_tlast, m_axis_tuser};

  logic past_valid_q = 1'b0;
  always_ff @(posedge clk_i) past_valid_q <= 1'b1;

  // Environment: reset first; then the source holds a beat until it is taken (IHI 0051 2.2.1).
  always_ff @(posedge clk_i) begin
    if (!past_valid_q) begin
      asm_reset_first : assume (!rst_ni);
    end
    if (past_valid_q && rst_ni && $past(rst_ni) && $past(s_axis_tvalid && !s_axis_tready)) begin
      asm_in_valid_stable : assume (s_axis_tvalid);
      asm_in_beat_stable : assume ($stable(in_beat));
    end
  end

  logic push, pop;
  assign push = s_axis_tvalid && s_axis_tready;
  assign pop  = m_axis_tvalid && m_axis_tready;

  // Beats in and out, and one beat, the Track-th, chosen by the solver and kept. Small counters
  // that wrap are enough, because at most two beats are inside.
  logic [3:0] in_cnt_q, out_cnt_q;
  logic [BeatW-1:0] tracked_q;
  logic tracking_q;
  logic [3:0] track_at_q;
  (* anyseq *) logic choose;

  always_ff @(posedge clk_i) begin
    in_cnt_q  <= in_cnt_q + 4'(push);
    out_cnt_q <= out_cnt_q + 4'(pop);
    if (push && choose && !tracking_q) begin
      tracking_q <= 1'b1;
      tracked_q  <= in_beat;
      track_at_q <= in_cnt_q;
    end else if (pop && tracking_q && out_cnt_q == track_at_q) begin
      tracking_q <= 1'b0;
    end
    if (!rst_ni) begin
      in_cnt_q   <= '0;
      out_cnt_q  <= '0;
      tracking_q <= 1'b0;
    end
  end

  logic [3:0] held;
  assign held = in_cnt_q - out_cnt_q;

  always_ff @(posedge clk_i) begin
    if (past_valid_q && rst_ni) begin
      // Promises: stability under stall
      if ($past(rst_ni && m_axis_tvalid && !m_axis_tready)) begin
        ast_out_valid_stable : assert (m_axis_tvalid);
        ast_out_beat_stable : assert ($stable(out_beat));
      end
      // Promises: conservation, and no needless stall
      ast_held : assert (held == 4'(out_valid_q) + 4'(park_valid_q));
      ast_accepts : assert (s_axis_tready == (held < 4'd2));
      ast_offers : assert (m_axis_tvalid == (held != 4'd0));
      // Promise: the tracked beat comes out in its turn and unchanged
      if (tracking_q && pop && out_cnt_q == track_at_q) begin
        ast_tracked : assert (out_beat == tracked_q);
      end

      // Invariants: where the tracked beat is
      ast_park_behind_out : assert (!park_valid_q || out_valid_q);
      if (tracking_q) begin
        ast_inside : assert (4'(track_at_q - out_cnt_q) < held);
        if (track_at_q == out_cnt_q) begin
          ast_in_out : assert (out_valid_q && out_q == tracked_q);
        end else begin
          ast_in_park : assert (park_valid_q && park_q == tracked_q);
        end
      end

      // Covers
      cov_full_then_drain : cover ($past(park_valid_q) && !park_valid_q && push);
      cov_stream : cover (in_cnt_q == 4'd5 && push && pop);
      cov_tracked : cover (tracking_q && pop && out_cnt_q == track_at_q && track_at_q == 4'd3);
    end
  end

endmodule

bind axis_skid axis_skid_props #(
  .DataW(DataW),
  .UserW(UserW)
) u_props (.*);
