// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// First-in first-out queue, one clock, valid/ready on both sides, the head visible before it is
// taken. Hard part: block RAM has a registered read, so the head is fetched ahead of its use.
//
// Full throughput in both forms. Latency from input to output: 1 cycle in LUT RAM, 2 in block RAM.
`include "chim_assert.svh"

module fifo_sync #(
  // Bits of an entry, 1 or more; ignored when T is given.
  parameter int unsigned Width = 32,
  // Entries in memory, a power of two, 2 or more. Block RAM holds one more, in its read register.
  parameter int unsigned Depth = 16,
  // 0: LUT RAM, for up to about 64 entries. 1: block RAM.
  parameter bit UseBram = 1'b0,
  // Type of an entry.
  parameter type T = logic [Width-1:0],
  localparam int unsigned LevelW = $clog2(Depth + 2)
) (
  input logic clk_i,
  input logic rst_ni, // synchronous, active low; empties the queue

  input  T     in_data,
  input  logic in_valid,
  output logic in_ready,

  output T     out_data,
  output logic out_valid,
  input  logic out_ready,

  // Entries in the queue, 0..Depth (block RAM: 0..Depth+1).
  output logic [LevelW-1:0] level_o
);

  localparam int unsigned AddrW = $clog2(Depth);

  if (Depth < 2 || Depth != 2 ** AddrW) begin : g_check_depth
    $error("fifo_sync: Depth must be a power of two, 2 or more");
  end

  // Free-running, one bit more than the address: their difference is the number in memory.
  logic [AddrW:0] wr_ptr_q, rd_ptr_q, in_mem;
  logic push, fetch;

  assign in_mem   = wr_ptr_q - rd_ptr_q;
  assign in_ready = !in_mem[AddrW];  // Depth is the only level with this bit
  assign push     = in_valid && in_ready;

  always_ff @(posedge clk_i) begin
    if (push) begin
      wr_ptr_q <= wr_ptr_q + 1'b1;
    end
    if (fetch) begin
      rd_ptr_q <= rd_ptr_q + 1'b1;
    end
    if (!rst_ni) begin
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
    end
  end

`ifndef FORMAL  // proofs look into the array, which a memory forbids
  (* ram_style = UseBram ? "block" : "distributed" *)
`endif
  T mem_q[Depth];
  logic head_valid_q;  // block RAM: the read register holds the head

  always_ff @(posedge clk_i) begin
    if (push) begin
      mem_q[wr_ptr_q[AddrW-1:0]] <= in_data;
    end
  end

  if (UseBram) begin : g_bram
    // The read register is refilled when it is empty or taken. What is written in this cycle counts
    // as in memory only from the next one, so no address is read while it is written.
    assign fetch     = in_mem != '0 && (!head_valid_q || out_ready);
    assign out_valid = head_valid_q;

    always_ff @(posedge clk_i) begin
      if (fetch) begin
        out_data     <= mem_q[rd_ptr_q[AddrW-1:0]];
        head_valid_q <= 1'b1;
      end else if (out_ready) begin
        head_valid_q <= 1'b0;
      end
      if (!rst_ni) begin
        head_valid_q <= 1'b0;
      end
    end
  end else begin : g_lutram
    assign fetch        = out_valid && out_ready;
    assign out_valid    = in_mem != '0;
    assign out_data     = mem_q[rd_ptr_q[AddrW-1:0]];
    assign head_valid_q = 1'b0;
  end

  assign level_o = LevelW'(in_mem) + LevelW'(head_valid_q);

  `CHIM_ASSERT(ast_no_collision, !(push && fetch && wr_ptr_q[AddrW-1:0] == rd_ptr_q[AddrW-1:0]))

endmodule
