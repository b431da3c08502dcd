# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# The benches' own parts, without a model.

$(B)/unit/bench/test_axis: $(d)/test_axis.cpp $(d)/axis.h
	@mkdir -p $(@D)
	$(CXX) $(CHIM_CXXFLAGS) -Itests/unit -o $@ $<

$(call chim_test,unit,bench-axis,$(B)/unit/bench/test_axis,$(B)/unit/bench/test_axis)
