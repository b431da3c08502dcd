/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The commands of the vfio-user server. Hard part: each begins by proving that what it is about to
 * use was sent: the payload's length, then every field, then the descriptors.
 * Source: QEMU docs/interop/vfio-user.rst, the section named after each command.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vfu_session.h"

#define ADD_PART(reply, ptr, bytes) \
	((reply)->part[(reply)->parts++] = (struct vfu_part){ .data = (ptr), .len = (bytes) })

/* The fixed part of a payload, which must be at least so long. */
static int fixed(const struct vfu_msg *msg, void *out, size_t len)
{
	if (msg->len < len)
		return -EINVAL;
	memcpy(out, msg->payload, len);
	return 0;
}

static void add_number(char *text, size_t room, const char *name, unsigned long long value)
{
	size_t at = strlen(text);

	snprintf(text + at, room - at, "%s\"%s\":%llu", at && text[at - 1] != '{' ? "," : "", name,
		 value);
}

static int version(struct vfu_server *s, struct vfu_msg *msg, struct vfu_reply *reply)
{
	struct vfu_version v;
	const char *text = "";
	uint64_t n;

	if (s->greeted || fixed(msg, &v, sizeof(v)))
		return -EINVAL;
	if (msg->len > sizeof(v)) {
		if (msg->payload[msg->len - 1])
			return -EINVAL;
		text = (const char *)msg->payload + sizeof(v);
	}
	if (v.major != VFU_MAJOR)
		return -EPROTONOSUPPORT;
	s->max_xfer = VFU_DEFAULT_MAX_XFER;
	if (vfu_json_number(text, "max_data_xfer_size", &n)) {
		/* Less than a burst of the device would be no memory at all. */
		if (n < VFU_PAGE)
			return -EINVAL;
		if (n < s->max_xfer)
			s->max_xfer = n;
	}
	s->greeted = 1;
	reply->head.version = (struct vfu_version){ VFU_MAJOR, VFU_MINOR };
	ADD_PART(reply, &reply->head.version, sizeof(reply->head.version));
	/* Only capabilities that the client proposed may stand in the answer. */
	strcpy(reply->text, "{\"capabilities\":{");
	if (vfu_json_number(text, "max_msg_fds", &n))
		add_number(reply->text, sizeof(reply->text), "max_msg_fds", VFU_MAX_FDS);
	if (vfu_json_number(text, "max_data_xfer_size", &n))
		add_number(reply->text, sizeof(reply->text), "max_data_xfer_size",
			   VFU_DEFAULT_MAX_XFER);
	if (vfu_json_number(text, "max_dma_maps", &n))
		add_number(reply->text, sizeof(reply->text), "max_dma_maps", VFU_DMA_MAX);
	if (vfu_json_number(text, "pgsizes", &n))
		add_number(reply->text, sizeof(reply->text), "pgsizes", VFU_PAGE);
	strcat(reply->text, "}}");
	ADD_PART(reply, reply->text, strlen(reply->text) + 1);
	return 0;
}

static int dma_map(struct vfu_server *s, struct vfu_msg *msg)
{
	struct vfu_dma_map m;

	if (fixed(msg, &m, sizeof(m)) || m.argsz < sizeof(m) || msg->fd_count > 1)
		return -EINVAL;
	return vfu_dma_add(&s->dma, m.addr, m.size, m.flags, msg->fd_count ? msg->fds[0] : -1,
			   m.offset);
}

static int dma_unmap(struct vfu_server *s, struct vfu_msg *msg, struct vfu_reply *reply)
{
	struct vfu_dma_unmap m;
	int err;

	if (fixed(msg, &m, sizeof(m)) || m.argsz < sizeof(m) || m.flags)
		return -EINVAL;
	err = vfu_dma_remove(&s->dma, m.addr, m.size);
	if (err)
		return err;
	reply->head.unmap = m;
	ADD_PART(reply, &reply->head.unmap, sizeof(m));
	return 0;
}

static int get_info(struct vfu_msg *msg, struct vfu_reply *reply)
{
	struct vfu_device_info i;

	if (fixed(msg, &i, sizeof(i)) || i.argsz < sizeof(i))
		return -EINVAL;
	reply->head.info =
		(struct vfu_device_info){ .argsz = sizeof(i),
					  .flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,
					  .num_regions = VFU_REGIONS,
					  .num_irqs = VFU_IRQS };
	ADD_PART(reply, &reply->head.info, sizeof(i));
	return 0;
}

static int get_region_info(struct vfu_server *s, struct vfu_msg *msg, struct vfu_reply *reply)
{
	struct vfio_region_info r;

	if (fixed(msg, &r, sizeof(r)) || r.argsz < sizeof(r) || r.index >= VFU_REGIONS)
		return -EINVAL;
	reply->head.region = (struct vfio_region_info){ .argsz = sizeof(r),
							.index = r.index,
							.size = s->device.regions[r.index] };
	if (s->device.regions[r.index])
		reply->head.region.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	ADD_PART(reply, &reply->head.region, sizeof(r));
	return 0;
}

static int get_irq_info(struct vfu_server *s, struct vfu_msg *msg, struct vfu_reply *reply)
{
	struct vfio_irq_info i;

	if (fixed(msg, &i, sizeof(i)) || i.argsz < sizeof(i) || i.index >= VFU_IRQS)
		return -EINVAL;
	reply->head.irq = (struct vfio_irq_info){ .argsz = sizeof(i),
						  .index = i.index,
						  .count = s->device.irqs[i.index] };
	if (s->device.irqs[i.index])
		reply->head.irq.flags = VFIO_IRQ_INFO_EVENTFD;
	ADD_PART(reply, &reply->head.irq, sizeof(i));
	return 0;
}

static void set_irq(struct vfu_server *s, uint32_t index, uint32_t i, int fd)
{
	if (s->irq_fds[index][i] >= 0)
		close(s->irq_fds[index][i]);
	s->irq_fds[index][i] = fd;
}

/*
 * 1. Exactly one kind of data, exactly one action. No interrupt of ours can be masked by message.
 * 2. The range must exist. No data, count 0 and start 0: every interrupt of the kind.
 * 3. EVENTFD: a descriptor for each, or none to take them back. NONE, BOOL: raise them.
 */
static int set_irqs(struct vfu_server *s, struct vfu_msg *msg)
{
	struct vfio_irq_set set;
	uint32_t data, action, i;

	if (fixed(msg, &set, sizeof(set)) || set.argsz < sizeof(set) || set.index >= VFU_IRQS)
		return -EINVAL;
	data = set.flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	action = set.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
	if ((data | action) != set.flags || action != VFIO_IRQ_SET_ACTION_TRIGGER)
		return -EINVAL;
	if (set.start > s->device.irqs[set.index] ||
	    set.count > s->device.irqs[set.index] - set.start)
		return -EINVAL;
	switch (data) {
	case VFIO_IRQ_SET_DATA_NONE:
		if (msg->fd_count)
			return -EINVAL;
		for (i = 0; !set.count && !set.start && i < s->device.irqs[set.index]; i++)
			set_irq(s, set.index, i, -1);
		for (i = 0; i < set.count; i++)
			vfu_irq(s, set.index, set.start + i);
		return 0;
	case VFIO_IRQ_SET_DATA_BOOL:
		if (msg->fd_count || msg->len < sizeof(set) + set.count)
			return -EINVAL;
		for (i = 0; i < set.count; i++)
			if (msg->payload[sizeof(set) + i])
				vfu_irq(s, set.index, set.start + i);
		return 0;
	case VFIO_IRQ_SET_DATA_EVENTFD:
		if (!set.count || (msg->fd_count && msg->fd_count != set.count))
			return -EINVAL;
		for (i = 0; i < set.count; i++) {
			set_irq(s, set.index, set.start + i, msg->fd_count ? msg->fds[i] : -1);
			if (msg->fd_count)
				msg->fds[i] = -1;
		}
		return 0;
	default: return -EINVAL;
	}
}

static int region_access(struct vfu_server *s, struct vfu_msg *msg, struct vfu_reply *reply,
			 int write)
{
	struct vfu_region_access a;
	uint64_t size;
	void *data;
	int err;

	if (fixed(msg, &a, sizeof(a)) || a.region >= VFU_REGIONS)
		return -EINVAL;
	size = s->device.regions[a.region];
	if (!a.count || a.count > s->max_xfer || a.offset > size || a.count > size - a.offset)
		return -EINVAL;
	if (msg->len != sizeof(a) + (write ? a.count : 0))
		return -EINVAL;
	if (write) {
		data = msg->payload + sizeof(a);
	} else {
		data = reply->data = calloc(1, a.count);
		if (!data)
			return -ENOMEM;
	}
	err = s->device.access(s->device.ctx, a.region, a.offset, data, a.count, write);
	if (err)
		return err;
	reply->head.access = a;
	ADD_PART(reply, &reply->head.access, sizeof(a));
	if (!write)
		ADD_PART(reply, reply->data, a.count);
	return 0;
}

int vfu_command(struct vfu_server *s, struct vfu_msg *msg, struct vfu_reply *reply)
{
	const unsigned int c = msg->header.command;

	if (!s->greeted && c != VFU_VERSION)
		return -EINVAL;
	if (msg->fd_count && c != VFU_DMA_MAP && c != VFU_SET_IRQS)
		return -EINVAL;
	switch (c) {
	case VFU_VERSION: return version(s, msg, reply);
	case VFU_DMA_MAP: return dma_map(s, msg);
	case VFU_DMA_UNMAP: return dma_unmap(s, msg, reply);
	case VFU_GET_INFO: return get_info(msg, reply);
	case VFU_GET_REGION_INFO: return get_region_info(s, msg, reply);
	case VFU_GET_IRQ_INFO: return get_irq_info(s, msg, reply);
	case VFU_SET_IRQS: return set_irqs(s, msg);
	case VFU_REGION_READ: return region_access(s, msg, reply, 0);
	case VFU_REGION_WRITE: return region_access(s, msg, reply, 1);
	case VFU_RESET: return s->device.reset(s->device.ctx);
	case VFU_DEVICE_FEATURE: return -ENOTTY;
	case VFU_GET_REGION_IO_FDS:
	case VFU_REGION_WRITE_MULTI:
	case VFU_MIG_DATA_READ:
	case VFU_MIG_DATA_WRITE: return -EOPNOTSUPP;
	default: return -EINVAL;
	}
}

void vfu_irq(struct vfu_server *s, unsigned int index, unsigned int vector)
{
	if (index >= VFU_IRQS || vector >= s->device.irqs[index] || s->irq_fds[index][vector] < 0 ||
	    eventfd_write(s->irq_fds[index][vector], 1) < 0)
		s->counts.lost_irqs++;
}

void vfu_forget(struct vfu_server *s)
{
	unsigned int i, v;

	vfu_dma_clear(&s->dma);
	for (i = 0; i < VFU_IRQS; i++)
		for (v = 0; v < VFU_VECTORS; v++)
			set_irq(s, i, v, -1);
	while (s->queue_count) {
		vfu_msg_free(&s->queue[s->queue_head]);
		s->queue_head = (s->queue_head + 1) % VFU_QUEUE;
		s->queue_count--;
	}
	s->queue_bytes = 0;
	s->greeted = 0;
}
