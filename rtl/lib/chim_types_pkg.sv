// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Structures that travel between the parts of the core, one per handshake. Widths that both sides
// of the bus share come from chim_contract_pkg; what is here never leaves the chip.
package chim_types_pkg;
  import chim_contract_pkg::*;

  typedef logic [CONN_W-1:0] conn_t;  // slot; the upper bits are constant in small configurations
  typedef logic [31:0] seq_t;  // TCP sequence number, compare with chim_pkg::seq_* only

  typedef struct packed {
    logic cwr;
    logic ece;
    logic urg;
    logic ack;
    logic psh;
    logic rst;
    logic syn;
    logic fin;
  } tcp_flags_t;

  // A TCP segment of a HOLD (forwarded) or LIVE connection, checksums verified. To: engine.
  typedef struct packed {
    conn_t       conn;
    seq_t        seq;
    seq_t        ack;
    logic [15:0] wnd;     // as in the header, not scaled
    tcp_flags_t  flags;
    logic        has_ts;
    logic [31:0] ts_val;
    logic [31:0] ts_ecr;
    logic [15:0] len;     // payload bytes
  } seg_t;

  // What to do with the oldest segment given to the engine; same order as seg_t.
  typedef enum logic [1:0] {
    RX_DROP,   // nothing to keep: processed or refused (the engine counted why)
    RX_PLACE,  // take payload [off, off + len); the last byte is just below end_seq (less the FIN)
    RX_PASS    // pass the whole frame up the plain ring
  } rx_action_e;

  typedef struct packed {
    rx_action_e  action;
    conn_t       conn;
    seq_t        seq;     // PLACE: of the first byte kept
    logic [15:0] off;     // PLACE: payload bytes to skip
    logic [15:0] len;     // PLACE: payload bytes to keep; 0 with fin
    logic        fin;     // PLACE: a FIN follows the bytes
    logic [3:0]  reason;  // PASS: enum pass_reason
  } rx_verdict_t;

  // Payload of one PLACE verdict is in host memory (write response OKAY). To: engine.
  typedef struct packed {
    conn_t conn;
    seq_t  end_seq;  // new RcvPlaced: seq + len + fin
    logic  error;    // bus error: RcvPlaced must not move
    logic  fence;    // not a placement: the fence token came out
  } placement_t;

  typedef struct packed {
    conn_t       conn;
    logic [1:0]  queue;  // enum queue
    logic [31:0] value;
  } bell_t;  // one doorbell as rung; generation already checked

  // One frame to build, in order. From: engine.
  typedef enum logic [2:0] {
    TX_DATA,   // len payload bytes from seq; or only FIN
    TX_ACK,    // pure acknowledgment: sequence number bound late
    TX_RST,    // RST|ACK at seq
    TX_TOKEN,  // no frame: carries una behind the gathers already queued
    TX_FENCE   // no frame: reports when everything before it has left
  } tx_kind_e;

  typedef struct packed {
    tx_kind_e    kind;
    conn_t       conn;
    seq_t        seq;
    logic [15:0] len;
    logic        fin;
    logic        psh;
    logic        has_una;  // una is valid: sends below it are acknowledged
    seq_t        una;
  } tx_cmd_t;

  // Late binding (D1): the header builder asks, the engine answers two clocks later and takes it as
  // sent.
  typedef struct packed {
    conn_t conn;
    logic  pure_ack;  // use WireNxt as sequence number
    seq_t  end_seq;   // not pure_ack: behind the last sequence number of this segment
  } bind_req_t;

  typedef struct packed {
    seq_t        seq;     // pure_ack: sequence number to use
    seq_t        ack;
    logic [15:0] wnd;     // scaled down, as in the header
    logic [31:0] ts_val;
    logic [31:0] ts_ecr;
  } bind_rsp_t;

  // Sends below snd_done are not read any more (from the gather queue). To: engine.
  typedef struct packed {
    conn_t conn;
    seq_t  una;
    logic  error;  // a gather of this connection met a bus error or a bad descriptor
    logic  fence;  // not a completion: the fence token came out
  } gathered_t;

  // Snapshot for the event ring. From: engine.
  typedef struct packed {
    conn_t       conn;
    logic [31:0] flags;       // EVF_*
    seq_t        snd_done;
    seq_t        rcv_placed;
    seq_t        snd_max;
  } conn_event_t;

  // Firmware's word access to a table; answered in order, writes too.
  typedef struct packed {
    logic        write;
    logic [3:0]  table_id;  // enum table
    conn_t       conn;
    logic [4:0]  word;
    logic [31:0] wdata;
  } tbl_req_t;

  // Parameters of the steps, from the soft core's registers; stable while connections are LIVE.
  typedef struct packed {
    logic [7:0]  ack_frequency;
    logic [7:0]  dup_ack_threshold;
    logic [7:0]  max_retransmissions;
    logic [7:0]  restart_segs;
    logic [15:0] delayed_ack;          // ms
    logic [15:0] sws;                  // ms
    logic [31:0] rto_min;              // ms
    logic [31:0] rto_max;              // ms
    logic [31:0] fin_wait2;            // ms
    logic [31:0] event_gap;            // clocks
    logic [16:0] high_water;           // slots below it are scanned for timers
  } step_params_t;

  // A ring as the host has set it up.
  typedef struct packed {
    logic [63:0] base;
    logic [4:0]  log2;  // entries
    logic [31:0] host;  // host's index, checked against the ring's size
  } ring_cfg_t;

  // What the host has set in BAR 0.
  typedef struct packed {
    logic        run;
    logic        promiscuous;
    logic [47:0] mac;          // first byte most significant
    logic [4:0]  irq_evt;      // vectors; 31: none
    logic [4:0]  irq_prx;
    logic [4:0]  irq_ptx;
    logic [31:0] irq_gap;      // clocks
    logic [63:0] ptx_wb;       // bus address; 0: none
    ring_cfg_t   admin;
    ring_cfg_t   evt;
    ring_cfg_t   ptx;
    ring_cfg_t   prx;
    ring_cfg_t   prx_cpl;
  } host_cfg_t;

  // What the host may read of the rest of the device.
  typedef struct packed {
    logic        fw_alive;
    logic        quiesced;
    logic        fatal;
    logic [31:0] time_ms;
    logic [31:0] fw_code;
    logic [31:0] admin_device;
    logic [31:0] evt_device;
    logic [31:0] ptx_device;
    logic [31:0] prx_device;
    logic [31:0] prx_cpl_device;
  } host_info_t;

endpackage
