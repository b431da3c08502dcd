/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A device that keeps the contract's rings and nothing else: it answers admin requests with
 * success, remembers doorbells and frames, and says what a test tells it to say. Hard part: it
 * reads only what the driver made visible (descriptors, mapped memory), as hardware would.
 */
#ifndef FAKE_DEV_H
#define FAKE_DEV_H

#include <chimney/backend.h>
#include <stdbool.h>

#include "../../../../rtl/contract/chim_contract.h"
#include "../../../../rtl/contract/chim_regs.h"

#define FAKE_FRAMES    64
#define FAKE_SLOTS     4 /* connections, unless a test asks for more */
#define FAKE_SLOTS_MAX 1000

struct fake_frame {
	uint8_t flags, gen;
	uint16_t conn, len;
	uint8_t bytes[2048];
};

struct fake_conn {
	bool used;
	uint8_t gen;
	struct chim_hw_tcp_state state;
	uint32_t bell[4];
	unsigned int bells[4];
};

struct fake_dev {
	struct chim_backend be; /* first */
	uint32_t reg[CHIM_REG_SPAN / 4];
	uint8_t *va;
	uint64_t iova;
	size_t len;
	uint32_t now;
	bool ptx_stopped; /* frames stay in the ring */
	bool gone;	  /* reads all ones */
	/* frames the driver sent, forwarded or gave up */
	struct fake_frame frame[FAKE_FRAMES];
	unsigned int frames;
	uint16_t slots;
	struct fake_conn conn[FAKE_SLOTS_MAX];
	/* how admin requests are answered */
	uint32_t initiate_status; /* of TCP blocks */
	unsigned int requests[16];
	uint32_t image_blocks;
	uint32_t object_seen[8]; /* object fields of the last image, in order */
};

void fake_init(struct fake_dev *f);
/* With another number of connections, at most FAKE_SLOTS_MAX. */
void fake_init_slots(struct fake_dev *f, uint16_t slots);
/* A frame for the plain receive ring; @frame NULL: a marker. */
bool fake_receive(struct fake_dev *f, const uint8_t *frame, uint16_t len, uint8_t cls,
		  uint16_t conn, uint8_t gen);
void fake_event(struct fake_dev *f, struct chim_hw_event e);
/* A CONN event. */
void fake_conn_event(struct fake_dev *f, uint16_t slot, uint32_t flags, uint32_t snd_done,
		     uint32_t rcv_placed);
/* Received bytes at @seq into the connection's ring. */
void fake_place(struct fake_dev *f, uint16_t slot, uint32_t seq, const void *bytes, uint32_t len);
/* Send data [seq, seq + len) as the send ring describes it. Return: it does. */
bool fake_gather(struct fake_dev *f, uint16_t slot, uint32_t seq, uint8_t *to, uint32_t len);

#endif
