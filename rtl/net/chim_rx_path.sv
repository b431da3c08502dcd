// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Receive path: frames of the MAC, and frames that the host forwards, to segments for the engine
// and items for the DMA, in frame order. Wiring only; hard part: in the modules, see README.md.
//
//   MAC --> rx_front --+--> rx_buffer (bytes) -------------------------> rx_read --> items, bytes
//   host -> rx_inject -+                                                   ^   ^
//              | key   +--> rx_join --> order of what waits ---------------+   |
//              v            ^  ^  |                                         verdict
//           lookup ---------+  |  +--> seg --> engine -------------------------+
//              | probe         |
//              +------------> entry <-- firmware, doorbells, given-up frames
module chim_rx_path
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW    = 64,    // bus width: 64, 128, 256 or 512 bits
  parameter int unsigned Conns    = 1024,  // slots, a power of two, 8 or more
  parameter int unsigned BufBytes = 16384  // frame buffer: 16384, 32768 or 65536 bytes
) (
  input logic clk_i,
  input logic rst_ni,

  input logic [47:0] mac_i,          // our address, first byte in bits 7:0
  input logic        promiscuous_i,
  input logic [31:0] lkp_seed_i,     // changes only while the lookup table is empty

  // Frames from the MAC; never stopped. tuser at tlast: bad frame.
  input  logic [  DataW-1:0] s_axis_mac_tdata,
  input  logic [DataW/8-1:0] s_axis_mac_tkeep,
  input  logic               s_axis_mac_tlast,
  input  logic               s_axis_mac_tuser,
  input  logic               s_axis_mac_tvalid,
  output logic               s_axis_mac_tready,

  // Frames that the host forwards, whole, in the clocks that the MAC leaves idle.
  input  logic  [  DataW-1:0] s_axis_inject_tdata,
  input  logic  [DataW/8-1:0] s_axis_inject_tkeep,
  input  logic                s_axis_inject_tlast,
  input  logic                s_axis_inject_tuser,
  input  logic                s_axis_inject_tvalid,
  output logic                s_axis_inject_tready,
  input  conn_t               inject_conn,           // stable while the frame's beats are valid
  input  logic  [  GEN_W-1:0] inject_gen,
  input  logic                inject_held,           // it was held; else it is not counted off

  // Held frames that the host gives up, or that were lost on the way to it.
  input  logic              give_up_valid,
  output logic              give_up_ready,
  input  conn_t             give_up_conn,
  input  logic  [GEN_W-1:0] give_up_gen,
  input  logic              lost_valid,
  output logic              lost_ready,
  input  conn_t             lost_conn,
  input  logic  [GEN_W-1:0] lost_gen,

  // Engine.
  output logic        seg_valid,
  input  logic        seg_ready,
  output seg_t        seg,
  input  logic        verdict_valid,
  output logic        verdict_ready,
  input  rx_verdict_t verdict,
  output logic        live_we,
  output conn_t       live_conn,
  output logic        live_val,

  // DMA: items, and the bytes of those that have some.
  output logic                   item_valid,
  input  logic                   item_ready,
  output rx_item_t               item,
  output logic     [  DataW-1:0] m_axis_item_tdata,
  output logic     [DataW/8-1:0] m_axis_item_tkeep,
  output logic                   m_axis_item_tlast,
  output logic                   m_axis_item_tvalid,
  input  logic                   m_axis_item_tready,

  // Doorbells as rung, and those of the right generation.
  input  logic                db_in_valid,
  output logic                db_in_ready,
  input  conn_t               db_in_conn,
  input  logic  [  GEN_W-1:0] db_in_gen,
  input  logic  [QUEUE_W-1:0] db_in_queue,
  input  logic  [       31:0] db_in_value,
  output logic                db_valid,
  input  logic                db_ready,
  output bell_t               db,

  // Firmware: lookup commands (ready comes with the result), notices of entries that turned LIVE,
  // table ENTRY.
  input  logic            lkp_valid,
  output logic            lkp_ready,
  input  lkp_req_t        lkp_req,
  output logic            lkp_ok_o,
  output conn_t           lkp_conn_o,
  output logic            hold_evt_valid_o,
  output conn_t           hold_evt_conn_o,
  input  logic            hold_evt_pop_i,
  input  logic            tbl_valid,
  output logic            tbl_ready,
  input  tbl_req_t        tbl_req,
  output logic            tbl_rvalid,
  output logic     [31:0] tbl_rdata,

  output logic [COUNTER_COUNT-1:0] cnt_o,
  output logic                     idle_o
);
  localparam int unsigned SlotW = $clog2(Conns);
  localparam int unsigned OffW = $clog2(CHUNK_BYTES * 8 / DataW);
  localparam int unsigned OrderDepth = 32;

  // ---- fronts ----
  logic [DataW-1:0] wire_data, host_data;
  logic wire_first, wire_last, wire_valid, host_first, host_valid, host_ready;
  rx_place_t wire_place, host_place;
  logic key_valid, key_ready, frame_valid, frame_take, inject_frame_valid, inject_frame_take;
  lkp_key_t key;
  rx_frame_t frame, inject_frame;
  conn_t inject_frame_conn;
  logic [GEN_W-1:0] inject_frame_gen;
  logic inject_frame_held;
  logic front_dropped, front_arrived, front_idle, inject_idle;

  chim_rx_front #(
    .DataW(DataW)
  ) u_front (
    .clk_i,
    .rst_ni,
    .mac_i,
    .promiscuous_i,
    .s_axis_mac_tdata,
    .s_axis_mac_tkeep,
    .s_axis_mac_tlast,
    .s_axis_mac_tuser,
    .s_axis_mac_tvalid,
    .s_axis_mac_tready,
    .store_data_o (wire_data),
    .store_first_o(wire_first),
    .store_last_o (wire_last),
    .store_valid_o(wire_valid),
    .store_place_i(wire_place),
    .key_valid,
    .key_ready,
    .key,
    .frame_valid,
    .frame_take_i (frame_take),
    .frame,
    .dropped_o    (front_dropped),
    .arrived_o    (front_arrived),
    .idle_o       (front_idle)
  );

  chim_rx_inject #(
    .DataW(DataW)
  ) u_inject (
    .clk_i,
    .rst_ni,
    .s_axis_inject_tdata,
    .s_axis_inject_tkeep,
    .s_axis_inject_tlast,
    .s_axis_inject_tuser,
    .s_axis_inject_tvalid,
    .s_axis_inject_tready,
    .inject_conn,
    .inject_gen,
    .inject_held,
    .store_data_o (host_data),
    .store_first_o(host_first),
    .store_valid_o(host_valid),
    .store_ready_i(host_ready),
    .store_place_i(host_place),
    .frame_valid  (inject_frame_valid),
    .frame_take_i (inject_frame_take),
    .frame        (inject_frame),
    .frame_conn_o (inject_frame_conn),
    .frame_gen_o  (inject_frame_gen),
    .frame_held_o (inject_frame_held),
    .idle_o       (inject_idle)
  );

  // ---- buffer ----
  logic rd_en, free_valid, free_ready, buffer_idle;
  chunk_t rd_chunk, next_chunk, free_first;
  chunks_t free_count;
  logic [OffW-1:0] rd_off;
  logic [DataW-1:0] rd_data;
  chim_rx_buffer #(
    .DataW   (DataW),
    .BufBytes(BufBytes)
  ) u_buffer (
    .clk_i,
    .rst_ni,
    .wire_data_i (wire_data),
    .wire_first_i(wire_first),
    .wire_last_i (wire_last),
    .wire_valid_i(wire_valid),
    .wire_place_o(wire_place),
    .host_data_i (host_data),
    .host_first_i(host_first),
    .host_valid_i(host_valid),
    .host_ready_o(host_ready),
    .host_place_o(host_place),
    .rd_en_i     (rd_en),
    .rd_chunk_i  (rd_chunk),
    .rd_off_i    (rd_off),
    .rd_data_o   (rd_data),
    .next_of_i   (rd_chunk),
    .next_o      (next_chunk),
    .free_valid,
    .free_ready,
    .free_first,
    .free_count,
    .idle_o      (buffer_idle)
  );

  // ---- lookup and entries ----
  logic rsp_valid, rsp_hit, probe_en, lookup_idle, entry_idle;
  logic [SlotW-1:0] rsp_slot, probe_slot, found_slot;
  entry_t probe_entry;
  logic find_valid, find_ready, entry_cmd_valid, entry_cmd_ready;
  assign entry_cmd_valid = lkp_valid && lkp_req.op == LKP_OP_ENTRY;
  assign find_valid = lkp_valid && lkp_req.op != LKP_OP_ENTRY;
  logic find_ok;
  assign lkp_ready  = find_ready || entry_cmd_ready;
  assign lkp_ok_o   = entry_cmd_ready ? 32'(lkp_req.conn) < Conns : find_ok;
  assign lkp_conn_o = conn_t'(found_slot);

  chim_lookup #(
    .Conns(Conns),
    .KeyW (LKP_KEY_W)
  ) u_lookup (
    .clk_i,
    .rst_ni,
    .seed_i      (lkp_seed_i),
    .req_valid   (key_valid),
    .req_ready   (key_ready),
    .req_key     (key),
    .rsp_valid_o (rsp_valid),
    .rsp_hit_o   (rsp_hit),
    .rsp_slot_o  (rsp_slot),
    .probe_en_o  (probe_en),
    .probe_slot_o(probe_slot),
    .cmd_valid   (find_valid),
    .cmd_ready   (find_ready),
    .cmd_op      (lkp_req.op),
    .cmd_key     (lkp_req.key),
    .cmd_slot    (lkp_req.conn),
    .cmd_ok_o    (find_ok),
    .cmd_slot_o  (found_slot),
    .idle_o      (lookup_idle)
  );

  logic entry_write, held_we, again_valid, inject_op_valid, op_busy, again_exec, inject_exec;
  logic op_stale, marker_room, marker_valid;
  logic [SlotW-1:0] held_slot, again_slot;
  entry_t held_entry, op_entry;
  conn_t marker_conn;
  logic [GEN_W-1:0] marker_gen;
  logic [COUNTER_COUNT-1:0] cnt_entry, cnt_join;
  chim_entry #(
    .Conns(Conns)
  ) u_entry (
    .clk_i,
    .rst_ni,
    .probe_en_i    (probe_en),
    .probe_slot_i  (probe_slot),
    .probe_entry_o (probe_entry),
    .write_o       (entry_write),
    .held_we_i     (held_we),
    .held_slot_i   (held_slot),
    .held_entry_i  (held_entry),
    .again_valid,
    .again_slot,
    .inject_valid  (inject_op_valid),
    .inject_conn   (inject_frame_conn),
    .inject_gen    (inject_frame_gen),
    .inject_held   (inject_frame_held),
    .op_busy_o     (op_busy),
    .again_exec_o  (again_exec),
    .inject_exec_o (inject_exec),
    .op_stale_o    (op_stale),
    .op_entry_o    (op_entry),
    .marker_room_i (marker_room),
    .marker_valid_o(marker_valid),
    .marker_conn_o (marker_conn),
    .marker_gen_o  (marker_gen),
    .give_up_valid,
    .give_up_ready,
    .give_up_conn,
    .give_up_gen,
    .lost_valid,
    .lost_ready,
    .lost_conn,
    .lost_gen,
    .cmd_valid     (entry_cmd_valid),
    .cmd_ready     (entry_cmd_ready),
    .cmd_conn      (lkp_req.conn),
    .cmd_entry     (lkp_req.entry),
    .hold_evt_valid_o,
    .hold_evt_conn_o,
    .hold_evt_pop_i,
    .tbl_valid,
    .tbl_ready,
    .tbl_req,
    .tbl_rvalid,
    .tbl_rdata,
    .db_in_valid,
    .db_in_ready,
    .db_in_conn,
    .db_in_gen,
    .db_in_queue,
    .db_in_value,
    .db_valid,
    .db_ready,
    .db,
    .live_we,
    .live_conn,
    .live_val,
    .cnt_o         (cnt_entry),
    .idle_o        (entry_idle)
  );

  // ---- join, and what waits in order ----
  logic join_valid, join_ready, order_valid, order_ready, join_over, join_idle;
  rx_order_t join_order, order;
  chim_rx_join #(
    .Conns(Conns)
  ) u_join (
    .clk_i,
    .rst_ni,
    .frame_valid,
    .frame_take_o       (frame_take),
    .frame,
    .rsp_valid_i        (rsp_valid),
    .rsp_hit_i          (rsp_hit),
    .rsp_slot_i         (rsp_slot),
    .probe_entry_i      (probe_entry),
    .inject_frame_valid,
    .inject_frame_take_o(inject_frame_take),
    .inject_frame,
    .inject_conn_i      (inject_frame_conn),
    .entry_write_i      (entry_write),
    .held_we_o          (held_we),
    .held_slot_o        (held_slot),
    .held_entry_o       (held_entry),
    .again_valid,
    .again_slot,
    .inject_valid       (inject_op_valid),
    .op_busy_i          (op_busy),
    .again_exec_i       (again_exec),
    .inject_exec_i      (inject_exec),
    .op_stale_i         (op_stale),
    .op_entry_i         (op_entry),
    .marker_room_o      (marker_room),
    .marker_valid_i     (marker_valid),
    .marker_conn_i      (marker_conn),
    .marker_gen_i       (marker_gen),
    .seg_valid,
    .seg_ready,
    .seg,
    .order_valid        (join_valid),
    .order_ready        (join_ready),
    .order              (join_order),
    .over_o             (join_over),
    .cnt_o              (cnt_join),
    .idle_o             (join_idle)
  );

  fifo_sync #(
    .T(rx_order_t),
    .Depth(OrderDepth)
  ) u_order (
    .clk_i,
    .rst_ni,
    .in_data  (join_order),
    .in_valid (join_valid),
    .in_ready (join_ready),
    .out_data (order),
    .out_valid(order_valid),
    .out_ready(order_ready),
    .level_o  ()
  );

  logic passed, read_idle;
  chim_rx_read #(
    .DataW(DataW)
  ) u_read (
    .clk_i,
    .rst_ni,
    .order_valid,
    .order_ready,
    .order,
    .verdict_valid,
    .verdict_ready,
    .verdict,
    .item_valid,
    .item_ready,
    .item,
    .m_axis_item_tdata,
    .m_axis_item_tkeep,
    .m_axis_item_tlast,
    .m_axis_item_tvalid,
    .m_axis_item_tready,
    .rd_en_o   (rd_en),
    .rd_chunk_o(rd_chunk),
    .rd_off_o  (rd_off),
    .rd_data_i (rd_data),
    .next_i    (next_chunk),
    .free_valid,
    .free_ready,
    .free_first,
    .free_count,
    .passed_o  (passed),
    .idle_o    (read_idle)
  );

  // ---- counters ----
  // A
  // frame not admitted and one that found the buffer full may be counted in the same clock; a
  // counter takes one pulse per clock, so the second one waits.
  logic [4:0] full_q;
  logic full_pulse;
  assign full_pulse = front_dropped || join_over || full_q != '0;
  always_ff @(posedge clk_i) begin
    full_q <= full_q + 5'(front_dropped) + 5'(join_over) - 5'(full_pulse);
    if (!rst_ni) full_q <= '0;
  end
  always_comb begin
    cnt_o                         = cnt_entry | cnt_join;
    cnt_o[COUNTER_RX_FRAMES]      = front_arrived;
    cnt_o[COUNTER_RX_BUFFER_FULL] = full_pulse;
    cnt_o[COUNTER_RX_PASSED]      = passed;
  end
  assign idle_o = front_idle && inject_idle && buffer_idle && lookup_idle && entry_idle && join_idle
                  && read_idle;
endmodule
