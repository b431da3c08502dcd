/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The vfio-user server with a toy device: every command as the protocol text has it, then every way
 * of getting it wrong. Hard part: DMA by messages, whose answers may not come, or come among
 * commands.
 */
#include <errno.h>
#include <linux/vfio.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include "tests/unit/tap.h"
#include "vfu_client.h"
#include "vfu_toy.h"

static void test_socket(void)
{
	struct vfu_device d = { .access = toy_access, .reset = toy_reset };
	struct vfu_server *s = start(), *other;
	struct stat st;
	char long_path[200];
	FILE *f;

	IS(vfu_server_create(path, &d, 1, &other), -EADDRINUSE,
	   "a second server on the same socket");
	OK(!stat(path, &st) && (st.st_mode & 0777) == 0600, "the socket is its owner's alone");
	vfu_server_destroy(s);
	OK(stat(path, &st) < 0, "and goes with the server");
	/* A server that was killed leaves its socket behind. */
	{
		struct sockaddr_un a = { .sun_family = AF_UNIX };
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		strcpy(a.sun_path, path);
		if (bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 1))
			exit(1);
		close(fd);
	}
	s = start();
	OK(!stat(path, &st), "a dead server's socket is replaced");
	vfu_server_destroy(s);
	f = fopen(path, "w");
	fclose(f);
	IS(vfu_server_create(path, &d, 1, &other), -EADDRINUSE,
	   "a file that is no socket is left alone");
	unlink(path);
	memset(long_path, 'x', sizeof(long_path));
	long_path[199] = 0;
	IS(vfu_server_create(long_path, &d, 1, &other), -ENAMETOOLONG, "a path that is too long");
	IS(vfu_server_create("/nonexistent/sock", &d, 1, &other), -ENOENT, "a path in no folder");
	vfu_server_destroy(NULL);
}

static void test_version(void)
{
	static const char caps[] =
		"\0\0\1\0{\"capabilities\":{\"max_msg_fds\":8, \"max_data_xfer_size\" : 1048576,"
		"\"migration\":{\"pgsize\":4096}}}";
	struct vfu_server *s = start();
	uint8_t v[8] = { 0 }, info[16] = { 0 };
	struct reply r;
	int fd = client_connect(path);

	vfu_server_run(s, 1);
	info[0] = 16;
	r = ask(s, fd, 4, info, 16, NULL, 0);
	OK(refused(&r, EINVAL), "nothing but a version comes first");
	r = ask(s, fd, 1, v, 3, NULL, 0);
	OK(refused(&r, EINVAL), "a version of three bytes");
	r = ask(s, fd, 1, "\0\0\0\0{\"no end\"", 13, NULL, 0);
	OK(refused(&r, EINVAL), "text without its NUL");
	r = ask(s, fd, 1, "\0\0\0\0{\"capabilities\":{\"max_data_xfer_size\":64}}", 46, NULL, 0);
	OK(refused(&r, EINVAL), "a transfer size nothing fits in");
	r = ask(s, fd, 1, caps, sizeof(caps), NULL, 0);
	OK(fine(&r), "0.1 with capabilities");
	OK(r.command == 1 && !memcmp(r.body, "\0\0\0\0", 4), "is answered with 0.0");
	OK(r.body[r.len - 1] == 0 && strstr((char *)r.body + 4, "\"max_msg_fds\":64") &&
		   strstr((char *)r.body + 4, "\"max_data_xfer_size\":1048576"),
	   "and our values of what was proposed: %s", (char *)r.body + 4);
	OK(!strstr((char *)r.body + 4, "max_dma_maps") && !strstr((char *)r.body + 4, "migration"),
	   "of nothing else");
	r = ask(s, fd, 1, caps, sizeof(caps), NULL, 0);
	OK(refused(&r, EINVAL), "a second version");
	close(fd);
	vfu_server_run(s, 1);

	fd = client_connect(path);
	vfu_server_run(s, 1);
	v[0] = 1;
	r = ask(s, fd, 1, v, 4, NULL, 0);
	OK(refused(&r, EPROTONOSUPPORT), "another major version");
	r = client_receive(fd);
	IS(r.got, -1, "ends the connection");
	close(fd);
	vfu_server_destroy(s);
}

static void test_info(void)
{
	struct vfu_server *s = start();
	int fd = client_open(s, path);
	uint8_t b[32] = { 16 };
	struct reply r;

	r = ask(s, fd, 4, b, 16, NULL, 0);
	OK(fine(&r) && r.len == 16 && get32(r.body) == 16 && get32(r.body + 4) == 3 &&
		   get32(r.body + 8) == 9 && get32(r.body + 12) == 5,
	   "device: PCI, can be reset, 9 regions, 5 kinds of interrupts");
	b[0] = 15;
	r = ask(s, fd, 4, b, 16, NULL, 0);
	OK(refused(&r, EINVAL), "too little room for it");
	b[0] = 32;
	r = ask(s, fd, 5, b, 32, NULL, 0);
	OK(fine(&r) && r.len == 32 && get32(r.body) == 32 && get32(r.body + 4) == 3 &&
		   get32(r.body + 8) == 0 && get64(r.body + 16) == 4096,
	   "region 0: read, write, 4096 bytes, no mmap");
	b[8] = 1;
	r = ask(s, fd, 5, b, 32, NULL, 0);
	OK(fine(&r) && get32(r.body + 4) == 0 && get64(r.body + 16) == 0, "region 1 is not there");
	b[8] = 9;
	r = ask(s, fd, 5, b, 32, NULL, 0);
	OK(refused(&r, EINVAL), "region 9 does not exist");
	b[0] = 16;
	b[8] = 2;
	r = ask(s, fd, 7, b, 16, NULL, 0);
	OK(fine(&r) && r.len == 16 && get32(r.body + 4) == 1 && get32(r.body + 8) == 2 &&
		   get32(r.body + 12) == 32,
	   "MSI-X: 32 by eventfd");
	b[8] = 0;
	r = ask(s, fd, 7, b, 16, NULL, 0);
	OK(fine(&r) && get32(r.body + 4) == 0 && get32(r.body + 12) == 0, "no INTx");
	b[8] = 5;
	r = ask(s, fd, 7, b, 16, NULL, 0);
	OK(refused(&r, EINVAL), "kind 5 does not exist");
	r = ask(s, fd, 16, b, 16, NULL, 0);
	OK(refused(&r, ENOTTY), "no device features");
	r = ask(s, fd, 6, b, 16, NULL, 0);
	OK(refused(&r, EOPNOTSUPP), "no region descriptors");
	r = ask(s, fd, 14, b, 16, NULL, 0);
	OK(refused(&r, EINVAL), "command 14 does not exist");
	r = ask(s, fd, 11, b, 16, NULL, 0);
	OK(refused(&r, EINVAL), "DMA_READ is not the client's");
	r = ask(s, fd, 13, NULL, 0, NULL, 0);
	OK(fine(&r) && r.len == 0 && toy.resets == 1, "reset");
	close(fd);
	vfu_server_destroy(s);
}

static void test_regions(void)
{
	struct vfu_server *s = start();
	int fd = client_open(s, path);
	uint8_t data[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, b[24];
	struct reply r;

	r = region_write(s, fd, 0, 100, data, 8);
	OK(fine(&r) && r.len == 16 && get64(r.body) == 100 && get32(r.body + 12) == 8,
	   "write 8 bytes");
	r = region_read(s, fd, 0, 102, 3);
	OK(fine(&r) && r.len == 19 && get32(r.body + 12) == 3 && !memcmp(r.body + 16, data + 2, 3),
	   "read 3 of them");
	r = region_read(s, fd, 0, 4096 - 4, 4);
	OK(fine(&r), "up to the end");
	r = region_read(s, fd, 0, 4096 - 4, 5);
	OK(refused(&r, EINVAL), "beyond the end");
	r = region_read(s, fd, 0, 4096, 1);
	OK(refused(&r, EINVAL), "from the end");
	r = region_read(s, fd, 0, UINT64_MAX - 1, 4);
	OK(refused(&r, EINVAL), "around the end of 64 bits");
	r = region_read(s, fd, 0, 0, 0);
	OK(refused(&r, EINVAL), "nothing");
	r = region_read(s, fd, 0, 0, UINT32_MAX);
	OK(refused(&r, EINVAL), "4 GiB");
	r = region_read(s, fd, 1, 0, 4);
	OK(refused(&r, EINVAL), "a region that is not there");
	r = region_read(s, fd, 1000, 0, 4);
	OK(refused(&r, EINVAL), "region 1000");
	r = region_write(s, fd, 0, 4092, data, 4);
	OK(refused(&r, EIO), "the device's own error comes through");
	put64(b, 0);
	put32(b + 8, 0);
	put32(b + 12, 9);
	r = ask(s, fd, 10, b, 24, NULL, 0);
	OK(refused(&r, EINVAL), "a write that promises more than it brings");
	put32(b + 12, 7);
	r = ask(s, fd, 10, b, 24, NULL, 0);
	OK(refused(&r, EINVAL), "or less");
	r = ask(s, fd, 9, b, 15, NULL, 0);
	OK(refused(&r, EINVAL), "a read of 15 bytes' message");

	/* Posted, then a read: in order, one answer. */
	memset(b, 0, sizeof(b));
	put32(b + 12, 8);
	memset(b + 16, 0x99, 8);
	client_send(fd, 5, 10, 1 << 4, b, 24, NULL, 0);
	r = region_read(s, fd, 0, 0, 1);
	OK(fine(&r) && r.body[16] == 0x99,
	   "a posted write gets no answer and is done before the next read");
	put32(b + 8, 77);
	client_send(fd, 5, 10, 1 << 4, b, 24, NULL, 0);
	vfu_server_run(s, 10);
	r = client_receive(fd);
	IS(r.got, 0, "a posted write that is wrong gets none either");
	IS(vfu_server_counts(s)->errors, 12, "but errors are counted");
	client_send(fd, 77, 9, 2, b, 16, NULL, 0);
	vfu_server_run(s, 10);
	r = client_receive(fd);
	OK(refused(&r, EINVAL), "an unknown type of message");
	client_send(fd, 77, 9, 1, b, 16, NULL, 0);
	vfu_server_run(s, 10);
	r = client_receive(fd);
	IS(r.got, 0, "an answer to nothing is dropped");
	close(fd);
	vfu_server_destroy(s);
}

/* Messages in pieces of every size, and several in one. */
static void test_pieces(void)
{
	struct vfu_server *s = start();
	int fd = client_open(s, path);
	uint8_t m[96];
	struct reply r;
	size_t piece, at;
	int good = 1;

	for (piece = 1; piece <= 32; piece++) {
		memset(m, 0, sizeof(m));
		put16(m, 77);
		put16(m + 2, 9);
		put32(m + 4, 32);
		put32(m + 28, 4);
		for (at = 0; at < 32; at += piece) {
			client_raw(fd, m + at, at + piece <= 32 ? piece : 32 - at, NULL, 0);
			vfu_server_run(s, 5);
		}
		r = client_receive(fd);
		good &= fine(&r);
	}
	OK(good, "messages in pieces");
	memcpy(m + 32, m, 32);
	memcpy(m + 64, m, 32);
	client_raw(fd, m, 96, NULL, 0);
	IS(vfu_server_run(s, 2), 2, "no more than asked for");
	IS(vfu_server_run(s, 10), 1, "the rest later");
	for (at = 0; at < 3; at++) {
		r = client_receive(fd);
		good &= fine(&r);
	}
	OK(good, "three in one piece");
	close(fd);
	vfu_server_destroy(s);
}

static int make_memory(const char *name, size_t size, unsigned int flags, uint8_t **map)
{
	int fd = memfd_create(name, MFD_CLOEXEC | flags);

	if (fd < 0 || ftruncate(fd, (off_t)size))
		exit(1);
	*map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return fd;
}

static struct reply toy_dma(struct vfu_server *s, int fd, int write, uint64_t addr, size_t len)
{
	toy.dma_len = len;
	toy.dma_err = 999;
	return region_write(s, fd, 2, write ? 8 : 0, &addr, 8);
}

static void test_dma_mapped(void)
{
	struct vfu_server *s = start();
	int fd = client_open(s, path), i;
	uint8_t *mem, *plain;
	int mfd = make_memory("sealable", 0x10000, MFD_ALLOW_SEALING, &mem);
	int pfd = make_memory("plain", 0x1000, 0, &plain);
	int many[3] = { mfd, mfd, mfd };
	struct reply r;

	r = dma_map(s, fd, 3, 0x1000, 0x100000, 0x3000, &mfd, 1);
	OK(fine(&r) && r.len == 0, "map three pages");
	r = dma_map(s, fd, 1, 0x8000, 0x103000, 0x1000, &mfd, 1);
	OK(fine(&r), "and one that may be read, right behind them");
	r = dma_map(s, fd, 3, 0, 0x102000, 0x1000, &mfd, 1);
	OK(refused(&r, EEXIST), "over a mapping");
	r = dma_map(s, fd, 3, 0, 0xFF000, 0x10000, &mfd, 1);
	OK(refused(&r, EEXIST), "around one");
	r = dma_map(s, fd, 3, 0, 0x200000, 0, &mfd, 1);
	OK(refused(&r, EINVAL), "empty");
	r = dma_map(s, fd, 3, 0, 0x200800, 0x1000, &mfd, 1);
	OK(refused(&r, EINVAL), "misaligned");
	r = dma_map(s, fd, 3, 0, 0xFFFFFFFFFFFFF000, 0x2000, &mfd, 1);
	OK(refused(&r, EINVAL), "around the end of 64 bits");
	r = dma_map(s, fd, 3, 0, 0xFFFFFFFFFFFFF000, 0x1000, &mfd, 1);
	OK(fine(&r), "up to it");
	r = dma_map(s, fd, 3, 0, 0, 0x1000, &mfd, 1);
	OK(fine(&r), "and at zero");
	r = dma_map(s, fd, 4, 0, 0x200000, 0x1000, &mfd, 1);
	OK(refused(&r, EINVAL), "unknown flags");
	r = dma_map(s, fd, 3, 0xF000, 0x200000, 0x2000, &mfd, 1);
	OK(refused(&r, EINVAL), "beyond the file");
	r = dma_map(s, fd, 3, 0xFFFFFFFFFFFFF000, 0x200000, 0x2000, &mfd, 1);
	OK(refused(&r, EINVAL), "offset that wraps");
	r = dma_map(s, fd, 3, 0x800, 0x200000, 0x1000, &mfd, 1);
	OK(refused(&r, EINVAL), "offset between pages");
	r = dma_map(s, fd, 3, 0, 0x200000, 0x1000, many, 3);
	OK(refused(&r, EINVAL), "three descriptors");

	for (i = 0; i < 8192; i++)
		toy.dma_buf[i] = (uint8_t)(i * 3);
	r = toy_dma(s, fd, 1, 0x100FFD, 0x1007);
	OK(fine(&r) && toy.dma_err == 0 && !memcmp(mem + 0x1FFD, toy.dma_buf, 0x1007),
	   "write across pages");
	for (i = 0x3000; i < 0x4000; i++)
		mem[i] = (uint8_t)i;
	memset(mem + 0x8000, 0x77, 0x1000);
	r = toy_dma(s, fd, 0, 0x102FF0, 0x20);
	OK(!toy.dma_err && toy.dma_buf[15] == (uint8_t)0x3FFF && toy.dma_buf[16] == 0x77,
	   "read across mappings");
	toy_dma(s, fd, 1, 0x102FF0, 0x20);
	IS(toy.dma_err, -EFAULT, "write into the readable one");
	OK(mem[0x3FF0] == (uint8_t)0x3FF0, "and nothing of it is done");
	toy_dma(s, fd, 0, 0x103FF0, 0x20);
	IS(toy.dma_err, -EFAULT, "read over its end");
	toy_dma(s, fd, 0, 0xFFFFFFFFFFFFFFF8, 0x10);
	IS(toy.dma_err, -EFAULT, "read around the end of 64 bits");
	toy_dma(s, fd, 0, 0xFFFFFFFFFFFFFFF8, 8);
	IS(toy.dma_err, 0, "read up to it");
	IS(vfu_server_counts(s)->dma_message, 0, "all directly");

	/* A client that takes its file's memory away must not bring us down. */
	IS(ftruncate(mfd, 0), -1, "the file is sealed: it cannot shrink");
	r = dma_unmap(s, fd, 0x100000, 0x1000);
	OK(refused(&r, ENOENT), "unmap a part");
	r = dma_unmap(s, fd, 0x100000, 0x3000);
	OK(fine(&r) && r.len == 24 && get64(r.body + 8) == 0x100000 && get64(r.body + 16) == 0x3000,
	   "unmap what was mapped: it comes back");
	r = dma_unmap(s, fd, 0x100000, 0x3000);
	OK(refused(&r, ENOENT), "unmap it again");
	toy_dma(s, fd, 0, 0x100000, 8);
	IS(toy.dma_err, -EFAULT, "it is gone");
	r = dma_map(s, fd, 3, 0, 0x300000, 0x1000, &pfd, 1);
	OK(fine(&r), "a file that cannot be sealed");
	IS(ftruncate(pfd, 0), 0, "shrinks");
	toy_dma(s, fd, 0, 0x300000, 8);
	IS(toy.dma_err, -EIO, "it is used by messages, which we do not answer here");
	IS(vfu_server_connected(s), 0, "so the client is given up");
	IS(toy.gone, 1, "and the device is told");
	close(fd);

	fd = client_open(s, path);
	toy_dma(s, fd, 0, 0x103000, 8);
	IS(toy.dma_err, -EFAULT, "the next client starts without memory");
	for (i = 0; i < 1000; i++) {
		r = dma_map(s, fd, 3, 0, 0x1000000 + (uint64_t)(i * 7919 % 1000) * 0x2000, 0x1000,
			    NULL, 0);
		if (!fine(&r))
			break;
	}
	IS(i, 1000, "a thousand mappings");
	for (i = 0; i < 1000; i++) {
		r = dma_unmap(s, fd, 0x1000000 + (uint64_t)(i * 6007 % 1000) * 0x2000, 0x1000);
		if (!fine(&r))
			break;
	}
	IS(i, 1000, "and their removal, in another order");
	close(fd);
	close(mfd);
	close(pfd);
	munmap(mem, 0x10000);
	munmap(plain, 0x1000);
	vfu_server_destroy(s);
}

static void test_dma_messages(void)
{
	struct vfu_server *s = start();
	int fd = client_open(s, path), i;
	uint8_t data[64], wrong[64] = { 0 }, b[24];
	struct reply r;
	uint64_t addr;

	for (i = 0; i < 64; i++)
		data[i] = (uint8_t)(i + 1);
	dma_map(s, fd, 3, 0, 0x5000, 0x1000, NULL, 0);
	toy.dma_len = 64;

	/* The device reads; our read of BAR 0 comes before our answer to it. */
	addr = 0x5010;
	memset(b, 0, sizeof(b));
	put32(b + 8, 2);
	put32(b + 12, 8);
	put64(b + 16, addr);
	client_send(fd, 1, 10, 0, b, 24, NULL, 0);
	memset(b, 0, 16);
	put32(b + 12, 4);
	client_send(fd, 2, 9, 0, b, 16, NULL, 0);
	answer(fd, 0, 11, 1, addr, 64, data, 64);
	vfu_server_run(s, 10);
	r = client_receive(fd);
	OK(r.command == 11 && r.flags == 0 && r.len == 16 && get64(r.body) == addr &&
		   get64(r.body + 8) == 64,
	   "DMA_READ: address and count");
	r = client_receive(fd);
	OK(r.id == 1 && r.command == 10 && r.flags == 1,
	   "then the answer to the write that caused it");
	OK(toy.dma_err == 0 && !memcmp(toy.dma_buf, data, 64), "which brought the data");
	r = client_receive(fd);
	OK(r.id == 2 && r.command == 9 && r.flags == 1, "then to the command that waited");

	answer(fd, 1, 12, 1, addr, 64, NULL, 0);
	memset(b, 0, sizeof(b));
	put64(b, 8);
	put32(b + 8, 2);
	put32(b + 12, 8);
	put64(b + 16, addr);
	/* In front of it, so that the write is what the server sees first. */
	client_send(fd, 3, 10, 0, b, 24, NULL, 0);
	answer(fd, 1, 12, 1, addr, 64, NULL, 0);
	vfu_server_run(s, 10);
	r = client_receive(fd);
	OK(r.command == 12 && r.len == 16 + 64 && get64(r.body + 8) == 64 &&
		   !memcmp(r.body + 16, data, 64),
	   "DMA_WRITE brings the data");
	r = client_receive(fd);
	OK(r.id == 3 && r.flags == 1 && !toy.dma_err, "and the answer is enough");

	put64(b, 0);
	client_send(fd, 4, 10, 0, b, 24, NULL, 0);
	answer(fd, 2, 11, 1 | 1 << 5, addr, 64, NULL, 0);
	vfu_server_run(s, 10);
	client_receive(fd);
	r = client_receive(fd);
	OK(r.id == 4 && r.flags == 1 && toy.dma_err == -EIO, "an error is an error");
	client_send(fd, 5, 10, 0, b, 24, NULL, 0);
	answer(fd, 3, 11, 1, addr, 64, data, 63);
	vfu_server_run(s, 10);
	client_receive(fd);
	client_receive(fd);
	IS(toy.dma_err, -EIO, "an answer that is too short");
	client_send(fd, 6, 10, 0, b, 24, NULL, 0);
	answer(fd, 4, 11, 1, addr + 1, 64, data, 64);
	vfu_server_run(s, 10);
	client_receive(fd);
	client_receive(fd);
	IS(toy.dma_err, -EIO, "an answer to another address");
	client_send(fd, 7, 10, 0, b, 24, NULL, 0);
	memset(toy.dma_buf, 0, sizeof(toy.dma_buf));
	answer(fd, 99, 11, 1, addr, 64, wrong, 64);
	answer(fd, 5, 12, 1, addr, 64, wrong, 64);
	answer(fd, 5, 11, 1, addr, 64, data, 64);
	vfu_server_run(s, 10);
	client_receive(fd);
	client_receive(fd);
	OK(!toy.dma_err && !memcmp(toy.dma_buf, data, 64),
	   "answers with another number or command are passed over");
	IS(vfu_server_counts(s)->dma_message, 6, "six messages");

	/* More commands than may wait. */
	client_send(fd, 8, 10, 0, b, 24, NULL, 0);
	for (i = 0; i < 65; i++)
		client_send(fd, 9, 13, 1 << 4, NULL, 0, NULL, 0);
	vfu_server_run(s, 1);
	IS(toy.dma_err, -EIO, "65 commands instead of an answer");
	IS(vfu_server_connected(s), 0, "end the connection");
	IS(toy.resets, 0, "none of them is carried out");
	close(fd);
	vfu_server_destroy(s);
}

static void test_irqs(void)
{
	const uint32_t event = 4 | 32, none = 1 | 32, boolean = 2 | 32;
	struct vfu_server *s = start();
	int fd = client_open(s, path), e[3], i, f;
	uint8_t flags[3] = { 0, 1, 1 };
	struct reply r;
	eventfd_t n;

	for (i = 0; i < 3; i++)
		e[i] = eventfd(0, EFD_NONBLOCK);
	r = set_irqs(s, fd, event, 2, 5, 3, NULL, 0, e, 3);
	OK(fine(&r) && r.len == 0, "three descriptors for vectors 5 to 7");
	vfu_irq(s, 2, 6);
	vfu_irq(s, 2, 6);
	OK(eventfd_read(e[1], &n) == 0 && n == 2, "vector 6 counts");
	OK(eventfd_read(e[0], &n) < 0 && eventfd_read(e[2], &n) < 0, "the others do not");
	vfu_irq(s, 2, 4);
	vfu_irq(s, 2, 32);
	vfu_irq(s, 1, 0);
	vfu_irq(s, 99, 0);
	IS(vfu_server_counts(s)->lost_irqs, 4, "without a descriptor they are lost and counted");
	r = set_irqs(s, fd, none, 2, 7, 1, NULL, 0, NULL, 0);
	OK(fine(&r) && eventfd_read(e[2], &n) == 0 && n == 1, "the client may raise one");
	r = set_irqs(s, fd, boolean, 2, 5, 3, flags, 3, NULL, 0);
	OK(fine(&r) && eventfd_read(e[0], &n) < 0 && eventfd_read(e[1], &n) == 0 &&
		   eventfd_read(e[2], &n) == 0,
	   "or some");
	r = set_irqs(s, fd, event, 2, 5, 1, NULL, 0, NULL, 0);
	OK(fine(&r), "take one back");
	vfu_irq(s, 2, 5);
	OK(eventfd_read(e[0], &n) < 0, "it is no longer raised");
	r = set_irqs(s, fd, none, 2, 0, 0, NULL, 0, NULL, 0);
	OK(fine(&r), "all off");
	vfu_irq(s, 2, 6);
	OK(eventfd_read(e[1], &n) < 0, "they are off");

	r = set_irqs(s, fd, event, 2, 30, 3, NULL, 0, e, 3);
	OK(refused(&r, EINVAL), "beyond the last");
	r = set_irqs(s, fd, event, 2, UINT32_MAX, 2, NULL, 0, e, 2);
	OK(refused(&r, EINVAL), "around the end of 32 bits");
	r = set_irqs(s, fd, event, 2, 2, UINT32_MAX, NULL, 0, e, 2);
	OK(refused(&r, EINVAL), "too many");
	r = set_irqs(s, fd, event, 2, 0, 3, NULL, 0, e, 2);
	OK(refused(&r, EINVAL), "fewer descriptors than vectors");
	r = set_irqs(s, fd, event, 1, 0, 1, NULL, 0, e, 1);
	OK(refused(&r, EINVAL), "a kind that has none");
	r = set_irqs(s, fd, event, 5, 0, 1, NULL, 0, e, 1);
	OK(refused(&r, EINVAL), "a kind that does not exist");
	r = set_irqs(s, fd, 4 | 8, 2, 0, 1, NULL, 0, e, 1);
	OK(refused(&r, EINVAL), "masking, which is not offered");
	r = set_irqs(s, fd, 4 | 1 | 32, 2, 0, 1, NULL, 0, e, 1);
	OK(refused(&r, EINVAL), "two kinds of data");
	r = set_irqs(s, fd, 64 | 32, 2, 0, 1, NULL, 0, e, 1);
	OK(refused(&r, EINVAL), "an unknown flag");
	r = set_irqs(s, fd, boolean, 2, 0, 3, flags, 2, NULL, 0);
	OK(refused(&r, EINVAL), "fewer flags than vectors");
	r = set_irqs(s, fd, none, 2, 0, 1, NULL, 0, e, 1);
	OK(refused(&r, EINVAL), "a descriptor nobody asked for");
	f = open("/dev/null", O_RDONLY);
	r = set_irqs(s, fd, event, 2, 0, 1, NULL, 0, &f, 1);
	OK(fine(&r), "a descriptor that is no eventfd");
	vfu_irq(s, 2, 0);
	OK(vfu_server_connected(s), "harms only its owner");
	r = ask(s, fd, 13, NULL, 0, e, 1);
	OK(refused(&r, EINVAL), "descriptors with a command that takes none");
	set_irqs(s, fd, event, 2, 5, 3, NULL, 0, e, 3);
	close(fd);
	vfu_server_run(s, 1);
	vfu_irq(s, 2, 6);
	OK(eventfd_read(e[1], &n) < 0, "they go with the client");
	for (i = 0; i < 3; i++)
		close(e[i]);
	close(f);
	vfu_server_destroy(s);
}

int main(void)
{
	snprintf(path, sizeof(path), "/tmp/chim_test_vfu_%d.sock", (int)getpid());
	test_socket();
	test_version();
	test_info();
	test_regions();
	test_pieces();
	test_dma_mapped();
	test_dma_messages();
	test_irqs();
	return tap_done();
}
