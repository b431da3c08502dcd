/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Puts the firmware's hex file, CHIM_FW_HEX_FILE (a path relative to the build), into the model, so
 * that a model is one file. Hard part: none.
 */
	.section .rodata
	.global chim_firmware_start
	.global chim_firmware_end
	.hidden chim_firmware_start
	.hidden chim_firmware_end
chim_firmware_start:
#ifdef CHIM_FW_HEX_FILE
	.incbin CHIM_FW_HEX_FILE
#endif
chim_firmware_end:
	.section .note.GNU-stack, "", %progbits
