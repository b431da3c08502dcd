/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Stand-in for the kernel's VFIO, see fake_vfio.h.
 */
#include "fake_vfio.h"

#include <errno.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "rtl/contract/chim_contract.h"

#define CONTAINER     101
#define GROUP	      102
#define DEVICE	      103
#define BAR_OFFSET(i) ((uint64_t)(i) << 40)

static int wrong(struct fake_kernel *k, const char *what)
{
	if (!k->wrong)
		k->wrong = what;
	errno = EINVAL;
	return -1;
}

/* Every call counts; the one the test chose fails. */
static int injected(struct fake_kernel *k)
{
	if (++k->calls != k->fail_at)
		return 0;
	errno = k->fail_errno;
	return -1;
}

static int fake_open(void *ctx, const char *path, int flags)
{
	struct fake_kernel *k = ctx;

	(void)flags;
	if (injected(k))
		return -1;
	if (!strcmp(path, "/dev/vfio/vfio")) {
		k->container_open++;
		return CONTAINER;
	}
	if (!strcmp(path, "/dev/vfio/7")) {
		k->group_open++;
		return GROUP;
	}
	return wrong(k, "opened another file");
}

static int fake_close(void *ctx, int fd)
{
	struct fake_kernel *k = ctx;

	if (fd == CONTAINER && k->container_open)
		k->container_open--;
	else if (fd == GROUP && k->group_open)
		k->group_open--;
	else if (fd == DEVICE && k->device_open)
		k->device_open--;
	else
		return wrong(k, "closed what was not open");
	return 0;
}

static ssize_t fake_readlink(void *ctx, const char *path, char *buf, size_t len)
{
	static const char target[] = "../../../kernel/iommu_groups/7";
	struct fake_kernel *k = ctx;

	if (injected(k))
		return -1;
	if (strcmp(path, "/sys/bus/pci/devices/0000:01:00.0/iommu_group")) {
		errno = ENOENT;
		return -1;
	}
	if (len < sizeof(target))
		return -1;
	memcpy(buf, target, sizeof(target) - 1);
	return sizeof(target) - 1;
}

static int container_ioctl(struct fake_kernel *k, unsigned long request, void *arg)
{
	struct vfio_iommu_type1_dma_unmap *un = arg;
	struct vfio_iommu_type1_dma_map *m = arg;
	unsigned int i;

	switch (request) {
	case VFIO_GET_API_VERSION: return VFIO_API_VERSION;
	case VFIO_CHECK_EXTENSION: return (uintptr_t)arg == VFIO_TYPE1v2_IOMMU;
	case VFIO_SET_IOMMU:
		if (!k->group_set)
			return wrong(k, "an IOMMU for a container without a group");
		k->iommu_set = 1;
		return 0;
	case VFIO_IOMMU_MAP_DMA:
		if (!k->iommu_set || m->argsz != sizeof(*m) || m->flags != 3)
			return wrong(k, "map");
		if (!m->size || (m->vaddr | m->iova | m->size) % 4096)
			return wrong(k, "map of parts of pages");
		for (i = 0; i < k->maps; i++) {
			if (m->iova < k->map[i].iova + k->map[i].size &&
			    k->map[i].iova < m->iova + m->size) {
				errno = EEXIST;
				return -1;
			}
		}
		if (k->maps == FAKE_MAPS) {
			errno = ENOMEM;
			return -1;
		}
		k->map[k->maps].va = m->vaddr;
		k->map[k->maps].iova = m->iova;
		k->map[k->maps++].size = m->size;
		return 0;
	case VFIO_IOMMU_UNMAP_DMA:
		if (un->argsz != sizeof(*un))
			return wrong(k, "unmap");
		for (i = 0; i < k->maps; i++) {
			if (k->map[i].iova == un->iova && k->map[i].size == un->size) {
				k->map[i] = k->map[--k->maps];
				return 0;
			}
		}
		un->size = 0;
		return 0;
	default: return wrong(k, "ioctl of the container");
	}
}

static int group_ioctl(struct fake_kernel *k, unsigned long request, void *arg)
{
	struct vfio_group_status *status = arg;

	switch (request) {
	case VFIO_GROUP_GET_STATUS:
		status->flags = k->not_viable ? 0 : VFIO_GROUP_FLAGS_VIABLE;
		return 0;
	case VFIO_GROUP_SET_CONTAINER:
		if (*(int *)arg != CONTAINER)
			return wrong(k, "another container");
		k->group_set = 1;
		return 0;
	case VFIO_GROUP_GET_DEVICE_FD:
		if (!k->iommu_set)
			return wrong(k, "the device before the IOMMU");
		if (strcmp(arg, "0000:01:00.0"))
			return wrong(k, "another device");
		k->device_open++;
		return DEVICE;
	default: return wrong(k, "ioctl of the group");
	}
}

static int set_irqs(struct fake_kernel *k, const struct vfio_irq_set *set)
{
	uint32_t i;

	k->irq_calls++;
	if (set->index != VFIO_PCI_MSIX_IRQ_INDEX || !(set->flags & VFIO_IRQ_SET_ACTION_TRIGGER))
		return wrong(k, "interrupts of another kind");
	if (set->flags & VFIO_IRQ_SET_DATA_NONE) {
		if (set->count || set->start)
			return wrong(k, "raising interrupts");
		k->irqs_set = 0;
		return 0;
	}
	/* The vectors are allocated by the first call; more cannot be added. */
	if (k->irqs_set || set->start || set->count > k->msix)
		return wrong(k, "interrupts in pieces, or too many");
	if (set->argsz != sizeof(*set) + set->count * sizeof(int32_t))
		return wrong(k, "length of the descriptors");
	for (i = 0; i < set->count; i++)
		memcpy(&k->irq_fds[i], set->data + i * sizeof(int32_t), sizeof(int32_t));
	k->irqs_set = set->count;
	return 0;
}

static int device_ioctl(struct fake_kernel *k, unsigned long request, void *arg)
{
	struct vfio_device_info *info = arg;
	struct vfio_region_info *region = arg;
	struct vfio_irq_info *irq = arg;

	switch (request) {
	case VFIO_DEVICE_GET_INFO:
		info->flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
		info->num_regions = VFIO_PCI_NUM_REGIONS;
		info->num_irqs = VFIO_PCI_NUM_IRQS;
		return 0;
	case VFIO_DEVICE_GET_REGION_INFO:
		region->flags = 3 | (k->no_mmap ? 0 : VFIO_REGION_INFO_FLAG_MMAP);
		region->offset = BAR_OFFSET(region->index);
		region->size = 0;
		if (region->index == 0)
			region->size = k->bar0;
		if (region->index == 2)
			region->size = CHIM_BAR2_BYTES;
		if (region->index == VFIO_PCI_CONFIG_REGION_INDEX) {
			region->size = 256;
			region->flags = 3;
		}
		return 0;
	case VFIO_DEVICE_GET_IRQ_INFO:
		irq->flags = VFIO_IRQ_INFO_EVENTFD;
		irq->count = irq->index == VFIO_PCI_MSIX_IRQ_INDEX ? k->msix : 0;
		return 0;
	case VFIO_DEVICE_SET_IRQS: return set_irqs(k, arg);
	case VFIO_DEVICE_RESET: k->resets++; return 0;
	default: return wrong(k, "ioctl of the device");
	}
}

static int fake_ioctl(void *ctx, int fd, unsigned long request, void *arg)
{
	struct fake_kernel *k = ctx;

	if (injected(k))
		return -1;
	if (fd == CONTAINER && k->container_open)
		return container_ioctl(k, request, arg);
	if (fd == GROUP && k->group_open)
		return group_ioctl(k, request, arg);
	if (fd == DEVICE && k->device_open)
		return device_ioctl(k, request, arg);
	return wrong(k, "ioctl of what is not open");
}

/* Configuration space, and BARs that are not mapped. */
static ssize_t transfer(struct fake_kernel *k, void *buf, size_t len, uint64_t off, int write)
{
	uint8_t *at;

	if (off == BAR_OFFSET(VFIO_PCI_CONFIG_REGION_INDEX) + 4 && len == 2)
		at = (uint8_t *)&k->command;
	else if (off < sizeof(k->regs) && len == 4)
		at = (uint8_t *)k->regs + off;
	else
		return wrong(k, "access to another place");
	if (write)
		memcpy(at, buf, len);
	else if (k->gone)
		memset(buf, 0xFF, len);
	else
		memcpy(buf, at, len);
	return (ssize_t)len;
}

static ssize_t fake_pread(void *ctx, int fd, void *buf, size_t len, off_t off)
{
	struct fake_kernel *k = ctx;

	if (injected(k))
		return -1;
	return fd == DEVICE ? transfer(k, buf, len, (uint64_t)off, 0) : wrong(k, "pread");
}

static ssize_t fake_pwrite(void *ctx, int fd, const void *buf, size_t len, off_t off)
{
	struct fake_kernel *k = ctx;

	if (injected(k))
		return -1;
	return fd == DEVICE ? transfer(k, (void *)(uintptr_t)buf, len, (uint64_t)off, 1)
			    : wrong(k, "pwrite");
}

static void *fake_mmap(void *ctx, size_t len, int prot, int fd, off_t off)
{
	struct fake_kernel *k = ctx;
	void *p;

	if (injected(k))
		return MAP_FAILED;
	if (fd != DEVICE || prot != (PROT_READ | PROT_WRITE) || (uint64_t)off % BAR_OFFSET(1)) {
		wrong(k, "mmap");
		return MAP_FAILED;
	}
	p = mmap(NULL, len, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p != MAP_FAILED)
		k->mmaps++;
	if (!off)
		k->bar_memory = p;
	return p;
}

static int fake_munmap(void *ctx, void *at, size_t len)
{
	struct fake_kernel *k = ctx;

	k->mmaps--;
	return munmap(at, len);
}

void fake_kernel_init(struct fake_kernel *k)
{
	*k = (struct fake_kernel){ .bar0 = CHIM_BAR0_BYTES, .msix = 32, .fail_errno = EIO };
}

struct chim_vfio_sys fake_sys(struct fake_kernel *k)
{
	return (struct chim_vfio_sys){ .ctx = k,
				       .open = fake_open,
				       .close = fake_close,
				       .ioctl = fake_ioctl,
				       .pread = fake_pread,
				       .pwrite = fake_pwrite,
				       .mmap = fake_mmap,
				       .munmap = fake_munmap,
				       .readlink = fake_readlink };
}
