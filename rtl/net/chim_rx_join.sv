// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Join of the receive path: what the parser knows of a frame, what the lookup found and the entry's
// state meet here, and decide what becomes of the frame. Hard part: the decision is made in frame
// order and on the entry as it is now, though the entry was read clocks ago; one frame per clock.
//
// The lookup's answer brings the entry as read while the frame still arrived. It counts as long as
// no entry at all has been written since; otherwise the entry is read again, which takes two
// clocks. Only HOLD and its end write entries, so LIVE traffic never waits. The generation at the
// time of the lookup must be the entry's, or the answer belongs to an earlier tenant of the slot
// and is a miss.
module chim_rx_join
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_net_pkg::*;
#(
  parameter int unsigned Conns = 1024,  // slots, a power of two
  localparam int unsigned SlotW = $clog2(Conns)
) (
  input logic clk_i,
  input logic rst_ni,

  // Frames of the wire; their lookup answers, and the entry of the slot probed two clocks before.
  input  logic                  frame_valid,
  output logic                  frame_take_o,
  input  rx_frame_t             frame,
  input  logic                  rsp_valid_i,
  input  logic                  rsp_hit_i,
  input  logic      [SlotW-1:0] rsp_slot_i,
  input  entry_t                probe_entry_i, // one clock before rsp

  // Forwarded frames.
  input  logic      inject_frame_valid,
  output logic      inject_frame_take_o,
  input  rx_frame_t inject_frame,
  input  conn_t     inject_conn_i,

  // chim_entry.
  input  logic               entry_write_i,
  output logic               held_we_o,
  output logic   [SlotW-1:0] held_slot_o,
  output entry_t             held_entry_o,
  output logic               again_valid,
  output logic   [SlotW-1:0] again_slot,
  output logic               inject_valid,    // there is room for the oldest forwarded frame
  input  logic               op_busy_i,
  input  logic               again_exec_i,
  input  logic               inject_exec_i,
  input  logic               op_stale_i,
  input  entry_t             op_entry_i,
  output logic               marker_room_o,
  input  logic               marker_valid_i,
  input  conn_t              marker_conn_i,
  input  logic   [GEN_W-1:0] marker_gen_i,

  // To the engine.
  output logic seg_valid,
  input  logic seg_ready,
  output seg_t seg,

  // To the reader.
  output logic      order_valid,
  input  logic      order_ready,
  output rx_order_t order,

  output logic                     over_o,  // pulse: dropped, the buffer was full
  output logic [COUNTER_COUNT-1:0] cnt_o,
  output logic                     idle_o
);
  typedef struct packed {
    logic             hit;
    logic [SlotW-1:0] slot;
    entry_t           entry;
  } answer_t;

  // ---- answers, the newest of which may be used at once ----
  localparam int unsigned Depth = 16;  // as many frames as the front admits
  localparam int unsigned AddrW = $clog2(Depth);
  answer_t mem[Depth];
  logic [AddrW:0] wr_q, rd_q;
  logic [Depth-1:0] fresh_q;  // entry not written since it was read
  entry_t entry_q;
  logic entry_fresh_q;
  answer_t incoming, head, now;
  logic queued, answer_there, answer_take, now_fresh;
  assign queued       = wr_q != rd_q;
  assign answer_there = queued || rsp_valid_i;
  assign incoming     = '{hit: rsp_hit_i, slot: rsp_slot_i, entry: entry_q};
  assign head         = queued ? mem[rd_q[AddrW-1:0]] : incoming;

  always_ff @(posedge clk_i) begin
    entry_q       <= probe_entry_i;
    entry_fresh_q <= !entry_write_i;
    if (entry_write_i) fresh_q <= '0;
    if (rsp_valid_i) begin
      mem[wr_q[AddrW-1:0]]     <= incoming;
      fresh_q[wr_q[AddrW-1:0]] <= entry_fresh_q && !entry_write_i;
      wr_q                     <= wr_q + 1'b1;
    end
    if (answer_take) rd_q <= rd_q + 1'b1;
    if (!rst_ni) begin
      wr_q <= '0;
      rd_q <= '0;
    end
  end

  // The oldest answer's entry, read again.
  entry_t again_q;
  logic   again_fresh_q;
  always_ff @(posedge clk_i) begin
    if (again_exec_i) begin
      again_q       <= op_entry_i;
      again_fresh_q <= 1'b1;
    end
    if (entry_write_i || answer_take) again_fresh_q <= 1'b0;
    if (!rst_ni) again_fresh_q <= 1'b0;
  end
  always_comb begin
    now = head;
    now_fresh = queued ? fresh_q[rd_q[AddrW-1:0]] : entry_fresh_q;
    if (again_fresh_q) begin
      now_fresh = 1'b1;
      now.entry = again_q;
      // Another tenant since the lookup.
      if (again_q.Gen != head.entry.Gen) now.hit = 1'b0;
    end
  end

  // ---- decision ----
  // What becomes of a frame, without what the entry says.
  typedef enum logic [2:0] {
    DROP,
    PLAIN,
    HELD,
    PASS,
    SEGMENT
  } fate_e;

  logic sound, wants_entry, vlan_ok, take;
  fate_e fate;
  pass_reason_e reason;
  rx_rec_t rec;
  assign rec = frame.rec;
  assign sound = !rec.bad && !rec.filtered && !frame.place.over && !rec.truncated && !rec.bad_ip
                 && !rec.bad_tcp;
  assign wants_entry = sound && rec.keyed && now.hit;
  assign vlan_ok = now.entry.VlanId == '0 || (rec.has_tag && rec.tci[11:0] == now.entry.VlanId);

  logic cnt_bad, cnt_filtered, cnt_vlan, cnt_hold_full;
  always_comb begin
    fate          = PLAIN;
    reason        = PASS_REASON_NONE;
    cnt_bad       = 1'b0;
    cnt_filtered  = 1'b0;
    cnt_vlan      = 1'b0;
    cnt_hold_full = 1'b0;
    over_o        = 1'b0;
    if (rec.bad) begin
      fate    = DROP;
      cnt_bad = take;
    end else if (rec.filtered) begin
      fate         = DROP;
      cnt_filtered = take;
    end else if (frame.place.over) begin
      fate   = DROP;
      over_o = take;
    end else if (wants_entry && now.entry.State != ENTRY_STATE_NONE) begin
      if (!vlan_ok) begin
        fate     = DROP;
        cnt_vlan = take;
      end else if (now.entry.State == ENTRY_STATE_HOLD) begin
        fate = HELD;
        if (&now.entry.Held) begin
          fate          = DROP;
          cnt_hold_full = take;
        end
      end else if (rec.options) begin
        fate   = PASS;
        reason = PASS_REASON_IP_OPTIONS;
      end else if (rec.malformed) begin
        fate   = PASS;
        reason = PASS_REASON_TCP_OPTIONS;
      end else begin
        fate = SEGMENT;
      end
    end
  end

  // A forwarded frame that is not a sound segment is refused; what hardware does not handle goes
  // up.
  fate_e inject_fate;
  pass_reason_e inject_reason;
  rx_rec_t inject_rec;
  assign inject_rec = inject_frame.rec;
  always_comb begin
    inject_fate   = DROP;
    inject_reason = PASS_REASON_NONE;
    if (!op_stale_i && !inject_rec.bad && !inject_frame.place.over) begin
      if (inject_rec.options && !inject_rec.truncated
          && !inject_rec.bad_ip && !inject_rec.bad_tcp) begin
        inject_fate   = PASS;
        inject_reason = PASS_REASON_IP_OPTIONS;
      end else if (inject_rec.tcp) begin
        inject_fate   = inject_rec.malformed ? PASS : SEGMENT;
        inject_reason = inject_rec.malformed ? PASS_REASON_TCP_OPTIONS : PASS_REASON_NONE;
      end
    end
  end

  // ---- transfer ----
  logic seg_room, answered;
  assign seg_room = !seg_valid || seg_ready;
  assign answered = !rec.keyed || answer_there;
  assign take = frame_valid && answered && order_ready && !op_busy_i
                && (!wants_entry || now_fresh) && (fate != SEGMENT || seg_room);
  assign frame_take_o = take;
  assign answer_take = take && rec.keyed;
  assign again_valid = frame_valid && answered && wants_entry && !now_fresh;
  assign again_slot = head.slot;
  assign held_we_o = take && fate == HELD;
  assign held_slot_o = now.slot;
  assign held_entry_o = now.entry;

  // Room is kept from the clock of the request to that of the execution: nothing else moves then.
  assign inject_valid = inject_frame_valid && order_ready && seg_room;
  assign marker_room_o = order_ready;
  assign inject_frame_take_o = inject_exec_i;

  function automatic rx_order_kind_e order_kind(fate_e f);
    unique case (f)
      DROP:    return RX_ORDER_DROP;
      SEGMENT: return RX_ORDER_SEGMENT;
      default: return RX_ORDER_FRAME;
    endcase
  endfunction

  always_comb begin
    order = '0;
    order_valid = take || inject_exec_i || marker_valid_i;
    order.kind = order_kind(fate);
    order.conn = (fate == PLAIN || fate == DROP) ? '0 : conn_t'(now.slot);
    order.gen = (fate == PLAIN || fate == DROP) ? '0 : now.entry.Gen;
    order.cls     = (fate == PLAIN) ? PRX_CLASS_PLAIN : (fate == HELD) ? PRX_CLASS_HELD
                                                                     : PRX_CLASS_PASSED;
    order.reason = reason;
    order.csum_ok = rec.tcp;
    order.vlan = rec.tci;
    order.place = frame.place;
    order.len = rec.len;
    order.pay_off = rec.pay_off;
    order.pay_len = rec.pay_len;
    if (inject_exec_i) begin
      order.kind    = order_kind(inject_fate);
      order.conn    = inject_conn_i;
      order.gen     = op_entry_i.Gen;
      order.cls     = PRX_CLASS_PASSED;
      order.reason  = inject_reason;
      order.csum_ok = inject_rec.tcp;
      order.vlan    = inject_rec.tci;
      order.place   = inject_frame.place;
      order.len     = inject_rec.len;
      order.pay_off = inject_rec.pay_off;
      order.pay_len = inject_rec.pay_len;
    end
    if (marker_valid_i) begin
      order.kind = RX_ORDER_MARKER;
      order.conn = marker_conn_i;
      order.gen = marker_gen_i;
      order.cls = PRX_CLASS_MARKER;
      order.place.count = '0;
    end
  end

  function automatic seg_t to_seg(conn_t conn, rx_rec_t r);
    return
    '{
        conn: conn,
        seq: r.seq,
        ack: r.ack,
        wnd: r.wnd,
        flags: r.flags,
        has_ts: r.has_ts,
        ts_val: r.ts_val,
        ts_ecr: r.ts_ecr,
        len: 16'(r.pay_len)
    }
    ;
  endfunction
  logic inject_seg;
  assign inject_seg = inject_exec_i && inject_fate == SEGMENT;
  always_ff @(posedge clk_i) begin
    if (inject_seg) seg <= to_seg(inject_conn_i, inject_rec);
    else if (seg_room) seg <= to_seg(conn_t'(now.slot), rec);
    if (inject_seg || (take && fate == SEGMENT)) seg_valid <= 1'b1;
    else if (seg_ready) seg_valid <= 1'b0;
    if (!rst_ni) seg_valid <= 1'b0;
  end

  // ---- counters ----
  // Wire and host never move in the same clock.
  logic bad_ip, bad_tcp, truncated;
  assign bad_ip = (take && fate == PLAIN && rec.bad_ip) || (inject_exec_i && inject_rec.bad_ip);
  assign bad_tcp = (take && fate == PLAIN && rec.bad_tcp) || (inject_exec_i && inject_rec.bad_tcp);
  assign truncated = (take && fate == PLAIN && rec.truncated)
                     || (inject_exec_i && inject_rec.truncated);
  always_comb begin
    cnt_o                           = '0;
    cnt_o[COUNTER_RX_BAD_FRAME]     = cnt_bad || (inject_exec_i && inject_rec.bad);
    cnt_o[COUNTER_RX_FILTERED]      = cnt_filtered;
    cnt_o[COUNTER_RX_PLAIN]         = take && fate == PLAIN;
    cnt_o[COUNTER_RX_HELD]          = take && fate == HELD;
    cnt_o[COUNTER_RX_BAD_IP_CSUM]   = bad_ip;
    cnt_o[COUNTER_RX_BAD_TCP_CSUM]  = bad_tcp;
    cnt_o[COUNTER_RX_TRUNCATED]     = truncated;
    cnt_o[COUNTER_RX_VLAN_MISMATCH] = cnt_vlan;
    cnt_o[COUNTER_RX_HOLD_FULL]     = cnt_hold_full;
    cnt_o[COUNTER_RX_INJECTED]      = inject_exec_i;
  end
  assign idle_o = !frame_valid && !inject_frame_valid && !seg_valid;

  logic unused_bits;
  assign unused_bits = &{1'b0, inject_rec.filtered, inject_rec.keyed, inject_rec.walk, rec.walk,
                         inject_rec.opt_words, rec.opt_words, op_entry_i};
endmodule
