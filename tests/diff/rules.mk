# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Directed tests of the reference models of TCP (sim/ref), with the sanitizers. Hard part: none.

REF_DIR := $(d)
REF_C := $(sort $(wildcard sim/ref/*.c))
REF_H := $(sort $(wildcard sim/ref/*.h)) rtl/contract/chim_contract.h
REF_TESTS := $(patsubst $(d)/test_%.c,%,$(sort $(wildcard $(d)/test_*.c)))
REF_TEST_BIN := $(REF_TESTS:%=$(B)/tests/diff/test_%)

$(REF_TEST_BIN): $(B)/tests/diff/%: $(REF_DIR)/%.c $(REF_C) $(REF_H) tests/unit/host/ndis/tap.h
	@mkdir -p $(@D)
	$(CC) $(CHIM_CFLAGS) $(SANITIZE) -Irtl/contract -Isim -Itests/unit/host/ndis \
	  -o $@ $< $(REF_C)

$(foreach t,$(REF_TESTS),$(call chim_test,diff,$(subst _,-,$t),$(B)/tests/diff/test_$t,\
  $(B)/tests/diff/test_$t))
