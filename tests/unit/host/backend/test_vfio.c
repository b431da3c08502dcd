/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The VFIO back end against a stand-in for the kernel. Hard part: every call that can fail does so
 * once, and whatever was open by then must be closed.
 */
#include <errno.h>
#include <sys/eventfd.h>

#include "fake_vfio.h"
#include "rtl/contract/chim_contract.h"
#include "rtl/contract/chim_regs.h"
#include "tests/unit/tap.h"

#define NAME	   "0000:01:00.0"
#define REG_A	   0x40
#define BUS_MASTER 4
#define MEMORY	   2

static struct fake_kernel k;

static int open_fake(struct chim_backend **be)
{
	struct chim_vfio_sys sys = fake_sys(&k);

	return chim_vfio_open_sys(NAME, &sys, be);
}

static int all_closed(void)
{
	return !k.container_open && !k.group_open && !k.device_open && !k.mmaps;
}

static void test_life(int no_mmap)
{
	static uint8_t page[8192] __attribute__((aligned(4096)));
	struct chim_backend *be;
	uint32_t v = 0;
	eventfd_t n;
	int timeout = 5;

	fake_kernel_init(&k);
	k.no_mmap = no_mmap;
	IS(open_fake(&be), 0, no_mmap ? "opens without mmap" : "opens");
	IS(k.mmaps, no_mmap ? 0 : 2, "BARs 0 and 2 are mapped where they can be");
	IS(k.command & (BUS_MASTER | MEMORY), BUS_MASTER | MEMORY,
	   "memory and bus mastering are on");
	OK(k.irqs_set == 32 && k.irq_calls == 1, "all vectors in one call");
	eventfd_write(k.irq_fds[9], 1);
	OK(eventfd_read(be->ops->irq_fd(be, 9), &n) == 0, "vector 9 arrives");
	IS(be->ops->irq_fd(be, 32), -EINVAL, "no vector 32");

	IS(be->ops->write32(be, 0, REG_A, 0x12345678), 0, "write");
	OK(no_mmap ? k.regs[REG_A / 4] == 0x12345678 : k.bar_memory[REG_A / 4] == 0x12345678,
	   "reaches the device");
	OK(be->ops->read32(be, 0, REG_A, &v) == 0 && v == 0x12345678, "read");
	IS(be->ops->read32(be, 1, 0, &v), -EINVAL, "no BAR 1");
	IS(be->ops->read32(be, 0, CHIM_BAR0_BYTES, &v), -EINVAL, "beyond the BAR");
	IS(be->ops->write32(be, 0, REG_A + 2, 0), -EINVAL, "unaligned");
	if (!no_mmap) {
		k.bar_memory[CHIM_REG_TIME_MS / 4] = 4711;
		OK(be->ops->now_ms(be, &v) == 0 && v == 4711, "the device's time");
	}

	IS(be->ops->dma_map(be, page, 8192, 0x10000, 5, 0), 0, "map");
	OK(k.maps == 1 && k.map[0].va == (uintptr_t)page && k.map[0].iova == 0x10000 &&
		   k.map[0].size == 8192,
	   "reaches the kernel");
	IS(be->ops->dma_map(be, page, 4096, 0x11000, -1, 0), -EEXIST, "overlap");
	IS(be->ops->dma_map(be, page + 1, 4096, 0x20000, -1, 0), -EINVAL, "misaligned");
	IS(be->ops->dma_unmap(be, 0x10000, 4096), -ENOENT, "not what was mapped");
	IS(be->ops->dma_unmap(be, 0x10000, 8192), 0, "unmap");
	IS(be->ops->dma_unmap(be, 0x10000, 8192), -ENOENT, "once");
	k.command = 0;
	IS(be->ops->reset(be), 0, "reset");
	OK(k.resets == 1 && (k.command & BUS_MASTER), "and bus mastering is on again");
	IS(be->ops->poll(be, 100), 0, "nothing to poll");
	OK(be->ops->pollfd(be, &timeout) == -1 && timeout == -1,
	   "nothing to wait for but interrupts");

	/* A register may hold all ones; the magic never does. */
	be->ops->write32(be, 0, 0, CHIM_REG_MAGIC_VALUE_RESET);
	be->ops->write32(be, 0, REG_A, UINT32_MAX);
	OK(be->ops->read32(be, 0, REG_A, &v) == 0 && v == UINT32_MAX, "all ones in a register");
	if (no_mmap)
		k.gone = 1;
	else
		be->ops->write32(be, 0, 0, UINT32_MAX);
	IS(be->ops->read32(be, 0, REG_A, &v), -ENODEV, "all ones everywhere: the device is gone");
	k.gone = 0;
	IS(be->ops->write32(be, 0, REG_A, 1), -ENODEV, "for good");
	IS(be->ops->poll(be, 100), -ENODEV, "poll says so");
	IS(be->ops->dma_map(be, page, 4096, 0, -1, 0), -ENODEV, "map too");
	IS(be->ops->reset(be), -ENODEV, "and reset");
	chim_backend_close(be);
	OK(all_closed(), "all is closed");
	OK(!k.wrong, "the kernel would have allowed everything%s%s", k.wrong ? ": " : "",
	   k.wrong ? k.wrong : "");
}

static void test_close(void)
{
	struct chim_backend *be;

	fake_kernel_init(&k);
	IS(open_fake(&be), 0, "opens");
	chim_backend_close(be);
	IS(k.command & BUS_MASTER, 0, "a closed device has no bus mastering");
	IS(k.irqs_set, 0, "and no interrupts");
	OK(all_closed() && !k.wrong, "all is closed");
}

static void test_failures(void)
{
	struct chim_backend *be;
	unsigned int at, calls, leaks = 0, wrong = 0, opened = 0;

	fake_kernel_init(&k);
	open_fake(&be);
	calls = k.calls;
	chim_backend_close(be);
	OK(calls > 15, "opening takes %u calls", calls);
	for (at = 1; at <= calls; at++) {
		int err;

		fake_kernel_init(&k);
		k.fail_at = at;
		err = open_fake(&be);
		opened += !err;
		if (err != -EIO && err != -EPROTO)
			printf("# call %u: error %d\n", at, err);
		leaks += !all_closed();
		wrong += !!k.wrong;
		if (!err)
			chim_backend_close(be);
	}
	IS(opened, 0, "each of them may fail, and the device is not opened");
	IS(leaks, 0, "and nothing stays open");
	IS(wrong, 0, "nor does anything forbidden happen");

	fake_kernel_init(&k);
	k.not_viable = 1;
	IS(open_fake(&be), -EBUSY, "a group that the kernel uses too");
	OK(all_closed(), "is closed");
	fake_kernel_init(&k);
	k.bar0 = 4096;
	IS(open_fake(&be), -EPROTO, "BAR 0 of another size");
	OK(all_closed(), "is closed");
	fake_kernel_init(&k);
	k.msix = 0;
	IS(open_fake(&be), -EPROTO, "no MSI-X");
	OK(all_closed(), "is closed");
	fake_kernel_init(&k);
	k.fail_at = 2;
	k.fail_errno = EACCES;
	IS(open_fake(&be), -EPERM, "no permission");
	fake_kernel_init(&k);
	k.fail_at = 1;
	k.fail_errno = ENOENT;
	IS(open_fake(&be), -ENOENT, "no such device");
}

static void test_names(void)
{
	static const char *const bad[] = { "",
					   "1:00.0",
					   "0000:01:00.0 ",
					   "0000:01:00",
					   "0000:01:00.x",
					   "../../../etc:00",
					   "0000:01:0/.0" };
	struct chim_vfio_sys sys = fake_sys(&k);
	struct chim_backend *be;
	unsigned int i, refused = 0;

	fake_kernel_init(&k);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused += chim_vfio_open_sys(bad[i], &sys, &be) == -EINVAL;
	IS(refused, sizeof(bad) / sizeof(bad[0]), "names that are no PCI address");
	IS(k.calls, 0, "never reach the kernel");
	IS(chim_backend_open("vfio:", &be), -EINVAL, "no address");
	IS(chim_backend_open("vfio:9999:99:99.9", &be), -ENOENT, "an address nobody has");
	IS(chim_backend_open("vfio", &be), -EINVAL, "no colon");
	IS(chim_backend_open("virtio:1", &be), -EINVAL, "no such kind");
	IS(chim_backend_open("", &be), -EINVAL, "nothing");
	OK(!be, "no device is returned");
}

int main(void)
{
	test_life(0);
	test_life(1);
	test_close();
	test_failures();
	test_names();
	return tap_done();
}
