/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Names and -errno of the statuses with which an initiate can fail. Hard part: none.
 */
#include "move.h"

#include <errno.h>

static const struct {
	NDIS_STATUS status;
	int err;
	const char *name;
} statuses[] = {
	{ NDIS_STATUS_SUCCESS, 0, "success" },
	{ NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS, 0, "partial success" },
	{ NDIS_STATUS_RESOURCES, -ENOMEM, "no host memory" },
	{ NDIS_STATUS_OFFLOAD_TCP_ENTRIES, -ENOSPC, "no TCP entry" },
	{ NDIS_STATUS_OFFLOAD_PATH_ENTRIES, -ENOSPC, "no path entry" },
	{ NDIS_STATUS_OFFLOAD_NEIGHBOR_ENTRIES, -ENOSPC, "no neighbor entry" },
	{ NDIS_STATUS_OFFLOAD_IP_ADDRESS_ENTRIES, -ENOSPC, "no address entry" },
	{ NDIS_STATUS_OFFLOAD_HW_ADDRESS_ENTRIES, -ENOSPC, "no Ethernet address entry" },
	{ NDIS_STATUS_OFFLOAD_VLAN_ENTRIES, -ENOSPC, "no VLAN entry" },
	{ NDIS_STATUS_OFFLOAD_TCP_XMIT_BUFFER, -ENOBUFS, "no transmit buffer" },
	{ NDIS_STATUS_OFFLOAD_TCP_RCV_BUFFER, -ENOBUFS, "no receive buffer" },
	{ NDIS_STATUS_OFFLOAD_TCP_RCV_WINDOW, -EMSGSIZE, "receive window too large" },
	{ NDIS_STATUS_OFFLOAD_VLAN_MISMATCH, -EXDEV, "not a VLAN of the interface" },
	{ NDIS_STATUS_OFFLOAD_PATH_MTU, -EMSGSIZE, "path MTU too large" },
	{ NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED, -EPERM, "rejected by the target" },
	{ NDIS_STATUS_OFFLOAD_POLICY, -EPERM, "refused by policy" },
	{ NDIS_STATUS_INVALID_PARAMETER, -EINVAL, "invalid parameter" },
	{ NDIS_STATUS_NOT_SUPPORTED, -ENOTSUP, "not supported" },
	{ NDIS_STATUS_FAILURE, -EIO, "failure" },
};

int chim_status_errno(NDIS_STATUS status)
{
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			return statuses[i].err;
	return -EIO;
}

const char *chim_status_name(NDIS_STATUS status)
{
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			return statuses[i].name;
	return "unknown status";
}
