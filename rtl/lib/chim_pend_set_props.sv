// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// What chim_pend_set promises: a pushed number comes out, and once for all pushes before its pop.
// Hard part: "never lost" is a promise about the future; it is put as a bound on the clocks in
// which the user is ready. The invariants look into both bit arrays and the queue (its form in LUT
// RAM).
module chim_pend_set_props #(
  parameter int unsigned Entries = 4,
  localparam int unsigned IdW = $clog2(Entries)
) (
  input logic           clk_i,
  input logic           rst_ni,
  input logic           ready_o,
  input logic           push_valid,
  input logic [IdW-1:0] push_id,
  input logic           pop_valid,
  input logic           pop_ready,
  input logic [IdW-1:0] pop_id,
  input logic           idle_o,
  input logic           add,
  input logic           queue_ready,
  input logic           push_q,
  input logic [IdW-1:0] id_q,
  input logic           set_bit,
  input logic           clr_bit,
  input logic [  IdW:0] clear_q,
  input logic           set_mem    [Entries],
  input logic           clr_mem    [Entries],
  input logic [  IdW:0] queue_mem  [Entries],
  input logic [  IdW:0] wr_ptr,
  input logic [  IdW:0] rd_ptr
);
  logic past_valid_q = 1'b0;
  always_ff @(posedge clk_i) past_valid_q <= 1'b1;

  // Environment
  always_ff @(posedge clk_i) begin
    if (!past_valid_q) begin
      asm_reset_first : assume (!rst_ni);
    end
  end

  // One number, chosen by the solver: a register that starts anywhere and stays.
  logic [IdW-1:0] watched;
  always_ff @(posedge clk_i) watched <= watched;

  logic push_watched, pop_watched, coming;
  assign push_watched = push_valid && push_id == watched;
  assign pop_watched  = pop_valid && pop_ready && pop_id == watched;
  assign coming       = push_q && id_q == watched;

  // A push of this very clock counts for a later pop.
  logic owed_q;
  logic [IdW+1:0] waited_q;  // clocks it was owed while the user was ready
  always_ff @(posedge clk_i) begin
    if (push_watched) owed_q <= 1'b1;
    else if (pop_watched) owed_q <= 1'b0;
    if (!owed_q || pop_watched) waited_q <= '0;
    else if (pop_ready) waited_q <= waited_q + 1'b1;
    if (!rst_ni) begin
      owed_q   <= 1'b0;
      waited_q <= '0;
    end
  end

  // The queue: is each entry the only one of its number, does it carry the right bit, and where is
  // the watched number?
  logic [IdW:0] level;
  logic distinct, carried, queued;
  logic [IdW+1:0] place;
  assign level  = wr_ptr - rd_ptr;
  assign queued = set_mem[watched] != clr_mem[watched];

  always_comb begin
    distinct = 1'b1;
    carried  = 1'b1;
    place    = '0;
    for (int unsigned i = 0; i < Entries; i++) begin
      logic [IdW:0] entry;
      entry = queue_mem[IdW'(rd_ptr+(IdW+1)'(i))];
      if ((IdW + 1)'(i) < level) begin
        if (entry[0] != set_mem[entry[IdW:1]] || entry[0] == clr_mem[entry[IdW:1]]) carried = 1'b0;
        if (entry[IdW:1] == watched) place = (IdW + 2)'(i);
        for (int unsigned k = 0; k < i; k++) begin
          if (queue_mem[IdW'(rd_ptr+(IdW+1)'(k))][IdW:1] == entry[IdW:1]) distinct = 1'b0;
        end
      end
    end
  end

  // As many entries as numbers whose bits differ: with the above, exactly those are queued.
  logic [IdW:0] differ;
  logic cleared;  // while clearing: what is behind the counter
  always_comb begin
    differ  = '0;
    cleared = 1'b1;
    for (int unsigned i = 0; i < Entries; i++) begin
      differ += (IdW + 1)'(set_mem[i] != clr_mem[i]);
      if ((IdW + 1)'(i) < clear_q && (set_mem[i] || clr_mem[i])) cleared = 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (past_valid_q && rst_ni) begin
      // Promises
      ast_not_twice : assert (!pop_watched || owed_q);
      ast_not_lost : assert (waited_q <= (IdW + 2)'(Entries));
      ast_not_idle : assert (!idle_o || !owed_q);
      ast_room : assert (queue_ready || !add);

      // Invariants
      if (ready_o) begin
        ast_queue : assert (level <= (IdW + 1)'(Entries) && distinct && carried && level == differ);
        ast_owed : assert (owed_q == (queued || coming));
        if (push_q) begin
          ast_view : assert (set_bit == set_mem[id_q] && clr_bit == clr_mem[id_q]);
        end
        if (queued) begin
          ast_wait : assert (waited_q + place <= (IdW + 2)'(Entries));
        end else begin
          ast_no_wait : assert (waited_q == '0);
        end
      end else begin
        ast_clearing : assert (!push_q && level == '0 && !owed_q && waited_q == '0);
        ast_cleared : assert (cleared);
      end
      ast_clear : assert (clear_q <= (IdW + 1)'(Entries));

      // Covers
      cov_full : cover (level == (IdW + 1)'(Entries));
      cov_push_at_pop : cover (push_watched && pop_watched);
      cov_push_before_pop : cover (pop_watched && $past(push_watched && owed_q));
      cov_emptied : cover (idle_o && $past(pop_watched, 3));
    end
  end
endmodule

bind chim_pend_set chim_pend_set_props #(
  .Entries(Entries)
) u_props (
  .*,
  .set_mem  (u_set.mem_q),
  .clr_mem  (u_clear.mem_q),
  .queue_mem(u_queue.mem_q),
  .wr_ptr   (u_queue.wr_ptr_q),
  .rd_ptr   (u_queue.rd_ptr_q)
);
