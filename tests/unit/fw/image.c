/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Builds tree images for tests, see image.h. Hard part: none.
 */
#include "image.h"

#include <string.h>

void img_init(struct img *t)
{
	t->count = 0;
	t->first = -1;
	t->last = -1;
}

uint32_t img_state_bytes(uint8_t type)
{
	if (type <= CHIM_STATE_TYPE_NEIGHBOR)
		return sizeof(struct chim_hw_neighbor_state);
	if (type <= CHIM_STATE_TYPE_IP6)
		return sizeof(struct chim_hw_path_state);
	return sizeof(struct chim_hw_tcp_state);
}

int img_add(struct img *t, int parent, uint8_t type, uint8_t role)
{
	int i = t->count++;
	struct img_node *n = &t->node[i];
	int *last = parent < 0 ? &t->last : &t->node[parent].last;

	memset(n, 0, sizeof(*n));
	n->type = type;
	n->role = role;
	n->parent = parent;
	n->next = -1;
	n->dep = -1;
	n->last = -1;
	if (*last >= 0)
		t->node[*last].next = i;
	else if (parent < 0)
		t->first = i;
	else
		t->node[parent].dep = i;
	*last = i;
	return i;
}

int img_ref(struct img *t, int parent, uint8_t type, uint32_t object)
{
	int i = img_add(t, parent, type, CHIM_ROLE_REFERENCE);

	t->node[i].object = object;
	return i;
}

int img_new(struct img *t, int parent, uint8_t type)
{
	int i = img_add(t, parent, type, CHIM_ROLE_NEW);

	t->node[i].state_len = img_state_bytes(type);
	return i;
}

int img_none(struct img *t, int parent, uint8_t type)
{
	return img_add(t, parent, type, CHIM_ROLE_PLACEHOLDER);
}

void img_out(struct img *t, int node)
{
	t->node[node].out_bytes = img_state_bytes(t->node[node].type);
}

/* Offsets and numbers in walk order: a block, its state, its dependents, its next. */
static int lay_out(struct img *t, uint32_t *at)
{
	int order[IMG_NODES];
	int count = 0, i = t->first;

	*at = sizeof(struct chim_hw_image);
	while (i >= 0) {
		struct img_node *n = &t->node[i];

		n->index = (uint32_t)count;
		order[count++] = i;
		n->at = *at;
		*at += (uint32_t)sizeof(struct chim_hw_block) + n->state_len;
		if (n->dep >= 0) {
			i = n->dep;
			continue;
		}
		while (i >= 0 && t->node[i].next < 0)
			i = t->node[i].parent;
		i = i < 0 ? -1 : t->node[i].next;
	}
	t->result_bytes = (uint32_t)count * (uint32_t)sizeof(struct chim_hw_result);
	for (int k = 0; k < count; k++) {
		struct img_node *n = &t->node[order[k]];

		n->out = n->out_bytes ? t->result_bytes : 0;
		t->result_bytes += n->out_bytes;
	}
	return count;
}

uint32_t img_write(struct img *t, void *buf)
{
	struct chim_hw_image *h = buf;
	uint32_t bytes;
	int count = lay_out(t, &bytes);

	memset(buf, 0, bytes);
	h->magic = chim_le32_of(CHIM_IMAGE_MAGIC);
	h->revision = chim_le16_of(CHIM_IMAGE_REVISION);
	h->blocks = chim_le16_of((uint16_t)count);
	h->bytes = chim_le32_of(bytes);
	h->root = chim_le32_of(t->first < 0 ? 0 : t->node[t->first].at);
	for (int i = 0; i < t->count; i++) {
		struct img_node *n = &t->node[i];
		struct chim_hw_block *b = (void *)((uint8_t *)buf + n->at);

		b->Type = n->type;
		b->Revision = CHIM_IMAGE_REVISION;
		b->role = n->role;
		b->index = chim_le16_of((uint16_t)n->index);
		b->state_len = chim_le16_of((uint16_t)n->state_len);
		b->NextBlock = chim_le32_of(n->next < 0 ? 0 : t->node[n->next].at);
		b->DependentBlockList = chim_le32_of(n->dep < 0 ? 0 : t->node[n->dep].at);
		b->object = chim_le32_of(n->object);
		b->out = chim_le32_of(n->out);
		memcpy(b + 1, &n->state, n->state_len);
	}
	t->bytes = bytes;
	return bytes;
}

void img_nbr(struct chim_hw_neighbor_state *s, unsigned int n)
{
	memset(s, 0, sizeof(*s));
	memcpy(s->DlDestinationAddress, (uint8_t[]){ 2, 1, 2, 3, (uint8_t)(n >> 8), (uint8_t)n },
	       6);
	s->HostReachabilityDelta = chim_le32_of(70);
	s->NicReachabilityDelta = chim_le32_of(40);
}

void img_path4(struct chim_hw_path_state *s, unsigned int n)
{
	memset(s, 0, sizeof(*s));
	memcpy(s->SourceAddress, (uint8_t[]){ 10, 1, 0, 1 }, 4);
	memcpy(s->DestinationAddress, (uint8_t[]){ 10, 2, (uint8_t)(n >> 8), (uint8_t)n }, 4);
	s->PathMtu = chim_le32_of(1500);
}

void img_path6(struct chim_hw_path_state *s, unsigned int n)
{
	memset(s, 0, sizeof(*s));
	for (unsigned int i = 0; i < 16; i++) {
		s->SourceAddress[i] = (uint8_t)(0x20 + i);
		s->DestinationAddress[i] = (uint8_t)(0x40 + i);
	}
	s->DestinationAddress[14] = (uint8_t)(n >> 8);
	s->DestinationAddress[15] = (uint8_t)n;
	s->PathMtu = chim_le32_of(1500);
}

void img_tcp(struct chim_hw_tcp_state *s, unsigned int n)
{
	uint32_t una = 0xFFFFF000u + 17 * n, rcv = 0x7FFFFFF0u + 31 * n;

	memset(s, 0, sizeof(*s));
	s->ConstFlags = chim_le16_of(CHIM_TCP_CONST_FLAG_TIMESTAMP_ENABLED |
				     CHIM_TCP_CONST_FLAG_WINDOW_SCALING_ENABLED);
	s->RemotePort = chim_le16_of(80);
	s->LocalPort = chim_le16_of((uint16_t)(1024 + n));
	s->RemoteMss = chim_le16_of(1460);
	s->SndWindScale = 7;
	s->RcvWindScale = 9;
	s->rcv_ring_log2 = 17;
	s->snd_ring_log2 = 6;
	s->HashValue = chim_le32_of(0x12340000u + n);
	s->rcv_ring = chim_le64_of(0x2000000000ull + ((uint64_t)n << 17));
	s->snd_ring = chim_le64_of(0x3000000000ull + ((uint64_t)n << 10));
	s->rcv_free = chim_le32_of(rcv);
	s->snd_end = chim_le32_of(una);
	s->rcv_wup = chim_le32_of(rcv);
	s->snd_first = chim_le32_of(5);

	s->CachedFlags = chim_le16_of(CHIM_TCP_CACHED_FLAG_NAGLING_ENABLED);
	s->KaProbeCount = 9;
	s->TtlOrHopLimit = 64;
	s->InitialRcvWnd = chim_le32_of(65536);
	s->RcvIndicationSize = chim_le32_of(512);
	s->KaTimeout = chim_le32_of(7200);
	s->KaInterval = chim_le32_of(75);
	s->FlowLabel = chim_le32_of(0xABCDE);
	s->TosOrTrafficClass = 0x10;
	s->UserPriority = 3;

	s->State = chim_le32_of(CHIM_CONN_STATE_ESTABLISHED);
	s->RcvNxt = chim_le32_of(rcv);
	s->RcvWnd = chim_le32_of(60000);
	s->SndUna = chim_le32_of(una);
	s->SndNxt = chim_le32_of(una);
	s->SndMax = chim_le32_of(una);
	s->SndWnd = chim_le32_of(30000);
	s->MaxSndWnd = chim_le32_of(40000);
	s->SendWL1 = chim_le32_of(rcv - 1);
	s->CWnd = chim_le32_of(14480);
	s->SsThresh = chim_le32_of(0x7FFFFFFFu);
	s->SRtt = chim_le16_of(80);
	s->RttVar = chim_le16_of(20);
	s->TsRecent = chim_le32_of(0x55AA0000u + n);
	s->TsRecentAge = chim_le32_of(3);
	s->TsTime = chim_le32_of(0x10203040u);
	s->KeepAliveTimeoutDelta = chim_le32_of(CHIM_TIMEOUT_NOT_RUNNING);
	s->RetransmitTimeoutDelta = chim_le32_of(CHIM_TIMEOUT_NOT_RUNNING);
	s->DWnd = chim_le32_of(0xD00D);
	s->DelegatedFlags = chim_le32_of(0x1234);
}

void img_key(struct chim_hw_key *key, const struct chim_hw_path_state *path, bool ipv6,
	     const struct chim_hw_tcp_state *tcp)
{
	memset(key, 0, sizeof(*key));
	memcpy(key->local, path->SourceAddress, ipv6 ? 16 : 4);
	memcpy(key->remote, path->DestinationAddress, ipv6 ? 16 : 4);
	key->local_port = tcp->LocalPort;
	key->remote_port = tcp->RemotePort;
	key->ipv6 = ipv6;
}

void img_params(struct chim_hw_params *p, uint32_t ticks_per_second)
{
	memset(p, 0, sizeof(*p));
	p->ticks_per_second = chim_le32_of(ticks_per_second);
	p->ack_frequency = 2;
	p->delayed_ack_ticks = (uint8_t)(ticks_per_second >= 1000 ? 40 : ticks_per_second / 10);
	p->max_retransmissions = 15;
	p->dup_ack_threshold = 3;
	p->sws_ticks = chim_le32_of(ticks_per_second / 5);
	p->push_ticks = chim_le32_of(ticks_per_second / 2);
	p->nce_stale_ticks = chim_le32_of(30 * ticks_per_second);
	p->rto_min_ms = chim_le32_of(200);
	p->rto_max_ms = chim_le32_of(120000);
	p->fin_wait2_ms = chim_le32_of(120000);
	p->hold_max_cycles = chim_le32_of(200000);
	p->event_gap_cycles = chim_le32_of(64);
	p->max_mtu = chim_le32_of(9000);
	p->max_rcv_wnd = chim_le32_of(1u << 20);
}
