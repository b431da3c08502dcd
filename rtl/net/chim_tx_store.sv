// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Payload of segments on its way to the wire: kept whole, because its checksum precedes it, and
// summed while it comes in. Hard part: a segment that turns out unreadable at its last beat leaves
// no trace.
//
// A ring of beats. What is written becomes readable with the segment's last beat, together with its
// sum; a bad segment's beats are written over. Reads see the head before they take it.
module chim_tx_store
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW    = 64,     // bus width in bits
  parameter int unsigned BufBytes = 16384,  // a power of two, more than the longest payload
  parameter int unsigned Segments = 32      // segments kept, a power of two
) (
  input logic clk_i,
  input logic rst_ni,

  // Payload, from lane 0 on; tuser at tlast: it could not be read.
  input  logic [  DataW-1:0] s_axis_payload_tdata,
  input  logic [DataW/8-1:0] s_axis_payload_tkeep,
  input  logic               s_axis_payload_tlast,
  input  logic               s_axis_payload_tuser,
  input  logic               s_axis_payload_tvalid,
  output logic               s_axis_payload_tready,

  // Oldest whole segment: its sum (one's complement, not inverted), or bad.
  output logic        segment_valid_o,
  output logic        segment_bad_o,
  output logic [15:0] segment_sum_o,
  input  logic        segment_take_i,

  // Beats of the segments, good ones only.
  output logic [DataW-1:0] rd_data_o,
  output logic             rd_valid_o,
  input  logic             rd_take_i,

  output logic idle_o
);
  localparam int unsigned Bytes = DataW / 8;
  localparam int unsigned Halves = DataW / 16;
  localparam int unsigned Beats = BufBytes / Bytes;
  localparam int unsigned AddrW = $clog2(Beats);
  localparam int unsigned SumW = 16 + $clog2(Halves);

  if (BufBytes != 2 ** $clog2(BufBytes) || BufBytes < 16384) begin : g_check_buf
    $error("chim_tx_store: BufBytes must be a power of two, 16384 or more");
  end

  // ---- ring ----
  // Free-running, one bit more than the address.
  logic [AddrW:0] wr_q, good_q, rd_q;
  logic full, write, bad, fetch, head_q, note_ready;
  assign full = wr_q == {~rd_q[AddrW], rd_q[AddrW-1:0]};
  assign s_axis_payload_tready = !full && note_ready;
  assign write = s_axis_payload_tvalid && s_axis_payload_tready;
  assign bad = s_axis_payload_tuser;
  assign fetch = rd_q != good_q && (!head_q || rd_take_i);
  assign rd_valid_o = head_q;
  always_ff @(posedge clk_i) begin
    if (write) begin
      wr_q <= wr_q + 1'b1;
      if (s_axis_payload_tlast && bad) wr_q <= good_q;
      if (s_axis_payload_tlast && !bad) good_q <= wr_q + 1'b1;
    end
    if (fetch) rd_q <= rd_q + 1'b1;
    if (fetch) head_q <= 1'b1;
    else if (rd_take_i) head_q <= 1'b0;
    if (!rst_ni) begin
      wr_q   <= '0;
      good_q <= '0;
      rd_q   <= '0;
      head_q <= 1'b0;
    end
  end
  ram_1r1w #(
    .Width(DataW),
    .Depth(Beats)
  ) u_ram (
    .clk_i,
    .wr_en_i  (write),
    .wr_addr_i(wr_q[AddrW-1:0]),
    .wr_data_i(s_axis_payload_tdata),
    .rd_en_i  (fetch),
    .rd_addr_i(rd_q[AddrW-1:0]),
    .rd_data_o
  );

  // ---- sum ----
  // One clock to add the beat's halves, one to add it to the segment's.
  logic [SumW-1:0] beat_sum, beat_sum_q;
  logic [17:0] acc, acc_q;
  logic sum_q, first_q, last_q, bad_q, fresh_q, note_q, note_bad_q;
  always_comb begin
    beat_sum = '0;
    for (int unsigned h = 0; h < Halves; h++) begin
      logic [7:0] hi, lo;
      hi = s_axis_payload_tkeep[2*h] || !s_axis_payload_tlast ? s_axis_payload_tdata[16*h+:8] : '0;
      lo = s_axis_payload_tkeep[2*h+1] || !s_axis_payload_tlast
           ? s_axis_payload_tdata[16*h+8+:8] : '0;
      beat_sum = beat_sum + SumW'({hi, lo});
    end
    acc = (first_q ? 18'd0 : 18'(acc_q[15:0]) + 18'(acc_q[17:16]))
          + 18'(beat_sum_q[15:0]) + 18'(beat_sum_q[SumW-1:16]);
  end
  always_ff @(posedge clk_i) begin
    if (write) fresh_q <= s_axis_payload_tlast;
    sum_q      <= write;
    first_q    <= fresh_q;
    last_q     <= s_axis_payload_tlast;
    bad_q      <= bad;
    beat_sum_q <= beat_sum;
    if (sum_q) acc_q <= acc;
    note_q     <= sum_q && last_q;
    note_bad_q <= bad_q;
    if (!rst_ni) begin
      fresh_q <= 1'b1;
      sum_q   <= 1'b0;
      note_q  <= 1'b0;
    end
  end

  typedef struct packed {
    logic        bad;
    logic [15:0] sum;
  } note_t;
  note_t note_in, note;
  logic [16:0] folded;
  logic unused_ready;
  logic [$clog2(Segments+2)-1:0] level;
  assign folded = 17'(acc_q[15:0]) + 17'(acc_q[17:16]);
  assign note_in = '{bad: note_bad_q, sum: folded[15:0] + 16'(folded[16])};
  // Two more may be on their way through the adders.
  assign note_ready = 32'(level) < Segments - 2;
  fifo_sync #(
    .T(note_t),
    .Depth(Segments)
  ) u_notes (
    .clk_i,
    .rst_ni,
    .in_data  (note_in),
    .in_valid (note_q),
    .in_ready (unused_ready),
    .out_data (note),
    .out_valid(segment_valid_o),
    .out_ready(segment_take_i),
    .level_o  (level)
  );
  assign segment_bad_o = note.bad;
  assign segment_sum_o = note.sum;

  assign idle_o = !segment_valid_o && !head_q && !sum_q && !note_q && fresh_q;

  logic unused_bits;
  assign unused_bits = &{1'b0, unused_ready};
endmodule
