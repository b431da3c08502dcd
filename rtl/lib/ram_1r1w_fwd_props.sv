// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// What ram_1r1w_fwd promises: a read gives what was written last, up to and including the clock of
// the read. Hard part: none; one address, chosen by the solver, is followed.
module ram_1r1w_fwd_props #(
  parameter  int unsigned Width = 32,
  parameter  int unsigned Depth = 512,
  localparam int unsigned AddrW = $clog2(Depth)
) (
  input logic             clk_i,
  input logic             wr_en_i,
  input logic [AddrW-1:0] wr_addr_i,
  input logic [Width-1:0] wr_data_i,
  input logic             rd_en_i,
  input logic [AddrW-1:0] rd_addr_i,
  input logic [Width-1:0] rd_data_o,
  input logic [Width-1:0] mem_q    [Depth],
  input logic             take_kept
);

  // The address followed: free at the start, then fixed.
  logic [AddrW-1:0] watch_q;
  always_ff @(posedge clk_i) watch_q <= watch_q;
  logic known_q = 1'b0;  // it was written
  logic read_q = 1'b0;  // rd_data_o is what was read there
  logic [Width-1:0] newest_q, want_q;
  logic newest_wr;
  assign newest_wr = wr_en_i && wr_addr_i == watch_q;

  always_ff @(posedge clk_i) begin
    if (newest_wr) begin
      known_q  <= 1'b1;
      newest_q <= wr_data_i;
    end
    if (rd_en_i) begin
      read_q <= rd_addr_i == watch_q && (known_q || newest_wr);
      want_q <= newest_wr ? wr_data_i : newest_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (read_q) begin
      ast_newest : assert (rd_data_o == want_q);
    end
    if (known_q) begin
      ast_kept : assert (mem_q[watch_q] == newest_q);
    end
    cov_forwarded : cover (read_q && take_kept);
    cov_memory : cover (read_q && !take_kept && known_q);
  end

endmodule

bind ram_1r1w_fwd ram_1r1w_fwd_props #(
  .Width(Width),
  .Depth(Depth)
) u_props (
  .*,
  .mem_q(u_ram.mem_q)
);
