// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Plain transmit ring: whole Ethernet frames from host memory to the wire, or, forwarded, into the
// receive path. Hard part: many frames are on their way from memory at once, but they, the notices
// that carry no frame, and the ring's consumer index leave strictly in ring order.
module chim_ptx
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
#(
  parameter int unsigned DataW     = 64,
  parameter int unsigned FifoBeats = 512  // frame bytes read ahead, in beats, power of two
) (
  input logic clk_i,
  input logic rst_ni,

  input  logic             run_i,
  input  logic             desc_valid,
  output logic             desc_ready,
  input  ptx_desc_t        desc,
  output logic      [31:0] device_o,    // descriptors finished with, free running

  // To chim_dma_read.
  output logic                     req_valid,
  input  logic                     req_ready,
  output logic [             63:0] req_addr,
  output logic [             15:0] req_len,
  input  logic                     rsp_valid,
  input  logic [        DataW-1:0] rsp_data,
  input  logic [$clog2(DataW/8):0] rsp_bytes,
  input  logic                     rsp_last,
  input  logic                     rsp_error,

  // Frames for the wire and frames for the receive path: the same beats, one of the two valid.
  // tuser at tlast: could not be read, drop it.
  output logic [  DataW-1:0] m_axis_tdata,
  output logic [DataW/8-1:0] m_axis_tkeep,
  output logic               m_axis_tlast,
  output logic               m_axis_tuser,
  output logic               m_axis_plain_tvalid,
  input  logic               m_axis_plain_tready,
  output logic               m_axis_inject_tvalid,
  input  logic               m_axis_inject_tready,

  // Connection of an injected frame (stable while its beats are valid), or of a frame given up.
  output conn_t             conn_o,
  output logic  [GEN_W-1:0] gen_o,
  output logic              held_o,         // the injected frame was a held one
  output logic              give_up_valid,
  input  logic              give_up_ready,

  output logic [COUNTER_COUNT-1:0] cnt_o,
  output logic                     idle_o
);
  localparam int unsigned Bytes = DataW / 8;
  localparam int unsigned LaneW = $clog2(Bytes);
  localparam int unsigned PieceMax = 512;  // bytes of one read: a multiple of every bus width
  localparam int unsigned CreditW = $clog2(FifoBeats) + 1;

  typedef struct packed {
    logic             skip;     // refused: nothing comes
    logic             give_up;
    logic             inject;
    logic             held;
    logic [15:0]      len;
    conn_t            conn;
    logic [GEN_W-1:0] gen;
  } frame_t;

  // ---- ask for the bytes of the oldest descriptor, piece by piece
  // -----------------------------------
  logic [15:0] at_q;  // bytes of it asked for
  logic [15:0] left, piece;
  logic [CreditW-1:0] credit_q, beats;
  logic good, has_frame, frame_ready, ask_last, beat_out;
  frame_t frame_in, frame;

  assign left = desc.len - at_q;
  assign piece = (left > 16'(PieceMax)) ? 16'(PieceMax) : left;
  assign beats = CreditW'((piece + 16'(Bytes - 1)) >> LaneW);
  assign has_frame = desc.flags != 8'(PTX_GIVE_UP);
  always_comb begin
    unique case (desc.flags)
      8'd0, 8'(PTX_INJECT), 8'(PTX_INJECT | PTX_NOT_HELD):
      good = desc.len >= 16'd14 && desc.len <= 16'(MAX_FRAME_BYTES);
      8'(PTX_GIVE_UP): good = desc.len == '0;
      default: good = 1'b0;
    endcase
    if (desc.reserved != '0 || desc.gen[7:GEN_W] != '0) good = 1'b0;
  end
  assign ask_last = left <= 16'(PieceMax);
  assign req_valid = desc_valid && good && has_frame && credit_q >= beats && frame_ready;
  assign req_addr = desc.addr + 64'(at_q);
  assign req_len = piece;
  assign desc_ready = frame_ready && (!(good && has_frame) || (req_valid && req_ready && ask_last));
  assign frame_in = '{
          skip: !good,
          give_up: good && !has_frame,
          inject: desc.flags != '0 && has_frame,
          held: desc.flags == 8'(PTX_INJECT),
          len: desc.len,
          conn: desc.conn,
          gen: desc.gen[GEN_W-1:0]
      };

  always_ff @(posedge clk_i) begin
    if (desc_valid && desc_ready) at_q <= '0;
    else if (req_valid && req_ready) at_q <= at_q + piece;
    credit_q <= credit_q - ((req_valid && req_ready) ? beats : '0) + CreditW'(beat_out);
    if (!rst_ni || !run_i) begin
      at_q     <= '0;
      credit_q <= CreditW'(FifoBeats);
    end
  end

  logic frame_valid, frame_take;
  fifo_sync #(
    .T(frame_t),
    .Depth(64)
  ) u_frames (
    .clk_i,
    .rst_ni   (rst_ni && run_i),
    .in_data  (frame_in),
    .in_valid (desc_valid && desc_ready),
    .in_ready (frame_ready),
    .out_data (frame),
    .out_valid(frame_valid),
    .out_ready(frame_take),
    .level_o  ()
  );

  // ---- frames leave in order
  // ------------------------------------------------------------------------
  typedef struct packed {
    logic [DataW-1:0] data;
    logic             error;
  } beat_t;
  beat_t beat;
  logic beat_valid, unused_room;
  fifo_sync #(
    .T(beat_t),
    .Depth(FifoBeats),
    .UseBram(1'b1)
  ) u_beats (
    .clk_i,
    .rst_ni   (rst_ni && run_i),
    .in_data  ('{data: rsp_data, error: rsp_last && rsp_error}),
    .in_valid (rsp_valid),
    .in_ready (unused_room),
    .out_data (beat),
    .out_valid(beat_valid),
    .out_ready(beat_out),
    .level_o  ()
  );

  logic [15:0] out_q, rest;  // bytes of the oldest frame gone; still to go
  logic bad_q, sink_ready, streams;
  assign rest = frame.len - out_q;
  assign streams = frame_valid && !frame.skip && !frame.give_up && beat_valid;
  assign sink_ready = frame.inject ? m_axis_inject_tready : m_axis_plain_tready;
  assign m_axis_plain_tvalid = streams && !frame.inject;
  assign m_axis_inject_tvalid = streams && frame.inject;
  assign beat_out = streams && sink_ready;
  assign m_axis_tdata = beat.data;
  assign m_axis_tlast = rest <= 16'(Bytes);
  assign m_axis_tuser = m_axis_tlast && (bad_q || beat.error);
  always_comb begin
    for (int unsigned i = 0; i < Bytes; i++) m_axis_tkeep[i] = 16'(i) < rest;
  end
  assign conn_o = frame.conn;
  assign gen_o = frame.gen;
  assign held_o = frame.held;
  assign give_up_valid = frame_valid && frame.give_up;
  assign frame_take = frame_valid && (frame.skip || (frame.give_up && give_up_ready)
                                      || (beat_out && m_axis_tlast));

  always_ff @(posedge clk_i) begin
    if (beat_out) begin
      out_q <= m_axis_tlast ? '0 : out_q + 16'(Bytes);
      bad_q <= !m_axis_tlast && (bad_q || beat.error);
    end
    if (frame_take) device_o <= device_o + 1'b1;
    if (!rst_ni || !run_i) begin
      out_q    <= '0;
      bad_q    <= 1'b0;
      device_o <= '0;
    end
  end

  always_comb begin
    cnt_o = '0;
    cnt_o[COUNTER_TX_PLAIN]    = frame_take && !frame.skip && !frame.give_up && !frame.inject;
    cnt_o[COUNTER_TX_BAD_DESC] = frame_take && frame.skip;
  end
  assign idle_o = !frame_valid && !desc_valid;

  logic unused_bytes;
  assign unused_bytes = &{1'b0, rsp_bytes};
endmodule
