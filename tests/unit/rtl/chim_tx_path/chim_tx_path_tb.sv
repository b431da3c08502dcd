// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The transmit path with its structures flattened for the bench, and the header builder's output.
module chim_tx_path_tb
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
#(
  parameter int unsigned DataW = 64,
  parameter int unsigned Conns = 64
) (
  input logic clk_i,
  input logic rst_ni,

  input  logic        tx_data_valid,
  output logic        tx_data_ready,
  input  logic [ 2:0] tx_data_kind,
  input  logic [15:0] tx_data_conn,
  input  logic [31:0] tx_data_seq,
  input  logic [15:0] tx_data_len,
  input  logic        tx_data_fin,
  input  logic        tx_data_psh,
  input  logic [31:0] tx_data_una,
  input  logic        tx_ack_valid,
  output logic        tx_ack_ready,
  input  logic [15:0] tx_ack_conn,

  output logic        bind_req_valid,
  output logic [15:0] bind_conn,
  output logic        bind_pure_ack,
  output logic [31:0] bind_end_seq,
  input  logic        bind_rsp_valid,
  input  logic [31:0] bind_seq,
  input  logic [31:0] bind_ack,
  input  logic [15:0] bind_wnd,
  input  logic [31:0] bind_ts_val,
  input  logic [31:0] bind_ts_ecr,
  output logic        tx_fence_done,
  input  logic        placed_valid,
  input  logic [15:0] placed_conn,

  output logic               gather_valid,
  input  logic               gather_ready,
  output logic [        2:0] gather_kind,
  output logic [       15:0] gather_conn,
  output logic [       31:0] gather_seq,
  output logic [       15:0] gather_len,
  output logic [       31:0] gather_una,
  input  logic [  DataW-1:0] s_axis_payload_tdata,
  input  logic [DataW/8-1:0] s_axis_payload_tkeep,
  input  logic               s_axis_payload_tlast,
  input  logic               s_axis_payload_tuser,
  input  logic               s_axis_payload_tvalid,
  output logic               s_axis_payload_tready,
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

  input  logic        tbl_valid,
  output logic        tbl_ready,
  input  logic        tbl_write,
  input  logic [ 3:0] tbl_table,
  input  logic [15:0] tbl_conn,
  input  logic [ 4:0] tbl_word,
  input  logic [31:0] tbl_wdata,
  output logic        tbl_rvalid,
  output logic [31:0] tbl_rdata,

  output logic sent,       // counter TX_FRAMES
  output logic hdr_beat0,  // first beat of a header at the builder's output
  output logic idle_o
);
  tx_cmd_t tx_data, tx_ack, gather_cmd;
  bind_req_t bind_req;
  bind_rsp_t bind_rsp;
  tbl_req_t tbl_req;
  logic [COUNTER_COUNT-1:0] cnt;
  assign tx_data = '{
          kind: tx_kind_e'(tx_data_kind),
          conn: tx_data_conn,
          seq: tx_data_seq,
          len: tx_data_len,
          fin: tx_data_fin,
          psh: tx_data_psh,
          has_una: 1'b1,
          una: tx_data_una
      };
  assign tx_ack = '{
          kind: TX_ACK,
          conn: tx_ack_conn,
          seq: '0,
          len: '0,
          fin: 1'b0,
          psh: 1'b0,
          has_una: 1'b0,
          una: '0
      };
  assign bind_rsp = '{
          seq: bind_seq,
          ack: bind_ack,
          wnd: bind_wnd,
          ts_val: bind_ts_val,
          ts_ecr: bind_ts_ecr
      };
  assign tbl_req = '{
          write: tbl_write,
          table_id: tbl_table,
          conn: tbl_conn,
          word: tbl_word,
          wdata: tbl_wdata
      };
  chim_tx_path #(
    .DataW    (DataW),
    .Conns    (Conns),
    .Paths    (16),
    .Neighbors(8)
  ) u_dut (
    .*,
    .tx_fence_done_o (tx_fence_done),
    .placed_valid_i  (placed_valid),
    .placed_conn_i   (placed_conn),
    .gather_cmd_valid(gather_valid),
    .gather_cmd_ready(gather_ready),
    .cnt_o           (cnt)
  );
  assign {bind_conn, bind_pure_ack, bind_end_seq} = bind_req;
  assign gather_kind = gather_cmd.kind;
  assign gather_conn = gather_cmd.conn;
  assign gather_seq = gather_cmd.seq;
  assign gather_len = gather_cmd.len;
  assign gather_una = gather_cmd.una;
  assign sent = cnt[COUNTER_TX_FRAMES];
  assign hdr_beat0 = u_dut.u_build.hdr_valid_o && u_dut.u_build.hdr_beat_o == '0;
  logic unused_bits;
  assign unused_bits = &{1'b0, cnt, gather_cmd};
endmodule
