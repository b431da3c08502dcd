/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Wires without a kernel behind them, and capture files. Hard part: capture files of the other byte
 * order, of microseconds, and damaged ones.
 */
#include <errno.h>
#include <unistd.h>

#include "sim/wire/pcapfile.h"
#include "sim/wire/wire.h"
#include "tests/unit/tap.h"

static const uint8_t frame_a[60] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8, 0, 0x45 };
static const uint8_t frame_b[1514] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };

static void test_loop(void)
{
	struct chim_wire_frame f;
	struct chim_wire_stats st;
	struct chim_wire *w;
	static uint8_t big[CHIM_WIRE_MAX_FRAME + 1];

	IS(chim_wire_open("loop", 0, &w), 0, "loop opens");
	IS(chim_wire_recv(w, 5, &f), 0, "loop is empty at first");
	IS(chim_wire_due(w), (long long)CHIM_WIRE_NEVER, "nothing is due");
	IS(chim_wire_send(w, frame_a, sizeof(frame_a), 100), 0, "a frame goes in");
	IS(chim_wire_due(w), 100, "it is due at its time");
	IS(chim_wire_recv(w, 99, &f), 0, "it has not arrived before its time");
	IS(chim_wire_recv(w, 200, &f), 1, "it comes back");
	OK(f.len == sizeof(frame_a) && !memcmp(f.data, frame_a, f.len) && f.time_ns == 100,
	   "unchanged, with its time");
	IS(chim_wire_send(w, frame_a, 13, 300), -EIO, "13 bytes are no frame");
	IS(chim_wire_send(w, big, sizeof(big), 300), -EIO, "a frame over the limit is lost");
	IS(chim_wire_send(w, big, sizeof(big) - 1, 300), 0, "a frame at the limit is taken");
	IS(chim_wire_recv(w, 300, &f), 1, "and comes back");
	IS(f.len, CHIM_WIRE_MAX_FRAME, "whole");
	chim_wire_get_stats(w, &st);
	OK(st.tx_frames == 2 && st.rx_frames == 2 && st.tx_lost == 2 &&
		   st.tx_bytes == sizeof(frame_a) + CHIM_WIRE_MAX_FRAME &&
		   st.rx_bytes == st.tx_bytes,
	   "counts agree");
	IS(chim_wire_pollfd(w), -1, "no descriptor");
	chim_wire_close(w);
	chim_wire_close(NULL);
}

static void test_pair(void)
{
	struct chim_wire *a, *b;
	struct chim_wire_frame f;
	struct chim_wire_stats st;
	unsigned int i, taken = 0;

	IS(chim_wire_pair(&a, &b), 0, "pair opens");
	IS(chim_wire_send(a, frame_a, sizeof(frame_a), 1), 0, "a sends");
	IS(chim_wire_send(a, frame_b, sizeof(frame_b), 2), 0, "a sends again");
	IS(chim_wire_recv(a, 10, &f), 0, "a does not hear itself");
	OK(chim_wire_recv(b, 10, &f) == 1 && f.len == sizeof(frame_a), "b hears the first");
	OK(chim_wire_recv(b, 10, &f) == 1 && f.len == sizeof(frame_b), "then the second");
	for (i = 0; i < 70000; i++)
		taken += !chim_wire_send(b, frame_a, sizeof(frame_a), 11);
	IS(taken, 65536, "a full queue takes no more");
	chim_wire_get_stats(b, &st);
	IS(st.tx_lost, 70000 - 65536, "and counts what it lost");
	chim_wire_close(b);
	OK(chim_wire_recv(a, 11, &f) == 1, "frames of a closed end still arrive");
	IS(chim_wire_send(a, frame_a, sizeof(frame_a), 12), -EIO, "sending to a closed end fails");
	chim_wire_close(a);
}

static void test_names(void)
{
	struct chim_wire *w;

	IS(chim_wire_open("", 0, &w), -EINVAL, "empty name");
	IS(chim_wire_open("tap:", 0, &w), -EINVAL, "tap without a name after the colon");
	IS(chim_wire_open("veth:", 0, &w), -EINVAL, "veth without a name");
	IS(chim_wire_open("looping", 0, &w), -EINVAL, "not a wire");
	IS(chim_wire_open("veth:no-such-if0", 0, &w), -ENOENT, "no such interface");
	IS(chim_wire_open("veth:a-name-too-long-for-linux", 0, &w), -ENOENT,
	   "impossible interface");
	IS(chim_wire_open("pcap:/nonexistent/file", 0, &w), -ENOENT, "no such file");
	OK(!w, "nothing is returned with an error");
}

static void test_capture(const char *path)
{
	struct chim_pcap_writer *pw;
	struct chim_pcap_reader *pr;
	struct chim_wire *w;
	struct chim_wire_frame f;
	const uint8_t *data;
	uint64_t t;
	size_t len;
	int whole;

	IS(chim_pcap_create("/nonexistent/x", &pw), -ENOENT, "capture in no folder");
	IS(chim_pcap_create("/dev/full", &pw), -EIO, "capture on a full disk");
	IS(chim_pcap_create(path, &pw), 0, "capture starts");
	IS(chim_pcap_write(pw, 7000000123u, frame_a, sizeof(frame_a)), 0, "first frame");
	IS(chim_pcap_write(pw, 7000500123u, frame_b, sizeof(frame_b)), 0, "second frame");
	IS(chim_pcap_write(pw, 7000200000u, frame_b, 20), 0, "an earlier one");
	IS(chim_pcap_write(pw, 6999999999u, frame_a, sizeof(frame_a)), 0,
	   "third, its time goes back");
	IS(chim_pcap_close(pw), 0, "capture ends");

	IS(chim_pcap_open(path, &pr), 0, "capture is read");
	OK(chim_pcap_read(pr, &data, &len, &t, &whole) == 1 && len == sizeof(frame_a) && whole &&
		   t == 7000000123u && !memcmp(data, frame_a, len),
	   "first frame, to the nanosecond");
	OK(chim_pcap_read(pr, &data, &len, &t, &whole) == 1 && len == sizeof(frame_b),
	   "second frame");
	IS(chim_pcap_read(pr, &data, &len, &t, &whole), 1, "third frame");
	IS(chim_pcap_read(pr, &data, &len, &t, &whole), 1, "fourth frame");
	IS(chim_pcap_read(pr, &data, &len, &t, &whole), 0, "end");
	chim_pcap_close_reader(pr);

	{
		char spec[256];

		snprintf(spec, sizeof(spec), "pcap:%s", path);
		IS(chim_wire_open(spec, 1000, &w), 0, "replay opens");
	}
	IS(chim_wire_due(w), 1000, "the first frame is due at the start");
	OK(chim_wire_recv(w, 1000, &f) == 1 && f.time_ns == 1000 && f.len == sizeof(frame_a),
	   "and arrives then");
	IS(chim_wire_due(w), 501000, "the second keeps its distance");
	IS(chim_wire_recv(w, 500999, &f), 0, "not earlier");
	IS(chim_wire_send(w, frame_a, sizeof(frame_a), 500999), 0, "what is sent vanishes");
	OK(chim_wire_recv(w, 900000, &f) == 1 && f.time_ns == 501000, "with its own time");
	OK(chim_wire_recv(w, 900000, &f) == 1 && f.time_ns == 501000 && f.len == 20,
	   "an earlier time becomes that of the frame before");
	OK(chim_wire_recv(w, 900000, &f) == 1 && f.time_ns == 501000,
	   "a time before it is its time");
	IS(chim_wire_recv(w, 900000, &f), 0, "end of the replay");
	IS(chim_wire_due(w), (long long)CHIM_WIRE_NEVER, "nothing more");
	chim_wire_close(w);
}

static void put_file(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(bytes, 1, len, f) != len || fclose(f))
		exit(1);
}

static void test_foreign(const char *path)
{
	/* Big endian, microseconds, one whole frame of 14 bytes, one cut short. */
	static const uint8_t big[] = {
		0xA1, 0xB2, 0xC3, 0xD4, 0, 2,  0, 4, 0, 0, 0, 0,  0,  0,  0,  0,  0,
		0,    0xFF, 0xFF, 0,	0, 0,  1, 0, 0, 0, 2, 0,  0,  0,  3,  0,  0,
		0,    14,   0,	  0,	0, 14, 1, 2, 3, 4, 5, 6,  7,  8,  9,  10, 11,
		12,   13,   14,	  0,	0, 0,  2, 0, 0, 0, 4, 0,  0,  0,  14, 0,  0,
		0,    99,   1,	  2,	3, 4,  5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	};
	uint8_t bytes[sizeof(big)];
	struct chim_pcap_reader *pr;
	struct chim_wire *w;
	struct chim_wire_frame f;
	struct chim_wire_stats st;
	const uint8_t *data;
	uint64_t t;
	size_t len;
	int whole;

	put_file(path, big, sizeof(big));
	IS(chim_pcap_open(path, &pr), 0, "big-endian file opens");
	OK(chim_pcap_read(pr, &data, &len, &t, &whole) == 1 && len == 14 && whole &&
		   t == 2000003000u,
	   "microseconds become nanoseconds");
	OK(chim_pcap_read(pr, &data, &len, &t, &whole) == 1 && !whole, "a cut frame is known");
	chim_pcap_close_reader(pr);
	IS(chim_wire_open_pcap(path, 0, &w), 0, "replay of it");
	IS(chim_wire_recv(w, 10, &f), 1, "whole frame arrives");
	IS(chim_wire_recv(w, 1000000, &f), 0, "cut one does not");
	chim_wire_get_stats(w, &st);
	IS(st.rx_refused, 1, "and is counted");
	chim_wire_close(w);

	memcpy(bytes, big, sizeof(big));
	bytes[23] = 101;
	put_file(path, bytes, sizeof(bytes));
	IS(chim_pcap_open(path, &pr), -EPROTO, "not Ethernet");
	memcpy(bytes, big, sizeof(big));
	bytes[0] = 0;
	put_file(path, bytes, sizeof(bytes));
	IS(chim_pcap_open(path, &pr), -EPROTO, "not pcap");
	put_file(path, big, 10);
	IS(chim_pcap_open(path, &pr), -EPROTO, "too short for a header");
	memcpy(bytes, big, sizeof(big));
	bytes[32] = 0x7F; /* length field of the first record: 2 GiB */
	put_file(path, bytes, sizeof(bytes));
	IS(chim_pcap_open(path, &pr), 0, "header is good");
	IS(chim_pcap_read(pr, &data, &len, &t, &whole), -EPROTO, "an impossible length is refused");
	chim_pcap_close_reader(pr);
	{
		static uint8_t much[24 + 16 + 400000];

		memcpy(much, big, 40);
		much[33] = 5; /* 327,694 bytes, and they are there */
		put_file(path, much, sizeof(much));
	}
	IS(chim_pcap_open(path, &pr), 0, "header is good");
	IS(chim_pcap_read(pr, &data, &len, &t, &whole), -EPROTO,
	   "a length above the limit is refused");
	chim_pcap_close_reader(pr);
	put_file(path, big, sizeof(big) - 3);
	IS(chim_pcap_open(path, &pr), 0, "truncated file opens");
	IS(chim_pcap_read(pr, &data, &len, &t, &whole), 1, "its first frame");
	IS(chim_pcap_read(pr, &data, &len, &t, &whole), -EPROTO, "then damage");
	chim_pcap_close_reader(pr);
}

int main(void)
{
	char path[] = "/tmp/chim_test_wire_XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	test_loop();
	test_pair();
	test_names();
	test_capture(path);
	test_foreign(path);
	unlink(path);
	return tap_done();
}
