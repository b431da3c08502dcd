// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The receive step (steps.md section 1) in three clocks: differences, compares of what was derived,
// decision and new state. No memory; a pure function of its inputs, which must stay while it runs.
// Hard part: the order of the clauses; the decision below is numbered like them.
//
//   clock    0        1        2        3
//   start_i  ~~\_______________________
//   done_o   ___________________/~~~~~~\__   state_o, actions_o valid with done_o only
module chim_rx_step
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_rx_pkg::*;
(
  input logic clk_i,
  input logic rst_ni,

  input logic             start_i,          // one clock; not again before done_o
  input tcb_rx_t          state_i,
  input cfg_rx_t          cfg_i,
  input rx_reads_t        reads_i,
  input seg_t             seg_i,
  input logic      [ 7:0] ack_frequency_i,
  input logic      [15:0] delayed_ack_i,    // ms
  input logic      [31:0] now_i,            // ms, as it is in the clock of start_i

  output logic        done_o,
  output tcb_rx_t     state_o,
  output rx_actions_t actions_o
);
  import chim_pkg::seq_lt;
  import chim_pkg::seq_leq;
  import chim_pkg::seq_geq;

  // 24 days in ms: an older TsRecent proves nothing (RFC 7323 5.5).
  localparam logic [31:0] TsOutdatedMs = 32'd2_073_600_000;
  // Least distance of two challenge ACKs for a SYN, chimney 11.7.
  localparam logic [31:0] SynChallengeMs = 32'd3_000;

  // Clock 0: sums, differences and direct compares.
  typedef struct packed {
    logic [31:0] now;
    logic [31:0] deadline;
    logic [31:0] ts_age;
    logic [31:0] syn_age;
    seq_t        behind_text;                               // seq + len
    seq_t        send;                                      // seq + slen
    logic [31:0] room;                                      // AdvEdge - RcvNxt
    logic [31:0] cut;                                       // RcvNxt - seq
    seq_t        ack_low;                                   // SndUna - MaxSndWnd
    logic [31:0] swnd;
    logic [8:0]  segs;
    logic        has_text,        has_slen;
    logic        at_next;                                   // seq == RcvNxt
    logic        before_edge;                               // seq < AdvEdge
    logic        ts_older;
    logic        acked_below_max;                           // ack <= SndMax
    logic        ack_above,       ack_same, ack_not_below;  // compared with AckNewest
    logic        dup_can;                                   // SndMax != AckNewest
    logic        wl_ok;
    logic        ts_takes;                                  // seq <= LastAckSent
  } sums_t;

  // Clock 1: compares of the sums.
  typedef struct packed {
    logic        ts_outdated;
    logic        syn_recent;
    logic        open;             // wnd > 0
    logic        end_in;           // RcvNxt <= send - 1 < AdvEdge
    logic        beyond;           // seq + len is beyond AdvEdge
    logic        ahead;            // seq is behind RcvNxt: out of order
    logic        old;              // seq is before RcvNxt
    logic        text_left;        // cut < len, unless ahead
    logic [15:0] left;             // len - cut, the same
    logic        ack_in_range;
    logic        wnd_same;
    logic        wnd_larger;       // than MaxSndWnd
    logic        ooo_past;         // OooMax is below send
    logic        ooo_closed_text;  // OooMax <= RcvNxt after the step, if nothing is cut off behind
    logic        ooo_closed_edge;  // the same if the text is cut off at AdvEdge
    logic        segs_enough;
  } bits_t;

  sums_t a_d, a_q;
  bits_t b_d, b_q;
  logic run1_q, run2_q;

  logic [16:0] slen;
  assign slen = 17'(seg_i.len) + 17'(seg_i.flags.syn) + 17'(seg_i.flags.fin);

  always_comb begin
    a_d.now = now_i;
    a_d.deadline = now_i + 32'(delayed_ack_i);
    a_d.ts_age = now_i - state_i.TsRecentTime;
    a_d.syn_age = now_i - state_i.SynTime;
    a_d.behind_text = seg_i.seq + 32'(seg_i.len);
    a_d.send = seg_i.seq + 32'(slen);
    a_d.room = reads_i.AdvEdge - state_i.RcvNxt;
    a_d.cut = state_i.RcvNxt - seg_i.seq;
    a_d.ack_low = reads_i.SndUna - state_i.MaxSndWnd;
    a_d.swnd = 32'(seg_i.wnd) << cfg_i.SndWindScale;
    a_d.segs = (reads_i.LastAckSent == state_i.RcvNxt ? 9'd0 : 9'(state_i.DelAckSegs)) + 9'd1;
    a_d.has_text = seg_i.len != '0;
    a_d.has_slen = slen != '0;
    a_d.at_next = seg_i.seq == state_i.RcvNxt;
    a_d.before_edge = seq_leq(state_i.RcvNxt, seg_i.seq) && seq_lt(seg_i.seq, reads_i.AdvEdge);
    a_d.ts_older = seq_lt(seg_i.ts_val, state_i.TsRecent);
    a_d.acked_below_max = seq_leq(seg_i.ack, reads_i.SndMax);
    a_d.ack_above = seq_lt(state_i.AckNewest, seg_i.ack);
    a_d.ack_same = seg_i.ack == state_i.AckNewest;
    a_d.ack_not_below = seq_geq(seg_i.ack, state_i.AckNewest);
    a_d.dup_can = reads_i.SndMax != state_i.AckNewest;
    a_d.wl_ok = seq_lt(state_i.WL1, seg_i.seq) ||
        (state_i.WL1 == seg_i.seq && seq_leq(state_i.WL2, seg_i.ack));
    a_d.ts_takes = seq_leq(seg_i.seq, reads_i.LastAckSent);
  end

  always_comb begin
    b_d.ts_outdated     = a_q.ts_age > TsOutdatedMs;
    b_d.syn_recent      = a_q.syn_age < SynChallengeMs;
    b_d.open            = !a_q.room[31] && a_q.room != '0;
    b_d.end_in          = seq_lt(state_i.RcvNxt, a_q.send) && seq_leq(a_q.send, reads_i.AdvEdge);
    b_d.beyond          = seq_lt(reads_i.AdvEdge, a_q.behind_text);
    b_d.ahead           = a_q.cut[31];
    b_d.old             = !a_q.cut[31] && !a_q.at_next;
    b_d.text_left       = a_q.cut < 32'(seg_i.len);
    b_d.left            = seg_i.len - a_q.cut[15:0];
    b_d.ack_in_range    = seq_leq(a_q.ack_low, seg_i.ack) && a_q.acked_below_max;
    b_d.wnd_same        = a_q.swnd == state_i.Wnd;
    b_d.wnd_larger      = a_q.swnd > state_i.MaxSndWnd;
    b_d.ooo_past        = seq_lt(state_i.OooMax, a_q.send);
    b_d.ooo_closed_text = seq_leq(state_i.OooMax, a_q.send);
    b_d.ooo_closed_edge = seq_leq(state_i.OooMax, reads_i.AdvEdge);
    b_d.segs_enough     = a_q.segs >= 9'(ack_frequency_i);
  end

  always_ff @(posedge clk_i) begin
    run1_q <= start_i;
    run2_q <= run1_q;
    if (start_i) a_q <= a_d;
    b_q <= b_d;
    if (!rst_ni) begin
      run1_q <= 1'b0;
      run2_q <= 1'b0;
    end
  end
  assign done_o = run2_q;

  // Clock 2: decision, one-hot by construction, then the new state.
  logic frozen, no_ts, paws, acceptable, zero_window, unacceptable;
  logic do_rst, do_syn, no_ack, bad_ack, accepted, urgent, acked;
  logic ends, zw_text, after_fin, ahead, nothing_new, take, take_fin;
  always_comb begin
    frozen = state_i.Frozen || cfg_i.Freeze;
    // 1
    no_ts = !frozen && cfg_i.TsEnabled && !seg_i.flags.rst && !seg_i.has_ts;
    paws         = !frozen && cfg_i.TsEnabled && !seg_i.flags.rst && seg_i.has_ts &&
                   a_q.ts_older && !b_q.ts_outdated;
    // 2
    zero_window = a_q.has_slen && !b_q.open && a_q.at_next;
    if (!a_q.has_slen) acceptable = b_q.open ? a_q.before_edge : a_q.at_next;
    else acceptable = b_q.open ? a_q.before_edge || b_q.end_in : a_q.at_next;
    acceptable = acceptable && !frozen && !no_ts && !paws;
    unacceptable = !acceptable && !frozen && !no_ts && !paws;
    // 3, 4
    do_rst = acceptable && seg_i.flags.rst;
    do_syn = acceptable && !seg_i.flags.rst && seg_i.flags.syn;
    // 5
    no_ack = acceptable && !seg_i.flags.rst && !seg_i.flags.syn && !seg_i.flags.ack;
    bad_ack      = acceptable && !seg_i.flags.rst && !seg_i.flags.syn && seg_i.flags.ack &&
                   !b_q.ack_in_range;
    // 6
    accepted     = acceptable && !seg_i.flags.rst && !seg_i.flags.syn && seg_i.flags.ack &&
                   b_q.ack_in_range;
    urgent = accepted && seg_i.flags.urg;
    // 7
    acked = accepted && !seg_i.flags.urg;
    // 8
    ends = acked && (a_q.has_text || seg_i.flags.fin);
    zw_text = ends && zero_window;
    after_fin = ends && !zero_window && state_i.RcvFin;
    ahead = ends && !zero_window && !state_i.RcvFin && b_q.ahead;
    take_fin = seg_i.flags.fin && !b_q.beyond;
    take = ends && !zero_window && !state_i.RcvFin && !b_q.ahead && (b_q.text_left || take_fin);
    nothing_new  = ends && !zero_window && !state_i.RcvFin && !b_q.ahead &&
                   !(b_q.text_left || take_fin);
  end

  logic advances, duplicate, wnd_update;
  assign advances = acked && a_q.ack_above && a_q.acked_below_max;
  assign duplicate  = acked && a_q.ack_same && !a_q.has_text && !seg_i.flags.fin &&
                      b_q.wnd_same && a_q.dup_can;
  assign wnd_update = acked && a_q.ack_not_below && a_q.wl_ok;

  // Text ends at the edge or with the segment; a FIN behind it counts one.
  seq_t rcv_nxt;
  logic at_once, owes;
  assign rcv_nxt = b_q.beyond ? reads_i.AdvEdge : a_q.send;
  assign at_once = b_q.segs_enough || take_fin || b_q.old || state_i.OooSeen;
  assign owes    = paws || (unacceptable && !seg_i.flags.rst) ||
                   (do_rst && !a_q.at_next && !state_i.RstChallenged) ||
                   (do_syn && !a_q.at_next && !(state_i.SynTimed && b_q.syn_recent)) ||
                   bad_ack || zw_text || after_fin || ahead || nothing_new;

  always_comb begin
    state_o        = state_i;
    state_o.SegsIn = state_i.SegsIn + 1'b1;
    if (owes) state_o.AckOwed = state_i.AckOwed + 1'b1;

    if (do_rst) begin
      if (a_q.at_next) begin
        state_o.Aborted = 1'b1;
        state_o.Frozen  = 1'b1;
      end else begin
        state_o.RstChallenged = 1'b1;
      end
    end
    if (do_syn) begin
      if (a_q.at_next) begin
        state_o.SynSeen = 1'b1;
        state_o.Frozen  = 1'b1;
      end else if (!(state_i.SynTimed && b_q.syn_recent)) begin
        state_o.SynTime  = a_q.now;
        state_o.SynTimed = 1'b1;
      end
    end

    if (accepted) begin
      state_o.RstChallenged = 1'b0;
      state_o.AcceptCnt     = state_i.AcceptCnt + 1'b1;
      // Step 1 has dropped what is older than a TsRecent that is not outdated.
      if (cfg_i.TsEnabled && a_q.ts_takes) begin
        state_o.TsRecent     = seg_i.ts_val;
        state_o.TsRecentTime = a_q.now;
      end
    end
    if (urgent) begin
      state_o.Urgent = 1'b1;
      state_o.Frozen = 1'b1;
    end

    if (advances) begin
      state_o.AckNewest   = seg_i.ack;
      state_o.DupAckCount = '0;
      state_o.AckCnt      = state_i.AckCnt + 1'b1;
      state_o.TsEcr       = seg_i.ts_ecr;
      state_o.TsEcrValid  = cfg_i.TsEnabled;
    end
    if (duplicate && state_i.DupAckCount != '1) begin
      state_o.DupAckCount = state_i.DupAckCount + 1'b1;
    end
    if (wnd_update) begin
      state_o.Wnd = a_q.swnd;
      state_o.WL1 = seg_i.seq;
      state_o.WL2 = seg_i.ack;
      if (b_q.wnd_larger) state_o.MaxSndWnd = a_q.swnd;
    end

    if (ahead) begin
      state_o.OooSeen = 1'b1;
      if (!state_i.OooSeen || b_q.ooo_past) state_o.OooMax = a_q.send;
    end
    if (take) begin
      state_o.RcvNxt = rcv_nxt;
      if (take_fin) state_o.RcvFin = 1'b1;
      if (at_once) begin
        state_o.AckNowSeq   = rcv_nxt;
        state_o.DelAckSegs  = '0;
        state_o.DelAckArmed = 1'b0;
      end else begin
        state_o.DelAckSegs  = a_q.segs[7:0];
        state_o.DelAckArmed = 1'b1;
        if (a_q.segs == 9'd1 || !state_i.DelAckArmed) state_o.DelAckDeadline = a_q.deadline;
      end
      if (b_q.beyond ? b_q.ooo_closed_edge : b_q.ooo_closed_text) state_o.OooSeen = 1'b0;
    end
  end

  always_comb begin
    actions_o              = '0;
    actions_o.verdict.conn = seg_i.conn;
    if (frozen || urgent) begin
      actions_o.verdict.action = RX_PASS;
      actions_o.verdict.reason = frozen ? PASS_REASON_FROZEN : PASS_REASON_URGENT;
    end else if (take) begin
      actions_o.verdict.action = RX_PLACE;
      actions_o.verdict.seq    = state_i.RcvNxt;
      actions_o.verdict.off    = a_q.cut[15:0];
      actions_o.verdict.len    = b_q.beyond ? a_q.room[15:0] : b_q.left;
      actions_o.verdict.fin    = take_fin;
    end

    actions_o.kick_ack = owes;
    actions_o.kick_evt = (do_rst && a_q.at_next) || (do_syn && a_q.at_next) || urgent;
    actions_o.kick_tx  = actions_o.kick_evt || advances || duplicate ||
                         (wnd_update && !b_q.wnd_same) || (acked && reads_i.FinAcked) ||
                         (take && take_fin);
    actions_o.ack_now = take && at_once;

    actions_o.has_counter = 1'b1;
    unique case (1'b1)
      frozen:               actions_o.counter = COUNTER_SEG_FROZEN;
      no_ts:                actions_o.counter = COUNTER_SEG_NO_TS;
      paws:                 actions_o.counter = COUNTER_SEG_PAWS;
      unacceptable: begin
        actions_o.counter = seg_i.flags.rst ? COUNTER_SEG_RST_DROPPED : COUNTER_SEG_UNACCEPTABLE;
      end
      do_rst: begin
        actions_o.counter = a_q.at_next ? COUNTER_SEG_RST_ACCEPTED : COUNTER_SEG_RST_CHALLENGED;
      end
      do_syn:               actions_o.counter = COUNTER_SEG_SYN;
      no_ack:               actions_o.counter = COUNTER_SEG_NO_ACK;
      bad_ack:              actions_o.counter = COUNTER_SEG_BAD_ACK;
      urgent:               actions_o.counter = COUNTER_SEG_URGENT;
      duplicate:            actions_o.counter = COUNTER_SEG_DUP_ACK;
      after_fin:            actions_o.counter = COUNTER_SEG_AFTER_FIN;
      ahead:                actions_o.counter = COUNTER_SEG_OUT_OF_ORDER;
      take:                 actions_o.counter = COUNTER_SEG_PLACED;
      zw_text, nothing_new: actions_o.counter = COUNTER_SEG_UNACCEPTABLE;
      default:              actions_o.has_counter = 1'b0;
    endcase
  end

  logic unused_bits;
  assign unused_bits = &{1'b0, seg_i.flags.cwr, seg_i.flags.ece, seg_i.flags.psh, cfg_i.Rsvd};
endmodule
