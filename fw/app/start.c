/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * What the first instructions call on the soft core; not part of tests on the host. Hard part: the
 * object tables reach to the end of RAM, whose size only the hardware knows.
 */
#include "app/main.h"
#include "chim_contract.h"
#include "drv/soc.h"

void fw_main(void);
void fw_trap(uint32_t cause, uint32_t pc);

extern uint8_t _heap_start[];

void fw_main(void)
{
	struct fw_caps caps;

	fw_soc_caps(&caps);
	if (fw_boot(_heap_start, caps.ram_bytes - (uint32_t)_heap_start) != FW_OK)
		return;
	for (;;)
		fw_turn();
}

/* Detail: cause in the upper 4 bits, instruction below. */
void fw_trap(uint32_t cause, uint32_t pc)
{
	fw_soc_alive(false);
	fw_soc_code(CHIM_FW_CODE_TRAP, (cause & 15u) << 20 | (pc & 0xFFFFFu));
}
