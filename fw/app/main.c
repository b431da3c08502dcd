/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * Start and main loop, see main.h. Hard part: none; the hardware's reset, which comes with every
 * start, has emptied lookup and entries.
 */
#include "app/main.h"

#include "app/admin.h"
#include "app/evq.h"
#include "app/key.h"
#include "app/objects.h"
#include "app/params.h"
#include "app/slots.h"
#include "drv/dma.h"
#include "drv/soc.h"

enum fw_result fw_boot(void *mem, uint32_t bytes)
{
	struct fw_caps caps;
	enum fw_result r;

	fw_soc_alive(false);
	fw_evq_init();
	fw_key_init();
	fw_admin_init();
	fw_params_default();
	/* A transfer from before the reset may still write into RAM. */
	r = fw_dma_wait();
	if (r == FW_TIMEOUT)
		return r;
	fw_soc_caps(&caps);
	FW_TRY(fw_objects_init(mem, bytes, caps.neighbors, caps.paths, caps.conns));
	fw_slots_init();
	fw_soc_code(CHIM_FW_CODE_BOOT, fw_obj.conns);
	fw_soc_alive(true);
	return FW_OK;
}

void fw_turn(void)
{
	uint32_t pending = fw_soc_pending();

	fw_evq_poll();
	fw_slots_poll(pending);
	if ((pending & (CHIM_SOC_REG_PENDING_ADMIN_MASK | CHIM_SOC_REG_PENDING_RUN_MASK)) ==
	    (CHIM_SOC_REG_PENDING_ADMIN_MASK | CHIM_SOC_REG_PENDING_RUN_MASK))
		fw_admin_poll();
}
