// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Chooses the next item of the acknowledger's pipeline. Hard part: its slot addresses a dozen
// memories in the same clock, so only what cannot wait is chosen in it, a binding or a placement;
// which of all others comes if neither does was settled a clock before, and is kept until its turn.
//
// Order: a binding; firmware's reads, a forced ACK and events; a placement; one of the rest: the
// queue of kicks, the scan of all slots, the fence's question. After eight clocks without one of
// the rest it goes before placements, and every fourth of the rest is no kick, so that the scan
// comes round however many kicks there are.
module chim_ack_pick
  import chim_types_pkg::*;
  import chim_rx_pkg::*;
#(
  parameter int unsigned Conns = 1024,
  localparam int unsigned ConnIdxW = $clog2(Conns)
) (
  input logic clk_i,
  input logic rst_ni,

  input logic        ready_i,      // tables are cleared; before, nothing is chosen
  input logic        room_i,       // room for four ACKs; what is on its way to it is not counted
  input logic [16:0] high_water_i,

  // Payload is stable until ready; a binding is always taken.
  input logic bind_req_valid,
  input bind_req_t bind_req,
  input logic tbl_valid,  // a read
  output logic tbl_ready,
  input tbl_req_t tbl_req,
  input logic ack_now_valid,
  output logic ack_now_ready,
  input conn_t ack_now_conn,
  input logic evt_req_valid,
  output logic evt_req_ready,
  input conn_t evt_req_conn,
  input logic placed_valid,  // the user queues a placement that is not looked at
  output logic placed_look_o,
  input conn_t placed_conn,
  input logic queue_valid,
  output logic queue_ready,
  input logic [ConnIdxW-1:0] queue_idx,
  input conn_t fence_conn_i,

  output ack_item_t item_o
);
  // ---- what the clock before has settled
  ack_item_t rest, rest_q;
  logic rest_valid_q, rest_first_q, rest_take;
  logic room_q, scan_on_q, scan_turn_q;
  logic [15:0] scan_q;
  logic [ 3:0] wait_q;  // clocks since one of the rest came; the top bit: it is its turn
  logic [ 1:0] kicks_q;  // since the last that was none

  always_comb begin
    rest      = '0;
    rest.kind = ACK_FENCE;
    rest.conn = fence_conn_i;
    if (tbl_valid) begin
      rest.kind     = ACK_TABLE;
      rest.conn     = tbl_req.conn;
      rest.table_id = tbl_req.table_id;
      rest.word     = tbl_req.word;
    end else if (ack_now_valid && room_q) begin
      rest.kind   = ACK_LOOK;
      rest.conn   = ack_now_conn;
      rest.forced = 1'b1;
    end else if (evt_req_valid) begin
      rest.kind = ACK_EVENT;
      rest.conn = evt_req_conn;
    end else if (queue_valid && room_q && kicks_q != '1) begin
      rest.kind = ACK_LOOK;
      rest.conn = conn_t'(queue_idx);
    end else if (scan_on_q && scan_turn_q && room_q) begin
      rest.kind    = ACK_LOOK;
      rest.conn    = scan_q;
      rest.scanned = 1'b1;
    end
  end

  // ---- the choice
  assign placed_look_o = ready_i && !bind_req_valid && placed_valid && room_q && !rest_first_q &&
                         !wait_q[3];
  assign rest_take = rest_valid_q && !bind_req_valid && !placed_look_o;

  always_comb begin
    item_o = rest_q;
    if (!rest_valid_q) item_o.kind = ACK_NONE;
    if (placed_look_o) begin
      item_o      = '0;
      item_o.kind = ACK_LOOK;
      item_o.conn = placed_conn;
    end
    if (bind_req_valid) begin
      item_o          = '0;
      item_o.kind     = ACK_BIND;
      item_o.conn     = bind_req.conn;
      item_o.pure_ack = bind_req.pure_ack;
      item_o.end_seq  = bind_req.end_seq;
    end
  end

  assign tbl_ready     = rest_take && rest_q.kind == ACK_TABLE;
  assign ack_now_ready = rest_take && rest_q.kind == ACK_LOOK && rest_q.forced;
  assign evt_req_ready = rest_take && rest_q.kind == ACK_EVENT;
  assign queue_ready   = rest_take && rest_q.kind == ACK_LOOK && !rest_q.forced && !rest_q.scanned;

  // In the clock after a take the source shows its next request: a clock without one of the rest.
  logic idle_take;  // scan or fence
  assign idle_take = rest_take && (rest_q.kind == ACK_FENCE || rest_q.scanned);
  always_ff @(posedge clk_i) begin
    room_q    <= room_i;
    scan_on_q <= high_water_i != '0;
    if (!rest_valid_q) begin
      rest_q       <= rest;
      rest_valid_q <= ready_i;
      rest_first_q <= ready_i && (tbl_valid || (ack_now_valid && room_q) || evt_req_valid);
    end else if (rest_take) begin
      rest_valid_q <= 1'b0;
      rest_first_q <= 1'b0;
    end
    if (queue_ready || idle_take) wait_q <= '0;
    else if (!wait_q[3]) wait_q <= wait_q + 1'b1;
    if (idle_take) kicks_q <= '0;
    else if (queue_ready) kicks_q <= kicks_q + 1'b1;
    if (idle_take) scan_turn_q <= !scan_turn_q;
    if (rest_take && rest_q.scanned) begin
      scan_q <= 17'(scan_q) + 17'd1 >= high_water_i ? '0 : scan_q + 1'b1;
    end
    if (!rst_ni) begin
      rest_valid_q <= 1'b0;
      rest_first_q <= 1'b0;
      room_q       <= 1'b0;
      wait_q       <= '0;
      kicks_q      <= '0;
      scan_turn_q  <= 1'b0;
      scan_q       <= '0;
    end
  end

  logic unused_bits;
  assign unused_bits = &{1'b0, tbl_req.write, tbl_req.wdata};
endmodule
