// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The NIC: MAC side (AXI4-Stream), host memory (AXI4), registers (AXI4-Lite), MSI-X requests.
// Wiring only; every block's own file says what it does. The same in simulation, synthesis and on a
// board.
//
//   MAC rx -> rx_path -> engine -> tx_path -> MAC tx
//               |   ^      |         |   ^
//             items |    events   commands payload
//               v  inject  v         v   |
//               +---------- dma ---------+  <- host_if (registers, doorbells), soc (firmware)
module chim_core
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW            = 64,    // bits of all data buses: 64, 128, 256, 512
  parameter int unsigned Conns            = 1024,  // connections, power of two, 64..65536
  parameter int unsigned Paths            = 64,    // power of two
  parameter int unsigned Neighbors        = 64,    // power of two
  parameter int unsigned PlainRingLog2Max = 12,    // largest ring the driver may set up
  parameter              FwHex            = ""     // firmware image for the soft core's RAM
) (
  input logic clk_i,
  input logic rst_ni,

  input  logic [31:0] time_ms_i,  // absolute, may jump forward (D5)
  output logic        idle_o,     // nothing is moving inside, but for firmware's own thoughts

  input logic [DataW-1:0] s_axis_mac_tdata,
  input logic [DataW/8-1:0] s_axis_mac_tkeep,
  input logic s_axis_mac_tlast,
  input logic s_axis_mac_tuser,
  input logic s_axis_mac_tvalid,
  output logic s_axis_mac_tready,
  output logic [DataW-1:0] m_axis_mac_tdata,
  output logic [DataW/8-1:0] m_axis_mac_tkeep,
  output logic m_axis_mac_tlast,
  output logic m_axis_mac_tuser,
  output logic m_axis_mac_tvalid,
  input logic m_axis_mac_tready,

  output logic [3:0] m_axi_awid,
  output logic [63:0] m_axi_awaddr,
  output logic [7:0] m_axi_awlen,
  output logic [2:0] m_axi_awsize,
  output logic [1:0] m_axi_awburst,
  output logic m_axi_awvalid,
  input logic m_axi_awready,
  output logic [DataW-1:0] m_axi_wdata,
  output logic [DataW/8-1:0] m_axi_wstrb,
  output logic m_axi_wlast,
  output logic m_axi_wvalid,
  input logic m_axi_wready,
  input logic [3:0] m_axi_bid,
  input logic [1:0] m_axi_bresp,
  input logic m_axi_bvalid,
  output logic m_axi_bready,
  output logic [3:0] m_axi_arid,
  output logic [63:0] m_axi_araddr,
  output logic [7:0] m_axi_arlen,
  output logic [2:0] m_axi_arsize,
  output logic [1:0] m_axi_arburst,
  output logic m_axi_arvalid,
  input logic m_axi_arready,
  input logic [3:0] m_axi_rid,
  input logic [DataW-1:0] m_axi_rdata,
  input logic [1:0] m_axi_rresp,
  input logic m_axi_rlast,
  input logic m_axi_rvalid,
  output logic m_axi_rready,

  // Bit 24 of the address: 0 BAR 0 (registers), 1 BAR 2 (doorbells).
  input logic [24:0] s_axil_awaddr,
  input logic [2:0] s_axil_awprot,
  input logic s_axil_awvalid,
  output logic s_axil_awready,
  input logic [31:0] s_axil_wdata,
  input logic [3:0] s_axil_wstrb,
  input logic s_axil_wvalid,
  output logic s_axil_wready,
  output logic [1:0] s_axil_bresp,
  output logic s_axil_bvalid,
  input logic s_axil_bready,
  input logic [24:0] s_axil_araddr,
  input logic [2:0] s_axil_arprot,
  input logic s_axil_arvalid,
  output logic s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [1:0] s_axil_rresp,
  output logic s_axil_rvalid,
  input logic s_axil_rready,

  output logic irq_valid,
  input logic irq_ready,
  output logic [4:0] irq_vector
);
  logic core_rst_n, stop, restart, reset_request, bus_idle;
  chim_reset u_reset (
    .clk_i,
    .rst_ni,
    .request_i  (reset_request),
    .bus_idle_i (bus_idle),
    .stop_o     (stop),
    .restart_o  (restart),
    .core_rst_no(core_rst_n)
  );

  // ---- host side
  // ----------------------------------------------------------------------------------
  host_cfg_t  cfg;
  host_info_t info;
  logic bell_valid, bell_ready, bell_in_ready;
  bell_t bell;
  logic [GEN_W-1:0] bell_gen;
  logic cnt_rd_en, cnt_rd_valid;
  logic [ 9:0] cnt_rd_index;
  logic [31:0] cnt_rd_data;
  logic [COUNTER_COUNT-1:0] cnt_host, cnt_rx, cnt_tx, cnt_engine, cnt_dma, cnt_soc, cnt_top;
  logic fault, fatal_q;

  chim_host_if #(
    .DataW      (DataW),
    .Conns      (Conns),
    .Paths      (Paths),
    .Neighbors  (Neighbors),
    .RingLog2Max(PlainRingLog2Max)
  ) u_host_if (
    .clk_i,
    .rst_ni,
    .s_axil_awaddr,
    .s_axil_awprot,
    .s_axil_awvalid,
    .s_axil_awready,
    .s_axil_wdata,
    .s_axil_wstrb,
    .s_axil_wvalid,
    .s_axil_wready,
    .s_axil_bresp,
    .s_axil_bvalid,
    .s_axil_bready,
    .s_axil_araddr,
    .s_axil_arprot,
    .s_axil_arvalid,
    .s_axil_arready,
    .s_axil_rdata,
    .s_axil_rresp,
    .s_axil_rvalid,
    .s_axil_rready,
    .db_valid      (bell_valid),
    .db_ready      (bell_ready),
    .db            (bell),
    .db_gen        (bell_gen),
    .cfg_o         (cfg),
    .info_i        (info),
    .reset_o       (reset_request),
    .cnt_rd_en_o   (cnt_rd_en),
    .cnt_rd_index_o(cnt_rd_index),
    .cnt_rd_valid_i(cnt_rd_valid),
    .cnt_rd_data_i (cnt_rd_data),
    .cnt_o         (cnt_host)
  );
  // While the rest is in reset a doorbell goes nowhere, but the bus is answered.
  assign bell_ready = bell_in_ready || !core_rst_n;

  always_comb begin
    cnt_top = '0;
    cnt_top[COUNTER_CYCLES] = 1'b1;
  end
  chim_counters u_counters (
    .clk_i,
    .rst_ni    (core_rst_n),
    .pulse_i   (cnt_host | cnt_rx | cnt_tx | cnt_engine | cnt_dma | cnt_soc | cnt_top),
    .rd_en_i   (cnt_rd_en),
    .rd_index_i(cnt_rd_index),
    .rd_valid_o(cnt_rd_valid),
    .rd_data_o (cnt_rd_data)
  );

  logic fw_alive, quiesce, quiet;
  logic [31:0] fw_code, admin_device, evt_device, ptx_device, prx_device, prx_cpl_device;
  assign quiet = quiesce && bus_idle;
  assign info = '{
          fw_alive: fw_alive,
          quiesced: quiet,
          fatal: fatal_q,
          time_ms: time_ms_i,
          fw_code: fw_code,
          admin_device: admin_device,
          evt_device: evt_device,
          ptx_device: ptx_device,
          prx_device: prx_device,
          prx_cpl_device: prx_cpl_device
      };
  always_ff @(posedge clk_i) begin
    if (fault) fatal_q <= 1'b1;
    if (!core_rst_n) fatal_q <= 1'b0;
  end

  // ---- tables: one request at a time, to whom it belongs
  // -------------------------------------------
  logic tbl_valid, tbl_ready, tbl_rvalid;
  tbl_req_t tbl_req;
  logic [31:0] tbl_rdata;
  logic to_tx, to_dma, to_rx, to_engine;
  logic tx_tbl_ready, dma_tbl_ready, rx_tbl_ready, engine_tbl_ready;
  logic tx_tbl_rvalid, dma_tbl_rvalid, rx_tbl_rvalid, engine_tbl_rvalid;
  logic [31:0] tx_tbl_rdata, dma_tbl_rdata, rx_tbl_rdata, engine_tbl_rdata;
  always_comb begin
    to_tx     = 1'b0;
    to_dma    = 1'b0;
    to_rx     = 1'b0;
    to_engine = 1'b0;
    unique case (tbl_req.table_id)
      TABLE_CFG_HDR, TABLE_PATH, TABLE_NEIGHBOR:    to_tx = 1'b1;
      TABLE_RCV_RING, TABLE_SND_RING, TABLE_CURSOR: to_dma = 1'b1;
      TABLE_ENTRY:                                  to_rx = 1'b1;
      default:                                      to_engine = 1'b1;
    endcase
  end
  assign tbl_ready = (to_tx && tx_tbl_ready) || (to_dma && dma_tbl_ready) || (to_rx && rx_tbl_ready)
      || (to_engine && engine_tbl_ready);
  assign tbl_rvalid = tx_tbl_rvalid || dma_tbl_rvalid || rx_tbl_rvalid || engine_tbl_rvalid;
  assign tbl_rdata = tx_tbl_rvalid ? tx_tbl_rdata : dma_tbl_rvalid ? dma_tbl_rdata
      : rx_tbl_rvalid ? rx_tbl_rdata : engine_tbl_rdata;

  // ---- receive
  // ------------------------------------------------------------------------------------
  logic seg_valid, seg_ready, verdict_valid, verdict_ready, live_we, live_val;
  seg_t seg;
  rx_verdict_t verdict;
  conn_t live_conn;
  logic item_valid, item_ready, item_tlast, item_tvalid, item_tready;
  rx_item_t item;
  logic [DataW-1:0] item_tdata;
  logic [DataW/8-1:0] item_tkeep;
  logic [DataW-1:0] ptx_tdata;
  logic [DataW/8-1:0] ptx_tkeep;
  logic ptx_tlast, ptx_tuser, plain_tvalid, plain_tready, inject_tvalid, inject_tready;
  conn_t inject_conn, give_up_conn, lost_conn;
  logic [GEN_W-1:0] inject_gen, give_up_gen, lost_gen;
  logic inject_held;
  logic give_up_valid, give_up_ready, lost_valid, lost_ready;
  logic db_valid, db_ready;
  bell_t db;
  logic lkp_valid, lkp_ready, lkp_ok, hold_evt_valid, hold_evt_pop;
  lkp_req_t lkp_req;
  conn_t lkp_conn, hold_evt_conn;
  logic [31:0] lkp_seed;
  logic rx_idle, tx_idle, engine_idle, dma_idle;

  chim_rx_path #(
    .DataW(DataW),
    .Conns(Conns)
  ) u_rx_path (
    .clk_i,
    .rst_ni              (core_rst_n),
    .mac_i               ({<<8{cfg.mac}}),      // first byte in the low bits here
    .promiscuous_i       (cfg.promiscuous),
    .lkp_seed_i          (lkp_seed),
    .s_axis_mac_tdata,
    .s_axis_mac_tkeep,
    .s_axis_mac_tlast,
    .s_axis_mac_tuser,
    .s_axis_mac_tvalid,
    .s_axis_mac_tready,
    .s_axis_inject_tdata (ptx_tdata),
    .s_axis_inject_tkeep (ptx_tkeep),
    .s_axis_inject_tlast (ptx_tlast),
    .s_axis_inject_tuser (ptx_tuser),
    .s_axis_inject_tvalid(inject_tvalid),
    .s_axis_inject_tready(inject_tready),
    .inject_conn,
    .inject_gen,
    .inject_held,
    .give_up_valid,
    .give_up_ready,
    .give_up_conn,
    .give_up_gen,
    .lost_valid,
    .lost_ready,
    .lost_conn,
    .lost_gen,
    .seg_valid,
    .seg_ready,
    .seg,
    .verdict_valid,
    .verdict_ready,
    .verdict,
    .live_we,
    .live_conn,
    .live_val,
    .item_valid,
    .item_ready,
    .item,
    .m_axis_item_tdata   (item_tdata),
    .m_axis_item_tkeep   (item_tkeep),
    .m_axis_item_tlast   (item_tlast),
    .m_axis_item_tvalid  (item_tvalid),
    .m_axis_item_tready  (item_tready),
    .db_in_valid         (bell_valid),
    .db_in_ready         (bell_in_ready),
    .db_in_conn          (bell.conn),
    .db_in_gen           (bell_gen),
    .db_in_queue         (bell.queue),
    .db_in_value         (bell.value),
    .db_valid,
    .db_ready,
    .db,
    .lkp_valid,
    .lkp_ready,
    .lkp_req,
    .lkp_ok_o            (lkp_ok),
    .lkp_conn_o          (lkp_conn),
    .hold_evt_valid_o    (hold_evt_valid),
    .hold_evt_conn_o     (hold_evt_conn),
    .hold_evt_pop_i      (hold_evt_pop),
    .tbl_valid           (tbl_valid && to_rx),
    .tbl_ready           (rx_tbl_ready),
    .tbl_req,
    .tbl_rvalid          (rx_tbl_rvalid),
    .tbl_rdata           (rx_tbl_rdata),
    .cnt_o               (cnt_rx),
    .idle_o              (rx_idle)
  );

  // ---- engine
  // -------------------------------------------------------------------------------------
  step_params_t params;
  logic placed_valid, placed_ready, gathered_valid, gathered_ready;
  placement_t placed;
  gathered_t  gathered;
  logic tx_data_valid, tx_data_ready, tx_ack_valid, tx_ack_ready;
  tx_cmd_t tx_data, tx_ack;
  logic bind_req_valid, bind_rsp_valid;
  bind_req_t bind_req;
  bind_rsp_t bind_rsp;
  logic evt_valid, evt_ready, conn_event_valid, conn_event_ready;
  conn_event_t evt, conn_event;
  logic [GEN_W-1:0] conn_event_gen;
  logic kick_valid, ack_now_valid, fence_valid, tx_fence_done;
  conn_t kick_conn, ack_now_conn, fence_conn;
  logic [2:0] fence_busy;  // engine, placement side, transmit side

  chim_engine #(
    .Conns(Conns)
  ) u_engine (
    .clk_i,
    .rst_ni(core_rst_n),
    .time_ms_i,
    .params_i(params),
    .seg_valid,
    .seg_ready,
    .seg,
    .verdict_valid,
    .verdict_ready,
    .verdict,
    .placed_valid,
    .placed_ready,
    .placed,
    .db_valid,
    .db_ready,
    .db,
    .tx_data_valid,
    .tx_data_ready,
    .tx_data,
    .tx_ack_valid,
    .tx_ack_ready,
    .tx_ack,
    .bind_req_valid,
    .bind_req,
    .bind_rsp_valid,
    .bind_rsp,
    .gathered_valid,
    .gathered_ready,
    .gathered,
    .evt_valid,
    .evt_ready,
    .evt,
    .tbl_valid (tbl_valid && to_engine),
    .tbl_ready (engine_tbl_ready),
    .tbl_req,
    .tbl_rvalid(engine_tbl_rvalid),
    .tbl_rdata (engine_tbl_rdata),
    .kick_valid,
    .kick_conn,
    .ack_now_valid,
    .ack_now_conn,
    .fence_valid,
    .fence_conn,
    .fence_busy_o   (fence_busy),
    .tx_fence_done_i(tx_fence_done),
    .live_we,
    .live_conn,
    .live_val,
    .cnt_o (cnt_engine),
    .idle_o(engine_idle)
  );

  chim_event_gen #(
    .Conns(Conns)
  ) u_event_gen (
    .clk_i,
    .rst_ni    (core_rst_n),
    .gen_we_i  (lkp_valid && lkp_ready && lkp_req.op == LKP_OP_ENTRY),
    .gen_conn_i(lkp_req.conn),
    .gen_val_i (lkp_req.entry.Gen),
    .in_valid  (evt_valid),
    .in_ready  (evt_ready),
    .in_event  (evt),
    .out_valid (conn_event_valid),
    .out_ready (conn_event_ready),
    .out_event (conn_event),
    .out_gen   (conn_event_gen)
  );

  // ---- transmit
  // -----------------------------------------------------------------------------------
  logic gather_cmd_valid, gather_cmd_ready;
  tx_cmd_t gather_cmd;
  logic [DataW-1:0] payload_tdata;
  logic [DataW/8-1:0] payload_tkeep;
  logic payload_tlast, payload_tuser, payload_tvalid, payload_tready;

  chim_tx_path #(
    .DataW    (DataW),
    .Conns    (Conns),
    .Paths    (Paths),
    .Neighbors(Neighbors)
  ) u_tx_path (
    .clk_i,
    .rst_ni(core_rst_n),
    .tx_data_valid,
    .tx_data_ready,
    .tx_data,
    .tx_ack_valid,
    .tx_ack_ready,
    .tx_ack,
    .bind_req_valid,
    .bind_req,
    .bind_rsp_valid,
    .bind_rsp,
    .gather_cmd_valid,
    .gather_cmd_ready,
    .gather_cmd,
    .s_axis_payload_tdata(payload_tdata),
    .s_axis_payload_tkeep(payload_tkeep),
    .s_axis_payload_tlast(payload_tlast),
    .s_axis_payload_tuser(payload_tuser),
    .s_axis_payload_tvalid(payload_tvalid),
    .s_axis_payload_tready(payload_tready),
    .s_axis_plain_tdata(ptx_tdata),
    .s_axis_plain_tkeep(ptx_tkeep),
    .s_axis_plain_tlast(ptx_tlast),
    .s_axis_plain_tuser(ptx_tuser),
    .s_axis_plain_tvalid(plain_tvalid),
    .s_axis_plain_tready(plain_tready),
    .m_axis_mac_tdata,
    .m_axis_mac_tkeep,
    .m_axis_mac_tlast,
    .m_axis_mac_tuser,
    .m_axis_mac_tvalid,
    .m_axis_mac_tready,
    .tbl_valid(tbl_valid && to_tx),
    .tbl_ready(tx_tbl_ready),
    .tbl_req,
    .tbl_rvalid(tx_tbl_rvalid),
    .tbl_rdata(tx_tbl_rdata),
    .tx_fence_done_o(tx_fence_done),
    .placed_valid_i(placed_valid && placed_ready && !placed.fence),
    .placed_conn_i(placed.conn),
    .cnt_o(cnt_tx),
    .idle_o(tx_idle)
  );

  // ---- host memory
  // --------------------------------------------------------------------------------
  logic fwevt_valid, fwevt_ready;
  event_t fwevt;
  logic sdma_cmd_valid, sdma_cmd_ready, sdma_cmd_write, sdma_rd_valid, sdma_rd_ready;
  logic sdma_wr_valid, sdma_wr_ready, sdma_done, sdma_error;
  logic [63:0] sdma_cmd_host, sdma_rd_data, sdma_wr_data;
  logic [15:0] sdma_cmd_len;

  chim_dma #(
    .DataW(DataW),
    .Conns(Conns)
  ) u_dma (
    .clk_i,
    .rst_ni               (core_rst_n),
    .cfg_i                (cfg),
    .quiesce_i            (quiesce),
    .time_ms_i,
    .evt_device_o         (evt_device),
    .ptx_device_o         (ptx_device),
    .prx_device_o         (prx_device),
    .prx_cpl_device_o     (prx_cpl_device),
    .fault_o              (fault),
    .stop_i               (stop),
    .bus_idle_o           (bus_idle),
    .gather_cmd_valid,
    .gather_cmd_ready,
    .gather_cmd,
    .m_axis_payload_tdata (payload_tdata),
    .m_axis_payload_tkeep (payload_tkeep),
    .m_axis_payload_tlast (payload_tlast),
    .m_axis_payload_tuser (payload_tuser),
    .m_axis_payload_tvalid(payload_tvalid),
    .m_axis_payload_tready(payload_tready),
    .gathered_valid,
    .gathered_ready,
    .gathered,
    .m_axis_ptx_tdata     (ptx_tdata),
    .m_axis_ptx_tkeep     (ptx_tkeep),
    .m_axis_ptx_tlast     (ptx_tlast),
    .m_axis_ptx_tuser     (ptx_tuser),
    .m_axis_plain_tvalid  (plain_tvalid),
    .m_axis_plain_tready  (plain_tready),
    .m_axis_inject_tvalid (inject_tvalid),
    .m_axis_inject_tready (inject_tready),
    .inject_conn,
    .inject_gen,
    .inject_held,
    .give_up_valid,
    .give_up_ready,
    .give_up_conn,
    .give_up_gen,
    .lost_valid,
    .lost_ready,
    .lost_conn,
    .lost_gen,
    .item_valid,
    .item_ready,
    .item,
    .s_axis_item_tdata    (item_tdata),
    .s_axis_item_tlast    (item_tlast),
    .s_axis_item_tvalid   (item_tvalid),
    .s_axis_item_tready   (item_tready),
    .placed_valid,
    .placed_ready,
    .placed,
    // The fence token goes behind every placement that was decided when it leaves the engine.
    .verdict_place_i      (verdict_valid && verdict_ready && verdict.action == RX_PLACE),
    .rx_fence_valid       (tx_data_valid && tx_data_ready && tx_data.kind == TX_FENCE),
    .rx_fence_conn        (tx_data.conn),
    .conn_event_valid,
    .conn_event_ready,
    .conn_event,
    .conn_event_gen,
    .fwevt_valid,
    .fwevt_ready,
    .fwevt,
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
    .tbl_valid            (tbl_valid && to_dma),
    .tbl_ready            (dma_tbl_ready),
    .tbl_req,
    .tbl_rvalid           (dma_tbl_rvalid),
    .tbl_rdata            (dma_tbl_rdata),
    .irq_valid,
    .irq_ready,
    .irq_vector,
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
    .m_axi_bready,
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
    .m_axi_rready,
    .cnt_o                (cnt_dma),
    .idle_o               (dma_idle)
  );

  // ---- firmware
  // -----------------------------------------------------------------------------------
  lkp_op_e lkp_op;
  key_t lkp_key;
  conn_t lkp_cmd_conn;
  entry_t lkp_entry;
  assign lkp_req = '{
          op: lkp_op,
          conn: lkp_cmd_conn,
          key: '{
              ipv6: lkp_key.ipv6[0],
              local_port: lkp_key.local_port,
              remote_port: lkp_key.remote_port,
              remote_addr: lkp_key.remote,
              local_addr: lkp_key.local_
          },
          entry: lkp_entry
      };

  chim_soc #(
    .Conns    (Conns),
    .Paths    (Paths),
    .Neighbors(Neighbors),
    .HexFile  (FwHex)
  ) u_soc (
    .clk_i,
    .rst_ni,
    .time_ms_i,
    .host_reset_i       (restart),
    .run_i              (cfg.run),
    .mac_i              (cfg.mac),
    .admin_i            (cfg.admin),
    .admin_device_o     (admin_device),
    .fw_alive_o         (fw_alive),
    .fw_code_o          (fw_code),
    .quiesce_o          (quiesce),
    .quiet_i            (quiet),
    .cnt_o              (cnt_soc),
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
    .fwevt_valid,
    .fwevt_ready,
    .fwevt_event        (fwevt),
    .lkp_cmd_valid      (lkp_valid),
    .lkp_cmd_ready      (lkp_ready),
    .lkp_cmd_op         (lkp_op),
    .lkp_cmd_key        (lkp_key),
    .lkp_cmd_conn       (lkp_cmd_conn),
    .lkp_cmd_entry      (lkp_entry),
    .lkp_rsp_valid      (lkp_valid && lkp_ready),
    .lkp_rsp_ok         (lkp_ok),
    .lkp_rsp_conn       (lkp_conn),
    .lkp_seed_o         (lkp_seed),
    .holdevt_valid      (hold_evt_valid),
    .holdevt_ready      (hold_evt_pop),
    .holdevt_conn       (hold_evt_conn),
    .tbl_valid,
    .tbl_ready,
    .tbl_req,
    .tbl_rvalid,
    .tbl_rdata,
    .kick_valid,
    .kick_ready         (1'b1),
    .kick_conn,
    .fence_valid,
    .fence_ready        (1'b1),
    .fence_conn,
    .fence_tx_busy_i    (fence_busy[0]),
    .fence_rx_busy_i    (fence_busy[1]),
    .fence_engine_busy_i(fence_busy[2]),
    .acknow_valid       (ack_now_valid),
    .acknow_ready       (1'b1),
    .acknow_conn        (ack_now_conn),
    .params_o           (params)
  );

  assign idle_o = rx_idle && tx_idle && engine_idle && dma_idle && !s_axis_mac_tvalid
      && admin_device == cfg.admin.host && !bell_valid && !stop;

  logic unused_bits;
  assign unused_bits = &{1'b0, item_tkeep, lkp_key.reserved, lkp_key.ipv6[7:1]};
endmodule
