# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Unit tests of the NIC library over a device that only keeps the rings. Hard part: none.

NIC_UNIT_DIR := $(d)
NIC_UNIT := $(patsubst $(d)/test_%.c,%,$(sort $(wildcard $(d)/test_*.c)))
NIC_UNIT_BIN := $(NIC_UNIT:%=$(B)/tests/host/nic/test_%)
NIC_UNIT_OBJ := $(B)/san/$(d)/fake_dev.o $(B)/san/tests/api/mock_host.o

$(B)/san/$(NIC_UNIT_DIR)/fake_dev.o: $(NIC_UNIT_DIR)/fake_dev.c
	@mkdir -p $(@D)
	$(CLANG) $(CHIM_CFLAGS) -O1 $(SANITIZE) $(NIC_INC) -MMD -MP -c -o $@ $<

$(NIC_UNIT_BIN): $(B)/tests/host/nic/%: $(NIC_UNIT_DIR)/%.c $(NIC_UNIT_OBJ) $(NIC_SAN_LIB) \
  $(NDIS_SAN_LIB)
	@mkdir -p $(@D)
	$(CLANG) $(CHIM_CFLAGS) -O1 $(SANITIZE) $(NIC_INC) -Itests/api -MMD -MP -o $@ $< \
	  $(NIC_UNIT_OBJ) $(NIC_SAN_LIB) $(NDIS_SAN_LIB)

-include $(NIC_UNIT_BIN:=.d) $(NIC_UNIT_OBJ:.o=.d)

$(foreach t,$(NIC_UNIT),$(call chim_test,unit,nic-$t,$(B)/tests/host/nic/test_$t,\
  $(B)/tests/host/nic/test_$t))
