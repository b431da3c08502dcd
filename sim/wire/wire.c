/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Calls common to all wires: the length rule, the counting of whole frames, and the names by which
 * a wire is opened.
 */
#include "wire.h"

#include <errno.h>
#include <string.h>

int chim_wire_open(const char *spec, uint64_t now_ns, struct chim_wire **w)
{
	*w = NULL;
	if (!strcmp(spec, "loop"))
		return chim_wire_open_loop(w);
	if (!strcmp(spec, "tap"))
		return chim_wire_open_tap("", w);
	if (!strncmp(spec, "tap:", 4) && spec[4])
		return chim_wire_open_tap(spec + 4, w);
	if (!strncmp(spec, "veth:", 5) && spec[5])
		return chim_wire_open_veth(spec + 5, w);
	if (!strncmp(spec, "pcap:", 5) && spec[5])
		return chim_wire_open_pcap(spec + 5, now_ns, w);
	return -EINVAL;
}

void chim_wire_close(struct chim_wire *w)
{
	if (w)
		w->ops->close(w);
}

int chim_wire_send(struct chim_wire *w, const uint8_t *frame, size_t len, uint64_t now_ns)
{
	int err = -EIO;

	if (len >= CHIM_WIRE_MIN_FRAME && len <= CHIM_WIRE_MAX_FRAME)
		err = w->ops->send(w, frame, len, now_ns);
	if (err) {
		w->stats.tx_lost++;
		return -EIO;
	}
	w->stats.tx_frames++;
	w->stats.tx_bytes += len;
	return 0;
}

int chim_wire_recv(struct chim_wire *w, uint64_t now_ns, struct chim_wire_frame *f)
{
	int r;

	while ((r = w->ops->recv(w, now_ns, f)) == 1) {
		if (f->len < CHIM_WIRE_MIN_FRAME || f->len > CHIM_WIRE_MAX_FRAME) {
			w->stats.rx_refused++;
			continue;
		}
		w->stats.rx_frames++;
		w->stats.rx_bytes += f->len;
		return 1;
	}
	return r;
}

uint64_t chim_wire_due(struct chim_wire *w)
{
	return w->ops->due ? w->ops->due(w) : CHIM_WIRE_NEVER;
}

int chim_wire_pollfd(struct chim_wire *w)
{
	return w->ops->pollfd ? w->ops->pollfd(w) : -1;
}

void chim_wire_get_stats(struct chim_wire *w, struct chim_wire_stats *stats)
{
	if (w->ops->update)
		w->ops->update(w);
	*stats = w->stats;
}
