// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Receive parser: takes frames as they arrive, one beat per clock, and gives each one's lookup key
// as soon as the ports are in and its record after the last beat. Hard part: any bus width, with
// state that is early enough for the checksum of the very beat that carries it.
//
// Ethernet and 802.1Q headers end 2 bytes behind a multiple of 4, so the frame is read on a grid of
// 32-bit words shifted by two bytes: every header field from the ethertype on lies in one word.
//
//   bytes   0 1 | 2 3 4 5 | 6 7 8 9 | 10 11 12 13 | 14 15 16 17 | 18 ...
//   word     0  |    1    |    2    |      3      |      4      |  5
//                                       ethertype   IP or tag
//
// A beat of DataW bits completes DataW/32 words; its last two bytes wait for the next beat. At 64
// bits a field is always in a register before the beat that depends on it. Wider buses carry both
// in one beat, so there the beat is delayed while two stages decode ahead, and the checksum takes
// two more.
//
// Latency from last beat to record: 1 clock at 64 bits, 5 clocks above; from ports to key 1 and 3.
module chim_rx_parse
  import chim_contract_pkg::MAX_FRAME_BYTES;
  import chim_types_pkg::*;
  import chim_net_pkg::*;
#(
  parameter int unsigned DataW = 64,  // bus width: 64, 128, 256 or 512 bits
  // 0: the connection is named beside the frame: no key is given and no MAC address compared.
  parameter bit Keyed = 1'b1
) (
  input logic clk_i,
  input logic rst_ni,

  input logic [47:0] mac_i,         // our address, first byte in bits 7:0
  input logic        promiscuous_i,

  // Beats, always taken. keep counts at last only: bytes from lane 0 on.
  input logic [  DataW-1:0] beat_data_i,
  input logic [DataW/8-1:0] beat_keep_i,
  input logic               beat_last_i,
  input logic               beat_bad_i,   // at last: the frame is damaged
  input logic               beat_valid_i,

  // At most one key per frame. Taken at once on wide buses; at 64 bits it may wait, and a frame
  // whose key comes while an older one still waits has none (rec_lost_o).
  output logic     key_valid,
  input  logic     key_ready,
  output lkp_key_t key,

  // One record per frame.
  output logic      rec_valid_o,
  output rx_rec_t   rec_o,
  output tcp_opts_t rec_opts_o,
  output logic      rec_lost_o
);
  localparam bit Wide = DataW > 64;
  localparam int unsigned Lanes = DataW / 32;
  localparam int unsigned Bytes = DataW / 8;
  localparam int unsigned NbW = $clog2(Bytes) + 1;
  localparam int unsigned IdxW = 8;
  // Word numbers stop here, behind every header that is looked at.
  localparam logic [IdxW-1:0] IdxStop = IdxW'(256 - 2 * Lanes);
  // The first word of TCP must not lie behind this one: bounds the walk over extension headers.
  localparam int unsigned L4Limit = 64;

  if (!(DataW inside {64, 128, 256, 512})) begin : g_check_data_w
    $error("chim_rx_parse: DataW must be 64, 128, 256 or 512");
  end

  typedef logic [IdxW-1:0] idx_t;
  typedef logic signed [17:0] rem_t;

  typedef struct packed {
    logic                   valid;
    logic                   first;
    logic                   last;
    logic                   bad;
    logic                   ours;   // destination: our own address (first beat)
    logic                   pass;   // destination passes the filter (first beat)
    logic [NbW-1:0]         nb;     // bytes in the beat
    idx_t                   idx;    // number of word 0 of the beat
    logic [Lanes-1:0]       have;   // word is complete
    logic [Lanes-1:0][31:0] word;
    logic [15:0]            tail;   // the two bytes behind the last word
  } beat_t;

  // Ethernet layer.
  typedef struct packed {
    logic        has_tag;
    logic        v4;
    logic        v6;
    logic [15:0] tci;
  } eth_t;

  // First words of the IP header, whatever the family.
  typedef struct packed {
    logic [3:0]  ver;
    logic [3:0]  ihl;
    logic [15:0] tot;    // IPv4 total length
    logic [31:0] word1;  // IPv4 id, flags, fragment offset; IPv6 payload length, next header
    logic [7:0]  proto;  // IPv4
  } ip_t;

  // Extension headers walked so far.
  typedef struct packed {
    logic       any;
    logic       fail;
    logic [7:0] nh;    // of the newest
    idx_t       off;   // words
  } ext_t;

  // ---- the beat on the word grid ----------------------------------------------------------------
  logic first_q;
  logic [15:0] carry_q;
  idx_t idx_q;
  beat_t beat0;

  function automatic logic [15:0] be16(logic [DataW-1:0] data, int unsigned byte_no);
    return {data[8*byte_no+:8], data[8*byte_no+8+:8]};
  endfunction

  always_comb begin
    beat0 = '0;
    beat0.valid = beat_valid_i;
    beat0.first = first_q;
    beat0.last = beat_last_i;
    beat0.bad = beat_bad_i;
    beat0.ours = beat_data_i[47:0] == mac_i;
    beat0.pass = beat0.ours || beat_data_i[0] || promiscuous_i;
    beat0.idx = first_q ? '0 : idx_q;
    for (int unsigned i = 0; i < Bytes; i++) begin
      if (!beat_last_i || beat_keep_i[i]) beat0.nb = NbW'(i + 1);
    end
    for (int unsigned l = 0; l < Lanes; l++) begin
      beat0.have[l] = !beat_last_i || beat_keep_i[4*l+1];
      beat0.word[l] = {
        (l == 0) ? carry_q : be16(beat_data_i, (l == 0) ? 0 : 4 * l - 2), be16(beat_data_i, 4 * l)
      };
    end
    beat0.tail = be16(beat_data_i, Bytes - 2);
  end

  always_ff @(posedge clk_i) begin
    if (beat_valid_i) begin
      first_q <= beat_last_i;
      carry_q <= beat0.tail;
      idx_q   <= (beat0.idx >= IdxStop) ? IdxStop : beat0.idx + IdxW'(Lanes);
    end
    if (!rst_ni) first_q <= 1'b1;
  end

  // ---- what the outer layers say, by the end of a beat
  // --------------------------------------------
  function automatic eth_t eth_step(eth_t old, beat_t b);
    eth_t s;
    s = b.first ? '0 : old;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (b.have[l] && (b.idx + IdxW'(l) == 8'd3 || (b.idx + IdxW'(l) == 8'd4 && s.has_tag))) begin
        s.v4 = b.word[l][15:0] == 16'h0800;
        s.v6 = b.word[l][15:0] == 16'h86DD;
        if (b.idx + IdxW'(l) == 8'd3) s.has_tag = b.word[l][15:0] == 16'h8100;
        else s.tci = b.word[l][31:16];
      end
    end
    return s;
  endfunction

  function automatic ip_t ip_step(ip_t old, eth_t eth, beat_t b);
    ip_t  s;
    idx_t l3;
    s  = b.first ? '0 : old;
    l3 = eth.has_tag ? 8'd5 : 8'd4;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (b.have[l]) begin
        if (b.idx + IdxW'(l) == l3) begin
          s.ver = b.word[l][31:28];
          s.ihl = b.word[l][27:24];
          s.tot = b.word[l][15:0];
        end
        if (b.idx + IdxW'(l) == l3 + 8'd1) s.word1 = b.word[l];
        if (b.idx + IdxW'(l) == l3 + 8'd2) s.proto = b.word[l][23:16];
      end
    end
    return s;
  endfunction

  function automatic logic version_ok(eth_t e, ip_t i);
    return (e.v4 && i.ver == 4'd4 && i.ihl >= 4'd5) || (e.v6 && i.ver == 4'd6);
  endfunction
  function automatic logic is_frag(eth_t e, ip_t i);
    return e.v4 && i.word1[13:0] != '0;
  endfunction
  // First word behind the IPv4 header with its options, or behind the fixed IPv6 header.
  function automatic idx_t l4_start(eth_t e, ip_t i);
    return (e.has_tag ? 8'd5 : 8'd4) + (e.v6 ? 8'd10 : IdxW'(i.ihl));
  endfunction

  // The beat that the rest looks at, and the layers as of the beat before it (64 bits) or of
  // itself.
  beat_t bm;
  eth_t  eth;
  ip_t   ip;

  if (Wide) begin : g_ahead
    beat_t beat1_q, beat2_q;
    eth_t eth1_q, eth2_q;
    ip_t ip2_q;
    always_ff @(posedge clk_i) begin
      beat1_q <= beat0;
      if (beat0.valid) eth1_q <= eth_step(eth1_q, beat0);
      beat2_q <= beat1_q;
      if (beat1_q.valid) begin
        eth2_q <= eth1_q;
        ip2_q  <= ip_step(ip2_q, eth1_q, beat1_q);
      end
      if (!rst_ni) begin
        beat1_q.valid <= 1'b0;
        beat2_q.valid <= 1'b0;
      end
    end
    assign bm  = beat2_q;
    assign eth = eth2_q;
    assign ip  = ip2_q;
  end else begin : g_now
    eth_t eth_q;
    ip_t  ip_q;
    always_ff @(posedge clk_i) begin
      if (beat0.valid) begin
        eth_q <= eth_step(eth_q, beat0);
        ip_q  <= ip_step(ip_q, eth_q, beat0);
      end
    end
    assign bm  = beat0;
    assign eth = eth_q;
    assign ip  = ip_q;
  end

  // ---- where things are
  // ---------------------------------------------------------------------------
  idx_t l3, l4_base, l4;
  logic [15:0] l3_len;
  assign l3      = eth.has_tag ? 8'd5 : 8'd4;
  assign l4_base = l4_start(eth, ip);
  assign l3_len  = eth.v6 ? ip.word1[31:16] + 16'd40 : ip.tot;

  // Extension headers (RFC 8200 4: hop-by-hop 0, routing 43, destination options 60; all begin with
  // next header and length in units of 8 bytes less one). One may start in a beat.
  function automatic logic is_ext(logic [7:0] nh);
    return nh inside {8'd0, 8'd43, 8'd60};
  endfunction

  ext_t ext_q, ext_old, ext;
  logic [7:0] nh_old, nh;
  assign ext_old = bm.first ? '0 : ext_q;
  assign nh_old  = ext_old.any ? ext_old.nh : ip.word1[15:8];
  assign nh      = ext.any ? ext.nh : ip.word1[15:8];
  always_comb begin
    ext = ext_old;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (bm.have[l] && eth.v6 && is_ext(
              nh_old
          ) && !ext_old.fail && bm.idx + IdxW'(l) == l4_base + ext_old.off) begin
        ext.any = 1'b1;
        ext.nh  = bm.word[l][31:24];
        ext.off = ext_old.off + 8'd2 + {bm.word[l][22:16], 1'b0};
        if (bm.word[l][23] || 32'(l4_base) + 32'(ext_old.off) + 32'd2 + {24'd0, bm.word[l][22:16], 1'b0}
            > L4Limit) begin
          ext.fail = 1'b1;
        end
        // A second one in the same beat is not looked at.
        if (Wide && is_ext(
                bm.word[l][31:24]
            ) && 32'(l) + 32'd2 + {24'd0, bm.word[l][22:16], 1'b0} < Lanes) begin
          ext.fail = 1'b1;
        end
      end
    end
  end
  // At 64 bits the next header never starts in the beat that names it.
  assign l4 = l4_base + (Wide ? ext.off : ext_old.off);

  logic ver_ok, frag, tcp_proto;
  assign ver_ok    = version_ok(eth, ip);
  assign frag      = is_frag(eth, ip);
  assign tcp_proto = eth.v4 ? ip.proto == 8'd6 : (Wide ? nh : nh_old) == 8'd6;

  // ---- key
  // ----------------------------------------------------------------------------------------
  logic key_valid_q, key_block, key_lost_q, key_lost_d, keyed_q, keyed_d, ours_q, ours;
  assign ours = bm.first ? bm.ours : ours_q;

  if (Keyed) begin : g_key
    logic [3:0][31:0] remote_q, local_q;
    logic [31:0] ports_q;
    logic v6_q;
    logic key_now, want;
    assign key_block = !Wide && key_valid_q && !key_ready;

    always_comb begin
      key_now = 1'b0;
      want    = 1'b0;  // this beat holds a word of the key
      for (int unsigned l = 0; l < Lanes; l++) begin
        if (bm.have[l] && ver_ok) begin
          if (bm.idx + IdxW'(l) == l4 && tcp_proto && !frag && !ext.fail) key_now = 1'b1;
          if (bm.idx + IdxW'(l) >= l3 + 8'd2 && bm.idx + IdxW'(l) <= l4) want = 1'b1;
        end
      end
      if (!bm.valid || !ours || (!bm.first && (keyed_q || key_lost_q))) key_now = 1'b0;
    end
    assign key_lost_d = (!bm.first && key_lost_q) || (bm.valid && want && key_block);
    assign keyed_d    = (!bm.first && keyed_q) || (key_now && !key_lost_d);

    always_ff @(posedge clk_i) begin
      for (int unsigned l = 0; l < Lanes; l++) begin
        if (bm.valid && bm.have[l] && !key_block) begin
          for (int unsigned k = 0; k < 4; k++) begin
            if (bm.idx + IdxW'(l) == l3 + (eth.v6 ? IdxW'(k + 2) : 8'd3)) remote_q[k] <= bm.word[l];
            if (bm.idx + IdxW'(l) == l3 + (eth.v6 ? IdxW'(k + 6) : 8'd4)) local_q[k] <= bm.word[l];
          end
          if (bm.idx + IdxW'(l) == l4) ports_q <= bm.word[l];
        end
      end
      if (bm.valid && !key_block) v6_q <= eth.v6;
      if (key_now && !key_lost_d) key_valid_q <= 1'b1;
      else if (Wide || key_ready) key_valid_q <= 1'b0;
      if (!rst_ni) key_valid_q <= 1'b0;
    end

    function automatic logic [31:0] wire_order(logic [31:0] word);
      return {word[7:0], word[15:8], word[23:16], word[31:24]};
    endfunction
    always_comb begin
      key.ipv6 = v6_q;
      key.remote_port = ports_q[31:16];
      key.local_port = ports_q[15:0];
      for (int unsigned k = 0; k < 4; k++) begin
        key.remote_addr[32*k+:32] = (k == 0 || v6_q) ? wire_order(remote_q[k]) : '0;
        key.local_addr[32*k+:32]  = (k == 0 || v6_q) ? wire_order(local_q[k]) : '0;
      end
    end
  end else begin : g_no_key
    assign key_block   = 1'b0;
    assign key_valid_q = 1'b0;
    assign key_lost_d  = 1'b0;
    assign keyed_d     = 1'b0;
    assign key         = '0;
    logic unused_key;
    assign unused_key = &{1'b0, key_ready, key_block, keyed_q, key_lost_q, ours, l4, ver_ok, frag, tcp_proto};
  end
  assign key_valid = key_valid_q;

  // ---- TCP header
  // ---------------------------------------------------------------------------------
  seq_t seq_q, ack_q;
  logic [3:0] doff_q;
  tcp_flags_t flags_q;
  logic [15:0] wnd_q;
  tcp_opts_t opts_q;
  always_ff @(posedge clk_i) begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (bm.valid && bm.have[l]) begin
        if (bm.idx + IdxW'(l) == l4_base + 8'd1) seq_q <= bm.word[l];
        if (bm.idx + IdxW'(l) == l4_base + 8'd2) ack_q <= bm.word[l];
        if (bm.idx + IdxW'(l) == l4_base + 8'd3) begin
          doff_q  <= bm.word[l][31:28];
          flags_q <= bm.word[l][23:16];
          wnd_q   <= bm.word[l][15:0];
        end
        for (int unsigned k = 0; k < 10; k++) begin
          if (bm.idx + IdxW'(l) == l4_base + IdxW'(k + 5)) opts_q[k] <= bm.word[l];
        end
      end
    end
  end

  // ---- checksums
  // ---------------------------------------------------------------------------------- Bytes of the
  // IP datagram left from word 0 of this beat on; computed a beat ahead at 64 bits.
  rem_t rest, rest_q;
  function automatic rem_t rest_at(idx_t idx);
    return rem_t'({2'b0, l3_len}) + rem_t'({8'd0, l3, 2'b0}) - rem_t'({8'd0, idx, 2'b0});
  endfunction
  if (Wide) begin : g_rest_now
    assign rest = (bm.idx < IdxStop) ? rest_at(bm.idx) : rest_q - rem_t'(Bytes);
    always_ff @(posedge clk_i) if (bm.valid) rest_q <= rest;
  end else begin : g_rest_ahead
    assign rest = rest_q;
    always_ff @(posedge clk_i) begin
      if (bm.valid) begin
        rest_q <= (bm.idx < 8'd14) ? rest_at(bm.idx + IdxW'(Lanes)) : rest_q - rem_t'(Bytes);
      end
    end
  end

  // Words of this beat that belong to the TCP checksum (pseudo header addresses, and TCP up to the
  // end of the datagram), and to the IPv4 header's.
  function automatic logic [31:0] keep_bytes(logic [31:0] word, rem_t left);
    if (left <= 0) return '0;
    if (left >= 4) return word;
    unique case (left[1:0])
      2'd1:    return word & 32'hFF00_0000;
      2'd2:    return word & 32'hFFFF_0000;
      default: return word & 32'hFFFF_FF00;
    endcase
  endfunction

  logic [Lanes:0][31:0] tcp_word, ip_word;  // the last one holds the tail of the last beat
  always_comb begin
    for (int unsigned l = 0; l <= Lanes; l++) begin
      logic [31:0] word;
      idx_t idx;
      word = (l < Lanes) ? bm.word[(l<Lanes)?l : 0] : (bm.last ? {bm.tail, 16'd0} : '0);
      idx = bm.idx + IdxW'(l);
      tcp_word[l] = '0;
      // No IP header is shorter than 5 words; at 64 bits its length is not known before word 2.
      if (idx >= l4_base && idx >= l3 + 8'd5) begin
        tcp_word[l] = keep_bytes(word, rest - rem_t'(4 * l));
      end else if (eth.v6 ? idx >= l3 + 8'd2 : idx >= l3 + 8'd3) begin
        tcp_word[l] = (l < Lanes && (eth.v6 || idx <= l3 + 8'd4)) ? word : '0;
      end
      ip_word[l] = (idx >= l3 && (idx < l4_base || idx < l3 + 8'd5) && l < Lanes) ? word : '0;
    end
  end

  // One's complement sums, not folded: a sum of zero modulo 65,535 is found without folding.
  localparam int unsigned SumW = 16 + $clog2(2 * Lanes + 1);
  localparam int unsigned AccW = SumW + 1;
  typedef logic [SumW-1:0] sum_t;
  typedef logic [AccW-1:0] acc_t;
  function automatic sum_t sum_words(logic [Lanes:0][31:0] w);
    sum_t s;
    s = '0;
    for (int unsigned l = 0; l < Lanes; l++) s = s + SumW'(w[l][31:16]) + SumW'(w[l][15:0]);
    return s + SumW'(w[Lanes][31:16]);
  endfunction
  function automatic acc_t accumulate(acc_t old, sum_t add);
    return AccW'(old[15:0]) + AccW'(old[AccW-1:16]) + AccW'(add);
  endfunction

  acc_t tcp_acc_q, ip_acc_q;
  if (Wide) begin : g_sum_wide
    logic valid1_q, valid2_q, first1_q, first2_q;
    logic [Lanes:0][31:0] tcp1_q, ip1_q;
    sum_t tcp2_q, ip2_q;
    always_ff @(posedge clk_i) begin
      valid1_q <= bm.valid;
      first1_q <= bm.first;
      tcp1_q   <= tcp_word;
      ip1_q    <= ip_word;
      valid2_q <= valid1_q;
      first2_q <= first1_q;
      tcp2_q   <= sum_words(tcp1_q);
      ip2_q    <= sum_words(ip1_q);
      if (valid2_q) begin
        tcp_acc_q <= accumulate(first2_q ? '0 : tcp_acc_q, tcp2_q);
        ip_acc_q  <= accumulate(first2_q ? '0 : ip_acc_q, ip2_q);
      end
    end
  end else begin : g_sum_now
    always_ff @(posedge clk_i) begin
      if (bm.valid) begin
        tcp_acc_q <= accumulate(bm.first ? '0 : tcp_acc_q, sum_words(tcp_word));
        ip_acc_q  <= accumulate(bm.first ? '0 : ip_acc_q, sum_words(ip_word));
      end
    end
  end

  // ---- record
  // ------------------------------------------------------------------------------------- Registers
  // that are complete one clock after the last beat.
  logic end_q, bad_q, pass_q, cut_q;
  logic [FRAME_LEN_W:0] len_q, len;
  logic too_long_q, too_long;
  always_comb begin
    len = (bm.first ? '0 : len_q) + (FRAME_LEN_W + 1)'(bm.nb);
    too_long = !bm.first && (too_long_q || 32'(len) > MAX_FRAME_BYTES);
  end
  always_ff @(posedge clk_i) begin
    end_q <= bm.valid && bm.last;
    if (bm.valid) begin
      ext_q  <= ext;
      ours_q <= ours;
      if (bm.first) pass_q <= bm.pass;
      keyed_q    <= keyed_d;
      key_lost_q <= key_lost_d;
      bad_q  <= bm.bad;
      cut_q  <= rest > rem_t'({1'b0, bm.nb}) + 18'sd2;
      too_long_q <= too_long;
      if (!too_long) len_q <= len;
    end
    if (!rst_ni) end_q <= 1'b0;
  end

  // In the clock after the last beat: the layers as of that beat.
  eth_t eth_end;
  ip_t  ip_end;
  if (Wide) begin : g_end_wide
    always_ff @(posedge clk_i) begin
      if (bm.valid) begin
        eth_end <= eth;
        ip_end  <= ip;
      end
    end
  end else begin : g_end_now
    assign eth_end = eth;
    assign ip_end  = ip;
  end
  logic ver_ok_end, frag_end;
  idx_t l4_end;
  assign ver_ok_end = version_ok(eth_end, ip_end);
  assign frag_end   = is_frag(eth_end, ip_end);
  assign l4_end     = l4_start(eth_end, ip_end);

  logic cand, cut, v6_ext;
  logic [15:0] l4_len, opt_len;
  assign v6_ext = eth_end.v6 && ext_q.any;
  assign l4_len = eth_end.v6 ? ip_end.word1[31:16] : ip_end.tot - {10'd0, ip_end.ihl, 2'b0};
  assign opt_len = {10'd0, doff_q, 2'b0};
  assign cut = cut_q || 32'(len_q) + 32'd2 < {22'd0, l4_end, 2'b0} || l4_len[15];
  assign cand    = ver_ok_end && !frag_end && !v6_ext && (eth_end.v4 ? ip_end.proto == 8'd6 : ip_end.word1[15:8] == 8'd6);

  typedef struct packed {
    rx_rec_t     rec;        // all but the checksums' verdict
    logic        lost;
    logic        v4_ok;      // IPv4 header complete: its checksum counts
    logic        cand;       // whole TCP header: its checksum counts
    logic        short_l4;
    logic        short_opt;
    logic [15:0] target;     // what the sum of a right segment folds to
    tcp_opts_t   opts;
  } meta_t;

  meta_t meta, meta_end;
  logic meta_valid;
  always_comb begin
    meta               = '0;
    meta.opts          = opts_q;
    meta.lost          = key_lost_q;
    meta.v4_ok         = eth_end.v4 && ver_ok_end && !cut;
    meta.cand          = cand && !cut;
    meta.short_l4      = l4_len < 16'd20;
    meta.short_opt     = l4_len < opt_len;
    // RFC 9293 3.1: pseudo header with protocol 6 and the TCP length; sum is 0xFFFF in all.
    meta.target        = 16'd65529 - l4_len;
    meta.rec.bad       = bad_q || too_long_q || len_q < (FRAME_LEN_W + 1)'(14);
    meta.rec.filtered  = Keyed && !pass_q;
    meta.rec.truncated = ver_ok_end && cut;
    meta.rec.keyed     = keyed_q;
    meta.rec.options   = ver_ok_end && (v6_ext || (eth_end.v4 && ip_end.ihl != 4'd5));
    meta.rec.malformed = doff_q < 4'd5;
    meta.rec.has_tag   = eth_end.has_tag;
    meta.rec.tci       = eth_end.has_tag ? eth_end.tci : '0;
    meta.rec.len       = len_q[FRAME_LEN_W-1:0];
    meta.rec.pay_off   = 8'({l4_end + IdxW'(doff_q), 2'b0} - 10'd2);
    meta.rec.opt_words = doff_q - 4'd5;
    meta.rec.pay_len   = FRAME_LEN_W'(l4_len - opt_len);
    meta.rec.seq       = seq_q;
    meta.rec.ack       = ack_q;
    meta.rec.wnd       = wnd_q;
    meta.rec.flags     = flags_q;
    // RFC 7323 appendix A: NOP, NOP, kind 8, length 10.
    meta.rec.has_ts    = doff_q == 4'd8 && opts_q[0] == 32'h0101_080A;
    meta.rec.ts_val    = opts_q[1];
    meta.rec.ts_ecr    = opts_q[2];
    meta.rec.walk      = doff_q > 4'd5 && !meta.rec.has_ts;
  end

  if (Wide) begin : g_meta_wide
    meta_t meta1_q, meta2_q;
    logic end1_q, end2_q;
    always_ff @(posedge clk_i) begin
      meta1_q <= meta;
      meta2_q <= meta1_q;
      end1_q  <= end_q;
      end2_q  <= end1_q;
      if (!rst_ni) begin
        end1_q <= 1'b0;
        end2_q <= 1'b0;
      end
    end
    assign meta_end   = meta2_q;
    assign meta_valid = end2_q;
  end else begin : g_meta_now
    assign meta_end   = meta;
    assign meta_valid = end_q;
  end

  logic ip_right, tcp_right;
  assign ip_right  = 17'(ip_acc_q[15:0]) + 17'(ip_acc_q[AccW-1:16]) == 17'h0FFFF;
  assign tcp_right = 17'(tcp_acc_q[15:0]) + 17'(tcp_acc_q[AccW-1:16]) == {1'b0, meta_end.target};

  always_comb begin
    rec_o = meta_end.rec;
    rec_o.bad_ip = meta_end.v4_ok && !ip_right;
    if (meta_end.cand && !rec_o.bad_ip) begin
      if (meta_end.short_l4) rec_o.truncated = 1'b1;
      else if (!tcp_right) rec_o.bad_tcp = 1'b1;
      else if (meta_end.short_opt && !rec_o.malformed) rec_o.truncated = 1'b1;
      else rec_o.tcp = 1'b1;
    end
    rec_o.walk = rec_o.tcp && !rec_o.options && meta_end.rec.walk;
  end
  assign rec_opts_o  = meta_end.opts;
  assign rec_lost_o  = meta_end.lost;
  assign rec_valid_o = meta_valid;

endmodule
