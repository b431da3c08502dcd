// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Send step: how many segments the windows, the data and the rules against small segments allow
// (RFC 9293 3.8.6.2.1, RFC 5681 4.1, RFC 3042). Hard part: floor(usable / Mss) without a divider:
// usable is compared with Mss, 2 Mss, ... 16 Mss at once.
//
// Suffix _s<n>: stage n of the step, counted from 1. Outputs are those of an ordinary grant; the
// step's top replaces them by a probe or by the retransmission of the first segment.
module chim_tx_grant
  import chim_types_pkg::*;
  import chim_engine_pkg::*;
(
  input logic clk_i,

  // Stage 4, from registers.
  input seq_t        ahead_s4,       // DataEnd - SndNxt, signed
  input seq_t        out_s4,         // SndNxt - SndUna
  input logic [31:0] wnd_s4,         // SndWnd
  input logic        data_first_s4,  // DataEnd - SndUna <= SndWnd, signed
  input seq_t        gap_s4,         // SndMax - SndNxt
  input mss_t        mss_s4,
  input logic [14:0] limited_s4,     // RFC 3042: up to 2 Mss, 0 in recovery
  input logic [21:0] restart_s4,     // restart_segs * Mss
  input logic [31:0] max_wnd_s4,     // MaxSndWnd
  input logic        nagle_free_s4,  // not Nagle, or a FIN is asked for
  input logic        override_s4,    // any tail goes
  input logic        fin_ok_s4,      // a FIN may follow DataEnd
  input logic        fin_sent_s4,
  input logic        go_s4,          // an ordinary grant is due at all
  input logic        no_flight_s4,   // SndMax == SndUna

  input logic [31:0] cwnd_s5,
  input logic        pause_s6, // now - LastSend > rto

  output logic         [31:0] cwnd_s7,        // after the idle restart
  output logic                data_waits_s9,  // DataEnd > SndNxt before the grant
  output nseg_t               n_s9,
  output mss_t                last_len_s9,
  output grant_bytes_t        moved_s9,       // payload bytes
  output logic                bytes_s9,       // some payload
  output logic                fin_s9,
  output logic                psh_s9,
  output nseg_t               below_s9,       // so many segments, if granted, start below SndMax
  output logic                more_s9,        // BURST_MAX full segments
  output logic                fresh_s9,       // SndNxt was SndMax
  output logic                beyond_s9       // the grant reaches beyond SndMax
);
  localparam int unsigned Max = chim_contract_pkg::BURST_MAX;

  typedef logic [33:0] wide_t;  // signed: any difference of window sizes and sequence numbers

  function automatic wide_t extend(logic [31:0] a);  // signed
    return {{2{a[31]}}, a};
  endfunction

  // As an unsigned number of GRANT_W bits; what is larger counts as "more than Max segments".
  function automatic grant_bytes_t saturate(wide_t a);
    if (a[33]) return '0;
    return a[32:GRANT_W] != '0 ? '1 : a[GRANT_W-1:0];
  endfunction

  // ---- stage 4: what data and the peer's window leave
  // ----------------------------------------------
  wide_t cut_s4;
  assign cut_s4 = {2'd0, wnd_s4} - {2'd0, out_s4};

  typedef struct packed {
    logic go;
    logic nagle_free;
    logic none_out;   // SndNxt == SndUna
    logic any_tail;
    logic fin_ok;
    logic fin_new;    // FIN not sent yet, or to be sent again
    logic at_end;     // SndNxt == DataEnd
    logic data_waits;
    logic fresh;
    grant_bytes_t gap;
    logic half_never; // no tail reaches half of the largest window
    logic [15:0] half;
  } side_t;

  side_t side_q5, side_q6, side_q7, side_q8;
  wide_t data_q5, open_q5;
  logic data_is_min_q5, idle_q5;
  logic [21:0] restart_q5;
  mss_t mss_q5, mss_q6, mss_q7, mss_q8;

  always_ff @(posedge clk_i) begin
    data_q5 <= data_first_s4 ? extend(ahead_s4) : cut_s4;
    data_is_min_q5 <= data_first_s4;
    // RFC 3042: for new data only, never for what is sent again after a time-out.
    open_q5 <= {19'd0, gap_s4 == '0 ? limited_s4 : 15'd0} - {2'd0, out_s4};
    restart_q5 <= restart_s4;
    mss_q5 <= mss_s4;
    idle_q5 <= go_s4 && no_flight_s4 && !ahead_s4[31] && ahead_s4 != '0;
    side_q5.go <= go_s4;
    side_q5.nagle_free <= nagle_free_s4 || gap_s4 != '0;
    side_q5.none_out <= out_s4 == '0;
    side_q5.any_tail <= override_s4;
    side_q5.fin_ok <= fin_ok_s4;
    side_q5.fin_new <= !fin_sent_s4 || gap_s4 != '0;
    side_q5.at_end <= ahead_s4 == '0;
    side_q5.data_waits <= !ahead_s4[31] && ahead_s4 != '0;
    side_q5.fresh <= gap_s4 == '0;
    side_q5.gap <= gap_s4[31:GRANT_W] != '0 ? '1 : gap_s4[GRANT_W-1:0];
    side_q5.half_never <= max_wnd_s4[31:17] != '0;
    side_q5.half <= max_wnd_s4[31:1] == '0 ? 16'd1 : max_wnd_s4[16:1];
  end

  // ---- stage 5: with the congestion window; once as it is, once restarted after idle
  // ---------------
  wide_t room_s5, restart_room_s5;
  logic room_less_s5, restart_less_data_s5, restart_less_room_s5;
  assign room_s5 = {2'd0, cwnd_s5} + open_q5;
  assign restart_room_s5 = {12'd0, restart_q5} + open_q5;
  assign room_less_s5 = $signed(room_s5) < $signed(data_q5);
  assign restart_less_data_s5 = $signed(restart_room_s5) < $signed(data_q5);
  assign restart_less_room_s5 = {10'd0, restart_q5} < cwnd_s5;

  // Cut to width before the choice: which one is chosen is known last.
  grant_bytes_t room_sat_s5, restart_sat_s5, data_sat_s5;
  assign room_sat_s5    = saturate(room_s5);
  assign restart_sat_s5 = saturate(restart_room_s5);
  assign data_sat_s5    = saturate(data_q5);

  grant_bytes_t usable_q6, usable_idle_q6;
  logic reach_q6, reach_idle_q6, idle_q6, shrink_q6;
  logic [31:0] cwnd_q6;
  logic [21:0] restart_q6;

  always_ff @(posedge clk_i) begin
    usable_q6 <= room_less_s5 ? room_sat_s5 : data_sat_s5;
    reach_q6  <= !room_less_s5 && data_is_min_q5 && side_q5.data_waits;
    if (restart_less_room_s5) begin
      usable_idle_q6 <= restart_less_data_s5 ? restart_sat_s5 : data_sat_s5;
      reach_idle_q6  <= !restart_less_data_s5 && data_is_min_q5 && side_q5.data_waits;
    end else begin
      usable_idle_q6 <= room_less_s5 ? room_sat_s5 : data_sat_s5;
      reach_idle_q6  <= !room_less_s5 && data_is_min_q5 && side_q5.data_waits;
    end
    idle_q6 <= idle_q5;
    shrink_q6 <= idle_q5 && restart_less_room_s5;
    cwnd_q6 <= cwnd_s5;
    restart_q6 <= restart_q5;
    mss_q6 <= mss_q5;
    side_q6 <= side_q5;
  end

  // Multiples of Mss, in the stage before they are needed: each is at most two additions.
  function automatic grant_bytes_t multiple(mss_t mss, int unsigned k);
    grant_bytes_t m, odd;
    m = GRANT_W'(mss);
    case (k)
      3, 6, 12: odd = (m << 1) + m;
      5, 10:    odd = (m << 2) + m;
      7, 14:    odd = (m << 3) - m;
      9:        odd = (m << 3) + m;
      11:       odd = (m << 3) + ((m << 1) + m);
      13:       odd = (m << 4) - ((m << 1) + m);
      15:       odd = (m << 4) - m;
      default:  odd = m;
    endcase
    for (int unsigned i = k; i % 2 == 0; i = i / 2) odd = odd << 1;
    return odd;
  endfunction

  grant_bytes_t mult_q6[1:Max];
  always_ff @(posedge clk_i) begin
    for (int unsigned k = 1; k <= Max; k++) mult_q6[k] <= multiple(mss_q5, k);
  end

  // ---- stage 6: whole segments
  // ---------------------------------------------------------------------
  logic idle_s6;
  grant_bytes_t usable_s6, whole_s6;
  logic [  Max:1] fits_s6;
  logic [Max-1:0] gap_over_s6;  // segment k (from 0) of this grant starts below SndMax
  assign idle_s6   = idle_q6 && pause_s6;
  assign usable_s6 = idle_s6 ? usable_idle_q6 : usable_q6;

  always_comb begin
    whole_s6 = '0;
    for (int unsigned k = 1; k <= Max; k++) begin
      fits_s6[k] = usable_s6 >= mult_q6[k];
    end
    for (int unsigned k = 1; k <= Max; k++) begin
      // One-hot: the largest multiple that fits.
      if (fits_s6[k] && (k == Max || !fits_s6[k==Max?k : k+1])) whole_s6 |= mult_q6[k];
    end
    gap_over_s6[0] = side_q6.gap != '0;
    for (int unsigned k = 1; k < Max; k++) gap_over_s6[k] = side_q6.gap > mult_q6[k];
  end

  grant_bytes_t usable_q7, whole_q7;
  logic [Max:1] fits_q7;
  logic [Max-1:0] gap_over_q7;
  logic reach_q7;

  always_ff @(posedge clk_i) begin
    usable_q7 <= usable_s6;
    reach_q7 <= idle_s6 ? reach_idle_q6 : reach_q6;
    fits_q7 <= fits_s6;
    gap_over_q7 <= gap_over_s6;
    whole_q7 <= whole_s6;
    cwnd_s7 <= (shrink_q6 && pause_s6) ? {10'd0, restart_q6} : cwnd_q6;
    mss_q7 <= mss_q6;
    side_q7 <= side_q6;
  end

  // ---- stage 7: does the tail go?
  // ------------------------------------------------------------------
  function automatic nseg_t count(logic [Max-1:0] a);  // of a thermometer code
    nseg_t n;
    n = '0;
    for (int unsigned k = 0; k < Max; k++) begin
      if (a[k] && (k == Max - 1 || !a[k==Max-1?k : k+1])) n |= NSEG_W'(k + 1);
    end
    return n;
  endfunction

  grant_bytes_t rest_s7;  // below Mss unless all BURST_MAX fit
  logic use_tail_s7;

  always_comb begin
    rest_s7 = usable_q7 - whole_q7;
    use_tail_s7 = side_q7.any_tail;
    if (reach_q7) begin
      if (side_q7.nagle_free || (side_q7.none_out && !fits_q7[1])) use_tail_s7 = 1'b1;
    end else if (!side_q7.half_never && rest_s7[15:0] >= side_q7.half) begin
      use_tail_s7 = 1'b1;
    end
    if (fits_q7[Max] || usable_q7 == whole_q7) use_tail_s7 = 1'b0;
  end

  grant_bytes_t usable_q8, whole_q8;
  mss_t rest_q8;
  logic use_tail_q8, even_q8, reach_q8, full_any_q8, full_max_q8;
  nseg_t full_q8, below_q8;

  always_ff @(posedge clk_i) begin
    usable_q8 <= usable_q7;
    whole_q8 <= whole_q7;
    rest_q8 <= rest_s7[MSS_W-1:0];
    use_tail_q8 <= use_tail_s7;
    even_q8 <= usable_q7 == whole_q7;
    reach_q8 <= reach_q7;
    full_any_q8 <= fits_q7[1];
    full_max_q8 <= fits_q7[Max];
    full_q8 <= count(fits_q7);
    below_q8 <= count(gap_over_q7);
    mss_q8 <= mss_q7;
    side_q8 <= side_q7;
  end

  // ---- stage 8: FIN and PSH
  // ------------------------------------------------------------------------
  logic end_s8, some_s8, fin_s8;
  nseg_t n_s8;
  grant_bytes_t moved_s8;

  always_comb begin
    some_s8 = full_any_q8 || use_tail_q8;
    // Behind the grant lies DataEnd.
    end_s8 = side_q8.at_end || (reach_q8 && (even_q8 || use_tail_q8));
    fin_s8 = side_q8.go && side_q8.fin_ok && end_s8 && (some_s8 || side_q8.fin_new);
    n_s8 = full_q8 + NSEG_W'(use_tail_q8);
    if (!some_s8) n_s8 = NSEG_W'(fin_s8);
    if (!side_q8.go) n_s8 = '0;
    moved_s8 = use_tail_q8 ? usable_q8 : whole_q8;
    if (!side_q8.go) moved_s8 = '0;
  end

  always_ff @(posedge clk_i) begin
    data_waits_s9 <= side_q8.data_waits;
    n_s9 <= n_s8;
    last_len_s9 <= use_tail_q8 ? rest_q8 : full_any_q8 ? mss_q8 : '0;
    moved_s9 <= moved_s8;
    bytes_s9 <= side_q8.go && some_s8;
    fin_s9 <= fin_s8;
    psh_s9 <= side_q8.go && some_s8 && end_s8;
    below_s9 <= below_q8;
    more_s9 <= side_q8.go && full_max_q8;
    fresh_s9 <= side_q8.fresh;
    // Beyond SndMax: bytes > gap, or bytes = gap and a FIN.
    beyond_s9 <= side_q8.go && (fin_s8 ? moved_s8 >= side_q8.gap : moved_s8 > side_q8.gap);
  end

endmodule
