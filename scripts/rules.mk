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

# Verilator's library for CHIM_VBENCH_MAKE, by the definitions of the models.
CHIM_VRT_O := $(addprefix $(B)/vbench/verilated/,verilated.o verilated_threads.o)
$(CHIM_VRT_O): $(B)/vbench/verilated/%.o: scripts/rules.mk scripts/requirements-demo.txt
	@mkdir -p $(@D)
	$(CHIM_CCACHE) $(CXX) -std=c++17 -O2 -DVERILATOR=1 -DVM_COVERAGE=0 -DVM_SC=0 -DVM_TIMING=0 \
	  -DVM_TRACE=0 -DVM_TRACE_FST=0 -DVM_TRACE_VCD=0 -DVM_TRACE_SAIF=0 \
	  -I$(VERILATOR_ROOT)/include -I$(VERILATOR_ROOT)/include/vltstd \
	  -c -o $@ $(VERILATOR_ROOT)/include/$*.cpp
# Verilator's makefile does not look at the library's time: what it has linked must go.
$(CHIM_VRT): $(CHIM_VRT_O)
	rm -f $@ $(B)/vbench/*/bench && ar rcs $@ $^
