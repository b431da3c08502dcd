/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * What is the same for every PCI device of VFIO's kind, whether the kernel or a vfio-user server
 * stands behind it: checking the regions, switching memory and bus mastering on, MSI-X by eventfds,
 * register access. Hard part: the other side is checked, not believed.
 */
#ifndef CHIM_BACKEND_PCI_H
#define CHIM_BACKEND_PCI_H

#include <stddef.h>
#include <stdint.h>

#include "chimney/backend.h"

#define CHIM_PCI_VECTORS 32 /* most that are used; irq_vector of the device has five bits */

struct chim_pci;

/**
 * struct chim_pci_transport - how to reach the device; all return 0 or -errno
 * @region_size: bytes of region @index (VFIO's numbers); 0: not there
 * @read, @write: @len bytes at @off of a region
 * @irq_count: interrupts of kind @index
 * @max_fds:  most descriptors of one set_irqs call
 * @set_irqs: give @count eventfds for interrupts from @start on; @fds NULL: switch the kind off
 * @map, @unmap, @reset, @poll, @pollfd, @close: as in struct chim_backend_ops
 * @bar:      out: the BAR mapped into this process, or NULL if it is reached by read and write
 */
struct chim_pci_transport {
	const char *name;
	void (*close)(struct chim_pci *p);
	int (*region_size)(struct chim_pci *p, unsigned int index, uint64_t *size);
	int (*read)(struct chim_pci *p, unsigned int region, uint64_t off, void *buf, size_t len);
	int (*write)(struct chim_pci *p, unsigned int region, uint64_t off, const void *buf,
		     size_t len);
	int (*irq_count)(struct chim_pci *p, unsigned int index, unsigned int *count);
	unsigned int (*max_fds)(struct chim_pci *p);
	int (*set_irqs)(struct chim_pci *p, unsigned int index, unsigned int start,
			unsigned int count, const int *fds);
	int (*map)(struct chim_pci *p, void *va, size_t len, uint64_t iova, int fd,
		   uint64_t fd_off);
	int (*unmap)(struct chim_pci *p, uint64_t iova, size_t len);
	int (*reset)(struct chim_pci *p);
	int (*poll)(struct chim_pci *p);
	int (*pollfd)(struct chim_pci *p);
	int (*bar)(struct chim_pci *p, unsigned int bar, volatile void **at);
};

/* Base of a PCI back end; the transport puts it first in its own structure. */
struct chim_pci {
	struct chim_backend base;
	const struct chim_pci_transport *transport;
	/* private: */
	struct chim_backend_ops ops; /* with the transport's name */
	volatile uint8_t *bar[6];
	unsigned int vectors;
	int irq_fds[CHIM_PCI_VECTORS];
	int dead; /* -ENODEV was seen once: stay there */
};

/**
 * chim_pci_open() - bring a device into use whose transport works
 *
 * Checks that regions 0 and 2 have the sizes of the contract, that MSI-X is there, sets memory
 * decoding and bus mastering, gives the device an eventfd per vector.
 * Return: 0; -EPROTO it is not such a device; -errno of the transport. On an error the caller
 * closes the transport, after chim_pci_close().
 */
int chim_pci_open(struct chim_pci *p, const struct chim_pci_transport *transport);

/* Switches bus mastering and interrupts off, closes the eventfds. */
void chim_pci_close(struct chim_pci *p);

#endif
