// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Lookup key of a received frame, collected while its headers pass, offered in the clock after the
// ports. Hard part: it has one register only; a frame whose key comes while the one before still
// waits has none and is given up, never mixed up with it.
module chim_rx_key
  import chim_net_pkg::*;
#(
  parameter int unsigned Lanes = 2,    // 32-bit words of a beat
  parameter bit          Waits = 1'b1  // 0: a key is taken in the clock in which it is offered
) (
  input logic clk_i,
  input logic rst_ni,

  input logic                          valid_i,
  input logic                          first_i,      // beat of the frame
  input logic        [Lanes-1:0]       have_i,       // word is complete
  input logic        [Lanes-1:0][31:0] word_i,       // first byte in bits 31:24
  // Number of word 0, counted from the first word of the IP header, and from the ports.
  input logic signed [      7:0]       rel3_i,
  input logic signed [      7:0]       rel_ports_i,
  input logic                          wanted_i,     // an IP packet for us, as far as is known
  input logic                          tcp_i,        // the ports are TCP's
  input logic                          ipv6_i,

  output logic     key_valid,
  input  logic     key_ready,
  output lkp_key_t key,

  output logic keyed_o,  // with the frame's last beat: it has a key
  output logic lost_o    // with the frame's last beat: it would have one
);
  typedef logic signed [7:0] rel_t;

  logic [3:0][31:0] remote_q, local_q;
  logic [31:0] ports_q;
  logic ipv6_q, now, needed, blocked, keyed_q, lost_q;
  assign blocked = Waits && key_valid && !key_ready;

  always_comb begin
    now    = 1'b0;
    needed = 1'b0;  // this beat holds a word of the key
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (have_i[l] && wanted_i) begin
        if (rel_ports_i == -rel_t'(l) && tcp_i) now = 1'b1;
        // IPv4's addresses pass before its header's length has reached rel_ports_i.
        if (rel3_i + rel_t'(l) >= 8'sd2
            && (rel3_i + rel_t'(l) <= 8'sd4 || rel_ports_i + rel_t'(l) <= 8'sd0)) begin
          needed = 1'b1;
        end
      end
    end
    if (!valid_i || (!first_i && (keyed_q || lost_q))) now = 1'b0;
  end
  assign lost_o  = (!first_i && lost_q) || (valid_i && needed && blocked && (first_i || !keyed_q));
  assign keyed_o = (!first_i && keyed_q) || (now && !lost_o);

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      keyed_q <= keyed_o;
      lost_q  <= lost_o;
    end
    if (valid_i && !blocked) begin
      ipv6_q <= ipv6_i;
      for (int unsigned l = 0; l < Lanes; l++) begin
        for (int unsigned k = 0; k < 4; k++) begin
          if (ipv6_i && rel3_i == rel_t'(k + 2) - rel_t'(l)) remote_q[k] <= word_i[l];
          if (ipv6_i && rel3_i == rel_t'(k + 6) - rel_t'(l)) local_q[k] <= word_i[l];
        end
        if (!ipv6_i && rel3_i == 8'sd3 - rel_t'(l)) remote_q <= {96'd0, word_i[l]};
        if (!ipv6_i && rel3_i == 8'sd4 - rel_t'(l)) local_q <= {96'd0, word_i[l]};
        if (rel_ports_i == -rel_t'(l)) ports_q <= word_i[l];
      end
    end
    if (now && !lost_o) key_valid <= 1'b1;
    else if (!Waits || key_ready) key_valid <= 1'b0;
    if (!rst_ni) key_valid <= 1'b0;
  end

  function automatic logic [31:0] wire_order(logic [31:0] word);
    return {word[7:0], word[15:8], word[23:16], word[31:24]};
  endfunction
  always_comb begin
    key.ipv6        = ipv6_q;
    key.remote_port = ports_q[31:16];
    key.local_port  = ports_q[15:0];
    for (int unsigned k = 0; k < 4; k++) begin
      key.remote_addr[32*k+:32] = wire_order(remote_q[k]);
      key.local_addr[32*k+:32]  = wire_order(local_q[k]);
    end
  end

endmodule
