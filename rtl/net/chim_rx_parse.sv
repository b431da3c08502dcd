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
  // Word numbers stop here, behind every header that is looked at; the next beat's words and the
  // tail behind them still have numbers.
  localparam logic [IdxW-1:0] IdxStop = IdxW'(256 - 4 * Lanes);
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

  // ---- the beat on the word grid ----
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

  // ---- what the outer layers say, by the end of a beat ----
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

  // First word of the IP header.
  function automatic idx_t l3_start(eth_t e);
    return e.has_tag ? 8'd5 : 8'd4;
  endfunction

  function automatic ip_t ip_step(ip_t old, eth_t eth, beat_t b);
    ip_t  s;
    idx_t l3;
    s  = b.first ? '0 : old;
    l3 = l3_start(eth);
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
    return l3_start(e) + (e.v6 ? 8'd10 : IdxW'(i.ihl));
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

  // ---- where things are ----
  // Number of word 0 of the beat, counted from the IP header (rel3) and from behind IP and
  // extension headers (rel4); bytes of the datagram from there on (rest); and what counts for the
  // checksums. At 64 bits these are made while the beat before is at the input.
  typedef logic signed [IdxW-1:0] rel_t;
  typedef struct packed {
    logic [4*Lanes+1:0] tcp;
    logic [Lanes-1:0]   ip;
  } mask_t;
  ext_t ext_q, ext_old, ext;  // before and behind this beat
  rel_t rel3, rel4;
  rem_t rest, rest_q;
  mask_t mask;
  idx_t l3, l4_base;
  logic [15:0] l3_len;
  assign l3      = l3_start(eth);
  assign l4_base = l4_start(eth, ip);
  assign l3_len  = eth.v6 ? ip.word1[31:16] + 16'd40 : ip.tot;

  function automatic rem_t rest_at(idx_t idx);
    return rem_t'({2'b0, l3_len}) + rem_t'({8'd0, l3, 2'b0}) - rem_t'({8'd0, idx, 2'b0});
  endfunction

  // No IP header is shorter than 5 words; at 64 bits its length is not known before word 2.
  function automatic mask_t mask_at(idx_t first, rem_t left, eth_t e, ip_t i);
    localparam int unsigned LowW = $clog2(4 * Lanes + 2);
    mask_t m;
    idx_t idx, from3, from4;
    from3 = l3_start(e);
    from4 = l4_start(e, i);
    m     = '0;
    for (int unsigned l = 0; l <= Lanes; l++) begin
      idx = first + IdxW'(l);
      for (int unsigned k = 0; k < ((l < Lanes) ? 4 : 2); k++) begin
        if (idx >= from4 && idx >= from3 + 8'd5) begin
          m.tcp[4*l+k] = !left[17] && (left[16:LowW] != '0 || 32'(left[LowW-1:0]) > 4 * l + k);
        end else if (l < Lanes) begin
          m.tcp[4*l+k] = e.v6 ? idx >= from3 + 8'd2 : (idx == from3 + 8'd3 || idx == from3 + 8'd4);
        end
      end
      if (l < Lanes) m.ip[l] = idx >= from3 && (idx < from4 || idx < from3 + 8'd5);
    end
    return m;
  endfunction

  if (Wide) begin : g_where_now
    assign rel3 = rel_t'(bm.idx - l3);
    assign rel4 = rel_t'(bm.idx - l4_base - ext_old.off);
    assign rest = (bm.idx < IdxStop) ? rest_at(bm.idx) : rest_q - rem_t'(Bytes);
    always_comb begin
      mask = mask_at(bm.idx, rest, eth, ip);
      if (!bm.last) mask.tcp[4*Lanes+:2] = '0;  // the tail comes again as part of a word
    end
    always_ff @(posedge clk_i) if (bm.valid) rest_q <= rest;
  end else begin : g_where_ahead
    rel_t rel3_q, rel4_q;
    mask_t mask_q;
    idx_t  next;
    rem_t  rest_next;
    eth_t  eth_next;
    assign eth_next  = eth_step(eth, bm);
    assign next      = bm.idx + IdxW'(Lanes);
    assign rest_next = (bm.idx < 8'd14) ? rest_at(next) : rest_q - rem_t'(Bytes);
    always_ff @(posedge clk_i) begin
      if (bm.valid) begin
        rel3_q <= rel_t'(next - l3_start(eth_next));
        rel4_q <= rel_t'(next - l4_start(eth_next, ip) - ext.off);
        rest_q <= rest_next;
        mask_q <= bm.last ? '0 : mask_at(next, rest_next, eth_next, ip);
      end
      if (!rst_ni) mask_q <= '0;
    end
    assign rel3 = bm.first ? -8'sd4 : rel3_q;
    assign rel4 = bm.first ? -8'sd4 : rel4_q;
    assign rest = rest_q;
    always_comb begin
      mask = mask_q;
      if (!bm.last) mask.tcp[4*Lanes+:2] = '0;
    end
  end

  // Extension headers (RFC 8200 4: hop-by-hop 0, routing 43, destination options 60; all begin with
  // next header and length in units of 8 bytes less one). One may start in a beat.
  function automatic logic is_ext(logic [7:0] nh);
    return nh inside {8'd0, 8'd43, 8'd60};
  endfunction

  logic [7:0] nh_old, nh;
  logic [8:0] ext_words;
  assign ext_old = bm.first ? '0 : ext_q;
  assign nh_old  = ext_old.any ? ext_old.nh : ip.word1[15:8];
  assign nh      = ext.any ? ext.nh : ip.word1[15:8];
  always_comb begin
    ext       = ext_old;
    ext_words = '0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (bm.have[l] && eth.v6 && is_ext(nh_old) && !ext_old.fail && rel4 == -rel_t'(l)) begin
        ext_words = {bm.word[l][23:16], 1'b0} + 9'd2;
        ext.any = 1'b1;
        ext.nh = bm.word[l][31:24];
        ext.off = ext_old.off + ext_words[IdxW-1:0];
        // A second one in the same beat is not looked at.
        ext.fail = 32'(l4_base) + 32'(ext_old.off) + 32'(ext_words) > L4Limit ||
            (Wide && is_ext(bm.word[l][31:24]) && 32'(l) + 32'(ext_words) < Lanes);
      end
    end
  end
  // Where the ports are; at 64 bits the next header never starts in the beat that names it.
  rel_t rel_ports;
  assign rel_ports = Wide ? rel_t'(bm.idx - l4_base - ext.off) : rel4;

  // ---- key ----
  logic ver_ok, tcp_next, ours, ours_q, keyed, key_lost;
  assign ver_ok = version_ok(eth, ip);
  assign tcp_next = !is_frag(
      eth, ip
  ) && !ext.fail && (eth.v4 ? ip.proto == 8'd6 : (Wide ? nh : nh_old) == 8'd6);
  assign ours = bm.first ? bm.ours : ours_q;

  if (Keyed) begin : g_key
    chim_rx_key #(
      .Lanes(Lanes),
      .Waits(!Wide)
    ) u_key (
      .clk_i,
      .rst_ni,
      .valid_i    (bm.valid),
      .first_i    (bm.first),
      .have_i     (bm.have),
      .word_i     (bm.word),
      .rel3_i     (rel3),
      .rel_ports_i(rel_ports),
      .wanted_i   (ver_ok && ours),
      .tcp_i      (tcp_next),
      .ipv6_i     (eth.v6),
      .key_valid,
      .key_ready,
      .key,
      .keyed_o    (keyed),
      .lost_o     (key_lost)
    );
  end else begin : g_no_key
    assign key_valid = 1'b0;
    assign key       = '0;
    assign keyed     = 1'b0;
    assign key_lost  = 1'b0;
    logic unused_key;
    assign unused_key = &{1'b0, key_ready, ours, rel3, rel_ports, ver_ok, tcp_next};
  end

  // ---- TCP header ----
  seq_t seq_q, ack_q;
  logic [3:0] doff_q;
  tcp_flags_t flags_q;
  logic [15:0] wnd_q;
  tcp_opts_t opts_q;
  always_ff @(posedge clk_i) begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (bm.valid && bm.have[l]) begin
        if (rel4 == 8'sd1 - rel_t'(l)) seq_q <= bm.word[l];
        if (rel4 == 8'sd2 - rel_t'(l)) ack_q <= bm.word[l];
        if (rel4 == 8'sd3 - rel_t'(l)) begin
          doff_q  <= bm.word[l][31:28];
          flags_q <= bm.word[l][23:16];
          wnd_q   <= bm.word[l][15:0];
        end
      end
    end
  end
  if (Wide) begin : g_opts_wide
    always_ff @(posedge clk_i) begin
      for (int unsigned l = 0; l < Lanes; l++) begin
        for (int unsigned k = 0; k < 10; k++) begin
          if (bm.valid && rel4 == rel_t'(k + 5) - rel_t'(l)) opts_q.word[k] <= bm.word[l];
        end
      end
      opts_q.late     <= 1'b0;
      opts_q.word[10] <= '0;
    end
  end else begin : g_opts_now
    // Whole beats: the options may begin with the second word of the first.
    always_ff @(posedge clk_i) begin
      for (int unsigned k = 0; k < 6; k++) begin
        if (bm.valid && (rel4 == rel_t'(2 * k + 4) || rel4 == rel_t'(2 * k + 5))) begin
          opts_q.word[2*k] <= bm.word[0];
          if (k < 5) opts_q.word[2*k+1] <= bm.word[1];
        end
      end
      if (bm.valid && rel4 == 8'sd4) opts_q.late <= 1'b1;
      if (bm.valid && rel4 == 8'sd5) opts_q.late <= 1'b0;
    end
  end

  // ---- checksums ----
  logic [16:0] tcp_sum, ip_sum;
  chim_rx_csum #(
    .DataW(DataW)
  ) u_csum (
    .clk_i,
    .valid_i   (bm.valid),
    .first_i   (bm.first),
    .word_i    (bm.word),
    .tail_i    (bm.tail),
    .tcp_mask_i(mask.tcp),
    .ip_mask_i (mask.ip),
    .tcp_sum_o (tcp_sum),
    .ip_sum_o  (ip_sum)
  );

  // ---- record ----
  // Registers that are complete one clock after the last beat.
  logic end_q, bad_q, pass_q, cut_q, keyed_q, key_lost_q;
  logic [15:0] l4_len_q, target_q, l4_len;
  assign l4_len = eth.v6 ? ip.word1[31:16] : ip.tot - {10'd0, ip.ihl, 2'b0};
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
      keyed_q    <= keyed;
      key_lost_q <= key_lost;
      l4_len_q   <= l4_len;
      // RFC 9293 3.1: pseudo header with protocol 6 and the TCP length; sum is 0xFFFF in all.
      target_q   <= 16'd65529 - l4_len;
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
  logic [15:0] opt_len;
  assign v6_ext = eth_end.v6 && ext_q.any;
  assign opt_len = {10'd0, doff_q, 2'b0};
  assign cut = cut_q || 32'(len_q) + 32'd2 < {22'd0, l4_end, 2'b0} || l4_len_q[15];
  assign cand    = ver_ok_end && !frag_end && !v6_ext && (eth_end.v4 ? ip_end.proto == 8'd6
                                                            : ip_end.word1[15:8] == 8'd6);

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
    meta = '0;
    meta.opts = opts_q;
    meta.lost = key_lost_q;
    meta.v4_ok = eth_end.v4 && ver_ok_end && !cut;
    meta.cand = cand && !cut;
    meta.short_l4 = l4_len_q < 16'd20;
    meta.short_opt = l4_len_q < opt_len;
    meta.target = target_q;
    meta.rec.bad = bad_q || too_long_q || len_q < (FRAME_LEN_W + 1)'(14);
    meta.rec.filtered = Keyed && !pass_q;
    meta.rec.truncated = ver_ok_end && cut;
    meta.rec.keyed = keyed_q;
    meta.rec.options = ver_ok_end && (v6_ext || (eth_end.v4 && ip_end.ihl != 4'd5));
    meta.rec.malformed = doff_q < 4'd5;
    meta.rec.has_tag = eth_end.has_tag;
    meta.rec.tci = eth_end.has_tag ? eth_end.tci : '0;
    meta.rec.len = len_q[FRAME_LEN_W-1:0];
    meta.rec.pay_off = 8'({l4_end + IdxW'(doff_q), 2'b0} - 10'd2);
    meta.rec.opt_words = doff_q - 4'd5;
    meta.rec.pay_len = FRAME_LEN_W'(l4_len_q - opt_len);
    meta.rec.seq = seq_q;
    meta.rec.ack = ack_q;
    meta.rec.wnd = wnd_q;
    meta.rec.flags = flags_q;
    // RFC 7323 appendix A: NOP, NOP, kind 8, length 10.
    meta.rec.has_ts    = doff_q == 4'd8
                         && (opts_q.late ? opts_q.word[1] : opts_q.word[0]) == 32'h0101_080A;
    meta.rec.ts_val = opts_q.late ? opts_q.word[2] : opts_q.word[1];
    meta.rec.ts_ecr = opts_q.late ? opts_q.word[3] : opts_q.word[2];
    meta.rec.walk = doff_q > 4'd5 && !meta.rec.has_ts;
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
  assign ip_right  = ip_sum == 17'h0FFFF;
  assign tcp_right = tcp_sum == {1'b0, meta_end.target};

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
