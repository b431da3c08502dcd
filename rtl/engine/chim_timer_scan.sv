// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Finds due timers of the send half: visits slot after slot, one a clock, up to high_water, and
// kicks those whose deadline has come. Time may jump (D5): a slot is due when deadline <= now,
// whenever the visit is. Hard part: none; a slot that stays due is kicked on each visit, and the
// lane joins that.
module chim_timer_scan
  import chim_types_pkg::*;
#(
  parameter int unsigned Conns = 1024  // slots, a power of two
) (
  input logic clk_i,
  input logic rst_ni,

  input logic [31:0] time_ms_i,
  input logic [16:0] high_water_i, // slots from here on are not visited

  // The timer's copy: data one clock after the read, kept until the next.
  output logic         scan_re_o,
  output conn_t        scan_conn_o,
  input  logic         scan_armed_i,
  input  logic  [31:0] scan_deadline_i,

  output logic  kick_valid,
  input  logic  kick_ready,
  output conn_t kick_conn
);
  localparam int unsigned ConnW = $clog2(Conns);

  logic [ConnW-1:0] next_q;
  logic read_q, due_q;
  conn_t read_conn_q, due_conn_q;

  // A due slot that the lane does not take at once stops the scan.
  assign scan_re_o   = (!due_q || kick_ready) && high_water_i != '0;
  assign scan_conn_o = conn_t'(next_q);
  assign kick_valid  = due_q;
  assign kick_conn   = due_conn_q;

  always_ff @(posedge clk_i) begin
    if (!due_q || kick_ready) begin
      read_q <= scan_re_o;
      read_conn_q <= scan_conn_o;
      due_q <= read_q && scan_armed_i && !chim_pkg::seq_lt(time_ms_i, scan_deadline_i);
      due_conn_q <= read_conn_q;
    end
    if (scan_re_o) begin
      next_q <= 17'(next_q) + 17'd1 >= high_water_i ? '0 : next_q + 1'b1;
    end
    if (!rst_ni) begin
      next_q <= '0;
      read_q <= 1'b0;
      due_q  <= 1'b0;
    end
  end
endmodule
