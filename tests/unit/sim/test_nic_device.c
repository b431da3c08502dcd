/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The NIC as a PCI function over vfio-user: configuration space, what memory decoding and bus
 * mastering switch, widths of accesses, reset. The device behind it is the small one of
 * tests/unit/sim/dut. Hard part: both sides in one process, so the device runs between sending and
 * receiving. argv[1]: folder of the models.
 */
#include <errno.h>
#include <sys/eventfd.h>

#include "sim/vfio_user/nic_device.h"
#include "sim/wire/pcapfile.h"
#include "tests/unit/tap.h"
#include "vfu_client.h"

#define BAR0	   0
#define BAR2	   2
#define BAR4	   4
#define CONFIG	   7
#define SCRATCH	   0x04
#define BUF_LO	   0x08
#define CTRL	   0x10
#define ERRORS	   0x1C
#define RAISE	   0x20
#define TIME	   0x28
#define DB_OFF	   0x80
#define COMMAND	   4
#define MEMORY	   2
#define BUS_MASTER 4
#define PBA	   0x800

static struct chim_nic_device *device;
static int client;

static struct reply request(unsigned int command, const void *body, size_t len, const int *fds,
			    int n)
{
	struct reply r = { 0 };
	int i;

	client_send(client, 77, command, 0, body, len, fds, n);
	for (i = 0; i < 100 && !r.got; i++) {
		chim_nic_device_run(device, 0);
		r = client_receive(client);
	}
	return r;
}

static struct reply get(uint32_t region, uint64_t off, uint32_t count)
{
	uint8_t b[16];

	put64(b, off);
	put32(b + 8, region);
	put32(b + 12, count);
	return request(9, b, 16, NULL, 0);
}

static struct reply put(uint32_t region, uint64_t off, uint64_t value, uint32_t count)
{
	uint8_t b[24];

	put64(b, off);
	put32(b + 8, region);
	put32(b + 12, count);
	put64(b + 16, value);
	return request(10, b, 16 + count, NULL, 0);
}

static uint32_t value(uint32_t region, uint64_t off)
{
	struct reply r = get(region, off, 4);

	return fine(&r) ? get32(r.body + 16) : 0xBAD;
}

static void test_config(void)
{
	struct reply r;
	unsigned int cap, i, set = 0;

	IS(value(CONFIG, 0), 0x43481234, "vendor and device");
	IS(value(CONFIG, 8), 0x02000000, "an Ethernet controller");
	r = get(CONFIG, 0, 256);
	OK(fine(&r) && r.len == 16 + 256, "all of it at once");
	OK(r.body[16 + 0x0E] == 0 && r.body[16 + 0x3D] == 0, "one function, no INTx");
	for (i = 0; i < 6; i++) {
		static const uint32_t mask[] = { 0xFFFF0000, 0, 0xFF000000, 0, 0xFFFFF000, 0 };

		put(CONFIG, 0x10 + 4 * i, UINT32_MAX, 4);
		set += value(CONFIG, 0x10 + 4 * i) == mask[i];
		put(CONFIG, 0x10 + 4 * i, 0, 4);
	}
	IS(set, 6, "BARs of 64 KiB, 16 MiB and 4 KiB");
	put(CONFIG, 0, 0, 4);
	IS(value(CONFIG, 0), 0x43481234, "the ids stay");
	put(CONFIG, COMMAND, 0xFFFF, 2);
	IS(value(CONFIG, COMMAND) & 0xFFFF, 0x0406,
	   "memory, bus master, INTx disable: no other bit");
	put(CONFIG, COMMAND, 0, 2);
	OK(value(CONFIG, COMMAND) >> 16 & 0x10, "there are capabilities");
	cap = value(CONFIG, 0x34) & 0xFF;
	IS(value(CONFIG, cap) & 0xFF, 0x11, "MSI-X is one");
	IS(value(CONFIG, cap) >> 16, 31, "with 32 vectors, off");
	IS(value(CONFIG, cap + 4), BAR4, "table at the start of BAR 4");
	IS(value(CONFIG, cap + 8), PBA | BAR4, "pending bits behind it");
	put(CONFIG, cap + 2, 0xFFFF, 2);
	IS(value(CONFIG, cap) >> 16, 0xC01F, "enable and mask can be set");
	put(CONFIG, cap + 2, 0, 2);
	IS(value(CONFIG, cap) >> 8 & 0xFF, 0, "the only one");
}

static void test_switches(void)
{
	uint8_t b[32] = { 32 };
	struct reply r;
	int e = eventfd(0, EFD_NONBLOCK), i;
	eventfd_t n;

	r = get(BAR0, 0, 4);
	OK(refused(&r, EIO), "no memory decoding: BAR 0 does not answer");
	r = put(BAR2, 0, 1, 4);
	OK(refused(&r, EIO), "nor BAR 2");
	r = get(BAR4, 0, 4);
	OK(refused(&r, EIO), "nor BAR 4");
	put(CONFIG, COMMAND, MEMORY, 2);
	IS(value(BAR0, 0), 0x4348494D, "with it, it does");

	put32(b, 20);
	put32(b + 4, 4 | 32);
	put32(b + 8, 2);
	put32(b + 12, 9);
	put32(b + 16, 1);
	r = request(8, b, 20, &e, 1);
	OK(fine(&r), "an eventfd for vector 9");
	put(BAR0, RAISE, 9, 4);
	for (i = 0; i < 5; i++)
		chim_nic_device_run(device, 0);
	OK(eventfd_read(e, &n) < 0, "without bus mastering no interrupt gets out");
	put(CONFIG, COMMAND, MEMORY | BUS_MASTER, 2);
	put(BAR0, RAISE, 9, 4);
	for (i = 0; i < 5; i++)
		chim_nic_device_run(device, 0);
	OK(eventfd_read(e, &n) == 0 && n == 1, "with it, it does");
	close(e);
}

static void test_widths(void)
{
	struct reply r;

	r = put(BAR0, SCRATCH, 0x1122334455667788, 8);
	OK(fine(&r) && value(BAR0, SCRATCH) == 0x55667788 && value(BAR0, BUF_LO) == 0x11223344,
	   "8 bytes are two registers");
	r = get(BAR0, SCRATCH, 8);
	OK(fine(&r) && get64(r.body + 16) == 0x1122334455667788, "reading, too");
	r = get(BAR0, SCRATCH + 1, 2);
	OK(fine(&r) && r.body[16] == 0x77 && r.body[17] == 0x66, "parts may be read");
	r = get(BAR0, SCRATCH + 3, 2);
	OK(fine(&r) && r.body[16] == 0x55 && r.body[17] == 0x44, "across registers");
	r = put(BAR0, SCRATCH, 1, 1);
	OK(refused(&r, EINVAL), "but not written");
	r = put(BAR0, SCRATCH + 2, 1, 4);
	OK(refused(&r, EINVAL), "nor across registers");
	IS(value(BAR0, SCRATCH), 0x55667788, "nothing of it is done");
	r = put(BAR2, 0xFFFFFC, 3, 4);
	OK(fine(&r) && value(BAR0, DB_OFF) == 0xFFFFFC, "the last doorbell");
	r = get(BAR0, 0x9000, 4);
	OK(refused(&r, EIO), "SLVERR of the device");
	r = get(BAR0, 0x10000, 4);
	OK(refused(&r, EINVAL), "beyond BAR 0");
	r = get(1, 0, 4);
	OK(refused(&r, EINVAL), "there is no BAR 1");
	r = get(6, 0, 4);
	OK(refused(&r, EINVAL), "nor a ROM");

	IS(value(BAR4, 12), 1, "a vector is masked after reset");
	put(BAR4, 0, 0xFEE00000, 4);
	put(BAR4, 16 * 31 + 12, 0, 4);
	OK(value(BAR4, 0) == 0xFEE00000 && value(BAR4, 16 * 31 + 12) == 0,
	   "the table can be written");
	put(BAR4, PBA, UINT32_MAX, 4);
	put(BAR4, 16 * 32, UINT32_MAX, 4);
	OK(value(BAR4, PBA) == 0 && value(BAR4, 16 * 32) == 0,
	   "the pending bits and the rest cannot");
}

/* Frames come back by the wire "loop", so one goes round and round through host memory. */
static void test_dma(void)
{
	uint8_t b[32] = { 32 }, *mem;
	int fd = memfd_create("memory", MFD_ALLOW_SEALING), i;
	struct chim_shell_stats st;
	struct reply r;

	if (ftruncate(fd, 4096))
		exit(1);
	mem = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	put32(b + 4, 3);
	put64(b + 8, 0);
	put64(b + 16, 0x10000);
	put64(b + 24, 4096);
	r = request(2, b, 32, &fd, 1);
	OK(fine(&r), "memory");
	put(BAR0, BUF_LO, 0x10000, 8);
	put(BAR0, CTRL, 1, 4);
	for (i = 0; i < 200 && !mem[0]; i++) {
		usleep(10000);
		chim_nic_device_run(device, 0);
	}
	OK(mem[0] == 0x5A, "the replayed frame reaches it");
	IS(value(BAR0, ERRORS), 0, "without an error");
	put(CONFIG, COMMAND, MEMORY, 2);
	memset(mem, 0, 4096);
	for (i = 0; i < 200 && !value(BAR0, ERRORS); i++)
		usleep(10000);
	IS(value(BAR0, ERRORS), 1, "bus mastering off: the device is told");
	OK(!mem[0], "that the next frame does not");
	chim_shell_get_stats(chim_nic_device_shell(device), &st);
	OK(st.dma_faults >= 1, "and it is counted");
	munmap(mem, 4096);
	close(fd);
}

static void test_reset(void)
{
	struct reply r;
	uint32_t before = value(BAR0, TIME);

	put(CONFIG, 0x3C, 11, 1);
	r = request(13, NULL, 0, NULL, 0);
	OK(fine(&r), "reset");
	IS(value(CONFIG, COMMAND) & 0xFFFF, 0, "switches memory off");
	IS(value(CONFIG, 0x3C) & 0xFF, 0, "and clears the rest");
	put(CONFIG, COMMAND, MEMORY, 2);
	IS(value(BAR0, SCRATCH), 0, "the device is reset");
	OK(value(BAR0, TIME) >= before, "time goes on");
}

int main(int argc, char **argv)
{
	char path[100], capture[100];
	struct chim_options o;
	struct chim_pcap_writer *w;
	uint8_t frame[60];
	const char *what;
	struct reply r;
	unsigned int i;

	if (argc != 2)
		return 1;
	snprintf(path, sizeof(path), "/tmp/chim_test_nic_%d.sock", (int)getpid());
	snprintf(capture, sizeof(capture), "/tmp/chim_test_nic_%d.pcap", (int)getpid());
	memset(frame, 0x5A, sizeof(frame));
	if (chim_pcap_create(capture, &w))
		return 1;
	/* Enough for a slow machine: the device drops those that come too early. */
	for (i = 0; i < 20; i++)
		chim_pcap_write(w, i * 300000000u, frame, sizeof(frame));
	chim_pcap_close(w);
	chim_options_init(&o);
	chim_options_set(&o, "config", "w64_c64");
	chim_options_set(&o, "dir", argv[1]);
	snprintf(o.wire, sizeof(o.wire), "pcap:%s", capture);
	IS(chim_nic_device_create(&o, NULL, path, 1000, &device, &what), 0, "device");
	if (tap_failures)
		return 1;
	client = client_connect(path);
	r = request(1, "\0\0\0\0", 4, NULL, 0);
	OK(fine(&r), "client");
	test_config();
	test_switches();
	test_widths();
	test_dma();
	test_reset();
	close(client);
	chim_nic_device_destroy(device);
	chim_nic_device_destroy(NULL);
	unlink(capture);
	return tap_done();
}
