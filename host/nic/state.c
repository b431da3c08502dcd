/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * State structures of the documented interface to and from their wire form (admin.toml). Hard part:
 * a block carries any of three classes; what it does not carry stays zero on the way down and is
 * not touched on the way up.
 */
#include <string.h>

#include "nic_priv.h"

uint16_t nic_state_bytes(enum chim_layer layer)
{
	switch (layer) {
	case CHIM_LAYER_NEIGHBOR: return sizeof(struct chim_hw_neighbor_state);
	case CHIM_LAYER_PATH: return sizeof(struct chim_hw_path_state);
	case CHIM_LAYER_TCP: return sizeof(struct chim_hw_tcp_state);
	default: return 0;
	}
}

static void neighbor_in(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b, struct chim_hw_neighbor_state *w)
{
	const NEIGHBOR_OFFLOAD_STATE_CONST *k = chim_obl_state(b, CHIM_STATE_CONST);
	const NEIGHBOR_OFFLOAD_STATE_CACHED *c = chim_obl_state(b, CHIM_STATE_CACHED);
	const NEIGHBOR_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(b, CHIM_STATE_DELEGATED);

	if (k) {
		memcpy(w->DlSourceAddress, k->DlSourceAddress, 6);
		w->VlanId = chim_le16_of(k->VlanId);
	}
	if (c) {
		memcpy(w->DlDestinationAddress, c->DlDestinationAddress, 6);
		w->HostReachabilityDelta = chim_le32_of(c->HostReachabilityDelta);
	}
	if (d)
		w->NicReachabilityDelta = chim_le32_of(d->NicReachabilityDelta);
}

static void neighbor_out(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b, bool all,
			 const struct chim_hw_neighbor_state *w)
{
	NEIGHBOR_OFFLOAD_STATE_CONST *k = all ? chim_obl_state(b, CHIM_STATE_CONST) : NULL;
	NEIGHBOR_OFFLOAD_STATE_CACHED *c = all ? chim_obl_state(b, CHIM_STATE_CACHED) : NULL;
	NEIGHBOR_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(b, CHIM_STATE_DELEGATED);

	if (k) {
		memset(k->DlSourceAddress, 0, sizeof(k->DlSourceAddress));
		memcpy(k->DlSourceAddress, w->DlSourceAddress, 6);
		k->VlanId = chim_le16_get(w->VlanId) & 0xFFFu;
	}
	if (c) {
		memset(c->DlDestinationAddress, 0, sizeof(c->DlDestinationAddress));
		memcpy(c->DlDestinationAddress, w->DlDestinationAddress, 6);
		c->HostReachabilityDelta = chim_le32_get(w->HostReachabilityDelta);
	}
	if (d)
		d->NicReachabilityDelta = chim_le32_get(w->NicReachabilityDelta);
}

static void path_in(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b, struct chim_hw_path_state *w)
{
	const PATH_OFFLOAD_STATE_CONST *k = chim_obl_state(b, CHIM_STATE_CONST);
	const PATH_OFFLOAD_STATE_CACHED *c = chim_obl_state(b, CHIM_STATE_CACHED);
	size_t n = chim_type_is_ip6(b->Header.Type) ? 16 : 4;

	if (k) {
		memcpy(w->SourceAddress, k->SourceAddress, n);
		memcpy(w->DestinationAddress, k->DestinationAddress, n);
	}
	if (c)
		w->PathMtu = chim_le32_of(c->PathMtu);
}

static void path_out(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b, bool all,
		     const struct chim_hw_path_state *w)
{
	/* The addresses are behind pointers to constants that the host has: only the MTU moves. */
	PATH_OFFLOAD_STATE_CACHED *c = all ? chim_obl_state(b, CHIM_STATE_CACHED) : NULL;

	if (c)
		c->PathMtu = chim_le32_get(w->PathMtu);
}

static void tcp_const_in(const TCP_OFFLOAD_STATE_CONST *k, struct chim_hw_tcp_state *w)
{
	w->ConstFlags = chim_le16_of(k->Flags);
	w->RemotePort = chim_le16_of(k->RemotePort);
	w->LocalPort = chim_le16_of(k->LocalPort);
	w->RemoteMss = chim_le16_of(k->RemoteMss);
	w->SndWindScale = k->SndWindScale;
	w->RcvWindScale = k->RcvWindScale;
	w->HashValue = chim_le32_of(k->HashValue);
}

static void tcp_cached_in(const TCP_OFFLOAD_STATE_CACHED *c, struct chim_hw_tcp_state *w)
{
	w->CachedFlags = chim_le16_of(c->Flags);
	w->KaProbeCount = c->KaProbeCount;
	w->TtlOrHopLimit = c->TtlOrHopLimit;
	w->InitialRcvWnd = chim_le32_of(c->InitialRcvWnd);
	w->RcvIndicationSize = chim_le32_of(c->RcvIndicationSize);
	w->KaTimeout = chim_le32_of(c->KaTimeout);
	w->KaInterval = chim_le32_of(c->KaInterval);
	w->MaxRT = chim_le32_of(c->MaxRT);
	w->FlowLabel = chim_le32_of(c->FlowLabel);
	w->TosOrTrafficClass = c->TosOrTrafficClass;
	w->UserPriority = c->UserPriority;
}

static void tcp_delegated_in(const TCP_OFFLOAD_STATE_DELEGATED *d, struct chim_hw_tcp_state *w)
{
	w->State = chim_le32_of((uint32_t)d->State);
	w->DelegatedFlags = chim_le32_of(d->Flags);
	w->RcvNxt = chim_le32_of(d->RcvNxt);
	w->RcvWnd = chim_le32_of(d->RcvWnd);
	w->SndUna = chim_le32_of(d->SndUna);
	w->SndNxt = chim_le32_of(d->SndNxt);
	w->SndMax = chim_le32_of(d->SndMax);
	w->SndWnd = chim_le32_of(d->SndWnd);
	w->MaxSndWnd = chim_le32_of(d->MaxSndWnd);
	w->SendWL1 = chim_le32_of(d->SendWL1);
	w->CWnd = chim_le32_of(d->CWnd);
	w->SsThresh = chim_le32_of(d->SsThresh);
	w->SRtt = chim_le16_of(d->SRtt);
	w->RttVar = chim_le16_of(d->RttVar);
	w->TsRecent = chim_le32_of(d->TsRecent);
	w->TsRecentAge = chim_le32_of(d->TsRecentAge);
	w->TsTime = chim_le32_of(d->TsTime);
	w->TotalRT = chim_le32_of(d->TotalRT);
	w->DupAckCount = d->DupAckCount;
	w->SndWndProbeCount = d->SndWndProbeCount;
	w->KeepAliveProbeCount = d->KeepAlive.ProbeCount;
	w->RetransmitCount = d->Retransmit.Count;
	w->KeepAliveTimeoutDelta = chim_le32_of(d->KeepAlive.TimeoutDelta);
	w->RetransmitTimeoutDelta = chim_le32_of(d->Retransmit.TimeoutDelta);
	w->DWnd = chim_le32_of(d->DWnd);
}

static void tcp_const_out(TCP_OFFLOAD_STATE_CONST *k, const struct chim_hw_tcp_state *w)
{
	k->Flags = chim_le16_get(w->ConstFlags);
	k->RemotePort = chim_le16_get(w->RemotePort);
	k->LocalPort = chim_le16_get(w->LocalPort);
	k->RemoteMss = chim_le16_get(w->RemoteMss);
	k->SndWindScale = w->SndWindScale & 15u;
	k->RcvWindScale = w->RcvWindScale & 15u;
	k->HashValue = chim_le32_get(w->HashValue);
}

static void tcp_cached_out(TCP_OFFLOAD_STATE_CACHED *c, const struct chim_hw_tcp_state *w)
{
	c->Flags = chim_le16_get(w->CachedFlags);
	c->KaProbeCount = w->KaProbeCount;
	c->TtlOrHopLimit = w->TtlOrHopLimit;
	c->InitialRcvWnd = chim_le32_get(w->InitialRcvWnd);
	c->RcvIndicationSize = chim_le32_get(w->RcvIndicationSize);
	c->KaTimeout = chim_le32_get(w->KaTimeout);
	c->KaInterval = chim_le32_get(w->KaInterval);
	c->MaxRT = chim_le32_get(w->MaxRT);
	c->FlowLabel = chim_le32_get(w->FlowLabel) & 0xFFFFFu;
	c->TosOrTrafficClass = w->TosOrTrafficClass;
	c->UserPriority = w->UserPriority & 7u;
}

static void tcp_delegated_out(TCP_OFFLOAD_STATE_DELEGATED *d, const struct chim_hw_tcp_state *w)
{
	d->State = (TCP_OFFLOAD_CONNECTION_STATE)chim_le32_get(w->State);
	d->Flags = (USHORT)chim_le32_get(w->DelegatedFlags);
	d->RcvNxt = chim_le32_get(w->RcvNxt);
	d->RcvWnd = chim_le32_get(w->RcvWnd);
	d->SndUna = chim_le32_get(w->SndUna);
	d->SndNxt = chim_le32_get(w->SndNxt);
	d->SndMax = chim_le32_get(w->SndMax);
	d->SndWnd = chim_le32_get(w->SndWnd);
	d->MaxSndWnd = chim_le32_get(w->MaxSndWnd);
	d->SendWL1 = chim_le32_get(w->SendWL1);
	d->CWnd = chim_le32_get(w->CWnd);
	d->SsThresh = chim_le32_get(w->SsThresh);
	d->SRtt = chim_le16_get(w->SRtt);
	d->RttVar = chim_le16_get(w->RttVar);
	d->TsRecent = chim_le32_get(w->TsRecent);
	d->TsRecentAge = chim_le32_get(w->TsRecentAge);
	d->TsTime = chim_le32_get(w->TsTime);
	d->TotalRT = chim_le32_get(w->TotalRT);
	d->DupAckCount = w->DupAckCount;
	d->SndWndProbeCount = w->SndWndProbeCount;
	d->KeepAlive.ProbeCount = w->KeepAliveProbeCount;
	d->Retransmit.Count = w->RetransmitCount;
	d->KeepAlive.TimeoutDelta = chim_le32_get(w->KeepAliveTimeoutDelta);
	d->Retransmit.TimeoutDelta = chim_le32_get(w->RetransmitTimeoutDelta);
	d->DWnd = chim_le32_get(w->DWnd);
}

static void tcp_in(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b, struct chim_hw_tcp_state *w)
{
	const void *k = chim_obl_state(b, CHIM_STATE_CONST);
	const void *c = chim_obl_state(b, CHIM_STATE_CACHED);
	const void *d = chim_obl_state(b, CHIM_STATE_DELEGATED);

	if (k)
		tcp_const_in(k, w);
	if (c)
		tcp_cached_in(c, w);
	if (d)
		tcp_delegated_in(d, w);
}

static void tcp_out(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b, bool all,
		    const struct chim_hw_tcp_state *w)
{
	void *k = all ? chim_obl_state(b, CHIM_STATE_CONST) : NULL;
	void *c = all ? chim_obl_state(b, CHIM_STATE_CACHED) : NULL;
	TCP_OFFLOAD_STATE_DELEGATED *d = chim_obl_state(b, CHIM_STATE_DELEGATED);

	if (k)
		tcp_const_out(k, w);
	if (c)
		tcp_cached_out(c, w);
	if (d) {
		tcp_delegated_out(d, w);
		if (all) {
			/* Query: the unions carry sizes (R46). */
			d->SendBacklogSize = chim_le32_get(w->SendBacklogSize);
			d->ReceiveBacklogSize = chim_le32_get(w->ReceiveBacklogSize);
		}
	}
}

/* Everything the block carries, into zeroed wire state. */
void nic_state_in(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b, void *wire)
{
	switch (chim_type_layer(b->Header.Type)) {
	case CHIM_LAYER_NEIGHBOR: neighbor_in(b, wire); break;
	case CHIM_LAYER_PATH: path_in(b, wire); break;
	case CHIM_LAYER_TCP: tcp_in(b, wire); break;
	default: break;
	}
}

/* Query: every class that the block carries. Terminate: DELEGATED only (R15). */
void nic_state_out(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST b, const void *wire,
		   enum chim_hw_admin_op opcode)
{
	bool all = opcode == CHIM_ADMIN_OP_QUERY;

	switch (chim_type_layer(b->Header.Type)) {
	case CHIM_LAYER_NEIGHBOR: neighbor_out(b, all, wire); break;
	case CHIM_LAYER_PATH: path_out(b, all, wire); break;
	case CHIM_LAYER_TCP: tcp_out(b, all, wire); break;
	default: break;
	}
}
