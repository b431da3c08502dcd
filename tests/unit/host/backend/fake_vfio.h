/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A stand-in for the kernel's VFIO: the NIC in group 7, with its rules about the order of calls.
 * Hard part: it must refuse what the kernel refuses, or it proves nothing.
 * Source: Linux Documentation/driver-api/vfio.rst, drivers/vfio.
 */
#ifndef CHIM_TESTS_FAKE_VFIO_H
#define CHIM_TESTS_FAKE_VFIO_H

#include <stdint.h>

#include "host/backend/vfio_sys.h"

#define FAKE_MAPS 8

struct fake_kernel {
	/* What the test sets. */
	unsigned int fail_at; /* 0: nothing fails */
	int fail_errno;
	int no_mmap;	   /* BARs are not mappable */
	int not_viable;	   /* another device of the group is the kernel's */
	uint64_t bar0;	   /* size */
	unsigned int msix; /* vectors */
	int gone;	   /* all reads are all ones */

	/* What the back end did. */
	unsigned int calls;
	int container_open, group_open, device_open;
	int group_set, iommu_set;
	unsigned int resets;
	uint16_t command; /* of the configuration space */
	int irq_fds[32];
	unsigned int irqs_set, irq_calls;
	struct {
		uint64_t va, iova, size;
	} map[FAKE_MAPS];
	unsigned int maps;
	unsigned int mmaps;
	uint32_t regs[64]; /* the start of BAR 0 */
	uint32_t *bar_memory;
	const char *wrong; /* first thing the kernel would not have allowed */
};

void fake_kernel_init(struct fake_kernel *k);
struct chim_vfio_sys fake_sys(struct fake_kernel *k);

#endif
