// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Everything that touches host memory: gather, placement, plain rings, event ring, firmware's DMA,
// and the one reader and one writer they share. Wiring only.
//
//   tx commands -> gather --+                       +-- rx_write <- items of the receive path
//   plain tx ring -> ptx ---+-> dma_read  dma_write +-- prx_cpl, evt_ring, index_wb
//   soc_dma ----------------+                       +-- soc_dma
module chim_dma
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW = 64,
  parameter int unsigned Conns = 1024
) (
  input logic clk_i,
  input logic rst_ni,

  input  host_cfg_t        cfg_i,
  input  logic             quiesce_i,         // take no new work from rings but events
  input  logic      [31:0] time_ms_i,
  output logic      [31:0] evt_device_o,
  output logic      [31:0] ptx_device_o,
  output logic      [31:0] prx_device_o,
  output logic      [31:0] prx_cpl_device_o,
  output logic             fault_o,           // pulse: a descriptor ring could not be read
  input  logic             stop_i,            // before a reset: begin no transfer on the bus
  output logic             bus_idle_o,        // none is outstanding

  // Transmit side.
  input  logic                    gather_cmd_valid,
  output logic                    gather_cmd_ready,
  input  tx_cmd_t                 gather_cmd,
  output logic      [  DataW-1:0] m_axis_payload_tdata,
  output logic      [DataW/8-1:0] m_axis_payload_tkeep,
  output logic                    m_axis_payload_tlast,
  output logic                    m_axis_payload_tuser,
  output logic                    m_axis_payload_tvalid,
  input  logic                    m_axis_payload_tready,
  output logic                    gathered_valid,
  input  logic                    gathered_ready,
  output gathered_t               gathered,

  // Plain frames to the wire, forwarded frames to the receive path (same beats).
  output logic  [  DataW-1:0] m_axis_ptx_tdata,
  output logic  [DataW/8-1:0] m_axis_ptx_tkeep,
  output logic                m_axis_ptx_tlast,
  output logic                m_axis_ptx_tuser,
  output logic                m_axis_plain_tvalid,
  input  logic                m_axis_plain_tready,
  output logic                m_axis_inject_tvalid,
  input  logic                m_axis_inject_tready,
  output conn_t               inject_conn,
  output logic  [  GEN_W-1:0] inject_gen,
  output logic                inject_held,
  output logic                give_up_valid,
  input  logic                give_up_ready,
  output conn_t               give_up_conn,
  output logic  [  GEN_W-1:0] give_up_gen,
  output logic                lost_valid,            // a held frame found no plain buffer
  input  logic                lost_ready,
  output conn_t               lost_conn,
  output logic  [  GEN_W-1:0] lost_gen,

  // Receive side.
  input logic item_valid,
  output logic item_ready,
  input rx_item_t item,
  input logic [DataW-1:0] s_axis_item_tdata,
  input logic s_axis_item_tlast,
  input logic s_axis_item_tvalid,
  output logic s_axis_item_tready,
  output logic placed_valid,
  input logic placed_ready,
  output placement_t placed,
  input logic verdict_place_i,  // the engine gave a PLACE verdict
  input logic rx_fence_valid,  // a token behind all placements whose verdict was given
  input conn_t rx_fence_conn,

  // Events.
  input  logic                    conn_event_valid,
  output logic                    conn_event_ready,
  input  conn_event_t             conn_event,
  input  logic        [GEN_W-1:0] conn_event_gen,
  input  logic                    fwevt_valid,
  output logic                    fwevt_ready,
  input  event_t                  fwevt,

  // Firmware's DMA.
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

  // Firmware: tables RCV_RING, SND_RING, CURSOR.
  input  logic            tbl_valid,
  output logic            tbl_ready,
  input  tbl_req_t        tbl_req,
  output logic            tbl_rvalid,
  output logic     [31:0] tbl_rdata,

  output logic       irq_valid,
  input  logic       irq_ready,
  output logic [4:0] irq_vector,

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
  output logic               m_axi_rready,

  output logic [COUNTER_COUNT-1:0] cnt_o,
  output logic                     idle_o
);
  localparam int unsigned BytesW = $clog2(DataW / 8) + 1;

  // Clients of the reader.
  localparam int unsigned RdPayload = 0, RdDesc = 1, RdPtx = 2, RdPtxDesc = 3, RdPrxDesc = 4,
      RdSoc = 5, RdClients = 6;
  logic [RdClients-1:0] req_valid, req_ready, rsp_valid;
  logic [RdClients-1:0][63:0] req_addr;
  logic [RdClients-1:0][15:0] req_len;
  logic req_join, rsp_last, rsp_error, rd_busy;
  logic [ DataW-1:0] rsp_data;
  logic [BytesW-1:0] rsp_bytes;
  assign req_len[RdDesc] = 16'($bits(snd_desc_t) / 8);

  // Clients of the writer.
  localparam int unsigned WrRx = 0, WrPrxCpl = 1, WrEvt = 2, WrPtxWb = 3, WrSoc = 4, WrClients = 5;
  logic [WrClients-1:0] cmd_valid, cmd_ready, wd_valid, wd_ready, done_valid;
  logic [WrClients-1:0][63:0] cmd_addr;
  logic [WrClients-1:0][15:0] cmd_len;
  logic [WrClients-1:0][DataW-1:0] wd_data;
  logic [4:0] cmd_ring_log2;
  logic done_error, wr_busy;

  logic [COUNTER_COUNT-1:0] cnt_gather, cnt_ptx, cnt_rx, cnt_evt, cnt_bus;
  logic gather_idle, ptx_idle, rx_idle, cpl_idle, evt_idle, wb_idle, irq_idle;
  logic run;
  assign run = cfg_i.run;

  chim_dma_read #(
    .DataW  (DataW),
    .Clients(RdClients)
  ) u_read (
    .clk_i,
    .rst_ni,
    .req_valid,
    .req_ready,
    .req_addr,
    .req_len,
    .req_join,
    .rsp_valid,
    .rsp_data,
    .rsp_bytes,
    .rsp_last,
    .rsp_error,
    .stop_i,
    .busy_o(rd_busy),
    .m_axi_arid,
    .m_axi_araddr,
    .m_axi_arlen,
    .m_axi_arsize,
    .m_axi_arburst,
    .m_axi_arvalid,
    .m_axi_arready,
    .m_axi_rid,
    .m_axi_rdata,
    .m_axi_rresp,
    .m_axi_rlast,
    .m_axi_rvalid,
    .m_axi_rready
  );

  chim_dma_write #(
    .DataW  (DataW),
    .Clients(WrClients)
  ) u_write (
    .clk_i,
    .rst_ni,
    .cmd_valid,
    .cmd_ready,
    .cmd_addr,
    .cmd_len,
    .cmd_ring_log2,
    .wd_valid,
    .wd_ready,
    .wd_data,
    .done_valid,
    .done_error,
    .stop_i,
    .busy_o(wr_busy),
    .m_axi_awid,
    .m_axi_awaddr,
    .m_axi_awlen,
    .m_axi_awsize,
    .m_axi_awburst,
    .m_axi_awvalid,
    .m_axi_awready,
    .m_axi_wdata,
    .m_axi_wstrb,
    .m_axi_wlast,
    .m_axi_wvalid,
    .m_axi_wready,
    .m_axi_bid,
    .m_axi_bresp,
    .m_axi_bvalid,
    .m_axi_bready
  );

  // ---- tables
  // -------------------------------------------------------------------------------------
  logic tbl_rx, g_ready, g_rvalid, r_ready, r_rvalid;
  logic [31:0] g_rdata, r_rdata;
  assign tbl_rx     = tbl_req.table_id == TABLE_RCV_RING;
  assign tbl_ready  = tbl_rx ? r_ready : g_ready;
  assign tbl_rvalid = g_rvalid || r_rvalid;
  assign tbl_rdata  = r_rvalid ? r_rdata : g_rdata;

  chim_gather #(
    .DataW(DataW),
    .Conns(Conns)
  ) u_gather (
    .clk_i,
    .rst_ni,
    .cmd_valid     (gather_cmd_valid),
    .cmd_ready     (gather_cmd_ready),
    .cmd           (gather_cmd),
    .m_axis_payload_tdata,
    .m_axis_payload_tkeep,
    .m_axis_payload_tlast,
    .m_axis_payload_tuser,
    .m_axis_payload_tvalid,
    .m_axis_payload_tready,
    .gathered_valid,
    .gathered_ready,
    .gathered,
    .pay_req_valid (req_valid[RdPayload]),
    .pay_req_ready (req_ready[RdPayload]),
    .pay_req_addr  (req_addr[RdPayload]),
    .pay_req_len   (req_len[RdPayload]),
    .pay_req_join  (req_join),
    .pay_rsp_valid (rsp_valid[RdPayload]),
    .desc_req_valid(req_valid[RdDesc]),
    .desc_req_ready(req_ready[RdDesc]),
    .desc_req_addr (req_addr[RdDesc]),
    .desc_rsp_valid(rsp_valid[RdDesc]),
    .rsp_data,
    .rsp_bytes,
    .rsp_last,
    .rsp_error,
    .tbl_valid     (tbl_valid && !tbl_rx),
    .tbl_ready     (g_ready),
    .tbl_req,
    .tbl_rvalid    (g_rvalid),
    .tbl_rdata     (g_rdata),
    .cnt_o         (cnt_gather),
    .idle_o        (gather_idle)
  );

  // ---- plain transmit
  // -----------------------------------------------------------------------------
  logic ptx_desc_valid, ptx_desc_ready, ptx_fault, prx_fault;
  logic [127:0] ptx_desc_bits, prx_desc_bits;

  chim_desc_fetch #(
    .DataW(DataW)
  ) u_ptx_desc (
    .clk_i,
    .rst_ni,
    .run_i     (run),
    .base_i    (cfg_i.ptx.base),
    .log2_i    (cfg_i.ptx.log2),
    .host_i    (cfg_i.ptx.host),
    .desc_valid(ptx_desc_valid),
    .desc_ready(ptx_desc_ready && !quiesce_i),
    .desc      (ptx_desc_bits),
    .req_valid (req_valid[RdPtxDesc]),
    .req_ready (req_ready[RdPtxDesc]),
    .req_addr  (req_addr[RdPtxDesc]),
    .req_len   (req_len[RdPtxDesc]),
    .rsp_valid (rsp_valid[RdPtxDesc]),
    .rsp_data,
    .rsp_bytes,
    .rsp_last,
    .rsp_error,
    .fault_o   (ptx_fault)
  );

  chim_ptx #(
    .DataW(DataW)
  ) u_ptx (
    .clk_i,
    .rst_ni,
    .run_i       (run),
    .desc_valid  (ptx_desc_valid && !quiesce_i),
    .desc_ready  (ptx_desc_ready),
    .desc        (ptx_desc_t'(ptx_desc_bits)),
    .device_o    (ptx_device_o),
    .req_valid   (req_valid[RdPtx]),
    .req_ready   (req_ready[RdPtx]),
    .req_addr    (req_addr[RdPtx]),
    .req_len     (req_len[RdPtx]),
    .rsp_valid   (rsp_valid[RdPtx]),
    .rsp_data,
    .rsp_bytes,
    .rsp_last,
    .rsp_error,
    .m_axis_tdata(m_axis_ptx_tdata),
    .m_axis_tkeep(m_axis_ptx_tkeep),
    .m_axis_tlast(m_axis_ptx_tlast),
    .m_axis_tuser(m_axis_ptx_tuser),
    .m_axis_plain_tvalid,
    .m_axis_plain_tready,
    .m_axis_inject_tvalid,
    .m_axis_inject_tready,
    .conn_o      (inject_conn),
    .gen_o       (inject_gen),
    .held_o      (inject_held),
    .give_up_valid,
    .give_up_ready,
    .cnt_o       (cnt_ptx),
    .idle_o      (ptx_idle)
  );

  assign give_up_conn = inject_conn;
  assign give_up_gen  = inject_gen;

  logic wb_irq;
  logic [DataW-1:0] wb_data;
  assign wd_data[WrPtxWb][DataW-1:0] = wb_data;
  chim_index_wb #(
    .DataW(DataW)
  ) u_ptx_wb (
    .clk_i,
    .rst_ni,
    .run_i     (run),
    .addr_i    (cfg_i.ptx_wb),
    .index_i   (ptx_device_o),
    .cmd_valid (cmd_valid[WrPtxWb]),
    .cmd_ready (cmd_ready[WrPtxWb]),
    .cmd_addr  (cmd_addr[WrPtxWb]),
    .cmd_len   (cmd_len[WrPtxWb]),
    .wd_valid  (wd_valid[WrPtxWb]),
    .wd_ready  (wd_ready[WrPtxWb]),
    .wd_data   (wb_data),
    .done_valid(done_valid[WrPtxWb]),
    .irq_o     (wb_irq),
    .idle_o    (wb_idle)
  );

  // ---- receive
  // ------------------------------------------------------------------------------------
  logic buf_valid, buf_ready, cpl_valid, cpl_ready, cpl_irq;
  prx_cpl_t cpl;

  chim_desc_fetch #(
    .DataW(DataW),
    .Ahead(32)
  ) u_prx_desc (
    .clk_i,
    .rst_ni,
    .run_i     (run),
    .base_i    (cfg_i.prx.base),
    .log2_i    (cfg_i.prx.log2),
    .host_i    (cfg_i.prx.host),
    .desc_valid(buf_valid),
    .desc_ready(buf_ready),
    .desc      (prx_desc_bits),
    .req_valid (req_valid[RdPrxDesc]),
    .req_ready (req_ready[RdPrxDesc]),
    .req_addr  (req_addr[RdPrxDesc]),
    .req_len   (req_len[RdPrxDesc]),
    .rsp_valid (rsp_valid[RdPrxDesc]),
    .rsp_data,
    .rsp_bytes,
    .rsp_last,
    .rsp_error,
    .fault_o   (prx_fault)
  );
  always_ff @(posedge clk_i) begin
    if (buf_valid && buf_ready) prx_device_o <= prx_device_o + 1'b1;
    if (!rst_ni || !run) prx_device_o <= '0;
  end

  chim_rx_write #(
    .DataW(DataW),
    .Conns(Conns)
  ) u_rx_write (
    .clk_i,
    .rst_ni,
    .item_valid,
    .item_ready,
    .item,
    .s_axis_item_tdata,
    .s_axis_item_tlast,
    .s_axis_item_tvalid,
    .s_axis_item_tready,
    .buf_valid,
    .buf_ready,
    .buf_desc(prx_desc_t'(prx_desc_bits)),
    .placed_valid,
    .placed_ready,
    .placed,
    .cpl_valid,
    .cpl_ready,
    .cpl,
    .lost_valid,
    .lost_ready,
    .lost_conn,
    .lost_gen,
    .verdict_place_i,
    .fence_valid(rx_fence_valid),
    .fence_conn (rx_fence_conn),
    .time_ms_i,
    .cmd_valid (cmd_valid[WrRx]),
    .cmd_ready (cmd_ready[WrRx]),
    .cmd_addr  (cmd_addr[WrRx]),
    .cmd_len   (cmd_len[WrRx]),
    .cmd_ring_log2,
    .wd_valid  (wd_valid[WrRx]),
    .wd_ready  (wd_ready[WrRx]),
    .wd_data   (wd_data[WrRx]),
    .done_valid(done_valid[WrRx]),
    .done_error,
    .tbl_valid (tbl_valid && tbl_rx),
    .tbl_ready (r_ready),
    .tbl_req,
    .tbl_rvalid(r_rvalid),
    .tbl_rdata (r_rdata),
    .cnt_o (cnt_rx),
    .idle_o(rx_idle)
  );

  chim_prx_cpl #(
    .DataW(DataW)
  ) u_prx_cpl (
    .clk_i,
    .rst_ni,
    .run_i     (run),
    .base_i    (cfg_i.prx_cpl.base),
    .log2_i    (cfg_i.prx_cpl.log2),
    .host_i    (cfg_i.prx_cpl.host),
    .device_o  (prx_cpl_device_o),
    .cpl_valid,
    .cpl_ready,
    .cpl,
    .cmd_valid (cmd_valid[WrPrxCpl]),
    .cmd_ready (cmd_ready[WrPrxCpl]),
    .cmd_addr  (cmd_addr[WrPrxCpl]),
    .cmd_len   (cmd_len[WrPrxCpl]),
    .wd_valid  (wd_valid[WrPrxCpl]),
    .wd_ready  (wd_ready[WrPrxCpl]),
    .wd_data   (wd_data[WrPrxCpl]),
    .done_valid(done_valid[WrPrxCpl]),
    .irq_o     (cpl_irq),
    .idle_o    (cpl_idle)
  );

  // ---- events, firmware, interrupts
  // ---------------------------------------------------------------
  logic evt_irq;
  chim_evt_ring #(
    .DataW(DataW)
  ) u_evt (
    .clk_i,
    .rst_ni,
    .run_i     (run),
    .base_i    (cfg_i.evt.base),
    .log2_i    (cfg_i.evt.log2),
    .host_i    (cfg_i.evt.host),
    .device_o  (evt_device_o),
    .time_ms_i,
    .conn_valid(conn_event_valid),
    .conn_ready(conn_event_ready),
    .conn_event,
    .conn_gen  (conn_event_gen),
    .fw_valid  (fwevt_valid),
    .fw_ready  (fwevt_ready),
    .fw_event  (fwevt),
    .cmd_valid (cmd_valid[WrEvt]),
    .cmd_ready (cmd_ready[WrEvt]),
    .cmd_addr  (cmd_addr[WrEvt]),
    .cmd_len   (cmd_len[WrEvt]),
    .wd_valid  (wd_valid[WrEvt]),
    .wd_ready  (wd_ready[WrEvt]),
    .wd_data   (wd_data[WrEvt]),
    .done_valid(done_valid[WrEvt]),
    .irq_o     (evt_irq),
    .cnt_o     (cnt_evt),
    .idle_o    (evt_idle)
  );

  chim_soc_dma #(
    .DataW(DataW)
  ) u_soc_dma (
    .clk_i,
    .rst_ni,
    .sdma_cmd_valid,
    .sdma_cmd_ready,
    .sdma_cmd_host,
    .sdma_cmd_len,
    .sdma_cmd_write,
    .sdma_rd_data,
    .sdma_rd_valid,
    .sdma_rd_ready,
    .sdma_wr_data,
    .sdma_wr_valid,
    .sdma_wr_ready,
    .sdma_done,
    .sdma_error,
    .req_valid (req_valid[RdSoc]),
    .req_ready (req_ready[RdSoc]),
    .req_addr  (req_addr[RdSoc]),
    .req_len   (req_len[RdSoc]),
    .rsp_valid (rsp_valid[RdSoc]),
    .rsp_data,
    .rsp_bytes,
    .rsp_last,
    .rsp_error,
    .cmd_valid (cmd_valid[WrSoc]),
    .cmd_ready (cmd_ready[WrSoc]),
    .cmd_addr  (cmd_addr[WrSoc]),
    .cmd_len   (cmd_len[WrSoc]),
    .wd_valid  (wd_valid[WrSoc]),
    .wd_ready  (wd_ready[WrSoc]),
    .wd_data   (wd_data[WrSoc]),
    .done_valid(done_valid[WrSoc]),
    .done_error
  );

  chim_irq u_irq (
    .clk_i,
    .rst_ni,
    .pulse_i ({wb_irq, cpl_irq, evt_irq}),
    .vector_i({cfg_i.irq_ptx, cfg_i.irq_prx, cfg_i.irq_evt}),
    .gap_i   (cfg_i.irq_gap),
    .irq_valid,
    .irq_ready,
    .irq_vector,
    .idle_o  (irq_idle)
  );

  always_comb begin
    cnt_bus = '0;
    cnt_bus[COUNTER_DMA_READ_ERROR] = (|rsp_valid) && rsp_last && rsp_error;
    cnt_bus[COUNTER_DMA_WRITE_ERROR] = (|done_valid) && done_error;
  end
  assign cnt_o = cnt_gather | cnt_ptx | cnt_rx | cnt_evt | cnt_bus;
  assign bus_idle_o = !rd_busy && !wr_busy;
  assign fault_o = ptx_fault || prx_fault;
  assign idle_o  = gather_idle && ptx_idle && rx_idle && cpl_idle && evt_idle && wb_idle && irq_idle
      && !rd_busy && !wr_busy;

  logic unused_cfg;
  assign unused_cfg = &{1'b0, cfg_i.promiscuous, cfg_i.mac, cfg_i.admin};
endmodule
