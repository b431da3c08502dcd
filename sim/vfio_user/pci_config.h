/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * PCI configuration space of the NIC and the BAR that holds its MSI-X table. Hard part: which bits
 * a guest may write; everything else keeps its value.
 */
#ifndef CHIM_PCI_CONFIG_H
#define CHIM_PCI_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#define CHIM_PCI_CONFIG_BYTES	256
#define CHIM_PCI_MSIX_BAR	4
#define CHIM_PCI_MSIX_BAR_BYTES 4096
#define CHIM_PCI_MSIX_VECTORS	32 /* irq_vector of chim_core has five bits */

struct chim_pci_config {
	uint8_t bytes[CHIM_PCI_CONFIG_BYTES];
	uint8_t writable[CHIM_PCI_CONFIG_BYTES]; /* bits that a write changes */
	uint8_t msix[CHIM_PCI_MSIX_BAR_BYTES];	 /* table, then pending bits */
};

/* Values after reset: no memory decoding, no bus mastering, MSI-X off. */
void chim_pci_config_reset(struct chim_pci_config *c);

/* Any [off, off + len) inside the 256 bytes. */
void chim_pci_config_read(const struct chim_pci_config *c, size_t off, void *buf, size_t len);
void chim_pci_config_write(struct chim_pci_config *c, size_t off, const void *buf, size_t len);

/* Any [off, off + len) inside the MSI-X BAR. The table is mere storage: VFIO uses descriptors. */
void chim_pci_msix_read(const struct chim_pci_config *c, size_t off, void *buf, size_t len);
void chim_pci_msix_write(struct chim_pci_config *c, size_t off, const void *buf, size_t len);

int chim_pci_memory_enabled(const struct chim_pci_config *c);
int chim_pci_bus_master(const struct chim_pci_config *c);

#endif
