# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Firmware on the host, with sanitizers: drivers on a strict register mock, the tree walker, and the
# whole of it on a C model of the hardware. Hard part: none.

FW_TEST_HW := $(d)/hw.c $(d)/bed.c $(d)/image.c
FW_TEST_INC := -I. -I$(d)
FW_TEST_DEPS := $(wildcard $(d)/*.h) $(wildcard fw/*/*.h)

# $(call fw_test,NAME,SOURCES)
define fw_test
$(B)/tests/fw/$1: $2 $$(FW_SAN_LIB) $$(FW_TEST_DEPS)
	@mkdir -p $$(@D)
	@$$(CLANG) $$(FW_HOST_CFLAGS) $$(FW_TEST_INC) $2 $$(FW_SAN_LIB) -o $$@
$(call chim_test,unit,fw-$1,$(B)/tests/fw/$1,$(B)/tests/fw/$1)
endef

$(eval $(call fw_test,tree,$(d)/test_tree.c $(d)/image.c))
$(eval $(call fw_test,initiate,$(d)/test_initiate.c $(FW_TEST_HW)))
$(eval $(call fw_test,records,$(d)/test_records.c $(FW_TEST_HW)))
$(eval $(call fw_test,life,$(d)/test_life.c $(FW_TEST_HW)))
$(eval $(call fw_test,update,$(d)/test_update.c $(FW_TEST_HW)))
$(eval $(call fw_test,faults,$(d)/test_faults.c $(FW_TEST_HW)))
