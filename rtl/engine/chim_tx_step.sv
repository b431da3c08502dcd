// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The send step, steps.md section 3: one look at a connection gives its new send half and what may
// be sent. No memories; a new connection every clock; the result is there 9 clocks later. Hard
// part: the clauses depend on each other in a long chain (acknowledgment, congestion window, grant,
// timer), which is cut into stages of about one 32-bit addition or comparison.
//
//   stage 1   differences of the inputs, straight from the tables
//   stage 2   is it an acknowledgment? windows, duplicates    chim_tx_rtt   chim_tx_cwnd
//   stage 3   what the timer does, fast retransmit                |             |
//   stage 4   the peer's window and the data                      |             |   chim_tx_grant
//   stage 5-8 the congestion window; whole segments; tail; FIN    |                      |
//   stage 9   new SndNxt, SndMax; timer set                       |                      |
//
// Names end in the stage they belong to: x_s3 is computed in stage 3, x_q3 a register that stage 3
// reads. Holds for SndUna <= SndNxt <= SndMax, byte counts below 2^31, windows of at most 2^30,
// DataEnd less than 2^30 from SndUna and 1 <= Mss < 2^14; other states give other states, never a
// hang.
module chim_tx_step
  import chim_contract_pkg::tcb_tx_t;
  import chim_contract_pkg::cfg_tx_t;
  import chim_contract_pkg::timer_mode_e;
  import chim_contract_pkg::TIMER_MODE_NONE;
  import chim_contract_pkg::TIMER_MODE_RETRANSMIT;
  import chim_contract_pkg::TIMER_MODE_PERSIST;
  import chim_contract_pkg::TIMER_MODE_FIN_WAIT_2;
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
(
  input logic clk_i,

  input step_params_t                        p_i,     // stable
  input logic                                step_i,  // 0: the send half passes through unchanged
  input logic                         [31:0] now_i,   // ms
  input logic                                live_i,
  input tcb_tx_t                             t_i,
  input rxv_t                                r_i,
  input cfg_tx_t                             c_i,
  input chim_contract_pkg::doorbell_t        d_i,

  // 9 clocks later
  output tcb_tx_t     t_o,
  output logic        burst_valid_o,
  output burst_t      burst_o,        // conn is 0: the user knows it
  output logic        kick_self_o,
  output logic        kick_evt_o,
  output step_count_t count_o
);

  // ---- stage 1
  // -------------------------------------------------------------------------------------
  logic abort_s1, act_s1, dead_s1;
  assign act_s1   = step_i && (live_i || c_i.Stop);
  assign abort_s1 = step_i && live_i && !c_i.Stop && d_i.Abort && !t_i.RstSent;
  assign dead_s1  = act_s1 && !abort_s1 && (t_i.RstSent || t_i.Expired || r_i.Aborted);

  logic [7:0] dup_new_s1, nacks_s1;
  logic dup_more_s1;
  assign dup_more_s1 = r_i.DupAckCount > t_i.DupSeen;
  assign dup_new_s1  = r_i.DupAckCount - t_i.DupSeen;
  assign nacks_s1    = r_i.AckCnt - t_i.AckCntSeen;

  mss_t mss_s1;
  assign mss_s1 = c_i.Mss[MSS_W-1:0];

  function automatic logic [3:0] at_most_15(logic [7:0] a);
    return a[7:4] != '0 ? 4'd15 : a[3:0];
  endfunction

  typedef struct packed {
    tcb_tx_t t;
    logic [31:0] now;
    logic rst;  // an RST is granted
    logic dead;
    logic go;  // steps 1 and 2
    logic full;  // steps 3 to 5 too
  } base_t;  // goes all the way

  base_t b_q2;
  seq_t ack_q2, end_q2, fin_seq_q2;
  seq_t adv_q2, flight1_q2, flight0_q2, nxt_ack_q2, out_q2, gap_q2;
  logic ack_before_rec_q2;
  logic ahead_of_una_q2, ack_after_rec_q2, una_after_rec_q2, rtt_end_q2;
  logic slow_q2, due_q2, wnd_zero_q2, wnd_was_zero_q2, accept_new_q2, rtx_some_q2, rtx_limit_q2;
  logic dup_more_q2, dup_any_q2, dup_thresh_q2;
  logic [3:0] nacks_q2, dup_q2, dup_new_q2;
  logic [7:0] dup_count_q2, ack_cnt_q2, accept_cnt_q2;
  logic [31:0] since_q2, max_rt_q2, wnd_q2, max_wnd_q2;
  logic [14:0] limited_q2;
  logic ecr_valid_q2, ts_en_q2, nagle_q2, fin_valid_q2, rcv_fin_q2;
  mss_t mss_q2;

  always_ff @(posedge clk_i) begin
    b_q2 <= '{
        t: t_i,
        now: now_i,
        rst: abort_s1,
        dead: dead_s1,
        go: act_s1 && !abort_s1 && !dead_s1,
        full: step_i && live_i && !c_i.Stop && !abort_s1 && !dead_s1
    };
    ack_q2 <= r_i.AckNewest;
    end_q2 <= d_i.SndEnd;
    fin_seq_q2 <= d_i.FinSeq;
    // Acknowledgment. The sign bit of a difference of sequence numbers is seq_lt.
    adv_q2 <= r_i.AckNewest - t_i.SndUna;
    flight1_q2 <= t_i.SndMax - r_i.AckNewest;
    flight0_q2 <= t_i.SndMax - t_i.SndUna;
    nxt_ack_q2 <= t_i.SndNxt - r_i.AckNewest;
    out_q2 <= t_i.SndNxt - t_i.SndUna;
    gap_q2 <= t_i.SndMax - t_i.SndNxt;
    ahead_of_una_q2 <= chim_pkg::seq_lt(t_i.SndUna, r_i.AckNewest);
    ack_before_rec_q2 <= chim_pkg::seq_lt(r_i.AckNewest, t_i.Recover);
    ack_after_rec_q2 <= chim_pkg::seq_lt(t_i.Recover, r_i.AckNewest);
    una_after_rec_q2 <= chim_pkg::seq_lt(t_i.Recover, t_i.SndUna);
    rtt_end_q2 <= !chim_pkg::seq_lt(r_i.AckNewest, t_i.RttSeq);
    slow_q2 <= t_i.CWnd < t_i.SsThresh;
    nacks_q2 <= at_most_15(nacks_s1);
    dup_q2 <= at_most_15(r_i.DupAckCount);
    dup_new_q2 <= dup_more_s1 ? at_most_15(dup_new_s1) : '0;
    dup_more_q2 <= dup_more_s1;
    dup_any_q2 <= r_i.DupAckCount != '0;
    dup_thresh_q2 <= r_i.DupAckCount >= p_i.dup_ack_threshold;
    dup_count_q2 <= r_i.DupAckCount;
    ack_cnt_q2 <= r_i.AckCnt;
    accept_cnt_q2 <= r_i.AcceptCnt;
    accept_new_q2 <= r_i.AcceptCnt != t_i.AcceptSeen;
    limited_q2 <= r_i.DupAckCount == '0 ? '0 : r_i.DupAckCount == 8'd1 ? {1'b0, mss_s1}
                                                                       : {mss_s1, 1'b0};
    // Windows and timer.
    wnd_q2 <= r_i.Wnd;
    max_wnd_q2 <= r_i.MaxSndWnd;
    wnd_zero_q2 <= r_i.Wnd == '0;
    wnd_was_zero_q2 <= t_i.SndWnd == '0;
    due_q2 <= !chim_pkg::seq_lt(now_i, t_i.Deadline) && t_i.TimerMode != TIMER_MODE_NONE;
    since_q2 <= now_i - t_i.RtStart;
    rtx_some_q2 <= t_i.RetransCount != '0;
    rtx_limit_q2 <= t_i.RetransCount >= p_i.max_retransmissions;
    max_rt_q2 <= c_i.MaxRT;
    mss_q2 <= mss_s1;
    ts_en_q2 <= c_i.TsEnabled;
    nagle_q2 <= c_i.Nagle;
    ecr_valid_q2 <= r_i.TsEcrValid;
    fin_valid_q2 <= d_i.FinValid;
    rcv_fin_q2 <= r_i.RcvFin;
  end

  // ---- stage 2
  // -------------------------------------------------------------------------------------
  logic acked_s2, left_s2, partial_s2, forward_s2, leave_zero_s2, zero_ack_s2, sample_s2;
  assign acked_s2 = b_q2.go && ahead_of_una_q2 && !flight1_q2[31];
  assign left_s2 = acked_s2 && b_q2.t.InRecovery && !ack_before_rec_q2;
  assign partial_s2 = acked_s2 && b_q2.t.InRecovery && ack_before_rec_q2;
  assign forward_s2 = acked_s2 && nxt_ack_q2[31];  // SndNxt jumps to SndUna
  assign leave_zero_s2 = b_q2.go && wnd_was_zero_q2 && !wnd_zero_q2;
  assign zero_ack_s2   = b_q2.go && wnd_zero_q2 && accept_new_q2 && rtx_some_q2 && !acked_s2 &&
                         b_q2.t.TimerMode == TIMER_MODE_RETRANSMIT;
  assign sample_s2 = acked_s2 && (ts_en_q2 ? ecr_valid_q2 : b_q2.t.RttTiming && rtt_end_q2);

  base_t b_q3;
  seq_t out_q3, ahead_q3, end_una_q3, una_gap_q3, gap_q3;
  logic acked_q3, partial_q3, inrec_q3, rec_after_q3, flight_q3, dup_q3, dup_thresh_q3;
  logic leave_zero_q3, zero_ack_q3, due_q3, wnd_zero_q3;
  logic rtx_some_q3, rtx_limit_q3, rt_over_q3, by_count_q3, no_limit_q3;
  logic accept_new_q3, nagle_q3, fin_valid_q3, fin_here_q3, rcv_fin_q3, ts_en_q3, fin_acked_now_q3;
  logic [14:0] limited_q3;
  logic [21:0] restart_q3;
  logic [ 7:0] accept_cnt_q3;
  logic [31:0] wnd_q3, max_wnd_q3;
  mss_t mss_q3;

  always_ff @(posedge clk_i) begin
    b_q3 <= b_q2;
    if (acked_s2) begin
      b_q3.t.SndUna <= ack_q2;
      if (nxt_ack_q2[31]) b_q3.t.SndNxt <= ack_q2;
      if (!ts_en_q2 && rtt_end_q2) b_q3.t.RttTiming <= 1'b0;
      if (b_q2.t.FinSent && flight1_q2 == '0) b_q3.t.FinAcked <= 1'b1;
    end
    if (b_q2.go) begin
      b_q3.t.AckCntSeen <= ack_cnt_q2;
      b_q3.t.DupSeen <= dup_count_q2;
      b_q3.t.SndWnd <= wnd_q2;
    end
    b_q3.t.InRecovery <= b_q2.t.InRecovery && !left_s2;
    fin_acked_now_q3 <= acked_s2 && b_q2.t.FinSent && flight1_q2 == '0;
    acked_q3 <= acked_s2;
    partial_q3 <= partial_s2;
    inrec_q3 <= b_q2.t.InRecovery && !left_s2;
    rec_after_q3 <= acked_s2 ? ack_after_rec_q2 : una_after_rec_q2;
    flight_q3 <= acked_s2 ? flight1_q2 != '0 : flight0_q2 != '0;
    dup_q3 <= b_q2.go && (acked_s2 ? dup_any_q2 : dup_more_q2);
    dup_thresh_q3 <= dup_thresh_q2;
    leave_zero_q3 <= leave_zero_s2;
    zero_ack_q3 <= zero_ack_s2;
    due_q3 <= b_q2.full && due_q2 && !acked_s2 && !leave_zero_s2 && !zero_ack_s2;
    wnd_zero_q3 <= wnd_zero_q2;
    rtx_some_q3 <= rtx_some_q2;
    rtx_limit_q3 <= rtx_limit_q2;
    rt_over_q3 <= since_q2 >= max_rt_q2;
    by_count_q3 <= max_rt_q2 == '0;
    no_limit_q3 <= max_rt_q2 == '1;
    // SndNxt - SndUna, DataEnd - SndNxt, DataEnd - SndUna, SndMax - SndUna, SndMax - SndNxt.
    out_q3 <= acked_s2 ? (nxt_ack_q2[31] ? '0 : nxt_ack_q2) : out_q2;
    ahead_q3 <= end_q2 - (forward_s2 ? ack_q2 : b_q2.t.SndNxt);
    end_una_q3 <= end_q2 - (acked_s2 ? ack_q2 : b_q2.t.SndUna);
    una_gap_q3 <= acked_s2 ? flight1_q2 : flight0_q2;
    gap_q3 <= forward_s2 ? flight1_q2 : gap_q2;
    limited_q3 <= limited_q2;
    restart_q3 <= 22'(mss_q2) * 22'(p_i.restart_segs);
    accept_new_q3 <= accept_new_q2;
    accept_cnt_q3 <= accept_cnt_q2;
    nagle_q3 <= nagle_q2;
    fin_valid_q3 <= fin_valid_q2;
    fin_here_q3 <= fin_valid_q2 && fin_seq_q2 == end_q2;
    rcv_fin_q3 <= rcv_fin_q2;
    ts_en_q3 <= ts_en_q2;
    wnd_q3 <= wnd_q2;
    max_wnd_q3 <= max_wnd_q2;
    mss_q3 <= mss_q2;
  end

  // ---- stage 3
  // -------------------------------------------------------------------------------------
  timer_mode_e mode_s3;
  logic limit_s3, retransmit_s3, persist_s3, timeout_s3, probe_s3, override_s3, expired_s3;
  logic fast_s3, first_s3;
  assign mode_s3 = timer_mode_e'(b_q3.t.TimerMode);
  assign retransmit_s3 = mode_s3 == TIMER_MODE_RETRANSMIT;
  assign persist_s3 = mode_s3 == TIMER_MODE_PERSIST;
  assign limit_s3 = by_count_q3 ? rtx_limit_q3 : !no_limit_q3 && rtx_some_q3 && rt_over_q3;
  assign timeout_s3 = due_q3 && retransmit_s3 && !wnd_zero_q3 && !limit_s3;
  assign probe_s3 = due_q3 && (retransmit_s3 || persist_s3) && wnd_zero_q3 && !limit_s3;
  assign override_s3 = due_q3 && persist_s3 && !wnd_zero_q3 && !limit_s3;
  assign expired_s3 = due_q3 && (limit_s3 || mode_s3 == TIMER_MODE_FIN_WAIT_2);
  assign fast_s3 = b_q3.go && !inrec_q3 && dup_q3 && dup_thresh_q3 && flight_q3 && rec_after_q3;
  // The first segment goes again: partial acknowledgment or fast retransmit.
  assign first_s3 = (partial_q3 || fast_s3) && b_q3.full && !wnd_zero_q3 && !expired_s3;

  logic [7:0] retrans_s3, probes_s3;
  always_comb begin
    retrans_s3 = b_q3.t.RetransCount;
    if (leave_zero_q3 || acked_q3 || zero_ack_q3) retrans_s3 = '0;
    else if ((timeout_s3 || probe_s3) && b_q3.t.RetransCount != '1) retrans_s3 += 8'd1;
    probes_s3 = b_q3.t.SndWndProbeCount;
    if (leave_zero_q3 || (acked_q3 && !wnd_zero_q3)) probes_s3 = '0;
    else if (zero_ack_q3) probes_s3 = probes_s3 >= 8'd16 ? 8'd16 : probes_s3 + 8'd1;
  end

  logic [7:0] exponent_q4;
  base_t b_q4;
  seq_t out_q4, ahead_q4, end_una_q4, una_gap_q4, gap_q4;
  logic acked_q4, flight_q4, fast_q4, first_q4, timeout_q4, timeout_first_q4, probe_q4, override_q4;
  logic expired_q4, zero_ack_q4, leave_zero_q4, wnd_zero_q4, ordinary_q4, data_first_q4;
  logic accept_new_q4, nagle_free_q4, fin_ok_q4, fin_here_q4, rcv_fin_q4, ts_en_q4, evt_q4;
  logic [14:0] limited_q4;
  logic [21:0] restart_q4;
  logic [7:0] accept_cnt_q4;
  logic [31:0] max_wnd_q4;
  mss_t mss_q4;

  always_ff @(posedge clk_i) begin
    b_q4 <= b_q3;
    b_q4.t.RetransCount <= retrans_s3;
    b_q4.t.SndWndProbeCount <= probes_s3;
    if (timeout_s3 || probe_s3) b_q4.t.SndNxt <= b_q3.t.SndUna;
    if (timeout_s3 || fast_s3) begin
      b_q4.t.Recover   <= b_q3.t.SndMax;
      b_q4.t.RttTiming <= 1'b0;
    end
    if (fast_s3) b_q4.t.InRecovery <= 1'b1;
    if (timeout_s3) b_q4.t.InRecovery <= 1'b0;
    // Base of the limit by time: the first retransmission, or the first probe of all rounds.
    if ((timeout_s3 && !rtx_some_q3) ||
        ((probe_s3 || override_s3) && !rtx_some_q3 && b_q3.t.SndWndProbeCount == '0))
      b_q4.t.RtStart <= b_q3.now;
    if (expired_s3) b_q4.t.Expired <= 1'b1;
    if (b_q3.rst) b_q4.t.RstSent <= 1'b1;
    // SndWnd 0: the exponent counts rounds, but within a round the probes already sent.
    exponent_q4 <= probe_s3 ? b_q3.t.RetransCount : wnd_zero_q3 ? probes_s3 : retrans_s3;
    out_q4 <= timeout_s3 ? '0 : out_q3;
    ahead_q4 <= timeout_s3 ? end_una_q3 : ahead_q3;
    end_una_q4 <= end_una_q3;
    una_gap_q4 <= una_gap_q3;
    gap_q4 <= timeout_s3 ? una_gap_q3 : gap_q3;
    data_first_q4 <= $signed({end_una_q3[31], end_una_q3}) <= $signed({1'b0, wnd_q3});
    acked_q4 <= acked_q3;
    flight_q4 <= flight_q3;
    fast_q4 <= fast_s3;
    first_q4 <= first_s3;
    timeout_q4 <= timeout_s3;
    timeout_first_q4 <= timeout_s3 && !rtx_some_q3;
    probe_q4 <= probe_s3;
    override_q4 <= override_s3;
    expired_q4 <= expired_s3;
    ordinary_q4 <= b_q3.full && !wnd_zero_q3 && !expired_s3 && !first_s3;
    zero_ack_q4 <= zero_ack_q3;
    leave_zero_q4 <= leave_zero_q3;
    wnd_zero_q4 <= wnd_zero_q3;
    limited_q4 <= (inrec_q3 || fast_s3) && !timeout_s3 ? '0 : limited_q3;
    restart_q4 <= restart_q3;
    accept_new_q4 <= accept_new_q3;
    accept_cnt_q4 <= accept_cnt_q3;
    nagle_free_q4 <= !nagle_q3 || fin_valid_q3;
    fin_ok_q4 <= fin_here_q3 && !b_q3.t.FinAcked;
    fin_here_q4 <= fin_here_q3;
    rcv_fin_q4 <= rcv_fin_q3;
    ts_en_q4 <= ts_en_q3;
    evt_q4 <= fin_acked_now_q3 || expired_s3 || b_q3.rst;
    max_wnd_q4 <= max_wnd_q3;
    mss_q4 <= mss_q3;
  end

  // ---- stages 2 to 9 beside: RTT and time-out, congestion window, ordinary grant
  // --------------------
  logic [15:0] srtt_s5, rttvar_s5;
  logic [31:0] deadline_s9, cwnd_s5, ssthresh_s5, ca_acked_s5, cwnd_s7;
  logic [4:0] shift_q5, shift_q6;
  logic pause_s6;

  chim_tx_rtt u_rtt (
    .clk_i,
    .p_i,
    .now_s1      (now_i),
    .last_send_s1(t_i.LastSend),
    .srtt_s1     (t_i.SRtt),
    .rttvar_s1   (t_i.RttVar),
    .rtt_time_s1 (t_i.RttTime),
    .ts_en_s1    (c_i.TsEnabled),
    .ts_delta_s1 (c_i.TsDelta),
    .ts_ecr_s1   (r_i.TsEcr),
    .sample_s2,
    .shift_s6    (shift_q6),
    .srtt_s5,
    .rttvar_s5,
    .idle_s6     (pause_s6),
    .deadline_s9
  );

  chim_tx_cwnd u_cwnd (
    .clk_i,
    .cwnd_s2         (b_q2.t.CWnd),
    .ssthresh_s2     (b_q2.t.SsThresh),
    .ca_acked_s2     (b_q2.t.CaAcked),
    .mss_s2          (mss_q2),
    .adv_s2          (adv_q2),
    .flight0_s2      (flight0_q2),
    .flight1_s2      (flight1_q2),
    .acked_s2,
    .left_s2,
    .partial_s2,
    .inrec_s2        (b_q2.t.InRecovery),
    .slow_s2         (slow_q2),
    .nacks_s2        (nacks_q2),
    .dup_s2          (dup_q2),
    .dup_new_s2      (dup_new_q2),
    .go_s2           (b_q2.go),
    .fast_rtx_s4     (fast_q4),
    .timeout_s4      (timeout_q4),
    .timeout_first_s4(timeout_first_q4),
    .cwnd_s5,
    .ssthresh_s5,
    .ca_acked_s5
  );

  logic data_waits_s9, bytes_s9, fin_s9, psh_s9, more_s9, fresh_s9, beyond_s9;
  nseg_t n_s9, below_s9;
  mss_t last_len_s9;
  grant_bytes_t moved_s9;

  chim_tx_grant u_grant (
    .clk_i,
    .ahead_s4     (ahead_q4),
    .out_s4       (out_q4),
    .wnd_s4       (b_q4.t.SndWnd),
    .data_first_s4(data_first_q4),
    .gap_s4       (gap_q4),
    .mss_s4       (mss_q4),
    .limited_s4   (limited_q4),
    .restart_s4   (restart_q4),
    .max_wnd_s4   (max_wnd_q4),
    .nagle_free_s4(nagle_free_q4),
    .override_s4  (override_q4),
    .fin_ok_s4    (fin_ok_q4),
    .fin_sent_s4  (b_q4.t.FinSent),
    .go_s4        (ordinary_q4),
    .no_flight_s4 (!flight_q4),
    .cwnd_s5,
    .pause_s6,
    .cwnd_s7,
    .data_waits_s9,
    .n_s9,
    .last_len_s9,
    .moved_s9,
    .bytes_s9,
    .fin_s9,
    .psh_s9,
    .below_s9,
    .more_s9,
    .fresh_s9,
    .beyond_s9
  );

  // ---- stages 4 to 8: what waits for the grant; size of the first segment
  // --------------------------
  typedef struct packed {
    logic acked;
    logic flight;
    logic fast;
    logic first;
    logic timeout;
    logic probe;
    logic sws;
    logic expired;
    logic zero_ack;
    logic leave_zero;
    logic wnd_zero;
    logic ordinary;
    logic accept_new;
    logic fin_ok;
    logic fin_here;
    logic rcv_fin;
    logic ts_en;
    logic evt;
    logic end_here;  // DataEnd == SndUna
    logic [7:0] accept_cnt;
    mss_t mss;
  } wait_t;

  base_t b_q5, b_q6, b_q7, b_q8, b_q9;
  wait_t w_q5, w_q6, w_q7, w_q8, w_q9;
  seq_t end_una_q5, data_gap_q5;
  logic [MSS_W:0] to_end_q6, to_max_q6, to_end_q7, first_q7;
  logic end_valid_q6, end_valid_q7;
  mss_t first_len_s7, first_len_q8, first_len_q9;
  logic first_fin_q8, first_fin_q9;
  logic [31:0] sws_q9, fin_wait_q9;

  function automatic logic [MSS_W:0] short_of(seq_t a);
    return a[31:MSS_W] != '0 ? '1 : a[MSS_W:0];
  endfunction

  assign first_len_s7 = first_q7 < {1'b0, w_q7.mss} ? first_q7[MSS_W-1:0] : w_q7.mss;

  always_ff @(posedge clk_i) begin
    b_q5 <= b_q4;
    w_q5 <= '{
        acked: acked_q4,
        flight: flight_q4,
        fast: fast_q4,
        first: first_q4,
        timeout: timeout_q4,
        probe: probe_q4,
        sws: override_q4,
        expired: expired_q4,
        zero_ack: zero_ack_q4,
        leave_zero: leave_zero_q4,
        wnd_zero: wnd_zero_q4,
        ordinary: ordinary_q4,
        accept_new: accept_new_q4,
        fin_ok: fin_ok_q4,
        fin_here: fin_here_q4,
        rcv_fin: rcv_fin_q4,
        ts_en: ts_en_q4,
        evt: evt_q4,
        end_here: end_una_q4 == '0,
        accept_cnt: accept_cnt_q4,
        mss: mss_q4
    };
    shift_q5 <= exponent_q4[7:4] != '0 ? 5'd16 : {1'b0, exponent_q4[3:0]};
    end_una_q5 <= end_una_q4;
    data_gap_q5 <= una_gap_q4 - 32'(b_q4.t.FinSent && !b_q4.t.FinAcked);

    b_q6 <= b_q5;
    b_q6.t.SRtt <= srtt_s5;
    b_q6.t.RttVar <= rttvar_s5;
    b_q6.t.SsThresh <= ssthresh_s5;
    b_q6.t.CaAcked <= ca_acked_s5;
    w_q6 <= w_q5;
    shift_q6 <= shift_q5;
    end_valid_q6 <= !end_una_q5[31] && end_una_q5[30:MSS_W+1] == '0;
    to_end_q6 <= end_una_q5[31] ? '0 : short_of(end_una_q5);
    to_max_q6 <= short_of(data_gap_q5);

    b_q7 <= b_q6;
    w_q7 <= w_q6;
    end_valid_q7 <= end_valid_q6;
    to_end_q7 <= to_end_q6;
    first_q7 <= to_end_q6 < to_max_q6 ? to_end_q6 : to_max_q6;

    b_q8 <= b_q7;
    b_q8.t.CWnd <= cwnd_s7;
    w_q8 <= w_q7;
    first_len_q8 <= first_len_s7;
    first_fin_q8 <= b_q7.t.FinSent && end_valid_q7 && to_end_q7 == {1'b0, first_len_s7};

    b_q9 <= b_q8;
    w_q9 <= w_q8;
    first_len_q9 <= first_len_q8;
    first_fin_q9 <= first_fin_q8;
    sws_q9 <= b_q8.now + 32'(p_i.sws);
    fin_wait_q9 <= b_q8.now + p_i.fin_wait2;
  end

  // ---- stage 9: new pointers, timer
  // ----------------------------------------------------------------
  tcb_tx_t t_s9;
  burst_t  burst_s9;
  logic outstanding_s9, evt_s9, probe_fin_s9, run_s9, fin_waits_s9;
  timer_mode_e mode_s9;
  logic [31:0] deadline_next_s9;
  seq_t moved_to_s9;

  logic unused_carry_s9;
  // SndNxt + bytes + FIN, the FIN as a carry.
  assign {moved_to_s9, unused_carry_s9} = {b_q9.t.SndNxt, 1'b1} + {14'd0, moved_s9, fin_s9};
  assign probe_fin_s9 = w_q9.end_here && w_q9.fin_ok;
  // Something is outstanding after this pass.
  assign outstanding_s9 = w_q9.flight || w_q9.probe || (w_q9.ordinary && beyond_s9);
  assign fin_waits_s9 = w_q9.fin_here && !b_q9.t.FinSent;
  // Steps 4 and 5 are done.
  assign run_s9 = b_q9.full && !w_q9.expired;

  // What is sent.
  always_comb begin
    burst_s9 = '0;
    burst_s9.kind = TX_DATA;
    burst_s9.mss = w_q9.mss;
    burst_s9.has_una = w_q9.acked;
    burst_s9.una = b_q9.t.SndUna;
    burst_s9.seq = b_q9.t.SndUna;
    if (b_q9.rst) begin
      burst_s9.kind = TX_RST;
      burst_s9.seq = b_q9.t.SndNxt;
      burst_s9.n = NSEG_W'(1);
    end else if (w_q9.probe) begin
      burst_s9.n = NSEG_W'(1);
      burst_s9.last_len = probe_fin_s9 ? '0 : MSS_W'(1);
      burst_s9.fin = probe_fin_s9;
      burst_s9.again = NSEG_W'(w_q9.flight);
    end else if (w_q9.first) begin
      burst_s9.n = NSEG_W'(first_len_q9 != '0 || first_fin_q9);
      burst_s9.last_len = first_len_q9;
      burst_s9.fin = first_fin_q9;
      burst_s9.again = NSEG_W'(w_q9.flight && (first_len_q9 != '0 || first_fin_q9));
    end else if (w_q9.ordinary) begin
      burst_s9.seq = b_q9.t.SndNxt;
      burst_s9.n = n_s9;
      burst_s9.last_len = last_len_s9;
      burst_s9.fin = fin_s9;
      burst_s9.psh = psh_s9;
      burst_s9.again = below_s9 < n_s9 ? below_s9 : n_s9;
    end
    if (burst_s9.n == '0) burst_s9.kind = TX_TOKEN;
  end

  // The timer.
  always_comb begin
    evt_s9 = w_q9.evt;
    t_s9 = b_q9.t;
    mode_s9 = timer_mode_e'(b_q9.t.TimerMode);
    deadline_next_s9 = deadline_s9;
    // As steps 2 and 3 left it; those that set a deadline set it to the backed-off time-out.
    if (b_q9.dead || b_q9.rst || w_q9.leave_zero || w_q9.expired) mode_s9 = TIMER_MODE_NONE;
    else if (w_q9.zero_ack) mode_s9 = TIMER_MODE_PERSIST;
    else if (w_q9.timeout || w_q9.probe || w_q9.sws) mode_s9 = TIMER_MODE_RETRANSMIT;
    else deadline_next_s9 = b_q9.t.Deadline;
    if (b_q9.dead || b_q9.rst || w_q9.leave_zero || w_q9.expired)
      deadline_next_s9 = b_q9.t.Deadline;

    if (run_s9) begin
      t_s9.AcceptSeen = w_q9.accept_cnt;
      if (outstanding_s9 && !w_q9.wnd_zero) begin
        if (mode_s9 != TIMER_MODE_RETRANSMIT || w_q9.acked) begin
          mode_s9 = TIMER_MODE_RETRANSMIT;
          deadline_next_s9 = deadline_s9;
        end
      end else if (outstanding_s9 || data_waits_s9 || fin_waits_s9) begin
        if (w_q9.wnd_zero) begin
          if (mode_s9 == TIMER_MODE_NONE || w_q9.acked) begin
            mode_s9 = TIMER_MODE_PERSIST;
            deadline_next_s9 = deadline_s9;
          end
        end else if (data_waits_s9 && mode_s9 != TIMER_MODE_PERSIST) begin
          mode_s9 = TIMER_MODE_PERSIST;
          deadline_next_s9 = sws_q9;
        end
      end else if (b_q9.t.FinAcked && w_q9.rcv_fin) begin
        t_s9.TimeWait = 1'b1;
        evt_s9 = 1'b1;
        mode_s9 = TIMER_MODE_NONE;
      end else if (b_q9.t.FinAcked) begin
        if (mode_s9 != TIMER_MODE_FIN_WAIT_2 || w_q9.accept_new) begin
          mode_s9 = TIMER_MODE_FIN_WAIT_2;
          deadline_next_s9 = fin_wait_q9;
        end
      end else begin
        mode_s9 = TIMER_MODE_NONE;
      end
    end
    t_s9.TimerMode = mode_s9;
    t_s9.Deadline  = deadline_next_s9;

    // Pointers and counts.
    if (w_q9.probe && !w_q9.flight) t_s9.SndMax = b_q9.t.SndUna + 32'd1;
    if (w_q9.probe && probe_fin_s9) t_s9.FinSent = 1'b1;
    if (w_q9.ordinary) begin
      t_s9.SndNxt = moved_to_s9;
      if (beyond_s9) t_s9.SndMax = moved_to_s9;
      if (fin_s9) t_s9.FinSent = 1'b1;
      if (!w_q9.ts_en && bytes_s9 && fresh_s9 && !b_q9.t.RttTiming) begin
        t_s9.RttTiming = 1'b1;
        t_s9.RttSeq = moved_to_s9;
        t_s9.RttTime = b_q9.now;
      end
    end
    if (run_s9 && burst_s9.n != '0) t_s9.LastSend = b_q9.now;
    if (run_s9) begin
      t_s9.SegsOut = b_q9.t.SegsOut + 32'(burst_s9.n);
      t_s9.SegsRtx = b_q9.t.SegsRtx + 32'(burst_s9.again);
    end
  end

  always_ff @(posedge clk_i) begin
    t_o <= t_s9;
    burst_valid_o <= burst_s9.n != '0 || burst_s9.has_una;
    burst_o <= burst_s9;
    kick_self_o <= w_q9.first || (w_q9.ordinary && more_s9);
    kick_evt_o <= evt_s9;
    count_o <= '{fast_retransmit: w_q9.fast, timeout: w_q9.timeout, probe: w_q9.probe};
  end

  logic unused_inputs;
  assign unused_inputs = &{1'b0, c_i.Rsvd, c_i.Mss[15:MSS_W], d_i.Rsvd, d_i.RcvReturn, r_i.Urgent,
                          r_i.SynSeen, r_i.Frozen};

endmodule
