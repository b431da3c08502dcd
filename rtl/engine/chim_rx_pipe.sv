// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Segments of all connections in order, one a clock: each sees the state that the one before it
// left. Hard part: the state comes from a memory and goes back to it, and the youngest copy may be
// in any of four stages. A segment that is not predicted goes alone: the pipeline behind it waits.
//
//   S0  segment at the port; its slot addresses the memories
//   S1  memory out, youngest state taken from S2..S5, compares of the prediction (first loop)
//   S2  predicted or not; verdict of a predicted segment
//   S3  new state: predicted in this clock (second loop), else by chim_rx_step in three, and one
//       more to choose it, which would be long in the second loop's clock
//   S4  write back, kicks, counters
//   S5  what was written last, because S1 read its memory in the clock of that write
//
// While a segment that is not predicted is in S2 or S3, S1 stays and reads its slot again each
// clock. Firmware's words of RX and CFG_RX take the same way as such a segment, so they need no
// rules of their own. Verdicts go through a queue; a segment is taken only when its verdict has
// room, so that nothing behind S0 ever waits for the reader of verdicts.
`include "chim_assert.svh"

module chim_rx_pipe
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
  import chim_rx_pkg::*;
#(
  parameter int unsigned Conns = 1024,  // slots, a power of two, 2 or more
  localparam int unsigned ConnIdxW = $clog2(Conns)
) (
  input logic clk_i,
  input logic rst_ni,

  input logic [31:0] time_ms_i,
  input logic [ 7:0] ack_frequency_i,
  input logic [15:0] delayed_ack_i,    // ms

  input  logic seg_valid,
  output logic seg_ready,
  input  seg_t seg,

  output logic        verdict_valid,
  input  logic        verdict_ready,
  output rx_verdict_t verdict,

  // Copies of what others own.
  input logic    mirror_we_i,
  input conn_t   mirror_conn_i,
  input mirror_t mirror_i,
  input logic [1:0] sent_we_i,  // LastAckSent, AdvEdge
  input conn_t   sent_conn_i,
  input seq_t    sent_last_ack_i,
  input seq_t    sent_adv_edge_i,

  // Firmware's words of RX and CFG_RX; no other table's requests reach this port.
  input  logic            tbl_valid,
  output logic            tbl_ready,
  input  tbl_req_t        tbl_req,
  output logic            tbl_rvalid,
  output logic     [31:0] tbl_rdata,

  // Write-back: for copies of the state, kicks and counters of the segment that caused it.
  output logic                        wb_valid_o,
  output conn_t                       wb_conn_o,
  output tcb_rx_t                     wb_tcb_o,
  output logic                        kick_tx_o,
  output logic                        kick_ack_o,
  output logic                        kick_evt_o,
  output logic    [COUNTER_COUNT-1:0] cnt_o,

  input  conn_t fence_conn_i,
  output logic  fence_busy_o,  // a segment of it is between S0 and the taking of its verdict
  output logic  idle_o
);
  import chim_pkg::seq_leq;

  if (Conns < 2 || Conns != 2 ** ConnIdxW || ConnIdxW > CONN_W) begin : g_check_conns
    $error("chim_rx_pipe: Conns must be a power of two, 2..65536");
  end

  typedef logic [ConnIdxW-1:0] idx_t;

  // Segments whose verdict is not taken yet; also the size of the queue.
  localparam int unsigned VerdictRoom = 8;
  localparam int unsigned CreditW = $clog2(VerdictRoom + 1);

  typedef struct packed {
    logic     is_tbl;
    tbl_req_t tbl;
    seg_t     seg;
  } item_t;

  // ---------------------------------------------------------------- S0
  logic [CreditW-1:0] credit_q;  // verdicts promised and not taken
  logic               hold;  // S1 stays
  logic take_seg, take_tbl, verdict_taken;

  assign tbl_ready     = !hold;
  assign seg_ready     = !hold && !tbl_valid && credit_q != CreditW'(VerdictRoom);
  assign take_seg      = seg_valid && seg_ready;
  assign take_tbl      = tbl_valid && tbl_ready;
  assign verdict_taken = verdict_valid && verdict_ready;

  logic  s1_valid_q;
  item_t s1_q;
  seq_t  s1_send_q;
  idx_t s0_idx, s1_idx_q;
  always_comb begin
    s0_idx = idx_t'(seg.conn);
    if (tbl_valid) s0_idx = idx_t'(tbl_req.conn);
    if (hold) s0_idx = s1_idx_q;
  end

  always_ff @(posedge clk_i) begin
    s1_idx_q <= s0_idx;
    if (!hold) begin
      s1_valid_q <= take_seg || take_tbl;
      s1_q       <= '{is_tbl: tbl_valid, tbl: tbl_req, seg: seg};
      s1_send_q  <= seg.seq + 32'(seg.len);
    end
    credit_q <= credit_q + CreditW'(take_seg) - CreditW'(verdict_taken);
    if (!rst_ni) begin
      s1_valid_q <= 1'b0;
      credit_q   <= '0;
    end
  end

  // ---------------------------------------------------------------- memories
  logic [RX_REC_W-1:0] rec_bits;
  mirror_t mirror;
  seq_t sent_last_ack, sent_adv_edge;

  logic    s4_valid_q;
  idx_t    s4_idx_q;
  rx_rec_t s4_rec_q;

  ram_1r1w #(
    .Width(RX_REC_W),
    .Depth(Conns)
  ) u_rec (
    .clk_i,
    .wr_en_i  (s4_valid_q),
    .wr_addr_i(s4_idx_q),
    .wr_data_i(rx_rec_pack(s4_rec_q)),
    .rd_en_i  (1'b1),
    .rd_addr_i(s0_idx),
    .rd_data_o(rec_bits)
  );

  ram_1r1w_fwd #(
    .Depth(Conns),
    .T    (mirror_t)
  ) u_mirror (
    .clk_i,
    .wr_en_i  (mirror_we_i),
    .wr_addr_i(idx_t'(mirror_conn_i)),
    .wr_data_i(mirror_i),
    .rd_en_i  (1'b1),
    .rd_addr_i(s0_idx),
    .rd_data_o(mirror)
  );

  ram_1r1w_fwd #(
    .Depth(Conns)
  ) u_last_ack (
    .clk_i,
    .wr_en_i  (sent_we_i[1]),
    .wr_addr_i(idx_t'(sent_conn_i)),
    .wr_data_i(sent_last_ack_i),
    .rd_en_i  (1'b1),
    .rd_addr_i(s0_idx),
    .rd_data_o(sent_last_ack)
  );

  ram_1r1w_fwd #(
    .Depth(Conns)
  ) u_adv_edge (
    .clk_i,
    .wr_en_i  (sent_we_i[0]),
    .wr_addr_i(idx_t'(sent_conn_i)),
    .wr_data_i(sent_adv_edge_i),
    .rd_en_i  (1'b1),
    .rd_addr_i(s0_idx),
    .rd_data_o(sent_adv_edge)
  );

  // ---------------------------------------------------------------- S1
  logic s2_valid_q, s3_valid_q, s5_valid_q;
  idx_t s2_idx_q, s3_idx_q, s5_idx_q;
  rx_rec_t s5_rec_q;
  rx_pred_state_t s2_next_q, s3_next_q;

  rx_rec_t s1_rec;
  rx_pred_state_t s1_pred, s1_next;
  rx_reads_t                    s1_reads;
  logic      [RX_PRED_BITS-1:0] s1_ok;

  always_comb begin
    s1_rec = rx_rec_unpack(rec_bits);
    if (s5_valid_q && s5_idx_q == s1_idx_q) s1_rec = s5_rec_q;
    if (s4_valid_q && s4_idx_q == s1_idx_q) s1_rec = s4_rec_q;

    // S2 and S3 hold predicted segments, or S1 stays and this is not used.
    s1_pred = rx_pred_state(s1_rec.tcb);
    if (s3_valid_q && s3_idx_q == s1_idx_q) s1_pred = s3_next_q;
    if (s2_valid_q && s2_idx_q == s1_idx_q) s1_pred = s2_next_q;

    s1_reads = '{
        LastAckSent: sent_last_ack,
        AdvEdge: sent_adv_edge,
        SndUna: mirror.SndUna,
        SndMax: mirror.SndMax,
        FinAcked: mirror.FinAcked
    };
  end

  chim_rx_predict u_predict (
    .seg_i  (s1_q.seg),
    .send_i (s1_send_q),
    .state_i(s1_pred),
    .cfg_i  (s1_rec.cfg),
    .reads_i(s1_reads),
    .ok_o   (s1_ok),
    .next_o (s1_next)
  );

  // ---------------------------------------------------------------- S2
  item_t                        s2_q;
  rx_rec_t                      s2_rec_q;
  seq_t                         s2_rcv_nxt_q;
  logic      [            31:0] s2_ts_recent_q;
  rx_reads_t                    s2_reads_q;
  logic      [RX_PRED_BITS-1:0] s2_ok_q;
  logic                         s2_fast;
  assign s2_fast = &s2_ok_q && !s2_q.is_tbl;

  always_ff @(posedge clk_i) begin
    s2_valid_q     <= s1_valid_q && !hold;
    s2_q           <= s1_q;
    s2_idx_q       <= s1_idx_q;
    s2_rec_q       <= s1_rec;
    s2_rcv_nxt_q   <= s1_pred.RcvNxt;
    s2_ts_recent_q <= s1_pred.TsRecent;
    s2_next_q      <= s1_next;
    s2_reads_q     <= s1_reads;
    s2_ok_q        <= s1_ok;
    if (!rst_ni) s2_valid_q <= 1'b0;
  end

  // ---------------------------------------------------------------- S3
  logic      s3_fast_q;  // predicted; else the step or firmware's word
  logic      s3_first_q;  // first clock here
  item_t     s3_q;
  rx_rec_t   s3_rec_q;
  rx_reads_t s3_reads_q;
  logic [31:0] s3_swnd_q, now_q, deadline_q;
  logic s3_all_acked_q, s3_ts_update_q;
  logic s3_done, step_done, slow_done_q;
  rx_rec_t slow_rec_q;  // of the step, or with firmware's word
  rx_actions_t slow_actions_q;

  tcb_rx_t fast_tcb, step_tcb;
  rx_actions_t fast_actions, step_actions;

  // The youngest state for what comes from S2. S3 holds a predicted segment then, or nothing.
  rx_rec_t s3_rec_d;
  always_comb begin
    s3_rec_d = s2_rec_q;
    if (s4_valid_q && s4_idx_q == s2_idx_q) s3_rec_d.tcb = s4_rec_q.tcb;
    if (s3_valid_q && s3_idx_q == s2_idx_q) s3_rec_d.tcb = fast_tcb;
    // Known a clock earlier, and the same.
    s3_rec_d.tcb.RcvNxt   = s2_rcv_nxt_q;
    s3_rec_d.tcb.TsRecent = s2_ts_recent_q;
  end

  assign s3_done = s3_fast_q || slow_done_q;
  assign hold    = (s2_valid_q && !s2_fast) || (s3_valid_q && !s3_fast_q);

  always_ff @(posedge clk_i) begin
    now_q      <= time_ms_i;
    deadline_q <= time_ms_i + 32'(delayed_ack_i);
    if (!s3_valid_q || s3_done) begin
      s3_valid_q     <= s2_valid_q;
      s3_fast_q      <= s2_fast;
      s3_first_q     <= s2_valid_q;
      s3_q           <= s2_q;
      s3_idx_q       <= s2_idx_q;
      s3_rec_q       <= s3_rec_d;
      s3_next_q      <= s2_next_q;
      s3_reads_q     <= s2_reads_q;
      s3_swnd_q      <= 32'(s2_q.seg.wnd) << s2_rec_q.cfg.SndWindScale;
      s3_all_acked_q <= s2_reads_q.LastAckSent == s2_q.seg.seq;
      s3_ts_update_q <= s2_rec_q.cfg.TsEnabled && seq_leq(s2_q.seg.seq, s2_reads_q.LastAckSent);
    end else begin
      s3_first_q <= 1'b0;
    end
    if (!rst_ni) begin
      s3_valid_q <= 1'b0;
      s3_first_q <= 1'b0;
    end
  end

  chim_rx_fast u_fast (
    .state_i     (s3_rec_q.tcb),
    .seg_i       (s3_q.seg),
    .next_i      (s3_next_q),
    .swnd_i      (s3_swnd_q),
    .all_acked_i (s3_all_acked_q),
    .snd_max_i   (s3_reads_q.SndMax),
    .fin_acked_i (s3_reads_q.FinAcked),
    .ts_update_i (s3_ts_update_q),
    .ts_enabled_i(s3_rec_q.cfg.TsEnabled),
    .now_i       (now_q),
    .deadline_i  (deadline_q),
    .ack_frequency_i,
    .state_o     (fast_tcb),
    .actions_o   (fast_actions)
  );

  chim_rx_step u_step (
    .clk_i,
    .rst_ni,
    .start_i  (s3_valid_q && s3_first_q && !s3_fast_q && !s3_q.is_tbl),
    .state_i  (s3_rec_q.tcb),
    .cfg_i    (s3_rec_q.cfg),
    .reads_i  (s3_reads_q),
    .seg_i    (s3_q.seg),
    .ack_frequency_i,
    .delayed_ack_i,
    .now_i    (now_q),
    .done_o   (step_done),
    .state_o  (step_tcb),
    .actions_o(step_actions)
  );

  // Firmware's word.
  rx_rec_t tbl_rec;
  logic tbl_in_range;
  assign tbl_in_range = 32'(s3_q.tbl.conn) < Conns;
  always_comb begin
    tbl_rec = s3_rec_q;
    for (int unsigned w = 0; w < TCB_RX_WORDS; w++) begin
      if (s3_q.tbl.table_id == TABLE_RX && 32'(s3_q.tbl.word) == w) begin
        tbl_rec.tcb[32*w+:32] = s3_q.tbl.wdata;
      end
    end
    if (s3_q.tbl.table_id == TABLE_CFG_RX && s3_q.tbl.word == '0) tbl_rec.cfg = s3_q.tbl.wdata;
    tbl_rec.tcb.Rsvd = '0;
    tbl_rec.cfg.Rsvd = '0;
  end

  always_ff @(posedge clk_i) begin
    tbl_rvalid <= s3_valid_q && slow_done_q && s3_q.is_tbl && !s3_q.tbl.write;
    tbl_rdata  <= '0;
    if (s3_q.tbl.table_id == TABLE_RX) begin
      for (int unsigned w = 0; w < TCB_RX_WORDS; w++) begin
        if (32'(s3_q.tbl.word) == w) tbl_rdata <= s3_rec_q.tcb[32*w+:32];
      end
    end else if (s3_q.tbl.word == '0) begin
      tbl_rdata <= s3_rec_q.cfg;
    end
    if (!tbl_in_range) tbl_rdata <= '0;
    if (!rst_ni) tbl_rvalid <= 1'b0;
  end

  // ---------------------------------------------------------------- S4, S5
  conn_t s4_conn_q;
  logic s4_is_seg_q, s4_fast_q;
  logic s4_kick_tx_q, s4_kick_ack_q, s4_kick_evt_q, s4_has_counter_q;
  counter_e    s4_counter_q;
  rx_actions_t s3_actions;
  assign s3_actions = s3_fast_q ? fast_actions : slow_actions_q;
  logic        s4_verdict_valid_q;
  rx_verdict_t s4_verdict_q;

  always_ff @(posedge clk_i) begin
    slow_done_q    <= s3_valid_q && (s3_q.is_tbl ? s3_first_q && !s3_fast_q : step_done);
    slow_rec_q     <= s3_q.is_tbl ? tbl_rec : '{tcb: step_tcb, cfg: s3_rec_q.cfg};
    slow_actions_q <= step_actions;
    if (!rst_ni) slow_done_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    // A word that is only read, or lies outside, writes nothing.
    s4_valid_q <= s3_valid_q && s3_done && (!s3_q.is_tbl || (s3_q.tbl.write && tbl_in_range));
    s4_idx_q   <= s3_idx_q;
    s4_conn_q  <= s3_q.is_tbl ? s3_q.tbl.conn : s3_q.seg.conn;
    s4_rec_q   <= slow_rec_q;
    if (s3_fast_q) begin
      s4_rec_q.tcb <= fast_tcb;
      s4_rec_q.cfg <= s3_rec_q.cfg;
    end
    s4_is_seg_q <= s3_valid_q && s3_done && !s3_q.is_tbl;
    s4_fast_q <= s3_valid_q && s3_fast_q;
    s4_kick_tx_q <= s3_actions.kick_tx;
    s4_kick_ack_q <= s3_actions.kick_ack;
    s4_kick_evt_q <= s3_actions.kick_evt;
    s4_has_counter_q <= s3_actions.has_counter;
    s4_counter_q <= s3_actions.counter;
    s4_verdict_valid_q <= s3_valid_q && slow_done_q && !s3_q.is_tbl;
    s4_verdict_q <= slow_actions_q.verdict;
    s5_valid_q <= s4_valid_q;
    s5_idx_q <= s4_idx_q;
    s5_rec_q <= s4_rec_q;
    if (!rst_ni) begin
      s4_valid_q <= 1'b0;
      s4_is_seg_q <= 1'b0;
      s4_fast_q <= 1'b0;
      s5_valid_q <= 1'b0;
      s4_verdict_valid_q <= 1'b0;
    end
  end

  assign wb_valid_o = s4_valid_q;
  assign wb_conn_o  = s4_conn_q;
  assign wb_tcb_o   = s4_rec_q.tcb;
  assign kick_tx_o  = s4_is_seg_q && s4_kick_tx_q;
  assign kick_ack_o = s4_is_seg_q && s4_kick_ack_q;
  assign kick_evt_o = s4_is_seg_q && s4_kick_evt_q;

  always_ff @(posedge clk_i) begin
    cnt_o <= '0;
    if (s4_is_seg_q) begin
      if (s4_has_counter_q) cnt_o[s4_counter_q] <= 1'b1;
      cnt_o[COUNTER_SEG_IN]        <= 1'b1;
      cnt_o[COUNTER_SEG_PREDICTED] <= s4_fast_q;
    end
    if (!rst_ni) cnt_o <= '0;
  end

  // ---------------------------------------------------------------- verdicts
  // Of a predicted segment from S2, else from S4; while one of those is in S4, S2 is empty.
  logic v_in_valid, v_queue_valid, v_queue_take, v_queue_put, v_out_valid_q;
  rx_verdict_t v_in, v_queue, v_out_q;
  assign v_in_valid    = (s2_valid_q && s2_fast) || s4_verdict_valid_q;
  assign v_in          = s4_verdict_valid_q ? s4_verdict_q : rx_fast_verdict(s2_q.seg);
  assign v_queue_take  = !v_out_valid_q || verdict_ready;
  assign v_queue_put   = v_in_valid && !(v_queue_take && !v_queue_valid);
  assign verdict_valid = v_out_valid_q;
  assign verdict       = v_out_q;

  logic v_queue_ready;
  logic [$clog2(VerdictRoom+2)-1:0] v_level;
  fifo_sync #(
    .Depth(VerdictRoom),
    .T    (rx_verdict_t)
  ) u_verdicts (
    .clk_i,
    .rst_ni,
    .in_data  (v_in),
    .in_valid (v_queue_put),
    .in_ready (v_queue_ready),
    .out_data (v_queue),
    .out_valid(v_queue_valid),
    .out_ready(v_queue_take),
    .level_o  (v_level)
  );

  always_ff @(posedge clk_i) begin
    if (v_queue_take) begin
      v_out_valid_q <= v_queue_valid || v_in_valid;
      v_out_q       <= v_queue_valid ? v_queue : v_in;
    end
    if (!rst_ni) v_out_valid_q <= 1'b0;
  end

  // ---------------------------------------------------------------- fence
  // Verdicts to be taken until the last one of fence_conn_i is; a new connection starts with all.
  conn_t fence_conn_q;
  logic [CreditW-1:0] fence_left_q;
  logic fence_new;
  assign fence_new = fence_conn_q != fence_conn_i;
  always_ff @(posedge clk_i) begin
    fence_conn_q <= fence_conn_i;
    if (fence_new || (take_seg && seg.conn == fence_conn_i)) begin
      fence_left_q <= credit_q + CreditW'(take_seg) - CreditW'(verdict_taken);
    end else if (verdict_taken && fence_left_q != '0) begin
      fence_left_q <= fence_left_q - 1'b1;
    end
    if (!rst_ni) begin
      fence_conn_q <= '0;
      fence_left_q <= '0;
    end
  end
  // A predicted segment's verdict is ahead of its write-back.
  assign fence_busy_o = fence_new || fence_left_q != '0 ||
                        (s3_valid_q && s3_idx_q == idx_t'(fence_conn_i)) ||
                        (s4_valid_q && s4_idx_q == idx_t'(fence_conn_i));
  assign idle_o = credit_q == '0 && !s1_valid_q && !s2_valid_q && !s3_valid_q && !s4_valid_q;

  `CHIM_ASSERT(ast_verdict_room, !v_queue_put || v_queue_ready)
  `CHIM_ASSERT(ast_one_at_a_time, !(s2_valid_q && s3_valid_q && !s3_fast_q))
  `CHIM_ASSERT(ast_one_verdict, !(s2_valid_q && s2_fast && s4_verdict_valid_q))

  logic unused_bits;
  assign unused_bits = &{1'b0, v_level, mirror_conn_i, sent_conn_i, fast_actions.verdict,
                         s3_actions.verdict, s3_actions.ack_now};
endmodule
