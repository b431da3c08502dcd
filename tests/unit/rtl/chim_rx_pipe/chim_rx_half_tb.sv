// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Bench top: the receive half, and beside it one chim_rx_step of its own that the bench asks what
// each segment must give when it goes alone. Hard part: none.
module chim_rx_half_tb
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
  import chim_rx_pkg::*;
#(
  parameter int unsigned Conns = 64
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
  output logic                      idle_o,

  input  logic        ref_start_i,
  input  tcb_rx_t     ref_state_i,
  input  cfg_rx_t     ref_cfg_i,
  input  rx_reads_t   ref_reads_i,
  input  seg_t        ref_seg_i,
  output logic        ref_done_o,
  output tcb_rx_t     ref_state_o,
  output rx_actions_t ref_actions_o
);

  chim_rx_half #(.Conns(Conns)) u_half (.*);

  chim_rx_step u_ref (
    .clk_i,
    .rst_ni,
    .start_i        (ref_start_i),
    .state_i        (ref_state_i),
    .cfg_i          (ref_cfg_i),
    .reads_i        (ref_reads_i),
    .seg_i          (ref_seg_i),
    .ack_frequency_i(params_i.ack_frequency),
    .delayed_ack_i  (params_i.delayed_ack),
    .now_i          (time_ms_i),
    .done_o         (ref_done_o),
    .state_o        (ref_state_o),
    .actions_o      (ref_actions_o)
  );

endmodule
