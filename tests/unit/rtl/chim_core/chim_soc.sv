// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// In the place of the soft core: the bench writes tables, lookup and parameters itself, so that the
// core around it is measured with nothing else going on. Hard part: none; it is never built but for
// benches.
module chim_soc
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
#(
  // As the core sets them; not used here.
  parameter int unsigned Conns = 1024,
  parameter int unsigned Paths = 256,
  parameter int unsigned Neighbors = 64,
  parameter string HexFile = ""
) (
  input logic clk_i,
  input logic rst_ni, // synchronous, active low

  // Host side, from the host's registers.
  input  logic      [             31:0] time_ms_i,
  input  logic                          host_reset_i,    // pulse: firmware starts again
  input  logic                          run_i,
  input  logic      [             47:0] mac_i,           // first byte most significant
  input  ring_cfg_t                     admin_i,
  output logic      [             31:0] admin_device_o,
  output logic                          fw_alive_o,
  output logic      [             31:0] fw_code_o,
  output logic                          quiesce_o,
  input  logic                          quiet_i,
  output logic      [COUNTER_COUNT-1:0] cnt_o,

  // Host-memory DMA.
  output logic        sdma_cmd_valid,
  input  logic        sdma_cmd_ready,
  output logic [63:0] sdma_cmd_host,
  output logic [15:0] sdma_cmd_len,
  output logic        sdma_cmd_write,
  input  logic [63:0] sdma_rd_data,
  input  logic        sdma_rd_valid,
  output logic        sdma_rd_ready,
  output logic [63:0] sdma_wr_data,
  output logic        sdma_wr_valid,
  input  logic        sdma_wr_ready,
  input  logic        sdma_done,
  input  logic        sdma_error,

  // Event ring.
  output logic   fwevt_valid,
  input  logic   fwevt_ready,
  output event_t fwevt_event,

  // Lookup.
  output logic           lkp_cmd_valid,
  input  logic           lkp_cmd_ready,
  output lkp_op_e        lkp_cmd_op,
  output key_t           lkp_cmd_key,
  output conn_t          lkp_cmd_conn,
  output entry_t         lkp_cmd_entry,
  input  logic           lkp_rsp_valid,  // one for each command
  input  logic           lkp_rsp_ok,
  input  conn_t          lkp_rsp_conn,
  output logic    [31:0] lkp_seed_o,
  input  logic           holdevt_valid,  // an entry turned LIVE
  output logic           holdevt_ready,
  input  conn_t          holdevt_conn,

  // Tables.
  output logic            tbl_valid,
  input  logic            tbl_ready,
  output tbl_req_t        tbl_req,
  input  logic            tbl_rvalid,
  input  logic     [31:0] tbl_rdata,

  // Engine.
  output logic         kick_valid,
  input  logic         kick_ready,
  output conn_t        kick_conn,
  output logic         fence_valid,
  input  logic         fence_ready,
  output conn_t        fence_conn,
  input  logic         fence_tx_busy_i,      // from the clock after fence is taken on
  input  logic         fence_rx_busy_i,
  input  logic         fence_engine_busy_i,
  output logic         acknow_valid,
  input  logic         acknow_ready,
  output conn_t        acknow_conn,
  output step_params_t params_o
);
  // What the bench sets and reads by name.
  logic b_tbl_valid  /*verilator public_flat_rw*/;
  tbl_req_t b_tbl_req  /*verilator public_flat_rw*/;
  logic b_tbl_done  /*verilator public_flat_rd*/;
  logic b_lkp_valid  /*verilator public_flat_rw*/;
  logic [3:0] b_lkp_op  /*verilator public_flat_rw*/;
  conn_t b_lkp_conn  /*verilator public_flat_rw*/;
  logic [31:0] b_lkp_entry  /*verilator public_flat_rw*/;
  logic [31:0] b_lkp_local  /*verilator public_flat_rw*/;  // IPv4, first byte most significant
  logic [31:0] b_lkp_remote  /*verilator public_flat_rw*/;
  logic [15:0] b_lkp_local_port  /*verilator public_flat_rw*/;
  logic [15:0] b_lkp_remote_port  /*verilator public_flat_rw*/;
  logic b_lkp_done  /*verilator public_flat_rd*/;
  logic b_lkp_ok  /*verilator public_flat_rd*/;
  step_params_t b_params  /*verilator public_flat_rw*/;

  // Through registers: Verilator follows what a bench writes here at clock edges only. A request
  // ends in the clock in which it is taken.
  logic tbl_q, lkp_q;
  tbl_req_t tbl_req_q;
  key_t key, key_q;
  lkp_op_e op_q;
  conn_t conn_q;
  entry_t entry_q;
  step_params_t params_q;
  always_comb begin
    key = '0;
    key.local_port = b_lkp_local_port;
    key.remote_port = b_lkp_remote_port;
    for (int unsigned i = 0; i < 4; i++) begin
      key.local_[i] = b_lkp_local[8*(3-i)+:8];
      key.remote[i] = b_lkp_remote[8*(3-i)+:8];
    end
  end
  always_ff @(posedge clk_i) begin
    tbl_q     <= b_tbl_valid && !(tbl_q && tbl_ready) && rst_ni;
    tbl_req_q <= b_tbl_req;
    lkp_q     <= b_lkp_valid && !(lkp_q && lkp_cmd_ready) && rst_ni;
    key_q     <= key;
    op_q      <= lkp_op_e'(b_lkp_op);
    conn_q    <= b_lkp_conn;
    entry_q   <= entry_t'(b_lkp_entry);
    params_q  <= b_params;
  end
  assign tbl_valid      = tbl_q;
  assign tbl_req        = tbl_req_q;
  assign b_tbl_done     = tbl_q && tbl_ready;
  assign lkp_cmd_valid  = lkp_q;
  assign lkp_cmd_op     = op_q;
  assign lkp_cmd_key    = key_q;
  assign lkp_cmd_conn   = conn_q;
  assign lkp_cmd_entry  = entry_q;
  assign b_lkp_done     = lkp_q && lkp_cmd_ready;
  assign b_lkp_ok       = lkp_rsp_ok;
  assign params_o       = params_q;

  assign lkp_seed_o     = 32'h5eed_0001;
  assign holdevt_ready  = 1'b1;
  assign admin_device_o = admin_i.host;
  assign fw_alive_o     = 1'b1;
  assign fw_code_o      = '0;
  assign quiesce_o      = 1'b0;
  assign cnt_o          = '0;
  assign sdma_cmd_valid = 1'b0;
  assign sdma_cmd_host  = '0;
  assign sdma_cmd_len   = '0;
  assign sdma_cmd_write = 1'b0;
  assign sdma_rd_ready  = 1'b0;
  assign sdma_wr_data   = '0;
  assign sdma_wr_valid  = 1'b0;
  assign fwevt_valid    = 1'b0;
  assign fwevt_event    = '0;
  assign kick_valid     = 1'b0;
  assign kick_conn      = '0;
  assign fence_valid    = 1'b0;
  assign fence_conn     = '0;
  assign acknow_valid   = 1'b0;
  assign acknow_conn    = '0;

  logic unused_bits;
  assign unused_bits = &{
    1'b0, 32'(Conns), 32'(Paths), 32'(Neighbors), HexFile == "", time_ms_i,
    host_reset_i, run_i, mac_i, admin_i, quiet_i, sdma_cmd_ready, sdma_rd_data, sdma_rd_valid,
    sdma_wr_ready, sdma_done, sdma_error, fwevt_ready, lkp_rsp_valid, lkp_rsp_conn, holdevt_valid,
    holdevt_conn, tbl_rvalid, tbl_rdata, kick_ready, fence_ready, fence_tx_busy_i, fence_rx_busy_i,
    fence_engine_busy_i, acknow_ready
  };
endmodule
