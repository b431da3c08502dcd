// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Events of connections: keeps the set of those with news, takes a snapshot of one after the other
// and shows it, with at least event_gap clocks between two. News of a connection that waits are
// joined by the snapshot, which is absolute. Owns the table DONE. Hard part: a connection is taken
// out of the set before its snapshot is read, so that news after the snapshot bring it back.
`include "chim_assert.svh"

module chim_evt_unit
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
#(
  parameter int unsigned Conns = 1024  // slots, a power of two
) (
  input logic clk_i,
  input logic rst_ni,

  input  logic [31:0] event_gap_i,
  output logic        ready_o,      // after reset: the set is cleared

  // News that cannot be refused: of the receive half, up to one a clock; of a pass, while room_o
  // says that 12 more fit.
  input  logic  rx_valid_i,
  input  conn_t rx_conn_i,
  input  logic  pass_valid_i,
  input  conn_t pass_conn_i,
  output logic  room_o,

  // Completions of sends. A failed gather goes on to the passes.
  input  logic      gathered_valid,
  output logic      gathered_ready,
  input  gathered_t gathered,
  output logic      error_valid,
  input  logic      error_ready,
  output conn_t     error_conn,

  // Firmware: look at this connection again.
  input  logic  kick_valid,
  output logic  kick_ready,
  input  conn_t kick_conn,

  // Snapshot of the send half, and of the receive half.
  output logic      event_valid,
  input  logic      event_ready,
  output conn_t     event_conn,
  input  logic      snapshot_valid_i,
  input  snapshot_t snapshot_i,
  output logic      evt_req_valid,
  input  logic      evt_req_ready,
  output conn_t     evt_req_conn,
  input  logic      evt_rsp_valid_i,
  input  evv_t      evt_rsp_i,

  output logic        evt_valid,
  input  logic        evt_ready,
  output conn_event_t evt,

  // Words of DONE.
  input  logic            tbl_valid,
  output logic            tbl_ready,
  input  tbl_req_t        tbl_req,
  output logic            tbl_rvalid,
  output logic     [31:0] tbl_rdata,

  input  conn_t watch_conn_i,
  output logic  watch_busy_o,  // an event of this connection is being made or waits to be taken
  output logic  idle_o
);
  localparam int unsigned ConnW = $clog2(Conns);
  localparam int unsigned Waiting = 32;

  // ---- news: those that can wait queue before those that cannot
  // ------------------------------------
  logic news_valid, news_ready, room;
  conn_t news_conn;
  logic [$clog2(Waiting+2)-1:0] level;
  logic put_valid;
  conn_t put_conn;

  fifo_sync #(
    .Depth(Waiting),
    .T    (conn_t)
  ) u_news (
    .clk_i,
    .rst_ni,
    .in_data  (put_conn),
    .in_valid (put_valid),
    .in_ready (room),
    .out_data (news_conn),
    .out_valid(news_valid),
    .out_ready(news_ready),
    .level_o  (level)
  );

  // 12 for what is in the pass pipeline, and some for what this module takes itself.
  logic few_q;
  always_ff @(posedge clk_i) begin
    room_o <= level < $bits(level)'(Waiting - 14);
    few_q  <= level < $bits(level)'(Waiting - 16);
    if (!rst_ni) begin
      room_o <= 1'b0;
      few_q  <= 1'b0;
    end
  end

  // ---- DONE
  // ---------------------------------------------------------------------------------------- One
  // writer and one reader a clock: gathered and firmware's words; the event and firmware's reads.
  logic take_snapshot, done_write, done_fw_write, done_fw_read, fw_read_q, fw_inside_q;
  logic [31:0] done_out;
  logic fw_inside;
  conn_t done_read_conn;
  assign fw_inside = 32'(tbl_req.conn) < Conns && tbl_req.word == '0;
  assign done_write = gathered_valid && gathered_ready && !gathered.fence && !gathered.error;
  assign done_fw_write = tbl_valid && tbl_req.write && !done_write;
  assign done_fw_read = tbl_valid && !tbl_req.write && !take_snapshot;
  assign tbl_ready = tbl_req.write ? !done_write : !take_snapshot;
  assign done_read_conn = take_snapshot ? event_conn : tbl_req.conn;

  ram_1r1w_fwd #(
    .Width(32),
    .Depth(Conns)
  ) u_done (
    .clk_i,
    .wr_en_i  (done_write || (done_fw_write && fw_inside)),
    .wr_addr_i(done_write ? gathered.conn[ConnW-1:0] : tbl_req.conn[ConnW-1:0]),
    .wr_data_i(done_write ? gathered.una : tbl_req.wdata),
    .rd_en_i  (take_snapshot || done_fw_read),
    .rd_addr_i(done_read_conn[ConnW-1:0]),
    .rd_data_o(done_out)
  );
  assign tbl_rvalid = fw_read_q;
  assign tbl_rdata = fw_inside_q ? done_out : '0;

  // ---- completions
  // ---------------------------------------------------------------------------------
  assign error_valid = gathered_valid && gathered.error && !gathered.fence;
  assign error_conn = gathered.conn;
  assign gathered_ready = gathered.fence ? 1'b1 : gathered.error ? error_ready
                                                : few_q && !pass_valid_i && !kick_valid;
  assign kick_ready = few_q && !pass_valid_i;

  always_comb begin
    put_valid = 1'b1;
    put_conn  = gathered.conn;
    if (pass_valid_i) put_conn = pass_conn_i;
    else if (kick_valid && few_q) put_conn = kick_conn;
    else put_valid = done_write;
  end

  // ---- the set
  // -------------------------------------------------------------------------------------
  logic set_valid, set_pop, set_idle;
  logic [ConnW-1:0] set_conn;
  assign news_ready = !rx_valid_i && ready_o;

  chim_pend_set #(
    .Entries(Conns)
  ) u_set (
    .clk_i,
    .rst_ni,
    .ready_o,
    .push_valid((rx_valid_i || news_valid) && ready_o),
    .push_id   (rx_valid_i ? rx_conn_i[ConnW-1:0] : news_conn[ConnW-1:0]),
    .pop_valid (set_valid),
    .pop_ready (set_pop),
    .pop_id    (set_conn),
    .idle_o    (set_idle)
  );

  // ---- one event after the other
  // -------------------------------------------------------------------
  typedef enum logic [1:0] {
    IDLE,  // wait for the gap and for news
    READ,  // DONE, before SndMax: it must not be ahead of it
    ASK,   // requests on their way
    SHOW   // the event waits to be taken
  } state_e;

  state_e state_q;
  logic have_tx_q, have_rx_q, done_next_q;
  snapshot_t tx_q;
  evv_t rx_q;
  seq_t done_q;
  logic [31:0] gap_q;
  logic gap_over_q;

  assign set_pop = state_q == IDLE && gap_over_q;
  assign take_snapshot = state_q == READ;
  assign evt_req_conn = event_conn;

  always_ff @(posedge clk_i) begin
    fw_read_q   <= done_fw_read;
    fw_inside_q <= fw_inside;
    done_next_q <= take_snapshot;
    if (done_next_q) done_q <= done_out;

    gap_over_q <= gap_q >= event_gap_i;
    if (gap_q != '1) gap_q <= gap_q + 32'd1;

    unique case (state_q)
      IDLE: begin
        have_tx_q <= 1'b0;
        have_rx_q <= 1'b0;
        if (set_pop && set_valid) begin
          state_q <= READ;
          event_conn <= conn_t'(set_conn);
        end
      end
      READ: begin
        state_q <= ASK;
        event_valid <= 1'b1;
        evt_req_valid <= 1'b1;
      end
      ASK: begin
        if (event_ready) event_valid <= 1'b0;
        if (evt_req_ready) evt_req_valid <= 1'b0;
        if (snapshot_valid_i) begin
          have_tx_q <= 1'b1;
          tx_q <= snapshot_i;
        end
        if (evt_rsp_valid_i) begin
          have_rx_q <= 1'b1;
          rx_q <= evt_rsp_i;
        end
        // A connection that is not LIVE tells nothing: firmware reads its tables (D13).
        if (have_tx_q && have_rx_q) begin
          state_q   <= tx_q.live ? SHOW : IDLE;
          evt_valid <= tx_q.live;
        end
      end
      SHOW: begin
        if (evt_ready) begin
          evt_valid <= 1'b0;
          state_q <= IDLE;
          gap_q <= '0;
          gap_over_q <= 1'b0;
        end
      end
      default: state_q <= IDLE;
    endcase

    if (!rst_ni) begin
      state_q <= IDLE;
      fw_read_q <= 1'b0;
      event_valid <= 1'b0;
      evt_req_valid <= 1'b0;
      evt_valid <= 1'b0;
      gap_q <= '0;
      gap_over_q <= 1'b0;
    end
  end

  always_comb begin
    evt                      = '0;
    evt.conn                 = event_conn;
    evt.flags[EVF_RCV_FIN]   = rx_q.fin_placed;
    evt.flags[EVF_RCV_RST]   = tx_q.aborted;
    evt.flags[EVF_FIN_ACKED] = tx_q.fin_acked;
    evt.flags[EVF_RST_SENT]  = tx_q.rst_sent;
    evt.flags[EVF_EXPIRED]   = tx_q.expired;
    evt.flags[EVF_URGENT]    = tx_q.urgent;
    evt.flags[EVF_SYN]       = tx_q.syn_seen;
    evt.flags[EVF_TIME_WAIT] = tx_q.time_wait;
    evt.flags[EVF_DMA_ERROR] = tx_q.dma_error || rx_q.dma_error;
    evt.snd_done             = done_q;
    evt.rcv_placed           = rx_q.RcvPlaced;
    evt.snd_max              = tx_q.snd_max;
  end

  assign watch_busy_o = state_q != IDLE && event_conn[ConnW-1:0] == watch_conn_i[ConnW-1:0];
  assign idle_o = state_q == IDLE && set_idle && level == '0 && ready_o;

  `CHIM_ASSERT(ast_news_room, room || !put_valid)

  logic unused_conn;
  assign unused_conn = &{1'b0, gathered, rx_conn_i, news_conn, done_read_conn, tbl_req,
                         watch_conn_i};
endmodule
