// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The one writer of host memory: takes byte ranges with their data from several clients, shifts the
// bytes to their lanes, cuts AXI4 bursts and tells each client, in order, when its range is
// written. All writes carry one AXI ID, so responses come in the order of the ranges. Hard part:
// one more beat goes out than came in when the range straddles lanes, without losing a clock
// between ranges.
//
//   data from client   abcdefgh ijk              range of 11 bytes at lane 5
//   W beats            .....abc defghijk          (strobes leave out the dots)
module chim_dma_write #(
  parameter int unsigned DataW       = 64,  // bits of the AXI data bus: 64, 128, 256 or 512
  parameter int unsigned Clients     = 4,   // 2..8
  parameter int unsigned Outstanding = 64   // bursts on their way, power of two
) (
  input logic clk_i,
  input logic rst_ni,

  // Byte ranges; 1..65,535 bytes at any alignment. Data must follow without waiting for anything.
  input  logic [Clients-1:0]       cmd_valid,
  output logic [Clients-1:0]       cmd_ready,
  input  logic [Clients-1:0][63:0] cmd_addr,
  input  logic [Clients-1:0][15:0] cmd_len,
  // Client 0: not 0: the range wraps within a ring of 2^log2 bytes that is aligned to its size.
  input  logic [        4:0]       cmd_ring_log2,

  // Data from lane 0, all lanes full but in the last beat; ceil(len / bytes) beats per range.
  input  logic [Clients-1:0]            wd_valid,
  output logic [Clients-1:0]            wd_ready,
  input  logic [Clients-1:0][DataW-1:0] wd_data,

  // One answer per range: it is in memory (or not: error).
  output logic [Clients-1:0] done_valid,
  output logic               done_error,

  input  logic stop_i,  // take no more ranges
  output logic busy_o,  // something is outstanding

  output logic [ 3:0] m_axi_awid,
  output logic [63:0] m_axi_awaddr,
  output logic [ 7:0] m_axi_awlen,
  output logic [ 2:0] m_axi_awsize,
  output logic [ 1:0] m_axi_awburst,
  output logic        m_axi_awvalid,
  input  logic        m_axi_awready,

  output logic [  DataW-1:0] m_axi_wdata,
  output logic [DataW/8-1:0] m_axi_wstrb,
  output logic               m_axi_wlast,
  output logic               m_axi_wvalid,
  input  logic               m_axi_wready,

  input  logic [3:0] m_axi_bid,
  input  logic [1:0] m_axi_bresp,
  input  logic       m_axi_bvalid,
  output logic       m_axi_bready
);
  if (DataW != 64 && DataW != 128 && DataW != 256 && DataW != 512) begin : g_check_data_w
    $error("chim_dma_write: DataW must be 64, 128, 256 or 512");
  end
  if (Clients < 2 || Clients > 8) begin : g_check_clients
    $error("chim_dma_write: Clients must be 2..8");
  end

  localparam int unsigned Bytes = DataW / 8;
  localparam int unsigned LaneW = $clog2(Bytes);
  localparam int unsigned ClientW = $clog2(Clients);
  // Bursts end at multiples of this: divides 4,096 (IHI 0022 A3.4.1) and is at most 64 beats.
  localparam int unsigned ChunkBytes = (64 * Bytes > 4096) ? 4096 : 64 * Bytes;
  localparam int unsigned ChunkW = $clog2(ChunkBytes);

  // ---- choice of the next range
  // -------------------------------------------------------------------
  logic [ClientW-1:0] pick, last_pick_q;
  logic any;
  always_comb begin
    any  = 1'b0;
    pick = '0;
    for (int unsigned i = 0; i < Clients; i++) begin
      automatic logic [ClientW-1:0] c = ClientW'((32'(last_pick_q) + 1 + i) % Clients);
      if (!any && cmd_valid[c]) begin
        any  = 1'b1;
        pick = c;
      end
    end
  end

  // ---- address side
  // -------------------------------------------------------------------------------
  logic aw_valid_q;
  logic [63:0] aw_addr_q, aw_next;
  logic [15:0] aw_len_q;
  logic [63:0] aw_keep_q;  // address bits that stay as they are: those above the ring
  logic [ClientW-1:0] aw_client_q;

  logic [ChunkW:0] room, last_byte;
  logic [15:0] take;
  logic burst_last;
  logic resp_ready;
  assign room          = (ChunkW + 1)'(ChunkBytes) - {1'b0, aw_addr_q[ChunkW-1:0]};
  assign burst_last    = aw_len_q <= 16'(room);
  assign take          = burst_last ? aw_len_q : 16'(room);
  assign last_byte     = {1'b0, aw_addr_q[ChunkW-1:0]} + (ChunkW + 1)'(take) - 1'b1;
  assign m_axi_awid    = '0;
  assign m_axi_awaddr  = {aw_addr_q[63:LaneW], LaneW'(0)};
  assign m_axi_awlen   = 8'((last_byte >> LaneW) - ({1'b0, aw_addr_q[ChunkW-1:0]} >> LaneW));
  assign m_axi_awsize  = 3'(LaneW);
  assign m_axi_awburst = 2'b01;
  assign m_axi_awvalid = aw_valid_q && resp_ready;

  // A ring is at least 4,096 bytes and ends where a burst ends: only the address wraps, not the
  // lanes.
  assign aw_next       = aw_addr_q + 64'(take);

  logic aw_fire;
  assign aw_fire = m_axi_awvalid && m_axi_awready;

  // ---- data side
  // ----------------------------------------------------------------------------------
  logic w_valid_q;  // a range is being written
  logic [ClientW-1:0] w_client_q;
  logic [LaneW-1:0] w_lane_q;  // lane of the range's first byte
  logic [16:0] w_end_q;  // lane + bytes still to be written, counted from this beat's lane 0
  logic [ChunkW-LaneW-1:0] w_slot_q;  // beat number within the chunk
  logic w_first_q;
  logic [16:0] w_in_q;  // bytes the client still has to give
  logic [DataW-1:0] carry_q;

  logic need_in, w_last_beat, w_fire;
  logic [DataW-1:0] rot;
  assign need_in     = w_in_q != '0;
  assign w_last_beat = w_end_q <= 17'(Bytes);
  assign w_fire      = m_axi_wvalid && m_axi_wready;

  always_comb begin
    for (int unsigned i = 0; i < Bytes; i++) begin
      rot[8*i+:8] = wd_data[w_client_q][8*(LaneW'(i)-w_lane_q)+:8];
      m_axi_wdata[8*i+:8] = (LaneW'(i) < w_lane_q) ? carry_q[8*i+:8] : rot[8*i+:8];
      m_axi_wstrb[i] = !(w_first_q && LaneW'(i) < w_lane_q) && (17'(i) < w_end_q);
    end
  end
  assign m_axi_wlast  = w_last_beat || (&w_slot_q);
  assign m_axi_wvalid = w_valid_q && (!need_in || wd_valid[w_client_q]);

  always_comb begin
    wd_ready = '0;
    wd_ready[w_client_q] = w_valid_q && need_in && m_axi_wready;
  end

  // A range starts on both sides in one clock; the sides then run apart.
  logic load;
  assign load = any && !stop_i && (!aw_valid_q || (aw_fire && burst_last))
                && (!w_valid_q || (w_fire && w_last_beat));
  always_comb begin
    cmd_ready = '0;
    cmd_ready[pick] = load;
  end

  always_ff @(posedge clk_i) begin
    if (load) begin
      aw_addr_q   <= cmd_addr[pick];
      aw_len_q    <= cmd_len[pick];
      aw_client_q <= pick;
      aw_keep_q   <= (pick == '0 && cmd_ring_log2 != '0) ? ~64'd0 << cmd_ring_log2 : '0;
      aw_valid_q  <= 1'b1;
      last_pick_q <= pick;
      w_valid_q   <= 1'b1;
      w_client_q  <= pick;
      w_lane_q    <= cmd_addr[pick][LaneW-1:0];
      w_end_q     <= 17'(cmd_addr[pick][LaneW-1:0]) + 17'(cmd_len[pick]);
      w_slot_q    <= cmd_addr[pick][ChunkW-1:LaneW];
      w_first_q   <= 1'b1;
      w_in_q      <= 17'(cmd_len[pick]);
    end else begin
      if (aw_fire) begin
        aw_addr_q <= (aw_addr_q & aw_keep_q) | (aw_next & ~aw_keep_q);
        aw_len_q  <= aw_len_q - take;
        if (burst_last) aw_valid_q <= 1'b0;
      end
      if (w_fire) begin
        w_first_q <= 1'b0;
        w_end_q   <= w_end_q - 17'(Bytes);
        w_slot_q  <= w_slot_q + 1'b1;
        w_in_q    <= (w_in_q > 17'(Bytes)) ? w_in_q - 17'(Bytes) : '0;
        if (w_last_beat) w_valid_q <= 1'b0;
      end
    end
    if (w_fire) carry_q <= rot;
    if (!rst_ni) begin
      aw_valid_q  <= 1'b0;
      w_valid_q   <= 1'b0;
      last_pick_q <= '0;
    end
  end

  // ---- responses
  // ----------------------------------------------------------------------------------
  typedef struct packed {
    logic [ClientW-1:0] client;
    logic               last;
  } resp_t;
  resp_t resp_in, resp;
  logic resp_valid;
  assign resp_in = '{client: aw_client_q, last: burst_last};

  fifo_sync #(
    .Width($bits(resp_t)),
    .Depth(Outstanding)
  ) u_resp (
    .clk_i,
    .rst_ni,
    .in_valid (aw_valid_q && m_axi_awready),
    .in_ready (resp_ready),
    .in_data  (resp_in),
    .out_valid(resp_valid),
    .out_ready(m_axi_bvalid),
    .out_data (resp),
    .level_o  ()
  );

  logic error_q;
  assign m_axi_bready = resp_valid;
  always_comb begin
    done_valid = '0;
    done_valid[resp.client] = m_axi_bvalid && resp_valid && resp.last;
    done_error = m_axi_bresp[1] || error_q;
  end
  always_ff @(posedge clk_i) begin
    if (m_axi_bvalid && m_axi_bready) error_q <= resp.last ? 1'b0 : done_error;
    if (!rst_ni) error_q <= 1'b0;
  end

  assign busy_o = aw_valid_q || w_valid_q || resp_valid;

  logic unused_b;
  assign unused_b = &{m_axi_bid, m_axi_bresp[0]};
endmodule
