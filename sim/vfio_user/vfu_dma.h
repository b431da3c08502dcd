/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The client's memory as the server knows it: a sorted table of mappings. Hard part: a memory file
 * that the client could shrink would kill us with SIGBUS, so only files sealed against that are
 * mapped; the rest is reached by messages.
 */
#ifndef CHIM_VFU_DMA_H
#define CHIM_VFU_DMA_H

#include <stddef.h>
#include <stdint.h>

#define VFU_DMA_MAX 65535 /* mappings; "max_dma_maps" of a side that does not say */
#define VFU_PAGE    4096u /* "pgsizes" of a side that does not say */

struct vfu_dma_region {
	uint64_t addr;
	uint64_t size;
	uint32_t flags; /* VFIO_DMA_MAP_FLAG_* */
	uint8_t *map;	/* NULL: by messages */
};

struct vfu_dma_table {
	struct vfu_dma_region *region;
	size_t count;
	size_t room;
};

/**
 * vfu_dma_add() - a new mapping
 * @fd: memory file, or -1; stays the caller's
 * Return: 0; -EINVAL empty, misaligned, wraps, unknown flags, or @fd too short; -EEXIST overlaps;
 * -ENOSPC table full; -ENOMEM.
 */
int vfu_dma_add(struct vfu_dma_table *t, uint64_t addr, uint64_t size, uint32_t flags, int fd,
		uint64_t offset);

/* 0; -ENOENT not exactly a mapping. */
int vfu_dma_remove(struct vfu_dma_table *t, uint64_t addr, uint64_t size);
void vfu_dma_clear(struct vfu_dma_table *t);

/* Mapping that holds @addr, or NULL. */
const struct vfu_dma_region *vfu_dma_find(const struct vfu_dma_table *t, uint64_t addr);

/* All of [addr, addr + len) is mapped with @flag (VFIO_DMA_MAP_FLAG_READ or _WRITE). */
int vfu_dma_covers(const struct vfu_dma_table *t, uint64_t addr, size_t len, uint32_t flag);

/* Copy to memory that another process polls: ascending, in words where aligned, last byte last. */
void vfu_copy_ordered(uint8_t *to, const uint8_t *from, size_t len);

#endif
