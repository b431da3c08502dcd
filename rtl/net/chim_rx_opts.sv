// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Walk over TCP options that do not have the usual layout: finds the timestamps, or says that the
// options are malformed. Hard part: it is bounded (a byte per clock, 40 at most, each looked at
// once), because frames behind it wait.
//
// RFC 9293 3.1 (kinds 0 and 1 are single bytes, every other kind has a length that counts both),
// RFC 7323 3.2 (kind 8, length 10). Malformed: a length below 2 or beyond the header, timestamps of
// another length than 10. What follows the end-of-list option is not looked at.
module chim_rx_opts
  import chim_net_pkg::*;
(
  input logic clk_i,
  input logic rst_ni,

  input  logic            in_valid,
  output logic            in_ready,  // with the result's transfer: the options stay at the input
  input  tcp_opts_t       in_opts,
  input  logic      [3:0] in_words,  // words of options, 1..10

  output logic        out_valid,
  input  logic        out_ready,
  output logic        out_malformed,
  output logic        out_has_ts,
  output logic [31:0] out_ts_val,
  output logic [31:0] out_ts_ecr
);
  typedef enum logic [2:0] {
    START,
    KIND,   // at_q: a kind byte
    LEN,    // at_q: the length byte behind kind_q
    STAMP,  // at_q: the next byte of the timestamps, left_q to go
    DONE
  } state_e;
  state_e state_q;

  logic [5:0] at_q, end_q, next_q;  // bytes from the first option on
  logic [2:0] left_q;
  logic       stamps_q;  // the option is kind 8
  logic malformed_q, has_ts_q;
  logic [63:0] ts_q;

  logic [31:0] word, first;
  logic [63:0] stamps;
  logic [ 7:0] octet;
  assign first = in_opts.late ? in_opts.word[1] : in_opts.word[0];
  assign stamps = in_opts.late ? {in_opts.word[2], in_opts.word[3]}
                               : {in_opts.word[1], in_opts.word[2]};
  always_comb begin
    word = '0;
    for (int unsigned k = 0; k < 11; k++) begin
      if (at_q[5:2] + 4'(in_opts.late) == 4'(k)) word = in_opts.word[k];
    end
    octet = word[8*(3-32'(at_q[1:0]))+:8];
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      START: begin
        malformed_q <= 1'b0;
        has_ts_q    <= 1'b0;
        end_q       <= {in_words, 2'b0};
        at_q        <= '0;
        // Usual start with something else behind it (RFC 7323 appendix A).
        if (in_words >= 4'd3 && first == 32'h0101_080A) begin
          has_ts_q <= 1'b1;
          ts_q     <= stamps;
          at_q     <= 6'd12;
        end
        if (in_valid) state_q <= KIND;
      end
      KIND: begin
        stamps_q <= octet == 8'd8;
        at_q     <= at_q + 1'b1;
        if (at_q >= end_q || octet == 8'd0) state_q <= DONE;
        else if (octet != 8'd1) state_q <= LEN;
      end
      LEN: begin
        next_q <= at_q - 1'b1 + octet[5:0];
        at_q <= at_q - 1'b1 + octet[5:0];
        left_q <= '1;
        state_q <= KIND;
        if (at_q >= end_q || octet < 8'd2 || 9'(at_q) - 9'd1 + 9'(octet) > 9'(end_q)
            || (stamps_q && octet != 8'd10)) begin
          malformed_q <= 1'b1;
          state_q     <= DONE;
        end else if (stamps_q) begin
          at_q    <= at_q + 1'b1;
          state_q <= STAMP;
        end
      end
      STAMP: begin
        ts_q   <= {ts_q[55:0], octet};
        left_q <= left_q - 1'b1;
        at_q   <= at_q + 1'b1;
        if (left_q == '0) begin
          has_ts_q <= 1'b1;
          at_q     <= next_q;
          state_q  <= KIND;
        end
      end
      DONE: if (out_ready) state_q <= START;
      default: state_q <= START;
    endcase
    if (!rst_ni) state_q <= START;
  end

  assign out_valid     = state_q == DONE;
  assign in_ready      = out_valid && out_ready;
  assign out_malformed = malformed_q;
  assign out_has_ts    = has_ts_q;
  assign out_ts_val    = ts_q[63:32];
  assign out_ts_ecr    = ts_q[31:0];

endmodule
