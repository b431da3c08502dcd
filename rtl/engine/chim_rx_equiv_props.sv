// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Proof harness: for every state, segment and environment, a predicted segment gets from
// chim_rx_fast what chim_rx_step gives. Hard part: nothing is assumed of state or input, not even
// that windows are sane; the prediction itself must exclude what would differ.
module chim_rx_equiv_props
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_rx_pkg::*;
(
  input logic             clk_i,
  input logic             rst_ni,
  input tcb_rx_t          state,
  input cfg_rx_t          cfg,
  input rx_reads_t        reads,
  input seg_t             seg,
  input logic      [ 7:0] ack_frequency,
  input logic      [15:0] delayed_ack,
  input logic      [31:0] now
);
  import chim_pkg::seq_leq;

  logic [2:0] count_q = '0;
  always_ff @(posedge clk_i) if (count_q != '1) count_q <= count_q + 1'b1;

  // Environment: reset first, and inputs stay while the step runs.
  always_ff @(posedge clk_i) begin
    asm_reset_first : assume (rst_ni == (count_q != '0));
    if (count_q > 3'd1) begin
      asm_stable : assume ($stable({state, cfg, reads, seg, ack_frequency, delayed_ack, now}));
    end
  end

  logic done;
  tcb_rx_t slow_state, fast_state;
  rx_actions_t slow_actions, fast_actions;
  chim_rx_step u_step (
    .clk_i,
    .rst_ni,
    .start_i        (count_q == 3'd1),
    .state_i        (state),
    .cfg_i          (cfg),
    .reads_i        (reads),
    .seg_i          (seg),
    .ack_frequency_i(ack_frequency),
    .delayed_ack_i  (delayed_ack),
    .now_i          (now),
    .done_o         (done),
    .state_o        (slow_state),
    .actions_o      (slow_actions)
  );

  logic [RX_PRED_BITS-1:0] ok;
  rx_pred_state_t next;
  chim_rx_predict u_predict (
    .seg_i  (seg),
    .send_i (seg.seq + 32'(seg.len)),
    .state_i(rx_pred_state(state)),
    .cfg_i  (cfg),
    .reads_i(reads),
    .ok_o   (ok),
    .next_o (next)
  );

  chim_rx_fast u_fast (
    .state_i        (state),
    .seg_i          (seg),
    .next_i         (next),
    .swnd_i         (32'(seg.wnd) << cfg.SndWindScale),
    .all_acked_i    (reads.LastAckSent == seg.seq),
    .snd_max_i      (reads.SndMax),
    .fin_acked_i    (reads.FinAcked),
    .ts_update_i    (cfg.TsEnabled && seq_leq(seg.seq, reads.LastAckSent)),
    .ts_enabled_i   (cfg.TsEnabled),
    .now_i          (now),
    .deadline_i     (now + 32'(delayed_ack)),
    .ack_frequency_i(ack_frequency),
    .state_o        (fast_state),
    .actions_o      (fast_actions)
  );

  always_ff @(posedge clk_i) begin
    if (done && rst_ni && &ok) begin
      ast_rcv_nxt : assert (fast_state.RcvNxt == slow_state.RcvNxt);
      ast_ts :
      assert (fast_state.TsRecent == slow_state.TsRecent &&
                       fast_state.TsRecentTime == slow_state.TsRecentTime);
      ast_ack :
      assert (fast_state.AckNewest == slow_state.AckNewest &&
                        fast_state.TsEcr == slow_state.TsEcr &&
                        fast_state.DupAckCount == slow_state.DupAckCount &&
                        fast_state.AckCnt == slow_state.AckCnt);
      ast_wnd :
      assert (fast_state.Wnd == slow_state.Wnd && fast_state.WL1 == slow_state.WL1 &&
                        fast_state.WL2 == slow_state.WL2 &&
                        fast_state.MaxSndWnd == slow_state.MaxSndWnd);
      ast_delayed_ack :
      assert (fast_state.AckNowSeq == slow_state.AckNowSeq &&
                                fast_state.DelAckDeadline == slow_state.DelAckDeadline &&
                                fast_state.DelAckSegs == slow_state.DelAckSegs);
      ast_state : assert (fast_state == slow_state);
      ast_actions :
      assert (fast_actions == slow_actions ||
                            !fast_actions.has_counter && !slow_actions.has_counter);
      ast_verdict : assert (fast_actions.verdict == slow_actions.verdict);
      ast_kicks :
      assert (fast_actions.kick_tx == slow_actions.kick_tx &&
                          !slow_actions.kick_ack && !slow_actions.kick_evt &&
                          fast_actions.ack_now == slow_actions.ack_now);
      // What the first loop says follows is what follows.
      ast_next : assert (next == rx_pred_state(slow_state));
    end
    cov_text : cover (done && rst_ni && &ok && seg.len == 16'd1448 && cfg.TsEnabled);
    cov_dup : cover (done && rst_ni && &ok && fast_actions.counter == COUNTER_SEG_DUP_ACK);
    cov_large : cover (done && rst_ni && &ok && seg.len == 16'hFFFF);
    cov_not : cover (done && rst_ni && !(&ok) && slow_actions.verdict.action == RX_PLACE);
  end
endmodule
