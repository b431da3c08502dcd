/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * PCI back end without its transport, see pci.h. Source: PCI Local Bus Specification 3.0, 6.2.2
 * (command register), 6.8.2 (MSI-X); Linux include/uapi/linux/vfio.h.
 */
#include "pci.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../../rtl/contract/chim_contract.h"
#include "../../rtl/contract/chim_regs.h"
#include "mmio.h"

#define CONFIG	 VFIO_PCI_CONFIG_REGION_INDEX
#define MSIX	 VFIO_PCI_MSIX_IRQ_INDEX
#define ALL_ONES 0xFFFFFFFFu

static struct chim_pci *to_pci(struct chim_backend *be)
{
	return (struct chim_pci *)be;
}

/* After one -ENODEV the device is gone for good: no access is tried any more. */
static int noted(struct chim_pci *p, int err)
{
	if (err == -ENODEV)
		p->dead = 1;
	return err;
}

static int bar_offset_ok(unsigned int bar, uint32_t off)
{
	uint32_t bytes = bar == 0 ? CHIM_BAR0_BYTES : bar == 2 ? CHIM_BAR2_BYTES : 0;

	return off < bytes && off % 4 == 0;
}

static int raw_read32(struct chim_pci *p, unsigned int bar, uint32_t off, uint32_t *val)
{
	if (p->bar[bar]) {
		*val = chim_mmio_read32(p->bar[bar] + off);
		return 0;
	}
	return p->transport->read(p, bar, off, val, sizeof(*val));
}

static int pci_read32(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t *val)
{
	struct chim_pci *p = to_pci(be);
	uint32_t magic;
	int err;

	if (!bar_offset_ok(bar, off))
		return -EINVAL;
	if (p->dead)
		return -ENODEV;
	err = raw_read32(p, bar, off, val);
	if (err || *val != ALL_ONES)
		return noted(p, err);
	/* A bus answers all ones for a device that is gone; the first register never reads so. */
	err = raw_read32(p, 0, CHIM_REG_MAGIC, &magic);
	if (!err && magic == ALL_ONES)
		err = -ENODEV;
	return noted(p, err);
}

static int pci_write32(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t val)
{
	struct chim_pci *p = to_pci(be);

	if (!bar_offset_ok(bar, off))
		return -EINVAL;
	if (p->dead)
		return -ENODEV;
	if (p->bar[bar]) {
		chim_mmio_write32(p->bar[bar] + off, val);
		return 0;
	}
	return noted(p, p->transport->write(p, bar, off, &val, sizeof(val)));
}

static int pci_dma_map(struct chim_backend *be, void *va, size_t len, uint64_t iova, int fd,
		       uint64_t fd_off)
{
	struct chim_pci *p = to_pci(be);

	if (p->dead)
		return -ENODEV;
	if (!len || ((uintptr_t)va | len | iova) % 4096 || (fd >= 0 && fd_off % 4096))
		return -EINVAL;
	return noted(p, p->transport->map(p, va, len, iova, fd, fd_off));
}

static int pci_dma_unmap(struct chim_backend *be, uint64_t iova, size_t len)
{
	struct chim_pci *p = to_pci(be);

	return p->dead ? -ENODEV : noted(p, p->transport->unmap(p, iova, len));
}

static int pci_irq_fd(struct chim_backend *be, unsigned int vector)
{
	struct chim_pci *p = to_pci(be);

	return vector < p->vectors ? p->irq_fds[vector] : -EINVAL;
}

/* 6.2.2: answer memory accesses, may reach memory; no INTx, which nobody listens to. */
static int enable(struct chim_pci *p, int on)
{
	uint16_t command;
	int err;

	err = p->transport->read(p, CONFIG, PCI_COMMAND, &command, sizeof(command));
	if (err)
		return err;
	if (on)
		command |= PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE;
	else
		command &= (uint16_t)~PCI_COMMAND_MASTER;
	return p->transport->write(p, CONFIG, PCI_COMMAND, &command, sizeof(command));
}

static int pci_reset(struct chim_backend *be)
{
	struct chim_pci *p = to_pci(be);
	int err;

	if (p->dead)
		return -ENODEV;
	err = p->transport->reset(p);
	/* Whether a reset clears the command register is the transport's: set it again. */
	if (!err)
		err = enable(p, 1);
	return noted(p, err);
}

static int64_t pci_poll(struct chim_backend *be, uint64_t budget)
{
	struct chim_pci *p = to_pci(be);
	int err;

	(void)budget;
	if (p->dead)
		return -ENODEV;
	err = p->transport->poll ? p->transport->poll(p) : 0;
	if (err)
		p->dead = 1;
	return err ? -ENODEV : 0;
}

static int pci_pollfd(struct chim_backend *be, int *timeout_ms)
{
	struct chim_pci *p = to_pci(be);

	*timeout_ms = p->dead ? 0 : -1;
	return p->transport->pollfd && !p->dead ? p->transport->pollfd(p) : -1;
}

static int pci_now_ms(struct chim_backend *be, uint32_t *ms)
{
	return pci_read32(be, 0, CHIM_REG_TIME_MS, ms);
}

static void pci_close_all(struct chim_backend *be)
{
	struct chim_pci *p = to_pci(be);

	chim_pci_close(p);
	p->transport->close(p);
}

/* Give an eventfd per vector, as many in a call as the other side takes. */
static int give_irqs(struct chim_pci *p)
{
	unsigned int most = p->transport->max_fds(p), i, n;
	int err;

	for (i = 0; i < p->vectors; i++) {
		p->irq_fds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (p->irq_fds[i] < 0)
			return -errno;
	}
	for (i = 0; i < p->vectors; i += n) {
		n = p->vectors - i < most ? p->vectors - i : most;
		err = p->transport->set_irqs(p, MSIX, i, n, p->irq_fds + i);
		if (err)
			return err;
	}
	return 0;
}

static const struct chim_backend_ops pci_ops = {
	.close = pci_close_all,
	.read32 = pci_read32,
	.write32 = pci_write32,
	.dma_map = pci_dma_map,
	.dma_unmap = pci_dma_unmap,
	.irq_fd = pci_irq_fd,
	.reset = pci_reset,
	.poll = pci_poll,
	.pollfd = pci_pollfd,
	.now_ms = pci_now_ms,
};

/* Regions 0 and 2 have the contract's sizes and are mapped if the transport can. */
static int check_bar(struct chim_pci *p, unsigned int bar, uint64_t bytes)
{
	volatile void *at = NULL;
	uint64_t size;
	int err;

	err = p->transport->region_size(p, bar, &size);
	if (err)
		return err;
	if (size != bytes)
		return -EPROTO;
	err = p->transport->bar ? p->transport->bar(p, bar, &at) : 0;
	p->bar[bar] = at;
	return err;
}

int chim_pci_open(struct chim_pci *p, const struct chim_pci_transport *transport)
{
	unsigned int i, count;
	uint64_t size;
	int err;

	memset(p->bar, 0, sizeof(p->bar));
	p->transport = transport;
	p->ops = pci_ops;
	p->ops.name = transport->name;
	p->base.ops = &p->ops;
	p->dead = 0;
	p->vectors = 0;
	for (i = 0; i < CHIM_PCI_VECTORS; i++)
		p->irq_fds[i] = -1;
	err = check_bar(p, 0, CHIM_BAR0_BYTES);
	if (!err)
		err = check_bar(p, 2, CHIM_BAR2_BYTES);
	if (!err)
		err = transport->region_size(p, CONFIG, &size);
	if (!err && size < PCI_STD_HEADER_SIZEOF)
		err = -EPROTO;
	if (!err)
		err = transport->irq_count(p, MSIX, &count);
	if (!err && !count)
		err = -EPROTO;
	if (err)
		return err;
	p->vectors = count < CHIM_PCI_VECTORS ? count : CHIM_PCI_VECTORS;
	err = give_irqs(p);
	if (!err)
		err = enable(p, 1);
	return err;
}

void chim_pci_close(struct chim_pci *p)
{
	unsigned int i;

	/* The device must not write to memory that is about to be unmapped. */
	if (p->vectors && !p->dead) {
		enable(p, 0);
		p->transport->set_irqs(p, MSIX, 0, 0, NULL);
	}
	for (i = 0; i < CHIM_PCI_VECTORS; i++)
		if (p->irq_fds[i] >= 0)
			close(p->irq_fds[i]);
}
