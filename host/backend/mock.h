/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Mock device for tests of what stands above the back ends: a list of the accesses that must come,
 * in order, and what they answer. Hard part: saying clearly what came instead.
 */
#ifndef CHIM_BACKEND_MOCK_H
#define CHIM_BACKEND_MOCK_H

#include <stddef.h>
#include <stdint.h>

#include "chimney/backend.h"

#ifdef __cplusplus
extern "C" {
#endif

enum chim_mock_what {
	CHIM_MOCK_READ,	 /* bar, off; answers value or err */
	CHIM_MOCK_WRITE, /* bar, off, value; answers err */
	CHIM_MOCK_MAP,	 /* iova, len; answers err */
	CHIM_MOCK_UNMAP, /* iova, len; answers err */
	CHIM_MOCK_RESET, /* answers err */
};

/* One access. Fields that its kind does not use are not looked at. */
struct chim_mock_access {
	enum chim_mock_what what;
	unsigned int bar;
	uint32_t off;
	uint32_t value;
	uint64_t iova;
	size_t len;
	int err;
};

/**
 * chim_mock_create() - an empty device: any access is a mistake
 * @fail: called with one line of text for each mistake, e.g. to fail the test. The access itself
 *        gets
 *        -EIO
 */
int chim_mock_create(void (*fail)(void *ctx, const char *text), void *ctx,
		     struct chim_backend **be);

/* Append an expected access. 0; -ENOMEM. */
int chim_mock_expect(struct chim_backend *be, const struct chim_mock_access *access);

/* Short forms. */
int chim_mock_expect_read(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t value);
int chim_mock_expect_write(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t value);

/**
 * chim_mock_answer() - device without an order: @read and @write answer every register access that
 * no expectation is left for; NULL: such an access is a mistake again
 */
void chim_mock_answer(struct chim_backend *be,
		      int (*read)(void *ctx, unsigned int bar, uint32_t off, uint32_t *value),
		      int (*write)(void *ctx, unsigned int bar, uint32_t off, uint32_t value),
		      void *ctx);

/* Raise an interrupt: its eventfd counts one up. 0; -EINVAL. */
int chim_mock_irq(struct chim_backend *be, unsigned int vector);

/* What now_ms() says; 0 at first. */
void chim_mock_set_time(struct chim_backend *be, uint32_t ms);

/* Own memory behind [iova, iova + len), as the driver mapped it; NULL if it did not. */
void *chim_mock_memory(struct chim_backend *be, uint64_t iova, size_t len);

/* Expected accesses that have not come, each reported by fail. Their number. */
size_t chim_mock_missing(struct chim_backend *be);

#ifdef __cplusplus
}
#endif
#endif
