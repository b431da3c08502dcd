// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// chim_engine with a register on every input and output, for place and route without pins. Hard
// part: a path from or to a bare port has no time; with registers around it, all paths of the
// module count, handshakes included. The registers feed two chains, so that nothing is optimized
// away; what the second one adds up has registers of its own.
module chim_engine_boxed
  import chim_types_pkg::*;
#(
  parameter int unsigned Conns = 1024
) (
  input  logic clk_i,
  input  logic rst_i,
  input  logic chain_i,
  output logic chain_o
);
  typedef struct packed {
    logic [31:0] time_ms;
    chim_types_pkg::step_params_t params;
    logic seg_valid;
    seg_t seg;
    logic verdict_ready;
    logic placed_valid;
    placement_t placed;
    logic db_valid;
    bell_t db;
    logic tx_data_ready;
    logic tx_ack_ready;
    logic bind_req_valid;
    bind_req_t bind_req;
    logic tx_fence_done;
    logic gathered_valid;
    gathered_t gathered;
    logic evt_ready;
    logic tbl_valid;
    tbl_req_t tbl_req;
    logic kick_valid;
    conn_t kick_conn;
    logic ack_now_valid;
    conn_t ack_now_conn;
    logic fence_valid;
    conn_t fence_conn;
    logic live_we;
    conn_t live_conn;
    logic live_val;
  } in_t;

  typedef struct packed {
    logic seg_ready;
    logic verdict_valid;
    rx_verdict_t verdict;
    logic placed_ready;
    logic db_ready;
    logic tx_data_valid;
    tx_cmd_t tx_data;
    logic tx_ack_valid;
    tx_cmd_t tx_ack;
    logic bind_rsp_valid;
    bind_rsp_t bind_rsp;
    logic gathered_ready;
    logic evt_valid;
    conn_event_t evt;
    logic tbl_ready;
    logic tbl_rvalid;
    logic [31:0] tbl_rdata;
    logic [2:0] fence_busy;
    logic [chim_contract_pkg::COUNTER_COUNT-1:0] cnt;
    logic idle;
  } out_t;

  in_t in_q;
  out_t out, out_q, sum_q;
  logic rst_nq;

  always_ff @(posedge clk_i) begin
    rst_nq <= !rst_i;
    in_q   <= {in_q[$bits(in_t)-2:0], chain_i};
    out_q  <= out;
    sum_q  <= out_q ^ {sum_q[$bits(out_t)-2:0], 1'b0};
  end
  assign chain_o = sum_q[$bits(out_t)-1];

  chim_engine #(
    .Conns(Conns)
  ) u_engine (
    .clk_i,
    .rst_ni         (rst_nq),
    .time_ms_i      (in_q.time_ms),
    .params_i       (in_q.params),
    .seg_valid      (in_q.seg_valid),
    .seg_ready      (out.seg_ready),
    .seg            (in_q.seg),
    .verdict_valid  (out.verdict_valid),
    .verdict_ready  (in_q.verdict_ready),
    .verdict        (out.verdict),
    .placed_valid   (in_q.placed_valid),
    .placed_ready   (out.placed_ready),
    .placed         (in_q.placed),
    .db_valid       (in_q.db_valid),
    .db_ready       (out.db_ready),
    .db             (in_q.db),
    .tx_data_valid  (out.tx_data_valid),
    .tx_data_ready  (in_q.tx_data_ready),
    .tx_data        (out.tx_data),
    .tx_ack_valid   (out.tx_ack_valid),
    .tx_ack_ready   (in_q.tx_ack_ready),
    .tx_ack         (out.tx_ack),
    .bind_req_valid (in_q.bind_req_valid),
    .bind_req       (in_q.bind_req),
    .bind_rsp_valid (out.bind_rsp_valid),
    .bind_rsp       (out.bind_rsp),
    .tx_fence_done_i(in_q.tx_fence_done),
    .gathered_valid (in_q.gathered_valid),
    .gathered_ready (out.gathered_ready),
    .gathered       (in_q.gathered),
    .evt_valid      (out.evt_valid),
    .evt_ready      (in_q.evt_ready),
    .evt            (out.evt),
    .tbl_valid      (in_q.tbl_valid),
    .tbl_ready      (out.tbl_ready),
    .tbl_req        (in_q.tbl_req),
    .tbl_rvalid     (out.tbl_rvalid),
    .tbl_rdata      (out.tbl_rdata),
    .kick_valid     (in_q.kick_valid),
    .kick_conn      (in_q.kick_conn),
    .ack_now_valid  (in_q.ack_now_valid),
    .ack_now_conn   (in_q.ack_now_conn),
    .fence_valid    (in_q.fence_valid),
    .fence_conn     (in_q.fence_conn),
    .fence_busy_o   (out.fence_busy),
    .live_we        (in_q.live_we),
    .live_conn      (in_q.live_conn),
    .live_val       (in_q.live_val),
    .cnt_o          (out.cnt),
    .idle_o         (out.idle)
  );
endmodule
