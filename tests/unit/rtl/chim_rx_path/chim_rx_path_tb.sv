// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The receive path with its structures flattened for the bench.
module chim_rx_path_tb
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW    = 64,
  parameter int unsigned Conns    = 64,
  parameter int unsigned BufBytes = 16384
) (
  input logic        clk_i,
  input logic        rst_ni,
  input logic [47:0] mac_i,
  input logic        promiscuous_i,
  input logic [31:0] lkp_seed_i,

  input  logic [  DataW-1:0] s_axis_mac_tdata,
  input  logic [DataW/8-1:0] s_axis_mac_tkeep,
  input  logic               s_axis_mac_tlast,
  input  logic               s_axis_mac_tuser,
  input  logic               s_axis_mac_tvalid,
  output logic               s_axis_mac_tready,
  input  logic [  DataW-1:0] s_axis_inject_tdata,
  input  logic [DataW/8-1:0] s_axis_inject_tkeep,
  input  logic               s_axis_inject_tlast,
  input  logic               s_axis_inject_tuser,
  input  logic               s_axis_inject_tvalid,
  output logic               s_axis_inject_tready,
  input  logic [       15:0] inject_conn,
  input  logic [        3:0] inject_gen,
  input  logic               inject_held,
  input  logic               give_up_valid,
  output logic               give_up_ready,
  input  logic [       15:0] give_up_conn,
  input  logic [        3:0] give_up_gen,
  input  logic               lost_valid,
  output logic               lost_ready,
  input  logic [       15:0] lost_conn,
  input  logic [        3:0] lost_gen,

  output logic        seg_valid,
  input  logic        seg_ready,
  output logic [15:0] seg_conn,
  output logic [31:0] seg_seq,
  output logic [31:0] seg_ack,
  output logic [15:0] seg_wnd,
  output logic [ 7:0] seg_flags,
  output logic        seg_has_ts,
  output logic [31:0] seg_ts_val,
  output logic [31:0] seg_ts_ecr,
  output logic [15:0] seg_len,
  input  logic        verdict_valid,
  output logic        verdict_ready,
  input  logic [ 1:0] verdict_action,
  input  logic [15:0] verdict_conn,
  input  logic [31:0] verdict_seq,
  input  logic [15:0] verdict_off,
  input  logic [15:0] verdict_len,
  input  logic        verdict_fin,
  input  logic [ 3:0] verdict_reason,
  output logic        live_we,
  output logic [15:0] live_conn,
  output logic        live_val,

  output logic               item_valid,
  input  logic               item_ready,
  output logic [        1:0] item_kind,
  output logic [       15:0] item_conn,
  output logic [        3:0] item_gen,
  output logic [       31:0] item_seq,
  output logic [       15:0] item_len,
  output logic               item_fin,
  output logic [        1:0] item_cls,
  output logic [        3:0] item_reason,
  output logic               item_csum_ok,
  output logic [       15:0] item_vlan,
  output logic [  DataW-1:0] m_axis_item_tdata,
  output logic [DataW/8-1:0] m_axis_item_tkeep,
  output logic               m_axis_item_tlast,
  output logic               m_axis_item_tvalid,
  input  logic               m_axis_item_tready,

  input  logic        db_in_valid,
  output logic        db_in_ready,
  input  logic [15:0] db_in_conn,
  input  logic [ 3:0] db_in_gen,
  input  logic [ 1:0] db_in_queue,
  input  logic [31:0] db_in_value,
  output logic        db_valid,
  input  logic        db_ready,
  output logic [15:0] db_conn,
  output logic [ 1:0] db_queue,
  output logic [31:0] db_value,

  input  logic         lkp_valid,
  output logic         lkp_ready,
  input  logic [  3:0] lkp_op,
  input  logic [ 15:0] lkp_conn,
  input  logic         lkp_ipv6,
  input  logic [ 15:0] lkp_local_port,
  input  logic [ 15:0] lkp_remote_port,
  input  logic [127:0] lkp_remote,
  input  logic [127:0] lkp_local,
  input  logic [ 31:0] lkp_entry,
  output logic         lkp_ok,
  output logic [ 15:0] lkp_found,
  output logic         hold_evt_valid,
  output logic [ 15:0] hold_evt_conn,
  input  logic         hold_evt_pop,
  input  logic         tbl_valid,
  output logic         tbl_ready,
  input  logic         tbl_write,
  input  logic [ 15:0] tbl_conn,
  input  logic [  4:0] tbl_word,
  input  logic [ 31:0] tbl_wdata,
  output logic         tbl_rvalid,
  output logic [ 31:0] tbl_rdata,

  output logic [95:0] cnt_o,
  output logic        idle_o
);
  seg_t seg;
  rx_verdict_t verdict;
  rx_item_t item;
  bell_t db;
  lkp_req_t req;
  tbl_req_t tbl_req;
  logic [COUNTER_COUNT-1:0] cnt;

  assign verdict = '{
          action: rx_action_e'(verdict_action),
          conn: verdict_conn,
          seq: verdict_seq,
          off: verdict_off,
          len: verdict_len,
          fin: verdict_fin,
          reason: verdict_reason
      };
  always_comb begin
    req.op = lkp_op_e'(lkp_op);
    req.conn = lkp_conn;
    req.key = '{
        ipv6: lkp_ipv6,
        local_port: lkp_local_port,
        remote_port: lkp_remote_port,
        remote_addr: lkp_remote,
        local_addr: lkp_local
    };
    req.entry = entry_t'(lkp_entry);
  end
  assign tbl_req = '{
          write: tbl_write,
          table_id: 4'(TABLE_ENTRY),
          conn: tbl_conn,
          word: tbl_word,
          wdata: tbl_wdata
      };

  chim_rx_path #(
    .DataW   (DataW),
    .Conns   (Conns),
    .BufBytes(BufBytes)
  ) u_dut (
    .*,
    .lkp_req         (req),
    .lkp_ok_o        (lkp_ok),
    .lkp_conn_o      (lkp_found),
    .hold_evt_valid_o(hold_evt_valid),
    .hold_evt_conn_o (hold_evt_conn),
    .hold_evt_pop_i  (hold_evt_pop),
    .cnt_o           (cnt)
  );
  assign {seg_conn, seg_seq, seg_ack, seg_wnd, seg_flags, seg_has_ts,
          seg_ts_val, seg_ts_ecr, seg_len}
      = seg;
  assign {item_kind, item_conn, item_gen, item_seq, item_len, item_fin, item_cls, item_reason,
          item_csum_ok, item_vlan} = item;
  assign {db_conn, db_queue, db_value} = db;
  assign cnt_o = 96'(cnt);
endmodule
