// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Read side of the receive path: takes what waits in order, asks for the engine's verdict where
// there is one to come, and sends items and their bytes, realigned, to the DMA. Hard part: the
// bytes of a segment are fetched before its verdict is known, so that the first beat is there with
// the item.
//
// An idle reader begins with the payload of the oldest segment and keeps what it has read back; if
// the verdict asks for something else, it is thrown away and read again. Under load the verdict is
// there first and nothing is read twice. One job (a frame, or a part of one) follows the other
// without a gap.
//
//   job registers -> memory, one beat a clock -> shift by the first byte's lane -> queue -> DMA
//
// Verdict taken in clock t: item_valid in t + 1, with its first beat if it was read ahead.
`include "chim_assert.svh"

module chim_rx_read
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW = 64,  // bus width in bits
  localparam int unsigned OffW = $clog2(CHUNK_BYTES * 8 / DataW)
) (
  input logic clk_i,
  input logic rst_ni,

  // What waits, oldest first.
  input  logic      order_valid,
  output logic      order_ready,
  input  rx_order_t order,

  input  logic        verdict_valid,
  output logic        verdict_ready,
  input  rx_verdict_t verdict,

  // To the DMA. An item may be there before the data of the one before it have left.
  output logic                   item_valid,
  input  logic                   item_ready,
  output rx_item_t               item,
  output logic     [  DataW-1:0] m_axis_item_tdata,
  output logic     [DataW/8-1:0] m_axis_item_tkeep,
  output logic                   m_axis_item_tlast,
  output logic                   m_axis_item_tvalid,
  input  logic                   m_axis_item_tready,

  // Frame buffer.
  output logic                rd_en_o,
  output chunk_t              rd_chunk_o,
  output logic    [ OffW-1:0] rd_off_o,
  input  logic    [DataW-1:0] rd_data_i,
  input  chunk_t              next_i,      // of rd_chunk_o
  output logic                free_valid,
  input  logic                free_ready,
  output chunk_t              free_first,
  output chunks_t             free_count,

  output logic passed_o,  // pulse: a frame of class PASSED goes up
  output logic idle_o
);
  localparam int unsigned Bytes = DataW / 8;
  localparam int unsigned LaneW = $clog2(Bytes);
  localparam int unsigned ChunkShift = $clog2(CHUNK_BYTES);
  localparam int unsigned QueueDepth = 8;

  typedef logic [LaneW-1:0] lane_t;
  typedef logic [FRAME_LEN_W:0] count_t;

  // Reading from byte `lane` of beat `off` of a chunk on, after `hops` chunks more.
  typedef struct packed {
    chunk_t          chunk;
    chunks_t         hops;
    logic [OffW-1:0] off;
    lane_t           lane;
  } job_t;

  // ---- what to do with the oldest entry ----
  logic ahead_q;  // its payload is being read ahead
  logic job_room, item_room, queue_empty;
  logic job_over;  // the last beat of a job is read in this clock
  logic free_later_q;  // its chain goes back then
  logic known, right, whole, place, pass, has_data, move, job_load, job_ahead, flush;
  frame_len_t start, len;
  job_t job;
  assign known = order_valid && (order.kind != RX_ORDER_SEGMENT || verdict_valid);
  assign place = order.kind == RX_ORDER_SEGMENT && verdict.action == RX_PLACE;
  assign pass = order.kind == RX_ORDER_SEGMENT && verdict.action == RX_PASS;
  assign whole = order.kind == RX_ORDER_FRAME || pass;
  assign has_data = whole || (place && verdict.len != '0);
  // What was read ahead is what is wanted.
  assign right = ahead_q && place && verdict.off == '0 && verdict.len == 16'(order.pay_len);

  logic wants_item;
  assign wants_item = whole || place || order.kind == RX_ORDER_MARKER;
  always_comb begin
    start = '0;
    if (place) start = frame_len_t'(order.pay_off) + frame_len_t'(verdict.off);
    if (!known) start = frame_len_t'(order.pay_off);
    len = order.pay_len;
    if (known) len = whole ? order.len : frame_len_t'(verdict.len);
    job = '{
        chunk: order.place.first,
        hops: chunks_t'(start >> ChunkShift),
        off: start[ChunkShift-1:LaneW],
        lane: start[LaneW-1:0]
    };
  end

  // The entry leaves when its verdict is known and there is room for all that follows from it.
  // Wrong bytes are thrown away first, in a clock of their own.
  assign flush = known && ahead_q && !right;
  assign move  = known && !flush && (!wants_item || item_room) && (!has_data || right || job_room)
                 && free_ready && !(free_later_q && job_over && (!has_data || right));
  assign job_ahead = order_valid && !known && !ahead_q && order.pay_len != '0 && job_room
                     && queue_empty;
  assign job_load = (move && has_data && !right) || job_ahead;
  assign order_ready = move;
  assign verdict_ready = move && order.kind == RX_ORDER_SEGMENT;
  assign passed_o = move && whole && (pass || order.cls == PRX_CLASS_PASSED);

  always_ff @(posedge clk_i) begin
    if (job_ahead) ahead_q <= 1'b1;
    else if (move || flush) ahead_q <= 1'b0;
    if (!rst_ni) ahead_q <= 1'b0;
  end

  // ---- item ----
  assign item_room = !item_valid || item_ready;
  always_ff @(posedge clk_i) begin
    if (item_room) begin
      item_valid <= move && wants_item;
      item.kind  <= whole ? RX_ITEM_FRAME : place ? RX_ITEM_PLACE : RX_ITEM_MARKER;
      item.conn  <= order.conn;
      item.gen   <= order.gen;
      item.seq   <= verdict.seq;
      item.len   <= whole ? 16'(order.len) : place ? verdict.len : '0;
      item.fin   <= place && verdict.fin;
      item.cls   <= pass ? PRX_CLASS_PASSED : order.cls;
      item.reason  <= pass ? pass_reason_e'(verdict.reason) : order.reason;
      item.csum_ok <= whole && order.csum_ok;
      item.vlan    <= whole ? order.vlan : '0;
    end
    if (!rst_ni) item_valid <= 1'b0;
  end

  // ---- memory back ----
  // A
  // chain goes back when its last beat is read: with the entry if nothing is to be read, else when
  // the job ends. A job that was read ahead may end before its entry leaves.
  logic job_valid_q, job_last, read, hop;
  job_t job_q;
  logic free_now;
  chunk_t chain_first_q;
  chunks_t chain_count_q;

  assign job_over = job_valid_q && job_last && read;
  always_comb begin
    free_now   = move && order.place.count != '0 && !(has_data && !right)
                 && !(right && job_valid_q && !job_over);
    free_valid = free_now || (free_later_q && job_over);
    free_first = free_now ? order.place.first : chain_first_q;
    free_count = free_now ? order.place.count : chain_count_q;
  end
  always_ff @(posedge clk_i) begin
    if (free_later_q && job_over) free_later_q <= 1'b0;
    if (move && order.place.count != '0 && !free_now) begin
      free_later_q  <= 1'b1;
      chain_first_q <= order.place.first;
      chain_count_q <= order.place.count;
    end
    if (!rst_ni) free_later_q <= 1'b0;
  end

  // ---- job: one beat a clock ----
  // Bytes of this
  // and later beats, counted from lane 0 of this one.
  count_t left_q;
  logic [3:0] room_q;  // places in the queue not yet promised to a read
  logic [1:0] promised;  // beats that this read will give: none, one, or one and what is left of it
  logic read_first_q;  // the next read is the first of its job
  logic tail_soon_q;  // the read before this one leaves a tail, which needs the queue's input
  logic single, tail_follows, queue_take;
  assign job_last = 32'(left_q) <= Bytes;
  assign single = read_first_q && (job_q.lane == '0 || job_last);
  assign tail_follows = job_last && !read_first_q && job_q.lane != '0
                        && left_q > count_t'(job_q.lane);
  assign promised = {1'b0, single || !read_first_q} + {1'b0, tail_follows};
  assign hop = job_valid_q && job_q.hops != '0;
  assign read     = job_valid_q && !hop && room_q >= 4'd2 && !flush && !(tail_soon_q && single)
                    && !(job_last && free_later_q && !free_ready);
  assign job_room = !job_valid_q || job_over;
  assign rd_en_o = read;
  assign rd_chunk_o = job_q.chunk;
  assign rd_off_o = job_q.off;

  always_ff @(posedge clk_i) begin
    tail_soon_q <= read && tail_follows;
    room_q      <= room_q - (read ? 4'(promised) : 4'd0) + 4'(queue_take);
    if (hop) begin
      job_q.hops  <= job_q.hops - 1'b1;
      job_q.chunk <= next_i;
    end
    if (read) begin
      job_q.off <= job_q.off + 1'b1;
      if (&job_q.off) job_q.chunk <= next_i;
      left_q       <= left_q - count_t'(Bytes);
      read_first_q <= 1'b0;
      if (job_last) job_valid_q <= 1'b0;
    end
    if (flush) job_valid_q <= 1'b0;
    if (job_load) begin
      job_q        <= job;
      job_valid_q  <= 1'b1;
      left_q       <= count_t'(len) + count_t'(job.lane);
      read_first_q <= 1'b1;
    end
    if (!rst_ni) job_valid_q <= 1'b0;
    if (!rst_ni || flush) begin
      tail_soon_q <= 1'b0;
      room_q      <= 4'(QueueDepth);
    end
  end

  // ---- realign ----
  // Output beat = high lanes of the beat before, low lanes of this one. A job that begins in lane 0
  // has nothing of the beat before; one that ends in the high lanes needs a clock for what is left
  // of it (tail), in which the next job may already read its first beat unless that one comes out
  // at once.
  typedef struct packed {
    logic [DataW-1:0] data;
    logic [LaneW:0]   bytes;
    logic             last;
  } out_t;
  logic valid1_q, first1_q, last1_q;
  lane_t lane1_q;
  count_t left1_q;  // bytes of the job from lane 0 of this beat on
  logic [DataW-1:0] keep_q;
  logic tail_q;     // keep_q's high lanes are the last bytes of a job
  lane_t tail_lane_q;
  logic [LaneW:0] tail_bytes_q;

  always_ff @(posedge clk_i) begin
    valid1_q <= read;
    if (read) begin
      first1_q <= read_first_q;
      last1_q  <= job_last;
      lane1_q  <= job_q.lane;
      left1_q  <= left_q;
    end
    if (valid1_q) keep_q <= rd_data_i;
    if (!rst_ni) valid1_q <= 1'b0;
  end

  // A beat comes out of this read if it completes one; what is left then follows in the next clock.
  logic out1_valid, more1;
  out_t out1, tail, out;
  lane_t shift;
  logic [DataW-1:0] low, shifted;
  assign low     = (tail_q || (!first1_q && lane1_q != '0)) ? keep_q : rd_data_i;
  assign shift   = tail_q ? tail_lane_q : lane1_q;
  assign shifted = DataW'({rd_data_i, low} >> {shift, 3'b0});
  always_comb begin
    out1_valid = valid1_q && (lane1_q == '0 || !first1_q || last1_q);
    out1 = '0;
    out1.data = shifted;
    more1 = 1'b0;
    if (lane1_q == '0) begin
      out1.bytes = last1_q ? (LaneW + 1)'(left1_q) : (LaneW + 1)'(Bytes);
      out1.last  = last1_q;
    end else if (first1_q) begin
      // The whole job lies in one beat.
      out1.bytes = (LaneW + 1)'(left1_q - count_t'(lane1_q));
      out1.last  = 1'b1;
    end else begin
      more1 = last1_q && left1_q > count_t'(lane1_q);
      out1.last = last1_q && !more1;
      out1.bytes = out1.last ? (LaneW + 1)'(left1_q) + (LaneW + 1)'(Bytes) - (LaneW + 1)'(lane1_q)
                             : (LaneW + 1)'(Bytes);
    end
    tail = '{data: shifted, bytes: tail_bytes_q, last: 1'b1};
  end
  always_ff @(posedge clk_i) begin
    tail_q <= valid1_q && more1;
    tail_lane_q <= lane1_q;
    tail_bytes_q <= (LaneW + 1)'(left1_q - count_t'(lane1_q));
    if (!rst_ni || flush) tail_q <= 1'b0;
  end
  `CHIM_ASSERT(ast_one_beat, !(tail_q && out1_valid))

  // ---- queue ----
  logic out_valid, queue_ready, head_valid;
  out_t head;
  assign out_valid = tail_q || out1_valid;
  assign out = tail_q ? tail : out1;
  fifo_sync #(
    .T(out_t),
    .Depth(QueueDepth)
  ) u_queue (
    .clk_i,
    .rst_ni   (rst_ni && !flush),
    .in_data  (out),
    .in_valid (out_valid),
    .in_ready (queue_ready),
    .out_data (head),
    .out_valid(head_valid),
    .out_ready(queue_take),
    .level_o  ()
  );
  assign queue_empty = !head_valid && !valid1_q && !tail_q && !job_valid_q;
  assign m_axis_item_tvalid = head_valid && !ahead_q;
  assign queue_take = m_axis_item_tvalid && m_axis_item_tready;
  assign m_axis_item_tdata = head.data;
  assign m_axis_item_tlast = head.last;
  always_comb begin
    for (int unsigned i = 0; i < Bytes; i++) m_axis_item_tkeep[i] = 32'(i) < 32'(head.bytes);
  end
  `CHIM_ASSERT(ast_room, !(out_valid && !queue_ready))

  assign idle_o = !order_valid && !item_valid && queue_empty;

  logic unused_bits;
  assign unused_bits = &{1'b0, queue_ready, verdict.conn, order.place.over};
endmodule
