/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Drivers, adapters and bindings: who is there and who is bound to whom. Hard part: nothing may go
 * while lists, trees or objects that refer to it are under way.
 */
#include <errno.h>
#include <string.h>

#include "router.h"

static void *reg_new(struct chim_ndis *ndis, size_t size, enum ndis_tag_index tag)
{
	struct ndis_reg *reg = ndis_alloc(&ndis->mem, size);

	if (reg) {
		reg->obj.tag = NDIS_TAG((unsigned int)tag);
		reg->obj.ndis = ndis;
	}
	return reg;
}

int chim_ndis_miniport_register(struct chim_ndis *ndis, const struct chim_ndis_miniport *ops,
				NDIS_HANDLE DriverContext, NDIS_HANDLE *driver)
{
	NDIS_STATUS st = NDIS_STATUS_SUCCESS;
	struct ndis_miniport *m;

	if (!ndis_is(ndis, TAG_NDIS) || !ops || !driver || !ops->InitializeHandlerEx ||
	    !ops->HaltHandlerEx)
		return -EINVAL;
	m = reg_new(ndis, sizeof(*m), TAG_MINIPORT);
	if (!m)
		return -ENOMEM;
	m->ops = *ops;
	m->context = DriverContext;
	if (ops->SetOptionsHandler) {
		m->in_options = true;
		ndis_enter(ndis);
		st = ops->SetOptionsHandler(m, DriverContext);
		ndis_leave(ndis);
		m->in_options = false;
	}
	if (st != NDIS_STATUS_SUCCESS || !m->generic.Header.Type != !m->tcp.Header.Type) {
		ndis_bury(ndis, &m->reg);
		return -EPROTO;
	}
	ndis->drivers++;
	*driver = m;
	return 0;
}

int chim_ndis_miniport_deregister(NDIS_HANDLE driver)
{
	struct ndis_miniport *m = driver;

	if (!ndis_is(driver, TAG_MINIPORT))
		return -EINVAL;
	if (m->adapters)
		return -EBUSY;
	m->reg.obj.ndis->drivers--;
	ndis_bury(m->reg.obj.ndis, &m->reg);
	return 0;
}

int chim_ndis_protocol_register(struct chim_ndis *ndis, const struct chim_ndis_protocol *ops,
				NDIS_HANDLE DriverContext, NDIS_HANDLE *driver)
{
	NDIS_STATUS st = NDIS_STATUS_SUCCESS;
	struct ndis_protocol *p;

	if (!ndis_is(ndis, TAG_NDIS) || !ops || !driver)
		return -EINVAL;
	p = reg_new(ndis, sizeof(*p), TAG_PROTOCOL);
	if (!p)
		return -ENOMEM;
	p->ops = *ops;
	p->context = DriverContext;
	if (ops->SetOptionsHandler) {
		p->in_options = true;
		ndis_enter(ndis);
		st = ops->SetOptionsHandler(p, DriverContext);
		ndis_leave(ndis);
		p->in_options = false;
	}
	if (st != NDIS_STATUS_SUCCESS || !p->generic.Header.Type != !p->tcp.Header.Type) {
		ndis_bury(ndis, &p->reg);
		return -EPROTO;
	}
	ndis->drivers++;
	*driver = p;
	return 0;
}

int chim_ndis_protocol_deregister(NDIS_HANDLE driver)
{
	struct ndis_protocol *p = driver;

	if (!ndis_is(driver, TAG_PROTOCOL))
		return -EINVAL;
	if (p->bindings)
		return -EBUSY;
	p->reg.obj.ndis->drivers--;
	ndis_bury(p->reg.obj.ndis, &p->reg);
	return 0;
}

/*
 * Copy a table of handlers: a header, Flags, perhaps OffloadType, then function pointers up to the
 * end, none of which may be NULL.
 */
static NDIS_STATUS table_copy(void *dst, const NDIS_OBJECT_HEADER *src, size_t size,
			      size_t handlers)
{
	const unsigned char *at = (const unsigned char *)src;

	if (src->Revision != 1 || src->Size < size)
		return NDIS_STATUS_BAD_VERSION;
	for (size_t off = handlers; off < size; off += sizeof(void *)) {
		void *handler;

		memcpy(&handler, at + off, sizeof(handler));
		if (!handler)
			return NDIS_STATUS_BAD_CHARACTERISTICS;
	}
	memcpy(dst, src, size);
	return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS NdisSetOptionalHandlers(NDIS_HANDLE NdisHandle,
				    const NDIS_OBJECT_HEADER *OptionalHandlers)
{
	const NDIS_OBJECT_HEADER *t = OptionalHandlers;
	struct ndis_miniport *m = ndis_is(NdisHandle, TAG_MINIPORT) ? NdisHandle : NULL;
	struct ndis_protocol *p = ndis_is(NdisHandle, TAG_PROTOCOL) ? NdisHandle : NULL;

	if (!t || (m && !m->in_options) || (p && !p->in_options) || (!m && !p))
		return NDIS_STATUS_INVALID_PARAMETER;
	if (m && t->Type == NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS)
		return table_copy(&m->generic, t, sizeof(m->generic),
				  offsetof(NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS,
					   InitiateOffloadHandler));
	if (p && t->Type == NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS)
		return table_copy(&p->generic, t, sizeof(p->generic),
				  offsetof(NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS,
					   InitiateOffloadCompleteHandler));
	if (m && t->Type == NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_CHARACTERISTICS) {
		const NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS *tcp = (const void *)t;

		if (t->Size >= sizeof(*tcp) && tcp->OffloadType != NdisTcpChimneyOffload)
			return NDIS_STATUS_BAD_CHARACTERISTICS;
		return table_copy(&m->tcp, t, sizeof(*tcp),
				  offsetof(NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS,
					   TcpOffloadSendHandler));
	}
	if (p && t->Type == NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_CHARACTERISTICS) {
		const NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS *tcp = (const void *)t;

		if (t->Size >= sizeof(*tcp) && tcp->OffloadType != NdisTcpChimneyOffload)
			return NDIS_STATUS_BAD_CHARACTERISTICS;
		return table_copy(&p->tcp, t, sizeof(*tcp),
				  offsetof(NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS,
					   TcpOffloadSendCompleteHandler));
	}
	return NDIS_STATUS_BAD_VERSION;
}

int chim_ndis_adapter_add(NDIS_HANDLE driver, void *init, NDIS_HANDLE *adapter)
{
	struct ndis_miniport *m = driver;
	struct chim_ndis *ndis;
	struct ndis_adapter *a;
	NDIS_STATUS st;

	if (!ndis_is(driver, TAG_MINIPORT) || !adapter)
		return -EINVAL;
	ndis = m->reg.obj.ndis;
	a = reg_new(ndis, sizeof(*a), TAG_ADAPTER);
	if (!a)
		return -ENOMEM;
	a->driver = m;
	m->adapters++; /* so that the handler cannot deregister its driver */
	a->in_init = true;
	ndis_enter(ndis);
	st = m->ops.InitializeHandlerEx(a, m->context, init, &a->context);
	ndis_leave(ndis);
	a->in_init = false;
	if (st != NDIS_STATUS_SUCCESS) {
		m->adapters--;
		ndis_bury(ndis, &a->reg);
		return -EIO;
	}
	a->next = ndis->adapters;
	ndis->adapters = a;
	*adapter = a;
	return 0;
}

int chim_ndis_adapter_remove(NDIS_HANDLE adapter)
{
	struct ndis_adapter *a = adapter, **at;
	struct chim_ndis *ndis;

	if (!ndis_is(adapter, TAG_ADAPTER))
		return -EINVAL;
	if (a->bindings || a->in_init)
		return -EBUSY;
	ndis = a->reg.obj.ndis;
	for (at = &ndis->adapters; *at != a; at = &(*at)->next)
		;
	*at = a->next;
	a->driver->adapters--;
	ndis_enter(ndis);
	a->driver->ops.HaltHandlerEx(a->context);
	ndis_leave(ndis);
	ndis_bury(ndis, &a->reg);
	return 0;
}

size_t chim_ndis_adapter_objects(NDIS_HANDLE adapter)
{
	return ndis_is(adapter, TAG_ADAPTER) ? ((struct ndis_adapter *)adapter)->object_count : 0;
}

int chim_ndis_open(NDIS_HANDLE protocol, NDIS_HANDLE adapter, NDIS_HANDLE context,
		   NDIS_HANDLE *binding)
{
	struct ndis_protocol *p = protocol;
	struct ndis_adapter *a = adapter;
	struct ndis_binding *b;
	bool chimney;

	if (!ndis_is(protocol, TAG_PROTOCOL) || !ndis_is(adapter, TAG_ADAPTER) || !binding ||
	    p->reg.obj.ndis != a->reg.obj.ndis || a->in_init)
		return -EINVAL;
	chimney = ndis_protocol_has_chimney(p) && ndis_adapter_has_chimney(a);
	if (chimney && a->client)
		return -EBUSY;
	b = reg_new(p->reg.obj.ndis, sizeof(*b), TAG_BINDING);
	if (!b)
		return -ENOMEM;
	b->protocol = p;
	b->adapter = a;
	b->context = context;
	b->next = a->bindings;
	a->bindings = b;
	if (chimney)
		a->client = b;
	p->bindings++;
	*binding = b;
	return 0;
}

int chim_ndis_close(NDIS_HANDLE binding)
{
	struct ndis_binding *b = binding, **at;
	struct ndis_adapter *a;

	if (!ndis_is(binding, TAG_BINDING))
		return -EINVAL;
	a = b->adapter;
	if (b->pending || b->loans || b->indicated ||
	    (b == a->client && (a->object_count || a->queue.head)))
		return -EBUSY;
	for (at = &a->bindings; *at != b; at = &(*at)->next)
		;
	*at = b->next;
	if (a->client == b)
		a->client = NULL;
	b->protocol->bindings--;
	ndis_bury(a->reg.obj.ndis, &b->reg);
	return 0;
}
