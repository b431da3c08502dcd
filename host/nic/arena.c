/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Buddy allocator as a binary tree in an array: node 1 is the whole arena, node i has halves 2 i
 * and 2 i + 1. Hard part: none; each call walks one path of the tree.
 */
#define _GNU_SOURCE
#include "arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chimney/backend.h>

static unsigned int log2_up(size_t n)
{
	unsigned int l = 0;

	while (((size_t)1 << l) < n)
		l++;
	return l;
}

int nic_arena_init(struct nic_arena *a, struct chim_backend *be, size_t bytes)
{
	size_t units;
	int err;

	memset(a, 0, sizeof(*a));
	a->fd = -1;
	if (bytes < 1u << 20)
		bytes = 1u << 20;
	a->bytes = (size_t)1 << log2_up(bytes);
	a->iova = NIC_ARENA_IOVA;
	units = a->bytes / NIC_ARENA_UNIT;
	a->levels = log2_up(units);

	a->free_log2 = malloc(2 * units);
	a->fd = memfd_create("chimney-arena", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (!a->free_log2 || a->fd < 0 || ftruncate(a->fd, (off_t)a->bytes) < 0) {
		err = -ENOMEM;
		goto err_fini;
	}
	a->va = mmap(NULL, a->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, a->fd, 0);
	if (a->va == MAP_FAILED) {
		a->va = NULL;
		err = -ENOMEM;
		goto err_fini;
	}
	for (unsigned int level = 0; level <= a->levels; level++)
		memset(a->free_log2 + ((size_t)1 << level), (int)(a->levels - level + 1),
		       (size_t)1 << level);
	err = be->ops->dma_map(be, a->va, a->bytes, a->iova, a->fd, 0);
	if (err)
		goto err_fini;
	a->be = be;
	return 0;

err_fini:
	nic_arena_fini(a);
	return err;
}

void nic_arena_fini(struct nic_arena *a)
{
	if (a->be)
		a->be->ops->dma_unmap(a->be, a->iova, a->bytes);
	if (a->va)
		munmap(a->va, a->bytes);
	if (a->fd >= 0)
		close(a->fd);
	free(a->free_log2);
	memset(a, 0, sizeof(*a));
	a->fd = -1;
}

/* Each node above @i offers the larger of its halves. */
static void update_up(struct nic_arena *a, size_t i)
{
	while (i > 1) {
		i /= 2;
		a->free_log2[i] = a->free_log2[2 * i] > a->free_log2[2 * i + 1]
					  ? a->free_log2[2 * i]
					  : a->free_log2[2 * i + 1];
	}
}

void *nic_arena_alloc(struct nic_arena *a, size_t len)
{
	unsigned int want, level;
	size_t i = 1;
	void *va;

	if (!len || len > a->bytes)
		return NULL;
	want = log2_up((len + NIC_ARENA_UNIT - 1) / NIC_ARENA_UNIT) + 1;
	if (a->free_log2[1] < want)
		return NULL;
	for (level = a->levels + 1; level > want; level--) {
		size_t l = 2 * i, r = l + 1;

		/* The smaller half that is large enough leaves large pieces whole. */
		if (a->free_log2[l] < want)
			i = r;
		else if (a->free_log2[r] < want || a->free_log2[l] <= a->free_log2[r])
			i = l;
		else
			i = r;
	}
	a->free_log2[i] = 0;
	update_up(a, i);
	va = a->va + ((i << (want - 1)) - ((size_t)1 << a->levels)) * NIC_ARENA_UNIT;
	memset(va, 0, (size_t)NIC_ARENA_UNIT << (want - 1));
	return va;
}

void nic_arena_free(struct nic_arena *a, void *va)
{
	size_t i;
	unsigned int log = 1;

	if (!va)
		return;
	/* The piece that starts here is the lowest node on the way up that is taken whole. */
	i = (size_t)((uint8_t *)va - a->va) / NIC_ARENA_UNIT + ((size_t)1 << a->levels);
	while (a->free_log2[i] != 0) {
		i /= 2;
		log++;
	}
	a->free_log2[i] = (uint8_t)log;
	while (i > 1) {
		i /= 2;
		log++;
		/* Two whole halves make a whole again. */
		if (a->free_log2[2 * i] == log - 1 && a->free_log2[2 * i + 1] == log - 1)
			a->free_log2[i] = (uint8_t)log;
		else
			a->free_log2[i] = a->free_log2[2 * i] > a->free_log2[2 * i + 1]
						  ? a->free_log2[2 * i]
						  : a->free_log2[2 * i + 1];
	}
}
