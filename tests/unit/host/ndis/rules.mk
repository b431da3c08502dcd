# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Unit tests of the router library: one program for each test_*.c, with sanitizers. Hard part: none.

NDIS_UNIT_DIR := $(d)
NDIS_UNIT := $(patsubst $(d)/test_%.c,%,$(sort $(wildcard $(d)/test_*.c)))
NDIS_UNIT_BIN := $(NDIS_UNIT:%=$(B)/tests/host/ndis/test_%)

$(NDIS_UNIT_BIN): $(B)/tests/host/ndis/%: $(NDIS_UNIT_DIR)/%.c $(NDIS_SAN_LIB)
	@mkdir -p $(@D)
	$(CLANG) $(CHIM_CFLAGS) -O1 $(SANITIZE) $(NDIS_INC) -Ihost/ndis -MMD -MP -o $@ $< \
	  $(NDIS_SAN_LIB)

-include $(NDIS_UNIT_BIN:=.d)

$(foreach t,$(NDIS_UNIT),$(call chim_test,unit,ndis-$(subst _,-,$t),$(B)/tests/host/ndis/test_$t,\
  $(B)/tests/host/ndis/test_$t))
