/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The NIC as a PCI function behind a vfio-user server: joins the server, the configuration space
 * and the real-time shell. Hard part: who may call whom: the client's accesses step the model,
 * whose DMA goes back to the client.
 */
#ifndef CHIM_NIC_DEVICE_H
#define CHIM_NIC_DEVICE_H

#include <stdint.h>

#include "../shell/options.h"
#include "vfu_server.h"

struct chim_nic_device;

/**
 * chim_nic_device_create() - build the model and listen
 * @api:        statically linked model, or NULL: load o->config
 * @timeout_ms: of the server, see vfu_server_create()
 * @what:       out, may be NULL: which part failed
 * Return: 0; as chim_options_open() and vfu_server_create().
 */
int chim_nic_device_create(const struct chim_options *o, const struct chim_model_api *api,
			   const char *path, int timeout_ms, struct chim_nic_device **device,
			   const char **what);
void chim_nic_device_destroy(struct chim_nic_device *d);

/**
 * chim_nic_device_run() - one round: sleep until something happens, then handle it
 * @max_sleep_ms: longest sleep, 0: none
 * Return: 0; -EIO poll failed.
 */
int chim_nic_device_run(struct chim_nic_device *d, int max_sleep_ms);

struct chim_shell *chim_nic_device_shell(struct chim_nic_device *d);
const struct vfu_counts *chim_nic_device_counts(const struct chim_nic_device *d);

#endif
