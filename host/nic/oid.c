/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * OID requests: global parameters and statistics. Hard part: parameters are in force only when
 * firmware has said so, and statistics are differences to where a set last put zero.
 */
#include <errno.h>
#include <string.h>

#include "nic_priv.h"

static void params_done(struct chim_nic *nic, struct nic_admin *req, uint32_t status, uint32_t info)
{
	PNDIS_OID_REQUEST oid = nic->oid;

	(void)info;
	nic_admin_put(nic, req);
	nic->oid = NULL;
	NdisMOidRequestComplete(nic->miniport, oid,
				status == CHIM_STATUS_SUCCESS ? NDIS_STATUS_SUCCESS
							      : NDIS_STATUS_FAILURE);
}

static NDIS_STATUS set_params(struct chim_nic *nic, PNDIS_OID_REQUEST req)
{
	const NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS *p =
		req->DATA.SET_INFORMATION.InformationBuffer;
	NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS before = nic->params;
	int err;

	if (p->TicksPerSecond != 10 && p->TicksPerSecond != 100 && p->TicksPerSecond != 1000)
		return NDIS_STATUS_INVALID_DATA;
	if (!p->TcpAckFrequency || !p->TcpDuplicateAckThreshold)
		return NDIS_STATUS_INVALID_DATA;
	if (nic->oid)
		return NDIS_STATUS_RESOURCES;
	memcpy(&nic->params, p, NDIS_SIZEOF_TCP_CONNECTION_OFFLOAD_PARAMETERS_REVISION_1);
	err = nic_admin_params(nic, params_done);
	if (err) {
		nic->params = before;
		return NDIS_STATUS_RESOURCES;
	}
	nic->oid = req;
	return NDIS_STATUS_PENDING;
}

static uint64_t since(struct chim_nic *nic, enum chim_hw_counter i)
{
	return nic->counter_high[i] - nic->counter_base[i];
}

/*
 * The device counts IPv4 and IPv6 together; the set of the version asked for shows both, which is
 * exact as long as connections of one version are offloaded.
 */
static NDIS_STATUS tcp_stats(struct chim_nic *nic, TCP_OFFLOAD_STATS *s)
{
	ULONG established = 0;

	if (chim_nic_counters(nic, NULL, 0) < 0)
		return NDIS_STATUS_FAILURE;
	for (const struct nic_conn *c = nic->conns; c; c = c->next)
		established += c->offloaded && !c->terminated && !c->aborted && !c->fin_rung;
	*s = (TCP_OFFLOAD_STATS){
		.InSegments = since(nic, CHIM_COUNTER_SEG_IN),
		.OutSegments = since(nic, CHIM_COUNTER_TX_SEGS) + since(nic, CHIM_COUNTER_TX_ACKS),
		.CurrentlyEstablished = established,
		.ResetEstablished = (ULONG)since(nic, CHIM_COUNTER_SEG_RST_ACCEPTED),
		.RetransmittedSegments = (ULONG)since(nic, CHIM_COUNTER_TX_RETRANSMITS),
		.OutResets = (ULONG)since(nic, CHIM_COUNTER_TX_RSTS),
	};
	return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS query(struct chim_nic *nic, PNDIS_OID_REQUEST req)
{
	void *buf = req->DATA.QUERY_INFORMATION.InformationBuffer;
	ULONG room = req->DATA.QUERY_INFORMATION.InformationBufferLength;

	switch (req->DATA.QUERY_INFORMATION.Oid) {
	case OID_TCP4_OFFLOAD_STATS:
	case OID_TCP6_OFFLOAD_STATS:
		if (room < sizeof(TCP_OFFLOAD_STATS)) {
			req->DATA.QUERY_INFORMATION.BytesNeeded = sizeof(TCP_OFFLOAD_STATS);
			return NDIS_STATUS_INVALID_LENGTH;
		}
		req->DATA.QUERY_INFORMATION.BytesWritten = sizeof(TCP_OFFLOAD_STATS);
		return tcp_stats(nic, buf);
	default: return NDIS_STATUS_NOT_SUPPORTED;
	}
}

NDIS_STATUS nic_oid(NDIS_HANDLE adapter, PNDIS_OID_REQUEST req)
{
	struct chim_nic *nic = adapter;

	if (req->RequestType == NdisRequestQueryInformation)
		return query(nic, req);
	switch (req->DATA.SET_INFORMATION.Oid) {
	case OID_TCP_CONNECTION_OFFLOAD_PARAMETERS: return set_params(nic, req);
	case OID_TCP4_OFFLOAD_STATS:
	case OID_TCP6_OFFLOAD_STATS:
		if (chim_nic_counters(nic, NULL, 0) < 0)
			return NDIS_STATUS_FAILURE;
		memcpy(nic->counter_base, nic->counter_high, sizeof(nic->counter_base));
		return NDIS_STATUS_SUCCESS;
	default: return NDIS_STATUS_NOT_SUPPORTED;
	}
}
