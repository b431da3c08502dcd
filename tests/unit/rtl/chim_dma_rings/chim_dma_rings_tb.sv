// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// chim_dma with its structures flattened, for the bench of the rings; the gather side is quiet.
module chim_dma_rings_tb
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW = 64
) (
  input logic clk_i,
  input logic rst_ni,

  input  logic        run,
  input  logic        quiesce,
  output logic        bus_idle_o,
  input  logic [63:0] evt_base,
  input  logic [63:0] ptx_base,
  input  logic [63:0] prx_base,
  input  logic [63:0] cpl_base,
  input  logic [63:0] ptx_wb,
  input  logic [ 4:0] ring_log2,   // of all rings
  input  logic [31:0] evt_host,
  input  logic [31:0] ptx_host,
  input  logic [31:0] prx_host,
  input  logic [31:0] cpl_host,
  output logic [31:0] evt_device,
  output logic [31:0] ptx_device,
  output logic [31:0] cpl_device,
  output logic        fault_o,

  output logic [  DataW-1:0] ptx_tdata,
  output logic [DataW/8-1:0] ptx_tkeep,
  output logic               ptx_tlast,
  output logic               ptx_tuser,
  output logic               plain_tvalid,
  input  logic               plain_tready,
  output logic               inject_tvalid,
  input  logic               inject_tready,
  output logic [       15:0] inject_conn,
  output logic               inject_held,
  output logic               give_up_valid,
  input  logic               give_up_ready,
  output logic [       15:0] give_up_conn,
  output logic               lost_valid,

  input  logic             item_valid,
  output logic             item_ready,
  input  logic [      1:0] item_kind,
  input  logic [     15:0] item_conn,
  input  logic [     31:0] item_seq,
  input  logic [     15:0] item_len,
  input  logic             item_fin,
  input  logic [      1:0] item_cls,
  input  logic [DataW-1:0] item_tdata,
  input  logic             item_tlast,
  input  logic             item_tvalid,
  output logic             item_tready,
  output logic             placed_valid,
  input  logic             placed_ready,
  output logic [     15:0] placed_conn,
  output logic [     31:0] placed_end_seq,
  output logic             placed_error,
  output logic             placed_fence,

  input  logic         conn_event_valid,
  output logic         conn_event_ready,
  input  logic [ 15:0] conn_event_conn,
  input  logic [ 31:0] conn_event_done,
  input  logic         fwevt_valid,
  output logic         fwevt_ready,
  input  logic [255:0] fwevt,

  input  logic        sdma_cmd_valid,
  output logic        sdma_cmd_ready,
  input  logic [63:0] sdma_cmd_host,
  input  logic [15:0] sdma_cmd_len,
  input  logic        sdma_cmd_write,
  output logic [63:0] sdma_rd_data,
  output logic        sdma_rd_valid,
  input  logic        sdma_rd_ready,
  input  logic [63:0] sdma_wr_data,
  input  logic        sdma_wr_valid,
  output logic        sdma_wr_ready,
  output logic        sdma_done,
  output logic        sdma_error,

  input logic        verdict_place_i,
  input logic        rx_fence_valid,
  input logic [15:0] rx_fence_conn,

  input  logic        tbl_valid,
  output logic        tbl_ready,
  input  logic [15:0] tbl_conn,
  input  logic [ 4:0] tbl_word,
  input  logic [31:0] tbl_wdata,

  output logic       irq_valid,
  output logic [4:0] irq_vector,
  output logic       no_buffer,
  output logic       bad_desc,
  output logic       idle_o,

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
  host_cfg_t cfg_i;
  rx_item_t item;
  placement_t placed;
  conn_event_t conn_event;
  tbl_req_t tbl_req;
  logic [COUNTER_COUNT-1:0] cnt_o;
  logic tbl_rvalid, irq_ready;
  logic [31:0] tbl_rdata, prx_device;
  logic [GEN_W-1:0] inject_gen, give_up_gen, lost_gen;
  conn_t lost_conn;
  logic [DataW-1:0] payload_tdata;
  logic [DataW/8-1:0] payload_tkeep;
  logic payload_tlast, payload_tuser, payload_tvalid, gather_cmd_ready, gathered_valid;
  gathered_t gathered;

  always_comb begin
    cfg_i               = '0;
    cfg_i.run           = run;
    cfg_i.irq_evt       = 5'd1;
    cfg_i.irq_prx       = 5'd2;
    cfg_i.irq_ptx       = 5'd3;
    cfg_i.ptx_wb        = ptx_wb;
    cfg_i.evt           = '{base: evt_base, log2: ring_log2, host: evt_host};
    cfg_i.ptx           = '{base: ptx_base, log2: ring_log2, host: ptx_host};
    cfg_i.prx           = '{base: prx_base, log2: ring_log2, host: prx_host};
    cfg_i.prx_cpl       = '{base: cpl_base, log2: ring_log2, host: cpl_host};
    item                = '0;
    item.kind           = rx_item_kind_e'(item_kind);
    item.conn           = item_conn;
    item.seq            = item_seq;
    item.len            = item_len;
    item.fin            = item_fin;
    item.cls            = prx_class_e'(item_cls);
    conn_event          = '0;
    conn_event.conn     = conn_event_conn;
    conn_event.snd_done = conn_event_done;
  end
  assign tbl_req = '{
          write: 1'b1,
          table_id: TABLE_RCV_RING,
          conn: tbl_conn,
          word: tbl_word,
          wdata: tbl_wdata
      };
  assign placed_conn = placed.conn;
  assign placed_end_seq = placed.end_seq;
  assign placed_error = placed.error;
  assign placed_fence = placed.fence;
  assign no_buffer = cnt_o[COUNTER_RX_NO_BUFFER];
  assign bad_desc = cnt_o[COUNTER_TX_BAD_DESC];
  assign irq_ready = 1'b1;

  chim_dma #(
    .DataW(DataW),
    .Conns(64)
  ) u_dma (
    .quiesce_i(quiesce),
    .time_ms_i(32'd77),
    .evt_device_o(evt_device),
    .ptx_device_o(ptx_device),
    .prx_device_o(prx_device),
    .prx_cpl_device_o(cpl_device),
    .gather_cmd_valid(1'b0),
    .gather_cmd('0),
    .m_axis_payload_tdata(payload_tdata),
    .m_axis_payload_tkeep(payload_tkeep),
    .m_axis_payload_tlast(payload_tlast),
    .m_axis_payload_tuser(payload_tuser),
    .m_axis_payload_tvalid(payload_tvalid),
    .m_axis_payload_tready(1'b1),
    .gathered_ready(1'b1),
    .m_axis_ptx_tdata(ptx_tdata),
    .m_axis_ptx_tkeep(ptx_tkeep),
    .m_axis_ptx_tlast(ptx_tlast),
    .m_axis_ptx_tuser(ptx_tuser),
    .m_axis_plain_tvalid(plain_tvalid),
    .m_axis_plain_tready(plain_tready),
    .m_axis_inject_tvalid(inject_tvalid),
    .m_axis_inject_tready(inject_tready),
    .s_axis_item_tdata(item_tdata),
    .s_axis_item_tlast(item_tlast),
    .s_axis_item_tvalid(item_tvalid),
    .s_axis_item_tready(item_tready),
    .stop_i(1'b0),
    .lost_ready(1'b1),
    .conn_event_gen(4'd5),
    .*
  );
  logic unused;
  assign unused = &{1'b0, cnt_o, tbl_rvalid, tbl_rdata, prx_device, inject_gen, give_up_gen,
                    lost_gen, lost_conn,
                    payload_tdata, payload_tkeep, payload_tlast, payload_tuser, payload_tvalid,
                    gather_cmd_ready, gathered_valid, gathered};
endmodule
