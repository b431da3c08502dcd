// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The host's AXI4-Lite side: address bit 24 chooses between BAR 0 (generated register block and
// counters) and BAR 2 (doorbell window). Hard part: a ring index that cannot be is ignored and
// counted, so the rest of the device never sees one; doorbells are posted and may not block reads.
module chim_host_if
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
#(
  parameter int unsigned        DataW       = 64,
  parameter int unsigned        Conns       = 1024,
  parameter int unsigned        Paths       = 64,
  parameter int unsigned        Neighbors   = 64,
  parameter int unsigned        RingLog2Max = 12,
  parameter logic        [31:0] BuildId     = 32'd0
) (
  input logic clk_i,
  input logic rst_ni,

  input  logic [24:0] s_axil_awaddr,
  input  logic [ 2:0] s_axil_awprot,
  input  logic        s_axil_awvalid,
  output logic        s_axil_awready,
  input  logic [31:0] s_axil_wdata,
  input  logic [ 3:0] s_axil_wstrb,
  input  logic        s_axil_wvalid,
  output logic        s_axil_wready,
  output logic [ 1:0] s_axil_bresp,
  output logic        s_axil_bvalid,
  input  logic        s_axil_bready,
  input  logic [24:0] s_axil_araddr,
  input  logic [ 2:0] s_axil_arprot,
  input  logic        s_axil_arvalid,
  output logic        s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [ 1:0] s_axil_rresp,
  output logic        s_axil_rvalid,
  input  logic        s_axil_rready,

  // Doorbells as rung; generation not checked yet.
  output logic              db_valid,
  input  logic              db_ready,
  output bell_t             db,
  output logic  [GEN_W-1:0] db_gen,

  output host_cfg_t  cfg_o,   // what the host has set
  input  host_info_t info_i,  // what it may read
  output logic       reset_o, // pulse: the host asked for a reset

  output logic        cnt_rd_en_o,
  output logic [ 9:0] cnt_rd_index_o,
  input  logic        cnt_rd_valid_i,
  input  logic [31:0] cnt_rd_data_i,

  output logic [COUNTER_COUNT-1:0] cnt_o
);
  import chim_regs_pkg::*;

  // Only what these bits answer is true; a driver that wants more does not offload.
  localparam logic [31:0] Features = (32'd1 << FEATURE_IPV4) | (32'd1 << FEATURE_IPV6)
      | (32'd1 << FEATURE_VLAN) | (32'd1 << FEATURE_TIMESTAMPS) | (32'd1 << FEATURE_WINDOW_SCALING);

  // ---- one access at a time, to one of the two BARs
  // -----------------------------------------------
  typedef enum logic [2:0] {
    IDLE,
    REG_WRITE,  // register block has address and data
    REG_READ,
    BELL,       // doorbell not taken yet
    ANSWER_W,
    ANSWER_R
  } state_e;
  state_e state_q;

  logic [23:0] addr_q;
  logic [31:0] wdata_q, rdata_q;
  logic [3:0] wstrb_q;
  logic [1:0] resp_q;
  logic start_write, start_read, outside;
  logic aw_sent_q, w_sent_q, ar_sent_q;

  assign start_write = state_q == IDLE && s_axil_awvalid && s_axil_wvalid;
  assign start_read = state_q == IDLE && s_axil_arvalid && !start_write;
  assign s_axil_awready = start_write;
  assign s_axil_wready = start_write;
  assign s_axil_arready = start_read;
  assign s_axil_bvalid = state_q == ANSWER_W;
  assign s_axil_bresp = resp_q;
  assign s_axil_rvalid = state_q == ANSWER_R;
  assign s_axil_rdata = rdata_q;
  assign s_axil_rresp = resp_q;
  assign outside = addr_q[23:13] != '0;  // beyond the register block

  chim_regs__in_t  hw_in;
  chim_regs__out_t hw_out;
  logic reg_awready, reg_wready, reg_bvalid, reg_arready, reg_rvalid;
  logic [1:0] reg_bresp, reg_rresp;
  logic [31:0] reg_rdata;

  chim_regs u_regs (
    .clk(clk_i),
    .rst_n(rst_ni),
    .s_axil_awready(reg_awready),
    .s_axil_awvalid(state_q == REG_WRITE && !aw_sent_q),
    .s_axil_awaddr(addr_q[12:0]),
    .s_axil_awprot(3'd0),
    .s_axil_wready(reg_wready),
    .s_axil_wvalid(state_q == REG_WRITE && !w_sent_q),
    .s_axil_wdata(wdata_q),
    .s_axil_wstrb(wstrb_q),
    .s_axil_bready(1'b1),
    .s_axil_bvalid(reg_bvalid),
    .s_axil_bresp(reg_bresp),
    .s_axil_arready(reg_arready),
    .s_axil_arvalid(state_q == REG_READ && !ar_sent_q),
    .s_axil_araddr(addr_q[12:0]),
    .s_axil_arprot(3'd0),
    .s_axil_rready(1'b1),
    .s_axil_rvalid(reg_rvalid),
    .s_axil_rdata(reg_rdata),
    .s_axil_rresp(reg_rresp),
    .hwif_in(hw_in),
    .hwif_out(hw_out)
  );

  assign db_valid = state_q == BELL;
  assign db.conn  = addr_q[DB_CONN_SHIFT+:CONN_W];
  assign db.queue = addr_q[DB_QUEUE_SHIFT+:2];
  assign db.value = wdata_q;
  assign db_gen   = addr_q[DB_GEN_SHIFT+:GEN_W];

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      IDLE: begin
        aw_sent_q <= 1'b0;
        w_sent_q  <= 1'b0;
        ar_sent_q <= 1'b0;
        resp_q    <= 2'b00;
        rdata_q   <= '0;
        if (start_write) begin
          addr_q  <= s_axil_awaddr[23:0];
          wdata_q <= s_axil_wdata;
          wstrb_q <= s_axil_wstrb;
          state_q <= s_axil_awaddr[24] ? BELL : REG_WRITE;
        end else if (start_read) begin
          addr_q  <= s_axil_araddr[23:0];
          state_q <= s_axil_araddr[24] ? ANSWER_R : REG_READ;  // the doorbell window reads as 0
        end
      end
      REG_WRITE: begin
        if (outside) begin
          resp_q  <= 2'b11;
          state_q <= ANSWER_W;
        end else begin
          if (reg_awready) aw_sent_q <= 1'b1;
          if (reg_wready) w_sent_q <= 1'b1;
          if (reg_bvalid) begin
            resp_q  <= reg_bresp;
            state_q <= ANSWER_W;
          end
        end
      end
      REG_READ: begin
        if (outside) begin
          resp_q  <= 2'b11;
          state_q <= ANSWER_R;
        end else begin
          if (reg_arready) ar_sent_q <= 1'b1;
          if (reg_rvalid) begin
            rdata_q <= reg_rdata;
            resp_q  <= reg_rresp;
            state_q <= ANSWER_R;
          end
        end
      end
      BELL: if (db_ready) state_q <= ANSWER_W;
      ANSWER_W: if (s_axil_bready) state_q <= IDLE;
      ANSWER_R: if (s_axil_rready) state_q <= IDLE;
      default: state_q <= IDLE;
    endcase
    if (!rst_ni) state_q <= IDLE;
  end

  // ---- registers
  // ---------------------------------------------------------------------------------- An index
  // that claims more than the ring holds is not taken over. Admin, ptx and prx are produced by the
  // host: at most size entries ahead of the device. evt and prx_cpl are consumed by it: never ahead
  // of the device.
  localparam int unsigned Rings = 5;
  logic [Rings-1:0][31:0] written, device;
  logic [Rings-1:0][4:0] log2;
  logic [Rings-1:0] modified, modified_q, bad;
  logic [Rings-1:0][31:0] index_q;

  assign written = {
    hw_out.prx_cpl.host.value.value,
    hw_out.prx.host.value.value,
    hw_out.ptx.host.value.value,
    hw_out.evt.host.value.value,
    hw_out.admin.host.value.value
  };
  assign modified = {
    hw_out.prx_cpl.host.value.swmod,
    hw_out.prx.host.value.swmod,
    hw_out.ptx.host.value.swmod,
    hw_out.evt.host.value.swmod,
    hw_out.admin.host.value.swmod
  };
  assign log2 = {
    hw_out.prx_cpl.log2.value.value,
    hw_out.prx.log2.value.value,
    hw_out.ptx.log2.value.value,
    hw_out.evt.log2.value.value,
    hw_out.admin.log2.value.value
  };
  assign device = {
    info_i.prx_cpl_device,
    info_i.prx_device,
    info_i.ptx_device,
    info_i.evt_device,
    info_i.admin_device
  };

  always_comb begin
    for (int unsigned r = 0; r < Rings; r++) begin
      if (r == 1 || r == 4) bad[r] = device[r] - written[r] > (32'd1 << log2[r]);
      else bad[r] = written[r] - device[r] > (32'd1 << log2[r]);
    end
  end

  always_ff @(posedge clk_i) begin
    modified_q <= modified;  // the value follows its pulse by a clock
    for (int unsigned r = 0; r < Rings; r++) begin
      if (modified_q[r] && !bad[r]) index_q[r] <= written[r];
    end
    if (!rst_ni || !hw_out.ctrl.run.value) begin
      index_q    <= '0;
      modified_q <= '0;
    end
  end

  assign cfg_o.run = hw_out.ctrl.run.value;
  assign cfg_o.promiscuous = hw_out.ctrl.promiscuous.value;
  assign cfg_o.mac = {
    hw_out.mac_lo.value.value[7:0],
    hw_out.mac_lo.value.value[15:8],
    hw_out.mac_lo.value.value[23:16],
    hw_out.mac_lo.value.value[31:24],
    hw_out.mac_hi.value.value[7:0],
    hw_out.mac_hi.value.value[15:8]
  };
  assign cfg_o.irq_evt = hw_out.irq.evt.value;
  assign cfg_o.irq_prx = hw_out.irq.prx.value;
  assign cfg_o.irq_ptx = hw_out.irq.ptx.value;
  assign cfg_o.irq_gap = hw_out.irq_gap.gap.value;
  assign cfg_o.ptx_wb = {hw_out.ptx_wb_hi.value.value, hw_out.ptx_wb_lo.value.value};
  assign cfg_o.admin = '{
          base: {hw_out.admin.base_hi.value.value, hw_out.admin.base_lo.value.value},
          log2: log2[0],
          host: index_q[0]
      };
  assign cfg_o.evt = '{
          base: {hw_out.evt.base_hi.value.value, hw_out.evt.base_lo.value.value},
          log2: log2[1],
          host: index_q[1]
      };
  assign cfg_o.ptx = '{
          base: {hw_out.ptx.base_hi.value.value, hw_out.ptx.base_lo.value.value},
          log2: log2[2],
          host: index_q[2]
      };
  assign cfg_o.prx = '{
          base: {hw_out.prx.base_hi.value.value, hw_out.prx.base_lo.value.value},
          log2: log2[3],
          host: index_q[3]
      };
  assign cfg_o.prx_cpl = '{
          base: {hw_out.prx_cpl.base_hi.value.value, hw_out.prx_cpl.base_lo.value.value},
          log2: log2[4],
          host: index_q[4]
      };
  assign reset_o = hw_out.ctrl.reset.value;

  always_comb begin
    hw_in.version.major.next          = 16'(VERSION_MAJOR);
    hw_in.version.minor.next          = 16'(VERSION_MINOR);
    hw_in.features.bits.next          = Features;
    hw_in.build_id.value.next         = BuildId;
    hw_in.conns.value.next            = 32'(Conns);
    hw_in.objects.paths.next          = 16'(Paths);
    hw_in.objects.neighbors.next      = 16'(Neighbors);
    hw_in.geometry.data_w.next        = 16'(DataW);
    hw_in.geometry.ring_log2_max.next = 16'(RingLog2Max);
    hw_in.status.fw_alive.next        = info_i.fw_alive;
    hw_in.status.quiesced.next        = info_i.quiesced;
    hw_in.status.fatal.next           = info_i.fatal;
    hw_in.time_ms.ms.next             = info_i.time_ms;
    hw_in.fw_code.code.next           = info_i.fw_code;
    hw_in.admin.device.value.next     = info_i.admin_device;
    hw_in.evt.device.value.next       = info_i.evt_device;
    hw_in.ptx.device.value.next       = info_i.ptx_device;
    hw_in.prx.device.value.next       = info_i.prx_device;
    hw_in.prx_cpl.device.value.next   = info_i.prx_cpl_device;
    hw_in.counters.rd_ack             = cnt_rd_valid_i;
    hw_in.counters.rd_data            = cnt_rd_data_i;
    hw_in.counters.wr_ack             = hw_out.counters.req && hw_out.counters.req_is_wr;
  end
  assign cnt_rd_en_o    = hw_out.counters.req && !hw_out.counters.req_is_wr;
  assign cnt_rd_index_o = hw_out.counters.addr[11:2];

  always_comb begin
    cnt_o = '0;
    cnt_o[COUNTER_RING_INDEX] = |(modified_q & bad);
  end

  logic unused_bits;
  assign unused_bits = &{1'b0, s_axil_awprot, s_axil_arprot, addr_q[1:0], hw_out.counters.addr[1:0],
                         hw_out.counters.wr_data, hw_out.counters.wr_biten};
endmodule
