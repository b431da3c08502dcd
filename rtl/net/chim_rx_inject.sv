// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Front of the receive path on the host's side: frames that the host forwards, parsed as if
// received. Hard part: none of the wire's queues; the host can wait, so the next frame is
// admitted when the one before has been joined, and the parser's own registers keep its record
// until then.
//
// The connection is named beside the frame and trusted as far as its generation goes (D12):
// address, key, destination MAC and tag are not compared again.
module chim_rx_inject
  import chim_contract_pkg::*;
  import chim_types_pkg::conn_t;
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW = 64  // bus width in bits
) (
  input logic clk_i,
  input logic rst_ni,

  input  logic  [  DataW-1:0] s_axis_inject_tdata,
  input  logic  [DataW/8-1:0] s_axis_inject_tkeep,
  input  logic                s_axis_inject_tlast,
  input  logic                s_axis_inject_tuser,
  input  logic                s_axis_inject_tvalid,
  output logic                s_axis_inject_tready,
  input  conn_t               inject_conn,           // stable while the frame's beats are valid
  input  logic  [  GEN_W-1:0] inject_gen,
  input  logic                inject_held,

  output logic      [DataW-1:0] store_data_o,
  output logic                  store_first_o,
  output logic                  store_valid_o,
  input  logic                  store_ready_i,
  input  rx_place_t             store_place_i,

  output logic                  frame_valid,
  input  logic                  frame_take_i,
  output rx_frame_t             frame,
  output conn_t                 frame_conn_o,
  output logic      [GEN_W-1:0] frame_gen_o,
  output logic                  frame_held_o,

  output logic idle_o
);
  logic first_q, busy_q, ended_q, beat;
  assign store_data_o = s_axis_inject_tdata;
  assign store_first_o = first_q;
  assign store_valid_o = s_axis_inject_tvalid && !(first_q && busy_q);
  assign s_axis_inject_tready = store_ready_i && !(first_q && busy_q);
  assign beat = s_axis_inject_tvalid && s_axis_inject_tready;

  logic rec_valid;
  rx_rec_t rec;
  tcp_opts_t rec_opts;
  logic unused_key_valid, unused_lost;
  lkp_key_t unused_key;
  chim_rx_parse #(
    .DataW(DataW),
    .Keyed(1'b0)
  ) u_parse (
    .clk_i,
    .rst_ni,
    .mac_i        ('0),
    .promiscuous_i(1'b0),
    .beat_data_i  (s_axis_inject_tdata),
    .beat_keep_i  (s_axis_inject_tkeep),
    .beat_last_i  (s_axis_inject_tlast),
    .beat_bad_i   (s_axis_inject_tuser),
    .beat_valid_i (beat),
    .key_valid    (unused_key_valid),
    .key_ready    (1'b1),
    .key          (unused_key),
    .rec_valid_o  (rec_valid),
    .rec_o        (rec),
    .rec_opts_o   (rec_opts),
    .rec_lost_o   (unused_lost)
  );

  always_ff @(posedge clk_i) begin
    if (beat) begin
      first_q <= s_axis_inject_tlast;
      if (first_q) begin
        busy_q       <= 1'b1;
        frame_conn_o <= inject_conn;
        frame_gen_o  <= inject_gen;
        frame_held_o <= inject_held;
      end
    end
    if (rec_valid) ended_q <= 1'b1;
    if (frame_take_i) begin
      ended_q <= 1'b0;
      busy_q  <= 1'b0;
    end
    if (!rst_ni) begin
      first_q <= 1'b1;
      busy_q  <= 1'b0;
      ended_q <= 1'b0;
    end
  end

  logic walked, walk_done, malformed, has_ts;
  logic [31:0] ts_val, ts_ecr;
  chim_rx_opts u_opts (
    .clk_i,
    .rst_ni,
    .in_valid     (ended_q && rec.walk),
    .in_ready     (walk_done),
    .in_opts      (rec_opts),
    .in_words     (rec.opt_words),
    .out_valid    (walked),
    .out_ready    (frame_take_i),
    .out_malformed(malformed),
    .out_has_ts   (has_ts),
    .out_ts_val   (ts_val),
    .out_ts_ecr   (ts_ecr)
  );

  assign frame_valid = ended_q && (!rec.walk || walked);
  always_comb begin
    frame.rec   = rec;
    frame.place = store_place_i;
    if (rec.walk) begin
      frame.rec.malformed = malformed;
      frame.rec.has_ts    = has_ts;
      frame.rec.ts_val    = ts_val;
      frame.rec.ts_ecr    = ts_ecr;
    end
  end
  assign idle_o = !busy_q;

  logic unused_bits;
  assign unused_bits = &{1'b0, unused_key_valid, unused_lost, unused_key, walk_done};
endmodule
