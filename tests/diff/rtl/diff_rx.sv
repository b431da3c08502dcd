// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The receive step with records as flat images and everything else as plain pins, for the
// differential test. Hard part: none.
module diff_rx
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_rx_pkg::*;
(
  input logic clk_i,
  input logic rst_ni,

  input logic                start_i,
  input logic [TCB_RX_W-1:0] state_i,
  input logic [CFG_RX_W-1:0] cfg_i,
  input logic [        31:0] last_ack_sent_i,
  input logic [        31:0] adv_edge_i,
  input logic [        31:0] snd_una_i,
  input logic [        31:0] snd_max_i,
  input logic                fin_acked_i,
  input logic [        31:0] seq_i,
  input logic [        31:0] ack_i,
  input logic [        15:0] wnd_i,
  input logic [         7:0] flags_i,
  input logic                has_ts_i,
  input logic [        31:0] ts_val_i,
  input logic [        31:0] ts_ecr_i,
  input logic [        15:0] len_i,
  input logic [         7:0] ack_frequency_i,
  input logic [        15:0] delayed_ack_i,
  input logic [        31:0] now_i,

  output logic                done_o,
  output logic [TCB_RX_W-1:0] state_o,
  output logic [         1:0] action_o,
  output logic [        31:0] seq_o,
  output logic [        15:0] off_o,
  output logic [        15:0] len_o,
  output logic                fin_o,
  output logic [         3:0] reason_o,
  output logic [         7:0] counter_o,   // 0: none
  output logic                kick_tx_o,
  output logic                kick_ack_o,
  output logic                kick_evt_o
);
  tcb_rx_t     state;
  rx_actions_t actions;
  seg_t        seg;
  rx_reads_t   reads;

  always_comb begin
    seg        = '0;
    seg.seq    = seq_i;
    seg.ack    = ack_i;
    seg.wnd    = wnd_i;
    seg.flags  = flags_i;
    seg.has_ts = has_ts_i;
    seg.ts_val = ts_val_i;
    seg.ts_ecr = ts_ecr_i;
    seg.len    = len_i;
  end
  assign reads = '{
          LastAckSent: last_ack_sent_i,
          AdvEdge: adv_edge_i,
          SndUna: snd_una_i,
          SndMax: snd_max_i,
          FinAcked: fin_acked_i
      };

  chim_rx_step u_step (
    .clk_i,
    .rst_ni,
    .start_i,
    .state_i  (state_i),
    .cfg_i    (cfg_i),
    .reads_i  (reads),
    .seg_i    (seg),
    .ack_frequency_i,
    .delayed_ack_i,
    .now_i,
    .done_o,
    .state_o  (state),
    .actions_o(actions)
  );

  assign state_o    = state;
  assign action_o   = actions.verdict.action;
  assign seq_o      = actions.verdict.seq;
  assign off_o      = actions.verdict.off;
  assign len_o      = actions.verdict.len;
  assign fin_o      = actions.verdict.fin;
  assign reason_o   = actions.verdict.reason;
  assign counter_o  = actions.has_counter ? 8'(actions.counter) : '0;
  assign kick_tx_o  = actions.kick_tx;
  assign kick_ack_o = actions.kick_ack;
  assign kick_evt_o = actions.kick_evt;

  logic unused;
  assign unused = &{1'b0, actions.verdict.conn, actions.ack_now};
endmodule
