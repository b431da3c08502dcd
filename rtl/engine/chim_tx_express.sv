// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The first segment of a doorbell's grant, six clocks before the send step has worked out the
// grant. Hard part: it must be exactly the first segment of what the step will grant, so it is
// offered only where the step's long chain is sure to change nothing: no acknowledgment waits, the
// timer is not due, everything granted before was new, no FIN is asked for, and both windows hold a
// whole segment.
//
// Suffix _s<n>: stage n of the pass, stage 1 reads the tables' outputs. Offered in stage 3.
module chim_tx_express
  import chim_contract_pkg::tcb_tx_t;
  import chim_contract_pkg::cfg_tx_t;
  import chim_contract_pkg::TIMER_MODE_NONE;
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
(
  input logic clk_i,

  input logic    [31:0] now_s1,
  input logic           restart_s1,  // restart_segs is not 0
  input logic           bell_s1,     // a SEND doorbell, in range, and the step runs
  input logic           live_s1,
  input tcb_tx_t        t_s1,
  input rxv_t           r_s1,
  input cfg_tx_t        c_s1,
  input seq_t           end_s1,      // the doorbell's value
  input logic           closed_s1,   // a FIN or RST is asked for
  input conn_t          conn_s1,

  output logic    valid_s3,
  output tx_cmd_t cmd_s3
);
  // ---- stage 1
  // -------------------------------------------------------------------------------------
  logic may_q2, due_q2, acked_q2, fresh_q2, nagle_q2;
  seq_t ahead_q2, out_q2, seq_q2;
  logic [31:0] cwnd_q2, wnd_q2;
  mss_t  mss_q2;
  conn_t conn_q2;

  always_ff @(posedge clk_i) begin
    may_q2 <= bell_s1 && live_s1 && restart_s1 && !closed_s1 && !c_s1.Stop && !t_s1.RstSent &&
        !t_s1.Expired && !r_s1.Aborted && r_s1.DupAckCount == '0;
    due_q2 <= t_s1.TimerMode != TIMER_MODE_NONE && !chim_pkg::seq_lt(now_s1, t_s1.Deadline);
    acked_q2 <= chim_pkg::seq_lt(t_s1.SndUna, r_s1.AckNewest);
    fresh_q2 <= t_s1.SndNxt == t_s1.SndMax;
    nagle_q2 <= c_s1.Nagle;
    ahead_q2 <= end_s1 - t_s1.SndNxt;
    out_q2 <= t_s1.SndNxt - t_s1.SndUna;
    seq_q2 <= t_s1.SndNxt;
    cwnd_q2 <= t_s1.CWnd;
    wnd_q2 <= r_s1.Wnd;
    mss_q2 <= c_s1.Mss[MSS_W-1:0];
    conn_q2 <= conn_s1;
  end

  // ---- stage 2
  // -------------------------------------------------------------------------------------
  logic whole_s2, some_s2, fits_s2;
  logic [31:0] reach_s2;
  assign some_s2  = !ahead_q2[31] && ahead_q2 != '0;
  assign whole_s2 = ahead_q2[31:MSS_W] != '0 || ahead_q2[MSS_W-1:0] >= mss_q2;
  assign reach_s2 = out_q2 + 32'(mss_q2);
  assign fits_s2  = reach_s2 <= cwnd_q2 && reach_s2 <= wnd_q2;

  always_ff @(posedge clk_i) begin
    valid_s3 <= may_q2 && !due_q2 && !acked_q2 && fresh_q2 && some_s2 && fits_s2 &&
        (whole_s2 || !nagle_q2 || out_q2 == '0);
    cmd_s3 <= '0;
    cmd_s3.kind <= TX_DATA;
    cmd_s3.conn <= conn_q2;
    cmd_s3.seq <= seq_q2;
    cmd_s3.len <= whole_s2 ? 16'(mss_q2) : 16'(ahead_q2[MSS_W-1:0]);
    cmd_s3.psh <= ahead_q2 <= 32'(mss_q2);
  end

  logic unused_state;
  assign unused_state = &{1'b0, t_s1, r_s1, c_s1};
endmodule
