/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * The tree walker alone: order, roles, propagation of statuses with the worked example of the
 * offload interface, and every way an image can be malformed. Hard part: a check that an image was
 * refused must also see that nothing was acted upon.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tap.h"
#include "image.h"
#include "tree/tree.h"

#define BUF_BYTES (1u << 20)

static _Alignas(8) uint8_t buf[BUF_BYTES];
static uint32_t status_of[IMG_NODES], object_of[IMG_NODES];
static unsigned int results_of[IMG_NODES];
static unsigned int fail_read_at; /* the n-th read fails; 0: none */
static char trail[4096];
static struct img img;

static const void *mem_read(void *ctx, uint32_t off, uint32_t len)
{
	(void)ctx;
	if (fail_read_at && --fail_read_at == 0)
		return NULL;
	return off + len <= BUF_BYTES ? buf + off : NULL;
}

static bool mem_result(void *ctx, uint32_t index, uint32_t status, uint32_t object)
{
	(void)ctx;
	status_of[index] = status;
	object_of[index] = object;
	results_of[index]++;
	return true;
}

static const struct fw_tree_io io = { .read = mem_read, .result = mem_result };

/* The action: a reference's status is in its handle, a new block's in its state's first word. */
static uint32_t act_enter(void *ctx, struct fw_tree_node *node, const struct fw_tree_node *parent,
			  const void *state)
{
	char step[16];

	(void)ctx;
	(void)parent;
	snprintf(step, sizeof(step), "%c%u ", ".NPT"[node->layer], node -> index);
	strcat(trail, step);
	if (node->role == CHIM_ROLE_REFERENCE)
		return node->object;
	node->object = 0x1000u + node->index;
	return state ? *(const uint32_t *)state : CHIM_STATUS_FAILURE;
}

static const struct fw_tree_act initiate = { .initiate = true, .enter = act_enter };
static const struct fw_tree_act other = { .enter = act_enter };

static enum fw_tree_result run_as_is(const struct fw_tree_act *act, uint32_t len, bool with_out)
{
	struct fw_tree_shape shape;
	enum fw_tree_result r;

	memset(results_of, 0, sizeof(results_of));
	memset(status_of, 0xEE, sizeof(status_of));
	memset(object_of, 0, sizeof(object_of));
	trail[0] = 0;
	r = fw_tree_check(&io, len, img.result_bytes, with_out, &shape);
	return r == FW_TREE_OK ? fw_tree_walk(&io, act, &shape) : r;
}

static enum fw_tree_result run(const struct fw_tree_act *act)
{
	img_write(&img, buf);
	return run_as_is(act, img.bytes, act == &other);
}

static int add_new(int parent, uint8_t type, uint32_t status)
{
	int i = img_new(&img, parent, type);

	img.node[i].state.word[0] = status;
	return i;
}

#define N(status_)	    add_new(-1, CHIM_STATE_TYPE_NEIGHBOR, status_)
#define P(parent_, status_) add_new(parent_, CHIM_STATE_TYPE_IP4, status_)
#define T(parent_, status_) add_new(parent_, CHIM_STATE_TYPE_TCP, status_)
#define GOOD		    CHIM_STATUS_SUCCESS
#define PARTIAL		    CHIM_STATUS_PARTIAL_SUCCESS
#define BAD		    CHIM_STATUS_FAILURE

/* One path and two connections, all good, written; the blocks by their number in the tree. */
enum { N0, P0, T0, T1 };

static void write_good(void)
{
	int p;

	img_init(&img);
	p = P(N(GOOD), GOOD);
	T(p, GOOD);
	T(p, GOOD);
	img_write(&img, buf);
}

static uint32_t st(int node)
{
	return status_of[img.node[node].index];
}

static void test_order(void)
{
	int n1, n2, p1, p2, p3;

	img_init(&img);
	n1 = N(GOOD);
	n2 = N(GOOD);
	p1 = P(n1, GOOD);
	p2 = P(n1, GOOD);
	p3 = P(n2, GOOD);
	T(p1, GOOD);
	T(p1, GOOD);
	T(p2, GOOD);
	T(p3, GOOD);
	T(p3, GOOD);
	IS(run(&initiate), FW_TREE_OK, "R19 R1: a tree with two roots is walked");
	OK(!strcmp(trail, "N0 P1 T2 T3 P4 T5 N6 P7 T8 T9 "),
	   "R19: order N1 P1 T1 T2 P2 T3 N2 P3 T4 T5, was %s", trail);
	for (int i = 0; i < img.count; i++) {
		if (results_of[i] != 1 || status_of[i] != GOOD ||
		    object_of[i] != 0x1000u + (unsigned int)i) {
			OK(false, "R10: each block one result with its object, block %d", i);
			return;
		}
	}
	OK(true, "R10: each block one result with its object");
}

/* 5.5: N1 -> {P1 -> {T1 ok, T2 no resources}, P2 fails -> {T3}} */
static void test_worked_example(void)
{
	int n1, p1, p2, t1, t2, t3;

	img_init(&img);
	n1 = N(GOOD);
	p1 = P(n1, GOOD);
	p2 = P(n1, BAD);
	t1 = T(p1, GOOD);
	t2 = T(p1, CHIM_STATUS_RESOURCES);
	t3 = T(p2, GOOD);
	IS(run(&initiate), FW_TREE_OK, "R22: the worked example is walked");
	IS(st(n1), PARTIAL, "R22: N1 OFFLOAD_PARTIAL_SUCCESS");
	IS(st(p1), PARTIAL, "R22: P1 OFFLOAD_PARTIAL_SUCCESS");
	IS(st(t1), GOOD, "R22: T1 SUCCESS");
	IS(st(t2), CHIM_STATUS_RESOURCES, "R22: T2 RESOURCES");
	IS(st(p2), BAD, "R22: P2 FAILURE");
	IS(st(t3), BAD, "R22 R21: T3 FAILURE");
	OK(!strstr(trail, "T5"), "R21: what depends on the failed path is not attempted");
	IS(object_of[img.node[t2].index], 0, "R5: no object for a block that failed");
	OK(object_of[img.node[n1].index] != 0, "R5: an object for one that was taken in part");
}

static void test_propagation(void)
{
	int n, p, t;

	img_init(&img);
	n = N(CHIM_STATUS_NEIGHBOR_ENTRIES);
	p = P(n, GOOD);
	t = T(p, GOOD);
	N(GOOD);
	run(&initiate);
	OK(!strcmp(trail, "N0 N3 "),
	   "R20: below a failed root nothing is attempted, its sibling is");
	IS(st(n), CHIM_STATUS_NEIGHBOR_ENTRIES, "R20: the root keeps its own code");
	IS(st(p), BAD, "R20: its path FAILURE");
	IS(st(t), BAD, "R20: and the connection on it");

	img_init(&img);
	n = N(GOOD);
	p = P(n, GOOD);
	t = T(p, CHIM_STATUS_TCP_ENTRIES);
	run(&initiate);
	IS(st(p), PARTIAL, "R204: taken, its only dependent not: PARTIAL");
	IS(st(n), GOOD, "5.5: a dependent that is PARTIAL was taken itself: SUCCESS");

	img_init(&img);
	n = N(GOOD);
	run(&initiate);
	IS(st(n), GOOD, "R1: a block alone, taken: SUCCESS");
}

static void test_roles(void)
{
	int n, p, t[3];

	img_init(&img);
	n = img_none(&img, -1, CHIM_STATE_TYPE_NEIGHBOR);
	p = img_ref(&img, n, CHIM_STATE_TYPE_IP6, GOOD);
	t[0] = T(p, GOOD);
	t[1] = T(p, BAD);
	run(&initiate);
	IS(st(n), GOOD, "R23: placeholder SUCCESS");
	IS(st(p), PARTIAL, "R24: linker with some taken: PARTIAL");
	IS(st(t[0]), GOOD, "R24: below a linker");
	IS(object_of[img.node[p].index], 0, "a linker gets no new object");

	img_init(&img);
	n = img_none(&img, -1, 0x77);
	p = img_ref(&img, n, CHIM_STATE_TYPE_IP4, GOOD);
	t[0] = T(p, BAD);
	t[1] = T(p, BAD);
	run(&initiate);
	IS(st(p), BAD, "R24: linker with none taken: FAILURE");
	IS(st(n), GOOD, "R23: placeholder SUCCESS though all below failed, whatever its type");

	img_init(&img);
	n = img_ref(&img, -1, CHIM_STATE_TYPE_NEIGHBOR, GOOD);
	P(n, GOOD);
	P(n, GOOD);
	run(&initiate);
	IS(st(n), GOOD, "R24: linker with all taken: SUCCESS");

	img_init(&img);
	n = img_ref(&img, -1, CHIM_STATE_TYPE_NEIGHBOR, GOOD);
	run(&initiate);
	IS(st(n), BAD, "3.3: a linker must have a dependent");

	img_init(&img);
	n = img_none(&img, -1, CHIM_STATE_TYPE_NEIGHBOR);
	run(&initiate);
	IS(st(n), GOOD, "R23: a placeholder without dependents: SUCCESS");

	img_init(&img);
	n = N(BAD);
	p = img_none(&img, n, CHIM_STATE_TYPE_IP4);
	t[0] = T(p, GOOD);
	run(&initiate);
	IS(st(p), GOOD, "R23: placeholder below a failed block: SUCCESS");
	IS(st(t[0]), BAD, "R21: but nothing is attempted through it");

	/* The other operations do not skip: each block is an object of its own. */
	img_init(&img);
	n = img_ref(&img, -1, CHIM_STATE_TYPE_NEIGHBOR, BAD);
	p = img_ref(&img, n, CHIM_STATE_TYPE_IP4, GOOD);
	t[0] = img_ref(&img, p, CHIM_STATE_TYPE_TCP, GOOD);
	IS(run(&other), FW_TREE_OK, "a tree of references");
	IS(st(n), BAD, "not an initiate: own status");
	IS(st(p), GOOD, "not an initiate: unaffected by the one below");
	IS(st(t[0]), GOOD, "not an initiate: and the next");

	img_init(&img);
	t[0] = img_ref(&img, -1, CHIM_STATE_TYPE_TCP_DELEGATED, GOOD);
	t[1] = img_ref(&img, -1, CHIM_STATE_TYPE_TCP, BAD);
	IS(run(&other), FW_TREE_OK, "3.4: connections alone, no layer below");
	OK(!strcmp(trail, "T0 T1 "), "3.4: both are of the TCP layer");
}

static void test_types(void)
{
	static const struct {
		uint8_t type, layer, classes;
	} want[] = {
		{ 1, FW_LAYER_NEIGHBOR, FW_CLASS_CONST },
		{ 2, FW_LAYER_NEIGHBOR, FW_CLASS_CACHED },
		{ 3, FW_LAYER_NEIGHBOR, FW_CLASS_DELEGATED },
		{ 4, FW_LAYER_NEIGHBOR, FW_CLASS_ALL },
		{ 5, FW_LAYER_PATH, FW_CLASS_CONST },
		{ 6, FW_LAYER_PATH, FW_CLASS_CACHED },
		{ 7, FW_LAYER_PATH, FW_CLASS_DELEGATED },
		{ 8, FW_LAYER_PATH, FW_CLASS_ALL },
		{ 9, FW_LAYER_PATH, FW_CLASS_CONST },
		{ 10, FW_LAYER_PATH, FW_CLASS_CACHED },
		{ 11, FW_LAYER_PATH, FW_CLASS_DELEGATED },
		{ 12, FW_LAYER_PATH, FW_CLASS_ALL },
		{ 13, FW_LAYER_TCP, FW_CLASS_CONST },
		{ 14, FW_LAYER_TCP, FW_CLASS_CACHED },
		{ 15, FW_LAYER_TCP, FW_CLASS_DELEGATED },
		{ 17, FW_LAYER_TCP, FW_CLASS_ALL },
		{ 0, FW_LAYER_NONE, 0 },
		{ 16, FW_LAYER_NONE, 0 },
		{ 18, FW_LAYER_NONE, 0 },
		{ 0xFE, FW_LAYER_NONE, 0 },
		{ 0xFF, FW_LAYER_NONE, 0 },
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct fw_tree_type t = fw_tree_type_of(want[i].type);

		OK(t.layer == want[i].layer && t.classes == want[i].classes &&
			   t.ipv6 == (want[i].type >= 9 && want[i].type <= 12),
		   "R4: type %u", want[i].type);
	}
}

/* One block is wrong by itself: it fails, its neighbors in the tree do not. */
static void test_bad_block(void)
{
	static const struct {
		const char *what;
		size_t off;
		uint8_t value;
	} cases[] = {
		{ "unknown type", offsetof(struct chim_hw_block, Type), 16 },
		{ "type of another layer", offsetof(struct chim_hw_block, Type), 4 },
		{ "unknown revision", offsetof(struct chim_hw_block, Revision), 2 },
		{ "port number", offsetof(struct chim_hw_block, PortNumber), 1 },
		{ "state of another length", offsetof(struct chim_hw_block, state_len), 0x20 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_good();
		buf[img.node[T0].at + cases[i].off] = cases[i].value;
		if (cases[i].off == offsetof(struct chim_hw_block, state_len))
			buf[img.node[T0].at + cases[i].off + 1] = 0;
		IS(run_as_is(&initiate, img.bytes, false), FW_TREE_OK, cases[i].what);
		OK(st(T0) == BAD && st(T1) == GOOD && st(P0) == PARTIAL,
		   "%s: that block FAILURE, its sibling SUCCESS", cases[i].what);
	}
}

struct poke {
	const char *what;
	int block; /* -1: image header */
	size_t off;
	uint32_t value;
	unsigned int bytes;
};

/* The image is malformed: nothing is acted upon. */
static void test_bad_image(void)
{
	const size_t next = offsetof(struct chim_hw_block, NextBlock);
	const size_t dep = offsetof(struct chim_hw_block, DependentBlockList);
	const struct poke cases[] = {
		{ "magic", -1, offsetof(struct chim_hw_image, magic), 0, 4 },
		{ "image revision", -1, offsetof(struct chim_hw_image, revision), 2, 2 },
		{ "no blocks", -1, offsetof(struct chim_hw_image, blocks), 0, 2 },
		{ "a block less than counted", -1, offsetof(struct chim_hw_image, blocks), 5, 2 },
		{ "a block more than counted", -1, offsetof(struct chim_hw_image, blocks), 3, 2 },
		{ "length field", -1, offsetof(struct chim_hw_image, bytes), 64, 4 },
		{ "root in the header", -1, offsetof(struct chim_hw_image, root), 24, 4 },
		{ "root misaligned", -1, offsetof(struct chim_hw_image, root), 36, 4 },
		{ "root outside", -1, offsetof(struct chim_hw_image, root), 0xFFFFFFF8, 4 },
		{ "header reserved", -1, offsetof(struct chim_hw_image, reserved), 1, 1 },
		{ "header reserved, last byte", -1, 31, 1, 1 },
		{ "role", 2, offsetof(struct chim_hw_block, role), 3, 1 },
		{ "block reserved", 2, offsetof(struct chim_hw_block, reserved), 1, 1 },
		{ "block reserved1", 2, offsetof(struct chim_hw_block, reserved1), 1, 4 },
		{ "index of another block", 2, offsetof(struct chim_hw_block, index), 3, 2 },
		{ "state length not of eights", 2, offsetof(struct chim_hw_block, state_len), 252,
		  2 },
		{ "state beyond the image", 3, offsetof(struct chim_hw_block, state_len), 264, 2 },
		{ "next misaligned", 2, next, 0x12C, 4 },
		{ "next at itself", 2, next, 0x90, 4 },
		{ "next backwards", 2, next, 32, 4 },
		{ "next into its own state", 2, next, 0xB0, 4 },
		{ "next outside", 2, next, 0x10000, 4 },
		{ "next wraps", 2, next, 0xFFFFFFF8, 4 },
		{ "dependent at itself", 0, dep, 32, 4 },
		{ "dependent into its own state", 0, dep, 64, 4 },
		{ "dependent outside", 0, dep, 0x7FFFFFF8, 4 },
		{ "a loop: dependent of a leaf is the root", 3, dep, 32, 4 },
		{ "dependents of a connection", 2, dep, 0x1B0, 4 },
		{ "last block continues behind the image", 3, next, 0x2D0, 4 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct poke *c = &cases[i];
		bool acted;

		write_good();
		memcpy(buf + (c->block < 0 ? 0 : img.node[c->block].at) + c->off, &c->value,
		       c->bytes);
		IS(run_as_is(&initiate, img.bytes, false), FW_TREE_BAD, c->what);
		acted = trail[0] != 0;
		for (int k = 0; k < img.count; k++)
			acted |= results_of[k] != 0;
		OK(!acted, "%s: nothing was acted upon", c->what);
	}
}

/* A block that looks good, but lies in the state of the one before: pieces may not overlap. */
static void test_overlap(void)
{
	const uint32_t in_state = 0x60;
	struct chim_hw_block *b;

	write_good();
	b = (struct chim_hw_block *)(void *)(buf + img.node[T0].at + in_state);
	memcpy(b, buf + img.node[T1].at, sizeof(*b));
	b->state_len = chim_le16_of(0);
	b = (struct chim_hw_block *)(void *)(buf + img.node[T0].at);
	b->NextBlock = chim_le32_of(img.node[T0].at + in_state);
	IS(run_as_is(&initiate, img.bytes, false), FW_TREE_BAD, "D12: a block in another's state");
	OK(trail[0] == 0, "and nothing was acted upon");
}

static void test_bad_shape(void)
{
	struct fw_tree_shape shape;
	int n, p, t;

	img_init(&img);
	n = N(GOOD);
	p = P(n, GOOD);
	t = T(p, GOOD);
	img_none(&img, t, 0);
	IS(run(&initiate), FW_TREE_BAD, "R2: four layers");

	img_init(&img);
	n = img_none(&img, -1, 0);
	p = img_none(&img, n, 0);
	t = img_none(&img, p, 0);
	IS(run(&initiate), FW_TREE_OK, "three layers of placeholders");
	img_none(&img, t, 0);
	IS(run(&initiate), FW_TREE_BAD, "four layers of placeholders");

	/* The layer of the root follows from what is above it. */
	img_init(&img);
	n = img_none(&img, -1, 0);
	img_ref(&img, n, CHIM_STATE_TYPE_NEIGHBOR, GOOD);
	IS(run(&initiate), FW_TREE_BAD, "R2: a neighbor above another block");

	img_init(&img);
	n = img_none(&img, -1, 0);
	p = img_none(&img, n, 0);
	img_none(&img, p, 0);
	p = img_ref(&img, n, CHIM_STATE_TYPE_TCP, GOOD);
	IS(run(&initiate), FW_TREE_BAD, "R2: a connection at depth 1 leaves no third layer");

	img_init(&img);
	n = img_none(&img, -1, CHIM_STATE_TYPE_NEIGHBOR);
	img_write(&img, buf);
	buf[img.node[n].at + offsetof(struct chim_hw_block, state_len)] = 8;
	IS(run_as_is(&initiate, img.bytes, false), FW_TREE_BAD, "a placeholder with state");

	img_init(&img);
	n = N(GOOD);
	img_write(&img, buf);
	IS(fw_tree_check(&io, img.bytes, 15, false, &shape), FW_TREE_BAD,
	   "no room for the results");
	IS(fw_tree_check(&io, img.bytes - 8, img.result_bytes, false, &shape), FW_TREE_BAD,
	   "descriptor and header differ in length");
	IS(fw_tree_check(&io, 40, img.result_bytes, false, &shape), FW_TREE_BAD,
	   "image of 40 bytes");
	IS(shape.blocks, 0, "then the number of blocks is not known");
	IS(fw_tree_check(&io, 0xFFFFFFF8, img.result_bytes, false, &shape), FW_TREE_BAD,
	   "image of 4 GiB");
}

static void test_out(void)
{
	static const uint32_t bad[] = { 8, 36, 0xFFFFFFF8, 0x1000, 48 + 8 };
	int t;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		img_init(&img);
		t = img_ref(&img, -1, CHIM_STATE_TYPE_TCP, GOOD);
		img_ref(&img, -1, CHIM_STATE_TYPE_TCP, GOOD);
		img_out(&img, t);
		img_write(&img, buf);
		memcpy(buf + img.node[t].at + offsetof(struct chim_hw_block, out), &bad[i], 4);
		IS(run_as_is(&other, img.bytes, true), FW_TREE_BAD,
		   "output state outside its room");
	}
	img_init(&img);
	t = img_ref(&img, -1, CHIM_STATE_TYPE_TCP, GOOD);
	img_out(&img, t);
	IS(run(&other), FW_TREE_OK, "output state in its room");
}

/* Host memory that changes between check and walk. */
static void test_change(void)
{
	struct fw_tree_shape shape;

	write_good();
	IS(fw_tree_check(&io, img.bytes, img.result_bytes, false, &shape), FW_TREE_OK,
	   "good at first");
	memset(buf + img.node[T0].at + offsetof(struct chim_hw_block, NextBlock), 0xF8, 4);
	IS(fw_tree_walk(&io, &initiate, &shape), FW_TREE_BAD, "changed since: stopped");
}

static unsigned int undone[16], undos;

static void note_undo(uint32_t object)
{
	undone[undos++ % 16] = object;
}

static void take_back(void *ctx, void (*undo)(uint32_t object))
{
	(void)ctx;
	for (uint32_t i = IMG_NODES; i-- > 0;) {
		if (results_of[i] && object_of[i])
			undo(object_of[i]);
	}
}

/* A walk that ends early takes back what it gave: dependents first, each once, nothing else. */
static void test_undo(void)
{
	static const struct fw_tree_io late = { .read = mem_read,
						.result = mem_result,
						.take_back = take_back };
	static const struct fw_tree_act act = { .initiate = true,
						.enter = act_enter,
						.undo = note_undo };
	struct fw_tree_shape shape;
	int n, p;

	img_init(&img);
	n = N(GOOD);
	p = P(n, GOOD);
	T(p, BAD);
	T(p, GOOD);
	p = P(n, GOOD);
	T(p, GOOD);
	img_write(&img, buf);
	memset(results_of, 0, sizeof(results_of));
	memset(object_of, 0, sizeof(object_of));
	trail[0] = 0;
	undos = 0;
	fw_tree_check(&late, img.bytes, img.result_bytes, false, &shape);
	fail_read_at = 12; /* the state of the last block */
	IS(fw_tree_walk(&late, &act, &shape), FW_TREE_FAULT, "the last block cannot be read");
	fail_read_at = 0;
	OK(undos == 4 && undone[0] == 0x1003 && undone[1] == 0x1001 && undone[2] == 0x1004 &&
		   undone[3] == 0x1000,
	   "taken back: T3 P1, then P4 and N0 that were still open");
	undos = 0;
	fw_tree_check(&late, img.bytes, img.result_bytes, false, &shape);
	IS(fw_tree_walk(&late, &act, &shape), FW_TREE_OK, "readable again");
	IS(undos, 0, "a walk to the end takes nothing back");
}

static void test_fault(void)
{
	bool all = true;

	write_good();
	for (unsigned int i = 1; i <= 13; i++) {
		fail_read_at = i;
		all &= run_as_is(&initiate, img.bytes, false) == FW_TREE_FAULT;
	}
	OK(all, "a read that fails ends the walk, wherever it is");
	fail_read_at = 14;
	IS(run_as_is(&initiate, img.bytes, false), FW_TREE_OK, "13 reads in all");
	fail_read_at = 0;
}

int main(void)
{
	test_order();
	test_worked_example();
	test_propagation();
	test_roles();
	test_types();
	test_bad_block();
	test_bad_image();
	test_overlap();
	test_bad_shape();
	test_out();
	test_change();
	test_undo();
	test_fault();
	return tap_done();
}
