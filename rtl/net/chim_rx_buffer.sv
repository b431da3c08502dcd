// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Receive frame buffer: one memory for frames from the wire and from the host, which arrive beat by
// beat at the same time and leave in another order. Hard part: a beat of the wire is always taken;
// what finds no room makes its frame fail, and nothing else.
//
// The memory is cut into chunks of CHUNK_BYTES, chained per frame. Free chunks wait in a queue. The
// wire has the write port and the queue's head first; the host's frame waits for idle clocks, and
// leaves the last HostReserve chunks to the wire.
//
// Latency: a beat written in clock t can be read from t + 1 on; data of a read in t are there in t
// + 1.
module chim_rx_buffer
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW    = 64,     // bus width in bits
  parameter int unsigned BufBytes = 16384,  // a power of two, 16 KiB to 64 KiB
  localparam int unsigned ChunkBeats = CHUNK_BYTES * 8 / DataW,
  localparam int unsigned OffW = $clog2(ChunkBeats)
) (
  input logic clk_i,
  input logic rst_ni,

  // From the wire: always taken. Place of the frame one clock after its last beat.
  input  logic      [DataW-1:0] wire_data_i,
  input  logic                  wire_first_i,
  input  logic                  wire_last_i,
  input  logic                  wire_valid_i,
  output rx_place_t             wire_place_o,

  // From the host.
  input logic [DataW-1:0] host_data_i,
  input logic host_first_i,
  input logic host_valid_i,
  output logic host_ready_o,
  output rx_place_t host_place_o,  // of the frame so far, without the beat of this clock

  // Read: chunk and beat in it; and the chunk that follows a chunk, at once.
  input  logic               rd_en_i,
  input  chunk_t             rd_chunk_i,
  input  logic   [ OffW-1:0] rd_off_i,
  output logic   [DataW-1:0] rd_data_o,
  input  chunk_t             next_of_i,
  output chunk_t             next_o,

  // Give back a chain.
  input  logic    free_valid,
  output logic    free_ready,
  input  chunk_t  free_first,
  input  chunks_t free_count,

  output logic idle_o  // everything is free
);
  localparam int unsigned Chunks = BufBytes / CHUNK_BYTES;
  localparam int unsigned ChunkW = $clog2(Chunks);
  localparam int unsigned HostReserve = 4;

  if (BufBytes != 2 ** $clog2(
          BufBytes
      ) || BufBytes < 16384 || Chunks > CHUNKS_MAX) begin : g_check_buf
    $error("chim_rx_buffer: BufBytes must be 16384, 32768 or 65536");
  end

  typedef logic [ChunkW-1:0] id_t;
  typedef logic [OffW-1:0] off_t;

  // ---- free chunks ----
  // At first
  // they come from a counter, later from the queue.
  logic [ChunkW:0] fresh_q, free_q;
  logic back_valid, unused_back_ready, queue_valid, take;
  id_t back_id, queue_id, id;
  logic any_free;
  assign any_free = !fresh_q[ChunkW] || queue_valid;
  assign id       = fresh_q[ChunkW] ? queue_id : fresh_q[ChunkW-1:0];
  fifo_sync #(
    .T(id_t),
    .Depth(Chunks)
  ) u_free (
    .clk_i,
    .rst_ni,
    .in_data  (back_id),
    .in_valid (back_valid),
    .in_ready (unused_back_ready),
    .out_data (queue_id),
    .out_valid(queue_valid),
    .out_ready(take && fresh_q[ChunkW]),
    .level_o  ()
  );
  always_ff @(posedge clk_i) begin
    if (take && !fresh_q[ChunkW]) fresh_q <= fresh_q + 1'b1;
    free_q <= free_q - (ChunkW + 1)'(take) + (ChunkW + 1)'(back_valid);
    if (!rst_ni) begin
      fresh_q <= '0;
      free_q  <= (ChunkW + 1)'(Chunks);
    end
  end

  // ---- writers ----
  typedef struct packed {
    rx_place_t place;
    id_t       chunk;
    off_t      off;    // of the next beat
  } writer_t;
  writer_t wire_q, wire_d, host_q, host_d;

  logic wire_new, wire_store, host_new, host_store, link_en;
  id_t link_of;
  assign wire_new = wire_first_i || wire_q.off == '0;
  assign wire_store = wire_valid_i && (wire_first_i || !wire_q.place.over)
                      && (!wire_new
                          || (any_free
                              && (wire_first_i || 32'(wire_q.place.count) < FRAME_CHUNKS)));
  assign host_new = host_first_i || host_q.off == '0;
  assign host_ready_o = !wire_valid_i
                        && (!host_new || (any_free && 32'(free_q) > HostReserve)
                            || (!host_first_i && 32'(host_q.place.count) >= FRAME_CHUNKS));
  assign host_store = host_valid_i && host_ready_o
                      && !(!host_first_i && host_new && 32'(host_q.place.count) >= FRAME_CHUNKS);
  assign take = (wire_store && wire_new) || (host_store && host_new);

  function automatic writer_t step(writer_t old, logic first, logic fresh, logic store,
                                   id_t new_id);
    writer_t w;
    w = old;
    if (first) w.place = '{over: 1'b0, first: chunk_t'(new_id), count: '0};
    if (!store) begin
      w.place.over = 1'b1;
      w.off = '0;
    end else begin
      if (fresh) begin
        w.chunk = new_id;
        w.off = '0;
        w.place.count = w.place.count + 1'b1;
      end
      w.off = w.off + 1'b1;
    end
    return w;
  endfunction
  assign wire_d  = step(wire_q, wire_first_i, wire_new, wire_store, id);
  assign host_d  = step(host_q, host_first_i, host_new, host_store, id);
  assign link_en = take && (wire_store ? !wire_first_i : !host_first_i);
  assign link_of = wire_store ? wire_q.chunk : host_q.chunk;

  id_t next_mem[Chunks];
  always_ff @(posedge clk_i) begin
    if (wire_valid_i) wire_q <= wire_d;
    if (host_valid_i && host_ready_o) host_q <= host_d;
    if (wire_valid_i && wire_last_i) wire_place_o <= wire_d.place;
    if (link_en) next_mem[link_of] <= id;
  end
  assign host_place_o = host_q.place;

  // ---- memory ----
  id_t  wr_chunk;
  off_t wr_off;
  assign wr_chunk = take ? id : (wire_store ? wire_q.chunk : host_q.chunk);
  assign wr_off   = take ? '0 : (wire_store ? wire_q.off : host_q.off);
  ram_1r1w #(
    .Width(DataW),
    .Depth(Chunks * ChunkBeats)
  ) u_ram (
    .clk_i,
    .wr_en_i  (wire_store || host_store),
    .wr_addr_i({wr_chunk, wr_off}),
    .wr_data_i(wire_store ? wire_data_i : host_data_i),
    .rd_en_i,
    .rd_addr_i({rd_chunk_i[ChunkW-1:0], rd_off_i}),
    .rd_data_o
  );
  assign next_o = chunk_t'(next_mem[next_of_i[ChunkW-1:0]]);

  // ---- chains that come back, a chunk a clock ----
  typedef struct packed {
    id_t     first;
    chunks_t count;
  } chain_t;
  chain_t chain;
  logic chain_valid, chain_done, walking_q;
  id_t walk_q;
  chunks_t left_q, left;
  fifo_sync #(
    .T(chain_t),
    .Depth(8)
  ) u_chains (
    .clk_i,
    .rst_ni,
    .in_data  ('{first: free_first[ChunkW-1:0], count: free_count}),
    .in_valid (free_valid),
    .in_ready (free_ready),
    .out_data (chain),
    .out_valid(chain_valid),
    .out_ready(chain_done),
    .level_o  ()
  );
  assign back_id    = walking_q ? walk_q : chain.first;
  assign left       = walking_q ? left_q : chain.count;
  assign back_valid = chain_valid && left != '0;
  assign chain_done = chain_valid && 32'(left) <= 32'd1;
  always_ff @(posedge clk_i) begin
    if (chain_valid) begin
      walking_q <= !chain_done;
      walk_q    <= next_mem[back_id];
      left_q    <= left - 1'b1;
    end
    if (!rst_ni) walking_q <= 1'b0;
  end

  assign idle_o = 32'(free_q) == Chunks;

  logic unused_bits;
  assign unused_bits = &{1'b0, unused_back_ready, rd_chunk_i, next_of_i, free_first};
endmodule
