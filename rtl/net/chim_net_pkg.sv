// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Structures of the network side: what the receive path hands to the DMA, firmware's lookup
// command, and what travels between the stages of the two paths. Hard part: none, but the DMA, the
// soft core's bus and this folder read the first three alike.
package chim_net_pkg;
  import chim_contract_pkg::*;
  import chim_types_pkg::conn_t;
  import chim_types_pkg::seq_t;
  import chim_types_pkg::tcp_flags_t;

  // ---- to the DMA ----

  // Items leave the receive path in the order of the frames on the wire.
  typedef enum logic [1:0] {
    RX_ITEM_PLACE,  // payload for a receive ring: len data bytes follow, none if len is 0
    RX_ITEM_FRAME,  // a whole frame for the plain receive ring: len data bytes follow
    RX_ITEM_MARKER  // from here on frames of conn are held; no data
  } rx_item_kind_e;

  typedef struct packed {
    rx_item_kind_e    kind;
    conn_t            conn;     // PLACE, MARKER; FRAME unless cls is PLAIN
    logic [GEN_W-1:0] gen;      // generation of conn
    seq_t             seq;      // PLACE: of the first byte
    logic [15:0]      len;      // bytes of data that follow
    logic             fin;      // PLACE: a FIN follows the bytes
    prx_class_e       cls;      // FRAME, MARKER: class for prx_cpl
    pass_reason_e     reason;   // FRAME of class PASSED
    logic             csum_ok;  // FRAME: a TCP segment whose IP and TCP checksums were verified
    logic [15:0]      vlan;     // FRAME: tag control information, 0 if untagged
  } rx_item_t;

  // ---- from the soft core ----

  // A lookup key as the comparison sees it. Addresses lie as on the wire: the first byte in bits
  // 7:0; IPv4 uses bits 31:0, the rest is zero. Ports are numbers.
  typedef struct packed {
    logic         ipv6;
    logic [15:0]  local_port;
    logic [15:0]  remote_port;
    logic [127:0] remote_addr;
    logic [127:0] local_addr;
  } lkp_key_t;
  localparam int unsigned LKP_KEY_W = 289;

  // Firmware's command, as registers lkp_* of the soft core hold it.
  typedef struct packed {
    lkp_op_e  op;
    conn_t    conn;   // INSERT, ENTRY
    lkp_key_t key;    // FIND, INSERT, REMOVE
    entry_t   entry;  // ENTRY
  } lkp_req_t;

  // ---- inside the receive path ----

  localparam int unsigned FRAME_LEN_W = $clog2(MAX_FRAME_BYTES + 1);
  typedef logic [FRAME_LEN_W-1:0] frame_len_t;

  // What the parser knows of a frame when its last byte has arrived. At most one of truncated,
  // bad_ip, bad_tcp and tcp is set; none of them: not TCP.
  typedef struct packed {
    logic        bad;        // marked by the MAC, too short or too long
    logic        filtered;   // destination MAC is not ours
    logic        truncated;  // IP or TCP length beyond the frame
    logic        bad_ip;     // IPv4 header checksum
    logic        bad_tcp;    // TCP checksum
    logic        tcp;        // TCP segment, all lengths and checksums right
    logic        keyed;      // a lookup was asked for, its result must be fetched
    logic        options;    // IP options or extension headers; tcp is not set with the latter
    logic        malformed;  // TCP data offset below 5
    logic        walk;       // TCP options in another layout than the usual: need a walk
    logic        has_tag;
    logic [15:0] tci;        // tag control information, 0 if untagged
    frame_len_t  len;        // bytes of the frame
    logic [7:0]  pay_off;    // of the payload in the frame
    logic [3:0]  opt_words;  // 32-bit words of TCP options; only if tcp and not malformed
    frame_len_t  pay_len;
    seq_t        seq;
    seq_t        ack;
    logic [15:0] wnd;
    tcp_flags_t  flags;
    logic        has_ts;
    logic [31:0] ts_val;
    logic [31:0] ts_ecr;
  } rx_rec_t;

  // The frame buffer: chunks of 256 bytes, chained.
  localparam int unsigned CHUNK_BYTES = 256;
  localparam int unsigned CHUNKS_MAX = 256;
  localparam int unsigned FRAME_CHUNKS = (MAX_FRAME_BYTES + CHUNK_BYTES - 1) / CHUNK_BYTES;
  typedef logic [$clog2(CHUNKS_MAX)-1:0] chunk_t;
  typedef logic [$clog2(FRAME_CHUNKS+1)-1:0] chunks_t;

  // Where a frame lies. Not all of it if over: the buffer was full, or the frame too long.
  typedef struct packed {
    logic    over;
    chunk_t  first;
    chunks_t count;  // 0: nothing was stored
  } rx_place_t;

  typedef struct packed {
    rx_rec_t   rec;
    rx_place_t place;
  } rx_frame_t;

  // What waits, in order, to leave the receive path.
  typedef enum logic [1:0] {
    RX_ORDER_DROP,     // only its memory is given back
    RX_ORDER_FRAME,    // goes up as a whole
    RX_ORDER_SEGMENT,  // the engine has it and will say
    RX_ORDER_MARKER
  } rx_order_kind_e;

  typedef struct packed {
    rx_order_kind_e   kind;
    conn_t            conn;
    logic [GEN_W-1:0] gen;
    prx_class_e       cls;      // FRAME
    pass_reason_e     reason;   // FRAME
    logic             csum_ok;
    logic [15:0]      vlan;
    rx_place_t        place;
    frame_len_t       len;
    logic [7:0]       pay_off;
    frame_len_t       pay_len;
  } rx_order_t;

  // TCP options as captured: they begin in word 0, or in word 1 if late; first byte in bits 31:24.
  typedef struct packed {
    logic              late;
    logic [10:0][31:0] word;
  } tcp_opts_t;

  // ---- inside the transmit path ----

  // Ethernet 14 or 18, IP 20 or 40, TCP 20 or 32 bytes: longest header, in bytes and in 32-bit
  // words of the grid that begins two bytes before the frame.
  localparam int unsigned HDR_BYTES = 90;
  localparam int unsigned HDR_WORDS = 23;

  // A header that is complete in its slot, or a fence that takes its place.
  typedef struct packed {
    logic                           fence;
    logic [$clog2(HDR_BYTES+1)-1:0] hdr_len;
    frame_len_t                     pay_len;
  } tx_frame_t;

endpackage
