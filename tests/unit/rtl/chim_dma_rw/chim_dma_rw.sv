// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Reader and writer of host memory side by side on one AXI port, for their bench: three clients
// each.
module chim_dma_rw #(
  parameter int unsigned DataW = 64
) (
  input logic clk_i,
  input logic rst_ni,

  input  logic [              2:0]       req_valid,
  output logic [              2:0]       req_ready,
  input  logic [              2:0][63:0] req_addr,
  input  logic [              2:0][15:0] req_len,
  input  logic                           req_join,
  output logic [              2:0]       rsp_valid,
  output logic [        DataW-1:0]       rsp_data,
  output logic [$clog2(DataW/8):0]       rsp_bytes,
  output logic                           rsp_last,
  output logic                           rsp_error,

  input  logic [2:0]            cmd_valid,
  output logic [2:0]            cmd_ready,
  input  logic [2:0][     63:0] cmd_addr,
  input  logic [2:0][     15:0] cmd_len,
  input  logic [4:0]            cmd_ring_log2,
  input  logic [2:0]            wd_valid,
  output logic [2:0]            wd_ready,
  input  logic [2:0][DataW-1:0] wd_data,
  output logic [2:0]            done_valid,
  output logic                  done_error,
  output logic                  busy_o,

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
  logic rd_busy, wr_busy;
  assign busy_o = rd_busy || wr_busy;
  chim_dma_read #(
    .DataW(DataW),
    .Clients(3),
    .Outstanding(16)
  ) u_read (
    .stop_i(1'b0),
    .busy_o(rd_busy),
    .*
  );
  chim_dma_write #(
    .DataW(DataW),
    .Clients(3),
    .Outstanding(16)
  ) u_write (
    .stop_i(1'b0),
    .busy_o(wr_busy),
    .*
  );
endmodule
