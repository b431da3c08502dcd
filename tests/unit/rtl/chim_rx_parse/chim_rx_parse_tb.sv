// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The parser with its structures flattened for the bench.
module chim_rx_parse_tb
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW = 64,
  parameter bit Keyed = 1'b1
) (
  input logic               clk_i,
  input logic               rst_ni,
  input logic [       47:0] mac_i,
  input logic               promiscuous_i,
  input logic [  DataW-1:0] beat_data_i,
  input logic [DataW/8-1:0] beat_keep_i,
  input logic               beat_last_i,
  input logic               beat_bad_i,
  input logic               beat_valid_i,

  output logic         key_valid,
  input  logic         key_ready,
  output logic         key_ipv6,
  output logic [ 15:0] key_local_port,
  output logic [ 15:0] key_remote_port,
  output logic [127:0] key_local,
  output logic [127:0] key_remote,

  output logic         rec_valid,
  output logic         rec_lost,
  output logic [ 10:0] rec_flags,
  output logic [ 15:0] rec_tci,
  output logic [ 15:0] rec_len,
  output logic [ 15:0] rec_pay_off,
  output logic [ 15:0] rec_pay_len,
  output logic [ 31:0] rec_seq,
  output logic [ 31:0] rec_ack,
  output logic [ 15:0] rec_wnd,
  output logic [  7:0] rec_tcp_flags,
  output logic         rec_has_ts,
  output logic [ 31:0] rec_ts_val,
  output logic [ 31:0] rec_ts_ecr,
  output logic [  3:0] rec_opt_words,
  output logic [319:0] rec_opts
);
  lkp_key_t  key;
  rx_rec_t   rec;
  tcp_opts_t opts;
  chim_rx_parse #(
    .DataW(DataW),
    .Keyed(Keyed)
  ) u_dut (
    .*,
    .rec_valid_o(rec_valid),
    .rec_o      (rec),
    .rec_opts_o (opts),
    .rec_lost_o (rec_lost)
  );
  assign key_ipv6 = key.ipv6;
  assign key_local_port = key.local_port;
  assign key_remote_port = key.remote_port;
  assign key_local = key.local_addr;
  assign key_remote = key.remote_addr;
  assign rec_flags = {
    rec.has_tag,
    rec.walk,
    rec.malformed,
    rec.options,
    rec.keyed,
    rec.tcp,
    rec.bad_tcp,
    rec.bad_ip,
    rec.truncated,
    rec.filtered,
    rec.bad
  };
  assign rec_tci = rec.tci;
  assign rec_len = 16'(rec.len);
  assign rec_pay_off = 16'(rec.pay_off);
  assign rec_pay_len = 16'(rec.pay_len);
  assign rec_seq = rec.seq;
  assign rec_ack = rec.ack;
  assign rec_wnd = rec.wnd;
  assign rec_tcp_flags = rec.flags;
  assign rec_has_ts = rec.has_ts;
  assign rec_ts_val = rec.ts_val;
  assign rec_ts_ecr = rec.ts_ecr;
  assign rec_opt_words = rec.opt_words;
  for (genvar i = 0; i < 10; i++) begin : g_opts
    assign rec_opts[32*i+:32] = opts.late ? opts.word[i+1] : opts.word[i];
  end
endmodule
