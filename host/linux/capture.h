/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Writes frames of the ordinary path to a pcap file while asked to (`chimney trace pcap`). Hard
 * part: none; a full disk ends the capture and is reported.
 */
#ifndef CHIM_LINUX_CAPTURE_H
#define CHIM_LINUX_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

struct chim_capture;

/* Create or overwrite @path. 0 or -errno. */
int chim_capture_open(const char *path, struct chim_capture **cap);
/* 0 or -errno; nothing with @cap NULL. */
int chim_capture_put(struct chim_capture *cap, const uint8_t *frame, size_t len);
uint64_t chim_capture_frames(const struct chim_capture *cap);
/* Return: 0, or the first error since it was opened. */
int chim_capture_close(struct chim_capture *cap);

#endif
