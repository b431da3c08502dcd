// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Passes of the send half: a connection is picked, its rows are read, the send step looks, and 10
// clocks later the new send half, its mirror and the burst leave together. Everything that touches
// a row goes through here, firmware's words and doorbells too, so a row has one writer. Hard part:
// what one clock decides and another carries out; the table says which.
//
//   pick   the row is addressed (chim_tx_pick)
//   1      row and receive view are there; doorbell checked and put in place
//   2      CFG_TX and DOORBELL written; RcvReturn handed on; word or snapshot out
//   3      express segment offered
//   1-9    the send step
//   10     TX written, mirror and timer copy with it; kicks
//   11     burst to the segmenter, without the segment that went by express
`include "chim_assert.svh"

module chim_tx_pass
  import chim_contract_pkg::tcb_tx_t;
  import chim_contract_pkg::cfg_tx_t;
  import chim_contract_pkg::table_e;
  import chim_contract_pkg::TABLE_TX;
  import chim_contract_pkg::TABLE_CFG_TX;
  import chim_contract_pkg::TABLE_DOORBELL;
  import chim_contract_pkg::TCB_TX_WORDS;
  import chim_contract_pkg::CFG_TX_WORDS;
  import chim_contract_pkg::DOORBELL_WORDS;
  import chim_contract_pkg::QUEUE_SEND;
  import chim_contract_pkg::QUEUE_RECV_RETURN;
  import chim_contract_pkg::QUEUE_FIN;
  import chim_contract_pkg::QUEUE_ABORT;
  import chim_contract_pkg::TIMER_MODE_NONE;
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
#(
  parameter int unsigned Conns = 1024,  // slots, a power of two
  parameter int unsigned Bursts = 16  // places of the segmenter
) (
  input logic clk_i,
  input logic rst_ni,

  input logic [31:0] time_ms_i,
  input step_params_t params_i,
  output logic ready_o,  // high once the tables are cleared; only then anything is taken

  input  logic        db_valid,
  output logic        db_ready,
  input  bell_t       db,
  input  logic        misc_valid,
  output logic        misc_ready,
  input  pass_t       misc,
  input  logic  [1:0] lane_valid,
  output logic  [1:0] lane_ready,
  input  conn_t [1:0] lane_conn,

  // Receive half: view, one clock after its address; mirror; RcvReturn.
  output conn_t   rxv_conn_o,
  input  rxv_t    rxv_i,
  output logic    mirror_we_o,
  output conn_t   mirror_conn_o,
  output mirror_t mirror_o,
  output logic    rr_we_o,
  output conn_t   rr_conn_o,
  output seq_t    rr_val_o,

  // Answers of stage 2: a word for firmware, a snapshot for the event unit.
  output logic             word_valid_o,
  output logic      [31:0] word_o,
  output logic             snapshot_valid_o,
  output snapshot_t        snapshot_o,

  // Segmenter.
  output logic    burst_valid,
  output burst_t  burst,
  input  logic    burst_taken_i,
  output logic    express_valid,
  input  logic    express_ready,
  output tx_cmd_t express,

  // Kicks: look again; an event is due. Cannot be refused; room_i says that 12 more events fit.
  output logic  again_valid_o,
  output conn_t again_conn_o,
  output logic  evt_valid_o,
  output conn_t evt_conn_o,
  input  logic  room_i,

  // The timer's copy.
  input  logic         scan_re_i,
  input  conn_t        scan_conn_i,
  output logic         scan_armed_o,
  output logic  [31:0] scan_deadline_o,

  output step_count_t count_o,
  output logic        bad_bell_o,    // DB_RANGE
  input  conn_t       watch_conn_i,
  output logic        watch_busy_o,
  output logic        idle_o
);
  localparam int unsigned ConnW = $clog2(Conns);
  localparam int unsigned Stages = 10;

  // ---- clearing after reset: LIVE off, timers off
  // --------------------------------------------------
  logic [ConnW:0] clear_q;
  assign ready_o = clear_q[ConnW];
  always_ff @(posedge clk_i) begin
    if (!ready_o) clear_q <= clear_q + 1'b1;
    if (!rst_ni) clear_q <= '0;
  end

  // ---- room for bursts: each pass that may grant holds a place from its pick
  // -----------------------
  logic s1_valid, credit, hold, give_back;
  pass_t s1;
  logic [$clog2(Bursts+1)-1:0] places_q;
  // A place held in this clock is not counted yet.
  assign credit = places_q > $bits(places_q)'(1);
  always_ff @(posedge clk_i) begin
    places_q <= places_q - $bits(
        places_q
    )'(hold) + $bits(
        places_q
    )'(give_back) + $bits(
        places_q
    )'(burst_taken_i);
    if (!rst_ni) places_q <= $bits(places_q)'(Bursts);
  end

  logic pick_idle;
  chim_tx_pick #(
    .Conns (Conns),
    .Stages(Stages)
  ) u_pick (
    .clk_i,
    .rst_ni,
    .ready_i    (ready_o),
    .room_i,
    .credit_i   (credit),
    .db_valid,
    .db_ready,
    .db,
    .misc_valid,
    .misc_ready,
    .misc,
    .lane_valid,
    .lane_ready,
    .lane_conn,
    .pick_conn_o(rxv_conn_o),
    .s1_valid_o (s1_valid),
    .s1_o       (s1),
    .watch_conn_i,
    .watch_busy_o,
    .idle_o     (pick_idle)
  );

  // ---- tables
  // --------------------------------------------------------------------------------------
  tcb_tx_t t_s1, t_s10;
  cfg_tx_t c_row_s1, c_s1, c_q2;
  chim_contract_pkg::doorbell_t d_row_s1, d_s1, d_q2;
  logic live_s1, error_row_s1, error_s1, error_q2, cfg_we_s1, cfg_we_q2;
  pass_t p_q[2:Stages];
  logic valid_q[2:Stages];
  logic [TCB_TX_WORDS-1:0] tx_we_s10;
  conn_t tx_conn_s10;
  logic live_s10, armed_s10, run_s10, word_s10;
  pass_t p_s10;

  chim_tx_tables #(
    .Conns(Conns)
  ) u_tables (
    .clk_i,
    .rd_conn_i       (rxv_conn_o),
    .rd_tx_o         (t_s1),
    .rd_live_o       (live_s1),
    .rd_cfg_o        (c_row_s1),
    .rd_bell_o       (d_row_s1),
    .rd_error_o      (error_row_s1),
    .tx_we_i         (tx_we_s10),
    .tx_conn_i       (tx_conn_s10),
    .tx_i            (t_s10),
    .tx_word_i       (word_s10),
    .tx_value_i      (p_s10.value),
    .tx_live_i       (live_s10),
    .cfg_we_i        (cfg_we_q2),
    .cfg_conn_i      (p_q[2].conn),
    .cfg_i           (c_q2),
    .bell_i          (d_q2),
    .error_i         (error_q2),
    .timer_we_i      (run_s10 || !ready_o),
    .timer_conn_i    (tx_conn_s10),
    .timer_armed_i   (armed_s10),
    .timer_deadline_i(t_s10.Deadline),
    .scan_re_i,
    .scan_conn_i,
    .scan_armed_o,
    .scan_deadline_o
  );

  // ---- stage 1: doorbell, or firmware's word, in place
  // ---------------------------------------------
  logic is_bell_s1, is_write_s1, send_ok_s1, fin_ok_s1, bad_s1, send_s1;
  logic [1:0] send_far_s1;
  logic [29:0] unused_far_s1;
  logic [32*CFG_TX_WORDS-1:0] c_words_s1;
  logic [32*DOORBELL_WORDS-1:0] d_words_s1;
  assign is_bell_s1 = s1_valid && s1.kind == PASS_BELL;
  assign is_write_s1 = s1_valid && s1.kind == PASS_TABLE && s1.write;
  // SEND: from SndUna to 2^30 ahead of it, and not behind a FIN. FIN: where SEND has ended.
  assign {send_far_s1, unused_far_s1} = s1.value - t_s1.SndUna;
  assign send_ok_s1 = send_far_s1 == '0 && (!d_row_s1.FinValid || s1.value == d_row_s1.FinSeq);
  assign fin_ok_s1 = s1.value == d_row_s1.SndEnd;

  always_comb begin
    c_words_s1 = c_row_s1;
    d_words_s1 = d_row_s1;
    error_s1   = error_row_s1;
    cfg_we_s1  = 1'b0;
    bad_s1     = 1'b0;
    send_s1    = 1'b0;
    if (is_write_s1 && table_e'(s1.table_id) == TABLE_CFG_TX) begin
      cfg_we_s1 = 1'b1;
      error_s1  = 1'b0;  // a new tenant
      for (int unsigned w = 0; w < CFG_TX_WORDS; w++) begin
        if (32'(s1.word) == w) c_words_s1[32*w+:32] = s1.value;
      end
    end
    if (is_write_s1 && table_e'(s1.table_id) == TABLE_DOORBELL) begin
      cfg_we_s1 = 1'b1;
      for (int unsigned w = 0; w < DOORBELL_WORDS; w++) begin
        if (32'(s1.word) == w) d_words_s1[32*w+:32] = s1.value;
      end
    end
    if (s1_valid && s1.kind == PASS_ERROR) begin
      cfg_we_s1 = 1'b1;
      error_s1  = 1'b1;
    end
    c_s1 = cfg_tx_t'(c_words_s1);
    d_s1 = chim_contract_pkg::doorbell_t'(d_words_s1);
    if (is_bell_s1) begin
      cfg_we_s1 = 1'b1;
      unique case (s1.word[1:0])
        QUEUE_SEND: begin
          if (send_ok_s1) d_s1.SndEnd = s1.value;
          bad_s1  = !send_ok_s1;
          send_s1 = send_ok_s1;
        end
        QUEUE_RECV_RETURN: d_s1.RcvReturn = s1.value;
        QUEUE_FIN: begin
          if (fin_ok_s1) begin
            d_s1.FinSeq   = s1.value;
            d_s1.FinValid = 1'b1;
          end
          bad_s1 = !fin_ok_s1;
        end
        QUEUE_ABORT: d_s1.Abort = 1'b1;
      endcase
    end
  end

  assign hold = s1_valid && (s1.run || s1.kind == PASS_FENCE);

  // ---- stage 2: words and snapshots out
  // ------------------------------------------------------------
  tcb_tx_t t_q2;
  rxv_t r_q2;
  logic live_q2, bad_q2;
  logic [32*(TCB_TX_WORDS+CFG_TX_WORDS+DOORBELL_WORDS)-1:0] all_words_s2;
  // Which of them firmware asks for, one-hot; none: it reads 0.
  logic [TCB_TX_WORDS+CFG_TX_WORDS+DOORBELL_WORDS-1:0] word_is_s1, word_is_q2;
  logic [31:0] word_s2;
  assign all_words_s2 = {d_q2, c_q2, t_q2};

  always_comb begin
    int unsigned base, words;
    base  = 0;
    words = TCB_TX_WORDS;
    if (table_e'(s1.table_id) == TABLE_CFG_TX) begin
      base  = TCB_TX_WORDS;
      words = CFG_TX_WORDS;
    end else if (table_e'(s1.table_id) == TABLE_DOORBELL) begin
      base  = TCB_TX_WORDS + CFG_TX_WORDS;
      words = DOORBELL_WORDS;
    end
    for (int unsigned w = 0; w < TCB_TX_WORDS + CFG_TX_WORDS + DOORBELL_WORDS; w++) begin
      word_is_s1[w] = w >= base && w < base + words && 32'(s1.word) + base == w;
    end
    word_s2 = '0;
    for (int unsigned w = 0; w < TCB_TX_WORDS + CFG_TX_WORDS + DOORBELL_WORDS; w++) begin
      word_s2 |= all_words_s2[32*w+:32] & {32{word_is_q2[w]}};
    end
  end

  always_ff @(posedge clk_i) begin
    t_q2 <= t_s1;
    r_q2 <= rxv_i;
    c_q2 <= c_s1;
    d_q2 <= d_s1;
    live_q2 <= live_s1;
    error_q2 <= error_s1;
    cfg_we_q2 <= cfg_we_s1 && rst_ni;
    bad_q2 <= bad_s1;
    word_is_q2 <= word_is_s1;

    word_valid_o <= valid_q[2] && p_q[2].kind == PASS_TABLE && !p_q[2].write && rst_ni;
    word_o <= word_s2;
    snapshot_valid_o <= valid_q[2] && p_q[2].kind == PASS_EVENT && rst_ni;
    snapshot_o <= '{
        live: live_q2,
        fin_acked: t_q2.FinAcked,
        rst_sent: t_q2.RstSent,
        expired: t_q2.Expired,
        time_wait: t_q2.TimeWait,
        aborted: r_q2.Aborted,
        urgent: r_q2.Urgent,
        syn_seen: r_q2.SynSeen,
        dma_error: error_q2,
        snd_max: t_q2.SndMax
    };
  end

  assign rr_we_o = cfg_we_q2 && (p_q[2].kind == PASS_BELL
                                     ? p_q[2].word[1:0] == QUEUE_RECV_RETURN
                                     : p_q[2].kind == PASS_TABLE && p_q[2].word == 5'd2 &&
                                           table_e'(p_q[2].table_id) == TABLE_DOORBELL);
  assign rr_conn_o = p_q[2].conn;
  assign rr_val_o = d_q2.RcvReturn;
  assign bad_bell_o = bad_q2 && valid_q[2];

  // ---- stages 1 to 10: the send step
  // ---------------------------------------------------------------
  logic step_burst_s10, step_again_s10, step_evt_s10;
  burst_t step_s10;
  step_count_t count_s10;

  chim_tx_step u_step (
    .clk_i,
    .p_i          (params_i),
    .step_i       (s1_valid && s1.run),
    .now_i        (time_ms_i),
    .live_i       (live_s1),
    .t_i          (t_s1),
    .r_i          (rxv_i),
    .c_i          (c_s1),
    .d_i          (d_s1),
    .t_o          (t_s10),
    .burst_valid_o(step_burst_s10),
    .burst_o      (step_s10),
    .kick_self_o  (step_again_s10),
    .kick_evt_o   (step_evt_s10),
    .count_o      (count_s10)
  );

  // ---- stage 3: express
  // ----------------------------------------------------------------------------
  chim_tx_express u_express (
    .clk_i,
    .now_s1    (time_ms_i),
    .restart_s1(params_i.restart_segs != '0),
    .bell_s1   (send_s1 && s1.run),
    .live_s1,
    .t_s1,
    .r_s1      (rxv_i),
    .c_s1      (c_row_s1),
    .end_s1    (s1.value),
    .closed_s1 (d_row_s1.FinValid || d_row_s1.Abort),
    .conn_s1   (s1.conn),
    .valid_s3  (express_valid),
    .cmd_s3    (express)
  );

  // What stages 2 to 10 still need to know.
  logic live_q[2:Stages], stop_q[2:Stages], sent_q[4:Stages], alarm_q[2:Stages];
  always_ff @(posedge clk_i) begin
    valid_q[2] <= s1_valid && rst_ni;
    p_q[2] <= s1;
    live_q[2] <= s1.kind == PASS_LIVE ? s1.write : live_s1;
    stop_q[2] <= c_s1.Stop;
    // The receive half froze: it told nobody but this pass.
    alarm_q[2] <= s1.run && (rxv_i.Aborted || rxv_i.Urgent || rxv_i.SynSeen);
    for (int unsigned i = 3; i <= Stages; i++) begin
      valid_q[i] <= valid_q[i-1] && rst_ni;
      p_q[i] <= p_q[i-1];
      live_q[i] <= live_q[i-1];
      stop_q[i] <= stop_q[i-1];
      alarm_q[i] <= alarm_q[i-1];
    end
    sent_q[4] <= express_valid && express_ready;
    for (int unsigned i = 5; i <= Stages; i++) sent_q[i] <= sent_q[i-1];
  end

  // ---- stage 10: write-back
  // ------------------------------------------------------------------------
  assign p_s10 = p_q[Stages];
  assign run_s10 = valid_q[Stages] && p_s10.run;
  assign word_s10 = valid_q[Stages] && p_s10.kind == PASS_TABLE && p_s10.write;

  always_comb begin
    tx_we_s10   = {TCB_TX_WORDS{run_s10}};
    tx_conn_s10 = p_s10.conn;
    live_s10    = live_q[Stages];
    armed_s10   = live_q[Stages] && !stop_q[Stages] && t_s10.TimerMode != TIMER_MODE_NONE;
    if (word_s10 && table_e'(p_s10.table_id) == TABLE_TX) begin
      for (int unsigned w = 0; w < TCB_TX_WORDS; w++) tx_we_s10[w] = 32'(p_s10.word) == w;
    end
    if (valid_q[Stages] && p_s10.kind == PASS_LIVE) tx_we_s10[0] = 1'b1;
    if (!ready_o) begin
      tx_we_s10   = TCB_TX_WORDS'(1);
      tx_conn_s10 = conn_t'(clear_q[ConnW-1:0]);
      live_s10    = 1'b0;
      armed_s10   = 1'b0;
    end
  end

  // Firmware's words, a change of LIVE and a doorbell that found no room are followed by a look,
  // which brings the copies up to date.
  assign mirror_we_o = run_s10;
  assign mirror_conn_o = p_s10.conn;
  assign mirror_o = '{SndUna: t_s10.SndUna, SndMax: t_s10.SndMax, FinAcked: t_s10.FinAcked};
  assign again_conn_o = p_s10.conn;
  assign again_valid_o = (run_s10 && step_again_s10) || word_s10 ||
      (valid_q[Stages] && (p_s10.kind == PASS_LIVE ||
                           (p_s10.kind == PASS_BELL && !p_s10.run &&
                            p_s10.word[1:0] != QUEUE_RECV_RETURN)));
  assign evt_conn_o = p_s10.conn;
  assign evt_valid_o = (run_s10 && (step_evt_s10 || alarm_q[Stages])) ||
      (valid_q[Stages] && (p_s10.kind == PASS_ERROR || (p_s10.kind == PASS_LIVE && p_s10.write)));
  assign count_o = run_s10 ? count_s10 : '0;

  // ---- stage 11: the burst
  // -------------------------------------------------------------------------
  logic fence_s10, put_s10;
  assign fence_s10 = valid_q[Stages] && p_s10.kind == PASS_FENCE;
  assign put_s10 = fence_s10 ||
      (run_s10 && step_burst_s10 && !(sent_q[Stages] && step_s10.n == NSEG_W'(1)));
  assign give_back = (run_s10 || fence_s10) && !put_s10;

  always_ff @(posedge clk_i) begin
    burst_valid <= put_s10;
    burst <= step_s10;
    burst.conn <= p_s10.conn;
    if (sent_q[Stages]) begin
      burst.seq <= step_s10.seq + 32'(step_s10.mss);
      burst.n   <= step_s10.n - NSEG_W'(1);
    end
    if (fence_s10) begin
      burst <= '0;
      burst.kind <= TX_FENCE;
      burst.conn <= p_s10.conn;
    end
    if (!rst_ni) burst_valid <= 1'b0;
  end

  assign idle_o = pick_idle && !burst_valid && ready_o;

`ifdef CHIM_CHECKS
  // The express segment is the first one that the step grants.
  tx_cmd_t said_q[4:Stages];
  always_ff @(posedge clk_i) begin
    said_q[4] <= express;
    for (int unsigned i = 5; i <= Stages; i++) said_q[i] <= said_q[i-1];
  end
  logic said, plain, first, only;
  assign said = sent_q[Stages] && valid_q[Stages];
  assign plain = run_s10 && step_burst_s10 && !step_s10.has_una && step_s10.kind == TX_DATA
                 && step_s10.again == '0;
  assign first = 16'(step_s10.mss) == said_q[Stages].len && !said_q[Stages].psh;
  assign only = 16'(step_s10.last_len) == said_q[Stages].len && !step_s10.fin
                && step_s10.psh == said_q[Stages].psh;
  `CHIM_ASSERT(ast_express_granted, !said || plain)
  `CHIM_ASSERT(ast_express_seq, !said || step_s10.seq == said_q[Stages].seq)
  `CHIM_ASSERT(ast_express_first, !said || step_s10.n == NSEG_W'(1) || first)
  `CHIM_ASSERT(ast_express_only, !said || step_s10.n != NSEG_W'(1) || only)
`endif

  logic unused_pass;
  assign unused_pass = &{1'b0, r_q2, p_q[2], p_s10, t_q2};
endmodule
