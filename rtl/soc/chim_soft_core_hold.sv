// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// One bus of a soft core that runs at a fraction of the clock. Hard part: a request is served once
// although the core holds it for many clocks, and the answer changes only at the falling edge of
// the core's clock, half a period away from the edge at which the core looks.
module chim_soft_core_hold (
  input logic clk_i,
  input logic rst_ni,
  input logic fall_i,  // the core's clock falls at the end of this clock

  input  logic        core_valid_i,
  output logic        core_ack_o,
  output logic        core_err_o,
  output logic [31:0] core_data_o,

  output logic        bus_valid_o,
  input  logic        bus_ack_i,
  input  logic        bus_err_i,
  input  logic [31:0] bus_data_i
);
  typedef enum logic [1:0] {
    ASK,   // the request is on the bus
    SHOW,  // answered; waits for the falling edge
    SHOWN  // the core takes it at its rising edge; until the next falling edge all rests
  } state_e;
  state_e state_q;

  logic err_q;
  logic [31:0] data_q;

  assign bus_valid_o = state_q == ASK && core_valid_i;

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      ASK: begin
        if (core_valid_i && bus_ack_i) begin
          err_q   <= bus_err_i;
          data_q  <= bus_data_i;
          state_q <= SHOW;
        end
      end
      SHOW: begin
        if (fall_i) begin
          core_ack_o  <= 1'b1;
          core_err_o  <= err_q;
          core_data_o <= data_q;
          state_q     <= SHOWN;
        end
      end
      SHOWN: begin
        if (fall_i) begin
          core_ack_o <= 1'b0;
          state_q    <= ASK;
        end
      end
      default: state_q <= ASK;
    endcase
    if (!rst_ni) begin
      state_q    <= ASK;
      core_ack_o <= 1'b0;
    end
  end

endmodule
