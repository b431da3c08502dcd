/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * The offloaded objects: neighbors, paths, connections, with their generations, reference counts
 * and what of their state the hardware does not keep. Hard part: RAM is small, so a connection has
 * 32 bytes here and everything else about it is read back from the on-chip tables.
 */
#ifndef FW_APP_OBJECTS_H
#define FW_APP_OBJECTS_H

#include "base/fw.h"
#include "chim_contract.h"
#include "tree/tree.h"

#define FW_NO_SLOT 0xFFFFFFFFu

struct fw_nbr {
	uint32_t host_time; /* HRT: ms, when the host last confirmed reachability */
	uint32_t nic_time;  /* NRT: ms, when we did */
	uint16_t gen;	    /* 12 bits */
	uint16_t refs;	    /* paths */
	uint16_t vlan;
	uint8_t used;
	uint8_t invalid;
};

struct fw_path {
	uint16_t gen;  /* 12 bits */
	uint16_t refs; /* connections */
	uint16_t nbr;
	uint16_t mtu;
	uint8_t used;
	uint8_t invalid;
	uint8_t ipv6;
	uint8_t rsvd;
};

/* Bits of struct fw_conn.bits. */
#define FW_CONN_GEN	   0x000Fu /* generation */
#define FW_CONN_USED	   0x0010u /* slot is taken */
#define FW_CONN_INSTALLED  0x0020u /* state is in the tables; else: only held */
#define FW_CONN_INVALID	   0x0040u /* itself invalidated */
#define FW_CONN_PAUSED	   0x0080u /* put back to HOLD because it, path or neighbor is invalid */
#define FW_CONN_PASSIVE	   0x0100u /* the peer's FIN came first */
#define FW_CONN_KA_ENABLED 0x0200u /* TCP_FLAG_KEEP_ALIVE_ENABLED */
#define FW_CONN_KA_RUNNING 0x0400u /* ka_deadline holds */
#define FW_CONN_UPLOAD	   0x0800u /* an UPLOAD event has to be sent */
#define FW_CONN_LIVE	   0x1000u /* turned LIVE at least once since its last HOLD */
#define FW_CONN_SCANNED	   0x2000u /* was not LIVE at the last scan (slots.c) */
#define FW_CONN_BROKEN	   0x4000u /* its hardware did not answer: never freed */
#define FW_CONN_SCALING	   0x8000u /* TCP_FLAG_WINDOW_SCALING_ENABLED */

struct fw_conn {
	union {
		struct { /* installed: what the engine does not need */
			uint32_t hash_value;
			uint32_t rcv_indication_size;
			uint32_t ka_timeout;  /* ticks */
			uint32_t ka_interval; /* ticks */
			uint32_t dwnd;
			uint32_t ka_deadline; /* ms */
			uint16_t remote_mss;
			uint8_t ka_probe_count;
			uint8_t ka_probes;
		};
		struct {		/* held only */
			uint32_t start; /* clocks: when HOLD began */
			uint32_t moved; /* clocks: when the count of frames last changed */
			uint32_t held;	/* that count, in place */
			uint16_t next;	/* list of held slots, ends at its own slot */
			uint16_t prev;
		};
	};
	uint16_t delegated_flags;
	uint16_t bits; /* FW_CONN_* */
};
CHIM_STATIC_ASSERT(sizeof(struct fw_conn) == 32, "fw_conn");

/** struct fw_objects - all of them; counts are what RAM and build allow */
struct fw_objects {
	struct fw_nbr *nbr;
	struct fw_path *path;
	struct fw_conn *conn;
	uint32_t nbrs;
	uint32_t paths;
	uint32_t conns;
	uint32_t live_objects; /* neighbors, paths and connections in use */
	uint32_t first_free;   /* no free slot below it */
	uint32_t high_water;   /* no used slot at or above it */
};
extern struct fw_objects fw_obj;

/**
 * fw_objects_init() - lay the tables out in a piece of memory, all free
 * @mem:   16-byte aligned
 * @bytes: its size
 *
 * Neighbors and paths get what the build has; connections what fits behind them.
 * Return: FW_OK; FW_NONE there is no room for one connection.
 */
enum fw_result fw_objects_init(void *mem, uint32_t bytes, uint32_t nbrs, uint32_t paths,
			       uint32_t conns) FW_MUST_CHECK;

/** fw_handle() - object handle */
uint32_t fw_handle(uint32_t layer, uint32_t gen, uint32_t slot);
/** fw_object() - slot of a living object, or FW_NO_SLOT; connections: installed ones only */
uint32_t fw_object(uint32_t layer, uint32_t handle);

/** fw_nbr_alloc() - a free neighbor, marked used; FW_NO_SLOT: none */
uint32_t fw_nbr_alloc(void);
void fw_nbr_free(uint32_t n);
/** fw_path_alloc() - a free path, marked used; FW_NO_SLOT: none */
uint32_t fw_path_alloc(void);
void fw_path_free(uint32_t p);
/** fw_conn_alloc() - the lowest free slot, marked used; FW_NO_SLOT: none */
uint32_t fw_conn_alloc(void);
/** fw_conn_free() - give the slot back; its generation advances */
void fw_conn_free(uint32_t slot);

/** fw_conn_path() - path of an installed connection */
uint32_t fw_conn_path(uint32_t slot);

#endif
