// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Requests for passes that are neither doorbells nor kicks: changes of LIVE, gather errors,
// firmware's words, the fence, event snapshots. One register in front of the pick; LIVE first, as
// it has no handshake. Hard part: firmware's word must be served within 64 clocks, so nothing
// before it in the order may come in numbers.
`include "chim_assert.svh"

module chim_tx_misc
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
(
  input logic clk_i,
  input logic rst_ni,

  // Entry of the lookup table: cannot be refused; 16 may wait.
  input logic  live_we_i,
  input conn_t live_conn_i,
  input logic  live_val_i,

  input  logic  error_valid,  // a gather failed
  output logic  error_ready,
  input  conn_t error_conn,

  // Words of TX, CFG_TX and DOORBELL.
  input  logic     tbl_valid,
  output logic     tbl_ready,
  input  tbl_req_t tbl_req,

  input  logic  fence_valid,
  output logic  fence_ready,
  input  conn_t fence_conn,
  input  logic  fence_look,   // a look of the send step instead of the token

  input  logic  event_valid,
  output logic  event_ready,
  input  conn_t event_conn,

  output logic  misc_valid,
  input  logic  misc_ready,
  output pass_t misc,

  output logic live_idle_o  // no change of LIVE waits
);
  typedef struct packed {
    conn_t conn;
    logic  val;
  } live_t;

  live_t live;
  logic live_valid, live_ready, live_room;
  logic [4:0] live_level;
  fifo_sync #(
    .Depth(16),
    .T    (live_t)
  ) u_live (
    .clk_i,
    .rst_ni,
    .in_data  ('{conn: live_conn_i, val: live_val_i}),
    .in_valid (live_we_i),
    .in_ready (live_room),
    .out_data (live),
    .out_valid(live_valid),
    .out_ready(live_ready),
    .level_o  (live_level)
  );
  `CHIM_ASSERT(ast_live_room, live_room || !live_we_i)

  logic free;
  // Not in the clock in which one leaves: whether it does is known late, and all who ask would wait
  // for it. The choice pauses longer than that after each of them anyway.
  assign free = !misc_valid;
  assign live_ready = free;
  assign error_ready = free && !live_valid;
  assign tbl_ready = error_ready && !error_valid;
  assign fence_ready = tbl_ready && !tbl_valid;
  assign event_ready = fence_ready && !fence_valid;

  pass_t next;
  always_comb begin
    next = '0;
    if (live_valid) begin
      next.kind  = PASS_LIVE;
      next.conn  = live.conn;
      next.write = live.val;
    end else if (error_valid) begin
      next.kind = PASS_ERROR;
      next.conn = error_conn;
    end else if (tbl_valid) begin
      next.kind     = PASS_TABLE;
      next.conn     = tbl_req.conn;
      next.write    = tbl_req.write;
      next.table_id = tbl_req.table_id;
      next.word     = tbl_req.word;
      next.value    = tbl_req.wdata;
    end else if (fence_valid) begin
      next.kind = fence_look ? PASS_STEP : PASS_FENCE;
      next.run  = fence_look;
      next.conn = fence_conn;
    end else begin
      next.kind = PASS_EVENT;
      next.conn = event_conn;
    end
  end

  always_ff @(posedge clk_i) begin
    if (free) begin
      misc_valid <= live_valid || error_valid || tbl_valid || fence_valid || event_valid;
      misc <= next;
    end else if (misc_ready) begin
      misc_valid <= 1'b0;
    end
    if (!rst_ni) misc_valid <= 1'b0;
  end

  assign live_idle_o = live_level == '0 && !(misc_valid && misc.kind == PASS_LIVE);
endmodule
