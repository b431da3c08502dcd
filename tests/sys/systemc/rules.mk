# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Two NICs and the impaired link in SystemC. Hard part: the model is not made for sanitizers, so
# these programs have none.

SC_NICS_DIR := $(d)
SC_NICS := $(B)/$(SC_NICS_DIR)/test_nics
SC_NICS_LIBS := $(B)/tests/nic_end.a $(B)/host/libchim_linux.a $(B)/host/libchim_nic.a \
  $(B)/host/libchim_ndis.a $(B)/sim/libchim_sim.a

# The host's headers are C: a function may have the name of a structure.
$(SC_NICS).o: $(SC_NICS_DIR)/test_nics.cpp
	@mkdir -p $(@D)
	$(CXX) $(CHIM_CXXFLAGS) -Wno-shadow -I. -Ihost/include -Ihost/linux -MMD -MP -c -o $@ $<
# Device time for the library's only clock: a run does not depend on the machine.
$(SC_NICS): $(SC_NICS).o $(SIM_SYSTEMC_O) $(call chim_model_a,w64_c64) $(SC_NICS_LIBS)
	$(CXX) -Wl,--wrap=clock_gettime -o $@ $^ -lsystemc $(SIM_MODEL_LIBS)
-include $(SC_NICS).d

$(foreach c,clean loss,$(call chim_test,sys,sim-systemc-nics-$c,$(SC_NICS) $c,$(SC_NICS),\
  timeout=120))
