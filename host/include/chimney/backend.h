/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The one table behind which every device hides: a real board (vfio), the model in its own process
 * (vfio-user), the model in this process (model), or a mock in a test. The driver above cannot tell
 * them apart: registers may be slow, DMA happens only in mapped memory, interrupts are eventfds.
 */
#ifndef CHIMNEY_BACKEND_H
#define CHIMNEY_BACKEND_H

#include <stddef.h>
#include <stdint.h>

struct chim_backend;

/* Base of a back end; an implementation puts it first in its own structure. */
struct chim_backend {
	const struct chim_backend_ops *ops;
};

/**
 * struct chim_backend_ops - what each back end implements
 * @close:     release everything; accepts a half-opened back end
 * @read32:    one aligned register read of @bar (0 or 2) at @off. 0; -EIO bus error; -ENODEV the
 *             device is gone (all ones from a BAR that cannot read so); -ETIMEDOUT
 * @write32:   one aligned register write; posted, so an error may show only at the next read
 * @dma_map:   make [@va, @va + @len) visible to the device at @iova. Both 4,096-aligned. @fd and
 *             @fd_off name the memory file that backs it (memfd), -1 if none. 0; -EEXIST overlap;
 *             -ENOMEM
 * @dma_unmap: exact inverse of one dma_map. 0; -ENOENT
 * @irq_fd:    eventfd that counts raises of MSI-X vector @vector; owned by the back end. -EINVAL
 * @reset:     function-level reset; all mappings survive. 0 or -errno
 * @poll:      let the device make progress: the in-process model runs up to @budget clocks; the
 *             others return 0. Return: clocks run, or -ENODEV
 * @pollfd:    descriptor that becomes readable when poll() has something to do beside interrupts
 *             (wire input, server messages), -1 if none; @timeout_ms: longest time the owner may
 *             sleep before it calls poll() again (0: at once, -1: no bound)
 * @now_ms:    the device's absolute time; the driver knows no other clock (D5)
 * @stats:     NULL, or tell @put each count of the back end's own (wire, link, model): what was
 *             lost outside the device is in no counter of the device
 */
struct chim_backend_ops {
	const char *name;
	void (*close)(struct chim_backend *be);
	int (*read32)(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t *val);
	int (*write32)(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t val);
	int (*dma_map)(struct chim_backend *be, void *va, size_t len, uint64_t iova, int fd,
		       uint64_t fd_off);
	int (*dma_unmap)(struct chim_backend *be, uint64_t iova, size_t len);
	int (*irq_fd)(struct chim_backend *be, unsigned int vector);
	int (*reset)(struct chim_backend *be);
	int64_t (*poll)(struct chim_backend *be, uint64_t budget);
	int (*pollfd)(struct chim_backend *be, int *timeout_ms);
	int (*now_ms)(struct chim_backend *be, uint32_t *ms);
	void (*stats)(struct chim_backend *be,
		      void (*put)(void *ctx, const char *name, uint64_t value), void *ctx);
};

/**
 * chim_backend_open() - open a device by its name
 * @spec: "vfio:0000:01:00.0", "vfio-user:/path/sock", "model" or
 *        "model:w64_c64,wire=veth:IF,..." (options: see host/backend/README.md)
 * @be:   out: the device, released by chim_backend_close()
 *
 * Return: 0; -EINVAL the name is not of this form; -ENOENT no such device, socket or model build;
 * -EPERM; -EPROTO the other side does not speak the protocol; -ENODEV; -ENOMEM.
 */
int chim_backend_open(const char *spec, struct chim_backend **be);
void chim_backend_close(struct chim_backend *be);

#endif
