// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Cuts bursts into segment commands, one a clock. Hard part: an express segment, the first of a
// burst that is still in the pass pipeline, may overtake only if nothing of its connection waits
// here, so it is taken only when nothing waits at all; its burst then comes without it.
`include "chim_assert.svh"

module chim_segmenter
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
#(
  parameter int unsigned Depth = 16  // bursts, a power of two
) (
  input logic clk_i,
  input logic rst_ni,

  // Bursts: the user keeps count of the room.
  input  logic   burst_valid,
  input  burst_t burst,
  output logic   burst_taken_o, // one place is free again

  // Express: offered for one clock.
  input  logic    express_valid,
  output logic    express_ready,
  input  tx_cmd_t express,

  output logic    tx_data_valid,
  input  logic    tx_data_ready,
  output tx_cmd_t tx_data,

  output logic [COUNTER_COUNT-1:0] cnt_o,
  output logic idle_o
);
  burst_t head;
  logic head_valid, head_ready, in_ready;
  logic [$clog2(Depth+2)-1:0] level;

  fifo_sync #(
    .Depth(Depth),
    .T    (burst_t)
  ) u_bursts (
    .clk_i,
    .rst_ni,
    .in_data  (burst),
    .in_valid (burst_valid),
    .in_ready,
    .out_data (head),
    .out_valid(head_valid),
    .out_ready(head_ready),
    .level_o  (level)
  );

  // Segments of the head that have left.
  logic begun_q;
  seq_t seq_q;
  nseg_t left_q, again_q;

  logic out_free, last, emit;
  nseg_t left, again;
  seq_t seq;
  assign out_free      = !tx_data_valid || tx_data_ready;
  assign emit          = out_free && head_valid;
  assign left          = begun_q ? left_q : head.n;
  assign again         = begun_q ? again_q : head.again;
  assign seq           = begun_q ? seq_q : head.seq;
  assign last          = left <= NSEG_W'(1);
  assign head_ready    = out_free && last;
  assign burst_taken_o = head_valid && head_ready;
  assign express_ready = out_free && !head_valid;

  tx_cmd_t cmd;
  always_comb begin
    cmd         = '0;
    cmd.kind    = head.kind;
    cmd.conn    = head.conn;
    cmd.seq     = seq;
    cmd.len     = last ? 16'(head.last_len) : 16'(head.mss);
    cmd.fin     = last && head.fin;
    cmd.psh     = last && head.psh;
    cmd.has_una = !begun_q && head.has_una;
    cmd.una     = head.una;
  end

  always_ff @(posedge clk_i) begin
    if (out_free) begin
      tx_data_valid <= head_valid || express_valid;
      tx_data <= head_valid ? cmd : express;
    end
    if (emit) begin
      begun_q <= !last;
      seq_q   <= seq + 32'(head.mss);
      left_q  <= left - NSEG_W'(1);
      again_q <= again == '0 ? '0 : again - NSEG_W'(1);
    end
    if (!rst_ni) begin
      tx_data_valid <= 1'b0;
      begun_q <= 1'b0;
    end
  end

  // Counted when they are cut, in a register: nothing waits for it.
  logic data, first_time;
  assign data = emit && head.kind == TX_DATA;
  assign first_time = again == '0;
  always_ff @(posedge clk_i) begin
    cnt_o                         <= '0;
    cnt_o[COUNTER_TX_SEGS]        <= (data && first_time) || (express_valid && express_ready);
    cnt_o[COUNTER_TX_RETRANSMITS] <= data && !first_time;
    cnt_o[COUNTER_TX_FIN]         <= data && first_time && cmd.fin;
    cnt_o[COUNTER_TX_RSTS]        <= emit && head.kind == TX_RST;
    if (!rst_ni) cnt_o <= '0;
  end

  assign idle_o = !head_valid && !tx_data_valid && level == '0;

  `CHIM_ASSERT(ast_room, in_ready || !burst_valid)
endmodule
