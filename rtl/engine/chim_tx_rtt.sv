// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Send step: round-trip time and retransmission time-out (RFC 6298 2, RFC 7323 4). Hard part: a
// sample changes SRtt, RttVar, the time-out, its back-off and a deadline one after the other; each
// stage does about one addition, and what asks "longer than the time-out?" gets its answer before
// the time-out itself is clamped: g > min(max(x, lo), hi) is (g > hi) or (g > lo and g > x).
//
// Suffix _s<n>: stage n of the step, counted from 1. All values of one pass move on every clock.
module chim_tx_rtt
  import chim_types_pkg::*;
(
  input logic clk_i,

  input step_params_t p_i,

  input logic [31:0] now_s1,
  input logic [31:0] last_send_s1,
  input logic [15:0] srtt_s1,
  input logic [15:0] rttvar_s1,
  input logic [31:0] rtt_time_s1,
  input logic        ts_en_s1,
  input logic [31:0] ts_delta_s1,
  input logic [31:0] ts_ecr_s1,

  input logic       sample_s2,  // the acknowledgment carries a sample
  input logic [4:0] shift_s6,   // exponent of the back-off, 0..16

  output logic [15:0] srtt_s5,
  output logic [15:0] rttvar_s5,
  output logic        idle_s6,     // now - LastSend > rto
  output logic [31:0] deadline_s9  // now + min(rto << shift, rto_max)
);

  // Stage 1: differences of what comes out of the tables.
  logic [31:0] ts_d_q2, rt_d_q2, now_q2, g_q2;
  logic [16:0] nsr_q2;  // now (or 0) - SRtt / 8, low bits
  logic [15:0] srtt_q2, rttvar_q2, rv34_q2;
  logic ts_en_q2;
  always_ff @(posedge clk_i) begin
    ts_d_q2   <= ts_delta_s1 - ts_ecr_s1;
    rt_d_q2   <= now_s1 - rtt_time_s1;
    nsr_q2    <= (ts_en_s1 ? now_s1[16:0] : 17'd0) - {4'd0, srtt_s1[15:3]};
    g_q2      <= now_s1 - last_send_s1;
    rv34_q2   <= rttvar_s1 - {2'd0, rttvar_s1[15:2]};
    srtt_q2   <= srtt_s1;
    rttvar_q2 <= rttvar_s1;
    now_q2    <= now_s1;
    ts_en_q2  <= ts_en_s1;
  end

  // Stage 2: the sample m, and its error against the mean. m beyond 2^15 - 1 does not count;
  // within, 17 bits hold the error.
  logic [31:0] base_s2;
  assign base_s2 = ts_en_q2 ? ts_d_q2 : rt_d_q2;

  logic [31:0] m_q3, g_q3, now_q3;
  logic [16:0] err_q3;
  logic [15:0] srtt_q3, rttvar_q3, rv34_q3;
  logic use_q3, first_q3, g_lo_q3, g_hi_q3;
  always_ff @(posedge clk_i) begin
    m_q3      <= base_s2 + (ts_en_q2 ? now_q2 : 32'd0);
    err_q3    <= base_s2[16:0] + nsr_q2;
    use_q3    <= sample_s2;
    first_q3  <= srtt_q2 == '0 && rttvar_q2 == '0;
    g_lo_q3   <= g_q2 > p_i.rto_min;
    g_hi_q3   <= g_q2 > p_i.rto_max;
    g_q3      <= g_q2;
    now_q3    <= now_q2;
    rv34_q3   <= rv34_q2;
    srtt_q3   <= srtt_q2;
    rttvar_q3 <= rttvar_q2;
  end

  // Stage 3: new mean and variation, not yet limited; 18 bits, the mean signed.
  logic [17:0] srtt_later_s3, rttvar_later_s3;
  assign srtt_later_s3   = {2'd0, srtt_q3} + {err_q3[16], err_q3};
  assign rttvar_later_s3 = {2'd0, rv34_q3} + {1'b0, err_q3 ^ {17{err_q3[16]}}} + 18'(err_q3[16]);

  logic [31:0] g_q4, now_q4;
  logic [18:0] srtt_new_q4;  // signed
  logic [17:0] rttvar_new_q4;
  logic [15:0] srtt_q4, rttvar_q4;
  logic take_q4, never_q4, g_lo_q4, g_hi_q4;
  always_ff @(posedge clk_i) begin
    srtt_new_q4   <= first_q3 ? {1'b0, m_q3[14:0], 3'd0} : {srtt_later_s3[17], srtt_later_s3};
    rttvar_new_q4 <= first_q3 ? {2'd0, m_q3[14:0], 1'b0} : rttvar_later_s3;
    take_q4       <= use_q3 && m_q3[31:15] == '0;
    never_q4      <= first_q3 && !(use_q3 && m_q3[31:15] == '0);
    g_lo_q4       <= g_lo_q3;
    g_hi_q4       <= g_hi_q3;
    g_q4          <= g_q3;
    now_q4        <= now_q3;
    srtt_q4       <= srtt_q3;
    rttvar_q4     <= rttvar_q3;
  end

  // Stage 4: limits, then their sum.
  logic [15:0] srtt_s4, rttvar_s4;
  logic [16:0] x_s4;
  always_comb begin
    srtt_s4   = srtt_q4;
    rttvar_s4 = rttvar_q4;
    if (take_q4) begin
      srtt_s4 = srtt_new_q4[15:0];
      if (srtt_new_q4[18] || srtt_new_q4[17:0] == '0) srtt_s4 = 16'd1;
      else if (srtt_new_q4[17:16] != '0) srtt_s4 = '1;
      rttvar_s4 = rttvar_new_q4[17:16] != '0 ? '1 : rttvar_new_q4[15:0];
    end
    x_s4 = {4'd0, srtt_s4[15:3]} + {1'b0, rttvar_s4 == '0 ? 16'd1 : rttvar_s4};
    if (never_q4) x_s4 = 17'd1000;
  end

  logic [31:0] g_q5, now_q5;
  logic [16:0] x_q5;
  logic g_lo_q5, g_hi_q5;
  always_ff @(posedge clk_i) begin
    srtt_s5   <= srtt_s4;
    rttvar_s5 <= rttvar_s4;
    x_q5      <= x_s4;
    g_lo_q5   <= g_lo_q4;
    g_hi_q5   <= g_hi_q4;
    g_q5      <= g_q4;
    now_q5    <= now_q4;
  end

  // Stage 5: lower limit; is the pause longer?
  logic [31:0] y_q6, now_q6;
  always_ff @(posedge clk_i) begin
    y_q6    <= {15'd0, x_q5} < p_i.rto_min ? p_i.rto_min : {15'd0, x_q5};
    idle_s6 <= g_hi_q5 || (g_lo_q5 && g_q5 > {15'd0, x_q5});
    now_q6  <= now_q5;
  end

  // Stage 6: back-off. Stage 7: upper limit, which shifting cannot undo. Stage 8: the deadline.
  logic [47:0] z_q7;
  logic [31:0] now_q7, z_s7, now_q8, z_q8;
  assign z_s7 = (z_q7[47:32] != '0 || z_q7[31:0] > p_i.rto_max) ? p_i.rto_max : z_q7[31:0];
  always_ff @(posedge clk_i) begin
    z_q7        <= {16'd0, y_q6} << shift_s6;
    now_q7      <= now_q6;
    now_q8      <= now_q7;
    z_q8        <= z_s7;
    deadline_s9 <= now_q8 + z_q8;
  end

endmodule
