/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The router's record of each offloaded object. Hard part: it outlives the object while a target
 * that broke a rule still holds lists posted on it.
 */
#include "router.h"

void ndis_object_none(const NDIS_OFFLOAD_HANDLE *h, const char *where)
{
	const struct ndis_object *o;

	if (ndis_is_router_handle(h)) {
		ndis_rule(((const struct ndis_obj *)h)->ndis, CHIM_R_HANDLE, where, h);
		return;
	}
	o = h->NdisReserved[0];
	if (o && o->tag == OBJECT_TAG) /* a copy of the handle */
		ndis_rule(o->adapter->reg.obj.ndis, CHIM_R_HANDLE, where, h);
}

struct ndis_object *ndis_object_create(struct ndis_binding *b, NDIS_OFFLOAD_HANDLE *h,
				       unsigned int type, struct ndis_object *parent)
{
	struct ndis_adapter *a = b->adapter;
	struct ndis_object *o = ndis_alloc(&a->reg.obj.ndis->mem, sizeof(*o));

	if (!o)
		return NULL;
	o->tag = OBJECT_TAG;
	o->binding = b;
	o->adapter = a;
	o->handle = h;
	o->layer = chim_type_layer(type);
	o->ip6 = chim_type_is_ip6(type);
	o->state = OBJECT_OFFLOADING;
	ndis_object_relink(o, parent);
	o->next = a->objects;
	o->prev = &a->objects;
	if (o->next)
		o->next->prev = &o->next;
	a->objects = o;
	a->object_count++;
	if (o->layer == CHIM_LAYER_PATH)
		a->paths[o->ip6]++;
	h->NdisReserved[0] = o;
	return o;
}

void ndis_object_relink(struct ndis_object *o, struct ndis_object *parent)
{
	if (o->parent)
		o->parent->dependents--;
	o->parent = parent;
	if (parent)
		parent->dependents++;
}

void ndis_object_drop(struct ndis_object *o)
{
	struct ndis_adapter *a = o->adapter;

	/* A target may report a parent gone before its dependents; they go on without one. */
	for (struct ndis_object *d = o->dependents ? a->objects : NULL; d; d = d->next)
		if (d->parent == o)
			ndis_object_relink(d, NULL);
	ndis_object_relink(o, NULL);
	a->object_count--;
	if (o->layer == CHIM_LAYER_PATH)
		a->paths[o->ip6]--;
	o->handle->NdisReserved[0] = NULL;
	o->handle->MiniportOffloadContext = NULL;
	o->handle = NULL;
	o->state = OBJECT_GONE;
	ndis_object_reap(o);
}

void ndis_object_bury(struct ndis_object *o)
{
	for (unsigned int k = 0; k < KIND_IO; k++)
		if (o->out[k])
			return;
	*o->prev = o->next;
	if (o->next)
		o->next->prev = o->prev;
	o->tag = 0;
	ndis_free(&o->adapter->reg.obj.ndis->mem, o);
}
