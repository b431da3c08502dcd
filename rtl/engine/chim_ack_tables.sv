// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Tables of the acknowledger: PLACED, SENT and CFG_BIND, copies of the receive step's state and of
// RcvReturn, and three bits per slot (LIVE, ACK on its way, placement failed). One read a clock of
// all of them; every writer has its own port. Hard part: a placement is written a clock after it is
// taken, when it is known that none before it failed, yet a read in the clock of its taking sees
// it.
//
// Firmware writes words here; it reads them through the pipeline of chim_ack.
module chim_ack_tables
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_rx_pkg::*;
#(
  parameter int unsigned Conns = 1024,  // slots, a power of two, 2 or more
  localparam int unsigned ConnIdxW = $clog2(Conns)
) (
  input  logic clk_i,
  input  logic rst_ni,
  output logic ready_o, // the three bits of all slots are cleared

  // Reads of the slot, next clock.
  input  logic       [ConnIdxW-1:0] rd_idx_i,
  output ack_reads_t                rd_o,

  input logic         wb_valid_i,
  input conn_t        wb_conn_i,
  input rx_ack_view_t wb_view_i,

  // A placement, taken now.
  input logic placed_take_i,
  input placement_t placed_i,
  output logic placed_done_o,  // RcvPlaced or its error is written in this clock
  output conn_t placed_conn_o,
  // In place of a placement: rd_o.failed is that of this slot, next clock.
  input logic failed_rd_i,
  input logic [ConnIdxW-1:0] failed_idx_i,

  input logic                        live_we_i,
  input conn_t                       live_conn_i,
  input logic                        live_val_i,
  input logic                        return_we_i,
  input conn_t                       return_conn_i,
  input seq_t                        return_i,
  input logic                        out_we_i,
  input logic         [ConnIdxW-1:0] out_idx_i,
  input logic                        out_i,
  input logic                        sent_we_i,
  input logic         [ConnIdxW-1:0] sent_idx_i,
  input sent_fields_t                sent_i,

  input  logic     fw_valid_i,  // a write
  output logic     fw_ready_o,
  input  tbl_req_t fw_req_i,

  // Writes of SENT for another copy: LastAckSent, AdvEdge.
  output logic  [1:0] copy_we_o,
  output conn_t       copy_conn_o,
  output seq_t        copy_last_ack_o,
  output seq_t        copy_adv_edge_o
);
  typedef logic [ConnIdxW-1:0] idx_t;

  // ---------------------------------------------------------------- after reset
  logic init_q;  // running
  idx_t init_idx_q;
  always_ff @(posedge clk_i) begin
    init_idx_q <= init_idx_q + 1'b1;
    if (init_q && init_idx_q == '1) init_q <= 1'b0;
    if (!rst_ni) begin
      init_q     <= 1'b1;
      init_idx_q <= '0;
    end
  end
  assign ready_o = !init_q;

  // ---------------------------------------------------------------- firmware's words
  logic fw_write, fw_cfg, fw_placed, fw_sent;
  idx_t fw_idx;
  logic p1_valid_q, p1_error_q, p1_ok;
  assign fw_ready_o = !init_q && !(fw_req_i.table_id == TABLE_PLACED && p1_valid_q) &&
                      !(fw_req_i.table_id == TABLE_SENT && sent_we_i);
  assign fw_write = fw_valid_i && fw_ready_o && 32'(fw_req_i.conn) < Conns;
  assign fw_idx = idx_t'(fw_req_i.conn);
  assign fw_cfg = fw_write && fw_req_i.table_id == TABLE_CFG_BIND;
  assign fw_placed = fw_write && fw_req_i.table_id == TABLE_PLACED && fw_req_i.word == '0;
  assign fw_sent = fw_write && fw_req_i.table_id == TABLE_SENT;

  // ---------------------------------------------------------------- placements
  idx_t p1_idx_q, rd_idx_q;
  conn_t p1_conn_q;
  seq_t p1_end_q, placed_mem;
  logic failed;
  always_ff @(posedge clk_i) begin
    rd_idx_q   <= rd_idx_i;
    p1_valid_q <= placed_take_i && !placed_i.fence;
    p1_conn_q  <= placed_i.conn;
    p1_idx_q   <= idx_t'(placed_i.conn);
    p1_end_q   <= placed_i.end_seq;
    p1_error_q <= placed_i.error;
    if (!rst_ni) p1_valid_q <= 1'b0;
  end
  assign p1_ok         = p1_valid_q && !p1_error_q && !failed;
  assign placed_done_o = p1_valid_q;
  assign placed_conn_o = p1_conn_q;

  ram_1r1w_fwd #(
    .Depth(Conns)
  ) u_placed (
    .clk_i,
    .wr_en_i  (p1_ok || fw_placed),
    .wr_addr_i(fw_placed ? fw_idx : p1_idx_q),
    .wr_data_i(fw_placed ? fw_req_i.wdata : p1_end_q),
    .rd_en_i  (1'b1),
    .rd_addr_i(rd_idx_i),
    .rd_data_o(placed_mem)
  );
  assign rd_o.RcvPlaced = p1_ok && p1_idx_q == rd_idx_q ? p1_end_q : placed_mem;

  // What comes after a failed placement must not be acknowledged, until firmware writes PLACED.
  ram_1r1w_fwd #(
    .Depth(Conns),
    .Width(1)
  ) u_failed (
    .clk_i,
    .wr_en_i  (init_q || fw_placed || (p1_valid_q && p1_error_q)),
    .wr_addr_i(init_q ? init_idx_q : fw_placed ? fw_idx : p1_idx_q),
    .wr_data_i(!init_q && !fw_placed),
    .rd_en_i  (1'b1),
    .rd_addr_i(failed_rd_i ? failed_idx_i : idx_t'(placed_i.conn)),
    .rd_data_o(failed)
  );
  assign rd_o.failed = failed;

  // ---------------------------------------------------------------- bits and copies
  ram_1r1w_fwd #(
    .Depth(Conns),
    .Width(1)
  ) u_live (
    .clk_i,
    .wr_en_i  (init_q || live_we_i),
    .wr_addr_i(init_q ? init_idx_q : idx_t'(live_conn_i)),
    .wr_data_i(!init_q && live_val_i),
    .rd_en_i  (1'b1),
    .rd_addr_i(rd_idx_i),
    .rd_data_o(rd_o.live)
  );

  ram_1r1w_fwd #(
    .Depth(Conns),
    .Width(1)
  ) u_out (
    .clk_i,
    .wr_en_i  (init_q || out_we_i),
    .wr_addr_i(init_q ? init_idx_q : out_idx_i),
    .wr_data_i(!init_q && out_i),
    .rd_en_i  (1'b1),
    .rd_addr_i(rd_idx_i),
    .rd_data_o(rd_o.out)
  );

  ram_1r1w_fwd #(
    .Depth(Conns),
    .T    (rx_ack_view_t)
  ) u_view (
    .clk_i,
    .wr_en_i  (wb_valid_i),
    .wr_addr_i(idx_t'(wb_conn_i)),
    .wr_data_i(wb_view_i),
    .rd_en_i  (1'b1),
    .rd_addr_i(rd_idx_i),
    .rd_data_o(rd_o.rx)
  );

  ram_1r1w_fwd #(
    .Depth(Conns)
  ) u_return (
    .clk_i,
    .wr_en_i  (return_we_i),
    .wr_addr_i(idx_t'(return_conn_i)),
    .wr_data_i(return_i),
    .rd_en_i  (1'b1),
    .rd_addr_i(rd_idx_i),
    .rd_data_o(rd_o.RcvReturn)
  );

  // ---------------------------------------------------------------- CFG_BIND
  // Words 2, 1, 0; the reserved bits are not kept.
  ram_1r1w_fwd #(
    .Depth(Conns)
  ) u_cfg_buf (
    .clk_i,
    .wr_en_i  (fw_cfg && fw_req_i.word == 5'd2),
    .wr_addr_i(fw_idx),
    .wr_data_i(fw_req_i.wdata),
    .rd_en_i  (1'b1),
    .rd_addr_i(rd_idx_i),
    .rd_data_o(rd_o.cfg[95:64])
  );
  ram_1r1w_fwd #(
    .Depth(Conns)
  ) u_cfg_delta (
    .clk_i,
    .wr_en_i  (fw_cfg && fw_req_i.word == 5'd1),
    .wr_addr_i(fw_idx),
    .wr_data_i(fw_req_i.wdata),
    .rd_en_i  (1'b1),
    .rd_addr_i(rd_idx_i),
    .rd_data_o(rd_o.cfg[63:32])
  );
  ram_1r1w_fwd #(
    .Depth(Conns),
    .Width(26)
  ) u_cfg_rest (
    .clk_i,
    .wr_en_i  (fw_cfg && fw_req_i.word == 5'd0),
    .wr_addr_i(fw_idx),
    .wr_data_i({fw_req_i.wdata[31:22], fw_req_i.wdata[15:0]}),
    .rd_en_i  (1'b1),
    .rd_addr_i(rd_idx_i),
    .rd_data_o({rd_o.cfg[31:22], rd_o.cfg[15:0]})
  );
  assign rd_o.cfg[21:16] = '0;

  // ---------------------------------------------------------------- SENT
  idx_t sent_idx;
  sent_fields_t sent;
  logic [3:0] sent_we;
  assign sent_idx = sent_we_i ? sent_idx_i : fw_idx;
  for (genvar w = 0; w < 4; w++) begin : g_sent_we
    assign sent_we[w] = sent_we_i || (fw_sent && fw_req_i.word == 5'(w));
  end
  always_comb begin
    sent = sent_i;
    if (!sent_we_i) begin
      sent.LastAckSent = fw_req_i.wdata;
      sent.AdvEdge     = fw_req_i.wdata;
      sent.WireNxt     = fw_req_i.wdata;
      sent.AckDone     = fw_req_i.wdata[31:24];
    end
  end

  ram_1r1w_fwd #(
    .Depth(Conns)
  ) u_last_ack (
    .clk_i,
    .wr_en_i  (sent_we[3]),
    .wr_addr_i(sent_idx),
    .wr_data_i(sent.LastAckSent),
    .rd_en_i  (1'b1),
    .rd_addr_i(rd_idx_i),
    .rd_data_o(rd_o.LastAckSent)
  );
  ram_1r1w_fwd #(
    .Depth(Conns)
  ) u_adv_edge (
    .clk_i,
    .wr_en_i  (sent_we[2]),
    .wr_addr_i(sent_idx),
    .wr_data_i(sent.AdvEdge),
    .rd_en_i  (1'b1),
    .rd_addr_i(rd_idx_i),
    .rd_data_o(rd_o.AdvEdge)
  );
  ram_1r1w_fwd #(
    .Depth(Conns)
  ) u_wire_nxt (
    .clk_i,
    .wr_en_i  (sent_we[1]),
    .wr_addr_i(sent_idx),
    .wr_data_i(sent.WireNxt),
    .rd_en_i  (1'b1),
    .rd_addr_i(rd_idx_i),
    .rd_data_o(rd_o.WireNxt)
  );
  ram_1r1w_fwd #(
    .Depth(Conns),
    .Width(8)
  ) u_ack_done (
    .clk_i,
    .wr_en_i  (sent_we[0]),
    .wr_addr_i(sent_idx),
    .wr_data_i(sent.AckDone),
    .rd_en_i  (1'b1),
    .rd_addr_i(rd_idx_i),
    .rd_data_o(rd_o.AckDone)
  );

  assign copy_we_o       = sent_we[3:2];
  assign copy_conn_o     = conn_t'(sent_idx);
  assign copy_last_ack_o = sent.LastAckSent;
  assign copy_adv_edge_o = sent.AdvEdge;

  logic unused_bits;
  assign unused_bits = &{1'b0, fw_req_i, wb_conn_i, live_conn_i, return_conn_i};
endmodule
