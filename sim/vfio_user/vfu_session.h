/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Inside of the vfio-user server: its state, and the commands (vfu_commands.c) as its connection
 * handling (vfu_server.c) calls them. Hard part: a command may, through DMA by messages, lose the
 * connection it came on.
 */
#ifndef CHIM_VFU_SESSION_H
#define CHIM_VFU_SESSION_H

#include "vfu_msg.h"
#include "vfu_dma.h"
#include "vfu_server.h"

#define VFU_QUEUE	64	   /* commands that may come in while an answer is waited for */
#define VFU_QUEUE_BYTES (4u << 20) /* and their bytes */

struct vfu_server {
	struct vfu_device device;
	int timeout_ms;
	int listener;
	char path[108]; /* as long as a UNIX socket's name may be */
	int next;	/* connected while one that left is read to its end; -1: none */

	/* The client's. */
	int client;	   /* -1: none */
	int greeted;	   /* versions are agreed */
	int64_t greet_by;  /* or else, in ms of the monotonic clock */
	uint64_t max_xfer; /* the smaller of both sides' */
	uint16_t next_id;  /* of our own commands */
	struct vfu_receiver receiver;
	struct vfu_dma_table dma;
	int irq_fds[VFU_IRQS][VFU_VECTORS];
	struct vfu_msg queue[VFU_QUEUE];
	unsigned int queue_head, queue_count;
	size_t queue_bytes;

	struct vfu_counts counts;
};

/* What a command answers: up to three pieces, and memory that is freed once they are sent. */
struct vfu_reply {
	struct vfu_part part[3];
	unsigned int parts;
	union {
		struct vfu_version version;
		struct vfu_dma_unmap unmap;
		struct vfu_device_info info;
		struct vfio_region_info region;
		struct vfio_irq_info irq;
		struct vfu_region_access access;
	} head;
	char text[256];
	void *data;
};

/* Carry out one command. 0 and @reply, or -errno for an error reply. */
int vfu_command(struct vfu_server *s, struct vfu_msg *msg, struct vfu_reply *reply);

/* Forget everything the client set up. */
void vfu_forget(struct vfu_server *s);

#endif
