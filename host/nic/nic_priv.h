/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * What the files of this folder share. Hard part: three different owners of time: entry points only
 * record (R11, R87), completions leave only from chim_nic_poll(), and the device answers whenever.
 *
 *   entry points (miniport.c) -> queues -> chim_nic_poll(): device events -> completions
 */
#ifndef CHIM_NIC_PRIV_H
#define CHIM_NIC_PRIV_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <chimney/backend.h>
#include <chimney/ndischimney.h>
#include <chimney/nic.h>

#include "../../rtl/contract/chim_contract.h"
#include "../../rtl/contract/chim_regs.h"
#include "../ndis/deliver.h"
#include "arena.h"

/* Ring sizes, log2 of entries; the device's geometry register bounds them. */
#define NIC_ADMIN_LOG2	6u
#define NIC_EVT_LOG2	10u
#define NIC_PTX_LOG2	8u
#define NIC_PRX_LOG2	8u
#define NIC_CPL_LOG2	9u
#define NIC_ADMIN_MAX	(1u << NIC_ADMIN_LOG2)

/* Send ring of a connection, log2 of entries. */
#define NIC_SND_LOG2	8u

/* Fragments shorter than this are copied together (D12). */
#define NIC_SND_GATHER	256u

/*
 * Returned receive memory is told to the device in steps of so many bytes, but of no more than an
 * eighth of the window: a window of which all is returned must never look closed. Less than the
 * least segment in use (536, RFC 9293 3.7.1): the device moves the window's edge by segments
 * (steps.md 2), so it moves no later for it.
 */
#define NIC_RETURN_STEP 512u

/* A ring in the arena; indices run freely. */
struct nic_ring {
	uint8_t *va;
	uint32_t entry; /* bytes */
	uint32_t size;	/* entries, a power of two */
	uint32_t host, device;
	uint32_t reg; /* register offset of its base */
};

static inline void *nic_ring_at(const struct nic_ring *r, uint32_t index)
{
	return r->va + (size_t)r->entry * (index & (r->size - 1));
}

/*
 * The entry that the host reads next, if the device has written it: its lap bit, in byte @owner,
 * changes with every turn (rings.toml).
 */
static inline const void *nic_ring_next(const struct nic_ring *r, size_t owner)
{
	const uint8_t *entry = nic_ring_at(r, r->host);

	if ((((const volatile uint8_t *)entry)[owner] & 1) == !!(r->host & r->size))
		return NULL;
	/* The entry's bytes after its lap bit. */
	atomic_thread_fence(memory_order_acquire);
	return entry;
}

struct nic_conn;
struct nic_admin;
typedef void nic_admin_done(struct chim_nic *nic, struct nic_admin *req, uint32_t status,
			    uint32_t info);

/* One request to firmware, from posting to its event. */
struct nic_admin {
	bool busy;
	nic_admin_done *done;
	void *ctx;
	uint8_t *image, *result; /* in the arena, owned by the request */
	uint32_t image_len, result_len;
};

/* An offloaded object: what MiniportOffloadContext points to. */
struct nic_obj {
	enum chim_layer layer;
	uint32_t handle;       /* object handle of the contract */
	NDIS_HANDLE ndis;      /* NdisOffloadHandle */
	struct nic_conn *conn; /* TCP layer */
	struct chim_key key;   /* path: addresses, as of a connection over it */
	uint16_t vlan;	       /* neighbor, and path on it */
};

/* A state operation between its entry point and its completion. */
struct nic_op {
	struct nic_op *next;
	enum chim_hw_admin_op opcode;
	PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root;
	bool posted;
};

/* What one send descriptor takes back when its bytes are done. */
struct nic_frag {
	uint32_t end;	 /* sequence number behind it */
	uint32_t bounce; /* bytes of bounce memory */
};

struct nic_conn {
	struct nic_conn *next, **prev; /* all connections */
	struct chim_nic *nic;
	bool todo; /* nic_conn_todo() */
	struct nic_conn *todo_next;
	struct nic_obj obj;
	uint16_t slot;
	uint8_t gen;	  /* GEN_W bits */
	uint32_t bells;	  /* address of its doorbells */
	bool offloaded;	  /* initiate ended with success */
	bool started;	  /* its completion was delivered: indications may go up (R30) */
	bool terminating; /* terminate was called: no new work */
	bool terminated;  /* the device knows it no more */
	bool aborted;
	struct chim_key key;
	uint16_t vlan;
	uint32_t flags_seen; /* EVF_* already told */
	uint32_t snd_max;
	bool news; /* event came that waits for started: the newest one */
	struct chim_hw_event event;

	/* Send. */
	struct chim_hw_snd_desc *snd;
	struct nic_frag *frag;	     /* by descriptor index */
	uint32_t snd_head, snd_tail; /* descriptors made, given back; free running */
	uint32_t snd_end;	     /* behind the last byte described */
	uint32_t snd_done;	     /* below it nothing is read any more */
	uint32_t snd_start;	     /* SndUna at offload */
	uint8_t *bounce;
	uint32_t bounce_size, bounce_head, bounce_tail;
	NET_BUFFER_LIST *send_head, *send_tail; /* posted, not completed */
	NET_BUFFER_LIST *fill_nbl;		/* first list with bytes not described, or NULL */
	NET_BUFFER *fill_nb;
	struct chim_nb_iter fill; /* the first byte of fill_nb not described; there is one */
	NET_BUFFER_LIST *disc;	  /* disconnect in progress */
	ULONG disc_flags;
	bool disc_filling, fin_rung; /* its data is being described; is out */

	/* Receive. */
	uint8_t *rcv;
	uint32_t rcv_bytes;
	uint32_t rcv_placed; /* told to the delivery algorithm, FIN not counted */
	bool rcv_fin;
	bool passive;	     /* the peer's FIN came before the host closed */
	uint32_t rcv_freed;  /* below it the ring is free again */
	uint32_t rcv_return; /* of that, last told to the device */
	uint32_t return_step;
	struct chim_deliver deliver;
	bool push_armed, push_timed; /* it is to run; it is in the list of timers */
	uint32_t push_deadline;
	struct nic_conn *timer_next, *timer_prev;

	NET_BUFFER_LIST *fwd_head, *fwd_tail; /* forwards not completed */
	NET_BUFFER_LIST *fwd_next;	      /* first of them not in the plain ring yet */
};

struct chim_nic {
	struct chim_backend *be;
	struct chim_ndis *ndis;
	struct chim_nic_cfg cfg;
	struct nic_arena arena;
	bool dead, polling;
	uint32_t now;
	struct chim_nic_info info;

	struct nic_ring admin, evt, ptx, prx, cpl;
	volatile uint32_t *ptx_wb; /* the device's copy of ptx.device */
	struct nic_admin requests[NIC_ADMIN_MAX];
	uint32_t admin_next;

	/* Plain path. */
	uint8_t *ptx_buf, *prx_buf;
	uint32_t buf_bytes; /* of one plain buffer */

	/* Offload. */
	NDIS_HANDLE driver, adapter, miniport;
	NDIS_TCP_OFFLOAD_EVENT_HANDLERS up;
	NDIS_HANDLE nbl_pool, mdl_pool;
	NET_BUFFER_LIST *spare; /* lists over receive rings that came back */
	NDIS_TCP_CONNECTION_OFFLOAD caps;
	NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS params;
	struct nic_op *ops, **ops_tail;
	struct nic_conn *conns;
	struct nic_conn **slots; /* by slot: the one the device knows; info.conns of them */
	struct nic_conn *todo_first, *todo_last;
	struct nic_conn *timer_first, *timer_last; /* push timers by deadline */
	uint64_t counter_high[CHIM_COUNTER_COUNT];
	uint32_t counter_last[CHIM_COUNTER_COUNT];
	uint64_t counter_base[CHIM_COUNTER_COUNT]; /* zero point of the statistics OIDs */
	PNDIS_OID_REQUEST oid;			   /* parameters on their way to the device */
};

/* nic.c */
int nic_read(struct chim_nic *nic, uint32_t reg, uint32_t *val);
int nic_write(struct chim_nic *nic, uint32_t reg, uint32_t val);
void nic_dead(struct chim_nic *nic, int err);
/* Ring a doorbell; an error makes the NIC dead. */
void nic_doorbell(struct nic_conn *c, unsigned int queue, uint32_t value);

/* rings.c */
int nic_rings_init(struct chim_nic *nic);
int nic_events(struct chim_nic *nic);

/* plain.c */
int nic_plain_init(struct chim_nic *nic);
int nic_plain_poll(struct chim_nic *nic);
/* Learns how far the transmit ring is read. */
void nic_ptx_update(struct chim_nic *nic);
/* One frame into the transmit ring. @flags: PTX_*; @len 0 with PTX_GIVE_UP. */
int nic_ptx(struct chim_nic *nic, const uint8_t *frame, size_t len, uint8_t flags,
	    chim_conn_t conn);

/* admin.c */
/* -EAGAIN ring full, -ENOMEM; else the request, with image and result allocated and zeroed. */
int nic_admin_get(struct chim_nic *nic, size_t image, size_t result, struct nic_admin **req);
void nic_admin_put(struct chim_nic *nic, struct nic_admin *req);
void nic_admin_post(struct chim_nic *nic, struct nic_admin *req, enum chim_hw_admin_op opcode,
		    chim_conn_t conn);
int nic_admin_params(struct chim_nic *nic, nic_admin_done *done);
void nic_admin_event(struct chim_nic *nic, const struct chim_hw_event *e);

/* miniport.c */
int nic_miniport_init(struct chim_nic *nic);
int nic_miniport_fini(struct chim_nic *nic);
int nic_ops_poll(struct chim_nic *nic);

/* image.c */
int nic_image_post(struct chim_nic *nic, struct nic_op *op);

/* state.c: wire form of states */
uint16_t nic_state_bytes(enum chim_layer layer);
void nic_state_in(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b, void *wire);
void nic_state_out(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b, const void *wire,
		   enum chim_hw_admin_op opcode);

/* conn.c */
/*
 * A connection being offloaded: rings with the block's data in them, described in @w. NULL, @w
 * without rings: no memory.
 */
struct nic_conn *nic_conn_new(struct chim_nic *nic, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST block,
			      const struct nic_obj *path, struct chim_hw_tcp_state *w);
void nic_conn_offloaded(struct nic_conn *c, uint32_t handle, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b);
/* The offload failed: the block's data is the host's as before. */
void nic_conn_free(struct nic_conn *c);
struct nic_conn *nic_conn_find(struct chim_nic *nic, uint16_t slot, uint8_t gen);
void nic_conn_event(struct chim_nic *nic, const struct chim_hw_event *e);
/* Cached state that the library itself goes by, new or updated. */
void nic_conn_cached(struct nic_conn *c, const TCP_OFFLOAD_STATE_CACHED *k);
void nic_conn_upload(struct nic_conn *c, uint32_t reason);
/*
 * The next poll looks at @c. A poll touches no other connection, so this belongs to everything that
 * leaves work for it.
 */
void nic_conn_todo(struct nic_conn *c);
int nic_conns_poll(struct chim_nic *nic);
/* What the device cannot know of the TCP state: who closed first. */
void nic_conn_state(const struct nic_conn *c, TCP_OFFLOAD_STATE_DELEGATED *d);
/* Terminate: data back into the block's structures. */
void nic_conn_terminate(struct nic_conn *c, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST block,
			const struct chim_hw_tcp_state *out);

/* send.c */
void nic_send_append(struct nic_conn *c, NET_BUFFER_LIST *chain);
int nic_send_init(struct nic_conn *c, uint32_t seq);
/* Bytes below @done are acknowledged and not read any more. */
void nic_send_done(struct nic_conn *c, uint32_t done);
void nic_send_fail(struct nic_conn *c, NDIS_STATUS status);
void nic_disconnect_start(struct nic_conn *c, NET_BUFFER_LIST *nbl, ULONG flags);
/* What sends and a disconnect still wait to tell the device. Return: something was told. */
bool nic_send_poll(struct nic_conn *c);
/* Disconnect: complete it if it is done; @flags: EVF_*. */
void nic_disconnect_check(struct nic_conn *c, uint32_t flags);

/* forward.c */
void nic_forward_append(struct nic_conn *c, NET_BUFFER_LIST *chain);
int nic_forward_poll(struct nic_conn *c);
void nic_forward_fail(struct nic_conn *c, NDIS_STATUS status);

/* oid.c */
NDIS_STATUS nic_oid(NDIS_HANDLE adapter, PNDIS_OID_REQUEST req);

static inline chim_conn_t nic_conn_id(uint32_t slot, uint32_t gen)
{
	return 0x80000000u | (gen & ((1u << CHIM_GEN_W) - 1)) << 16 | (slot & 0xFFFFu);
}
static inline uint16_t nic_conn_slot(chim_conn_t conn)
{
	return (uint16_t)conn;
}
static inline uint8_t nic_conn_gen(chim_conn_t conn)
{
	return (uint8_t)(conn >> 16 & ((1u << CHIM_GEN_W) - 1));
}

static inline bool nic_seq_lt(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

#endif
