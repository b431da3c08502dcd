// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The one place that names the soft core (D8): VexRiscv Lite (RV32IM, 2 KiB instruction cache) with
// its Wishbone buses, behind two plain request/acknowledge ports. Another core is a change in this
// file. Hard part: the core may run at a fraction of the clock; then each answer is held from one
// falling edge of its clock to the next, so that neither side sees the other's signals move.
module chim_soft_core #(
  // The core runs at clk_i divided by this: 1, or an even number.
  parameter int unsigned ClkDiv = 1,
  // First instruction.
  parameter logic [31:0] ResetVector = 32'd0
) (
  input logic clk_i,
  input logic rst_ni, // hold for 4 ClkDiv clocks or more

  // Instruction fetch: lines of eight words in ascending order. A request stays until its
  // acknowledgment; data come with it.
  output logic        ibus_valid,
  output logic [29:0] ibus_addr,   // word
  output logic        ibus_last,   // last word of the line
  input  logic        ibus_ack,
  input  logic        ibus_err,    // with ack
  input  logic [31:0] ibus_rdata,

  // Load and store.
  output logic        dbus_valid,
  output logic [29:0] dbus_addr,   // word
  output logic        dbus_write,
  output logic [ 3:0] dbus_strb,
  output logic [31:0] dbus_wdata,
  input  logic        dbus_ack,
  input  logic        dbus_err,    // with ack
  input  logic [31:0] dbus_rdata
);
  if (ClkDiv == 0 || (ClkDiv != 1 && ClkDiv % 2 != 0)) begin : g_check_clk_div
    $error("chim_soft_core: ClkDiv must be 1 or even");
  end

  logic core_clk, core_rst;
  logic i_cyc, i_stb, i_ack, i_err, d_cyc, d_stb, d_ack, d_err;
  logic [31:0] i_data, d_data;
  logic [2:0] i_cti;

  if (ClkDiv == 1) begin : g_same_clock
    assign core_clk   = clk_i;
    assign core_rst   = !rst_ni;
    assign ibus_valid = i_cyc && i_stb;
    assign i_ack      = ibus_ack;
    assign i_err      = ibus_err;
    assign i_data     = ibus_rdata;
    assign dbus_valid = d_cyc && d_stb;
    assign d_ack      = dbus_ack;
    assign d_err      = dbus_err;
    assign d_data     = dbus_rdata;
  end else begin : g_divided
    localparam int unsigned CountW = $clog2(ClkDiv);
    logic [CountW-1:0] count_q;
    logic clk_q, rst_q, fall;

    // The core's clock rises at the end of the count and falls in its middle.
    assign fall = count_q == CountW'(ClkDiv / 2);
    assign core_clk = clk_q;
    assign core_rst = rst_q;
    always_ff @(posedge clk_i) begin
      // Counts down, so that any value at power-up leads into the sequence.
      count_q <= (count_q == '0) ? CountW'(ClkDiv - 1) : count_q - 1'b1;
      if (fall) clk_q <= 1'b0;
      if (count_q == '0) clk_q <= 1'b1;
      if (fall) rst_q <= !rst_ni;
    end

    chim_soft_core_hold u_ihold (
      .clk_i,
      .rst_ni,
      .fall_i      (fall),
      .core_valid_i(i_cyc && i_stb),
      .core_ack_o  (i_ack),
      .core_err_o  (i_err),
      .core_data_o (i_data),
      .bus_valid_o (ibus_valid),
      .bus_ack_i   (ibus_ack),
      .bus_err_i   (ibus_err),
      .bus_data_i  (ibus_rdata)
    );
    chim_soft_core_hold u_dhold (
      .clk_i,
      .rst_ni,
      .fall_i      (fall),
      .core_valid_i(d_cyc && d_stb),
      .core_ack_o  (d_ack),
      .core_err_o  (d_err),
      .core_data_o (d_data),
      .bus_valid_o (dbus_valid),
      .bus_ack_i   (dbus_ack),
      .bus_err_i   (dbus_err),
      .bus_data_i  (dbus_rdata)
    );
  end

  assign ibus_last = i_cti == 3'b111;

  logic unused_i_we, unused_i_sel;
  logic [31:0] unused_i_mosi;
  logic [ 3:0] i_sel;
  logic [ 2:0] d_cti;
  logic [1:0] i_bte, d_bte;
  assign unused_i_sel = &{1'b0, i_sel, d_cti, i_bte, d_bte};

  VexRiscv u_core (
    .externalResetVector   (ResetVector),
    .timerInterrupt        (1'b0),
    .softwareInterrupt     (1'b0),
    .externalInterruptArray(32'd0),

    .iBusWishbone_CYC     (i_cyc),
    .iBusWishbone_STB     (i_stb),
    .iBusWishbone_ACK     (i_ack),
    .iBusWishbone_WE      (unused_i_we),
    .iBusWishbone_ADR     (ibus_addr),
    .iBusWishbone_DAT_MISO(i_data),
    .iBusWishbone_DAT_MOSI(unused_i_mosi),
    .iBusWishbone_SEL     (i_sel),
    .iBusWishbone_ERR     (i_err),
    .iBusWishbone_CTI     (i_cti),
    .iBusWishbone_BTE     (i_bte),

    .dBusWishbone_CYC     (d_cyc),
    .dBusWishbone_STB     (d_stb),
    .dBusWishbone_ACK     (d_ack),
    .dBusWishbone_WE      (dbus_write),
    .dBusWishbone_ADR     (dbus_addr),
    .dBusWishbone_DAT_MISO(d_data),
    .dBusWishbone_DAT_MOSI(dbus_wdata),
    .dBusWishbone_SEL     (dbus_strb),
    .dBusWishbone_ERR     (d_err),
    .dBusWishbone_CTI     (d_cti),
    .dBusWishbone_BTE     (d_bte),

    .clk  (core_clk),
    .reset(core_rst)
  );

endmodule
