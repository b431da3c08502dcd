// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Acknowledger and late binding (steps.md section 2) in one pipeline, one item a clock, because
// both read the same tables. Hard part: what an item reads may be about to change by the three
// items ahead of it.
//
//   K0  an item is chosen (chim_ack_pick); its slot addresses the tables
//   K1  tables out, RcvPlaced of a placement in the same clock taken instead
//   K2  window, due or not; sequence number of pure ACKs, AckDone (a loop of one clock)
//   K3  answer to a binding; an ACK that is due is at the port
//   K4  tables written
//
// Items: BIND (always taken), a firmware read, LOOK (is an ACK due?), an event's view, a fence's
// question. A BIND with another of its connection close ahead says the same (acknowledgment,
// window) as that one, if that one said something of its own: so at most every fourth clock a
// connection's answer moves, and no right edge is computed from one that is out of date. A LOOK
// close behind a BIND is put off.
//
// Who may need an ACK waits in a short queue. When it is full the kick is dropped, because all
// slots below high_water are looked at again and again: what is due is found, the queue only makes
// it fast.
`include "chim_assert.svh"

module chim_ack
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
  import chim_rx_pkg::*;
#(
  parameter int unsigned Conns = 1024,  // slots, a power of two, 2 or more
  localparam int unsigned ConnIdxW = $clog2(Conns)
) (
  input logic clk_i,
  input logic rst_ni,

  input logic [31:0] time_ms_i,
  input logic [16:0] high_water_i,
  input logic [ 7:0] ack_frequency_i,

  // State of the receive step, written by chim_rx_pipe; a kick comes with the write.
  input logic         wb_valid_i,
  input conn_t        wb_conn_i,
  input rx_ack_view_t wb_view_i,
  input logic         wb_kick_i,

  input  logic    placed_valid,
  output logic    placed_ready,
  input  placement_t placed,

  input  logic      bind_req_valid,
  input  bind_req_t bind_req,
  output logic      bind_rsp_valid,
  output bind_rsp_t bind_rsp,

  output logic    tx_ack_valid,
  input  logic    tx_ack_ready,
  output tx_cmd_t tx_ack,

  input  logic  ack_kick_valid,
  output logic  ack_kick_ready,
  input  conn_t ack_kick_conn,
  input  logic  ack_now_valid,
  output logic  ack_now_ready,
  input  conn_t ack_now_conn,

  input logic  live_we_i,
  input conn_t live_conn_i,
  input logic  live_val_i,
  input logic  db_rr_we_i,
  input conn_t db_rr_conn_i,
  input seq_t  db_rr_val_i,

  input  logic  evt_req_valid,
  output logic  evt_req_ready,
  input  conn_t evt_req_conn,
  output logic  evt_rsp_valid,
  output evv_t  evt_rsp,

  // Firmware's words of CFG_BIND, PLACED and SENT; no other table's requests reach this port.
  input  logic            tbl_valid,
  output logic            tbl_ready,
  input  tbl_req_t        tbl_req,
  output logic            tbl_rvalid,
  output logic     [31:0] tbl_rdata,

  // What chim_rx_pipe has a copy of.
  output logic  [1:0] sent_we_o,        // LastAckSent, AdvEdge
  output conn_t       sent_conn_o,
  output seq_t        sent_last_ack_o,
  output seq_t        sent_adv_edge_o,

  output logic  placed_kick_o,  // RcvPlaced or its error moved
  output conn_t placed_conn_o,

  input conn_t fence_conn_i,
  output logic fence_busy_o,
  output logic [COUNTER_COUNT-1:0] cnt_o,
  output logic ready_o,  // slots are cleared after reset
  output logic idle_o
);
  import chim_pkg::seq_lt;
  import chim_pkg::seq_leq;

  if (Conns < 2 || Conns != 2 ** ConnIdxW || ConnIdxW > CONN_W) begin : g_check_conns
    $error("chim_ack: Conns must be a power of two, 2..65536");
  end

  typedef logic [ConnIdxW-1:0] idx_t;

  localparam int unsigned QueueDepth = 16;
  localparam int unsigned OutDepth = 8;
  // ACKs held at the output beyond which no more are looked for; up to five are still on their way
  // then: K0 twice, K1, K2, and the one that waits in chim_ack_pick.
  localparam int unsigned OutEnough = 4;

  // ---------------------------------------------------------------- K0
  ack_item_t k0;
  logic look_placed, put_placed;  // the placement at the port: looked at now, or queued
  logic put_free;  // the queue's input is free for placement and kick
  logic out_room, read_ready, queue_valid, queue_take;
  idx_t queue_idx;

  chim_ack_pick #(
    .Conns(Conns)
  ) u_pick (
    .clk_i,
    .rst_ni,
    .ready_i      (ready_o),
    .room_i       (out_room),
    .high_water_i,
    .bind_req_valid,
    .bind_req,
    .tbl_valid    (tbl_valid && !tbl_req.write),
    .tbl_ready    (read_ready),
    .tbl_req,
    .ack_now_valid,
    .ack_now_ready,
    .ack_now_conn,
    .evt_req_valid,
    .evt_req_ready,
    .evt_req_conn,
    .placed_valid (placed_valid && !placed.fence),
    .placed_look_o(look_placed),
    .placed_conn  (placed.conn),
    .queue_valid,
    .queue_ready  (queue_take),
    .queue_idx,
    .fence_conn_i,
    .item_o       (k0)
  );

  // An event's question about failed placements takes the turn of a placement.
  assign put_placed   = placed_valid && !placed.fence && !look_placed;
  assign placed_ready = ready_o && !evt_req_ready && (placed.fence || look_placed || put_free);

  // ---------------------------------------------------------------- tables
  idx_t k0_idx, k2_idx_q, k3_idx_q, k4_idx_q;
  ack_reads_t rd;
  logic k3_out_we_q, k3_out_q, k4_we, fw_ready;
  sent_fields_t k4_sent;
  assign k0_idx = idx_t'(k0.conn);
  chim_ack_tables #(
    .Conns(Conns)
  ) u_tables (
    .clk_i,
    .rst_ni,
    .ready_o,
    .rd_idx_i       (k0_idx),
    .rd_o           (rd),
    .wb_valid_i,
    .wb_conn_i,
    .wb_view_i,
    .placed_take_i  (placed_valid && placed_ready),
    .placed_i       (placed),
    .placed_done_o  (placed_kick_o),
    .placed_conn_o,
    .failed_rd_i    (evt_req_ready),
    .failed_idx_i   (idx_t'(evt_req_conn)),
    .live_we_i,
    .live_conn_i,
    .live_val_i,
    .return_we_i    (db_rr_we_i),
    .return_conn_i  (db_rr_conn_i),
    .return_i       (db_rr_val_i),
    .out_we_i       (k3_out_we_q),
    .out_idx_i      (k3_idx_q),
    .out_i          (k3_out_q),
    .sent_we_i      (k4_we),
    .sent_idx_i     (k4_idx_q),
    .sent_i         (k4_sent),
    .fw_valid_i     (tbl_valid && tbl_req.write),
    .fw_ready_o     (fw_ready),
    .fw_req_i       (tbl_req),
    .copy_we_o      (sent_we_o),
    .copy_conn_o    (sent_conn_o),
    .copy_last_ack_o(sent_last_ack_o),
    .copy_adv_edge_o(sent_adv_edge_o)
  );
  assign tbl_ready = tbl_req.write ? fw_ready : read_ready;

  // ---------------------------------------------------------------- K1
  ack_item_t k1_q;
  idx_t k1_idx_q;
  logic [31:0] now_q;

  always_ff @(posedge clk_i) begin
    now_q    <= time_ms_i;
    k1_q     <= k0;
    k1_idx_q <= k0_idx;
    if (!rst_ni) k1_q.kind <= ACK_NONE;
  end

  // Answer of a firmware read.
  logic [31:0] tbl_word;
  logic [ 8:0] k1_at;
  assign k1_at = {k1_q.table_id, k1_q.word};
  always_comb begin
    tbl_word = '0;
    unique case (k1_at)
      {TABLE_PLACED, 5'd0} :   tbl_word = rd.RcvPlaced;
      {TABLE_SENT, 5'd0} :     tbl_word = {rd.AckDone, 24'd0};
      {TABLE_SENT, 5'd1} :     tbl_word = rd.WireNxt;
      {TABLE_SENT, 5'd2} :     tbl_word = rd.AdvEdge;
      {TABLE_SENT, 5'd3} :     tbl_word = rd.LastAckSent;
      {TABLE_CFG_BIND, 5'd0} : tbl_word = rd.cfg[31:0];
      {TABLE_CFG_BIND, 5'd1} : tbl_word = rd.cfg[63:32];
      {TABLE_CFG_BIND, 5'd2} : tbl_word = rd.cfg[95:64];
      default:                 tbl_word = '0;
    endcase
  end
  always_ff @(posedge clk_i) begin
    tbl_rvalid <= k1_q.kind == ACK_TABLE;
    tbl_rdata  <= 32'(k1_q.conn) < Conns ? tbl_word : '0;
    if (!rst_ni) tbl_rvalid <= 1'b0;
  end

  // ---------------------------------------------------------------- K2
  typedef struct packed {
    seq_t        ack;
    seq_t        adv_edge;
    seq_t        wire_nxt;
    logic [7:0]  done;
    logic [7:0]  owed;
    logic [31:0] ts_val;
    logic [31:0] ts_ecr;
    logic        live;
    logic        out;
    logic        frozen;
    logic        failed;
    logic        owes;          // AckOwed != AckDone
    logic        now_above;     // LastAckSent < AckNowSeq
    logic        now_placed;    // AckNowSeq <= RcvPlaced
    logic        late;          // the delayed ACK's time is over
    logic        unsaid;        // LastAckSent < RcvPlaced
    logic [31:0] unsaid_bytes;
    logic [15:0] mss;
    logic        fin_placed;
  } k2_t;

  ack_item_t k2_q;
  logic [2:0] k2_same_q;  // the item in K3, K4, K5 is of the same slot
  k2_t k2_data_q;
  wnd_field_t k2_field;
  logic [3:0] k2_scale;
  logic k2_window_due;

  always_ff @(posedge clk_i) begin
    k2_q <= k1_q;
    k2_idx_q <= k1_idx_q;
    k2_same_q <= {k1_idx_q == k4_idx_q, k1_idx_q == k3_idx_q, k1_idx_q == k2_idx_q};
    k2_data_q <= '{
        ack: rd.RcvPlaced,
        adv_edge: rd.AdvEdge,
        wire_nxt: rd.WireNxt,
        done: rd.AckDone,
        owed: rd.rx.AckOwed,
        ts_val: now_q + rd.cfg.TsDelta,
        ts_ecr: rd.rx.TsRecent,
        live: rd.live,
        out: rd.out,
        frozen: rd.rx.Frozen,
        failed: rd.failed,
        owes: rd.rx.AckOwed != rd.AckDone,
        now_above: seq_lt(rd.LastAckSent, rd.rx.AckNowSeq),
        now_placed: seq_leq(rd.rx.AckNowSeq, rd.RcvPlaced),
        late: rd.rx.DelAckArmed && seq_leq(rd.rx.DelAckDeadline, now_q),
        unsaid: seq_lt(rd.LastAckSent, rd.RcvPlaced),
        unsaid_bytes: rd.RcvPlaced - rd.LastAckSent,
        mss: rd.cfg.Mss,
        fin_placed: rd.rx.RcvFin && rd.RcvPlaced == rd.rx.AckNowSeq
    };
    if (!rst_ni) k2_q.kind <= ACK_NONE;
  end

  chim_bind u_bind (
    .clk_i,
    .ack_i       (rd.RcvPlaced),
    .rcv_return_i(rd.RcvReturn),
    .adv_edge_i  (rd.AdvEdge),
    .cfg_i       (rd.cfg),
    .field_o     (k2_field),
    .scale_o     (k2_scale),
    .window_due_o(k2_window_due)
  );

  // What bindings ahead have made of the tables, youngest first: K3, K4, K5, K6. Acknowledgment and
  // window are a binding's own; one that is not own says those of another.
  typedef struct packed {
    logic       bind_v;
    logic       own;       // did not repeat another's acknowledgment and window
    idx_t       idx;
    seq_t       ack;
    wnd_field_t field;
    seq_t       wire_nxt;
    logic [7:0] done;
  } ahead_t;
  ahead_t [3:0] ahead_q;
  logic   [2:0] close;  // a binding of the same slot
  for (genvar i = 0; i < 3; i++) begin : g_close
    assign close[i] = ahead_q[i].bind_v && k2_same_q[i];
  end

  seq_t k2_wire, k2_wire_new;
  logic [1:0] k2_from;  // ahead_q in K3 that says what is said
  logic [7:0] k2_done, k2_done_new;
  logic k2_own, k2_out, k2_bind, k2_pure, k2_due, k2_look, k2_now, k2_put_off, k2_again;
  logic k4_out_we_q, k4_out_q;

  always_comb begin
    k2_own  = 1'b1;
    k2_from = '0;
    k2_wire = k2_data_q.wire_nxt;
    k2_done = k2_data_q.done;
    for (int i = 2; i >= 0; i--) begin
      if (close[i]) begin
        k2_wire = ahead_q[i].wire_nxt;
        k2_done = ahead_q[i].done;
        if (ahead_q[i].own) begin
          k2_own  = 1'b0;
          k2_from = 2'(i + 1);
        end
      end
    end

    k2_out = k2_data_q.out;
    if (k4_out_we_q && k2_same_q[1]) k2_out = k4_out_q;
    if (k3_out_we_q && k2_same_q[0]) k2_out = k3_out_q;
  end

  assign k2_bind = k2_q.kind == ACK_BIND;
  assign k2_pure = k2_bind && k2_q.pure_ack;
  assign k2_wire_new = !k2_q.pure_ack && seq_lt(k2_wire, k2_q.end_seq) ? k2_q.end_seq : k2_wire;
  assign k2_done_new = k2_q.pure_ack && k2_done != k2_data_q.owed ? k2_done + 1'b1 : k2_done;

  assign k2_look = k2_q.kind == ACK_LOOK && (k2_data_q.live || k2_q.forced) && !k2_out;
  assign k2_put_off = k2_look && !k2_q.forced && close != '0;
  // Under a steady stream AckNowSeq runs ahead of what is placed: then two full segments are
  // enough.
  assign k2_now = k2_data_q.now_above && (k2_data_q.now_placed ||
      (k2_data_q.unsaid && k2_data_q.unsaid_bytes >= 32'({k2_data_q.mss, 1'b0})));
  assign k2_due = k2_look && !k2_put_off &&
      (k2_q.forced || k2_data_q.owes ||
       (!k2_data_q.frozen &&
        (k2_now || (k2_data_q.late && k2_data_q.unsaid) || k2_window_due)));
  // After a pure ACK that was not the last one owed, or said nothing new.
  assign k2_again = k2_pure && (k2_done_new != k2_data_q.owed || !k2_own);

  // ---------------------------------------------------------------- K3
  logic k3_event_q, k3_back_q;
  evv_t k3_evv_q;
  logic [3:0] k3_scale_q;
  seq_t k3_adv_edge_q;
  bind_rsp_t k3_rsp_q;
  logic [1:0] k3_from_q;
  seq_t k3_ack, k4_ack_q;
  logic [15:0] k3_wnd;
  always_ff @(posedge clk_i) begin
    ahead_q[3] <= ahead_q[2];
    ahead_q[2] <= ahead_q[1];
    ahead_q[1] <= ahead_q[0];
    ahead_q[0] <= '{
        bind_v: k2_bind,
        own: k2_own,
        idx: k2_idx_q,
        ack: k2_data_q.ack,
        field: k2_field,
        wire_nxt: k2_wire_new,
        done: k2_done_new
    };
    k3_idx_q <= k2_idx_q;
    k3_scale_q <= k2_scale;
    k3_from_q <= k2_from;
    k3_adv_edge_q <= k2_data_q.adv_edge;
    k3_out_we_q <= k2_due || k2_pure;
    k3_out_q <= k2_due;
    k3_back_q <= k2_put_off || k2_again;
    k3_event_q <= k2_q.kind == ACK_EVENT;
    k3_evv_q <= '{
        RcvPlaced: k2_data_q.ack,
        fin_placed: k2_data_q.fin_placed,
        dma_error: k2_data_q.failed
    };
    k3_rsp_q <= '{
        seq: k2_wire,
        ack: '0,
        wnd: '0,
        ts_val: k2_data_q.ts_val,
        ts_ecr: k2_data_q.ts_ecr
    };
    if (!rst_ni) begin
      for (int i = 0; i < 4; i++) ahead_q[i].bind_v <= 1'b0;
      k3_out_we_q <= 1'b0;
      k3_event_q  <= 1'b0;
      k3_back_q   <= 1'b0;
    end
  end
  assign bind_rsp_valid = ahead_q[0].bind_v;
  always_comb begin
    bind_rsp     = k3_rsp_q;
    bind_rsp.ack = k3_ack;
    bind_rsp.wnd = k3_wnd;
  end
  assign k3_ack        = ahead_q[k3_from_q].ack;
  assign k3_wnd        = wnd_field(ahead_q[k3_from_q].field);
  assign evt_rsp_valid = k3_event_q;
  assign evt_rsp       = k3_evv_q;

  // ---------------------------------------------------------------- K4
  seq_t k4_told_q, k4_adv_edge_q;  // edge that this header tells
  always_ff @(posedge clk_i) begin
    k4_idx_q      <= k3_idx_q;
    k4_told_q     <= k3_ack + (32'(k3_wnd) << k3_scale_q);
    k4_ack_q      <= k3_ack;
    k4_adv_edge_q <= k3_adv_edge_q;
    k4_out_we_q   <= k3_out_we_q;
    k4_out_q      <= k3_out_q;
    if (!rst_ni) k4_out_we_q <= 1'b0;
  end
  assign k4_we = ahead_q[1].bind_v;
  assign k4_sent = '{
          LastAckSent: k4_ack_q,
          AdvEdge: seq_lt(k4_adv_edge_q, k4_told_q) ? k4_told_q : k4_adv_edge_q,
          WireNxt: ahead_q[1].wire_nxt,
          AckDone: ahead_q[1].done
      };

  // ---------------------------------------------------------------- output
  logic out_valid_q, out_queue_valid, out_take, out_put, out_queue_ready;
  conn_t out_conn_q, out_queue_conn;
  logic [$clog2(OutDepth+2)-1:0] out_level;
  assign out_take = !out_valid_q || tx_ack_ready;
  assign out_put  = k2_due && !(out_take && !out_queue_valid);
  fifo_sync #(
    .Depth(OutDepth),
    .T    (conn_t)
  ) u_out_queue (
    .clk_i,
    .rst_ni,
    .in_data  (k2_q.conn),
    .in_valid (out_put),
    .in_ready (out_queue_ready),
    .out_data (out_queue_conn),
    .out_valid(out_queue_valid),
    .out_ready(out_take),
    .level_o  (out_level)
  );
  always_ff @(posedge clk_i) begin
    if (out_take) begin
      out_valid_q <= out_queue_valid || k2_due;
      out_conn_q  <= out_queue_valid ? out_queue_conn : k2_q.conn;
    end
    if (!rst_ni) out_valid_q <= 1'b0;
  end
  always_comb begin
    tx_ack       = '0;
    tx_ack.kind  = TX_ACK;
    tx_ack.conn  = out_conn_q;
    tx_ack_valid = out_valid_q;
  end
  assign out_room = 32'(out_level) < OutEnough;

  // ---------------------------------------------------------------- queue of kicks
  logic queue_empty;
  assign ack_kick_ready = ready_o && put_free && !put_placed;
  chim_ack_queue #(
    .Conns(Conns),
    .Depth(QueueDepth)
  ) u_queue (
    .clk_i,
    .rst_ni,
    .back_i       (k3_back_q),
    .back_idx_i   (k3_idx_q),
    .live_i       (live_we_i && live_val_i),
    .live_conn_i,
    .owed_i       (wb_valid_i && wb_kick_i),
    .owed_conn_i  (wb_conn_i),
    .free_o       (put_free),
    .placed_i     (put_placed && placed_ready),
    .placed_conn_i(placed.conn),
    .kick_i       (ack_kick_valid && ack_kick_ready),
    .kick_conn_i  (ack_kick_conn),
    .valid_o      (queue_valid),
    .take_i       (queue_take),
    .idx_o        (queue_idx),
    .empty_o      (queue_empty)
  );

  // ---------------------------------------------------------------- fence, idle, counters
  conn_t fence_conn_q;
  logic fence_clear_q;
  logic [ConnIdxW:0] out_count_q;  // ACKs not bound, all slots
  always_ff @(posedge clk_i) begin
    fence_conn_q <= fence_conn_i;
    if (fence_conn_q != fence_conn_i || (k2_due && k2_q.conn == fence_conn_i)) begin
      fence_clear_q <= 1'b0;
    end else if (k2_q.kind == ACK_FENCE && k2_q.conn == fence_conn_i) begin
      fence_clear_q <= !k2_out;
    end
    out_count_q <= out_count_q + (ConnIdxW + 1)'(k2_due) - (ConnIdxW + 1)'(k2_pure && k2_out);
    if (!rst_ni) begin
      fence_conn_q  <= '0;
      fence_clear_q <= 1'b0;
      out_count_q   <= '0;
    end
  end

  // A forced look and a binding count as work on their connection; scans and questions do not.
  logic k1_busy, k2_busy, k1_works, k2_works, tells;
  assign k1_busy = k1_q.kind == ACK_BIND || (k1_q.kind == ACK_LOOK && k1_q.forced);
  assign k2_busy = k2_q.kind == ACK_BIND || (k2_q.kind == ACK_LOOK && k2_q.forced);
  assign k1_works = k1_q.kind != ACK_NONE && k1_q.kind != ACK_FENCE && !k1_q.scanned;
  assign k2_works = k2_q.kind != ACK_NONE && k2_q.kind != ACK_FENCE && !k2_q.scanned;
  assign tells    = (ahead_q[0].bind_v && ahead_q[0].idx == idx_t'(fence_conn_i)) ||
                    (ahead_q[1].bind_v && ahead_q[1].idx == idx_t'(fence_conn_i));
  assign fence_busy_o = !fence_clear_q || fence_conn_q != fence_conn_i || tells ||
                        (ack_now_valid && ack_now_conn == fence_conn_i) ||
                        (placed_kick_o && placed_conn_o == fence_conn_i) ||
                        (k1_busy && k1_q.conn == fence_conn_i) ||
                        (k2_busy && k2_q.conn == fence_conn_i);
  assign idle_o = ready_o && out_count_q == '0 && queue_empty && !k3_back_q && !placed_kick_o &&
                  !k1_works && !k2_works && !ahead_q[0].bind_v && !ahead_q[1].bind_v;

  // An ACK for more than TcpAckFrequency full segments.
  logic k3_pure_q, k3_tells_new_q;
  logic [31:0] k3_bytes_q;
  logic [23:0] k3_usual_q;
  always_ff @(posedge clk_i) begin
    k3_pure_q <= k2_pure;
    k3_tells_new_q <= k2_own && k2_data_q.unsaid;
    k3_bytes_q <= k2_data_q.unsaid_bytes;
    k3_usual_q <= 24'(k2_data_q.mss) * 24'(ack_frequency_i);
    cnt_o <= '0;
    cnt_o[COUNTER_TX_ACKS] <= k3_pure_q;
    cnt_o[COUNTER_TX_ACKS_STRETCHED] <= k3_pure_q && k3_tells_new_q && k3_bytes_q > 32'(k3_usual_q);
    if (!rst_ni) begin
      k3_pure_q <= 1'b0;
      cnt_o     <= '0;
    end
  end

  `CHIM_ASSERT(ast_out_room, !out_put || out_queue_ready)

  logic unused_bits;
  assign unused_bits = &{1'b0, k2_q.table_id, k2_q.word};
endmodule
