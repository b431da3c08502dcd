// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Receive half of the engine: receive pipeline, acknowledger with late binding, and the copy of the
// state that the send step reads. Hard part: none here; README.md explains the ports.
module chim_rx_half
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
  import chim_rx_pkg::*;
#(
  parameter int unsigned Conns = 1024  // slots, a power of two, 2..65536
) (
  input logic                clk_i,
  input logic                rst_ni,
  input logic         [31:0] time_ms_i,
  input step_params_t        params_i,

  input  logic        seg_valid,
  output logic        seg_ready,
  input  seg_t        seg,
  output logic        verdict_valid,
  input  logic        verdict_ready,
  output rx_verdict_t verdict,

  input  logic       placed_valid,
  output logic       placed_ready,
  input  placement_t placed,

  input  logic      bind_req_valid,
  input  bind_req_t bind_req,
  output logic      bind_rsp_valid,
  output bind_rsp_t bind_rsp,

  output logic    tx_ack_valid,
  input  logic    tx_ack_ready,
  output tx_cmd_t tx_ack,

  input logic    mirror_we_i,
  input conn_t   mirror_conn_i,
  input mirror_t mirror_i,

  input  conn_t rxv_conn_i,
  output rxv_t  rxv_o,

  input  logic  evt_req_valid,
  output logic  evt_req_ready,
  input  conn_t evt_req_conn,
  output logic  evt_rsp_valid,
  output evv_t  evt_rsp,

  input  logic  ack_kick_valid,
  output logic  ack_kick_ready,
  input  conn_t ack_kick_conn,
  input  logic  ack_now_valid,
  output logic  ack_now_ready,
  input  conn_t ack_now_conn,

  output logic  kick_tx_valid_o,
  output conn_t kick_tx_conn_o,
  output logic  kick_evt_valid_o,
  output conn_t kick_evt_conn_o,

  input logic  live_we_i,
  input conn_t live_conn_i,
  input logic  live_val_i,
  input logic  db_rr_we_i,
  input conn_t db_rr_conn_i,
  input seq_t  db_rr_val_i,

  input  logic            tbl_valid,
  output logic            tbl_ready,
  input  tbl_req_t        tbl_req,
  output logic            tbl_rvalid,
  output logic     [31:0] tbl_rdata,

  input  conn_t                     fence_conn_i,
  output logic                      fence_busy_o,
  output logic  [COUNTER_COUNT-1:0] cnt_o,
  output logic                      idle_o
);

  if (Conns < 2 || Conns != 2 ** $clog2(Conns) || $clog2(Conns) > CONN_W) begin : g_check_conns
    $error("chim_rx_half: Conns must be a power of two, 2..65536");
  end

  // ---------------------------------------------------------------- firmware's words
  // RX and CFG_RX go through the pipeline, the others to the acknowledger. One read is outstanding.
  logic tbl_to_pipe, pipe_tbl_ready, ack_tbl_ready, pipe_rvalid, ack_rvalid;
  logic [31:0] pipe_rdata, ack_rdata;
  assign tbl_to_pipe = tbl_req.table_id == TABLE_RX || tbl_req.table_id == TABLE_CFG_RX;
  assign tbl_ready   = tbl_to_pipe ? pipe_tbl_ready : ack_tbl_ready;
  assign tbl_rvalid  = pipe_rvalid || ack_rvalid;
  assign tbl_rdata   = pipe_rvalid ? pipe_rdata : ack_rdata;

  // ---------------------------------------------------------------- segments
  logic wb_valid, wb_kick_tx, wb_kick_ack, wb_kick_evt;
  conn_t wb_conn, sent_conn;
  tcb_rx_t wb_tcb;
  logic [1:0] sent_we;
  seq_t sent_last_ack, sent_adv_edge;
  logic ready, pipe_ready, pipe_idle, ack_idle, pipe_fence, ack_fence;
  logic [COUNTER_COUNT-1:0] pipe_cnt, ack_cnt;

  assign seg_ready = pipe_ready && ready;
  chim_rx_pipe #(
    .Conns(Conns)
  ) u_pipe (
    .clk_i,
    .rst_ni,
    .time_ms_i,
    .ack_frequency_i(params_i.ack_frequency),
    .delayed_ack_i  (params_i.delayed_ack),
    .seg_valid      (seg_valid && ready),
    .seg_ready      (pipe_ready),
    .seg,
    .verdict_valid,
    .verdict_ready,
    .verdict,
    .mirror_we_i,
    .mirror_conn_i,
    .mirror_i,
    .sent_we_i      (sent_we),
    .sent_conn_i    (sent_conn),
    .sent_last_ack_i(sent_last_ack),
    .sent_adv_edge_i(sent_adv_edge),
    .tbl_valid      (tbl_valid && tbl_to_pipe),
    .tbl_ready      (pipe_tbl_ready),
    .tbl_req,
    .tbl_rvalid     (pipe_rvalid),
    .tbl_rdata      (pipe_rdata),
    .wb_valid_o     (wb_valid),
    .wb_conn_o      (wb_conn),
    .wb_tcb_o       (wb_tcb),
    .kick_tx_o      (wb_kick_tx),
    .kick_ack_o     (wb_kick_ack),
    .kick_evt_o     (wb_kick_evt),
    .cnt_o          (pipe_cnt),
    .fence_conn_i,
    .fence_busy_o   (pipe_fence),
    .idle_o         (pipe_idle)
  );

  // ---------------------------------------------------------------- acknowledgments
  logic placed_done, placed_pass, ack_placed_ready;
  conn_t placed_conn;
  rx_ack_view_t wb_view;
  assign wb_view = '{
          AckNowSeq: wb_tcb.AckNowSeq,
          DelAckDeadline: wb_tcb.DelAckDeadline,
          TsRecent: wb_tcb.TsRecent,
          AckOwed: wb_tcb.AckOwed,
          DelAckArmed: wb_tcb.DelAckArmed,
          RcvFin: wb_tcb.RcvFin,
          Frozen: wb_tcb.Frozen
      };
  assign placed_ready = ack_placed_ready && placed_pass;
  chim_ack #(
    .Conns(Conns)
  ) u_ack (
    .clk_i,
    .rst_ni,
    .time_ms_i,
    .high_water_i   (params_i.high_water),
    .ack_frequency_i(params_i.ack_frequency),
    .wb_valid_i     (wb_valid),
    .wb_conn_i      (wb_conn),
    .wb_view_i      (wb_view),
    .wb_kick_i      (wb_kick_ack),
    .placed_valid   (placed_valid && placed_pass),
    .placed_ready   (ack_placed_ready),
    .placed,
    .bind_req_valid,
    .bind_req,
    .bind_rsp_valid,
    .bind_rsp,
    .tx_ack_valid,
    .tx_ack_ready,
    .tx_ack,
    .ack_kick_valid,
    .ack_kick_ready,
    .ack_kick_conn,
    .ack_now_valid,
    .ack_now_ready,
    .ack_now_conn,
    .live_we_i,
    .live_conn_i,
    .live_val_i,
    .db_rr_we_i,
    .db_rr_conn_i,
    .db_rr_val_i,
    .evt_req_valid,
    .evt_req_ready,
    .evt_req_conn,
    .evt_rsp_valid,
    .evt_rsp,
    .tbl_valid      (tbl_valid && !tbl_to_pipe),
    .tbl_ready      (ack_tbl_ready),
    .tbl_req,
    .tbl_rvalid     (ack_rvalid),
    .tbl_rdata      (ack_rdata),
    .sent_we_o      (sent_we),
    .sent_conn_o    (sent_conn),
    .sent_last_ack_o(sent_last_ack),
    .sent_adv_edge_o(sent_adv_edge),
    .placed_kick_o  (placed_done),
    .placed_conn_o  (placed_conn),
    .fence_conn_i,
    .fence_busy_o   (ack_fence),
    .cnt_o          (ack_cnt),
    .ready_o        (ready),
    .idle_o         (ack_idle)
  );

  // ---------------------------------------------------------------- for the send half and events
  assign kick_tx_valid_o = wb_kick_tx;
  assign kick_tx_conn_o  = wb_conn;

  // A step's event waits for a clock without a placement; no further placement is taken until then.
  logic  evt_kept_q;
  conn_t evt_kept_conn_q;
  assign placed_pass      = !evt_kept_q;
  assign kick_evt_valid_o = placed_done || evt_kept_q;
  assign kick_evt_conn_o  = placed_done ? placed_conn : evt_kept_conn_q;
  always_ff @(posedge clk_i) begin
    if (wb_kick_evt) begin
      evt_kept_q      <= 1'b1;
      evt_kept_conn_q <= wb_conn;
    end else if (!placed_done) begin
      evt_kept_q <= 1'b0;
    end
    if (!rst_ni) evt_kept_q <= 1'b0;
  end

  rxv_t wb_rxv;
  assign wb_rxv = '{
          AckNewest: wb_tcb.AckNewest,
          Wnd: wb_tcb.Wnd,
          MaxSndWnd: wb_tcb.MaxSndWnd,
          TsEcr: wb_tcb.TsEcr,
          DupAckCount: wb_tcb.DupAckCount,
          AckCnt: wb_tcb.AckCnt,
          AcceptCnt: wb_tcb.AcceptCnt,
          TsEcrValid: wb_tcb.TsEcrValid,
          RcvFin: wb_tcb.RcvFin,
          Aborted: wb_tcb.Aborted,
          Urgent: wb_tcb.Urgent,
          SynSeen: wb_tcb.SynSeen,
          Frozen: wb_tcb.Frozen
      };
  ram_1r1w_fwd #(
    .Depth(Conns),
    .T    (rxv_t)
  ) u_rxv (
    .clk_i,
    .wr_en_i  (wb_valid),
    .wr_addr_i($clog2(Conns)'(wb_conn)),
    .wr_data_i(wb_rxv),
    .rd_en_i  (1'b1),
    .rd_addr_i($clog2(Conns)'(rxv_conn_i)),
    .rd_data_o(rxv_o)
  );

  assign fence_busy_o = pipe_fence || ack_fence || (evt_kept_q && evt_kept_conn_q == fence_conn_i);
  assign idle_o       = pipe_idle && ack_idle && !evt_kept_q;
  assign cnt_o        = pipe_cnt | ack_cnt;

  logic unused_bits;
  assign unused_bits = &{1'b0, rxv_conn_i, wb_conn, wb_tcb, params_i};
endmodule
