# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# The NIC library: libchim_nic.a, and the same by clang with sanitizers for tests. Hard
# part: none; programs link $(NIC_LIB), then $(NDIS_LIB) and the back ends.

NIC_SRC := $(sort $(wildcard $(d)/*.c))
NIC_INC := -Ihost/include
NIC_LIB := $(B)/host/libchim_nic.a
NIC_SAN_LIB := $(B)/san/libchim_nic.a
NIC_OBJ := $(NIC_SRC:%.c=$(B)/%.o)
NIC_SAN_OBJ := $(NIC_SRC:%.c=$(B)/san/%.o)

$(NIC_OBJ): $(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CHIM_CFLAGS) $(NIC_INC) -MMD -MP -c -o $@ $<

$(NIC_SAN_OBJ): $(B)/san/%.o: %.c
	@mkdir -p $(@D)
	$(CLANG) $(CHIM_CFLAGS) -O1 $(SANITIZE) $(NIC_INC) -MMD -MP -c -o $@ $<

$(NIC_LIB): $(NIC_OBJ)
$(NIC_SAN_LIB): $(NIC_SAN_OBJ)
$(NIC_LIB) $(NIC_SAN_LIB):
	@rm -f $@
	ar rcs $@ $^

-include $(NIC_OBJ:.o=.d) $(NIC_SAN_OBJ:.o=.d)

$(call chim_test,build,nic-gcc,true,$(NIC_LIB))
$(call chim_test,build,nic-clang,true,$(NIC_SAN_OBJ))
