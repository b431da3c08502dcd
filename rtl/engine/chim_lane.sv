// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// A lane of connections that wait for a pass: a pending set with its first two entries in
// registers, so that the pick neither waits for a block RAM nor drives one. Hard part: what stands
// in the two registers has left the set; a kick that comes meanwhile queues it again, which is one
// pass too many and never one too few.
module chim_lane
  import chim_types_pkg::*;
#(
  parameter int unsigned Conns = 1024  // slots, a power of two
) (
  input logic clk_i,
  input logic rst_ni,

  output logic ready_o,  // cleared after reset; no kick before

  input logic  kick_valid_i,  // always taken
  input conn_t kick_conn_i,

  output logic  lane_valid,
  input  logic  lane_ready,
  output conn_t lane_conn,

  output logic idle_o
);
  localparam int unsigned ConnW = $clog2(Conns);

  logic set_valid, set_idle, park_valid_q;
  logic [ConnW-1:0] set_id, out_q, park_q;

  chim_pend_set #(
    .Entries(Conns)
  ) u_set (
    .clk_i,
    .rst_ni,
    .ready_o,
    .push_valid(kick_valid_i && ready_o),
    .push_id   (kick_conn_i[ConnW-1:0]),
    .pop_valid (set_valid),
    .pop_ready (!park_valid_q),
    .pop_id    (set_id),
    .idle_o    (set_idle)
  );

  always_ff @(posedge clk_i) begin
    if (!lane_valid || lane_ready) begin
      out_q <= park_valid_q ? park_q : set_id;
      lane_valid <= park_valid_q || set_valid;
      park_valid_q <= 1'b0;
    end else if (!park_valid_q) begin
      park_q <= set_id;
      park_valid_q <= set_valid;
    end
    if (!rst_ni) begin
      lane_valid   <= 1'b0;
      park_valid_q <= 1'b0;
    end
  end

  assign lane_conn = conn_t'(out_q);
  assign idle_o = set_idle && !lane_valid;

  logic unused_conn;
  assign unused_conn = &{1'b0, kick_conn_i};
endmodule
