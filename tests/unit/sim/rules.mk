# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Tests of the simulation side, built with the sanitizers. Hard part: none.

SIM_TEST_CFLAGS := $(CHIM_CFLAGS) -O1 $(SANITIZE) -D_GNU_SOURCE -I. -Ihost/include -MMD -MP
SIM_TEST_CXXFLAGS := $(CHIM_CXXFLAGS) -O1 $(SANITIZE) -D_GNU_SOURCE -I. -MMD -MP
T_SIM := $(B)/tests/sim

# The library once more, with sanitizers.
SIM_SAN_O := $(patsubst $(B)/%.o,$(T_SIM)/%.o,$(SIM_O))
$(T_SIM)/libchim_sim.a: $(SIM_SAN_O)
	rm -f $@ && ar rcs $@ $^
$(T_SIM)/sim/%.o: sim/%.c
	@mkdir -p $(@D)
	$(CLANG) $(SIM_TEST_CFLAGS) -c -o $@ $<
$(T_SIM)/host/backend/%.o: host/backend/%.c
	@mkdir -p $(@D)
	$(CLANG) $(SIM_TEST_CFLAGS) -c -o $@ $<
$(T_SIM)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(CLANG) $(SIM_TEST_CFLAGS) -c -o $@ $<
$(T_SIM)/tests/%.o: tests/%.cpp
	@mkdir -p $(@D)
	$(CLANGXX) $(SIM_TEST_CXXFLAGS) -c -o $@ $<
$(T_SIM)/sim/%.o: sim/%.cpp
	@mkdir -p $(@D)
	$(CLANGXX) $(SIM_TEST_CXXFLAGS) -c -o $@ $<

SIM_TESTS := wire impair devtime shell wire_net vfu vfu_clients vfu_fuzz nic_device model bfm
$(foreach t,$(filter-out model bfm,$(SIM_TESTS)),$(T_SIM)/test_$t): $(T_SIM)/test_%: \
  $(T_SIM)/tests/unit/sim/test_%.o $(T_SIM)/libchim_sim.a
	$(CLANG) $(SANITIZE) $(SIM_TEST_LDFLAGS) -o $@ $^ $(SIM_LIBS)
# Time as the server sees it is the test's.
$(T_SIM)/test_vfu_clients $(T_SIM)/test_vfu_fuzz: SIM_TEST_LDFLAGS := -Wl,--wrap=clock_gettime
$(T_SIM)/test_model: $(T_SIM)/tests/unit/sim/test_model.o $(T_SIM)/libchim_sim.a
	$(CLANGXX) $(SANITIZE) -o $@ $^ $(SIM_LIBS)
$(T_SIM)/test_bfm: $(T_SIM)/tests/unit/sim/test_bfm.o $(SIM_BFM:%.cpp=$(T_SIM)/%.o)
	$(CLANGXX) $(SANITIZE) -o $@ $^
-include $(SIM_SAN_O:.o=.d) $(SIM_TESTS:%=$(T_SIM)/tests/unit/sim/test_%.d)

SIM_DUT_DIR := $(B)/sim/dut/model
sim_dut_so = $(SIM_DUT_DIR)/chim_model_$(strip $1).so

$(foreach t,$(filter-out model nic_device vfu_fuzz,$(SIM_TESTS)),\
  $(call chim_test,unit,sim-$t,$(T_SIM)/test_$t,$(T_SIM)/test_$t))
$(call chim_test,unit,sim-vfu_fuzz,$(T_SIM)/test_vfu_fuzz 2000,$(T_SIM)/test_vfu_fuzz)
$(call chim_test,soak,sim-vfu_fuzz-long,$(T_SIM)/test_vfu_fuzz 100000,$(T_SIM)/test_vfu_fuzz,\
  timeout=1800)
$(call chim_test,unit,sim-nic_device,\
  ASAN_OPTIONS=detect_leaks=0 $(T_SIM)/test_nic_device $(SIM_DUT_DIR),\
  $(T_SIM)/test_nic_device $(call sim_dut_so,w64_c64))
# The shared object itself is not instrumented, and what it keeps until exit is not ours.
$(foreach m,$(SIM_TEST_MODELS),$(call chim_test,unit,sim-model-$m,\
  ASAN_OPTIONS=detect_leaks=0 $(T_SIM)/test_model $m $(SIM_DUT_DIR),\
  $(T_SIM)/test_model $(call sim_dut_so,$m)))

# Two devices and the impaired link in SystemC.
$(T_SIM)/test_systemc: $(T_SIM)/tests/unit/sim/test_systemc.o \
  $(patsubst $(B)/%.o,$(T_SIM)/%.o,$(SIM_SYSTEMC_O)) $(SIM_DUT_DIR)/libchim_model_w64_c64.a \
  $(T_SIM)/libchim_sim.a
	$(CLANGXX) $(SANITIZE) -o $@ $^ -lsystemc $(SIM_MODEL_LIBS)
$(foreach c,clean loss wait,$(call chim_test,unit,sim-systemc-$c,$(T_SIM)/test_systemc $c,\
  $(T_SIM)/test_systemc))
-include $(T_SIM)/tests/unit/sim/test_systemc.d
