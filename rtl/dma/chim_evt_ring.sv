// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Event ring: 32-byte entries from the engine and from firmware into host memory. Hard part: the
// host sees an entry only by its last byte, whose lap bit must be right for this turn of the ring,
// and an entry of a connection must never pass an older one: both sources share one writer.
module chim_evt_ring
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
#(
  parameter int unsigned DataW = 64
) (
  input logic clk_i,
  input logic rst_ni,

  input  logic        run_i,
  input  logic [63:0] base_i,
  input  logic [ 4:0] log2_i,
  input  logic [31:0] host_i,    // consumed by the host
  output logic [31:0] device_o,  // produced
  input  logic [31:0] time_ms_i,

  input  logic                    conn_valid,
  output logic                    conn_ready,
  input  conn_event_t             conn_event,
  input  logic        [GEN_W-1:0] conn_gen,    // of conn_event.conn

  input  logic   fw_valid,
  output logic   fw_ready,
  input  event_t fw_event,  // owner and time are filled in here

  // To chim_dma_write.
  output logic             cmd_valid,
  input  logic             cmd_ready,
  output logic [     63:0] cmd_addr,
  output logic [     15:0] cmd_len,
  output logic             wd_valid,
  input  logic             wd_ready,
  output logic [DataW-1:0] wd_data,
  input  logic             done_valid,

  output logic                     irq_o,  // pulse: an entry is in memory
  output logic [COUNTER_COUNT-1:0] cnt_o,
  output logic                     idle_o
);
  localparam int unsigned EventBytes = $bits(event_t) / 8;
  localparam int unsigned Beats = (DataW >= 8 * EventBytes) ? 1 : 8 * EventBytes / DataW;
  localparam int unsigned PadW = Beats * DataW;

  logic [31:0] used, size;
  logic full, take, pick_fw, last_fw_q;
  assign used = device_o - host_i;
  assign size = 32'd1 << log2_i;
  assign full = used >= size;

  logic busy_q;  // an entry waits for its command or still has beats to give
  logic cmd_q;  // its command has not been taken
  logic [$clog2(Beats+1)-1:0] left_q;
  logic [PadW-1:0] data_q;
  logic [31:0] out_q;  // entries on their way to memory

  assign pick_fw = fw_valid && (!conn_valid || !last_fw_q);
  assign take    = run_i && !busy_q && !full && (conn_valid || fw_valid);
  assign conn_ready = take && !pick_fw;
  assign fw_ready   = take && pick_fw;

  event_t entry;
  logic   lap;
  assign lap = 1'(device_o >> log2_i);
  always_comb begin
    if (pick_fw) begin
      entry = fw_event;
    end else begin
      entry            = '0;
      entry.type_      = 8'(EVENT_TYPE_CONN);
      entry.gen        = 8'(conn_gen);
      entry.conn       = conn_event.conn;
      entry.flags      = conn_event.flags;
      entry.snd_done   = conn_event.snd_done;
      entry.rcv_placed = conn_event.rcv_placed;
      entry.snd_max    = conn_event.snd_max;
    end
    entry.time_ms = time_ms_i;
    entry.owner   = {7'd0, !lap};
  end

  assign cmd_valid = cmd_q;
  assign cmd_len   = 16'(EventBytes);
  assign wd_valid  = left_q != '0;
  assign wd_data   = data_q[DataW-1:0];
  assign busy_q    = cmd_q || left_q != '0;

  always_ff @(posedge clk_i) begin
    if (take) begin
      data_q    <= PadW'(entry);
      cmd_addr  <= base_i + {27'd0, device_o & (size - 1'b1), 5'd0};
      left_q    <= ($bits(left_q))'(Beats);
      cmd_q     <= 1'b1;
      device_o  <= device_o + 1'b1;
      last_fw_q <= pick_fw;
    end else begin
      if (cmd_ready) cmd_q <= 1'b0;
      if (wd_valid && wd_ready) begin
        left_q <= left_q - 1'b1;
        data_q <= data_q >> DataW;
      end
    end
    out_q <= out_q + 32'(take) - 32'(done_valid);
    if (!rst_ni || !run_i) begin
      cmd_q     <= 1'b0;
      left_q    <= '0;
      device_o  <= '0;
      out_q     <= '0;
      last_fw_q <= 1'b0;
    end
  end

  assign irq_o = done_valid;
  always_comb begin
    cnt_o = '0;
    cnt_o[COUNTER_EVT_WRITTEN] = take;
    cnt_o[COUNTER_EVT_RING_FULL] = run_i && full && (conn_valid || fw_valid);
  end
  assign idle_o = !conn_valid && !fw_valid && !busy_q && out_q == '0;

  logic unused_owner;
  assign unused_owner = &{1'b0, fw_event.owner, fw_event.time_ms};
endmodule
