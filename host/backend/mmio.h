/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Access to a BAR that is mapped into this process: the only place with volatile. Hard part: order.
 * On a real bus a doorbell must not overtake the descriptors it announces, nor a read of host
 * memory the register read that says they are there.
 */
#ifndef CHIM_BACKEND_MMIO_H
#define CHIM_BACKEND_MMIO_H

#include <stdint.h>

/* Registers are little-endian; so is every host that this builds for. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a big-endian host needs swaps here");

static inline uint32_t chim_mmio_read32(const volatile void *at)
{
	uint32_t v = *(const volatile uint32_t *)at;

	/* Orders the register's read before later reads of what the device wrote to memory. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return v;
}

static inline void chim_mmio_write32(volatile void *at, uint32_t v)
{
	/* Orders earlier writes of descriptors and data before the register's write. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	*(volatile uint32_t *)at = v;
}

#endif
