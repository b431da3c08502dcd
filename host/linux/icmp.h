/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * "Packet too big" messages (RFC 1191, RFC 8201) for connections that the kernel does not hold: it
 * finds no socket for them. Hard part: they are easy to forge; see RFC 5927 7.
 */
#ifndef CHIM_LINUX_ICMP_H
#define CHIM_LINUX_ICMP_H

#include "frame.h"

struct chim_too_big {
	struct chim_key key; /* of the connection whose packet it quotes */
	uint32_t seq;	     /* of the quoted segment: must be outstanding */
	unsigned int mtu;    /* bytes */
};

/* Return: 0 @f is such a message; -ENOENT it is something else, or cannot be used. */
int chim_icmp_too_big(const struct chim_frame *f, struct chim_too_big *t);

#endif
