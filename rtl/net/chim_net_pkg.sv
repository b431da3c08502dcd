// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Structures of the network side: what the receive path hands to the DMA, and firmware's lookup
// command. Hard part: none, but the DMA, the soft core's bus and this folder read it alike.
package chim_net_pkg;
  import chim_contract_pkg::*;
  import chim_types_pkg::conn_t;
  import chim_types_pkg::seq_t;

  // Items leave the receive path in the order of the frames on the wire.
  typedef enum logic [1:0] {
    RX_ITEM_PLACE,  // payload for a receive ring: len data bytes follow, none if len is 0
    RX_ITEM_FRAME,  // a whole frame for the plain receive ring: len data bytes follow
    RX_ITEM_MARKER  // from here on frames of conn are held; no data
  } rx_item_kind_e;

  typedef struct packed {
    rx_item_kind_e kind;
    conn_t         conn;     // PLACE, MARKER; FRAME unless cls is PLAIN
    logic [3:0]    gen;      // generation of conn
    seq_t          seq;      // PLACE: of the first byte
    logic [15:0]   len;      // bytes of data that follow
    logic          fin;      // PLACE: a FIN follows the bytes
    prx_class_e    cls;      // FRAME, MARKER: class for prx_cpl
    pass_reason_e  reason;   // FRAME of class PASSED
    logic          csum_ok;  // FRAME: a TCP segment whose IP and TCP checksums were verified
    logic [15:0]   vlan;     // FRAME: tag control information, 0 if untagged
  } rx_item_t;

  // A lookup key as the comparison sees it. Addresses lie as on the wire: the first byte in bits 7:0;
  // IPv4 uses bits 31:0, the rest is zero. Ports are numbers.
  typedef struct packed {
    logic         ipv6;
    logic [15:0]  local_port;
    logic [15:0]  remote_port;
    logic [127:0] remote_addr;
    logic [127:0] local_addr;
  } lkp_key_t;

  // Firmware's command, as registers lkp_* of the soft core hold it.
  typedef struct packed {
    lkp_op_e     op;
    conn_t       conn;   // INSERT, ENTRY
    lkp_key_t    key;    // FIND, INSERT, REMOVE
    entry_t      entry;  // ENTRY
  } lkp_req_t;

endpackage
