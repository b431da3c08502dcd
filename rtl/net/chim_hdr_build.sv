// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Header builder: Ethernet, 802.1Q, IPv4 or IPv6, and TCP header of one frame after the other, with
// checksums. Hard part: a header begins before its payload has come, and yet carries the newest
// acknowledgment, and no pure ACK waits behind a segment that waits for memory.
//
// A frame is *bound* (bind_req) when nothing but itself keeps it from leaving: frames leave in the
// order in which they are bound. Up to there building it has changed nothing, so a data frame whose
// payload is still missing is dropped for an ACK and begun again. For the same reason an idle
// builder may begin an ACK that is only likely (hint): its tables are read when the payload it
// acknowledges is placed, and if its command does not arrive in time, nothing has happened.
//
// The header is written beat by beat into the slot that wr_slot_i names (write index, not stream):
// first all beats with checksums of zero, which are summed on the way, then the one or two beats
// that hold the checksums again. Words are those of the receive parser's grid: word i holds bytes
// 4i-2 .. 4i+1.
//
//   clock 0  command arrives at an empty lane, or waits at its head: read CFG_HDR
//         1  read PATH           3  first beat          b  rest of the beats after the binding
//         2  read NEIGHBOR       2  bind, if nothing is missing    + 6, + 7  checksums, commit
//
// After a hint in clock 0 its ACK must arrive in clock 2; bound and first beat are in clock 3.
`include "chim_assert.svh"

module chim_hdr_build
  import chim_contract_pkg::*;
  import chim_types_pkg::*;
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW = 64,  // bus width: 64, 128, 256 or 512 bits
  parameter int unsigned Conns = 1024,  // slots, a power of two
  parameter int unsigned Paths = 256,  // entries of table PATH, a power of two
  parameter int unsigned Neighbors = 64,  // entries of table NEIGHBOR, a power of two
  localparam int unsigned BeatW = $clog2((HDR_BYTES * 8 + DataW - 1) / DataW + 1)
) (
  input logic clk_i,
  input logic rst_ni,

  // Oldest frame of each lane, and what arrives at an empty lane in this clock (early).
  input  logic           data_valid,
  output logic           data_take_o,
  input  tx_cmd_t        data_cmd,
  input  logic           data_go_i,      // its payload is here, whole
  input  logic           data_bad_i,     // its payload could not be read: no frame
  input  logic    [15:0] data_sum_i,     // one's complement sum of the payload
  input  logic           ack_valid,
  output logic           ack_take_o,
  input  tx_cmd_t        ack_cmd,
  input  logic    [ 4:0] ack_level_i,    // ACKs in that lane
  input  logic           early_valid_i,
  input  logic           early_ack_i,    // it is an ACK
  input  conn_t          early_conn_i,
  input  logic           hint_valid_i,   // an ACK of this connection is likely to arrive
  input  conn_t          hint_conn_i,

  // Late binding; the answer may take any number of clocks.
  output logic      bind_req_valid,
  output bind_req_t bind_req,
  input  logic      bind_rsp_valid,
  input  bind_rsp_t bind_rsp,

  // Beats of the header, and the header as a whole when it is complete.
  input  logic                  slot_free_i,
  output logic                  hdr_valid_o,
  output logic      [BeatW-1:0] hdr_beat_o,
  output logic      [DataW-1:0] hdr_data_o,
  output logic                  commit_o,
  output tx_frame_t             frame_o,

  // Firmware: tables CFG_HDR, PATH, NEIGHBOR.
  input  logic            tbl_valid,
  output logic            tbl_ready,
  input  tbl_req_t        tbl_req,
  output logic            tbl_rvalid,
  output logic     [31:0] tbl_rdata,

  output logic idle_o
);
  localparam int unsigned Lanes = DataW / 32;
  localparam int unsigned Bytes = DataW / 8;
  localparam int unsigned IdxW = 6;

  if (!(DataW inside {64, 128, 256, 512})) begin : g_check_data_w
    $error("chim_hdr_build: DataW must be 64, 128, 256 or 512");
  end

  typedef logic [IdxW-1:0] idx_t;

  // ---- tables ----
  logic cfg_read, path_read, neighbor_read, tbl_open;
  conn_t cfg_conn;
  cfg_hdr_t cfg;
  path_t path;
  neighbor_t neighbor;
  logic [2:0] tbl_sel, tbl_readies, tbl_rvalids;
  logic [2:0][31:0] tbl_rdatas;
  assign tbl_sel[0] = tbl_req.table_id == 4'(TABLE_CFG_HDR);
  assign tbl_sel[1] = tbl_req.table_id == 4'(TABLE_PATH);
  assign tbl_sel[2] = tbl_req.table_id == 4'(TABLE_NEIGHBOR);
  assign tbl_ready  = tbl_open && |(tbl_sel & tbl_readies);
  assign tbl_rvalid = |tbl_rvalids;
  always_comb begin
    tbl_rdata = '0;
    for (int unsigned i = 0; i < 3; i++) if (tbl_rvalids[i]) tbl_rdata = tbl_rdatas[i];
  end

  chim_table #(
    .Words(CFG_HDR_WORDS),
    .Depth(Conns)
  ) u_cfg (
    .clk_i,
    .rst_ni,
    .rd_en_i   (cfg_read),
    .rd_addr_i ($clog2(Conns)'(cfg_conn)),
    .rd_data_o (cfg),
    .wr_en_i   (1'b0),
    .wr_addr_i ('0),
    .wr_data_i ('0),
    .tbl_valid (tbl_valid && tbl_open && tbl_sel[0]),
    .tbl_ready (tbl_readies[0]),
    .tbl_req,
    .tbl_rvalid(tbl_rvalids[0]),
    .tbl_rdata (tbl_rdatas[0])
  );
  chim_table #(
    .Words(PATH_WORDS),
    .Depth(Paths)
  ) u_path (
    .clk_i,
    .rst_ni,
    .rd_en_i   (path_read),
    .rd_addr_i ($clog2(Paths)'(cfg.Path)),
    .rd_data_o (path),
    .wr_en_i   (1'b0),
    .wr_addr_i ('0),
    .wr_data_i ('0),
    .tbl_valid (tbl_valid && tbl_open && tbl_sel[1]),
    .tbl_ready (tbl_readies[1]),
    .tbl_req,
    .tbl_rvalid(tbl_rvalids[1]),
    .tbl_rdata (tbl_rdatas[1])
  );
  chim_table #(
    .Words(NEIGHBOR_WORDS),
    .Depth(Neighbors)
  ) u_neighbor (
    .clk_i,
    .rst_ni,
    .rd_en_i   (neighbor_read),
    .rd_addr_i ($clog2(Neighbors)'(path.Neighbor)),
    .rd_data_o (neighbor),
    .wr_en_i   (1'b0),
    .wr_addr_i ('0),
    .wr_data_i ('0),
    .tbl_valid (tbl_valid && tbl_open && tbl_sel[2]),
    .tbl_ready (tbl_readies[2]),
    .tbl_req,
    .tbl_rvalid(tbl_rvalids[2]),
    .tbl_rdata (tbl_rdatas[2])
  );

  // ---- which frame ----
  typedef enum logic [2:0] {
    IDLE,     // chooses; reads CFG_HDR
    CFG,      // reads PATH
    PATH,     // reads NEIGHBOR
    BEATS,    // writes beats from first to last, as far as they are known
    SUM,      // the sums of the last beats arrive
    CSUM_IP,  // writes the beat with the IPv4 header's checksum again
    CSUM_TCP  // writes the beat with TCP's checksum again: complete
  } state_e;
  state_e state_q;

  logic is_ack_q, last_ack_q;  // this frame, the last one
  logic start, pick_ack, data_frame, restart, drop_data, fence;
  logic start_guess, guess_q, match_q, sure;  // begun on a hint; its ACK came; not a guess any more
  conn_t guess_conn_q;
  logic [4:0] acks_before_q;  // ACKs of the other lane that a fence must let go first
  logic fence_seen_q;
  logic asked_q, bound_q;  // bind_req is out, bind_rsp is in
  logic      is_data;  // cmd_q is DATA
  bind_rsp_t bound;
  tx_cmd_t   cmd_q;  // from state PATH on
  logic      go;

  assign data_frame = data_valid && data_cmd.kind != TX_FENCE;
  // In turn, if both could leave; an ACK at once if the other waits for memory.
  assign pick_ack = ack_valid && !(last_ack_q && data_frame && data_go_i);
  // A frame without payload never came: forget its command.
  assign drop_data  = data_frame && data_bad_i
                      && (state_q == IDLE || (state_q == BEATS && !is_ack_q));
  assign fence      = state_q == IDLE && data_valid && data_cmd.kind == TX_FENCE && fence_seen_q
                      && acks_before_q == '0 && slot_free_i;
  assign start      = state_q == IDLE && slot_free_i && !drop_data && !fence && !tbl_valid
                      && (pick_ack || data_frame || early_valid_i);
  assign start_guess = state_q == IDLE && slot_free_i && !tbl_valid && !data_valid && !ack_valid
                       && !early_valid_i && hint_valid_i;
  assign sure = !guess_q || (state_q == BEATS && match_q);
  assign cfg_read = start || start_guess;
  assign cfg_conn = pick_ack ? ack_cmd.conn : data_frame ? data_cmd.conn
                    : early_valid_i ? early_conn_i : hint_conn_i;
  assign go = is_ack_q || data_go_i;

  assign path_read = state_q == CFG;
  assign neighbor_read = state_q == PATH;

  // ---- binding ----
  assign bind_req_valid = state_q inside {PATH, BEATS} && !asked_q && go && !drop_data && !restart
                          && sure;
  assign bind_req = '{
          conn: cmd_q.conn,
          pure_ack: is_ack_q,
          end_seq: is_data ? cmd_q.seq + 32'(cmd_q.len) + 32'(cmd_q.fin) : cmd_q.seq
      };

  // A data frame that waits makes room for an ACK, or for firmware's access to the tables.
  logic waiting;
  assign waiting  = state_q == BEATS && !asked_q && !go;
  assign restart  = waiting && (ack_valid || tbl_valid);
  assign tbl_open = state_q == IDLE || waiting;

  // ---- words ----
  // The
  // layout comes from the tables' registers: v6 and ts of CFG_HDR from PATH on, the rest from the
  // second clock of BEATS on; the first three words do not depend on it.
  logic tag, v6, ts, laid_q;
  idx_t l3, l4, words;
  logic [15:0] tcp_len, ip_len;
  logic [7:0] hdr_len;
  logic [15:0] ip_id_q, ip_csum_q, tcp_csum_q;
  logic [2:0] prio;
  assign prio = cfg.UserPriority;
  always_ff @(posedge clk_i) begin
    if (state_q == CFG) begin
      v6    <= cfg.Ipv6;
      ts    <= cfg.TsEnabled;
      cmd_q <= is_ack_q ? ack_cmd : data_cmd;
      if (guess_q) cmd_q.conn <= guess_conn_q;
      if (guess_q) cmd_q.kind <= TX_ACK;
    end
    laid_q <= state_q == BEATS;
    if (state_q == BEATS) tag <= neighbor.VlanId != '0 || prio != '0;  // R179
  end
  assign l3      = tag ? 6'd5 : 6'd4;
  assign l4      = l3 + (v6 ? 6'd10 : 6'd5);
  assign words   = l4 + (ts ? 6'd8 : 6'd5);
  assign hdr_len = {words, 2'b0} - 8'd2;
  assign is_data = cmd_q.kind == TX_DATA;
  assign tcp_len = (is_data ? cmd_q.len : 16'd0) + (ts ? 16'd32 : 16'd20);
  assign ip_len  = tcp_len + 16'd20;

  logic [ 7:0] flags;
  logic [31:0] seq;
  assign flags = {
    3'b000, 1'b1, is_data && cmd_q.psh, cmd_q.kind == TX_RST, 1'b0, is_data && cmd_q.fin
  };
  assign seq = is_ack_q ? bound.seq : cmd_q.seq;

  function automatic logic [31:0] eth_word(idx_t i);
    logic [31:0] w;
    unique case (i)
      6'd0:    w = {16'd0, neighbor.DstMac[47:32]};
      6'd1:    w = neighbor.DstMac[31:0];
      6'd2:    w = neighbor.SrcMac[47:16];
      6'd3:    w = {neighbor.SrcMac[15:0], tag ? 16'h8100 : v6 ? 16'h86DD : 16'h0800};
      default: w = {prio, 1'b0, neighbor.VlanId, v6 ? 16'h86DD : 16'h0800};
    endcase
    return w;
  endfunction

  function automatic logic [31:0] ip_word(idx_t i);
    logic [31:0] w;
    if (v6) begin
      unique case (i)
        6'd0:    w = {4'd6, cfg.TosOrTrafficClass, cfg.FlowLabel};
        6'd1:    w = {tcp_len, 8'd6, cfg.TtlOrHopLimit};
        6'd2:    w = path.SrcAddr[127:96];
        6'd3:    w = path.SrcAddr[95:64];
        6'd4:    w = path.SrcAddr[63:32];
        6'd5:    w = path.SrcAddr[31:0];
        6'd6:    w = path.DstAddr[127:96];
        6'd7:    w = path.DstAddr[95:64];
        6'd8:    w = path.DstAddr[63:32];
        default: w = path.DstAddr[31:0];
      endcase
    end else begin
      unique case (i)
        6'd0:    w = {8'h45, cfg.TosOrTrafficClass, ip_len};
        6'd1:    w = {ip_id_q, 16'h4000};  // RFC 791: do not fragment
        6'd2:    w = {cfg.TtlOrHopLimit, 8'd6, ip_csum_q};
        6'd3:    w = path.SrcAddr[127:96];
        default: w = path.DstAddr[127:96];
      endcase
    end
    return w;
  endfunction

  function automatic logic [31:0] tcp_word(idx_t i);
    logic [31:0] w;
    unique case (i)
      6'd0:    w = {cfg.LocalPort, cfg.RemotePort};
      6'd1:    w = seq;
      6'd2:    w = bound.ack;
      6'd3:    w = {ts ? 4'd8 : 4'd5, 4'd0, flags, bound.wnd};
      6'd4:    w = {tcp_csum_q, 16'd0};
      6'd5:    w = 32'h0101_080A;
      6'd6:    w = bound.ts_val;
      default: w = bound.ts_ecr;
    endcase
    return w;
  endfunction

  function automatic logic [31:0] word_at(idx_t i);
    if (i >= l4) return tcp_word(i - l4);
    if (i >= l3) return ip_word(i - l3);
    return eth_word(i);
  endfunction

  // ---- beats ----
  logic [BeatW-1:0] beat_q, beat, last_beat, ip_beat, tcp_beat;
  idx_t first, need;
  logic known, step, again;
  assign last_beat = BeatW'((hdr_len - 8'd1) / 8'(Bytes));
  assign ip_beat = BeatW'(({l3, 2'b0} + 8'd8) / 8'(Bytes));
  assign tcp_beat = BeatW'(({l4, 2'b0} + 8'd14) / 8'(Bytes));
  assign again = state_q inside {CSUM_IP, CSUM_TCP};
  assign beat = (state_q == CSUM_IP) ? ip_beat : (state_q == CSUM_TCP) ? tcp_beat : beat_q;
  assign first = idx_t'(32'(beat) * Lanes);
  // The beat reaches into word first + Lanes; what that or an earlier word needs must be bound.
  assign need = l4 + (is_ack_q ? 6'd1 : 6'd2);
  assign known = (laid_q || (Lanes == 2 && beat_q == '0))
                 && (bound_q || 32'(first) + Lanes < 32'(need));
  assign step = state_q == BEATS && known && !restart && !drop_data && sure;
  assign hdr_valid_o = step || again;
  assign hdr_beat_o = beat;

  logic [Lanes:0][31:0] word;
  always_comb begin
    for (int unsigned l = 0; l <= Lanes; l++) word[l] = word_at(first + idx_t'(l));
    for (int unsigned b = 0; b < Bytes; b++) begin
      // Byte b of the beat: byte b + 2 of the words.
      hdr_data_o[8*b+:8] = word[(b+2)/4][8*(3-(b+2)%4)+:8];
    end
  end

  // ---- checksums ----
  localparam int unsigned SumW = 16 + $clog2(2 * Lanes);
  typedef logic [SumW-1:0] sum_t;
  logic [Lanes-1:0][31:0] ip_part_q, tcp_part_q;
  sum_t ip_sum_q, tcp_sum_q;
  logic [19:0] ip_acc_q, tcp_acc_q;
  logic part_q, part_first_q, sum_q, sum_first_q;
  function automatic sum_t sum_words(logic [Lanes-1:0][31:0] w);
    sum_t s;
    s = '0;
    for (int unsigned l = 0; l < Lanes; l++) s = s + SumW'(w[l][31:16]) + SumW'(w[l][15:0]);
    return s;
  endfunction
  function automatic logic [19:0] accumulate(logic [19:0] old, sum_t more);
    return 20'(old[15:0]) + 20'(old[19:16]) + 20'(more[15:0]) + 20'(more[SumW-1:16]);
  endfunction

  logic [ 2:0] flush_q;  // clocks since the last beat
  logic [18:0] tcp_total_q;
  logic [16:0] ip_total_q;
  always_ff @(posedge clk_i) begin
    part_q       <= step;
    part_first_q <= beat_q == '0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      idx_t i;
      i = first + idx_t'(l);
      ip_part_q[l]  <= (i >= l3 && i < l4) ? word[l] : '0;
      tcp_part_q[l] <= (i < words && (i >= l4 || i >= l3 + (v6 ? 6'd2 : 6'd3))) ? word[l] : '0;
    end
    sum_q       <= part_q;
    sum_first_q <= part_first_q;
    ip_sum_q    <= sum_words(ip_part_q);
    tcp_sum_q   <= sum_words(tcp_part_q);
    if (sum_q) begin
      ip_acc_q  <= accumulate(sum_first_q ? '0 : ip_acc_q, ip_sum_q);
      tcp_acc_q <= accumulate(sum_first_q ? '0 : tcp_acc_q, tcp_sum_q);
    end
    // Third clock of SUM: everything is in; RFC 9293 3.1 pseudo header, protocol 6.
    ip_total_q <= 17'(ip_acc_q[15:0]) + 17'(ip_acc_q[19:16]);
    tcp_total_q <= 19'(tcp_acc_q[15:0]) + 19'(tcp_acc_q[19:16]) + 19'(tcp_len) + 19'd6
                   + (!is_data || cmd_q.len == '0 ? 19'd0 : 19'(data_sum_i));
    // Fourth: fold twice, complement. While the beats are first written both are zero.
    if (state_q == SUM) begin
      ip_csum_q  <= ~(ip_total_q[15:0] + 16'(ip_total_q[16]));
      tcp_csum_q <= ~fold(tcp_total_q);
    end else if (state_q == IDLE) begin
      ip_csum_q  <= '0;
      tcp_csum_q <= '0;
    end
  end
  function automatic logic [15:0] fold(logic [18:0] x);
    logic [16:0] once;
    once = 17'(x[15:0]) + 17'(x[18:16]);
    return once[15:0] + 16'(once[16]);
  endfunction

  // ---- control ----
  always_ff @(posedge clk_i) begin
    flush_q <= (state_q == SUM) ? flush_q + 1'b1 : '0;
    guess_conn_q <= hint_conn_i;
    match_q <= early_valid_i && early_ack_i && early_conn_i == cmd_q.conn;
    if (bind_req_valid) asked_q <= 1'b1;
    if (bind_rsp_valid) begin
      bound_q <= 1'b1;
      bound   <= bind_rsp;
    end

    unique case (state_q)
      IDLE: begin
        beat_q  <= '0;
        asked_q <= 1'b0;
        bound_q <= 1'b0;
        if (start) begin
          is_ack_q <= pick_ack || (!data_frame && early_ack_i);
          state_q  <= CFG;
        end
        guess_q <= start_guess;
        if (start_guess) begin
          is_ack_q <= 1'b1;
          state_q  <= CFG;
        end
      end
      CFG: state_q <= PATH;
      PATH: state_q <= BEATS;
      BEATS: begin
        guess_q <= 1'b0;
        if (restart || drop_data || !sure) state_q <= IDLE;
        else if (step) begin
          beat_q <= beat_q + 1'b1;
          if (beat_q == last_beat) state_q <= SUM;
        end
      end
      SUM: if (flush_q == 3'd3) state_q <= (v6 || ip_beat == tcp_beat) ? CSUM_TCP : CSUM_IP;
      CSUM_IP: state_q <= CSUM_TCP;
      CSUM_TCP: begin
        last_ack_q <= is_ack_q;
        if (!v6) ip_id_q <= (ip_id_q + 1'b1) | 16'(IP_ID_HIGH);
        state_q <= IDLE;
      end
      default: state_q <= IDLE;
    endcase

    // A fence lets the ACKs go that came before it.
    if (data_valid && data_cmd.kind == TX_FENCE) begin
      fence_seen_q <= !fence;
      if (!fence_seen_q) acks_before_q <= ack_level_i;
    end
    if (ack_take_o && acks_before_q != '0) acks_before_q <= acks_before_q - 1'b1;

    if (!rst_ni) begin
      state_q      <= IDLE;
      guess_q      <= 1'b0;
      last_ack_q   <= 1'b0;
      fence_seen_q <= 1'b0;
      ip_id_q      <= 16'(IP_ID_HIGH);
    end
  end

  `CHIM_ASSERT(ast_guess_right, !(guess_q && sure) || (ack_valid && ack_cmd.conn == cmd_q.conn))

  assign commit_o = state_q == CSUM_TCP || fence;
  assign ack_take_o = state_q == CSUM_TCP && is_ack_q;
  assign data_take_o = (state_q == CSUM_TCP && !is_ack_q) || drop_data || fence;
  assign frame_o = '{
          fence: fence,
          hdr_len: hdr_len[6:0],
          pay_len: is_data ? frame_len_t'(cmd_q.len) : '0
      };
  assign idle_o = state_q == IDLE && !data_valid && !ack_valid;

  logic unused_bits;
  assign unused_bits = &{1'b0, cmd_q.has_una, cmd_q.una, cfg_conn, cfg.Rsvd, path.Rsvd, path.Ipv6,
                         path.Neighbor, neighbor.Rsvd, cfg.Path};
endmodule
