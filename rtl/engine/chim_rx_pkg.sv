// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// What the receive half shows to the rest of the engine: the copies of its state that the send step
// and the event unit read. Hard part: none; every field is absolute, so reading one late is harmless.
package chim_rx_pkg;
  import chim_types_pkg::*;

  // Fields of tcb_rx that the send step joins, by rxv_conn_i.
  typedef struct packed {
    seq_t        ack_newest;
    logic [31:0] wnd;
    logic [31:0] max_snd_wnd;
    logic [31:0] ts_ecr;
    logic [7:0]  dup_ack_count;
    logic [7:0]  ack_cnt;
    logic [7:0]  accept_cnt;
    logic        ts_ecr_valid;
    logic        rcv_fin;
    logic        frozen;
    logic        aborted;
  } rx_view_t;

  // What the event unit shows to the host, one connection, one moment.
  typedef struct packed {
    conn_t conn;
    seq_t  rcv_placed;
    logic  rcv_fin;    // the peer's FIN lies below rcv_placed
    logic  aborted;
    logic  urgent;
    logic  syn_seen;
    logic  dma_error;  // a placement failed: rcv_placed stands for good
  } rx_event_t;

endpackage
