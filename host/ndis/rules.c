/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Texts and counters of the rules that the router checks. Hard part: none; one table.
 */
#include <errno.h>

#include "router.h"

static const struct chim_ndis_rule_info rule_info[CHIM_RULES] = {
	[CHIM_R_NULL] = { "null", "R209", -EINVAL, false },
	[CHIM_R_HANDLE] = { "handle", "R203", -EBADF, false },
	[CHIM_R_LOOP] = { "loop", "R209", -ELOOP, false },
	[CHIM_R_LAYER] = { "layer", "R209", -EINVAL, false },
	[CHIM_R_HEADER] = { "header", "R209", -EPROTO, false },
	[CHIM_R_ROLE] = { "role", "R209", -EINVAL, false },
	[CHIM_R_TCP_STATE] = { "tcp-state", "R33", -ENOTCONN, false },
	[CHIM_R_OFFLOADING] = { "offloading", "R32", -EALREADY, false },
	[CHIM_R_UPDATE] = { "update", "R58", -EALREADY, false },
	[CHIM_R_DEPENDENTS] = { "dependents", "R80", -EBUSY, false },
	[CHIM_R_UNFINISHED] = { "unfinished", "R81", -EBUSY, false },
	[CHIM_R_TERMINATING] = { "terminating", "R82", -ESHUTDOWN, false },
	[CHIM_R_SERIAL] = { "serial", "R94", -EBUSY, false },
	[CHIM_R_NBL] = { "list", "7.1", -EINVAL, false },
	[CHIM_R_NO_CHIMNEY] = { "no-chimney", "R184", -EOPNOTSUPP, false },
	[CHIM_R_NO_MEMORY] = { "no-memory", "5.4", -ENOMEM, false },
	[CHIM_R_RETURN] = { "return", "R126", -EINVAL, false },
	[CHIM_R_ACCEPT] = { "accept", "7.5", -EINVAL, false },
	[CHIM_R_CAPABILITY] = { "capability", "R188", -EBUSY, false },
	[CHIM_R_POLL] = { "poll", "D11", -EBUSY, false },
	[CHIM_T_PENDING] = { "target-pending", "R87", -EPROTO, true },
	[CHIM_T_UNKNOWN] = { "target-unknown", "R11", -ENOENT, true },
	[CHIM_T_INLINE] = { "target-inline", "R11", -EPROTO, true },
	[CHIM_T_STATUS] = { "target-status", "R10", -EPROTO, true },
	[CHIM_T_CELL] = { "target-cell", "R5", -EPROTO, true },
	[CHIM_T_PROPAGATION] = { "target-propagation", "R204", -EPROTO, true },
	[CHIM_T_RESERVED] = { "target-reserved", "R8", -EPROTO, true },
	[CHIM_T_ORDER] = { "target-order", "R88", -EPROTO, true },
	[CHIM_T_BYTES] = { "target-bytes", "R90", -EPROTO, true },
	[CHIM_T_CHAIN_STATUS] = { "target-chain-status", "R91", -EPROTO, true },
	[CHIM_T_OUTSTANDING] = { "target-outstanding", "R66", -EBUSY, true },
	[CHIM_T_SEND_CHAIN] = { "target-send-chain", "R72", -EPROTO, true },
	[CHIM_T_EARLY] = { "target-early", "R30", -EPROTO, true },
	[CHIM_T_NESTED] = { "target-nested", "R118", -EBUSY, true },
	[CHIM_T_INDICATION] = { "target-indication", "R125", -EPROTO, true },
	[CHIM_T_RESUME] = { "target-resume", "R208", -EPROTO, true },
	[CHIM_T_POWER] = { "target-power", "R192", -EBUSY, true },
};

const struct chim_ndis_rule_info *chim_ndis_rule_get(enum chim_ndis_rule rule)
{
	return (unsigned int)rule < CHIM_RULES ? &rule_info[rule] : NULL;
}

void ndis_rule(struct chim_ndis *ndis, enum chim_ndis_rule rule, const char *where,
	       const void *what)
{
	ndis->count[rule]++;
	if (ndis->on_rule)
		ndis->on_rule(ndis->mem.ctx, rule, where, what);
}

uint64_t chim_ndis_count(const struct chim_ndis *ndis, enum chim_ndis_rule rule)
{
	return ndis_is(ndis, TAG_NDIS) && (unsigned int)rule < CHIM_RULES ? ndis->count[rule] : 0;
}

uint64_t chim_ndis_target_faults(const struct chim_ndis *ndis)
{
	uint64_t sum = 0;

	for (unsigned int r = 0; r < CHIM_RULES; r++)
		if (rule_info[r].target)
			sum += chim_ndis_count(ndis, (enum chim_ndis_rule)r);
	return sum;
}
