/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Whole vfio-user messages, with their descriptors, over a UNIX stream socket; used by both ends.
 * Hard part: the other end is not trusted: sizes are bounded, descriptors never leak, waits end.
 */
#ifndef CHIM_VFU_MSG_H
#define CHIM_VFU_MSG_H

#include <stddef.h>
#include <stdint.h>

#include "vfu_proto.h"

#define VFU_MAX_FDS	64 /* descriptors with one message */

/* Largest message that is accepted: the largest data transfer and its headers. */
#define VFU_MAX_MESSAGE (sizeof(struct vfu_header) + 64 + VFU_DEFAULT_MAX_XFER)

/* A received message. Descriptors taken over by a handler are set to -1 in @fds. */
struct vfu_msg {
	struct vfu_header header;
	uint8_t *payload; /* header.size - 16 bytes, 8-byte aligned */
	size_t len;
	int fds[VFU_MAX_FDS];
	unsigned int fd_count;
};

/* Receiving side of a socket: a message is collected over as many calls as it takes. */
struct vfu_receiver {
	int sock;
	/* private: */
	size_t have; /* bytes of header and payload so far */
	int too_many_fds;
	size_t room; /* bytes allocated for the payload */
	struct vfu_msg msg;
};

void vfu_receiver_init(struct vfu_receiver *r, int sock);

/* Frees memory and closes descriptors; the socket stays open. */
void vfu_receiver_fini(struct vfu_receiver *r);

/**
 * vfu_receive() - go on receiving
 * @msg: out: the message; valid, with its descriptors, until vfu_msg_done()
 *
 * Never blocks. Return: 1 and @msg; 0 not all there yet; -ECONNRESET the other end is gone; -EPROTO
 * a size or number of descriptors out of range: the stream cannot be followed any further; -ENOMEM.
 */
int vfu_receive(struct vfu_receiver *r, struct vfu_msg **msg);

/* The message was handled: closes the descriptors nobody took. */
void vfu_msg_done(struct vfu_msg *msg);

/* Move a received message out of its receiver, which may then receive; vfu_msg_free() it. */
void vfu_msg_detach(struct vfu_receiver *r, struct vfu_msg *msg);
void vfu_msg_free(struct vfu_msg *msg);

/* Wait until vfu_receive() may have something: 0; -ETIMEDOUT. */
int vfu_wait(int sock, short events, int timeout_ms);

/**
 * vfu_send() - send one message whole
 * @parts: payload in @count pieces (at most 3); header.size is filled in
 * @fds:   descriptors to pass, @fd_count of them
 * Return: 0; -ETIMEDOUT the other end does not read; -ECONNRESET.
 */
struct vfu_part {
	const void *data;
	size_t len;
};
int vfu_send(int sock, struct vfu_header *header, const struct vfu_part *parts, unsigned int count,
	     const int *fds, unsigned int fd_count, int timeout_ms);

/**
 * vfu_json_number() - value of a capability in the text of a VERSION message
 * @text: NUL-terminated
 * Return: 1 and @value if "@name": number is there; 0 if not.
 */
int vfu_json_number(const char *text, const char *name, uint64_t *value);

#endif
