// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Structures inside the receive half. Hard part: rx_rec_t is what one slot of its main memory
// holds, packed without the reserved bits, because 504 bits are exactly 28 block RAMs of 18 bits.
package chim_rx_pkg;
  import chim_contract_pkg::*;
  import chim_types_pkg::*;

  // State and constants of one connection, as the pipeline carries them.
  typedef struct packed {
    tcb_rx_t tcb;
    cfg_rx_t cfg;
  } rx_rec_t;

  localparam int unsigned TCB_RX_USED_W = TCB_RX_W - 14;
  localparam int unsigned CFG_RX_USED_W = CFG_RX_W - 26;
  localparam int unsigned RX_REC_W = TCB_RX_USED_W + CFG_RX_USED_W;

  function automatic logic [RX_REC_W-1:0] rx_rec_pack(rx_rec_t rec);
    return {rec.tcb[TCB_RX_W-1-:TCB_RX_USED_W], rec.cfg[CFG_RX_W-1-:CFG_RX_USED_W]};
  endfunction

  function automatic rx_rec_t rx_rec_unpack(logic [RX_REC_W-1:0] bits);
    rx_rec_t rec;
    rec = '0;
    rec.tcb[TCB_RX_W-1-:TCB_RX_USED_W] = bits[RX_REC_W-1-:TCB_RX_USED_W];
    rec.cfg[CFG_RX_W-1-:CFG_RX_USED_W] = bits[CFG_RX_USED_W-1:0];
    return rec;
  endfunction

  // What the step reads of others: record sent and the mirror of the send half.
  typedef struct packed {
    seq_t LastAckSent;
    seq_t AdvEdge;
    seq_t SndUna;
    seq_t SndMax;
    logic FinAcked;
  } rx_reads_t;

  // What the acknowledger reads of the receive half, in a copy of its own.
  typedef struct packed {
    seq_t        AckNowSeq;
    logic [31:0] DelAckDeadline;
    logic [31:0] TsRecent;
    logic [7:0]  AckOwed;
    logic        DelAckArmed;
    logic        RcvFin;
    logic        Frozen;
  } rx_ack_view_t;

  // The part of the state that a predicted segment depends on, or changes, in the first loop.
  typedef struct packed {
    seq_t        RcvNxt;
    logic [31:0] TsRecent;
    logic        Frozen;
    logic        OooSeen;
    logic        RcvFin;
    logic        small_max;  // MaxSndWnd is below 2^30
  } rx_pred_state_t;

  localparam int unsigned RX_PRED_BITS = 6;

  function automatic rx_pred_state_t rx_pred_state(tcb_rx_t tcb);
    rx_pred_state_t s;
    s.RcvNxt    = tcb.RcvNxt;
    s.TsRecent  = tcb.TsRecent;
    s.Frozen    = tcb.Frozen;
    s.OooSeen   = tcb.OooSeen;
    s.RcvFin    = tcb.RcvFin;
    s.small_max = tcb.MaxSndWnd[31:30] == '0;
    return s;
  endfunction

  // Everything the acknowledger and late binding read of one slot.
  typedef struct packed {
    rx_ack_view_t rx;
    cfg_bind_t    cfg;
    seq_t         RcvPlaced;
    seq_t         RcvReturn;
    seq_t         LastAckSent;
    seq_t         AdvEdge;
    seq_t         WireNxt;
    logic [7:0]   AckDone;
    logic         live;
    logic         out;          // an ACK is on its way to be bound
    logic         failed;       // a placement failed
  } ack_reads_t;

  // Items of the acknowledger's pipeline.
  typedef enum logic [2:0] {
    ACK_NONE,
    ACK_BIND,   // a header wants acknowledgment and window
    ACK_LOOK,   // is an ACK due?
    ACK_EVENT,  // an event's view
    ACK_TABLE,  // firmware reads a word
    ACK_FENCE   // is an ACK on its way?
  } ack_kind_e;

  typedef struct packed {
    ack_kind_e  kind;
    conn_t      conn;
    logic       pure_ack;  // BIND
    seq_t       end_seq;   // BIND
    logic       forced;    // LOOK: due though not LIVE
    logic       scanned;   // LOOK: nobody asked for it
    logic [3:0] table_id;  // TABLE
    logic [4:0] word;      // TABLE
  } ack_item_t;

  // A window as the header will say it, its limits not applied yet.
  typedef struct packed {
    logic        none;   // negative: 0
    logic        most;   // else too large: 65,535
    logic [15:0] units;
  } wnd_field_t;

  function automatic logic [15:0] wnd_field(wnd_field_t f);
    return f.none ? 16'd0 : f.most ? 16'hFFFF : f.units;
  endfunction

  // Record sent as a binding leaves it.
  typedef struct packed {
    seq_t       LastAckSent;
    seq_t       AdvEdge;
    seq_t       WireNxt;
    logic [7:0] AckDone;
  } sent_fields_t;

  // What a segment brings about beside the new state.
  typedef struct packed {
    rx_verdict_t verdict;
    counter_e    counter;      // meaningful if has_counter
    logic        has_counter;
    logic        kick_tx;
    logic        kick_ack;     // AckOwed changed
    logic        kick_evt;
    logic        ack_now;      // AckNowSeq was set
  } rx_actions_t;

  // Verdict on a predicted segment: nothing of the state is needed.
  function automatic rx_verdict_t rx_fast_verdict(seg_t seg);
    rx_verdict_t v;
    v        = '0;
    v.action = RX_DROP;
    v.conn   = seg.conn;
    if (seg.len != '0) begin
      v.action = RX_PLACE;
      v.seq    = seg.seq;
      v.len    = seg.len;
    end
    return v;
  endfunction

endpackage
