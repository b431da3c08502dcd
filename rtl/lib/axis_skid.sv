// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Two-entry AXI4-Stream register slice: full throughput, no combinational path from m_axis_tready
// to s_axis_tready. Hard part: the beat that arrives while the sink stalls is parked, not lost.
module axis_skid #(
  // Width of tdata in bits, a multiple of 8.
  parameter  int unsigned DataW = 64,
  // Width of tuser in bits, 1 or more; bit 0 at tlast marks a bad frame.
  parameter  int unsigned UserW = 1,
  localparam int unsigned KeepW = DataW / 8
) (
  input logic clk_i,
  input logic rst_ni, // synchronous, active low

  input  logic [DataW-1:0] s_axis_tdata,
  input  logic [KeepW-1:0] s_axis_tkeep,
  input  logic             s_axis_tlast,
  input  logic [UserW-1:0] s_axis_tuser,
  input  logic             s_axis_tvalid,
  output logic             s_axis_tready,

  output logic [DataW-1:0] m_axis_tdata,
  output logic [KeepW-1:0] m_axis_tkeep,
  output logic             m_axis_tlast,
  output logic [UserW-1:0] m_axis_tuser,
  output logic             m_axis_tvalid,
  input  logic             m_axis_tready
);

  if (DataW == 0 || DataW % 8 != 0) begin : g_check_data_w
    $error("axis_skid: DataW must be a multiple of 8");
  end
  if (UserW == 0) begin : g_check_user_w
    $error("axis_skid: UserW must be 1 or more");
  end

  typedef struct packed {
    logic [DataW-1:0] data;
    logic [KeepW-1:0] keep;
    logic             last;
    logic [UserW-1:0] user;
  } beat_t;

  beat_t in, out_q, park_q;
  logic out_valid_q, park_valid_q;

  assign in = '{data: s_axis_tdata, keep: s_axis_tkeep, last: s_axis_tlast, user: s_axis_tuser};
  assign s_axis_tready = !park_valid_q;

  assign m_axis_tdata = out_q.data;
  assign m_axis_tkeep = out_q.keep;
  assign m_axis_tlast = out_q.last;
  assign m_axis_tuser = out_q.user;
  assign m_axis_tvalid = out_valid_q;

  logic out_free;
  assign out_free = !out_valid_q || m_axis_tready;

  always_ff @(posedge clk_i) begin
    if (out_free) begin
      // The parked beat is older than the one at the input, which is not ready then.
      out_q        <= park_valid_q ? park_q : in;
      out_valid_q  <= park_valid_q || s_axis_tvalid;
      park_valid_q <= 1'b0;
    end else if (s_axis_tready) begin
      park_q       <= in;
      park_valid_q <= s_axis_tvalid;
    end
    if (!rst_ni) begin
      out_valid_q  <= 1'b0;
      park_valid_q <= 1'b0;
    end
  end

endmodule
