/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Moves a live connection out of its kernel socket and back many times inside one transfer in both
 * directions, with an unmodified kernel as the peer. Hard part: every byte, and no RST.
 *
 * usage: move_test 4|6 [user] [pcap FILE]
 */
#include "movebed.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BYTES = 4 << 20,       /* each way */
	MOVE_EVERY = 60 << 10, /* bytes received between two moves: about 70 moves */
	SEED_OUT = 1,
	SEED_IN = 2,
	LIMIT_MS = 40000,
};

static void fill(uint8_t *buf, size_t len, uint32_t seed, uint64_t at)
{
	size_t i;

	for (i = 0; i < len; i++)
		buf[i] = stream_byte(seed, at + i);
}

static bool matches(const uint8_t *buf, size_t len, uint32_t seed, uint64_t at)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (buf[i] != stream_byte(seed, at + i))
			return false;
	return true;
}

/* Both ways at once, until all is through; then our end of file, then theirs. */
static int peer(int listener, void *arg)
{
	int fd = accept(listener, NULL, NULL);
	uint8_t buf[32768];
	uint64_t in = 0, out = 0;
	bool eof = false;

	(void)arg;
	while (!eof || out < BYTES) {
		struct pollfd p = { .fd = fd, .events = eof ? 0 : POLLIN };

		if (out < BYTES)
			p.events |= POLLOUT;
		if (poll(&p, 1, LIMIT_MS) <= 0)
			return 2;
		if (p.revents & POLLOUT && out < BYTES) {
			size_t len = BYTES - out < sizeof(buf) ? BYTES - out : sizeof(buf);
			ssize_t n;

			fill(buf, len, SEED_IN, out);
			n = send(fd, buf, len, MSG_DONTWAIT);
			if (n < 0 && errno != EAGAIN)
				return 3;
			out += n > 0 ? (uint64_t)n : 0;
			if (out == BYTES)
				shutdown(fd, SHUT_WR);
		}
		if (p.revents & POLLIN && !eof) {
			ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

			if (n < 0 && errno != EAGAIN)
				return 4;
			eof = n == 0;
			if (n > 0 && !matches(buf, (size_t)n, SEED_OUT, in))
				return 6;
			in += n > 0 ? (uint64_t)n : 0;
		}
	}
	return in == BYTES ? 0 : 5;
}

struct transfer {
	struct movebed bed;
	uint64_t in, out, next_move;
	unsigned int moves, with_unacked, with_unsent, with_undelivered;
	bool bad, eof, sent_fin;
};

static void pump(struct transfer *t)
{
	uint8_t buf[16384];
	size_t len = BYTES - t->out < sizeof(buf) ? BYTES - t->out : sizeof(buf);
	ssize_t n;

	fill(buf, len, SEED_OUT, t->out);
	n = t->sent_fin ? 0 : movebed_send(&t->bed, buf, len);
	if (n < 0 && n != -EAGAIN)
		tap_die("send", (int)n);
	t->out += n > 0 ? (uint64_t)n : 0;
	if (t->out == BYTES && n >= 0 && !t->sent_fin) {
		shutdown(t->bed.fd, SHUT_WR);
		t->sent_fin = true;
	}
	/* Slower than the peer sends, so that undelivered data piles up. */
	n = recv(t->bed.fd, buf, 6000, 0);
	if (n < 0 && errno != EAGAIN)
		tap_die("recv", errno);
	if (n == 0)
		t->eof = true;
	if (n > 0 && !matches(buf, (size_t)n, SEED_IN, t->in))
		t->bad = true;
	t->in += n > 0 ? (uint64_t)n : 0;
}

static void move(struct transfer *t)
{
	struct chim_tcp_image img;

	if (!movebed_take(&t->bed, &img))
		return;
	t->moves++;
	t->with_unacked += img.SndMax != img.SndUna;
	t->with_unsent += img.snd.len > img.SndMax - img.SndUna;
	t->with_undelivered += img.rcv.len > 0;
	/* As long as a hand-off through a slow model takes. */
	movebed_carry(&t->bed, t->moves % 4 ? 1 : 20);
	movebed_give(&t->bed, &img);
	chim_tcp_image_free(&img);
}

int main(int argc, char **argv)
{
	struct transfer t = { .next_move = MOVE_EVERY };
	uint64_t start = now_ms();
	bool user = false;
	const char *pcap = NULL;
	int family = 4, i, code;
	pid_t child;

	for (i = 1; i < argc; i++) {
		user |= !strcmp(argv[i], "user");
		if (!strcmp(argv[i], "4") || !strcmp(argv[i], "6"))
			family = atoi(argv[i]);
		if (!strcmp(argv[i], "pcap") && i + 1 < argc)
			pcap = argv[++i];
	}
	netbed_enter(user);
	movebed_init(&t.bed, family, pcap);
	child = movebed_connect(&t.bed, peer, NULL);
	while (!(t.eof && t.sent_fin) && now_ms() < start + LIMIT_MS) {
		movebed_carry(&t.bed, 0);
		pump(&t);
		if (t.in >= t.next_move && !t.eof) {
			t.next_move += MOVE_EVERY;
			move(&t);
		}
	}
	tap_check(t.eof && t.sent_fin, "both directions reached their end in time");
	code = movebed_reap(&t.bed, child);
	tap_check(code == 0, "the peer got every byte and the end of file (code %d)", code);
	tap_check(t.in == BYTES && !t.bad, "the host got every byte, unchanged (%llu)",
		  (unsigned long long)t.in);
	tap_check(t.moves >= 60, "moved at least 60 times (%u)", t.moves);
	tap_check(t.with_unacked > 0, "with unacknowledged send data (%u)", t.with_unacked);
	tap_check(t.with_unsent > 0, "with never-sent data (%u)", t.with_unsent);
	tap_check(t.with_undelivered > 0, "with undelivered receive data (%u)", t.with_undelivered);
	tap_check(t.bed.held_frames > 0, "frames arrived meanwhile (%u)", t.bed.held_frames);
	tap_check(t.bed.resets == 0, "no RST among %u frames", t.bed.frames);
	/* Another test on the same processors may delay an acknowledgment beyond the peer's RTO. */
	tap_check(t.bed.retransmitted <= 3, "no retransmission but by chance (%u)",
		  t.bed.retransmitted);
	movebed_fini(&t.bed);
	return tap_done();
}
