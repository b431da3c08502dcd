// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The send step with records as flat images and everything else as plain pins, for the differential
// test. Hard part: none.
module diff_tx
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
(
  input logic clk_i,

  input logic [  TCB_TX_W-1:0] state_i,
  input logic [  TCB_RX_W-1:0] rx_i,
  input logic [  CFG_TX_W-1:0] cfg_i,
  input logic [DOORBELL_W-1:0] doorbell_i,
  input logic                  live_i,
  input logic [          31:0] now_i,
  input logic [           7:0] dup_ack_threshold_i,
  input logic [           7:0] max_retransmissions_i,
  input logic [           7:0] restart_segs_i,
  input logic [          15:0] sws_i,
  input logic [          31:0] rto_min_i,
  input logic [          31:0] rto_max_i,
  input logic [          31:0] fin_wait2_i,

  // 9 clocks later
  output logic [TCB_TX_W-1:0] state_o,
  output logic                valid_o,
  output logic [         2:0] kind_o,
  output logic [        31:0] seq_o,
  output logic [         4:0] n_o,
  output logic [        13:0] mss_o,
  output logic [        13:0] last_len_o,
  output logic                fin_o,
  output logic                psh_o,
  output logic [         4:0] again_o,
  output logic                has_una_o,
  output logic [        31:0] una_o,
  output logic                kick_self_o,
  output logic                kick_evt_o,
  output logic                fast_retransmit_o,
  output logic                timeout_o,
  output logic                probe_o
);
  tcb_tx_t      state;
  tcb_rx_t      rx;
  rxv_t         r;
  step_params_t p;
  burst_t       burst;
  step_count_t  count;

  assign rx = rx_i;
  assign r = '{
          AckNewest: rx.AckNewest,
          Wnd: rx.Wnd,
          MaxSndWnd: rx.MaxSndWnd,
          TsEcr: rx.TsEcr,
          DupAckCount: rx.DupAckCount,
          AckCnt: rx.AckCnt,
          AcceptCnt: rx.AcceptCnt,
          TsEcrValid: rx.TsEcrValid,
          RcvFin: rx.RcvFin,
          Aborted: rx.Aborted,
          Urgent: rx.Urgent,
          SynSeen: rx.SynSeen,
          Frozen: rx.Frozen
      };
  always_comb begin
    p                     = '0;
    p.dup_ack_threshold   = dup_ack_threshold_i;
    p.max_retransmissions = max_retransmissions_i;
    p.restart_segs        = restart_segs_i;
    p.sws                 = sws_i;
    p.rto_min             = rto_min_i;
    p.rto_max             = rto_max_i;
    p.fin_wait2           = fin_wait2_i;
  end

  chim_tx_step u_step (
    .clk_i,
    .p_i          (p),
    .step_i       (1'b1),
    .now_i,
    .live_i,
    .t_i          (state_i),
    .r_i          (r),
    .c_i          (cfg_i),
    .d_i          (doorbell_i),
    .t_o          (state),
    .burst_valid_o(valid_o),
    .burst_o      (burst),
    .kick_self_o,
    .kick_evt_o,
    .count_o      (count)
  );

  assign state_o           = state;
  assign kind_o            = burst.kind;
  assign seq_o             = burst.seq;
  assign n_o               = burst.n;
  assign mss_o             = burst.mss;
  assign last_len_o        = burst.last_len;
  assign fin_o             = burst.fin;
  assign psh_o             = burst.psh;
  assign again_o           = burst.again;
  assign has_una_o         = burst.has_una;
  assign una_o             = burst.una;
  assign fast_retransmit_o = count.fast_retransmit;
  assign timeout_o         = count.timeout;
  assign probe_o           = count.probe;

  logic unused;
  assign unused = &{1'b0, burst.conn, rx};
endmodule
