/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Messages of the vfio-user protocol, version 0.0, as client and server put them on the socket.
 * Hard part: none; what has the same layout as in <linux/vfio.h> is taken from there.
 * Source: QEMU docs/interop/vfio-user.rst; section names in quotes.
 */
#ifndef CHIM_VFU_PROTO_H
#define CHIM_VFU_PROTO_H

#include <linux/vfio.h>
#include <stdint.h>

/* "Commands" */
enum vfu_command {
	VFU_VERSION = 1,
	VFU_DMA_MAP = 2,
	VFU_DMA_UNMAP = 3,
	VFU_GET_INFO = 4,
	VFU_GET_REGION_INFO = 5,
	VFU_GET_REGION_IO_FDS = 6,
	VFU_GET_IRQ_INFO = 7,
	VFU_SET_IRQS = 8,
	VFU_REGION_READ = 9,
	VFU_REGION_WRITE = 10,
	VFU_DMA_READ = 11,  /* server to client */
	VFU_DMA_WRITE = 12, /* server to client */
	VFU_RESET = 13,
	VFU_REGION_WRITE_MULTI = 15,
	VFU_DEVICE_FEATURE = 16,
	VFU_MIG_DATA_READ = 17,
	VFU_MIG_DATA_WRITE = 18,
};

/* "Header" */
struct vfu_header {
	uint16_t id;
	uint16_t command;
	uint32_t size; /* bytes, with the header */
	uint32_t flags;
	uint32_t error; /* errno, in a reply with VFU_F_ERROR */
};

#define VFU_F_TYPE     0xFu
#define VFU_F_COMMAND  0u
#define VFU_F_REPLY    1u
#define VFU_F_NO_REPLY (1u << 4)
#define VFU_F_ERROR    (1u << 5)

/* "VFIO_USER_VERSION"; JSON text with its NUL may follow. */
struct vfu_version {
	uint16_t major;
	uint16_t minor;
};

#define VFU_MAJOR	     0
#define VFU_MINOR	     0

/* What holds for a peer that does not say otherwise. */
#define VFU_DEFAULT_MAX_FDS  1u
#define VFU_DEFAULT_MAX_XFER 1048576u /* bytes of data in one read or write message */

/* "VFIO_USER_DMA_MAP" */
struct vfu_dma_map {
	uint32_t argsz;
	uint32_t flags; /* VFIO_DMA_MAP_FLAG_READ, VFIO_DMA_MAP_FLAG_WRITE */
	uint64_t offset;
	uint64_t addr;
	uint64_t size;
};

/* "VFIO_USER_DMA_UNMAP" */
struct vfu_dma_unmap {
	uint32_t argsz;
	uint32_t flags;
	uint64_t addr;
	uint64_t size;
};

/* "VFIO_USER_DEVICE_GET_INFO"; struct vfio_device_info has grown beyond it. */
struct vfu_device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
};

/* "VFIO_USER_REGION_READ", "VFIO_USER_REGION_WRITE"; data follows a write and a read's reply. */
struct vfu_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
};

/* "VFIO_USER_DMA_READ", "VFIO_USER_DMA_WRITE"; data follows a write and a read's reply. */
struct vfu_dma_access {
	uint64_t addr;
	uint64_t count;
};

_Static_assert(sizeof(struct vfu_header) == 16, "header");
_Static_assert(sizeof(struct vfu_version) == 4, "version");
_Static_assert(sizeof(struct vfu_dma_map) == 32, "DMA map");
_Static_assert(sizeof(struct vfu_dma_unmap) == 24, "DMA unmap");
_Static_assert(sizeof(struct vfu_device_info) == 16, "device info");
_Static_assert(sizeof(struct vfio_region_info) == 32, "region info");
_Static_assert(sizeof(struct vfio_irq_info) == 16, "interrupt info");
_Static_assert(sizeof(struct vfio_irq_set) == 20, "interrupt set");
_Static_assert(sizeof(struct vfu_region_access) == 16, "region access");
_Static_assert(sizeof(struct vfu_dma_access) == 16, "DMA access");

#endif
