// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Tables of the send half: TX with the LIVE bit, CFG_TX with DOORBELL and a sticky error bit, and
// the timer scan's own copy of the timer. Hard part: none may be read in the clock in which it is
// written; the pass pipeline sees to it for the first two, the scan looks away for the third.
//
// TX: 17 words of 32 bits and one of 18, each with its own write enable, so that words that
// firmware writes follow each other without reading the row first.
module chim_tx_tables
  import chim_contract_pkg::tcb_tx_t;
  import chim_contract_pkg::cfg_tx_t;
  import chim_contract_pkg::TCB_TX_WORDS;
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
#(
  parameter int unsigned Conns = 1024  // slots, a power of two
) (
  input logic clk_i,

  // Read: data in the next clock.
  input  conn_t   rd_conn_i,
  output tcb_tx_t rd_tx_o,
  output logic    rd_live_o,
  output cfg_tx_t rd_cfg_o,
  output chim_contract_pkg::doorbell_t rd_bell_o,
  output logic    rd_error_o,

  // Write-back of TX: words by mask.
  input logic    [TCB_TX_WORDS-1:0] tx_we_i,
  input conn_t   tx_conn_i,
  input tcb_tx_t tx_i,
  input logic    tx_word_i,  // firmware's word instead, wherever the mask says
  input logic [31:0] tx_value_i,
  input logic    tx_live_i,

  // Write of CFG_TX, DOORBELL and the error bit, whole.
  input logic    cfg_we_i,
  input conn_t   cfg_conn_i,
  input cfg_tx_t cfg_i,
  input chim_contract_pkg::doorbell_t bell_i,
  input logic    error_i,

  // The timer's copy; armed: LIVE, not stopped, and the timer runs.
  input  logic         timer_we_i,
  input  conn_t        timer_conn_i,
  input  logic         timer_armed_i,
  input  logic  [31:0] timer_deadline_i,
  input  logic         scan_re_i,
  input  conn_t        scan_conn_i,
  output logic         scan_armed_o,
  output logic  [31:0] scan_deadline_o
);
  localparam int unsigned ConnW = $clog2(Conns);
  localparam int unsigned Flags = 18;  // word 0: 17 bits of TX, then LIVE

  // ---- TX
  // ------------------------------------------------------------------------------------------
  logic [32*TCB_TX_WORDS-1:0] tx_in, tx_out;
  assign tx_in   = tx_word_i ? {TCB_TX_WORDS{tx_value_i}} : tx_i;
  assign rd_tx_o = tcb_tx_t'(tx_out);

  for (genvar w = 1; w < TCB_TX_WORDS; w++) begin : g_word
    ram_1r1w #(
      .Width(32),
      .Depth(Conns)
    ) u_ram (
      .clk_i,
      .wr_en_i  (tx_we_i[w]),
      .wr_addr_i(tx_conn_i[ConnW-1:0]),
      .wr_data_i(tx_in[32*w+:32]),
      .rd_en_i  (1'b1),
      .rd_addr_i(rd_conn_i[ConnW-1:0]),
      .rd_data_o(tx_out[32*w+:32])
    );
  end

  logic [Flags-1:0] flags_out;
  ram_1r1w #(
    .Width(Flags),
    .Depth(Conns)
  ) u_flags (
    .clk_i,
    .wr_en_i  (tx_we_i[0]),
    .wr_addr_i(tx_conn_i[ConnW-1:0]),
    .wr_data_i({tx_in[31-:Flags-1], tx_live_i}),
    .rd_en_i  (1'b1),
    .rd_addr_i(rd_conn_i[ConnW-1:0]),
    .rd_data_o(flags_out)
  );
  assign tx_out[31:0] = {flags_out[Flags-1:1], 15'd0};
  assign rd_live_o = flags_out[0];

  // ---- CFG_TX and DOORBELL: 180 bits
  // ---------------------------------------------------------------
  typedef struct packed {
    logic [31:0] max_rt;
    logic [31:0] ts_delta;
    mss_t        mss;
    logic        ts_enabled;
    logic        nagle;
    logic        stop;
    logic [31:0] snd_end;
    logic [31:0] rcv_return;
    logic [31:0] fin_seq;
    logic        fin_valid;
    logic        rst;
    logic        error;
  } row_t;

  row_t row_in, row_out;
  assign row_in = '{
          max_rt: cfg_i.MaxRT,
          ts_delta: cfg_i.TsDelta,
          mss: cfg_i.Mss[MSS_W-1:0],
          ts_enabled: cfg_i.TsEnabled,
          nagle: cfg_i.Nagle,
          stop: cfg_i.Stop,
          snd_end: bell_i.SndEnd,
          rcv_return: bell_i.RcvReturn,
          fin_seq: bell_i.FinSeq,
          fin_valid: bell_i.FinValid,
          rst: bell_i.Abort,
          error: error_i
      };

  ram_1r1w #(
    .Depth(Conns),
    .T    (row_t)
  ) u_row (
    .clk_i,
    .wr_en_i  (cfg_we_i),
    .wr_addr_i(cfg_conn_i[ConnW-1:0]),
    .wr_data_i(row_in),
    .rd_en_i  (1'b1),
    .rd_addr_i(rd_conn_i[ConnW-1:0]),
    .rd_data_o(row_out)
  );

  assign rd_cfg_o = '{
          MaxRT: row_out.max_rt,
          TsDelta: row_out.ts_delta,
          Mss: 16'(row_out.mss),
          TsEnabled: row_out.ts_enabled,
          Nagle: row_out.nagle,
          Stop: row_out.stop,
          Rsvd: '0
      };
  assign rd_bell_o = '{
          SndEnd: row_out.snd_end,
          RcvReturn: row_out.rcv_return,
          FinSeq: row_out.fin_seq,
          FinValid: row_out.fin_valid,
          Abort: row_out.rst,
          Rsvd: '0
      };
  assign rd_error_o = row_out.error;

  // ---- the timer's copy
  // ---------------------------------------------------------------------------- Written while it
  // is read: not armed this time; the scan comes round again.
  logic scan_clash_q, armed_out;
  ram_1r1w #(
    .Width(33),
    .Depth(Conns)
  ) u_timer (
    .clk_i,
    .wr_en_i  (timer_we_i),
    .wr_addr_i(timer_conn_i[ConnW-1:0]),
    .wr_data_i({timer_armed_i, timer_deadline_i}),
    .rd_en_i  (scan_re_i),
    .rd_addr_i(scan_conn_i[ConnW-1:0]),
    .rd_data_o({armed_out, scan_deadline_o})
  );
  always_ff @(posedge clk_i) begin
    if (scan_re_i) begin
      scan_clash_q <= timer_we_i && timer_conn_i[ConnW-1:0] == scan_conn_i[ConnW-1:0];
    end
  end
  assign scan_armed_o = armed_out && !scan_clash_q;

  logic unused_in;
  assign unused_in = &{1'b0, tx_in[14:0], cfg_i.Mss[15:MSS_W], cfg_i.Rsvd, bell_i.Rsvd, rd_conn_i,
                       tx_conn_i, cfg_conn_i, timer_conn_i, scan_conn_i};
endmodule
