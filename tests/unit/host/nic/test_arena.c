/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The arena's allocator: pieces never overlap, are aligned to their size, and all memory comes
 * back. Hard part: random order of frees, where a buddy is easily merged too early.
 */
#include <string.h>

#include "../../../../host/nic/arena.h"
#include "../ndis/tap.h"
#include "fake_dev.h"

#define PIECES 300

static bool whole(void)
{
	struct fake_dev f;
	struct nic_arena a;
	void *p;

	fake_init(&f);
	CHECK_EQ(nic_arena_init(&a, &f.be, 1), 0);
	CHECK_EQ(a.bytes, 1u << 20);
	p = nic_arena_alloc(&a, a.bytes);
	CHECK(p == a.va);
	CHECK(!nic_arena_alloc(&a, 1));
	nic_arena_free(&a, p);
	CHECK(!nic_arena_alloc(&a, a.bytes + 1));
	CHECK(!nic_arena_alloc(&a, 0));
	nic_arena_fini(&a);
	CHECK(!f.va);
	return true;
}

static bool random_pieces(void)
{
	struct fake_dev f;
	struct nic_arena a;
	uint8_t *piece[PIECES] = { NULL };
	size_t len[PIECES];
	uint32_t x = 12345;

	fake_init(&f);
	CHECK_EQ(nic_arena_init(&a, &f.be, 4u << 20), 0);
	for (unsigned int i = 0; i < 20000; i++) {
		unsigned int k;

		x = x * 1664525 + 1013904223;
		k = (x >> 8) % PIECES;
		if (piece[k]) {
			for (size_t j = 0; j < len[k]; j++)
				CHECK_EQ(piece[k][j], (uint8_t)k);
			nic_arena_free(&a, piece[k]);
			piece[k] = NULL;
			continue;
		}
		len[k] = 1 + (x >> 16) % (i % 7 ? 3000 : 200000);
		piece[k] = nic_arena_alloc(&a, len[k]);
		if (!piece[k])
			continue;
		for (size_t j = 0; j < len[k]; j++)
			CHECK_EQ(piece[k][j], 0);
		memset(piece[k], (int)k, len[k]);
	}
	for (unsigned int k = 0; k < PIECES; k++)
		nic_arena_free(&a, piece[k]);
	CHECK(nic_arena_alloc(&a, a.bytes) == a.va);
	nic_arena_fini(&a);
	return true;
}

static bool aligned(void)
{
	struct fake_dev f;
	struct nic_arena a;

	fake_init(&f);
	CHECK_EQ(nic_arena_init(&a, &f.be, 1u << 20), 0);
	CHECK(nic_arena_alloc(&a, 100));
	for (size_t size = 256; size <= 1u << 18; size *= 2) {
		uint8_t *p = nic_arena_alloc(&a, size);

		CHECK(p);
		CHECK_EQ((size_t)(p - a.va) % size, 0);
		CHECK_EQ(nic_iova(&a, p) % size, 0);
	}
	nic_arena_fini(&a);
	return true;
}

int main(void)
{
	static const struct tap_case cases[] = { CASE(whole), CASE(random_pieces), CASE(aligned) };

	return TAP_RUN(cases);
}
