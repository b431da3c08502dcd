/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * One NIC as the library drives it: what the documented offload interface does not cover. Devices,
 * mapped memory, the ordinary packet path, HOLD before a hand-off, registers, counters. Offload
 * itself goes through chimney/ndischimney.h and the router: chim_nic_open() registers the NIC there
 * as a miniport adapter.
 *
 * Threads: none. All calls from the owner's thread. Callbacks come only from chim_nic_poll();
 * inside one every call but chim_nic_poll() and chim_nic_close() is legal.
 */
#ifndef CHIMNEY_NIC_H
#define CHIMNEY_NIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chim_backend;
struct chim_ndis;
struct chim_nic;

/* Key of a connection, as the lookup sees it on the wire; IPv4 uses the first 4 bytes. */
struct chim_key {
	uint8_t family;	      /* 4 or 6 */
	uint16_t local_port;  /* host order */
	uint16_t remote_port; /* host order */
	uint8_t local[16];    /* network order, rest zero */
	uint8_t remote[16];
};

/* A held or offloaded connection: slot and generation; 0 is none. */
typedef uint32_t chim_conn_t;

/* Why a frame came up the plain path although an entry exists for it, or that none does. */
enum chim_rx_class {
	CHIM_RX_PLAIN,	/* no entry: belongs to the kernel */
	CHIM_RX_HELD,	/* entry in HOLD: forward it or give it up */
	CHIM_RX_MARKER, /* no frame: all later frames of @conn are held ones */
	CHIM_RX_PASSED, /* entry LIVE, but hardware does not handle such a frame (see @reason) */
};

struct chim_rx_info {
	enum chim_rx_class cls;
	chim_conn_t conn;    /* of HELD, MARKER, PASSED */
	unsigned int reason; /* PASSED: enum chim_hw_pass_reason of the contract */
	bool csum_ok;	     /* IP header (if IPv4) and TCP checksum were verified */
	uint32_t time_ms;    /* device time */
};

struct chim_nic_events {
	/* A frame of the plain path; valid during the call only. @frame is NULL for a MARKER. */
	void (*rx)(void *ctx, const uint8_t *frame, size_t len, const struct chim_rx_info *info);
	/* chim_nic_hold() ended: @err 0, -EEXIST key in use, -ENOSPC no entry, -EIO. */
	void (*hold_done)(void *ctx, void *cookie, int err, chim_conn_t conn);
	/*
	 * An entry turned LIVE, or it is gone: @err -ETIMEDOUT HOLD ran out, -ENOENT released with
	 * nothing installed, -EIO the device knows of no such entry.
	 */
	void (*live_done)(void *ctx, chim_conn_t conn, int err);
	/* The device stopped answering or reported a fatal fault; only close is left. */
	void (*dead)(void *ctx, int err);
};

struct chim_nic_cfg {
	const struct chim_nic_events *events;
	void *ctx;
	uint8_t mac[6];	       /* the interface's own */
	uint16_t vlans[4];     /* VLAN ids of the interface, 0-terminated */
	unsigned int mtu;      /* 576..9000 */
	unsigned int conns;    /* most to offload at once; 0: what the device holds */
	size_t arena_bytes;    /* host memory shared with the device; 0: default 64 MiB */
	size_t conn_rcv_bytes; /* receive ring per connection, power of two; 0: 128 KiB */
	size_t conn_snd_bytes; /* bounce memory per connection for sends; 0: 128 KiB */
};

/**
 * chim_nic_open() - take a device into use and register it as a miniport adapter
 * @be:   an open back end; stays the caller's, must outlive the NIC
 * @ndis: router to register with; NULL: plain NIC only
 *
 * Checks magic and contract version, resets the device, maps the arena, starts firmware and rings.
 * Return: 0; -EPROTO no such device or another major contract version; -ETIMEDOUT firmware did not
 * start; -ENOMEM; -EINVAL; back-end errors.
 */
int chim_nic_open(struct chim_backend *be, struct chim_ndis *ndis, const struct chim_nic_cfg *cfg,
		  struct chim_nic **nic);

/**
 * chim_nic_close() - quiesce and release; bounded (2 s device time)
 * Return: 0; -EBUSY buffers indicated to the host stack are still out: return them, call again.
 */
int chim_nic_close(struct chim_nic *nic);

/**
 * chim_nic_poll() - device progress, events, completions, ordinary frames
 * @budget: clocks an in-process model may run
 * Return: number of things handled (0: idle), or -ENODEV.
 */
int chim_nic_poll(struct chim_nic *nic, uint64_t budget);

/* The adapter handle under which the router knows this NIC. */
void *chim_nic_adapter(struct chim_nic *nic);

/**
 * chim_nic_tx() - send one ordinary frame; the bytes are copied
 * Return: 0; -EAGAIN ring full, retry after poll; -EMSGSIZE; -ENODEV.
 */
int chim_nic_tx(struct chim_nic *nic, const uint8_t *frame, size_t len);

/* Ordinary frames accepted by chim_nic_tx() that have not left the MAC side yet. */
size_t chim_nic_tx_pending(const struct chim_nic *nic);

/**
 * chim_nic_hold() - from its marker on, pass this connection's frames up as held (D13)
 * Asynchronous: events.hold_done. Return: 0; -EINVAL; -EAGAIN admin ring full.
 */
int chim_nic_hold(struct chim_nic *nic, const struct chim_key *key, void *cookie);

/**
 * chim_nic_release() - end HOLD: LIVE once its state is installed, every held frame was forwarded
 * or given up, and frames queued on the plain ring before this call are out; NONE if no state was
 * installed (its later frames are plain again). Answers with events.live_done.
 */
int chim_nic_release(struct chim_nic *nic, chim_conn_t conn);

/* A held frame will not be forwarded: count it off. */
int chim_nic_give_up(struct chim_nic *nic, chim_conn_t conn);

/* Registers, for `chimney reg` and tests: BAR 0. 0 or -errno as the back end's. */
int chim_nic_reg_read(struct chim_nic *nic, uint32_t off, uint32_t *val);
int chim_nic_reg_write(struct chim_nic *nic, uint32_t off, uint32_t val);

/**
 * chim_nic_mem() - a piece of the mapped arena for send data without a copy
 * @va, @iova: out. 64-byte aligned. Free with chim_nic_mem_free() when no send uses it any more.
 * Return: 0; -ENOMEM.
 */
int chim_nic_mem(struct chim_nic *nic, size_t len, void **va, uint64_t *iova);
void chim_nic_mem_free(struct chim_nic *nic, void *va);

/* What the device is and can do; filled from its registers. */
struct chim_nic_info {
	unsigned int version_major, version_minor;
	unsigned int data_w, conns, neighbors, paths;
	uint32_t features; /* CHIM_FEATURE_* of the contract */
	uint32_t build_id;
};
int chim_nic_info(const struct chim_nic *nic, struct chim_nic_info *info);

/* One named 64-bit counter; names are the contract's. Counters of drops, passes, uploads, DMA. */
struct chim_counter {
	const char *name;
	const char *desc;
	uint64_t value;
};
/* Fills up to @n; Return: how many there are. Reads the device; not for hot paths. */
int chim_nic_counters(struct chim_nic *nic, struct chim_counter *c, size_t n);

/* One connection, as `chimney conn show` prints it. */
struct chim_conn_info {
	chim_conn_t conn;
	struct chim_key key;
	const char *entry;     /* "HOLD" or "LIVE" */
	const char *tcp_state; /* derived */
	/* As of the connection's last event; NdisQueryOffloadState asks for more. */
	uint32_t snd_una, snd_end, snd_max; /* snd_end: behind the last byte posted */
	uint32_t rcv_placed;		    /* receive data below it lie in host memory */
	bool rcv_fin;			    /* the peer's FIN follows them */
};
/* Return: 0; -ENOENT. conn_next(): next connection after @conn (0: first), 0 at the end. */
chim_conn_t chim_nic_conn_next(struct chim_nic *nic, chim_conn_t conn);
int chim_nic_conn_info(struct chim_nic *nic, chim_conn_t conn, struct chim_conn_info *info);

#endif
