// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Lookup entries by slot: whose frames are held, counted and forwarded, and which connection is
// LIVE (D13). Hard part: the step to LIVE happens in the very write that makes the last condition
// true, and a command of firmware takes its place in the order of the frames.
//
// Entries are read at three places: by the lookup while a frame still arrives (probe), by the
// operations below, and by doorbells. The first has a memory of its own. An operation takes two
// clocks, one to read, one to write (op_exec_o); the join stands still in both (op_busy_o).
//
// LIVE in one step (after every write): State HOLD, Release, Installed, Held 0. The frames that the
// kernel had queued are out by then, because the driver orders its RELEASE behind them.
module chim_entry
  import chim_contract_pkg::*;
  import chim_types_pkg::conn_t;
  import chim_types_pkg::tbl_req_t;
  import chim_net_pkg::*;
#(
  parameter int unsigned Conns = 1024,  // slots, a power of two
  localparam int unsigned SlotW = $clog2(Conns)
) (
  input logic clk_i,
  input logic rst_ni,

  // Probe: entry of a slot, data in the next clock, written ones included.
  input  logic               probe_en_i,
  input  logic   [SlotW-1:0] probe_slot_i,
  output entry_t             probe_entry_o,
  output logic               write_o,        // an entry is written in this clock

  // Join: a frame of the wire goes up as held; not in clocks with op_busy_o.
  input  logic               held_we_i,
  input  logic   [SlotW-1:0] held_slot_i,
  input  entry_t             held_entry_i,    // as it is now
  // Join: read the entry of the oldest frame again.
  input  logic               again_valid,
  input  logic   [SlotW-1:0] again_slot,
  // Join: a forwarded frame; only when there is room for what follows from it.
  input  logic               inject_valid,
  input  conn_t              inject_conn,
  input  logic   [GEN_W-1:0] inject_gen,
  input  logic               inject_held,     // it was held
  output logic               op_busy_o,
  output logic               again_exec_o,    // op_entry_o is the answer to again
  output logic               inject_exec_o,   // the forwarded frame goes on, counted off if held
  output logic               op_stale_o,      // inject: no such connection
  output entry_t             op_entry_o,      // as before the operation
  // Marker: HOLD was entered; only when there is room for it.
  input  logic               marker_room_i,
  output logic               marker_valid_o,
  output conn_t              marker_conn_o,
  output logic   [GEN_W-1:0] marker_gen_o,

  // One held frame is given up by the host, or was lost on the way to it.
  input  logic              give_up_valid,
  output logic              give_up_ready,
  input  conn_t             give_up_conn,
  input  logic  [GEN_W-1:0] give_up_gen,
  input  logic              lost_valid,
  output logic              lost_ready,
  input  conn_t             lost_conn,
  input  logic  [GEN_W-1:0] lost_gen,

  // Firmware: command ENTRY, notices of entries that turned LIVE, table ENTRY.
  input  logic            cmd_valid,
  output logic            cmd_ready,
  input  conn_t           cmd_conn,
  input  entry_t          cmd_entry,
  output logic            hold_evt_valid_o,
  output conn_t           hold_evt_conn_o,
  input  logic            hold_evt_pop_i,
  input  logic            tbl_valid,
  output logic            tbl_ready,
  input  tbl_req_t        tbl_req,
  output logic            tbl_rvalid,
  output logic     [31:0] tbl_rdata,

  // Doorbells: those of the right generation go on.
  input  logic                                db_in_valid,
  output logic                                db_in_ready,
  input  conn_t                               db_in_conn,
  input  logic                  [  GEN_W-1:0] db_in_gen,
  input  logic                  [QUEUE_W-1:0] db_in_queue,
  input  logic                  [       31:0] db_in_value,
  output logic                                db_valid,
  input  logic                                db_ready,
  output chim_types_pkg::bell_t               db,

  // To the engine: with every write of an entry.
  output logic  live_we,
  output conn_t live_conn,
  output logic  live_val,

  output logic [COUNTER_COUNT-1:0] cnt_o,
  output logic                     idle_o
);
  typedef logic [SlotW-1:0] slot_t;

  // ---- memory, and its emptying after reset ----
  logic init_q, we, read_op, read_db;
  slot_t init_slot_q, waddr, op_addr, db_addr;
  entry_t wdata, read;
  assign write_o = we;

  ram_1r1w_fwd #(
    .T(entry_t),
    .Depth(Conns)
  ) u_probe (
    .clk_i,
    .wr_en_i  (we),
    .wr_addr_i(waddr),
    .wr_data_i(wdata),
    .rd_en_i  (probe_en_i),
    .rd_addr_i(probe_slot_i),
    .rd_data_o(probe_entry_o)
  );
  ram_1r1w_fwd #(
    .T(entry_t),
    .Depth(Conns)
  ) u_entry (
    .clk_i,
    .wr_en_i  (we),
    .wr_addr_i(waddr),
    .wr_data_i(wdata),
    .rd_en_i  (read_op || read_db),
    .rd_addr_i(read_op ? op_addr : db_addr),
    .rd_data_o(read)
  );
  always_ff @(posedge clk_i) begin
    if (init_q) begin
      init_slot_q <= init_slot_q + 1'b1;
      if (&init_slot_q) init_q <= 1'b0;
    end
    if (!rst_ni) begin
      init_q      <= 1'b1;
      init_slot_q <= '0;
    end
  end

  // ---- operations ----
  typedef enum logic [2:0] {
    OP_LOST,
    OP_GIVE_UP,
    OP_INJECT,
    OP_COMMAND,
    OP_TABLE,
    OP_AGAIN
  } op_e;

  logic exec_q, start, notice_ready, inside_q;
  op_e op_d, op_q;
  conn_t conn_d, conn_q;
  logic [GEN_W-1:0] gen_d, gen_q;
  always_comb begin
    start  = 1'b0;
    op_d   = OP_AGAIN;
    conn_d = conn_t'(again_slot);
    gen_d  = '0;
    // A forwarded frame first, but giving up must never wait for it: the DMA stands still till
    // then.
    if (again_valid) start = 1'b1;
    if (tbl_valid && notice_ready) begin
      start  = 1'b1;
      op_d   = OP_TABLE;
      conn_d = tbl_req.conn;
    end
    if (cmd_valid && marker_room_i && notice_ready) begin
      start  = 1'b1;
      op_d   = OP_COMMAND;
      conn_d = cmd_conn;
    end
    if (inject_valid && notice_ready) begin
      start  = 1'b1;
      op_d   = OP_INJECT;
      conn_d = inject_conn;
      gen_d  = inject_gen;
    end
    if (give_up_valid && notice_ready) begin
      start  = 1'b1;
      op_d   = OP_GIVE_UP;
      conn_d = give_up_conn;
      gen_d  = give_up_gen;
    end
    if (lost_valid && notice_ready) begin
      start  = 1'b1;
      op_d   = OP_LOST;
      conn_d = lost_conn;
      gen_d  = lost_gen;
    end
    if (exec_q || init_q) start = 1'b0;
  end
  assign read_op   = start;
  assign op_addr   = slot_t'(conn_d);
  assign op_busy_o = start || exec_q;
  always_ff @(posedge clk_i) begin
    exec_q <= start;
    if (start) begin
      op_q     <= op_d;
      conn_q   <= conn_d;
      gen_q    <= gen_d;
      inside_q <= 32'(conn_d) < Conns;
    end
    if (!rst_ni) exec_q <= 1'b0;
  end

  logic count_off, stale, turned;
  entry_t changed, next;
  assign count_off = op_q inside {OP_LOST, OP_GIVE_UP, OP_INJECT};
  assign stale     = !inside_q || read.State == ENTRY_STATE_NONE || read.Gen != gen_q;
  always_comb begin
    changed = read;
    unique case (op_q)
      OP_LOST, OP_GIVE_UP: if (read.Held != '0) changed.Held = read.Held - 1'b1;
      OP_INJECT: if (inject_held && read.Held != '0) changed.Held = read.Held - 1'b1;
      OP_COMMAND: begin
        changed = cmd_entry;
        if (read.State == ENTRY_STATE_HOLD && cmd_entry.State == ENTRY_STATE_HOLD) begin
          changed.Held = read.Held;
        end
      end
      OP_TABLE: changed = tbl_req.wdata;
      default: ;
    endcase
    turned = changed.State == ENTRY_STATE_HOLD && changed.Release && changed.Installed
             && changed.Held == '0;
    next = changed;
    if (turned) next.State = ENTRY_STATE_LIVE;
  end

  logic op_we;
  always_comb begin
    op_we = exec_q && inside_q;
    if (count_off && stale) op_we = 1'b0;
    if (op_q == OP_TABLE && (!tbl_req.write || tbl_req.word != '0)) op_we = 1'b0;
    if (op_q == OP_AGAIN) op_we = 1'b0;

    we    = op_we;
    waddr = slot_t'(conn_q);
    wdata = next;
    if (held_we_i) begin
      we    = 1'b1;
      waddr = held_slot_i;
      wdata = held_entry_i;
      wdata.Held = held_entry_i.Held + 1'b1;
    end
    if (init_q) begin
      we    = 1'b1;
      waddr = init_slot_q;
      wdata = '0;
    end
  end

  assign again_exec_o  = exec_q && op_q == OP_AGAIN;
  assign inject_exec_o = exec_q && op_q == OP_INJECT;
  assign op_stale_o    = stale;
  assign op_entry_o    = read;
  assign lost_ready    = exec_q && op_q == OP_LOST;
  assign give_up_ready = exec_q && op_q == OP_GIVE_UP;
  assign cmd_ready     = exec_q && op_q == OP_COMMAND;
  assign tbl_ready     = exec_q && op_q == OP_TABLE;
  always_ff @(posedge clk_i) begin
    tbl_rvalid <= tbl_ready && !tbl_req.write;
    tbl_rdata  <= (inside_q && tbl_req.word == '0) ? read : '0;
    if (!rst_ni) tbl_rvalid <= 1'b0;
  end

  assign marker_valid_o = cmd_ready && op_we && read.State != ENTRY_STATE_HOLD
                          && changed.State == ENTRY_STATE_HOLD;
  assign marker_conn_o = conn_q;
  assign marker_gen_o = changed.Gen;

  // Only changes: the engine starts with no slot LIVE, and takes few of them at a time.
  assign live_val = next.State == ENTRY_STATE_LIVE;
  assign live_we = op_we && live_val != (read.State == ENTRY_STATE_LIVE);
  assign live_conn = conn_q;

  // Room for every slot: firmware may release many connections before it looks.
  slot_t notice;
  assign hold_evt_conn_o = conn_t'(notice);
  fifo_sync #(
    .T(slot_t),
    .Depth(Conns),
    .UseBram(1'b1)
  ) u_notices (
    .clk_i,
    .rst_ni,
    .in_data  (slot_t'(conn_q)),
    .in_valid (op_we && turned),
    .in_ready (notice_ready),
    .out_data (notice),
    .out_valid(hold_evt_valid_o),
    .out_ready(hold_evt_pop_i),
    .level_o  ()
  );

  // ---- doorbells ----
  logic db_read_q, db_inside_q, db_good, db_out_q;
  logic [GEN_W-1:0] db_gen_q;
  chim_types_pkg::bell_t db_q;
  assign db_addr     = slot_t'(db_in_conn);
  assign db_in_ready = !start && !db_read_q && (!db_out_q || db_ready) && !init_q;
  assign read_db     = db_in_valid && db_in_ready;
  assign db_good     = db_inside_q && read.Gen == db_gen_q && read.State != ENTRY_STATE_NONE;
  always_ff @(posedge clk_i) begin
    db_read_q <= read_db;
    if (read_db) begin
      db_q        <= '{conn: db_in_conn, queue: db_in_queue, value: db_in_value};
      db_gen_q    <= db_in_gen;
      db_inside_q <= 32'(db_in_conn) < Conns;
    end
    if (db_read_q) db_out_q <= db_good;
    else if (db_ready) db_out_q <= 1'b0;
    if (!rst_ni) begin
      db_read_q <= 1'b0;
      db_out_q  <= 1'b0;
    end
  end
  assign db_valid = db_out_q;
  assign db = db_q;

  // ---- counters ----
  logic [SlotW:0] holds_q;  // entries in HOLD
  logic enters, leaves;
  assign enters = op_we && read.State != ENTRY_STATE_HOLD && changed.State == ENTRY_STATE_HOLD
                  && !turned;
  assign leaves = op_we && read.State == ENTRY_STATE_HOLD && next.State != ENTRY_STATE_HOLD;
  always_ff @(posedge clk_i) begin
    holds_q <= holds_q + (SlotW + 1)'(enters) - (SlotW + 1)'(leaves);
    if (!rst_ni) holds_q <= '0;
  end
  always_comb begin
    cnt_o = '0;
    cnt_o[COUNTER_HOLD] = op_we && read.State != ENTRY_STATE_HOLD
                          && changed.State == ENTRY_STATE_HOLD;
    cnt_o[COUNTER_LIVE] = op_we && read.State != ENTRY_STATE_LIVE && next.State == ENTRY_STATE_LIVE;
    cnt_o[COUNTER_HOLD_CYCLES] = holds_q != '0;
    cnt_o[COUNTER_RX_INJECT_STALE] = exec_q && count_off && stale;
    cnt_o[COUNTER_DB_STALE] = db_read_q && !db_good;
  end
  assign idle_o = !exec_q && !db_read_q && !db_out_q && !init_q;

  logic unused_bits;
  assign unused_bits = &{1'b0, tbl_req.table_id};
endmodule
