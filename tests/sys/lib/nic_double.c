/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A stand-in for host/nic and host/backend behind the same headers: a plain NIC on an interface,
 * with HOLD, marker and release as D13 has them, and the keeping target as its offload engine. It
 * carries no byte of an offloaded connection; those wait until they are back in the kernel. For
 * tests of the program's sequences on real kernel connections. Hard part: the order of marker and
 * held frames.
 *
 * Device: "double:IF[,OPTION=N]...", where OPTION=N lets something happen every N-th time:
 * hold-fails, hold-expires, initiate-fails, live-fails, sends-by-completion, indicate,
 * marker-first, dup-frames.
 */
#include "frame.h"
#include "target.h"

#include "chimney/backend.h"
#include "chimney/nic.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ENTRIES = 16, EVENTS = 64, RCVBUF = 4 << 20, BURST = 64 };

struct double_be {
	struct chim_backend be;
	int fd;
	struct target_plan plan;
	unsigned int hold_fails, hold_expires, live_fails, marker_first;
	bool uses_reset;
};

/* An answer that goes up at the next poll. */
struct event {
	enum { HOLD_DONE, MARKER, LIVE_DONE } kind;
	void *cookie;
	int err;
	chim_conn_t conn;
};

struct entry {
	enum { NONE, HOLD, LIVE } state;
	chim_conn_t id;
	struct chim_key key;
	unsigned int count; /* frames passed up as held and not given up */
	bool released, expires, installed;
};

struct chim_nic {
	struct double_be *be;
	struct chim_nic_cfg cfg;
	struct chim_ndis *ndis;
	struct target *target;
	struct entry entries[ENTRIES];
	struct event events[EVENTS];
	unsigned int first, last;
	unsigned int holds, lives;
	chim_conn_t next_id;
	uint64_t tx, rx, held, passed;
	unsigned int mems;
};

static unsigned int option(const char *options, const char *name)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), ",%s=", name);
	at = strstr(options, key);
	return at ? (unsigned int)atoi(at + strlen(key)) : 0;
}

static void be_close(struct chim_backend *be)
{
	struct double_be *d = (struct double_be *)be;

	if (d->fd >= 0)
		close(d->fd);
	free(d);
}

static int be_read32(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t *val)
{
	(void)be;
	(void)bar;
	*val = off;
	return 0;
}

static int be_write32(struct chim_backend *be, unsigned int bar, uint32_t off, uint32_t val)
{
	(void)be;
	(void)bar;
	(void)off;
	(void)val;
	return 0;
}

static int be_irq_fd(struct chim_backend *be, unsigned int vector)
{
	(void)be;
	(void)vector;
	return -EINVAL;
}

static int be_reset(struct chim_backend *be)
{
	(void)be;
	return 0;
}

static int64_t be_poll(struct chim_backend *be, uint64_t budget)
{
	(void)be;
	(void)budget;
	return 0;
}

static int be_pollfd(struct chim_backend *be, int *timeout_ms)
{
	*timeout_ms = -1;
	return ((struct double_be *)be)->fd;
}

static int be_now_ms(struct chim_backend *be, uint32_t *ms)
{
	struct timespec ts;

	(void)be;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	*ms = (uint32_t)ts.tv_sec * 1000 + (uint32_t)(ts.tv_nsec / 1000000);
	return 0;
}

static const struct chim_backend_ops be_ops = {
	.name = "double",
	.close = be_close,
	.read32 = be_read32,
	.write32 = be_write32,
	.irq_fd = be_irq_fd,
	.reset = be_reset,
	.poll = be_poll,
	.pollfd = be_pollfd,
	.now_ms = be_now_ms,
};

static int open_wire(const char *name)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int fd, on = 1, size = RCVBUF;

	addr.sll_ifindex = (int)if_nametoindex(name);
	if (!addr.sll_ifindex)
		return -ENOENT;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

int chim_backend_open(const char *spec, struct chim_backend **be)
{
	struct double_be *d;
	char name[32];
	size_t n;
	int fd;

	if (strncmp(spec, "double:", 7))
		return -EINVAL;
	spec += 7;
	n = strcspn(spec, ",");
	if (!n || n >= sizeof(name))
		return -EINVAL;
	memcpy(name, spec, n);
	name[n] = 0;
	fd = open_wire(name);
	if (fd < 0)
		return fd;
	d = calloc(1, sizeof(*d));
	d->be.ops = &be_ops;
	d->fd = fd;
	d->hold_fails = option(spec, "hold-fails");
	d->hold_expires = option(spec, "hold-expires");
	d->live_fails = option(spec, "live-fails");
	d->marker_first = option(spec, "marker-first");
	d->plan.fail_initiate = option(spec, "initiate-fails");
	d->plan.fail_layer = 3;
	d->plan.fail_status = NDIS_STATUS_OFFLOAD_TCP_ENTRIES;
	d->plan.sends_by_completion = option(spec, "sends-by-completion");
	d->plan.indicate = option(spec, "indicate");
	d->plan.lose_state = option(spec, "lose-state");
	*be = &d->be;
	return 0;
}

void chim_backend_close(struct chim_backend *be)
{
	if (be)
		be->ops->close(be);
}

int chim_nic_open(struct chim_backend *be, struct chim_ndis *ndis, const struct chim_nic_cfg *cfg,
		  struct chim_nic **nic)
{
	struct chim_nic *n = calloc(1, sizeof(*n));

	n->be = (struct double_be *)be;
	n->cfg = *cfg;
	n->ndis = ndis;
	if (ndis) {
		n->target = target_open(ndis, &n->be->plan);
		if (!n->target) {
			free(n);
			return -ENOMEM;
		}
	}
	*nic = n;
	return 0;
}

int chim_nic_close(struct chim_nic *nic)
{
	int err = nic->target ? target_close(nic->target) : 0;

	if (err)
		return err;
	free(nic);
	return 0;
}

void *chim_nic_adapter(struct chim_nic *nic)
{
	return target_adapter(nic->target);
}

int chim_nic_tx(struct chim_nic *nic, const uint8_t *frame, size_t len)
{
	if (send(nic->be->fd, frame, len, MSG_DONTWAIT) < 0)
		return errno == EAGAIN || errno == ENOBUFS ? -EAGAIN : -errno;
	nic->tx++;
	return 0;
}

size_t chim_nic_tx_pending(const struct chim_nic *nic)
{
	(void)nic;
	return 0;
}

static void event(struct chim_nic *nic, struct event e)
{
	nic->events[nic->last++ % EVENTS] = e;
}

static struct entry *by_key(struct chim_nic *nic, const struct chim_key *key)
{
	size_t i;

	for (i = 0; i < ENTRIES; i++)
		if (nic->entries[i].state != NONE && chim_key_equal(&nic->entries[i].key, key))
			return &nic->entries[i];
	return NULL;
}

static struct entry *by_id(struct chim_nic *nic, chim_conn_t id)
{
	size_t i;

	for (i = 0; i < ENTRIES; i++)
		if (nic->entries[i].state != NONE && nic->entries[i].id == id)
			return &nic->entries[i];
	return NULL;
}

static bool every(unsigned int n, unsigned int count)
{
	return n && count % n == 0;
}

int chim_nic_hold(struct chim_nic *nic, const struct chim_key *key, void *cookie)
{
	struct event done = { HOLD_DONE, cookie, 0, 0 }, marker = { MARKER, NULL, 0, 0 };
	struct entry *e;

	nic->holds++;
	if (every(nic->be->hold_fails, nic->holds) || by_key(nic, key)) {
		done.err = by_key(nic, key) ? -EEXIST : -ENOSPC;
		event(nic, done);
		return 0;
	}
	for (e = nic->entries; e->state != NONE; e++)
		;
	memset(e, 0, sizeof(*e));
	e->state = HOLD;
	e->id = ++nic->next_id;
	e->key = *key;
	e->expires = every(nic->be->hold_expires, nic->holds);
	done.conn = marker.conn = e->id;
	/* Two rings of the device: the order in which they are looked at is open. */
	event(nic, every(nic->be->marker_first, nic->holds) ? marker : done);
	event(nic, every(nic->be->marker_first, nic->holds) ? done : marker);
	return 0;
}

static void expire(struct chim_nic *nic, struct entry *e)
{
	e->state = NONE;
	event(nic, (struct event){ LIVE_DONE, NULL, -ETIMEDOUT, e->id });
}

/* LIVE or NONE, once released and nothing is out. */
static void settle(struct chim_nic *nic, struct entry *e)
{
	unsigned int forwarded = target_held_forwards(nic->target, &e->key);

	if (e->state != HOLD || !e->released)
		return;
	/* As the device: one too many, and a later frame would overtake the last held one. */
	if (forwarded > e->count) {
		fprintf(stderr, "nic double: %u of %u held frames forwarded\n", forwarded,
			e->count);
		abort();
	}
	if (forwarded < e->count)
		return;
	if (target_has(nic->target, &e->key)) {
		if (every(nic->be->live_fails, ++nic->lives)) {
			expire(nic, e);
			return;
		}
		e->state = LIVE;
		e->released = false;
		event(nic, (struct event){ LIVE_DONE, NULL, 0, e->id });
	} else {
		e->state = NONE;
		event(nic, (struct event){ LIVE_DONE, NULL, -ENOENT, e->id });
	}
}

int chim_nic_release(struct chim_nic *nic, chim_conn_t conn)
{
	struct entry *e = by_id(nic, conn);

	if (!e) {
		event(nic, (struct event){ LIVE_DONE, NULL, -EIO, conn });
		return 0;
	}
	e->released = true;
	settle(nic, e);
	return 0;
}

int chim_nic_give_up(struct chim_nic *nic, chim_conn_t conn)
{
	struct entry *e = by_id(nic, conn);

	if (!e)
		return -EINVAL;
	e->count--;
	settle(nic, e);
	return 0;
}

int chim_nic_reg_read(struct chim_nic *nic, uint32_t off, uint32_t *val)
{
	return be_read32(&nic->be->be, 0, off, val);
}

int chim_nic_reg_write(struct chim_nic *nic, uint32_t off, uint32_t val)
{
	return be_write32(&nic->be->be, 0, off, val);
}

int chim_nic_mem(struct chim_nic *nic, size_t len, void **va, uint64_t *iova)
{
	/* Every fourth time none, so that both ways are used. */
	if (++nic->mems % 4 == 0)
		return -ENOMEM;
	*va = malloc(len);
	*iova = (uint64_t)(uintptr_t)*va;
	return *va ? 0 : -ENOMEM;
}

void chim_nic_mem_free(struct chim_nic *nic, void *va)
{
	(void)nic;
	free(va);
}

int chim_nic_info(const struct chim_nic *nic, struct chim_nic_info *info)
{
	(void)nic;
	*info = (struct chim_nic_info){ .data_w = 64,
					.conns = ENTRIES,
					.neighbors = ENTRIES,
					.paths = ENTRIES,
					.features = 3 };
	return 0;
}

int chim_nic_counters(struct chim_nic *nic, struct chim_counter *c, size_t n)
{
	const struct chim_counter all[] = { { "TX_PLAIN", "", nic->tx },
					    { "RX_FRAMES", "", nic->rx },
					    { "RX_HELD", "", nic->held },
					    { "RX_PASSED", "", nic->passed } };
	size_t i;

	for (i = 0; i < 4 && i < n; i++)
		c[i] = all[i];
	return 4;
}

chim_conn_t chim_nic_conn_next(struct chim_nic *nic, chim_conn_t conn)
{
	(void)nic;
	(void)conn;
	return 0;
}

int chim_nic_conn_info(struct chim_nic *nic, chim_conn_t conn, struct chim_conn_info *info)
{
	const TCP_OFFLOAD_STATE_DELEGATED *s;
	struct entry *e = by_id(nic, conn);

	s = e ? target_state(nic->target, &e->key) : NULL;
	if (!s)
		return -ENOENT;
	memset(info, 0, sizeof(*info));
	info->conn = conn;
	info->key = e->key;
	info->entry = "LIVE";
	info->tcp_state = "kept";
	info->snd_una = s->SndUna;
	info->snd_end = s->SndNxt;
	info->snd_max = s->SndMax;
	info->rcv_placed = s->RcvNxt;
	return 0;
}

static void give(struct chim_nic *nic, const uint8_t *bytes, size_t len)
{
	struct chim_rx_info info = { .cls = CHIM_RX_PLAIN };
	struct chim_frame f;
	struct entry *e;

	nic->rx++;
	if (!chim_frame_parse(bytes, len, false, &f) && f.tcp) {
		info.csum_ok = !chim_tcp_checksum(&f.key, bytes + f.l4, f.end - f.l4);
		e = by_key(nic, &f.key);
		if (e) {
			info.conn = e->id;
			info.cls = e->state == HOLD ? CHIM_RX_HELD : CHIM_RX_PASSED;
			e->count += e->state == HOLD;
			nic->held += e->state == HOLD;
			nic->passed += e->state == LIVE;
		}
	}
	nic->cfg.events->rx(nic->cfg.ctx, bytes, len, &info);
}

static unsigned int receive(struct chim_nic *nic)
{
	uint8_t buf[CHIM_FRAME_MAX];
	unsigned int n;

	for (n = 0; n < BURST; n++) {
		ssize_t len = recv(nic->be->fd, buf, sizeof(buf), MSG_DONTWAIT);

		if (len < 0)
			break;
		give(nic, buf, (size_t)len);
	}
	return n;
}

/* Forwards count off what was passed up. What the target has given back has no entry any more. */
static void follow_target(struct chim_nic *nic)
{
	struct target_counts n;
	size_t i;

	target_counts(nic->target, &n);
	for (i = 0; i < ENTRIES; i++) {
		struct entry *e = &nic->entries[i];

		if (e->state == NONE)
			continue;
		if (!target_has(nic->target, &e->key)) {
			if (e->installed)
				e->state = NONE;
			continue;
		}
		e->installed = true;
		settle(nic, e);
	}
}

int chim_nic_poll(struct chim_nic *nic, uint64_t budget)
{
	unsigned int done = 0, last;
	size_t i;

	(void)budget;
	if (nic->target) {
		done += target_poll(nic->target);
		follow_target(nic);
	}
	for (last = nic->last; nic->first != last; done++) {
		struct event e = nic->events[nic->first++ % EVENTS];
		struct chim_rx_info info = { .cls = CHIM_RX_MARKER, .conn = e.conn };

		if (e.kind == HOLD_DONE)
			nic->cfg.events->hold_done(nic->cfg.ctx, e.cookie, e.err, e.conn);
		else if (e.kind == MARKER)
			nic->cfg.events->rx(nic->cfg.ctx, NULL, 0, &info);
		else
			nic->cfg.events->live_done(nic->cfg.ctx, e.conn, e.err);
	}
	done += receive(nic);
	for (i = 0; i < ENTRIES; i++) {
		struct entry *e = &nic->entries[i];

		if (e->state == HOLD && e->expires) {
			e->expires = false;
			expire(nic, e);
		}
	}
	return (int)done;
}
