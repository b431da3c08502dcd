// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Firmware's DMA: one transfer at a time between host memory and a stream of 64-bit words. Hard
// part: the bus is as wide as the data path, firmware's side is 64 bits, and neither read answers
// nor write data may be held back, so a transfer is buffered whole.
module chim_soc_dma #(
  parameter int unsigned DataW = 64,
  parameter int unsigned MaxBytes = 4096  // longest transfer
) (
  input logic clk_i,
  input logic rst_ni,

  input  logic        sdma_cmd_valid,
  output logic        sdma_cmd_ready,
  input  logic [63:0] sdma_cmd_host,   // multiple of 8
  input  logic [15:0] sdma_cmd_len,    // multiple of 8, 8..MaxBytes
  input  logic        sdma_cmd_write,  // 1: to host memory

  output logic [63:0] sdma_rd_data,
  output logic        sdma_rd_valid,
  input  logic        sdma_rd_ready,
  input  logic [63:0] sdma_wr_data,
  input  logic        sdma_wr_valid,
  output logic        sdma_wr_ready,
  output logic        sdma_done,      // pulse, after the last word
  output logic        sdma_error,     // with sdma_done: bus error

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

  // To chim_dma_write.
  output logic             cmd_valid,
  input  logic             cmd_ready,
  output logic [     63:0] cmd_addr,
  output logic [     15:0] cmd_len,
  output logic             wd_valid,
  input  logic             wd_ready,
  output logic [DataW-1:0] wd_data,
  input  logic             done_valid,
  input  logic             done_error
);
  localparam int unsigned Lanes = DataW / 64;
  localparam int unsigned LaneCW = (Lanes > 1) ? $clog2(Lanes) : 1;
  localparam int unsigned Beats = MaxBytes * 8 / DataW;

  typedef enum logic [2:0] {
    IDLE,
    ASK,      // read asked for
    READ,     // words go to firmware
    COLLECT,  // words come from firmware
    SEND,     // range given to the writer
    WRITTEN   // wait for the response
  } state_e;
  state_e state_q;

  logic [63:0] addr_q;
  logic [15:0] len_q;
  logic [12:0] words_q;  // 64-bit words still to pass firmware's side
  logic [LaneCW-1:0] lane_q;
  logic error_q, got_last_q;

  assign sdma_cmd_ready = state_q == IDLE;
  assign req_valid = state_q == ASK;
  assign req_addr = addr_q;
  assign req_len = len_q;
  assign cmd_valid = state_q == SEND;
  assign cmd_addr = addr_q;
  assign cmd_len = len_q;

  // One queue of beats serves both directions.
  logic [DataW-1:0] pack_q, pack_d, beat, beat_in;
  logic beat_valid, beat_take, beat_put, unused_room;
  logic last_lane, pass;
  assign last_lane = (32'(lane_q) == Lanes - 1) || words_q == 13'd1;
  assign sdma_rd_valid = state_q == READ && beat_valid && words_q != '0;
  always_comb begin
    sdma_rd_data = '0;
    for (int unsigned i = 0; i < Lanes; i++) begin
      if (32'(lane_q) == i) sdma_rd_data = beat[64*i+:64];
    end
    pack_d = pack_q;
    for (int unsigned i = 0; i < Lanes; i++) begin
      if (32'(lane_q) == i) pack_d[64*i+:64] = sdma_wr_data;
    end
  end
  assign sdma_wr_ready = state_q == COLLECT && words_q != '0;
  assign pass = (sdma_rd_valid && sdma_rd_ready) || (sdma_wr_ready && sdma_wr_valid);
  assign beat_put = (state_q == COLLECT) ? pass && last_lane : rsp_valid;
  assign beat_in = (state_q == COLLECT) ? pack_d : rsp_data;
  assign wd_valid = (state_q == SEND || state_q == WRITTEN) && beat_valid;
  assign wd_data = beat;
  assign beat_take = (state_q == READ) ? pass && last_lane : wd_valid && wd_ready;

  fifo_sync #(
    .Width  (DataW),
    .Depth  (Beats),
    .UseBram(1'b1)
  ) u_beats (
    .clk_i,
    .rst_ni,
    .in_data  (beat_in),
    .in_valid (beat_put),
    .in_ready (unused_room),
    .out_data (beat),
    .out_valid(beat_valid),
    .out_ready(beat_take),
    .level_o  ()
  );

  always_ff @(posedge clk_i) begin
    sdma_done <= 1'b0;
    if (pass) begin
      words_q <= words_q - 1'b1;
      lane_q  <= last_lane ? '0 : lane_q + 1'b1;
      pack_q  <= pack_d;
    end
    if (rsp_valid && rsp_last) begin
      got_last_q <= 1'b1;
      error_q    <= rsp_error;
    end
    unique case (state_q)
      IDLE: begin
        addr_q     <= sdma_cmd_host;
        len_q      <= sdma_cmd_len;
        words_q    <= sdma_cmd_len[15:3];
        lane_q     <= '0;
        error_q    <= 1'b0;
        got_last_q <= 1'b0;
        if (sdma_cmd_valid) state_q <= sdma_cmd_write ? COLLECT : ASK;
      end
      ASK: if (req_ready) state_q <= READ;
      READ: begin
        if (words_q == '0 && got_last_q) begin
          sdma_done  <= 1'b1;
          sdma_error <= error_q;
          state_q    <= IDLE;
        end
      end
      COLLECT: if (words_q == '0) state_q <= SEND;
      SEND: if (cmd_ready) state_q <= WRITTEN;
      WRITTEN: begin
        if (done_valid) begin
          sdma_done  <= 1'b1;
          sdma_error <= done_error;
          state_q    <= IDLE;
        end
      end
      default: state_q <= IDLE;
    endcase
    if (!rst_ni) begin
      state_q   <= IDLE;
      sdma_done <= 1'b0;
    end
  end

  logic unused_bytes;
  assign unused_bytes = &{1'b0, rsp_bytes};
endmodule
