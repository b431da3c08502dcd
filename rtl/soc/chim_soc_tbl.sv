// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The soft core's way to the on-chip tables: single words from its address window, and whole
// entries copied from or to RAM. Hard part: to a table words flow at one a clock, so RAM is read
// ahead of a table that may stall; from a table only one read may be outstanding, and it must not
// be mixed up with one of the window.
module chim_soc_tbl
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
#(
  parameter  int unsigned RamBytes = 65536,
  localparam int unsigned RamAddrW = $clog2(RamBytes / 8)
) (
  input logic clk_i,
  input logic rst_ni,

  // Window of the core.
  input  logic        win_valid,
  output logic        win_ready,
  input  logic        win_write,
  input  logic [24:0] win_addr,
  input  logic [31:0] win_wdata,
  output logic        win_rvalid,
  output logic [31:0] win_rdata,

  // Copy: neither pulse comes while busy.
  input  logic         copy_set_i,    // next copy begins at copy_ram_i
  input  logic         copy_start_i,
  input  logic         copy_write_i,  // 1: RAM to table
  input  logic  [31:0] copy_ram_i,    // byte address, multiple of 4
  input  conn_t        copy_conn_i,
  input  logic  [ 3:0] copy_table_i,
  input  logic  [ 5:0] copy_words_i,
  output logic         copy_busy_o,

  // RAM port; it is granted whenever asked for.
  output logic                ram_en_o,
  output logic [         7:0] ram_strb_o,
  output logic [RamAddrW-1:0] ram_addr_o,
  output logic [        63:0] ram_wdata_o,
  input  logic [        63:0] ram_rdata_i,

  // To the tables.
  output logic            tbl_valid,
  input  logic            tbl_ready,
  output tbl_req_t        tbl_req,
  input  logic            tbl_rvalid,
  input  logic     [31:0] tbl_rdata
);
  // ---- copy ----
  logic busy_q, write_q;
  logic [RamAddrW:0] ram_q;  // 32-bit word of RAM
  conn_t conn_q;
  logic [3:0] table_q;
  logic [4:0] word_q;  // next word to give to, or ask from the table
  logic [5:0] fetch_q;  // words still to read from RAM
  logic [5:0] left_q;  // words still to pass the table port
  logic have_q, ahead_q, half_q;  // a word waits for the table; one comes out of the RAM
  logic [31:0] wait_q;
  logic copy_valid, copy_take;
  logic [31:0] ram_word, copy_data;
  logic fetch;

  // Reads of RAM run ahead by one: the word at the RAM's output, or parked in wait_q when the table
  // did not take it at once.
  assign ram_word  = half_q ? ram_rdata_i[63:32] : ram_rdata_i[31:0];
  assign copy_data = have_q ? wait_q : ram_word;

  logic outstanding_q, for_copy_q;  // a read has been taken and not answered; whose it is
  logic read_free;
  assign read_free = !outstanding_q || tbl_rvalid;
  assign copy_valid = busy_q && left_q != '0 && (write_q ? have_q || ahead_q : read_free);
  assign fetch = busy_q && write_q && fetch_q != '0 && ((!have_q && !ahead_q) || copy_take);

  // ---- to the tables: a register stage; the window goes first, it stops the core ----
  tbl_req_t req_d;
  logic slot_free, take_win;
  assign slot_free = !tbl_valid || tbl_ready;
  assign take_win  = win_valid && (win_write || read_free);
  assign win_ready = slot_free && (win_write || read_free);
  assign copy_take = copy_valid && slot_free && !take_win;
  always_comb begin
    req_d = '{write: write_q, table_id: table_q, conn: conn_q, word: word_q, wdata: copy_data};
    if (take_win) begin
      req_d.write = win_write;
      {req_d.table_id, req_d.conn, req_d.word} = win_addr;
      req_d.wdata = win_wdata;
    end
  end

  // ---- from the tables ----
  logic copy_answer;
  assign copy_answer = tbl_rvalid && for_copy_q;
  assign win_rvalid  = tbl_rvalid && !for_copy_q;
  assign win_rdata   = tbl_rdata;

  assign ram_en_o    = fetch || copy_answer;
  assign ram_addr_o  = ram_q[RamAddrW:1];
  assign ram_wdata_o = {tbl_rdata, tbl_rdata};
  always_comb begin
    ram_strb_o = '0;
    if (copy_answer) ram_strb_o = ram_q[0] ? 8'hF0 : 8'h0F;
  end

  // Busy until the last write has been taken and the last answer is in RAM.
  assign copy_busy_o = busy_q;
  logic done;
  assign done = left_q == '0 && slot_free && !(outstanding_q && for_copy_q && !tbl_rvalid);

  always_ff @(posedge clk_i) begin
    if (slot_free) tbl_valid <= take_win || copy_valid;
    if (slot_free) tbl_req <= req_d;
    if (tbl_rvalid) outstanding_q <= 1'b0;
    if (slot_free && (take_win ? !win_write : copy_valid && !write_q)) begin
      outstanding_q <= 1'b1;
      for_copy_q    <= !take_win;
    end

    half_q  <= ram_q[0];
    ahead_q <= fetch;
    if (ahead_q && !have_q && !copy_take) begin
      have_q <= 1'b1;
      wait_q <= ram_word;
    end else if (copy_take) begin
      have_q <= 1'b0;
    end
    if (fetch) fetch_q <= fetch_q - 1'b1;
    if (fetch || copy_answer) ram_q <= ram_q + 1'b1;
    if (copy_take) begin
      left_q <= left_q - 1'b1;
      word_q <= word_q + 1'b1;
    end
    if (busy_q && done) busy_q <= 1'b0;
    if (copy_set_i) ram_q <= copy_ram_i[RamAddrW+2:2];
    if (!busy_q && copy_start_i) begin
      busy_q  <= 1'b1;
      write_q <= copy_write_i;
      conn_q  <= copy_conn_i;
      table_q <= copy_table_i;
      word_q  <= '0;
      fetch_q <= copy_words_i;
      left_q  <= copy_words_i;
    end

    if (!rst_ni) begin
      tbl_valid     <= 1'b0;
      outstanding_q <= 1'b0;
      busy_q        <= 1'b0;
      have_q        <= 1'b0;
      ahead_q       <= 1'b0;
      left_q        <= '0;
    end
  end

  logic unused_ram;
  assign unused_ram = &{1'b0, copy_ram_i};

endmodule
