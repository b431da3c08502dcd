// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Structures that travel inside the engine: between its halves, and from a pass to the segmenter.
// Hard part: rxv_t is all that the send step knows of the receive half; its values are absolute, so
// a newer one replaces an older one and nothing is handed over twice.
package chim_engine_pkg;
  import chim_types_pkg::*;

  // Bits of a segment size: Mss is 64..MAX_FRAME_BYTES.
  localparam int unsigned MSS_W = 14;
  // Bits of what one pass may grant: BURST_MAX * Mss.
  localparam int unsigned GRANT_W = 18;
  // Bits of a number of segments, 0..BURST_MAX.
  localparam int unsigned NSEG_W = 5;

  typedef logic [MSS_W-1:0] mss_t;
  typedef logic [GRANT_W-1:0] grant_bytes_t;
  typedef logic [NSEG_W-1:0] nseg_t;

  // What the send half reads of the receive half; fields of tcb_rx.
  typedef struct packed {
    seq_t        AckNewest;
    logic [31:0] Wnd;
    logic [31:0] MaxSndWnd;
    logic [31:0] TsEcr;
    logic [7:0]  DupAckCount;
    logic [7:0]  AckCnt;
    logic [7:0]  AcceptCnt;
    logic        TsEcrValid;
    logic        RcvFin;
    logic        Aborted;
    logic        Urgent;
    logic        SynSeen;
    logic        Frozen;
  } rxv_t;

  // What the receive half reads of the send half; written at every write-back of a pass.
  typedef struct packed {
    seq_t SndUna;
    seq_t SndMax;
    logic FinAcked;
  } mirror_t;

  // What an event needs of the receive half.
  typedef struct packed {
    seq_t RcvPlaced;
    logic fin_placed;  // RcvFin, and RcvPlaced has reached RcvNxt
    logic dma_error;   // sticky: a placement of this connection failed
  } evv_t;

  // What one pass puts on the wire: n segments from seq on, all but the last of mss bytes.
  typedef struct packed {
    tx_kind_e kind;      // TX_DATA, TX_RST, TX_TOKEN or TX_FENCE
    conn_t    conn;
    seq_t     seq;
    nseg_t    n;         // TX_DATA: 1..BURST_MAX; others 1
    mss_t     mss;
    mss_t     last_len;  // payload of the last segment; 0: FIN alone
    logic     fin;       // on the last segment
    logic     psh;       // on the last segment
    nseg_t    again;     // so many of the first segments start below what was sent before
    logic     has_una;
    seq_t     una;
  } burst_t;

  // Counters that the send step raises, one pulse each.
  typedef struct packed {
    logic fast_retransmit;
    logic timeout;
    logic probe;
  } step_count_t;

  // What a pass is for.
  typedef enum logic [2:0] {
    PASS_STEP,   // the send step looks
    PASS_BELL,   // a doorbell; the step looks too if there is room for a burst
    PASS_TABLE,  // firmware reads or writes a word
    PASS_LIVE,   // the entry turned LIVE or ceased to be
    PASS_ERROR,  // a gather of this connection failed
    PASS_FENCE,  // put a fence token behind what was granted
    PASS_EVENT   // snapshot for an event
  } pass_kind_e;

  typedef struct packed {
    pass_kind_e  kind;
    conn_t       conn;
    logic        run;       // the send step looks
    logic        write;     // TABLE: write; LIVE: turned LIVE
    logic [3:0]  table_id;  // TABLE
    logic [4:0]  word;      // TABLE: word; BELL: queue
    logic [31:0] value;     // TABLE: word to write; BELL: value
  } pass_t;

  // What the send half adds to an event.
  typedef struct packed {
    logic live;
    logic fin_acked;
    logic rst_sent;
    logic expired;
    logic time_wait;
    logic aborted;    // of the receive half, as the pass read it
    logic urgent;
    logic syn_seen;
    logic dma_error;  // sticky: a gather of this connection failed
    seq_t snd_max;
  } snapshot_t;

endpackage
