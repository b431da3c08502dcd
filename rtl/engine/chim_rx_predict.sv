// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Is this segment predicted (steps.md section 1, Prediction)? Combinational, with one bit per
// clause, so that the pipeline can put a register between the compares and their AND. Hard part:
// predicted must be so narrow that chim_rx_fast gives exactly what chim_rx_step gives, for any
// state at all; chim_rx_equiv_props.sv proves it.
//
// Narrower than the clause needs: an acknowledgment below SndUna, an open out-of-order gap, and
// windows of 2^30 and more go to the step.
module chim_rx_predict
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_rx_pkg::*;
(
  input seg_t           seg_i,
  input seq_t           send_i,   // seg_i.seq + seg_i.len
  input rx_pred_state_t state_i,
  input cfg_rx_t        cfg_i,
  input rx_reads_t      reads_i,

  output logic           [RX_PRED_BITS-1:0] ok_o,   // predicted if all are set
  output rx_pred_state_t                    next_o  // what follows if it is predicted
);
  import chim_pkg::seq_lt;
  import chim_pkg::seq_leq;

  // Differences, all to be looked at in their upper bits only.
  logic [31:0] room_behind, room, acked, unacked;
  assign room_behind = reads_i.AdvEdge - send_i;
  assign room        = reads_i.AdvEdge - seg_i.seq;
  assign acked       = seg_i.ack - reads_i.SndUna;
  assign unacked     = reads_i.SndMax - seg_i.ack;

  always_comb begin
    ok_o = '1;
    ok_o[0] = seg_i.flags.ack && !seg_i.flags.cwr && !seg_i.flags.ece && !seg_i.flags.urg &&
        !seg_i.flags.rst && !seg_i.flags.syn && !seg_i.flags.fin;
    ok_o[1] = !state_i.Frozen && !state_i.OooSeen && !cfg_i.Freeze && state_i.small_max &&
        !(seg_i.len != '0 && state_i.RcvFin) && cfg_i.SndWindScale != 4'd15;
    ok_o[2] = seg_i.seq == state_i.RcvNxt;
    // Both signs: the window must not be so large that its size looks negative.
    ok_o[3] = !room_behind[31] && !room[31];
    ok_o[4] = !cfg_i.TsEnabled || (seg_i.has_ts && !seq_lt(seg_i.ts_val, state_i.TsRecent));
    ok_o[5] = acked[31:30] == '0 && !unacked[31];
  end

  always_comb begin
    next_o        = state_i;
    next_o.RcvNxt = send_i;
    if (cfg_i.TsEnabled && seq_leq(seg_i.seq, reads_i.LastAckSent)) begin
      next_o.TsRecent = seg_i.ts_val;
    end
  end

  logic unused_bits;
  assign unused_bits = &{1'b0, seg_i.conn, seg_i.wnd, seg_i.flags.psh, seg_i.ts_ecr, cfg_i.Rsvd,
                         reads_i.FinAcked, room_behind[30:0], room[30:0], acked[29:0],
                         unacked[30:0]};
endmodule
