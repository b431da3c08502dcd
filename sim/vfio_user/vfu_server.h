/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * vfio-user server: any device behind a UNIX socket, one client at a time, any number of clients
 * after each other. Knows the protocol and nothing of the NIC. Hard part: nothing that a client
 * sends may do more than get an error or lose the connection: every size, index and descriptor is
 * checked, every wait and every table is bounded.
 */
#ifndef CHIM_VFU_SERVER_H
#define CHIM_VFU_SERVER_H

#include <stddef.h>
#include <stdint.h>

#define VFU_REGIONS 9 /* VFIO_PCI_NUM_REGIONS */
#define VFU_IRQS    5 /* VFIO_PCI_NUM_IRQS */
#define VFU_VECTORS 64

/**
 * struct vfu_device - what is served
 * @regions: bytes of each region by VFIO's index (0..5 BARs, 7 configuration space); 0: not there
 * @irqs:    interrupts of each kind by VFIO's index (2: MSI-X), at most VFU_VECTORS
 * @access:  @len bytes at @off of a region, wholly inside it; @buf is read if @write, else filled.
 *           0, or -errno for the reply
 * @reset:   function-level reset. 0 or -errno
 * @gone:    the client left: its memory and interrupts are no longer there. May be NULL
 * Callbacks come from vfu_server_run() only and may use vfu_dma_read() and so on.
 */
struct vfu_device {
	uint64_t regions[VFU_REGIONS];
	uint32_t irqs[VFU_IRQS];
	int (*access)(void *ctx, unsigned int region, uint64_t off, void *buf, size_t len,
		      int write);
	int (*reset)(void *ctx);
	void (*gone)(void *ctx);
	void *ctx;
};

struct vfu_counts {
	uint64_t messages; /* answered, or posted */
	uint64_t errors;   /* answered with an error, or would have been if not posted */
	uint64_t clients;
	uint64_t dropped;     /* connections closed by us: bad stream, time-out */
	uint64_t lost_irqs;   /* raised with no descriptor set */
	uint64_t dma_direct;  /* accesses to mapped memory */
	uint64_t dma_message; /* accesses by messages */
};

struct vfu_server;

/**
 * vfu_server_create() - listen on a UNIX socket
 * @path:       a socket that nobody listens on any more is replaced
 * @device:     copied
 * @timeout_ms: longest wait for a client's answer, or for it to read ours
 * Return: 0; -EADDRINUSE somebody listens there, or it is another file; -ENAMETOOLONG; -errno;
 * -ENOMEM.
 */
int vfu_server_create(const char *path, const struct vfu_device *device, int timeout_ms,
		      struct vfu_server **server);

/* Disconnects the client and removes the socket. */
void vfu_server_destroy(struct vfu_server *s);

/* Descriptors to poll for reading: the listening one and the client's (-1 if none). */
void vfu_server_fds(const struct vfu_server *s, int *listener, int *client);

/**
 * vfu_server_run() - accept, and handle up to @max messages; never waits for one
 * Return: messages handled; call again at once if it is @max.
 */
unsigned int vfu_server_run(struct vfu_server *s, unsigned int max);

/**
 * vfu_dma_read(), vfu_dma_write() - access the client's memory
 *
 * Directly where the client passed a memory file that cannot shrink under us (F_SEAL_SHRINK), else
 * by messages, with at most the server's time-out per message. Bytes are written in ascending
 * order.
 * Return: 0; -EFAULT not mapped as a whole, or not so that it may be read (written); -EIO the
 * client refused or is gone.
 */
int vfu_dma_read(struct vfu_server *s, uint64_t iova, void *buf, size_t len);
int vfu_dma_write(struct vfu_server *s, uint64_t iova, const void *buf, size_t len);

/* Raise interrupt @vector of kind @index: writes the client's eventfd. */
void vfu_irq(struct vfu_server *s, unsigned int index, unsigned int vector);

int vfu_server_connected(const struct vfu_server *s);
const struct vfu_counts *vfu_server_counts(const struct vfu_server *s);

#endif
