/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The system calls that the VFIO back end makes, as a table, so that a test can stand in for the
 * kernel. Hard part: none.
 */
#ifndef CHIM_BACKEND_VFIO_SYS_H
#define CHIM_BACKEND_VFIO_SYS_H

#include <stddef.h>
#include <sys/types.h>

#include "chimney/backend.h"

/* Results as of the system calls: -1 and errno. @ctx is passed through. */
struct chim_vfio_sys {
	void *ctx;
	int (*open)(void *ctx, const char *path, int flags);
	int (*close)(void *ctx, int fd);
	int (*ioctl)(void *ctx, int fd, unsigned long request, void *arg);
	ssize_t (*pread)(void *ctx, int fd, void *buf, size_t len, off_t off);
	ssize_t (*pwrite)(void *ctx, int fd, const void *buf, size_t len, off_t off);
	void *(*mmap)(void *ctx, size_t len, int prot, int fd, off_t off);
	int (*munmap)(void *ctx, void *at, size_t len);
	ssize_t (*readlink)(void *ctx, const char *path, char *buf, size_t len);
};

/* As chim_vfio_open(), with system calls of the caller's; @sys is copied. */
int chim_vfio_open_sys(const char *name, const struct chim_vfio_sys *sys, struct chim_backend **be);

#endif
