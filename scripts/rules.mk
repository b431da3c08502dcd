# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Tests that look at the whole tree, and what all benches link.

$(call chim_test,tree,check-tree,scripts/check_tree.py --tests $(B)/tests.list)
$(call chim_test,gen-check,contract-current,scripts/gen_check.sh)
$(call chim_test,format,format-c,scripts/format.py c)
$(call chim_test,format,format-cpp,scripts/format.py cpp)
$(call chim_test,format,format-sv,scripts/format.py sv)
$(call chim_test,lint,cppcheck,scripts/lint.sh cppcheck,,timeout=240)
$(call chim_test,lint,shell-syntax,scripts/lint.sh shell)
$(call chim_test,lint,python-syntax,scripts/lint.sh python)

# Verilator's library for benches.
CHIM_VRT_O := $(addprefix $(B)/vbench/verilated/,verilated.o verilated_threads.o)
$(CHIM_VRT_O): $(B)/vbench/verilated/%.o: scripts/macros.mk scripts/requirements-demo.txt
	@mkdir -p $(@D)
	$(CXX) -O2 $(CHIM_VRT_FLAGS) -c -o $@ $(VERILATOR_ROOT)/include/$*.cpp
$(CHIM_VRT): $(CHIM_VRT_O)
	rm -f $@ && ar rcs $@ $^
