/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * pcap files, see pcapfile.h. Hard part: lengths of a foreign file are checked before they are
 * used.
 */
#include "pcapfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PCAP_MAGIC_NS	   0xA1B23C4Du
#define PCAP_MAGIC_US	   0xA1B2C3D4u
#define PCAP_SNAPLEN	   262144u /* bytes; largest that the format's readers accept */
#define PCAP_LINK_ETHERNET 1u
#define NS_PER_S	   1000000000u

struct pcap_file_header {
	uint32_t magic;
	uint16_t major;
	uint16_t minor;
	uint32_t zone;
	uint32_t sigfigs;
	uint32_t snaplen;
	uint32_t link;
};

struct pcap_record {
	uint32_t seconds;
	uint32_t fraction; /* ns or us, by the file's magic */
	uint32_t stored;
	uint32_t length; /* on the cable */
};

_Static_assert(sizeof(struct pcap_file_header) == 24, "pcap file header");
_Static_assert(sizeof(struct pcap_record) == 16, "pcap record header");

struct chim_pcap_writer {
	FILE *file;
	int failed;
};

struct chim_pcap_reader {
	FILE *file;
	int swap;	   /* file is of the other byte order */
	uint32_t per_unit; /* ns per unit of the fraction */
	uint8_t data[PCAP_SNAPLEN];
};

int chim_pcap_create(const char *path, struct chim_pcap_writer **w)
{
	static const struct pcap_file_header header = {
		.magic = PCAP_MAGIC_NS,
		.major = 2,
		.minor = 4,
		.snaplen = PCAP_SNAPLEN,
		.link = PCAP_LINK_ETHERNET,
	};
	struct chim_pcap_writer *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->file = fopen(path, "wbe");
	if (!p->file) {
		int err = -errno;

		free(p);
		return err;
	}
	if (fwrite(&header, sizeof(header), 1, p->file) != 1 || fflush(p->file)) {
		fclose(p->file);
		free(p);
		return -EIO;
	}
	*w = p;
	return 0;
}

int chim_pcap_write(struct chim_pcap_writer *w, uint64_t time_ns, const uint8_t *frame, size_t len)
{
	const struct pcap_record rec = {
		.seconds = (uint32_t)(time_ns / NS_PER_S),
		.fraction = (uint32_t)(time_ns % NS_PER_S),
		.stored = (uint32_t)len,
		.length = (uint32_t)len,
	};

	if (w->failed || len > PCAP_SNAPLEN || fwrite(&rec, sizeof(rec), 1, w->file) != 1 ||
	    fwrite(frame, len, 1, w->file) != 1) {
		w->failed = 1;
		return -EIO;
	}
	return 0;
}

int chim_pcap_flush(struct chim_pcap_writer *w)
{
	if (fflush(w->file))
		w->failed = 1;
	return w->failed ? -EIO : 0;
}

int chim_pcap_close(struct chim_pcap_writer *w)
{
	int failed;

	if (!w)
		return 0;
	failed = w->failed;
	if (fclose(w->file))
		failed = 1;
	free(w);
	return failed ? -EIO : 0;
}

static uint32_t host32(const struct chim_pcap_reader *r, uint32_t v)
{
	return r->swap ? __builtin_bswap32(v) : v;
}

int chim_pcap_open(const char *path, struct chim_pcap_reader **r)
{
	struct chim_pcap_reader *p = calloc(1, sizeof(*p));
	struct pcap_file_header header;
	uint32_t magic;
	int err = -EPROTO;

	if (!p)
		return -ENOMEM;
	p->file = fopen(path, "rbe");
	if (!p->file) {
		err = -errno;
		goto err_free;
	}
	if (fread(&header, sizeof(header), 1, p->file) != 1)
		goto err_close;
	magic = header.magic;
	if (magic != PCAP_MAGIC_NS && magic != PCAP_MAGIC_US) {
		p->swap = 1;
		magic = __builtin_bswap32(magic);
	}
	if (magic == PCAP_MAGIC_NS)
		p->per_unit = 1;
	else if (magic == PCAP_MAGIC_US)
		p->per_unit = 1000;
	else
		goto err_close;
	/* The upper four bits of the link type say whether frames carry an FCS; 0: none. */
	if (host32(p, header.link) != PCAP_LINK_ETHERNET)
		goto err_close;
	*r = p;
	return 0;

err_close:
	fclose(p->file);
err_free:
	free(p);
	return err;
}

int chim_pcap_read(struct chim_pcap_reader *r, const uint8_t **frame, size_t *len,
		   uint64_t *time_ns, int *whole)
{
	struct pcap_record rec;
	size_t got = fread(&rec, 1, sizeof(rec), r->file);
	uint32_t stored;

	if (got == 0 && feof(r->file))
		return 0;
	if (got != sizeof(rec))
		return -EPROTO;
	stored = host32(r, rec.stored);
	if (stored > sizeof(r->data) || fread(r->data, 1, stored, r->file) != stored)
		return -EPROTO;
	*frame = r->data;
	*len = stored;
	*time_ns = (uint64_t)host32(r, rec.seconds) * NS_PER_S +
		   (uint64_t)host32(r, rec.fraction) * r->per_unit;
	*whole = stored == host32(r, rec.length);
	return 1;
}

void chim_pcap_close_reader(struct chim_pcap_reader *r)
{
	if (!r)
		return;
	fclose(r->file);
	free(r);
}
