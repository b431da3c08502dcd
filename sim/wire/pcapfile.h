/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Reading and writing pcap files of Ethernet frames. The writer stores nanoseconds; the reader
 * takes files of either byte order and either resolution. Hard part: the reader must not trust a
 * file.
 * Source: draft-ietf-opsawg-pcap (link type 1, LINKTYPE_ETHERNET).
 */
#ifndef CHIM_PCAPFILE_H
#define CHIM_PCAPFILE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct chim_pcap_writer;
struct chim_pcap_reader;

/**
 * chim_pcap_create() - start a capture file, replacing an old one
 * Return: 0; -errno of open(); -EIO nothing can be written there; -ENOMEM.
 */
int chim_pcap_create(const char *path, struct chim_pcap_writer **w);

/**
 * chim_pcap_write() - append one frame
 * @time_ns: since 1970 for wall time, since the device's zero for device time
 * Return: 0; -EIO disk full or the like: the capture is incomplete from here on, also at close.
 */
int chim_pcap_write(struct chim_pcap_writer *w, uint64_t time_ns, const uint8_t *frame, size_t len);

/* Bytes reach the file. 0 or -EIO. */
int chim_pcap_flush(struct chim_pcap_writer *w);

/* 0; -EIO if this or any earlier write failed. NULL is allowed. */
int chim_pcap_close(struct chim_pcap_writer *w);

/**
 * chim_pcap_open() - open a capture for reading
 * Return: 0; -errno of open(); -EPROTO not a pcap file, or not of Ethernet frames; -ENOMEM.
 */
int chim_pcap_open(const char *path, struct chim_pcap_reader **r);

/**
 * chim_pcap_read() - next frame
 * @frame, @len: out: bytes, valid until the next call
 * @time_ns:     out: time in the file
 * @whole:       out: 0 if the capture cut the frame short
 * Return: 1; 0 end of file; -EPROTO the file is damaged from here on.
 */
int chim_pcap_read(struct chim_pcap_reader *r, const uint8_t **frame, size_t *len,
		   uint64_t *time_ns, int *whole);
void chim_pcap_close_reader(struct chim_pcap_reader *r);

#ifdef __cplusplus
}
#endif
#endif
