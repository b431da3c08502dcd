/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Replay of a capture: its first frame arrives when the wire is opened, the others at the same
 * distances as in the file. What the NIC sends goes nowhere. Hard part: a damaged file ends the
 * replay and is counted, it does not end the device.
 */
#include "pcapfile.h"
#include "wire.h"

#include <errno.h>
#include <stdlib.h>

struct pcap_wire {
	struct chim_wire base;
	struct chim_pcap_reader *reader;
	uint64_t start_ns; /* of the replay */
	uint64_t first_ns; /* time of the first frame in the file */
	uint64_t next_ns;  /* arrival of the frame below, CHIM_WIRE_NEVER at the end */
	int any;	   /* first_ns is known */
	const uint8_t *data;
	size_t len;
};

/* Fetch the next whole frame of the file. */
static void pcap_advance(struct pcap_wire *p)
{
	uint64_t last = p->next_ns, t;
	int whole, r;

	while ((r = chim_pcap_read(p->reader, &p->data, &p->len, &t, &whole)) == 1) {
		if (!whole) {
			p->base.stats.rx_refused++;
			continue;
		}
		if (!p->any)
			p->first_ns = t;
		p->any = 1;
		/* Arrival times never decrease, even where the file's do. */
		p->next_ns = t < p->first_ns ? last : p->start_ns + (t - p->first_ns);
		if (p->next_ns < last)
			p->next_ns = last;
		return;
	}
	if (r < 0)
		p->base.stats.rx_refused++;
	p->next_ns = CHIM_WIRE_NEVER;
}

static void pcap_close(struct chim_wire *w)
{
	struct pcap_wire *p = (struct pcap_wire *)w;

	chim_pcap_close_reader(p->reader);
	free(p);
}

static int pcap_send(struct chim_wire *w, const uint8_t *frame, size_t len, uint64_t now_ns)
{
	(void)w;
	(void)frame;
	(void)len;
	(void)now_ns;
	return 0;
}

static int pcap_recv(struct chim_wire *w, uint64_t now_ns, struct chim_wire_frame *f)
{
	struct pcap_wire *p = (struct pcap_wire *)w;

	/* data is NULL when the frame it pointed to was handed out: the reader has one buffer. */
	if (!p->data && p->next_ns != CHIM_WIRE_NEVER)
		pcap_advance(p);
	if (p->next_ns == CHIM_WIRE_NEVER || p->next_ns > now_ns)
		return 0;
	*f = (struct chim_wire_frame){ p->data, p->len, p->next_ns };
	p->data = NULL;
	return 1;
}

static uint64_t pcap_due(struct chim_wire *w)
{
	struct pcap_wire *p = (struct pcap_wire *)w;

	if (!p->data && p->next_ns != CHIM_WIRE_NEVER)
		pcap_advance(p);
	return p->next_ns;
}

static const struct chim_wire_ops pcap_ops = {
	.name = "pcap",
	.close = pcap_close,
	.send = pcap_send,
	.recv = pcap_recv,
	.due = pcap_due,
};

int chim_wire_open_pcap(const char *path, uint64_t now_ns, struct chim_wire **w)
{
	struct pcap_wire *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	err = chim_pcap_open(path, &p->reader);
	if (err) {
		free(p);
		return err;
	}
	p->base.ops = &pcap_ops;
	p->start_ns = now_ns;
	p->next_ns = now_ns;
	*w = &p->base;
	return 0;
}
