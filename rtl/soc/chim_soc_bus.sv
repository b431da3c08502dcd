// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Connects the soft core's two buses to RAM, registers, table window and simulator page. Hard part:
// an instruction line comes at one word a clock although the RAM answers a clock late: while a word
// is acknowledged, the next one is already read. Data accesses go before instructions.
//
// Clocks from request to acknowledgment: RAM and register write 0, read 1; a table as long as it
// takes. An address where nothing is, or a table that does not answer in WatchClocks, is answered
// with an error: the core traps, nothing hangs.
module chim_soc_bus
  import chim_contract_pkg::*;
#(
  parameter int unsigned RamBytes = 65536,
  // Longest wait for an answer, in clocks; a power of two.
  parameter int unsigned WatchClocks = 4096,
  localparam int unsigned RamAddrW = $clog2(RamBytes / 8)
) (
  input logic clk_i,
  input logic rst_ni,

  // Soft core.
  input  logic        ibus_valid,
  input  logic [29:0] ibus_addr,
  input  logic        ibus_last,
  output logic        ibus_ack,
  output logic        ibus_err,
  output logic [31:0] ibus_rdata,

  input  logic        dbus_valid,
  input  logic [29:0] dbus_addr,
  input  logic        dbus_write,
  input  logic [ 3:0] dbus_strb,
  input  logic [31:0] dbus_wdata,
  output logic        dbus_ack,
  output logic        dbus_err,
  output logic [31:0] dbus_rdata,

  // RAM port.
  output logic                ram_en_o,
  output logic [         7:0] ram_strb_o,
  output logic [RamAddrW-1:0] ram_addr_o,
  output logic [        63:0] ram_wdata_o,
  input  logic [        63:0] ram_rdata_i,

  // Registers: a request is done in its clock, data of a read are there in it.
  output logic        reg_valid_o,
  output logic        reg_write_o,
  output logic [ 8:0] reg_addr_o,
  output logic [31:0] reg_wdata_o,
  output logic [ 3:0] reg_strb_o,
  input  logic [31:0] reg_rdata_i,
  input  logic        reg_stall_i,  // writes have to wait

  // Table window.
  output logic        win_valid,
  input  logic        win_ready,
  output logic        win_write,
  output logic [24:0] win_addr,    // table, slot, word
  output logic [31:0] win_wdata,
  input  logic        win_rvalid,
  input  logic [31:0] win_rdata,

  // Simulator page.
  output logic        sim_valid_o,
  output logic [ 9:0] sim_addr_o,   // word
  output logic [31:0] sim_wdata_o
);
  localparam int unsigned RamWords = RamBytes / 4;
  localparam int unsigned WatchW = $clog2(WatchClocks);
  localparam logic [29:0] RegsWord = SOC_REGS_BASE[31:2];
  localparam logic [29:0] TableWord = SOC_TABLE_BASE[31:2];
  localparam logic [29:0] SimWord = SOC_SIM_BASE[31:2];
  if (SOC_RAM_BASE != 0 || TableWord[24:0] != '0) begin : g_check_map
    $error("chim_soc_bus: the address map is decoded by its upper bits");
  end

  // ---- data bus: where to ----
  typedef enum logic [2:0] {
    TO_RAM,
    TO_REGS,
    TO_TABLE,
    TO_SIM,
    TO_NONE
  } where_e;
  where_e where;
  always_comb begin
    where = TO_NONE;
    if (32'(dbus_addr) < RamWords) where = TO_RAM;
    if (dbus_addr[29:7] == RegsWord[29:7]) where = TO_REGS;
    if (dbus_addr[29:25] == TableWord[29:25]) where = TO_TABLE;
    if (dbus_addr[29:10] == SimWord[29:10]) where = TO_SIM;
  end

  logic ram_pend_q, reg_pend_q;  // the answer of a read is there in this clock
  logic              win_sent_q;  // a table has taken a read
  logic              first;  // no answer is under way: the request is new
  logic [      31:0] reg_rdata_q;
  logic [WatchW-1:0] watch_q;
  logic              late;
  assign first = dbus_valid && !ram_pend_q && !reg_pend_q;
  assign late  = watch_q == WatchW'(WatchClocks - 1);

  logic d_takes_ram;
  assign d_takes_ram = first && where == TO_RAM;

  assign reg_valid_o = first && where == TO_REGS && !(dbus_write && reg_stall_i);
  assign reg_write_o = dbus_write;
  assign reg_addr_o = {dbus_addr[6:0], 2'b00};
  assign reg_wdata_o = dbus_wdata;
  assign reg_strb_o = dbus_strb;

  assign win_valid = first && where == TO_TABLE && !win_sent_q && !late;
  assign win_write = dbus_write;
  assign win_addr = dbus_addr[24:0];
  assign win_wdata = dbus_wdata;

  assign sim_valid_o = first && where == TO_SIM && dbus_write;
  assign sim_addr_o = dbus_addr[9:0];
  assign sim_wdata_o = dbus_wdata;

  logic half_q;  // which half of the RAM word a data read wanted
  logic i_half_q;
  always_comb begin
    dbus_ack   = 1'b0;
    dbus_err   = 1'b0;
    dbus_rdata = reg_rdata_q;
    if (ram_pend_q) begin
      dbus_ack   = 1'b1;
      dbus_rdata = half_q ? ram_rdata_i[63:32] : ram_rdata_i[31:0];
    end else if (reg_pend_q) begin
      dbus_ack = 1'b1;
    end else if (dbus_valid) begin
      unique case (where)
        TO_RAM:  dbus_ack = dbus_write;
        TO_REGS: dbus_ack = dbus_write && !reg_stall_i;
        TO_TABLE: begin
          dbus_ack   = dbus_write ? win_valid && win_ready : win_rvalid && win_sent_q;
          dbus_rdata = win_rdata;
        end
        TO_SIM:  dbus_ack = 1'b1;
        default: begin
          dbus_ack = 1'b1;
          dbus_err = 1'b1;
        end
      endcase
      if (late) begin
        dbus_ack = 1'b1;
        dbus_err = 1'b1;
      end
    end
  end

  // ---- instruction bus ----
  logic i_pend_q;  // the word that is asked for is at the RAM's output
  logic i_inside, i_issue;
  logic [RamAddrW:0] i_next;
  assign i_inside = 32'(ibus_addr) < RamWords;
  assign i_next   = ibus_addr[RamAddrW:0] + (RamAddrW + 1)'(i_pend_q);
  assign i_issue  = ibus_valid && i_inside && !(i_pend_q && ibus_last) && !d_takes_ram;
  assign ibus_ack   = i_pend_q || (ibus_valid && !i_inside);
  assign ibus_err   = !i_pend_q;
  assign ibus_rdata = i_half_q ? ram_rdata_i[63:32] : ram_rdata_i[31:0];

  // ---- RAM port ----
  assign ram_en_o    = d_takes_ram || i_issue;
  assign ram_addr_o  = d_takes_ram ? dbus_addr[RamAddrW:1] : i_next[RamAddrW:1];
  assign ram_wdata_o = {dbus_wdata, dbus_wdata};
  always_comb begin
    ram_strb_o = '0;
    if (d_takes_ram && dbus_write)
      ram_strb_o = dbus_addr[0] ? {dbus_strb, 4'b0} : {4'b0, dbus_strb};
  end

  always_ff @(posedge clk_i) begin
    half_q      <= dbus_addr[0];
    i_half_q    <= i_next[0];
    reg_rdata_q <= reg_rdata_i;
    ram_pend_q  <= d_takes_ram && !dbus_write;
    reg_pend_q  <= reg_valid_o && !dbus_write;
    i_pend_q    <= i_issue;
    if (win_valid && win_ready && !dbus_write) win_sent_q <= 1'b1;
    if (dbus_ack) win_sent_q <= 1'b0;
    watch_q <= (dbus_valid && !dbus_ack) ? watch_q + 1'b1 : '0;
    if (!rst_ni) begin
      ram_pend_q <= 1'b0;
      reg_pend_q <= 1'b0;
      i_pend_q   <= 1'b0;
      win_sent_q <= 1'b0;
      watch_q    <= '0;
    end
  end

endmodule
