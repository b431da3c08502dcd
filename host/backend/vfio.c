/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Back end vfio: a PCI device given to this process by the kernel's vfio-pci driver. Hard part: the
 * order of the calls, container before group before device, and undoing it from any point. It has
 * run against a stand-in for the kernel only (tests/unit/host/backend), never on hardware.
 * Source: Linux Documentation/driver-api/vfio.rst, include/uapi/linux/vfio.h.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kinds.h"
#include "pci.h"
#include "vfio_sys.h"

struct vfio {
	struct chim_pci pci;
	struct chim_vfio_sys sys;
	int container;
	int group;
	int device;
	struct {
		void *at;
		size_t len;
	} bar[VFIO_PCI_BAR5_REGION_INDEX + 1];
};

static struct vfio *to_vfio(struct chim_pci *p)
{
	return (struct vfio *)p;
}

static int do_ioctl(struct vfio *v, int fd, unsigned long request, void *arg)
{
	int r = v->sys.ioctl(v->sys.ctx, fd, request, arg);

	return r < 0 ? -errno : r;
}

static int region_info(struct vfio *v, unsigned int index, struct vfio_region_info *r)
{
	*r = (struct vfio_region_info){ .argsz = sizeof(*r), .index = index };
	return do_ioctl(v, v->device, VFIO_DEVICE_GET_REGION_INFO, r);
}

static void vfio_close(struct chim_pci *p)
{
	struct vfio *v = to_vfio(p);
	unsigned int i;

	for (i = 0; i < sizeof(v->bar) / sizeof(v->bar[0]); i++)
		if (v->bar[i].at)
			v->sys.munmap(v->sys.ctx, v->bar[i].at, v->bar[i].len);
	/* The kernel undoes mappings and interrupts with the last descriptor. */
	if (v->device >= 0)
		v->sys.close(v->sys.ctx, v->device);
	if (v->group >= 0)
		v->sys.close(v->sys.ctx, v->group);
	if (v->container >= 0)
		v->sys.close(v->sys.ctx, v->container);
	free(v);
}

static int vfio_region_size(struct chim_pci *p, unsigned int index, uint64_t *size)
{
	struct vfio_region_info r;
	int err = region_info(to_vfio(p), index, &r);

	*size = err ? 0 : r.size;
	return err;
}

static int vfio_read(struct chim_pci *p, unsigned int region, uint64_t off, void *buf, size_t len)
{
	struct vfio *v = to_vfio(p);
	struct vfio_region_info r;
	ssize_t got;
	int err = region_info(v, region, &r);

	if (err)
		return err;
	got = v->sys.pread(v->sys.ctx, v->device, buf, len, (off_t)(r.offset + off));
	return got == (ssize_t)len ? 0 : got < 0 ? -errno : -EIO;
}

static int vfio_write(struct chim_pci *p, unsigned int region, uint64_t off, const void *buf,
		      size_t len)
{
	struct vfio *v = to_vfio(p);
	struct vfio_region_info r;
	ssize_t put;
	int err = region_info(v, region, &r);

	if (err)
		return err;
	put = v->sys.pwrite(v->sys.ctx, v->device, buf, len, (off_t)(r.offset + off));
	return put == (ssize_t)len ? 0 : put < 0 ? -errno : -EIO;
}

static int vfio_bar(struct chim_pci *p, unsigned int bar, volatile void **at)
{
	struct vfio *v = to_vfio(p);
	struct vfio_region_info r;
	void *map;
	int err = region_info(v, bar, &r);

	/* Without MMAP, pread and pwrite do as well, more slowly. */
	if (err || !(r.flags & VFIO_REGION_INFO_FLAG_MMAP))
		return err;
	map = v->sys.mmap(v->sys.ctx, r.size, PROT_READ | PROT_WRITE, v->device, (off_t)r.offset);
	if (map == MAP_FAILED)
		return -errno;
	v->bar[bar].at = map;
	v->bar[bar].len = r.size;
	*at = map;
	return 0;
}

static int vfio_irq_count(struct chim_pci *p, unsigned int index, unsigned int *count)
{
	struct vfio *v = to_vfio(p);
	struct vfio_irq_info i = { .argsz = sizeof(i), .index = index };
	int err = do_ioctl(v, v->device, VFIO_DEVICE_GET_IRQ_INFO, &i);

	*count = err || !(i.flags & VFIO_IRQ_INFO_EVENTFD) ? 0 : i.count;
	return err;
}

/* All in one call: the kernel allocates MSI-X vectors once, and cannot add to them later. */
static unsigned int vfio_max_fds(struct chim_pci *p)
{
	(void)p;
	return CHIM_PCI_VECTORS;
}

static int vfio_set_irqs(struct chim_pci *p, unsigned int index, unsigned int start,
			 unsigned int count, const int *fds)
{
	struct vfio *v = to_vfio(p);
	_Alignas(struct vfio_irq_set)
		uint8_t arg[sizeof(struct vfio_irq_set) + CHIM_PCI_VECTORS * sizeof(int32_t)];
	struct vfio_irq_set *set = (struct vfio_irq_set *)(void *)arg;

	*set = (struct vfio_irq_set){ .argsz = sizeof(*set),
				      .flags = VFIO_IRQ_SET_ACTION_TRIGGER,
				      .index = index,
				      .start = start,
				      .count = count };
	if (fds) {
		set->argsz += count * (uint32_t)sizeof(int32_t);
		set->flags |= VFIO_IRQ_SET_DATA_EVENTFD;
		memcpy(set->data, fds, count * sizeof(int32_t));
	} else {
		set->flags |= VFIO_IRQ_SET_DATA_NONE;
	}
	return do_ioctl(v, v->device, VFIO_DEVICE_SET_IRQS, set);
}

static int vfio_map(struct chim_pci *p, void *va, size_t len, uint64_t iova, int fd,
		    uint64_t fd_off)
{
	struct vfio *v = to_vfio(p);
	struct vfio_iommu_type1_dma_map m = { .argsz = sizeof(m),
					      .flags = VFIO_DMA_MAP_FLAG_READ |
						       VFIO_DMA_MAP_FLAG_WRITE,
					      .vaddr = (uintptr_t)va,
					      .iova = iova,
					      .size = len };

	/* The kernel pins the pages themselves. */
	(void)fd;
	(void)fd_off;
	return do_ioctl(v, v->container, VFIO_IOMMU_MAP_DMA, &m);
}

static int vfio_unmap(struct chim_pci *p, uint64_t iova, size_t len)
{
	struct vfio *v = to_vfio(p);
	struct vfio_iommu_type1_dma_unmap m = { .argsz = sizeof(m), .iova = iova, .size = len };
	int err = do_ioctl(v, v->container, VFIO_IOMMU_UNMAP_DMA, &m);

	/* It says how much it unmapped, and nothing is not an error to it. */
	return err ? err : m.size == len ? 0 : -ENOENT;
}

static int vfio_reset(struct chim_pci *p)
{
	struct vfio *v = to_vfio(p);

	return do_ioctl(v, v->device, VFIO_DEVICE_RESET, NULL);
}

static const struct chim_pci_transport vfio_transport = {
	.name = "vfio",
	.close = vfio_close,
	.region_size = vfio_region_size,
	.read = vfio_read,
	.write = vfio_write,
	.irq_count = vfio_irq_count,
	.max_fds = vfio_max_fds,
	.set_irqs = vfio_set_irqs,
	.map = vfio_map,
	.unmap = vfio_unmap,
	.reset = vfio_reset,
	.bar = vfio_bar,
};

/* "0000:01:00.0" and nothing else: the name becomes part of a path. */
static int valid_address(const char *name)
{
	static const char form[] = "hhhh:hh:hh.h";
	size_t i;

	for (i = 0; form[i]; i++)
		if (form[i] == 'h' ? !isxdigit((unsigned char)name[i]) : name[i] != form[i])
			return 0;
	return !name[i];
}

/* Number of the IOMMU group, from the link in sysfs. */
static int find_group(struct vfio *v, const char *name, char group[32])
{
	char path[128], target[256];
	const char *slash;
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", name);
	n = v->sys.readlink(v->sys.ctx, path, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = 0;
	slash = strrchr(target, '/');
	if (!slash || !isdigit((unsigned char)slash[1]) || strlen(slash + 1) >= 16)
		return -ENOENT;
	strcpy(group, slash + 1);
	return 0;
}

static int open_file(struct vfio *v, const char *path, int *fd)
{
	*fd = v->sys.open(v->sys.ctx, path, O_RDWR | O_CLOEXEC);
	if (*fd >= 0)
		return 0;
	return errno == EACCES ? -EPERM : -errno;
}

/*
 * 1. A container whose interface we know, with a type 1 IOMMU.
 * 2. The device's group, all of whose devices must be free of kernel drivers, in that container.
 * 3. The IOMMU, which a container has only once it has a group.
 * 4. The device.
 */
static int open_all(struct vfio *v, const char *name)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	struct vfio_device_info info = { .argsz = sizeof(info) };
	char group[32], path[64];
	int err;

	err = find_group(v, name, group);
	if (err)
		return err;
	err = open_file(v, "/dev/vfio/vfio", &v->container);
	if (err)
		return err;
	if (do_ioctl(v, v->container, VFIO_GET_API_VERSION, NULL) != VFIO_API_VERSION ||
	    do_ioctl(v, v->container, VFIO_CHECK_EXTENSION,
		     (void *)(uintptr_t)VFIO_TYPE1v2_IOMMU) <= 0)
		return -EPROTO;
	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	err = open_file(v, path, &v->group);
	if (err)
		return err;
	err = do_ioctl(v, v->group, VFIO_GROUP_GET_STATUS, &status);
	if (err)
		return err;
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return -EBUSY;
	err = do_ioctl(v, v->group, VFIO_GROUP_SET_CONTAINER, &v->container);
	if (err)
		return err;
	err = do_ioctl(v, v->container, VFIO_SET_IOMMU, (void *)(uintptr_t)VFIO_TYPE1v2_IOMMU);
	if (err)
		return err;
	v->device = do_ioctl(v, v->group, VFIO_GROUP_GET_DEVICE_FD, (void *)(uintptr_t)name);
	if (v->device < 0)
		return v->device;
	err = do_ioctl(v, v->device, VFIO_DEVICE_GET_INFO, &info);
	if (err)
		return err;
	if (!(info.flags & VFIO_DEVICE_FLAGS_PCI) || !(info.flags & VFIO_DEVICE_FLAGS_RESET))
		return -EPROTO;
	return 0;
}

int chim_vfio_open_sys(const char *name, const struct chim_vfio_sys *sys, struct chim_backend **be)
{
	struct vfio *v;
	int err;

	if (!valid_address(name))
		return -EINVAL;
	v = calloc(1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	v->sys = *sys;
	v->container = -1;
	v->group = -1;
	v->device = -1;
	err = open_all(v, name);
	if (err)
		goto err_close;
	err = chim_pci_open(&v->pci, &vfio_transport);
	if (err)
		goto err_pci;
	*be = &v->pci.base;
	return 0;

err_pci:
	chim_pci_close(&v->pci);
err_close:
	vfio_close(&v->pci);
	return err;
}

static int sys_open(void *ctx, const char *path, int flags)
{
	(void)ctx;
	return open(path, flags);
}

static int sys_close(void *ctx, int fd)
{
	(void)ctx;
	return close(fd);
}

static int sys_ioctl(void *ctx, int fd, unsigned long request, void *arg)
{
	(void)ctx;
	return ioctl(fd, request, arg);
}

static ssize_t sys_pread(void *ctx, int fd, void *buf, size_t len, off_t off)
{
	(void)ctx;
	return pread(fd, buf, len, off);
}

static ssize_t sys_pwrite(void *ctx, int fd, const void *buf, size_t len, off_t off)
{
	(void)ctx;
	return pwrite(fd, buf, len, off);
}

static void *sys_mmap(void *ctx, size_t len, int prot, int fd, off_t off)
{
	(void)ctx;
	return mmap(NULL, len, prot, MAP_SHARED, fd, off);
}

static int sys_munmap(void *ctx, void *at, size_t len)
{
	(void)ctx;
	return munmap(at, len);
}

static ssize_t sys_readlink(void *ctx, const char *path, char *buf, size_t len)
{
	(void)ctx;
	return readlink(path, buf, len);
}

int chim_vfio_open(const char *name, struct chim_backend **be)
{
	static const struct chim_vfio_sys sys = {
		.open = sys_open,
		.close = sys_close,
		.ioctl = sys_ioctl,
		.pread = sys_pread,
		.pwrite = sys_pwrite,
		.mmap = sys_mmap,
		.munmap = sys_munmap,
		.readlink = sys_readlink,
	};

	return chim_vfio_open_sys(name, &sys, be);
}
