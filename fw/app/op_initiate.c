/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Initiate: take neighbors, paths and connections (chimney 5). Hard part: a connection's frames may
 * be held already, then its slot exists and must be found by its key; if it is refused, they go to
 * the kernel.
 */
#include "app/ops.h"

#include "app/install.h"
#include "app/key.h"
#include "app/objects.h"
#include "app/params.h"
#include "app/slots.h"
#include "drv/lookup.h"
#include "drv/soc.h"
#include "drv/table.h"

struct fw_conn_image fw_scratch;

uint32_t fw_refuse(uint32_t code, uint32_t detail)
{
	fw_soc_code(code, detail);
	return CHIM_STATUS_FAILURE;
}

/* Twelve bytes, destination before source, the first one most significant. */
void fw_nbr_pack(uint32_t w[CHIM_NEIGHBOR_WORDS], const uint8_t *dst, const uint8_t *src,
		 uint32_t vlan)
{
	uint8_t *b = (uint8_t *)w + CHIM_NEIGHBOR_SRCMAC_LSB / 8;

	w[0] = vlan;
	for (uint32_t i = 0; i < 6; i++) {
		b[5 - i] = src[i];
		b[11 - i] = dst[i];
	}
}

/* R178; VLAN id 4,095 is reserved (802.1Q). */
static bool vlan_is_ours(uint32_t vlan)
{
	bool any = false;

	if (vlan == 0xFFFu)
		return false;
	for (uint32_t i = 0; i < FW_COUNT_OF(fw_params.vlan); i++) {
		if (fw_params.vlan[i] != 0) {
			any = true;
			if (vlan == fw_params.vlan[i])
				return true;
		}
	}
	return !any || vlan == 0;
}

/* R182: frames are received on the interface's own address only, so no other may be the source. */
static bool source_is_ours(const uint8_t *mac)
{
	uint8_t any = 0, differ = 0;

	for (uint32_t i = 0; i < 6; i++) {
		any |= mac[i];
		differ |= mac[i] ^ fw_params.mac[i];
	}
	return !any || !differ;
}

static bool is_station(const uint8_t *mac)
{
	return (mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]) && !(mac[0] & 1u);
}

static uint32_t new_neighbor(struct fw_tree_node *node, const struct chim_hw_neighbor_state *s)
{
	uint32_t w[CHIM_NEIGHBOR_WORDS];
	uint32_t vlan = chim_le16_get(s->VlanId);
	uint32_t n, now = fw_soc_ms();
	struct fw_nbr *nbr;

	if (chim_le16_get(s->reserved) || chim_le64_get(s->reserved1) || vlan > 0xFFFu)
		return fw_refuse(CHIM_FW_CODE_RESERVED, node->index);
	if (!vlan_is_ours(vlan))
		return CHIM_STATUS_VLAN_MISMATCH;
	if (!source_is_ours(s->DlSourceAddress))
		return CHIM_STATUS_HW_ADDRESS_ENTRIES;
	if (!is_station(s->DlDestinationAddress))
		return fw_refuse(CHIM_FW_CODE_NEIGHBOR, node->index);
	n = fw_nbr_alloc();
	if (n == FW_NO_SLOT)
		return CHIM_STATUS_NEIGHBOR_ENTRIES;
	fw_nbr_pack(w, s->DlDestinationAddress, fw_params.mac, vlan);
	for (uint32_t i = 0; i < CHIM_NEIGHBOR_WORDS; i++)
		fw_table_set(CHIM_TABLE_NEIGHBOR, n, i, w[i]);
	nbr = &fw_obj.nbr[n];
	nbr->vlan = (uint16_t)vlan;
	nbr->host_time = now - fw_ms(chim_le32_get(s->HostReachabilityDelta));
	nbr->nic_time = now - fw_ms(chim_le32_get(s->NicReachabilityDelta));
	node->object = fw_handle(FW_LAYER_NEIGHBOR, nbr->gen, n);
	return CHIM_STATUS_SUCCESS;
}

/* A unicast address of its family; IPv4: bytes 4.. are zero. */
static bool is_unicast(const uint8_t *a, bool ipv6)
{
	const uint32_t *w = (const uint32_t *)(const void *)a;

	if (ipv6)
		return fw_or_words(w, 4) != 0 && a[0] != 0xFFu;
	return fw_or_words(w + 1, 3) == 0 && a[0] != 0 && a[0] < 224;
}

static uint32_t new_path(struct fw_tree_node *node, uint32_t nbr,
			 const struct chim_hw_path_state *s)
{
	uint32_t w[CHIM_PATH_WORDS];
	uint8_t *src = (uint8_t *)w + CHIM_PATH_SRCADDR_LSB / 8;
	uint8_t *dst = (uint8_t *)w + CHIM_PATH_DSTADDR_LSB / 8;
	uint32_t mtu = chim_le32_get(s->PathMtu);
	uint32_t p;
	struct fw_path *path;

	if (chim_le32_get(s->reserved))
		return fw_refuse(CHIM_FW_CODE_RESERVED, node->index);
	if (!is_unicast(s->SourceAddress, node->ipv6) ||
	    !is_unicast(s->DestinationAddress, node->ipv6))
		return fw_refuse(CHIM_FW_CODE_PATH, node->index);
	if (mtu > fw_params.max_mtu)
		return CHIM_STATUS_PATH_MTU;
	if (!fw_install_mss(mtu, mtu, node->ipv6, true))
		return fw_refuse(CHIM_FW_CODE_PATH, node->index);
	p = fw_path_alloc();
	if (p == FW_NO_SLOT)
		return CHIM_STATUS_PATH_ENTRIES;
	w[0] = nbr | (node->ipv6 ? 1u << CHIM_PATH_IPV6_LSB : 0);
	for (uint32_t i = 0; i < 16; i++) {
		src[15 - i] = s->SourceAddress[i];
		dst[15 - i] = s->DestinationAddress[i];
	}
	for (uint32_t i = 0; i < CHIM_PATH_WORDS; i++)
		fw_table_set(CHIM_TABLE_PATH, p, i, w[i]);
	path = &fw_obj.path[p];
	path->nbr = (uint16_t)nbr;
	path->mtu = (uint16_t)mtu;
	path->ipv6 = node->ipv6;
	fw_obj.nbr[nbr].refs++;
	fw_key_forget_path(p);
	node->object = fw_handle(FW_LAYER_PATH, path->gen, p);
	return CHIM_STATUS_SUCCESS;
}

/* Look for the connection's key: FW_OK there, FW_NONE not; it stays loaded. */
static enum fw_result find_key(uint32_t path, const struct chim_hw_tcp_state *s, uint32_t *slot)
{
	union {
		struct {
			uint16_t local, remote; /* as in struct key */
		};
		uint32_t w;
	} ports;

	ports.local = chim_le16_get(s->LocalPort);
	ports.remote = chim_le16_get(s->RemotePort);
	FW_TRY(fw_key_path(path));
	fw_lookup_ports(ports.w);
	return fw_lookup_find(slot);
}

/* A slot whose frames are held for a state that has not come yet. */
static bool is_held(uint32_t slot)
{
	return slot < fw_obj.conns &&
	       (fw_obj.conn[slot].bits & (FW_CONN_USED | FW_CONN_INSTALLED)) == FW_CONN_USED;
}

/* The slot that the key is held in, or a new one with the key in. */
static uint32_t slot_of_key(uint32_t path, const struct chim_hw_tcp_state *s, uint32_t *slot,
			    bool *held)
{
	enum fw_result r = find_key(path, s, slot);

	*held = r == FW_OK;
	if (*held)
		return is_held(*slot) ? CHIM_STATUS_SUCCESS : fw_refuse(CHIM_FW_CODE_KEY, *slot);
	if (r != FW_NONE)
		return fw_refuse(CHIM_FW_CODE_TABLE, path);
	*slot = fw_conn_alloc();
	if (*slot == FW_NO_SLOT) {
		fw_soc_code(CHIM_FW_CODE_FULL, 0);
		return CHIM_STATUS_TCP_ENTRIES;
	}
	if (fw_lookup_insert(*slot) != FW_OK) {
		fw_soc_code(CHIM_FW_CODE_FULL, *slot);
		fw_conn_free(*slot);
		return CHIM_STATUS_TCP_ENTRIES;
	}
	return CHIM_STATUS_SUCCESS;
}

/* A refused connection's held frames are the kernel's. */
static void give_up(uint32_t path, const struct chim_hw_tcp_state *s)
{
	uint32_t slot;

	if (find_key(path, s, &slot) == FW_OK && is_held(slot) && fw_slot_drop(slot) != FW_OK)
		fw_soc_code(CHIM_FW_CODE_TABLE, slot);
}

/* The records are in the tables: count the connection, let frames of it be processed. */
static enum fw_result commit(uint32_t slot, uint32_t path, bool held,
			     const struct chim_hw_tcp_state *s)
{
	uint32_t entry = FW_ENTRY_HOLD | FW_ENTRY_INSTALLED | (held ? 0 : FW_ENTRY_RELEASE);

	if (held)
		fw_slot_unlist(slot);
	fw_install_shadow(s, slot);
	fw_obj.path[path].refs++;
	return fw_slot_enter(slot, entry, fw_obj.nbr[fw_obj.path[path].nbr].vlan);
}

static uint32_t new_tcp(struct fw_tree_node *node, uint32_t path, const struct chim_hw_tcp_state *s)
{
	uint32_t slot, status, code;
	bool held;

	status = fw_install_check(s, path, &code);
	if (status == CHIM_STATUS_SUCCESS && fw_obj.path[path].refs == 0xFFFFu) {
		status = CHIM_STATUS_TCP_ENTRIES;
		code = CHIM_FW_CODE_FULL;
	}
	if (status != CHIM_STATUS_SUCCESS) {
		give_up(path, s);
		fw_soc_code(code, node->index);
		return status;
	}
	status = slot_of_key(path, s, &slot, &held);
	if (status != CHIM_STATUS_SUCCESS)
		return status;
	fw_install_build(s, path, &fw_scratch);
	if (fw_install_store(slot, &fw_scratch) != FW_OK || commit(slot, path, held, s) != FW_OK)
		return fw_refuse(CHIM_FW_CODE_TABLE, slot);
	node->object = fw_handle(FW_LAYER_TCP, fw_obj.conn[slot].bits & FW_CONN_GEN, slot);
	return CHIM_STATUS_SUCCESS;
}

/* A linker: an object that is there, on the one below it. */
static uint32_t reference(const struct fw_tree_node *node, uint32_t below)
{
	uint32_t slot = fw_object(node->layer, node->object);

	if (slot == FW_NO_SLOT)
		return fw_refuse(CHIM_FW_CODE_HANDLE, node->index);
	if (node->layer == FW_LAYER_NEIGHBOR)
		return fw_obj.nbr[slot].invalid ? fw_refuse(CHIM_FW_CODE_HANDLE, node->index)
						: CHIM_STATUS_SUCCESS;
	if (node->layer != FW_LAYER_PATH) /* nothing can depend on a connection */
		return fw_refuse(CHIM_FW_CODE_ROLE, node->index);
	if (below != FW_NO_SLOT && fw_obj.path[slot].nbr != below)
		return fw_refuse(CHIM_FW_CODE_PARENT, node->index);
	if (fw_obj.path[slot].invalid || fw_obj.nbr[fw_obj.path[slot].nbr].invalid)
		return fw_refuse(CHIM_FW_CODE_HANDLE, node->index);
	return CHIM_STATUS_SUCCESS;
}

static uint32_t enter(void *ctx, struct fw_tree_node *node, const struct fw_tree_node *parent,
		      const void *state)
{
	uint32_t below = FW_NO_SLOT; /* slot of the object below; the walker saw to its status */

	(void)ctx;
	if (parent && parent->role != CHIM_ROLE_PLACEHOLDER)
		below = parent->object & 0xFFFFu;
	if (node->role == CHIM_ROLE_REFERENCE)
		return state ? fw_refuse(CHIM_FW_CODE_ROLE, node->index) : reference(node, below);
	if (!state || node->classes != FW_CLASS_ALL)
		return fw_refuse(CHIM_FW_CODE_ROLE, node->index);
	if (node->layer == FW_LAYER_NEIGHBOR)
		return new_neighbor(node, state);
	if (below == FW_NO_SLOT)
		return fw_refuse(CHIM_FW_CODE_PARENT, node->index);
	if (node->layer == FW_LAYER_PATH)
		return new_path(node, below, state);
	return new_tcp(node, below, state);
}

const struct fw_tree_act fw_op_initiate = {
	.initiate = true,
	.enter = enter,
	.undo = fw_op_undo,
};
