/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The impaired link as a wire around another wire. Hard part: frames on their way out wait in the
 * link too, so they move on at every call, and due() speaks for them as well.
 */
#include "impair.h"

#include <errno.h>
#include <stdlib.h>

struct impair_wire {
	struct chim_wire base;
	struct chim_wire *inner;
	struct chim_impair *link;
};

static void impair_close(struct chim_wire *w)
{
	struct impair_wire *i = (struct impair_wire *)w;

	chim_wire_close(i->inner);
	chim_impair_destroy(i->link);
	free(i);
}

/* Frames whose delay is over leave by the inner wire. */
static void flush_out(struct impair_wire *i, uint64_t now_ns)
{
	struct chim_wire_frame f;

	/* A loss of the inner wire is in its own statistics. */
	while (chim_impair_get(i->link, CHIM_FROM_NIC, now_ns, &f) == 1)
		chim_wire_send(i->inner, f.data, f.len, now_ns);
}

static int impair_send(struct chim_wire *w, const uint8_t *frame, size_t len, uint64_t now_ns)
{
	struct impair_wire *i = (struct impair_wire *)w;

	if (chim_impair_put(i->link, CHIM_FROM_NIC, frame, len, now_ns))
		return -EIO;
	flush_out(i, now_ns);
	return 0;
}

static int impair_recv(struct chim_wire *w, uint64_t now_ns, struct chim_wire_frame *f)
{
	struct impair_wire *i = (struct impair_wire *)w;
	struct chim_wire_frame in;
	int r;

	flush_out(i, now_ns);
	/* At the time it arrived, not now: a late call must not change the order of releases. */
	while ((r = chim_wire_recv(i->inner, now_ns, &in)) == 1)
		if (chim_impair_put(i->link, CHIM_TO_NIC, in.data, in.len, in.time_ns))
			w->stats.rx_refused++;
	if (r < 0)
		return r;
	return chim_impair_get(i->link, CHIM_TO_NIC, now_ns, f);
}

static uint64_t impair_due(struct chim_wire *w)
{
	struct impair_wire *i = (struct impair_wire *)w;
	uint64_t due = chim_wire_due(i->inner);
	unsigned int dir;

	for (dir = 0; dir < CHIM_DIRS; dir++)
		if (chim_impair_due(i->link, dir) < due)
			due = chim_impair_due(i->link, dir);
	return due;
}

static int impair_pollfd(struct chim_wire *w)
{
	return chim_wire_pollfd(((struct impair_wire *)w)->inner);
}

/* What the link drops on purpose is in its counts; lost and refused are those of the real wire. */
static void impair_update(struct chim_wire *w)
{
	struct impair_wire *i = (struct impair_wire *)w;
	struct chim_wire_stats inner;

	chim_wire_get_stats(i->inner, &inner);
	w->stats.rx_lost = inner.rx_lost;
	w->stats.rx_refused = inner.rx_refused;
	w->stats.tx_lost = inner.tx_lost;
}

static const struct chim_wire_ops impair_ops = {
	.name = "impair",
	.close = impair_close,
	.send = impair_send,
	.recv = impair_recv,
	.due = impair_due,
	.pollfd = impair_pollfd,
	.update = impair_update,
};

int chim_wire_impair(struct chim_wire *inner, const struct chim_impair_cfg *cfg,
		     struct chim_wire **w, struct chim_impair **link)
{
	struct impair_wire *i = calloc(1, sizeof(*i));
	int err;

	if (!i)
		return -ENOMEM;
	err = chim_impair_create(cfg, &i->link);
	if (err) {
		free(i);
		return err;
	}
	i->base.ops = &impair_ops;
	i->base.ifname = inner->ifname;
	i->inner = inner;
	if (link)
		*link = i->link;
	*w = &i->base;
	return 0;
}

void chim_wire_unimpair(struct chim_wire *w)
{
	struct impair_wire *i = (struct impair_wire *)w;

	chim_impair_destroy(i->link);
	free(i);
}
