// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Reset on the host's request. Hard part: the memory bus is not reset, so what is under way on it
// must end first; a bus that never answers must not keep the device from being reset.
module chim_reset #(
  parameter int unsigned WaitClocks = 65536,  // longest wait for the bus
  parameter int unsigned HoldClocks = 16      // length of the reset
) (
  input logic clk_i,
  input logic rst_ni,

  input  logic request_i,   // pulse
  input  logic bus_idle_i,
  output logic stop_o,      // begin nothing new on the bus
  output logic restart_o,   // from the request on until the reset is over
  output logic core_rst_no  // for everything but the host's registers and the soft core
);
  localparam int unsigned CountW = $clog2(WaitClocks + 1);
  logic [CountW-1:0] count_q;

  typedef enum logic [1:0] {
    RUN,
    WAIT,  // for the bus
    HOLD   // in reset
  } state_e;
  state_e state_q;

  assign stop_o = state_q != RUN;

  always_ff @(posedge clk_i) begin
    core_rst_no <= state_q != HOLD;
    count_q     <= count_q - 1'b1;
    unique case (state_q)
      RUN: begin
        count_q   <= CountW'(WaitClocks);
        restart_o <= request_i;
        if (request_i) state_q <= WAIT;
      end
      WAIT: begin
        if (bus_idle_i || count_q == '0) begin
          state_q <= HOLD;
          count_q <= CountW'(HoldClocks);
        end
      end
      HOLD: if (count_q == '0) state_q <= RUN;
      default: state_q <= RUN;
    endcase
    if (!rst_ni) begin
      state_q     <= HOLD;
      count_q     <= CountW'(HoldClocks);
      core_rst_no <= 1'b0;
      restart_o   <= 1'b0;
    end
  end
endmodule
