// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Slots that the acknowledger should look at. Five sources, one entry a clock; when the queue is
// full an entry is dropped, because chim_ack scans all slots anyway. Hard part: none of the sources
// may wait for the reader, or placements would wait for the transmitter.
module chim_ack_queue
  import chim_types_pkg::*;
#(
  parameter int unsigned Conns = 1024,
  parameter int unsigned Depth = 16,  // a power of two
  localparam int unsigned ConnIdxW = $clog2(Conns)
) (
  input logic clk_i,
  input logic rst_ni,

  // First come first: put back by the pipeline; turned LIVE; AckOwed moved (the last two are kept
  // until they fit, a newer one replaces an older one).
  input  logic                 back_i,
  input  logic  [ConnIdxW-1:0] back_idx_i,
  input  logic                 live_i,
  input  conn_t                live_conn_i,
  input  logic                 owed_i,
  input  conn_t                owed_conn_i,
  // Then these, if free_o.
  output logic                 free_o,
  input  logic                 placed_i,
  input  conn_t                placed_conn_i,
  input  logic                 kick_i,         // not with placed_i
  input  conn_t                kick_conn_i,

  output logic                valid_o,
  input  logic                take_i,
  output logic [ConnIdxW-1:0] idx_o,
  output logic                empty_o   // nothing kept either
);
  typedef logic [ConnIdxW-1:0] idx_t;

  logic live_q, owed_q, put, put_ready, repeats, queue_valid, queue_take, head_valid_q;
  idx_t live_idx_q, owed_idx_q, put_idx, last_q, queue_idx, head_q;
  logic [$clog2(Depth+2)-1:0] level;

  assign free_o = !back_i && !live_q && !owed_q;
  always_comb begin
    put     = 1'b1;
    put_idx = back_idx_i;
    if (back_i) put_idx = back_idx_i;
    else if (live_q) put_idx = live_idx_q;
    else if (owed_q) put_idx = owed_idx_q;
    else if (placed_i) put_idx = idx_t'(placed_conn_i);
    else if (kick_i) put_idx = idx_t'(kick_conn_i);
    else put = 1'b0;
  end
  // The entry put last is in the queue as long as there is any.
  assign repeats = (queue_valid || head_valid_q) && put_idx == last_q;

  always_ff @(posedge clk_i) begin
    if (live_i) begin
      live_q     <= 1'b1;
      live_idx_q <= idx_t'(live_conn_i);
    end else if (!back_i) begin
      live_q <= 1'b0;
    end
    if (owed_i) begin
      owed_q     <= 1'b1;
      owed_idx_q <= idx_t'(owed_conn_i);
    end else if (!back_i && !live_q) begin
      owed_q <= 1'b0;
    end
    if (put && put_ready) last_q <= put_idx;
    if (!rst_ni) begin
      live_q <= 1'b0;
      owed_q <= 1'b0;
    end
  end

  fifo_sync #(
    .Depth(Depth),
    .Width(ConnIdxW)
  ) u_queue (
    .clk_i,
    .rst_ni,
    .in_data  (put_idx),
    .in_valid (put && !repeats),
    .in_ready (put_ready),
    .out_data (queue_idx),
    .out_valid(queue_valid),
    .out_ready(queue_take),
    .level_o  (level)
  );

  // The head has a register of its own: it selects what is read from all tables.
  assign queue_take = !head_valid_q || take_i;
  always_ff @(posedge clk_i) begin
    if (queue_take) begin
      head_valid_q <= queue_valid;
      head_q       <= queue_idx;
    end
    if (!rst_ni) head_valid_q <= 1'b0;
  end
  assign valid_o = head_valid_q;
  assign idx_o   = head_q;
  assign empty_o = !queue_valid && !head_valid_q && !live_q && !owed_q;

  logic unused_bits;
  assign unused_bits = &{1'b0, level, live_conn_i, owed_conn_i, placed_conn_i, kick_conn_i};
endmodule
