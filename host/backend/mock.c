/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Mock device, see mock.h.
 */
#include "mock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define VECTORS 32
#define MAPS	64

struct mock {
	struct chim_backend base;
	void (*fail)(void *ctx, const char *text);
	void *fail_ctx;
	struct chim_mock_access *list;
	size_t count, next, room;
	int (*read)(void *ctx, unsigned int bar, uint32_t off, uint32_t *value);
	int (*write)(void *ctx, unsigned int bar, uint32_t off, uint32_t value);
	void *answer_ctx;
	struct {
		uint8_t *va;
		uint64_t iova;
		size_t len;
	} map[MAPS];
	unsigned int maps;
	int irq_fds[VECTORS];
	uint32_t ms;
};

static struct mock *to_mock(struct chim_backend *be)
{
	return (struct mock *)be;
}

static const char *name_of(enum chim_mock_what what)
{
	static const char *const names[] = { "read", "write", "map", "unmap", "reset" };

	return names[what];
}

/* "write bar 0 offset 0x20 value 0x1", "map iova 0x1000 length 0x2000", "reset". */
static void describe(const struct chim_mock_access *a, char *text, size_t room)
{
	switch (a->what) {
	case CHIM_MOCK_READ:
		snprintf(text, room, "read bar %u offset 0x%" PRIx32, a->bar, a->off);
		break;
	case CHIM_MOCK_WRITE:
		snprintf(text, room, "write bar %u offset 0x%" PRIx32 " value 0x%" PRIx32, a->bar,
			 a->off, a->value);
		break;
	case CHIM_MOCK_MAP:
	case CHIM_MOCK_UNMAP:
		snprintf(text, room, "%s iova 0x%" PRIx64 " length 0x%zx", name_of(a->what),
			 a->iova, a->len);
		break;
	default: snprintf(text, room, "reset");
	}
}

/* The first field in which two accesses differ; NULL: none. */
static const char *difference(const struct chim_mock_access *a, const struct chim_mock_access *b)
{
	int reg = a->what == CHIM_MOCK_READ || a->what == CHIM_MOCK_WRITE;
	int map = a->what == CHIM_MOCK_MAP || a->what == CHIM_MOCK_UNMAP;

	if (a->what != b->what)
		return "kind";
	if (reg && a->bar != b->bar)
		return "bar";
	if (reg && a->off != b->off)
		return "offset";
	if (a->what == CHIM_MOCK_WRITE && a->value != b->value)
		return "value";
	if (map && a->iova != b->iova)
		return "iova";
	if (map && a->len != b->len)
		return "length";
	return NULL;
}

/* Compare with the list. 0 and *answer, or -EIO after a complaint; -EAGAIN nothing is expected. */
static int check(struct mock *m, const struct chim_mock_access *got,
		 struct chim_mock_access *answer)
{
	char text[320], is[128], want[128];
	const char *field;

	if (m->next == m->count)
		return -EAGAIN;
	*answer = m->list[m->next];
	field = difference(got, answer);
	if (!field) {
		m->next++;
		return 0;
	}
	describe(got, is, sizeof(is));
	describe(answer, want, sizeof(want));
	snprintf(text, sizeof(text), "access %zu: %s differs: %s, expected %s", m->next, field, is,
		 want);
	m->fail(m->fail_ctx, text);
	return -EIO;
}

static int unexpected(struct mock *m, const struct chim_mock_access *got)
{
	char text[256], is[128];

	describe(got, is, sizeof(is));
	snprintf(text, sizeof(text), "access %zu: %s, expected none", m->next, is);
	m->fail(m->fail_ctx, text);
	return -EIO;
}

static int mock_read32(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t *val)
{
	struct mock *m = to_mock(be);
	struct chim_mock_access got = { .what = CHIM_MOCK_READ, .bar = bar, .off = off }, answer;
	int err = check(m, &got, &answer);

	if (err == -EAGAIN)
		return m->read ? m->read(m->answer_ctx, bar, off, val) : unexpected(m, &got);
	if (err)
		return err;
	*val = answer.value;
	return answer.err;
}

static int mock_write32(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t val)
{
	struct mock *m = to_mock(be);
	struct chim_mock_access got = { .what = CHIM_MOCK_WRITE,
					.bar = bar,
					.off = off,
					.value = val },
				answer;
	int err = check(m, &got, &answer);

	if (err == -EAGAIN)
		return m->write ? m->write(m->answer_ctx, bar, off, val) : unexpected(m, &got);
	return err ? err : answer.err;
}

/* Mapping and reset need no expectation when the device answers without an order. */
static int other(struct mock *m, const struct chim_mock_access *got)
{
	struct chim_mock_access answer;
	int err = check(m, got, &answer);

	if (err == -EAGAIN)
		return m->read ? 0 : unexpected(m, got);
	return err ? err : answer.err;
}

static int mock_dma_map(struct chim_backend *be, void *va, size_t len, uint64_t iova, int fd,
			uint64_t fd_off)
{
	struct mock *m = to_mock(be);
	struct chim_mock_access got = { .what = CHIM_MOCK_MAP, .iova = iova, .len = len };
	int err = other(m, &got);
	unsigned int i;

	(void)fd;
	(void)fd_off;
	if (err)
		return err;
	if (!len || ((uintptr_t)va | len | iova) % 4096)
		return -EINVAL;
	for (i = 0; i < m->maps; i++)
		if (iova < m->map[i].iova + m->map[i].len && m->map[i].iova < iova + len)
			return -EEXIST;
	if (m->maps == MAPS)
		return -ENOMEM;
	m->map[m->maps].va = va;
	m->map[m->maps].iova = iova;
	m->map[m->maps++].len = len;
	return 0;
}

static int mock_dma_unmap(struct chim_backend *be, uint64_t iova, size_t len)
{
	struct mock *m = to_mock(be);
	struct chim_mock_access got = { .what = CHIM_MOCK_UNMAP, .iova = iova, .len = len };
	int err = other(m, &got);
	unsigned int i;

	if (err)
		return err;
	for (i = 0; i < m->maps; i++) {
		if (m->map[i].iova != iova || m->map[i].len != len)
			continue;
		m->map[i] = m->map[--m->maps];
		return 0;
	}
	return -ENOENT;
}

static int mock_reset(struct chim_backend *be)
{
	struct chim_mock_access got = { .what = CHIM_MOCK_RESET };

	return other(to_mock(be), &got);
}

static int mock_irq_fd(struct chim_backend *be, unsigned int vector)
{
	return vector < VECTORS ? to_mock(be)->irq_fds[vector] : -EINVAL;
}

static int64_t mock_poll(struct chim_backend *be, uint64_t budget)
{
	(void)be;
	(void)budget;
	return 0;
}

static int mock_pollfd(struct chim_backend *be, int *timeout_ms)
{
	(void)be;
	*timeout_ms = -1;
	return -1;
}

static int mock_now_ms(struct chim_backend *be, uint32_t *ms)
{
	*ms = to_mock(be)->ms;
	return 0;
}

static void mock_close(struct chim_backend *be)
{
	struct mock *m = to_mock(be);
	unsigned int i;

	for (i = 0; i < VECTORS; i++)
		if (m->irq_fds[i] >= 0)
			close(m->irq_fds[i]);
	free(m->list);
	free(m);
}

static const struct chim_backend_ops mock_ops = {
	.name = "mock",
	.close = mock_close,
	.read32 = mock_read32,
	.write32 = mock_write32,
	.dma_map = mock_dma_map,
	.dma_unmap = mock_dma_unmap,
	.irq_fd = mock_irq_fd,
	.reset = mock_reset,
	.poll = mock_poll,
	.pollfd = mock_pollfd,
	.now_ms = mock_now_ms,
};

int chim_mock_create(void (*fail)(void *ctx, const char *text), void *ctx, struct chim_backend **be)
{
	struct mock *m = calloc(1, sizeof(*m));
	int err = 0;
	unsigned int i;

	if (!m)
		return -ENOMEM;
	m->base.ops = &mock_ops;
	m->fail = fail;
	m->fail_ctx = ctx;
	for (i = 0; i < VECTORS; i++) {
		m->irq_fds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (m->irq_fds[i] < 0 && !err)
			err = -errno;
	}
	if (err)
		mock_close(&m->base);
	else
		*be = &m->base;
	return err;
}

int chim_mock_expect(struct chim_backend *be, const struct chim_mock_access *access)
{
	struct mock *m = to_mock(be);

	if (m->count == m->room) {
		size_t room = m->room ? m->room * 2 : 64;
		struct chim_mock_access *p = realloc(m->list, room * sizeof(*p));

		if (!p)
			return -ENOMEM;
		m->list = p;
		m->room = room;
	}
	m->list[m->count++] = *access;
	return 0;
}

int chim_mock_expect_read(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t value)
{
	const struct chim_mock_access a = {
		.what = CHIM_MOCK_READ, .bar = bar, .off = off, .value = value
	};

	return chim_mock_expect(be, &a);
}

int chim_mock_expect_write(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t value)
{
	const struct chim_mock_access a = {
		.what = CHIM_MOCK_WRITE, .bar = bar, .off = off, .value = value
	};

	return chim_mock_expect(be, &a);
}

void chim_mock_answer(struct chim_backend *be,
		      int (*read)(void *ctx, unsigned int bar, uint32_t off, uint32_t *value),
		      int (*write)(void *ctx, unsigned int bar, uint32_t off, uint32_t value),
		      void *ctx)
{
	struct mock *m = to_mock(be);

	m->read = read;
	m->write = write;
	m->answer_ctx = ctx;
}

int chim_mock_irq(struct chim_backend *be, unsigned int vector)
{
	struct mock *m = to_mock(be);

	if (vector >= VECTORS)
		return -EINVAL;
	return eventfd_write(m->irq_fds[vector], 1) < 0 ? -errno : 0;
}

void chim_mock_set_time(struct chim_backend *be, uint32_t ms)
{
	to_mock(be)->ms = ms;
}

void *chim_mock_memory(struct chim_backend *be, uint64_t iova, size_t len)
{
	struct mock *m = to_mock(be);
	unsigned int i;

	for (i = 0; i < m->maps; i++)
		if (iova >= m->map[i].iova && iova - m->map[i].iova < m->map[i].len &&
		    len <= m->map[i].len - (iova - m->map[i].iova))
			return m->map[i].va + (iova - m->map[i].iova);
	return NULL;
}

size_t chim_mock_missing(struct chim_backend *be)
{
	struct mock *m = to_mock(be);
	size_t i;

	for (i = m->next; i < m->count; i++) {
		char text[256], want[128];

		describe(&m->list[i], want, sizeof(want));
		snprintf(text, sizeof(text), "access %zu: %s did not come", i, want);
		m->fail(m->fail_ctx, text);
	}
	return m->count - m->next;
}
