/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The mock device: right accesses pass, wrong ones are named. Hard part: a checker is one only if
 * it has failed, so most of this makes it fail.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "host/backend/mock.h"
#include "tests/unit/tap.h"

#define REG_A 0x20
#define REG_B 0x24

static char said[512];
static unsigned int complaints;

static void fail(void *ctx, const char *text)
{
	(void)ctx;
	complaints++;
	snprintf(said, sizeof(said), "%s", text);
}

static int answer_read(void *ctx, unsigned int bar, uint32_t off, uint32_t *value)
{
	*value = bar * 1000 + off;
	++*(unsigned int *)ctx;
	return 0;
}

static int answer_write(void *ctx, unsigned int bar, uint32_t off, uint32_t value)
{
	(void)bar;
	(void)off;
	(void)value;
	++*(unsigned int *)ctx;
	return -EIO;
}

static int complained(unsigned int count, const char *word)
{
	return complaints == count && strstr(said, word);
}

int main(void)
{
	struct chim_mock_access a = { .what = CHIM_MOCK_MAP, .iova = 0x1000, .len = 0x2000 };
	struct chim_backend *be;
	unsigned int answered = 0;
	uint8_t *page = aligned_alloc(4096, 8192);
	uint32_t v = 0;
	eventfd_t n;
	int timeout = 0;

	IS(chim_mock_create(fail, NULL, &be), 0, "create");
	chim_mock_expect_read(be, 0, REG_A, 77);
	chim_mock_expect_write(be, 2, REG_B, 5);
	OK(be->ops->read32(be, 0, REG_A, &v) == 0 && v == 77, "an expected read answers");
	IS(be->ops->write32(be, 2, REG_B, 5), 0, "an expected write is taken");
	IS(complaints, 0, "nothing to complain about");
	IS(chim_mock_missing(be), 0, "nothing is missing");

	IS(be->ops->read32(be, 0, REG_A, &v), -EIO, "an access too many");
	OK(complained(1, "expected none"), "is named: %s", said);
	chim_mock_expect_read(be, 0, REG_A, 1);
	IS(be->ops->read32(be, 0, REG_B, &v), -EIO, "another offset");
	OK(complained(2, "offset differs"), "is named: %s", said);
	IS(be->ops->read32(be, 2, REG_A, &v), -EIO, "another BAR");
	OK(complained(3, "bar differs"), "is named: %s", said);
	IS(be->ops->write32(be, 0, REG_A, 1), -EIO, "a write instead of a read");
	OK(complained(4, "kind differs"), "is named: %s", said);
	IS(chim_mock_missing(be), 1, "the read is still missing");
	OK(complained(5, "did not come"), "and named: %s", said);
	IS(be->ops->read32(be, 0, REG_A, &v), 0, "then it comes");
	chim_mock_expect_write(be, 0, REG_A, 8);
	IS(be->ops->write32(be, 0, REG_A, 9), -EIO, "another value");
	OK(complained(6, "value differs"), "is named: %s", said);
	be->ops->write32(be, 0, REG_A, 8);

	chim_mock_expect(be, &a);
	IS(be->ops->dma_map(be, page, 0x1000, 0x1000, -1, 0), -EIO, "a mapping of another length");
	OK(complained(7, "length differs"), "is named: %s", said);
	IS(be->ops->dma_map(be, page, 0x2000, 0x1000, -1, 0), 0, "the right one");
	OK(chim_mock_memory(be, 0x1800, 16) == page + 0x800, "its memory is found");
	OK(!chim_mock_memory(be, 0x2FF8, 16) && !chim_mock_memory(be, 0x3000, 1),
	   "beyond it there is none");
	a.what = CHIM_MOCK_UNMAP;
	chim_mock_expect(be, &a);
	IS(be->ops->dma_unmap(be, 0x1000, 0x2000), 0, "unmapped");
	OK(!chim_mock_memory(be, 0x1000, 1), "gone");
	a.what = CHIM_MOCK_RESET;
	a.err = -EIO;
	chim_mock_expect(be, &a);
	IS(be->ops->reset(be), -EIO, "an error on request");
	IS(complaints, 7, "is no mistake");

	chim_mock_answer(be, answer_read, answer_write, &answered);
	OK(be->ops->read32(be, 2, REG_A, &v) == 0 && v == 2000 + REG_A,
	   "without an order the device answers");
	IS(be->ops->write32(be, 2, REG_A, 1), -EIO, "as the test says");
	IS(answered, 2, "each access");
	IS(be->ops->dma_map(be, page, 0x2000, 0x1000, -1, 0), 0,
	   "and mapping needs no order either");
	IS(be->ops->dma_map(be, page, 0x1000, 0x2000, -1, 0), -EEXIST, "overlap");
	IS(be->ops->dma_unmap(be, 0x1000, 0x1000), -ENOENT, "not what was mapped");

	OK(eventfd_read(be->ops->irq_fd(be, 3), &n) < 0, "no interrupt yet");
	chim_mock_irq(be, 3);
	OK(eventfd_read(be->ops->irq_fd(be, 3), &n) == 0 && n == 1, "then one");
	IS(be->ops->irq_fd(be, 32), -EINVAL, "no vector 32");
	IS(chim_mock_irq(be, 32), -EINVAL, "to raise either");
	chim_mock_set_time(be, 1234);
	OK(be->ops->now_ms(be, &v) == 0 && v == 1234, "time is what the test says");
	IS(be->ops->poll(be, 100), 0, "nothing to poll");
	IS(be->ops->pollfd(be, &timeout), -1, "nothing to wait for");
	chim_backend_close(be);
	chim_backend_close(NULL);
	free(page);
	return tap_done();
}
