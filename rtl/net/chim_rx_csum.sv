// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Sums of a received frame: its IPv4 header, and its TCP segment with the addresses of the pseudo
// header, of the words and bytes that a mask names. Hard part: at 64 bits a beat must be in the sum
// one clock after it arrived, on wider buses there are too many words to add in one clock.
//
// One's complement sums (RFC 1071) are kept unfolded: two folds of a sum are equal modulo 65,535,
// so one addition of carries before the comparison is enough.
//
// Latency from a beat to the sums: 1 clock at 64 bits, 3 above.
module chim_rx_csum #(
  parameter int unsigned DataW = 64,  // bus width: 64, 128, 256 or 512 bits
  localparam int unsigned Lanes = DataW / 32
) (
  input logic clk_i,

  input logic valid_i,
  input logic first_i,
  input logic [Lanes-1:0][31:0] word_i,
  input logic [15:0] tail_i,  // two bytes behind the last word; counted where enabled
  // Bytes, first byte of word 0 in bit 0; the last two are the tail's.
  input logic [4*Lanes+1:0] tcp_mask_i,
  input logic [Lanes-1:0] ip_mask_i,  // words

  output logic [16:0] tcp_sum_o,  // a right segment: 65,535 less what the caller has not summed
  output logic [16:0] ip_sum_o    // a right header: 65,535
);
  localparam bit Wide = DataW > 64;
  localparam int unsigned SumW = 16 + $clog2(2 * Lanes + 1);
  localparam int unsigned AccW = SumW + 1;
  typedef logic [SumW-1:0] sum_t;
  typedef logic [AccW-1:0] acc_t;

  logic [2*Lanes:0][15:0] tcp_half, ip_half;
  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      for (int unsigned h = 0; h < 2; h++) begin
        tcp_half[2*l+h] = {
          tcp_mask_i[4*l+2*h] ? word_i[l][31-16*h-:8] : 8'd0,
          tcp_mask_i[4*l+2*h+1] ? word_i[l][23-16*h-:8] : 8'd0
        };
        ip_half[2*l+h] = ip_mask_i[l] ? word_i[l][31-16*h-:16] : 16'd0;
      end
    end
    tcp_half[2*Lanes] = {
      tcp_mask_i[4*Lanes] ? tail_i[15:8] : 8'd0, tcp_mask_i[4*Lanes+1] ? tail_i[7:0] : 8'd0
    };
    ip_half[2*Lanes] = '0;
  end

  function automatic sum_t add(logic [2*Lanes:0][15:0] half);
    sum_t s;
    s = '0;
    for (int unsigned h = 0; h <= 2 * Lanes; h++) s = s + SumW'(half[h]);
    return s;
  endfunction
  function automatic acc_t accumulate(acc_t old, sum_t more);
    return AccW'(old[15:0]) + AccW'(old[AccW-1:16]) + AccW'(more);
  endfunction

  acc_t tcp_acc_q, ip_acc_q;
  if (Wide) begin : g_wide
    logic valid1_q, valid2_q, first1_q, first2_q;
    logic [2*Lanes:0][15:0] tcp1_q, ip1_q;
    sum_t tcp2_q, ip2_q;
    always_ff @(posedge clk_i) begin
      valid1_q <= valid_i;
      first1_q <= first_i;
      tcp1_q   <= tcp_half;
      ip1_q    <= ip_half;
      valid2_q <= valid1_q;
      first2_q <= first1_q;
      tcp2_q   <= add(tcp1_q);
      ip2_q    <= add(ip1_q);
      if (valid2_q) begin
        tcp_acc_q <= accumulate(first2_q ? '0 : tcp_acc_q, tcp2_q);
        ip_acc_q  <= accumulate(first2_q ? '0 : ip_acc_q, ip2_q);
      end
    end
  end else begin : g_now
    always_ff @(posedge clk_i) begin
      if (valid_i) begin
        tcp_acc_q <= accumulate(first_i ? '0 : tcp_acc_q, add(tcp_half));
        ip_acc_q  <= accumulate(first_i ? '0 : ip_acc_q, add(ip_half));
      end
    end
  end
  assign tcp_sum_o = 17'(tcp_acc_q[15:0]) + 17'(tcp_acc_q[AccW-1:16]);
  assign ip_sum_o  = 17'(ip_acc_q[15:0]) + 17'(ip_acc_q[AccW-1:16]);

endmodule
