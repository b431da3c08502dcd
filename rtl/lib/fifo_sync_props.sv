// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// What fifo_sync promises: stability, conservation, order, no needless stall, and the level it
// tells. Hard part: the tracked entry's place in memory, which ties the induction to the array's
// content.
module fifo_sync_props #(
  parameter int unsigned Width = 32,
  parameter int unsigned Depth = 16,
  parameter bit UseBram = 1'b0,
  parameter type T = logic [Width-1:0],
  localparam int unsigned LevelW = $clog2(Depth + 2),
  localparam int unsigned AddrW = $clog2(Depth)
) (
  input logic              clk_i,
  input logic              rst_ni,
  input T                  in_data,
  input logic              in_valid,
  input logic              in_ready,
  input T                  out_data,
  input logic              out_valid,
  input logic              out_ready,
  input logic [LevelW-1:0] level_o,
  input logic [   AddrW:0] wr_ptr_q,
  input logic [   AddrW:0] rd_ptr_q,
  input logic [   AddrW:0] in_mem,
  input logic              fetch,
  input logic              head_valid_q,
  input T                  mem_q       [Depth]
);

  localparam int unsigned Most = Depth + (UseBram ? 1 : 0);

  logic past_valid_q = 1'b0;
  always_ff @(posedge clk_i) past_valid_q <= 1'b1;

  // Environment
  always_ff @(posedge clk_i) begin
    if (!past_valid_q) begin
      asm_reset_first : assume (!rst_ni);
    end
  end

  logic push, pop;
  assign push = in_valid && in_ready;
  assign pop  = out_valid && out_ready;

  // One entry, chosen by the solver: entries in front of it, and its address until it is fetched.
  (* anyseq *) logic choose;
  logic tracking_q;
  T tracked_q;
  logic [LevelW-1:0] before_q;  // entries that leave before it
  logic [AddrW:0] tracked_ptr_q;

  always_ff @(posedge clk_i) begin
    if (push && choose && !tracking_q) begin
      tracking_q    <= 1'b1;
      tracked_q     <= in_data;
      tracked_ptr_q <= wr_ptr_q;
      before_q      <= level_o - LevelW'(pop);
    end else if (tracking_q && pop) begin
      before_q <= before_q - 1'b1;
      if (before_q == '0) begin
        tracking_q <= 1'b0;
      end
    end
    if (!rst_ni) begin
      tracking_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (past_valid_q && rst_ni) begin
      // Promises
      if ($past(rst_ni && out_valid && !out_ready)) begin
        ast_out_valid_stable : assert (out_valid);
        ast_out_data_stable : assert ($stable(out_data));
      end
      if ($past(rst_ni)) begin
        ast_level : assert (level_o == $past(level_o) + LevelW'($past(push)) - LevelW'($past(pop)));
      end
      ast_level_most : assert (level_o <= LevelW'(Most));
      ast_accepts : assert (in_ready || level_o >= LevelW'(Depth));
      if (!UseBram) begin
        ast_offers_at_once : assert (out_valid == (level_o != '0));
      end else if ($past(rst_ni && level_o != '0)) begin
        // An entry is offered at most one cycle after the queue stopped being empty.
        ast_offers : assert (out_valid || level_o == '0 || $past(pop));
      end
      if (tracking_q && pop && before_q == '0) begin
        ast_tracked : assert (out_data == tracked_q);
      end

      // Invariants
      ast_in_mem : assert (in_mem <= (AddrW + 1)'(Depth));
      ast_level_parts : assert (level_o == LevelW'(in_mem) + LevelW'(head_valid_q));
      if (tracking_q) begin
        ast_before : assert (before_q < level_o);
        if (UseBram && head_valid_q && before_q == '0) begin
          ast_in_head : assert (out_data == tracked_q);
        end else begin
          ast_in_place : assert (mem_q[tracked_ptr_q[AddrW-1:0]] == tracked_q);
          ast_place :
          assert (LevelW'((AddrW + 1)'(tracked_ptr_q - rd_ptr_q)) ==
                              before_q - LevelW'(head_valid_q));
        end
      end

      // Covers
      cov_full : cover (level_o == LevelW'(Most));
      cov_drained : cover (tracking_q && pop && before_q == '0 && level_o == LevelW'(1));
      cov_stream : cover (push && pop && level_o == LevelW'(1));
    end
  end

endmodule

bind fifo_sync fifo_sync_props #(
  .Width  (Width),
  .Depth  (Depth),
  .UseBram(UseBram)
) u_props (.*);
