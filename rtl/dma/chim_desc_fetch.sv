// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Reads 16-byte descriptors of a host ring ahead of their use, up to 64 bytes at a time, and hands
// them out one a clock. Hard part: never to read beyond what the host has produced, nor to ask for
// more than there is room for, since answers cannot be held back.
module chim_desc_fetch #(
  parameter int unsigned DataW = 64,
  parameter int unsigned Ahead = 16   // descriptors read ahead, power of two, 8 or more
) (
  input logic clk_i,
  input logic rst_ni,

  input logic        run_i,
  input logic [63:0] base_i,  // 64-byte aligned
  input logic [ 4:0] log2_i,  // entries
  input logic [31:0] host_i,  // produced by the host, free running

  output logic         desc_valid,
  input  logic         desc_ready,
  output logic [127:0] desc,

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

  output logic fault_o  // pulse: a read failed; the ring stops until reset
);
  localparam int unsigned AheadW = $clog2(Ahead);

  logic [    31:0] asked_q;  // descriptors asked for, free running
  logic [AheadW:0] room_q;  // descriptors there is room for
  logic            stopped_q;

  // Up to the next multiple of four, which never wraps inside: rings have at least four entries.
  logic [    31:0] waiting;
  logic [     2:0] n;
  assign waiting = host_i - asked_q;
  always_comb begin
    n = 3'd4 - {1'b0, asked_q[1:0]};
    if (waiting < 32'(n)) n = waiting[2:0];
  end
  logic [31:0] index;
  assign index     = asked_q & ((32'd1 << log2_i) - 1'b1);
  assign req_valid = run_i && !stopped_q && n != '0 && room_q >= (AheadW + 1)'(n);
  assign req_addr  = base_i + {28'd0, index, 4'd0};
  assign req_len   = {9'd0, n, 4'd0};

  logic pop;
  assign pop = desc_valid && desc_ready;

  always_ff @(posedge clk_i) begin
    if (req_valid && req_ready) asked_q <= asked_q + 32'(n);
    room_q <= room_q - ((req_valid && req_ready) ? (AheadW + 1)'(n) : '0) + (AheadW + 1)'(pop);
    if (rsp_valid && rsp_last && rsp_error) stopped_q <= 1'b1;
    if (!rst_ni || !run_i) begin
      asked_q   <= '0;
      room_q    <= (AheadW + 1)'(Ahead);
      stopped_q <= 1'b0;
    end
  end
  assign fault_o = rsp_valid && rsp_last && rsp_error;

  // Beats wait whole; descriptors are taken out of the oldest one.
  typedef struct packed {
    logic [DataW-1:0]         data;
    logic [$clog2(DataW/8):0] bytes;
  } beat_t;
  beat_t beat;
  logic beat_valid, beat_take, unused_room;
  // One beat carries half a descriptor (64 bits) or up to four.
  localparam int unsigned Beats = (DataW == 64) ? 2 * Ahead : Ahead;
  fifo_sync #(
    .T(beat_t),
    .Depth(Beats)
  ) u_beats (
    .clk_i,
    .rst_ni   (rst_ni && run_i),
    .in_data  ('{data: rsp_data, bytes: rsp_bytes}),
    .in_valid (rsp_valid && !rsp_error && !stopped_q),
    .in_ready (unused_room),
    .out_data (beat),
    .out_valid(beat_valid),
    .out_ready(beat_take),
    .level_o  ()
  );

  if (DataW == 64) begin : g_half
    logic have_low_q;
    logic [63:0] low_q;
    assign desc       = {beat.data, low_q};
    assign desc_valid = beat_valid && have_low_q;
    assign beat_take  = !have_low_q || desc_ready;
    always_ff @(posedge clk_i) begin
      if (beat_valid && beat_take) begin
        low_q      <= beat.data;
        have_low_q <= !have_low_q;
      end
      if (!rst_ni || !run_i) have_low_q <= 1'b0;
    end
    logic unused_bytes;
    assign unused_bytes = &{1'b0, beat.bytes};
  end else begin : g_whole
    localparam int unsigned Lanes = DataW / 128;
    logic [1:0] lane_q;
    logic last_lane;
    always_comb begin
      desc = '0;
      for (int unsigned i = 0; i < Lanes; i++) begin
        if (32'(lane_q) == i) desc = beat.data[128*i+:128];
      end
    end
    assign last_lane  = {2'd0, lane_q, 4'd0} + 8'd16 == 8'(beat.bytes);
    assign desc_valid = beat_valid;
    assign beat_take  = desc_ready && last_lane;
    always_ff @(posedge clk_i) begin
      if (pop) lane_q <= last_lane ? '0 : lane_q + 1'b1;
      if (!rst_ni || !run_i) lane_q <= '0;
    end
  end
endmodule
