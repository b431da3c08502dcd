/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * PCI configuration space, see pci_config.h. Sections are those of the PCI Local Bus Specification
 * 3.0.
 */
#include "pci_config.h"

#include <linux/pci_regs.h>
#include <string.h>

#include "../../rtl/contract/chim_contract.h"

/* Not assigned by the PCI-SIG: 0x1234 is what emulators use for devices that exist nowhere else. */
#define PCI_ID_VENDOR	 0x1234
#define PCI_ID_DEVICE	 0x4348 /* "CH" */

#define MSIX_CAP	 0x40
#define MSIX_PENDING	 0x800 /* offset of the pending bits in the BAR */
#define MSIX_ENTRY	 16u
#define MSIX_TABLE_BYTES (CHIM_PCI_MSIX_VECTORS * MSIX_ENTRY)

_Static_assert(MSIX_TABLE_BYTES <= MSIX_PENDING, "table and pending bits must not overlap");

static void put(uint8_t *at, size_t off, uint32_t value, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		at[off + i] = (uint8_t)(value >> (8 * i));
}

/* 6.2.5.1: the bits below the size read as zero, so that software can find the size. */
static void put_bar(struct chim_pci_config *c, unsigned int bar, uint32_t bytes)
{
	put(c->bytes, PCI_BASE_ADDRESS_0 + 4 * bar, PCI_BASE_ADDRESS_SPACE_MEMORY, 4);
	put(c->writable, PCI_BASE_ADDRESS_0 + 4 * bar, ~(bytes - 1), 4);
}

void chim_pci_config_reset(struct chim_pci_config *c)
{
	size_t i;

	memset(c, 0, sizeof(*c));
	/* 6.2.1 to 6.2.4 */
	put(c->bytes, PCI_VENDOR_ID, PCI_ID_VENDOR, 2);
	put(c->bytes, PCI_DEVICE_ID, PCI_ID_DEVICE, 2);
	put(c->writable, PCI_COMMAND,
	    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE, 2);
	put(c->bytes, PCI_STATUS, PCI_STATUS_CAP_LIST, 2);
	put(c->bytes, PCI_CLASS_REVISION, 0x02000000, 4); /* Ethernet controller, revision 0 */
	put(c->writable, PCI_CACHE_LINE_SIZE, 0xFF, 1);
	put(c->writable, PCI_LATENCY_TIMER, 0xF8, 1);
	put(c->bytes, PCI_SUBSYSTEM_VENDOR_ID, PCI_ID_VENDOR, 2);
	put(c->bytes, PCI_SUBSYSTEM_ID, PCI_ID_DEVICE, 2);
	put(c->writable, PCI_INTERRUPT_LINE, 0xFF, 1);
	put_bar(c, 0, CHIM_BAR0_BYTES);
	put_bar(c, 2, CHIM_BAR2_BYTES);
	put_bar(c, CHIM_PCI_MSIX_BAR, CHIM_PCI_MSIX_BAR_BYTES);
	/* 6.8.2 */
	put(c->bytes, PCI_CAPABILITY_LIST, MSIX_CAP, 1);
	put(c->bytes, MSIX_CAP + PCI_CAP_LIST_ID, PCI_CAP_ID_MSIX, 1);
	put(c->bytes, MSIX_CAP + PCI_MSIX_FLAGS, CHIM_PCI_MSIX_VECTORS - 1, 2);
	put(c->writable, MSIX_CAP + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL,
	    2);
	put(c->bytes, MSIX_CAP + PCI_MSIX_TABLE, CHIM_PCI_MSIX_BAR, 4);
	put(c->bytes, MSIX_CAP + PCI_MSIX_PBA, MSIX_PENDING | CHIM_PCI_MSIX_BAR, 4);
	/* 6.8.2.9: each vector is masked after reset. */
	for (i = 0; i < CHIM_PCI_MSIX_VECTORS; i++)
		put(c->msix, i * MSIX_ENTRY + PCI_MSIX_ENTRY_VECTOR_CTRL,
		    PCI_MSIX_ENTRY_CTRL_MASKBIT, 4);
}

void chim_pci_config_read(const struct chim_pci_config *c, size_t off, void *buf, size_t len)
{
	memcpy(buf, c->bytes + off, len);
}

void chim_pci_config_write(struct chim_pci_config *c, size_t off, const void *buf, size_t len)
{
	const uint8_t *from = buf;
	size_t i;

	for (i = 0; i < len; i++) {
		uint8_t keep = (uint8_t)~c->writable[off + i];

		c->bytes[off + i] = (uint8_t)((c->bytes[off + i] & keep) | (from[i] & ~keep));
	}
}

void chim_pci_msix_read(const struct chim_pci_config *c, size_t off, void *buf, size_t len)
{
	memcpy(buf, c->msix + off, len);
}

void chim_pci_msix_write(struct chim_pci_config *c, size_t off, const void *buf, size_t len)
{
	const uint8_t *from = buf;
	size_t i;

	/* Pending bits, and what lies between, are read only. */
	for (i = 0; i < len && off + i < MSIX_TABLE_BYTES; i++)
		c->msix[off + i] = from[i];
}

static unsigned int command(const struct chim_pci_config *c)
{
	return (unsigned int)c->bytes[PCI_COMMAND] | (unsigned int)c->bytes[PCI_COMMAND + 1] << 8;
}

int chim_pci_memory_enabled(const struct chim_pci_config *c)
{
	return !!(command(c) & PCI_COMMAND_MEMORY);
}

int chim_pci_bus_master(const struct chim_pci_config *c)
{
	return !!(command(c) & PCI_COMMAND_MASTER);
}
