# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# The router library: libchim_ndis.a, and the same by clang with sanitizers for tests.
# Hard part: none; programs link $(NDIS_LIB), tests $(NDIS_SAN_LIB) with $(SANITIZE).

NDIS_SRC := $(sort $(wildcard $(d)/*.c))
NDIS_INC := -Ihost/include
NDIS_LIB := $(B)/host/libchim_ndis.a
NDIS_SAN_LIB := $(B)/san/libchim_ndis.a
NDIS_OBJ := $(NDIS_SRC:%.c=$(B)/%.o)
NDIS_SAN_OBJ := $(NDIS_SRC:%.c=$(B)/san/%.o)

$(NDIS_OBJ): $(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CHIM_CFLAGS) $(NDIS_INC) -MMD -MP -c -o $@ $<

$(NDIS_SAN_OBJ): $(B)/san/%.o: %.c
	@mkdir -p $(@D)
	$(CLANG) $(CHIM_CFLAGS) -O1 $(SANITIZE) $(NDIS_INC) -MMD -MP -c -o $@ $<

$(NDIS_LIB): $(NDIS_OBJ)
$(NDIS_SAN_LIB): $(NDIS_SAN_OBJ)
$(NDIS_LIB) $(NDIS_SAN_LIB):
	@rm -f $@
	ar rcs $@ $^

-include $(NDIS_OBJ:.o=.d) $(NDIS_SAN_OBJ:.o=.d)

$(call chim_test,build,ndis-gcc,true,$(NDIS_LIB))
$(call chim_test,build,ndis-clang,true,$(NDIS_SAN_OBJ))
