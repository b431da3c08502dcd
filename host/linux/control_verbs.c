/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Which verb of the control socket is which function. Hard part: none.
 */
#include "api.h"

const struct chim_control_verb chim_control_verbs[] = {
	{ "status", chim_api_status },
	{ "down", chim_api_down },
	{ "proxy add", chim_api_proxy_add },
	{ "proxy list", chim_api_proxy_list },
	{ "proxy remove", chim_api_proxy_remove },
	{ "dev info", chim_api_dev_info },
	{ "dev selftest", chim_api_dev_selftest },
	{ "conn list", chim_api_conn_list },
	{ "conn show", chim_api_conn_show },
	{ "conn offload", chim_api_conn_offload },
	{ "conn upload", chim_api_conn_upload },
	{ "stats show", chim_api_stats_show },
	{ "reg get", chim_api_reg_get },
	{ "reg set", chim_api_reg_set },
	{ "reg dump", chim_api_reg_dump },
	{ "trace show", chim_api_trace_show },
	{ "trace pcap", chim_api_trace_pcap },
	{ 0 },
};
