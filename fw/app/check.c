/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * What a TCP state must satisfy to be offloaded (D9: refuse, never guess). Hard part: each refusal
 * has its documented status (chimney 5.4), and fw_code names the rule.
 */
#include "app/install.h"

#include "app/objects.h"
#include "app/params.h"

/* Bytes in flight, and of a window: half of what sequence numbers can compare. */
#define SEQ_SPAN     0x40000000u
#define MSS_MIN	     64u
#define TCP_HEADER   20u
#define TS_OPTION    12u /* RFC 7323 appendix A: two NOPs and the option */
#define RCV_LOG2_MIN 12u
#define RCV_LOG2_MAX 24u
#define SND_LOG2_MIN 2u
#define SND_LOG2_MAX 16u
#define WSCALE_MAX   14u /* RFC 7323 2.3 */

uint32_t fw_install_mss(uint32_t remote_mss, uint32_t mtu, bool ipv6, bool timestamps)
{
	uint32_t headers = (ipv6 ? 40u : 20u) + TCP_HEADER;
	uint32_t options = timestamps ? TS_OPTION : 0u;
	uint32_t mss = mtu > headers ? mtu - headers : 0u;

	if (remote_mss < mss)
		mss = remote_mss;
	return mss >= MSS_MIN + options ? mss - options : 0u;
}

/* R33. */
static bool state_is_good(uint32_t state)
{
	return state >= CHIM_CONN_STATE_ESTABLISHED && state <= CHIM_CONN_STATE_LAST_ACK;
}

/* SND.* with data end and FIN; 5.7. */
static bool send_is_good(const struct chim_hw_tcp_state *s, uint32_t state)
{
	uint32_t una = chim_le32_get(s->SndUna);
	uint32_t nxt = chim_le32_get(s->SndNxt);
	uint32_t max = chim_le32_get(s->SndMax);
	uint32_t end = chim_le32_get(s->snd_end);

	if (nxt - una > SEQ_SPAN || max - nxt > SEQ_SPAN)
		return false;
	switch (state) {
	case CHIM_CONN_STATE_FIN_WAIT_2: /* the FIN is acknowledged */
		return chim_le32_get(s->fin_seq) == end && una == end + 1 && max == una;
	case CHIM_CONN_STATE_FIN_WAIT_1:
	case CHIM_CONN_STATE_CLOSING:
	case CHIM_CONN_STATE_LAST_ACK: /* it is sent or queued */
		return chim_le32_get(s->fin_seq) == end && end - una < SEQ_SPAN &&
		       fw_seq_leq(max, end + 1);
	default: return end - una < SEQ_SPAN && fw_seq_leq(max, end);
	}
}

static bool receive_is_good(const struct chim_hw_tcp_state *s)
{
	return chim_le32_get(s->RcvNxt) - chim_le32_get(s->rcv_wup) < SEQ_SPAN &&
	       chim_le32_get(s->RcvWnd) <= CHIM_MAX_WINDOW_BYTES;
}

/* Base aligned to the size or 4,096, whichever is less; all that the peer may send has a place. */
static bool rcv_ring_is_good(const struct chim_hw_tcp_state *s)
{
	uint32_t base = (uint32_t)chim_le64_get(s->rcv_ring);
	uint32_t free_from = chim_le32_get(s->rcv_free);
	uint32_t kept = chim_le32_get(s->RcvNxt) - free_from;

	if (s->rcv_ring_log2 < RCV_LOG2_MIN || s->rcv_ring_log2 > RCV_LOG2_MAX || (base & 0xFFFu) ||
	    chim_le64_get(s->rcv_ring) == 0 || kept > SEQ_SPAN)
		return false;
	return (kept + chim_le32_get(s->RcvWnd)) >> s->rcv_ring_log2 == 0 ||
	       kept + chim_le32_get(s->RcvWnd) == 1u << s->rcv_ring_log2;
}

static bool snd_ring_is_good(const struct chim_hw_tcp_state *s)
{
	return s->snd_ring_log2 >= SND_LOG2_MIN && s->snd_ring_log2 <= SND_LOG2_MAX &&
	       ((uint32_t)chim_le64_get(s->snd_ring) & 63u) == 0 && chim_le64_get(s->snd_ring) != 0;
}

static bool reserved_is_zero(const struct chim_hw_tcp_state *s)
{
	const uint32_t *w = (const uint32_t *)(const void *)s;

	return (fw_or_words(w + offsetof(struct chim_hw_tcp_state, reserved0) / 4, 4) |
		fw_or_words(w + (offsetof(struct chim_hw_tcp_state, reserved1) + 2) / 4, 8) |
		fw_or_words(w + offsetof(struct chim_hw_tcp_state, reserved2) / 4, 3) |
		s->reserved1[0] | s->reserved1[1]) == 0;
}
CHIM_STATIC_ASSERT(sizeof(((struct chim_hw_tcp_state *)0)->reserved0) == 16 &&
			   sizeof(((struct chim_hw_tcp_state *)0)->reserved1) == 34 &&
			   offsetof(struct chim_hw_tcp_state, reserved1) % 4 == 2 &&
			   sizeof(((struct chim_hw_tcp_state *)0)->reserved2) == 12,
		   "reserved parts of tcp_state");

#define CONST_FLAGS                                                                 \
	(CHIM_TCP_CONST_FLAG_TIMESTAMP_ENABLED | CHIM_TCP_CONST_FLAG_SACK_ENABLED | \
	 CHIM_TCP_CONST_FLAG_WINDOW_SCALING_ENABLED)
#define CACHED_FLAGS 0x1Fu

static bool fields_are_good(const struct chim_hw_tcp_state *s)
{
	return !(chim_le16_get(s->ConstFlags) & ~CONST_FLAGS) &&
	       !(chim_le16_get(s->CachedFlags) & ~CACHED_FLAGS) && s->SndWindScale <= WSCALE_MAX &&
	       s->RcvWindScale <= WSCALE_MAX && s->TtlOrHopLimit != 0 && s->UserPriority < 8 &&
	       chim_le32_get(s->FlowLabel) < 1u << 20 &&
	       chim_le32_get(s->DelegatedFlags) <= 0xFFFFu && chim_le16_get(s->LocalPort) &&
	       chim_le16_get(s->RemotePort) && chim_le32_get(s->SndWnd) <= CHIM_MAX_WINDOW_BYTES &&
	       chim_le32_get(s->MaxSndWnd) <= CHIM_MAX_WINDOW_BYTES &&
	       chim_le32_get(s->InitialRcvWnd) != 0;
}

uint32_t fw_install_check(const struct chim_hw_tcp_state *s, uint32_t path, uint32_t *code)
{
	const struct fw_path *p = &fw_obj.path[path];
	uint32_t state = chim_le32_get(s->State);
	uint32_t flags = chim_le16_get(s->ConstFlags);

	*code = CHIM_FW_CODE_RESERVED;
	if (!reserved_is_zero(s))
		return CHIM_STATUS_FAILURE;
	*code = CHIM_FW_CODE_STATE;
	if (!state_is_good(state))
		return CHIM_STATUS_FAILURE;
	*code = CHIM_FW_CODE_FIELD;
	if (!fields_are_good(s))
		return CHIM_STATUS_FAILURE;
	*code = CHIM_FW_CODE_SEQUENCE;
	if (!send_is_good(s, state) || !receive_is_good(s))
		return CHIM_STATUS_FAILURE;
	*code = CHIM_FW_CODE_SACK;
	if (flags & CHIM_TCP_CONST_FLAG_SACK_ENABLED)
		return CHIM_STATUS_CONNECTION_REJECTED;
	*code = CHIM_FW_CODE_MSS;
	if (!fw_install_mss(chim_le16_get(s->RemoteMss), p->mtu, p->ipv6,
			    flags & CHIM_TCP_CONST_FLAG_TIMESTAMP_ENABLED))
		return CHIM_STATUS_CONNECTION_REJECTED;
	*code = CHIM_FW_CODE_RING;
	if (chim_le32_get(s->InitialRcvWnd) > fw_params.max_rcv_wnd)
		return CHIM_STATUS_TCP_RCV_WINDOW;
	if (!rcv_ring_is_good(s))
		return CHIM_STATUS_TCP_RCV_BUFFER;
	if (!snd_ring_is_good(s))
		return CHIM_STATUS_TCP_XMIT_BUFFER;
	*code = CHIM_FW_CODE_OK;
	return CHIM_STATUS_SUCCESS;
}
