/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The verbs that the program answers over its control socket, by group; control_verbs.c lists them.
 * Each is of struct chim_control_verb's form. Hard part: none.
 */
#ifndef CHIM_LINUX_API_H
#define CHIM_LINUX_API_H

#include "control.h"

/* api_conn.c */
int chim_api_conn_list(struct chim_request *r);
int chim_api_conn_show(struct chim_request *r);
/* api_move.c */
int chim_api_conn_offload(struct chim_request *r);
int chim_api_conn_upload(struct chim_request *r);
/* api_prog.c */
int chim_api_status(struct chim_request *r);
int chim_api_down(struct chim_request *r);
int chim_api_stats_show(struct chim_request *r);
int chim_api_trace_show(struct chim_request *r);
int chim_api_trace_pcap(struct chim_request *r);
/* api_proxy.c */
int chim_api_proxy_add(struct chim_request *r);
int chim_api_proxy_list(struct chim_request *r);
int chim_api_proxy_remove(struct chim_request *r);
/* api_dev.c; also used without a program, on a device opened for the purpose */
struct chim_nic;
int chim_api_dev_info(struct chim_request *r);
int chim_api_dev_selftest(struct chim_request *r);
int chim_api_reg_get(struct chim_request *r);
int chim_api_reg_set(struct chim_request *r);
int chim_api_reg_dump(struct chim_request *r);
int chim_dev_describe(struct chim_nic *nic, struct chim_val *out);
/* Each check as an object of the list "checks". Return: number of checks that failed. */
unsigned int chim_dev_selftest(struct chim_nic *nic, struct chim_val *out);
/* Offset of a register by name ("ctrl") or number ("0x20"). 0; -ENOENT; -EINVAL not aligned. */
int chim_reg_parse(const char *text, uint32_t *off);

/* The connection that args.id names; NULL: r->cause is set. */
struct chim_conn;
struct chim_conn *chim_api_conn(struct chim_request *r);

#endif
