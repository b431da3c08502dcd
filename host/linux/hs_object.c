/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Neighbor and path objects: shared by connections, kept while they may be of use again, updated
 * when the kernel has news. Hard part: an update that is due while another is under way.
 */
#include "hs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool same_hop(const struct chim_hop *a, const struct chim_hop *b)
{
	return a->family == b->family && a->ifindex == b->ifindex &&
	       !memcmp(a->address, b->address, sizeof(a->address));
}

struct hs_neighbor *hs_neighbor_find(struct chim_hs *hs, const struct chim_hop *hop)
{
	struct hs_neighbor *n;

	for (n = hs->neighbors; n && !same_hop(&n->hop, hop); n = n->next)
		;
	return n;
}

struct hs_path *hs_path_find(struct chim_hs *hs, const struct chim_key *key)
{
	size_t len = chim_addr_len(key->family);
	struct hs_path *p;

	for (p = hs->paths; p; p = p->next)
		if (p->key.family == key->family && !memcmp(p->key.local, key->local, len) &&
		    !memcmp(p->key.remote, key->remote, len))
			break;
	return p;
}

static struct hs_neighbor *neighbor_get(struct chim_hs *hs, const struct chim_hop *hop)
{
	struct hs_neighbor *n = hs_neighbor_find(hs, hop);

	if (n)
		return n;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	n->hop = *hop;
	n->next = hs->neighbors;
	hs->neighbors = n;
	return n;
}

struct hs_path *hs_path_get(struct chim_hs *hs, const struct chim_key *key,
			    const struct chim_hop *hop, unsigned int mtu)
{
	struct hs_path *p = hs_path_find(hs, key);
	struct hs_neighbor *n;

	if (p)
		return p;
	n = neighbor_get(hs, hop);
	p = n ? calloc(1, sizeof(*p)) : NULL;
	if (!p) {
		hs_objects_drop(hs);
		return NULL;
	}
	p->key = *key;
	p->mtu = mtu;
	p->neighbor = n;
	n->paths++;
	p->next = hs->paths;
	hs->paths = p;
	return p;
}

void hs_objects_drop(struct chim_hs *hs)
{
	struct hs_path **pp = &hs->paths;
	struct hs_neighbor **nn = &hs->neighbors;

	while (*pp) {
		struct hs_path *p = *pp;

		if (p->there || p->busy || p->updating || p->conns) {
			pp = &p->next;
			continue;
		}
		*pp = p->next;
		p->neighbor->paths--;
		free(p);
	}
	while (*nn) {
		struct hs_neighbor *n = *nn;

		if (n->there || n->busy || n->updating || n->paths) {
			nn = &n->next;
			continue;
		}
		*nn = n->next;
		free(n);
	}
}

/* A stand-alone block of cached state for one object. */
static void update(struct chim_hs *hs, struct hs_neighbor *n, struct hs_path *p)
{
	unsigned int path_type = p && p->key.family == 6 ? Ip6OffloadCachedState
				 : p			 ? Ip4OffloadCachedState
							 : 0;
	struct hs_op *op = hs_op_new(hs, n ? NeighborOffloadCachedState : 0, path_type, 0);

	if (!op) {
		hs->ops->warn(hs->ctx, "no memory for an update; the next news tries again");
		return;
	}
	op->neighbor = n;
	op->path = p;
	if (n) {
		hs_fill_neighbor(hs, op->neighbor_block, n);
		op->neighbor_block->OffloadHandle = &n->handle;
		n->updating = true;
		n->dirty = false;
	} else {
		hs_fill_path(op->path_block, p);
		op->path_block->OffloadHandle = &p->handle;
		p->updating = true;
		p->dirty = false;
	}
	NdisUpdateOffload(hs->binding, op->root);
}

void hs_update_completed(struct chim_hs *hs, struct hs_op *op)
{
	struct hs_neighbor *n = op->neighbor;
	struct hs_path *p = op->path;

	if (op->root->Status != NDIS_STATUS_SUCCESS)
		hs->ops->warn(hs->ctx, "the target refused an update");
	hs_op_free(op);
	if (n) {
		n->updating = false;
		if (n->dirty && n->there)
			update(hs, n, NULL);
	} else {
		p->updating = false;
		if (p->dirty && p->there)
			update(hs, NULL, p);
	}
}

void chim_hs_neighbor_changed(struct chim_hs *hs, int ifindex, uint8_t family,
			      const uint8_t address[16], const uint8_t mac[6])
{
	struct chim_hop hop = { .family = family, .ifindex = ifindex };
	struct hs_neighbor *n;

	memcpy(hop.address, address, sizeof(hop.address));
	n = hs_neighbor_find(hs, &hop);
	if (!n || !memcmp(n->hop.mac, mac, sizeof(n->hop.mac)))
		return;
	memcpy(n->hop.mac, mac, sizeof(n->hop.mac));
	n->dirty = true;
	if (n->there && !n->busy && !n->updating)
		update(hs, n, NULL);
}

void chim_hs_mtu_changed(struct chim_hs *hs, const struct chim_key *key, unsigned int mtu)
{
	struct hs_path *p = hs_path_find(hs, key);

	if (!p || p->mtu == mtu)
		return;
	p->mtu = mtu;
	p->dirty = true;
	if (p->there && !p->busy && !p->updating)
		update(hs, NULL, p);
}

const struct chim_hop *chim_hs_hop(const struct chim_hs_conn *c)
{
	return c->path ? &c->path->neighbor->hop : NULL;
}

static void terminate_object(struct chim_hs *hs, struct hs_neighbor *n, struct hs_path *p)
{
	unsigned int path_type = p && p->key.family == 6 ? Ip6OffloadDelegatedState
				 : p			 ? Ip4OffloadDelegatedState
							 : 0;
	struct hs_op *op = hs_op_new(hs, n ? NeighborOffloadDelegatedState : 0, path_type, 0);

	if (!op)
		return;
	op->neighbor = n;
	op->path = p;
	op->root->OffloadHandle = n ? &n->handle : &p->handle;
	if (n)
		n->busy = true;
	else
		p->busy = true;
	NdisTerminateOffload(hs->binding, op->root);
}

bool chim_hs_ready(struct chim_hs *hs, const struct chim_key *key, const struct chim_hop *hop)
{
	struct hs_neighbor *n = hs_neighbor_find(hs, hop);
	struct hs_path *p = hs_path_find(hs, key);

	if (p && p->neighbor != n) {
		/* The route changed. Connections on the old way are uploaded, then the path goes */
		if (p->there && !p->busy && !p->updating && !p->conns)
			terminate_object(hs, NULL, p);
		return false;
	}
	return !(p && p->busy) && !(n && n->busy);
}

void hs_object_terminated(struct chim_hs *hs, struct hs_op *op)
{
	bool gone = op->root->Status == NDIS_STATUS_SUCCESS;

	if (!gone)
		hs->ops->warn(hs->ctx, "the target did not give a neighbor or path back");
	if (op->neighbor) {
		op->neighbor->busy = false;
		op->neighbor->there &= !gone;
	} else {
		op->path->busy = false;
		op->path->there &= !gone;
	}
	hs_op_free(op);
	hs_objects_drop(hs);
}

unsigned int chim_hs_flush(struct chim_hs *hs)
{
	unsigned int left = 0;
	struct hs_path *p;
	struct hs_neighbor *n;

	hs_objects_drop(hs);
	for (p = hs->paths; p; p = p->next) {
		left++;
		if (p->there && !p->busy && !p->updating && !p->conns)
			terminate_object(hs, NULL, p);
	}
	for (n = hs->neighbors; n; n = n->next) {
		left++;
		if (n->there && !n->busy && !n->updating && !n->paths)
			terminate_object(hs, n, NULL);
	}
	return left;
}
