// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Transmit path: commands of the engine to frames of the MAC. Lanes and wiring only; hard part: in
// the modules, see README.md.
//
//   engine data --+--> gather (DMA) --> payload --> tx_store --+ sum, whole
//                 +--> data lane --+                           v
//   engine ACKs ----> ACK lane ----+--> hdr_build --> header slots --> tx_out --> MAC
//                                        | ^ bind                       ^
//                                        v |                            |
//                                       engine            plain frames -+
module chim_tx_path
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW     = 64,    // bus width: 64, 128, 256 or 512 bits
  parameter int unsigned Conns     = 1024,  // slots, a power of two
  parameter int unsigned Paths     = 256,   // entries of table PATH, a power of two
  parameter int unsigned Neighbors = 64,    // entries of table NEIGHBOR, a power of two
  parameter int unsigned BufBytes  = 16384  // payload store, a power of two
) (
  input logic clk_i,
  input logic rst_ni,

  // Engine: DATA, RST, TOKEN, FENCE in order; and pure ACKs.
  input logic tx_data_valid,
  output logic tx_data_ready,
  input tx_cmd_t tx_data,
  input logic tx_ack_valid,
  output logic tx_ack_ready,
  input tx_cmd_t tx_ack,
  output logic bind_req_valid,
  output bind_req_t bind_req,
  input logic bind_rsp_valid,
  input bind_rsp_t bind_rsp,
  output logic tx_fence_done_o,  // pulse: the oldest fence came out, what was before it has left
  // Payload of this connection was placed: an ACK may arrive three clocks later.
  input logic placed_valid_i,
  input conn_t placed_conn_i,

  // DMA: DATA, TOKEN and FENCE in order; payload of each DATA with len > 0, from lane 0 on. tuser
  // at tlast: it could not be read, there will be no frame.
  output logic                  gather_cmd_valid,
  input  logic                  gather_cmd_ready,
  output tx_cmd_t               gather_cmd,
  input  logic    [  DataW-1:0] s_axis_payload_tdata,
  input  logic    [DataW/8-1:0] s_axis_payload_tkeep,
  input  logic                  s_axis_payload_tlast,
  input  logic                  s_axis_payload_tuser,
  input  logic                  s_axis_payload_tvalid,
  output logic                  s_axis_payload_tready,

  // Plain frames; a pause in them is a pause on the MAC's side. tuser at tlast: bad frame.
  input  logic [  DataW-1:0] s_axis_plain_tdata,
  input  logic [DataW/8-1:0] s_axis_plain_tkeep,
  input  logic               s_axis_plain_tlast,
  input  logic               s_axis_plain_tuser,
  input  logic               s_axis_plain_tvalid,
  output logic               s_axis_plain_tready,

  output logic [  DataW-1:0] m_axis_mac_tdata,
  output logic [DataW/8-1:0] m_axis_mac_tkeep,
  output logic               m_axis_mac_tlast,
  output logic               m_axis_mac_tuser,
  output logic               m_axis_mac_tvalid,
  input  logic               m_axis_mac_tready,

  // Firmware: tables CFG_HDR, PATH, NEIGHBOR.
  input  logic            tbl_valid,
  output logic            tbl_ready,
  input  tbl_req_t        tbl_req,
  output logic            tbl_rvalid,
  output logic     [31:0] tbl_rdata,

  output logic [COUNTER_COUNT-1:0] cnt_o,
  output logic                     idle_o
);
  localparam int unsigned BeatW = $clog2((HDR_BYTES * 8 + DataW - 1) / DataW + 1);
  localparam int unsigned Lane = 32;  // segments whose payload may be on its way
  localparam int unsigned AckLane = 16;

  // ---- lanes ----
  // A
  // command goes to the gather and into the lane in the same clock.
  logic to_gather, to_lane, lane_ready, gather_ready, take;
  tx_cmd_t data_cmd, ack_cmd;
  logic data_valid, data_take, ack_valid, ack_take;
  logic [$clog2(AckLane+2)-1:0] ack_level;
  assign to_gather = tx_data.kind != TX_RST;
  assign to_lane = tx_data.kind != TX_TOKEN;
  assign tx_data_ready = (!to_gather || gather_ready) && (!to_lane || lane_ready);
  assign take = tx_data_valid && tx_data_ready;

  fifo_sync #(
    .T(tx_cmd_t),
    .Depth(Lane)
  ) u_lane (
    .clk_i,
    .rst_ni,
    .in_data  (tx_data),
    .in_valid (take && to_lane),
    .in_ready (lane_ready),
    .out_data (data_cmd),
    .out_valid(data_valid),
    .out_ready(data_take),
    .level_o  ()
  );
  // Short: the gather has a queue of its own.
  fifo_sync #(
    .T(tx_cmd_t),
    .Depth(2)
  ) u_gather (
    .clk_i,
    .rst_ni,
    .in_data  (tx_data),
    .in_valid (take && to_gather),
    .in_ready (gather_ready),
    .out_data (gather_cmd),
    .out_valid(gather_cmd_valid),
    .out_ready(gather_cmd_ready),
    .level_o  ()
  );
  fifo_sync #(
    .T(tx_cmd_t),
    .Depth(AckLane)
  ) u_acks (
    .clk_i,
    .rst_ni,
    .in_data  (tx_ack),
    .in_valid (tx_ack_valid),
    .in_ready (tx_ack_ready),
    .out_data (ack_cmd),
    .out_valid(ack_valid),
    .out_ready(ack_take),
    .level_o  (ack_level)
  );

  // What arrives at an empty lane is seen a clock before it is at the lane's head.
  logic early_ack, early_data;
  assign early_ack  = tx_ack_valid && !ack_valid;
  assign early_data = take && !data_valid && tx_data.kind inside {TX_DATA, TX_RST};

  logic  hint_q;
  conn_t hint_conn_q;
  always_ff @(posedge clk_i) begin
    hint_q      <= placed_valid_i;
    hint_conn_q <= placed_conn_i;
    if (!rst_ni) hint_q <= 1'b0;
  end

  // ---- payload ----
  logic has_payload, segment_valid, segment_bad, pay_valid, pay_take, store_idle;
  logic [15:0] segment_sum;
  logic [DataW-1:0] pay_data;
  assign has_payload = data_cmd.kind == TX_DATA && data_cmd.len != '0;
  chim_tx_store #(
    .DataW   (DataW),
    .BufBytes(BufBytes),
    .Segments(Lane)
  ) u_store (
    .clk_i,
    .rst_ni,
    .s_axis_payload_tdata,
    .s_axis_payload_tkeep,
    .s_axis_payload_tlast,
    .s_axis_payload_tuser,
    .s_axis_payload_tvalid,
    .s_axis_payload_tready,
    .segment_valid_o(segment_valid),
    .segment_bad_o  (segment_bad),
    .segment_sum_o  (segment_sum),
    .segment_take_i (data_take && has_payload),
    .rd_data_o      (pay_data),
    .rd_valid_o     (pay_valid),
    .rd_take_i      (pay_take),
    .idle_o         (store_idle)
  );

  // ---- headers and output ----
  logic slot_free, hdr_valid, commit, build_idle, out_idle, sent;
  logic [BeatW-1:0] hdr_beat;
  logic [DataW-1:0] hdr_data;
  tx_frame_t frame;
  chim_hdr_build #(
    .DataW    (DataW),
    .Conns    (Conns),
    .Paths    (Paths),
    .Neighbors(Neighbors)
  ) u_build (
    .clk_i,
    .rst_ni,
    .data_valid,
    .data_take_o  (data_take),
    .data_cmd,
    .data_go_i    (!has_payload || (segment_valid && !segment_bad)),
    .data_bad_i   (has_payload && segment_valid && segment_bad),
    .data_sum_i   (segment_sum),
    .ack_valid,
    .ack_take_o   (ack_take),
    .ack_cmd,
    .ack_level_i  (5'(ack_level)),
    .early_valid_i(early_ack || early_data),
    .early_ack_i  (early_ack),
    .early_conn_i (early_ack ? tx_ack.conn : tx_data.conn),
    .hint_valid_i (hint_q),
    .hint_conn_i  (hint_conn_q),
    .bind_req_valid,
    .bind_req,
    .bind_rsp_valid,
    .bind_rsp,
    .slot_free_i  (slot_free),
    .hdr_valid_o  (hdr_valid),
    .hdr_beat_o   (hdr_beat),
    .hdr_data_o   (hdr_data),
    .commit_o     (commit),
    .frame_o      (frame),
    .tbl_valid,
    .tbl_ready,
    .tbl_req,
    .tbl_rvalid,
    .tbl_rdata,
    .idle_o       (build_idle)
  );
  chim_tx_out #(
    .DataW(DataW)
  ) u_out (
    .clk_i,
    .rst_ni,
    .slot_free_o (slot_free),
    .hdr_valid_i (hdr_valid),
    .hdr_beat_i  (hdr_beat),
    .hdr_data_i  (hdr_data),
    .commit_i    (commit),
    .frame_i     (frame),
    .pay_data_i  (pay_data),
    .pay_valid_i (pay_valid),
    .pay_take_o  (pay_take),
    .s_axis_plain_tdata,
    .s_axis_plain_tkeep,
    .s_axis_plain_tlast,
    .s_axis_plain_tuser,
    .s_axis_plain_tvalid,
    .s_axis_plain_tready,
    .m_axis_mac_tdata,
    .m_axis_mac_tkeep,
    .m_axis_mac_tlast,
    .m_axis_mac_tuser,
    .m_axis_mac_tvalid,
    .m_axis_mac_tready,
    .fence_done_o(tx_fence_done_o),
    .sent_o      (sent),
    .idle_o      (out_idle)
  );

  always_comb begin
    cnt_o = '0;
    cnt_o[COUNTER_TX_FRAMES] = sent;
  end
  assign idle_o = build_idle && out_idle && store_idle && !gather_cmd_valid;
endmodule
