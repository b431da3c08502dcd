/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * TAP: the kernel of this namespace is the other end of the cable. Whole, checksummed frames,
 * because no virtio header is asked for. Hard part: the kernel gives no time of arrival, so a frame
 * counts as arrived when the wire was last seen empty, which is never too late.
 */
#include "netif.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TAP_QUEUE_FRAMES 8192 /* kernel to reader; a 128 KiB window of 64-byte frames is 2,048 */

struct tap_wire {
	struct chim_wire base;
	int fd;
	int index;
	int looked;	   /* empty_ns is set */
	uint64_t empty_ns; /* last look that found nothing */
	struct chim_netif_drops start;
	char ifname[IFNAMSIZ];
	uint8_t data[CHIM_WIRE_MAX_FRAME +
		     1]; /* one more, so that a longer frame is seen as such */
};

static void tap_close(struct chim_wire *w)
{
	struct tap_wire *t = (struct tap_wire *)w;

	close(t->fd);
	free(t);
}

static int tap_send(struct chim_wire *w, const uint8_t *frame, size_t len, uint64_t now_ns)
{
	struct tap_wire *t = (struct tap_wire *)w;

	(void)now_ns;
	/* EIO: the interface is down, as a cable without a peer. */
	return write(t->fd, frame, len) == (ssize_t)len ? 0 : -EIO;
}

static int tap_recv(struct chim_wire *w, uint64_t now_ns, struct chim_wire_frame *f)
{
	struct tap_wire *t = (struct tap_wire *)w;
	ssize_t got = read(t->fd, t->data, sizeof(t->data));

	if (got < 0) {
		if (errno != EAGAIN && errno != EINTR)
			return -EIO;
		t->looked = 1;
		t->empty_ns = now_ns;
		return 0;
	}
	if (!t->looked)
		t->empty_ns = now_ns;
	t->looked = 1;
	*f = (struct chim_wire_frame){ t->data, (size_t)got, t->empty_ns };
	return 1;
}

static int tap_pollfd(struct chim_wire *w)
{
	return ((struct tap_wire *)w)->fd;
}

static void tap_update(struct chim_wire *w)
{
	struct tap_wire *t = (struct tap_wire *)w;
	struct chim_netif_drops now;

	/* The kernel transmits towards us. */
	if (!chim_netif_drops(t->index, &now))
		w->stats.rx_lost = now.tx_dropped - t->start.tx_dropped;
}

static const struct chim_wire_ops tap_ops = {
	.name = "tap",
	.close = tap_close,
	.send = tap_send,
	.recv = tap_recv,
	.pollfd = tap_pollfd,
	.update = tap_update,
};

int chim_wire_open_tap(const char *ifname, struct chim_wire **w)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	struct tap_wire *t;
	int err;

	if (strlen(ifname) >= sizeof(ifr.ifr_name))
		return -EINVAL;
	memcpy(ifr.ifr_name, ifname, strlen(ifname));
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->base.ops = &tap_ops;
	t->fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (t->fd < 0) {
		err = errno == ENOENT ? -ENODEV : -errno;
		goto err_free;
	}
	if (ioctl(t->fd, TUNSETIFF, &ifr) < 0 || ioctl(t->fd, TUNSETOFFLOAD, 0) < 0) {
		err = -errno;
		goto err_close;
	}
	memcpy(t->ifname, ifr.ifr_name, sizeof(t->ifname) - 1);
	t->base.ifname = t->ifname;
	err = chim_netif_index(t->ifname, &t->index);
	if (err)
		goto err_close;
	err = chim_netif_set_queue(t->ifname, TAP_QUEUE_FRAMES);
	if (err)
		goto err_close;
	err = chim_netif_drops(t->index, &t->start);
	if (err)
		goto err_close;
	*w = &t->base;
	return 0;

err_close:
	close(t->fd);
err_free:
	free(t);
	return err;
}
