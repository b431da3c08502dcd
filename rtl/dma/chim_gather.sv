// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Gather: finds the bytes of each segment in its connection's scatter-gather send ring and has them
// read. Hard part: a retransmission may lie in an earlier descriptor, so the ring is walked by
// sequence number from a cursor, either way, one descriptor read per step; and completions of sends
// leave only behind the reads that were queued before them (D12).
module chim_gather
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
#(
  parameter int unsigned DataW     = 64,
  parameter int unsigned Conns     = 1024,
  parameter int unsigned FifoBeats = 512    // payload read ahead, in beats, power of two
) (
  input logic clk_i,
  input logic rst_ni,

  // DATA, TOKEN and FENCE commands in the order their frames leave.
  input  logic    cmd_valid,
  output logic    cmd_ready,
  input  tx_cmd_t cmd,

  // Payload of each DATA command with len > 0. tuser at tlast: it could not be read.
  output logic [  DataW-1:0] m_axis_payload_tdata,
  output logic [DataW/8-1:0] m_axis_payload_tkeep,
  output logic               m_axis_payload_tlast,
  output logic               m_axis_payload_tuser,
  output logic               m_axis_payload_tvalid,
  input  logic               m_axis_payload_tready,

  output logic      gathered_valid,
  input  logic      gathered_ready,
  output gathered_t gathered,

  // To chim_dma_read: payload (joining) and descriptors.
  output logic                     pay_req_valid,
  input  logic                     pay_req_ready,
  output logic [             63:0] pay_req_addr,
  output logic [             15:0] pay_req_len,
  output logic                     pay_req_join,
  input  logic                     pay_rsp_valid,
  output logic                     desc_req_valid,
  input  logic                     desc_req_ready,
  output logic [             63:0] desc_req_addr,
  input  logic                     desc_rsp_valid,
  input  logic [        DataW-1:0] rsp_data,
  input  logic [$clog2(DataW/8):0] rsp_bytes,
  input  logic                     rsp_last,
  input  logic                     rsp_error,

  // Firmware: tables SND_RING and CURSOR.
  input  logic            tbl_valid,
  output logic            tbl_ready,
  input  tbl_req_t        tbl_req,
  output logic            tbl_rvalid,
  output logic     [31:0] tbl_rdata,

  output logic [COUNTER_COUNT-1:0] cnt_o,
  output logic                     idle_o
);
  localparam int unsigned Bytes = DataW / 8;
  localparam int unsigned LaneW = $clog2(Bytes);
  localparam int unsigned AddrW = $clog2(Conns);
  localparam int unsigned RingWords = ($bits(snd_ring_t) + 31) / 32;
  localparam int unsigned CursorWords = ($bits(cursor_t) + 31) / 32;

  // ---- commands
  // -----------------------------------------------------------------------------------
  tx_cmd_t head;
  logic head_valid, head_take;
  fifo_sync #(
    .T(tx_cmd_t),
    .Depth(16)
  ) u_cmds (
    .clk_i,
    .rst_ni,
    .in_data  (cmd),
    .in_valid (cmd_valid),
    .in_ready (cmd_ready),
    .out_data (head),
    .out_valid(head_valid),
    .out_ready(head_take),
    .level_o  ()
  );

  // ---- tables
  // -------------------------------------------------------------------------------------
  typedef enum logic [3:0] {
    IDLE,    // look at the next command
    TABLES,  // cursor and ring of its connection come out of the tables
    WALK,    // is the byte wanted in the cursor's descriptor?
    ASK,     // descriptor read asked for
    WAIT,    // descriptor on its way
    PIECE,   // range of payload asked for
    BAD,     // the ring is broken: end the segment with a marked beat
    CLOSE,   // cursor back, entry into the completion queue
    DRAIN    // wait for the marked beat
  } state_e;
  state_e state_q, state_d;

  tx_cmd_t   cmd_q;
  snd_ring_t ring;
  cursor_t cur_q, cursor;
  logic rd_tables, wr_cursor;
  logic ring_ready, cursor_ready, ring_rvalid, cursor_rvalid;
  logic [31:0] ring_rdata, cursor_rdata;
  logic for_cursor;
  logic [32*RingWords-1:0] ring_words;
  logic [32*CursorWords-1:0] cursor_words;

  assign for_cursor = tbl_req.table_id == TABLE_CURSOR;
  assign tbl_ready  = for_cursor ? cursor_ready : ring_ready;
  assign tbl_rvalid = ring_rvalid || cursor_rvalid;
  assign tbl_rdata  = cursor_rvalid ? cursor_rdata : ring_rdata;
  assign ring       = snd_ring_t'(ring_words);
  assign cursor     = cursor_t'(cursor_words);

  chim_table #(
    .Words(RingWords),
    .Depth(Conns)
  ) u_ring (
    .clk_i,
    .rst_ni,
    .rd_en_i   (rd_tables),
    .rd_addr_i (AddrW'(head.conn)),
    .rd_data_o (ring_words),
    .wr_en_i   (1'b0),
    .wr_addr_i ('0),
    .wr_data_i ('0),
    .tbl_valid (tbl_valid && !for_cursor),
    .tbl_ready (ring_ready),
    .tbl_req,
    .tbl_rvalid(ring_rvalid),
    .tbl_rdata (ring_rdata)
  );
  chim_table #(
    .Words(CursorWords),
    .Depth(Conns)
  ) u_cursor (
    .clk_i,
    .rst_ni,
    .rd_en_i   (rd_tables),
    .rd_addr_i (AddrW'(head.conn)),
    .rd_data_o (cursor_words),
    .wr_en_i   (wr_cursor),
    .wr_addr_i (AddrW'(cmd_q.conn)),
    .wr_data_i ((32 * CursorWords)'(cur_q)),
    .tbl_valid (tbl_valid && for_cursor),
    .tbl_ready (cursor_ready),
    .tbl_req,
    .tbl_rvalid(cursor_rvalid),
    .tbl_rdata (cursor_rdata)
  );

  // ---- the walk ----
  localparam int unsigned PieceMax = 128 * Bytes;  // bytes of one read; a quarter of the FIFO

  snd_ring_t        ring_q;
  seq_t             seq_q;  // next byte wanted
  logic      [15:0] rem_q;  // bytes still wanted
  logic      [17:0] steps_q;  // descriptors the walk may still read: once round the ring and back
  logic             back_q;  // the descriptor asked for is the one before the cursor's
  logic             begun_q;  // a range of this segment was asked for
  logic             bad_q;  // the segment cannot be gathered

  seq_t             off;  // of the byte wanted within the cursor's descriptor
  logic             in_desc;
  logic      [20:0] left;
  logic      [15:0] piece;
  assign off     = seq_q - cur_q.Seq;
  assign in_desc = cur_q.Len != '0 && off < 32'(cur_q.Len);
  assign left    = cur_q.Len - off[20:0];
  always_comb begin
    piece = (left < 21'(rem_q)) ? 16'(left) : rem_q;
    if (piece > 16'(PieceMax)) piece = 16'(PieceMax);
  end

  // Descriptor as read: 16 bytes, in one or two beats.
  logic [127:0] desc_bits;
  snd_desc_t desc;
  if (DataW == 64) begin : g_desc64
    logic [63:0] low_q;
    always_ff @(posedge clk_i) if (desc_rsp_valid && !rsp_last) low_q <= rsp_data[63:0];
    assign desc_bits = {rsp_data[63:0], low_q};
  end else begin : g_desc_wide
    assign desc_bits = rsp_data[127:0];
  end
  assign desc = snd_desc_t'(desc_bits);

  logic [20:0] desc_len;
  logic desc_fits, desc_ok;
  assign desc_len = desc.len_flags[20:0];
  // The neighbour of a known descriptor must touch it; the first one read is taken as it is.
  assign desc_fits = cur_q.Len == '0 || (back_q ? desc.seq + 32'(desc_len) == cur_q.Seq
                                                : desc.seq == cur_q.Seq + 32'(cur_q.Len));
  assign desc_ok = !rsp_error && desc_len != '0 && desc_len <= 21'(SND_DESC_MAX_BYTES) && desc_fits;

  // Room in the payload queue, in bytes: taken when a range is asked for, given back a whole beat
  // at a time; the last range of a segment pays for the rest of its last beat.
  localparam int unsigned CreditW = $clog2(FifoBeats * Bytes) + 1;
  logic [CreditW-1:0] credit_q;
  logic [15:0] piece_q;
  logic [LaneW-1:0] pad_q;
  logic [CreditW-1:0] cost, bad_cost;
  logic [63:0] piece_addr_q, good_addr_q;
  logic piece_last_q, credit_ok, beat_out;
  assign cost      = CreditW'(piece_q) + (piece_last_q ? CreditW'(pad_q) : '0);
  assign credit_ok = credit_q >= cost;

  // Segments whose last byte is still on its way.
  logic [15:0] segs_out_q;
  logic seg_asked, seg_done;
  assign seg_done = pay_rsp_valid && rsp_last;

  typedef struct packed {
    logic  payload;  // waits for the last byte of a segment
    logic  report;   // something to tell the engine when it comes out
    logic  fence;
    conn_t conn;
    seq_t  una;
  } order_t;
  order_t order_in, order;
  logic order_push, order_ready, order_valid, order_take;

  logic bad_beat;  // stands for a segment of which nothing was asked for

  logic order_report;
  assign order_report = (state_q == CLOSE) ? cmd_q.has_una || bad_q
                        : head.has_una || head.kind == TX_FENCE;
  assign order_in = '{
          payload: state_q == CLOSE,
          report: order_report,
          fence: state_q != CLOSE && head.kind == TX_FENCE,
          conn: (state_q == CLOSE) ? cmd_q.conn : head.conn,
          una: (state_q == CLOSE) ? cmd_q.una : head.una
      };

  // A bad segment, behind all earlier ones: one byte more, not joined, ends what was begun (its
  // address was read before); nothing begun: one beat of our own. Either comes out marked.
  logic bad_turn;
  assign bad_turn       = state_q == BAD && segs_out_q == '0 && credit_q >= CreditW'(2 * Bytes);
  // Apart from the machine below, which looks at the answers: no loop, block by block either.
  assign desc_req_valid = state_q == ASK;
  assign pay_req_valid  = (state_q == PIECE && credit_ok) || (bad_turn && begun_q);
  assign bad_beat       = bad_turn && !begun_q;

  always_comb begin
    state_d    = state_q;
    head_take  = 1'b0;
    rd_tables  = 1'b0;
    wr_cursor  = 1'b0;
    order_push = 1'b0;
    seg_asked  = 1'b0;
    unique case (state_q)
      IDLE: begin
        if (head_valid && head.kind == TX_DATA && head.len != '0) begin
          rd_tables = 1'b1;
          state_d   = TABLES;
        end else if (head_valid && order_ready) begin
          head_take  = 1'b1;
          order_push = 1'b1;
        end
      end
      TABLES: begin
        head_take = 1'b1;
        state_d   = WALK;
      end
      WALK: begin
        if (in_desc) state_d = PIECE;
        else if (steps_q == '0) state_d = BAD;
        else state_d = ASK;
      end
      ASK:     if (desc_req_ready) state_d = WAIT;
      WAIT: begin
        if (desc_rsp_valid && rsp_last) state_d = desc_ok ? WALK : BAD;
      end
      PIECE: begin
        if (pay_req_valid && pay_req_ready) begin
          seg_asked = piece_last_q;
          state_d   = piece_last_q ? CLOSE : WALK;
        end
      end
      BAD: begin
        if (bad_turn && (!begun_q || pay_req_ready)) begin
          seg_asked = 1'b1;
          state_d   = CLOSE;
        end
      end
      CLOSE: begin
        if (order_ready) begin
          wr_cursor  = !bad_q;
          order_push = 1'b1;
          // A bad segment keeps bad_q up until its last beat is marked.
          state_d    = (bad_q && segs_out_q != '0 && !seg_done) ? DRAIN : IDLE;
        end
      end
      DRAIN:   if (segs_out_q == '0 || seg_done) state_d = IDLE;
      default: state_d = IDLE;
    endcase
  end

  always_ff @(posedge clk_i) begin
    state_q <= state_d;
    if (state_q == TABLES) begin
      cmd_q   <= head;
      cur_q   <= cursor;
      ring_q  <= ring;
      seq_q   <= head.seq;
      rem_q   <= head.len;
      pad_q   <= LaneW'(-head.len);
      steps_q <= 18'(2) << ring.Log2;
      begun_q <= 1'b0;
    end
    if (state_q == WALK) begin
      piece_addr_q <= cur_q.Addr + 64'(off[20:0]);
      piece_q      <= piece;
      piece_last_q <= piece == rem_q;
      // Entry 0 is read as it is; afterwards the walk goes towards the byte wanted.
      back_q       <= cur_q.Len != '0 && off[31];
      if (!in_desc && steps_q != '0) steps_q <= steps_q - 1'b1;
    end
    if (state_q == WAIT && desc_rsp_valid && rsp_last && desc_ok) begin
      cur_q.Addr <= desc.addr;
      cur_q.Seq  <= desc.seq;
      cur_q.Len  <= desc_len;
      if (cur_q.Len != '0) cur_q.Index <= back_q ? cur_q.Index - 1'b1 : cur_q.Index + 1'b1;
    end
    if (state_q == PIECE && pay_req_valid && pay_req_ready) begin
      seq_q <= seq_q + 32'(piece_q);
      rem_q <= rem_q - piece_q;
      begun_q <= 1'b1;
      good_addr_q <= piece_addr_q;
    end
    if (state_d == BAD) bad_q <= 1'b1;
    else if (state_d == IDLE) bad_q <= 1'b0;
    credit_q <= credit_q - ((state_q == PIECE && pay_req_valid && pay_req_ready) ? cost : '0)
                         - ((state_q == BAD && seg_asked) ? bad_cost : '0)
                         + (beat_out ? CreditW'(Bytes) : '0);
    segs_out_q <= segs_out_q + 16'(seg_asked && !bad_beat) - 16'(seg_done);
    if (!rst_ni) begin
      state_q    <= IDLE;
      bad_q      <= 1'b0;
      credit_q   <= CreditW'(FifoBeats * Bytes);
      segs_out_q <= '0;
    end
  end

  // The end of a broken segment takes what its last whole beat lacks, or a beat of its own.
  logic [LaneW-1:0] tail_bytes;
  assign tail_bytes = LaneW'(cmd_q.len - rem_q);
  assign bad_cost   = CreditW'(Bytes) - CreditW'(tail_bytes);

  logic [31:0] desc_index;
  logic [15:0] index_mask;
  assign desc_index = cur_q.Len == '0 ? cur_q.Index
                      : back_q ? cur_q.Index - 1'b1 : cur_q.Index + 1'b1;
  assign index_mask = 16'((17'(1) << ring_q.Log2) - 1'b1);
  assign desc_req_addr = ring_q.Base + {44'd0, desc_index[15:0] & index_mask, 4'd0};
  assign pay_req_addr = (state_q == BAD) ? good_addr_q : piece_addr_q;
  assign pay_req_len = (state_q == BAD) ? 16'd1 : piece_q;
  assign pay_req_join = (state_q != BAD) && !piece_last_q;

  // ---- payload queue
  // ------------------------------------------------------------------------------
  typedef struct packed {
    logic [DataW-1:0] data;
    logic [LaneW:0]   bytes;
    logic             last;
    logic             user;
  } beat_t;
  beat_t beat_in, beat_head;
  assign beat_in = '{
          data: rsp_data,
          bytes: bad_beat ? (LaneW + 1)'(1) : rsp_bytes,
          last: bad_beat || rsp_last,
          user: bad_beat || rsp_error || bad_q
      };
  logic unused_room;  // credits keep room
  fifo_sync #(
    .T(beat_t),
    .Depth(FifoBeats),
    .UseBram(1'b1)
  ) u_payload (
    .clk_i,
    .rst_ni,
    .in_data  (beat_in),
    .in_valid (pay_rsp_valid || bad_beat),
    .in_ready (unused_room),
    .out_data (beat_head),
    .out_valid(m_axis_payload_tvalid),
    .out_ready(m_axis_payload_tready),
    .level_o  ()
  );
  assign m_axis_payload_tdata = beat_head.data;
  assign m_axis_payload_tlast = beat_head.last;
  assign m_axis_payload_tuser = beat_head.last && beat_head.user;
  assign beat_out = m_axis_payload_tvalid && m_axis_payload_tready;
  always_comb begin
    for (int unsigned i = 0; i < Bytes; i++) begin
      m_axis_payload_tkeep[i] = (LaneW + 1)'(i) < beat_head.bytes;
    end
  end

  // ---- completions, in order
  // ----------------------------------------------------------------------
  fifo_sync #(
    .T(order_t),
    .Depth(64)
  ) u_order (
    .clk_i,
    .rst_ni,
    .in_data  (order_in),
    .in_valid (order_push),
    .in_ready (order_ready),
    .out_data (order),
    .out_valid(order_valid),
    .out_ready(order_take),
    .level_o  ()
  );

  // Verdicts on segments whose last byte has come in, oldest first.
  logic error_now, error_in_valid, error_out, unused_error_room;
  fifo_sync #(
    .Width(1),
    .Depth(128)
  ) u_errors (
    .clk_i,
    .rst_ni,
    .in_data  (beat_in.user),
    .in_valid (error_in_valid),
    .in_ready (unused_error_room),
    .out_data (error_out),
    .out_valid(error_now),
    .out_ready(order_take && order.payload),
    .level_o  ()
  );
  assign error_in_valid = seg_done || bad_beat;

  logic ready_now, tell;
  assign ready_now = order_valid && (!order.payload || error_now);
  assign tell = order.report || (order.payload && error_out);
  assign gathered_valid = ready_now && tell;
  assign order_take = ready_now && (!tell || gathered_ready);
  assign gathered = '{
          conn: order.conn,
          una: order.una,
          error: order.payload && error_out,
          fence: order.fence
      };

  always_comb begin
    cnt_o = '0;
    cnt_o[COUNTER_SND_DESC_BAD] = state_d == BAD && state_q != BAD;
  end
  assign idle_o = state_q == IDLE && !head_valid && !order_valid && !m_axis_payload_tvalid;

  logic unused_bits;
  assign unused_bits = &{1'b0, cmd_q.kind, cmd_q.seq, cmd_q.fin, cmd_q.psh, ring_q.Rsvd, cur_q.Rsvd,
                         desc.len_flags[31:21], desc_index[31:16]};
endmodule
