/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Events that wait for the event ring, see evq.h. Hard part: order: an event never passes an older
 * one.
 */
#include "evq.h"

#include "app/objects.h"
#include "drv/event.h"
#include "drv/soc.h"

/* A power of two; one operation posts at most a FAULT and its completion. */
#define QUEUE_LEN 8u

static struct chim_hw_event queue[QUEUE_LEN];
static uint32_t head, tail; /* free running */

void fw_evq_init(void)
{
	head = 0;
	tail = 0;
}

uint32_t fw_evq_room(void)
{
	return QUEUE_LEN - (tail - head);
}

void fw_evq_poll(void)
{
	while (head != tail && fw_event_push(&queue[head % QUEUE_LEN]) == FW_OK)
		head++;
}

void fw_evq_post(const struct chim_hw_event *event)
{
	struct chim_hw_event *e;

	if (fw_evq_room() == 0)
		return;
	e = &queue[tail % QUEUE_LEN];
	*e = *event;
	e->time_ms = chim_le32_of(fw_soc_ms());
	tail++;
	fw_evq_poll();
}

void fw_event_admin(uint32_t cookie, uint32_t status, uint32_t info)
{
	struct chim_hw_event e = { .type = CHIM_EVENT_TYPE_ADMIN };

	e.conn = chim_le16_of((uint16_t)cookie);
	e.snd_done = chim_le32_of(status);
	e.rcv_placed = chim_le32_of(cookie);
	e.info = chim_le32_of(info);
	fw_evq_post(&e);
}

void fw_event_conn(uint32_t type, uint32_t slot, uint32_t info)
{
	struct chim_hw_event e = { .type = (uint8_t)type };

	e.gen = fw_obj.conn[slot].bits & FW_CONN_GEN;
	e.conn = chim_le16_of((uint16_t)slot);
	e.info = chim_le32_of(info);
	fw_evq_post(&e);
}

void fw_event_fault(uint32_t counter)
{
	struct chim_hw_event e = { .type = CHIM_EVENT_TYPE_FAULT };

	if (fw_evq_room() < 2) /* the operation's completion needs the last place */
		return;
	e.info = chim_le32_of(counter);
	fw_evq_post(&e);
}
