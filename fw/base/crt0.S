/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright The OpenChimney contributors */
/*
 * First instructions after reset: stack, trap vector, zeroed data, main. Hard part: a second start
 * finds RAM as the first one left it, so nothing may need its initial value: there is no .data.
 */
	.section .text.start, "ax"
	.globl _start
_start:
	la	sp, _stack_top
	la	t0, fw_trap_entry
	csrw	mtvec, t0
	la	t0, _bss_start
	la	t1, _bss_end
1:	bgeu	t0, t1, 2f
	sw	zero, 0(t0)
	addi	t0, t0, 4
	j	1b
	/* Paint the stack: what is still painted has never been used. */
2:	la	t0, _stack_bottom
	li	t2, 0x57AC57AC
3:	bgeu	t0, sp, 4f
	sw	t2, 0(t0)
	addi	t0, t0, 4
	j	3b
4:	call	fw_main
5:	j	5b

	/* A trap is a fault of firmware or hardware: say so, stay. The stack may be what broke. */
	.balign	4
fw_trap_entry:
	la	sp, _stack_top
	csrr	a0, mcause
	csrr	a1, mepc
	call	fw_trap
6:	j	6b
