/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * pcap with nanoseconds (magic 0xa1b23c4d), Ethernet. Hard part: none.
 */
#include "capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct chim_capture {
	FILE *file;
	uint64_t frames;
	int err;
};

int chim_capture_open(const char *path, struct chim_capture **cap)
{
	/* magic, version 2.4, zone, accuracy, longest frame, link type Ethernet */
	static const uint32_t header[6] = { 0xa1b23c4d, 2 | 4 << 16, 0, 0, 65535, 1 };
	struct chim_capture *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->file = fopen(path, "we");
	if (!c->file || fwrite(header, sizeof(header), 1, c->file) != 1) {
		err = -errno;
		if (c->file)
			fclose(c->file);
		free(c);
		return err;
	}
	*cap = c;
	return 0;
}

int chim_capture_put(struct chim_capture *cap, const uint8_t *frame, size_t len)
{
	struct timespec ts;
	uint32_t record[4];

	if (!cap)
		return 0;
	clock_gettime(CLOCK_REALTIME, &ts);
	record[0] = (uint32_t)ts.tv_sec;
	record[1] = (uint32_t)ts.tv_nsec;
	record[2] = record[3] = (uint32_t)len;
	if (fwrite(record, sizeof(record), 1, cap->file) != 1 ||
	    fwrite(frame, len, 1, cap->file) != 1) {
		cap->err = -errno;
		return cap->err;
	}
	cap->frames++;
	return 0;
}

uint64_t chim_capture_frames(const struct chim_capture *cap)
{
	return cap ? cap->frames : 0;
}

int chim_capture_close(struct chim_capture *cap)
{
	int err;

	if (!cap)
		return 0;
	err = cap->err;
	if (fclose(cap->file) && !err)
		err = -errno;
	free(cap);
	return err;
}
