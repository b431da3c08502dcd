// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Arithmetic of late binding (steps.md section 2): the window that a header offers, and whether a
// window update is due. Two clocks, one per clock, no state. Hard part: everything
// that needs a carry is done side by side, and the choice comes last, before the one shift.
module chim_bind
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_rx_pkg::*;
(
  input logic clk_i,

  // First clock.
  input seq_t      ack_i,         // RcvPlaced
  input seq_t      rcv_return_i,
  input seq_t      adv_edge_i,
  input cfg_bind_t cfg_i,

  // Second clock.
  output wnd_field_t  field_o,
  output logic [ 3:0] scale_o,
  output logic        window_due_o
);

  typedef struct packed {
    logic [3:0]  scale;
    logic [31:0] unit_mask;      // 2^scale - 1
    logic [31:0] ring;           // 2^RcvRingLog2
    logic [31:0] ring_less_mask;
    logic [31:0] back;           // RcvReturn - ack
    logic [31:0] wnd_old;        // AdvEdge - ack
    logic [31:0] lag;            // RcvReturn - AdvEdge
    logic [31:0] buf_less_step;  // RcvBuf - min(Mss, RcvBuf / 2)
    logic [31:0] buf_less_unit;  // RcvBuf - 2^scale
    logic [31:0] buf_up;         // RcvBuf + 2^scale - 1
    logic [31:0] wnd_low;        // below it an update is worth an ACK
  } sums_t;

  sums_t a_d, a_q;
  logic [31:0] half, unit, unit_mask, half_units;
  assign half       = cfg_i.RcvBuf >> 1;
  assign unit       = 32'd1 << cfg_i.RcvWindScale;
  assign unit_mask  = ~(32'hFFFF_FFFF << cfg_i.RcvWindScale);
  assign half_units = 32'h8000 << cfg_i.RcvWindScale;

  always_comb begin
    a_d.scale         = cfg_i.RcvWindScale;
    a_d.unit_mask     = unit_mask;
    a_d.ring          = 32'd1 << cfg_i.RcvRingLog2;
    a_d.ring_less_mask = (32'd1 << cfg_i.RcvRingLog2) - unit_mask;
    a_d.back          = rcv_return_i - ack_i;
    a_d.wnd_old       = adv_edge_i - ack_i;
    a_d.lag           = rcv_return_i - adv_edge_i;
    a_d.buf_less_step = 32'(cfg_i.Mss) < half ? cfg_i.RcvBuf - 32'(cfg_i.Mss) :
                        cfg_i.RcvBuf - half;
    a_d.buf_less_unit = cfg_i.RcvBuf - unit;
    a_d.buf_up        = cfg_i.RcvBuf + unit_mask;
    a_d.wnd_low       = half < half_units ? half : half_units;
  end

  always_ff @(posedge clk_i) a_q <= a_d;

  // The window in bytes, before scaling down: the smaller of what is wanted, rounded up, and of the
  // ring's free room. Which is smaller does not depend on the acknowledgment, so it is known as
  // soon as the sums are.
  logic [31:0] step_over, unit_over, low_over, room_over;
  logic [31:0] bytes_new, bytes_old, bytes_room, bytes, units;
  logic new_fits, old_fits;
  assign step_over    = a_q.lag + a_q.buf_less_step;
  assign unit_over    = a_q.lag + a_q.buf_less_unit;
  assign low_over     = a_q.wnd_old - a_q.wnd_low;
  assign room_over    = a_q.lag + a_q.ring_less_mask;
  assign bytes_new    = a_q.back + a_q.buf_up;
  assign bytes_old    = a_q.wnd_old + a_q.unit_mask;
  assign bytes_room   = a_q.back + a_q.ring;
  assign new_fits     = a_q.buf_up < a_q.ring;
  assign old_fits     = !room_over[31];
  always_comb begin
    bytes = step_over[31] ? bytes_old : bytes_new;
    if (!(step_over[31] ? old_fits : new_fits)) bytes = bytes_room;
  end
  assign units        = bytes >> a_q.scale;
  assign field_o      = '{none: bytes[31], most: units[31:16] != '0, units: units[15:0]};
  assign scale_o      = a_q.scale;
  assign window_due_o = !step_over[31] && !unit_over[31] && low_over[31];

  logic unused_bits;
  assign unused_bits = &{1'b0, cfg_i.TsDelta, cfg_i.TsEnabled, cfg_i.Rsvd, step_over[30:0],
                         unit_over[30:0], low_over[30:0], room_over[30:0]};
endmodule
