/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The one piece of host memory that the device sees, at a fixed bus address range, and a buddy
 * allocator over it. Hard part: receive rings must be aligned to their size, so every piece is a
 * power of two and lies at a multiple of it.
 */
#ifndef CHIM_NIC_ARENA_H
#define CHIM_NIC_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct chim_backend;

/* Where the arena lies for the device: above 4 GiB, so that 64-bit addresses are always used. */
#define NIC_ARENA_IOVA 0x100000000u

/* Smallest piece, bytes; every piece is at least aligned to it. */
#define NIC_ARENA_UNIT 256u

struct nic_arena {
	struct chim_backend *be;
	uint8_t *va;
	uint64_t iova;
	size_t bytes; /* power of two */
	int fd;
	/* private: */
	uint8_t *free_log2; /* tree: log2 + 1 of the largest free piece below a node; 0: none */
	unsigned int levels;
};

/**
 * nic_arena_init() - allocate, map for the device
 * @bytes: rounded up to a power of two, at least 1 MiB
 *
 * Return: 0; -ENOMEM; as dma_map of the back end.
 */
int nic_arena_init(struct nic_arena *a, struct chim_backend *be, size_t bytes);

/* Accepts what nic_arena_init() half made. */
void nic_arena_fini(struct nic_arena *a);

/* Zeroed piece of at least @len bytes, aligned to its size rounded up to a power of two; NULL. */
void *nic_arena_alloc(struct nic_arena *a, size_t len);
void nic_arena_free(struct nic_arena *a, void *va);

/* Bus address of a byte of the arena. */
static inline uint64_t nic_iova(const struct nic_arena *a, const void *va)
{
	return a->iova + (uint64_t)((const uint8_t *)va - a->va);
}

#endif
