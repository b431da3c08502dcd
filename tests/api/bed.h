/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * One router with a mock NIC and a mock host on it, and the rules that were broken. Hard part:
 * none; a test says which rule it broke, and no other may have been.
 */
#ifndef API_BED_H
#define API_BED_H

#include "../unit/host/ndis/tap.h"
#include "mock_host.h"
#include "mock_nic.h"

struct bed {
	struct chim_ndis *ndis;
	struct nic nic;
	struct host host;
	uint64_t seen[CHIM_RULES]; /* counters that were accounted for */
	long fail_in;		   /* allocations until one fails; < 0: none */
	long allocs;
};

/* Return: a bed with NIC and host bound, or NULL. */
struct bed *bed_new(void);

/* Take it down. Return: whether everything could be closed and no rule was left unaccounted for. */
bool bed_end(struct bed *b);

/* Release it as it is, after a failure. */
void bed_drop(struct bed *b);

/* Was @rule, and nothing else, broken @n times since the last call? CHIM_RULES, 0: nothing was. */
bool bed_broke(struct bed *b, enum chim_ndis_rule rule, unsigned int n);

/* Let NIC and router work until nothing is left. */
void bed_settle(struct bed *b);

/* A new connection that is offloaded; @c comes from the host's arena. */
struct conn *bed_offload(struct bed *b);
/* Its object in the NIC. */
static inline struct nic_obj *bed_nic_conn(const struct conn *c)
{
	return c->t.MiniportOffloadContext;
}
/* Terminate all of it. Return: whether all is gone. */
bool bed_terminate(struct bed *b, struct conn *c);

#define CLEAN(b)       CHECK(bed_broke((b), CHIM_RULES, 0))
#define BROKE(b, rule) CHECK(bed_broke((b), (rule), 1))
#define SAW(b, want)   CHECK(host_saw(&(b)->host, (want)))

#endif
