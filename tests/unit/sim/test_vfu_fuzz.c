/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Random and mutated messages against the vfio-user server; built with the address and undefined
 * behaviour sanitizers, which are the judges, and after each hostile client a well-behaved one must
 * be served. Hard part: being wrong in interesting ways: most messages are almost right. The
 * server's clock is the test's: how fast the machine is makes no difference.
 * argv[1]: number of hostile clients (default 1,000); SEED= repeats a run.
 */
#include <errno.h>
#include <sys/eventfd.h>
#include <time.h>

#include "tests/unit/tap.h"
#include "vfu_client.h"

#define TIMEOUT_MS 1   /* while no answer comes, which is waited for in real time */
#define MESSAGES   120 /* per client */

static uint64_t state;

static uint64_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545F4914F6CDD1Du >> 11;
}

static uint64_t below(uint64_t n)
{
	return rnd() % n;
}

/*
 * The server's clock (linked with --wrap=clock_gettime) stands still, but for when the server was
 * held up for longer than the time-out before it came to look.
 */
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	static int64_t ms;

	(void)clock;
	ms += below(32) ? 0 : TIMEOUT_MS + 1;
	*ts = (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	return 0;
}

/* A number that is often one where something changes. */
static uint64_t number(void)
{
	static const uint64_t edges[] = { 0,
					  1,
					  2,
					  3,
					  4,
					  5,
					  8,
					  9,
					  16,
					  20,
					  24,
					  31,
					  32,
					  33,
					  36,
					  255,
					  4095,
					  4096,
					  0x5000,
					  0x10000,
					  0x7FFFFFFF,
					  0x80000000,
					  0xFFFFFFFF,
					  0x100000000,
					  0x7FFFFFFFFFFFFFFF,
					  0x8000000000000000,
					  0xFFFFFFFFFFFFF000,
					  0xFFFFFFFFFFFFFFFF };

	switch (below(4)) {
	case 0: return edges[below(sizeof(edges) / sizeof(edges[0]))] + below(3) - 1;
	case 1: return below(64);
	case 2: return below(64) * 4096;
	default: return edges[below(sizeof(edges) / sizeof(edges[0]))];
	}
}

/* Where memory may be mapped, or anywhere. */
static uint64_t address(void)
{
	return below(8) ? below(0x40000) : number();
}

struct toy {
	struct vfu_server *server;
	uint8_t memory[4096];
};

static int toy_access(void *ctx, unsigned int region, uint64_t off, void *buf, size_t len,
		      int write)
{
	struct toy *t = ctx;
	uint8_t data[300];
	int i;

	if (off + len > sizeof(t->memory)) {
		printf("not ok 1 - the device is asked for what it does not have\n");
		abort();
	}
	if (write)
		memcpy(t->memory + off, buf, len);
	else
		memcpy(buf, t->memory + off, len);
	/* Now and then the device does something of its own, from inside the access. */
	if (region == 2) {
		memset(data, 1, sizeof(data));
		for (i = 0; i < 4; i++) {
			vfu_dma_write(t->server, address(), data, (size_t)below(sizeof(data)));
			vfu_dma_read(t->server, address(), data, (size_t)below(sizeof(data)));
		}
		vfu_irq(t->server, (unsigned int)number(), (unsigned int)number());
	}
	return below(20) ? 0 : -EIO;
}

static int toy_reset(void *ctx)
{
	(void)ctx;
	return 0;
}

/* A right body of @command, into @b. Its length. */
static size_t right_body(unsigned int command, uint8_t *b)
{
	static const char text[] =
		"{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":65536}}";
	size_t n;

	switch (command) {
	case 1:
		memset(b, 0, 4);
		memcpy(b + 4, text, sizeof(text));
		return 4 + sizeof(text);
	case 2:
		put32(b, 32);
		put32(b + 4, 1 + below(3));
		put64(b + 8, 0);
		put64(b + 16, below(8) * 0x8000);
		put64(b + 24, (1 + below(8)) * 4096);
		return 32;
	case 3:
		put32(b, 24);
		put32(b + 4, 0);
		put64(b + 8, below(8) * 0x8000);
		put64(b + 16, (1 + below(8)) * 4096);
		return 24;
	case 8:
		n = (size_t)below(4);
		put32(b, 20 + n);
		put32(b + 4, 1u << below(3) | 32);
		put32(b + 8, 2);
		put32(b + 12, below(33));
		put32(b + 16, n);
		return 20 + n;
	case 9:
	case 10:
		n = 1 + (size_t)below(16);
		put64(b, below(4096));
		put32(b + 8, below(2) * 2);
		put32(b + 12, n);
		return command == 9 ? 16 : 16 + n;
	case 13: return 0;
	default:
		put32(b, 32);
		put32(b + 4, 0);
		put32(b + 8, below(9));
		memset(b + 12, 0, 20);
		return command == 5 ? 32 : 16;
	}
}

static void hostile_message(int fd, const int *spare, int spares)
{
	static const unsigned int commands[] = { 1, 2, 2,  2,  3,  3,  4,  5,  6,  7,  8,  8, 8,
						 9, 9, 10, 10, 10, 11, 12, 13, 15, 16, 17, 18 };
	unsigned int command = commands[below(sizeof(commands) / sizeof(commands[0]))];
	uint8_t m[16 + 512];
	int fds[70], n = 0, i;
	size_t len;

	memset(m, 0, sizeof(m));
	len = right_body(command, m + 16);
	/* Wrong in up to three places. */
	for (i = below(2) ? 0 : (int)below(4); i > 0; i--) {
		size_t at = (size_t)below(len + 1);

		switch (below(4)) {
		case 0: m[16 + at] ^= (uint8_t)(1u << below(8)); break;
		case 1: put32(m + 16 + (at & ~(size_t)3), number()); break;
		case 2: put64(m + 16 + (at & ~(size_t)7), number()); break;
		default: len = (size_t)below(100);
		}
	}
	if (below(10) == 0) {
		/* An answer, perhaps to a question of the device's. */
		uint64_t count = below(300);

		command = 11 + (unsigned int)below(2);
		put64(m + 16, address());
		put64(m + 24, count);
		len = 16 + (command == 11 ? (size_t)count : 0);
		put32(m + 8, 1 + below(2) * 32);
	}
	put16(m, (unsigned int)below(8));
	put16(m + 2, below(30) ? command : (unsigned int)rnd());
	put32(m + 4, below(300) ? 16 + len : number());
	if (!m[8])
		put32(m + 8, below(20) ? below(8) == 0 ? 16 : 0 : number());
	put32(m + 12, below(10) ? 0 : number());
	if (command == 2 || command == 8 || !below(20))
		n = (int)(below(50) ? below(3) : below(70));
	for (i = 0; i < n; i++)
		fds[i] = spare[below((uint64_t)spares)];
	client_raw(fd, m, below(300) ? 16 + len : (size_t)below(16 + len), fds, n);
}

int main(int argc, char **argv)
{
	struct toy toy = { 0 };
	struct vfu_device d = { .access = toy_access, .reset = toy_reset, .ctx = &toy };
	unsigned long long clients = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000, c, served = 0;
	const struct vfu_counts *counts;
	struct vfu_server *s;
	char path[100];
	unsigned int before;
	int spare[4];

	state = tap_seed(1) * 0x9E3779B97F4A7C15u + 1;
	snprintf(path, sizeof(path), "/tmp/chim_test_vfu_fuzz_%d.sock", (int)getpid());
	d.regions[0] = 4096;
	d.regions[2] = 4096;
	d.irqs[2] = 32;
	if (vfu_server_create(path, &d, TIMEOUT_MS, &s))
		return 1;
	toy.server = s;
	spare[0] = memfd_create("sealable", MFD_ALLOW_SEALING);
	spare[1] = memfd_create("plain", 0);
	spare[2] = eventfd(0, EFD_NONBLOCK);
	spare[3] = open("/dev/null", O_RDWR);
	if (ftruncate(spare[0], 0x8000) || ftruncate(spare[1], 0x8000))
		return 1;
	before = open_descriptors();
	for (c = 0; c < clients; c++) {
		int fd = client_connect(path), i, good;
		struct reply r;

		vfu_server_run(s, 1);
		if (below(20)) {
			client_send(fd, 77, 1, 0, "\0\0\0\0", 4, NULL, 0);
			vfu_server_run(s, 1);
		}
		for (i = 0; i < MESSAGES; i++) {
			hostile_message(fd, spare, 4);
			if (below(3) == 0)
				vfu_server_run(s, 1 + (unsigned int)below(20));
			while (below(2) && client_receive(fd).got > 0)
				;
			vfu_irq(s, 2, (unsigned int)below(32));
		}
		if (below(2))
			vfu_server_run(s, 1000);
		close(fd);
		if (below(2))
			vfu_server_run(s, 1000);

		fd = client_connect(path);
		vfu_server_run(s, 1000);
		r = ask(s, fd, 1, "\0\0\0\0", 4, NULL, 0);
		good = fine(&r);
		if (good) {
			r = region_read(s, fd, 0, 16, 4);
			good = fine(&r) || refused(&r, EIO);
		}
		if (!good && served == c)
			printf("# the first that is not comes after hostile client %llu\n", c);
		served += (unsigned int)good;
		close(fd);
		vfu_server_run(s, 10);
	}
	IS(served, clients, "after each hostile client a good one is served");
	IS(open_descriptors(), before, "no descriptor stays open");
	counts = vfu_server_counts(s);
	printf("# %llu messages, %llu errors, %llu given up, %llu direct, %llu message accesses\n",
	       (unsigned long long)counts->messages, (unsigned long long)counts->errors,
	       (unsigned long long)counts->dropped, (unsigned long long)counts->dma_direct,
	       (unsigned long long)counts->dma_message);
	OK(counts->messages - counts->errors > clients * 5, "many of the messages were right");
	OK(counts->errors > clients * 5, "many were not");
	OK(counts->dma_direct > clients / 20 && counts->dma_message > 0,
	   "memory was reached both ways");
	vfu_server_destroy(s);
	return tap_done();
}
