/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The same device behind the back ends "model" and "vfio-user": every step of this test is the same
 * for both, as it is for the driver. The device is the small one of tests/unit/sim/dut; its frames
 * come from a replayed capture. Hard part: DMA by messages, when memory is mapped without a
 * descriptor. argv: folder of the models, chimney-model.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chimney/backend.h"
#include "host/backend/model.h"
#include "rtl/contract/chim_contract.h"
#include "rtl/contract/chim_regs.h"
#include "sim/wire/pcapfile.h"
#include "tests/unit/tap.h"

#define SCRATCH	 0x04
#define BUF_LO	 0x08
#define BUF_HI	 0x0C
#define CTRL	 0x10
#define LOOPED	 0x18
#define ERRORS	 0x1C
#define RAISE	 0x20
#define DB_OFF	 0x80
#define DB_VAL	 0x84
#define NOWHERE	 0x9000
#define MARK	 0x1111

#define IOVA	 0x8000000000
#define FRAMES	 5
#define START_NS 1200000000u /* into the replay: the test has set the device up by then */
#define LEN	 1000

static char capture[64], sock[64];

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void make_capture(void)
{
	struct chim_pcap_writer *w;
	uint8_t frame[LEN];
	unsigned int i, j;

	if (chim_pcap_create(capture, &w))
		exit(1);
	/* The first one only starts the replay's clock; the device drops it. */
	for (i = 0; i <= FRAMES; i++) {
		for (j = 0; j < LEN; j++)
			frame[j] = (uint8_t)(j * 3 + i);
		chim_pcap_write(w, i ? START_NS + i * 20000000u : 0, frame, LEN);
	}
	chim_pcap_close(w);
}

/*
 * An owner that only reads registers: what the device wants of a vfio-user client comes while it
 * waits for an answer of its own.
 */
static unsigned int run_reading(struct chim_backend *be, unsigned int vector, unsigned int want)
{
	int irq = be->ops->irq_fd(be, vector);
	int64_t end = now_ms() + 5000;
	unsigned int got = 0;
	eventfd_t n;
	uint32_t v;

	while (got < want && now_ms() < end) {
		if (be->ops->read32(be, 0, CHIM_REG_MAGIC, &v))
			return got;
		if (!strcmp(be->ops->name, "model"))
			be->ops->poll(be, 1000);
		if (!eventfd_read(irq, &n))
			got += (unsigned int)n;
	}
	return got;
}

/* An owner's loop: sleep as long as allowed, poll, until @want interrupts came or 5 s are over. */
static unsigned int run(struct chim_backend *be, unsigned int vector, unsigned int want)
{
	int irq = be->ops->irq_fd(be, vector);
	int64_t end = now_ms() + 5000;
	unsigned int got = 0;
	eventfd_t n;

	while (got < want && now_ms() < end) {
		struct pollfd pfd[2] = { { .fd = irq, .events = POLLIN }, { .events = POLLIN } };
		int timeout;

		pfd[1].fd = be->ops->pollfd(be, &timeout);
		if (timeout < 0 || timeout > 100)
			timeout = 100;
		poll(pfd, 2, timeout);
		if (be->ops->poll(be, 10000) < 0)
			return got;
		if (!eventfd_read(irq, &n))
			got += (unsigned int)n;
	}
	return got;
}

static uint32_t reg(struct chim_backend *be, uint32_t off)
{
	uint32_t v = 0xBAD;

	be->ops->read32(be, 0, off, &v);
	return v;
}

static void test_registers(struct chim_backend *be)
{
	uint32_t v, a = 0, b = 0;

	IS(reg(be, CHIM_REG_MAGIC), CHIM_REG_MAGIC_VALUE_RESET, "magic");
	IS(be->ops->write32(be, 0, SCRATCH, 0x55AA1234), 0, "write");
	IS(reg(be, SCRATCH), 0x55AA1234, "read");
	be->ops->write32(be, 0, SCRATCH, UINT32_MAX);
	OK(be->ops->read32(be, 0, SCRATCH, &v) == 0 && v == UINT32_MAX,
	   "all ones are a value like others");
	IS(be->ops->write32(be, 2, CHIM_BAR2_BYTES - 4, 99), 0, "doorbell");
	OK(reg(be, DB_OFF) == CHIM_BAR2_BYTES - 4 && reg(be, DB_VAL) == 99, "arrives");
	IS(be->ops->read32(be, 0, NOWHERE, &v), -EIO, "no such register: bus error");
	IS(be->ops->read32(be, 1, 0, &v), -EINVAL, "no such BAR");
	IS(be->ops->read32(be, 0, SCRATCH + 1, &v), -EINVAL, "unaligned");
	IS(be->ops->write32(be, 2, CHIM_BAR2_BYTES, 0), -EINVAL, "beyond BAR 2");
	IS(be->ops->now_ms(be, &a), 0, "time");
	usleep(30000);
	be->ops->poll(be, 1000);
	usleep(5000);
	be->ops->poll(be, 1000);
	IS(be->ops->now_ms(be, &b), 0, "later");
	OK(b - a >= 20 && b - a < 2000, "goes on: %u ms", b - a);
	IS(be->ops->irq_fd(be, 32), -EINVAL, "no vector 32");
	be->ops->write32(be, 0, RAISE, 30);
	IS(run(be, 30, 1), 1, "vector 30");
}

/* @fd: the memory's file, or -1: then a server can reach it by messages only. */
static void test_memory(struct chim_backend *be, uint8_t *mem, int fd)
{
	uint8_t last[LEN];
	unsigned int j;

	IS(be->ops->dma_map(be, mem, 8192, IOVA, fd, 0), 0,
	   fd >= 0 ? "map with a descriptor" : "map without one");
	IS(be->ops->dma_map(be, mem, 4096, IOVA + 4096, fd, 0), -EEXIST, "overlap");
	IS(be->ops->dma_map(be, mem + 100, 4096, IOVA + 8192, fd, 0), -EINVAL, "misaligned");
	IS(be->ops->dma_map(be, mem, 0, IOVA + 8192, fd, 0), -EINVAL, "empty");
	IS(be->ops->dma_unmap(be, IOVA, 4096), -ENOENT, "unmap of a part");
	be->ops->write32(be, 0, BUF_LO, (uint32_t)(IOVA + 4096));
	be->ops->write32(be, 0, BUF_HI, (uint32_t)(IOVA >> 32));
	be->ops->write32(be, 0, CTRL, 1);
	IS(fd >= 0 ? run(be, 5, FRAMES) : run_reading(be, 5, FRAMES), FRAMES,
	   "an interrupt for each frame");
	IS(reg(be, LOOPED), FRAMES, "which the device counted");
	IS(reg(be, ERRORS), 0, "without an error");
	for (j = 0; j < LEN; j++)
		last[j] = (uint8_t)(j * 3 + FRAMES);
	OK(!memcmp(mem + 4096, last, LEN) && mem[4096 + LEN] == 0 && mem[4095] == 0,
	   "the last frame lies in memory, and nothing beside it");
	be->ops->write32(be, 0, SCRATCH, 1);
	IS(be->ops->reset(be), 0, "reset");
	OK(reg(be, SCRATCH) == 0 && reg(be, LOOPED) == 0, "the device starts again");
	IS(be->ops->dma_unmap(be, IOVA, 8192), 0, "the mapping was still there");
	IS(be->ops->dma_unmap(be, IOVA, 8192), -ENOENT, "and is no more");
	for (j = 0; j < 200; j++)
		if (be->ops->dma_map(be, mem, 4096, IOVA + 4096 * (j % 7), fd, 0) ||
		    be->ops->dma_unmap(be, IOVA + 4096 * (j % 7), 4096))
			break;
	IS(j, 200, "map and unmap, again and again");
}

static void test_both(const char *spec, int with_fd)
{
	struct chim_backend *be;
	int fd = memfd_create("arena", MFD_CLOEXEC | MFD_ALLOW_SEALING), err;
	uint8_t *mem;

	printf("# %s\n", spec);
	err = chim_backend_open(spec, &be);
	IS(err, 0, "opens");
	if (err)
		return;
	if (ftruncate(fd, 8192))
		exit(1);
	mem = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	test_registers(be);
	test_memory(be, mem, with_fd ? fd : -1);
	chim_backend_close(be);
	munmap(mem, 8192);
	close(fd);
}

static pid_t start_server(const char *program, const char *dir, const char *wire)
{
	int64_t end = now_ms() + 5000;
	pid_t pid = fork();

	if (pid == 0) {
		execl(program, program, "--listen", sock, "--dir", dir, "--config", "w64_c64",
		      "--wire", wire, "--stats", (char *)NULL);
		_exit(127);
	}
	while (access(sock, F_OK) && now_ms() < end)
		usleep(10000);
	return pid;
}

static int stop_server(pid_t pid, int number)
{
	int status;

	kill(pid, number);
	waitpid(pid, &status, 0);
	return status;
}

static void test_server(const char *program, const char *dir)
{
	char spec[128];
	struct chim_backend *be, *second;
	uint32_t v;
	pid_t pid;
	int status, i;

	snprintf(spec, sizeof(spec), "vfio-user:%s", sock);
	IS(chim_backend_open(spec, &be), -ENOENT, "no server, no device");
	pid = start_server(program, dir, "loop");
	IS(chim_backend_open(spec, &be), 0, "server starts");
	be->ops->write32(be, 0, SCRATCH, MARK);
	IS(chim_backend_open(spec, &second), -ENODEV, "a second driver is turned away");
	IS(reg(be, SCRATCH), MARK, "the first goes on");
	chim_backend_close(be);
	IS(chim_backend_open(spec, &be), 0, "after it, the next one is served");
	IS(reg(be, SCRATCH), MARK, "and finds the device as it was left");
	stop_server(pid, SIGKILL);
	IS(be->ops->read32(be, 0, SCRATCH, &v), -ENODEV,
	   "the server is killed: the device is gone");
	IS(be->ops->poll(be, 1), -ENODEV, "poll says so");
	IS(be->ops->dma_unmap(be, 0, 4096), -ENODEV, "everything says so");
	chim_backend_close(be);
	pid = start_server(program, dir, "loop");
	/* The old socket is still there to be seen until the new server replaces it. */
	for (i = 0; i < 500 && chim_backend_open(spec, &be) == -ENOENT; i++)
		usleep(10000);
	OK(be, "a new server takes the dead one's socket over");
	if (!be)
		exit(1);
	chim_backend_close(be);
	status = stop_server(pid, SIGTERM);
	OK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "SIGTERM ends it well");
	OK(access(sock, F_OK), "and removes the socket");
}

static int output_of(const char *command)
{
	int status = system(command);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_usage(const char *program, const char *dir)
{
	char text[512];
	static const struct {
		const char *args;
		int code;
	} rows[] = {
		{ "--help", 0 },
		{ "", 2 },
		{ "--listen", 2 },
		{ "listen", 2 },
		{ "--listen /nonexistent/x --nonsense 1", 2 },
		{ "--listen /nonexistent/x --loss lots", 2 },
		{ "--listen /nonexistent/x --config w64_c64", 1 },
		{ "--listen /nonexistent/x --config w64_c65", 1 },
		{ "--listen /nonexistent/x --config w64_c64 --wire veth:nowhere0", 1 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "CHIM_MODEL_DIR=%s %s %s > /dev/null 2>&1", dir,
			 program, rows[i].args);
		IS(output_of(text), rows[i].code, rows[i].args);
	}
}

int main(int argc, char **argv)
{
	char spec[512], wire[80];
	pid_t pid;
	int with_fd;
	struct chim_backend *be;

	if (argc != 3)
		return 1;
	snprintf(capture, sizeof(capture), "/tmp/chim_test_backend_%d.pcap", (int)getpid());
	snprintf(sock, sizeof(sock), "/tmp/chim_test_backend_%d.sock", (int)getpid());
	snprintf(wire, sizeof(wire), "pcap:%s", capture);
	make_capture();

	snprintf(spec, sizeof(spec), "model:w64_c64,dir=%s,wire=%s", argv[1], wire);
	test_both(spec, 1);
	snprintf(spec, sizeof(spec), "vfio-user:%s", sock);
	for (with_fd = 0; with_fd < 2; with_fd++) {
		pid = start_server(argv[2], argv[1], wire);
		test_both(spec, with_fd);
		stop_server(pid, SIGTERM);
	}
	test_server(argv[2], argv[1]);
	test_usage(argv[2], argv[1]);
	IS(chim_backend_open("model:w64_c64,nonsense=1", &be), -EINVAL,
	   "a model with an unknown option");
	IS(chim_backend_open("model:w1_c1,dir=/nonexistent", &be), -ENOENT,
	   "a model that is not built");
	unlink(capture);
	return tap_done();
}
