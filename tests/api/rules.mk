# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# API tests of the router: one program for each test_*.c, with mocks and sanitizers. Hard part:
# none.

API_DIR := $(d)
API_TESTS := $(patsubst $(d)/test_%.c,%,$(sort $(wildcard $(d)/test_*.c)))
API_BIN := $(API_TESTS:%=$(B)/tests/api/test_%)
API_COMMON := $(filter-out $(API_DIR)/test_%,$(sort $(wildcard $(d)/*.c)))
API_COMMON_OBJ := $(API_COMMON:%.c=$(B)/san/%.o)

$(API_COMMON_OBJ): $(B)/san/%.o: %.c
	@mkdir -p $(@D)
	$(CLANG) $(CHIM_CFLAGS) -O1 $(SANITIZE) $(NDIS_INC) -MMD -MP -c -o $@ $<

$(API_BIN): $(B)/tests/api/%: $(API_DIR)/%.c $(API_COMMON_OBJ) $(NDIS_SAN_LIB)
	@mkdir -p $(@D)
	$(CLANG) $(CHIM_CFLAGS) -O1 $(SANITIZE) $(NDIS_INC) -Ihost/ndis -MMD -MP -o $@ $< \
	  $(API_COMMON_OBJ) $(NDIS_SAN_LIB)

-include $(API_BIN:=.d) $(API_COMMON_OBJ:.o=.d)

$(foreach t,$(API_TESTS),$(call chim_test,api,api-$(subst _,-,$t),$(B)/tests/api/test_$t,\
  $(B)/tests/api/test_$t))
