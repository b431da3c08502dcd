// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Output to the MAC: puts header and payload together, pads short frames, and lets plain frames in
// between. Hard part: headers are never a multiple of the bus, so every payload beat is shifted,
// and yet frames follow each other without a gap.
//
// Headers wait in two slots of one memory, so that one is built while the other leaves. A header's
// length is 2 modulo 4: payload shifts by 4 n + 2 bytes.
//
//   header beat | header beat | header end, payload | payload, payload | payload, padding
module chim_tx_out
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW = 64,  // bus width in bits
  localparam int unsigned BeatW = $clog2((HDR_BYTES * 8 + DataW - 1) / DataW + 1)
) (
  input logic clk_i,
  input logic rst_ni,

  // Headers.
  output logic                  slot_free_o,
  input  logic                  hdr_valid_i,
  input  logic      [BeatW-1:0] hdr_beat_i,
  input  logic      [DataW-1:0] hdr_data_i,
  input  logic                  commit_i,
  input  tx_frame_t             frame_i,

  // Payload of the frames, in their order.
  input  logic [DataW-1:0] pay_data_i,
  input  logic             pay_valid_i,
  output logic             pay_take_o,

  // Plain frames; the frame is as whole as it comes.
  input  logic [  DataW-1:0] s_axis_plain_tdata,
  input  logic [DataW/8-1:0] s_axis_plain_tkeep,
  input  logic               s_axis_plain_tlast,
  input  logic               s_axis_plain_tuser,
  input  logic               s_axis_plain_tvalid,
  output logic               s_axis_plain_tready,

  // To the MAC; tuser at tlast: bad frame, do not send.
  output logic [  DataW-1:0] m_axis_mac_tdata,
  output logic [DataW/8-1:0] m_axis_mac_tkeep,
  output logic               m_axis_mac_tlast,
  output logic               m_axis_mac_tuser,
  output logic               m_axis_mac_tvalid,
  input  logic               m_axis_mac_tready,

  output logic fence_done_o,  // pulse: a fence came out, all frames before it have left
  output logic sent_o,        // pulse: a frame has left
  output logic idle_o
);
  localparam int unsigned Bytes = DataW / 8;
  localparam int unsigned LaneW = $clog2(Bytes);
  localparam int unsigned MinFrame = 60;  // IEEE 802.3: 64 bytes with the FCS

  typedef logic [FRAME_LEN_W:0] count_t;

  // ---- slots ----
  logic wr_slot_q, rd_slot_q, slot_done;
  logic [1:0] used_q;
  tx_frame_t [1:0] frame_q;
  logic [DataW-1:0] mem[2**(BeatW+1)];
  assign slot_free_o = !used_q[wr_slot_q];
  always_ff @(posedge clk_i) begin
    if (hdr_valid_i) mem[{wr_slot_q, hdr_beat_i}] <= hdr_data_i;
    if (commit_i) begin
      frame_q[wr_slot_q] <= frame_i;
      used_q[wr_slot_q]  <= 1'b1;
      wr_slot_q          <= !wr_slot_q;
    end
    if (slot_done) begin
      used_q[rd_slot_q] <= 1'b0;
      rd_slot_q         <= !rd_slot_q;
    end
    if (!rst_ni) begin
      used_q    <= '0;
      wr_slot_q <= 1'b0;
      rd_slot_q <= 1'b0;
    end
  end

  // ---- who ----
  tx_frame_t frame;
  logic frame_there, fence, built_turn, in_plain_q, in_built_q, built, plain, out_ready;
  logic last_plain_q;
  assign frame       = frame_q[rd_slot_q];
  assign frame_there = used_q[rd_slot_q] && !frame.fence;
  assign fence       = used_q[rd_slot_q] && frame.fence;
  // In turn, if both wait.
  assign built_turn  = frame_there && (!s_axis_plain_tvalid || last_plain_q);
  assign built       = in_built_q || (!in_plain_q && built_turn);
  // No plain frame begins while a fence waits, so that what is before it comes to an end.
  assign plain       = in_plain_q || (!in_built_q && !built_turn && !fence);

  // ---- header and payload together ----
  count_t left_q, left;  // bytes of the frame from this beat on, padding included
  count_t real_q, true_left;  // the same without padding
  logic [BeatW-1:0] beat_q, beat;
  logic [DataW-1:0] carry_q;
  count_t total;
  logic [LaneW-1:0] shift;
  logic hdr_beat, hdr_end, wants_pay, beat_there, built_last, step;
  logic [DataW-1:0] hdr_data, pay_part, built_data;
  assign total = count_t'(frame.hdr_len) + count_t'(frame.pay_len);
  assign left = in_built_q ? left_q : (total < count_t'(MinFrame) ? count_t'(MinFrame) : total);
  assign true_left = in_built_q ? real_q : total;
  assign beat = in_built_q ? beat_q : '0;
  assign shift = {frame.hdr_len[LaneW-1:2], 2'd2};
  assign hdr_beat = 32'(beat) < 32'(frame.hdr_len) / Bytes;
  assign hdr_end = 32'(beat) == 32'(frame.hdr_len) / Bytes;
  assign hdr_data = mem[{rd_slot_q, beat}];

  // Bytes of payload that have not been taken from the store yet.
  count_t owed_q, owed;
  assign owed       = in_built_q ? owed_q : count_t'(frame.pay_len);
  assign wants_pay  = !hdr_beat && owed != '0;
  assign beat_there = built && frame_there && (!wants_pay || pay_valid_i);
  assign built_last = left <= count_t'(Bytes);
  assign pay_part   = pay_data_i << {shift, 3'b0};
  always_comb begin
    for (int unsigned b = 0; b < Bytes; b++) begin
      built_data[8*b+:8] = pay_part[8*b+:8];
      if (hdr_beat || (hdr_end && LaneW'(b) < shift)) built_data[8*b+:8] = hdr_data[8*b+:8];
      else if (LaneW'(b) < shift) built_data[8*b+:8] = carry_q[8*b+:8];
      if (count_t'(b) >= true_left) built_data[8*b+:8] = '0;
    end
  end
  assign step = beat_there && out_ready;
  assign pay_take_o = step && wants_pay;
  assign slot_done = (step && built_last) || fence_done_o;
  always_ff @(posedge clk_i) begin
    if (step) begin
      in_built_q <= !built_last;
      left_q <= left - count_t'(Bytes);
      real_q <= (true_left > count_t'(Bytes)) ? true_left - count_t'(Bytes) : '0;
      if (!(&beat)) beat_q <= beat + 1'b1;
      if (wants_pay) begin
        owed_q  <= (owed > count_t'(Bytes)) ? owed - count_t'(Bytes) : '0;
        carry_q <= pay_data_i >> (32'(DataW) - 32'({shift, 3'b0}));
      end else begin
        owed_q <= owed;
      end
    end
    if (s_axis_plain_tvalid && s_axis_plain_tready) in_plain_q <= !s_axis_plain_tlast;
    if (step && built_last) last_plain_q <= 1'b0;
    if (s_axis_plain_tvalid && s_axis_plain_tready && s_axis_plain_tlast) last_plain_q <= 1'b1;
    if (!rst_ni) begin
      in_built_q   <= 1'b0;
      in_plain_q   <= 1'b0;
      last_plain_q <= 1'b0;
    end
  end

  // ---- to the MAC ----
  logic [DataW-1:0] out_data;
  logic [Bytes-1:0] out_keep, built_keep;
  logic out_valid, out_last, out_user;
  always_comb begin
    for (int unsigned b = 0; b < Bytes; b++) built_keep[b] = count_t'(b) < left;
  end
  assign out_valid = built ? beat_there : (plain && s_axis_plain_tvalid);
  assign out_data = built ? built_data : s_axis_plain_tdata;
  assign out_keep = built ? built_keep : s_axis_plain_tkeep;
  assign out_last = built ? built_last : s_axis_plain_tlast;
  assign out_user = !built && s_axis_plain_tuser;
  assign s_axis_plain_tready = out_ready && plain && !built;
  axis_skid #(
    .DataW(DataW),
    .UserW(1)
  ) u_skid (
    .clk_i,
    .rst_ni,
    .s_axis_tdata (out_data),
    .s_axis_tkeep (out_keep),
    .s_axis_tlast (out_last),
    .s_axis_tuser (out_user),
    .s_axis_tvalid(out_valid),
    .s_axis_tready(out_ready),
    .m_axis_tdata (m_axis_mac_tdata),
    .m_axis_tkeep (m_axis_mac_tkeep),
    .m_axis_tlast (m_axis_mac_tlast),
    .m_axis_tuser (m_axis_mac_tuser),
    .m_axis_tvalid(m_axis_mac_tvalid),
    .m_axis_tready(m_axis_mac_tready)
  );

  // Beats in the skid register have not left yet.
  assign fence_done_o = fence && !m_axis_mac_tvalid;
  assign sent_o = m_axis_mac_tvalid && m_axis_mac_tready && m_axis_mac_tlast;
  assign idle_o = used_q == '0 && !m_axis_mac_tvalid && !in_plain_q;

endmodule
