/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Clients of the vfio-user server one after the other: who is served, who is turned away, who is
 * given up and when. Hard part: a server that comes late itself; its clock is the test's.
 */
#include <errno.h>
#include <time.h>

#include "tests/unit/tap.h"
#include "vfu_client.h"
#include "vfu_toy.h"

/* The server's clock (linked with --wrap=clock_gettime): each time it is read, that much later. */
static int64_t clock_ahead_ms, stall_ms;

int __real_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	int r = __real_clock_gettime(clock, ts);

	clock_ahead_ms += stall_ms;
	ts->tv_sec += clock_ahead_ms / 1000;
	ts->tv_nsec += clock_ahead_ms % 1000 * 1000000;
	return r;
}

static void test_clients(void)
{
	struct vfu_server *s = start();
	int fd = client_open(s, path), second, i, many[250];
	unsigned int before;
	uint8_t h[16] = { 0 }, data[4] = { 9, 9, 9, 9 };
	struct reply r;

	region_write(s, fd, 0, 8, data, 4);
	second = client_connect(path);
	vfu_server_run(s, 1);
	r = client_receive(second);
	IS(r.got, -1, "a second client is turned away");
	close(second);
	r = region_read(s, fd, 0, 8, 4);
	OK(fine(&r), "the first is not disturbed");
	close(fd);
	fd = client_connect(path);
	vfu_server_run(s, 1);
	vfu_server_run(s, 1);
	r = ask(s, fd, 1, h, 4, NULL, 0);
	OK(fine(&r) && toy.gone == 1, "when it leaves, the next is served at once");
	r = region_read(s, fd, 0, 8, 4);
	OK(fine(&r) && r.body[16] == 9, "and finds the device as it was");
	OK(!toy.resets, "without a reset");

	put32(h + 4, 15);
	client_raw(fd, h, 16, NULL, 0);
	vfu_server_run(s, 1);
	r = client_receive(fd);
	OK(r.got == -1 && vfu_server_counts(s)->dropped == 1,
	   "a size below the header's ends the connection");
	close(fd);
	fd = client_open(s, path);
	put32(h + 4, 0x7FFFFFFF);
	client_raw(fd, h, 16, NULL, 0);
	vfu_server_run(s, 1);
	r = client_receive(fd);
	IS(r.got, -1, "so does one of 2 GiB");
	close(fd);

	before = open_descriptors();
	fd = client_open(s, path);
	for (i = 0; i < 250; i++)
		many[i] = 1;
	put32(h + 4, 16);
	client_raw(fd, h, 16, many, 250);
	vfu_server_run(s, 1);
	r = client_receive(fd);
	IS(r.got, -1, "so do 250 descriptors");
	close(fd);
	fd = client_open(s, path);
	for (i = 0; i < 100; i++)
		r = dma_map(s, fd, 3, 0, 0x1000, 0x800, many, 20);
	OK(refused(&r, EINVAL), "and with 20 at a time, refused,");
	close(fd);
	vfu_server_run(s, 1);
	fd = client_open(s, path);
	put32(h + 4, 16);
	client_raw(fd, h, 8, many, 40);
	vfu_server_run(s, 1);
	client_raw(fd, h + 8, 8, many, 40);
	vfu_server_run(s, 1);
	r = client_receive(fd);
	IS(r.got, -1, "40 and 40 with one message are too many as well");
	close(fd);
	IS(open_descriptors(), before, "none of them stays open");

	fd = client_connect(path);
	vfu_server_run(s, 1);
	usleep((TIMEOUT_MS + 50) * 1000);
	vfu_server_run(s, 1);
	r = client_receive(fd);
	IS(r.got, -1, "who connects and says nothing is given up");
	close(fd);

	/* One that asks and does not read. */
	fd = client_open(s, path);
	for (i = 0; i < 100000 && vfu_server_connected(s); i++) {
		uint8_t b[16] = { 0 };

		put32(b + 12, 4096);
		client_send(fd, 1, 9, 0, b, 16, NULL, 0);
		vfu_server_run(s, 4);
	}
	OK(i < 100000, "who asks and does not listen too");
	close(fd);
	vfu_server_destroy(s);
}

/* A client that leaves with an answer unread, or with commands sent, and the next at its heels. */
static void test_successor(void)
{
	struct vfu_server *s = start();
	uint8_t read[16] = { 0 }, write[24] = { 0 };
	int fd = client_open(s, path), i;
	struct reply r;

	put32(read + 12, 4);
	put32(write + 12, 8);
	memset(write + 16, 0x66, 8);
	client_send(fd, 1, 9, 0, read, 16, NULL, 0);
	vfu_server_run(s, 10);
	close(fd);
	fd = client_open(s, path);
	OK(vfu_server_connected(s) && toy.gone == 1, "an answer nobody read keeps no one out");
	for (i = 0; i < 20; i++)
		client_send(fd, 1, 10, 1 << 4, write, 24, NULL, 0);
	put64(write, 8);
	client_send(fd, 1, 10, 1 << 4, write, 24, NULL, 0);
	close(fd);
	fd = client_connect(path);
	IS(vfu_server_run(s, 20), 20, "what was sent before leaving is done,");
	r = client_receive(fd);
	IS(r.got, 0, "the next is not turned away meanwhile");
	IS(vfu_server_run(s, 20), 1, "up to the end");
	r = ask(s, fd, 1, "\0\0\0\0", 4, NULL, 0);
	OK(fine(&r) && toy.gone == 2, "before the next is served");
	r = region_read(s, fd, 0, 8, 8);
	OK(fine(&r) && !memcmp(r.body + 16, write + 16, 8), "who sees it");
	close(fd);
	vfu_server_destroy(s);
}

/* The server is held up for longer than the time-out before each look at its clock. */
static void test_stalls(void)
{
	struct vfu_server *s = start();
	uint8_t b[24] = { 0 };
	struct reply r;
	int fd;

	stall_ms = TIMEOUT_MS + 1;
	fd = client_connect(path);
	vfu_server_run(s, 1);
	r = client_receive(fd);
	IS(r.got, 0, "who has just been accepted is not late");
	r = ask(s, fd, 1, b, 4, NULL, 0);
	OK(fine(&r), "a version that is read late counts");
	dma_map(s, fd, 3, 0, 0x5000, 0x1000, NULL, 0);
	toy.dma_len = 4;
	toy.dma_err = 999;
	put32(b + 8, 2);
	put32(b + 12, 8);
	put64(b + 16, 0x5000);
	client_send(fd, 1, 10, 0, b, 24, NULL, 0);
	client_send(fd, 2, 13, 0, NULL, 0, NULL, 0);
	answer(fd, 0, 11, 1, 0x5000, 4, "abcd", 4);
	vfu_server_run(s, 10);
	OK(!toy.dma_err && !memcmp(toy.dma_buf, "abcd", 4), "so does an answer to the device");
	close(fd);
	vfu_server_run(s, 1);
	fd = client_connect(path);
	vfu_server_run(s, 1);
	vfu_server_run(s, 1);
	r = client_receive(fd);
	IS(r.got, -1, "who says nothing is given up all the same");
	stall_ms = 0;
	close(fd);
	vfu_server_destroy(s);
}

int main(void)
{
	snprintf(path, sizeof(path), "/tmp/chim_test_vfu_clients_%d.sock", (int)getpid());
	test_clients();
	test_successor();
	test_stalls();
	return tap_done();
}
