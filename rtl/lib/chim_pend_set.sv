// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Set of numbers that wait for service, in the order they came: a number that already waits is not
// queued again, so the queue can never overflow and a push is never refused. Hard part: membership
// is one bit per number in block RAM, and a push and a pop may both change it in each clock, also
// for the same number.
//
// A number waits if its two bits differ. A push that finds them equal inverts the first; the entry
// in the queue carries the new value, and popping it copies that into the second. So each bit array
// has one writer, and nobody reads before he writes but the push, one clock later.
//
//   clock n    push: both bits are read
//   clock n+1  not waiting: first bit inverted, number queued
//   clock n+2  (n+3 with a queue in block RAM) at the output
//
// A push of clock n counts for a pop of clock n+1 or later: what the user wrote before the push is
// seen by what he does after the pop.
`include "chim_assert.svh"

module chim_pend_set #(
  // Numbers 0..Entries-1, a power of two, 2 or more.
  parameter int unsigned Entries = 1024,
  localparam int unsigned IdW = $clog2(Entries)
) (
  input logic clk_i,
  input logic rst_ni, // synchronous, active low; empties the set

  // High after reset once all bits are cleared (Entries clocks); no push before.
  output logic ready_o,

  input logic           push_valid,  // always taken
  input logic [IdW-1:0] push_id,

  output logic           pop_valid,
  input  logic           pop_ready,
  output logic [IdW-1:0] pop_id,

  output logic idle_o  // nothing waits, nothing is on its way
);

  if (Entries < 2 || Entries != 2 ** IdW) begin : g_check_entries
    $error("chim_pend_set: Entries must be a power of two, 2 or more");
  end


  // ---- clearing after reset
  // ------------------------------------------------------------------------
  logic [IdW:0] clear_q;  // top bit: done
  assign ready_o = clear_q[IdW];

  always_ff @(posedge clk_i) begin
    if (!ready_o) clear_q <= clear_q + 1'b1;
    if (!rst_ni) clear_q <= '0;
  end

  // ---- push
  // ----------------------------------------------------------------------------------------
  logic push_q, set_bit_ram, clr_bit_ram, set_bit, clr_bit, add;
  logic [IdW-1:0] id_q;

  // What was written while the bits were read.
  logic set_hit_q, set_value_q, clr_hit_q, clr_value_q;

  logic pop;
  logic [IdW:0] queue_out;  // number, its first bit
  assign pop = pop_valid && pop_ready;
  assign pop_id = queue_out[IdW:1];

  assign set_bit = set_hit_q ? set_value_q : set_bit_ram;
  assign clr_bit = clr_hit_q ? clr_value_q : clr_bit_ram;
  assign add = push_q && set_bit == clr_bit;

  always_ff @(posedge clk_i) begin
    push_q <= push_valid;
    id_q <= push_id;
    set_hit_q <= add && id_q == push_id;
    set_value_q <= !set_bit;
    clr_hit_q <= pop && pop_id == push_id;
    clr_value_q <= queue_out[0];
    if (!rst_ni) push_q <= 1'b0;
  end

  ram_1r1w #(
    .Width(1),
    .Depth(Entries)
  ) u_set (
    .clk_i,
    .wr_en_i  (add || !ready_o),
    .wr_addr_i(ready_o ? id_q : clear_q[IdW-1:0]),
    .wr_data_i(ready_o && !set_bit),
    .rd_en_i  (push_valid),
    .rd_addr_i(push_id),
    .rd_data_o(set_bit_ram)
  );

  ram_1r1w #(
    .Width(1),
    .Depth(Entries)
  ) u_clear (
    .clk_i,
    .wr_en_i  (pop || !ready_o),
    .wr_addr_i(ready_o ? pop_id : clear_q[IdW-1:0]),
    .wr_data_i(ready_o && queue_out[0]),
    .rd_en_i  (push_valid),
    .rd_addr_i(push_id),
    .rd_data_o(clr_bit_ram)
  );

  // ---- the queue
  // -----------------------------------------------------------------------------------
  logic queue_ready;
  logic [$clog2(Entries+2)-1:0] level;

  fifo_sync #(
    .Depth  (Entries),
    .UseBram(Entries > 64),
    .Width  (IdW + 1)
  ) u_queue (
    .clk_i,
    .rst_ni,
    .in_data  ({id_q, !set_bit}),
    .in_valid (add),
    .in_ready (queue_ready),
    .out_data (queue_out),
    .out_valid(pop_valid),
    .out_ready(pop_ready),
    .level_o  (level)
  );

  assign idle_o = ready_o && !push_q && level == '0;

  `CHIM_ASSUME(asm_push_after_clear, ready_o || !push_valid)
  // Each number is queued at most once, so there is always room.
  `CHIM_ASSERT(ast_room, queue_ready || !add)

endmodule
