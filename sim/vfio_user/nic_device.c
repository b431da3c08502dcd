/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The NIC behind vfio-user, see nic_device.h. Hard part: registers are 32 bits wide and behind
 * AXI-Lite, so a client's access is cut into words.
 */
#include "nic_device.h"

#include <errno.h>
#include <linux/vfio.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "../../rtl/contract/chim_contract.h"
#include "pci_config.h"

#define ROUND_CLOCKS   4096 /* of the model, between looks at the client */
#define ROUND_MESSAGES 64u  /* of the client, between looks at the wire */

struct chim_nic_device {
	struct chim_shell *shell;
	struct vfu_server *server;
	struct chim_pci_config config;
};

/* PCI 3.0 6.2.2: without bus mastering a function reaches no memory and raises no message. */
static int dma_read(void *ctx, uint64_t iova, void *buf, size_t len)
{
	struct chim_nic_device *d = ctx;

	return chim_pci_bus_master(&d->config) ? vfu_dma_read(d->server, iova, buf, len) : -EFAULT;
}

static int dma_write(void *ctx, uint64_t iova, const void *buf, size_t len)
{
	struct chim_nic_device *d = ctx;

	return chim_pci_bus_master(&d->config) ? vfu_dma_write(d->server, iova, buf, len) : -EFAULT;
}

static void irq(void *ctx, unsigned int vector)
{
	struct chim_nic_device *d = ctx;

	if (chim_pci_bus_master(&d->config))
		vfu_irq(d->server, VFIO_PCI_MSIX_IRQ_INDEX, vector);
}

static const struct chim_shell_host shell_host = { dma_read, dma_write, irq };

/* Whole words only for writes: a register has no byte enables. Reads may take any part. */
static int bar_access(struct chim_nic_device *d, unsigned int bar, uint64_t off, uint8_t *buf,
		      size_t len, int write)
{
	if (!chim_pci_memory_enabled(&d->config))
		return -EIO;
	if (write && (off % 4 || len % 4))
		return -EINVAL;
	while (len) {
		uint32_t at = (uint32_t)off & ~3u, value = 0;
		size_t skip = (size_t)(off & 3);
		size_t n = 4 - skip < len ? 4 - skip : len;
		int err;

		if (write)
			memcpy(&value, buf, 4);
		err = write ? chim_shell_write32(d->shell, bar, at, value)
			    : chim_shell_read32(d->shell, bar, at, &value);
		if (err)
			return err;
		if (!write)
			memcpy(buf, (const uint8_t *)&value + skip, n);
		off += n;
		buf += n;
		len -= n;
	}
	return 0;
}

static int region_access(void *ctx, unsigned int region, uint64_t off, void *buf, size_t len,
			 int write)
{
	struct chim_nic_device *d = ctx;

	switch (region) {
	case VFIO_PCI_BAR0_REGION_INDEX: return bar_access(d, 0, off, buf, len, write);
	case VFIO_PCI_BAR2_REGION_INDEX: return bar_access(d, 2, off, buf, len, write);
	case VFIO_PCI_BAR0_REGION_INDEX + CHIM_PCI_MSIX_BAR:
		if (!chim_pci_memory_enabled(&d->config))
			return -EIO;
		if (write)
			chim_pci_msix_write(&d->config, (size_t)off, buf, len);
		else
			chim_pci_msix_read(&d->config, (size_t)off, buf, len);
		return 0;
	case VFIO_PCI_CONFIG_REGION_INDEX:
		if (write)
			chim_pci_config_write(&d->config, (size_t)off, buf, len);
		else
			chim_pci_config_read(&d->config, (size_t)off, buf, len);
		return 0;
	default: return -EINVAL;
	}
}

static int reset(void *ctx)
{
	struct chim_nic_device *d = ctx;

	chim_shell_reset(d->shell);
	chim_pci_config_reset(&d->config);
	return 0;
}

int chim_nic_device_create(const struct chim_options *o, const struct chim_model_api *api,
			   const char *path, int timeout_ms, struct chim_nic_device **device,
			   const char **what)
{
	struct vfu_device served = { .access = region_access, .reset = reset };
	struct chim_nic_device *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return -ENOMEM;
	chim_pci_config_reset(&d->config);
	served.ctx = d;
	served.regions[VFIO_PCI_BAR0_REGION_INDEX] = CHIM_BAR0_BYTES;
	served.regions[VFIO_PCI_BAR2_REGION_INDEX] = CHIM_BAR2_BYTES;
	served.regions[VFIO_PCI_BAR0_REGION_INDEX + CHIM_PCI_MSIX_BAR] = CHIM_PCI_MSIX_BAR_BYTES;
	served.regions[VFIO_PCI_CONFIG_REGION_INDEX] = CHIM_PCI_CONFIG_BYTES;
	served.irqs[VFIO_PCI_MSIX_IRQ_INDEX] = CHIM_PCI_MSIX_VECTORS;
	/* The socket last: who can connect finds a device. */
	err = chim_options_open(o, NULL, api, &shell_host, d, &d->shell, what);
	if (err)
		goto err_free;
	if (what)
		*what = "socket";
	err = vfu_server_create(path, &served, timeout_ms, &d->server);
	if (err)
		goto err_shell;
	*device = d;
	return 0;

err_shell:
	chim_shell_close(d->shell);
err_free:
	free(d);
	return err;
}

void chim_nic_device_destroy(struct chim_nic_device *d)
{
	if (!d)
		return;
	vfu_server_destroy(d->server);
	chim_shell_close(d->shell);
	free(d);
}

int chim_nic_device_run(struct chim_nic_device *d, int max_sleep_ms)
{
	struct pollfd pfd[3] = { { .events = POLLIN }, { .events = POLLIN }, { .events = POLLIN } };
	int timeout;

	pfd[0].fd = chim_shell_pollfd(d->shell, &timeout);
	vfu_server_fds(d->server, &pfd[1].fd, &pfd[2].fd);
	if (timeout < 0 || timeout > max_sleep_ms)
		timeout = max_sleep_ms;
	if (poll(pfd, 3, timeout) < 0 && errno != EINTR)
		return -EIO;
	vfu_server_run(d->server, ROUND_MESSAGES);
	chim_shell_pump(d->shell, ROUND_CLOCKS);
	return 0;
}

struct chim_shell *chim_nic_device_shell(struct chim_nic_device *d)
{
	return d->shell;
}

const struct vfu_counts *chim_nic_device_counts(const struct chim_nic_device *d)
{
	return vfu_server_counts(d->server);
}
