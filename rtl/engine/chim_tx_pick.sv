// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Chooses which connection the pass pipeline starts, one a clock: a doorbell, a request of the
// miscellaneous queue (firmware's words, fence, event, LIVE), or the head of one of the two lanes.
// Hard part: a connection whose pass has not written back yet must not start again, yet comparing
// with all passes in flight takes most of a clock; so who is chosen never depends on it, only
// whether the choice counts.
module chim_tx_pick
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
#(
  parameter int unsigned Conns = 1024,  // slots, a power of two
  parameter int unsigned Stages = 10  // clocks from the table read to the write-back
) (
  input logic clk_i,
  input logic rst_ni,

  input logic ready_i,  // tables are cleared
  input logic room_i,   // a pass may put an event kick
  input logic credit_i, // a pass may put a burst

  input  logic  db_valid,
  output logic  db_ready,
  input  bell_t db,

  input  logic  misc_valid,
  output logic  misc_ready,
  input  pass_t misc,

  // 0: kicks of the receive half, 1: all others.
  input  logic  [1:0] lane_valid,
  output logic  [1:0] lane_ready,
  input  conn_t [1:0] lane_conn,

  // The choice: tables are read at pick_conn_o in this clock.
  output conn_t pick_conn_o,
  output logic  s1_valid_o,
  output pass_t s1_o,

  // A pass of this connection is in the pipeline.
  input  conn_t watch_conn_i,
  output logic  watch_busy_o,
  output logic  idle_o
);
  localparam int unsigned ConnW = $clog2(Conns);
  typedef logic [ConnW-1:0] slot_t;

  // Passes in flight, youngest first. Words that firmware writes do not hinder each other.
  logic [Stages-1:0] busy_q, word_q;
  slot_t [Stages-1:0] conn_q;

  function automatic logic in_flight(slot_t conn, logic [Stages-1:0] mask);
    logic hit;
    hit = 1'b0;
    for (int unsigned i = 0; i < Stages; i++) begin
      if (mask[i] && conn_q[i] == conn) hit = 1'b1;
    end
    return hit;
  endfunction

  // ---- whose turn
  // ---------------------------------------------------------------------------------- After a try,
  // good or not, others have their turn; longer when the connection was in flight.
  logic [1:0] db_pause_q, misc_pause_q;
  logic turn_q;
  logic try_db, try_misc, try_lane, lane, misc_needs_credit;
  assign misc_needs_credit = misc.kind == PASS_STEP || misc.kind == PASS_FENCE;
  assign try_db            = db_valid && db_pause_q == '0;
  assign try_misc          = !try_db && misc_valid && misc_pause_q == '0;
  assign try_lane          = !try_db && !try_misc && lane_valid != '0;
  assign lane              = lane_valid[1] && (!lane_valid[0] || turn_q);

  pass_t pick;
  always_comb begin
    pick = misc;
    if (try_db) begin
      pick.kind  = PASS_BELL;
      pick.conn  = db.conn;
      pick.run   = credit_i && db.queue != chim_contract_pkg::QUEUE_RECV_RETURN;
      pick.word  = 5'(db.queue);
      pick.value = db.value;
    end else if (!try_misc) begin
      pick.kind = PASS_STEP;
      pick.conn = lane_conn[lane];
      pick.run  = 1'b1;
    end
    pick.conn = conn_t'(pick.conn[ConnW-1:0]);
  end
  assign pick_conn_o = pick.conn;

  // ---- does it count?
  // ------------------------------------------------------------------------------
  logic misc_is_write, db_clear, misc_clear, go, go_db, go_misc, go_lane;
  logic [1:0] lane_clear;
  assign misc_is_write = misc.kind == PASS_TABLE && misc.write;
  assign db_clear = !in_flight(db.conn[ConnW-1:0], busy_q);
  assign misc_clear = !in_flight(misc.conn[ConnW-1:0], misc_is_write ? busy_q & ~word_q : busy_q);
  for (genvar i = 0; i < 2; i++) begin : g_lane
    // What waits for the same connection goes first: it could starve otherwise.
    assign lane_clear[i] = !in_flight(
        lane_conn[i][ConnW-1:0], busy_q
    ) && !(db_valid && db.conn[ConnW-1:0] == lane_conn[i][ConnW-1:0]) &&
        !(misc_valid && misc.conn[ConnW-1:0] == lane_conn[i][ConnW-1:0]);
    assign lane_ready[i] = go_lane && lane == 1'(i);
  end
  assign go_db = try_db && db_clear && room_i && ready_i;
  assign go_misc = try_misc && misc_clear && (credit_i || !misc_needs_credit) && room_i && ready_i;
  assign go_lane = try_lane && lane_clear[lane] && credit_i && room_i && ready_i;
  assign go = go_db || go_misc || go_lane;
  assign db_ready = go_db;
  assign misc_ready = go_misc;

  always_ff @(posedge clk_i) begin
    s1_valid_o <= go;
    s1_o <= pick;
    busy_q <= {busy_q[Stages-2:0], go};
    word_q <= {word_q[Stages-2:0], try_misc && misc_is_write};
    conn_q <= {conn_q[Stages-2:0], pick.conn[ConnW-1:0]};
    turn_q <= !lane;
    if (try_db) db_pause_q <= go_db ? 2'd1 : 2'd3;
    else if (db_pause_q != '0) db_pause_q <= db_pause_q - 2'd1;
    // Two clocks after a word, so that the next one reads the row of CFG_TX that this one writes.
    if (try_misc) misc_pause_q <= go_misc ? 2'd2 : 2'd3;
    else if (misc_pause_q != '0) misc_pause_q <= misc_pause_q - 2'd1;
    if (!rst_ni) begin
      s1_valid_o <= 1'b0;
      busy_q <= '0;
      db_pause_q <= '0;
      misc_pause_q <= '0;
    end
  end

  assign watch_busy_o = in_flight(watch_conn_i[ConnW-1:0], busy_q);
  assign idle_o = busy_q == '0 && !db_valid && !misc_valid && lane_valid == '0;

  logic unused_conn;
  assign unused_conn = &{1'b0, db.conn, misc.conn, watch_conn_i, lane_conn};
endmodule
