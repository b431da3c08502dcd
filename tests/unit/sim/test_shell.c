/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The real-time shell around a fake model and a fake clock: the order of a round, the capture,
 * options. Hard part: what device time the model is told while a frame waits that arrived earlier.
 */
#include <errno.h>
#include <unistd.h>

#include "sim/shell/options.h"
#include "sim/shell/shell.h"
#include "sim/wire/pcapfile.h"
#include "tests/unit/tap.h"

#define MS   1000000u
#define TAKE 100 /* clocks the fake model needs per frame */

/* A device that takes a frame every TAKE clocks and sends it back at once. */
struct chim_model {
	struct chim_model_cfg cfg;
	struct chim_model_ops ops;
	uint8_t frames[1024][64];
	size_t lens[1024];
	unsigned int head, count;
	uint64_t cycles;
	uint32_t ms;
	uint32_t ms_at_take[64];
	unsigned int taken;
	uint64_t next_take;
	int faults; /* DMA to try at each frame */
	int irq_at_take;
	int resets;
};

static struct chim_model *fake;
static uint64_t fake_now = 1000 * (uint64_t)MS;

static int f_open(const struct chim_model_cfg *cfg, struct chim_model **m)
{
	fake = calloc(1, sizeof(*fake));
	fake->cfg = *cfg;
	fake->ops = *cfg->ops;
	fake->cfg.ops = &fake->ops;
	*m = fake;
	return cfg->seed == 666 ? -EIO : 0;
}

static void f_close(struct chim_model *m)
{
	free(m);
	fake = NULL;
}

static const struct chim_model_info *f_info(const struct chim_model *m)
{
	static const struct chim_model_info info = { 64, 64, "fake" };

	(void)m;
	return &info;
}

static int f_read32(struct chim_model *m, unsigned int bar, uint32_t off, uint32_t *val)
{
	m->cycles += 5;
	*val = bar + off;
	return 0;
}

static int f_write32(struct chim_model *m, unsigned int bar, uint32_t off, uint32_t val)
{
	(void)bar;
	m->cycles += 5;
	if (off == 8)
		m->ops.irq(m->cfg.ctx, val);
	return 0;
}

static int f_rx_frame(struct chim_model *m, const uint8_t *frame, size_t len, uint64_t cookie)
{
	unsigned int at = (m->head + m->count) % 1024;

	(void)cookie;
	if (m->count == 1024)
		return -EAGAIN;
	if (!m->count)
		m->next_take = m->cycles + TAKE;
	memcpy(m->frames[at], frame, len < 64 ? len : 64);
	m->lens[at] = len;
	m->count++;
	return 0;
}

static size_t f_waiting(const struct chim_model *m)
{
	return m->count;
}

static void f_set_time(struct chim_model *m, uint32_t ms)
{
	if (ms < m->ms)
		OK(0, "time does not go back");
	m->ms = ms;
}

static uint32_t f_time(const struct chim_model *m)
{
	return m->ms;
}

static uint64_t f_step(struct chim_model *m, uint64_t cycles, int until_idle)
{
	uint64_t n;

	for (n = 0; n < cycles; n++) {
		if (until_idle && !m->count)
			return n;
		m->cycles++;
		if (m->count && m->cycles >= m->next_take) {
			uint8_t frame[64];
			size_t len = m->lens[m->head];
			char byte;

			memcpy(frame, m->frames[m->head], sizeof(frame));
			m->head = (m->head + 1) % 1024;
			m->count--;
			m->next_take = m->cycles + TAKE;
			if (m->taken < 64)
				m->ms_at_take[m->taken] = m->ms;
			m->taken++;
			m->ops.rx_taken(m->cfg.ctx, 0, m->cycles);
			if (m->irq_at_take)
				m->ops.irq(m->cfg.ctx, 1);
			if (m->faults) {
				m->ops.dma_read(m->cfg.ctx, 1, &byte, 1);
				m->ops.dma_write(m->cfg.ctx, 1, &byte, 1);
			}
			m->ops.tx_frame(m->cfg.ctx, frame, len < 64 ? len : 64, m->cycles);
		}
	}
	return n;
}

static uint64_t f_cycles(const struct chim_model *m)
{
	return m->cycles;
}

static void f_reset(struct chim_model *m)
{
	m->count = 0;
	m->resets++;
}

static const struct chim_model_api api = { NULL,      f_open,	  f_close,   f_info,	 f_read32,
					   f_write32, f_rx_frame, f_waiting, f_set_time, f_time,
					   f_step,    f_cycles,	  f_reset };

static int no_read(void *ctx, uint64_t iova, void *buf, size_t len)
{
	(void)ctx;
	(void)iova;
	(void)buf;
	(void)len;
	return -EFAULT;
}

static int no_write(void *ctx, uint64_t iova, const void *buf, size_t len)
{
	(void)ctx;
	(void)iova;
	(void)buf;
	(void)len;
	return -EFAULT;
}

static unsigned int last_irq;

static void on_irq(void *ctx, unsigned int vector)
{
	(void)ctx;
	last_irq = vector;
}

static const struct chim_shell_host host = { no_read, no_write, on_irq };

static uint64_t fake_clock(void *ctx)
{
	(void)ctx;
	return fake_now;
}

static void test_time(const char *path)
{
	struct chim_wire *a, *b;
	struct chim_shell_cfg cfg = {
		.api = &api, .host = &host, .clock = fake_clock, .pcap_path = path
	};
	struct chim_shell_stats st;
	struct chim_wire_frame f;
	struct chim_pcap_reader *pr;
	struct chim_shell *s;
	const uint8_t *data;
	uint8_t frame[60] = { 1 };
	uint64_t start = fake_now, t, last = 0;
	unsigned int i, frames = 0, alternate = 1;
	int timeout, whole;
	size_t len;

	if (chim_wire_pair(&a, &b))
		exit(1);
	cfg.wire = a;
	IS(chim_shell_open(&cfg, &s), 0, "shell opens");
	IS(chim_shell_pump(s, 1000), 0, "nothing to do");
	IS(chim_shell_now_ms(s), 0, "time starts at zero");
	fake_now += 5 * MS;
	chim_shell_pump(s, 1000);
	IS(chim_shell_now_ms(s), 5, "and follows the clock");
	chim_shell_pollfd(s, &timeout);
	IS(timeout, 1, "an idle device is looked after every millisecond");

	/* The model is not scheduled for 400 ms, while frames arrive every 10. */
	for (i = 1; i <= 20; i++) {
		frame[0] = (uint8_t)i;
		chim_wire_send(b, frame, sizeof(frame), start + (5 + 10 * i) * (uint64_t)MS);
	}
	fake_now = start + 405 * (uint64_t)MS;
	chim_shell_pollfd(s, &timeout);
	IS(timeout, 0, "frames wait: no sleep");
	IS(chim_shell_pump(s, 250), 250, "a budget is kept");
	IS(fake->taken, 2, "two frames are in");
	IS(chim_shell_now_ms(s), 35, "device time is the arrival of the third");
	chim_shell_pollfd(s, &timeout);
	IS(timeout, 0, "work is left: no sleep");
	chim_shell_pump(s, 100000);
	IS(fake->taken, 20, "all are in");
	for (i = 0; i < 20 && fake->ms_at_take[i] == 15 + 10 * i; i++)
		;
	IS(i, 20, "each entered at the time it arrived");
	fake_now += MS;
	IS(chim_shell_pump(s, 1000), 64, "idle, but firmware may think: a few clocks each round");
	IS(chim_shell_now_ms(s), 406, "time is the clock's again");
	chim_shell_pollfd(s, &timeout);
	IS(timeout, 0, "no sleep yet");
	for (i = 0; i < 100 && timeout == 0; i++) {
		chim_shell_pump(s, 1000);
		chim_shell_pollfd(s, &timeout);
	}
	OK(i > 50 && i < 70, "for about 4,096 clocks");
	for (i = 0; chim_wire_recv(b, fake_now, &f) == 1; i++)
		;
	IS(i, 20, "and the answers are on the wire");

	fake->faults = 1;
	chim_wire_send(b, frame, sizeof(frame), fake_now);
	chim_shell_pump(s, 1000);
	chim_shell_get_stats(s, &st);
	OK(st.dma_faults == 2 && st.wire.rx_frames == 21 && st.wire.tx_frames == 21 &&
		   !st.pcap_failed && st.cycles == fake->cycles,
	   "statistics");
	IS(chim_shell_write32(s, 0, 8, 17), 0, "a register write");
	IS(last_irq, 17, "that raises an interrupt");
	for (i = 0; i < 3; i++)
		chim_wire_send(b, frame, sizeof(frame), fake_now);
	fake->irq_at_take = 1;
	OK(chim_shell_pump(s, 100000) <= 256, "after an interrupt the owner gets its turn");
	fake->irq_at_take = 0;
	chim_shell_pump(s, 100000);
	IS(chim_shell_read32(s, 2, 4, &(uint32_t){ 0 }), 0, "a register read");
	chim_shell_pollfd(s, &timeout);
	IS(timeout, 0, "after an access the device may have work");

	chim_wire_send(b, frame, sizeof(frame), fake_now);
	chim_shell_pump(s, 10);
	chim_shell_reset(s);
	fake_now += 10 * MS;
	chim_shell_pump(s, 1000);
	IS(fake->resets, 1, "reset reaches the model");
	IS(chim_shell_now_ms(s), 416, "and no frame holds time back");
	IS(chim_shell_flush(s), 0, "capture is flushed");
	chim_shell_close(s);

	IS(chim_pcap_open(path, &pr), 0, "the capture");
	for (i = 0; chim_pcap_read(pr, &data, &len, &t, &whole) == 1; i++) {
		/* Frame n in, frame n out, at the device's time of arrival. */
		if (i < 40 &&
		    (data[0] != i / 2 + 1 ||
		     t != (15 + 10 * (i / 2)) * (uint64_t)MS + (i % 2 && i < 39 ? 10 * MS : 0)))
			alternate = 0;
		if (t < last)
			alternate = 0;
		last = t;
		frames++;
	}
	chim_pcap_close_reader(pr);
	IS(frames, 48,
	   "has every frame that passed the MAC side, and not the one that was dropped");
	OK(alternate, "in the order they passed, in device time");
	chim_wire_close(b);
}

static void test_virtual(void)
{
	struct chim_wire *a, *b;
	struct chim_shell_cfg cfg = {
		.api = &api, .host = &host, .clock = fake_clock, .cycles_per_ms = 1000
	};
	struct chim_shell *s;
	struct chim_wire_frame f;
	uint8_t frame[60] = { 0 };
	int timeout;

	if (chim_wire_pair(&a, &b))
		exit(1);
	cfg.wire = a;
	if (chim_shell_open(&cfg, &s))
		exit(1);
	IS(fake->cfg.cycles_per_ms, 1000, "the model is told of virtual time");
	chim_wire_send(b, frame, sizeof(frame), 3 * MS);
	IS(chim_shell_pump(s, 2900), 2900, "virtual time: exactly the budget");
	IS(fake->taken, 0, "a frame of the future has not arrived");
	chim_shell_pump(s, 600);
	IS(fake->taken, 1, "then it has");
	IS(chim_wire_recv(b, 4 * MS, &f), 1, "its answer is there");
	OK(f.time_ns >= 3 * MS + 100000 && f.time_ns < 3 * MS + 500000, "stamped in virtual time");
	chim_shell_pollfd(s, &timeout);
	IS(timeout, 0, "virtual time never sleeps");
	chim_shell_close(s);
	chim_wire_close(b);
}

static void test_overload(void)
{
	struct chim_wire *a, *b;
	struct chim_shell_cfg cfg = { .api = &api, .host = &host, .clock = fake_clock };
	struct chim_shell *s;
	uint8_t frame[60] = { 0 };
	unsigned int i;
	uint64_t start = fake_now;

	if (chim_wire_pair(&a, &b))
		exit(1);
	cfg.wire = a;
	if (chim_shell_open(&cfg, &s))
		exit(1);
	for (i = 0; i < 5000; i++)
		chim_wire_send(b, frame, sizeof(frame), start + i * (uint64_t)MS);
	fake_now = start + 5000 * (uint64_t)MS;
	chim_shell_pump(s, 1000);
	OK(fake->count > 1000 && fake->count <= 1024, "the model's queue is filled");
	chim_shell_pump(s, 1000000);
	IS(fake->taken, 5000, "all 5,000 get in, none is lost");
	chim_shell_close(s);
	chim_wire_close(b);
}

static void test_options(void)
{
	struct chim_options o;
	char bad[CHIM_OPTION_TEXT];
	const char *name, *form, *meaning, *what = "";
	struct chim_shell *s;
	unsigned int i;

	chim_options_init(&o);
	OK(!strcmp(o.config, "w64_c64") && !strcmp(o.wire, "loop"), "defaults");
	IS(chim_options_parse(&o,
			      "w512_c64,wire=veth:v0,loss=1%,rx-reorder=0.5%,delay=5ms,seed=77,"
			      "log=/tmp/x,time=1000,pcap-time=wall,latency=250,stall=10",
			      bad),
	   0, "many options");
	OK(!strcmp(o.config, "w512_c64") && !strcmp(o.wire, "veth:v0") && o.cycles_per_ms == 1000 &&
		   o.pcap_wall && o.mem_latency == 250 && o.stall_percent == 10 &&
		   o.link.seed == 77,
	   "arrive");
	OK(o.link.dir[0].loss == 10000 && o.link.dir[1].loss == 10000,
	   "1%% is 10,000 in a million");
	OK(o.link.dir[CHIM_TO_NIC].reorder == 5000 && o.link.dir[CHIM_FROM_NIC].reorder == 0,
	   "rx- means one direction");
	OK(o.link.dir[0].delay_ns == 5000000 && o.link.dir[1].delay_ns == 5000000, "5ms");
	IS(chim_options_set(&o, "dup", "0.02"), 0, "a fraction");
	IS(o.link.dir[0].duplicate, 20000, "is a rate");
	IS(chim_options_set(&o, "delay", "300us"), 0, "microseconds");
	IS(o.link.dir[1].delay_ns, 300000, "too");
	IS(chim_options_parse(&o, "w64_c64,nonsense=1", bad), -ENOENT, "an unknown option");
	IS(strcmp(bad, "nonsense=1"), 0, "is named");
	IS(chim_options_parse(&o, "w64_c64,w64_c64", bad), -EINVAL, "a second configuration");
	IS(chim_options_set(&o, "loss", "101%"), -EINVAL, "more than all");
	IS(chim_options_set(&o, "loss", "-1%"), -EINVAL, "less than none");
	IS(chim_options_set(&o, "loss", "1%%"), -EINVAL, "two signs");
	IS(chim_options_set(&o, "loss", ""), -EINVAL, "no value");
	IS(chim_options_set(&o, "loss", "nan"), -EINVAL, "not a number");
	IS(chim_options_set(&o, "delay", "5"), -EINVAL, "a duration without a unit");
	IS(chim_options_set(&o, "delay", "5 ms"), -EINVAL, "with a blank");
	IS(chim_options_set(&o, "delay", "9999999s"), -EINVAL, "longer than an hour");
	IS(chim_options_set(&o, "stall", "91"), -EINVAL, "too many stalls");
	IS(chim_options_set(&o, "seed", "0x1FFFFFFFFFFFFFFFF"), -EINVAL,
	   "a seed of more than 64 bits");
	IS(chim_options_set(&o, "time", "0"), -EINVAL, "zero clocks a millisecond");
	IS(chim_options_set(&o, "time", "real"), 0, "real time");
	IS(chim_options_set(&o, "rx-wire", "loop"), -ENOENT, "no direction there");
	IS(chim_options_set(&o, "pcap-time", "lunar"), -EINVAL, "no such clock");
	for (i = 0; chim_options_help(i, &name, &form, &meaning); i++)
		if (!*name || !*form || !*meaning)
			break;
	OK(i >= 15 && !chim_options_help(i, &name, &form, &meaning), "all %u are explained", i);

	chim_options_init(&o);
	chim_options_set(&o, "wire", "nowhere");
	IS(chim_options_open(&o, NULL, &api, &host, NULL, &s, &what), -EINVAL,
	   "a wire that is none");
	IS(strcmp(what, "wire"), 0, "is what failed");
	chim_options_init(&o);
	chim_options_set(&o, "loss", "1%");
	chim_options_set(&o, "log", "/nonexistent/log");
	IS(chim_options_open(&o, NULL, &api, &host, NULL, &s, &what), -ENOENT,
	   "a log in no folder");
	IS(strcmp(what, "log"), 0, "is what failed");
	chim_options_init(&o);
	chim_options_set(&o, "loss", "1%");
	chim_options_set(&o, "seed", "666");
	IS(chim_options_open(&o, NULL, &api, &host, NULL, &s, &what), -EIO,
	   "a device that does not open");
	IS(strcmp(what, "device"), 0, "is what failed");
	free(fake);
	chim_options_init(&o);
	chim_options_set(&o, "dir", "/nonexistent");
	IS(chim_options_open(&o, NULL, NULL, &host, NULL, &s, &what), -ENOENT,
	   "a model that is not built");
	IS(strcmp(what, "model"), 0, "is what failed");
	chim_options_set(&o, "config", "../../etc/passwd");
	IS(chim_options_open(&o, NULL, NULL, &host, NULL, &s, &what), -EINVAL,
	   "a name that is a path");
	chim_options_set(&o, "config", "text");
	chim_options_set(&o, "dir", "/tmp");
	{
		FILE *f = fopen("/tmp/chim_model_text.so", "w");

		if (f)
			fclose(f);
		IS(chim_options_open(&o, NULL, NULL, &host, NULL, &s, &what), -ENOEXEC,
		   "a file that is no model");
		unlink("/tmp/chim_model_text.so");
	}
	{
		struct chim_shell_stats st;
		struct chim_wire *a, *b;
		uint8_t frame[60] = { 0 };
		char log[64], line[128] = "";
		FILE *f;

		snprintf(log, sizeof(log), "/tmp/chim_test_shell_%d.log", (int)getpid());
		if (chim_wire_pair(&a, &b))
			exit(1);
		chim_options_init(&o);
		chim_options_set(&o, "rx-loss", "100%");
		chim_options_set(&o, "log", log);
		chim_options_set(&o, "time", "1000");
		IS(chim_options_open(&o, a, &api, &host, NULL, &s, &what), 0,
		   "with a wire of the caller's");
		chim_wire_send(b, frame, sizeof(frame), 0);
		chim_shell_pump(s, 100);
		chim_shell_get_stats(s, &st);
		IS(st.link[CHIM_TO_NIC].lost, 1, "the link's counts are in the statistics");
		chim_shell_close(s);
		chim_wire_close(b);
		f = fopen(log, "r");
		OK(f && fgets(line, sizeof(line), f) && !strcmp(line, "rx 1 0 loss 60\n"),
		   "and its log is written");
		if (f)
			fclose(f);
		unlink(log);
	}
}

int main(void)
{
	char path[] = "/tmp/chim_test_shell_XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	test_time(path);
	unlink(path);
	test_virtual();
	test_overload();
	test_options();
	return tap_done();
}
