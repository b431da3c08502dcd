/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Moves a connection in every state of closing that can be moved (RFC 9293 3.3.2), with data before
 * the FINs, and lets both ends finish. Hard part: to bring the socket into the state and hold it
 * there.
 *
 * usage: fin_test 4|6 [user]
 */
#include "movebed.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FROM_PEER = 3000, FROM_HOST = 5000, MUCH_FROM_HOST = 150000, PATIENCE_MS = 5000 };

/* What the peer does, in order. */
struct behaviour {
	bool closes_first;     /* else after it got the host's end of file */
	unsigned int wait_ms;  /* before it closes first */
	unsigned int sleep_ms; /* before it reads */
	size_t expects;	       /* bytes from the host */
};

static int peer(int listener, void *arg)
{
	const struct behaviour *b = arg;
	int fd = accept(listener, NULL, NULL);
	uint8_t buf[FROM_PEER];
	size_t got = 0, i;
	ssize_t n;

	for (i = 0; i < sizeof(buf); i++)
		buf[i] = stream_byte(2, i);
	usleep(b->wait_ms * 1000);
	if (b->closes_first &&
	    (send(fd, buf, sizeof(buf), 0) != sizeof(buf) || shutdown(fd, SHUT_WR)))
		return 2;
	usleep(b->sleep_ms * 1000);
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		uint8_t in[4096];

		if (poll(&p, 1, PATIENCE_MS) <= 0)
			return 3;
		n = recv(fd, in, sizeof(in), 0);
		if (n < 0)
			return 4;
		if (n == 0)
			break;
		for (i = 0; i < (size_t)n; i++)
			if (in[i] != stream_byte(1, got + i))
				return 5;
		got += (size_t)n;
	}
	if (got != b->expects)
		return 6;
	if (!b->closes_first && send(fd, buf, sizeof(buf), 0) != sizeof(buf))
		return 7;
	close(fd);
	return 0;
}

static void send_some(struct movebed *bed, size_t len)
{
	uint8_t *buf = malloc(len);
	size_t i, done = 0;

	for (i = 0; i < len; i++)
		buf[i] = stream_byte(1, i);
	while (done < len) {
		ssize_t n = movebed_send(bed, buf + done, len - done);

		if (n < 0 && n != -EAGAIN)
			tap_die("send", (int)n);
		if (n > 0)
			done += (size_t)n;
		else
			movebed_carry(bed, 1);
	}
	free(buf);
}

/* Bring the host's side to the state; the connection is fresh. */
static void to_close_wait(struct movebed *bed)
{
	movebed_carry(bed, 50);
}

static void to_fin_wait1(struct movebed *bed)
{
	send_some(bed, FROM_HOST);
	shutdown(bed->fd, SHUT_WR);
}

static void to_fin_wait2(struct movebed *bed)
{
	to_fin_wait1(bed);
	movebed_carry(bed, 50);
}

/* Both FINs on their way at the same time: ours waits in the device until theirs has come. */
static void to_closing(struct movebed *bed)
{
	uint64_t until;

	send_some(bed, FROM_HOST);
	movebed_carry_out(bed);
	usleep(100000);
	until = now_ms() + 50;
	shutdown(bed->fd, SHUT_WR);
	while (now_ms() < until)
		movebed_carry_in(bed);
}

static void to_last_ack(struct movebed *bed)
{
	to_close_wait(bed);
	to_fin_wait1(bed);
}

struct scenario {
	const char *name;
	void (*enter)(struct movebed *bed);
	struct behaviour peer;
	TCP_OFFLOAD_CONNECTION_STATE state; /* expected in the image */
	bool fin_queued;
	bool host_closed; /* enter() did that */
};

static const struct scenario scenarios[] = {
	{ "ESTABLISHED",
	  to_close_wait,
	  { false, 0, 0, 0 },
	  TcpConnectionEstablished,
	  false,
	  false },
	{ "CLOSE_WAIT", to_close_wait, { true, 0, 0, 0 }, TcpConnectionCloseWait, false, false },
	{ "FIN_WAIT1",
	  to_fin_wait1,
	  { false, 0, 0, FROM_HOST },
	  TcpConnectionFinWait1,
	  false,
	  true },
	{ "FIN_WAIT2",
	  to_fin_wait2,
	  { false, 0, 300, FROM_HOST },
	  TcpConnectionFinWait2,
	  false,
	  true },
	{ "CLOSING", to_closing, { true, 50, 0, FROM_HOST }, TcpConnectionClosing, false, true },
	{ "LAST_ACK", to_last_ack, { true, 0, 0, FROM_HOST }, TcpConnectionLastAck, false, true },
};

/* Read until the peer's end of file. Return: bytes, or -1 if one was wrong or it never came. */
static long finish(struct movebed *bed)
{
	uint64_t until = now_ms() + PATIENCE_MS;
	uint8_t buf[4096];
	long got = 0;

	while (now_ms() < until) {
		ssize_t n = recv(bed->fd, buf, sizeof(buf), 0), i;

		if (n == 0)
			return got;
		if (n < 0 && errno != EAGAIN)
			return -1;
		for (i = 0; i < n; i++)
			if (buf[i] != stream_byte(2, (uint64_t)(got + i)))
				return -1;
		got += n > 0 ? n : 0;
		movebed_send(bed, NULL, 0);
		movebed_carry(bed, 1);
	}
	return -1;
}

/* @times: moves before the connection goes on. */
static void run(const struct scenario *s, int family, int times)
{
	struct behaviour behaviour = s->peer;
	struct chim_tcp_image img;
	struct movebed bed;
	bool state_ok = true;
	int i, code;
	pid_t child;
	long got;

	movebed_init(&bed, family, NULL);
	child = movebed_connect(&bed, peer, &behaviour);
	s->enter(&bed);
	for (i = 0; i < times; i++) {
		if (!movebed_take(&bed, &img)) {
			/* What was held has come since the first time; both ends may be done. */
			state_ok &= i > 0;
			break;
		}
		if (i == 0)
			state_ok = img.State == s->state && img.fin_queued == s->fin_queued;
		movebed_carry(&bed, 5);
		movebed_give(&bed, &img);
		chim_tcp_image_free(&img);
	}
	if (!s->host_closed)
		shutdown(bed.fd, SHUT_WR);
	got = finish(&bed);
	code = movebed_reap(&bed, child);
	tap_check(state_ok && got == FROM_PEER && code == 0 && bed.resets == 0,
		  "%s moved %d times (state %d, fin queued %d): host got %ld, peer %d, %u RST",
		  s->name, times, img.State, img.fin_queued, got, code, bed.resets);
	movebed_fini(&bed);
}

/* The application closed, but the peer's window keeps data and FIN back. */
static void run_fin_queued(int family)
{
	struct behaviour behaviour = { false, 0, 400, MUCH_FROM_HOST };
	struct chim_tcp_image img;
	struct movebed bed;
	int code, sndbuf = 2 * MUCH_FROM_HOST;
	pid_t child;
	long got;

	movebed_init(&bed, family, NULL);
	child = movebed_connect(&bed, peer, &behaviour);
	setsockopt(bed.fd, SOL_SOCKET, SO_SNDBUFFORCE, &sndbuf, sizeof(sndbuf));
	setsockopt(bed.fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
	send_some(&bed, MUCH_FROM_HOST);
	shutdown(bed.fd, SHUT_WR);
	movebed_carry(&bed, 50);
	movebed_take(&bed, &img);
	tap_check(img.fin_queued && img.State == TcpConnectionEstablished &&
			  img.snd.len > img.SndMax - img.SndUna,
		  "FIN behind unsent data: state %d, %zu bytes, %u of them sent", img.State,
		  img.snd.len, img.SndMax - img.SndUna);
	movebed_give(&bed, &img);
	chim_tcp_image_free(&img);
	got = finish(&bed);
	code = movebed_reap(&bed, child);
	tap_check(got == FROM_PEER && code == 0 && bed.resets == 0,
		  "FIN behind unsent data: host got %ld, peer %d, %u RST", got, code, bed.resets);
	movebed_fini(&bed);
}

static void run_refusals(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct chim_tcp_image img;

	tap_check(chim_tcp_freeze(fd) == -EINVAL, "a closed socket is not frozen");
	listen(fd, 1);
	tap_check(chim_tcp_freeze(fd) == -EINVAL, "a listening socket is not frozen");
	tap_check(chim_tcp_dump(fd, &img) < 0, "a listening socket is not dumped");
	tap_check(!img.snd.bytes && !img.rcv.bytes, "and no image is left");
	close(fd);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	tap_check(chim_tcp_freeze(fd) < 0, "a UDP socket is not frozen");
	close(fd);
}

int main(int argc, char **argv)
{
	int family = argc > 1 ? atoi(argv[1]) : 4;
	size_t i;

	netbed_enter(argc > 2 && !strcmp(argv[2], "user"));
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		run(&scenarios[i], family, 1);
		run(&scenarios[i], family, 3);
	}
	run_fin_queued(family);
	run_refusals();
	return tap_done();
}
