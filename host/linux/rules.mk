# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# The Linux side of the program: libchim_linux.a, and the same by clang with sanitizers. Hard
# part: the names of registers come from the contract's header.

LINUX_SRC := $(sort $(wildcard $(d)/*.c))
LINUX_FLAGS := -D_GNU_SOURCE -Ihost/include -Ihost/linux -I$(B)/gen
LINUX_LIB := $(B)/host/libchim_linux.a
LINUX_SAN_LIB := $(B)/san/libchim_linux.a
LINUX_OBJ := $(LINUX_SRC:%.c=$(B)/%.o)
LINUX_SAN_OBJ := $(LINUX_SRC:%.c=$(B)/san/%.o)

# { "name", CHIM_REG_NAME }, for each register: the macros without a suffix.
$(B)/gen/reg_names.inc: rtl/contract/chim_regs.h
	@mkdir -p $(@D)
	awk '/^#define CHIM_REG_[A-Z0-9_]+ 0x[0-9A-F]+u$$/ && \
	  $$2 !~ /_(MASK|SHIFT|RESET|SPAN)$$/ { \
	  printf "{ \"%s\", %s },\n", tolower(substr($$2, 10)), $$2 }' $< > $@

$(LINUX_OBJ): $(B)/%.o: %.c | $(B)/gen/reg_names.inc
	@mkdir -p $(@D)
	$(CC) $(CHIM_CFLAGS) $(LINUX_FLAGS) -MMD -MP -c -o $@ $<

$(LINUX_SAN_OBJ): $(B)/san/%.o: %.c | $(B)/gen/reg_names.inc
	@mkdir -p $(@D)
	$(CLANG) $(CHIM_CFLAGS) -O1 $(SANITIZE) $(LINUX_FLAGS) -MMD -MP -c -o $@ $<

$(LINUX_LIB): $(LINUX_OBJ)
$(LINUX_SAN_LIB): $(LINUX_SAN_OBJ)
$(LINUX_LIB) $(LINUX_SAN_LIB):
	@rm -f $@
	ar rcs $@ $^

-include $(LINUX_OBJ:.o=.d) $(LINUX_SAN_OBJ:.o=.d)

$(call chim_test,build,linux-gcc,true,$(LINUX_LIB))
$(call chim_test,build,linux-clang,true,$(LINUX_SAN_OBJ))
