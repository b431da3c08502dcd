// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Lookup: key of a frame -> slot of its connection, one frame per clock. Hard part: firmware
// inserts and removes keys under traffic, and yet no key may ever meet a wrong slot or be lost.
//
// A key has two buckets of four places, one in each table, chosen by two parts of a seeded hash,
// and a stash for the rest: twice as many places as slots, so that any Conns keys fit. A place
// holds the family, a tag and the slot; the key itself lies in a memory by slot and is always
// compared whole.
//
//   stage  0 hash, address of the buckets     3 key memory answers, compare in pieces
//          1 buckets answer: eight tags       4 all pieces equal: hit
//          2 first candidate's slot
//
// A request taken in clock t has its answer in clock t + 4 (rsp_valid_o), more if tags of several
// places are equal: then one candidate is tried every three clocks and what follows waits.
//
// Firmware's command looks its own key up in the pipeline first, so everything older has been
// answered when it writes, and no bucket is read in the clock in which it is written. A lookup that
// read its bucket before a REMOVE may still answer with the slot afterwards: whoever uses the
// answer later must compare the slot's generation, which changes with every tenant (chim_entry).
module chim_lookup
  import chim_contract_pkg::*;
  import chim_lkp_pkg::*;
#(
  parameter int unsigned Conns = 1024,  // slots, a power of two, 8 or more
  parameter int unsigned StashN = STASH_ENTRIES,  // entries of the stash, 1 or more
  parameter int unsigned KeyW = 289,  // bits of a key, at most 289; the top one: IPv6
  localparam int unsigned SlotW = $clog2(Conns),
  // Bits of a tag, 1 to 20. A place is 18 bits, the width of a block memory, as long as that
  // leaves 6; proofs and benches make tags collide.
  parameter int unsigned TagW = (SlotW <= 10) ? 16 - SlotW : 6,
  parameter int unsigned StashTagW = 20  // the same of the stash, 1 to 20
) (
  input logic clk_i,
  input logic rst_ni,

  input logic [31:0] seed_i,  // changes only while the table is empty

  // Traffic: answers in order, always taken.
  input  logic             req_valid,
  output logic             req_ready,
  input  logic [ KeyW-1:0] req_key,
  output logic             rsp_valid_o,
  output logic             rsp_hit_o,
  output logic [SlotW-1:0] rsp_slot_o,

  // Slot that will be the answer in two clocks if its key is right.
  output logic             probe_en_o,
  output logic [SlotW-1:0] probe_slot_o,

  // Firmware: FIND, INSERT (key and slot), REMOVE. Ready comes with the result.
  input logic cmd_valid,
  output logic cmd_ready,
  input lkp_op_e cmd_op,
  input logic [KeyW-1:0] cmd_key,
  input logic [CONN_W-1:0] cmd_slot,
  output logic cmd_ok_o,  // FIND, REMOVE: it was there; INSERT: it was not and is now
  output logic [SlotW-1:0] cmd_slot_o,  // FIND: where

  output logic idle_o
);
  localparam int unsigned Ways = 4;
  localparam int unsigned Rows = Conns / 4;  // of each table
  localparam int unsigned RowW = $clog2(Rows);
  localparam int unsigned CandN = 2 * Ways + StashN;
  localparam int unsigned CandW = $clog2(CandN);
  localparam int unsigned BodyW = KeyW - 1;
  localparam int unsigned PieceW = 16;
  localparam int unsigned Pieces = (BodyW + PieceW - 1) / PieceW;

  if (Conns < 8 || Conns != 2 ** SlotW || RowW > BUCKET_W_MAX) begin : g_check_conns
    $error("chim_lookup: Conns must be a power of two, 8 to 65,536");
  end
  if (KeyW < 2 || BodyW > HASH_KEY_W) begin : g_check_key_w
    $error("chim_lookup: KeyW must be 2..289");
  end

  if (TagW < 1 || TagW > 20 || StashTagW < 1 || StashTagW > 20) begin : g_check_tags
    $error("chim_lookup: TagW and StashTagW must be 1..20");
  end

  typedef logic [SlotW-1:0] slot_t;
  typedef struct packed {
    logic            valid;
    logic            ipv6;
    logic [TagW-1:0] tag;
    slot_t           slot;
  } way_t;
  typedef way_t [Ways-1:0] row_t;
  typedef struct packed {
    logic                 valid;
    logic                 ipv6;
    logic [StashTagW-1:0] tag;
    slot_t                slot;
  } stash_t;
  typedef logic [HASH_W-1:0] hash_t;

  function automatic logic [RowW-1:0] bucket(hash_t h, logic second);
    return RowW'(second ? h >> BUCKET_W_MAX : h);
  endfunction
  // Low tags hold bits that no bucket number uses; the longer ones of small tables reach into them.
  function automatic logic [TagW-1:0] tag_of(hash_t h);
    return TagW'(h >> (HASH_W - TagW));
  endfunction
  function automatic logic [StashTagW-1:0] stash_tag(hash_t h);
    return StashTagW'(h >> (HASH_W - StashTagW));
  endfunction

  // ---- tables ----
  logic row_we0, row_we1, take;
  logic [RowW-1:0] row_waddr;
  row_t row_wdata, row0, row1;
  hash_t hash0;

  ram_1r1w #(
    .T(row_t),
    .Depth(Rows)
  ) u_table0 (
    .clk_i,
    .wr_en_i  (row_we0),
    .wr_addr_i(row_waddr),
    .wr_data_i(row_wdata),
    .rd_en_i  (take),
    .rd_addr_i(bucket(hash0, 1'b0)),
    .rd_data_o(row0)
  );
  ram_1r1w #(
    .T(row_t),
    .Depth(Rows)
  ) u_table1 (
    .clk_i,
    .wr_en_i  (row_we1),
    .wr_addr_i(row_waddr),
    .wr_data_i(row_wdata),
    .rd_en_i  (take),
    .rd_addr_i(bucket(hash0, 1'b1)),
    .rd_data_o(row1)
  );

  logic key_we;
  slot_t key_waddr;
  logic [BodyW-1:0] key_read;
  ram_1r1w #(
    .Width(BodyW),
    .Depth(Conns)
  ) u_keys (
    .clk_i,
    .wr_en_i  (key_we),
    .wr_addr_i(key_waddr),
    .wr_data_i(cmd_key[BodyW-1:0]),
    .rd_en_i  (probe_en_o),
    .rd_addr_i(probe_slot_o),
    .rd_data_o(key_read)
  );

  stash_t [StashN-1:0] stash_q;

  // After reset every bucket is emptied, one a clock; until then nothing is found.
  logic init_q;
  logic [RowW-1:0] init_row_q;
  always_ff @(posedge clk_i) begin
    if (init_q) begin
      init_row_q <= init_row_q + 1'b1;
      if (&init_row_q) init_q <= 1'b0;
    end
    if (!rst_ni) begin
      init_q     <= 1'b1;
      init_row_q <= '0;
    end
  end

  // ---- stage 0: who, hash ----
  typedef enum logic [2:0] {
    FW_IDLE,
    FW_ASK,    // wants into the pipeline
    FW_WAIT,   // is in it
    FW_KEY,    // writes the key memory
    FW_PLACE,  // writes the bucket or the stash
    FW_DONE
  } fw_state_e;
  fw_state_e fw_q;

  logic space1, fw_turn_q, fw_take;
  logic [ 3:0] fw_patience_q;
  logic [63:0] fw_fold_q;
  assign req_ready = space1 && !fw_turn_q && fw_q != FW_PLACE;
  assign fw_take = space1 && fw_turn_q;
  assign take = fw_take || (req_valid && req_ready);
  assign hash0 = hash(
      fw_turn_q ? fw_fold_q : fold_key(HASH_KEY_W'(req_key[BodyW-1:0]), req_key[KeyW-1]), seed_i
  );

  // ---- stage 1: tags ----
  // Firmware's key
  // does not travel: it stays at the port.
  logic valid1_q, fw1_q, blank1_q, space2, ipv6_1_q;
  logic [BodyW-1:0] key1_q;
  hash_t hash1_q;
  logic [CandN-1:0] cand1;
  slot_t [2*Ways-1:0] slots1;
  assign space1 = !valid1_q || space2;
  always_ff @(posedge clk_i) begin
    if (take) begin
      fw1_q    <= fw_take;
      blank1_q <= init_q;
      ipv6_1_q <= fw_take ? cmd_key[KeyW-1] : req_key[KeyW-1];
      hash1_q  <= hash0;
      if (!fw_take) key1_q <= req_key[BodyW-1:0];
    end
    if (space1) valid1_q <= take;
    if (!rst_ni) valid1_q <= 1'b0;
  end
  always_comb begin
    for (int unsigned w = 0; w < Ways; w++) begin
      cand1[w] = row0[w].valid && row0[w].ipv6 == ipv6_1_q && row0[w].tag == tag_of(hash1_q);
      cand1[Ways+w] = row1[w].valid && row1[w].ipv6 == ipv6_1_q && row1[w].tag == tag_of(hash1_q);
      slots1[w] = row0[w].slot;
      slots1[Ways+w] = row1[w].slot;
    end
    for (int unsigned i = 0; i < StashN; i++) begin
      cand1[2*Ways+i] = stash_q[i].valid && stash_q[i].ipv6 == ipv6_1_q
                        && stash_q[i].tag == stash_tag(hash1_q);
    end
    if (blank1_q) cand1 = '0;
  end

  // ---- stage 2: one candidate after the other ----
  logic valid2_q, fw2_q, flying2_q, leave2, issue2, resolved, hit4, more2;
  logic [BodyW-1:0] key2_q;
  logic [CandN-1:0] cand2_q;
  slot_t [2*Ways-1:0] slots2_q;
  slot_t [2**CandW-1:0] slots2;
  logic [CandW-1:0] where2;
  logic any2;
  assign more2  = (cand2_q & (cand2_q - 1'b1)) != '0;
  assign any2   = cand2_q != '0;
  assign issue2 = valid2_q && !flying2_q;
  assign leave2 = (issue2 && !more2) || (resolved && hit4);
  assign space2 = !valid2_q || leave2;
  always_comb begin
    where2 = '0;
    for (int i = CandN - 1; i >= 0; i--) if (cand2_q[i]) where2 = CandW'(unsigned'(i));
    // An entry of the stash that was filled anew meanwhile is no harm: its key decides.
    slots2 = '0;
    for (int unsigned w = 0; w < 2 * Ways; w++) slots2[w] = slots2_q[w];
    for (int unsigned i = 0; i < StashN; i++) slots2[2*Ways+i] = stash_q[i].slot;
  end
  assign probe_slot_o = slots2[where2];
  assign probe_en_o   = issue2 && any2;
  always_ff @(posedge clk_i) begin
    if (issue2) begin
      flying2_q <= more2;
      cand2_q   <= cand2_q & (cand2_q - 1'b1);
    end
    if (resolved) flying2_q <= 1'b0;
    if (space2) begin
      valid2_q <= valid1_q;
      if (valid1_q) begin
        fw2_q    <= fw1_q;
        key2_q   <= key1_q;
        cand2_q  <= cand1;
        slots2_q <= slots1;
      end
    end
    if (!rst_ni) begin
      valid2_q  <= 1'b0;
      flying2_q <= 1'b0;
    end
  end

  // ---- stages 3 and 4: compare ----
  logic valid3_q, fw3_q, more3_q, any3_q, valid4_q, fw4_q, more4_q, any4_q;
  logic [BodyW-1:0] key3_q;
  slot_t slot3_q, slot4_q;
  logic [CandW-1:0] where3_q, where4_q;
  logic [Pieces-1:0] equal3, equal4_q;
  // Bits that differ; above the key none do. Piece by piece, which also simulates faster than one
  // bit after the other.
  logic [Pieces*PieceW-1:0] differ3;
  always_comb begin
    differ3            = '0;
    differ3[BodyW-1:0] = key_read ^ (fw3_q ? cmd_key[BodyW-1:0] : key3_q);
    for (int unsigned p = 0; p < Pieces; p++) equal3[p] = differ3[PieceW*p+:PieceW] == '0;
  end
  always_ff @(posedge clk_i) begin
    valid3_q <= issue2;
    if (issue2) begin
      fw3_q    <= fw2_q;
      more3_q  <= more2;
      any3_q   <= any2;
      key3_q   <= key2_q;
      slot3_q  <= probe_slot_o;
      where3_q <= where2;
    end
    valid4_q <= valid3_q;
    fw4_q    <= fw3_q;
    more4_q  <= more3_q;
    any4_q   <= any3_q;
    slot4_q  <= slot3_q;
    where4_q <= where3_q;
    equal4_q <= equal3;
    if (!rst_ni) begin
      valid3_q <= 1'b0;
      valid4_q <= 1'b0;
    end
  end
  logic answer4;
  assign hit4        = any4_q && (&equal4_q);
  assign resolved    = valid4_q && more4_q;
  assign answer4     = valid4_q && (hit4 || !more4_q);
  assign rsp_valid_o = answer4 && !fw4_q;
  assign rsp_hit_o   = hit4;
  assign rsp_slot_o  = slot4_q;

  // ---- firmware ----
  row_t fw_row0_q, fw_row1_q;  // its buckets as read
  hash_t fw_hash_q;
  logic ok;
  slot_t fw_slot_q;
  logic [CandW-1:0] fw_where_q;

  // Where a new key goes: the emptier bucket, else the stash.
  logic [$clog2(Ways+1)-1:0] free0, free1;
  logic [CandW-1:0] place_d, place_q;
  logic room_d, room_q;
  always_comb begin
    free0   = '0;
    free1   = '0;
    place_d = '0;
    room_d  = 1'b0;
    for (int unsigned w = 0; w < Ways; w++) begin
      if (!fw_row0_q[w].valid) free0 = free0 + 1'b1;
      if (!fw_row1_q[w].valid) free1 = free1 + 1'b1;
    end
    for (int i = StashN - 1; i >= 0; i--) begin
      if (!stash_q[i].valid) begin
        place_d = CandW'(2 * Ways + unsigned'(i));
        room_d  = 1'b1;
      end
    end
    for (int i = Ways - 1; i >= 0; i--) begin
      if (!fw_row1_q[i].valid && free1 > free0) place_d = CandW'(Ways + unsigned'(i));
      if (!fw_row0_q[i].valid && free1 <= free0) place_d = CandW'(unsigned'(i));
    end
    if (free0 != '0 || free1 != '0) room_d = 1'b1;
  end

  logic [CandW-1:0] target;
  logic insert;
  assign insert = cmd_op == LKP_OP_INSERT;
  assign target = insert ? place_q : fw_where_q;
  always_comb begin
    row_we0   = init_q;
    row_we1   = init_q;
    row_waddr = init_row_q;
    row_wdata = '0;
    if (fw_q == FW_PLACE) begin
      row_we0   = 32'(target) < Ways;
      row_we1   = 32'(target) >= Ways && 32'(target) < 2 * Ways;
      row_waddr = bucket(fw_hash_q, row_we1);
      row_wdata = row_we1 ? fw_row1_q : fw_row0_q;
      for (int unsigned w = 0; w < Ways; w++) begin
        if (w == 32'(target) % Ways) begin
          row_wdata[w] = '{
              valid: insert,
              ipv6: cmd_key[KeyW-1],
              tag: tag_of(fw_hash_q),
              slot: slot_t'(cmd_slot)
          };
        end
      end
    end
  end
  assign key_we    = fw_q == FW_KEY;
  assign key_waddr = slot_t'(cmd_slot);

  always_ff @(posedge clk_i) begin
    if (fw1_q && valid1_q && space2) begin
      fw_row0_q <= blank1_q ? '0 : row0;
      fw_row1_q <= blank1_q ? '0 : row1;
      fw_hash_q <= hash1_q;
    end
    if (answer4 && fw4_q) begin
      fw_slot_q  <= slot4_q;
      fw_where_q <= where4_q;
    end
    place_q <= place_d;
    room_q <= room_d;
    fw_fold_q <= fold_key(HASH_KEY_W'(cmd_key[BodyW-1:0]), cmd_key[KeyW-1]);
    // A clock that traffic leaves free, or any clock after a while.
    if (fw_q == FW_ASK && fw_patience_q != '0) fw_patience_q <= fw_patience_q - 1'b1;
    fw_turn_q <= fw_q == FW_ASK && !fw_take && (fw_turn_q || !req_valid || fw_patience_q == '0);

    unique case (fw_q)
      FW_IDLE:
      if (cmd_valid && !init_q) begin
        fw_q          <= FW_ASK;
        fw_patience_q <= '1;
      end
      FW_ASK:   if (fw_take) fw_q <= FW_WAIT;
      FW_WAIT:
      if (answer4 && fw4_q) begin
        ok <= hit4;
        if (insert) begin
          // The place was chosen clocks ago, when the buckets had been read.
          ok   <= !hit4 && room_q && 32'(cmd_slot) < Conns;
          fw_q <= (!hit4 && room_q && 32'(cmd_slot) < Conns) ? FW_KEY : FW_DONE;
        end else begin
          fw_q <= (cmd_op == LKP_OP_REMOVE && hit4) ? FW_PLACE : FW_DONE;
        end
      end
      FW_KEY:   fw_q <= FW_PLACE;
      FW_PLACE: fw_q <= FW_DONE;
      FW_DONE:  fw_q <= FW_IDLE;
      default:  fw_q <= FW_IDLE;
    endcase

    if (fw_q == FW_PLACE) begin
      for (int unsigned i = 0; i < StashN; i++) begin
        if (32'(target) == 2 * Ways + i) begin
          stash_q[i].valid <= insert;
          // A REMOVE leaves the slot: a lookup in stage 2 may still ask for it, and any other
          // slot's memory may hold the same key from an earlier time.
          if (insert) begin
            stash_q[i].ipv6 <= cmd_key[KeyW-1];
            stash_q[i].tag  <= stash_tag(fw_hash_q);
            stash_q[i].slot <= slot_t'(cmd_slot);
          end
        end
      end
    end
    if (!rst_ni) begin
      fw_q      <= FW_IDLE;
      fw_turn_q <= 1'b0;
      for (int unsigned i = 0; i < StashN; i++) stash_q[i].valid <= 1'b0;
    end
  end
  assign cmd_ready = fw_q == FW_DONE;
  assign cmd_ok_o = ok;
  assign cmd_slot_o = fw_slot_q;

  assign idle_o = !valid1_q && !valid2_q && !valid3_q && !valid4_q && fw_q == FW_IDLE && !init_q;
endmodule
