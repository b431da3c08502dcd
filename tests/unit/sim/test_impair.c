/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The impaired link: what it does, how often, and that it does the same again. Hard part: the log
 * is held against what really came out, frame by frame.
 */
#include <errno.h>

#include "sim/wire/impair.h"
#include "tests/unit/tap.h"

#define FRAMES 20000
#define LEN    64

/* An IPv4 frame that carries its number, in the Ethernet header, which is never corrupted. */
static void make(uint8_t frame[LEN], uint32_t number)
{
	memset(frame, 0x5A, LEN);
	frame[12] = 0x08;
	frame[13] = 0x00;
	memcpy(frame + 6, &number, sizeof(number));
}

struct run {
	uint32_t out[2 * FRAMES]; /* numbers in order of leaving, high bit: not as it was */
	unsigned int count;
	struct chim_impair_counts counts;
	char *log;
	size_t log_len;
};

static void drain(struct chim_impair *link, enum chim_dir dir, uint64_t now, struct run *r)
{
	struct chim_wire_frame f;
	uint8_t good[LEN];
	uint64_t last = 0;

	while (chim_impair_get(link, dir, now, &f) == 1) {
		uint32_t n;

		if (f.time_ns > now || f.time_ns < last)
			OK(0, "times of leaving are in order");
		last = f.time_ns;
		memcpy(&n, f.data + 6, sizeof(n));
		make(good, n);
		if (f.len != LEN || memcmp(good, f.data, LEN))
			n |= 0x80000000u;
		r->out[r->count++] = n;
	}
}

static void run(const struct chim_impair_rates *rates, uint64_t seed, enum chim_dir dir,
		struct run *r)
{
	struct chim_impair_cfg cfg = { .seed = seed };
	struct chim_impair *link;
	uint8_t frame[LEN];
	unsigned int i;

	memset(r, 0, sizeof(*r));
	cfg.dir[dir] = *rates;
	cfg.log = open_memstream(&r->log, &r->log_len);
	if (chim_impair_create(&cfg, &link))
		exit(1);
	for (i = 1; i <= FRAMES; i++) {
		make(frame, i);
		chim_impair_put(link, dir, frame, LEN, i * 1000u);
		drain(link, dir, i * 1000u, r);
	}
	drain(link, dir, (uint64_t)1 << 60, r);
	r->counts = *chim_impair_get_counts(link, dir);
	OK(chim_impair_due(link, dir) == CHIM_WIRE_NEVER, "the link is empty at the end");
	chim_impair_destroy(link);
	fclose(cfg.log);
}

static unsigned int log_lines(const struct run *r, const char *action)
{
	const char *p = r->log;
	unsigned int n = 0;

	while ((p = strstr(p, action))) {
		n++;
		p += strlen(action);
	}
	return n;
}

static int near(uint64_t n, double rate)
{
	return (double)n > FRAMES * rate * 0.8 && (double)n < FRAMES * rate * 1.2;
}

static void test_clean(void)
{
	struct chim_impair_rates rates = { 0 };
	static struct run r;
	unsigned int i, wrong = 0;

	run(&rates, 1, CHIM_TO_NIC, &r);
	for (i = 0; i < r.count; i++)
		wrong += r.out[i] != i + 1;
	OK(r.count == FRAMES && !wrong && r.log_len == 0, "a clean link changes nothing");
	free(r.log);
}

static void test_loss(void)
{
	struct chim_impair_rates rates = { .loss = 50000 };
	static struct run a, b, c;
	static uint8_t seen[FRAMES + 1];
	unsigned int i, n, lost = 0, order = 1;
	char line[64];
	const char *p;

	run(&rates, 7, CHIM_TO_NIC, &a);
	OK(near(a.counts.lost, 0.05), "5 %% loss: %llu of %d", (unsigned long long)a.counts.lost,
	   FRAMES);
	IS(a.count + a.counts.lost, FRAMES, "each frame is lost or passed");
	IS(log_lines(&a, " loss "), a.counts.lost, "each loss is in the log");
	for (i = 0; i < a.count; i++) {
		seen[a.out[i]] = 1;
		if (i && a.out[i] <= a.out[i - 1])
			order = 0;
	}
	OK(order, "the others keep their order");
	for (p = a.log; sscanf(p, "rx %u %*s %31s", &n, line) == 2; p = strchr(p, '\n') + 1)
		lost += n <= FRAMES && !seen[n] && !strcmp(line, "loss");
	IS(lost, a.counts.lost, "and the log names those that are missing");
	run(&rates, 7, CHIM_TO_NIC, &b);
	OK(a.log_len == b.log_len && !memcmp(a.log, b.log, a.log_len),
	   "the same seed does the same");
	run(&rates, 8, CHIM_TO_NIC, &c);
	OK(a.log_len != c.log_len || memcmp(a.log, c.log, a.log_len), "another seed does not");
	free(b.log);
	run(&rates, 7, CHIM_FROM_NIC, &b);
	OK(strncmp(b.log, "tx ", 3) == 0 && a.counts.lost != b.counts.lost,
	   "the other direction is independent");
	free(a.log);
	free(b.log);
	free(c.log);
}

/* Switching others on must not move which frames are lost. */
static void test_independent(void)
{
	struct chim_impair_rates loss = { .loss = 30000 };
	struct chim_impair_rates all = { .loss = 30000,
					 .reorder = 50000,
					 .duplicate = 50000,
					 .corrupt = 50000,
					 .hold_ns = 1000000 };
	static struct run a, b;
	static uint8_t here[FRAMES + 1], there[FRAMES + 1];
	unsigned int i, differ = 0;

	run(&loss, 3, CHIM_TO_NIC, &a);
	run(&all, 3, CHIM_TO_NIC, &b);
	for (i = 0; i < a.count; i++)
		here[a.out[i]] = 1;
	for (i = 0; i < b.count; i++)
		there[b.out[i] & 0x7FFFFFFFu] = 1;
	for (i = 1; i <= FRAMES; i++)
		differ += here[i] != there[i];
	IS(differ, 0, "losses stay the same when other impairments are added");
	IS(a.counts.lost, b.counts.lost, "and as many");
	free(a.log);
	free(b.log);
}

static void test_duplicate(void)
{
	struct chim_impair_rates rates = { .duplicate = 100000, .corrupt = 500000 };
	static struct run r;
	unsigned int i, twice = 0, good = 0;

	run(&rates, 5, CHIM_TO_NIC, &r);
	for (i = 1; i < r.count; i++) {
		if ((r.out[i] & 0x7FFFFFFFu) == (r.out[i - 1] & 0x7FFFFFFFu)) {
			twice++;
			good += !(r.out[i] & 0x80000000u);
		}
	}
	OK(near(r.counts.duplicated, 0.1), "10 %% duplicates");
	IS(twice, r.counts.duplicated, "each follows its original at once");
	IS(good, twice, "a duplicate is whole even if its original is corrupt");
	IS(r.count, FRAMES + r.counts.duplicated, "nothing else appears");
	IS(r.counts.passed, r.count, "passed counts copies");
	free(r.log);
}

static void test_corrupt(void)
{
	struct chim_impair_rates rates = { .corrupt = 100000 };
	struct chim_impair_cfg cfg = { .seed = 9 };
	static struct run r;
	struct chim_impair *link;
	struct chim_wire_frame f;
	uint8_t frame[LEN], vlan[LEN];
	unsigned int i, bad = 0, bits = 0, low = 0;

	run(&rates, 9, CHIM_TO_NIC, &r);
	for (i = 0; i < r.count; i++)
		bad += r.out[i] >> 31;
	OK(near(r.counts.corrupted, 0.1), "10 %% corrupt");
	IS(bad, r.counts.corrupted, "all of them are changed, and no other");
	IS(log_lines(&r, " corrupt "), r.counts.corrupted, "each is in the log");
	free(r.log);

	cfg.dir[CHIM_TO_NIC].corrupt = CHIM_PPM;
	if (chim_impair_create(&cfg, &link))
		exit(1);
	for (i = 0; i < 500; i++) {
		unsigned int at, here = 0;

		memset(frame, 0, LEN);
		frame[12] = 0x86;
		frame[13] = 0xDD;
		chim_impair_put(link, CHIM_TO_NIC, frame, LEN, i);
		if (chim_impair_get(link, CHIM_TO_NIC, i, &f) != 1)
			exit(1);
		for (at = 0; at < LEN; at++) {
			here += (unsigned int)__builtin_popcount(f.data[at] ^ frame[at]);
			low += at < 14 && f.data[at] != frame[at];
		}
		bits += here == 1;
	}
	IS(bits, 500, "exactly one bit flips");
	IS(low, 0, "never in the Ethernet header");
	memset(vlan, 0, LEN);
	vlan[12] = 0x81;
	vlan[16] = 0x08;
	for (low = 0, i = 0; i < 500; i++) {
		chim_impair_put(link, CHIM_TO_NIC, vlan, LEN, 1000 + i);
		if (chim_impair_get(link, CHIM_TO_NIC, 1000 + i, &f) != 1)
			exit(1);
		low += memcmp(f.data, vlan, 18) != 0;
	}
	IS(low, 0, "nor in a VLAN tag");
	frame[12] = 0x08;
	frame[13] = 0x06;
	chim_impair_put(link, CHIM_TO_NIC, frame, LEN, 5000);
	OK(chim_impair_get(link, CHIM_TO_NIC, 5000, &f) == 1 && !memcmp(f.data, frame, LEN),
	   "ARP has no checksum and is left alone");
	chim_impair_destroy(link);
}

static void test_reorder(void)
{
	struct chim_impair_rates rates = { .reorder = 50000, .hold_ns = 1000000 };
	static struct run r;
	static uint32_t at[FRAMES + 1];
	unsigned int i, late = 0, far = 0, n, by, right = 0;
	const char *p;

	run(&rates, 11, CHIM_TO_NIC, &r);
	OK(near(r.counts.reordered, 0.05), "5 %% reordered");
	IS(r.count, FRAMES, "none is lost");
	for (i = 0; i < r.count; i++)
		at[r.out[i]] = i;
	for (i = 1; i <= FRAMES; i++) {
		unsigned int j, over = 0;

		for (j = i + 1; j <= FRAMES && j <= i + 20; j++)
			over += at[j] < at[i];
		late += over > 0;
		far += over > 6;
	}
	OK(late > r.counts.reordered * 9 / 10 && late <= r.counts.reordered + 60,
	   "they are overtaken: %u of %llu", late, (unsigned long long)r.counts.reordered);
	IS(far, 0, "by few frames only");
	for (p = r.log; *p; p = strchr(p, '\n') + 1) {
		if (sscanf(p, "rx %u %*s reorder %*s by %u", &n, &by) != 2)
			continue;
		right += by >= 1 && by <= 3 && (n > FRAMES - 20 || at[n] + 1 >= n + by - 6);
	}
	IS(right, r.counts.reordered, "the log says by how many");
	IS(log_lines(&r, " release "), r.counts.reordered, "and when each went on");
	free(r.log);
}

/* Exact: one frame held, the next three overtake it or its time runs out. */
static void test_hold(void)
{
	struct chim_impair_cfg cfg = { .seed = 1 };
	struct chim_impair *link;
	struct chim_wire_frame f;
	uint8_t frame[LEN];

	cfg.dir[CHIM_TO_NIC] =
		(struct chim_impair_rates){ .reorder = CHIM_PPM, .hold_ns = 5000, .delay_ns = 100 };
	if (chim_impair_create(&cfg, &link))
		exit(1);
	make(frame, 1);
	chim_impair_put(link, CHIM_TO_NIC, frame, LEN, 1000);
	IS(chim_impair_due(link, CHIM_TO_NIC), 6000, "a held frame is due when its wait ends");
	IS(chim_impair_get(link, CHIM_TO_NIC, 5999, &f), 0, "not before");
	IS(chim_impair_get(link, CHIM_TO_NIC, 6000, &f), 0, "then it has its delay to go");
	IS(chim_impair_due(link, CHIM_TO_NIC), 6100, "which due() knows");
	OK(chim_impair_get(link, CHIM_TO_NIC, 7000, &f) == 1 && f.time_ns == 6100, "and it leaves");
	chim_impair_destroy(link);
}

/* Frame 1 is held, 2 to 4 are not: it leaves behind the last that had to overtake it, at once. */
static void test_overtake(void)
{
	struct chim_impair_cfg cfg = { .dir = { { .reorder = 200000, .hold_ns = 1000000 } } };
	struct chim_impair *link = NULL;
	const char *log_line = "rx 1 1000 reorder 64 by 3\n";
	struct chim_wire_frame f;
	uint8_t frame[LEN];
	char *log = NULL;
	size_t log_len = 0;
	uint64_t last = 0;
	unsigned int i, order = 1;

	for (cfg.seed = 1; cfg.seed < 2000; cfg.seed++) {
		free(log);
		cfg.log = open_memstream(&log, &log_len);
		if (chim_impair_create(&cfg, &link))
			exit(1);
		for (i = 1; i <= 4; i++) {
			make(frame, i);
			chim_impair_put(link, CHIM_TO_NIC, frame, LEN, i * 1000);
		}
		fclose(cfg.log);
		if (!strncmp(log, log_line, strlen(log_line)) &&
		    chim_impair_get_counts(link, CHIM_TO_NIC)->reordered == 1)
			break;
		chim_impair_destroy(link);
		link = NULL;
	}
	OK(link, "a seed that holds the first of four frames");
	if (!link)
		return;
	for (i = 0; i < 4 && chim_impair_get(link, CHIM_TO_NIC, 4000, &f) == 1; i++) {
		uint32_t n;

		memcpy(&n, f.data + 6, sizeof(n));
		order &= n == (i < 3 ? i + 2 : 1) && f.time_ns >= last;
		last = f.time_ns;
	}
	OK(i == 4 && order && last == 4000, "the three overtake it, and it follows at once");

	/* A get that is ahead of the next put: times still do not decrease. */
	for (i = 0; chim_impair_get_counts(link, CHIM_TO_NIC)->reordered < 2 && i < 1000; i++)
		chim_impair_put(link, CHIM_TO_NIC, frame, LEN, 5000);
	while (chim_impair_get(link, CHIM_TO_NIC, 2000000, &f) == 1)
		last = f.time_ns;
	IS(last, 1005000, "a held frame goes when its wait is over");
	for (i = 0; i < 10; i++)
		chim_impair_put(link, CHIM_TO_NIC, frame, LEN, 900000);
	for (order = 1; chim_impair_get(link, CHIM_TO_NIC, 9000000, &f) == 1; last = f.time_ns)
		order &= f.time_ns >= last;
	OK(order, "frames that come from before leave after it");
	chim_impair_destroy(link);
	free(log);
}

static void test_delay(void)
{
	struct chim_impair_cfg cfg = { .seed = 1 };
	struct chim_wire *a, *b, *w;
	struct chim_impair *link;
	struct chim_wire_frame f;
	uint8_t frame[LEN];

	cfg.dir[CHIM_TO_NIC].delay_ns = 3000;
	cfg.dir[CHIM_FROM_NIC].delay_ns = 5000;
	if (chim_wire_pair(&a, &b) || chim_wire_impair(a, &cfg, &w, &link))
		exit(1);
	make(frame, 1);
	chim_wire_send(b, frame, LEN, 1000);
	IS(chim_wire_recv(w, 3999, &f), 0, "a delayed frame has not arrived");
	IS(chim_wire_due(w), 4000, "it is due later");
	OK(chim_wire_recv(w, 9000, &f) == 1 && f.time_ns == 4000, "it arrives with the later time");
	IS(chim_wire_send(w, frame, LEN, 10000), 0, "the other way");
	IS(chim_wire_recv(b, 14999, &f), 0, "not yet");
	chim_wire_recv(w, 15000, &f);
	OK(chim_wire_recv(b, 15000, &f) == 1, "leaves by the inner wire when its delay is over");
	IS(chim_impair_get_counts(link, CHIM_FROM_NIC)->passed, 1, "counted in its direction");
	IS(chim_impair_get_counts(link, CHIM_TO_NIC)->passed, 1, "and the other in its own");
	chim_wire_close(w);
	chim_wire_close(b);
}

int main(void)
{
	struct chim_impair_cfg bad = { .seed = 1 };
	struct chim_impair *link;

	bad.dir[0].loss = CHIM_PPM + 1;
	IS(chim_impair_create(&bad, &link), -EINVAL, "a rate above one");
	test_clean();
	test_loss();
	test_independent();
	test_duplicate();
	test_corrupt();
	test_reorder();
	test_hold();
	test_overtake();
	test_delay();
	return tap_done();
}
