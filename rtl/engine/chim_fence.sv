// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Fence of an upload (D13): when nothing of a connection is left in the receive pipe, the send step
// looks once more, so that the last hand-overs are joined; then a token goes out behind everything
// that was granted. Hard part: the busy bits say what is left where, and firmware reads them at any
// time, also for the ACK that it asks for afterwards.
//
// One fence at a time; a new one makes this module forget the last.
module chim_fence
  import chim_types_pkg::*;
(
  input logic clk_i,
  input logic rst_ni,

  input logic  fence_valid,
  input conn_t fence_conn,

  output conn_t conn_o,      // the connection fenced last
  input  logic  rx_busy_i,   // the receive half still has something of it
  input  logic  evt_busy_i,  // an event of it is on its way
  input  logic  live_idle_i, // no change of LIVE waits

  // Passes.
  output logic pass_valid,
  input  logic pass_ready,
  output logic pass_look,
  input  logic pass_busy_i, // a pass of it is in the pipeline

  input logic out_i,       // a fence token leaves the engine
  input logic tx_done_i,   // it has left the transmit path
  input logic gathered_i,  // it has come out of the gather queue
  input logic placed_i,    // a token has come out of the placement queue

  output logic [2:0] busy_o  // transmit side, placement side, engine
);
  typedef enum logic [2:0] {
    IDLE,
    SETTLE,  // two clocks: the receive half has seen the new connection
    DRAIN,   // wait for the receive half
    LOOK,    // last look of the send step
    TOKEN,   // the token's pass
    OUT      // the token is on its way to the engine's output
  } state_e;

  state_e state_q;
  logic settled_q, tx_wait_q, gather_wait_q, placed_wait_q, busy_q;

  assign pass_valid = state_q == LOOK || state_q == TOKEN;
  assign pass_look  = state_q == LOOK;

  always_ff @(posedge clk_i) begin
    settled_q <= 1'b0;
    unique case (state_q)
      IDLE: ;
      SETTLE: begin
        settled_q <= 1'b1;
        if (settled_q) state_q <= DRAIN;
      end
      DRAIN: if (!rx_busy_i && live_idle_i) state_q <= LOOK;
      LOOK: if (pass_ready) state_q <= TOKEN;
      TOKEN: if (pass_ready) state_q <= OUT;
      OUT: if (out_i) state_q <= IDLE;
      default: state_q <= IDLE;
    endcase
    if (tx_done_i) tx_wait_q <= 1'b0;
    if (gathered_i) gather_wait_q <= 1'b0;
    if (placed_i) placed_wait_q <= 1'b0;
    if (fence_valid) begin
      state_q <= SETTLE;
      settled_q <= 1'b0;
      conn_o <= fence_conn;
      tx_wait_q <= 1'b1;
      gather_wait_q <= 1'b1;
      placed_wait_q <= 1'b1;
    end
    if (!rst_ni) begin
      state_q <= IDLE;
      tx_wait_q <= 1'b0;
      gather_wait_q <= 1'b0;
      placed_wait_q <= 1'b0;
      conn_o <= '0;
    end
    busy_q <= state_q != IDLE || rx_busy_i || evt_busy_i || pass_busy_i || fence_valid;
  end

  assign busy_o = {busy_q, placed_wait_q, tx_wait_q || gather_wait_q};
endmodule
