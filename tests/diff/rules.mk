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
	$(CLANG) $(CHIM_CFLAGS) $(SANITIZE) -Irtl/contract -Isim -Itests/unit/host/ndis \
	  -o $@ $< $(REF_C)

$(foreach t,$(REF_TESTS),$(call chim_test,diff,$(subst _,-,$t),$(B)/tests/diff/test_$t,\
  $(B)/tests/diff/test_$t))

DIFF_BENCHES := rx tx bind

# RTL against reference. The model's class is Vdut, as in a bench.
$(B)/tests/diff/ref/%.o: sim/ref/%.c $(REF_H)
	@mkdir -p $(@D)
	$(CC) $(CHIM_CFLAGS) -Irtl/contract -c -o $@ $<
$(B)/tests/diff/libref.a: $(REF_C:sim/ref/%.c=$(B)/tests/diff/ref/%.o)
	rm -f $@ && ar rcs $@ $^

DIFF_PKG := rtl/contract/chim_contract_pkg.sv rtl/lib/chim_pkg.sv rtl/lib/chim_types_pkg.sv
DIFF_SV_rx := $(DIFF_PKG) rtl/engine/chim_rx_pkg.sv rtl/engine/chim_rx_step.sv \
  $(d)/rtl/diff_rx.sv
DIFF_SV_tx := $(DIFF_PKG) rtl/engine/chim_engine_pkg.sv rtl/engine/chim_tx_rtt.sv \
  rtl/engine/chim_tx_cwnd.sv rtl/engine/chim_tx_grant.sv rtl/engine/chim_tx_step.sv \
  $(d)/rtl/diff_tx.sv
DIFF_SV_bind := $(DIFF_PKG) rtl/engine/chim_rx_pkg.sv rtl/engine/chim_bind.sv \
  $(d)/rtl/diff_bind.sv
DIFF_FLAGS := -O2 -Irtl -Irtl/contract -I$(d)

diff_bench = $(B)/vbench/diff-$1/bench
$(foreach t,$(DIFF_BENCHES),$(eval $(call chim_vbench_rule,diff-$t,diff_$t,$(DIFF_SV_$t),\
  $(d)/tb_diff_$t.cpp $(B)/tests/diff/libref.a,$(DIFF_FLAGS)))\
  $(call chim_test,diff,diff-$t,$(call diff_bench,$t),$(call diff_bench,$t),timeout=280))

# Ten times as many in the soak, each run with a seed of its own.
$(foreach t,rx tx,$(call chim_test,soak,diff-$t-long,PAIRS=12000000 $(call diff_bench,$t),\
  $(call diff_bench,$t),timeout=3000))
