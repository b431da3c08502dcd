// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The TCP engine: receive half, passes of the send half, segmenter, timer scan, events and fence.
// README.md explains ports and paths. Hard part: kicks. Whoever changes what another looks at must
// kick him, no kick may be lost, and some come with no way to refuse them; each waits where it can
// be joined with the next of its connection.
`include "chim_assert.svh"

module chim_engine
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
#(
  parameter int unsigned Conns = 1024  // slots, a power of two, 2..65536
) (
  input logic                                clk_i,
  input logic                                rst_ni,
  input logic                         [31:0] time_ms_i,
  input chim_types_pkg::step_params_t        params_i,

  // Receive path: segments in, verdicts out in the same order; write responses in.
  input  logic        seg_valid,
  output logic        seg_ready,
  input  seg_t        seg,
  output logic        verdict_valid,
  input  logic        verdict_ready,
  output rx_verdict_t verdict,
  input  logic        placed_valid,
  output logic        placed_ready,
  input  placement_t  placed,

  // Doorbells.
  input  logic  db_valid,
  output logic  db_ready,
  input  bell_t db,

  // Transmit path: commands out; late binding; fence token back.
  output logic      tx_data_valid,
  input  logic      tx_data_ready,
  output tx_cmd_t   tx_data,
  output logic      tx_ack_valid,
  input  logic      tx_ack_ready,
  output tx_cmd_t   tx_ack,
  input  logic      bind_req_valid,
  input  bind_req_t bind_req,
  output logic      bind_rsp_valid,
  output bind_rsp_t bind_rsp,
  input  logic      tx_fence_done_i,

  // Gather: completions of sends.
  input  logic      gathered_valid,
  output logic      gathered_ready,
  input  gathered_t gathered,

  // Events.
  output logic        evt_valid,
  input  logic        evt_ready,
  output conn_event_t evt,

  // Firmware. Pulses without ready: at most 4 of a kind in 100 clocks.
  input  logic            tbl_valid,
  output logic            tbl_ready,
  input  tbl_req_t        tbl_req,
  output logic            tbl_rvalid,
  output logic     [31:0] tbl_rdata,
  input  logic            kick_valid,
  input  conn_t           kick_conn,
  input  logic            ack_now_valid,
  input  conn_t           ack_now_conn,
  input  logic            fence_valid,
  input  conn_t           fence_conn,
  output logic     [ 2:0] fence_busy_o,   // engine, placement side, transmit side

  // Lookup: a slot's entry turned LIVE, or ceased to be.
  input logic  live_we,
  input conn_t live_conn,
  input logic  live_val,

  output logic [COUNTER_COUNT-1:0] cnt_o,
  output logic                     idle_o
);
  if (Conns < 2 || Conns != 2 ** $clog2(Conns) || Conns > 65536) begin : g_check_conns
    $error("chim_engine: Conns must be a power of two, 2..65536");
  end

  // ---- firmware's words go to who owns the table
  // ---------------------------------------------------
  logic tbl_none, tbl_rx, tbl_done, tbl_tx;
  logic rx_tbl_ready, tx_tbl_ready, done_tbl_ready, none_q;
  logic rx_rvalid, done_rvalid, word_valid;
  logic [31:0] rx_rdata, done_rdata, word;

  always_comb begin
    tbl_tx   = 1'b0;
    tbl_rx   = 1'b0;
    tbl_done = 1'b0;
    unique case (tbl_req.table_id)
      TABLE_TX, TABLE_CFG_TX, TABLE_DOORBELL: tbl_tx = 32'(tbl_req.conn) < Conns;
      TABLE_DONE: tbl_done = 1'b1;
      TABLE_RX, TABLE_CFG_RX, TABLE_CFG_BIND, TABLE_PLACED, TABLE_SENT: tbl_rx = 1'b1;
      default: ;
    endcase
  end
  // A slot beyond the tables: writes go nowhere, reads give 0.
  assign tbl_none = !tbl_tx && !tbl_rx && !tbl_done;
  assign tbl_ready = tbl_none || (tbl_tx && tx_tbl_ready) || (tbl_rx && rx_tbl_ready) ||
      (tbl_done && done_tbl_ready);
  always_ff @(posedge clk_i) begin
    none_q <= tbl_valid && tbl_none && !tbl_req.write && rst_ni;
  end
  assign tbl_rvalid = none_q || rx_rvalid || done_rvalid || word_valid;
  assign tbl_rdata  = rx_rvalid ? rx_rdata : done_rvalid ? done_rdata : word_valid ? word : '0;

  // ---- receive half
  // --------------------------------------------------------------------------------
  conn_t rxv_conn, mirror_conn, rr_conn, kick_tx_conn, kick_evt_conn, evt_req_conn, fenced_conn;
  rxv_t rxv;
  mirror_t mirror;
  seq_t rr_val;
  evv_t evt_rsp;
  logic
      mirror_we, rr_we, kick_tx_valid, kick_evt_valid, evt_req_valid, evt_req_ready, evt_rsp_valid;
  logic ack_kick_valid, ack_kick_ready, now_valid, now_ready, rx_fence_busy, rx_idle;
  conn_t ack_kick_conn, now_conn;
  logic [COUNTER_COUNT-1:0] rx_cnt, seg_cnt;

  chim_rx_half #(
    .Conns(Conns)
  ) u_rx_half (
    .clk_i,
    .rst_ni,
    .time_ms_i,
    .params_i,
    .seg_valid,
    .seg_ready,
    .seg,
    .verdict_valid,
    .verdict_ready,
    .verdict,
    .placed_valid,
    .placed_ready,
    .placed,
    .bind_req_valid,
    .bind_req,
    .bind_rsp_valid,
    .bind_rsp,
    .tx_ack_valid,
    .tx_ack_ready,
    .tx_ack,
    .mirror_we_i     (mirror_we),
    .mirror_conn_i   (mirror_conn),
    .mirror_i        (mirror),
    .rxv_conn_i      (rxv_conn),
    .rxv_o           (rxv),
    .evt_req_valid,
    .evt_req_ready,
    .evt_req_conn,
    .evt_rsp_valid,
    .evt_rsp,
    .ack_kick_valid,
    .ack_kick_ready,
    .ack_kick_conn,
    .ack_now_valid   (now_valid),
    .ack_now_ready   (now_ready),
    .ack_now_conn    (now_conn),
    .kick_tx_valid_o (kick_tx_valid),
    .kick_tx_conn_o  (kick_tx_conn),
    .kick_evt_valid_o(kick_evt_valid),
    .kick_evt_conn_o (kick_evt_conn),
    .live_we_i       (live_we),
    .live_conn_i     (live_conn),
    .live_val_i      (live_val),
    .db_rr_we_i      (rr_we),
    .db_rr_conn_i    (rr_conn),
    .db_rr_val_i     (rr_val),
    .tbl_valid       (tbl_valid && tbl_rx),
    .tbl_ready       (rx_tbl_ready),
    .tbl_req,
    .tbl_rvalid      (rx_rvalid),
    .tbl_rdata       (rx_rdata),
    .fence_conn_i    (fenced_conn),
    .fence_busy_o    (rx_fence_busy),
    .cnt_o           (rx_cnt),
    .idle_o          (rx_idle)
  );

  // ---- firmware's pulses wait in short queues
  // ------------------------------------------------------
  logic kicks_valid, kicks_ready, kicks_room, now_room;
  conn_t kicks_conn;
  logic [2:0] kicks_level, now_level;

  fifo_sync #(
    .Depth(4),
    .T    (conn_t)
  ) u_kicks (
    .clk_i,
    .rst_ni,
    .in_data  (kick_conn),
    .in_valid (kick_valid),
    .in_ready (kicks_room),
    .out_data (kicks_conn),
    .out_valid(kicks_valid),
    .out_ready(kicks_ready),
    .level_o  (kicks_level)
  );

  fifo_sync #(
    .Depth(4),
    .T    (conn_t)
  ) u_now (
    .clk_i,
    .rst_ni,
    .in_data  (ack_now_conn),
    .in_valid (ack_now_valid),
    .in_ready (now_room),
    .out_data (now_conn),
    .out_valid(now_valid),
    .out_ready(now_ready),
    .level_o  (now_level)
  );
  `CHIM_ASSERT(ast_kick_room, kicks_room || !kick_valid)
  `CHIM_ASSERT(ast_now_room, now_room || !ack_now_valid)

  // A kick is for three: lane, acknowledger, event unit. Each takes it when it can.
  logic [2:0] kicked_q, kick_take;
  logic kick_lane_ready, kick_ack_ready, kick_evt_ready;
  assign kick_take   = {kick_evt_ready, kick_ack_ready, kick_lane_ready} & {3{kicks_valid}};
  assign kicks_ready = (kicked_q | kick_take) == '1;
  always_ff @(posedge clk_i) begin
    if (kicks_valid) kicked_q <= kicks_ready ? '0 : kicked_q | kick_take;
    if (!rst_ni) kicked_q <= '0;
  end

  // ---- RcvReturn: the receive half has its copy, then looks
  // ----------------------------------------
  localparam int unsigned Returns = 16;
  logic return_valid, return_ready, return_room, return_few_q;
  conn_t return_conn;
  logic [$clog2(Returns+2)-1:0] return_level;

  fifo_sync #(
    .Depth(Returns),
    .T    (conn_t)
  ) u_returns (
    .clk_i,
    .rst_ni,
    .in_data  (rr_conn),
    .in_valid (rr_we),
    .in_ready (return_room),
    .out_data (return_conn),
    .out_valid(return_valid),
    .out_ready(return_ready),
    .level_o  (return_level)
  );
  `CHIM_ASSERT(ast_return_room, return_room || !rr_we)

  // Few enough that those already on their way to the queue find room.
  always_ff @(posedge clk_i) begin
    return_few_q <= return_level < $bits(return_level)'(Returns - 6);
    if (!rst_ni) return_few_q <= 1'b0;
  end
  assign ack_kick_valid = return_valid || (kicks_valid && !kicked_q[1]);
  assign ack_kick_conn  = return_valid ? return_conn : kicks_conn;
  assign return_ready   = ack_kick_ready;
  assign kick_ack_ready = ack_kick_ready && !return_valid && !kicked_q[1];

  // ---- lanes
  // ---------------------------------------------------------------------------------------
  logic [1:0] lane_valid, lane_ready, lane_cleared, lane_idle;
  conn_t [1:0] lane_conn;
  logic again_valid, scan_kick_valid, scan_kick_ready, other_valid;
  conn_t again_conn, scan_kick_conn, other_conn;

  chim_lane #(
    .Conns(Conns)
  ) u_lane_rx (
    .clk_i,
    .rst_ni,
    .ready_o     (lane_cleared[0]),
    .kick_valid_i(kick_tx_valid),
    .kick_conn_i (kick_tx_conn),
    .lane_valid  (lane_valid[0]),
    .lane_ready  (lane_ready[0]),
    .lane_conn   (lane_conn[0]),
    .idle_o      (lane_idle[0])
  );

  // All others: a pass that cannot be refused first, then firmware, then the scan.
  assign kick_lane_ready = !again_valid && lane_cleared[1] && !kicked_q[0];
  assign scan_kick_ready = !again_valid && !(kicks_valid && !kicked_q[0]) && lane_cleared[1];
  assign other_valid = again_valid || (kicks_valid && !kicked_q[0]) || scan_kick_valid;
  assign other_conn = again_valid ? again_conn
                                  : (kicks_valid && !kicked_q[0]) ? kicks_conn : scan_kick_conn;

  chim_lane #(
    .Conns(Conns)
  ) u_lane_other (
    .clk_i,
    .rst_ni,
    .ready_o     (lane_cleared[1]),
    .kick_valid_i(other_valid),
    .kick_conn_i (other_conn),
    .lane_valid  (lane_valid[1]),
    .lane_ready  (lane_ready[1]),
    .lane_conn   (lane_conn[1]),
    .idle_o      (lane_idle[1])
  );

  // ---- passes
  // --------------------------------------------------------------------------------------
  logic misc_valid, misc_ready, burst_valid, burst_taken, express_valid, express_ready;
  logic evt_pass_valid, evt_room, snapshot_valid, pass_idle, pass_ready, bad_bell, pass_busy;
  logic scan_re, scan_armed, error_valid, error_ready, fence_pass, fence_pass_ready, fence_look;
  logic event_valid, event_ready, live_idle, seg_idle, evt_cleared, evt_idle, evt_busy, bell_ready;
  logic bell_may;
  logic [31:0] scan_deadline;
  conn_t evt_pass_conn, scan_conn, error_conn, event_conn;
  pass_t misc;
  burst_t burst;
  tx_cmd_t express;
  snapshot_t snapshot;
  step_count_t step_count;

  chim_tx_misc u_misc (
    .clk_i,
    .rst_ni,
    .live_we_i  (live_we),
    .live_conn_i(live_conn),
    .live_val_i (live_val),
    .error_valid,
    .error_ready,
    .error_conn,
    .tbl_valid  (tbl_valid && tbl_tx),
    .tbl_ready  (tx_tbl_ready),
    .tbl_req,
    .fence_valid(fence_pass),
    .fence_ready(fence_pass_ready),
    .fence_conn (fenced_conn),
    .fence_look,
    .event_valid,
    .event_ready,
    .event_conn,
    .misc_valid,
    .misc_ready,
    .misc,
    .live_idle_o(live_idle)
  );

  assign bell_may = return_few_q;
  assign db_ready = bell_ready && bell_may;

  chim_tx_pass #(
    .Conns(Conns)
  ) u_pass (
    .clk_i,
    .rst_ni,
    .time_ms_i,
    .params_i,
    .ready_o         (pass_ready),
    .db_valid        (db_valid && bell_may),
    .db_ready        (bell_ready),
    .db,
    .misc_valid,
    .misc_ready,
    .misc,
    .lane_valid,
    .lane_ready,
    .lane_conn,
    .rxv_conn_o      (rxv_conn),
    .rxv_i           (rxv),
    .mirror_we_o     (mirror_we),
    .mirror_conn_o   (mirror_conn),
    .mirror_o        (mirror),
    .rr_we_o         (rr_we),
    .rr_conn_o       (rr_conn),
    .rr_val_o        (rr_val),
    .word_valid_o    (word_valid),
    .word_o          (word),
    .snapshot_valid_o(snapshot_valid),
    .snapshot_o      (snapshot),
    .burst_valid,
    .burst,
    .burst_taken_i   (burst_taken),
    .express_valid,
    .express_ready,
    .express,
    .again_valid_o   (again_valid),
    .again_conn_o    (again_conn),
    .evt_valid_o     (evt_pass_valid),
    .evt_conn_o      (evt_pass_conn),
    .room_i          (evt_room),
    .scan_re_i       (scan_re),
    .scan_conn_i     (scan_conn),
    .scan_armed_o    (scan_armed),
    .scan_deadline_o (scan_deadline),
    .count_o         (step_count),
    .bad_bell_o      (bad_bell),
    .watch_conn_i    (fenced_conn),
    .watch_busy_o    (pass_busy),
    .idle_o          (pass_idle)
  );

  chim_segmenter u_segmenter (
    .clk_i,
    .rst_ni,
    .burst_valid,
    .burst,
    .burst_taken_o(burst_taken),
    .express_valid,
    .express_ready,
    .express,
    .tx_data_valid,
    .tx_data_ready,
    .tx_data,
    .cnt_o        (seg_cnt),
    .idle_o       (seg_idle)
  );

  chim_timer_scan #(
    .Conns(Conns)
  ) u_scan (
    .clk_i,
    .rst_ni,
    .time_ms_i,
    .high_water_i   (params_i.high_water),
    .scan_re_o      (scan_re),
    .scan_conn_o    (scan_conn),
    .scan_armed_i   (scan_armed),
    .scan_deadline_i(scan_deadline),
    .kick_valid     (scan_kick_valid),
    .kick_ready     (scan_kick_ready),
    .kick_conn      (scan_kick_conn)
  );

  // ---- events and fence
  // ----------------------------------------------------------------------------
  chim_evt_unit #(
    .Conns(Conns)
  ) u_events (
    .clk_i,
    .rst_ni,
    .event_gap_i     (params_i.event_gap),
    .ready_o         (evt_cleared),
    .rx_valid_i      (kick_evt_valid),
    .rx_conn_i       (kick_evt_conn),
    .pass_valid_i    (evt_pass_valid),
    .pass_conn_i     (evt_pass_conn),
    .room_o          (evt_room),
    .gathered_valid,
    .gathered_ready,
    .gathered,
    .error_valid,
    .error_ready,
    .error_conn,
    .kick_valid      (kicks_valid && !kicked_q[2]),
    .kick_ready      (kick_evt_ready),
    .kick_conn       (kicks_conn),
    .event_valid,
    .event_ready,
    .event_conn,
    .snapshot_valid_i(snapshot_valid),
    .snapshot_i      (snapshot),
    .evt_req_valid,
    .evt_req_ready,
    .evt_req_conn,
    .evt_rsp_valid_i (evt_rsp_valid),
    .evt_rsp_i       (evt_rsp),
    .evt_valid,
    .evt_ready,
    .evt,
    .tbl_valid       (tbl_valid && tbl_done),
    .tbl_ready       (done_tbl_ready),
    .tbl_req,
    .tbl_rvalid      (done_rvalid),
    .tbl_rdata       (done_rdata),
    .watch_conn_i    (fenced_conn),
    .watch_busy_o    (evt_busy),
    .idle_o          (evt_idle)
  );

  chim_fence u_fence (
    .clk_i,
    .rst_ni,
    .fence_valid,
    .fence_conn,
    .conn_o     (fenced_conn),
    .rx_busy_i  (rx_fence_busy),
    .evt_busy_i (evt_busy),
    .live_idle_i(live_idle),
    .pass_valid (fence_pass),
    .pass_ready (fence_pass_ready),
    .pass_look  (fence_look),
    .pass_busy_i(pass_busy),
    .out_i      (tx_data_valid && tx_data_ready && tx_data.kind == TX_FENCE),
    .tx_done_i  (tx_fence_done_i),
    .gathered_i (gathered_valid && gathered_ready && gathered.fence),
    .placed_i   (placed_valid && placed_ready && placed.fence),
    .busy_o     (fence_busy_o)
  );

  // ---- counters
  // ------------------------------------------------------------------------------------
  always_comb begin
    cnt_o = rx_cnt | seg_cnt;
    cnt_o[COUNTER_TX_FAST_RETRANSMITS] = step_count.fast_retransmit;
    cnt_o[COUNTER_TX_TIMEOUTS] = step_count.timeout;
    cnt_o[COUNTER_TX_PROBES] = step_count.probe;
    cnt_o[COUNTER_DB_RANGE] = bad_bell;
  end

  logic cleared;
  assign cleared = lane_cleared == '1 && evt_cleared && pass_ready;
  assign idle_o = cleared && rx_idle && pass_idle && lane_idle == '1 && seg_idle && evt_idle &&
      !kicks_valid && !now_valid && !return_valid && !scan_kick_valid && kicks_level == '0 &&
      now_level == '0 && live_idle;
endmodule
