// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Send step: congestion window (RFC 5681, RFC 6582, RFC 3465). Hard part: every candidate for the
// new window is computed beside the others, and only the last stage chooses, so that no stage holds
// more than an addition with a comparison.
//
// Suffix _s<n>: stage n of the step, counted from 1; _s2 inputs come from registers.
module chim_tx_cwnd
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
(
  input logic clk_i,

  // Stage 2: state, and what the acknowledgment says.
  input logic [31:0] cwnd_s2,
  input logic [31:0] ssthresh_s2,
  input logic [31:0] ca_acked_s2,
  input mss_t        mss_s2,
  input seq_t        adv_s2,       // AckNewest - SndUna
  input seq_t        flight0_s2,   // SndMax - old SndUna
  input seq_t        flight1_s2,   // SndMax - AckNewest
  input logic        acked_s2,     // acked > 0: adv_s2 and flight1_s2 count
  input logic        left_s2,      // recovery ends by this acknowledgment
  input logic        partial_s2,   // acknowledgment within recovery
  input logic        inrec_s2,     // InRecovery before this pass
  input logic        slow_s2,      // CWnd < SsThresh
  input logic [ 3:0] nacks_s2,     // at most 15
  input logic [ 3:0] dup_s2,       // DupAckCount, at most 15
  input logic [ 3:0] dup_new_s2,   // DupAckCount - DupSeen if positive, at most 15
  input logic        go_s2,        // step 1 is done at all

  // Stage 4: how it ended.
  input logic fast_rtx_s4,
  input logic timeout_s4,
  input logic timeout_first_s4, // RetransCount was 0

  output logic [31:0] cwnd_s5,
  output logic [31:0] ssthresh_s5,
  output logic [31:0] ca_acked_s5
);

  // Byte counts stay below 2^31.
  function automatic logic [31:0] sat_add(logic [31:0] a, logic [31:0] b);
    logic [32:0] sum;
    sum = {1'b0, a} + {1'b0, b};
    return sum[32:31] != '0 ? 32'h7FFFFFFF : sum[31:0];
  endfunction

  // ---- stage 2
  // -------------------------------------------------------------------------------------
  logic [31:0] cwnd_q3, ssthresh_q3, ca_q3, adv_q3, flight_q3;
  logic [31:0] plus_adv_q3, minus_adv_q3, plus_mss_q3, ca_sum_q3;
  logic [GRANT_W:0] nacks_bytes_q3;
  grant_bytes_t dup_bytes_q3, dup_new_bytes_q3;
  mss_t mss_q3;
  logic below_q3, adv_full_q3, acked_q3, left_q3, partial_q3, rec_q3, grow_q3, slow_q3;

  always_ff @(posedge clk_i) begin
    plus_adv_q3 <= sat_add(cwnd_s2, adv_s2);
    {below_q3, minus_adv_q3} <= {1'b0, cwnd_s2} - {1'b0, adv_s2};
    plus_mss_q3 <= sat_add(cwnd_s2, 32'(mss_s2));
    ca_sum_q3 <= sat_add(ca_acked_s2, adv_s2);
    adv_full_q3 <= adv_s2 >= 32'(mss_s2);
    flight_q3 <= acked_s2 ? flight1_s2 : flight0_s2;
    // The window was in use; otherwise the acknowledgment says nothing about it.
    grow_q3 <= acked_s2 && !inrec_s2 && {flight0_s2, 1'b0} >= {1'b0, cwnd_s2};
    nacks_bytes_q3 <= {GRANT_W'(mss_s2) * GRANT_W'(nacks_s2), 1'b0};
    dup_bytes_q3 <= GRANT_W'(mss_s2) * GRANT_W'(dup_s2);
    dup_new_bytes_q3 <= GRANT_W'(mss_s2) * GRANT_W'(dup_new_s2);
    cwnd_q3 <= cwnd_s2;
    ssthresh_q3 <= ssthresh_s2;
    ca_q3 <= ca_acked_s2;
    adv_q3 <= adv_s2;
    mss_q3 <= mss_s2;
    acked_q3 <= acked_s2;
    left_q3 <= left_s2;
    partial_q3 <= partial_s2;
    rec_q3 <= go_s2 && inrec_s2 && !left_s2;
    slow_q3 <= slow_s2;
  end

  // ---- stage 3
  // -------------------------------------------------------------------------------------
  logic [31:0] mss_s3, mss2_s3, rest_s3, half_s3;
  logic        ca_full_s3;
  logic [31:0] ca_less_s3;
  assign mss_s3 = 32'(mss_q3);
  assign mss2_s3 = 32'({mss_q3, 1'b0});
  assign rest_s3 = below_q3 ? '0 : minus_adv_q3;
  assign half_s3 = {1'b0, flight_q3[31:1]};
  assign ca_full_s3 = ca_sum_q3 >= cwnd_q3;
  assign ca_less_s3 = ca_sum_q3 - cwnd_q3;

  logic [31:0] cwnd_q4, ssthresh_q4, ca_q4;
  logic [31:0] slow_cwnd_q4, avoid_cwnd_q4, avoid_ca_q4, rec_base_q4, full_q4, loss_q4;
  grant_bytes_t rec_add_q4, dup_bytes_q4;
  mss_t mss_q4;
  logic left_q4, rec_q4, slow_q4, avoid_q4;

  always_ff @(posedge clk_i) begin
    // Slow start: at most 2 Mss for each acknowledgment (RFC 3465 L = 2).
    slow_cwnd_q4 <= adv_q3 < 32'(nacks_bytes_q3) ? plus_adv_q3 : sat_add(
        cwnd_q3, 32'(nacks_bytes_q3)
    );
    // Congestion avoidance: one Mss for each window's worth.
    avoid_cwnd_q4 <= ca_full_s3 ? plus_mss_q3 : cwnd_q3;
    avoid_ca_q4 <= ca_full_s3 ? ca_less_s3 : ca_sum_q3;
    // Recovery goes on: deflate by what was acknowledged, add back one Mss, keep at least one.
    if (!partial_q3) rec_base_q4 <= cwnd_q3;
    else if (adv_full_q3) rec_base_q4 <= rest_s3 + mss_s3;
    else rec_base_q4 <= rest_s3 < mss_s3 ? mss_s3 : rest_s3;
    rec_add_q4 <= acked_q3 ? dup_bytes_q3 : dup_new_bytes_q3;
    // Recovery ends.
    full_q4 <= flight_q3 < mss_s3 ? mss2_s3 : sat_add(flight_q3, mss_s3);
    // Loss.
    loss_q4 <= half_s3 < mss2_s3 ? mss2_s3 : half_s3;
    dup_bytes_q4 <= dup_bytes_q3;
    cwnd_q4 <= cwnd_q3;
    ssthresh_q4 <= ssthresh_q3;
    ca_q4 <= ca_q3;
    mss_q4 <= mss_q3;
    left_q4 <= left_q3;
    rec_q4 <= rec_q3;
    slow_q4 <= grow_q3 && slow_q3;
    avoid_q4 <= grow_q3 && !slow_q3;
  end

  // ---- stage 4: choose
  // -----------------------------------------------------------------------------
  logic [31:0] rec_s4, fast_s4;
  assign rec_s4  = sat_add(rec_base_q4, 32'(rec_add_q4));
  assign fast_s4 = sat_add(loss_q4, 32'(dup_bytes_q4));

  always_ff @(posedge clk_i) begin
    if (timeout_s4) cwnd_s5 <= 32'(mss_q4);
    else if (fast_rtx_s4) cwnd_s5 <= fast_s4;
    else if (rec_q4) cwnd_s5 <= rec_s4;
    else if (left_q4) cwnd_s5 <= ssthresh_q4 < full_q4 ? ssthresh_q4 : full_q4;
    else if (slow_q4) cwnd_s5 <= slow_cwnd_q4;
    else if (avoid_q4) cwnd_s5 <= avoid_cwnd_q4;
    else cwnd_s5 <= cwnd_q4;

    ssthresh_s5 <= (fast_rtx_s4 || timeout_first_s4) ? loss_q4 : ssthresh_q4;

    if (timeout_s4 || left_q4) ca_acked_s5 <= '0;
    else if (avoid_q4) ca_acked_s5 <= avoid_ca_q4;
    else ca_acked_s5 <= ca_q4;
  end

endmodule
