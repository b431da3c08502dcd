# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# The firmware: build/fw/chim_fw.elf, .hex (64-bit words for the soft core's RAM) and .lst, and the
# same sources for the host, where their tests run. Hard part: both compilers see the same warnings.

FW_SRC := $(filter-out $(d)/app/start.c,$(wildcard $(d)/drv/*.c $(d)/tree/*.c $(d)/app/*.c))
FW_INC := -I$(d) -Irtl/contract
# What is in the way of an offload or upload is compiled as one and for speed, the rest to be small.
# Calls save registers by a routine: code that the instruction cache does not hold twice.
FW_COLD := admin main op_invalidate op_query op_update params selftest start
FW_RV_CFLAGS := $(RV_ARCH) -msave-restore -std=c11 -O2 -flto -g -ffreestanding \
  -fno-tree-loop-distribute-patterns -ffunction-sections -fdata-sections \
  -Wall -Wextra -Wconversion -Wshadow -Werror -Wstack-usage=512
FW_RV_OBJ := $(patsubst %.c,$(B)/rv/%.o,$(FW_SRC) $(d)/app/start.c $(d)/base/mem.c)
FW_RV_COLD_OBJ := $(FW_COLD:%=$(B)/rv/$(d)/app/%.o)
FW_LD := $(d)/base/link.ld
FW_CRT := $(d)/base/crt0.S
FW_HEX := $(B)/fw/chim_fw.hex

$(FW_RV_COLD_OBJ): FW_RV_EXTRA := -Os
# The linker must not take out what the compiler will call only then.
$(B)/rv/$(d)/base/mem.o: FW_RV_EXTRA := -fno-lto
$(FW_RV_OBJ): $(B)/rv/%.o: %.c
	@mkdir -p $(@D)
	@$(RV_CC) $(FW_RV_CFLAGS) $(FW_RV_EXTRA) $(FW_INC) -MMD -MP -c -o $@ $<

# Sizes come from the contract; the linker script takes them as symbols.
$(B)/fw/chim_fw.elf: $(FW_RV_OBJ) $(FW_CRT) $(FW_LD) rtl/contract/chim_contract.h
	@mkdir -p $(@D)
	@$(RV_CC) $(FW_RV_CFLAGS) -nostdlib \
	  -Wl,--gc-sections,--no-warn-rwx-segments,--fatal-warnings \
	  -Wl,--defsym=FW_RAM_BASE=$$(awk '$$2 == "CHIM_SOC_RAM_BASE" {print $$3 + 0}' \
	    rtl/contract/chim_contract.h) \
	  -Wl,--defsym=FW_RAM_BYTES=$$(awk '$$2 == "CHIM_SOC_RAM_BYTES" {print $$3 + 0}' \
	    rtl/contract/chim_contract.h) \
	  -T $(FW_LD) $(FW_CRT) $(FW_RV_OBJ) -lgcc -o $@

$(FW_HEX): $(B)/fw/chim_fw.elf
	@$(RV_OBJCOPY) -O verilog --verilog-data-width=8 $< $@
	$(RV_CC:gcc=objdump) -d $< > $(@:.hex=.lst)
	$(RV_SIZE) $<

# Where the stack lies, for the bench that measures its depth.
FW_STACK_H := $(B)/fw/fw_stack.h
$(FW_STACK_H): $(B)/fw/chim_fw.elf
	$(RV_CC:gcc=nm) $< | awk '$$3 == "_stack_bottom" {b = $$1} $$3 == "_stack_size" {s = $$1} \
	  END {print "#define STACK_BOTTOM 0x" b "u"; print "#define STACK_BYTES 0x" s "u"}' > $@

-include $(FW_RV_OBJ:.o=.d)

$(call chim_test,build,fw-rv32,true,$(FW_HEX))

# For tests on the host: a library by clang with sanitizers.
FW_SAN_LIB := $(B)/san/libchim_fw.a
FW_HOST_CFLAGS := $(CHIM_CFLAGS) -O1 $(SANITIZE) -DFW_HOST $(FW_INC)
FW_SAN_OBJ := $(FW_SRC:%.c=$(B)/san/%.o)

$(FW_SAN_OBJ): $(B)/san/%.o: %.c
	@mkdir -p $(@D)
	@$(CLANG) $(FW_HOST_CFLAGS) -MMD -MP -c -o $@ $<

$(FW_SAN_LIB): $(FW_SAN_OBJ)
	@rm -f $@
	@ar rcs $@ $^

-include $(FW_SAN_OBJ:.o=.d)

$(call chim_test,build,fw-clang,true,$(FW_SAN_OBJ))
