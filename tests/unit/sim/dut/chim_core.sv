// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Not the NIC: a small device with the ports of the NIC's top module, for tests of the stepper, its
// bus-functional models and the shells. Each frame is written to host memory by DMA, read back and
// sent out again, then an interrupt is raised. Hard part: none, it holds one frame at a time.
//
//   0x00 magic (ro)        0x04 scratch          0x08/0x0C buffer address, 4 KiB aligned
//   0x10 bit 0: loop frames; else they are dropped and counted
//   0x28 time_ms (ro)      0x18 frames looped    0x1C DMA errors    0x20 write: raise that vector
//   0x80/0x84 last doorbell: offset, value       0x2C bad frames    0x30 never answers
//   0x34 frames dropped    0x38 bytes of the last frame             0x3C configured connections
//   0x40.. words of the firmware image
module chim_core #(
  parameter int unsigned DataW            = 64,
  parameter int unsigned Conns            = 1024,
  parameter int unsigned Paths            = 64,
  parameter int unsigned Neighbors        = 64,
  parameter int unsigned PlainRingLog2Max = 12
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [31:0] time_ms_i,
  output logic        idle_o,

  input  logic [  DataW-1:0] s_axis_mac_tdata,
  input  logic [DataW/8-1:0] s_axis_mac_tkeep,
  input  logic               s_axis_mac_tlast,
  input  logic               s_axis_mac_tuser,
  input  logic               s_axis_mac_tvalid,
  output logic               s_axis_mac_tready,

  output logic [  DataW-1:0] m_axis_mac_tdata,
  output logic [DataW/8-1:0] m_axis_mac_tkeep,
  output logic               m_axis_mac_tlast,
  output logic               m_axis_mac_tuser,
  output logic               m_axis_mac_tvalid,
  input  logic               m_axis_mac_tready,

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

  output logic       irq_valid,
  input  logic       irq_ready,
  output logic [4:0] irq_vector
);
  localparam int unsigned BYTES = DataW / 8;
  localparam int unsigned FRAME_MAX = 2048;
  localparam int unsigned BEATS = FRAME_MAX / BYTES;
  localparam int unsigned BEAT_W = $clog2(BEATS);

  localparam logic [1:0] OKAY = 2'd0;
  localparam logic [1:0] SLVERR = 2'd2;

  // Registers.
  logic [31:0] scratch_q, buf_lo_q, buf_hi_q, db_off_q, db_val_q;
  logic [31:0] looped_q, errors_q, bad_q, dropped_q;
  logic  [15:0] len_q;
  logic         loop_q;
  logic  [ 5:0] slow_q;
  logic         sw_irq;
  logic         sw_irq_q;
  logic  [ 4:0] sw_vector_q;
  logic  [31:0] rom         [16];

  string        fw_path;
  initial begin
    for (int i = 0; i < 16; i++) rom[i] = 32'hDEAD_0000 + i;
    if ($value$plusargs("chim_fw=%s", fw_path)) $readmemh(fw_path, rom);
  end

  logic aw_have_q, w_have_q;
  logic [24:0] aw_q;
  logic [31:0] w_q;
  wire write_go = aw_have_q && w_have_q && !s_axil_bvalid;
  assign s_axil_awready = !aw_have_q;
  assign s_axil_wready  = !w_have_q;
  assign sw_irq         = write_go && aw_q == 25'h20;

  always_ff @(posedge clk_i) begin
    if (s_axil_awvalid && s_axil_awready) begin
      aw_have_q <= 1'b1;
      aw_q      <= s_axil_awaddr;
    end
    if (s_axil_wvalid && s_axil_wready) begin
      w_have_q <= 1'b1;
      w_q      <= s_axil_wdata;
    end
    if (s_axil_bvalid && s_axil_bready) s_axil_bvalid <= 1'b0;
    if (write_go) begin
      aw_have_q     <= 1'b0;
      w_have_q      <= 1'b0;
      s_axil_bvalid <= 1'b1;
      s_axil_bresp  <= OKAY;
      if (aw_q[24]) begin
        db_off_q <= {8'd0, aw_q[23:0]};
        db_val_q <= w_q;
      end else begin
        case (aw_q[15:0])
          16'h04:  scratch_q <= w_q;
          16'h08:  buf_lo_q <= w_q;
          16'h0C:  buf_hi_q <= w_q;
          16'h10:  loop_q <= w_q[0];
          16'h20:  ;
          default: s_axil_bresp <= SLVERR;
        endcase
      end
    end
    if (!rst_ni) begin
      aw_have_q     <= 1'b0;
      w_have_q      <= 1'b0;
      s_axil_bvalid <= 1'b0;
      scratch_q     <= '0;
      loop_q        <= 1'b0;
    end
  end

  assign s_axil_arready = !s_axil_rvalid && slow_q == 0 && s_axil_araddr != 25'h30;
  always_ff @(posedge clk_i) begin
    if (slow_q != 0) slow_q <= slow_q - 1'b1;
    if (write_go && aw_q == 25'h04) slow_q <= 6'd20;
    if (s_axil_rvalid && s_axil_rready) s_axil_rvalid <= 1'b0;
    if (s_axil_arvalid && s_axil_arready) begin
      s_axil_rvalid <= 1'b1;
      s_axil_rresp  <= OKAY;
      case (s_axil_araddr)
        25'h00: s_axil_rdata <= 32'h4348_494D;
        25'h04: s_axil_rdata <= scratch_q;
        25'h08: s_axil_rdata <= buf_lo_q;
        25'h0C: s_axil_rdata <= buf_hi_q;
        25'h10: s_axil_rdata <= {31'd0, loop_q};
        25'h28: s_axil_rdata <= time_ms_i;
        25'h18: s_axil_rdata <= looped_q;
        25'h1C: s_axil_rdata <= errors_q;
        25'h80: s_axil_rdata <= db_off_q;
        25'h84: s_axil_rdata <= db_val_q;
        25'h2C: s_axil_rdata <= bad_q;
        25'h34: s_axil_rdata <= dropped_q;
        25'h38: s_axil_rdata <= {16'd0, len_q};
        25'h3C: s_axil_rdata <= Conns;
        default: begin
          s_axil_rdata <= rom[s_axil_araddr[5:2]];
          if (s_axil_araddr[24:6] != 19'd1) s_axil_rresp <= SLVERR;
        end
      endcase
    end
    if (!rst_ni) begin
      s_axil_rvalid <= 1'b0;
      slow_q        <= '0;
    end
  end

  // One frame through host memory.
  typedef enum logic [2:0] {
    IN,   // taking a frame from the MAC
    AW,   // address of the write burst
    W,    // its data
    B,    // its answer
    AR,   // address of the read burst
    OUT,  // its data, straight to the MAC
    IRQ   // telling the host
  } state_e;
  state_e state_q;

  logic [DataW-1:0] mem[BEATS];
  logic [BEAT_W-1:0] beat_q, last_q;
  logic [BYTES-1:0] keep_q;
  logic fail_q;

  function automatic logic [15:0] count_ones(input logic [BYTES-1:0] keep);
    count_ones = '0;
    for (int i = 0; i < BYTES; i++) count_ones += 16'(keep[i]);
  endfunction

  assign s_axis_mac_tready = state_q == IN;
  assign idle_o            = state_q == IN && beat_q == 0 && !irq_valid && !s_axil_bvalid;

  assign m_axi_awid        = 4'd3;
  assign m_axi_awaddr      = {buf_hi_q, buf_lo_q};
  assign m_axi_awlen       = 8'(last_q);
  assign m_axi_awsize      = 3'($clog2(BYTES));
  assign m_axi_awburst     = 2'd1;
  assign m_axi_awvalid     = state_q == AW;
  assign m_axi_wdata       = mem[beat_q];
  assign m_axi_wstrb       = beat_q == last_q ? keep_q : '1;
  assign m_axi_wlast       = beat_q == last_q;
  assign m_axi_wvalid      = state_q == W;
  assign m_axi_bready      = state_q == B;
  assign m_axi_arid        = 4'd5;
  assign m_axi_araddr      = {buf_hi_q, buf_lo_q};
  assign m_axi_arlen       = 8'(last_q);
  assign m_axi_arsize      = 3'($clog2(BYTES));
  assign m_axi_arburst     = 2'd1;
  assign m_axi_arvalid     = state_q == AR;

  // An erroneous beat is not put on the wire; its frame is cut off and marked bad.
  assign m_axi_rready      = state_q == OUT && m_axis_mac_tready;
  assign m_axis_mac_tdata  = m_axi_rdata;
  assign m_axis_mac_tkeep  = m_axi_rlast ? keep_q : '1;
  assign m_axis_mac_tlast  = m_axi_rlast;
  assign m_axis_mac_tuser  = fail_q || m_axi_rresp != OKAY;
  assign m_axis_mac_tvalid = state_q == OUT && m_axi_rvalid;

  always_ff @(posedge clk_i) begin
    case (state_q)
      IN:
      if (s_axis_mac_tvalid) begin
        mem[beat_q] <= s_axis_mac_tdata;
        beat_q      <= beat_q + 1'b1;
        len_q       <= (beat_q == 0 ? 16'd0 : len_q) + count_ones(s_axis_mac_tkeep);
        if (s_axis_mac_tlast) begin
          last_q <= beat_q;
          keep_q <= s_axis_mac_tkeep;
          beat_q <= '0;
          if (s_axis_mac_tuser) bad_q <= bad_q + 1;
          else if (!loop_q) dropped_q <= dropped_q + 1;
          else state_q <= AW;
        end
      end
      AW: if (m_axi_awready) state_q <= W;
      W:
      if (m_axi_wready) begin
        beat_q <= beat_q + 1'b1;
        if (m_axi_wlast) begin
          beat_q  <= '0;
          state_q <= B;
        end
      end
      B:
      if (m_axi_bvalid) begin
        fail_q  <= m_axi_bresp != OKAY;
        state_q <= AR;
        if (m_axi_bresp != OKAY) begin
          errors_q <= errors_q + 1;
          state_q  <= IRQ;
        end
      end
      AR: if (m_axi_arready) state_q <= OUT;
      OUT:
      if (m_axi_rvalid && m_axi_rready) begin
        if (m_axi_rresp != OKAY) fail_q <= 1'b1;
        if (m_axi_rlast) begin
          state_q <= IRQ;
          if (fail_q || m_axi_rresp != OKAY) errors_q <= errors_q + 1;
          else looped_q <= looped_q + 1;
        end
      end
      IRQ:
      if (irq_ready && !sw_irq_q) begin
        state_q <= IN;
        fail_q  <= 1'b0;
      end
      default: state_q <= IN;
    endcase
    if (!rst_ni) begin
      state_q   <= IN;
      beat_q    <= '0;
      fail_q    <= 1'b0;
      looped_q  <= '0;
      errors_q  <= '0;
      bad_q     <= '0;
      dropped_q <= '0;
    end
  end

  // Vector 5: a frame is done; vector 6: it failed.
  always_ff @(posedge clk_i) begin
    if (sw_irq_q && irq_ready) sw_irq_q <= 1'b0;
    if (sw_irq) begin
      sw_irq_q    <= 1'b1;
      sw_vector_q <= w_q[4:0];
    end
    if (!rst_ni) sw_irq_q <= 1'b0;
  end
  assign irq_valid  = sw_irq_q || state_q == IRQ;
  assign irq_vector = sw_irq_q ? sw_vector_q : fail_q ? 5'd6 : 5'd5;

  // Ports and parameters of the NIC that this device has no use for.
  logic unused;
  assign unused = ^{s_axil_awprot, s_axil_arprot, s_axil_wstrb, m_axi_bid, m_axi_rid, Paths,
                    Neighbors, PlainRingLog2Max};

endmodule
