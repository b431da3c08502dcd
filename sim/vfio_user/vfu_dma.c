/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Mappings of the client's memory, see vfu_dma.h.
 */
#include "vfu_dma.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Index of the first mapping that ends above @addr; count if none. */
static size_t lower(const struct vfu_dma_table *t, uint64_t addr)
{
	size_t lo = 0, hi = t->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->region[mid].addr + (t->region[mid].size - 1) < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/*
 * Map a memory file if it can be trusted to stay. 0 with *map NULL: use messages instead.
 * 1. It must not be able to shrink: sealed, or sealed by us now.
 * 2. It must be long enough now.
 */
static int map_file(int fd, uint64_t offset, uint64_t size, uint32_t flags, uint8_t **map)
{
	int prot = (flags & VFIO_DMA_MAP_FLAG_READ ? PROT_READ : 0) |
		   (flags & VFIO_DMA_MAP_FLAG_WRITE ? PROT_READ | PROT_WRITE : 0);
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	void *p;

	*map = NULL;
	if (seals < 0)
		return 0;
	if (!(seals & F_SEAL_SHRINK) && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) < 0)
		return 0;
	if (fstat(fd, &st) < 0 || st.st_size < 0)
		return -EINVAL;
	if (offset > (uint64_t)st.st_size || size > (uint64_t)st.st_size - offset)
		return -EINVAL;
	p = mmap(NULL, size, prot, MAP_SHARED, fd, (off_t)offset);
	if (p != MAP_FAILED)
		*map = p;
	return 0;
}

int vfu_dma_add(struct vfu_dma_table *t, uint64_t addr, uint64_t size, uint32_t flags, int fd,
		uint64_t offset)
{
	const uint32_t known = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
	struct vfu_dma_region r = { .addr = addr, .size = size, .flags = flags };
	size_t at;
	int err;

	if (!size || addr % VFU_PAGE || size % VFU_PAGE || addr + (size - 1) < addr || !flags ||
	    (flags & ~known))
		return -EINVAL;
	if (fd >= 0 && offset % VFU_PAGE)
		return -EINVAL;
	at = lower(t, addr);
	if (at < t->count && t->region[at].addr <= addr + (size - 1))
		return -EEXIST;
	if (t->count == VFU_DMA_MAX)
		return -ENOSPC;
	if (t->count == t->room) {
		size_t room = t->room ? t->room * 2 : 64;
		struct vfu_dma_region *p = realloc(t->region, room * sizeof(*p));

		if (!p)
			return -ENOMEM;
		t->region = p;
		t->room = room;
	}
	if (fd >= 0) {
		err = map_file(fd, offset, size, flags, &r.map);
		if (err)
			return err;
	}
	memmove(t->region + at + 1, t->region + at, (t->count - at) * sizeof(r));
	t->region[at] = r;
	t->count++;
	return 0;
}

int vfu_dma_remove(struct vfu_dma_table *t, uint64_t addr, uint64_t size)
{
	size_t at = lower(t, addr);

	if (at == t->count || t->region[at].addr != addr || t->region[at].size != size)
		return -ENOENT;
	if (t->region[at].map)
		munmap(t->region[at].map, size);
	t->count--;
	memmove(t->region + at, t->region + at + 1, (t->count - at) * sizeof(*t->region));
	return 0;
}

void vfu_dma_clear(struct vfu_dma_table *t)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (t->region[i].map)
			munmap(t->region[i].map, t->region[i].size);
	free(t->region);
	*t = (struct vfu_dma_table){ 0 };
}

const struct vfu_dma_region *vfu_dma_find(const struct vfu_dma_table *t, uint64_t addr)
{
	size_t at = lower(t, addr);

	return at < t->count && t->region[at].addr <= addr ? &t->region[at] : NULL;
}

int vfu_dma_covers(const struct vfu_dma_table *t, uint64_t addr, size_t len, uint32_t flag)
{
	while (len) {
		const struct vfu_dma_region *r = vfu_dma_find(t, addr);
		uint64_t there;

		if (!r || !(r->flags & flag))
			return 0;
		there = r->size - (addr - r->addr);
		if (there >= len)
			return 1;
		addr += there;
		len -= (size_t)there;
		if (!addr)
			return 0;
	}
	return 1;
}

void vfu_copy_ordered(uint8_t *to, const uint8_t *from, size_t len)
{
	/*
	 * Each store is a release: a reader that sees an event's ownership byte, written last, and
	 * then reads the event's other bytes, sees those written before it.
	 */
	for (; len && (uintptr_t)to % 8; to++, from++, len--)
		__atomic_store_n(to, *from, __ATOMIC_RELEASE);
	for (; len >= 8; to += 8, from += 8, len -= 8) {
		uint64_t word;

		memcpy(&word, from, sizeof(word));
		__atomic_store_n((uint64_t *)(void *)to, word, __ATOMIC_RELEASE);
	}
	for (; len; to++, from++, len--)
		__atomic_store_n(to, *from, __ATOMIC_RELEASE);
}
