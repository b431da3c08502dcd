// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The soft core with its RAM and everything firmware drives: admin ring indices, DMA, events,
// lookup commands, tables, fence and parameters of the engine. Hard part: a register write starts a
// handshake that may last; a busy bit, or a stalled write, keeps the next one from overtaking it.
//
// Reset: firmware starts at address 0 when rst_ni rises, and again after host_reset_i; then pending
// shows it until firmware is alive. With host_reset_i everything that this module's handshakes lead
// to must be reset too: none of them is finished. Nothing is dropped here; what firmware counts
// comes out of cnt_o.
module chim_soc
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
#(
  // What the build holds; shown to firmware.
  parameter int unsigned Conns = 1024,
  parameter int unsigned Paths = 256,
  parameter int unsigned Neighbors = 64,
  // RAM in bytes. Firmware keeps 32 bytes a connection beside its code, so larger builds need more.
  parameter int unsigned RamBytes = SOC_RAM_BYTES + ((Conns > 1024) ? 32 * Conns : 0),
  // Firmware, see chim_soc_ram.
  parameter string HexFile = "",
  // The core runs at clk_i divided by this: 1, or an even number.
  parameter int unsigned CoreDiv = 1
) (
  input logic clk_i,
  input logic rst_ni, // synchronous, active low

  // Host side, from the host's registers.
  input  logic      [             31:0] time_ms_i,
  input  logic                          host_reset_i,    // pulse: firmware starts again
  input  logic                          run_i,
  input  logic      [             47:0] mac_i,           // first byte most significant
  input  ring_cfg_t                     admin_i,
  output logic      [             31:0] admin_device_o,
  output logic                          fw_alive_o,
  output logic      [             31:0] fw_code_o,
  output logic                          quiesce_o,
  input  logic                          quiet_i,
  output logic      [COUNTER_COUNT-1:0] cnt_o,

  // Host-memory DMA.
  output logic        sdma_cmd_valid,
  input  logic        sdma_cmd_ready,
  output logic [63:0] sdma_cmd_host,
  output logic [15:0] sdma_cmd_len,
  output logic        sdma_cmd_write,
  input  logic [63:0] sdma_rd_data,
  input  logic        sdma_rd_valid,
  output logic        sdma_rd_ready,
  output logic [63:0] sdma_wr_data,
  output logic        sdma_wr_valid,
  input  logic        sdma_wr_ready,
  input  logic        sdma_done,
  input  logic        sdma_error,

  // Event ring.
  output logic   fwevt_valid,
  input  logic   fwevt_ready,
  output event_t fwevt_event,

  // Lookup.
  output logic           lkp_cmd_valid,
  input  logic           lkp_cmd_ready,
  output lkp_op_e        lkp_cmd_op,
  output key_t           lkp_cmd_key,
  output conn_t          lkp_cmd_conn,
  output entry_t         lkp_cmd_entry,
  input  logic           lkp_rsp_valid,  // one for each command
  input  logic           lkp_rsp_ok,
  input  conn_t          lkp_rsp_conn,
  output logic    [31:0] lkp_seed_o,
  input  logic           holdevt_valid,  // an entry turned LIVE
  output logic           holdevt_ready,
  input  conn_t          holdevt_conn,

  // Tables.
  output logic            tbl_valid,
  input  logic            tbl_ready,
  output tbl_req_t        tbl_req,
  input  logic            tbl_rvalid,
  input  logic     [31:0] tbl_rdata,

  // Engine.
  output logic         kick_valid,
  input  logic         kick_ready,
  output conn_t        kick_conn,
  output logic         fence_valid,
  input  logic         fence_ready,
  output conn_t        fence_conn,
  input  logic         fence_tx_busy_i,      // from the clock after fence is taken on
  input  logic         fence_rx_busy_i,
  input  logic         fence_engine_busy_i,
  output logic         acknow_valid,
  input  logic         acknow_ready,
  output conn_t        acknow_conn,
  output step_params_t params_o
);
  localparam int unsigned RamAddrW = $clog2(RamBytes / 8);

  // ---- core and its reset ----
  logic [4:0] restart_q;  // clocks that the core stays in reset
  logic warm_q, core_rst_n;
  assign core_rst_n = restart_q == '0;
  always_ff @(posedge clk_i) begin
    if (restart_q != '0) restart_q <= restart_q - 1'b1;
    if (fw_alive_o) warm_q <= 1'b0;
    if (host_reset_i) begin
      restart_q <= '1;
      warm_q    <= 1'b1;
    end
    if (!rst_ni) begin
      restart_q <= '1;
      warm_q    <= 1'b0;
    end
  end
  if (CoreDiv > 8) begin : g_check_core_div
    $error("chim_soc: reset lasts 32 clocks, CoreDiv must be at most 8");
  end

  logic ibus_valid, ibus_last, ibus_ack, ibus_err, dbus_valid, dbus_write, dbus_ack, dbus_err;
  logic [29:0] ibus_addr, dbus_addr;
  logic [31:0] ibus_rdata, dbus_wdata, dbus_rdata;
  logic [3:0] dbus_strb;
  chim_soft_core #(
    .ClkDiv     (CoreDiv),
    .ResetVector(SOC_RAM_BASE)
  ) u_core (
    .clk_i,
    .rst_ni(core_rst_n),
    .ibus_valid,
    .ibus_addr,
    .ibus_last,
    .ibus_ack,
    .ibus_err,
    .ibus_rdata,
    .dbus_valid,
    .dbus_addr,
    .dbus_write,
    .dbus_strb,
    .dbus_wdata,
    .dbus_ack,
    .dbus_err,
    .dbus_rdata
  );

  logic ram_a_en, ram_b_en;
  logic [7:0] ram_a_strb, ram_b_strb;
  logic [RamAddrW-1:0] ram_a_addr, ram_b_addr;
  logic [63:0] ram_a_wdata, ram_b_wdata, ram_a_rdata, ram_b_rdata;
  logic reg_valid, reg_write, reg_stall;
  logic [8:0] reg_addr;
  logic [31:0] reg_wdata, reg_rdata;
  logic [3:0] reg_strb;
  logic win_valid, win_ready, win_write, win_rvalid;
  logic [24:0] win_addr;
  logic [31:0] win_wdata, win_rdata;
  logic sim_valid;
  logic [9:0] sim_addr;
  logic [31:0] sim_wdata;
  chim_soc_bus #(
    .RamBytes(RamBytes)
  ) u_bus (
    .clk_i,
    .rst_ni     (core_rst_n),
    .ibus_valid,
    .ibus_addr,
    .ibus_last,
    .ibus_ack,
    .ibus_err,
    .ibus_rdata,
    .dbus_valid,
    .dbus_addr,
    .dbus_write,
    .dbus_strb,
    .dbus_wdata,
    .dbus_ack,
    .dbus_err,
    .dbus_rdata,
    .ram_en_o   (ram_a_en),
    .ram_strb_o (ram_a_strb),
    .ram_addr_o (ram_a_addr),
    .ram_wdata_o(ram_a_wdata),
    .ram_rdata_i(ram_a_rdata),
    .reg_valid_o(reg_valid),
    .reg_write_o(reg_write),
    .reg_addr_o (reg_addr),
    .reg_wdata_o(reg_wdata),
    .reg_strb_o (reg_strb),
    .reg_rdata_i(reg_rdata),
    .reg_stall_i(reg_stall),
    .win_valid,
    .win_ready,
    .win_write,
    .win_addr,
    .win_wdata,
    .win_rvalid,
    .win_rdata,
    .sim_valid_o(sim_valid),
    .sim_addr_o (sim_addr),
    .sim_wdata_o(sim_wdata)
  );

  chim_soc_sim u_sim (
    .clk_i,
    .rst_ni,
    .sim_valid_i(sim_valid),
    .sim_addr_i (sim_addr),
    .sim_wdata_i(sim_wdata)
  );

  chim_soc_ram #(
    .Bytes  (RamBytes),
    .HexFile(HexFile)
  ) u_ram (
    .clk_i,
    // In its first clock of reset the core's registers are anything, and RAM holds the firmware.
    .a_en_i   (ram_a_en && rst_ni),
    .a_strb_i (ram_a_strb),
    .a_addr_i (ram_a_addr),
    .a_wdata_i(ram_a_wdata),
    .a_rdata_o(ram_a_rdata),
    .b_en_i   (ram_b_en && rst_ni),
    .b_strb_i (ram_b_strb),
    .b_addr_i (ram_b_addr),
    .b_wdata_i(ram_b_wdata),
    .b_rdata_o(ram_b_rdata)
  );

  // ---- registers ----
  chim_soc_regs_pkg::chim_soc_regs__in_t  hwif_in;
  chim_soc_regs_pkg::chim_soc_regs__out_t hwif_out;
  logic
      unused_stall_wr, unused_stall_rd, unused_rd_ack, unused_rd_err, unused_wr_ack, unused_wr_err;
  chim_soc_regs u_regs (
    .clk(clk_i),
    .rst_n(core_rst_n),
    .s_cpuif_req(reg_valid),
    .s_cpuif_req_is_wr(reg_write),
    .s_cpuif_addr(reg_addr),
    .s_cpuif_wr_data(reg_wdata),
    .s_cpuif_wr_biten({{8{reg_strb[3]}}, {8{reg_strb[2]}}, {8{reg_strb[1]}}, {8{reg_strb[0]}}}),
    .s_cpuif_req_stall_wr(unused_stall_wr),
    .s_cpuif_req_stall_rd(unused_stall_rd),
    .s_cpuif_rd_ack(unused_rd_ack),
    .s_cpuif_rd_err(unused_rd_err),
    .s_cpuif_rd_data(reg_rdata),
    .s_cpuif_wr_ack(unused_wr_ack),
    .s_cpuif_wr_err(unused_wr_err),
    .hwif_in,
    .hwif_out
  );

  logic [31:0] cycles_q;
  logic dma_busy, dma_error, copy_busy, lkp_busy_q, lkp_ok_q;
  conn_t lkp_conn_q;
  logic [1:0] fence_new_q;  // the engine's busy bits may not be up yet
  logic fence_new;
  assign fence_new = fence_valid || fence_new_q != '0;
  always_comb begin
    hwif_in.pending.admin.next       = run_i && admin_i.host != admin_device_o;
    hwif_in.pending.reset.next       = warm_q;
    hwif_in.pending.run.next         = run_i;
    hwif_in.pending.hold.next        = holdevt_valid;
    hwif_in.time_ms.ms.next          = time_ms_i;
    hwif_in.cycles.value.next        = cycles_q;
    hwif_in.fw_ctrl.quiet.next       = quiet_i;
    hwif_in.conns.conns.next         = Conns;
    hwif_in.objects.paths.next       = 16'(Paths);
    hwif_in.objects.neighbors.next   = 16'(Neighbors);
    hwif_in.ram_bytes.value.next     = RamBytes;
    hwif_in.admin_base_lo.value.next = admin_i.base[31:0];
    hwif_in.admin_base_hi.value.next = admin_i.base[63:32];
    hwif_in.admin_log2.value.next    = admin_i.log2;
    hwif_in.admin_host.value.next    = admin_i.host;
    hwif_in.dma_status.busy.next     = dma_busy;
    hwif_in.dma_status.error.next    = dma_error;
    hwif_in.evt_push.busy.next       = fwevt_valid;
    hwif_in.lkp_result.busy.next     = lkp_busy_q;
    hwif_in.lkp_result.ok.next       = lkp_ok_q;
    hwif_in.lkp_result.conn.next     = lkp_conn_q;
    hwif_in.hold_evt.what.next       = {1'b0, holdevt_valid};
    hwif_in.hold_evt.conn.next       = holdevt_conn;
    hwif_in.fence_busy.tx.next       = fence_tx_busy_i || fence_new;
    hwif_in.fence_busy.rx.next       = fence_rx_busy_i || fence_new;
    hwif_in.fence_busy.engine.next   = fence_engine_busy_i || fence_new;
    // In memory order, as struct params has it.
    hwif_in.mac_lo.value.next        = {mac_i[23:16], mac_i[31:24], mac_i[39:32], mac_i[47:40]};
    hwif_in.mac_hi.value.next        = {mac_i[7:0], mac_i[15:8]};
    hwif_in.copy_status.busy.next    = copy_busy;
  end

  assign admin_device_o = hwif_out.admin_device.value.value;
  assign fw_alive_o     = hwif_out.fw_ctrl.alive.value;
  assign fw_code_o      = hwif_out.fw_code.code.value;
  assign quiesce_o      = hwif_out.fw_ctrl.quiesce.value;
  assign lkp_seed_o     = hwif_out.lkp_seed.value.value;
  assign holdevt_ready  = hwif_out.hold_evt.what.swacc;
  assign lkp_cmd_op     = lkp_op_e'(hwif_out.lkp_cmd.op.value);
  assign lkp_cmd_conn   = hwif_out.lkp_cmd.conn.value;
  assign lkp_cmd_entry  = entry_t'(hwif_out.lkp_entry.value.value);
  always_comb begin
    lkp_cmd_key = '0;
    lkp_cmd_key.ipv6[0] = hwif_out.lkp_family.ipv6.value;
    lkp_cmd_key.local_port = hwif_out.lkp_ports.local_port.value;
    lkp_cmd_key.remote_port = hwif_out.lkp_ports.remote_port.value;
    lkp_cmd_key.local_ = {
      hwif_out.lkp_local3.value.value,
      hwif_out.lkp_local2.value.value,
      hwif_out.lkp_local1.value.value,
      hwif_out.lkp_local0.value.value
    };
    lkp_cmd_key.remote = {
      hwif_out.lkp_remote3.value.value,
      hwif_out.lkp_remote2.value.value,
      hwif_out.lkp_remote1.value.value,
      hwif_out.lkp_remote0.value.value
    };
    fwevt_event = {
      hwif_out.evt7.value.value,
      hwif_out.evt6.value.value,
      hwif_out.evt5.value.value,
      hwif_out.evt4.value.value,
      hwif_out.evt3.value.value,
      hwif_out.evt2.value.value,
      hwif_out.evt1.value.value,
      hwif_out.evt0.value.value
    };
  end
  always_comb begin
    params_o.ack_frequency       = hwif_out.param0.ack_frequency.value;
    params_o.dup_ack_threshold   = hwif_out.param0.dup_ack_threshold.value;
    params_o.max_retransmissions = hwif_out.param0.max_retransmissions.value;
    params_o.restart_segs        = hwif_out.param0.restart_segs.value;
    params_o.delayed_ack         = hwif_out.param1.delayed_ack.value;
    params_o.sws                 = hwif_out.param1.sws.value;
    params_o.rto_min             = hwif_out.rto_min.value.value;
    params_o.rto_max             = hwif_out.rto_max.value.value;
    params_o.fin_wait2           = hwif_out.fin_wait2.value.value;
    params_o.event_gap           = hwif_out.event_gap.value.value;
    params_o.high_water          = hwif_out.high_water.value.value;
  end

  // ---- handshakes that a write starts ----
  // swmod is there in the clock of the write, the value in the next one. Kick, fence and ACK are
  // taken within clocks: until then further writes wait, so firmware need not poll.
  logic start_dma_q, start_copy_q, set_copy_q;
  assign kick_conn   = hwif_out.kick.conn.value;
  assign fence_conn  = hwif_out.fence.conn.value;
  assign acknow_conn = hwif_out.ack_now.conn.value;
  assign reg_stall   = kick_valid || fence_valid || acknow_valid;
  always_ff @(posedge clk_i) begin
    cycles_q     <= cycles_q + 1'b1;
    start_dma_q  <= hwif_out.dma_go.len.swmod;
    start_copy_q <= hwif_out.copy_go.conn.swmod;
    set_copy_q   <= hwif_out.copy_ram.value.swmod;
    if (fwevt_ready) fwevt_valid <= 1'b0;
    if (hwif_out.evt_push.go.swmod) fwevt_valid <= 1'b1;
    if (kick_ready) kick_valid <= 1'b0;
    if (hwif_out.kick.conn.swmod) kick_valid <= 1'b1;
    if (acknow_ready) acknow_valid <= 1'b0;
    if (hwif_out.ack_now.conn.swmod) acknow_valid <= 1'b1;
    if (fence_ready) fence_valid <= 1'b0;
    if (hwif_out.fence.conn.swmod) fence_valid <= 1'b1;
    fence_new_q <= {fence_new_q[0], fence_valid};
    if (lkp_cmd_ready) lkp_cmd_valid <= 1'b0;
    if (lkp_rsp_valid) begin
      lkp_busy_q <= 1'b0;
      lkp_ok_q   <= lkp_rsp_ok;
      lkp_conn_q <= lkp_rsp_conn;
    end
    if (hwif_out.lkp_cmd.op.swmod) begin
      lkp_cmd_valid <= 1'b1;
      lkp_busy_q    <= 1'b1;
    end
    if (!core_rst_n) begin
      fwevt_valid  <= 1'b0;
      kick_valid   <= 1'b0;
      acknow_valid <= 1'b0;
      fence_valid  <= 1'b0;
      fence_new_q  <= '0;
      start_dma_q  <= 1'b0;
      start_copy_q <= 1'b0;
      set_copy_q   <= 1'b0;
      lkp_cmd_valid <= 1'b0;
      lkp_busy_q    <= 1'b0;
    end
    if (!rst_ni) cycles_q <= '0;
  end

  logic count_q;
  always_ff @(posedge clk_i) begin
    count_q <= hwif_out.count.which.swmod;
    if (!core_rst_n) count_q <= 1'b0;
  end
  always_comb begin
    cnt_o = '0;
    for (int unsigned i = 0; i < COUNTER_COUNT; i++) begin
      cnt_o[i] = count_q && 32'(hwif_out.count.which.value) == i;
    end
  end

  // ---- RAM port B: copies first, they are short ----
  logic copy_en, stream_en;
  logic [7:0] copy_strb, stream_strb;
  logic [RamAddrW-1:0] copy_addr, stream_addr;
  logic [63:0] copy_wdata, stream_wdata;
  assign ram_b_en    = copy_en || stream_en;
  assign ram_b_strb  = copy_en ? copy_strb : stream_strb;
  assign ram_b_addr  = copy_en ? copy_addr : stream_addr;
  assign ram_b_wdata = copy_en ? copy_wdata : stream_wdata;

  // Copies wait in a queue, with what sets their address. Its length is more than firmware writes
  // between two waits, so it is full only when a table does not answer.
  typedef struct packed {
    logic        to_ram;    // value is a RAM address
    logic        write;
    logic [3:0]  table_id;
    logic [5:0]  words;
    logic [31:0] value;     // address or slot
  } copy_cmd_t;
  copy_cmd_t copy_in, copy_head;
  logic copy_waits, copy_room, tbl_busy;
  logic [5:0] unused_copies;
  assign copy_in = '{
          to_ram: set_copy_q,
          write: hwif_out.copy_go.write.value,
          table_id: hwif_out.copy_go.table_.value,
          words: hwif_out.copy_go.words.value,
          value: set_copy_q ? hwif_out.copy_ram.value.value : 32'(hwif_out.copy_go.conn.value)
      };
  fifo_sync #(
    .T(copy_cmd_t),
    .Depth(32)
  ) u_copies (
    .clk_i,
    .rst_ni   (core_rst_n),
    .in_data  (copy_in),
    .in_valid (set_copy_q || start_copy_q),
    .in_ready (copy_room),
    .out_data (copy_head),
    .out_valid(copy_waits),
    .out_ready(!tbl_busy),
    .level_o  (unused_copies)
  );
  assign copy_busy = tbl_busy || copy_waits || set_copy_q || start_copy_q;
  chim_soc_tbl #(
    .RamBytes(RamBytes)
  ) u_tbl (
    .clk_i,
    .rst_ni      (core_rst_n),
    .win_valid,
    .win_ready,
    .win_write,
    .win_addr,
    .win_wdata,
    .win_rvalid,
    .win_rdata,
    .copy_set_i  (copy_waits && copy_head.to_ram && !tbl_busy),
    .copy_start_i(copy_waits && !copy_head.to_ram && !tbl_busy),
    .copy_write_i(copy_head.write),
    .copy_ram_i  (copy_head.value),
    .copy_conn_i (conn_t'(copy_head.value)),
    .copy_table_i(copy_head.table_id),
    .copy_words_i(copy_head.words),
    .copy_busy_o (tbl_busy),
    .ram_en_o    (copy_en),
    .ram_strb_o  (copy_strb),
    .ram_addr_o  (copy_addr),
    .ram_wdata_o (copy_wdata),
    .ram_rdata_i (ram_b_rdata),
    .tbl_valid,
    .tbl_ready,
    .tbl_req,
    .tbl_rvalid,
    .tbl_rdata
  );

  logic stream_busy;
  assign dma_busy = stream_busy || start_dma_q;
  chim_soc_stream #(
    .RamBytes(RamBytes)
  ) u_stream (
    .clk_i,
    .rst_ni     (core_rst_n),
    .start_i    (start_dma_q),
    .host_i     ({hwif_out.dma_host_hi.value.value, hwif_out.dma_host_lo.value.value}),
    .ram_i      (hwif_out.dma_ram.value.value),
    .len_i      (hwif_out.dma_go.len.value),
    .write_i    (hwif_out.dma_go.write.value),
    .busy_o     (stream_busy),
    .error_o    (dma_error),
    .ram_en_o   (stream_en),
    .ram_grant_i(!copy_en),
    .ram_strb_o (stream_strb),
    .ram_addr_o (stream_addr),
    .ram_wdata_o(stream_wdata),
    .ram_rdata_i(ram_b_rdata),
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
    .sdma_error
  );

  logic unused_regs;
  assign unused_regs = &{1'b0, unused_stall_wr, unused_stall_rd, unused_rd_ack, unused_rd_err,
                         unused_wr_ack, unused_wr_err, hwif_out.evt_push.go.value, copy_room};

endmodule
