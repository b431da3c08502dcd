/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * What is plugged into the MAC side of the model: one small ops table for TAP, veth, pcap replay,
 * loop and a pair of endpoints in one process. Hard part: every frame carries the time at which it
 * arrived, because the device's clock follows the frames (sim/shell/devtime.h), and time is always
 * an input: no wire reads a clock to decide what it hands out.
 */
#ifndef CHIM_WIRE_H
#define CHIM_WIRE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CHIM_WIRE_MIN_FRAME 14	  /* bytes: Ethernet header */
#define CHIM_WIRE_MAX_FRAME 16384 /* bytes, no FCS: what the model's MAC side takes */
#define CHIM_WIRE_NEVER	    UINT64_MAX

struct chim_wire;

/**
 * struct chim_wire_frame - a frame that arrived
 * @data:    bytes without FCS; the wire's own, valid until the next call on the wire
 * @len:     CHIM_WIRE_MIN_FRAME..CHIM_WIRE_MAX_FRAME
 * @time_ns: when it arrived, on the clock of the caller's @now_ns; never decreases, never above
 *           @now_ns. Where the kernel gives no time of arrival: a time at which it surely had not
 *           arrived later (the last look that found the wire empty).
 */
struct chim_wire_frame {
	const uint8_t *data;
	size_t len;
	uint64_t time_ns;
};

/**
 * struct chim_wire_stats - counts since the wire was opened
 * @rx_frames, @rx_bytes: handed out by recv
 * @tx_frames, @tx_bytes: taken by send
 * @rx_lost:    lost before recv could see them: kernel ring or queue full
 * @rx_refused: seen and not handed out: truncated, too long or short, or not a frame as it is on a
 *              cable (left to a segmentation or checksum offload)
 * @tx_lost:    send accepted or tried them, the wire could not carry them
 */
struct chim_wire_stats {
	uint64_t rx_frames;
	uint64_t rx_bytes;
	uint64_t tx_frames;
	uint64_t tx_bytes;
	uint64_t rx_lost;
	uint64_t rx_refused;
	uint64_t tx_lost;
};

/**
 * struct chim_wire_ops - what each wire implements
 * @close:  release everything
 * @send:   a frame left the NIC at @now_ns. 0; -EIO it is lost, and counted
 * @recv:   oldest frame that has arrived by @now_ns. 1 and @f; 0 none; -EIO the wire is gone
 * @due:    earliest time at which recv may give a frame or must be called although the descriptor
 *          stays silent; CHIM_WIRE_NEVER if none
 * @pollfd: readable when frames wait; -1 if there is none
 * @update: bring @stats of the base up to date (asks the kernel)
 */
struct chim_wire_ops {
	const char *name;
	void (*close)(struct chim_wire *w);
	int (*send)(struct chim_wire *w, const uint8_t *frame, size_t len, uint64_t now_ns);
	int (*recv)(struct chim_wire *w, uint64_t now_ns, struct chim_wire_frame *f);
	uint64_t (*due)(struct chim_wire *w);
	int (*pollfd)(struct chim_wire *w);
	void (*update)(struct chim_wire *w);
};

/* Base of a wire; an implementation puts it first in its own structure. */
struct chim_wire {
	const struct chim_wire_ops *ops;
	const char *ifname; /* of a TAP, for the user to be told; else NULL */
	struct chim_wire_stats stats;
};

/**
 * chim_wire_open() - open a wire by its name
 * @spec:   "tap", "tap:IF", "veth:IF", "pcap:FILE" or "loop"
 * @now_ns: time of opening on the caller's clock; a replay starts then
 * @w:      out: the wire, released by chim_wire_close()
 *
 * Return: 0; -EINVAL not of this form; -ENOENT no such interface or file; -EPERM or -EACCES (TAP:
 * root only on most machines; veth: needs CAP_NET_RAW in the interface's network namespace);
 * -EPROTO not a pcap file of Ethernet frames; -ENODEV no TUN driver; -ENOMEM.
 */
int chim_wire_open(const char *spec, uint64_t now_ns, struct chim_wire **w);

/* NULL is allowed. */
void chim_wire_close(struct chim_wire *w);

int chim_wire_send(struct chim_wire *w, const uint8_t *frame, size_t len, uint64_t now_ns);
int chim_wire_recv(struct chim_wire *w, uint64_t now_ns, struct chim_wire_frame *f);
uint64_t chim_wire_due(struct chim_wire *w);
int chim_wire_pollfd(struct chim_wire *w);
void chim_wire_get_stats(struct chim_wire *w, struct chim_wire_stats *stats);

/**
 * chim_wire_pair() - two endpoints in one process; what one sends the other receives
 * @a, @b: out: either may be closed first; sending to a closed peer is counted as lost
 *
 * Holds up to 65,536 frames each way; more are lost and counted (tx_lost of the sender). No
 * descriptor: the owner calls recv whenever it likes.
 * Return: 0; -ENOMEM.
 */
int chim_wire_pair(struct chim_wire **a, struct chim_wire **b);

/* Openers of the kinds, for chim_wire_open(). @ifname "": the kernel chooses a TAP's name. */
int chim_wire_open_tap(const char *ifname, struct chim_wire **w);
int chim_wire_open_veth(const char *ifname, struct chim_wire **w);
int chim_wire_open_pcap(const char *path, uint64_t now_ns, struct chim_wire **w);
int chim_wire_open_loop(struct chim_wire **w);

#ifdef __cplusplus
}
#endif
#endif
