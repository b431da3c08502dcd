// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Everything received that goes to host memory, in the order it came: payload into receive rings,
// whole frames into plain buffers. Hard part: what is told onwards (RcvPlaced, completions) must
// wait for its own write response and must not overtake what came before it, written or not.
module chim_rx_write
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW = 64,
  parameter int unsigned Conns = 1024
) (
  input logic clk_i,
  input logic rst_ni,

  input  logic                 item_valid,
  output logic                 item_ready,
  input  rx_item_t             item,
  input  logic     [DataW-1:0] s_axis_item_tdata,
  input  logic                 s_axis_item_tlast,
  input  logic                 s_axis_item_tvalid,
  output logic                 s_axis_item_tready,

  // Free plain buffers.
  input  logic      buf_valid,
  output logic      buf_ready,
  input  prx_desc_t buf_desc,

  output logic       placed_valid,
  input  logic       placed_ready,
  output placement_t placed,

  // Completion of a plain frame or marker; owner not filled in.
  output logic     cpl_valid,
  input  logic     cpl_ready,
  output prx_cpl_t cpl,

  // A held frame was dropped for want of a buffer: count it off.
  output logic              lost_valid,
  input  logic              lost_ready,
  output conn_t             lost_conn,
  output logic  [GEN_W-1:0] lost_gen,

  // Fence: one token behind all placements whose verdict was given before fence_valid.
  input logic  verdict_place_i,  // a PLACE verdict was given
  input logic  fence_valid,
  input conn_t fence_conn,

  input logic [31:0] time_ms_i,

  // To chim_dma_write.
  output logic             cmd_valid,
  input  logic             cmd_ready,
  output logic [     63:0] cmd_addr,
  output logic [     15:0] cmd_len,
  output logic [      4:0] cmd_ring_log2,
  output logic             wd_valid,
  input  logic             wd_ready,
  output logic [DataW-1:0] wd_data,
  input  logic             done_valid,
  input  logic             done_error,

  // Firmware: table RCV_RING.
  input  logic            tbl_valid,
  output logic            tbl_ready,
  input  tbl_req_t        tbl_req,
  output logic            tbl_rvalid,
  output logic     [31:0] tbl_rdata,

  output logic [COUNTER_COUNT-1:0] cnt_o,
  output logic                     idle_o
);
  localparam int unsigned AddrW = $clog2(Conns);
  localparam int unsigned RingWords = ($bits(rcv_ring_t) + 31) / 32;

  // ---- stage 1: the item and its ring
  // ---------------------------------------------------------------
  logic valid_q, fresh_q, take, leave;
  rx_item_t item_q;
  rcv_ring_t ring_now, ring_q, ring;
  logic [32*RingWords-1:0] ring_words;
  assign take = item_valid && item_ready;
  assign item_ready = !valid_q || leave;
  assign ring_now = rcv_ring_t'(ring_words);
  assign ring = fresh_q ? ring_now : ring_q;  // the table shows it for one clock only

  chim_table #(
    .Words(RingWords),
    .Depth(Conns)
  ) u_ring (
    .clk_i,
    .rst_ni,
    .rd_en_i  (take),
    .rd_addr_i(AddrW'(item.conn)),
    .rd_data_o(ring_words),
    .wr_en_i  (1'b0),
    .wr_addr_i('0),
    .wr_data_i('0),
    .tbl_valid,
    .tbl_ready,
    .tbl_req,
    .tbl_rvalid,
    .tbl_rdata
  );

  logic place, frame, has_data, no_room, write;
  assign place    = item_q.kind == RX_ITEM_PLACE;
  assign frame    = item_q.kind == RX_ITEM_FRAME;
  assign has_data = frame || (place && item_q.len != '0);
  assign no_room  = frame && (!buf_valid || 32'(item_q.len) > buf_desc.len);
  assign write    = has_data && !no_room;

  logic [24:0] mask;
  assign mask = 25'((26'd1 << ring.Log2) - 1'b1);
  assign cmd_addr = place ? {ring.Base[63:25], ring.Base[24:0] | (item_q.seq[24:0] & mask)}
                    : buf_desc.addr;
  assign cmd_len = item_q.len;
  assign cmd_ring_log2 = place ? ring.Log2 : 5'd0;

  logic order_ready, route_ready, lost_ok;
  assign lost_ok = !(no_room && item_q.cls == PRX_CLASS_HELD) || lost_ready;
  assign cmd_valid = valid_q && write && order_ready && route_ready;
  assign leave = valid_q && order_ready && route_ready && (write ? cmd_ready : lost_ok);
  assign buf_ready = leave && frame && write;
  assign lost_valid = valid_q && no_room && item_q.cls == PRX_CLASS_HELD && order_ready
                      && route_ready;
  assign lost_conn = item_q.conn;
  assign lost_gen = item_q.gen;

  always_ff @(posedge clk_i) begin
    fresh_q <= take;
    if (take) item_q <= item;
    if (fresh_q) ring_q <= ring_now;
    if (take) valid_q <= 1'b1;
    else if (leave) valid_q <= 1'b0;
    if (!rst_ni) valid_q <= 1'b0;
  end

  // ---- data: to memory, or away if there was no room
  // --------------------------------------------------
  logic route_valid, route_write;
  fifo_sync #(
    .Width(1),
    .Depth(4)
  ) u_route (
    .clk_i,
    .rst_ni,
    .in_data  (write),
    .in_valid (leave && has_data),
    .in_ready (route_ready),
    .out_data (route_write),
    .out_valid(route_valid),
    .out_ready(s_axis_item_tvalid && s_axis_item_tready && s_axis_item_tlast),
    .level_o  ()
  );
  assign wd_valid = route_valid && route_write && s_axis_item_tvalid;
  assign wd_data = s_axis_item_tdata;
  assign s_axis_item_tready = route_valid && (!route_write || wd_ready);

  // ---- what to tell, in order
  // -------------------------------------------------------------------------
  typedef struct packed {
    logic     waits;    // for a write response
    logic     place;
    conn_t    conn;
    seq_t     end_seq;
    prx_cpl_t cpl;
  } order_t;
  order_t order_in, order;
  logic order_valid, order_take;

  always_comb begin
    order_in             = '0;
    order_in.waits       = write;
    order_in.place       = place;
    order_in.conn        = item_q.conn;
    order_in.end_seq     = item_q.seq + 32'(item_q.len) + 32'(item_q.fin);
    order_in.cpl.len     = frame ? item_q.len : '0;
    order_in.cpl.index   = buf_desc.index[15:0];
    order_in.cpl.conn    = item_q.conn;
    order_in.cpl.gen     = 8'(item_q.gen);
    order_in.cpl.cls     = 8'(item_q.cls);
    order_in.cpl.reason  = 8'(item_q.reason);
    order_in.cpl.flags   = item_q.csum_ok ? 8'(PRX_CSUM_OK) : '0;
    order_in.cpl.vlan    = item_q.vlan;
    order_in.cpl.time_ms = time_ms_i[15:0];
  end

  fifo_sync #(
    .T(order_t),
    .Depth(64)
  ) u_order (
    .clk_i,
    .rst_ni,
    .in_data  (order_in),
    .in_valid (leave && !(frame && no_room)),
    .in_ready (order_ready),
    .out_data (order),
    .out_valid(order_valid),
    .out_ready(order_take),
    .level_o  ()
  );

  // Responses that came while the entry they belong to could not leave yet.
  logic kept_valid, kept_error, unused_room, answered, error;
  fifo_sync #(
    .Width(1),
    .Depth(64)
  ) u_done (
    .clk_i,
    .rst_ni,
    .in_data  (done_error),
    .in_valid (done_valid && !(order_take && order.waits && !kept_valid)),
    .in_ready (unused_room),
    .out_data (kept_error),
    .out_valid(kept_valid),
    .out_ready(order_take && order.waits),
    .level_o  ()
  );
  assign answered = kept_valid || done_valid;
  assign error    = order.waits && (kept_valid ? kept_error : done_error);

  logic ready_now, fence_out;
  assign ready_now = order_valid && (!order.waits || answered);
  assign order_take = ready_now && (order.place ? placed_ready && !fence_out : cpl_ready || error);
  // A frame that could not be written is lost; its buffer stays with the device until reset.
  assign cpl_valid = ready_now && !order.place && !error;
  assign cpl = order.cpl;

  // ---- fence
  // ------------------------------------------------------------------------------------------
  logic [15:0] given_q, finished_q, target_q;
  logic  fence_q;
  conn_t fence_conn_q;
  assign fence_out = fence_q && finished_q == target_q;
  assign placed_valid = fence_out || (ready_now && order.place);
  assign placed = fence_out ?
      '{conn: fence_conn_q, end_seq: '0, error: 1'b0, fence: 1'b1}
      : '{conn: order.conn, end_seq: order.end_seq, error: error, fence: 1'b0};
  always_ff @(posedge clk_i) begin
    given_q <= given_q + 16'(verdict_place_i);
    finished_q <= finished_q + 16'(order_take && order.place);
    if (fence_valid) begin
      fence_q      <= 1'b1;
      fence_conn_q <= fence_conn;
      target_q     <= given_q + 16'(verdict_place_i);
    end else if (fence_out && placed_ready) begin
      fence_q <= 1'b0;
    end
    if (!rst_ni) begin
      given_q    <= '0;
      finished_q <= '0;
      fence_q    <= 1'b0;
    end
  end

  always_comb begin
    cnt_o = '0;
    cnt_o[COUNTER_RX_NO_BUFFER] = leave && no_room;
  end
  assign idle_o = !item_valid && !valid_q && !order_valid && !fence_q;

  logic unused_bits;
  assign unused_bits = &{1'b0, time_ms_i[31:16], ring.Rsvd, buf_desc.index[31:16]};
endmodule
