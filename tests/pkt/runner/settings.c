/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Names of what a connection is offloaded with, and of what comes back. Hard part: none, two
 * tables.
 */
#include "run.h"

#include <stdlib.h>
#include <string.h>

#define SETTING(name, value)                                     \
	{                                                        \
#name, offsetof(struct bed_offload, name), value \
	}

static const struct {
	const char *name;
	size_t at;
	uint32_t value;
} settings[] = {
	/* Both streams cross 2^32 within the first kilobytes of a script. */
	SETTING(iss, 0xFFFFFC00u),
	SETTING(irs, 0xFFFFF900u),
	SETTING(state, TcpConnectionEstablished),
	SETTING(ip6, 0),
	SETTING(vlan, 0),
	SETTING(mtu, 1500),
	SETTING(mss, 1000),
	SETTING(ttl, 64),
	SETTING(tos, 0),
	SETTING(nagle, 0),
	SETTING(ts, 0),
	SETTING(ts_recent, 0),
	SETTING(ts_time, 0),
	SETTING(ts_age, 0),
	SETTING(wscale, 0),
	SETTING(snd_shift, 0),
	SETTING(rcv_shift, 0),
	SETTING(rcv_wnd, 20000),
	SETTING(rcv_buf, 20000),
	SETTING(indication, 0),
	SETTING(snd_wnd, 20000),
	SETTING(max_snd_wnd, 20000),
	SETTING(cwnd, 10000),
	SETTING(ssthresh, 100000),
	SETTING(srtt, 0),
	SETTING(rttvar, 0),
	SETTING(unacked, 0),
	SETTING(unsent, 0),
	SETTING(buffered, 0),
	SETTING(mapped, 0),
	SETTING(retries, 0),
	SETTING(dup_acks, 0),
	SETTING(probes, 0),
	SETTING(rto, 0),
	SETTING(max_rt, 0),
};

static const struct {
	const char *name;
	uint32_t value;
} states[] = {
	{ "established", TcpConnectionEstablished }, { "fin-wait-1", TcpConnectionFinWait1 },
	{ "fin-wait-2", TcpConnectionFinWait2 },     { "close-wait", TcpConnectionCloseWait },
	{ "closing", TcpConnectionClosing },	     { "last-ack", TcpConnectionLastAck },
	{ "time-wait", TcpConnectionTimeWait },	     { "closed", TcpConnectionClosed },
};

static uint32_t *field(struct bed_offload *o, size_t at)
{
	return (uint32_t *)(void *)((uint8_t *)o + at);
}

void settings_default(struct bed_offload *o)
{
	memset(o, 0, sizeof(*o));
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		*field(o, settings[i].at) = settings[i].value;
}

/* A number, or the name of a TCP state. */
static bool value_of(const char *text, uint32_t *value, char **end)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (!strcmp(text, states[i].name)) {
			*value = states[i].value;
			*end = (char *)(uintptr_t)(text + strlen(text));
			return true;
		}
	}
	*value = (uint32_t)strtoll(text, end, 0);
	return *end != text;
}

static const char *split(const char *word, size_t *name_len)
{
	const char *eq = strchr(word, '=');

	*name_len = eq ? (size_t)(eq - word) : 0;
	return eq ? eq + 1 : NULL;
}

static bool same_name(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && !strncmp(word, name, len);
}

const char *settings_set(struct bed_offload *o, const char *word)
{
	size_t len;
	const char *text = split(word, &len);
	uint32_t value;
	char *end;

	if (!text || !value_of(text, &value, &end) || *end)
		return "not NAME=VALUE";
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (same_name(word, len, settings[i].name)) {
			*field(o, settings[i].at) = value;
			return NULL;
		}
	}
	return "no such setting";
}

/* What a returned number is relative to. */
enum base { ABSOLUTE, OURS, PEERS };

#define FIELD(name, base)                                                         \
	{                                                                         \
#name, offsetof(TCP_OFFLOAD_STATE_DELEGATED, name),               \
			sizeof(((TCP_OFFLOAD_STATE_DELEGATED *)NULL)->name), base \
	}

static const struct {
	const char *name;
	size_t at, size;
	enum base base;
} fields[] = {
	FIELD(State, ABSOLUTE),
	FIELD(RcvNxt, PEERS),
	FIELD(RcvWnd, ABSOLUTE),
	FIELD(SndUna, OURS),
	FIELD(SndNxt, OURS),
	FIELD(SndMax, OURS),
	FIELD(SndWnd, ABSOLUTE),
	FIELD(MaxSndWnd, ABSOLUTE),
	FIELD(SendWL1, PEERS),
	FIELD(CWnd, ABSOLUTE),
	FIELD(SsThresh, ABSOLUTE),
	FIELD(SRtt, ABSOLUTE),
	FIELD(RttVar, ABSOLUTE),
	FIELD(TsRecent, ABSOLUTE),
	FIELD(TsRecentAge, ABSOLUTE),
	FIELD(TsTime, ABSOLUTE),
	FIELD(TotalRT, ABSOLUTE),
	FIELD(DupAckCount, ABSOLUTE),
	FIELD(SndWndProbeCount, ABSOLUTE),
	FIELD(Retransmit.Count, ABSOLUTE),
	FIELD(Retransmit.TimeoutDelta, ABSOLUTE),
};

static bool returned(struct run *r, const char *word, size_t len, uint32_t *value)
{
	const uint8_t *d = chim_obl_state(r->bed.tree, CHIM_STATE_DELEGATED);

	if (same_name(word, len, "send-data")) {
		*value = r->bed.send_back;
		return true;
	}
	if (same_name(word, len, "received-data")) {
		*value = r->bed.received_back;
		return true;
	}
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!same_name(word, len, fields[i].name))
			continue;
		*value = 0;
		memcpy(value, d + fields[i].at, fields[i].size); /* little endian, as the device */
		*value -= fields[i].base == OURS    ? r->bed.o.iss
			  : fields[i].base == PEERS ? r->bed.o.irs
						    : 0;
		return true;
	}
	return false;
}

bool settings_check(struct run *r, const char *word)
{
	size_t len;
	const char *text = split(word, &len);
	uint32_t want, got, slack = 0;
	char *end;

	if (!text || !value_of(text, &want, &end))
		return run_fail(r, "%s is not FIELD=VALUE", word);
	if (*end == '~')
		slack = (uint32_t)strtoul(end + 1, &end, 0);
	if (*end)
		return run_fail(r, "%s is not FIELD=VALUE", word);
	if (!r->bed.tree)
		return run_fail(r, "no state: terminate or query first");
	if (!returned(r, word, len, &got))
		return run_fail(r, "no field of this name: %s", word);
	if (got - want + slack > 2 * slack)
		return run_fail(r, "  expected: %s\n  actual:   %.*s=%d", word, (int)len, word,
				(int32_t)got);
	return true;
}
