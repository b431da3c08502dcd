// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Front of the receive path on the wire's side: admits frames, feeds parser and buffer, keeps keys
// and records until they are asked for. Hard part: the MAC is never stopped, so a frame is admitted
// at its first beat only if every queue has room for it, and else dropped whole and counted.
module chim_rx_front
  import chim_contract_pkg::*;
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW = 64  // bus width in bits
) (
  input logic clk_i,
  input logic rst_ni,

  input logic [47:0] mac_i,
  input logic        promiscuous_i,

  input  logic [  DataW-1:0] s_axis_mac_tdata,
  input  logic [DataW/8-1:0] s_axis_mac_tkeep,
  input  logic               s_axis_mac_tlast,
  input  logic               s_axis_mac_tuser,
  input  logic               s_axis_mac_tvalid,
  output logic               s_axis_mac_tready,  // always 1

  // To the frame buffer, and the place of each frame one clock after its last beat.
  output logic      [DataW-1:0] store_data_o,
  output logic                  store_first_o,
  output logic                  store_last_o,
  output logic                  store_valid_o,
  input  rx_place_t             store_place_i,

  // To the lookup, in the order of the frames; frames without a key ask for nothing.
  output logic     key_valid,
  input  logic     key_ready,
  output lkp_key_t key,

  // Frames in order, options walked.
  output logic      frame_valid,
  input  logic      frame_take_i,
  output rx_frame_t frame,

  output logic dropped_o,  // pulse: not admitted
  output logic arrived_o,  // pulse: a frame ended, admitted or not
  output logic idle_o
);
  localparam bit Wide = DataW > 64;
  // Frames that may be between their first beat and the join: depth of every queue.
  localparam int unsigned Depth = 16;
  localparam int unsigned CreditW = $clog2(Depth + 1);
  // Clocks from the last beat to the parser's record, less the one of the buffer's place.
  localparam int unsigned PlaceDelay = Wide ? 4 : 0;

  // ---- admission ----
  logic first_q, skip_q, admit, room, beat;
  logic [CreditW-1:0] credit_q;  // frames that may still come in
  assign room = credit_q != '0;
  assign admit = first_q ? room : !skip_q;
  assign beat = s_axis_mac_tvalid && admit;
  assign s_axis_mac_tready = 1'b1;
  always_ff @(posedge clk_i) begin
    if (s_axis_mac_tvalid) begin
      first_q <= s_axis_mac_tlast;
      if (first_q) skip_q <= !room;
    end
    credit_q <= credit_q - CreditW'(beat && first_q) + CreditW'(frame_take_i);
    if (!rst_ni) begin
      first_q  <= 1'b1;
      credit_q <= CreditW'(Depth);
    end
  end
  assign dropped_o = s_axis_mac_tvalid && s_axis_mac_tlast && !admit;
  assign arrived_o = s_axis_mac_tvalid && s_axis_mac_tlast;

  assign store_data_o = s_axis_mac_tdata;
  assign store_first_o = first_q;
  assign store_last_o = s_axis_mac_tlast;
  assign store_valid_o = beat;

  // ---- parser ----
  logic parsed_valid, parsed_ready, rec_valid, rec_lost;
  lkp_key_t  parsed_key;
  rx_rec_t   rec;
  tcp_opts_t rec_opts;
  chim_rx_parse #(
    .DataW(DataW),
    .Keyed(1'b1)
  ) u_parse (
    .clk_i,
    .rst_ni,
    .mac_i,
    .promiscuous_i,
    .beat_data_i (s_axis_mac_tdata),
    .beat_keep_i (s_axis_mac_tkeep),
    .beat_last_i (s_axis_mac_tlast),
    .beat_bad_i  (s_axis_mac_tuser),
    .beat_valid_i(beat),
    .key_valid   (parsed_valid),
    .key_ready   (parsed_ready),
    .key         (parsed_key),
    .rec_valid_o (rec_valid),
    .rec_o       (rec),
    .rec_opts_o  (rec_opts),
    .rec_lost_o  (rec_lost)
  );

  if (Wide) begin : g_keys
    logic unused_ready;
    fifo_sync #(
      .T(lkp_key_t),
      .Depth(Depth)
    ) u_keys (
      .clk_i,
      .rst_ni,
      .in_data  (parsed_key),
      .in_valid (parsed_valid),
      .in_ready (unused_ready),
      .out_data (key),
      .out_valid(key_valid),
      .out_ready(key_ready),
      .level_o  ()
    );
    assign parsed_ready = 1'b1;
  end else begin : g_key
    assign key = parsed_key;
    assign key_valid = parsed_valid;
    assign parsed_ready = key_ready;
  end

  rx_place_t place;
  if (PlaceDelay != 0) begin : g_place_delay
    rx_place_t [PlaceDelay-1:0] place_q;
    always_ff @(posedge clk_i) place_q <= {place_q[PlaceDelay-2:0], store_place_i};
    assign place = place_q[PlaceDelay-1];
  end else begin : g_place_now
    assign place = store_place_i;
  end

  // ---- records, and the options of those that need a walk ----
  rx_frame_t frame_in, frame_out;
  logic frame_out_valid, unused_frame_ready, unused_opts_ready;
  always_comb begin
    frame_in.rec   = rec;
    frame_in.place = place;
    if (rec_lost) frame_in.place.over = 1'b1;
  end
  fifo_sync #(
    .T(rx_frame_t),
    .Depth(Depth)
  ) u_frames (
    .clk_i,
    .rst_ni,
    .in_data  (frame_in),
    .in_valid (rec_valid),
    .in_ready (unused_frame_ready),
    .out_data (frame_out),
    .out_valid(frame_out_valid),
    .out_ready(frame_take_i),
    .level_o  ()
  );

  typedef struct packed {
    logic [3:0] words;
    tcp_opts_t  opts;
  } walk_t;
  walk_t walk_in, walk;
  logic walk_valid, walk_ready, walked, malformed, has_ts;
  logic [31:0] ts_val, ts_ecr;
  assign walk_in = '{words: rec.opt_words, opts: rec_opts};
  fifo_sync #(
    .T(walk_t),
    .Depth(Depth)
  ) u_walks (
    .clk_i,
    .rst_ni,
    .in_data  (walk_in),
    .in_valid (rec_valid && rec.walk),
    .in_ready (unused_opts_ready),
    .out_data (walk),
    .out_valid(walk_valid),
    .out_ready(walk_ready),
    .level_o  ()
  );
  chim_rx_opts u_opts (
    .clk_i,
    .rst_ni,
    .in_valid     (walk_valid),
    .in_ready     (walk_ready),
    .in_opts      (walk.opts),
    .in_words     (walk.words),
    .out_valid    (walked),
    .out_ready    (frame_take_i && frame_out.rec.walk),
    .out_malformed(malformed),
    .out_has_ts   (has_ts),
    .out_ts_val   (ts_val),
    .out_ts_ecr   (ts_ecr)
  );

  assign frame_valid = frame_out_valid && (!frame_out.rec.walk || walked);
  always_comb begin
    frame = frame_out;
    if (frame_out.rec.walk) begin
      frame.rec.malformed = malformed;
      frame.rec.has_ts    = has_ts;
      frame.rec.ts_val    = ts_val;
      frame.rec.ts_ecr    = ts_ecr;
    end
  end

  assign idle_o = credit_q == CreditW'(Depth) && first_q;

  logic unused_bits;
  assign unused_bits = &{1'b0, unused_frame_ready, unused_opts_ready};
endmodule
