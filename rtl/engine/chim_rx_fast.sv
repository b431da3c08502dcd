// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// New state and actions of a predicted segment, combinational: steps.md section 1, steps 0 and 6 to
// 8, with everything dropped that a prediction rules out. Hard part: this is the second loop of the
// pipeline, once a clock, so what does not depend on the state comes in computed.
module chim_rx_fast
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_rx_pkg::*;
(
  input tcb_rx_t               state_i,
  input seg_t                  seg_i,
  input rx_pred_state_t        next_i,          // from chim_rx_predict
  input logic           [31:0] swnd_i,          // seg_i.wnd << SndWindScale
  input logic                  all_acked_i,     // LastAckSent == seg_i.seq
  input seq_t                  snd_max_i,
  input logic                  fin_acked_i,
  input logic                  ts_update_i,     // next_i.TsRecent was taken from the segment
  input logic                  ts_enabled_i,
  input logic           [31:0] now_i,           // ms
  input logic           [31:0] deadline_i,      // now_i + delayed_ack
  input logic           [ 7:0] ack_frequency_i,

  output tcb_rx_t     state_o,
  output rx_actions_t actions_o
);
  import chim_pkg::seq_lt;
  import chim_pkg::seq_leq;
  import chim_pkg::seq_geq;

  logic has_text, advances, duplicate, wnd_update, wnd_moves;
  logic [8:0] segs;
  assign has_text = seg_i.len != '0;
  assign advances = seq_lt(state_i.AckNewest, seg_i.ack);
  assign duplicate  = seg_i.ack == state_i.AckNewest && !has_text && swnd_i == state_i.Wnd &&
                      snd_max_i != state_i.AckNewest;
  assign wnd_update = seq_geq(
      seg_i.ack, state_i.AckNewest
  ) && (seq_lt(
      state_i.WL1, seg_i.seq
  ) || (state_i.WL1 == seg_i.seq && seq_leq(
      state_i.WL2, seg_i.ack
  )));
  assign wnd_moves = wnd_update && swnd_i != state_i.Wnd;
  assign segs = (all_acked_i ? 9'd0 : 9'(state_i.DelAckSegs)) + 9'd1;

  always_comb begin
    state_o               = state_i;
    actions_o             = '0;

    state_o.SegsIn        = state_i.SegsIn + 1'b1;
    state_o.RstChallenged = 1'b0;
    state_o.AcceptCnt     = state_i.AcceptCnt + 1'b1;
    state_o.RcvNxt        = next_i.RcvNxt;
    state_o.TsRecent      = next_i.TsRecent;
    if (ts_update_i) state_o.TsRecentTime = now_i;

    if (advances) begin
      state_o.AckNewest   = seg_i.ack;
      state_o.DupAckCount = '0;
      state_o.AckCnt      = state_i.AckCnt + 1'b1;
      state_o.TsEcr       = seg_i.ts_ecr;
      state_o.TsEcrValid  = ts_enabled_i;
    end
    if (duplicate && state_i.DupAckCount != '1) begin
      state_o.DupAckCount = state_i.DupAckCount + 1'b1;
    end
    if (wnd_update) begin
      state_o.Wnd = swnd_i;
      state_o.WL1 = seg_i.seq;
      state_o.WL2 = seg_i.ack;
      if (swnd_i > state_i.MaxSndWnd) state_o.MaxSndWnd = swnd_i;
    end
    actions_o.kick_tx     = advances || duplicate || wnd_moves || fin_acked_i;
    actions_o.has_counter = duplicate || has_text;
    actions_o.counter     = has_text ? COUNTER_SEG_PLACED : COUNTER_SEG_DUP_ACK;

    actions_o.verdict     = rx_fast_verdict(seg_i);
    if (has_text) begin
      if (segs >= 9'(ack_frequency_i)) begin
        actions_o.ack_now   = 1'b1;
        state_o.AckNowSeq   = next_i.RcvNxt;
        state_o.DelAckSegs  = '0;
        state_o.DelAckArmed = 1'b0;
      end else begin
        state_o.DelAckSegs  = segs[7:0];
        state_o.DelAckArmed = 1'b1;
        if (segs == 9'd1 || !state_i.DelAckArmed) state_o.DelAckDeadline = deadline_i;
      end
    end
  end

  logic unused_bits;
  assign unused_bits = &{1'b0, seg_i.wnd, seg_i.flags, seg_i.has_ts, seg_i.ts_val, next_i.Frozen,
                         next_i.OooSeen, next_i.RcvFin, next_i.small_max};
endmodule
