// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Gather with its reader of host memory, ports flattened for the bench; nothing is written.
module chim_gather_tb
  import chim_types_pkg::*;
  import chim_contract_pkg::*;
#(
  parameter int unsigned DataW = 64
) (
  input logic clk_i,
  input logic rst_ni,

  input  logic        cmd_valid,
  output logic        cmd_ready,
  input  logic [ 2:0] cmd_kind,
  input  logic [15:0] cmd_conn,
  input  logic [31:0] cmd_seq,
  input  logic [15:0] cmd_len,
  input  logic        cmd_has_una,
  input  logic [31:0] cmd_una,

  output logic [  DataW-1:0] tdata,
  output logic [DataW/8-1:0] tkeep,
  output logic               tlast,
  output logic               tuser,
  output logic               tvalid,
  input  logic               tready,

  output logic        gathered_valid,
  input  logic        gathered_ready,
  output logic [15:0] gathered_conn,
  output logic [31:0] gathered_una,
  output logic        gathered_error,
  output logic        gathered_fence,

  input  logic        tbl_valid,
  output logic        tbl_ready,
  input  logic        tbl_write,
  input  logic [ 3:0] tbl_table,
  input  logic [15:0] tbl_conn,
  input  logic [ 4:0] tbl_word,
  input  logic [31:0] tbl_wdata,
  output logic        tbl_rvalid,
  output logic [31:0] tbl_rdata,

  output logic bad_desc,
  output logic idle_o,

  output logic [        3:0] m_axi_awid,
  output logic [       63:0] m_axi_awaddr,
  output logic [        7:0] m_axi_awlen,
  output logic [        2:0] m_axi_awsize,
  output logic [        1:0] m_axi_awburst,
  output logic               m_axi_awvalid,
  input  logic               m_axi_awready,
  output logic [  DataW-1:0] m_axi_wdata,
  output logic [DataW/8-1:0] m_axi_wstrb,
  output logic               m_axi_wlast,
  output logic               m_axi_wvalid,
  input  logic               m_axi_wready,
  input  logic [        3:0] m_axi_bid,
  input  logic [        1:0] m_axi_bresp,
  input  logic               m_axi_bvalid,
  output logic               m_axi_bready,
  output logic [        3:0] m_axi_arid,
  output logic [       63:0] m_axi_araddr,
  output logic [        7:0] m_axi_arlen,
  output logic [        2:0] m_axi_arsize,
  output logic [        1:0] m_axi_arburst,
  output logic               m_axi_arvalid,
  input  logic               m_axi_arready,
  input  logic [        3:0] m_axi_rid,
  input  logic [  DataW-1:0] m_axi_rdata,
  input  logic [        1:0] m_axi_rresp,
  input  logic               m_axi_rlast,
  input  logic               m_axi_rvalid,
  output logic               m_axi_rready
);
  tx_cmd_t   cmd;
  gathered_t gathered;
  tbl_req_t  tbl_req;
  assign cmd = '{
          kind: tx_kind_e'(cmd_kind),
          conn: cmd_conn,
          seq: cmd_seq,
          len: cmd_len,
          fin: 1'b0,
          psh: 1'b0,
          has_una: cmd_has_una,
          una: cmd_una
      };
  assign tbl_req = '{
          write: tbl_write,
          table_id: tbl_table,
          conn: tbl_conn,
          word: tbl_word,
          wdata: tbl_wdata
      };
  assign gathered_conn = gathered.conn;
  assign gathered_una = gathered.una;
  assign gathered_error = gathered.error;
  assign gathered_fence = gathered.fence;

  logic [1:0] req_valid, req_ready, rsp_valid;
  logic [1:0][63:0] req_addr;
  logic [1:0][15:0] req_len;
  logic req_join, rsp_last, rsp_error, rd_busy;
  logic [DataW-1:0] rsp_data;
  logic [$clog2(DataW/8):0] rsp_bytes;
  logic [COUNTER_COUNT-1:0] cnt;
  logic gather_idle;
  assign req_len[1] = 16'd16;
  assign bad_desc = cnt[COUNTER_SND_DESC_BAD];
  assign idle_o = gather_idle && !rd_busy;

  chim_gather #(
    .DataW(DataW),
    .Conns(64)
  ) u_gather (
    .clk_i,
    .rst_ni,
    .cmd_valid,
    .cmd_ready,
    .cmd,
    .m_axis_payload_tdata (tdata),
    .m_axis_payload_tkeep (tkeep),
    .m_axis_payload_tlast (tlast),
    .m_axis_payload_tuser (tuser),
    .m_axis_payload_tvalid(tvalid),
    .m_axis_payload_tready(tready),
    .gathered_valid,
    .gathered_ready,
    .gathered,
    .pay_req_valid (req_valid[0]),
    .pay_req_ready (req_ready[0]),
    .pay_req_addr  (req_addr[0]),
    .pay_req_len   (req_len[0]),
    .pay_req_join  (req_join),
    .pay_rsp_valid (rsp_valid[0]),
    .desc_req_valid(req_valid[1]),
    .desc_req_ready(req_ready[1]),
    .desc_req_addr (req_addr[1]),
    .desc_rsp_valid(rsp_valid[1]),
    .rsp_data,
    .rsp_bytes,
    .rsp_last,
    .rsp_error,
    .tbl_valid,
    .tbl_ready,
    .tbl_req,
    .tbl_rvalid,
    .tbl_rdata,
    .cnt_o (cnt),
    .idle_o(gather_idle)
  );
  chim_dma_read #(
    .DataW  (DataW),
    .Clients(2)
  ) u_read (
    .stop_i(1'b0),
    .busy_o(rd_busy),
    .*
  );

  assign m_axi_awid = '0;
  assign m_axi_awaddr = '0;
  assign m_axi_awlen = '0;
  assign m_axi_awsize = '0;
  assign m_axi_awburst = '0;
  assign m_axi_awvalid = 1'b0;
  assign m_axi_wdata = '0;
  assign m_axi_wstrb = '0;
  assign m_axi_wlast = 1'b0;
  assign m_axi_wvalid = 1'b0;
  assign m_axi_bready = 1'b1;
  logic unused;
  assign unused = &{1'b0, m_axi_awready, m_axi_wready, m_axi_bid, m_axi_bresp, m_axi_bvalid, cnt};
endmodule
