// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The one reader of host memory: takes byte ranges from several clients, splits them into AXI4
// bursts and returns the bytes packed from lane 0. All reads carry one AXI ID, so data comes back
// in the order asked and one byte shifter serves everybody. Hard part: a client may join several
// ranges into one packed stream (scatter-gather), while other clients' ranges come in between.
//
// A client asks only for what it has room for: answers cannot be held back, so that no client can
// block another's data.
//
//   host memory   ..|....abcd|efghijkl|mn......|..     range "abcdefghijklmn", then, joined, "opq"
//   R beats          ....abcd efghijkl mn...... ....opq.
//   answer           abcdefgh                  ijklmnop q (rsp_last, rsp_bytes = 1)
module chim_dma_read #(
  parameter int unsigned DataW       = 64,  // bits of the AXI data bus: 64, 128, 256 or 512
  parameter int unsigned Clients     = 4,   // 2..8; client 0 is the one that may join ranges
  parameter int unsigned Outstanding = 64   // ranges on their way, power of two
) (
  input logic clk_i,
  input logic rst_ni,

  // Byte ranges; 1..65,535 bytes at any alignment.
  input logic [Clients-1:0] req_valid,
  output logic [Clients-1:0] req_ready,
  input logic [Clients-1:0][63:0] req_addr,
  input logic [Clients-1:0][15:0] req_len,
  input logic req_join,  // client 0: the next range of client 0 continues this one

  // Answers: always taken.
  output logic [Clients-1:0] rsp_valid,
  output logic [DataW-1:0] rsp_data,
  output logic [$clog2(
DataW/8
):0] rsp_bytes,  // valid bytes from lane 0; less than all only at last
  output logic rsp_last,
  output logic rsp_error,  // at last: some beat came with an error

  input  logic stop_i,  // take no more ranges
  output logic busy_o,  // something is outstanding

  output logic [ 3:0] m_axi_arid,
  output logic [63:0] m_axi_araddr,
  output logic [ 7:0] m_axi_arlen,
  output logic [ 2:0] m_axi_arsize,
  output logic [ 1:0] m_axi_arburst,
  output logic        m_axi_arvalid,
  input  logic        m_axi_arready,

  input  logic [      3:0] m_axi_rid,
  input  logic [DataW-1:0] m_axi_rdata,
  input  logic [      1:0] m_axi_rresp,
  input  logic             m_axi_rlast,
  input  logic             m_axi_rvalid,
  output logic             m_axi_rready
);
  if (DataW != 64 && DataW != 128 && DataW != 256 && DataW != 512) begin : g_check_data_w
    $error("chim_dma_read: DataW must be 64, 128, 256 or 512");
  end
  if (Clients < 2 || Clients > 8) begin : g_check_clients
    $error("chim_dma_read: Clients must be 2..8");
  end

  localparam int unsigned Bytes = DataW / 8;
  localparam int unsigned LaneW = $clog2(Bytes);
  localparam int unsigned ClientW = $clog2(Clients);
  // Bursts end at multiples of this: divides 4,096 (IHI 0022 A3.4.1) and is at most 64 beats.
  localparam int unsigned ChunkBytes = (64 * Bytes > 4096) ? 4096 : 64 * Bytes;
  localparam int unsigned ChunkW = $clog2(ChunkBytes);

  typedef struct packed {
    logic [ClientW-1:0] client;
    logic [LaneW-1:0]   lane;       // of the first byte
    logic [15:0]        len;
    logic               join_next;
  } range_t;

  // ---- address side: one range is cut into bursts
  // ------------------------------------------------
  logic [ClientW-1:0] pick, last_pick_q;
  logic any;
  logic tag_ready, tag_valid;
  range_t tag_in, tag;

  always_comb begin
    any  = 1'b0;
    pick = '0;
    for (int unsigned i = 0; i < Clients; i++) begin
      // Round robin: the client behind the last one served comes first.
      automatic logic [ClientW-1:0] c = ClientW'((32'(last_pick_q) + 1 + i) % Clients);
      if (!any && req_valid[c]) begin
        any  = 1'b1;
        pick = c;
      end
    end
  end

  logic            cur_valid_q;
  logic [    63:0] cur_addr_q;
  logic [    15:0] cur_len_q;  // bytes still to be asked for

  logic [ChunkW:0] room;  // bytes to the next place where a burst must end
  logic [    15:0] take;
  logic            burst_last;
  assign room       = (ChunkW + 1)'(ChunkBytes) - {1'b0, cur_addr_q[ChunkW-1:0]};
  assign burst_last = cur_len_q <= 16'(room);
  assign take       = burst_last ? cur_len_q : 16'(room);

  logic [ChunkW:0] last_byte;
  assign last_byte     = {1'b0, cur_addr_q[ChunkW-1:0]} + (ChunkW + 1)'(take) - 1'b1;
  assign m_axi_arid    = '0;
  assign m_axi_araddr  = {cur_addr_q[63:LaneW], LaneW'(0)};
  assign m_axi_arlen   = 8'((last_byte >> LaneW) - ({1'b0, cur_addr_q[ChunkW-1:0]} >> LaneW));
  assign m_axi_arsize  = 3'(LaneW);
  assign m_axi_arburst = 2'b01;
  assign m_axi_arvalid = cur_valid_q;

  logic load;
  assign load = any && !stop_i && tag_ready && (!cur_valid_q || (m_axi_arready && burst_last));

  always_comb begin
    req_ready = '0;
    req_ready[pick] = load;
    tag_in = '{
        client: pick,
        lane: req_addr[pick][LaneW-1:0],
        len: req_len[pick],
        join_next: req_join && pick == '0
    };
  end

  always_ff @(posedge clk_i) begin
    if (load) begin
      cur_addr_q  <= req_addr[pick];
      cur_len_q   <= req_len[pick];
      last_pick_q <= pick;
    end else if (m_axi_arvalid && m_axi_arready) begin
      cur_addr_q <= cur_addr_q + 64'(take);
      cur_len_q  <= cur_len_q - take;
    end
    if (load) cur_valid_q <= 1'b1;
    else if (m_axi_arready && burst_last) cur_valid_q <= 1'b0;
    if (!rst_ni) begin
      cur_valid_q <= 1'b0;
      last_pick_q <= '0;
    end
  end

  logic beat, range_last;  // data side: a beat is taken, the last of its range
  fifo_sync #(
    .Width($bits(range_t)),
    .Depth(Outstanding)
  ) u_tags (
    .clk_i,
    .rst_ni,
    .in_valid (load),
    .in_ready (tag_ready),
    .in_data  (tag_in),
    .out_valid(tag_valid),
    .out_ready(beat && range_last),
    .out_data (tag),
    .level_o  ()
  );

  // ---- data side: rotate each beat to where its first byte belongs, join with what is kept
  // -------- Two accumulators: client 0's may wait for its next range while others come in between.
  logic [      1:0][DataW-1:0] acc_q;
  logic [LaneW-1:0]            fill0_q;  // bytes kept in client 0's accumulator between ranges
  logic [LaneW-1:0]            fill_q;  // bytes kept within the present range
  logic                        first_q;  // next beat is the range's first
  logic [     15:0]            rem_q;  // bytes of the range still to come, valid when not first
  logic error_q, error0_q;

  logic               flush_q;  // the rest of the last beat goes out now
  logic [  LaneW-1:0] flush_fill_q;
  logic               flush_error_q;
  logic [ClientW-1:0] flush_client_q;

  logic               own;  // range of client 0
  logic [LaneW-1:0] lane, fill;
  logic [15:0] rem;
  logic [LaneW:0] n;
  logic [LaneW+1:0] sum;
  logic full, ends, error;
  logic [DataW-1:0] rot, merged;

  assign m_axi_rready = !flush_q && tag_valid;
  assign beat = m_axi_rvalid && m_axi_rready;
  assign own = tag.client == '0;
  assign lane = first_q ? tag.lane : '0;
  assign rem = first_q ? tag.len : rem_q;
  assign fill = first_q ? (own ? fill0_q : '0) : fill_q;
  assign n            = (16'(Bytes) - 16'(lane) < rem) ? (LaneW + 1)'(Bytes) - (LaneW + 1)'(lane)
                                                       : (LaneW + 1)'(rem);
  assign range_last = 16'(n) == rem;
  assign sum = (LaneW + 2)'(fill) + (LaneW + 2)'(n);
  assign full = sum >= (LaneW + 2)'(Bytes);
  assign ends = range_last && !tag.join_next;
  assign error = m_axi_rresp[1] || (first_q ? (own && error0_q) : error_q);

  logic [LaneW-1:0] by;
  assign by = fill - lane;  // modulo Bytes
  always_comb begin
    for (int unsigned i = 0; i < Bytes; i++) begin
      rot[8*i+:8] = m_axi_rdata[8*(LaneW'(i)-by)+:8];
      merged[8*i+:8] = (LaneW'(i) < fill) ? acc_q[own][8*i+:8] : rot[8*i+:8];
    end
  end

  always_ff @(posedge clk_i) begin
    rsp_valid <= '0;
    flush_q   <= 1'b0;
    if (flush_q) begin
      rsp_valid[flush_client_q] <= 1'b1;
      rsp_data <= acc_q[flush_client_q=='0];
      rsp_bytes <= {1'b0, flush_fill_q};
      rsp_last <= 1'b1;
      rsp_error <= flush_error_q;
    end
    if (beat) begin
      first_q <= range_last;
      rem_q <= rem - 16'(n);
      fill_q <= LaneW'(sum);
      error_q <= error;
      acc_q[own] <= full ? rot : merged;
      if (range_last && own) begin
        fill0_q  <= tag.join_next ? LaneW'(sum) : '0;
        error0_q <= tag.join_next && error;
      end
      if (full || ends) begin
        rsp_valid[tag.client] <= 1'b1;
        rsp_data <= merged;
        rsp_bytes <= full ? (LaneW + 1)'(Bytes) : (LaneW + 1)'(sum);
        rsp_last <= ends && sum <= (LaneW + 2)'(Bytes);
        rsp_error <= error;
      end
      if (ends && sum > (LaneW + 2)'(Bytes)) begin
        flush_q        <= 1'b1;
        flush_fill_q   <= LaneW'(sum);
        flush_error_q  <= error;
        flush_client_q <= tag.client;
      end
    end
    if (!rst_ni) begin
      rsp_valid <= '0;
      flush_q   <= 1'b0;
      first_q   <= 1'b1;
      fill0_q   <= '0;
      error0_q  <= 1'b0;
    end
  end

  assign busy_o = cur_valid_q || tag_valid || flush_q || (|rsp_valid);

  logic unused_r;
  assign unused_r = &{m_axi_rid, m_axi_rlast, m_axi_rresp[0]};
endmodule
